namespace Hindsight

/// <summary>A linear self-attention layer over tokens: e becomes e + P sum_j (V e_j)(K e_j)'(Q e), j over the context, not over the query.</summary>
[<NoComparison>]
type LinearAttention =
    {
        Key: float[,]
        Query: float[,]
        Value: float[,]
        Projection: float[,]
    }

/// <summary>A mean with a variance.</summary>
[<Struct; NoComparison>]
type PredictedMoments =
    {
        /// The predicted mean.
        Mean: float
        /// The predicted variance, &gt; 0.
        Variance: float
    }

/// <summary>What linear regression with normal weights says about a label when the noise is known.</summary>
[<NoComparison>]
type BayesPrediction =
    {
        Mean: float
        /// The noise: what no data removes.
        Aleatoric: float
        /// The uncertainty of the weights along the query: falls with every example.
        Epistemic: float
    }

    /// Aleatoric and epistemic together.
    member Variance: float

/// <summary>A Student-t distribution: the prediction when the noise is unknown.</summary>
[<NoComparison>]
type StudentPrediction =
    {
        Mean: float
        /// The squared scale (b/a)(1 + leverage).
        Scale2: float
        /// Degrees of freedom, 2 a.
        Dof: float
        /// b/(a-1) (1 + leverage); infinite for a at most 1.
        Variance: float
        /// The share of the variance that is noise: b/(a-1).
        Aleatoric: float
    }

/// <summary>Bayesian linear regression with unknown noise: sigma^2 ~ inverse gamma(a, b), w given sigma^2 ~ N(m, sigma^2 Lambda^-1). Updated in place, one example at a time.</summary>
/// <remarks>Lambda^-1 is updated by Sherman and Morrison's formula and symmetrised: 2 d^2 multiply-adds an example, no allocation. Not for concurrent use.</remarks>
[<Sealed>]
type NormalInverseGamma =
    /// The prior: m = 0, Lambda = precision I. Dimension &gt;= 1, precision, shape and rate &gt; 0, else a HindsightException (OutOfRange).
    new: dimension: int * precision: float * shape: float * rate: float -> NormalInverseGamma
    /// Length of x.
    member Dimension: int
    /// Examples so far.
    member Count: int
    /// a.
    member Shape: float
    /// b.
    member Rate: float
    /// m: a view, valid until the next update.
    member Weights: System.ReadOnlySpan<float>
    /// Takes an example: the state after it, which is this object. A HindsightException for the wrong length or numbers that are not finite, before anything changes.
    member Update: x: System.ReadOnlySpan<float> * y: float -> NormalInverseGamma
    /// The prediction at a query.
    member Predict: query: System.ReadOnlySpan<float> -> StudentPrediction

namespace Hindsight.FSharp

open Hindsight

// The formulas over any scalar, for the calculators.
module internal InContextFormulas =
    val stepLoss<'T when 'T :> IReal<'T> and 'T: struct> : examples: 'T -> dimension: 'T -> noise: 'T -> step: 'T -> 'T
    val optimalStep<'T when 'T :> IReal<'T> and 'T: struct> : examples: 'T -> dimension: 'T -> noise: 'T -> 'T
    val optimalLoss<'T when 'T :> IReal<'T> and 'T: struct> : examples: 'T -> dimension: 'T -> noise: 'T -> 'T
    val preconditionedLoss<'T when 'T :> IReal<'T> and 'T: struct> : spectrum: 'T[] -> examples: 'T -> noise: 'T -> 'T
    val leastSquares<'T when 'T :> IReal<'T> and 'T: struct> : examples: 'T -> dimension: 'T -> noise: 'T -> 'T
    /// x'(X'X + ridge I)^-1 x in the basis of X'X.
    val leverage<'T when 'T :> IReal<'T> and 'T: struct> : spectrum: 'T[] -> query: 'T[] -> ridge: 'T -> 'T
    val excess<'T when 'T :> IReal<'T> and 'T: struct> : gap: 'T -> deviation: 'T -> predicted: 'T -> 'T

