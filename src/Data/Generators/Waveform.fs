namespace Hindsight.Data.Generators

open System
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Waveform =
    /// A triangle of height 6 about its peak.
    let private wave peak i = float (max 0 (6 - abs (i - peak)))

    /// Peaks (feature 0 is the first) of the two waves that a class combines.
    let private peaks = [| struct (10, 14); struct (10, 6); struct (14, 6) |]

    let table features rows seed =
        if features <> 21 && features <> 40 then
            Error(HindsightError.OutOfRange("features", string features, "21 or 40"))
        else
            Ok(
                Table.computed
                    {
                        Name = $"waveform-{features}"
                        Columns = Array.init features (fun i -> Column.Numeric $"x{i + 1}")
                        Classes = [| "0"; "1"; "2" |]
                    }
                    rows
                    (Func<_, _, _>(fun row values ->
                        let random = Draws.row seed row
                        let label = random.NextInt 3
                        let struct (first, second) = peaks[label]
                        let u = random.NextDouble()

                        for i in 0 .. features - 1 do
                            let signal =
                                if i < 21 then
                                    u * wave first i + (1.0 - u) * wave second i
                                else
                                    0.0

                            values[i] <- signal + random.NextNormal()

                        label))
            )
