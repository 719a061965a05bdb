namespace Hindsight.Tests.Losses

open System
open System.Numerics
open System.Runtime.CompilerServices
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A running error analysis: what a formula gives in double precision, and how far single precision may be from it when every operation is rounded.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type Rounded =
    val V: float
    /// The bound on the error, in units of 2^-24.
    val E: float
    /// Whether something on the way is beyond the range of singles.
    val Wide: bool

    new(v, e, wide) = { V = v; E = e; Wide = wide }

    static member Unit = Math.ScaleB(1.0, -24)

    /// A result with the error that its arguments bring and so many roundings of its own; a subnormal is rounded in absolute terms.
    static member Of(v: float, brought: float, roundings: float, wide: bool) =
        let own = roundings * (abs v + Math.ScaleB(1.0, -125))
        Rounded(v, brought + own, wide || not (abs v < 3e38) || Double.IsNaN brought)

    /// A function, monotone between x - error and x + error or flat there. Its own error is that of the lanes: 4 units in the last place.
    static member Through(f: float -> float, x: Rounded, roundings: float) =
        let v = f x.V
        let reach = Rounded.Unit * x.E

        let brought =
            if reach = 0.0 then
                0.0
            else
                max (abs (f (x.V + reach) - v)) (abs (f (x.V - reach) - v)) / Rounded.Unit

        Rounded.Of(v, brought, roundings, x.Wide)

    static member Elementary = 8.0

    static member Choose(close: bool, first: bool, a: Rounded, b: Rounded) =
        let chosen = if first then a else b

        if close then
            Rounded(chosen.V, max a.E b.E + abs (a.V - b.V) / Rounded.Unit, a.Wide || b.Wide || Double.IsNaN(a.V - b.V))
        else
            chosen

    /// Lanes take the mean of z with an error of their own, which acts as one of the inputs.
    static member private Divergence(y: Rounded, z: Rounded, value, byLabel, byScore) =
        let own = Rounded.Elementary

        Rounded.Of(
            value,
            abs byLabel * (y.E + own * y.V) + abs byScore * (z.E + own * (1.0 + abs z.V)),
            own,
            y.Wide || z.Wide
        )

    interface IAdditionOperators<Rounded, Rounded, Rounded> with
        static member (+)(a: Rounded, b: Rounded) =
            Rounded.Of(a.V + b.V, a.E + b.E, 1.0, a.Wide || b.Wide)

    interface ISubtractionOperators<Rounded, Rounded, Rounded> with
        static member (-)(a: Rounded, b: Rounded) =
            Rounded.Of(a.V - b.V, a.E + b.E, 1.0, a.Wide || b.Wide)

    interface IMultiplyOperators<Rounded, Rounded, Rounded> with
        static member (*)(a: Rounded, b: Rounded) =
            Rounded.Of(a.V * b.V, abs a.V * b.E + abs b.V * a.E + Rounded.Unit * a.E * b.E, 1.0, a.Wide || b.Wide)

    interface IDivisionOperators<Rounded, Rounded, Rounded> with
        static member (/)(a: Rounded, b: Rounded) =
            let q = a.V / b.V
            let least = abs b.V - Rounded.Unit * b.E

            let brought =
                if least > 0.0 then
                    (a.E + abs q * b.E) / least
                else
                    infinity

            Rounded.Of(q, brought, 1.0, a.Wide || b.Wide)

    interface IUnaryNegationOperators<Rounded, Rounded> with
        static member (~-)(a: Rounded) = Rounded(-a.V, a.E, a.Wide)

    interface IReal<Rounded> with
        static member Const x =
            Rounded(x, abs (x - float (float32 x)) / Rounded.Unit, false)

        static member Const2(high, _) =
            Rounded(high, abs (high - float (float32 high)) / Rounded.Unit, false)

        static member Exp x =
            Rounded.Through(Math.Exp, x, Rounded.Elementary)

        static member Log x =
            Rounded.Through(Math.Log, x, Rounded.Elementary)

        static member Log1p x =
            Rounded.Through(Scalar.log1p, x, Rounded.Elementary)

        static member Expm1 x =
            Rounded.Through(Scalar.expm1, x, Rounded.Elementary)

        static member Expm1Exp x =
            struct (Rounded.Through(Scalar.expm1, x, Rounded.Elementary),
                    Rounded.Through(Math.Exp, x, Rounded.Elementary))

        static member Sqrt x =
            Rounded.Through((fun v -> Math.Sqrt(max v 0.0)), x, 1.0)

        static member Sqr x =
            Rounded.Through((fun v -> v * v), x, 1.0)

        static member Pow(x, exponent) =
            Rounded.Through((fun v -> Math.Pow(max v 0.0, exponent)), x, Rounded.Elementary)

        static member Sigmoid x =
            Rounded.Through(Scalar.sigmoid, x, Rounded.Elementary)

        static member Sigmoids x =
            struct (Rounded.Through(Scalar.sigmoid, x, Rounded.Elementary),
                    Rounded.Through((fun v -> Scalar.sigmoid -v), x, Rounded.Elementary))

        static member Softplus x =
            Rounded.Through(Scalar.softplus, x, Rounded.Elementary)

        static member SoftplusSigmas x =
            struct (Rounded.Through(Scalar.softplus, x, Rounded.Elementary),
                    Rounded.Through(Scalar.sigmoid, x, Rounded.Elementary),
                    Rounded.Through((fun v -> Scalar.sigmoid -v), x, Rounded.Elementary))

        static member SoftplusPair x =
            struct (Rounded.Through(Scalar.softplus, x, Rounded.Elementary),
                    Rounded.Through((fun v -> Scalar.softplus -v), x, Rounded.Elementary),
                    Rounded.Through(Scalar.sigmoid, x, Rounded.Elementary),
                    Rounded.Through((fun v -> Scalar.sigmoid -v), x, Rounded.Elementary))

        static member XLogX x =
            Rounded.Through((fun v -> Scalar.xlogx (max v 0.0)), x, Rounded.Elementary)

        static member XLogXLog x =
            struct (Rounded.Through((fun v -> Scalar.xlogx (max v 0.0)), x, Rounded.Elementary),
                    Rounded.Through((fun v -> Math.Log(max v Double.Epsilon)), x, Rounded.Elementary))

        static member Tanh x =
            Rounded.Through(Scalar.tanh, x, Rounded.Elementary)

        static member Atan x =
            Rounded.Through(Math.Atan, x, Rounded.Elementary)

        static member Abs x = Rounded(abs x.V, x.E, x.Wide)

        static member Max(x, y) =
            if abs (x.V - y.V) <= Rounded.Unit * (x.E + y.E) then
                Rounded(max x.V y.V, max x.E y.E, x.Wide || y.Wide)
            elif x.V >= y.V then
                x
            else
                y

        static member Min(x, y) =
            if abs (x.V - y.V) <= Rounded.Unit * (x.E + y.E) then
                Rounded(min x.V y.V, max x.E y.E, x.Wide || y.Wide)
            elif x.V <= y.V then
                x
            else
                y

        static member Select(condition, a, b) =
            Rounded.Choose(abs condition.V <= Rounded.Unit * condition.E, condition.V >= 0.0, a, b)

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Rounded) : Rounded = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>
            (f: 'F, x: Rounded)
            : struct (Rounded * Rounded) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, byLabel, byScore) = Scalar.logitDivergence y.V z.V
            Rounded.Divergence(y, z, v, byLabel, byScore)

        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byLabel, byScore) = Scalar.logitDivergence y.V z.V
            let own = Rounded.Elementary
            let mean = Scalar.sigmoid z.V

            struct (Rounded.Divergence(y, z, v, byLabel, byScore),
                    Rounded.Of(
                        byLabel,
                        (y.E + own * y.V) / max (y.V * (1.0 - y.V)) 1e-30 + z.E + own * abs z.V,
                        own,
                        y.Wide || z.Wide
                    ),
                    Rounded.Of(byScore, mean * (1.0 - mean) * z.E + own * mean + y.E, own, y.Wide || z.Wide))

        static member IsZero x = x.V = 0.0 && x.E = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: Rounded, y: Rounded) : Rounded =
            f.Value(x, y)

