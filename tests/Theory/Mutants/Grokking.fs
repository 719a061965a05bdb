namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong readings of the grokking model.
[<RequireQualifiedAccess>]
module GrokkingMutants =
    let private risk name (wrong: GrokkingStudent -> GrokkingStatistics -> float[] -> float) =
        Mutant.make "grokking-risk" name (fun () ->
            not (
                GrokkingWitnesses.risks (fun s weights beta ->
                    wrong s (Grokking.statistics weights |> Require.ok) beta)
            ))

    let private pieces (s: GrokkingStudent) (stats: GrokkingStatistics) (beta: float[]) =
        let d = float beta.Length

        let b = stats.Second |> Array2D.mapi (fun i j v -> s.Alpha * s.Epsilon * v - beta[i] * beta[j])

        let frobenius2 = b |> Seq.cast<float> |> Seq.sumBy (fun v -> v * v)
        let trace = Seq.sum (seq { for i in 0 .. beta.Length - 1 -> b[i, i] })
        let linear = s.Alpha * s.Alpha * (stats.Mean |> Array.sumBy (fun v -> v * v)) / d
        struct (d, frobenius2, trace, linear)

    /// The law of the gradient: a five-point difference is exact for the risk, a polynomial of degree four.
    let gradients (gradient: GrokkingStudent -> float[,] -> float[] -> float[,]) =
        [ 1..50 ]
        |> List.forall (fun seed ->
            let struct (s, weights, beta) = GrokkingWitnesses.draw seed
            let g = gradient s weights beta
            let scale = 1.0 + (g |> Seq.cast<float> |> Seq.map abs |> Seq.max)

            Seq.allPairs [ 0 .. weights.GetLength 0 - 1 ] [ 0 .. weights.GetLength 1 - 1 ]
            |> Seq.forall (fun (i, j) ->
                let at step =
                    let moved = Array2D.copy weights
                    moved[i, j] <- moved[i, j] + step

                    Grokking.populationRisk s (Grokking.statistics moved |> Require.ok) beta |> Require.ok

                let h = 0.5
                let slope = (8.0 * (at h - at -h) - (at (2.0 * h) - at (-2.0 * h))) / (12.0 * h)
                abs (slope - g[i, j]) <= 1e-10 * scale * (1.0 + at 0.0)))

    let all =
        [
            risk "no trace term" (fun s stats beta ->
                let struct (d, f, _, linear) = pieces s stats beta
                linear + 2.0 * f / (4.0 * d * d))
            risk "the Frobenius norm counts once" (fun s stats beta ->
                let struct (d, f, t, linear) = pieces s stats beta
                linear + (f + t * t) / (4.0 * d * d))
            risk "no linear term" (fun s stats beta ->
                let struct (d, f, t, _) = pieces s stats beta
                (2.0 * f + t * t) / (4.0 * d * d))
            risk "inputs of variance 1" (fun s stats beta ->
                let struct (d, f, t, linear) = pieces s stats beta
                linear * d + (2.0 * f + t * t) / 4.0)
            risk "the target without its half" (fun s stats beta ->
                Grokking.populationRisk s stats (beta |> Array.map ((*) (sqrt 2.0))) |> Require.ok)
            Mutant.make "grokking-risk" "gradient of half the risk" (fun () ->
                not (
                    gradients (fun s weights beta ->
                        Grokking.populationGradient s weights beta |> Require.ok |> Array2D.map (fun v -> 0.5 * v))
                ))
            Mutant.make "grokking-risk" "gradient without the trace" (fun () ->
                not (
                    gradients (fun s weights beta ->
                        let stats = Grokking.statistics weights |> Require.ok
                        let struct (d, _, t, _) = pieces s stats beta
                        let n = float (weights.GetLength 0)

                        Grokking.populationGradient s weights beta
                        |> Require.ok
                        |> Array2D.mapi (fun i j v -> v - s.Alpha * s.Epsilon / (n * d * d) * t * weights[i, j]))
                ))
        ]
