namespace Hindsight.Tool

open System
open System.CommandLine
open System.Globalization
open System.IO
open System.Text.Json.Nodes
open Hindsight
open Hindsight.FSharp

/// A loss of the command line: a row of the registry with its parameters' values, or a formula.
[<NoComparison; NoEquality>]
type ChosenLoss =
    | ScalarLoss of name: string * parameters: (string * float)[] * loss: ILoss
    | MulticlassLoss of name: string * parameters: (string * float)[] * loss: IMulticlassLoss

/// What is asked about losses, without any console.
[<RequireQualifiedAccess>]
module LossQuestions =
    /// Formulas with more nodes than this are nothing to read.
    let private mostNodes = 2000

    let private isWord (text: string) =
        text |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '-')

    /// <summary>A loss by its name in the registry, or by its formula in y and z.</summary>
    let choose (text: string) (settings: (string * float)[]) : Result<ChosenLoss, HindsightError> =
        match Losses.find text with
        | Ok entry when entry.Parameters.Length = 0 && settings.Length > 0 ->
            Error(HindsightError.OutOfRange("--set", fst settings[0], $"nothing: {entry.Name} has no parameters"))
        | Ok entry ->
            result {
                let! values = Losses.parameters entry settings
                let named = Array.zip (entry.Parameters |> Array.map _.Name) values

                return
                    match entry.Definition with
                    | LossDefinition.Scalar create -> ScalarLoss(entry.Name, named, create values)
                    | LossDefinition.Multiclass create -> MulticlassLoss(entry.Name, named, create values)
            }
        | Error unknown ->
            match Formula.parseWith settings text with
            | Ok loss -> Ok(ScalarLoss(text, settings, loss))
            // a word is a misspelt name rather than a formula
            | Error(HindsightError.Malformed _) when isWord text -> Error unknown
            | Error error -> Error error

    /// The formula as text; null where it is too long to read.
    let formula (e: Expr) =
        if e.NodeCount > mostNodes then null else e.Infix

    /// <summary>The gradient in the scores: the loss's own closed form, or a dual number a class.</summary>
    let gradient (loss: IMulticlassLoss) (label: int) (scores: float[]) : struct (float * float[]) =
        let result = Array.zeroCreate scores.Length

        match box loss with
        | :? IMulticlassGradient as closed ->
            let value = closed.Gradient(label, ReadOnlySpan scores, Span<float> result)
            struct (value, result)
        | _ ->
            let mutable value = nan

            for i in 0 .. scores.Length - 1 do
                let seeded = scores |> Array.mapi (fun j z -> Dual<R64>(R64 z, R64(if i = j then 1.0 else 0.0)))

                let d = loss.Eval(label, ReadOnlySpan<Dual<R64>> seeded)
                value <- d.P.V
                result[i] <- d.D.V

            struct (value, result)

    /// <summary>The Hessian in the scores, by nested dual numbers.</summary>
    let hessian (loss: IMulticlassLoss) (label: int) (scores: float[]) =
        let one at i = R64(if i = at then 1.0 else 0.0)

        Array.init scores.Length (fun i ->
            Array.init scores.Length (fun j ->
                let seeded =
                    scores
                    |> Array.mapi (fun k z -> Dual<Dual<R64>>(Dual<R64>(R64 z, one i k), Dual<R64>(one j k, R64 0.0)))

                (loss.Eval(label, ReadOnlySpan<Dual<Dual<R64>>> seeded)).D.D.V))

    /// <summary>The label of a class loss: an index into the scores.</summary>
    let classIndex (label: float) classes =
        if label = floor label && label >= 0.0 && label < float classes then
            Ok(int label)
        else
            Error(
                HindsightError.OutOfRange(
                    "--label",
                    label.ToString("R", CultureInfo.InvariantCulture),
                    $"a class from 0 to {classes - 1}, one for each score"
                )
            )

