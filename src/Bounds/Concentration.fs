namespace Hindsight.FSharp

open System
open Hindsight

/// Newton's step for kl(q, p) = budget, over any scalar.
module private BinaryKlFormulas =
    open Hindsight.FSharp.Ops

    /// kl(q, q + d) for q inside (0,1): -q ln(1 + d/q) - (1-q) ln(1 - d/(1-q)).
    let inside<'T when 'T :> IReal<'T> and 'T: struct> (q: 'T) (d: 'T) : 'T =
        let rest = 'T.Const 1.0 - q
        -(q * 'T.Log1p(d / q)) - rest * 'T.Log1p(-(d / rest))

    /// From d near the root: d - (kl - budget)(q + d)(1 - q - d)/d.
    let step<'T when 'T :> IReal<'T> and 'T: struct> (q: 'T) (budget: 'T) (d: 'T) : 'T =
        d - (inside q d - budget) * (q + d) * ('T.Const 1.0 - q - d) / d

    let plus<'T when 'T :> IReal<'T> and 'T: struct> (q: 'T) (d: 'T) : 'T = q + d

    /// q + sqrt(2 q (1-q) budget), for a budget so small that nothing else is left.
    let small<'T when 'T :> IReal<'T> and 'T: struct> (q: 'T) (budget: 'T) : 'T =
        q + 'T.Sqrt('T.Const 2.0 * q * ('T.Const 1.0 - q) * budget)

    let fromZero<'T when 'T :> IReal<'T> and 'T: struct> (budget: 'T) : 'T = -('T.Expm1(-budget))

module internal BinaryKl =
    let divergence q d =
        if q <= 0.0 then -(Scalar.log1p -d)
        elif q >= 1.0 then 0.0
        else (BinaryKlFormulas.inside (R64 q) (R64 d)).V

    /// The d in [0, 1-q] with kl(q, q + d) = budget, from above.
    let private excess q budget =
        let mutable low = 0.0
        let mutable high = 1.0 - q

        while high - low > 2e-16 * high
              && (let middle = 0.5 * (low + high)
                  middle > low && middle < high) do
            let middle = 0.5 * (low + high)

            if divergence q middle <= budget then
                low <- middle
            else
                high <- middle

        high

    let upper q budget =
        if q <= 0.0 then -(Scalar.expm1 -budget)
        elif q >= 1.0 then 1.0
        else min 1.0 (q + excess q budget)

    let upperOf<'T when 'T :> IReal<'T> and 'T: struct> qNumber budgetNumber (q: 'T) (budget: 'T) : 'T =
        if qNumber <= 0.0 then
            BinaryKlFormulas.fromZero budget
        elif qNumber >= 1.0 then
            'T.Const 1.0
        else
            let d = excess qNumber budgetNumber

            if qNumber + d >= 1.0 - 1e-15 then
                // the distance to 1 is below rounding
                'T.Const 1.0
            elif d <= 1e-7 * qNumber * (1.0 - qNumber) then
                BinaryKlFormulas.small q budget
            else
                let one = BinaryKlFormulas.step q budget ('T.Const d)
                BinaryKlFormulas.plus q (BinaryKlFormulas.step q budget one)

module private ConcentrationFormulas =
    open Hindsight.FSharp.Ops

    let hoeffding<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (range: 'T) (delta: 'T) : 'T =
        range * 'T.Sqrt('T.Log('T.Const 1.0 / delta) / ('T.Const 2.0 * n))

    let bernstein<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (variance: 'T) (range: 'T) (delta: 'T) : 'T =
        let l = 'T.Log('T.Const 1.0 / delta)
        'T.Sqrt('T.Const 2.0 * variance * l / n) + range * l / ('T.Const 3.0 * n)

    let empirical<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (variance: 'T) (range: 'T) (delta: 'T) : 'T =
        let l = 'T.Log('T.Const 2.0 / delta)

        'T.Sqrt('T.Const 2.0 * variance * l / n)
        + 'T.Const 7.0 * range * l / ('T.Const 3.0 * (n - 'T.Const 1.0))

    let budget<'T when 'T :> IReal<'T> and 'T: struct> (n: 'T) (delta: 'T) : 'T = -('T.Log delta) / n

    let complement<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Const 1.0 - x

    let freedman<'T when 'T :> IReal<'T> and 'T: struct> (eta: 'T) (variance: 'T) (delta: 'T) : 'T =
        'T.Const 0.71828182845904524 * eta * variance + 'T.Log('T.Const 1.0 / delta) / eta

    let azuma<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (range: 'T) (delta: 'T) : 'T =
        range * 'T.Sqrt('T.Const 2.0 * horizon * 'T.Log('T.Const 1.0 / delta))

[<RequireQualifiedAccess>]
module Concentration =
    let private independent = BoundCalculator.assumed "observations are independent and have one mean"

    let private inRange = BoundCalculator.assumed "observations lie in [0, M]"

    let private observations = BoundCalculator.count "observations" "n" "observations" 1.0 100.0

    let private range =
        BoundCalculator.input "range" "M" "length of the interval of an observation" Domain.Positive 1.0
        |> BoundCalculator.withDefault 1.0

    let private sampleMean = BoundCalculator.input "sampleMean" "q" "sample mean" Domain.Unit 0.3

    let private rangeTrivial (x: BoundInputs<float>) = x["M"]

    let private hoeffdingCalculator =
        {
            Name = "hoeffding"
            Family = "concentration"
            Title = "Hoeffding's width of a mean"
            Statement =
                "The mean of n independent observations in [0, M] exceeds its expectation by M sqrt(ln(1/delta)/(2n)) with probability at most delta."
            Source = "Hoeffding 1963, Theorem 1"
            Kind = BoundKind.HighProbability
            Direction = BoundDirection.Upper
            Inputs = [| observations; range; BoundCalculator.delta |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConcentrationFormulas.hoeffding x["n"] x["M"] x["delta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| independent; inRange |]
            Trivial = rangeTrivial
            Law = "Hoeffding's inequality (1963), Theorem 1, over exact binomial tails"
        }

    let private bernsteinCalculator =
        { hoeffdingCalculator with
            Name = "bernstein"
            Title = "Bernstein's width of a mean"
            Statement =
                "The mean of n independent observations with variance sigma^2, none more than M above its expectation, exceeds its expectation by sqrt(2 sigma^2 ln(1/delta)/n) + M ln(1/delta)/(3n) with probability at most delta."
            Source = "Bernstein 1927; with these constants Boucheron, Lugosi and Massart 2013, section 2.8"
            Inputs =
                [|
                    observations
                    BoundCalculator.input "variance" "sigma2" "variance of an observation" Domain.NonNegative 0.05
                    range
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConcentrationFormulas.bernstein x["n"] x["sigma2"] x["M"] x["delta"] |]
                }
            Assumptions =
                fun x ->
                    [|
                        independent
                        BoundCalculator.required
                            (x["sigma2"] <= x["M"] * x["M"] / 4.0)
                            "observations lie in [0, M]"
                            "their variance would be at most M^2/4"
                    |]
            Law = "Bernstein's inequality over exact binomial tails"
        }

    let private empiricalCalculator =
        { hoeffdingCalculator with
            Name = "empirical-bernstein"
            Title = "empirical Bernstein width of a mean"
            Statement =
                "The mean of n independent observations in [0, M] with sample variance V (divisor n-1) is below its expectation by more than sqrt(2 V ln(2/delta)/n) + 7 M ln(2/delta)/(3(n-1)) with probability at most delta; so is it above."
            Source = "Maurer and Pontil 2009, Theorem 4"
            Inputs =
                [|
                    BoundCalculator.count "observations" "n" "observations" 2.0 100.0
                    BoundCalculator.input "sampleVariance" "V" "sample variance, divisor n-1" Domain.NonNegative 0.05
                    range
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConcentrationFormulas.empirical x["n"] x["V"] x["M"] x["delta"] |]
                }
            Assumptions =
                fun x ->
                    // half of the observations at each end
                    let most = x["M"] * x["M"] / 4.0 * x["n"] / (x["n"] - 1.0)

                    [|
                        independent
                        BoundCalculator.required
                            (x["V"] <= most * (1.0 + 1e-12))
                            "observations lie in [0, M]"
                            "their sample variance would be at most M^2 n/(4(n-1))"
                    |]
            Law = "Maurer and Pontil's Theorem 4 over exact binomial tails"
        }

    let private klText side =
        $"the p {side} q with q*log(q/p) + (1 - q)*log((1 - q)/(1 - p)) = log(1/delta)/n"

    let private upperCalculator =
        { hoeffdingCalculator with
            Name = "chernoff-upper"
            Title = "Chernoff's upper end for a mean"
            Statement =
                "The expectation of n independent observations in [0, 1] with sample mean q is at most the p above q with kl(q, p) = ln(1/delta)/n, with probability at least 1 - delta."
            Source = "Chernoff 1952; for observations in [0, 1] Hoeffding 1963, equation 2.1"
            Inputs = [| observations; sampleMean; BoundCalculator.delta |]
            Text = klText "above"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let number = -log(x.Number "delta") / x.Number "n"

                        [|
                            BinaryKl.upperOf
                                (x.Number "q")
                                number
                                x["q"]
                                (ConcentrationFormulas.budget x["n"] x["delta"])
                        |]
                }
            Assumptions = fun _ -> [| independent; BoundCalculator.assumed "observations lie in [0, 1]" |]
            Trivial = fun _ -> 1.0
            Law = "Chernoff's bound over exact binomial tails"
        }

    let private lowerCalculator =
        { upperCalculator with
            Name = "chernoff-lower"
            Title = "Chernoff's lower end for a mean"
            Statement =
                "The expectation of n independent observations in [0, 1] with sample mean q is at least the p below q with kl(q, p) = ln(1/delta)/n, with probability at least 1 - delta."
            Direction = BoundDirection.Lower
            Text = klText "below"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let number = -log(x.Number "delta") / x.Number "n"

                        [|
                            BinaryKl.upperOf
                                (1.0 - x.Number "q")
                                number
                                (ConcentrationFormulas.complement x["q"])
                                (ConcentrationFormulas.budget x["n"] x["delta"])
                            |> ConcentrationFormulas.complement
                        |]
                }
            Trivial = fun _ -> 0.0
        }

    let private freedmanCalculator =
        { hoeffdingCalculator with
            Name = "freedman"
            Title = "Freedman's inequality"
            Statement =
                "The sum of martingale differences that are at most M is at most (e-2) eta V + ln(1/delta)/eta with probability at least 1 - delta, for an eta in (0, 1/M] fixed before, V the sum of their conditional variances."
            Source =
                "Freedman 1975; in this form Beygelzimer, Langford, Li, Reyzin and Schapire 2011, Theorem 1: e^x <= 1 + x + (e-2) x^2 for x <= 1"
            Inputs =
                [|
                    BoundCalculator.input "eta" "eta" "fixed before the data, at most 1/M" Domain.Positive 0.1
                    |> BoundCalculator.free
                    BoundCalculator.input "variance" "V" "sum of the conditional variances" Domain.NonNegative 100.0
                    range
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConcentrationFormulas.freedman x["eta"] x["V"] x["delta"] |]
                }
            Check =
                fun x ->
                    Require.inside
                        "eta"
                        { Domain.Positive with
                            High = (1.0 + 1e-12) / x["M"]
                            HighClosed = true
                        }
                        x["eta"]
                    |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "differences have conditional mean 0 and are at most M"
                        BoundCalculator.assumed "eta is fixed before the data; V may be random"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "Freedman's inequality over exact binomial tails"
        }

    let private azumaCalculator =
        { hoeffdingCalculator with
            Name = "azuma"
            Title = "Azuma's inequality"
            Statement =
                "The sum of T martingale differences in [-M, M] is at most M sqrt(2 T ln(1/delta)) with probability at least 1 - delta."
            Source = "Azuma 1967; Hoeffding 1963, section 2"
            Inputs =
                [|
                    BoundCalculator.input "horizon" "T" "steps" Domain.Positive 100.0
                    { range with
                        Meaning = "largest size of a difference"
                    }
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ConcentrationFormulas.azuma x["T"] x["M"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "differences have conditional mean 0 and lie in [-M, M]"
                    |]
            Trivial = fun x -> x["T"] * x["M"]
            Law = "Azuma's inequality over exact binomial tails"
        }

    let calculators =
        [|
            hoeffdingCalculator
            bernsteinCalculator
            empiricalCalculator
            upperCalculator
            lowerCalculator
            freedmanCalculator
            azumaCalculator
        |]

    let hoeffding (observations: int) range delta =
        hoeffdingCalculator |> BoundCalculator.ofNumbers [| float observations; range; delta |]

    let bernstein (observations: int) variance range delta =
        bernsteinCalculator |> BoundCalculator.ofNumbers [| float observations; variance; range; delta |]

    let empiricalBernstein (observations: int) sampleVariance range delta =
        empiricalCalculator
        |> BoundCalculator.ofNumbers [| float observations; sampleVariance; range; delta |]

    let chernoffUpper (observations: int) sampleMean delta =
        upperCalculator |> BoundCalculator.ofNumbers [| float observations; sampleMean; delta |]

    let chernoffLower (observations: int) sampleMean delta =
        lowerCalculator |> BoundCalculator.ofNumbers [| float observations; sampleMean; delta |]

    let freedman eta variance range delta =
        freedmanCalculator |> BoundCalculator.ofNumbers [| eta; variance; range; delta |]

    let azuma horizon range delta =
        azumaCalculator |> BoundCalculator.ofNumbers [| horizon; range; delta |]

    let moments (sample: float[]) =
        result {
            let! _ = Require.atLeast "sample" 2 sample.Length
            do! Require.allFinite "sample" (ReadOnlySpan sample)
            let mean = MathNet.Numerics.Statistics.ArrayStatistics.Mean sample
            return struct (mean, MathNet.Numerics.Statistics.ArrayStatistics.Variance sample)
        }
