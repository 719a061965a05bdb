namespace Hindsight.Tool

open System
open System.Globalization

/// A mean over the rounds with a band around it.
[<NoComparison>]
type Curve =
    {
        Name: string
        Rounds: int[]
        Values: Statistic[]
    }

/// A function to compare growth with.
[<NoComparison; NoEquality>]
type Guide =
    {
        Name: string
        At: float -> float
        Dash: float[]
    }

/// What the figure says, before any pixel.
[<NoComparison; NoEquality>]
type Figure =
    {
        Title: string
        Subtitle: string
        Measure: string
        Curves: Curve[]
        Guides: Guide[]
    }

/// The figure of a run: the curves on plain axes, and once more on logarithmic ones, where growth shows as slope.
[<RequireQualifiedAccess>]
module Charts =
    /// Okabe and Ito's palette, told apart by colour-blind readers too; its yellow, too pale for a line on white, gives way to a purple.
    let palette =
        [|
            "#0072B2"
            "#D55E00"
            "#009E73"
            "#CC79A7"
            "#E69F00"
            "#56B4E9"
            "#222222"
            "#7B4FA3"
        |]

    let ink = "#222222"
    let soft = "#666666"
    let faint = "#E3E6EA"

    let solid colour width =
        {
            Colour = colour
            Width = width
            Dash = [||]
        }

    let face size =
        {
            Size = size
            Colour = ink
            Anchor = Anchor.Start
            Bold = false
            Vertical = false
        }

    let at x y = { X = x; Y = y }

    /// The number at a tick of an axis that ends at the given one: 12,500, or 12.5k where the axis ends beyond 100,000.
    let private text (high: float) (x: float) =
        let number (format: string) (x: float) =
            x.ToString(format, CultureInfo.InvariantCulture)

        if high < 1e5 || x < 1e3 then number "#,##0.######" x
        elif x < 1e6 then number "0.###k" (x / 1e3)
        else number "0.###M" (x / 1e6)

    /// <summary>Round numbers from 0 to at least the given one: about five, a step of 1, 2, 2.5 or 5 times a power of ten.</summary>
    let linearTicks (high: float) =
        let raw = high / 5.0
        let power = 10.0 ** floor (log10 raw)

        let step =
            [ 1.0; 2.0; 2.5; 5.0; 10.0 ] |> List.map ((*) power) |> List.find (fun s -> s >= raw * 0.999999)

        [| for i in 0 .. int (ceil (high / step - 1e-9)) -> float i * step |]

    /// <summary>Powers of ten between the two numbers, ends included; with fewer than three of them also 2 and 5 times.</summary>
    let logTicks (low: float) (high: float) =
        let powers factors =
            [|
                for power in int (floor (log10 low)) .. int (ceil (log10 high)) do
                    for factor in factors do
                        let tick = Math.Round(factor * 10.0 ** float power, 12)

                        if tick >= low * 0.999999 && tick <= high * 1.000001 then
                            tick
            |]

        let decades = powers [ 1.0 ]

        if decades.Length < 3 then
            powers [ 1.0; 2.0; 5.0 ]
        else
            decades

    /// An axis: its ends, its ticks, and the share of its length at a value.
    [<NoComparison; NoEquality>]
    type private Axis =
        {
            Low: float
            High: float
            Ticks: float[]
            Share: float -> float
        }

    let private linear high =
        let ticks = linearTicks high
        let high = ticks[ticks.Length - 1]

        {
            Low = 0.0
            High = high
            Ticks = ticks
            Share = fun x -> x / high
        }

    let private logarithmic low high =
        {
            Low = low
            High = high
            Ticks = logTicks low high
            Share = fun x -> log (x / low) / log (high / low)
        }

    /// Where a panel stands, in pixels.
    [<Struct>]
    type private Frame =
        {
            Left: float
            Top: float
            Width: float
            Height: float
        }

    let private panel frame title measure (x: Axis) (y: Axis) curves guides =
        let px v = frame.Left + frame.Width * x.Share v
        // what lies beyond an axis is drawn on its edge
        let py v =
            frame.Top + frame.Height * (1.0 - y.Share(Math.Clamp(v, y.Low, y.High)))

        let bottom, right = frame.Top + frame.Height, frame.Left + frame.Width
        let inside (round: int) = float round >= x.Low

        [
            Text({ face 14.0 with Bold = true }, at frame.Left (frame.Top - 12.0), title)

            for tick in y.Ticks do
                Line("", solid faint 1.0, [| at frame.Left (py tick); at right (py tick) |])

                Text(
                    { face 12.0 with
                        Colour = soft
                        Anchor = Anchor.End
                    },
                    at (frame.Left - 8.0) (py tick + 4.0),
                    text y.High tick
                )

            for tick in x.Ticks do
                Line("", solid faint 1.0, [| at (px tick) frame.Top; at (px tick) bottom |])

                Text(
                    { face 12.0 with
                        Colour = soft
                        Anchor = Anchor.Middle
                    },
                    at (px tick) (bottom + 18.0),
                    text x.High tick
                )

            Line("", solid soft 1.0, [| at frame.Left frame.Top; at frame.Left bottom; at right bottom |])
            Text(
                { face 13.0 with
                    Anchor = Anchor.Middle
                },
                at (frame.Left + frame.Width / 2.0) (bottom + 40.0),
                "round"
            )

            Text(
                { face 13.0 with
                    Anchor = Anchor.Middle
                    Vertical = true
                },
                at (frame.Left - 62.0) (frame.Top + frame.Height / 2.0),
                measure
            )

            for guide in guides do
                let points =
                    [|
                        for i in 0..200 do
                            let round = x.Low * (x.High / x.Low) ** (float i / 200.0)
                            let value = guide.At round

                            if value >= y.Low && value <= y.High then
                                at (px round) (py value)
                    |]

                if points.Length > 1 then
                    Line(
                        guide.Name,
                        {
                            Colour = soft
                            Width = 1.5
                            Dash = guide.Dash
                        },
                        points
                    )

            for colour, curve in curves do
                let seen = Array.zip curve.Rounds curve.Values |> Array.filter (fst >> inside)

                let edge sign =
                    seen |> Array.map (fun (r, v) -> at (px (float r)) (py (v.Mean + sign * v.StandardError)))

                if seen |> Array.exists (fun (_, v) -> v.StandardError > 0.0) then
                    Area(
                        $"{curve.Name}, one standard error",
                        colour,
                        0.18,
                        Array.append (edge 1.0) (Array.rev (edge -1.0))
                    )

            for colour, curve in curves do
                let points =
                    Array.zip curve.Rounds curve.Values
                    |> Array.filter (fst >> inside)
                    |> Array.map (fun (r, v) -> at (px (float r)) (py v.Mean))

                if points.Length > 0 then
                    let value =
                        curve.Values[curve.Values.Length - 1].Mean.ToString("#,##0.#", CultureInfo.InvariantCulture)

                    Line($"{curve.Name}: {value}", solid colour 2.2, points)
        ]

    /// Swatches and names, in rows as wide as the picture.
    let legend left width top (entries: (Pen * string)[]) =
        // fonts are the reader's: a generous width for each character
        let cell (name: string) = 60.0 + 8.2 * float name.Length
        let mutable x, y = left, top

        [
            for pen, name in entries do
                if x > left && x + cell name > left + width then
                    x <- left
                    y <- y + 22.0

                Line("", pen, [| at x y; at (x + 28.0) y |])
                Text(face 13.0, at (x + 36.0) (y + 4.5), name)
                x <- x + cell name
        ],
        y

    /// <summary>The growth that theory promises, unscaled: sqrt(K t) and log t.</summary>
    let guides arms =
        [|
            {
                Name = $"√(KT), K = {arms}"
                At = fun t -> sqrt (float arms * t)
                Dash = [| 7.0; 4.0 |]
            }
            {
                Name = "log T"
                At = log
                Dash = [| 2.0; 4.0 |]
            }
        |]

    /// <summary>The figure as a drawing. Every curve is in both panels; the guides are in the logarithmic one.</summary>
    let draw (figure: Figure) =
        let width, panelWidth = 1200.0, 470.0

        let left =
            {
                Left = 96.0
                Top = 96.0
                Width = panelWidth
                Height = 350.0
            }

        let right = { left with Left = 690.0 }
        let curves = figure.Curves |> Array.mapi (fun i c -> palette[i % palette.Length], c)

        let values =
            [|
                for c in figure.Curves do
                    yield! c.Values
            |]

        let rounds = figure.Curves |> Seq.collect _.Rounds |> Seq.fold max 2 |> float

        let high =
            values
            |> Seq.map (fun v ->
                if v.StandardError > 0.0 then
                    v.Mean + v.StandardError
                else
                    v.Mean)
            |> Seq.fold max 1e-9

        // a good learner's regret begins next to nothing: below a tenth, four decades under the highest say enough
        let least = values |> Seq.map _.Mean |> Seq.filter (fun m -> m > 0.0) |> Seq.fold min high
        let low = max least (min 0.1 (high * 1e-4))

        let entries =
            [|
                for colour, curve in curves -> solid colour 2.6, curve.Name
                for guide in figure.Guides ->
                    {
                        Colour = soft
                        Width = 1.5
                        Dash = guide.Dash
                    },
                    guide.Name
            |]

        let keys, bottom = legend 96.0 (width - 120.0) 516.0 entries

        {
            Title = figure.Title
            Width = width
            Height = bottom + 24.0
            Marks =
                [
                    Text({ face 20.0 with Bold = true }, at 96.0 34.0, figure.Title)
                    Text({ face 13.0 with Colour = soft }, at 96.0 56.0, figure.Subtitle)
                    yield! panel left "linear" figure.Measure (linear rounds) (linear high) curves [||]

                    yield!
                        panel
                            right
                            "log-log"
                            figure.Measure
                            (logarithmic 1.0 rounds)
                            (logarithmic low (high * 1.15))
                            curves
                            figure.Guides

                    yield! keys
                ]
        }

    /// <summary>The figure of a run.</summary>
    let ofSummary (s: Summary) =
        let p = s.Parameters
        let count = Array.length p.Seeds

        let band =
            if count > 1 then
                ", bands: mean ± one standard error"
            else
                ""

        let interrupted = if s.Interrupted then ", interrupted" else ""
        let rounds = p.Rounds.ToString("#,##0", CultureInfo.InvariantCulture)

        {
            Title = $"{s.Measure.Substring(0, 1).ToUpperInvariant()}{s.Measure.Substring 1}: {p.Data}"
            Subtitle =
                $"{rounds} rounds, {p.Arms} arms, protocol {p.Protocol}, seeds {Arguments.seedsText p.Seeds}{band}{interrupted}"
            Measure = s.Measure
            Curves =
                s.Algorithms
                |> Array.map (fun a ->
                    {
                        Name = a.Name
                        Rounds = a.Grid
                        Values = a.Curve
                    })
            Guides = guides p.Arms
        }
