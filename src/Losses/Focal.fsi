namespace Hindsight

// Losses of s_y, s = softmax(scores), most of them bounded for robustness to wrong labels. All have class scores and softmax link. p below is s_y.

/// <summary>Focal loss: l(y, z) = -(1-p)^gamma ln p.</summary>
/// <remarks>gamma &gt;= 0, else the constructor throws OutOfRange; 0 (also the struct's zero value) is cross-entropy. At most cross-entropy, decreasing in gamma; not convex and not proper for gamma &gt; 0:
/// <c>FocalLosses.recoverPosterior</c> turns its minimiser into class probabilities. Its alpha-balanced form is <c>ClassWeighted&lt;Focal&gt;</c>. Source: Lin et al. 2017, from memory.</remarks>
[<Struct; NoComparison; NoEquality>]
type Focal =
    /// How much less the well classified weigh.
    val Gamma: float
    /// The loss at gamma &gt;= 0.
    new: gamma: float -> Focal
    interface ISoftmaxLoss

/// <summary>Reverse cross-entropy: l(y, z) = -sum over k of s_k ln e_y(k) with ln 0 replaced by -scale: scale (1 - p).</summary>
/// <remarks>scale &gt; 0, else OutOfRange. Symmetric: the sum over all labels is scale (n-1). The zero value of the struct is the zero loss. Source: Wang et al. 2019, from memory.</remarks>
[<Struct; NoComparison; NoEquality>]
type ReverseCrossEntropy =
    /// Minus the number that stands for ln 0.
    val Scale: float
    /// The loss at scale &gt; 0.
    new: scale: float -> ReverseCrossEntropy
    interface ISoftmaxLoss

/// <summary>Symmetric cross-entropy: l(y, z) = -(1-mix) ln p + mix scale (1-p).</summary>
/// <remarks>mix in [0,1], scale &gt; 0, else OutOfRange. The zero value of the struct is cross-entropy. Source: Wang et al. 2019, in the weights of the LDR authors' code.</remarks>
[<Struct; NoComparison; NoEquality>]
type SymmetricCrossEntropy =
    /// The share of the reverse cross-entropy.
    val Mix: float
    /// Minus the number that stands for ln 0 in it.
    val Scale: float
    /// The loss at mix in [0,1] and scale &gt; 0.
    new: mix: float * scale: float -> SymmetricCrossEntropy
    interface ISoftmaxLoss

/// <summary>Normalised cross-entropy: l(y, z) = ln s_y / (sum over k of ln s_k).</summary>
/// <remarks>In [0,1]; the sum over all labels is 1. Not a function of p alone; the denominator is at least n ln n. Source: Ma et al. 2020, from memory.</remarks>
[<Struct; NoComparison; NoEquality>]
type NormalizedCrossEntropy =
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>Asymmetric unhinged loss: l(y, z) = ((a-p)^q - (a-1)^q)/q.</summary>
/// <remarks>a &gt; 1, q &gt; 0, else OutOfRange. 1 - p at q = 1, and so is the zero value of the struct. Bounded. Source: Zhou et al. 2021, in the form of the LDR authors' code.</remarks>
[<Struct; NoComparison; NoEquality>]
type AsymmetricUnhinged =
    /// The offset.
    val A: float
    /// The power.
    val Q: float
    /// The loss at a &gt; 1 and q &gt; 0.
    new: a: float * q: float -> AsymmetricUnhinged
    interface ISoftmaxLoss

/// <summary>Asymmetric generalized cross-entropy: l(y, z) = ((a+1)^q - (a+p)^q)/q.</summary>
/// <remarks>a &gt; 0, q &gt; 0, else OutOfRange. 1 - p at q = 1, and so is the zero value of the struct. Bounded. Source: Zhou et al. 2021, in the form of the LDR authors' code.</remarks>
[<Struct; NoComparison; NoEquality>]
type AsymmetricGce =
    /// The offset.
    val A: float
    /// The power.
    val Q: float
    /// The loss at a &gt; 0 and q &gt; 0.
    new: a: float * q: float -> AsymmetricGce
    interface ISoftmaxLoss

/// <summary>Truncated generalized cross-entropy: l(y, z) = min((1 - p^q)/q, (1 - k^q)/q), k the threshold.</summary>
/// <remarks>q in [0,1], threshold in [0,1), else OutOfRange. Constant where p &lt; threshold; at the kink the derivative is that of the inside. The zero value of the struct is cross-entropy.
/// Source: Zhang and Sabuncu 2018, in the form of the LDR authors' code.</remarks>
[<Struct; NoComparison; NoEquality>]
type TruncatedGce =
    /// The power.
    val Q: float
    /// The probability below which the loss is constant.
    val Threshold: float
    /// The loss at q in [0,1] and threshold in [0,1).
    new: q: float * threshold: float -> TruncatedGce
    interface ISoftmaxLoss

/// <summary>Jensen-Shannon loss: l(y, z) = JS(e_y, s)/Z, JS = pi KL(e_y, m) + (1-pi) KL(s, m), m = pi e_y + (1-pi) s, Z = -(1-pi) ln(1-pi).</summary>
/// <remarks>pi in [0,1), else OutOfRange. Tends to cross-entropy as pi tends to 0 (the zero value of the struct) and to 1 - p as pi tends to 1. Between 0 and 1 + pi ln pi/((1-pi) ln(1-pi)).
/// Source: Englesson and Azizpour 2021, in the form of the LDR authors' code; the function of p alone derived here.</remarks>
[<Struct; NoComparison; NoEquality>]
type JensenShannon =
    /// The weight of the label in the mixture.
    val Pi: float
    /// The loss at pi in [0,1).
    new: pi: float -> JensenShannon
    interface ISoftmaxLoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>The focal loss and its relatives in the registry, and what the focal loss's minimiser means.</summary>
[<RequireQualifiedAccess>]
module FocalLosses =
    /// <summary>The class probabilities of which v minimises the expected focal loss: h(v_k)/sum h(v_l), h(v) = v/((1-v)^gamma - gamma (1-v)^(gamma-1) v ln v).</summary>
    /// <remarks>Keeps the order of the classes. For two and three classes v is less confident than the result; for many classes it can be more confident. Derived here.</remarks>
    /// <returns>OutOfRange for a negative gamma or numbers that are not probabilities of classes.</returns>
    val recoverPosterior: gamma: float -> probabilities: float[] -> Result<float[], HindsightError>
    /// All losses of this file.
    val entries: LossEntry[]
