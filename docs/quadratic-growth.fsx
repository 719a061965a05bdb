(**
---
title: Growth conditions and logarithmic regret
category: Theorems
categoryindex: 2
index: 3
---

# Growth conditions and logarithmic regret

Strong convexity is more than most proofs use. Seven weaker statements carry the same rates, and one of them, quadratic growth, is what the regret of a network trained online rests on. This page defines them, says which follows from
which with what constant, lists what descent methods get from them, and ends with the point that matters for bandits: growth gives logarithmic regret when all rounds share one minimiser, and nothing when they do not.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The conditions

f* is the least value of f, x_p the minimiser nearest to x.
*)

Page.table
    [ ""; "name"; "inequality, for all x"; "remark" ]
    [
        for d in Conditions.definitions do
            [ d.Abbreviation; d.Name; d.Inequality; d.Remark ]
    ]
(*** include-it-raw ***)

(**
## What follows from what

Each row needs its condition at the point alone, on the segment from the nearest minimiser, or everywhere: the last kind follows a gradient flow and fails for a minimum that is constrained to a set. U is the upper growth, at most the smoothness.
Every constant is attained by a function in the tests, so that none can be raised.
*)

Page.table
    [ "from"; "to"; "needs"; "where"; "because" ]
    [
        for r in Conditions.implications do
            let short c =
                (Conditions.definition c |> Require.ok).Abbreviation

            let needs =
                [
                    if r.NeedsConvex then
                        "convex"
                    if r.NeedsSmooth then
                        "smooth"
                    elif r.OverUpperGrowth then
                        "upper growth"
                ]

            [
                $"{short r.From}(mu)"
                $"{short r.To}({r.Constant})"
                String.Join(", ", needs)
                string r.Reach
                r.Reason
            ]
    ]
(*** include-it-raw ***)

(**
`Conditions.convert` takes the chain with the best constant, which need not be the shortest. For a convex function the error bound 0.2 gives PL by two rows; which one is better depends on the smoothness.
*)

let converted smoothness =
    Conditions.convert
        Condition.ErrorBound
        0.2
        Condition.PolyakLojasiewicz
        { ConditionAssumptions.ForConvex with
            Smoothness = Nullable smoothness
        }
    |> Require.ok

Page.table
    [ "smoothness"; "PL constant"; "chain" ]
    [
        for l in [ 0.25; 1.0 ] do
            let c = converted l

            [
                Page.number l
                Page.number c.Constant
                String.Join("; ", c.Chain |> Seq.map string)
            ]
    ]
(*** include-it-raw ***)

(**
## A function that is not convex

x^2 + 3 sin^2 x has one stationary point and is far from convex. Its constants, estimated on a grid (an infimum over some points is at least the one over all, so that an estimate comes from above), are those of the literature's examples made sharp: the PL constant that is usually quoted for it is 1/32.
*)

let wavy x = x * x + 3.0 * sin x * sin x
let slope x = 2.0 * x + 3.0 * sin (2.0 * x)

let samples =
    [|
        for i in 1..40000 do
            let x = 1e-4 * float i + 0.5

            {
                Point = [| x |]
                Value = wavy x
                Gradient = [| slope x |]
                Projection = [| 0.0 |]
            }
    |]

Page.table
    [ "condition"; "constant"; "attained at x" ]
    [
        for condition in
            [
                Condition.PolyakLojasiewicz
                Condition.RestrictedSecant
                Condition.ErrorBound
                Condition.QuadraticGrowth
                Condition.UpperQuadraticGrowth
            ] do
            let e = Conditions.estimate condition 0.0 samples |> Require.ok

            [
                (Conditions.definition condition |> Require.ok).Name
                e.Constant.ToString "F9"
                Page.number samples[e.Sample].Point[0]
            ]
    ]
(*** include-it-raw ***)

(**
Gradient descent with step 1/L, L = 8, goes down at least as fast as PL says. The sharper bound uses the inequality at both ends of a step.
*)

let start = 3.0

let gaps = Seq.unfold (fun x -> Some(wavy x, x - slope x / 8.0)) start |> Seq.take 61 |> Seq.toArray

let bounded (calculator: BoundCalculator) title =
    SeriesCharts.line
        title
        [
            for k in 1..60 do
                let bound =
                    calculator |> BoundCalculator.ofNumbers [| 0.175530986; 8.0; gaps[0]; float k |] |> Require.ok

                struct (float k, bound.Value)
        ]

Page.chart
    "Gradient descent on x^2 + 3 sin^2 x from x = 3"
    "f(x_k) - f*, and what the PL constant promises"
    (SeriesCharts.linear "steps k")
    (SeriesCharts.logarithmic "gap")
    [
        SeriesCharts.line "measured" [ for k in 1..60 -> struct (float k, gaps[k]) ]
        bounded DescentBounds.gradientDescent "(1 - mu/L)^k"
        bounded DescentBounds.gradientDescentSharp "PL at both ends"
    ]
(*** include-it-raw ***)

