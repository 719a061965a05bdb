namespace Hindsight.Tests.Data

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.Data
open Hindsight.Data.Generators
open Hindsight.Tests.Data.Support

/// Laws of environments, as functions of the environment, so that a wrong one can be passed in.
module EnvironmentLaws =
    /// A table of n rows in which the context tells the class: one column with a category a class.
    let transparent classes n =
        let names = Array.init classes string

        Table.ofRows
            {
                Name = "transparent"
                Columns = [| Column.Categorical("class", names) |]
                Classes = names
            }
            (Array.init n (fun i -> struct ([| float (i % classes) |], i % classes)))

    let arm (round: Round) = Array.IndexOf(round.Costs, 0.0)

    /// Arm of cost 0 over a transparent table: the class in even blocks, the reversed class in odd ones; every other arm costs 1.
    let rotates block (environment: IEnvironment) seed most =
        rounds environment seed most
        |> Array.indexed
        |> Array.forall (fun (t, round) ->
            let label = Array.IndexOf(round.Context, 1.0)

            let expected =
                if t / block % 2 = 0 then
                    label
                else
                    environment.Arms - 1 - label

            arm round = expected
            && Array.sum round.Costs = float (environment.Arms - 1)
            && Array.forall Double.IsNaN round.Means)

    /// Means and costs lie in [0,1], and costs deviate from their means as Azuma and Hoeffding allow (chance of a false alarm 1e-9).
    let realizable (environment: IEnvironment) seed n =
        let drawn = rounds environment seed n
        let inside x = x >= 0.0 && x <= 1.0

        let tolerance = Math.Sqrt(float n * Math.Log(2.0 * float environment.Arms / 1e-9) / 2.0)

        environment.MeansKnown
        && drawn |> Array.forall (fun r -> Array.forall inside r.Costs && Array.forall inside r.Means)
        && Seq.init environment.Arms (fun arm -> drawn |> Array.sumBy (fun r -> r.Costs[arm] - r.Means[arm]))
           |> Seq.forall (fun excess -> abs excess <= tolerance)

    /// The same seed gives the same rounds; another seed gives others.
    let determined (environment: IEnvironment) seed n =
        let bits (drawn: Round[]) =
            drawn
            |> Array.map (fun r ->
                Array.concat [ r.Context; r.Costs; r.Means ] |> Array.map BitConverter.DoubleToInt64Bits)

        bits (rounds environment seed n) = bits (rounds environment seed n)
        && bits (rounds environment seed n) <> bits (rounds environment (seed + 1UL) n)

