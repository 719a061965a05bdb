namespace Hindsight.FSharp

open Hindsight

/// <summary>Substitution functions: from generalised losses g_y = -(1/eta) ln sum w_i e^(-eta l(y, p_i)) to one prediction that is no worse for any label.</summary>
[<RequireQualifiedAccess>]
module Substitution =
    /// <summary>Square loss on [0,1], eta = 2: 1/2 + (g0 - g1)/2, cut to [0,1].</summary>
    /// <remarks>At it p^2 - g0 = (1-p)^2 - g1. Good for labels inside [0,1] too (Vovk 2001).</remarks>
    val square: atZero: float -> atOne: float -> float

    /// <summary>Brier score, eta = 1: p_j = max(s - g_j, 0)/2 with s such that p sums to 1.</summary>
    /// <param name="generalised">g_j of each class, at least one, finite.</param>
    /// <remarks>Vovk and Zhdanov (2009).</remarks>
    val brier: generalised: float[] -> Result<float[], HindsightError>

namespace Hindsight

/// <summary>A game that the Aggregating Algorithm plays: its loss, where labels and predictions lie, and its learning rate.</summary>
[<Sealed; NoComparison; NoEquality>]
type AggregatingGame =
    /// <summary>Square loss, un-halved, labels and predictions in [low, high], low &lt; high: eta = 2/(high - low)^2.</summary>
    /// <remarks>A HindsightException (OutOfRange) for another interval.</remarks>
    static member Square: low: float * high: float -> AggregatingGame
    /// Log loss -y ln p - (1-y) ln(1-p), labels in [0,1], predictions in (0,1): eta = 1.
    static member Log: AggregatingGame
    /// "square" or "log".
    member Name: string
    /// Where labels lie.
    member Labels: Domain
    /// Where predictions lie.
    member Predictions: Domain
    /// The learning rate, the game's mixability constant.
    member Eta: float
    /// The loss of a prediction.
    member Loss: label: float * prediction: float -> float

/// <summary>State of the Aggregating Algorithm: the cumulative losses of learner and experts. Never changes; a step makes a new one.</summary>
[<Sealed; NoComparison; NoEquality>]
type AggregatingState =
    /// The game.
    member Game: AggregatingGame
    /// Number of experts.
    member Experts: int
    /// Labels seen.
    member Rounds: int64
    /// Cumulative loss of the learner.
    member LearnerLoss: float
    /// Cumulative loss of every expert, a copy.
    member ExpertLosses: float[]
    /// The learner's loss less the best expert's.
    member Regret: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>The Aggregating Algorithm over N experts (Vovk 1990): pure steps, regret at most (ln N)/eta on every sequence.</summary>
/// <remarks>Weights w_i proportional to e^(-eta L_i), uniform at the start. A round: <c>predict</c> with the experts' predictions, then <c>step</c> with the label and the same predictions.</remarks>
[<RequireQualifiedAccess>]
module AggregatingAlgorithm =
    /// The state before any label: experts &gt;= 1.
    val start: game: AggregatingGame -> experts: int -> Result<AggregatingState, HindsightError>
    /// The weights of the experts; they sum to 1.
    val weights: state: AggregatingState -> float[]

    /// <summary>The learner's prediction.</summary>
    /// <returns>WrongDimension for another number of predictions; OutOfRange for one outside the game's domain.</returns>
    val predict: predictions: ReadOnlySpan<float> -> state: AggregatingState -> Result<float, HindsightError>

    /// <summary>The state after a label: the learner is charged for <c>predict</c> of the same predictions.</summary>
    /// <returns>As predict, and OutOfRange for a label outside the game's domain.</returns>
    val step:
        label: float ->
        predictions: ReadOnlySpan<float> ->
        state: AggregatingState ->
            Result<AggregatingState, HindsightError>

    /// <summary>(ln N)/eta: the most that the regret against the best expert can be, whatever the sequence.</summary>
    /// <remarks>Deterministic, upper; Vovk (1990, 1998). Mixability gives: learner's loss &lt;= -(1/eta) ln((1/N) sum e^(-eta L_i)).</remarks>
    val regretBound: state: AggregatingState -> Bound
