namespace Hindsight.Bench

/// The paper's protocol: the classes' arms are reversed every 500 rounds, every algorithm learns by one step a round, and all are tuned over grids of the same size.
[<RequireQualifiedAccess>]
module Rotating =
    [<Literal>]
    let Protocol = "rotating:500"

    /// Tuned NeuFastCB of the project's earlier reproduction in another language.
    let reproduction data =
        match data with
        | "mushroom" -> 826.0
        | "shuttle" -> 1484.0
        | "magic04" -> 2736.0
        | "adult" -> 2926.0
        | _ -> 5949.0

    let private features = [ "features", "disjoint"; "scaling", "unit" ]
    let private neural = Runs.plainStep @ features

    /// Label, algorithm, fixed settings, values of gamma-scale (c, epsilon, alpha or nu), and the second knob with its values.
    let private families =
        let rates = "rate", [ "0.05"; "0.2"; "0.5" ]
        let ridges = "lambda", [ "0.1"; "1"; "10" ]
        let scales = [ "10"; "100"; "1000" ]
        let epsilons = [ "0.01"; "0.05"; "0.1" ]
        let widths = [ "0.1"; "0.3"; "1" ]

        [
            "NeuFastCB", "neufastcb", neural, scales, rates
            "NeuSquareCB", "neusquarecb", neural, scales, rates
            "epsilon-greedy, square loss", "epsilon-greedy", neural @ [ "loss", "squared" ], epsilons, rates
            "epsilon-greedy, KL loss", "epsilon-greedy", neural, epsilons, rates
            "SquareCB, linear", "squarecb-linear", [ "features", "disjoint" ], scales, ridges
            "LinUCB", "linucb", [ "features", "disjoint" ], widths, ridges
            "LinTS", "lints", [ "features", "disjoint" ], widths, ridges
            "greedy, KL loss", "greedy", neural, [ "0" ], rates
        ]

    let private family (label, algorithm, fixedSettings, scales, (knob, values)) =
        [
            for scale in scales do
                for value in values ->
                    Variant.Of(label, algorithm, fixedSettings @ [ "gamma-scale", scale; knob, value ])
        ]

    let private untuned = [ Variant.Of("uniform", "uniform", []) ]

    let private setting key (v: Variant) =
        v.Settings |> List.findBack (fun (k, _) -> k = key) |> snd

    /// "100, 0.2": what tuning chose.
    let private choice (v: Variant) =
        match v.Algorithm with
        | "uniform" -> "none"
        | "squarecb-linear"
        | "linucb"
        | "lints" -> setting "gamma-scale" v + ", " + setting "lambda" v
        | _ -> setting "gamma-scale" v + ", " + setting "rate" v

    /// Tuned variants with their costs on the report seeds, and the same variants at other rates and with the other feature map on the tuning seeds.
    let private onSet (options: BenchOptions) data =
        printfn "%s" data
        let environment = Sets.opened Protocol options.Horizon data

        let grids =
            families |> List.map family |> List.map (if options.Quick then List.take 2 else id)

        let tuned = Runs.tune environment options grids @ untuned
        let outcomes = Runs.all environment options.Horizon options.ReportSeeds tuned
        let rates = [ "0.02"; "0.05"; "0.1"; "0.2"; "0.5"; "1"; "2" ]
        let nets = List.truncate 4 tuned

        let look =
            [
                for v in nets do
                    for map in [ "disjoint"; "shared" ] do
                        for rate in rates -> v.With([ "features", map; "rate", rate ])
            ]
            |> Runs.all environment options.Horizon options.TuningSeeds
            |> List.map (fun o -> o.Mean)
            |> List.chunkBySize rates.Length
            |> List.map2
                (fun (v: Variant, map) means -> $"{v.Label}, {map}" :: List.map Show.whole means)
                (List.allPairs nets [ "disjoint"; "shared" ])

        List.zip tuned outcomes, Markdown.table ($"{data}: rate" :: rates) look

    let run (options: BenchOptions) =
        let sets = options.SetsOr Sets.small
        let results, looks = sets |> List.map (onSet options) |> List.unzip
        let byAlgorithm = List.transpose results
        let fast = byAlgorithm |> List.head |> List.map (fun (_, o) -> o)

        let table (cell: Outcome -> Variant * Outcome -> string) =
            byAlgorithm
            |> List.map (fun row -> (fst (List.head row)).Label :: List.map2 cell fast row)

        let spec =
            [
                "NeuFastCB, earlier reproduction"
                yield! sets |> List.map (reproduction >> Show.whole)
            ]

        let verdict =
            let best =
                List.transpose byAlgorithm
                |> List.filter (fun column ->
                    column |> List.minBy (fun (_, o) -> o.Mean) |> fst |> (fun v -> v.Algorithm = "neufastcb"))

            let reached =
                List.zip sets fast
                |> List.filter (fun (data, o) -> o.Mean <= reproduction data + 2.0 * Sample.error o.Costs)

            $"NeuFastCB has the lowest mean on {best.Length} of {sets.Length} sets; its mean is at most the earlier reproduction's plus two standard errors on {reached.Length}."

        Markdown.paragraphs
            [
                Runs.header options Protocol
                + $" Tuned on seeds {options.TuningSeeds[0]} to {Array.last options.TuningSeeds}. Mean cumulative cost ± standard error."
                Markdown.table ("algorithm" :: sets) (table (fun _ (_, o) -> Show.spread o.Costs) @ [ spec ])
                verdict
                "Cost minus that of NeuFastCB, seed by seed, ± standard error:"
                Markdown.table
                    ("algorithm" :: sets)
                    (table (fun f (_, o) -> Show.difference (Sample.paired o.Costs f.Costs)) |> List.tail)
                "What tuning chose (gamma-scale, then rate, or lambda for the linear algorithms):"
                Markdown.table ("algorithm" :: sets) (table (fun _ (v, _) -> choice v))
                "Other rates and the other feature map, exploration as tuned; mean cost on the tuning seeds, so not comparable with the report above:"
                yield! looks
            ]
