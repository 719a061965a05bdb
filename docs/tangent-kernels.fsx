(**
---
title: Tangent kernels and effective dimension
category: Theorems
categoryindex: 2
index: 8
---

# Tangent kernels and effective dimension

A wide network trained with small steps moves little from its initialisation, and is then regression with a fixed kernel: the inner product of its gradients. In the limit of infinite width that kernel has a closed form, layer by layer. This page
derives the layers, compares them with a network of finite width, follows gradient flow in closed form, and counts how many directions a kernel really has.
*)

(*** hide ***)
#r "../src/Cli/bin/Release/net10.0/Hindsight.Core.dll"
#r "../src/Cli/bin/Release/net10.0/Hindsight.Tool.dll"

open System
open Hindsight
open Hindsight.FSharp
open Hindsight.Tool

(**
## Two expectations for each activation

The outputs of a layer at two points are a normal pair (u, v) with variances a, b and covariance c. The next layer needs k = E phi(u) phi(v), its gradients k' = E phi'(u) phi'(v). Price's theorem says that k' is the derivative of k in c: differentiate the
normal density in c, and integrate by parts twice. The tests check every pair of closed forms that way, by automatic differentiation to 25 digits.

The closed forms are written with the determinant ab - c^2, which is computed to full accuracy. That matters: the ReLU's k' = (pi - theta)/(2 pi) has an infinite slope where two points coincide, and an angle taken from a rounded cosine is good for eight digits there.
Two points at 1.3 and a cosine of 1 - 2^-40:
*)

let a = 1.3
let c = a * (1.0 - 2.0 ** -40.0)
let struct (_, careful) = DualActivation.evaluate DualActivation.ReLU a a c |> Require.ok
let naive = (Math.PI - acos (c / a)) / (2.0 * Math.PI)
let exact = DualActivation.derivative DualActivation.ReLU (DD a) (DD a) (DD c)

let digits (value: float) =
    value.ToString("G17", Globalization.CultureInfo.InvariantCulture)

Page.table
    [ "1/2 - k' of the ReLU"; "value" ]
    [
        [ "30 digits"; digits (0.5 - exact.Hi) ]
        [ "the library"; digits (0.5 - careful) ]
        [ "angle of the rounded cosine"; digits (0.5 - naive) ]
    ]
(*** include-it-raw ***)

(**
Both expectations, at unit variances:
*)

let activations =
    [
        "ReLU", DualActivation.ReLU
        "ReLU squared", DualActivation.SquaredReLU
        "erf", DualActivation.Erf
        "Phi", DualActivation.Probit
        "GELU", DualActivation.Gelu
        "sin", DualActivation.Sin
        "cos", DualActivation.Cos
        "exp", DualActivation.Exp
        "z^2", DualActivation.Square
    ]

Page.table
    [
        "activation"
        "k at 0"
        "k at 0.5"
        "k at 1"
        "k' at 0"
        "k' at 0.5"
        "k' at 1"
    ]
    [
        for name, activation in activations do
            let at c =
                DualActivation.evaluate activation 1.0 1.0 c |> Require.ok

            let value c =
                let struct (k, _) = at c in Page.number k

            let slope c =
                let struct (_, d) = at c in Page.number d

            [ name; value 0.0; value 0.5; value 1.0; slope 0.0; slope 0.5; slope 1.0 ]
    ]
(*** include-it-raw ***)

(**
## Layers

With h_l+1 = sigma_w W phi(h_l)/sqrt(n) + sigma_b b the covariance becomes Sigma_l+1 = sigma_w^2 k(Sigma_l) + sigma_b^2. The gradient in the last layer's weights contributes Sigma_l+1, and those below reach the output through sigma_w W diag(phi'): Theta_l+1 = Sigma_l+1 + sigma_w^2 k'(Sigma_l) Theta_l.
The tangent kernel of the normalised ReLU network, over its value L + 1 at equal points. (A Gram matrix of 2,000 points in 100 dimensions with L = 3, both kernels, takes 0.17 s on two processors, 85 ns a pair of points, with the same bits on any number of them.)
*)

let cosines = [ for i in 0..100 -> cos (Math.PI * float i / 100.0) ]

