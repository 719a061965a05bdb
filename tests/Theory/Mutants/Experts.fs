namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses
open ExpertWitnesses

/// Wrong learners over experts, and wrong bounds.
[<RequireQualifiedAccess>]
module ExpertMutants =
    let private make = Mutant.make "experts"

    let private share (raw: float[]) =
        raw |> Array.map (fun w -> w / Array.sum raw)

    let all =
        [
            make "follow the leader for Hedge" (fun () ->
                not (
                    ExpertLaw.hedgeHolds (fun _ total ->
                        let least = Array.min total
                        share (total |> Array.map (fun l -> if l = least then 1.0 else 0.0)))
                ))
            make "weights that rise with the loss" (fun () ->
                not (ExpertLaw.hedgeHolds (fun rate total -> share (total |> Array.map (fun l -> exp (rate * l))))))
            make "weights of polynomial losses" (fun () ->
                not (
                    ExpertLaw.hedgeHolds (fun rate total ->
                        share (total |> Array.map (fun l -> 1.0 / (1.0 + rate * l))))
                ))
            make "uniform weights" (fun () -> not (ExpertLaw.hedgeHolds (fun _ _ -> [| 0.5; 0.5 |])))
            make "Hedge without the term of the rounds" (fun () ->
                not (
                    OnlineConvexLaw.stays 200 (fun seed ->
                        let state = hedgeRun (fun _ experts -> Hedge.start (max 2 experts) 2.0 |> Require.ok) seed

                        state.Regret / (log (float state.Experts) / state.Rate))
                ))
            make "the best expert in place of the average prediction, with the bound of exp-concave losses" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        200
                        (averageWith (fun p state ->
                            // the prediction of the heaviest expert
                            let w = state.Weights.ToArray()
                            p[Array.IndexOf(w, Array.max w)]))
                ))
            make "fixed share that forgets to share" (fun () -> not (ExpertLaw.sharedHolds (fun _ v -> v)))
            make "AdaHedge with a rate that the gap does not lower" (fun () ->
                not (ExpertLaw.adaHolds (fun _ _ -> 0.01)))
            make "AdaHedge by the gap once" (fun () ->
                [ 1..200 ]
                |> List.exists (fun seed ->
                    let state = adaRun seed
                    state.Regret > state.Gap * (1.0 + 1e-9) + 1e-9))
            make "the prior forgotten: ln N for an expert of small weight" (fun () ->
                let state =
                    Hedge.startWithPrior (ReadOnlySpan [| 0.99; 0.01 |]) 0.05 |> Require.ok |> fun s -> oneGood s 150

                state.Regret > value (Experts.hedge 2 150.0 0.05))
        ]
