namespace Hindsight

open System
open System.Globalization
open System.Numerics
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Directed rounding of one operation on doubles, and of the ends of a function.
module private Directed =
    /// Below this the error terms of products and quotients may underflow.
    [<Literal>]
    let Small = 1e-280

    /// Where x ln x is least, and its least value there, to the nearest double.
    let inverseE = 0.36787944117144233

    let halfPi = Math.BitIncrement(Math.PI / 2.0)

    /// n units in the last place down; an infinite upper value becomes a large finite one.
    let lower (n: int64) (x: float) =
        if Double.IsNegativeInfinity x then
            x
        else
            let bits = BitConverter.DoubleToInt64Bits x
            let key = (if bits < 0L then Int64.MinValue - bits else bits) - n
            let y = BitConverter.Int64BitsToDouble(if key < 0L then Int64.MinValue - key else key)
            // below the most negative finite number lies minus infinity
            if Double.IsNaN y then Double.NegativeInfinity else y

    let upper (n: int64) (x: float) = -(lower n -x)

    /// The largest of a + b, rounded down.
    let addDown (a: float) (b: float) =
        let s = a + b

        if Double.IsFinite s then
            let c = s - a
            let error = (a - (s - c)) + (b - c)
            if error < 0.0 then Math.BitDecrement s else s
        elif s > 0.0 then
            Double.MaxValue
        else
            Double.NegativeInfinity

    let addUp (a: float) (b: float) = -(addDown -a -b)

    let mulDown (a: float) (b: float) =
        if a = 0.0 || b = 0.0 then
            0.0
        else
            let p = a * b

            if Double.IsPositiveInfinity p then
                Double.MaxValue
            elif Double.IsNegativeInfinity p then
                p
            elif Math.Abs p < Small then
                // the sign is known even where the product vanishes
                if p > 0.0 || (p = 0.0 && (a > 0.0) = (b > 0.0)) then
                    Math.Max(0.0, Math.BitDecrement p)
                else
                    Math.BitDecrement p
            elif Math.FusedMultiplyAdd(a, b, -p) < 0.0 then
                Math.BitDecrement p
            else
                p

    let mulUp (a: float) (b: float) = -(mulDown -a b)

    /// a / b rounded down, b > 0.
    let divDown (a: float) (b: float) =
        if a = 0.0 then
            0.0
        else
            let q = a / b

            if Double.IsPositiveInfinity q then
                Double.MaxValue
            elif Double.IsNegativeInfinity q then
                q
            elif Math.Abs q < Small || Math.Abs a < Small || Double.IsPositiveInfinity b then
                if a > 0.0 then
                    Math.Max(0.0, Math.BitDecrement q)
                else
                    Math.BitDecrement q
            elif Math.FusedMultiplyAdd(-q, b, a) < 0.0 then
                Math.BitDecrement q
            else
                q

    let divUp (a: float) (b: float) = -(divDown -a b)

    let sqrtDown (x: float) =
        let r = Math.Sqrt x

        if x = 0.0 then
            0.0
        elif Double.IsPositiveInfinity r then
            Double.MaxValue
        elif x < Small || Math.FusedMultiplyAdd(r, r, -x) > 0.0 then
            Math.BitDecrement r
        else
            r

    let sqrtUp (x: float) =
        let r = Math.Sqrt x

        if x = 0.0 || Double.IsPositiveInfinity r then
            r
        elif x < Small || Math.FusedMultiplyAdd(r, r, -x) < 0.0 then
            Math.BitIncrement r
        else
            r

    let atMost (limit: float) (x: float) = Math.Min(limit, x)
    let atLeast (limit: float) (x: float) = Math.Max(limit, x)

    /// The end of an increasing function that keeps the sign of its argument: n units outward, but not across 0.
    let inline signedDown n ([<InlineIfLambda>] f: float -> float) (x: float) =
        if x > 0.0 then atLeast 0.0 (lower n (f x))
        elif x = 0.0 then 0.0
        else lower n (f x)

    let inline signedUp n ([<InlineIfLambda>] f: float -> float) (x: float) =
        if x < 0.0 then atMost 0.0 (upper n (f x))
        elif x = 0.0 then 0.0
        else upper n (f x)

    // Twice the budget of the documentation: 1 ulp for exp, log, pow and atan, 2 for tanh, 4 for compositions.
    [<Literal>]
    let Elementary = 2L

    [<Literal>]
    let Hyperbolic = 4L

    [<Literal>]
    let Composed = 8L

    let expDown (x: float) =
        lower Elementary (Math.Exp x) |> atLeast (if x >= 0.0 then 1.0 else 0.0)

    let expUp (x: float) =
        let e = upper Elementary (Math.Exp x)
        if x <= 0.0 then atMost 1.0 e else e

    /// x >= 0
    let logDown (x: float) =
        let l = lower Elementary (Math.Log x)
        if x >= 1.0 then atLeast 0.0 l else l

    let logUp (x: float) =
        let l = upper Elementary (Math.Log x)
        if x <= 1.0 then atMost 0.0 l else l

    let log1pDown x = signedDown Composed Scalar.log1p x
    let log1pUp x = signedUp Composed Scalar.log1p x

    let expm1Down x =
        atLeast -1.0 (signedDown Composed Scalar.expm1 x)

    let expm1Up x = signedUp Composed Scalar.expm1 x

    let tanhDown x =
        atLeast -1.0 (signedDown Hyperbolic Math.Tanh x)

    let tanhUp x =
        atMost 1.0 (signedUp Hyperbolic Math.Tanh x)

    let atanDown x =
        atLeast -halfPi (signedDown Elementary Math.Atan x)

    let atanUp x =
        atMost halfPi (signedUp Elementary Math.Atan x)

    let sigmoidDown (x: float) =
        atLeast 0.0 (lower Composed (Scalar.sigmoid x))

    let sigmoidUp (x: float) =
        atMost 1.0 (upper Composed (Scalar.sigmoid x))

    let softplusDown (x: float) =
        atLeast (Math.Max(x, 0.0)) (lower Composed (Scalar.softplus x))

    let softplusUp (x: float) = upper Composed (Scalar.softplus x)

    /// x ln x on one side of its minimum, x >= 0.
    let xlogxDown (x: float) =
        if x = 0.0 then 0.0 else lower Composed (Scalar.xlogx x)

    let xlogxUp (x: float) =
        if x = 0.0 then
            0.0
        else
            let v = upper Composed (Scalar.xlogx x)
            if x <= 1.0 then atMost 0.0 v else v

    let number (x: float) =
        if x = 0.0 then
            "0"
        else
            x.ToString("R", CultureInfo.InvariantCulture)

    let reject (low: float) (high: float) : float =
        raise (
            HindsightException(HindsightError.OutOfRange("interval", $"[{number low}, {number high}]", "low <= high"))
        )

