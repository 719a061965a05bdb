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

/// <summary>A value with its first and second derivative, over any scalar. Nestable. The same numbers as <c>Dual&lt;Dual&lt;T&gt;&gt;</c>, to rounding, for less work.</summary>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Jet2<'T when 'T :> IReal<'T> and 'T: struct> =
    /// The value.
    val P: 'T
    /// The first derivative.
    val D: 'T
    /// The second derivative.
    val H: 'T
    /// A value with its derivatives.
    new: p: 'T * d: 'T * h: 'T -> Jet2<'T>
    interface IAdditionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>>
    interface ISubtractionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>>
    interface IMultiplyOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>>
    interface IDivisionOperators<Jet2<'T>, Jet2<'T>, Jet2<'T>>
    interface IUnaryNegationOperators<Jet2<'T>, Jet2<'T>>
    interface IReal<Jet2<'T>>