/// The commands about losses.
[<RequireQualifiedAccess>]
module LossCommands =
    let private text (x: float) =
        x.ToString("R", CultureInfo.InvariantCulture)

    let private texts (xs: float seq) =
        xs |> Seq.map text |> String.concat ", "

    let private required (option: string) (value: string) help =
        match value with
        | null -> Error(HindsightError.Missing(option, help))
        | value -> Ok value

    // ---- hindsight loss list ----

    let private listTable (streams: Streams) =
        let row (entry: LossEntry) =
            let m = entry.Metadata entry.Defaults

            let parameters =
                entry.Parameters |> Seq.map (fun p -> $"{p.Name}={text p.Default}") |> String.concat " "

            [
                entry.Name
                entry.Family
                (if parameters = "" then "-" else parameters)
                string m.Label
                (match entry.Definition with
                 | LossDefinition.Scalar _ -> string m.Score
                 | LossDefinition.Multiclass _ -> "a vector")
            ]

        Terminal.printTable
            streams.Out
            [ "name"; "family"; "parameters"; "label"; "score" ]
            (Losses.all |> List.ofArray |> List.map row)

    let private listJson (streams: Streams) =
        let parameter (p: LossParameter) =
            Json.object
                [
                    "name", Json.text p.Name
                    "meaning", Json.text p.Meaning
                    "default", Json.number p.Default
                    "allowed", Json.text (string p.Allowed)
                ]

        let row (entry: LossEntry) =
            let m = entry.Metadata entry.Defaults

            let kind =
                match entry.Definition with
                | LossDefinition.Scalar _ -> "scalar"
                | LossDefinition.Multiclass _ -> "multiclass"

            Json.object
                [
                    "name", Json.text entry.Name
                    "family", Json.text entry.Family
                    "kind", Json.text kind
                    "parameters", Json.list (entry.Parameters |> Seq.map parameter)
                    "label", Json.text (string m.Label)
                    "score", Json.text (string m.Score)
                    "source", Json.text m.Source
                ]

        streams.Out.WriteLine(Losses.all |> Seq.map row |> Json.list |> Json.write false)

    // ---- hindsight loss NAME ----

    /// What a question is answered with: name and number or numbers, in the order of the output.
    [<NoComparison>]
    type private Answer =
        {
            Name: string
            Parameters: (string * float)[]
            Label: float
            Scores: float[]
            Value: float
            Gradient: float[]
            Hessian: float[][]
            Formula: string
            Source: string
            /// One score: numbers stand alone, not in lists.
            Scalar: bool
        }

    let private answerScalar name parameters (loss: ILoss) label score =
        result {
            let! label = Require.inside "--label" loss.Metadata.Label label
            let! score = Require.inside "--score" loss.Metadata.Score score
            let struct (value, slope, curvature) = Loss.jet loss label score

            return
                {
                    Name = name
                    Parameters = parameters
                    Label = label
                    Scores = [| score |]
                    Value = value
                    Gradient = [| slope |]
                    Hessian = [| [| curvature |] |]
                    Formula = LossQuestions.formula (Formula.ofLoss loss)
                    Source = loss.Metadata.Source
                    Scalar = true
                }
        }

    let private answerMulticlass name parameters (loss: IMulticlassLoss) label (scores: float[]) =
        result {
            let! index = LossQuestions.classIndex label scores.Length
            let struct (value, gradient) = LossQuestions.gradient loss index scores

            return
                {
                    Name = name
                    Parameters = parameters
                    Label = label
                    Scores = scores
                    Value = value
                    Gradient = gradient
                    Hessian = LossQuestions.hessian loss index scores
                    Formula = LossQuestions.formula (Formula.ofMulticlass loss scores.Length index)
                    Source = loss.Metadata.Source
                    Scalar = false
                }
        }

    let private answerJson (a: Answer) =
        let one (values: float[]) : JsonNode =
            if a.Scalar then
                Json.number values[0]
            else
                Json.list (values |> Seq.map Json.number)

        Json.object
            [
                "name", Json.text a.Name
                "parameters", Json.object [ for name, value in a.Parameters -> name, Json.number value ]
                "label", Json.number a.Label
                "score", one a.Scores
                "value", Json.number a.Value
                "gradient", one a.Gradient
                "hessian",
                (if a.Scalar then
                     Json.number (a.Hessian[0][0])
                 else
                     Json.list [ for row in a.Hessian -> Json.list (row |> Seq.map Json.number) ])
                "formula", Json.text a.Formula
                "source", Json.text a.Source
            ]
        |> Json.write false

    let private print (streams: Streams) (a: Answer) =
        let parameters =
            if a.Parameters.Length = 0 then
                ""
            else
                a.Parameters |> Seq.map (fun (name, value) -> $"{name} = {text value}") |> String.concat ", "

        let formula = if isNull a.Formula then "(too long to read)" else a.Formula

        let rows =
            [
                "loss", a.Name
                if parameters <> "" then
                    "parameters", parameters
                "formula", formula
                "label", text a.Label
                (if a.Scalar then "score" else "scores"), texts a.Scores
                "value", text a.Value
                if a.Scalar then
                    "first derivative", text (a.Gradient[0])
                    "second derivative", text (a.Hessian[0][0])
                else
                    "gradient", texts a.Gradient
                if a.Source <> "" then
                    "source", a.Source
            ]

        let width = rows |> List.map (fun (name, _) -> name.Length) |> List.max

        for name, value in rows do
            streams.Out.WriteLine $"{name.PadRight width}  {value}"

    let private nameArgument () =
        Argument<string>(
            "name",
            HelpName = "NAME|FORMULA",
            Description = "A loss of the list, or a formula of label y and score z, as in \"softplus(z) - y*z\"",
            Arity = ArgumentArity.ZeroOrOne
        )

    let private setOption () =
        many "--set" "key=value" "A parameter of the loss (or a name in the formula); repeats"

    let private nameHelp = "give a name of `hindsight loss list`, or a formula in quotes"

    let lossCommand (streams: Streams) =
        let command = Command("loss", "Value, gradient, curvature and formula of a loss")
        let name, set = nameArgument (), setOption ()
        let label = option<string> "--label" "Y" "The label; of a loss of class scores: the class, from 0"

        let score =
            option<string> "--score" "Z" "The score; of a loss of class scores: all of them, as in 0.5,-1,2"

        let json = flag "--json" "Print nothing but a line of JSON"
        command.Add name
        addAll command [ set; label; score; json ]

        command.SetAction(fun parse ->
            result {
                let! name = required "NAME" (parse.GetValue name) nameHelp
                let! settings = Arguments.parameters (parse.GetValue set)
                let! chosen = LossQuestions.choose name settings
                let! labelText = required "--label" (parse.GetValue label) "what was observed"
                let! scoreText = required "--score" (parse.GetValue score) "what the model puts out"
                let! label = Arguments.number "--label" labelText

                let! answer =
                    match chosen with
                    | ScalarLoss(name, parameters, loss) ->
                        Arguments.number "--score" scoreText |> Result.bind (answerScalar name parameters loss label)
                    | MulticlassLoss(name, parameters, loss) ->
                        Arguments.numbers "--score" scoreText
                        |> Result.bind (fun scores ->
                            if scores.Length >= 2 then
                                answerMulticlass name parameters loss label scores
                            else
                                Error(
                                    HindsightError.OutOfRange(
                                        "--score",
                                        scoreText,
                                        "at least two numbers separated by commas, a score a class"
                                    )
                                ))

                return
                    if parse.GetValue json then
                        streams.Out.WriteLine(answerJson answer)
                    else
                        print streams answer
            }
            |> ExitCode.ofQuestion streams)

        let list = Command("list", "Every loss of the library")
        let listAsJson = flag "--json" "Print nothing but a line of JSON"
        list.Add listAsJson

        list.SetAction(fun parse ->
            if parse.GetValue listAsJson then
                listJson streams
            else
                listTable streams

            ExitCode.done')

        command.Add list
        command

    // ---- hindsight plot loss ----

    /// Labels to draw where none are asked for: the ends of the domain as far as it has any.
    let private usualLabels (d: Domain) =
        match d.LowClosed && Double.IsFinite d.Low, d.HighClosed && Double.IsFinite d.High with
        | true, true -> [| d.Low; d.High |]
        | true, false -> [| d.Low; d.Low + 1.0 |]
        | false, true -> [| d.High - 1.0; d.High |]
        | false, false when d.Contains 0.0 -> [| 0.0 |]
        | false, false when d.Contains 1.0 -> [| 1.0 |]
        | _ -> [| (d.Low + d.High) / 2.0 |]

    /// Scores to draw: [-4, 4] as far as the domain reaches, a thousandth away from an open end.
    let private usualScores (d: Domain) =
        let low, high = max d.Low -4.0, min d.High 4.0
        let low, high = if low < high then low, high else d.Low, d.Low + 4.0
        let step = (high - low) / 1000.0
        let low = if d.Contains low then low else low + step
        struct (low, (if d.Contains high then high else high - step))

    let private title name (parameters: (string * float)[]) =
        if parameters.Length = 0 then
            name
        else
            let values = parameters |> Seq.map (fun (key, value) -> $"{key} = {text value}") |> String.concat ", "
            $"{name} ({values})"

    /// The first error among the numbers, if there is one.
    let private allInside argument (domain: Domain) (values: float[]) =
        values
        |> Array.fold
            (fun result value ->
                result |> Result.bind (fun () -> Require.inside argument domain value |> Result.map ignore<float>))
            (Ok())

    let private plot (streams: Streams) name parameters (loss: ILoss) labels scores path =
        let m = loss.Metadata

        result {
            let! write = Picture.writer path

            let! labels =
                match labels with
                | null -> Ok(usualLabels m.Label)
                | text -> Arguments.numbers "--label" text

            let! struct (low, high) =
                match scores with
                | null -> Ok(usualScores m.Score)
                | text -> Arguments.interval "--score" text

            do! allInside "--label" m.Label labels
            do! allInside "--score" m.Score [| low; high |]
            let curves = labels |> Array.map (LossCharts.curve loss low high)
            let formula = Formula.ofLoss loss |> LossQuestions.formula

            let subtitle =
                if isNull formula || formula.Length > 150 then
                    ""
                else
                    formula

            LossCharts.draw (title name parameters) subtitle curves |> write
            streams.Error.WriteLine $"written: {path}"
        }

    let private oneScoreOnly name : Result<unit, HindsightError> =
        Error(HindsightError.OutOfRange("NAME", name, "a loss of one score (this one takes a score a class)"))

    let plotCommand (streams: Streams) =
        let command = Command("plot", "Figures")
        let loss = Command("loss", "A loss and its first derivative over the scores, a curve a label")
        let name, set = nameArgument (), setOption ()

        let label =
            option<string> "--label" "Y,..." "Labels, separated by commas (default: the ends of where labels may lie)"

        let score =
            option<string> "--score" "LO,HI" "Lowest and highest score (default: -4,4 as far as the loss allows)"

        let out = option<string> "--out" "FILE" "The file to write: .svg or .png"
        loss.Add name
        addAll loss [ set; label; score; out ]

        loss.SetAction(fun parse ->
            result {
                let! name = required "NAME" (parse.GetValue name) nameHelp
                let! path = required "--out" (parse.GetValue out) "a file that ends in .svg or .png"
                let! settings = Arguments.parameters (parse.GetValue set)

                match! LossQuestions.choose name settings with
                | ScalarLoss(name, parameters, loss) ->
                    return! plot streams name parameters loss (parse.GetValue label) (parse.GetValue score) path
                | MulticlassLoss(name, _, _) -> return! oneScoreOnly name
            }
            |> ExitCode.ofQuestion streams)

        command.Add loss
        command

    // ---- hindsight certify ----

    /// The constants of a certificate, in the order of the output: name and enclosure, null where there is none.
    let private constants (c: Certificate) : (string * Nullable<Enclosure>) list =
        [
            "infimum", Nullable c.Infimum
            "supremum", Nullable c.Supremum
            "lipschitz", c.Lipschitz
            "smoothness", c.Smoothness
            "strongConvexity", c.StrongConvexity
            "expConcavity", c.ExpConcavity
            "selfConcordance", c.SelfConcordance
            "polyakLojasiewicz", c.PolyakLojasiewicz
            "quadraticGrowth", c.QuadraticGrowth
        ]

    let private certificateJson name parameters formula source (c: Certificate) =
        let ends (i: Ival) =
            Json.list [ Json.number i.Lo; Json.number i.Hi ]

        let enclosure (e: Nullable<Enclosure>) : JsonNode =
            if e.HasValue then
                Json.object
                    [
                        "low", Json.number e.Value.Low
                        "high", Json.number e.Value.High
                        "converged", Json.flag e.Value.Converged
                    ]
            else
                null

        Json.object
            [
                "name", Json.text name
                "parameters", Json.object [ for key, value in parameters -> key, Json.number value ]
                "label", ends c.Label
                "score", ends c.Score
                for constant, value in constants c do
                    constant, enclosure value
                "formula", Json.text formula
                "source", Json.text source
                "notes", Json.list (c.Notes |> Seq.map Json.text)
            ]
        |> Json.write false

    let certifyCommand (streams: Streams) =
        let command =
            Command(
                "certify",
                "Enclosures of a loss's constants (Lipschitz, smoothness, ...) on a box of labels and scores"
            )

        let name, set = nameArgument (), setOption ()
        let label = option<string> "--label" "LO,HI" "Lowest and highest label, or one label"
        let score = option<string> "--score" "LO,HI" "Lowest and highest score"
        let json = flag "--json" "Print nothing but a line of JSON"
        command.Add name
        addAll command [ set; label; score; json ]

        command.SetAction(fun parse ->
            result {
                let! name = required "NAME" (parse.GetValue name) nameHelp
                let! settings = Arguments.parameters (parse.GetValue set)
                let! chosen = LossQuestions.choose name settings
                let! labelText = required "--label" (parse.GetValue label) "lowest and highest label"
                let! scoreText = required "--score" (parse.GetValue score) "lowest and highest score"

                let! struct (y0, y1) =
                    match Arguments.number "--label" labelText with
                    | Ok label -> Ok(struct (label, label))
                    | Error _ -> Arguments.interval "--label" labelText

                let! struct (z0, z1) = Arguments.interval "--score" scoreText

                match chosen with
                | ScalarLoss(name, parameters, loss) ->
                    let! certificate = Certify.certificate CertifyOptions.Default loss (Ival(y0, y1)) (Ival(z0, z1))

                    return
                        if parse.GetValue json then
                            let formula = LossQuestions.formula (Formula.ofLoss loss)

                            certificateJson name parameters formula loss.Metadata.Source certificate
                            |> streams.Out.WriteLine
                        else
                            streams.Out.WriteLine(title name parameters)
                            streams.Out.WriteLine certificate
                | MulticlassLoss(name, _, _) -> return! oneScoreOnly name
            }
            |> ExitCode.ofQuestion streams)

        command

    /// <summary>What --help says below the options.</summary>
    let help =
        """Examples:
  hindsight loss list
  hindsight loss binary-cross-entropy --label 1 --score -0.5
  hindsight loss "softplus(z) - y*z" --label 1 --score -0.5 --json
  hindsight loss "max(0, k - y*z)" --set k=2 --label -1 --score 0.5
  hindsight certify binary-cross-entropy --label 0,1 --score -3,3
  hindsight plot loss half-squared --label 0,1 --score -1,2 --out half-squared.svg

Formulas: + - * / ^, max(a, b), min(a, b), abs, exp, log, log1p, expm1, sqrt, sqr, sigmoid, softplus, tanh, atan, xlogx, pi,
  if a >= b then c else d; y is the label, z the score, other names are given by --set.
"""
