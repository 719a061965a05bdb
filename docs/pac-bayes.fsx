(**
---
title: PAC-Bayesian bounds and Rademacher complexities
category: Theorems
categoryindex: 2
index: 22
---

# PAC-Bayesian bounds and Rademacher complexities

Two ways to bound a risk for all hypotheses at once: by the divergence of a posterior from a prior, and by how well a class fits random signs.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## From one exponential moment to all posteriors

For one hypothesis `E exp(n kl(q, R))` is at most 2 sqrt n (Maurer; `PacBayes.maurerSum` is the exact value for a Bernoulli loss). Average over the prior, use Markov's inequality, and change the measure: `n kl(q, R) <= KL(Q||P) + ln(2 sqrt n/delta)` for all Q at once.
Inverting kl gives Seeger's bound; Pinsker's inequality and `kl(q, p) >= (p-q)^2/(2p)` give the others.
*)

(*** hide ***)
Page.family "pac-bayes"
(*** include-it-raw ***)

(**
An empirical risk of 0.1 and KL = 12 nats, with probability 0.95. At small n everything is vacuous; the order of the bounds is that of the tests.
*)

let sizes = [ for i in 0..24 -> int (10.0 ** (2.0 + float i / 8.0)) ]

let curve name bound =
    SeriesCharts.line name [ for n in sizes -> struct (float n, (bound n |> Require.ok: Bound).Value) ]

Page.chart
    "PAC-Bayesian bounds"
    "empirical risk 0.1, KL 12, delta 0.05"
    (SeriesCharts.logarithmic "observations")
    (SeriesCharts.linear "risk, at most")
    [
        curve "Seeger" (fun n -> PacBayes.seeger n 0.1 12.0 0.05)
        curve "quadratic" (fun n -> PacBayes.quadratic n 0.1 12.0 0.05)
        curve "McAllester" (fun n -> PacBayes.mcAllester n 0.1 12.0 0.05)
        curve "Catoni, C = 1/2" (fun n -> PacBayes.catoni n 0.1 12.0 0.5 0.05)
        curve "at all n at once" (fun n -> PacBayes.anytime n 0.1 12.0 0.05)
    ]
(*** include-it-raw ***)

(**
Catoni's C and Alquier's lambda are fixed before the data. Optimised on them, the numbers are smaller and no guarantee; the lambda bound holds for all lambda at once and its best is the quadratic bound.

## Random signs

By symmetrisation the largest gap between risk and empirical risk is in expectation at most twice the complexity, and McDiarmid's inequality adds the deviation.
*)

(*** hide ***)
Page.family "rademacher"
(*** include-it-raw ***)

(**
The spectral margin bound of Bartlett, Foster and Telgarsky is not among them: its constants and logarithms are not stated here to the precision that a calculator promises.

The complexity of linear functions at random points, by Monte Carlo and by norms:
*)

let row n =
    let random = RandomStream(11UL, uint64 n)
    let x = Array.init n (fun _ -> Array.init 5 (fun _ -> 2.0 * random.NextDouble() - 1.0))
    let norms = x |> Array.map (fun p -> sqrt (Array.sumBy (fun v -> v * v) p))

    let length (signs: float[]) =
        Seq.init 5 (fun j -> (Seq.map2 (fun s (p: float[]) -> s * p[j]) signs x |> Seq.sum) ** 2.0)
        |> Seq.sum
        |> sqrt

    [
        string n
        Page.number (Rademacher.monteCarlo 1UL 200 n (Array.max norms) 0.05 length |> Require.ok).Value
        Page.number (Rademacher.linearAt 1.0 norms |> Require.ok).Value
    ]

Page.table [ "n"; "Monte Carlo, at most"; "by norms, at most" ] (List.map row [ 20; 100; 500 ])
(*** include-it-raw ***)
