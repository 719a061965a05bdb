namespace Hindsight

open System

/// <summary>State of AdaHedge: cumulative losses, the mixability gap that sets the rate, and what its bounds need.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type AdaHedgeState =
    /// N.
    member Experts: int
    /// ln N/Delta: the rate of the next round; infinite while the gap is 0.
    member Rate: float
    /// Rounds so far.
    member Rounds: int64
    /// The weights of the next round, summing to 1: a view, valid until the next step.
    member Weights: ReadOnlySpan<float>
    /// Cumulative loss of the learner.
    member LearnerLoss: float
    /// Least cumulative loss of an expert.
    member BestLoss: float
    /// The learner's loss less the best expert's.
    member Regret: float
    /// Delta: sum of &lt;p, l&gt; + (1/eta) ln sum p e^(-eta l).
    member Gap: float
    /// V: sum of the variances of the losses under the weights.
    member Variance: float
    /// S: the largest range of a round's losses.
    member Range: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>AdaHedge (de Rooij, van Erven, Grunwald and Koolen 2014): Hedge that finds its rate, for losses of any range.</summary>
[<RequireQualifiedAccess>]
module AdaHedge =
    /// Uniform weights over experts &gt;= 2.
    val start: experts: int -> Result<AdaHedgeState, HindsightError>
    /// The losses of a round, in place; one that is not finite, or another number of them, is a HindsightException.
    val step: losses: ReadOnlySpan<float> -> state: AdaHedgeState -> unit
    /// 2 Delta.
    val regretBound: state: AdaHedgeState -> Result<Bound, HindsightError>
    /// 2 sqrt(V ln N) + S (4/3 ln N + 2).
    val varianceBound: state: AdaHedgeState -> Result<Bound, HindsightError>
