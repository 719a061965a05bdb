namespace Hindsight

open System

/// <summary>One of a bandit's three independent parts: a distribution over the available arms from their predicted costs.</summary>
/// <remarks>Every rule: probabilities are &gt;= 0 and sum to 1; minimisers that tie (exactly equal predictions) share their mass equally; K is the number of
/// available arms, at least 1; predictions are finite. Spans of unequal length are a
/// <see cref="T:Hindsight.HindsightException"/> (WrongDimension). Rules have no state and may be shared. None allocates.</remarks>
type IExplorationRule =
    /// Name, for reports and snapshots.
    abstract Name: string
    /// Whether it reads widths.
    abstract NeedsWidths: bool

    /// Whether predictions are to be clipped to [0,1] before it reads them (rules that divide by a prediction).
    abstract Clips: bool

    /// Fills the probabilities of K = predictions.Length arms. <c>widths</c> is empty unless NeedsWidths. <c>gamma</c> &gt;= 0 is the round's exploration parameter.
    abstract Distribution:
        predictions: ReadOnlySpan<float> * widths: ReadOnlySpan<float> * gamma: float * probabilities: Span<float> ->
            unit

    /// The guaranteed price of the round for these predictions, gamma and probabilities: expected regret &lt;= price + (gamma/4) E(squared error of the
    /// played arm's prediction), for every mean cost vector. +inf for a rule whose gamma is not on that scale.
    abstract Price: predictions: ReadOnlySpan<float> * gamma: float * probabilities: ReadOnlySpan<float> -> float

/// <summary>Inverse gap weighting: p_a = 1/(K + gamma (y_a - y_b)), or the exact normalisation.</summary>
/// <remarks>gamma = 0 is uniform, gamma to infinity greedy; a constant added to all predictions changes nothing. Price: the exact decision value at
/// c = gamma/4 (+inf at gamma = 0 with two arms or more), at most 2(K-1)/gamma, and (K-1)/gamma for the exact normalisation.
/// Source: Foster and Rakhlin, "Beyond UCB" (2020), after Abe and Long (1999); prices derived here (see <c>Igw.decisionValue</c>).</remarks>
[<Sealed>]
type InverseGapWeighting =
    new: normalization: Normalization -> InverseGapWeighting
    interface IExplorationRule

/// <summary>Re-weighted inverse gap weighting (FastCB): p_a = y_b/(K y_b + gamma (y_a - y_b)), or its exact normalisation; at y_b = 0 the minimisers share everything.</summary>
/// <remarks>gamma = 0 is uniform (at y_b = 0 too); a common factor on all predictions changes nothing. Price: as for inverse gap weighting; the identity behind
/// it holds for every distribution (+inf at y_b = 0 with a positive gap). Its own first-order guarantee is in triangular discrimination, for gamma &gt;= 2K.
/// Source: Foster and Krishnamurthy, "Efficient first-order contextual bandits" (2021), in the form for costs, from memory.</remarks>
[<Sealed>]
type ReweightedInverseGapWeighting =
    new: normalization: Normalization -> ReweightedInverseGapWeighting
    interface IExplorationRule

/// <summary>With probability gamma (at most 1) uniform, otherwise greedy.</summary>
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
/// <remarks>P_a = int h_a(x) prod_b Q_b(x) dx, Q_b the chance that arm b draws above x, h_a = density/Q_a; 16-point Gauss-Legendre on panels of two standard
/// deviations of the narrowest arm; absolute error below 1e-10 (measured against the closed form for two arms: below 1e-14). A width of 0 is a certain cost;
/// all widths 0 (or gamma = 0) is greedy. Works in a pooled buffer. Source: derived here.</remarks>
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
/// <remarks>gap_a = y_a - y_b, y_b the least prediction. gamma &gt;= 0; predictions finite, for the re-weighted forms in [0,1] (a negative y_b counts as 0).
/// Spans of unequal length, and no arm at all, are a <see cref="T:Hindsight.HindsightException"/>. Ties are exactly equal predictions.</remarks>
[<RequireQualifiedAccess>]
module Igw =
    /// The minimisers share everything.
    val greedy: predictions: ReadOnlySpan<float> -> probabilities: Span<float> -> unit
    /// p_a = 1/(K + gamma gap_a) for non-minimisers; the minimisers share the rest, without subtraction: at least 1/K in floating point too.
    val fixedMu: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> unit
    /// p_a = 1/(lambda + gamma gap_a), lambda in [1, K] the root of sum = 1. Returns lambda. Decision value at c = gamma/4: (K-1)/gamma exactly.
    val exact: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> float
    /// p_a = y_b/(K y_b + gamma gap_a) for non-minimisers; the minimisers share the rest (everything at y_b = 0).
    val reweighted: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> unit
    /// p_a = y_b/(lambda y_b + gamma gap_a), lambda in [1, K] the root of sum = 1. Returns lambda.
    val reweightedExact: predictions: ReadOnlySpan<float> -> gamma: float -> probabilities: Span<float> -> float
    /// max over f in R^K and a* of sum_a p_a (f_a - f_a*) - c sum_a p_a (f_a - y_a)^2
    /// = max_a [ sum_b p_b y_b - y_a + (1 - p_a)/(4 c p_a) ]; +inf if some p_a = 0, and at c = 0 with two arms or more.
    /// For a* = a the maximiser in f is y_b + 1/(2c) for b &lt;&gt; a and y_a - (1 - p_a)/(2 c p_a). Derived here; no distribution has less than (K-1)/(4c).
    val decisionValue: predictions: ReadOnlySpan<float> -> c: float -> probabilities: ReadOnlySpan<float> -> float

/// <summary>Exploration schedules.</summary>
[<RequireQualifiedAccess>]
module Gamma =
    /// gamma of round t (1, 2, ...; below 1 counts as 1) with K available arms and the cost so far, for validated options. Finite.
    val at: options: GammaOptions -> round: int64 -> arms: int -> cumulativeCost: float -> float
    /// The options, or the first that is out of its domain.
    val validate: options: GammaOptions -> Result<GammaOptions, HindsightError>
