namespace Hindsight

open System

/// <summary>State of the online Newton step on a ball about 0: the point, A = A_0 + sum g g' and its inverse.</summary>
/// <remarks>A step costs 2 d^2 multiply-adds, and of order d^3 where it leaves the ball; it is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type OnlineNewtonState =
    /// Radius of the ball.
    member Radius: float
    /// gamma.
    member Curvature: float
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// Gradients seen.
    member Rounds: int64
    /// ln(det A/det A_0), kept up to date by ln(1 + g'A^-1 g).
    member LogDet: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>The online Newton step (Hazan, Agarwal and Kale 2007): A_t = A_{t-1} + g_t g_t', x_{t+1} = P_A(x_t - A_t^-1 g_t/gamma), A_0 = I/(gamma D)^2.</summary>
[<RequireQualifiedAccess>]
module OnlineNewton =
    /// gamma = min(1/(4 G D), alpha)/2 of alpha-exp-concave losses with gradients of at most G on a set of diameter D.
    val curvature: concavity: float -> diameter: float -> gradient: float -> Result<float, HindsightError>

    /// The state before any round: radius &gt; 0, curvature &gt; 0, a first point that is projected to the ball.
    val start:
        radius: float -> curvature: float -> point: ReadOnlySpan<float> -> Result<OnlineNewtonState, HindsightError>

    /// One gradient, in place. A gradient that is not finite or of another length is a HindsightException.
    val step: gradient: ReadOnlySpan<float> -> state: OnlineNewtonState -> unit
    /// (1/(2 gamma))(ln(det A/det A_0) + 1).
    val regretBound: state: OnlineNewtonState -> Result<Bound, HindsightError>
