namespace Hindsight

// Scalar regression losses. Unless a type says otherwise: label y and score z real, identity link, r = y - z, 0 at r = 0. A constructor rejects a parameter that is
// not allowed with a HindsightException (OutOfRange); the zero value of a type with a parameter, which no constructor sees, is the loss at the parameter named there.

/// <summary>Absolute error: l(y, z) = |y - z|.</summary>
/// <remarks>Elicits the median. Lipschitz 1; not mixable. At r = 0 the slope in r is the right one, +1, so -1 in the score. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type AbsoluteError =
    interface ILoss

/// <summary>Huber loss: r^2/2 for |r| &lt;= delta, delta (|r| - delta/2) beyond.</summary>
/// <remarks>Half-squared convention. Lipschitz delta, smooth 1. It is the Moreau envelope of delta |r|. On means and labels in [0,1]: exp-concave 1 for delta &gt;= 1, else 0. Source: Huber (1964); constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Huber =
    val private delta: float
    /// delta: a finite number &gt; 0. The zero value has delta 1.
    new: delta: float -> Huber
    /// Where the quadratic part ends.
    member Delta: float
    interface ILoss

/// <summary>Pseudo-Huber loss: delta^2 (sqrt(1 + (r/delta)^2) - 1).</summary>
/// <remarks>Slope r/s and curvature 1/s^3 with s = sqrt(1 + (r/delta)^2): Lipschitz delta, smooth 1. Computed as r^2/(1 + s), which does not cancel. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type PseudoHuber =
    val private delta: float
    /// delta: a finite number &gt; 0. The zero value has delta 1.
    new: delta: float -> PseudoHuber
    /// Where the quadratic part ends.
    member Delta: float
    interface ILoss

/// <summary>Log-cosh loss: ln cosh r.</summary>
/// <remarks>Slope tanh r, curvature 1 - tanh^2 r: Lipschitz 1, smooth 1. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type LogCosh =
    interface ILoss

/// <summary>Smooth L1 loss: r^2/(2 beta) for |r| &lt;= beta, |r| - beta/2 beyond: the Huber loss over its own width.</summary>
/// <remarks>Lipschitz 1, smooth 1/beta. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type SmoothL1 =
    val private beta: float
    /// beta: a finite number &gt; 0. The zero value has beta 1.
    new: beta: float -> SmoothL1
    /// Where the quadratic part ends.
    member Beta: float
    interface ILoss

/// <summary>Epsilon-insensitive loss: max(|r| - epsilon, 0).</summary>
/// <remarks>Lipschitz 1. At |r| = epsilon the slope is the outer one. epsilon = 0 is the absolute error. Source: Vapnik; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type EpsilonInsensitive =
    val private epsilon: float
    /// epsilon: a finite number &gt;= 0. The zero value has epsilon = 0.
    new: epsilon: float -> EpsilonInsensitive
    /// Half the width of the band without loss.
    member Epsilon: float
    interface ILoss

/// <summary>Quantile (pinball) loss: q max(r, 0) + (1 - q) max(-r, 0).</summary>
/// <remarks>Elicits the q-quantile; q = 1/2 is half the absolute error. Lipschitz max(q, 1 - q). At r = 0 the slope in r is the right one, q. Source: Koenker and Bassett (1978).</remarks>
[<Struct; NoComparison; NoEquality>]
type Quantile =
    val private level: float
    /// level: a number in (0, 1). The zero value has level 1/2.
    new: level: float -> Quantile
    /// The level, in (0, 1).
    member Level: float
    interface ILoss

/// <summary>Expectile loss: |tau - 1[r &lt; 0]| r^2.</summary>
/// <remarks>Un-halved: tau = 1/2 is half the square loss. Elicits the tau-expectile. Smooth 2 max(tau, 1 - tau), strongly convex 2 min(tau, 1 - tau). Source: Newey and Powell (1987); constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Expectile =
    val private level: float
    /// level: a number in (0, 1). The zero value has level 1/2.
    new: level: float -> Expectile
    /// The level, in (0, 1).
    member Level: float
    interface ILoss

/// <summary>Cauchy (Lorentzian) loss: (c^2/2) ln(1 + (r/c)^2).</summary>
/// <remarks>Half-squared convention near 0. Not convex: the second derivative lies in [-1/8, 1]. Lipschitz c/2, at |r| = c. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Cauchy =
    val private scale: float
    /// scale: a finite number &gt; 0. The zero value has scale 1.
    new: scale: float -> Cauchy
    /// The scale c.
    member Scale: float
    interface ILoss

/// <summary>Welsch (correntropy) loss: (c^2/2)(1 - exp(-(r/c)^2)).</summary>
/// <remarks>Half-squared convention near 0. Not convex: the second derivative lies in [-2 e^(-3/2), 1]. Lipschitz c/sqrt(2 e), at |r| = c/sqrt 2. Bounded by c^2/2. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Welsch =
    val private scale: float
    /// scale: a finite number &gt; 0. The zero value has scale 1.
    new: scale: float -> Welsch
    /// The scale c.
    member Scale: float
    interface ILoss

