namespace Hindsight.Tool

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes
open Hindsight
open Hindsight.Data
open Hindsight.Tool.Json

/// A mean with its standard error, which is NaN for a single value.
[<Struct; NoComparison>]
type Statistic =
    {
        Mean: float
        StandardError: float
    }

    /// Sample standard deviation over the square root of the number of values.
    static member Of(values: float[]) =
        let n = float values.Length
        let mean = Array.sum values / n
        let squares = values |> Array.sumBy (fun x -> (x - mean) * (x - mean))

        {
            Mean = mean
            StandardError = if n > 1.0 then sqrt (squares / (n - 1.0) / n) else nan
        }

/// One algorithm over its seeds.
[<NoComparison>]
type AlgorithmSummary =
    {
        Name: string
        Seeds: int[]
        /// Rounds that every run did: fewer than asked for where one was interrupted. All numbers are those of these rounds.
        Rounds: int
        /// Cumulative cost, one a seed.
        Costs: float[]
        Cost: Statistic
        /// Cumulative pseudo-regret; NaN where means are not known.
        PseudoRegret: Statistic
        /// Of one run, averaged over the runs.
        RoundsPerSecond: float
        /// The regret bound, where one applies.
        Bound: Bound option
        /// Rounds that every seed recorded, and there the mean of what the figure shows.
        Grid: int[]
        Curve: Statistic[]
        Settings: KeyValuePair<string, string>[]
    }

/// What was asked for: the parameters that results.csv and summary.json can be made again from.
[<NoComparison>]
type RunParameters =
    {
        /// Name of the environment.
        Data: string
        Source: SourceOptions
        Arms: int
        ContextSize: int
        /// Mean costs are known: pseudo-regret is shown instead of cost.
        MeansKnown: bool
        Protocol: string
        Rounds: int
        Seeds: int[]
        Algorithms: string[]
        Overrides: struct (string * string)[]
        /// Every run keeps a ledger.
        Ledger: bool
    }

/// A run of several algorithms and seeds, summarised.
[<NoComparison>]
type Summary =
    {
        Parameters: RunParameters
        Algorithms: AlgorithmSummary[]
        Results: RunResult[]
    }

    /// True if a run stopped before its end: its numbers are those of fewer rounds.
    member s.Interrupted =
        s.Results.Length < s.Parameters.Algorithms.Length * s.Parameters.Seeds.Length
        || s.Results |> Array.exists _.Interrupted

    /// What is measured, for titles.
    member s.Measure =
        if s.Parameters.MeansKnown then
            "cumulative pseudo-regret"
        else
            "cumulative cost"

