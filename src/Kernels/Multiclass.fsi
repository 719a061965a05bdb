namespace Hindsight

open System

/// Single precision by way of double.
module internal InDouble =
    /// A Hessian-vector product in single precision: that of double, each entry rounded once. The room is rented, so nothing is allocated. The result may lie on the scores or on the direction.
    val hessianVector:
        loss: IMulticlassGradient ->
        label: int ->
        scores: ReadOnlySpan<float32> ->
        direction: ReadOnlySpan<float32> ->
        result: Span<float32> ->
            unit

/// <summary>A multiclass loss over a batch: labels, and a row of class scores for each. Made once for a loss, used for any number of batches.</summary>
/// <remarks>
/// Scores are row-major, n x K: the scores of element i stand at i K .. i K + K - 1, and so does its gradient. Losses of the label's surprisal (<see cref="T:Hindsight.ISoftmaxLoss"/>) are
/// evaluated in SIMD lanes, several rows at once where there are few classes, along the row where there are many; entmax with alpha 1.5 and sparsemax several rows at once; any other loss row by row through its own gradient
/// (<see cref="T:Hindsight.IMulticlassGradient"/>), or through dual numbers where it has none. An element's result does not depend on its place in the batch.
/// Sums are taken in a fixed order, compensated. An instance has no state and may be shared between threads.
/// If the sum is not finite, or a label is not a class, the element is named in the error. The gradient may be written over the scores.
/// </remarks>
/// <example id="multiclass-kernel"><code>
/// let kernel = MulticlassKernel.For(CrossEntropy())
/// let mean = kernel.Gradient(labels, scores, 10, ReadOnlySpan.Empty, Reduction.Mean, gradient)
/// </code></example>
[<Sealed>]
type MulticlassKernel =
    /// <summary>The kernel of a loss at the widest lanes of this machine.</summary>
    static member For: loss: IMulticlassLoss -> MulticlassKernel
    /// The loss.
    member Loss: IMulticlassLoss

    /// <summary>The reduced loss of a batch.</summary>
    /// <param name="labels">The class of each element, 0 .. classes - 1.</param>
    /// <param name="scores">n x classes scores, row by row.</param>
    /// <param name="classes">K &gt;= 2.</param>
    /// <param name="weights">A weight an element, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <returns>The sum or mean; 0 for an empty batch.</returns>
    /// <exception cref="T:System.ArgumentException">Spans whose lengths do not fit.</exception>
    /// <exception cref="T:Hindsight.HindsightException">OutOfRange, naming the element: a label, a weight, or a loss that is not finite.</exception>
    member Value:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float> *
        classes: int *
        weights: ReadOnlySpan<float> *
        reduction: Reduction ->
            float

    /// The same in single precision; the sum is kept in double.
    member Value:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float32> *
        classes: int *
        weights: ReadOnlySpan<float32> *
        reduction: Reduction ->
            float

    /// <summary>The reduced loss and its gradient in the scores.</summary>
    /// <param name="labels">The class of each element, 0 .. classes - 1.</param>
    /// <param name="scores">n x classes scores, row by row.</param>
    /// <param name="classes">K &gt;= 2.</param>
    /// <param name="weights">A weight an element, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score.</param>
    /// <returns>The sum or mean.</returns>
    member Gradient:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float> *
        classes: int *
        weights: ReadOnlySpan<float> *
        reduction: Reduction *
        gradient: Span<float> ->
            float

    /// The same in single precision; the sum is kept in double.
    member Gradient:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float32> *
        classes: int *
        weights: ReadOnlySpan<float32> *
        reduction: Reduction *
        gradient: Span<float32> ->
            float

    /// <summary>The Hessian of the reduced loss in the scores times a direction. Rows do not meet in it: a row's product is its own Hessian's, weighted.</summary>
    /// <param name="labels">The class of each element, 0 .. classes - 1.</param>
    /// <param name="scores">n x classes scores, row by row.</param>
    /// <param name="classes">K &gt;= 2.</param>
    /// <param name="weights">A weight an element, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <param name="direction">A number for every score.</param>
    /// <param name="result">Receives the product; may be written over the scores.</param>
    member HessianVector:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float> *
        classes: int *
        weights: ReadOnlySpan<float> *
        reduction: Reduction *
        direction: ReadOnlySpan<float> *
        result: Span<float> ->
            unit

    /// The same in single precision: each entry is computed in double and rounded, before the weight and after.
    member HessianVector:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<float32> *
        classes: int *
        weights: ReadOnlySpan<float32> *
        reduction: Reduction *
        direction: ReadOnlySpan<float32> *
        result: Span<float32> ->
            unit

/// Kernels at a width of one's choice.
[<RequireQualifiedAccess>]
module internal MulticlassKernelWidth =
    /// The most classes that are taken several rows at once by default; from here on a row is long enough to fill the lanes by itself.
    val fewClasses: int
    /// The kernel of a loss at 512, 256 or 128 bits; at most so many classes are taken several rows at once.
    val at: loss: IMulticlassLoss -> bits: int -> fewClasses: int -> MulticlassKernel
