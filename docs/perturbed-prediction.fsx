(**
---
title: Perturbed prediction
category: Theorems
categoryindex: 2
index: 4
---

# Perturbed prediction

A wide network that fits its data has a manifold of minimisers. Gradient descent then has no point to contract to, and the logarithmic regret of [quadratic growth](quadratic-growth.html) is out of reach. NeuSquareCB and NeuFastCB therefore train on perturbed predictions. This page says
what that gives, what the constants of the theorem hide, what finitely many perturbations cannot give, and what happens when labels are noisy. It computes the numbers that it names.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"
#r "../src/Cli/bin/Release/net10.0/MathNet.Numerics.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## The device

With signs eps_1, ..., eps_S in {-1, 1}^p, drawn once, the network predicts

```text
f_s(theta; x) = f(theta; x) + c_p m^(-1/4) (theta - theta_0)' eps_s
```

and is trained on the loss averaged over s. For half the square loss the expectation over the signs is exact:

```text
E (y - f_s)^2/2 = (y - f)^2/2 + (c_p^2/(2 sqrt m)) |theta - theta_0|^2
```

since the cross term vanishes and E eps eps' is the identity. In expectation the perturbation is a ridge towards the initialisation, of weight c_p^2/sqrt m. The Hessian of the network's own part is at least -r c_H/sqrt m, where r is the largest residual and c_H/sqrt m bounds the
network's Hessian, so the expected loss is strongly convex with

```text
mu = (c_p^2 - c_H r)/sqrt m
```

as soon as c_p^2 exceeds c_H r, and its minimiser is unique.

## With and without

A small network (tanh, 8 hidden units, the theory's parameterisation) on 12 observations: the same data and initialisation without perturbation, with its expectation, and with 3 sign vectors. Minimisers are searched from six starts.
*)

let dimension = 4

let inputs, labels =
    let random = Random 2

    let xs =
        Array.init 12 (fun _ ->
            let x = Array.init dimension (fun _ -> 2.0 * random.NextDouble() - 1.0)
            let norm = sqrt (Array.sumBy (fun v -> v * v) x)
            x |> Array.map (fun v -> v * sqrt (float dimension) / norm))

    xs, xs |> Array.map (fun x -> 0.5 + 0.3 * tanh (x[0] - x[1] * x[2]))

let options width scale count =
    { NetworkOptions.For(dimension, [| width |]) with
        Activation = Activation.Tanh
        Parameterisation = Parameterisation.Theory
        PerturbationScale = scale
        PerturbationCount = count
    }

let reports =
    Perturbation.compare 6 1.0 5UL (options 8 1.0 3) (HalfSquared() :> ILoss) inputs labels
    |> Require.ok

Page.table
    [
        "perturbation"
        "least loss"
        "flat directions"
        "of parameters"
        "smallest eigenvalue"
        "growth about the minimiser, at most"
        "spread of minimisers"
        "growth promised"
    ]
    [
        for r in reports ->
            [
                string r.Kind
                Page.number r.Least
                string r.FlatDirections
                string r.Parameters
                Page.number r.SmallestEigenvalue
                Page.number r.Growth
                Page.number r.Spread
                Page.number r.Promised
            ]
    ]
(*** include-it-raw ***)

(**
Without perturbation the loss is flat along most directions and every start ends elsewhere. Its expectation makes the minimiser one point, with a growth constant that is measured; what the theory promises from worst cases of residual and curvature may be less, or nothing.
Three sign vectors do not make the minimiser one point: the loss stays flat along most directions. The eigenvalues of the three Hessians at the minimisers that were found from the initialisation:
*)

let spectrum kind =
    let network =
        PerturbedNetwork.Create(
            { options 8 1.0 3 with
                Perturbation = kind
            },
            HalfSquared() :> ILoss
        )
        |> Require.ok

    let objective = PerturbedObjective.Of(network, inputs, labels) |> Require.ok
    let struct (minimiser, _) = Perturbation.minimise objective objective.Initialisation

    let hessian =
        MathNet.Numerics.LinearAlgebra.Matrix<float>.Build.DenseOfArray(objective.Hessian minimiser)

    hessian.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues
    |> Seq.map (fun z -> max 1e-18 z.Real)
    |> Seq.sortDescending
    |> Seq.mapi (fun i value -> struct (float (i + 1), value))

Page.chart
    "Eigenvalues of the averaged loss's Hessian, 40 parameters, 12 observations"
    "what lies near 1e-16 is 0 up to rounding: a flat direction"
    (SeriesCharts.linear "rank")
    (SeriesCharts.logarithmic "eigenvalue")
    [
        SeriesCharts.line "no perturbation" (spectrum PerturbationKind.Off)
        SeriesCharts.line "3 sign vectors" (spectrum PerturbationKind.Rademacher)
        SeriesCharts.line "its expectation" (spectrum PerturbationKind.Expected)
    ]
(*** include-it-raw ***)

(**

## What finitely many signs cannot give

The Hessian of the averaged loss has the perturbation's part c_p^2/sqrt m times G, G = (1/S) sum eps_s eps_s', and the rank of G is at most S. Each observation adds one direction, the network's gradient there, where the network is close to linear. So a round's own loss cannot grow in all directions while S + 1 < p, nor the average over n observations while n + S < p. At a *fixed* point |delta|^2 is kept up to a factor 1 +- u
with probability 1 - 2 exp(-c S min(u, u^2)), and the theorem needs growth at the 2T points that the algorithm visits. That is what S of the order of log T buys:
*)

let signVectors parameters count =
    let random = Random 4
    Array.init count (fun _ -> Array.init parameters (fun _ -> if random.Next 2 = 0 then 1.0 else -1.0))

let visited parameters =
    let random = Random 5
    Array.init 200 (fun _ -> Array.init parameters (fun _ -> 2.0 * random.NextDouble() - 1.0))

Page.table
    [
        "S"
        "rank of G, p = 64"
        "smallest eigenvalue"
        "least kept at 200 points"
        "most kept"
    ]
    [
        for count in [ 3; 10; 50; 256 ] do
            let c = Perturbation.concentration (signVectors 64 count) (visited 64) |> Require.ok

            [
                string count
                string c.Rank
                Page.number c.SmallestEigenvalue
                Page.number c.Least
                Page.number c.Largest
            ]
    ]
(*** include-it-raw ***)

(**
## What the constants hide

The regret of online gradient descent (derived on the page of [quadratic growth](quadratic-growth.html)) with growth mu, gradients of at most lambda, slack eps of convexity and comparator excess C is at most

```text
(4 lambda^2/mu)(1 + ln T) + 2 eps T + 2 C
```

The gradient of the network is of order 1 whatever the width, dominated by its output layer, and mu is of order 1/sqrt m. So lambda^2/mu grows as the square root of the width; and the width must be large, because the slack, of order 1/sqrt m, is multiplied by T, and because the ridge term of an interpolating network
must vanish. An "O(log T)" with that in its constant is not a number. Measured, in a ball of radius 1, with c_p = 2:
*)

let widths =
    Perturbation.widths
        20
        1.0
        6UL
        (options 16 2.0 3)
        (HalfSquared() :> ILoss)
        [| 16; 32; 64; 128; 256; 512 |]
        inputs
        labels
    |> Require.ok

Page.table
    [
        "width"
        "largest gradient"
        "c_H, measured"
        "slack, measured"
        "slack, bound"
        "growth (c_p^2 - c_H r)/sqrt m"
        "gradient^2/growth"
    ]
    [
        for w in widths ->
            [
                string w.Width
                Page.number w.GradientNorm
                Page.number w.Curvature
                Page.number w.Slack
                Page.number w.SlackBound
                Page.number w.Growth
                (if w.Growth > 0.0 then
                     Page.number (w.GradientNorm * w.GradientNorm / w.Growth)
                 else
                     "no growth")
            ]
    ]
(*** include-it-raw ***)

(*** hide ***)
Page.chart
    "What grows and what falls with the width"
    "c_p = 2, ball of radius 1; the dashed line has the slope of a square root"
    (SeriesCharts.logarithmic "width m")
    (SeriesCharts.logarithmic "measured")
    [
        SeriesCharts.line "slack of convexity" [ for w in widths -> struct (float w.Width, w.Slack) ]
        SeriesCharts.line "growth" [ for w in widths -> struct (float w.Width, w.Growth) ]
        SeriesCharts.line
            "gradient^2/growth"
            [
                for w in widths -> struct (float w.Width, w.GradientNorm * w.GradientNorm / w.Growth)
            ]
        SeriesCharts.dashed "sqrt m" [ for w in widths -> struct (float w.Width, sqrt (float w.Width)) ]
    ]
(*** include-it-raw ***)

(**
Put into the bandit's bound, with the measured gradient and growth at width 512, ten thousand rounds and ten arms. The comparator's excess and its distance from the truth, C and A, are set to 0, the best case. A network that interpolates pays the ridge in C; the number for the distance that the small network above moved is the second.
*)

let widest = Array.last widths

Bounds.find "neusquarecb"
|> Result.bind (
    BoundCalculator.evaluate
        [
            "K", [| 10.0 |]
            "T", [| 1e4 |]
            "G", [| widest.GradientNorm * widest.Slope |]
            "mu", [| widest.Growth |]
            "epsilon", [| widest.Slack |]
            "C", [| 0.0 |]
            "A", [| 0.0 |]
        ]
)
|> Require.ok
|> Page.bound
(*** include-it-raw ***)

Bounds.find "interpolator-ridge"
|> Result.bind (
    BoundCalculator.evaluate
        [
            "T", [| 1e4 |]
            "c_p", [| 2.0 |]
            "m", [| 512.0 |]
            "D", [| reports[0].Distance |]
        ]
)
|> Require.ok
|> Page.bound
(*** include-it-raw ***)

(**
## Noisy labels

If the ball holds a network that interpolates the *observed* labels, the best loss in hindsight is 0, and no learner's regret against it is below the labels' own variance: in expectation at least half of sum_t Var(y_t | x_t) for half the square loss. A regret of O(log T) with constants that do not grow with T is impossible there, for any algorithm.
What a bandit needs is less: the squared distance of the predictions to the mean costs. The calculator's number is for the un-halved square loss, so it is the sum of the variances itself. That is why the calculators take a comparator excess, and why the [ledger](ledger.html) measures regret against the means where they are known.
*)

Bounds.find "noisy-label-floor"
|> Result.bind (BoundCalculator.evaluate [ "v", [| 0.25; 0.25; 0.1 |] ])
|> Require.ok
|> Page.bound
(*** include-it-raw ***)

(**
## Step sizes

The perturbation adds a gradient of norm c_p m^(-1/4) sqrt(p/S) times the residual, so a single step is stable only below 2 over the largest eigenvalue of the averaged outer products (g + a eps_s)(g + a eps_s)'. For a network of width 100, at its initialisation:
*)

let stable =
    let network = PerturbedNetwork.Create(options 100 1.0 1, HalfSquared() :> ILoss) |> Require.ok

    let derivatives = NetworkDerivatives.Of network |> Require.ok

    let start = (PerturbedObjective.Of(network, inputs, labels) |> Require.ok).Initialisation

    let struct (_, gradient) = derivatives.Gradient(start, inputs[0])

    [
        for scale in [ 0.0; 0.01; 0.1; 1.0 ] do
            [
                yield Page.number scale

                for count in [ 1; 3; 10 ] do
                    let amplitude = scale / 100.0 ** 0.25

                    yield
                        Page.number (
                            Perturbation.stableStep gradient amplitude (signVectors gradient.Length count) |> Require.ok
                        )
            ]
    ]

Page.table [ "c_p"; "largest stable step, S = 1"; "S = 3"; "S = 10" ] stable
(*** include-it-raw ***)

(**
With c_p = 0.01 the step hardly changes, with 0.1 it falls by up to a half, with 1 by one to two orders of magnitude. But the growth constant falls with the square of c_p: a scale that costs nothing also gives nearly nothing.

## The theorems
*)

(*** hide ***)
Page.family "perturbed-prediction"
(*** include-it-raw ***)
