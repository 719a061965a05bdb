namespace Hindsight

open System

// Conventions of this file. The label y lies in [0,1] and the score is a probability p in (0,1), with identity link. A loss is its expectation form
// y l1(p) + (1-y) l0(p): l1 and l0 are the partial losses, what p costs at label 1 and at label 0. L(eta) = eta l1(eta) + (1-eta) l0(eta) is the Bayes risk,
// concave, and w = -L'' >= 0 the weight. Shuford: -l1'(p)/(1-p) = l0'(p)/p = w(p). Savage: l1 = L + (1-p) L', l0 = L - p L'. Both hold for every row.

/// <summary>A proper loss of a probability: its expectation under mean eta is least at p = eta.</summary>
/// <remarks>The derivative in the score is (p - y) w(p); the regret of p at mean eta is the Bregman divergence of -L from p to eta.</remarks>
type IProperLoss =
    inherit ILoss
    /// l1(p).
    abstract Partial1<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T
    /// l0(p).
    abstract Partial0<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T
    /// w(p), the density of the weight. A weight with an atom has density 0 elsewhere, and says so.
    abstract Weight<'T when 'T :> IReal<'T> and 'T: struct> : p: 'T -> 'T

/// <summary>Log score: l1 = -ln p, l0 = -ln(1-p).</summary>
/// <remarks>Bayes risk: the entropy. Weight 1/(p(1-p)). Second derivative &gt;= 1. Exp-concave and mixable with constant 1. Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type LogScore =
    interface IProperLoss

/// <summary>Quadratic score: l1 = (1-p)^2, l0 = p^2, hence (y-p)^2 + y(1-y).</summary>
/// <remarks>Bayes risk eta(1-eta), weight 2, exp-concave 1/2, mixable 2. It differs from <see cref="T:Hindsight.Squared"/> by the label's variance only. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type QuadraticScore =
    interface IProperLoss

/// <summary>Brier score, summed over both classes: twice the quadratic score.</summary>
/// <remarks>l1 = 2(1-p)^2, l0 = 2p^2, Bayes risk 2 eta(1-eta), weight 4, exp-concave 1/4, mixable 1. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type BrierScore =
    interface IProperLoss

/// <summary>Spherical score: l1 = -p/r, l0 = -(1-p)/r, r = sqrt(p^2 + (1-p)^2).</summary>
/// <remarks>Bayes risk -sqrt(eta^2 + (1-eta)^2), weight r^-3, values in [-1, 0], mixable sqrt 2, not convex in p. Lipschitz 1.61642 at p = (1 + sqrt 17)/8 and label 0.
/// Source: definition; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type SphericalScore =
    interface IProperLoss

/// <summary>Boosting loss: l1 = sqrt((1-p)/p), l0 = sqrt(p/(1-p)); with the link half the log-odds it is the exponential margin loss.</summary>
/// <remarks>Bayes risk 2 sqrt(eta(1-eta)), weight (p(1-p))^(-3/2)/2. Not convex in p, not mixable. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type BoostingScore =
    interface IProperLoss

/// <summary>Cost-weighted classification error: l1 = (1-c) 1[p &lt; c], l0 = c 1[p &gt;= c].</summary>
/// <remarks>A step in p at c, with derivative 0 on both sides. Its weight is an atom of mass 1 at c, so <c>Weight</c> is 0. Proper, not strictly. Every proper loss is a mixture of these, with c weighted by w(c).
/// The zero value has c = 0 and is 0 everywhere. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type CostWeighted =
    /// <param name="cost">c in (0,1): what a false alarm costs; a miss costs 1 - c.</param>
    /// <exception cref="T:Hindsight.HindsightException">The cost is not in (0,1).</exception>
    new: cost: float -> CostWeighted
    /// c.
    val Cost: float
    interface IProperLoss

/// <summary>Beta family: weight p^(a-1) (1-p)^(b-1), l1 = integral from p to 1 of c^(a-1) (1-c)^b, l0 = integral from 0 to p of c^a (1-c)^(b-1).</summary>
/// <remarks>a = b = 0 is the log score, a = b = 1 half the quadratic score, a = b = -1/2 twice the boosting loss. Convex in p if and only if a and b lie in [0,1]; mixable with
/// (a+b)^(a+b)/(a^a b^b), 0^0 = 1, if both are &gt;= 0, and not otherwise (derived here). The integrals are power series about the nearer end, to 1/2, at 2^-108. The zero value is the log score.
/// Source: Buja, Stuetzle and Shen's family, from memory; every statement here is a law.</remarks>
[<Struct; NoComparison; NoEquality>]
type BetaScore =
    /// <param name="a">&gt; -1: the weight's exponent at 0, plus 1.</param>
    /// <param name="b">&gt; -1: the weight's exponent at 1, plus 1.</param>
    /// <exception cref="T:Hindsight.HindsightException">A parameter is not finite or not above -1.</exception>
    new: a: float * b: float -> BetaScore
    /// a.
    val A: float
    /// b.
    val B: float
    interface IProperLoss

