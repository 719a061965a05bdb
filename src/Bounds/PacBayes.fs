namespace Hindsight.FSharp

open System
open Hindsight

module private PacBayesFormulas =
    open Hindsight.FSharp.Ops

    /// (KL + ln(2 sqrt n/delta))/n.
    let budget<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (divergence: 'T) (delta: 'T) : 'T =
        (divergence + 'T.Log('T.Const 2.0 * 'T.Sqrt n / delta)) / n

    let plain<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (divergence: 'T) (delta: 'T) : 'T =
        (divergence + 'T.Log('T.Const 1.0 / delta)) / n

    let mcAllester<'T when 'T :> IReal<'T> and 'T: struct> (risk: 'T) (budget: 'T) : 'T =
        risk + 'T.Sqrt('T.Const 0.5 * budget)

    let quadratic<'T when 'T :> IReal<'T> and 'T: struct> (risk: 'T) (budget: 'T) : 'T =
        'T.Sqr('T.Sqrt(risk + 'T.Const 0.5 * budget) + 'T.Sqrt('T.Const 0.5 * budget))

    let lambda<'T when 'T :> IReal<'T> and 'T: struct> (risk: 'T) (budget: 'T) (lambda: 'T) : 'T =
        (risk + budget / lambda) / ('T.Const 1.0 - 'T.Const 0.5 * lambda)

    let catoni<'T when 'T :> IReal<'T> and 'T: struct> (risk: 'T) (budget: 'T) (c: 'T) : 'T =
        'T.Expm1(-(c * risk) - budget) / 'T.Expm1(-c)

    let alquier<'T when 'T :> IReal<'T> and 'T: struct>
        (n: 'T)
        (risk: 'T)
        (divergence: 'T)
        (lambda: 'T)
        (delta: 'T)
        : 'T =
        risk + (divergence + 'T.Log('T.Const 1.0 / delta)) / lambda + lambda / ('T.Const 8.0 * n)

    let occam<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (prior: 'T) (delta: 'T) : 'T =
        -('T.Log prior + 'T.Log delta) / n

    /// With N and ln(pi^2 (j+1)^2/6) as numbers.
    let anytime<'T when 'T :> IReal<'T> and 'T: struct> (size: float) (price: float) (divergence: 'T) (delta: 'T) : 'T =
        (divergence + 'T.Log('T.Const 2.0 * 'T.Sqrt('T.Const size) / delta) + 'T.Const price)
        / 'T.Const size

    let gaussian<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T[]) (a: 'T[]) (b: 'T[]) : 'T =
        let mutable total = 'T.Const 0.0

        for struct (m, a, b) in Array.map3 (fun m a b -> struct (m, a, b)) m a b do
            // a/b - 1, so that equal variances leave no rounding
            let more = (a - b) / b
            total <- total + 'T.Sqr m / b + (more - 'T.Log1p more)

        'T.Const 0.5 * total

[<RequireQualifiedAccess>]
module PacBayes =
    let private independent =
        BoundCalculator.assumed "observations are independent with one law, losses lie in [0, 1]"

    let private priorBefore = BoundCalculator.assumed "the prior does not know the observations"
    let private observations = BoundCalculator.count "observations" "n" "observations" 1.0 1000.0

    let private risk = BoundCalculator.input "risk" "q" "empirical risk of the posterior" Domain.Unit 0.1

    let private divergence =
        BoundCalculator.input "divergence" "KL" "KL(Q||P), nats" Domain.NonNegative 12.0

    let private budgetTerm =
        {
            Symbol = "B"
            Meaning = "(KL + ln(2 sqrt n/delta))/n"
        }
        : BoundTerm

    let private one (_: BoundInputs<float>) = 1.0

    let private seegerCalculator =
        {
            Name = "pac-bayes-seeger"
            Family = "pac-bayes"
            Title = "Seeger's bound with Maurer's constant"
            Statement =
                "With probability at least 1 - delta, for all posteriors at once, kl(q, R) <= B = (KL + ln(2 sqrt n/delta))/n, so the risk R is at most the p above q with kl(q, p) = B."
            Source = "Langford and Seeger 2001; Maurer 2004, Theorem 5 (2 sqrt n for n >= 8; every n >= 1 checked here)"
            Kind = BoundKind.HighProbability
            Direction = BoundDirection.Upper
            Inputs = [| observations; risk; divergence; BoundCalculator.delta |]
            Intermediate = [| budgetTerm |]
            Text = "the p above q with q*log(q/p) + (1 - q)*log((1 - q)/(1 - p)) = (KL + log(2*sqrt(n)/delta))/n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let budget = PacBayesFormulas.budget x["n"] x["KL"] x["delta"]

                        let number = (x.Number "KL" + log (2.0 * sqrt (x.Number "n") / x.Number "delta")) / x.Number "n"

                        [| BinaryKl.upperOf (x.Number "q") number x["q"] budget; budget |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| independent; priorBefore |]
            Trivial = one
            Law = "Seeger's bound holds for all posteriors at once, by enumeration"
        }

    let private mcAllesterCalculator =
        { seegerCalculator with
            Name = "pac-bayes-mcallester"
            Title = "McAllester's bound with Maurer's constant"
            Statement =
                "With probability at least 1 - delta, for all posteriors at once, R <= q + sqrt(B/2), B = (KL + ln(2 sqrt n/delta))/n."
            Source = "McAllester 1999; Maurer 2004; from Seeger's bound by Pinsker's inequality"
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let budget = PacBayesFormulas.budget x["n"] x["KL"] x["delta"]
                        [| PacBayesFormulas.mcAllester x["q"] budget; budget |]
                }
            Law = "McAllester's bound holds for all posteriors at once, by enumeration"
        }

    let private quadraticCalculator =
        { mcAllesterCalculator with
            Name = "pac-bayes-quadratic"
            Title = "quadratic PAC-Bayesian bound"
            Statement =
                "With probability at least 1 - delta, for all posteriors at once, R <= (sqrt(q + B/2) + sqrt(B/2))^2, B = (KL + ln(2 sqrt n/delta))/n."
            Source =
                "Rivasplata, Tankasali and Szepesvari 2019; derived here from Seeger's bound by kl(q, p) >= (p-q)^2/(2p)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let budget = PacBayesFormulas.budget x["n"] x["KL"] x["delta"]
                        [| PacBayesFormulas.quadratic x["q"] budget; budget |]
                }
            Law = "The quadratic bound holds for all posteriors at once, by enumeration"
        }

    let private lambdaCalculator =
        { mcAllesterCalculator with
            Name = "pac-bayes-lambda"
            Title = "PAC-Bayes-lambda bound"
            Statement =
                "With probability at least 1 - delta, for all posteriors and all lambda in (0, 2) at once, R <= q/(1 - lambda/2) + B/(lambda(1 - lambda/2)), B = (KL + ln(2 sqrt n/delta))/n."
            Source = "Thiemann, Igel, Wintenberger and Seldin 2017, Theorem 3"
            Inputs =
                [|
                    observations
                    risk
                    divergence
                    BoundCalculator.input "lambda" "lambda" "trade-off" (BoundCalculator.between 0.0 2.0) 0.5
                    |> BoundCalculator.free
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let budget = PacBayesFormulas.budget x["n"] x["KL"] x["delta"]
                        [| PacBayesFormulas.lambda x["q"] budget x["lambda"]; budget |]
                }
            Law = "The lambda bound holds for all posteriors at once, by enumeration"
        }

    let private before name symbol meaning example =
        BoundCalculator.input name symbol $"{meaning}, fixed before the data" Domain.Positive example

    let private catoniCalculator =
        { mcAllesterCalculator with
            Name = "pac-bayes-catoni"
            Title = "Catoni's bound"
            Statement =
                "For a C fixed before the data, with probability at least 1 - delta, for all posteriors at once, R <= (1 - exp(-C q - (KL + ln(1/delta))/n))/(1 - e^-C)."
            Source = "Catoni 2007, Theorem 1.2.1"
            Inputs =
                [|
                    observations
                    risk
                    divergence
                    before "c" "C" "inverse temperature an observation" 0.5
                    BoundCalculator.delta
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            PacBayesFormulas.catoni x["q"] (PacBayesFormulas.plain x["n"] x["KL"] x["delta"]) x["C"]
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        independent
                        priorBefore
                        BoundCalculator.assumed
                            "C is fixed before the data: one that is optimised on them is no guarantee"
                    |]
            Law = "Catoni's bound holds for all posteriors at once, by enumeration"
        }

    let private alquierCalculator =
        { catoniCalculator with
            Name = "pac-bayes-alquier"
            Title = "Alquier's bound"
            Statement =
                "For a lambda fixed before the data, with probability at least 1 - delta, for all posteriors at once, R <= q + (KL + ln(1/delta))/lambda + lambda/(8 n)."
            Source = "Alquier, Ridgway and Chopin 2016, Theorem 4.1, with Hoeffding's lemma"
            Inputs =
                [|
                    observations
                    risk
                    divergence
                    before "lambda" "lambda" "inverse temperature" 300.0
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PacBayesFormulas.alquier x["n"] x["q"] x["KL"] x["lambda"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        independent
                        priorBefore
                        BoundCalculator.assumed
                            "lambda is fixed before the data: one that is optimised on them is no guarantee"
                    |]
            Law = "Alquier's bound holds for all posteriors at once, by enumeration"
        }

    let private occamCalculator =
        { seegerCalculator with
            Name = "occam"
            Title = "Occam's bound"
            Statement =
                "With probability at least 1 - delta, for all hypotheses h of a countable class at once, the risk of h is at most the p above its empirical risk q with kl(q, p) = (ln(1/P(h)) + ln(1/delta))/n."
            Source =
                "Blumer, Ehrenfeucht, Haussler and Warmuth 1987; with kl Langford 2005, derived here: Chernoff's bound and a union over the class"
            Inputs =
                [|
                    observations
                    { risk with
                        Meaning = "empirical risk of the hypothesis"
                    }
                    BoundCalculator.input
                        "prior"
                        "P"
                        "prior probability of the hypothesis"
                        { Domain.Unit with LowClosed = false }
                        0.001
                    BoundCalculator.delta
                |]
            Intermediate = [||]
            Text = "the p above q with q*log(q/p) + (1 - q)*log((1 - q)/(1 - p)) = (log(1/P) + log(1/delta))/n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let number = -(log (x.Number "P") + log (x.Number "delta")) / x.Number "n"
                        let budget = PacBayesFormulas.occam x["n"] x["P"] x["delta"]
                        [| BinaryKl.upperOf (x.Number "q") number x["q"] budget |]
                }
            Law = "Occam's bound holds for all hypotheses at once, by enumeration"
        }

    let private testSetCalculator =
        { occamCalculator with
            Name = "test-set"
            Title = "binomial tail inversion on a test set"
            Statement =
                "A hypothesis that makes k errors on n fresh observations has a risk of at most the p with P(at most k errors) = delta, with probability at least 1 - delta; no smaller bound that increases in k is valid."
            Source = "Clopper and Pearson 1934; Langford 2005, Theorem 3.3"
            Inputs =
                [|
                    // the incomplete beta function has its digits up to here
                    { observations with
                        Allowed = Domain.Closed(1.0, 1e7)
                    }
                    BoundCalculator.count "errors" "k" "errors among them" 0.0 50.0
                    BoundCalculator.delta
                |]
            Text = "the p with sum_(i <= k) C(n, i)*p^i*(1 - p)^(n - i) = delta; 1 if k = n"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let n = x.Number "n"
                        let k = x.Number "k"

                        [|
                            if k >= n then
                                'T.Const 1.0
                            else
                                BetaQuantile.above (k + 1.0) (n - k) (x.Number "delta") x["delta"]
                        |]
                }
            Check = fun x -> Require.inside "errors" (Domain.Closed(0.0, x["n"])) x["k"] |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "observations are independent with one law"
                        BoundCalculator.assumed "the hypothesis does not know them"
                    |]
            Law = "Binomial tail inversion is exact"
        }

    let private anytimeCalculator =
        { seegerCalculator with
            Name = "pac-bayes-anytime"
            Title = "Seeger's bound at all sample sizes at once"
            Statement =
                "With probability at least 1 - delta, for all sample sizes n and all posteriors at once, kl(q_n, R) <= (KL + ln(2 sqrt N/delta_j))/N, N = 2^j the largest power of two up to n and delta_j = 6 delta/(pi^2 (j+1)^2)."
            Source =
                "derived here: the prior's mean of exp(N kl(q_n, R)), n >= N, is a reverse submartingale (kl is convex, empirical means are a reverse martingale), Doob's inequality from its expectation of at most 2 sqrt N, a union over the epochs; the method is that of Chugg, Wang and Ramdas 2023"
            Kind = BoundKind.Anytime
            Intermediate = [||]
            Text =
                "the p above q with q*log(q/p) + (1 - q)*log((1 - q)/(1 - p)) = (KL + log(2*sqrt(N)*pi^2*(j + 1)^2/(6*delta)))/N, N = 2^j, j = floor(log2(n))"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let epoch = float (Math.ILogB(x.Number "n"))
                        let size = Math.ScaleB(1.0, int epoch)
                        let price = log (Math.PI * Math.PI * (epoch + 1.0) * (epoch + 1.0) / 6.0)

                        let number = (x.Number "KL" + log (2.0 * sqrt size / x.Number "delta") + price) / size

                        let budget = PacBayesFormulas.anytime size price x["KL"] x["delta"]
                        [| BinaryKl.upperOf (x.Number "q") number x["q"] budget |]
                }
            Law = "Seeger's bound by epochs holds at all sample sizes at once, by enumeration"
        }

    let private gaussianCalculator =
        { mcAllesterCalculator with
            Name = "gaussian-kl"
            Title = "KL of Gaussians with diagonal covariances"
            Statement = "KL(N(mu, diag a)||N(mu - m, diag b)) = 1/2 sum(a_i/b_i + m_i^2/b_i - 1 - ln(a_i/b_i))."
            Source = "derived here: the expected difference of two quadratic forms"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "meanDifference" "m" "difference of the means" Domain.Reals 0.5
                    |> BoundCalculator.list [| 0.5; -0.2; 1.0 |]
                    BoundCalculator.input "variances" "a" "variance under Q" Domain.Positive 0.5
                    |> BoundCalculator.list [| 0.5; 0.8; 0.3 |]
                    BoundCalculator.input "priorVariances" "b" "variance under P" Domain.Positive 1.0
                    |> BoundCalculator.list [| 1.0; 1.0; 2.0 |]
                |]
            Intermediate = [||]
            Text = "sum_i (a_i/b_i + m_i^2/b_i - 1 - log(a_i/b_i))/2"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PacBayesFormulas.gaussian (x.List "m") (x.List "a") (x.List "b") |]
                }
            Check =
                fun x ->
                    let d = (x.List "m").Length

                    Require.length "variances" d (x.List "a").Length
                    |> Result.bind (fun () -> Require.length "priorVariances" d (x.List "b").Length)
            Assumptions = fun _ -> [||]
            Trivial = BoundCalculator.noTrivial
            Law = "The KL of Gaussians is the integral"
        }

    let calculators =
        [|
            seegerCalculator
            mcAllesterCalculator
            quadraticCalculator
            lambdaCalculator
            catoniCalculator
            alquierCalculator
            occamCalculator
            testSetCalculator
            anytimeCalculator
            gaussianCalculator
        |]

    let private at (observations: int) rest calculator =
        BoundCalculator.ofNumbers (Array.append [| float observations |] rest) calculator

    let seeger observations risk divergence delta =
        seegerCalculator |> at observations [| risk; divergence; delta |]

    let mcAllester observations risk divergence delta =
        mcAllesterCalculator |> at observations [| risk; divergence; delta |]

    let quadratic observations risk divergence delta =
        quadraticCalculator |> at observations [| risk; divergence; delta |]

    let lambda observations risk divergence lambda delta =
        lambdaCalculator |> at observations [| risk; divergence; lambda; delta |]

    let bestLambda observations risk divergence delta =
        result {
            let! bound = quadratic observations risk divergence delta
            let b = (bound.Terms |> Array.find (fun t -> t.Symbol = "B")).Value
            return 2.0 / (1.0 + sqrt (2.0 * risk / b + 1.0))
        }

    let catoni observations risk divergence c delta =
        catoniCalculator |> at observations [| risk; divergence; c; delta |]

    let alquier observations risk divergence lambda delta =
        alquierCalculator |> at observations [| risk; divergence; lambda; delta |]

    let occam observations risk prior delta =
        occamCalculator |> at observations [| risk; prior; delta |]

    let testSet observations (errors: int) delta =
        testSetCalculator |> at observations [| float errors; delta |]

    let anytime observations risk divergence delta =
        anytimeCalculator |> at observations [| risk; divergence; delta |]

    let maurerSum observations =
        result {
            let! n = Require.atLeast "observations" 1 observations

            let log k =
                let power a =
                    if a = 0 then 0.0 else float a * Math.Log(float a / float n)

                MathNet.Numerics.SpecialFunctions.BinomialLn(n, k) + power k + power (n - k)

            return Seq.init (n + 1) (fun k -> exp (log k)) |> Seq.sum
        }

    let diagonalGaussians meanDifference variances priorVariances =
        gaussianCalculator |> BoundCalculator.at [| meanDifference; variances; priorVariances |]

    let private covarianceOf name d (matrix: float[,]) =
        result {
            do! Require.length name d (Array2D.length1 matrix)
            do! Require.length name d (Array2D.length2 matrix)
            let m = MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.OfArray matrix
            let finite = matrix |> Seq.cast<float> |> Seq.forall Double.IsFinite

            let factor =
                if finite && m.IsSymmetric() then
                    try
                        Some(m.Cholesky())
                    with :? ArgumentException ->
                        None
                else
                    None

            return!
                match factor with
                | Some factor -> Ok struct (m, factor)
                | None -> Error(HindsightError.OutOfRange(name, "a matrix", "symmetric and positive definite"))
        }

    let gaussians (mean: float[]) (covariance: float[,]) (priorMean: float[]) (priorCovariance: float[,]) =
        result {
            let! d = Require.atLeast "mean" 1 mean.Length
            do! Require.allFinite "mean" (ReadOnlySpan mean)
            do! Require.length "priorMean" d priorMean.Length
            do! Require.allFinite "priorMean" (ReadOnlySpan priorMean)
            let! struct (q, ownFactor) = covarianceOf "covariance" d covariance
            let! struct (_, factor) = covarianceOf "priorCovariance" d priorCovariance

            let m = MathNet.Numerics.LinearAlgebra.Double.DenseVector.OfEnumerable(Seq.map2 (-) mean priorMean)

            let quadratic = m.DotProduct(factor.Solve m)

            return
                0.5
                * (factor.Solve(q).Trace() + quadratic - float d + factor.DeterminantLn - ownFactor.DeterminantLn)
        }
