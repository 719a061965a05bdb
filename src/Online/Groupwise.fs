namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type GroupwiseState internal (dimension: int, label: float, oracles: RidgeState[], aggregate: AdaNormalHedgeState) =
    let groups = oracles.Length
    let forecasts: float[] = Array.zeroCreate groups
    let weights: float[] = Array.zeroCreate groups
    let scaled: float[] = Array.zeroCreate groups
    let active: int64[] = Array.zeroCreate groups
    let losses: float[] = Array.zeroCreate groups

    member _.Groups = groups
    member _.Dimension = dimension
    member _.Label = label
    member _.Rounds = aggregate.Rounds
    member _.Active = ReadOnlySpan active
    member _.Losses = ReadOnlySpan losses

    member _.Oracle(group: int) =
        if group < 0 || group >= groups then
            Require.ok (Require.inside "group" (Domain.Closed(0.0, float (groups - 1))) (float group))
            |> ignore<float>

        oracles[group]

    member state.Comparator(group: int) = (state.Oracle group).Comparator

    // the index is checked by what is read first
    member state.Regret(group: int) =
        -(state.Comparator group) + losses[group]

    member internal _.Forecast(x: ReadOnlySpan<float>, awake: ReadOnlySpan<bool>) =
        Require.ok (Require.length "active" groups awake.Length)
        Require.ok (Require.length "x" dimension x.Length)
        Require.ok (Require.allFinite "x" x)
        AdaNormalHedge.weights awake (Span weights) aggregate
        let mutable mean = 0.0

        for i in 0 .. groups - 1 do
            if awake[i] then
                forecasts[i] <- Math.Clamp(Ridge.predictVaw x oracles[i], -label, label)
                mean <- mean + weights[i] * forecasts[i]

        mean

    member internal state.Update(x: ReadOnlySpan<float>, awake: ReadOnlySpan<bool>, y: float) =
        if not (abs y <= label) then
            Require.ok (Require.inside "label" (Domain.Closed(-label, label)) y) |> ignore<float>

        let forecast = state.Forecast(x, awake)
        let range = 4.0 * label * label
        let inline square (p: float) = (p - y) * (p - y)

        for i in 0 .. groups - 1 do
            if awake[i] then
                scaled[i] <- min 1.0 (square forecasts[i] / range)
                active[i] <- active[i] + 1L
                losses[i] <- losses[i] + square forecast
                Ridge.update x y oracles[i] |> ignore<float>

        AdaNormalHedge.step awake (ReadOnlySpan scaled) (min 1.0 (square forecast / range)) aggregate
        forecast

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Groupwise =
    let start groups dimension regularisation label =
        result {
            let! groups = Require.atLeast "groups" 1 groups
            let! dimension = Require.atLeast "dimension" 1 dimension
            let! regularisation = Require.positive "regularisation" regularisation
            let! label = Require.positive "label" label
            let! aggregate = AdaNormalHedge.start groups

            return
                GroupwiseState(
                    dimension,
                    label,
                    Array.init groups (fun _ -> RidgeState(dimension, regularisation)),
                    aggregate
                )
        }

    let predict (x: ReadOnlySpan<float>) (active: ReadOnlySpan<bool>) (state: GroupwiseState) =
        state.Forecast(x, active)

    let step (x: ReadOnlySpan<float>) (active: ReadOnlySpan<bool>) label (state: GroupwiseState) =
        state.Update(x, active, label)

    let regretBound group (state: GroupwiseState) =
        result {
            let! _ = Require.inside "group" (Domain.Closed(0.0, float (state.Groups - 1))) (float (group: int))
            let oracle = Ridge.regretBoundVaw (state.Oracle group)
            let range = 4.0 * state.Label * state.Label

            let! bound =
                Groups.groupwise oracle.Value range (float state.Active[group]) (float state.Rounds) state.Groups

            return
                { bound with
                    Source = $"{bound.Source}; oracle: {oracle.Source}"
                    Terms = Array.append bound.Terms oracle.Terms
                    Assumptions = Array.append bound.Assumptions oracle.Assumptions
                }
        }
