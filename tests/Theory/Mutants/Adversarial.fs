namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong adversarial learners.
[<RequireQualifiedAccess>]
module AdversarialMutants =
    /// Unbiasedness over random distributions; true if some state breaks it.
    let private biased (increments: float[] -> int -> float -> float[]) =
        let random = Random 1

        Seq.init 50 (fun _ ->
            let raw = Array.init 3 (fun _ -> random.NextDouble() + 0.01)
            let sum = Array.sum raw
            let p = raw |> Array.map (fun x -> x / sum)
            let losses = Array.init 3 (fun _ -> random.NextDouble())
            not (AdversarialChecks.unbiased p (increments p) losses))
        |> Seq.exists id

    /// The expected regret of a learner given by its weights from estimates, against Exp3's bound on two arms, one of them free.
    let private exceeds (weight: float -> float) (increment: float -> float) =
        let eta, horizon = 1e-3, 20000
        let mutable estimate = 0.0

        let p n =
            if n > 0 then
                estimate <- estimate + increment (weight (eta * estimate))

            weight (eta * estimate)

        Enumeration.twoArms p horizon
        > Witness.bound "exp3" [| 2.0; float horizon; eta |] * (1.0 + 1e-9)

    let private breaks minimises (weights: float -> float[] -> float[]) =
        let random = Random 2

        Seq.init 50 (fun _ ->
            let eta = Math.Exp(2.0 * random.NextDouble() - 1.0)
            let values = Array.init 4 (fun _ -> 3.0 * random.NextDouble())
            not (minimises eta values (weights eta values)))
        |> Seq.exists id

    let private solved solve eta (values: float[]) =
        let p = Array.zeroCreate<float> values.Length
        solve eta values p
        p

    let all =
        [
            Mutant.make "exp3" "the loss is not divided by the probability" (fun () ->
                exceeds (fun x -> 1.0 / (1.0 + exp x)) (fun _ -> 1.0))
            Mutant.make "exp3" "the sign of the exponent is wrong" (fun () ->
                exceeds (fun x -> 1.0 / (1.0 + exp -x)) (fun p -> 1.0 / p))
            Mutant.make "exp3" "the step is halved" (fun () ->
                exceeds (fun x -> 1.0 / (1.0 + exp (x / 2.0))) (fun p -> 1.0 / p))
            Mutant.make "exp3" "estimates divided by p + gamma are called unbiased" (fun () ->
                biased (fun p arm l -> Array.init 3 (fun i -> if i = arm then l / (p[i] + 0.01) else 0.0)))
            Mutant.make "tsallis-inf" "the baseline of the reduced-variance estimate is not added back" (fun () ->
                biased (fun p arm l -> Array.init 3 (fun i -> if i = arm then (l - 0.5) / p[i] else 0.0)))
            Mutant.make "tsallis-inf" "the baseline is added to the arm drawn alone" (fun () ->
                biased (fun p arm l -> Array.init 3 (fun i -> if i = arm then (l - 0.5) / p[i] + 0.5 else 0.0)))
            Mutant.make "tsallis-inf" "weights for twice the step" (fun () ->
                breaks AdversarialChecks.minimisesTsallis (fun eta values ->
                    solved (fun e v p -> Sampling.tsallis (2.0 * e) (ReadOnlySpan v) (Span p)) eta values))
            Mutant.make "tsallis-inf" "log-barrier weights" (fun () ->
                breaks AdversarialChecks.minimisesTsallis (fun eta values ->
                    solved (fun e v p -> Sampling.logBarrier e (ReadOnlySpan v) (Span p)) eta values))
            Mutant.make "tsallis-inf" "exponential weights" (fun () ->
                breaks AdversarialChecks.minimisesTsallis (fun eta values ->
                    solved (fun e v p -> Sampling.exponential e (ReadOnlySpan v) (Span p)) eta values))
            Mutant.make "tsallis-inf" "weights normalised instead of solved for" (fun () ->
                breaks AdversarialChecks.minimisesTsallis (fun eta values ->
                    let raw = values |> Array.map (fun l -> (2.0 / (eta * (l - Array.min values) + 2.0)) ** 2.0)
                    let sum = Array.sum raw
                    raw |> Array.map (fun x -> x / sum)))
            Mutant.make "tsallis-inf-reduced-variance" "the round's cost without the rare arms' term" (fun () ->
                let random = Random 22

                Seq.init 20000 (fun _ ->
                    let struct (values, t) = AdversarialChecks.randomTsallis random
                    let t = t + 15.0
                    let eta = 4.0 / sqrt t
                    let p = Array.zeroCreate<float> values.Length
                    Sampling.tsallis eta (ReadOnlySpan values) (Span p)
                    let losses = values |> Array.map (fun _ -> float (random.Next 2))

                    let cost =
                        AdversarialChecks.stability eta values p (fun arm ->
                            p
                            |> Array.mapi (fun i q ->
                                let b = if q >= eta * eta then 0.5 else 0.0
                                (if i = arm then (losses[i] - b) / q else 0.0) + b))

                    cost > Array.sumBy sqrt p / (2.0 * sqrt t) + 1e-6)
                |> Seq.exists id)
        ]