/// <summary>Log score of a class and a vector of probabilities: -ln p_y.</summary>
/// <remarks>Proper on the simplex; the probabilities are not checked and not normalised. Mixable 1.</remarks>
[<Struct; NoComparison; NoEquality>]
type MulticlassLogScore =
    interface IMulticlassLoss

/// <summary>Brier score of a class and a vector of probabilities: sum over k of (p_k - 1[k = y])^2.</summary>
/// <remarks>For two classes twice the quadratic score. Mixable 1 on the simplex.</remarks>
[<Struct; NoComparison; NoEquality>]
type MulticlassBrierScore =
    interface IMulticlassLoss

/// <summary>Spherical score of a class and a vector of probabilities: -p_y/|p|.</summary>
/// <remarks>Invariant to the scale of p, which must not be 0.</remarks>
[<Struct; NoComparison; NoEquality>]
type MulticlassSphericalScore =
    interface IMulticlassLoss

/// <summary>Where the average of a proper loss comes from. Average = Calibration + Refinement + WithinBins, exactly; Refinement = Uncertainty - Resolution.</summary>
[<Struct; NoComparison; NoEquality>]
type ScoreDecomposition =
    {
        /// The average loss.
        Average: float
        /// What is lost because a group's prediction is not its mean label: mean regret of the groups' predictions. &gt;= 0.
        Calibration: float
        /// What is lost although it were: mean Bayes risk of the groups' mean labels.
        Refinement: float
        /// Bayes risk of the mean label.
        Uncertainty: float
        /// What the groups know: Uncertainty - Refinement. &gt;= 0.
        Resolution: float
        /// Loss of the predictions less the loss of their bin's mean; 0 where groups are equal predictions.
        WithinBins: float
        /// Number of groups that are not empty.
        Groups: int
    }

/// <summary>A strictly increasing link from a probability to a real score, with what composites ask of it.</summary>
[<Sealed>]
type ProbabilityLink =
    /// "logit", ...
    member Name: string
    /// psi(p).
    member Forward: p: float -> float
    /// The p with psi(p) = score.
    member Inverse: score: float -> float
    /// psi'(p) &gt; 0.
    member Slope: p: float -> float
    /// psi''(p)/psi'(p).
    member Curvature: p: float -> float
    /// psi(p) = p.
    static member Identity: ProbabilityLink
    /// psi(p) = scale ln(p/(1-p)); scale &gt; 0.
    static member Logit: scale: float -> ProbabilityLink
    /// psi(p) = ln(-ln(1-p)).
    static member ComplementaryLogLog: ProbabilityLink

/// <summary>A proper loss in double precision: what can be asked of it beyond its value. Made from a loss of the library or from a weight alone.</summary>
/// <remarks>Members check their arguments: probabilities in (0,1), labels and means in [0,1].</remarks>
[<Sealed>]
type ProperLoss =
    /// <summary>The loss with the given weight: l1(p) = integral from p to 1 of (1-c) w(c), l0(p) = integral from 0 to p of c w(c), by double-exponential quadrature.</summary>
    /// <param name="weight">w(p) &gt;= 0, finite on (0,1), with p w(p) integrable at 0 and (1-p) w(p) at 1. Close to 1 it is called at p rounded, so that a singular weight loses digits there:
    /// give it as a function of p and 1 - p instead.</param>
    /// <exception cref="T:Hindsight.HindsightException">Raised by the members: the weight is negative or not a number somewhere.</exception>
    static member FromWeight: weight: Func<float, float> -> ProperLoss

    /// The same, the weight as a function of p and 1 - p: accurate to about 1e-12 also where the weight is singular at 1.
    static member FromWeight: weight: Func<float, float, float> -> ProperLoss

    /// A loss of the library.
    static member Of: loss: IProperLoss -> ProperLoss

    /// l1(p).
    member Partial1: p: float -> float
    /// l0(p).
    member Partial0: p: float -> float
    /// w(p).
    member Weight: p: float -> float
    /// y l1(p) + (1-y) l0(p).
    member Value: label: float * p: float -> float
    /// L(eta); 0 at the ends where the loss is fair.
    member BayesRisk: eta: float -> float
    /// L(eta, p) - L(eta) &gt;= 0.
    member Regret: eta: float * p: float -> float

    /// <summary>The canonical link psi' = w: psi = l0 - l1. With it the loss is convex in the score with derivative p - y.</summary>
    member CanonicalLink: ProbabilityLink

    /// The loss behind a link.
    member WithLink: link: ProbabilityLink -> CompositeLoss

    /// <summary>Mixability constant inf over p of 1/(p(1-p) w(p)) (van Erven, Reid and Williamson 2012: curvature relative to log loss); 0 if not mixable.</summary>
    /// <remarks>By a grid in the log-odds to +-30 and refinement of its least point. Where that is an end and the function still falls by a thousandth a unit, the infimum counts as 0.</remarks>
    member MixabilityConstant: unit -> float

    /// <summary>Calibration and refinement of an average loss, grouped by equal predictions.</summary>
    /// <exception cref="T:Hindsight.HindsightException">No prediction, different lengths, or a number out of its domain.</exception>
    member Decompose: labels: ReadOnlySpan<float> * predictions: ReadOnlySpan<float> -> ScoreDecomposition

    /// <summary>The same, grouped into equal bins of [0,1], each with its mean prediction.</summary>
    /// <param name="labels">In [0,1].</param>
    /// <param name="predictions">In (0,1).</param>
    /// <param name="bins">At least 1.</param>
    member Decompose: labels: ReadOnlySpan<float> * predictions: ReadOnlySpan<float> * bins: int -> ScoreDecomposition

