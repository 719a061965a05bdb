(**
---
title: Block coordinate descent
category: Theorems
categoryindex: 2
index: 41
---

# Block coordinate descent

A step changes a block of variables and leaves the others. Which block, and how far it moves, decides what a step is worth; for quadratic functions the worth is known before the step.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## What a step is worth

If the gradient's block g_b changes by at most L_b |d| when the block moves by d, the step `-g_b/L_b` lowers f by at least `|g_b|^2/(2 L_b)`: integrate the gradient along the step. If the block's Hessian is at most H_b, the step `-H_b^-1 g_b` lowers it by
at least `g_b' H_b^-1 g_b/2`, exactly that for a quadratic function with that Hessian. Since `H_b <= L_b I`, the second is at least the first. So a rule that looks for the largest `g_b' H_b^-1 g_b` makes at least the progress of one that looks for the largest
`|g_b|^2/L_b`, and that one at least the progress of the largest `|g_b|^2`.

A random quadratic function of 60 variables in 12 blocks of 5:
*)

let n = 60
let random = Random 7
let factors = Array.init n (fun _ -> Array.init n (fun _ -> random.NextDouble() - 0.5))
let scales = Array.init n (fun i -> 0.3 + 3.0 * random.NextDouble())

let hessian =
    Array.init (n * n) (fun k ->
        let i, j = k / n, k % n
        let mutable s = if i = j then 0.05 else 0.0

        for l in 0 .. n - 1 do
            s <- s + factors[i][l] * factors[j][l]

        s * (scales[i] * scales[j]))

let linear = Array.init n (fun _ -> random.NextDouble() - 0.5)
let blocks = Array.init 12 (fun b -> [| for i in 0..4 -> 5 * b + i |])

let start () =
    BlockDescent.start (ReadOnlySpan hessian) (ReadOnlySpan linear) blocks |> Require.ok

let least =
    // one block of everything: a matrix step is the solution
    let whole =
        BlockDescent.start (ReadOnlySpan hessian) (ReadOnlySpan linear) [| [| 0 .. n - 1 |] |] |> Require.ok

    (BlockDescent.step BlockUpdate.Matrix 0 whole |> Require.ok).Value

let gaps rule update =
    let state = start ()

    [
        yield struct (0.0, state.Value - least)

        for k in 1..300 do
            let block = BlockDescent.choose rule 3UL state
            BlockDescent.step update block state |> Require.ok |> ignore<BlockDescentState>

            if k % 3 = 0 then
                yield struct (float k, max 1e-12 (state.Value - least))
    ]

Page.chart
    "Distance from the least value"
    "60 variables in 12 blocks; solid: matrix steps, dashed: gradient steps"
    (SeriesCharts.linear "steps")
    (SeriesCharts.logarithmic "f - f*")
    [
        SeriesCharts.line "quadratic rule, matrix steps" (gaps BlockRule.GaussSouthwellQuadratic BlockUpdate.Matrix)
        SeriesCharts.line "Lipschitz rule, matrix steps" (gaps BlockRule.GaussSouthwellLipschitz BlockUpdate.Matrix)
        SeriesCharts.line "uniform, matrix steps" (gaps BlockRule.Uniform BlockUpdate.Matrix)
        SeriesCharts.dashed
            "Lipschitz rule, gradient steps"
            (gaps BlockRule.GaussSouthwellLipschitz BlockUpdate.Gradient)
        SeriesCharts.dashed "uniform, gradient steps" (gaps BlockRule.Uniform BlockUpdate.Gradient)
    ]
(*** include-it-raw ***)

(**
Every step reports what it had to do and what it did. For matrix steps the two are equal, to rounding:
*)

let state = start ()

Page.table
    [ "step"; "block"; "guaranteed decrease"; "decrease" ]
    [
        for k in 1..5 do
            let block = BlockDescent.choose BlockRule.GaussSouthwellQuadratic 0UL state
            BlockDescent.step BlockUpdate.Matrix block state |> Require.ok |> ignore<BlockDescentState>

            [
                string k
                string block
                Page.number state.LastGuarantee
                Page.number state.LastDecrease
            ]
    ]
(*** include-it-raw ***)

(**
## Identification

With a term `lambda |x_i|` a variable that is 0 at the minimiser and whose gradient there is delta away from +-lambda is set to exactly 0 by a proximal step from any point within `delta/(2 L)` of the minimiser: a step of 1/L moves the argument of the threshold by at most
`2 |x - x*|`, and the threshold has delta/L to spare. With a linear rate the radius is reached after a number of steps that the calculator gives, and the zeros stay.

## The theorems
*)

(*** hide ***)
Page.family "block-descent"
(*** include-it-raw ***)
