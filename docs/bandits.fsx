(**
---
title: From bandits to online regression
category: Theorems
categoryindex: 2
index: 1
---

# From bandits to online regression

A contextual bandit chooses one of K arms, pays its cost in [0,1], and sees nothing of the others. Inverse gap weighting turns any forecaster of costs into such a bandit, and the forecaster's
regret into the bandit's. This page states the reductions, derives them, and puts numbers into them.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The price of a round

Let y be the predicted costs and p the distribution over arms. Whatever the mean costs f are, the expected regret of the round is at most

```text
max_a [ sum_b p_b y_b - y_a + (1 - p_a)/(4 c p_a) ] + c sum_b p_b (f_b - y_b)^2
```

for every c > 0: maximise regret less c times the squared error over f, a separate parabola for each arm. The bracket is the *price* of the round; `Igw.decisionValue` computes it. With c = gamma/4 inverse gap weighting keeps
it below 2(K-1)/gamma, and its exact normalisation makes it (K-1)/gamma for every best arm, which no distribution improves.
*)

let predictions = [| 0.2; 0.3; 0.5; 0.21 |]
let gamma = 50.0

let price (rule: float[] -> unit) =
    let p = Array.zeroCreate<float> predictions.Length
    rule p
    Igw.decisionValue (ReadOnlySpan predictions) (gamma / 4.0) (ReadOnlySpan p)

Page.table
    [ "rule"; "price of the round"; "its bound" ]
    [
        [
            "mu = K"
            Page.number (price (fun p -> Igw.fixedMu (ReadOnlySpan predictions) gamma (Span p)))
            Page.number (2.0 * 3.0 / gamma)
        ]
        [
            "exact normalisation"
            Page.number (price (fun p -> Igw.exact (ReadOnlySpan predictions) gamma (Span p) |> ignore<float>))
            Page.number (3.0 / gamma)
        ]
    ]
(*** include-it-raw ***)

(**
## SquareCB and FastCB

Summed over T rounds the price costs c T/gamma and the squared error is what the oracle's regret R pays for. Gamma balances the two.
*)

(*** hide ***)
Page.family "bandits"
(*** include-it-raw ***)

(**
## Numbers

A hundred thousand rounds, ten arms, an oracle with a regret of 50: gamma is not given, so it is the one that makes the bound least.
*)

let settings = [ "T", [| 1e5 |]; "K", [| 10.0 |]; "R", [| 50.0 |] ]

let squareCB = Bounds.find "squarecb" |> Result.bind (BoundCalculator.evaluate settings) |> Require.ok

Page.bound squareCB
(*** include-it-raw ***)

(**
The exact normalisation halves the price; the constant of the bound falls by the square root of two. A bound in probability pays for Freedman's and Azuma's inequalities besides.
*)

let horizons = [ for i in 0..40 -> 10.0 ** (2.0 + float i / 8.0) ]

let curve name title =
    let calculator = Bounds.find name |> Require.ok

    SeriesCharts.line
        title
        [
            for t in horizons do
                let bound =
                    calculator
                    |> BoundCalculator.evaluate [ "T", [| t |]; "K", [| 10.0 |]; "R", [| 50.0 |] ]
                    |> Require.ok

                struct (t, bound.Value)
        ]

Page.chart
    "SquareCB, K = 10, R = 50"
    "gamma is the best for each horizon; above the dashed line a bound says nothing"
    (SeriesCharts.logarithmic "rounds T")
    (SeriesCharts.logarithmic "regret, at most")
    [
        curve "squarecb" "mu = K"
        curve "squarecb-exact" "exact normalisation"
        curve "squarecb-confidence" "mu = K, with probability 0.95"
        SeriesCharts.dashed "T, the trivial bound" [ for t in horizons -> struct (t, t) ]
    ]
(*** include-it-raw ***)
