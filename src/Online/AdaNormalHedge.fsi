namespace Hindsight

open System

/// <summary>State of AdaNormalHedge over experts that may sleep: the regret R and the absolute regret C of every expert, over its waking rounds.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type AdaNormalHedgeState =
    /// N.
    member Experts: int
    /// Rounds so far.
    member Rounds: int64
    /// R_i: what the learner has lost more than expert i in its waking rounds. A view.
    member Regrets: ReadOnlySpan<float>
    /// C_i: the sum of the absolute differences. A view.
    member Deviations: ReadOnlySpan<float>
    /// q_i. A view.
    member Prior: ReadOnlySpan<float>
    /// sum q_i exp(max(R_i, 0)^2/(3 C_i)).
    member Potential: float
    /// 1 + (3/2) sum q_i (1 + ln(1 + C_i)): the most that the potential can be.
    member PotentialBound: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>AdaNormalHedge (Luo and Schapire 2015): p_i proportional to q_i (Phi(R_i + 1, C_i + 1) - Phi(R_i - 1, C_i + 1))/2 over those awake, Phi(R, C) = exp(max(R, 0)^2/(3 C)); the prior over those awake where all of these are 0.</summary>
/// <remarks>No rate to tune. Weights are computed from logarithms.</remarks>
[<RequireQualifiedAccess>]
module AdaNormalHedge =
    /// Uniform prior over experts &gt;= 1.
    val start: experts: int -> Result<AdaNormalHedgeState, HindsightError>
    /// A prior of positive weights with sum 1 (to 1e-9).
    val startWithPrior: prior: ReadOnlySpan<float> -> Result<AdaNormalHedgeState, HindsightError>

    /// <summary>Writes the weights of the coming round: 0 for those who sleep, summing to 1 if anyone is awake, all 0 otherwise.</summary>
    /// <remarks>A HindsightException for spans of another length.</remarks>
    val weights: awake: ReadOnlySpan<bool> -> weights: Span<float> -> state: AdaNormalHedgeState -> unit

    /// <summary>A round, in place: the losses of those awake (others are not read) and the learner's loss, at most their mean under the weights.</summary>
    /// <remarks>A HindsightException for a loss outside [0,1] or spans of another length.</remarks>
    val step:
        awake: ReadOnlySpan<bool> -> losses: ReadOnlySpan<float> -> loss: float -> state: AdaNormalHedgeState -> unit

    /// sqrt(3 C_i ln(B/q_i)): the bound on the regret against expert i; OutOfRange for an index outside 0 .. N-1.
    val regretBound: expert: int -> state: AdaNormalHedgeState -> Result<Bound, HindsightError>
