namespace Hindsight

open System

/// <summary>State of Exp3 and Exp3-IX: summed loss estimates of every arm, and the distribution of the coming round.</summary>
/// <remarks>A step changes it in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type Exp3State =
    /// Number of arms.
    member Arms: int
    /// The step.
    member Eta: float
    /// Implicit exploration: 0 for Exp3.
    member Gamma: float
    /// Observations so far.
    member Rounds: int64
    /// The distribution of the coming round: a view, valid until the next step.
    member Distribution: ReadOnlySpan<float>
    /// The summed estimates of every arm: a view, valid until the next step.
    member Estimates: ReadOnlySpan<float>
    /// Cumulative loss of the arms drawn.
    member Loss: float
    /// sum over rounds of &lt;p, estimate&gt;; equal to <c>Loss</c> for Exp3.
    member EstimatedLoss: float
    /// sum over rounds and arms of p times the squared estimate.
    member SecondOrder: float
    /// EstimatedLoss less the least summed estimate.
    member EstimatedRegret: float
    /// A state of its own with the same contents.
    member Copy: unit -> Exp3State

namespace Hindsight.FSharp

open Hindsight

/// <summary>Exp3 (exponential weights over importance-weighted losses) and Exp3-IX (estimates biased downwards by gamma).</summary>
/// <remarks>A round: <c>choose</c> an arm, or draw from <c>Distribution</c> by other means; play it; <c>step</c> with the arm and its loss in [0,1]. p_i is proportional to
/// exp(-eta x summed estimates), the estimate of the arm drawn is l/(p + gamma), of the others 0. Sources: Auer, Cesa-Bianchi, Freund and Schapire (2002); Neu (2015).</remarks>
[<RequireQualifiedAccess>]
module Exp3 =
    /// Exp3 before any observation: eta &gt; 0, arms &gt;= 2.
    val start: eta: float -> arms: int -> Result<Exp3State, HindsightError>
    /// Exp3-IX before any observation: eta &gt; 0, gamma &gt; 0, arms &gt;= 2.
    val startIx: eta: float -> gamma: float -> arms: int -> Result<Exp3State, HindsightError>
    /// The arm of the coming round: a pure function of seed, round and state.
    val choose: seed: uint64 -> state: Exp3State -> int

    /// <summary>One observation, in place; returns the state.</summary>
    /// <returns>OutOfRange for an arm that could not be drawn and for a loss outside [0,1]; the state is then as it was.</returns>
    val step: arm: int -> loss: float -> state: Exp3State -> Result<Exp3State, HindsightError>

    /// The bound on the expected regret of Exp3 after as many rounds as the state has seen (at least one). Incompatible for gamma &gt; 0.
    val regretBound: state: Exp3State -> Result<Bound, HindsightError>
    /// The bound on <c>EstimatedRegret</c>, from the state's own second-order term: holds on every sequence, for Exp3-IX too.
    val estimatedRegretBound: state: Exp3State -> Result<Bound, HindsightError>
    /// The bound in probability 1 - delta on the regret of Exp3-IX after as many rounds as the state has seen (at least one). Incompatible for gamma = 0.
    val regretBoundIx: delta: float -> state: Exp3State -> Result<Bound, HindsightError>
