namespace Hindsight.FSharp

open System
open System.Runtime.CompilerServices

[<RequireQualifiedAccess>]
module Scalar =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let log1p (x: float) =
        let u = 1.0 + x

        // ln(1+x) = ln u + what rounding took from u, over u
        if u > 0.0 && Double.IsFinite u then
            Math.Log u + (x - (u - 1.0)) / u
        else
            Math.Log u

    /// e^x - 1 for |x| <= 0.69: x + x^2/2 + x^3 (1/3! + x/4! + ... + x^13/16!).
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private expm1Near (x: float) =
        let x2 = x * x
        let x4 = x2 * x2

        let a =
            Math.FusedMultiplyAdd(
                x2,
                Math.FusedMultiplyAdd(x, 0.001388888888888889, 0.008333333333333333),
                Math.FusedMultiplyAdd(x, 0.041666666666666664, 0.16666666666666666)
            )

        let b =
            Math.FusedMultiplyAdd(
                x2,
                Math.FusedMultiplyAdd(x, 2.755731922398589e-07, 2.7557319223985893e-06),
                Math.FusedMultiplyAdd(x, 2.48015873015873e-05, 0.0001984126984126984)
            )

        let c =
            Math.FusedMultiplyAdd(
                x2,
                Math.FusedMultiplyAdd(x, 1.1470745597729725e-11, 1.6059043836821613e-10),
                Math.FusedMultiplyAdd(x, 2.08767569878681e-09, 2.505210838544172e-08)
            )

        let d = Math.FusedMultiplyAdd(x, 4.779477332387385e-14, 7.647163731819816e-13)

        let tail = Math.FusedMultiplyAdd(x4, Math.FusedMultiplyAdd(x4, Math.FusedMultiplyAdd(x4, d, c), b), a)

        x + Math.FusedMultiplyAdd(x2 * x, tail, 0.5 * x2)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let expm1 (x: float) =
        if Math.Abs x <= 0.69 then expm1Near x else Math.Exp x - 1.0

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let expm1Exp (x: float) : struct (float * float) =
        if Math.Abs x <= 0.69 then
            let less = expm1Near x
            struct (less, 1.0 + less)
        else
            let e = Math.Exp x
            struct (e - 1.0, e)

    /// n/(d + c) with c far below d and r = 1/d: one Newton step, so that the error is that of the last rounding.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private quotient (n: float) (d: float) (c: float) (r: float) =
        let q = n * r
        Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(-q, d, n) - q * c, r, q)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let sigmoid (x: float) =
        let e = Math.Exp(-(Math.Abs x))
        let d = 1.0 + e
        quotient (if x >= 0.0 then 1.0 else e) d (e - (d - 1.0)) (1.0 / d)

    /// ln(1 + e) for 0 <= e <= 1, given d = 1 + e as rounded, what rounding took from it, and 1/d. Near e = 1 the constant ln 2 is split off: what is added to it is below 1/15, so that only one rounding is of the result's size.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let private logOnePlus (e: float) (d: float) (c: float) (r: float) =
        if e > 0.875 then
            0.6931471805599453 + (2.3190468138462996e-17 + log1p (0.5 * (e - 1.0)))
        else
            Math.FusedMultiplyAdd(c, r, Math.Log d)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let softplus (x: float) =
        let e = Math.Exp(-(Math.Abs x))
        let d = 1.0 + e
        Math.Max(x, 0.0) + logOnePlus e d (e - (d - 1.0)) (1.0 / d)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let sigmoids (x: float) : struct (float * float) =
        let e = Math.Exp(-(Math.Abs x))
        let d = 1.0 + e
        let c = e - (d - 1.0)
        let r = 1.0 / d
        let large = quotient 1.0 d c r
        let small = quotient e d c r

        if x >= 0.0 then
            struct (large, small)
        else
            struct (small, large)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let softplusSigmas (x: float) : struct (float * float * float) =
        let e = Math.Exp(-(Math.Abs x))
        let d = 1.0 + e
        let c = e - (d - 1.0)
        let r = 1.0 / d
        let large = quotient 1.0 d c r
        let small = quotient e d c r
        let value = Math.Max(x, 0.0) + logOnePlus e d c r

        if x >= 0.0 then
            struct (value, large, small)
        else
            struct (value, small, large)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let softplusPair (x: float) : struct (float * float * float * float) =
        let e = Math.Exp(-(Math.Abs x))
        let d = 1.0 + e
        let c = e - (d - 1.0)
        let r = 1.0 / d
        let large = quotient 1.0 d c r
        let small = quotient e d c r
        let least = logOnePlus e d c r
        let value = Math.Max(x, 0.0) + least
        let other = Math.Max(-x, 0.0) + least

        if x >= 0.0 then
            struct (value, other, large, small)
        else
            struct (value, other, small, large)

    /// x - ln(1+x) and ln(1+x), with u = 1 + x as accurate as x.
    let private lessLog (x: float) (u: float) : struct (float * float) =
        if x >= -0.5 && x <= 1.0 then
            // with s = x/(2+x) and w = s^2: x^2/2 - s (x^2/2 + 2 w (1/3 + w/5 + ...))
            let s = x / (2.0 + x)
            let w = s * s

            let mutable rest = 1.0 / 37.0

            for n in 17..-1..1 do
                rest <- Math.FusedMultiplyAdd(rest, w, 1.0 / float (2 * n + 1))

            let half = 0.5 * x * x
            let less = Math.FusedMultiplyAdd(-s, half + 2.0 * w * rest, half)
            struct (less, x - less)
        else
            let l = if x > 1.0 then log1p x else Math.Log u
            struct (x - l, l)

    /// Where s(z) leaves the normal numbers its logarithm is z itself to all digits: it is taken at 700, and the rest added.
    [<Literal>]
    let private LongestLogit = 700.0

    /// With d = s(z) - y: y h(d/y) + (1-y) h(-d/(1-y)), h(x) = x - ln(1+x), of which neither term is negative; and the derivatives ln(y/s(z)) - ln((1-y)/s(-z)) and d.
    let logitDivergence (y: float) (z: float) : struct (float * float * float) =
        let struct (s, t) = sigmoids z
        let o = 1.0 - y
        // from the smaller of the two means, of which the difference is as accurate as that mean
        let d = if y <= 0.5 then s - y else o - t
        let least = 2.2250738585072014e-308
        let floor = Math.Exp -LongestLogit
        let y1 = Math.Max(y, least)
        let o1 = Math.Max(o, least)
        let struct (h, l) = lessLog (d / y1) (Math.Max(s, floor) / y1)
        let struct (g, m) = lessLog (-d / o1) (Math.Max(t, floor) / o1)
        let below = Math.Max(-z - LongestLogit, 0.0)
        let above = Math.Max(z - LongestLogit, 0.0)
        let first = if y >= least then y * h else d
        let second = if o >= least then o * g else -d
        struct ((first + second) + (y * below + o * above), (m - l) + (below - above), d)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let xlogx (x: float) = if x = 0.0 then 0.0 else x * Math.Log x

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let xlogxLog (x: float) : struct (float * float) =
        if x = 0.0 then
            struct (0.0, Math.Log Double.Epsilon)
        else
            let l = Math.Log x
            struct (x * l, l)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let tanh (x: float) =
        // -t/(2+t) with t = e^-2|x| - 1 = high + low
        let y = -2.0 * Math.Abs x
        let near = y >= -0.69
        let e = if near then 0.0 else Math.Exp y
        let high = if near then expm1Near y else e - 1.0
        let low = if near then 0.0 else e - (high + 1.0)
        let d = 2.0 + high
        let r = 1.0 / d
        let q = high * r
        let c = (high - (d - 2.0)) + low
        Math.CopySign(Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(-q, d, high) + (low - q * c), r, q), x)

    let logit (p: float) =
        // the ends first; in the middle 2p - 1 is exact, and so is the larger of p and 1-p
        if p < 0.25 || p > 0.75 then Math.Log p - log1p -p
        elif p < 0.5 then -(log1p ((1.0 - 2.0 * p) / p))
        else log1p ((2.0 * p - 1.0) / (1.0 - p))

