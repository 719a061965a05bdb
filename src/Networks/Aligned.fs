/// Memory of the kernels: pinned, aligned to a cache line, zero at first.
namespace Hindsight.FSharp.Networks

#nowarn "9" // raw pointers: into arrays on the pinned heap, which their owner keeps alive

open System
open System.Runtime.InteropServices
open FSharp.NativeInterop

[<Sealed>]
type internal Aligned<'T when 'T: unmanaged>(length: int) =
    let size = sizeof<'T>
    let array = GC.AllocateArray<'T>(length + 64 / size, pinned = true)

    let offset =
        let address = int64 (Marshal.UnsafeAddrOfPinnedArrayElement(array, 0))
        int ((64L - address % 64L) % 64L) / size

    member _.Length = length
    member val Pointer: nativeptr<'T> = NativePtr.ofNativeInt (Marshal.UnsafeAddrOfPinnedArrayElement(array, offset))
    member _.Span = Span<'T>(array, offset, length)
    member m.At(index: int) = NativePtr.add m.Pointer index

    member _.Item
        with get (index: int) = array[offset + index]
        and set (index: int) (value: 'T) = array[offset + index] <- value
