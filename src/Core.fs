namespace Hindsight

open System
open System.Globalization
open System.Numerics

[<RequireQualifiedAccess>]
type HindsightError =
    | OutOfRange of Argument: string * Value: string * Allowed: string
    | WrongDimension of Argument: string * Actual: int * Expected: int
    | UnknownDecision of Id: int64 * Reason: string
    | Malformed of Source: string * Position: string * Reason: string
    | UnknownName of Kind: string * Name: string * Nearest: string * Known: string
    | Missing of What: string * Remedy: string
    | Incompatible of Reason: string

    member error.Message =
        match error with
        | OutOfRange(argument, value, allowed) -> $"{argument} is {value}; allowed is {allowed}."
        | WrongDimension(argument, actual, expected) -> $"{argument} has {actual} elements; expected are {expected}."
        | UnknownDecision(id, reason) -> $"Decision {id} takes no feedback: {reason}."
        | Malformed(source, position, reason) -> $"{source}, {position}: {reason}."
        | UnknownName(kind, name, nearest, known) ->
            if nearest = "" then
                $"There is no {kind} '{name}'; known are {known}."
            else
                $"There is no {kind} '{name}'; did you mean '{nearest}'? Known are {known}."
        | Missing(what, remedy) -> $"{what} is missing: {remedy}."
        | Incompatible reason -> $"{reason}."

type HindsightException(error: HindsightError, inner: Exception) =
    inherit Exception(error.Message, inner)
    new(error: HindsightError) = HindsightException(error, null)
    member _.Error = error

