namespace Hindsight

open System

module private FormulaMetadata =
    let unknown name =
        { LossMetadata.Default with
            Name = name
            Convex = false
            Continuity = -1
            Infimum = Nullable()
            Source = "formula"
        }

[<Struct; NoComparison; NoEquality>]
type FormulaLoss =
    val private formula: Expr
    val private metadata: LossMetadata | null

    new(formula: Expr, metadata: LossMetadata) =
        for name in formula.Variables do
            if name <> "y" && name <> "z" then
                raise (HindsightException(HindsightError.UnknownName("variable of a loss", name, "", "y, z")))

        {
            formula = formula
            metadata = metadata
        }

    member loss.Formula = loss.formula

    interface ILoss with
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            loss.formula.Evaluate<'T>(fun name -> if name = "y" then label else score)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata =
            match loss.metadata with
            | null -> FormulaMetadata.unknown ""
            | metadata -> metadata

namespace Hindsight.FSharp

open System
open System.Collections.Generic
open System.Globalization
open Hindsight

module private FormulaConstants =
    let private constant<'T when 'T :> IReal<'T> and 'T: struct> high low = 'T.Const2(high, low)
    let pi: Expr = constant 3.141592653589793 1.2246467991473532e-16

/// Where reading stopped, counted from 0, and why.
exception private Stop of at: int * reason: string

