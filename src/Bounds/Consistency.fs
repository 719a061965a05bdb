namespace Hindsight.FSharp

open Hindsight

/// The inverse transforms, once, over any scalar.
module private ConsistencyFormulas =
    open Hindsight.FSharp.Ops

    let atMostOne<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Min(x, 'T.Const 1.0)

    let twice<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Const 2.0 * x

    let exponential<'T when 'T :> IReal<'T> and 'T: struct> (excess: 'T) : 'T =
        let e = atMostOne excess
        'T.Sqrt(e * ('T.Const 2.0 - e))

    let private log1p<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Log1p x

    /// ((1+t) ln(1+t) + (1-t) ln(1-t))/2.
    let logisticPsi (t: R64) : R64 =
        let one = R64 1.0
        let lower = one - t

        R64 0.5 * ((one + t) * log1p t + (if lower.V <= 0.0 then R64 0.0 else lower * log1p (-t)))

    /// One step of Newton's method on psi(t) = E; psi'(t) = artanh t.
    let logisticStep<'T when 'T :> IReal<'T> and 'T: struct> (t: 'T) (excess: 'T) : 'T =
        let one = 'T.Const 1.0
        let half = 'T.Const 0.5
        let up, down = 'T.Log1p t, 'T.Log1p(-t)
        let psi = half * ((one + t) * up + (one - t) * down)
        t - (psi - excess) / (half * (up - down))

    let compSum<'T when 'T :> IReal<'T> and 'T: struct> (region: float) (tau: 'T) (classes: 'T) (excess: 'T) : 'T =
        let power = 'T.Exp((tau - 'T.Const 1.0) * 'T.Log classes)

        if region <= 1.0 then
            'T.Sqrt('T.Exp(tau * 'T.Const(log 2.0)) * ('T.Const 2.0 - tau) * excess)
        elif region < 2.0 then
            'T.Sqrt('T.Const 2.0 * power * excess)
        else
            (tau - 'T.Const 1.0) * power * excess
        |> atMostOne

[<RequireQualifiedAccess>]
module Consistency =
    let private excess =
        BoundCalculator.input
            "excess"
            "E"
            "excess risk of the surrogate over all measurable scores"
            Domain.NonNegative
            0.02

    let private margin name title formula text definition =
        {
            Name = name
            Family = "consistency"
            Title = title
            Statement =
                $"A classifier whose {title} exceeds the least possible by E exceeds the least zero-one error by at most {formula}."
            Source = "Bartlett, Jordan and McAuliffe, Convexity, classification, and risk bounds"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| excess |]
            Intermediate = [||]
            Text = text
            Definition = definition
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "E is over all measurable scores: minimizability gaps are 0"
                        BoundCalculator.byConstruction "the surrogate is classification-calibrated" title
                    |]
            Trivial = fun _ -> 1.0
            Law = "The psi-transform bounds the zero-one excess of every distribution and score"
        }

    let hinge =
        margin
            "psi-hinge"
            "hinge risk"
            "E"
            null
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| ConsistencyFormulas.atMostOne x["E"] |]
            }

    let squaredHinge =
        margin
            "psi-squared-hinge"
            "squared hinge risk"
            "sqrt(E)"
            null
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| ConsistencyFormulas.atMostOne ('T.Sqrt x["E"]) |]
            }

    let exponential =
        margin
            "psi-exponential"
            "exponential risk"
            "sqrt(E (2 - E))"
            null
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| ConsistencyFormulas.exponential x["E"] |]
            }

    let logistic =
        margin
            "psi-logistic"
            "logistic risk"
            "the t with ((1+t) ln(1+t) + (1-t) ln(1-t))/2 = E"
            "t with ((1+t) log(1+t) + (1-t) log(1-t))/2 = E"
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    let e = x.Number "E"

                    if e >= log 2.0 then
                        [| 'T.Const 1.0 |]
                    else
                        // psi(t) >= t^2/2
                        let mutable low = 0.0
                        let mutable high = min 1.0 (sqrt (2.0 * e))

                        for _ in 1..100 do
                            let middle = 0.5 * (low + high)

                            if (ConsistencyFormulas.logisticPsi (R64 middle)).V <= e then
                                low <- middle
                            else
                                high <- middle

                        // at 0 the slope is infinite: sqrt(2E) is the transform's own limit
                        if low < 1e-7 then
                            [| 'T.Sqrt(ConsistencyFormulas.twice x["E"]) |]
                        else
                            let first = ConsistencyFormulas.logisticStep ('T.Const low) x["E"]

                            [|
                                ConsistencyFormulas.atMostOne (ConsistencyFormulas.logisticStep first x["E"])
                            |]
            }

    let compSum =
        { margin
              "comp-sum"
              "comp-sum risk"
              ""
              "sqrt(2^tau (2 - tau) E) for tau up to 1, sqrt(2 n^(tau - 1) E) below 2, (tau - 1) n^(tau - 1) E beyond"
              ({ new IBoundFormula with
                   member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                       [| ConsistencyFormulas.compSum (x.Number "tau") x["tau"] x["n"] x["E"] |]
               }) with
            Statement =
                "A multiclass classifier whose comp-sum risk of exponent tau exceeds the least possible by E exceeds the least zero-one error by at most sqrt(2^tau (2 - tau) E) for tau up to 1, sqrt(2 n^(tau-1) E) below 2, and (tau-1) n^(tau-1) E beyond."
            Source =
                "Mao, Mohri and Zhong, Cross-entropy loss functions: theoretical analysis and applications (simple forms)"
            Inputs =
                [|
                    excess
                    BoundCalculator.input
                        "tau"
                        "tau"
                        "exponent of the comp-sum; 1 is the logistic loss"
                        Domain.NonNegative
                        1.0
                    |> BoundCalculator.withDefault 1.0
                    BoundCalculator.count "classes" "n" "classes" 2.0 5.0
                |]
            Law = "The simple H-consistency bound of comp-sum losses is at least the exact one"
        }

    let calculators = [| hinge; squaredHinge; exponential; logistic; compSum |]
