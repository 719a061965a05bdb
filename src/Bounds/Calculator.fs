namespace Hindsight

open System

[<NoComparison>]
type BoundInput =
    {
        Name: string
        Symbol: string
        Meaning: string
        Allowed: Domain
        Whole: bool
        Vector: bool
        Free: bool
        Default: float[]
        Example: float[]
    }

[<Sealed; Class>]
type BoundInputs<'T>(inputs: BoundInput[], values: 'T[][], numbers: float[][]) =
    let index symbol =
        match inputs |> Array.tryFindIndex (fun input -> input.Symbol = symbol) with
        | Some i -> i
        | None ->
            let known = inputs |> Seq.map _.Symbol |> String.concat ", "
            raise (HindsightException(HindsightError.UnknownName("input", symbol, "", known)))

    /// A tree has no numbers: asking for them says that the formula has no tree.
    let number symbol =
        if isNull numbers then
            raise (NotSupportedException $"the formula searches for a root in {symbol}")

        numbers[index symbol]

    member _.Item
        with get symbol = values[index symbol][0]

    member _.List symbol = values[index symbol]
    member _.Number symbol = (number symbol)[0]
    member _.Numbers symbol = number symbol

type IBoundFormula =
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : inputs: BoundInputs<'T> -> 'T[]

[<NoComparison>]
type BoundTerm = { Symbol: string; Meaning: string }

[<NoComparison; NoEquality>]
type BoundCalculator =
    {
        Name: string
        Family: string
        Title: string
        Statement: string
        Source: string
        Kind: BoundKind
        Direction: BoundDirection
        Inputs: BoundInput[]
        Intermediate: BoundTerm[]
        Text: string
        Definition: IBoundFormula
        Check: BoundInputs<float> -> Result<unit, HindsightError>
        Assumptions: BoundInputs<float> -> Assumption[]
        Trivial: BoundInputs<float> -> float
        Law: string
    }

[<NoComparison>]
type BoundSensitivity =
    {
        Symbol: string
        Derivative: float[]
        Elasticity: float
    }

[<NoComparison>]
type BoundOptimum =
    {
        Symbols: string[]
        Values: float[]
        Bound: Bound
    }

namespace Hindsight.FSharp

open System
open System.Globalization
open Hindsight

