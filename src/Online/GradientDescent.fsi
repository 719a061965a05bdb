namespace Hindsight

open System

/// <summary>How the step of online gradient descent is chosen in round t.</summary>
[<RequireQualifiedAccess; NoComparison>]
type StepSchedule =
    /// eta.
    | Constant of Step: float
    /// D/(G sqrt t), D the diameter, G the largest gradient norm.
    | SquareRoot of Diameter: float * Gradient: float
    /// (D/sqrt 2)/sqrt(sum of squared gradient norms up to this round).
    | Adaptive of Diameter: float
    /// 1/(lambda t), for lambda-strongly convex losses.
    | StronglyConvex of Convexity: float
    /// 2/(mu t), for losses that grow by mu/2 times the squared distance from one minimiser common to all rounds.
    | OneMinimiser of Growth: float
    /// 4/(mu t), for losses that grow so from a minimiser of their own.
    | OwnMinimiser of Growth: float

/// <summary>State of projected online gradient descent: the point and what its bounds need.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type GradientDescentState =
    /// Where it plays.
    member Set: ConvexSet
    /// How it steps.
    member Schedule: StepSchedule
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// The last step, 0 before any.
    member Step: float
    /// sum |g_t|^2.
    member Squares: float
    /// sum |g_t|^2/t.
    member WeightedSquares: float
    /// Largest |g_t|.
    member LargestGradient: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Projected online gradient descent, x_{t+1} = P(x_t - eta_t g_t).</summary>
[<RequireQualifiedAccess>]
module GradientDescent =
    /// <summary>The state before any round, at a point that is projected to the set.</summary>
    /// <returns>OutOfRange for a number of the schedule that is not positive and finite or a point that is not finite; WrongDimension for the point's length.</returns>
    val start:
        set: ConvexSet ->
        schedule: StepSchedule ->
        point: ReadOnlySpan<float> ->
            Result<GradientDescentState, HindsightError>

    /// <summary>One gradient, in place. A gradient that is not finite or of another length is a HindsightException.</summary>
    val step: gradient: ReadOnlySpan<float> -> state: GradientDescentState -> unit

    /// <summary>The bound on the regret so far, from the state alone.</summary>
    /// <returns>Its calculator's bound: gradient-descent (with the diameter for the distance), -square-root, -adaptive, -strongly-convex-path, growth-one-minimiser (convex losses). Missing for OwnMinimiser, which needs
    /// the comparator (see <c>growthBound</c>), and OutOfRange for a constant step on the whole space (see <c>regretBoundAt</c>) or before any round.</returns>
    val regretBound: state: GradientDescentState -> Result<Bound, HindsightError>

    /// <summary>The bound of a constant step against a comparator at the given distance from the first point; Incompatible for another schedule.</summary>
    val regretBoundAt: distance: float -> state: GradientDescentState -> Result<Bound, HindsightError>

    /// <summary>The bound of the growth schedules for losses that are convex up to a defect.</summary>
    /// <param name="defect">epsilon &gt;= 0.</param>
    /// <param name="comparatorExcess">The comparator's loss over the rounds' least losses, &gt;= 0; 0 for OneMinimiser.</param>
    /// <param name="state">With a growth schedule, else Incompatible.</param>
    val growthBound:
        defect: float -> comparatorExcess: float -> state: GradientDescentState -> Result<Bound, HindsightError>
