namespace Hindsight

open System.Numerics
open System.Runtime.CompilerServices

module private Constants =
    /// an exponent less one, before the operators are shadowed
    let previous (exponent: float) = exponent - 1.0

    /// n (n - 1)
    let falling (exponent: float) = exponent * (exponent - 1.0)

    let tiniest = 2.2250738585072014e-308

open Hindsight.FSharp.Ops
open Constants

module private Entropy =
    /// 1/(y (1-y)), the second derivative of y ln y + (1-y) ln(1-y); finite at the ends
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let bend<'T when 'T :> IReal<'T> and 'T: struct> (y: 'T) : 'T =
        let least = 'T.Const tiniest
        'T.Const 1.0 / ('T.Max(y, least) * 'T.Max('T.Const 1.0 - y, least))

[<Struct; IsReadOnly; NoComparison; NoEquality>]
type Dual<'T when 'T :> IReal<'T> and 'T: struct> =
    val P: 'T
    val D: 'T
    new(p, d) = { P = p; D = d }

    interface IAdditionOperators<Dual<'T>, Dual<'T>, Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: Dual<'T>, b: Dual<'T>) = Dual<'T>(a.P + b.P, a.D + b.D)

    interface ISubtractionOperators<Dual<'T>, Dual<'T>, Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: Dual<'T>, b: Dual<'T>) = Dual<'T>(a.P - b.P, a.D - b.D)

    interface IMultiplyOperators<Dual<'T>, Dual<'T>, Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: Dual<'T>, b: Dual<'T>) =
            Dual<'T>(a.P * b.P, a.D * b.P + a.P * b.D)

    interface IDivisionOperators<Dual<'T>, Dual<'T>, Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: Dual<'T>, b: Dual<'T>) =
            let q = a.P / b.P
            Dual<'T>(q, (a.D - q * b.D) / b.P)

    interface IUnaryNegationOperators<Dual<'T>, Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: Dual<'T>) = Dual<'T>(-a.P, -a.D)

    interface IReal<Dual<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x = Dual<'T>('T.Const x, 'T.Const 0.0)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, low) =
            Dual<'T>('T.Const2(high, low), 'T.Const 0.0)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x =
            let e = 'T.Exp x.P
            Dual<'T>(e, x.D * e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = Dual<'T>('T.Log x.P, x.D / x.P)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x =
            Dual<'T>('T.Log1p x.P, x.D / ('T.Const 1.0 + x.P))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, e) = 'T.Expm1Exp x.P
            Dual<'T>(less, x.D * e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = 'T.Expm1Exp x.P
            let slope = x.D * e
            struct (Dual<'T>(less, slope), Dual<'T>(e, slope))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x =
            let r = 'T.Sqrt x.P
            Dual<'T>(r, x.D / (r + r))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = Dual<'T>('T.Sqr x.P, (x.P + x.P) * x.D)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) =
            // 0^-1 has no place in the derivative of a constant
            if exponent = 0.0 then
                Dual<'T>('T.Const 1.0, 'T.Const 0.0)
            else
                Dual<'T>('T.Pow(x.P, exponent), 'T.Const exponent * 'T.Pow(x.P, previous exponent) * x.D)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, t) = 'T.Sigmoids x.P
            Dual<'T>(s, x.D * (s * t))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = 'T.Sigmoids x.P
            let slope = x.D * (s * t)
            struct (Dual<'T>(s, slope), Dual<'T>(t, -slope))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, s, _) = 'T.SoftplusSigmas x.P
            Dual<'T>(v, x.D * s)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = 'T.SoftplusSigmas x.P
            let slope = x.D * (s * t)
            struct (Dual<'T>(v, x.D * s), Dual<'T>(s, slope), Dual<'T>(t, -slope))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = 'T.SoftplusPair x.P
            let slope = x.D * (s * t)

            struct (Dual<'T>(v, x.D * s), Dual<'T>(w, -(x.D * t)), Dual<'T>(s, slope), Dual<'T>(t, -slope))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, l) = 'T.XLogXLog x.P
            Dual<'T>(v, x.D * (l + 'T.Const 1.0))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = 'T.XLogXLog x.P

            struct (Dual<'T>(v, x.D * (l + 'T.Const 1.0)), Dual<'T>(l, x.D / 'T.Max(x.P, 'T.Const tiniest)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x =
            // 1 - tanh^2 = 4 s(2x) s(-2x), which does not cancel
            let struct (s, t) = 'T.Sigmoids(x.P + x.P)
            Dual<'T>('T.Tanh x.P, x.D * ('T.Const 4.0 * (s * t)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x =
            Dual<'T>('T.Atan x.P, x.D / ('T.Const 1.0 + 'T.Sqr x.P))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x =
            Dual<'T>('T.Abs x.P, 'T.Select(x.P, x.D, -x.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) =
            Dual<'T>('T.Max(x.P, y.P), 'T.Select(x.P - y.P, x.D, y.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) =
            Dual<'T>('T.Min(x.P, y.P), 'T.Select(y.P - x.P, x.D, y.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            Dual<'T>('T.Select(condition.P, a.P, b.P), 'T.Select(condition.P, a.D, b.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Dual<'T>) : Dual<'T> =
            Dual<'T>('T.Apply(f, x.P), x.D * f.Slope x.P)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>
            (f: 'F, x: Dual<'T>)
            : struct (Dual<'T> * Dual<'T>) =
            let struct (value, slope) = 'T.ApplyPair(f, x.P)
            struct (Dual<'T>(value, x.D * slope), f.Slope x)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, byY, byZ) = 'T.LogitDivergenceSlopes(y.P, z.P)

            if 'T.IsZero y.D then
                Dual<'T>(v, z.D * byZ)
            else
                Dual<'T>(v, y.D * byY + z.D * byZ)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byY, byZ) = 'T.LogitDivergenceSlopes(y.P, z.P)
            let struct (s, t) = 'T.Sigmoids z.P

            struct (Dual<'T>(v, y.D * byY + z.D * byZ),
                    Dual<'T>(byY, y.D * Entropy.bend y.P - z.D),
                    Dual<'T>(byZ, z.D * (s * t) - y.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x = 'T.IsZero x.P && 'T.IsZero x.D

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>
            (f: 'F, x: Dual<'T>, y: Dual<'T>)
            : Dual<'T> =
            let value = 'T.Apply2(f, x.P, y.P)

            if 'T.IsZero x.D then
                Dual<'T>(value, y.D * f.SlopeY(x.P, y.P))
            elif 'T.IsZero y.D then
                Dual<'T>(value, x.D * f.SlopeX(x.P, y.P))
            else
                Dual<'T>(value, x.D * f.SlopeX(x.P, y.P) + y.D * f.SlopeY(x.P, y.P))

[<Struct; IsReadOnly; NoComparison; NoEquality>]
type Jet2<'T when 'T :> IReal<'T> and 'T: struct> =
    val P: 'T
    val D: 'T
    val H: 'T
    new(p, d, h) = { P = p; D = d; H = h }

    /// f at x from f, f' and f'' at its value
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Chain(x: Jet2<'T>, value: 'T, slope: 'T, curvature: 'T) =
        Jet2<'T>(value, slope * x.D, curvature * 'T.Sqr x.D + slope * x.H)

    /// s''(x) = s'(x) (s(-x) - s(x)) = -s'(x) tanh(x/2), which does not cancel at 0
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Bend(x: 'T, slope: 'T) = -(slope * 'T.Tanh('T.Const 0.5 * x))

    /// The divergence of y and s(z) from its value and derivatives there; slope = s'(z)
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Divergence(y: Jet2<'T>, z: Jet2<'T>, value: 'T, byY: 'T, byZ: 'T, slope: 'T) =
        let mixed = y.D * z.D

        Jet2<'T>(
            value,
            y.D * byY + z.D * byZ,
            (y.H * byY + z.H * byZ) + ((slope * 'T.Sqr z.D - (mixed + mixed)) + Entropy.bend y.P * 'T.Sqr y.D)
        )

    interface IAdditionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: Jet2<'T>, b: Jet2<'T>) =
            Jet2<'T>(a.P + b.P, a.D + b.D, a.H + b.H)

    interface ISubtractionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: Jet2<'T>, b: Jet2<'T>) =
            Jet2<'T>(a.P - b.P, a.D - b.D, a.H - b.H)

    interface IMultiplyOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: Jet2<'T>, b: Jet2<'T>) =
            let cross = a.D * b.D
            Jet2<'T>(a.P * b.P, a.D * b.P + a.P * b.D, (a.H * b.P + a.P * b.H) + (cross + cross))

    interface IDivisionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: Jet2<'T>, b: Jet2<'T>) =
            let q = a.P / b.P
            let d = (a.D - q * b.D) / b.P
            let cross = d * b.D
            Jet2<'T>(q, d, ((a.H - q * b.H) - (cross + cross)) / b.P)

    interface IUnaryNegationOperators<Jet2<'T>, Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: Jet2<'T>) = Jet2<'T>(-a.P, -a.D, -a.H)

    interface IReal<Jet2<'T>> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x =
            Jet2<'T>('T.Const x, 'T.Const 0.0, 'T.Const 0.0)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, low) =
            Jet2<'T>('T.Const2(high, low), 'T.Const 0.0, 'T.Const 0.0)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x =
            let e = 'T.Exp x.P
            Jet2<'T>.Chain(x, e, e, e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x =
            // (x')^2/x^2 as one square: neither overflows where the logarithm is finite
            let d = x.D / x.P
            Jet2<'T>('T.Log x.P, d, x.H / x.P - 'T.Sqr d)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x =
            let u = 'T.Const 1.0 + x.P
            let d = x.D / u
            Jet2<'T>('T.Log1p x.P, d, x.H / u - 'T.Sqr d)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, e) = 'T.Expm1Exp x.P
            Jet2<'T>.Chain(x, less, e, e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = 'T.Expm1Exp x.P
            struct (Jet2<'T>.Chain(x, less, e, e), Jet2<'T>.Chain(x, e, e, e))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x =
            let r = 'T.Sqrt x.P
            let d = x.D / (r + r)
            Jet2<'T>(r, d, ('T.Const 0.5 * x.H - 'T.Sqr d) / r)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x =
            Jet2<'T>('T.Sqr x.P, (x.P + x.P) * x.D, 'T.Const 2.0 * ('T.Sqr x.D + x.P * x.H))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) =
            if exponent = 0.0 then
                Jet2<'T>('T.Const 1.0, 'T.Const 0.0, 'T.Const 0.0)
            elif exponent = 1.0 then
                x
            else
                let once = previous exponent

                Jet2<'T>
                    .Chain(
                        x,
                        'T.Pow(x.P, exponent),
                        'T.Const exponent * 'T.Pow(x.P, once),
                        'T.Const(falling exponent) * 'T.Pow(x.P, previous once)
                    )

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, t) = 'T.Sigmoids x.P
            let slope = s * t
            Jet2<'T>.Chain(x, s, slope, Jet2<'T>.Bend(x.P, slope))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = 'T.Sigmoids x.P
            let slope = s * t
            let curvature = Jet2<'T>.Bend(x.P, slope)
            struct (Jet2<'T>.Chain(x, s, slope, curvature), Jet2<'T>.Chain(x, t, (-slope), (-curvature)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, s, t) = 'T.SoftplusSigmas x.P
            Jet2<'T>.Chain(x, v, s, (s * t))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = 'T.SoftplusSigmas x.P
            let slope = s * t
            let curvature = Jet2<'T>.Bend(x.P, slope)

            struct (Jet2<'T>.Chain(x, v, s, slope),
                    Jet2<'T>.Chain(x, s, slope, curvature),
                    Jet2<'T>.Chain(x, t, (-slope), (-curvature)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = 'T.SoftplusPair x.P
            let slope = s * t
            let curvature = slope * (t - s)

            struct (Jet2<'T>.Chain(x, v, s, slope),
                    Jet2<'T>.Chain(x, w, (-t), slope),
                    Jet2<'T>.Chain(x, s, slope, curvature),
                    Jet2<'T>.Chain(x, t, (-slope), (-curvature)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, l) = 'T.XLogXLog x.P
            let r = 'T.Const 1.0 / 'T.Max(x.P, 'T.Const tiniest)
            Jet2<'T>.Chain(x, v, l + 'T.Const 1.0, r)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = 'T.XLogXLog x.P
            let r = 'T.Const 1.0 / 'T.Max(x.P, 'T.Const tiniest)
            struct (Jet2<'T>.Chain(x, v, l + 'T.Const 1.0, r), Jet2<'T>.Chain(x, l, r, -('T.Sqr r)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x =
            let v = 'T.Tanh x.P
            let struct (s, t) = 'T.Sigmoids(x.P + x.P)
            let slope = 'T.Const 4.0 * (s * t)
            Jet2<'T>.Chain(x, v, slope, ('T.Const -2.0 * (v * slope)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x =
            let u = 'T.Const 1.0 + 'T.Sqr x.P
            Jet2<'T>.Chain(x, 'T.Atan x.P, 'T.Const 1.0 / u, ('T.Const -2.0 * (x.P / u) / u))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x =
            Jet2<'T>('T.Abs x.P, 'T.Select(x.P, x.D, -x.D), 'T.Select(x.P, x.H, -x.H))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) =
            let difference = x.P - y.P
            Jet2<'T>('T.Max(x.P, y.P), 'T.Select(difference, x.D, y.D), 'T.Select(difference, x.H, y.H))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) =
            let difference = y.P - x.P
            Jet2<'T>('T.Min(x.P, y.P), 'T.Select(difference, x.D, y.D), 'T.Select(difference, x.H, y.H))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            Jet2<'T>(
                'T.Select(condition.P, a.P, b.P),
                'T.Select(condition.P, a.D, b.D),
                'T.Select(condition.P, a.H, b.H)
            )

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Jet2<'T>) : Jet2<'T> =
            let slope = f.Slope(Dual<'T>(x.P, 'T.Const 1.0))
            Jet2<'T>.Chain(x, 'T.Apply(f, x.P), slope.P, slope.D)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>
            (f: 'F, x: Jet2<'T>)
            : struct (Jet2<'T> * Jet2<'T>) =
            let slope = f.Slope(Dual<'T>(x.P, 'T.Const 1.0))
            struct (Jet2<'T>.Chain(x, 'T.Apply(f, x.P), slope.P, slope.D), f.Slope x)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, byY, byZ) = 'T.LogitDivergenceSlopes(y.P, z.P)
            let struct (s, t) = 'T.Sigmoids z.P
            Jet2<'T>.Divergence(y, z, v, byY, byZ, s * t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byY, byZ) = 'T.LogitDivergenceSlopes(y.P, z.P)
            let struct (s, t) = 'T.Sigmoids z.P
            let bend = Entropy.bend y.P
            let slope = s * t

            struct (Jet2<'T>.Divergence(y, z, v, byY, byZ, slope),
                    // (2 y - 1)/(y (1-y))^2 is the third derivative of y ln y + (1-y) ln(1-y)
                    Jet2<'T>(
                        byY,
                        y.D * bend - z.D,
                        y.H * bend - z.H + (y.P - ('T.Const 1.0 - y.P)) * 'T.Sqr bend * 'T.Sqr y.D
                    ),
                    Jet2<'T>(byZ, z.D * slope - y.D, z.H * slope - y.H + Jet2<'T>.Bend(z.P, slope) * 'T.Sqr z.D))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            'T.IsZero x.P && 'T.IsZero x.D && 'T.IsZero x.H

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>
            (f: 'F, x: Jet2<'T>, y: Jet2<'T>)
            : Jet2<'T> =
            let value = 'T.Apply2(f, x.P, y.P)

            if 'T.IsZero x.D && 'T.IsZero x.H then
                let slope = f.SlopeY(Dual<'T>(x.P, 'T.Const 0.0), Dual<'T>(y.P, 'T.Const 1.0))
                Jet2<'T>.Chain(y, value, slope.P, slope.D)
            elif 'T.IsZero y.D && 'T.IsZero y.H then
                let slope = f.SlopeX(Dual<'T>(x.P, 'T.Const 1.0), Dual<'T>(y.P, 'T.Const 0.0))
                Jet2<'T>.Chain(x, value, slope.P, slope.D)
            else
                let byX = f.SlopeX(Dual<'T>(x.P, x.D), Dual<'T>(y.P, y.D))
                let byY = f.SlopeY(Dual<'T>(x.P, x.D), Dual<'T>(y.P, y.D))

                Jet2<'T>(value, byX.P * x.D + byY.P * y.D, (byX.D * x.D + byY.D * y.D) + (byX.P * x.H + byY.P * y.H))
