namespace Hindsight

open System

/// <summary>A loss of a bag: the mean of its labels, and the score of each of its members.</summary>
type IBagLoss =
    /// The definition.
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : meanLabel: 'T * scores: ReadOnlySpan<'T> -> 'T
    /// Writes the gradient in the scores and returns the value. The gradient may be written onto the scores.
    abstract Gradient: meanLabel: float * scores: ReadOnlySpan<float> * gradient: Span<float> -> float

/// <summary>Any scalar loss for labels that are known as bag means only: (1 - rho) l(mean y, mean z) + rho (1/k) sum_i l(mean y, z_i).</summary>
/// <remarks>
/// rho = 0 is the bag loss, rho = 1 the instance loss; on bags of one member all are l. For a convex l it grows with rho. For the square loss r^2 the difference is rho times the variance of the scores within the bag:
/// a ridge that pulls a bag's scores together. Where m &lt;= l'' &lt;= L it is between m/2 and L/2 times rho times that variance (the logistic loss of scores: at most 1/8).
/// The label's domain must be an interval: a mean of signs is no sign.
/// <para>Over several bags of unequal size the instance loss of all samples weighs a bag by its size; <c>AggregateRisk.fitLinear</c> does so for every rho.</para>
/// The zero value is the bag loss of the loss's zero value. OutOfRange unless rho is in [0, 1].
/// Source: "Learning from aggregate responses" (arXiv 2401.11081), definitions; identities derived here.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type AggregateLoss<'L when 'L :> ILoss and 'L: struct> =
    val private Loss: 'L
    val private Rho: float
    /// The loss of one member, rho in [0, 1].
    new: loss: 'L * rho: float -> AggregateLoss<'L>
    interface IBagLoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>Bag losses of any scalar loss. They are combinators over the registry's scalar losses, not rows of it.</summary>
[<RequireQualifiedAccess>]
module Aggregate =
    /// l(mean y, mean z).
    val bag: loss: ILoss -> IBagLoss
    /// (1/k) sum l(mean y, z_i).
    val instance: loss: ILoss -> IBagLoss

    /// <summary>(1 - rho) bag + rho instance.</summary>
    /// <exception cref="T:Hindsight.HindsightException">OutOfRange unless rho is in [0, 1].</exception>
    val interpolated: rho: float -> loss: ILoss -> IBagLoss

    /// <summary>The value of a loss at a bag whose labels are known.</summary>
    /// <returns>OutOfRange if rho is outside [0, 1], or the mean label or a score outside the loss's domain; WrongDimension for an empty bag.</returns>
    val value: rho: float -> loss: ILoss -> meanLabel: float -> scores: float[] -> Result<float, HindsightError>

    /// (1/k) sum (z_i - mean z)^2 = (1/(2 k^2)) sum over pairs of (z_i - z_j)^2.
    val variance: scores: float[] -> float
