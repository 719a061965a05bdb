/// The kernels with 512-bit lanes (AVX-512F). Accumulators stay in registers, hence the unrolled tiles.
namespace Hindsight.FSharp.Networks

#nowarn "9" // raw pointers, see Aligned.fs

open System
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open FSharp.NativeInterop

type private V = Vector512<float32>

module private Lane =
    let inline load (p: Floats) (offset: int) : V = Vector512.Load(NativePtr.add p offset)

    let inline store (v: V) (p: Floats) (offset: int) =
        Vector512.Store(v, NativePtr.add p offset)

    let inline all (x: float32) : V = Vector512.Create<float32>(x: float32)

    let inline fma (a: V) (b: V) (c: V) : V = Vector512.FusedMultiplyAdd(a, b, c)

    /// Sixteen codes, widened.
    let inline code (p: Codes) (offset: int) =
        Avx512F.ConvertToVector512Int32(Vector256.Load(NativePtr.add p offset))

    /// The weighted sums of signs of sixteen codes.
    let inline look (t0: V) (t1: V) (t2: V) (t3: V) (code: Vector512<int>) : V =
        Avx512F.PermuteVar16x32x2(t0, code, t1)
        + Avx512F.PermuteVar16x32x2(t2, Vector512.ShiftRightLogical(code, 5), t3)

    /// d with the sign that bit (31 - shift) of its code says.
    let inline signed (d: Vector512<int>) (code: Vector512<int>) (shift: int) (top: Vector512<int>) : V =
        Vector512.AsSingle(d ^^^ (Vector512.ShiftLeft(code, shift) &&& top))

    /// Lanes 0 .. count-1 all ones.
    let inline mask (count: int) =
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create<int>(count: int))

    let inline add (sums: Floats) (slot: int) (v: V) =
        NativePtr.set sums slot (NativePtr.get sums slot + Vector512.Sum v)

    /// e^y for y in [-87, 87]: 2^n times a polynomial of degree 6, about 1 ulp.
    let inline exp (y: V) : V =
        let magic = all 12582912.0f
        let t = fma y (all 1.44269504f) magic
        let n = t - magic
        let r = fma n (all -0.693359375f) y
        let r = fma n (all 2.12194440e-4f) r
        let p = fma r (all (1.0f / 720.0f)) (all (1.0f / 120.0f))
        let p = fma r p (all (1.0f / 24.0f))
        let p = fma r p (all (1.0f / 6.0f))
        let p = fma r p (all 0.5f)
        let p = fma r p (all 1.0f)
        let p = fma r p (all 1.0f)
        Vector512.AsSingle(Vector512.AsInt32 p + Vector512.ShiftLeft(Vector512.AsInt32 t, 23))

open Lane

