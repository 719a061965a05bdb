namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A straightforward network in double precision, to compare with: nothing fused, packed or in place.
module Reference =
    let activate kind (z: float) =
        match kind with
        | Activation.Gelu -> z * 0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-z / sqrt 2.0)
        | Activation.Tanh -> tanh z
        | Activation.Softplus -> Scalar.softplus z - log 2.0
        | _ -> max z 0.0

    /// f(theta; x) of parameters in the order of PerturbedNetwork.Parameters.
    let score (o: NetworkOptions) (theta: float[]) (x: float[]) block head =
        let theory = o.Parameterisation = Parameterisation.Theory
        let bias = if theory then 0 else 1

        let scale fanIn =
            if theory then 1.0 / sqrt (float fanIn) else 1.0

        let augment (h: float[]) =
            if theory then h else Array.append h [| 1.0 |]

        let mutable offset = 0
        let mutable input = augment x
        let mutable fanIn = o.Dimension

        for l in 0 .. o.Hidden.Length - 1 do
            let m = o.Hidden[l]
            let rows = if l = 0 then o.Blocks * input.Length else input.Length
            let start = if l = 0 then block * input.Length else 0
            let s = scale fanIn

            let z =
                Array.init m (fun i ->
                    s * (input |> Array.mapi (fun j v -> v * theta[offset + (start + j) * m + i]) |> Array.sum))

            offset <- offset + rows * m
            fanIn <- m
            input <- augment (Array.map (activate o.Activation) z)

        let width = o.Hidden[o.Hidden.Length - 1] + bias
        scale fanIn * (input |> Array.mapi (fun i v -> v * theta[offset + head * width + i]) |> Array.sum)

    let amplitude (o: NetworkOptions) =
        o.PerturbationScale / Math.Pow(float o.Hidden[0], 0.25)

    /// (1/S) sum_s l(y, f + a (theta - theta0)' eps_s), or with the ridge of the expectation.
    let averagedLoss (loss: ILoss) (o: NetworkOptions) (theta0: float[]) (signs: float[][]) theta x block head label =
        let f = score o theta x block head
        let delta = Array.map2 (-) theta theta0

        match o.Perturbation with
        | PerturbationKind.Rademacher ->
            signs
            |> Array.averageBy (fun eps ->
                Loss.value loss label (f + amplitude o * Array.sum (Array.map2 (*) eps delta)))
        | PerturbationKind.Expected ->
            let ridge = loss.Metadata.Smoothness.Value * amplitude o * amplitude o
            Loss.value loss label f + 0.5 * ridge * (delta |> Array.sumBy (fun d -> d * d))
        | _ -> Loss.value loss label f

    /// Central differences with step h.
    let gradient f (theta: float[]) h =
        Array.init theta.Length (fun i ->
            let at d =
                let t = Array.copy theta
                t[i] <- t[i] + d
                f t

            (at h - at -h) / (2.0 * h))

/// A random small network: the parameters are drawn, never default.
type NetworkCase =
    {
        Options: NetworkOptions
        Loss: ILoss
        X: float32[]
        Block: int
        Head: int
        Label: float
        Rate: float
    }

    override c.ToString() =
        sprintf
            "%A loss %s block %d head %d label %g rate %g"
            c.Options
            c.Loss.Metadata.Name
            c.Block
            c.Head
            c.Label
            c.Rate

