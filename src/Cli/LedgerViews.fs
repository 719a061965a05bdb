namespace Hindsight.Tool

open System
open System.Globalization
open System.IO
open Hindsight
open Hindsight.Data

/// The ledgers of a run: table, sentences, picture, file.
[<RequireQualifiedAccess>]
module LedgerViews =
    let private text (format: string) (x: float) =
        if Double.IsFinite x then
            x.ToString(format, CultureInfo.InvariantCulture)
        else
            "-"

    /// The runs of each algorithm that kept a ledger with at least one row.
    let private byAlgorithm (results: RunResult[]) =
        results
        |> Array.filter (fun r -> r.Ledger |> Option.exists (fun l -> l.Rows.Length > 0))
        |> Array.groupBy _.Algorithm

    let private last (r: RunResult) =
        (Option.get r.Ledger).Rows |> Array.last

    /// <summary>Headers and rows: the last row of each algorithm's ledgers, averaged over the seeds; the interval is that of the first seed.</summary>
    let table (results: RunResult[]) =
        let groups = byAlgorithm results

        let known = groups |> Array.exists (fun (_, runs) -> Double.IsFinite (last runs[0]).PseudoRegret)

        let header =
            [
                "ledger"
                "expected cost a round (first seed, always valid)"
                if known then
                    "regression regret (means)"
                "regression regret (constants)"
                "regression regret at most"
                if known then
                    yield! [ "pseudo-regret"; "certificate" ]
                "estimate"
                "outside [0,1]"
            ]

        let rows =
            [
                for name, runs in groups ->
                    let mean (of': LedgerRow -> float) =
                        runs |> Array.averageBy (last >> of') |> text "#,##0.0"

                    let first = last runs[0]

                    [
                        name
                        $"""[{text "0.0000" first.CostLow}, {text "0.0000" first.CostHigh}]"""
                        if known then
                            mean _.RegressionRegret
                        mean _.RegressionRegretConstants
                        mean _.SquareLoss
                        if known then
                            yield! [ mean _.PseudoRegret; mean _.Certificate ]
                        mean _.Estimate
                        mean (fun r -> float r.OutsideUnit)
                    ]
            ]

        header, rows

    /// <summary>What the ledger of the first seed implies, an algorithm at a time.</summary>
    let bounds (results: RunResult[]) =
        [
            for name, runs in byAlgorithm results do
                for bound in (Option.get runs[0].Ledger).Implied do
                    $"{name}: {bound}"
        ]

    /// <summary>Headers and rows: what theory assumes, and what the ledger of the first seed measured of it.</summary>
    let assumptions (results: RunResult[]) =
        [ "algorithm"; "assumption"; "status"; "measured" ],
        [
            for name, runs in byAlgorithm results do
                for a in (Option.get runs[0].Ledger).Assumptions do
                    [ name; a.Name; string a.Status; a.Detail ]
        ]

    /// <summary>Both as sentences.</summary>
    let sentences (results: RunResult[]) =
        [
            yield! bounds results
            for row in snd (assumptions results) do
                $"{row[0]}: {row[1]}: {row[2]} ({row[3]})"
        ]

    /// <summary>What is measured beside what it implies, over the rounds, mean over the seeds: one picture an algorithm.</summary>
    let draw (name: string) (runs: RunResult[]) =
        // rounds that every seed recorded
        let grid = runs |> Array.map (fun r -> Set.ofArray r.Grid) |> Set.intersectMany |> Set.toArray

        let curve title (of': LedgerRow -> float) =
            SeriesCharts.line
                title
                [
                    for round in grid do
                        let values =
                            runs
                            |> Array.map (fun r -> of' (Option.get r.Ledger).Rows[Array.BinarySearch(r.Grid, round)])

                        struct (float round, Array.average values)
                ]

        let dash (s: Series) = { s with Dash = [| 7.0; 4.0 |] }
        let known = Double.IsFinite (last runs[0]).PseudoRegret

        SeriesCharts.draw
            $"Ledger of {name}"
            "solid: measured; dashed: what the measurements imply; mean over the seeds"
            (SeriesCharts.logarithmic "rounds")
            (SeriesCharts.logarithmic (if known then "regret" else "cost, regret"))
            [
                if known then
                    curve "pseudo-regret" _.PseudoRegret
                    curve "regression regret" _.RegressionRegret
                    dash (curve "certificate" _.Certificate)
                else
                    curve "cost" _.Cost
                    curve "regression regret (constants)" _.RegressionRegretConstants
                    dash (curve "cost, at most" (fun r -> r.CostHigh * float r.Round))
                    dash (curve "cost, at least" (fun r -> r.CostLow * float r.Round))
                curve "squared errors" _.SquareLoss
                dash (curve "estimate" _.Estimate)
                dash (
                    SeriesCharts.line "T, the trivial bound" [ for round in grid -> struct (float round, float round) ]
                )
            ]

    /// <summary>The pictures of all algorithms, in order.</summary>
    let drawings (results: RunResult[]) =
        [ for name, runs in byAlgorithm results -> draw name runs ]

    /// <summary>ledger.csv: every row of every run.</summary>
    let csv (results: RunResult[]) =
        use writer = new StringWriter(CultureInfo.InvariantCulture, NewLine = "\n")

        writer.WriteLine
            "algorithm,seed,round,cost,costLow,costHigh,squareLoss,logLoss,regressionRegret,regressionRegretConstants,pseudoRegret,certificate,estimate,outsideUnit"

        let number (x: float) =
            if Double.IsFinite x then
                x.ToString("R", CultureInfo.InvariantCulture)
            else
                ""

        for r in results do
            match r.Ledger with
            | None -> ()
            | Some ledger ->
                for row in ledger.Rows do
                    [
                        r.Algorithm
                        string r.Seed
                        string row.Round
                        number row.Cost
                        number row.CostLow
                        number row.CostHigh
                        number row.SquareLoss
                        number row.LogLoss
                        number row.RegressionRegret
                        number row.RegressionRegretConstants
                        number row.PseudoRegret
                        number row.Certificate
                        number row.Estimate
                        string row.OutsideUnit
                    ]
                    |> String.concat ","
                    |> writer.WriteLine

        writer.ToString()
