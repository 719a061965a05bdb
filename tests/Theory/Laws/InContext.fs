namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Learners in context and their uncertainty.
[<TestFixture>]
type InContextLaws() =
    static let seeds = [ 1..60 ]

    static let closeTo (expected: float) =
        Is.EqualTo(expected).Within(1e-10 * (1.0 + abs expected))

    static let same tolerance (a: float[]) (b: float[]) =
        Array.forall2 (fun x y -> abs (x - y) <= tolerance * (1.0 + abs y)) a b

    [<Test>]
    member _.``One step's loss is the expectation over contexts, weights and noise``() =
        Assert.That(Witness.holds Witnesses.all "in-context-step")

    [<Test>]
    member _.``The best step minimises the expected loss``() =
        Assert.That(InContextMutants.steps (fun n d noise -> InContext.optimalStep n d noise |> Require.ok))
        Assert.That(Witness.holds Witnesses.all "in-context-optimal-step")
        Assert.That(Witness.holds Witnesses.all "in-context-optimal-loss")

    [<Test>]
    member _.``The free step of the calculator is the best step``() =
        let optimum =
            Bounds.find "in-context-step"
            |> Result.bind (BoundCalculator.optimise [ "eta" ] [| [| 20.0 |]; [| 5.0 |]; [| 0.25 |]; [| 0.01 |] |])
            |> Require.ok

        Assert.That(optimum.Values[0], Is.EqualTo(1.0 / 26.25).Within(1e-6).Percent)

        Assert.That(
            optimum.Bound.Value,
            Is.EqualTo((InContextBounds.optimalLoss 20 5 0.25 |> Require.ok).Value).Within(1e-12).Percent
        )

    [<Test>]
    member _.``The best preconditioner's loss is the expectation over contexts, weights and noise``() =
        Assert.That(InContextMutants.preconditioners InContextWitnesses.preconditioner)
        Assert.That(Witness.holds Witnesses.all "in-context-preconditioned-loss")

    [<Test>]
    member _.``With independent inputs the best preconditioner is the best step``() =
        for d in 1..5 do
            let identity = Array2D.init d d (fun i j -> if i = j then 1.0 else 0.0)
            let p = InContext.preconditioner identity 7 0.3 |> Require.ok
            let step = InContext.optimalStep 7 d 0.3 |> Require.ok

            for i in 0 .. d - 1 do
                for j in 0 .. d - 1 do
                    Assert.That(p[i, j], Is.EqualTo(if i = j then step else 0.0).Within 1e-15)

            let whole = (InContextBounds.preconditionedLoss (Array.create d 1.0) 7 0.3 |> Require.ok).Value
            Assert.That(whole, closeTo (InContextBounds.optimalLoss 7 d 0.3 |> Require.ok).Value)

    [<Test>]
    member _.``With inputs from N(0, S) and weights from N(0, 1/S) whitening keeps the best step``() =
        for seed in 1..22 do
            let i = InContextWitnesses.draw false seed
            let inverse = i.Spectrum |> Array.map (fun t -> 1.0 / t)

            let loss step =
                InContextWitnesses.enumerated i inverse (inverse |> Array.map ((*) step))

            let best = InContext.optimalStep i.Examples i.Spectrum.Length i.Noise |> Require.ok
            Assert.That(InContextWitnesses.vertex loss, closeTo best)

    [<Test>]
    member _.``The loss of least squares is that of an inverse Wishart matrix``() =
        Assert.That(Witness.holds Witnesses.all "in-context-least-squares")

    [<Test>]
    member _.``One layer of linear self-attention takes a gradient step in its context``() =
        Assert.That(InContextMutants.layers (fun w step n -> LinearAttention.gradientStep w step n |> Require.ok))

    [<Test>]
    member _.``A stack of layers is as many gradient steps``() =
        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let n, d = labels.Length, query.Length
            let zero = Array.zeroCreate<float> d
            let layer = LinearAttention.gradientStep zero 0.2 n |> Require.ok
            let mutable tokens = LinearAttention.tokens examples labels query zero |> Require.ok

            for steps in 1..5 do
                tokens <- LinearAttention.apply layer tokens |> Require.ok
                let w = InContext.gradientDescent examples labels zero 0.2 steps |> Require.ok
                let expected = Array.fold2 (fun s a b -> s + a * b) 0.0 w query
                Assert.That(LinearAttention.prediction tokens |> Require.ok, closeTo expected)

    [<Test>]
    member _.``GD++ turns an eigenvalue t of X'X into t (1 - gamma t)^2``() =
        let spectrum (x: float[,]) =
            let m = MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfArray x
            (m.Svd false).S.ToArray() |> Array.map (fun s -> s * s)

        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let n, d = labels.Length, query.Length
            let gamma = 0.05 / Array.max (spectrum examples)
            let layer = LinearAttention.gradientStepPlus d 0.2 gamma n |> Require.ok
            let tokens = LinearAttention.tokens examples labels query (Array.zeroCreate d) |> Require.ok
            let out = LinearAttention.apply layer tokens |> Require.ok
            let after = spectrum (Array2D.init n d (fun i j -> out[i, j]))

            let expected =
                spectrum examples |> Array.map (fun t -> t * (1.0 - gamma * t) ** 2.0) |> Array.sortDescending

            Assert.That(same 1e-9 after expected)
            // and the labels take the plain step
            let plain =
                LinearAttention.apply (LinearAttention.gradientStep (Array.zeroCreate d) 0.2 n |> Require.ok) tokens
                |> Require.ok

            Assert.That(out[n, d], closeTo plain[n, d])

    [<Test>]
    member _.``Sherman and Morrison's update is ridge regression, and gradient descent tends to least squares``() =
        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let batch = InContext.ridge examples labels 0.3 |> Require.ok
            let recursive = InContext.recursiveRidge examples labels 0.3 |> Require.ok
            Assert.That(same 1e-10 recursive batch)
            // the normal equations of ridge and of least squares
            let exact = InContext.leastSquares examples labels |> Require.ok

            for j in 0 .. query.Length - 1 do
                let gradient ridge (w: float[]) =
                    Seq.sum (
                        seq {
                            for i in 0 .. labels.Length - 1 ->
                                (Seq.sum (seq { for k in 0 .. w.Length - 1 -> examples[i, k] * w[k] }) - labels[i])
                                * examples[i, j]
                        }
                    )
                    + ridge * w[j]

                Assert.That(gradient 0.3 batch, Is.EqualTo(0.0).Within 1e-10)

                Assert.That(
                    gradient 0.0 exact,
                    Is.EqualTo(0.0).Within(1e-9 * (1.0 + Array.max (exact |> Array.map abs)))
                )

    [<Test>]
    member _.``Least squares that is not unique has the least norm``() =
        let w = InContext.leastSquares (array2D [ [ 3.0; 4.0 ] ]) [| 5.0 |] |> Require.ok
        Assert.That(same 1e-14 w [| 0.6; 0.8 |])
        // ridge tends to it
        let ridge = InContext.ridge (array2D [ [ 3.0; 4.0 ] ]) [| 5.0 |] 1e-10 |> Require.ok
        Assert.That(same 1e-9 ridge w)

    [<Test>]
    member _.``Stochastic gradient descent takes an example after the other, clipped``() =
        let examples = array2D [ [ 1.0 ]; [ 2.0 ] ]
        // w = 0 - 0.1 (2 (0 - 1) 1) = 0.2; then 0.2 - 0.1 (2 (0.4 - 3) 2 + 2 0.5 0.2)
        let w = InContext.stochasticGradient examples [| 1.0; 3.0 |] 0.1 0.5 infinity |> Require.ok
        Assert.That(w[0], Is.EqualTo(0.2 - 0.1 * (-10.4 + 0.2)).Within 1e-15)
        let clipped = InContext.stochasticGradient examples [| 1.0; 3.0 |] 0.1 0.0 1.0 |> Require.ok
        Assert.That(clipped[0], Is.EqualTo(0.2).Within 1e-15)

    [<Test>]
    member _.``The nearest neighbours are averaged, and ties go to the earlier example``() =
        let examples = array2D [ [ 0.0 ]; [ 2.0 ]; [ 5.0 ] ]
        Assert.That(InContext.nearest examples [| 1.0; 3.0; 9.0 |] 1 [| 1.0 |] |> Require.ok, Is.EqualTo 1.0)
        Assert.That(InContext.nearest examples [| 1.0; 3.0; 9.0 |] 2 [| 4.0 |] |> Require.ok, Is.EqualTo 6.0)

    [<Test>]
    member _.``The implicit weights of a linear learner are its weights``() =
        for seed in seeds do
            let struct (_, _, w) = InContextWitnesses.context seed
            let random = RandomStream(uint64 seed, 2UL)
            let probes = Array2D.init (w.Length + 3) w.Length (fun _ _ -> random.NextNormal())

            let predictions =
                Array.init (w.Length + 3) (fun i -> w |> Seq.mapi (fun j v -> v * probes[i, j]) |> Seq.sum)

            let struct (found, r2) = InContext.implicitWeights probes predictions |> Require.ok
            Assert.That(same 1e-10 found w)
            Assert.That(r2, Is.EqualTo(1.0).Within 1e-12)
            Assert.That(InContext.weightDifference found w |> Require.ok, Is.EqualTo(0.0).Within 1e-18)
            let bent = predictions |> Array.map (fun p -> p + p * p)
            let struct (_, less) = InContext.implicitWeights probes bent |> Require.ok
            Assert.That(less, Is.LessThan 1.0)

            Assert.That(
                InContext.predictionDifference predictions (predictions |> Array.map ((+) 2.0)) |> Require.ok,
                closeTo 4.0
            )

    [<Test>]
    member _.``The predictive variance is that of conditioning a normal vector``() =
        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let p = InContextUncertainty.bayes examples labels query 0.3 2.0 |> Require.ok
            Assert.That(p.Variance, closeTo (InContextWitnesses.conditional examples query 0.3 2.0))
            Assert.That(p.Variance, Is.GreaterThanOrEqualTo p.Aleatoric)
            Assert.That(p.Aleatoric, Is.EqualTo 0.3)

        Assert.That(Witness.holds Witnesses.all "in-context-variance")

    [<Test>]
    member _.``With known noise every example lowers the variance``() =
        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed

            let upTo n =
                let x = Array2D.init n query.Length (fun i j -> examples[i, j])
                (InContextUncertainty.bayes x (Array.take n labels) query 0.3 2.0 |> Require.ok).Variance

            for n in 2 .. labels.Length do
                Assert.That(upTo n, Is.LessThanOrEqualTo(upTo (n - 1) * (1.0 + 1e-12)))

    [<Test>]
    member _.``The variance with unknown noise is the integral over the noise``() =
        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let t = InContextUncertainty.studentT examples labels query 0.7 4.0 1.3 |> Require.ok
            let struct (measured, _, _) = InContextWitnesses.integrated examples labels query 0.7 4.0 1.3
            Assert.That(t.Variance, Is.EqualTo(measured).Within(1e-7).Percent)
            // a Student-t has variance scale2 dof/(dof - 2)
            Assert.That(t.Variance, closeTo (t.Scale2 * t.Dof / (t.Dof - 2.0)))

        Assert.That(Witness.holds Witnesses.all "in-context-unknown-variance")

    [<Test>]
    member _.``An example at a time comes to the same as the whole context``() =
        // the recursion that the mutants change is itself right
        Assert.That(InContextMutants.updates InContextMutants.rightUpdate)

        for seed in seeds do
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let state = NormalInverseGamma(query.Length, 0.7, 2.0, 1.3)

            for i in 0 .. labels.Length - 1 do
                let x = Array.init query.Length (fun j -> examples[i, j])
                Assert.That(Object.ReferenceEquals(state.Update(ReadOnlySpan x, labels[i]), state))

            let step = state.Predict(ReadOnlySpan query)
            let whole = InContextUncertainty.studentT examples labels query 0.7 2.0 1.3 |> Require.ok
            Assert.That(state.Count, Is.EqualTo labels.Length)
            Assert.That(step.Mean, closeTo whole.Mean)
            Assert.That(step.Scale2, closeTo whole.Scale2)
            Assert.That(step.Dof, closeTo whole.Dof)
            Assert.That(step.Variance, closeTo whole.Variance)
            Assert.That(step.Aleatoric, closeTo whole.Aleatoric)

    [<Test>]
    member _.``An update of the unknown-noise state allocates nothing``() =
        let state = NormalInverseGamma(8, 1.0, 2.0, 1.0)
        let x = Array.init 8 (fun i -> sin (float i))

        let run () =
            let mutable rounds = 0

            for i in 1..1000 do
                rounds <- rounds + state.Update(ReadOnlySpan x, float i).Count

            rounds

        Assert.That(run (), Is.GreaterThan 0)
        let before = GC.GetAllocatedBytesForCurrentThread()
        let rounds = run ()
        let spent = GC.GetAllocatedBytesForCurrentThread() - before
        Assert.That(rounds, Is.GreaterThan 0)
        // a handful of bytes of the harness, none of a thousand updates
        Assert.That(spent, Is.LessThan 1000L)

    [<Test>]
    member _.``A wrong mean and variance cost the divergence between two normal distributions``() =
        Assert.That(
            InContextMutants.excesses (fun gap s p -> (InContextBounds.gaussianExcess gap s p |> Require.ok).Value)
        )

        for seed in seeds do
            let random = Random seed
            let s = exp (8.0 * random.NextDouble() - 4.0)
            let truth: PredictedMoments = { Mean = 0.3; Variance = s * s }

            for factor in [ 1.0; 1.0 + 1e-12; 1.0 - 1e-7; 0.5; 1e6; 1e-6 ] do
                let p: PredictedMoments =
                    {
                        Mean = 0.3
                        Variance = s * s * factor
                    }

                Assert.That(InContextUncertainty.excess truth p |> Require.ok, Is.GreaterThanOrEqualTo -1e-30)

            Assert.That(InContextUncertainty.excess truth truth |> Require.ok, Is.EqualTo(0.0).Within 1e-16)

        Assert.That(Witness.holds Witnesses.all "gaussian-excess")

    [<Test>]
    member _.``The Gaussian loss has slope 0 in mean and variance at the true ones``() =
        // two points carry a mean and a variance; the slopes of the expected loss there by differences, the second derivative bounds their error
        let truth: PredictedMoments = { Mean = 0.4; Variance = 1.7 }
        let s = sqrt truth.Variance

        let expected (p: PredictedMoments) =
            0.5
            * ((InContextUncertainty.gaussianLoss (truth.Mean - s) p |> Require.ok)
               + (InContextUncertainty.gaussianLoss (truth.Mean + s) p |> Require.ok))

        let h = 1e-5

        let mean d =
            expected { truth with Mean = truth.Mean + d }

        let variance d =
            expected
                { truth with
                    Variance = truth.Variance + d
                }

        Assert.That((mean h - mean -h) / (2.0 * h), Is.EqualTo(0.0).Within 1e-9)
        Assert.That((variance h - variance -h) / (2.0 * h), Is.EqualTo(0.0).Within 1e-9)

    [<Test>]
    member _.``Bad input is refused by name``() =
        let name =
            function
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok _ -> "accepted"

        let x, y, q = array2D [ [ 1.0; 2.0 ]; [ 0.5; 1.0 ] ], [| 1.0; 2.0 |], [| 1.0; 1.0 |]
        Assert.That(name (InContext.optimalStep 0 1 0.0), Is.EqualTo "examples")
        Assert.That(name (InContext.optimalStep 1 0 0.0), Is.EqualTo "dimension")
        Assert.That(name (InContext.optimalStep 1 1 -1.0), Is.EqualTo "noise")
        Assert.That(name (InContext.ridge x [| 1.0 |] 1.0), Is.EqualTo "labels")
        Assert.That(name (InContext.ridge x y 0.0), Is.EqualTo "ridge")
        Assert.That(name (InContext.recursiveRidge x y nan), Is.EqualTo "ridge")
        Assert.That(name (InContext.leastSquares (array2D [ [ nan ] ]) [| 1.0 |]), Does.StartWith "examples")
        Assert.That(name (InContext.leastSquares (Array2D.zeroCreate 0 0) [||]), Is.EqualTo "examples")
        Assert.That(name (InContext.stochasticGradient x y 0.1 0.0 0.0), Is.EqualTo "clip")
        Assert.That(name (InContext.stochasticGradient x y -0.1 0.0 1.0), Is.EqualTo "step")
        Assert.That(name (InContext.stochasticGradient x y 0.1 -1.0 1.0), Is.EqualTo "decay")
        Assert.That(name (InContext.gradientDescent x y [| 1.0 |] 0.1 1), Is.EqualTo "start")
        Assert.That(name (InContext.gradientDescent x y q 0.1 -1), Is.EqualTo "steps")
        Assert.That(name (InContext.gradientDescent x y q 1e200 9), Does.Contain "step is too large")
        Assert.That(name (InContext.nearest x y 3 q), Is.EqualTo "neighbours")
        Assert.That(name (InContext.nearest x y 1 [| 1.0 |]), Is.EqualTo "query")
        Assert.That(name (InContext.implicitWeights (array2D [ [ 1.0; 2.0 ] ]) [| 1.0 |]), Is.EqualTo "probes")
        Assert.That(name (InContext.predictionDifference [| 1.0 |] [||]), Is.EqualTo "second")
        Assert.That(name (InContext.weightDifference [||] [||]), Is.EqualTo "first")

        Assert.That(
            name (InContext.preconditioner (array2D [ [ 1.0; 0.5 ]; [ 0.0; 1.0 ] ]) 1 0.0),
            Does.Contain "symmetric"
        )

        Assert.That(name (InContext.preconditioner (array2D [ [ -1.0 ] ]) 1 0.0), Does.Contain "negative eigenvalue")
        Assert.That(name (LinearAttention.gradientStep [||] 0.1 1), Is.EqualTo "weights")
        Assert.That(name (LinearAttention.gradientStep q 0.1 0), Is.EqualTo "count")
        Assert.That(name (LinearAttention.gradientStepPlus 1 0.1 -0.1 1), Is.EqualTo "gamma")
        let layer = LinearAttention.gradientStep q 0.1 2 |> Require.ok
        Assert.That(name (LinearAttention.apply layer (array2D [ [ 1.0 ]; [ 2.0 ] ])), Is.EqualTo "Key")
        Assert.That(name (LinearAttention.apply layer (array2D [ [ 1.0; 2.0; 3.0 ] ])), Is.EqualTo "tokens")
        Assert.That(name (LinearAttention.tokens x y [| 1.0 |] q), Is.EqualTo "query")
        Assert.That(name (InContextUncertainty.bayes x y q 0.0 1.0), Is.EqualTo "noise")
        Assert.That(name (InContextUncertainty.bayes x y q 1.0 0.0), Is.EqualTo "weightVariance")
        Assert.That(name (InContextUncertainty.studentT x y q 0.0 1.0 1.0), Is.EqualTo "precision")
        Assert.That(name (InContextUncertainty.gaussianLoss nan { Mean = 0.0; Variance = 1.0 }), Is.EqualTo "label")

        Assert.That(
            name (InContextUncertainty.excess { Mean = 0.0; Variance = 1.0 } { Mean = 0.0; Variance = 0.0 }),
            Is.EqualTo "prediction.Variance"
        )

        Assert.That(name (InContextBounds.leastSquares 5 4 1.0), Is.EqualTo "examples")

        let refused (action: unit -> int) =
            try
                $"accepted: {action ()}"
            with :? HindsightException as e ->
                e.Error.Message

        Assert.That(refused (fun () -> NormalInverseGamma(0, 1.0, 1.0, 1.0).Count), Does.Contain "dimension")
        Assert.That(refused (fun () -> NormalInverseGamma(1, 0.0, 1.0, 1.0).Count), Does.Contain "precision")
        Assert.That(refused (fun () -> NormalInverseGamma(1, 1.0, 0.0, 1.0).Count), Does.Contain "shape")
        Assert.That(refused (fun () -> NormalInverseGamma(1, 1.0, 1.0, nan).Count), Does.Contain "rate")
        let state = NormalInverseGamma(2, 1.0, 1.0, 1.0)
        Assert.That(refused (fun () -> state.Update(ReadOnlySpan [| 1.0 |], 1.0).Count), Does.StartWith "x")
        Assert.That(refused (fun () -> state.Update(ReadOnlySpan [| 1.0; 1.0 |], nan).Count), Does.StartWith "y")
        Assert.That(state.Count, Is.EqualTo 0)