type NetworkArbitraries =
    static member Case() : Arbitrary<NetworkCase> =
        gen {
            let! dimension = Gen.choose (1, 9)
            let! blocks = Gen.elements [ 1; 1; 3 ]
            let! heads = Gen.elements [ 1; 2 ]
            let! depth = Gen.choose (1, 3)
            // widths around the lane width, so that tails and pads occur
            let! hidden = Gen.arrayOfLength depth (Gen.elements [ 3; 15; 16; 17; 33 ])
            let! activation = Gen.elements [ Activation.ReLU; Activation.Gelu; Activation.Tanh; Activation.Softplus ]
            let! parameterisation = Gen.elements [ Parameterisation.Standard; Parameterisation.Theory ]
            let! kind = Gen.elements [ PerturbationKind.Off; PerturbationKind.Expected; PerturbationKind.Rademacher ]
            let! count = Gen.elements [ 1; 3; 10; 11; 23 ]
            let! fresh = Gen.elements [ false; false; true ]
            let! scale = Gen.elements [ 0.05; 0.3 ]
            let! sigma = Gen.elements [ 1.0; 2.5 ]
            let! lanes = Gen.elements [ Lanes.Auto; Lanes.Portable ]
            let! seed = Gen.choose (0, 1000000)
            let! loss = Gen.elements [ Squared() :> ILoss; HalfSquared(); BinaryCrossEntropy(); KullbackLeibler() ]
            let! raw = Gen.arrayOfLength dimension (Gen.elements [ 0.0; 1.0; -0.5; 0.25; 1.5 ])
            let! block = Gen.choose (0, blocks - 1)
            let! head = Gen.choose (0, heads - 1)
            let! label = Gen.elements [ 0.0; 1.0; 0.3 ]
            let! rate = Gen.elements [ 0.01; 0.1 ]

            return
                {
                    Options =
                        {
                            Dimension = dimension
                            Blocks = blocks
                            Heads = heads
                            Hidden = hidden
                            Activation = activation
                            Parameterisation = parameterisation
                            Sigma = sigma
                            Seed = uint64 seed
                            Perturbation = kind
                            PerturbationScale = scale
                            PerturbationCount = count
                            FreshSigns = fresh
                            Radius = infinity
                            OutputRadius = infinity
                            StepRule = StepRule.Plain
                            Decay = 1.0
                            Lanes = lanes
                        }
                    Loss = loss
                    X = Array.map float32 raw
                    Block = block
                    Head = head
                    Label = label
                    Rate = rate
                }
        }
        |> Arb.fromGen

module NetworkCase =
    let create (c: NetworkCase) =
        PerturbedNetwork.Create(c.Options, c.Loss) |> Require.ok

    /// Moves away from the initialisation, where the perturbation vanishes.
    let moved (c: NetworkCase) =
        let network = create c

        let rate =
            if c.Options.StepRule = StepRule.Adaptive then
                0.001
            else
                0.2

        for t in 1..4 do
            network.Step(
                ReadOnlySpan c.X,
                (c.Block + t) % c.Options.Blocks,
                (c.Head + t) % c.Options.Heads,
                -1,
                (if t % 2 = 0 then 1.0 else 0.0),
                rate
            )

        network

    let signs (c: NetworkCase) (network: PerturbedNetwork) =
        if c.Options.Perturbation = PerturbationKind.Rademacher then
            Array.init c.Options.PerturbationCount (fun s -> Array.map float (network.Signs s))
        else
            [||]

    let wide (values: float32[]) = Array.map float values

    /// Largest difference, relative to the size of the vector.
    let difference (a: float[]) (b: float[]) =
        let scale = Array.maxBy abs b |> abs |> max 1e-3
        (Array.map2 (fun x y -> abs (x - y)) a b |> Array.max) / scale

/// Laws as functions over what they compare with, so that wrong formulas can be passed in.
module NetworkLaw =
    /// The network's gradient is that of central differences of the averaged loss, in double.
    /// Step 1e-6: truncation 1e-12, rounding 1e-10; kinks of ReLU are hit with probability about 1e-6 a unit. The network's float32 sums err by 1e-4 of
    /// their size, and cancellation in theta - theta_0 by ten times that.
    let gradient averagedLoss (c: NetworkCase) =
        let network = NetworkCase.moved c
        let theta = NetworkCase.wide network.Parameters
        let theta0 = NetworkCase.wide network.Initialisation
        let x = NetworkCase.wide c.X
        let signs = NetworkCase.signs c network

        let f t =
            averagedLoss c.Loss c.Options theta0 signs t x c.Block c.Head c.Label

        let expected = Reference.gradient f theta 1e-6
        let actual = NetworkCase.wide (network.Gradient(ReadOnlySpan c.X, c.Block, c.Head, c.Label))
        NetworkCase.difference actual expected <= 1e-3

