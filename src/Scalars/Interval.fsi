namespace Hindsight

open System.Numerics

/// <summary>A closed interval of the extended real line with outward rounding: every operation encloses the true result, and what <see cref="T:Hindsight.R64"/> computes, for all points of its arguments.</summary>
/// <remarks>
/// Sums, products, quotients, squares and square roots are rounded by the sign of their exact rounding error, so an exact result widens nothing. The elementary functions
/// rest on an error budget of the base library, which is assumed and tested, not shown: exp, log, pow and atan within 1 unit in the last place (ulp), tanh within 2, and, by
/// composition, log1p, expm1, x ln x, the sigmoids and softplus within 4. Their ends move outward by twice the budget: once for the end, once so that the rounded value of every
/// inner point stays inside. Known signs and limits are kept (exp &gt;= 0, 0 &lt;= sigmoid &lt;= 1, softplus(x) &gt;= max(x, 0), |tanh| &lt;= 1).
///
/// Conventions. The lower end is below +infinity and the upper end above -infinity; an overflow gives a half line. 0 times infinity is 0, and 0 divided by anything but the interval
/// [0, 0] is 0. Division by an interval with 0 inside is the whole line, with 0 as an end a half line where the signs decide it. Outside the domain of a function (log, sqrt, pow, x ln x)
/// the result encloses its values at the part of the argument inside the domain, and is the whole line if there is no such part. Never empty, never NaN.
/// <c>Select</c> is the chosen branch where the condition is decided and the hull of both elsewhere. <c>Apply</c> evaluates the function's formula.
/// Within jets the derivatives enclose the derivative wherever it exists, and both one-sided ones at a kink.
/// </remarks>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Ival =
    /// The lower end.
    val Lo: float
    /// The upper end.
    val Hi: float
    /// <summary>[low, high].</summary>
    /// <exception cref="T:Hindsight.HindsightException">The ends are not ordered, or one is NaN.</exception>
    new: low: float * high: float -> Ival
    /// [x, x].
    static member Point: x: float -> Ival
    /// (-inf, inf).
    static member Whole: Ival
    /// The least interval that holds both.
    static member Hull: a: Ival * b: Ival -> Ival
    /// The common part; the first where rounding left none.
    static member Intersect: a: Ival * b: Ival -> Ival
    /// Whether the number lies in it; NaN does not.
    member Contains: value: float -> bool
    /// Whether the other interval lies in it.
    member Encloses: other: Ival -> bool
    /// High - low, rounded up.
    member Width: float
    /// A finite number inside, near the middle.
    member Middle: float
    /// The largest absolute value.
    member Magnitude: float
    /// The least absolute value.
    member Mignitude: float
    /// "[low, high]" with all digits.
    override ToString: unit -> string
    interface IAdditionOperators<Ival, Ival, Ival>
    interface ISubtractionOperators<Ival, Ival, Ival>
    interface IMultiplyOperators<Ival, Ival, Ival>
    interface IDivisionOperators<Ival, Ival, Ival>
    interface IUnaryNegationOperators<Ival, Ival>
    interface IReal<Ival>

namespace Hindsight.FSharp

open Hindsight

/// Interval arithmetic by name, for files where the operators are those of numbers.
module internal IntervalArithmetic =
    val add: a: Ival -> b: Ival -> Ival
    val sub: a: Ival -> b: Ival -> Ival
    val mul: a: Ival -> b: Ival -> Ival
    val div: a: Ival -> b: Ival -> Ival
    val neg: a: Ival -> Ival
    val sqr: a: Ival -> Ival
    val sqrt: a: Ival -> Ival
    val exp: a: Ival -> Ival
    val log: a: Ival -> Ival
    val pow: a: Ival -> exponent: float -> Ival
    val point: x: float -> Ival
    val zero: Ival
    val one: Ival
