namespace Hindsight

#nowarn "9" // a vector's lanes stand on the stack while a power is taken lane by lane
#nowarn "64" // the names of Simd resolve to the one vector type of each use

open System
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop

/// What vectors of every width and precision can do, under one name each: the mathematics of lanes is written once over these names and is flattened by the compiler
/// for each width, so that the JIT meets nothing but vector instructions (a chain of small generic calls runs into its limit on locals, and 64-byte vectors then travel over the stack).
[<AbstractClass; Sealed>]
type Simd =
    /// All lanes x; the first argument only says which vector.
    static member inline Splat(_: Vector512<float>, x: float) : Vector512<float> = Vector512.Create<float>(x: float)

    static member inline Splat(_: Vector256<float>, x: float) : Vector256<float> = Vector256.Create<float>(x: float)

    static member inline Splat(_: Vector128<float>, x: float) : Vector128<float> = Vector128.Create<float>(x: float)

    static member inline Splat(_: Vector512<float32>, x: float32) : Vector512<float32> =
        Vector512.Create<float32>(x: float32)

    static member inline Splat(_: Vector256<float32>, x: float32) : Vector256<float32> =
        Vector256.Create<float32>(x: float32)

    static member inline Splat(_: Vector128<float32>, x: float32) : Vector128<float32> =
        Vector128.Create<float32>(x: float32)

    /// a b + c, fused where the machine fuses.
    static member inline Fma(a: Vector512<float>, b: Vector512<float>, c: Vector512<float>) : Vector512<float> =
        Vector512.MultiplyAddEstimate(a, b, c)

    static member inline Fma(a: Vector256<float>, b: Vector256<float>, c: Vector256<float>) : Vector256<float> =
        Vector256.MultiplyAddEstimate(a, b, c)

    static member inline Fma(a: Vector128<float>, b: Vector128<float>, c: Vector128<float>) : Vector128<float> =
        Vector128.MultiplyAddEstimate(a, b, c)

    static member inline Fma(a: Vector512<float32>, b: Vector512<float32>, c: Vector512<float32>) : Vector512<float32> =
        Vector512.MultiplyAddEstimate(a, b, c)

    static member inline Fma(a: Vector256<float32>, b: Vector256<float32>, c: Vector256<float32>) : Vector256<float32> =
        Vector256.MultiplyAddEstimate(a, b, c)

    static member inline Fma(a: Vector128<float32>, b: Vector128<float32>, c: Vector128<float32>) : Vector128<float32> =
        Vector128.MultiplyAddEstimate(a, b, c)

    /// |a|
    static member inline Magnitude(a: Vector512<float>) : Vector512<float> = Vector512.Abs a

    static member inline Magnitude(a: Vector256<float>) : Vector256<float> = Vector256.Abs a

    static member inline Magnitude(a: Vector128<float>) : Vector128<float> = Vector128.Abs a

    static member inline Magnitude(a: Vector512<float32>) : Vector512<float32> = Vector512.Abs a

    static member inline Magnitude(a: Vector256<float32>) : Vector256<float32> = Vector256.Abs a

    static member inline Magnitude(a: Vector128<float32>) : Vector128<float32> = Vector128.Abs a

    /// a where a > b, else b: b also where either is not a number.
    static member inline Max(a: Vector512<float>, b: Vector512<float>) : Vector512<float> = Vector512.MaxNative(a, b)

    static member inline Max(a: Vector256<float>, b: Vector256<float>) : Vector256<float> = Vector256.MaxNative(a, b)

    static member inline Max(a: Vector128<float>, b: Vector128<float>) : Vector128<float> = Vector128.MaxNative(a, b)

    static member inline Max(a: Vector512<float32>, b: Vector512<float32>) : Vector512<float32> =
        Vector512.MaxNative(a, b)

    static member inline Max(a: Vector256<float32>, b: Vector256<float32>) : Vector256<float32> =
        Vector256.MaxNative(a, b)

    static member inline Max(a: Vector128<float32>, b: Vector128<float32>) : Vector128<float32> =
        Vector128.MaxNative(a, b)

    /// a where a < b, else b: b also where either is not a number.
    static member inline Min(a: Vector512<float>, b: Vector512<float>) : Vector512<float> = Vector512.MinNative(a, b)

    static member inline Min(a: Vector256<float>, b: Vector256<float>) : Vector256<float> = Vector256.MinNative(a, b)

    static member inline Min(a: Vector128<float>, b: Vector128<float>) : Vector128<float> = Vector128.MinNative(a, b)

    static member inline Min(a: Vector512<float32>, b: Vector512<float32>) : Vector512<float32> =
        Vector512.MinNative(a, b)

    static member inline Min(a: Vector256<float32>, b: Vector256<float32>) : Vector256<float32> =
        Vector256.MinNative(a, b)

    static member inline Min(a: Vector128<float32>, b: Vector128<float32>) : Vector128<float32> =
        Vector128.MinNative(a, b)

    /// a where x >= y, else b. A blend is one instruction where the JIT makes three of a selection by bits.
    static member inline Choose
        (x: Vector512<float>, y: Vector512<float>, a: Vector512<float>, b: Vector512<float>)
        : Vector512<float> =
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, y), a, b)

    static member inline Choose
        (x: Vector256<float>, y: Vector256<float>, a: Vector256<float>, b: Vector256<float>)
        : Vector256<float> =
        if Avx.IsSupported then
            Avx.BlendVariable(b, a, Vector256.GreaterThanOrEqual(x, y))
        else
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, y), a, b)

    static member inline Choose
        (x: Vector128<float>, y: Vector128<float>, a: Vector128<float>, b: Vector128<float>)
        : Vector128<float> =
        if Sse41.IsSupported then
            Sse41.BlendVariable(b, a, Vector128.GreaterThanOrEqual(x, y))
        else
            Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(x, y), a, b)

    static member inline Choose
        (x: Vector512<float32>, y: Vector512<float32>, a: Vector512<float32>, b: Vector512<float32>)
        : Vector512<float32> =
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, y), a, b)

    static member inline Choose
        (x: Vector256<float32>, y: Vector256<float32>, a: Vector256<float32>, b: Vector256<float32>)
        : Vector256<float32> =
        if Avx.IsSupported then
            Avx.BlendVariable(b, a, Vector256.GreaterThanOrEqual(x, y))
        else
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, y), a, b)

    static member inline Choose
        (x: Vector128<float32>, y: Vector128<float32>, a: Vector128<float32>, b: Vector128<float32>)
        : Vector128<float32> =
        if Sse41.IsSupported then
            Sse41.BlendVariable(b, a, Vector128.GreaterThanOrEqual(x, y))
        else
            Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(x, y), a, b)

    /// x 2^n for whole n, |n| <= 2040 (double) or 250 (single).
    static member inline Scale(x: Vector512<float>, n: Vector512<float>) : Vector512<float> =
        if Avx512F.IsSupported then
            Avx512F.Scale(x, n)
        else
            let magic = Vector512.Create<float>(6755399441055744.0)
            let first = (n * Vector512.Create<float>(0.5) + magic) - magic
            let bias = Vector512.Create<float>(6755399441056767.0)
            let one = Vector512.AsDouble(Vector512.ShiftLeft(Vector512.AsInt64(first + bias), 52))
            let two = Vector512.AsDouble(Vector512.ShiftLeft(Vector512.AsInt64((n - first) + bias), 52))
            (x * one) * two

    static member inline Scale(x: Vector256<float>, n: Vector256<float>) : Vector256<float> =
        let magic = Vector256.Create<float>(6755399441055744.0)
        let first = (n * Vector256.Create<float>(0.5) + magic) - magic
        let bias = Vector256.Create<float>(6755399441056767.0)
        let one = Vector256.AsDouble(Vector256.ShiftLeft(Vector256.AsInt64(first + bias), 52))
        let two = Vector256.AsDouble(Vector256.ShiftLeft(Vector256.AsInt64((n - first) + bias), 52))
        (x * one) * two

    static member inline Scale(x: Vector128<float>, n: Vector128<float>) : Vector128<float> =
        let magic = Vector128.Create<float>(6755399441055744.0)
        let first = (n * Vector128.Create<float>(0.5) + magic) - magic
        let bias = Vector128.Create<float>(6755399441056767.0)
        let one = Vector128.AsDouble(Vector128.ShiftLeft(Vector128.AsInt64(first + bias), 52))
        let two = Vector128.AsDouble(Vector128.ShiftLeft(Vector128.AsInt64((n - first) + bias), 52))
        (x * one) * two

    static member inline Scale(x: Vector512<float32>, n: Vector512<float32>) : Vector512<float32> =
        if Avx512F.IsSupported then
            Avx512F.Scale(x, n)
        else
            let magic = Vector512.Create<float32>(12582912.0f)
            let first = (n * Vector512.Create<float32>(0.5f) + magic) - magic
            let bias = Vector512.Create<float32>(12583039.0f)
            let one = Vector512.AsSingle(Vector512.ShiftLeft(Vector512.AsInt32(first + bias), 23))
            let two = Vector512.AsSingle(Vector512.ShiftLeft(Vector512.AsInt32((n - first) + bias), 23))
            (x * one) * two

    static member inline Scale(x: Vector256<float32>, n: Vector256<float32>) : Vector256<float32> =
        let magic = Vector256.Create<float32>(12582912.0f)
        let first = (n * Vector256.Create<float32>(0.5f) + magic) - magic
        let bias = Vector256.Create<float32>(12583039.0f)
        let one = Vector256.AsSingle(Vector256.ShiftLeft(Vector256.AsInt32(first + bias), 23))
        let two = Vector256.AsSingle(Vector256.ShiftLeft(Vector256.AsInt32((n - first) + bias), 23))
        (x * one) * two

    static member inline Scale(x: Vector128<float32>, n: Vector128<float32>) : Vector128<float32> =
        let magic = Vector128.Create<float32>(12582912.0f)
        let first = (n * Vector128.Create<float32>(0.5f) + magic) - magic
        let bias = Vector128.Create<float32>(12583039.0f)
        let one = Vector128.AsSingle(Vector128.ShiftLeft(Vector128.AsInt32(first + bias), 23))
        let two = Vector128.AsSingle(Vector128.ShiftLeft(Vector128.AsInt32((n - first) + bias), 23))
        (x * one) * two

    /// x 2^n for the whole n that comes added to <c>bias</c>, a number whose unit is its last bit and whose last bits are twice the exponent's bias: half of n, rounded down and up, goes straight into two exponents.
    static member inline Raise
        (x: Vector512<float>, biased: Vector512<float>, bias: Vector512<float>)
        : Vector512<float> =
        if Avx512F.IsSupported then
            Avx512F.Scale(x, biased - bias)
        else
            let bits = Vector512.AsInt64 biased
            let one = Vector512.AsDouble(Vector512.ShiftLeft(Vector512.ShiftRightLogical(bits, 1), 52))

            let two =
                Vector512.AsDouble(
                    Vector512.ShiftLeft(Vector512.ShiftRightLogical(bits + Vector512.Create<int64>(1L), 1), 52)
                )

            (x * one) * two

    static member inline Raise(x: Vector256<float>, biased: Vector256<float>, _: Vector256<float>) : Vector256<float> =
        let bits = Vector256.AsInt64 biased
        let one = Vector256.AsDouble(Vector256.ShiftLeft(Vector256.ShiftRightLogical(bits, 1), 52))

        let two =
            Vector256.AsDouble(
                Vector256.ShiftLeft(Vector256.ShiftRightLogical(bits + Vector256.Create<int64>(1L), 1), 52)
            )

        (x * one) * two

    static member inline Raise(x: Vector128<float>, biased: Vector128<float>, _: Vector128<float>) : Vector128<float> =
        let bits = Vector128.AsInt64 biased
        let one = Vector128.AsDouble(Vector128.ShiftLeft(Vector128.ShiftRightLogical(bits, 1), 52))

        let two =
            Vector128.AsDouble(
                Vector128.ShiftLeft(Vector128.ShiftRightLogical(bits + Vector128.Create<int64>(1L), 1), 52)
            )

        (x * one) * two

    static member inline Raise
        (x: Vector512<float32>, biased: Vector512<float32>, bias: Vector512<float32>)
        : Vector512<float32> =
        if Avx512F.IsSupported then
            Avx512F.Scale(x, biased - bias)
        else
            let bits = Vector512.AsInt32 biased
            let one = Vector512.AsSingle(Vector512.ShiftLeft(Vector512.ShiftRightLogical(bits, 1), 23))

            let two =
                Vector512.AsSingle(
                    Vector512.ShiftLeft(Vector512.ShiftRightLogical(bits + Vector512.Create<int>(1), 1), 23)
                )

            (x * one) * two

    static member inline Raise
        (x: Vector256<float32>, biased: Vector256<float32>, _: Vector256<float32>)
        : Vector256<float32> =
        let bits = Vector256.AsInt32 biased
        let one = Vector256.AsSingle(Vector256.ShiftLeft(Vector256.ShiftRightLogical(bits, 1), 23))

        let two =
            Vector256.AsSingle(Vector256.ShiftLeft(Vector256.ShiftRightLogical(bits + Vector256.Create<int>(1), 1), 23))

        (x * one) * two

    static member inline Raise
        (x: Vector128<float32>, biased: Vector128<float32>, _: Vector128<float32>)
        : Vector128<float32> =
        let bits = Vector128.AsInt32 biased
        let one = Vector128.AsSingle(Vector128.ShiftLeft(Vector128.ShiftRightLogical(bits, 1), 23))

        let two =
            Vector128.AsSingle(Vector128.ShiftLeft(Vector128.ShiftRightLogical(bits + Vector128.Create<int>(1), 1), 23))

        (x * one) * two

    /// x = mantissa 2^exponent with mantissa in [sqrt 1/2, sqrt 2), for finite x > 0.
    static member inline Split(x: Vector512<float>) : struct (Vector512<float> * Vector512<float>) =
        let small = Vector512.LessThan(x, Vector512.Create<float>(2.2250738585072014e-308))
        let y = Vector512.ConditionalSelect(small, x * Vector512.Create<float>(18014398509481984.0), x)
        let shifted = Vector512.AsInt64 y + Vector512.Create<int64>(0x00095f619980c433L)

        let biased =
            Vector512.BitwiseOr(Vector512.ShiftRightLogical(shifted, 52), Vector512.Create<int64>(0x4330000000000000L))

        let offset =
            Vector512.ConditionalSelect(
                small,
                Vector512.Create<float>(4503599627371573.0),
                Vector512.Create<float>(4503599627371519.0)
            )

        let mantissa =
            Vector512.BitwiseAnd(shifted, Vector512.Create<int64>(0x000fffffffffffffL))
            + Vector512.Create<int64>(0x3fe6a09e667f3bcdL)

        struct (Vector512.AsDouble mantissa, Vector512.AsDouble biased - offset)

    static member inline Split(x: Vector256<float>) : struct (Vector256<float> * Vector256<float>) =
        let small = Vector256.LessThan(x, Vector256.Create<float>(2.2250738585072014e-308))
        let y = Vector256.ConditionalSelect(small, x * Vector256.Create<float>(18014398509481984.0), x)
        let shifted = Vector256.AsInt64 y + Vector256.Create<int64>(0x00095f619980c433L)

        let biased =
            Vector256.BitwiseOr(Vector256.ShiftRightLogical(shifted, 52), Vector256.Create<int64>(0x4330000000000000L))

        let offset =
            Vector256.ConditionalSelect(
                small,
                Vector256.Create<float>(4503599627371573.0),
                Vector256.Create<float>(4503599627371519.0)
            )

        let mantissa =
            Vector256.BitwiseAnd(shifted, Vector256.Create<int64>(0x000fffffffffffffL))
            + Vector256.Create<int64>(0x3fe6a09e667f3bcdL)

        struct (Vector256.AsDouble mantissa, Vector256.AsDouble biased - offset)

    static member inline Split(x: Vector128<float>) : struct (Vector128<float> * Vector128<float>) =
        let small = Vector128.LessThan(x, Vector128.Create<float>(2.2250738585072014e-308))
        let y = Vector128.ConditionalSelect(small, x * Vector128.Create<float>(18014398509481984.0), x)
        let shifted = Vector128.AsInt64 y + Vector128.Create<int64>(0x00095f619980c433L)

        let biased =
            Vector128.BitwiseOr(Vector128.ShiftRightLogical(shifted, 52), Vector128.Create<int64>(0x4330000000000000L))

        let offset =
            Vector128.ConditionalSelect(
                small,
                Vector128.Create<float>(4503599627371573.0),
                Vector128.Create<float>(4503599627371519.0)
            )

        let mantissa =
            Vector128.BitwiseAnd(shifted, Vector128.Create<int64>(0x000fffffffffffffL))
            + Vector128.Create<int64>(0x3fe6a09e667f3bcdL)

        struct (Vector128.AsDouble mantissa, Vector128.AsDouble biased - offset)

    static member inline Split(x: Vector512<float32>) : struct (Vector512<float32> * Vector512<float32>) =
        let small = Vector512.LessThan(x, Vector512.Create<float32>(1.17549435e-38f))
        let y = Vector512.ConditionalSelect(small, x * Vector512.Create<float32>(33554432.0f), x)
        let shifted = Vector512.AsInt32 y + Vector512.Create<int>(0x004afb0d)

        let biased =
            Vector512.BitwiseOr(Vector512.ShiftRightLogical(shifted, 23), Vector512.Create<int>(0x4b000000))

        let offset =
            Vector512.ConditionalSelect(
                small,
                Vector512.Create<float32>(8388760.0f),
                Vector512.Create<float32>(8388735.0f)
            )

        let mantissa =
            Vector512.BitwiseAnd(shifted, Vector512.Create<int>(0x007fffff)) + Vector512.Create<int>(0x3f3504f3)

        struct (Vector512.AsSingle mantissa, Vector512.AsSingle biased - offset)

    static member inline Split(x: Vector256<float32>) : struct (Vector256<float32> * Vector256<float32>) =
        let small = Vector256.LessThan(x, Vector256.Create<float32>(1.17549435e-38f))
        let y = Vector256.ConditionalSelect(small, x * Vector256.Create<float32>(33554432.0f), x)
        let shifted = Vector256.AsInt32 y + Vector256.Create<int>(0x004afb0d)

        let biased =
            Vector256.BitwiseOr(Vector256.ShiftRightLogical(shifted, 23), Vector256.Create<int>(0x4b000000))

        let offset =
            Vector256.ConditionalSelect(
                small,
                Vector256.Create<float32>(8388760.0f),
                Vector256.Create<float32>(8388735.0f)
            )

        let mantissa =
            Vector256.BitwiseAnd(shifted, Vector256.Create<int>(0x007fffff)) + Vector256.Create<int>(0x3f3504f3)

        struct (Vector256.AsSingle mantissa, Vector256.AsSingle biased - offset)

    static member inline Split(x: Vector128<float32>) : struct (Vector128<float32> * Vector128<float32>) =
        let small = Vector128.LessThan(x, Vector128.Create<float32>(1.17549435e-38f))
        let y = Vector128.ConditionalSelect(small, x * Vector128.Create<float32>(33554432.0f), x)
        let shifted = Vector128.AsInt32 y + Vector128.Create<int>(0x004afb0d)

        let biased =
            Vector128.BitwiseOr(Vector128.ShiftRightLogical(shifted, 23), Vector128.Create<int>(0x4b000000))

        let offset =
            Vector128.ConditionalSelect(
                small,
                Vector128.Create<float32>(8388760.0f),
                Vector128.Create<float32>(8388735.0f)
            )

        let mantissa =
            Vector128.BitwiseAnd(shifted, Vector128.Create<int>(0x007fffff)) + Vector128.Create<int>(0x3f3504f3)

        struct (Vector128.AsSingle mantissa, Vector128.AsSingle biased - offset)