/// A recursive-descent reader of formulas.
[<Sealed>]
type private Reader(variables: HashSet<string>, text: string) =
    /// Deeper nesting is refused before it can exhaust the stack.
    let deepest = 200
    let tallest = 1500

    let mutable at = 0
    let mutable depth = 0

    let stop at reason = raise (Stop(at, reason))

    let skip () =
        while at < text.Length && Char.IsWhiteSpace text[at] do
            at <- at + 1

    /// the next character, or 0 at the end
    let peek () =
        skip ()
        if at < text.Length then text[at] else '\000'

    let take c =
        if peek () = c then
            at <- at + 1
            true
        else
            false

    /// the tree, unless it is too deep
    let bounded (x: Expr) =
        if x.Node.Depth > tallest then
            stop at $"a chain of more than {tallest} operators"

        x

    let describe () =
        match peek () with
        | '\000' -> "the end"
        | c -> $"'{c}'"

    let expect c what =
        if not (take c) then
            stop at $"'{c}' is expected {what}, not {describe ()}"

    /// the word that begins here, without taking it
    let word () =
        skip ()
        let mutable last = at

        while last < text.Length && (Char.IsAsciiLetterOrDigit text[last] || text[last] = '_') do
            last <- last + 1

        text[at .. last - 1]

    let takeWord expected =
        if word () = expected then
            at <- at + expected.Length
            true
        else
            false

    let expectWord expected =
        if not (takeWord expected) then
            stop at $"'{expected}' is expected, not {describe ()}"

    let digits () =
        while at < text.Length && Char.IsAsciiDigit text[at] do
            at <- at + 1

    let number () =
        let first = at
        digits ()

        if at < text.Length && text[at] = '.' then
            at <- at + 1
            digits ()

        if at < text.Length && (text[at] = 'e' || text[at] = 'E') then
            let mantissa = at
            at <- at + 1

            if at < text.Length && (text[at] = '+' || text[at] = '-') then
                at <- at + 1

            if at < text.Length && Char.IsAsciiDigit text[at] then
                digits ()
            else
                at <- mantissa

        match Double.TryParse(text[first .. at - 1], NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when Double.IsFinite value -> Expr.Constant value
        | _ -> stop first $"'{text[first .. at - 1]}' is no number"

    let deeper (read: unit -> Expr) =
        depth <- depth + 1

        if depth > deepest then
            stop at $"more than {deepest} levels of nesting"

        let result = read ()
        depth <- depth - 1
        result

    let rec wholePower (x: Expr) (n: int) =
        if n = 1 then
            x
        elif n % 2 = 0 then
            FormulaFunctions.sqr (wholePower x (n / 2))
        else
            wholePower x (n - 1) * x

    let power (x: Expr) (exponent: float) =
        if exponent = Math.Floor exponent && abs exponent >= 2.0 && abs exponent <= 64.0 then
            let p = wholePower x (int (abs exponent))
            if exponent < 0.0 then 1.0 / p else p
        else
            Expr.Pow(x, exponent)

    let functions =
        dict
            [
                "exp", Expr.Exp
                "log", Expr.Log
                "ln", Expr.Log
                "sqrt", Expr.Sqrt
                "tanh", Expr.Tanh
                "atan", Expr.Atan
                "abs", Expr.Abs
                "log1p", FormulaFunctions.log1p
                "expm1", FormulaFunctions.expm1
                "sqr", FormulaFunctions.sqr
                "sigmoid", FormulaFunctions.sigmoid
                "softplus", FormulaFunctions.softplus
                "xlogx", FormulaFunctions.xlogx
            ]

    let pairs =
        dict
            [
                "max", FormulaFunctions.maximum
                "min", FormulaFunctions.minimum
                "logitdivergence", FormulaFunctions.logitDivergence
            ]

    /// the value of a tree without variables
    let constant start what (x: Expr) =
        if x.Variables.Length > 0 then
            stop start $"{what} must be a constant"

        x.Evaluate<R64>(fun _ -> R64 0.0).V

    let rec conditional () : Expr =
        deeper (fun () ->
            if takeWord "if" then
                let left = sum ()
                let start = at
                let less = take '<'

                if not less && not (take '>') then
                    stop start $"a comparison (>=, <=, > or <) is expected, not {describe ()}"

                let orEqual = take '='
                let right = sum ()
                expectWord "then"
                let a = conditional ()
                expectWord "else"
                let b = conditional ()
                let select = FormulaFunctions.select

                match less, orEqual with
                | false, true -> select (left - right) a b
                | true, true -> select (right - left) a b
                | true, false -> select (left - right) b a
                | false, false -> select (right - left) b a
            else
                sum ())

    and sum () =
        let mutable x =
            if take '-' then
                -(product ())
            else
                if peek () = '+' then
                    at <- at + 1

                product ()

        let mutable go = true

        while go do
            if take '+' then x <- bounded (x + product ())
            elif take '-' then x <- bounded (x - product ())
            else go <- false

        x

    and product () =
        let mutable x = factor ()
        let mutable go = true

        while go do
            if take '*' then x <- bounded (x * factor ())
            elif take '/' then x <- bounded (x / factor ())
            else go <- false

        x

    and factor () : Expr =
        if take '-' then
            deeper (fun () -> -(factor ()))
        else
            raised ()

    and raised () =
        let x = atom ()

        if take '^' then
            skip ()
            let start = at
            power x (deeper factor |> constant start "an exponent")
        else
            x

    and argument name =
        expect '(' $"after {name}"
        let x = conditional ()
        x

    and atom () : Expr =
        match peek () with
        | '(' ->
            at <- at + 1
            let x = conditional ()
            expect ')' "to close a parenthesis"
            x
        | c when Char.IsAsciiDigit c || c = '.' -> number ()
        | c when Char.IsAsciiLetter c -> name ()
        | _ -> stop at $"a number, a name or a parenthesis is expected, not {describe ()}"

    and name () =
        let start = at
        let name = word ()

        if variables.Contains name then
            at <- at + name.Length
            Expr.Variable name
        else
            at <- at + name.Length

            match name with
            | "pi" -> FormulaConstants.pi
            | "inf" -> Expr.Constant Double.PositiveInfinity
            | "nan" -> Expr.Constant Double.NaN
            | "pow" ->
                let x = argument name
                expect ',' "between the base and the exponent"
                skip ()
                let first = at
                let exponent = conditional () |> constant first "an exponent"
                expect ')' "after the exponent"
                Expr.Pow(x, exponent)
            | _ when functions.ContainsKey name ->
                let x = argument name
                expect ')' $"after the argument of {name}"
                functions[name] x
            | _ when pairs.ContainsKey name ->
                let x = argument name
                expect ',' $"between the arguments of {name}"
                let y = conditional ()
                expect ')' $"after the arguments of {name}"
                pairs[name] x y
            | _ ->
                let known = Seq.concat [ Seq.sort variables; functions.Keys; pairs.Keys; [ "pow"; "pi" ] ]

                match Require.oneOf "name" known name with
                | Error(HindsightError.UnknownName(_, _, nearest, all)) when nearest <> "" ->
                    stop start $"there is no name '{name}'; did you mean '{nearest}'? Known are {all}"
                | _ ->
                    let all = String.concat ", " known
                    stop start $"there is no name '{name}'; known are {all}"

    member _.Read() =
        let x = conditional ()

        if peek () <> '\000' then
            stop at $"an operator is expected, not {describe ()}"

        x

[<RequireQualifiedAccess>]
module Formula =
    let unknown name = FormulaMetadata.unknown name

    let private label = Expr.Variable "y"
    let private score = Expr.Variable "z"

    /// How often a tree is surely continuously differentiable: 2 if all its parts are analytic on the whole line, 0 if some are only continuous, -1 if one may jump or end.
    let rec private continuity (e: Expr) =
        let own =
            match e.Label with
            | "if"
            | "log"
            | "log1p"
            | "sqrt"
            | "xlogx"
            | "logitdivergence" -> -1
            | "/" when e.Children[1].Variables.Length > 0 -> -1
            | label when label.StartsWith '^' -> -1
            | "abs"
            | "max"
            | "min" -> 0
            | _ -> 2

        e.Children |> Array.fold (fun least child -> min least (continuity child)) own

    let private declared name formula =
        FormulaLoss(
            formula,
            { unknown name with
                Continuity = continuity formula
            }
        )

    let loss name (formula: Expr -> Expr -> Expr) = declared name (formula label score)

    let expression (variables: string seq) (text: string) : Result<Expr, HindsightError> =
        match variables |> Seq.tryFind (Expr.IsName >> not) with
        | Some name ->
            Error(
                HindsightError.OutOfRange(
                    "variable",
                    $"'{name}'",
                    "a letter followed by letters, digits and underscores that is no function or constant of formulas"
                )
            )
        | None ->
            try
                Ok(Reader(HashSet variables, text).Read())
            with Stop(at, reason) ->
                Error(HindsightError.Malformed($"formula '{text}'", $"character {at + 1}", reason))

    let parseWith (parameters: (string * float) seq) (text: string) =
        let values = Array.ofSeq parameters
        let names = Array.map fst values

        let invalid =
            names
            |> Array.tryFind (fun name -> name = "y" || name = "z" || (Array.filter ((=) name) names).Length > 1)

        result {
            do!
                match invalid with
                | Some name ->
                    Error(HindsightError.OutOfRange("parameter", $"'{name}'", "a name other than y and z, given once"))
                | None -> Ok()

            do! Require.allFinite "parameters" (ReadOnlySpan(Array.map snd values))
            let! tree = expression (Seq.append [ "y"; "z" ] names) text

            let bound =
                tree.Evaluate<Expr>(fun name ->
                    match values |> Array.tryFind (fun (n, _) -> n = name) with
                    | Some(_, value) -> Expr.Constant value
                    | None -> Expr.Variable name)

            return declared text bound
        }

    let parse text = parseWith [] text

    let ofLoss (loss: ILoss) = loss.Eval(label, score)

    let ofMulticlass (loss: IMulticlassLoss) classes label =
        let scores = Array.init classes (fun i -> Expr.Variable $"z{i}")
        loss.Eval(label, ReadOnlySpan<Expr> scores)
