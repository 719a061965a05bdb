namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. f is the prediction of a network with m units in the first hidden layer, |Hessian of f| <= c_H/sqrt m; its perturbed predictions are f + c_p m^(-1/4) (theta - theta_0)' eps_s.
// Regrets of a network are those of half the square loss or of the log loss in nats; the bandit's calculators double the former themselves.
// Numbers that are not finite or out of their domain are refused with OutOfRange, naming the argument.

/// <summary>What the perturbation of a network's predictions gives: closed formulas for curvature, growth and regret, with what they cost.</summary>
/// <remarks>The device is that of Contextual bandits with online neural regression (arXiv 2312.07145). Unless a calculator's source says otherwise the constants are derived here. The growth constant is of order 1/sqrt m and a gradient of order 1,
/// so that a regret of order ln T in the number of rounds carries sqrt m in its constant: every number here shows it.</remarks>
[<RequireQualifiedAccess>]
module PerturbedPrediction =
    /// (1/2) r (c_H/sqrt m) D^2: how far half the square loss is from convex on a set of diameter D.
    val almostConvexity: BoundCalculator
    /// (c_p^2 - c_H r)/sqrt m: the least eigenvalue of the expected loss's Hessian, half the square loss.
    val growthSquare: BoundCalculator
    /// (kappa c_p^2 - c_H)/sqrt m, kappa = s(F) s(-F): the same for the log loss.
    val growthLog: BoundCalculator
    /// ln(N/delta)/I(u): sign vectors after which the perturbation keeps the share 1 - u of its expectation at N fixed points.
    val count: BoundCalculator
    /// T c_p^2 D^2/(2 sqrt m): what the perturbation adds to the loss of an interpolator at distance D.
    val interpolatorRidge: BoundCalculator
    /// T^2 r^2 c_p^2/(2 lambda_0 sqrt m): the same for the nearest interpolator of the linearised network.
    val kernelRidge: BoundCalculator
    /// sum Var(y_t): the least expected regret of any learner against comparators that fit the observed labels.
    val noisyLabelFloor: BoundCalculator
    /// sqrt(gamma^2 + (1 + rho_1)^2/m), gamma = sigma_1 + rho/sqrt m: the gradient of a network with one hidden layer.
    val shallowGradient: BoundCalculator
    /// (b + sqrt(b^2 + 4))/(2 sqrt m), b = beta (1 + rho_1): the Hessian of a network with one hidden layer.
    val shallowHessian: BoundCalculator
    /// The gradient of a deep network, constants from memory.
    val deepGradient: BoundCalculator
    /// The Hessian of a deep network, constants from memory.
    val deepHessian: BoundCalculator
    /// 2/(g + c_p m^(-1/4) sqrt(lambda_G))^2: steps below it are stable.
    val stableStep: BoundCalculator
    /// (G^2 sqrt m/(2 (c_p^2 - c_H r)))(1 + ln T) + T c_p^2 D^2/(2 sqrt m): regret of online gradient descent on the expected perturbed loss.
    val expectedRegret: BoundCalculator
    /// The regret of NeuSquareCB from the growth constant of its network's loss.
    val neuSquareCB: BoundCalculator
    /// The regret of NeuFastCB from the growth constant of its network's loss.
    val neuFastCB: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// <summary>S = ln(N/delta)/I(u), I(u) = max over lambda of -lambda (1 - u) - ln(1 - lambda + (3/2) lambda^2), rounded up.</summary>
    /// <param name="points">N &gt;= 1.</param>
    /// <param name="loss">u in [1e-4, 1): the share that may be lost.</param>
    /// <param name="delta">Failure probability in (0,1).</param>
    val signVectors: points: int -> loss: float -> delta: float -> Result<int, HindsightError>

    /// <summary>The expected perturbed loss's regret at the width that makes it least; see <c>expectedRegret</c>.</summary>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="scale">c_p &gt; 0.</param>
    /// <param name="curvature">c_H &gt;= 0.</param>
    /// <param name="residual">r &gt;= 0, c_H r &lt; c_p^2.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="distance">D &gt; 0.</param>
    /// <remarks>At least G D sqrt(T (1 + ln T)) whatever the scale, with equality for a linear network: no choice of width and scale makes this bound logarithmic at a fixed distance of the comparator.</remarks>
    val bestWidth:
        gradient: float ->
        scale: float ->
        curvature: float ->
        residual: float ->
        horizon: float ->
        distance: float ->
            Result<BoundOptimum, HindsightError>

    /// <summary>NeuSquareCB's expected regret at the best gamma, 2 (K-1) T/gamma + (gamma/4) R with R = 2 ((4 G^2/mu)(1 + ln T) + 2 eps T + 2 C + A).</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="gradient">G &gt; 0: largest gradient norm of half the (averaged) square loss.</param>
    /// <param name="growth">mu &gt; 0.</param>
    /// <param name="defect">eps &gt;= 0.</param>
    /// <param name="comparatorExcess">C &gt;= 0: the comparator's loss over the rounds' least losses.</param>
    /// <param name="approximation">A &gt;= 0: the comparator's loss over that of the true mean costs.</param>
    val squareRegret:
        arms: int ->
        horizon: float ->
        gradient: float ->
        growth: float ->
        defect: float ->
        comparatorExcess: float ->
        approximation: float ->
            Result<Bound, HindsightError>

    /// <summary>NeuFastCB's expected regret at the best gamma, (5 K L*/gamma + 14 gamma R)/(1 - 5 K/gamma) with R = (4 G^2/mu)(1 + ln T) + 2 eps T + 2 C + A, in nats.</summary>
    /// <param name="arms">K &gt;= 2.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="best">L* &gt;= 0: cost of the best policy.</param>
    /// <param name="gradient">G &gt; 0: largest gradient norm of the (averaged) log loss.</param>
    /// <param name="growth">mu &gt; 0.</param>
    /// <param name="defect">eps &gt;= 0.</param>
    /// <param name="comparatorExcess">C &gt;= 0: the comparator's loss over the rounds' least losses.</param>
    /// <param name="approximation">A &gt;= 0: the comparator's loss over that of the true mean costs.</param>
    val fastRegret:
        arms: int ->
        horizon: float ->
        best: float ->
        gradient: float ->
        growth: float ->
        defect: float ->
        comparatorExcess: float ->
        approximation: float ->
            Result<Bound, HindsightError>
