namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// PAC-Bayesian bounds over small classes whose errors are enumerated: how far the risk is above the empirical one, over how far the bound is.
[<RequireQualifiedAccess>]
module PacBayesWitnesses =
    /// The delta-quantile, over all outcomes of n Bernoulli losses of two hypotheses, of the largest gap over Gibbs posteriors of any temperature.
    let gibbs (bound: float -> float -> float -> float -> float) seed =
        let random = Witness.random seed
        let n = 1 + random.Next 8
        let delta = Math.Exp(-4.0 * random.NextDouble() - 0.05)
        let p = Array.init 2 (fun _ -> Enumerate.probability random)
        let prior = 0.02 + 0.96 * random.NextDouble()
        let laws = p |> Array.map (Enumerate.binomial n)

        [|
            for i in 0..n do
                for j in 0..n do
                    let q = [| float i / float n; float j / float n |]

                    let worst =
                        [ 0.0; 1.0; 4.0; 100.0 ]
                        |> Seq.map (fun beta ->
                            let first = prior * exp (-beta * (q[0] - q[1]))
                            let mass = first / (first + 1.0 - prior)

                            let term a b =
                                if a = 0.0 then 0.0 else a * log (a / b)

                            let divergence = max 0.0 (term mass prior + term (1.0 - mass) (1.0 - prior))
                            let risk = mass * p[0] + (1.0 - mass) * p[1]
                            let empirical = min 1.0 (mass * q[0] + (1.0 - mass) * q[1])
                            (risk - empirical) / (bound (float n) empirical divergence delta - empirical))
                        // a bound at an empirical risk of 1 leaves no gap
                        |> Seq.filter Double.IsFinite
                        |> Seq.fold max 0.0

                    struct (worst, laws[0][i] * laws[1][j])
        |]
        |> Enumerate.quantile delta

    /// The largest quantile of the gap for the best of H independent hypotheses of risk 1/2 or 1/5, the prior uniform: KL = ln H.
    let bestOfMany (bound: float -> float -> float -> float -> float) =
        [
            for p in [ 0.5; 0.2 ] do
                for size in [ 1e2; 1e4; 1e8 ] do
                    for n in [ 8; 20; 60; 200 ] do
                        for delta in [ 0.5; 0.05 ] do
                            let law = Enumerate.binomial n p
                            // P(all have more than k errors) = (1 - F(k))^H
                            let mutable below = 0.0
                            let mutable none = 1.0

                            [|
                                for k in 0..n do
                                    below <- below + law[k]
                                    let next = (max 0.0 (1.0 - below)) ** size
                                    let q = float k / float n
                                    let ratio = (p - q) / (bound (float n) q (log size) delta - q)
                                    struct ((if Double.IsNaN ratio then 0.0 else ratio), none - next)
                                    none <- next
                            |]
                            |> Enumerate.quantile delta
        ]
        |> List.max

    let private named name n q divergence delta =
        Witness.bound name [| n; q; divergence; delta |]

    /// The gap of one hypothesis at the quantile of its errors.
    let private one n p delta (bound: float -> float) =
        let q = 1.0 - float (Enumerate.upperCount n (1.0 - p) delta) / float n
        (p - q) / (bound q - q)

    let private lambda (fraction: float) n q divergence delta =
        let b = (divergence + log (2.0 * sqrt n / delta)) / n
        let best = 2.0 / (1.0 + sqrt (2.0 * q / b + 1.0))
        // as good as the best, or any other
        Witness.bound "pac-bayes-lambda" [| n; q; divergence; best + fraction * (2.0 - best); delta |]

    let private withParameter name low high seed =
        let parameter = low * (high / low) ** (Witness.random (seed + 500)).NextDouble()
        gibbs (fun n q divergence delta -> Witness.bound name [| n; q; divergence; parameter; delta |]) seed

    let private occam seed =
        let random = Witness.random seed
        let n = 1 + random.Next 8
        let delta = Math.Exp(-4.0 * random.NextDouble() - 0.05)
        let p = Array.init 2 (fun _ -> Enumerate.probability random)
        let prior = 0.02 + 0.96 * random.NextDouble()
        let laws = p |> Array.map (Enumerate.binomial n)

        [|
            for i in 0..n do
                for j in 0..n do
                    let ratio k weight risk =
                        risk / Witness.bound "occam" [| float n; float k / float n; weight; delta |]

                    struct (max (ratio i prior p[0]) (ratio j (1.0 - prior) p[1]), laws[0][i] * laws[1][j])
        |]
        |> Enumerate.quantile delta

    let private testSet seed =
        let random = Witness.random seed
        let n = 1 + random.Next 60
        let p = Enumerate.probability random
        let delta = Math.Exp(-6.0 * random.NextDouble() - 0.05)
        let k = n - Enumerate.upperCount n (1.0 - p) delta
        p / Witness.bound "test-set" [| float n; float k; delta |]

    /// The largest gap at any n up to a horizon.
    let private anytimeRatio p horizon delta =
        Enumerate.crossingQuantile p horizon delta (fun t s ->
            let q = float s / float t

            if s = t then
                // an empirical risk of 1 leaves no gap
                -1.0
            else
                (p - q) / (Witness.bound "pac-bayes-anytime" [| float t; q; 0.0; delta |] - q))

    let private anytime seed =
        let random = Witness.random seed
        anytimeRatio (Enumerate.probability random) 20 (Math.Exp(-4.0 * random.NextDouble() - 0.05))

    /// KL in one dimension by Simpson's rule over twelve standard deviations.
    let integral (m: float) (a: float) (b: float) =
        let steps = 4000
        let s = sqrt a
        let h = 24.0 * s / float steps

        Seq.init (steps + 1) (fun i ->
            let x = -12.0 * s + float i * h
            let density = exp (-x * x / (2.0 * a)) / sqrt (2.0 * Math.PI * a)
            let ratio = -x * x / (2.0 * a) + (x + m) * (x + m) / (2.0 * b) + 0.5 * log (b / a)

            let weight =
                if i = 0 || i = steps then 1.0
                elif i % 2 = 1 then 4.0
                else 2.0

            weight * density * ratio)
        |> Seq.sum
        |> fun sum -> sum * h / 3.0

    let private gaussian seed =
        let random = Witness.random seed
        let d = 1 + random.Next 3
        let m = Array.init d (fun _ -> 4.0 * random.NextDouble() - 2.0)
        let a = Array.init d (fun _ -> Math.Exp(2.0 * random.NextDouble() - 1.0))
        let b = Array.init d (fun _ -> Math.Exp(2.0 * random.NextDouble() - 1.0))
        (Array.map3 integral m a b |> Array.sum) / Witness.boundOf "gaussian-kl" [| m; a; b |]

    let private gap = "quantile of the gap between risk and empirical risk over the bound's gap, exact"

    let all =
        [
            Witness.tight "pac-bayes-seeger" gap (gibbs (named "pac-bayes-seeger")) (fun () ->
                one 2000 0.5 1e-100 (fun q -> named "pac-bayes-seeger" 2000.0 q 0.0 1e-100))
            Witness.tight "pac-bayes-mcallester" gap (gibbs (named "pac-bayes-mcallester")) (fun () ->
                one 2000 0.5 1e-100 (fun q -> named "pac-bayes-mcallester" 2000.0 q 0.0 1e-100))
            Witness.tight "pac-bayes-quadratic" gap (gibbs (named "pac-bayes-quadratic")) (fun () ->
                one 5000000 0.02 1e-100 (fun q -> named "pac-bayes-quadratic" 5e6 q 0.0 1e-100))
            Witness.tight
                "pac-bayes-lambda"
                gap
                (fun seed -> gibbs (lambda (0.9 * max 0.0 ((Witness.random (seed + 500)).NextDouble() - 0.5))) seed)
                (fun () -> one 5000000 0.02 1e-100 (fun q -> lambda 0.0 5e6 q 0.0 1e-100))
            Witness.tight "pac-bayes-catoni" gap (withParameter "pac-bayes-catoni" 0.01 10.0) (fun () ->
                one 2000 0.5 1e-100 (fun q ->
                    // the tilt from the quantile back to the risk
                    Witness.bound "pac-bayes-catoni" [| 2000.0; q; 0.0; log ((1.0 - q) / q); 1e-100 |]))
            Witness.tight "pac-bayes-alquier" gap (withParameter "pac-bayes-alquier" 0.1 100.0) (fun () ->
                one 2000 0.5 1e-100 (fun q ->
                    Witness.bound "pac-bayes-alquier" [| 2000.0; q; 0.0; 8000.0 * (0.5 - q); 1e-100 |]))
            Witness.tight "occam" "quantile of the risk over the bound, exact" occam (fun () ->
                0.95 * (1.0 - 1e-9) / Witness.bound "occam" [| 1.0; 0.0; 1.0; 0.05 |])
            Witness.tight "test-set" "quantile of the risk over the bound, exact" testSet (fun () ->
                0.95 * (1.0 - 1e-9) / Witness.bound "test-set" [| 1.0; 0.0; 0.05 |])
            Witness.tight
                "pac-bayes-anytime"
                "quantile of the largest gap at any n over the bound's gap, exact"
                anytime
                (fun () -> anytimeRatio 0.949 1 0.05)
            Witness.exact 1e-9 "gaussian-kl" "the integral" gaussian
        ]
