namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. f has gradient Lipschitz constant L and PL constant mu: |grad f|^2/2 >= mu (f - f*), so that mu <= L. gap is f(x_0) - f*, k the number of steps.
// Numbers that are not finite or out of their domain are refused with OutOfRange, naming the argument.

/// <summary>Descent methods under the Polyak-Lojasiewicz inequality and quadratic growth: how fast the gap closes.</summary>
/// <remarks>After Karimi, Nutini and Schmidt (2016); every constant is derived here.</remarks>
[<RequireQualifiedAccess>]
module DescentBounds =
    /// (1 - mu/L)^k gap: gradient descent, step 1/L.
    val gradientDescent: BoundCalculator
    /// ((2 L - 2 mu)/(2 L + mu))^k gap: the same method, the gradient at the new point used too.
    val gradientDescentSharp: BoundCalculator
    /// (1 - eta mu (2 - L eta))^k gap: gradient descent, step eta &lt; 2/L.
    val gradientDescentStep: BoundCalculator
    /// ln(gap/accuracy)/(-ln(1 - mu/L)): steps of size 1/L that suffice.
    val gradientDescentIterations: BoundCalculator
    /// L C^2/(2 k mu^2): stochastic gradient descent, step (2 k + 1)/(2 mu (k + 1)^2), second moment of the gradients at most C^2.
    val stochasticDecaying: BoundCalculator
    /// (1 - 2 mu eta)^k gap + L C^2 eta/(4 mu): stochastic gradient descent, step eta &lt; 1/(2 mu).
    val stochasticConstant: BoundCalculator
    /// (1 - mu/(rho L))^k gap: stochastic gradient descent under strong growth E |g|^2 &lt;= rho |grad f|^2, step 1/(rho L).
    val stochasticInterpolation: BoundCalculator
    /// (1 - mu/(n L))^k gap: coordinate descent, coordinates drawn uniformly, L the largest coordinate constant.
    val coordinateUniform: BoundCalculator
    /// (1 - mu/sum L_i)^k gap: coordinate descent, coordinate i drawn with probability L_i/sum L_j.
    val coordinateWeighted: BoundCalculator
    /// (1 - mu_1/L)^k gap: greedy coordinate descent (Gauss-Southwell), mu_1 the PL constant in the largest-coordinate norm.
    val coordinateGreedy: BoundCalculator
    /// (1 - mu/L)^k gap: proximal gradient descent under the proximal PL inequality.
    val proximal: BoundCalculator
    /// (1 - 3 mu/(4 L))^k D^2: Polyak's step on a convex L-smooth function with quadratic growth mu.
    val polyakStep: BoundCalculator
    /// (G^2/(2 mu))(1 + ln T): online gradient descent on mu-strongly convex losses, step 1/(mu t).
    val onlineStronglyConvex: BoundCalculator
    /// (2 (1 + s) G^2/mu)(1 + ln T) + 2 eps T + (1 + 1/s) C: online gradient descent under quadratic growth about minimisers that move, step 2 (1 + s)/(mu t).
    val onlineMovingMinimisers: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// <summary>The least whole number of gradient steps of size 1/L after which (1 - mu/L)^k gap &lt;= accuracy.</summary>
    /// <param name="growth">mu in (0, L].</param>
    /// <param name="smoothness">L &gt; 0.</param>
    /// <param name="gap">f(x_0) - f* &gt;= 0.</param>
    /// <param name="accuracy">&gt; 0.</param>
    /// <returns>OutOfRange, also where the number has more than 62 bits.</returns>
    val iterations: growth: float -> smoothness: float -> gap: float -> accuracy: float -> Result<int64, HindsightError>

    /// <summary>(2 (1 + s) G^2/mu)(1 + ln T) + 2 eps T + (1 + 1/s) C at the s that makes it least: (sqrt(A) + sqrt(C))^2 + 2 eps T with A = (2 G^2/mu)(1 + ln T).</summary>
    /// <param name="gradient">G &gt; 0: the largest gradient norm.</param>
    /// <param name="growth">mu &gt; 0: each round's loss grows by (mu/2) |th - th_t|^2 about its own minimiser th_t.</param>
    /// <param name="defect">eps &gt;= 0: l_t(x_t) - l_t(u) &lt;= grad l_t(x_t)'(x_t - u) + eps.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="comparatorExcess">C &gt; 0: sum over rounds of the comparator's loss over the round's least loss.</param>
    /// <remarks>Deterministic, upper; derived here. At s = 1 it is <c>Qg.onlineRegret</c>, as s goes to 0 with C = 0 <c>Qg.onlineLogRegret</c>.</remarks>
    val movingMinimisers:
        gradient: float ->
        growth: float ->
        defect: float ->
        horizon: float ->
        comparatorExcess: float ->
            Result<Bound, HindsightError>

    /// <summary>(G^2/(2 mu))(1 + ln T).</summary>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="convexity">mu &gt; 0.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    val stronglyConvex: gradient: float -> convexity: float -> horizon: float -> Result<Bound, HindsightError>
