(**
---
title: Test error from a spectrum
category: Theorems
categoryindex: 2
index: 60
---

# Test error from a spectrum

The test error of ridge regression with a kernel, or with random features, can be computed before any data is seen, from the eigenvalues of the kernel, the target's coefficients in its eigenfunctions, the noise, and the numbers of samples and features.
It is an estimate of large numbers, not a bound: for Gaussian features it is right to a few percent from some fifty samples on, which the tests measure.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Statement

Let `y = sum v_i phi_i(x) + noise` of variance `sigma2`, and let the predictor solve with `K + ridge I`; the ridge is *not* divided by the number of samples. Two implicit ridges solve

```text
n = sum lambda_i/(lambda_i + gamma) + ridge/kappa
k = sum lambda_i/(lambda_i + gamma) + k kappa/gamma
```

A mode is learned to the share `L_i = lambda_i/(lambda_i + gamma)`. With `z = sum L_i` and `q = sum L_i^2`,

```text
E_test  = (sum (1-L_i)(1 - L_i (1-z/k)/(1-q/k)) v_i^2 + sigma2) / (1 - (q (1-2z/k) + z^2/k)/(n (1-q/k)))
E_train = (ridge/(n kappa))^2 E_test
```

and a kernel is the case of infinitely many features. With `A = ridge/kappa` and `B = k kappa/gamma` the two equations say `A B = k ridge/gamma` and `B - A = k - n`, so A and B are roots of a quadratic and `n = sum L_i + A` is one equation in gamma whose right side falls:
bisection finds the root, two Newton steps on the calculator's scalar make its derivatives exact. The denominator of `E_test` is `((z-q)(A+B) + A B)/(n (k-q))`, a sum of positive terms, where the form above is a difference of nearly equal ones near n = k.

## The best ridge, and more is better

A spectrum and a target with power laws, and some noise:
*)

let eigenvalues = Eigenframework.powerLaw 1.5 200 |> Require.ok
let coefficients = Eigenframework.powerLaw 0.75 200 |> Require.ok
let noise = 0.1

let best samples features =
    EigenframeworkBounds.optimalRidgeOfFeatures eigenvalues coefficients noise samples features
    |> Require.ok

Page.table
    [
        "samples"
        "features"
        "best ridge"
        "test error there"
        "test error with ridge 0.001"
    ]
    [
        for samples, features in
            [
                20.0, 30.0
                50.0, 30.0
                100.0, 30.0
                50.0, 100.0
                100.0, 100.0
                100.0, 1000.0
            ] ->
            let optimum = best samples features

            let small =
                EigenframeworkBounds.rfRisk eigenvalues coefficients noise samples features 0.001 |> Require.ok

            [
                Page.number samples
                Page.number features
                Page.number optimum.Values[0]
                Page.number optimum.Bound.Value
                Page.number small.Value
            ]
    ]
(*** include-it-raw ***)

(**
At the best ridge every further sample and every further feature helps. At a fixed small one it does not: near as many features as samples the error peaks.
*)

Page.chart
    "Double descent, and its cure"
    "50 samples, noise 0.1"
    (SeriesCharts.logarithmic "features")
    (SeriesCharts.logarithmic "test error")
    [
        let features =
            [
                5.0
                8.0
                12.0
                18.0
                25.0
                32.0
                40.0
                45.0
                49.0
                51.0
                55.0
                60.0
                75.0
                100.0
                200.0
                500.0
                1000.0
            ]

        SeriesCharts.line
            "ridge 0.001"
            [
                for k in features ->
                    let bound = EigenframeworkBounds.rfRisk eigenvalues coefficients noise 50.0 k 0.001 |> Require.ok
                    struct (k, bound.Value)
            ]

        SeriesCharts.line "best ridge" [ for k in features -> struct (k, (best 50.0 k).Bound.Value) ]
    ]
(*** include-it-raw ***)

(**
## Should the best fit interpolate?

Under power laws `lambda_i ~ i^-alpha`, `v_i^2 ~ i^-beta` the modes' sum is `C kappa^(-1/alpha)`, so that with `r = sqrt(E_train/E_test)`

```text
E_test is proportional to ((1-r)^-(beta-1) + s)/(1 + (alpha-1) r),
```

s the noise over the bias that is left without a ridge. Its derivative vanishes where `alpha - beta - (alpha-1) beta r + (alpha-1) s (1-r)^beta = 0`. Where the left side starts at or below 0, the best ridge is none: the target is hard enough and the noise small enough that the best fit interpolates.
*)

Page.chart
    "Train over test error at the best ridge"
    "eigenvalues i^-2, squared coefficients i^-beta"
    (SeriesCharts.linear "relative noise s")
    (SeriesCharts.linear "E_train/E_test")
    [
        for beta in [ 1.3; 1.8; 2.5; 4.0 ] ->
            SeriesCharts.line
                $"beta {beta}"
                [
                    for i in 0..60 ->
                        let s = 0.05 * float i
                        let r = Eigenframework.fittingRatio 2.0 beta s |> Require.ok
                        struct (s, r * r)
                ]
    ]
(*** include-it-raw ***)

(**
## The calculators
*)

(*** hide ***)
Page.family "eigenframework"
(*** include-it-raw ***)
