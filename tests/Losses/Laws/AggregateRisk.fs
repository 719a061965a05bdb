namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A setting of linear regression from bag means.
[<NoComparison>]
type RiskCase =
    {
        Samples: float
        Dimension: float
        BagSize: float
        Rho: float
        Signal: float
        Noise: float
        Clip: float
        Epsilon: float
    }

[<RequireQualifiedAccess>]
module RiskDraw =
    let case =
        gen {
            let! samples = Draw.uniform 50.0 5000.0
            let! share = Draw.uniform 0.01 0.95
            let! bagSize = Draw.uniform 1.0 12.0
            let! rho = Gen.frequency [ 1, Gen.constant 0.0; 1, Gen.constant 1.0; 3, Draw.probability ]
            let! signal = Draw.magnitude -1.5 1.5
            let! noise = Draw.magnitude -1.5 1.5
            let! clip = Draw.uniform 0.1 3.0
            let! epsilon = Draw.magnitude -1.0 1.0
            // the bag loss alone needs more bags than features
            let limit = if rho = 0.0 then samples / bagSize else samples

            return
                {
                    Samples = samples
                    Dimension = share * limit
                    BagSize = bagSize
                    Rho = rho
                    Signal = abs signal
                    Noise = abs noise
                    Clip = clip
                    Epsilon = abs epsilon
                }
        }

    let sample = lazy (Gen.sampleWithSeed (Rnd(11UL, 9UL)) 50 300 case)

type RiskArbitraries =
    static member RiskCase() = Arb.fromGen RiskDraw.case

/// A sample of the setting: rows, the bag of each, the mean label of each bag, and the coefficients behind them.
[<NoComparison>]
type BagSample =
    {
        Features: float[,]
        Bags: int[]
        Means: float[]
        Truth: float[]
    }

