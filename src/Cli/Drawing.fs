namespace Hindsight.Tool

open System
open System.Globalization
open System.IO
open System.Xml.Linq
open SkiaSharp
open Hindsight

/// Pixels, y downwards.
[<Struct>]
type Point = { X: float; Y: float }

/// Where a text stands relative to its point.
type Anchor =
    | Start = 0
    | Middle = 1
    | End = 2

/// How a line is drawn; an empty dash is a solid line.
[<NoComparison>]
type Pen =
    {
        Colour: string
        Width: float
        Dash: float[]
    }

/// How a text is drawn.
[<NoComparison>]
type Face =
    {
        Size: float
        Colour: string
        Anchor: Anchor
        Bold: bool
        /// Turned a quarter to the left, for the label of a vertical axis.
        Vertical: bool
    }

/// One thing on paper.
[<NoComparison>]
type Mark =
    /// A line through points. A name is shown when the pointer rests on it; empty: decoration.
    | Line of Name: string * Pen: Pen * Points: Point[]
    /// A filled polygon.
    | Area of Name: string * Colour: string * Opacity: float * Points: Point[]
    /// A line of text, with its base line at the point.
    | Text of Face: Face * At: Point * Content: string

/// A picture as data: written once, rendered as SVG and as PNG.
[<NoComparison>]
type Drawing =
    {
        Title: string
        Width: float
        Height: float
        Marks: Mark list
    }