[<AbstractClass; Sealed>]
type private Tile =
    /// 7 vectors of columns of one product.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Gather7(w: Floats, stride: int, index: Ints, n: int, x: Floats, z: Floats) =
        let mutable s0 = V.Zero
        let mutable s1 = V.Zero
        let mutable s2 = V.Zero
        let mutable s3 = V.Zero
        let mutable s4 = V.Zero
        let mutable s5 = V.Zero
        let mutable s6 = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = NativePtr.add w (j * stride)
            let xj = all (NativePtr.get x j)
            s0 <- fma xj (load row 0) s0
            s1 <- fma xj (load row 16) s1
            s2 <- fma xj (load row 32) s2
            s3 <- fma xj (load row 48) s3
            s4 <- fma xj (load row 64) s4
            s5 <- fma xj (load row 80) s5
            s6 <- fma xj (load row 96) s6

        store s0 z 0
        store s1 z 16
        store s2 z 32
        store s3 z 48
        store s4 z 64
        store s5 z 80
        store s6 z 96

    /// 4 vectors of columns of one product.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Gather4(w: Floats, stride: int, index: Ints, n: int, x: Floats, z: Floats) =
        let mutable s0 = V.Zero
        let mutable s1 = V.Zero
        let mutable s2 = V.Zero
        let mutable s3 = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = NativePtr.add w (j * stride)
            let xj = all (NativePtr.get x j)
            s0 <- fma xj (load row 0) s0
            s1 <- fma xj (load row 16) s1
            s2 <- fma xj (load row 32) s2
            s3 <- fma xj (load row 48) s3

        store s0 z 0
        store s1 z 16
        store s2 z 32
        store s3 z 48

    /// 1 vectors of columns of one product.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Gather1(w: Floats, stride: int, index: Ints, n: int, x: Floats, z: Floats) =
        let mutable s0 = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = NativePtr.add w (j * stride)
            let xj = all (NativePtr.get x j)
            s0 <- fma xj (load row 0) s0

        store s0 z 0

    /// 7 vectors of columns of one product, signs added on the fly.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member GatherSigned7
        (w: Floats, codes: Codes, tables: Floats, stride: int, columns: int, index: Ints, n: int, x: Floats, z: Floats)
        =
        let t0 = load tables 0
        let t1 = load tables 16
        let t2 = load tables 32
        let t3 = load tables 48
        let tail = mask (columns - 96)
        let mutable s0 = V.Zero
        let mutable s1 = V.Zero
        let mutable s2 = V.Zero
        let mutable s3 = V.Zero
        let mutable s4 = V.Zero
        let mutable s5 = V.Zero
        let mutable s6 = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = NativePtr.add w (j * stride)
            let signs = NativePtr.add codes (j * stride)
            let xj = all (NativePtr.get x j)
            s0 <- fma xj (load row 0 + look t0 t1 t2 t3 (code signs 0)) s0
            s1 <- fma xj (load row 16 + look t0 t1 t2 t3 (code signs 16)) s1
            s2 <- fma xj (load row 32 + look t0 t1 t2 t3 (code signs 32)) s2
            s3 <- fma xj (load row 48 + look t0 t1 t2 t3 (code signs 48)) s3
            s4 <- fma xj (load row 64 + look t0 t1 t2 t3 (code signs 64)) s4
            s5 <- fma xj (load row 80 + look t0 t1 t2 t3 (code signs 80)) s5

            s6 <-
                fma
                    xj
                    (load row 96 + Vector512.AsSingle(Vector512.AsInt32(look t0 t1 t2 t3 (code signs 96)) &&& tail))
                    s6

        store s0 z 0
        store s1 z 16
        store s2 z 32
        store s3 z 48
        store s4 z 64
        store s5 z 80
        store s6 z 96

    /// 1 vectors of columns of one product, signs added on the fly.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member GatherSigned1
        (w: Floats, codes: Codes, tables: Floats, stride: int, columns: int, index: Ints, n: int, x: Floats, z: Floats)
        =
        let t0 = load tables 0
        let t1 = load tables 16
        let t2 = load tables 32
        let t3 = load tables 48
        let tail = mask (columns - 0)
        let mutable s0 = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let row = NativePtr.add w (j * stride)
            let signs = NativePtr.add codes (j * stride)
            let xj = all (NativePtr.get x j)

            s0 <-
                fma xj (load row 0 + Vector512.AsSingle(Vector512.AsInt32(look t0 t1 t2 t3 (code signs 0)) &&& tail)) s0

        store s0 z 0

    /// 5 products by 4 vectors of columns.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Multiply5x4(w: Floats, stride: int, rows: int, x: Floats, ldx: int, z: Floats, ldz: int) =
        let x0 = NativePtr.add x (0 * ldx)
        let x1 = NativePtr.add x (1 * ldx)
        let x2 = NativePtr.add x (2 * ldx)
        let x3 = NativePtr.add x (3 * ldx)
        let x4 = NativePtr.add x (4 * ldx)
        let mutable row = w
        let mutable s00 = V.Zero
        let mutable s01 = V.Zero
        let mutable s02 = V.Zero
        let mutable s03 = V.Zero
        let mutable s10 = V.Zero
        let mutable s11 = V.Zero
        let mutable s12 = V.Zero
        let mutable s13 = V.Zero
        let mutable s20 = V.Zero
        let mutable s21 = V.Zero
        let mutable s22 = V.Zero
        let mutable s23 = V.Zero
        let mutable s30 = V.Zero
        let mutable s31 = V.Zero
        let mutable s32 = V.Zero
        let mutable s33 = V.Zero
        let mutable s40 = V.Zero
        let mutable s41 = V.Zero
        let mutable s42 = V.Zero
        let mutable s43 = V.Zero

        for j in 0 .. rows - 1 do
            let w0 = load row 0
            let w1 = load row 16
            let w2 = load row 32
            let w3 = load row 48
            let b0 = all (NativePtr.get x0 j)
            s00 <- fma b0 w0 s00
            s01 <- fma b0 w1 s01
            s02 <- fma b0 w2 s02
            s03 <- fma b0 w3 s03
            let b1 = all (NativePtr.get x1 j)
            s10 <- fma b1 w0 s10
            s11 <- fma b1 w1 s11
            s12 <- fma b1 w2 s12
            s13 <- fma b1 w3 s13
            let b2 = all (NativePtr.get x2 j)
            s20 <- fma b2 w0 s20
            s21 <- fma b2 w1 s21
            s22 <- fma b2 w2 s22
            s23 <- fma b2 w3 s23
            let b3 = all (NativePtr.get x3 j)
            s30 <- fma b3 w0 s30
            s31 <- fma b3 w1 s31
            s32 <- fma b3 w2 s32
            s33 <- fma b3 w3 s33
            let b4 = all (NativePtr.get x4 j)
            s40 <- fma b4 w0 s40
            s41 <- fma b4 w1 s41
            s42 <- fma b4 w2 s42
            s43 <- fma b4 w3 s43
            row <- NativePtr.add row stride

        store s00 z (0 * ldz + 0)
        store s01 z (0 * ldz + 16)
        store s02 z (0 * ldz + 32)
        store s03 z (0 * ldz + 48)
        store s10 z (1 * ldz + 0)
        store s11 z (1 * ldz + 16)
        store s12 z (1 * ldz + 32)
        store s13 z (1 * ldz + 48)
        store s20 z (2 * ldz + 0)
        store s21 z (2 * ldz + 16)
        store s22 z (2 * ldz + 32)
        store s23 z (2 * ldz + 48)
        store s30 z (3 * ldz + 0)
        store s31 z (3 * ldz + 16)
        store s32 z (3 * ldz + 32)
        store s33 z (3 * ldz + 48)
        store s40 z (4 * ldz + 0)
        store s41 z (4 * ldz + 16)
        store s42 z (4 * ldz + 32)
        store s43 z (4 * ldz + 48)

    /// 5 products by 3 vectors of columns.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Multiply5x3(w: Floats, stride: int, rows: int, x: Floats, ldx: int, z: Floats, ldz: int) =
        let x0 = NativePtr.add x (0 * ldx)
        let x1 = NativePtr.add x (1 * ldx)
        let x2 = NativePtr.add x (2 * ldx)
        let x3 = NativePtr.add x (3 * ldx)
        let x4 = NativePtr.add x (4 * ldx)
        let mutable row = w
        let mutable s00 = V.Zero
        let mutable s01 = V.Zero
        let mutable s02 = V.Zero
        let mutable s10 = V.Zero
        let mutable s11 = V.Zero
        let mutable s12 = V.Zero
        let mutable s20 = V.Zero
        let mutable s21 = V.Zero
        let mutable s22 = V.Zero
        let mutable s30 = V.Zero
        let mutable s31 = V.Zero
        let mutable s32 = V.Zero
        let mutable s40 = V.Zero
        let mutable s41 = V.Zero
        let mutable s42 = V.Zero

        for j in 0 .. rows - 1 do
            let w0 = load row 0
            let w1 = load row 16
            let w2 = load row 32
            let b0 = all (NativePtr.get x0 j)
            s00 <- fma b0 w0 s00
            s01 <- fma b0 w1 s01
            s02 <- fma b0 w2 s02
            let b1 = all (NativePtr.get x1 j)
            s10 <- fma b1 w0 s10
            s11 <- fma b1 w1 s11
            s12 <- fma b1 w2 s12
            let b2 = all (NativePtr.get x2 j)
            s20 <- fma b2 w0 s20
            s21 <- fma b2 w1 s21
            s22 <- fma b2 w2 s22
            let b3 = all (NativePtr.get x3 j)
            s30 <- fma b3 w0 s30
            s31 <- fma b3 w1 s31
            s32 <- fma b3 w2 s32
            let b4 = all (NativePtr.get x4 j)
            s40 <- fma b4 w0 s40
            s41 <- fma b4 w1 s41
            s42 <- fma b4 w2 s42
            row <- NativePtr.add row stride

        store s00 z (0 * ldz + 0)
        store s01 z (0 * ldz + 16)
        store s02 z (0 * ldz + 32)
        store s10 z (1 * ldz + 0)
        store s11 z (1 * ldz + 16)
        store s12 z (1 * ldz + 32)
        store s20 z (2 * ldz + 0)
        store s21 z (2 * ldz + 16)
        store s22 z (2 * ldz + 32)
        store s30 z (3 * ldz + 0)
        store s31 z (3 * ldz + 16)
        store s32 z (3 * ldz + 32)
        store s40 z (4 * ldz + 0)
        store s41 z (4 * ldz + 16)
        store s42 z (4 * ldz + 32)

    /// 5 products by 1 vectors of columns.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Multiply5x1(w: Floats, stride: int, rows: int, x: Floats, ldx: int, z: Floats, ldz: int) =
        let x0 = NativePtr.add x (0 * ldx)
        let x1 = NativePtr.add x (1 * ldx)
        let x2 = NativePtr.add x (2 * ldx)
        let x3 = NativePtr.add x (3 * ldx)
        let x4 = NativePtr.add x (4 * ldx)
        let mutable row = w
        let mutable s00 = V.Zero
        let mutable s10 = V.Zero
        let mutable s20 = V.Zero
        let mutable s30 = V.Zero
        let mutable s40 = V.Zero

        for j in 0 .. rows - 1 do
            let w0 = load row 0
            let b0 = all (NativePtr.get x0 j)
            s00 <- fma b0 w0 s00
            let b1 = all (NativePtr.get x1 j)
            s10 <- fma b1 w0 s10
            let b2 = all (NativePtr.get x2 j)
            s20 <- fma b2 w0 s20
            let b3 = all (NativePtr.get x3 j)
            s30 <- fma b3 w0 s30
            let b4 = all (NativePtr.get x4 j)
            s40 <- fma b4 w0 s40
            row <- NativePtr.add row stride

        store s00 z (0 * ldz + 0)
        store s10 z (1 * ldz + 0)
        store s20 z (2 * ldz + 0)
        store s30 z (3 * ldz + 0)
        store s40 z (4 * ldz + 0)

    /// 1 products by 4 vectors of columns.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Multiply1x4(w: Floats, stride: int, rows: int, x: Floats, ldx: int, z: Floats, ldz: int) =
        let x0 = NativePtr.add x (0 * ldx)
        let mutable row = w
        let mutable s00 = V.Zero
        let mutable s01 = V.Zero
        let mutable s02 = V.Zero
        let mutable s03 = V.Zero

        for j in 0 .. rows - 1 do
            let w0 = load row 0
            let w1 = load row 16
            let w2 = load row 32
            let w3 = load row 48
            let b0 = all (NativePtr.get x0 j)
            s00 <- fma b0 w0 s00
            s01 <- fma b0 w1 s01
            s02 <- fma b0 w2 s02
            s03 <- fma b0 w3 s03
            row <- NativePtr.add row stride

        store s00 z (0 * ldz + 0)
        store s01 z (0 * ldz + 16)
        store s02 z (0 * ldz + 32)
        store s03 z (0 * ldz + 48)

    /// 1 products by 1 vectors of columns.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Multiply1x1(w: Floats, stride: int, rows: int, x: Floats, ldx: int, z: Floats, ldz: int) =
        let x0 = NativePtr.add x (0 * ldx)
        let mutable row = w
        let mutable s00 = V.Zero

        for j in 0 .. rows - 1 do
            let w0 = load row 0
            let b0 = all (NativePtr.get x0 j)
            s00 <- fma b0 w0 s00
            row <- NativePtr.add row stride

        store s00 z (0 * ldz + 0)

