namespace Hindsight

/// <summary>State of adaptive conformal inference: the level at which the next set is made, and the misses so far. A value: a step gives a new one and allocates nothing.</summary>
/// <remarks>Its default value is no state: start with <c>AdaptiveConformal.start</c>.</remarks>
[<Struct; NoComparison>]
type AdaptiveConformalState =
    internal
        {
            alpha: float
            gamma: float
            initial: float
            level: float
            rounds: int64
            misses: int64
        }

    /// The share of misses that is aimed at.
    member Alpha: float
    /// The step.
    member Gamma: float
    /// The level of the first set.
    member Initial: float
    /// The level of the next set; may leave [0, 1] by at most gamma.
    member Level: float
    /// Rounds so far.
    member Rounds: int64
    /// Misses so far.
    member Misses: int64

/// <summary>State of quantile tracking: the threshold of the next round, and the misses so far. A value: a step gives a new one and allocates nothing.</summary>
/// <remarks>Its default value is no state: start with <c>QuantileTracking.start</c>.</remarks>
[<Struct; NoComparison>]
type QuantileTrackingState =
    internal
        {
            alpha: float
            eta: float
            most: float
            threshold: float
            rounds: int64
            misses: int64
        }

    /// The share of misses that is aimed at.
    member Alpha: float
    /// The step.
    member Eta: float
    /// The largest possible score.
    member Most: float
    /// A label belongs to the next set if its score is at most this.
    member Threshold: float
    /// Rounds so far.
    member Rounds: int64
    /// Misses so far.
    member Misses: int64

namespace Hindsight.FSharp

open Hindsight

/// <summary>Adaptive conformal inference (Gibbs and Candes 2021): a_(t+1) = a_t + gamma (alpha - miss_t), a pure step. The share of misses comes to alpha on every sequence.</summary>
[<RequireQualifiedAccess>]
module AdaptiveConformal =
    /// The state before any round: alpha in (0,1), gamma &gt; 0, the first level in [0,1].
    val start: alpha: float -> gamma: float -> initial: float -> Result<AdaptiveConformalState, HindsightError>

    /// <summary>The threshold of the next set from calibration scores, by split conformal prediction at the present level.</summary>
    /// <returns>Infinity (everything) where the level is at most 0, minus infinity (nothing) where it is at least 1.</returns>
    val threshold: scores: float[] -> state: AdaptiveConformalState -> Result<float, HindsightError>

    /// <summary>The state after a round.</summary>
    /// <param name="miss">Whether the label was outside of the set.</param>
    /// <param name="state">The state before it.</param>
    /// <returns>Incompatible for a miss of everything or a hit of nothing: the guarantee rests on these.</returns>
    val step: miss: bool -> state: AdaptiveConformalState -> Result<AdaptiveConformalState, HindsightError>

    /// The state after a label with a score, the set being all scores up to the threshold.
    val stepScore:
        score: float ->
        threshold: float ->
        state: AdaptiveConformalState ->
            Result<AdaptiveConformalState, HindsightError>

    /// <summary>|share of misses - alpha| is at most this: (max(a_1, 1 - a_1) + gamma)/(gamma T). Deterministic.</summary>
    /// <returns>Incompatible before the first round.</returns>
    val bound: state: AdaptiveConformalState -> Result<Bound, HindsightError>

/// <summary>Quantile tracking (Angelopoulos, Candes and Tibshirani 2023): q_(t+1) = q_t + eta (miss_t - alpha), a pure step, a miss being a score above q_t.</summary>
[<RequireQualifiedAccess>]
module QuantileTracking =
    /// The state before any round: alpha in (0,1), eta &gt; 0, scores in [0, most], the first threshold among them.
    val start:
        alpha: float -> eta: float -> most: float -> initial: float -> Result<QuantileTrackingState, HindsightError>

    /// The state after a score in [0, most], else OutOfRange.
    val step: score: float -> state: QuantileTrackingState -> Result<QuantileTrackingState, HindsightError>

    /// <summary>|share of misses - alpha| is at most this: (B + eta)/(eta T). Deterministic.</summary>
    /// <returns>Incompatible before the first round.</returns>
    val bound: state: QuantileTrackingState -> Result<Bound, HindsightError>