/// A drawing as SVG: any browser shows it, with its own fonts.
[<RequireQualifiedAccess>]
module Svg =
    let private ns = XNamespace.Get "http://www.w3.org/2000/svg"

    let private number (x: float) =
        Math.Round(x, 2).ToString("0.##", CultureInfo.InvariantCulture)

    let private element name (attributes: (string * string) list) (content: obj list) =
        XElement(
            ns + name,
            [| for key, value in attributes -> XAttribute(XName.Get key, value) |],
            Array.ofList content
        )

    let private points (ps: Point[]) =
        ps |> Seq.map (fun p -> $"{number p.X},{number p.Y}") |> String.concat " "

    let private named name : obj list =
        if name = "" then [] else [ element "title" [] [ name ] ]

    let private mark m =
        match m with
        | Line(name, pen, ps) ->
            element
                "polyline"
                [
                    "points", points ps
                    "fill", "none"
                    "stroke", pen.Colour
                    "stroke-width", number pen.Width
                    "stroke-linejoin", "round"
                    if pen.Dash.Length > 0 then
                        "stroke-dasharray", pen.Dash |> Seq.map number |> String.concat " "
                ]
                (named name)
        | Area(name, colour, opacity, ps) ->
            element "polygon" [ "points", points ps; "fill", colour; "fill-opacity", number opacity ] (named name)
        | Text(face, at, content) ->
            element
                "text"
                [
                    "x", number at.X
                    "y", number at.Y
                    "font-size", number face.Size
                    "fill", face.Colour
                    match face.Anchor with
                    | Anchor.Middle -> "text-anchor", "middle"
                    | Anchor.End -> "text-anchor", "end"
                    | _ -> ()
                    if face.Bold then
                        "font-weight", "bold"
                    if face.Vertical then
                        "transform", $"rotate(-90 {number at.X} {number at.Y})"
                ]
                [ content ]

    /// The drawing as an element, to stand in a page.
    let element' (d: Drawing) =
        element
            "svg"
            [
                "viewBox", $"0 0 {number d.Width} {number d.Height}"
                "width", number d.Width
                "height", number d.Height
                "role", "img"
                "font-family", "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
            ]
            [
                element "title" [] [ d.Title ]
                element "rect" [ "width", "100%"; "height", "100%"; "fill", "#ffffff" ] []
                d.Marks |> List.map mark
            ]

    /// The drawing as a file's text.
    let render (d: Drawing) = (element' d).ToString() + "\n"

/// A drawing as PNG.
[<RequireQualifiedAccess>]
module Png =
    let private families =
        [
            "Inter"
            "Segoe UI"
            "Helvetica Neue"
            "Liberation Sans"
            "Noto Sans"
            "DejaVu Sans"
            "Arial"
        ]

    let private paint (colour: string) (opacity: float) =
        let colour = SKColor.Parse(colour).WithAlpha(byte (Math.Round(255.0 * opacity)))
        new SKPaint(Color = colour, IsAntialias = true)

    let private path closed (ps: Point[]) =
        let path = new SKPath()
        path.AddPoly(ps |> Array.map (fun p -> SKPoint(float32 p.X, float32 p.Y)), closed)
        path

    let private typeface bold =
        let style = if bold then SKFontStyle.Bold else SKFontStyle.Normal

        families
        |> Seq.map (fun family -> SKFontManager.Default.MatchFamily(family, style))
        |> Seq.tryFind (isNull >> not)
        |> Option.defaultWith (fun () -> SKTypeface.FromFamilyName(null, style))

    let private align anchor =
        match anchor with
        | Anchor.Middle -> SKTextAlign.Center
        | Anchor.End -> SKTextAlign.Right
        | _ -> SKTextAlign.Left

    /// A text at the origin where no font has its letters.
    let private drawDots (canvas: SKCanvas) paint (face: Face) content =
        // seven dots make a capital, about seven tenths of a font's size
        let dot = 0.1 * face.Size
        let width = dot * float (Glyphs.width content)

        let left =
            match face.Anchor with
            | Anchor.Middle -> -width / 2.0
            | Anchor.End -> -width
            | _ -> 0.0

        for struct (column, row) in Glyphs.dots content do
            let x, y = left + dot * float column, dot * float (row - 7)
            canvas.DrawRect(float32 x, float32 y, float32 dot, float32 dot, paint)

    let private draw (canvas: SKCanvas) m =
        match m with
        | Line(_, pen, ps) ->
            use paint = paint pen.Colour 1.0
            use path = path false ps
            paint.Style <- SKPaintStyle.Stroke
            paint.StrokeWidth <- float32 pen.Width
            paint.StrokeJoin <- SKStrokeJoin.Round

            if pen.Dash.Length > 0 then
                paint.PathEffect <- SKPathEffect.CreateDash(pen.Dash |> Array.map float32, 0f)

            canvas.DrawPath(path, paint)
        | Area(_, colour, opacity, ps) ->
            use paint = paint colour opacity
            use path = path true ps
            canvas.DrawPath(path, paint)
        | Text(face, at, content) ->
            use paint = paint face.Colour 1.0
            use font = new SKFont(typeface face.Bold, float32 face.Size)
            canvas.Save() |> ignore<int>
            canvas.Translate(float32 at.X, float32 at.Y)

            if face.Vertical then
                canvas.RotateDegrees -90f

            if font.ContainsGlyphs "0" then
                canvas.DrawText(content, 0f, 0f, align face.Anchor, font, paint)
            else
                drawDots canvas paint face content

            canvas.Restore()

    /// The drawing as a file's bytes, two pixels for each of its units.
    let render (d: Drawing) =
        let scale = 2.0
        use surface = SKSurface.Create(SKImageInfo(int (scale * d.Width), int (scale * d.Height)))
        surface.Canvas.Clear SKColors.White
        surface.Canvas.Scale(float32 scale)
        d.Marks |> List.iter (draw surface.Canvas)
        use image = surface.Snapshot()
        use data = image.Encode(SKEncodedImageFormat.Png, 100)
        data.ToArray()

/// A drawing as a file.
[<RequireQualifiedAccess>]
module Picture =
    /// How drawings are written to a path, by its ending; what the ending does not allow is refused before anything else is done. A path of null writes nothing.
    let writer (path: string) : Result<Drawing -> unit, HindsightError> =
        match path with
        | null -> Ok ignore<Drawing>
        | path ->
            match Path.GetExtension(path).ToLowerInvariant() with
            | ".svg" -> Ok(fun drawing -> File.WriteAllText(path, Svg.render drawing))
            | ".png" -> Ok(fun drawing -> File.WriteAllBytes(path, Png.render drawing))
            | _ -> Error(HindsightError.OutOfRange("--out", path, "a file that ends in .svg or .png"))
