namespace Hindsight

open System
open System.Globalization
open System.Numerics
open System.Runtime.CompilerServices

module private InverseFactorials =
    /// 1/n!, n = 0 .. 30, to 53 bits
    let high =
        [|
            1.0
            1.0
            0.5
            0.16666666666666666
            0.041666666666666664
            0.008333333333333333
            0.001388888888888889
            0.0001984126984126984
            2.48015873015873e-05
            2.7557319223985893e-06
            2.755731922398589e-07
            2.505210838544172e-08
            2.08767569878681e-09
            1.6059043836821613e-10
            1.1470745597729725e-11
            7.647163731819816e-13
            4.779477332387385e-14
            2.8114572543455206e-15
            1.5619206968586225e-16
            8.22063524662433e-18
            4.110317623312165e-19
            1.9572941063391263e-20
            8.896791392450574e-22
            3.868170170630684e-23
            1.6117375710961184e-24
            6.446950284384474e-26
            2.4795962632247976e-27
            9.183689863795546e-29
            3.279889237069838e-30
            1.1309962886447716e-31
            3.7699876288159054e-33
        |]

    /// what is missing from them
    let low =
        [|
            0.0
            0.0
            0.0
            9.25185853854297e-18
            2.3129646346357427e-18
            1.1564823173178714e-19
            -5.300543954373577e-20
            1.7209558293420705e-22
            2.1511947866775882e-23
            -1.858393274046472e-22
            2.3767714622250297e-23
            -1.448814070935912e-24
            -1.20734505911326e-25
            1.2585294588752098e-26
            2.0655512752830745e-28
            7.03872877733453e-30
            4.399205485834081e-31
            1.6508842730861433e-31
            1.1910679660273754e-32
            2.2141894119604265e-34
            1.4412973378659527e-36
            -1.3643503830087908e-36
            -7.911402614872376e-38
            -8.843177655482344e-40
            -3.6846573564509766e-41
            -1.9330404233703465e-42
            -1.2953730964765229e-43
            1.4303150396787322e-45
            1.5117542744029879e-46
            1.0498015412959506e-47
            2.5870347832750324e-49
        |]

module private Known =
    /// ln 2 in three parts; a multiple of the first two by an exponent is exact
    [<Literal>]
    let Ln2First = 0.6931471805592082

    [<Literal>]
    let Ln2Second = 7.371002565161996e-13

    [<Literal>]
    let Ln2Third = 5.8029889835956905e-25

    /// ln 2
    [<Literal>]
    let Ln2High = 0.6931471805599453

    [<Literal>]
    let Ln2Low = 2.3190468138462996e-17

    /// pi / 2
    [<Literal>]
    let QuarterTurnHigh = 1.5707963267948966

    [<Literal>]
    let QuarterTurnLow = 6.123233995736766e-17

