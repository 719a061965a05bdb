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

Losses (x - c_t)^2/2 on [-1, 1] with a slowly moving c_t and noise of growing size: regret and bound of the adaptive step, beside the bound of gradient descent, which pays for the gradients.
*)

let rounds = 1000

let run noise =
    let stream = RandomStream(7UL, 0UL)
    let set = ConvexSet.Ball(1, 1.0)
    let largest = 2.0 + noise

    let optimistic =
        OptimisticMirrorDescent.start set (OptimisticSchedule.Adaptive(2.0, largest, 40.0)) (ReadOnlySpan [| -1.0 |])
        |> Require.ok

    let plain = GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan [| -1.0 |]) |> Require.ok
    let centres = Array.init rounds (fun t -> 0.5 + 0.3 * sin (0.01 * float t))
    let u = Array.average centres
    let mutable regret = 0.0

    for c in centres do
        let sign = if stream.NextDouble() < 0.5 then 1.0 else -1.0
        let x = optimistic.Point[0]
        regret <- regret + 0.5 * ((x - c) ** 2.0 - (u - c) ** 2.0)
        OptimisticMirrorDescent.step (ReadOnlySpan [| x - c + noise * sign |]) optimistic
        GradientDescent.step (ReadOnlySpan [| plain.Point[0] - c + noise * sign |]) plain

    let drift = Array.pairwise centres |> Array.sumBy (fun (a, b) -> (a - b) ** 2.0)

    regret,
    (OptimisticMirrorDescent.regretBound optimistic |> Require.ok).Value,
    (Optimistic.seaConvex 2.0 1.0 largest (float rounds * noise * noise) drift |> Require.ok).Value,
    (GradientDescent.regretBound plain |> Require.ok).Value

Page.table
    [ "noise"; "regret"; "bound of the state"; "bound in expectation"; "gradient descent's bound" ]
    [
        for noise in [ 0.0; 0.1; 0.5; 1.0 ] do
            let regret, own, sea, plain = run noise
            [ Page.number noise; Page.number regret; Page.number own; Page.number sea; Page.number plain ]
    ]
(*** include-it-raw ***)

(**
Small noise is where optimism pays; with noise as large as the gradients its constants cost more than gradient descent's.

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
