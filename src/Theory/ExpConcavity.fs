namespace Hindsight

[<NoComparison>]
type FiniteMixture =
    {
        Weights: float[]
        Predictions: float[]
    }

namespace Hindsight.FSharp

open System
open Hindsight

module private RatioSearch =
    let ratio = 0.5 * (sqrt 5.0 - 1.0)

    /// The least value of a quasi-convex function on [low, high], and where, by golden sections.
    let golden steps (f: float -> float) (low: float) (high: float) : struct (float * float) =
        let mutable a = low
        let mutable b = high
        let mutable c = b - ratio * (b - a)
        let mutable d = a + ratio * (b - a)
        let mutable fc = f c
        let mutable fd = f d

        for _ in 1..steps do
            if fc <= fd then
                b <- d
                d <- c
                fd <- fc
                c <- b - ratio * (b - a)
                fc <- f c
            else
                a <- c
                c <- d
                fc <- fd
                d <- a + ratio * (b - a)
                fd <- f d

        [| low; high; c; d |]
        |> Array.map (fun x -> struct (x, f x))
        |> Array.minBy (fun (struct (_, value)) -> value)

    /// First error of a check on every element.
    let every (check: int -> 'A -> Result<'B, HindsightError>) (values: 'A[]) : Result<unit, HindsightError> =
        values
        |> Array.indexed
        |> Array.fold
            (fun state (i, value) -> state |> Result.bind (fun () -> check i value |> Result.map (fun _ -> ())))
            (Ok())

    let interval low high =
        result {
            let! low = Require.finite "low" low
            let! high = Require.finite "high" high
            let! length = Require.positive "high - low" (high - low)
            return length
        }

[<RequireQualifiedAccess>]
module LossConstants =
    let private labelCells = 64
    let private scoreCells = 512

    let private bounded argument (whole: Domain) (part: Domain) =
        let fits (x: float) = Double.IsFinite x && whole.Contains x

        if
            fits part.Low
            && fits part.High
            && (part.Low < part.High || (part.Low = part.High && argument = "labels"))
        then
            Ok()
        else
            Error(
                HindsightError.OutOfRange(
                    argument,
                    string part,
                    $"a bounded interval within {whole}, both ends included"
                )
            )

    let private points cells (domain: Domain) =
        if domain.EndsOnly then
            [| domain.Low; domain.High |]
        else
            Array.init (cells + 1) (fun i -> domain.Low + (domain.High - domain.Low) * float i / float cells)

    /// The least value on the grid, then golden sections around it, in the score and in the label in turn.
    let private refine (labels: Domain) (scores: Domain) (ratio: float -> float -> float) labelPoints scorePoints =
        let struct (atLabel, atScore, onGrid) =
            Array.allPairs labelPoints scorePoints
            |> Array.map (fun (label, score) -> struct (label, score, ratio label score))
            |> Array.minBy (fun (struct (_, _, value)) -> value)

        let around cells (domain: Domain) centre f =
            let step = (domain.High - domain.Low) / float cells
            RatioSearch.golden 60 f (max domain.Low (centre - step)) (min domain.High (centre + step))

        let mutable label = atLabel
        let mutable score = atScore
        let mutable least = onGrid

        for _ in 1..3 do
            let struct (better, value) = around scoreCells scores score (ratio label)
            score <- better
            least <- min least value

            if not labels.EndsOnly then
                let struct (better, value) = around labelCells labels label (fun y -> ratio y score)
                label <- better
                least <- min least value

        least

    let expConcavity (loss: ILoss) (labels: Domain) (scores: Domain) =
        let metadata = loss.Metadata

        let ratio label score =
            let struct (_, slope, curvature) = Loss.jet loss label score

            if curvature < 0.0 then 0.0
            elif slope = 0.0 then infinity
            else curvature / (slope * slope)

        result {
            do! bounded "labels" metadata.Label labels
            do! bounded "scores" metadata.Score scores

            return refine labels scores ratio (points labelCells labels) (points scoreCells scores)
        }

[<RequireQualifiedAccess>]
module ExpConcavity =
    let squared low high =
        RatioSearch.interval low high |> Result.map (fun length -> 1.0 / (2.0 * length * length))

    let logistic bound =
        Require.nonNegative "bound" bound |> Result.map (fun b -> exp -b)

    let exponential bound = logistic bound

    let crossEntropy label bound =
        result {
            let! y = Require.inside "label" Domain.Unit label
            let! b = Require.nonNegative "bound" bound

            // s (1-s)/(s - y)^2 falls away from s = y on both sides
            let at (u: float) =
                let struct (right, wrong) = Scalar.sigmoids u
                let difference = right * (1.0 - y) - wrong * y
                right * wrong / (difference * difference)

            return min (at b) (at -b)
        }

[<RequireQualifiedAccess>]
module Mixability =
    let squared low high =
        RatioSearch.interval low high |> Result.map (fun length -> 2.0 / (length * length))

    let logLoss = 1.0
    let brier = 1.0
    let hellinger = sqrt 2.0

    let private check (loss: ILoss) (outcomes: float[]) (mixture: FiniteMixture) =
        let metadata = loss.Metadata

        result {
            let! _ = Require.atLeast "outcomes length" 1 outcomes.Length
            let! _ = Require.atLeast "predictions length" 1 mixture.Predictions.Length
            do! Require.length "weights" mixture.Predictions.Length mixture.Weights.Length
            do! outcomes |> RatioSearch.every (fun i -> Require.inside $"outcomes[{i}]" metadata.Label)

            do!
                mixture.Predictions
                |> RatioSearch.every (fun i -> Require.inside $"predictions[{i}]" metadata.Score)

            do! mixture.Weights |> RatioSearch.every (fun i -> Require.nonNegative $"weights[{i}]")
            let! _ = Require.positive "sum of weights" (Array.sum mixture.Weights)
            return ()
        }

    /// -(1/eta) ln sum w_i e^(-eta l_i), shifted by the least loss that has weight.
    let private generalised (eta: float) (weights: float[]) (losses: float[]) =
        let least =
            Array.fold2 (fun least w l -> if w > 0.0 then min least l else least) infinity weights losses

        let mutable sum = 0.0

        for i in 0 .. losses.Length - 1 do
            if weights[i] > 0.0 then
                sum <- sum + weights[i] * exp (-eta * (losses[i] - least))

        least - log sum / eta

    let private slackOf (loss: ILoss) (outcomes: float[]) (eta: float) (mixture: FiniteMixture) =
        let total = Array.sum mixture.Weights
        let weights = mixture.Weights |> Array.map (fun w -> w / total)

        let bars =
            outcomes
            |> Array.map (fun y -> mixture.Predictions |> Array.map (Loss.value loss y) |> generalised eta weights)

        let worst p =
            Array.fold2 (fun worst y bar -> max worst (Loss.value loss y p - bar)) -infinity outcomes bars

        let low = Array.min mixture.Predictions
        let high = Array.max mixture.Predictions
        let struct (_, value) = RatioSearch.golden 90 worst low high
        value

    let slack loss outcomes eta mixture =
        result {
            let! eta = Require.positive "eta" eta
            do! check loss outcomes mixture
            return slackOf loss outcomes eta mixture
        }

    let private tolerance = 1e-12

    /// The largest number not violated, to 50 bits of the interval; low is not, high is.
    let private bisect violated (low: float) (high: float) =
        let mutable low = low
        let mutable high = high

        for _ in 1..50 do
            let middle = 0.5 * (low + high)
            if violated middle then high <- middle else low <- middle

        low

    let largest (loss: ILoss) (outcomes: float[]) most (mixtures: FiniteMixture[]) =
        result {
            let! most = Require.positive "most" most
            let! _ = Require.atLeast "mixtures length" 1 mixtures.Length
            do! mixtures |> RatioSearch.every (fun _ -> check loss outcomes)

            let largestLoss =
                mixtures
                |> Array.collect (fun m -> Array.allPairs outcomes m.Predictions)
                |> Array.map (fun (y, p) -> abs (Loss.value loss y p))
                |> Array.max

            let violated eta =
                mixtures |> Array.exists (fun m -> slackOf loss outcomes eta m > tolerance * (1.0 + largestLoss))

            return if violated most then bisect violated 0.0 most else most
        }
