namespace Hindsight

/// <summary>Comp-sum loss: l(y, z) = Phi^tau(sum over k &lt;&gt; y of e^(z_k - z_y)), Phi^tau(u) = ((1+u)^(1-tau) - 1)/(1-tau), Phi^1(u) = ln(1+u).</summary>
/// <remarks>
/// Class scores, softmax link, tau &gt;= 0. In the surprisal A = -ln softmax(z)_y it is (e^((1-tau)A) - 1)/(1-tau), never negative. tau = 0: <see cref="T:Hindsight.SumExponential"/>;
/// 1: <see cref="T:Hindsight.CrossEntropy"/>; 1 + q: <see cref="T:Hindsight.GeneralizedCrossEntropy"/>; 2: <see cref="T:Hindsight.SoftmaxAbsoluteError"/>. Convex in the scores exactly for tau &lt;= 1,
/// at most 1/(tau-1) for tau &gt; 1. The gradient is s_y^(tau-1)(s - e_y), of norm at most sqrt(2) ((tau-1)/tau)^(tau-1)/tau (sqrt 2 at tau = 1, unbounded below).
/// The Hessian's norm is largest with two classes: derived for two, searched numerically for more. Exp-concave in the mean with constant 2 - tau for 1 &lt;= tau &lt; 2.
/// The constructor throws OutOfRange for tau &lt; 0 or not finite. The zero value of the struct has tau = 0.
/// Source: Cross-entropy loss functions (arXiv 2304.07288); constants derived here.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type CompSum =
    /// The exponent.
    val Tau: float
    /// The loss at tau &gt;= 0.
    new: tau: float -> CompSum
    interface ISoftmaxLoss

/// <summary>Cross-entropy of class scores, or multinomial logistic loss: l(y, z) = -ln softmax(z)_y.</summary>
/// <remarks>Class scores, softmax link; convex, gradient softmax(z) - e_y of norm at most sqrt 2, Hessian diag(s) - ss' of norm at most 1/2; elicits the class probabilities.
/// For a soft label see <c>Multiclass.expected</c>. Source: definition.</remarks>
[<Struct; NoComparison; NoEquality>]
type CrossEntropy =
    interface ISoftmaxLoss

/// <summary>Generalized cross-entropy: l(y, z) = (1 - s_y^q)/q, s = softmax(z); cross-entropy at q = 0.</summary>
/// <remarks>q in [0,1], else the constructor throws OutOfRange; the zero value of the struct is cross-entropy. Comp-sum with tau = 1 + q: between 0 and 1/q, and its sum over the labels between
/// (n - n^(1-q))/q and (n-1)/q. Source: Zhang and Sabuncu 2018, from memory; constants derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type GeneralizedCrossEntropy =
    /// The power.
    val Q: float
    /// The loss at q in [0,1].
    new: q: float -> GeneralizedCrossEntropy
    interface ISoftmaxLoss

/// <summary>The mean absolute error of classification: l(y, z) = 1 - softmax(z)_y.</summary>
/// <remarks>Half of the l1 distance between the one-hot label and the softmax, which some texts take un-halved. In [0,1], not convex, symmetric: the sum over all labels is n - 1. Comp-sum with tau = 2.
/// Gradient norm at most sqrt(2)/4, Hessian norm at most 1/(3 sqrt 3). Not the absolute error of regression.</remarks>
[<Struct; NoComparison; NoEquality>]
type SoftmaxAbsoluteError =
    interface ISoftmaxLoss

/// <summary>Sum-exponential loss: l(y, z) = sum over k &lt;&gt; y of e^(z_k - z_y) = 1/softmax(z)_y - 1.</summary>
/// <remarks>Convex; comp-sum with tau = 0. Infinite in doubles where the surprisal is above 709.</remarks>
[<Struct; NoComparison; NoEquality>]
type SumExponential =
    interface ISoftmaxLoss

/// <summary>The square of the mean absolute error of classification: l(y, z) = (1 - softmax(z)_y)^2.</summary>
/// <remarks>In [0,1], not convex; gradient norm at most 8 sqrt(2)/27, derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type SquaredSoftmaxAbsoluteError =
    interface ISoftmaxLoss

/// <summary>The comp-sum loss of two classes as a margin loss: phi(m) = Phi^tau(e^-m), m = y z. Logistic at tau = 1, exponential at 0, sigmoid(-m) at 2.</summary>
/// <remarks>Labels -1 and +1, logit link. phi'(m) = -s^(tau-1)(1-s) with s = sigmoid(m): at most ((tau-1)/tau)^(tau-1)/tau for tau &gt; 1, 1 at tau = 1. Convex exactly for tau &lt;= 1.
/// The constructor throws OutOfRange for tau &lt; 0 or not finite; the zero value of the struct is the exponential loss. Source: derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type BinaryCompSum =
    /// The exponent.
    val Tau: float
    /// The loss at tau &gt;= 0.
    new: tau: float -> BinaryCompSum
    interface IMarginLoss

/// What kernels are specialised for in place of <c>BinaryCompSum 1.5</c>: there the power is a square root.
[<Struct; NoComparison; NoEquality>]
type internal BinaryCompSumRoot =
    interface ILoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>The comp-sum losses in the registry, and their outer function.</summary>
[<RequireQualifiedAccess>]
module CompSumLosses =
    /// Phi^tau(u), u &gt;= 0.
    val phi<'T when 'T :> IReal<'T> and 'T: struct> : tau: float -> u: 'T -> 'T
    /// The slope of Phi^tau: (1+u)^-tau.
    val phiSlope: tau: float -> u: float -> float
    /// All losses of this file.
    val entries: LossEntry[]
