namespace Hindsight.Bench

open System
open System.Globalization
open Hindsight
open Hindsight.FSharp

/// How far every scalar loss and its derivatives are from the truth.
[<RequireQualifiedAccess>]
module AccuracyTable =
    let private general (x: float) =
        x.ToString("0.######e+0", CultureInfo.InvariantCulture)

    let private ulps (x: float) =
        if Double.IsInfinity x then "∞"
        elif x >= 1000.0 then Show.scientific x
        else Show.decimals x

    let private place (entry: LossEntry) (p: AccuracyPoint) =
        if Double.IsNaN p.Label then
            "–"
        else
            let parameters =
                Array.map2
                    (fun (parameter: LossParameter) (v: float) -> $"{parameter.Name} {Show.general v}, ")
                    entry.Parameters
                    p.Parameters
                |> String.concat ""

            $"{parameters}y {general p.Label}, z {general p.Score}"

    /// The error, and the condition number where it is.
    let private error (p: AccuracyPoint) =
        if Double.IsNaN p.Label then
            "0"
        else
            $"{ulps p.Error} ({Show.decimals p.Condition})"

    let run (options: BenchOptions) =
        let draws = options.Seeds |> Option.defaultValue 8
        let count = options.Rounds |> Option.defaultValue (if options.Quick then 500 else 20000)

        let reports =
            Losses.all
            |> Array.choose (fun entry ->
                match entry.Definition with
                | LossDefinition.Multiclass _ -> None
                | LossDefinition.Scalar _ -> Some(entry, Accuracy.entry 1UL draws count entry |> Require.ok))
            |> List.ofArray

        let rows =
            reports
            |> List.map (fun (entry, report) ->
                let percent = report.Value.Share * 100.0

                [
                    entry.Name
                    for o in report.Orders do
                        ulps o.Excess
                    for o in report.Orders do
                        error o.Worst
                    $"{Show.whole percent} %%"
                    place entry (report.Orders |> Array.maxBy _.Excess |> _.WorstExcess)
                ])

        let leftOut (o: AccuracyOrder) =
            [ o.OutOfRange; o.Unresolved; o.AtKink; o.Crossings ]

        let left =
            reports
            |> List.filter (fun (_, report) -> report.Orders |> Array.exists (fun o -> List.sum (leftOut o) > 0))
            |> List.map (fun (entry, report) ->
                [
                    entry.Name
                    string (report.Value.Points + List.sum (leftOut report.Value))
                    for o in report.Orders do
                        yield! leftOut o |> List.map string
                ])

        let beyond =
            [
                for entry, report in reports do
                    for o in report.Orders do
                        if o.Beyond > 0 then
                            let p = o.WorstBeyond

                            [
                                entry.Name
                                [| "value"; "first"; "second" |][o.Order]
                                $"{o.Beyond} of {o.Points}"
                                ulps o.Excess
                                ulps o.BeyondExcess
                                Show.decimals p.Condition
                                Show.decimals p.ParameterCondition
                                place entry p
                            ]
            ]

        let header = [ "value"; "first"; "second" ]

        Markdown.paragraphs
            [
                $"Each loss at its default parameters and at {draws} drawn ones, {count} points each. First the largest error in units in the last place over max(1, condition number), for value, first and second derivative; then, among the well conditioned points (condition number at most {Show.whole Accuracy.WellConditioned}), the largest error itself, with the condition number there in parentheses, and the share of such points for the value. The place is that of the largest of the first three."
                Markdown.table
                    ([ "loss" ]
                     @ header
                     @ (header |> List.map (fun h -> h + ", error (condition)"))
                     @ [ "share"; "worst at" ])
                    rows
                if beyond.IsEmpty then
                    $"No error is above {Show.whole Accuracy.Aim} units over max(1, condition number)."
                else
                    $"Where the error is above {Show.whole Accuracy.Aim} units over max(1, condition number), the condition number of the parameters, the sum of |θ ∂f/∂θ| / |f|, is measured too: how many points there are, the largest error over max(1, condition number), and over max(1, both condition numbers) with both at that place."

                    Markdown.table
                        [
                            "loss"
                            "derivative"
                            "points"
                            "error"
                            "with parameters"
                            "condition"
                            "of parameters"
                            "at"
                        ]
                        beyond
                "Points that were left out, for value, first and second derivative: the result out of range, the reference itself without digits, a kink, an exact zero crossing."
                Markdown.table
                    ([ "loss"; "points" ]
                     @ (header |> List.collect (fun h -> [ $"{h}: range"; "unresolved"; "kink"; "zero" ])))
                    left
            ]
