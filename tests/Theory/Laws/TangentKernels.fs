namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Gaussian expectations of activations, tangent kernels of infinite and finite networks, kernel gradient flow.
[<TestFixture; Laws>]
type TangentKernelLaws() =
    static let refuses (argument: string) (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(name, _, _))
        | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Does.StartWith argument)
        | Error other -> Assert.Fail $"expected an error about {argument}: {other.Message}"
        | Ok value -> Assert.Fail $"expected an error about {argument}, not {value}"

    static let dd x = DD x

    /// A network of infinite width over points in a few dimensions.
    static let drawn seed =
        let random = Witness.random seed
        let d = 1 + random.Next 5
        let activations = TangentKernelChecks.activations |> List.filter (fun a -> a <> DualActivation.Exp)

        let options =
            {
                Activation = activations[random.Next activations.Length]
                Depth = random.Next 4
                WeightScale = 0.5 + random.NextDouble()
                BiasScale = random.NextDouble()
                Input =
                    if random.Next 2 = 0 then
                        KernelInput.PerDimension
                    else
                        KernelInput.Directions
            }

        struct (options, Array.init (2 + random.Next 12) (fun _ -> Instances.vector random d))

    static member Activations =
        TangentKernelChecks.activations |> Seq.map (fun a -> TestCaseData(a).SetArgDisplayNames(string a))

    // ---- dual activations ----

    [<Test>]
    member _.``Dual kernels have their golden values``() =
        let check activation k d =
            let struct (value, slope) = TangentKernelChecks.evaluate activation 1.3 0.7 0.4
            Assert.That(value, Is.EqualTo(k: float).Within(2).Ulps)
            Assert.That(slope, Is.EqualTo(d: float).Within(2).Ulps)

        check DualActivation.ReLU 0.26537809151894237 0.3188646691587358
        check DualActivation.Erf 0.1754796560918218 0.45015815807855303
        check DualActivation.Gelu 0.18806067673499574 0.3248172218043224

    [<Test>]
    member _.``Dual kernels are the Gaussian expectations of the activation and of its slope``() =
        Assert.That(TangentKernelChecks.integrals TangentKernelChecks.evaluate)

    [<TestCaseSource("Activations")>]
    member _.``Price's theorem: the derivative kernel is the derivative of the kernel, to 25 digits``
        (activation: DualActivation)
        =
        let random = Random 21

        for _ in 1..200 do
            let struct (a, b, c) = TangentKernelChecks.cone random
            let constant x = Dual<DD>(dd x, dd 0.0)
            let jet = DualActivation.kernel activation (constant a) (constant b) (Dual<DD>(dd c, dd 1.0))
            let slope = DualActivation.derivative activation (dd a) (dd b) (dd c)
            let difference: DD = jet.D - slope
            Assert.That(difference.Hi, Is.EqualTo(0.0).Within(1e-25 * (1.0 + abs slope.Hi)))

        Assert.That(TangentKernelChecks.price TangentKernelChecks.evaluate)

    [<Test>]
    member _.``Dual kernels keep their digits where two points are nearly the same or nearly opposite``() =
        Assert.That(TangentKernelChecks.nearlyParallel TangentKernelChecks.evaluate)

    [<TestCaseSource("Activations")>]
    member _.``A point with itself and with its opposite has a finite derivative kernel, and jets agree with it``
        (activation: DualActivation)
        =
        for a in [ 0.3; 1.0; 2.5 ] do
            for c in [ a; -a ] do
                let struct (_, slope) = TangentKernelChecks.evaluate activation a a c
                let constant x = Dual<R64>(R64 x, R64 0.0)
                let jet = DualActivation.kernel activation (constant a) (constant a) (Dual<R64>(R64 c, R64 1.0))
                Assert.That(jet.D.V, Is.EqualTo(slope).Within(1e-13 * (1.0 + abs slope)))

    [<Test>]
    member _.``On the diagonal ReLU has half the variance and slope one half``() =
        for a in [ 1e-8; 0.5; 3.0; 1e8 ] do
            let struct (k, d) = TangentKernelChecks.evaluate DualActivation.ReLU a a a
            Assert.That(k, Is.EqualTo(a / 2.0).Within(1).Ulps)
            Assert.That(d, Is.EqualTo(0.5).Within(1).Ulps)

        // nothing comes in, nothing goes out
        let struct (k, _) = TangentKernelChecks.evaluate DualActivation.ReLU 0.0 2.0 0.0
        Assert.That(k, Is.Zero)

    [<Property>]
    member _.``ReLU kernels are homogeneous: of degree one in each length, their derivative of degree zero``
        (seed: int)
        =
        let random = Random seed
        let struct (a, b, c) = TangentKernelChecks.cone random
        let s = Math.Exp(6.0 * random.NextDouble() - 3.0)
        let t = Math.Exp(6.0 * random.NextDouble() - 3.0)

        for activation, degree in
            [
                DualActivation.ReLU, 1.0
                DualActivation.LeakyReLU 0.3, 1.0
                DualActivation.SquaredReLU, 2.0
            ] do
            let struct (k, d) = TangentKernelChecks.evaluate activation a b c
            let struct (ks, ds) = TangentKernelChecks.evaluate activation (s * s * a) (t * t * b) (s * t * c)
            let scale = (s * t) ** degree
            // c cancels against itself by up to 40 times (the cone ends at 0.95)
            Assert.That(ks, Is.EqualTo(scale * k).Within(1e-13 * scale * (sqrt (a * b)) ** degree))
            Assert.That(ds, Is.EqualTo(scale / (s * t) * d).Within(1e-13 * scale / (s * t)))

    [<Test>]
    member _.``Leaky ReLU of slope one is the identity, of slope zero ReLU, of slope minus one the absolute value``() =
        let random = Random 3

        for _ in 1..100 do
            let struct (a, b, c) = TangentKernelChecks.cone random
            let struct (k, d) = TangentKernelChecks.evaluate (DualActivation.LeakyReLU 1.0) a b c
            Assert.That(k, Is.EqualTo(c).Within(1).Ulps)
            Assert.That(d, Is.EqualTo 1.0)

            Assert.That(
                TangentKernelChecks.evaluate (DualActivation.LeakyReLU 0.0) a b c,
                Is.EqualTo(TangentKernelChecks.evaluate DualActivation.ReLU a b c)
            )

            // E|u||v| = (2/pi)(sqrt(ab - c^2) + c arcsin rho)
            let struct (k, _) = TangentKernelChecks.evaluate (DualActivation.LeakyReLU -1.0) a b c
            let expected = 2.0 / Math.PI * (sqrt (a * b - c * c) + c * asin (c / sqrt (a * b)))
            Assert.That(k, Is.EqualTo(expected).Within(1e-13))

    [<Test>]
    member _.``Bad variances, covariances and slopes are refused by name``() =
        let evaluate a b c =
            DualActivation.evaluate DualActivation.ReLU a b c

        for bad in [ nan; infinity; -1.0 ] do
            evaluate bad 1.0 0.0 |> refuses "a"
            evaluate 1.0 bad 0.0 |> refuses "b"

        for bad in [ nan; infinity; 1.001; -1.001 ] do
            evaluate 1.0 1.0 bad |> refuses "c"

        DualActivation.evaluate (DualActivation.LeakyReLU nan) 1.0 1.0 0.0 |> refuses "Slope"

        match DualActivation.evaluate DualActivation.Exp 1000.0 1000.0 900.0 with
        | Error(HindsightError.Incompatible _) -> ()
        | other -> Assert.Fail $"{other}"

        // a covariance that rounding took beyond the cone counts as on it
        let a = 0.1 + 0.2
        Assert.That(evaluate a a (Math.BitIncrement a) |> Result.isOk)

    [<Test>]
    member _.``Activations of the network have their closed form, where there is one``() =
        Assert.That(DualActivation.tryOfNetwork Activation.ReLU, Is.EqualTo(ValueSome DualActivation.ReLU))
        Assert.That(DualActivation.tryOfNetwork Activation.Gelu, Is.EqualTo(ValueSome DualActivation.Gelu))
        Assert.That(DualActivation.tryOfNetwork Activation.Tanh, Is.EqualTo(ValueNone: DualActivation voption))
        Assert.That(DualActivation.tryOfNetwork Activation.Softplus, Is.EqualTo(ValueNone: DualActivation voption))

    // ---- the recursion ----

    [<Test>]
    member _.``The normalised ReLU network has its golden kernels, and L + 1 on the diagonal``() =
        Assert.That(TangentKernelChecks.golden TangentKernelLaws.Layers)

        for depth, k, theta in
            [
                1, 0.4827442838354876, 0.6618402890416911
                2, 0.5975484851804691, 1.0346012996128433
                3, 0.6758208545216648, 1.40403372656695
            ] do
            let struct (covariance, tangent) = TangentKernel.normalizedReLU depth 0.3 |> Require.ok
            Assert.That(covariance, Is.EqualTo(k).Within(4).Ulps)
            Assert.That(tangent, Is.EqualTo(theta).Within(4).Ulps)

        for depth in 0..20 do
            let struct (covariance, tangent) = TangentKernel.normalizedReLU depth 1.0 |> Require.ok
            Assert.That(covariance, Is.EqualTo(1.0).Within(depth).Ulps)
            Assert.That(tangent, Is.EqualTo(float (depth + 1)).Within(4 * depth).Ulps)

    [<Test>]
    member _.``The tangent kernel of one hidden layer is the mean over its units, at any width``() =
        Assert.That(TangentKernelChecks.finiteWidth TangentKernelLaws.Layers)

    static member Layers: TangentKernelChecks.Layers =
        fun options a b c ->
            let struct (k, theta) = TangentKernel.layers options (R64 a) (R64 b) (R64 c)
            struct (k.V, theta.V)

    [<Property>]
    member _.``Gram matrices are symmetric to the bit, positive semidefinite, and within Cauchy and Schwarz``
        (seed: int)
        =
        let struct (options, points) = drawn seed
        let gram = TangentKernel.gram options points |> Require.ok

        for k in [ gram.Covariance; gram.Tangent ] do
            let n = points.Length

            for i in 0 .. n - 1 do
                for j in 0 .. n - 1 do
                    Assert.That(k[i, j], Is.EqualTo k[j, i])
                    Assert.That(k[i, j] * k[i, j], Is.LessThanOrEqualTo(k[i, i] * k[j, j] * (1.0 + 1e-12)))

            let spectrum = KernelSpectrum.ofGram k |> Require.ok
            Assert.That(spectrum.Smallest, Is.GreaterThanOrEqualTo(-10.0 * spectrum.Floor))
            Assert.That(spectrum.Eigenvalues, Is.Ordered)

            Assert.That(
                spectrum.Trace,
                Is.EqualTo(Seq.init n (fun i -> k[i, i]) |> Seq.sum).Within(10.0 * spectrum.Floor)
            )

        // the tangent kernel adds semidefinite layers to the covariance
        let rest =
            Array2D.init points.Length points.Length (fun i j -> gram.Tangent[i, j] - gram.Covariance[i, j])

        let spectrum = KernelSpectrum.ofGram rest |> Require.ok
        let size = (KernelSpectrum.ofGram gram.Tangent |> Require.ok).Floor
        Assert.That(spectrum.Smallest, Is.GreaterThanOrEqualTo(-10.0 * size))

    [<Property>]
    member _.``A Gram matrix has the same bits on one thread, on many, and as a cross Gram matrix; and its entries are the recursion's``
        (seed: int)
        =
        let struct (options, points) = drawn seed
        let many = TangentKernel.gram options points |> Require.ok
        let one = TangentKernel.gramOn 1 options points |> Require.ok
        let cross = TangentKernel.cross options points points |> Require.ok
        Assert.That(one.Tangent, Is.EqualTo many.Tangent)
        Assert.That(one.Covariance, Is.EqualTo many.Covariance)
        Assert.That(cross.Tangent, Is.EqualTo many.Tangent)
        Assert.That(cross.Covariance, Is.EqualTo many.Covariance)

        let random = Random seed
        let i = random.Next points.Length
        let j = random.Next points.Length

        let struct (k, theta) =
            TangentKernel.pair options (ReadOnlySpan points[i]) (ReadOnlySpan points[j]) |> Require.ok

        Assert.That(k, Is.EqualTo many.Covariance[i, j])
        Assert.That(theta, Is.EqualTo many.Tangent[i, j])

        let first (x: float[]) (y: float[]) =
            match options.Input with
            | KernelInput.Directions -> Instances.dot x y / (Instances.length x * Instances.length y)
            | _ -> options.WeightScale ** 2.0 * Instances.dot x y / float x.Length + options.BiasScale ** 2.0

        if i <> j then
            let x, y = points[i], points[j]
            let struct (ks, thetas) = TangentKernelLaws.Layers options (first x x) (first y y) (first x y)
            // in one dimension all directions are equal or opposite, where the slope of ReLU has an infinite derivative
            if x.Length > 1 then
                Assert.That(k, Is.EqualTo(ks).Within(1e-11 * (1.0 + abs ks)))
                Assert.That(theta, Is.EqualTo(thetas).Within(1e-9 * (1.0 + abs thetas)))

    [<Test>]
    member _.``Tiles cover every pair: a Gram matrix of 150 points is that of its pairs``() =
        let random = Random 9
        let points = Array.init 150 (fun _ -> Instances.vector random 4)
        let options = TangentKernelOptions.NormalizedReLU 2
        let gram = TangentKernel.gram options points |> Require.ok

        for i in 0..149 do
            for j in 0..149 do
                let struct (k, theta) =
                    TangentKernel.pair options (ReadOnlySpan points[i]) (ReadOnlySpan points[j]) |> Require.ok

                Assert.That(gram.Covariance[i, j], Is.EqualTo k)
                Assert.That(gram.Tangent[i, j], Is.EqualTo theta)

    [<Test>]
    member _.``A tangent kernel of distinct directions has a positive smallest eigenvalue, and one of a repeated point none``
        ()
        =
        let random = Random 4
        let points = Array.init 30 (fun _ -> Instances.vector random 3)

        let tangent points =
            (TangentKernel.gram (TangentKernelOptions.NormalizedReLU 1) points |> Require.ok).Tangent

        let spectrum = tangent points |> KernelSpectrum.ofGram |> Require.ok
        Assert.That(spectrum.Rank, Is.EqualTo 30)
        Assert.That(spectrum.Smallest, Is.GreaterThan(1e6 * spectrum.Floor))
        Assert.That(spectrum.Condition, Is.EqualTo(spectrum.Largest / spectrum.Smallest))

        let repeated = tangent (Array.append points [| points[0] |]) |> KernelSpectrum.ofGram |> Require.ok
        Assert.That(repeated.Rank, Is.EqualTo 30)
        Assert.That(Double.IsPositiveInfinity repeated.Condition)

    [<Test>]
    member _.``A wide and deep linear network is the linear kernel``() =
        let options =
            {
                Activation = DualActivation.LeakyReLU 1.0
                Depth = 3
                WeightScale = 1.0
                BiasScale = 0.0
                Input = KernelInput.PerDimension
            }

        let x, y = [| 1.0; 2.0; -1.0 |], [| 0.5; 1.0; 3.0 |]
        let struct (k, theta) = TangentKernel.pair options (ReadOnlySpan x) (ReadOnlySpan y) |> Require.ok
        Assert.That(k, Is.EqualTo(-0.5 / 3.0).Within(4).Ulps)
        // a share of each of the four layers of weights
        Assert.That(theta, Is.EqualTo(-2.0 / 3.0).Within(4).Ulps)

    [<Test>]
    member _.``Bad options and points are refused by name``() =
        let good = TangentKernelOptions.NormalizedReLU 1
        let points = [| [| 1.0; 0.0 |]; [| 0.0; 1.0 |] |]
        TangentKernel.gram { good with Depth = -1 } points |> refuses "Depth"
        TangentKernel.gram { good with WeightScale = 0.0 } points |> refuses "WeightScale"
        TangentKernel.gram { good with BiasScale = nan } points |> refuses "BiasScale"
        TangentKernel.gram { good with Input = enum 7 } points |> refuses "Input"
        TangentKernel.gram good [||] |> refuses "points"
        TangentKernel.gram good [| [| 1.0 |]; [| 1.0; 2.0 |] |] |> refuses "points[1]"
        TangentKernel.gram good [| [| 1.0 |]; [| nan |] |] |> refuses "points[1]"
        TangentKernel.gram good [| [| 0.0; 0.0 |] |] |> refuses "points[0]"
        TangentKernel.cross good points [| [| 1.0 |] |] |> refuses "columns[0]"
        TangentKernel.normalizedReLU 1 1.1 |> refuses "cosine"
        KernelSpectrum.ofGram (Array2D.zeroCreate 0 0) |> refuses "gram"
        KernelSpectrum.ofGram (Array2D.zeroCreate 2 3) |> refuses "gram"
        KernelSpectrum.ofGram (array2D [ [ 1.0; 2.0 ]; [ 3.0; 1.0 ] ]) |> refuses "gram"
        KernelSpectrum.ofGram (array2D [ [ nan ] ]) |> refuses "gram"

        match
            TangentKernel.gram
                { good with
                    Activation = DualActivation.Exp
                    Depth = 6
                }
                points
        with
        | Error(HindsightError.Incompatible _) -> ()
        | other -> Assert.Fail $"{other}"

    // ---- the network's own kernel ----

    [<Test>]
    member _.``The mean over initialisations of the network's tangent kernel is the closed form, with the output layer's share and the hidden layer's over the width``
        ()
        =
        let width = 48
        let d = 4
        let random = Random 8
        let length = sqrt (float d)

        let onSphere () =
            Instances.vector random d |> Instances.unit |> Instances.scaled length |> Array.map float32

        let points = [| onSphere (); onSphere () |]

        for activation in [ Activation.ReLU; Activation.Gelu ] do
            let samples =
                Array.init 300 (fun seed ->
                    let network =
                        PerturbedNetwork.Create(
                            { NetworkOptions.For(d, width) with
                                Activation = activation
                                Parameterisation = Parameterisation.Theory
                                Sigma = 2.0
                                Seed = uint64 seed
                            },
                            HalfSquared()
                        )
                        |> Require.ok

                    (EmpiricalTangentKernel.gram points network |> Require.ok)[0, 1])

            let m = float width
            let sigma = 2.0 / (2.0 * (1.0 + sqrt (log m) / sqrt (2.0 * m)))
            let inner = Instances.dot (Array.map float points[0]) (Array.map float points[1]) / float d

            let struct (k, slope) =
                TangentKernelChecks.evaluate
                    (DualActivation.tryOfNetwork activation).Value
                    (sigma * sigma)
                    (sigma * sigma)
                    (sigma * sigma * inner)

            // E v_i^2 = 1/m, and 1/m in front of the hidden layer's share
            let expected = k + slope * inner / m
            let mean = Array.average samples
            let variance = samples |> Array.averageBy (fun s -> (s - mean) * (s - mean))
            // six and a half standard errors: a false alarm in 1e10
            Assert.That(mean, Is.EqualTo(expected).Within(6.5 * sqrt (variance / 300.0)))

    [<Test>]
    member _.``The network's tangent kernel is J J' of its score, whatever loss and perturbation it is trained with``
        ()
        =
        let random = Random 18
        let points = Array.init 5 (fun _ -> Array.init 3 (fun _ -> float32 (Instances.normal random)))

        let network =
            PerturbedNetwork.Create(
                { NetworkOptions.For(3, 8, 6) with
                    Perturbation = PerturbationKind.Rademacher
                    Activation = Activation.Gelu
                    Seed = 3UL
                },
                BinaryCrossEntropy()
            )
            |> Require.ok

        // away from the initialisation
        for x in points do
            network.Step(ReadOnlySpan x, 0, 0, -1, 1.0, 0.1)

        let before = network.Parameters
        let gradients = EmpiricalTangentKernel.gradients [||] [||] points network |> Require.ok
        let k = EmpiricalTangentKernel.gram points network |> Require.ok
        let cross = EmpiricalTangentKernel.cross points points network |> Require.ok
        Assert.That(network.Parameters, Is.EqualTo<float32[]> before)
        Assert.That(cross, Is.EqualTo k)

        // the gradient is the score's slope in a direction
        let scores (parameters: float32[]) =
            let twin =
                PerturbedNetwork.Create(
                    { network.Options with
                        Perturbation = PerturbationKind.Off
                    },
                    HalfSquared()
                )
                |> Require.ok

            twin.Parameters <- parameters
            let all = Array.zeroCreate<float32> 5
            let zeros = Array.zeroCreate<int> 5
            twin.Forward(ReadOnlySpan(Array.concat points), 5, false, ReadOnlySpan zeros, ReadOnlySpan zeros, Span all)
            all

        let direction = Array.init before.Length (fun _ -> float32 (Instances.normal random))
        let h = 1e-2f

        let moved sign =
            Array.map2 (fun p v -> p + sign * h * v) before direction

        let up = scores (moved 1.0f)
        let down = scores (moved -1.0f)

        for i in 0..4 do
            let slope = Array.fold2 (fun s g v -> s + float g * float v) 0.0 gradients[i] direction
            // single precision over a difference of 2e-2, and its curvature
            Assert.That(float (up[i] - down[i]) / (2.0 * float h), Is.EqualTo(slope).Within(2e-2 * (1.0 + abs slope)))

            for j in 0..4 do
                let dot = Array.fold2 (fun s a b -> s + float a * float b) 0.0 gradients[i] gradients[j]
                Assert.That(k[i, j], Is.EqualTo(dot).Within(1e-6 * (1.0 + abs dot)))
                Assert.That(k[i, j], Is.EqualTo k[j, i])

        let spectrum = KernelSpectrum.ofGram k |> Require.ok
        Assert.That(spectrum.Smallest, Is.GreaterThanOrEqualTo(-1e-6 * spectrum.Largest))

    [<Test>]
    member _.``Bad points of the network's tangent kernel are refused by name``() =
        let network = PerturbedNetwork.Create(NetworkOptions.For(2, 4), HalfSquared()) |> Require.ok
        EmpiricalTangentKernel.gram [||] network |> refuses "gradients"
        EmpiricalTangentKernel.gram [| [| 1.0f |] |] network |> refuses "points[0]"
        EmpiricalTangentKernel.gram [| [| 1.0f; nanf |] |] network |> refuses "points[0]"
        EmpiricalTangentKernel.cross [||] [| [| 1.0f; 2.0f |] |] network |> refuses "rows"
        EmpiricalTangentKernel.gradients [| 1 |] [||] [| [| 1.0f; 2.0f |] |] network |> refuses "blocks"
        EmpiricalTangentKernel.gradients [||] [| 0; 0 |] [| [| 1.0f; 2.0f |] |] network |> refuses "heads"
        EmpiricalTangentKernel.ofGradients [| [| 1.0f |]; [| 1.0f; 2.0f |] |] |> refuses "gradients[1]"

    // ---- kernel gradient flow ----

    [<Test>]
    member _.``Kernel gradient flow solves its differential equation``() =
        Assert.That(
            TangentKernelChecks.flow (fun k cross rate time labels ->
                KernelFlow.create k
                |> Result.bind (KernelFlow.predict cross (Array.zeroCreate 2) rate time (Array.zeroCreate 4) labels)
                |> Require.ok)
        )

    [<Property>]
    member _.``Kernel gradient flow starts at the start, forgets by halves, and predicts on its training points what it trains``
        (seed: int)
        =
        let gram = Instances.gram seed
        let flow = KernelFlow.create gram |> Require.ok
        let random = Random seed
        let n = flow.Count
        let labels = Instances.vector random n
        let initial = Instances.vector random n
        let time = 3.0 * random.NextDouble() / max 1e-3 flow.Spectrum.Largest

        let residual t start =
            KernelFlow.residual 0.5 t start labels flow |> Require.ok

        let within (expected: float[]) (actual: float[]) =
            Array.iter2 (fun (e: float) (a: float) -> Assert.That(a, Is.EqualTo(e).Within(1e-11))) expected actual

        within (Array.map2 (-) labels initial) (residual 0.0 initial)
        // half the time twice is the whole time
        let midway = KernelFlow.train 0.5 (time / 2.0) initial labels flow |> Require.ok
        within (residual time initial) (residual (time / 2.0) midway)

        Assert.That(
            Instances.length (residual time initial),
            Is.LessThanOrEqualTo(Instances.length (residual (time / 2.0) initial) * (1.0 + 1e-12))
        )

        let trained = KernelFlow.train 0.5 time initial labels flow |> Require.ok
        within trained (KernelFlow.predict gram initial 0.5 time initial labels flow |> Require.ok)

    [<Test>]
    member _.``After a long time kernel gradient flow is kernel regression``() =
        let random = Random 31
        let points = Array.init 6 (fun _ -> Instances.vector random 3)
        let there = Array.init 3 (fun _ -> Instances.vector random 3)
        let options = TangentKernelOptions.NormalizedReLU 1
        let k = (TangentKernel.gram options points |> Require.ok).Tangent
        let cross = (TangentKernel.cross options there points |> Require.ok).Tangent
        let labels = Instances.vector random 6
        let flow = KernelFlow.create k |> Require.ok

        let predicted =
            KernelFlow.predict cross (Array.zeroCreate 3) 1.0 1e6 (Array.zeroCreate 6) labels flow |> Require.ok

        let inverse =
            (MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.OfArray k)
                .Solve(MathNet.Numerics.LinearAlgebra.Double.DenseVector.OfArray labels)

        for i in 0..2 do
            let mutable sum = 0.0

            for j in 0..5 do
                sum <- sum + cross[i, j] * inverse[j]

            Assert.That(predicted[i], Is.EqualTo(sum).Within(1e-11))

    [<Test>]
    member _.``Kernel gradient flow forgets its residual at the rate of the smallest eigenvalue``() =
        Assert.That(Witness.holds Witnesses.all "kernel-flow")

    [<Test>]
    member _.``Bad input of kernel gradient flow is refused by name``() =
        KernelFlow.create (array2D [ [ -1.0 ] ]) |> refuses "gram"
        let flow = KernelFlow.create (array2D [ [ 1.0 ] ]) |> Require.ok
        KernelFlow.residual 0.0 1.0 [| 0.0 |] [| 1.0 |] flow |> refuses "rate"
        KernelFlow.residual 1.0 -1.0 [| 0.0 |] [| 1.0 |] flow |> refuses "time"
        KernelFlow.residual 1.0 1.0 [||] [| 1.0 |] flow |> refuses "initial"
        KernelFlow.residual 1.0 1.0 [| 0.0 |] [| nan |] flow |> refuses "labels"

        KernelFlow.predict (array2D [ [ 1.0; 2.0 ] ]) [| 0.0 |] 1.0 1.0 [| 0.0 |] [| 1.0 |] flow
        |> refuses "cross"

        KernelFlow.predict (array2D [ [ nan ] ]) [| 0.0 |] 1.0 1.0 [| 0.0 |] [| 1.0 |] flow
        |> refuses "cross"

        KernelFlow.predict (array2D [ [ 1.0 ] ]) [||] 1.0 1.0 [| 0.0 |] [| 1.0 |] flow
        |> refuses "initialThere"

