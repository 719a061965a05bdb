namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module GrokkingBounds =
    let private model =
        "model: Grokking as the transition from lazy to rich training dynamics (arXiv 2310.06110); derived here by Gaussian moments"

    let private alpha =
        BoundCalculator.input "alpha" "alpha" "scale of the student's output" Domain.Positive 1.0

    let private epsilon =
        BoundCalculator.input "epsilon" "epsilon" "curvature of the activation" Domain.NonNegative 0.5

    let private dimension = BoundCalculator.count "dimension" "D" "input dimension" 1.0 20.0
    let private units = BoundCalculator.count "units" "N" "hidden units" 1.0 50.0

    let private signal2 =
        BoundCalculator.input "signal2" "b" "|beta|^2, the target's squared norm" Domain.NonNegative 20.0

    let private rows (_: BoundInputs<float>) =
        [|
            BoundCalculator.assumed "inputs from N(0, I/D), labels (beta'x)^2/2"
            BoundCalculator.byConstruction "the student" "(alpha/N) sum phi(w_i'x), phi(h) = h + (epsilon/2) h^2"
        |]

    let private zero (x: BoundInputs<float>) =
        (GrokkingFormulas.zero (R64 x["D"]) (R64 x["b"])).V

    /// What Cauchy-Schwarz and a positive M ask for, up to rounding.
    let private possible (x: BoundInputs<float>) =
        let slack = 1.0 + 1e-9
        let trace, frobenius2, aligned = x["t"], x["F"], x["a"]

        if frobenius2 * slack < trace * trace / x["D"] then
            Require.inside "frobenius2" (BoundCalculator.atLeast (trace * trace / x["D"])) frobenius2
        elif frobenius2 > trace * trace * slack then
            Require.inside "frobenius2" (Domain.Closed(0.0, trace * trace)) frobenius2
        elif aligned > slack * x["b"] * sqrt frobenius2 then
            Require.inside "aligned" (Domain.Closed(0.0, x["b"] * sqrt frobenius2)) aligned
        elif x["m"] > slack * trace then
            Require.inside "mean2" (Domain.Closed(0.0, trace)) x["m"]
        else
            Ok 0.0

    let private atWeights =
        {
            Name = "grokking-risk"
            Family = "grokking"
            Title = "population risk of the grokking student"
            Statement =
                "With B = alpha epsilon M - beta beta', E (f - y)^2 = alpha^2 |mean w|^2/D + (2 |B|_F^2 + (tr B)^2)/(4 D^2), M the mean of w w'."
            Source = model
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    alpha
                    epsilon
                    dimension
                    BoundCalculator.input "mean2" "m" "squared norm of the mean weight" Domain.NonNegative 0.4
                    BoundCalculator.input
                        "trace"
                        "t"
                        "trace of M, the mean squared norm of a weight"
                        Domain.Positive
                        20.0
                    BoundCalculator.input "frobenius2" "F" "squared Frobenius norm of M" Domain.Positive 40.0
                    BoundCalculator.input "aligned" "a" "beta'M beta" Domain.NonNegative 20.0
                    signal2
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            GrokkingFormulas.risk x["alpha"] x["epsilon"] x["D"] x["m"] x["t"] x["F"] x["a"] x["b"]
                        |]
                }
            Check = possible >> Result.map ignore<float>
            Assumptions = rows
            Trivial = zero
            Law = "The population risk of the grokking student is the expectation over its inputs"
        }

    let private atStart =
        { atWeights with
            Name = "grokking-initial-risk"
            Title = "expected risk of the grokking student at the start"
            Statement =
                "Over standard normal weights of N units, the expected population risk is alpha^2/N + (2 (c^2 (D + (D^2+D)/N) - 2 c |beta|^2 + |beta|^4) + c^2 (D^2 + 2 D/N) - 2 c D |beta|^2 + |beta|^4)/(4 D^2), c = alpha epsilon."
            Inputs = [| alpha; epsilon; dimension; units; signal2 |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GrokkingFormulas.initial x["alpha"] x["epsilon"] x["D"] x["N"] x["b"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                rows
                >> Array.append
                    [|
                        BoundCalculator.byConstruction "weights at the start" "independent, standard normal"
                    |]
            Law = "The risk at the start is the expectation over the student's weights"
        }

    let calculators = [| atWeights; atStart |]

    let risk (student: GrokkingStudent) (statistics: GrokkingStatistics) (beta: float[]) =
        result {
            // the shapes are checked there; the numbers of the formula follow
            let! _ = Grokking.populationRisk student statistics beta
            let m = statistics.Second
            let cells = Seq.cast<float> m
            let frobenius2 = cells |> Seq.sumBy (fun v -> v * v)
            let trace = Seq.sum (Seq.mapi (fun i _ -> m[i, i]) beta)
            let aligned = Seq.allPairs beta beta |> Seq.map2 (fun v (a, b) -> a * v * b) cells |> Seq.sum
            let norm2 (v: float[]) = v |> Array.sumBy (fun x -> x * x)

            return!
                atWeights
                |> BoundCalculator.ofNumbers
                    [|
                        student.Alpha
                        student.Epsilon
                        float beta.Length
                        norm2 statistics.Mean
                        trace
                        frobenius2
                        max aligned 0.0
                        norm2 beta
                    |]
        }

    let initialRisk (student: GrokkingStudent) dimension units signal2 =
        atStart
        |> BoundCalculator.ofNumbers
            [|
                student.Alpha
                student.Epsilon
                float (dimension: int)
                float (units: int)
                signal2
            |]
