namespace Hindsight

/// <summary>Gives back the concrete struct type of a loss of the surprisal.</summary>
type ISoftmaxVisitor<'R> =
    /// Called with the loss at its own type.
    abstract Visit<'L when 'L :> ISoftmaxLoss and 'L: struct> : loss: 'L -> 'R

/// <summary>A loss that sees the scores only through the surprisal of the label: l(y, z) = G(A) + shift, A = -ln softmax(u)_y = logsumexp(u) - u_y &gt;= 0,
/// u_k = (z_k + margin [k is not y])/temperature.</summary>
/// <remarks>Everything follows from G and its slope. With s = softmax(u) and temperature t: the gradient in the scores is G'(A)(s - e_y)/t; the Hessian times v is
/// (G''(A)(s - e_y)(s - e_y)'v + G'(A)(diag s - s s')v)/t^2. Most losses have temperature 1, no margin and no shift. Batch kernels are generic over this interface.</remarks>
and ISoftmaxLoss =
    inherit IMulticlassLoss
    inherit IMulticlassGradient
    /// G at the surprisal A &gt;= 0.
    abstract Outer<'T when 'T :> IReal<'T> and 'T: struct> : surprisal: 'T -> 'T
    /// G' at the surprisal A &gt;= 0.
    abstract OuterSlope<'T when 'T :> IReal<'T> and 'T: struct> : surprisal: 'T -> 'T
    /// What scores are divided by, &gt; 0. At 0 or infinity the loss is a limit that has no surprisal: kernels then take the loss's own gradient.
    abstract Temperature: float
    /// What the other classes' scores are raised by, &gt;= 0.
    abstract Margin: float
    /// What is added to G for that many classes.
    abstract Shift: classes: int -> float
    /// Calls the visitor at the concrete type: <c>visitor.Visit(this)</c>.
    abstract AcceptSoftmax: visitor: ISoftmaxVisitor<'R> -> 'R

/// <summary>Any multiclass loss with a weight for each class: l_w(y, z) = w_y l(y, z). With the focal loss this is its alpha-balanced form.</summary>
/// <remarks>The weights are nonnegative, one a class; scores must have as many entries, else a HindsightException (WrongDimension) is raised. The zero value of the struct has no weights and cannot be evaluated.
/// Nothing but convexity, continuity and the sign carries over to the metadata: weights move the decision.</remarks>
[<Struct; NoComparison; NoEquality>]
type ClassWeighted<'L when 'L :> IMulticlassLoss and 'L :> IMulticlassGradient and 'L: struct> =
    val private loss: 'L
    val private weights: float[]
    /// The loss and a weight for each class; OutOfRange for a weight that is negative or not finite.
    new: loss: 'L * weights: float[] -> ClassWeighted<'L>
    interface IMulticlassLoss
    interface IMulticlassGradient

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>What the losses of the surprisal share. Spans of scores have at least two entries; nothing here allocates or checks.</summary>
[<RequireQualifiedAccess>]
module Softmax =
    /// <summary>A_y = -ln softmax(z)_y over any scalar.</summary>
    /// <remarks>(M - z_y) + ln(1 + r), where M is the largest score and r the sum of e^(z_k - M) less one: two terms that are never negative, so nothing cancels. Where z_y is the
    /// largest, the first is exactly 0 and the second is ln(1 + sum over the others of e^(z_k - z_y)), accurate however close s_y is to 1. Derivatives keep that.</remarks>
    val surprisal<'T when 'T :> IReal<'T> and 'T: struct> : label: int -> scores: ReadOnlySpan<'T> -> 'T

    /// G at the surprisal, without boxing the loss.
    val outer<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct> :
        loss: 'L -> surprisal: 'T -> 'T

    /// G' at the surprisal, without boxing the loss.
    val outerSlope<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct> :
        loss: 'L -> surprisal: 'T -> 'T

    /// G(A), differentiated by <c>OuterSlope</c>.
    val eval<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct> :
        loss: 'L -> label: int -> scores: ReadOnlySpan<'T> -> 'T

    /// Writes G'(A)(s - e_y), returns G(A). In place is allowed.
    val gradient<'L when 'L :> ISoftmaxLoss and 'L: struct> :
        loss: 'L -> label: int -> scores: ReadOnlySpan<float> -> gradient: Span<float> -> float

    /// The same for single precision: computed in double and rounded once.
    val gradientSingle<'L when 'L :> ISoftmaxLoss and 'L: struct> :
        loss: 'L -> label: int -> scores: ReadOnlySpan<float32> -> gradient: Span<float32> -> float32

    /// Writes the Hessian times the direction. In place over the scores is allowed.
    val hessianVector<'L when 'L :> ISoftmaxLoss and 'L: struct> :
        loss: 'L ->
        label: int ->
        scores: ReadOnlySpan<float> ->
        direction: ReadOnlySpan<float> ->
        result: Span<float> ->
            unit

/// <summary>Checks of class probabilities at the door.</summary>
[<RequireQualifiedAccess>]
module ClassDistribution =
    /// At least two numbers in [0,1] whose sum is 1 within 1e-9, or the error that names the argument.
    val require: argument: string -> probabilities: float[] -> Result<float[], HindsightError>

/// <summary>The scalar interpretations of any multiclass loss, from its definition alone. For closed forms see <see cref="T:Hindsight.IMulticlassGradient"/>.</summary>
[<RequireQualifiedAccess>]
module Multiclass =
    /// l(label, scores).
    val value: loss: IMulticlassLoss -> label: int -> scores: float[] -> float
    /// The gradient in the scores by dual numbers.
    val gradient: loss: IMulticlassLoss -> label: int -> scores: float[] -> float[]
    /// The Hessian in the scores times the direction, by nested dual numbers.
    val hessianVector: loss: IMulticlassLoss -> label: int -> scores: float[] -> direction: float[] -> float[]

    /// <summary>sum over y of q_y l(y, z): the conditional risk of the scores under class probabilities q, which is also the loss's form for a soft label q.</summary>
    /// <remarks>Classes with q_y = 0 are left out, so that an infinite loss there does not matter.</remarks>
    val expected: loss: IMulticlassLoss -> probabilities: float[] -> scores: float[] -> float

    /// The gradient of <c>expected</c> in the scores.
    val expectedGradient: loss: IMulticlassLoss -> probabilities: float[] -> scores: float[] -> float[]

    /// (1 - amount) e_label + amount/n: the soft label of label smoothing.
    val smoothed: classes: int -> amount: float -> label: int -> float[]