[<RequireQualifiedAccess>]
module BoundCalculator =
    let input name symbol meaning allowed example =
        {
            Name = name
            Symbol = symbol
            Meaning = meaning
            Allowed = allowed
            Whole = false
            Vector = false
            Free = false
            Default = [||]
            Example = [| example |]
        }

    let atLeast least =
        { Domain.Reals with
            Low = least
            LowClosed = true
        }

    let between low high =
        { Domain.Reals with
            Low = low
            High = high
        }

    let count name symbol meaning least example =
        { input name symbol meaning (atLeast least) example with
            Whole = true
        }

    let free (input: BoundInput) = { input with Free = true }
    let withDefault value (input: BoundInput) = { input with Default = [| value |] }

    let list (example: float[]) (input: BoundInput) =
        { input with
            Vector = true
            Example = example
        }

    let delta = input "delta" "delta" "failure probability" (between 0.0 1.0) 0.05 |> withDefault 0.05

    let private assumption name status detail =
        {
            Name = name
            Status = status
            Detail = detail
        }

    let assumed name =
        assumption name AssumptionStatus.Assumed ""

    let byConstruction name detail =
        assumption name AssumptionStatus.ByConstruction detail

    let required holds name reason =
        if holds then
            assumed name
        else
            assumption name AssumptionStatus.Violated reason

    let unchecked (_: BoundInputs<float>) : Result<unit, HindsightError> = Ok()
    let noTrivial (_: BoundInputs<float>) = infinity

    let private text (x: float) =
        x.ToString("R", CultureInfo.InvariantCulture)

    // ---- names ----

    let private find (calculator: BoundCalculator) (name: string) =
        let by (same: string -> bool) =
            calculator.Inputs
            |> Seq.indexed
            |> Seq.filter (fun (_, input) -> same input.Symbol || same input.Name)
            |> Seq.map fst
            |> Seq.toArray

        match by (fun n -> n = name), by (fun n -> n.Equals(name, StringComparison.OrdinalIgnoreCase)) with
        | [| i |], _
        | [||], [| i |] -> Ok i
        | _ ->
            Require.oneOf "input" (calculator.Inputs |> Seq.map _.Symbol) name
            |> Result.bind (fun known -> calculator.Inputs |> Array.findIndex (fun input -> input.Symbol = known) |> Ok)

    // ---- the door ----

    let private checkOne (input: BoundInput) (value: float) =
        result {
            let! value = Require.inside input.Name input.Allowed value

            if input.Whole && value <> Math.Floor value then
                return! Error(HindsightError.OutOfRange(input.Name, text value, "a whole number"))
            else
                return value
        }

    let private checkInput (input: BoundInput) (values: float[]) =
        if not input.Vector && values.Length <> 1 then
            Error(HindsightError.WrongDimension(input.Name, values.Length, 1))
        elif input.Vector && values.Length = 0 then
            Error(HindsightError.OutOfRange(input.Name, "an empty list", "at least one number"))
        else
            (Ok(), values)
            ||> Array.fold (fun state value ->
                state |> Result.bind (fun () -> checkOne input value |> Result.map ignore<float>))

    let private plain (calculator: BoundCalculator) (values: float[][]) =
        BoundInputs<float>(calculator.Inputs, values, values)

    let private checkAll (calculator: BoundCalculator) (values: float[][]) =
        if values.Length <> calculator.Inputs.Length then
            Error(HindsightError.WrongDimension("values", values.Length, calculator.Inputs.Length))
        else
            (Ok(), Array.zip calculator.Inputs values)
            ||> Array.fold (fun state (input, value) -> state |> Result.bind (fun () -> checkInput input value))
            |> Result.bind (fun () -> calculator.Check(plain calculator values))

    // ---- reading the formula ----

    let private numbers (calculator: BoundCalculator) (values: float[][]) =
        let lifted = values |> Array.map (Array.map R64)

        (calculator.Definition.Eval(BoundInputs<R64>(calculator.Inputs, lifted, values))) |> Array.map _.V

    /// The bound's value; NaN where the inputs are refused.
    let private valueOrNaN calculator values =
        match checkAll calculator values with
        | Ok() -> (numbers calculator values)[0]
        | Error _ -> nan

    /// A list is written element by element as far as this.
    let private longestList = 12

    /// The tree with lists of the lengths of some values.
    let private treeLike (values: float[][]) (calculator: BoundCalculator) : Expr voption =
        if not (isNull calculator.Text) then
            ValueNone
        else
            let variables =
                (calculator.Inputs, values)
                ||> Array.map2 (fun input value ->
                    if input.Vector then
                        value |> Array.mapi (fun i _ -> Expr.Variable $"{input.Symbol}_{i + 1}")
                    else
                        [| Expr.Variable input.Symbol |])

            let all = calculator.Definition.Eval(BoundInputs<Expr>(calculator.Inputs, variables, null))
            ValueSome all[0]

    let tryFormula calculator =
        treeLike (calculator.Inputs |> Array.map _.Example) calculator

    let formula calculator =
        match tryFormula calculator with
        | ValueSome tree -> tree.Infix
        | ValueNone -> calculator.Text

    /// The formula with lists of the lengths of some values; of longer lists it shows the form only.
    let private formulaAt (values: float[][]) (calculator: BoundCalculator) =
        if values |> Array.forall (fun v -> v.Length <= longestList) then
            match treeLike values calculator with
            | ValueSome tree -> tree.Infix
            | ValueNone -> calculator.Text
        elif isNull calculator.Text then
            $"{formula calculator} (and so on for every element)"
        else
            calculator.Text

    let tex (calculator: BoundCalculator) =
        match tryFormula calculator with
        | ValueSome tree -> tree.TeX
        | ValueNone -> $"\\mathrm{{{calculator.Text}}}"

    let at values (calculator: BoundCalculator) =
        result {
            do! checkAll calculator values
            let inputs = plain calculator values
            let all = numbers calculator values

            if Double.IsNaN all[0] then
                let given =
                    Array.zip calculator.Inputs values
                    |> Seq.map (fun (input, value) ->
                        $"{input.Symbol} = {value |> Seq.truncate 3 |> Seq.map text |> String.concat String.Empty}")
                    |> String.concat ", "

                return!
                    Error(
                        HindsightError.Incompatible
                            $"{calculator.Name} is not a number at {given}: the numbers overflow, or the formula has no value there."
                    )
            else
                let ofInput =
                    Array.zip calculator.Inputs values
                    |> Array.collect (fun (input, value) ->
                        value
                        |> Array.mapi (fun i x ->
                            {
                                Symbol =
                                    if input.Vector then
                                        $"{input.Symbol}_{i + 1}"
                                    else
                                        input.Symbol
                                Value = x
                                Meaning = input.Meaning
                            }))

                let intermediate =
                    calculator.Intermediate
                    |> Array.mapi (fun i term ->
                        ({
                            Symbol = term.Symbol
                            Value = all[i + 1]
                            Meaning = term.Meaning
                        }
                        : Term))

                let isRandom = calculator.Kind = BoundKind.HighProbability || calculator.Kind = BoundKind.Anytime

                return
                    {
                        Name = calculator.Title
                        Source = calculator.Source
                        Kind = calculator.Kind
                        Delta =
                            if isRandom && calculator.Inputs |> Array.exists (fun i -> i.Symbol = "delta") then
                                Nullable inputs["delta"]
                            else
                                Nullable()
                        Direction = calculator.Direction
                        Terms = Array.append ofInput intermediate
                        Assumptions = calculator.Assumptions inputs
                        Value = all[0]
                        Formula = formulaAt values calculator
                        Trivial = calculator.Trivial inputs
                    }
        }

    let ofNumbers (numbers: float[]) calculator =
        at (numbers |> Array.map Array.singleton) calculator

    // ---- sensitivity ----

    let sensitivity values (calculator: BoundCalculator) =
        result {
            do! checkAll calculator values
            let value = (numbers calculator values)[0]

            let derivative at element =
                let seeded =
                    values
                    |> Array.mapi (fun i ->
                        Array.mapi (fun j x -> Dual<R64>(R64 x, R64(if i = at && j = element then 1.0 else 0.0))))

                let all = calculator.Definition.Eval(BoundInputs<Dual<R64>>(calculator.Inputs, seeded, values))
                all[0].D.V

            let all =
                calculator.Inputs
                |> Array.mapi (fun i input ->
                    let slopes = values[i] |> Array.mapi (fun j _ -> derivative i j)

                    {
                        Symbol = input.Symbol
                        Derivative = slopes
                        Elasticity =
                            if value = 0.0 then
                                0.0
                            else
                                Array.fold2 (fun s x d -> if d = 0.0 then s else s + x * d) 0.0 values[i] slopes
                                / value
                    })

            match all |> Array.tryFind (fun s -> s.Derivative |> Array.exists Double.IsNaN) with
            | Some s ->
                return!
                    Error(
                        HindsightError.Incompatible
                            $"The derivative of {calculator.Name} in {s.Symbol} is not a number at these inputs."
                    )
            | None -> return all
        }

    // ---- the best free inputs ----

    /// From a search coordinate to an input: logarithmic, or linear where the domain is bounded on both sides.
    let private scale (domain: Domain) =
        let bounded = Double.IsFinite domain.Low && Double.IsFinite domain.High

        if bounded then
            struct (id, id, domain.Low, domain.High)
        elif Double.IsFinite domain.Low then
            let low = domain.Low
            struct ((fun u -> low + exp u), (fun x -> log (x - low)), -300.0, 300.0)
        else
            struct (id, id, -1e150, 1e150)

    let private golden = (sqrt 5.0 - 1.0) / 2.0

    /// The least value of f over [a, b] by golden section.
    let private section (f: float -> float) (a: float) (b: float) =
        let mutable a = a
        let mutable b = b
        let mutable c = b - golden * (b - a)
        let mutable d = a + golden * (b - a)
        let mutable fc = f c
        let mutable fd = f d
        let mutable round = 0

        while round < 200 && abs (b - a) > 1e-9 * (abs a + abs b + 1e-12) do
            round <- round + 1

            if fc <= fd then
                b <- d
                d <- c
                fd <- fc
                c <- b - golden * (b - a)
                fc <- f c
            else
                a <- c
                c <- d
                fc <- fd
                d <- a + golden * (b - a)
                fd <- f d

        if fc <= fd then c else d

    /// Newton's method on the exact first and second derivative, while the first shrinks: values differ by less than their rounding here.
    let private polish (calculator: BoundCalculator) (values: float[][]) index direction start =
        let jet x =
            let seeded =
                values
                |> Array.mapi (fun i v ->
                    if i = index then
                        [| Jet2<R64>(R64 x, R64 1.0, R64 0.0) |]
                    else
                        v |> Array.map (fun y -> Jet2<R64>(R64 y, R64 0.0, R64 0.0)))

            let floats = values |> Array.mapi (fun i v -> if i = index then [| x |] else v)
            let all = calculator.Definition.Eval(BoundInputs<Jet2<R64>>(calculator.Inputs, seeded, floats))
            all[0]

        let isAllowed x =
            not (
                Double.IsNaN(valueOrNaN calculator (values |> Array.mapi (fun i v -> if i = index then [| x |] else v)))
            )

        let rec go x (at: Jet2<R64>) left =
            let next = x - at.D.V / at.H.V

            if
                left > 0
                && Double.IsFinite next
                && direction * at.H.V > 0.0
                && abs (next - x) < 0.01 * abs x
                && isAllowed next
            then
                let after = jet next

                if abs after.D.V < abs at.D.V then
                    go next after (left - 1)
                else
                    x
            else
                x

        go start (jet start) 8

    let private searchOne (calculator: BoundCalculator) direction (values: float[][]) index =
        let input = calculator.Inputs[index]
        let struct (toInput, fromInput, low, high) = scale input.Allowed

        let atInput x =
            values |> Array.mapi (fun i v -> if i = index then [| x |] else v)

        // a whole number is searched for among all numbers, and only then among its neighbours
        let relaxed =
            { calculator with
                Inputs =
                    calculator.Inputs
                    |> Array.mapi (fun i other -> if i = index then { other with Whole = false } else other)
            }

        // a refused input is worse than any value
        let costOf calculator x =
            let v = direction * valueOrNaN calculator (atInput x)
            if Double.IsNaN v then infinity else v

        let cost x = costOf relaxed x

        let f u = cost (toInput u)

        let candidates =
            let around = fromInput (Array.head values[index])

            [|
                if Double.IsFinite around then
                    yield around

                if high - low < 1e100 then
                    for i in 1..199 -> low + (high - low) * float i / 200.0
                else
                    for i in -60 .. 60 -> float (sign i) * 10.0 ** (float (abs i - 20) / 4.0)
            |]
            // a start on the grid would close the bracket on one side
            |> Array.distinct
            |> Array.sort

        let costs = candidates |> Array.map f
        let last = candidates.Length - 1

        if not (costs |> Array.exists (fun c -> c < infinity)) then
            Error(
                HindsightError.Incompatible
                    $"{calculator.Name} has no value for any {input.Symbol} that was tried, the other inputs being as given."
            )
        else
            let at = costs |> Array.indexed |> Array.minBy snd |> fst
            let best = candidates[at]
            let left = if at = 0 then low else candidates[at - 1]
            let right = if at = last then high else candidates[at + 1]

            // the end itself, where it is allowed
            let ends =
                [|
                    if input.Allowed.LowClosed && Double.IsFinite input.Allowed.Low then
                        input.Allowed.Low
                    if input.Allowed.HighClosed && Double.IsFinite input.Allowed.High then
                        input.Allowed.High
                |]

            let found = toInput (section f left right)
            let inner = if cost found <= costs[at] then found else toInput best
            let polished = polish relaxed values index direction inner
            // the derivative is nearer to 0 there: the values may say so only up to rounding
            let rounding = 1e-14 * abs (cost inner)

            let inner =
                if cost polished <= cost inner + rounding then
                    polished
                else
                    inner

            let choices =
                if input.Whole then
                    Array.append [| Math.Floor inner; Math.Ceiling inner |] ends
                else
                    Array.append [| inner |] ends
                |> Array.filter (fun x -> costOf calculator x < infinity)

            if choices.Length = 0 then
                Error(
                    HindsightError.Incompatible
                        $"{calculator.Name} has no value at a whole {input.Symbol} near its best, {text inner}."
                )
            else
                let x = choices |> Array.minBy cost
                // next to an end that is allowed, the end itself where only rounding tells them apart
                let x =
                    ends
                    |> Array.tryFind (fun e ->
                        (at = 0 && e = input.Allowed.Low || at = last && e = input.Allowed.High)
                        && cost e <= cost x + 1e-12 * abs (cost x))
                    |> Option.defaultValue x

                let atEnd = ends |> Array.contains x

                // still falling where the search stops
                let open' = not atEnd && high - low > 400.0

                let falls toward =
                    Error(
                        HindsightError.Incompatible
                            $"{calculator.Name} has no best {input.Symbol}: the bound improves all the way to {toward}. Give {input.Symbol} a value."
                    )

                if open' && at = 0 then
                    falls (
                        if Double.IsFinite input.Allowed.Low then
                            text input.Allowed.Low
                        else
                            "minus infinity"
                    )
                elif open' && at = last then
                    falls "infinity"
                else
                    Ok x

    let private search (calculator: BoundCalculator) (indices: int[]) (values: float[][]) =
        let direction =
            if calculator.Direction = BoundDirection.Lower then
                -1.0
            else
                1.0

        let rec cycle (values: float[][]) left =
            let next =
                (Ok values, indices)
                ||> Array.fold (fun state index ->
                    state
                    |> Result.bind (fun (current: float[][]) ->
                        searchOne calculator direction current index
                        |> Result.map (fun x -> current |> Array.mapi (fun i v -> if i = index then [| x |] else v))))

            match next with
            | Error e -> Error e
            | Ok next ->
                let settled =
                    indices
                    |> Array.forall (fun i ->
                        let before = Array.head values[i]
                        let after = Array.head next[i]
                        abs (after - before) <= 1e-13 * abs after)

                if indices.Length = 1 || settled || left = 0 then
                    Ok next
                else
                    cycle next (left - 1)

        cycle values 300

    let optimise symbols values (calculator: BoundCalculator) =
        result {
            let symbols = Seq.toArray symbols

            let start =
                if symbols.Length = 0 then
                    Error(HindsightError.OutOfRange("symbols", "none", "at least one input"))
                else
                    Ok []

            let! indices =
                (start, symbols)
                ||> Array.fold (fun state symbol ->
                    state
                    |> Result.bind (fun found ->
                        find calculator symbol
                        |> Result.bind (fun i ->
                            if calculator.Inputs[i].Vector then
                                Error(HindsightError.OutOfRange("symbols", symbol, "an input that is not a list"))
                            else
                                Ok(i :: found))))

            let indices = indices |> List.rev |> List.toArray
            // the others must be right by themselves; what is searched may start anywhere
            let! found = search calculator indices values
            let! bound = at found calculator

            return
                {
                    Symbols = indices |> Array.map (fun i -> calculator.Inputs[i].Symbol)
                    Values = indices |> Array.map (fun i -> found[i][0])
                    Bound = bound
                }
        }

    // ---- named values ----

    let values (settings: (string * float[]) seq) (calculator: BoundCalculator) =
        result {
            let given: float[][] = Array.create calculator.Inputs.Length null

            do!
                (Ok(), settings)
                ||> Seq.fold (fun state (name, value) ->
                    state
                    |> Result.bind (fun () ->
                        find calculator name
                        |> Result.bind (fun i ->
                            checkInput calculator.Inputs[i] value |> Result.map (fun () -> given[i] <- value))))

            let given =
                Array.map2
                    (fun v (input: BoundInput) ->
                        if isNull v && input.Default.Length > 0 then
                            input.Default
                        else
                            v)
                    given
                    calculator.Inputs

            let missing =
                Seq.zip calculator.Inputs given
                |> Seq.filter (fun (input, value) -> isNull value && not input.Free)
                |> Seq.map fst
                |> Seq.toArray

            let unset =
                given
                |> Seq.indexed
                |> Seq.filter (snd >> isNull)
                |> Seq.map fst
                |> Seq.filter (fun i -> calculator.Inputs[i].Free)
                |> Seq.toArray

            if missing.Length > 0 then
                let what = missing |> Seq.map (fun input -> $"{input.Symbol} ({input.Meaning})") |> String.concat ", "

                let how =
                    missing |> Seq.map (fun input -> $"{input.Symbol}={text input.Example[0]}") |> String.concat " "

                return! Error(HindsightError.Missing(what, $"{calculator.Name} needs it; for example {how}"))
            elif unset.Length = 0 then
                return given
            else
                let start = given |> Array.mapi (fun i v -> if isNull v then calculator.Inputs[i].Example else v)
                return! search calculator unset start
        }

    let evaluate settings calculator =
        result {
            let! values = values settings calculator
            return! at values calculator
        }
