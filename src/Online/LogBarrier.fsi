namespace Hindsight

open System

/// <summary>State of the leader regularised by a log-barrier: summed losses, and the point x of the coming round, strictly inside the simplex.</summary>
/// <remarks>A step changes it in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type LogBarrierState =
    /// Number of arms.
    member Arms: int
    /// The step.
    member Eta: float
    /// Rounds so far.
    member Rounds: int64
    /// x of the coming round: a view, valid until the next step.
    member Distribution: ReadOnlySpan<float>
    /// The summed losses: a view, valid until the next step.
    member Losses: ReadOnlySpan<float>
    /// sum over rounds of &lt;x, c&gt;.
    member Loss: float
    /// sum over rounds of the variance of c under x: the second-order term of the bound, c taken less its mean.
    member SecondOrder: float
    /// sum over rounds of the largest less the least loss.
    member Ranges: float
    /// A state of its own with the same contents.
    member Copy: unit -> LogBarrierState

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>The leader regularised by (1/eta) sum ln(1/x): second-order regret for losses of any sign and size.</summary>
/// <remarks>x_i = 1/(eta (L_i + nu)) with nu by Newton's method, monotone. A constant added to all losses of a round changes nothing.</remarks>
[<RequireQualifiedAccess>]
module LogBarrier =
    /// The state before any loss: eta &gt; 0, arms &gt;= 2.
    val start: eta: float -> arms: int -> Result<LogBarrierState, HindsightError>

    /// <summary>One round with the losses of all arms, in place; returns the state.</summary>
    /// <returns>WrongDimension; OutOfRange for a loss that is not finite; the state is then as it was.</returns>
    val step: losses: ReadOnlySpan<float> -> state: LogBarrierState -> Result<LogBarrierState, HindsightError>

    /// The arm of the coming round of a bandit: a pure function of seed, round and state.
    val choose: seed: uint64 -> state: LogBarrierState -> int

    /// <summary>One round of a bandit in place: the loss, in [0,1], of the arm drawn, estimated by loss/x.</summary>
    /// <returns>OutOfRange for an arm or a loss that cannot be; the state is then as it was.</returns>
    val stepBandit: arm: int -> loss: float -> state: LogBarrierState -> Result<LogBarrierState, HindsightError>

    /// <summary>The bound on the regret so far against y, from the state's own second-order term.</summary>
    /// <returns>OutOfRange for a comparator that is not strictly inside the simplex.</returns>
    val regretBound: comparator: ReadOnlySpan<float> -> state: LogBarrierState -> Result<Bound, HindsightError>

    /// The bound on the regret so far against every arm, from the state's own terms, the comparator mixed for max(rounds, arms).
    val regretBoundEveryArm: state: LogBarrierState -> Result<Bound, HindsightError>
    /// The bound on the expected regret of a bandit after as many rounds as the state has seen (at least as many as arms).
    val regretBoundBandit: state: LogBarrierState -> Result<Bound, HindsightError>

/// <summary>Estimates of linear losses whose least value is tame.</summary>
[<RequireQualifiedAccess>]
module MagnitudeReduced =
    /// <summary>Writes u_a L - H min(u_a, 0) + H E[min(u_a, 0)] for each action a.</summary>
    /// <param name="inner">u_a = phi_a' S^-1 phi_b, b the action drawn, S the covariance of the features under the sampling distribution.</param>
    /// <param name="loss">L in [0, ceiling], the loss of b.</param>
    /// <param name="ceiling">H &gt; 0.</param>
    /// <param name="meanNegative">E[min(u_a, 0)] over the draw of b, at most 0.</param>
    /// <param name="target">The estimates.</param>
    /// <remarks>It has the mean of the plain estimate u_a L (the two added terms cancel in expectation) and is at least H E[min(u_a, 0)], where the plain one is as low as the least u_a.
    /// Source: Dai, Luo, Wei and Zimmert (2023).</remarks>
    val estimate:
        inner: ReadOnlySpan<float> ->
        loss: float ->
        ceiling: float ->
        meanNegative: ReadOnlySpan<float> ->
        target: Span<float> ->
            Result<unit, HindsightError>
