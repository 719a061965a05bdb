namespace Hindsight.Tests.Data

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight.Data

/// Laws of online standardisation, as functions of a map from all rows of one column to all results, so that a wrong one can be passed in.
module StandardizerLaws =
    /// No look-ahead: the results of the first rows do not depend on the rows after them.
    let prefix (standardize: float[] -> float[]) (values: float[]) =
        let all = standardize values

        Seq.init values.Length (fun k -> standardize values[..k] = all[..k]) |> Seq.forall id

    /// The last result is the last value's by mean and deviation of all values, computed in two passes.
    /// Welford's error is at most about n ulps of the largest value in the mean, and n ulps relative in the variance: the condition number bounds both.
    let twoPass (standardize: float[] -> float[]) (values: float[]) =
        let n = float values.Length
        let mean = Array.average values
        let variance = (values |> Array.sumBy (fun x -> (x - mean) * (x - mean))) / n
        let result = Array.last (standardize values)
        let largest = values |> Array.map abs |> Array.max
        let deviation = Math.Sqrt variance
        let condition = 1.0 + largest / deviation

        if variance = 0.0 then
            result = 0.0
        else
            let expected = Math.Clamp((Array.last values - mean) / deviation, -10.0, 10.0)

            abs (result - expected) <= 16.0 * n * condition * Math.ScaleB(1.0, -52) * (1.0 + abs expected)

[<TestFixture>]
type StandardizerTests() =

    let online (values: float[]) =
        let standardizer = Standardizer 1

        values
        |> Array.map (fun value ->
            let row = [| value |]
            standardizer.Apply(row.AsSpan())
            row[0])

    /// The mutant: mean and deviation of all rows, the later ones included.
    let peeking (values: float[]) =
        let mean = Array.average values

        let deviation = Math.Sqrt(values |> Array.averageBy (fun x -> (x - mean) * (x - mean)))

        values |> Array.map (fun x -> if deviation > 0.0 then (x - mean) / deviation else 0.0)

    /// The mutant: standardised by the rows before, the current one left out.
    let lagging (values: float[]) =
        let all = online values
        Array.append [| 0.0 |] all[.. values.Length - 2]

    let floats (values: int16[]) =
        values |> Array.map (fun v -> float v / 8.0)

    [<Property>]
    member _.``a standardised value does not depend on later rows``(values: int16[]) =
        StandardizerLaws.prefix online (floats values)

    [<Property>]
    member _.``a standardised value is that of a two-pass computation over the rows so far``
        (values: FsCheck.NonEmptyArray<int16>)
        =
        StandardizerLaws.twoPass online (floats values.Get)

    [<Test>]
    member _.``a standardiser that peeks is rejected``() =
        let values = [| 1.0; 2.0; 4.0; 8.0 |]
        Assert.That(StandardizerLaws.prefix online values)
        Assert.That(not (StandardizerLaws.prefix peeking values))

    [<Test>]
    member _.``a standardiser that lags is rejected``() =
        let values = [| 1.0; 2.0; 4.0; 8.0 |]
        Assert.That(StandardizerLaws.twoPass online values)
        Assert.That(not (StandardizerLaws.twoPass lagging values))

    [<Property>]
    member _.``every result is finite and within 10, whatever finite number goes in``(values: float[]) =
        values
        |> Array.filter Double.IsFinite
        |> Array.append [| Double.MaxValue; Double.MinValue; Double.Epsilon |]
        |> online
        |> Array.forall (fun z -> Double.IsFinite z && abs z <= 10.0)

    [<Property>]
    member _.``a missing value gives 0 and changes nothing else``(values: int16[], place: byte) =
        let values = floats values
        let k = int place % (values.Length + 1)
        let withGap = Array.concat [ values[.. k - 1]; [| nan |]; values[k..] ]
        let results = online withGap
        results[k] = 0.0 && Array.removeAt k results = online values

    [<Test>]
    member _.``a column without variance gives 0``() =
        Assert.That((online [| 0.1; 0.1; 0.1 |] = [| 0.0; 0.0; 0.0 |]))