/// Effective dimension, information gain, log determinants.
[<TestFixture; Laws>]
type EffectiveDimensionLaws() =
    static let refuses (argument: string) (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(name, _, _))
        | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Does.StartWith argument)
        | Error other -> Assert.Fail $"expected an error about {argument}: {other.Message}"
        | Ok value -> Assert.Fail $"expected an error about {argument}, not {value}"

    static let holds calculator =
        Assert.That(Witness.holds Witnesses.all calculator)

    [<Test>]
    member _.``The log determinant by rank-one updates is that of the Gram matrix, round by round``() =
        Assert.That(
            TangentKernelChecks.incremental (fun lambda d all ->
                let state = LogDetState(d, lambda)

                all
                |> Array.map (fun x ->
                    state.Add(ReadOnlySpan x) |> ignore<float>
                    state.LogDet))
        )

        // the same by rows of a growing factor
        Assert.That(
            TangentKernelChecks.incremental (fun lambda _ all ->
                let state = GramLogDet(all.Length, lambda)

                all
                |> Array.mapi (fun t x ->
                    let column = Array.init t (fun i -> Instances.dot x all[i])
                    state.Add(ReadOnlySpan column, Instances.dot x x) |> ignore<float>
                    state.LogDet))
        )

    [<Property>]
    member _.``The updated Cholesky factor is the factor of A, and gives the same widths and determinant as ridge regression``
        (seed: int)
        =
        let struct (d, all, norm) = Instances.contexts seed
        let lambda = Instances.lambda seed
        let state = LogDetState(d, lambda)
        let ridge = RidgeState(d, lambda)
        let mutable after = 0.0

        for x in all do
            let before = state.SquaredWidth(ReadOnlySpan x)
            let q = state.Add(ReadOnlySpan x)
            Assert.That(q, Is.EqualTo(before).Within(1e-12 * (1.0 + q)))
            Assert.That(Ridge.update (ReadOnlySpan x) 0.0 ridge, Is.EqualTo(q).Within(1e-10 * (1.0 + q)))
            after <- after + state.SquaredWidth(ReadOnlySpan x)

        Assert.That(state.LogDet, Is.EqualTo(ridge.LogDet).Within(1e-10 * (1.0 + state.LogDet)))
        Assert.That(state.LogDetOfFactor, Is.EqualTo(state.LogDet).Within(1e-10 * (1.0 + state.LogDet)))
        Assert.That(state.PotentialAfter, Is.EqualTo(after).Within(1e-10 * (1.0 + after)))
        Assert.That(state.Rounds, Is.EqualTo(int64 all.Length))
        Assert.That(state.LargestNorm, Is.LessThanOrEqualTo(norm * (1.0 + 1e-12)))

        for i in 0 .. d - 1 do
            for j in 0 .. d - 1 do
                let mutable product = 0.0

                for k in 0 .. d - 1 do
                    product <- product + state.Factor(i, k) * state.Factor(j, k)

                let a = (if i = j then lambda else 0.0) + (all |> Array.sumBy (fun x -> x[i] * x[j]))

                Assert.That(product, Is.EqualTo(a).Within(1e-11 * (lambda + norm * norm * float all.Length)))

    [<Test>]
    member _.``A step of the log determinant allocates nothing``() =
        let state = LogDetState(20, 1.0)
        let gram = GramLogDet(200, 1.0)
        let random = Random 2
        let contexts = Array.init 200 (fun _ -> Instances.vector random 20)
        let columns = contexts |> Array.mapi (fun t x -> Array.init t (fun i -> Instances.dot x contexts[i]))

        let run () =
            gram.Clear()

            for t in 0..199 do
                state.Add(ReadOnlySpan contexts[t]) |> ignore<float>
                gram.Add(ReadOnlySpan columns[t], 30.0) |> ignore<float>

        run ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        run ()
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero)

    [<Property>]
    member _.``A posterior variance is k(x,x) - k'(K + lambda I)^-1 k, and falls with every point``(seed: int) =
        let random = Random seed
        let n = 1 + random.Next 8
        let points = Array.init (n + 1) (fun _ -> Instances.vector random 3)
        let lambda = Instances.lambda (abs (seed % 10000))
        let k = (TangentKernel.gram (TangentKernelOptions.NormalizedReLU 1) points |> Require.ok).Tangent
        let state = GramLogDet(n + 1, lambda)
        let mutable variance = k[n, n]

        for t in 0 .. n - 1 do
            state.Add(ReadOnlySpan(Array.init t (fun i -> k[t, i])), k[t, t]) |> ignore<float>
            let column = Array.init (t + 1) (fun i -> k[n, i])
            let next = state.Variance(ReadOnlySpan column, k[n, n])
            Assert.That(next, Is.LessThanOrEqualTo(variance * (1.0 + 1e-12)))
            variance <- next

            let matrix =
                MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.Create(
                    t + 1,
                    t + 1,
                    fun i j -> k[i, j] + (if i = j then lambda else 0.0)
                )

            let solved = matrix.Solve(MathNet.Numerics.LinearAlgebra.Double.DenseVector.OfArray column)
            let expected = k[n, n] - Array.fold2 (fun s a b -> s + a * b) 0.0 column (solved.ToArray())
            Assert.That(next, Is.EqualTo(expected).Within(1e-10 * k[n, n]))

    [<Test>]
    member _.``The effective dimension is at most the log determinant, and the rank``() =
        Assert.That(
            TangentKernelChecks.dimension (fun lambda values ->
                EffectiveDimension.ofEigenvalues lambda values |> Require.ok)
        )

        holds "effective-dimension"

    [<Test>]
    member _.``The log determinant is at most the effective dimension times one plus a logarithm``() =
        holds "log-det-by-dimension"

    [<Test>]
    member _.``The best constant between log determinant and effective dimension is attained at equal eigenvalues``() =
        holds "log-det-by-dimension-sharp"

        for norm in [ 1e-6; 0.1; 1.0; 50.0; 1e9 ] do
            let sharp = (InformationGain.logDetByDimensionSharp 3.0 norm 1.0 |> Require.ok).Value
            let loose = (InformationGain.logDetByDimension 3.0 norm 1.0 |> Require.ok).Value
            Assert.That(sharp, Is.LessThanOrEqualTo(loose * (1.0 + 1e-15)))
            let values = Array.create 4 norm
            let d = EffectiveDimension.ofEigenvalues 1.0 values |> Require.ok
            let logDet = EffectiveDimension.logDetOfEigenvalues 1.0 values |> Require.ok

            Assert.That(
                (InformationGain.logDetByDimensionSharp d norm 1.0 |> Require.ok).Value,
                Is.EqualTo(logDet).Within(1e-13 * logDet)
            )

    [<Test>]
    member _.``The log determinant of contexts is at most that of equal eigenvalues``() = holds "log-det-ceiling"

    [<Test>]
    member _.``The log determinant of a Gram matrix is at least that of its trace in one eigenvalue``() =
        holds "log-det-trace-floor"

    [<Test>]
    member _.``The log determinant of a Gram matrix is at least that of its smallest eigenvalue everywhere``() =
        holds "log-det-eigenvalue-floor"

    [<Test>]
    member _.``Lemma 11 of Abbasi-Yadkori, Pal and Szepesvari: squared widths sum to at most twice the log determinant``
        ()
        =
        holds "elliptical-potential"

        for seed in 1..100 do
            let struct (d, all, _) = Instances.contexts seed
            let state = Instances.run (Instances.lambda seed) d all
            Assert.That(state.Potential, Is.LessThanOrEqualTo(2.0 * state.LogDet))

    [<Test>]
    member _.``The best constant of the elliptical potential is attained in one round``() =
        holds "elliptical-potential-capped"

        for cap in [ 1e-3; 0.5; 1.0; 7.0 ] do
            let state = LogDetState(1, 1.0)
            let q = state.Add(ReadOnlySpan [| sqrt cap |])
            let bound = (InformationGain.ellipticalPotentialCapped cap state.LogDet |> Require.ok).Value
            Assert.That(bound, Is.EqualTo(min cap q).Within(1e-14 * cap))

    [<Test>]
    member _.``Squared widths with the context included sum to at most the log determinant``() =
        holds "elliptical-potential-after"

        for seed in 1..100 do
            let struct (d, all, _) = Instances.contexts seed
            let state = Instances.run (Instances.lambda seed) d all
            Assert.That(state.PotentialAfter, Is.LessThanOrEqualTo(state.LogDet * (1.0 + 1e-14)))

    [<Test>]
    member _.``A greedy choice has at least 1 - 1/e of the best information gain``() =
        Assert.That(
            TangentKernelChecks.greedy (fun count lambda gram ->
                EffectiveDimension.greedy count lambda gram |> Require.ok)
        )

        holds "greedy-information-gain"

        let share m =
            1.0 / (InformationGain.gainCeiling 1.0 m |> Require.ok).Value

        Assert.That(share 1, Is.EqualTo 1.0)
        Assert.That(share 2, Is.EqualTo(0.75).Within(2).Ulps)
        Assert.That(share 1000000000, Is.EqualTo(1.0 - exp -1.0).Within(1e-9))

    [<Property>]
    member _.``Leverages are between 0 and 1, sum to the effective dimension, and are one less the fall of its logarithm``
        (seed: int)
        =
        let gram = Instances.gram seed
        let lambda = Instances.lambda (abs (seed % 10000))
        let leverages = EffectiveDimension.leverages lambda gram |> Require.ok
        let d = EffectiveDimension.ofGram lambda gram |> Require.ok
        Assert.That(Array.sum leverages, Is.EqualTo(d).Within(1e-11 * (1.0 + d)))
        Assert.That(leverages |> Array.forall (fun l -> l >= 0.0 && l <= 1.0))
        let maximal = EffectiveDimension.maximal lambda gram |> Require.ok
        Assert.That(maximal, Is.GreaterThanOrEqualTo(d * (1.0 - 1e-12)))

        // K(K + lambda I)^-1 = I - lambda (K + lambda I)^-1
        let n = Array2D.length1 gram

        let inverse =
            (MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.Create(
                n,
                n,
                fun i j -> gram[i, j] + (if i = j then lambda else 0.0)
            ))
                .Inverse()

        for i in 0 .. n - 1 do
            Assert.That(leverages[i], Is.EqualTo(1.0 - lambda * inverse[i, i]).Within(1e-9))

    [<Property>]
    member _.``The lambda of a dimension has that dimension``(seed: int) =
        let values = EffectiveDimension.eigenvalues (Instances.gram seed) |> Require.ok
        let random = Random seed
        let rank = values |> Array.filter (fun v -> v > 0.0) |> Array.length
        let dimension = float rank * (0.01 + 0.98 * random.NextDouble())
        let lambda = EffectiveDimension.lambdaFor dimension values |> Require.ok

        Assert.That(
            EffectiveDimension.ofEigenvalues lambda values |> Require.ok,
            Is.EqualTo(dimension).Within(1e-10 * float rank)
        )

        EffectiveDimension.lambdaFor (float rank) values |> refuses "dimension"
        EffectiveDimension.lambdaFor 0.0 values |> refuses "dimension"

    [<Test>]
    member _.``The dimension of NeuralUCB, its information gain and the log determinant are one number in three units``
        ()
        =
        let points = (NeuralUcb.hardInstance 4UL 5 12 |> Require.ok).Contexts
        let h = NeuralUcb.gram 2 points |> Require.ok
        let logDet = EffectiveDimension.logDet 0.5 h |> Require.ok
        Assert.That(EffectiveDimension.informationGain 0.5 h |> Require.ok, Is.EqualTo(0.5 * logDet))

        Assert.That(
            (EffectiveDimension.neural 0.5 6 2 h |> Require.ok) * log (1.0 + 12.0 / 0.5),
            Is.EqualTo(logDet).Within(4).Ulps
        )

        EffectiveDimension.neural 0.5 6 3 h |> refuses "gram"

    [<Property>]
    member _.``NeuralUCB's dimension is at most the number of contexts, where that is (L + 1)/2 or more``(seed: int) =
        let random = Random seed
        let layers = 2 + random.Next 4
        let n = (layers + 2) / 2 + random.Next 8

        let contexts =
            Array.init n (fun _ -> Instances.vector random (1 + random.Next 4) |> Array.append [| 1.0 |])
            |> Array.map (fun x -> Array.append x (Array.zeroCreate (5 - x.Length)))

        let h = NeuralUcb.gram layers contexts |> Require.ok
        let lambda = Math.Exp(6.0 * random.NextDouble() - 3.0)
        let dimension = EffectiveDimension.neural lambda n 1 h |> Require.ok
        Assert.That(dimension, Is.GreaterThan 0.0)
        Assert.That(dimension, Is.LessThanOrEqualTo(float n * (1.0 + 1e-12)))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let one = array2D [ [ 1.0 ] ]
        EffectiveDimension.ofGram 0.0 one |> refuses "lambda"
        EffectiveDimension.ofGram nan one |> refuses "lambda"
        EffectiveDimension.ofGram 1.0 (array2D [ [ -1.0 ] ]) |> refuses "gram"
        EffectiveDimension.ofEigenvalues 1.0 [| 1.0; -1.0 |] |> refuses "eigenvalues[1]"
        EffectiveDimension.logDetOfEigenvalues 1.0 [||] |> refuses "eigenvalues"
        EffectiveDimension.greedy 2 1.0 one |> refuses "count"
        EffectiveDimension.greedy 0 1.0 one |> refuses "count"

        let raises argument (action: unit -> 'T) =
            try
                let value = action ()
                Assert.Fail $"expected an error about {argument}, not {value}"
            with :? HindsightException as e ->
                refuses argument (Error e.Error: Result<unit, HindsightError>)

        raises "dimension" (fun () -> LogDetState(0, 1.0))
        raises "dimension" (fun () -> LogDetState(40001, 1.0))
        raises "capacity" (fun () -> GramLogDet(40001, 1.0))
        raises "lambda" (fun () -> LogDetState(1, 0.0))
        raises "x" (fun () -> LogDetState(2, 1.0).Add(ReadOnlySpan [| 1.0 |]))
        raises "x" (fun () -> LogDetState(1, 1.0).Add(ReadOnlySpan [| nan |]))
        raises "capacity" (fun () -> GramLogDet(0, 1.0))
        raises "column" (fun () -> GramLogDet(1, 1.0).Add(ReadOnlySpan [| 1.0 |], 1.0))
        raises "diagonal" (fun () -> GramLogDet(1, 1.0).Add(ReadOnlySpan Array.empty, -1.0))

        raises "capacity" (fun () ->
            let full = GramLogDet(1, 1.0)
            full.Add(ReadOnlySpan Array.empty, 1.0) |> ignore<float>
            full.Add(ReadOnlySpan [| 0.0 |], 1.0))