[<RequireQualifiedAccess>]
module RiskLaw =
    let term symbol (bound: Bound) =
        (bound.Terms |> Array.find (fun t -> t.Symbol = symbol)).Value

    let risk (c: RiskCase) =
        AggregateRisk.risk c.Samples c.Dimension c.BagSize c.Rho c.Signal c.Noise |> Require.ok

    /// d = m g/(1+g) + (N-m) rho g/(1+rho g)
    let scalarEquation (g: RiskCase -> float) (c: RiskCase) =
        let g = g c
        let m = c.Samples / c.BagSize

        let right = m * g / (1.0 + g) + (c.Samples - m) * c.Rho * g / (1.0 + c.Rho * g)

        g > 0.0 && abs (right - c.Dimension) <= 1e-12 * c.Samples

    /// The two ends in closed form; terms cancel where samples are barely more than features.
    let ends (value: RiskCase -> float) (c: RiskCase) =
        let bags = c.Samples / c.BagSize
        let u = 1.0 / c.BagSize
        let near (a: float) b = abs (a - b) <= 1e-10 * (abs a + abs b)

        let bag =
            let d = min c.Dimension (0.9 * bags)
            near (value { c with Rho = 0.0; Dimension = d }) (c.Noise * d / (bags - d))

        let instance =
            let bias = c.Signal * (1.0 - u) * (1.0 - u)
            let g = c.Dimension / (c.Samples - c.Dimension)
            near (value { c with Rho = 1.0 }) (bias + g * u * (c.Noise + c.Signal * (1.0 - u)))

        bag && instance

    let draw (random: RandomStream) samples dimension bagSize (signal: float) (noise: float) =
        let direction = Array.init dimension (fun _ -> random.NextNormal())
        let length = sqrt (Array.sumBy (fun x -> x * x) direction)
        let truth = direction |> Array.map (fun x -> x * sqrt signal / length)
        let features = Array2D.init samples dimension (fun _ _ -> random.NextNormal())
        let bags = Array.init samples (fun i -> i / bagSize)

        let labels =
            Array.init samples (fun i ->
                let mutable y = sqrt noise * random.NextNormal()

                for j in 0 .. dimension - 1 do
                    y <- y + features[i, j] * truth[j]

                y)

        {
            Features = features
            Bags = bags
            Means = labels |> Array.chunkBySize bagSize |> Array.map Array.average
            Truth = truth
        }

    let squaredError (a: float[]) (b: float[]) =
        Array.map2 (fun (x: float) y -> (x - y) * (x - y)) a b |> Array.sum

    /// Mean and standard error of |theta - theta0|^2 over repetitions.
    let simulate seed repetitions samples dimension bagSize rho signal noise =
        let errors =
            Array.init repetitions (fun i ->
                let random = RandomStream(seed, uint64 i)
                let s = draw random samples dimension bagSize signal noise

                AggregateRisk.fitLinear s.Features s.Bags s.Means rho |> Require.ok |> squaredError s.Truth)

        let mean = Array.average errors

        let variance = Array.sumBy (fun e -> (e - mean) * (e - mean)) errors / float (repetitions - 1)

        struct (mean, sqrt (variance / float repetitions))

    /// The gradient of the sum over bags of k_B times the interpolated square loss vanishes at the estimate.
    let stationary (fit: BagSample -> float -> float[]) (rho: float) (s: BagSample) =
        let theta = fit s rho
        let n = Array2D.length1 s.Features
        let d = theta.Length
        let total = Array.zeroCreate d

        let predict i =
            Seq.init d (fun j -> s.Features[i, j] * theta[j]) |> Seq.sum

        for b in 0 .. s.Means.Length - 1 do
            let members = [| 0 .. n - 1 |] |> Array.filter (fun i -> s.Bags[i] = b)
            let scores = members |> Array.map predict
            let g = Array.zeroCreate<float> scores.Length

            let value = (Aggregate.interpolated rho (Squared())).Gradient(s.Means[b], ReadOnlySpan scores, Span g)

            if value >= 0.0 then
                members
                |> Array.iteri (fun at i ->
                    for j in 0 .. d - 1 do
                        total[j] <- total[j] + float members.Length * g[at] * s.Features[i, j])

        total |> Array.forall (fun x -> abs x <= 1e-9 * float n)

    let fit (s: BagSample) rho =
        AggregateRisk.fitLinear s.Features s.Bags s.Means rho |> Require.ok

    /// Bags of 1 to 4 members in shuffled order.
    let unequal seed =
        let random = RandomStream(seed, 0UL)
        let s = draw random 60 4 1 1.5 0.5

        let bags = Array.init 60 (fun i -> i) |> Array.map (fun i -> if i < 24 then i else random.NextInt 24)

        let sizes = Array.zeroCreate<float> 24
        let sums = Array.zeroCreate<float> 24

        bags
        |> Array.iteri (fun i b ->
            sizes[b] <- sizes[b] + 1.0
            sums[b] <- sums[b] + s.Means[i])

        { s with
            Bags = bags
            Means = Array.map2 (/) sums sizes
        }

    /// No other bag size has a smaller risk by the formula of <c>risk</c> with the effective noise.
    let optimal (size: RiskCase -> float) (c: RiskCase) =
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok

        let at k =
            AggregateRisk.risk c.Samples c.Dimension k 1.0 c.Signal (c.Noise + a / k) |> Require.ok |> _.Value

        let best = size c
        let here = at best

        best >= 1.0
        && best <= c.Samples
        && Seq.init 200 (fun i -> c.Samples ** (float i / 199.0))
           |> Seq.forall (fun k -> here <= at (min k c.Samples) * (1.0 + 1e-10))

    let optimalSize (c: RiskCase) =
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok

        AggregateRisk.optimalBagSize c.Samples c.Dimension c.Signal c.Noise a |> Require.ok

    /// Labels of a bag, the bag with one label replaced, and a release: the log densities differ by at most epsilon.
    let ratio (logDensity: float -> float -> float[] -> float -> float) seed =
        let random = RandomStream(seed, 1UL)
        let clip = 0.1 + 3.0 * random.NextDouble()
        let epsilon = 0.05 + 3.0 * random.NextDouble()
        let labels = Array.init (1 + random.NextInt 6) (fun _ -> 4.0 * random.NextNormal())
        let neighbour = Array.copy labels
        // the extremes among the replacements
        neighbour[0] <-
            if random.NextDouble() < 0.5 then
                1e3
            else
                4.0 * random.NextNormal()

        labels[0] <- if random.NextDouble() < 0.5 then -1e3 else labels[0]
        let release = 5.0 * random.NextNormal()

        abs (logDensity clip epsilon labels release - logDensity clip epsilon neighbour release)
        <= epsilon * (1.0 + 1e-12)

    let logDensity clip epsilon labels release =
        LabelPrivacy.logDensity clip epsilon labels release |> Require.ok

