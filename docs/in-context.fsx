(**
---
title: Learning in context
category: Theorems
categoryindex: 2
index: 61
---

# Learning in context

A sequence model that is shown examples and a query can predict the query's label without a change of its weights. What algorithm does it run, how well can one layer do, and how sure can it be? For linear regression all three have exact answers.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## One layer is one gradient step

Tokens are `(x_j, y_j)` for the examples and `(x_q, -prediction)` for the query. A layer of linear self-attention adds `P sum_j (V e_j)(K e_j)'(Q e)` to every token. With `K = Q = diag(I, 0)`, `V = (0 0; w' -1)` and `P = (eta/N) I` it takes a step of gradient descent
on `(1/2N) sum (w'x - y)^2`, and the query's label becomes minus the prediction after the step. Later layers start from weights 0, because labels have become residuals.
*)

let random = RandomStream(1UL, 0UL)
let dimension, count = 3, 8
let examples = Array2D.init count dimension (fun _ _ -> random.NextNormal())
let truth = Array.init dimension (fun _ -> random.NextNormal())

let labels =
    Array.init count (fun i ->
        (truth |> Seq.mapi (fun j w -> w * examples[i, j]) |> Seq.sum) + 0.3 * random.NextNormal())

let query = Array.init dimension (fun _ -> random.NextNormal())
let zero = Array.zeroCreate<float> dimension
let layer = LinearAttention.gradientStep zero 0.5 count |> Require.ok

let dot (w: float[]) =
    Array.fold2 (fun s a b -> s + a * b) 0.0 w query

let stack =
    Seq.unfold
        (fun (tokens: float[,]) ->
            let next = LinearAttention.apply layer tokens |> Require.ok
            Some(LinearAttention.prediction next |> Require.ok, next))
        (LinearAttention.tokens examples labels query zero |> Require.ok)
    |> Seq.take 5
    |> Seq.toArray

Page.table
    [ "layers"; "prediction of the layers"; "prediction of gradient descent" ]
    [
        for steps in 1..5 ->
            [
                string steps
                stack[steps - 1].ToString "R"
                (InContext.gradientDescent examples labels zero 0.5 steps |> Require.ok |> dot).ToString "R"
            ]
    ]
(*** include-it-raw ***)

(**
## How well can one step do?

For inputs, weights and query from standard normal distributions and noise of variance sigma2, the predictor `eta x_q'X'y` has loss `d - 2 eta n d + eta^2 n d (n + d + 1 + sigma2) + sigma2`: `E X'X = n I` and `E (X'X)^2 = n (n + d + 1) I`. The best step is `1/(n + d + 1 + sigma2)`.
With inputs of covariance S the best preconditioner is `((n+1) S + (tr S + sigma2) I)^-1`. Least squares needs more than d + 1 examples to have a finite loss at all, and soon wins:
*)

let d, sigma2 = 10, 0.25

Page.chart
    "One step against least squares"
    "dimension 10, noise 0.25; the least possible loss is the noise"
    (SeriesCharts.logarithmic "examples")
    (SeriesCharts.logarithmic "expected squared error")
    [
        let counts = [ 1; 2; 4; 6; 8; 10; 12; 14; 17; 20; 30; 50; 100; 200; 500; 1000 ]

        SeriesCharts.line
            "best step"
            [
                for n in counts -> struct (float n, (InContextBounds.optimalLoss n d sigma2 |> Require.ok).Value)
            ]

        SeriesCharts.line
            "least squares"
            [
                for n in counts do
                    if n > d + 1 then
                        struct (float n, (InContextBounds.leastSquares n d sigma2 |> Require.ok).Value)
            ]
    ]
(*** include-it-raw ***)

(**
The step is a free input of its calculator, so the calculator finds the best one itself:
*)

let optimum =
    Bounds.find "in-context-step"
    |> Result.bind (BoundCalculator.optimise [ "eta" ] [| [| 20.0 |]; [| 10.0 |]; [| 0.25 |]; [| 0.01 |] |])
    |> Require.ok

Page.table
    [ "step found"; "1/(n + d + 1 + sigma2)"; "loss" ]
    [
        [
            Page.number optimum.Values[0]
            Page.number (InContext.optimalStep 20 10 0.25 |> Require.ok)
            Page.number optimum.Bound.Value
        ]
    ]
(*** include-it-raw ***)

(**
## How sure can it be?

With normal weights and known noise the label at the query is normal, and its variance splits into the noise (aleatoric) and `sigma2 x_q'(X'X + ridge I)^-1 x_q` (epistemic), which every example lowers. With unknown noise and the conjugate prior it is Student-t;
`NormalInverseGamma` takes an example at a time, without allocation, to the same answer as the whole context.
*)

let upTo n =
    let x = Array2D.init n dimension (fun i j -> examples[i, j])
    let y = Array.take n labels
    let known = InContextUncertainty.bayes x y query 0.09 1.0 |> Require.ok
    let unknown = InContextUncertainty.studentT x y query 0.09 2.0 0.1 |> Require.ok
    struct (known, unknown)

Page.table
    [
        "examples"
        "mean"
        "aleatoric"
        "epistemic"
        "variance, noise unknown"
        "degrees of freedom"
    ]
    [
        for n in 1..count ->
            let struct (known, unknown) = upTo n

            [
                string n
                Page.number known.Mean
                Page.number known.Aleatoric
                Page.number known.Epistemic
                Page.number unknown.Variance
                Page.number unknown.Dof
            ]
    ]
(*** include-it-raw ***)

(**
A model that predicts mean and variance is trained on `ln s + (y - mean)^2/(2 s^2)`. In expectation it is least at the true mean and variance, and a wrong pair costs exactly the divergence between the two normal distributions, whatever the distribution of the label is.
Believing too little noise costs more than believing too much:
*)

Page.chart
    "Cost of a wrong deviation"
    "true deviation 1, right mean"
    (SeriesCharts.logarithmic "predicted deviation")
    (SeriesCharts.linear "excess loss, nats")
    [
        SeriesCharts.line
            "excess"
            [
                for i in -20 .. 40 ->
                    let p = exp (0.05 * float i)
                    struct (p, (InContextBounds.gaussianExcess 0.0 1.0 p |> Require.ok).Value)
            ]
    ]
(*** include-it-raw ***)

(**
How fast a transformer that is trained on n tasks of length T with a window S comes near these predictions is stated in arXiv 2405.15115 as of order `sqrt(min(S, T)/(n T))` up to logarithms. Its constants are not stated in a form that could be computed, so there is no calculator of it.

## The calculators
*)

(*** hide ***)
Page.family "in-context"
(*** include-it-raw ***)
