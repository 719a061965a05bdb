namespace Hindsight.Bench

open Hindsight

/// The rotating protocol is drift: what the memory of NeuFastCB makes of it, everything else at its default.
[<RequireQualifiedAccess>]
module Drift =
    let private restart =
        Variant.Of("replay, restart on a detected change", "neufastcb", [ "replay-memory", "restart" ])

    let private known (v: Variant) =
        (BanditSettings.Create(v.Algorithm, 1, 2, 0UL), v.Settings)
        ||> List.fold (fun settings (key, value) -> settings |> Result.bind (fun s -> s.With(key, value)))
        |> Result.isOk

    let private variants =
        [
            Variant.Of("replay, reservoir (the default)", "neufastcb", [])
            for capacity in [ 100; 200; 500; 1000 ] do
                Variant.Of(
                    $"replay, window of {capacity}",
                    "neufastcb",
                    [ "replay-memory", "window"; "replay-capacity", string capacity ]
                )
            restart
            Variant.Of("online, one adaptive step", "neufastcb", [ "oracle", "online" ])
        ]
        |> List.filter known

    let run (options: BenchOptions) =
        let sets = options.SetsOr Sets.small

        let results =
            sets
            |> List.map (fun data ->
                printfn "%s" data
                let environment = Sets.opened Rotating.Protocol options.Horizon data
                Runs.all environment options.Horizon options.ReportSeeds variants)
            |> List.transpose

        let rows =
            List.map2
                (fun (v: Variant) (row: Outcome list) -> v.Label :: List.map (fun o -> Show.spread o.Costs) row)
                variants
                results

        Markdown.paragraphs
            [
                Runs.header options Rotating.Protocol
                + " NeuFastCB, untuned: only the memory differs. Mean cumulative cost ± standard error."
                Markdown.table
                    ("memory" :: sets)
                    (rows
                     @ [
                         [
                             "one plain step, tuned (earlier reproduction)"
                             yield! sets |> List.map (Rotating.reproduction >> Show.whole)
                         ]
                     ])
            ]
