namespace Hindsight

open System
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86

/// Rows into columns, by blocks in registers: four by four, or two by two in double where there are fewer. The last block of a line overlaps the one before, so that nothing is left over.
/// Strides are in elements, from one line to the next.
[<AbstractClass; Sealed>]
type internal Turning =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Single4(source: byref<float32>, stride: int, target: byref<float32>, targetStride: int) =
        let a = Vector128.LoadUnsafe &source
        let b = Vector128.LoadUnsafe &(Unsafe.Add(&source, stride))
        let c = Vector128.LoadUnsafe &(Unsafe.Add(&source, 2 * stride))
        let d = Vector128.LoadUnsafe &(Unsafe.Add(&source, 3 * stride))
        let low, lower = Sse.UnpackLow(a, b), Sse.UnpackLow(c, d)
        let high, higher = Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d)
        Vector128.StoreUnsafe(Sse.MoveLowToHigh(low, lower), &target)
        Vector128.StoreUnsafe(Sse.MoveHighToLow(lower, low), &Unsafe.Add(&target, targetStride))
        Vector128.StoreUnsafe(Sse.MoveLowToHigh(high, higher), &Unsafe.Add(&target, 2 * targetStride))
        Vector128.StoreUnsafe(Sse.MoveHighToLow(higher, high), &Unsafe.Add(&target, 3 * targetStride))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Double4(source: byref<float>, stride: int, target: byref<float>, targetStride: int) =
        let a = Vector256.LoadUnsafe &source
        let b = Vector256.LoadUnsafe &(Unsafe.Add(&source, stride))
        let c = Vector256.LoadUnsafe &(Unsafe.Add(&source, 2 * stride))
        let d = Vector256.LoadUnsafe &(Unsafe.Add(&source, 3 * stride))
        let low, lower = Avx.UnpackLow(a, b), Avx.UnpackLow(c, d)
        let high, higher = Avx.UnpackHigh(a, b), Avx.UnpackHigh(c, d)
        Vector256.StoreUnsafe(Avx.Permute2x128(low, lower, 0x20uy), &target)
        Vector256.StoreUnsafe(Avx.Permute2x128(high, higher, 0x20uy), &Unsafe.Add(&target, targetStride))
        Vector256.StoreUnsafe(Avx.Permute2x128(low, lower, 0x31uy), &Unsafe.Add(&target, 2 * targetStride))
        Vector256.StoreUnsafe(Avx.Permute2x128(high, higher, 0x31uy), &Unsafe.Add(&target, 3 * targetStride))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Double2(source: byref<float>, stride: int, target: byref<float>, targetStride: int) =
        let a = Vector128.LoadUnsafe &source
        let b = Vector128.LoadUnsafe &(Unsafe.Add(&source, stride))
        Vector128.StoreUnsafe(Sse2.UnpackLow(a, b), &target)
        Vector128.StoreUnsafe(Sse2.UnpackHigh(a, b), &Unsafe.Add(&target, targetStride))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Block<'N when 'N: unmanaged>
        (size: int, source: byref<'N>, stride: int, target: byref<'N>, targetStride: int)
        =
        if sizeof<'N> = 4 then
            Turning.Single4(&Unsafe.As<'N, float32> &source, stride, &Unsafe.As<'N, float32> &target, targetStride)
        elif size = 4 then
            Turning.Double4(&Unsafe.As<'N, float> &source, stride, &Unsafe.As<'N, float> &target, targetStride)
        else
            Turning.Double2(&Unsafe.As<'N, float> &source, stride, &Unsafe.As<'N, float> &target, targetStride)

    /// Element (i, j) of the source becomes (j, i) of the target.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Turn<'N when 'N: unmanaged>
        (source: byref<'N>, stride: int, rows: int, columns: int, target: byref<'N>, targetStride: int)
        : unit =
        let least = Math.Min(rows, columns)

        let size =
            if sizeof<'N> = 4 then
                (if Sse.IsSupported && least >= 4 then 4 else 1)
            elif Avx.IsSupported && least >= 4 then
                4
            elif Sse2.IsSupported && least >= 2 then
                2
            else
                1

        if size = 1 then
            for i in 0 .. rows - 1 do
                for j in 0 .. columns - 1 do
                    Unsafe.Add(&target, j * targetStride + i) <- Unsafe.Add(&source, i * stride + j)
        else
            let mutable i = 0

            while i < rows do
                let row = Math.Min(i, rows - size)
                let mutable j = 0

                while j < columns do
                    let column = Math.Min(j, columns - size)

                    Turning.Block(
                        size,
                        &Unsafe.Add(&source, row * stride + column),
                        stride,
                        &Unsafe.Add(&target, column * targetStride + row),
                        targetStride
                    )

                    j <- j + size

                i <- i + size
