namespace Hindsight

/// <summary>What the eigenframework says about one regression.</summary>
[<NoComparison>]
type EigenframeworkRisk =
    {
        /// Mean squared error on fresh noisy labels.
        Test: float
        /// Mean squared error on the training labels.
        Train: float
        /// The implicit ridge of the samples: sum lambda/(lambda+gamma) + delta/kappa = n.
        Kappa: float
        /// The implicit ridge of samples and features together; equal to kappa with infinitely many features.
        Gamma: float
        /// lambda/(lambda+gamma) for every eigenvalue: the share of that mode which is learned.
        Learnabilities: float[]
        /// The test error for each unit of noise: E_0 = n/(n - sum of squared learnabilities) with infinitely many features.
        Overfitting: float
    }

namespace Hindsight.FSharp

open Hindsight

// The formulas over any scalar, for the calculators.
module internal EigenframeworkFormulas =
    /// gamma in floats, 0 where no ridge and enough samples and features leave no mode unlearned; and whether there are at least as many features as samples.
    /// The reciprocal of the number of features is 0 for a kernel.
    val rootOf: eigenvalues: float[] -> samples: float -> perFeature: float -> ridge: float -> struct (float * bool)

    /// Test error, kappa, gamma, train error, overfitting coefficient.
    val risk<'T when 'T :> IReal<'T> and 'T: struct> :
        eigenvalues: 'T[] ->
        coefficients: 'T[] ->
        noise: 'T ->
        samples: 'T ->
        perFeature: 'T ->
        ridge: 'T ->
        root: struct (float * bool) ->
            'T[]

    /// The root r in [0, 1) in floats; 0 where the equation has none.
    val ratioOf: alpha: float -> beta: float -> relativeNoise: float -> float

    /// The root over a scalar, from the float one.
    val ratio<'T when 'T :> IReal<'T> and 'T: struct> : alpha: 'T -> beta: 'T -> relativeNoise: 'T -> root: float -> 'T

    /// What joins the inputs: as many coefficients as eigenvalues, and no singular fit.
    val check:
        eigenvalues: float[] ->
        coefficients: float[] ->
        samples: float ->
        features: float ->
        ridge: float ->
            Result<unit, HindsightError>

/// <summary>Test and train error of random-feature and kernel ridge regression from the eigenvalues of the kernel and the target's coefficients.</summary>
/// <remarks>Source: More is Better (arXiv 2311.14646), its published code. Setting: y = sum v_i phi_i(x) + noise of variance sigma^2, kernel sum lambda_i phi_i(x) phi_i(x'), n samples,
/// k random features; the predictor solves with K + delta I, K the mean over features (not divided by n: a ridge that is, times n).
/// Estimates for large n and k with Gaussian-like features, not bounds: in simulations with 50 to 100 samples they are right to 1-3 percent.</remarks>
[<RequireQualifiedAccess>]
module Eigenframework =
    /// <summary>Random-feature ridge regression.</summary>
    /// <param name="eigenvalues">lambda_i &gt; 0, in any order, in the kernel's unit.</param>
    /// <param name="coefficients">v_i, one for each eigenvalue, in the target's unit.</param>
    /// <param name="noise">sigma^2 &gt;= 0, target squared.</param>
    /// <param name="samples">n &gt;= 1.</param>
    /// <param name="features">k &gt;= 1.</param>
    /// <param name="ridge">delta &gt;= 0, in the kernel's unit.</param>
    /// <remarks>gamma solves n = S + A, S = sum lambda/(lambda+gamma), with A = delta/kappa from A B = k delta/gamma, B - A = k - n (B = k kappa/gamma): the paper's two equations in one unknown, whose right side falls in gamma.
    /// With L = lambda/(lambda+gamma), z = sum L, q = sum L^2:
    /// E_test = (sum (1-L)(1 - L B/(k-q)) v^2 + sigma^2) n (k-q)/((z-q)(A+B) + A B), E_train = (A/n)^2 E_test. This is the published form, (1 - (q (k-2z) + z^2)/(n (k-q)))^-1 for the factor, without its cancellation near n = k.</remarks>
    /// <returns>OutOfRange for bad numbers, for n = k without a ridge and for min(n, k) equal to the number of eigenvalues without a ridge, where the error is infinite; WrongDimension for lists of different lengths.</returns>
    val randomFeatures:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
        features: float ->
        ridge: float ->
            Result<EigenframeworkRisk, HindsightError>

    /// <summary>Kernel ridge regression: infinitely many features.</summary>
    /// <remarks>n = sum lambda/(lambda+kappa) + delta/kappa; E_test = n/(n - q) (sum (1-L)^2 v^2 + sigma^2).</remarks>
    val kernelRidge:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
        ridge: float ->
            Result<EigenframeworkRisk, HindsightError>

    /// <summary>kappa estimated from data: 1/trace (K + delta I)^-1.</summary>
    /// <param name="gram">K, symmetric positive definite with the ridge.</param>
    /// <param name="ridge">delta &gt;= 0.</param>
    /// <remarks>Without a ridge as in the published code; with one, derived here: generalised cross-validation, (delta/(n kappa))^2 = train over test.</remarks>
    val kappaOfGram: gram: float[,] -> ridge: float -> Result<float, HindsightError>

    /// <summary>sqrt(E_train/E_test) = delta/(n kappa) at the best ridge under power laws lambda_i ~ i^-alpha, v_i^2 ~ i^-beta.</summary>
    /// <param name="alpha">&gt; 1.</param>
    /// <param name="beta">In (1, 2 alpha + 1).</param>
    /// <param name="relativeNoise">s &gt;= 0: noise over the bias that is left without a ridge.</param>
    /// <remarks>Derived here: the modes' sum is C kappa^(-1/alpha), so E_test is proportional to ((1-r)^-(beta-1) + s)/(1 + (alpha-1) r), and the best r solves
    /// alpha - beta - (alpha-1) beta r + (alpha-1) s (1-r)^beta = 0, or is 0 where the left side starts below 0. Without noise max(0, (alpha-beta)/(beta (alpha-1))).</remarks>
    val fittingRatio: alpha: float -> beta: float -> relativeNoise: float -> Result<float, HindsightError>

    /// i^-exponent, i = 1 .. count.
    val powerLaw: exponent: float -> count: int -> Result<float[], HindsightError>
