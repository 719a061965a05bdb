namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Substitution =
    let square (atZero: float) (atOne: float) =
        Math.Clamp(0.5 + 0.5 * (atZero - atOne), 0.0, 1.0)

    let brier (generalised: float[]) =
        result {
            let! _ = Require.atLeast "generalised length" 1 generalised.Length
            do! Require.allFinite "generalised" (ReadOnlySpan generalised)

            // the k least losses are in use: k s - their sum = 2
            let sorted = Array.sort generalised
            let sums = Array.scan (+) 0.0 sorted |> Array.tail

            let level = Array.init sorted.Length (fun k -> (2.0 + sums[k]) / float (k + 1)) |> Array.min

            return generalised |> Array.map (fun g -> 0.5 * max 0.0 (level - g))
        }

namespace Hindsight

open System
open Hindsight.FSharp

[<RequireQualifiedAccess>]
type private GameKind =
    | Square
    | Log

[<Sealed; NoComparison; NoEquality>]
type AggregatingGame private (kind: GameKind, labels: Domain, predictions: Domain, eta: float) =
    static let logGame = AggregatingGame(GameKind.Log, Domain.Unit, Domain.Open(0.0, 1.0), Mixability.logLoss)

    static member Square(low: float, high: float) =
        let eta = Mixability.squared low high |> Require.ok
        let domain = Domain.Closed(low, high)
        AggregatingGame(GameKind.Square, domain, domain, eta)

    static member Log = logGame

    member _.Name =
        match kind with
        | GameKind.Square -> "square"
        | GameKind.Log -> "log"

    member _.Labels = labels
    member _.Predictions = predictions
    member _.Eta = eta

    member _.Loss(label: float, prediction: float) =
        match kind with
        | GameKind.Square -> (label - prediction) * (label - prediction)
        | GameKind.Log ->
            // 0 times a logarithm is 0: predictions lie strictly inside
            -(label * log prediction + (1.0 - label) * Scalar.log1p -prediction)

    member internal game.Substitute(weights: float[], predictions: float[]) =
        match kind with
        | GameKind.Square ->
            let length = labels.High - labels.Low
            let units = predictions |> Array.map (fun p -> (p - labels.Low) / length)

            // eta of the unit interval; the shift keeps the largest term at its weight or above
            let generalised (y: float) =
                let losses = units |> Array.map (fun p -> (y - p) * (y - p))
                let least = Array.min losses
                let sum = Array.fold2 (fun s w l -> s + w * exp (-2.0 * (l - least))) 0.0 weights losses
                least - 0.5 * log sum

            let p = Substitution.square (generalised 0.0) (generalised 1.0)
            Math.Clamp(labels.Low + length * p, labels.Low, labels.High)
        | GameKind.Log ->
            let mean = Array.fold2 (fun s w p -> s + w * p) 0.0 weights predictions
            // rounding must not carry the mixture to 0 or 1
            Math.Clamp(mean, Array.min predictions, Array.max predictions)

[<Sealed; NoComparison; NoEquality>]
type AggregatingState internal (game: AggregatingGame, rounds: int64, learner: float, experts: float[]) =
    member _.Game = game
    member _.Experts = experts.Length
    member _.Rounds = rounds
    member _.LearnerLoss = learner
    member _.ExpertLosses = Array.copy experts
    member _.Regret = learner - Array.min experts
    member internal _.Losses = experts

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module AggregatingAlgorithm =
    let start game experts =
        Require.atLeast "experts" 1 experts
        |> Result.map (fun n -> AggregatingState(game, 0L, 0.0, Array.zeroCreate n))

    let weights (state: AggregatingState) =
        let losses = state.Losses
        let least = Array.min losses
        let raw = losses |> Array.map (fun l -> exp (-state.Game.Eta * (l - least)))
        let sum = Array.sum raw
        raw |> Array.map (fun w -> w / sum)

    let private checkedPredictions (predictions: float[]) (state: AggregatingState) =
        result {
            do! Require.length "predictions" state.Experts predictions.Length

            let bad =
                predictions
                |> Array.tryFindIndex (fun p -> not (Double.IsFinite p && state.Game.Predictions.Contains p))

            match bad with
            | None -> return ()
            | Some i ->
                let! _ = Require.inside $"predictions[{i}]" state.Game.Predictions predictions[i]
                return ()
        }

    let predict (predictions: ReadOnlySpan<float>) (state: AggregatingState) =
        let predictions = predictions.ToArray()

        checkedPredictions predictions state
        |> Result.map (fun () -> state.Game.Substitute(weights state, predictions))

    let step label (predictions: ReadOnlySpan<float>) (state: AggregatingState) =
        let game = state.Game
        let predictions = predictions.ToArray()

        result {
            let! label = Require.inside "label" game.Labels label
            do! checkedPredictions predictions state
            let prediction = game.Substitute(weights state, predictions)
            let losses = Array.map2 (fun total p -> total + game.Loss(label, p)) state.Losses predictions

            return AggregatingState(game, state.Rounds + 1L, state.LearnerLoss + game.Loss(label, prediction), losses)
        }

    let regretBound (state: AggregatingState) : Bound =
        let length = state.Game.Labels.High - state.Game.Labels.Low
        let bound = Experts.aggregating state.Experts state.Game.Eta |> Require.ok

        { bound with
            Assumptions =
                [|
                    BoundCalculator.byConstruction
                        "the loss is eta-mixable"
                        $"{state.Game.Name} game: labels and predictions outside its domains are refused"
                |]
            // square loss: a round costs at most (high - low)^2; log loss has no such ceiling
            Trivial =
                if state.Game.Name = "square" then
                    float state.Rounds * length * length
                else
                    infinity
        }
