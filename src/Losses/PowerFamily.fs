namespace Hindsight

open System
open System.Runtime.CompilerServices

/// What deviances and Bregman divergences share.
/// Numbers of this file that are floats.
module internal PowerTable =
    /// Far below the last bit of 1, in double precision.
    let belowDouble = 1e-20

    /// Labels below it count as 0 (in single precision it is the least normal number).
    let tiny = 1e-300

    let private halves (numbers: struct (float * float)[]) =
        struct (numbers |> Array.map (fun struct (high, _) -> high), numbers |> Array.map (fun struct (_, low) -> low))

    /// (high + low)/n
    let private over (n: float) struct (high: float, low: float) : struct (float * float) =
        let q = high / n
        struct (q, (Math.FusedMultiplyAdd(-q, n, high) + low) / n)

    /// 1/(2k+3)
    let odd = halves (Array.init 32 (fun k -> over (2.0 * float k + 3.0) struct (1.0, 0.0)))

    /// 1/n! for n = 2 ..
    let factorial =
        halves ([| 2..39 |] |> Array.scan (fun inverse n -> over (float n) inverse) struct (1.0, 0.0) |> Array.tail)

    /// The last term of the series of a power divergence, and of that of a double.
    let last = 37
    let lastOfDouble = 20

    /// The highest power of the series of x - ln(1+x), and the last that a double has use for.
    let highest = 31
    let highestOfDouble = 17
    let below (n: int) = n - 1

    let negated (power: float) = -power
    let previous (order: float) = order - 1.0
    let isSmall (order: float) = abs order < 0.5
    let differs (c: float) (k: float) = isSmall c || isSmall k || c * k < 0.0
    let isZero (order: float) = order = 0.0
    let isPositive (order: float) = order > 0.0
    let isModerate (power: float) = abs power <= 1.0

    /// The series of a power divergence is used for u = b/a - 1 in [-h/(1+h), h].
    let reach (power: float) =
        2.0 / max 1.0 (max (abs (2.0 - power)) (abs (1.0 - power)))

    let lower (reach: float) = -reach / (1.0 + reach)

    /// As far as ln(b/a) then goes.
    let longest (reach: float) = log (1.0 + reach)

open Hindsight.FSharp.Ops

