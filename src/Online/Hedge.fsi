namespace Hindsight

open System

/// <summary>State of exponential weights over N experts: cumulative losses and the weights that they make, in log space.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type HedgeState =
    /// N.
    member Experts: int
    /// eta.
    member Rate: float
    /// Rounds so far.
    member Rounds: int64
    /// The weights of the next round, summing to 1: a view, valid until the next step.
    member Weights: ReadOnlySpan<float>
    /// Cumulative loss of every expert: a view.
    member ExpertLosses: ReadOnlySpan<float>
    /// Cumulative loss of the learner.
    member LearnerLoss: float
    /// sum &lt;p_t, l_t^2&gt;.
    member SecondMoment: float
    /// Least cumulative loss of an expert.
    member BestLoss: float
    /// The learner's loss less the best expert's.
    member Regret: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Hedge (Littlestone and Warmuth 1994; Freund and Schapire 1997): weights proportional to q_i e^(-eta L_i), losses in [0,1], the learner pays their mean.</summary>
[<RequireQualifiedAccess>]
module Hedge =
    /// Uniform prior over experts &gt;= 1, rate &gt; 0.
    val start: experts: int -> rate: float -> Result<HedgeState, HindsightError>
    /// A prior of positive weights with sum 1 (to 1e-9), rate &gt; 0.
    val startWithPrior: prior: ReadOnlySpan<float> -> rate: float -> Result<HedgeState, HindsightError>
    /// sqrt(8 ln N/T): the rate that is best for a horizon T &gt;= 1; experts &gt;= 2.
    val rateFor: experts: int -> horizon: float -> Result<float, HindsightError>
    /// The losses of a round, in place; one that is outside [0,1], or another number of them, is a HindsightException.
    val step: losses: ReadOnlySpan<float> -> state: HedgeState -> unit
    /// ln(1/q_i)/eta + eta T/8 for the expert that is best so far (ln N/eta + eta T/8 with a uniform prior).
    val regretBound: state: HedgeState -> Result<Bound, HindsightError>
    /// KL(u|q)/eta + eta T/8 against a mixture of experts.
    val regretBoundAgainst: comparator: ReadOnlySpan<float> -> state: HedgeState -> Result<Bound, HindsightError>
    /// (eta L + ln N)/(1 - e^-eta), a bound on the learner's loss; Incompatible with another prior than the uniform one.
    val lossBound: state: HedgeState -> Result<Bound, HindsightError>
    /// ln N/eta + eta V; Incompatible with another prior than the uniform one, OutOfRange for a rate above 1.
    val secondOrderBound: state: HedgeState -> Result<Bound, HindsightError>

/// <summary>The exponentially weighted average prediction: the same weights, and the learner pays the loss of their mean prediction.</summary>
/// <remarks>For losses that are eta-exp-concave in the prediction: square loss 1/(2 R^2) on an interval of length R, log loss 1.</remarks>
[<RequireQualifiedAccess>]
module ExponentialWeights =
    /// Uniform prior over experts &gt;= 1; rate &gt; 0, the loss's exp-concavity.
    val start: experts: int -> rate: float -> Result<HedgeState, HindsightError>
    /// The mean of the experts' predictions under the weights; a prediction that is not finite, or another number of them, is a HindsightException.
    val predict: predictions: ReadOnlySpan<float> -> state: HedgeState -> float
    /// The experts' losses and the loss of the prediction, in place; losses are finite, else a HindsightException.
    val step: losses: ReadOnlySpan<float> -> loss: float -> state: HedgeState -> unit
    /// ln N/eta.
    val regretBound: state: HedgeState -> Result<Bound, HindsightError>
