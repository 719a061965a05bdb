namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Wrong sketches.
[<RequireQualifiedAccess>]
module SketchMutants =
    let private without (change: HadamardSketch -> float[] -> float[]) =
        not (SketchLaw.isometry change && SketchLaw.unbiased change && SketchLaw.spreads change)

    let private certificates: (string * (SketchedLeastSquares -> float)) list =
        [
            "the inverse's norm left out", (fun s -> s.PseudoInverseNorm * s.ResidualNorm)
            "the inverse's root in place of it", (fun s -> s.PseudoInverseNorm * sqrt s.InverseNorm * s.ResidualNorm)
            "the pseudo-inverse's norm left out", (fun s -> s.InverseNorm * s.ResidualNorm)
        ]

    let all =
        [
            Mutant.make "sketching" "the scale of the sample left out" (fun () ->
                without (fun sketch x ->
                    let scale = sqrt (float sketch.Rows / float sketch.Padded)
                    SketchLaw.apply sketch x |> Array.map (fun y -> scale * y)))
            Mutant.make "sketching" "the scale of the transform left out" (fun () ->
                without (fun sketch x ->
                    SketchLaw.apply sketch x |> Array.map (fun y -> y * sqrt (float sketch.Padded))))
            Mutant.make "sketching" "the signs left out" (fun () ->
                without (fun sketch x ->
                    let work = Array.append x (Array.zeroCreate (sketch.Padded - x.Length))
                    Sketch.walshHadamard (Span work) |> Require.ok
                    let scale = 1.0 / sqrt (float sketch.Rows)
                    sketch.Sample.ToArray() |> Array.map (fun row -> scale * work[row])))
            Mutant.make "sketching" "the first rows in place of a sample" (fun () ->
                without (fun sketch x ->
                    let all =
                        HadamardSketch(x.Length, sketch.Padded, Array.create x.Length 1.0, [| 0 .. sketch.Rows - 1 |])

                    SketchLaw.apply all x))
            Mutant.make "sketching" "rows drawn with replacement" (fun () ->
                Seq.init 100 (fun seed ->
                    let random = RandomStream(uint64 seed, 0UL)
                    Array.init 9 (fun _ -> random.NextInt 32))
                |> Seq.forall (SketchLaw.distinct 32)
                |> not)
            Mutant.make "sketching" "b not sketched" (fun () ->
                not (
                    SketchLaw.identity (fun d a b sketch ->
                        // the first rows of b in place of S b
                        let column j =
                            SketchLaw.apply sketch (Array.init sketch.Length (fun i -> a[i * d + j]))

                        let sa = Matrix<float>.Build.DenseOfColumnArrays(Array.init d column)
                        (sa.QR().Solve(Vector<float>.Build.DenseOfArray(Array.truncate sketch.Rows b))).ToArray())
                ))
            for name, wrong in certificates do
                Mutant.make "sketch-certificate" name (fun () ->
                    Seq.init 100 (fun i ->
                        let struct (a, b) = SketchWitnesses.problem (Random(i + 1)) 60 1
                        let small = a |> Array.map (fun x -> 1e-3 * x)
                        let s = SketchWitnesses.solve (uint64 i) 60 1 10 small b
                        SketchWitnesses.distance s.Solution s.Exact > wrong s * (1.0 + 1e-9))
                    |> Seq.exists id)
        ]
