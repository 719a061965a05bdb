namespace Hindsight.Bench

open Hindsight
open Hindsight.Data

/// Untuned defaults against the best that any peer reached.
[<RequireQualifiedAccess>]
module Compare =
    /// Cumulative cost of the best peer on the same data, each peer tuned: Vowpal Wabbit 9.11 (mushroom squarecb, adult regcbopt, with interactions), and the project's
    /// reproduction of the neural baselines (magic04 and shuttle with unbounded replay, mnist-10k with one online step).
    let peer name =
        match name with
        | "mushroom" -> 22.0
        | "adult" -> 1713.0
        | "magic04" -> 1464.0
        | "shuttle" -> 218.0
        | _ -> 2233.0

    let private plain =
        Variant.Of("neufastcb, one plain step", "neufastcb", Runs.plainStep @ [ "scaling", "unit"; "rate", "0.2" ])

    let private variants =
        [
            for struct (name, _) in BanditSettings.Algorithms do
                Variant.Of(name, name, [])
            Variant.Of("neufastcb, oracle=online", "neufastcb", [ "oracle", "online" ])
            plain
        ]

    let private linear = set [ "squarecb-linear"; "linucb"; "lints" ]

    /// A linear model of 784 features an arm costs milliseconds a round: two seeds.
    let private seedsFor (options: BenchOptions) (data: string) (variant: Variant) =
        if data = "mnist-10k" && linear.Contains variant.Algorithm then
            Array.truncate 2 options.ReportSeeds
        else
            options.ReportSeeds

    let run (options: BenchOptions) =
        let sets = options.SetsOr Sets.all

        let outcomes =
            sets
            |> List.map (fun data ->
                printfn "%s" data
                let environment = Sets.opened "iid" options.Horizon data

                variants
                |> List.map (fun v -> v, seedsFor options data v)
                |> Array.ofList
                |> Runs.each environment options.Horizon
                |> List.ofArray)
            |> List.transpose

        let ratio data (o: Outcome) = o.Mean / peer data

        let costs =
            List.map2
                (fun (v: Variant) (row: Outcome list) ->
                    let ratios = List.map2 ratio sets row |> Array.ofList

                    [
                        v.Label
                        yield!
                            List.map2
                                (fun data (o: Outcome) -> $"{Show.spread o.Costs} ({Show.decimals (ratio data o)})")
                                sets
                                row
                        Show.decimals (Array.max ratios)
                        Show.decimals (Sample.geometricMean ratios)
                    ])
                variants
                outcomes

        let times =
            List.map2
                (fun (v: Variant) (row: Outcome list) ->
                    v.Label :: List.map (fun (o: Outcome) -> Show.short o.Micros) row)
                variants
                outcomes

        let row label =
            List.zip variants outcomes |> List.find (fun (v, _) -> v.Label = label) |> snd

        let against =
            "neufastcb / one plain step"
            :: List.map2
                (fun (a: Outcome) (b: Outcome) -> Show.decimals (a.Micros / b.Micros))
                (row "neufastcb")
                (row plain.Label)

        Markdown.paragraphs
            [
                Runs.header options "iid"
                + " Mean cumulative cost ± standard error, in brackets the ratio to the best peer; then the worst ratio and the geometric mean over the sets. "
                + "On mnist-10k the linear algorithms have two seeds only: their models have 784 features an arm."
                Markdown.table
                    [ "algorithm"; yield! sets; "worst"; "geo. mean" ]
                    (costs
                     @ [
                         [
                             "best peer, tuned"
                             yield! sets |> List.map (peer >> Show.whole)
                             "1.00"
                             "1.00"
                         ]
                     ])
                "Microseconds a round (the data in memory), fastest seed, as many runs at a time as the machine has processors:"
                Markdown.table ("algorithm" :: sets) (times @ [ against ])
            ]
