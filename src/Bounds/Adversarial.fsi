namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. Losses lie in [0,1] and are fixed before the run unless said otherwise; regret is against the best single arm (expert), so that its trivial
// bound is the horizon. Every calculator refuses numbers that are not finite or out of their domain with OutOfRange, naming the argument.

/// <summary>Bounds on the regret of adversarial bandits: Exp3, Exp3-IX, Exp4, Tsallis-INF.</summary>
[<RequireQualifiedAccess>]
module AdversarialBounds =
    /// The calculator of <c>exp3</c>.
    val exp3Calculator: BoundCalculator
    /// The calculator of <c>exp3Estimated</c>.
    val exp3EstimatedCalculator: BoundCalculator
    /// The calculator of <c>exp3Ix</c>.
    val exp3IxCalculator: BoundCalculator
    /// The calculator of <c>exp4</c>.
    val exp4Calculator: BoundCalculator
    /// The calculator of <c>tsallisInf</c>.
    val tsallisInfCalculator: BoundCalculator
    /// The calculator of <c>tsallisInfStochastic</c>.
    val tsallisInfStochasticCalculator: BoundCalculator
    /// The calculator of <c>tsallisInfReducedVariance</c>.
    val tsallisInfReducedVarianceCalculator: BoundCalculator
    /// The calculator of <c>tsallisInfFixed</c>.
    val tsallisInfFixedCalculator: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// <summary>(ln K)/eta + eta T K/2: Exp3 with importance-weighted losses and a fixed step.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="eta">The step, &gt; 0. Best: <c>exp3Eta</c>, where the bound is sqrt(2 T K ln K).</param>
    /// <remarks>Expectation, upper; derived here: exponential weights on the estimates l/p give (ln K)/eta + (eta/2) sum p l^2/p^2, since
    /// e^-x &lt;= 1 - x + x^2/2 for x &gt;= 0, and the second sum has expectation at most K a round.</remarks>
    val exp3: arms: int -> horizon: float -> eta: float -> Result<Bound, HindsightError>

    /// The step that minimises it: sqrt(2 ln K/(T K)).
    val exp3Eta: arms: int -> horizon: float -> Result<float, HindsightError>

    /// <summary>(ln K)/eta + (eta/2) Q: what Exp3's estimated losses cannot exceed, on every sequence.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="secondOrder">Q &gt;= 0: sum over rounds and arms of p times the squared estimate.</param>
    /// <param name="eta">The step, &gt; 0.</param>
    /// <remarks>Deterministic, upper; bounds sum &lt;p, estimate&gt; - min over arms of the summed estimates, for estimates &gt;= 0. Derived here.</remarks>
    val exp3Estimated: arms: int -> secondOrder: float -> eta: float -> Result<Bound, HindsightError>

    /// <summary>(ln K)/eta + (eta/2 + gamma)(K T + ln(2/delta)/(2 gamma)) + ln(2 K/delta)/(2 gamma): Exp3-IX with estimates l/(p + gamma).</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="eta">The step, &gt; 0.</param>
    /// <param name="gamma">Implicit exploration, &gt; 0.</param>
    /// <param name="delta">Failure probability in (0,1).</param>
    /// <remarks>With probability 1 - delta, upper; losses may answer to past draws. Derived here along Neu (2015): l/(p+gamma) &lt;= ln(1 + 2 gamma l/p)/(2 gamma), so that
    /// the summed estimates exceed the summed losses by ln(1/delta)/(2 gamma) at most with probability 1 - delta; delta/2 for the sum over arms, delta/(2K) for each arm.
    /// At eta = 2 gamma = sqrt(2 ln K/(K T)) it is 2 sqrt(2 K T ln K) + (sqrt(K T/(2 ln K)) + 1) ln(2/delta), below the published
    /// 2 sqrt(2 K T ln K) + (sqrt(2 K T/ln K) + 1) ln(2/delta) (constant from memory).</remarks>
    val exp3Ix:
        arms: int -> horizon: float -> eta: float -> gamma: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>(ln M)/eta + eta T K/2: Exp4 with M experts, each a distribution over K arms a round.</summary>
    /// <remarks>Expectation, upper; regret against the best expert. Derived here as for Exp3; the experts' second moment is at most the arms' (Jensen).
    /// At the best step sqrt(2 T K ln M).</remarks>
    val exp4: experts: int -> arms: int -> horizon: float -> eta: float -> Result<Bound, HindsightError>

    /// <summary>4 sqrt(K T) - 2 sqrt T - sqrt K: Tsallis-INF with power 1/2, step 2/sqrt t and estimates l/p.</summary>
    /// <remarks>Expectation, upper. Derived here: penalty 2 (sqrt K - 1) sqrt T, stability (1/sqrt t) sqrt K a round. Zimmert and Seldin (2021) state 4 sqrt(K T) + 1 (constant from memory).</remarks>
    val tsallisInf: arms: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>sum over arms of (6.25 ln T + 32)/gap: the same algorithm where one arm is better than each other by its gap in every round's mean.</summary>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="gaps">One gap in (0,1] for each arm but the best.</param>
    /// <remarks>Expectation (pseudo-regret), upper. Derived here by self-bounding: a round costs at most c_t/sqrt t times the sum of sqrt p over the other arms,
    /// c_t = h + 2 + 1/(sqrt t - 1), h = t - sqrt(t (t-1)), and c_1 = 3.57; sum c_t^2/t - 6.25 ln T grows to 31.04. The published leading constant is 4 (from memory).</remarks>
    val tsallisInfStochastic: horizon: float -> gaps: float[] -> Result<Bound, HindsightError>

    /// <summary>2 sqrt(K T) - sqrt T - sqrt(K m) + 6 K ln(T/m) + m, m = min(T, 15): Tsallis-INF with step 4/sqrt t and the reduced-variance estimate.</summary>
    /// <remarks>Expectation, upper. The estimate is 1{arm drawn}(l - b)/p + b, b = 1/2 where p &gt;= 16/t, else 0. Derived here: penalty (sqrt K - 1) sqrt T; a round t &gt;= 16 costs
    /// (1/(2 sqrt t)) sum sqrt p + 6 K/t at most, an earlier one at most 1. Zimmert and Seldin (2021) state 2 sqrt(K T) + 10 K ln T + 16 (constants from memory).</remarks>
    val tsallisInfReducedVariance: arms: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>C (4 (sqrt K - 1)/eta + eta sqrt K T/2): Tsallis-INF with power 1/2 and a fixed step eta/C, losses in [0, C].</summary>
    /// <remarks>Expectation, upper; derived here: p minimises &lt;p, L&gt; - (4 C/eta) sum sqrt p. Best step sqrt(8 (sqrt K - 1)/(sqrt K T)), where the bound is 2 C sqrt(2 (K - sqrt K) T).</remarks>
    val tsallisInfFixed: arms: int -> horizon: float -> ceiling: float -> eta: float -> Result<Bound, HindsightError>
