namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Parameters and constants, in float arithmetic.
module private RegressionFacts =
    /// The zero value of a struct reads as 1.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let orOne (x: float) = if x = 0.0 then 1.0 else x

    /// The zero value of a struct reads as 1/2.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let orHalf (x: float) = if x = 0.0 then 0.5 else x

    /// The zero value of a struct reads as 3/2.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let orThreeHalves (x: float) = if x = 0.0 then 1.5 else x

    /// ln 2 to 106 bits.
    let ln2High = 0.6931471805599453
    let ln2Low = 2.3190468138462996e-17

    /// 2 - p, exact for 1 &lt;= p &lt;= 4
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let lessPower (p: float) = 2.0 - p

    /// 1 - p, exact for 1 &lt;= p &lt;= 2
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let slopePower (p: float) = 1.0 - p

    /// The power of two of the binade of k, with the sign of k.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let binade (k: float) =
        BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits k &&& 0xFFF0000000000000L)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let over (x: float) (y: float) = x / y

    /// The power of two in (k/2, k]; k itself where that is too small to have one.
    let normalBinade (k: float) =
        let d = binade k
        if d = 0.0 then k else d

    /// 1/m^2 = high + low to twice the digits of a double, 1 <= m < 2.
    let inverseSquare (m: float) : struct (float * float) =
        let square = m * m
        let rest = Math.FusedMultiplyAdd(m, m, -square)
        let high = 1.0 / square
        struct (high, (Math.FusedMultiplyAdd(-high, square, 1.0) - high * rest) / square)

    let positive name value =
        Require.positive name value |> Require.ok

    let level value =
        Require.inside "level" (Domain.Open(0.0, 1.0)) value |> Require.ok

    let tweediePower value =
        Require.inside "power" (Domain.Open(1.0, 2.0)) value |> Require.ok

    let power value =
        if value = 0.0 || (Double.IsFinite value && value >= 1.0) then
            value
        else
            raise (HindsightException(HindsightError.OutOfRange("power", string value, "0 or a finite number >= 1")))

    let metadata name =
        { LossMetadata.Default with
            Name = name
            StrongConvexity = Nullable 0.0
            Source = "definition"
        }

    /// Of a loss that is half the squared residual up to the given width, beyond which it is linear.
    let quadraticCentre (width: float) (factor: float) (metadata: LossMetadata) =
        if width >= 1.0 then
            { metadata with
                ExpConcavity = Nullable(1.0 / factor)
                Mixability = Nullable(4.0 / factor)
            }
        else
            { metadata with
                ExpConcavity = Nullable 0.0
            }

    let huber name (width: float) (factor: float) =
        { metadata name with
            Continuity = 1
            Lipschitz = Nullable(factor * width)
            Smoothness = Nullable factor
            Source = "Huber (1964)"
        }
        |> quadraticCentre width factor

    let smoothL1 (beta: float) =
        { huber "SmoothL1" beta (1.0 / beta) with
            Lipschitz = Nullable 1.0
            Source = "definition"
        }

    let pseudoHuber (delta: float) =
        { metadata "PseudoHuber" with
            Lipschitz = Nullable delta
            Smoothness = Nullable 1.0
            ExpConcavity = Nullable(delta / sqrt (1.0 + delta * delta))
        }

    let logCosh =
        { metadata "LogCosh" with
            Lipschitz = Nullable 1.0
            Smoothness = Nullable 1.0
            ExpConcavity = Nullable(1.0 / (sinh 1.0 * sinh 1.0))
        }

    let piecewiseLinear name lipschitz elicits =
        { metadata name with
            Continuity = 0
            Lipschitz = Nullable lipschitz
            Elicits = elicits
        }

    let notMixable (metadata: LossMetadata) =
        { metadata with
            ExpConcavity = Nullable 0.0
            Mixability = Nullable 0.0
        }

    let absoluteError = piecewiseLinear "AbsoluteError" 1.0 "median" |> notMixable

    let epsilonInsensitive (epsilon: float) =
        let metadata = piecewiseLinear "EpsilonInsensitive" 1.0 ""

        if epsilon < 1.0 then
            { metadata with
                ExpConcavity = Nullable 0.0
            }
        else
            metadata

    let quantile (q: float) =
        piecewiseLinear "Quantile" (max q (1.0 - q)) (string q + "-quantile") |> notMixable

    let expectile (tau: float) =
        let large = max tau (1.0 - tau)

        { metadata "Expectile" with
            Continuity = 1
            Smoothness = Nullable(2.0 * large)
            StrongConvexity = Nullable(2.0 * min tau (1.0 - tau))
            ExpConcavity = Nullable(1.0 / (2.0 * large))
            Elicits = string tau + "-expectile"
            Source = "Newey and Powell (1987)"
        }

    let redescending name (lipschitz: float) (leastCurvature: float) (expConcavity: float) =
        { metadata name with
            Convex = false
            Lipschitz = Nullable lipschitz
            Smoothness = Nullable 1.0
            StrongConvexity = Nullable leastCurvature
            ExpConcavity = Nullable(max expConcavity 0.0)
        }

    let cauchy (c: float) =
        redescending "Cauchy" (0.5 * c) -0.125 (1.0 - 1.0 / (c * c))

    let welsch (c: float) =
        let u = 1.0 / (c * c)

        { redescending
              "Welsch"
              (c / sqrt (2.0 * Math.E))
              (-2.0 * exp -1.5)
              (if u < 0.5 then (1.0 - 2.0 * u) * exp u else 0.0) with
            Supremum = Nullable(0.5 * c * c)
        }

    let tukey (c: float) =
        let u = 1.0 / (c * c)

        { redescending
              "Tukey"
              (16.0 * c / (25.0 * sqrt 5.0))
              -0.8
              (if u < 0.2 then
                   (1.0 - 5.0 * u) / ((1.0 - u) * (1.0 - u) * (1.0 - u))
               else
                   0.0) with
            Supremum = Nullable(c * c / 6.0)
        }

    let gaussian (variance: float) =
        { metadata "GaussianNll" with
            Infimum = Nullable(0.5 * log variance)
            Smoothness = Nullable(1.0 / variance)
            StrongConvexity = Nullable(1.0 / variance)
            ExpConcavity = Nullable variance
            Mixability = Nullable(4.0 * variance)
            Elicits = "mean"
        }

    let logLink name label infimum =
        { metadata name with
            Label = label
            Link = Link.Log
            Infimum = infimum
            ExpConcavity = Nullable 0.0
            Elicits = "mean"
        }

    let deviance (p: float) =
        let common =
            { metadata "Deviance" with
                Label = if p < 2.0 then Domain.NonNegative else Domain.Positive
                Score = Domain.Positive
                ExpConcavity = Nullable 0.0
                Elicits = "mean"
                Source = "Jorgensen (1987)"
            }

        if p = 0.0 then
            { common with
                Label = Domain.Reals
                Score = Domain.Reals
                Smoothness = Nullable 2.0
                StrongConvexity = Nullable 2.0
                ExpConcavity = Nullable 0.5
                Mixability = Nullable 2.0
            }
        elif p = 1.0 then
            common
        else
            { common with
                Convex = false
                StrongConvexity = Nullable()
            }

    let binomialDeviance =
        { metadata "BinomialDeviance" with
            Label = Domain.Unit
            Score = Domain.Open(0.0, 1.0)
            StrongConvexity = Nullable 2.0
            ExpConcavity = Nullable 0.5
            Mixability = Nullable 0.5
            Elicits = "mean"
        }

