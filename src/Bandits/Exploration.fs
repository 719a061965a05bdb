namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Igw =
    /// Checks the lengths; the least prediction and how many arms share it.
    let private least (predictions: ReadOnlySpan<float>) (outputs: int) : struct (float * float) =
        Require.ok (Require.atLeast "predictions.Length" 1 predictions.Length) |> ignore<int>
        Require.ok (Require.length "probabilities" predictions.Length outputs)
        let mutable best = predictions[0]
        let mutable ties = 0

        for a in 0 .. predictions.Length - 1 do
            if predictions[a] < best then
                best <- predictions[a]
                ties <- 1
            elif predictions[a] = best then
                ties <- ties + 1

        struct (best, float ties)

    /// Minimisers share a mass of 1; everybody else has 0.
    let greedy (predictions: ReadOnlySpan<float>) (probabilities: Span<float>) : unit =
        let struct (best, ties) = least predictions probabilities.Length

        for a in 0 .. predictions.Length - 1 do
            probabilities[a] <- if predictions[a] = best then 1.0 / ties else 0.0

    /// 1/(K + g) with g = gamma gap/scale. What an arm falls short of 1/K, 1/K - 1/(K + g) = 1/(K (1 + K/g)), goes to the minimisers:
    /// nothing is subtracted, so they have at least 1/K in floating point too, and g = 0 and g = inf need no case of their own.
    let private fixedWeights
        (predictions: ReadOnlySpan<float>)
        (gamma: float)
        (reweighted: bool)
        (probabilities: Span<float>)
        : unit =
        let struct (best, ties) = least predictions probabilities.Length
        let k = float predictions.Length
        let scale = if reweighted then max best 0.0 else 1.0

        if gamma = 0.0 then
            probabilities.Fill(1.0 / k)
        else
            let mutable shortfall = 0.0

            for a in 0 .. predictions.Length - 1 do
                if predictions[a] <> best then
                    let g = gamma * ((predictions[a] - best) / scale)
                    probabilities[a] <- 1.0 / (k + g)
                    shortfall <- shortfall + 1.0 / (k * (1.0 + k / g))

            let share = 1.0 / k + shortfall / ties

            for a in 0 .. predictions.Length - 1 do
                if predictions[a] = best then
                    probabilities[a] <- share

    /// 1/(lambda + g) with the lambda at which S(lambda) = sum 1/(lambda + g) is 1. 1/S is increasing and concave (a harmonic mean), so Newton's
    /// method on 1/S - 1 from lambda = number of minimisers, where S >= 1, rises to the root and never passes it.
    let private exactWeights
        (predictions: ReadOnlySpan<float>)
        (gamma: float)
        (reweighted: bool)
        (probabilities: Span<float>)
        : float =
        let struct (best, ties) = least predictions probabilities.Length
        let k = float predictions.Length
        let scale = if reweighted then max best 0.0 else 1.0

        if gamma = 0.0 then
            probabilities.Fill(1.0 / k)
            k
        else
            for a in 0 .. predictions.Length - 1 do
                probabilities[a] <-
                    if predictions[a] = best then
                        0.0
                    else
                        gamma * ((predictions[a] - best) / scale)

            let mutable lambda = ties
            let mutable rising = true

            while rising do
                let mutable sum = 0.0
                let mutable squares = 0.0

                for a in 0 .. predictions.Length - 1 do
                    let p = 1.0 / (lambda + probabilities[a])
                    sum <- sum + p
                    squares <- squares + p * p

                let next = Math.Min(k, lambda + sum * (sum - 1.0) / squares)
                rising <- next > Math.BitIncrement lambda
                lambda <- Math.Max(lambda, next)

            let mutable sum = 0.0

            for a in 0 .. predictions.Length - 1 do
                probabilities[a] <- 1.0 / (lambda + probabilities[a])
                sum <- sum + probabilities[a]

            for a in 0 .. predictions.Length - 1 do
                probabilities[a] <- probabilities[a] / sum

            lambda

    let fixedMu (predictions: ReadOnlySpan<float>) (gamma: float) (probabilities: Span<float>) : unit =
        fixedWeights predictions gamma false probabilities

    let exact (predictions: ReadOnlySpan<float>) (gamma: float) (probabilities: Span<float>) : float =
        exactWeights predictions gamma false probabilities

    let reweighted (predictions: ReadOnlySpan<float>) (gamma: float) (probabilities: Span<float>) : unit =
        fixedWeights predictions gamma true probabilities

    let reweightedExact (predictions: ReadOnlySpan<float>) (gamma: float) (probabilities: Span<float>) : float =
        exactWeights predictions gamma true probabilities

    let decisionValue (predictions: ReadOnlySpan<float>) (c: float) (probabilities: ReadOnlySpan<float>) : float =
        Require.ok (Require.length "probabilities" predictions.Length probabilities.Length)
        let mutable mean = 0.0
        let mutable worst = Double.NegativeInfinity

        for a in 0 .. predictions.Length - 1 do
            let p = probabilities[a]
            mean <- mean + p * predictions[a]

            // a certain arm hides nothing, whatever c
            let hidden =
                if p >= 1.0 then 0.0
                elif p = 0.0 then Double.PositiveInfinity
                else (1.0 - p) / (4.0 * c * p)

            worst <- Math.Max(worst, hidden - predictions[a])

        mean + worst

