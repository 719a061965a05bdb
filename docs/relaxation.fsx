(**
---
title: Learning to relax
category: Theorems
categoryindex: 2
index: 40
---

# Learning to relax

Successive over-relaxation solves `A x = b` by sweeping over the rows, each time a little further than Gauss and Seidel would: `x := x + (D/omega + L)^-1 (b - A x)`. The right omega saves most of the iterations, and nobody knows it. A bandit that sees
nothing but the number of iterations of each run can find it over a stream of systems, at a price that its theorem bounds.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Young's theory

For a consistently ordered matrix whose Jacobi iteration has the spectral radius beta, the spectral radius of the matrix that a sweep puts on the residual is

```text
((omega beta + sqrt(omega^2 beta^2 - 4 (omega - 1)))/2)^2     below the best omega, 2/(1 + sqrt(1 - beta^2))
omega - 1                                                      from there on
```

It falls ever more steeply towards the best omega and rises linearly beyond. For the five-point Laplacian on a square of 12 by 12 points, from eigenvalues and from the formula:
*)

let laplacian = SparseSymmetric.laplacian 12 12 |> Require.ok
let beta = SparseSymmetric.jacobiRadius 0.0 laplacian |> Require.ok
let bestOmega = (RelaxationBounds.bestOmega beta |> Require.ok).Value

Page.table
    [ "omega"; "spectral radius"; "Young's formula" ]
    [
        for omega in [ 0.8; 1.0; 1.2; 1.4; bestOmega; 1.8 ] ->
            [
                Page.number omega
                Page.number (Sor.spectralRadius omega 0.0 laplacian |> Require.ok)
                Page.number (RelaxationBounds.radius omega beta |> Require.ok).Value
            ]
    ]
(*** include-it-raw ***)

(**
(At the best omega the largest eigenvalue is defective, and computed eigenvalues are off by the square root of rounding.)

## Iterations

The iterations of a run are not yet the spectral radius: powers of a matrix that is not normal may grow before they fall. The theory assumes a tau in (0,1) with `|C^k| <= (rho + tau (1 - rho))^k` at the last step of the run; the iterations are then below

```text
U(omega) = 1 + ln(1/epsilon)/(-ln(rho + tau (1 - rho)))
```

Tau can be measured. Here it is taken as the largest over the omegas shown.
*)

let epsilon = 1e-6
let rhs = Array.init laplacian.Order (fun i -> 1.0 + float (i % 5))
let omegas = [ for i in 0..45 -> 1.0 + 0.02 * float i ]

let iterations omega =
    let state = Sor.start 0.0 (ReadOnlySpan rhs) laplacian |> Require.ok
    Sor.solve omega epsilon 5000 state |> Require.ok

let tau =
    omegas
    |> List.filter (fun omega -> int (omega * 100.0) % 10 = 0)
    |> List.map (fun omega ->
        let k = max 1 (iterations omega - 1)
        let norm = Sor.powerNorm omega 0.0 k laplacian |> Require.ok
        (RelaxationBounds.tau norm k (RelaxationBounds.radius omega beta |> Require.ok).Value |> Require.ok).Value)
    |> List.max

Page.chart
    "Iterations to a residual of 1e-6, Laplacian on 12 x 12 points"
    $"best omega {Page.number bestOmega}, measured tau {Page.number tau}"
    (SeriesCharts.linear "omega")
    (SeriesCharts.linear "iterations")
    [
        SeriesCharts.line "measured" [ for omega in omegas -> struct (omega, float (iterations omega)) ]
        SeriesCharts.dashed
            "U(omega), the surrogate"
            [
                for omega in omegas ->
                    struct (omega, (RelaxationBounds.iterations omega beta tau epsilon |> Require.ok).Value)
            ]
    ]
(*** include-it-raw ***)

(**
## A bandit for omega

A stream of systems, the Laplacian plus a multiple of the identity that changes from system to system. Tsallis-INF chooses omega on a grid of 8 and sees the iterations of the chosen run only.
*)

let systems = 1500
let shifts = Random 5 |> fun random -> Array.init systems (fun _ -> 0.3 * random.NextDouble())
let state = Relaxation.start (sqrt (8.0 / float systems)) 400.0 1.9 8 |> Require.ok
let grid = state.Grid.ToArray()

// every run that may be needed, once: the systems repeat on a grid of shifts
let runs =
    let known = Collections.Generic.Dictionary<struct (int * int), int>()

    fun (shift: float) index ->
        let bucket = int (shift / 0.3 * 40.0)
        let key = struct (bucket, index)

        match known.TryGetValue key with
        | true, count -> count
        | _ ->
            let state = Sor.start (0.3 * float bucket / 40.0) (ReadOnlySpan rhs) laplacian |> Require.ok

            let count = Sor.solve grid[index] epsilon 5000 state |> Require.ok
            known[key] <- count
            count

let perGrid = Array.zeroCreate<float> grid.Length
let mutable spent = 0.0

let course =
    [
        for t in 1..systems do
            let shift = shifts[t - 1]
            let index = Relaxation.choose 9UL state
            let count = runs shift index
            Relaxation.step index count state |> Require.ok |> ignore<RelaxationState>
            spent <- spent + float count

            for i in 0 .. grid.Length - 1 do
                perGrid[i] <- perGrid[i] + float (runs shift i)

            if t % 10 = 0 then
                struct (float t, spent / float t, Array.min perGrid / float t, perGrid[0] / float t)
    ]

Page.chart
    "Iterations a system so far"
    "the bandit against the best omega of the grid in hindsight and the grid's first"
    (SeriesCharts.logarithmic "systems")
    (SeriesCharts.linear "iterations a system")
    [
        SeriesCharts.line "Tsallis-INF" [ for struct (t, own, _, _) in course -> struct (t, own) ]
        SeriesCharts.dashed "best of the grid" [ for struct (t, _, best, _) in course -> struct (t, best) ]
        SeriesCharts.line
            $"omega = {Page.number grid[0]}"
            [ for struct (t, _, _, first) in course -> struct (t, first) ]
    ]
(*** include-it-raw ***)

(**
The theorem's worst case is far above what such a stream costs, because its constants allow for systems that an adversary chooses. With the largest alpha of these systems, at the measured tau, for what was spent beyond the best omega's surrogates:
*)

let alpha = tau + (1.0 - tau) * max (beta * beta) 0.9

Page.bound (Relaxation.regretBound epsilon [| alpha |] state |> Require.ok)
(*** include-it-raw ***)

(**

## The theorems
*)

(*** hide ***)
Page.family "relaxation"
(*** include-it-raw ***)
