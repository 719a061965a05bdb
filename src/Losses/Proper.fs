namespace Hindsight

open System
open System.Runtime.CompilerServices

type IProperLoss =
    inherit ILoss
    abstract Partial1<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T
    abstract Partial0<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T
    abstract Weight<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T

/// Numbers of this file that are floats.
module private Numbers =
    let both (a: float) (b: float) = a + b
    let isSmall (k: float) = abs k < 0.5
    let isAboveOne (k: float) = k > 1.0
    let real (n: int) = float n

    /// Where the two series of the beta family meet, from 1, and what goes with it.
    let split = 0.3125
    let beforeSplit = 0.6875
    let inverseSplit = 3.2

    /// (5/16)^64 is 107 bits.
    let lastTerm = 64
    let lastOfDouble = 34

    let next (n: int) = float n + 1.0
    let halfOf (k: float) = 0.5 * k

    /// The length up to which its product with |k| is 0.8.
    let longest (k: float) = 0.8 / abs k

    /// 2n (2n + 1) from the last: the series of sinh(u)/u for |u| up to 0.4.
    let divisors = [| for n in 6.0 .. -1.0 .. 1.0 -> 2.0 * n * (2.0 * n + 1.0) |]

    /// Terms of order n^(b-1) (11/16)^n to 106 bits, or to 53.
    let terms wide (b: float) =
        if wide then
            250 + int (12.0 * Math.Max(0.0, b - 1.0))
        else
            112 + int (10.0 * Math.Max(0.0, b - 1.0))

    let lastOf (length: int) = length - 1
    let root2 = 1.4142135623730951
    let larger (c: float) = Math.Max(c, 1.0 - c)
    let betweenUnit (a: float) = a >= 0.0 && a <= 1.0

    /// sup of p^a (1-p)^b, inverted
    let mixability a b =
        let power x = if x = 0.0 then 1.0 else x ** x

        if a >= 0.0 && b >= 0.0 then
            Nullable(power (a + b) / (power a * power b))
        else
            Nullable()

    let aboveMinusOne argument (x: float) =
        Require.inside argument (Domain.Open(-1.0, infinity)) x |> Require.ok

open Hindsight.FSharp.Ops

module private Middle =
    /// r^2 = p^2 + (1-p)^2
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let squares<'T when 'T :> IReal<'T> and 'T: struct> (p: 'T) : 'T =
        'T.Const 0.5 + 'T.Const 2.0 * 'T.Sqr(p - 'T.Const 0.5)

