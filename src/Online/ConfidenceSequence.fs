namespace Hindsight

open System
open System.IO
open System.Runtime.InteropServices
open Hindsight.FSharp

/// A sum that keeps its digits however many terms it has (Kahan 1965).
[<Sealed>]
type private Sum() =
    let mutable total = 0.0
    let mutable lost = 0.0

    member _.Value = total

    member _.Add(x: float) =
        let y = x - lost
        let next = total + y
        lost <- (next - total) - y
        total <- next

    member _.Save(writer: BinaryWriter) =
        writer.Write total
        writer.Write lost

    member _.Load(reader: BinaryReader) =
        total <- reader.ReadDouble()
        lost <- reader.ReadDouble()

/// Regularised mean and variance of what came before: the predictable centre and the plug-in bets.
[<Sealed>]
type private Plug(logInverse: float) =
    let sum = Sum()
    let squares = Sum()
    let mutable rounds = 0L

    member _.Rounds = rounds
    member _.Sum = sum.Value
    /// (1/2 + sum)/(t + 1).
    member _.Centre = (0.5 + sum.Value) / (float rounds + 1.0)

    /// The bet for the next observation, before any cap.
    member _.Bet =
        let seen = float rounds + 1.0
        (AnytimeFormulas.plugIn (R64 logInverse) (R64((0.25 + squares.Value) / seen)) seen).V

    member plug.Add(y: float) =
        sum.Add y
        rounds <- rounds + 1L
        let deviation = y - plug.Centre
        squares.Add(deviation * deviation)

    member _.Save(writer: BinaryWriter) =
        writer.Write rounds
        sum.Save writer
        squares.Save writer

    member _.Load(reader: BinaryReader) =
        rounds <- reader.ReadInt64()
        sum.Load reader
        squares.Load reader

[<AbstractClass>]
type internal IntervalRule() =
    abstract Observe: y: float -> unit
    abstract Lower: float
    abstract Upper: float
    abstract CoversAverage: bool
    abstract Bound: unit -> Result<Bound, HindsightError>
    abstract Evidence: mean: float -> Result<float, HindsightError>

    default _.Evidence _ =
        Error(HindsightError.Incompatible "Only betting sequences keep evidence against a mean.")

    abstract Save: writer: BinaryWriter -> unit
    abstract Load: reader: BinaryReader -> unit

/// Mean -+ boundary(v)/t, the boundary of one intrinsic time: t/4 or the squares around predictable centres.
[<Sealed>]
type private BoundaryRule(empirical: bool, radius: float -> float, bound: float -> Result<Bound, HindsightError>) =
    inherit IntervalRule()
    let sum = Sum()
    let time = Sum()
    let mutable rounds = 0L
    let mutable width = infinity

    override _.Observe y =
        if empirical then
            let deviation = y - (0.5 + sum.Value) / (float rounds + 1.0)
            time.Add(deviation * deviation)
        else
            time.Add 0.25

        sum.Add y
        rounds <- rounds + 1L
        width <- radius time.Value / float rounds

    override _.Lower = sum.Value / float (max 1L rounds) - width
    override _.Upper = sum.Value / float (max 1L rounds) + width
    override _.CoversAverage = true
    override _.Bound() = bound time.Value

    override _.Save writer =
        writer.Write rounds
        sum.Save writer
        time.Save writer
        writer.Write width

    override _.Load reader =
        rounds <- reader.ReadInt64()
        sum.Load reader
        time.Load reader
        width <- reader.ReadDouble()

/// Predictable plug-in empirical Bernstein; delta is that of a side.
[<Sealed>]
type private EmpiricalBernsteinRule(twoSided: bool, delta: float) =
    inherit IntervalRule()
    let plug = Plug(-log delta)
    let weights = Sum()
    let weighted = Sum()
    let excess = Sum()

    member private _.Width = (excess.Value - log delta) / weights.Value

    override _.Observe y =
        let weight = min 0.5 plug.Bet
        let deviation = y - min 1.0 plug.Centre
        weights.Add weight
        weighted.Add(weight * y)
        excess.Add((AnytimeFormulas.psi (R64 weight)).V * deviation * deviation)
        plug.Add y

    override rule.Lower =
        if plug.Rounds = 0L then
            -infinity
        else
            weighted.Value / weights.Value - rule.Width

    override rule.Upper =
        if plug.Rounds = 0L || not twoSided then
            infinity
        else
            weighted.Value / weights.Value + rule.Width

    override _.CoversAverage = false

    override _.Bound() =
        AnytimeWidth.empiricalBernstein excess.Value weights.Value delta

    override _.Save writer =
        plug.Save writer
        weights.Save writer
        weighted.Save writer
        excess.Save writer

    override _.Load reader =
        plug.Load reader
        weights.Load reader
        weighted.Load reader
        excess.Load reader

