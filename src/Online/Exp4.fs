namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type Exp4State
    internal
    (
        eta: float,
        arms: int,
        estimates: float[],
        weights: float[],
        rounds: int64,
        loss: float,
        estimatedLoss: float,
        secondOrder: float
    ) =
    let mixture: float[] = Array.zeroCreate arms
    let mutable rounds = rounds
    let mutable loss = loss
    let mutable estimatedLoss = estimatedLoss
    let mutable secondOrder = secondOrder

    member _.Experts = estimates.Length
    member _.Arms = arms
    member _.Eta = eta
    member _.Rounds = rounds
    member _.Weights = ReadOnlySpan weights
    member _.Estimates = ReadOnlySpan estimates
    member _.Loss = loss
    member _.SecondOrder = secondOrder
    member _.EstimatedRegret = estimatedLoss - Sampling.least (ReadOnlySpan estimates)

    member _.Copy() =
        Exp4State(eta, arms, Array.copy estimates, Array.copy weights, rounds, loss, estimatedLoss, secondOrder)

    /// The mixture, in the state's own buffer.
    member internal _.Mix(advice: ReadOnlySpan<float>) : float[] =
        Array.Clear mixture

        for m in 0 .. weights.Length - 1 do
            for a in 0 .. arms - 1 do
                mixture[a] <- mixture[a] + weights[m] * advice[m * arms + a]

        mixture

    member internal _.Observe(advice: ReadOnlySpan<float>, arm: int, p: float, value: float) =
        for m in 0 .. weights.Length - 1 do
            let estimate = advice[m * arms + arm] * value / p
            estimates[m] <- estimates[m] + estimate
            estimatedLoss <- estimatedLoss + weights[m] * estimate
            secondOrder <- secondOrder + weights[m] * estimate * estimate

        rounds <- rounds + 1L
        loss <- loss + value
        Sampling.exponential eta (ReadOnlySpan estimates) (Span weights)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Exp4 =
    let start eta experts arms =
        result {
            let! eta = Require.positive "eta" eta
            let! experts = Require.atLeast "experts" 2 experts
            let! arms = Require.atLeast "arms" 2 arms

            return
                Exp4State(
                    eta,
                    arms,
                    Array.zeroCreate experts,
                    Array.create experts (1.0 / float experts),
                    0L,
                    0.0,
                    0.0,
                    0.0
                )
        }

    let private checkAdvice (advice: ReadOnlySpan<float>) (state: Exp4State) =
        let k = state.Arms

        if advice.Length <> state.Experts * k then
            Error(HindsightError.WrongDimension("advice", advice.Length, state.Experts * k))
        else
            let mutable bad = -1
            let mutable m = 0

            while bad < 0 && m < state.Experts do
                let mutable sum = 0.0
                let mutable negative = false

                for a in 0 .. k - 1 do
                    let x = advice[m * k + a]
                    sum <- sum + x
                    negative <- negative || not (x >= 0.0)

                if negative || not (abs (sum - 1.0) <= 1e-9) then
                    bad <- m

                m <- m + 1

            if bad >= 0 then
                Error(
                    HindsightError.OutOfRange(
                        "advice",
                        $"row {bad}",
                        "probabilities that are at least 0 and sum to 1 in every row"
                    )
                )
            else
                Ok()

    let distribution (advice: ReadOnlySpan<float>) (target: Span<float>) (state: Exp4State) =
        match checkAdvice advice state with
        | Error e -> Error e
        | Ok() ->
            match Require.length "target" state.Arms target.Length with
            | Error e -> Error e
            | Ok() ->
                (state.Mix advice).AsSpan().CopyTo target
                Ok()

    let choose seed (advice: ReadOnlySpan<float>) (state: Exp4State) =
        match checkAdvice advice state with
        | Error e -> Error e
        | Ok() -> Ok(Sampling.draw seed state.Rounds (ReadOnlySpan(state.Mix advice)))

    let step (advice: ReadOnlySpan<float>) arm loss (state: Exp4State) =
        match checkAdvice advice state with
        | Error e -> Error e
        | Ok() ->
            let mixture = state.Mix advice

            match Sampling.arm arm (ReadOnlySpan mixture) with
            | Error e -> Error e
            | Ok arm ->
                match Sampling.loss 1.0 loss with
                | Error e -> Error e
                | Ok loss ->
                    state.Observe(advice, arm, mixture[arm], loss)
                    Ok state

    let regretBound (state: Exp4State) =
        AdversarialBounds.exp4 state.Experts state.Arms (float (max state.Rounds 1L)) state.Eta

    let estimatedRegretBound (state: Exp4State) =
        AdversarialBounds.exp3Estimated state.Experts state.SecondOrder state.Eta
