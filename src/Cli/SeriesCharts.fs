namespace Hindsight.Tool

open System
open System.Globalization

/// A line of a chart. Points that are not finite, or not positive on a logarithmic axis, leave a gap.
[<NoComparison>]
type Series =
    {
        Name: string
        Points: struct (float * float)[]
        /// Empty: solid.
        Dash: float[]
    }

/// An axis: what it measures, and its scale.
[<NoComparison>]
type Scale = { Measure: string; Logarithmic: bool }

/// A chart of lines over two axes.
[<RequireQualifiedAccess>]
module SeriesCharts =
    /// A solid line.
    let line name (points: struct (float * float) seq) =
        {
            Name = name
            Points = Array.ofSeq points
            Dash = [||]
        }

    /// A dashed line: a bound beside what is measured, a guide.
    let dashed name points =
        { line name points with
            Dash = [| 7.0; 4.0 |]
        }

    /// A plain axis.
    let linear measure =
        {
            Measure = measure
            Logarithmic = false
        }

    /// A logarithmic axis.
    let logarithmic measure =
        {
            Measure = measure
            Logarithmic = true
        }

    let private text (x: float) =
        let a = abs x

        if x = 0.0 then
            "0"
        elif a >= 1e5 || a < 1e-4 then
            x.ToString("0.##e0", CultureInfo.InvariantCulture)
        else
            x.ToString("#,##0.######", CultureInfo.InvariantCulture)

    let private shows scale x =
        Double.IsFinite x && (not scale.Logarithmic || x > 0.0)

    /// The ends of an axis, its ticks, and the share of its length at a value.
    let private axis (scale: Scale) (values: float[]) =
        let shown = values |> Array.filter (shows scale)

        let low, high =
            if shown.Length = 0 then
                1.0, 2.0
            else
                Array.min shown, Array.max shown

        if scale.Logarithmic then
            let low, high = if high > low then low, high else low / 2.0, high * 2.0
            let ticks = Charts.logTicks low high

            // many decades: a tick every few
            let every = 1 + ticks.Length / 9
            let ticks = ticks |> Array.indexed |> Array.filter (fun (i, _) -> i % every = 0) |> Array.map snd
            struct (ticks, (fun x -> log (x / low) / log (high / low)))
        else
            // an axis that starts near 0 starts at 0
            let low = if low > 0.0 && low < 0.5 * high then 0.0 else low
            let high = if high > low then high else low + max 1.0 (abs low)
            let margin = 0.03 * (high - low)
            let low = if low = 0.0 then 0.0 else low - margin
            let high = high + margin
            struct (LossCharts.ticks low high, (fun x -> (x - low) / (high - low)))

    /// <summary>The chart.</summary>
    let draw (title: string) (subtitle: string) (xScale: Scale) (yScale: Scale) (series: Series list) =
        let left, top, width, height = 110.0, 84.0, 760.0, 400.0
        let bottom, right = top + height, left + width
        let all = series |> Seq.collect _.Points |> Seq.toArray
        let struct (xTicks, xShare) = axis xScale (all |> Array.map (fun (struct (x, _)) -> x))
        let struct (yTicks, yShare) = axis yScale (all |> Array.map (fun (struct (_, y)) -> y))
        let px x = left + width * xShare x
        let py y = bottom - height * yShare y

        let stretches (points: struct (float * float)[]) =
            let mutable current = []

            [
                for i in 0 .. points.Length - 1 do
                    let struct (x, y) = points[i]
                    let visible = shows xScale x && shows yScale y

                    if visible then
                        current <- Charts.at (px x) (py y) :: current

                    if (not visible || i = points.Length - 1) && not current.IsEmpty then
                        yield current |> List.rev |> Array.ofList
                        current <- []
            ]

        let soft =
            { Charts.face 12.0 with
                Colour = Charts.soft
            }

        let pens =
            series
            |> List.mapi (fun i s ->
                { Charts.solid Charts.palette[i % Charts.palette.Length] 2.2 with
                    Dash = s.Dash
                })

        let keys, end' =
            Charts.legend left width (bottom + 66.0) (List.zip pens (series |> List.map _.Name) |> Array.ofList)

        {
            Title = title
            Width = right + 30.0
            Height = end' + 24.0
            Marks =
                [
                    Text({ Charts.face 18.0 with Bold = true }, Charts.at left 34.0, title)
                    Text({ soft with Size = 13.0 }, Charts.at left 56.0, subtitle)

                    for y in yTicks do
                        Line("", Charts.solid Charts.faint 1.0, [| Charts.at left (py y); Charts.at right (py y) |])
                        Text({ soft with Anchor = Anchor.End }, Charts.at (left - 8.0) (py y + 4.0), text y)

                    for x in xTicks do
                        Line("", Charts.solid Charts.faint 1.0, [| Charts.at (px x) top; Charts.at (px x) bottom |])
                        Text({ soft with Anchor = Anchor.Middle }, Charts.at (px x) (bottom + 18.0), text x)

                    Line(
                        "",
                        Charts.solid Charts.soft 1.0,
                        [| Charts.at left top; Charts.at left bottom; Charts.at right bottom |]
                    )
                    Text(
                        { Charts.face 13.0 with
                            Anchor = Anchor.Middle
                        },
                        Charts.at (left + width / 2.0) (bottom + 40.0),
                        xScale.Measure
                    )
                    Text(
                        { Charts.face 13.0 with
                            Anchor = Anchor.Middle
                            Vertical = true
                        },
                        Charts.at 28.0 (top + height / 2.0),
                        yScale.Measure
                    )

                    for s, pen in List.zip series pens do
                        for stretch in stretches s.Points do
                            // a single point is a short stroke
                            let stretch =
                                if stretch.Length = 1 then
                                    [|
                                        { stretch[0] with
                                            X = stretch[0].X - 3.0
                                        }
                                        { stretch[0] with
                                            X = stretch[0].X + 3.0
                                        }
                                    |]
                                else
                                    stretch

                            Line(s.Name, pen, stretch)

                    yield! keys
                ]
        }
