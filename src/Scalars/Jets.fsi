namespace Hindsight

open System.Numerics

/// <summary>A value with one derivative, over any scalar: forward-mode differentiation, exact to rounding. Nestable.</summary>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Dual<'T when 'T :> IReal<'T> and 'T: struct> =
    /// The value.
    val P: 'T
    /// The derivative.
    val D: 'T
    /// A value and its derivative.
    new: p: 'T * d: 'T -> Dual<'T>
    interface IAdditionOperators<Dual<'T>, Dual<'T>, Dual<'T>>
    interface ISubtractionOperators<Dual<'T>, Dual<'T>, Dual<'T>>
    interface IMultiplyOperators<Dual<'T>, Dual<'T>, Dual<'T>>
    interface IDivisionOperators<Dual<'T>, Dual<'T>, Dual<'T>>
    interface IUnaryNegationOperators<Dual<'T>, Dual<'T>>
    interface IReal<Dual<'T>>
