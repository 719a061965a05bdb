(**
---
title: Conformal prediction
category: Theorems
categoryindex: 2
index: 21
---

# Conformal prediction

Sets that contain the next label with a chosen probability, whatever the law and whatever the model, as long as the order of the data says nothing.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Why it works

The score of the next label has a rank among the n calibration scores, and by exchangeability every rank from 1 to n+1 is as likely as any other. So it is at most the k-th smallest with probability k/(n+1), and k = ceiling((n+1)(1-alpha)) is the first that is enough.
The tests do not sample this: they count over the choice of the test point, or over all orders.
*)

(*** hide ***)
Page.family "conformal"
(*** include-it-raw ***)

(**
## The threshold in hand

k/(n+1) is an average over calibration sets. The one in hand covers with a probability that has a Beta law: its 5 % quantile for alpha = 0.1.
*)

Page.table
    [ "n"; "k"; "coverage"; "with probability 0.95 at least" ]
    [
        for n in [ 19; 99; 499; 1999 ] ->
            [
                string n
                string (Conformal.rank n 0.1 |> Require.ok)
                Page.number (Conformal.splitCoverage n 0.1 |> Require.ok).Value
                Page.number (Conformal.conditionalCoverage n 0.1 0.05 |> Require.ok).Value
            ]
    ]
(*** include-it-raw ***)

(**
## When the order does say something

Adaptive conformal inference moves its level after every round, and its share of misses comes to alpha on every sequence: the steps telescope. Here the scores double in size half way.
*)

let run =
    let random = RandomStream(3UL, 0UL)
    let calibration = Array.init 200 (fun _ -> random.NextDouble())
    let mutable state = AdaptiveConformal.start 0.1 0.02 0.1 |> Require.ok

    [
        for t in 1..4000 do
            let score = random.NextDouble() * (if t > 2000 then 2.0 else 1.0)
            let threshold = AdaptiveConformal.threshold calibration state |> Require.ok
            state <- AdaptiveConformal.stepScore score threshold state |> Require.ok

            if t % 20 = 0 then
                let share = float state.Misses / float state.Rounds
                let bound = (AdaptiveConformal.bound state |> Require.ok).Value
                struct (float t, share, bound)
    ]

Page.chart
    "Share of misses of adaptive conformal inference"
    "alpha = 0.1, gamma = 0.02"
    (SeriesCharts.logarithmic "rounds")
    (SeriesCharts.linear "share")
    [
        SeriesCharts.line "share of misses" [ for struct (t, share, _) in run -> struct (t, share) ]
        SeriesCharts.dashed "alpha plus the bound" [ for struct (t, _, b) in run -> struct (t, min 1.0 (0.1 + b)) ]
    ]
(*** include-it-raw ***)
