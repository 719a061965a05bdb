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
        (factor: 'T)
        (gradient: 'T)
        (growth: 'T)
        (defect: 'T)
        (horizon: 'T)
        (excess: 'T)
        : 'T =
        let two = 'T.Const 2.0

        factor * 'T.Sqr gradient / growth * ('T.Const 1.0 + 'T.Log horizon)
        + two * defect * horizon
        + two * excess

    let square<'T when 'T :> IReal<'T> and 'T: struct> (price: 'T) (horizon: 'T) (error: 'T) (gamma: 'T) : 'T =
        price * horizon / gamma + 'T.Const 0.25 * gamma * error

    /// sum E (prediction - f*)^2, with probability 1 - delta/2.
    let squaredError<'T when 'T :> IReal<'T> and 'T: struct> (regret: 'T) (delta: 'T) : 'T =
        'T.Const 2.0 * regret + 'T.Const 16.0 * 'T.Log('T.Const 2.0 / delta)

    let highProbability<'T when 'T :> IReal<'T> and 'T: struct>
        (price: 'T)
        (horizon: 'T)
        (regret: 'T)
        (delta: 'T)
        (gamma: 'T)
        : 'T =
        square price horizon (squaredError regret delta) gamma
        + 'T.Sqrt('T.Const 2.0 * horizon * 'T.Log('T.Const 2.0 / delta))

    let fast<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (best: 'T) (regret: 'T) (gamma: 'T) : 'T =
        let share = 'T.Const 5.0 * arms / gamma
        (share * best + 'T.Const 14.0 * gamma * regret) / ('T.Const 1.0 - share)

    let fastAtBest<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (best: 'T) (regret: 'T) : 'T =
        'T.Const 40.0 * 'T.Sqrt(arms * best * regret) + 'T.Const 600.0 * arms * regret

/// Reading a formula: its value, and its derivative in gamma.
module private Read =
    let real (x: float) = R64 x
    let constant (x: float) = Dual(R64 x, R64 0.0)
    let variable (x: float) = Dual(R64 x, R64 1.0)

    let term symbol value meaning =
        {
            Symbol = symbol
            Value = value
            Meaning = meaning
        }

    let assumption name status detail =
        {
            Name = name
            Status = status
            Detail = detail
        }

    let assumed name =
        assumption name AssumptionStatus.Assumed ""

    let upper name source kind terms assumptions value formula trivial =
        {
            Name = name
            Source = source
            Kind = kind
            Delta = Nullable()
            Direction = BoundDirection.Upper
            Terms = terms
            Assumptions = assumptions
            Value = value
            Formula = formula
            Trivial = trivial
        }

    let realizable =
        assumed "realizability: the mean cost of every arm is a fixed function of what the oracle sees"

    let onEverySequence =
        assumed "the oracle's regret bound holds on every sequence, the bandit's own included"

    let clipped =
        assumption
            "predictions lie in [0,1]"
            AssumptionStatus.Assumed
            "true of every oracle with a sigmoid output; re-weighted rules clip, plain inverse gap weighting does not"

open Read

[<RequireQualifiedAccess>]
module Qg =
    let private regret name step factor minimisers gradient growth defect horizon excess =
        result {
            let! gradient = Require.positive "gradient" gradient
            let! growth = Require.positive "growth" growth
            let! defect = Require.nonNegative "defect" defect

            let! horizon =
                Require.inside
                    "horizon"
                    { Domain.Reals with
                        Low = 1.0
                        LowClosed = true
                    }
                    horizon

            let! excess = Require.nonNegative "comparatorExcess" excess

            let value =
                Formulas.logRegret
                    (real factor)
                    (real gradient)
                    (real growth)
                    (real defect)
                    (real horizon)
                    (real excess)

            return
                upper
                    name
                    "derived here"
                    BoundKind.Deterministic
                    [|
                        term "G" gradient "largest gradient norm"
                        term "mu" growth "quadratic growth"
                        term "eps" defect "how far from convex"
                        term "T" horizon "rounds"
                        term "C" excess "the comparator's loss over the rounds' least losses"
                    |]
                    [|
                        assumed "quadratic growth with constant mu"
                        assumed "convex up to eps"
                        assumed minimisers
                        assumption "projected gradient descent" AssumptionStatus.ByConstruction $"step {step}"
                    |]
                    value.V
                    $"({factor} G^2/mu)(1 + ln T) + 2 eps T + 2 C"
                    infinity
        }

    let onlineLogRegret gradient growth defect horizon =
        regret
            "gradient descent under quadratic growth, one minimiser"
            "2/(mu t)"
            2.0
            "one minimiser common to all rounds"
            gradient
            growth
            defect
            horizon
            0.0

    let onlineRegret gradient growth defect horizon comparatorExcess =
        regret
            "gradient descent under quadratic growth"
            "4/(mu t)"
            4.0
            "a unique minimiser in each round"
            gradient
            growth
            defect
            horizon
            comparatorExcess

[<RequireQualifiedAccess>]
module SquareCB =
    /// c of the price c/gamma of a round.
    let private price normalization arms =
        result {
            let! arms = Require.atLeast "arms" 2 arms

            match normalization with
            | Normalization.FixedMu -> return 2.0 * float (arms - 1)
            | Normalization.Exact -> return float (arms - 1)
            | n -> return! Error(HindsightError.OutOfRange("normalization", string (int n), "FixedMu or Exact"))
        }

    let private checkedInputs normalization arms horizon regret =
        result {
            let! price = price normalization arms
            let! horizon = Require.positive "horizon" horizon
            let! regret = Require.nonNegative "regret" regret
            return struct (price, horizon, regret)
        }

    let private terms price horizon regret gamma =
        [|
            term "c" price "price of a round, times gamma"
            term "T" horizon "rounds"
            term "R" regret "square-loss regret of the oracle, un-halved"
            term "gamma" gamma "exploration"
        |]

    let private assumptions = [| realizable; onEverySequence; clipped |]

    let expectation normalization arms horizon regret gamma =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! gamma = Require.positive "gamma" gamma

            return
                upper
                    "SquareCB regret"
                    "derived here from the exact price of a round"
                    BoundKind.Expectation
                    (terms c t r gamma)
                    assumptions
                    (Formulas.square (real c) (real t) (real r) (real gamma)).V
                    "c T/gamma + (gamma/4) R"
                    t
        }

    let expectationGamma normalization arms horizon regret =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! r = Require.positive "regret" r
            return 2.0 * sqrt (c * t / r)
        }

    let expectationSensitivity normalization arms horizon regret gamma =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! gamma = Require.positive "gamma" gamma
            return (Formulas.square (constant c) (constant t) (constant r) (variable gamma)).D.V
        }

    let highProbability normalization arms horizon regret delta gamma =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! delta = Require.confidence "delta" delta
            let! gamma = Require.positive "gamma" gamma

            return
                { upper
                      "SquareCB regret"
                      "derived here: exact price of a round, Freedman, Azuma"
                      BoundKind.HighProbability
                      (Array.append (terms c t r gamma) [| term "delta" delta "failure probability" |])
                      assumptions
                      (Formulas.highProbability (real c) (real t) (real r) (real delta) (real gamma)).V
                      "c T/gamma + (gamma/4)(2 R + 16 ln(2/delta)) + sqrt(2 T ln(2/delta))"
                      t with
                    Delta = Nullable delta
                }
        }

    let highProbabilityGamma normalization arms horizon regret delta =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! delta = Require.confidence "delta" delta
            return 2.0 * sqrt (c * t / (Formulas.squaredError (real r) (real delta)).V)
        }

    let highProbabilitySensitivity normalization arms horizon regret delta gamma =
        result {
            let! struct (c, t, r) = checkedInputs normalization arms horizon regret
            let! delta = Require.confidence "delta" delta
            let! gamma = Require.positive "gamma" gamma

            return
                (Formulas.highProbability (constant c) (constant t) (constant r) (constant delta) (variable gamma)).D.V
        }

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

    let private checkedInputs arms horizon best regret =
        result {
            let! arms = Require.atLeast "arms" 2 arms
            let! horizon = Require.positive "horizon" horizon
            let! best = Require.nonNegative "best" best
            let! regret = Require.nonNegative "regret" regret
            return struct (float arms, horizon, best, regret)
        }

    let private above5 arms gamma =
        let domain = { Domain.Reals with Low = 5.0 * arms }

        Require.inside "gamma" domain gamma

    let private terms arms horizon best regret =
        [|
            term "K" arms "arms"
            term "T" horizon "rounds"
            term "L*" best "cost of the best policy"
            term "R" regret "log-loss regret of the oracle"
        |]

    let private assumptions =
        [|
            realizable
            onEverySequence
            clipped
            assumption
                "the round's inequality with constants 5 and 7"
                AssumptionStatus.Assumed
                "from memory; never seen violated"
        |]

    let atGamma arms horizon best regret gamma =
        result {
            let! struct (k, t, l, r) = checkedInputs arms horizon best regret
            let! gamma = above5 k gamma

            return
                upper
                    "FastCB regret"
                    source
                    BoundKind.Expectation
                    (Array.append (terms k t l r) [| term "gamma" gamma "exploration" |])
                    assumptions
                    (Formulas.fast (real k) (real l) (real r) (real gamma)).V
                    "(5 K L*/gamma + 14 gamma R)/(1 - 5 K/gamma)"
                    t
        }

    let sensitivity arms horizon best regret gamma =
        result {
            let! struct (k, _, l, r) = checkedInputs arms horizon best regret
            let! gamma = above5 k gamma
            return (Formulas.fast (constant k) (constant l) (constant r) (variable gamma)).D.V
        }

    let expectation arms horizon best regret =
        result {
            let! struct (k, t, l, r) = checkedInputs arms horizon best regret

            return
                upper
                    "FastCB regret"
                    source
                    BoundKind.Expectation
                    (terms k t l r)
                    (Array.append assumptions [| assumed "gamma = max(10 K, sqrt(K L*/(3 R)))" |])
                    (Formulas.fastAtBest (real k) (real l) (real r)).V
                    "40 sqrt(K L* R) + 600 K R"
                    t
        }

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
                upper
                    "regression regret"
                    "given"
                    BoundKind.Heuristic
                    [||]
                    [| assumption "regression regret" status detail |]
                    value
                    "R"
                    infinity
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
