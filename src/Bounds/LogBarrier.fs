namespace Hindsight.FSharp

open Hindsight

module private LogBarrierFormulas =
    open Hindsight.FSharp.Ops

    let regret<'T when 'T :> IReal<'T> and 'T: struct> (penalty: 'T) (secondOrder: 'T) (eta: 'T) : 'T =
        penalty / eta + 'T.Const 0.5 * eta * secondOrder

    /// sum ln(1/y) - K ln K at a corner mixed with K/T of the uniform distribution.
    let corner<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) : 'T =
        let others = arms - 'T.Const 1.0

        others * 'T.Log horizon - 'T.Log('T.Const 1.0 - others / horizon) - arms * 'T.Log arms

    let horizonRegret<'T when 'T :> IReal<'T> and 'T: struct>
        (arms: 'T)
        (horizon: 'T)
        (secondOrder: 'T)
        (ranges: 'T)
        (eta: 'T)
        : 'T[] =
        let penalty = corner arms horizon
        let mixing = (arms - 'T.Const 1.0) * ranges / horizon
        [| regret penalty secondOrder eta + mixing; penalty; mixing |]

[<RequireQualifiedAccess>]
module LogBarrierBounds =
    let private family = "log-barrier"
    let private arms = BoundCalculator.count "arms" "K" "arms" 2.0 5.0
    let private eta = BoundCalculator.input "eta" "eta" "step" Domain.Positive 0.1 |> BoundCalculator.free

    let private secondOrder =
        BoundCalculator.input
            "secondOrder"
            "Q"
            "sum over rounds and arms of x c^2, c less any constant a round"
            Domain.NonNegative
            100.0

    let private horizon =
        BoundCalculator.input "horizon" "T" "rounds, at least the arms" (BoundCalculator.atLeast 2.0) 1e4

    let private step =
        BoundCalculator.byConstruction "x minimises <x, losses so far> + (1/eta) sum ln(1/x)" "fixed step"

    let private longEnough (x: BoundInputs<float>) =
        Require.inside "horizon" (BoundCalculator.atLeast x["K"]) x["T"] |> Result.map ignore<float>

    let private penalty: BoundTerm =
        {
            Symbol = "P"
            Meaning = "the mixed comparator's barrier less K ln K"
        }

    let regretCalculator =
        {
            Name = "log-barrier"
            Family = family
            Title = "Regret of the leader with a log-barrier"
            Statement =
                "On every sequence of losses, however negative, the leader regularised by (1/eta) sum ln(1/x) has regret against y of at most (B - K ln K)/eta + (eta/2) Q, B = sum ln(1/y_i), Q = sum over rounds and arms of x c^2."
            Source =
                "after Refined regret for adversarial MDPs (Dai, Luo, Wei and Zimmert 2023); the lemma with its constants derived here"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    arms
                    BoundCalculator.input
                        "barrier"
                        "B"
                        "sum of ln(1/y_i) of the comparator, at least K ln K"
                        Domain.NonNegative
                        30.0
                    secondOrder
                    eta
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let penalty = Ops.(-) x["B"] (Ops.(*) x["K"] ('T.Log x["K"]))
                        [| LogBarrierFormulas.regret penalty x["Q"] x["eta"] |]
                }
            Check =
                fun x ->
                    let least = x["K"] * log x["K"]

                    // the uniform comparator's own sum rounds
                    if x["B"] >= least * (1.0 - 1e-12) then
                        Ok()
                    else
                        Require.inside "barrier" (BoundCalculator.atLeast least) x["B"] |> Result.map ignore<float>
            Assumptions = fun _ -> [| step |]
            Trivial = BoundCalculator.noTrivial
            Law = "The leader with a log-barrier stays within its bound on losses of any sign and size"
        }

    let horizonCalculator =
        { regretCalculator with
            Name = "log-barrier-horizon"
            Title = "Regret of the leader with a log-barrier against every arm"
            Statement =
                "On every sequence of losses the leader regularised by (1/eta) sum ln(1/x) has regret against every point of the simplex of at most ((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + (eta/2) Q + (K-1) V/T, V the sum over rounds of the losses' range."
            Inputs =
                [|
                    arms
                    horizon
                    secondOrder
                    BoundCalculator.input
                        "ranges"
                        "V"
                        "sum over rounds of the largest less the least loss"
                        Domain.NonNegative
                        1e3
                    eta
                |]
            Intermediate =
                [|
                    penalty
                    {
                        Symbol = "M"
                        Meaning = "what mixing the comparator costs"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        LogBarrierFormulas.horizonRegret x["K"] x["T"] x["Q"] x["V"] x["eta"]
                }
            Check = longEnough
            Trivial = fun x -> x["V"]
            Law = "Against corners of the simplex the leader with a log-barrier stays within its bound"
        }

    let banditCalculator =
        { horizonCalculator with
            Name = "log-barrier-bandit"
            Title = "Expected regret of the log-barrier bandit"
            Statement =
                "With losses in [0,1], of which the drawn arm's is seen, the leader with a log-barrier over estimates l/x has expected regret of at most ((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + eta T/2 + K - 1 against every arm."
            Source = "derived here: for estimates that are at least 0 a round costs (eta/2) sum x^2 c^2"
            Kind = BoundKind.Expectation
            Inputs = [| arms; horizon; eta |]
            Intermediate = [| penalty |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let t = x["T"]

                        let all = LogBarrierFormulas.horizonRegret x["K"] t t t x["eta"]
                        Array.truncate 2 all
                }
            Assumptions =
                fun _ ->
                    [|
                        step
                        BoundCalculator.assumed "losses in [0,1] that do not answer to the draws"
                    |]
            Trivial = fun x -> x["T"]
            Law = "The expected regret of the log-barrier bandit is within its bound, by enumeration of its draws"
        }

    let linearCalculator =
        { banditCalculator with
            Name = "log-barrier-linear"
            Title = "Expected regret of the adversarial linear contextual bandit"
            Statement =
                "With contexts drawn independently from a known distribution and losses in [0,1] linear in d features, the leader with a log-barrier in every context over magnitude-reduced estimates has expected regret of at most ((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + eta d T + K - 1 against every policy."
            Source =
                "after Refined regret for adversarial MDPs (Dai, Luo, Wei and Zimmert 2023); this form derived here"
            Inputs =
                [|
                    arms
                    BoundCalculator.count "dimension" "d" "length of the features" 1.0 5.0
                    horizon
                    eta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let t = x["T"]
                        let squares = Ops.(*) ('T.Const 2.0) (Ops.(*) x["d"] t)
                        let all = LogBarrierFormulas.horizonRegret x["K"] t squares t x["eta"]
                        Array.truncate 2 all
                }
            Assumptions =
                fun _ ->
                    [|
                        step
                        BoundCalculator.assumed
                            "losses in [0,1], linear in the features, that do not answer to the draws"
                        BoundCalculator.assumed "contexts are drawn independently from the pool"
                        BoundCalculator.assumed "the covariance of the features is exact and invertible"
                    |]
            Law = "The adversarial linear contextual bandit is within its bound, by enumeration of contexts and draws"
        }

    let calculators = [| regretCalculator; horizonCalculator; banditCalculator; linearCalculator |]

    let regret arms barrier secondOrder eta =
        regretCalculator |> BoundCalculator.ofNumbers [| float (arms: int); barrier; secondOrder; eta |]

    let horizonRegret arms horizon secondOrder ranges eta =
        horizonCalculator
        |> BoundCalculator.ofNumbers [| float (arms: int); horizon; secondOrder; ranges; eta |]

    let banditRegret arms horizon eta =
        banditCalculator |> BoundCalculator.ofNumbers [| float (arms: int); horizon; eta |]

    let linearRegret arms dimension horizon eta =
        linearCalculator
        |> BoundCalculator.ofNumbers [| float (arms: int); float (dimension: int); horizon; eta |]
