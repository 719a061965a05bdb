namespace Hindsight

/// <summary>The psi-transform of a margin loss, computed numerically over scores |a| &lt;= bound: what a surrogate's excess risk says about the zero-one excess.</summary>
/// <remarks>Made by <c>Psi.transform</c> (scores without bound) or <c>Psi.bounded</c>.</remarks>
[<Sealed>]
type PsiTransform =
    /// The loss.
    member Loss: IMarginLoss
    /// Scores are minimised over [-ScoreBound, ScoreBound]; 700 stands for no bound.
    member ScoreBound: float
    /// H-((1+theta)/2) - H((1+theta)/2), not yet convexified; theta in [0,1].
    member Raw: theta: float -> float

    /// <summary>psi(theta): the largest convex minorant of <c>Raw</c>; theta in [0,1].</summary>
    /// <remarks>For a convex loss <c>Raw</c> is convex already and is returned. Otherwise the convex hull of 257 points, or <c>Raw</c> where that is smaller.</remarks>
    member Value: theta: float -> float

    /// The largest theta in [0,1] with psi(theta) &lt;= excess; excess &gt;= 0.
    member Inverse: excess: float -> float

namespace Hindsight.FSharp

open Hindsight

/// <summary>Calibration of margin losses (Bartlett, Jordan and McAuliffe): H(eta) = inf over a of eta phi(a) + (1-eta) phi(-a), H- the same over a of the wrong sign,
/// psi the convexification of H-((1+theta)/2) - H((1+theta)/2). Then psi(R - R*) &lt;= R_phi - R_phi* for every distribution and every score function.</summary>
/// <remarks>Numbers are refused with OutOfRange. Closed forms take theta in [0,1] and are not checked: outside they return what their formula does.</remarks>
[<RequireQualifiedAccess>]
module Psi =
    /// <summary>H(eta) over |a| &lt;= bound: a geometric grid of scores, then golden sections around its best point.</summary>
    val conditionalRisk: loss: IMarginLoss -> bound: float -> eta: float -> Result<float, HindsightError>
    /// H-(eta) over |a| &lt;= bound with a (2 eta - 1) &lt;= 0.
    val wrongSideRisk: loss: IMarginLoss -> bound: float -> eta: float -> Result<float, HindsightError>

    /// <summary>The transform over all scores.</summary>
    /// <returns>Incompatible for a loss that declares no infimum: its conditional risk is unbounded below (unhinged), and only bounded scores have a transform.</returns>
    val transform: loss: IMarginLoss -> Result<PsiTransform, HindsightError>

    /// The transform over scores |a| &lt;= bound: for a convex loss T_B(t) = phi(0) - inf over |a| &lt;= B of (1+t)/2 phi(a) + (1-t)/2 phi(-a). bound &gt; 0.
    val bounded: loss: IMarginLoss -> bound: float -> Result<PsiTransform, HindsightError>

    /// <summary>Whether the loss is classification-calibrated.</summary>
    /// <remarks>Declared convex: if and only if it is differentiable at 0 with a negative slope. Otherwise H- &gt; H + 1e-10 on a grid of theta from 1e-3 to 1 over scores |a| &lt;= 700: a numerical certificate.
    /// It is computed from the definition and does not read the loss's own declaration.</remarks>
    val isCalibrated: loss: IMarginLoss -> bool

    /// theta: hinge (1-m)_+.
    val hinge: theta: float -> float
    /// theta^2: squared hinge (1-m)_+^2.
    val squaredHinge: theta: float -> float
    /// theta^2: modified Huber.
    val modifiedHuber: theta: float -> float
    /// theta^2/(1+theta): smoothed hinge, quadratic between 0 and 1. Derived here.
    val smoothedHinge: theta: float -> float
    /// ((1+theta) ln(1+theta) + (1-theta) ln(1-theta))/2: logistic, in nats; the divergence of (1+theta)/2 from a fair coin.
    val logistic: theta: float -> float
    /// The same in bits.
    val logisticBase2: theta: float -> float
    /// 1 - sqrt(1 - theta^2): exponential.
    val exponential: theta: float -> float
    /// theta^2: square (1-m)^2.
    val square: theta: float -> float
    /// theta^2/4: Savage (1+e^m)^-2.
    val savage: theta: float -> float
    /// theta^2: tangent (2 atan m - 1)^2.
    val tangent: theta: float -> float
    /// theta/2: sigmoid s(-m), read as its limit over scores without bound.
    val sigmoid: theta: float -> float
    /// theta: 1 - tanh(k m), whatever k &gt; 0.
    val tanh: theta: float -> float
    /// theta: ramp clip(1 - m/rho, 0, 1), whatever rho &gt; 0.
    val ramp: theta: float -> float
    /// <summary>(alpha/(alpha-1)) ((eta^alpha + (1-eta)^alpha)^(1/alpha) - 2^((1-alpha)/alpha)), eta = (1+theta)/2: alpha-loss (alpha/(alpha-1))(1 - s(m)^(1-1/alpha)); logistic at alpha = 1.</summary>
    /// <remarks>alpha &gt; 0. Derived here: the minimiser is s(a) proportional to eta^alpha.</remarks>
    val alphaLoss: alpha: float -> theta: float -> float

