namespace Hindsight

open System

/// <summary>The average of a learner's points, kept in place.</summary>
[<Sealed; NoComparison; NoEquality>]
type AverageState =
    /// The average so far; zero before any point. A view, valid until the next point.
    member Point: ReadOnlySpan<float>
    /// Points so far.
    member Rounds: int64

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Online to batch: the average of an online learner's points as the answer of a statistical problem.</summary>
[<RequireQualifiedAccess>]
module OnlineToBatch =
    /// No points yet; dimension &gt;= 1.
    val start: dimension: int -> Result<AverageState, HindsightError>
    /// A point that the learner played, in place. One that is not finite or of another length is a HindsightException.
    val step: point: ReadOnlySpan<float> -> state: AverageState -> unit
    /// R/T on the expected excess risk, R a bound on the expected regret.
    val riskBound: regret: Bound -> state: AverageState -> Result<Bound, HindsightError>
    /// R/T + sqrt(2 ln(1/delta)/T) with probability 1 - delta, losses in [0,1], R a bound on the regret that holds on every sequence.
    val riskBoundConfident: regret: Bound -> delta: float -> state: AverageState -> Result<Bound, HindsightError>
