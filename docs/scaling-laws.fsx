(**
---
title: Scaling laws
category: Theorems
categoryindex: 2
index: 63
---

# Scaling laws

How low does the loss of a language model get with so many parameters, steps and tokens a step? The answers here are *fits to runs*, not theorems: every calculator of this page is Heuristic, and default constants are from memory. What is exact is what follows from the forms: trade-offs, trajectories, best sizes, and the fits.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The forms

```text
trained:                 L = (N_c/N)^alpha_N
after S_min steps:       L = (N_c/N)^alpha_N + (S_c/S_min)^alpha_S       at a batch far above the critical one
critical batch:          B_crit = B*/L^(1/alpha_B)
trade-off:               (S/S_min - 1)(E/E_min - 1) = 1,  E = B S,  B_crit = E_min/S_min
```

The trade-off is `S_min/S + E_min/E = 1` written differently, so `S_min = S/(1 + B_crit/B)` and, at the critical batch, steps and examples are both twice their least. Put into the law of steps it gives the loss at any batch as the root of

```text
L = (N_c/N)^alpha_N + ((S_c/S)(1 + B*/(B L^(1/alpha_B))))^alpha_S
```

whose right side falls in L: there is one root, and the calculator takes its derivatives through it.
*)

let constants = ScalingLaw.published2020

let loss size steps batch =
    (ScalingLawBounds.trajectory constants size steps batch |> Require.ok).Value

Page.chart
    "Loss of a run by batch size"
    "1e8 parameters; each batch sees the same tokens at the same place of the axis"
    (SeriesCharts.logarithmic "tokens seen")
    (SeriesCharts.linear "nats a token")
    [
        for batch in [ 3e4; 3e5; 3e6; 3e7 ] ->
            SeriesCharts.line
                $"batch {batch:G1}"
                [
                    for i in 0..40 ->
                        let tokens = 1e10 * exp (float i * 0.15)
                        struct (tokens, loss 1e8 (tokens / batch) batch)
                ]
    ]
(*** include-it-raw ***)

(**
## The best size for a compute

With `C = 6 N B S` operations a small model is trained long and a large one briefly. The size is a free input, optimised through the trajectory:
*)

Page.table
    [
        "operations"
        "best size"
        "steps"
        "loss there"
        "loss at ten times the size"
        "loss at a tenth"
    ]
    [
        for compute in [ 1e17; 1e18; 1e19; 1e20; 1e21; 1e22 ] ->
            let best = ScalingLawBounds.bestSize constants compute 5e5 |> Require.ok
            let size = best.Values[0]
            let at n = loss n (compute / (6.0 * n * 5e5)) 5e5

            [
                Page.number compute
                Page.number size
                Page.number (compute / (6.0 * size * 5e5))
                Page.number best.Bound.Value
                Page.number (at (10.0 * size))
                Page.number (at (size / 10.0))
            ]
    ]
(*** include-it-raw ***)

(**
## Fitting

The recipe: trained models of several sizes give `N_c` and `alpha_N` (a line in logarithms), one size at a large batch gives `S_c` and `alpha_S`, hyperbolas at several losses give the critical batch, and a joint fit of all runs, robust against a few bad ones, refines all six constants.
Runs made from known constants with a percent of noise, fitted from a start that is off by a fifth:
*)

let random = RandomStream(1UL, 0UL)

let runs =
    [|
        for n in [ 1e6; 4e6; 1.5e7; 6e7 ] do
            for s in [ 1e3; 6e3; 4e4; 2e5 ] do
                for b in [ 3e4; 5e5; 1e7 ] ->
                    {
                        Size = n
                        Steps = s
                        Batch = b
                        Loss = loss n s b * exp (0.01 * random.NextNormal())
                    }
    |]

let start =
    {
        SizeScale = 1.2 * constants.SizeScale
        SizeExponent = 0.8 * constants.SizeExponent
        StepScale = 1.2 * constants.StepScale
        StepExponent = 0.8 * constants.StepExponent
        BatchScale = 1.2 * constants.BatchScale
        BatchExponent = 0.8 * constants.BatchExponent
    }

let fitted = ScalingLaw.refine start runs |> Require.ok

Page.table
    [ "constant"; "planted"; "fitted" ]
    [
        [ "N_c"; Page.number constants.SizeScale; Page.number fitted.SizeScale ]
        [
            "alpha_N"
            Page.number constants.SizeExponent
            Page.number fitted.SizeExponent
        ]
        [ "S_c"; Page.number constants.StepScale; Page.number fitted.StepScale ]
        [
            "alpha_S"
            Page.number constants.StepExponent
            Page.number fitted.StepExponent
        ]
        [ "B*"; Page.number constants.BatchScale; Page.number fitted.BatchScale ]
        [
            "alpha_B"
            Page.number constants.BatchExponent
            Page.number fitted.BatchExponent
        ]
    ]
(*** include-it-raw ***)

(**
The scale of sizes is far outside of the data, so its error is large while the losses that it predicts are not. Without noise the fit gives back the planted constants to 1e-6: a law.

## Annealing the learning rate

`L = L0 + A S1^-alpha - C S2` speaks about runs with any schedule: `S1` is the sum of the rates, `S2` the sum of a momentum `m_i = lambda m_(i-1) + (rate_(i-1) - rate_i)` of its drops. A constant rate has `S2 = 0`.
*)

let law =
    {
        Floor = 2.5
        Amplitude = 0.8
        Exponent = 0.4
        Annealing = 0.004
        Decay = 0.99
    }

let steps = 600

let schedules =
    [
        "constant", Array.create steps 1.0
        "cosine", Array.init steps (fun i -> 0.05 + 0.475 * (1.0 + cos (Math.PI * float i / float steps)))
        "drop after 450", Array.init steps (fun i -> if i < 450 then 1.0 else 0.1)
    ]

Page.chart
    "One law, three schedules"
    "L0 = 2.5, A = 0.8, alpha = 0.4, C = 0.004, lambda = 0.99"
    (SeriesCharts.linear "steps")
    (SeriesCharts.linear "loss")
    [
        for name, schedule in schedules ->
            let areas = Annealing.areas law.Decay schedule |> Require.ok

            SeriesCharts.line
                name
                [
                    for i in 20..5..steps -> struct (float i, Annealing.loss law areas[i - 1] |> Require.ok)
                ]
    ]
(*** include-it-raw ***)

(**
For a fixed alpha the law is linear in `L0`, `A` and `C`, all of which are not negative: the fit searches alpha alone and solves the rest exactly. From the losses of the cosine and the drop, with the decay searched too:
*)

let observed =
    [|
        for _, schedule in List.tail schedules ->
            let areas = Annealing.areas law.Decay schedule |> Require.ok
            schedule, [| for i in 20..10..steps -> i, Annealing.loss law areas[i - 1] |> Require.ok |]
    |]

let found = Annealing.fitDecay observed |> Require.ok

Page.table
    [ ""; "L0"; "A"; "alpha"; "C"; "lambda" ]
    [
        for name, l in [ "planted", law; "fitted", found ] ->
            name :: List.map Page.number [ l.Floor; l.Amplitude; l.Exponent; l.Annealing; l.Decay ]
    ]
(*** include-it-raw ***)

(**
## The calculators
*)

(*** hide ***)
Page.family "scaling-laws"
(*** include-it-raw ***)
