(**
---
title: Online convex optimisation
category: Theorems
categoryindex: 2
index: 4
---

# Online convex optimisation

A learner plays a point of a convex set, sees a convex loss, and pays it; its regret is what it paid more than the best fixed point. The bounds of this page hold on every sequence of losses, with no assumption on where they come from.
Each learner of the library keeps what its bound needs and computes the bound from its own state.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"
#r "../tests/Theory/Witnesses/bin/Release/net10.0/Hindsight.Witnesses.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool
open Hindsight.Tests.Theory

(**
## One inequality

Projection to a convex set does not move a point away from any point u of the set, so a gradient step obeys

```text
|x_{t+1} - u|^2 <= |x_t - u|^2 - 2 eta g_t'(x_t - u) + eta^2 |g_t|^2
```

and, summed over rounds, `sum g_t'(x_t - u) <= |x_1 - u|^2/(2 eta) + (eta/2) sum |g_t|^2`. Convexity turns the left side into regret. Everything else on this page is the choice of the step (constant, falling, adaptive, 1/(lambda t)), of the metric
(mirror maps, AdaGrad, the online Newton step), or of what is done with the curvature of the loss: lambda-strong convexity subtracts (lambda/2)|x_t - u|^2, exp-concavity (gamma/2)(g_t'(x_t - u))^2, and a step that grows the metric by just that much telescopes to a logarithm.

## A run

A thousand rounds of linear losses on the unit disc, whose direction turns slowly. Three schedules, each with the bound from its own state.
*)

let rounds = 1000

let play schedule =
    let state =
        GradientDescent.start (ConvexSet.Ball(2, 1.0)) schedule (ReadOnlySpan [| 1.0; 0.0 |]) |> Require.ok

    let total = [| 0.0; 0.0 |]
    let mutable paid = 0.0
    let regret = ResizeArray<struct (float * float)>()
    let bounds = ResizeArray<struct (float * float)>()

    for t in 1..rounds do
        let angle = 0.004 * float t
        let g = [| 0.8 * cos angle + 0.2; 0.8 * sin angle |]
        paid <- paid + g[0] * state.Point[0] + g[1] * state.Point[1]
        GradientDescent.step (ReadOnlySpan g) state
        total[0] <- total[0] + g[0]
        total[1] <- total[1] + g[1]

        if t % 10 = 0 then
            regret.Add(struct (float t, paid + sqrt (total[0] * total[0] + total[1] * total[1])))
            bounds.Add(struct (float t, (GradientDescent.regretBound state |> Require.ok).Value))

    regret, bounds

let fixedStep = play (StepSchedule.Constant(2.0 / sqrt (float rounds)))
let falling = play (StepSchedule.SquareRoot(2.0, 1.0))
let adaptive = play (StepSchedule.Adaptive 2.0)

Page.chart
    "Gradient descent on linear losses that turn"
    "regret of three schedules, and below the dashes what their states promise"
    (SeriesCharts.linear "rounds t")
    (SeriesCharts.linear "regret")
    [
        SeriesCharts.line "constant step" (fst fixedStep)
        SeriesCharts.line "D/(G sqrt t)" (fst falling)
        SeriesCharts.line "adaptive" (fst adaptive)
        SeriesCharts.dashed "bound, constant step" (snd fixedStep)
        SeriesCharts.dashed "bound, adaptive" (snd adaptive)
    ]
(*** include-it-raw ***)

(**
## What curvature buys

With G = D = 1: convex losses cost the root of the horizon, strongly convex and exp-concave ones a logarithm.
*)

let horizons = [ for i in 0..40 -> 10.0 ** (1.0 + float i / 8.0) ]

let curve name (bound: float -> Result<Bound, HindsightError>) =
    SeriesCharts.line name [ for t in horizons -> struct (t, (bound t |> Require.ok).Value) ]

Page.chart
    "Bounds by curvature, G = D = 1"
    "strong convexity 0.1; exp-concavity 1 in five dimensions"
    (SeriesCharts.logarithmic "rounds T")
    (SeriesCharts.logarithmic "regret, at most")
    [
        curve "convex" (OnlineConvex.gradientDescentHorizon 1.0 1.0)
        curve "strongly convex" (OnlineConvex.stronglyConvex 0.1 1.0)
        curve "exp-concave" (OnlineConvex.onlineNewtonHorizon 1.0 1.0 1.0 5)
        SeriesCharts.dashed "T, the trivial bound" [ for t in horizons -> struct (t, t) ]
    ]
(*** include-it-raw ***)

(**
## How near the bounds come

The largest ratio of what was measured to the bound, over two hundred generated instances and one built to be as bad as we know. A bound that reaches more than 0.9 has a constant that cannot be lowered by a tenth.
*)

(*** hide ***)
Page.table
    [ "theorem"; "reached"; "why no more" ]
    [
        for c in OnlineConvex.calculators do
            for w in Witnesses.all |> List.filter (fun w -> w.Calculator = c.Name) do
                let ratio = max (w.Worst()) (Seq.init 200 (fun i -> w.Generated(i + 1)) |> Seq.max)
                [ c.Title; ratio.ToString "0.000"; (if isNull w.Loose then "" else w.Loose) ]
    ]
(*** include-it-raw ***)

(**
The elliptical potential with capped widths has the constant 1/ln 2 here, which is attained; the literature has 2.

## The theorems
*)

(*** hide ***)
Page.family "online-convex"
(*** include-it-raw ***)
