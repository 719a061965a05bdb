namespace Hindsight.FSharp

open System
open System.Numerics
open Hindsight

[<RequireQualifiedAccess>]
module BatchCheck =
    /// The least and the largest number of an interval.
    let private ends (domain: Domain) =
        let low =
            if domain.LowClosed && Double.IsFinite domain.Low then
                domain.Low
            else
                Math.BitIncrement domain.Low

        let high =
            if domain.HighClosed && Double.IsFinite domain.High then
                domain.High
            else
                Math.BitDecrement domain.High

        struct (low, high)

    let inside (argument: string) (domain: Domain) (values: ReadOnlySpan<float>) =
        let struct (low, high) = ends domain
        let mutable i = 0

        if not domain.EndsOnly then
            let low, high = Vector<float> low, Vector<float> high
            let mutable good = true

            while good && i <= values.Length - Vector<float>.Count do
                let x = Vector<float>(values.Slice(i, Vector<float>.Count))
                good <- Vector.GreaterThanOrEqualAll(x, low) && Vector.LessThanOrEqualAll(x, high)

                if good then
                    i <- i + Vector<float>.Count

        while i < values.Length && domain.Contains values[i] do
            i <- i + 1

        if i = values.Length then
            Ok()
        else
            Require.inside $"{argument}[{i}]" domain values[i] |> Result.map (fun _ -> ())

    let insideSingle (argument: string) (domain: Domain) (values: ReadOnlySpan<float32>) =
        let mutable i = 0

        while i < values.Length && domain.Contains(float values[i]) do
            i <- i + 1

        if i = values.Length then
            Ok()
        else
            Require.inside $"{argument}[{i}]" domain (float values[i]) |> Result.map (fun _ -> ())

    let infinite (loss: ILoss) argument (label: float) (score: float) =
        HindsightError.OutOfRange(
            argument,
            score.ToString("R", Globalization.CultureInfo.InvariantCulture),
            $"a number in {loss.Metadata.Score} at which the loss of label {label:R} is finite"
        )

    let finite (loss: ILoss) (labels: ReadOnlySpan<float>) (scores: ReadOnlySpan<float>) (values: ReadOnlySpan<float>) =
        let mutable i = 0

        while i < values.Length && Double.IsFinite values[i] do
            i <- i + 1

        if i = values.Length then
            Ok()
        else
            Error(infinite loss $"scores[{i}]" labels[i] scores[i])

    let finiteSingle
        (loss: ILoss)
        (labels: ReadOnlySpan<float32>)
        (scores: ReadOnlySpan<float32>)
        (values: ReadOnlySpan<float32>)
        =
        let mutable i = 0

        while i < values.Length && Single.IsFinite values[i] do
            i <- i + 1

        if i = values.Length then
            Ok()
        else
            Error(infinite loss $"scores[{i}]" (float labels[i]) (float scores[i]))