/// A function of the algebra as a loss (of the score alone), so that the kernels evaluate it in lanes.
module Primitive =
    [<Struct; NoComparison; NoEquality>]
    type Of(which: int) =
        static member Names =
            [|
                "exp"
                "log"
                "log1p"
                "expm1"
                "exp of the pair"
                "sqrt"
                "sqr"
                "sigmoid"
                "other sigmoid"
                "softplus"
                "softplus of three"
                "sigmoid of three"
                "other sigmoid of three"
                "x log x"
                "tanh"
                "atan"
                "abs"
                "max with 1/2"
                "min with 1/2"
                "choice"
                "x^1.7"
                "x^2"
                "x^-1"
                "x^-2"
                "x^0.5"
                "negative"
                "reciprocal"
                "softplus of the pair"
                "other softplus of the pair"
            |]

        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, x: 'T) : 'T =
                match which with
                | 0 -> 'T.Exp x
                | 1 -> 'T.Log x
                | 2 -> 'T.Log1p x
                | 3 -> 'T.Expm1 x
                | 4 ->
                    let struct (_, e) = 'T.Expm1Exp x
                    e
                | 5 -> 'T.Sqrt x
                | 6 -> 'T.Sqr x
                | 7 -> 'T.Sigmoid x
                | 8 ->
                    let struct (_, t) = 'T.Sigmoids x
                    t
                | 9 -> 'T.Softplus x
                | 10 ->
                    let struct (v, _, _) = 'T.SoftplusSigmas x
                    v
                | 11 ->
                    let struct (_, s, _) = 'T.SoftplusSigmas x
                    s
                | 12 ->
                    let struct (_, _, t) = 'T.SoftplusSigmas x
                    t
                | 13 -> 'T.XLogX x
                | 14 -> 'T.Tanh x
                | 15 -> 'T.Atan x
                | 16 -> 'T.Abs x
                | 17 -> 'T.Max(x, 'T.Const 0.5)
                | 18 -> 'T.Min(x, 'T.Const 0.5)
                | 19 -> 'T.Select(x, 'T.Const 2.0, x)
                | 20 -> 'T.Pow(x, 1.7)
                | 21 -> 'T.Pow(x, 2.0)
                | 22 -> 'T.Pow(x, -1.0)
                | 23 -> 'T.Pow(x, -2.0)
                | 24 -> 'T.Pow(x, 0.5)
                | 25 -> 'T.op_UnaryNegation x
                | 26 -> 'T.op_Division ('T.Const 1.0, x)
                | 27 ->
                    let struct (v, _, _, _) = 'T.SoftplusPair x
                    v
                | _ ->
                    let struct (_, w, _, _) = 'T.SoftplusPair x
                    w

            member this.Accept visitor = visitor.Visit this
            member _.Metadata = LossMetadata.Default