(**
## Logarithmic regret without strong convexity

Let u be a point such that in every round t

1. l_t(x_t) - l_t(u) <= grad l_t(x_t)'(x_t - u) + eps: convex up to eps, from the iterate to u;
2. l_t(x_t) - l_t(u) >= (mu/2) |x_t - u|^2: growth about u.

Twice the first less the second is regret <= sum 2 grad'(x_t - u) - (mu/2) |x_t - u|^2 + 2 eps. Projected gradient descent has 2 grad'(x_t - u) <= (d_t^2 - d_{t+1}^2)/eta_t + eta_t G^2 with d_t = |x_t - u|, and with eta_t = 2/(mu t) the
quadratic terms cancel: 1/eta_t - 1/eta_{t-1} = mu/2. What is left is the sum of eta_t G^2: regret of at most (2 G^2/mu)(1 + ln T) + 2 eps T.

The second condition is growth about *the same* u in all rounds. If each loss grows about a minimiser x_t* of its own, then |x_t - u|^2 <= (1 + s) |x_t - x_t*|^2 + (1 + 1/s) |u - x_t*|^2 splits the distance, and the price is the comparator's loss over the
rounds' least losses, C = sum l_t(u) - min l_t: regret of at most (2 (1 + s) G^2/mu)(1 + ln T) + 2 eps T + (1 + 1/s) C, at the best s

```text
(sqrt(A) + sqrt(C))^2 + 2 eps T,   A = (2 G^2/mu)(1 + ln T)
```

C is a sum over rounds. Unless u nearly minimises every round's loss, it is linear in T.

## The counterexample

Take l_t(x) = 1 - s_t x on [-1, 1] with fair signs s_t. Each loss is convex, has slopes of size 1, and grows at least like (x - s_t)^2/2 about its own unique minimiser s_t: quadratic growth with mu = 1. But the sign is not seen before it falls, so that
every learner expects to lose T, while the best point in hindsight expects T - E|s_1 + ... + s_T|, about T - sqrt(2 T/pi). No learner has logarithmic regret here. With one common minimiser, l_t(x) = a_t |x - u|, gradient descent has.
*)

let horizons = [ for i in 4..17 -> 1 <<< i ]
let longest = List.last horizons

/// Regret at powers of two against the best of the two ends and the common minimiser; losses as value and slope.
let regrets (loss: int -> (float -> float) * (float -> float)) (comparators: float[]) =
    let totals = Array.zeroCreate<float> comparators.Length
    let mutable x = 0.9
    let mutable own = 0.0

    [
        for t in 1..longest do
            let value, gradient = loss t
            own <- own + value x
            comparators |> Array.iteri (fun i u -> totals[i] <- totals[i] + value u)
            x <- Math.Clamp(x - 2.0 / float t * gradient x, -1.0, 1.0)

            if List.contains t horizons then
                struct (float t, max 1e-2 (own - Array.min totals))
    ]

let average (runs: struct (float * float) list list) =
    runs
    |> List.transpose
    |> List.map (fun column ->
        let struct (t, _) = column.Head
        struct (t, column |> List.averageBy (fun (struct (_, r)) -> r)))

let seeds = [ for s in 1..20 -> uint64 s ]

let own =
    average
        [
            for seed in seeds do
                let signs = RandomStream(seed, 0UL)

                regrets
                    (fun _ ->
                        let s = if signs.NextDouble() < 0.5 then -1.0 else 1.0
                        (fun x -> 1.0 - s * x), (fun _ -> -s))
                    [| -1.0; 1.0 |]
        ]

let common =
    average
        [
            for seed in seeds do
                let draws = RandomStream(seed, 1UL)

                regrets
                    (fun _ ->
                        let a = 0.65 + 0.35 * draws.NextDouble()
                        (fun x -> a * abs (x - 0.3)), (fun x -> a * float (sign (x - 0.3))))
                    [| 0.3 |]
        ]

let logarithmic =
    [
        for t in horizons do
            let bound = Qg.onlineLogRegret 1.0 1.0 0.0 (float t) |> Require.ok
            struct (float t, bound.Value)
    ]

Page.chart
    "Gradient descent with step 2/(mu t), mu = G = 1, mean of 20 runs"
    "one minimiser for all rounds stays under the logarithm; a minimiser of its own in each round does not"
    (SeriesCharts.logarithmic "rounds T")
    (SeriesCharts.logarithmic "regret")
    [
        SeriesCharts.line "own minimisers" own
        SeriesCharts.line "one common minimiser" common
        SeriesCharts.dashed "(2 G^2/mu)(1 + ln T)" logarithmic
        SeriesCharts.dashed
            "sqrt(2 T/pi), any learner"
            [ for t in horizons -> struct (float t, sqrt (2.0 * float t / Math.PI)) ]
    ]
(*** include-it-raw ***)

(**
The calculator that allows for moving minimisers is right about the counterexample, and says nothing: its C is T - sqrt(2 T/pi).
*)

let excess = 1e5 - sqrt (2.0 * 1e5 / Math.PI)

Page.bound (DescentBounds.movingMinimisers 1.0 1.0 0.0 1e5 excess |> Require.ok)
(*** include-it-raw ***)

(**
That is why the network of NeuSquareCB is perturbed: the perturbation makes the minimiser unique. What it costs is on the page of [perturbed prediction](perturbed-prediction.html).

## The theorems
*)

(*** hide ***)
Page.family "quadratic-growth"
(*** include-it-raw ***)
