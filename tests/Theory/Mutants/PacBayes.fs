namespace Hindsight.Tests.Theory

open System
open Hindsight.FSharp

/// Wrong PAC-Bayesian bounds: each fails for some posterior with too large a probability.
[<RequireQualifiedAccess>]
module PacBayesMutants =
    let private reject family name bound =
        Mutant.make family name (fun () ->
            PacBayesWitnesses.bestOfMany bound > 1.0 + 1e-9
            || Seq.init 200 (fun i -> PacBayesWitnesses.gibbs bound (i + 1))
               |> Seq.exists (fun ratio -> ratio > 1.0 + 1e-9))

    let private seeger budget n q divergence delta =
        BinaryKl.upper q (budget n divergence delta)

    let all =
        [
            reject
                "pac-bayes-seeger"
                "the divergence dropped"
                (seeger (fun n _ delta -> log (2.0 * sqrt n / delta) / n))
            reject
                "pac-bayes-seeger"
                "half of the budget"
                (seeger (fun n d delta -> (d + log (2.0 * sqrt n / delta)) / (2.0 * n)))
            reject
                "pac-bayes-seeger"
                "delta in the place of 1/delta"
                (seeger (fun n d delta -> max 1e-9 (d + log (2.0 * sqrt n * delta)) / n))
            reject "pac-bayes-mcallester" "B/4 under the root" (fun n q d delta ->
                q + sqrt ((d + log (2.0 * sqrt n / delta)) / (4.0 * n)))
            reject "pac-bayes-quadratic" "the square of one root only" (fun n q d delta ->
                q + (d + log (2.0 * sqrt n / delta)) / (2.0 * n))
            reject "pac-bayes-catoni" "the denominator is C" (fun n q d delta ->
                (1.0 - exp (-3.0 * q - (d + log (1.0 / delta)) / n)) / 3.0)
            reject "pac-bayes-alquier" "lambda/(8n) dropped" (fun _ q d delta -> q + (d + log (1.0 / delta)) / 40.0)
            reject "pac-bayes-lambda" "1 - lambda/2 left out" (fun n q d delta ->
                q + (d + log (2.0 * sqrt n / delta)) / n / 1.5)
        ]

/// Wrong complexities and risk bounds.
[<RequireQualifiedAccess>]
module RademacherMutants =
    let private risk family name bound =
        Mutant.make family name (fun () ->
            Seq.init 600 (fun i -> RademacherWitnesses.riskRatio bound (i + 1))
            |> Seq.exists (fun ratio -> ratio > 1.0 + 1e-9))

    /// The largest complexity over a bound, over the signs of two orthogonal or equal unit vectors and of all sign vectors.
    let private complexity family name (bound: int -> float -> float -> float) =
        Mutant.make family name (fun () ->
            [
                for n in 1..6 do
                    let all =
                        Array.init (1 <<< n) (fun code ->
                            Array.init n (fun i -> if (code >>> i) &&& 1 = 1 then 1.0 else -1.0))

                    RademacherWitnesses.ofSet n all / bound n (sqrt (float n)) (float all.Length)
            ]
            |> List.max
                >
                1.0 + 1e-9)

    let all =
        [
            risk "rademacher-risk" "the confidence term dropped" (fun _ q expected _ _ -> q + 2.0 * expected)
            risk "rademacher-risk" "the complexity dropped and the confidence term halved" (fun n q _ _ delta ->
                q + 0.5 * sqrt (log (1.0 / delta) / (2.0 * n)))
            complexity "massart" "2 under the root left out" (fun n norm size -> norm * sqrt (log size) / float n)
            complexity "massart" "divided by sqrt n twice" (fun n norm size ->
                norm * sqrt (2.0 * log size) / float n / sqrt (float n))
        ]
