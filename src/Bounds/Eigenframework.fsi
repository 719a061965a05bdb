namespace Hindsight.FSharp

open Hindsight

/// <summary>Calculators of the eigenframework: test error of ridge regression with a kernel or random features, its best ridge, and how far a best fit interpolates.</summary>
/// <remarks>Asymptotic equalities, not bounds; see <see cref="T:Hindsight.FSharp.Eigenframework"/> for the setting and conventions.</remarks>
[<RequireQualifiedAccess>]
module EigenframeworkBounds =
    /// Random features, kernels, the fitting ratio.
    val calculators: BoundCalculator[]

    /// <summary>Test error of random-feature ridge regression; terms kappa, gamma, E_train and E_0.</summary>
    val rfRisk:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
        features: float ->
        ridge: float ->
            Result<Bound, HindsightError>

    /// <summary>Test error of kernel ridge regression; terms kappa, E_train and E_0.</summary>
    val krrRisk:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
        ridge: float ->
            Result<Bound, HindsightError>

    /// <summary>The ridge at which kernel ridge regression has the least test error, and the error there.</summary>
    val optimalRidge:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
            Result<BoundOptimum, HindsightError>

    /// <summary>The ridge at which random-feature regression has the least test error, and the error there.</summary>
    /// <remarks>At the best ridge the error falls with every sample and every feature (More is Better, arXiv 2311.14646).</remarks>
    val optimalRidgeOfFeatures:
        eigenvalues: float[] ->
        coefficients: float[] ->
        noise: float ->
        samples: float ->
        features: float ->
            Result<BoundOptimum, HindsightError>

    /// <summary>sqrt(E_train/E_test) at the best ridge under power laws; see <c>Eigenframework.fittingRatio</c>.</summary>
    val fittingRatio: alpha: float -> beta: float -> relativeNoise: float -> Result<Bound, HindsightError>
