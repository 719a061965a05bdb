(**
---
title: Least squares on a sketch
category: Theorems
categoryindex: 2
index: 42
---

# Least squares on a sketch

A least-squares problem with many rows can be solved on a random mixture of them: `min |S (A x - b)|` in place of `min |A x - b|`. The subsampled randomised Hadamard transform flips signs at random, mixes all rows by a Walsh-Hadamard transform in N log N additions, and keeps m of the mixtures.

**A warning.** Fast regression with an l-infinity guarantee (arXiv 2302.00248) claims that d ln^3(n/delta)/epsilon^2 rows give an error of (epsilon/sqrt d) |r| |A^+| in *each coordinate*. Its proof applies a property of the sketch for fixed vectors to vectors that depend on the same sketch, and a later manuscript gives a distribution that has all the
properties used and violates the conclusion. The number of rows is therefore a heuristic here, marked as one. What is certain is the certificate.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The identity

With A = U Sigma V' and the residual r = b - A x_0, the normal equations of the sketched problem are `U'S'S U Sigma V' (x' - x_0) = U'S'S r`. So, where S U has full column rank,

```text
x' - x_0 = V Sigma^-1 (U'S'S U)^-1 U'S'S r
```

exactly, and the product of the three norms bounds the error. With one column it is the error.

## Measured

512 rows and 8 columns of Gaussian numbers, 100 sketches at each size: the median error over |r| |A^+|, as a whole and in the largest coordinate, and the median certificate.
*)

let n, d = 512, 8

let problem seed =
    let random = Random(seed: int)

    let normal () =
        sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    Array.init (n * d) (fun _ -> normal ()), Array.init n (fun _ -> normal ())

let median (xs: float list) =
    let sorted = List.sort xs
    sorted[sorted.Length / 2]

let measured =
    [
        for rows in [ 16; 32; 64; 128; 256; 384 ] do
            let runs =
                [
                    for seed in 1..100 do
                        let a, b = problem (seed % 5)
                        let sketch = Sketch.hadamard (uint64 seed) n rows |> Require.ok
                        let s = Sketch.leastSquares d (ReadOnlySpan a) (ReadOnlySpan b) sketch |> Require.ok
                        let difference = Array.map2 (-) s.Solution s.Exact
                        let unit = s.Residual * s.PseudoInverseNorm

                        struct (sqrt (Array.sumBy (fun x -> x * x) difference) / unit,
                                (difference |> Array.map abs |> Array.max) / unit,
                                s.Certificate.Value / unit)
                ]

            struct (rows,
                    median [ for struct (whole, _, _) in runs -> whole ],
                    median [ for struct (_, largest, _) in runs -> largest ],
                    median [ for struct (_, _, certificate) in runs -> certificate ])
    ]

Page.table
    [ "rows m"; "error"; "largest coordinate"; "certificate"; "sqrt(d/m)" ]
    [
        for struct (rows, whole, largest, certificate) in measured ->
            [
                string rows
                Page.number whole
                Page.number largest
                Page.number certificate
                Page.number (sqrt (float d / float rows))
            ]
    ]
(*** include-it-raw ***)

(*** hide ***)
Page.chart
    "Error of the sketched solution over |r| |A^+|"
    "medians of 100 sketches, 512 rows, 8 columns"
    (SeriesCharts.logarithmic "rows of the sketch")
    (SeriesCharts.logarithmic "relative error")
    [
        SeriesCharts.line "error" [ for struct (m, whole, _, _) in measured -> struct (float m, whole) ]
        SeriesCharts.line
            "largest coordinate"
            [ for struct (m, _, largest, _) in measured -> struct (float m, largest) ]
        SeriesCharts.dashed
            "certificate"
            [
                for struct (m, _, _, certificate) in measured -> struct (float m, certificate)
            ]
        SeriesCharts.dashed
            "sqrt(d/m)"
            [
                for struct (m, _, _, _) in measured -> struct (float m, sqrt (float d / float m))
            ]
    ]
(*** include-it-raw ***)

(**
The largest coordinate's error is well below the error as a whole: the gain that the claim is about can be seen, whether or not it is proved.

## The theorems
*)

(*** hide ***)
Page.family "sketching"
(*** include-it-raw ***)
