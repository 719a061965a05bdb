namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Wrong scores, solves and radii.
[<RequireQualifiedAccess>]
module BlockDescentMutants =
    let private parts (state: BlockDescentState) b =
        (state.Block b).ToArray() |> Array.map (fun i -> state.Gradient[i])

    /// The published code's scores: sum |g| and sum |g|/sqrt L in place of the squares.
    let private byScore (score: BlockDescentState -> int -> float) (state: BlockDescentState) =
        Seq.init state.Blocks id |> Seq.maxBy (score state)

    let private wrongChoice name right score =
        Mutant.make "block-descent" name (fun () -> not (BlockDescentChecks.chooses right (byScore score)))

    let private wrongSolve name solve =
        Mutant.make "forest" name (fun () -> not (BlockDescentChecks.solves solve))

    let all =
        [
            wrongChoice "Gauss-Southwell by the 1-norm of the block" BlockDescentChecks.southwell (fun state b ->
                parts state b |> Array.sumBy abs)
            wrongChoice
                "Gauss-Southwell-Lipschitz by the 1-norm over sqrt L"
                BlockDescentChecks.southwellLipschitz
                (fun state b -> (parts state b |> Array.sumBy abs) / sqrt (state.Smoothness b))
            wrongChoice "Gauss-Southwell-Lipschitz over L squared" BlockDescentChecks.southwellLipschitz (fun state b ->
                (parts state b |> Array.sumBy (fun g -> g * g)) / state.Smoothness b ** 2.0)
            wrongChoice
                "the quadratic rule by the Lipschitz score"
                BlockDescentChecks.southwellQuadratic
                (fun state b -> BlockDescent.score BlockRule.GaussSouthwellLipschitz b state)
            wrongChoice "the diagonal rule by the quadratic score" BlockDescentChecks.southwellDiagonal (fun state b ->
                BlockDescent.score BlockRule.GaussSouthwellQuadratic b state)
            wrongSolve "the diagonal alone" (fun h b -> b |> Array.mapi (fun i v -> v / h[i, i]))
            wrongSolve "no messages to the leaves" (fun h b ->
                // the lower triangle's forward pass only
                let l = h.LowerTriangle()
                l.Solve(Vector<float>.Build.Dense b).ToArray())
            Mutant.make "identification-radius" "four times the radius" (fun () ->
                not (BlockDescentChecks.identifies BlockDescentWitnesses.prox 4.0))
            Mutant.make "identification-radius" "a step of twice the size" (fun () ->
                not (
                    BlockDescentChecks.identifies
                        (fun h lambda l star gradient x ->
                            // the gradient moves twice as far, the threshold stays
                            let d = Vector<float>.Build.Dense(x.Length, fun i -> x[i] - star[i])
                            let g = h * d

                            x
                            |> Array.mapi (fun i v ->
                                BlockDescentWitnesses.soft (lambda / l) (v - 2.0 * (gradient[i] + g[i]) / l)))
                        1.0
                ))
        ]
