/// The loops of the network: rows of float32 weights, a row an input, padded to 16 columns.
/// One abstract operation each, with 512-bit lanes where the machine has them and portable code elsewhere.
namespace Hindsight.FSharp.Networks

#nowarn "9" // raw pointers, see Aligned.fs
#nowarn "3391" // Span to ReadOnlySpan

open System
open System.Numerics.Tensors
open FSharp.NativeInterop

type internal Floats = nativeptr<float32>
type internal Codes = nativeptr<uint16>
type internal Ints = nativeptr<int>

/// Signs of a plane: bit s of a parameter's code set means sign -1; a plane holds ten.
/// Weighted sums of signs are looked up: table 0 has the 32 sums of signs 0-4, table 1 those of signs 5-9.
[<RequireQualifiedAccess>]
module internal Plane =
    [<Literal>]
    let Signs = 10

    /// The 64 table entries of ten weights.
    let tables (weights: ReadOnlySpan<float>) (first: int) (tables: Floats) =
        for half in 0..1 do
            for code in 0..31 do
                let mutable sum = 0.0

                for bit in 0..4 do
                    let s = first + 5 * half + bit

                    if s < weights.Length then
                        sum <- sum + (if (code >>> bit) &&& 1 = 1 then -weights[s] else weights[s])

                NativePtr.set tables (32 * half + code) (float32 sum)

/// Slots of the sums that an update adds to: ten sign sums, then the squared norm.
[<RequireQualifiedAccess>]
module internal Sums =
    [<Literal>]
    let Norm = 10

    [<Literal>]
    let Length = 16

[<AbstractClass>]
type internal Kernels() =
    /// Lanes of float32; snapshots record it.
    abstract Width: int
    /// z = sum over i < n of x[index[i]] * row index[i] of w.
    abstract Gather: w: Floats * stride: int * index: Ints * n: int * x: Floats * z: Floats -> unit

    /// The same of w + (sum of signs weighted by the tables) in the first columns.
    abstract GatherSigned:
        w: Floats *
        codes: Codes *
        tables: Floats *
        stride: int *
        columns: int *
        index: Ints *
        n: int *
        x: Floats *
        z: Floats ->
            unit

    /// For each of so many vectors: z = sum over rows of x[row] * row of w.
    abstract Multiply:
        w: Floats * stride: int * rows: int * x: Floats * ldx: int * vectors: int * z: Floats * ldz: int -> unit

    /// w += x[row] b' + weighted signs, in all rows (x null: no first term); adds sign sums and squared norm of w - w0.
    abstract Update:
        w: Floats *
        w0: Floats *
        codes: Codes *
        tables: Floats *
        stride: int *
        columns: int *
        rows: int *
        x: Floats *
        b: Floats *
        sums: Floats ->
            unit

    /// w += x[i] b' in the rows of the index; adds to the norm slot by how much the squared norm of w - w0 grew.
    abstract Add:
        w: Floats * w0: Floats * stride: int * index: Ints * n: int * x: Floats * b: Floats * sums: Floats -> unit

    /// The same; adds the sign sums of the added part too.
    abstract AddSigned:
        w: Floats *
        w0: Floats *
        codes: Codes *
        stride: int *
        index: Ints *
        n: int *
        x: Floats *
        b: Floats *
        sums: Floats ->
            unit

    /// w = w0 + factor (w - w0) in count contiguous entries; adds the squared norm of the new w - w0.
    abstract Shrink: w: Floats * w0: Floats * count: int * factor: float32 * sums: Floats -> unit

    /// Gradient g = x[i] b' in the rows of the index: square = decay * square + (1 - decay) g^2 (decay = 1: square + g^2), w -= rate * g / (sqrt square + floor).
    abstract Adapt:
        w: Floats *
        square: Floats *
        stride: int *
        index: Ints *
        n: int *
        x: Floats *
        b: Floats *
        decay: float32 *
        rate: float32 *
        floor: float32 ->
            unit

    /// Inner product of a and b over count entries, a multiple of 16.
    abstract Dot: a: Floats * b: Floats * count: int -> float32
    /// h = max(scale z, 0) over count entries, a multiple of 16.
    abstract Relu: z: Floats * h: Floats * count: int * scale: float32 -> unit
    /// Mean over s < count of 1/(1 + exp(-(score + shift[s]))).
    abstract MeanSigmoid: score: float32 * shift: Floats * count: int -> float32