[<TestFixture>]
type EnvironmentTests() =

    let classification table protocol rounds =
        ok (Classification.environment table protocol rounds)

    let simulated =
        [
            Simulated.linear
            Simulated.synthetic 1
            Simulated.synthetic 2
            Simulated.synthetic 3
            Simulated.randomNetwork
        ]

    [<Property(MaxTest = 50)>]
    member _.``rotating: the arms are reversed in every second block of N rounds``
        (seed: uint64, block: byte, classes: byte)
        =
        let block = 1 + int block % 20
        let classes = 2 + int classes % 5

        let environment = classification (EnvironmentLaws.transparent classes 30) (Protocol.Rotating block) 100

        EnvironmentLaws.rotates block environment seed 100

    [<Property(MaxTest = 20)>]
    member _.``iid: arm k is class k in every round``(seed: uint64) =
        let environment = classification (EnvironmentLaws.transparent 4 30) Protocol.Iid 100

        EnvironmentLaws.rotates 1000 environment seed 100

    [<Test>]
    member _.``a protocol that rotates in other rounds is rejected``() =
        let wrong = classification (EnvironmentLaws.transparent 3 30) (Protocol.Rotating 4) 100

        Assert.That(not (EnvironmentLaws.rotates 5 wrong 1UL 100))
        Assert.That(not (EnvironmentLaws.rotates 1000 wrong 1UL 100))

    [<Property(MaxTest = 20)>]
    member _.``every pass takes each row once, in an order of its own``(seed: uint64) =
        let n = 40

        let table =
            Table.ofRows
                {
                    Name = "numbered"
                    Columns = [| Column.Categorical("row", Array.init n string) |]
                    Classes = [| "a"; "b" |]
                }
                (Array.init n (fun i -> struct ([| float i |], i % 2)))

        let environment = classification table Protocol.Iid (3 * n)

        let passes =
            rounds environment seed Int32.MaxValue
            |> Array.map (fun round -> Array.IndexOf(round.Context, 1.0))
            |> Array.chunkBySize n

        passes.Length = 3
        && passes |> Array.forall (fun pass -> Array.sort pass = [| 0 .. n - 1 |])
        && (Array.distinct passes).Length = 3

    [<Test>]
    member _.``without a number of rounds there is one pass``() =
        let environment = classification (BalanceScale.table ()) Protocol.Iid 0
        Assert.That(environment.Rounds, Is.EqualTo 625)
        Assert.That((rounds environment 0UL Int32.MaxValue).Length, Is.EqualTo 625)

    [<Test>]
    member _.``a context has a standardised number a numeric column and one 1 among each column's categories``() =
        let environment = classification (TicTacToe.table ()) Protocol.Iid 0
        Assert.That(environment.ContextSize, Is.EqualTo 27)

        for round in rounds environment 3UL 200 do
            for square in Array.chunkBySize 3 round.Context do
                Assert.That(Array.sort square = [| 0.0; 0.0; 1.0 |])

    [<Test>]
    member _.``runs of tables and simulations are functions of the seed``() =
        for name in [ "balance-scale"; "waveform-21"; "king-rook-king"; "linear"; "synthetic-2" ] do
            let environment =
                ok (
                    Source.openEnvironment
                        { SourceOptions.For name with
                            Rounds = 100
                        }
                )

            Assert.That(EnvironmentLaws.determined environment 7UL 100, name)

    [<Test>]
    member _.``simulated costs have the means that are told``() =
        for make in simulated do
            for noise in [ CostNoise.Bernoulli; CostNoise.Uniform 0.3 ] do
                let environment =
                    ok (
                        make
                            { SimulatedOptions.Default with
                                Noise = noise
                            }
                    )

                Assert.That(EnvironmentLaws.realizable environment 1UL 4000, environment.Name)

    [<Test>]
    member _.``simulated costs about other means are rejected``() =
        let environment = ok (Simulated.linear SimulatedOptions.Default)

        let wrong =
            { new IEnvironment with
                member _.Name = environment.Name
                member _.Arms = environment.Arms
                member _.ContextSize = environment.ContextSize
                member _.Rounds = environment.Rounds
                member _.MeansKnown = true

                member _.Open seed =
                    let run = environment.Open seed

                    { new IRounds with
                        member _.Next(context, costs, means) =
                            let more = run.Next(context, costs, means)
                            means[0] <- 0.8 * means[0]
                            more

                        member _.Dispose() = run.Dispose()
                    }
            }

        Assert.That(not (EnvironmentLaws.realizable wrong 1UL 4000))

    [<Test>]
    member _.``mean costs of simulations are spread: the best arm beats the average arm``() =
        for make in simulated do
            let drawn = rounds (ok (make SimulatedOptions.Default)) 2UL 1000
            let gap = drawn |> Array.averageBy (fun r -> Array.average r.Means - Array.min r.Means)
            Assert.That(gap, Is.GreaterThan 0.05)

    [<Test>]
    member _.``the kind of noise moves neither contexts nor means``() =
        let run noise =
            rounds
                (ok (
                    Simulated.randomNetwork
                        { SimulatedOptions.Default with
                            Noise = noise
                        }
                ))
                5UL
                50
            |> Array.map (fun r -> r.Context, r.Means)

        Assert.That((run CostNoise.Bernoulli = run (CostNoise.Uniform 0.1)))

    [<TestCase("rotating")>]
    [<TestCase("rotating:0")>]
    [<TestCase("rotating:x")>]
    [<TestCase("random")>]
    member _.``a wrong protocol is an error that names it``(text: string) =
        match error (Protocol.Parse text) with
        | HindsightError.OutOfRange("protocol", value, _) -> Assert.That(value, Does.Contain text)
        | other -> Assert.Fail other.Message

    [<Test>]
    member _.``protocols are read in any case, and iid is the default``() =
        Assert.That((ok (Protocol.Parse null) = Protocol.Iid))
        Assert.That((ok (Protocol.Parse "Rotating:500") = Protocol.Rotating 500))

    [<Test>]
    member _.``sizes out of range are errors``() =
        let wrong =
            [
                { SimulatedOptions.Default with
                    ContextSize = 0
                }
                { SimulatedOptions.Default with
                    Arms = 1
                }
                { SimulatedOptions.Default with
                    Rounds = -1
                }
                { SimulatedOptions.Default with
                    Noise = CostNoise.Uniform nan
                }
            ]

        for options in wrong do
            Assert.That((error (Simulated.linear options)).IsOutOfRange)

        Assert.That((error (Classification.environment (BalanceScale.table ()) Protocol.Iid -1)).IsOutOfRange)
        Assert.That((error (Simulated.synthetic 4 SimulatedOptions.Default)).IsOutOfRange)
