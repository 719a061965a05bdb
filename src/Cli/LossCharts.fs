namespace Hindsight.Tool

open System
open System.Globalization
open Hindsight
open Hindsight.FSharp

/// A function of the score, for one label.
[<NoComparison>]
type LossCurve =
    {
        Label: float
        Scores: float[]
        Values: float[]
        Slopes: float[]
    }

/// The figure of a loss: its value and its first derivative over the scores, a curve a label.
[<RequireQualifiedAccess>]
module LossCharts =
    let private short (x: float) =
        x.ToString("0.######", CultureInfo.InvariantCulture)

    let private points = 600

    /// <summary>The loss and its derivative at evenly spaced scores.</summary>
    let curve (loss: ILoss) (low: float) (high: float) (label: float) =
        let scores = [| for i in 0..points -> low + (high - low) * float i / float points |]

        {
            Label = label
            Scores = scores
            Values = scores |> Array.map (Loss.value loss label)
            Slopes = scores |> Array.map (Loss.derivative loss label)
        }

    /// <summary>Round numbers between the two ends: three to seven, a step of 1, 2, 2.5 or 5 times a power of ten.</summary>
    let ticks (low: float) (high: float) =
        let raw = (high - low) / 6.0
        let power = 10.0 ** floor (log10 raw)

        let step =
            [ 1.0; 2.0; 2.5; 5.0; 10.0 ] |> List.map ((*) power) |> List.find (fun s -> s >= raw * 0.999999)

        let first = ceil (low / step - 1e-9)
        [| for i in 0.0 .. floor (high / step + 1e-9) - first -> (first + i) * step |]

    /// The ends of the numbers that are finite, a little apart where they are one.
    let private range (values: float seq) =
        let finite = values |> Seq.filter Double.IsFinite |> Array.ofSeq

        if finite.Length = 0 then
            struct (0.0, 1.0)
        else
            let low, high = Array.min finite, Array.max finite

            let margin =
                if high > low then
                    0.04 * (high - low)
                else
                    0.5 * max 1.0 (abs high)

            struct (low - margin, high + margin)

    let private panel left title (low: float) (high: float) (curves: (string * string * float[] * float[])[]) =
        let top, width, height = 96.0, 470.0, 350.0
        let bottom, right = top + height, left + width
        let struct (least, most) = range (curves |> Seq.collect (fun (_, _, _, values) -> values))
        let px x = left + width * (x - low) / (high - low)

        let py y =
            top + height * (most - y) / (most - least)

        /// the stretches of a curve where it is finite
        let stretches (scores: float[]) (values: float[]) =
            let mutable current = []

            [
                for i in 0 .. scores.Length - 1 do
                    if Double.IsFinite values[i] then
                        current <- Charts.at (px scores[i]) (py values[i]) :: current

                    if (not (Double.IsFinite values[i]) || i = scores.Length - 1) && current.Length > 1 then
                        yield Array.ofList (List.rev current)

                    if not (Double.IsFinite values[i]) then
                        current <- []
            ]

        let tick =
            { Charts.face 12.0 with
                Colour = Charts.soft
            }

        [
            Text({ Charts.face 14.0 with Bold = true }, Charts.at left (top - 12.0), title)

            for y in ticks least most do
                Line("", Charts.solid Charts.faint 1.0, [| Charts.at left (py y); Charts.at right (py y) |])
                Text({ tick with Anchor = Anchor.End }, Charts.at (left - 8.0) (py y + 4.0), short y)

            for x in ticks low high do
                Line("", Charts.solid Charts.faint 1.0, [| Charts.at (px x) top; Charts.at (px x) bottom |])
                Text({ tick with Anchor = Anchor.Middle }, Charts.at (px x) (bottom + 18.0), short x)

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
                "score"
            )

            for name, colour, scores, values in curves do
                for stretch in stretches scores values do
                    Line(name, Charts.solid colour 2.2, stretch)
        ]

    /// <summary>The figure.</summary>
    let draw (title: string) (subtitle: string) (curves: LossCurve[]) =
        let named =
            curves
            |> Array.mapi (fun i c -> $"label {short c.Label}", Charts.palette[i % Charts.palette.Length], c)

        let low = curves[0].Scores[0]
        let high = curves[0].Scores[curves[0].Scores.Length - 1]
        let entries = named |> Array.map (fun (name, colour, _) -> Charts.solid colour 2.6, name)
        let keys, bottom = Charts.legend 96.0 1080.0 516.0 entries

        {
            Title = title
            Width = 1200.0
            Height = bottom + 24.0
            Marks =
                [
                    Text({ Charts.face 20.0 with Bold = true }, Charts.at 96.0 34.0, title)
                    Text(
                        { Charts.face 13.0 with
                            Colour = Charts.soft
                        },
                        Charts.at 96.0 56.0,
                        subtitle
                    )

                    yield! panel 96.0 "value" low high [| for n, colour, c in named -> n, colour, c.Scores, c.Values |]

                    yield!
                        panel
                            690.0
                            "first derivative"
                            low
                            high
                            [| for n, colour, c in named -> n, colour, c.Scores, c.Slopes |]

                    yield! keys
                ]
        }
