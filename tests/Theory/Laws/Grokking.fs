namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// The model of grokking that is solved exactly.
[<TestFixture>]
type GrokkingLaws() =
    static let seeds = [ 1..100 ]

    static let statistics weights =
        Grokking.statistics weights |> Require.ok

    /// Gradient descent from the same weights at the published rate: steps, then train and population risk.
    static let train alpha epsilon centred steps =
        let student = { Alpha = alpha; Epsilon = epsilon }
        let d, n, p = 12, 40, 60
        let weights = Grokking.initialWeights 3UL n d |> Require.ok
        let inputs = Grokking.inputs 4UL p d |> Require.ok
        let beta = Array.init d (fun j -> if j = 0 then sqrt (float d) else 0.0)
        let targets = Grokking.labels beta inputs |> Require.ok

        let offsets =
            if centred then
                Grokking.outputs student weights inputs |> Require.ok
            else
                [||]

        let rate = Grokking.learningRate student n |> Require.ok

        let losses =
            Array.init steps (fun _ -> Grokking.descend student weights inputs targets offsets rate |> Require.ok)

        struct (weights, beta, losses)

    [<Test>]
    member _.``The population risk of the grokking student is the expectation over its inputs``() =
        Assert.That(
            GrokkingWitnesses.risks (fun s weights beta ->
                Grokking.populationRisk s (statistics weights) beta |> Require.ok)
        )

        Assert.That(Witness.holds Witnesses.all "grokking-risk")

    [<Test>]
    member _.``The risk at the start is the expectation over the student's weights``() =
        Assert.That(Witness.holds Witnesses.all "grokking-initial-risk")

    [<Test>]
    member _.``The student's output is the sum over its units``() =
        for seed in seeds do
            let struct (s, weights, beta) = GrokkingWitnesses.draw seed
            let inputs = Grokking.inputs (uint64 seed) 5 beta.Length |> Require.ok
            let outputs = Grokking.outputs s weights inputs |> Require.ok

            for i in 0..4 do
                let x = Array.init beta.Length (fun j -> inputs[i, j])
                let expected = GrokkingWitnesses.student s weights x
                Assert.That(outputs[i], Is.EqualTo(expected).Within(1e-12 * (1.0 + abs expected)))

    [<Test>]
    member _.``The gradient of the population risk is its derivative``() =
        Assert.That(GrokkingMutants.gradients (fun s w b -> Grokking.populationGradient s w b |> Require.ok))

    [<Test>]
    member _.``The risk is 0 where the mean is 0 and alpha epsilon M is beta beta', and nowhere else``() =
        for seed in seeds do
            let struct (s, _, beta) = GrokkingWitnesses.draw seed
            let s = { s with Epsilon = s.Epsilon + 0.1 }
            let scale = sqrt (1.0 / (s.Alpha * s.Epsilon))
            // two opposite units along the target
            let perfect = Array2D.init 2 beta.Length (fun i j -> (if i = 0 then scale else -scale) * beta[j])
            let risk = Grokking.populationRisk s (statistics perfect) beta |> Require.ok
            let size = 1.0 + Array.sumBy (fun b -> b * b) beta ** 2.0
            Assert.That(risk, Is.LessThanOrEqualTo(1e-28 * size))
            perfect[0, 0] <- perfect[0, 0] + 0.1
            Assert.That(Grokking.populationRisk s (statistics perfect) beta |> Require.ok, Is.GreaterThan 1e-6)

    [<Test>]
    member _.``A step is gradient descent on the mean squared error``() =
        for seed in seeds do
            let struct (s, weights, beta) = GrokkingWitnesses.draw seed
            let inputs = Grokking.inputs (uint64 seed) 7 beta.Length |> Require.ok
            let targets = Grokking.labels beta inputs |> Require.ok

            let loss (w: float[,]) =
                Array.map2 (fun f y -> (f - y) ** 2.0) (Grokking.outputs s w inputs |> Require.ok) targets
                |> Array.average

            let moved = Array2D.copy weights
            let step = 0.01
            let before = Grokking.descend s moved inputs targets [||] step |> Require.ok
            Assert.That(before, Is.EqualTo(loss weights).Within(1e-12).Percent)

            for i in 0 .. weights.GetLength 0 - 1 do
                for j in 0 .. weights.GetLength 1 - 1 do
                    let at h =
                        let w = Array2D.copy weights
                        w[i, j] <- w[i, j] + h
                        loss w

                    // exact: the loss is a polynomial of degree four in one weight
                    let h = 0.5
                    let slope = (8.0 * (at h - at -h) - (at (2.0 * h) - at (-2.0 * h))) / (12.0 * h)
                    let expected = weights[i, j] - step * slope
                    Assert.That(moved[i, j], Is.EqualTo(expected).Within(1e-9 * (1.0 + before)))

    [<Test>]
    member _.``The tangent kernel is the inner product of the gradients in the weights``() =
        for seed in seeds do
            let struct (s, weights, beta) = GrokkingWitnesses.draw seed
            let n, d = weights.GetLength 0, beta.Length
            let inputs = Grokking.inputs (uint64 seed) 4 d |> Require.ok
            let kernel = Grokking.tangentKernel s weights inputs |> Require.ok

            // d f/d w_i = (alpha/N)(1 + epsilon w_i'x) x
            let gradient k =
                [|
                    for i in 0 .. n - 1 do
                        let h = Seq.sum (seq { for j in 0 .. d - 1 -> weights[i, j] * inputs[k, j] })

                        for j in 0 .. d - 1 -> s.Alpha / float n * (1.0 + s.Epsilon * h) * inputs[k, j]
                |]

            let scale = 1.0 + (kernel |> Seq.cast<float> |> Seq.map abs |> Seq.max)

            for a in 0..3 do
                for b in 0..3 do
                    let expected = Array.fold2 (fun t x y -> t + x * y) 0.0 (gradient a) (gradient b)
                    Assert.That(kernel[a, b], Is.EqualTo(expected).Within(1e-12 * scale))

    [<Test>]
    member _.``Learning rate times kernel depends neither on alpha nor on how often units are repeated``() =
        for seed in seeds do
            let struct (s, weights, beta) = GrokkingWitnesses.draw seed
            let inputs = Grokking.inputs (uint64 seed) 4 beta.Length |> Require.ok

            let speed (s: GrokkingStudent) (w: float[,]) =
                let rate = Grokking.learningRate s (w.GetLength 0) |> Require.ok
                Grokking.tangentKernel s w inputs |> Require.ok |> Array2D.map ((*) rate)

            let n = weights.GetLength 0
            let twice = Array2D.init (2 * n) beta.Length (fun i j -> weights[i % n, j])
            let a = speed s weights
            let b = speed { s with Alpha = 10.0 * s.Alpha } twice
            let scale = 1.0 + (a |> Seq.cast<float> |> Seq.map abs |> Seq.max)
            Assert.That(Seq.forall2 (fun x y -> abs (x - y) <= 1e-12 * scale) (Seq.cast<float> a) (Seq.cast<float> b))

    [<Test>]
    member _.``Alignments lie in [-1, 1], and that of yy' is 1``() =
        let random = Random 5

        for _ in seeds do
            let p = 2 + random.Next 8
            let y = Array.init p (fun _ -> random.NextDouble() - 0.3)
            let perfect = Array2D.init p p (fun i j -> y[i] * y[j])
            Assert.That(Grokking.alignment perfect y |> Require.ok, Is.EqualTo(1.0).Within 1e-12)
            Assert.That(Grokking.alignment (perfect |> Array2D.map (~-)) y |> Require.ok, Is.EqualTo(-1.0).Within 1e-12)
            let k = Array2D.init p p (fun _ _ -> random.NextDouble() - 0.5)

            for value in [ Grokking.alignment k y; Grokking.centredAlignment k y ] do
                Assert.That(abs (Require.ok value), Is.LessThanOrEqualTo 1.0)

            // what is constant along columns does not count once centred
            let shifted = k |> Array2D.mapi (fun _ j v -> v + float j)

            Assert.That(
                Grokking.centredAlignment shifted y |> Require.ok,
                Is.EqualTo(Grokking.centredAlignment k y |> Require.ok).Within 1e-12
            )

    [<Test>]
    member _.``Feature alignment is 1 for weights along the target and 1/D on average for normal ones``() =
        let beta = [| 3.0; 4.0 |]
        let along = statistics (array2D [ [ 0.6; 0.8 ]; [ -1.2; -1.6 ] ])
        Assert.That(Grokking.featureAlignment along beta |> Require.ok, Is.EqualTo(1.0).Within 1e-14)
        // beta'M beta/(|beta|^2 tr M) over 4000 units in 10 dimensions: standard deviation about sqrt(2/4000)/10 = 0.0022; six of them, false alarm below 2e-9
        let weights = Grokking.initialWeights 9UL 4000 10 |> Require.ok
        let unit = Array.init 10 (fun j -> if j = 2 then 1.0 else 0.0)
        Assert.That(Grokking.featureAlignment (statistics weights) unit |> Require.ok, Is.EqualTo(0.1).Within 0.0135)

    [<Test>]
    member _.``A kernel that has not moved has drift 0``() =
        let k = array2D [ [ 1.0; 2.0 ]; [ 2.0; 5.0 ] ]
        Assert.That(Grokking.kernelDrift k k |> Require.ok, Is.EqualTo 0.0)
        Assert.That(Grokking.kernelDrift (k |> Array2D.map ((*) 2.0)) k |> Require.ok, Is.EqualTo(1.0).Within 1e-14)

    [<Test>]
    member _.``A large scale is lazy: the weights turn towards the target less than at a small one``() =
        let alignmentOf alpha =
            let struct (weights, beta, losses) = train alpha 0.25 true 1500
            let stats = statistics weights
            // the loss falls in both regimes
            Assert.That(Array.last losses, Is.LessThan(0.7 * Array.head losses))
            Grokking.featureAlignment stats beta |> Require.ok

        Assert.That(alignmentOf 0.5, Is.GreaterThan(alignmentOf 20.0 + 0.1))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let name =
            function
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok _ -> "accepted"

        let s = { Alpha = 1.0; Epsilon = 0.1 }
        let w = array2D [ [ 1.0; 2.0 ] ]
        let x = array2D [ [ 0.1; 0.2 ]; [ 0.3; 0.4 ] ]
        Assert.That(name (Grokking.outputs { s with Alpha = 0.0 } w x), Is.EqualTo "alpha")
        Assert.That(name (Grokking.outputs { s with Epsilon = nan } w x), Is.EqualTo "epsilon")
        Assert.That(name (Grokking.outputs s (array2D [ [ 1.0; nan ] ]) x), Does.StartWith "weights")
        Assert.That(name (Grokking.outputs s w (array2D [ [ 1.0 ] ])), Is.EqualTo "inputs")
        Assert.That(name (Grokking.labels [||] x), Is.EqualTo "beta")
        Assert.That(name (Grokking.descend s (Array2D.copy w) x [| 1.0 |] [||] 0.1), Is.EqualTo "targets")
        Assert.That(name (Grokking.descend s (Array2D.copy w) x [| 1.0; 2.0 |] [| 1.0 |] 0.1), Is.EqualTo "offsets")
        Assert.That(name (Grokking.descend s (Array2D.copy w) x [| 1.0; 2.0 |] [||] 0.0), Is.EqualTo "step")

        Assert.That(
            name (Grokking.descend s (Array2D.copy w) x [| 1e300; -1e300 |] [||] 1e300),
            Does.Contain "learning rate"
        )

        Assert.That(name (Grokking.initialWeights 1UL 0 3), Is.EqualTo "units")
        Assert.That(name (Grokking.inputs 1UL 3 0), Is.EqualTo "dimension")
        Assert.That(name (Grokking.learningRate s 0), Is.EqualTo "units")
        Assert.That(name (Grokking.populationRisk s (statistics w) [| 1.0 |]), Is.EqualTo "beta")
        Assert.That(name (Grokking.alignment x [| 1.0 |]), Is.EqualTo "targets")
        Assert.That(name (Grokking.alignment w [| 1.0 |]), Is.EqualTo "kernel")
        Assert.That(name (Grokking.alignment x [| 0.0; 0.0 |]), Does.Contain "not defined")
        Assert.That(name (Grokking.kernelDrift x (Array2D.zeroCreate 2 2)), Does.Contain "start")
        Assert.That(name (Grokking.featureAlignment (statistics w) [| 0.0; 0.0 |]), Does.Contain "not defined")
        Assert.That(name (GrokkingBounds.initialRisk s 0 1 1.0), Is.EqualTo "dimension")
