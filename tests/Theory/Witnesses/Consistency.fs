namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Conditional risks of one context: what a score costs in the surrogate and in errors.
[<RequireQualifiedAccess>]
module ConsistencyWitnesses =
    /// Zero-one excess of a score over the bound at its surrogate excess, for the probability eta of the positive class.
    let private conditional calculator (phi: float -> float) (least: float -> float) eta score =
        let excess = eta * phi score + (1.0 - eta) * phi -score - least eta
        // a score of 0 decides against the likelier class
        let wrong = score * (2.0 * eta - 1.0) <= 0.0
        let error = if wrong then abs (2.0 * eta - 1.0) else 0.0
        error / Witness.bound calculator [| max 0.0 excess |]

    let private losses: (string * (float -> float) * (float -> float)) list =
        [
            "psi-hinge", (fun m -> max 0.0 (1.0 - m)), (fun eta -> 2.0 * min eta (1.0 - eta))
            "psi-squared-hinge", (fun m -> max 0.0 (1.0 - m) ** 2.0), (fun eta -> 4.0 * eta * (1.0 - eta))
            "psi-exponential", (fun m -> exp -m), (fun eta -> 2.0 * sqrt (eta * (1.0 - eta)))
            "psi-logistic",
            (fun m ->
                if m > 0.0 then
                    log (1.0 + exp -m)
                else
                    -m + log (1.0 + exp m)),
            (fun eta -> -eta * log eta - (1.0 - eta) * log (1.0 - eta))
        ]

    let private generated name phi least seed =
        let random = Witness.random seed
        let eta = 0.001 + 0.998 * random.NextDouble()
        conditional name phi least eta (4.0 * random.NextDouble() - 2.0)

    /// Comp-sum conditional risk of a class distribution and scores, straight from the definition: Phi(u) = ((1+u)^(1-tau) - 1)/(1-tau), u the sum of exponentials of score differences.
    let private compSum tau seed =
        let random = Witness.random seed
        let n = 2 + random.Next 4
        let weights = Array.init n (fun _ -> -Math.Log(1.0 - random.NextDouble()))
        let p = weights |> Array.map (fun w -> w / Array.sum weights)
        let scores = Array.init n (fun _ -> 2.0 * random.NextDouble() - 1.0)

        let phi surprisal =
            if tau = 1.0 then
                surprisal
            else
                (exp ((1.0 - tau) * surprisal) - 1.0) / (1.0 - tau)

        let norm = scores |> Array.sumBy exp |> log
        let risk = Array.fold2 (fun s q z -> s + q * phi (norm - z)) 0.0 p scores
        let least = HConsistency.bayesConditionalRisk tau p |> Require.ok
        let error = HConsistency.zeroOneExcess p scores |> Require.ok
        error / Witness.bound "comp-sum" [| max 0.0 (risk - least); tau; float n |]

    /// Two classes that are almost even and scores that are: both excesses vanish, and their ratio tends to the bound's.
    let private compSumWorst () =
        let t = 1e-3
        let p = [| 0.5 + t / 2.0; 0.5 - t / 2.0 |]
        let risk = log 2.0
        let least = HConsistency.bayesConditionalRisk 1.0 p |> Require.ok
        t / Witness.bound "comp-sum" [| risk - least; 1.0; 2.0 |]

    let all =
        [
            for name, phi, least in losses do
                { Witness.tight name "zero-one excess of a score at one context" (generated name phi least) (fun () ->
                      conditional name phi least 0.8 0.0) with
                    Tolerance = 1e-6
                }
            for tau in [ 0.0; 0.5; 1.0; 1.5; 2.0; 2.5 ] do
                { Witness.tight
                      "comp-sum"
                      $"zero-one excess at one context, tau = {tau}"
                      (compSum tau)
                      (if tau = 1.0 then
                           compSumWorst
                       else
                           Witness.search 2000 (compSum tau)) with
                    Tolerance = 1e-6
                }
        ]