/// Any machine: TensorPrimitives for rows, plain loops for signs.
[<Sealed>]
type internal PortableKernels() =
    inherit Kernels()

    static let span (p: Floats) count =
        Span<float32>(NativePtr.toVoidPtr p, count)

    static let look (tables: Floats) (code: uint16) =
        NativePtr.get tables (int code &&& 31) + NativePtr.get tables (32 + (int code >>> 5))

    static let addSigns (codes: Codes) (delta: Floats) count (sums: Floats) =
        for i in 0 .. count - 1 do
            let code = int (NativePtr.get codes i)
            let d = NativePtr.get delta i

            for s in 0 .. Plane.Signs - 1 do
                NativePtr.set sums s (NativePtr.get sums s + (if (code >>> s) &&& 1 = 1 then -d else d))

    override _.Width = 0

    override _.Gather(w, stride, index, n, x, z) =
        (span z stride).Clear()

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = span (NativePtr.add w (j * stride)) stride
            TensorPrimitives.MultiplyAdd(row, NativePtr.get x j, span z stride, span z stride)

    override _.GatherSigned(w, codes, tables, stride, columns, index, n, x, z) =
        (span z stride).Clear()

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = NativePtr.get x j

            for c in 0 .. columns - 1 do
                let o = j * stride + c
                let effective = NativePtr.get w o + look tables (NativePtr.get codes o)
                NativePtr.set z c (NativePtr.get z c + xj * effective)

    override k.Multiply(w, stride, rows, x, ldx, vectors, z, ldz) =
        for v in 0 .. vectors - 1 do
            let zv = NativePtr.add z (v * ldz)
            let xv = NativePtr.add x (v * ldx)
            (span zv stride).Clear()

            for j in 0 .. rows - 1 do
                let row = span (NativePtr.add w (j * stride)) stride
                TensorPrimitives.MultiplyAdd(row, NativePtr.get xv j, span zv stride, span zv stride)

    override _.Update(w, w0, codes, tables, stride, columns, rows, x, b, sums) =
        for j in 0 .. rows - 1 do
            let xj = if NativePtr.isNullPtr x then 0.0f else NativePtr.get x j

            for c in 0 .. columns - 1 do
                let o = j * stride + c
                let code = NativePtr.get codes o
                let updated = NativePtr.get w o + (xj * NativePtr.get b c + look tables code)
                NativePtr.set w o updated
                let d = updated - NativePtr.get w0 o
                NativePtr.set sums Sums.Norm (NativePtr.get sums Sums.Norm + d * d)

                for s in 0 .. Plane.Signs - 1 do
                    NativePtr.set sums s (NativePtr.get sums s + (if (int code >>> s) &&& 1 = 1 then -d else d))

    override _.Add(w, w0, stride, index, n, x, b, sums) =
        let mutable norm = 0.0f

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = NativePtr.get x j

            for c in 0 .. stride - 1 do
                let o = j * stride + c
                let g = xj * NativePtr.get b c
                let updated = NativePtr.get w o + g
                NativePtr.set w o updated
                let d = updated - NativePtr.get w0 o
                norm <- norm + (d + d - g) * g

        NativePtr.set sums Sums.Norm (NativePtr.get sums Sums.Norm + norm)

    override k.AddSigned(w, w0, codes, stride, index, n, x, b, sums) =
        k.Add(w, w0, stride, index, n, x, b, sums)
        let g = NativePtr.stackalloc<float32> stride

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            TensorPrimitives.Multiply(span b stride, NativePtr.get x j, span g stride)
            addSigns (NativePtr.add codes (j * stride)) g stride sums

    override _.Shrink(w, w0, count, factor, sums) =
        let mutable norm = 0.0f

        for o in 0 .. count - 1 do
            let start = NativePtr.get w0 o
            let d = factor * (NativePtr.get w o - start)
            NativePtr.set w o (start + d)
            norm <- norm + d * d

        NativePtr.set sums Sums.Norm (NativePtr.get sums Sums.Norm + norm)

    override _.Adapt(w, square, stride, index, n, x, b, decay, rate, floor) =
        let fresh = if decay = 1.0f then 1.0f else 1.0f - decay

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = NativePtr.get x j

            for c in 0 .. stride - 1 do
                let o = j * stride + c
                let g = xj * NativePtr.get b c
                let q = decay * NativePtr.get square o + fresh * g * g
                NativePtr.set square o q
                NativePtr.set w o (NativePtr.get w o - rate * g / (MathF.Sqrt q + floor))

    override _.Dot(a, b, count) =
        TensorPrimitives.Dot(span a count, span b count)

    override _.Relu(z, h, count, scale) =
        TensorPrimitives.Multiply(span z count, scale, span h count)
        TensorPrimitives.Max<float32>(Span.op_Implicit (span h count), 0.0f, span h count)

    override _.MeanSigmoid(score, shift, count) =
        let mutable sum = 0.0f

        for s in 0 .. count - 1 do
            sum <- sum + 1.0f / (1.0f + MathF.Exp(-(score + NativePtr.get shift s)))

        sum / float32 count
