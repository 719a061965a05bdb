/// Wrong printers, readers, simplifiers and counters of formulas.
module Hindsight.Tests.Losses.ExprMutants

open System
open System.Globalization
open System.Text.RegularExpressions
open FsCheck
open FsCheck.FSharp
open Hindsight
open Hindsight.FSharp

let private trees =
    lazy
        (Gen.sampleWithSeed (Rnd 11UL) 300 300 (ExprArbitraries.Tree().Generator)
         |> Array.map (fun (Tree e) -> e))

let private cases =
    lazy
        (Gen.sampleWithSeed (Rnd 12UL) 600 600 (ExprArbitraries.ComputationCase().Generator)
         |> Array.filter (fun c -> Computation.tame c.Label c.Score c.Computation))

let private printer name (wrong: string -> string) =
    Mutant.make "expressions" name (fun () ->
        trees.Value |> Array.forall (ExprLaws.readsBack (fun e -> wrong e.Infix)) |> not)

let private replace (pattern: string) (by: string) text = Regex.Replace(text, pattern, by)

/// A tree built after the computation was rewritten, wherever the rule applies.
let private rewriting name (extra: ComputationCase list) (rule: Computation -> Computation) =
    let rec rewrite c =
        match c with
        | Computation.Unary(f, x) -> rule (Computation.Unary(f, rewrite x))
        | Computation.Power(x, p) -> rule (Computation.Power(rewrite x, p))
        | Computation.Binary(o, a, b) -> rule (Computation.Binary(o, rewrite a, rewrite b))
        | Computation.Choice(c, a, b) -> rule (Computation.Choice(rewrite c, rewrite a, rewrite b))
        | leaf -> rule leaf

    Mutant.make "expressions" name (fun () ->
        Seq.append extra cases.Value |> Seq.forall (ExprLaws.sameJet (rewrite >> Computation.tree)) |> not)

let private tex name (wrong: string -> string) =
    Mutant.make "expressions" name (fun () ->
        trees.Value |> Array.forall (fun e -> ExprLaws.balanced (wrong e.TeX)) |> not)

let private reader name (wrong: string -> string) =
    Mutant.make "expressions" name (fun () -> not (ExprLaws.precedence (wrong >> Formula.expression [ "z" ])))

let private counter name count =
    Mutant.make "expressions" name (fun () -> not (ExprLaws.counts count))

let private atZero c =
    {
        Computation = c
        Label = 0.25
        Score = 0.0
    }

let all: Mutant list =
    [
        printer "a - (b - c) without parentheses" (replace @" - \(([^()]*)\)" " - $1")
        printer "a/(b*c) without parentheses" (replace @"/\(([^()]*)\)" "/$1")
        printer "a power of a sum without parentheses" (replace @"\(([^()]*)\)\^" "$1^")
        printer "numbers with 15 digits" (fun text ->
            Regex.Replace(
                text,
                @"(?<![a-z0-9.])\d+\.\d+(e-?\d+)?",
                fun m ->
                    Double.Parse(m.Value, CultureInfo.InvariantCulture).ToString("G15", CultureInfo.InvariantCulture)
            ))
        printer "a whole power as a product" (replace @"pow\(z, 3\)" "z^3")
        printer "a condition turned round" (replace ">= " "<= ")
        rewriting
            "|-x| = |x|, which has another derivative at 0"
            [
                atZero (Computation.Unary("abs", Computation.Unary("negate", Computation.Score)))
            ]
            (fun c ->
                match c with
                | Computation.Unary("abs", Computation.Unary("negate", x)) -> Computation.Unary("abs", x)
                | c -> c)
        rewriting "a + (b + c) = (a + b) + c" [] (fun c ->
            match c with
            | Computation.Binary("+", a, Computation.Binary("+", b, c)) ->
                Computation.Binary("+", Computation.Binary("+", a, b), c)
            | c -> c)
        rewriting "x/c = x (1/c)" [] (fun c ->
            match c with
            | Computation.Binary("/", x, Computation.Number v) when v <> 0.0 ->
                Computation.Binary("*", x, Computation.Number(1.0 / v))
            | c -> c)
        rewriting
            "max takes the second argument at a tie"
            [
                atZero (Computation.Binary("max", Computation.Score, Computation.Number 0.0))
            ]
            (fun c ->
                match c with
                | Computation.Binary("max", a, b) -> Computation.Binary("max", b, a)
                | c -> c)
        rewriting "x + -y = x + y" [] (fun c ->
            match c with
            | Computation.Binary(o, a, Computation.Unary("negate", b)) -> Computation.Binary(o, a, b)
            | c -> c)
        tex @"\right lost" (replace @"\\right\)" ")")
        tex "an exponent's brace lost" (replace @"\^\{2\}" "^{2")
        tex @"\end lost" (replace @" \\end\{cases\}" "")
        reader "-z^2 = (-z)^2" (fun text -> text.Replace("-z^2", "(-z)^2"))
        reader "minus from the right" (fun text -> text.Replace("z - 2 - 1", "z - (2 - 1)"))
        reader "powers from the left" (fun text -> text.Replace("2^3^2", "(2^3)^2"))
        reader "> read as >=" (fun text -> text.Replace("> 3", ">= 3"))
        counter "constants count as well" (fun loss y z ->
            let rec constants (e: Expr) =
                if e.Variables.Length = 0 then
                    1
                else
                    Array.sumBy constants e.Children

            let c = Count.Of(loss, y, z)

            { c with
                Additions = c.Additions + constants (Formula.ofLoss loss)
            })
        counter
            "one counter for all evaluations"
            (let shared = OperationCounter()

             fun loss y z ->
                 let value = loss.Eval(Count(y, shared), Count(z, shared))

                 {
                     Additions = shared.Additions
                     Multiplications = shared.Multiplications
                     Divisions = shared.Divisions
                     Transcendentals = shared.Transcendentals
                     Comparisons = (if Double.IsNaN value.V then 0 else shared.Comparisons)
                 })
        counter "the derivative counted with the value" (fun loss y z -> Count.OfDerivative(loss, y, z))
    ]