/// <summary>Tukey's biweight: (c^2/6)(1 - max(1 - (r/c)^2, 0)^3).</summary>
/// <remarks>Half-squared convention near 0. Not convex: the second derivative lies in [-4/5, 1]. Lipschitz 16 c/(25 sqrt 5), at |r| = c/sqrt 5. Constant c^2/6 for |r| &gt;= c. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Tukey =
    val private scale: float
    val private binade: float
    val private high: float
    val private low: float
    /// scale: a finite number &gt; 0. The zero value has scale 1.
    new: scale: float -> Tukey
    /// The scale c.
    member Scale: float
    interface ILoss

/// <summary>Negative log-likelihood of a normal label, the score its mean: ln(s^2)/2 + r^2/(2 s^2), without the constant ln(2 pi)/2.</summary>
/// <remarks>The variance s^2 is a parameter; for both as variables see <c>GaussianLikelihood</c>. Smooth and strongly convex 1/s^2. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type GaussianNll =
    val private variance: float
    /// variance: a finite number &gt; 0. The zero value has variance 1.
    new: variance: float -> GaussianNll
    /// The variance s^2.
    member Variance: float
    interface ILoss

/// <summary>Negative log-likelihood of a Poisson label at mean e^z, less what does not depend on the score: e^z - y z.</summary>
/// <remarks>Label &gt;= 0, score real, log link. Convex; unbounded below in the label. Its excess over the minimum is half the Poisson deviance. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type PoissonNll =
    interface ILoss

/// <summary>Negative log-likelihood of a gamma label at mean e^z, shape 1, less what does not depend on the score: y e^-z + z.</summary>
/// <remarks>Label &gt; 0, score real, log link. Convex; unbounded below in the label. Its excess over the minimum is half the gamma deviance. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type GammaNll =
    interface ILoss

/// <summary>Tweedie quasi-likelihood in the log link: -y e^((1-p) z)/(1-p) + e^((2-p) z)/(2-p), 1 &lt; p &lt; 2.</summary>
/// <remarks>Label &gt;= 0, score real. Convex. Its excess over the minimum is half the unit deviance of power p. Source: definition; constants derived here (the second derivative is y (p-1) e^((1-p) z) + (2-p) e^((2-p) z)).</remarks>
[<Struct; NoComparison; NoEquality>]
type Tweedie =
    val private power: float
    /// power: a number in (1, 2). The zero value has power 3/2.
    new: power: float -> Tweedie
    /// The power p of the variance function m^p.
    member Power: float
    interface ILoss

/// <summary>Unit deviance of power p of a label and a mean: (y - m)^2 for p = 0; 2 (y ln(y/m) - (y - m)) for p = 1 (Poisson); 2 (-ln(y/m) + (y - m)/m) for p = 2 (gamma);
/// else 2 (y^(2-p)/((1-p)(2-p)) - y m^(1-p)/(1-p) + m^(2-p)/(2-p)).</summary>
/// <remarks>The score is the mean itself (identity link), m &gt; 0 for p &gt;= 1; labels are real for p = 0, &gt;= 0 for 1 &lt;= p &lt; 2, &gt; 0 for p &gt;= 2. Derivative -2 (y - m) m^-p. Not negative, 0 where m = y.
/// Twice the Bregman divergence of y^(2-p)/((1-p)(2-p)). Computed with G(x) = e^x - 1 - x, a = 2 - p, b = 1 - p and u = ln(m/y) as 2 y^a (G(a u)/a + G(b u)/-b) for p &lt;= 2 (the term with a zero divisor is 0)
/// and as 2 m^a (G(-a u)/(a b) + G(-u)/-b) for p &gt; 2: sums of terms that are not negative, in which p = 1 and p = 2 are no limits but values.
/// Derivatives go through m/y: for p up to 3.5 they are finite where y is 0 or in [1e-30, 1e30] and m is in [1e-30, 1e30]; beyond that an intermediate power may overflow.
/// Source: Jorgensen (1987); this form and the constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Deviance =
    val private power: float
    /// power: 0 or a finite number &gt;= 1. The zero value has power 0.
    new: power: float -> Deviance
    /// The power p of the variance function m^p.
    member Power: float
    interface ILoss

/// <summary>Unit deviance of a proportion: 2 (y ln(y/m) + (1-y) ln((1-y)/(1-m))), 0 ln 0 = 0: twice the Kullback-Leibler divergence.</summary>
/// <remarks>Label in [0,1], the score is the mean, in (0,1). Strongly convex 2; exp-concave and mixable 1/2, half of the log loss's. The sum of two Poisson deviances, (y, m) and (1-y, 1-m). Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type BinomialDeviance =
    interface ILoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>Negative log-likelihood of a normal label with mean and variance both free, without the constant ln(2 pi)/2.</summary>
[<RequireQualifiedAccess>]
module GaussianLikelihood =
    /// ln(s^2)/2 + (y - mean)^2/(2 s^2), s^2 &gt; 0. Not convex in (mean, variance) together.
    val inMeanVariance<'T when 'T :> IReal<'T> and 'T: struct> : label: 'T -> mean: 'T -> variance: 'T -> 'T

    /// The same in the natural parameters a = mean/s^2 and b = 1/s^2 &gt; 0: -ln(b)/2 + (b y - a)^2/(2 b). Convex in (a, b) together.
    val inNaturalParameters<'T when 'T :> IReal<'T> and 'T: struct> : label: 'T -> scaledMean: 'T -> precision: 'T -> 'T

/// <summary>The scalar regression losses in the registry.</summary>
[<RequireQualifiedAccess>]
module Regression =
    /// Every loss of this file.
    val entries: LossEntry[]
