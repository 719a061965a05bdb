namespace Hindsight

open System

/// <summary>The Fenchel-Young loss of a convex regulariser Omega: L(theta; q) = Omega*(theta) + Omega(q) - &lt;q, theta&gt;, theta the scores, q the target.</summary>
/// <remarks>
/// The prediction is argmax over p of &lt;p, theta&gt; - Omega(p), the gradient of Omega*; the loss's gradient in the scores is prediction - target. The loss is convex in the scores, never
/// negative, and 0 exactly where the prediction is the target. With temperature lambda the regulariser is lambda Omega, and L is lambda L(theta/lambda). A class as target stands for the one-hot distribution.
/// <para>The members over floats do not allocate and need no sorting: the threshold of a prediction is found by Newton's method. <c>Eval</c> and <c>SoftLoss</c> over a general
/// scalar allocate arrays of the scores' length; they sort by comparators made of Max and Min alone, so that derivatives of every order flow through them.</para>
/// Source: Blondel, Martins, Niculae, "Learning with Fenchel-Young losses" (2020); forms without cancellation derived here.
/// </remarks>
type IFenchelYoungLoss =
    inherit IMulticlassLoss
    inherit IMulticlassGradient
    /// lambda, the factor of the regulariser.
    abstract Temperature: float
    /// The smallest lead of the class's score over every other one at which the loss is 0; null if no lead suffices.
    abstract Margin: Nullable<float>
    /// lambda Omega(distribution).
    abstract Regularizer<'T when 'T :> IReal<'T> and 'T: struct> : distribution: ReadOnlySpan<'T> -> 'T

    /// The loss of a target distribution.
    abstract SoftLoss<'T when 'T :> IReal<'T> and 'T: struct> :
        target: ReadOnlySpan<'T> * scores: ReadOnlySpan<'T> -> 'T

    /// Writes the prediction; it may be written onto the scores.
    abstract Prediction: scores: ReadOnlySpan<float> * prediction: Span<float> -> unit

    /// Writes the gradient of <c>SoftLoss</c> in the scores and returns the loss. The gradient may be written onto the scores.
    abstract SoftGradient: target: ReadOnlySpan<float> * scores: ReadOnlySpan<float> * gradient: Span<float> -> float

/// <summary>Cross-entropy of softmax as a Fenchel-Young loss: Omega(p) = sum p ln p on the simplex; l(y, z) = lambda ln sum exp((z_k - z_y)/lambda).</summary>
/// <remarks>Scores real. Gradient softmax(z/lambda) - e_y, norm below sqrt 2; smoothness 1/(2 lambda), attained at two equal classes. No margin.
/// The zero value of this struct has temperature 1. OutOfRange unless the temperature is positive. Source: as the interface; the value is softplus(ln sum over the others), which does not cancel.</remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungSoftmax =
    val private Stored: float
    /// lambda &gt; 0.
    new: temperature: float -> FenchelYoungSoftmax
    interface IFenchelYoungLoss

/// <summary>The sparsemax loss: Omega(p) = (|p|^2 - 1)/2 on the simplex; the prediction is the projection of z/lambda onto the simplex.</summary>
/// <remarks>Scores real. Gradient once continuous, norm at most sqrt 2; smoothness 1/lambda. Margin lambda. On the support of the prediction the loss is lambda |p - e_y|^2/2.
/// The zero value of this struct has temperature 1. OutOfRange unless the temperature is positive. Source: Martins and Astudillo (2016); the interface.</remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungSparsemax =
    val private Stored: float
    /// lambda &gt; 0.
    new: temperature: float -> FenchelYoungSparsemax
    interface IFenchelYoungLoss

