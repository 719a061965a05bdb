namespace Hindsight

// Margin losses: l(y, z) = phi(y z), label y -1 or +1, score z real, m = y z. eta is the probability of the label +1. "Calibrated" is classification-calibrated
// (Bartlett, Jordan and McAuliffe 2006), psi their transform. A constructor rejects a parameter that is not allowed with a HindsightException (OutOfRange); the zero
// value of a type with a parameter, which no constructor sees, is the loss at parameter 1.

/// <summary>Hinge loss: phi(m) = max(1 - m, 0).</summary>
/// <remarks>Slope -1 for m &lt; 1 and 0 from m = 1 on. Lipschitz 1. Elicits the likelier sign; psi(t) = t.</remarks>
[<Struct; NoComparison; NoEquality>]
type Hinge =
    interface IMarginLoss

/// <summary>Squared hinge loss: phi(m) = max(1 - m, 0)^2.</summary>
/// <remarks>Un-halved. Smooth 2. Elicits 2 eta - 1, eta the probability of +1; psi(t) = t^2.</remarks>
[<Struct; NoComparison; NoEquality>]
type SquaredHinge =
    interface IMarginLoss

/// <summary>Modified Huber loss: phi(m) = max(1 - m, 0)^2 for m &gt;= -1, -4 m below.</summary>
/// <remarks>Lipschitz 4, smooth 2. Elicits 2 eta - 1; psi(t) = t^2. Source: Zhang (2004).</remarks>
[<Struct; NoComparison; NoEquality>]
type ModifiedHuber =
    interface IMarginLoss

/// <summary>Smoothed hinge loss: phi(m) = 0 for m &gt;= 1, (1 - m)^2/2 on [0, 1], 1/2 - m below.</summary>
/// <remarks>Half-squared convention. Lipschitz 1, smooth 1; psi(t) = t^2/(1 + t). Source: Rennie; psi derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type SmoothedHinge =
    interface IMarginLoss

/// <summary>Logistic loss: phi(m) = ln(1 + e^-m), natural logarithm.</summary>
/// <remarks>Slope -s(-m): Lipschitz 1, smooth 1/4. Elicits the log-odds. Exp-concave and mixable 1 in the mean s(z), the probability of +1: it is the log loss. psi(t) = ((1+t) ln(1+t) + (1-t) ln(1-t))/2.</remarks>
[<Struct; NoComparison; NoEquality>]
type Logistic =
    interface IMarginLoss

/// <summary>Logistic loss in bits: phi(m) = log2(1 + e^-m), phi(0) = 1.</summary>
/// <remarks>The logistic loss over ln 2, with its constants over ln 2; exp-concave and mixable ln 2 in the mean.</remarks>
[<Struct; NoComparison; NoEquality>]
type LogisticBase2 =
    interface IMarginLoss

/// <summary>Exponential loss: phi(m) = e^-m.</summary>
/// <remarks>Neither Lipschitz nor smooth. Elicits half the log-odds; psi(t) = 1 - sqrt(1 - t^2).</remarks>
[<Struct; NoComparison; NoEquality>]
type Exponential =
    interface IMarginLoss

/// <summary>Square loss of the margin: phi(m) = (1 - m)^2.</summary>
/// <remarks>Un-halved. Smooth 2, strongly convex 2. Elicits 2 eta - 1; psi(t) = t^2.</remarks>
[<Struct; NoComparison; NoEquality>]
type SquareMargin =
    interface IMarginLoss

/// <summary>Savage loss: phi(m) = 1/(1 + e^m)^2.</summary>
/// <remarks>Not convex. Slope -2 s(-m)^2 s(m): Lipschitz 8/27. With s = s(-m) the second derivative is 2 s^2 (1-s)(2 - 3s): its extremes lie at s = (15 -+ sqrt 33)/24 and are 0.15406 and -0.12020. Elicits the log-odds; psi(t) = t^2/4.
/// Source: Masnadi-Shirazi and Vasconcelos (2008); constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Savage =
    interface IMarginLoss

/// <summary>Tangent loss: phi(m) = (2 arctan m - 1)^2.</summary>
/// <remarks>Not convex. Slope 4 (2 arctan m - 1)/(1 + m^2), steepest where m (2 arctan m - 1) = 1: Lipschitz 6.16857, smooth 8.48461, second derivative at least -3.17018 (roots of transcendental equations, to double precision). Elicits tan(eta - 1/2); psi(t) = t^2.
/// Source: Masnadi-Shirazi, Mahadevan and Vasconcelos (2010); constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type Tangent =
    interface IMarginLoss

/// <summary>Sigmoid loss: phi(m) = 1/(1 + e^m).</summary>
/// <remarks>Not convex. Lipschitz 1/4; second derivative within 1/(6 sqrt 3) = 0.09623 of 0. psi(t) = t/2 by the definition of the transform, since phi(0) = 1/2 and the least conditional risk is min(eta, 1 - eta).</remarks>
[<Struct; NoComparison; NoEquality>]
type SigmoidMargin =
    interface IMarginLoss

