namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Perturbed prediction: identities, growth, what finitely many signs keep, what noise costs.
[<TestFixture>]
type PerturbationLaws() =
    static let holds name =
        Assert.That(Witness.holds Witnesses.all name)

    static let draw = PerturbationWitnesses.draw
    static let norm = PerturbationWitnesses.norm

    static let dot (a: float[]) b =
        Array.fold2 (fun s x y -> s + x * y) 0.0 a b

    static let message result =
        match result with
        | Ok _ -> ""
        | Error(e: HindsightError) -> e.Message

    static let unitOf activation =
        PerturbationWitnesses.options 2 [| 6; 5 |] activation 3

    // ---- derivatives ----

    [<Test>]
    member _.``Derivatives in double precision are the network's own up to single precision``() =
        for seed in 1..40 do
            let struct (network, x, y) = PerturbationLaw.case seed
            let o = PerturbationLaw.objective network x y
            let theta = network.Parameters |> Array.map float
            let x32 = x |> Array.map float32
            let struct (value, gradient) = o.Gradient theta
            let own = network.Gradient(ReadOnlySpan x32, 0, 0, y)
            // 2^-24 an operation, some hundreds of them
            let tolerance = 1e-4 * (1.0 + norm gradient)
            Assert.That(network.AveragedLoss(ReadOnlySpan x32, 0, 0, y), Is.EqualTo(value).Within(1e-4 * (1.0 + value)))

            for j in 0 .. own.Length - 1 do
                Assert.That(float own[j], Is.EqualTo(gradient[j]).Within tolerance)

    [<Test>]
    member _.``A Hessian-vector product is the slope of the gradient, and the Hessian is symmetric``
        ([<Values(Activation.Gelu, Activation.Tanh, Activation.Softplus)>] activation: Activation)
        =
        for parameterisation in [ Parameterisation.Theory; Parameterisation.Standard ] do
            let struct (d, start) =
                PerturbationWitnesses.derivatives
                    { unitOf activation with
                        Parameterisation = parameterisation
                    }

            let random = Random 11

            for _ in 1..10 do
                let theta = start |> Array.map (fun w -> w + 0.5 * draw random)
                let u, v = start |> Array.map (fun _ -> draw random), start |> Array.map (fun _ -> draw random)
                let x = PerturbationWitnesses.input random 2
                let hu, hv = d.HessianVector(theta, x, u), d.HessianVector(theta, x, v)
                Assert.That(dot u hv, Is.EqualTo(dot v hu).Within(1e-12 * (norm u * norm hv)))
                // fourth-order differences: error e^4/30 times fifth derivatives, and rounding 1e-16/e
                let e = 1e-3

                let at (s: float) =
                    let struct (_, g) = d.Gradient(Array.map2 (fun t a -> t + s * e * a) theta v, x)
                    g

                let a, b, c, f = at -2.0, at -1.0, at 1.0, at 2.0

                for j in 0 .. v.Length - 1 do
                    let slope = (a[j] - 8.0 * b[j] + 8.0 * c[j] - f[j]) / (12.0 * e)
                    Assert.That(hv[j], Is.EqualTo(slope).Within(1e-8 * (1.0 + norm hv)))

    [<Test>]
    member _.``The averaged loss has the gradient and the Hessian of its closed forms``() =
        Assert.That(PerturbationLaw.gradientForm PerturbationLaw.gradient)
        Assert.That(PerturbationLaw.hessianForm PerturbationLaw.hessian)

    [<Test>]
    member _.``The log loss of a perturbed network has the slope that its objective says``() =
        for kind in [ PerturbationKind.Off; PerturbationKind.Expected; PerturbationKind.Rademacher ] do
            let network =
                PerturbedNetwork.Create(
                    { unitOf Activation.Tanh with
                        Perturbation = kind
                        PerturbationScale = 0.7
                    },
                    KullbackLeibler()
                )
                |> Require.ok

            let random = Random 5
            let xs = Array.init 3 (fun _ -> PerturbationWitnesses.input random 2)
            let o = PerturbedObjective.Of(network, xs, [| 0.0; 0.4; 1.0 |]) |> Require.ok
            let theta = o.Initialisation |> Array.map (fun w -> w + 0.3 * draw random)
            let v = theta |> Array.map (fun _ -> draw random)
            let e = 1e-3

            let at s =
                Array.map2 (fun t a -> t + s * e * a) theta v

            let difference (f: float -> float) =
                (f -2.0 - 8.0 * f -1.0 + 8.0 * f 1.0 - f 2.0) / (12.0 * e)

            let struct (_, g) = o.Gradient theta
            Assert.That(dot g v, Is.EqualTo(difference (fun s -> o.Value(at s))).Within(1e-8 * (1.0 + norm g)))

            let slopes s =
                let struct (_, g) = o.Gradient(at s)
                dot g v

            let hv = o.HessianVector(theta, v)
            Assert.That(dot v hv, Is.EqualTo(difference slopes).Within(1e-8 * (1.0 + norm hv)))

    // ---- identities ----

    [<Test>]
    member _.``In expectation the perturbation of half the square loss is a ridge of weight c_p^2/sqrt m``() =
        Assert.That(PerturbationLaw.expectation (fun c m r d -> 0.5 * r * r + c * c / (2.0 * sqrt m) * d))

    [<Test>]
    member _.``An interpolator's expected perturbed loss is T c_p^2 D^2/(2 sqrt m)``() = holds "interpolator-ridge"

    [<Test>]
    member _.``The nearest interpolator of the linearised network costs at most T^2 r^2 c_p^2/(2 lambda_0 sqrt m)``() =
        holds "kernel-interpolator-ridge"

    [<Test>]
    member _.``Half the square loss of a prediction satisfies PL with the squared norm of its gradient, with equality``
        ()
        =
        for seed in 1..40 do
            let struct (network, x, y) = PerturbationLaw.case seed
            let p = PerturbationLaw.parts network x y
            let loss = 0.5 * p.Residual * p.Residual
            let gradient = p.Gradient |> Array.map (fun g -> p.Residual * g)
            let gram = Conditions.gramOfJacobian (array2D [ p.Gradient ]) |> Require.ok
            let mu = Conditions.ofTangentKernel 1.0 gram |> Require.ok
            Assert.That(0.5 * dot gradient gradient, Is.EqualTo(mu * loss).Within(1e-9).Percent)

    [<Test>]
    member _.``A prediction's loss is at most the averaged loss, for the mean of scores, of sigmoids, and the sigmoid of the mean``
        ()
        =
        let sigmoid z = 1.0 / (1.0 + exp -z)
        let logit p = log (p / (1.0 - p))

        let bce y z =
            y * log (1.0 + exp -z) + (1.0 - y) * log (1.0 + exp z)

        Assert.That(PerturbationLaw.jensen Array.average (fun y f -> 0.5 * (y - f) ** 2.0))
        Assert.That(PerturbationLaw.jensen Array.average bce)
        Assert.That(PerturbationLaw.jensen (Array.averageBy sigmoid >> logit) bce)

        // the network's own prediction and averaged loss, in single precision
        for loss in [ HalfSquared() :> ILoss; BinaryCrossEntropy() ] do
            for seed in 1..20 do
                let network =
                    PerturbedNetwork.Create(
                        { unitOf Activation.Gelu with
                            Perturbation = PerturbationKind.Rademacher
                            PerturbationScale = 1.0
                            PerturbationCount = 4
                            Seed = uint64 seed
                        },
                        loss
                    )
                    |> Require.ok

                let random = Random seed
                network.Parameters <- network.Initialisation |> Array.map (fun w -> w + 0.5f * float32 (draw random))
                let x = PerturbationWitnesses.input random 2 |> Array.map float32
                let y = random.NextDouble()
                let scores = [| 0.0f |]
                network.Forward(ReadOnlySpan x, 1, true, ReadOnlySpan [| 0 |], ReadOnlySpan [| 0 |], Span scores)
                let means = [| 0.0 |]
                network.MeanPredictions(ReadOnlySpan scores, Span means)
                let mean = Array.head means

                let own =
                    match loss.Metadata.Link with
                    | Link.Logit -> -y * log mean - (1.0 - y) * log (1.0 - mean)
                    | _ -> 0.5 * (y - mean) ** 2.0

                let averaged = network.AveragedLoss(ReadOnlySpan x, 0, 0, y)
                Assert.That(own, Is.LessThanOrEqualTo(averaged + 1e-5 * (1.0 + averaged)))

    // ---- growth ----

    [<Test>]
    member _.``Half the square loss of a network is convex up to (1/2) r (c_H/sqrt m) D^2``() =
        holds "almost-convexity-slack"

    [<Test>]
    member _.``The expected perturbed square loss has a Hessian of at least (c_p^2 - c_H r)/sqrt m``() =
        holds "perturbed-growth-square"

    [<Test>]
    member _.``The expected perturbed log loss has a Hessian of at least (kappa c_p^2 - c_H)/sqrt m``() =
        holds "perturbed-growth-log"

    [<Test>]
    member _.``Without a perturbation the minimiser is not unique, with its expectation it is, and with few signs the loss is all but flat``
        ()
        =
        let random = Random 2
        let xs = Array.init 4 (fun _ -> PerturbationWitnesses.input random 2)
        let ys = [| 0.2; 0.7; 0.4; 0.9 |]

        let options =
            { PerturbationWitnesses.options 2 [| 10 |] Activation.Tanh 1 with
                PerturbationScale = 1.0
                PerturbationCount = 3
            }

        let reports = Perturbation.compare 4 1.0 1UL options (HalfSquared()) xs ys |> Require.ok
        let off, expected, signs = reports[0], reports[1], reports[2]

        for r in reports do
            Assert.That(r.Minimisers, Is.GreaterThan 1)
            Assert.That(r.ToString(), Does.Contain "growth about it")

        // four labels, thirty parameters: the labels are fitted on a manifold of 26 dimensions
        Assert.That(off.Least, Is.LessThan 1e-12)
        Assert.That(off.FlatDirections, Is.GreaterThanOrEqualTo(off.Parameters - 4))
        Assert.That(off.Spread, Is.GreaterThan 0.1)
        Assert.That(off.Growth, Is.LessThan 1e-3)
        // the expectation is strongly convex near the fit, and all starts agree
        Assert.That(expected.FlatDirections, Is.EqualTo 0)
        Assert.That(expected.Spread, Is.LessThan 1e-5)
        Assert.That(expected.Promised, Is.GreaterThan 0.0)
        Assert.That(expected.SmallestEigenvalue, Is.GreaterThanOrEqualTo(expected.Promised * (1.0 - 1e-6)))
        Assert.That(expected.Growth, Is.GreaterThan(0.5 * expected.Promised))
        Assert.That(expected.Least, Is.GreaterThan off.Least)
        // three signs and four gradients cannot span thirty directions
        Assert.That(signs.SmallestEigenvalue, Is.LessThan(0.1 * expected.SmallestEigenvalue))

    [<Test>]
    member _.``Signs cannot span more directions than there are: uniform growth is impossible below p of them``() =
        let random = Random 3
        let p = 24

        for s in [ 1; 3; 10; 23; 96 ] do
            let signs = Array.init s (fun _ -> Array.init p (fun _ -> if random.Next 2 = 0 then -1.0 else 1.0))
            let points = Array.init 50 (fun _ -> Array.init p (fun _ -> draw random))
            let c = Perturbation.concentration signs points |> Require.ok
            Assert.That(c.Rank, Is.LessThanOrEqualTo(min s p))

            if s < p then
                Assert.That(c.SmallestEigenvalue, Is.EqualTo 0.0)
                // a linear prediction's averaged loss: (1/S) sum (g + a eps)(g + a eps)' has rank at most S
                let g = Array.init p (fun _ -> draw random)
                let moved = signs |> Array.map (fun e -> Array.map2 (fun x y -> x + 0.5 * y) g e)
                let gram = Conditions.gramOfJacobian (array2D moved) |> Require.ok
                let values = PerturbationWitnesses.eigenvalues gram
                Assert.That(values.Length, Is.EqualTo s)
            else
                Assert.That(c.SmallestEigenvalue, Is.GreaterThan 0.0)

            Assert.That(c.Least, Is.GreaterThanOrEqualTo(c.SmallestEigenvalue - 1e-12))
            Assert.That(c.Largest, Is.LessThanOrEqualTo(c.LargestEigenvalue + 1e-9))

    [<Test>]
    member _.``With the sign vectors that the bound asks for, the perturbation keeps its growth at fixed points``() =
        holds "perturbation-count"
        Assert.That(PerturbationLaw.concentration PerturbationLaw.exponent)
        // a few hundred signs for twenty thousand points, whatever the number of parameters
        let asked = PerturbedPrediction.signVectors 20000 0.5 0.01 |> Require.ok
        Assert.That(asked, Is.InRange(250, 300))

    [<Test>]
    member _.``Both tails of the signs' quadratic form are exponentially small, all 2^12 matrices of signs enumerated``
        ()
        =
        let p, s = 3, 4

        for direction in [ [| 1.0; 0.0; 0.0 |]; [| 0.6; 0.8; 0.0 |]; [| 0.5; 0.5; sqrt 0.5 |] ] do
            let shares =
                Array.init (1 <<< (p * s)) (fun code ->
                    Array.init s (fun k ->
                        let inner =
                            direction
                            |> Array.mapi (fun j d -> if (code >>> (k * p + j)) &&& 1 = 1 then d else -d)
                            |> Array.sum

                        inner * inner)
                    |> Array.average)

            Assert.That(Array.average shares, Is.EqualTo(1.0).Within(1e-12))

            for u in [ 0.2; 0.5; 0.9 ] do
                let share f =
                    float (shares |> Array.filter f |> Array.length) / float shares.Length

                let below = share (fun v -> v < 1.0 - u - 1e-12)
                let above = share (fun v -> v > 1.0 + u + 1e-12)
                Assert.That(below, Is.LessThanOrEqualTo(exp (-float s * PerturbationLaw.exponent u)))
                // the normal's upper tail, which dominates Rademacher sums: E exp(l X^2) <= (1 - 2 l)^(-1/2)
                let normal = exp (-float s * (u - log (1.0 + u)) / 2.0)
                Assert.That(above, Is.LessThanOrEqualTo normal)

    [<Test>]
    member _.``How far a network is from convex falls with the square root of the width, within its bound``() =
        let random = Random 4
        let xs = Array.init 3 (fun _ -> PerturbationWitnesses.input random 2)

        let rows =
            Perturbation.widths
                10
                1.0
                1UL
                (PerturbationWitnesses.options 2 [| 4 |] Activation.Tanh 1)
                (HalfSquared())
                [| 4; 16; 64; 256; 1024 |]
                xs
                [| 0.1; 0.5; 0.9 |]
            |> Require.ok

        for r in rows do
            Assert.That(r.Slack, Is.LessThanOrEqualTo(r.SlackBound * 1.05))

            Assert.That(
                r.Curvature,
                Is.LessThanOrEqualTo(
                    sqrt (float r.Width)
                    * Witness.bound "shallow-hessian" [| 4.0 / (3.0 * sqrt 3.0); 1.0; float r.Width |]
                )
            )

        let first, last = rows[0], rows[4]
        // 256 times as wide: a sixteenth
        Assert.That(last.Slack, Is.LessThan(first.Slack / 8.0))
        Assert.That(last.Curvature, Is.LessThan(2.0 * first.Curvature))
        Assert.That(last.GradientNorm, Is.GreaterThan(0.2 * first.GradientNorm))
        Assert.That(last.Ridge, Is.EqualTo(first.Ridge / 16.0).Within(1e-9).Percent)

    [<Test>]
    member _.``Restricted strong convexity is the squared alignment times the squared mean gradient, up to the width's curvature``
        ()
        =
        let random = Random 12
        let xs = Array.init 2 (fun _ -> PerturbationWitnesses.input random 2)

        let ratio width =
            let network =
                PerturbedNetwork.Create(PerturbationWitnesses.options 2 [| width |] Activation.Tanh 1, HalfSquared())
                |> Require.ok

            let o = PerturbedObjective.Of(network, xs, [| 0.2; 0.8 |]) |> Require.ok

            let gradients =
                xs
                |> Array.map (fun x ->
                    let struct (_, g) = o.Network.Gradient(o.Initialisation, x)
                    g)

            let mean = Array.map2 (fun a b -> (a + b) / 2.0) gradients[0] gradients[1]
            let alpha = Perturbation.restrictedConvexity 0.3 200 0.5 1UL o |> Require.ok
            alpha / (0.09 * dot mean mean)

        let narrow, wide = ratio 16, ratio 4096
        // two gradients: L'' = (g g' + h h')/2 is at least the square of their mean
        Assert.That(wide, Is.GreaterThan 0.95)
        Assert.That(wide, Is.LessThan 1.5)
        Assert.That(narrow, Is.LessThan wide)

    [<Test>]
    member _.``Power iteration approaches the norm of the Hessian from below``() =
        for seed in 1..20 do
            let struct (d, start) =
                PerturbationWitnesses.derivatives (PerturbationWitnesses.options 2 [| 6 |] Activation.Tanh seed)

            let x = PerturbationWitnesses.input (Random seed) 2
            let exact = PerturbationWitnesses.spectralNorm (PerturbationWitnesses.hessian d start x)
            let few = Perturbation.hessianNorm 5 1UL d start x
            let many = Perturbation.hessianNorm 300 1UL d start x
            Assert.That(few, Is.LessThanOrEqualTo(many + 1e-15))
            Assert.That(many, Is.LessThanOrEqualTo(exact * (1.0 + 1e-12)))
            Assert.That(many, Is.GreaterThan(0.98 * exact))

    // ---- wide networks ----

    [<Test>]
    member _.``The gradient of a network with one hidden layer is within its bound``() = holds "shallow-gradient"

    [<Test>]
    member _.``The Hessian of a network with one hidden layer is within its bound``() = holds "shallow-hessian"

    [<Test>]
    member _.``Gradients and Hessians of deep networks were not seen above the bounds from memory``() =
        holds "deep-gradient"
        holds "deep-hessian"
        // at one layer the gradient's formula is the derived one
        let deep = Witness.bound "deep-gradient" [| 1.0; 1.3; 0.4; 0.7; 20.0; 0.0 |]
        let shallow = Witness.bound "shallow-gradient" [| 1.3; 0.4; 0.7; 20.0 |]
        Assert.That(deep, Is.EqualTo(shallow).Within(1e-12).Percent)

    // ---- steps ----

    [<Test>]
    member _.``Steps below 2/(g + c_p m^(-1/4) sqrt(lambda_G))^2 are stable``() =
        holds "perturbed-stable-step"
        let random = Random 6
        let p, s, a = 12, 3, 0.4
        let signs = Array.init s (fun _ -> Array.init p (fun _ -> if random.Next 2 = 0 then -1.0 else 1.0))
        let g = Array.init p (fun _ -> draw random)
        let limit = Perturbation.stableStep g a signs |> Require.ok

        let residual eta =
            let mutable theta = Array.init p (fun _ -> draw random)

            for _ in 1..2000 do
                let gradient = Array.zeroCreate<float> p

                for e in signs do
                    let v = Array.map2 (fun x y -> x + a * y) g e
                    let r = dot v theta

                    for j in 0 .. p - 1 do
                        gradient[j] <- gradient[j] + r * v[j] / float s

                theta <- Array.map2 (fun t d -> t - eta * d) theta gradient

            signs |> Array.sumBy (fun e -> abs (dot theta (Array.map2 (fun x y -> x + a * y) g e)))

        Assert.That(residual (0.95 * limit), Is.LessThan 1.0)
        Assert.That(residual (1.05 * limit), Is.GreaterThan 1e6)

    [<Test>]
    member _.``The estimate of the stable step has the golden value of a small network and the right order on drawn signs``
        ()
        =
        // 4600 parameters, width 100, c_p = 1, one sign vector: below 0.0043
        let estimated = Perturbation.estimatedStableStep 1.0 (1.0 / Math.Pow(100.0, 0.25)) 4600 1 |> Require.ok
        Assert.That(estimated, Is.InRange(0.0040, 0.0043))
        let random = Random 8
        let p = 400

        for s in [ 1; 4; 16 ] do
            let signs = Array.init s (fun _ -> Array.init p (fun _ -> if random.Next 2 = 0 then -1.0 else 1.0))
            let g = Array.init p (fun _ -> draw random / sqrt (float p))
            let exact = Perturbation.stableStep g 0.3 signs |> Require.ok
            let guess = Perturbation.estimatedStableStep (norm g) 0.3 p s |> Require.ok
            Assert.That(guess / exact, Is.InRange(0.7, 1.4))

    // ---- regret ----

    [<Test>]
    member _.``Against comparators that fit noisy labels every learner's expected regret is at least the labels' variance``
        ()
        =
        holds "noisy-label-floor"
        // a network run online on fair coins: its loss is its regret against an interpolator; below the floor by Hoeffding's deviation with probability at most 1e-9
        let horizon = 400

        let network = PerturbedNetwork.Create(unitOf Activation.Tanh, HalfSquared()) |> Require.ok

        let random = Random 9
        let mutable loss = 0.0

        for t in 1..horizon do
            let x = PerturbationWitnesses.input random 2 |> Array.map float32
            let y = float (random.Next 2)
            network.Step(ReadOnlySpan x, 0, 0, -1, y, 0.1 / sqrt (float t))
            let prediction = Math.Clamp(network.LatestPrediction, 0.0, 1.0)
            loss <- loss + (y - prediction) ** 2.0

        let floor = Witness.boundOf "noisy-label-floor" [| Array.create horizon 0.25 |]
        Assert.That(loss, Is.GreaterThan(floor - sqrt (float horizon * log 1e9 / 2.0)))

    [<Test>]
    member _.``Online gradient descent on the expected perturbed loss stays within its bound, which no width and scale bring below G D sqrt(T (1 + ln T))``
        ()
        =
        holds "expected-perturbation-regret"
        let random = Random 10

        for _ in 1..200 do
            let positive () = Math.Exp(3.0 * draw random)
            let g, scale, distance = positive (), positive (), positive ()
            let horizon = 1.0 + 1e5 * random.NextDouble()
            let curved = random.NextDouble() * scale * scale * 0.9
            let floor = g * distance * sqrt (horizon * (1.0 + log horizon))

            for width in [ 1.0; 10.0; 1e3; 1e6; 1e9 ] do
                let bound =
                    Witness.bound "expected-perturbation-regret" [| g; scale; curved; 1.0; width; horizon; distance |]

                Assert.That(bound, Is.GreaterThanOrEqualTo(floor * (1.0 - 1e-12)))

        // a linear network at its best width attains the floor
        let g, distance, horizon = 1.0, 2.0, 1e5
        let best = PerturbedPrediction.bestWidth g 1.0 0.0 0.0 horizon distance |> Require.ok
        let floor = g * distance * sqrt (horizon * (1.0 + log horizon))
        Assert.That(best.Bound.Value, Is.EqualTo(floor).Within(1e-6).Percent)

    [<Test>]
    member _.``NeuSquareCB's composed bound is the reduction's bound at the regression's, and runs stay within it``() =
        holds "neusquarecb"
        Assert.That(PerturbationLaw.composition PerturbationLaw.regression)
        // the best gamma, and the regret that a width of 1e4 in place of 1e2 costs at a growth of 1/sqrt m: a factor 10 in R
        let at m =
            PerturbedPrediction.squareRegret 10 1e6 1.0 (1.0 / sqrt m) 0.0 0.0 0.0 |> Require.ok

        let regression (b: Bound) =
            (b.Terms |> Array.find (fun t -> t.Symbol = "R")).Value

        Assert.That(regression (at 1e4), Is.EqualTo(10.0 * regression (at 1e2)).Within(1e-9).Percent)
        Assert.That((at 1e4).Value, Is.EqualTo(sqrt (2.0 * 9.0 * 1e6 * regression (at 1e4))).Within(1e-6).Percent)

    [<Test>]
    member _.``NeuFastCB's composed bound is the reduction's bound at the regression's, and runs stay within it``() =
        holds "neufastcb"
        let regression = (Qg.onlineRegret 1.0 0.5 0.0 1e4 3.0 |> Require.ok).Value + 2.0
        let chain = FastCB.atGamma 5 1e4 40.0 regression 77.0 |> Require.ok
        let composed = Witness.bound "neufastcb" [| 5.0; 1e4; 40.0; 1.0; 0.5; 0.0; 3.0; 2.0; 77.0 |]
        Assert.That(composed, Is.EqualTo(chain.Value).Within(1e-12).Percent)
        let best = PerturbedPrediction.fastRegret 5 1e4 40.0 1.0 0.5 0.0 3.0 2.0 |> Require.ok
        Assert.That(best.Value, Is.LessThanOrEqualTo composed)

    [<Test>]
    member _.``With noisy labels the comparator's excess makes the composed bound vacuous``() =
        // a true mean of 1/2, fair coins: the least loss of a round is 0, and the mean's excess a quarter (an eighth, halved) a round
        let horizon = 1e6
        let bound = PerturbedPrediction.squareRegret 10 horizon 1.0 0.1 0.0 (horizon / 8.0) 0.0 |> Require.ok
        Assert.That(bound.Vacuous)
        let clean = PerturbedPrediction.squareRegret 10 horizon 1.0 0.1 0.0 0.0 0.0 |> Require.ok
        Assert.That(clean.Vacuous, Is.False)

    [<Test>]
    member _.``A formula of regret shows growth, slack and excess: a bare logarithm is never printed``() =
        for name in [ "neusquarecb"; "neufastcb"; "expected-perturbation-regret"; "growth" ] do
            let formula = Bounds.find name |> Require.ok |> BoundCalculator.formula

            for symbol in
                [
                    "G"
                    (if name = "expected-perturbation-regret" then
                         "c_p"
                     else
                         "mu")
                ] do
                Assert.That(formula, Does.Contain symbol, name)

            if name <> "expected-perturbation-regret" then
                for symbol in [ "epsilon"; "C" ] do
                    Assert.That(formula, Does.Contain symbol, name)

    // ---- bad input ----

    [<Test>]
    member _.``Bad networks, data and signs are refused``() =
        let refused (text: string) result =
            Assert.That(message result, Does.Contain text)

        let blocks =
            PerturbedNetwork.Create(
                { unitOf Activation.Tanh with
                    Blocks = 2
                },
                HalfSquared()
            )
            |> Require.ok

        NetworkDerivatives.Of blocks |> refused "one block"
        let network = PerturbedNetwork.Create(unitOf Activation.Tanh, HalfSquared()) |> Require.ok
        let x = [| 1.0; 0.5 |]
        PerturbedObjective.Of(network, [||], [||]) |> refused "inputs"
        PerturbedObjective.Of(network, [| x |], [||]) |> refused "labels"
        PerturbedObjective.Of(network, [| [| 1.0 |] |], [| 0.5 |]) |> refused "inputs[0]"
        PerturbedObjective.Of(network, [| [| 1.0; nan |] |], [| 0.5 |]) |> refused "inputs[0]"
        PerturbedObjective.Of(network, [| x |], [| 1.5 |]) |> refused "labels[0]"
        let o = PerturbedObjective.Of(network, [| x |], [| 0.5 |]) |> Require.ok
        Perturbation.growth 0 1.0 1UL o |> refused "starts"
        Perturbation.growth 1 -1.0 1UL o |> refused "radius"
        Perturbation.restrictedConvexity 1.0 1 1.0 1UL o |> refused "alignment"
        Perturbation.concentration [| [| 1.0; 0.5 |] |] [| [| 1.0; 1.0 |] |] |> refused "signs[0]"
        Perturbation.concentration [| [| 1.0; -1.0 |] |] [| [| 0.0; 0.0 |] |] |> refused "points[0]"
        Perturbation.concentration [| [| 1.0; -1.0 |] |] [| [| 1.0 |] |] |> refused "points[0]"
        Perturbation.stableStep [| 1.0 |] 0.1 [| [| 1.0; -1.0 |] |] |> refused "gradient"
        Perturbation.estimatedStableStep 0.0 0.0 1 1 |> refused "gradientNorm"
        PerturbedPrediction.signVectors 0 0.5 0.1 |> refused "points"
        PerturbedPrediction.bestWidth 1.0 0.5 1.0 1.0 10.0 1.0 |> refused "scale"

        Assert.Throws<HindsightException>(fun () -> o.Network.Value([| 1.0 |], x) |> ignore<float>)
        |> ignore<HindsightException>
