namespace Hindsight

open System

/// <summary>A loss over spans: values, gradients and second derivatives of a batch, several elements at a time. Made once for a loss, used for any number of batches.</summary>
/// <remarks>
/// The loss's one definition, evaluated over SIMD lanes: 512, 256 or 128 bits, whichever the machine has (8, 4 or 2 doubles; 16, 8 or 4 singles).
/// An element's result does not depend on its place in the batch or on the batch's length. Sums are taken in a fixed order (1,024 elements in lanes, then block after
/// block, compensated): the same bits for the same input on the same machine and width.
/// The elementary functions of the lanes are within 4 units in the last place of the scalar ones; a loss is within what that and the rounding of label and score explain. No call allocates. An instance has no state and may be shared between threads.
/// Labels and scores are not compared with the loss's domains here. If the sum is not finite the element is named in the error; nothing is returned silently.
/// All spans have one length; weights may also be empty, which means 1. Outputs must not overlap inputs, except that a gradient may be written over the scores themselves.
/// </remarks>
/// <example id="kernel"><code>
/// let kernel = LossKernel.For(BinaryCrossEntropy())
/// let mean = kernel.Gradient(labels, scores, ReadOnlySpan.Empty, Reduction.Mean, gradient) // writes the gradient of the mean, returns the mean
/// </code></example>
[<Sealed>]
type LossKernel =
    /// <summary>The kernel of a loss at the widest lanes of this machine.</summary>
    static member For: loss: ILoss -> LossKernel
    /// The loss.
    member Loss: ILoss
    /// Doubles at a time: 8, 4 or 2. Results repeat bit for bit at the same width.
    member Width: int

    /// <summary>The loss of every element.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="values">Receives l(label_i, score_i).</param>
    /// <exception cref="T:System.ArgumentException">Spans of different lengths.</exception>
    member Values: labels: ReadOnlySpan<float> * scores: ReadOnlySpan<float> * values: Span<float> -> unit

    /// The same in single precision.
    member Values: labels: ReadOnlySpan<float32> * scores: ReadOnlySpan<float32> * values: Span<float32> -> unit

    /// <summary>The derivatives of every element.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="values">Receives the losses; may be empty.</param>
    /// <param name="slopes">Receives the first derivatives in the score.</param>
    /// <param name="curvatures">Receives the second derivatives in the score; may be empty.</param>
    /// <exception cref="T:System.ArgumentException">Spans of different lengths.</exception>
    member Derivatives:
        labels: ReadOnlySpan<float> *
        scores: ReadOnlySpan<float> *
        values: Span<float> *
        slopes: Span<float> *
        curvatures: Span<float> ->
            unit

    /// <summary>The reduced loss of a batch.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="weights">Weights, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <returns>The sum or mean; 0 for an empty batch.</returns>
    /// <exception cref="T:System.ArgumentException">Spans of different lengths.</exception>
    /// <exception cref="T:Hindsight.HindsightException">OutOfRange, naming the element: the result is not finite, or a weight is not allowed.</exception>
    member Value:
        labels: ReadOnlySpan<float> * scores: ReadOnlySpan<float> * weights: ReadOnlySpan<float> * reduction: Reduction ->
            float

    /// The same in single precision; the sum is kept in double.
    member Value:
        labels: ReadOnlySpan<float32> *
        scores: ReadOnlySpan<float32> *
        weights: ReadOnlySpan<float32> *
        reduction: Reduction ->
            float

    /// <summary>The reduced loss and its gradient in the scores.</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="weights">Weights, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score.</param>
    /// <returns>The sum or mean.</returns>
    member Gradient:
        labels: ReadOnlySpan<float> *
        scores: ReadOnlySpan<float> *
        weights: ReadOnlySpan<float> *
        reduction: Reduction *
        gradient: Span<float> ->
            float

    /// The same in single precision; the sum is kept in double.
    member Gradient:
        labels: ReadOnlySpan<float32> *
        scores: ReadOnlySpan<float32> *
        weights: ReadOnlySpan<float32> *
        reduction: Reduction *
        gradient: Span<float32> ->
            float

    /// <summary>The reduced loss, its gradient and the diagonal of its Hessian in the scores (the Hessian has no other entries).</summary>
    /// <param name="labels">Labels.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="weights">Weights, finite and &gt;= 0; empty for 1.</param>
    /// <param name="reduction">Sum or mean.</param>
    /// <param name="gradient">Receives the first derivatives of the returned number.</param>
    /// <param name="hessian">Receives the second derivatives of the returned number.</param>
    /// <returns>The sum or mean.</returns>
    member Hessian:
        labels: ReadOnlySpan<float> *
        scores: ReadOnlySpan<float> *
        weights: ReadOnlySpan<float> *
        reduction: Reduction *
        gradient: Span<float> *
        hessian: Span<float> ->
            float

/// Kernels at a width of one's choice.
[<RequireQualifiedAccess>]
module internal KernelWidth =
    /// The bits of the widest lanes that this machine has in hardware: 512, 256 or 128.
    val widest: int
    /// The kernel of a loss at 512, 256 or 128 bits.
    val at: loss: ILoss -> bits: int -> LossKernel
