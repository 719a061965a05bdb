namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. Regret is the learner's loss less the comparator's. Every calculator refuses numbers that are not finite or out of their domain with OutOfRange,
// naming the argument.

/// <summary>Regret of the leader regularised by a log-barrier, (1/eta) sum ln(1/x), whose losses may be as negative as they like.</summary>
/// <remarks>After Dai, Luo, Wei and Zimmert, "Refined regret for adversarial MDPs with linear function approximation" (2023); the constants are derived here: the barrier's divergence is
/// sum phi(y/x)/eta with phi(u) = u - 1 - ln u, and y &lt;= 1 gives phi(u) &gt;= x (u-1)^2/2, so that a round costs at most (eta/2) sum x c^2 whatever the sign and size of c.
/// Exponential weights have this only for eta c &gt;= -1.</remarks>
[<RequireQualifiedAccess>]
module LogBarrierBounds =
    /// The calculator of <c>regret</c>.
    val regretCalculator: BoundCalculator
    /// The calculator of <c>horizonRegret</c>.
    val horizonCalculator: BoundCalculator
    /// The calculator of <c>banditRegret</c>.
    val banditCalculator: BoundCalculator
    /// The calculator of <c>linearRegret</c>.
    val linearCalculator: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// <summary>(B - K ln K)/eta + (eta/2) Q.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="barrier">B = sum ln(1/y_i) of the comparator, at least K ln K.</param>
    /// <param name="secondOrder">Q = sum over rounds and arms of x c^2, c after subtracting any constant a round: the mean &lt;x, c&gt; makes it a variance.</param>
    /// <param name="eta">The step, &gt; 0; best sqrt(2 (B - K ln K)/Q).</param>
    /// <remarks>Deterministic, upper; derived here.</remarks>
    val regret: arms: int -> barrier: float -> secondOrder: float -> eta: float -> Result<Bound, HindsightError>

    /// <summary>((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + (eta/2) Q + (K-1) V/T: against every comparator of the simplex, its corners included.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= K: the comparator is mixed with K/T of the uniform distribution, so that each arm has at least 1/T.</param>
    /// <param name="secondOrder">Q, as above.</param>
    /// <param name="ranges">V: sum over rounds of the largest less the least loss.</param>
    /// <param name="eta">The step, &gt; 0.</param>
    /// <remarks>Deterministic, upper; derived here. The first numerator is at most K ln(T/K).</remarks>
    val horizonRegret:
        arms: int ->
        horizon: float ->
        secondOrder: float ->
        ranges: float ->
        eta: float ->
            Result<Bound, HindsightError>

    /// <summary>((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + eta T/2 + K - 1: one loss in [0,1] a round is seen, estimates l/x.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= K.</param>
    /// <param name="eta">The step, &gt; 0; best about sqrt(2 K ln T/T).</param>
    /// <remarks>Expectation, upper; derived here: estimates are at least 0, where a round costs (1/eta) sum (w - ln(1+w)), w = eta x c, at most (eta/2) sum x^2 c^2.</remarks>
    val banditRegret: arms: int -> horizon: float -> eta: float -> Result<Bound, HindsightError>

    /// <summary>((K-1) ln T - ln(1 - (K-1)/T) - K ln K)/eta + eta d T + K - 1: adversarial linear contextual bandit with magnitude-reduced estimates.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="dimension">d &gt;= 1: length of the features.</param>
    /// <param name="horizon">T &gt;= K.</param>
    /// <param name="eta">The step, &gt; 0; best about sqrt(K ln T/(d T)).</param>
    /// <remarks>Expectation, upper; contexts drawn independently from a known distribution, losses linear in the features and in [0,1], regret against every fixed policy. Derived here: the
    /// estimates are unbiased, and in the mean over context, arm and draw their squares are at most 2 d.</remarks>
    val linearRegret: arms: int -> dimension: int -> horizon: float -> eta: float -> Result<Bound, HindsightError>