type IReal<'T when 'T :> IReal<'T> and 'T: struct> =
    inherit IAdditionOperators<'T, 'T, 'T>
    inherit ISubtractionOperators<'T, 'T, 'T>
    inherit IMultiplyOperators<'T, 'T, 'T>
    inherit IDivisionOperators<'T, 'T, 'T>
    inherit IUnaryNegationOperators<'T, 'T>
    static abstract Const: value: float -> 'T
    static abstract Const2: high: float * low: float -> 'T
    static abstract Exp: x: 'T -> 'T
    static abstract Log: x: 'T -> 'T
    static abstract Log1p: x: 'T -> 'T
    static abstract Expm1: x: 'T -> 'T
    static abstract Expm1Exp: x: 'T -> struct ('T * 'T)
    static abstract Sqrt: x: 'T -> 'T
    static abstract Sqr: x: 'T -> 'T
    static abstract Pow: x: 'T * exponent: float -> 'T
    static abstract Sigmoid: x: 'T -> 'T
    static abstract Sigmoids: x: 'T -> struct ('T * 'T)
    static abstract Softplus: x: 'T -> 'T
    static abstract SoftplusSigmas: x: 'T -> struct ('T * 'T * 'T)
    static abstract SoftplusPair: x: 'T -> struct ('T * 'T * 'T * 'T)
    static abstract XLogX: x: 'T -> 'T
    static abstract XLogXLog: x: 'T -> struct ('T * 'T)
    static abstract Tanh: x: 'T -> 'T
    static abstract Atan: x: 'T -> 'T
    static abstract Abs: x: 'T -> 'T
    static abstract Max: x: 'T * y: 'T -> 'T
    static abstract Min: x: 'T * y: 'T -> 'T
    static abstract Select: condition: 'T * a: 'T * b: 'T -> 'T
    static abstract LogitDivergence: y: 'T * z: 'T -> 'T
    static abstract LogitDivergenceSlopes: y: 'T * z: 'T -> struct ('T * 'T * 'T)
    static abstract IsZero: x: 'T -> bool
    static abstract Apply<'F when 'F :> IScalarFunction and 'F: struct> : f: 'F * x: 'T -> 'T
    static abstract Apply2<'F when 'F :> IScalarFunction2 and 'F: struct> : f: 'F * x: 'T * y: 'T -> 'T
    static abstract ApplyPair<'F when 'F :> IPairedFunction and 'F: struct> : f: 'F * x: 'T -> struct ('T * 'T)

and IScalarFunction =
    abstract Value<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> 'T
    abstract Slope<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> 'T

and IPairedFunction =
    inherit IScalarFunction
    abstract Pair<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> struct ('T * 'T)

and IScalarFunction2 =
    abstract Value<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T
    abstract SlopeX<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T
    abstract SlopeY<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T

[<Struct; NoComparison>]
type Domain =
    {
        Low: float
        LowClosed: bool
        High: float
        HighClosed: bool
        EndsOnly: bool
    }

    member d.Contains(x: float) =
        if d.EndsOnly then
            x = d.Low || x = d.High
        else
            Double.IsFinite x
            && (if d.LowClosed then x >= d.Low else x > d.Low)
            && (if d.HighClosed then x <= d.High else x < d.High)

    override d.ToString() =
        let number (x: float) =
            if Double.IsPositiveInfinity x then "inf"
            elif Double.IsNegativeInfinity x then "-inf"
            else x.ToString("R", CultureInfo.InvariantCulture)

        if d.EndsOnly then
            $"{{{number d.Low}, {number d.High}}}"
        else
            let left = if d.LowClosed then "[" else "("
            let right = if d.HighClosed then "]" else ")"
            $"{left}{number d.Low}, {number d.High}{right}"

    static member Open(low, high) =
        {
            Low = low
            LowClosed = false
            High = high
            HighClosed = false
            EndsOnly = false
        }

    static member Closed(low, high) =
        { Domain.Open(low, high) with
            LowClosed = true
            HighClosed = true
        }

    static member Reals = Domain.Open(Double.NegativeInfinity, Double.PositiveInfinity)
    static member Unit = Domain.Closed(0.0, 1.0)

    static member Signs =
        { Domain.Closed(-1.0, 1.0) with
            EndsOnly = true
        }

    static member Positive = Domain.Open(0.0, Double.PositiveInfinity)

    static member NonNegative =
        { Domain.Positive with
            LowClosed = true
        }

type Link =
    | Identity = 0
    | Logit = 1
    | Log = 2
    | Softmax = 3

[<NoComparison>]
type LossMetadata =
    {
        Name: string
        Label: Domain
        Score: Domain
        Link: Link
        Convex: bool
        Continuity: int
        Infimum: Nullable<float>
        Supremum: Nullable<float>
        Lipschitz: Nullable<float>
        Smoothness: Nullable<float>
        StrongConvexity: Nullable<float>
        ExpConcavity: Nullable<float>
        Mixability: Nullable<float>
        Calibrated: Nullable<bool>
        Elicits: string
        Source: string
    }

    static member Default =
        {
            Name = ""
            Label = Domain.Reals
            Score = Domain.Reals
            Link = Link.Identity
            Convex = true
            Continuity = 2
            Infimum = Nullable 0.0
            Supremum = Nullable()
            Lipschitz = Nullable()
            Smoothness = Nullable()
            StrongConvexity = Nullable()
            ExpConcavity = Nullable()
            Mixability = Nullable()
            Calibrated = Nullable()
            Elicits = ""
            Source = ""
        }

type ILossVisitor<'R> =
    abstract Visit<'L when 'L :> ILoss and 'L: struct> : loss: 'L -> 'R

and ILoss =
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : label: 'T * score: 'T -> 'T
    abstract Accept: visitor: ILossVisitor<'R> -> 'R
    abstract Metadata: LossMetadata

and IMarginLoss =
    inherit ILoss
    abstract Phi<'T when 'T :> IReal<'T> and 'T: struct> : margin: 'T -> 'T

type IMulticlassVisitor<'R> =
    abstract Visit<'L when 'L :> IMulticlassLoss and 'L: struct> : loss: 'L -> 'R

and IMulticlassLoss =
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : label: int * scores: ReadOnlySpan<'T> -> 'T
    abstract Accept: visitor: IMulticlassVisitor<'R> -> 'R
    abstract Metadata: LossMetadata

type IMulticlassGradient =
    abstract Gradient: label: int * scores: ReadOnlySpan<float> * gradient: Span<float> -> float
    abstract Gradient: label: int * scores: ReadOnlySpan<float32> * gradient: Span<float32> -> float32

    abstract HessianVector:
        label: int * scores: ReadOnlySpan<float> * direction: ReadOnlySpan<float> * result: Span<float> -> unit

type BoundKind =
    | Deterministic = 0
    | Expectation = 1
    | HighProbability = 2
    | Anytime = 3
    | Asymptotic = 4
    | Heuristic = 5

type BoundDirection =
    | Upper = 0
    | Lower = 1
    | Equal = 2

type AssumptionStatus =
    | ByConstruction = 0
    | Measured = 1
    | Assumed = 2
    | Violated = 3

[<NoComparison>]
type Assumption =
    {
        Name: string
        Status: AssumptionStatus
        Detail: string
    }

[<NoComparison>]
type Term =
    {
        Symbol: string
        Value: float
        Meaning: string
    }

[<NoComparison>]
type Bound =
    {
        Name: string
        Source: string
        Kind: BoundKind
        Delta: Nullable<float>
        Direction: BoundDirection
        Terms: Term[]
        Assumptions: Assumption[]
        Value: float
        Formula: string
        Trivial: float
    }

    member b.Vacuous =
        match b.Direction with
        | BoundDirection.Lower -> b.Value <= b.Trivial
        | BoundDirection.Upper -> b.Value >= b.Trivial
        | _ -> false

    override b.ToString() =
        let number (x: float) =
            x.ToString("G6", CultureInfo.InvariantCulture)

        let kind =
            if b.Delta.HasValue then
                $"{b.Kind}, delta = {number b.Delta.Value}"
            else
                string b.Kind

        let sign =
            match b.Direction with
            | BoundDirection.Upper -> "<="
            | BoundDirection.Lower -> ">="
            | _ -> "="

        let vacuous = if b.Vacuous then " VACUOUS" else ""

        seq {
            yield $"{b.Name} {sign} {number b.Value}{vacuous} ({kind}; {b.Source})"
            yield $"  formula: {b.Formula}"

            for t in b.Terms do
                yield $"  {t.Symbol} = {number t.Value}: {t.Meaning}"

            for a in b.Assumptions do
                let detail = if a.Detail = "" then "" else $" ({a.Detail})"
                yield $"  assumes {a.Name}: {a.Status}{detail}"
        }
        |> String.concat "\n"

    /// The text in a format: "table" or the default.
    member b.ToString(format: string) =
        let number (x: float) =
            x.ToString("G6", CultureInfo.InvariantCulture)

        /// Rows of cells, the last one ragged.
        let aligned (rows: string list list) =
            let widths =
                [
                    for column in 0..1 ->
                        rows |> Seq.map (fun row -> (List.item column row).Length) |> Seq.append [ 0 ] |> Seq.max
                ]

            rows
            |> List.map (fun row ->
                row
                |> List.mapi (fun i cell -> if i < 2 then cell.PadRight widths[i] else cell)
                |> String.concat "  "
                |> fun line -> "  " + line.TrimEnd())

        match format with
        | null
        | ""
        | "G" -> b.ToString()
        | "table" ->
            let sign =
                match b.Direction with
                | BoundDirection.Upper -> "at most"
                | BoundDirection.Lower -> "at least"
                | _ -> "equals"

            let says =
                if b.Vacuous then
                    $"VACUOUS: without it {number b.Trivial}"
                elif Double.IsFinite b.Trivial then
                    $"without it {number b.Trivial}"
                else
                    ""

            [
                b.Name
                yield!
                    aligned
                        [
                            [ sign; number b.Value; says ]
                            [
                                "kind"
                                string b.Kind
                                (if b.Delta.HasValue then
                                     $"delta = {number b.Delta.Value}"
                                 else
                                     "")
                            ]
                        ]
                $"  formula: {b.Formula}"
                $"  source: {b.Source}"
                if b.Terms.Length > 0 then
                    "terms"
                    yield! aligned [ for t in b.Terms -> [ t.Symbol; number t.Value; t.Meaning ] ]
                if b.Assumptions.Length > 0 then
                    "assumptions"

                    yield!
                        aligned
                            [
                                for a in b.Assumptions ->
                                    [
                                        string a.Status
                                        ""
                                        (if a.Detail = "" then a.Name else $"{a.Name} ({a.Detail})")
                                    ]
                            ]
            ]
            |> String.concat "\n"
        | other -> raise (FormatException $"A bound has the formats \"G\" and \"table\", not \"{other}\".")

[<NoComparison; NoEquality>]
type Decision =
    {
        Id: int64
        Arm: int
        Propensity: float
        Distribution: float[]
        PredictedCosts: float[]
        Gamma: float
        Price: float
    }

    member d.ExpectedCost =
        let mutable sum = 0.0

        for a in 0 .. d.Distribution.Length - 1 do
            if d.Distribution[a] > 0.0 then
                sum <- sum + d.Distribution[a] * d.PredictedCosts[a]

        sum

[<RequireQualifiedAccess>]
module Require =
    let private text (x: float) =
        x.ToString("R", CultureInfo.InvariantCulture)

    let private check argument allowed test (value: float) =
        if Double.IsFinite value && test value then
            Ok value
        else
            Error(HindsightError.OutOfRange(argument, text value, allowed))

    let finite argument value =
        check argument "any finite number" (fun _ -> true) value

    let inside argument (domain: Domain) value =
        check argument $"a finite number in {domain}" domain.Contains value

    let positive argument value =
        check argument "a finite number > 0" (fun x -> x > 0.0) value

    let nonNegative argument value =
        check argument "a finite number >= 0" (fun x -> x >= 0.0) value

    let confidence argument value =
        check argument "a number in (0, 1)" (fun x -> x > 0.0 && x < 1.0) value

    let atLeast argument least (value: int) =
        if value >= least then
            Ok value
        else
            Error(HindsightError.OutOfRange(argument, string value, $"an integer >= {least}"))

    let allFinite (argument: string) (values: ReadOnlySpan<float>) =
        let mutable bad = -1
        let mutable i = 0

        while bad < 0 && i < values.Length do
            if not (Double.IsFinite values[i]) then
                bad <- i

            i <- i + 1

        if bad < 0 then
            Ok()
        else
            Error(HindsightError.OutOfRange($"{argument}[{bad}]", text values[bad], "any finite number"))

    let length argument expected actual =
        if actual = expected then
            Ok()
        else
            Error(HindsightError.WrongDimension(argument, actual, expected))

    let symmetric argument order (entries: ReadOnlySpan<float>) =
        match length argument (order * order) entries.Length with
        | Error e -> Error e
        | Ok() ->
            match allFinite argument entries with
            | Error e -> Error e
            | Ok() ->
                let mutable bad = struct (-1, -1)

                for i in 0 .. order - 1 do
                    for j in 0 .. i - 1 do
                        if entries[i * order + j] <> entries[j * order + i] && bad = struct (-1, -1) then
                            bad <- struct (i, j)

                match bad with
                | struct (-1, _) -> Ok()
                | struct (i, j) ->
                    Error(
                        HindsightError.OutOfRange(
                            $"{argument}[{i},{j}]",
                            text entries[i * order + j],
                            "a symmetric matrix"
                        )
                    )

    let ok result =
        match result with
        | Ok value -> value
        | Error error -> raise (HindsightException error)

    /// Levenshtein distance.
    let private distance (a: string) (b: string) =
        let mutable previous = Array.init (b.Length + 1) id

        for i in 1 .. a.Length do
            let current = Array.zeroCreate (b.Length + 1)
            current[0] <- i

            for j in 1 .. b.Length do
                let substitution = previous[j - 1] + (if a[i - 1] = b[j - 1] then 0 else 1)
                current[j] <- min substitution (1 + min previous[j] current[j - 1])

            previous <- current

        previous[b.Length]

    let oneOf kind (known: string seq) (name: string) =
        let known = Array.ofSeq known

        match known |> Array.tryFind (fun k -> String.Equals(k, name, StringComparison.OrdinalIgnoreCase)) with
        | Some k -> Ok k
        | None ->
            let lower = name.ToLowerInvariant()

            let nearest =
                if known.Length = 0 then
                    ""
                else
                    let best = known |> Array.minBy (fun k -> distance lower (k.ToLowerInvariant()))
                    // a suggestion must be closer than writing the name anew
                    if distance lower (best.ToLowerInvariant()) < max best.Length name.Length then
                        best
                    else
                        ""

            Error(HindsightError.UnknownName(kind, name, nearest, String.concat ", " known))

[<AutoOpen>]
module ResultBuilder =
    type ResultBuilder() =
        member _.Bind(r, f) = Result.bind f r
        member _.Return x = Ok x
        member _.ReturnFrom(r: Result<_, _>) = r
        member _.Zero() = Ok()

    let result = ResultBuilder()