[<AbstractClass; Sealed>]
type private Pass =
    /// One fused pass over all rows: step, sign sums, norm.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Update
        (
            w: Floats,
            w0: Floats,
            codes: Codes,
            tables: Floats,
            stride: int,
            columns: int,
            rows: int,
            x: Floats,
            b: Floats,
            sums: Floats
        ) =
        let t0 = load tables 0
        let t1 = load tables 16
        let t2 = load tables 32
        let t3 = load tables 48
        let top = Vector512.Create<int> Int32.MinValue
        let full = columns - columns % 16
        let tail = mask (columns - full)
        let mutable u0 = V.Zero
        let mutable u1 = V.Zero
        let mutable u2 = V.Zero
        let mutable u3 = V.Zero
        let mutable u4 = V.Zero
        let mutable u5 = V.Zero
        let mutable u6 = V.Zero
        let mutable u7 = V.Zero
        let mutable u8 = V.Zero
        let mutable u9 = V.Zero
        let mutable norm = V.Zero

        for j in 0 .. rows - 1 do
            let xj = all (if NativePtr.isNullPtr x then 0.0f else NativePtr.get x j)
            let o = j * stride
            let mutable c = 0

            while c < columns do
                let k = code codes (o + c)
                let signs = look t0 t1 t2 t3 k

                let signs =
                    if c < full then
                        signs
                    else
                        Vector512.AsSingle(Vector512.AsInt32 signs &&& tail)

                let updated = load w (o + c) + fma xj (load b c) signs
                store updated w (o + c)
                let d = updated - load w0 (o + c)
                norm <- fma d d norm
                let di = Vector512.AsInt32 d
                u0 <- u0 + signed di k 31 top
                u1 <- u1 + signed di k 30 top
                u2 <- u2 + signed di k 29 top
                u3 <- u3 + signed di k 28 top
                u4 <- u4 + signed di k 27 top
                u5 <- u5 + signed di k 26 top
                u6 <- u6 + signed di k 25 top
                u7 <- u7 + signed di k 24 top
                u8 <- u8 + signed di k 23 top
                u9 <- u9 + signed di k 22 top
                c <- c + 16

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

    /// Rank-one step in the rows of the index, and how much the squared norm grew.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Add(w: Floats, w0: Floats, stride: int, index: Ints, n: int, x: Floats, b: Floats, sums: Floats) =
        let mutable norm = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let o = j * stride
            let mutable c = 0

            while c < stride do
                let g = xj * load b c
                let updated = load w (o + c) + g
                store updated w (o + c)
                let d = updated - load w0 (o + c)
                norm <- fma (d + d - g) g norm
                c <- c + 16

        add sums Sums.Norm norm

    /// The same with the sign sums of the step.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member AddSigned
        (w: Floats, w0: Floats, codes: Codes, stride: int, index: Ints, n: int, x: Floats, b: Floats, sums: Floats)
        =
        let top = Vector512.Create<int> Int32.MinValue
        let mutable u0 = V.Zero
        let mutable u1 = V.Zero
        let mutable u2 = V.Zero
        let mutable u3 = V.Zero
        let mutable u4 = V.Zero
        let mutable u5 = V.Zero
        let mutable u6 = V.Zero
        let mutable u7 = V.Zero
        let mutable u8 = V.Zero
        let mutable u9 = V.Zero
        let mutable norm = V.Zero

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let o = j * stride
            let mutable c = 0

            while c < stride do
                let k = code codes (o + c)
                let g = xj * load b c
                let updated = load w (o + c) + g
                store updated w (o + c)
                let d = updated - load w0 (o + c)
                norm <- fma (d + d - g) g norm
                let di = Vector512.AsInt32 g
                u0 <- u0 + signed di k 31 top
                u1 <- u1 + signed di k 30 top
                u2 <- u2 + signed di k 29 top
                u3 <- u3 + signed di k 28 top
                u4 <- u4 + signed di k 27 top
                u5 <- u5 + signed di k 26 top
                u6 <- u6 + signed di k 25 top
                u7 <- u7 + signed di k 24 top
                u8 <- u8 + signed di k 23 top
                u9 <- u9 + signed di k 22 top
                c <- c + 16

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

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Shrink(w: Floats, w0: Floats, count: int, factor: float32, sums: Floats) =
        let f = all factor
        let mutable norm = V.Zero
        let mutable o = 0

        while o < count do
            let start = load w0 o
            let d = f * (load w o - start)
            store (start + d) w o
            norm <- fma d d norm
            o <- o + 16

        add sums Sums.Norm norm

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Adapt
        (
            w: Floats,
            square: Floats,
            stride: int,
            index: Ints,
            n: int,
            x: Floats,
            b: Floats,
            decay: float32,
            rate: float32,
            floor: float32
        ) =
        let keep = all decay
        let fresh = all (if decay = 1.0f then 1.0f else 1.0f - decay)
        let rates = all rate
        let floors = all floor

        for i in 0 .. n - 1 do
            let j = NativePtr.get index i
            let xj = all (NativePtr.get x j)
            let o = j * stride
            let mutable c = 0

            while c < stride do
                let g = xj * load b c
                let q = fma (fresh * g) g (keep * load square (o + c))
                store q square (o + c)
                store (load w (o + c) - rates * g / (Vector512.Sqrt q + floors)) w (o + c)
                c <- c + 16

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Dot(a: Floats, b: Floats, count: int) =
        let mutable s = V.Zero
        let mutable c = 0

        while c < count do
            s <- fma (load a c) (load b c) s
            c <- c + 16

        Vector512.Sum s

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Relu(z: Floats, h: Floats, count: int, scale: float32) =
        let s = all scale
        let mutable c = 0

        while c < count do
            store (Vector512.Max(s * load z c, V.Zero)) h c
            c <- c + 16

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member MeanSigmoid(score: float32, shift: Floats, count: int) =
        let mutable sum = V.Zero
        let mutable s = 0

        while s < count do
            let z = all score + load shift s
            let z = Vector512.Min(Vector512.Max(z, all -87.0f), all 87.0f)
            let p = V.One / (V.One + exp -z)
            sum <- sum + Vector512.AsSingle(Vector512.AsInt32 p &&& mask (count - s))
            s <- s + 16

        Vector512.Sum sum / float32 count