/// Laws of the SIMD lanes and of the batch kernels.
[<RequireQualifiedAccess>]
module LaneLaw =
    let widths = [ 512; 256; 128 ]

    /// Same special values, and within a number of units in the last place of the scalar value. Subnormal results are compared in absolute terms.
    let agrees (ulps: float) (expected: float) (actual: float) =
        (Double.IsNaN expected && Double.IsNaN actual)
        || expected = actual
        || Ulp.between expected actual <= ulps

    let scalar (loss: ILoss) y z = loss.Eval(R64 y, R64 z).V
    let none = Array.empty<float>

    let kernelValues (kernel: LossKernel) (labels: float[]) (scores: float[]) =
        let values = Array.zeroCreate<float> scores.Length
        kernel.Values(labels, scores, values)
        values

    /// Every double pattern: uniform bits, so every exponent alike.
    let rawDoubles seed count =
        let rng = Random(seed: int)

        Array.init count (fun _ ->
            let bits = rng.NextInt64(Int64.MinValue, Int64.MaxValue)
            BitConverter.Int64BitsToDouble bits)
        |> Array.filter Double.IsFinite

    /// What elementary functions are tested on: a dense grid, ends of ranges, and every exponent.
    let arguments =
        Array.concat
            [|
                [| -40.0 .. 0.00973..40.0 |]
                [| -760.0 .. 0.317..760.0 |]
                [| for e in -320.0 .. 0.73..308.0 -> 10.0 ** e |]
                [| for e in -320.0 .. 0.73..308.0 -> -(10.0 ** e) |]
                [| for k in -2000 .. 2000 -> 1.0 + float k * 1e-9 |]
                [|
                    0.0
                    -0.0
                    1.0
                    -1.0
                    2.0
                    0.5
                    Double.Epsilon
                    2.2250738585072014e-308
                    Double.MaxValue
                    709.78
                    709.79
                    -745.13
                    -745.14
                    sqrt 2.0
                    sqrt 0.5
                    2.414213562373095
                    0.41421356237309503
                |]
                rawDoubles 3 20_000
            |]

