namespace Hindsight.FSharp

open Hindsight

/// <summary>Inequalities between log determinant, effective dimension and information gain of a positive semidefinite matrix K at a regulariser lambda &gt; 0, and elliptical potentials.</summary>
/// <remarks>l = ln det(I + K/lambda) = ln det(A/lambda), A = lambda I + sum x x', is twice the information gain gamma. All are deterministic, and derived here except where a name is given; numbers that are not finite or out of their domain are OutOfRange errors.</remarks>
[<RequireQualifiedAccess>]
module InformationGain =
    /// All calculators.
    val calculators: BoundCalculator[]

    /// <summary>l &lt;= d ln(1 + T X^2/(lambda d)) for T contexts of length at most X in d dimensions: the determinant at a given trace is largest with equal eigenvalues. Equality at orthogonal contexts, equally often.</summary>
    val logDetCeiling: dimension: int -> horizon: float -> norm: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>l &gt;= ln(1 + tr K/lambda): the product of 1 + mu_i/lambda is at least one plus the sum. Equality at rank one.</summary>
    val logDetTraceFloor: trace: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>l &gt;= n ln(1 + mu_min/lambda). Equality at K = mu I.</summary>
    val logDetEigenvalueFloor: points: int -> smallest: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>d_eff &lt;= r (1 - e^(-l/r)) for rank at most r: d_eff is the sum of 1 - e^(-l_i), which is concave. At most l, and at most r. Equality at equal eigenvalues.</summary>
    val effectiveDimensionCeiling: logDet: float -> rank: int -> Result<Bound, HindsightError>

    /// <summary>l &lt;= d_eff (1 + ln(1 + |K|/lambda)).</summary>
    val logDetByDimension: effectiveDimension: float -> norm: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>l &lt;= d_eff (1 + 1/k) ln(1 + k), k = |K|/lambda: the ratio of ln(1 + x) to x/(1 + x) grows in x. Equality at equal eigenvalues; at most the form with 1 + ln(1 + k).</summary>
    val logDetByDimensionSharp:
        effectiveDimension: float -> norm: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>sum min(1, x_t'A_t-1^-1 x_t) &lt;= 2 d ln(1 + T X^2/(lambda d)) (elliptical potential; Abbasi-Yadkori, Pal and Szepesvari 2011, Lemma 11).</summary>
    val ellipticalPotential:
        dimension: int -> horizon: float -> norm: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>sum min(m, x_t'A_t-1^-1 x_t) &lt;= (m/ln(1 + m)) l for any cap m &gt; 0: min(m, q)/ln(1 + q) is largest at q = m. Equality where every q is m. With m = X^2/lambda no q is cut.</summary>
    val ellipticalPotentialCapped: cap: float -> logDet: float -> Result<Bound, HindsightError>

    /// <summary>sum x_t'A_t^-1 x_t &lt;= d ln(1 + T X^2/(lambda d)), x_t already in A_t: q/(1 + q) &lt;= ln(1 + q).</summary>
    val ellipticalPotentialAfter:
        dimension: int -> horizon: float -> norm: float -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>The information gain of any m points is at most greedy/(1 - (1 - 1/m)^m), greedy the gain of the first m points of a greedy choice (submodularity; Nemhauser, Wolsey and Fisher 1978). The divisor falls to 1 - 1/e.</summary>
    val gainCeiling: greedy: float -> points: int -> Result<Bound, HindsightError>

    /// <summary>|y - f_t| &lt;= e^(-eta mu t) |y - f_0| on the training points under kernel gradient flow, mu the smallest eigenvalue of K. Equality along its eigenvector.</summary>
    val flowResidual: initial: float -> rate: float -> time: float -> smallest: float -> Result<Bound, HindsightError>
