namespace Hindsight

open System

/// <summary>State of fixed share: weights in log space.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type FixedShareState =
    /// N.
    member Experts: int
    /// eta.
    member Rate: float
    /// a.
    member Share: float
    /// Rounds so far.
    member Rounds: int64
    /// The weights of the next round, summing to 1: a view, valid until the next step.
    member Weights: ReadOnlySpan<float>
    /// Cumulative loss of the learner.
    member LearnerLoss: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Fixed share (Herbster and Warmuth 1998): after each round's exponential update v becomes (1 - a) v + a/N, which lets the best expert change.</summary>
[<RequireQualifiedAccess>]
module FixedShare =
    /// Uniform weights over experts &gt;= 1, rate &gt; 0, share in (0,1).
    val start: experts: int -> rate: float -> share: float -> Result<FixedShareState, HindsightError>
    /// The losses of a round, in place; one that is outside [0,1], or another number of them, is a HindsightException.
    val step: losses: ReadOnlySpan<float> -> state: FixedShareState -> unit
    /// The bound on the regret against every sequence of experts with so many switches (at most rounds - 1).
    val regretBound: switches: int -> state: FixedShareState -> Result<Bound, HindsightError>
