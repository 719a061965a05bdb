(**
---
title: Experts and groups
category: Theorems
categoryindex: 2
index: 5
---

# Experts and groups

N experts make predictions; a learner follows them by weights and wants to lose little more than the best of them. Exponential weights do that at the price of a logarithm of N, for every sequence of losses.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## One potential

Let `W_t = sum q_i e^(-eta L_{t,i})`. The ratio `W_t/W_{t-1}` is the mean of `e^(-eta l)` under the learner's weights, and `W_T >= q_i e^(-eta L_i)` for every i. So

```text
sum_t -(1/eta) ln E_p e^(-eta l_t) <= L_i + ln(1/q_i)/eta
```

exactly. What remains is the gap between the learner's loss and the *mix loss* `-(1/eta) ln E_p e^(-eta l)`: at most eta/8 a round for losses in [0,1] (Hoeffding's lemma), at most eta E l^2 (second order), at most 0 for the mean prediction
where the loss is exp-concave (Jensen), and at most 0 for some prediction where it is mixable. AdaHedge measures the gap and sets eta by it; fixed share is the same potential over sequences of experts.

## Numbers

Ten experts, ten thousand rounds; the rate is not given, so it is the one that makes the bound least.
*)

let settings = [ "N", [| 10.0 |]; "T", [| 1e4 |] ]

Bounds.find "hedge" |> Result.bind (BoundCalculator.evaluate settings) |> Require.ok |> Page.bound
(*** include-it-raw ***)

(**
Two experts, one of whom is right two rounds in three: who that is changes halfway. Hedge and AdaHedge hold on to the first, as they should: over all rounds neither expert is better. Fixed share turns.
*)

let hedge = Hedge.start 2 (Hedge.rateFor 2 2000.0 |> Require.ok) |> Require.ok
let ada = AdaHedge.start 2 |> Require.ok
let shared = FixedShare.start 2 0.5 0.001 |> Require.ok
let weights = Array.init 3 (fun _ -> ResizeArray<struct (float * float)>())

for t in 1..2000 do
    let good = if t <= 1000 then 0 else 1
    let l = [| 0.0; 0.0 |]
    l[if t % 3 = 0 then good else 1 - good] <- 1.0
    Hedge.step (ReadOnlySpan l) hedge
    AdaHedge.step (ReadOnlySpan l) ada
    FixedShare.step (ReadOnlySpan l) shared

    if t % 10 = 0 then
        weights[0].Add(struct (float t, hedge.Weights[0]))
        weights[1].Add(struct (float t, ada.Weights[0]))
        weights[2].Add(struct (float t, shared.Weights[0]))

Page.chart
    "Weight of the expert that is good until round 1000"
    "Hedge and AdaHedge compete with the best expert, fixed share with the best sequence of experts"
    (SeriesCharts.linear "rounds t")
    (SeriesCharts.linear "weight")
    [
        SeriesCharts.line "Hedge" weights[0]
        SeriesCharts.line "AdaHedge" weights[1]
        SeriesCharts.line "fixed share" weights[2]
    ]
(*** include-it-raw ***)

(**
Their losses, and the bounds on their regret from their states: against the best expert for the first two, against the best sequence of experts with one switch for fixed share. It pays more for competing with more, and loses less.
*)

let limit (bound: Result<Bound, HindsightError>) = Page.number (Require.ok bound).Value

Page.table
    [ "learner"; "loss"; "regret, at most" ]
    [
        [ "Hedge"; Page.number hedge.LearnerLoss; limit (Hedge.regretBound hedge) ]
        [ "AdaHedge"; Page.number ada.LearnerLoss; limit (AdaHedge.regretBound ada) ]
        [
            "fixed share"
            Page.number shared.LearnerLoss
            limit (FixedShare.regretBound 1 shared)
        ]
    ]
(*** include-it-raw ***)

(**
## The theorems on experts
*)

(*** hide ***)
Page.family "experts"
(*** include-it-raw ***)

(**
## Groups

People belong to several groups at once, and a forecaster that is good on average may be bad on one of them. One regression oracle for each group, fed on that group's rounds only, and experts that *sleep* in the rounds outside of their group: AdaNormalHedge over them
is on every group nearly as good as the group's own oracle. Its potential `sum q_i exp(max(R_i, 0)^2/(3 C_i))` stays below `B = 1 + (3/2) sum q_i (1 + ln(1 + C_i))`, whence `R_i <= sqrt(3 C_i ln(B/q_i))`, and C_i is at most the number of rounds in which expert i was awake.

Three groups in the plane with different truths: everybody, the half with x_1 > 0, and the quarter where both are positive.
*)

let groups = Groupwise.start 3 2 1.0 1.0 |> Require.ok
let stream = RandomStream(1UL, 0UL)

for _ in 1..3000 do
    let x = [| 2.0 * stream.NextDouble() - 1.0; 2.0 * stream.NextDouble() - 1.0 |]
    let active = [| true; x[0] > 0.0; x[0] > 0.0 && x[1] > 0.0 |]

    let mean =
        if active[2] then 0.5 * x[1]
        elif active[1] then -0.5 * x[0]
        else 0.3 * x[0] + 0.2 * x[1]

    let y = Math.Clamp(mean + 0.1 * stream.NextNormal(), -1.0, 1.0)
    Groupwise.step (ReadOnlySpan x) (ReadOnlySpan active) y groups |> ignore<float>

Page.table
    [
        "group"
        "rounds"
        "square loss"
        "regret against the group's own regression"
        "at most"
    ]
    [
        for g in 0..2 do
            [
                [| "everybody"; "x_1 > 0"; "both positive" |][g]
                string groups.Active[g]
                Page.number groups.Losses[g]
                Page.number (groups.Regret g)
                limit (Groupwise.regretBound g groups)
            ]
    ]
(*** include-it-raw ***)

(**
A regret below zero is no error: the aggregate switches between regressions, which none of them does.

## The theorems on groups
*)

(*** hide ***)
Page.family "groups"
(*** include-it-raw ***)
