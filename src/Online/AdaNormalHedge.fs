namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type AdaNormalHedgeState internal (prior: float[]) =
    let experts = prior.Length
    let regrets: float[] = Array.zeroCreate experts
    let deviations: float[] = Array.zeroCreate experts
    let mutable rounds = 0L

    /// ln Phi(R, C).
    let exponent (regret: float) (deviation: float) =
        let positive = max regret 0.0

        if positive = 0.0 then
            0.0
        else
            positive * positive / (3.0 * deviation)

    /// ln of twice the weight: Phi(R+1, C+1) - Phi(R-1, C+1).
    let logWeight i =
        let c = deviations[i] + 1.0
        let up = exponent (regrets[i] + 1.0) c
        let down = exponent (regrets[i] - 1.0) c

        if up > down then
            up + log (-(Scalar.expm1 (down - up)))
        else
            -infinity

    member _.Experts = experts
    member _.Rounds = rounds
    member _.Regrets = ReadOnlySpan regrets
    member _.Deviations = ReadOnlySpan deviations
    member _.Prior = ReadOnlySpan prior
    member internal _.PriorArray = prior
    member internal _.DeviationArray = deviations

    member _.Potential =
        let mutable sum = 0.0

        for i in 0 .. experts - 1 do
            sum <- sum + prior[i] * exp (exponent regrets[i] deviations[i])

        sum

    member _.PotentialBound =
        let mutable sum = 0.0

        for i in 0 .. experts - 1 do
            sum <- sum + prior[i] * (1.0 + Scalar.log1p deviations[i])

        1.0 + 1.5 * sum

    member internal _.WriteWeights(awake: ReadOnlySpan<bool>, weights: Span<float>) =
        Require.ok (Require.length "awake" experts awake.Length)
        Require.ok (Require.length "weights" experts weights.Length)
        let mutable top = -infinity

        for i in 0 .. experts - 1 do
            if awake[i] then
                let w = logWeight i
                weights[i] <- w
                top <- max top w
            else
                weights[i] <- -infinity

        let mutable total = 0.0

        for i in 0 .. experts - 1 do
            let w =
                if not awake[i] then 0.0
                elif Double.IsNegativeInfinity top then prior[i]
                else prior[i] * exp (weights[i] - top)

            weights[i] <- w
            total <- total + w

        if total > 0.0 then
            for i in 0 .. experts - 1 do
                weights[i] <- weights[i] / total

    member internal _.Update(awake: ReadOnlySpan<bool>, losses: ReadOnlySpan<float>, loss: float) =
        Require.ok (Require.length "awake" experts awake.Length)
        Require.ok (Require.length "losses" experts losses.Length)
        let mutable any = false

        for i in 0 .. experts - 1 do
            if awake[i] then
                any <- true

                if not (Domain.Unit.Contains losses[i]) then
                    Require.ok (Require.inside $"losses[{i}]" Domain.Unit losses[i]) |> ignore<float>

        if any then
            if not (Domain.Unit.Contains loss) then
                Require.ok (Require.inside "loss" Domain.Unit loss) |> ignore<float>

            for i in 0 .. experts - 1 do
                if awake[i] then
                    let r = loss - losses[i]
                    regrets[i] <- regrets[i] + r
                    deviations[i] <- deviations[i] + abs r

        rounds <- rounds + 1L

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module AdaNormalHedge =
    let start experts =
        Require.atLeast "experts" 1 experts
        |> Result.map (fun n -> AdaNormalHedgeState(Array.create n (1.0 / float n)))

    let startWithPrior (prior: ReadOnlySpan<float>) =
        LogWeights.checkPrior (prior.ToArray()) |> Result.map AdaNormalHedgeState

    let weights (awake: ReadOnlySpan<bool>) (weights: Span<float>) (state: AdaNormalHedgeState) =
        state.WriteWeights(awake, weights)

    let step (awake: ReadOnlySpan<bool>) (losses: ReadOnlySpan<float>) loss (state: AdaNormalHedgeState) =
        state.Update(awake, losses, loss)

    let regretBound expert (state: AdaNormalHedgeState) =
        result {
            let! _ = Require.inside "expert" (Domain.Closed(0.0, float (state.Experts - 1))) (float (expert: int))

            return!
                Groups.adaNormalHedge
                    state.DeviationArray[expert]
                    state.PriorArray[expert]
                    (Array.copy state.PriorArray)
                    (Array.copy state.DeviationArray)
        }
