namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Laws of the sketch, as functions over what applies it.
[<RequireQualifiedAccess>]
module SketchLaw =
    /// The matrix of a sketch by columns, from an implementation that applies it.
    let columns (apply: HadamardSketch -> float[] -> float[]) (sketch: HadamardSketch) =
        Array.init sketch.Length (fun j ->
            apply sketch (Array.init sketch.Length (fun i -> if i = j then 1.0 else 0.0)))

    let apply (sketch: HadamardSketch) (x: float[]) =
        let target = Array.zeroCreate<float> sketch.Rows

        sketch.Apply(ReadOnlySpan x, Span(Array.zeroCreate<float> sketch.Padded), Span target) |> Require.ok
        target

    let private dot (x: float[]) (y: float[]) =
        Array.fold2 (fun s a b -> s + a * b) 0.0 x y

    /// S'S = I where all rows are taken and the length is a power of two.
    let isometry apply =
        [ 1; 2; 8; 32 ]
        |> List.forall (fun n ->
            let s = Sketch.hadamard 3UL n n |> Require.ok |> columns apply

            Array.forall
                (fun (i, j) -> abs (dot s[i] s[j] - (if i = j then 1.0 else 0.0)) <= 1e-12)
                (Array.allPairs [| 0 .. n - 1 |] [| 0 .. n - 1 |]))

    /// The mean of S'S over draws is I: entries of S'S are averages of products of +-1 over m rows, of variance at most 1/m, so 6.5 standard errors are a false alarm below 1e-9 (64 entries).
    let unbiased apply =
        let n, rows, draws = 8, 3, 4000
        let sum = Array2D.zeroCreate<float> n n

        for seed in 1..draws do
            let s = Sketch.hadamard (uint64 seed) n rows |> Require.ok |> columns apply

            for i in 0 .. n - 1 do
                for j in 0 .. n - 1 do
                    sum[i, j] <- sum[i, j] + dot s[i] s[j]

        let limit = 6.5 * sqrt (float draws / float rows)

        Array.allPairs [| 0 .. n - 1 |] [| 0 .. n - 1 |]
        |> Array.forall (fun (i, j) -> abs (sum[i, j] - (if i = j then float draws else 0.0)) <= limit)

    /// The length of a vector is kept on average: what a sample counted twice or a missing scale breaks.
    let distinct (sketch: HadamardSketch) =
        let sample = sketch.Sample.ToArray()

        (Array.distinct sample).Length = sketch.Rows
        && sample |> Array.forall (fun i -> i >= 0 && i < sketch.Padded)

[<TestFixture>]
type SketchLaws() =
    [<Test>]
    member _.``The Walsh-Hadamard transform twice is N times the identity``() =
        let random = Random 1

        for power in 0..10 do
            let n = 1 <<< power
            let x = Array.init n (fun _ -> random.NextDouble() - 0.5)
            let y = Array.copy x
            Sketch.walshHadamard (Span y) |> Require.ok
            Sketch.walshHadamard (Span y) |> Require.ok

            for i in 0 .. n - 1 do
                Assert.That(y[i] / float n, Is.EqualTo(x[i]).Within 1e-13)

        for n in [ 0; 3; 12 ] do
            match Sketch.walshHadamard (Span(Array.zeroCreate<float> n)) with
            | Error(HindsightError.WrongDimension("values", actual, _)) -> Assert.That(actual, Is.EqualTo n)
            | other -> Assert.Fail $"{other}"

    [<Test>]
    member _.``A sketch of all rows is an isometry, and any sketch is one on average``() =
        Assert.That(SketchLaw.isometry SketchLaw.apply)
        Assert.That(SketchLaw.unbiased SketchLaw.apply)

    [<Test>]
    member _.``Rows are drawn without replacement, and the same seed draws the same``() =
        for seed in 1UL .. 100UL do
            let sketch = Sketch.hadamard seed 21 9 |> Require.ok
            Assert.That(sketch.Padded, Is.EqualTo 32)
            Assert.That(SketchLaw.distinct sketch)
            let again = Sketch.hadamard seed 21 9 |> Require.ok
            let x = Array.init 21 float
            Assert.That(SketchLaw.apply sketch x, Is.EqualTo<float[]>(SketchLaw.apply again x))

    [<Test>]
    member _.``The certificate of a sketched least-squares solution holds, and with equality for one column``() =
        Assert.That(Witness.holds Witnesses.all "sketch-certificate")

    [<Test>]
    member _.``The suggested rows of a sketch were enough on every instance that was tried``() =
        Assert.That(Witness.holds Witnesses.all "sketch-rows")

    [<Test>]
    member _.``A right-hand side in the range is solved exactly``() =
        let random = Random 5

        for _ in 1..20 do
            let n, d = 50, 4
            let struct (a, _) = SketchWitnesses.problem random n d
            let x = Array.init d (fun _ -> random.NextDouble())
            let b = Array.init n (fun i -> Seq.sum [ for j in 0 .. d - 1 -> a[i * d + j] * x[j] ])
            let s = SketchWitnesses.solve 2UL n d 20 a b
            Assert.That(SketchWitnesses.distance s.Solution x, Is.LessThan 1e-10)

    [<Test>]
    member _.``All rows give the whole problem's solution``() =
        let struct (a, b) = SketchWitnesses.problem (Random 6) 64 5
        let s = SketchWitnesses.solve 7UL 64 5 64 a b
        Assert.That(SketchWitnesses.distance s.Solution s.Exact, Is.LessThan 1e-10)

    [<Test>]
    member _.``The largest coordinate's error is well below the error as a whole``() =
        // 512 x 8, 128 rows: the root of 8 between the two norms is nearly all visible
        let errors =
            [
                for seed in 1..40 ->
                    let struct (a, b) = SketchWitnesses.problem (Random(seed: int)) 512 8
                    let s = SketchWitnesses.solve (uint64 seed) 512 8 128 a b
                    let largest = Array.map2 (fun p q -> abs (p - q)) s.Solution s.Exact |> Array.max
                    largest / SketchWitnesses.distance s.Solution s.Exact
            ]

        Assert.That(List.sum errors / 40.0, Is.InRange(0.4, 0.85))

    [<Test>]
    member _.``Bad problems are refused``() =
        let a = Array.init 20 (fun i -> float (i % 7))
        let b = Array.init 10 float
        let sketch = Sketch.hadamard 1UL 10 8 |> Require.ok

        let refused (problem: Result<SketchedLeastSquares, HindsightError>) (name: string) =
            match problem with
            | Error e -> Assert.That(e.Message, Does.Contain name)
            | Ok _ -> Assert.Fail name

        let ask columns (m: float[]) (r: float[]) =
            Sketch.leastSquares columns (ReadOnlySpan m) (ReadOnlySpan r) sketch

        refused (ask 0 a b) "columns"
        refused (ask 3 a b) "matrix"
        refused (ask 2 a (Array.append b b)) "rhs"
        refused (ask 2 (Array.create 20 nan) b) "matrix"
        refused (ask 2 a (Array.create 10 infinity)) "rhs"
        refused (ask 2 (Array.create 20 1.0) b) "rank"

        for bad in [ Sketch.hadamard 1UL 0 1; Sketch.hadamard 1UL 10 0; Sketch.hadamard 1UL 10 17 ] do
            Assert.That(Result.isError bad)
