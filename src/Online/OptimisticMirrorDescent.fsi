namespace Hindsight

open System

/// <summary>How the step of optimistic mirror descent is chosen in round t.</summary>
[<RequireQualifiedAccess; NoComparison>]
type OptimisticSchedule =
    /// eta.
    | Constant of Step: float
    /// D/sqrt(delta + 4 G^2 + V_{t-1}), D the diameter, G the largest gradient norm, delta >= 0.
    | Adaptive of Diameter: float * Gradient: float * Regularisation: float
    /// 2/(lambda t), for lambda-strongly convex losses.
    | StronglyConvex of Convexity: float

/// <summary>State of optimistic mirror descent with two points: what is played and where the gradients led, with all that its bounds need.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type OptimisticState =
    /// Where it plays.
    member Set: ConvexSet
    /// How it steps.
    member Schedule: OptimisticSchedule
    /// x_t, the point of the next round: a view, valid until the next step or hint.
    member Point: ReadOnlySpan<float>
    /// y_t, where the gradients led: a view.
    member Secondary: ReadOnlySpan<float>
    /// m_t, the hint of the next round: a view.
    member Hint: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// The step of the last round, 0 before any.
    member LastStep: float
    /// V = sum |g_t - m_t|^2.
    member Variation: float
    /// sum |g_t - m_t|^2/t.
    member WeightedVariation: float
    /// sum eta_t |g_t - m_t|^2.
    member Error: float
    /// sum (1/(2 eta_t))(|y_{t+1} - x_t|^2 + |x_t - y_t|^2).
    member Stability: float
    /// sum over t >= 2 of |x_t - x_{t-1}|^2.
    member Movement: float
    /// Largest |g_t|.
    member LargestGradient: float

/// <summary>State of optimistic mirror descent on a ball about 0 in the norm of the gradients so far, for exp-concave losses.</summary>
/// <remarks>A step costs a few d^2 multiply-adds, and of order d^3 where it leaves the ball; it is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type OptimisticNewtonState =
    /// Radius of the ball.
    member Radius: float
    /// beta.
    member Curvature: float
    /// G.
    member Gradient: float
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// W = sum (g_t - m_t)'H_t^-1 (g_t - m_t).
    member Error: float

/// <summary>State of a grid of optimistic mirror descents with constant steps and Hedge on top.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type OptimisticGridState =
    /// Where it plays.
    member Set: ConvexSet
    /// Steps in the grid.
    member Steps: int
    /// T.
    member Horizon: int64
    /// Weighted mean of the experts' points: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// V = sum |g_t - m_t|^2.
    member Variation: float
    /// Hedge's weights of the steps: a view.
    member Weights: ReadOnlySpan<float>

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Optimistic mirror descent: x_t = P(y_t - eta_t m_t), y_{t+1} = P(y_t - eta_t g_t), the hint m_t being the last gradient unless another is suggested.</summary>
/// <remarks>A gradient or hint that is not finite or of another length is a HindsightException.</remarks>
[<RequireQualifiedAccess>]
module OptimisticMirrorDescent =
    /// <summary>The state before any round, at a point that is projected to the set; the first hint is 0.</summary>
    /// <returns>OutOfRange for a number of the schedule outside its domain or a point that is not finite; WrongDimension for the point's length.</returns>
    val start:
        set: ConvexSet ->
        schedule: OptimisticSchedule ->
        point: ReadOnlySpan<float> ->
            Result<OptimisticState, HindsightError>

    /// <summary>Replaces the hint of the next round, which moves the point. The bound on strongly convex losses needs the first hint to be 0.</summary>
    val suggest: hint: ReadOnlySpan<float> -> state: OptimisticState -> unit
    /// One gradient, in place; it is the next round's hint.
    val step: gradient: ReadOnlySpan<float> -> state: OptimisticState -> unit
    /// D^2/(2 eta_T) + E - M with the set's diameter for D, for every schedule; OutOfRange before any round or on the whole space.
    val pathBound: state: OptimisticState -> Result<Bound, HindsightError>
    /// The schedule's bound: optimistic-adaptive, optimistic-strongly-convex, or for a constant step the path bound.
    val regretBound: state: OptimisticState -> Result<Bound, HindsightError>
    /// The bound on the regret against a path of the given length; Incompatible unless the step is constant.
    val dynamicBound: pathLength: float -> state: OptimisticState -> Result<Bound, HindsightError>

/// <summary>Optimistic mirror descent for exp-concave losses: H_t = (1 + beta G^2) I + (beta/2) sum_{s&lt;t} g_s g_s', steps and both projections in its norm.</summary>
[<RequireQualifiedAccess>]
module OptimisticNewton =
    /// The state before any round: radius, curvature and gradient &gt; 0, a first point that is projected to the ball. See <c>OnlineNewton.curvature</c>.
    val start:
        radius: float ->
        curvature: float ->
        gradient: float ->
        point: ReadOnlySpan<float> ->
            Result<OptimisticNewtonState, HindsightError>

    /// One gradient, in place; it is the next round's hint.
    val step: gradient: ReadOnlySpan<float> -> state: OptimisticNewtonState -> unit
    /// (1/2)(1 + beta G^2) D^2 + W with the ball's diameter for D.
    val regretBound: state: OptimisticNewtonState -> Result<Bound, HindsightError>

/// <summary>Dynamic regret without knowing the path's length: a grid of steps, each twice the one before, with Hedge on top.</summary>
[<RequireQualifiedAccess>]
module OptimisticGrid =
    /// <summary>The state before any round.</summary>
    /// <param name="set">Bounded.</param>
    /// <param name="gradient">G &gt; 0: no gradient is longer, else a step is a HindsightException.</param>
    /// <param name="horizon">T &gt;= 1: rounds, at most.</param>
    /// <param name="point">The first point, projected to the set.</param>
    val start:
        set: ConvexSet ->
        gradient: float ->
        horizon: int ->
        point: ReadOnlySpan<float> ->
            Result<OptimisticGridState, HindsightError>

    /// One gradient, in place; it is the next round's hint for every step of the grid.
    val step: gradient: ReadOnlySpan<float> -> state: OptimisticGridState -> unit
    /// The bound on the regret against a path of the given length over the rounds so far.
    val regretBound: pathLength: float -> state: OptimisticGridState -> Result<Bound, HindsightError>
