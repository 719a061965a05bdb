namespace Hindsight

open System

/// <summary>A number known to lie between two others.</summary>
[<Struct; NoComparison>]
type Enclosure =
    {
        /// At least this.
        Low: float
        /// At most this.
        High: float
        /// Whether the requested width was reached. If not, the enclosure is still one, but a wider one.
        Converged: bool
        /// How many boxes were looked at.
        Boxes: int
    }

    /// High - low.
    member Width: float
    /// Whether the number lies in it.
    member Contains: value: float -> bool
    /// "[low, high]", with a note if it is wider than requested.
    override ToString: unit -> string

/// <summary>How far enclosures are refined.</summary>
[<Struct; NoComparison>]
type CertifyOptions =
    {
        /// Requested width, absolute.
        Width: float
        /// Requested width relative to the number. The larger of the two counts.
        Relative: float
        /// Most boxes looked at for one constant.
        Boxes: int
    }

    /// 1e-9, 1e-6 relative, 20,000 boxes.
    static member Default: CertifyOptions

/// <summary>Enclosures of a loss's constants on a box of labels and scores. A null is "does not exist, or cannot be enclosed": the notes say which.</summary>
/// <remarks>Every number rests on the error budget of <see cref="T:Hindsight.Ival"/> and on the declared continuity of the loss.</remarks>
[<NoComparison>]
type Certificate =
    {
        /// The loss.
        Name: string
        /// Labels; for a label domain of two ends, these two only.
        Label: Ival
        /// Scores.
        Score: Ival
        /// inf loss.
        Infimum: Enclosure
        /// sup loss.
        Supremum: Enclosure
        /// sup |first derivative|; null if the loss jumps.
        Lipschitz: Nullable<Enclosure>
        /// sup |second derivative|; null if the derivative jumps.
        Smoothness: Nullable<Enclosure>
        /// inf second derivative; null if the derivative jumps and the loss is not convex. Negative: not convex on the box.
        StrongConvexity: Nullable<Enclosure>
        /// Largest a with exp(-a loss) concave in the score: inf l''/l'^2; null where that is not finite.
        ExpConcavity: Nullable<Enclosure>
        /// sup |l'''| / l''^(3/2); null if the second derivative may be 0 or jumps.
        SelfConcordance: Nullable<Enclosure>
        /// Polyak-Lojasiewicz constant: inf (l'^2/2) / (l - l*), l* the least value over the scores of the box, label by label.
        PolyakLojasiewicz: Nullable<Enclosure>
        /// Quadratic growth constant: inf 2 (l - l*) / (z - z*)^2 about the minimiser z* over the scores of the box, label by label.
        QuadraticGrowth: Nullable<Enclosure>
        /// Why something is null, and what was assumed.
        Notes: string[]
    }

    /// A line for each constant, then the notes.
    override ToString: unit -> string

namespace Hindsight.FSharp

open Hindsight

/// <summary>Constants of a loss on a box, enclosed by interval jets and bisection.</summary>
/// <remarks>
/// Best-first branch and bound on boxes of labels and scores. A box is bounded by the interval extension cut with its mean value form, and collapsed where a partial derivative has one sign; the other
/// bound comes from evaluation at points, over intervals too. The mean value form of a derivative is used only as far as the loss declares that derivative continuous: a loss that jumps itself
/// declares continuity -1. Boxes are finite and lie in the closure of the loss's domains; else OutOfRange. A loss whose labels are two ends is certified at those that the box contains.
/// A loss of the difference of score and label alone (its derivative along (1, 1) is 0 exactly) is searched over the differences, whose ends are rounded outward.
/// Growth constants: with l'' at least m on a stretch of scores that reaches to the minimiser, both ratios are at least m there, which settles the 0/0 at the minimiser; away from it the ratios are enclosed as they stand. Derived here.
/// </remarks>
[<RequireQualifiedAccess>]
module Certify =
    /// The infimum of the loss.
    val infimum:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// The supremum of the loss.
    val supremum:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// sup |l'|.
    val lipschitz:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// sup |l''|. Incompatible for a loss whose derivative jumps.
    val smoothness:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// inf l''. Incompatible for a loss whose derivative jumps, unless it is convex: jumps upward do not lower the constant.
    val strongConvexity:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// inf l''/l'^2: the largest a with exp(-a l) concave in the score. Where both are 0 there is no constraint.
    val expConcavity:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// sup |l'''|/l''^(3/2). Incompatible if the second derivative jumps or is not bounded away from 0.
    val selfConcordance:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// inf (l'^2/2)/(l - l*).
    val polyakLojasiewicz:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// inf 2 (l - l*)/(z - z*)^2.
    val quadraticGrowth:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Enclosure, HindsightError>

    /// The scores that can be a minimiser for some label of the given ones: an enclosure of all of them.
    val minimiser: loss: ILoss -> label: Ival -> score: Ival -> Result<Ival, HindsightError>

    /// All constants.
    val certificate:
        options: CertifyOptions -> loss: ILoss -> label: Ival -> score: Ival -> Result<Certificate, HindsightError>
