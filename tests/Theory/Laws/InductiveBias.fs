namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open MathNet.Numerics
open MathNet.Numerics.Distributions
open Hindsight
open Hindsight.FSharp

/// The inductive bias that a task asks for.
[<TestFixture>]
type InductiveBiasLaws() =
    static let seeds = [ 1..100 ]

    static let logCdf d x =
        ScaledNoncentralChiSquare.logCdf d x |> Require.ok

    static let nats d x = InductiveBias.nats d x |> Require.ok

    static let distribution scale dof noncentrality =
        {
            Scale = scale
            Dof = dof
            Noncentrality = noncentrality
        }

    /// A Gaussian process on a line with a smooth kernel and labels that it does not expect.
    static let task =
        let points first count =
            Array.init count (fun i -> first + 0.37 * float i)

        let train, test = points 0.0 6, points 0.15 5
        let k a b = exp (-0.5 * (a - b) * (a - b) / 0.16)

        let gram (a: float[]) (b: float[]) =
            Array2D.init a.Length b.Length (fun i j -> k a[i] b[j])

        let f x = sin (2.0 * x) + 0.3 * x
        struct (gram train train, gram test train, gram test test, Array.map f train, Array.map f test)

    [<Test>]
    member _.``The inductive bias is that of the integrated density``() =
        Assert.That(Witness.holds Witnesses.all "inductive-bias")

        for seed in seeds do
            let struct (d, x) = InductiveBiasWitnesses.draw seed
            // in ln x the density falls at least like e^(nu u/2) to the left; the trapezoid rule over a smooth integrand that ends at x, corrected there by Gregory's formula
            let h = 0.002
            let count = 60000
            let at i = log x - h * float i

            let value i =
                exp ((ScaledNoncentralChiSquare.logDensity d (exp (at i)) |> Require.ok) + at i)

            // Gregory's weights at the end, order 4
            let weights = [| 3.0 / 8.0; 7.0 / 6.0; 23.0 / 24.0 |]

            let steps = Math.Min(count, int (70.0 / (d.Dof * h)) + 10)

            let mutable total = 0.0

            for i in 0..steps do
                total <- total + (if i < 3 then weights[i] else 1.0) * value i

            Assert.That(log (h * total), Is.EqualTo(logCdf d x).Within 1e-7)

    [<Test>]
    member _.``With one degree of freedom the distribution is that of a squared normal number``() =
        for nc in [ 0.0; 0.3; 4.0; 50.0 ] do
            for x in [ 0.01; 0.5; 2.0; 9.0; 60.0 ] do
                let a, b = sqrt x, sqrt nc
                let exact = Normal.CDF(0.0, 1.0, a - b) - Normal.CDF(0.0, 1.0, -a - b)
                Assert.That(logCdf (distribution 1.0 1.0 nc) x, Is.EqualTo(log exact).Within(1e-9 + 1e-15 / exact))

    [<Test>]
    member _.``Without noncentrality the distribution is a gamma``() =
        for seed in seeds do
            let struct (d, x) = InductiveBiasWitnesses.draw seed
            let central = { d with Noncentrality = 0.0 }
            let exact = SpecialFunctions.GammaLowerRegularized(d.Dof / 2.0, x / (2.0 * d.Scale))
            Assert.That(logCdf central x, Is.EqualTo(log exact).Within 1e-8)

    [<Test>]
    member _.``Deep in the tail the logarithm follows the leading term``() =
        for seed in seeds do
            let struct (d, _) = InductiveBiasWitnesses.draw seed
            let a = d.Dof / 2.0

            for exponent in [ -20.0; -100.0; -250.0 ] do
                let y = 10.0 ** exponent
                let leading = -d.Noncentrality / 2.0 + a * log y - SpecialFunctions.GammaLn(a + 1.0)
                Assert.That(logCdf d (2.0 * d.Scale * y), Is.EqualTo(leading).Within(1e-12 * abs leading))

        // far below the smallest positive number
        Assert.That(logCdf (distribution 1.0 4000.0 0.0) 1e-3, Is.LessThan -15000.0)
        Assert.That(logCdf (distribution 1.0 10.0 1e5) 1.0, Is.LessThan -40000.0)

    [<Test>]
    member _.``The saddle point agrees with the series, better with more degrees of freedom``() =
        for nu, tolerance in [ 4.0, 0.03; 40.0, 0.003; 400.0, 3e-4; 4000.0, 3e-5 ] do
            for nc in [ 0.0; 0.5 * nu; 3.0 * nu ] do
                let d = distribution 0.7 nu nc
                let mean = 0.7 * (nu + nc)

                for share in [ 0.05; 0.3; 0.7; 0.95; 0.9999999; 1.0; 1.2 ] do
                    let exact = logCdf d (share * mean)
                    let approximate = ScaledNoncentralChiSquare.logCdfBySaddlePoint d (share * mean) |> Require.ok
                    Assert.That(approximate, Is.EqualTo(exact).Within tolerance, $"nu {nu}, nc {nc}, share {share}")

    [<Test>]
    member _.``The saddle point is continuous at the mean``() =
        let d = distribution 1.0 30.0 20.0

        let at x =
            ScaledNoncentralChiSquare.logCdfBySaddlePoint d x |> Require.ok
        // the density there is about 0.034: steps of 1e-6 around the switch change the logarithm by less than 1e-6
        let near = [ for i in -30 .. 30 -> at (50.0 + 1e-4 * float i) ]

        for a, b in List.pairwise near do
            Assert.That(b, Is.GreaterThan a)
            Assert.That(b - a, Is.LessThan 2e-5)

    [<Test>]
    member _.``The bias falls with the error that is allowed, to nothing``() =
        for seed in seeds do
            let struct (d, x) = InductiveBiasWitnesses.draw seed

            for a, b in List.pairwise [ 0.001; 0.1; 0.5; 1.0; 1.5; 3.0 ] do
                Assert.That(nats d (b * x), Is.LessThan(nats d (a * x) + 1e-14))

            let largest = nats d (1000.0 * d.Scale * (d.Dof + d.Noncentrality))
            Assert.That(largest, Is.InRange(0.0, 1e-9))

    [<Test>]
    member _.``The unit of the errors does not matter``() =
        for seed in seeds do
            let struct (d, x) = InductiveBiasWitnesses.draw seed
            let other = { d with Scale = 1e6 * d.Scale }
            Assert.That(nats other (1e6 * x), Is.EqualTo(nats d x).Within 1e-11)

    [<Test>]
    member _.``Three cumulants give back the distribution``() =
        Assert.That(InductiveBiasMutants.cumulants (ScaledNoncentralChiSquare.cumulants >> Require.ok))
        // no distribution has these: the central one with the first two
        let d = ScaledNoncentralChiSquare.ofCumulants 2.0 1.0 100.0 |> Require.ok
        Assert.That(d.Noncentrality, Is.EqualTo 0.0)
        let struct (a, b, _) = ScaledNoncentralChiSquare.cumulants d |> Require.ok
        Assert.That(a, Is.EqualTo(2.0).Within 1e-14)
        Assert.That(b, Is.EqualTo(1.0).Within 1e-14)

    [<Test>]
    member _.``Samples have the mean and the variance of the distribution``() =
        for d in
            [
                distribution 0.5 3.5 2.0
                distribution 2.0 0.6 50.0
                distribution 1.0 1.0 4.0
            ] do
            let n = 20000
            let sample = ScaledNoncentralChiSquare.sample d 17UL n |> Require.ok
            let struct (k1, k2, _) = ScaledNoncentralChiSquare.cumulants d |> Require.ok
            let mean = Array.average sample
            let variance = sample |> Array.averageBy (fun x -> (x - k1) ** 2.0)
            // fourth cumulant 48 s^4 (nu + 4 nc); six standard errors each, false alarm 2e-9
            let k4 = 48.0 * d.Scale ** 4.0 * (d.Dof + 4.0 * d.Noncentrality)
            Assert.That(mean, Is.EqualTo(k1).Within(6.0 * sqrt (k2 / float n)))
            Assert.That(variance, Is.EqualTo(k2).Within(6.0 * sqrt ((k4 + 2.0 * k2 * k2) / float n)))

    [<Test>]
    member _.``The fit is at least as likely as the distribution that the sample comes from, and has its tail``() =
        for d in
            [
                distribution 0.5 6.0 8.0
                distribution 2.0 3.0 1.0
                distribution 0.01 20.0 30.0
            ] do
            let sample = ScaledNoncentralChiSquare.sample d 23UL 2000 |> Require.ok
            let found = ScaledNoncentralChiSquare.fit sample |> Require.ok

            let likelihood d =
                sample |> Array.sumBy (fun x -> ScaledNoncentralChiSquare.logDensity d x |> Require.ok)

            Assert.That(likelihood found, Is.GreaterThanOrEqualTo(likelihood d - 1e-6))
            // twice the gain is chi-square with three degrees: 50 is passed with probability below 1e-10
            Assert.That(likelihood found - likelihood d, Is.LessThan 25.0)
            let low = Array.sort sample |> Array.item 20
            // one in a hundred is seen by 20 of 2000: the logarithm is off by about 1/sqrt 20; six of them
            Assert.That(nats found low, Is.EqualTo(nats d low).Within 1.4)
            Assert.That(nats found low, Is.EqualTo(log 100.0).Within 1.4)

    [<Test>]
    member _.``Errors of functions drawn from a process have its exact cumulants``() =
        let struct (k, c, t, y, z) = task
        let n = 20000
        let errors = InductiveBias.kernelErrors k c t y z 5UL n |> Require.ok
        let struct (k1, k2, k3) = InductiveBias.kernelErrorCumulants k c t y z |> Require.ok
        Assert.That(Array.average errors, Is.EqualTo(k1).Within(6.0 * sqrt (k2 / float n)))
        let variance = errors |> Array.averageBy (fun e -> (e - k1) ** 2.0)
        let fourth = errors |> Array.averageBy (fun e -> (e - k1) ** 4.0)
        Assert.That(variance, Is.EqualTo(k2).Within(6.0 * sqrt (fourth / float n)))
        let third = errors |> Array.averageBy (fun e -> (e - k1) ** 3.0)
        let sixth = errors |> Array.averageBy (fun e -> (e - k1) ** 6.0)
        Assert.That(third, Is.EqualTo(k3).Within(6.0 * sqrt (sixth / float n)))

    [<Test>]
    member _.``Test points that the training points say nothing about have a noncentral chi-square error exactly``() =
        let identity n c =
            Array2D.init n n (fun i j -> if i = j then c else 0.0)

        let k, c, t = identity 3 1.0, Array2D.zeroCreate 4 3, identity 4 2.5
        let labels, testLabels = [| 1.0; 2.0; 3.0 |], [| 1.0; -1.0; 2.0; 0.5 |]
        let struct (a, b, g) = InductiveBias.kernelErrorCumulants k c t labels testLabels |> Require.ok
        let energy = testLabels |> Array.sumBy (fun y -> y * y)

        let struct (a', b', g') =
            ScaledNoncentralChiSquare.cumulants (distribution (2.5 / 4.0) 4.0 (energy / 2.5)) |> Require.ok

        Assert.That(a, Is.EqualTo(a').Within(1e-12).Percent)
        Assert.That(b, Is.EqualTo(b').Within(1e-12).Percent)
        Assert.That(g, Is.EqualTo(g').Within(1e-12).Percent)

    [<Test>]
    member _.``The estimate lies in its interval, replays by its seed, and the interval narrows with the sample``() =
        let d = distribution 0.5 6.0 4.0
        let sample = ScaledNoncentralChiSquare.sample d 31UL 400 |> Require.ok

        let estimate count =
            InductiveBias.estimate (Array.take count sample) 1.5 40 3UL |> Require.ok

        let few, many = estimate 50, estimate 400
        Assert.That(few.Nats, Is.InRange(few.Low, few.High))
        Assert.That(many.Nats, Is.InRange(many.Low, many.High))
        Assert.That(many.High - many.Low, Is.LessThan(few.High - few.Low))
        let again = estimate 50
        Assert.That(struct (again.Low, again.High), Is.EqualTo(struct (few.Low, few.High)))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let name =
            function
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok _ -> "accepted"

        let d = distribution 1.0 2.0 3.0
        Assert.That(name (ScaledNoncentralChiSquare.logCdf { d with Scale = 0.0 } 1.0), Is.EqualTo "Scale")
        Assert.That(name (ScaledNoncentralChiSquare.logCdf { d with Dof = nan } 1.0), Is.EqualTo "Dof")

        Assert.That(
            name (ScaledNoncentralChiSquare.logCdf { d with Noncentrality = -1.0 } 1.0),
            Is.EqualTo "Noncentrality"
        )

        Assert.That(name (ScaledNoncentralChiSquare.logCdf d 0.0), Is.EqualTo "x")
        Assert.That(name (ScaledNoncentralChiSquare.logCdf d 1e9), Does.Contain "million terms")
        Assert.That(name (ScaledNoncentralChiSquare.logDensity d -1.0), Is.EqualTo "x")
        Assert.That(name (ScaledNoncentralChiSquare.logCdfBySaddlePoint d nan), Is.EqualTo "x")
        Assert.That(name (ScaledNoncentralChiSquare.ofCumulants 0.0 1.0 1.0), Is.EqualTo "first")
        Assert.That(name (ScaledNoncentralChiSquare.ofCumulants 1.0 0.0 1.0), Is.EqualTo "second")
        Assert.That(name (ScaledNoncentralChiSquare.fit [| 1.0; 2.0 |]), Is.EqualTo "sample")

        Assert.That(
            name (ScaledNoncentralChiSquare.fit [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0; 7.0; 0.0 |]),
            Is.EqualTo "sample"
        )

        Assert.That(name (ScaledNoncentralChiSquare.fit (Array.create 10 1.0)), Does.Contain "no spread")
        Assert.That(name (ScaledNoncentralChiSquare.sample d 1UL 0), Is.EqualTo "count")
        Assert.That(name (InductiveBias.nats d infinity), Is.EqualTo "error")
        let sample = Array.init 10 (fun i -> 1.0 + float i)
        Assert.That(name (InductiveBias.estimate sample 1.0 5 1UL), Is.EqualTo "resamples")
        let struct (k, c, t, y, z) = task
        Assert.That(name (InductiveBias.kernelErrors k c t y z 1UL 0), Is.EqualTo "count")
        Assert.That(name (InductiveBias.kernelErrors c c t y z 1UL 1), Is.EqualTo "kernel")
        Assert.That(name (InductiveBias.kernelErrors k t t y z 1UL 1), Is.EqualTo "cross")
        Assert.That(name (InductiveBias.kernelErrors k c c y z 1UL 1), Is.EqualTo "test")
        Assert.That(name (InductiveBias.kernelErrors k c t [||] z 1UL 1), Is.EqualTo "labels")
        Assert.That(name (InductiveBias.kernelErrorCumulants k c t y [| nan |]), Does.StartWith "testLabels")

        Assert.That(
            name (InductiveBias.kernelErrors (Array2D.create 6 6 1.0) c t y z 1UL 1),
            Does.Contain "positive definite"
        )
