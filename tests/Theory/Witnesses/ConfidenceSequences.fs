namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Anytime widths against the exact law of Bernoulli paths: the delta-quantile of the largest deviation over the width.
[<RequireQualifiedAccess>]
module ConfidenceSequenceWitnesses =
    let private mixtureRatio p horizon delta rho =
        let width =
            Array.init (horizon + 1) (fun t ->
                if t = 0 then
                    infinity
                else
                    Witness.bound "normal-mixture" [| float t / 4.0; rho; delta |])

        Enumerate.crossingQuantile p horizon delta (fun t s -> abs (float s - float t * p) / width[t])

    let private mixture seed =
        let random = Witness.random seed

        mixtureRatio
            (Enumerate.probability random)
            40
            (0.3 * random.NextDouble() + 0.01)
            (Math.Exp(3.0 * random.NextDouble()))

    let private stitchedRatio p horizon delta s =
        let width =
            Array.init (horizon + 1) (fun t ->
                if t = 0 then
                    infinity
                else
                    Witness.bound "stitching" [| float t / 4.0; 0.25; 2.0; s; 0.0; delta |])

        Enumerate.crossingQuantile p horizon delta (fun t ones -> (float ones - float t * p) / width[t])

    let private stitched seed =
        let random = Witness.random seed
        stitchedRatio (Enumerate.probability random) 40 (0.3 * random.NextDouble() + 0.01) (1.2 + random.NextDouble())

    /// Weights that fall or stay, centres of the past: every path of ten rounds.
    let private plugIn seed =
        let random = Witness.random seed
        let n = 10
        let p = Enumerate.probability random
        let delta = 0.4 * random.NextDouble() + 0.05
        let fixedCentre = random.NextDouble()
        let adaptive = random.Next 2 = 0
        let lambda = 0.1 + 0.85 * random.NextDouble()

        Enumerate.paths p n
        |> Array.map (fun (struct (path, mass)) ->
            let mutable worst = -infinity
            let mutable weights = 0.0
            let mutable deviation = 0.0
            let mutable excess = 0.0
            let mutable sum = 0.5

            path
            |> Array.iteri (fun i one ->
                let x = if one then 1.0 else 0.0
                let weight = lambda / sqrt (float (i + 1))
                let centre = if adaptive then sum / float (i + 1) else fixedCentre
                weights <- weights + weight
                deviation <- deviation + weight * (x - p)
                excess <- excess + (-log(1.0 - weight) - weight) * (x - centre) ** 2.0
                sum <- sum + x
                let width = (excess - log delta) / weights
                worst <- max worst (deviation / weights / width))

            struct (worst, mass))
        |> Enumerate.quantile delta
        |> max 0.0

    /// Rare failures seen from the centre 1: the capital e^(lambda q t)(1-lambda)^z is a martingale that grows in small steps, so Ville's inequality is an equality in the limit.
    let private plugInWorst () =
        let lambda, q, delta, horizon = 0.9, 0.01, 0.05, 4000
        let excess = -log(1.0 - lambda) - lambda
        let level = -log delta

        Enumerate.crossingQuantile q horizon delta (fun t failures ->
            // most of the table is out of reach, and not worth a division
            if float failures > 5.0 * q * float t + 20.0 then
                -1.0
            else
                lambda * (q * float t - float failures) / (level + excess * float failures))
        |> fun ratio ->
            // the same width through the calculator at one place
            let t, z = 1000.0, 3.0
            let width = Witness.bound "empirical-bernstein-anytime" [| excess * z; lambda * t; delta |]
            ratio * ((level + excess * z) / (lambda * t)) / width

    /// The (1 - delta)-quantile of the running lower end over the mean, every path of six rounds of a two-point law.
    let private betting seed =
        let random = Witness.random seed
        let n = 6
        let p = Enumerate.probability random
        let delta = 0.4 * random.NextDouble() + 0.05
        let cap = 0.2 + 0.75 * random.NextDouble()
        let high = Math.Exp(3.0 * random.NextDouble() - 1.0)
        let low = high * random.NextDouble() * float (random.Next 2)
        let mean = p * high + (1.0 - p) * low

        Enumerate.paths p n
        |> Array.map (fun (struct (path, mass)) ->
            let x = path |> Array.map (fun one -> if one then high else low)

            let best =
                [ 2; 4; n ]
                |> Seq.map (fun t -> Witness.boundOf "betting-lower" [| x[.. t - 1]; [| cap |]; [| delta |] |])
                |> Seq.max

            struct (best, mass))
        |> Enumerate.quantile delta
        |> fun lower -> lower / mean

    /// One round of a rare large observation: Markov's inequality with equality.
    let private bettingWorst () =
        let delta, cap, high = 0.05, 0.999, 100.0
        let p = delta * (1.0 + 1e-9)

        [|
            struct (Witness.boundOf "betting-lower" [| [| high |]; [| cap |]; [| delta |] |], p)
            struct (Witness.boundOf "betting-lower" [| [| 0.0 |]; [| cap |]; [| delta |] |], 1.0 - p)
        |]
        |> Enumerate.quantile delta
        |> fun lower -> lower / (p * high)

    let all =
        [
            Witness.tight
                "normal-mixture"
                "quantile of the largest |S_t|/width over Bernoulli paths, exact"
                mixture
                (fun () -> mixtureRatio 0.5 600 0.05 1.0)
            Witness.loose
                "each epoch pays for a straight line over all of it"
                "stitching"
                "quantile of the largest S_t/width over Bernoulli paths, exact"
                stitched
                (fun () -> stitchedRatio 0.5 400 0.05 1.4)
            Witness.tight
                "empirical-bernstein-anytime"
                "quantile of the largest deviation of the weighted mean over its width, exact"
                plugIn
                plugInWorst
            Witness.tight "betting-lower" "quantile of the lower end over the mean, exact" betting bettingWorst
        ]
