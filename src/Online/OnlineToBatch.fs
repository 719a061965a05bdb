namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type AverageState internal (dimension: int) =
    let point: float[] = Array.zeroCreate dimension
    let mutable rounds = 0L

    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds

    member internal _.Add(next: ReadOnlySpan<float>) =
        Require.ok (Require.length "point" dimension next.Length)
        Require.ok (Require.allFinite "point" next)
        rounds <- rounds + 1L
        let share = 1.0 / float rounds

        for i in 0 .. dimension - 1 do
            point[i] <- point[i] + share * (next[i] - point[i])

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module OnlineToBatch =
    let start dimension =
        Require.atLeast "dimension" 1 dimension |> Result.map AverageState

    let step point (state: AverageState) = state.Add point

    /// The risk's bound rests on all that the regret's bound rests on.
    let private over (regret: Bound) (bound: Bound) =
        { bound with
            Source = $"{bound.Source}; regret: {regret.Source}"
            Assumptions = Array.append bound.Assumptions regret.Assumptions
        }

    let riskBound (regret: Bound) (state: AverageState) =
        if regret.Kind = BoundKind.Deterministic || regret.Kind = BoundKind.Expectation then
            OnlineConvex.onlineToBatch regret.Value (float state.Rounds) |> Result.map (over regret)
        else
            Error(
                HindsightError.Incompatible
                    $"A regret bound of kind {regret.Kind} does not bound the expected regret that the risk in expectation rests on."
            )

    let riskBoundConfident (regret: Bound) delta (state: AverageState) =
        if regret.Kind = BoundKind.Deterministic then
            OnlineConvex.onlineToBatchConfident regret.Value (float state.Rounds) delta
            |> Result.map (over regret)
        else
            Error(
                HindsightError.Incompatible
                    $"The risk in probability rests on a regret bound that holds on every sequence; this one is of kind {regret.Kind}."
            )
