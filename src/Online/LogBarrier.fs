namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type LogBarrierState
    internal
    (eta: float, losses: float[], distribution: float[], rounds: int64, loss: float, secondOrder: float, ranges: float)
    =
    let mutable rounds = rounds
    let mutable loss = loss
    let mutable secondOrder = secondOrder
    let mutable ranges = ranges

    member _.Arms = losses.Length
    member _.Eta = eta
    member _.Rounds = rounds
    member _.Distribution = ReadOnlySpan distribution
    member _.Losses = ReadOnlySpan losses
    member _.Loss = loss
    member _.SecondOrder = secondOrder
    member _.Ranges = ranges

    member _.Copy() =
        LogBarrierState(eta, Array.copy losses, Array.copy distribution, rounds, loss, secondOrder, ranges)

    member private _.Count(mean: float, variance: float, range: float) =
        rounds <- rounds + 1L
        loss <- loss + mean
        secondOrder <- secondOrder + variance
        ranges <- ranges + range
        Sampling.logBarrier eta (ReadOnlySpan losses) (Span distribution)

    member internal state.Observe(c: ReadOnlySpan<float>) =
        let mean = TensorPrimitives.Dot(ReadOnlySpan distribution, c)
        let mutable variance = 0.0

        for i in 0 .. losses.Length - 1 do
            let deviation = c[i] - mean
            variance <- variance + distribution[i] * deviation * deviation
            losses[i] <- losses[i] + c[i]

        state.Count(mean, variance, TensorPrimitives.Max c - TensorPrimitives.Min c)

    /// The vector with value/x at the arm and zeros elsewhere.
    member internal state.ObserveArm(arm: int, value: float) =
        let x = distribution[arm]
        let estimate = value / x
        losses[arm] <- losses[arm] + estimate
        // sum x c^2 - (sum x c)^2 with x c = value
        state.Count(value, value * (estimate - value), estimate)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module LogBarrier =
    let start eta arms =
        result {
            let! eta = Require.positive "eta" eta
            let! arms = Require.atLeast "arms" 2 arms

            return LogBarrierState(eta, Array.zeroCreate arms, Array.create arms (1.0 / float arms), 0L, 0.0, 0.0, 0.0)
        }

    let step (losses: ReadOnlySpan<float>) (state: LogBarrierState) =
        match Require.length "losses" state.Arms losses.Length with
        | Error e -> Error e
        | Ok() ->
            match Require.allFinite "losses" losses with
            | Error e -> Error e
            | Ok() ->
                state.Observe losses
                Ok state

    let choose seed (state: LogBarrierState) =
        Sampling.draw seed state.Rounds state.Distribution

    let stepBandit arm loss (state: LogBarrierState) =
        match Sampling.arm arm state.Distribution with
        | Error e -> Error e
        | Ok arm ->
            match Sampling.loss 1.0 loss with
            | Error e -> Error e
            | Ok loss ->
                state.ObserveArm(arm, loss)
                Ok state

    let regretBound (comparator: ReadOnlySpan<float>) (state: LogBarrierState) =
        match Require.length "comparator" state.Arms comparator.Length with
        | Error e -> Error e
        | Ok() ->
            let mutable sum = 0.0
            let mutable barrier = 0.0
            let mutable inside = true

            for y in comparator do
                inside <- inside && y > 0.0
                sum <- sum + y
                barrier <- barrier - log y

            if inside && abs (sum - 1.0) <= 1e-9 then
                LogBarrierBounds.regret state.Arms barrier state.SecondOrder state.Eta
            else
                Error(
                    HindsightError.OutOfRange(
                        "comparator",
                        $"a point with sum {sum}",
                        "a point strictly inside the simplex"
                    )
                )

    let private horizon (state: LogBarrierState) =
        float (max state.Rounds (int64 state.Arms))

    let regretBoundEveryArm (state: LogBarrierState) =
        LogBarrierBounds.horizonRegret state.Arms (horizon state) state.SecondOrder state.Ranges state.Eta

    let regretBoundBandit (state: LogBarrierState) =
        LogBarrierBounds.banditRegret state.Arms (horizon state) state.Eta

[<RequireQualifiedAccess>]
module MagnitudeReduced =
    let estimate
        (inner: ReadOnlySpan<float>)
        (loss: float)
        (ceiling: float)
        (meanNegative: ReadOnlySpan<float>)
        (target: Span<float>)
        =
        if not (Double.IsFinite ceiling && ceiling > 0.0) then
            Require.positive "ceiling" ceiling |> Result.map ignore<float>
        elif not (loss >= 0.0 && loss <= ceiling) then
            Require.inside "loss" (Domain.Closed(0.0, ceiling)) loss |> Result.map ignore<float>
        elif meanNegative.Length <> inner.Length then
            Error(HindsightError.WrongDimension("meanNegative", meanNegative.Length, inner.Length))
        elif target.Length <> inner.Length then
            Error(HindsightError.WrongDimension("target", target.Length, inner.Length))
        else
            for a in 0 .. inner.Length - 1 do
                // u L for u >= 0, u (L - H) for u < 0: never negative before the mean is added
                let u = inner[a]
                let tame = if u >= 0.0 then u * loss else u * (loss - ceiling)
                target[a] <- tame + ceiling * meanNegative[a]

            Ok()