/// Functions of one residual whose value, slope and curvature each have a stable form of their own.
module private RegressionCurves =
    open Hindsight.FSharp.Ops

    /// s^2 = 1 + (r/delta)^2
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let squaredRoot<'T when 'T :> IReal<'T> and 'T: struct> (delta: float) (r: 'T) : 'T =
        'T.Const 1.0 + 'T.Sqr(r / 'T.Const delta)

    /// r/s
    [<Struct; NoComparison; NoEquality>]
    type PseudoHuberSlope(delta: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = r / 'T.Sqrt(squaredRoot delta r)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                // delta^3/(delta^2 + r^2)^(3/2), rounded as little as possible
                let width = 'T.Const delta
                let square = 'T.Sqr width
                let sum = square + 'T.Sqr r
                square / sum * (width / 'T.Sqrt sum)

    /// r^2/(1 + s)
    [<Struct; NoComparison; NoEquality>]
    type PseudoHuberValue(delta: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                'T.Sqr r / ('T.Const 1.0 + 'T.Sqrt(squaredRoot delta r))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = 'T.Apply(PseudoHuberSlope delta, r)

    /// ln cosh r: up to 1 by -ln(1 - tanh^2 r)/2, beyond by |r| - ln 2 + ln(1 + e^-2|r|)
    [<Struct; NoComparison; NoEquality>]
    type LogCoshValue =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let one = 'T.Const 1.0
                let size = 'T.Abs r
                let small = 'T.Min(size, one)

                // 1 - tanh^2 is 1/cosh^2
                let near = 'T.Const -0.5 * 'T.Log1p(-('T.Sqr('T.Tanh small)))

                let far =
                    (size - 'T.Const2(RegressionFacts.ln2High, RegressionFacts.ln2Low))
                    + 'T.Log1p('T.Exp(-(size + size)))

                'T.Select(one - size, near, far)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = 'T.Tanh r

    /// r^2/2 for |r| <= delta, beyond it delta (|r| - delta/2); and the slope, r held within delta. In single precision delta is rounded once for both.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let huber<'T when 'T :> IReal<'T> and 'T: struct> (delta: float) (r: 'T) : struct ('T * 'T) =
        let delta = 'T.Const delta
        let half = 'T.Const 0.5
        let size = 'T.Abs r

        struct ('T.Select(delta - size, half * 'T.Sqr r, delta * (size - half * delta)),
                'T.Min('T.Max(r, -delta), delta))

    [<Struct; NoComparison; NoEquality>]
    type HuberValue(delta: float) =
        interface IPairedFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Pair<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : struct ('T * 'T) = huber delta r

        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let struct (value, _) = huber delta r
                value

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let struct (_, slope) = huber delta r
                slope

    /// r/(1 + x^2), x = r/c
    [<Struct; NoComparison; NoEquality>]
    type CauchySlope(c: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = r / squaredRoot c r

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let one = 'T.Const 1.0
                let t = 'T.Sqr(r / 'T.Const c)
                (one - t) / 'T.Sqr(one + t)

    /// (c^2/2) ln(1 + x^2)
    [<Struct; NoComparison; NoEquality>]
    type CauchyValue(c: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let half = 'T.Const 0.5
                let one = 'T.Const 1.0
                let scale = 'T.Const c
                let t = 'T.Sqr(r / scale)
                // as small as singles go
                let small = 'T.Max('T.Min(t, one), 'T.Const 1e-37)
                // up to 1 as r^2/2 times ln(1 + t)/t, which is flat in t
                let near = half * 'T.Sqr r * ('T.Log1p small / small)
                let far = half * 'T.Sqr scale * 'T.Log1p t
                'T.Select(one - t, near, far)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = 'T.Apply(CauchySlope c, r)

    /// r e^(-x^2), x = r/c
    [<Struct; NoComparison; NoEquality>]
    type WelschSlope(c: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = r * 'T.Exp(-('T.Sqr(r / 'T.Const c)))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                // e^-800 is 0: infinity times 0 is kept away
                let square = 'T.Min('T.Sqr(r / 'T.Const c), 'T.Const 800.0)
                ('T.Const 1.0 - (square + square)) * 'T.Exp(-square)

    /// (c^2/2)(1 - e^(-x^2))
    [<Struct; NoComparison; NoEquality>]
    type WelschValue(c: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let scale = 'T.Const c
                'T.Const -0.5 * 'T.Sqr scale * 'T.Expm1(-('T.Sqr(r / scale)))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = 'T.Apply(WelschSlope c, r)

    /// (r/c)^2 with two roundings, for c = m d and d a power of two: r/d is exact, and 1/m^2 = high + low is known to twice the digits. Where it is above 4, something above 1.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let squaredRatio<'T when 'T :> IReal<'T> and 'T: struct> (d: float) (high: float) (low: float) (r: 'T) : 'T =
        let square = 'T.Min('T.Const 4.0, 'T.Sqr(r / 'T.Const d))
        square * 'T.Const high + square * 'T.Const low

    /// r (1 - v)^2, v = min(1, (r/c)^2); the square as 1 - v (2 - v) where that rounds less, which is up to v = 0.36
    [<Struct; NoComparison; NoEquality>]
    type TukeySlope(d: float, high: float, low: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let one = 'T.Const 1.0
                let v = 'T.Min(one, squaredRatio d high low r)
                r * 'T.Select('T.Const 0.36 - v, one - v * ('T.Const 2.0 - v), 'T.Sqr(one - v))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let one = 'T.Const 1.0
                let v = 'T.Min(one, squaredRatio d high low r)
                (one - v) * (one - 'T.Const 5.0 * v)

    /// (c^2/6)(1 - (1 - v)^3), v = min(1, x^2), which is r^2 (1/2 - v (1/2 - v/6))
    [<Struct; NoComparison; NoEquality>]
    type TukeyValue(c: float, d: float, high: float, low: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
                let one = 'T.Const 1.0
                let half = 'T.Const 0.5
                let six = 'T.Const 6.0
                let v = 'T.Min(one, 'T.Sqr(r / 'T.Const c))
                let w = one - v

                'T
                    .Select(
                        half - v,
                        'T.Sqr r * (half - v * (half - v / six)),
                        'T.Sqr('T.Const c) / six * (one - w * 'T.Sqr w)
                    )

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = 'T.Apply(TukeySlope(d, high, low), r)

    /// e^(k x), from |k x| = 1 as (e^(d x))^(k/d), d the power of two of k's binade: d x is exact, where the rounding of k x would be multiplied by |k x|.
    /// The inner power is the smaller of the two, so that it overflows only where the outer one does.
    [<Struct; NoComparison; NoEquality>]
    type ExactExponential(k: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
                let product = 'T.Const k * x
                let plain = 'T.Exp product
                let d = RegressionFacts.binade k

                if d = k then
                    plain
                else
                    let power = 'T.Pow('T.Exp('T.Const d * x), RegressionFacts.over k d)
                    'T.Select('T.Const 1.0 - 'T.Abs product, plain, power)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
                'T.Const k * 'T.Apply(ExactExponential k, x)

    /// e^(k x)/k: the slope e^(k x) is not divided and multiplied again
    [<Struct; NoComparison; NoEquality>]
    type ScaledExponential(k: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
                'T.Apply(ExactExponential k, x) / 'T.Const k

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Apply(ExactExponential k, x)

open Hindsight.FSharp.Ops
open RegressionCurves

[<Struct; NoComparison; NoEquality>]
type AbsoluteError =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = 'T.Abs(label - score)

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = RegressionFacts.absoluteError

[<Struct; NoComparison; NoEquality>]
type Huber =
    val private delta: float

    new(delta) =
        {
            delta = RegressionFacts.positive "delta" delta
        }

    member loss.Delta = RegressionFacts.orOne loss.delta

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let struct (value, _) = 'T.ApplyPair(RegressionCurves.HuberValue loss.Delta, label - score)
            value

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.huber "Huber" loss.Delta 1.0

[<Struct; NoComparison; NoEquality>]
type PseudoHuber =
    val private delta: float

    new(delta) =
        {
            delta = RegressionFacts.positive "delta" delta
        }

    member loss.Delta = RegressionFacts.orOne loss.delta

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply(PseudoHuberValue loss.Delta, label - score)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.pseudoHuber loss.Delta

[<Struct; NoComparison; NoEquality>]
type LogCosh =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply(LogCoshValue(), label - score)

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = RegressionFacts.logCosh

[<Struct; NoComparison; NoEquality>]
type SmoothL1 =
    val private beta: float

    new(beta) =
        {
            beta = RegressionFacts.positive "beta" beta
        }

    member loss.Beta = RegressionFacts.orOne loss.beta

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let beta = 'T.Const loss.Beta
            let half = 'T.Const 0.5
            let r = label - score
            let size = 'T.Abs r
            'T.Select(beta - size, half * 'T.Sqr r / beta, size - half * beta)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.smoothL1 loss.Beta

[<Struct; NoComparison; NoEquality>]
type EpsilonInsensitive =
    val private epsilon: float

    new(epsilon) =
        {
            epsilon = Require.nonNegative "epsilon" epsilon |> Require.ok
        }

    member loss.Epsilon = loss.epsilon

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Max('T.Abs(label - score) - 'T.Const loss.Epsilon, 'T.Const 0.0)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.epsilonInsensitive loss.Epsilon

[<Struct; NoComparison; NoEquality>]
type Quantile =
    val private level: float
    new(level) = { level = RegressionFacts.level level }
    member loss.Level = RegressionFacts.orHalf loss.level

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let q = 'T.Const loss.Level
            let r = label - score
            'T.Select(r, q * r, (q - 'T.Const 1.0) * r)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.quantile loss.Level

[<Struct; NoComparison; NoEquality>]
type Expectile =
    val private level: float
    new(level) = { level = RegressionFacts.level level }
    member loss.Level = RegressionFacts.orHalf loss.level

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let tau = 'T.Const loss.Level
            let r = label - score
            'T.Select(r, tau, 'T.Const 1.0 - tau) * 'T.Sqr r

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.expectile loss.Level

[<Struct; NoComparison; NoEquality>]
type Cauchy =
    val private scale: float

    new(scale) =
        {
            scale = RegressionFacts.positive "scale" scale
        }

    member loss.Scale = RegressionFacts.orOne loss.scale

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply(CauchyValue loss.Scale, label - score)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.cauchy loss.Scale

[<Struct; NoComparison; NoEquality>]
type Welsch =
    val private scale: float

    new(scale) =
        {
            scale = RegressionFacts.positive "scale" scale
        }

    member loss.Scale = RegressionFacts.orOne loss.scale

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply(WelschValue loss.Scale, label - score)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.welsch loss.Scale

[<Struct; NoComparison; NoEquality>]
type Tukey =
    val private scale: float
    val private binade: float
    val private high: float
    val private low: float

    new(scale) =
        let scale = RegressionFacts.positive "scale" scale
        let binade = RegressionFacts.normalBinade scale
        let struct (high, low) = RegressionFacts.inverseSquare (RegressionFacts.over scale binade)

        {
            scale = scale
            binade = binade
            high = high
            low = low
        }

    member loss.Scale = RegressionFacts.orOne loss.scale

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let d, high = RegressionFacts.orOne loss.binade, RegressionFacts.orOne loss.high
            'T.Apply(TukeyValue(loss.Scale, d, high, loss.low), label - score)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.tukey loss.Scale

[<Struct; NoComparison; NoEquality>]
type GaussianNll =
    val private variance: float

    new(variance) =
        {
            variance = RegressionFacts.positive "variance" variance
        }

    member loss.Variance = RegressionFacts.orOne loss.variance

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let variance = 'T.Const loss.Variance
            'T.Const 0.5 * ('T.Log variance + 'T.Sqr(label - score) / variance)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.gaussian loss.Variance

[<Struct; NoComparison; NoEquality>]
type PoissonNll =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = 'T.Exp score - label * score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = RegressionFacts.logLink "PoissonNll" Domain.NonNegative (Nullable())

[<Struct; NoComparison; NoEquality>]
type GammaNll =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            label * 'T.Exp(-score) + score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = RegressionFacts.logLink "GammaNll" Domain.Positive (Nullable())

[<Struct; NoComparison; NoEquality>]
type Tweedie =
    val private power: float

    new(power) =
        {
            power = RegressionFacts.tweediePower power
        }

    member loss.Power = RegressionFacts.orThreeHalves loss.power

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let p = loss.Power
            // label 0 times an overflow is 0
            let labelled = label * 'T.Apply(ScaledExponential(RegressionFacts.slopePower p), score)

            'T.Apply(ScaledExponential(RegressionFacts.lessPower p), score)
            - 'T.Select(-label, 'T.Const 0.0, labelled)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.logLink "Tweedie" Domain.NonNegative (Nullable 0.0)

[<Struct; NoComparison; NoEquality>]
type Deviance =
    val private power: float
    new(power) = { power = RegressionFacts.power power }
    member loss.Power = loss.power

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let p = loss.Power

            if p = 0.0 then
                'T.Sqr(label - score)
            else
                'T.Const 2.0 * Gap.power (RegressionFacts.lessPower p) (RegressionFacts.slopePower p) p label score

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata = RegressionFacts.deviance loss.Power

[<Struct; NoComparison; NoEquality>]
type BinomialDeviance =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Const 2.0 * Gap.binary label score

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = RegressionFacts.binomialDeviance

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module GaussianLikelihood =
    open Hindsight.FSharp.Ops

    let inMeanVariance<'T when 'T :> IReal<'T> and 'T: struct> (label: 'T) (mean: 'T) (variance: 'T) : 'T =
        'T.Const 0.5 * ('T.Log variance + 'T.Sqr(label - mean) / variance)

    let inNaturalParameters<'T when 'T :> IReal<'T> and 'T: struct> (label: 'T) (scaledMean: 'T) (precision: 'T) : 'T =
        'T.Const 0.5 * ('T.Sqr(precision * label - scaledMean) / precision - 'T.Log precision)

[<RequireQualifiedAccess>]
module Regression =
    let private family = "regression"

    let private plain name (create: unit -> ILoss) =
        LossEntry.scalar name family [||] (fun _ -> create ())

    let private shaped name parameter meaning start allowed typical (create: float -> ILoss) =
        LossEntry.scalar name family [| LossEntry.parameter parameter meaning start allowed typical |] (fun values ->
            create values[0])

    let private width name parameter meaning create =
        shaped name parameter meaning 1.0 Domain.Positive (Domain.Closed(0.05, 20.0)) create

    let private level name meaning create =
        shaped name "level" meaning 0.5 (Domain.Open(0.0, 1.0)) (Domain.Closed(0.02, 0.98)) create

    let entries =
        [|
            plain "absolute-error" (fun () -> AbsoluteError())
            width "huber" "delta" "residual beyond which the loss is linear" (fun d -> Huber d)
            width "pseudo-huber" "delta" "residual about which the loss becomes linear" (fun d -> PseudoHuber d)
            plain "log-cosh" (fun () -> LogCosh())
            width "smooth-l1" "beta" "residual beyond which the loss is linear" (fun b -> SmoothL1 b)
            shaped
                "epsilon-insensitive"
                "epsilon"
                "residual up to which there is no loss"
                0.1
                Domain.NonNegative
                (Domain.Closed(0.0, 2.0))
                (fun e -> EpsilonInsensitive e)
            level "quantile" "probability below the quantile" (fun q -> Quantile q)
            level "expectile" "weight of labels above the expectile" (fun t -> Expectile t)
            width "cauchy" "scale" "residual of the steepest slope" (fun c -> Cauchy c)
            width "welsch" "scale" "residual, in units of which the loss saturates" (fun c -> Welsch c)
            width "tukey" "scale" "residual beyond which the loss is constant" (fun c -> Tukey c)
            width "gaussian-nll" "variance" "variance of the label" (fun v -> GaussianNll v)
            plain "poisson-nll" (fun () -> PoissonNll())
            plain "gamma-nll" (fun () -> GammaNll())
            shaped
                "tweedie"
                "power"
                "power of the variance function"
                1.5
                (Domain.Open(1.0, 2.0))
                (Domain.Closed(1.05, 1.95))
                (fun p -> Tweedie p)
            shaped
                "deviance"
                "power"
                "power of the variance function"
                1.5
                { Domain.Closed(1.0, infinity) with
                    HighClosed = false
                }
                (Domain.Closed(1.0, 3.5))
                (fun p -> Deviance p)
            plain "binomial-deviance" (fun () -> BinomialDeviance())
        |]
