namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Ridge regression with kernels and random features.
[<TestFixture>]
type EigenframeworkLaws() =
    /// A random spectrum, target, noise, and numbers of samples and features.
    static let draw seed =
        let random = Random(seed: int)
        let m = 5 + random.Next 60
        let alpha = 1.05 + 1.5 * random.NextDouble()
        let eigenvalues = Array.init m (fun i -> float (i + 1) ** -alpha * (0.5 + random.NextDouble()))
        let coefficients = Array.init m (fun _ -> 2.0 * random.NextDouble() - 1.0)
        let noise = random.NextDouble()
        let samples = float (1 + random.Next(2 * m))
        let features = float (1 + random.Next(3 * m))
        let ridge = Math.Exp(6.0 * random.NextDouble() - 4.0)
        struct (eigenvalues, coefficients, noise, samples, features, ridge)

    static let seeds = [ 1..200 ]

    [<Test>]
    member _.``Kernel ridge regression on Gaussian features has the predicted test and train error``() =
        Assert.That(EigenframeworkWitnesses.agrees false EigenframeworkWitnesses.predicted)

    [<Test>]
    member _.``Ridge regression on random features has the predicted test and train error``() =
        Assert.That(EigenframeworkWitnesses.agrees true EigenframeworkWitnesses.predicted)

    [<Test>]
    member _.``The best ratio of train to test error under power laws is that of the equation``() =
        Assert.That(Witness.holds Witnesses.all "fitting-ratio")

    [<Test>]
    member _.``Without noise the best ratio is (alpha-beta)/(beta (alpha-1)), or none``() =
        for seed in seeds do
            let random = Random(seed: int)
            let alpha = 1.05 + 2.0 * random.NextDouble()
            let beta = 1.05 + random.NextDouble() * (2.0 * alpha - 0.1)
            let r = Eigenframework.fittingRatio alpha beta 0.0 |> Require.ok
            let closed = max 0.0 ((alpha - beta) / (beta * (alpha - 1.0)))
            Assert.That(r, Is.EqualTo(closed).Within 1e-12)

    [<Test>]
    member _.``Two hundred thousand modes of a power law have the best ratio of the equation``() =
        // the sums are powers of kappa up to relative terms 1/n and (n/modes)^0.6: about one percent each at 150 samples and 200000 modes
        for alpha, beta, noise in [ 2.2, 1.7, 0.0; 2.5, 1.8, 0.5; 1.6, 2.0, 2.0 ] do
            let modes = 200_000
            let samples = 150.0
            let eigenvalues = Eigenframework.powerLaw alpha modes |> Require.ok
            let squares = Eigenframework.powerLaw beta modes |> Require.ok

            let sums kappa =
                let mutable s = 0.0
                let mutable q = 0.0
                let mutable bias = 0.0

                for i in 0 .. modes - 1 do
                    let l = eigenvalues[i] / (eigenvalues[i] + kappa)
                    s <- s + l
                    q <- q + l * l
                    bias <- bias + (1.0 - l) * (1.0 - l) * squares[i]

                struct (s, q, bias)

            let root (f: float -> float) low high =
                let mutable low: float = low
                let mutable high: float = high

                for _ in 1..40 do
                    let middle = sqrt (low * high)
                    if f middle > 0.0 then low <- middle else high <- middle

                low

            // without a ridge all samples are used by modes; the noise is relative to the bias there
            let kappa0 =
                root
                    (fun kappa ->
                        let struct (s, _, _) = sums kappa
                        s - samples)
                    1e-12
                    1.0

            let struct (_, _, bias0) = sums kappa0
            let sigma2 = noise * bias0

            let error kappa =
                let struct (s, q, bias) = sums kappa
                struct (samples / (samples - q) * (bias + sigma2), (samples - s) / samples)

            // the test error over the implicit ridge, on a grid of steps of 0.5 percent in the mode count
            let candidates = Array.init 160 (fun i -> kappa0 * exp (float i * 0.02))

            let best =
                candidates
                |> Array.take (if noise = 0.0 then 80 else 160)
                |> Array.map error
                |> Array.minBy (fun (struct (e, _)) -> e)

            let struct (_, r) = best
            let predicted = Eigenframework.fittingRatio alpha beta noise |> Require.ok
            // the grid's step in r is at most 0.02/alpha
            Assert.That(r, Is.EqualTo(predicted).Within(0.02), $"alpha {alpha}, beta {beta}, s {noise}")

    [<Test>]
    member _.``Infinitely many features are a kernel``() =
        for seed in seeds do
            let struct (l, v, noise, n, _, ridge) = draw seed
            let kernel = Eigenframework.kernelRidge l v noise n ridge |> Require.ok
            let many = Eigenframework.randomFeatures l v noise n 1e13 ridge |> Require.ok
            Assert.That(many.Test, Is.EqualTo(kernel.Test).Within(1e-8).Percent)
            Assert.That(many.Gamma, Is.EqualTo(many.Kappa).Within(1e-8).Percent)

    [<Test>]
    member _.``The two equations of the implicit ridges hold``() =
        for seed in seeds do
            let struct (l, v, noise, n, k, ridge) = draw seed
            let r = Eigenframework.randomFeatures l v noise n k ridge |> Require.ok
            let learned = Array.sum r.Learnabilities
            Assert.That(learned + ridge / r.Kappa, Is.EqualTo(n).Within(1e-9).Percent)
            Assert.That(learned + k * r.Kappa / r.Gamma, Is.EqualTo(k).Within(1e-9).Percent)

    [<Test>]
    member _.``Train error is at most test error, and their ratio is the square of delta/(n kappa)``() =
        for seed in seeds do
            let struct (l, v, noise, n, k, ridge) = draw seed
            let r = Eigenframework.randomFeatures l v noise n k ridge |> Require.ok
            Assert.That(r.Train, Is.LessThanOrEqualTo r.Test)
            Assert.That(r.Train / r.Test, Is.EqualTo((ridge / (n * r.Kappa)) ** 2.0).Within(1e-9).Percent)

    [<Test>]
    member _.``With an infinite ridge nothing is learned``() =
        for seed in seeds do
            let struct (l, v, noise, n, k, _) = draw seed
            let r = Eigenframework.randomFeatures l v noise n k 1e12 |> Require.ok
            let zero = Array.sumBy (fun c -> c * c) v + noise
            Assert.That(r.Test, Is.EqualTo(zero).Within(1e-6).Percent)

    [<Test>]
    member _.``Noise adds the overfitting coefficient times itself``() =
        for seed in seeds do
            let struct (l, v, noise, n, _, ridge) = draw seed
            let clean = Eigenframework.kernelRidge l v 0.0 n ridge |> Require.ok
            let noisy = Eigenframework.kernelRidge l v noise n ridge |> Require.ok
            let q = clean.Learnabilities |> Array.sumBy (fun x -> x * x)
            Assert.That(clean.Overfitting, Is.EqualTo(n / (n - q)).Within(1e-9).Percent)
            let added = clean.Test + clean.Overfitting * noise
            Assert.That(noisy.Test, Is.EqualTo(added).Within(1e-9).Percent)

    [<Test>]
    member _.``The unit of the kernel does not matter``() =
        for seed in seeds do
            let struct (l, v, noise, n, k, ridge) = draw seed
            let c = 1000.0
            let a = Eigenframework.randomFeatures l v noise n k ridge |> Require.ok
            let b = Eigenframework.randomFeatures (l |> Array.map ((*) c)) v noise n k (c * ridge) |> Require.ok
            Assert.That(b.Test, Is.EqualTo(a.Test).Within(1e-9).Percent)
            Assert.That(b.Kappa, Is.EqualTo(c * a.Kappa).Within(1e-9).Percent)

    [<Test>]
    member _.``More is better: at the best ridge the error falls with samples and with features``() =
        for seed in 1..3 do
            let struct (l, v, noise, _, _, _) = draw seed
            let l = Array.truncate 20 l
            let v = Array.truncate 20 v

            let best n k =
                (EigenframeworkBounds.optimalRidgeOfFeatures l v noise n k |> Require.ok).Bound.Value

            let sizes = [ 2.0; 5.0; 9.0; 15.0; 40.0 ]

            for fixed' in [ 4.0; 12.0 ] do
                for a, b in List.pairwise sizes do
                    Assert.That(best b fixed', Is.LessThanOrEqualTo(best a fixed' * (1.0 + 1e-9)), "samples")
                    Assert.That(best fixed' b, Is.LessThanOrEqualTo(best fixed' a * (1.0 + 1e-9)), "features")

            let kernel = (EigenframeworkBounds.optimalRidge l v noise 12.0 |> Require.ok).Bound.Value
            Assert.That(kernel, Is.LessThanOrEqualTo(best 12.0 40.0 * (1.0 + 1e-9)))

    [<Test>]
    member _.``With as many features as samples the error grows like one over the root of the ridge, and stays positive``
        ()
        =
        let l = Eigenframework.powerLaw 1.5 200 |> Require.ok
        let v = Eigenframework.powerLaw 0.75 200 |> Require.ok

        let error ridge =
            (Eigenframework.randomFeatures l v 0.1 100.0 100.0 ridge |> Require.ok).Test

        for exponent in [ -12.0; -20.0; -30.0; -60.0; -100.0 ] do
            Assert.That(error (10.0 ** (exponent - 2.0)) / error (10.0 ** exponent), Is.EqualTo(10.0).Within(1e-3))

        let found = EigenframeworkBounds.optimalRidgeOfFeatures l v 0.1 100.0 100.0 |> Require.ok
        Assert.That(found.Values[0], Is.InRange(0.1, 1.0))

    [<Test>]
    member _.``Where no ridge is best the search says so``() =
        // an easy target in few modes, without noise: the error falls all the way to a ridge of 0
        let l = [| 1.0; 0.5; 0.25 |]
        let found = EigenframeworkBounds.optimalRidge l [| 1.0; 1.0; 1.0 |] 0.0 10.0 |> Require.ok
        Assert.That(found.Values[0], Is.EqualTo 0.0)
        Assert.That(found.Bound.Value, Is.EqualTo 0.0)

    [<Test>]
    member _.``Without a ridge the lesser of samples and features are used by modes``() =
        for seed in seeds do
            let struct (l, v, noise, n, k, _) = draw seed
            let m = float l.Length

            if abs (n - k) > 2.0 && abs (min n k - m) > 2.0 then
                let r = Eigenframework.randomFeatures l v noise n k 0.0 |> Require.ok
                Assert.That(Array.sum r.Learnabilities, Is.EqualTo(min m (min n k)).Within(1e-9).Percent)
                // the limit of small ridges
                let near = Eigenframework.randomFeatures l v noise n k 1e-13 |> Require.ok
                Assert.That(near.Test, Is.EqualTo(r.Test).Within(1e-3).Percent)
                Assert.That(near.Train, Is.EqualTo(r.Train).Within(1e-3 * r.Test))

    [<Test>]
    member _.``Least squares with fewer modes than samples has the classical error n/(n-m)``() =
        let r = Eigenframework.kernelRidge [| 2.0; 1.0; 0.5 |] [| 1.0; 2.0; 3.0 |] 0.7 30.0 0.0 |> Require.ok
        Assert.That(r.Test, Is.EqualTo(0.7 * 30.0 / 27.0).Within(1e-12).Percent)
        Assert.That(r.Train, Is.EqualTo(0.7 * 27.0 / 30.0).Within(1e-12).Percent)

    [<Test>]
    member _.``kappa of a Gram matrix is one over the trace of its inverse``() =
        let gram = array2D [ [ 2.0; 1.0 ]; [ 1.0; 3.0 ] ]
        // the inverse of [[2.5, 1], [1, 3.5]] has trace 6/7.75
        let kappa = Eigenframework.kappaOfGram gram 0.5 |> Require.ok
        Assert.That(kappa, Is.EqualTo(7.75 / 6.0).Within(1e-13).Percent)

    [<Test>]
    member _.``The estimated kappa of a Gaussian design is the predicted one``() =
        // trace (K + delta)^-1 over designs of 60 samples concentrates: 20 designs, 3 percent
        let m = 120
        let l = Eigenframework.powerLaw 1.3 m |> Require.ok
        let n = 60
        let random = RandomStream(11UL, 0UL)

        let one () =
            let x = Array2D.init n m (fun _ _ -> random.NextNormal())

            let gram =
                Array2D.init n n (fun i j ->
                    let mutable s = 0.0

                    for c in 0 .. m - 1 do
                        s <- s + l[c] * x[i, c] * x[j, c]

                    s)

            Eigenframework.kappaOfGram gram 0.1 |> Require.ok

        let measured = Array.init 20 (fun _ -> one ()) |> Array.average
        let predicted = (Eigenframework.kernelRidge l l 0.0 (float n) 0.1 |> Require.ok).Kappa
        Assert.That(measured / predicted, Is.EqualTo(1.0).Within 0.03)

    [<Test>]
    member _.``Bad input is refused by name``() =
        let name =
            function
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok _ -> "accepted"

        let l, v = [| 1.0; 0.5 |], [| 1.0; 1.0 |]
        Assert.That(name (Eigenframework.kernelRidge [||] [||] 0.0 3.0 1.0), Is.EqualTo "eigenvalues")
        Assert.That(name (Eigenframework.kernelRidge [| 1.0; 0.0 |] v 0.0 3.0 1.0), Is.EqualTo "eigenvalues")
        Assert.That(name (Eigenframework.kernelRidge l [| 1.0 |] 0.0 3.0 1.0), Is.EqualTo "coefficients")
        Assert.That(name (Eigenframework.kernelRidge l [| 1.0; nan |] 0.0 3.0 1.0), Does.StartWith "coefficients")
        Assert.That(name (Eigenframework.kernelRidge l v -1.0 3.0 1.0), Is.EqualTo "noise")
        Assert.That(name (Eigenframework.kernelRidge l v 0.0 0.0 1.0), Is.EqualTo "samples")
        Assert.That(name (Eigenframework.kernelRidge l v 0.0 3.0 -1.0), Is.EqualTo "ridge")
        Assert.That(name (Eigenframework.kernelRidge l v 0.0 2.0 0.0), Is.EqualTo "ridge")
        Assert.That(name (Eigenframework.randomFeatures l v 0.0 5.0 5.0 0.0), Is.EqualTo "ridge")
        Assert.That(name (Eigenframework.randomFeatures l v 0.0 5.0 infinity 1.0), Is.EqualTo "features")
        Assert.That(name (Eigenframework.fittingRatio 1.0 1.5 0.0), Is.EqualTo "alpha")
        Assert.That(name (Eigenframework.fittingRatio 2.0 5.0 0.0), Is.EqualTo "beta")
        Assert.That(name (Eigenframework.fittingRatio 2.0 1.5 nan), Is.EqualTo "relativeNoise")
        Assert.That(name (Eigenframework.kappaOfGram (Array2D.zeroCreate 0 0) 0.0), Is.EqualTo "gram")
        Assert.That(name (Eigenframework.kappaOfGram (Array2D.zeroCreate 2 3) 0.0), Is.EqualTo "gram")

        Assert.That(
            name (Eigenframework.kappaOfGram (array2D [ [ 1.0; 0.5 ]; [ 0.0; 1.0 ] ]) 0.0),
            Does.Contain "symmetric"
        )

        Assert.That(
            name (Eigenframework.kappaOfGram (array2D [ [ 1.0; 1.0 ]; [ 1.0; 1.0 ] ]) 0.0),
            Does.Contain "larger ridge"
        )
