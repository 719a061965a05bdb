namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A strictly proper loss of the library.
[<NoComparison; NoEquality>]
type ProperCase = { Name: string; Loss: IProperLoss }

[<RequireQualifiedAccess>]
module DrawProper =
    let named: ProperCase list =
        [
            { Name = "log"; Loss = LogScore() }
            {
                Name = "quadratic"
                Loss = QuadraticScore()
            }
            { Name = "brier"; Loss = BrierScore() }
            {
                Name = "spherical"
                Loss = SphericalScore()
            }
            {
                Name = "boosting"
                Loss = BoostingScore()
            }
        ]

    let beta =
        gen {
            let! a = Draw.uniform -0.8 3.0
            let! b = Draw.uniform -0.8 3.0
            let! a = Gen.elements [ a; max -0.5 (Math.Round(2.0 * a) / 2.0) ]
            let! b = Gen.elements [ b; max -0.5 (Math.Round(2.0 * b) / 2.0); a ]

            return
                {
                    Name = $"beta({a:R}, {b:R})"
                    Loss = BetaScore(a, b)
                }
        }

    let case = Gen.frequency [ 3, Gen.elements named; 2, beta ]

type ProperArbitraries =
    static member ProperCase() = Arb.fromGen DrawProper.case

/// The laws as functions of the implementation.
module ProperLaw =
    let partial1 (l: IProperLoss) p = l.Partial1(R64 p).V
    let partial0 (l: IProperLoss) p = l.Partial0(R64 p).V
    let weight (l: IProperLoss) p = l.Weight(R64 p).V

    let expected (one: float -> float) (zero: float -> float) eta p = eta * one p + (1.0 - eta) * zero p

    let grid = [| for i in 1..199 -> float i / 200.0 |]

    /// No p of a grid does better than eta.
    let proper one zero eta =
        let best = expected one zero eta eta
        grid |> Array.forall (fun p -> expected one zero eta p >= best - 1e-14 * (1.0 + abs best))

    /// -l1'(p)/(1-p) = l0'(p)/p = w(p), from duals.
    let shuford (l: IProperLoss) (w: float -> float) p =
        let one = -(l.Partial1(Dual(R64 p, R64 1.0)).D.V) / (1.0 - p)
        let zero = l.Partial0(Dual(R64 p, R64 1.0)).D.V / p
        // the powers' logarithms round
        let ulps = 64.0 + 16.0 * (abs (log p) + abs (log (1.0 - p)))
        Ulp.between one (w p) <= ulps && Ulp.between zero (w p) <= ulps

    /// If p lies on the other side of 1/2 than eta, the regret is at least L(1/2) - L(eta).
    let classification one zero eta p =
        let regret = expected one zero eta p - expected one zero eta eta
        let bound = expected one zero 0.5 0.5 - expected one zero eta eta
        (eta - 0.5) * (p - 0.5) > 0.0 || regret >= bound - 1e-13 * (1.0 + abs bound)

    /// s(x) over any scalar.
    let sigmoid<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Sigmoid x

    let standardNormal (x: float) =
        0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-x / sqrt 2.0)

    /// CRPS of a Gaussian as the integral of Brier scores, 12 deviations far.
    let gaussianIntegral (y: float) m s =
        let ends = 12.0 * s
        Crps.OfDistribution(y, (fun x -> standardNormal ((x - m) / s)), min y m - ends, max y m + ends)

    /// The definition over pairs, in n^2 steps.
    let ensemble halves (y: float) (sample: float[]) =
        let error = sample |> Array.averageBy (fun x -> abs (x - y))
        let pairs = sample |> Array.averageBy (fun x -> sample |> Array.averageBy (fun z -> abs (x - z)))
        error - halves * pairs

open ProperLaw
open BregmanLaw