/// Thompson sampling with independent normal marginals: the chance of each arm to draw the least, by Gauss-Legendre panels.
module internal Thompson =
    open System.Buffers
    open MathNet.Numerics
    open MathNet.Numerics.Integration

    /// Standard deviations beyond which a normal has no mass that matters (6e-16).
    let private Reach = 8.0

    let private nodes, private weights =
        let rule = GaussLegendreRule(-1.0, 1.0, 16)
        Array.copy rule.Abscissas, Array.copy rule.Weights

    /// P_a = int h_a(x) prod_b Q_b(x) dx, with Q the chance of a draw above x and h = density/Q. The integral ends at <c>limit</c>: the least upper end of
    /// any arm's mass (or the least certain cost), beyond which some Q is 0. Positions are kept relative to the arm that sets it, so that narrow arms keep
    /// their digits. A panel is no wider than two deviations of the narrowest arm that has mass in it.
    let distribution
        (means: ReadOnlySpan<float>)
        (widths: ReadOnlySpan<float>)
        (gamma: float)
        (probabilities: Span<float>)
        : unit =
        let k = means.Length
        Require.ok (Require.length "widths" k widths.Length)
        Require.ok (Require.length "probabilities" k probabilities.Length)
        let buffer = ArrayPool<float>.Shared.Rent(2 * k)
        let sigma = Span(buffer, 0, k)
        let hazard = Span(buffer, k, k)
        let mutable origin = 0.0
        let mutable limit = Double.PositiveInfinity
        let mutable first = Double.PositiveInfinity

        for a in 0 .. k - 1 do
            // widths whose density would overflow or underflow count as none and as the widest
            let width = gamma * widths[a]
            sigma[a] <- if width < 1e-290 then 0.0 else Math.Min(width, 1e290)

            if means[a] - origin + Reach * sigma[a] < limit then
                origin <- means[a]
                limit <- Reach * sigma[a]

        for a in 0 .. k - 1 do
            if sigma[a] > 0.0 then
                first <- Math.Min(first, means[a] - origin - Reach * sigma[a])

        probabilities.Clear()
        let mutable x = first

        while x < limit do
            let mutable next = limit

            for a in 0 .. k - 1 do
                if sigma[a] > 0.0 then
                    let start = means[a] - origin - Reach * sigma[a]
                    next <- Math.Min(next, (if x >= start then x + 2.0 * sigma[a] else start))

            if next <= x then
                next <- limit // no room left between two floats

            let half = 0.5 * (next - x)
            let middle = x + half

            for i in 0 .. nodes.Length - 1 do
                let at = middle + half * nodes[i]
                let mutable above = half * weights[i]

                for a in 0 .. k - 1 do
                    hazard[a] <- 0.0

                    if sigma[a] > 0.0 then
                        let z = (at - (means[a] - origin)) / sigma[a]

                        if z > -Reach then
                            let q = 0.5 * SpecialFunctions.Erfc(z / Constants.Sqrt2)
                            hazard[a] <- Constants.InvSqrt2Pi * Math.Exp(-0.5 * z * z) / (sigma[a] * q)
                            above <- above * q

                for a in 0 .. k - 1 do
                    probabilities[a] <- probabilities[a] + hazard[a] * above

            x <- next

        // certain costs at the limit win if nothing falls below them
        let mutable ties = 0.0
        let mutable above = 1.0

        for a in 0 .. k - 1 do
            if sigma[a] > 0.0 then
                above <- above * 0.5 * SpecialFunctions.Erfc((limit - (means[a] - origin)) / sigma[a] / Constants.Sqrt2)
            elif means[a] - origin <= limit then
                ties <- ties + 1.0

        let mutable sum = 0.0

        for a in 0 .. k - 1 do
            if sigma[a] = 0.0 && means[a] - origin <= limit then
                probabilities[a] <- above / ties

            sum <- sum + probabilities[a]

        for a in 0 .. k - 1 do
            probabilities[a] <- probabilities[a] / sum

        ArrayPool<float>.Shared.Return buffer

namespace Hindsight

open System
open Hindsight.FSharp

type IExplorationRule =
    abstract Name: string
    abstract NeedsWidths: bool
    abstract Clips: bool

    abstract Distribution:
        predictions: ReadOnlySpan<float> * widths: ReadOnlySpan<float> * gamma: float * probabilities: Span<float> ->
            unit

    abstract Price: predictions: ReadOnlySpan<float> * gamma: float * probabilities: ReadOnlySpan<float> -> float

[<Sealed>]
type InverseGapWeighting(normalization: Normalization) =
    interface IExplorationRule with
        member _.Name =
            if normalization = Normalization.Exact then
                "igw-exact"
            else
                "igw"

        member _.NeedsWidths = false
        member _.Clips = false

        member _.Distribution(predictions, _, gamma, probabilities) =
            if normalization = Normalization.Exact then
                Igw.exact predictions gamma probabilities |> ignore<float>
            else
                Igw.fixedMu predictions gamma probabilities

        member _.Price(predictions, gamma, probabilities) =
            Igw.decisionValue predictions (gamma / 4.0) probabilities

