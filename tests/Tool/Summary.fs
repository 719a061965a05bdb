namespace Hindsight.Tests.Tool

open System
open System.Collections.Generic
open System.Text.Json
open NUnit.Framework
open FsCheck
open FsCheck.NUnit
open Hindsight
open Hindsight.Data
open Hindsight.Tool

/// Runs made by hand, so that every number below can be checked by hand.
module Runs =
    let run algorithm seed (costs: float list) (regrets: float list) =
        let grid = [| 1 .. costs.Length |]

        {
            Algorithm = algorithm
            Seed = seed
            Rounds = costs.Length
            Grid = grid
            Cost = Array.ofList costs
            PseudoRegret =
                (match regrets with
                 | [] -> Array.create grid.Length nan
                 | regrets -> Array.ofList regrets)
            Certificate = Array.create grid.Length nan
            Ledger = None
            BestCost = 0.0
            Seconds = 0.5
            Settings = [| KeyValuePair("gamma", "power") |]
            Interrupted = false
        }

    let parameters meansKnown algorithms rounds seeds =
        {
            Data = "by <hand> & \"eye\""
            Source = SourceOptions.For "by hand"
            Arms = 4
            ContextSize = 2
            MeansKnown = meansKnown
            Protocol = "iid"
            Rounds = rounds
            Seeds = seeds
            Algorithms = algorithms
            Overrides = [| struct ("gamma", "power") |]
            Ledger = false
        }

    /// Two algorithms with three seeds of three rounds.
    let three =
        [|
            run "linucb" 0 [ 1.0; 1.0; 1.0 ] []
            run "linucb" 1 [ 0.0; 1.0; 2.0 ] []
            run "linucb" 2 [ 1.0; 2.0; 3.0 ] []
            run "uniform" 0 [ 1.0; 2.0; 3.0 ] []
            run "uniform" 1 [ 1.0; 2.0; 3.0 ] []
            run "uniform" 2 [ 1.0; 2.0; 3.0 ] []
        |]

    let none: RunResult[] -> Bound option = fun _ -> None
    let summary = Summary.create (parameters false [| "uniform"; "linucb" |] 3 [| 0; 1; 2 |]) none three

    let bound = Hindsight.FSharp.SquareCB.expectation Normalization.FixedMu 4 100.0 1.0 20.0 |> Require.ok

    /// One algorithm on data with known means.
    let simulated =
        Summary.create
            (parameters true [| "linucb" |] 2 [| 0; 1 |])
            (fun _ -> Some bound)
            [|
                run "linucb" 0 [ 1.0; 1.0 ] [ 0.25; 0.5 ]
                run "linucb" 1 [ 0.0; 1.0 ] [ 0.75; 1.5 ]
            |]

