namespace Hindsight

open System

/// <summary>How Tsallis-INF estimates losses and chooses its step.</summary>
[<RequireQualifiedAccess>]
type TsallisVariant =
    /// Estimates l/p, step 2/sqrt t.
    | ImportanceWeighted = 0
    /// Estimates 1{drawn}(l - b)/p + b with b = 1/2 where p &gt;= eta^2 and 0 elsewhere, step eta = 4/sqrt t.
    | ReducedVariance = 1
    /// Estimates l/p, one step for all rounds.
    | FixedStep = 2

/// <summary>State of Tsallis-INF with power 1/2: summed loss estimates of every arm, and the distribution of the coming round.</summary>
/// <remarks>A step changes it in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type TsallisInfState =
    /// Number of arms.
    member Arms: int
    /// The variant.
    member Variant: TsallisVariant
    /// The largest loss that is accepted; losses are divided by it inside.
    member Ceiling: float
    /// The step of the coming round.
    member Eta: float
    /// Observations so far.
    member Rounds: int64
    /// The distribution of the coming round: a view, valid until the next step.
    member Distribution: ReadOnlySpan<float>
    /// The summed estimates of every arm, of losses over the ceiling: a view, valid until the next step.
    member Estimates: ReadOnlySpan<float>
    /// Cumulative loss of the arms drawn.
    member Loss: float
    /// A state of its own with the same contents.
    member Copy: unit -> TsallisInfState

namespace Hindsight.FSharp

open Hindsight

/// <summary>Tsallis-INF: the leader regularised by Tsallis entropy of power 1/2, best up to constants against adversaries and where arms have gaps, without being told which.</summary>
/// <remarks>p = argmin &lt;p, L&gt; - (4/eta) sum sqrt p, that is p_i = (2/(eta (L_i - x)))^2 with x by Newton's method, monotone. A round: <c>choose</c>, play, <c>step</c>.
/// Source: Zimmert and Seldin (2021).</remarks>
[<RequireQualifiedAccess>]
module TsallisInf =
    /// The variant that needs no tuning: step 2/sqrt t, losses in [0,1], arms &gt;= 2.
    val start: arms: int -> Result<TsallisInfState, HindsightError>
    /// Reduced variance: step 4/sqrt t, losses in [0,1], arms &gt;= 2.
    val startReducedVariance: arms: int -> Result<TsallisInfState, HindsightError>
    /// One step eta &gt; 0 for losses in [0, ceiling], ceiling &gt; 0, arms &gt;= 2: the argument of the regulariser is losses over the ceiling.
    val startFixed: eta: float -> ceiling: float -> arms: int -> Result<TsallisInfState, HindsightError>
    /// The arm of the coming round: a pure function of seed, round and state.
    val choose: seed: uint64 -> state: TsallisInfState -> int

    /// <summary>One observation, in place; returns the state.</summary>
    /// <returns>OutOfRange for an arm that could not be drawn and for a loss outside [0, ceiling]; the state is then as it was.</returns>
    val step: arm: int -> loss: float -> state: TsallisInfState -> Result<TsallisInfState, HindsightError>

    /// The bound on the expected regret after as many rounds as the state has seen (at least one).
    val regretBound: state: TsallisInfState -> Result<Bound, HindsightError>
