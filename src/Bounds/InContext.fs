namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module InContextBounds =
    let private examples = BoundCalculator.count "examples" "n" "examples in the context" 1.0 20.0
    let private dimension = BoundCalculator.count "dimension" "d" "dimension of the inputs" 1.0 5.0

    let private noise =
        BoundCalculator.input "noise" "sigma2" "variance of the noise" Domain.NonNegative 0.25

    let private wishart = "derived here by Wishart moments"

    let private term symbol meaning : BoundTerm = { Symbol = symbol; Meaning = meaning }

    let private normal (_: BoundInputs<float>) =
        [|
            BoundCalculator.assumed
                "inputs and query from N(0, I), weights from N(0, I), independent noise of variance sigma^2"
        |]

    let private oneStep =
        {
            Name = "in-context-step"
            Family = "in-context"
            Title = "loss of one gradient step in context"
            Statement =
                "The predictor eta x_q'X'y, which one layer of linear self-attention computes, has expected squared error d - 2 eta n d + eta^2 n d (n + d + 1 + sigma^2) + sigma^2."
            Source =
                $"{wishart}; setting of One step of gradient descent is provably the optimal in-context learner (arXiv 2307.03576)"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    examples
                    dimension
                    noise
                    BoundCalculator.input "step" "eta" "step" Domain.NonNegative 0.03 |> BoundCalculator.free
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.stepLoss x["n"] x["d"] x["sigma2"] x["eta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = normal
            // predicting 0
            Trivial = fun x -> x["d"] + x["sigma2"]
            Law = "One step's loss is the expectation over contexts, weights and noise"
        }

    let private bestStep =
        { oneStep with
            Name = "in-context-optimal-step"
            Title = "the best step in context"
            Statement =
                "The step eta = 1/(n + d + 1 + sigma^2) has the least expected loss among predictors eta x_q'X'y."
            Inputs = [| examples; dimension; noise |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.optimalStep x["n"] x["d"] x["sigma2"] |]
                }
            Trivial = BoundCalculator.noTrivial
            Law = "The best step minimises the expected loss"
        }

    let private bestLoss =
        { bestStep with
            Name = "in-context-optimal-loss"
            Title = "loss of the best gradient step in context"
            Statement =
                "At the best step eta = 1/(n + d + 1 + sigma^2) the expected squared error is d (1 - n eta) + sigma^2 = d (d + 1 + sigma^2) eta + sigma^2."
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.optimalLoss x["n"] x["d"] x["sigma2"] |]
                }
            Trivial = oneStep.Trivial
            Law = "The best step minimises the expected loss"
        }

    let private preconditioned =
        { oneStep with
            Name = "in-context-preconditioned-loss"
            Title = "loss of the best preconditioned step in context"
            Statement =
                "For inputs from N(0, S) and weights from N(0, I), the predictor x_q'P X'y with P = ((n+1) S + (tr S + sigma^2) I)^-1, which is the best, has expected squared error sum t (1 - n t/((n+1) t + tr S + sigma^2)) + sigma^2 over the eigenvalues t of S."
            Inputs =
                [|
                    BoundCalculator.input "spectrum" "t" "eigenvalues of the inputs' covariance" Domain.Positive 1.0
                    |> BoundCalculator.list [| 2.0; 1.0; 0.5; 0.1 |]
                    examples
                    noise
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.preconditionedLoss (x.List "t") x["n"] x["sigma2"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed
                            "inputs and query from N(0, S), weights from N(0, I), independent noise of variance sigma^2"
                    |]
            Trivial = fun x -> Array.sum (x.List "t") + x["sigma2"]
            Law = "The best preconditioner's loss is the expectation over contexts, weights and noise"
        }

    let private ordinary =
        { oneStep with
            Name = "in-context-least-squares"
            Title = "loss of least squares in context"
            Statement =
                "Least squares on n > d + 1 examples has expected squared error sigma^2 (1 + d/(n - d - 1)) on a fresh query, whatever the weights."
            Source = "the mean of an inverse Wishart matrix"
            Inputs = [| examples; dimension; noise |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.leastSquares x["n"] x["d"] x["sigma2"] |]
                }
            Check =
                fun x ->
                    if x["n"] > x["d"] + 1.0 then
                        Ok()
                    else
                        Error(
                            HindsightError.OutOfRange(
                                "examples",
                                string x["n"],
                                "more than d + 1: with fewer the expectation is infinite"
                            )
                        )
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "inputs and query from N(0, I), independent noise of variance sigma^2"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The loss of least squares is that of an inverse Wishart matrix"
        }

    let private sameLength (x: BoundInputs<float>) =
        Require.length "query" (x.List "t").Length (x.List "q").Length

    let private variance =
        {
            Name = "in-context-variance"
            Family = "in-context"
            Title = "predictive variance with known noise"
            Statement =
                "For weights from N(0, tau^2 I) and normal noise of known variance, the label at a query has variance sigma^2 (1 + sum q^2/(t + sigma^2/tau^2)), t the eigenvalues of X'X and q the query in their basis; what exceeds sigma^2 is epistemic."
            Source = "derived here: conditional normal distributions"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "spectrum" "t" "eigenvalues of X'X" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 12.0; 5.0; 1.0 |]
                    BoundCalculator.input "query" "q" "the query in the basis of X'X" Domain.Reals 1.0
                    |> BoundCalculator.list [| 1.0; -0.5; 0.7 |]
                    BoundCalculator.input "noise" "sigma2" "variance of the noise" Domain.Positive 0.25
                    BoundCalculator.input "weightVariance" "tau2" "prior variance of a weight" Domain.Positive 1.0
                |]
            Intermediate = [| term "epistemic" "variance that more examples remove" |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let ridge = 'T.op_Division (x["sigma2"], x["tau2"])
                        let leverage = InContextFormulas.leverage (x.List "t") (x.List "q") ridge
                        let epistemic = 'T.op_Multiply (x["sigma2"], leverage)
                        [| 'T.op_Addition (x["sigma2"], epistemic); epistemic |]
                }
            Check = sameLength
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "weights from N(0, tau^2 I), normal noise of variance sigma^2"
                    |]
            Trivial = fun x -> x["sigma2"] + x["tau2"] * (x.List "q" |> Array.sumBy (fun q -> q * q))
            Law = "The predictive variance is that of conditioning a normal vector"
        }

    let private unknown =
        { variance with
            Name = "in-context-unknown-variance"
            Title = "predictive variance with unknown noise"
            Statement =
                "For sigma^2 ~ inverse gamma(a0, b0) and weights from N(0, sigma^2/precision I), the label at a query is Student-t with 2 a degrees of freedom and variance b/(a-1) (1 + h), a = a0 + n/2, b = b0 + (residual + precision |m|^2)/2, h = x_q'(X'X + precision I)^-1 x_q."
            Source = "derived here: conjugate prior of linear regression"
            Inputs =
                [|
                    BoundCalculator.input "shape" "a0" "prior shape" Domain.Positive 2.0
                    BoundCalculator.input "rate" "b0" "prior rate, label squared" Domain.Positive 1.0
                    BoundCalculator.count "examples" "n" "examples" 0.0 10.0
                    BoundCalculator.input
                        "fit"
                        "E"
                        "penalised residual sum |y - Xm|^2 + precision |m|^2, label squared"
                        Domain.NonNegative
                        3.0
                    BoundCalculator.input "leverage" "h" "x_q'(X'X + precision I)^-1 x_q" Domain.NonNegative 0.4
                |]
            Intermediate =
                [|
                    term "dof" "degrees of freedom, 2 a"
                    term "scale2" "squared scale, (b/a)(1 + h)"
                    term "aleatoric" "expected noise, b/(a-1)"
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let half a = 'T.op_Multiply ('T.Const 0.5, a)
                        let one = 'T.Const 1.0
                        let a = 'T.op_Addition (x["a0"], half x["n"])
                        let b = 'T.op_Addition (x["b0"], half x["E"])
                        let whole = 'T.op_Addition (one, x["h"])
                        let noise = 'T.op_Division (b, 'T.op_Subtraction (a, one))

                        [|
                            'T.op_Multiply (noise, whole)
                            'T.op_Multiply ('T.Const 2.0, a)
                            'T.op_Multiply ('T.op_Division (b, a), whole)
                            noise
                        |]
                }
            Check =
                fun x ->
                    if x["a0"] + 0.5 * x["n"] > 1.0 then
                        Ok()
                    else
                        Error(
                            HindsightError.OutOfRange(
                                "shape",
                                string x["a0"],
                                "above 1 - n/2: below, the variance is infinite"
                            )
                        )
            Assumptions = fun _ -> [| BoundCalculator.assumed "the conjugate prior of normal linear regression" |]
            Trivial = BoundCalculator.noTrivial
            Law = "The variance with unknown noise is the integral over the noise"
        }

    let private gaussian =
        { variance with
            Name = "gaussian-excess"
            Title = "cost of a wrong mean and variance"
            Statement =
                "Where the label has mean mu and deviation s, predicting mean mu^ and deviation s^ costs ln(s^/s) + (s^2 + (mu - mu^)^2)/(2 s^^2) - 1/2 more than predicting the truth, in expected Gaussian log-loss: KL(N(mu, s^2), N(mu^, s^^2))."
            Source = "derived here; mean and variance as targets: arXiv 2405.15115"
            Kind = BoundKind.Expectation
            Inputs =
                [|
                    BoundCalculator.input "gap" "g" "true less predicted mean" Domain.Reals 0.5
                    BoundCalculator.input "deviation" "s" "true standard deviation" Domain.Positive 1.0
                    BoundCalculator.input "predicted" "p" "predicted standard deviation" Domain.Positive 1.5
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| InContextFormulas.excess x["g"] x["s"] x["p"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| BoundCalculator.assumed "the label has a finite variance" |]
            Trivial = BoundCalculator.noTrivial
            Law = "A wrong mean and variance cost the divergence between two normal distributions"
        }

    let calculators =
        [|
            oneStep
            bestStep
            bestLoss
            preconditioned
            ordinary
            variance
            unknown
            gaussian
        |]

    let stepLoss examples dimension noise step =
        oneStep
        |> BoundCalculator.ofNumbers [| float (examples: int); float (dimension: int); noise; step |]

    let optimalLoss examples dimension noise =
        bestLoss |> BoundCalculator.ofNumbers [| float (examples: int); float (dimension: int); noise |]

    let preconditionedLoss spectrum examples noise =
        preconditioned |> BoundCalculator.at [| spectrum; [| float (examples: int) |]; [| noise |] |]

    let leastSquares examples dimension noise =
        ordinary |> BoundCalculator.ofNumbers [| float (examples: int); float (dimension: int); noise |]

    let gaussianExcess gap deviation predicted =
        gaussian |> BoundCalculator.ofNumbers [| gap; deviation; predicted |]
