namespace Hindsight

open System
open System.Numerics

[<Sealed; NoComparison; NoEquality>]
type HadamardSketch(length: int, padded: int, signs: float[], sample: int[]) =
    member _.Length = length
    member _.Padded = padded
    member _.Rows = sample.Length
    member _.Sample = ReadOnlySpan<int> sample

    /// H values, in place; the length is a power of two.
    static member internal Transform(values: Span<float>) =
        let mutable half = 1

        while half < values.Length do
            let mutable block = 0

            while block < values.Length do
                for i in block .. block + half - 1 do
                    let a = values[i]
                    let b = values[i + half]
                    values[i] <- a + b
                    values[i + half] <- a - b

                block <- block + 2 * half

            half <- 2 * half

    member _.Apply(x: ReadOnlySpan<float>, work: Span<float>, target: Span<float>) =
        if x.Length <> length then
            Error(HindsightError.WrongDimension("x", x.Length, length))
        elif work.Length <> padded then
            Error(HindsightError.WrongDimension("work", work.Length, padded))
        elif target.Length <> sample.Length then
            Error(HindsightError.WrongDimension("target", target.Length, sample.Length))
        else
            for i in 0 .. length - 1 do
                work[i] <- signs[i] * x[i]

            for i in length .. padded - 1 do
                work[i] <- 0.0

            HadamardSketch.Transform work
            // sqrt(N/m) of the sample, 1/sqrt N of the transform
            let scale = 1.0 / sqrt (float sample.Length)

            for i in 0 .. sample.Length - 1 do
                target[i] <- scale * work[sample[i]]

            Ok()

[<NoComparison>]
type SketchedLeastSquares =
    {
        Solution: float[]
        Exact: float[]
        PseudoInverseNorm: float
        InverseNorm: float
        ResidualNorm: float
        Residual: float
        Certificate: Bound
    }

namespace Hindsight.FSharp

open System
open System.Numerics
open MathNet.Numerics.LinearAlgebra
open MathNet.Numerics.LinearAlgebra.Factorization
open Hindsight

[<RequireQualifiedAccess>]
module Sketch =
    let walshHadamard (values: Span<float>) =
        if values.Length > 0 && BitOperations.IsPow2 values.Length then
            HadamardSketch.Transform values
            Ok()
        else
            Error(
                HindsightError.WrongDimension(
                    "values",
                    values.Length,
                    int (BitOperations.RoundUpToPowerOf2(uint (max 1 values.Length)))
                )
            )

    /// The first rows of a shuffle, in ascending order.
    let private draw (random: RandomStream) padded rows =
        let order = Array.init padded id

        for i in 0 .. rows - 1 do
            let j = i + random.NextInt(padded - i)
            let moved = order[i]
            order[i] <- order[j]
            order[j] <- moved

        let sample = Array.sub order 0 rows
        Array.sortInPlace sample
        sample

    let hadamard (seed: uint64) (length: int) (rows: int) =
        result {
            let! length = Require.atLeast "length" 1 length
            let! rows = Require.atLeast "rows" 1 rows

            if length > (1 <<< 30) then
                return! Error(HindsightError.OutOfRange("length", string length, "at most 2^30"))
            else
                let padded = int (BitOperations.RoundUpToPowerOf2(uint length))

                if rows > padded then
                    return!
                        Error(HindsightError.OutOfRange("rows", string rows, $"at most {padded}, the padded length"))
                else
                    let random = RandomStream(seed, 0UL)

                    let signs = Array.init length (fun _ -> if random.NextBits() &&& 1UL = 0UL then 1.0 else -1.0)

                    return HadamardSketch(length, padded, signs, draw random padded rows)
        }

    /// A problem behind the door, and what sketches its columns.
    let private admit (columns: int) (matrix: ReadOnlySpan<float>) (rhs: ReadOnlySpan<float>) (sketch: HadamardSketch) =
        let n = sketch.Length
        let entries, right = matrix.ToArray(), rhs.ToArray()

        result {
            let! d = Require.atLeast "columns" 1 columns
            do! Require.length "matrix" (n * d) entries.Length
            do! Require.length "rhs" n right.Length
            do! Require.allFinite "matrix" (ReadOnlySpan entries)
            do! Require.allFinite "rhs" (ReadOnlySpan right)

            if sketch.Rows >= d && n >= d then
                let work = Array.zeroCreate<float> sketch.Padded

                let apply (x: Vector<float>) =
                    let target = Array.zeroCreate<float> sketch.Rows
                    sketch.Apply(ReadOnlySpan(x.ToArray()), Span work, Span target) |> Require.ok
                    Vector<float>.Build.DenseOfArray target

                let a = Matrix<float>.Build.Dense(n, d, fun i j -> entries[i * d + j])
                return struct (a, Vector<float>.Build.DenseOfArray right, apply)
            else
                return!
                    Error(
                        HindsightError.OutOfRange(
                            "sketch",
                            $"{sketch.Rows} rows of a problem of {n}",
                            $"at least {d} of either, the number of columns"
                        )
                    )
        }

    let private sketched (apply: Vector<float> -> Vector<float>) (m: Matrix<float>) =
        Matrix<float>.Build.DenseOfColumnVectors(m.EnumerateColumns() |> Seq.map apply)

    let private hasFullRank (singular: Vector<float>) =
        singular[singular.Count - 1] > 1e-13 * singular[0]

    let private lost =
        HindsightError.Incompatible
            "The sketch leaves the matrix without full column rank: take more rows, or another seed."

    let private minimiser (a: Matrix<float>) (b: Vector<float>) = a.QR(QRMethod.Thin).Solve b

    let solve columns matrix rhs sketch =
        admit columns matrix rhs sketch
        |> Result.bind (fun struct (a, b, apply) ->
            let sa = sketched apply a

            if hasFullRank (sa.Svd false).S then
                Ok((minimiser sa (apply b)).ToArray())
            else
                Error lost)

    let leastSquares columns matrix rhs sketch =
        let admitted = admit columns matrix rhs sketch

        result {
            let! struct (a, b, apply) = admitted
            // an orthonormal basis of the columns: any one has the norms of U
            let qr = a.QR QRMethod.Thin
            let singular = (qr.R.Svd false).S

            if not (hasFullRank singular) then
                return! Error(HindsightError.Incompatible "The matrix has not full column rank.")
            else
                let basis = sketched apply qr.Q
                let kept = (basis.Svd false).S

                if not (hasFullRank kept) then
                    return! Error lost
                else
                    let exact = qr.Solve b
                    let residual = b - a * exact
                    let pseudoInverse = 1.0 / singular[singular.Count - 1]
                    let least = kept[kept.Count - 1]
                    let inverse = 1.0 / (least * least)
                    let left = (basis.TransposeThisAndMultiply(apply residual)).L2Norm()
                    let! certificate = SketchBounds.certificate pseudoInverse inverse left

                    return
                        {
                            Solution = (minimiser (sketched apply a) (apply b)).ToArray()
                            Exact = exact.ToArray()
                            PseudoInverseNorm = pseudoInverse
                            InverseNorm = inverse
                            ResidualNorm = left
                            Residual = residual.L2Norm()
                            Certificate = certificate
                        }
        }