[<Sealed>]
type internal WideKernels() =
    inherit Kernels()

    override _.Width = 16

    override _.Gather(w, stride, index, n, x, z) =
        let mutable c = 0

        while c < stride do
            let left = (stride - c) / 16

            if left >= 7 then
                Tile.Gather7(NativePtr.add w c, stride, index, n, x, NativePtr.add z c)
                c <- c + 112
            elif left >= 4 then
                Tile.Gather4(NativePtr.add w c, stride, index, n, x, NativePtr.add z c)
                c <- c + 64
            else
                Tile.Gather1(NativePtr.add w c, stride, index, n, x, NativePtr.add z c)
                c <- c + 16

    override _.GatherSigned(w, codes, tables, stride, columns, index, n, x, z) =
        let mutable c = 0

        while c < stride do
            let signs = NativePtr.add codes c

            if stride - c >= 112 then
                Tile.GatherSigned7(
                    NativePtr.add w c,
                    signs,
                    tables,
                    stride,
                    columns - c,
                    index,
                    n,
                    x,
                    NativePtr.add z c
                )

                c <- c + 112
            else
                Tile.GatherSigned1(
                    NativePtr.add w c,
                    signs,
                    tables,
                    stride,
                    columns - c,
                    index,
                    n,
                    x,
                    NativePtr.add z c
                )

                c <- c + 16

    override _.Multiply(w, stride, rows, x, ldx, vectors, z, ldz) =
        let mutable v = 0

        while v < vectors do
            let five = vectors - v >= 5
            let xv = NativePtr.add x (v * ldx)
            let zv = NativePtr.add z (v * ldz)
            let mutable c = 0

            while c < stride do
                let wc = NativePtr.add w c
                let zc = NativePtr.add zv c
                let left = (stride - c) / 16

                if left >= 4 then
                    if five then
                        Tile.Multiply5x4(wc, stride, rows, xv, ldx, zc, ldz)
                    else
                        Tile.Multiply1x4(wc, stride, rows, xv, ldx, zc, ldz)

                    c <- c + 64
                elif five && left = 3 then
                    Tile.Multiply5x3(wc, stride, rows, xv, ldx, zc, ldz)
                    c <- c + 48
                else
                    if five then
                        Tile.Multiply5x1(wc, stride, rows, xv, ldx, zc, ldz)
                    else
                        Tile.Multiply1x1(wc, stride, rows, xv, ldx, zc, ldz)

                    c <- c + 16

            v <- v + (if five then 5 else 1)

    override _.Update(w, w0, codes, tables, stride, columns, rows, x, b, sums) =
        Pass.Update(w, w0, codes, tables, stride, columns, rows, x, b, sums)

    override _.Add(w, w0, stride, index, n, x, b, sums) =
        Pass.Add(w, w0, stride, index, n, x, b, sums)

    override _.AddSigned(w, w0, codes, stride, index, n, x, b, sums) =
        Pass.AddSigned(w, w0, codes, stride, index, n, x, b, sums)

    override _.Shrink(w, w0, count, factor, sums) = Pass.Shrink(w, w0, count, factor, sums)

    override _.Adapt(w, square, stride, index, n, x, b, decay, rate, floor) =
        Pass.Adapt(w, square, stride, index, n, x, b, decay, rate, floor)

    override _.Dot(a, b, count) = Pass.Dot(a, b, count)
    override _.Relu(z, h, count, scale) = Pass.Relu(z, h, count, scale)

    override _.MeanSigmoid(score, shift, count) = Pass.MeanSigmoid(score, shift, count)
