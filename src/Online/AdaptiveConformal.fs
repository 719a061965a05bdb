namespace Hindsight

[<Struct; NoComparison>]
type AdaptiveConformalState =
    internal
        {
            alpha: float
            gamma: float
            initial: float
            level: float
            rounds: int64
            misses: int64
        }

    member state.Alpha = state.alpha
    member state.Gamma = state.gamma
    member state.Initial = state.initial
    member state.Level = state.level
    member state.Rounds = state.rounds
    member state.Misses = state.misses

[<Struct; NoComparison>]
type QuantileTrackingState =
    internal
        {
            alpha: float
            eta: float
            most: float
            threshold: float
            rounds: int64
            misses: int64
        }

    member state.Alpha = state.alpha
    member state.Eta = state.eta
    member state.Most = state.most
    member state.Threshold = state.threshold
    member state.Rounds = state.rounds
    member state.Misses = state.misses

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module AdaptiveConformal =
    let start alpha gamma initial : Result<AdaptiveConformalState, HindsightError> =
        result {
            let! alpha = Require.inside "alpha" (BoundCalculator.between 0.0 1.0) alpha
            let! gamma = Require.positive "gamma" gamma
            let! initial = Require.inside "initial" Domain.Unit initial

            return
                ({
                    alpha = alpha
                    gamma = gamma
                    initial = initial
                    level = initial
                    rounds = 0L
                    misses = 0L
                }
                : AdaptiveConformalState)
        }

    let threshold scores (state: AdaptiveConformalState) =
        if state.level <= 0.0 then Ok infinity
        elif state.level >= 1.0 then Ok -infinity
        else Conformal.threshold state.level scores

    let step miss (state: AdaptiveConformalState) : Result<AdaptiveConformalState, HindsightError> =
        if miss && state.level <= 0.0 then
            Error(HindsightError.Incompatible "At a level of at most 0 the set is everything and cannot miss.")
        elif not miss && state.level >= 1.0 then
            Error(HindsightError.Incompatible "At a level of at least 1 the set is empty and cannot hit.")
        else
            Ok
                { state with
                    level = state.level + state.gamma * (state.alpha - (if miss then 1.0 else 0.0))
                    rounds = state.rounds + 1L
                    misses = state.misses + (if miss then 1L else 0L)
                }

    let stepScore score threshold state =
        if Double.IsFinite score && not (Double.IsNaN threshold) then
            step (score > threshold) state
        else
            Require.finite "score" score
            |> Result.bind (fun _ -> Error(HindsightError.OutOfRange("threshold", "NaN", "a number")))

    let bound (state: AdaptiveConformalState) =
        if state.rounds = 0L then
            Error(HindsightError.Incompatible "There is no share of misses before the first round.")
        else
            Conformal.adaptiveError (float state.rounds) state.gamma state.initial

[<RequireQualifiedAccess>]
module QuantileTracking =
    let start alpha eta most initial : Result<QuantileTrackingState, HindsightError> =
        result {
            let! alpha = Require.inside "alpha" (BoundCalculator.between 0.0 1.0) alpha
            let! eta = Require.positive "eta" eta
            let! most = Require.positive "most" most
            let! initial = Require.inside "initial" (Domain.Closed(0.0, most)) initial

            return
                ({
                    alpha = alpha
                    eta = eta
                    most = most
                    threshold = initial
                    rounds = 0L
                    misses = 0L
                }
                : QuantileTrackingState)
        }

    let step (score: float) (state: QuantileTrackingState) : Result<QuantileTrackingState, HindsightError> =
        if score >= 0.0 && score <= state.most then
            let miss = if score > state.threshold then 1.0 else 0.0

            Ok
                { state with
                    threshold = state.threshold + state.eta * (miss - state.alpha)
                    rounds = state.rounds + 1L
                    misses = state.misses + int64 miss
                }
        else
            Require.inside "score" (Domain.Closed(0.0, state.most)) score |> Result.map (fun _ -> state)

    let bound (state: QuantileTrackingState) =
        if state.rounds = 0L then
            Error(HindsightError.Incompatible "There is no share of misses before the first round.")
        else
            Conformal.trackingError (float state.rounds) state.eta state.most
