namespace Hindsight

open System

/// <summary>State of the adversarial linear contextual bandit: a pool of contexts, and in each of them a leader with a log-barrier over magnitude-reduced estimates.</summary>
/// <remarks>The pool is the distribution of contexts (uniform over it), known or sampled from a simulator. A step costs about (n K)^2 d/2 multiply-adds for n contexts, K arms and
/// d features, changes the state in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type LinearLogBarrierState =
    /// Number of contexts in the pool.
    member Contexts: int
    /// Number of arms.
    member Arms: int
    /// Length of the features.
    member Dimension: int
    /// The step.
    member Eta: float
    /// What is added to the diagonal of the covariance.
    member Regulariser: float
    /// Observations so far.
    member Rounds: int64
    /// The policy in a context of the pool: a view, valid until the next step.
    member Policy: context: int -> ReadOnlySpan<float>
    /// The summed estimates in a context of the pool: a view, valid until the next step.
    member Estimates: context: int -> ReadOnlySpan<float>
    /// Cumulative loss of the arms drawn.
    member Loss: float
    /// A state of its own with the same contents.
    member Copy: unit -> LinearLogBarrierState

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Adversarial linear contextual bandit: losses phi(context, arm)'theta_t in [0,1], theta_t chosen by an adversary, contexts drawn from a known pool.</summary>
/// <remarks>A round: a context of the pool is drawn, <c>choose</c> an arm, <c>step</c> with context, arm and loss. Source: the estimator and the regulariser of Dai, Luo, Wei and
/// Zimmert (2023) for Markov decision processes, here with one step an episode.</remarks>
[<RequireQualifiedAccess>]
module LinearLogBarrier =
    /// <summary>The state before any observation.</summary>
    /// <param name="eta">Step, &gt; 0.</param>
    /// <param name="regulariser">&gt;= 0, added to the diagonal of the covariance. At 0 the estimates are unbiased and the features must span; above 0 they are biased and the bound is not claimed.</param>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="dimension">d &gt;= 1.</param>
    /// <param name="features">Finite; features[(x K + a) d + j], whole contexts, at least one; copied.</param>
    /// <returns>Incompatible if the features do not span and the regulariser is 0.</returns>
    val start:
        eta: float ->
        regulariser: float ->
        arms: int ->
        dimension: int ->
        features: ReadOnlySpan<float> ->
            Result<LinearLogBarrierState, HindsightError>

    /// The arm in a context of the pool: a pure function of seed, round and state.
    val choose: seed: uint64 -> context: int -> state: LinearLogBarrierState -> Result<int, HindsightError>

    /// <summary>One observation, in place; returns the state.</summary>
    /// <returns>OutOfRange for a context, an arm or a loss that cannot be; Incompatible if the covariance has become singular to working precision; the state is then as it was.</returns>
    val step:
        context: int ->
        arm: int ->
        loss: float ->
        state: LinearLogBarrierState ->
            Result<LinearLogBarrierState, HindsightError>

    /// The bound on the expected regret after as many rounds as the state has seen (at least as many as arms); its assumption on the covariance is Violated for a regulariser above 0.
    val regretBound: state: LinearLogBarrierState -> Result<Bound, HindsightError>
