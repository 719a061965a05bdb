namespace Hindsight

open System
open System.Numerics
open System.Runtime.CompilerServices

[<NoComparison>]
type AccuracyPoint =
    {
        Parameters: float[]
        Label: float
        Score: float
        Computed: float
        Expected: float
        Condition: float
        ParameterCondition: float
        Error: float
    }

    /// Error over a condition number, which counts as 1 at least; a point of infinite condition says nothing.
    member private point.Over condition =
        if point.Error = 0.0 || Double.IsPositiveInfinity condition then
            0.0
        else
            point.Error / Math.Max(1.0, condition)

    member point.Excess = point.Over point.Condition
    member point.ExcessOfAll = point.Over(point.Condition + point.ParameterCondition)

[<NoComparison>]
type AccuracyOrder =
    {
        Order: int
        Points: int
        WellConditioned: int
        OutOfRange: int
        Unresolved: int
        AtKink: int
        Crossings: int
        Worst: AccuracyPoint
        WorstElsewhere: AccuracyPoint
        WorstExcess: AccuracyPoint
        Beyond: int
        WorstBeyond: AccuracyPoint
    }

    member order.Ulps = order.Worst.Error

    member order.UlpsPerCondition =
        if order.WorstElsewhere.Error = 0.0 then
            0.0
        else
            order.WorstElsewhere.Error / order.WorstElsewhere.Condition

    member order.Excess = order.WorstExcess.Excess
    member order.BeyondExcess = order.WorstBeyond.ExcessOfAll

    member order.Share = float order.WellConditioned / float order.Points

[<NoComparison>]
type AccuracyReport =
    {
        Name: string
        Value: AccuracyOrder
        First: AccuracyOrder
        Second: AccuracyOrder
    }

    member report.Orders = [| report.Value; report.First; report.Second |]

