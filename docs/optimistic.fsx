(**
---
title: Optimism, between stochastic and adversarial
category: Theorems
categoryindex: 2
index: 6
---

# Optimism, between stochastic and adversarial

A learner that guesses the next gradient pays for the error of the guess and not for the gradient. With the last gradient as the guess that error is small where losses change slowly and noise is small: the same algorithm meets the stochastic, the adversarial, and everything between.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Two points

Keep y_t, where the gradients led, and play x_t, a step ahead along the hint m_t:

```text
x_t     = P(y_t - eta_t m_t)
y_{t+1} = P(y_t - eta_t g_t)
```

The two projections give, for every u,

```text
g_t'(x_t - u) <= (|y_t - u|^2 - |y_{t+1} - u|^2)/(2 eta_t) + eta_t |g_t - m_t|^2 - (|y_{t+1} - x_t|^2 + |x_t - y_t|^2)/(2 eta_t)
```

The last term, movement, pays for the smoothness of the losses: with m_t the last gradient, `|g_t - g_{t-1}|^2` is at most four times two noises, the drift of the mean gradient, and `L^2 |x_t - x_{t-1}|^2`, and the movement covers that last one. What is left are the sums of variances and of drifts.

## A run

A thousand rounds of linear losses on the unit disc, whose gradient has length 1 and turns slowly, with noise of growing size. Regret and bound of the adaptive step, beside the bound of gradient descent, which pays for the gradients.
*)

let rounds = 1000

let run noise =
    let stream = RandomStream(7UL, 0UL)
    let set = ConvexSet.Ball(2, 1.0)
    let largest = 1.0 + noise
    let start = [| 1.0; 0.0 |]
    // linear losses are smooth with every constant
    let smoothness = 0.01

    let optimistic =
        OptimisticMirrorDescent.start
            set
            (OptimisticSchedule.Adaptive(2.0, largest, 40.0 * smoothness * smoothness))
            (ReadOnlySpan start)
        |> Require.ok

    let plain = GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan start) |> Require.ok
    let turn = 0.0003
    let total = [| 0.0; 0.0 |]
    let mutable paid = 0.0

    for t in 1..rounds do
        let sign = if stream.NextDouble() < 0.5 then noise else -noise
        let angle = turn * float t
        let g = [| (1.0 + sign) * cos angle; (1.0 + sign) * sin angle |]
        paid <- paid + g[0] * optimistic.Point[0] + g[1] * optimistic.Point[1]
        total[0] <- total[0] + g[0]
        total[1] <- total[1] + g[1]
        OptimisticMirrorDescent.step (ReadOnlySpan g) optimistic
        GradientDescent.step (ReadOnlySpan g) plain

    let drift = float rounds * turn * turn

    paid + sqrt (total[0] * total[0] + total[1] * total[1]),
    (OptimisticMirrorDescent.regretBound optimistic |> Require.ok).Value,
    (Optimistic.seaConvex 2.0 smoothness largest (float rounds * noise * noise) drift |> Require.ok).Value,
    (GradientDescent.regretBound plain |> Require.ok).Value

Page.table
    [
        "noise"
        "regret"
        "bound of the state"
        "bound in expectation"
        "gradient descent's bound"
    ]
    [
        for noise in [ 0.0; 0.1; 0.5; 1.0 ] do
            let regret, own, sea, plain = run noise

            [
                Page.number noise
                Page.number regret
                Page.number own
                Page.number sea
                Page.number plain
            ]
    ]
(*** include-it-raw ***)

(**
Where gradients are large and change little, optimism pays. With noise as large as the gradients its constants cost more than gradient descent's; and where the gradients themselves become small, as with smooth losses near a common minimiser, gradient descent needs no hints.

## From one end to the other

D = L = G = 1, a thousand rounds: the bound as the variance of a round grows, for three drifts.
*)

let variances = [ for i in 0..40 -> 10.0 ** (-6.0 + 0.15 * float i) ]

let curve drift =
    SeriesCharts.line
        $"drift of a round {drift}"
        [
            for v in variances ->
                struct (v, (Optimistic.seaConvex 1.0 1.0 1.0 (1000.0 * v) (1000.0 * drift) |> Require.ok).Value)
        ]

Page.chart
    "Stochastically extended adversary, T = 1000"
    "above the dashed line a bound says nothing"
    (SeriesCharts.logarithmic "variance of a round")
    (SeriesCharts.logarithmic "expected regret, at most")
    [
        curve 0.0
        curve 0.001
        curve 0.1
        SeriesCharts.dashed "T, the trivial bound" [ for v in variances -> struct (v, 1000.0) ]
    ]
(*** include-it-raw ***)

(**
## Paths

Against a comparator that moves, P in all, a constant step pays (D^2 + 2 D P)/(2 eta) + eta V. Nobody knows P: a grid of steps, each twice the one before, has one within a factor of the root of two of the best, and Hedge finds it.
*)

let best =
    Bounds.find "optimistic-dynamic"
    |> Result.bind (BoundCalculator.evaluate [ "D", [| 2.0 |]; "P", [| 3.0 |]; "V", [| 50.0 |] ])
    |> Require.ok

Page.bound best
(*** include-it-raw ***)

(**
## The theorems
*)

(*** hide ***)
Page.family "optimistic"
(*** include-it-raw ***)
