namespace Hindsight.Tool

open System
open System.Globalization
open System.Net
open Hindsight
open Hindsight.FSharp

/// Pieces of a documentation page, as HTML: what a literate script includes raw.
[<RequireQualifiedAccess>]
module Page =
    let private encode (text: string) = WebUtility.HtmlEncode text

    /// Six digits.
    let number (x: float) =
        x.ToString("G6", CultureInfo.InvariantCulture)

    /// A table; the first row of cells is the heading.
    let table (heading: string list) (rows: string list list) =
        let row cell (cells: string list) =
            cells
            |> List.map (fun c -> $"<{cell}>{encode c}</{cell}>")
            |> String.concat ""
            |> sprintf "<tr>%s</tr>"

        let body = rows |> List.map (row "td") |> String.concat "\n"
        let head = row "th" heading
        $"<table class=\"hs\"><thead>{head}</thead><tbody>\n{body}\n</tbody></table>"

    /// A drawing, in the page.
    let drawing (d: Drawing) =
        $"<figure class=\"hs\">{Svg.render d}</figure>"

    /// A chart of lines, in the page.
    let chart title subtitle xScale yScale series =
        drawing (SeriesCharts.draw title subtitle xScale yScale series)

    /// A calculator: its statement, formula, source, kind, assumptions and law; the assumptions at its examples.
    let theorem (calculator: BoundCalculator) =
        let examples = calculator.Inputs |> Array.map _.Example
        let bound = calculator |> BoundCalculator.at examples |> Require.ok

        let line name value =
            $"<dt>{encode name}</dt><dd>{value}</dd>"

        let code text = $"<code>{encode text}</code>"

        let assumptions =
            bound.Assumptions
            |> Seq.map (fun a ->
                let detail = if a.Detail = "" then "" else $" ({a.Detail})"
                $"<li>{encode a.Name}{encode detail}</li>")
            |> String.concat ""

        let inputs =
            calculator.Inputs |> Seq.map (fun i -> $"{code i.Symbol} {encode i.Meaning}") |> String.concat "; "

        let direction =
            match calculator.Direction with
            | BoundDirection.Lower -> "lower bound"
            | BoundDirection.Equal -> "equality"
            | _ -> "upper bound"

        String.concat
            "\n"
            [
                $"<section class=\"theorem\" id=\"{calculator.Name}\"><h3>{encode calculator.Title} {code calculator.Name}</h3>"
                $"<p>{encode calculator.Statement}</p><dl>"
                line "Formula" (code (BoundCalculator.formula calculator))
                line "Inputs" inputs
                line "Kind" $"{calculator.Kind}, {direction}"
                line "Source" (encode calculator.Source)
                (if assumptions = "" then
                     ""
                 else
                     line "Assumes" $"<ul>{assumptions}</ul>")
                line "Law" (encode calculator.Law)
                "</dl></section>"
            ]

    /// All calculators of a family, in the registry's order.
    let family (name: string) =
        Bounds.all |> Seq.filter (fun c -> c.Family = name) |> Seq.map theorem |> String.concat "\n"

    /// A bound at numbers: the value and what it rests on, as the console prints it.
    let bound (b: Bound) =
        $"<pre class=\"hs\">{encode (b.ToString())}</pre>"