[<Category "aggregate">]
[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<RiskArbitraries> |])>]
type AggregateRiskLaws() =
    [<Test>]
    member _.``Golden values: N 1200, d 100, k 3, r^2 1.5, sigma^2 1``() =
        for rho, g, kappa, value in
            [
                0.0, 1.0 / 3.0, 1.0, 0.3333333333333333
                0.2, 0.2060453783110545, 0.6833752096446002, 0.3147070576027861
                1.0, 1.0 / 11.0, 1.0 / 3.0, 0.7272727272727273
            ] do
            let bound = AggregateRisk.risk 1200.0 100.0 3.0 rho 1.5 1.0 |> Require.ok
            Assert.That(Ulp.between (RiskLaw.term "g" bound) g, Is.LessThanOrEqualTo 8.0)
            Assert.That(Ulp.between (RiskLaw.term "kappa" bound) kappa, Is.LessThanOrEqualTo 8.0)
            Assert.That(Ulp.between bound.Value value, Is.LessThanOrEqualTo 16.0)
            Assert.That(bound.Kind, Is.EqualTo BoundKind.Asymptotic)
            Assert.That(bound.Direction, Is.EqualTo BoundDirection.Equal)

    [<Property(MaxTest = 500)>]
    member _.``g solves the scalar equation``(c: RiskCase) =
        RiskLaw.scalarEquation (RiskLaw.risk >> RiskLaw.term "g") c

    [<Property(MaxTest = 500)>]
    member _.``rho 0: sigma^2 d/(m-d); rho 1: shrinkage to theta0/k``(c: RiskCase) =
        RiskLaw.ends (fun c -> (RiskLaw.risk c).Value) c

    [<Property(MaxTest = 300)>]
    member _.``Bags of one: every rho gives the risk of least squares, sigma^2 d/(N-d)``(c: RiskCase) =
        let value =
            (RiskLaw.risk
                { c with
                    BagSize = 1.0
                    Dimension = min c.Dimension (0.95 * c.Samples)
                })
                .Value

        let d = min c.Dimension (0.95 * c.Samples)
        let expected = c.Noise * d / (c.Samples - d)
        abs (value - expected) <= 1e-10 * expected

    [<Property(MaxTest = 300)>]
    member _.``At the signal-to-noise ratio the bag and the instance loss have the same risk; above it the bag loss wins``
        (c: RiskCase)
        =
        let bagSize = 1.5 + c.BagSize
        let d = min c.Dimension (0.9 * c.Samples / bagSize)

        let ratio = AggregateRisk.signalToNoise c.Samples d bagSize |> Require.ok

        let at rho signal =
            (RiskLaw.risk
                { c with
                    BagSize = bagSize
                    Dimension = d
                    Rho = rho
                    Signal = signal
                })
                .Value

        let there = ratio * c.Noise

        ratio > 0.0
        && abs (at 0.0 there - at 1.0 there) <= 1e-9 * at 0.0 there
        && at 0.0 (1.1 * there) < at 1.0 (1.1 * there)
        && at 0.0 (0.9 * there) > at 1.0 (0.9 * there)

    [<Property(MaxTest = 200)>]
    member _.``The optimal bag size under label privacy is the best of all``(c: RiskCase) =
        let best = RiskLaw.optimalSize c
        Prop.classify best.Interior "interior" (RiskLaw.optimal (fun _ -> best.Size) c)

    [<Property(MaxTest = 200)>]
    member _.``The risk at the optimal bag size is that of the risk formula``(c: RiskCase) =
        let best = RiskLaw.optimalSize c
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok

        let formula =
            AggregateRisk.risk
                c.Samples
                c.Dimension
                (Math.Clamp(best.Size, 1.0, c.Samples))
                1.0
                c.Signal
                (c.Noise + a / best.Size)
            |> Require.ok

        abs (formula.Value - best.Risk) <= 1e-10 * best.Risk

    [<Property(MaxTest = 200)>]
    member _.``An interior optimum is (2 r^2 + 2 g (a - r^2))/(2 r^2 - g (sigma^2 + r^2))``(c: RiskCase) =
        let best = RiskLaw.optimalSize c
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok
        let g = c.Dimension / (c.Samples - c.Dimension)

        let formula = (2.0 * c.Signal + 2.0 * g * (a - c.Signal)) / (2.0 * c.Signal - g * (c.Noise + c.Signal))

        not best.Interior || abs (formula - best.Size) <= 1e-9 * best.Size

    [<Property(MaxTest = 200)>]
    member _.``The pure bag loss has no trade-off: its risk under privacy grows with the bag size``(c: RiskCase) =
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok
        let most = 1.0 + c.BagSize
        let d = min c.Dimension (0.9 * c.Samples / most)

        let at k =
            AggregateRisk.risk c.Samples d k 0.0 c.Signal (c.Noise + a / k) |> Require.ok |> _.Value

        [ 1.0; 0.5 * (1.0 + most); most ]
        |> List.map at
        |> List.pairwise
        |> List.forall (fun (x, y) -> x < y)

    [<Test>]
    member _.``The closed form is where the gradient of the bag losses vanishes, bags of unequal size included``() =
        for seed in 1UL .. 6UL do
            for rho in [ 0.0; 0.1; 0.6; 1.0 ] do
                Assert.That(RiskLaw.stationary RiskLaw.fit rho (RiskLaw.unequal seed), $"seed {seed}, rho {rho}")

    [<Test>]
    member _.``The closed form is the limit of gradient descent on the interpolated loss``() =
        let s = RiskLaw.draw (RandomStream(4UL, 2UL)) 90 5 3 1.5 0.5

        for rho in [ 0.0; 0.3; 1.0 ] do
            let theta = Array.zeroCreate<float> 5
            let loss = Aggregate.interpolated rho (HalfSquared())
            let g = Array.zeroCreate<float> 3

            for _ in 1..3000 do
                let step = Array.zeroCreate<float> 5

                for b in 0..29 do
                    let scores =
                        Array.init 3 (fun i -> Seq.init 5 (fun j -> s.Features[3 * b + i, j] * theta[j]) |> Seq.sum)

                    if loss.Gradient(s.Means[b], ReadOnlySpan scores, Span g) >= 0.0 then
                        for i in 0..2 do
                            for j in 0..4 do
                                step[j] <- step[j] + g[i] * s.Features[3 * b + i, j] / 30.0

                for j in 0..4 do
                    theta[j] <- theta[j] - 0.5 * step[j]

            Assert.That(RiskLaw.squaredError theta (RiskLaw.fit s rho), Is.LessThan 1e-20, $"rho {rho}")

    [<Test>]
    member _.``Monte Carlo: the risk formula within four standard errors and the finite-size error d/N (N 600, d 50, k 3)``
        ()
        =
        for rho in [ 0.0; 0.2; 1.0 ] do
            let struct (mean, error) = RiskLaw.simulate 31UL 24 600 50 3 rho 1.5 1.0
            let bound = AggregateRisk.risk 600.0 50.0 3.0 rho 1.5 1.0 |> Require.ok
            // corrections to the limit are of relative order 1/d
            Assert.That(mean, Is.EqualTo(bound.Value).Within(4.0 * error + bound.Value / 50.0), $"rho {rho}")

    [<Test; Category "Long">]
    member _.``Monte Carlo, long: the risk formula within five per cent at N 1200, d 100 (40 repetitions)``() =
        for k, rho in [ 3, 0.0; 3, 0.2; 3, 1.0; 6, 0.1; 2, 0.5; 12, 0.3 ] do
            let struct (mean, error) = RiskLaw.simulate 77UL 40 1200 100 k rho 1.5 1.0
            let bound = AggregateRisk.risk 1200.0 100.0 (float k) rho 1.5 1.0 |> Require.ok
            Assert.That(error, Is.LessThan(0.0125 * bound.Value * 4.0), "four standard errors are within the tolerance")
            Assert.That(mean, Is.EqualTo(bound.Value).Within(0.05 * bound.Value), $"k {k}, rho {rho}")

    [<Test>]
    member _.``Label privacy: the log densities of neighbours differ by at most epsilon, and nearly so at the extremes``
        ()
        =
        for seed in 1UL .. 2000UL do
            Assert.That(RiskLaw.ratio RiskLaw.logDensity seed, $"seed {seed}")

        // both labels at opposite ends, the release outside: the bound is attained
        let at labels = RiskLaw.logDensity 0.5 0.7 labels 9.0
        Assert.That(at [| 2.0; 0.1 |] - at [| -2.0; 0.1 |], Is.EqualTo(0.7).Within 1e-14)

    [<Test>]
    member _.``The density of a release integrates to 1``() =
        let step = 1e-3

        let total =
            Seq.init 60001 (fun i -> -30.0 + step * float i)
            |> Seq.sumBy (fun x -> step * exp (RiskLaw.logDensity 1.0 1.0 [| 0.2; -0.4 |] x))

        // midpoint errors at the cusp are of order step^2
        Assert.That(total, Is.EqualTo(1.0).Within 1e-5)

    [<Test>]
    member _.``Released means follow that density: mean, mean magnitude and sign of the noise``() =
        let bags = Array.init 40000 (fun i -> i / 2)
        let labels = Array.init 40000 (fun i -> if i % 2 = 0 then 5.0 else -0.25)

        let released = LabelPrivacy.release (RandomStream(12UL, 0UL)) 1.0 0.5 labels bags |> Require.ok

        let scale = LabelPrivacy.scale 1.0 0.5 2 |> Require.ok
        // clipped labels 1 and -0.25
        let noise = released |> Array.map (fun x -> (x - 0.375) / scale)
        let n = float noise.Length
        Assert.That(noise.Length, Is.EqualTo 20000)
        // standard Laplace: mean 0, variance 2, mean magnitude 1 with variance 1; 6.2 standard deviations: false alarm below 1e-9 each
        Assert.That(Array.average noise, Is.EqualTo(0.0).Within(6.2 * sqrt (2.0 / n)))
        Assert.That(Array.averageBy abs noise, Is.EqualTo(1.0).Within(6.2 / sqrt n))
        let beyond = noise |> Array.filter (fun x -> abs x > log 2.0) |> Array.length
        Assert.That(float beyond / n, Is.EqualTo(0.5).Within(6.2 * 0.5 / sqrt n))
        let positive = noise |> Array.filter (fun x -> x > 0.0) |> Array.length
        Assert.That(float positive / n, Is.EqualTo(0.5).Within(6.2 * 0.5 / sqrt n))

    [<Test>]
    member _.``The same stream releases the same means``() =
        let release () =
            LabelPrivacy.release (RandomStream(5UL, 6UL)) 1.0 1.0 [| 0.1; 0.2; 0.3 |] [| 0; 1; 1 |]
            |> Require.ok

        Assert.That(release (), Is.EqualTo<float[]>(release ()))

    [<Property>]
    member _.``The effective noise is the variance of a mean's noise times the members: 2 scale^2 k = a/k``
        (c: RiskCase)
        =
        let k = 1 + int c.BagSize
        let scale = LabelPrivacy.scale c.Clip c.Epsilon k |> Require.ok
        let a = LabelPrivacy.noise c.Clip c.Epsilon |> Require.ok
        Ulp.between (2.0 * scale * scale * float k) (a / float k) <= 8.0

    [<Test>]
    member _.``Monte Carlo: privacy adds a/k to the noise``() =
        let samples, dimension, k, clip, epsilon = 600, 50, 3, 1.0, 2.0
        let a = LabelPrivacy.noise clip epsilon |> Require.ok

        let errors =
            Array.init 24 (fun i ->
                let random = RandomStream(91UL, uint64 i)
                let s = RiskLaw.draw random samples dimension k 0.0 0.0
                // labels that are 0 within the clip: all that is left is the privacy noise
                let labels = Array.zeroCreate<float> samples

                let means = LabelPrivacy.release random clip epsilon labels s.Bags |> Require.ok

                AggregateRisk.fitLinear s.Features s.Bags means 1.0 |> Require.ok |> RiskLaw.squaredError s.Truth)

        let mean = Array.average errors

        let error = sqrt ((Array.sumBy (fun e -> (e - mean) * (e - mean)) errors / 23.0) / 24.0)

        let bound = AggregateRisk.risk 600.0 50.0 3.0 1.0 0.0 (a / 3.0) |> Require.ok

        Assert.That(mean, Is.EqualTo(bound.Value).Within(4.0 * error + bound.Value / 50.0))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let refused (name: string) (result: Result<'a, HindsightError>) =
            match result with
            | Error e -> Assert.That(e.Message, Does.Contain name)
            | Ok value -> Assert.Fail $"accepted, {value}"

        refused "dimension" (AggregateRisk.risk 1200.0 500.0 3.0 0.0 1.0 1.0)
        refused "dimension" (AggregateRisk.risk 1200.0 1200.0 3.0 0.5 1.0 1.0)
        refused "bagSize" (AggregateRisk.risk 1200.0 100.0 0.5 0.5 1.0 1.0)
        refused "rho" (AggregateRisk.risk 1200.0 100.0 3.0 1.5 1.0 1.0)
        refused "signal" (AggregateRisk.risk 1200.0 100.0 3.0 0.5 -1.0 1.0)
        refused "noise" (AggregateRisk.risk 1200.0 100.0 3.0 0.5 1.0 nan)
        refused "bagSize" (AggregateRisk.signalToNoise 1200.0 100.0 1.0)
        refused "privacy" (AggregateRisk.optimalBagSize 1200.0 100.0 1.0 1.0 -1.0)
        refused "clip" (LabelPrivacy.noise 0.0 1.0)
        refused "epsilon" (LabelPrivacy.noise 1.0 -1.0)
        let rows = array2D [ [ 1.0; 2.0 ]; [ 1.0; 2.0 ] ]
        refused "undetermined" (AggregateRisk.fitLinear rows [| 0; 1 |] [| 1.0; 1.0 |] 0.5)
        refused "undetermined" (AggregateRisk.fitLinear rows [| 0; 0 |] [| 1.0 |] 0.0)
        refused "bags" (AggregateRisk.fitLinear rows [| 0; 2 |] [| 1.0; 1.0 |] 0.5)
        refused "bags" (AggregateRisk.fitLinear rows [| 0; -1 |] [| 1.0; 1.0 |] 0.5)
        refused "bags" (AggregateRisk.fitLinear rows [| 0 |] [| 1.0 |] 0.5)
        refused "means" (AggregateRisk.fitLinear rows [| 0; 1 |] [| 1.0 |] 0.5)
        refused "features" (AggregateRisk.fitLinear (array2D [ [ nan ] ]) [| 0 |] [| 1.0 |] 0.5)

    [<Test>]
    member _.``At most as many bags as features: the signal-to-noise ratio is infinite``() =
        Assert.That(AggregateRisk.signalToNoise 1200.0 400.0 3.0 |> Require.ok, Is.EqualTo infinity)