/// <summary>Hyperbolic tangent loss: phi(m) = 1 - tanh(k m) = 2/(1 + e^(2 k m)).</summary>
/// <remarks>Not convex. Lipschitz k, second derivative within 4 k^2/(3 sqrt 3) of 0; psi(t) = t.</remarks>
[<Struct; NoComparison; NoEquality>]
type TanhMargin =
    val private steepness: float
    /// steepness: a finite number &gt; 0. The zero value has steepness 1.
    new: steepness: float -> TanhMargin
    /// The steepness k.
    member Steepness: float
    interface IMarginLoss

/// <summary>Ramp loss: phi(m) = 1 - m/rho, cut to [0, 1].</summary>
/// <remarks>Not convex. Lipschitz 1/rho. At the kinks the slope is the right one: -1/rho at 0, 0 at rho. psi(t) = t.</remarks>
[<Struct; NoComparison; NoEquality>]
type Ramp =
    val private width: float
    /// width: a finite number &gt; 0. The zero value has width 1.
    new: width: float -> Ramp
    /// The width rho of the ramp.
    member Width: float
    interface IMarginLoss

/// <summary>Unhinged loss: phi(m) = 1 - m.</summary>
/// <remarks>Unbounded below. Lipschitz 1, smooth 0. Calibrated by the criterion for convex losses (slope &lt; 0 at 0), but of use only with bounded scores. Source: van Rooyen, Menon and Williamson (2015).</remarks>
[<Struct; NoComparison; NoEquality>]
type Unhinged =
    interface IMarginLoss

/// <summary>Alpha loss: phi(m) = (alpha/(alpha-1)) (1 - s(m)^(1 - 1/alpha)).</summary>
/// <remarks>alpha = 1 is the logistic loss, alpha = 1/2 the exponential loss, alpha to infinity the sigmoid loss. Convex for alpha &lt;= 1 only. With b = 1 - 1/alpha: slope -s(m)^b s(-m), second derivative s(m)^b s(-m)(s(m) - b s(-m)).
/// For alpha &gt;= 1 Lipschitz (b/(1+b))^b/(1+b), and the second derivative is extreme where (1+b)(2+b) s^2 - (1+2b)(1+b) s + b^2 = 0. Elicits alpha times the log-odds.
/// Computed through L = ln(1 + e^-m) as (1 - e^(-b L))/b, continuous in alpha at 1. Source: Sypherd et al. (2019); constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type AlphaLoss =
    val private alpha: float
    /// alpha: a finite number &gt; 0. The zero value has alpha 1.
    new: alpha: float -> AlphaLoss
    /// The order alpha.
    member Alpha: float
    interface IMarginLoss

/// <summary>Hinge with a tail: phi(m) = 1 - m for m &lt;= 1, e^-(m-1) - 1 beyond.</summary>
/// <remarks>Convex, decreasing, continuously differentiable (slope -1 at 1), Lipschitz 1. Infimum -1, smooth 1. Source: EnsLoss (arXiv 2409.00908), appendix; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type HingeExponentialTail =
    interface IMarginLoss

/// <summary>Hinge with a tail: phi(m) = 1 - m for m &lt;= 1, 1/m - 1 beyond.</summary>
/// <remarks>Convex, decreasing, continuously differentiable (slope -1 at 1), Lipschitz 1. Infimum -1, smooth 2. Source: EnsLoss (arXiv 2409.00908), appendix; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type HingeReciprocalTail =
    interface IMarginLoss

/// <summary>Hinge with a tail: phi(m) = 1 - m for m &lt;= 1, e/ln(m + e - 1) - e beyond.</summary>
/// <remarks>Convex, decreasing, continuously differentiable (slope -1 at 1), Lipschitz 1. Infimum -e, smooth 3/e. Source: EnsLoss (arXiv 2409.00908), appendix; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type HingeLogarithmicTail =
    interface IMarginLoss

/// <summary>Hinge with a tail: phi(m) = 1 - m for m &lt;= 1, -ln m beyond.</summary>
/// <remarks>Convex, decreasing, continuously differentiable (slope -1 at 1), Lipschitz 1. Unbounded below: as a training loss it rewards ever larger margins. Smooth 1. Source: EnsLoss (arXiv 2409.00908), appendix; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type HingeNegativeLogTail =
    interface IMarginLoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>The margin losses in the registry, and phi of any of them.</summary>
[<RequireQualifiedAccess>]
module Margin =
    /// phi(margin).
    val value: loss: IMarginLoss -> margin: float -> float
    /// phi, phi' and phi'' at the margin.
    val jet: loss: IMarginLoss -> margin: float -> struct (float * float * float)
    /// Every loss of this file.
    val entries: LossEntry[]
