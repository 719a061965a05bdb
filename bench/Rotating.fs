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

    /// The networks that a neural algorithm is tuned over, with their rates: the usual initialisation with biases, and the paper's, which has none. The paper's output factor
    /// 1/sqrt(m) is 1/10 here and its rates are ten times as large.
    let private networks =
        [
            "standard", [ "parameterisation", "standard"; "scaling", "unit" ], [ "0.05"; "0.2"; "0.5" ]
            "paper", [ "parameterisation", "theory"; "scaling", "sqrt" ], [ "0.5"; "2"; "5" ]
        ]

    /// The scalings and ridges that a linear algorithm is tuned over.
    let private ridges =
        [
            for scaling in [ "none"; "unit" ] -> scaling, [ "scaling", scaling ], [ "0.1"; "1"; "10" ]
        ]

    /// The paper's algorithms: one plain step a round, and the usual normalisation of inverse gap weighting.
    let private step =
        [
            "oracle", "theory"
            "perturbation", "off"
            "features", "disjoint"
            "normalization", "fixed"
        ]

    /// Label, algorithm, fixed settings, values of gamma-scale (c, epsilon, alpha or nu), and the second knob with what it is tuned over.
    let private families =
        let scales = [ "10"; "100"; "1000" ]
        let epsilons = [ "0.01"; "0.05"; "0.1" ]
        let widths = [ "0.1"; "0.3"; "1" ]
        let linear = [ "features", "disjoint" ]

        [
            "NeuFastCB", "neufastcb", step, scales, "rate", networks
            "NeuSquareCB", "neusquarecb", step, scales, "rate", networks
            "epsilon-greedy, square loss", "epsilon-greedy", step @ [ "loss", "squared" ], epsilons, "rate", networks
            "epsilon-greedy, KL loss", "epsilon-greedy", step, epsilons, "rate", networks
            "SquareCB, linear", "squarecb-linear", linear, scales, "lambda", ridges
            "LinUCB", "linucb", linear, widths, "lambda", ridges
            "LinTS", "lints", linear, widths, "lambda", ridges
            "greedy, KL loss", "greedy", step, [ "0" ], "rate", networks
        ]

    /// The configurations of a family, each with "100, paper, 5": what tuning may choose.
    let private family (label, algorithm, fixedSettings, scales, knob, kinds) =
        [
            for scale in scales do
                for name, settings, values in kinds do
                    for value in values ->
                        Variant.Of(label, algorithm, fixedSettings @ settings @ [ "gamma-scale", scale; knob, value ]),
                        $"{scale}, {name}, {value}"
        ]

    let private uniform = Variant.Of("uniform", "uniform", [])

    /// Tuned variants with what tuning chose and their costs on the report seeds, and the neural ones with other rates, networks and features on the tuning seeds.
    let private onSet (options: BenchOptions) data =
        printfn "%s" data
        let environment = Sets.opened Protocol options.Horizon data

        let grids = families |> List.map family |> List.map (if options.Quick then List.truncate 2 else id)

        let tuned = Runs.tune environment options (List.map (List.map fst) grids)

        let choices =
            List.map2 (fun grid (v: Variant) -> grid |> List.find (fun (w, _) -> w = v) |> snd) grids tuned

        let outcomes = Runs.all environment options.Horizon options.ReportSeeds (tuned @ [ uniform ])

        let rates = [ 0.02; 0.05; 0.1; 0.2; 0.5; 1.0; 2.0 ]

        let others =
            [
                for v in List.truncate 4 tuned do
                    for name, settings, _ in networks do
                        for map in [ "disjoint"; "shared" ] -> v, name, settings, map
            ]

        let look =
            [
                for v, name, settings, map in others do
                    let factor = if name = "paper" then 10.0 else 1.0

                    for rate in rates -> v.With(settings @ [ "features", map; "rate", Show.general (factor * rate) ])
            ]
            |> Runs.all environment options.Horizon options.TuningSeeds
            |> List.map (fun o -> o.Mean)
            |> List.chunkBySize rates.Length
            |> List.map2
                (fun (v: Variant, name, _, map) means -> $"{v.Label}, {name}, {map}" :: List.map Show.whole means)
                others

        List.zip3 (tuned @ [ uniform ]) (choices @ [ "none" ]) outcomes,
        Markdown.table ($"{data}: rate (paper: tenfold)" :: List.map Show.general rates) look

    let run (options: BenchOptions) =
        let sets = options.SetsOr Sets.small
        let results, looks = sets |> List.map (onSet options) |> List.unzip
        let byAlgorithm = List.transpose results
        let fast = byAlgorithm |> List.head |> List.map (fun (_, _, o) -> o)

        let table (cell: Outcome -> Variant * string * Outcome -> string) =
            byAlgorithm
            |> List.map (fun row ->
                let v, _, _ = List.head row
                v.Label :: List.map2 cell fast row)

        let spec =
            [
                "NeuFastCB, earlier reproduction"
                yield! sets |> List.map (reproduction >> Show.whole)
            ]

        let verdict =
            let best =
                List.transpose byAlgorithm
                |> List.filter (fun column ->
                    column |> List.minBy (fun (_, _, o) -> o.Mean) |> fun (v, _, _) -> v.Algorithm = "neufastcb")

            let reached =
                List.zip sets fast
                |> List.filter (fun (data, o) -> o.Mean <= reproduction data + 2.0 * Sample.error o.Costs)

            $"NeuFastCB has the lowest mean on {best.Length} of {sets.Length} sets; its mean is at most the earlier reproduction's plus two standard errors on {reached.Length}."

        Markdown.paragraphs
            [
                Runs.header options Protocol
                + $" Tuned on seeds {options.TuningSeeds[0]} to {Array.last options.TuningSeeds}. Mean cumulative cost ± standard error."
                Markdown.table ("algorithm" :: sets) (table (fun _ (_, _, o) -> Show.spread o.Costs) @ [ spec ])
                verdict
                "Cost minus that of NeuFastCB, seed by seed, ± standard error:"
                Markdown.table
                    ("algorithm" :: sets)
                    (table (fun f (_, _, o) -> Show.difference (Sample.paired o.Costs f.Costs)) |> List.tail)
                "What tuning chose: gamma-scale; network and rate, or scaling and lambda for the linear algorithms:"
                Markdown.table ("algorithm" :: sets) (table (fun _ (_, choice, _) -> choice))
                "Other rates, networks and features, exploration as tuned; mean cost on the tuning seeds, so not comparable with the report above:"
                yield! looks
            ]
