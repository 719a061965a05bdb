/// The loops of the network: rows of float32 weights, a row an input, padded to 16 columns.
/// One abstract operation each, with 512-bit lanes where the machine has them and portable code elsewhere.
namespace Hindsight.FSharp.Networks

#nowarn "9" // raw pointers, see Aligned.fs
#nowarn "3391" // Span to ReadOnlySpan

open System
open System.Numerics.Tensors
open System.Runtime.Intrinsics
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

/// Eight lanes in the base library's portable vectors: hardware where there is some, correct anywhere.
module private Eight =
    let inline load (p: Floats) (offset: int) : Vector256<float32> = Vector256.Load(NativePtr.add p offset)

    let inline store (v: Vector256<float32>) (p: Floats) (offset: int) =
        Vector256.Store(v, NativePtr.add p offset)

    let inline all (x: float32) : Vector256<float32> = Vector256.Create<float32>(x: float32)

    /// Eight codes, widened.
    let inline codes (p: Codes) (offset: int) : Vector256<int> =
        let eight = Vector128.Load(NativePtr.add p offset)
        Vector256.AsInt32(Vector256.Create(Vector128.WidenLower eight, Vector128.WidenUpper eight))

    let inline look (tables: Floats) (code: uint16) =
        NativePtr.get tables (int code &&& 31) + NativePtr.get tables (32 + (int code >>> 5))

    /// The weighted sums of signs of eight codes; 0 in the lanes from count on.
    let inline looked (tables: Floats) (p: Codes) (offset: int) (count: int) : Vector256<float32> =
        let c = NativePtr.add p offset

        let sums =
            Vector256.Create(
                look tables (NativePtr.get c 0),
                look tables (NativePtr.get c 1),
                look tables (NativePtr.get c 2),
                look tables (NativePtr.get c 3),
                look tables (NativePtr.get c 4),
                look tables (NativePtr.get c 5),
                look tables (NativePtr.get c 6),
                look tables (NativePtr.get c 7)
            )

        if count >= 8 then
            sums
        else
            let mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create<int>(count: int))
            Vector256.AsSingle(Vector256.AsInt32 sums &&& mask)

    /// d with the sign that bit (31 - shift) of its code says.
    let inline signed (d: Vector256<int>) (code: Vector256<int>) (shift: int) (top: Vector256<int>) =
        Vector256.AsSingle(d ^^^ (Vector256.ShiftLeft(code, shift) &&& top))

    let inline add (sums: Floats) (slot: int) (v: Vector256<float32>) =
        NativePtr.set sums slot (NativePtr.get sums slot + Vector256.Sum v)

open Eight