/// Betting; delta is that of a side. The upper side is the lower side of 1 - y.
[<Sealed>]
type private BettingRule(twoSided: bool, delta: float) =
    inherit IntervalRule()
    let cap = 0.5
    let goal = -log delta
    let plug = Plug goal
    let mutable count = 0
    let mutable values: float[] = Array.zeroCreate 256
    let mutable bets: float[] = Array.zeroCreate 256
    let mutable lower = 0.0
    let mutable lowerCapital = 0.0
    let mutable upper = 0.0
    let mutable upperCapital = 0.0
    let mutable largest = 0.0

    /// y of the side.
    static member private Side(mirrored: bool, y: float) = if mirrored then 1.0 - y else y

    static member private Factor(bet: float, cap: float, y: float, m: float) = 1.0 + min bet (cap / m) * (y - m)

    /// The logarithm of the capital against m of the side.
    member private _.Capital(mirrored: bool, m: float) : float =
        let mutable logs = 0.0
        let mutable product = 1.0

        for i in 0 .. count - 1 do
            product <- product * BettingRule.Factor(bets[i], cap, BettingRule.Side(mirrored, values[i]), m)

            // one logarithm for many factors
            if product > 1e100 || product < 1e-100 then
                logs <- logs + log product
                product <- 1.0

        logs + log product

    /// The greatest m, to the last digits, at which the capital is at least 1/delta, from one where it is.
    member private rule.Root(mirrored: bool, from: float, atFrom: float) : struct (float * float) =
        let mutable a = from
        let mutable fa = atFrom - goal
        // no factor is above 1 at the largest observation
        let mutable b = if twoSided then 1.0 else largest
        let mutable fb = rule.Capital(mirrored, b) - goal
        let mutable round = 0
        let mutable side = 0
        let mutable ga = fa
        let mutable gb = fb

        // the Illinois form of false position, halving the interval every fourth time so that it cannot stall
        while round < 200 && b - a > 4e-16 * b && fa > 1e-13 * goal do
            round <- round + 1

            let guess =
                if round % 4 = 0 then
                    0.5 * (a + b)
                else
                    b - gb * (b - a) / (gb - ga)

            let c = if guess > a && guess < b then guess else 0.5 * (a + b)
            let fc = rule.Capital(mirrored, c) - goal

            if c <= a || c >= b then
                b <- a
            elif fc >= 0.0 then
                a <- c
                fa <- fc
                ga <- fc
                gb <- if side = 1 then 0.5 * gb else fb
                side <- 1
            else
                b <- c
                fb <- fc
                gb <- fc
                ga <- if side = -1 then 0.5 * ga else fa
                side <- -1

        struct (a, fa + goal)

    override rule.Observe y =
        if count = values.Length then
            let grow (old: float[]) =
                let longer = Array.zeroCreate (2 * old.Length)
                Array.blit old 0 longer 0 old.Length
                longer

            values <- grow values
            bets <- grow bets

        let bet = plug.Bet
        values[count] <- y
        bets[count] <- bet
        count <- count + 1
        largest <- max largest y
        plug.Add y
        lowerCapital <- lowerCapital + log (BettingRule.Factor(bet, cap, y, lower))

        if lowerCapital >= goal then
            let struct (root, capital) = rule.Root(false, lower, lowerCapital)
            lower <- root
            lowerCapital <- capital

        if twoSided then
            upperCapital <- upperCapital + log (BettingRule.Factor(bet, cap, 1.0 - y, upper))

            if upperCapital >= goal then
                let struct (root, capital) = rule.Root(true, upper, upperCapital)
                upper <- root
                upperCapital <- capital

    override _.Lower = lower
    override _.Upper = if twoSided then 1.0 - upper else infinity
    override _.CoversAverage = false

    override _.Bound() =
        AnytimeWidth.bettingLower values[.. count - 1] cap delta

    override rule.Evidence mean =
        let above = rule.Capital(false, mean)

        if twoSided then
            Ok(max above (rule.Capital(true, 1.0 - mean)) - log 2.0)
        else
            Ok above

    override _.Save writer =
        plug.Save writer
        writer.Write count
        writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan(values, 0, count)))
        writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan(bets, 0, count)))

        for x in [| lower; lowerCapital; upper; upperCapital; largest |] do
            writer.Write x

    override _.Load reader =
        plug.Load reader
        count <- reader.ReadInt32()
        let length = max 256 (int (Numerics.BitOperations.RoundUpToPowerOf2(uint32 count)))
        values <- Array.zeroCreate length
        bets <- Array.zeroCreate length
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span(values, 0, count)))
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span(bets, 0, count)))
        lower <- reader.ReadDouble()
        lowerCapital <- reader.ReadDouble()
        upper <- reader.ReadDouble()
        upperCapital <- reader.ReadDouble()
        largest <- reader.ReadDouble()

