namespace Hindsight

type Normalization =
    | FixedMu = 0
    | Exact = 1

namespace Hindsight.FSharp

open System
open Hindsight

/// Every closed formula, once, over any scalar.
module private Formulas =
    open Hindsight.FSharp.Ops

    let logRegret<'T when 'T :> IReal<'T> and 'T: struct>
        (factor: float)
        (gradient: 'T)
        (growth: 'T)
        (defect: 'T)
        (horizon: 'T)
        (excess: 'T)
        : 'T =
        'T.Const factor * 'T.Sqr gradient / growth * ('T.Const 1.0 + 'T.Log horizon)
        + 'T.Const 2.0 * defect * horizon
        + 'T.Const 2.0 * excess

    let square<'T when 'T :> IReal<'T> and 'T: struct> (price: 'T) (horizon: 'T) (error: 'T) (gamma: 'T) : 'T =
        price * horizon / gamma + 'T.Const 0.25 * gamma * error

    /// c of the price c/gamma of a round.
    let price<'T when 'T :> IReal<'T> and 'T: struct> (normalization: Normalization) (arms: 'T) : 'T =
        let others = arms - 'T.Const 1.0

        match normalization with
        | Normalization.FixedMu -> 'T.Const 2.0 * others
        | _ -> others

    /// sum E (prediction - f*)^2, with probability 1 - delta/2.
    let squaredError<'T when 'T :> IReal<'T> and 'T: struct> (regret: 'T) (delta: 'T) : 'T =
        'T.Const 2.0 * regret + 'T.Const 16.0 * 'T.Log('T.Const 2.0 / delta)

    let confident<'T when 'T :> IReal<'T> and 'T: struct>
        (price: 'T)
        (horizon: 'T)
        (error: 'T)
        (delta: 'T)
        (gamma: 'T)
        : 'T =
        square price horizon error gamma + 'T.Sqrt('T.Const 2.0 * horizon * 'T.Log('T.Const 2.0 / delta))

    let fast<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (best: 'T) (regret: 'T) (gamma: 'T) : 'T =
        let share = 'T.Const 5.0 * arms / gamma
        (share * best + 'T.Const 14.0 * gamma * regret) / ('T.Const 1.0 - share)

    let fastAtBest<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (best: 'T) (regret: 'T) : 'T =
        'T.Const 40.0 * 'T.Sqrt(arms * best * regret) + 'T.Const 600.0 * arms * regret

/// Rows that several calculators share.
module private Rows =
    let assumed = BoundCalculator.assumed

    let realizable =
        assumed "realizability: the mean cost of every arm is a fixed function of what the oracle sees"

    let onEverySequence =
        assumed "the oracle's regret bound holds on every sequence, the bandit's own included"

    let clipped =
        {
            Name = "predictions lie in [0,1]"
            Status = AssumptionStatus.Assumed
            Detail =
                "true of every oracle with a sigmoid output; re-weighted rules clip, plain inverse gap weighting does not"
        }

    let horizon = BoundCalculator.input "horizon" "T" "rounds" Domain.Positive 1e4
    let arms = BoundCalculator.count "arms" "K" "arms" 2.0 10.0

    let squareRegret =
        BoundCalculator.input "regret" "R" "square-loss regret of the oracle, un-halved" Domain.NonNegative 50.0

    let logRegret =
        BoundCalculator.input "regret" "R" "log-loss regret of the oracle, nats" Domain.NonNegative 50.0

    let best = BoundCalculator.input "best" "L_star" "cost of the best policy" Domain.NonNegative 500.0

    let gamma =
        BoundCalculator.input "gamma" "gamma" "exploration" Domain.Positive 100.0 |> BoundCalculator.free

    let gradient = BoundCalculator.input "gradient" "G" "largest gradient norm" Domain.Positive 1.0

    let growth = BoundCalculator.input "growth" "mu" "quadratic growth" Domain.Positive 0.1

    let defect =
        BoundCalculator.input "defect" "epsilon" "how far from convex" Domain.NonNegative 0.0
        |> BoundCalculator.withDefault 0.0

    let excess =
        BoundCalculator.input
            "comparatorExcess"
            "C"
            "the comparator's loss over the rounds' least losses"
            Domain.NonNegative
            0.0

    let rounds = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4

    /// A regret of costs in [0,1] is at most the horizon.
    let regretTrivial (x: BoundInputs<float>) = x["T"]

[<RequireQualifiedAccess>]
module Qg =
    let private growthRows minimisers step (_: BoundInputs<float>) =
        [|
            Rows.assumed "quadratic growth with constant mu"
            Rows.assumed "convex up to epsilon from the iterate to the comparator"
            Rows.assumed minimisers
            BoundCalculator.byConstruction "projected gradient descent" $"step {step}"
        |]

    let oneMinimiser =
        {
            Name = "growth-one-minimiser"
            Family = "quadratic-growth"
            Title = "gradient descent under quadratic growth, one minimiser"
            Statement =
                "If every loss is convex up to epsilon from the iterate to u and grows by mu/2 times the squared distance from one common minimiser u, projected gradient descent with step 2/(mu t) has regret against u of at most (2 G^2/mu)(1 + ln T) + 2 epsilon T."
            Source =
                "derived here: twice almost convexity less quadratic growth, and the steps' quadratic terms telescope"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| Rows.gradient; Rows.growth; Rows.defect; Rows.rounds |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Formulas.logRegret 2.0 x["G"] x["mu"] x["epsilon"] x["T"] ('T.Const 0.0) |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = growthRows "one minimiser common to all rounds" "2/(mu t)"
            Trivial = BoundCalculator.noTrivial
            Law = "Online gradient descent under quadratic growth about one common minimiser stays within its bound"
        }

    let ownMinimiser =
        { oneMinimiser with
            Name = "growth"
            Title = "gradient descent under quadratic growth"
            Statement =
                "If every loss is convex up to epsilon from the iterate to the comparator and grows by mu/2 times the squared distance from a unique minimiser of its own, projected gradient descent with step 4/(mu t) has regret against any comparator of at most (4 G^2/mu)(1 + ln T) + 2 epsilon T + 2 C, C the comparator's loss over the rounds' least losses."
            Source =
                "explicit form of Theorem 3.1 of Contextual bandits with online neural regression (arXiv 2312.07145), derived here"
            Inputs = [| Rows.gradient; Rows.growth; Rows.defect; Rows.rounds; Rows.excess |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Formulas.logRegret 4.0 x["G"] x["mu"] x["epsilon"] x["T"] x["C"] |]
                }
            Assumptions = growthRows "a unique minimiser in each round" "4/(mu t)"
            Law = "Online gradient descent under quadratic growth stays within its bound"
        }

    let calculators = [| oneMinimiser; ownMinimiser |]

    let onlineLogRegret gradient growth defect horizon =
        oneMinimiser |> BoundCalculator.ofNumbers [| gradient; growth; defect; horizon |]

    let onlineRegret gradient growth defect horizon comparatorExcess =
        ownMinimiser |> BoundCalculator.ofNumbers [| gradient; growth; defect; horizon; comparatorExcess |]

[<RequireQualifiedAccess>]
module SquareCB =
    let private rule normalization =
        match normalization with
        | Normalization.FixedMu -> "mu = K"
        | _ -> "the exact normalisation"

    let private suffix normalization =
        match normalization with
        | Normalization.FixedMu -> ""
        | _ -> "-exact"

    let private price normalization =
        match normalization with
        | Normalization.FixedMu -> "2 (K-1)"
        | _ -> "(K-1)"

    let private priceTerm =
        {
            Symbol = "c"
            Meaning = "price of a round, times gamma"
        }
        : BoundTerm

    let private rows (_: BoundInputs<float>) =
        [| Rows.realizable; Rows.onEverySequence; Rows.clipped |]

    let private inExpectation normalization =
        {
            Name = $"squarecb{suffix normalization}"
            Family = "bandits"
            Title =
                (match normalization with
                 | Normalization.FixedMu -> "SquareCB regret"
                 | _ -> "SquareCB regret, exact normalisation")
            Statement =
                $"Inverse gap weighting with {rule normalization} over a square-loss oracle of regret R has expected regret of at most {price normalization} T/gamma + (gamma/4) R."
            Source = "derived here from the exact price of a round"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Upper
            Inputs = [| Rows.arms; Rows.horizon; Rows.squareRegret; Rows.gamma |]
            Intermediate = [| priceTerm |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let c = Formulas.price normalization x["K"]
                        [| Formulas.square c x["T"] x["R"] x["gamma"]; c |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = rows
            Trivial = Rows.regretTrivial
            Law =
                "Whatever the predictions and the mean costs, SquareCB's regret is within the bound at the realised error"
        }

    let private withConfidence normalization =
        { inExpectation normalization with
            Name = $"squarecb{suffix normalization}-confidence"
            Statement =
                $"Inverse gap weighting with {rule normalization} over a square-loss oracle of regret R has, with probability 1 - delta, regret of at most {price normalization} T/gamma + (gamma/4)(2 R + 16 ln(2/delta)) + sqrt(2 T ln(2/delta)): Freedman's inequality (step 1/8) on the oracle's excess loss, Azuma's on the draws, delta/2 each."
            Source = "derived here: exact price of a round, Freedman, Azuma"
            Kind = BoundKind.HighProbability
            Inputs =
                [|
                    Rows.arms
                    Rows.horizon
                    Rows.squareRegret
                    Rows.gamma
                    BoundCalculator.delta
                |]
            Intermediate =
                [|
                    priceTerm
                    {
                        Symbol = "E"
                        Meaning = "squared error of the predictions, summed: 2 R + 16 ln(2/delta)"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let c = Formulas.price normalization x["K"]
                        let error = Formulas.squaredError x["R"] x["delta"]
                        [| Formulas.confident c x["T"] error x["delta"] x["gamma"]; c; error |]
                }
            Law = "SquareCB's bound in probability is at most the published one at the published gamma"
        }

    let private choose (fixedMu: 'A) (exact: 'A) normalization =
        match normalization with
        | Normalization.FixedMu -> Ok fixedMu
        | Normalization.Exact -> Ok exact
        | n -> Error(HindsightError.OutOfRange("normalization", string (int n), "FixedMu or Exact"))

    let private fixedMu = inExpectation Normalization.FixedMu
    let private exact = inExpectation Normalization.Exact
    let private fixedMuConfidence = withConfidence Normalization.FixedMu
    let private exactConfidence = withConfidence Normalization.Exact
    let calculators = [| fixedMu; exact; fixedMuConfidence; exactConfidence |]
    let private expected = choose fixedMu exact
    let private confident = choose fixedMuConfidence exactConfidence

    let private slope symbol values calculator =
        calculator
        |> BoundCalculator.sensitivity (values |> Array.map Array.singleton)
        |> Result.map (fun all -> (all |> Array.find (fun s -> s.Symbol = symbol)).Derivative[0])

    let private priceAt normalization arms horizon regret =
        result {
            let! _ = expected normalization
            let! arms = Require.atLeast "arms" 2 arms
            let! horizon = Require.positive "horizon" horizon
            let! regret = Require.nonNegative "regret" regret
            return struct ((Formulas.price normalization (R64(float arms))).V, horizon, regret)
        }

    let expectation normalization arms horizon regret gamma =
        expected normalization
        |> Result.bind (BoundCalculator.ofNumbers [| float (arms: int); horizon; regret; gamma |])

    let expectationGamma normalization arms horizon regret =
        result {
            let! struct (c, t, r) = priceAt normalization arms horizon regret
            let! r = Require.positive "regret" r
            return 2.0 * sqrt (c * t / r)
        }

    let expectationSensitivity normalization arms horizon regret gamma =
        expected normalization
        |> Result.bind (slope "gamma" [| float (arms: int); horizon; regret; gamma |])

    let highProbability normalization arms horizon regret delta gamma =
        confident normalization
        |> Result.bind (BoundCalculator.ofNumbers [| float (arms: int); horizon; regret; gamma; delta |])

    let highProbabilityGamma normalization arms horizon regret delta =
        result {
            let! struct (c, t, r) = priceAt normalization arms horizon regret
            let! delta = Require.confidence "delta" delta
            return 2.0 * sqrt (c * t / (Formulas.squaredError (R64 r) (R64 delta)).V)
        }

    let highProbabilitySensitivity normalization arms horizon regret delta gamma =
        confident normalization
        |> Result.bind (slope "gamma" [| float (arms: int); horizon; regret; gamma; delta |])

    let gamma arms horizon regret delta =
        result {
            let! arms = Require.atLeast "arms" 1 arms
            let! horizon = Require.positive "horizon" horizon
            let! regret = Require.nonNegative "regret" regret
            let! delta = Require.confidence "delta" delta
            return sqrt (float arms * horizon / (regret + log (2.0 / delta)))
        }

[<RequireQualifiedAccess>]
module FastCB =
    let private source = "Foster and Krishnamurthy 2021, constants from memory; chain derived here"

    let private rows =
        [|
            Rows.realizable
            Rows.onEverySequence
            Rows.clipped
            {
                Name = "the round's inequality with constants 5 and 7"
                Status = AssumptionStatus.Assumed
                Detail = "from memory; never seen violated"
            }
        |]

    let withGamma =
        {
            Name = "fastcb-gamma"
            Family = "bandits"
            Title = "FastCB regret"
            Statement =
                "Re-weighted inverse gap weighting over a log-loss oracle of regret R has, for gamma > 5 K, expected regret of at most (5 K L*/gamma + 14 gamma R)/(1 - 5 K/gamma)."
            Source = source
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Upper
            Inputs = [| Rows.arms; Rows.horizon; Rows.best; Rows.logRegret; Rows.gamma |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Formulas.fast x["K"] x["L_star"] x["R"] x["gamma"] |]
                }
            Check =
                fun x ->
                    Require.inside "gamma" { Domain.Reals with Low = 5.0 * x["K"] } x["gamma"]
                    |> Result.map ignore<float>
            Assumptions = fun _ -> rows
            Trivial = Rows.regretTrivial
            Law = "FastCB's regret is within the bound that follows from the round's inequality"
        }

    let published =
        { withGamma with
            Name = "fastcb"
            Statement =
                "Re-weighted inverse gap weighting with gamma = max(10 K, sqrt(K L*/(3 R))) over a log-loss oracle of regret R has expected regret of at most 40 sqrt(K L* R) + 600 K R."
            Inputs = [| Rows.arms; Rows.horizon; Rows.best; Rows.logRegret |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Formulas.fastAtBest x["K"] x["L_star"] x["R"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> Array.append rows [| Rows.assumed "gamma = max(10 K, sqrt(K L*/(3 R)))" |]
            Law = "FastCB's published bound is at least what the chain gives at the published gamma"
        }

    let calculators = [| withGamma; published |]

    let atGamma arms horizon best regret gamma =
        withGamma |> BoundCalculator.ofNumbers [| float (arms: int); horizon; best; regret; gamma |]

    let sensitivity arms horizon best regret gamma =
        withGamma
        |> BoundCalculator.sensitivity
            [|
                [| float (arms: int) |]
                [| horizon |]
                [| best |]
                [| regret |]
                [| gamma |]
            |]
        |> Result.map (fun all -> (Array.last all).Derivative[0])

    let expectation arms horizon best regret =
        published |> BoundCalculator.ofNumbers [| float (arms: int); horizon; best; regret |]

    let private gammaInputs arms best regret =
        result {
            let! arms = Require.atLeast "arms" 1 arms
            let! best = Require.nonNegative "best" best
            let! regret = Require.positive "regret" regret
            return struct (float arms, best, regret)
        }

    let gamma arms best regret =
        result {
            let! struct (k, l, r) = gammaInputs arms best regret
            return max (10.0 * k) (sqrt (k * l / (3.0 * r)))
        }

    let optimalGamma arms best regret =
        result {
            let! struct (k, l, r) = gammaInputs arms best regret
            return 5.0 * k + sqrt (25.0 * k * k + 5.0 * k * l / (14.0 * r))
        }

[<RequireQualifiedAccess>]
module RegressionRegret =
    let given status detail value =
        result {
            let! value = Require.nonNegative "value" value

            return
                {
                    Name = "regression regret"
                    Source = "given"
                    Kind = BoundKind.Heuristic
                    Delta = Nullable()
                    Direction = BoundDirection.Upper
                    Terms = [||]
                    Assumptions =
                        [|
                            {
                                Name = "regression regret"
                                Status = status
                                Detail = detail
                            }
                        |]
                    Value = value
                    Formula = "R"
                    Trivial = infinity
                }
        }

    let ofHalfSquared (bound: Bound) =
        { bound with
            Name = $"{bound.Name}, un-halved"
            Value = Regret.ofHalfSquared bound.Value
            Trivial = Regret.ofHalfSquared bound.Trivial
            Formula = $"2 ({bound.Formula})"
        }

/// Putting a regression's bound under a reduction's.
module private Compose =
    let fails (regression: Bound) =
        regression.Kind = BoundKind.HighProbability || regression.Kind = BoundKind.Anytime

    let over name (regression: Bound) kind (reduction: Bound) =
        { reduction with
            Name = name
            Source = $"{reduction.Source}; regression: {regression.Source}"
            Kind = kind
            Terms = Array.append reduction.Terms regression.Terms
            Assumptions = Array.append reduction.Assumptions regression.Assumptions
            Formula = $"{reduction.Formula}, R = {regression.Formula}"
        }

[<RequireQualifiedAccess>]
module NeuSquareCB =
    let expectation normalization arms horizon (regression: Bound) =
        result {
            let! horizon = Require.positive "horizon" horizon
            let! value = Require.nonNegative "regression" regression.Value

            let failures =
                if Compose.fails regression then
                    regression.Delta.GetValueOrDefault 1.0 * horizon
                else
                    0.0

            let! gamma = SquareCB.expectationGamma normalization arms horizon (value + failures)
            let! reduction = SquareCB.expectation normalization arms horizon (value + failures) gamma

            let kind =
                match regression.Kind with
                | BoundKind.Heuristic
                | BoundKind.Asymptotic -> BoundKind.Heuristic
                | _ -> BoundKind.Expectation

            return Compose.over "NeuSquareCB regret" regression kind reduction
        }

[<RequireQualifiedAccess>]
module NeuFastCB =
    let expectation arms horizon best (regression: Bound) =
        result {
            let! value = Require.nonNegative "regression" regression.Value
            let! reduction = FastCB.expectation arms horizon best value

            let kind =
                match regression.Kind with
                | BoundKind.Deterministic
                | BoundKind.Expectation -> BoundKind.Expectation
                | _ -> BoundKind.Heuristic

            return Compose.over "NeuFastCB regret" regression kind reduction
        }
