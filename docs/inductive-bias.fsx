(**
---
title: How much inductive bias a task asks for
category: Theorems
categoryindex: 2
index: 64
---

# How much inductive bias a task asks for

Training data alone do not say how to generalise. Of all hypotheses that fit them, which share errs at most epsilon on the test data? The inductive bias that the task asks for is minus the logarithm of that share: what a learner must bring along.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## From a sample of errors to a tail

`I(epsilon) = -ln P(test error <= epsilon)` over hypotheses that fit the training data. The share can be e^-1000, so it is not counted: test errors of sampled hypotheses are fitted by `s` times a noncentral chi-square variable, and the fit is read far below its sample.
That is an extrapolation, and the calculator calls itself Heuristic.

The hypotheses here are functions drawn from a Gaussian process conditioned on the training labels: residuals on the test points are normal with mean `K_* K^-1 y - y_test` and covariance `C = K_** - K_* K^-1 K_*'`, so the cumulants of their mean square are known exactly:
`k_r = 2^(r-1) (r-1)! (tr C^r + r b'C^(r-1) b)/m^r`.
*)

let points first count =
    Array.init count (fun i -> first + 0.4 * float i)

let trainPoints, testPoints = points 0.0 8, points 0.2 7
let f x = sin (2.0 * x) + 0.3 * x

let task width =
    let k a b =
        exp (-0.5 * (a - b) * (a - b) / (width * width))

    let gram (a: float[]) (b: float[]) =
        Array2D.init a.Length b.Length (fun i j -> k a[i] b[j])

    let y, z = Array.map f trainPoints, Array.map f testPoints
    struct (gram trainPoints trainPoints, gram testPoints trainPoints, gram testPoints testPoints, y, z)

let struct (kernel, cross, test, labels, testLabels) = task 0.4
let errors = InductiveBias.kernelErrors kernel cross test labels testLabels 1UL 1000 |> Require.ok
let fitted = ScaledNoncentralChiSquare.fit errors |> Require.ok

let struct (k1, k2, k3) =
    InductiveBias.kernelErrorCumulants kernel cross test labels testLabels |> Require.ok

let struct (f1, f2, f3) = ScaledNoncentralChiSquare.cumulants fitted |> Require.ok

Page.table
    [ ""; "mean"; "variance"; "third cumulant" ]
    [
        "of the process, exactly" :: List.map Page.number [ k1; k2; k3 ]
        "of the fit to 1000 functions" :: List.map Page.number [ f1; f2; f3 ]
    ]
(*** include-it-raw ***)

(**
## The bias

A process that knows more about the target asks for less beyond it: the same task for three widths of the kernel.
*)

Page.chart
    "Inductive bias by test error"
    "functions that pass through the training points"
    (SeriesCharts.logarithmic "test error that is wanted")
    (SeriesCharts.linear "nats")
    [
        for width in [ 0.2; 0.3; 0.4 ] ->
            let struct (k, c, t, y, z) = task width

            let distribution =
                InductiveBias.kernelErrors k c t y z 1UL 1000
                |> Result.bind ScaledNoncentralChiSquare.fit
                |> Require.ok

            SeriesCharts.line
                $"width {width}"
                [
                    for i in 0..50 ->
                        let error = 1e-4 * exp (0.2 * float i)
                        struct (error, InductiveBias.nats distribution error |> Require.ok)
                ]
    ]
(*** include-it-raw ***)

let estimate = InductiveBias.estimate (Array.take 200 errors) (0.05 * k1) 60 7UL |> Require.ok

Page.table
    [
        "error that is wanted"
        "bias, nats"
        "bootstrap interval of 95 percent from 200 functions"
    ]
    [
        [
            Page.number (0.05 * k1)
            Page.number estimate.Nats
            $"{Page.number estimate.Low} to {Page.number estimate.High}"
        ]
    ]
(*** include-it-raw ***)

(**
## Far into the tail

With `a = nu/2`, `h = nc/2`, `y = epsilon/(2 s)` the probability is

```text
e^(-h-y) y^a/Gamma(a+1) sum_m y^m/((a+1)...(a+m)) sum_(j<=m) h^j/j!
```

a sum of positive terms whose ratios fall, so nothing cancels and the rest is below a geometric series; it is rescaled as it grows, and its logarithm is right where the probability itself is far below the smallest number of the machine. The saddle point of Lugannani and Rice
is a second, independent computation for large parameters:
*)

let deep =
    {
        Scale = 1.0
        Dof = 400.0
        Noncentrality = 600.0
    }

Page.table
    [ "error over its mean"; "ln P by the series"; "ln P by the saddle point" ]
    [
        for share in [ 1.0; 0.8; 0.5; 0.1; 0.01; 1e-4 ] ->
            let x = share * 1000.0

            [
                Page.number share
                (ScaledNoncentralChiSquare.logCdf deep x |> Require.ok).ToString "F6"
                (ScaledNoncentralChiSquare.logCdfBySaddlePoint deep x |> Require.ok).ToString "F6"
            ]
    ]
(*** include-it-raw ***)

(**
## The calculator
*)

(*** hide ***)
Page.family "inductive-bias"
(*** include-it-raw ***)