/// A scalar that is several: what loops over elements need of it.
type internal ILane<'V, 'N when 'V :> ILane<'V, 'N> and 'V: struct and 'N: unmanaged> =
    inherit IReal<'V>
    /// Lanes.
    static abstract Width: int
    /// x in every lane.
    static abstract Splat: x: 'N -> 'V
    /// The lanes that start at the reference.
    static abstract Load: source: byref<'N> -> 'V
    static abstract Store: v: 'V * target: byref<'N> -> unit
    /// The sum of the lanes, in a fixed order.
    static abstract Sum: v: 'V -> float
    /// The largest lane.
    static abstract Largest: v: 'V -> 'N
    /// x - ln(1+x) and ln(1+x), with u = 1 + x as accurate as x.
    static abstract LessLog: x: 'V * u: 'V -> struct ('V * 'V)
    /// e^x for x <= 0, in registers.
    static abstract ExpNegative: x: 'V -> 'V

/// The names of <c>Simd</c> as functions over any vector; operators stay within one type, which keeps inference short.
[<AutoOpen>]
module internal Vectors =
    let inline splatVia (_: ^S) (like: ^V) (x: 'N) : ^V =
        ((^V or ^S): (static member Splat: ^V * 'N -> ^V) (like, x))

    let inline splat (like: ^V) (x: 'N) : ^V =
        splatVia Unchecked.defaultof<Simd> like x

    let inline fmaVia (_: ^S) (a: ^V) (b: ^V) (c: ^V) : ^V =
        ((^V or ^S): (static member Fma: ^V * ^V * ^V -> ^V) (a, b, c))

    let inline fma (a: ^V) (b: ^V) (c: ^V) : ^V = fmaVia Unchecked.defaultof<Simd> a b c

    let inline magnitudeVia (_: ^S) (a: ^V) : ^V =
        ((^V or ^S): (static member Magnitude: ^V -> ^V) (a))

    let inline magnitude (a: ^V) : ^V =
        magnitudeVia Unchecked.defaultof<Simd> a

    let inline largerVia (_: ^S) (a: ^V) (b: ^V) : ^V =
        ((^V or ^S): (static member Max: ^V * ^V -> ^V) (a, b))

    let inline larger (a: ^V) (b: ^V) : ^V = largerVia Unchecked.defaultof<Simd> a b

    let inline smallerVia (_: ^S) (a: ^V) (b: ^V) : ^V =
        ((^V or ^S): (static member Min: ^V * ^V -> ^V) (a, b))

    let inline smaller (a: ^V) (b: ^V) : ^V =
        smallerVia Unchecked.defaultof<Simd> a b

    let inline chooseVia (_: ^S) (x: ^V) (y: ^V) (a: ^V) (b: ^V) : ^V =
        ((^V or ^S): (static member Choose: ^V * ^V * ^V * ^V -> ^V) (x, y, a, b))

    let inline choose (x: ^V) (y: ^V) (a: ^V) (b: ^V) : ^V =
        chooseVia Unchecked.defaultof<Simd> x y a b

    let inline scaleVia (_: ^S) (x: ^V) (n: ^V) : ^V =
        ((^V or ^S): (static member Scale: ^V * ^V -> ^V) (x, n))

    let inline scale (x: ^V) (n: ^V) : ^V = scaleVia Unchecked.defaultof<Simd> x n

    let inline raiseVia (_: ^S) (x: ^V) (biased: ^V) (bias: ^V) : ^V =
        ((^V or ^S): (static member Raise: ^V * ^V * ^V -> ^V) (x, biased, bias))

    let inline raiseTo (x: ^V) (biased: ^V) (bias: ^V) : ^V =
        raiseVia Unchecked.defaultof<Simd> x biased bias

    let inline splitVia (_: ^S) (x: ^V) : struct (^V * ^V) =
        ((^V or ^S): (static member Split: ^V -> struct (^V * ^V)) (x))

    let inline split (x: ^V) : struct (^V * ^V) = splitVia Unchecked.defaultof<Simd> x

    let inline (+) (a: ^V) (b: ^V) : ^V = Operators.(+) a b

    let inline (-) (a: ^V) (b: ^V) : ^V = Operators.(-) a b

    let inline (*) (a: ^V) (b: ^V) : ^V = Operators.(*) a b

    let inline (/) (a: ^V) (b: ^V) : ^V = Operators.(/) a b

    let inline (~-) (a: ^V) : ^V = Operators.(~-) a

/// 2^(i/128) for i = 0 .. 127: pairs of what it exceeds its nearest double by, as a share of it, and that double.
module internal RootsOfTwo =
    let private power<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) exponent : 'T = 'T.Pow(x, exponent)

    let pairs: nativeptr<float> =
        let memory = NativeMemory.AlignedAlloc(4096un, 64un)
        let pairs = NativePtr.ofVoidPtr<float> memory

        for i in 0..127 do
            let root = power (DD 2.0) (float i / 128.0)
            NativePtr.set pairs (2 * i) (root.Lo / root.Hi)
            NativePtr.set pairs (2 * i + 1) root.Hi

        pairs

    /// The roots of the last seven bits of two numbers, and what is over.
    let inline at (first: int64) (second: int64) : struct (Vector128<float> * Vector128<float>) =
        let a = Vector128.Load(NativePtr.add pairs (2 * int (first &&& 127L)))
        let b = Vector128.Load(NativePtr.add pairs (2 * int (second &&& 127L)))
        struct (Sse2.UnpackHigh(a, b), Sse2.UnpackLow(a, b))

/// Elementary functions of a vector of doubles, in registers from end to end.
module internal LaneMath =
    /// The constant x in every lane of a vector like the first argument.
    let inline c (like: ^V) (x: float) : ^V = Vectors.splat like x

    /// (e^x - 1 - x)/x^2 for |x| <= ln(2)/2: interpolation at Chebyshev nodes, error of e^x below 2e-17.
    let inline expRest (x: ^V) : ^V =
        let a0 = fma (c x 0.16666666666666669) x (c x 0.5)
        let a1 = fma (c x 0.008333333333330051) x (c x 0.04166666666662399)
        let a2 = fma (c x 0.00019841269863105968) x (c x 0.0013888888917281794)
        let a3 = fma (c x 2.7557268378684192e-06) x (c x 2.480152119021773e-05)
        let a4 = fma (c x 2.5100424157005067e-08) x (c x 2.7620138719733994e-07)
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let b1 = fma a3 x2 a2
        let x4 = x2 * x2
        let c0 = fma b1 x4 b0
        let x8 = x4 * x4
        let d0 = fma a4 x8 c0
        d0

    /// (atanh(s)/s - 1)/s^2 in x = s^2, |s| <= 1/3.
    let inline atanhRest (x: ^V) : ^V =
        let a0 = fma (c x 0.20000000000007292) x (c x 0.3333333333333333)
        let a1 = fma (c x 0.11111111358713932) x (c x 0.1428571428355438)
        let a2 = fma (c x 0.07692785032479312) x (c x 0.09090894718066429)
        let a3 = fma (c x 0.06000536404795356) x (c x 0.06657072104827468)
        let a4 = fma (c x 0.08082022805971766) x (c x 0.04400369243072337)
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let b1 = fma a3 x2 a2
        let x4 = x2 * x2
        let c0 = fma b1 x4 b0
        let x8 = x4 * x4
        let d0 = fma a4 x8 c0
        d0

    /// The same for |s| <= 0.172.
    let inline logRest (x: ^V) : ^V =
        let a0 = fma (c x 0.19999999999949444) x (c x 0.3333333333333335)
        let a1 = fma (c x 0.11111105544689748) x (c x 0.14285714313126918)
        let a2 = fma (c x 0.07665805861027504) x (c x 0.09091446216268435)
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let b1 = fma (c x 0.07308903576708663) x2 a2
        let x4 = x2 * x2
        let c0 = fma b1 x4 b0
        c0

    /// (atan(t)/t - 1)/t^2 in x = t^2, |t| <= tan(pi/8).
    let inline atanRest (x: ^V) : ^V =
        let a0 = fma (c x 0.1999999999999548) x (c x (-0.3333333333333333))
        let a1 = fma (c x 0.11111111014561013) x (c x (-0.14285714284657894))
        let a2 = fma (c x 0.07692182535116648) x (c x (-0.09090904549884611))
        let a3 = fma (c x 0.058580687568615106) x (c x (-0.06664502215671447))
        let a4 = fma (c x 0.03921955253253129) x (c x (-0.05085030492810941))
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let b1 = fma a3 x2 a2
        let b2 = fma (c x (-0.019162068915902573)) x2 a4
        let x4 = x2 * x2
        let c0 = fma b1 x4 b0
        let x8 = x4 * x4
        let d0 = fma b2 x8 c0
        d0

    /// What n comes added to: 1.5 2^52, so that its last bit is 1, and twice the exponent's bias.
    let inline bias (like: ^V) : ^V = c like 6755399441057790.0

    /// e^x = 2^n (1 + q): n, n + bias, and q = e^r - 1 for x = n ln 2 + r.
    let inline expParts (x: ^V) : struct (^V * ^V * ^V) =
        let biased = fma x (c x 1.4426950408889634) (bias x)
        let n = biased - bias x
        let r = fma n (c x (-6.93147180369123816490e-01)) x
        let r = fma n (c x (-1.90821492927058770002e-10)) r
        struct (n, biased, fma (r * r) (expRest r) r)

    /// e^x for x <= 0.
    let inline expNegative (x: ^V) : ^V =
        let struct (_, biased, q) = expParts (larger (c x (-760.0)) x)
        raiseTo (c x 1.0 + q) biased (bias x)

    let inline exp (x: ^V) : ^V =
        let struct (_, biased, q) = expParts (smaller (c x 760.0) (larger (c x (-760.0)) x))
        raiseTo (c x 1.0 + q) biased (bias x)

    /// e^x of two doubles without fused operations: e^x = 2^(n/128) e^r for whole n and |r| <= ln(2)/256, where a polynomial of degree 5 is enough; 2^(i/128) is read from a table.
    let inline expTable (x: Vector128<float>) : Vector128<float> =
        let x = smaller (c x 760.0) (larger (c x (-760.0)) x)
        // 1.5 2^52, so that the last bit is 1, and 128 times twice the exponent's bias
        let bias = c x 6755399441317632.0
        let biased = x * c x 184.6649652337873 + bias
        let n = biased - bias

        let r = x - n * c x 0.00541521234663378 - n * c x 1.4907929134926466e-12

        let bits = Vector128.AsInt64 biased
        let struct (root, less) = RootsOfTwo.at (bits.ToScalar()) (Vector128.GetElement(bits, 1))
        let square = r * r

        let rest =
            (c x 0.5 + r * c x 0.16666666666666666)
            + square * (c x 0.041666666666666664 + r * c x 0.008333333333333333)

        let value = root + root * ((less + r) + square * rest)

        raiseTo value (Vector128.AsDouble(Vector128.ShiftRightLogical(bits, 7))) bias

    /// e^x of two doubles, by what is faster.
    let inline expTwo (x: Vector128<float>) : Vector128<float> =
        if Sse2.IsSupported && not Fma.IsSupported then
            expTable x
        else
            exp x

    /// e^x of two doubles, for x <= 0.
    let inline expNegativeTwo (x: Vector128<float>) : Vector128<float> =
        if Sse2.IsSupported && not Fma.IsSupported then
            expTable x
        else
            expNegative x

    /// e^x - 1 and e^x.
    let inline expm1Exp (x: ^V) : struct (^V * ^V) =
        let one = c x 1.0
        let clamped = smaller (c x 760.0) (larger (c x (-760.0)) x)
        let struct (n, biased, q) = expParts clamped
        let less = raiseTo ((one - scale one (-n)) + q) biased (bias x)
        // below the bound e^x - 1 is -1 to rounding, and 2^-n may overflow
        struct (choose (c x (-60.0)) clamped (-one) less, raiseTo (one + q) biased (bias x))

    /// ln(1 + e) for 0 <= e <= 1, given 1 + e, 2 + e and 1/((1 + e)(2 + e)).
    let inline log1pUnit (e: ^V) (d1: ^V) (d2: ^V) (inverse: ^V) : ^V =
        let half = d1 * inverse
        let s = e * half
        // one step of refinement: s is e/(2 + e) to rounding
        let s = fma (fma (-s) d2 e) half s
        let twice = s + s
        let x = s * s
        fma (twice * x) (atanhRest x) twice

    /// Given e^-|x|.
    let inline softplusSigmasOf (x: ^V) (e: ^V) : struct (^V * ^V * ^V) =
        let zero = c x 0.0
        let d1 = c x 1.0 + e
        let d2 = c x 2.0 + e
        let inverse = c x 1.0 / (d1 * d2)
        let value = larger zero x + log1pUnit e d1 d2 inverse
        let large = inverse * d2
        let small = e * large
        struct (value, choose x zero large small, choose x zero small large)

    let inline softplusSigmas (x: ^V) : struct (^V * ^V * ^V) =
        softplusSigmasOf x (expNegative (-(magnitude x)))

    /// Given e^-|x|.
    let inline softplusPairOf (x: ^V) (e: ^V) : struct (^V * ^V * ^V * ^V) =
        let zero = c x 0.0
        let d1 = c x 1.0 + e
        let d2 = c x 2.0 + e
        let inverse = c x 1.0 / (d1 * d2)
        let least = log1pUnit e d1 d2 inverse
        let large = inverse * d2
        let small = e * large

        struct (larger zero x + least, larger zero (-x) + least, choose x zero large small, choose x zero small large)

    let inline softplusPair (x: ^V) : struct (^V * ^V * ^V * ^V) =
        softplusPairOf x (expNegative (-(magnitude x)))

    /// Given e^-|x|.
    let inline sigmoidsOf (x: ^V) (e: ^V) : struct (^V * ^V) =
        let large = c x 1.0 / (c x 1.0 + e)
        let small = e * large
        let zero = c x 0.0
        struct (choose x zero large small, choose x zero small large)

    let inline sigmoids (x: ^V) : struct (^V * ^V) =
        sigmoidsOf x (expNegative (-(magnitude x)))

    /// n ln 2 + ln(1 + f) + correction.
    let inline logParts (f: ^V) (n: ^V) (correction: ^V) : ^V =
        let s = f / (c f 2.0 + f)
        let x = s * s
        let half = (c f 0.5 * f) * f
        let low = fma s (half + (x + x) * logRest x) (fma n (c f 1.90821492927058770002e-10) correction)
        fma n (c f 6.93147180369123816490e-01) (f - (half - low))

    /// A logarithm outside the finite positive numbers: -inf at 0, inf at inf, not a number below 0 and for not a number.
    let inline logEnds (argument: ^V) (result: ^V) : ^V =
        let infinite = c argument infinity
        let positive = choose argument infinite infinite result
        let nonPositive = choose argument (c argument 0.0) (-infinite) (c argument nan)
        choose argument (c argument 4.9406564584124654e-324) positive nonPositive

    let inline log (x: ^V) : ^V =
        let struct (m, n) = split x
        logEnds x (logParts (m - c x 1.0) n (c x 0.0))

    let inline log1p (x: ^V) : ^V =
        let one = c x 1.0
        let u = one + x
        let struct (m, n) = split u
        // what rounding took from 1 + x, relative to it
        let error = choose u (c x 2.0) (one - (u - x)) (x - (u - one))
        logEnds u (logParts (m - one) n (error / u))

    let inline xlogxLog (x: ^V) : struct (^V * ^V) =
        let zero = c x 0.0
        let least = c x 4.9406564584124654e-324
        let l = log (larger x least)
        // 0 ln 0 = 0; not a number below 0, and for what is none
        struct (choose x least (x * l) (choose x zero zero (c x nan)), l)

    let inline tanh (x: ^V) : ^V =
        let zero = c x 0.0
        let a = smaller (c x 30.0) (magnitude x)
        let struct (t, _) = expm1Exp (a + a)
        let v = t / (t + c x 2.0)
        choose x zero v (-v)

    /// x - ln(1+x) and ln(1+x), with u = 1 + x as accurate as x. The logarithm of u = m 2^n is taken about f = m - 1, which is x itself for n = 0: x - ln(1+x) does not cancel near 0.
    let inline lessLog (x: ^V) (u: ^V) : struct (^V * ^V) =
        let struct (m, n) = split u
        let f = choose (c x 0.0) (magnitude n) x (m - c x 1.0)
        let s = f / (c x 2.0 + f)
        let w = s * s
        let half = (c x 0.5 * f) * f
        // f - ln(1+f)
        let bend = half - s * fma (w + w) (logRest w) half

        struct (fma (-n) (c x 6.93147180369123816490e-01) (x - f) + fma (-n) (c x 1.90821492927058770002e-10) bend,
                fma n (c x 6.93147180369123816490e-01) (fma n (c x 1.90821492927058770002e-10) (f - bend)))

    let inline atan (x: ^V) : ^V =
        let one = c x 1.0
        let zero = c x 0.0
        let a = magnitude x
        let far = c x 2.414213562373095
        let middle = c x 0.41421356237309503
        let numerator = choose a far (-one) (choose a middle (a - one) a)
        let denominator = choose a far a (choose a middle (a + one) one)
        let t = numerator / denominator
        let high = choose a far (c x 1.5707963267948966) (choose a middle (c x 0.7853981633974483) zero)
        let low = choose a far (c x 6.123233995736766e-17) (choose a middle (c x 3.061616997868383e-17) zero)
        let x2 = t * t
        let v = high + (t + fma (t * x2) (atanRest x2) low)
        choose x zero v (-v)

/// Elementary functions of a vector of singles, in registers from end to end.
module internal LaneMathF =
    /// A constant in single precision. One that would underflow becomes the least normal number: a guard against division by 0 stays a guard.
    let inline constant (x: float) : float32 =
        if x <> 0.0 && Math.Abs x < 1.1754943508222875e-38 then
            float32 (Math.CopySign(1.1754943508222875e-38, x))
        else
            float32 x

    /// The constant x in every lane of a vector like the first argument.
    let inline c (like: ^V) (x: float32) : ^V = Vectors.splat like x

    /// (e^x - 1 - x)/x^2 for |x| <= ln(2)/2: interpolation at Chebyshev nodes, error of e^x below 1e-8.
    let inline expRest (x: ^V) : ^V =
        let a0 = fma (c x 0.16666576266288757f) x (c x 0.5f)
        let a1 = fma (c x 0.008363203145563602f) x (c x 0.041666556149721146f)
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let x4 = x2 * x2
        let c0 = fma (c x 0.0013926213141530752f) x4 b0
        c0

    /// (atanh(s)/s - 1)/s^2 in x = s^2, |s| <= 1/3.
    let inline atanhRest (x: ^V) : ^V =
        let a0 = fma (c x 0.20003780722618103f) x (c x 0.33333319425582886f)
        let a1 = fma (c x 0.1342574954032898f) x (c x 0.14118309319019318f)
        let x2 = x * x
        let b0 = fma a1 x2 a0
        b0

    /// The same for |s| <= 0.172.
    let inline logRest (x: ^V) : ^V =
        let a0 = fma (c x 0.1999436616897583f) x (c x 0.33333343267440796f)
        let x2 = x * x
        let b0 = fma (c x 0.14791078865528107f) x2 a0
        b0

    /// (atan(t)/t - 1)/t^2 in x = t^2, |t| <= tan(pi/8).
    let inline atanRest (x: ^V) : ^V =
        let a0 = fma (c x 0.19999538362026215f) x (c x (-0.3333333134651184f))
        let a1 = fma (c x 0.10743099451065063f) x (c x (-0.14263896644115448f))
        let x2 = x * x
        let b0 = fma a1 x2 a0
        let x4 = x2 * x2
        let c0 = fma (c x (-0.06449835002422333f)) x4 b0
        c0

    /// What n comes added to: 1.5 2^23, so that its last bit is 1, and twice the exponent's bias.
    let inline bias (like: ^V) : ^V = c like 12583166.0f

    /// e^x = 2^n (1 + q): n, n + bias, and q = e^r - 1 for x = n ln 2 + r.
    let inline expParts (x: ^V) : struct (^V * ^V * ^V) =
        let biased = fma x (c x 1.44269504f) (bias x)
        let n = biased - bias x
        let r = fma n (c x (-0.693359375f)) x
        let r = fma n (c x 2.12194440e-4f) r
        struct (n, biased, fma (r * r) (expRest r) r)

    /// e^x for x <= 0.
    let inline expNegative (x: ^V) : ^V =
        let struct (_, biased, q) = expParts (larger (c x (-104.0f)) x)
        raiseTo (c x 1.0f + q) biased (bias x)

    let inline exp (x: ^V) : ^V =
        let struct (_, biased, q) = expParts (smaller (c x 104.0f) (larger (c x (-104.0f)) x))
        raiseTo (c x 1.0f + q) biased (bias x)

    /// e^x - 1 and e^x.
    let inline expm1Exp (x: ^V) : struct (^V * ^V) =
        let one = c x 1.0f
        let clamped = smaller (c x 104.0f) (larger (c x (-104.0f)) x)
        let struct (n, biased, q) = expParts clamped
        let less = raiseTo ((one - scale one (-n)) + q) biased (bias x)
        // below the bound e^x - 1 is -1 to rounding, and 2^-n may overflow
        struct (choose (c x (-30.0f)) clamped (-one) less, raiseTo (one + q) biased (bias x))

    /// ln(1 + e) for 0 <= e <= 1, given 1 + e, 2 + e and 1/((1 + e)(2 + e)).
    let inline log1pUnit (e: ^V) (d1: ^V) (d2: ^V) (inverse: ^V) : ^V =
        let half = d1 * inverse
        let s = e * half
        // one step of refinement: s is e/(2 + e) to rounding
        let s = fma (fma (-s) d2 e) half s
        let twice = s + s
        let x = s * s
        fma (twice * x) (atanhRest x) twice

    let inline softplusSigmas (x: ^V) : struct (^V * ^V * ^V) =
        let zero = c x 0.0f
        let e = expNegative (-(magnitude x))
        let d1 = c x 1.0f + e
        let d2 = c x 2.0f + e
        let inverse = c x 1.0f / (d1 * d2)
        let value = larger zero x + log1pUnit e d1 d2 inverse
        let large = inverse * d2
        let small = e * large
        struct (value, choose x zero large small, choose x zero small large)

    let inline softplusPair (x: ^V) : struct (^V * ^V * ^V * ^V) =
        let zero = c x 0.0f
        let e = expNegative (-(magnitude x))
        let d1 = c x 1.0f + e
        let d2 = c x 2.0f + e
        let inverse = c x 1.0f / (d1 * d2)
        let least = log1pUnit e d1 d2 inverse
        let large = inverse * d2
        let small = e * large

        struct (larger zero x + least, larger zero (-x) + least, choose x zero large small, choose x zero small large)

    let inline sigmoids (x: ^V) : struct (^V * ^V) =
        let e = expNegative (-(magnitude x))
        let large = c x 1.0f / (c x 1.0f + e)
        let small = e * large
        let zero = c x 0.0f
        struct (choose x zero large small, choose x zero small large)

    /// n ln 2 + ln(1 + f) + correction.
    let inline logParts (f: ^V) (n: ^V) (correction: ^V) : ^V =
        let s = f / (c f 2.0f + f)
        let x = s * s
        let half = (c f 0.5f * f) * f
        let low = fma s (half + (x + x) * logRest x) (fma n (c f (-2.12194440e-4f)) correction)
        fma n (c f 0.693359375f) (f - (half - low))

    /// A logarithm outside the finite positive numbers: -inf at 0, inf at inf, not a number below 0 and for not a number.
    let inline logEnds (argument: ^V) (result: ^V) : ^V =
        let infinite = c argument infinityf
        let positive = choose argument infinite infinite result
        let nonPositive = choose argument (c argument 0.0f) (-infinite) (c argument nanf)
        choose argument (c argument 1.401298e-45f) positive nonPositive

    let inline log (x: ^V) : ^V =
        let struct (m, n) = split x
        logEnds x (logParts (m - c x 1.0f) n (c x 0.0f))

    let inline log1p (x: ^V) : ^V =
        let one = c x 1.0f
        let u = one + x
        let struct (m, n) = split u
        // what rounding took from 1 + x, relative to it
        let error = choose u (c x 2.0f) (one - (u - x)) (x - (u - one))
        logEnds u (logParts (m - one) n (error / u))

    let inline xlogxLog (x: ^V) : struct (^V * ^V) =
        let zero = c x 0.0f
        let least = c x 1.401298e-45f
        let l = log (larger x least)
        // 0 ln 0 = 0; not a number below 0, and for what is none
        struct (choose x least (x * l) (choose x zero zero (c x nanf)), l)

    let inline tanh (x: ^V) : ^V =
        let zero = c x 0.0f
        let a = smaller (c x 30.0f) (magnitude x)
        let struct (t, _) = expm1Exp (a + a)
        let v = t / (t + c x 2.0f)
        choose x zero v (-v)

    /// x - ln(1+x) and ln(1+x), with u = 1 + x as accurate as x. The logarithm of u = m 2^n is taken about f = m - 1, which is x itself for n = 0: x - ln(1+x) does not cancel near 0.
    let inline lessLog (x: ^V) (u: ^V) : struct (^V * ^V) =
        let struct (m, n) = split u
        let f = choose (c x 0.0f) (magnitude n) x (m - c x 1.0f)
        let s = f / (c x 2.0f + f)
        let w = s * s
        let half = (c x 0.5f * f) * f
        // f - ln(1+f)
        let bend = half - s * fma (w + w) (logRest w) half

        struct (fma (-n) (c x 0.693359375f) (x - f) + fma (-n) (c x (-2.12194440e-4f)) bend,
                fma n (c x 0.693359375f) (fma n (c x (-2.12194440e-4f)) (f - bend)))

    let inline atan (x: ^V) : ^V =
        let one = c x 1.0f
        let zero = c x 0.0f
        let a = magnitude x
        let far = c x 2.414213562373095f
        let middle = c x 0.41421356237309503f
        let numerator = choose a far (-one) (choose a middle (a - one) a)
        let denominator = choose a far a (choose a middle (a + one) one)
        let t = numerator / denominator
        let high = choose a far (c x 1.5707963267948966f) (choose a middle (c x 0.7853981633974483f) zero)
        let low = choose a far (c x (-4.371139e-8f)) (choose a middle (c x (-2.1855694e-8f)) zero)
        let x2 = t * t
        let v = high + (t + fma (t * x2) (atanRest x2) low)
        choose x zero v (-v)

/// Powers: small whole exponents and the square root directly; any other needs a logarithm in twice the precision to stay accurate, and is taken lane by lane.
module internal Powers =
    let private raise (lanes: Span<float>) exponent =
        for i in 0 .. Operators.(-) lanes.Length 1 do
            lanes[i] <- Math.Pow(lanes[i], exponent)

    let private raiseF (lanes: Span<float32>) exponent =
        for i in 0 .. Operators.(-) lanes.Length 1 do
            lanes[i] <- float32 (Math.Pow(float lanes[i], exponent))

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let private each<'V when 'V :> ILane<'V, float> and 'V: struct> (x: 'V) exponent : 'V =
        let lanes = Span<float>(NativePtr.toVoidPtr (NativePtr.stackalloc<float> 'V.Width), 'V.Width)

        'V.Store(x, &lanes[0])
        raise lanes exponent
        'V.Load &lanes[0]

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let private eachF<'V when 'V :> ILane<'V, float32> and 'V: struct> (x: 'V) exponent : 'V =
        let lanes = Span<float32>(NativePtr.toVoidPtr (NativePtr.stackalloc<float32> 'V.Width), 'V.Width)

        'V.Store(x, &lanes[0])
        raiseF lanes exponent
        'V.Load &lanes[0]

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let pow<'V when 'V :> ILane<'V, float> and 'V: struct> (x: 'V) (exponent: float) : 'V =
        if exponent = 0.0 then
            'V.Const 1.0
        elif exponent = 1.0 then
            x
        elif exponent = 2.0 then
            'V.Sqr x
        elif exponent = -1.0 then
            'V.op_Division ('V.Const 1.0, x)
        elif exponent = -2.0 then
            'V.Sqr('V.op_Division ('V.Const 1.0, x))
        elif exponent = 0.5 then
            'V.Sqrt x
        else
            each x exponent

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let powF<'V when 'V :> ILane<'V, float32> and 'V: struct> (x: 'V) (exponent: float) : 'V =
        if exponent = 0.0 then
            'V.Const 1.0
        elif exponent = 1.0 then
            x
        elif exponent = 2.0 then
            'V.Sqr x
        elif exponent = -1.0 then
            'V.op_Division ('V.Const 1.0, x)
        elif exponent = -2.0 then
            'V.Sqr('V.op_Division ('V.Const 1.0, x))
        elif exponent = 0.5 then
            'V.Sqrt x
        else
            eachF x exponent

/// The divergence of a mean and a logit. The members of the algebra that it calls are inlined one by one: as one function it would have more locals than the JIT inlines.
module internal LogitLanes =
    open Hindsight.FSharp.Ops

    /// Where s(z) leaves the normal numbers its logarithm is z itself to all digits: it is taken at this |z|, and the rest added.
    [<Literal>]
    let Longest = 700.0

    /// The same in single precision.
    [<Literal>]
    let LongestSingle = 80.0

    /// s(z) there.
    [<Literal>]
    let Floor = 9.85967654375977e-305

    [<Literal>]
    let FloorSingle = 1.8048513878454153e-35

    /// With d = s(z) - y: y h(d/y) + (1-y) h(-d/(1-y)), h(x) = x - ln(1+x), of which neither term is negative; and the derivatives ln(y/s(z)) - ln((1-y)/s(-z)) and d.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let divergence<'V, 'N when 'V :> ILane<'V, 'N> and 'V: struct and 'N: unmanaged>
        (longest: float)
        (floor: float)
        (y: 'V)
        (z: 'V)
        : struct ('V * 'V * 'V) =
        let least = 'V.Const 2.2250738585072014e-308
        let floor = 'V.Const floor
        let struct (s, t) = 'V.Sigmoids z
        let o = 'V.Const 1.0 - y
        // from the smaller of the two means, of which the difference is as accurate as that mean
        let d = 'V.Select('V.Const 0.5 - y, s - y, o - t)
        let y1 = 'V.Max(least, y)
        let o1 = 'V.Max(least, o)
        let r = 'V.Const 1.0 / (y1 * o1)
        let ry = o1 * r
        let ro = y1 * r
        let struct (h, l) = 'V.LessLog(d * ry, 'V.Max(floor, s) * ry)
        let struct (g, m) = 'V.LessLog(-(d * ro), 'V.Max(floor, t) * ro)
        let limit = 'V.Const longest
        let zero = 'V.Const 0.0
        let below = 'V.Max(zero, -z - limit)
        let above = 'V.Max(zero, z - limit)
        let first = 'V.Select(y - least, y * h, d)
        let second = 'V.Select(o - least, o * g, -d)

        struct ((first + second) + (y * below + o * above), (m - l) + (below - above), d)

/// 8 doubles in 512 bits: the scalar algebra, 8 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V512 =
    val V: Vector512<float>
    new(v) = { V = v }

    interface ILane<V512, float> with
        static member Width = 8

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x = V512(Vector512.Create<float>(x: float))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float>) = V512(Vector512.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: V512, target: byref<float>) = Vector512.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: V512) = Vector512.Sum v.V

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: V512) =
            let h = Vector256.MaxNative(v.V.GetLower(), v.V.GetUpper())
            let q = Vector128.MaxNative(h.GetLower(), h.GetUpper())
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1L, 0L))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMath.lessLog x.V u.V
            struct (V512 less, V512 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: V512) = V512(LaneMath.expNegative x.V)

    interface IAdditionOperators<V512, V512, V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: V512, b: V512) = V512(a.V + b.V)

    interface ISubtractionOperators<V512, V512, V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: V512, b: V512) = V512(a.V - b.V)

    interface IMultiplyOperators<V512, V512, V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: V512, b: V512) = V512(a.V * b.V)

    interface IDivisionOperators<V512, V512, V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: V512, b: V512) = V512(a.V / b.V)

    interface IUnaryNegationOperators<V512, V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: V512) = V512(-a.V)

    interface IReal<V512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x = V512(Vector512.Create<float>(x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) = V512(Vector512.Create<float>(high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = V512(LaneMath.exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = V512(LaneMath.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = V512(LaneMath.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMath.expm1Exp x.V
            V512 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMath.expm1Exp x.V
            struct (V512 less, V512 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = V512(Vector512.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = V512(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.pow x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMath.sigmoids x.V
            V512 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMath.sigmoids x.V
            struct (V512 s, V512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMath.softplusSigmas x.V
            V512 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMath.softplusSigmas x.V
            struct (V512 v, V512 s, V512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMath.softplusPair x.V
            struct (V512 v, V512 w, V512 s, V512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMath.xlogxLog x.V
            V512 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMath.xlogxLog x.V
            struct (V512 v, V512 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = V512(LaneMath.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = V512(LaneMath.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = V512(Vector512.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = V512(Vector512.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = V512(Vector512.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            V512(Simd.Choose(condition.V, Vector512<float>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: V512) : V512 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: V512) : struct (V512 * V512) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) = LogitLanes.divergence<V512, float> LogitLanes.Longest LogitLanes.Floor y z
            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<V512, float> LogitLanes.Longest LogitLanes.Floor y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector512.EqualsAll(x.V, Vector512<float>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: V512, y: V512) : V512 =
            f.Value(x, y)

/// 4 doubles in 256 bits: the scalar algebra, 4 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V256 =
    val V: Vector256<float>
    new(v) = { V = v }

    interface ILane<V256, float> with
        static member Width = 4

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x = V256(Vector256.Create<float>(x: float))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float>) = V256(Vector256.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: V256, target: byref<float>) = Vector256.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: V256) = Vector256.Sum v.V

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: V256) =
            let q = Vector128.MaxNative(v.V.GetLower(), v.V.GetUpper())
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1L, 0L))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMath.lessLog x.V u.V
            struct (V256 less, V256 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: V256) = V256(LaneMath.expNegative x.V)

    interface IAdditionOperators<V256, V256, V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: V256, b: V256) = V256(a.V + b.V)

    interface ISubtractionOperators<V256, V256, V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: V256, b: V256) = V256(a.V - b.V)

    interface IMultiplyOperators<V256, V256, V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: V256, b: V256) = V256(a.V * b.V)

    interface IDivisionOperators<V256, V256, V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: V256, b: V256) = V256(a.V / b.V)

    interface IUnaryNegationOperators<V256, V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: V256) = V256(-a.V)

    interface IReal<V256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x = V256(Vector256.Create<float>(x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) = V256(Vector256.Create<float>(high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = V256(LaneMath.exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = V256(LaneMath.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = V256(LaneMath.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMath.expm1Exp x.V
            V256 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMath.expm1Exp x.V
            struct (V256 less, V256 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = V256(Vector256.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = V256(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.pow x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMath.sigmoids x.V
            V256 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMath.sigmoids x.V
            struct (V256 s, V256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMath.softplusSigmas x.V
            V256 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMath.softplusSigmas x.V
            struct (V256 v, V256 s, V256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMath.softplusPair x.V
            struct (V256 v, V256 w, V256 s, V256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMath.xlogxLog x.V
            V256 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMath.xlogxLog x.V
            struct (V256 v, V256 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = V256(LaneMath.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = V256(LaneMath.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = V256(Vector256.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = V256(Vector256.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = V256(Vector256.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            V256(Simd.Choose(condition.V, Vector256<float>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: V256) : V256 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: V256) : struct (V256 * V256) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) = LogitLanes.divergence<V256, float> LogitLanes.Longest LogitLanes.Floor y z
            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<V256, float> LogitLanes.Longest LogitLanes.Floor y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector256.EqualsAll(x.V, Vector256<float>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: V256, y: V256) : V256 =
            f.Value(x, y)

/// 2 doubles in 128 bits: the scalar algebra, 2 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V128 =
    val V: Vector128<float>
    new(v) = { V = v }

    interface ILane<V128, float> with
        static member Width = 2

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x = V128(Vector128.Create<float>(x: float))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float>) = V128(Vector128.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: V128, target: byref<float>) = Vector128.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: V128) = Vector128.Sum v.V

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: V128) =
            let q = v.V
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1L, 0L))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMath.lessLog x.V u.V
            struct (V128 less, V128 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: V128) = V128(LaneMath.expNegativeTwo x.V)

    interface IAdditionOperators<V128, V128, V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: V128, b: V128) = V128(a.V + b.V)

    interface ISubtractionOperators<V128, V128, V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: V128, b: V128) = V128(a.V - b.V)

    interface IMultiplyOperators<V128, V128, V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: V128, b: V128) = V128(a.V * b.V)

    interface IDivisionOperators<V128, V128, V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: V128, b: V128) = V128(a.V / b.V)

    interface IUnaryNegationOperators<V128, V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: V128) = V128(-a.V)

    interface IReal<V128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x = V128(Vector128.Create<float>(x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) = V128(Vector128.Create<float>(high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = V128(LaneMath.expTwo x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = V128(LaneMath.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = V128(LaneMath.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMath.expm1Exp x.V
            V128 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMath.expm1Exp x.V
            struct (V128 less, V128 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = V128(Vector128.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = V128(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.pow x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMath.sigmoidsOf x.V (LaneMath.expNegativeTwo (-(magnitude x.V)))
            V128 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMath.sigmoidsOf x.V (LaneMath.expNegativeTwo (-(magnitude x.V)))
            struct (V128 s, V128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMath.softplusSigmasOf x.V (LaneMath.expNegativeTwo (-(magnitude x.V)))
            V128 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMath.softplusSigmasOf x.V (LaneMath.expNegativeTwo (-(magnitude x.V)))
            struct (V128 v, V128 s, V128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMath.softplusPairOf x.V (LaneMath.expNegativeTwo (-(magnitude x.V)))
            struct (V128 v, V128 w, V128 s, V128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMath.xlogxLog x.V
            V128 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMath.xlogxLog x.V
            struct (V128 v, V128 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = V128(LaneMath.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = V128(LaneMath.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = V128(Vector128.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = V128(Vector128.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = V128(Vector128.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            V128(Simd.Choose(condition.V, Vector128<float>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: V128) : V128 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: V128) : struct (V128 * V128) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) = LogitLanes.divergence<V128, float> LogitLanes.Longest LogitLanes.Floor y z
            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<V128, float> LogitLanes.Longest LogitLanes.Floor y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector128.EqualsAll(x.V, Vector128<float>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: V128, y: V128) : V128 =
            f.Value(x, y)

/// 16 singles in 512 bits: the scalar algebra, 16 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F512 =
    val V: Vector512<float32>
    new(v) = { V = v }

    interface ILane<F512, float32> with
        static member Width = 16

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x =
            F512(Vector512.Create<float32>(x: float32))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float32>) = F512(Vector512.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: F512, target: byref<float32>) = Vector512.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: F512) = float (Vector512.Sum v.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: F512) =
            let h = Vector256.MaxNative(v.V.GetLower(), v.V.GetUpper())
            let q = Vector128.MaxNative(h.GetLower(), h.GetUpper())
            let q = Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(2, 3, 0, 1)))
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1, 0, 3, 2))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMathF.lessLog x.V u.V
            struct (F512 less, F512 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: F512) = F512(LaneMathF.expNegative x.V)

    interface IAdditionOperators<F512, F512, F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: F512, b: F512) = F512(a.V + b.V)

    interface ISubtractionOperators<F512, F512, F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: F512, b: F512) = F512(a.V - b.V)

    interface IMultiplyOperators<F512, F512, F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: F512, b: F512) = F512(a.V * b.V)

    interface IDivisionOperators<F512, F512, F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: F512, b: F512) = F512(a.V / b.V)

    interface IUnaryNegationOperators<F512, F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: F512) = F512(-a.V)

    interface IReal<F512> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x =
            F512(Vector512.Create<float32>(LaneMathF.constant x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) =
            F512(Vector512.Create<float32>(LaneMathF.constant high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = F512(LaneMathF.exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = F512(LaneMathF.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = F512(LaneMathF.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMathF.expm1Exp x.V
            F512 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMathF.expm1Exp x.V
            struct (F512 less, F512 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = F512(Vector512.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = F512(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.powF x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMathF.sigmoids x.V
            F512 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMathF.sigmoids x.V
            struct (F512 s, F512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMathF.softplusSigmas x.V
            F512 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMathF.softplusSigmas x.V
            struct (F512 v, F512 s, F512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMathF.softplusPair x.V
            struct (F512 v, F512 w, F512 s, F512 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMathF.xlogxLog x.V
            F512 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMathF.xlogxLog x.V
            struct (F512 v, F512 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = F512(LaneMathF.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = F512(LaneMathF.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = F512(Vector512.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = F512(Vector512.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = F512(Vector512.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            F512(Simd.Choose(condition.V, Vector512<float32>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: F512) : F512 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: F512) : struct (F512 * F512) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) =
                LogitLanes.divergence<F512, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<F512, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector512.EqualsAll(x.V, Vector512<float32>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: F512, y: F512) : F512 =
            f.Value(x, y)

/// 8 singles in 256 bits: the scalar algebra, 8 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F256 =
    val V: Vector256<float32>
    new(v) = { V = v }

    interface ILane<F256, float32> with
        static member Width = 8

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x =
            F256(Vector256.Create<float32>(x: float32))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float32>) = F256(Vector256.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: F256, target: byref<float32>) = Vector256.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: F256) = float (Vector256.Sum v.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: F256) =
            let q = Vector128.MaxNative(v.V.GetLower(), v.V.GetUpper())
            let q = Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(2, 3, 0, 1)))
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1, 0, 3, 2))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMathF.lessLog x.V u.V
            struct (F256 less, F256 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: F256) = F256(LaneMathF.expNegative x.V)

    interface IAdditionOperators<F256, F256, F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: F256, b: F256) = F256(a.V + b.V)

    interface ISubtractionOperators<F256, F256, F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: F256, b: F256) = F256(a.V - b.V)

    interface IMultiplyOperators<F256, F256, F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: F256, b: F256) = F256(a.V * b.V)

    interface IDivisionOperators<F256, F256, F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: F256, b: F256) = F256(a.V / b.V)

    interface IUnaryNegationOperators<F256, F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: F256) = F256(-a.V)

    interface IReal<F256> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x =
            F256(Vector256.Create<float32>(LaneMathF.constant x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) =
            F256(Vector256.Create<float32>(LaneMathF.constant high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = F256(LaneMathF.exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = F256(LaneMathF.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = F256(LaneMathF.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMathF.expm1Exp x.V
            F256 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMathF.expm1Exp x.V
            struct (F256 less, F256 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = F256(Vector256.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = F256(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.powF x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMathF.sigmoids x.V
            F256 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMathF.sigmoids x.V
            struct (F256 s, F256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMathF.softplusSigmas x.V
            F256 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMathF.softplusSigmas x.V
            struct (F256 v, F256 s, F256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMathF.softplusPair x.V
            struct (F256 v, F256 w, F256 s, F256 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMathF.xlogxLog x.V
            F256 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMathF.xlogxLog x.V
            struct (F256 v, F256 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = F256(LaneMathF.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = F256(LaneMathF.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = F256(Vector256.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = F256(Vector256.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = F256(Vector256.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            F256(Simd.Choose(condition.V, Vector256<float32>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: F256) : F256 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: F256) : struct (F256 * F256) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) =
                LogitLanes.divergence<F256, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<F256, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector256.EqualsAll(x.V, Vector256<float32>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: F256, y: F256) : F256 =
            f.Value(x, y)

/// 4 singles in 128 bits: the scalar algebra, 4 elements at a time.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F128 =
    val V: Vector128<float32>
    new(v) = { V = v }

    interface ILane<F128, float32> with
        static member Width = 4

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Splat x =
            F128(Vector128.Create<float32>(x: float32))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Load(source: byref<float32>) = F128(Vector128.LoadUnsafe &source)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Store(v: F128, target: byref<float32>) = Vector128.StoreUnsafe(v.V, &target)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sum(v: F128) = float (Vector128.Sum v.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Largest(v: F128) =
            let q = v.V
            let q = Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(2, 3, 0, 1)))
            Vector128.MaxNative(q, Vector128.Shuffle(q, Vector128.Create(1, 0, 3, 2))).ToScalar()

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LessLog(x, u) =
            let struct (less, l) = LaneMathF.lessLog x.V u.V
            struct (F128 less, F128 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ExpNegative(x: F128) = F128(LaneMathF.expNegative x.V)

    interface IAdditionOperators<F128, F128, F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (+)(a: F128, b: F128) = F128(a.V + b.V)

    interface ISubtractionOperators<F128, F128, F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (-)(a: F128, b: F128) = F128(a.V - b.V)

    interface IMultiplyOperators<F128, F128, F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (*)(a: F128, b: F128) = F128(a.V * b.V)

    interface IDivisionOperators<F128, F128, F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (/)(a: F128, b: F128) = F128(a.V / b.V)

    interface IUnaryNegationOperators<F128, F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member (~-)(a: F128) = F128(-a.V)

    interface IReal<F128> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const x =
            F128(Vector128.Create<float32>(LaneMathF.constant x))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Const2(high, _) =
            F128(Vector128.Create<float32>(LaneMathF.constant high))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Exp x = F128(LaneMathF.exp x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log x = F128(LaneMathF.log x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Log1p x = F128(LaneMathF.log1p x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1 x =
            let struct (less, _) = LaneMathF.expm1Exp x.V
            F128 less

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Expm1Exp x =
            let struct (less, e) = LaneMathF.expm1Exp x.V
            struct (F128 less, F128 e)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqrt x = F128(Vector128.Sqrt x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sqr x = F128(x.V * x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Pow(x, exponent) = Powers.powF x exponent

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoid x =
            let struct (s, _) = LaneMathF.sigmoids x.V
            F128 s

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Sigmoids x =
            let struct (s, t) = LaneMathF.sigmoids x.V
            struct (F128 s, F128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Softplus x =
            let struct (v, _, _) = LaneMathF.softplusSigmas x.V
            F128 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusSigmas x =
            let struct (v, s, t) = LaneMathF.softplusSigmas x.V
            struct (F128 v, F128 s, F128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member SoftplusPair x =
            let struct (v, w, s, t) = LaneMathF.softplusPair x.V
            struct (F128 v, F128 w, F128 s, F128 t)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogX x =
            let struct (v, _) = LaneMathF.xlogxLog x.V
            F128 v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member XLogXLog x =
            let struct (v, l) = LaneMathF.xlogxLog x.V
            struct (F128 v, F128 l)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Tanh x = F128(LaneMathF.tanh x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Atan x = F128(LaneMathF.atan x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Abs x = F128(Vector128.Abs x.V)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Max(x, y) = F128(Vector128.MaxNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Min(x, y) = F128(Vector128.MinNative(x.V, y.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Select(condition, a, b) =
            F128(Simd.Choose(condition.V, Vector128<float32>.Zero, a.V, b.V))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: F128) : F128 = f.Value x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>(f: 'F, x: F128) : struct (F128 * F128) =
            f.Pair x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergence(y, z) =
            let struct (v, _, _) =
                LogitLanes.divergence<F128, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

            v

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member LogitDivergenceSlopes(y, z) =
            LogitLanes.divergence<F128, float32> LogitLanes.LongestSingle LogitLanes.FloorSingle y z

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member IsZero x =
            Vector128.EqualsAll(x.V, Vector128<float32>.Zero)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: F128, y: F128) : F128 =
            f.Value(x, y)

module internal Portable =
    let expByTable (x: Vector128<float>) : Vector128<float> = LaneMath.expTable x