namespace Hindsight

open System
open System.Numerics
open System.Runtime.CompilerServices
open Hindsight.FSharp

[<Struct; IsReadOnly; NoComparison; NoEquality>]
type R64 =
    val V: float
    new(v) = { V = v }

    interface IAdditionOperators<R64, R64, R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: R64, b: R64) = R64(a.V + b.V)

    interface ISubtractionOperators<R64, R64, R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: R64, b: R64) = R64(a.V - b.V)

    interface IMultiplyOperators<R64, R64, R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: R64, b: R64) = R64(a.V * b.V)

    interface IDivisionOperators<R64, R64, R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: R64, b: R64) = R64(a.V / b.V)

    interface IUnaryNegationOperators<R64, R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: R64) = R64(-a.V)

    interface IReal<R64> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x = R64 x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) = R64 high

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = R64(Math.Exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = R64(Math.Log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = R64(Scalar.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x = R64(Scalar.expm1 x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = Scalar.expm1Exp x.V
            struct (R64 less, R64 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = R64(Math.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = R64(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = R64(Math.Pow(x.V, exponent))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x = R64(Scalar.sigmoid x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = Scalar.sigmoids x.V
            struct (R64 s, R64 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x = R64(Scalar.softplus x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = Scalar.softplusSigmas x.V
            struct (R64 v, R64 s, R64 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = Scalar.softplusPair x.V
            struct (R64 v, R64 w, R64 s, R64 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x = R64(Scalar.xlogx x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = Scalar.xlogxLog x.V
            struct (R64 v, R64 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = R64(Scalar.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = R64(Math.Atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = R64(Math.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = if x.V >= y.V then x else y

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = if x.V <= y.V then x else y

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) = if condition.V >= 0.0 then a else b

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: R64) : R64 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: R64) : struct (R64 * R64) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) = Scalar.logitDivergence y.V z.V
            R64 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byLabel, byScore) = Scalar.logitDivergence y.V z.V
            struct (R64 v, R64 byLabel, R64 byScore)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x = x.V = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: R64, y: R64) : R64 = f.Value(x, y)