[<TestFixture; Laws(Arbitrary = [| typeof<NetworkArbitraries> |])>]
type NetworkLaws() =

    /// float32 sums of at most a few hundred terms: 2^-24 times their number, and cancellation in theta - theta0
    let single = 1e-4

    [<Property(MaxTest = 300)>]
    member _.``the perturbed averaged loss is that of the reference in double``(c: NetworkCase) =
        let network = NetworkCase.moved c
        let theta = NetworkCase.wide network.Parameters
        let theta0 = NetworkCase.wide network.Initialisation
        let x = NetworkCase.wide c.X

        let expected =
            Reference.averagedLoss c.Loss c.Options theta0 (NetworkCase.signs c network) theta x c.Block c.Head c.Label

        let actual = network.AveragedLoss(ReadOnlySpan c.X, c.Block, c.Head, c.Label)
        abs (actual - expected) <= single * (1.0 + abs expected)

    [<Property(MaxTest = 60)>]
    member _.``the gradient is that of central differences of the reference in double``(c: NetworkCase) =
        NetworkLaw.gradient Reference.averagedLoss c

    [<Property(MaxTest = 300)>]
    member _.``a step is minus the rate times the gradient, candidate reused or not``(c: NetworkCase, reuse: bool) =
        let network = NetworkCase.moved c
        let before = NetworkCase.wide network.Parameters
        let gradient = NetworkCase.wide (network.Gradient(ReadOnlySpan c.X, c.Block, c.Head, c.Label))

        if reuse then
            let scores = Array.zeroCreate<float32> 3
            let blocks = [| 0; c.Block; 0 |]
            let heads = [| 0; c.Head; 0 |]
            network.Forward(ReadOnlySpan c.X, 3, true, ReadOnlySpan blocks, ReadOnlySpan heads, Span scores)
            network.Step(ReadOnlySpan c.X, c.Block, c.Head, 1, c.Label, c.Rate)
        else
            network.Step(ReadOnlySpan c.X, c.Block, c.Head, -1, c.Label, c.Rate)

        let after = NetworkCase.wide network.Parameters
        let expected = Array.map2 (fun w g -> w - c.Rate * g) before gradient
        NetworkCase.difference after expected <= single

    [<Property(MaxTest = 200)>]
    member _.``Forward scores every candidate as the reference does, shared row or rows of their own``
        (c: NetworkCase, shared: bool)
        =
        let network = NetworkCase.moved c
        let theta = NetworkCase.wide network.Parameters
        let count = 7
        let blocks = Array.init count (fun i -> i % c.Options.Blocks)
        let heads = Array.init count (fun i -> i % c.Options.Heads)
        let rows = if shared then 1 else count

        let values =
            Array.init (rows * c.X.Length) (fun i -> c.X[i % c.X.Length] * float32 (1 + i / c.X.Length))

        let scores = Array.zeroCreate<float32> count
        network.Forward(ReadOnlySpan values, count, shared, ReadOnlySpan blocks, ReadOnlySpan heads, Span scores)

        let expected =
            Array.init count (fun i ->
                let row = if shared then 0 else i
                let x = Array.init c.X.Length (fun j -> float values[row * c.X.Length + j])
                Reference.score c.Options theta x blocks[i] heads[i])

        NetworkCase.difference (NetworkCase.wide scores) expected <= single

    [<Property(MaxTest = 100)>]
    member _.``sign sums and distances are those of the parameters``(c: NetworkCase) =
        let network = NetworkCase.moved c

        let delta =
            Array.map2 (-) (NetworkCase.wide network.Parameters) (NetworkCase.wide network.Initialisation)

        let norm = sqrt (delta |> Array.sumBy (fun d -> d * d))
        let measured = sqrt (network.Distances |> Array.sumBy (fun d -> d * d))
        let signs = NetworkCase.signs c network
        let sums = signs |> Array.map (fun eps -> Array.sum (Array.map2 (*) eps delta))

        // a weight of order 1 is rounded by 6e-8 a step, so a distance of n weights by about 1e-7 sqrt n
        let rounding = 1e-6 * sqrt (float delta.Length)

        abs (measured - norm) <= 1e-3 * norm + rounding
        && Array.forall2 (fun (a: float) b -> abs (a - b) <= 1e-3 * norm + rounding) network.SignSums sums

    [<Property(MaxTest = 100)>]
    member _.``projection is the nearest point of the ball, layer by layer``(c: NetworkCase) =
        let radius = 0.05

        let options =
            { c.Options with
                Radius = radius
                OutputRadius = radius / 2.0
            }

        let bounded = NetworkCase.create { c with Options = options }
        let free = NetworkCase.create c
        bounded.Step(ReadOnlySpan c.X, c.Block, c.Head, -1, c.Label, 1.0)
        free.Step(ReadOnlySpan c.X, c.Block, c.Head, -1, c.Label, 1.0)
        let theta0 = NetworkCase.wide free.Initialisation
        let delta = Array.map2 (-) (NetworkCase.wide free.Parameters) theta0
        // the nearest point of a ball is the radial one, layer by layer
        let bias =
            if options.Parameterisation = Parameterisation.Theory then
                0
            else
                1

        let mutable offset = 0
        let mutable fanIn = options.Dimension + bias

        let sizes =
            [
                for l in 0 .. options.Hidden.Length - 1 do
                    let rows = if l = 0 then options.Blocks * fanIn else fanIn
                    yield rows * options.Hidden[l]
                    fanIn <- options.Hidden[l] + bias
                yield options.Heads * fanIn
            ]

        let expected =
            [|
                for l, size in List.indexed sizes do
                    let part = delta[offset .. offset + size - 1]
                    let norm = sqrt (part |> Array.sumBy (fun d -> d * d))

                    let limit =
                        if l = options.Hidden.Length then
                            options.OutputRadius
                        else
                            radius

                    let factor = if norm > limit then limit / norm else 1.0
                    yield! part |> Array.mapi (fun i d -> theta0[offset + i] + factor * d)
                    offset <- offset + size
            |]

        NetworkCase.difference (NetworkCase.wide bounded.Parameters) expected <= single

    [<Property(MaxTest = 50)>]
    member _.``a perturbation of scale zero is plain online gradient descent``(c: NetworkCase) =
        let zero =
            NetworkCase.moved
                { c with
                    Options =
                        { c.Options with
                            PerturbationScale = 0.0
                        }
                }

        let off =
            NetworkCase.moved
                { c with
                    Options =
                        { c.Options with
                            Perturbation = PerturbationKind.Off
                        }
                }

        NetworkCase.difference (NetworkCase.wide zero.Parameters) (NetworkCase.wide off.Parameters)
        <= single

    [<Property(MaxTest = 50)>]
    member _.``the same seed gives the same bits, and a snapshot continues bit for bit``
        (c: NetworkCase, adaptive: bool)
        =
        let c =
            if adaptive then
                { c with
                    Options =
                        { c.Options with
                            StepRule = StepRule.Adaptive
                            Decay = 0.99
                        }
                }
            else
                c

        let a = NetworkCase.moved c
        let b = NetworkCase.moved c
        use stream = new IO.MemoryStream()
        a.Save(new IO.BinaryWriter(stream))
        stream.Position <- 0L
        let restored = NetworkCase.create c
        restored.Load(new IO.BinaryReader(stream))

        for network in [ a; b; restored ] do
            network.Step(ReadOnlySpan c.X, c.Block, c.Head, -1, c.Label, c.Rate)

        a.Parameters = b.Parameters && a.Parameters = restored.Parameters && a.SignSums = restored.SignSums

    [<Property(MaxTest = 100)>]
    member _.``mean predictions are the means of the inverse link of the perturbed scores``(c: NetworkCase) =
        let network = NetworkCase.moved c
        let scores = [| -30.0f; -1.0f; 0.0f; 2.5f; 30.0f |]
        let means = Array.zeroCreate<float> scores.Length
        network.MeanPredictions(ReadOnlySpan scores, Span means)
        let sums = network.SignSums

        let shifts =
            if sums.Length = 0 then
                [| 0.0 |]
            else
                sums |> Array.map (fun u -> Reference.amplitude c.Options * u)

        let expected =
            scores
            |> Array.map (fun f ->
                shifts
                |> Array.averageBy (fun s ->
                    if c.Loss.Metadata.Link = Link.Logit then
                        Scalar.sigmoid (float f + s)
                    else
                        float f + s))

        Array.forall2 (fun a b -> abs (a - b) <= 1e-5 * (1.0 + abs b)) means expected

    [<Property(MaxTest = 20)>]
    member _.``Jensen: the loss of the mean prediction is at most the averaged loss, half the square loss``
        (c: NetworkCase)
        =
        let c =
            { c with
                Loss = HalfSquared()
                Options =
                    { c.Options with
                        Perturbation = PerturbationKind.Rademacher
                    }
            }

        let network = NetworkCase.moved c
        let scores = Array.zeroCreate<float32> 1
        let means = Array.zeroCreate<float> 1
        network.Forward(ReadOnlySpan c.X, 1, true, ReadOnlySpan [| c.Block |], ReadOnlySpan [| c.Head |], Span scores)
        network.MeanPredictions(ReadOnlySpan scores, Span means)
        let averaged = network.AveragedLoss(ReadOnlySpan c.X, c.Block, c.Head, c.Label)
        Loss.value (HalfSquared()) c.Label means[0] <= averaged + single * (1.0 + averaged)

    [<Property(MaxTest = 50)>]
    member _.``no allocation a round``(c: NetworkCase) =
        let network = NetworkCase.moved c
        let scores = Array.zeroCreate<float32> 5
        let means = Array.zeroCreate<float> 5
        let blocks = Array.init 5 (fun i -> i % c.Options.Blocks)
        let heads = Array.init 5 (fun i -> i % c.Options.Heads)

        let round () =
            network.Forward(ReadOnlySpan c.X, 5, true, ReadOnlySpan blocks, ReadOnlySpan heads, Span scores)
            network.MeanPredictions(ReadOnlySpan scores, Span means)
            network.Step(ReadOnlySpan c.X, blocks[1], heads[1], 1, c.Label, 1e-3)
            network.Step(ReadOnlySpan c.X, blocks[2], heads[2], -1, c.Label, 1e-3)

        round ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        round ()
        round ()
        GC.GetAllocatedBytesForCurrentThread() - before = 0L

    [<Property(MaxTest = 100)>]
    member _.``reusing a candidate's activations gives the same bits as computing them anew``
        (c: NetworkCase, shared: bool)
        =
        let fresh = NetworkCase.moved c
        let reused = NetworkCase.moved c
        let count = 6
        let rows = if shared then 1 else count
        let values = Array.init (rows * c.X.Length) (fun i -> c.X[i % c.X.Length] + float32 (i / c.X.Length))
        let blocks = Array.init count (fun i -> i % c.Options.Blocks)
        let heads = Array.init count (fun i -> i % c.Options.Heads)
        let scores = Array.zeroCreate<float32> count
        reused.Forward(ReadOnlySpan values, count, shared, ReadOnlySpan blocks, ReadOnlySpan heads, Span scores)
        let row = if shared then 0 else 4
        let x = values[row * c.X.Length .. (row + 1) * c.X.Length - 1]
        reused.Step(ReadOnlySpan x, blocks[4], heads[4], 4, c.Label, c.Rate)
        fresh.Step(ReadOnlySpan x, blocks[4], heads[4], -1, c.Label, c.Rate)
        fresh.Parameters = reused.Parameters

    /// E_eps (1/2)(y - f_s)^2 = (1/2)(y - f)^2 + (c_p^2/(2 sqrt m)) ||delta||^2; the average of S draws has standard deviation of order 1/sqrt S.
    /// With S = 4000 the tolerance is 7 standard deviations: a false alarm has probability below 1e-9.
    [<Test>]
    member _.``many sign vectors approach the closed expectation``() =
        for seed in 1UL .. 5UL do
            let options kind count =
                { NetworkOptions.For(6, 20) with
                    Activation = Activation.Tanh
                    Seed = seed
                    Perturbation = kind
                    PerturbationScale = 0.5
                    PerturbationCount = count
                }

            let count = 4000

            let many =
                PerturbedNetwork.Create(options PerturbationKind.Rademacher count, HalfSquared()) |> Require.ok

            let expected = PerturbedNetwork.Create(options PerturbationKind.Expected 0, HalfSquared()) |> Require.ok
            let x = Array.init 6 (fun i -> float32 (1 + i) / 6.0f)
            let random = RandomStream(seed, 99UL)
            let theta = many.Initialisation |> Array.map (fun w -> w + float32 (0.1 * random.NextNormal()))
            many.Parameters <- theta
            expected.Parameters <- theta
            let a = many.AveragedLoss(ReadOnlySpan x, 0, 0, 0.3)
            let b = expected.AveragedLoss(ReadOnlySpan x, 0, 0, 0.3)
            let shifts = many.SignSums |> Array.map (fun u -> Reference.amplitude many.Options * u)
            let residual = 0.3 - Reference.score many.Options (NetworkCase.wide theta) (NetworkCase.wide x) 0 0
            let terms = shifts |> Array.map (fun s -> 0.5 * (residual - s) * (residual - s))
            let deviation = MathNet.Numerics.Statistics.Statistics.StandardDeviation terms / sqrt (float count)
            Assert.That(abs (a - b), Is.LessThan(7.0 * deviation))

    [<TestCase("Dimension");
      TestCase("Hidden");
      TestCase("PerturbationScale");
      TestCase("Decay");
      TestCase("Radius");
      TestCase("PerturbationCount")>]
    member _.``bad options are refused by name``(argument: string) =
        let good =
            { NetworkOptions.For(2, 4) with
                Perturbation = PerturbationKind.Rademacher
            }

        let bad =
            match argument with
            | "Dimension" -> { good with Dimension = 0 }
            | "Hidden" -> { good with Hidden = [| 0 |] }
            | "PerturbationScale" -> { good with PerturbationScale = nan }
            | "Decay" -> { good with Decay = 0.0 }
            | "Radius" -> { good with Radius = -1.0 }
            | _ -> { good with PerturbationCount = 0 }

        match PerturbedNetwork.Create(bad, Squared()) with
        | Ok _ -> Assert.Fail "accepted"
        | Error e -> Assert.That(e.Message, Does.StartWith argument)
