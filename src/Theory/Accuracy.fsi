namespace Hindsight

/// <summary>One measured result: where, what came out, what is true, and how hard the problem is there.</summary>
[<NoComparison>]
type AccuracyPoint =
    {
        /// The parameters of the loss.
        Parameters: float[]
        Label: float
        Score: float
        /// The result in double precision.
        Computed: float
        /// The result in double-double, rounded.
        Expected: float
        /// |label d/dlabel f| + |score d/dscore f| over |f|: what relative errors of the inputs are multiplied by.
        Condition: float
        /// The same for the parameters, |parameter d/dparameter f| over |f|, summed; measured by <c>entry</c> where the error is above 4 max(1, Condition), elsewhere 0.
        ParameterCondition: float
        /// |computed - expected| in units in the last place of the expected.
        Error: float
    }

    /// Error over max(1, condition); 0 where the condition number is infinite.
    member Excess: float
    /// Error over max(1, condition + parameter condition).
    member ExcessOfAll: float

/// <summary>The accuracy of a loss's value (order 0), first (1) or second (2) derivative in the score.</summary>
[<NoComparison>]
type AccuracyOrder =
    {
        Order: int
        /// How many points were judged.
        Points: int
        /// How many of them are well conditioned.
        WellConditioned: int
        /// Points left out because the result overflows, or is too small for the reference to have its digits (below 2^-960, where it is not 0).
        OutOfRange: int
        /// Points left out because the double-double formula itself loses so many digits there that it is no reference.
        Unresolved: int
        /// Points left out because the result jumps next to the inputs, within two of their units in the last place or, to just what was computed, 64 of those of 1.
        AtKink: int
        /// Points left out because the result is exactly 0 there but not around, so that no relative error is meaningful.
        Crossings: int
        /// The largest error among the well conditioned points; if there are none, an error of 0 at NaN.
        Worst: AccuracyPoint
        /// The largest error over condition among the others; if there are none, an error of 0 at NaN.
        WorstElsewhere: AccuracyPoint
        /// The largest error over max(1, condition) among all judged points; if there are none, an error of 0 at NaN.
        WorstExcess: AccuracyPoint
        /// How many points have an error above 4 max(1, condition).
        Beyond: int
        /// The largest error over max(1, condition + parameter condition) among those; if there are none, an error of 0 at NaN.
        WorstBeyond: AccuracyPoint
    }

    /// Error of <c>Worst</c>.
    member Ulps: float
    /// Error over condition of <c>WorstElsewhere</c>.
    member UlpsPerCondition: float
    /// Error over max(1, condition) of <c>WorstExcess</c>.
    member Excess: float
    /// Error over max(1, condition + parameter condition) of <c>WorstBeyond</c>.
    member BeyondExcess: float
    /// Share of the judged points that are well conditioned; NaN if none was judged.
    member Share: float

/// <summary>The accuracy of a loss over its domain.</summary>
[<NoComparison>]
type AccuracyReport =
    {
        /// The loss.
        Name: string
        Value: AccuracyOrder
        First: AccuracyOrder
        Second: AccuracyOrder
    }

    /// Value, First, Second.
    member Orders: AccuracyOrder[]

namespace Hindsight.FSharp

open Hindsight

/// <summary>How far the double-precision results of a scalar loss are from the truth, and how much of that is the problem's own condition.</summary>
/// <remarks>
/// <para>The truth is the same definition over double-double (<see cref="T:Hindsight.DD"/>). That it can be trusted at a point is checked there: the definition is evaluated a second time with every operation
/// off by up to 2^-80, and a point where this moves the result by more than 2^-36, relatively, is left out and counted.</para>
/// <para>The condition number comes from jets nested over double-double. A label or score of 0 adds nothing to it, and a derivative that is not a number makes it infinite.
/// A result that is exactly 0 all around is well conditioned and must come out as 0; a zero crossing is infinitely ill conditioned and is not judged.</para>
/// </remarks>
[<RequireQualifiedAccess>]
module Accuracy =
    /// Problems with at most this condition number are well conditioned: 4.
    [<Literal>]
    val WellConditioned: float = 4.0

    /// What error over max(1, condition) should stay below: 4 units in the last place.
    [<Literal>]
    val Aim: float = 4.0

    /// <summary>Where to measure: labels at the ends and inside, scores dense around 0, at the label and at its link, up to 1000, and of random magnitudes from 1e-80 to 1000.</summary>
    /// <remarks>Pure: the same seed gives the same points.</remarks>
    val points: seed: uint64 -> count: int -> metadata: LossMetadata -> struct (float * float)[]

    /// The default parameters, and as many drawn uniformly from the typical ones as asked for; only the defaults if the loss has none.
    val parameters: seed: uint64 -> draws: int -> entry: LossEntry -> float[][]

    /// Judges one loss at the given (label, score) pairs.
    val measure: parameters: float[] -> loss: ILoss -> points: struct (float * float)[] -> AccuracyReport

    /// <summary>Judges a row of the registry at its default parameters and at drawn ones, each at <c>count</c> points of its own.</summary>
    /// <returns>Incompatible for a loss of class scores.</returns>
    val entry: seed: uint64 -> draws: int -> count: int -> entry: LossEntry -> Result<AccuracyReport, HindsightError>
