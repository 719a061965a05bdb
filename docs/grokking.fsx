(**
---
title: Grokking, solved exactly
category: Theorems
categoryindex: 2
index: 62
---

# Grokking, solved exactly

A network groks when its test error falls long after its training error. One explanation: training is first *lazy*, a linear model in the features of the start, which fits the training data; then *rich*, when the features turn towards the target.
This page has a model in which everything that the explanation speaks of is a closed formula.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The model

Inputs `x ~ N(0, I/D)`, labels `(beta'x)^2/2`, and a student `f(x) = (alpha/N) sum phi(w_i'x)` with the almost linear activation `phi(h) = h + (epsilon/2) h^2`. Its function depends on the weights through two statistics only, their mean and `M = (1/N) sum w_i w_i'`:
`f(x) = alpha mean'x + (alpha epsilon/2) x'Mx`. Gaussian moments then give the population risk exactly, with `B = alpha epsilon M - beta beta'`:

```text
E (f - y)^2 = alpha^2 |mean|^2/D + (2 |B|_F^2 + (tr B)^2)/(4 D^2)
```

because `E x_a x_b x_c x_d` over four coordinates sums the three pairings. The risk is 0 where the mean is 0 and `alpha epsilon M = beta beta'`, and nowhere else. The tangent kernel is `(alpha^2/N)(x'x')(1 + epsilon mean'(x + x') + epsilon^2 x'Mx')`;
at the learning rate `N/alpha^2` the linearised student moves at a speed that depends neither on alpha nor on N. So alpha alone says how lazy training is.

## Lazy and rich

The same start, the same data, two scales. The student is centred: its outputs at the start are taken off.
*)

let dimension, units, samples = 20, 60, 120
let beta = Array.init dimension (fun j -> if j = 0 then sqrt (float dimension) else 0.0)
let inputs = Grokking.inputs 4UL samples dimension |> Require.ok
let targets = Grokking.labels beta inputs |> Require.ok
let fresh = Grokking.inputs 5UL 1000 dimension |> Require.ok
let freshTargets = Grokking.labels beta fresh |> Require.ok

/// Points (step, train loss, test loss, alignment of the features).
let train alpha epsilon steps =
    let student = { Alpha = alpha; Epsilon = epsilon }
    let weights = Grokking.initialWeights 3UL units dimension |> Require.ok
    let offsets = Grokking.outputs student weights inputs |> Require.ok
    let freshOffsets = Grokking.outputs student weights fresh |> Require.ok
    let rate = Grokking.learningRate student units |> Require.ok

    [|
        for step in 1..steps do
            let loss = Grokking.descend student weights inputs targets offsets rate |> Require.ok

            if step % max 1 (pown 10 (int (log10 (float step))) / 5) = 0 then
                let outputs = Grokking.outputs student weights fresh |> Require.ok

                let test =
                    Array.map3 (fun f o y -> (f - o - y) ** 2.0) outputs freshOffsets freshTargets |> Array.average

                let statistics = Grokking.statistics weights |> Require.ok
                let alignment = Grokking.featureAlignment statistics beta |> Require.ok
                struct (float step, loss, test, alignment)
    |]

let rich = train 1.0 0.25 6000
let lazy' = train 20.0 0.25 6000

let curves name runs =
    [
        SeriesCharts.dashed $"{name}: train" [ for struct (t, loss, _, _) in runs -> struct (t, loss) ]
        SeriesCharts.line $"{name}: test" [ for struct (t, _, test, _) in runs -> struct (t, test) ]
    ]

Page.chart
    "Training and test error"
    "D = 20, N = 60, 120 samples, epsilon 0.25"
    (SeriesCharts.logarithmic "steps")
    (SeriesCharts.logarithmic "mean squared error")
    (curves "alpha 1" rich @ curves "alpha 20" lazy')
(*** include-it-raw ***)

Page.chart
    "Features turn towards the target in the rich regime only"
    "beta'M beta/(|beta|^2 tr M); 1/D at the start"
    (SeriesCharts.logarithmic "steps")
    (SeriesCharts.linear "alignment")
    [
        SeriesCharts.line "alpha 1" [ for struct (t, _, _, a) in rich -> struct (t, a) ]
        SeriesCharts.line "alpha 20" [ for struct (t, _, _, a) in lazy' -> struct (t, a) ]
    ]
(*** include-it-raw ***)

(**
At the large scale the training error falls by orders of magnitude while the test error hardly follows: a linear model in the features of the start cannot represent the target from fewer than `D (D+1)/2` samples. At the small scale the features turn, and the test error comes down with them.
A scale between the two gives the delay that is called grokking: first the one, then the other.

## Risk at the start

Over standard normal weights the expected risk is a closed formula too. It grows with the square of alpha over N, which is why a student with a large scale is centred:
*)

Page.table
    [ "alpha"; "expected risk at the start"; "risk of predicting 0" ]
    [
        for alpha in [ 0.5; 1.0; 5.0; 20.0 ] ->
            let signal2 = beta |> Array.sumBy (fun b -> b * b)
            let student = { Alpha = alpha; Epsilon = 0.25 }
            let bound = GrokkingBounds.initialRisk student dimension units signal2 |> Require.ok
            [ Page.number alpha; Page.number bound.Value; Page.number bound.Trivial ]
    ]
(*** include-it-raw ***)

(**
## The calculators
*)

(*** hide ***)
Page.family "grokking"
(*** include-it-raw ***)
