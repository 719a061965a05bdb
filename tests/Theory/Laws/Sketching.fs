namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.LinearAlgebra.Factorization
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

    /// The mean of S'S over every sign vector and every sample is I.
    let unbiased apply =
        let n = 4
        let sum = Array2D.zeroCreate<float> n n
        let mutable draws = 0

        for code in 0 .. (1 <<< n) - 1 do
            let signs = Array.init n (fun i -> if (code >>> i) &&& 1 = 0 then 1.0 else -1.0)

            for i in 0 .. n - 1 do
                for j in i + 1 .. n - 1 do
                    let s = HadamardSketch(n, n, signs, [| i; j |]) |> columns apply
                    draws <- draws + 1

                    for k in 0 .. n - 1 do
                        for l in 0 .. n - 1 do
                            sum[k, l] <- sum[k, l] + dot s[k] s[l]

        draws = 96
        && Array.forall
            (fun (k, l) -> abs (sum[k, l] / float draws - (if k = l then 1.0 else 0.0)) <= 1e-12)
            (Array.allPairs [| 0 .. n - 1 |] [| 0 .. n - 1 |])

    /// The vector that the transform maps on one row is not lost, because signs spread it: with half of 64 rows the squared length that is left is a mean of 32 squares of sums of 64 signs over 64, below a tenth with a
    /// probability below 1e-12 a seed; without signs it is 0 or 2.
    let spreads apply =
        let n = 64
        let ones = Array.create n 1.0

        Seq.init 200 (fun seed -> Sketch.hadamard (uint64 seed) n (n / 2) |> Require.ok)
        |> Seq.forall (fun sketch ->
            let kept = apply sketch ones
            dot kept kept / float n > 0.1)

    /// x' - x* is R^-1 (Q'S'S Q)^-1 Q'S'S r with A = Q R, from a solver.
    let identity (solve: int -> float[] -> float[] -> HadamardSketch -> float[]) =
        Seq.init 50 id
        |> Seq.forall (fun seed ->
            let n, d = 40, 1 + seed % 4
            let struct (entries, right) = SketchWitnesses.problem (Random(seed + 1)) n d
            let sketch = Sketch.hadamard (uint64 seed) n 20 |> Require.ok
            let a = Matrix<float>.Build.Dense(n, d, fun i j -> entries[i * d + j])
            let b = Vector<float>.Build.DenseOfArray right
            let qr = a.QR QRMethod.Thin
            let exact = qr.Solve b

            let sketched (x: Vector<float>) =
                Vector<float>.Build.DenseOfArray(apply sketch (x.ToArray()))

            let basis = Matrix<float>.Build.DenseOfColumnVectors(qr.Q.EnumerateColumns() |> Seq.map sketched)

            let inner =
                (basis.TransposeThisAndMultiply basis).Solve(basis.TransposeThisAndMultiply(sketched (b - a * exact)))

            let expected = exact + qr.R.Solve inner
            let found = Vector<float>.Build.DenseOfArray(solve d entries right sketch)
            (found - expected).L2Norm() <= 1e-9 * (1.0 + expected.L2Norm()))

    /// A sample of different rows.
    let distinct padded (sample: int[]) =
        (Array.distinct sample).Length = sample.Length
        && sample |> Array.forall (fun i -> i >= 0 && i < padded)

    let solve columns (a: float[]) (b: float[]) sketch =
        Sketch.solve columns (ReadOnlySpan a) (ReadOnlySpan b) sketch |> Require.ok

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
    member _.``No vector is lost in the rows that were not drawn: the signs spread each over all``() =
        Assert.That(SketchLaw.spreads SketchLaw.apply)

    [<Test>]
    member _.``The error of the sketched solution is the identity's, coordinate by coordinate``() =
        Assert.That(SketchLaw.identity SketchLaw.solve)

    [<Test>]
    member _.``The solution alone is that of the certificate's``() =
        let struct (a, b) = SketchWitnesses.problem (Random 9) 64 5
        let sketch = Sketch.hadamard 7UL 64 20 |> Require.ok
        Assert.That(SketchLaw.solve 5 a b sketch, Is.EqualTo<float[]>((SketchWitnesses.solve 7UL 64 5 20 a b).Solution))

    [<Test>]
    member _.``Rows are drawn without replacement, and the same seed draws the same``() =
        for seed in 1UL .. 100UL do
            let sketch = Sketch.hadamard seed 21 9 |> Require.ok
            Assert.That(sketch.Padded, Is.EqualTo 32)
            Assert.That(SketchLaw.distinct sketch.Padded (sketch.Sample.ToArray()))
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