[<Sealed; NoComparison; NoEquality>]
type ConfidenceSequence internal (name: string, low: float, high: float, scale: float, delta: float, rule: IntervalRule)
    =
    let range = Domain.Closed(low, high)
    let sum = Sum()
    let mutable rounds = 0L
    let mutable lower = low
    let mutable upper = high

    member _.Name = name
    member _.Low = low
    member _.High = high
    member _.Delta = delta
    member _.Rounds = rounds

    member _.Mean =
        if rounds > 0L then low + scale * (sum.Value / float rounds)
        elif Double.IsInfinity high then low
        else low + 0.5 * scale

    member _.Lower = lower
    member _.Upper = upper
    member _.IsEmpty = lower > upper
    member _.CoversAverage = rule.CoversAverage

    member _.AverageLower =
        if rule.CoversAverage then
            max low (low + scale * rule.Lower)
        else
            low

    member _.AverageUpper =
        if rule.CoversAverage then
            min high (low + scale * rule.Upper)
        else
            high

    member _.Update(x: float) =
        if not (range.Contains x) then
            Require.inside "x" range x |> Require.ok |> ignore<float>

        let y = (x - low) / scale
        rounds <- rounds + 1L
        sum.Add y
        rule.Observe y
        lower <- max lower (low + scale * rule.Lower)
        upper <- min upper (low + scale * rule.Upper)

    member internal _.ToUnits(x: float) = (x - low) / scale
    member internal _.Rule = rule

    member _.Save(writer: BinaryWriter) =
        writer.Write name

        for x in [| low; high; scale; delta; lower; upper |] do
            writer.Write x

        writer.Write rounds
        sum.Save writer
        rule.Save writer

    member _.Load(reader: BinaryReader) =
        let savedName = reader.ReadString()
        let saved = Array.init 4 (fun _ -> reader.ReadDouble())

        if savedName <> name || saved <> [| low; high; scale; delta |] then
            HindsightError.Incompatible
                $"The saved sequence is {savedName} on [{saved[0]}, {saved[1]}] with delta {saved[3]}, not {name} on [{low}, {high}] with delta {delta}"
            |> HindsightException
            |> raise

        lower <- reader.ReadDouble()
        upper <- reader.ReadDouble()
        rounds <- reader.ReadInt64()
        sum.Load reader
        rule.Load reader

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module ConfidenceSequence =
    let private bounded name low high delta (rule: float -> IntervalRule) =
        result {
            let! low = Require.finite "low" low
            let! high = Require.inside "high" { Domain.Reals with Low = low } high
            let! delta = Require.confidence "delta" delta
            return ConfidenceSequence(name, low, high, high - low, delta, rule delta)
        }

    let private unbounded name low scale delta (rule: float -> IntervalRule) =
        result {
            let! low = Require.finite "low" low
            let! scale = Require.positive "scale" scale
            let! delta = Require.confidence "delta" delta
            return ConfidenceSequence(name, low, infinity, scale, delta, rule delta)
        }

    let normalMixture low high bestAt delta =
        result {
            let! delta = Require.confidence "delta" delta
            let! bestAt = Require.positive "bestAt" bestAt
            let! rho = AnytimeWidth.bestRho (bestAt / 4.0) delta

            return!
                bounded "normal-mixture" low high delta (fun delta ->
                    BoundaryRule(
                        false,
                        (fun v -> (AnytimeFormulas.mixture (R64 v) (R64 rho) (R64 delta)).V),
                        fun v -> AnytimeWidth.normalMixture v rho delta
                    ))
        }

    let private stitching empirical start scale delta : IntervalRule =
        let eta = R64 2.0
        let s = R64 1.4
        let constant = AnytimeFormulas.stitchingConstant eta s (R64 delta)

        BoundaryRule(
            empirical,
            (fun v -> (AnytimeFormulas.stitching (R64 v) (R64 start) eta s (R64 scale) constant).V),
            fun v -> AnytimeWidth.stitching (max v start) start 2.0 1.4 scale delta
        )

    let stitched low high delta =
        bounded "stitched" low high delta (fun delta -> stitching false 0.25 0.0 (delta / 2.0))

    let stitchedEmpirical low high delta =
        bounded "stitched-empirical" low high delta (fun delta -> stitching true 1.0 1.0 (delta / 2.0))

    let empiricalBernstein low high delta =
        bounded "empirical-bernstein" low high delta (fun delta -> EmpiricalBernsteinRule(true, delta / 2.0))

    let empiricalBernsteinLower low scale delta =
        unbounded "empirical-bernstein-lower" low scale delta (fun delta -> EmpiricalBernsteinRule(false, delta))

    let betting low high delta =
        bounded "betting" low high delta (fun delta -> BettingRule(true, delta / 2.0))

    let bettingLower low scale delta =
        unbounded "betting-lower" low scale delta (fun delta -> BettingRule(false, delta))

    let evidence mean (state: ConfidenceSequence) =
        result {
            let! mean = Require.inside "mean" (Domain.Closed(state.Low, state.High)) mean
            return! state.Rule.Evidence(state.ToUnits mean)
        }

    let bound (state: ConfidenceSequence) =
        if state.Rounds = 0L then
            Error(HindsightError.Incompatible "A sequence without observations has no bound yet.")
        else
            state.Rule.Bound()
