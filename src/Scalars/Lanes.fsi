namespace Hindsight

open System
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.Intrinsics

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

/// 8 doubles in 512 bits: the scalar algebra, 8 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V512 =
    val V: Vector512<float>
    new: v: Vector512<float> -> V512
    interface ILane<V512, float>

/// 4 doubles in 256 bits: the scalar algebra, 4 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V256 =
    val V: Vector256<float>
    new: v: Vector256<float> -> V256
    interface ILane<V256, float>

/// 2 doubles in 128 bits: the scalar algebra, 2 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal V128 =
    val V: Vector128<float>
    new: v: Vector128<float> -> V128
    interface ILane<V128, float>

/// 16 singles in 512 bits: the scalar algebra, 16 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F512 =
    val V: Vector512<float32>
    new: v: Vector512<float32> -> F512
    interface ILane<F512, float32>

/// 8 singles in 256 bits: the scalar algebra, 8 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F256 =
    val V: Vector256<float32>
    new: v: Vector256<float32> -> F256
    interface ILane<F256, float32>

/// 4 singles in 128 bits: the scalar algebra, 4 elements at a time. Elementary functions are our own and stay in registers.
[<Struct; IsReadOnly; NoComparison; NoEquality>]
type internal F128 =
    val V: Vector128<float32>
    new: v: Vector128<float32> -> F128
    interface ILane<F128, float32>

/// What only some processors make use of, so that tests reach it on all.
module internal Portable =
    /// e^x as <c>V128</c> takes it where nothing is fused. Only on x86.
    val expByTable: x: Vector128<float> -> Vector128<float>
