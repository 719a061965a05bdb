namespace Hindsight.Tests.Losses

open System
open Hindsight
open Hindsight.FSharp

/// A function of two variables with one of its slopes wrong.
[<Struct; NoComparison; NoEquality>]
type private Slanted(wrong: int) =
    interface IScalarFunction2 with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T = TwoVariables.formula x y

        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T =
            let product = 'T.op_Multiply (x, y)
            let first = if wrong = 1 then 'T.Const 0.5 else 'T.Const 1.0
            'T.op_Multiply ('T.Exp product, 'T.op_Addition (first, product))

        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T, y: 'T) : 'T =
            'T.op_Multiply ((if wrong = 2 then x else 'T.Sqr x), 'T.Exp('T.op_Multiply (x, y)))

/// Wrong divergences of a logit, and functions of two variables with wrong slopes.
module TwoVariablesMutants =
    open TwoVariables
    open TwoVariablesLaw

    let private inaccurate what f =
        Mutant.make "scalars" $"divergence of a logit: {what}" (fun () -> not (accurate f))

    let private slanted what wrong =
        Mutant.make "scalars" $"two variables: {what}" (fun () ->
            not (sameJets (apply (Slanted wrong)) formula (apply (Slanted wrong))))

    let all: Mutant list =
        [
            inaccurate "cross-entropy less entropy, as written" (fun y z -> (crossEntropyLessEntropy (R64 y) (R64 z)).V)
            inaccurate "x - ln(1+x), as written" (byLessLog (fun x -> x - Scalar.log1p x))
            inaccurate "a third power with a coefficient of 0.3" (byLessLog (lessLog 0.3))
            inaccurate "the label's half of it only" (fun y z ->
                let struct (s, _) = Scalar.sigmoids z

                if y = 0.0 then
                    0.0
                else
                    y * lessLog (1.0 / 3.0) ((s - y) / y))
            inaccurate "label 0 without a loss" (fun y z ->
                if y = 0.0 then 0.0 else byLessLog (lessLog (1.0 / 3.0)) y z)
            inaccurate "no more loss beyond |z| = 700" (fun y z ->
                let struct (v, _, _) = Scalar.logitDivergence y (Math.Clamp(z, -700.0, 700.0))
                v)
            slanted "the slope in the first is wrong" 1
            slanted "the slope in the second is wrong" 2
            Mutant.make "scalars" "two variables: mixed derivatives are left out" (fun () ->
                // each variable's jet by itself, added
                let alone (x: Jet2<R64>) (y: Jet2<R64>) =
                    let still (v: Jet2<R64>) = Jet2(v.P, R64 0.0, R64 0.0)
                    let a, b = formula x (still y), formula (still x) y
                    Jet2(a.P, R64(a.D.V + b.D.V), R64(a.H.V + b.H.V))

                not (sameJets alone formula formula))
        ]
