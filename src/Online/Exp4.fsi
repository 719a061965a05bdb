namespace Hindsight

open System

/// <summary>State of Exp4: summed loss estimates of every expert, and the weights of the coming round.</summary>
/// <remarks>A step changes it in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type Exp4State =
    /// Number of experts.
    member Experts: int
    /// Number of arms.
    member Arms: int
    /// The step.
    member Eta: float
    /// Observations so far.
    member Rounds: int64
    /// The experts' weights in the coming round: a view, valid until the next step.
    member Weights: ReadOnlySpan<float>
    /// The experts' summed estimates: a view, valid until the next step.
    member Estimates: ReadOnlySpan<float>
    /// Cumulative loss of the arms drawn.
    member Loss: float
    /// sum over rounds and experts of weight times the squared estimate of the expert's loss.
    member SecondOrder: float
    /// sum over rounds of the weighted estimates, less the least expert's.
    member EstimatedRegret: float
    /// A state of its own with the same contents.
    member Copy: unit -> Exp4State

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Exp4: exponential weights over M experts, each of which advises with a distribution over the arms.</summary>
/// <remarks>Advice is a matrix by rows: advice[m K + a] is expert m's probability of arm a; every row is &gt;= 0 and sums to 1 (to 1e-9). A round: <c>distribution</c> or <c>choose</c>
/// with the advice, then <c>step</c> with the same advice. Source: Auer, Cesa-Bianchi, Freund and Schapire (2002).</remarks>
[<RequireQualifiedAccess>]
module Exp4 =
    /// The state before any observation: eta &gt; 0, experts &gt;= 2, arms &gt;= 2.
    val start: eta: float -> experts: int -> arms: int -> Result<Exp4State, HindsightError>

    /// <summary>Writes the arms' distribution of the coming round, the weighted mean of the advice.</summary>
    /// <returns>WrongDimension or OutOfRange for advice or a target of the wrong form.</returns>
    val distribution:
        advice: ReadOnlySpan<float> -> target: Span<float> -> state: Exp4State -> Result<unit, HindsightError>

    /// The arm of the coming round: a pure function of seed, round, advice and state.
    val choose: seed: uint64 -> advice: ReadOnlySpan<float> -> state: Exp4State -> Result<int, HindsightError>

    /// <summary>One observation, in place; returns the state.</summary>
    /// <returns>WrongDimension or OutOfRange, the state as it was.</returns>
    val step:
        advice: ReadOnlySpan<float> -> arm: int -> loss: float -> state: Exp4State -> Result<Exp4State, HindsightError>

    /// The bound on the expected regret after as many rounds as the state has seen (at least one).
    val regretBound: state: Exp4State -> Result<Bound, HindsightError>
    /// The bound on <c>EstimatedRegret</c>, from the state's own second-order term: holds on every sequence.
    val estimatedRegretBound: state: Exp4State -> Result<Bound, HindsightError>
