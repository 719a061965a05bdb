namespace Hindsight.FSharp

open System
open System.Numerics.Tensors
open Hindsight

[<RequireQualifiedAccess>]
module internal Sampling =
    let pick (distribution: ReadOnlySpan<float>) (u: float) =
        let mutable sum = 0.0
        let mutable last = 0
        let mutable found = -1
        let mutable i = 0

        while found < 0 && i < distribution.Length do
            let p = distribution[i]

            if p > 0.0 then
                sum <- sum + p
                last <- i

                if u < sum then
                    found <- i

            i <- i + 1

        // rounding may leave the sum below u
        if found < 0 then last else found

    let draw seed (round: int64) (distribution: ReadOnlySpan<float>) =
        pick distribution (Philox.uniform seed 0UL (uint64 round))

    let arm (arm: int) (distribution: ReadOnlySpan<float>) =
        if arm < 0 || arm >= distribution.Length then
            Error(HindsightError.OutOfRange("arm", string arm, $"0 to {distribution.Length - 1}"))
        elif distribution[arm] > 0.0 then
            Ok arm
        else
            Error(HindsightError.OutOfRange("arm", string arm, "an arm with positive probability"))

    let loss ceiling loss =
        // the general check writes its sentence before it needs it
        if loss >= 0.0 && loss <= ceiling then
            Ok loss
        else
            Require.inside "loss" (Domain.Closed(0.0, ceiling)) loss

    let least (values: ReadOnlySpan<float>) = TensorPrimitives.Min values

    let private normalise (weights: Span<float>) =
        let sum = TensorPrimitives.Sum(Span.op_Implicit weights: ReadOnlySpan<float>)

        for i in 0 .. weights.Length - 1 do
            weights[i] <- weights[i] / sum

    let exponential (eta: float) (values: ReadOnlySpan<float>) (weights: Span<float>) =
        let low = least values

        for i in 0 .. values.Length - 1 do
            weights[i] <- exp (-eta * (values[i] - low))

        normalise weights

    // In s = eta (values - least), the unknown is y = eta (least - x) >= 2, where the best arm alone has weight 1 and the sum falls to 1 at the root: convex and falling,
    // so that Newton's method climbs to the root from the left without overshooting.
    let tsallis (eta: float) (values: ReadOnlySpan<float>) (weights: Span<float>) =
        let low = least values
        let mutable y = 2.0
        let mutable more = true
        let mutable round = 0

        while more do
            let mutable sum = 0.0
            let mutable slope = 0.0

            for i in 0 .. values.Length - 1 do
                let root = 2.0 / (eta * (values[i] - low) + y)
                let p = root * root
                weights[i] <- p
                sum <- sum + p
                slope <- slope + p * root

            round <- round + 1

            if sum - 1.0 <= 1e-15 * float values.Length || round = 100 then
                more <- false
            else
                y <- y + (sum - 1.0) / slope

        normalise weights

    // The same with y = eta (least + nu) in [1, K].
    let logBarrier (eta: float) (values: ReadOnlySpan<float>) (weights: Span<float>) =
        let low = least values
        let mutable y = 1.0
        let mutable more = true
        let mutable round = 0

        while more do
            let mutable sum = 0.0
            let mutable slope = 0.0

            for i in 0 .. values.Length - 1 do
                let x = 1.0 / (eta * (values[i] - low) + y)
                weights[i] <- x
                sum <- sum + x
                slope <- slope + x * x

            round <- round + 1

            if sum - 1.0 <= 1e-15 * float values.Length || round = 100 then
                more <- false
            else
                y <- y + (sum - 1.0) / slope

        normalise weights
