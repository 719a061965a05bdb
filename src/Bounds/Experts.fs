namespace Hindsight.FSharp

open Hindsight

/// The formulas, once, over any scalar.
module private ExpertFormulas =
    open Hindsight.FSharp.Ops

    let hedge<'T when 'T :> IReal<'T> and 'T: struct> (information: 'T) (horizon: 'T) (rate: 'T) : 'T =
        information / rate + rate * horizon / 'T.Const 8.0

    let tuned<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (horizon: 'T) : 'T =
        'T.Sqrt('T.Const 0.5 * horizon * 'T.Log experts)

    let small<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (best: 'T) (rate: 'T) : 'T =
        (rate * best + 'T.Log experts) / (-'T.Expm1(-rate))

    let second<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (moment: 'T) (rate: 'T) : 'T =
        'T.Log experts / rate + rate * moment

    let mixable<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (rate: 'T) : 'T = 'T.Log experts / rate
    let twice<'T when 'T :> IReal<'T> and 'T: struct> (gap: 'T) : 'T = 'T.Const 2.0 * gap

    let variance<'T when 'T :> IReal<'T> and 'T: struct> (experts: 'T) (variance: 'T) (range: 'T) : 'T =
        let information = 'T.Log experts

        'T.Const 2.0 * 'T.Sqrt(variance * information)
        + range * ('T.Const 4.0 / 'T.Const 3.0 * information + 'T.Const 2.0)

    let share<'T when 'T :> IReal<'T> and 'T: struct>
        (experts: 'T)
        (horizon: 'T)
        (switches: 'T)
        (share: 'T)
        (rate: 'T)
        : 'T =
        let one = 'T.Const 1.0
        let paths = (switches + one) * 'T.Log experts
        let moves = switches * 'T.Log(one / share)
        let stays = (horizon - one - switches) * (-'T.Log1p(-share))
        hedge (paths + moves + stays) horizon rate

[<RequireQualifiedAccess>]
module Experts =
    let private experts = BoundCalculator.count "experts" "N" "experts" 1.0 10.0

    let private horizon = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e3

    let private rate = BoundCalculator.input "rate" "eta" "learning rate" Domain.Positive 0.1

    let private run detail =
        BoundCalculator.byConstruction "the algorithm" detail

    let private unitLosses = BoundCalculator.assumed "losses lie in [0,1]"

    let private plain =
        {
            Name = "hedge"
            Family = "experts"
            Title = "Hedge"
            Statement =
                "Hedge with learning rate eta over N experts with losses in [0,1] has regret of at most ln N/eta + eta T/8 against the best."
            Source = "Cesa-Bianchi and Lugosi 2006, Theorem 2.2; derived here"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| experts; horizon; BoundCalculator.free rate |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.hedge ('T.Log x["N"]) x["T"] x["eta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| unitLosses; run "Hedge, uniform prior" |]
            Trivial = fun x -> x["T"]
            Law =
                "Theorem 2.2 of Cesa-Bianchi and Lugosi: Hedge loses at most the root of T ln N over 2 to the best expert"
        }

    let private tuned =
        { plain with
            Name = "hedge-tuned"
            Title = "Hedge at its best rate"
            Statement =
                "Hedge with learning rate sqrt(8 ln N/T) over N experts with losses in [0,1] has regret of at most sqrt(T ln N/2) against the best."
            Inputs = [| experts; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.tuned x["N"] x["T"] |]
                }
        }

    let private prior =
        { plain with
            Name = "hedge-prior"
            Title = "Hedge with a prior"
            Statement =
                "Hedge with learning rate eta and prior q on losses in [0,1] has regret of at most KL(u|q)/eta + eta T/8 against every mixture u of the experts, ln(1/q_i)/eta + eta T/8 against expert i."
            Inputs =
                [|
                    BoundCalculator.input
                        "divergence"
                        "KL"
                        "divergence of the comparator from the prior, nats"
                        Domain.NonNegative
                        3.0
                    horizon
                    BoundCalculator.free rate
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.hedge x["KL"] x["T"] x["eta"] |]
                }
            Assumptions = fun _ -> [| unitLosses; run "Hedge with the prior" |]
            Law = "Hedge with a prior pays the divergence of the comparator from it"
        }

    let private small =
        { plain with
            Name = "hedge-small-losses"
            Title = "loss of Hedge where the best expert is good"
            Statement =
                "Hedge with learning rate eta over N experts with losses in [0,1] loses at most (eta L + ln N)/(1 - e^-eta) in all, L the loss of the best expert."
            Source = "Freund and Schapire 1997; derived here"
            Inputs =
                [|
                    experts
                    BoundCalculator.input "best" "L_star" "loss of the best expert" Domain.NonNegative 50.0
                    BoundCalculator.free rate
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.small x["N"] x["L_star"] x["eta"] |]
                }
            Trivial = BoundCalculator.noTrivial
            Law = "Theorem 2 of Freund and Schapire: Hedge's loss is near the best expert's where that is small"
        }

    let private second =
        { plain with
            Name = "hedge-second-order"
            Title = "Hedge by second moments"
            Statement =
                "Hedge with learning rate eta <= 1 over N experts with losses in [-1,1] has regret of at most ln N/eta + eta V, V the sum of <p_t, l_t^2>."
            Source = "Cesa-Bianchi, Mansour and Stoltz 2007; derived here"
            Inputs =
                [|
                    experts
                    BoundCalculator.input
                        "second"
                        "V"
                        "sum of second moments of the losses under the weights"
                        Domain.NonNegative
                        50.0
                    { rate with
                        Allowed = { Domain.Unit with LowClosed = false }
                    }
                    |> BoundCalculator.free
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.second x["N"] x["V"] x["eta"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "losses lie in [-1,1]"; run "Hedge, uniform prior" |]
            Trivial = BoundCalculator.noTrivial
            Law = "Hedge's regret is within its second-order bound"
        }

    let private average =
        { plain with
            Name = "exponential-weights"
            Title = "exponentially weighted average prediction"
            Statement =
                "The exponentially weighted average of the predictions of N experts has regret of at most ln N/eta where the loss is eta-exp-concave in the prediction, whatever the horizon."
            Source = "Kivinen and Warmuth 1999; Cesa-Bianchi and Lugosi 2006, Proposition 3.1; derived here"
            Inputs = [| experts; rate |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.mixable x["N"] x["eta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the loss is eta-exp-concave in the prediction"
                        run "exponentially weighted average, uniform prior"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law =
                "Proposition 3.1 of Cesa-Bianchi and Lugosi: with an exp-concave loss the regret never exceeds ln N over eta"
        }

    let private mixable =
        { average with
            Name = "aggregating"
            Title = "Aggregating Algorithm"
            Statement =
                "The Aggregating Algorithm over N experts has regret of at most ln N/eta where the loss is eta-mixable, whatever the horizon."
            Source = "Vovk 1990 and 1998"
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the loss is eta-mixable"
                        run "Aggregating Algorithm, uniform prior"
                    |]
            Law = "Vovk's theorem: with a mixable loss the Aggregating Algorithm's regret never exceeds ln N over eta"
        }

    let private gap =
        { plain with
            Name = "adahedge"
            Title = "AdaHedge by its mixability gap"
            Statement =
                "AdaHedge has regret of at most twice its cumulative mixability gap, whatever the losses' range."
            Source = "de Rooij, van Erven, Grunwald and Koolen 2014; derived here"
            Inputs =
                [|
                    BoundCalculator.input "gap" "Delta" "cumulative mixability gap" Domain.NonNegative 5.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.twice x["Delta"] |]
                }
            Assumptions = fun _ -> [| run "AdaHedge, uniform prior, eta = ln N over the gap" |]
            Trivial = BoundCalculator.noTrivial
            Law = "AdaHedge's regret is at most twice its mixability gap"
        }

    let private variance =
        { gap with
            Name = "adahedge-variance"
            Title = "AdaHedge by variances"
            Statement =
                "AdaHedge over N experts has regret of at most 2 sqrt(V ln N) + S (4/3 ln N + 2), V the sum of the variances of the losses under its weights, S the largest range of a round's losses."
            Source = "de Rooij, van Erven, Grunwald and Koolen 2014, Theorem 6"
            Inputs =
                [|
                    experts
                    BoundCalculator.input
                        "variance"
                        "V"
                        "sum of variances of the losses under the weights"
                        Domain.NonNegative
                        20.0
                    BoundCalculator.input "range" "S" "largest range of a round's losses" Domain.NonNegative 1.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.variance x["N"] x["V"] x["S"] |]
                }
            Law = "Theorem 6 of de Rooij, van Erven, Grunwald and Koolen: AdaHedge pays the root of its variances"
        }

    let private shared =
        { plain with
            Name = "fixed-share"
            Title = "fixed share"
            Statement =
                "Fixed share with rate eta and share a (v becomes (1-a) v + a/N) on losses in [0,1] has regret of at most ((S+1) ln N + S ln(1/a) + (T-1-S) ln(1/(1-a)))/eta + eta T/8 against every sequence of experts with S switches."
            Source = "Herbster and Warmuth 1998 for another share update; derived here for this one"
            Inputs =
                [|
                    experts
                    horizon
                    BoundCalculator.count "switches" "S" "switches of the comparator" 0.0 5.0
                    BoundCalculator.input "share" "a" "share" (BoundCalculator.between 0.0 1.0) 0.01
                    |> BoundCalculator.free
                    BoundCalculator.free rate
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ExpertFormulas.share x["N"] x["T"] x["S"] x["a"] x["eta"] |]
                }
            Check =
                fun x -> Require.inside "switches" (Domain.Closed(0.0, x["T"] - 1.0)) x["S"] |> Result.map ignore<float>
            Assumptions = fun _ -> [| unitLosses; run "fixed share, uniform start" |]
            Law = "Fixed share follows every sequence of experts at the price of its switches"
        }

    let calculators =
        [|
            plain
            tuned
            prior
            small
            second
            average
            mixable
            gap
            variance
            shared
        |]

    let private ask calculator numbers =
        calculator |> BoundCalculator.ofNumbers numbers

    let hedge experts horizon rate =
        ask plain [| float (experts: int); horizon; rate |]

    let hedgeTuned experts horizon =
        ask tuned [| float (experts: int); horizon |]

    let hedgePrior divergence horizon rate =
        ask prior [| divergence; horizon; rate |]

    let hedgeSmallLosses experts best rate =
        ask small [| float (experts: int); best; rate |]

    let hedgeSecondOrder experts moment rate =
        ask second [| float (experts: int); moment; rate |]

    let exponentialWeights experts rate =
        ask average [| float (experts: int); rate |]

    let aggregating experts rate =
        ask mixable [| float (experts: int); rate |]

    let adaHedge mixabilityGap = ask gap [| mixabilityGap |]

    let adaHedgeVariance experts variances range =
        ask variance [| float (experts: int); variances; range |]

    let fixedShare experts horizon switches share rate =
        ask shared [| float (experts: int); horizon; float (switches: int); share; rate |]