[<Struct; IsReadOnly; NoComparison; NoEquality>]
type DD =
    val Hi: float
    val Lo: float

    new(value: float) = { Hi = value; Lo = 0.0 }

    /// The two parts as they are.
    private new(high: float, low: float, _normal: unit) = { Hi = high; Lo = low }

    new(high: float, low: float) =
        let s = high + low

        if Double.IsFinite s then
            let b = s - high

            {
                Hi = s
                Lo = (high - (s - b)) + (low - b)
            }
        else
            { Hi = s; Lo = 0.0 }

    /// a + b where |a| >= |b|; what rounding leaves of a + b (or the given replacement) if that is not finite.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Join(a: float, b: float, otherwise: float) =
        let s = a + b

        if Double.IsFinite s then
            DD(s, b - (s - a), ())
        else
            DD(otherwise)

    /// a + b: the rounded sum, and its error.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private TwoSum(a: float, b: float) : struct (float * float) =
        let s = a + b
        let t = s - a
        struct (s, (a - (s - t)) + (b - t))

    static member (+)(a: DD, b: DD) =
        let struct (sh, sl) = DD.TwoSum(a.Hi, b.Hi)
        let struct (th, tl) = DD.TwoSum(a.Lo, b.Lo)
        let c = sl + th
        let vh = sh + c
        let vl = c - (vh - sh)
        DD.Join(vh, tl + vl, sh)

    static member private Plus(a: DD, b: float) =
        let struct (sh, sl) = DD.TwoSum(a.Hi, b)
        DD.Join(sh, a.Lo + sl, sh)

    static member (~-)(a: DD) = DD(-a.Hi, -a.Lo, ())

    static member (-)(a: DD, b: DD) = a + (-b)

    static member (*)(a: DD, b: DD) =
        let ch = a.Hi * b.Hi
        let cl = Math.FusedMultiplyAdd(a.Hi, b.Hi, -ch)
        let t = Math.FusedMultiplyAdd(a.Hi, b.Lo, a.Lo * b.Lo)
        DD.Join(ch, cl + Math.FusedMultiplyAdd(a.Lo, b.Hi, t), ch)

    static member private Times(a: DD, b: float) =
        let ch = a.Hi * b
        let cl = Math.FusedMultiplyAdd(a.Hi, b, -ch)
        DD.Join(ch, Math.FusedMultiplyAdd(a.Lo, b, cl), ch)

    static member (/)(a: DD, b: DD) =
        let q = a.Hi / b.Hi

        if q = 0.0 || not (Double.IsFinite q) || Double.IsInfinity b.Hi then
            DD q
        else
            // a - q b, of which the leading product is exact
            let p = q * b.Hi
            let e = Math.FusedMultiplyAdd(q, b.Hi, -p)
            let rest = (a.Hi - p) + Math.FusedMultiplyAdd(-q, b.Lo, a.Lo - e)
            DD.Join(q, rest / b.Hi, q)

    static member private Square(a: DD) =
        let ch = a.Hi * a.Hi
        let cl = Math.FusedMultiplyAdd(a.Hi, a.Hi, -ch)
        let t = Math.FusedMultiplyAdd(a.Lo, a.Lo, cl)
        DD.Join(ch, Math.FusedMultiplyAdd(a.Hi + a.Hi, a.Lo, t), ch)

    /// a 2^n.
    static member private Scale(a: DD, n: int) =
        let high = Math.ScaleB(a.Hi, n)

        if high = 0.0 || not (Double.IsFinite high) then
            DD high
        else
            DD(high, Math.ScaleB(a.Lo, n), ())

    static member private Root(a: DD) =
        let r = Math.Sqrt a.Hi

        if r = 0.0 || not (Double.IsFinite r) then
            DD r
        elif a.Hi < 1e-200 then
            DD.Scale(DD.Root(DD.Scale(a, 600)), -300)
        else
            DD.Join(r, (Math.FusedMultiplyAdd(-r, r, a.Hi) + a.Lo) / (r + r), r)

    /// The sum over n = first, first + step, ..., last of x^((n - first)/step) / n!. Terms from <c>switch</c> on do not reach the high part's last bit.
    static member private Series(x: DD, first: int, step: int, switch: int, last: int) =
        let mutable tail = 0.0
        let mutable n = last

        while n >= switch do
            tail <- Math.FusedMultiplyAdd(tail, x.Hi, InverseFactorials.high[n])
            n <- n - step

        let mutable sum = DD tail

        while n >= first do
            sum <- sum * x + DD(InverseFactorials.high[n], InverseFactorials.low[n], ())
            n <- n - step

        sum

    /// k, e^r - 1 and e^r with x = k ln 2 + r, |r| <= ln(2)/2; x finite, k within 11 bits.
    static member private Reduced(x: DD) : struct (int * DD * DD) =
        let k = Math.Round(x.Hi / Known.Ln2High)

        let r =
            if k = 0.0 then
                x
            else
                DD.Plus(DD.Plus(DD.Plus(x, -k * Known.Ln2First), -k * Known.Ln2Second), -k * Known.Ln2Third)

        let less = r + DD.Square r * DD.Series(r, 2, 1, 15, 25)
        struct (int k, less, DD.Plus(less, 1.0))

    /// e^x - 1 and e^x.
    static member private Exponential(x: DD) : struct (DD * DD) =
        if Double.IsNaN x.Hi then
            struct (x, x)
        elif x.Hi > 709.79 then
            struct (DD Double.PositiveInfinity, DD Double.PositiveInfinity)
        elif x.Hi < -745.2 then
            struct (DD -1.0, DD 0.0)
        else
            let struct (k, less, e) = DD.Reduced x

            if k = 0 then
                struct (less, e)
            else
                let e = DD.Scale(e, k)
                struct (DD.Plus(e, -1.0), e)

    /// ln(1+x) for |x| below 1/2, by a Newton step from the nearest double.
    static member private LogNear(x: DD) =
        let u = 1.0 + x.Hi
        let y = DD(Math.Log u + (x.Hi - (u - 1.0)) / u)
        let struct (less, e) = DD.Exponential y
        let d = (x - less).Hi / e.Hi
        DD.Plus(y, d - 0.5 * d * d)

    /// k and m with x = m 2^k, sqrt(1/2) < m < sqrt(2), for finite x > 0.
    static member private Split(x: DD) : struct (int * DD) =
        let k = Math.ILogB(x.Hi)
        let m = DD.Scale(x, -k)

        if m.Hi > 1.4142135623730951 then
            struct (k + 1, DD.Scale(x, -(k + 1)))
        else
            struct (k, m)

    static member private Logarithm(x: DD) =
        if not (x.Hi > 0.0) || Double.IsInfinity x.Hi then
            DD(Math.Log x.Hi)
        else
            let struct (k, m) = DD.Split x
            DD.Times(DD(Known.Ln2High, Known.Ln2Low, ()), float k) + DD.LogNear(DD.Plus(m, -1.0))

    static member private LogarithmOnePlus(x: DD) =
        if Math.Abs x.Hi < 0.25 then
            DD.LogNear x
        else
            DD.Logarithm(DD.Plus(x, 1.0))

    static member private Power(x: DD, exponent: float) =
        if exponent = 0.0 then
            DD 1.0
        elif exponent = 1.0 then
            x
        elif exponent = 2.0 then
            DD.Square x
        elif exponent = 0.5 then
            DD.Root x
        else
            let rough = Math.Pow(x.Hi, exponent)

            if rough = 0.0 || not (Double.IsFinite rough) || not (Double.IsFinite x.Hi) then
                DD rough
            elif x.Hi < 0.0 then
                // the exponent is an integer, and Math.Pow has given the sign
                let p = DD.Power(-x, exponent)
                if rough < 0.0 then -p else p
            else
                // x = m 2^k; the integer part of k p goes to the exponent of the result, exactly
                let struct (k, m) = DD.Split x
                let p = float k * exponent
                let n = Math.Round p
                let fraction = DD(p - n, Math.FusedMultiplyAdd(float k, exponent, -p))
                let log = DD.LogNear(DD.Plus(m, -1.0))

                let struct (more, _, e) =
                    DD.Reduced(DD.Times(log, exponent) + fraction * DD(Known.Ln2High, Known.Ln2Low, ()))

                DD.Scale(e, int n + more)

    /// |x|.
    static member private Magnitude(x: DD) =
        if x.Hi < 0.0 then -x
        elif x.Hi = 0.0 then DD 0.0
        else x

    /// s(-|x|), s(|x|) and e^-|x|.
    static member private Logistic(x: DD) : struct (DD * DD * DD) =
        let struct (_, e) = DD.Exponential(-(DD.Magnitude x))
        let d = DD.Plus(e, 1.0)
        struct (e / d, DD 1.0 / d, e)

    static member private SoftMaximum(x: DD, e: DD) =
        (if x.Hi > 0.0 then x else DD 0.0) + DD.LogarithmOnePlus e

    static member private HyperbolicTangent(x: DD) =
        let a = DD.Magnitude x

        let t =
            if a.Hi > 40.0 then
                DD 1.0
            else
                let struct (less, _) = DD.Exponential(-(a + a))
                -less / DD.Plus(less, 2.0)

        if Double.IsNaN x.Hi || x.Hi = 0.0 then x
        elif x.Hi < 0.0 then -t
        else t

    /// Arc tangent for |x| <= 1: y + atan((x - tan y)/(1 + x tan y)) with y the nearest double.
    static member private ArcNear(x: DD) =
        let y = DD(Math.Atan x.Hi)
        let minus = -(DD.Square y)
        // the signs of the series come from -y^2
        let sine = y + y * (minus * DD.Series(minus, 3, 2, 17, 29))
        let cosine = DD.Plus(minus * DD.Series(minus, 2, 2, 18, 30), 1.0)
        let d = (x * cosine - sine).Hi / (cosine.Hi + x.Hi * sine.Hi)
        DD.Plus(y, d)

    static member private ArcTangent(x: DD) =
        if Double.IsNaN x.Hi || x.Hi = 0.0 then
            x
        elif Math.Abs x.Hi <= 1.0 then
            DD.ArcNear x
        else
            let quarter =
                if x.Hi > 0.0 then
                    DD(Known.QuarterTurnHigh, Known.QuarterTurnLow, ())
                else
                    DD(-Known.QuarterTurnHigh, -Known.QuarterTurnLow, ())

            quarter - DD.ArcNear(DD 1.0 / x)

    /// a >= b, false for NaN.
    static member private AtLeast(a: DD, b: DD) =
        a.Hi > b.Hi || (a.Hi = b.Hi && a.Lo >= b.Lo)

    /// x - ln(1+x) and ln(1+x): about 0 by s = x/(2+x), ln(1+x) = 2 artanh s and x - 2 s = s x; far from it ln(1+x) is ln u - rest.
    static member private LessLog(x: DD, u: DD, rest: DD) : struct (DD * DD) =
        if Math.Abs x.Hi <= 0.42 then
            let s = x / DD.Plus(x, 2.0)
            let w = DD.Square s
            let mutable sum = DD 0.0

            for k = 25 downto 0 do
                sum <- sum * w + DD 1.0 / DD(2.0 * float k + 3.0)

            let less = s * (x - DD.Times(w * sum, 2.0))
            struct (less, x - less)
        else
            let l = DD.Logarithm u - rest
            struct (x - l, l)

    /// With d = s(z) - y: y h(d/y) + (1-y) h(-d/(1-y)), h(x) = x - ln(1+x); and the derivatives ln(y/s(z)) - ln((1-y)/s(-z)) and d.
    static member private Divergence(y: DD, z: DD) : struct (DD * DD * DD) =
        let means (x: DD) =
            let struct (small, large, _) = DD.Logistic x

            if x.Hi >= 0.0 then
                struct (large, small)
            else
                struct (small, large)

        let struct (s, t) = means z
        let o = DD 1.0 - y
        let d = if y.Hi <= 0.5 then s - y else o - t
        // beyond, the low part of s(z) leaves the normal numbers, and its logarithm is z itself to all digits
        let limit = 500.0

        let struct (sc, tc) =
            if Math.Abs z.Hi <= limit then
                struct (s, t)
            else
                means (DD(Math.CopySign(limit, z.Hi)))

        let below = if z.Hi < -limit then DD.Plus(-z, -limit) else DD 0.0
        let above = if z.Hi > limit then DD.Plus(z, -limit) else DD 0.0
        let least = 2.2250738585072014e-308
        let y1 = if y.Hi >= least then y else DD least
        let o1 = if o.Hi >= least then o else DD least
        let struct (h, l) = DD.LessLog(d / y1, sc / y1, below)
        let struct (g, m) = DD.LessLog(-d / o1, tc / o1, above)
        let first = if y.Hi >= least then y * h else d
        let second = if o.Hi >= least then o * g else -d
        struct (first + second, m - l, d)

    override x.ToString() =
        let text (v: float) =
            v.ToString("R", CultureInfo.InvariantCulture)

        $"{text x.Hi} + {text x.Lo}"

    interface IAdditionOperators<DD, DD, DD> with
        static member (+)(a: DD, b: DD) = DD.op_Addition (a, b)

    interface ISubtractionOperators<DD, DD, DD> with
        static member (-)(a: DD, b: DD) = DD.op_Subtraction (a, b)

    interface IMultiplyOperators<DD, DD, DD> with
        static member (*)(a: DD, b: DD) = DD.op_Multiply (a, b)

    interface IDivisionOperators<DD, DD, DD> with
        static member (/)(a: DD, b: DD) = DD.op_Division (a, b)

    interface IUnaryNegationOperators<DD, DD> with
        static member (~-)(a: DD) = DD.op_UnaryNegation a

    interface IReal<DD> with
        static member Const x = DD x
        static member Const2(high, low) = DD(high, low)

        static member Exp x =
            let struct (_, e) = DD.Exponential x
            e

        static member Log x = DD.Logarithm x
        static member Log1p x = DD.LogarithmOnePlus x

        static member Expm1 x =
            let struct (less, _) = DD.Exponential x
            less

        static member Expm1Exp x = DD.Exponential x
        static member Sqrt x = DD.Root x
        static member Sqr x = DD.Square x
        static member Pow(x, exponent) = DD.Power(x, exponent)

        static member Sigmoid x =
            let struct (small, large, _) = DD.Logistic x
            if x.Hi >= 0.0 then large else small

        static member Sigmoids x =
            let struct (small, large, _) = DD.Logistic x

            if x.Hi >= 0.0 then
                struct (large, small)
            else
                struct (small, large)

        static member Softplus x =
            let struct (_, _, e) = DD.Logistic x
            DD.SoftMaximum(x, e)

        static member SoftplusPair x =
            let struct (small, large, e) = DD.Logistic x
            let value = DD.SoftMaximum(x, e)
            let other = DD.SoftMaximum(-x, e)

            if x.Hi >= 0.0 then
                struct (value, other, large, small)
            else
                struct (value, other, small, large)

        static member SoftplusSigmas x =
            let struct (small, large, e) = DD.Logistic x
            let value = DD.SoftMaximum(x, e)

            if x.Hi >= 0.0 then
                struct (value, large, small)
            else
                struct (value, small, large)

        static member XLogX x =
            if x.Hi = 0.0 then DD 0.0 else x * DD.Logarithm x

        static member XLogXLog x =
            if x.Hi = 0.0 then
                struct (DD 0.0, DD.Logarithm(DD System.Double.Epsilon))
            else
                let l = DD.Logarithm x
                struct (x * l, l)

        static member Tanh x = DD.HyperbolicTangent x
        static member Atan x = DD.ArcTangent x
        static member Abs x = DD.Magnitude x
        static member Max(x, y) = if DD.AtLeast(x, y) then x else y
        static member Min(x, y) = if DD.AtLeast(y, x) then x else y
        static member Select(condition, a, b) = if condition.Hi >= 0.0 then a else b

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: DD) : DD = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: DD) : struct (DD * DD) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, _, _) = DD.Divergence(y, z)
            v

        static member LogitDivergenceSlopes(y, z) = DD.Divergence(y, z)

        static member IsZero x = x.Hi = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: DD, y: DD) : DD = f.Value(x, y)
