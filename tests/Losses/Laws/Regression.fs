namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A width, scale or variance: 10^U(-1.3, 1.3), never the default.
type Width = Width of float

/// One to fifteen labels of one magnitude between 1e-2 and 1e2, in a third of the cases with ties.
type Sample = Sample of float[]

/// A power of the variance function: 1, 2, 3, or one between 1 and 4.
type Power = Power of float

/// A loss of the regression family with drawn parameters, a label and a score of its domains.
[<NoComparison; NoEquality>]
type RegressionCase =
    {
        Case: ScalarCase
    }

    override c.ToString() = string c.Case

type RegressionArbitraries =
    static member Width() =
        Draw.uniform -1.3 1.3 |> Gen.map (fun e -> Width(10.0 ** e)) |> Arb.fromGen

    static member Power() =
        Gen.frequency [ 3, Gen.elements [ 1.0; 2.0; 3.0 ]; 7, Draw.uniform 1.0 4.0 ]
        |> Gen.map Power
        |> Arb.fromGen

    static member Sample() =
        gen {
            let! n = Gen.choose (1, 15)
            let! exponent = Draw.uniform -2.0 2.0
            let! labels = Gen.arrayOfLength n Draw.normal
            let! tied = Gen.elements [ true; false; false ]
            let round (x: float) = if tied then Math.Round x else x
            return Sample(labels |> Array.map (fun y -> 10.0 ** exponent * round y))
        }
        |> Arb.fromGen

    static member RegressionCase() =
        Draw.scalarEntries
        |> Array.filter (fun (e, _) -> e.Family = "regression")
        |> Gen.elements
        |> Gen.bind Draw.scalarOf
        |> Gen.map (fun c -> { Case = c })
        |> Arb.fromGen

/// Laws of single families as functions of the loss under test, at drawn parameters.
[<RequireQualifiedAccess>]
module RegressionLaw =
    /// Residuals where a loss is not three times differentiable.
    let joints name (p: float[]) =
        match name with
        | "huber"
        | "smooth-l1"
        | "epsilon-insensitive"
        | "tukey" -> [| -p[0]; p[0]; 0.0 |]
        | "absolute-error"
        | "quantile"
        | "expectile" -> [| 0.0 |]
        | _ -> [||]

    /// The length on which a loss of the family bends.
    let width name (p: float[]) (label: float) (score: float) =
        match name with
        | "huber"
        | "smooth-l1"
        | "pseudo-huber"
        | "cauchy"
        | "tukey" -> p[0]
        | "welsch" -> p[0] / (1.0 + 2.0 * abs (label - score) / p[0])
        | "deviance" -> 0.1 * score
        | "binomial-deviance" -> 0.1 * min score (1.0 - score)
        | _ -> 1.0

    /// min over u of (r - u)^2/2 + delta |u|, at its soft-thresholded minimiser.
    let moreauEnvelope delta r =
        let u = float (sign r) * max (abs r - delta) 0.0
        0.5 * (r - u) * (r - u) + delta * abs u

    let huberIsEnvelope (huber: float -> Reading) delta residual =
        Ulp.between (Read.value (huber delta) residual 0.0) (moreauEnvelope delta residual) <= 8.0

    /// E rho(Y - t) - E rho(Y - start) is the integral of F - q from start to t, F the distribution of the sample.
    let quantileIdentity (pinball: float -> Reading) q (sample: float[]) start finish =
        let n = float sample.Length

        let mean t =
            sample |> Array.averageBy (fun y -> Read.value (pinball q) y t)

        let low = min start finish
        let high = max start finish

        let pieces =
            Array.concat
                [
                    [| low |]
                    sample |> Array.filter (fun y -> y > low && y < high) |> Array.sort
                    [| high |]
                ]

        let integral =
            pieces
            |> Array.pairwise
            |> Array.sumBy (fun (a, b) ->
                let below = sample |> Array.filter (fun y -> y <= a) |> Array.length
                (b - a) * (float below / n - q))

        let signed = if finish >= start then integral else -integral
        let size = mean start + mean finish + abs start + abs finish
        abs (mean finish - mean start - signed) <= 32.0 * n * Ulp.eps * size

    /// At most a share q of the sample lies below, at least a share q at or below; and it is one of the sample.
    let bracketsQuantile q (sample: float[]) m =
        let n = float sample.Length
        let below = sample |> Array.filter (fun y -> y < m) |> Array.length |> float
        let upTo = sample |> Array.filter (fun y -> y <= m) |> Array.length |> float
        Array.contains m sample && below <= q * n && q * n <= upTo

    /// tau E (Y - e)+ = (1 - tau) E (e - Y)+.
    let expectileCondition tau (sample: float[]) e =
        let above = sample |> Array.averageBy (fun y -> max (y - e) 0.0)
        let below = sample |> Array.averageBy (fun y -> max (e - y) 0.0)

        abs (tau * above - (1.0 - tau) * below)
        <= 8.0 * float sample.Length * Ulp.eps * (above + below + abs e)

    let devianceSlope (deviance: float -> Reading) p y m =
        // y - m is formed once, each other operation rounds once
        Ulp.between (Read.slope (deviance p) y m) (-2.0 * (y - m) * m ** -p) <= 12.0

    /// d(c y, c m) = c^(2-p) d(y, m); c a power of two, so that nothing is rounded on the way in.
    let devianceScales (deviance: float -> Reading) p y m =
        let condition = abs (m * Read.slope (deviance p) y m / Read.value (deviance p) y m)

        [ 0.25; 2.0; 64.0 ]
        |> List.forall (fun c ->
            Ulp.between (Read.value (deviance p) (c * y) (c * m)) (c ** (2.0 - p) * Read.value (deviance p) y m)
            <= 16.0 * (1.0 + condition))

    /// Not negative, and 0 at y = m only. A difference of an ulp may still read 0.
    let devianceSeparates (deviance: float -> Reading) p y m =
        let d = Read.value (deviance p) y m

        Read.value (deviance p) m m = 0.0 && d >= 0.0 && (d > 0.0 || abs (y - m) <= 4.0 * Ulp.at m)

    /// |d(p + e) - d(p)| <= e max|ln s| times the larger, s between y and m: d is 2 times the integral of (s - y) s^-p.
    let devianceContinuous (deviance: float -> Reading) p change y m =
        let a = Read.value (deviance p) y m
        let b = Read.value (deviance (p + change)) y m
        let condition = abs (m * Read.slope (deviance p) y m / a)
        let spread = max (abs (log y)) (abs (log m))
        abs (a - b) <= (1.01 * abs change * spread + 16.0 * Ulp.eps * (1.0 + condition)) * max a b

