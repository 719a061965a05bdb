namespace Hindsight.Tests.Tool

open System
open System.IO
open System.Text.Json
open System.Threading
open System.Xml.Linq
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

/// The commands about bounds, from arguments to an exit code, output and files.
[<TestFixture>]
type BoundCommandLaws() =
    let invoke (arguments: string) =
        use out = new StringWriter()
        use error = new StringWriter()

        let code =
            Program.run
                {
                    Out = out
                    Error = error
                    Cancel = CancellationToken.None
                }
                (arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))

        code, out.ToString(), error.ToString()

    let json arguments (read: JsonElement -> 'R) =
        let code, out, error = invoke (arguments + " --json")
        Assert.That((code = 0), error)
        Assert.That((out.Trim().Split '\n').Length = 1, out)
        use document = JsonDocument.Parse out
        read document.RootElement

    let refused (arguments: string) (words: string list) =
        let code, out, error = invoke arguments
        Assert.That((code = 2), error)
        Assert.That(out, Is.Empty)

        for word in words do
            Assert.That(error, Does.Contain word)

    let given = "--set T=1e6 --set K=10 --set R=50"

    [<Test>]
    member _.``the list has every bound, as a table, as JSON, and by family``() =
        let code, out, _ = invoke "bound list"
        Assert.That((code = 0))

        for c in Bounds.all do
            Assert.That(out, Does.Contain c.Name)

        json "bound list" (fun root ->
            Assert.That(root.GetArrayLength() = Bounds.all.Length)

            for row in root.EnumerateArray() do
                for key in
                    [
                        "name"
                        "statement"
                        "source"
                        "kind"
                        "direction"
                        "inputs"
                        "formula"
                        "law"
                    ] do
                    Assert.That(fst (row.TryGetProperty key), key))

        let family = Bounds.all[0].Family

        json $"bound list --family {family}" (fun root ->
            Assert.That(root.GetArrayLength() = (Bounds.all |> Array.filter (fun c -> c.Family = family)).Length))

    [<Test>]
    member _.``a bound prints value, formula, source, terms, assumptions and what holds without it``() =
        let code, out, _ = invoke $"bound squarecb {given} --sensitivity --tex"
        Assert.That((code = 0))

        for word in
            [
                "at most"
                "30000"
                "formula"
                "source"
                "gamma"
                "Assumed"
                "without it"
                "statement"
                "\\frac"
            ] do
            Assert.That(out, Does.Contain word)

        let _, vacuous, _ = invoke "bound squarecb --set T=10 --set K=10 --set R=50"
        Assert.That(vacuous, Does.Contain "VACUOUS")

    [<Test>]
    member _.``JSON has the bound's fields and the library's numbers``() =
        let bound =
            Bounds.find "squarecb"
            |> Result.bind (BoundCalculator.evaluate [ "T", [| 1e6 |]; "K", [| 10.0 |]; "R", [| 50.0 |] ])
            |> Require.ok

        json $"bound squarecb {given} --sensitivity --optimise gamma --tex" (fun root ->
            let text (key: string) = root.GetProperty(key).GetString()
            Assert.That(root.GetProperty("value").GetDouble(), Is.EqualTo(bound.Value).Within(1e-9).Percent)
            Assert.That(text "kind", Is.EqualTo "Expectation")
            Assert.That(text "direction", Is.EqualTo "upper")
            Assert.That(text "source", Is.EqualTo bound.Source)
            Assert.That(text "formula", Is.EqualTo bound.Formula)
            Assert.That(text "tex", Is.Not.Empty)
            Assert.That(root.GetProperty("terms").GetArrayLength() = bound.Terms.Length)
            Assert.That(root.GetProperty("assumptions").GetArrayLength() = bound.Assumptions.Length)
            Assert.That(root.GetProperty("vacuous").GetBoolean(), Is.False)
            let slope = root.GetProperty("sensitivity").GetProperty("gamma")
            Assert.That(slope.GetProperty("elasticity").GetDouble(), Is.EqualTo(0.0).Within(1e-7))

            Assert.That(
                root.GetProperty("optimum").GetProperty("gamma").GetDouble(),
                Is.EqualTo(1200.0).Within(1e-6).Percent
            ))

    [<Test>]
    member _.``a comparison draws every bound and prints it at five points``() =
        let folder = Directory.CreateTempSubdirectory("hindsight-").FullName

        try
            let path = Path.Combine(folder, "bounds.svg")

            let code, out, error =
                invoke $"bound compare squarecb,squarecb-exact --vary T=1e2..1e8 --set K=10 --set R=50 --out {path}"

            Assert.That((code = 0), error)
            Assert.That(out, Does.Contain("squarecb-exact").And.Contain("vacuous"))

            let names =
                (XDocument.Load path).Descendants()
                |> Seq.filter (fun e -> e.Name.LocalName = "title")
                |> Seq.map _.Value

            Assert.That(names, Does.Contain "squarecb")
            Assert.That(names, Does.Contain "squarecb-exact")
            Assert.That(names, Does.Contain "trivial")

            json "bound compare squarecb,squarecb-exact --vary T=1e2..1e8 --set K=10 --set R=50" (fun root ->
                let values i =
                    root[i].GetProperty("value").EnumerateArray() |> Seq.map _.GetDouble() |> Seq.toArray

                Assert.That((values 0).Length = 97)
                Assert.That(Array.forall2 (fun a b -> a >= b) (values 0) (values 1))
                Assert.That((values 0)[96], Is.EqualTo(sqrt (18.0 * 1e8 * 50.0)).Within(1e-9).Percent))
        finally
            Directory.Delete(folder, true)

    [<Test>]
    member _.``what is wrong with a question is said in a sentence``() =
        refused "bound" [ "NAME" ]
        refused "bound squarecp --set T=1" [ "squarecp"; "squarecb" ]
        refused "bound squarecb --set T=1e6" [ "K"; "R" ]
        refused $"bound squarecb {given} --set X=1" [ "X" ]
        refused "bound squarecb --set T=-1 --set K=10 --set R=50" [ "horizon"; "-1" ]
        refused "bound squarecb --set T=nan --set K=10 --set R=50" [ "T"; "nan" ]
        refused $"bound squarecb {given} --optimise X" [ "X" ]
        refused $"bound growth --optimise mu --set G=1 --set mu=1 --set T=10 --set C=0" [ "mu"; "infinity" ]
        refused "bound compare squarecb --set K=10 --set R=50" [ "--vary" ]
        refused "bound compare squarecb --vary T=9..1 --set K=10 --set R=50" [ "--vary" ]
        refused "bound compare squarecb --vary X=1..9 --set K=10 --set R=50" [ "X" ]
        refused "bound compare squarecb --vary T=1..9 --set K=10 --set R=50 --out picture.txt" [ ".svg" ]
        refused "bound list --family nothing" [ "nothing" ]
