namespace Hindsight

open System

/// <summary>State of groupwise online regression: one Vovk-Azoury-Warmuth forecaster a group, and AdaNormalHedge over those whose group the round is in.</summary>
/// <remarks>Labels lie in [-Y, Y]; forecasts are clipped to it. A group outside 0 .. M-1 is a HindsightException. A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type GroupwiseState =
    /// M.
    member Groups: int
    /// Length of x.
    member Dimension: int
    /// Y.
    member Label: float
    /// All rounds.
    member Rounds: int64
    /// The rounds of each group: a view.
    member Active: ReadOnlySpan<int64>
    /// The aggregate's square loss on each group: a view.
    member Losses: ReadOnlySpan<float>
    /// min_u lambda |u|^2 + sum (u'x - y)^2 on the rounds of a group.
    member Comparator: group: int -> float
    /// The aggregate's square loss on a group less its comparator.
    member Regret: group: int -> float
    /// The forecaster of a group.
    member Oracle: group: int -> RidgeState

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Online regression with small regret on every one of many groups that may overlap (arXiv 2310.04652): a sleeping-experts aggregate of one oracle a group.</summary>
/// <remarks>Add a group that is always active for the regret over all rounds. x is finite and of the state's dimension, else a HindsightException.</remarks>
[<RequireQualifiedAccess>]
module Groupwise =
    /// The state before any round: groups &gt;= 1, dimension &gt;= 1, regularisation &gt; 0, label Y &gt; 0.
    val start:
        groups: int -> dimension: int -> regularisation: float -> label: float -> Result<GroupwiseState, HindsightError>

    /// The aggregate's forecast for a round that is in the active groups; 0 if it is in none.
    val predict: x: ReadOnlySpan<float> -> active: ReadOnlySpan<bool> -> state: GroupwiseState -> float
    /// A round, in place; a label outside [-Y, Y] is a HindsightException. Returns the forecast that was charged.
    val step: x: ReadOnlySpan<float> -> active: ReadOnlySpan<bool> -> label: float -> state: GroupwiseState -> float
    /// Y^2 ln det + 4 Y^2 sqrt(3 t ln(M (5/2 + (3/2) ln(1 + T)))) for a group, from the state; OutOfRange for a group outside 0 .. M-1 or before any round.
    val regretBound: group: int -> state: GroupwiseState -> Result<Bound, HindsightError>
