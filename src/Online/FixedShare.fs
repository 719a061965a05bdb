namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type FixedShareState internal (experts: int, rate: float, share: float) =
    let logs: float[] = Array.zeroCreate experts
    let weights = Array.create experts (1.0 / float experts)
    let mutable rounds = 0L
    let mutable learner = 0.0

    member _.Experts = experts
    member _.Rate = rate
    member _.Share = share
    member _.Rounds = rounds
    member _.Weights = ReadOnlySpan weights
    member _.LearnerLoss = learner

    member internal _.Update(losses: ReadOnlySpan<float>) =
        Require.ok (Require.length "losses" experts losses.Length)

        for i in 0 .. experts - 1 do
            if not (Domain.Unit.Contains losses[i]) then
                Require.ok (Require.inside $"losses[{i}]" Domain.Unit losses[i]) |> ignore<float>

        let mutable mean = 0.0

        for i in 0 .. experts - 1 do
            mean <- mean + weights[i] * losses[i]
            // a share keeps every weight above 0
            logs[i] <- log weights[i] - rate * losses[i]

        LogWeights.normalise (ReadOnlySpan logs) (Span weights)

        for i in 0 .. experts - 1 do
            weights[i] <- (1.0 - share) * weights[i] + share / float experts

        rounds <- rounds + 1L
        learner <- learner + mean

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module FixedShare =
    let start experts rate share =
        result {
            let! experts = Require.atLeast "experts" 1 experts
            let! rate = Require.positive "rate" rate
            let! share = Require.confidence "share" share
            return FixedShareState(experts, rate, share)
        }

    let step losses (state: FixedShareState) = state.Update losses

    let regretBound switches (state: FixedShareState) =
        Experts.fixedShare state.Experts (float state.Rounds) switches state.Share state.Rate
