namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module EigenframeworkBounds =
    let private source = "More is Better (arXiv 2311.14646), the published code"

    let private eigenvalues =
        BoundCalculator.input "eigenvalues" "lambda" "eigenvalues of the kernel" Domain.Positive 1.0
        |> BoundCalculator.list [| 1.0; 0.5; 0.25; 0.15; 0.1; 0.07; 0.05; 0.03; 0.02; 0.01 |]

    let private coefficients =
        BoundCalculator.input "coefficients" "v" "coefficients of the target" Domain.Reals 1.0
        |> BoundCalculator.list [| 1.0; -0.7; 0.5; 0.4; -0.3; 0.2; 0.2; 0.1; 0.1; 0.05 |]

    let private noise =
        BoundCalculator.input "noise" "sigma2" "variance of the noise" Domain.NonNegative 0.2

    let private samples = BoundCalculator.count "samples" "n" "samples" 1.0 6.0
    let private features = BoundCalculator.count "features" "k" "random features" 1.0 20.0

    // the papers' delta, which is the failure probability's symbol everywhere else
    let private ridge =
        BoundCalculator.input "ridge" "ridge" "ridge delta, not divided by the number of samples" Domain.NonNegative 0.5
        |> BoundCalculator.free

    let private rows which (x: BoundInputs<float>) =
        [|
            BoundCalculator.assumed "the features behave like independent Gaussians (universality)"
            BoundCalculator.assumed $"many samples{which}; the relative error falls with their number"
            BoundCalculator.required
                (x["n"] >= 10.0)
                "at least ten samples"
                "the estimate is one of large numbers: below ten samples it can be far off"
        |]

    /// Predicting zero: the target's second moment and the noise.
    let private zero (x: BoundInputs<float>) =
        (x.List "v" |> Array.sumBy (fun v -> v * v)) + x["sigma2"]

    let private term symbol meaning : BoundTerm = { Symbol = symbol; Meaning = meaning }

    let private kernel =
        {
            Name = "krr-risk"
            Family = "eigenframework"
            Title = "test error of kernel ridge regression"
            Statement =
                "Kernel ridge regression with ridge delta on n samples of a target with coefficients v and noise sigma^2 has test error n/(n-q) (sum (1-L)^2 v^2 + sigma^2), L = lambda/(lambda+kappa), q = sum L^2, sum L + delta/kappa = n."
            Source = source
            Kind = BoundKind.Asymptotic
            Direction = BoundDirection.Equal
            Inputs = [| eigenvalues; coefficients; noise; samples; ridge |]
            Intermediate =
                [|
                    term "kappa" "implicit ridge"
                    term "gamma" "implicit ridge of samples and features together"
                    term "E_train" "train error"
                    term "E_0" "test error for each unit of noise"
                |]
            Text =
                "n/(n-q) (sum (1-L_i)^2 v_i^2 + sigma2), L_i = lambda_i/(lambda_i+kappa), q = sum L_i^2, sum L_i + ridge/kappa = n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let root =
                            EigenframeworkFormulas.rootOf (x.Numbers "lambda") (x.Number "n") 0.0 (x.Number "ridge")

                        EigenframeworkFormulas.risk
                            (x.List "lambda")
                            (x.List "v")
                            x["sigma2"]
                            x["n"]
                            ('T.Const 0.0)
                            x["ridge"]
                            root
                }
            Check = fun x -> EigenframeworkFormulas.check (x.List "lambda") (x.List "v") x["n"] infinity x["ridge"]
            Assumptions = rows ""
            Trivial = zero
            Law = "Kernel ridge regression on Gaussian features has the predicted test and train error"
        }

    let private randomFeatures =
        { kernel with
            Name = "rf-risk"
            Title = "test error of random-feature ridge regression"
            Statement =
                "Ridge regression with ridge delta on k random features and n samples has test error (sum (1-L)(1 - L (1-z/k)/(1-q/k)) v^2 + sigma^2)/(1 - (q (1-2z/k) + z^2/k)/(n (1-q/k))), L = lambda/(lambda+gamma), z = sum L, q = sum L^2, z + delta/(gamma (1-z/k)) = n."
            Inputs = [| eigenvalues; coefficients; noise; samples; features; ridge |]
            Text =
                "(sum (1-L_i)(1-L_i (1-z/k)/(1-q/k)) v_i^2 + sigma2)/(1-(q (1-2 z/k)+z^2/k)/(n (1-q/k))), L_i = lambda_i/(lambda_i+gamma), z = sum L_i, q = sum L_i^2, z + ridge/(gamma (1-z/k)) = n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let root =
                            EigenframeworkFormulas.rootOf
                                (x.Numbers "lambda")
                                (x.Number "n")
                                (1.0 / x.Number "k")
                                (x.Number "ridge")

                        EigenframeworkFormulas.risk
                            (x.List "lambda")
                            (x.List "v")
                            x["sigma2"]
                            x["n"]
                            ('T.op_Division ('T.Const 1.0, x["k"]))
                            x["ridge"]
                            root
                }
            Check = fun x -> EigenframeworkFormulas.check (x.List "lambda") (x.List "v") x["n"] x["k"] x["ridge"]
            Assumptions = rows " and features"
            Law = "Ridge regression on random features has the predicted test and train error"
        }

    let private ratio =
        {
            Name = "fitting-ratio"
            Family = "eigenframework"
            Title = "how far the best ridge interpolates"
            Statement =
                "Under power laws lambda_i ~ i^-alpha, v_i^2 ~ i^-beta and relative noise s, the ridge of least test error has r = sqrt(E_train/E_test) with alpha - beta - (alpha-1) beta r + (alpha-1) s (1-r)^beta = 0, or r = 0 where the left side is at most 0 at r = 0."
            Source = "derived here from the eigenframework of More is Better (arXiv 2311.14646)"
            Kind = BoundKind.Asymptotic
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "alpha" "alpha" "decay of the eigenvalues" { Domain.Reals with Low = 1.0 } 2.0
                    BoundCalculator.input
                        "beta"
                        "beta"
                        "decay of the target's squared coefficients"
                        { Domain.Reals with Low = 1.0 }
                        1.5
                    BoundCalculator.input
                        "relativeNoise"
                        "s"
                        "noise over the bias that is left without a ridge"
                        Domain.NonNegative
                        0.5
                |]
            Intermediate = [| term "R" "train error over test error" |]
            Text = "r with alpha - beta - (alpha-1) beta r + (alpha-1) s (1-r)^beta = 0; 0 where there is none in [0,1)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let root = EigenframeworkFormulas.ratioOf (x.Number "alpha") (x.Number "beta") (x.Number "s")

                        let r = EigenframeworkFormulas.ratio x["alpha"] x["beta"] x["s"] root
                        [| r; 'T.Sqr r |]
                }
            Check =
                fun x ->
                    Require.inside "beta" (Domain.Open(1.0, 2.0 * x["alpha"] + 1.0)) x["beta"]
                    |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "power laws over many more modes than samples"
                        BoundCalculator.assumed "many samples"
                    |]
            Trivial = fun _ -> 1.0
            Law = "The best ratio of train to test error under power laws is that of the equation"
        }

    let calculators = [| randomFeatures; kernel; ratio |]
    let private one x = [| x |]

    let rfRisk eigenvalues coefficients noise samples features ridge =
        randomFeatures
        |> BoundCalculator.at [| eigenvalues; coefficients; one noise; one samples; one features; one ridge |]

    let krrRisk eigenvalues coefficients noise samples ridge =
        kernel |> BoundCalculator.at [| eigenvalues; coefficients; one noise; one samples; one ridge |]

    /// Where a search for the ridge starts: the size of the kernel.
    let private start (eigenvalues: float[]) =
        if eigenvalues.Length = 0 then
            1.0
        else
            Array.average eigenvalues

    let optimalRidge eigenvalues coefficients noise samples =
        kernel
        |> BoundCalculator.optimise
            [ "ridge" ]
            [| eigenvalues; coefficients; one noise; one samples; one (start eigenvalues) |]

    let optimalRidgeOfFeatures eigenvalues coefficients noise samples features =
        randomFeatures
        |> BoundCalculator.optimise
            [ "ridge" ]
            [|
                eigenvalues
                coefficients
                one noise
                one samples
                one features
                one (start eigenvalues)
            |]

    let fittingRatio alpha beta relativeNoise =
        ratio |> BoundCalculator.ofNumbers [| alpha; beta; relativeNoise |]
