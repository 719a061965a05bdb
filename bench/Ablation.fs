namespace Hindsight.Bench

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Data

/// What the perturbation of the predictions does, to the cost and to the curvature of the loss.
[<RequireQualifiedAccess>]
module Ablation =
    let private rates = [ "0.001"; "0.005"; "0.02"; "0.1"; "0.3"; "1" ]

    let private variant label perturbation =
        Variant.Of(
            label,
            "neufastcb",
            [
                "oracle", "theory"
                "parameterisation", "standard"
                "features", "disjoint"
                "scaling", "unit"
                "normalization", "fixed"
                "gamma-scale", "100"
                yield! perturbation
            ]
        )

    let private variants =
        [
            variant "off" [ "perturbation", "off" ]
            for scale in [ "0.01"; "0.1"; "1" ] do
                variant $"expected, c_p {scale}" [ "perturbation", "expected"; "perturbation-scale", scale ]

                for fresh in [ "false"; "true" ] do
                    for signs in [ 1; 3; 10; 30 ] do
                        variant
                            $"""{(if fresh = "true" then "fresh" else "fixed")} signs, c_p {scale}, S {signs}"""
                            [
                                "perturbation", "rademacher"
                                "perturbation-scale", scale
                                "signs", string signs
                                "fresh-signs", fresh
                            ]
        ]

    /// The network that a variant's bandit holds.
    let private network (environment: IEnvironment) (v: Variant) =
        let settings =
            (BanditSettings.Create(v.Algorithm, environment.ContextSize, environment.Arms, 0UL), v.Settings)
            ||> List.fold (fun s (key, value) -> s |> Result.bind (fun s -> s.With(key, value)))
            |> Require.ok

        match (settings.Build() |> Require.ok).Oracle with
        | :? NeuralOracle as oracle -> oracle.Network
        | _ -> invalidOp "the ablation needs a neural oracle"

    /// The smallest 2 (L(theta + d) - L(theta) - <g, d>)/||d||^2 over random unit directions d, at the start: L is the perturbed averaged loss of one round
    /// (label 1, the cost of most arms), g its gradient. Quadratic growth with constant mu needs at least mu in every direction.
    let private growth (environment: IEnvironment) (v: Variant) directions =
        let net = network environment v
        let context = Array.zeroCreate<float> environment.ContextSize
        let costs = Array.zeroCreate<float> environment.Arms
        use rounds = environment.Open 0UL

        for _ in 1..50 do
            rounds.Next(Span context, Span costs, Span(Array.zeroCreate environment.Arms)) |> ignore<bool>

        let length = Math.Sqrt(Array.sumBy (fun x -> x * x) context)
        let x = context |> Array.map (fun v -> float32 (v / length))
        let start = net.Initialisation

        let lossAt parameters =
            net.Parameters <- parameters
            net.AveragedLoss(ReadOnlySpan x, 0, 0, 1.0)

        let here = lossAt start
        let gradient = net.Gradient(ReadOnlySpan x, 0, 0, 1.0)
        let random = RandomStream(1UL, 0UL)

        Seq.init directions (fun _ ->
            let d = Array.init start.Length (fun _ -> random.NextNormal())
            let norm = Math.Sqrt(Array.sumBy (fun z -> z * z) d)
            let there = Array.map2 (fun (s: float32) z -> s + float32 (z / norm)) start d
            // as rounded to single precision
            let d = Array.map2 (fun (t: float32) (s: float32) -> float t - float s) there start
            let slope = Array.fold2 (fun sum (g: float32) z -> sum + float g * z) 0.0 gradient d
            2.0 * (lossAt there - here - slope) / Array.sumBy (fun z -> z * z) d)
        |> Seq.min

    let private onSet (options: BenchOptions) data =
        printfn "%s" data
        let environment = Sets.opened "iid" options.Horizon data
        let variants = if options.Quick then List.truncate 4 variants else variants

        let tuned =
            let families = variants |> List.map (fun v -> rates |> List.map (fun rate -> v.With [ "rate", rate ]))

            Runs.tune
                environment
                { options with
                    Seeds = Some(min 2 options.ReportSeeds.Length)
                }
                families

        let outcomes = Runs.all environment options.Horizon options.ReportSeeds tuned

        List.map3
            (fun (v: Variant) (best: Variant) (o: Outcome) ->
                v.Label,
                [
                    Show.spread o.Costs
                    best.Settings |> List.findBack (fun (key, _) -> key = "rate") |> snd
                    Show.scientific (growth environment v (if options.Quick then 5 else 50))
                ])
            variants
            tuned
            outcomes

    let run (options: BenchOptions) =
        let options =
            { options with
                Seeds = Some(defaultArg options.Seeds 3)
            }

        let grid = String.Join(", ", rates)
        let sets = options.SetsOr [ "mushroom"; "shuttle" ]

        let rows =
            sets
            |> List.map (onSet options)
            |> List.transpose
            |> List.map (fun row -> fst (List.head row) :: List.collect snd row)

        Markdown.paragraphs
            [
                Runs.header options "iid"
                + $" NeuFastCB with one plain step a round (KL loss, disjoint arms, width 100, gamma = 100 sqrt t); the rate of every row is the best of {grid} on two tuning seeds, "
                + "because a larger perturbation needs a smaller step."
                "Growth is the smallest 2 (L(theta + d) - L(theta) - ⟨g, d⟩)/‖d‖² over 50 random unit directions d at the initial parameters, where L is the perturbed averaged loss of one "
                + "round with cost 1 and g its gradient, in single precision. The theory's constant for the expected perturbation is the loss's second derivative times c_p²/√m, "
                + "at most 2.5e-6, 2.5e-4 and 2.5e-2 here; rounding noise is near 1e-6."
                Markdown.table
                    [
                        "perturbation"
                        for data in sets do
                            $"{data}: cost"
                            "rate"
                            "growth"
                    ]
                    rows
            ]
