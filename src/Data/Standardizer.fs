namespace Hindsight.Data

open System

[<Sealed>]
type Standardizer(columns: int) =
    let counts = Array.zeroCreate<float> columns
    let means = Array.zeroCreate<float> columns
    let squares = Array.zeroCreate<float> columns

    member _.Apply(values: Span<float>) =
        for i in 0 .. columns - 1 do
            if Double.IsNaN values[i] then
                values[i] <- 0.0
            else
                let x = Math.Clamp(values[i], -1e100, 1e100)
                counts[i] <- counts[i] + 1.0
                let before = x - means[i]
                means[i] <- means[i] + before / counts[i]
                let after = x - means[i]
                squares[i] <- squares[i] + before * after

                values[i] <-
                    if squares[i] > 0.0 then
                        Math.Clamp(after / Math.Sqrt(squares[i] / counts[i]), -10.0, 10.0)
                    else
                        0.0
