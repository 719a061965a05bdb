namespace Hindsight.Tests.Theory

open System
open System.IO
open System.Text.RegularExpressions
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// The pages and the index of theorems name what the registry has.
[<TestFixture>]
type PageLaws() =
    let docs =
        let rec climb (folder: DirectoryInfo) =
            if isNull folder then
                None
            elif File.Exists(Path.Combine(folder.FullName, "Solution.sln")) then
                Some(Path.Combine(folder.FullName, "docs"))
            else
                climb folder.Parent

        lazy
            (match climb (DirectoryInfo AppContext.BaseDirectory) with
             | Some docs -> docs
             | None ->
                 Assert.Ignore "the tests run outside of the repository: its pages are not there"
                 "")

    let scripts () =
        Directory.GetFiles(docs.Value, "*.fsx") |> Array.map File.ReadAllText |> String.concat "\n"

    [<Test>]
    member _.``Every family of theorems is on a page, and every family on a page exists``() =
        let shown =
            Regex.Matches(scripts (), "Page\\.family \"([^\"]+)\"")
            |> Seq.map (fun m -> m.Groups[1].Value)
            |> Set.ofSeq

        let families = Bounds.all |> Seq.map _.Family |> Set.ofSeq
        Assert.That(Set.difference families shown, Is.Empty, "without a page")
        Assert.That(Set.difference shown families, Is.Empty, "on a page, but not in the registry")

    [<Test>]
    member _.``The index of theorems has every calculator with its law``() =
        let index = File.ReadAllText(Path.Combine(docs.Value, "theorems.md"))

        for c in Bounds.all do
            Assert.That(index, Does.Contain c.Name, "make it anew: dotnet run -c Release --project bench -- theorems")
            Assert.That(index, Does.Contain c.Law, "make it anew: dotnet run -c Release --project bench -- theorems")