/// <summary>Closed forms of T_B(t) for scores |a| &lt;= bound: bound &gt; 0, t in [0,1], not checked. Derived here; they agree with a published summary of Awasthi et al. 2022.</summary>
[<RequireQualifiedAccess>]
module BoundedScores =
    /// min(B,1) t.
    val hinge: bound: float -> t: float -> float
    /// t^2 for t &lt;= B, else 2 B t - B^2.
    val squaredHinge: bound: float -> t: float -> float
    /// 1 - sqrt(1-t^2) for t &lt;= tanh B, else 1 - (1+t)/2 e^-B - (1-t)/2 e^B.
    val exponential: bound: float -> t: float -> float
    /// ln 2 times the next.
    val logistic: bound: float -> t: float -> float
    /// (1+t)/2 log2(1+t) + (1-t)/2 log2(1-t) for t &lt;= tanh(B/2), else 1 - (1+t)/2 log2(1+e^-B) - (1-t)/2 log2(1+e^B).
    val logisticBase2: bound: float -> t: float -> float
    /// t tanh(k B).
    val tanh: k: float -> bound: float -> t: float -> float
    /// t (s(B) - 1/2): sigmoid loss. Derived here.
    val sigmoid: bound: float -> t: float -> float
    /// t min(B,rho)/rho.
    val ramp: rho: float -> bound: float -> t: float -> float
    /// B t: unhinged.
    val unhinged: bound: float -> t: float -> float

/// <summary>What a surrogate's excess risk says about the zero-one excess R - R*. Upper bounds, deterministic: they hold for every distribution that meets the assumptions. Trivial: 1.</summary>
[<RequireQualifiedAccess>]
module ConsistencyBounds =
    /// <summary>psi^-1(R_phi - R_phi*) (Bartlett, Jordan and McAuliffe).</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="surrogateExcess">R_phi(f) - R_phi* &gt;= 0.</param>
    val zeroOneExcess: loss: IMarginLoss -> surrogateExcess: float -> Result<Bound, HindsightError>

    /// <summary>(2 gamma/psi(2 gamma)) (R_phi - R_phi*) under Massart noise: |eta - 1/2| &gt;= gamma almost surely.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="gamma">In (0, 1/2].</param>
    /// <param name="surrogateExcess">&gt;= 0.</param>
    /// <remarks>Derived here: psi is convex with psi(0) = 0, so psi(theta) &gt;= theta psi(2 gamma)/(2 gamma) for theta &gt;= 2 gamma.</remarks>
    val massart: loss: IMarginLoss -> gamma: float -> surrogateExcess: float -> Result<Bound, HindsightError>

    /// <summary>The largest r with c r^alpha psi(r^(1-alpha)/(2c)) &lt;= R_phi - R_phi*: P(f differs from the Bayes rule) &lt;= c (R - R*)^alpha (Bartlett, Jordan and McAuliffe).</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="c">&gt; 0; with exponent 1 at least 1, as R - R* &lt;= P(f differs).</param>
    /// <param name="exponent">alpha in [0,1]: 0 is no assumption for c = 1, 1 is Massart's.</param>
    /// <param name="surrogateExcess">&gt;= 0.</param>
    val noiseExponent:
        loss: IMarginLoss -> c: float -> exponent: float -> surrogateExcess: float -> Result<Bound, HindsightError>

    /// <summary>T_B^-1(R_phi - R_phi*(H) + M_phi) - M_01 for hypotheses whose scores fill [-B, B] at each point.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="scoreBound">B &gt; 0.</param>
    /// <param name="surrogateExcess">R_phi(h) - R_phi*(H) &gt;= 0, within the class.</param>
    /// <param name="surrogateGap">M_phi &gt;= 0: the surrogate's minimizability gap, best in class less mean of best at each point.</param>
    /// <param name="zeroOneGap">M_01 &gt;= 0: the same of the zero-one error.</param>
    val bounded:
        loss: IMarginLoss ->
        scoreBound: float ->
        surrogateExcess: float ->
        surrogateGap: float ->
        zeroOneGap: float ->
            Result<Bound, HindsightError>
