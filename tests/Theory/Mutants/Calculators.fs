namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong readings of a calculator.
[<RequireQualifiedAccess>]
module CalculatorMutants =
    let private scaled factor (formula: IBoundFormula) =
        { new IBoundFormula with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                let all = formula.Eval x
                all[0] <- all[0] * 'T.Const factor
                all
        }

    /// The witnesses' law over a wrong constant: what the tight ones promise to refute.
    let private refuted factor calculator =
        Witnesses.all
        |> List.exists (fun w -> w.Calculator = calculator && isNull w.Loose && w.Worst() / factor > 1.0 + w.Tolerance)

    let all =
        [
            Mutant.make "squarecb" "the derivative in gamma of the formula times 1.1" (fun () ->
                let values = [| [| 10.0 |]; [| 1e4 |]; [| 50.0 |]; [| 100.0 |] |]
                let calculator = Bounds.find "squarecb" |> Require.ok

                let wrong =
                    { calculator with
                        Definition = scaled 1.1 calculator.Definition
                    }

                let slope c =
                    (BoundCalculator.sensitivity values c |> Require.ok |> Array.last).Derivative[0]

                abs (slope wrong - slope calculator) > 1e-5 * abs (slope calculator))
            for calculator in Bounds.all do
                if Witnesses.all |> List.exists (fun w -> w.Calculator = calculator.Name && isNull w.Loose) then
                    Mutant.make calculator.Name "the constant times 0.9" (fun () -> refuted 0.9 calculator.Name)
        ]
