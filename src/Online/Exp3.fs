namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type Exp3State
    internal
    (
        eta: float,
        gamma: float,
        estimates: float[],
        distribution: float[],
        rounds: int64,
        loss: float,
        estimatedLoss: float,
        secondOrder: float
    ) =
    let mutable rounds = rounds
    let mutable loss = loss
    let mutable estimatedLoss = estimatedLoss
    let mutable secondOrder = secondOrder

    member _.Arms = estimates.Length
    member _.Eta = eta
    member _.Gamma = gamma
    member _.Rounds = rounds
    member _.Distribution = ReadOnlySpan distribution
    member _.Estimates = ReadOnlySpan estimates
    member _.Loss = loss
    member _.EstimatedLoss = estimatedLoss
    member _.SecondOrder = secondOrder
    member _.EstimatedRegret = estimatedLoss - Sampling.least (ReadOnlySpan estimates)

    member _.Copy() =
        Exp3State(eta, gamma, Array.copy estimates, Array.copy distribution, rounds, loss, estimatedLoss, secondOrder)

    member internal _.Observe(arm: int, value: float) =
        let p = distribution[arm]
        let estimate = value / (p + gamma)
        estimates[arm] <- estimates[arm] + estimate
        rounds <- rounds + 1L
        loss <- loss + value
        estimatedLoss <- estimatedLoss + p * estimate
        secondOrder <- secondOrder + p * estimate * estimate
        Sampling.exponential eta (ReadOnlySpan estimates) (Span distribution)

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module Exp3 =
    let private begin' eta gamma arms =
        Exp3State(eta, gamma, Array.zeroCreate arms, Array.create arms (1.0 / float arms), 0L, 0.0, 0.0, 0.0)

    let start eta arms =
        result {
            let! eta = Require.positive "eta" eta
            let! arms = Require.atLeast "arms" 2 arms
            return begin' eta 0.0 arms
        }

    let startIx eta gamma arms =
        result {
            let! eta = Require.positive "eta" eta
            let! gamma = Require.positive "gamma" gamma
            let! arms = Require.atLeast "arms" 2 arms
            return begin' eta gamma arms
        }

    let choose seed (state: Exp3State) =
        Sampling.draw seed state.Rounds state.Distribution

    let step arm loss (state: Exp3State) =
        match Sampling.arm arm state.Distribution with
        | Error e -> Error e
        | Ok arm ->
            match Sampling.loss 1.0 loss with
            | Error e -> Error e
            | Ok loss ->
                state.Observe(arm, loss)
                Ok state

    let private horizon (state: Exp3State) = float (max state.Rounds 1L)

    let regretBound (state: Exp3State) =
        if state.Gamma > 0.0 then
            Error(
                HindsightError.Incompatible
                    "Exp3-IX has biased estimates: its bound holds in probability; ask regretBoundIx."
            )
        else
            AdversarialBounds.exp3 state.Arms (horizon state) state.Eta

    let estimatedRegretBound (state: Exp3State) =
        AdversarialBounds.exp3Estimated state.Arms state.SecondOrder state.Eta

    let regretBoundIx delta (state: Exp3State) =
        if state.Gamma = 0.0 then
            Error(
                HindsightError.Incompatible
                    "Exp3 without implicit exploration has no bound in probability; start it with startIx."
            )
        else
            AdversarialBounds.exp3Ix state.Arms (horizon state) state.Eta state.Gamma delta
