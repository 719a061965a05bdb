namespace Hindsight

open System.IO

/// How a confidence sequence turns what it saw into two ends. Everything in units of the range.
[<AbstractClass>]
type internal IntervalRule =
    new: unit -> IntervalRule
    /// One observation.
    abstract Observe: y: float -> unit
    /// This round's ends (the ends so far, for betting); may lie outside of the range.
    abstract Lower: float
    abstract Upper: float
    abstract CoversAverage: bool
    abstract Bound: unit -> Result<Bound, HindsightError>
    abstract Evidence: mean: float -> Result<float, HindsightError>
    default Evidence: mean: float -> Result<float, HindsightError>
    abstract Save: writer: BinaryWriter -> unit
    abstract Load: reader: BinaryReader -> unit

/// <summary>A confidence sequence for a mean: an interval after every observation, and with probability at least 1 - delta the mean is in all of them at once. It may be read, and the run stopped, at any time.</summary>
/// <remarks>
/// Built by <see cref="T:Hindsight.FSharp.ConfidenceSequence"/>. Observations may depend on the past in any way; what is estimated is their mean given the past.
/// Where that mean is one number mu, mu is in [Lower, Upper], the intersection of all intervals so far. Where it moves, only a sequence with <c>CoversAverage</c> says something:
/// its [AverageLower, AverageUpper] contains the average of the conditional means so far (the expected cost a round of a bandit that learns, for instance); that average moves, so those intervals are not intersected.
/// A step allocates nothing (the history of the betting sequences doubles its buffer now and then). Not for concurrent use.
/// </remarks>
[<Sealed; NoComparison; NoEquality>]
type ConfidenceSequence =
    internal new:
        name: string * low: float * high: float * scale: float * delta: float * rule: IntervalRule -> ConfidenceSequence

    /// "normal-mixture", "stitched", "stitched-empirical", "empirical-bernstein", "empirical-bernstein-lower", "betting", "betting-lower".
    member Name: string
    /// Least possible observation.
    member Low: float
    /// Greatest possible observation; infinity for the lower sequences of unbounded observations.
    member High: float
    /// Failure probability of both sides together (of the lower side, where there is only one).
    member Delta: float
    /// Observations so far.
    member Rounds: int64
    /// Their average; the middle of the range (the least value, if it has no end) before the first.
    member Mean: float
    /// The mean is at least this: the greatest lower end so far.
    member Lower: float
    /// The mean is at most this: the least upper end so far.
    member Upper: float
    /// True once lower and upper ends have crossed: with probability 1 - delta this happens only if there is no one mean.
    member IsEmpty: bool
    /// Whether this round's own interval contains the average of the conditional means, whatever way they move.
    member CoversAverage: bool
    /// Lower end of this round's interval for the average conditional mean; the least value where CoversAverage is false.
    member AverageLower: float
    /// Upper end of this round's interval for the average conditional mean; the greatest value where CoversAverage is false.
    member AverageUpper: float
    /// <summary>One observation, in place.</summary>
    /// <remarks>Finite and in [Low, High], else a HindsightException (OutOfRange).</remarks>
    member Update: x: float -> unit
    /// Writes every bit of the state.
    member Save: writer: BinaryWriter -> unit
    /// Reads what Save wrote into a sequence that was built alike; a HindsightException (Incompatible) if it was not.
    member Load: reader: BinaryReader -> unit
    /// A value in units of the range.
    member internal ToUnits: x: float -> float
    /// The rule behind it.
    member internal Rule: IntervalRule

namespace Hindsight.FSharp

open Hindsight