/// <summary>A proper loss behind a link: lambda(y, v) = l(y, psi^-1(v)).</summary>
/// <remarks>log behind logit is the logistic loss, quadratic behind the identity the square loss, boosting behind half the logit the exponential loss. For training use those losses themselves:
/// here the probability is a double, so that scores beyond the link's range round to its ends.</remarks>
and [<Sealed>] CompositeLoss =
    /// The loss.
    member Loss: ProperLoss
    /// The link.
    member Link: ProbabilityLink
    /// lambda(y, v).
    member Value: label: float * score: float -> float
    /// d lambda/dv = (p - y) w(p)/psi'(p).
    member Derivative: label: float * score: float -> float
    /// The second derivative, w/psi'^2 (1 + (p - y)(w'/w - psi''/psi')).
    member SecondDerivative: label: float * score: float -> float

    /// <summary>Whether lambda is convex in v for both labels: -1/x &lt;= w'(x)/w(x) - psi''(x)/psi'(x) &lt;= 1/(1-x) for all x (Reid and Williamson).</summary>
    /// <remarks>Checked on a grid in the log-odds to +-15 with relative tolerance 1e-6: a numerical certificate. The weight must be positive.</remarks>
    member IsConvexComposite: unit -> bool

/// <summary>A gradient in the mean and the deviation.</summary>
[<Struct; NoComparison; NoEquality>]
type GaussianGradient = { Mean: float; Deviation: float }

/// <summary>Continuous ranked probability score: the integral over x of (F(x) - 1[x &gt;= y])^2 = E|X - y| - E|X - X'|/2, the Brier score of every threshold (un-halved).</summary>
/// <remarks>Label first. Arguments are checked.</remarks>
[<AbstractClass; Sealed>]
type Crps =
    /// <summary>Of a Gaussian: s (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt pi), z = (y - mean)/s.</summary>
    static member Gaussian: label: float * mean: float * deviation: float -> float
    /// Its gradient: 1 - 2 Phi(z) in the mean, 2 phi(z) - 1/sqrt pi in the deviation.
    static member GaussianGradient: label: float * mean: float * deviation: float -> GaussianGradient
    /// Of the empirical distribution of a sample, in n log n steps: mean |x - y| less half the mean of |x - x'| over all n^2 pairs.
    static member Ensemble: label: float * sample: ReadOnlySpan<float> -> float
    /// The same with the mean over the n(n-1) pairs of different members: unbiased for the score of the law that the members are drawn from. n at least 2; may be negative.
    static member FairEnsemble: label: float * sample: ReadOnlySpan<float> -> float

    /// <summary>Of any distribution function, as the integral of Brier scores over [low, high] by Gauss-Legendre panels split at the label.</summary>
    /// <remarks>The tails outside are left out: choose the ends so that F(low) and 1 - F(high) are negligible, with the label between them.</remarks>
    static member OfDistribution: label: float * cdf: Func<float, float> * low: float * high: float -> float

namespace Hindsight.FSharp

open Hindsight

/// <summary>The scalar losses of this file in the registry.</summary>
[<RequireQualifiedAccess>]
module ProperLosses =
    /// log-score, quadratic-score, brier-score, spherical-score, boosting-score, cost-weighted, beta-score.
    val entries: LossEntry[]