[<TestFixture>]
type SummaryLaws() =

    let names (element: JsonElement) =
        [ for p in element.EnumerateObject() -> p.Name ]

    [<Test>]
    member _.``the mean of 2, 4, 9 is 5 and its standard error sqrt(13/3)``() =
        let s = Statistic.Of [| 2.0; 4.0; 9.0 |]
        Assert.That(s.Mean, Is.EqualTo(5.0).Within(1).Ulps)
        Assert.That(s.StandardError, Is.EqualTo(sqrt (13.0 / 3.0)).Within(1).Ulps)

    [<Test>]
    member _.``a single value has no standard error``() =
        Assert.That(Double.IsNaN (Statistic.Of [| 3.0 |]).StandardError)

    [<Property>]
    member _.``equal values have standard error 0``(value: NormalFloat, count: PositiveInt) =
        // a mean of n equal numbers may differ from them by n roundings
        let n = count.Get + 1
        let s = Statistic.Of(Array.create n value.Get)
        s.StandardError <= float n * abs value.Get * 2.0 ** -52.0 || Double.IsInfinity(value.Get * float n)

    [<Property>]
    member _.``scaling the values scales mean and standard error``(values: NonEmptyArray<int>) =
        // a power of two: exact
        let values = values.Get |> Array.map float
        let one, four = Statistic.Of values, Statistic.Of(values |> Array.map ((*) 4.0))
        four.Mean = 4.0 * one.Mean && (values.Length = 1 || four.StandardError = 4.0 * one.StandardError)

    [<Test>]
    member _.``algorithms stand in the order asked for, with the costs of their seeds``() =
        let s = Runs.summary
        Assert.That((s.Algorithms |> Array.map _.Name) = [| "uniform"; "linucb" |])
        let linucb = s.Algorithms[1]
        Assert.That(linucb.Costs = [| 1.0; 2.0; 3.0 |])
        Assert.That(linucb.Cost.Mean = 2.0)
        Assert.That(linucb.Cost.StandardError, Is.EqualTo(1.0 / sqrt 3.0).Within(2).Ulps)
        Assert.That(linucb.RoundsPerSecond = 6.0)
        Assert.That((linucb.Curve |> Array.map _.Mean) = [| 2.0 / 3.0; 4.0 / 3.0; 2.0 |])

    [<Test>]
    member _.``where means are known the curve is the pseudo-regret``() =
        let a = Runs.simulated.Algorithms[0]
        Assert.That((a.Curve |> Array.map _.Mean) = [| 0.5; 1.0 |])
        Assert.That(a.PseudoRegret.Mean = 1.0)
        Assert.That(a.PseudoRegret.StandardError = 0.5)
        Assert.That(a.Cost.Mean = 1.0)

    [<Test>]
    member _.``interrupted runs are compared at the rounds that all of them did``() =
        let runs =
            [|
                Runs.run "linucb" 0 [ 1.0; 2.0; 3.0; 4.0 ] []
                { Runs.run "linucb" 1 [ 0.0; 0.0 ] [] with
                    Interrupted = true
                }
            |]

        let s = Summary.create (Runs.parameters false [| "linucb"; "uniform" |] 4 [| 0; 1 |]) Runs.none runs
        Assert.That(s.Interrupted)
        Assert.That(s.Algorithms.Length = 1, "the other one never began")
        Assert.That(s.Algorithms[0].Rounds = 2)
        Assert.That(s.Algorithms[0].Costs = [| 2.0; 0.0 |])

    [<Test>]
    member _.``--json is one line with exactly the promised keys``() =
        let text = Summary.json Runs.summary
        Assert.That(text.Contains '\n', Is.False)
        use document = JsonDocument.Parse text
        let root = document.RootElement
        Assert.That((names root = [ "data"; "rounds"; "protocol"; "algorithms" ]))
        Assert.That(root.GetProperty("data").GetString() = Runs.summary.Parameters.Data)
        let linucb = root.GetProperty("algorithms").[1]

        Assert.That((names linucb = [ "name"; "meanCost"; "standardError"; "costs"; "roundsPerSecond"; "bound" ]), text)

        Assert.That(([ for c in linucb.GetProperty("costs").EnumerateArray() -> c.GetDouble() ] = [ 1.0; 2.0; 3.0 ]))
        Assert.That(linucb.GetProperty("bound").ValueKind = JsonValueKind.Null)

    [<Test>]
    member _.``a bound is its value in --json, and everything that it rests on in summary.json``() =
        use short = JsonDocument.Parse(Summary.json Runs.simulated)
        let value = short.RootElement.GetProperty("algorithms").[0].GetProperty("bound").GetDouble()
        Assert.That((value = Runs.bound.Value))
        use full = JsonDocument.Parse(Summary.fullJson Runs.simulated)
        let bound = full.RootElement.GetProperty("algorithms").[0].GetProperty("bound")
        Assert.That(bound.GetProperty("formula").GetString() = Runs.bound.Formula)
        Assert.That(bound.GetProperty("assumptions").GetArrayLength() = Runs.bound.Assumptions.Length)

    [<Test>]
    member _.``what is not a number is null in JSON``() =
        let one = Summary.create (Runs.parameters false [| "linucb" |] 3 [| 0 |]) Runs.none Runs.three[..0]
        use document = JsonDocument.Parse(Summary.json one)
        let error = document.RootElement.GetProperty("algorithms").[0].GetProperty("standardError")
        Assert.That(error.ValueKind = JsonValueKind.Null)

    [<Test>]
    member _.``summary.json has every parameter and version``() =
        use document = JsonDocument.Parse(Summary.fullJson Runs.summary)
        let root = document.RootElement
        Assert.That(root.GetProperty("realizability").GetString() = "assumed")
        Assert.That(root.GetProperty("overrides").GetProperty("gamma").GetString() = "power")
        Assert.That(root.GetProperty("seeds").GetArrayLength() = 3)

        for name, value in Summary.versions () do
            Assert.That(root.GetProperty("versions").GetProperty(name).GetString() = value)

        let runs = root.GetProperty("algorithms").[0].GetProperty("runs")
        Assert.That(runs.GetArrayLength() = 3)

    [<Test>]
    member _.``results.csv has a line for every algorithm, seed and recorded round``() =
        let lines = (Summary.csv Runs.three).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        Assert.That(lines[0] = "algorithm,seed,round,cost,pseudoRegret")
        Assert.That(lines.Length = 1 + 6 * 3)
        Assert.That(lines[5] = "linucb,1,2,1,")
        Assert.That((Summary.csv Runs.simulated.Results).Contains "linucb,1,2,1,1.5\n")
