namespace Hindsight.FSharp

open System
open System.Runtime.CompilerServices

[<RequireQualifiedAccess>]
module Scalar =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let log1p (x: float) =
        let u = 1.0 + x

        if u = 1.0 then x
        elif Double.IsPositiveInfinity u then u
        else Math.Log u * (x / (u - 1.0))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let expm1 (x: float) =
        let u = Math.Exp x

        if u = 1.0 then
            x
        else
            let v = u - 1.0

            if v = -1.0 then -1.0
            elif Double.IsPositiveInfinity u then u
            else v * (x / Math.Log u)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let sigmoid (x: float) =
        let e = Math.Exp(-(Math.Abs x))
        (if x >= 0.0 then 1.0 else e) / (1.0 + e)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let softplus (x: float) =
        Math.Max(x, 0.0) + log1p (Math.Exp(-(Math.Abs x)))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let expm1Exp (x: float) : struct (float * float) = struct (expm1 x, Math.Exp x)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let sigmoids (x: float) : struct (float * float) =
        let e = Math.Exp(-(Math.Abs x))
        let large = 1.0 / (1.0 + e)
        let small = e / (1.0 + e)

        if x >= 0.0 then
            struct (large, small)
        else
            struct (small, large)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let softplusSigmas (x: float) : struct (float * float * float) =
        let e = Math.Exp(-(Math.Abs x))
        let large = 1.0 / (1.0 + e)
        let small = e / (1.0 + e)
        let value = Math.Max(x, 0.0) + log1p e

        if x >= 0.0 then
            struct (value, large, small)
        else
            struct (value, small, large)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let xlogx (x: float) = if x = 0.0 then 0.0 else x * Math.Log x

    let logit (p: float) = Math.Log p - log1p -p

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
        static member XLogX x = R64(Scalar.xlogx x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = R64(Math.Tanh x.V)

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