/// <summary>Confidence sequences for the mean of bounded observations (and lower ones for observations without an upper limit).</summary>
/// <remarks>
/// Errors of all: OutOfRange for low, high (not below), scale, delta outside (0,1), and what else is named. Observations x enter as y = (x - low)/(high - low).
/// Which one: <c>betting</c> is narrowest for one mean and keeps the observations (16 bytes a round); <c>empiricalBernstein</c> nearly as narrow later, in constant memory;
/// <c>stitchedEmpirical</c> adapts to the variance too and covers an average that moves; <c>normalMixture</c> and <c>stitched</c> do not adapt.
/// </remarks>
[<RequireQualifiedAccess>]
module ConfidenceSequence =
    /// <summary>Two-sided normal mixture, intrinsic time t/4: |S| &lt; sqrt((v + rho)(ln(1 + v/rho) + 2 ln(1/delta))), rho best at the given number of rounds.</summary>
    /// <remarks>Covers averages. Robbins (1970), Howard, Ramdas, McAuliffe and Sekhon (2021).</remarks>
    val normalMixture:
        low: float -> high: float -> bestAt: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>Stitched boundary with intrinsic time t/4 from 1/4 on, eta = 2, s = 1.4, delta/2 a side: widths fall as sqrt((ln ln t)/t).</summary>
    /// <remarks>Covers averages. Howard, Ramdas, McAuliffe and Sekhon (2021), Theorem 1.</remarks>
    val stitched: low: float -> high: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>Stitched boundary of scale 1 with intrinsic time sum (y_i - c_i)^2 from 1 on, c_i = (1/2 + sum of the y before i)/i, eta = 2, s = 1.4, delta/2 a side.</summary>
    /// <remarks>Covers averages, and adapts to the variance. Howard, Ramdas, McAuliffe and Sekhon (2021), Theorem 4.</remarks>
    val stitchedEmpirical: low: float -> high: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>Predictable plug-in empirical Bernstein, delta/2 a side: sum lambda y/sum lambda -+ (ln(2/delta) + sum psi(lambda_i)(y_i - c_i)^2)/sum lambda.</summary>
    /// <remarks>lambda_t = min(1/2, sqrt(2 ln(2/delta)/(s_(t-1)^2 t ln(1+t)))), s_t^2 = (1/4 + sum (y_i - m_i)^2)/(t+1), m_t = (1/2 + sum y)/(t+1), c_t = m_(t-1). For one mean. Waudby-Smith and Ramdas (2024), Theorem 2.</remarks>
    val empiricalBernstein: low: float -> high: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>The lower side alone, delta, for observations in [low, inf); centres are cut at low + scale.</summary>
    /// <param name="low">Least possible observation.</param>
    /// <param name="scale">A typical size of x - low, &gt; 0, chosen before the data: a bad choice costs width, not validity.</param>
    /// <param name="delta">Failure probability.</param>
    val empiricalBernsteinLower:
        low: float -> scale: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>Hedged betting, delta/2 a side: the means m at which neither prod(1 + l_i (y_i - m)) nor prod(1 - l'_i (y_i - m)) has reached 2/delta, l_i = min(lambda_i, c/m), l'_i = min(lambda_i, c/(1 - m)), lambda_i as in empiricalBernstein before the cap, c = 1/2.</summary>
    /// <remarks>Each product is monotone in m, so the ends are roots; a root is sought only where the product at the present end has come to 2/delta, otherwise a step costs one multiplication. For one mean.
    /// Waudby-Smith and Ramdas (2024), Theorem 3.</remarks>
    val betting: low: float -> high: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>The lower side of betting alone, delta, for observations in [low, inf).</summary>
    /// <param name="low">Least possible observation.</param>
    /// <param name="scale">A typical size of x - low, &gt; 0, chosen before the data.</param>
    /// <param name="delta">Failure probability.</param>
    val bettingLower: low: float -> scale: float -> delta: float -> Result<ConfidenceSequence, HindsightError>

    /// <summary>Evidence of a betting sequence against a mean: the logarithm of the capital, at this round, of betting against it (half on each side for <c>betting</c>, the greater counts); e to it has expectation at most 1 under that mean.</summary>
    /// <returns>Incompatible for another sequence; OutOfRange for a mean outside of the range.</returns>
    val evidence: mean: float -> state: ConfidenceSequence -> Result<float, HindsightError>

    /// <summary>What the sequence's calculator says of this round, in units of the range: the deviation of the sum (mixture, stitched), the width of the weighted mean (empirical Bernstein),
    /// the lower end of this round alone (betting). Two-sided sequences but the mixture put delta/2 into it.</summary>
    /// <returns>Incompatible before the first observation.</returns>
    val bound: state: ConfidenceSequence -> Result<Bound, HindsightError>
