namespace Hindsight.Bench

open System
open Hindsight
open Hindsight.FSharp

/// Exact inverse gap weighting against the fixed normalisation.
[<RequireQualifiedAccess>]
module Weighting =
    let private scales = [ "10"; "30"; "100"; "300" ]
    let private algorithms = [ "neufastcb"; "neusquarecb" ]

    let private variant algorithm normalization scale =
        Variant.Of(
            $"{algorithm}, {normalization}, {scale}",
            algorithm,
            [ "normalization", normalization; "gamma-scale", scale ]
        )

    let private standardScale algorithm =
        (BanditSettings.Create(algorithm, 1, 2, 0UL) |> Require.ok).Values
        |> Seq.find (fun pair -> pair.Key = "gamma-scale")
        |> _.Value

    let private scaleOf (v: Variant) =
        v.Settings |> List.find (fun (key, _) -> key = "gamma-scale") |> snd

    let private onSet (options: BenchOptions) data =
        printfn "%s" data
        let environment = Sets.opened "iid" options.Horizon data
        let kinds = List.allPairs algorithms [ "fixed"; "exact" ]

        let tuned =
            kinds
            |> List.map (fun (algorithm, normalization) -> scales |> List.map (variant algorithm normalization))
            |> Runs.tune environment options

        let same =
            kinds
            |> List.map (fun (algorithm, normalization) -> variant algorithm normalization (standardScale algorithm))

        let outcomes =
            Runs.all environment options.Horizon options.ReportSeeds (same @ tuned)
            |> List.map (fun o -> o.Costs)

        List.zip (same @ tuned) outcomes
        |> List.chunkBySize 2
        |> List.map (fun pair ->
            match pair with
            | [ fixedOne, fixedCosts; exactOne, exactCosts ] ->
                let scales =
                    if scaleOf fixedOne = scaleOf exactOne then
                        scaleOf fixedOne
                    else
                        $"{scaleOf fixedOne} / {scaleOf exactOne}"

                [
                    $"{fixedOne.Algorithm}, {data}"
                    scales
                    Show.spread fixedCosts
                    Show.spread exactCosts
                    Show.difference (Sample.paired exactCosts fixedCosts)
                ]
            | _ -> [])
        |> List.splitInto 2

    let run (options: BenchOptions) =
        let tuning = options.TuningSeeds
        let grid = String.Join(", ", scales)
        let results = options.SetsOr Sets.small |> List.map (onSet options)
        let head = [ "algorithm, set"; "gamma-scale"; "fixed"; "exact"; "exact - fixed" ]

        let table part =
            results |> List.collect (List.item part) |> List.sortBy List.head |> Markdown.table head

        Markdown.paragraphs
            [
                Runs.header options "iid"
                + " Everything but normalisation and gamma-scale at its default. The last column is the difference seed by seed ± its standard error: negative where exact is better."
                "At the same gamma, the default of each algorithm:"
                table 0
                $"Each at its own gamma (fixed / exact), the best of {grid} on seeds {tuning[0]} to {Array.last tuning}:"
                table 1
            ]
