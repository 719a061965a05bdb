namespace Hindsight.FSharp

open System
open Hindsight

module private PerturbationFormulas =
    open Hindsight.FSharp.Ops

    let slack<'T when 'T :> IReal<'T> and 'T: struct> (residual: 'T) (curvature: 'T) (width: 'T) (diameter: 'T) : 'T =
        'T.Const 0.5 * residual * curvature / 'T.Sqrt width * 'T.Sqr diameter

    let growth<'T when 'T :> IReal<'T> and 'T: struct>
        (kappa: 'T)
        (scale: 'T)
        (curvature: 'T)
        (slope: 'T)
        (width: 'T)
        : 'T =
        (kappa * 'T.Sqr scale - curvature * slope) / 'T.Sqrt width

    let kappa<'T when 'T :> IReal<'T> and 'T: struct> (largest: 'T) : 'T =
        let struct (up, down) = 'T.Sigmoids largest
        up * down

    /// max over lambda of -lambda (1 - u) - ln(1 - lambda + 3/2 lambda^2).
    let exponent<'T when 'T :> IReal<'T> and 'T: struct> (u: 'T) : 'T =
        let one = 'T.Const 1.0
        let two = 'T.Const 2.0
        let root = 'T.Sqrt('T.Sqr(two + u) + 'T.Const 6.0 * u * (one - u))
        let lambda = two * u / (two + u + root)
        -(lambda * (one - u)) - 'T.Log1p('T.Const 1.5 * 'T.Sqr lambda - lambda)

    let count<'T when 'T :> IReal<'T> and 'T: struct> (points: 'T) (delta: 'T) (u: 'T) : 'T =
        'T.Log(points / delta) / exponent u

    let ridge<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (scale: 'T) (width: 'T) (distance: 'T) : 'T =
        horizon * 'T.Sqr(scale * distance) / ('T.Const 2.0 * 'T.Sqrt width)

    let kernelRidge<'T when 'T :> IReal<'T> and 'T: struct>
        (horizon: 'T)
        (residual: 'T)
        (scale: 'T)
        (kernel: 'T)
        (width: 'T)
        : 'T =
        'T.Sqr(horizon * residual * scale) / ('T.Const 2.0 * kernel * 'T.Sqrt width)

    let total<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> a + b)

    let spectral<'T when 'T :> IReal<'T> and 'T: struct> (sigma: 'T) (radius: 'T) (width: 'T) : 'T =
        sigma + radius / 'T.Sqrt width

    let shallowGradient<'T when 'T :> IReal<'T> and 'T: struct> (gamma: 'T) (output: 'T) (width: 'T) : 'T =
        'T.Sqrt('T.Sqr gamma + 'T.Sqr('T.Const 1.0 + output) / width)

    let shallowHessian<'T when 'T :> IReal<'T> and 'T: struct> (beta: 'T) (output: 'T) (width: 'T) : 'T =
        let b = beta * ('T.Const 1.0 + output)
        (b + 'T.Sqrt('T.Sqr b + 'T.Const 4.0)) / ('T.Const 2.0 * 'T.Sqrt width)

    /// h(l) = gamma^(l-1) + |phi(0)| sum_{i<l} gamma^(i-1), l = 1, 2, ..., count.
    let heights<'T when 'T :> IReal<'T> and 'T: struct> (count: int) (gamma: 'T) (phi: 'T) : 'T[] =
        let mutable power = 'T.Const 1.0
        let mutable sum = 'T.Const 0.0

        Array.init count (fun _ ->
            let h = power + phi * sum
            sum <- sum + power
            power <- power * gamma
            h)

    let powers<'T when 'T :> IReal<'T> and 'T: struct> (count: int) (gamma: 'T) : 'T[] =
        heights count gamma ('T.Const 0.0)

    let largest<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> 'T.Max(a, b))

    let pick (values: 'A[]) (index: int) = values[index]

    let deepGradient<'T when 'T :> IReal<'T> and 'T: struct>
        (depth: int)
        (gamma: 'T)
        (phi: 'T)
        (output: 'T)
        (width: 'T)
        : 'T =
        let h = heights (Operators.(+) depth 1) gamma phi
        let g = powers depth gamma

        let sum =
            Array.init depth (fun l -> 'T.Sqr(pick h l * pick g (Operators.(-) (Operators.(-) depth 1) l)))
            |> total

        'T.Sqrt('T.Sqr(pick h depth) + 'T.Sqr('T.Const 1.0 + output) / width * sum)

    let deepHessian<'T when 'T :> IReal<'T> and 'T: struct>
        (depth: int)
        (gamma: 'T)
        (phi: 'T)
        (beta: 'T)
        (output: 'T)
        (width: 'T)
        : 'T =
        let one = 'T.Const 1.0
        let l = 'T.Const(float depth)
        let h = heights depth gamma phi
        let g = powers (Operators.(+) depth 1) gamma
        let top = pick g depth

        let psi =
            [|
                for second in 1 .. Operators.(-) depth 1 do
                    for first in 0 .. Operators.(-) second 1 do
                        let a = pick h first
                        let b = pick h second
                        beta * 'T.Sqr a
                        a * (beta / 'T.Const 2.0 * ('T.Sqr gamma + 'T.Sqr b) + one)
                        beta * 'T.Sqr gamma * a * b
            |]
            |> largest

        let reach = largest (powers depth gamma)

        let c = l * ('T.Sqr l * 'T.Sqr top + l * top + one) * (one + output) * psi * reach + l * top * largest h

        c / 'T.Sqrt width

    let step<'T when 'T :> IReal<'T> and 'T: struct> (gradient: 'T) (scale: 'T) (width: 'T) (signs: 'T) : 'T =
        'T.Const 2.0 / 'T.Sqr(gradient + scale / 'T.Sqrt('T.Sqrt width) * 'T.Sqrt signs)

    let logarithm<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) : 'T = 'T.Const 1.0 + 'T.Log horizon

    let descent<'T when 'T :> IReal<'T> and 'T: struct> (gradient: 'T) (growth: 'T) (horizon: 'T) : 'T =
        'T.Sqr gradient / ('T.Const 2.0 * growth) * logarithm horizon

    let add<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a + b

    let network<'T when 'T :> IReal<'T> and 'T: struct>
        (gradient: 'T)
        (growth: 'T)
        (defect: 'T)
        (horizon: 'T)
        (excess: 'T)
        (approximation: 'T)
        : 'T =
        'T.Const 4.0 * 'T.Sqr gradient / growth * logarithm horizon
        + 'T.Const 2.0 * defect * horizon
        + 'T.Const 2.0 * excess
        + approximation

    let twice<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Const 2.0 * x

    let square<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) (regret: 'T) (gamma: 'T) : 'T =
        'T.Const 2.0 * (arms - 'T.Const 1.0) * horizon / gamma + 'T.Const 0.25 * gamma * regret

    let fast<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (best: 'T) (regret: 'T) (gamma: 'T) : 'T =
        let share = 'T.Const 5.0 * arms / gamma
        (share * best + 'T.Const 14.0 * gamma * regret) / ('T.Const 1.0 - share)

[<RequireQualifiedAccess>]
module PerturbedPrediction =
    let private input = BoundCalculator.input

    let private text (x: float) =
        x.ToString Globalization.CultureInfo.InvariantCulture

    let private paper = "Contextual bandits with online neural regression (arXiv 2312.07145)"
    let private scale = input "scale" "c_p" "scale of the perturbation" Domain.Positive 1.0

    let private curvature =
        input "curvature" "c_H" "sqrt m times the largest norm of the prediction's Hessian" Domain.NonNegative 0.5

    let private residual = input "residual" "r" "largest |prediction - label|" Domain.NonNegative 0.5

    let private width = input "width" "m" "units of a hidden layer" (BoundCalculator.atLeast 1.0) 100.0
    let private horizon = input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4

    let private distance =
        input "distance" "D" "distance of the comparator from the initialisation" Domain.NonNegative 1.0

    let private hessian = BoundCalculator.assumed "|Hessian of f| <= c_H/sqrt m wherever the parameters go"

    let private signs = BoundCalculator.assumed "signs are independent, fair and independent of the point"

    let private convexEnough (x: BoundInputs<float>) slope kappa =
        BoundCalculator.required
            (kappa * x["c_p"] * x["c_p"] > x["c_H"] * slope)
            "the perturbation outweighs the curvature of the network"
            "the curvature term is the larger one: no growth follows"

    let almostConvexity =
        {
            Name = "almost-convexity-slack"
            Family = "perturbed-prediction"
            Title = "how far a network's loss is from convex"
            Statement =
                "On a convex set of diameter D where residuals are at most r and the prediction's Hessian at most c_H/sqrt m, half the square loss is convex up to (1/2) r (c_H/sqrt m) D^2."
            Source =
                $"derived here: the loss's Hessian is grad f grad f' + (f - y) Hessian f; the almost convexity of {paper}"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    residual
                    curvature
                    width
                    input "diameter" "D" "diameter of the set" Domain.NonNegative 2.0
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.slack x["r"] x["c_H"] x["m"] x["D"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| hessian; BoundCalculator.assumed "|f - y| <= r on the set" |]
            Trivial = BoundCalculator.noTrivial
            Law = "Half the square loss of a network is convex up to (1/2) r (c_H/sqrt m) D^2"
        }

    let growthSquare =
        { almostConvexity with
            Name = "perturbed-growth-square"
            Title = "growth of the expected perturbed loss, square"
            Statement =
                "The expectation over the signs of half the perturbed square loss has a Hessian of at least (c_p^2 - c_H r)/sqrt m: if that is positive it is strongly convex, with a unique minimiser."
            Source = "derived here: in expectation the perturbation is the ridge (c_p^2/(2 sqrt m)) |theta - theta_0|^2"
            Direction = BoundDirection.Lower
            Inputs = [| scale; curvature; residual; width |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.growth ('T.Const 1.0) x["c_p"] x["c_H"] x["r"] x["m"] |]
                }
            Assumptions = fun x -> [| hessian; BoundCalculator.assumed "|f - y| <= r"; convexEnough x x["r"] 1.0 |]
            Trivial = fun _ -> 0.0
            Law = "The expected perturbed square loss has a Hessian of at least (c_p^2 - c_H r)/sqrt m"
        }

    let growthLog =
        { growthSquare with
            Name = "perturbed-growth-log"
            Title = "growth of the expected perturbed loss, log loss"
            Statement =
                "If perturbed scores are at most F in size, the expectation over the signs of the perturbed log loss has a Hessian of at least (kappa c_p^2 - c_H)/sqrt m, kappa = s(F) s(-F) with s the sigmoid."
            Source = "derived here: s' >= kappa, |s - y| <= 1, and the signs are uncorrelated"
            Inputs =
                [|
                    { scale with Example = [| 3.0 |] }
                    curvature
                    input "largest" "F" "largest |perturbed score|" Domain.NonNegative 1.0
                    width
                |]
            Intermediate =
                [|
                    {
                        Symbol = "kappa"
                        Meaning = "least slope of the sigmoid at scores up to F"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let kappa = PerturbationFormulas.kappa x["F"]

                        [|
                            PerturbationFormulas.growth kappa x["c_p"] x["c_H"] ('T.Const 1.0) x["m"]
                            kappa
                        |]
                }
            Assumptions =
                fun x ->
                    [|
                        hessian
                        BoundCalculator.assumed "perturbed scores lie in [-F, F]"
                        BoundCalculator.assumed "labels lie in [0,1]"
                        convexEnough x 1.0 (PerturbationFormulas.kappa (R64 x["F"])).V
                    |]
            Law = "The expected perturbed log loss has a Hessian of at least (kappa c_p^2 - c_H)/sqrt m"
        }

    let count =
        { almostConvexity with
            Name = "perturbation-count"
            Title = "sign vectors for growth at fixed points"
            Statement =
                "With S >= ln(N/delta)/I(u) independent sign vectors, with probability 1 - delta, (1/S) sum_s (d' eps_s)^2 >= (1 - u) |d|^2 for all of N fixed displacements d, where I(u) = max over lambda of -lambda (1 - u) - ln(1 - lambda + (3/2) lambda^2), about u^2/4. Uniformly over all directions this needs S + 1 >= p."
            Source =
                $"derived here: exp(-z) <= 1 - z + z^2/2, fourth moment of d' eps at most 3 |d|^4, union bound; {paper} takes S of order ln m"
            Kind = BoundKind.HighProbability
            Inputs =
                [|
                    BoundCalculator.count "points" "N" "fixed points" 1.0 2e4
                    input
                        "loss"
                        "u"
                        "share of the perturbation's expectation that may be lost"
                        {
                            Low = 1e-4
                            LowClosed = true
                            High = 1.0
                            HighClosed = false
                            EndsOnly = false
                        }
                        0.5
                    BoundCalculator.delta
                |]
            Intermediate =
                [|
                    {
                        Symbol = "I"
                        Meaning = "exponent of the failure probability, a sign vector"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            PerturbationFormulas.count x["N"] x["delta"] x["u"]
                            PerturbationFormulas.exponent x["u"]
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        signs
                        BoundCalculator.assumed
                            "the points are fixed before the signs are drawn; iterates that depend on them are not"
                    |]
            Law = "With the sign vectors that the bound asks for, the perturbation keeps its growth at fixed points"
        }

    let interpolatorRidge =
        { almostConvexity with
            Name = "interpolator-ridge"
            Title = "what the perturbation adds to an interpolator's loss"
            Statement =
                "A network at distance D from its initialisation that fits T labels exactly has, in expectation over the signs, a perturbed half square loss of T c_p^2 D^2/(2 sqrt m) in all."
            Source = "derived here: E (delta' eps)^2 = |delta|^2"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Equal
            Inputs = [| horizon; scale; width; distance |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.ridge x["T"] x["c_p"] x["m"] x["D"] |]
                }
            Assumptions = fun _ -> [| signs; BoundCalculator.assumed "the network fits every label exactly" |]
            Law = "An interpolator's expected perturbed loss is T c_p^2 D^2/(2 sqrt m)"
        }

    let kernelRidge =
        { interpolatorRidge with
            Name = "kernel-interpolator-ridge"
            Title = "what the perturbation adds to the nearest interpolator's loss"
            Statement =
                "If the tangent kernel's Gram matrix of the T inputs is at least lambda_0 and the residuals at the initialisation at most r, the nearest interpolator of the linearised network has an expected perturbed half square loss of at most T^2 r^2 c_p^2/(2 lambda_0 sqrt m): its squared distance is e' K^-1 e <= T r^2/lambda_0."
            Source = "derived here"
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    horizon
                    residual
                    scale
                    input
                        "kernel"
                        "lambda_0"
                        "smallest eigenvalue of the tangent kernel's Gram matrix"
                        Domain.Positive
                        0.1
                    width
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            PerturbationFormulas.kernelRidge x["T"] x["r"] x["c_p"] x["lambda_0"] x["m"]
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        signs
                        BoundCalculator.assumed "the network is its linearisation at the initialisation"
                        BoundCalculator.assumed
                            "the tangent kernel's Gram matrix of all T inputs is at least lambda_0: no input repeats, no noise is averaged"
                    |]
            Law = "The nearest interpolator of the linearised network costs at most T^2 r^2 c_p^2/(2 lambda_0 sqrt m)"
        }

    let noisyLabelFloor =
        { almostConvexity with
            Name = "noisy-label-floor"
            Title = "the least regret against comparators that fit noise"
            Statement =
                "If some comparator fits the observed labels exactly, whatever they are, then every learner's expected square-loss regret (un-halved) against the comparators is at least the sum over rounds of Var(y_t | x_t, past)."
            Source = "derived here: the best comparator's loss is 0, and E (y - prediction)^2 >= Var(y)"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    input "variances" "v" "variance of each round's label" Domain.NonNegative 0.1
                    |> BoundCalculator.list [| 0.25; 0.1; 0.05 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.total (x.List "v") |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the class of comparators contains an interpolator of any labels"
                        BoundCalculator.assumed "a prediction does not see its own label"
                    |]
            Trivial = fun _ -> 0.0
            Law =
                "Against comparators that fit noisy labels every learner's expected regret is at least the labels' variance"
        }

    let private sigma =
        input "spectral" "sigma_1" "largest |W_0|/sqrt m at the initialisation" Domain.Positive 1.0

    let private radius =
        input
            "radius"
            "rho"
            "largest Frobenius distance of a hidden layer from its initialisation"
            Domain.NonNegative
            1.0

    let private outputRadius =
        input
            "outputRadius"
            "rho_1"
            "largest distance of the output layer from its initialisation, which has length 1"
            Domain.NonNegative
            1.0

    let private beta =
        input "smoothness" "beta" "largest |second derivative| of a unit" Domain.NonNegative 1.0

    let private unitRows =
        [|
            BoundCalculator.assumed "inputs of length sqrt d"
            BoundCalculator.assumed "units are 1-Lipschitz"
            BoundCalculator.assumed "parameters stay in the ball of radii rho and rho_1"
        |]

    let shallowGradient =
        { almostConvexity with
            Name = "shallow-gradient"
            Title = "gradient of a network with one hidden layer"
            Statement =
                "f = m^(-1/2) v' phi(d^(-1/2) W x) with |x| = sqrt d, phi 1-Lipschitz and phi(0) = 0, |W_0| <= sigma_1 sqrt m, |v_0| = 1 has a gradient of norm at most sqrt(gamma^2 + (1 + rho_1)^2/m), gamma = sigma_1 + rho/sqrt m, in the ball."
            Source = "derived here"
            Inputs = [| sigma; radius; outputRadius; width |]
            Intermediate =
                [|
                    {
                        Symbol = "gamma"
                        Meaning = "largest |W|/sqrt m in the ball"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let gamma = PerturbationFormulas.spectral x["sigma_1"] x["rho"] x["m"]

                        [| PerturbationFormulas.shallowGradient gamma x["rho_1"] x["m"]; gamma |]
                }
            Assumptions = fun _ -> Array.append unitRows [| BoundCalculator.assumed "phi(0) = 0" |]
            Law = "The gradient of a network with one hidden layer is within its bound"
        }

    let shallowHessian =
        { shallowGradient with
            Name = "shallow-hessian"
            Title = "Hessian of a network with one hidden layer"
            Statement =
                "The same network with |phi''| <= beta has a Hessian of norm at most (b + sqrt(b^2 + 4))/(2 sqrt m), b = beta (1 + rho_1), in the ball: the Hessian is a block of two directions for each unit."
            Source = "derived here: each unit's block has the norm of ((|v_i| beta, 1), (1, 0))"
            Inputs = [| beta; outputRadius; width |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.shallowHessian x["beta"] x["rho_1"] x["m"] |]
                }
            Assumptions =
                fun _ -> Array.append unitRows [| BoundCalculator.assumed "units have curvature of at most beta" |]
            Law = "The Hessian of a network with one hidden layer is within its bound"
        }

    let private memory =
        "Banerjee et al., Restricted strong convexity of deep learning models with smooth activations (arXiv 2209.15106), constants from memory"

    let private depth = BoundCalculator.count "depth" "L" "hidden layers"

    let private offset =
        input "offset" "phi_0" "|phi(0)|" Domain.NonNegative 0.0 |> BoundCalculator.withDefault 0.0

    let private layersRow =
        BoundCalculator.assumed
            "every hidden layer starts with |W_0| <= sigma_1 sqrt m, true with probability 1 - 2 (L + 1)/m"

    let deepGradient =
        { shallowGradient with
            Name = "deep-gradient"
            Title = "gradient of a deep network"
            Statement =
                "A network of L hidden layers of width m in the ball has |grad f|^2 <= h(L+1)^2 + (1/m)(1 + rho_1)^2 sum_l h(l)^2 gamma^(2 (L-l)), gamma = sigma_1 + rho/sqrt m, h(l) = gamma^(l-1) + |phi(0)| sum_{i<l} gamma^(i-1)."
            Source = memory
            Kind = BoundKind.Heuristic
            Inputs = [| depth 1.0 3.0; sigma; radius; outputRadius; width; offset |]
            Text = "sqrt(h(L+1)^2 + (1 + rho_1)^2/m sum_l h(l)^2 gamma^(2 (L-l)))"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let gamma = PerturbationFormulas.spectral x["sigma_1"] x["rho"] x["m"]
                        let l = int (x.Number "L")

                        [|
                            PerturbationFormulas.deepGradient l gamma x["phi_0"] x["rho_1"] x["m"]
                            gamma
                        |]
                }
            Check =
                fun x ->
                    Require.atLeast "depth" 1 (int (min x["L"] 1001.0))
                    |> Result.bind (fun l ->
                        if l <= 1000 then
                            Ok()
                        else
                            Error(HindsightError.OutOfRange("depth", text x["L"], "at most 1000")))
            Assumptions = fun _ -> Array.append unitRows [| layersRow |]
            Law = "Gradients and Hessians of deep networks were not seen above the bounds from memory"
        }

    let deepHessian =
        { deepGradient with
            Name = "deep-hessian"
            Title = "Hessian of a deep network"
            Statement =
                "A network of L >= 2 hidden layers of width m in the ball has |Hessian f| <= c_H/sqrt m with c_H = L (L^2 gamma^(2L) + L gamma^L + 1)(1 + rho_1) psi max_l gamma^(L-l) + L gamma^L max_l h(l), psi the largest of beta h(k)^2, h(k)((beta/2)(gamma^2 + h(l)^2) + 1), beta gamma^2 h(k) h(l) over k < l."
            Inputs = [| depth 2.0 3.0; sigma; radius; outputRadius; beta; width; offset |]
            Text = "c_H/sqrt(m)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let gamma = PerturbationFormulas.spectral x["sigma_1"] x["rho"] x["m"]
                        let l = int (x.Number "L")

                        [|
                            PerturbationFormulas.deepHessian l gamma x["phi_0"] x["beta"] x["rho_1"] x["m"]
                            gamma
                        |]
                }
        }

    let stableStep =
        { almostConvexity with
            Name = "perturbed-stable-step"
            Title = "steps that a perturbed loss leaves stable"
            Statement =
                "Gradient descent on one observation's perturbed half square loss of a linear prediction is stable for every step below 2/(g + c_p m^(-1/4) sqrt(lambda_G))^2, lambda_G the largest eigenvalue of (1/S) sum eps_s eps_s', about (p/S)(1 + sqrt(S/p))^2."
            Source = "derived here: the norm of a sum of matrices is at most the sum of norms"
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    input "gradient" "g" "norm of the prediction's gradient" Domain.NonNegative 1.0
                    scale
                    width
                    input "signs" "lambda_G" "largest eigenvalue of the signs' Gram matrix" Domain.Positive 50.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| PerturbationFormulas.step x["g"] x["c_p"] x["m"] x["lambda_G"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "the prediction is linear in the parameters" |]
            Trivial = fun _ -> 0.0
            Law = "Steps below 2/(g + c_p m^(-1/4) sqrt(lambda_G))^2 are stable"
        }

    let expectedRegret =
        { almostConvexity with
            Name = "expected-perturbation-regret"
            Title = "regret on the expected perturbed loss"
            Statement =
                "Projected online gradient descent with step 1/(mu t), mu = (c_p^2 - c_H r)/sqrt m > 0, on the expected perturbed half square loss has, against the unperturbed loss of a comparator at distance D from the initialisation, regret of at most (G^2/(2 mu))(1 + ln T) + T c_p^2 D^2/(2 sqrt m). Whatever m and c_p, this is at least G D sqrt(T (1 + ln T))."
            Source =
                "derived here: strong convexity of the expected loss, Jensen's inequality, and the ridge that the comparator keeps"
            Inputs =
                [|
                    input "gradient" "G" "largest gradient norm of the expected loss" Domain.Positive 1.0
                    scale
                    curvature
                    residual
                    BoundCalculator.free width
                    horizon
                    distance
                |]
            Intermediate =
                [|
                    {
                        Symbol = "mu"
                        Meaning = "growth of the expected loss"
                    }
                    {
                        Symbol = "ridge"
                        Meaning = "what the comparator pays for the perturbation"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let mu = PerturbationFormulas.growth ('T.Const 1.0) x["c_p"] x["c_H"] x["r"] x["m"]
                        let ridge = PerturbationFormulas.ridge x["T"] x["c_p"] x["m"] x["D"]

                        [|
                            PerturbationFormulas.add (PerturbationFormulas.descent x["G"] mu x["T"]) ridge
                            mu
                            ridge
                        |]
                }
            Check =
                fun x ->
                    if x["c_p"] * x["c_p"] > x["c_H"] * x["r"] then
                        Ok()
                    else
                        Error(
                            HindsightError.OutOfRange(
                                "scale",
                                text x["c_p"],
                                "more than sqrt(c_H r): below it no growth follows"
                            )
                        )
            Assumptions =
                fun _ ->
                    [|
                        hessian
                        BoundCalculator.assumed "|f - y| <= r on the set of play"
                        BoundCalculator.byConstruction "projected gradient descent on the expected loss" "step 1/(mu t)"
                        BoundCalculator.assumed "G and D do not grow with the width"
                    |]
            Law =
                "Online gradient descent on the expected perturbed loss stays within its bound, which no width and scale bring below G D sqrt(T (1 + ln T))"
        }

    let private networkInputs best =
        Array.concat
            [
                [| BoundCalculator.count "arms" "K" "arms" 2.0 10.0; horizon |]
                best
                [|
                    input "gradient" "G" "largest gradient norm of the network's averaged loss" Domain.Positive 1.0
                    input "growth" "mu" "quadratic growth of the network's averaged loss" Domain.Positive 0.1
                    input "defect" "epsilon" "how far that loss is from convex" Domain.NonNegative 0.0
                    |> BoundCalculator.withDefault 0.0
                    input
                        "comparatorExcess"
                        "C"
                        "the comparator's averaged loss over the rounds' least losses"
                        Domain.NonNegative
                        0.0
                    input
                        "approximation"
                        "A"
                        "the comparator's averaged loss over that of the true mean costs"
                        Domain.NonNegative
                        0.0
                    |> BoundCalculator.withDefault 0.0
                    input "gamma" "gamma" "exploration" Domain.Positive 100.0 |> BoundCalculator.free
                |]
            ]

    let private networkRows =
        [|
            BoundCalculator.assumed
                "realizability: the mean cost of every arm is a fixed function of what the network sees"
            BoundCalculator.assumed
                "quadratic growth mu about a unique minimiser in each round, at the iterate and at the comparator"
            BoundCalculator.assumed "convex up to epsilon from the iterate to the comparator"
            BoundCalculator.assumed
                "the constants hold on every sequence, the bandit's own included; for a network they hold with high probability only"
            BoundCalculator.byConstruction "projected gradient descent" "step 4/(mu t)"
            BoundCalculator.byConstruction
                "prediction at most the averaged loss"
                "Jensen's inequality; the comparator keeps its perturbation, in C and A"
        |]

    let private regressionTerm =
        {
            Symbol = "R"
            Meaning = "regret of the regression against the true mean costs"
        }
        : BoundTerm

    let neuSquareCB =
        { almostConvexity with
            Name = "neusquarecb"
            Title = "NeuSquareCB regret from the network's growth"
            Statement =
                "Inverse gap weighting with mu = K over a network whose averaged half square loss grows by mu has expected regret of at most 2 (K-1) T/gamma + (gamma/4) R with R = 2 ((4 G^2/mu)(1 + ln T) + 2 epsilon T + 2 C + A)."
            Source =
                $"derived here: the regression's bound (explicit form of Theorem 3.1 of {paper}) under the exact price of a round; the regret is that of its Theorem 4.1"
            Kind = BoundKind.Expectation
            Inputs = networkInputs [||]
            Intermediate = [| regressionTerm |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let r =
                            PerturbationFormulas.network x["G"] x["mu"] x["epsilon"] x["T"] x["C"] x["A"]
                            |> PerturbationFormulas.twice

                        [| PerturbationFormulas.square x["K"] x["T"] r x["gamma"]; r |]
                }
            Assumptions = fun _ -> networkRows
            Trivial = fun x -> x["T"]
            Law = "NeuSquareCB's composed bound is the reduction's bound at the regression's, and runs stay within it"
        }

    let neuFastCB =
        { neuSquareCB with
            Name = "neufastcb"
            Title = "NeuFastCB regret from the network's growth"
            Statement =
                "Re-weighted inverse gap weighting over a network whose averaged log loss grows by mu has, for gamma > 5 K, expected regret of at most (5 K L*/gamma + 14 gamma R)/(1 - 5 K/gamma) with R = (4 G^2/mu)(1 + ln T) + 2 epsilon T + 2 C + A, in nats."
            Source =
                $"derived here: the regression's bound (explicit form of Theorem 3.1 of {paper}) under FastCB's chain (Foster and Krishnamurthy 2021, constants from memory); the regret is that of its Theorem 4.2"
            Inputs = networkInputs [| input "best" "L_star" "cost of the best policy" Domain.NonNegative 500.0 |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let r = PerturbationFormulas.network x["G"] x["mu"] x["epsilon"] x["T"] x["C"] x["A"]
                        [| PerturbationFormulas.fast x["K"] x["L_star"] r x["gamma"]; r |]
                }
            Check =
                fun x ->
                    Require.inside "gamma" { Domain.Reals with Low = 5.0 * x["K"] } x["gamma"]
                    |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    Array.append
                        networkRows
                        [|
                            BoundCalculator.assumed
                                "the round's inequality with constants 5 and 7, from memory; never seen violated"
                        |]
            Law = "NeuFastCB's composed bound is the reduction's bound at the regression's, and runs stay within it"
        }

    let calculators =
        [|
            almostConvexity
            growthSquare
            growthLog
            count
            interpolatorRidge
            kernelRidge
            noisyLabelFloor
            shallowGradient
            shallowHessian
            deepGradient
            deepHessian
            stableStep
            expectedRegret
            neuSquareCB
            neuFastCB
        |]

    let signVectors points loss delta =
        result {
            let! points = Require.atLeast "points" 1 points
            let! bound = count |> BoundCalculator.ofNumbers [| float points; loss; delta |]
            return int (Math.Ceiling bound.Value)
        }

    let bestWidth gradient scale curvature residual horizon distance =
        let values =
            [| gradient; scale; curvature; residual; 100.0; horizon; distance |] |> Array.map Array.singleton

        // a bad number is named before the search
        expectedRegret
        |> BoundCalculator.at values
        |> Result.bind (fun _ -> expectedRegret |> BoundCalculator.optimise [ "width" ] values)

    let squareRegret arms horizon gradient growth defect comparatorExcess approximation =
        neuSquareCB
        |> BoundCalculator.evaluate
            [
                "arms", [| float (arms: int) |]
                "horizon", [| horizon |]
                "gradient", [| gradient |]
                "growth", [| growth |]
                "defect", [| defect |]
                "comparatorExcess", [| comparatorExcess |]
                "approximation", [| approximation |]
            ]

    let fastRegret arms horizon best gradient growth defect comparatorExcess approximation =
        neuFastCB
        |> BoundCalculator.evaluate
            [
                "arms", [| float (arms: int) |]
                "horizon", [| horizon |]
                "best", [| best |]
                "gradient", [| gradient |]
                "growth", [| growth |]
                "defect", [| defect |]
                "comparatorExcess", [| comparatorExcess |]
                "approximation", [| approximation |]
            ]
