namespace Hindsight

/// <summary>Normalisation of inverse gap weighting.</summary>
type Normalization =
    /// mu = K, the remainder to the minimisers (SquareCB as published).
    | FixedMu = 0
    /// The lambda in [1, K] at which 1/(lambda + gamma gap) sums to 1: equalises the worst case over the best arm and halves the per-round bound.
    | Exact = 1

namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. Regret inputs of the square loss are un-halved. Costs lie in [0,1], so that a regret's trivial bound is the horizon.
// Every calculator refuses numbers that are not finite or out of their domain with OutOfRange, naming the argument.

/// <summary>Regret of online gradient descent on losses with quadratic growth that are almost convex.</summary>
[<RequireQualifiedAccess>]
module Qg =
    /// The calculator of <c>onlineLogRegret</c>.
    val oneMinimiser: BoundCalculator
    /// The calculator of <c>onlineRegret</c>.
    val ownMinimiser: BoundCalculator
    /// Both.
    val calculators: BoundCalculator[]

    /// <summary>(2 G^2/mu)(1 + ln T) + 2 eps T: one minimiser common to all rounds, step 2/(mu t).</summary>
    /// <param name="gradient">G &gt; 0: the largest gradient norm.</param>
    /// <param name="growth">mu &gt; 0: l(th) - l* &gt;= (mu/2) |th - th*|^2.</param>
    /// <param name="defect">eps &gt;= 0: l(u) &gt;= l(th) + (u - th)'grad l(th) - eps from every iterate th to the comparator u.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <remarks>Deterministic, upper. Derived here: twice almost convexity less quadratic growth, and the steps' quadratic terms telescope.</remarks>
    val onlineLogRegret:
        gradient: float -> growth: float -> defect: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>(4 lambda^2/mu)(1 + ln T) + 2 eps T + 2 C: each round has a minimiser of its own, step 4/(mu t).</summary>
    /// <param name="gradient">lambda &gt; 0: the largest gradient norm.</param>
    /// <param name="growth">mu &gt; 0, as above, each round at its own minimiser.</param>
    /// <param name="defect">eps &gt;= 0, as above.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="comparatorExcess">C &gt;= 0: sum over rounds of the comparator's loss over the round's least loss.</param>
    /// <remarks>Deterministic, upper. The explicit form, derived here, of the O(log T) regret that Contextual bandits with online neural regression
    /// (arXiv 2312.07145) rests on. There the gradient is of order 1 and mu of order 1/sqrt(width), so the constant hides the square root of the width.</remarks>
    val onlineRegret:
        gradient: float ->
        growth: float ->
        defect: float ->
        horizon: float ->
        comparatorExcess: float ->
            Result<Bound, HindsightError>

/// <summary>SquareCB: inverse gap weighting over a square-loss oracle.</summary>
/// <remarks>arms K &gt;= 2; horizon T &gt; 0; regret R of the oracle, sum (prediction - cost)^2 - (f* - cost)^2 &lt;= R, un-halved; f* the mean costs.
/// Price of a round (derived here, exact): c/gamma with c = 2(K-1) for mu = K and c = K-1 for the exact normalisation.</remarks>
[<RequireQualifiedAccess>]
module SquareCB =
    /// The calculators of <c>expectation</c> and <c>highProbability</c>, for both normalisations.
    val calculators: BoundCalculator[]

    /// c T/gamma + (gamma/4) R. Expectation, upper; derived here. R &gt;= 0, gamma &gt; 0.
    val expectation:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regret: float ->
        gamma: float ->
            Result<Bound, HindsightError>

    /// The gamma that minimises it: 2 sqrt(c T/R), where the bound is sqrt(c T R). R &gt; 0.
    val expectationGamma:
        normalization: Normalization -> arms: int -> horizon: float -> regret: float -> Result<float, HindsightError>

    /// The derivative of <c>expectation</c> in gamma.
    val expectationSensitivity:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regret: float ->
        gamma: float ->
            Result<float, HindsightError>

    /// <summary>c T/gamma + (gamma/4)(2 R + 16 ln(2/delta)) + sqrt(2 T ln(2/delta)).</summary>
    /// <remarks>With probability 1 - delta, upper; derived here: Freedman's inequality (step 1/8) on the oracle's excess loss, Azuma's on the draws, delta/2 each.
    /// At <c>gamma</c> it is at most the published 4 sqrt(K T R) + 8 sqrt(K T ln(2/delta)).</remarks>
    val highProbability:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regret: float ->
        delta: float ->
        gamma: float ->
            Result<Bound, HindsightError>

    /// The gamma that minimises it: 2 sqrt(c T/(2 R + 16 ln(2/delta))).
    val highProbabilityGamma:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regret: float ->
        delta: float ->
            Result<float, HindsightError>

    /// The derivative of <c>highProbability</c> in gamma.
    val highProbabilitySensitivity:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regret: float ->
        delta: float ->
        gamma: float ->
            Result<float, HindsightError>

    /// The published gamma, sqrt(K T/(R + ln(2/delta))) (Foster and Rakhlin 2020, from memory).
    val gamma: arms: int -> horizon: float -> regret: float -> delta: float -> Result<float, HindsightError>

