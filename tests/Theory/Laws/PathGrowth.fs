namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Growth along a network's own path, and the sample it is measured on.
[<TestFixture>]
type PathGrowthLaws() =
    static let norm = PerturbationWitnesses.norm

    static let message result =
        match result with
        | Ok _ -> ""
        | Error(e: HindsightError) -> e.Message

    [<Test>]
    member _.``Growth, slack and gradients of the points are those of the averaged loss in double precision``() =
        Assert.That(PathGrowthLaw.agrees PathGrowthLaw.growth PathGrowthLaw.slack)

    [<Test>]
    member _.``Where the perturbation is a strong ridge, the path grows at least by it and is convex``() =
        // the Hessian is at least (c_p^2 - c_H r)/sqrt m: here 81/2 less than 3 for the curvature
        for seed in 1..12 do
            let options =
                { PerturbationWitnesses.options 2 [| 4 |] Activation.Tanh seed with
                    Perturbation = PerturbationKind.Expected
                    PerturbationScale = 9.0
                }

            let run = PathGrowthLaw.train options 40 0.01 seed
            let path = run.Meter.Measure run.Network |> Require.ok
            Assert.That(path.GradientNorm, Is.LessThan 1e-3)
            Assert.That(path.Growth, Is.GreaterThan 37.5)

            for point in path.Points do
                // strong convexity: the slack is at most -mu/2 times the squared distance
                let room = -18.75 * point.Distance * point.Distance
                Assert.That(point.Slack, Is.LessThanOrEqualTo(room + 1e-5))

    [<Test>]
    member _.``Observing changes nothing in the network, and measuring neither``() =
        let options =
            { PerturbationWitnesses.options 3 [| 6 |] Activation.ReLU 4 with
                Blocks = 2
                Heads = 3
                Perturbation = PerturbationKind.Rademacher
                PerturbationScale = 0.5
                PerturbationCount = 4
                FreshSigns = true
            }

        let make () =
            PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok

        let plain, metered = make (), make ()
        let meter = GrowthMeter(8, 1UL)
        let random = Random 5

        for t in 1..50 do
            let x = PerturbationWitnesses.input random 3 |> Array.map float32
            let block, head, y = random.Next 2, random.Next 3, random.NextDouble()
            meter.Observe(metered, ReadOnlySpan x, block, head, y)
            plain.Step(ReadOnlySpan x, block, head, -1, y, 0.05)
            metered.Step(ReadOnlySpan x, block, head, -1, y, 0.05)

            if t % 10 = 0 then
                let path = meter.Measure metered |> Require.ok
                Assert.That(path.Observations, Is.EqualTo(min 8 t))
                Assert.That(path.Points |> Array.forall (fun p -> p.Excess >= 0.0 && Double.IsFinite p.Slack))

            Assert.That(metered.Parameters, Is.EqualTo<float32[]> plain.Parameters)

    [<Test>]
    member _.``Every observation is in the sample with the same probability``() =
        // one label is 1: the loss of the untouched network tells whether it is in the sample. Hoeffding: off by 0.1 in 600 samples with probability 1.3e-5 for each of three places
        let options = PerturbationWitnesses.options 1 [| 1 |] Activation.Tanh 3
        let network = PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok
        let x = [| 0.5f |]

        let loss y =
            network.AveragedLoss(ReadOnlySpan x, 0, 0, y)

        for place in [ 0; 9; 19 ] do
            let kept =
                Seq.init 600 (fun seed ->
                    let meter = GrowthMeter(5, uint64 seed)

                    for i in 0..19 do
                        meter.Observe(network, ReadOnlySpan x, 0, 0, (if i = place then 1.0 else 0.0))

                    let path = meter.Measure network |> Require.ok
                    let value = path.Least + path.Points[0].Excess
                    abs (value - (4.0 * loss 0.0 + loss 1.0) / 5.0) < abs (value - loss 0.0))
                |> Seq.filter id
                |> Seq.length

            Assert.That(float kept / 600.0, Is.EqualTo(0.25).Within 0.1)

    [<Test>]
    member _.``Points are kept at the powers of two, and the latest is where training stands``() =
        let options =
            { PerturbationWitnesses.options 2 [| 3 |] Activation.Softplus 8 with
                Perturbation = PerturbationKind.Expected
            }

        let run = PathGrowthLaw.train options 33 0.05 2
        let path = run.Meter.Measure run.Network |> Require.ok
        Assert.That(run.Meter.Seen, Is.EqualTo 33L)
        // before the observations 1, 2, 4, 8, 16, 32; and now
        Assert.That(path.Points.Length, Is.EqualTo 7)
        let now = run.Network.Parameters |> Array.map float
        let away = Array.map2 (fun (a: float) (b: float32) -> a - float b) now path.Minimiser
        Assert.That(path.Points[6].Distance, Is.EqualTo(norm away).Within(1e-12 * (1.0 + norm away)))

    [<Test>]
    member _.``A watched network's growth is in the ledger, with the regret it implies``() =
        let set key value (settings: BanditSettings) = settings.With(key, value) |> Require.ok

        let settings =
            BanditSettings.Create("neusquarecb", 4, 3, 9UL)
            |> Require.ok
            |> set "perturbation" "expected"
            |> set "perturbation-scale" "1"
            |> set "width" "8"

        let bandit = settings.Build() |> Require.ok
        let ledger = Ledger 0.05
        ledger.Watch bandit.Oracle
        let random = Random 3

        for _ in 1..120 do
            let context = Array.init 4 (fun _ -> random.NextDouble())
            let decision = bandit.Choose(ReadOnlySpan context) |> Require.ok
            ledger.Open decision
            let cost = if decision.Arm = 1 then 0.2 else 0.6
            bandit.Learn(decision.Id, cost) |> Require.ok
            Assert.That(ledger.TrySettle(decision.Id, cost))

        let neural = bandit.Oracle :?> NeuralOracle
        let path = neural.Meter.Measure neural.Network |> Require.ok
        Assert.That(path.Growth, Is.GreaterThan 0.0)

        let row =
            ledger.Assumptions bandit.Oracle |> Array.find (fun a -> a.Name.Contains "grows quadratically")

        Assert.That(row.Status, Is.EqualTo AssumptionStatus.Measured)
        let implied = ledger.Implied 3 |> Array.find (fun b -> b.Name.Contains "growth measured")
        let expected = Qg.onlineLogRegret path.Steepest path.Growth path.Slack 120.0 |> Require.ok
        Assert.That(implied.Value, Is.EqualTo expected.Value)
        Assert.That(implied.Kind, Is.EqualTo BoundKind.Heuristic)
        // many steps a round on a memory are not the theorem's algorithm
        let steps = implied.Assumptions |> Array.find (fun a -> a.Name.StartsWith "projected")
        Assert.That(steps.Status, Is.EqualTo AssumptionStatus.Violated)

    [<Test>]
    member _.``A path that leaves the range of single precision is refused, not reported``() =
        let options = PerturbationWitnesses.options 2 [| 3 |] Activation.ReLU 1
        let network = PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok
        let meter = GrowthMeter(4, 1UL)
        let x = [| 1.0f; 1.0f |]
        meter.Observe(network, ReadOnlySpan x, 0, 0, 0.5)
        network.Parameters <- network.Parameters |> Array.map (fun _ -> 1e30f)
        Assert.That(message (meter.Measure network), Does.Contain "not finite")

    [<Test>]
    member _.``Nothing is measured before an observation, and a wrong one is refused by name``() =
        let options = PerturbationWitnesses.options 2 [| 3 |] Activation.Tanh 1
        let network = PerturbedNetwork.Create(options, BinaryCrossEntropy()) |> Require.ok
        let meter = GrowthMeter(4, 1UL)
        Assert.That(message (meter.Measure network), Does.Contain "no observation")

        let refused (name: string) (values: float32[]) block head label =
            let error =
                Assert.Throws<HindsightException>(fun () ->
                    meter.Observe(network, ReadOnlySpan values, block, head, label))

            Assert.That(error.Message, Does.Contain name)

        let x = [| 1.0f; 1.0f |]
        refused "values" [| 1.0f |] 0 0 0.5
        refused "block" x 1 0 0.5
        refused "head" x 0 1 0.5
        refused "label" x 0 0 2.0
        refused "label" x 0 0 nan

        meter.Observe(network, ReadOnlySpan x, 0, 0, 0.5)

        let other =
            PerturbedNetwork.Create(PerturbationWitnesses.options 2 [| 4 |] Activation.Tanh 1, BinaryCrossEntropy())
            |> Require.ok

        Assert.That(message (meter.Measure other), Does.Contain "one network")

        let error = Assert.Throws<HindsightException>(fun () -> meter.Observe(other, ReadOnlySpan x, 0, 0, 0.5))

        Assert.That(error.Message, Does.Contain "one network")
        Assert.That(meter.Seen, Is.EqualTo 1L)
        let error = Assert.Throws<HindsightException>(fun () -> GrowthMeter(0, 1UL) |> ignore<GrowthMeter>)
        Assert.That(error.Message, Does.Contain "capacity")
