namespace Hindsight.Tests.Tool

open System
open System.Globalization
open System.Xml.Linq
open NUnit.Framework
open FsCheck
open FsCheck.NUnit
open Hindsight.Tool

[<TestFixture>]
type ChartsLaws() =

    let named name (svg: XElement) =
        svg.Descendants() |> Seq.filter (fun e -> e.Name.LocalName = name) |> Array.ofSeq

    let svg summary =
        XDocument.Parse(Svg.render (Charts.draw (Charts.ofSummary summary))).Root

    let titles (kind: string) (root: XElement) =
        named kind root
        |> Array.choose (fun e ->
            match named "title" e with
            | [| title |] -> Some title.Value
            | _ -> None)

    let texts root =
        named "text" root |> Array.map _.Value |> Set.ofArray

    [<Test>]
    member _.``every algorithm has a curve in both panels and a name in the legend``() =
        let root = svg Runs.summary

        for name in [ "uniform"; "linucb" ] do
            let curves = titles "polyline" root |> Array.filter _.StartsWith(name + ":")
            Assert.That(curves.Length = 2, name)
            Assert.That((texts root).Contains name)

    [<Test>]
    member _.``seeds that differ have a band, seeds that agree have none``() =
        let bands = titles "polygon" (svg Runs.summary)
        Assert.That((bands = [| "linucb, one standard error"; "linucb, one standard error" |]))

    [<Test>]
    member _.``the log-log panel has both guides``() =
        let lines = svg Runs.summary |> titles "polyline"
        Assert.That(lines |> Array.contains "√(KT), K = 4")
        Assert.That(lines |> Array.contains "log T")

    [<Test>]
    member _.``the figure names data, rounds, seeds and what the axes are``() =
        let texts = svg Runs.summary |> texts
        Assert.That(texts.Contains $"Cumulative cost: {Runs.summary.Parameters.Data}")
        Assert.That(texts |> Set.exists (fun t -> t.StartsWith "3 rounds, 4 arms, protocol iid, seeds 0..2"))
        Assert.That(texts.Contains "round")
        Assert.That(texts.Contains "cumulative cost")
        let simulated = svg Runs.simulated
        Assert.That((named "text" simulated |> Array.map _.Value) |> Array.contains "cumulative pseudo-regret")

    [<Test>]
    member _.``everything drawn lies on the paper``() =
        let root = svg Runs.summary

        let size (name: string) =
            Double.Parse(root.Attribute(XName.Get name).Value, CultureInfo.InvariantCulture)

        let width, height = size "width", size "height"

        for line in Array.append (named "polyline" root) (named "polygon" root) do
            for point in line.Attribute(XName.Get "points").Value.Split ' ' do
                let xy = point.Split ',' |> Array.map (fun x -> Double.Parse(x, CultureInfo.InvariantCulture))
                Assert.That(xy[0] >= 0.0 && xy[0] <= width && xy[1] >= 0.0 && xy[1] <= height, point)

    [<Test>]
    member _.``a figure of a single round, or of costs 0, is still a figure``() =
        let one =
            Summary.create
                (Runs.parameters false [| "linucb" |] 1 [| 0 |])
                Runs.none
                [| Runs.run "linucb" 0 [ 0.0 ] [] |]

        let text = Svg.render (Charts.draw (Charts.ofSummary one))
        Assert.That(text.Contains "NaN", Is.False)
        Assert.That(text.Contains "∞", Is.False)

    [<Property>]
    member _.``linear ticks begin at 0, are even, and end at or just beyond the highest value``(high: PositiveInt) =
        let high = float high.Get / 7.0
        let ticks = Charts.linearTicks high
        let step = ticks[1] - ticks[0]
        let last = ticks[ticks.Length - 1]

        ticks[0] = 0.0
        && last >= high * 0.999999
        && last - step < high
        && ticks.Length >= 4
        && ticks.Length <= 7

    [<Property>]
    member _.``logarithmic ticks are increasing and lie between the ends``(low: PositiveInt, factor: PositiveInt) =
        let low = float low.Get / 100.0
        let high = low * float (1 + factor.Get)
        let ticks = Charts.logTicks low high

        Array.pairwise ticks |> Array.forall (fun (a, b) -> a < b)
        && ticks |> Array.forall (fun t -> t >= low * 0.99999 && t <= high * 1.00001)

    [<Test>]
    member _.``a PNG is one: its signature, and as many pixels as twice the drawing``() =
        let drawing = Charts.draw (Charts.ofSummary Runs.summary)
        let bytes = Png.render drawing
        Assert.That(bytes[..7] = [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |])
        let width = int bytes[16] <<< 24 ||| (int bytes[17] <<< 16) ||| (int bytes[18] <<< 8) ||| int bytes[19]
        Assert.That((width = int (2.0 * drawing.Width)))

    [<Test>]
    member _.``without fonts every letter still has its dots, within five columns``() =
        for code in [ '!' .. '~' ] do
            let dots = Glyphs.dots (string code)
            Assert.That(dots.Length > 0, string code)
            Assert.That(dots |> Array.forall (fun (struct (column, row)) -> column < 5 && row < 8), string code)

        let all = [ for code in [ ' ' .. '~' ] -> Glyphs.dots (string code) ]
        Assert.That((List.distinct all).Length = all.Length, "two letters look the same")

    [<Test>]
    member _.``the report is one file with the figure, the table and the command inside, and fetches nothing``() =
        let html = Report.html Runs.summary
        Assert.That(html.Contains "<svg")
        Assert.That(html.Contains "by &lt;hand&gt; &amp; &quot;eye&quot;")
        Assert.That(html.Contains "realizability: assumed")
        Assert.That(html.Contains "hindsight run --data &quot;by hand&quot; --algorithms uniform,linucb")

        for fetched in [ "<script"; "<link"; " src="; "url("; "@import"; "href=" ] do
            Assert.That(html.Contains fetched, Is.False, fetched)

    [<Test>]
    member _.``the report of simulated data shows pseudo-regret and bound side by side, and the bound in full``() =
        let header, rows = Report.table Runs.simulated
        Assert.That((header |> List.contains "mean pseudo-regret" && header |> List.contains "bound"))
        Assert.That((rows[0] |> List.contains (Runs.bound.Value.ToString("#,##0.0", CultureInfo.InvariantCulture))))
        let html = Report.html Runs.simulated
        Assert.That(html.Contains "realizability: by construction")
        Assert.That(html.Contains Runs.bound.Assumptions[0].Name)
