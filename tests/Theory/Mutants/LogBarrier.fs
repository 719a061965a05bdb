namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong leaders and estimators.
[<RequireQualifiedAccess>]
module LogBarrierMutants =
    let private rule solve eta (sums: float[]) =
        let x = Array.zeroCreate<float> sums.Length
        solve eta sums x
        x

    let private breaksLemma name rule =
        Mutant.make "log-barrier" name (fun () -> not (LogBarrierChecks.lemma rule))

    let private breaksMean name estimate =
        Mutant.make "log-barrier" name (fun () -> not (LogBarrierChecks.reduced estimate))

    let all =
        [
            breaksLemma
                "exponential weights in its place"
                (rule (fun eta v x -> Sampling.exponential eta (ReadOnlySpan v) (Span x)))
            breaksLemma
                "the sign of the losses is wrong"
                (rule (fun eta v x ->
                    let flipped = v |> Array.map (fun l -> -l)
                    Sampling.logBarrier eta (ReadOnlySpan flipped) (Span x)))
            breaksLemma
                "a fifth of the step"
                (rule (fun eta v x -> Sampling.logBarrier (eta / 5.0) (ReadOnlySpan v) (Span x)))
            breaksMean "the mean of the negative part is not added back" (fun u l _ ->
                u |> Array.map (fun x -> x * l - min x 0.0))
            breaksMean "the plain estimate, unbounded below" (fun u l _ -> u |> Array.map (fun x -> x * l))
            breaksMean "the positive part is taken off" (fun u l m -> Array.map2 (fun x e -> x * l - max x 0.0 + e) u m)
        ]