/// -p/r and its derivatives
[<Struct; NoComparison; NoEquality>]
type private SphericalPartial1 =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = -(p / 'T.Sqrt(Middle.squares p))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let s = Middle.squares p
            -(('T.Const 1.0 - p) / (s * 'T.Sqrt s))

/// -(1-p)/r
[<Struct; NoComparison; NoEquality>]
type private SphericalPartial0 =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            -(('T.Const 1.0 - p) / 'T.Sqrt(Middle.squares p))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let s = Middle.squares p
            p / (s * 'T.Sqrt s)

/// (p - y)/r^3, with slope (1/2 - h (4h + 3 (1-2y)))/r^5, h = p - 1/2
[<Struct; NoComparison; NoEquality>]
type private SphericalSlope =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            let s = Middle.squares p
            (p - label) / (s * 'T.Sqrt s)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, p: 'T) : 'T =
            let s = Middle.squares p
            'T.Const -1.0 / (s * 'T.Sqrt s)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            let one = 'T.Const 1.0
            let h = p - 'T.Const 0.5
            let middle = 'T.Const 0.5 - h * ('T.Const 4.0 * h + 'T.Const 3.0 * (one - (label + label)))
            // the same from an end, for a label near it
            let t = 'T.Min(p, one - p)
            let w = 'T.Select(h, one - label, label)
            let ends = one - (t * ('T.Const 4.0 * t - one) + 'T.Const 3.0 * w * (one - (t + t)))
            let squares = 'T.Select('T.Const 0.15 - t, one - 'T.Const 2.0 * (t * (one - t)), Middle.squares p)
            'T.Select('T.Const 0.3 - w, ends, middle) * 'T.Pow(squares, -2.5)

/// sqrt((1-p)/p)
[<Struct; NoComparison; NoEquality>]
type private BoostingPartial1 =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Sqrt(('T.Const 1.0 - p) / p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            'T.Const -0.5 / (p * 'T.Sqrt(p * ('T.Const 1.0 - p)))

/// sqrt(p/(1-p))
[<Struct; NoComparison; NoEquality>]
type private BoostingPartial0 =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Sqrt(p / ('T.Const 1.0 - p))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let q = 'T.Const 1.0 - p
            'T.Const 0.5 / (q * 'T.Sqrt(p * q))

/// (p - y)/(2 v^(3/2)), v = p (1-p), with slope (4t - 1 + 3 w (1 - 2t)/t)/(4 (1-t) v^(3/2)), t and w being p and y or, for p > 1/2, their complements
[<Struct; NoComparison; NoEquality>]
type private BoostingSlope =
    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            let v = p * ('T.Const 1.0 - p)
            'T.Const 0.5 * (p - label) / (v * 'T.Sqrt v)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, p: 'T) : 'T =
            let v = p * ('T.Const 1.0 - p)
            'T.Const -0.5 / (v * 'T.Sqrt v)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            let one = 'T.Const 1.0
            let side = 'T.Const 0.5 - p
            let t = 'T.Select(side, p, one - p)
            let w = 'T.Select(side, label, one - label)
            let bend = ('T.Const 4.0 * t - one) + 'T.Const 3.0 * w * (one - (t + t)) / t
            'T.Const 0.25 * bend / (one - t) * 'T.Pow(p * (one - p), -1.5)

module private Incomplete =
    /// (s^k - y^k)/k for the length ln(s/y) and |k| times it at most 0.8: (s y)^(k/2) times the length times sinh(u)/u, u half k times the length. Nothing is divided by k.
    let private near<'T when 'T :> IReal<'T> and 'T: struct> (k: float) (length: 'T) (y: 'T) (atY: 'T) : 'T =
        if Precision.isWide<'T>() then
            atY * 'T.Expm1('T.Const k * length) / 'T.Const k
        else
            let half = Numbers.halfOf k
            let square = 'T.Sqr('T.Const half * length)
            let mutable ratio = 'T.Const 1.0

            for divisor in Numbers.divisors do
                ratio <- 'T.Const 1.0 + ratio * square / 'T.Const divisor

            'T.Pow('T.Const Numbers.split * y, half) * length * ratio

    /// (s^k - y^k)/k for 0 < y <= s, given both powers and 1/s; the logarithm -ln(y/s) at k = 0.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let gap<'T when 'T :> IReal<'T> and 'T: struct> (k: float) (inverse: 'T) (atSplit: 'T) (y: 'T) (atY: 'T) : 'T =
        if k = 0.0 then
            -('T.Log(inverse * y))
        elif Numbers.isSmall k then
            let length = -('T.Log(inverse * y))
            let longest = 'T.Const(Numbers.longest k)
            'T.Select(longest - length, near k ('T.Min(longest, length)) y atY, (atSplit - atY) / 'T.Const k)
        else
            (atSplit - atY) / 'T.Const k

    /// <summary>The integral of c^a (1-c)^(b-1) over c from 0 to x, with y = 1 - x.</summary>
    /// <remarks>As far as the split it is x^(a+1) y^b/(a+1) times 1 + (a+b+1)/(a+2) x (1 + (a+b+2)/(a+3) x (1 + ...)), whose terms do not cancel (DLMF 8.17.8 without the
    /// complete integral, which is infinite for b &lt;= 0); from there the binomial series of (1 - v)^a, v = 1 - c, is integrated term by term.</remarks>
    let integral<'T when 'T :> IReal<'T> and 'T: struct> (a: float) (b: float) (x: 'T) (y: 'T) : 'T =
        let one = 'T.Const 1.0
        let split = 'T.Const Numbers.split
        let left = 'T.Min(x, 'T.Const Numbers.beforeSplit)
        let over = 'T.Max(y, split)
        let right = 'T.Min(y, split)
        let first = 'T.Const a + one
        let growth = 'T.Const b - one
        let wide = Precision.isWide<'T>()
        let mutable series = one

        for n = Numbers.terms wide b downto 0 do
            // (a+b+1+n)/(a+2+n) = 1 + (b-1)/(a+2+n), the second term of which hardly rounds
            let term = left * series
            series <- one + (term + term * (growth / (first + 'T.Const(Numbers.next n))))

        // at 0 the power may be infinite, but its product with 0 is not wanted
        let power = 'T.Pow('T.Max(left, 'T.Const 1e-300), a) * left
        let inverse = 'T.Const Numbers.inverseSplit
        let mutable falling = one
        let mutable atSplit = 'T.Pow(split, b)
        let mutable atRight = 'T.Pow(right, b)
        let mutable rest = 'T.Const 0.0

        for n = 0 to (if wide then Numbers.lastTerm else Numbers.lastOfDouble) do
            let k = 'T.Const(Numbers.real n)
            rest <- rest + falling * gap (Numbers.both (Numbers.real n) b) inverse atSplit right atRight
            falling <- falling * ((k - 'T.Const a) / (k + one))
            atSplit <- atSplit * split
            atRight <- atRight * right

        power * 'T.Pow(over, b) / first * series + 'T.Select(y - split, 'T.Const 0.0, rest)

module private BetaFamily =
    /// p^a (1-p)^b
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let power<'T when 'T :> IReal<'T> and 'T: struct> (a: float) (b: float) (p: 'T) : 'T =
        'T.Pow(p, a) * 'T.Pow('T.Const 1.0 - p, b)

/// (p - y) w(p), w = p^(a-1) (1-p)^(b-1), with slope w (1 + (p - y) ((a-1)/p - (b-1)/(1-p))).
[<Struct; NoComparison; NoEquality>]
type private BetaSlope =
    val A: float
    val B: float
    new(a, b) = { A = a; B = b }

    interface IScalarFunction2 with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            (p - label) / (p * ('T.Const 1.0 - p)) * BetaFamily.power this.A this.B p

        member this.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, p: 'T) : 'T =
            -(BetaFamily.power this.A this.B p / (p * ('T.Const 1.0 - p)))

        member this.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            let one = 'T.Const 1.0
            let a, b = 'T.Const this.A, 'T.Const this.B
            let q = one - p
            let other = one - label
            let residual = p - label

            // 1 + (p - y) ((a-1)/p - (b-1)/q), arranged so that it cancels as little as a and b allow
            let bend =
                if Numbers.isAboveOne this.A then
                    if Numbers.isAboveOne this.B then
                        one + residual * ((a - one) / p - (b - one) / q)
                    else
                        let part = (one - b) * (residual / q)

                        'T.Select('T.Const 0.5 + part, one + part, b + (one - b) * (other / q))
                        + (a - one) * (residual / p)
                elif Numbers.isAboveOne this.B then
                    let part = (one - a) * (residual / p)

                    'T.Select('T.Const 0.5 - part, one - part, a + (one - a) * (label / p)) - (b - one) * (residual / q)
                else
                    (label * b + other * a) + ((one - a) * label * (q / p) + (one - b) * other * (p / q))

            bend * (BetaFamily.power this.A this.B p / (p * q))

/// l0 of the beta family.
[<Struct; NoComparison; NoEquality>]
type private BetaPartial0 =
    val A: float
    val B: float
    new(a, b) = { A = a; B = b }

    interface IScalarFunction with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            Incomplete.integral this.A this.B p ('T.Const 1.0 - p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            BetaFamily.power this.A this.B p / ('T.Const 1.0 - p)

/// l1 of the beta family.
[<Struct; NoComparison; NoEquality>]
type private BetaPartial1 =
    val A: float
    val B: float
    new(a, b) = { A = a; B = b }

    interface IScalarFunction with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            Incomplete.integral this.B this.A ('T.Const 1.0 - p) p

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = -(BetaFamily.power this.A this.B p / p)

/// y l1(p) + (1-y) l0(p) of two partial losses and the function (p - y) w(p), which is the derivative of the sum.
[<Struct; NoComparison; NoEquality>]
type private Mixed<'One, 'Zero, 'Slope
    when 'One :> IScalarFunction
    and 'One: struct
    and 'Zero :> IScalarFunction
    and 'Zero: struct
    and 'Slope :> IScalarFunction2
    and 'Slope: struct> =
    val One: 'One
    val Zero: 'Zero
    val Slope: 'Slope

    new(one, zero, slope) =
        {
            One = one
            Zero = zero
            Slope = slope
        }

    interface IScalarFunction2 with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            label * this.One.Value p + ('T.Const 1.0 - label) * this.Zero.Value p

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.SlopeX<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, p: 'T) : 'T =
            'T.Apply(this.One, p) - 'T.Apply(this.Zero, p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.SlopeY<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, p: 'T) : 'T =
            'T.Apply2(this.Slope, label, p)

module private Expectation =
    /// y l1 + (1-y) l0
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let mix<'T when 'T :> IReal<'T> and 'T: struct> (label: 'T) (one: 'T) (zero: 'T) : 'T =
        label * one + ('T.Const 1.0 - label) * zero

    let metadata name =
        { LossMetadata.Default with
            Name = name
            Label = Domain.Unit
            Score = Domain.Open(0.0, 1.0)
            Link = Link.Identity
            Infimum = Nullable 0.0
            Elicits = "mean"
            Source = "definition; constants derived here"
        }

[<Struct; NoComparison; NoEquality>]
type LogScore =
    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = -('T.Log p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = -('T.Log1p(-p))

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Const 1.0 / (p * ('T.Const 1.0 - p))

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            Expectation.mix label (-('T.Log score)) (-('T.Log1p(-score)))

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Expectation.metadata "LogScore" with
                StrongConvexity = Nullable 1.0
                ExpConcavity = Nullable 1.0
                Mixability = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type QuadraticScore =
    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Sqr('T.Const 1.0 - p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Sqr p

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 2.0

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Sqr(score - label) + label * ('T.Const 1.0 - label)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Expectation.metadata "QuadraticScore" with
                Supremum = Nullable 1.0
                Lipschitz = Nullable 2.0
                Smoothness = Nullable 2.0
                StrongConvexity = Nullable 2.0
                ExpConcavity = Nullable 0.5
                Mixability = Nullable 2.0
            }

[<Struct; NoComparison; NoEquality>]
type BrierScore =
    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Const 2.0 * 'T.Sqr('T.Const 1.0 - p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Const 2.0 * 'T.Sqr p

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 4.0

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Const 2.0 * ('T.Sqr(score - label) + label * ('T.Const 1.0 - label))

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Expectation.metadata "BrierScore" with
                Supremum = Nullable 2.0
                Lipschitz = Nullable 4.0
                Smoothness = Nullable 4.0
                StrongConvexity = Nullable 4.0
                ExpConcavity = Nullable 0.25
                Mixability = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type SphericalScore =
    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Apply(SphericalPartial1(), p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Apply(SphericalPartial0(), p)

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let s = 'T.Sqr p + 'T.Sqr('T.Const 1.0 - p)
            'T.Const 1.0 / (s * 'T.Sqrt s)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply2(Mixed<_, _, _>(SphericalPartial1(), SphericalPartial0(), SphericalSlope()), label, score)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Expectation.metadata "SphericalScore" with
                Convex = false
                Infimum = Nullable -1.0
                Supremum = Nullable 0.0
                // at label 0 where 4p^2 - p - 1 = 0, and at p = 0.37163
                Lipschitz = Nullable 1.6164249282925453
                Smoothness = Nullable 3.9505283736922875
                Mixability = Nullable Numbers.root2
            }

[<Struct; NoComparison; NoEquality>]
type BoostingScore =
    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Apply(BoostingPartial1(), p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T = 'T.Apply(BoostingPartial0(), p)

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let v = p * ('T.Const 1.0 - p)
            'T.Const 0.5 / (v * 'T.Sqrt v)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Apply2(Mixed<_, _, _>(BoostingPartial1(), BoostingPartial0(), BoostingSlope()), label, score)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Expectation.metadata "BoostingScore" with
                Convex = false
            }

[<Struct; NoComparison; NoEquality>]
type CostWeighted =
    val Cost: float

    new(cost: float) =
        {
            Cost = Require.inside "cost" (Domain.Open(0.0, 1.0)) cost |> Require.ok
        }

    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let c = 'T.Const this.Cost
            'T.Select(p - c, 'T.Const 0.0, 'T.Const 1.0 - c)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let c = 'T.Const this.Cost
            'T.Select(p - c, c, 'T.Const 0.0)

        member _.Weight<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 0.0

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let c = 'T.Const this.Cost
            let one = 'T.Const 1.0
            'T.Select(score - c, (one - label) * c, label * (one - c))

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            { Expectation.metadata "CostWeighted" with
                Convex = false
                Continuity = -1
                Supremum = Nullable(Numbers.larger this.Cost)
                Elicits = ""
            }

[<Struct; NoComparison; NoEquality>]
type BetaScore =
    val A: float
    val B: float

    new(a: float, b: float) =
        {
            A = Numbers.aboveMinusOne "a" a
            B = Numbers.aboveMinusOne "b" b
        }

    interface IProperLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Partial1<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            'T.Apply(BetaPartial1(this.A, this.B), p)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Partial0<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            'T.Apply(BetaPartial0(this.A, this.B), p)

        member this.Weight<'T when 'T :> IReal<'T> and 'T: struct>(p: 'T) : 'T =
            let q = 'T.Const 1.0 - p
            'T.Pow(p, this.A) * 'T.Pow(q, this.B) / (p * q)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T
                .Apply2(
                    Mixed<_, _, _>(
                        BetaPartial1(this.A, this.B),
                        BetaPartial0(this.A, this.B),
                        BetaSlope(this.A, this.B)
                    ),
                    label,
                    score
                )

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            { Expectation.metadata "BetaScore" with
                Convex = Numbers.betweenUnit this.A && Numbers.betweenUnit this.B
                Mixability = Numbers.mixability this.A this.B
            }

module private Classes =
    let metadata name =
        { LossMetadata.Default with
            Name = name
            Label = Domain.NonNegative
            Score = Domain.Unit
            Link = Link.Identity
            Infimum = Nullable 0.0
            Elicits = "mean"
            Source = "definition"
        }

    let squaredNorm<'T when 'T :> IReal<'T> and 'T: struct> (p: ReadOnlySpan<'T>) : 'T =
        let mutable sum = 'T.Const 0.0

        for k = 0 to Numbers.lastOf p.Length do
            sum <- sum + 'T.Sqr p[k]

        sum

[<Struct; NoComparison; NoEquality>]
type MulticlassLogScore =
    interface IMulticlassLoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            -('T.Log scores[label])

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Classes.metadata "MulticlassLogScore" with
                Score = Domain.Open(0.0, 1.0)
                Mixability = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type MulticlassBrierScore =
    interface IMulticlassLoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            let mutable sum = 'T.Const 0.0

            for k = 0 to Numbers.lastOf scores.Length do
                sum <- sum + 'T.Sqr(if k = label then scores[k] - 'T.Const 1.0 else scores[k])

            sum

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Classes.metadata "MulticlassBrierScore" with
                Smoothness = Nullable 2.0
                StrongConvexity = Nullable 2.0
                Mixability = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type MulticlassSphericalScore =
    interface IMulticlassLoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            -(scores[label] / 'T.Sqrt(Classes.squaredNorm scores))

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Classes.metadata "MulticlassSphericalScore" with
                Convex = false
                Infimum = Nullable -1.0
                Supremum = Nullable 0.0
            }

[<Struct; NoComparison; NoEquality>]
type ScoreDecomposition =
    {
        Average: float
        Calibration: float
        Refinement: float
        Uncertainty: float
        Resolution: float
        WithinBins: float
        Groups: int
    }

[<Struct; NoComparison; NoEquality>]
type GaussianGradient = { Mean: float; Deviation: float }

namespace Hindsight

open System
open Hindsight.FSharp
open MathNet.Numerics

/// Quadrature and one-dimensional search in double precision.
module private Numeric =
    let interior = Domain.Open(0.0, 1.0)

    let probability argument p =
        Require.inside argument interior p |> Require.ok

    let unit argument x =
        Require.inside argument Domain.Unit x |> Require.ok

    /// The integral of f(c, 1-c) over c from 0 to p by the double-exponential rule c = p s(pi sinh u): both arguments keep their digits.
    let integral (p: float) (rest: float) (f: float -> float -> float) =
        let step = 1.0 / 32.0
        let mutable sum = 0.0

        for i = -144 to 144 do
            let u = step * float i
            let struct (t, r) = Scalar.sigmoids (Math.PI * sinh u)
            let c = p * t
            let mass = t * r

            if c > 0.0 && mass > 0.0 then
                let value = f c (rest + p * r)

                if not (value >= 0.0) then
                    raise (
                        HindsightException(
                            HindsightError.OutOfRange("weight", $"{value} near {c}", "nonnegative on (0,1)")
                        )
                    )

                sum <- sum + value * Math.PI * cosh u * mass

        step * p * sum

    /// The least value of f on [low, high]: a grid, then golden sections around its best point.
    let least (f: float -> float) (low: float) (high: float) (cells: int) =
        let at i =
            low + (high - low) * float i / float cells

        let mutable best = 0
        let mutable value = f (at 0)

        for i = 1 to cells do
            let v = f (at i)

            if v < value then
                best <- i
                value <- v

        let ratio = 0.5 * (sqrt 5.0 - 1.0)
        let mutable a = at (max 0 (best - 1))
        let mutable b = at (min cells (best + 1))
        let mutable x = b - ratio * (b - a)
        let mutable y = a + ratio * (b - a)
        let mutable fx = f x
        let mutable fy = f y

        for _ in 1..60 do
            if fx <= fy then
                b <- y
                y <- x
                fy <- fx
                x <- b - ratio * (b - a)
                fx <- f x
            else
                a <- x
                x <- y
                fx <- fy
                y <- a + ratio * (b - a)
                fy <- f y

        min value (min fx fy)

    /// The root of an increasing function of the log-odds.
    let root (f: float -> float) =
        let mutable low = -40.0
        let mutable high = 40.0

        for _ in 1..100 do
            let middle = 0.5 * (low + high)

            if f middle >= 0.0 then high <- middle else low <- middle

        0.5 * (low + high)

[<Sealed>]
type ProbabilityLink
    private
    (name: string, forward: float -> float, inverse: float -> float, slope: float -> float, curvature: float -> float) =

    static member Of(name, forward, inverse, slope, curvature) =
        ProbabilityLink(name, forward, inverse, slope, curvature)

    member _.Name = name
    member _.Forward(p: float) = forward (Numeric.probability "p" p)

    member _.Inverse(score: float) : float =
        inverse (Require.finite "score" score |> Require.ok)

    member _.Slope(p: float) = slope (Numeric.probability "p" p)
    member _.Curvature(p: float) = curvature (Numeric.probability "p" p)

    static member Identity = ProbabilityLink("identity", id, id, (fun _ -> 1.0), (fun _ -> 0.0))

    static member Logit(scale: float) =
        let k = Require.positive "scale" scale |> Require.ok

        ProbabilityLink(
            (if k = 1.0 then "logit" else $"{k} logit"),
            (fun p -> k * Scalar.logit p),
            (fun v -> Scalar.sigmoid (v / k)),
            (fun p -> k / (p * (1.0 - p))),
            (fun p -> (2.0 * p - 1.0) / (p * (1.0 - p)))
        )

    static member ComplementaryLogLog =
        // psi' = 1/(q h) with q = 1-p, h = -ln q; psi''/psi' = 1/q - 1/(q h)
        ProbabilityLink(
            "complementary log-log",
            (fun p -> log -(Scalar.log1p -p)),
            (fun v -> -(Scalar.expm1 -(exp v))),
            (fun p -> -1.0 / ((1.0 - p) * Scalar.log1p -p)),
            (fun p -> (1.0 + 1.0 / Scalar.log1p -p) / (1.0 - p))
        )

/// What a proper loss is made of, at a probability and its complement.
[<NoComparison; NoEquality>]
type private ProperParts =
    {
        One: float -> float
        Zero: float -> float
        Weight: float -> float -> float
        /// w'/w
        LogSlope: float -> float
    }

module private Groups =
    /// (label sum, prediction sum, count) of each group, groups being runs of equal keys after sorting.
    let runs (keys: float[]) (labels: float[]) (predictions: float[]) =
        let order = Array.init keys.Length id
        Array.Sort(Array.copy keys, order)
        let groups = ResizeArray<struct (float * float * int)>()
        let mutable start = 0

        while start < order.Length do
            let mutable stop = start
            let mutable y = 0.0
            let mutable p = 0.0

            while stop < order.Length && keys[order[stop]] = keys[order[start]] do
                y <- y + labels[order[stop]]
                p <- p + predictions[order[stop]]
                stop <- stop + 1

            groups.Add(struct (y, p, stop - start))
            start <- stop

        groups

[<Sealed>]
type ProperLoss private (parts: ProperParts) =
    static member private FromParts(weight: float -> float -> float) =
        let logWeight (logit: float) =
            let struct (p, q) = Scalar.sigmoids logit
            log (weight p q)

        ProperLoss
            {
                One = fun p -> Numeric.integral (1.0 - p) p (fun other c -> other * weight c other)
                Zero = fun p -> Numeric.integral p (1.0 - p) (fun c other -> c * weight c other)
                Weight = weight
                LogSlope =
                    fun p ->
                        // in the log-odds, where p and 1 - p keep their digits at both ends
                        let q = 1.0 - p
                        let logit = log (p / q)
                        let h = 1e-5
                        (logWeight (logit + h) - logWeight (logit - h)) / (2.0 * h * p * q)
            }

    static member FromWeight(weight: Func<float, float>) =
        ProperLoss.FromParts(fun p _ -> weight.Invoke p)

    static member FromWeight(weight: Func<float, float, float>) =
        ProperLoss.FromParts(fun p q -> weight.Invoke(p, q))

    static member Of(loss: IProperLoss) =
        ProperLoss
            {
                One = fun p -> loss.Partial1(R64 p).V
                Zero = fun p -> loss.Partial0(R64 p).V
                Weight = fun p _ -> loss.Weight(R64 p).V
                LogSlope =
                    fun p ->
                        let w = loss.Weight(Dual(R64 p, R64 1.0))
                        w.D.V / w.P.V
            }

    member _.Partial1(p: float) = parts.One(Numeric.probability "p" p)
    member _.Partial0(p: float) = parts.Zero(Numeric.probability "p" p)

    member _.Weight(p: float) =
        let p = Numeric.probability "p" p
        parts.Weight p (1.0 - p)

    member internal _.LogSlope(p: float) = parts.LogSlope p

    member _.Value(label: float, p: float) =
        let y = Numeric.unit "label" label
        let p = Numeric.probability "p" p
        // a partial loss without weight may be infinite in the limit
        (if y = 0.0 then 0.0 else y * parts.One p) + (if y = 1.0 then 0.0 else (1.0 - y) * parts.Zero p)

    member this.BayesRisk(eta: float) =
        let eta = Numeric.unit "eta" eta
        // at an end: the partial loss that remains, at its end
        if eta = 0.0 then parts.Zero 0.0
        elif eta = 1.0 then parts.One 1.0
        else this.Value(eta, eta)

    member this.Regret(eta: float, p: float) = this.Value(eta, p) - this.BayesRisk eta

    member _.CanonicalLink =
        let forward p = parts.Zero p - parts.One p

        ProbabilityLink.Of(
            "canonical",
            forward,
            (fun v ->
                Scalar.sigmoid (
                    Numeric.root (fun z -> forward (Math.Min(Scalar.sigmoid z, Math.BitDecrement 1.0)) - v)
                )),
            (fun p -> parts.Weight p (1.0 - p)),
            parts.LogSlope
        )

    member this.WithLink(link: ProbabilityLink) = CompositeLoss(this, link)

    member _.MixabilityConstant() =
        let at z =
            // p and 1 - p as the weight sees them
            let p = Scalar.sigmoid z
            let q = 1.0 - p
            1.0 / (p * q * parts.Weight p q)

        let least = Numeric.least at -30.0 30.0 600

        let vanishes last before =
            last <= least && last < before * (1.0 - 1e-3)

        if vanishes (at -30.0) (at -29.0) || vanishes (at 30.0) (at 29.0) then
            0.0
        else
            least

    member private this.Summary(labels: float[], predictions: float[], keys: float[]) =
        let n = float labels.Length
        let average = Array.fold2 (fun sum y p -> sum + this.Value(y, p)) 0.0 labels predictions / n
        let mutable grouped = 0.0
        let mutable refinement = 0.0
        let mutable calibration = 0.0
        let groups = Groups.runs keys labels predictions

        for struct (y, p, count) in groups do
            let share = float count / n
            let eta = y / float count
            let mean = p / float count
            let loss = this.Value(eta, mean)
            let risk = this.BayesRisk eta
            grouped <- grouped + share * loss
            refinement <- refinement + share * risk
            calibration <- calibration + share * (loss - risk)

        let uncertainty = this.BayesRisk(Array.average labels)

        {
            Average = average
            Calibration = calibration
            Refinement = refinement
            Uncertainty = uncertainty
            Resolution = uncertainty - refinement
            WithinBins = average - grouped
            Groups = groups.Count
        }

    member private _.Checked(labels: ReadOnlySpan<float>, predictions: ReadOnlySpan<float>) =
        let count = Require.atLeast "predictions" 1 predictions.Length |> Require.ok
        Require.length "labels" count labels.Length |> Require.ok

        let labels = labels.ToArray()
        let predictions = predictions.ToArray()

        labels |> Array.iteri (fun i y -> Numeric.unit $"labels[{i}]" y |> ignore<float>)

        predictions |> Array.iteri (fun i p -> Numeric.probability $"predictions[{i}]" p |> ignore<float>)

        struct (labels, predictions)

    member this.Decompose(labels: ReadOnlySpan<float>, predictions: ReadOnlySpan<float>) =
        let struct (labels, predictions) = this.Checked(labels, predictions)
        this.Summary(labels, predictions, predictions)

    member this.Decompose(labels: ReadOnlySpan<float>, predictions: ReadOnlySpan<float>, bins: int) =
        let bins = float (Require.atLeast "bins" 1 bins |> Require.ok)
        let struct (labels, predictions) = this.Checked(labels, predictions)
        this.Summary(labels, predictions, predictions |> Array.map (fun p -> Math.Min(floor (p * bins), bins - 1.0)))

and [<Sealed>] CompositeLoss internal (loss: ProperLoss, link: ProbabilityLink) =
    member _.Loss = loss
    member _.Link = link
    member _.Value(label: float, score: float) = loss.Value(label, link.Inverse score)

    member _.Derivative(label: float, score: float) =
        let y = Numeric.unit "label" label
        let p = link.Inverse score
        (p - y) * loss.Weight p / link.Slope p

    member _.SecondDerivative(label: float, score: float) =
        let y = Numeric.unit "label" label
        let p = link.Inverse score
        let slope = link.Slope p

        loss.Weight p / (slope * slope) * (1.0 + (p - y) * (loss.LogSlope p - link.Curvature p))

    member _.IsConvexComposite() =
        Seq.forall
            (fun i ->
                let struct (p, q) = Scalar.sigmoids (float i / 40.0)
                let slope = loss.LogSlope p - link.Curvature p
                let tolerance = 1e-6
                // both sides times p q
                slope * p * q >= -q - tolerance && slope * p * q <= p + tolerance)
            [ -600 .. 600 ]

[<AbstractClass; Sealed>]
type Crps =
    static member private Parameters(label: float, mean: float, deviation: float) =
        let y = Require.finite "label" label |> Require.ok
        let m = Require.finite "mean" mean |> Require.ok
        let s = Require.positive "deviation" deviation |> Require.ok
        struct ((y - m) / s, s)

    static member private Density(z: float) =
        exp (-0.5 * z * z) / sqrt (2.0 * Math.PI)

    static member Gaussian(label: float, mean: float, deviation: float) =
        let struct (z, s) = Crps.Parameters(label, mean, deviation)

        s * (z * SpecialFunctions.Erf(z / sqrt 2.0) + 2.0 * Crps.Density z - 1.0 / sqrt Math.PI)

    static member GaussianGradient(label: float, mean: float, deviation: float) : GaussianGradient =
        let struct (z, _) = Crps.Parameters(label, mean, deviation)

        {
            Mean = -(SpecialFunctions.Erf(z / sqrt 2.0))
            Deviation = 2.0 * Crps.Density z - 1.0 / sqrt Math.PI
        }

    static member private Spread(label: float, sample: ReadOnlySpan<float>, least: int) =
        let y = Require.finite "label" label |> Require.ok
        let n = Require.atLeast "sample" least sample.Length |> Require.ok
        Require.allFinite "sample" sample |> Require.ok
        let sorted = sample.ToArray()
        Array.Sort sorted
        let mutable error = 0.0
        let mutable pairs = 0.0

        // sum over i < j of x_j - x_i, by the gaps between neighbours
        for i = 0 to n - 1 do
            error <- error + abs (sorted[i] - y)

            if i > 0 then
                pairs <- pairs + float i * float (n - i) * (sorted[i] - sorted[i - 1])

        struct (error / float n, pairs, float n)

    static member Ensemble(label: float, sample: ReadOnlySpan<float>) =
        let struct (error, pairs, n) = Crps.Spread(label, sample, 1)
        error - pairs / (n * n)

    static member FairEnsemble(label: float, sample: ReadOnlySpan<float>) =
        let struct (error, pairs, n) = Crps.Spread(label, sample, 2)
        error - pairs / (n * (n - 1.0))

    static member OfDistribution(label: float, cdf: Func<float, float>, low: float, high: float) =
        let low = Require.finite "low" low |> Require.ok
        let y = Require.inside "label" (Domain.Open(low, infinity)) label |> Require.ok
        let high = Require.inside "high" (Domain.Open(y, infinity)) high |> Require.ok

        let panels (from: float) (upTo: float) (brier: float -> float) =
            let width = (upTo - from) / 64.0

            Seq.sum (
                seq {
                    for i in 0..63 ->
                        Integration.GaussLegendreRule.Integrate(
                            (fun x -> brier (cdf.Invoke x)),
                            from + width * float i,
                            from + width * float (i + 1),
                            16
                        )
                }
            )

        panels low y (fun f -> f * f) + panels y high (fun f -> (1.0 - f) * (1.0 - f))

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module ProperLosses =
    let entries =
        let exponent name at =
            LossEntry.parameter
                name
                $"exponent of the weight at {at}, plus 1"
                0.5
                (Domain.Open(-1.0, infinity))
                (Domain.Closed(-0.9, 3.0))

        let cost =
            LossEntry.parameter
                "cost"
                "what a false alarm costs; a miss costs 1 less it"
                0.5
                (Domain.Open(0.0, 1.0))
                (Domain.Closed(0.05, 0.95))

        [|
            LossEntry.scalar "log-score" "proper" [||] (fun _ -> LogScore())
            LossEntry.scalar "quadratic-score" "proper" [||] (fun _ -> QuadraticScore())
            LossEntry.scalar "brier-score" "proper" [||] (fun _ -> BrierScore())
            LossEntry.scalar "spherical-score" "proper" [||] (fun _ -> SphericalScore())
            LossEntry.scalar "boosting-score" "proper" [||] (fun _ -> BoostingScore())
            LossEntry.scalar "cost-weighted" "proper" [| cost |] (fun p -> CostWeighted p[0])
            LossEntry.scalar "beta-score" "proper" [| exponent "a" "0"; exponent "b" "1" |] (fun p ->
                BetaScore(p[0], p[1]))
        |]
