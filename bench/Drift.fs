namespace Hindsight.Bench

open Hindsight
open Hindsight.FSharp

/// The rotating protocol is drift: what the memory of NeuFastCB makes of it, everything else at its default.
[<RequireQualifiedAccess>]
module Drift =
    let private variants =
        [
            Variant.Of("replay, restart on a detected change", "neufastcb", [ "replay-memory", "restart" ])
            Variant.Of("replay, reservoir", "neufastcb", [ "replay-memory", "reservoir" ])
            for capacity in [ 100; 200; 500; 1000 ] do
                Variant.Of(
                    $"replay, window of {capacity}",
                    "neufastcb",
                    [ "replay-memory", "window"; "replay-capacity", string capacity ]
                )
            Variant.Of("online, one adaptive step", "neufastcb", [ "oracle", "online" ])
        ]

    let private standard = (BanditSettings.Create("neufastcb", 1, 2, 0UL) |> Require.ok).Values

    /// Whether a variant changes nothing.
    let private isDefault (v: Variant) =
        v.Settings
        |> List.forall (fun (key, value) -> standard |> Seq.exists (fun pair -> pair.Key = key && pair.Value = value))

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
                (fun (v: Variant) (row: Outcome list) ->
                    (if isDefault v then $"{v.Label} (the default)" else v.Label)
                    :: List.map (fun o -> Show.spread o.Costs) row)
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
