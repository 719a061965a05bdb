namespace Hindsight.Tool

open System
open System.Globalization
open System.IO
open System.Net
open Hindsight

/// What is said about a run: the table, the sentences, the page, the files.
[<RequireQualifiedAccess>]
module Report =
    let private text (format: string) (x: float) =
        if Double.IsFinite x then
            x.ToString(format, CultureInfo.InvariantCulture)
        else
            "-"

    let private statistic (s: Statistic) =
        [ text "#,##0.0" s.Mean; text "#,##0.0" s.StandardError ]

    /// <summary>Headers and rows of the table. Where means are known, pseudo-regret and its bound stand side by side.</summary>
    let table (s: Summary) =
        let known = s.Parameters.MeansKnown

        let header =
            [
                "algorithm"
                if s.Interrupted then
                    "rounds"
                "mean cost"
                "std. error"
                if known then
                    yield! [ "mean pseudo-regret"; "std. error"; "bound" ]
                "rounds/s"
            ]

        let bound (b: Bound option) =
            match b with
            | None -> "-"
            | Some b when b.Vacuous -> $"""{text "#,##0.0" b.Value} (vacuous)"""
            | Some b -> text "#,##0.0" b.Value

        let rows =
            [
                for a in s.Algorithms ->
                    [
                        a.Name
                        if s.Interrupted then
                            text "#,##0" (float a.Rounds)
                        yield! statistic a.Cost
                        if known then
                            yield! statistic a.PseudoRegret
                            bound a.Bound
                        text "#,##0" a.RoundsPerSecond
                    ]
            ]

        header, rows

    /// <summary>What the numbers rest on, in sentences.</summary>
    let remarks (s: Summary) =
        [
            if s.Interrupted then
                "interrupted: the numbers are those of the rounds that all of an algorithm's runs did"
            if s.Parameters.MeansKnown then
                "realizability: by construction (simulated data with known means); pseudo-regret is measured against the best arm's mean of every round"
            else
                "realizability: assumed (real data); shown is the cumulative cost, and no bound is compared"
        ]

    /// <summary>The bounds of the table, each as the library prints it.</summary>
    let bounds (s: Summary) =
        [
            for a in s.Algorithms do
                match a.Bound with
                | Some b -> $"{a.Name}: {b}"
                | None -> ()
        ]

    /// <summary>The command that makes the same numbers again.</summary>
    let command (p: RunParameters) =
        let quote (x: string) =
            if x |> Seq.forall (fun c -> Char.IsLetterOrDigit c || "-_./:,=\\".Contains c) && x <> "" then
                x
            else
                "\"" + x.Replace("\"", "\\\"") + "\""

        let option name value =
            if String.IsNullOrEmpty value then
                []
            else
                [ name; quote value ]

        [
            "hindsight run"
            yield! option "--data" p.Source.Data
            yield! option "--label" p.Source.Label
            if not p.Source.Header then
                "--no-header"
            yield! option "--labels" p.Source.LabelsFile
            yield! option "--merge" p.Source.Merge
            yield! option "--algorithms" (String.concat "," p.Algorithms)
            yield! option "--rounds" (string p.Rounds)
            yield! option "--seeds" (Arguments.seedsText p.Seeds)
            yield! option "--protocol" p.Protocol
            if p.Ledger then
                "--ledger"
            for struct (key, value) in p.Overrides do
                yield! option "--set" $"{key}={value}"
        ]
        |> String.concat " "

    // ---- the page ----

    let private style =
        """
body { font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #222; max-width: 1200px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin-bottom: 0.2em; } h2 { font-size: 1.1em; margin-top: 2em; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; } th { text-align: left; font-weight: 600; border-bottom: 1px solid #666; }
th, td { padding: 0.25em 1.2em 0.25em 0; } td { border-bottom: 1px solid #e3e6ea; }
.numbers td + td, .numbers th + th { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: #f5f6f8; padding: 0.8em 1em; white-space: pre-wrap; overflow-wrap: anywhere; } summary { cursor: pointer; } .soft { color: #666; }
"""

    let private escape (value: string) = WebUtility.HtmlEncode value
    let private cell tag value = $"<{tag}>{escape value}</{tag}>"

    let private row tag cells =
        "<tr>" + (cells |> List.map (cell tag) |> String.concat "") + "</tr>"

    let private htmlTable cssClass header rows =
        [
            $"<table class=\"{cssClass}\">"
            if not (List.isEmpty header) then
                row "th" header
            yield! rows |> List.map (row "td")
            "</table>"
        ]
        |> String.concat "\n"

    let private parameters (p: RunParameters) =
        [
            [ "data"; p.Data ]
            [ "source"; p.Source.Data ]
            [ "arms"; string p.Arms ]
            [ "context size"; string p.ContextSize ]
            [ "protocol"; p.Protocol ]
            [ "rounds"; p.Rounds.ToString("#,##0", CultureInfo.InvariantCulture) ]
            [ "seeds"; Arguments.seedsText p.Seeds ]
            if not (String.IsNullOrEmpty p.Source.Merge) then
                [ "merged classes"; p.Source.Merge ]
        ]

    /// <summary>report.html: self-contained, the figure inside, nothing fetched.</summary>
    let html (s: Summary) =
        let p = s.Parameters
        let header, rows = table s

        [
            "<!DOCTYPE html>"
            "<html lang=\"en\">"
            $"<head><meta charset=\"utf-8\"><title>{escape p.Data}: {s.Measure}</title><style>{style}</style></head>"
            "<body>"
            $"<h1>{escape p.Data}</h1>"
            for remark in remarks s do
                $"<p class=\"soft\">{escape remark}</p>"
            Svg.render (Charts.draw (Charts.ofSummary s))
            "<h2>Result</h2>"
            htmlTable "numbers" header rows
            match bounds s with
            | [] -> ()
            | bounds ->
                "<h2>Bounds</h2>"

                for bound in bounds do
                    $"<pre>{escape bound}</pre>"
            match LedgerViews.drawings s.Results with
            | [] -> ()
            | drawings ->
                "<h2>Ledger</h2>"
                LedgerViews.table s.Results ||> htmlTable "numbers"

                for drawing in drawings do
                    Svg.render drawing

                for bound in LedgerViews.bounds s.Results do
                    $"<pre>{escape bound}</pre>"

                LedgerViews.assumptions s.Results ||> htmlTable ""
            "<h2>Parameters</h2>"
            htmlTable "" [] (parameters p)
            for a in s.Algorithms do
                let changed = set [ for struct (key, _) in p.Overrides -> key ]

                let settings =
                    [
                        for s in a.Settings ->
                            [
                                s.Key
                                s.Value
                                (if changed.Contains s.Key || changed.Contains $"{a.Name}.{s.Key}" then
                                     "set"
                                 else
                                     "")
                            ]
                    ]

                $"<details><summary>Settings of {escape a.Name}</summary>"
                htmlTable "" [] settings
                "</details>"
            "<h2>Again</h2>"
            $"<pre>{escape (command p)}</pre>"
            "<h2>Versions</h2>"
            htmlTable "" [] [ for name, value in Summary.versions () -> [ name; value ] ]
            "</body>"
            "</html>"
            ""
        ]
        |> String.concat "\n"

    /// What is written to the folder of a run, besides ledger.csv where a ledger is kept.
    let files = "results.csv, summary.json, regret.svg, regret.png, report.html"

    /// <summary>Writes the files of a run; makes the folder.</summary>
    let write (folder: string) (s: Summary) =
        let path name = Path.Combine(folder, name)
        let drawing = Charts.draw (Charts.ofSummary s)
        Directory.CreateDirectory folder |> ignore<DirectoryInfo>
        File.WriteAllText(path "results.csv", Summary.csv s.Results)
        File.WriteAllText(path "summary.json", Summary.fullJson s + "\n")
        File.WriteAllText(path "regret.svg", Svg.render drawing)
        File.WriteAllBytes(path "regret.png", Png.render drawing)
        File.WriteAllText(path "report.html", html s)

        if s.Parameters.Ledger then
            File.WriteAllText(path "ledger.csv", LedgerViews.csv s.Results)