[<RequireQualifiedAccess>]
module Summary =
    let private last (values: float[]) =
        if values.Length = 0 then 0.0 else values[values.Length - 1]

    /// Rounds that all runs recorded: all but the last few where some were interrupted.
    let private commonGrid (runs: RunResult[]) =
        let shared =
            runs
            |> Seq.map (fun r -> HashSet r.Grid)
            |> Seq.reduce (fun a b ->
                a.IntersectWith b
                a)

        runs[0].Grid |> Array.filter shared.Contains

    let private algorithm meansKnown (bound: RunResult[] -> Bound option) (runs: RunResult[]) =
        let grid = commonGrid runs

        let onGrid (run: RunResult) values =
            let at = Dictionary(Seq.map2 (fun round value -> KeyValuePair(round, value)) run.Grid values)
            grid |> Array.map (fun round -> at[round])

        let costs = runs |> Array.map (fun r -> onGrid r r.Cost)
        let regrets = runs |> Array.map (fun r -> onGrid r r.PseudoRegret)
        let shown = if meansKnown then regrets else costs
        let totals = Array.map last costs

        {
            Name = runs[0].Algorithm
            Seeds = runs |> Array.map _.Seed
            Rounds = if grid.Length = 0 then 0 else grid[grid.Length - 1]
            Costs = totals
            Cost = Statistic.Of totals
            PseudoRegret = Array.map last regrets |> Statistic.Of
            RoundsPerSecond = runs |> Array.averageBy (fun r -> float r.Rounds / max r.Seconds 1e-9)
            Bound = bound runs
            Grid = grid
            Curve = Array.init grid.Length (fun i -> shown |> Array.map (fun c -> c[i]) |> Statistic.Of)
            Settings = runs[0].Settings
        }

    /// <summary>Summarises runs, algorithms in the order in which they were asked for.</summary>
    /// <param name="parameters">What was asked for.</param>
    /// <param name="bound">The bound that applies to the runs of one algorithm, if one does.</param>
    /// <param name="results">The runs; an algorithm without any is left out.</param>
    let create parameters bound (results: RunResult[]) =
        {
            Parameters = parameters
            Algorithms =
                parameters.Algorithms
                |> Array.choose (fun name ->
                    match results |> Array.filter (fun r -> r.Algorithm = name) with
                    | [||] -> None
                    | runs -> Some(algorithm parameters.MeansKnown bound runs))
            Results = results
        }

    // ---- JSON ----

    /// <summary>What <c>--json</c> prints: one line.</summary>
    let json (s: Summary) =
        object
            [
                "data", text s.Parameters.Data
                "rounds", integer s.Parameters.Rounds
                "protocol", text s.Parameters.Protocol
                "algorithms",
                list
                    [
                        for a in s.Algorithms ->
                            object
                                [
                                    "name", text a.Name
                                    "meanCost", number a.Cost.Mean
                                    "standardError", number a.Cost.StandardError
                                    "costs", list (Seq.map number a.Costs)
                                    "roundsPerSecond", number a.RoundsPerSecond
                                    "bound", a.Bound |> Option.map (fun b -> number b.Value) |> Option.toObj
                                ]
                    ]
            ]
        |> write false

    let private boundNode (b: Bound) =
        object
            [
                "name", text b.Name
                "source", text b.Source
                "kind", text (string b.Kind)
                "direction", text (string b.Direction)
                "delta", (if b.Delta.HasValue then number b.Delta.Value else null)
                "value", number b.Value
                "trivial", number b.Trivial
                "vacuous", flag b.Vacuous
                "formula", text b.Formula
                "terms", object [ for t in b.Terms -> t.Symbol, number t.Value ]
                "assumptions",
                list
                    [
                        for a in b.Assumptions ->
                            object
                                [
                                    "name", text a.Name
                                    "status", text (string a.Status)
                                    "detail", text a.Detail
                                ]
                    ]
            ]

    let private version (marker: Type) =
        marker.Assembly.GetName().Version.ToString 3

    /// Versions that a replay depends on.
    let versions () =
        [
            "Hindsight.Tool", version typeof<Statistic>
            "Hindsight.Core", version typeof<Bound>
            "Hindsight.Data", version typeof<RunResult>
            "runtime", RuntimeInformation.FrameworkDescription
            "architecture", string RuntimeInformation.ProcessArchitecture
            "vector bits",
            (if Vector512.IsHardwareAccelerated then
                 "512"
             else
                 string (System.Numerics.Vector<byte>.Count * 8))
        ]

    /// <summary>summary.json: every parameter, versions and totals.</summary>
    let fullJson (s: Summary) =
        let p = s.Parameters

        object
            [
                "data", text p.Data
                "source",
                object
                    [
                        "data", text p.Source.Data
                        "label", text p.Source.Label
                        "header", flag p.Source.Header
                        "delimiter", text p.Source.Delimiter
                        "labelsFile", text p.Source.LabelsFile
                        "merge", text p.Source.Merge
                    ]
                "arms", integer p.Arms
                "contextSize", integer p.ContextSize
                "meansKnown", flag p.MeansKnown
                "realizability", text (if p.MeansKnown then "by construction" else "assumed")
                "protocol", text p.Protocol
                "rounds", integer p.Rounds
                "seeds", list (Seq.map integer p.Seeds)
                "overrides", object [ for struct (key, value) in p.Overrides -> key, text value ]
                "interrupted", flag s.Interrupted
                "versions", object [ for name, value in versions () -> name, text value ]
                "algorithms",
                list
                    [
                        for a in s.Algorithms ->
                            object
                                [
                                    "name", text a.Name
                                    "settings", object [ for s in a.Settings -> s.Key, text s.Value ]
                                    "meanCost", number a.Cost.Mean
                                    "standardError", number a.Cost.StandardError
                                    "meanPseudoRegret", number a.PseudoRegret.Mean
                                    "pseudoRegretStandardError", number a.PseudoRegret.StandardError
                                    "roundsPerSecond", number a.RoundsPerSecond
                                    "bound", a.Bound |> Option.map boundNode |> Option.toObj
                                    "runs",
                                    list
                                        [
                                            for r in s.Results do
                                                if r.Algorithm = a.Name then
                                                    object
                                                        [
                                                            "seed", integer r.Seed
                                                            "rounds", integer r.Rounds
                                                            "cost", number (last r.Cost)
                                                            "pseudoRegret", number (last r.PseudoRegret)
                                                            "bestCost", number r.BestCost
                                                            "seconds", number r.Seconds
                                                            "interrupted", flag r.Interrupted
                                                        ]
                                        ]
                                ]
                    ]
            ]
        |> write true

    // ---- CSV ----

    /// <summary>results.csv: algorithm, seed, round, cost, pseudoRegret (empty where it is not known).</summary>
    let csv (results: RunResult[]) =
        use writer = new StringWriter(CultureInfo.InvariantCulture, NewLine = "\n")
        writer.WriteLine "algorithm,seed,round,cost,pseudoRegret"

        for r in results do
            for i in 0 .. r.Grid.Length - 1 do
                let regret = r.PseudoRegret[i]

                let regret =
                    if Double.IsFinite regret then
                        regret.ToString("R", CultureInfo.InvariantCulture)
                    else
                        ""

                writer.WriteLine(
                    FormattableString.Invariant $"{r.Algorithm},{r.Seed},{r.Grid[i]},{r.Cost[i]:R},{regret}"
                )

        writer.ToString()
