(**
---
title: From surrogate losses to errors
category: Theorems
categoryindex: 2
index: 2
---

# From surrogate losses to errors

A classifier is trained on a loss that can be minimised and judged by its errors. The bounds on this page say how many more errors than necessary it makes at most, given how far its surrogate risk is from the least.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The psi-transform

For a margin loss phi and a context where the positive class has probability eta, let `H(eta)` be the least conditional risk and `H-(eta)` the least among scores of the wrong sign. A score of the wrong sign makes `|2 eta - 1|` more errors than necessary and
costs at least `psi(|2 eta - 1|) = H-(eta) - H(eta)` in the surrogate. For convex losses `psi` is convex, so by Jensen's inequality `psi(zero-one excess) <= surrogate excess`, and the bound is the inverse of `psi`. It is attained by one
context and the score 0: no constant can be smaller.

For classification-calibrated losses `psi(t) > 0` for every `t > 0`. The transforms of four losses, from the library's numeric transform (closed form where there is one):
*)

let transforms: (string * IMarginLoss) list =
    [
        "hinge", Hinge()
        "squared hinge", SquaredHinge()
        "exponential", Exponential()
        "logistic", Logistic()
    ]

Page.chart
    "psi-transforms"
    "how much surrogate excess a zero-one excess costs at least"
    (SeriesCharts.linear "zero-one excess t")
    (SeriesCharts.linear "psi(t)")
    [
        for name, loss in transforms do
            let psi = Psi.transform loss |> Require.ok
            SeriesCharts.line name [ for i in 0..100 -> struct (float i / 100.0, psi.Value(float i / 100.0)) ]
    ]
(*** include-it-raw ***)

(**
## The bounds
*)

(*** hide ***)
Page.family "consistency"
(*** include-it-raw ***)

(**
## What an excess of E is worth

The hinge loss has the best guarantee for small excesses: linear, where the smooth losses have a square root. With several classes the price of the comp-sum losses beyond the logistic grows with their number.
*)

let excesses = [ 0.001; 0.003; 0.01; 0.03; 0.1 ]

let row name bound settings =
    [
        yield name

        for e in excesses do
            let calculator = Bounds.find bound |> Require.ok

            let value = calculator |> BoundCalculator.evaluate (("E", [| e |]) :: settings) |> Require.ok

            yield Page.number value.Value
    ]

Page.table
    ("at most, for E =" :: List.map Page.number excesses)
    [
        row "hinge" "psi-hinge" []
        row "squared hinge" "psi-squared-hinge" []
        row "exponential" "psi-exponential" []
        row "logistic" "psi-logistic" []
        row "comp-sum, tau = 1, 10 classes" "comp-sum" [ "n", [| 10.0 |] ]
        row "comp-sum, tau = 1.5, 10 classes" "comp-sum" [ "tau", [| 1.5 |]; "n", [| 10.0 |] ]
        row "comp-sum, tau = 2, 10 classes" "comp-sum" [ "tau", [| 2.0 |]; "n", [| 10.0 |] ]
    ]
(*** include-it-raw ***)

(**
The exact inverse of the comp-sum transform, bounds with minimizability gaps, under Massart's and Tsybakov's noise conditions, for sum and constrained losses, and the losses for which there is none, with their witnesses, are in `HConsistency`, `ConsistencyBounds` and `SurrogateTheory`.
*)
