namespace Hindsight

open System
open Hindsight.FSharp

[<RequireQualifiedAccess>]
type TsallisVariant =
    | ImportanceWeighted = 0
    | ReducedVariance = 1
    | FixedStep = 2

[<Sealed; NoComparison; NoEquality>]
type TsallisInfState
    internal
    (
        variant: TsallisVariant,
        ceiling: float,
        fixedEta: float,
        estimates: float[],
        distribution: float[],
        rounds: int64,
        loss: float
    ) =
    let mutable rounds = rounds
    let mutable loss = loss

    let eta () =
        match variant with
        | TsallisVariant.ImportanceWeighted -> 2.0 / sqrt (float (rounds + 1L))
        | TsallisVariant.ReducedVariance -> 4.0 / sqrt (float (rounds + 1L))
        | _ -> fixedEta

    member _.Arms = estimates.Length
    member _.Variant = variant
    member _.Ceiling = ceiling
    member _.Eta = eta ()
    member _.Rounds = rounds
    member _.Distribution = ReadOnlySpan distribution
    member _.Estimates = ReadOnlySpan estimates
    member _.Loss = loss

    member _.Copy() =
        TsallisInfState(variant, ceiling, fixedEta, Array.copy estimates, Array.copy distribution, rounds, loss)

    member internal _.Observe(arm: int, value: float) =
        let scaled = value / ceiling

        match variant with
        | TsallisVariant.ReducedVariance ->
            let threshold = eta () * eta ()

            for i in 0 .. estimates.Length - 1 do
                let p = distribution[i]
                let centre = if p >= threshold then 0.5 else 0.0
                let drawn = if i = arm then (scaled - centre) / p else 0.0
                estimates[i] <- estimates[i] + drawn + centre
        | _ -> estimates[arm] <- estimates[arm] + scaled / distribution[arm]

        rounds <- rounds + 1L
        loss <- loss + value
        Sampling.tsallis (eta ()) (ReadOnlySpan estimates) (Span distribution)

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module TsallisInf =
    let private begin' variant ceiling eta arms =
        TsallisInfState(variant, ceiling, eta, Array.zeroCreate arms, Array.create arms (1.0 / float arms), 0L, 0.0)

    let start arms =
        Require.atLeast "arms" 2 arms |> Result.map (begin' TsallisVariant.ImportanceWeighted 1.0 0.0)

    let startReducedVariance arms =
        Require.atLeast "arms" 2 arms |> Result.map (begin' TsallisVariant.ReducedVariance 1.0 0.0)

    let startFixed eta ceiling arms =
        result {
            let! eta = Require.positive "eta" eta
            let! ceiling = Require.positive "ceiling" ceiling
            let! arms = Require.atLeast "arms" 2 arms
            return begin' TsallisVariant.FixedStep ceiling eta arms
        }

    let choose seed (state: TsallisInfState) =
        Sampling.draw seed state.Rounds state.Distribution

    let step arm loss (state: TsallisInfState) =
        match Sampling.arm arm state.Distribution with
        | Error e -> Error e
        | Ok arm ->
            match Sampling.loss state.Ceiling loss with
            | Error e -> Error e
            | Ok loss ->
                state.Observe(arm, loss)
                Ok state

    let regretBound (state: TsallisInfState) =
        let horizon = float (max state.Rounds 1L)

        match state.Variant with
        | TsallisVariant.ImportanceWeighted -> AdversarialBounds.tsallisInf state.Arms horizon
        | TsallisVariant.ReducedVariance -> AdversarialBounds.tsallisInfReducedVariance state.Arms horizon
        | _ -> AdversarialBounds.tsallisInfFixed state.Arms horizon state.Ceiling state.Eta
