namespace Hindsight.Tests.Data

open System
open System.Collections.Concurrent
open System.Threading
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.Data
open Hindsight.Tests.Data.Support

[<TestFixture>]
type ExperimentTests() =

    let environment name =
        ok (
            Source.openEnvironment
                { SourceOptions.For name with
                    Rounds = 300
                }
        )

    let options name algorithms =
        { ExperimentOptions.For(environment name, algorithms) with
            Seeds = [| 3; 1 |]
            Rounds = 300
            Grid = 20
        }

    let run options =
        ok (Experiment.run options null CancellationToken.None)

    /// A result without what time does to it.
    let timeless (result: RunResult) =
        result.Algorithm,
        result.Seed,
        result.Grid,
        result.Cost,
        Array.map BitConverter.DoubleToInt64Bits result.PseudoRegret,
        result.BestCost

    [<Property>]
    member _.``a grid increases from the first round to the last and has at most as many points as asked for``
        (rounds: FsCheck.PositiveInt, points: FsCheck.PositiveInt)
        =
        let rounds, points = 1 + rounds.Get * 37, 1 + points.Get
        let grid = Experiment.grid rounds points

        grid[0] = 1
        && Array.last grid = rounds
        && grid.Length <= max 3 points
        && Seq.forall2 (<) grid (Seq.tail grid)

    [<Test>]
    member _.``results come in the order of algorithms and seeds``() =
        let results =
            run (options "balance-scale" [| "uniform"; "squarecb-linear" |])
            |> Array.map (fun r -> r.Algorithm, r.Seed)

        Assert.That((results = [| "uniform", 3; "uniform", 1; "squarecb-linear", 3; "squarecb-linear", 1 |]))

    [<Test>]
    member _.``results do not depend on how many runs go at a time``() =
        let options = options "linear" [| "neufastcb"; "linucb" |]

        let results parallelism =
            run
                { options with
                    Parallelism = parallelism
                }
            |> Array.map timeless

        Assert.That((results 1 = results 4))

    [<Test>]
    member _.``a run is the loop: draw, choose, learn the chosen cost``() =
        for name in [ "linear"; "balance-scale" ] do
            let options = options name [| "squarecb-linear" |]
            let result = Array.head (run options)
            let environment = options.Environment

            let settings =
                ok (BanditSettings.Create("squarecb-linear", environment.ContextSize, environment.Arms, 3UL))

            let bandit = ok (settings.Build())

            let steps =
                rounds environment 3UL 300
                |> Array.map (fun round ->
                    let decision = ok (bandit.Choose(ReadOnlySpan round.Context))
                    ok (bandit.Learn(decision.Id, round.Costs[decision.Arm]))

                    round.Costs[decision.Arm],
                    round.Means[decision.Arm] - Array.min round.Means,
                    Array.min (if environment.MeansKnown then round.Means else round.Costs))

            let total part upTo =
                Array.truncate upTo steps |> Array.fold (fun sum step -> sum + part step) 0.0

            // sums of means in another order of operations: 300 terms of at most 1
            let near a b =
                abs (a - b) <= 300.0 * 300.0 * Math.ScaleB(1.0, -52)

            for i in 0 .. result.Grid.Length - 1 do
                Assert.That(result.Cost[i], Is.EqualTo(total (fun (c, _, _) -> c) result.Grid[i]))

                if environment.MeansKnown then
                    Assert.That(near result.PseudoRegret[i] (total (fun (_, r, _) -> r) result.Grid[i]))
                else
                    Assert.That(result.PseudoRegret[i], Is.NaN)

            Assert.That(near result.BestCost (total (fun (_, _, b) -> b) 300))
            Assert.That(result.Rounds, Is.EqualTo 300)
            Assert.That(not result.Interrupted)

    [<Test>]
    member _.``an environment that ends ends the run, without an interruption``() =
        let options =
            { options "balance-scale" [| "uniform" |] with
                Rounds = 1000
            }

        for result in run options do
            Assert.That(result.Rounds, Is.EqualTo 300)
            Assert.That(Array.last result.Grid, Is.EqualTo 300)
            Assert.That(not result.Interrupted)

    [<Test>]
    member _.``overrides go to all algorithms, or to the one that they name``() =
        let options =
            { options "balance-scale" [| "linucb"; "neufastcb" |] with
                Overrides = [| struct ("delta", "0.2"); struct ("neufastcb.gamma-scale", "7") |]
                Seeds = [| 0 |]
            }

        let value key (result: RunResult) =
            result.Settings |> Array.find (fun pair -> pair.Key = key) |> _.Value

        match run options with
        | [| linear; neural |] ->
            Assert.That(value "delta" linear, Is.EqualTo "0.2")
            Assert.That(value "delta" neural, Is.EqualTo "0.2")
            Assert.That(value "gamma-scale" neural, Is.EqualTo "7")
            Assert.That(value "gamma-scale" linear, Is.Not.EqualTo "7")
        | _ -> Assert.Fail "two results were expected"

    [<Test>]
    member _.``what is wrong is said before anything is run``() =
        let good = options "balance-scale" [| "uniform" |]

        let wrong (options: ExperimentOptions) =
            let unopened =
                { new IEnvironment with
                    member _.Name = "unopened"
                    member _.Arms = 3
                    member _.ContextSize = 4
                    member _.Rounds = 10
                    member _.MeansKnown = false

                    member _.Open _ =
                        raise (InvalidOperationException "a run was started")
                }

            error (Experiment.run { options with Environment = unopened } null CancellationToken.None)

        Assert.That(
            (wrong
                { good with
                    Algorithms = [| "unifrom" |]
                })
                .IsUnknownName
        )

        Assert.That((wrong { good with Algorithms = [||] }).IsOutOfRange)
        Assert.That((wrong { good with Seeds = [||] }).IsOutOfRange)
        Assert.That((wrong { good with Seeds = [| -1 |] }).IsOutOfRange)
        Assert.That((wrong { good with Rounds = 0 }).IsOutOfRange)

        Assert.That(
            (wrong
                { good with
                    Overrides = [| struct ("gama", "1") |]
                })
                .IsUnknownName
        )

        Assert.That(
            (wrong
                { good with
                    Overrides = [| struct ("uniforn.gamma-scale", "1") |]
                })
                .IsUnknownName
        )

    [<Test>]
    member _.``an error of the environment stops the experiment and is returned``() =
        let failing =
            { new IEnvironment with
                member _.Name = "failing"
                member _.Arms = 2
                member _.ContextSize = 1
                member _.Rounds = 10
                member _.MeansKnown = false

                member _.Open _ =
                    raise (HindsightException(HindsightError.Malformed("file", "byte 7", "it changed")))
            }

        let failed =
            error (Experiment.run (ExperimentOptions.For(failing, "uniform")) null CancellationToken.None)

        Assert.That(failed.IsMalformed)

    [<Test>]
    member _.``a cancelled experiment keeps what was done``() =
        use cancel = new CancellationTokenSource()
        let linear = ok (Source.openEnvironment (SourceOptions.For "linear"))

        let stopping =
            { new IEnvironment with
                member _.Name = "stopping"
                member _.Arms = linear.Arms
                member _.ContextSize = linear.ContextSize
                member _.Rounds = linear.Rounds
                member _.MeansKnown = true

                member _.Open seed =
                    let run = linear.Open seed
                    let round = ref 0

                    { new IRounds with
                        member _.Next(context, costs, means) =
                            round.Value <- round.Value + 1

                            if round.Value = 50 then
                                cancel.Cancel()

                            run.Next(context, costs, means)

                        member _.Dispose() = run.Dispose()
                    }
            }

        let results =
            ok (
                Experiment.run
                    { ExperimentOptions.For(stopping, "uniform", "greedy") with
                        Parallelism = 1
                    }
                    null
                    cancel.Token
            )

        match results with
        | [| result |] ->
            Assert.That(result.Interrupted)
            Assert.That(result.Rounds, Is.EqualTo 50)
            Assert.That(Array.last result.Grid, Is.EqualTo 50)
            Assert.That(result.Cost.Length, Is.EqualTo result.Grid.Length)
        | _ -> Assert.Fail $"one run was expected, not {results.Length}"

    [<Test>]
    member _.``progress of each run ends at its last round``() =
        let reports = ConcurrentQueue<ExperimentProgress>()

        let progress =
            { new IProgress<ExperimentProgress> with
                member _.Report report = reports.Enqueue report
            }

        let results = ok (Experiment.run (options "linear" [| "uniform" |]) progress CancellationToken.None)

        for result in results do
            let last = reports |> Seq.filter (fun report -> report.Seed = result.Seed) |> Seq.last

            Assert.That(last.Round, Is.EqualTo result.Rounds)
            Assert.That(last.CumulativeCost, Is.EqualTo(Array.last result.Cost))

    /// Source: the decision value, round by round; the realised pseudo-regret is a martingale away from its conditional expectation:
    /// Azuma at probability 1e-9 a run, sqrt(2 T ln 1e9).
    [<TestCase("neusquarecb"); TestCase("neufastcb"); TestCase("squarecb-linear"); TestCase("epsilon-greedy")>]
    member _.``the certificate is never below the pseudo-regret by more than chance``(algorithm: string) =
        for name in [ "linear"; "synthetic-1"; "synthetic-3" ] do
            for result in
                run
                    { options name [| algorithm |] with
                        Grid = 50
                    } do
                for i in 0 .. result.Grid.Length - 1 do
                    let chance = sqrt (2.0 * float result.Grid[i] * log 1e9)
                    Assert.That(result.Certificate[i], Is.Not.NaN)
                    Assert.That(result.PseudoRegret[i] <= result.Certificate[i] + chance)

                Assert.That(Array.last result.Certificate, Is.LessThanOrEqualTo(float result.Rounds))

    [<Test>]
    member _.``there is no certificate where means are not known``() =
        for result in run (options "balance-scale" [| "neusquarecb" |]) do
            Assert.That(result.Certificate |> Array.forall Double.IsNaN)