[<Sealed>]
type ReweightedInverseGapWeighting(normalization: Normalization) =
    interface IExplorationRule with
        member _.Name =
            if normalization = Normalization.Exact then
                "reweighted-igw-exact"
            else
                "reweighted-igw"

        member _.NeedsWidths = false
        member _.Clips = true

        member _.Distribution(predictions, _, gamma, probabilities) =
            if normalization = Normalization.Exact then
                Igw.reweightedExact predictions gamma probabilities |> ignore<float>
            else
                Igw.reweighted predictions gamma probabilities

        member _.Price(predictions, gamma, probabilities) =
            Igw.decisionValue predictions (gamma / 4.0) probabilities

[<Sealed>]
type EpsilonGreedyRule() =
    interface IExplorationRule with
        member _.Name = "epsilon-greedy"
        member _.NeedsWidths = false
        member _.Clips = false

        member _.Distribution(predictions, _, gamma, probabilities) =
            let epsilon = Math.Min(gamma, 1.0)
            Igw.greedy predictions probabilities

            for a in 0 .. probabilities.Length - 1 do
                probabilities[a] <- epsilon / float probabilities.Length + (1.0 - epsilon) * probabilities[a]

        member _.Price(_, _, _) = Double.PositiveInfinity

[<Sealed>]
type GreedyRule() =
    interface IExplorationRule with
        member _.Name = "greedy"
        member _.NeedsWidths = false
        member _.Clips = false

        member _.Distribution(predictions, _, _, probabilities) = Igw.greedy predictions probabilities

        member _.Price(_, _, _) = Double.PositiveInfinity

[<Sealed>]
type UniformRule() =
    interface IExplorationRule with
        member _.Name = "uniform"
        member _.NeedsWidths = false
        member _.Clips = false

        member _.Distribution(predictions, _, _, probabilities) =
            Igw.fixedMu predictions 0.0 probabilities

        member _.Price(_, _, _) = Double.PositiveInfinity

[<Sealed>]
type LowerConfidenceRule() =
    interface IExplorationRule with
        member _.Name = "lower-confidence"
        member _.NeedsWidths = true
        member _.Clips = false

        member _.Distribution(predictions, widths, gamma, probabilities) =
            Require.ok (Require.length "widths" predictions.Length widths.Length)
            Require.ok (Require.length "probabilities" predictions.Length probabilities.Length)

            for a in 0 .. predictions.Length - 1 do
                probabilities[a] <- predictions[a] - gamma * widths[a]

            Igw.greedy (Span.op_Implicit probabilities) probabilities

        member _.Price(_, _, _) = Double.PositiveInfinity

[<Sealed>]
type ThompsonRule() =
    interface IExplorationRule with
        member _.Name = "thompson"
        member _.NeedsWidths = true
        member _.Clips = false

        member _.Distribution(predictions, widths, gamma, probabilities) =
            Thompson.distribution predictions widths gamma probabilities

        member _.Price(_, _, _) = Double.PositiveInfinity

type GammaSchedule =
    | Constant = 0
    | Power = 1
    | SquareTheorem = 2
    | FastTheorem = 3

[<NoComparison>]
type GammaOptions =
    {
        Kind: GammaSchedule
        Scale: float
        Exponent: float
        Horizon: float
        OracleRegret: float
        Delta: float
    }

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Gamma =
    let at (options: GammaOptions) (round: int64) (arms: int) (cumulativeCost: float) =
        let gamma =
            match options.Kind with
            | GammaSchedule.Power -> options.Scale * Math.Pow(float (max 1L round), options.Exponent)
            | GammaSchedule.SquareTheorem ->
                Require.ok (SquareCB.gamma arms options.Horizon options.OracleRegret options.Delta)
            | GammaSchedule.FastTheorem -> Require.ok (FastCB.gamma arms cumulativeCost options.OracleRegret)
            | _ -> options.Scale

        Math.Min(gamma, Double.MaxValue)

    let validate (options: GammaOptions) =
        match options.Kind with
        | GammaSchedule.Constant -> Require.nonNegative "Scale" options.Scale |> Result.map (fun _ -> options)
        | GammaSchedule.Power ->
            result {
                let! _ = Require.nonNegative "Scale" options.Scale
                let! _ = Require.finite "Exponent" options.Exponent
                return options
            }
        | GammaSchedule.SquareTheorem ->
            result {
                let! _ = Require.positive "Horizon" options.Horizon
                let! _ = Require.nonNegative "OracleRegret" options.OracleRegret
                let! _ = Require.confidence "Delta" options.Delta
                return options
            }
        | GammaSchedule.FastTheorem ->
            Require.positive "OracleRegret" options.OracleRegret |> Result.map (fun _ -> options)
        | kind ->
            Error(HindsightError.OutOfRange("Kind", string (int kind), "Constant, Power, SquareTheorem or FastTheorem"))
