(**
---
title: The ledger of a run
category: Theorems
categoryindex: 2
index: 90
---

# The ledger of a run

A theorem speaks about constants that nobody knows before a run. The ledger measures them while it goes: the oracle's regression regret, the bandit's regret or cost, the bound that each implies, and which assumptions held.
This page keeps one for NeuSquareCB on a simulated environment, where the mean costs are known and the measurements can be compared with the truth.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Data.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open System.Threading
open Hindsight
open Hindsight.FSharp
open Hindsight.Data
open Hindsight.Tool

(**
## The estimate that needs no means

For any coefficient c fixed before the cost is drawn, the expected regret of a round is at most

```text
decision value(p, predicted, c) + c E (predicted - mean)^2
```

with the expectation over the chosen arm; and `E (predicted - cost)^2` is the same plus the variance of the cost. So the sum of `decision value(p_t, predicted_t, c_t) + c_t (predicted_t - cost_t)^2` bounds the regret in expectation, and everything in
it is seen. It assumes realizability and nothing about the oracle. It pays for the noise: with costs of 0 and 1 a perfect oracle still has squared errors. A coefficient chosen *after* the cost would make the sum too small; the tests have that mutant.

## A run
*)

let environment =
    match Catalog.openSet "synthetic-3" 0UL |> Require.ok with
    | CatalogSet.Simulated make -> make 0 |> Require.ok
    | CatalogSet.Table _ -> failwith "synthetic-3 is simulated"

let results =
    Experiment.run
        { ExperimentOptions.For(environment, "neusquarecb", "squarecb-linear", "uniform") with
            Rounds = 4000
            Seeds = [| 0; 1 |]
            Ledger = true
        }
        null
        CancellationToken.None
    |> Require.ok

LedgerViews.table results ||> Page.table
(*** include-it-raw ***)

(*** hide ***)
LedgerViews.drawings results |> List.map Page.drawing |> String.concat "\n"
(*** include-it-raw ***)

(**
The estimate lies above the measured regret by an order of magnitude and more: it is valid, and it is close to trivial while the oracle still errs. That is what can be *known* on one run; pseudo-regret is known only because this is a simulation.

## What the assumptions came to

The practical defaults are not the theorem's algorithm: they take more steps than one a round, on a memory, without a ball or a perturbation. The ledger says so, run by run.
*)

let first = results[0].Ledger |> Option.get

first.Assumptions
|> Seq.map (fun a -> [ a.Name; string a.Status; a.Detail ])
|> List.ofSeq
|> Page.table [ "assumption"; "status"; "measured" ]
(*** include-it-raw ***)

(**
## Growth along the path

The regret bound of gradient descent needs quadratic growth and almost convexity only at the points that training visits and at the minimiser. So they are measured there: L is the network's averaged loss over a uniform sample of 256 of its
observations, u the minimiser that descent finds from the best of the points, and

```text
mu = min over the points of 2 (L(theta_t) - L(u))/|theta_t - u|^2,   epsilon = max of L(theta_t) + grad L(theta_t)'(u - theta_t) - L(u)
```

The same stream without perturbation, with ten sign vectors and with their expectation, c_p = 1, width 100, so that the ridge c_p^2/sqrt(width) is 0.1:
*)

let growth kind =
    let settings =
        [ "perturbation", kind; "perturbation-scale", "1"; "oracle", "online" ]
        |> List.fold
            (fun (s: Result<BanditSettings, HindsightError>) (key, value) ->
                s |> Result.bind (fun s -> s.With(key, value)))
            (BanditSettings.Create("neusquarecb", environment.ContextSize, environment.Arms, 7UL))
        |> Require.ok

    let bandit = settings.Build() |> Require.ok
    let ledger = Ledger 0.05
    ledger.Watch bandit.Oracle

    let context, costs, means =
        Array.zeroCreate environment.ContextSize, Array.zeroCreate environment.Arms, Array.zeroCreate environment.Arms

    use rounds = environment.Open 7UL

    for _ in 1..2000 do
        if rounds.Next(context.AsSpan(), costs.AsSpan(), means.AsSpan()) then
            let decision = bandit.Choose(ReadOnlySpan context) |> Require.ok
            bandit.Learn(decision.Id, costs[decision.Arm]) |> Require.ok

    let neural = bandit.Oracle :?> NeuralOracle
    let path = neural.Meter.Measure neural.Network |> Require.ok
    let far = path.Points |> Array.map _.Distance |> Array.max

    [
        kind
        $"{path.Growth:G3}"
        $"{path.Slack:G3}"
        $"{path.Steepest:G3}"
        $"{far:F2}"
        $"{(Qg.onlineLogRegret path.Steepest path.Growth path.Slack 2000.0 |> Require.ok).Value:G3}"
    ]

[ "off"; "rademacher"; "expected" ]
|> List.map growth
|> Page.table
    [
        "perturbation"
        "mu"
        "epsilon"
        "G"
        "longest way to u"
        "(2 G^2/mu)(1 + ln T) + 2 epsilon T"
    ]
(*** include-it-raw ***)

(**
With the expectation the path grows by what the ridge promises; ten sign vectors keep a part of it, and without perturbation there is little. The last column is what the theorem would say of 2000 rounds with these constants: above 2000 in all three,
more than any predictor in [0,1] can lose to another. Growth is real here, and too little for the theorem to be informative at this size.

## In an application

```csharp
var bandit = NeuralBandit.SquareCB(new NeuralBanditOptions { ContextSize = 40, Arms = 3, Seed = 7 });
bandit.Ledger = new Ledger(delta: 0.05);
// ... Choose and Learn as ever ...
LedgerRow row = bandit.Ledger.Row;      // cost between row.CostLow and row.CostHigh a round, whenever you look
foreach (Bound bound in bandit.ImpliedBounds) Console.WriteLine(bound.ToString("table"));
```

and on the command line `hindsight run ... --ledger --out DIR`, which draws it into the report and writes `ledger.csv`.
*)
