namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module InductiveBiasBounds =
    let private needed =
        {
            Name = "inductive-bias"
            Family = "inductive-bias"
            Title = "inductive bias that a task asks for"
            Statement =
                "Among hypotheses that fit the training data, the share with test error of at most epsilon is e^-I; with test errors distributed as s times a noncentral chi-square, I = -ln P(s X <= epsilon)."
            Source =
                "definition and model of the errors: Towards exact computation of inductive bias (arXiv 2406.15941); the series derived here"
            Kind = BoundKind.Heuristic
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "scale" "s" "scale of the test errors" Domain.Positive 0.02
                    BoundCalculator.input "dof" "nu" "degrees of freedom" Domain.Positive 12.0
                    BoundCalculator.input "noncentrality" "nc" "noncentrality" Domain.NonNegative 8.0
                    BoundCalculator.input "error" "epsilon" "largest test error that is wanted" Domain.Positive 0.1
                |]
            Intermediate =
                [|
                    {
                        Symbol = "bits"
                        Meaning = "the same in bits"
                    }
                    {
                        Symbol = "mean"
                        Meaning = "mean test error of hypotheses that fit, s (nu + nc)"
                    }
                |]
            Text =
                "-ln P(s X <= epsilon), X noncentral chi-square: P = e^(-h-y) y^a/Gamma(a+1) sum_m y^m/((a+1)...(a+m)) sum_(j<=m) h^j/j!, a = nu/2, h = nc/2, y = epsilon/(2 s)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let numbers = [| x.Number "s"; x.Number "nu"; x.Number "nc"; x.Number "epsilon" |]

                        let log' = InductiveBiasFormulas.logCdf x["s"] x["nu"] x["nc"] x["epsilon"] numbers
                        // rounding can bring a probability near 1 above it
                        let nats = 'T.Max('T.op_UnaryNegation log', 'T.Const 0.0)

                        [|
                            nats
                            'T.op_Multiply (nats, 'T.Const(1.0 / log 2.0))
                            'T.op_Multiply (x["s"], 'T.op_Addition (x["nu"], x["nc"]))
                        |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "test errors are distributed as s times a noncentral chi-square (a fit)"
                        BoundCalculator.assumed
                            "the fit holds in the lower tail, far below the errors that it was made from"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The inductive bias is that of the integrated density"
        }

    let calculators = [| needed |]

    let nats (distribution: ScaledNoncentralChiSquare) error =
        needed
        |> BoundCalculator.ofNumbers [| distribution.Scale; distribution.Dof; distribution.Noncentrality; error |]
