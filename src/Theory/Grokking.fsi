namespace Hindsight

/// <summary>The student f(x) = (alpha/N) sum phi(w_i'x), phi(h) = h + (epsilon/2) h^2, as far as its numbers go.</summary>
[<Struct; NoComparison>]
type GrokkingStudent =
    {
        /// The scale of the output, alpha &gt; 0: large is lazy, small is rich.
        Alpha: float
        /// The curvature of the activation, epsilon &gt;= 0.
        Epsilon: float
    }

/// <summary>All that the student's function depends on: the mean of the weights and of their products.</summary>
[<NoComparison>]
type GrokkingStatistics =
    {
        /// (1/N) sum w_i.
        Mean: float[]
        /// (1/N) sum w_i w_i'.
        Second: float[,]
    }

namespace Hindsight.FSharp

open Hindsight

// The formulas over any scalar, for the calculators.
module internal GrokkingFormulas =
    val risk<'T when 'T :> IReal<'T> and 'T: struct> :
        alpha: 'T ->
        epsilon: 'T ->
        dimension: 'T ->
        mean2: 'T ->
        trace: 'T ->
        frobenius2: 'T ->
        aligned: 'T ->
        signal2: 'T ->
            'T

    val initial<'T when 'T :> IReal<'T> and 'T: struct> :
        alpha: 'T -> epsilon: 'T -> dimension: 'T -> units: 'T -> signal2: 'T -> 'T

    /// Risk of predicting 0: 3 |beta|^4/(4 D^2).
    val zero<'T when 'T :> IReal<'T> and 'T: struct> : dimension: 'T -> signal2: 'T -> 'T

/// <summary>A model of grokking that is solved exactly: a two-layer student with an almost linear activation learns (beta'x)^2/2 from x ~ N(0, I/D).</summary>
/// <remarks>Source of the model and of the alignments: Grokking as the transition from lazy to rich training dynamics (arXiv 2310.06110), its published code. The population risk, its gradient and the kernel in
/// closed form are derived here: f(x) = alpha mean'x + (alpha epsilon/2) x'Mx and Gaussian moments. Losses are mean squares, un-halved. Weights are a row for each unit, N x D.
/// Functions refuse what is not finite and shapes that do not fit with an error that names the argument.</remarks>
[<RequireQualifiedAccess>]
module Grokking =
    /// Standard normal weights, units x dimension.
    val initialWeights: seed: uint64 -> units: int -> dimension: int -> Result<float[,], HindsightError>

    /// Inputs from N(0, I/D), count x dimension.
    val inputs: seed: uint64 -> count: int -> dimension: int -> Result<float[,], HindsightError>

    /// (beta'x)^2/2 for every row of the inputs.
    val labels: beta: float[] -> inputs: float[,] -> Result<float[], HindsightError>

    /// The mean of the weights and of their products.
    val statistics: weights: float[,] -> Result<GrokkingStatistics, HindsightError>

    /// f(x) for every row of the inputs.
    val outputs: student: GrokkingStudent -> weights: float[,] -> inputs: float[,] -> Result<float[], HindsightError>

    /// <summary>E (f - y)^2 over x, exactly: alpha^2 |mean|^2/D + (2 |B|_F^2 + (tr B)^2)/(4 D^2), B = alpha epsilon M - beta beta'.</summary>
    /// <remarks>Zero if and only if the mean is 0 and alpha epsilon M = beta beta'.</remarks>
    val populationRisk:
        student: GrokkingStudent -> statistics: GrokkingStatistics -> beta: float[] -> Result<float, HindsightError>

    /// <summary>The gradient of the population risk in the weights: row i is (2 alpha^2/(D N)) mean + (alpha epsilon/(N D^2)) (2 B w_i + tr(B) w_i).</summary>
    val populationGradient:
        student: GrokkingStudent -> weights: float[,] -> beta: float[] -> Result<float[,], HindsightError>

    /// N/alpha^2: the step at which the linearised function moves at a speed that depends neither on alpha nor on N.
    val learningRate: student: GrokkingStudent -> units: int -> Result<float, HindsightError>

    /// <summary>A step of gradient descent on the mean squared error over the rows of the inputs, in place.</summary>
    /// <param name="student">alpha and epsilon.</param>
    /// <param name="weights">N x D, changed.</param>
    /// <param name="inputs">P x D.</param>
    /// <param name="targets">P labels.</param>
    /// <param name="offsets">P numbers that are taken from the output first (the outputs at the start centre the student), or an empty array.</param>
    /// <param name="step">The learning rate, above 0; <c>learningRate</c> is the published one.</param>
    /// <returns>The mean squared error before the step; Incompatible if weights stop being finite.</returns>
    val descend:
        student: GrokkingStudent ->
        weights: float[,] ->
        inputs: float[,] ->
        targets: float[] ->
        offsets: float[] ->
        step: float ->
            Result<float, HindsightError>

    /// <summary>The tangent kernel of the rows of the inputs: (alpha^2/N)(x'x')(1 + epsilon mean'(x + x') + epsilon^2 x'Mx').</summary>
    val tangentKernel:
        student: GrokkingStudent -> weights: float[,] -> inputs: float[,] -> Result<float[,], HindsightError>

    /// y'Ky/(|K|_F |y|^2), in [-1, 1]: 1 for K = yy'.
    val alignment: kernel: float[,] -> targets: float[] -> Result<float, HindsightError>

    /// The same after columns of K and y are made to have mean 0.
    val centredAlignment: kernel: float[,] -> targets: float[] -> Result<float, HindsightError>

    /// beta'M beta/(|beta|^2 tr M), in [0, 1]: how much of the weights points along the target.
    val featureAlignment: statistics: GrokkingStatistics -> beta: float[] -> Result<float, HindsightError>

    /// |K - K0|_F/|K0|_F: how far the kernel has moved.
    val kernelDrift: kernel: float[,] -> start: float[,] -> Result<float, HindsightError>
