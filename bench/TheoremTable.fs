namespace Hindsight.Bench

open System
open System.IO
open Hindsight
open Hindsight.FSharp
open Hindsight.Tests.Theory

/// The index of theorems, from the registry, with how near each bound the witnesses of the tests come.
[<RequireQualifiedAccess>]
module TheoremTable =
    /// The page that shows a family: the script that asks for it.
    let private pageOf (family: string) =
        Directory.GetFiles(Path.Combine(Page.root.Value, "docs"), "*.fsx")
        |> Array.tryFind (fun file -> (File.ReadAllText file).Contains $"Page.family \"{family}\"")
        |> Option.map (fun file -> Path.GetFileNameWithoutExtension file + ".html")

    let private cell (text: string) =
        text.Replace("|", "&#124;").Replace("\n", " ")

    let private direction (d: BoundDirection) =
        match d with
        | BoundDirection.Lower -> "lower"
        | BoundDirection.Equal -> "equal"
        | _ -> "upper"

    let run (options: BenchOptions) =
        let seeds = options.Seeds |> Option.defaultValue (if options.Quick then 20 else 1000)

        /// The largest ratio over generated and constructed instances, and why the bound is loose if it is.
        let reached =
            Witnesses.all
            |> List.groupBy _.Calculator
            |> List.map (fun (name, witnesses) ->
                let ratio =
                    witnesses
                    |> List.map (fun w -> max (w.Worst()) (Seq.init seeds (fun i -> w.Generated(i + 1)) |> Seq.max))
                    |> List.max

                name, (ratio, witnesses |> List.choose (fun w -> Option.ofObj w.Loose) |> List.tryHead))
            |> Map.ofList

        let row (c: BoundCalculator) =
            let link =
                match pageOf c.Family with
                | Some page -> $"[{c.Name}]({page}#{c.Name})"
                | None -> c.Name

            let ratio, loose = reached[c.Name]

            let tightness =
                if c.Direction = BoundDirection.Equal then
                    "equal"
                elif ratio >= 0.001 then
                    ratio.ToString("0.000", Globalization.CultureInfo.InvariantCulture)
                else
                    Show.scientific ratio

            let why =
                match loose with
                | Some reason when ratio <= 0.9 -> reason
                | _ -> ""

            $"| {link} | {cell c.Title} | {c.Kind}, {direction c.Direction} | {cell c.Source} | {cell c.Law} | {tightness} | {cell why} |"

        let families = Bounds.all |> Array.map _.Family |> Array.distinct
        let equal, bounds = Bounds.all |> Array.partition (fun c -> c.Direction = BoundDirection.Equal)
        let tight = bounds |> Array.filter (fun c -> fst reached[c.Name] > 0.9)

        [
            $"{Bounds.all.Length} calculators in {families.Length} families: {equal.Length} equalities and {bounds.Length} bounds, {tight.Length} of which an instance reaches to within a tenth. {seeds} random instances a witness, and the worst that is constructed."
            for family in families do
                ""
                $"## {family}"
                ""
                "| calculator | theorem | kind | source | law | reached | why not nearer |"
                "|---|---|---|---|---|---|---|"

                for c in Bounds.all do
                    if c.Family = family then
                        row c
        ]
        |> String.concat "\n"
