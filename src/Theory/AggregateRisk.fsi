namespace Hindsight

/// <summary>A bag size that minimises a risk.</summary>
[<NoComparison>]
type BagSize =
    {
        /// Members of a bag, a real number between 1 and the number of samples.
        Size: float
        /// The asymptotic risk there.
        Risk: float
        /// False if the size is at an end of the range.
        Interior: bool
    }

namespace Hindsight.FSharp

open Hindsight

// Setting of this file: N samples in m = N/k bags of k; the label of a bag is the mean of its members'. Linear regression on d features, y = x'theta0 + noise; signal r^2 = |theta0|^2, noise sigma^2.
// Risk is E|theta - theta0|^2, the excess prediction error for standard normal features. Square loss, un-halved.

/// <summary>Linear regression from bag means: the estimator, its asymptotic risk and what follows from it.</summary>
/// <remarks>Source: setting and losses of "Learning from aggregate responses" (arXiv 2401.11081). The risk formulas are derived here: Gaussian features are invariant to rotations,
/// so bag means and deviations within bags are independent samples of sizes m and N - m. They were checked by simulation; the paper's own form was not compared.
/// Limits: N and d to infinity in proportion.</remarks>
[<RequireQualifiedAccess>]
module AggregateRisk =
    /// <summary>The minimiser of sum over bags of k_B ((mean y - mean x'theta)^2 + rho variance of x'theta within the bag): (X'PX + rho X'(I-P)X)^-1 X'Py, P the projection onto bag means.</summary>
    /// <param name="features">A row for each sample.</param>
    /// <param name="bags">The bag of each sample, 0 .. m-1, every bag with a member.</param>
    /// <param name="means">The mean label of each bag.</param>
    /// <param name="rho">In [0, 1]: 0 the bag loss, 1 the instance loss.</param>
    /// <remarks>By an orthogonal factorisation of the stacked means and deviations, not by the normal equations.</remarks>
    /// <returns>WrongDimension or OutOfRange for bad input; Incompatible if the minimiser is not unique.</returns>
    val fitLinear: features: float[,] -> bags: int[] -> means: float[] -> rho: float -> Result<float[], HindsightError>

    /// <summary>The limit of the risk of <c>fitLinear</c>: r^2 (1-kappa)^2 + t2 (m (r^2 (1-kappa)^2 + sigma^2)/(1+g)^2 + (N-m) rho^2 r^2 kappa^2/(1+rho g)^2).</summary>
    /// <param name="samples">N.</param>
    /// <param name="dimension">d &gt; 0, below N; below N/k if rho is 0.</param>
    /// <param name="bagSize">k in [1, N].</param>
    /// <param name="rho">In [0, 1].</param>
    /// <param name="signal">r^2 &gt;= 0.</param>
    /// <param name="noise">sigma^2 &gt;= 0; with label privacy the effective noise.</param>
    /// <remarks>g solves d = m g/(1+g) + (N-m) rho g/(1+rho g), a quadratic; A = m/(1+g), B = (N-m) rho/(1+rho g), kappa = A/(A+B), t2 = g/(m/(1+g)^2 + (N-m) rho/(1+rho g)^2). kappa shrinks the estimate towards 0.
    /// rho = 0: sigma^2 d/(m-d). rho = 1: r^2 (1-1/k)^2 + (d/(N-d)) (sigma^2 + r^2 (1-1/k))/k. Asymptotic, equality. The trivial value is r^2, the risk of the zero estimate.</remarks>
    val risk:
        samples: float ->
        dimension: float ->
        bagSize: float ->
        rho: float ->
        signal: float ->
        noise: float ->
            Result<Bound, HindsightError>

    /// <summary>The ratio r^2/sigma^2 above which the bag loss has a smaller risk than the instance loss. Infinite if it never has: at most d bags. Bag size above 1.</summary>
    /// <remarks>The rho = 1 risk is linear in r^2, the rho = 0 risk does not depend on it.</remarks>
    val signalToNoise: samples: float -> dimension: float -> bagSize: float -> Result<float, HindsightError>

    /// <summary>The bag size with the least risk of the instance loss under label privacy: r^2 (1-u)^2 + g ((sigma^2 + r^2) u + (a - r^2) u^2), u = 1/k, g = d/(N-d).</summary>
    /// <param name="samples">N.</param>
    /// <param name="dimension">d &gt; 0, below N.</param>
    /// <param name="signal">r^2 &gt;= 0.</param>
    /// <param name="noise">sigma^2 &gt;= 0, without the privacy noise.</param>
    /// <param name="privacy">a &gt;= 0: <c>LabelPrivacy.noise</c>; the effective noise is sigma^2 + a/k.</param>
    /// <remarks>Interior: k = (2 r^2 + 2 g (a - r^2))/(2 r^2 - g (sigma^2 + r^2)). The bag loss has no such trade-off: its risk (sigma^2 k + a) d/(N - k d) grows with k.</remarks>
    val optimalBagSize:
        samples: float ->
        dimension: float ->
        signal: float ->
        noise: float ->
        privacy: float ->
            Result<BagSize, HindsightError>

/// <summary>Label differential privacy of bag means: labels are clipped to [-C, C] and each mean gets Laplace noise.</summary>
/// <remarks>Neighbours differ in one label. Derived here; that the paper does so is from memory. The guarantee is for real numbers: the low bits of a double are not protected (Mironov 2012).</remarks>
[<RequireQualifiedAccess>]
module LabelPrivacy =
    /// The most that one label moves a bag's mean: 2 C/k.
    val sensitivity: clip: float -> bagSize: int -> Result<float, HindsightError>

    /// The scale of the Laplace noise on a bag's mean: 2 C/(k epsilon).
    val scale: clip: float -> epsilon: float -> bagSize: int -> Result<float, HindsightError>

    /// a = 8 C^2/epsilon^2: the noise adds a/k to sigma^2, a mean's variance 2 scale^2 times the k members it stands for.
    val noise: clip: float -> epsilon: float -> Result<float, HindsightError>

    /// ln of the density with which a bag whose clipped labels are given releases a value.
    val logDensity: clip: float -> epsilon: float -> labels: float[] -> release: float -> Result<float, HindsightError>

    /// <summary>The released mean of each bag: epsilon-differentially private in the labels.</summary>
    /// <param name="stream">Where the noise comes from: two draws a bag.</param>
    /// <param name="clip">C &gt; 0.</param>
    /// <param name="epsilon">&gt; 0.</param>
    /// <param name="labels">The labels, finite.</param>
    /// <param name="bags">The bag of each label, 0 .. m-1, every bag with a member.</param>
    val release:
        stream: RandomStream ->
        clip: float ->
        epsilon: float ->
        labels: float[] ->
        bags: int[] ->
            Result<float[], HindsightError>
