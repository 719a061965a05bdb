namespace Hindsight.Bench

open System
open System.Collections
open System.Globalization
open System.IO
open System.Reflection
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

    /// A closed, finite part of a domain around 0: what certificates are taken on.
    let private part reach (d: Domain) =
        let near = 0.05

        let low =
            if Double.IsFinite d.Low then
                (if d.LowClosed then d.Low else d.Low + near)
            else
                -reach

        let high =
            if Double.IsFinite d.High then
                (if d.HighClosed then d.High else d.High - near)
            else
                reach

        Ival(max low -reach, min high reach)

    let private certifyOptions =
        { CertifyOptions.Default with
            Relative = 1e-3
            Boxes = 4000
        }

    /// Enclosed on labels and scores of at most 4.
    let private certified (row: LossRow) =
        match row.Entry.Definition with
        | LossDefinition.Multiclass _ -> "–"
        | LossDefinition.Scalar create ->
            let loss = create row.Entry.Defaults
            let label, score = part 4.0 row.Metadata.Label, part 4.0 row.Metadata.Score

            let enclosed name (r: Result<Enclosure, HindsightError>) =
                match r with
                | Ok e when e.Converged -> [ $"{name} {number (0.5 * (e.Low + e.High))}" ]
                | Ok e -> [ $"{name} in [{number e.Low}, {number e.High}]" ]
                | Error _ -> []

            [
                yield! enclosed "Lipschitz" (Certify.lipschitz certifyOptions loss label score)
                yield! enclosed "smoothness" (Certify.smoothness certifyOptions loss label score)
                yield! enclosed "strong convexity" (Certify.strongConvexity certifyOptions loss label score)
            ]
            |> String.concat ", "
            |> fun text -> $"{text} on labels {label}, scores {score}"

    /// Worst errors of value, first and second derivative in units in the last place, where the problem is well conditioned.
    let private accuracy (row: LossRow) =
        match row.Entry.Definition with
        | LossDefinition.Multiclass _ -> "–"
        | LossDefinition.Scalar _ ->
            match Accuracy.entry 2026UL 4 2000 row.Entry with
            | Error _ -> "–"
            | Ok report ->
                report.Orders
                |> Array.map (fun o ->
                    if o.Ulps < 1000.0 then
                        Show.short o.Ulps
                    else
                        Show.scientific o.Ulps)
                |> String.concat " / "

    /// Nanoseconds a score of value and gradient in double precision, a batch of 10,000 scores of this machine.
    let private speed (row: LossRow) =
        let count = 10_000
        let scores = LossData.scores 2.0 count

        match row.Entry.Definition with
        | LossDefinition.Scalar create ->
            let kernel = LossKernel.For(create row.Entry.Defaults)
            let label, score = part 4.0 row.Metadata.Label, part 4.0 row.Metadata.Score
            let inside (d: Ival) x = Math.Clamp(x, d.Lo, d.Hi)

            let labels =
                if row.Metadata.Label.EndsOnly then
                    LossData.signs count
                else
                    LossData.labels count |> Array.map (inside label)

            let scores = scores |> Array.map (inside score)
            let gradient = Array.zeroCreate<float> count

            Action(fun () ->
                kernel.Gradient(
                    ReadOnlySpan labels,
                    ReadOnlySpan scores,
                    ReadOnlySpan.Empty,
                    Reduction.Mean,
                    Span gradient
                )
                |> ignore<float>)
        | LossDefinition.Multiclass create ->
            let kernel = MulticlassKernel.For(create row.Entry.Defaults)
            let labels = LossData.classes 10 (count / 10)
            let gradient = Array.zeroCreate<float> count

            Action(fun () ->
                kernel.Gradient(
                    ReadOnlySpan labels,
                    ReadOnlySpan scores,
                    10,
                    ReadOnlySpan.Empty,
                    Reduction.Mean,
                    Span gradient
                )
                |> ignore<float>)
        |> Clock.best 5.0
        |> fun micros -> Show.decimals (1000.0 * micros / float count)

    /// Laws (test methods) and mutants by family, read from the compiled tests.
    let private tests =
        lazy
            (let path =
                Path.Combine(
                    Page.root.Value,
                    "tests",
                    "Losses",
                    "bin",
                    "Release",
                    "net10.0",
                    "Hindsight.Losses.Tests.dll"
                )

             let assembly = Assembly.LoadFrom path

             let named suffix (a: Attribute) = a.GetType().Name = suffix

             let laws =
                 [
                     for fixture in assembly.GetTypes() do
                         for category in
                             fixture.GetCustomAttributes true
                             |> Seq.cast<Attribute>
                             |> Seq.filter (named "CategoryAttribute") do
                             let family = category.GetType().GetProperty("Name").GetValue category |> string

                             for m in
                                 fixture.GetMethods(
                                     BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly
                                 ) do
                                 let attributes = m.GetCustomAttributes true |> Seq.cast<Attribute>

                                 if
                                     attributes
                                     |> Seq.exists (fun a ->
                                         [ "TestAttribute"; "PropertyAttribute"; "TestCaseSourceAttribute" ]
                                         |> List.exists (fun n -> named n a))
                                 then
                                     family
                 ]
                 |> List.countBy id
                 |> Map

             let mutants =
                 [
                     let all =
                         assembly.GetType("Hindsight.Tests.Losses.MutantTests", true).GetProperty("All").GetValue null

                     for mutant in all :?> IEnumerable do
                         mutant.GetType().GetProperty("Family").GetValue mutant |> string
                 ]
                 |> List.countBy id
                 |> Map

             laws, mutants)

    /// Square and Kullback-Leibler loss have their theorems among those of divergences.
    let private names family =
        if family = "online regression" then
            [ family; "divergence" ]
        else
            [ family ]

    let private tested family =
        let laws, mutants = tests.Value

        let total (counts: Map<string, int>) =
            names family |> List.sumBy (fun n -> counts.TryFind n |> Option.defaultValue 0)

        $"{total laws} laws of the family's own, {total mutants} wrong variants that they reject."

    /// <summary>The columns, from left to right: title, and text of a row. A measurement adds one here.</summary>
    let columns: (string * (LossRow -> string)) list =
        [
            "loss", (fun row -> $"`{row.Entry.Name}`")
            "formula", _.Formula
            "parameters (default)", parameters
            "labels", labels
            "scores", scores
            "declared", declared
            "certified", certified
            "ulp: value / first / second", accuracy
            "ns a score", speed
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
            let generic = (fst tests.Value).TryFind "generic" |> Option.defaultValue 0

            $"{Losses.all.Length} losses in {families.Length} families. Beside the laws of its family every loss is held to {generic} generic laws, each of which reads its declared metadata: the whole audit "
            + "(convexity, constants, domains, derivatives, kinks, agreement of interpretations), certified against declared constants, and the accuracy and lane laws."

            for family, entries in families do
                printfn "%s" family
                $"## {family.Substring(0, 1).ToUpperInvariant()}{family.Substring 1}"
                tested family
                table (Array.map row entries)
        ]
        |> Markdown.paragraphs
