(**
---
title: LinUCB, NeuralUCB, NeuralTS
category: Theorems
categoryindex: 2
index: 9
---

# LinUCB, NeuralUCB, NeuralTS

Optimistic bandits play the arm whose reward is largest within a confidence interval. Their regret bounds are the width of the intervals times the root of the horizon, times the root of a *log determinant*: what the contexts
so far leave to learn. This page states the linear theory with its best constants, then puts numbers into the bounds of NeuralUCB and NeuralTS and shows when they say nothing.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## From widths to regret

Let A = lambda I + sum x x' over the contexts played, and l = ln det(A/lambda). Four steps, each an entry below.

1. *Noise.* For sigma-sub-Gaussian noise exp(theta's/sigma - theta'(A - lambda I)theta/2) is a supermartingale for every theta, s the sum of contexts times noise. Average it over normal theta of precision lambda: exp(s'A^-1 s/(2 sigma^2))/sqrt(det(A/lambda))
   is one too, and by Ville's inequality it stays below 1/delta in all rounds at once with probability 1 - delta. So |s| in the norm of A^-1 is at most sigma sqrt(2 ln(1/delta) + l).
2. *Estimate.* The ridge estimate less theta* is A^-1 s - lambda A^-1 theta*: in the norm of A at most beta = sigma sqrt(2 ln(1/delta) + l) + sqrt(lambda) |theta*|.
3. *A round.* The arm played looked best at the better end of its interval, so it loses at most 2 beta times its width w, and never more than 2: at most 2 beta min(1, w) for beta >= 1.
4. *The sum.* l is the sum of ln(1 + w^2) over the rounds, and min(1, q) <= ln(1 + q)/ln 2, with equality at q = 1. With Cauchy and Schwarz: 2 beta sqrt(T l/ln 2). The published constant is 2 in place of 1/ln 2 = 1.44.

A run of the library's rule shows what the steps cost: costs x'theta* in five dimensions, four arms, noise of 0.1 in sign.
*)

let run rounds =
    let d, arms, noise = 5, 4, 0.1
    let random = RandomStream(1UL, 0UL)

    let unit () =
        let x = Array.init d (fun _ -> random.NextNormal())
        let length = sqrt (Array.sumBy (fun v -> v * v) x)
        x |> Array.map (fun v -> v / length)

    let dot (x: float[]) (y: float[]) =
        Array.fold2 (fun s a b -> s + a * b) 0.0 x y

    let theta = unit ()
    let state = RidgeState(d, 1.0)
    let rule = LowerConfidenceRule() :> IExplorationRule
    let mutable regret = 0.0

    for _ in 1..rounds do
        let contexts = Array.init arms (fun _ -> unit ())
        let beta = (LinearConfidence.width noise 1.0 0.05 state |> Require.ok).Value
        let predictions = contexts |> Array.map (fun x -> Ridge.predictRidge (ReadOnlySpan x) state)
        let widths = contexts |> Array.map (fun x -> Ridge.width (ReadOnlySpan x) state)
        let p = Array.zeroCreate<float> arms
        rule.Distribution(ReadOnlySpan predictions, ReadOnlySpan widths, beta, Span p)
        let arm = p |> Array.findIndex (fun q -> q > 0.0)
        let costs = contexts |> Array.map (dot theta)
        regret <- regret + costs[arm] - Array.min costs
        let sign = if random.NextInt 2 = 0 then noise else -noise
        Ridge.update (ReadOnlySpan contexts[arm]) (costs[arm] + sign) state |> ignore<float>

    let ofState = LinearConfidence.regret noise 1.0 0.05 state |> Require.ok
    let ofNumbers = LinUcb.regretOf d (float rounds) 1.0 1.0 noise 1.0 0.05 |> Require.ok

    [
        string rounds
        Page.number regret
        Page.number ofState.Value
        Page.number ofNumbers.Value
        Page.number ofState.Trivial
    ]

Page.table
    [
        "rounds"
        "regret"
        "bound of the state"
        "bound of the numbers alone"
        "trivial bound"
    ]
    [ run 100; run 1000; run 10000 ]
(*** include-it-raw ***)

(**
## A neural network in place of the line

In the limit of infinite width a network trained by gradient descent is regression with its [tangent kernel](tangent-kernels.html), and the same bounds hold with H, the tangent kernel's Gram matrix of all T K contexts, in place of X X', and
with S >= sqrt(2 h'H^-1 h) in place of |theta*|, h the mean rewards of all contexts. NeuralUCB's bound (constants from memory) is

```text
3 sqrt(T) sqrt(l + 2) [ nu sqrt(l + 2 - 2 ln delta) + (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda) + 2 sqrt(lambda) S ] + 1,    l = ln det(I + H/lambda).
```

Nothing in it is small by itself: l may be as large as T, and S as large as the root of T.

*Rewards.* Let h be n = T K fair coins. Then E h'H^-1 h >= tr H^-1/4, and by the inequality of arithmetic and harmonic means tr H^-1 >= n^2/tr H, where tr H = n (L + 1)/2 for unit contexts. So for **every** sequence of contexts there are rewards with
S >= sqrt(n/(L + 1)); and l >= ln(1 + tr H/lambda). The last term of the bracket alone makes the bound at least 6 sqrt(T n lambda (2 + ln(1 + n(L + 1)/(2 lambda)))/(L + 1)): linear in T, times the root of a logarithm.

*Contexts.* If the smallest eigenvalue of H stays above some c0 then l >= n ln(1 + c0/lambda), of order T, and the bound is of order T^1.5 whatever lambda.

One arm, two layers, T contexts in T/2 dimensions, coins for rewards, nu = 1, the training term left out, and the lambda that makes the bound least:
*)

let hard dimension count =
    NeuralUcb.hardInstance 1UL dimension count |> Require.ok

let row horizon =
    let instance = hard (horizon / 2) horizon
    let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
    let norm = NeuralUcb.rewardNorm gram instance.Rewards |> Require.ok
    let logDet = EffectiveDimension.logDet 1.0 gram |> Require.ok

    let struct (bound, lambda) =
        NeuralUcb.regretAtBestLambda (NeuralUcbOptions.For horizon) instance |> Require.ok

    [
        string horizon
        Page.number (norm / sqrt (float horizon))
        Page.number (logDet / float horizon)
        Page.number lambda
        Page.number (bound.Value / float horizon)
    ]

Page.table
    [ "T"; "S/sqrt(T)"; "l/T at lambda = 1"; "best lambda"; "bound/T" ]
    [ row 50; row 100; row 200; row 400; row 800 ]
(*** include-it-raw ***)

(**
The regret of costs in [0,1] is at most T. With one arm it is 0. The bound is 50 to 168 times T, and the factor grows.

## The regression bound beside it

SquareCB needs no determinant: its bound is sqrt((K - 1) T R), R the summed squared error of the forecaster that it is given. But R has a floor too. Coins cannot be predicted: the errors of any learner sum to T/4 or more in expectation, so
on the coins **every** bound is linear, ours included, and rightly: the regret itself is. What tells the bounds apart is rewards that can be learned. So: two arms a round, 2 T contexts in about T dimensions, the rewards either coins, or 0.75 and 0.25 as one
coordinate of the context says. R is measured on one run of online ridge regression on rewards drawn with these means, the arm at random: with a measured R the composition is an estimate, not a guarantee.
*)

let coins horizon = hard horizon (2 * horizon)

let learnable horizon =
    let spread = coins horizon

    {
        Contexts =
            spread.Contexts
            |> Array.mapi (fun i x ->
                // the sign first, and the whole of length one again
                let x = Array.append [| (if i % 2 = 0 then 1.0 else -1.0) |] x
                x |> Array.map (fun v -> v / sqrt 2.0))
        Rewards = spread.Contexts |> Array.mapi (fun i _ -> if i % 2 = 0 then 0.75 else 0.25)
    }

let squaredErrors horizon (instance: BanditInstance) =
    let state = RidgeState(instance.Contexts[0].Length + 1, 1.0)
    let random = RandomStream(3UL, 5UL)
    let mutable sum = 0.0

    for t in 0 .. horizon - 1 do
        let k = 2 * t + random.NextInt 2
        let x = Array.append instance.Contexts[k] [| 1.0 |]
        let prediction = Math.Clamp(Ridge.predictRidge (ReadOnlySpan x) state, 0.0, 1.0)
        sum <- sum + (prediction - instance.Rewards[k]) ** 2.0

        let reward =
            if random.NextDouble() < instance.Rewards[k] then
                1.0
            else
                0.0

        Ridge.update (ReadOnlySpan x) reward state |> ignore<float>

    sum

let ours horizon instance =
    let r =
        RegressionRegret.given
            AssumptionStatus.Measured
            "online ridge regression, one run"
            (squaredErrors horizon instance)
        |> Require.ok

    (NeuSquareCB.expectation Normalization.Exact 2 (float horizon) r |> Require.ok).Value

let ucbOptions horizon =
    { NeuralUcbOptions.For horizon with
        Arms = 2
        Noise = 0.5
    }

let neuralUcb horizon instance =
    let struct (bound, _) = NeuralUcb.regretAtBestLambda (ucbOptions horizon) instance |> Require.ok
    bound.Value

let neuralUcbAtOne horizon instance =
    (NeuralUcb.regretOf (ucbOptions horizon) instance |> Require.ok).Value

let neuralTs instance =
    (NeuralTs.regretOf 2 2 0.5 0.05 instance |> Require.ok).Value

let horizons = [ 25; 50; 100; 200; 300 ]
let onCoins = horizons |> List.map (fun t -> t, coins t)
let onLearnable = horizons |> List.map (fun t -> t, learnable t)

let share bound instances =
    [ for t, instance in instances -> struct (float t, bound t instance / float t) ]

Page.chart
    "Regret bounds over the horizon, K = 2"
    "NeuralTS with its absolute constants taken as 1; above the dashed line a bound says nothing"
    (SeriesCharts.logarithmic "rounds T")
    (SeriesCharts.logarithmic "bound over T")
    [
        SeriesCharts.line "NeuralTS, coins" (share (fun _ i -> neuralTs i) onCoins)
        SeriesCharts.line "NeuralUCB at its best lambda, coins" (share neuralUcb onCoins)
        SeriesCharts.line "NeuralUCB at lambda = 1, learnable" (share neuralUcbAtOne onLearnable)
        SeriesCharts.line "NeuralUCB at its best lambda, learnable" (share neuralUcb onLearnable)
        SeriesCharts.line "SquareCB with R measured, coins" (share ours onCoins)
        SeriesCharts.line "SquareCB with R measured, learnable" (share ours onLearnable)
        SeriesCharts.dashed "1, the trivial bound" [ for t in horizons -> struct (float t, 1.0) ]
    ]
(*** include-it-raw ***)

(**
On the coins NeuralUCB's bound over T grows with the root of T, SquareCB's stays at one half, which the regret's own T/4 allows for. On rewards that can be learned SquareCB's falls with T; NeuralUCB's stays far above 1 although S is 1.3 and no longer grows:
l still grows like T, because the contexts are spread, whether or not the reward depends on where; at lambda = 1 the bound over T grows like the root of T here too.

What this does not say: that NeuralUCB's *regret* is linear where its bound is; nor that a network's R is small. For that there is [online regression under quadratic growth](bandits.html), whose explicit bound takes its constants as inputs.
In a fixed low dimension l is of smaller order than T, and NeuralUCB's bound is not linear:
*)

let lowDimension dimension horizon =
    let gram = NeuralUcb.gram 2 (hard dimension horizon).Contexts |> Require.ok
    (EffectiveDimension.logDet 1.0 gram |> Require.ok) / float horizon

Page.chart
    "Log determinant over the number of contexts, lambda = 1"
    "two layers, directions uniform on the sphere"
    (SeriesCharts.logarithmic "contexts")
    (SeriesCharts.logarithmic "l over contexts")
    [
        SeriesCharts.line "d = 3" [ for t in horizons -> struct (float t, lowDimension 3 t) ]
        SeriesCharts.line "d = 10" [ for t in horizons -> struct (float t, lowDimension 10 t) ]
        SeriesCharts.line "d = half of them" [ for t in horizons -> struct (float t, lowDimension (t / 2) t) ]
    ]
(*** include-it-raw ***)

(**
## The theorems
*)

(*** hide ***)
Page.family "neural-ucb"
(*** include-it-raw ***)