[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<RegressionArbitraries> |]); Category("regression")>]
type RegressionLaws() =
    let functional loss sample =
        Elicitation.functional loss sample |> Require.ok

    let of1 name p = Read.loss (Read.named name [| p |])

    static member Rows =
        ScalarReference.rows
        |> Array.mapi (fun i row ->
            let numbers = row.Parameters |> Array.map string |> String.concat " "

            TestCaseData(row)
                .SetName(
                    $"Value and derivatives are within 4 ulp (1 + condition) of the truth: {row.Name} {numbers} at ({row.Label}, {row.Score}) #{i}"
                ))

    [<TestCaseSource("Rows")>]
    member _.Reference(row: ReferenceRow) =
        let read = Read.loss (Read.named row.Name row.Parameters)
        let struct (v, d, h) = read row.Label row.Score
        Assert.That(ScalarLaw.agreesWithReference read row, $"{v:R} {d:R} {h:R} against %A{row.Truth}")

    [<Test>]
    member _.``Every declared constant is respected and attained, at drawn parameters``() =
        let random = Random 3

        for entry, create in Draw.scalarEntries |> Array.filter (fun (e, _) -> e.Family = "regression") do
            for _ in 1..6 do
                let p = entry.Parameters |> Array.map (fun p -> Points.between random p.Typical.Low p.Typical.High)

                let loss: ILoss = create p
                let metadata = loss.Metadata

                let labels =
                    if entry.Name = "binomial-deviance" then [| 0.0; 0.3; 1.0 |]
                    elif metadata.Label.Contains -1.0 then [| 0.0; 1.5 |]
                    elif metadata.Label.Contains 0.0 then [| 0.0; 0.5; 3.0 |]
                    else [| 0.5; 3.0 |]

                let scale =
                    match entry.Name with
                    | "binomial-deviance" -> 0.02
                    | _ -> RegressionLaw.width entry.Name p 10.0 10.0

                Assert.That(
                    ScalarLaw.constantsHold metadata scale labels (Read.loss loss),
                    Is.Empty,
                    $"{entry.Name} %A{p}"
                )

    [<Property(MaxTest = 1000)>]
    member _.``The first derivative is that of the value and the second that of the first``(c: RegressionCase) =
        let { Case = c } = c

        let score =
            if c.Entry.Name = "poisson-nll" || c.Loss.Metadata.Link = Link.Log then
                Math.Clamp(c.Score, -20.0, 20.0)
            else
                c.Score

        let width = RegressionLaw.width c.Entry.Name c.Parameters c.Label score

        let far =
            RegressionLaw.joints c.Entry.Name c.Parameters
            |> Array.forall (fun j -> abs (c.Label - score - j) > 5e-3 * width)

        Prop.classify
            (not far)
            "near a joint"
            (not far || ScalarLaw.derivativesBelong width (Read.loss c.Loss) c.Label score)

    [<Property(MaxTest = 1000)>]
    member _.``Value finite means derivatives finite``(c: RegressionCase) =
        ScalarLaw.finiteTogether (Read.loss c.Case.Loss) c.Case.Label c.Case.Score

    [<Test>]
    member _.``Value finite means derivatives finite at the far ends of the domains``() =
        for entry, create in Draw.scalarEntries |> Array.filter (fun (e, _) -> e.Family = "regression") do
            let loss: ILoss = create entry.Defaults
            let m = loss.Metadata

            for label in [ -1e3; 0.0; 1e-60; 1e-3; 1.0; 1e3 ] |> List.filter m.Label.Contains do
                for score in [ -1e3; -1.0; 0.0; 1e-12; 0.5; 1.0; 1e3 ] |> List.filter m.Score.Contains do
                    Assert.That(
                        ScalarLaw.finiteTogether (Read.loss loss) label score,
                        $"{entry.Name} at label {label}, score {score}"
                    )

    [<Property(MaxTest = 40)>]
    member _.``Convex losses have rising slopes; Cauchy, Welsch and Tukey have not``(Width w, Score label) =
        let scores = Points.line |> Array.map (fun x -> label + w * x) |> Array.distinct |> Array.sort

        let convex =
            [
                of1 "huber" w
                of1 "pseudo-huber" w
                of1 "smooth-l1" w
                Read.loss (LogCosh())
                of1 "epsilon-insensitive" w
            ]

        List.forall (fun read -> ScalarLaw.slopesRise read label scores) convex
        && [ "cauchy"; "welsch"; "tukey" ]
           |> List.forall (fun name -> not (ScalarLaw.slopesRise (of1 name w) label scores))

    [<Property>]
    member _.``Values and slopes meet where pieces join``(Width w) =
        [
            Huber w :> ILoss, w
            SmoothL1 w, w
            Tukey w, w
            EpsilonInsensitive w, w
            AbsoluteError(), 0.0
            Quantile 0.3, 0.0
            Expectile 0.3, 0.0
            LogCosh(), 1.0
        ]
        |> List.forall (fun (loss, joint) ->
            [ joint; -joint ]
            |> List.forall (fun r -> ScalarLaw.joins loss.Metadata.Continuity (Read.loss loss) 0.0 r))

    // Huber and its relatives

    [<Property(MaxTest = 1000)>]
    member _.``Huber is the Moreau envelope of delta times the absolute value``(Width delta, Score r, Score u) =
        RegressionLaw.huberIsEnvelope (of1 "huber") delta r
        && Read.value (of1 "huber" delta) r 0.0
           <= (0.5 * (r - u) * (r - u) + delta * abs u) * (1.0 + 8.0 * Ulp.eps)

    [<Property>]
    member _.``Huber is half the square for delta at least |r|, and within delta^2/2 of delta |r|``
        (Width delta, Score r)
        =
        let huber = Read.value (of1 "huber" delta) r 0.0
        let wide = Read.value (of1 "huber" (abs r + delta)) r 0.0

        wide = 0.5 * r * r
        && abs (huber - delta * abs r) <= 0.5 * delta * delta + 4.0 * Ulp.eps * (delta * abs r + delta * delta)

    [<Property>]
    member _.``Pseudo-Huber lies below Huber, both below half the square, and Cauchy below pseudo-Huber``
        (Width w, Score r)
        =
        let at name = Read.value (of1 name w) r 0.0
        let room = 1.0 + 8.0 * Ulp.eps
        // ln(1 + x^2)/2 <= sqrt(1 + x^2) - 1
        at "cauchy" <= at "pseudo-huber" * room
        && at "pseudo-huber" <= at "huber" * room
        && at "huber" <= 0.5 * r * r * room
        && at "welsch" <= at "cauchy" * room
        && at "tukey" <= at "cauchy" * room

    [<Property>]
    member _.``Smooth L1 is Huber over its width, epsilon-insensitive at 0 the absolute error, pinball at 1/2 half of it, expectile at 1/2 half the square``
        (Width w, Score r)
        =
        let value (loss: ILoss) = Loss.value loss r 0.0

        Ulp.between (value (SmoothL1 w)) (value (Huber w) / w) <= 4.0
        && value (EpsilonInsensitive 0.0) = value (AbsoluteError())
        && value (Quantile 0.5) = 0.5 * abs r
        && value (Expectile 0.5) = 0.5 * r * r

    [<Property>]
    member _.``Residual losses are scale equivariant: l(c r; c w) = c^k l(r; w)``(Width w, Score r) =
        [
            "huber", 2
            "pseudo-huber", 2
            "cauchy", 2
            "welsch", 2
            "tukey", 2
            "smooth-l1", 1
            "epsilon-insensitive", 1
        ]
        |> List.forall (fun (name, k) ->
            // c a power of two: exact on the way in and out
            Ulp.between
                (Read.value (of1 name (4.0 * w)) (4.0 * r) 0.0)
                (4.0 ** float k * Read.value (of1 name w) r 0.0)
            <= 1.0)

    // Elicitation

    [<Property(MaxTest = 300)>]
    member _.``E rho(Y - t) - E rho(Y - q*) is the integral of F - q from the quantile to t``
        (Sample sample, Probability q, Score t)
        =
        let m = functional (Quantile q) sample
        RegressionLaw.quantileIdentity (of1 "quantile") q sample m t

    [<Property(MaxTest = 300)>]
    member _.``The quantile of a sample is an order statistic that brackets, the median that of absolute error``
        (Sample sample, Probability q)
        =
        RegressionLaw.bracketsQuantile q sample (functional (Quantile q) sample)
        && RegressionLaw.bracketsQuantile 0.5 sample (functional (AbsoluteError()) sample)

    [<Property(MaxTest = 300)>]
    member _.``The expectile of a sample meets its first-order condition, and the 1/2-expectile is the mean``
        (Sample sample, Probability tau)
        =
        let mean = Array.average sample
        let size = sample |> Array.averageBy abs

        RegressionLaw.expectileCondition tau sample (functional (Expectile tau) sample)
        && abs (functional (Expectile 0.5) sample - mean) <= 4.0 * float sample.Length * Ulp.eps * size

    [<Property(MaxTest = 300)>]
    member _.``The functional of a convex residual loss lies between the ends of the sample and moves and scales with it``
        (Sample sample, Width w)
        =
        let size = sample |> Array.map abs |> Array.max

        let near a b =
            abs (a - b) <= 64.0 * float sample.Length * Ulp.eps * (size + abs a + 8.0)

        [
            (fun c -> Huber(c * w) :> ILoss)
            (fun c -> PseudoHuber(c * w) :> ILoss)
            (fun _ -> Expectile 0.3 :> ILoss)
            (fun _ -> AbsoluteError() :> ILoss)
            (fun _ -> Quantile 0.8 :> ILoss)
        ]
        |> List.forall (fun loss ->
            let m = functional (loss 1.0) sample
            let moved = functional (loss 1.0) (sample |> Array.map (fun y -> y + 8.0))
            let scaled = functional (loss 4.0) (sample |> Array.map (fun y -> 4.0 * y))
            // a flat mean loss (Huber far from every label) has an interval of minimisers, so value decides
            let mean t =
                let struct (v, _) = Elicitation.meanLoss (loss 1.0) sample t in v

            // where the slope is 0 to rounding, an error of eps times the steepest slope moves the value by so much over the sample's size
            let same t =
                near t m
                || abs (mean t - mean m) <= 64.0 * float sample.Length * Ulp.eps * (mean m + size * (1.0 + size))

            m >= Array.min sample - 1e-12 * size
            && m <= Array.max sample + 1e-12 * size
            && same (moved - 8.0)
            && same (scaled / 4.0))

    [<Property>]
    member _.``Poisson, gamma and Tweedie likelihoods elicit the logarithm of the mean, deviances and squares the mean``
        (Sample sample, Power p)
        =
        let labels = sample |> Array.map (fun y -> abs y + 0.01)
        let mean = Array.average labels
        let close a b = abs (a - b) <= 1e-13 * (1.0 + abs b)
        let inUnit = labels |> Array.map (fun y -> y / (1.0 + y))

        close (functional (PoissonNll()) labels) (log mean)
        && close (functional (GammaNll()) labels) (log mean)
        && close (functional (Tweedie 1.3) labels) (log mean)
        && close (functional (GaussianNll 0.7) labels / mean) 1.0
        && close (functional (BinomialDeviance()) inUnit) (Array.average inUnit)
        && close (functional (Deviance p) labels / mean) 1.0

    [<Property(MaxTest = 30)>]
    member _.``A redescending loss elicits a point where no sample label does better``(Sample sample, Width w) =
        [ Cauchy w :> ILoss; Welsch w; Tukey w ]
        |> List.forall (fun loss ->
            let value t =
                let struct (v, _) = Elicitation.meanLoss loss sample t in v

            let best = value (functional loss sample)
            let room = 1.0 + 1e-9
            // the grid's own points, of which the labels' ends are two
            [|
                for i in 0..1024 -> Array.min sample + (Array.max sample - Array.min sample) * float i / 1024.0
            |]
            |> Array.forall (fun y -> best <= value y * room))

    [<Test>]
    member _.``A mean loss that falls for ever has no functional``() =
        let refused loss sample =
            match Elicitation.functional loss sample with
            | Error(HindsightError.Incompatible _) -> true
            | _ -> false

        Assert.That(refused (PoissonNll()) [| 0.0; 0.0 |])
        Assert.That(refused (Logistic()) [| 1.0; 1.0 |])
        Assert.That(refused (Logistic()) [| -1.0 |])
        Assert.That(Elicitation.functional (Huber 1.0) [||] |> Result.isError)
        Assert.That(Elicitation.functional (Logistic()) [| 0.5 |] |> Result.isError)

    // Likelihoods and deviances

    [<Property(MaxTest = 500)>]
    member _.``A deviance is not negative and 0 only at the label, has slope -2 (y - m) m^-p, and scales as c^(2-p)``
        (Power p, Score y, Score m)
        =
        let y = abs y + 1e-3
        let m = abs m + 1e-3
        let deviance = of1 "deviance"

        RegressionLaw.devianceSeparates deviance p y m
        && RegressionLaw.devianceSlope deviance p y m
        && (y = m || RegressionLaw.devianceScales deviance p y m)

    [<Property(MaxTest = 500)>]
    member _.``The deviance is continuous in its power, at 1 and 2 too``(Score y, Score m) =
        let y = abs y + 1e-3
        let m = abs m + 1e-3

        y = m
        || [ 1.0, 1e-6; 2.0, 1e-6; 2.0, -1e-6; 1.4, 1e-6; 3.0, -1e-6 ]
           |> List.forall (fun (p, change) -> RegressionLaw.devianceContinuous (of1 "deviance") p change y m)

    [<Property(MaxTest = 500)>]
    member _.``The deviance is twice the Bregman divergence of y^(2-p)/((1-p)(2-p))``(Score y, Score m, Probability u) =
        let y = abs y + 1e-3
        let m = abs m + 1e-3
        let p = 1.05 + 0.9 * u

        let f x =
            x ** (2.0 - p) / ((1.0 - p) * (2.0 - p))

        let slope = m ** (1.0 - p) / (1.0 - p)
        let bregman = 2.0 * (f y - f m - slope * (y - m))
        let size = 2.0 * (abs (f y) + abs (f m) + abs (slope * y) + abs (slope * m))
        abs (Loss.value (Deviance p) y m - bregman) <= 8.0 * Ulp.eps * size

    [<Property>]
    member _.``Powers 0, 1, 2 and 3 have their own formulas, and label 0 its own``(Score y, Score m) =
        let y = abs y + 1e-3
        let m = abs m + 1e-3
        let close size a b = abs (a - b) <= 16.0 * Ulp.eps * size
        let d p = Loss.value (Deviance p) y m

        d 0.0 = (y - m) * (y - m)
        && close (y * abs (log (y / m)) + y + m) (d 1.0) (2.0 * (y * log (y / m) - (y - m)))
        && close (abs (log (y / m)) + y / m + 1.0) (d 2.0) (2.0 * (-(log (y / m)) + (y - m) / m))
        && close (1.0 / y + y / (m * m)) (d 3.0) ((y - m) * (y - m) / (y * m * m))
        && Loss.value (Deviance 1.0) 0.0 m = 2.0 * m
        && Ulp.between (Loss.value (Deviance 1.5) 0.0 m) (4.0 * sqrt m) <= 2.0

    [<Property(MaxTest = 500)>]
    member _.``A likelihood's excess over its minimum is half the deviance of the mean``
        (Score y, Probability u, Score z)
        =
        let y = abs y + 1e-3
        let z = Math.Clamp(z, -8.0, 8.0)
        let p = 1.05 + 0.9 * u

        [ PoissonNll() :> ILoss, 1.0; GammaNll(), 2.0; Tweedie p, p ]
        |> List.forall (fun (loss, p) ->
            let at z = Loss.value loss y z
            let excess = 2.0 * (at z - at (log y))

            let size =
                if p = 1.0 then
                    exp z + y * (1.0 + abs z + abs (log y))
                elif p = 2.0 then
                    y * exp -z + abs z + abs (log y) + 1.0
                else
                    (y * exp ((1.0 - p) * z) + y ** (2.0 - p)) / (p - 1.0)
                    + (exp ((2.0 - p) * z) + y ** (2.0 - p)) / (2.0 - p)

            // the exponents' own rounding is at most |z| + |ln y| units
            abs (excess - Loss.value (Deviance p) y (exp z))
            <= 16.0 * Ulp.eps * size * (1.0 + abs z + abs (log y)))

    [<Property>]
    member _.``The binomial deviance is twice the Kullback-Leibler loss at the mean's logit``
        (UnitLabel y, Probability m)
        =
        let expected = 2.0 * Loss.value (KullbackLeibler()) y (Scalar.logit m)
        // the logit carries an error of |logit| ulps into the softplus and y z
        abs (Loss.value (BinomialDeviance()) y m - expected)
        <= 64.0 * Ulp.eps * (1.0 + abs (Scalar.logit m))

    [<TestCase(1.5, 0.2332968848077549)>]
    [<TestCase(1.9, 0.1587912376995805)>]
    [<TestCase(3.0, 0.05555555555555556)>]
    [<TestCase(1.0, 0.3781395675673425)>]
    [<TestCase(2.0, 0.1442635495496621)>]
    member _.``Golden values of the deviance at label 2 and mean 3``(p: float, expected: float) =
        // the value magnifies a change of the mean 5 times
        Assert.That(Ulp.between (Loss.value (Deviance p) 2.0 3.0) expected, Is.LessThanOrEqualTo 24.0)

    [<Property>]
    member _.``The Tweedie likelihood is convex in the log mean; its formula outside 1 to 2 is not``
        (Score y, Probability u)
        =
        let y = abs y + 1e-3
        // e^((2-p) z)/(2-p) - y e^((1-p) z)/(1-p) has second derivative (2-p) e^((2-p) z) - y (1-p) e^((1-p) z)
        let curvature p z =
            (2.0 - p) * exp ((2.0 - p) * z) - y * (1.0 - p) * exp ((1.0 - p) * z)

        let zs = [ for k in -30 .. 30 -> float k / 2.0 + log y ]
        let inner = 1.02 + 0.96 * u

        zs
        |> List.forall (fun z ->
            Loss.jet (Tweedie inner) y (Math.Clamp(z, -20.0, 20.0)) |> fun (struct (_, _, h)) -> h >= 0.0)
        && zs |> List.exists (fun z -> curvature (2.05 + u) z < 0.0)
        && zs |> List.exists (fun z -> curvature (0.95 - u) z < 0.0)

    [<Property(MaxTest = 500)>]
    member _.``The normal likelihood: both forms agree, the natural one is convex in both parameters``
        (Score y, Score mean, Width variance, Score other, Width width)
        =
        let natural a b =
            GaussianLikelihood.inNaturalParameters (R64 y) (R64 a) (R64 b) |> fun r -> r.V

        let plain = GaussianLikelihood.inMeanVariance (R64 y) (R64 mean) (R64 variance) |> fun r -> r.V
        let middle = natural (0.5 * (mean + other)) (0.5 * (variance + width))
        let ends = 0.5 * (natural mean variance + natural other width)
        let size = abs (natural mean variance) + abs (natural other width) + (y * y + mean * mean) / variance

        plain = Loss.value (GaussianNll variance) y mean
        && abs (natural (mean / variance) (1.0 / variance) - plain)
           <= 32.0 * Ulp.eps * (1.0 + abs plain + (y * y + mean * mean) / variance)
        && middle <= ends + 16.0 * Ulp.eps * (1.0 + size)

    [<Test>]
    member _.``The normal likelihood is not convex in mean and variance together``() =
        let at mean variance =
            GaussianLikelihood.inMeanVariance (R64 0.0) (R64 mean) (R64 variance) |> fun r -> r.V
        // along the variance alone it is concave beyond twice the squared residual
        Assert.That(at 0.1 2.0, Is.GreaterThan(0.5 * (at 0.1 1.0 + at 0.1 3.0)))

    // Construction

    [<Test>]
    member _.``Parameters that are not allowed are refused by name``() =
        let refused argument (create: unit -> ILoss) =
            try
                let loss = create ()
                Assert.Fail $"{loss.Metadata.Name} took a bad {argument}"
            with :? HindsightException as e ->
                match e.Error with
                | HindsightError.OutOfRange(name, _, _) ->
                    Assert.That(String.Equals(name, argument), $"refused {name}, not {argument}")
                | other -> Assert.Fail(other.Message)

        for bad in [ 0.0; -1.0; nan; infinity ] do
            refused "delta" (fun () -> Huber bad)
            refused "delta" (fun () -> PseudoHuber bad)
            refused "beta" (fun () -> SmoothL1 bad)
            refused "scale" (fun () -> Cauchy bad)
            refused "scale" (fun () -> Welsch bad)
            refused "scale" (fun () -> Tukey bad)
            refused "variance" (fun () -> GaussianNll bad)
            refused "level" (fun () -> Quantile bad)
            refused "level" (fun () -> Expectile bad)

        for bad in [ 0.5; 1e-3; -0.5; 0.999; nan; infinity ] do
            refused "power" (fun () -> Deviance bad)
            refused "power" (fun () -> Tweedie bad)

        refused "power" (fun () -> Tweedie 2.0)
        refused "epsilon" (fun () -> EpsilonInsensitive -0.1)
        refused "level" (fun () -> Quantile 1.0)

    [<Test>]
    member _.``The zero value of a type is the documented loss``() =
        let same (a: ILoss) (b: ILoss) =
            for r in [ 0.25; -3.0; 7.0 ] do
                let label = if a.Metadata.Label.Contains r then r else 1.0
                Assert.That(Loss.value a label 0.5, Is.EqualTo(Loss.value b label 0.5), a.Metadata.Name)

        same (Huber()) (Huber 1.0)
        same (PseudoHuber()) (PseudoHuber 1.0)
        same (SmoothL1()) (SmoothL1 1.0)
        same (EpsilonInsensitive()) (AbsoluteError())
        same (Quantile()) (Quantile 0.5)
        same (Expectile()) (Expectile 0.5)
        same (Cauchy()) (Cauchy 1.0)
        same (Welsch()) (Welsch 1.0)
        same (Tukey()) (Tukey 1.0)
        same (GaussianNll()) (GaussianNll 1.0)
        same (Tweedie()) (Tweedie 1.5)
        same (Deviance()) (Deviance 0.0)
