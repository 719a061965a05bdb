namespace Hindsight

/// <summary>The distribution of s X, X noncentral chi-square with the given degrees of freedom and noncentrality.</summary>
[<NoComparison>]
type ScaledNoncentralChiSquare =
    {
        /// s &gt; 0, error.
        Scale: float
        /// nu &gt; 0.
        Dof: float
        /// The noncentrality &gt;= 0.
        Noncentrality: float
    }

/// <summary>The inductive bias that a task asks for, with its sampling error.</summary>
[<NoComparison>]
type InductiveBiasEstimate =
    {
        /// -ln P(error &lt;= epsilon), nats.
        Nats: float
        /// The 2.5 percent quantile of the bootstrap.
        Low: float
        /// The 97.5 percent quantile of the bootstrap.
        High: float
        /// The fitted distribution of test errors.
        Distribution: ScaledNoncentralChiSquare
    }

namespace Hindsight.FSharp

open Hindsight

// The formulas over any scalar, for the calculator.
module internal InductiveBiasFormulas =
    /// Terms of the mixture's series at these numbers; above a million the series is refused.
    val termsOf: scale: float -> dof: float -> noncentrality: float -> error: float -> float

    /// ln P(s X <= error).
    val logCdf<'T when 'T :> IReal<'T> and 'T: struct> :
        scale: 'T -> dof: 'T -> noncentrality: 'T -> error: 'T -> numbers: float[] -> 'T

/// <summary>The scaled noncentral chi-square distribution of test errors: density, distribution function far into the lower tail, cumulants, fits.</summary>
/// <remarks>Numbers out of range are OutOfRange errors that name the field or argument.</remarks>
[<RequireQualifiedAccess>]
module ScaledNoncentralChiSquare =
    /// <summary>ln P(s X &lt;= x), also where P is e^-100000 or less: right to about 1e-15 of the largest of h, y and a |ln y| below.</summary>
    /// <param name="distribution">Scale, degrees of freedom, noncentrality.</param>
    /// <param name="x">&gt; 0.</param>
    /// <remarks>Poisson mixture: with a = nu/2, h = noncentrality/2, y = x/(2 s) it is e^(-h-y) y^a/Gamma(a+1) sum_m y^m/((a+1)...(a+m)) sum_(j&lt;=m) h^j/j!, all terms positive, rescaled as it grows.
    /// Incompatible where the series needs more than a million terms.</remarks>
    val logCdf: distribution: ScaledNoncentralChiSquare -> x: float -> Result<float, HindsightError>

    /// <summary>ln P(s X &lt;= x) by the saddle point (Lugannani and Rice), for any size of the parameters.</summary>
    /// <remarks>An approximation: its error is a few percent of the probability for nu = 1 and falls with nu and the noncentrality. u = 2x/(s (nu + sqrt(nu^2 + 4 nc x/s))), t = (1 - 1/u)/2, r = -sqrt(2 (t x/s - K(t))), q = t sqrt K''(t):
    /// Phi(r) + phi(r)(1/r - 1/q), in logarithms through Mills's ratio; at the mean, where r and q vanish, by its limit.</remarks>
    val logCdfBySaddlePoint: distribution: ScaledNoncentralChiSquare -> x: float -> Result<float, HindsightError>

    /// ln of the density at x &gt; 0.
    val logDensity: distribution: ScaledNoncentralChiSquare -> x: float -> Result<float, HindsightError>

    /// The first three cumulants: s (nu + nc), 2 s^2 (nu + 2 nc), 8 s^3 (nu + 3 nc).
    val cumulants: distribution: ScaledNoncentralChiSquare -> Result<struct (float * float * float), HindsightError>

    /// <summary>The distribution with given cumulants, where there is one; else the central one with the first two.</summary>
    /// <param name="first">&gt; 0.</param>
    /// <param name="second">&gt; 0.</param>
    /// <param name="third">Any number.</param>
    /// <remarks>s = (k2 - sqrt(k2^2 - k1 k3/2))/(2 k1), nc = k2/(2 s^2) - k1/s, nu = k1/s - nc; derived here. There is one if k1 k3 &lt;= 2 k2^2 and s &gt; k2/(4 k1).</remarks>
    val ofCumulants: first: float -> second: float -> third: float -> Result<ScaledNoncentralChiSquare, HindsightError>

    /// <summary>Maximum likelihood from at least eight positive numbers, started at the sample's cumulants.</summary>
    /// <remarks>Newton-like steps with the product of scores for the Hessian (Berndt, Hall, Hall and Hausman), halved until the likelihood grows, in the logarithms of the three parameters.
    /// Degrees of freedom and noncentrality are hard to tell apart from data; the distribution function is not.</remarks>
    val fit: sample: float[] -> Result<ScaledNoncentralChiSquare, HindsightError>

    /// Independent draws: s times ((z + sqrt nc)^2 + a chi-square with nu - 1 degrees), a gamma variate by Marsaglia and Tsang's method; for nu below 1 by the Poisson mixture.
    val sample: distribution: ScaledNoncentralChiSquare -> seed: uint64 -> count: int -> Result<float[], HindsightError>

/// <summary>How much inductive bias a task asks for: -ln of the share of hypotheses that fit the training data and err at most epsilon on the test data.</summary>
/// <remarks>Source: Towards exact computation of inductive bias (arXiv 2406.15941), its published code for the definition. Nats; over ln 2 bits. The test errors are mean squares.
/// The model of the errors is a fit: an estimate, not a bound. The published code's normal approximation of deep tails is not used (it drops a term and the sign).</remarks>
[<RequireQualifiedAccess>]
module InductiveBias =
    /// -ln P(s X &lt;= epsilon) &gt;= 0.
    val nats: distribution: ScaledNoncentralChiSquare -> error: float -> Result<float, HindsightError>

    /// <summary>The bias from a sample of test errors, with a bootstrap interval of 95 percent.</summary>
    /// <param name="sample">At least eight test errors of hypotheses that fit the training data, &gt; 0.</param>
    /// <param name="error">epsilon &gt; 0.</param>
    /// <param name="resamples">At least 20: fits to samples with replacement.</param>
    /// <param name="seed">Of the resamples.</param>
    val estimate:
        sample: float[] ->
        error: float ->
        resamples: int ->
        seed: uint64 ->
            Result<InductiveBiasEstimate, HindsightError>

    /// <summary>Test errors of functions drawn from a Gaussian process conditioned on fitting the training labels exactly.</summary>
    /// <param name="kernel">K over training points, positive definite.</param>
    /// <param name="cross">K_*, a row for each test point.</param>
    /// <param name="test">K_**.</param>
    /// <param name="labels">Training labels.</param>
    /// <param name="testLabels">Test labels.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="count">Number of functions.</param>
    /// <returns>Mean squared errors on the test points: |K_* K^-1 y - y_test + L z|^2/m, L L' = K_** - K_* K^-1 K_*'.</returns>
    val kernelErrors:
        kernel: float[,] ->
        cross: float[,] ->
        test: float[,] ->
        labels: float[] ->
        testLabels: float[] ->
        seed: uint64 ->
        count: int ->
            Result<float[], HindsightError>

    /// <summary>The exact first three cumulants of those errors: k_r = 2^(r-1) (r-1)! (tr C^r + r b'C^(r-1) b)/m^r, b the mean residual, C its covariance; derived here.</summary>
    val kernelErrorCumulants:
        kernel: float[,] ->
        cross: float[,] ->
        test: float[,] ->
        labels: float[] ->
        testLabels: float[] ->
            Result<struct (float * float * float), HindsightError>
