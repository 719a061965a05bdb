(**
---
title: Adversarial bandits
category: Theorems
categoryindex: 2
index: 30
---

# Adversarial bandits

Losses that an opponent fixes, one arm seen a round, no model at all. The price of seeing only one arm is a factor of the square root of K against the experts' setting, and it is paid by importance weighting: the loss of the arm drawn is divided by its probability,
so that every arm's estimate is right in expectation.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Why the square root

Hedge on the estimates e has, for losses that are not negative, regret of at most `ln K/eta + (eta/2) sum_t sum_a p_t(a) e_t(a)^2` on every sequence. In expectation the inner sum is at most K, since `p (l/p)^2 p = l^2`. So EXP3's expected regret is at most
`ln K/eta + eta T K/2`, least at `eta = sqrt(2 ln K/(T K))`, where it is `sqrt(2 T K ln K)`. Tsallis-INF replaces the entropy by minus the sum of square roots, which loses the logarithm.

The estimates are unbounded, and so is what one run may cost; EXP3-IX adds gamma to the probability in the denominator, and its bound holds with probability 1 - delta.

## A run

Ten arms with losses of 0 and 1 whose best arm changes half way: before, arm 0 loses with probability 0.3 and the others with 0.5; after, arm 1 with 0.1. Regret is against the best single arm in hindsight.
*)

let arms, horizon = 10, 20000

let losses =
    let random = Random 3

    Array.init horizon (fun t ->
        Array.init arms (fun a ->
            let mean =
                if t < horizon / 2 then (if a = 0 then 0.3 else 0.5)
                else if a = 1 then 0.1
                else 0.5

            if random.NextDouble() < mean then 1.0 else 0.0))

let regret (choose: unit -> int) (learn: int -> float -> unit) =
    let totals = Array.zeroCreate<float> arms
    let mutable own = 0.0

    [
        for t in 1..horizon do
            let arm = choose ()
            let loss = losses[t - 1][arm]
            learn arm loss
            own <- own + loss

            for a in 0 .. arms - 1 do
                totals[a] <- totals[a] + losses[t - 1][a]

            if t % 200 = 0 then
                struct (float t, own - Array.min totals)
    ]

let eta = sqrt (2.0 * log (float arms) / (float horizon * float arms))

let exp3 =
    let state = Exp3.start eta arms |> Require.ok

    regret (fun () -> Exp3.choose 1UL state) (fun arm loss ->
        Exp3.step arm loss state |> Require.ok |> ignore<Exp3State>)

let exp3Ix =
    let state = Exp3.startIx eta (eta / 2.0) arms |> Require.ok

    regret (fun () -> Exp3.choose 1UL state) (fun arm loss ->
        Exp3.step arm loss state |> Require.ok |> ignore<Exp3State>)

let tsallis =
    let state = TsallisInf.start arms |> Require.ok

    regret (fun () -> TsallisInf.choose 1UL state) (fun arm loss ->
        TsallisInf.step arm loss state |> Require.ok |> ignore<TsallisInfState>)

let bound name settings =
    (Bounds.find name |> Result.bind (BoundCalculator.evaluate settings) |> Require.ok).Value

let tsallisBound =
    [
        for i in 1..100 ->
            let t = 200.0 * float i in struct (t, bound "tsallis-inf" [ "K", [| float arms |]; "T", [| t |] ])
    ]

Page.chart
    "Regret against the best single arm, K = 10"
    "the best arm changes half way; EXP3's step is the best for the whole horizon"
    (SeriesCharts.linear "rounds")
    (SeriesCharts.linear "regret")
    [
        SeriesCharts.line "EXP3" exp3
        SeriesCharts.line "EXP3-IX" exp3Ix
        SeriesCharts.line "Tsallis-INF" tsallis
        SeriesCharts.dashed "Tsallis-INF, at most in expectation" tsallisBound
    ]
(*** include-it-raw ***)

(**
The bounds at the end, each at its best parameters:
*)

let given = [ "K", [| float arms |]; "T", [| float horizon |] ]

let final (curve: struct (float * float) list) =
    let struct (_, r) = List.last curve in Page.number r

Page.table
    [ "algorithm"; "regret of this run"; "bound" ]
    [
        [ "EXP3"; final exp3; Page.number (bound "exp3" given) ]
        [
            "EXP3-IX, with probability 0.95"
            final exp3Ix
            Page.number (bound "exp3-ix" given)
        ]
        [ "Tsallis-INF"; final tsallis; Page.number (bound "tsallis-inf" given) ]
    ]
(*** include-it-raw ***)

(*** hide ***)
Page.family "adversarial"
(*** include-it-raw ***)

(**
## Losses of any sign and size: the log barrier

Hedge's second-order bound needs losses above -1/eta. With the logarithmic barrier `(1/eta) sum_i ln(1/x_i)` nothing is needed. The barrier's Bregman divergence is `sum_i phi(y_i/x_i)` with `phi(u) = u - 1 - ln u`, and a point of the simplex has `y_i/x_i <= 1/x_i`, where `phi(u) >= x_i (u - 1)^2/2`. So the stability of a
round is at most `(eta/2) sum_i x_i c_i^2`, whatever the sign and the size of c: the probability itself tames what was divided by it. The price is a penalty of K ln T/eta in place of ln K/eta.

Losses with heavy tails, the step by the number of rounds:
*)

let barrier =
    let random = Random 11
    let k = 5
    let state = LogBarrier.start 0.05 k |> Require.ok

    [
        for t in 1..2000 do
            let c =
                Array.init k (fun a ->
                    let size = 1.0 / sqrt (1e-3 + random.NextDouble())
                    (if random.NextDouble() < 0.5 then -size else size) + 0.2 * float a)

            LogBarrier.step (ReadOnlySpan c) state |> Require.ok |> ignore<LogBarrierState>

            if t % 20 = 0 then
                let regret = state.Loss - Seq.min (state.Losses.ToArray())
                struct (float t, regret, (LogBarrier.regretBoundEveryArm state |> Require.ok).Value)
    ]

Page.chart
    "Follow the leader with the log barrier on losses of both signs"
    "sizes up to 30, eta = 0.05; the bound is computed from the learner's own state"
    (SeriesCharts.linear "rounds")
    (SeriesCharts.linear "regret")
    [
        SeriesCharts.line "regret against the best arm" [ for struct (t, r, _) in barrier -> struct (t, r) ]
        SeriesCharts.dashed "its bound, every arm" [ for struct (t, _, b) in barrier -> struct (t, b) ]
    ]
(*** include-it-raw ***)

(*** hide ***)
Page.family "log-barrier"
(*** include-it-raw ***)