/// The functions of an algebra by name.
module private Algebra =
    let inline exp (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Exp x
    let inline log (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Log x

    let inline logitDivergence (y: 'T) (z: 'T) : struct ('T * 'T * 'T) when 'T :> IReal<'T> and 'T: struct =
        'T.LogitDivergenceSlopes(y, z)

    let inline log1p (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Log1p x
    let inline expm1Exp (x: 'T) : struct ('T * 'T) when 'T :> IReal<'T> and 'T: struct = 'T.Expm1Exp x
    let inline sqrt (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Sqrt x
    let inline sqr (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Sqr x
    let inline pow (x: 'T) p : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Pow(x, p)

    let inline softplusSigmas (x: 'T) : struct ('T * 'T * 'T) when 'T :> IReal<'T> and 'T: struct = 'T.SoftplusSigmas x

    let inline softplusPair (x: 'T) : struct ('T * 'T * 'T * 'T) when 'T :> IReal<'T> and 'T: struct = 'T.SoftplusPair x

    let inline xlogx (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.XLogX x
    let inline xlogxLog (x: 'T) : struct ('T * 'T) when 'T :> IReal<'T> and 'T: struct = 'T.XLogXLog x
    let inline tanh (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Tanh x
    let inline atan (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Atan x
    let inline abs (x: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Abs x
    let inline max (x: 'T) (y: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Max(x, y)
    let inline min (x: 'T) (y: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Min(x, y)
    let inline select (c: 'T) (a: 'T) (b: 'T) : 'T when 'T :> IReal<'T> and 'T: struct = 'T.Select(c, a, b)

/// A double-double of which every operation is off by up to 2^-80: by how much the result moves tells how many digits the formula loses.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type private Shaken =
    val V: DD
    new(v) = { V = v }

    /// The result of the operation of that number, shaken by a hash of both: the same everywhere for the same operation and result.
    static member Of(operation: uint64, x: DD) =
        if x.Hi = 0.0 || not (Double.IsFinite x.Hi) then
            Shaken x
        else
            let mutable h = BitConverter.DoubleToUInt64Bits x.Hi + operation * 0x9E3779B97F4A7C15UL

            h <- (h ^^^ (h >>> 30)) * 0xBF58476D1CE4E5B9UL
            h <- (h ^^^ (h >>> 27)) * 0x94D049BB133111EBUL
            h <- h ^^^ (h >>> 31)
            // within 2^-80 of x, and at least 2^-82
            let size = float (int64 (h &&& 0xFFFFFFFFUL) + 0x55555555L) / 6e9
            let sign = if h >>> 63 = 0UL then 1.0 else -1.0
            Shaken(DD(x.Hi, x.Lo + x.Hi * Math.ScaleB(sign * size, -80)))

    interface IAdditionOperators<Shaken, Shaken, Shaken> with
        static member (+)(a: Shaken, b: Shaken) = Shaken.Of(1UL, a.V + b.V)

    interface ISubtractionOperators<Shaken, Shaken, Shaken> with
        static member (-)(a: Shaken, b: Shaken) = Shaken.Of(2UL, a.V - b.V)

    interface IMultiplyOperators<Shaken, Shaken, Shaken> with
        static member (*)(a: Shaken, b: Shaken) = Shaken.Of(3UL, a.V * b.V)

    interface IDivisionOperators<Shaken, Shaken, Shaken> with
        static member (/)(a: Shaken, b: Shaken) = Shaken.Of(4UL, a.V / b.V)

    interface IUnaryNegationOperators<Shaken, Shaken> with
        static member (~-)(a: Shaken) = Shaken(-a.V)

    interface IReal<Shaken> with
        static member Const x = Shaken(DD x)
        static member Const2(high, low) = Shaken(DD(high, low))
        static member Exp x = Shaken.Of(5UL, Algebra.exp x.V)
        static member Log x = Shaken.Of(6UL, Algebra.log x.V)
        static member Log1p x = Shaken.Of(7UL, Algebra.log1p x.V)

        static member Expm1 x =
            let struct (less, _) = Algebra.expm1Exp x.V
            Shaken.Of(8UL, less)

        static member Expm1Exp x =
            let struct (less, e) = Algebra.expm1Exp x.V
            struct (Shaken.Of(8UL, less), Shaken.Of(5UL, e))

        static member Sqrt x = Shaken.Of(9UL, Algebra.sqrt x.V)
        static member Sqr x = Shaken.Of(10UL, Algebra.sqr x.V)

        static member Pow(x, exponent) =
            Shaken.Of(11UL, Algebra.pow x.V exponent)

        static member Sigmoid x =
            let struct (_, s, _) = Algebra.softplusSigmas x.V
            Shaken.Of(12UL, s)

        static member Sigmoids x =
            let struct (_, s, t) = Algebra.softplusSigmas x.V
            struct (Shaken.Of(12UL, s), Shaken.Of(13UL, t))

        static member Softplus x =
            let struct (v, _, _) = Algebra.softplusSigmas x.V
            Shaken.Of(14UL, v)

        static member SoftplusSigmas x =
            let struct (v, s, t) = Algebra.softplusSigmas x.V
            struct (Shaken.Of(14UL, v), Shaken.Of(12UL, s), Shaken.Of(13UL, t))

        static member SoftplusPair x =
            let struct (v, w, s, t) = Algebra.softplusPair x.V
            struct (Shaken.Of(14UL, v), Shaken.Of(18UL, w), Shaken.Of(12UL, s), Shaken.Of(13UL, t))

        static member XLogX x = Shaken.Of(15UL, Algebra.xlogx x.V)

        static member XLogXLog x =
            let struct (v, l) = Algebra.xlogxLog x.V
            struct (Shaken.Of(15UL, v), Shaken.Of(6UL, l))

        static member Tanh x = Shaken.Of(16UL, Algebra.tanh x.V)
        static member Atan x = Shaken.Of(17UL, Algebra.atan x.V)
        static member Abs x = Shaken(Algebra.abs x.V)
        static member Max(x, y) = Shaken(Algebra.max x.V y.V)
        static member Min(x, y) = Shaken(Algebra.min x.V y.V)

        static member Select(condition, a, b) =
            Shaken(Algebra.select condition.V a.V b.V)

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Shaken) : Shaken = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>
            (f: 'F, x: Shaken)
            : struct (Shaken * Shaken) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, _, _) = Algebra.logitDivergence y.V (Shaken.Of(19UL, z.V)).V
            Shaken.Of(20UL, v)

        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byLabel, byScore) = Algebra.logitDivergence y.V (Shaken.Of(19UL, z.V)).V
            struct (Shaken.Of(20UL, v), Shaken.Of(21UL, byLabel), Shaken.Of(22UL, byScore))

        static member IsZero x = x.V.Hi = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: Shaken, y: Shaken) : Shaken =
            f.Value(x, y)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Accuracy =
    [<Literal>]
    let WellConditioned = 4.0

    [<Literal>]
    let Aim = 4.0

    /// Below it a double-double product has lost digits.
    let private smallest = Math.ScaleB(1.0, -960)

    /// A reference that moves by more when shaken by 2^-80 is none: its own error may be 2^-26 of that.
    let private unresolved = Math.ScaleB(1.0, -36)

    let private unit = Math.BitIncrement 1.0 - 1.0

    let private sign (random: RandomStream) =
        if random.NextDouble() < 0.5 then 1.0 else -1.0

    let private magnitude (random: RandomStream) low high =
        sign random * Math.Pow(10.0, low + (high - low) * random.NextDouble())

    let private between (random: RandomStream) low high =
        low + (high - low) * random.NextDouble()

    /// Somewhere in an interval, often close to an end that is finite.
    let private inside (random: RandomStream) (d: Domain) (near: unit -> float) =
        match Double.IsFinite d.Low, Double.IsFinite d.High with
        | true, true ->
            match random.NextInt 4 with
            | 0 -> d.Low + (d.High - d.Low) * Math.Abs(magnitude random -12.0 -0.3)
            | 1 -> d.High - (d.High - d.Low) * Math.Abs(magnitude random -12.0 -0.3)
            | _ -> between random d.Low d.High
        | true, false -> d.Low + Math.Abs(near ())
        | false, true -> d.High - Math.Abs(near ())
        | false, false -> near ()

    let private label (random: RandomStream) (d: Domain) =
        let ends =
            [|
                if d.LowClosed || d.EndsOnly then
                    d.Low
                if d.HighClosed || d.EndsOnly then
                    d.High
            |]

        if d.EndsOnly || (ends.Length > 0 && random.NextInt 3 = 0) then
            ends[random.NextInt ends.Length]
        else
            let near () =
                match random.NextInt 8 with
                | 0 -> 0.0
                | 1 -> float (random.NextInt 11)
                | 2 -> magnitude random -80.0 -3.0
                | _ -> magnitude random -3.0 3.0

            inside random d near

    let private score (random: RandomStream) (metadata: LossMetadata) (label: float) =
        let near () =
            match random.NextInt 8 with
            | 0 -> magnitude random -80.0 3.0
            | 1 -> magnitude random -9.0 0.0
            | 2
            | 3 -> between random -5.0 5.0
            | 4
            | 5 -> between random -50.0 50.0
            | 6 -> between random -1000.0 1000.0
            | _ -> float (random.NextInt 21 - 10) / 2.0

        let linked =
            match metadata.Link with
            | Link.Logit when label > 0.0 && label < 1.0 -> Scalar.logit label
            | Link.Log when label > 0.0 -> Math.Log label
            | _ -> label

        if random.NextInt 4 = 0 then
            linked + magnitude random -8.0 0.5
        else
            inside random metadata.Score near

    let points seed count (metadata: LossMetadata) : struct (float * float)[] =
        let random = RandomStream(seed, 0UL)

        let rec draw () =
            let y = label random metadata.Label
            let z = score random metadata y

            if metadata.Label.Contains y && metadata.Score.Contains z then
                struct (y, z)
            else
                draw ()

        Array.init count (fun _ -> draw ())

    let parameters seed draws (entry: LossEntry) =
        let random = RandomStream(seed, 1UL)

        let rec draw (p: LossParameter) =
            let value = between random p.Typical.Low p.Typical.High
            if p.Allowed.Contains value then value else draw p

        [|
            entry.Defaults
            if entry.Parameters.Length > 0 then
                for _ in 1..draws do
                    Array.map draw entry.Parameters
        |]

    let private constant (x: float) = Dual(DD x, DD 0.0)
    let private variable (x: float) = Dual(DD x, DD 1.0)

    let private jet (loss: ILoss) (label: float) (score: float) =
        let j = loss.Eval(Jet2(DD label, DD 0.0, DD 0.0), Jet2(DD score, DD 1.0, DD 0.0))
        [| j.P; j.D; j.H |]

    let private shaken (loss: ILoss) (label: float) (score: float) =
        let number (x: float) = Shaken(DD x)

        let j =
            loss.Eval(Jet2(number label, number 0.0, number 0.0), Jet2(number score, number 1.0, number 0.0))

        [| j.P.V; j.D.V; j.H.V |]

    /// |label d/dlabel f| + |score d/dscore f| for the value and both derivatives.
    let private sensitivity (loss: ILoss) (label: float) (score: float) =
        let zero = constant 0.0
        let one = constant 1.0
        let y = loss.Eval(Jet2(variable label, zero, zero), Jet2(constant score, one, zero))
        let z = loss.Eval(Jet2(constant label, zero, zero), Jet2(variable score, one, zero))

        let size (input: float) (slope: DD) =
            if input = 0.0 then 0.0
            elif Double.IsNaN slope.Hi then infinity
            else Math.Abs(input * slope.Hi)

        [| y.P.D, z.P.D; y.D.D, z.D.D; y.H.D, z.H.D |]
        |> Array.map (fun (dy, dz) -> size label dy + size score dz)

    let private ulp (x: float) =
        let a = Math.Abs x
        Math.BitIncrement a - a

    /// Whether the result jumps next to the inputs: within two of their units in the last place by more than a hundred times what its condition explains,
    /// or within 64 units of max(1, |input|) to just what was computed (a kink at 0 that a formula such as 1 - x/w sees from some 1e-16 away).
    let private jumps (loss: ILoss) label score order (expected: DD) (sensitivity: float) (computed: float) =
        let allowed = 100.0 * unit * (sensitivity + Math.Abs expected.Hi)
        let metadata = loss.Metadata

        let around (units: float) (least: float) (d: Domain) (x: float) =
            let step = units * ulp (Math.Max(Math.Abs x, least))
            [| x - step; x; x + step |] |> Array.filter d.Contains

        let results units least =
            Seq.allPairs (around units least metadata.Label label) (around units least metadata.Score score)
            |> Seq.map (fun (y, z) -> (jet loss y z)[order])

        let jumped (other: DD) =
            not (Math.Abs((other - expected).Hi) <= allowed)

        let reached (other: DD) =
            Math.Abs(other.Hi - computed) <= 8.0 * unit * Math.Abs computed

        Seq.exists jumped (results 2.0 0.0)
        || Seq.exists (fun other -> jumped other && reached other) (results 64.0 1.0)

    [<RequireQualifiedAccess; NoComparison>]
    type private Verdict =
        | OutOfRange
        | Unresolved
        | AtKink
        | Crossing
        | Judged of AccuracyPoint

    /// |parameter d/dparameter f| over |f| by differences of double-doubles, for a moved loss (parameter, by what share) where its value is allowed.
    let private parameterCondition (moved: int -> float -> ILoss option) (parameters: float[]) label score order =
        let step = Math.ScaleB(1.0, -24)
        let at (loss: ILoss) = (jet loss label score)[order]

        parameters
        |> Array.mapi (fun i value ->
            match moved i step, moved i -step with
            | _ when value = 0.0 -> 0.0
            | Some above, Some below ->
                let f, g = at above, at below
                Math.Abs((f - g).Hi / (step * (f + g).Hi))
            | Some other, None
            | None, Some other ->
                let f, g = at other, at (moved i 0.0).Value
                Math.Abs((f - g).Hi / (step * g.Hi))
            | None, None -> 0.0)
        |> Array.sum

    let private judge remade (loss: ILoss) parameters label score : Verdict[] =
        let struct (p, d, h) = Loss.jet loss label score
        let computed = [| p; d; h |]
        let expected = jet loss label score
        let moved = shaken loss label score
        let sensitivities = sensitivity loss label score

        let one order =
            let e = expected[order]
            let c = computed[order]
            let s = sensitivities[order]

            let judged condition error =
                Verdict.Judged
                    {
                        Parameters = parameters
                        Label = label
                        Score = score
                        Computed = c
                        Expected = e.Hi
                        Condition = condition
                        ParameterCondition =
                            if error > Aim * Math.Max(1.0, condition) && Double.IsFinite error then
                                parameterCondition remade parameters label score order
                            else
                                0.0
                        Error = error
                    }

            if not (Double.IsFinite expected[0].Hi) || Double.IsInfinity e.Hi then
                Verdict.OutOfRange
            elif Double.IsNaN e.Hi then
                judged 0.0 infinity
            elif e.Hi <> 0.0 && Math.Abs e.Hi < smallest then
                Verdict.OutOfRange
            elif not (Math.Abs((moved[order] - e).Hi) <= unresolved * Math.Abs e.Hi) then
                Verdict.Unresolved
            elif e.Hi = 0.0 then
                if c = 0.0 && s = 0.0 then judged 0.0 0.0
                elif s > 0.0 then Verdict.Crossing
                elif jumps loss label score order e s c then Verdict.AtKink
                else judged 0.0 infinity
            else
                let error = Math.Abs((c - e.Hi) - e.Lo) / ulp e.Hi
                let error = if Double.IsNaN error then infinity else error
                let condition = s / Math.Abs e.Hi

                if error > Math.Max(WellConditioned, condition) && jumps loss label score order e s c then
                    Verdict.AtKink
                else
                    judged condition error

        Array.init 3 one

    let private nowhere =
        {
            Parameters = [||]
            Label = nan
            Score = nan
            Computed = nan
            Expected = nan
            Condition = nan
            ParameterCondition = nan
            Error = 0.0
        }

    let private larger key (a: AccuracyPoint) (b: AccuracyPoint) = if key b > key a then b else a

    /// Error over condition; a point of infinite condition says nothing.
    let private perCondition (p: AccuracyPoint) =
        if p.Error = 0.0 then 0.0
        elif Double.IsPositiveInfinity p.Condition then 0.0
        else p.Error / p.Condition

    let private summary order (verdicts: Verdict[]) =
        let count f =
            verdicts |> Array.sumBy (fun v -> if f v then 1 else 0)

        let judged =
            verdicts
            |> Array.choose (fun v ->
                match v with
                | Verdict.Judged p -> Some p
                | _ -> None)

        let beyond = judged |> Array.filter (fun p -> p.Excess > Aim)
        let well, elsewhere = judged |> Array.partition (fun p -> p.Condition <= WellConditioned)

        {
            Order = order
            Points = judged.Length
            WellConditioned = well.Length
            OutOfRange = count _.IsOutOfRange
            Unresolved = count _.IsUnresolved
            AtKink = count _.IsAtKink
            Crossings = count _.IsCrossing
            Worst = well |> Array.fold (larger _.Error) nowhere
            WorstElsewhere = elsewhere |> Array.fold (larger perCondition) nowhere
            WorstExcess = judged |> Array.fold (larger _.Excess) nowhere
            Beyond = beyond.Length
            WorstBeyond = beyond |> Array.fold (larger _.ExcessOfAll) nowhere
        }

    let private report name (verdicts: Verdict[][]) =
        let order k =
            verdicts |> Array.map (fun v -> v[k]) |> summary k

        {
            Name = name
            Value = order 0
            First = order 1
            Second = order 2
        }

    let private verdicts moved parameters loss points =
        points |> Array.map (fun struct (y, z) -> judge moved loss parameters y z)

    let measure parameters (loss: ILoss) points =
        report loss.Metadata.Name (verdicts (fun _ _ -> None) parameters loss points)

    let entry seed draws count (entry: LossEntry) =
        match entry.Definition with
        | LossDefinition.Multiclass _ ->
            Error(
                HindsightError.Incompatible
                    $"'{entry.Name}' is a loss of class scores; accuracy is measured for losses of one score"
            )
        | LossDefinition.Scalar create ->
            parameters seed draws entry
            |> Array.mapi (fun i values ->
                let loss = create values

                let moved which share =
                    let value = values[which] * (1.0 + share)

                    if entry.Parameters[which].Allowed.Contains value then
                        Some(values |> Array.mapi (fun k v -> if k = which then value else v) |> create)
                    else
                        None

                verdicts moved values loss (points (seed + uint64 i) count loss.Metadata))
            |> Array.concat
            |> report entry.Name
            |> Ok
