namespace Hindsight

open System

/// <summary>State of AdaGrad with a step for every coordinate, on a box. A step is in place and allocates nothing.</summary>
[<Sealed; NoComparison; NoEquality>]
type DiagonalAdaGradState =
    /// The box, or another product of intervals.
    member Set: ConvexSet
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// Sum of squares of each coordinate of the gradients: a view.
    member Squares: ReadOnlySpan<float>

/// <summary>State of AdaGrad with a full matrix, on a ball about 0.</summary>
[<Sealed; NoComparison; NoEquality>]
type FullAdaGradState =
    /// Radius of the ball.
    member Radius: float
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// The trace of the square root of the sum of g g'.
    member Trace: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>AdaGrad (Duchi, Hazan and Singer 2011): mirror descent in the metric of the gradients so far, x_{t+1} = P_A(x_t - eta A_t^-1 g_t).</summary>
/// <remarks>A gradient that is not finite or of another length is a HindsightException.</remarks>
[<RequireQualifiedAccess>]
module AdaGrad =
    /// <summary>A_t = diag(sum g g')^(1/2), eta = D/sqrt 2, D the longest side.</summary>
    /// <param name="set">A box (the projection in a diagonal metric is then the plain one), else Incompatible.</param>
    /// <param name="point">The first point, projected to the set.</param>
    val startDiagonal: set: ConvexSet -> point: ReadOnlySpan<float> -> Result<DiagonalAdaGradState, HindsightError>
    /// One gradient, in place.
    val stepDiagonal: gradient: ReadOnlySpan<float> -> state: DiagonalAdaGradState -> unit
    /// sqrt 2 D sum_i sqrt(S_i).
    val regretBoundDiagonal: state: DiagonalAdaGradState -> Result<Bound, HindsightError>

    /// <summary>A_t = (sum g g')^(1/2), eta = D/sqrt 2, D twice the radius.</summary>
    /// <param name="radius">&gt; 0.</param>
    /// <param name="point">The first point, projected to the ball.</param>
    val startFull: radius: float -> point: ReadOnlySpan<float> -> Result<FullAdaGradState, HindsightError>

    /// <summary>One gradient. Costs an eigenvalue decomposition, of order d^3, which allocates.</summary>
    /// <remarks>While the gradients span less than the space A is singular: the step is taken with the pseudo-inverse, and the projection is the minimiser of the seminorm that moves least in what A does not see.</remarks>
    val stepFull: gradient: ReadOnlySpan<float> -> state: FullAdaGradState -> unit
    /// sqrt 2 D tr((sum g g')^(1/2)).
    val regretBoundFull: state: FullAdaGradState -> Result<Bound, HindsightError>
