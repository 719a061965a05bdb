namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. Losses are convex, summed over rounds t = 1..T, g_t a subgradient at the learner's point x_t, u the comparator; regret is sum l_t(x_t) - l_t(u).
// Norms are Euclidean unless named. D is a diameter, or any bound on the distances |x_t - u|. A bound on sum <g_t, x_t - u> bounds the regret.
// Everything holds on every sequence (Deterministic) unless the function says otherwise. What is not finite or out of its domain is refused with OutOfRange, naming the argument.

/// <summary>Regret of online convex optimisation: gradient descent, mirror descent, regularised leaders, AdaGrad, online Newton, online regression, online to batch.</summary>
[<RequireQualifiedAccess>]
module OnlineConvex =
    /// Every calculator of this family.
    val calculators: BoundCalculator[]

    /// <summary>D^2/(2 eta) + (eta/2) sum |g_t|^2: gradient descent with a constant step.</summary>
    /// <param name="distance">D &gt; 0: |x_1 - u| at most.</param>
    /// <param name="squares">sum |g_t|^2 &gt;= 0.</param>
    /// <param name="step">eta &gt; 0.</param>
    /// <remarks>Zinkevich (2003); derived here: |x_{t+1} - u|^2 &lt;= |x_t - u|^2 - 2 eta g_t'(x_t - u) + eta^2 |g_t|^2, summed. Attained by one linear round.</remarks>
    val gradientDescent: distance: float -> squares: float -> step: float -> Result<Bound, HindsightError>

    /// <summary>D G sqrt T: gradient descent with the constant step D/(G sqrt T).</summary>
    /// <param name="diameter">D &gt; 0: |x_1 - u| at most.</param>
    /// <param name="gradient">G &gt; 0: |g_t| at most.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    val gradientDescentHorizon: diameter: float -> gradient: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>(3/2) D G sqrt T: gradient descent with step D/(G sqrt t), no horizon needed.</summary>
    /// <remarks>Zinkevich (2003); derived here from D^2/(2 eta_T) + sum (eta_t/2) G^2 and sum 1/sqrt t &lt;= 2 sqrt T.</remarks>
    val gradientDescentSquareRoot: diameter: float -> gradient: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>sqrt 2 D sqrt(sum |g_t|^2): gradient descent with step (D/sqrt 2)/sqrt(sum_{s&lt;=t} |g_s|^2).</summary>
    /// <remarks>Streeter and McMahan (2010); derived here with sum a_t/sqrt(a_1 + .. + a_t) &lt;= 2 sqrt(a_1 + .. + a_T).</remarks>
    val gradientDescentAdaptive: diameter: float -> squares: float -> Result<Bound, HindsightError>

    /// <summary>(1/(2 lambda)) sum |g_t|^2/t: gradient descent with step 1/(lambda t) on lambda-strongly convex losses.</summary>
    /// <param name="convexity">lambda &gt; 0.</param>
    /// <param name="gradients">|g_t| of each round, in order; at least one.</param>
    /// <remarks>Hazan, Agarwal and Kale (2007); derived here: the loss's quadratic term cancels the growth of 1/eta_t. Attained by one quadratic round.</remarks>
    val stronglyConvexPath: convexity: float -> gradients: float[] -> Result<Bound, HindsightError>

    /// <summary>(G^2/(2 lambda))(1 + ln T): the same for |g_t| &lt;= G.</summary>
    val stronglyConvex: convexity: float -> gradient: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>B/eta + (eta/2) S: mirror descent with a mirror map that is 1-strongly convex in a norm.</summary>
    /// <param name="divergence">B &gt;= 0: the Bregman divergence of u from x_1.</param>
    /// <param name="squares">S &gt;= 0: sum of |g_t|^2 in the dual norm.</param>
    /// <param name="step">eta &gt; 0.</param>
    /// <remarks>Beck and Teboulle (2003); derived here with Young's inequality in the norm and its dual.</remarks>
    val mirrorDescent: divergence: float -> squares: float -> step: float -> Result<Bound, HindsightError>

    /// <summary>range/eta + (eta/2) S: follow the regularised leader, x_t = argmin eta sum_{s&lt;t} g_s'x + psi(x).</summary>
    /// <param name="range">psi(u) - min psi &gt;= 0, psi 1-strongly convex in a norm.</param>
    /// <param name="squares">S &gt;= 0: sum of |g_t|^2 in the dual norm.</param>
    /// <param name="step">eta &gt; 0.</param>
    /// <remarks>Shalev-Shwartz (2012), Theorem 2.11 in other constants; derived here.</remarks>
    val regularisedLeader: range: float -> squares: float -> step: float -> Result<Bound, HindsightError>

    /// <summary>range + energy/2: follow the regularised leader with regularisers psi_1 &lt;= psi_2 &lt;= ...</summary>
    /// <param name="range">psi_T(u) - min psi_1 &gt;= 0, psi_t 1-strongly convex in the norm of round t.</param>
    /// <param name="energy">sum of |g_t|^2 in the dual norm of its round, &gt;= 0.</param>
    /// <remarks>McMahan (2017), Theorem 1 in other notation; derived here.</remarks>
    val regularisedLeaderVarying: range: float -> energy: float -> Result<Bound, HindsightError>

    /// <summary>U G sqrt(e (2 ln d - 1) T): dual averaging with the regulariser |x|_p^2/2, 1/p + 1/q = 1, q = 2 ln d, step (U/G)/sqrt(e (2 ln d - 1) T).</summary>
    /// <param name="size">U &gt; 0: sum of |u_i|.</param>
    /// <param name="gradient">G &gt; 0: largest |g_{t,i}|.</param>
    /// <param name="dimension">d &gt;= 3.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <remarks>Rate of Gentile and Littlestone (1999); constant derived here: |.|_p^2/2 is (p-1)-strongly convex in |.|_p, p - 1 = 1/(q-1), |g|_q &lt;= d^(1/q) |g|_inf = sqrt e |g|_inf, |u|_p &lt;= |u|_1.</remarks>
    val dualAveraging:
        size: float -> gradient: float -> dimension: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>sqrt 2 D sum_i sqrt(S_i): AdaGrad with a step for every coordinate, on a box with sides of at most D, eta = D/sqrt 2.</summary>
    /// <param name="side">D &gt; 0.</param>
    /// <param name="squares">S_i = sum_t g_{t,i}^2 &gt;= 0 of every coordinate; at least one.</param>
    /// <remarks>Duchi, Hazan and Singer (2011), Theorem 5 in other notation; derived here: a sum of one-dimensional gradient descents.</remarks>
    val adaGradDiagonal: side: float -> squares: float[] -> Result<Bound, HindsightError>

    /// <summary>sqrt 2 D tr((sum g_t g_t')^(1/2)): AdaGrad with a full matrix, eta = D/sqrt 2.</summary>
    /// <param name="diameter">D &gt; 0.</param>
    /// <param name="trace">The trace &gt;= 0.</param>
    /// <remarks>Duchi, Hazan and Singer (2011), Theorem 7 in other notation; derived here.</remarks>
    val adaGradFull: diameter: float -> trace: float -> Result<Bound, HindsightError>

    /// <summary>(1/(2 gamma))(ln(det A_T/det A_0) + 1): the online Newton step with A_0 = I/(gamma D)^2.</summary>
    /// <param name="curvature">gamma &gt; 0, at most min(1/(4 G D), alpha)/2 for alpha-exp-concave losses.</param>
    /// <param name="logDeterminant">ln(det A_T/det A_0) &gt;= 0, A_T = A_0 + sum g_t g_t'.</param>
    /// <remarks>Hazan, Agarwal and Kale (2007); derived here: l(x) - l(u) &lt;= g'(x-u) - (gamma/2)(g'(x-u))^2 and g'A_t^-1 g &lt;= ln(det A_t/det A_{t-1}).</remarks>
    val onlineNewton: curvature: float -> logDeterminant: float -> Result<Bound, HindsightError>

    /// <summary>(1/(2 gamma))(d ln(1 + (gamma D G)^2 T/d) + 1), gamma = min(1/(4 G D), alpha)/2: the same before any round.</summary>
    /// <param name="concavity">alpha &gt; 0: e^(-alpha l) is concave.</param>
    /// <param name="diameter">D &gt; 0.</param>
    /// <param name="gradient">G &gt; 0.</param>
    /// <param name="dimension">d &gt;= 1.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    val onlineNewtonHorizon:
        concavity: float ->
        diameter: float ->
        gradient: float ->
        dimension: int ->
        horizon: float ->
            Result<Bound, HindsightError>

    /// <summary>5 (1/alpha + G D) d ln T, T &gt;= 5: the published form of the same.</summary>
    /// <remarks>Hazan, Agarwal and Kale (2007), Theorem 2, constant from memory; that <c>onlineNewtonHorizon</c> is never larger is derived here: 1/(2 gamma) &lt;= 4 (1/alpha + G D), gamma D G &lt;= 1/8, and ln(1 + T/64) + 1 &lt;= (5/4) ln T from T = 5 on.</remarks>
    val onlineNewtonPublished:
        concavity: float ->
        diameter: float ->
        gradient: float ->
        dimension: int ->
        horizon: float ->
            Result<Bound, HindsightError>

    /// <summary>Y^2 ln det(A/lambda): square-loss regret of the Vovk-Azoury-Warmuth forecaster against min_u lambda |u|^2 + sum (u'x - y)^2, un-halved.</summary>
    /// <param name="label">Y &gt;= 0: largest |y_t|.</param>
    /// <param name="logDeterminant">ln det(A/lambda) &gt;= 0, A = lambda I + sum x x'.</param>
    /// <remarks>Vovk (2001), Azoury and Warmuth (2001); derived here. One round with a small x attains it in the limit.</remarks>
    val vovkAzouryWarmuth: label: float -> logDeterminant: float -> Result<Bound, HindsightError>

    /// <summary>Y^2 d ln(1 + T X^2/(lambda d)): the same before any round, |x_t| &lt;= X.</summary>
    val vovkAzouryWarmuthHorizon:
        label: float ->
        norm: float ->
        regularisation: float ->
        dimension: int ->
        horizon: float ->
            Result<Bound, HindsightError>

    /// <summary>sum r_t^2/(1 + q_t) = min_w lambda |w|^2 + sum (y - w'x)^2 exactly, r_t the residuals of online ridge regression, q_t = x_t'A_{t-1}^-1 x_t.</summary>
    /// <param name="residuals">r_t = y_t less the prediction, in order; at least one.</param>
    /// <param name="widths">q_t &gt;= 0, as many.</param>
    /// <remarks>An equality. Azoury and Warmuth (2001); Zhdanov and Kalnishkan (2010).</remarks>
    val ridgeIdentity: residuals: float[] -> widths: float[] -> Result<Bound, HindsightError>

    /// <summary>R^2 ln det(A/lambda): the regret of online ridge regression whose predictions are clipped to an interval of length R that has the labels.</summary>
    /// <remarks>4 Y^2 ln det for [-Y, Y]. Derived here from the identity, (y - p)^2 (1 - 1/(1+q)) and q/(1+q) &lt;= ln(1+q).</remarks>
    val ridge: length: float -> logDeterminant: float -> Result<Bound, HindsightError>

    /// <summary>r^2 ln det(A/lambda), r the largest |residual|: the same of predictions as they are.</summary>
    val ridgeUnclipped: residual: float -> logDeterminant: float -> Result<Bound, HindsightError>

    /// <summary>d ln(1 + T X^2/(lambda d)): sum x_t'A_t^-1 x_t, A_t with x_t in it, for |x_t| &lt;= X.</summary>
    /// <remarks>Elliptical potential lemma (Lai and Wei 1982; Abbasi-Yadkori, Pal and Szepesvari 2011); derived here.</remarks>
    val ellipticalPotential:
        norm: float -> regularisation: float -> dimension: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>(1/ln 2) d ln(1 + T X^2/(lambda d)): sum min(1, x_t'A_{t-1}^-1 x_t), A_{t-1} without x_t.</summary>
    /// <remarks>The literature has 2 in the place of 1/ln 2 = 1.4427, which is the least constant: min(1, q) &lt;= ln(1+q)/ln 2 with equality at q = 1 (derived here).</remarks>
    val ellipticalPotentialCapped:
        norm: float -> regularisation: float -> dimension: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>R/T: expected excess risk of the average of the learner's points on independent rounds. Expectation.</summary>
    /// <param name="regret">R: a bound on the expected regret.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <remarks>Cesa-Bianchi, Conconi and Gentile (2004); derived here by Jensen's inequality.</remarks>
    val onlineToBatch: regret: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>R/T + sqrt(2 ln(1/delta)/T): the same with probability 1 - delta, losses in [0,1], R a bound on the regret on every sequence.</summary>
    /// <remarks>Cesa-Bianchi, Conconi and Gentile (2004) in other constants; derived here: Azuma's inequality on the differences of the two excess losses, which lie in an interval of length 2.</remarks>
    val onlineToBatchConfident: regret: float -> horizon: float -> delta: float -> Result<Bound, HindsightError>
