namespace Hindsight.Bench

open System
open System.Globalization
open System.Text.RegularExpressions
open Hindsight
open Hindsight.FSharp

/// A row of docs/losses.md: an entry of the registry at its default parameters.
[<NoComparison; NoEquality>]
type LossRow =
    {
        Entry: LossEntry
        Metadata: LossMetadata
        Formula: string
    }

/// The catalogue of losses, made from the registry.
[<RequireQualifiedAccess>]
module LossTables =
    /// Longer formulas are left to the command line.
    let private longest = 160

    /// The classes of a loss of class scores, and the class that is observed, in a formula.
    let private classes, private observed = 3, 1

    let private number (x: float) =
        x.ToString("G6", CultureInfo.InvariantCulture)

    /// A number as it stands in a formula, its sign apart.
    let private exact (x: float) = (Expr.Constant(abs x)).Infix

    let private formulaOf (entry: LossEntry) (parameters: float[]) =
        match entry.Definition with
        | LossDefinition.Scalar create -> Formula.ofLoss (create parameters)
        | LossDefinition.Multiclass create -> Formula.ofMulticlass (create parameters) classes observed

    /// Places to compare two formulas at: labels and scores of the domains.
    let private places (entry: LossEntry) (m: LossMetadata) =
        match entry.Definition with
        | LossDefinition.Scalar _ ->
            [|
                for y in [ -1.0; 0.0; 0.3; 1.0; 2.0; 5.0 ] do
                    for z in [ -2.7; -0.6; 0.05; 0.3; 0.8; 1.9; 4.5 ] do
                        if m.Label.Contains y && m.Score.Contains z then
                            Map [ "y", y; "z", z ]
            |]
        | LossDefinition.Multiclass _ ->
            [|
                for z in [ [ 0.3; -1.2; 0.7 ]; [ -2.0; 1.5; 0.1 ]; [ 0.2; 0.1; -0.4 ] ] do
                    z |> List.mapi (fun i z -> $"z{i}", z) |> Map
            |]

    let private valueAt (place: Map<string, float>) (e: Expr) =
        e.Evaluate<R64>(fun name -> R64 place[name]).V

    let private near (a: float) (b: float) =
        a = b || Double.IsNaN a && Double.IsNaN b || abs (a - b) <= 1e-9 * max (abs a) (abs b)

    /// Numbers that stand for the parameters: somewhere inside of what is typical, and nowhere else in a formula.
    let private stand share (entry: LossEntry) =
        entry.Parameters
        |> Array.mapi (fun i p ->
            let t = (share + 0.6180339887498949 * float i) % 1.0
            p.Typical.Low + (p.Typical.High - p.Typical.Low) * (0.05 + 0.9 * t))

    /// <summary>The formula with the parameters' names in it: found by writing it at numbers that stand for them, and kept only if it has the loss's values
    /// at the defaults and at two other sets of parameters.</summary>
    let private symbolic (entry: LossEntry) : Expr option =
        let names = entry.Parameters |> Array.map (fun p -> p.Name.Replace('-', '_'))
        let at = stand 0.3819660112501051 entry

        let texts =
            Array.fold2
                (fun (text: string) (name: string) (value: float) ->
                    Regex.Replace(text, $@"(?<![\w.]){Regex.Escape(exact value)}(?![\w.])", name))
                (formulaOf entry at).Infix
                names
                at

        let scores = [ for i in 0 .. classes - 1 -> $"z{i}" ]
        let variables = "y" :: "z" :: scores

        match Formula.expression (Seq.append variables names) texts with
        | Error _ -> None
        | Ok formula ->
            let holds (parameters: float[]) =
                let numeric = formulaOf entry parameters

                places entry (entry.Metadata parameters)
                |> Array.forall (fun place ->
                    let all = Array.fold2 (fun map name value -> Map.add name value map) place names parameters
                    near (valueAt place numeric) (valueAt all formula))

            let everywhere =
                [
                    entry.Defaults
                    stand 0.7071067811865476 entry
                    stand 0.141592653589793 entry
                ]
                |> List.forall holds

            if everywhere then Some formula else None

    /// The formula as a cell, and what it is taken at.
    let private formula (entry: LossEntry) =
        let defaults () =
            Array.map2 (fun (p: LossParameter) (v: float) -> $"{p.Name} = {number v}") entry.Parameters entry.Defaults
            |> String.concat ", "

        let written (e: Expr) remark =
            if e.NodeCount <= Expr.LongestText && e.Infix.Length <= longest then
                Some $"`{e.Infix}`{remark}"
            else
                None

        let named =
            if entry.Parameters.Length = 0 then
                None
            else
                symbolic entry |> Option.bind (fun e -> written e "")

        named
        |> Option.orElseWith (fun () ->
            let remark =
                if entry.Parameters.Length = 0 then
                    ""
                else
                    $" at {defaults ()}"

            written (formulaOf entry entry.Defaults) remark)
        |> Option.defaultValue "long: see `hindsight loss`"

    let private parameters (row: LossRow) =
        row.Entry.Parameters
        |> Seq.map (fun p -> $"{p.Name} = {number p.Default} in {p.Allowed}: {p.Meaning}")
        |> String.concat "; "

    let private constant name (value: Nullable<float>) =
        if value.HasValue then
            [ $"{name} {number value.Value}" ]
        else
            []

    /// What the loss declares, in words; constants at the default parameters.
    let private declared (row: LossRow) =
        let m = row.Metadata

        [
            if m.Convex then
                "convex"
            match m.Continuity with
            | -1 -> "with jumps"
            | 0 -> "with kinks"
            | 1 -> "once differentiable"
            | _ -> "twice differentiable"
            yield! constant ">=" m.Infimum
            yield! constant "<=" m.Supremum
            yield! constant "Lipschitz" m.Lipschitz
            yield! constant "smoothness" m.Smoothness
            yield! constant "strong convexity" m.StrongConvexity
            yield! constant "exp-concavity" m.ExpConcavity
            yield! constant "mixability" m.Mixability
            if m.Calibrated.HasValue then
                if m.Calibrated.Value then
                    "calibrated"
                else
                    "not calibrated"
            if m.Elicits <> "" then
                $"elicits {m.Elicits}"
        ]
        |> String.concat ", "

    let private scores (row: LossRow) =
        match row.Entry.Definition with
        | LossDefinition.Scalar _ -> $"{row.Metadata.Score}, {(string row.Metadata.Link).ToLowerInvariant()} link"
        | LossDefinition.Multiclass _ -> "a score a class"

    let private labels (row: LossRow) =
        match row.Entry.Definition with
        | LossDefinition.Scalar _ -> string row.Metadata.Label
        | LossDefinition.Multiclass _ -> "a class"

    /// <summary>The columns, from left to right: title, and text of a row. A measurement adds one here.</summary>
    let columns: (string * (LossRow -> string)) list =
        [
            "loss", (fun row -> $"`{row.Entry.Name}`")
            "formula", _.Formula
            "parameters (default)", parameters
            "labels", labels
            "scores", scores
            "declared", declared
            "source", _.Metadata.Source
        ]

    let private line (cells: string seq) =
        let cells = cells |> Seq.map (fun cell -> cell.Replace("|", @"\|").Replace("\n", " "))
        "| " + String.Join(" | ", cells) + " |"

    let private table (rows: LossRow[]) =
        [
            line (columns |> Seq.map fst)
            line (columns |> Seq.map (fun _ -> "---"))
            for row in rows do
                line (columns |> Seq.map (fun (_, cell) -> cell row))
        ]
        |> String.concat "\n"

    let private row (entry: LossEntry) =
        {
            Entry = entry
            Metadata = entry.Metadata entry.Defaults
            Formula = formula entry
        }

    /// A section a family, a table each.
    let run (_: BenchOptions) =
        let families = Losses.all |> Array.groupBy _.Family

        [
            $"{Losses.all.Length} losses in {families.Length} families."
            for family, entries in families do
                $"## {family.Substring(0, 1).ToUpperInvariant()}{family.Substring 1}"
                table (Array.map row entries)
        ]
        |> Markdown.paragraphs
