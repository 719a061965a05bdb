namespace Hindsight.Tests.Tool

open System
open NUnit.Framework
open FsCheck
open FsCheck.NUnit
open Hindsight
open Hindsight.Tool

[<TestFixture>]
type ArgumentsLaws() =

    let known = [ "neufastcb"; "linucb"; "uniform" ]

    let message result =
        match result with
        | Ok _ -> ""
        | Error(error: HindsightError) -> error.Message

    [<TestCase("3", "3")>]
    [<TestCase("0..4", "0,1,2,3,4")>]
    [<TestCase("1,5,9", "1,5,9")>]
    [<TestCase(" 7 , 0..2", "7,0,1,2")>]
    [<TestCase("2..2", "2")>]
    member _.``seeds are numbers, ranges with both ends, and lists``(text, expected: string) =
        let seeds = Arguments.seeds text |> Require.ok
        Assert.That(String.Join(",", seeds) = expected)

    [<TestCase("")>]
    [<TestCase("-1")>]
    [<TestCase("4..1")>]
    [<TestCase("0..")>]
    [<TestCase("0...4")>]
    [<TestCase("1,,2")>]
    [<TestCase("1,1")>]
    [<TestCase("0..3,2")>]
    [<TestCase("x")>]
    [<TestCase("1.5")>]
    [<TestCase("0..1000000000")>]
    [<TestCase("99999999999")>]
    member _.``wrong seeds are refused by a sentence that names the option``(text: string) =
        let sentence = Arguments.seeds text |> message
        Assert.That(sentence.StartsWith "--seeds is ", sentence)

    [<Property>]
    member _.``seeds written as text read back the same``(seeds: NonEmptySet<NonNegativeInt>, sorted: bool) =
        let seeds = seeds.Get |> Set.toArray |> Array.map _.Get
        let seeds = if sorted then seeds else Array.rev seeds
        Arguments.seedsText seeds |> Arguments.seeds = Ok seeds

    [<Property>]
    member _.``a range written as text is a range``(first: NonNegativeInt, length: PositiveInt) =
        let last = first.Get + length.Get
        Arguments.seedsText [| first.Get .. last |] = $"{first.Get}..{last}"

    [<Test>]
    member _.``algorithms keep their order, whatever their case``() =
        Assert.That((Arguments.algorithms known "Uniform, LinUCB" = Ok [| "uniform"; "linucb" |]))

    [<Test>]
    member _.``an unknown algorithm suggests the nearest``() =
        let sentence = Arguments.algorithms known "uniform,linucbb" |> message
        Assert.That(sentence.Contains "did you mean 'linucb'?", sentence)

    [<Test>]
    member _.``an algorithm given twice is refused``() =
        let sentence = Arguments.algorithms known "uniform,uniform" |> message
        Assert.That(sentence.StartsWith "--algorithms is ", sentence)

    [<Test>]
    member _.``settings are split at the first equals sign``() =
        let expected: Result<struct (string * string)[], HindsightError> =
            Ok [| struct ("gamma", "power"); struct ("a", "b=c") |]

        Assert.That((Arguments.settings [| "gamma=power"; " a = b=c" |] = expected))

    [<TestCase("gamma")>]
    [<TestCase("=1")>]
    [<TestCase("gamma=")>]
    [<TestCase("")>]
    member _.``a setting without key or value is refused``(text: string) =
        let sentence = Arguments.setting text |> message
        Assert.That(sentence.StartsWith "--set is ", sentence)

    [<TestCase(0, 958, 958)>]
    [<TestCase(0, Int32.MaxValue, 10000)>]
    [<TestCase(500, 958, 500)>]
    [<TestCase(2000, 958, 958)>]
    [<TestCase(2000, Int32.MaxValue, 2000)>]
    member _.``rounds are those asked for, at most those that there are``(asked, available, expected) =
        Assert.That(Arguments.rounds asked available = expected)
