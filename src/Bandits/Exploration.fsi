namespace Hindsight

open System

/// <summary>One of a bandit's three independent parts: a distribution over the available arms from their predicted costs.</summary>
/// <remarks>Every rule: probabilities are &gt;= 0 and sum to 1; minimisers that tie share their mass equally; K is the number of available arms;
/// predictions have been clipped to [0,1] by the bandit.</remarks>
type IExplorationRule =
    /// Name, for reports and snapshots.
    abstract Name: string
    /// Whether it reads widths.
    abstract NeedsWidths: bool

    /// Fills the probabilities of K = predictions.Length arms. <c>widths</c> is empty unless NeedsWidths. <c>gamma</c> &gt;= 0 is the round's exploration parameter.
    abstract Distribution:
        predictions: ReadOnlySpan<float> * widths: ReadOnlySpan<float> * gamma: float * probabilities: Span<float> ->
            unit

    /// The guaranteed price of the round for these predictions, gamma and probabilities; +inf for a rule without a guarantee.
    abstract Price: predictions: ReadOnlySpan<float> * gamma: float * probabilities: ReadOnlySpan<float> -> float

/// <summary>Normalisation of inverse gap weighting.</summary>
type Normalization =
    /// mu = K, the remainder to the minimisers (SquareCB as published).
    | FixedMu = 0
    /// The lambda in [1, K] at which 1/(lambda + gamma gap) sums to 1: equalises the worst case over the best arm and halves the per-round bound.
    | Exact = 1

/// <summary>Inverse gap weighting: p_a = 1/(K + gamma (y_a - y_b)), or the exact normalisation.</summary>
[<Sealed>]
type InverseGapWeighting =
    new: normalization: Normalization -> InverseGapWeighting
    interface IExplorationRule

/// <summary>Re-weighted inverse gap weighting (FastCB): p_a = y_b/(K y_b + gamma (y_a - y_b)), or its exact normalisation; at y_b = 0 the minimisers share everything.</summary>
[<Sealed>]
type ReweightedInverseGapWeighting =
    new: normalization: Normalization -> ReweightedInverseGapWeighting
    interface IExplorationRule

/// <summary>With probability gamma uniform, otherwise greedy.</summary>
[<Sealed>]
type EpsilonGreedyRule =
    new: unit -> EpsilonGreedyRule
    interface IExplorationRule

/// <summary>The minimisers of the predicted cost.</summary>
[<Sealed>]
type GreedyRule =
    new: unit -> GreedyRule
    interface IExplorationRule

/// <summary>Every available arm alike.</summary>
[<Sealed>]
type UniformRule =
    new: unit -> UniformRule
    interface IExplorationRule

/// <summary>LinUCB for costs: the minimisers of prediction - gamma * width.</summary>
[<Sealed>]
type LowerConfidenceRule =
    new: unit -> LowerConfidenceRule
    interface IExplorationRule

/// <summary>Thompson sampling with independent normal marginals: arm a's chance that its draw N(y_a, (gamma width_a)^2) is the smallest, by quadrature, so that propensities are known.</summary>
[<Sealed>]
type ThompsonRule =
    new: unit -> ThompsonRule
    interface IExplorationRule

/// <summary>How the exploration parameter moves with the rounds.</summary>
type GammaSchedule =
    /// gamma_t = Scale.
    | Constant = 0
    /// gamma_t = Scale * t^Exponent, t = 1, 2, ...
    | Power = 1
    /// gamma = sqrt(K T/(R + ln(2/delta))), the theorem of SquareCB, R the un-halved square-loss regret of the oracle.
    | SquareTheorem = 2
    /// gamma_t = max(10 K, sqrt(K L_t/(3 R))), the theorem of FastCB with the running cost L_t for L*, R the log-loss regret.
    | FastTheorem = 3

/// <summary>Parameters of a schedule; those that its kind does not read are ignored.</summary>
[<NoComparison>]
type GammaOptions =
    {
        Kind: GammaSchedule
        Scale: float
        Exponent: float
        Horizon: float
        OracleRegret: float
        Delta: float
    }

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Inverse gap weighting and its exact theory, as pure functions over spans.</summary>
[<RequireQualifiedAccess>]
module Igw =
    /// p_a = 1/(K + gamma gap_a) for non-minimisers; the minimisers share the rest.
    val fixedMu: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> unit
    /// p_a = 1/(lambda + gamma gap_a), lambda in [1, K] the root of sum = 1. Returns lambda. Decision value at c = gamma/4: (K-1)/gamma exactly.
    val exact: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> float
    /// p_a = y_b/(K y_b + gamma gap_a) for non-minimisers; the minimisers share the rest (everything at y_b = 0).
    val reweighted: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> unit
    /// p_a = y_b/(lambda y_b + gamma gap_a), lambda in [1, K] the root of sum = 1. Returns lambda.
    val reweightedExact: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> float
    /// max over f in R^K and a* of sum_a p_a (f_a - f_a*) - c sum_a p_a (f_a - y_a)^2
    /// = max_a [ sum_b p_b y_b - y_a + (1 - p_a)/(4 c p_a) ]; +inf if some p_a = 0.
    val decisionValue: predictions: ReadOnlySpan<float> -> c: float -> probabilities: ReadOnlySpan<float> -> float

/// <summary>Exploration schedules.</summary>
[<RequireQualifiedAccess>]
module Gamma =
    /// gamma of round t (1, 2, ...) with K available arms and the cost so far.
    val at: options: GammaOptions -> round: int64 -> arms: int -> cumulativeCost: float -> float
    /// The options, or the first that is out of its domain.
    val validate: options: GammaOptions -> Result<GammaOptions, HindsightError>
