namespace Hindsight.FSharp

open System.Collections.Generic
open Hindsight

/// Quantiles of the Beta distribution as functions of the probability, with exact first and second derivatives.
module internal BetaQuantile =
    /// The x with P(Beta(a, b) <= x) = probability.
    val at<'T when 'T :> IReal<'T> and 'T: struct> : a: float -> b: float -> number: float -> probability: 'T -> 'T
    /// The x with P(Beta(a, b) > x) = probability.
    val above<'T when 'T :> IReal<'T> and 'T: struct> : a: float -> b: float -> number: float -> probability: 'T -> 'T

/// <summary>Conformal prediction: sets that contain the next label with a chosen probability, whatever the law and whatever the model, as long as the order of the data says nothing.</summary>
/// <remarks>
/// A score says how badly a label fits a prediction: the larger the worse. alpha in (0,1) is the allowed probability of a miss. Levels are compared up to a relative 1e-12, so that 20 times 0.9 is 18.
/// Errors name the argument. An infinite threshold means that there are too few scores for the level: the set is everything.
/// </remarks>
[<RequireQualifiedAccess>]
module Conformal =
    // ---- split conformal ----

    /// k = ceiling((n+1)(1-alpha)): which of the n calibration scores, from the smallest, is the threshold; n+1 if none is.
    val rank: observations: int -> alpha: float -> Result<int, HindsightError>

    /// <summary>The threshold of split conformal prediction: the k-th smallest calibration score; infinity if k = n+1. The set is every label with a score at most that.</summary>
    /// <remarks>Vovk, Gammerman and Shafer (2005); Papadopoulos et al. (2002). Ties only add coverage.</remarks>
    val threshold: alpha: float -> scores: float[] -> Result<float, HindsightError>

    /// <summary>A threshold for each group of the calibration data (Mondrian, Vovk 2003): coverage in every group. A group that is not there has an infinite one.</summary>
    val groupThresholds:
        alpha: float -> groups: int[] -> scores: float[] -> Result<IReadOnlyDictionary<int, float>, HindsightError>

    /// <summary>The threshold with weights: the (1-alpha)-quantile of sum w_i delta(s_i) + w delta(infinity), weights made to sum to 1.</summary>
    /// <param name="alpha">Allowed probability of a miss.</param>
    /// <param name="scores">Calibration scores.</param>
    /// <param name="weights">Likelihood ratios of test to calibration law at the calibration points (Tibshirani et al. 2019), or weights fixed before (Barber et al. 2023); at least 0.</param>
    /// <param name="testWeight">The ratio at the test point, or 1; above 0.</param>
    val weightedThreshold:
        alpha: float -> scores: float[] -> weights: float[] -> testWeight: float -> Result<float, HindsightError>

    // ---- scores and their intervals ----

    /// |y - prediction|.
    val absoluteScore: label: float -> prediction: float -> float
    /// |y - prediction|/scale, scale &gt; 0: intervals prediction -+ threshold scale.
    val normalizedScore: label: float -> prediction: float -> scale: float -> float
    /// max(low - y, y - high) of predicted quantiles (Romano, Patterson and Candes 2019): intervals [low - threshold, high + threshold], empty if those cross.
    val quantileScore: label: float -> low: float -> high: float -> float
    /// The interval of the absolute score.
    val absoluteInterval: prediction: float -> threshold: float -> struct (float * float)
    /// The interval of the normalized score.
    val normalizedInterval: prediction: float -> scale: float -> threshold: float -> struct (float * float)
    /// The interval of the quantile score.
    val quantileInterval: low: float -> high: float -> threshold: float -> struct (float * float)

    // ---- without a calibration set ----

    /// <summary>The interval of jackknife+ (each model left out one observation) and of CV+ (each left out the observation's fold).</summary>
    /// <param name="alpha">Allowed probability of a miss; half of it is guaranteed against.</param>
    /// <param name="predictions">The prediction at the test point of the model that did not see observation i.</param>
    /// <param name="residuals">|y_i - that model's prediction at x_i|.</param>
    /// <returns>The floor(alpha (n+1))-th smallest prediction less residual and the ceiling((1-alpha)(n+1))-th smallest prediction plus residual; infinite where there is none.</returns>
    /// <remarks>Barber, Candes, Ramdas and Tibshirani (2021).</remarks>
    val jackknifePlus:
        alpha: float -> predictions: float[] -> residuals: float[] -> Result<struct (float * float), HindsightError>

    /// <summary>Full conformal prediction: whether a candidate label belongs to the set.</summary>
    /// <param name="alpha">Allowed probability of a miss.</param>
    /// <param name="scores">Scores of all n+1 points under a model fitted to all of them, the candidate among them, symmetric in its data; the candidate's is the last.</param>
    /// <returns>True if more than alpha (n+1) scores are at least the candidate's.</returns>
    val fullContains: alpha: float -> scores: float[] -> Result<bool, HindsightError>

    // ---- risk ----

    /// <summary>Conformal risk control: the first lambda at which n/(n+1) times the mean loss plus B/(n+1) is at most alpha. Then the expected loss of the next point at it is at most alpha.</summary>
    /// <param name="alpha">The allowed expected loss, below B.</param>
    /// <param name="most">B, the largest possible loss.</param>
    /// <param name="losses">losses[i][j]: loss of observation i at the j-th lambda, at most B, never increasing in j.</param>
    /// <returns>The index j; Incompatible if no lambda is safe enough.</returns>
    /// <remarks>Angelopoulos, Bates, Fisch, Lei and Schuster (2024), Theorem 1.</remarks>
    val riskControl: alpha: float -> most: float -> losses: float[][] -> Result<int, HindsightError>

    // ---- what they guarantee ----

    /// <summary>Coverage of split conformal prediction, exactly, when scores have no ties: k/(n+1).</summary>
    val splitCoverage: observations: int -> alpha: float -> Result<Bound, HindsightError>

    /// <summary>Coverage of the threshold in hand: with probability 1 - delta over the calibration data at least the delta-quantile of Beta(k, n+1-k).</summary>
    /// <returns>OutOfRange for an alpha below 1/(n+1), where the set is everything.</returns>
    val conditionalCoverage: observations: int -> alpha: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Coverage with weights fixed before, when the data drift: at least 1 - alpha - sum w_i TV_i/(1 + sum w_i).</summary>
    val driftCoverage: alpha: float -> weights: float[] -> distances: float[] -> Result<Bound, HindsightError>

    /// <summary>Coverage of jackknife+: at least 1 - 2 alpha.</summary>
    val jackknifePlusCoverage: alpha: float -> Result<Bound, HindsightError>

    /// <summary>Coverage of CV+ on n observations: at least 1 - 2 alpha - sqrt(2/n).</summary>
    val cvPlusCoverage: observations: int -> alpha: float -> Result<Bound, HindsightError>

    /// <summary>Expected loss of conformal risk control: at most alpha, where alpha is at least B/(n+1).</summary>
    val expectedRisk: observations: int -> alpha: float -> most: float -> Result<Bound, HindsightError>

    /// <summary>Adaptive conformal inference: |share of misses - alpha| after T rounds is at most (max(a_1, 1-a_1) + gamma)/(gamma T).</summary>
    val adaptiveError: horizon: float -> gamma: float -> initial: float -> Result<Bound, HindsightError>

    /// <summary>Quantile tracking of scores in [0, B]: |share of misses - alpha| after T rounds is at most (B + eta)/(eta T).</summary>
    val trackingError: horizon: float -> eta: float -> most: float -> Result<Bound, HindsightError>

    /// All of the family.
    val calculators: BoundCalculator[]