/// <summary>Linear self-attention as gradient descent: the weights of a layer that takes a step of least squares in its context.</summary>
/// <remarks>Source: Transformers learn in-context by gradient descent (arXiv 2212.07677), the published construction. Tokens are rows: (x_j, y_j) for the context, (x_q, -prediction) for the query, last.</remarks>
[<RequireQualifiedAccess>]
module LinearAttention =
    /// <summary>The layer that takes a gradient step on (1/2N) sum (w'x - y)^2 from w.</summary>
    /// <param name="weights">w, the starting weights; 0 for every layer but the first, as later targets are residuals.</param>
    /// <param name="step">eta &gt; 0.</param>
    /// <param name="count">N &gt;= 1 examples in the context.</param>
    /// <remarks>K = Q = diag(I, 0), V = (0 0; w' -1), P = eta/N I. Labels become y - dw'x, dw = -(eta/N) sum (w'x - y) x; the prediction is minus the query's label.</remarks>
    val gradientStep: weights: float[] -> step: float -> count: int -> Result<LinearAttention, HindsightError>

    /// <summary>The layer of GD++: the step and, for every token, x becomes x - gamma X'X x, so that the eigenvalues t of X'X become t (1 - gamma t)^2 for later layers.</summary>
    /// <remarks>V = (-gamma I 0; 0 -1) with the label's row times eta/N; from weights 0.</remarks>
    val gradientStepPlus:
        dimension: int -> step: float -> gamma: float -> count: int -> Result<LinearAttention, HindsightError>

    /// Applies a layer to the tokens; the last row is the query and is not attended to.
    val apply: layer: LinearAttention -> tokens: float[,] -> Result<float[,], HindsightError>

    /// The tokens of a context and a query: labels, and minus the first prediction w'x_q.
    val tokens:
        examples: float[,] -> labels: float[] -> query: float[] -> weights: float[] -> Result<float[,], HindsightError>

    /// The prediction in the tokens: minus the last row's label.
    val prediction: tokens: float[,] -> Result<float, HindsightError>

/// <summary>Learners that a sequence model is compared with. Examples are rows; every function refuses shapes that do not fit and numbers that are not finite by name.</summary>
[<RequireQualifiedAccess>]
module InContext =
    /// <summary>1/(n + d + 1 + sigma^2): the step of the best one-step learner eta x_q'X'y for x ~ N(0, I), w ~ N(0, I).</summary>
    /// <remarks>Derived here (Wishart moments). The same for x ~ N(0, S), w ~ N(0, S^-1) and the predictor eta x_q'S^-1 X'y. The setting is that of One step of gradient descent is provably the
    /// optimal in-context learner with one layer of linear self-attention (arXiv 2307.03576), which states eta as a ratio of expectations.</remarks>
    val optimalStep: examples: int -> dimension: int -> noise: float -> Result<float, HindsightError>

    /// <summary>The best preconditioner P of the predictor x_q'P X'y for x ~ N(0, S), w ~ N(0, I): ((n+1) S + (tr S + sigma^2) I)^-1.</summary>
    /// <remarks>Derived here. S symmetric positive semidefinite; for S = I it is the optimal step times I.</remarks>
    val preconditioner: covariance: float[,] -> examples: int -> noise: float -> Result<float[,], HindsightError>

    /// <summary>(X'X + ridge I)^-1 X'y by an orthogonal factorisation of the stacked rows. ridge &gt; 0; sigma^2/tau^2 is the Bayes optimum for w ~ N(0, tau^2 I).</summary>
    val ridge: examples: float[,] -> labels: float[] -> ridge: float -> Result<float[], HindsightError>

    /// <summary>The same by Sherman and Morrison's update of the inverse, an example at a time: what a transformer can do layer by layer (arXiv 2211.15661).</summary>
    /// <remarks>Loses digits where 1/ridge is large against 1/|x|^2; <c>RidgeState</c> does not.</remarks>
    val recursiveRidge: examples: float[,] -> labels: float[] -> ridge: float -> Result<float[], HindsightError>

    /// Least squares; of least norm where it is not unique.
    val leastSquares: examples: float[,] -> labels: float[] -> Result<float[], HindsightError>

    /// <summary>One pass of stochastic gradient descent from 0: w - step (2 (w'x - y) x + 2 decay w), an example at a time.</summary>
    /// <param name="examples">A row for each.</param>
    /// <param name="labels">One for each.</param>
    /// <param name="step">&gt; 0.</param>
    /// <param name="decay">&gt;= 0.</param>
    /// <param name="clip">Gradients are clipped to [-clip, clip] in each component (the published code: 20); infinity for none.</param>
    val stochasticGradient:
        examples: float[,] ->
        labels: float[] ->
        step: float ->
        decay: float ->
        clip: float ->
            Result<float[], HindsightError>

    /// <summary>Gradient descent from the given weights on (1/2n) sum (w'x - y)^2.</summary>
    val gradientDescent:
        examples: float[,] ->
        labels: float[] ->
        start: float[] ->
        step: float ->
        steps: int ->
            Result<float[], HindsightError>

    /// The mean label of the k examples nearest to the query; ties in distance go to the earlier example.
    val nearest:
        examples: float[,] -> labels: float[] -> neighbours: int -> query: float[] -> Result<float, HindsightError>

    /// <summary>Mean of (a - b)^2 over predictions of two learners on the same prompts.</summary>
    /// <remarks>Squared prediction difference of arXiv 2211.15661; the formula is from memory.</remarks>
    val predictionDifference: first: float[] -> second: float[] -> Result<float, HindsightError>

    /// <summary>The weights by which a learner acts linearly: least squares of its predictions on probes, and the R^2 of that fit.</summary>
    /// <remarks>Implicit weights of arXiv 2211.15661; the formula is from memory. At least as many probes as dimensions. R^2 is 1 for predictions that are all 0.</remarks>
    val implicitWeights: probes: float[,] -> predictions: float[] -> Result<struct (float[] * float), HindsightError>

    /// |u - v|^2 for implicit weights of two learners on one prompt (its mean over prompts is the implicit linear weight difference).
    val weightDifference: first: float[] -> second: float[] -> Result<float, HindsightError>

