namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong sketches.
[<RequireQualifiedAccess>]
module SketchMutants =
    let private without (change: HadamardSketch -> float[] -> float[]) =
        not (SketchLaw.isometry change && SketchLaw.unbiased change)

    let all =
        [
            Mutant.make "sketching" "the scale of the sample left out" (fun () ->
                without (fun sketch x ->
                    let scale = sqrt (float sketch.Rows / float sketch.Padded)
                    SketchLaw.apply sketch x |> Array.map (fun y -> scale * y)))
            Mutant.make "sketching" "the scale of the transform left out" (fun () ->
                without (fun sketch x ->
                    SketchLaw.apply sketch x |> Array.map (fun y -> y * sqrt (float sketch.Padded))))
            Mutant.make "sketching" "signs after the transform" (fun () ->
                without (fun sketch x ->
                    // one sign for every vector: the columns of the transform itself, whose products do not average out
                    let work = Array.append x (Array.zeroCreate (sketch.Padded - x.Length))
                    Sketch.walshHadamard (Span work) |> Require.ok
                    let scale = 1.0 / sqrt (float sketch.Rows)
                    [| for i in 0 .. sketch.Rows - 1 -> scale * work[i] |]))
            Mutant.make "sketch-certificate" "the inverse's norm left out" (fun () ->
                Seq.init 100 (fun i ->
                    let struct (a, b) = SketchWitnesses.problem (Random(i + 1)) 60 1
                    let s = SketchWitnesses.solve (uint64 i) 60 1 10 a b
                    SketchWitnesses.distance s.Solution s.Exact > s.PseudoInverseNorm * s.ResidualNorm * (1.0 + 1e-9))
                |> Seq.exists id)
            Mutant.make "sketch-certificate" "the residual's own norm in place of its sketched projection" (fun () ->
                Seq.init 100 (fun i ->
                    let struct (a, b) = SketchWitnesses.problem (Random(i + 1)) 60 1
                    let s = SketchWitnesses.solve (uint64 i) 60 1 10 a b
                    let wrong = s.PseudoInverseNorm * s.InverseNorm * s.Residual / 10.0
                    SketchWitnesses.distance s.Solution s.Exact > wrong * (1.0 + 1e-9))
                |> Seq.exists id)
        ]
