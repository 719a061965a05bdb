namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type AdaHedgeState internal (experts: int) =
    let losses: float[] = Array.zeroCreate experts
    let logs: float[] = Array.zeroCreate experts
    let weights = Array.create experts (1.0 / float experts)
    let mutable rounds = 0L
    let mutable learner = 0.0
    let mutable gap = 0.0
    let mutable variance = 0.0
    let mutable range = 0.0

    let rate () = log (float experts) / gap

    member _.Experts = experts
    member _.Rate = rate ()
    member _.Rounds = rounds
    member _.Weights = ReadOnlySpan weights
    member _.LearnerLoss = learner
    member _.BestLoss = TensorPrimitives.Min(ReadOnlySpan losses)
    member state.Regret = learner - state.BestLoss
    member _.Gap = gap
    member _.Variance = variance
    member _.Range = range

    member internal _.Update(next: ReadOnlySpan<float>) =
        Require.ok (Require.length "losses" experts next.Length)
        Require.ok (Require.allFinite "losses" next)
        let eta = rate ()
        let least = TensorPrimitives.Min next
        let mutable mean = 0.0
        let mutable mass = 0.0
        let before = TensorPrimitives.Min(ReadOnlySpan losses)

        for i in 0 .. experts - 1 do
            // losses above the least: rounding of a large common part stays out
            let above = next[i] - least
            mean <- mean + weights[i] * above

            if Double.IsFinite eta then
                mass <- mass + weights[i] * exp (-eta * above)

        let mutable spread = 0.0

        for i in 0 .. experts - 1 do
            let off = next[i] - least - mean
            spread <- spread + weights[i] * off * off
            losses[i] <- losses[i] + next[i]

        let mix =
            if Double.IsFinite eta then
                -log mass / eta
            else
                // the limit: the leaders' loss
                TensorPrimitives.Min(ReadOnlySpan losses) - before - least

        rounds <- rounds + 1L
        learner <- learner + least + mean
        gap <- gap + max 0.0 (mean - mix)
        variance <- variance + spread
        range <- max range (TensorPrimitives.Max next - least)
        let eta = rate ()
        let best = TensorPrimitives.Min(ReadOnlySpan losses)

        for i in 0 .. experts - 1 do
            let above = losses[i] - best
            logs[i] <- if above = 0.0 then 0.0 else -eta * above

        LogWeights.normalise (ReadOnlySpan logs) (Span weights)

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module AdaHedge =
    let start experts =
        Require.atLeast "experts" 2 experts |> Result.map AdaHedgeState

    let step losses (state: AdaHedgeState) = state.Update losses
    let regretBound (state: AdaHedgeState) = Experts.adaHedge state.Gap

    let varianceBound (state: AdaHedgeState) =
        Experts.adaHedgeVariance state.Experts state.Variance state.Range
