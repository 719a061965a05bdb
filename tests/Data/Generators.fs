namespace Hindsight.Tests.Data

open System
open System.Collections.Generic
open NUnit.Framework
open Hindsight
open Hindsight.Data
open Hindsight.Data.Generators
open Hindsight.Tests.Data.Support

/// Laws of drawn tables, as functions of the table, so that a wrong one can be passed in.
module GeneratorLaws =
    /// Chance of a false alarm of a statistical law.
    let alarm = 1e-9

    /// Hoeffding: the frequency of an event over n draws, within its tolerance of the probability.
    let frequency probability (events: bool[]) =
        let n = float events.Length
        let seen = float (events |> Array.filter id |> Array.length)
        abs (seen / n - probability) <= Math.Sqrt(Math.Log(2.0 / alarm) / (2.0 * n))

    /// A segment of a digit is inverted with probability 0.1: against the segments of the digits, written down anew.
    let ledFaults (table: ITable) =
        let digits = [| 0x77; 0x12; 0x5D; 0x5B; 0x3A; 0x6B; 0x6F; 0x52; 0x7F; 0x7B |]

        let faults =
            rows table
            |> Array.collect (fun (values, digit) ->
                Array.init 7 (fun i -> values[i] <> float (digits[digit] >>> (6 - i) &&& 1)))

        frequency 0.1 faults

    /// The class means of Breiman's waveform are the midpoints of two triangles (x_i has variance at most 1 + 36/12 = 4 about it).
    let waveformMeans (table: ITable) =
        let triangle peak i = float (max (6 - abs (i - peak)) 0)
        let pairs = [| 11, 15; 11, 7; 15, 7 |]

        rows table
        |> Array.groupBy snd
        |> Array.forall (fun (label, group) ->
            let first, second = pairs[label]
            let n = float group.Length

            Array.init table.Schema.Columns.Length id
            |> Array.forall (fun i ->
                let expected =
                    if i < 21 then
                        (triangle first (i + 1) + triangle second (i + 1)) / 2.0
                    else
                        0.0
                // a sum of a bounded and a normal variable is sub-Gaussian with variance at most 1 + 36/4
                let tolerance = Math.Sqrt(2.0 * 10.0 * Math.Log(2.0 * 120.0 / alarm) / n)
                abs ((group |> Array.averageBy (fun (values, _) -> values[i])) - expected) <= tolerance))