[<Laws(Arbitrary = [| typeof<LossArbitraries> |])>]
type LaneLaws() =
    static member Cases =
        seq {
            for which in 0 .. Primitive.Of.Names.Length - 1 do
                for bits in LaneLaw.widths do
                    TestCaseData(which, bits)
                        .SetName($"{bits}-bit lanes are within 4 ulp of the scalar value: {Primitive.Of.Names[which]}")
        }

    [<TestCaseSource("Cases")>]
    member _.Primitives(which: int, bits: int) =
        let loss = Primitive.Of which :> ILoss
        let kernel = KernelWidth.at (loss) bits

        // where a single element is not a number the kernel would refuse the batch
        let scores = LaneLaw.arguments |> Array.filter (fun x -> not (Double.IsNaN(LaneLaw.scalar loss 0.0 x)))

        let values = LaneLaw.kernelValues kernel (Array.zeroCreate scores.Length) scores

        let worst =
            Array.map2
                (fun x v ->
                    let expected = LaneLaw.scalar loss 0.0 x

                    if LaneLaw.agrees 4.0 expected v then
                        ""
                    else
                        $"{x:R}: {v:R} for {expected:R}")
                scores
                values
            |> Array.filter ((<>) "")

        Assert.That(worst, Is.Empty)

    /// The exponential of processors that fuse nothing, which the kernels of this one may not use: against double-double, so that two units are its own.
    [<Test>]
    member _.``The exponential by table is within 2 ulp of the true value``() =
        if not System.Runtime.Intrinsics.X86.Sse2.IsSupported then
            Assert.Ignore "the table is read with instructions of x86"

        let exp x =
            let v = Portable.expByTable (System.Runtime.Intrinsics.Vector128.Create(x: float))
            Assert.That(v[1], Is.EqualTo(v[0]))
            v[0]

        let worst =
            LaneLaw.arguments
            |> Array.append [| infinity; -infinity |]
            |> Array.choose (fun x ->
                let truth = ((Primitive.Of 0 :> ILoss).Eval(DD 0.0, DD x)).Hi
                let v = exp x

                if LaneLaw.agrees 2.0 truth v then
                    None
                else
                    Some $"{x:R}: {v:R} for {truth:R}")

        Assert.That(worst, Is.Empty)
        Assert.That(exp nan, Is.NaN)
        // two places of the table at once
        let v = Portable.expByTable (System.Runtime.Intrinsics.Vector128.Create(-1.0, 2.5))
        Assert.That(v[0], Is.EqualTo(exp -1.0))
        Assert.That(v[1], Is.EqualTo(exp 2.5))

    [<Property(MaxTest = 300)>]
    member _.``An element's value, slope and curvature do not depend on its place or on the batch's length``
        (c: ScalarCase)
        =
        LaneLaw.widths
        |> List.forall (fun bits ->
            let kernel = KernelWidth.at (c.Loss) bits

            let derivatives n =
                Array.zeroCreate<float> n, Array.zeroCreate<float> n, Array.zeroCreate<float> n

            let results =
                [
                    for n in [ 1; 2; 3; 7; 8; 9; 16; 23 ] do
                        let v, d, h = derivatives n

                        kernel.Derivatives(
                            ReadOnlySpan(Array.create n c.Label),
                            ReadOnlySpan(Array.create n c.Score),
                            Span v,
                            Span d,
                            Span h
                        )

                        for k in 0 .. n - 1 do
                            struct (BitConverter.DoubleToInt64Bits v[k],
                                    BitConverter.DoubleToInt64Bits d[k],
                                    BitConverter.DoubleToInt64Bits h[k])
                ]

            (List.distinct results).Length = 1)

    [<Property(MaxTest = 300)>]
    member _.``Sum, mean and weights: the gradient is that of the returned number`` (c: ScalarCase) (UnitLabel w) =
        let n = 11
        let labels = Array.create n c.Label
        let scores = Array.create n c.Score
        let weights = Array.init n (fun k -> 0.5 + w + float k)
        let total = Array.sum weights

        // the sum may not overflow
        if Double.IsFinite(total * Loss.value c.Loss c.Label c.Score) then
            let kernel = LossKernel.For c.Loss
            let one = Array.zeroCreate<float> n
            let other = Array.zeroCreate<float> n
            let sum = kernel.Gradient(labels, scores, weights, Reduction.Sum, one)
            let mean = kernel.Gradient(labels, scores, weights, Reduction.Mean, other)
            // a sum of 11 terms of one sign, a product and a division: a few roundings each; what the mean loses below the normal numbers comes back times the weights
            let near a b =
                abs (a - b) <= 32.0 * Ulp.eps * (abs a + abs b) + 64.0 * total * Double.Epsilon

            let slope = Loss.derivative c.Loss c.Label c.Score

            // how far the slope moves when the inputs move by their own rounding
            let inLabel =
                c.Loss
                    .Eval(
                        Dual(Dual(R64 c.Label, R64 0.0), Dual(R64 1.0, R64 0.0)),
                        Dual(Dual(R64 c.Score, R64 1.0), Dual(R64 0.0, R64 0.0))
                    )
                    .D.D.V

            let struct (_, _, curvature) = Loss.jet c.Loss c.Label c.Score

            let reach = abs slope + abs (c.Label * inLabel) + abs (c.Score * curvature)

            near (mean * total) sum
            && Array.forall2 (fun w d -> near d (w * other[0] / weights[0] * total)) weights one
            && (not (Double.IsFinite reach && Double.IsNormal slope)
                || Array.forall2 (fun w d -> abs (d - w * slope) <= 32.0 * Ulp.eps * w * reach) weights one)
        else
            true

    /// How far value and slope move when label and score move by their own rounding; the value's own size counts once.
    static member private Reach(loss: ILoss, label, score) =
        let inputs d e =
            loss.Eval(
                Dual(Dual(R64 label, R64 d), Dual(R64 0.0, R64 0.0)),
                Dual(Dual(R64 score, R64 e), Dual(R64 1.0, R64 0.0))
            )

        let byLabel, byScore = inputs 1.0 0.0, inputs 0.0 1.0

        struct (abs byScore.P.P.V + abs (label * byLabel.P.D.V) + abs (score * byScore.P.D.V),
                abs byScore.D.P.V + abs (label * byLabel.D.D.V) + abs (score * byScore.D.D.V))

    [<Property(MaxTest = 1000)>]
    member _.``Lanes of every width agree with the scalar definition to 16 units of what rounding of the inputs explains``
        (c: ScalarCase)
        =
        let struct (value, slope, _) = Loss.jet c.Loss c.Label c.Score
        let struct (valueReach, slopeReach) = LaneLaws.Reach(c.Loss, c.Label, c.Score)

        let near reach a b =
            abs (a - b) <= 16.0 * Ulp.eps * reach + 4.0 * Double.Epsilon

        let judged = Double.IsFinite value && Double.IsFinite slope && Double.IsFinite(valueReach + slopeReach)

        let holds =
            LaneLaw.widths
            |> List.forall (fun bits ->
                let kernel = KernelWidth.at c.Loss bits
                let v, d = [| 0.0 |], [| 0.0 |]
                kernel.Derivatives(ReadOnlySpan [| c.Label |], ReadOnlySpan [| c.Score |], Span v, Span d, Span.Empty)
                near valueReach v[0] value && near slopeReach d[0] slope)

        Prop.classify (not judged) "not finite" (not judged || holds)

    [<Test>]
    member _.``The kernel made for comp-sum at 1.5 is the general definition, as far as margins reach``() =
        let loss = BinaryCompSum 1.5 :> ILoss

        let margins =
            [| for m in -1400.0 .. 7.3..1400.0 -> m |]
            |> Array.append [| for m in -20.0 .. 0.0137..20.0 -> m |]
            |> Array.append [| 0.0; -0.0; 1e-9; -1e-9 |]

        let labels = margins |> Array.mapi (fun i _ -> if i % 2 = 0 then 1.0 else -1.0)
        let scores = Array.map2 (*) labels margins
        let n = margins.Length

        for bits in LaneLaw.widths do
            let v, d, h = Array.zeroCreate<float> n, Array.zeroCreate<float> n, Array.zeroCreate<float> n

            (KernelWidth.at loss bits).Derivatives(ReadOnlySpan labels, ReadOnlySpan scores, Span v, Span d, Span h)

            for i in 0 .. n - 1 do
                let struct (value, slope, curvature) = Loss.jet loss labels[i] scores[i]
                let m = abs margins[i]

                let near reach a b =
                    abs (a - b) <= 16.0 * Ulp.eps * reach + 4.0 * Double.Epsilon

                Assert.That(near (value + m * abs slope) v[i] value, $"{bits} bits, value at {margins[i]:R}")
                Assert.That(near (abs slope + m * abs curvature) d[i] slope, $"{bits} bits, slope at {margins[i]:R}")
                // the curvature crosses 0 at s(m) = 1/3: two terms of the slope's size
                Assert.That(near ((1.0 + m) * abs slope) h[i] curvature, $"{bits} bits, curvature at {margins[i]:R}")

    [<Test>]
    member _.``No kernel of a registered loss allocates``() =
        let n, classes = 1000, 10
        let scores = Array.init n (fun i -> 0.05 + 0.9 * float (i * 37 % 101) / 101.0)
        let single = scores |> Array.map float32
        let gradient, gradient32 = Array.zeroCreate<float> n, Array.zeroCreate<float32> n
        let labels, labels32 = Array.create n 1.0, Array.create n 1.0f
        let indices = Array.init (n / classes) (fun i -> i % classes)

        let allocated (work: Action) =
            // the first call compiles
            work.Invoke()
            work.Invoke()
            let before = GC.GetAllocatedBytesForCurrentThread()
            work.Invoke()
            GC.GetAllocatedBytesForCurrentThread() - before

        for entry in Losses.all do
            let wide, narrow =
                match entry.Definition with
                | LossDefinition.Scalar create ->
                    let kernel = LossKernel.For(create entry.Defaults)

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels,
                            ReadOnlySpan scores,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span gradient
                        )
                        |> ignore<float>),
                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan labels32,
                            ReadOnlySpan single,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span gradient32
                        )
                        |> ignore<float>)
                | LossDefinition.Multiclass create ->
                    let kernel = MulticlassKernel.For(create entry.Defaults)

                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan indices,
                            ReadOnlySpan scores,
                            classes,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span gradient
                        )
                        |> ignore<float>),
                    Action(fun () ->
                        kernel.Gradient(
                            ReadOnlySpan indices,
                            ReadOnlySpan single,
                            classes,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            Span gradient32
                        )
                        |> ignore<float>)

            Assert.That(allocated wide, Is.Zero, entry.Name)
            Assert.That(allocated narrow, Is.Zero, $"{entry.Name}, single precision")

    [<Test>]
    member _.``A batch without elements has sum and mean 0``() =
        let kernel = LossKernel.For(Squared())
        let empty = Array.empty<float>
        Assert.That(kernel.Gradient(empty, empty, empty, Reduction.Mean, empty), Is.Zero)
        Assert.That(kernel.Value(empty, empty, empty, Reduction.Sum), Is.Zero)

    [<Test>]
    member _.``A sum repeats bit for bit and is accurate however long``() =
        let n = 100_003
        let rng = Random 5
        let scores = Array.init n (fun _ -> 1e3 * (rng.NextDouble() - 0.5))
        let labels = Array.init n (fun _ -> rng.NextDouble())

        let exact =
            Array.map2 (fun y z -> decimal (LaneLaw.scalar (Squared()) y z)) labels scores |> Array.sum |> float

        for bits in LaneLaw.widths do
            let kernel = KernelWidth.at (Squared()) bits
            let sum = kernel.Value(labels, scores, LaneLaw.none, Reduction.Sum)
            Assert.That(kernel.Value(labels, scores, LaneLaw.none, Reduction.Sum), Is.EqualTo sum)
            // blocks of 1,024 elements in lanes: at most 1,024/2 roundings of a block's sum, in practice a few
            Assert.That(abs (sum - exact) <= 64.0 * Ulp.eps * exact)

    [<Test>]
    member _.``The element that is not finite is named``() =
        let kernel = LossKernel.For(BinaryCrossEntropy())
        let labels = Array.create 20 0.5
        let scores = Array.create 20 1.0
        scores[13] <- nan

        let caught =
            Assert.Throws<HindsightException>(fun () ->
                kernel.Value(labels, scores, LaneLaw.none, Reduction.Sum) |> ignore<float>)

        Assert.That(caught.Message, Does.StartWith "scores[13] is NaN")
        scores[13] <- 0.0
        labels[4] <- infinity

        let caught =
            Assert.Throws<HindsightException>(fun () ->
                kernel.Gradient(labels, scores, LaneLaw.none, Reduction.Sum, scores) |> ignore<float>)

        Assert.That(caught.Message, Does.StartWith "labels[4]")

    [<Test>]
    member _.``Spans of different lengths and bad weights are refused by name``() =
        let kernel = LossKernel.For(Squared())

        let caught =
            Assert.Throws<ArgumentException>(fun () ->
                kernel.Value([| 1.0 |], [| 1.0; 2.0 |], LaneLaw.none, Reduction.Sum) |> ignore<float>)

        Assert.That(caught.ParamName, Is.EqualTo "scores")

        let caught =
            Assert.Throws<HindsightException>(fun () ->
                kernel.Value([| 1.0 |], [| 1.0 |], [| -1.0 |], Reduction.Sum) |> ignore<float>)

        Assert.That(caught.Message, Does.StartWith "weights[0] is -1")

        let caught =
            Assert.Throws<HindsightException>(fun () ->
                kernel.Value([| 1.0 |], [| 1.0 |], [| 0.0 |], Reduction.Mean) |> ignore<float>)

        Assert.That(caught.Message, Does.StartWith "weights is 0")

    [<Test>]
    member _.``Every registered loss is a number in single precision where its argument vanishes``() =
        // guards of divisions in the definitions are constants far below single precision's least number
        for entry in Losses.all do
            match entry.Definition with
            | LossDefinition.Multiclass _ -> ()
            | LossDefinition.Scalar create ->
                let loss = create entry.Defaults
                let label, score = loss.Metadata.Label, loss.Metadata.Score

                let points =
                    List.allPairs [ -1.0f; 0.0f; 0.5f; 1.0f ] [ -1.0f; 0.0f; 0.5f; 1.0f ]
                    |> List.filter (fun (y, z) -> label.Contains(float y) && score.Contains(float z))

                let labels = points |> List.map fst |> Array.ofList
                let scores = points |> List.map snd |> Array.ofList
                let gradient = Array.zeroCreate<float32> labels.Length

                let sum =
                    LossKernel
                        .For(loss)
                        .Gradient(
                            ReadOnlySpan labels,
                            ReadOnlySpan scores,
                            ReadOnlySpan.Empty,
                            Reduction.Sum,
                            Span gradient
                        )

                let expected = points |> List.sumBy (fun (y, z) -> abs (Loss.value loss (float y) (float z)))

                Assert.That(Array.forall Single.IsFinite gradient, entry.Name)
                Assert.That(abs sum, Is.LessThanOrEqualTo(expected * 1.00001 + 1e-6), entry.Name)

    /// Errors of second order are within another such bound.
    [<Property(MaxTest = 1000)>]
    member _.``Single precision is within the running error bound of the formula``(c: ScalarCase) =
        let label, score = float32 c.Label, float32 c.Score
        let expected = c.Loss.Eval(Rounded(float label, 0.0, false), Rounded(float score, 0.0, false))
        let bound = 2.0 * Rounded.Unit * expected.E
        let inside = not expected.Wide && Double.IsFinite bound
        let values = Array.zeroCreate<float32> 1

        if inside then
            LossKernel.For(c.Loss).Values([| label |], [| score |], values)

        (not inside || abs (float values[0] - expected.V) <= bound)
        |> Prop.classify (not inside) "beyond the range of singles"
        |> Prop.classify (inside && bound > 1e-2 * abs expected.V) "no digits"

    [<Test>]
    member _.``The running error bound leaves single precision two digits in most cases of every loss``() =
        for entry in Draw.scalarEntries do
            let cases = Gen.sampleWithSeed (Rnd 99UL) 50 200 (Draw.scalarOf entry)

            let telling =
                cases
                |> Array.filter (fun c ->
                    let e =
                        c.Loss.Eval(
                            Rounded(float (float32 c.Label), 0.0, false),
                            Rounded(float (float32 c.Score), 0.0, false)
                        )

                    not e.Wide && 2.0 * Rounded.Unit * e.E <= 1e-2 * abs e.V)

            Assert.That(telling.Length, Is.GreaterThan 100, (fst entry).Name)
