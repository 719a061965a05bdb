namespace Hindsight.FSharp

open Hindsight

/// The formulas of the anytime widths, over any scalar: the calculators and the confidence sequences read the same ones.
module internal AnytimeFormulas =
    /// Riemann's zeta function, s > 1, by Euler and Maclaurin's formula.
    val zeta<'T when 'T :> IReal<'T> and 'T: struct> : s: 'T -> 'T
    val mixture<'T when 'T :> IReal<'T> and 'T: struct> : v: 'T -> rho: 'T -> delta: 'T -> 'T
    /// ln(zeta(s)/(delta (ln eta)^s)).
    val stitchingConstant<'T when 'T :> IReal<'T> and 'T: struct> : eta: 'T -> s: 'T -> delta: 'T -> 'T

    /// The boundary at v, the constant known.
    val stitching<'T when 'T :> IReal<'T> and 'T: struct> :
        v: 'T -> m: 'T -> eta: 'T -> s: 'T -> c: 'T -> constant: 'T -> 'T

    /// psi(lambda) = -ln(1 - lambda) - lambda.
    val psi<'T when 'T :> IReal<'T> and 'T: struct> : lambda: 'T -> 'T
    /// The bet sqrt(2 ln(1/delta)/(variance t ln(1+t))), before any cap; t from 1.
    val plugIn<'T when 'T :> IReal<'T> and 'T: struct> : logInverse: 'T -> variance: 'T -> t: float -> 'T

/// <summary>Widths that hold at all times at once: boundaries that the deviation S_t of a sum from its mean crosses at any time with probability at most delta.</summary>
/// <remarks>v is the intrinsic time, the accumulated variance of the sum: t/4 times the squared range for t bounded observations whatever their law, or sum (X_i - c_i)^2 with predictable
/// centres c_i (then c is the range). Divide by t for the half-width around the mean. Streams: <see cref="T:Hindsight.ConfidenceSequence"/>.</remarks>
[<RequireQualifiedAccess>]
module AnytimeWidth =
    /// <summary>Two-sided normal mixture: |S_t| &lt; sqrt((v + rho)(ln(1 + v/rho) + 2 ln(1/delta))) for all t.</summary>
    val normalMixture: intrinsicTime: float -> rho: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>The rho at which the normal mixture is narrowest at an intrinsic time: v/(-1 - W(-delta^2/e)), W the lower branch of Lambert's function.</summary>
    val bestRho: intrinsicTime: float -> delta: float -> Result<float, HindsightError>

    /// <summary>The published approximation of it: v/(2 ln(1/delta) + ln(1 + 2 ln(1/delta))).</summary>
    val approximateRho: intrinsicTime: float -> delta: float -> Result<float, HindsightError>

    /// <summary>One-sided stitching: S_t &lt; sqrt(k1^2 v l + k2^2 c^2 l^2) + k2 c l for all t, l = s ln ln(eta v/m) + ln(zeta(s)/(delta (ln eta)^s)), v at least m.</summary>
    /// <param name="intrinsicTime">v.</param>
    /// <param name="start">m, the intrinsic time from which the boundary grows; below it it is flat.</param>
    /// <param name="eta">Ratio of the epochs, above 1.</param>
    /// <param name="s">Exponent of the epochs' failure probabilities, above 1.</param>
    /// <param name="scale">c, the scale of a sub-gamma sum; 0 for a sub-Gaussian one.</param>
    /// <param name="delta">Failure probability of the one side.</param>
    val stitching:
        intrinsicTime: float ->
        start: float ->
        eta: float ->
        s: float ->
        scale: float ->
        delta: float ->
            Result<Bound, HindsightError>

    /// <summary>One-sided empirical Bernstein width with predictable weights: (ln(1/delta) + A)/L with A = sum psi(lambda_i)(X_i - c_i)^2, L = sum lambda_i, psi(x) = -ln(1-x) - x.</summary>
    val empiricalBernstein: excess: float -> weights: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>The lower end of betting for a sequence in [0, inf): the mean at which the capital prod(1 + min(lambda_i, c/m)(X_i - m)) is 1/delta.</summary>
    val bettingLower: observations: float[] -> cap: float -> delta: float -> Result<Bound, HindsightError>

    /// All of the family.
    val calculators: BoundCalculator[]
