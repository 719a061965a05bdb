(**
---
title: Concentration, once and at any time
category: Theorems
categoryindex: 2
index: 20
---

# Concentration, once and at any time

How far a mean can be from its expectation: for one number of observations that is fixed before, or for all of them at once, so that one may look after every observation and stop when one likes.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## A fixed number of observations

Chernoff's method: for a sum S, `P(S >= s) <= E exp(a S - a s)`, and the best a. Hoeffding's inequality bounds the exponential moment by the range alone, Bernstein's by the variance, Chernoff's binary kl is what a Bernoulli law has exactly; the empirical
Bernstein bound pays for not knowing the variance. All of these are held to exact binomial tails in the tests, and reach more than nine tenths of what they say there.
*)

(*** hide ***)
Page.family "concentration"
(*** include-it-raw ***)

(**
At a sample mean of 0.05, with 0.95 confidence on one side:
*)

let widths n =
    let sample = 0.05

    [
        string n
        Page.number (Concentration.hoeffding n 1.0 0.05 |> Require.ok).Value
        Page.number (Concentration.bernstein n (sample * (1.0 - sample)) 1.0 0.05 |> Require.ok).Value
        Page.number (Concentration.empiricalBernstein n (sample * (1.0 - sample)) 1.0 0.05 |> Require.ok).Value
        Page.number ((Concentration.chernoffUpper n sample 0.05 |> Require.ok).Value - sample)
    ]

Page.table
    [ "n"; "Hoeffding"; "Bernstein"; "empirical Bernstein"; "Chernoff" ]
    (List.map widths [ 20; 100; 1000; 10000 ])
(*** include-it-raw ***)

(**
## At any time

A capital that starts at 1, stays positive and does not grow in expectation reaches 1/delta at any time with probability at most delta (Ville's inequality). Every interval below is the set of means against which some betting has not come that far:
`exp(a S - a^2 v/2)` mixed over a for the normal mixture, stitched over epochs, with predictable weights for the empirical Bernstein one, and real bets on `X - m` for betting.
*)

(*** hide ***)
Page.family "confidence-sequences"
(*** include-it-raw ***)

(**
## A stream

Costs of 0 and 1 with mean 0.2. Each sequence is fed one cost after the other; what is drawn is the intersection of all its intervals so far, which contains the mean with probability 0.95 at all times at once.
*)

let sequences =
    [
        ConfidenceSequence.normalMixture 0.0 1.0 500.0 0.05
        ConfidenceSequence.stitchedEmpirical 0.0 1.0 0.05
        ConfidenceSequence.empiricalBernstein 0.0 1.0 0.05
        ConfidenceSequence.betting 0.0 1.0 0.05
    ]
    |> List.map Require.ok

let costs =
    let random = RandomStream(7UL, 0UL)
    Array.init 5000 (fun _ -> if random.NextDouble() < 0.2 then 1.0 else 0.0)

let ends =
    [
        for state in sequences do
            let points =
                [
                    for i in 0 .. costs.Length - 1 do
                        state.Update costs[i]

                        if i % 25 = 24 then
                            struct (float (i + 1), state.Lower, state.Upper)
                ]

            SeriesCharts.line $"{state.Name}, upper" [ for struct (t, _, upper) in points -> struct (t, upper) ]
            SeriesCharts.line $"{state.Name}, lower" [ for struct (t, lower, _) in points -> struct (t, lower) ]
    ]

Page.chart
    "Confidence sequences for a mean of 0.2"
    "the intersection of the intervals so far"
    (SeriesCharts.logarithmic "observations")
    (SeriesCharts.linear "mean")
    (ends @ [ SeriesCharts.dashed "the mean" [ struct (25.0, 0.2); struct (5000.0, 0.2) ] ])
(*** include-it-raw ***)

(**
Where the mean moves, as the cost of a bandit that learns does, only a sequence with `CoversAverage` says something: its `AverageLower` and `AverageUpper` contain the average of the conditional means so far. Betting and the plug-in weights need one mean.
*)
