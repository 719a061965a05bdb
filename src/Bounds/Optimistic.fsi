namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. Optimistic mirror descent has a hint m_t before the gradient g_t: x_t = P(y_t - eta_t m_t), y_{t+1} = P(y_t - eta_t g_t), by default m_t = g_{t-1} and m_1 = 0.
// D is the diameter of the set, G the largest gradient norm, V = sum |g_t - m_t|^2. Norms are Euclidean unless named. Regret is against every fixed point unless a path is named.
// The stochastically extended adversary (SEA) draws each loss from a law of its own whose mean is convex and L-smooth; sigma^2 sums the largest variances of the gradients, Sigma^2 the largest squared
// changes of the mean gradient from round to round. What is not finite or out of its domain is refused with OutOfRange, naming the argument.

/// <summary>Regret of optimistic mirror descent, and what it means against a stochastically extended adversary.</summary>
/// <remarks>Algorithm and rates: Chen, Zhang, Tu, Zhao and Zhang, Optimistic online mirror descent for bridging stochastic and adversarial online convex optimization (arXiv 2302.04552). Constants are derived here.</remarks>
[<RequireQualifiedAccess>]
module Optimistic =
    /// Every calculator of this family.
    val calculators: BoundCalculator[]

    /// <summary>D^2/(2 eta) + E - M: any steps that never grow.</summary>
    /// <param name="diameter">D &gt; 0.</param>
    /// <param name="lastStep">eta_T &gt; 0.</param>
    /// <param name="error">E = sum eta_t |g_t - m_t|^2 &gt;= 0.</param>
    /// <param name="movement">M = sum (1/(2 eta_t))(|y_{t+1} - x_t|^2 + |x_t - y_t|^2) &gt;= 0.</param>
    /// <remarks>Deterministic, upper. Attained by one linear round.</remarks>
    val path: diameter: float -> lastStep: float -> error: float -> movement: float -> Result<Bound, HindsightError>

    /// <summary>(5/2) D sqrt(delta + 4 G^2 + V) - (sqrt(delta + 4 G^2)/(4 D)) M: eta_t = D/sqrt(delta + 4 G^2 + V_{t-1}).</summary>
    /// <param name="diameter">D &gt; 0.</param>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="regularisation">delta &gt;= 0.</param>
    /// <param name="variation">V &gt;= 0.</param>
    /// <param name="movement">M = sum over t &gt;= 2 of |x_t - x_{t-1}|^2 &gt;= 0; 0 if it is not known.</param>
    /// <remarks>Deterministic, upper.</remarks>
    val adaptive:
        diameter: float ->
        gradient: float ->
        regularisation: float ->
        variation: float ->
        movement: float ->
            Result<Bound, HindsightError>

    /// <summary>5 sqrt 10 D^2 L + (5 sqrt 5/2) D G + 5 sqrt 2 D sqrt(sigma^2) + 5 D sqrt(Sigma^2): the same against a stochastically extended adversary, delta = 10 D^2 L^2.</summary>
    /// <remarks>Expectation, upper. Derived here: |g_t - g_{t-1}|^2 is at most 4 times two noises, a drift and L^2 |x_t - x_{t-1}|^2, and the last is paid for by the negative term.</remarks>
    val seaConvex:
        diameter: float ->
        smoothness: float ->
        gradient: float ->
        variance: float ->
        variation: float ->
            Result<Bound, HindsightError>

    /// <summary>(2/lambda) sum v_t/t, v_t = |g_t - m_t|^2: lambda-strongly convex losses, eta_t = 2/(lambda t), x_1 = y_1.</summary>
    /// <param name="convexity">lambda &gt; 0.</param>
    /// <param name="errors">v_t of each round, in order; at least one.</param>
    /// <remarks>Deterministic, upper.</remarks>
    val stronglyConvex: convexity: float -> errors: float[] -> Result<Bound, HindsightError>

    /// <summary>(8 G^2/lambda)(1 + ln(2 + 8 L/lambda)) + (8/lambda)(2 sigma^2 + Sigma^2)(1 + ln T): the same against a stochastically extended adversary.</summary>
    /// <param name="convexity">lambda &gt; 0.</param>
    /// <param name="smoothness">L &gt;= lambda.</param>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="variance">sigma^2: the largest variance of a round's gradient, &gt;= 0.</param>
    /// <param name="variation">Sigma^2: the largest squared change of the mean gradient between rounds, &gt;= 0.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <remarks>Expectation, upper. Derived here: until round 2 + 8 L/lambda the errors are at most 4 G^2, from then on movement pays for the smoothness.</remarks>
    val seaStronglyConvex:
        convexity: float ->
        smoothness: float ->
        gradient: float ->
        variance: float ->
        variation: float ->
        horizon: float ->
            Result<Bound, HindsightError>

    /// <summary>(1/2)(1 + beta G^2) D^2 + W: alpha-exp-concave losses, beta = min(1/(4 G D), alpha)/2, steps and projections in the norm of H_t = (1 + beta G^2) I + (beta/2) sum_{s&lt;t} g_s g_s'.</summary>
    /// <param name="curvature">beta &gt; 0.</param>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="distance">D &gt; 0: of the comparator from y_1.</param>
    /// <param name="error">W = sum (g_t - m_t)'H_t^-1 (g_t - m_t) &gt;= 0.</param>
    /// <remarks>Deterministic, upper. The multiple of I differs from the paper's; with this one the proof closes.</remarks>
    val expConcave:
        curvature: float -> gradient: float -> distance: float -> error: float -> Result<Bound, HindsightError>

    /// <summary>(D^2 + 2 D P)/(2 eta) + eta V: regret against every path u_1, .., u_T of length P = sum |u_t - u_{t-1}|, a constant step.</summary>
    /// <remarks>Deterministic, upper. At the best step sqrt(2 V (D^2 + 2 D P)).</remarks>
    val dynamicRegret:
        diameter: float -> pathLength: float -> variation: float -> step: float -> Result<Bound, HindsightError>

    /// <summary>G D sqrt(T ln N/2) + (3/2) sqrt((V + G^2)(D^2 + 2 D P)): a grid of N steps, each twice the one before, with Hedge on top; no path length needed.</summary>
    /// <param name="diameter">D &gt; 0.</param>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="pathLength">P in [0, D T].</param>
    /// <param name="variation">V in [0, 4 G^2 T].</param>
    /// <param name="steps">N, at least <c>gridSize T</c>.</param>
    /// <remarks>Deterministic, upper. Derived here: a step within a factor sqrt 2 of the best one costs at most 3/(2 sqrt 2) of the best; Hedge's losses lie in an interval of length G D.</remarks>
    val dynamicGrid:
        diameter: float ->
        gradient: float ->
        horizon: float ->
        pathLength: float ->
        variation: float ->
        steps: int ->
            Result<Bound, HindsightError>

    /// 1 + ceil(log2 sqrt((1 + 2 T)(1 + 4 T))): the steps that the grid needs, the smallest D/(G sqrt(2 (4 T + 1))).
    val gridSize: horizon: float -> Result<int, HindsightError>
