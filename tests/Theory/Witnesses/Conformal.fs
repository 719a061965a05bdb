namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Conformal methods, exactly: exchangeable data are a fixed set of points of which each is the test point equally often.
[<RequireQualifiedAccess>]
module ConformalWitnesses =
    let private alphaOf (random: Random) = 0.02 + 0.6 * random.NextDouble()

    /// The average of f(others, one) over the choice of the one.
    let averageOver (points: 'P[]) (f: 'P[] -> 'P -> float) =
        points |> Array.mapi (fun i test -> f (Array.removeAt i points) test) |> Array.average

    let indicator condition = if condition then 1.0 else 0.0

    let splitRatio threshold seed =
        let random = Witness.random seed
        let n = 1 + random.Next 30

        let alpha =
            if random.Next 3 = 0 then
                float (1 + random.Next n) / float (n + 1)
            else
                alphaOf random

        let scores = Array.init (n + 1) (fun _ -> random.NextDouble())

        averageOver scores (fun calibration score -> indicator (score <= threshold alpha calibration))
        / Witness.bound "split-conformal" [| float n; alpha |]

    let private split = splitRatio (fun alpha scores -> Conformal.threshold alpha scores |> Require.ok)

    /// The delta-quantile of the k-th smallest of n uniform numbers: P(at least k of n are below x) by the binomial law.
    let private conditional seed =
        let random = Witness.random seed
        let n = 1 + random.Next 60
        let alpha = alphaOf random
        let delta = 0.3 * random.NextDouble() + 0.001
        let k = min n (Conformal.rank n alpha |> Require.ok)
        let bound = Witness.bound "split-conformal-conditional" [| float n; float k; delta |]
        let mutable low = 0.0
        let mutable high = 1.0

        while high - low > 1e-13 do
            let x = 0.5 * (low + high)

            if Enumerate.logTail n x (k - 1) <= log delta then
                low <- x
            else
                high <- x

        bound / low

    let rec private permutations (items: int list) =
        match items with
        | [] -> [ [] ]
        | _ ->
            [
                for x in items do
                    for rest in permutations (List.filter ((<>) x) items) -> x :: rest
            ]

    /// The test point is of another law with probability epsilon, and then worse than all calibration points.
    let private driftAt (weights: float[]) alpha epsilon =
        let n = weights.Length

        let covered =
            permutations [ 0..n ]
            |> List.averageBy (fun order ->
                let scores = order |> List.map float |> List.toArray

                let threshold = Conformal.weightedThreshold alpha scores[.. n - 1] weights 1.0 |> Require.ok
                (1.0 - epsilon) * indicator (scores[n] <= threshold) + epsilon * indicator (infinity <= threshold))

        let bound = Witness.boundOf "conformal-drift" [| [| alpha |]; weights; Array.create n epsilon |]
        max bound 0.0 / covered

    let private drift seed =
        let random = Witness.random seed
        let weights = Array.init (1 + random.Next 4) (fun _ -> 0.05 + 0.95 * random.NextDouble())
        driftAt weights (alphaOf random) (0.5 * random.NextDouble())

    /// Points (x, y) around a line; regression through the origin, or the mean.
    let private cloud (random: Random) n =
        let slope = 4.0 * random.NextDouble()

        Array.init n (fun _ ->
            let x = random.NextDouble()
            struct (x, slope * x + random.NextDouble() ** 3.0))

    let private fit mean (points: struct (float * float)[]) =
        if mean || points.Length = 0 then
            let m =
                if points.Length = 0 then
                    0.0
                else
                    points |> Array.averageBy (fun (struct (_, y)) -> y)

            fun (_: float) -> m
        else
            let slope =
                (points |> Array.sumBy (fun (struct (x, y)) -> x * y))
                / (points |> Array.sumBy (fun (struct (x, _)) -> x * x))

            fun x -> slope * x

    /// Whether the interval from models that leave out the fold of each point contains the test label.
    let private crossContains mean alpha (fold: int -> int) (training: struct (float * float)[]) (struct (x, y)) =
        let models =
            training
            |> Array.mapi (fun i _ ->
                training
                |> Array.indexed
                |> Array.filter (fun (j, _) -> fold j <> fold i)
                |> Array.map snd
                |> fit mean)

        let predictions = models |> Array.map (fun f -> f x)

        let residuals = Array.map2 (fun (f: float -> float) (struct (a, b)) -> abs (b - f a)) models training

        let struct (low, high) = Conformal.jackknifePlus alpha predictions residuals |> Require.ok
        indicator (y >= low && y <= high)

    let private jackknifeCoverage seed n alpha =
        let random = Witness.random seed
        let mean = random.Next 2 = 0
        let points = cloud random (n + 1)
        averageOver points (crossContains mean alpha id)

    let private jackknife seed =
        let random = Witness.random (seed + 1000)
        let alpha = 0.02 + 0.45 * random.NextDouble()
        Witness.bound "jackknife-plus" [| alpha |] / jackknifeCoverage seed (2 + random.Next 12) alpha

    /// Four points in two folds and a test point: every order of five.
    let private cross seed =
        let random = Witness.random seed
        let mean = random.Next 2 = 0
        let alpha = 0.01 + 0.1 * random.NextDouble()
        let points = cloud random 5

        let coverage =
            permutations [ 0..4 ]
            |> List.averageBy (fun order ->
                let all = order |> List.map (fun i -> points[i]) |> List.toArray
                crossContains mean alpha (fun i -> i / 2) all[..3] all[4])

        max 0.0 (Witness.bound "cv-plus" [| 4.0; alpha |]) / coverage

    /// Expected loss over the test point: step losses on a grid of ten lambdas.
    let private risk seed =
        let random = Witness.random seed
        let n = 3 + random.Next 20
        let most = 1.0 + random.NextDouble()
        let alpha = (1.0 / float (n + 1) + 0.3 * random.NextDouble()) * most

        let losses =
            Array.init (n + 1) (fun _ ->
                let steps = Array.init 10 (fun _ -> random.NextDouble() * most) |> Array.sortDescending
                // safe at last
                Array.append steps [| 0.0 |])

        averageOver losses (fun calibration loss ->
            let j = Conformal.riskControl alpha most calibration |> Require.ok
            loss[j])
        / Witness.bound "conformal-risk-control" [| float n; alpha; most |]

    /// Zero-one losses, each point safe from its own lambda on: split conformal prediction again.
    let private riskWorst () =
        let n = 9
        let alpha = 0.2

        let losses = Array.init (n + 1) (fun i -> Array.init (n + 1) (fun j -> if j < i then 1.0 else 0.0))

        averageOver losses (fun calibration loss ->
            let j = Conformal.riskControl alpha 1.0 calibration |> Require.ok
            loss[j])
        / Witness.bound "conformal-risk-control" [| float n; alpha; 1.0 |]

    /// The share of misses of a run against labels that miss as the seed says, where they may.
    let adaptiveRun (step: float -> float -> float -> bool -> float) seed =
        let random = Witness.random seed
        let alpha = 0.02 + 0.9 * random.NextDouble()
        let gamma = Math.Exp(8.0 * random.NextDouble() - 5.0)
        let initial = random.NextDouble()
        let horizon = 1 + random.Next 300
        let bias = random.NextDouble()
        let mutable level = initial
        let mutable misses = 0

        for _ in 1..horizon do
            let miss =
                if level <= 0.0 then false
                elif level >= 1.0 then true
                else random.NextDouble() < bias

            if miss then
                misses <- misses + 1

            level <- step alpha gamma level miss

        abs (float misses / float horizon - alpha)
        / Witness.bound "adaptive-conformal" [| float horizon; gamma; initial |]

    let private adaptive seed =
        let random = Witness.random seed
        let alpha = 0.02 + 0.9 * random.NextDouble()
        let gamma = Math.Exp(8.0 * random.NextDouble() - 5.0)
        let bias = random.NextDouble()

        let mutable state = AdaptiveConformal.start alpha gamma (random.NextDouble()) |> Require.ok

        for _ in 1 .. 1 + random.Next 300 do
            let miss =
                if state.Level <= 0.0 then false
                elif state.Level >= 1.0 then true
                else random.NextDouble() < bias

            state <- AdaptiveConformal.step miss state |> Require.ok

        abs (float state.Misses / float state.Rounds - alpha)
        / (AdaptiveConformal.bound state |> Require.ok).Value

    /// One round with a long step that misses.
    let private adaptiveWorst () =
        let state =
            AdaptiveConformal.start 0.01 100.0 0.5 |> Result.bind (AdaptiveConformal.step true) |> Require.ok

        abs (float state.Misses - 0.01) / (AdaptiveConformal.bound state |> Require.ok).Value

    let private trackingRun alpha eta most initial (scores: float seq) =
        let mutable state = QuantileTracking.start alpha eta most initial |> Require.ok

        for score in scores do
            state <- QuantileTracking.step score state |> Require.ok

        abs (float state.Misses / float state.Rounds - alpha)
        / (QuantileTracking.bound state |> Require.ok).Value

    let private tracking seed =
        let random = Witness.random seed
        let most = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let power = Math.Exp(4.0 * random.NextDouble() - 2.0)

        trackingRun
            (0.02 + 0.9 * random.NextDouble())
            (Math.Exp(8.0 * random.NextDouble() - 5.0))
            most
            (most * random.NextDouble())
            (List.init (1 + random.Next 300) (fun _ -> most * random.NextDouble() ** power))

    let all =
        [
            Witness.exact 1e-12 "split-conformal" "coverage over the choice of the test point, exact" split
            Witness.tight
                "split-conformal-conditional"
                "the quantile of coverage by the binomial law"
                conditional
                (fun () -> conditional 1)
            Witness.tight "conformal-drift" "coverage over all orders, exact" drift (fun () ->
                driftAt [| 1.0; 1.0; 1.0; 1.0 |] 0.2 0.15)
            Witness.tight "jackknife-plus" "coverage over the choice of the test point, exact" jackknife (fun () ->
                Seq.init 20 (fun i -> Witness.bound "jackknife-plus" [| 0.05 |] / jackknifeCoverage (i + 1) 19 0.05)
                |> Seq.max)
            Witness.loose
                "sqrt(2/n) is paid for any folds, and is most of the bound where orders can be enumerated"
                "cv-plus"
                "coverage over all orders, exact"
                cross
                (Witness.search 30 cross)
            Witness.tight
                "conformal-risk-control"
                "expected loss over the choice of the test point, exact"
                risk
                riskWorst
            Witness.tight "adaptive-conformal" "|share of misses - alpha| of a run" adaptive adaptiveWorst
            Witness.tight "quantile-tracking" "|share of misses - alpha| of a run" tracking (fun () ->
                trackingRun 0.01 100.0 1.0 0.5 [ 1.0 ])
        ]
