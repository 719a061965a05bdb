namespace Hindsight.FSharp

open System
open Hindsight

/// The formulas, once, over any scalar.
module private OptimisticFormulas =
    open Hindsight.FSharp.Ops

    let path<'T when 'T :> IReal<'T> and 'T: struct> (diameter: 'T) (step: 'T) (error: 'T) (movement: 'T) : 'T =
        'T.Sqr diameter / ('T.Const 2.0 * step) + error - movement

    let adaptive<'T when 'T :> IReal<'T> and 'T: struct>
        (diameter: 'T)
        (gradient: 'T)
        (regularisation: 'T)
        (variation: 'T)
        (movement: 'T)
        : 'T =
        let first = regularisation + 'T.Const 4.0 * 'T.Sqr gradient

        'T.Const 2.5 * diameter * 'T.Sqrt(first + variation)
        - 'T.Sqrt first / ('T.Const 4.0 * diameter) * movement

    let sea<'T when 'T :> IReal<'T> and 'T: struct>
        (diameter: 'T)
        (smoothness: 'T)
        (gradient: 'T)
        (variance: 'T)
        (variation: 'T)
        : 'T =
        'T.Const 5.0 * 'T.Sqrt('T.Const 10.0) * 'T.Sqr diameter * smoothness
        + 'T.Const 2.5 * 'T.Sqrt('T.Const 5.0) * diameter * gradient
        + 'T.Const 5.0 * 'T.Sqrt('T.Const 2.0) * diameter * 'T.Sqrt variance
        + 'T.Const 5.0 * diameter * 'T.Sqrt variation

    let strong<'T when 'T :> IReal<'T> and 'T: struct> (convexity: 'T) (errors: 'T[]) : 'T =
        let rounds = [| 1 .. errors.Length |]
        let weighted = Array.map2 (fun (t: int) v -> v / 'T.Const(float t)) rounds errors
        'T.Const 2.0 / convexity * (weighted |> Array.reduce (fun a b -> a + b))

    let seaStrong<'T when 'T :> IReal<'T> and 'T: struct>
        (convexity: 'T)
        (smoothness: 'T)
        (gradient: 'T)
        (variance: 'T)
        (variation: 'T)
        (horizon: 'T)
        : 'T =
        let one = 'T.Const 1.0
        let eight = 'T.Const 8.0 / convexity
        let early = one + 'T.Log('T.Const 2.0 + 'T.Const 8.0 * smoothness / convexity)

        eight * 'T.Sqr gradient * early
        + eight * ('T.Const 2.0 * variance + variation) * (one + 'T.Log horizon)

    let concave<'T when 'T :> IReal<'T> and 'T: struct> (curvature: 'T) (gradient: 'T) (distance: 'T) (error: 'T) : 'T =
        'T.Const 0.5 * ('T.Const 1.0 + curvature * 'T.Sqr gradient) * 'T.Sqr distance + error

    let reach<'T when 'T :> IReal<'T> and 'T: struct> (diameter: 'T) (length: 'T) : 'T =
        'T.Sqr diameter + 'T.Const 2.0 * diameter * length

    let dynamic<'T when 'T :> IReal<'T> and 'T: struct> (diameter: 'T) (length: 'T) (variation: 'T) (step: 'T) : 'T =
        reach diameter length / ('T.Const 2.0 * step) + step * variation

    let grid<'T when 'T :> IReal<'T> and 'T: struct>
        (diameter: 'T)
        (gradient: 'T)
        (horizon: 'T)
        (length: 'T)
        (variation: 'T)
        (steps: 'T)
        : 'T =
        gradient * diameter * 'T.Sqrt('T.Const 0.5 * horizon * 'T.Log steps)
        + 'T.Const 1.5 * 'T.Sqrt((variation + 'T.Sqr gradient) * reach diameter length)

[<RequireQualifiedAccess>]
module Optimistic =
    let private paper = "rate of Chen, Zhang, Tu, Zhao and Zhang (arXiv 2302.04552), constants derived here"

    let private diameter = BoundCalculator.input "diameter" "D" "diameter of the set" Domain.Positive 2.0

    let private gradient = BoundCalculator.input "gradient" "G" "largest gradient norm" Domain.Positive 1.0

    let private variation =
        BoundCalculator.input "variation" "V" "sum of squared distances of gradients from hints" Domain.NonNegative 50.0

    let private convexity =
        BoundCalculator.input "convexity" "lambda" "strong convexity" Domain.Positive 0.5

    let private horizon = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e3

    let private convex = BoundCalculator.assumed "the losses are convex"

    let private run detail =
        BoundCalculator.byConstruction "the algorithm" detail

    let private pathwise =
        {
            Name = "optimistic-path"
            Family = "optimistic"
            Title = "optimistic mirror descent by its path"
            Statement =
                "Optimistic mirror descent with steps that never grow has regret of at most D^2/(2 eta_T) + E - M, E = sum eta_t |g_t - m_t|^2 and M = sum (1/(2 eta_t))(|y_{t+1} - x_t|^2 + |x_t - y_t|^2)."
            Source = "Rakhlin and Sridharan 2013 in other form; derived here"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    diameter
                    BoundCalculator.input "lastStep" "eta" "the last step" Domain.Positive 0.1
                    BoundCalculator.input
                        "error"
                        "E"
                        "sum of step times squared error of the hint"
                        Domain.NonNegative
                        5.0
                    BoundCalculator.input
                        "movement"
                        "M"
                        "sum of squared movements over twice the step"
                        Domain.NonNegative
                        1.0
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.path x["D"] x["eta"] x["E"] x["M"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| convex; run "optimistic mirror descent, steps that never grow" |]
            Trivial = BoundCalculator.noTrivial
            Law = "Optimistic mirror descent pays for the errors of its hints and not for the gradients"
        }

    let private adapt =
        { pathwise with
            Name = "optimistic-adaptive"
            Title = "optimistic mirror descent with adaptive steps"
            Statement =
                "Optimistic mirror descent with steps D/sqrt(delta + 4 G^2 + V_{t-1}) has regret of at most (5/2) D sqrt(delta + 4 G^2 + V) - (sqrt(delta + 4 G^2)/(4 D)) M, M the sum of |x_t - x_{t-1}|^2."
            Source = paper
            Inputs =
                [|
                    diameter
                    gradient
                    BoundCalculator.input "regularisation" "delta0" "regulariser under the root" Domain.NonNegative 1.0
                    variation
                    BoundCalculator.input "movement" "M" "sum of squared movements of the points" Domain.NonNegative 0.0
                    |> BoundCalculator.withDefault 0.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.adaptive x["D"] x["G"] x["delta0"] x["V"] x["M"] |]
                }
            Assumptions = fun _ -> [| convex; run "optimistic mirror descent, adaptive steps" |]
        }

    let private variance =
        BoundCalculator.input
            "variance"
            "sigma2"
            "sum of the largest variances of the gradients"
            Domain.NonNegative
            10.0

    let private drift =
        BoundCalculator.input
            "variation"
            "Sigma2"
            "sum of the largest squared changes of the mean gradient"
            Domain.NonNegative
            10.0

    let private smoothness =
        BoundCalculator.input "smoothness" "L" "smoothness of the mean losses" Domain.Positive 1.0

    let private adversary =
        [|
            BoundCalculator.assumed "each loss is drawn from a law of its own, given the past"
            BoundCalculator.assumed "the mean losses are convex and L-smooth"
        |]

    let private sea =
        { adapt with
            Name = "sea-convex"
            Title = "stochastically extended adversary, convex"
            Statement =
                "Against a stochastically extended adversary with L-smooth mean losses optimistic mirror descent with delta = 10 D^2 L^2 has expected regret of at most 5 sqrt 10 D^2 L + (5 sqrt 5/2) D G + 5 sqrt 2 D sqrt(sigma^2) + 5 D sqrt(Sigma^2)."
            Kind = BoundKind.Expectation
            Inputs = [| diameter; smoothness; gradient; variance; drift |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.sea x["D"] x["L"] x["G"] x["sigma2"] x["Sigma2"] |]
                }
            Assumptions =
                fun _ ->
                    Array.append adversary [| run "optimistic mirror descent, adaptive steps, delta = 10 D^2 L^2" |]
            Law = "Between stochastic and adversarial: the expected regret pays for variance and drift"
        }

    let private strong =
        { pathwise with
            Name = "optimistic-strongly-convex"
            Title = "optimistic mirror descent on strongly convex losses"
            Statement =
                "Optimistic mirror descent with steps 2/(lambda t) and x_1 = y_1 on lambda-strongly convex losses has regret of at most (2/lambda) sum v_t/t, v_t = |g_t - m_t|^2."
            Source = paper
            Inputs =
                [|
                    convexity
                    BoundCalculator.input
                        "errors"
                        "v"
                        "squared distance of the gradient from the hint, each round"
                        Domain.NonNegative
                        1.0
                    |> BoundCalculator.list [| 1.0; 0.5; 0.1 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.strong x["lambda"] (x.List "v") |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the losses are lambda-strongly convex"
                        run "optimistic mirror descent, steps 2/(lambda t), no hint in the first round"
                    |]
            Law = "On strongly convex losses optimistic mirror descent pays its hints' errors over t"
        }

    let private seaStrong =
        { sea with
            Name = "sea-strongly-convex"
            Title = "stochastically extended adversary, strongly convex"
            Statement =
                "Against a stochastically extended adversary with L-smooth lambda-strongly convex mean losses optimistic mirror descent with steps 2/(lambda t) has expected regret of at most (8 G^2/lambda)(1 + ln(2 + 8 L/lambda)) + (8/lambda)(2 sigma^2 + Sigma^2)(1 + ln T), with the largest variance and change of a round."
            Inputs =
                [|
                    convexity
                    smoothness
                    gradient
                    { variance with
                        Meaning = "largest variance of a round's gradient"
                    }
                    { drift with
                        Meaning = "largest squared change of the mean gradient"
                    }
                    horizon
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            OptimisticFormulas.seaStrong x["lambda"] x["L"] x["G"] x["sigma2"] x["Sigma2"] x["T"]
                        |]
                }
            Check =
                fun x ->
                    Require.inside "smoothness" (BoundCalculator.atLeast x["lambda"]) x["L"] |> Result.map ignore<float>
            Assumptions =
                fun _ ->
                    Array.append
                        adversary
                        [|
                            BoundCalculator.assumed "the mean losses are lambda-strongly convex"
                            run "optimistic mirror descent, steps 2/(lambda t)"
                        |]
        }

    let private concave =
        { pathwise with
            Name = "optimistic-exp-concave"
            Title = "optimistic mirror descent on exp-concave losses"
            Statement =
                "Optimistic mirror descent in the norm of H_t = (1 + beta G^2) I + (beta/2) sum g_s g_s' on alpha-exp-concave losses, beta = min(1/(4 G D), alpha)/2, has regret of at most (1/2)(1 + beta G^2) D^2 + W, W the sum of squared errors of the hints in the norm of H_t^-1."
            Source = paper
            Inputs =
                [|
                    BoundCalculator.input "curvature" "beta" "curvature along the gradient" Domain.Positive 0.1
                    gradient
                    BoundCalculator.input "distance" "D" "distance of the comparator from the start" Domain.Positive 2.0
                    BoundCalculator.input
                        "error"
                        "W"
                        "sum of squared errors of the hints in the dual norm"
                        Domain.NonNegative
                        5.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.concave x["beta"] x["G"] x["D"] x["W"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed
                            "l(x) - l(u) <= g'(x-u) - (beta/2)(g'(x-u))^2, true of alpha-exp-concave losses at beta = min(1/(4 G D), alpha)/2"
                        run "optimistic mirror descent, projections in the norm of H"
                    |]
            Law = "On exp-concave losses optimistic mirror descent pays its hints' errors in the inverse metric"
        }

    let private length =
        BoundCalculator.input "pathLength" "P" "length of the comparator's path" Domain.NonNegative 3.0

    let private dynamic =
        { pathwise with
            Name = "optimistic-dynamic"
            Title = "dynamic regret of optimistic mirror descent"
            Statement =
                "Optimistic mirror descent with a constant step eta has regret of at most (D^2 + 2 D P)/(2 eta) + eta V against every path of length P."
            Source = paper
            Inputs =
                [|
                    diameter
                    length
                    variation
                    BoundCalculator.input "step" "eta" "step size" Domain.Positive 0.1 |> BoundCalculator.free
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.dynamic x["D"] x["P"] x["V"] x["eta"] |]
                }
            Assumptions = fun _ -> [| convex; run "optimistic mirror descent, constant step" |]
            Law = "Dynamic regret: optimistic mirror descent follows every path at the price of its length"
        }

    let private sizeOf horizon =
        1.0 + Math.Ceiling(0.5 * Math.Log2((1.0 + 2.0 * horizon) * (1.0 + 4.0 * horizon)))

    let private grid =
        { dynamic with
            Name = "optimistic-dynamic-grid"
            Title = "dynamic regret by a grid of steps"
            Statement =
                "Hedge over N optimistic mirror descents with steps D/(G sqrt(2 (4 T + 1))) times powers of 2 has regret of at most G D sqrt(T ln N/2) + (3/2) sqrt((V + G^2)(D^2 + 2 D P)) against every path of length P."
            Source = "rate of Zhang, Lu and Zhou 2018 with optimistic steps; constants derived here"
            Inputs =
                [|
                    diameter
                    gradient
                    horizon
                    length
                    variation
                    BoundCalculator.count "steps" "N" "steps in the grid" 1.0 20.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OptimisticFormulas.grid x["D"] x["G"] x["T"] x["P"] x["V"] x["N"] |]
                }
            Check =
                fun x ->
                    result {
                        let horizon = x["T"]
                        let! _ = Require.inside "steps" (BoundCalculator.atLeast (sizeOf horizon)) x["N"]
                        let! _ = Require.inside "pathLength" (Domain.Closed(0.0, x["D"] * horizon)) x["P"]
                        let! _ = Require.inside "variation" (Domain.Closed(0.0, 4.0 * x["G"] * x["G"] * horizon)) x["V"]
                        return ()
                    }
            Assumptions =
                fun _ ->
                    [|
                        convex
                        run "Hedge at its best rate over optimistic mirror descents with constant steps"
                    |]
            Trivial = fun x -> x["G"] * x["D"] * x["T"]
        }

    let calculators = [| pathwise; adapt; sea; strong; seaStrong; concave; dynamic; grid |]

    let private ask calculator numbers =
        calculator |> BoundCalculator.ofNumbers numbers

    let path diameter lastStep error movement =
        ask pathwise [| diameter; lastStep; error; movement |]

    let adaptive diameter gradient regularisation variation movement =
        ask adapt [| diameter; gradient; regularisation; variation; movement |]

    let seaConvex diameter smoothness gradient variance variation =
        ask sea [| diameter; smoothness; gradient; variance; variation |]

    let stronglyConvex convexity (errors: float[]) =
        strong |> BoundCalculator.at [| [| convexity |]; errors |]

    let seaStronglyConvex convexity smoothness gradient variance variation horizon =
        ask seaStrong [| convexity; smoothness; gradient; variance; variation; horizon |]

    let expConcave curvature gradient distance error =
        ask concave [| curvature; gradient; distance; error |]

    let dynamicRegret diameter pathLength variation step =
        ask dynamic [| diameter; pathLength; variation; step |]

    let dynamicGrid diameter gradient horizon pathLength variation steps =
        ask grid [| diameter; gradient; horizon; pathLength; variation; float (steps: int) |]

    let gridSize horizon =
        Require.inside "horizon" (BoundCalculator.atLeast 1.0) horizon
        |> Result.map (fun horizon -> int (sizeOf horizon))
