namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type HedgeState internal (rate: float, prior: float[], uniform: bool, domain: Domain) =
    let experts = prior.Length
    let losses: float[] = Array.zeroCreate experts
    let logs: float[] = Array.zeroCreate experts
    let weights = Array.copy prior
    let logPrior = prior |> Array.map log
    let mutable rounds = 0L
    let mutable learner = 0.0
    let mutable second = 0.0

    member _.Experts = experts
    member _.Rate = rate
    member _.Rounds = rounds
    member _.Weights = ReadOnlySpan weights
    member _.ExpertLosses = ReadOnlySpan losses
    member _.LearnerLoss = learner
    member _.SecondMoment = second
    member _.BestLoss = TensorPrimitives.Min(ReadOnlySpan losses)
    member state.Regret = learner - state.BestLoss
    member internal _.Prior = prior
    member internal _.IsUniform = uniform
    member internal _.BestExpert = TensorPrimitives.IndexOfMin(ReadOnlySpan losses)

    member internal _.Check(next: ReadOnlySpan<float>) =
        Require.ok (Require.length "losses" experts next.Length)

        for i in 0 .. experts - 1 do
            if not (Double.IsFinite next[i] && domain.Contains next[i]) then
                Require.ok (Require.inside $"losses[{i}]" domain next[i]) |> ignore<float>

    /// A NaN for the learner's loss says that it pays the mean.
    member internal state.Update(next: ReadOnlySpan<float>, loss: float) =
        state.Check next
        let mutable mean = 0.0
        let mutable moment = 0.0

        for i in 0 .. experts - 1 do
            mean <- mean + weights[i] * next[i]
            moment <- moment + weights[i] * next[i] * next[i]
            losses[i] <- losses[i] + next[i]
            logs[i] <- logPrior[i] - rate * losses[i]

        rounds <- rounds + 1L
        learner <- learner + (if Double.IsNaN loss then mean else loss)
        second <- second + moment
        LogWeights.normalise (ReadOnlySpan logs) (Span weights)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Hedge =
    let private make experts rate domain =
        result {
            let! experts = Require.atLeast "experts" 1 experts
            let! rate = Require.positive "rate" rate
            return HedgeState(rate, Array.create experts (1.0 / float experts), true, domain)
        }

    let internal startIn domain experts rate = make experts rate domain
    let start experts rate = make experts rate Domain.Unit

    let startWithPrior (prior: ReadOnlySpan<float>) rate =
        let prior = prior.ToArray()

        result {
            let! prior = LogWeights.checkPrior prior
            let! rate = Require.positive "rate" rate
            return HedgeState(rate, prior, false, Domain.Unit)
        }

    let rateFor experts horizon =
        result {
            let! experts = Require.atLeast "experts" 2 experts
            let! horizon = Require.inside "horizon" (BoundCalculator.atLeast 1.0) horizon
            return sqrt (8.0 * log (float experts) / horizon)
        }

    let step losses (state: HedgeState) = state.Update(losses, nan)

    let regretBound (state: HedgeState) =
        if state.IsUniform then
            Experts.hedge state.Experts (float state.Rounds) state.Rate
        else
            let information = -log state.Prior[state.BestExpert]
            Experts.hedgePrior information (float state.Rounds) state.Rate

    let regretBoundAgainst (comparator: ReadOnlySpan<float>) (state: HedgeState) =
        let u = comparator.ToArray()

        result {
            do! Require.length "comparator" state.Experts u.Length

            do!
                (Ok(), Seq.indexed u)
                ||> Seq.fold (fun s (i, x) ->
                    s
                    |> Result.bind (fun () ->
                        Require.inside $"comparator[{i}]" Domain.Unit x |> Result.map ignore<float>))

            let! _ = Require.inside "sum of comparator" (Domain.Closed(1.0 - 1e-9, 1.0 + 1e-9)) (Array.sum u)

            let divergence =
                Array.fold2 (fun s x q -> if x > 0.0 then s + x * log (x / q) else s) 0.0 u state.Prior |> max 0.0

            return! Experts.hedgePrior divergence (float state.Rounds) state.Rate
        }

    let private whereUniform (state: HedgeState) bound =
        if state.IsUniform then
            bound ()
        else
            Error(HindsightError.Incompatible "This bound is for the uniform prior.")

    let lossBound (state: HedgeState) =
        whereUniform state (fun () -> Experts.hedgeSmallLosses state.Experts state.BestLoss state.Rate)

    let secondOrderBound (state: HedgeState) =
        whereUniform state (fun () -> Experts.hedgeSecondOrder state.Experts state.SecondMoment state.Rate)

[<RequireQualifiedAccess>]
module ExponentialWeights =
    let start experts rate = Hedge.startIn Domain.Reals experts rate

    let predict (predictions: ReadOnlySpan<float>) (state: HedgeState) =
        Require.ok (Require.length "predictions" state.Experts predictions.Length)
        Require.ok (Require.allFinite "predictions" predictions)
        System.Numerics.Tensors.TensorPrimitives.Dot(state.Weights, predictions)

    let step losses loss (state: HedgeState) =
        let loss = Require.ok (Require.finite "loss" loss)
        state.Update(losses, loss)

    let regretBound (state: HedgeState) =
        Experts.exponentialWeights state.Experts state.Rate