let curve depth =
    SeriesCharts.line
        $"L = {depth}"
        [
            for r in cosines do
                let struct (_, theta) = TangentKernel.normalizedReLU depth r |> Require.ok
                struct (r, theta / float (depth + 1))
        ]

Page.chart
    "Tangent kernel of the ReLU network"
    "L hidden layers, unit vectors, sigma_w^2 = 2, no biases"
    (SeriesCharts.linear "cosine of the angle between the inputs")
    (SeriesCharts.linear "Theta/(L + 1)")
    [ curve 1; curve 2; curve 3; curve 8 ]
(*** include-it-raw ***)

(**
## A network of finite width

`EmpiricalTangentKernel` takes the gradients of the library's own network. In the parameterisation of the theory papers (factor 1/sqrt(m) in front of a random unit output vector) the output layer contributes k, and the hidden layer k' x'y/d times 1/m: its share vanishes with the width.
The mean over 20 initialisations of K(x, y), and the closed form:
*)

let points = [| [| 1.0f; 1.0f; 1.0f; 1.0f |]; [| 1.0f; 1.0f; 1.0f; -1.0f |] |]

let empirical (width: int) =
    let kernels =
        [
            for seed in 1UL .. 20UL do
                let options =
                    { NetworkOptions.For(4, width) with
                        Activation = Activation.Gelu
                        Parameterisation = Parameterisation.Theory
                        Sigma = 2.0
                        Seed = seed
                    }

                let network = PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok
                (EmpiricalTangentKernel.gram points network |> Require.ok)[0, 1]
        ]

    let mean = List.average kernels
    let spread = sqrt (kernels |> List.averageBy (fun k -> (k - mean) ** 2.0))
    let m = float width
    let variance = (1.0 / (1.0 + sqrt (log m) / sqrt (2.0 * m))) ** 2.0

    let struct (k, slope) =
        DualActivation.evaluate DualActivation.Gelu variance variance (0.5 * variance) |> Require.ok

    [
        string width
        Page.number mean
        Page.number spread
        Page.number (k + 0.5 * slope / m)
        Page.number k
    ]

Page.table
    [
        "width"
        "mean of K"
        "deviation of one"
        "closed form"
        "output layer alone"
    ]
    [ for width in [ 16; 64; 256; 1024 ] -> empirical width ]
(*** include-it-raw ***)

(**
## Gradient flow

Under df/dt = -eta K(f - y) the residual is e^(-eta K t)(y - f_0), so each eigenvector of K is learned at its own rate, and elsewhere f_t = f_0 + K_* K^-1(I - e^(-eta K t))(y - f_0). Sixteen points on the circle, the labels the sign of the first coordinate:
*)

let circle n =
    Array.init n (fun i ->
        let angle = 2.0 * Math.PI * (float i + 0.25) / float n
        [| cos angle; sin angle |])

let options = TangentKernelOptions.NormalizedReLU 2
let training = circle 16
let labels = training |> Array.map (fun x -> float (sign (Array.head x)))
let gram = (TangentKernel.gram options training |> Require.ok).Tangent
let flow = KernelFlow.create gram |> Require.ok

Page.table
    [ "smallest eigenvalue"; "largest"; "condition"; "rank" ]
    [
        [
            Page.number flow.Spectrum.Smallest
            Page.number flow.Spectrum.Largest
            Page.number flow.Spectrum.Condition
            string flow.Spectrum.Rank
        ]
    ]
(*** include-it-raw ***)

let zeros = Array.zeroCreate<float> 16
let length (x: float[]) = sqrt (Array.sumBy (fun v -> v * v) x)
let times = [ for i in 0..60 -> 10.0 ** (-2.0 + float i / 15.0) ]

Page.chart
    "Training residual of kernel gradient flow"
    "16 points on the circle, two hidden layers, eta = 1"
    (SeriesCharts.logarithmic "time")
    (SeriesCharts.logarithmic "distance to the labels")
    [
        SeriesCharts.line
            "residual"
            [
                for t in times -> struct (t, length (KernelFlow.residual 1.0 t zeros labels flow |> Require.ok))
            ]
        SeriesCharts.dashed
            "e^(-eta mu t), mu the smallest eigenvalue"
            [
                for t in times do
                    let bound = InformationGain.flowResidual (length labels) 1.0 t flow.Spectrum.Smallest |> Require.ok
                    struct (t, bound.Value)
            ]
    ]
