namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Checks of a batch at the door, for entry points that take numbers from outside: kernels themselves do not compare labels and scores with a loss's domains.</summary>
/// <remarks>Each names the first element that is wrong: OutOfRange of "scores[17]".</remarks>
[<RequireQualifiedAccess>]
module BatchCheck =
    /// Every number finite and in the domain.
    val inside: argument: string -> domain: Domain -> values: ReadOnlySpan<float> -> Result<unit, HindsightError>

    /// The same in single precision.
    val insideSingle:
        argument: string -> domain: Domain -> values: ReadOnlySpan<float32> -> Result<unit, HindsightError>

    /// Every loss finite: the values are those of the loss at the labels and scores.
    val finite:
        loss: ILoss ->
        labels: ReadOnlySpan<float> ->
        scores: ReadOnlySpan<float> ->
        values: ReadOnlySpan<float> ->
            Result<unit, HindsightError>

    /// The same in single precision.
    val finiteSingle:
        loss: ILoss ->
        labels: ReadOnlySpan<float32> ->
        scores: ReadOnlySpan<float32> ->
        values: ReadOnlySpan<float32> ->
            Result<unit, HindsightError>

    /// The error of a loss that is not finite at a label and a score.
    val infinite: loss: ILoss -> argument: string -> label: float -> score: float -> HindsightError