[<Category("proper")>]
[<Laws(Arbitrary = [| typeof<ProperArbitraries>; typeof<LossArbitraries> |], MaxTest = 300)>]
type ProperLaws() =
    [<Property>]
    member _.``Properness: the expected loss under mean eta is least at p = eta`` (c: ProperCase) (Probability eta) =
        let eta = Math.Clamp(eta, 1e-3, 1.0 - 1e-3)

        Prop.classify (c.Name.StartsWith "beta") "beta" (proper (partial1 c.Loss) (partial0 c.Loss) eta)

    [<Property>]
    member _.``The expectation form: Eval is y l1 + (1 - y) l0, with derivative (p - y) w``
        (c: ProperCase)
        (UnitLabel y)
        (Probability p)
        =
        let value = Loss.value c.Loss y p
        let one, zero = y * partial1 c.Loss p, (1.0 - y) * partial0 c.Loss p
        let slope = Loss.derivative c.Loss y p
        let w = weight c.Loss p
        // the two partial slopes are y (1-p) w and (1-y) p w
        let size = y * (1.0 - p) * w + (1.0 - y) * p * w
        let logs = 1.0 + abs (log p) + abs (log (1.0 - p))

        abs (value - (one + zero)) <= 8.0 * Ulp.eps * (abs one + abs zero)
        && abs (slope - (p - y) * w) <= 32.0 * Ulp.eps * logs * size

    [<Property>]
    member _.``Shuford: -l1'(p)/(1-p) = l0'(p)/p = w(p) >= 0`` (c: ProperCase) (Probability p) =
        weight c.Loss p >= 0.0 && shuford c.Loss (weight c.Loss) p

    [<Property>]
    member _.``Savage: l1 = L + (1-p) L' and l0 = L - p L', and w = -L''`` (c: ProperCase) (Probability p) =
        let p = Math.Clamp(p, 1e-6, 1.0 - 1e-6)
        let x = Jet2(R64 p, R64 1.0, R64 0.0)
        let bayes = c.Loss.Eval(x, x)
        let one, zero = partial1 c.Loss p, partial0 c.Loss p
        let size = abs one + abs zero + (abs one + abs zero) * p
        let w = weight c.Loss p
        // L'' is a sum of l' and p l'' terms, at most a few w each, over p(1-p) when the weight has exponents
        let curvatureSize = w * 64.0 + (abs one + abs zero)

        abs (bayes.P.V + (1.0 - p) * bayes.D.V - one) <= 1e-12 * size + 1e-12 * w
        && abs (bayes.P.V - p * bayes.D.V - zero) <= 1e-12 * size + 1e-12 * w
        && abs (bayes.H.V + w) <= 1e-12 * curvatureSize

    [<Property>]
    member _.``Regret is the Bregman divergence of -L`` (c: ProperCase) (Probability eta) (Probability p) =
        let eta, p = Math.Clamp(eta, 1e-3, 0.999), Math.Clamp(p, 1e-3, 0.999)
        let loss = ProperLoss.Of c.Loss

        let at q =
            c.Loss.Eval(Dual(R64 q, R64 1.0), Dual(R64 q, R64 1.0))

        let l, tangent = at p, (at p).D.V
        let bregman = -(loss.BayesRisk eta) + l.P.V + tangent * (eta - p)
        let size = 1.0 + abs (partial1 c.Loss p) + abs (partial0 c.Loss p) + weight c.Loss p
        abs (loss.Regret(eta, p) - bregman) <= 1e-13 * size && loss.Regret(eta, p) >= -1e-13 * size

    [<Property>]
    member _.``Bayes risks of the table: entropy, eta(1-eta), twice it, -sqrt(eta^2 + (1-eta)^2), 2 sqrt(eta(1-eta))``
        (Probability eta)
        =
        let risk (l: IProperLoss) = (ProperLoss.Of l).BayesRisk eta
        let q = 1.0 - eta
        let close x y = Ulp.between x y <= 16.0

        close (risk (LogScore())) (-eta * log eta - q * Scalar.log1p -eta)
        && close (risk (QuadraticScore())) (eta * q)
        && close (risk (BrierScore())) (2.0 * eta * q)
        && close (risk (SphericalScore())) (-(sqrt (eta * eta + q * q)))
        && close (risk (BoostingScore())) (2.0 * sqrt (eta * q))

    [<Property>]
    member _.``A beta score at (0,0), (1,1), (-1/2,-1/2) is the log score, half the quadratic score, twice boosting``
        (UnitLabel y)
        (Probability p)
        =
        let same a factor (other: ILoss) =
            Ulp.between (Loss.value (BetaScore(a, a)) y p) (factor * Loss.value other y p) <= 16.0

        // with an interior label the quadratic score adds its label's variance in another order
        same 0.0 1.0 (LogScore()) && same 1.0 0.5 (QuadraticScore()) && same -0.5 2.0 (BoostingScore())

    [<Property(MaxTest = 60)>]
    member _.``Integral representation: the partial losses from the weight by quadrature``
        (c: ProperCase)
        (Probability p)
        =
        let p = Math.Clamp(p, 1e-4, 1.0 - 1e-4)

        if c.Name = "spherical" then
            // not fair: l1(1) = l0(0) = -1
            let loss = ProperLoss.FromWeight(Func<_, _>(weight c.Loss))

            abs (loss.Partial1 p - (partial1 c.Loss p + 1.0)) <= 1e-12
            && abs (loss.Partial0 p - (partial0 c.Loss p + 1.0)) <= 1e-12
        else
            let w p q =
                match c.Loss with
                | :? BetaScore as b -> p ** b.A / p * (q ** b.B / q)
                | :? LogScore -> 1.0 / (p * q)
                | :? BoostingScore -> 0.5 / (p * q * sqrt (p * q))
                | other -> weight other p

            let loss = ProperLoss.FromWeight(Func<_, _, _>(w))
            let close x y = abs (x - y) <= 1e-10 * (1e-12 + abs y)
            close (loss.Partial1 p) (partial1 c.Loss p) && close (loss.Partial0 p) (partial0 c.Loss p)

    [<Test>]
    member _.``The beta score's derivatives are (p - y) w and w (1 + (p - y) ((a-1)/p - (b-1)/(1-p))), exponents on either side of 1``
        ()
        =
        let random = Random 6

        for a in [ -0.4; 0.2; 1.0; 1.7; 2.6 ] do
            for b in [ -0.7; 0.3; 1.0; 1.4; 3.1 ] do
                for _ in 1..60 do
                    let y, p = random.NextDouble(), 0.02 + 0.96 * random.NextDouble()
                    let q = 1.0 - p
                    let w = p ** (a - 1.0) * q ** (b - 1.0)
                    let struct (_, slope, curvature) = Loss.jet (BetaScore(a, b)) y p
                    let parts = [ 1.0; (p - y) * (a - 1.0) / p; (y - p) * (b - 1.0) / q ]
                    let size = w * List.sumBy abs parts
                    Assert.That(slope, Is.EqualTo((p - y) * w).Within(1e-13 * w), $"({a}, {b}) at {y:R}, {p:R}")

                    Assert.That(
                        curvature,
                        Is.EqualTo(w * List.sum parts).Within(1e-13 * size),
                        $"({a}, {b}) at {y:R}, {p:R}"
                    )

    [<Test>]
    member _.``A weight that is negative somewhere is refused``() =
        let loss = ProperLoss.FromWeight(Func<_, _>(fun p -> p - 0.5))

        let refused =
            try
                Assert.Fail $"accepted, with result {loss.Partial0 0.9}"
                false
            with :? HindsightException ->
                true

        Assert.That refused

    [<Property(MaxTest = 40)>]
    member _.``A proper loss is the mixture of cost-weighted errors, weighted by w`` (Probability eta) (Probability p) =
        // regret = integral over costs c of w(c) times the regret of the cost-weighted loss, |eta - c| between p and eta
        let eta, p = Math.Clamp(eta, 0.01, 0.99), Math.Clamp(p, 0.01, 0.99)

        let cost c =
            let l: IProperLoss = CostWeighted c
            expected (partial1 l) (partial0 l) eta p - expected (partial1 l) (partial0 l) eta eta

        DrawProper.named
        |> List.forall (fun c ->
            let low, high = min eta p, max eta p

            let mixture =
                if high - low < 1e-9 then
                    0.0
                else
                    let panels = 64.0

                    [ 0.0 .. panels - 1.0 ]
                    |> List.sumBy (fun i ->
                        MathNet.Numerics.Integration.GaussLegendreRule.Integrate(
                            (fun x -> weight c.Loss x * cost x),
                            low + (high - low) * i / panels,
                            low + (high - low) * (i + 1.0) / panels,
                            16
                        ))

            abs ((ProperLoss.Of c.Loss).Regret(eta, p) - mixture) <= 1e-11 * (1.0 + mixture + weight c.Loss p))

    [<Property>]
    member _.``Cost-weighted error: proper, and a step from (1-c) y to c (1-y) at c``
        (Probability eta)
        (Probability c)
        =
        let c = Math.Clamp(c, 1e-6, 1.0 - 1e-6)
        let l: IProperLoss = CostWeighted c
        let eta = Math.Clamp(eta, 1e-3, 1.0 - 1e-3)

        proper (partial1 l) (partial0 l) eta
        && Loss.value l 1.0 c = 0.0
        && Loss.value l 0.0 c = c
        && Loss.value l 1.0 (Math.BitDecrement c) = 1.0 - c
        && Loss.value l 0.0 (Math.BitDecrement c) = 0.0

    [<Property>]
    member _.``A symmetric proper loss bounds classification: on the wrong side of 1/2 the regret is at least L(1/2) - L(eta)``
        (Probability eta)
        (Probability p)
        =
        DrawProper.named |> List.forall (fun c -> classification (partial1 c.Loss) (partial0 c.Loss) eta p)

    // composites

    [<Test>]
    member _.``Convexity of the table: log and logit yes, square and identity yes, boosting and half logit yes, square and logit no``
        ()
        =
        let convex (l: IProperLoss) link =
            ((ProperLoss.Of l).WithLink link).IsConvexComposite()

        Assert.That(convex (LogScore()) (ProbabilityLink.Logit 1.0))
        Assert.That(convex (QuadraticScore()) ProbabilityLink.Identity)
        Assert.That(convex (BoostingScore()) (ProbabilityLink.Logit 0.5))
        Assert.That(convex (LogScore()) ProbabilityLink.ComplementaryLogLog)
        Assert.That(not (convex (QuadraticScore()) (ProbabilityLink.Logit 1.0)))
        Assert.That(not (convex (SphericalScore()) ProbabilityLink.Identity))
        Assert.That(not (convex (BoostingScore()) ProbabilityLink.Identity))

    [<Test>]
    member _.``Convexity of the same composites, the losses known by their weights alone``() =
        let convex (weight: float -> float -> float) link =
            (ProperLoss.FromWeight(Func<float, float, float>(weight)).WithLink link).IsConvexComposite()

        let log p q = 1.0 / (p * q)
        let boosting p q = 0.5 * (p * q) ** -1.5
        Assert.That(convex log (ProbabilityLink.Logit 1.0))
        Assert.That(convex (fun _ _ -> 2.0) ProbabilityLink.Identity)
        Assert.That(convex boosting (ProbabilityLink.Logit 0.5))
        Assert.That(not (convex (fun _ _ -> 2.0) (ProbabilityLink.Logit 1.0)))
        Assert.That(not (convex boosting ProbabilityLink.Identity))

    [<Test>]
    member _.``The criterion agrees with the sign of the second derivative in the score, beta scores behind identity and logit``
        ()
        =
        for case in sample 60 3UL DrawProper.beta do
            for link in [ ProbabilityLink.Identity; ProbabilityLink.Logit 1.0 ] do
                let logit = link.Name = "logit"
                let composite = (ProperLoss.Of case.Loss).WithLink link

                // second derivatives by jets through the link itself
                let worst =
                    [ -300 .. 300 ]
                    |> List.collect (fun i ->
                        let z = float i / 20.0
                        let v = if logit then z else Scalar.sigmoid z

                        let p =
                            let x = Jet2(R64 v, R64 1.0, R64 0.0)

                            if logit then sigmoid x else x

                        [ 0.0; 1.0 ]
                        |> List.map (fun y ->
                            let l = case.Loss.Eval(Jet2(R64 y, R64 0.0, R64 0.0), p)
                            // relative to the slope's size
                            l.H.V / (abs l.H.V + abs l.D.V + 1e-300)))
                    |> List.min

                Assert.That(
                    composite.IsConvexComposite(),
                    Is.EqualTo((worst >= -1e-6)),
                    $"{case.Name} behind {link.Name}: {worst}"
                )

    [<Property>]
    member _.``A composite's derivatives are those of its value`` (c: ProperCase) (UnitLabel y) (Score v) =
        let v = Math.Clamp(v, -4.0, 4.0)
        let composite = (ProperLoss.Of c.Loss).WithLink(ProbabilityLink.Logit 1.0)
        let h = 1e-4
        let value x = composite.Value(y, x)
        let slope = (value (v + h) - value (v - h)) / (2.0 * h)
        let curvature = (value (v + h) - 2.0 * value v + value (v - h)) / (h * h)
        let size = 1.0 + abs (composite.Derivative(y, v)) + abs (value v)
        // truncation h^2 and rounding eps/h^2
        abs (slope - composite.Derivative(y, v)) <= 1e-6 * size
        && abs (curvature - composite.SecondDerivative(y, v)) <= 2e-6 * size

    [<Property(MaxTest = 40)>]
    member _.``The canonical link makes the composite convex with derivative p - y`` (Score v) (UnitLabel y) =
        let v = Math.Clamp(v, -3.0, 3.0)

        DrawProper.named
        |> List.forall (fun c ->
            let loss = ProperLoss.Of c.Loss
            let link = loss.CanonicalLink
            // the link's range is bounded where the weight is: stay inside it
            let v =
                if c.Name = "quadratic" || c.Name = "brier" || c.Name = "spherical" then
                    0.3 * v
                else
                    v

            let p = link.Inverse v
            let composite = loss.WithLink link

            composite.IsConvexComposite()
            && abs (link.Forward p - v) <= 1e-9 * (1.0 + link.Slope p)
            && abs (composite.Derivative(y, v) - (p - y)) <= 1e-14)

    [<Property>]
    member _.``Log behind logit is cross-entropy, quadratic behind identity the square loss, boosting behind half logit the exponential, square of (1-m) four times quadratic, Savage quadratic behind logit``
        (Score v)
        =
        let v = Math.Clamp(v, -15.0, 15.0)

        let behind (l: IProperLoss) link y x =
            ((ProperLoss.Of l).WithLink link).Value(y, x)

        let close tolerance (x: float) y =
            abs (x - y) <= tolerance * (1e-300 + abs y)

        let near = Math.Clamp(0.03 * v, -0.9, 0.9)
        // 1 - p is known to eps, relative to e^-|v|
        let tolerance = 16.0 * Ulp.eps * (1.0 + exp (abs v))
        let twice = 16.0 * Ulp.eps * (1.0 + exp (2.0 * abs v))

        close
            tolerance
            (behind (LogScore()) (ProbabilityLink.Logit 1.0) 1.0 v)
            (Loss.value (BinaryCrossEntropy()) 1.0 v)
        && close
            tolerance
            (behind (LogScore()) (ProbabilityLink.Logit 1.0) 0.0 v)
            (Loss.value (BinaryCrossEntropy()) 0.0 v)
        && close twice (behind (BoostingScore()) (ProbabilityLink.Logit 0.5) 1.0 v) (exp -v)
        && close twice (behind (BoostingScore()) (ProbabilityLink.Logit 0.5) 0.0 v) (exp v)
        && close tolerance (behind (QuadraticScore()) (ProbabilityLink.Logit 1.0) 1.0 v) ((1.0 + exp v) ** -2.0)
        && close
            1e-13
            (4.0 * behind (QuadraticScore()) ProbabilityLink.Identity 1.0 (0.5 * (1.0 + near)))
            ((1.0 - near) ** 2.0)

    // mixability

    [<Test>]
    member _.``Mixability constants: the infimum of 1/(p(1-p)w) is what each loss declares``() =
        for c in DrawProper.named @ (sample 20 4UL DrawProper.beta |> List.ofArray) do
            let declared = (c.Loss :> ILoss).Metadata.Mixability
            let found = (ProperLoss.Of c.Loss).MixabilityConstant()

            if declared.HasValue then
                Assert.That(found, Is.EqualTo(declared.Value).Within(1e-7).Percent, c.Name)
            else
                Assert.That(found, Is.EqualTo 0.0, c.Name)

    // decomposition

    [<Property>]
    member _.``Average = calibration + refinement + within bins, exactly; calibration and resolution are not negative``
        (c: ProperCase)
        (seed: PositiveInt)
        =
        let rng = Random seed.Get
        let n = 1 + rng.Next 40
        let levels = Array.init (1 + rng.Next 5) (fun _ -> 0.05 + 0.9 * rng.NextDouble())
        let predictions = Array.init n (fun _ -> levels[rng.Next levels.Length])
        let labels = Array.init n (fun _ -> float (rng.Next 2))
        let loss = ProperLoss.Of c.Loss
        let d = loss.Decompose(span labels, span predictions)
        let binned = loss.Decompose(span labels, span predictions, 3)
        let size = 1.0 + abs d.Average + abs d.Refinement + abs d.Calibration
        let close (x: float) z = abs (x - z) <= 1e-13 * size
        let direct = Array.map2 (fun y p -> loss.Value(y, p)) labels predictions |> Array.average

        close d.Average direct
        && close d.WithinBins 0.0
        && close d.Average (d.Calibration + d.Refinement)
        && close binned.Average (binned.Calibration + binned.Refinement + binned.WithinBins)
        && close d.Refinement (d.Uncertainty - d.Resolution)
        && d.Calibration >= -1e-13 * size
        && d.Resolution >= -1e-13 * size
        && d.Groups = (Array.distinct predictions).Length
        && binned.Groups <= 3
        && binned.Refinement >= d.Refinement - 1e-13 * size

    [<Test>]
    member _.``A calibrated forecaster has calibration 0, a constant one resolution 0``() =
        let loss = ProperLoss.Of(LogScore())

        let calibrated =
            loss.Decompose(
                span [| 0.0; 1.0; 0.0; 1.0; 1.0; 1.0; 0.0; 1.0 |],
                span [| 0.5; 0.5; 0.5; 0.5; 0.75; 0.75; 0.75; 0.75 |]
            )

        Assert.That(calibrated.Calibration, Is.EqualTo(0.0).Within(1e-16))
        let constant = loss.Decompose(span [| 0.0; 1.0; 0.0 |], span [| 0.4; 0.4; 0.4 |])
        Assert.That(constant.Resolution, Is.EqualTo(0.0).Within(1e-16))

    // classes

    [<Property>]
    member _.``Scores of class probabilities are proper on the simplex, and for two classes they are the binary ones``
        (Simplex truth)
        (Simplex other)
        =
        let score (l: IMulticlassLoss) y (p: float[]) =
            l.Eval(y, ReadOnlySpan<R64>(Array.map R64 p)).V

        let safe (p: float[]) =
            let p = p |> Array.map (fun x -> x + 1e-6)
            let sum = Array.sum p
            p |> Array.map (fun x -> x / sum)

        let truth = safe truth

        let other =
            if other.Length = truth.Length then
                safe other
            else
                Array.create truth.Length (1.0 / float truth.Length)

        let risk l p =
            truth |> Array.mapi (fun y w -> w * score l y p) |> Array.sum

        let losses: IMulticlassLoss list =
            [ MulticlassLogScore(); MulticlassBrierScore(); MulticlassSphericalScore() ]

        let p = truth[0]

        let two (m: IMulticlassLoss) (b: ILoss) =
            abs (score m 0 [| p; 1.0 - p |] - Loss.value b 1.0 p) <= 1e-14 * (1.0 + abs (log p))
            && abs (score m 1 [| p; 1.0 - p |] - Loss.value b 0.0 p)
               <= 1e-14 * (1.0 + abs (log p)) + 1e-15 / (1.0 - p)

        losses |> List.forall (fun l -> risk l other >= risk l truth - 1e-13)
        && two (MulticlassLogScore()) (LogScore())
        && two (MulticlassBrierScore()) (BrierScore())
        && two (MulticlassSphericalScore()) (SphericalScore())

    // CRPS

    [<Property>]
    member _.``CRPS of a Gaussian is the integral of Brier scores, and its gradient is the derivative``
        (Score y)
        (Score m)
        (Probability s)
        =
        let y, m, s = Math.Clamp(y, -20.0, 20.0), Math.Clamp(m, -20.0, 20.0), 0.05 + 4.0 * s
        let value = Crps.Gaussian(y, m, s)
        let gradient = Crps.GaussianGradient(y, m, s)
        let h = 1e-5 * s
        let inMean = (Crps.Gaussian(y, m + h, s) - Crps.Gaussian(y, m - h, s)) / (2.0 * h)
        let inDeviation = (Crps.Gaussian(y, m, s + h) - Crps.Gaussian(y, m, s - h)) / (2.0 * h)
        let z = abs (y - m) / s
        // central differences: h^2 and eps (1 + z)/1e-5
        let tolerance = 1e-9 + 1e-10 * (1.0 + z)

        value >= 0.0
        && abs (value - gaussianIntegral y m s) <= 1e-9 * (s + abs (y - m))
        && abs (gradient.Mean - inMean) <= tolerance
        && abs (gradient.Deviation - inDeviation) <= tolerance * (1.0 + z)

    [<Test>]
    member _.``CRPS of the standard normal at its mean is (sqrt 2 - 1)/sqrt pi``() =
        // 2 phi(0) - 1/sqrt pi
        Assert.That(Ulp.between (Crps.Gaussian(0.0, 0.0, 1.0)) 0.23369497725510913, Is.LessThanOrEqualTo 4.0)

    [<Property>]
    member _.``CRPS of an ensemble is its definition over pairs, the integral of Brier scores, and moves with shift and scale``
        (Score y)
        (seed: PositiveInt)
        =
        let rng = Random seed.Get

        let sample =
            Array.init (2 + rng.Next 12) (fun _ -> Math.Round(8.0 * rng.NextDouble() - 4.0, rng.Next 3))

        let n = float sample.Length
        let value = Crps.Ensemble(y, span sample)
        let size = 1.0 + abs y
        let close (x: float) z = abs (x - z) <= 1e-12 * size

        // the steps of the empirical distribution, piece by piece
        let corners = Array.append [| y |] sample |> Array.sort

        let integral =
            Array.pairwise corners
            |> Array.sumBy (fun (a, b) ->
                let f = (sample |> Array.filter (fun x -> x <= a) |> Array.length |> float) / n
                (b - a) * (if y <= a then (1.0 - f) * (1.0 - f) else f * f))

        close value (ensemble 0.5 y sample)
        && close value integral
        && close (Crps.FairEnsemble(y, span sample)) (ensemble (0.5 * n / (n - 1.0)) y sample)
        && close (Crps.Ensemble(2.0 * y + 1.0, span (sample |> Array.map (fun x -> 2.0 * x + 1.0)))) (2.0 * value)
        && value >= -1e-13 * size

    [<Property>]
    member _.``An ensemble of one is the absolute error`` (Score y) (Score x) =
        Crps.Ensemble(y, ReadOnlySpan<float> [| x |]) = abs (x - y)

    [<Test>]
    member _.``What is not allowed is refused``() =
        let refuses (action: unit -> obj) =
            let refused =
                try
                    let result = action ()
                    Assert.Fail $"accepted, with result {result}"
                    false
                with :? HindsightException ->
                    true

            Assert.That refused

        let log = ProperLoss.Of(LogScore())
        refuses (fun () -> box (CostWeighted 0.0))
        refuses (fun () -> box (CostWeighted 1.0))
        refuses (fun () -> box (BetaScore(-1.0, 0.0)))
        refuses (fun () -> box (BetaScore(0.0, nan)))
        refuses (fun () -> box (log.Partial1 0.0))
        refuses (fun () -> box (log.Value(1.5, 0.5)))
        refuses (fun () -> box (log.BayesRisk -0.1))
        refuses (fun () -> box (log.Decompose(span [||], span [||]).Average))
        refuses (fun () -> box (log.Decompose(span [| 1.0 |], span [| 0.5; 0.5 |]).Average))
        refuses (fun () -> box (log.Decompose(span [| 1.0 |], span [| 0.5 |], 0).Average))
        refuses (fun () -> box (ProbabilityLink.Logit 0.0))
        refuses (fun () -> box (Crps.Gaussian(0.0, 0.0, 0.0)))
        refuses (fun () -> box (Crps.Ensemble(0.0, span [||])))
        refuses (fun () -> box (Crps.FairEnsemble(0.0, span [| 1.0 |])))
        refuses (fun () -> box (Crps.Ensemble(nan, span [| 1.0 |])))