/// <summary>Uncertainty in context: a mean and a variance as prediction, what is best, and what a miss costs.</summary>
/// <remarks>Setting: Towards better understanding of in-context learning ability from in-context uncertainty quantification (arXiv 2405.15115), where a sequence model is trained on mean and variance.
/// The paper states a generalisation rate of order sqrt(min(S, T)/(n T)) up to logarithms for n tasks of length T and window S; its constants are not available, so there is no calculator of it here. The closed forms are derived here.</remarks>
[<RequireQualifiedAccess>]
module InContextUncertainty =
    /// <summary>ln s + (y - mean)^2/(2 s^2): the negative log-likelihood of a normal prediction, without ln(2 pi)/2.</summary>
    /// <remarks>In expectation least at the conditional mean and variance. The paper's loss, from memory.</remarks>
    val gaussianLoss: label: float -> prediction: PredictedMoments -> Result<float, HindsightError>

    /// <summary>The expected excess of that loss over the true mean and variance: ln(s^/s) + (s^2 + gap^2)/(2 s^^2) - 1/2, which is KL(N(mean, s^2), N(mean^, s^^2)).</summary>
    val excess: truth: PredictedMoments -> prediction: PredictedMoments -> Result<float, HindsightError>

    /// <summary>The exact prediction for w ~ N(0, tau^2 I) and normal noise of known variance: mean x'm, variance sigma^2 + sigma^2 x'(X'X + ridge I)^-1 x, ridge = sigma^2/tau^2.</summary>
    val bayes:
        examples: float[,] ->
        labels: float[] ->
        query: float[] ->
        noise: float ->
        weightVariance: float ->
            Result<BayesPrediction, HindsightError>

    /// <summary>The exact prediction for unknown noise, from a whole context; <c>NormalInverseGamma</c> takes an example at a time.</summary>
    /// <remarks>Lambda = X'X + precision I, m = Lambda^-1 X'y, a = shape + n/2, b = rate + (y'y - m'Lambda m)/2; Student-t with 2 a degrees of freedom, mean m'x, squared scale (b/a)(1 + x'Lambda^-1 x).</remarks>
    val studentT:
        examples: float[,] ->
        labels: float[] ->
        query: float[] ->
        precision: float ->
        shape: float ->
        rate: float ->
            Result<StudentPrediction, HindsightError>