[<TestFixture>]
type GeneratorTests() =

    let counts (table: ITable) =
        Array.zip table.Schema.Classes (Table.classCounts table) |> List.ofArray

    [<Test>]
    member _.``tic-tac-toe has 958 final boards, of which x has won 626``() =
        let table = TicTacToe.table ()
        Assert.That(table.Rows, Is.EqualTo 958)
        Assert.That((counts table = [ "negative", 332; "positive", 626 ]))

    [<Test>]
    member _.``the balance scale tips left and right 288 times and is level 49 times``() =
        Assert.That((counts (BalanceScale.table ()) = [ "L", 288; "B", 49; "R", 288 ]))

    [<TestCase(1, 216)>]
    [<TestCase(2, 142)>]
    [<TestCase(3, 228)>]
    member _.``each MONK's problem has 432 robots and its known number of positives``(problem, positives) =
        let table = ok (Monks.table problem)
        Assert.That((counts table = [ "0", 432 - positives; "1", positives ]))
        Assert.That(rows table |> Array.map fst |> Array.distinct |> Array.length, Is.EqualTo 432)

    [<Test>]
    member _.``king-rook-king has the class counts of the UCI set``() =
        let known =
            [
                "draw", 2796
                "zero", 27
                "one", 78
                "two", 246
                "three", 81
                "four", 198
                "five", 471
                "six", 592
                "seven", 683
                "eight", 1433
                "nine", 1712
                "ten", 1985
                "eleven", 2854
                "twelve", 3597
                "thirteen", 4194
                "fourteen", 4553
                "fifteen", 2166
                "sixteen", 390
            ]

        let table = KingRookKing.table ()
        Assert.That(table.Rows, Is.EqualTo 28056)
        Assert.That((counts table = known))
        Assert.That(rows table |> Array.map fst |> Array.distinct |> Array.length, Is.EqualTo 28056)

    [<Test>]
    [<Category("Long")>]
    member _.``the classes of all 2,598,960 poker hands have their known sizes``() =
        let sizes = Array.zeroCreate 10

        for a in 0..47 do
            for b in a + 1 .. 48 do
                for c in b + 1 .. 49 do
                    for d in c + 1 .. 50 do
                        for e in d + 1 .. 51 do
                            let label = Poker.classify [| a; b; c; d; e |]
                            sizes[label] <- sizes[label] + 1

        let known = [| 1302540; 1098240; 123552; 54912; 10200; 5108; 3744; 624; 36; 4 |]

        Assert.That((sizes = known))

    [<Test>]
    member _.``drawn poker hands have five different cards, and a pair as often as all hands together``() =
        let table = Poker.table 20000 3UL
        let drawn = rows table

        for values, _ in drawn do
            let cards = values |> Array.chunkBySize 2 |> Array.distinct
            Assert.That(cards.Length, Is.EqualTo 5)

        Assert.That(GeneratorLaws.frequency (1098240.0 / 2598960.0) (drawn |> Array.map (fun (_, c) -> c = 1)))
        Assert.That(GeneratorLaws.frequency 0.25 (drawn |> Array.map (fun (values, _) -> values[8] = 3.0)))

    [<TestCase(7)>]
    [<TestCase(24)>]
    member _.``a segment of a display is faulty with probability 0.1``(attributes) =
        let table = ok (Led.table attributes 5000 1UL)
        Assert.That(table.Schema.Columns.Length, Is.EqualTo attributes)
        Assert.That(GeneratorLaws.ledFaults table)

    [<Test>]
    member _.``a display without faults is rejected``() =
        let table = ok (Led.table 7 5000 1UL)
        let faultless = rows table |> Array.groupBy snd |> dict

        let clean =
            Table.computed
                table.Schema
                5000
                (Func<_, _, _>(fun row values ->
                    let digit = row % 10
                    // the most frequent value of a segment is the true one
                    for i in 0..6 do
                        let share = faultless[digit] |> Array.averageBy (fun (v, _) -> v[i])
                        values[i] <- Math.Round share

                    digit))

        Assert.That(not (GeneratorLaws.ledFaults clean))

    [<TestCase(21)>]
    [<TestCase(40)>]
    member _.``the class means of the waveform are midpoints of two triangles``(features) =
        let table = ok (Waveform.table features 6000 2UL)
        Assert.That(table.Schema.Columns.Length, Is.EqualTo features)
        Assert.That(GeneratorLaws.waveformMeans table)

    [<Test>]
    member _.``a waveform with exchanged classes is rejected``() =
        let table = ok (Waveform.table 21 6000 2UL)

        let exchanged = rows table |> Array.map (fun (values, label) -> struct (values, 2 - label))

        Assert.That(not (GeneratorLaws.waveformMeans (Table.ofRows table.Schema exchanged)))

    [<Test>]
    member _.``every table of the catalogue is a function of its name and seed, and drawn ones change with the seed``
        ()
        =
        for name in Catalog.names do
            match ok (Catalog.openSet name 5UL), ok (Catalog.openSet name 5UL), ok (Catalog.openSet name 6UL) with
            | CatalogSet.Table first, CatalogSet.Table second, CatalogSet.Table other ->
                let some (table: ITable) =
                    use reader = table.OpenReader()

                    Array.init 20 (fun row ->
                        let values = Array.zeroCreate<float> table.Schema.Columns.Length
                        let label = reader.Read(7 * row, values.AsSpan())
                        values, label)

                Assert.That((some first = some second), name)
                let drawn = first.Rows = 100000
                Assert.That((some first <> some other), Is.EqualTo drawn, name)
            | CatalogSet.Simulated _, _, _ -> ()
            | _ -> Assert.Fail name

    [<Test>]
    member _.``an unknown name suggests the nearest``() =
        match error (Catalog.openSet "tictactoe" 0UL) with
        | HindsightError.UnknownName(_, _, nearest, _) -> Assert.That(nearest, Is.EqualTo "tic-tac-toe")
        | other -> Assert.Fail other.Message

    [<Test>]
    member _.``every name of the catalogue has a description, whatever its case``() =
        for name in Catalog.names do
            Assert.That(ok (Catalog.describe (name.ToUpperInvariant())), Is.Not.Empty)
