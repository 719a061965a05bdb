namespace Hindsight.FSharp

open Hindsight

/// kl(q, p) = q ln(q/p) + (1-q) ln((1-q)/(1-p)) and its inverses in p, for Chernoff's and the PAC-Bayesian bounds.
module internal BinaryKl =
    /// kl(q, q + d), accurate for small d.
    val divergence: q: float -> d: float -> float
    /// The largest p in [q, 1] with kl(q, p) <= budget, by bisection; never below it by more than rounding.
    val upper: q: float -> budget: float -> float

    /// The same over any scalar, by Newton's method from the float.
    val upperOf<'T when 'T :> IReal<'T> and 'T: struct> :
        qNumber: float -> budgetNumber: float -> q: 'T -> budget: 'T -> 'T

/// <summary>How far a mean, or a martingale, is from its expectation, for one fixed number of observations.</summary>
/// <remarks>Each function is one-sided with failure probability delta; for two sides put delta/2 into two of them. Observations lie in [0, M]; n independent ones, or T steps of a martingale. Widths are in the units of M.</remarks>
[<RequireQualifiedAccess>]
module Concentration =
    /// <summary>Mean of n observations in [0, M]: M sqrt(ln(1/delta)/(2n)). Hoeffding (1963), Theorem 1.</summary>
    val hoeffding: observations: int -> range: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Mean of n observations with variance sigma^2 that exceed their mean by at most M: sqrt(2 sigma^2 ln(1/delta)/n) + M ln(1/delta)/(3n). Bernstein (1927).</summary>
    val bernstein: observations: int -> variance: float -> range: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>The same with the sample's variance V (divisor n-1): sqrt(2 V ln(2/delta)/n) + 7 M ln(2/delta)/(3(n-1)). Maurer and Pontil (2009), Theorem 4.</summary>
    val empiricalBernstein:
        observations: int -> sampleVariance: float -> range: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Upper end for the mean of observations in [0,1] with sample mean q: the p above q with kl(q, p) = ln(1/delta)/n. Chernoff (1952); Hoeffding (1963), equation 2.1.</summary>
    val chernoffUpper: observations: int -> sampleMean: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Lower end: the p below q with kl(q, p) = ln(1/delta)/n.</summary>
    val chernoffLower: observations: int -> sampleMean: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Sum of martingale differences that are at most M: (e-2) eta V + ln(1/delta)/eta for an eta in (0, 1/M] fixed before, V the sum of their conditional variances (it may be random). Freedman (1975); in this form Beygelzimer et al. (2011).</summary>
    val freedman: eta: float -> variance: float -> range: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Sum of T martingale differences in [-M, M]: M sqrt(2 T ln(1/delta)). Azuma (1967), Hoeffding (1963).</summary>
    val azuma: horizon: float -> range: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Sample mean and variance (divisor n-1) of at least two finite numbers: what the empirical bounds take.</summary>
    val moments: sample: float[] -> Result<struct (float * float), HindsightError>

    /// All of the family.
    val calculators: BoundCalculator[]