(*** include-it-raw ***)

(**
## How many directions

The effective dimension d_eff(lambda) = tr K(K + lambda I)^-1 counts eigenvalues above lambda; the log determinant l = ln det(I + K/lambda), twice the information gain, weighs them by their logarithms. With x = mu/lambda for an eigenvalue mu: x/(1 + x) <= ln(1 + x) <= (x/(1 + x))(1 + ln(1 + x)), so
d_eff <= l <= d_eff(1 + ln(1 + |K|/lambda)). Two sharper forms, both with equality where the positive eigenvalues are equal: d_eff is the sum of 1 - e^(-l_i), a concave function, so d_eff <= r(1 - e^(-l/r)) at rank r; and ln(1 + x) over x/(1 + x) grows in x, so l <= d_eff (1 + 1/k) ln(1 + k), k = |K|/lambda.
*)

let cloud = (NeuralUcb.hardInstance 5UL 6 200 |> Require.ok).Contexts

let kernel = (TangentKernel.gram options cloud |> Require.ok).Tangent
let eigenvalues = EffectiveDimension.eigenvalues kernel |> Require.ok
let lambdas = [ for i in 0..40 -> 10.0 ** (-3.0 + float i / 8.0) ]
let largest = Array.last eigenvalues

let dimension lambda =
    EffectiveDimension.ofEigenvalues lambda eigenvalues |> Require.ok

let logDet lambda =
    EffectiveDimension.logDetOfEigenvalues lambda eigenvalues |> Require.ok

let value bound = (Require.ok bound: Bound).Value

let over f =
    [ for lambda in lambdas -> struct (lambda, f lambda) ]

Page.chart
    "Effective dimension and log determinant"
    "200 directions in six dimensions, two hidden layers"
    (SeriesCharts.logarithmic "lambda")
    (SeriesCharts.logarithmic "dimensions, or nats")
    [
        SeriesCharts.line "d_eff" (over dimension)
        SeriesCharts.line "log determinant l" (over logDet)
        SeriesCharts.dashed
            "r (1 - e^(-l/r)), at least d_eff"
            (over (fun lambda -> value (InformationGain.effectiveDimensionCeiling (logDet lambda) 200)))
        SeriesCharts.dashed
            "d_eff (1 + 1/k) ln(1 + k), at least l"
            (over (fun lambda -> value (InformationGain.logDetByDimensionSharp (dimension lambda) largest lambda)))
    ]
(*** include-it-raw ***)

(**
Which points carry the information? A greedy choice, each next point where the posterior variance is largest, has at least 1 - (1 - 1/m)^m of the gain of the best m points (the gain is submodular); read backwards, no m points have more than the divisor allows. Lambda = 1:
*)

let greedy = EffectiveDimension.greedy 50 1.0 kernel |> Require.ok

Page.table
    [
        "points m"
        "greedy gain, nats"
        "no m points have more than"
        "the first m points as they come"
    ]
    [
        for m in [ 1; 5; 20; 50 ] do
            let gain = greedy.InformationGain[m - 1]
            let first = Array2D.init m m (fun i j -> kernel[i, j])

            [
                string m
                Page.number gain
                Page.number (value (InformationGain.gainCeiling gain m))
                Page.number (EffectiveDimension.informationGain 1.0 first |> Require.ok)
            ]
    ]
(*** include-it-raw ***)

(**
Growth with the number of points n (from memory, rates only): the information gain is of order ln^(d+1) n for the Gaussian kernel, n^(d/(2 nu + d)) for Matern's, n^((d-1)/d) for the ReLU tangent kernel on the sphere in d dimensions, up to logarithms. The last is nearly linear in high dimension, which is why
[the bounds of NeuralUCB](neural-ucb.html) can be.

## The theorems
*)

(*** hide ***)
Page.family "tangent-kernels"
(*** include-it-raw ***)
