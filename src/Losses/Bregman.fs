namespace Hindsight

open System
open System.Runtime.CompilerServices

type IGenerator =
    inherit IScalarFunction
    abstract Curvature<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> 'T
    abstract InverseSlope<'T when 'T :> IReal<'T> and 'T: struct> : slope: 'T -> 'T
    abstract Conjugate<'T when 'T :> IReal<'T> and 'T: struct> : slope: 'T -> 'T
    abstract Divergence<'T when 'T :> IReal<'T> and 'T: struct> : a: 'T * b: 'T -> 'T
    abstract Domain: Domain
    abstract Interior: Domain
    abstract SlopeDomain: Domain

/// Numbers of this file that are floats.
module private Table =
    let order (power: float) = 2.0 - power
    let slopeOrder (power: float) = 1.0 - power
    let negated (power: float) = -power
    let previous (order: float) = order - 1.0
    let inverse (order: float) = 1.0 / order

open Hindsight.FSharp.Ops

module private BregmanFacts =
    let metadata name label score =
        { LossMetadata.Default with
            Name = name
            Label = label
            Score = score
            Link = Link.Identity
            Infimum = Nullable 0.0
            Elicits = "mean"
            Source = "definition; constants derived here"
        }

[<Struct; NoComparison; NoEquality>]
type HalfSquaredDistance =
    interface IGenerator with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 0.5 * 'T.Sqr x
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = x
        member _.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 1.0
        member _.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = slope
        member _.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Const 0.5 * 'T.Sqr slope

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = 'T.Const 0.5 * 'T.Sqr(b - a)

        member _.Domain = Domain.Reals
        member _.Interior = Domain.Reals
        member _.SlopeDomain = Domain.Reals

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Const 0.5 * 'T.Sqr(score - label)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { BregmanFacts.metadata "HalfSquaredDistance" Domain.Reals Domain.Reals with
                Smoothness = Nullable 1.0
                StrongConvexity = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type GeneralizedKullbackLeibler =
    interface IGenerator with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.XLogX x
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 1.0 + 'T.Log x
        member _.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 1.0 / x

        member _.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Exp(slope - 'T.Const 1.0)

        member _.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Exp(slope - 'T.Const 1.0)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = Gap.kullbackLeibler a b

        member _.Domain = Domain.NonNegative
        member _.Interior = Domain.Positive
        member _.SlopeDomain = Domain.Reals

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            Gap.kullbackLeibler label score

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { BregmanFacts.metadata "GeneralizedKullbackLeibler" Domain.NonNegative Domain.Positive with
                StrongConvexity = Nullable 0.0
            }

[<Struct; NoComparison; NoEquality>]
type ItakuraSaito =
    interface IGenerator with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = -('T.Log x)
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const -1.0 / x
        member _.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 1.0 / 'T.Sqr x
        member _.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Const -1.0 / slope

        member _.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Const -1.0 - 'T.Log(-slope)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = Gap.itakuraSaito a b

        member _.Domain = Domain.Positive
        member _.Interior = Domain.Positive
        member _.SlopeDomain = Domain.Open(Double.NegativeInfinity, 0.0)

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = Gap.itakuraSaito label score

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { BregmanFacts.metadata "ItakuraSaito" Domain.Positive Domain.Positive with
                Convex = false
            }

[<Struct; NoComparison; NoEquality>]
type BinaryKullbackLeibler =
    interface IGenerator with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.XLogX x + 'T.XLogX('T.Const 1.0 - x)

        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Log x - 'T.Log1p(-x)

        member _.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 1.0 / (x * ('T.Const 1.0 - x))

        member _.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Sigmoid slope
        member _.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = 'T.Softplus slope

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T = Gap.binary a b

        member _.Domain = Domain.Unit
        member _.Interior = Domain.Open(0.0, 1.0)
        member _.SlopeDomain = Domain.Reals

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = Gap.binary label score

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { BregmanFacts.metadata "BinaryKullbackLeibler" Domain.Unit (Domain.Open(0.0, 1.0)) with
                StrongConvexity = Nullable 1.0
                ExpConcavity = Nullable 1.0
                Mixability = Nullable 1.0
            }

[<Struct; NoComparison; NoEquality>]
type PowerDivergence =
    val Power: float

    new(power: float) =
        {
            Power = Require.finite "power" power |> Require.ok
        }

    interface IGenerator with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            Gap.power (Table.order this.Power) (Table.slopeOrder this.Power) this.Power x ('T.Const 1.0)

        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            'T.Apply(DeformedLog(Table.slopeOrder this.Power), x)

        member this.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Pow(x, Table.negated this.Power)

        member this.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T =
            let k = Table.slopeOrder this.Power

            if k = 0.0 then
                'T.Exp slope
            else
                'T.Exp('T.Log1p('T.Const k * slope) / 'T.Const k)

        member this.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T =
            let generator = this :> IGenerator
            let x = generator.InverseSlope slope
            slope * x - generator.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            Gap.power (Table.order this.Power) (Table.slopeOrder this.Power) this.Power a b

        member this.Domain =
            if this.Power < 2.0 then
                Domain.NonNegative
            else
                Domain.Positive

        member _.Interior = Domain.Positive

        member this.SlopeDomain =
            let k = Table.slopeOrder this.Power

            if k > 0.0 then
                Domain.Open(Table.negated (Table.inverse k), Double.PositiveInfinity)
            elif k < 0.0 then
                Domain.Open(Double.NegativeInfinity, Table.negated (Table.inverse k))
            else
                Domain.Reals

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            Gap.power (Table.order this.Power) (Table.slopeOrder this.Power) this.Power label score

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            let p = this.Power

            { BregmanFacts.metadata "PowerDivergence" (this :> IGenerator).Domain Domain.Positive with
                Convex = p >= 0.0 && p <= 1.0
                Smoothness = if p = 0.0 then Nullable 1.0 else Nullable()
                StrongConvexity =
                    if p = 0.0 then Nullable 1.0
                    elif p > 0.0 && p <= 1.0 then Nullable 0.0
                    else Nullable()
            }

[<Struct; NoComparison; NoEquality>]
type TsallisDivergence =
    val Order: float

    new(order: float) =
        {
            Order = Require.finite "order" order |> Require.ok
        }

    /// The same divergence by its power.
    member private this.AsPower = PowerDivergence(Table.order this.Order)

    interface IGenerator with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            Gap.power this.Order (Table.previous this.Order) (Table.order this.Order) x ('T.Const 1.0)

        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            'T.Apply(DeformedLog(Table.previous this.Order), x)

        member this.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            (this.AsPower :> IGenerator).Curvature x

        member this.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T =
            (this.AsPower :> IGenerator).InverseSlope slope

        member this.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T =
            (this.AsPower :> IGenerator).Conjugate slope

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            Gap.power this.Order (Table.previous this.Order) (Table.order this.Order) a b

        member this.Domain = (this.AsPower :> IGenerator).Domain
        member _.Interior = Domain.Positive
        member this.SlopeDomain = (this.AsPower :> IGenerator).SlopeDomain

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            Gap.power this.Order (Table.previous this.Order) (Table.order this.Order) label score

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            { (this.AsPower :> ILoss).Metadata with
                Name = "TsallisDivergence"
            }

[<Struct; NoComparison; NoEquality>]
type ConjugateGenerator<'G when 'G :> IGenerator and 'G: struct> =
    val Generator: 'G
    new(generator) = { Generator = generator }

    interface IGenerator with
        member this.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = this.Generator.Conjugate x
        member this.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = this.Generator.InverseSlope x

        member this.Curvature<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            'T.Const 1.0 / this.Generator.Curvature(this.Generator.InverseSlope x)

        member this.InverseSlope<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = this.Generator.Slope slope
        member this.Conjugate<'T when 'T :> IReal<'T> and 'T: struct>(slope: 'T) : 'T = this.Generator.Value slope

        member this.Divergence<'T when 'T :> IReal<'T> and 'T: struct>(a: 'T, b: 'T) : 'T =
            this.Generator.Divergence(this.Generator.InverseSlope b, this.Generator.InverseSlope a)

        member this.Domain = this.Generator.SlopeDomain
        member this.Interior = this.Generator.SlopeDomain
        member this.SlopeDomain = this.Generator.Interior

namespace Hindsight

open System
open Hindsight.FSharp

module private Check =
    let length argument expected actual =
        Require.length argument expected actual |> Require.ok

    let inside argument (domain: Domain) (x: ReadOnlySpan<float>) =
        for i = 0 to x.Length - 1 do
            Require.inside $"{argument}[{i}]" domain x[i] |> Require.ok |> ignore<float>

    /// u - ln(1+u)
    let lessLog (u: float) =
        (LessLog() :> IScalarFunction).Value(R64 u).V

    /// Rows of a sample.
    let rows dimension length =
        let dimension = Require.atLeast "dimension" 1 dimension |> Require.ok

        if length = 0 || length % dimension <> 0 then
            raise (
                HindsightException(
                    HindsightError.OutOfRange("sample", $"{length} numbers", $"one or more rows of {dimension}")
                )
            )

        length / dimension

module private Cholesky =
    /// The inverse of a symmetric positive definite matrix.
    let inverse (matrix: float[,]) =
        let n = Array2D.length1 matrix
        let l = Array2D.zeroCreate n n

        for i = 0 to n - 1 do
            for j = 0 to i do
                let mutable sum = matrix[i, j]

                for k = 0 to j - 1 do
                    sum <- sum - l[i, k] * l[j, k]

                if i = j then
                    if not (sum > 0.0) then
                        raise (
                            HindsightException(
                                HindsightError.OutOfRange("matrix", $"pivot {i} is {sum}", "positive definite")
                            )
                        )

                    l[i, i] <- sqrt sum
                else
                    l[i, j] <- sum / l[j, j]

        let result = Array2D.zeroCreate n n

        for column = 0 to n - 1 do
            let x = Array.init n (fun i -> if i = column then 1.0 else 0.0)

            for i = 0 to n - 1 do
                for k = 0 to i - 1 do
                    x[i] <- x[i] - l[i, k] * x[k]

                x[i] <- x[i] / l[i, i]

            for i = n - 1 downto 0 do
                for k = i + 1 to n - 1 do
                    x[i] <- x[i] - l[k, i] * x[k]

                x[i] <- x[i] / l[i, i]

            for i = 0 to n - 1 do
                result[i, column] <- x[i]

        result

[<AbstractClass>]
type Bregman() =
    abstract Value: x: ReadOnlySpan<float> -> float
    abstract Slope: x: ReadOnlySpan<float> * result: Span<float> -> unit
    abstract Divergence: a: ReadOnlySpan<float> * b: ReadOnlySpan<float> -> float
    abstract GradientFirst: a: ReadOnlySpan<float> * b: ReadOnlySpan<float> * result: Span<float> -> unit
    abstract GradientSecond: a: ReadOnlySpan<float> * b: ReadOnlySpan<float> * result: Span<float> -> unit
    abstract Dual: unit -> Bregman

    /// grad F(a) - grad F(b)
    override this.GradientFirst(a, b, result) =
        Check.length "b" a.Length b.Length
        Check.length "result" a.Length result.Length
        let atB: float[] = Array.zeroCreate b.Length
        this.Slope(a, result)
        this.Slope(b, Span<float> atB)

        for i = 0 to atB.Length - 1 do
            result[i] <- result[i] - atB[i]

    member _.Mean(sample: ReadOnlySpan<float>, dimension: int, result: Span<float>) =
        let rows = Check.rows dimension sample.Length
        Check.length "result" dimension result.Length

        for j = 0 to dimension - 1 do
            let mutable sum = 0.0

            for i = 0 to rows - 1 do
                sum <- sum + sample[i * dimension + j]

            result[j] <- sum / float rows

    member this.Information(sample: ReadOnlySpan<float>, dimension: int) =
        let rows = Check.rows dimension sample.Length
        let mean: float[] = Array.zeroCreate dimension
        this.Mean(sample, dimension, Span<float> mean)
        let mutable sum = 0.0

        for i = 0 to rows - 1 do
            sum <- sum + this.Divergence(sample.Slice(i * dimension, dimension), ReadOnlySpan<float> mean)

        sum / float rows

    member this.Plus(other: Bregman, weight: float) : Bregman =
        SumOfGenerators(this, other, Require.nonNegative "weight" weight |> Require.ok)

    static member Separable<'G when 'G :> IGenerator and 'G: struct>(generator: 'G) : Bregman =
        SeparableDivergence<'G>(generator, fun () -> Bregman.Separable(ConjugateGenerator<'G> generator))

    static member SquaredEuclidean: Bregman = Bregman.Separable(HalfSquaredDistance())
    static member KullbackLeibler: Bregman = Bregman.Separable(GeneralizedKullbackLeibler())
    static member ItakuraSaito: Bregman = Bregman.Separable(ItakuraSaito())
    static member BinaryKullbackLeibler: Bregman = Bregman.Separable(BinaryKullbackLeibler())

    static member Tsallis(order: float) : Bregman =
        Bregman.Separable(TsallisDivergence order)

    static member Power(power: float) : Bregman =
        Bregman.Separable(PowerDivergence power)

    static member LogSumExp: Bregman = LogSumExpDivergence()

    static member Mahalanobis(matrix: float[,]) : Bregman =
        let n = Array2D.length1 matrix
        Check.length "matrix" n (Array2D.length2 matrix)
        Require.atLeast "matrix" 1 n |> Require.ok |> ignore<int>
        let mutable top = 0.0

        for i = 0 to n - 1 do
            for j = 0 to n - 1 do
                top <- max top (abs (Require.finite $"matrix[{i},{j}]" matrix[i, j] |> Require.ok))

        for i = 0 to n - 1 do
            for j = 0 to i - 1 do
                if abs (matrix[i, j] - matrix[j, i]) > 1e-12 * top then
                    raise (
                        HindsightException(
                            HindsightError.OutOfRange(
                                $"matrix[{i},{j}]",
                                string matrix[i, j],
                                $"the number across the diagonal, {matrix[j, i]}"
                            )
                        )
                    )

        QuadraticDivergence(matrix, Cholesky.inverse matrix)

and [<Sealed>] private SeparableDivergence<'G when 'G :> IGenerator and 'G: struct>
    (generator: 'G, dual: unit -> Bregman) =
    inherit Bregman()

    override _.Value x =
        Check.inside "x" generator.Domain x
        let mutable sum = 0.0

        for i = 0 to x.Length - 1 do
            sum <- sum + generator.Value(R64 x[i]).V

        sum

    override _.Slope(x, result) =
        Check.inside "x" generator.Interior x
        Check.length "result" x.Length result.Length

        for i = 0 to x.Length - 1 do
            result[i] <- generator.Slope(R64 x[i]).V

    override _.Divergence(a, b) =
        Check.length "b" a.Length b.Length
        Check.inside "a" generator.Domain a
        Check.inside "b" generator.Interior b
        let mutable sum = 0.0

        for i = 0 to a.Length - 1 do
            sum <- sum + generator.Divergence(R64 a[i], R64 b[i]).V

        sum

    override _.GradientSecond(a, b, result) =
        Check.length "b" a.Length b.Length
        Check.length "result" a.Length result.Length
        Check.inside "a" generator.Domain a
        Check.inside "b" generator.Interior b

        for i = 0 to a.Length - 1 do
            result[i] <- generator.Curvature(R64 b[i]).V * (b[i] - a[i])

    override _.Dual() = dual ()

and [<Sealed>] private LogSumExpDivergence() =
    inherit Bregman()

    static member Softmax(x: ReadOnlySpan<float>, result: Span<float>) =
        let mutable top = Double.NegativeInfinity

        for i = 0 to x.Length - 1 do
            top <- max top x[i]

        let mutable sum = 0.0

        for i = 0 to x.Length - 1 do
            result[i] <- exp (x[i] - top)
            sum <- sum + result[i]

        for i = 0 to x.Length - 1 do
            result[i] <- result[i] / sum

        top + log sum

    override _.Value x =
        Check.inside "x" Domain.Reals x
        let p: float[] = Array.zeroCreate x.Length
        LogSumExpDivergence.Softmax(x, Span<float> p)

    override _.Slope(x, result) =
        Check.inside "x" Domain.Reals x
        Check.length "result" x.Length result.Length
        LogSumExpDivergence.Softmax(x, result) |> ignore<float>

    override _.Divergence(a, b) =
        Check.length "b" a.Length b.Length
        Check.inside "a" Domain.Reals a
        Check.inside "b" Domain.Reals b
        let q: float[] = Array.zeroCreate a.Length
        let p: float[] = Array.zeroCreate a.Length
        let atA = LogSumExpDivergence.Softmax(a, Span<float> q)
        let atB = LogSumExpDivergence.Softmax(b, Span<float> p)
        // F(a) - F(b) = shift + ln sum p e^(a - b - shift), which is exact where a is close to b
        let mutable low = infinity
        let mutable high = -infinity

        for i = 0 to a.Length - 1 do
            low <- min low (a[i] - b[i])
            high <- max high (a[i] - b[i])

        let shift = 0.5 * (low + high)
        let mutable moved = atA - atB - shift

        if high - low < 1.0 then
            moved <- 0.0

            for i = 0 to a.Length - 1 do
                moved <- moved + p[i] * Scalar.expm1 (a[i] - b[i] - shift)

            moved <- Scalar.log1p moved

        let mutable sum = 0.0

        for i = 0 to a.Length - 1 do
            let d = a[i] - b[i] - shift - moved

            // p (e^d - 1 - d): KL(p || q) as a sum of nonnegative terms
            sum <-
                sum
                + if abs d < 0.5 then
                      p[i] * Check.lessLog (Scalar.expm1 d)
                  else
                      q[i] - p[i] - p[i] * d

        sum

    override _.GradientSecond(a, b, result) =
        Check.length "b" a.Length b.Length
        Check.length "result" a.Length result.Length
        Check.inside "a" Domain.Reals a
        Check.inside "b" Domain.Reals b
        LogSumExpDivergence.Softmax(b, result) |> ignore<float>
        let mutable mean = 0.0

        for i = 0 to a.Length - 1 do
            mean <- mean + result[i] * (b[i] - a[i])

        for i = 0 to a.Length - 1 do
            result[i] <- result[i] * (b[i] - a[i] - mean)

    override _.Dual() =
        Bregman.Separable(GeneralizedKullbackLeibler())

and [<Sealed>] private QuadraticDivergence(matrix: float[,], inverse: float[,]) =
    inherit Bregman()
    let n = Array2D.length1 matrix

    let check argument (x: ReadOnlySpan<float>) =
        Check.length argument n x.Length
        Check.inside argument Domain.Reals x

    let row (x: ReadOnlySpan<float>) i =
        let mutable sum = 0.0

        for j = 0 to n - 1 do
            sum <- sum + matrix[i, j] * x[j]

        sum

    override _.Value x =
        check "x" x
        let mutable sum = 0.0

        for i = 0 to n - 1 do
            sum <- sum + x[i] * row x i

        0.5 * sum

    override _.Slope(x, result) =
        check "x" x
        Check.length "result" n result.Length

        for i = 0 to n - 1 do
            result[i] <- row x i

    override this.Divergence(a, b) =
        check "a" a
        check "b" b
        let d = Array.zeroCreate n

        for i = 0 to n - 1 do
            d[i] <- a[i] - b[i]

        this.Value(ReadOnlySpan<float> d)

    override this.GradientSecond(a, b, result) =
        check "a" a
        check "b" b
        let d = Array.zeroCreate n

        for i = 0 to n - 1 do
            d[i] <- b[i] - a[i]

        this.Slope(ReadOnlySpan<float> d, result)

    override _.Dual() = QuadraticDivergence(inverse, matrix)

and [<Sealed>] private SumOfGenerators(first: Bregman, second: Bregman, weight: float) =
    inherit Bregman()

    override _.Value x = first.Value x + weight * second.Value x

    override _.Slope(x, result) =
        let other: float[] = Array.zeroCreate x.Length
        first.Slope(x, result)
        second.Slope(x, Span<float> other)

        for i = 0 to other.Length - 1 do
            result[i] <- result[i] + weight * other[i]

    override _.Divergence(a, b) =
        first.Divergence(a, b) + weight * second.Divergence(a, b)

    override _.GradientSecond(a, b, result) =
        let other: float[] = Array.zeroCreate a.Length
        first.GradientSecond(a, b, result)
        second.GradientSecond(a, b, Span<float> other)

        for i = 0 to other.Length - 1 do
            result[i] <- result[i] + weight * other[i]

    override _.Dual() =
        raise (
            HindsightException(
                HindsightError.Incompatible
                    "a sum of generators has no conjugate in closed form: its conjugate is an infimal convolution"
            )
        )

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module BregmanLosses =
    let entries =
        let power =
            LossEntry.parameter
                "power"
                "p of F'' = x^-p: 0 half square, 1 Kullback-Leibler, 2 Itakura-Saito"
                1.5
                Domain.Reals
                (Domain.Closed(-1.0, 3.0))

        let order =
            LossEntry.parameter
                "order"
                "q of F = (x^q - 1)/(q(q-1)): 2 half square, 1 Kullback-Leibler, 0 Itakura-Saito"
                0.5
                Domain.Reals
                (Domain.Closed(-1.0, 3.0))

        [|
            LossEntry.scalar "bregman-square" "bregman" [||] (fun _ -> HalfSquaredDistance())
            LossEntry.scalar "bregman-kl" "bregman" [||] (fun _ -> GeneralizedKullbackLeibler())
            LossEntry.scalar "itakura-saito" "bregman" [||] (fun _ -> ItakuraSaito())
            LossEntry.scalar "bregman-binary-kl" "bregman" [||] (fun _ -> BinaryKullbackLeibler())
            LossEntry.scalar "bregman-power" "bregman" [| power |] (fun p -> PowerDivergence p[0])
            LossEntry.scalar "bregman-tsallis" "bregman" [| order |] (fun p -> TsallisDivergence p[0])
        |]