/// <summary>The entmax loss: Tsallis' regulariser Omega(p) = sum (p^alpha - p)/(alpha(alpha - 1)) on the simplex, alpha &gt;= 1.</summary>
/// <remarks>
/// Prediction p_k = (1 + (alpha-1)(z_k/lambda - nu))_+^(1/(alpha-1)) with nu such that it sums to 1; alpha = 1 is softmax, alpha = 2 sparsemax. Margin lambda/(alpha - 1).
/// Scores real. Gradient norm at most sqrt 2. Smoothness 2^(alpha-2)/lambda for alpha at most 2 (attained at two equal classes; never exceeded in 300,000 random distributions), unbounded above:
/// there the Hessian grows without limit as a probability goes to 0. Closed form for alpha 1, 1.5 and 2, otherwise nu is a root to full precision; with nu
/// instead of the usual threshold (alpha-1) nu - 1 nothing cancels as alpha goes to 1.
/// The zero value of this struct is alpha 1, temperature 1. OutOfRange unless alpha is at least 1 and the temperature positive.
/// Source: Peters, Niculae, Martins, "Sparse sequence-to-sequence models" (2019); the interface.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungEntmax =
    val private Order: float
    val private Stored: float
    /// Temperature 1.
    new: alpha: float -> FenchelYoungEntmax
    /// alpha &gt;= 1, lambda &gt; 0.
    new: alpha: float * temperature: float -> FenchelYoungEntmax
    /// alpha.
    member Alpha: float
    interface IFenchelYoungLoss

/// <summary>The structured perceptron of single classes: Omega is 0 on the simplex; l(y, z) = max_k z_k - z_y.</summary>
/// <remarks>Scores real. Gradient of norm at most sqrt 2 with kinks: classes that tie at the top share the prediction equally, in the gradient and in the derivative of <c>Eval</c>. Margin 0.
/// Not calibrated: constant scores have the least expected loss. The regulariser counts 0 for any argument. Source: as the interface.</remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungPerceptron =
    interface IFenchelYoungLoss

/// <summary>Crammer and Singer's hinge as the cost-augmented perceptron: l(y, z) = max_k (z_k + c [k is not y]) - z_y.</summary>
/// <remarks>Scores real. Gradient of norm at most sqrt 2 with kinks; ties share equally, also at the margin. 0 exactly where z_y leads by at least c.
/// Not calibrated for three classes and more. c = 0, the zero value, is the perceptron. OutOfRange unless c is finite and not negative. Source: Crammer and Singer (2001).</remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungCrammerSinger =
    val private Cost: float
    /// c &gt;= 0, the cost of every class but the label.
    new: cost: float -> FenchelYoungCrammerSinger
    /// Writes the cost-augmented prediction: the mass on the classes with the largest z_k + c [k is not y].
    member Prediction: label: int * scores: ReadOnlySpan<float> * prediction: Span<float> -> unit
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>Half the squared distance as a Fenchel-Young loss: Omega(p) = |p|^2/2 on all of R^n; l(y, z) = lambda |z/lambda - e_y|^2/2.</summary>
/// <remarks>Scores real, identity prediction z/lambda. Smoothness and strong convexity 1/lambda; no Lipschitz constant, no margin. Not invariant to shifts.
/// The zero value of this struct has temperature 1. OutOfRange unless the temperature is positive. Source: as the interface.</remarks>
[<Struct; NoComparison; NoEquality>]
type FenchelYoungSquaredNorm =
    val private Stored: float
    /// lambda &gt; 0.
    new: temperature: float -> FenchelYoungSquaredNorm
    interface IFenchelYoungLoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>Fenchel-Young losses: checked entry points over arrays, and the rows of the registry.</summary>
[<RequireQualifiedAccess>]
module FenchelYoung =
    /// <summary>The prediction of a vector of scores.</summary>
    /// <returns>OutOfRange for a score that is not finite, WrongDimension for fewer than two scores.</returns>
    val prediction: loss: IFenchelYoungLoss -> scores: float[] -> Result<float[], HindsightError>

    /// <summary>The loss of a target distribution at a vector of scores.</summary>
    /// <returns>OutOfRange for a score that is not finite or a target that is no distribution (negative, or a sum further than 1e-9 from 1), WrongDimension if the lengths differ.</returns>
    val value: loss: IFenchelYoungLoss -> target: float[] -> scores: float[] -> Result<float, HindsightError>

    /// Softmax, sparsemax, entmax, the perceptron, Crammer and Singer's hinge, the squared norm.
    val entries: LossEntry[]
