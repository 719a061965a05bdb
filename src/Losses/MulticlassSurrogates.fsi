namespace Hindsight

/// <summary>A function of a margin, with what a structured loss needs to know about it to declare itself.</summary>
type IMarginFunction =
    inherit IScalarFunction
    /// "Hinge", ...
    abstract Name: string
    /// Convex.
    abstract Convex: bool
    /// How often it is continuously differentiable, at most 2.
    abstract Continuity: int

/// <summary>(1 - m)_+; slope -1 for m &lt; 1, 0 from m = 1 on.</summary>
[<Struct; NoComparison; NoEquality>]
type HingeFunction =
    interface IMarginFunction

/// <summary>(1 - m)_+^2.</summary>
[<Struct; NoComparison; NoEquality>]
type SquaredHingeFunction =
    interface IMarginFunction

/// <summary>e^-m.</summary>
[<Struct; NoComparison; NoEquality>]
type ExponentialFunction =
    interface IMarginFunction

/// <summary>The rho-margin loss min(1, max(0, 1 - m/rho)); slope -1/rho for 0 &lt;= m &lt; rho, else 0.</summary>
[<Struct; NoComparison; NoEquality>]
type RampFunction =
    /// The width of the ramp. The zero value of the struct has width 0 and cannot be evaluated.
    val Rho: float
    /// rho &gt; 0, else OutOfRange.
    new: rho: float -> RampFunction
    interface IMarginFunction


/// <summary>Constrained loss: l(y, z) = sum over k &lt;&gt; y of phi(-h_k), h = z - mean(z).</summary>
/// <remarks>The published form asks that scores sum to 0; here the mean is taken off inside, so that every vector of scores is allowed and shifts do not matter.
/// With hinge, squared hinge and exponential it is consistent (Lee, Lin and Wahba 2004, from memory). Constants grow with the number of classes and are not declared.</remarks>
[<Struct; NoComparison; NoEquality>]
type ConstrainedLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F
    /// The loss of a function of the margin.
    new: phi: 'F -> ConstrainedLoss<'F>
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>Sum loss: l(y, z) = sum over k &lt;&gt; y of phi(z_y - z_k). With the hinge: Weston and Watkins.</summary>
/// <remarks>Consistent with squared hinge, exponential and ramp, not with the hinge. Constants grow with the number of classes and are not declared.</remarks>
[<Struct; NoComparison; NoEquality>]
type SumLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F
    /// The loss of a function of the margin.
    new: phi: 'F -> SumLoss<'F>
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>Max loss: l(y, z) = max over k &lt;&gt; y of phi(z_y - z_k) for a decreasing phi. With the hinge: Crammer and Singer.</summary>
/// <remarks>phi of the least margin; among tied classes the first one takes the derivative. With convex phi and more than two classes it is not consistent; with the ramp it is.</remarks>
[<Struct; NoComparison; NoEquality>]
type MaxLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F
    /// The loss of a decreasing function of the margin.
    new: phi: 'F -> MaxLoss<'F>
    interface IMulticlassLoss
    interface IMulticlassGradient

namespace Hindsight.FSharp

open Hindsight

/// <summary>Constrained, sum and max losses: the named ones, and their rows in the registry.</summary>
[<RequireQualifiedAccess>]
module MulticlassSurrogates =
    /// Weston and Watkins: the sum loss of the hinge.
    val westonWatkins: SumLoss<HingeFunction>
    /// Crammer and Singer: the max loss of the hinge.
    val crammerSinger: MaxLoss<HingeFunction>
    /// All losses of this file.
    val entries: LossEntry[]
