namespace Hindsight.Tool

open System
open System.CommandLine
open System.Globalization
open System.IO
open System.Text.Json.Nodes
open Hindsight
open Hindsight.FSharp

/// What is asked about bounds, without any console.
[<RequireQualifiedAccess>]
module BoundQuestions =
    /// The values of a calculator's inputs at settings; those named in the second list are searched, whatever they were set to.
    let answer (calculator: BoundCalculator) (settings: (string * float[])[]) (optimised: string[]) =
        result {
            // what is searched need not be given: the example is where the search starts
            let known name (input: BoundInput) =
                input.Symbol = name || input.Name = name

            let searched =
                calculator.Inputs
                |> Array.filter (fun input -> optimised |> Array.exists (fun name -> known name input))

            let start =
                searched
                |> Array.filter (fun input -> settings |> Array.exists (fun (name, _) -> known name input) |> not)
                |> Array.map (fun input -> input.Symbol, input.Example)

            let! values = calculator |> BoundCalculator.values (Array.append settings start)

            if optimised.Length = 0 then
                let! bound = BoundCalculator.at values calculator
                return struct (values, bound, [||])
            else
                let! best = BoundCalculator.optimise optimised values calculator

                let values =
                    values
                    |> Array.mapi (fun i v ->
                        match best.Symbols |> Array.tryFindIndex (fun s -> s = calculator.Inputs[i].Symbol) with
                        | Some at -> [| best.Values[at] |]
                        | None -> v)

                return struct (values, best.Bound, Array.zip best.Symbols best.Values)
        }

    /// Settings that the calculator has an input for: where several calculators share one list of settings.
    let own (calculator: BoundCalculator) (settings: (string * float[])[]) =
        settings
        |> Array.filter (fun (name, _) ->
            calculator.Inputs |> Array.exists (fun input -> input.Symbol = name || input.Name = name))

    /// Points from low to high: a geometric sequence where the range spans a factor of ten or more, else an even one.
    let points (low: float) (high: float) =
        if low > 0.0 && high / low >= 10.0 then
            [| for i in 0..96 -> low * (high / low) ** (float i / 96.0) |]
        else
            [| for i in 0..96 -> low + (high - low) * float i / 96.0 |]

    /// The bound of a calculator while one input runs through the points; free inputs are the best at each of them. Points where it has no value are left out.
    let curve (calculator: BoundCalculator) (settings: (string * float[])[]) (symbol: string) (xs: float[]) =
        let input = calculator.Inputs |> Array.find (fun input -> input.Symbol = symbol || input.Name = symbol)

        let settings =
            own calculator settings
            |> Array.filter (fun (name, _) -> name <> input.Symbol && name <> input.Name)

        let xs =
            if input.Whole then
                xs |> Array.map Math.Round |> Array.distinct
            else
                xs

        let all =
            xs
            |> Array.map (fun x ->
                calculator
                |> BoundCalculator.evaluate (Array.append settings [| input.Symbol, [| x |] |])
                |> Result.map (fun bound -> struct (x, bound)))

        let values = all |> Array.choose Result.toOption

        match
            all
            |> Array.tryPick (fun r ->
                match r with
                | Error e -> Some e
                | Ok _ -> None)
        with
        | Some error when values.Length = 0 -> Error error
        | _ -> Ok values

