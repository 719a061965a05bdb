namespace Hindsight.FSharp

open Hindsight

module private SketchFormulas =
    open Hindsight.FSharp.Ops

    let product<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) (c: 'T) : 'T = a * b * c

    let rows<'T when 'T :> IReal<'T> and 'T: struct> (d: 'T) (n: 'T) (epsilon: 'T) (failure: 'T) : 'T =
        let log = 'T.Log(n / failure)
        d * log * log * log / 'T.Sqr epsilon

[<RequireQualifiedAccess>]
module SketchBounds =
    let private input = BoundCalculator.input

    let certificateCalculator =
        {
            Name = "sketch-certificate"
            Family = "sketching"
            Title = "error of a least-squares solution on a sketch"
            Statement =
                "Where S U has full column rank, U an orthonormal basis of A's columns, the minimiser x' of |S (A x - b)| is within |A^+| |(U'S'S U)^-1| |U'S'S r| of the minimiser x* of |A x - b|, r = b - A x*."
            Source = "derived here: x' - x* = V Sigma^-1 (U'S'S U)^-1 U'S'S r exactly"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    input "pseudoInverseNorm" "p" "|A^+|, one over the smallest singular value" Domain.Positive 1.0
                    input "inverseNorm" "q" "|(U'S'S U)^-1|" Domain.Positive 1.5
                    input "residualNorm" "s" "|U'S'S r|" Domain.NonNegative 0.1
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| SketchFormulas.product x["p"] x["q"] x["s"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.byConstruction
                            "S U has full column rank"
                            "its smallest singular value is computed"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The certificate of a sketched least-squares solution holds, and with equality for one column"
        }

    let rowsCalculator =
        {
            Name = "sketch-rows"
            Family = "sketching"
            Title = "rows of a sketch that are usually enough"
            Statement =
                "With d ln^3(n/failure)/epsilon^2 rows of a subsampled randomised Hadamard transform every coordinate of x' - x* is claimed to be within (epsilon/sqrt d) |r| |A^+|. The published proof has a gap: it applies a property of fixed vectors to vectors that depend on the sketch. Use the certificate."
            Source =
                "Fast regression with an l-infinity guarantee (arXiv 2302.00248), constant 1; refuted as a proof by a later manuscript, kept as a rule of thumb"
            Kind = BoundKind.Heuristic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    BoundCalculator.count "columns" "d" "columns" 1.0 8.0
                    BoundCalculator.count "samples" "n" "rows of A" 1.0 100000.0
                    input "epsilon" "epsilon" "relative error" (BoundCalculator.between 0.0 1.0) 0.5
                    input
                        "failure"
                        "failure"
                        "failure probability that the claim names"
                        (BoundCalculator.between 0.0 1.0)
                        0.05
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| SketchFormulas.rows x["d"] x["n"] x["epsilon"] x["failure"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        {
                            Name = "the sketch's property for fixed vectors holds for vectors that depend on it"
                            Status = AssumptionStatus.Violated
                            Detail = "this is the gap in the published proof"
                        }
                    |]
            Trivial = fun x -> x["n"]
            Law = "The suggested rows of a sketch were enough on every instance that was tried"
        }

    let calculators = [| certificateCalculator; rowsCalculator |]

    let certificate pseudoInverseNorm inverseNorm residualNorm =
        certificateCalculator
        |> BoundCalculator.ofNumbers [| pseudoInverseNorm; inverseNorm; residualNorm |]

    let suggestedRows columns samples epsilon failure =
        rowsCalculator
        |> BoundCalculator.ofNumbers [| float (columns: int); float (samples: int); epsilon; failure |]