open Directed

[<Struct; IsReadOnly; NoComparison; NoEquality>]
type Ival =
    val Lo: float
    val Hi: float

    new(low: float, high: float) =
        {
            Lo =
                if low <= high then
                    Math.Min(low, Double.MaxValue)
                else
                    reject low high
            Hi = Math.Max(high, Double.MinValue)
        }

    static member Point x = Ival(x, x)

    static member Whole = Ival(Double.NegativeInfinity, Double.PositiveInfinity)

    static member Hull(a: Ival, b: Ival) =
        Ival(Math.Min(a.Lo, b.Lo), Math.Max(a.Hi, b.Hi))

    static member Intersect(a: Ival, b: Ival) =
        let lo = Math.Max(a.Lo, b.Lo)
        let hi = Math.Min(a.Hi, b.Hi)
        if lo <= hi then Ival(lo, hi) else a

    /// The range of x ln x: decreasing up to 1/e, increasing from there.
    static member private TimesLog(x: Ival) : Ival =
        if x.Hi < 0.0 then
            Ival.Whole
        else
            let lo = Math.Max(x.Lo, 0.0)

            if lo >= inverseE then
                Ival(xlogxDown lo, xlogxUp x.Hi)
            elif x.Hi <= inverseE then
                Ival(xlogxDown x.Hi, xlogxUp lo)
            else
                Ival(lower Composed -inverseE, Math.Max(xlogxUp lo, xlogxUp x.Hi))

    /// Cross-entropy of the mean y and the logit z less the entropy of y, and the derivatives by y and z.
    static member private Divergence(y: Ival, z: Ival) : struct (Ival * Ival * Ival) =
        let plus (a: Ival) (b: Ival) =
            Ival(addDown a.Lo b.Lo, addUp a.Hi b.Hi)

        let minus (a: Ival) (b: Ival) =
            Ival(addDown a.Lo -b.Hi, addUp a.Hi -b.Lo)
        // a >= 0 and b >= 0
        let times (a: Ival) (b: Ival) =
            Ival(mulDown a.Lo b.Lo, mulUp a.Hi b.Hi)

        let positive (x: Ival) =
            Ival(Math.Max(x.Lo, 0.0), Math.Max(x.Hi, 0.0))

        let y = positive y
        let o = positive (minus (Ival.Point 1.0) y)
        let forward = Ival(softplusDown z.Lo, softplusUp z.Hi)
        let backward = Ival(softplusDown -z.Hi, softplusUp -z.Lo)
        let entropy = plus (Ival.TimesLog y) (Ival.TimesLog o)
        let value = plus (plus (times y backward) (times o forward)) entropy
        let least = 2.2250738585072014e-308

        let log (x: Ival) =
            Ival(logDown (Math.Max(x.Lo, least)), logUp (Math.Max(x.Hi, least)))

        struct (Ival(Math.Max(value.Lo, 0.0), Math.Max(value.Hi, 0.0)),
                minus (minus (log y) (log o)) z,
                minus (Ival(sigmoidDown z.Lo, sigmoidUp z.Hi)) y)

    member x.Contains(value: float) = x.Lo <= value && value <= x.Hi
    member x.Encloses(other: Ival) = x.Lo <= other.Lo && other.Hi <= x.Hi
    member x.Width = if x.Lo = x.Hi then 0.0 else addUp x.Hi -x.Lo

    member x.Middle =
        if Double.IsInfinity x.Lo then
            if Double.IsInfinity x.Hi then 0.0
            elif x.Hi > 0.0 then 0.0
            else Math.Max(Double.MinValue, 2.0 * x.Hi - 1.0)
        elif Double.IsInfinity x.Hi then
            if x.Lo < 0.0 then
                0.0
            else
                Math.Min(Double.MaxValue, 2.0 * x.Lo + 1.0)
        else
            let m = 0.5 * x.Lo + 0.5 * x.Hi
            Math.Min(x.Hi, Math.Max(x.Lo, m))

    member x.Magnitude = Math.Max(Math.Abs x.Lo, Math.Abs x.Hi)

    member x.Mignitude =
        if x.Lo > 0.0 then x.Lo
        elif x.Hi < 0.0 then -x.Hi
        else 0.0

    override x.ToString() = $"[{number x.Lo}, {number x.Hi}]"

    interface IAdditionOperators<Ival, Ival, Ival> with
        static member (+)(a: Ival, b: Ival) =
            Ival(addDown a.Lo b.Lo, addUp a.Hi b.Hi)

    interface ISubtractionOperators<Ival, Ival, Ival> with
        static member (-)(a: Ival, b: Ival) =
            Ival(addDown a.Lo -b.Hi, addUp a.Hi -b.Lo)

    interface IMultiplyOperators<Ival, Ival, Ival> with
        static member (*)(a: Ival, b: Ival) =
            if a.Lo >= 0.0 then
                if b.Lo >= 0.0 then
                    Ival(mulDown a.Lo b.Lo, mulUp a.Hi b.Hi)
                elif b.Hi <= 0.0 then
                    Ival(mulDown a.Hi b.Lo, mulUp a.Lo b.Hi)
                else
                    Ival(mulDown a.Hi b.Lo, mulUp a.Hi b.Hi)
            elif a.Hi <= 0.0 then
                if b.Lo >= 0.0 then
                    Ival(mulDown a.Lo b.Hi, mulUp a.Hi b.Lo)
                elif b.Hi <= 0.0 then
                    Ival(mulDown a.Hi b.Hi, mulUp a.Lo b.Lo)
                else
                    Ival(mulDown a.Lo b.Hi, mulUp a.Lo b.Lo)
            elif b.Lo >= 0.0 then
                Ival(mulDown a.Lo b.Hi, mulUp a.Hi b.Hi)
            elif b.Hi <= 0.0 then
                Ival(mulDown a.Hi b.Lo, mulUp a.Lo b.Lo)
            else
                Ival(Math.Min(mulDown a.Lo b.Hi, mulDown a.Hi b.Lo), Math.Max(mulUp a.Lo b.Lo, mulUp a.Hi b.Hi))

    interface IDivisionOperators<Ival, Ival, Ival> with
        static member (/)(a: Ival, b: Ival) =
            /// b >= 0 with a positive upper end
            let byPositive (aLo: float) (aHi: float) (bLo: float) (bHi: float) =
                if bLo > 0.0 then
                    Ival(divDown aLo (if aLo >= 0.0 then bHi else bLo), divUp aHi (if aHi >= 0.0 then bLo else bHi))
                elif aLo >= 0.0 then
                    Ival(divDown aLo bHi, Double.PositiveInfinity)
                elif aHi <= 0.0 then
                    Ival(Double.NegativeInfinity, divUp aHi bHi)
                else
                    Ival.Whole

            if b.Lo = 0.0 && b.Hi = 0.0 then Ival.Whole
            elif a.Lo = 0.0 && a.Hi = 0.0 then Ival.Point 0.0
            elif b.Lo >= 0.0 then byPositive a.Lo a.Hi b.Lo b.Hi
            elif b.Hi <= 0.0 then byPositive -a.Hi -a.Lo -b.Hi -b.Lo
            else Ival.Whole

    interface IUnaryNegationOperators<Ival, Ival> with
        static member (~-)(a: Ival) = Ival(-a.Hi, -a.Lo)

    interface IReal<Ival> with
        static member Const x =
            if Double.IsNaN x then Ival.Whole else Ival.Point x

        static member Const2(high, low) = Ival(addDown high low, addUp high low)

        static member Exp x = Ival(expDown x.Lo, expUp x.Hi)

        static member Log x =
            if x.Hi < 0.0 then
                Ival.Whole
            else
                Ival(logDown (Math.Max(x.Lo, 0.0)), logUp x.Hi)

        static member Log1p x =
            if x.Hi < -1.0 then
                Ival.Whole
            else
                Ival(log1pDown (Math.Max(x.Lo, -1.0)), log1pUp x.Hi)

        static member Expm1 x = Ival(expm1Down x.Lo, expm1Up x.Hi)

        static member Expm1Exp x =
            struct (Ival(expm1Down x.Lo, expm1Up x.Hi), Ival(expDown x.Lo, expUp x.Hi))

        static member Sqrt x =
            if x.Hi < 0.0 then
                Ival.Whole
            else
                Ival(sqrtDown (Math.Max(x.Lo, 0.0)), sqrtUp x.Hi)

        static member Sqr x =
            let least = x.Mignitude
            let most = x.Magnitude
            Ival(mulDown least least, mulUp most most)

        static member Pow(x, exponent) =
            if exponent = 0.0 then
                Ival.Point 1.0
            elif x.Hi < 0.0 then
                Ival.Whole
            else
                let lo = Math.Max(x.Lo, 0.0)

                if exponent = 1.0 then
                    Ival(lo, x.Hi)
                else
                    // increasing for a positive exponent, decreasing for a negative one
                    let struct (least, most) =
                        if exponent > 0.0 then
                            struct (lo, x.Hi)
                        else
                            struct (x.Hi, lo)

                    let below = lower Elementary (Math.Pow(least, exponent)) |> atLeast 0.0
                    let above = upper Elementary (Math.Pow(most, exponent))
                    let aboveOne = if exponent > 0.0 then lo >= 1.0 else x.Hi <= 1.0
                    let belowOne = if exponent > 0.0 then x.Hi <= 1.0 else lo >= 1.0

                    Ival(
                        (if aboveOne then atLeast 1.0 below else below),
                        (if x.Hi = 0.0 && exponent > 0.0 then 0.0
                         elif belowOne then atMost 1.0 above
                         else above)
                    )

        static member Sigmoid x = Ival(sigmoidDown x.Lo, sigmoidUp x.Hi)

        static member Sigmoids x =
            struct (Ival(sigmoidDown x.Lo, sigmoidUp x.Hi), Ival(sigmoidDown -x.Hi, sigmoidUp -x.Lo))

        static member Softplus x =
            Ival(softplusDown x.Lo, softplusUp x.Hi)

        static member SoftplusPair x =
            struct (Ival(softplusDown x.Lo, softplusUp x.Hi),
                    Ival(softplusDown -x.Hi, softplusUp -x.Lo),
                    Ival(sigmoidDown x.Lo, sigmoidUp x.Hi),
                    Ival(sigmoidDown -x.Hi, sigmoidUp -x.Lo))

        static member SoftplusSigmas x =
            struct (Ival(softplusDown x.Lo, softplusUp x.Hi),
                    Ival(sigmoidDown x.Lo, sigmoidUp x.Hi),
                    Ival(sigmoidDown -x.Hi, sigmoidUp -x.Lo))

        static member XLogX x = Ival.TimesLog x

        static member XLogXLog x =
            if x.Hi < 0.0 then
                struct (Ival.Whole, Ival.Whole)
            else
                let least = Double.Epsilon
                struct (Ival.TimesLog x, Ival(logDown (Math.Max(x.Lo, least)), logUp (Math.Max(x.Hi, least))))

        static member Tanh x = Ival(tanhDown x.Lo, tanhUp x.Hi)
        static member Atan x = Ival(atanDown x.Lo, atanUp x.Hi)
        static member Abs x = Ival(x.Mignitude, x.Magnitude)

        static member Max(x, y) =
            Ival(Math.Max(x.Lo, y.Lo), Math.Max(x.Hi, y.Hi))

        static member Min(x, y) =
            Ival(Math.Min(x.Lo, y.Lo), Math.Min(x.Hi, y.Hi))

        static member Select(condition, a, b) =
            if condition.Lo >= 0.0 then a
            elif condition.Hi < 0.0 then b
            else Ival.Hull(a, b)

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Ival) : Ival = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: Ival) : struct (Ival * Ival) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, _, _) = Ival.Divergence(y, z)
            v

        static member LogitDivergenceSlopes(y, z) = Ival.Divergence(y, z)

        static member IsZero x = x.Lo = 0.0 && x.Hi = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: Ival, y: Ival) : Ival =
            f.Value(x, y)

namespace Hindsight.FSharp

open Hindsight

module internal IntervalArithmetic =
    let add (a: Ival) (b: Ival) : Ival = Ops.(+) a b
    let sub (a: Ival) (b: Ival) : Ival = Ops.(-) a b
    let mul (a: Ival) (b: Ival) : Ival = Ops.(*) a b
    let div (a: Ival) (b: Ival) : Ival = Ops.(/) a b
    let neg (a: Ival) : Ival = Ops.(~-) a
    let private sqrOf<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Sqr x
    let private sqrtOf<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Sqrt x
    let private expOf<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Exp x
    let private logOf<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Log x
    let private powOf<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) exponent = 'T.Pow(x, exponent)
    let sqr (a: Ival) = sqrOf a
    let sqrt (a: Ival) = sqrtOf a
    let exp (a: Ival) = expOf a
    let log (a: Ival) = logOf a
    let pow (a: Ival) exponent = powOf a exponent
    let point x = Ival.Point x
    let zero = Ival.Point 0.0
    let one = Ival.Point 1.0
