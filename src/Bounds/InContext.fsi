namespace Hindsight.FSharp

open Hindsight

/// <summary>Calculators of learning in context: exact expected losses of one-step learners and of least squares, exact predictive variances, and the cost of a wrong mean and variance.</summary>
/// <remarks>Losses are E (y - prediction)^2 on a fresh query with noise, un-halved; examples and noise are normal, w ~ N(0, I).</remarks>
[<RequireQualifiedAccess>]
module InContextBounds =
    /// One step, the best step and its loss, the best preconditioner, least squares, variances, the excess of the Gaussian loss.
    val calculators: BoundCalculator[]

    /// d - 2 eta n d + eta^2 n d (n + d + 1 + sigma^2) + sigma^2: the loss of the predictor eta x_q'X'y.
    val stepLoss: examples: int -> dimension: int -> noise: float -> step: float -> Result<Bound, HindsightError>

    /// d (1 - n eta) + sigma^2 at the best step eta = 1/(n + d + 1 + sigma^2).
    val optimalLoss: examples: int -> dimension: int -> noise: float -> Result<Bound, HindsightError>

    /// sum t (1 - n t/((n+1) t + tr S + sigma^2)) + sigma^2 over the eigenvalues t of the inputs' covariance: the loss of the best preconditioned step.
    val preconditionedLoss: spectrum: float[] -> examples: int -> noise: float -> Result<Bound, HindsightError>

    /// sigma^2 (1 + d/(n - d - 1)): the loss of least squares, n &gt; d + 1.
    val leastSquares: examples: int -> dimension: int -> noise: float -> Result<Bound, HindsightError>

    /// ln(s^/s) + (s^2 + gap^2)/(2 s^^2) - 1/2.
    val gaussianExcess: gap: float -> deviation: float -> predicted: float -> Result<Bound, HindsightError>
