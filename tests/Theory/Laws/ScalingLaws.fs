namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Scaling laws and their fits.
[<TestFixture>]
type ScalingLawLaws() =
    static let seeds = [ 1..100 ]

    static let trajectory c n s b =
        ScalingLaw.trajectory c n s b |> Require.ok

    static let closeTo (percent: float) (expected: float) =
        Is.EqualTo(expected).Within(percent).Percent

    static let sameConstants tolerance (found: ScalingConstants) (planted: ScalingConstants) =
        Array.forall2
            (fun a b -> abs (log (a / b)) <= tolerance)
            (ScalingLawWitnesses.list found)
            (ScalingLawWitnesses.list planted)

    /// Runs of five sizes at five step counts and four batches.
    static let runs c (noise: unit -> float) =
        [|
            for n in [ 1e6; 4e6; 1.5e7; 6e7; 3e8 ] do
                for s in [ 1e3; 4e3; 2e4; 1e5; 5e5 ] do
                    for b in [ 3e4; 3e5; 3e6; 3e7 ] do
                        {
                            Size = n
                            Steps = s
                            Batch = b
                            Loss = trajectory c n s b * exp (noise ())
                        }
        |]

    [<Test>]
    member _.``The law of sizes is recovered from trained models``() =
        for seed in seeds do
            let c = ScalingLawWitnesses.constants seed
            let sizes = [| 1e6; 1e7; 6e7 |]
            let losses = sizes |> Array.map (fun n -> ScalingLaw.loss c n |> Require.ok)
            let struct (scale, exponent) = ScalingLaw.fitSize sizes losses |> Require.ok
            Assert.That(exponent, closeTo 1e-8 c.SizeExponent)
            Assert.That(scale, closeTo 1e-6 c.SizeScale)

        Assert.That(Witness.holds Witnesses.all "scaling-size")

    [<Test>]
    member _.``The law of steps is recovered from a run``() =
        for seed in seeds do
            let c = ScalingLawWitnesses.constants seed
            let floor = ScalingLaw.loss c 1e7 |> Require.ok
            let steps = [| 1e3; 1e4; 1e5 |]
            let losses = steps |> Array.map (fun s -> ScalingLaw.lossAtSteps c 1e7 s |> Require.ok)
            let struct (scale, exponent) = ScalingLaw.fitSteps floor steps losses |> Require.ok
            Assert.That(exponent, closeTo 1e-8 c.StepExponent)
            Assert.That(scale, closeTo 1e-6 c.StepScale)

        Assert.That(Witness.holds Witnesses.all "scaling-steps")

    [<Test>]
    member _.``At the critical batch steps and examples are twice their least``() =
        for seed in seeds do
            let r = Random seed
            let s, b = 1.0 + r.NextDouble(), 1.0 + r.NextDouble()
            Assert.That(ScalingLaw.minimalSteps (2.0 * s) b b |> Require.ok, closeTo 1e-12 s)
            Assert.That(ScalingLaw.minimalExamples (2.0 * s * b) b b |> Require.ok, closeTo 1e-12 (s * b))

        Assert.That(Witness.holds Witnesses.all "critical-batch")

    [<Test>]
    member _.``Steps and examples trade off along a hyperbola``() =
        let steps s b c =
            ScalingLaw.minimalSteps s b c |> Require.ok

        let examples e b c =
            ScalingLaw.minimalExamples e b c |> Require.ok

        Assert.That(ScalingLawMutants.trades steps examples)

        for seed in seeds do
            let r = Random seed
            let s, b, c = 1.0 + r.NextDouble(), 1.0 + r.NextDouble(), 1.0 + r.NextDouble()
            // the critical batch is the ratio of the least examples to the least steps
            Assert.That(examples (s * b) b c / steps s b c, closeTo 1e-10 c)

        Assert.That(Witness.holds Witnesses.all "minimal-steps")
        Assert.That(Witness.holds Witnesses.all "minimal-examples")

    [<Test>]
    member _.``The trajectory solves its equation``() =
        Assert.That(ScalingLawMutants.trajectories trajectory)
        Assert.That(Witness.holds Witnesses.all "scaling-trajectory")

    [<Test>]
    member _.``The loss falls in size, steps and batch, and an infinite batch gives the law of steps``() =
        for seed in seeds do
            let c = ScalingLawWitnesses.constants seed
            let struct (n, s, b) = ScalingLawWitnesses.point seed
            let l = trajectory c n s b
            Assert.That(trajectory c (1.1 * n) s b, Is.LessThan l)
            Assert.That(trajectory c n (1.1 * s) b, Is.LessThan l)
            Assert.That(trajectory c n s (1.1 * b), Is.LessThan l)
            Assert.That(l, Is.GreaterThan(ScalingLaw.loss c n |> Require.ok))
            Assert.That(trajectory c n s 1e200, closeTo 1e-10 (ScalingLaw.lossAtSteps c n s |> Require.ok))

    [<Test>]
    member _.``On the trajectory the least steps at the critical batch reach the loss``() =
        for seed in seeds do
            let c = ScalingLawWitnesses.constants seed
            let struct (n, s, b) = ScalingLawWitnesses.point seed
            let l = trajectory c n s b
            let critical = ScalingLaw.criticalBatch c l |> Require.ok
            let least = ScalingLaw.minimalSteps s b critical |> Require.ok
            Assert.That(ScalingLaw.lossAtSteps c n least |> Require.ok, closeTo 1e-10 l)

    [<Test>]
    member _.``The best size for a compute is where the trajectory is least``() =
        Assert.That(Witness.holds Witnesses.all "scaling-compute")
        let c = ScalingLaw.published2020

        let at compute =
            ScalingLawBounds.bestSize c compute 5e5 |> Require.ok
        // more compute, larger models and lower loss
        for a, b in List.pairwise [ 1e17; 1e19; 1e21; 1e23 ] do
            let small, large = at a, at b
            Assert.That(large.Values[0], Is.GreaterThan small.Values[0])
            Assert.That(large.Bound.Value, Is.LessThan small.Bound.Value)

            let steps = b / (6.0 * large.Values[0] * 5e5)
            Assert.That(trajectory c large.Values[0] steps 5e5, closeTo 1e-9 large.Bound.Value)
            Assert.That(ScalingLaw.compute large.Values[0] steps 5e5 |> Require.ok, closeTo 1e-10 b)

    [<Test>]
    member _.``Points of a hyperbola give back its ends and the critical batch``() =
        for seed in seeds do
            let r = Random seed
            let least, fewest = exp (10.0 * r.NextDouble()), exp (20.0 * r.NextDouble())
            let steps = [| 1.1; 1.5; 2.0; 4.0; 10.0 |] |> Array.map ((*) least)
            let examples = steps |> Array.map (fun s -> fewest * (1.0 + 1.0 / (s / least - 1.0)))
            let struct (s, e) = ScalingLaw.fitHyperbola steps examples |> Require.ok
            Assert.That(s, closeTo 1e-9 least)
            Assert.That(e, closeTo 1e-9 fewest)

    [<Test>]
    member _.``Critical batches at several losses give back their law``() =
        for seed in seeds do
            let c = ScalingLawWitnesses.constants seed
            let losses = [| 2.0; 2.5; 3.0; 4.0 |]
            let batches = losses |> Array.map (fun l -> ScalingLaw.criticalBatch c l |> Require.ok)
            let struct (scale, exponent) = ScalingLaw.fitCriticalBatch losses batches |> Require.ok
            Assert.That(exponent, closeTo 1e-9 c.BatchExponent)
            Assert.That(scale, closeTo 1e-8 c.BatchScale)

    [<Test>]
    member _.``The joint fit recovers planted constants to 1e-6``() =
        for seed in 1..3 do
            let planted = ScalingLawWitnesses.constants seed
            let start = ScalingLawWitnesses.constants (seed + 100)
            let found = ScalingLaw.refine start (runs planted (fun () -> 0.0)) |> Require.ok
            Assert.That(sameConstants 1e-6 found planted)

    [<Test>]
    member _.``The joint fit is not moved by a few wrong runs``() =
        let planted = ScalingLaw.published2020
        let all = runs planted (fun () -> 0.0)

        let spoiled = all |> Array.mapi (fun i r -> if i % 25 = 7 then { r with Loss = 1.5 * r.Loss } else r)

        let found = ScalingLaw.refine planted spoiled |> Require.ok
        // the four wrong runs weigh at most 0.001 each against 96 exact ones
        for r in all do
            Assert.That(trajectory found r.Size r.Steps r.Batch, closeTo 0.1 r.Loss)

    [<Test>]
    member _.``The annealing area is the double sum over drops of the rate``() =
        Assert.That(
            ScalingLawMutants.areas (fun decay schedule ->
                (Annealing.areas decay schedule |> Require.ok |> Array.last).Annealed)
        )

        // and the sum over drops in closed form
        for seed in seeds do
            let struct (law, schedule) = ScalingLawWitnesses.annealing seed
            let s = schedule.Length - 1

            let closed =
                Seq.sum (
                    seq {
                        for k in 1..s ->
                            (schedule[k - 1] - schedule[k]) * (1.0 - law.Decay ** float (s - k + 1)) / (1.0 - law.Decay)
                    }
                )

            let area = (Annealing.areas law.Decay schedule |> Require.ok |> Array.last).Annealed
            Assert.That(area, Is.EqualTo(closed).Within(1e-10 * (1.0 + abs closed)))

        Assert.That(Witness.holds Witnesses.all "annealing-loss")

    [<Test>]
    member _.``A constant rate does not anneal, a falling one does, and without memory the area is the whole drop``() =
        for seed in seeds do
            let struct (law, schedule) = ScalingLawWitnesses.annealing seed

            let last decay (rates: float[]) =
                Annealing.areas decay rates |> Require.ok |> Array.last

            Assert.That((last law.Decay (Array.create 20 0.3)).Annealed, Is.EqualTo 0.0)
            Assert.That((last law.Decay (Array.sortDescending schedule)).Annealed, Is.GreaterThanOrEqualTo 0.0)
            let drop = Array.head schedule - Array.last schedule
            Assert.That((last 0.0 schedule).Annealed, Is.EqualTo(drop).Within 1e-14)

    [<Test>]
    member _.``The forward area is additive, and steps come to the same as the whole schedule``() =
        for seed in seeds do
            let struct (law, schedule) = ScalingLawWitnesses.annealing seed
            let whole = Annealing.areas law.Decay schedule |> Require.ok |> Array.last
            Assert.That(whole.Forward, closeTo 1e-12 (Array.sum schedule))

            let stepped =
                (Annealing.start, schedule)
                ||> Array.fold (fun area rate -> Annealing.step law.Decay area rate |> Require.ok)

            Assert.That(stepped.Annealed, Is.EqualTo whole.Annealed)
            Assert.That(stepped.Steps, Is.EqualTo schedule.Length)
            let loss = Annealing.loss law whole |> Require.ok
            Assert.That((ScalingLawBounds.annealing law schedule |> Require.ok).Value, closeTo 1e-12 loss)
            // more gain from annealing, lower loss where the rate has fallen
            let more =
                Annealing.loss
                    { law with
                        Annealing = law.Annealing + 0.1
                    }
                    whole
                |> Require.ok

            Assert.That(more <= loss, Is.EqualTo(whole.Annealed >= 0.0))

    /// A cosine and a step schedule with their losses under a law.
    static member private Runs(law: AnnealingLaw) =
        let n = 400

        let schedules =
            [|
                Array.init n (fun i -> 0.05 + 0.475 * (1.0 + cos (Math.PI * float i / float n)))
                Array.init n (fun i -> if i < 300 then 1.0 else 0.1)
            |]

        schedules
        |> Array.map (fun schedule ->
            let areas = Annealing.areas law.Decay schedule |> Require.ok
            schedule, [| for i in 20..10..n -> i, Annealing.loss law areas[i - 1] |> Require.ok |])

    [<Test>]
    member _.``The fit of the annealing law recovers what was planted to 1e-6``() =
        for seed in 1..5 do
            let struct (drawn, _) = ScalingLawWitnesses.annealing seed

            let law =
                { drawn with
                    Annealing = 0.001 + 0.01 * drawn.Annealing
                    Decay = 0.99
                }

            let found = Annealing.fit 0.99 (ScalingLawLaws.Runs law) |> Require.ok
            Assert.That(found.Floor, closeTo 1e-4 law.Floor)
            Assert.That(found.Amplitude, closeTo 1e-4 law.Amplitude)
            Assert.That(found.Exponent, closeTo 1e-4 law.Exponent)
            Assert.That(found.Annealing, closeTo 1e-4 law.Annealing)

    [<Test>]
    member _.``The decay is recovered too``() =
        let law =
            {
                Floor = 2.5
                Amplitude = 0.8
                Exponent = 0.4
                Annealing = 0.004
                Decay = 0.985
            }

        let found = Annealing.fitDecay (ScalingLawLaws.Runs law) |> Require.ok
        Assert.That(found.Decay, Is.EqualTo(0.985).Within 1e-4)
        Assert.That(found.Exponent, closeTo 1.0 law.Exponent)

    [<Test>]
    member _.``No gain from annealing is fitted where there is none``() =
        let law =
            {
                Floor = 2.5
                Amplitude = 0.8
                Exponent = 0.4
                Annealing = 0.0
                Decay = 0.99
            }

        let found = Annealing.fit 0.99 (ScalingLawLaws.Runs law) |> Require.ok
        Assert.That(found.Annealing, Is.EqualTo(0.0).Within 1e-9)
        Assert.That(found.Floor, closeTo 1e-4 2.5)

    [<Test>]
    member _.``Bad input is refused by name``() =
        let name =
            function
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok _ -> "accepted"

        let c = ScalingLaw.published2020
        Assert.That(name (ScalingLaw.loss { c with SizeScale = 0.0 } 1e6), Is.EqualTo "SizeScale")
        Assert.That(name (ScalingLaw.loss c -1.0), Is.EqualTo "size")
        Assert.That(name (ScalingLaw.lossAtSteps c 1e6 0.0), Is.EqualTo "minimalSteps")
        Assert.That(name (ScalingLaw.criticalBatch { c with BatchExponent = nan } 1.0), Is.EqualTo "BatchExponent")
        Assert.That(name (ScalingLaw.criticalBatch c 0.0), Is.EqualTo "loss")
        Assert.That(name (ScalingLaw.minimalSteps 1.0 0.0 1.0), Is.EqualTo "batch")
        Assert.That(name (ScalingLaw.minimalExamples 1.0 1.0 infinity), Is.EqualTo "criticalBatch")
        Assert.That(name (ScalingLaw.trajectory c 1e6 0.0 1e5), Is.EqualTo "steps")
        Assert.That(name (ScalingLaw.compute 0.0 1.0 1.0), Is.EqualTo "size")
        Assert.That(name (ScalingLaw.fitSize [| 1.0 |] [| 1.0 |]), Is.EqualTo "sizes")
        Assert.That(name (ScalingLaw.fitSize [| 1.0; 2.0 |] [| 1.0 |]), Is.EqualTo "losses")
        Assert.That(name (ScalingLaw.fitSize [| 1.0; 1.0 |] [| 1.0; 2.0 |]), Does.Contain "no line")
        Assert.That(name (ScalingLaw.fitSize [| 1.0; 2.0 |] [| 1.0; 2.0 |]), Does.Contain "do not fall")
        Assert.That(name (ScalingLaw.fitSteps 2.0 [| 1.0; 2.0 |] [| 3.0; 2.0 |]), Is.EqualTo "losses")
        Assert.That(name (ScalingLaw.fitHyperbola [| 1.0; 2.0 |] [| 1.0; 2.0 |]), Does.Contain "trade-off")
        Assert.That(name (ScalingLaw.refine c [||]), Is.EqualTo "runs")
        Assert.That(name (Annealing.areas 1.0 [| 1.0 |]), Is.EqualTo "decay")
        Assert.That(name (Annealing.areas 0.9 [||]), Is.EqualTo "schedule")
        Assert.That(name (Annealing.areas 0.9 [| 1.0; -1.0 |]), Is.EqualTo "schedule")
        Assert.That(name (Annealing.step 0.9 Annealing.start nan), Is.EqualTo "rate")
        Assert.That(name (Annealing.fit 0.9 [| [| 1.0 |], [| 2, 3.0 |] |]), Is.EqualTo "steps")
        Assert.That(name (Annealing.fit 0.9 [| [| 1.0 |], [| 1, 3.0 |] |]), Is.EqualTo "losses")
        Assert.That(name (Annealing.fit 0.9 [| [| 1.0 |], [| 1, -3.0 |] |]), Is.EqualTo "losses")

        let law =
            {
                Floor = 1.0
                Amplitude = 1.0
                Exponent = 0.5
                Annealing = 0.1
                Decay = 0.9
            }

        Assert.That(name (Annealing.loss law Annealing.start), Is.EqualTo "Forward")
        Assert.That(name (ScalingLawBounds.annealing law [| 0.0; 0.0 |]), Is.EqualTo "schedule")
