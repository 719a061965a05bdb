namespace Hindsight

open System.Numerics
open System.Runtime.CompilerServices

module private Constants =
    /// an exponent less one, before the operators are shadowed
    let previous (exponent: float) = exponent - 1.0

open Hindsight.FSharp.Ops
open Constants

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
            Dual<'T>('T.Expm1 x.P, x.D * 'T.Exp x.P)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x =
            let r = 'T.Sqrt x.P
            Dual<'T>(r, x.D / (r + r))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = Dual<'T>('T.Sqr x.P, (x.P + x.P) * x.D)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) =
            Dual<'T>('T.Pow(x.P, exponent), 'T.Const exponent * 'T.Pow(x.P, previous exponent) * x.D)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let s = 'T.Sigmoid x.P
            Dual<'T>(s, x.D * (s * 'T.Sigmoid(-x.P)))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            Dual<'T>('T.Softplus x.P, x.D * 'T.Sigmoid x.P)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            Dual<'T>('T.XLogX x.P, x.D * ('T.Log('T.Max(x.P, 'T.Const 2.2250738585072014e-308)) + 'T.Const 1.0))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x =
            let t = 'T.Tanh x.P
            Dual<'T>(t, x.D * (('T.Const 1.0 - t) * ('T.Const 1.0 + t)))

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