/// Any machine: TensorPrimitives for rows, eight lanes for signs.
[<Sealed>]
type internal PortableKernels() =
    inherit Kernels()

    static let span (p: Floats) count =
        Span<float32>(NativePtr.toVoidPtr p, count)

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
            let weight = all (NativePtr.get x j)
            let mutable c = 0

            while c < columns do
                let o = j * stride + c
                let effective = load w o + looked tables codes o (columns - c)
                store (load z c + weight * effective) z c
                c <- c + 8

    override k.Multiply(w, stride, rows, x, ldx, vectors, z, ldz) =
        for v in 0 .. vectors - 1 do
            let zv = NativePtr.add z (v * ldz)
            let xv = NativePtr.add x (v * ldx)
            (span zv stride).Clear()

            for j in 0 .. rows - 1 do
                let row = span (NativePtr.add w (j * stride)) stride
                TensorPrimitives.MultiplyAdd(row, NativePtr.get xv j, span zv stride, span zv stride)

    override _.Update(w, w0, codes, tables, stride, columns, rows, x, b, sums) =
        let top = Vector256.Create<int> Int32.MinValue
        let mutable u0 = Vector256<float32>.Zero
        let mutable u1 = Vector256<float32>.Zero
        let mutable u2 = Vector256<float32>.Zero
        let mutable u3 = Vector256<float32>.Zero
        let mutable u4 = Vector256<float32>.Zero
        let mutable u5 = Vector256<float32>.Zero
        let mutable u6 = Vector256<float32>.Zero
        let mutable u7 = Vector256<float32>.Zero
        let mutable u8 = Vector256<float32>.Zero
        let mutable u9 = Vector256<float32>.Zero
        let mutable norm = Vector256<float32>.Zero

        for j in 0 .. rows - 1 do
            let xj = all (if NativePtr.isNullPtr x then 0.0f else NativePtr.get x j)
            let mutable c = 0

            while c < columns do
                let o = j * stride + c
                let code = Eight.codes codes o
                let updated = load w o + (xj * load b c + looked tables codes o (columns - c))
                store updated w o
                let d = updated - load w0 o
                norm <- norm + d * d
                let di = Vector256.AsInt32 d
                u0 <- u0 + signed di code 31 top
                u1 <- u1 + signed di code 30 top
                u2 <- u2 + signed di code 29 top
                u3 <- u3 + signed di code 28 top
                u4 <- u4 + signed di code 27 top
                u5 <- u5 + signed di code 26 top
                u6 <- u6 + signed di code 25 top
                u7 <- u7 + signed di code 24 top
                u8 <- u8 + signed di code 23 top
                u9 <- u9 + signed di code 22 top
                c <- c + 8

        add sums 0 u0
        add sums 1 u1
        add sums 2 u2
        add sums 3 u3
        add sums 4 u4
        add sums 5 u5
        add sums 6 u6
        add sums 7 u7
        add sums 8 u8
        add sums 9 u9
        add sums Sums.Norm norm

    override _.Add(w, w0, stride, index, n, x, b, sums) =
        let mutable norm = Vector256<float32>.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let mutable c = 0

            while c < stride do
                let o = j * stride + c
                let g = xj * load b c
                let updated = load w o + g
                store updated w o
                let d = updated - load w0 o
                norm <- norm + (d + d - g) * g
                c <- c + 8

        add sums Sums.Norm norm

    override k.AddSigned(w, w0, codes, stride, index, n, x, b, sums) =
        k.Add(w, w0, stride, index, n, x, b, sums)
        let top = Vector256.Create<int> Int32.MinValue
        let mutable u0 = Vector256<float32>.Zero
        let mutable u1 = Vector256<float32>.Zero
        let mutable u2 = Vector256<float32>.Zero
        let mutable u3 = Vector256<float32>.Zero
        let mutable u4 = Vector256<float32>.Zero
        let mutable u5 = Vector256<float32>.Zero
        let mutable u6 = Vector256<float32>.Zero
        let mutable u7 = Vector256<float32>.Zero
        let mutable u8 = Vector256<float32>.Zero
        let mutable u9 = Vector256<float32>.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let mutable c = 0

            while c < stride do
                let code = Eight.codes codes (j * stride + c)
                let di = Vector256.AsInt32(xj * load b c)
                u0 <- u0 + signed di code 31 top
                u1 <- u1 + signed di code 30 top
                u2 <- u2 + signed di code 29 top
                u3 <- u3 + signed di code 28 top
                u4 <- u4 + signed di code 27 top
                u5 <- u5 + signed di code 26 top
                u6 <- u6 + signed di code 25 top
                u7 <- u7 + signed di code 24 top
                u8 <- u8 + signed di code 23 top
                u9 <- u9 + signed di code 22 top
                c <- c + 8

        add sums 0 u0
        add sums 1 u1
        add sums 2 u2
        add sums 3 u3
        add sums 4 u4
        add sums 5 u5
        add sums 6 u6
        add sums 7 u7
        add sums 8 u8
        add sums 9 u9

    override _.Shrink(w, w0, count, factor, sums) =
        let f = all factor
        let mutable norm = Vector256<float32>.Zero
        let mutable o = 0

        while o < count do
            let start = load w0 o
            let d = f * (load w o - start)
            store (start + d) w o
            norm <- norm + d * d
            o <- o + 8

        add sums Sums.Norm norm

    override _.Adapt(w, square, stride, index, n, x, b, decay, rate, floor) =
        let keep = all decay
        let fresh = all (if decay = 1.0f then 1.0f else 1.0f - decay)
        let rates = all rate
        let floors = all floor

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let mutable c = 0

            while c < stride do
                let o = j * stride + c
                let g = xj * load b c
                let q = keep * load square o + fresh * g * g
                store q square o
                store (load w o - rates * g / (Vector256.Sqrt q + floors)) w o
                c <- c + 8

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
