namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module LinearConfidence =
    let width noise norm delta (state: RidgeState) =
        ConfidenceWidth.ridge noise state.LogDet state.Lambda norm delta

    let interval noise norm delta (x: ReadOnlySpan<float>) (state: RidgeState) =
        let prediction = Ridge.predictRidge x state
        let deviation = Ridge.width x state

        width noise norm delta state
        |> Result.map (fun beta -> struct (prediction - beta.Value * deviation, prediction + beta.Value * deviation))

    let regret noise norm delta (state: RidgeState) =
        result {
            let! beta = width noise norm delta state
            let! bound = LinUcb.regretSharp (max 1.0 beta.Value) state.LogDet (float state.Rounds)

            return
                { bound with
                    Kind = BoundKind.Anytime
                    Delta = Nullable delta
                    Source = $"{bound.Source}; width: {beta.Source}"
                    Assumptions =
                        // the intervals are no longer an assumption: they hold with probability 1 - delta
                        Array.append beta.Assumptions (Array.tail bound.Assumptions)
                }
        }
