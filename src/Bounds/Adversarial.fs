namespace Hindsight.FSharp

open System
open Hindsight

module private AdversarialFormulas =
    open Hindsight.FSharp.Ops

    let exponential<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (eta: 'T) (secondOrder: 'T) : 'T =
        'T.Log experts / eta + 'T.Const 0.5 * eta * secondOrder

    let bandit<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (arms: 'T) (horizon: 'T) (eta: 'T) : 'T =
        exponential experts eta (arms * horizon)

    let implicitExploration<'T when 'T :> IReal<'T> and 'T: struct>
        (arms: 'T)
        (horizon: 'T)
        (eta: 'T)
        (gamma: 'T)
        (delta: 'T)
        : 'T[] =
        let two = 'T.Const 2.0
        let sum = arms * horizon + 'T.Log(two / delta) / (two * gamma)
        let comparator = 'T.Log(two * arms / delta) / (two * gamma)

        [|
            'T.Log arms / eta + ('T.Const 0.5 * eta + gamma) * sum + comparator
            sum
            comparator
        |]

    let tsallis<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) : 'T =
        'T.Const 4.0 * 'T.Sqrt(arms * horizon) - 'T.Const 2.0 * 'T.Sqrt horizon - 'T.Sqrt arms

    let selfBounded<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (gaps: 'T[]) : 'T =
        let numerator = 'T.Const 6.25 * 'T.Log horizon + 'T.Const 32.0
        gaps |> Array.map (fun gap -> numerator / gap) |> Array.reduce (fun a b -> a + b)

    let reducedVariance<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) : 'T =
        let early = 'T.Min(horizon, 'T.Const 15.0)

        'T.Const 2.0 * 'T.Sqrt(arms * horizon) - 'T.Sqrt horizon - 'T.Sqrt(arms * early)
        + 'T.Const 6.0 * arms * 'T.Log(horizon / early)
        + early

    let tsallisFixed<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) (ceiling: 'T) (eta: 'T) : 'T[] =
        let root = 'T.Sqrt arms
        let penalty = 'T.Const 4.0 * ceiling * (root - 'T.Const 1.0) / eta
        let stability = 'T.Const 0.5 * ceiling * eta * root * horizon
        [| penalty + stability; penalty; stability |]

[<RequireQualifiedAccess>]
module AdversarialBounds =
    let private family = "adversarial"
    let private arms = BoundCalculator.count "arms" "K" "arms" 2.0 10.0
    let private horizon = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4

    let private eta = BoundCalculator.input "eta" "eta" "step" Domain.Positive 0.01 |> BoundCalculator.free

    let private oblivious = BoundCalculator.assumed "losses in [0,1] that do not answer to the draws"

    let private sampled detail =
        BoundCalculator.byConstruction "arms are drawn from the learner's distribution" detail

    let private rows detail (_: BoundInputs<float>) = [| oblivious; sampled detail |]
    let private trivial (x: BoundInputs<float>) = x["T"]

    let exp3Calculator =
        {
            Name = "exp3"
            Family = family
            Title = "Expected regret of Exp3"
            Statement =
                "Exponential weights with step eta over importance-weighted losses has expected regret of at most (ln K)/eta + eta T K/2 against every arm."
            Source = "Auer, Cesa-Bianchi, Freund and Schapire (2002); this form and its constants derived here"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Upper
            Inputs = [| arms; horizon; eta |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.bandit x["K"] x["K"] x["T"] x["eta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = rows "exponential weights, no mixing with the uniform distribution"
            Trivial = trivial
            Law = "The expected regret of Exp3 is at most ln K/eta + eta T K/2, by enumeration of its draws"
        }

    let exp3EstimatedCalculator =
        { exp3Calculator with
            Name = "exp3-estimated"
            Title = "Estimated regret of Exp3"
            Statement =
                "On every sequence of estimates that are at least 0, exponential weights with step eta pays at most (ln K)/eta + (eta/2) Q more than the best arm's summed estimates, Q the sum over rounds and arms of p times the squared estimate."
            Source = "derived here: e^-x <= 1 - x + x^2/2 for x >= 0 in the potential of exponential weights"
            Kind = BoundKind.Deterministic
            Inputs =
                [|
                    arms
                    BoundCalculator.input
                        "secondOrder"
                        "Q"
                        "sum over rounds and arms of p times the squared estimate"
                        Domain.NonNegative
                        1e3
                    eta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.exponential x["K"] x["eta"] x["Q"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "estimates are at least 0" |]
            Trivial = BoundCalculator.noTrivial
            Law = "Exp3's estimated regret is at most ln K/eta + (eta/2) Q on every sequence"
        }

    let exp3IxCalculator =
        { exp3Calculator with
            Name = "exp3-ix"
            Title = "Regret of Exp3-IX"
            Statement =
                "Exponential weights with step eta over the estimates l/(p + gamma) has, with probability 1 - delta, regret of at most (ln K)/eta + (eta/2 + gamma)(K T + ln(2/delta)/(2 gamma)) + ln(2 K/delta)/(2 gamma) against every arm."
            Source =
                "Neu (2015), whose published constants at eta = 2 gamma, from memory, are larger; this form derived here"
            Kind = BoundKind.HighProbability
            Inputs =
                [|
                    arms
                    horizon
                    eta
                    BoundCalculator.input "gamma" "gamma" "implicit exploration" Domain.Positive 0.005
                    |> BoundCalculator.free
                    BoundCalculator.delta
                |]
            Intermediate =
                [|
                    {
                        Symbol = "S"
                        Meaning = "all arms' estimates, summed, with probability 1 - delta/2"
                    }
                    {
                        Symbol = "C"
                        Meaning = "how far the best arm's estimates exceed its losses, with probability 1 - delta/2"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        AdversarialFormulas.implicitExploration x["K"] x["T"] x["eta"] x["gamma"] x["delta"]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "losses in [0,1], fixed before the round's draw"
                        sampled "exponential weights, no mixing with the uniform distribution"
                    |]
            Law = "With probability 1 - delta the regret of Exp3-IX is within its bound, by enumeration of its draws"
        }

    let exp4Calculator =
        { exp3Calculator with
            Name = "exp4"
            Title = "Expected regret of Exp4"
            Statement =
                "Exponential weights with step eta over M experts, each a distribution over K arms, with importance-weighted losses has expected regret of at most (ln M)/eta + eta T K/2 against every expert."
            Inputs =
                [|
                    BoundCalculator.count "experts" "M" "experts" 2.0 100.0
                    arms
                    horizon
                    eta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.bandit x["M"] x["K"] x["T"] x["eta"] |]
                }
            Law = "The expected regret of Exp4 is at most ln M/eta + eta T K/2, by enumeration of its draws"
        }

    let tsallisInfCalculator =
        { exp3Calculator with
            Name = "tsallis-inf"
            Title = "Expected regret of Tsallis-INF"
            Statement =
                "Tsallis-INF with power 1/2, step 2/sqrt t and importance-weighted losses has expected regret of at most 4 sqrt(K T) - 2 sqrt T - sqrt K against every arm."
            Source =
                "Zimmert and Seldin (2021), who state 4 sqrt(K T) + 1 (constant from memory); this sharper form derived here"
            Inputs = [| arms; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.tsallis x["K"] x["T"] |]
                }
            Assumptions = rows "the leader regularised by -(4/eta) sum sqrt p, eta = 2/sqrt t"
            Law =
                "The expected regret of Tsallis-INF is at most 4 sqrt(KT) - 2 sqrt T - sqrt K, by enumeration of its draws"
        }

    let tsallisInfStochasticCalculator =
        { tsallisInfCalculator with
            Name = "tsallis-inf-stochastic"
            Title = "Expected regret of Tsallis-INF where arms have gaps"
            Statement =
                "Where one arm's mean loss is below each other arm's by its gap in every round, Tsallis-INF with step 2/sqrt t has expected regret of at most the sum over the other arms of (6.25 ln T + 32)/gap."
            Source =
                "after Zimmert and Seldin (2021), whose leading constant is 4 (from memory); this form and its constants derived here by self-bounding"
            Inputs =
                [|
                    horizon
                    BoundCalculator.input
                        "gaps"
                        "Delta"
                        "mean loss above the best arm's, one for each other arm"
                        {
                            Low = 0.0
                            LowClosed = false
                            High = 1.0
                            HighClosed = true
                            EndsOnly = false
                        }
                        0.5
                    |> BoundCalculator.list [| 0.5; 0.6; 0.8 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.selfBounded x["T"] (x.List "Delta") |]
                }
            Assumptions =
                fun _ ->
                    [|
                        oblivious
                        BoundCalculator.assumed
                            "one arm is best in every round, each other arm at least its gap worse in the mean"
                        sampled "the leader regularised by -(4/eta) sum sqrt p, eta = 2/sqrt t"
                    |]
            Law = "Where one arm is best by a gap, runs of Tsallis-INF stay within its logarithm"
        }

    let tsallisInfReducedVarianceCalculator =
        { tsallisInfCalculator with
            Name = "tsallis-inf-reduced-variance"
            Title = "Expected regret of Tsallis-INF with reduced variance"
            Statement =
                "Tsallis-INF with power 1/2, step 4/sqrt t and estimates 1{drawn}(l - b)/p + b, b = 1/2 where p >= 16/t and 0 elsewhere, has expected regret of at most 2 sqrt(K T) - sqrt T - sqrt(K m) + 6 K ln(T/m) + m, m = min(T, 15)."
            Source =
                "Zimmert and Seldin (2021), who state 2 sqrt(K T) + 10 K ln T + 16 (constants from memory); this form derived here"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AdversarialFormulas.reducedVariance x["K"] x["T"] |]
                }
            Assumptions = rows "the leader regularised by -(4/eta) sum sqrt p, eta = 4/sqrt t"
            Law = "A round of Tsallis-INF with reduced variance costs what its bound counts for it"
        }

    let tsallisInfFixedCalculator =
        { tsallisInfCalculator with
            Name = "tsallis-inf-fixed"
            Title = "Expected regret of Tsallis-INF with a fixed step"
            Statement =
                "With losses in [0, C] the leader regularised by -(4 C/eta) sum sqrt p has, with importance-weighted losses, expected regret of at most C (4 (sqrt K - 1)/eta + eta sqrt K T/2)."
            Source = "derived here: penalty and stability of the regularised leader"
            Inputs =
                [|
                    arms
                    horizon
                    BoundCalculator.input "ceiling" "C" "largest loss" Domain.Positive 1.0
                    |> BoundCalculator.withDefault 1.0
                    eta
                |]
            Intermediate =
                [|
                    {
                        Symbol = "P"
                        Meaning = "penalty: how far the regulariser holds the leader back"
                    }
                    {
                        Symbol = "S"
                        Meaning = "stability: how far the leader moves"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        AdversarialFormulas.tsallisFixed x["K"] x["T"] x["C"] x["eta"]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "losses in [0, C] that do not answer to the draws"
                        sampled "the leader regularised by -(4 C/eta) sum sqrt p"
                    |]
            Trivial = fun x -> x["C"] * x["T"]
            Law =
                "The expected regret of Tsallis-INF with a fixed step is within its bound, by enumeration of its draws"
        }

    let calculators =
        [|
            exp3Calculator
            exp3EstimatedCalculator
            exp3IxCalculator
            exp4Calculator
            tsallisInfCalculator
            tsallisInfStochasticCalculator
            tsallisInfReducedVarianceCalculator
            tsallisInfFixedCalculator
        |]

    let exp3 arms horizon eta =
        exp3Calculator |> BoundCalculator.ofNumbers [| float (arms: int); horizon; eta |]

    let exp3Eta arms horizon =
        result {
            let! arms = Require.atLeast "arms" 2 arms
            let! horizon = Require.inside "horizon" (BoundCalculator.atLeast 1.0) horizon
            return sqrt (2.0 * log (float arms) / (horizon * float arms))
        }

    let exp3Estimated arms secondOrder eta =
        exp3EstimatedCalculator |> BoundCalculator.ofNumbers [| float (arms: int); secondOrder; eta |]

    let exp3Ix arms horizon eta gamma delta =
        exp3IxCalculator |> BoundCalculator.ofNumbers [| float (arms: int); horizon; eta; gamma; delta |]

    let exp4 experts arms horizon eta =
        exp4Calculator
        |> BoundCalculator.ofNumbers [| float (experts: int); float (arms: int); horizon; eta |]

    let tsallisInf arms horizon =
        tsallisInfCalculator |> BoundCalculator.ofNumbers [| float (arms: int); horizon |]

    let tsallisInfStochastic horizon (gaps: float[]) =
        tsallisInfStochasticCalculator |> BoundCalculator.at [| [| horizon |]; gaps |]

    let tsallisInfReducedVariance arms horizon =
        tsallisInfReducedVarianceCalculator |> BoundCalculator.ofNumbers [| float (arms: int); horizon |]

    let tsallisInfFixed arms horizon ceiling eta =
        tsallisInfFixedCalculator
        |> BoundCalculator.ofNumbers [| float (arms: int); horizon; ceiling; eta |]