module internal Precision =
    /// Whether numbers have more digits than doubles, so that a series needs its later terms.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let isWide<'T when 'T :> IReal<'T> and 'T: struct> () : bool =
        not ('T.IsZero('T.Const2(1.0, PowerTable.belowDouble) - 'T.Const 1.0))

/// u/(1+u)
[<Struct; NoComparison; NoEquality>]
type internal ShareOfOdds =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(u: 'T) : 'T = u / ('T.Const 1.0 + u)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(u: 'T) : 'T = 'T.Const 1.0 / 'T.Sqr('T.Const 1.0 + u)

/// u - ln(1+u) for -1/2 <= u <= 1. With s = u/(2+u), ln(1+u) = 2 artanh s and u = 2s/(1-s).
[<Struct; NoComparison; NoEquality>]
type internal LessLog =
    interface IScalarFunction with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(u: 'T) : 'T =
            let s = u / ('T.Const 2.0 + u)
            let w = 'T.Sqr s
            let struct (high, low) = PowerTable.odd

            let top =
                if Precision.isWide<'T>() then
                    PowerTable.highest
                else
                    PowerTable.highestOfDouble

            let mutable sum = 'T.Const2(high[top], low[top])

            for k = PowerTable.below top downto 0 do
                sum <- sum * w + 'T.Const2(high[k], low[k])

            s * (u - 'T.Const 2.0 * w * sum)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(u: 'T) : 'T = 'T.Apply(ShareOfOdds(), u)

module internal Clamp =
    /// x between two numbers.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let between<'T when 'T :> IReal<'T> and 'T: struct> (low: float) (high: float) (x: 'T) : 'T =
        'T.Min('T.Max(x, 'T.Const low), 'T.Const high)

/// (x^k - 1)/k, ln x at k = 0
[<Struct; NoComparison; NoEquality>]
type internal DeformedLog =
    val K: float
    new(k) = { K = k }

    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            if this.K = 0.0 then
                'T.Log x
            elif PowerTable.isSmall this.K then
                // far from 0 the exponential would multiply the rounding of its argument
                let y = 'T.Const this.K * 'T.Log x
                let far = 'T.Pow(x, this.K) - 'T.Const 1.0
                'T.Select('T.Abs y - 'T.Const 0.5, far, 'T.Expm1(Clamp.between -0.5 0.5 y)) / 'T.Const this.K
            else
                ('T.Pow(x, this.K) - 'T.Const 1.0) / 'T.Const this.K

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Pow(x, PowerTable.previous this.K)

module internal Ratio =
    /// Nonnegative between two numbers, of any x.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let between<'T when 'T :> IReal<'T> and 'T: struct> (low: float) (high: float) (x: 'T) : 'T =
        'T.Min(x - 'T.Const low, 'T.Const high - x)

    /// A label that one can divide by.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let safe<'T when 'T :> IReal<'T> and 'T: struct> (label: 'T) : 'T = 'T.Max(label, 'T.Const PowerTable.tiny)

    /// ln(b/a), given difference = b - a.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let log<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) (difference: 'T) : 'T =
        let a = safe a
        let u = difference / a
        'T.Select(between -0.5 1.0 u, 'T.Log1p(Clamp.between -0.5 1.0 u), 'T.Log(b / a))

    /// a ln(a/b) - a + b, given difference = b - a.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let gap<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) (difference: 'T) : 'T =
        let safe = safe a
        let u = difference / safe
        let near = safe * 'T.Apply(LessLog(), Clamp.between -0.5 1.0 u)
        let far = difference - a * 'T.Log(b / safe)
        'T.Select(between -0.5 1.0 u, near, far)

module internal PowerSeries =
    /// D(1, e^m) of the power divergence, m small. With c = 2 - p it is the sum over n >= 2 of (c^(n-1) - (c-1)^(n-1)) m^n/n!, whose coefficients obey d' = c d + (c-1)^(n-1)
    /// and so never subtract.
    let near<'T when 'T :> IReal<'T> and 'T: struct> (p: float) (m: 'T) : 'T =
        let x = ('T.Const 2.0 - 'T.Const p) * m
        let y = ('T.Const 1.0 - 'T.Const p) * m
        let struct (high, low) = PowerTable.factorial
        let mutable coefficient = 'T.Const 1.0
        let mutable power = y
        let mutable sum = 'T.Const 0.5

        let last =
            if Precision.isWide<'T>() then
                PowerTable.last
            else
                PowerTable.lastOfDouble

        for n = 1 to last do
            coefficient <- x * coefficient + power
            power <- power * y
            sum <- sum + coefficient * 'T.Const2(high[n], low[n])

        'T.Sqr m * sum

    /// D(1, r), r not close to 1, with c = 2 - p and k = 1 - p: (1 + r^k (k r - c))/(k c), and where k < 0 < c or either is small the difference of the logarithms deformed by them.
    let far<'T when 'T :> IReal<'T> and 'T: struct> (c: float) (k: float) (r: 'T) : 'T =
        if PowerTable.differs c k then
            'T.Apply(DeformedLog c, r) - 'T.Apply(DeformedLog k, r)
        else
            let atC, atK = 'T.Const c, 'T.Const k
            ('T.Const 1.0 + 'T.Pow(r, k) * (atK * r - atC)) / (atK * atC)

/// (b - a)/b, the slope of the Kullback-Leibler divergence.
[<Struct; NoComparison; NoEquality>]
type internal LessRatio =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = (b - a) / b

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, b: 'T) : 'T = 'T.Const -1.0 / b

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = a / b / b

/// a ln(a/b) - a + b
[<Struct; NoComparison; NoEquality>]
type internal LessKullbackLeibler =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = Ratio.gap a b (b - a)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = -(Ratio.log a b (b - a))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = 'T.Apply2(LessRatio(), a, b)

/// (b - a)/b^2, the slope of the Itakura-Saito divergence; its own, (2a - b)/b^3, crosses 0 at b = 2a, where the difference is exact.
[<Struct; NoComparison; NoEquality>]
type internal LessItakuraSaitoSlope =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = (b - a) / b / b

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, b: 'T) : 'T = 'T.Const -1.0 / b / b

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = ('T.Const 2.0 * a - b) / b / b / b

/// 1/b - 1/a, the slope in the label.
[<Struct; NoComparison; NoEquality>]
type internal LessItakuraSaitoLabel =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = (a - b) / b / a

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, _: 'T) : 'T = 'T.Const 1.0 / a / a

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, b: 'T) : 'T = 'T.Const -1.0 / b / b

/// a/b - ln(a/b) - 1
[<Struct; NoComparison; NoEquality>]
type internal LessItakuraSaito =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let u = (a - b) / b
            let near = 'T.Apply(LessLog(), Clamp.between -0.5 1.0 u)
            let far = u + 'T.Log(b / a)
            'T.Select(Ratio.between -0.5 1.0 u, near, far)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            'T.Apply2(LessItakuraSaitoLabel(), a, b)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            'T.Apply2(LessItakuraSaitoSlope(), a, b)

/// (b - a)/(b (1-b)), the slope of the binary divergence.
[<Struct; NoComparison; NoEquality>]
type internal LessBinarySlope =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = (b - a) / (b * ('T.Const 1.0 - b))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, b: 'T) : 'T =
            'T.Const -1.0 / (b * ('T.Const 1.0 - b))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let q = 'T.Const 1.0 - b
            a / b / b + ('T.Const 1.0 - a) / q / q

/// a ln(a/b) + (1-a) ln((1-a)/(1-b))
[<Struct; NoComparison; NoEquality>]
type internal LessBinary =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let one = 'T.Const 1.0
            let difference = b - a
            Ratio.gap a b difference + Ratio.gap (one - a) (one - b) -difference

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let one = 'T.Const 1.0
            let difference = b - a
            Ratio.log (one - a) (one - b) -difference - Ratio.log a b difference

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = 'T.Apply2(LessBinarySlope(), a, b)

/// (b - a) b^-p, the slope of the power divergence; its own is (k b + p a) b^(-p-1). The power is one that leaves the range of numbers only where the slope does.
[<Struct; NoComparison; NoEquality>]
type internal PowerGapSlope =
    val K: float
    val P: float
    new(k, p) = { K = k; P = p }

    interface IScalarFunction2 with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            if PowerTable.isModerate this.P then
                (b - a) * 'T.Pow(b, PowerTable.negated this.P)
            else
                (b - a) / b * 'T.Pow(b, this.K)

        member this.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, b: 'T) : 'T =
            -('T.Pow(b, PowerTable.negated this.P))

        member this.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            ('T.Const this.K * b + 'T.Const this.P * a) / b * 'T.Pow(b, PowerTable.negated this.P)

/// The divergence of order c = 2 - p, with k = 1 - p: all three are handed over, so that none of them rounds where another is given.
[<Struct; NoComparison; NoEquality>]
type internal PowerGap =
    val C: float
    val K: float
    val P: float
    new(c, k, p) = { C = c; K = k; P = p }

    interface IScalarFunction2 with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let reach = PowerTable.reach this.P
            let longest = PowerTable.longest reach
            let safe = Ratio.safe a
            let u = (b - a) / safe
            let m = Clamp.between (PowerTable.negated longest) longest (Ratio.log a b (b - a))
            let near = PowerSeries.near this.P m
            let far = PowerSeries.far this.C this.K (b / safe)
            let low = PowerTable.lower reach
            let both = 'T.Pow(safe, this.C) * 'T.Select(Ratio.between low reach u, near, far)

            if PowerTable.isPositive this.C then
                'T.Select(a - 'T.Const PowerTable.tiny, both, 'T.Pow(b, this.C) / 'T.Const this.C)
            else
                both

        /// (a^k - b^k)/k = b^k ((a/b)^k - 1)/k
        member this.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            let safe = Ratio.safe a
            let k = 'T.Const this.K
            let log = -(Ratio.log a b (b - a))
            let y = k * log
            let far = 'T.Apply(DeformedLog this.K, safe / b)

            let deformed =
                if PowerTable.isZero this.K then
                    log
                else
                    'T.Select('T.Abs y - 'T.Const 1.0, far, 'T.Expm1(Clamp.between -1.0 1.0 y) / k)

            'T.Pow(b, this.K) * deformed

        member this.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            'T.Apply2(PowerGapSlope(this.K, this.P), a, b)

/// The divergences, each with the derivatives of its own.
module internal Gap =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let kullbackLeibler<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T =
        'T.Apply2(LessKullbackLeibler(), a, b)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let itakuraSaito<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = 'T.Apply2(LessItakuraSaito(), a, b)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let binary<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = 'T.Apply2(LessBinary(), a, b)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let power<'T when 'T :> IReal<'T> and 'T: struct> (c: float) (k: float) (p: float) (a: 'T) (b: 'T) : 'T =
        'T.Apply2(PowerGap(c, k, p), a, b)
