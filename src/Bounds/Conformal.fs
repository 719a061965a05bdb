namespace Hindsight.FSharp

open System
open System.Collections.Generic
open Hindsight

module private ConformalFormulas =
    open Hindsight.FSharp.Ops

    /// x + u/f - s u^2/(2 f^2) with u = p - number, f the density at x and s its logarithm's slope: the second-order expansion of a quantile.
    let expand<'T when 'T :> IReal<'T> and 'T: struct>
        (x: float)
        (density: float)
        (slope: float)
        (number: float)
        (p: 'T)
        : 'T =
        let u = (p - 'T.Const number) / 'T.Const density
        'T.Const x + u - 'T.Const 0.5 * 'T.Const slope * 'T.Sqr u

    let complement<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Const 1.0 - x

    let share<'T when 'T :> IReal<'T> and 'T: struct> (rank: 'T) (n: 'T) : 'T = rank / (n + 'T.Const 1.0)

    let drift<'T when 'T :> IReal<'T> and 'T: struct> (alpha: 'T) (weights: 'T[]) (distances: 'T[]) : 'T =
        let mutable total = 'T.Const 1.0
        let mutable lost = 'T.Const 0.0

        for struct (w, d) in Array.map2 (fun w d -> struct (w, d)) weights distances do
            total <- total + w
            lost <- lost + w * d

        'T.Const 1.0 - alpha - lost / total

    let jackknife<'T when 'T :> IReal<'T> and 'T: struct> (alpha: 'T) : 'T = 'T.Const 1.0 - 'T.Const 2.0 * alpha

    let crossValidation<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (alpha: 'T) : 'T =
        'T.Const 1.0 - 'T.Const 2.0 * alpha - 'T.Sqrt('T.Const 2.0 / n)

    let allowed<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (alpha: 'T) (most: 'T) : 'T =
        ((n + 'T.Const 1.0) * alpha - most) / n

    let adaptive<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (gamma: 'T) (initial: 'T) : 'T =
        ('T.Max(initial, 'T.Const 1.0 - initial) + gamma) / (gamma * horizon)

    let tracking<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (eta: 'T) (most: 'T) : 'T =
        (most + eta) / (eta * horizon)

module internal BetaQuantile =
    open MathNet.Numerics
    open MathNet.Numerics.Distributions

    /// The quantile in floats: MathNet's start, then bisection on the regularized incomplete beta function to the last digits.
    let private quantile (a: float) (b: float) (p: float) =
        let at x =
            SpecialFunctions.BetaRegularized(a, b, x)

        let mutable low = 0.0
        let mutable high = 1.0
        let mutable round = 0

        while round < 200 && high - low > 1e-16 * high do
            round <- round + 1
            let middle = 0.5 * (low + high)
            if at middle <= p then low <- middle else high <- middle

        0.5 * (low + high)

    let private expanded (a: float) (b: float) x number probability =
        if x <= 0.0 || x >= 1.0 then
            None
        else
            let density = exp (Beta.PDFLn(a, b, x))
            let slope = (a - 1.0) / x - (b - 1.0) / (1.0 - x)

            if density > 0.0 && Double.IsFinite density then
                Some(ConformalFormulas.expand x density slope number probability)
            else
                None

    let at<'T when 'T :> IReal<'T> and 'T: struct> a b number (probability: 'T) : 'T =
        let x = quantile a b number
        expanded a b x number probability |> Option.defaultValue ('T.Const x)

    let above<'T when 'T :> IReal<'T> and 'T: struct> a b number (probability: 'T) : 'T =
        // 1 - x has the law Beta(b, a): its lower tail is this upper one, and accurate
        let complement = quantile b a number

        match expanded b a complement number probability with
        | Some y -> ConformalFormulas.complement y
        | None -> 'T.Const(1.0 - complement)

[<RequireQualifiedAccess>]
module Conformal =
    let private alphaDomain = BoundCalculator.between 0.0 1.0

    /// ceiling((n+1)(1-alpha)) with room for the rounding of decimals.
    let private rankOf (n: int) (alpha: float) =
        let exact = float (n + 1) * (1.0 - alpha)
        Math.Clamp(int (Math.Ceiling(exact * (1.0 - 1e-12))), 1, n + 1)

    let rank observations alpha =
        result {
            let! n = Require.atLeast "observations" 1 observations
            let! alpha = Require.inside "alpha" alphaDomain alpha
            return rankOf n alpha
        }

    let private checkedScores name (scores: float[]) =
        result {
            let! _ = Require.atLeast name 1 scores.Length
            do! Require.allFinite name (ReadOnlySpan scores)
        }

    let private kth k (scores: float[]) =
        if k > scores.Length then
            infinity
        else
            (Array.sort scores)[k - 1]

    let threshold alpha (scores: float[]) =
        result {
            let! alpha = Require.inside "alpha" alphaDomain alpha
            do! checkedScores "scores" scores
            return kth (rankOf scores.Length alpha) scores
        }

    let groupThresholds alpha (groups: int[]) (scores: float[]) =
        result {
            let! alpha = Require.inside "alpha" alphaDomain alpha
            do! checkedScores "scores" scores
            do! Require.length "groups" scores.Length groups.Length

            let all =
                Array.zip groups scores
                |> Array.groupBy fst
                |> Array.map (fun (group, members) ->
                    KeyValuePair(group, kth (rankOf members.Length alpha) (members |> Array.map snd)))

            return Dictionary<int, float>(all) :> IReadOnlyDictionary<int, float>
        }

    let weightedThreshold alpha (scores: float[]) (weights: float[]) testWeight =
        result {
            let! alpha = Require.inside "alpha" alphaDomain alpha
            do! checkedScores "scores" scores
            do! Require.length "weights" scores.Length weights.Length

            do!
                (Ok(), weights)
                ||> Array.fold (fun state w ->
                    state |> Result.bind (fun () -> Require.nonNegative "weights" w |> Result.map ignore<float>))

            let! testWeight = Require.positive "testWeight" testWeight
            let order = Array.init scores.Length id |> Array.sortBy (fun i -> scores[i])
            let total = Array.sum weights + testWeight
            let goal = (1.0 - alpha) * total * (1.0 - 1e-12)
            let below = (0.0, order) ||> Array.scan (fun sum i -> sum + weights[i]) |> Array.skip 1

            return
                match below |> Array.tryFindIndex (fun sum -> sum >= goal) with
                | Some i -> scores[order[i]]
                | None -> infinity
        }

    let absoluteScore (label: float) prediction = abs (label - prediction)
    let normalizedScore (label: float) prediction scale = abs (label - prediction) / scale
    let quantileScore (label: float) low high = max (low - label) (label - high)

    let absoluteInterval prediction (threshold: float) =
        struct (prediction - threshold, prediction + threshold)

    let normalizedInterval prediction scale (threshold: float) =
        struct (prediction - threshold * scale, prediction + threshold * scale)

    let quantileInterval low high (threshold: float) =
        struct (low - threshold, high + threshold)

    let jackknifePlus alpha (predictions: float[]) (residuals: float[]) =
        result {
            let! alpha = Require.inside "alpha" alphaDomain alpha
            do! checkedScores "predictions" predictions
            do! Require.length "residuals" predictions.Length residuals.Length
            do! Require.allFinite "residuals" (ReadOnlySpan residuals)
            let k = rankOf predictions.Length alpha
            let high = Array.map2 (fun p r -> p + abs r) predictions residuals |> kth k
            // the mirrored quantile: floor(alpha (n+1)) from below is ceiling((1-alpha)(n+1)) from above
            let low = Array.map2 (fun p r -> abs r - p) predictions residuals |> kth k
            return struct (-low, high)
        }

    let fullContains alpha (scores: float[]) =
        result {
            let! alpha = Require.inside "alpha" alphaDomain alpha
            do! checkedScores "scores" scores
            let own = Array.last scores
            let atLeast = scores |> Seq.filter (fun s -> s >= own) |> Seq.length
            return float atLeast > alpha * float scores.Length * (1.0 + 1e-12)
        }

    let riskControl alpha most (losses: float[][]) =
        result {
            let! most = Require.positive "most" most

            let! alpha =
                Require.inside
                    "alpha"
                    { Domain.Positive with
                        High = most
                        HighClosed = false
                    }
                    alpha

            let! n = Require.atLeast "losses" 1 losses.Length
            let columns = (Array.head losses).Length
            let! _ = Require.atLeast "losses" 1 columns

            do!
                (Ok(), losses)
                ||> Array.fold (fun state row ->
                    state
                    |> Result.bind (fun () -> Require.length "losses" columns row.Length)
                    |> Result.bind (fun () -> Require.allFinite "losses" (ReadOnlySpan row))
                    |> Result.bind (fun () ->
                        if row |> Seq.pairwise |> Seq.exists (fun (a, b) -> b > a) then
                            Error(
                                HindsightError.Incompatible
                                    "Conformal risk control needs losses that never increase in lambda."
                            )
                        else
                            Require.inside
                                "losses"
                                { Domain.Reals with
                                    High = most
                                    HighClosed = true
                                }
                                row[0]
                            |> Result.map ignore<float>))

            let size = float n

            let safe j =
                let total = losses |> Array.sumBy (fun row -> row[j])
                (total + most) / (size + 1.0) <= alpha * (1.0 + 1e-12)

            return!
                match Seq.init columns id |> Seq.tryFind safe with
                | Some j -> Ok j
                | None ->
                    Error(
                        HindsightError.Incompatible
                            $"No lambda is safe enough: the mean loss would have to be at most {(alpha * (size + 1.0) - most) / size}."
                    )
        }

    // ---- calculators ----

    let private exchangeable = BoundCalculator.assumed "calibration and test data are exchangeable"

    let private observations = BoundCalculator.count "observations" "n" "calibration scores" 1.0 99.0

    let private alphaInput =
        BoundCalculator.input "alpha" "alpha" "allowed probability of a miss" alphaDomain 0.1

    let private one (_: BoundInputs<float>) = 1.0
    let private zero (_: BoundInputs<float>) = 0.0

    let private rankNumber (n: float) alpha =
        // as rankOf, for numbers of any size
        Math.Clamp(Math.Ceiling((n + 1.0) * (1.0 - alpha) * (1.0 - 1e-12)), 1.0, n + 1.0)

    let private split =
        {
            Name = "split-conformal"
            Family = "conformal"
            Title = "coverage of split conformal prediction"
            Statement =
                "The set of labels whose score is at most the k-th smallest of n calibration scores, k = ceiling((n+1)(1-alpha)), contains the next label with probability exactly k/(n+1) if scores do not tie, and at least that if they do: from 1 - alpha to 1 - alpha + 1/(n+1)."
            Source =
                "Vovk, Gammerman and Shafer 2005; Lei et al. 2018, Theorem 2; derived here: the rank of the next score is uniform"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Equal
            Inputs = [| observations; alphaInput |]
            Intermediate =
                [|
                    {
                        Symbol = "k"
                        Meaning = "rank of the threshold among the calibration scores"
                    }
                |]
            Text = "ceiling((n + 1)*(1 - alpha))/(n + 1)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let k = 'T.Const(rankNumber (x.Number "n") (x.Number "alpha"))
                        [| ConformalFormulas.share k x["n"]; k |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| exchangeable; BoundCalculator.assumed "scores do not tie" |]
            Trivial = one
            Law = "Split conformal prediction covers with probability k/(n+1), by enumeration"
        }

    let private conditional =
        { split with
            Name = "split-conformal-conditional"
            Title = "coverage of split conformal prediction given the calibration data"
            Statement =
                "Given the calibration data, the set of labels whose score is at most the k-th smallest of n calibration scores contains the next label with a probability that has the law Beta(k, n+1-k): at least its delta-quantile with probability 1 - delta."
            Source = "Vovk 2012; derived here: the k-th smallest of n uniform numbers"
            Kind = BoundKind.HighProbability
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    // the incomplete beta function has its digits up to here
                    { observations with
                        Allowed = Domain.Closed(1.0, 1e7)
                    }
                    BoundCalculator.count "rank" "k" "rank of the threshold among the scores, at most n" 1.0 90.0
                    BoundCalculator.delta
                |]
            Intermediate = [||]
            Text = "the x with P(Beta(k, n + 1 - k) <= x) = delta"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let k = x.Number "k"
                        [| BetaQuantile.at k (x.Number "n" + 1.0 - k) (x.Number "delta") x["delta"] |]
                }
            Check = fun x -> Require.inside "rank" (Domain.Closed(1.0, x["n"])) x["k"] |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "calibration and test data are independent with one law"
                        BoundCalculator.assumed "scores do not tie"
                    |]
            Trivial = zero
            Law = "Coverage given the calibration data has the law Beta(k, n+1-k)"
        }

    let private sameLength first second (x: BoundInputs<float>) =
        if (x.List first).Length = (x.List second).Length then
            Ok()
        else
            Error(HindsightError.WrongDimension("distances", (x.List second).Length, (x.List first).Length))

    let private driftCalculator =
        { split with
            Name = "conformal-drift"
            Title = "coverage of weighted conformal prediction under drift"
            Statement =
                "With weights w_i fixed before the data, weighted conformal prediction covers with probability at least 1 - alpha - sum w_i d_i/(1 + sum w_i), d_i the total variation distance between the data and the data with observation i and the test point exchanged."
            Source = "Barber, Candes, Ramdas and Tibshirani 2023, Theorem 2"
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    alphaInput
                    BoundCalculator.input "weights" "w" "weight of a calibration point" Domain.Unit 1.0
                    |> BoundCalculator.list [| 0.5; 0.7; 0.9; 1.0 |]
                    BoundCalculator.input
                        "distances"
                        "d"
                        "total variation distance of the swap with the test point"
                        Domain.Unit
                        0.1
                    |> BoundCalculator.list [| 0.4; 0.3; 0.2; 0.1 |]
                |]
            Intermediate = [||]
            Text = "1 - alpha - sum_i w_i*d_i/(1 + sum_i w_i)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConformalFormulas.drift x["alpha"] (x.List "w") (x.List "d") |]
                }
            Check = sameLength "w" "d"
            Assumptions = fun _ -> [| BoundCalculator.assumed "weights are fixed before the data" |]
            Trivial = zero
            Law = "Weighted conformal prediction under drift loses at most the weighted distances, by enumeration"
        }

    let private jackknife =
        { split with
            Name = "jackknife-plus"
            Title = "coverage of jackknife+"
            Statement =
                "The jackknife+ interval of a symmetric regression algorithm contains the next label with probability at least 1 - 2 alpha."
            Source = "Barber, Candes, Ramdas and Tibshirani 2021, Theorem 1"
            Direction = BoundDirection.Lower
            Inputs = [| alphaInput |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConformalFormulas.jackknife x["alpha"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        exchangeable
                        BoundCalculator.assumed "the algorithm does not depend on the order of its data"
                    |]
            Trivial = zero
            Law = "Jackknife+ covers with probability at least 1 - 2 alpha, by enumeration"
        }

    let private crossValidation =
        { jackknife with
            Name = "cv-plus"
            Title = "coverage of CV+"
            Statement =
                "The CV+ interval of n observations in folds of one size contains the next label with probability at least 1 - 2 alpha - sqrt(2/n)."
            Source = "Barber, Candes, Ramdas and Tibshirani 2021, Theorem 4"
            Inputs = [| observations; alphaInput |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConformalFormulas.crossValidation x["n"] x["alpha"] |]
                }
            Law = "CV+ covers with probability at least 1 - 2 alpha - sqrt(2/n), by enumeration"
        }

    let private most =
        BoundCalculator.input "most" "B" "largest possible value" Domain.Positive 1.0
        |> BoundCalculator.withDefault 1.0

    let private risk =
        { split with
            Name = "conformal-risk-control"
            Title = "expected loss of conformal risk control"
            Statement =
                "At the first lambda whose mean loss r over n observations has n r/(n+1) + B/(n+1) <= alpha, the expected loss of the next observation is at most alpha, for losses that are at most B and never increase in lambda."
            Source = "Angelopoulos, Bates, Fisch, Lei and Schuster 2024, Theorem 1"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    observations
                    BoundCalculator.input "alpha" "alpha" "allowed expected loss" Domain.Positive 0.1
                    most
                |]
            Intermediate =
                [|
                    {
                        Symbol = "r"
                        Meaning = "largest mean loss of the observations that is safe"
                    }
                |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| x["alpha"]; ConformalFormulas.allowed x["n"] x["alpha"] x["B"] |]
                }
            Assumptions =
                fun x ->
                    [|
                        exchangeable
                        BoundCalculator.assumed
                            "losses are at most B, never increase in lambda, and vanish at some lambda"
                        BoundCalculator.required
                            (x["alpha"] * (x["n"] + 1.0) >= x["B"])
                            "some lambda is safe"
                            "alpha is below B/(n+1), which no sample can show"
                    |]
            Trivial = fun x -> x["B"]
            Law = "Conformal risk control keeps the expected loss, by enumeration"
        }

    let private horizon = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1000.0

    let private adaptive =
        { split with
            Name = "adaptive-conformal"
            Title = "share of misses of adaptive conformal inference"
            Statement =
                "With a_(t+1) = a_t + gamma (alpha - miss_t), everything predicted where a_t <= 0 and nothing where a_t >= 1, the share of misses in T rounds differs from alpha by at most (max(a_1, 1 - a_1) + gamma)/(gamma T) on every sequence."
            Source =
                "Gibbs and Candes 2021, Proposition 4.1; derived here: the steps telescope, and a_t stays in [-gamma, 1 + gamma]"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    horizon
                    BoundCalculator.input "gamma" "gamma" "step" Domain.Positive 0.01
                    BoundCalculator.input "initial" "a1" "first level" Domain.Unit 0.1
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConformalFormulas.adaptive x["T"] x["gamma"] x["a1"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.byConstruction "the level moves by the rule" "adaptive conformal inference"
                    |]
            Law =
                "Adaptive conformal inference misses its share on every sequence (Gibbs and Candes 2021, Proposition 4.1)"
        }

    let private tracking =
        { adaptive with
            Name = "quantile-tracking"
            Title = "share of misses of quantile tracking"
            Statement =
                "With q_(t+1) = q_t + eta (miss_t - alpha) and scores and q_1 in [0, B], the share of rounds whose score exceeds q_t differs from alpha by at most (B + eta)/(eta T) on every sequence."
            Source =
                "Angelopoulos, Candes and Tibshirani 2023, Proposition 1; derived here as for adaptive conformal inference"
            Inputs =
                [|
                    horizon
                    BoundCalculator.input "eta" "eta" "step" Domain.Positive 0.05
                    most
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConformalFormulas.tracking x["T"] x["eta"] x["B"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "scores lie in [0, B]" |]
            Law = "Quantile tracking misses its share on every sequence"
        }

    let calculators =
        [|
            split
            conditional
            driftCalculator
            jackknife
            crossValidation
            risk
            adaptive
            tracking
        |]

    let splitCoverage (observations: int) alpha =
        split |> BoundCalculator.ofNumbers [| float observations; alpha |]

    let conditionalCoverage (observations: int) alpha delta =
        result {
            let! k = rank observations alpha

            return!
                if k > observations then
                    Error(
                        HindsightError.OutOfRange(
                            "alpha",
                            string alpha,
                            $"at least 1/(n+1) = {1.0 / float (observations + 1)}: below it the set is everything"
                        )
                    )
                else
                    conditional |> BoundCalculator.ofNumbers [| float observations; float k; delta |]
        }

    let driftCoverage alpha weights distances =
        driftCalculator |> BoundCalculator.at [| [| alpha |]; weights; distances |]

    let jackknifePlusCoverage alpha =
        jackknife |> BoundCalculator.ofNumbers [| alpha |]

    let cvPlusCoverage (observations: int) alpha =
        crossValidation |> BoundCalculator.ofNumbers [| float observations; alpha |]

    let expectedRisk (observations: int) alpha most =
        risk |> BoundCalculator.ofNumbers [| float observations; alpha; most |]

    let adaptiveError horizon gamma initial =
        adaptive |> BoundCalculator.ofNumbers [| horizon; gamma; initial |]

    let trackingError horizon eta most =
        tracking |> BoundCalculator.ofNumbers [| horizon; eta; most |]