/// <summary>FastCB: re-weighted inverse gap weighting over a log-loss oracle.</summary>
/// <remarks>arms K &gt;= 2; best L* &gt;= 0, the cost of the best policy; regret R of the oracle in log loss (nats) on every sequence; horizon T &gt; 0.
/// Everything rests on the round's inequality regret &lt;= (5K/gamma) E cost + 7 gamma E (f - y)^2/(f + y), gamma &gt;= 2K, whose constants are from memory
/// (Foster and Krishnamurthy 2021) and were never seen violated; (f - y)^2/(f + y) &lt;= 2 KL is derived here.</remarks>
[<RequireQualifiedAccess>]
module FastCB =
    /// The calculator of <c>atGamma</c>.
    val withGamma: BoundCalculator
    /// The calculator of <c>expectation</c>.
    val published: BoundCalculator
    /// Both.
    val calculators: BoundCalculator[]

    /// (5K L*/gamma + 14 gamma R)/(1 - 5K/gamma), gamma &gt; 5K. Expectation, upper; chain derived here.
    val atGamma:
        arms: int -> horizon: float -> best: float -> regret: float -> gamma: float -> Result<Bound, HindsightError>

    /// The derivative of <c>atGamma</c> in gamma.
    val sensitivity:
        arms: int -> horizon: float -> best: float -> regret: float -> gamma: float -> Result<float, HindsightError>

    /// 40 sqrt(K L* R) + 600 K R, at the published gamma. Expectation, upper; constants from memory (the chain gives 33.5 and 580).
    val expectation: arms: int -> horizon: float -> best: float -> regret: float -> Result<Bound, HindsightError>

    /// The published gamma, max(10 K, sqrt(K L*/(3 R))). R &gt; 0.
    val gamma: arms: int -> best: float -> regret: float -> Result<float, HindsightError>

    /// The gamma that minimises <c>atGamma</c>: 5K + sqrt(25 K^2 + 5 K L*/(14 R)). Derived here. R &gt; 0.
    val optimalGamma: arms: int -> best: float -> regret: float -> Result<float, HindsightError>

/// <summary>Regression regrets to put under a bandit bound.</summary>
[<RequireQualifiedAccess>]
module RegressionRegret =
    /// A number that is taken on trust, or was measured on one run (not a theorem: Heuristic). The detail says where it comes from.
    val given: status: AssumptionStatus -> detail: string -> value: float -> Result<Bound, HindsightError>
    /// A bound on the regret of half the square loss, as one for the square loss: doubled.
    val ofHalfSquared: bound: Bound -> Bound

/// <summary>SquareCB over online neural regression: the two bounds composed.</summary>
[<RequireQualifiedAccess>]
module NeuSquareCB =
    /// <summary><c>SquareCB.expectation</c> at its best gamma with R = the regression's bound, un-halved and against the mean costs.</summary>
    /// <remarks>A regression bound that fails with probability delta counts R + delta T, as the square-loss regret of predictions in [0,1] is at most T.
    /// A heuristic regression makes a heuristic composition. The assumptions of both are listed.</remarks>
    val expectation:
        normalization: Normalization ->
        arms: int ->
        horizon: float ->
        regression: Bound ->
            Result<Bound, HindsightError>

/// <summary>FastCB over online neural regression: the two bounds composed.</summary>
[<RequireQualifiedAccess>]
module NeuFastCB =
    /// <summary><c>FastCB.expectation</c> with R = the regression's bound in log loss.</summary>
    /// <remarks>The reduction needs the regression's bound on every sequence; one that may fail, or a heuristic one, makes a heuristic composition.</remarks>
    val expectation: arms: int -> horizon: float -> best: float -> regression: Bound -> Result<Bound, HindsightError>