/// The commands about bounds.
[<RequireQualifiedAccess>]
module BoundCommands =
    let private text (x: float) =
        x.ToString("R", CultureInfo.InvariantCulture)

    let private short (x: float) =
        x.ToString("G6", CultureInfo.InvariantCulture)

    let private direction (d: BoundDirection) =
        match d with
        | BoundDirection.Lower -> "lower"
        | BoundDirection.Equal -> "equal"
        | _ -> "upper"

    // ---- hindsight bound list ----

    let private inputText (input: BoundInput) =
        if input.Free then
            $"[{input.Symbol}]"
        elif input.Default.Length > 0 then
            $"{input.Symbol}={text input.Default[0]}"
        elif input.Vector then
            $"{input.Symbol}..."
        else
            input.Symbol

    let private listTable (streams: Streams) (rows: BoundCalculator[]) =
        Terminal.printTable
            streams.Out
            [ "name"; "family"; "inputs"; "kind"; "what" ]
            [
                for c in rows ->
                    [
                        c.Name
                        c.Family
                        c.Inputs |> Seq.map inputText |> String.concat " "
                        $"{c.Kind}, {direction c.Direction}"
                        c.Title
                    ]
            ]

    let private inputJson (input: BoundInput) =
        Json.object
            [
                "symbol", Json.text input.Symbol
                "name", Json.text input.Name
                "meaning", Json.text input.Meaning
                "allowed", Json.text (string input.Allowed)
                "whole", Json.flag input.Whole
                "list", Json.flag input.Vector
                "free", Json.flag input.Free
                "default",
                (if input.Default.Length = 0 then
                     null
                 else
                     Json.number input.Default[0])
                "example",
                (if input.Vector then
                     Json.list (input.Example |> Seq.map Json.number)
                 else
                     Json.number input.Example[0])
            ]

    let private listJson (streams: Streams) (rows: BoundCalculator[]) =
        let row (c: BoundCalculator) =
            Json.object
                [
                    "name", Json.text c.Name
                    "family", Json.text c.Family
                    "title", Json.text c.Title
                    "statement", Json.text c.Statement
                    "source", Json.text c.Source
                    "kind", Json.text (string c.Kind)
                    "direction", Json.text (direction c.Direction)
                    "inputs", Json.list (c.Inputs |> Seq.map inputJson)
                    "formula", Json.text (BoundCalculator.formula c)
                    "law", Json.text c.Law
                ]

        streams.Out.WriteLine(rows |> Seq.map row |> Json.list |> Json.write false)

    // ---- hindsight bound NAME ----

    let private boundJson
        (c: BoundCalculator)
        (b: Bound)
        (slopes: BoundSensitivity[])
        (best: (string * float)[])
        (tex: bool)
        =
        Json.object
            [
                "name", Json.text c.Name
                "title", Json.text b.Name
                "statement", Json.text c.Statement
                "value", Json.number b.Value
                "kind", Json.text (string b.Kind)
                "delta", (if b.Delta.HasValue then Json.number b.Delta.Value else null)
                "direction", Json.text (direction b.Direction)
                "source", Json.text b.Source
                "formula", Json.text b.Formula
                if tex then
                    "tex", Json.text (BoundCalculator.tex c)
                "terms",
                Json.list
                    [
                        for t in b.Terms ->
                            Json.object
                                [
                                    "symbol", Json.text t.Symbol
                                    "value", Json.number t.Value
                                    "meaning", Json.text t.Meaning
                                ]
                    ]
                "assumptions",
                Json.list
                    [
                        for a in b.Assumptions ->
                            Json.object
                                [
                                    "name", Json.text a.Name
                                    "status", Json.text (string a.Status)
                                    "detail", Json.text a.Detail
                                ]
                    ]
                "trivial", Json.number b.Trivial
                "vacuous", Json.flag b.Vacuous
                if not (isNull slopes) then
                    "sensitivity",
                    Json.object
                        [
                            for s in slopes ->
                                s.Symbol,
                                Json.object
                                    [
                                        "derivative",
                                        (if s.Derivative.Length = 1 then
                                             Json.number s.Derivative[0]
                                         else
                                             Json.list (s.Derivative |> Seq.map Json.number))
                                        "elasticity", Json.number s.Elasticity
                                    ]
                        ]
                if best.Length > 0 then
                    "optimum", Json.object [ for symbol, value in best -> symbol, Json.number value ]
            ]
        |> Json.write false

    let private print
        (streams: Streams)
        (c: BoundCalculator)
        (b: Bound)
        (slopes: BoundSensitivity[])
        (best: (string * float)[])
        (tex: bool)
        =
        streams.Out.WriteLine(b.ToString "table")
        streams.Out.WriteLine "statement"
        streams.Out.WriteLine $"  {c.Statement}"

        if best.Length > 0 then
            streams.Out.WriteLine "optimum"

            for symbol, value in best do
                streams.Out.WriteLine $"  {symbol} = {short value}"

        if not (isNull slopes) then
            streams.Out.WriteLine "sensitivity (derivative; percent a percent)"

            for s in slopes do
                let derivative = s.Derivative |> Seq.truncate 6 |> Seq.map short |> String.concat ", "
                let more = if s.Derivative.Length > 6 then ", ..." else ""
                streams.Out.WriteLine $"  {s.Symbol}: {derivative}{more}; {short s.Elasticity}"

        if tex then
            streams.Out.WriteLine "tex"
            streams.Out.WriteLine $"  {BoundCalculator.tex c}"

    let private names (text: string) =
        if isNull text then
            [||]
        else
            text.Split(',', StringSplitOptions.TrimEntries ||| StringSplitOptions.RemoveEmptyEntries)

    // ---- hindsight bound compare ----

    let private compare (streams: Streams) (chosen: BoundCalculator list) settings vary path json =
        result {
            let! write = Picture.writer path
            let! struct (symbol, low, high) = Arguments.range "--vary" vary

            // every setting belongs to one of the calculators at least
            do!
                (Ok(), settings)
                ||> Array.fold (fun state (name, _) ->
                    state
                    |> Result.bind (fun () ->
                        if chosen |> List.exists (fun c -> (BoundQuestions.own c [| name, [||] |]).Length > 0) then
                            Ok()
                        else
                            Require.oneOf "input" (chosen |> Seq.collect (fun c -> c.Inputs |> Seq.map _.Symbol)) name
                            |> Result.map ignore<string>))

            do!
                (Ok(), chosen)
                ||> List.fold (fun state c ->
                    state
                    |> Result.bind (fun () ->
                        if (BoundQuestions.own c [| symbol, [||] |]).Length > 0 then
                            Ok()
                        else
                            Error(HindsightError.OutOfRange("--vary", symbol, $"an input of {c.Name}"))))

            let xs = BoundQuestions.points low high

            let! curves =
                chosen
                |> List.map (fun c -> BoundQuestions.curve c settings symbol xs |> Result.map (fun curve -> c, curve))
                |> Arguments.all

            let () =
                if json then
                    Json.list
                        [
                            for c, curve in curves ->
                                Json.object
                                    [
                                        "name", Json.text c.Name
                                        symbol, Json.list [ for struct (x, _) in curve -> Json.number x ]
                                        "value", Json.list [ for struct (_, b) in curve -> Json.number b.Value ]
                                        "vacuous", Json.list [ for struct (_, b) in curve -> Json.flag b.Vacuous ]
                                    ]
                        ]
                    |> Json.write false
                    |> streams.Out.WriteLine
                else
                    let at = [ 0; 24; 48; 72; 96 ] |> List.map (fun i -> xs[i])

                    Terminal.printTable
                        streams.Out
                        ("bound" :: [ for x in at -> $"{symbol} = {short x}" ])
                        [
                            for c, curve in curves ->
                                c.Name
                                :: [
                                    for x in at ->
                                        match
                                            curve
                                            |> Array.tryFind (fun (struct (y, _)) ->
                                                abs (y - x) <= 0.51 && abs (y - x) <= 0.5 * abs x || y = x)
                                        with
                                        | Some(struct (_, b)) ->
                                            (short b.Value) + (if b.Vacuous then " (vacuous)" else "")
                                        | None -> "-"
                                ]
                        ]

            match path with
            | null -> return ()
            | path ->
                // one trivial bound, where the calculators agree on it
                let trivial =
                    curves
                    |> List.map (fun (_, curve) -> curve |> Array.map (fun (struct (x, b)) -> struct (x, b.Trivial)))
                    |> List.distinct

                let guide =
                    match trivial with
                    | [ points ] when points |> Array.exists (fun (struct (_, y)) -> Double.IsFinite y) ->
                        [ SeriesCharts.dashed "trivial" points ]
                    | _ -> []

                let geometric = low > 0.0 && high / low >= 10.0

                let positive =
                    curves
                    |> List.forall (fun (_, curve) -> curve |> Array.forall (fun (struct (_, b)) -> b.Value > 0.0))

                let subtitle =
                    settings
                    |> Seq.map (fun (name, values) ->
                        let v = values |> Seq.map short |> String.concat "," in $"{name} = {v}")
                    |> String.concat ", "

                let () =
                    SeriesCharts.draw
                        "Bounds"
                        subtitle
                        (if geometric then
                             SeriesCharts.logarithmic symbol
                         else
                             SeriesCharts.linear symbol)
                        (if geometric && positive then
                             SeriesCharts.logarithmic "bound"
                         else
                             SeriesCharts.linear "bound")
                        ([
                            for c, curve in curves ->
                                SeriesCharts.line c.Name [ for struct (x, b) in curve -> struct (x, b.Value) ]
                         ]
                         @ guide)
                    |> write

                streams.Error.WriteLine $"written: {path}"
        }

    let private setOption () =
        many "--set" "key=value" "An input by its symbol or name; a list as in g=0.5,1,0.25; repeats"

    let command (streams: Streams) =
        let command = Command("bound", "What a theorem promises: value, formula, source, terms, assumptions")

        let name =
            Argument<string>(
                "name",
                HelpName = "NAME",
                Description = "A bound of `hindsight bound list`",
                Arity = ArgumentArity.ZeroOrOne
            )

        let set = setOption ()
        let sensitivity = flag "--sensitivity" "The derivative in every input, by automatic differentiation"

        let optimise =
            option<string>
                "--optimise"
                "X,..."
                "Inputs to choose so that the bound is best; free ones that are not set are chosen anyway"

        let tex = flag "--tex" "The formula in TeX as well"
        let json = flag "--json" "Print nothing but a line of JSON"
        command.Add name
        addAll command [ set; sensitivity; optimise; tex; json ]

        command.SetAction(fun parse ->
            result {
                let! name =
                    match parse.GetValue name with
                    | null -> Error(HindsightError.Missing("NAME", "give a name of `hindsight bound list`"))
                    | name -> Ok name

                let! calculator = Bounds.find name
                let! settings = Arguments.inputs (parse.GetValue set)

                let! struct (values, bound, best) =
                    BoundQuestions.answer calculator settings (names (parse.GetValue optimise))

                let! slopes =
                    if parse.GetValue sensitivity then
                        BoundCalculator.sensitivity values calculator
                    else
                        Ok null

                let write =
                    if parse.GetValue json then
                        (fun c b s o t -> streams.Out.WriteLine(boundJson c b s o t))
                    else
                        print streams

                write calculator bound slopes best (parse.GetValue tex)
            }
            |> ExitCode.ofQuestion streams)

        let list = Command("list", "Every bound of the library")
        let listAsJson = flag "--json" "Print nothing but a line of JSON"
        let family = option<string> "--family" "FAMILY" "Only the bounds of a family"
        addAll list [ listAsJson; family ]

        list.SetAction(fun parse ->
            result {
                let! rows =
                    match parse.GetValue family with
                    | null -> Ok Bounds.all
                    | family ->
                        Require.oneOf "family" (Bounds.all |> Seq.map _.Family |> Seq.distinct) family
                        |> Result.map (fun known -> Bounds.all |> Array.filter (fun c -> c.Family = known))

                return (if parse.GetValue listAsJson then listJson else listTable) streams rows
            }
            |> ExitCode.ofQuestion streams)

        command.Add list
        let comparison = Command("compare", "Bounds side by side while one input runs through a range")

        let which =
            Argument<string>("names", HelpName = "A,B,...", Description = "Bounds of the list, separated by commas")

        let compareSet = setOption ()
        let vary = option<string> "--vary" "X=LO..HI" "The input that varies, as in T=1e2..1e8"
        let out = option<string> "--out" "FILE" "A figure: .svg or .png"
        let compareJson = flag "--json" "Print nothing but a line of JSON"
        comparison.Add which
        addAll comparison [ compareSet; vary; out; compareJson ]

        comparison.SetAction(fun parse ->
            result {
                let! chosen = names (parse.GetValue which) |> List.ofArray |> List.map Bounds.find |> Arguments.all
                let! settings = Arguments.inputs (parse.GetValue compareSet)

                let! vary =
                    match parse.GetValue vary with
                    | null -> Error(HindsightError.Missing("--vary", "give the input that varies, as in T=1e2..1e8"))
                    | vary -> Ok vary

                return! compare streams chosen settings vary (parse.GetValue out) (parse.GetValue compareJson)
            }
            |> ExitCode.ofQuestion streams)

        command.Add comparison
        command

    /// <summary>What --help says below the options.</summary>
    let help =
        """Examples:
  hindsight bound list
  hindsight bound list --family bandits --json
  hindsight bound squarecb --set T=1e6 --set K=10 --set R=50 --sensitivity
  hindsight bound squarecb --set T=1e6 --set K=10 --set R=50 --optimise gamma --tex
  hindsight bound compare squarecb,squarecb-exact --vary T=1e2..1e8 --set K=10 --set R=50 --out bounds.svg

Inputs in [brackets] are free: what is not set is chosen so that the bound is best.
"""
