namespace Hindsight.FSharp

open System
open Hindsight

module private DescentFormulas =
    open Hindsight.FSharp.Ops

    let private one<'T when 'T :> IReal<'T> and 'T: struct> : 'T = 'T.Const 1.0

    /// (1 - decrease)^steps times start; accurate for small decreases.
    let geometric<'T when 'T :> IReal<'T> and 'T: struct> (decrease: 'T) (steps: 'T) (start: 'T) : 'T =
        start * 'T.Exp(steps * 'T.Log1p(-decrease))

    let sharp<'T when 'T :> IReal<'T> and 'T: struct> (growth: 'T) (smoothness: 'T) : 'T =
        'T.Const 3.0 * growth / ('T.Const 2.0 * smoothness + growth)

    let step<'T when 'T :> IReal<'T> and 'T: struct> (growth: 'T) (smoothness: 'T) (eta: 'T) : 'T =
        eta * growth * ('T.Const 2.0 - smoothness * eta)

    let iterations<'T when 'T :> IReal<'T> and 'T: struct> (growth: 'T) (smoothness: 'T) (gap: 'T) (accuracy: 'T) : 'T =
        'T.Log(gap / accuracy) / -'T.Log1p(-(growth / smoothness))

    let decaying<'T when 'T :> IReal<'T> and 'T: struct> (growth: 'T) (smoothness: 'T) (moment: 'T) (steps: 'T) : 'T =
        smoothness * 'T.Sqr(moment / growth) / ('T.Const 2.0 * steps)

    let constant<'T when 'T :> IReal<'T> and 'T: struct>
        (growth: 'T)
        (smoothness: 'T)
        (moment: 'T)
        (eta: 'T)
        (steps: 'T)
        (gap: 'T)
        : 'T =
        geometric ('T.Const 2.0 * growth * eta) steps gap
        + smoothness * 'T.Sqr moment * eta / ('T.Const 4.0 * growth)

    let total<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> a + b)

    let polyak<'T when 'T :> IReal<'T> and 'T: struct> (growth: 'T) (smoothness: 'T) : 'T =
        'T.Const 0.75 * growth / smoothness

    let stronglyConvex<'T when 'T :> IReal<'T> and 'T: struct> (gradient: 'T) (convexity: 'T) (horizon: 'T) : 'T =
        'T.Sqr gradient / ('T.Const 2.0 * convexity) * (one + 'T.Log horizon)

    let moving<'T when 'T :> IReal<'T> and 'T: struct>
        (gradient: 'T)
        (growth: 'T)
        (defect: 'T)
        (horizon: 'T)
        (excess: 'T)
        (split: 'T)
        : 'T =
        'T.Const 2.0 * (one + split) * 'T.Sqr gradient / growth * (one + 'T.Log horizon)
        + 'T.Const 2.0 * defect * horizon
        + (one + one / split) * excess

    let divide<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a / b
    let product<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a * b

[<RequireQualifiedAccess>]
module DescentBounds =
    let private growth =
        BoundCalculator.input "growth" "mu" "Polyak-Lojasiewicz constant" Domain.Positive 0.1

    let private smoothness = BoundCalculator.input "smoothness" "L" "smoothness" Domain.Positive 1.0

    let private gap =
        BoundCalculator.input
            "gap"
            "gap"
            "f(x_0) - f*: how far the start is above the least value"
            Domain.NonNegative
            1.0

    let private steps = BoundCalculator.count "steps" "k" "steps" 1.0 50.0

    let private moment =
        BoundCalculator.input
            "moment"
            "C"
            "root of the largest mean square of a stochastic gradient's norm"
            Domain.Positive
            1.0

    let private stepSize example =
        BoundCalculator.input "step" "eta" "step size" Domain.Positive example |> BoundCalculator.free

    let private smooth = BoundCalculator.assumed "f is L-smooth and attains its least value"

    let private pl = BoundCalculator.assumed "PL: |grad f|^2/2 >= mu (f - f*) at every iterate"

    let private unbiased = BoundCalculator.assumed "stochastic gradients are unbiased given the past"

    let private below name (low: float) nameHigh (high: float) =
        if low <= high then
            Ok()
        else
            Error(
                HindsightError.OutOfRange(
                    name,
                    low.ToString Globalization.CultureInfo.InvariantCulture,
                    $"at most {nameHigh}"
                )
            )

    let private muBelowL (x: BoundInputs<float>) =
        below "growth" x["mu"] "the smoothness L" x["L"]

    let private source = "derived here; Theorem 1 of Karimi, Nutini, Schmidt (2016) has the same rate"

    /// A gap that shrinks by a factor a step.
    let private shrinking
        name
        title
        statement
        source
        inputs
        (decrease: IBoundFormula)
        check
        assumptions
        law
        : BoundCalculator =
        {
            Name = name
            Family = "quadratic-growth"
            Title = title
            Statement = statement
            Source = source
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = Array.append inputs [| gap; steps |]
            Intermediate =
                [|
                    {
                        Symbol = "q"
                        Meaning = "share of the gap that a step closes"
                    }
                |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let q = Array.head (decrease.Eval x)
                        [| DescentFormulas.geometric q x["k"] x["gap"]; q |]
                }
            Check = check
            Assumptions = fun _ -> assumptions
            Trivial = fun x -> x["gap"]
            Law = law
        }

    let private ratio =
        { new IBoundFormula with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                [| DescentFormulas.divide x["mu"] x["L"] |]
        }

    let gradientDescent =
        shrinking
            "pl-gradient-descent"
            "gradient descent under PL"
            "Gradient descent with step 1/L on an L-smooth function with PL constant mu has f(x_k) - f* of at most (1 - mu/L)^k (f(x_0) - f*)."
            source
            [| growth; smoothness |]
            ratio
            muBelowL
            [| smooth; pl; BoundCalculator.byConstruction "gradient descent" "step 1/L" |]
            "Theorem 1 of Karimi, Nutini and Schmidt: gradient descent closes the share mu/L of the gap in each step under PL"

    let gradientDescentSharp =
        shrinking
            "pl-gradient-descent-sharp"
            "gradient descent under PL, sharper"
            "Gradient descent with step 1/L on an L-smooth function with PL constant mu has f(x_k) - f* of at most ((2 L - 2 mu)/(2 L + mu))^k (f(x_0) - f*): the PL inequality at both ends of a step."
            "derived here from f(x) - f(y) >= (grad f(x) + grad f(y))'(x - y)/2 + |grad f(x) - grad f(y)|^2/(4 L) - (L/4) |x - y|^2, true of every L-smooth f; the rate is that of Abbaszadehpeivasti, de Klerk, Zamani (2023), from memory"
            [| growth; smoothness |]
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| DescentFormulas.sharp x["mu"] x["L"] |]
            }
            muBelowL
            [|
                smooth
                BoundCalculator.assumed "PL: |grad f|^2/2 >= mu (f - f*) at every iterate, the last one too"
                BoundCalculator.byConstruction "gradient descent" "step 1/L"
            |]
            "Gradient descent closes the share 3 mu/(2 L + mu) of the gap in each step when PL is used at both its ends"

    let gradientDescentStep =
        { shrinking
              "pl-gradient-descent-step"
              "gradient descent under PL, any step"
              "Gradient descent with step eta < 2/L on an L-smooth function with PL constant mu has f(x_k) - f* of at most (1 - eta mu (2 - L eta))^k (f(x_0) - f*)."
              "derived here from the descent lemma"
              [| growth; smoothness; stepSize 0.5 |]
              { new IBoundFormula with
                  member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                      [| DescentFormulas.step x["mu"] x["L"] x["eta"] |]
              }
              (fun x ->
                  muBelowL x
                  |> Result.bind (fun () ->
                      if x["eta"] * x["L"] < 2.0 then
                          Ok()
                      else
                          Error(
                              HindsightError.OutOfRange(
                                  "step",
                                  x["eta"].ToString Globalization.CultureInfo.InvariantCulture,
                                  "less than 2/L"
                              )
                          )))
              [| smooth; pl; BoundCalculator.byConstruction "gradient descent" "step eta" |]
              "Gradient descent with step eta closes the share eta mu (2 - L eta) of the gap in each step under PL" with
            Trivial = fun x -> x["gap"]
        }

    let gradientDescentIterations =
        { gradientDescent with
            Name = "pl-gd-iterations"
            Title = "steps of gradient descent under PL"
            Statement =
                "Gradient descent with step 1/L on an L-smooth function with PL constant mu is within the accuracy of f* after at most ln(gap/accuracy)/(-ln(1 - mu/L)) steps, rounded up."
            Inputs =
                [|
                    growth
                    smoothness
                    gap
                    BoundCalculator.input
                        "accuracy"
                        "accuracy"
                        "largest f(x_k) - f* that is good enough"
                        Domain.Positive
                        1e-6
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| DescentFormulas.iterations x["mu"] x["L"] x["gap"] x["accuracy"] |]
                }
            Check =
                fun x ->
                    muBelowL x
                    |> Result.bind (fun () ->
                        if x["mu"] < x["L"] then
                            Ok()
                        else
                            Error(
                                HindsightError.OutOfRange(
                                    "growth",
                                    x["mu"].ToString Globalization.CultureInfo.InvariantCulture,
                                    "less than the smoothness L: at equality one step suffices"
                                )
                            ))
                    |> Result.bind (fun () -> below "accuracy" x["accuracy"] "the gap" x["gap"])
            Trivial = BoundCalculator.noTrivial
            Law = "Gradient descent under PL needs no more steps than its bound says"
        }

    let stochasticDecaying =
        { gradientDescent with
            Name = "pl-sgd-decaying"
            Title = "stochastic gradient descent under PL, decreasing steps"
            Statement =
                "Stochastic gradient descent with steps (2 k + 1)/(2 mu (k + 1)^2), k = 0, 1, ..., on an L-smooth function with PL constant mu has, after k steps, an expected gap of at most L C^2/(2 k mu^2), C^2 the largest mean square of a gradient's norm. The start does not enter: the first step is 1/(2 mu)."
            Source =
                "derived here: (k + 1)^2 E gap_{k+1} <= k^2 E gap_k + L C^2/(2 mu^2); Theorem 4 of Karimi, Nutini, Schmidt (2016)"
            Kind = BoundKind.Expectation
            Inputs = [| growth; smoothness; moment; steps |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| DescentFormulas.decaying x["mu"] x["L"] x["C"] x["k"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        smooth
                        pl
                        unbiased
                        BoundCalculator.assumed "E |g_k|^2 <= C^2 in every step"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law =
                "Theorem 4 of Karimi, Nutini and Schmidt: stochastic gradient descent with decreasing steps under PL is within L C^2/(2 k mu^2)"
        }

    let stochasticConstant =
        { stochasticDecaying with
            Name = "pl-sgd-constant"
            Title = "stochastic gradient descent under PL, constant step"
            Statement =
                "Stochastic gradient descent with step eta < 1/(2 mu) on an L-smooth function with PL constant mu has an expected gap of at most (1 - 2 mu eta)^k gap + L C^2 eta/(4 mu) after k steps."
            Source =
                "derived here: E gap_{k+1} <= (1 - 2 mu eta) E gap_k + L eta^2 C^2/2; Theorem 4 of Karimi, Nutini, Schmidt (2016)"
            Inputs = [| growth; smoothness; moment; gap; steps; stepSize 0.1 |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| DescentFormulas.constant x["mu"] x["L"] x["C"] x["eta"] x["k"] x["gap"] |]
                }
            Check =
                fun x ->
                    muBelowL x
                    |> Result.bind (fun () ->
                        if 2.0 * x["mu"] * x["eta"] < 1.0 then
                            Ok()
                        else
                            Error(
                                HindsightError.OutOfRange(
                                    "step",
                                    x["eta"].ToString Globalization.CultureInfo.InvariantCulture,
                                    "less than 1/(2 mu)"
                                )
                            ))
            Trivial = BoundCalculator.noTrivial
            Law =
                "Theorem 4 of Karimi, Nutini and Schmidt: stochastic gradient descent with a constant step under PL goes down to L C^2 eta/(4 mu)"
        }

    let stochasticInterpolation =
        { shrinking
              "pl-sgd-interpolation"
              "stochastic gradient descent under PL and strong growth"
              "Stochastic gradient descent with step 1/(rho L) on an L-smooth function with PL constant mu whose stochastic gradients satisfy E |g|^2 <= rho |grad f|^2 has an expected gap of at most (1 - mu/(rho L))^k (f(x_0) - f*)."
              "derived here from the descent lemma; the condition is the strong growth condition (Vaswani, Bach, Schmidt 2019)"
              [|
                  growth
                  smoothness
                  BoundCalculator.input
                      "strongGrowth"
                      "rho"
                      "E |g|^2 / |grad f|^2 at most, at least 1"
                      (BoundCalculator.atLeast 1.0)
                      2.0
              |]
              { new IBoundFormula with
                  member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                      [| DescentFormulas.divide x["mu"] (DescentFormulas.product x["rho"] x["L"]) |]
              }
              muBelowL
              [|
                  smooth
                  pl
                  unbiased
                  BoundCalculator.assumed
                      "strong growth: E |g|^2 <= rho |grad f|^2, so every gradient is 0 at the minimiser"
              |]
              "Stochastic gradient descent under PL and strong growth is as fast as gradient descent with rho L for L" with
            Kind = BoundKind.Expectation
        }

    let coordinateUniform =
        { shrinking
              "pl-coordinate-uniform"
              "coordinate descent under PL, uniform"
              "Coordinate descent with a uniformly drawn coordinate and step 1/L on a function with coordinate smoothness L and PL constant mu has an expected gap of at most (1 - mu/(n L))^k (f(x_0) - f*)."
              "derived here from the descent lemma in one coordinate; as in Karimi, Nutini, Schmidt (2016)"
              [|
                  growth
                  BoundCalculator.input "smoothness" "L" "largest smoothness along a coordinate" Domain.Positive 1.0
                  BoundCalculator.count "dimension" "n" "coordinates" 1.0 10.0
              |]
              { new IBoundFormula with
                  member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                      [| DescentFormulas.divide x["mu"] (DescentFormulas.product x["n"] x["L"]) |]
              }
              (fun x -> below "growth" x["mu"] "n L" (x["n"] * x["L"]))
              [|
                  BoundCalculator.assumed "f is L-smooth along every coordinate and attains its least value"
                  pl
                  BoundCalculator.byConstruction "uniform coordinates" "step 1/L"
              |]
              "Coordinate descent with uniform coordinates closes the share mu/(n L) of the gap in expectation under PL" with
            Kind = BoundKind.Expectation
        }

    let coordinateWeighted =
        { shrinking
              "pl-coordinate-weighted"
              "coordinate descent under PL, drawn by smoothness"
              "Coordinate descent with coordinate i drawn with probability L_i/sum L_j and step 1/L_i on a function with coordinate smoothnesses L_i and PL constant mu has an expected gap of at most (1 - mu/sum L_i)^k (f(x_0) - f*)."
              "derived here from the descent lemma in one coordinate; as in Karimi, Nutini, Schmidt (2016)"
              [|
                  growth
                  BoundCalculator.input
                      "smoothnesses"
                      "L_coordinate"
                      "smoothness along each coordinate"
                      Domain.Positive
                      1.0
                  |> BoundCalculator.list [| 1.0; 0.5; 0.25 |]
              |]
              { new IBoundFormula with
                  member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                      [|
                          DescentFormulas.divide x["mu"] (DescentFormulas.total (x.List "L_coordinate"))
                      |]
              }
              (fun x -> below "growth" x["mu"] "the sum of the smoothnesses" (Array.sum (x.List "L_coordinate")))
              [|
                  BoundCalculator.assumed "f is L_i-smooth along coordinate i and attains its least value"
                  pl
                  BoundCalculator.byConstruction "coordinates drawn by smoothness" "step 1/L_i"
              |]
              "Coordinate descent with coordinates drawn by smoothness closes the share mu/sum L_i of the gap in expectation under PL" with
            Kind = BoundKind.Expectation
        }

    let coordinateGreedy =
        shrinking
            "pl-coordinate-greedy"
            "coordinate descent under PL, greedy"
            "Coordinate descent on the coordinate with the largest slope (Gauss-Southwell) and step 1/L on a function with coordinate smoothness L and max_i |df/dx_i|^2/2 >= mu_1 (f - f*) has f(x_k) - f* of at most (1 - mu_1/L)^k (f(x_0) - f*)."
            "derived here from the descent lemma in one coordinate; the rule's constant as in Nutini et al. (2015)"
            [|
                BoundCalculator.input
                    "growth"
                    "mu_1"
                    "PL constant in the largest-coordinate norm: between mu/n and mu"
                    Domain.Positive
                    0.05
                BoundCalculator.input "smoothness" "L" "largest smoothness along a coordinate" Domain.Positive 1.0
            |]
            { new IBoundFormula with
                member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                    [| DescentFormulas.divide x["mu_1"] x["L"] |]
            }
            (fun x -> below "growth" x["mu_1"] "the smoothness L" x["L"])
            [|
                BoundCalculator.assumed "f is L-smooth along every coordinate and attains its least value"
                BoundCalculator.assumed "PL in the largest-coordinate norm at every iterate"
                BoundCalculator.byConstruction "Gauss-Southwell rule" "step 1/L"
            |]
            "Greedy coordinate descent closes the share mu_1/L of the gap in each step under PL in the largest-coordinate norm"

    let proximal =
        shrinking
            "proximal-pl"
            "proximal gradient descent under proximal PL"
            "Proximal gradient descent with step 1/L on F = f + g, f L-smooth and g convex, with D(x)/2 >= mu (F(x) - F*), D(x) = -2 L min_y [grad f(x)'(y - x) + (L/2) |y - x|^2 + g(y) - g(x)], has F(x_k) - F* of at most (1 - mu/L)^k (F(x_0) - F*)."
            "derived here: the step is the minimiser in D, so F falls by at least D/(2 L); Theorem 5 of Karimi, Nutini, Schmidt (2016)"
            [|
                BoundCalculator.input "growth" "mu" "proximal PL constant" Domain.Positive 0.1
                smoothness
            |]
            ratio
            muBelowL
            [|
                BoundCalculator.assumed "f is L-smooth, g is convex, F attains its least value"
                BoundCalculator.assumed "proximal PL at every iterate"
                BoundCalculator.byConstruction "proximal gradient descent" "step 1/L"
            |]
            "Theorem 5 of Karimi, Nutini and Schmidt: proximal gradient descent closes the share mu/L of the gap in each step under proximal PL"

    let polyakStep =
        { gradientDescent with
            Name = "polyak-step"
            Title = "Polyak's step under quadratic growth"
            Statement =
                "Gradient descent with Polyak's step (f(x) - f*)/|grad f(x)|^2 on a convex L-smooth function with quadratic growth mu has a squared distance to the minimisers of at most (1 - 3 mu/(4 L))^k D^2 after k steps, D the first distance."
            Source =
                "derived here: grad f'(x - x*) >= (f - f*) + |grad f|^2/(2 L) and |grad f|^2 <= 2 L (f - f*) make the squared distance fall by at least 3 (f - f*)/(2 L)"
            Inputs =
                [|
                    BoundCalculator.input "growth" "mu" "quadratic growth" Domain.Positive 0.1
                    smoothness
                    BoundCalculator.input
                        "distance"
                        "D"
                        "distance of the start from the minimisers"
                        Domain.NonNegative
                        1.0
                    steps
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            DescentFormulas.geometric
                                (DescentFormulas.polyak x["mu"] x["L"])
                                x["k"]
                                (DescentFormulas.product x["D"] x["D"])
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "f is convex and L-smooth and attains its least value, which is known"
                        BoundCalculator.assumed "quadratic growth mu at every iterate"
                        BoundCalculator.byConstruction "Polyak's step" "(f(x) - f*)/|grad f(x)|^2"
                    |]
            Trivial = fun x -> x["D"] * x["D"]
            Law = "Polyak's step shrinks the squared distance by 3 mu/(4 L) a step under quadratic growth"
        }

    let private online (inputs: BoundInput[]) =
        Array.concat
            [
                [|
                    BoundCalculator.input "gradient" "G" "largest gradient norm" Domain.Positive 1.0
                |]
                inputs
                [|
                    BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4
                |]
            ]

    let onlineStronglyConvex =
        { gradientDescent with
            Name = "strongly-convex-ogd"
            Title = "online gradient descent on strongly convex losses"
            Statement =
                "Projected online gradient descent with step 1/(mu t) on mu-strongly convex losses with gradients of norm at most G has regret of at most (G^2/(2 mu))(1 + ln T) against every comparator."
            Source =
                "Hazan, Agarwal, Kale, Logarithmic regret algorithms for online convex optimization (2007); derived here"
            Inputs =
                online
                    [|
                        BoundCalculator.input "convexity" "mu" "strong convexity" Domain.Positive 0.1
                    |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| DescentFormulas.stronglyConvex x["G"] x["mu"] x["T"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "every loss is mu-strongly convex on the convex set of play"
                        BoundCalculator.byConstruction "projected gradient descent" "step 1/(mu t)"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "Online gradient descent on strongly convex losses has regret of at most (G^2/(2 mu))(1 + ln T)"
        }

    let onlineMovingMinimisers =
        { onlineStronglyConvex with
            Name = "growth-moving-minimisers"
            Title = "online gradient descent under quadratic growth, minimisers that move"
            Statement =
                "If every loss is convex up to epsilon from the iterate to the comparator u and grows by mu/2 times the squared distance from a minimiser of its own, projected gradient descent with step 2 (1 + s)/(mu t) has regret against u of at most (2 (1 + s) G^2/mu)(1 + ln T) + 2 epsilon T + (1 + 1/s) C, C the comparator's loss over the rounds' least losses. At the best s this is (sqrt(A) + sqrt(C))^2 + 2 epsilon T with A = (2 G^2/mu)(1 + ln T)."
            Source =
                "derived here: |x - u|^2 <= (1 + s) |x - x*|^2 + (1 + 1/s) |u - x*|^2 where Theorem 3.1 of arXiv 2312.07145, in its explicit form, has s = 1"
            Inputs =
                Array.append
                    (online
                        [|
                            BoundCalculator.input "growth" "mu" "quadratic growth" Domain.Positive 0.1
                            BoundCalculator.input "defect" "epsilon" "how far from convex" Domain.NonNegative 0.0
                            |> BoundCalculator.withDefault 0.0
                        |])
                    [|
                        BoundCalculator.input
                            "comparatorExcess"
                            "C"
                            "the comparator's loss over the rounds' least losses"
                            Domain.Positive
                            1.0
                        BoundCalculator.input
                            "split"
                            "s"
                            "how the distance to the comparator is split at the round's minimiser"
                            Domain.Positive
                            1.0
                        |> BoundCalculator.free
                    |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| DescentFormulas.moving x["G"] x["mu"] x["epsilon"] x["T"] x["C"] x["s"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "quadratic growth with constant mu about a minimiser in each round"
                        BoundCalculator.assumed "convex up to epsilon from the iterate to the comparator"
                        BoundCalculator.byConstruction "projected gradient descent" "step 2 (1 + s)/(mu t)"
                    |]
            Law =
                "Online gradient descent under quadratic growth about minimisers that move stays within the bound with a split"
        }

    let calculators =
        [|
            gradientDescent
            gradientDescentSharp
            gradientDescentStep
            gradientDescentIterations
            stochasticDecaying
            stochasticConstant
            stochasticInterpolation
            coordinateUniform
            coordinateWeighted
            coordinateGreedy
            proximal
            polyakStep
            onlineStronglyConvex
            onlineMovingMinimisers
        |]

    let iterations growth smoothness gap accuracy =
        result {
            let! mu = Require.positive "growth" growth
            let! l = Require.positive "smoothness" smoothness
            let! gap = Require.nonNegative "gap" gap
            let! accuracy = Require.positive "accuracy" accuracy
            do! below "growth" mu "the smoothness" l

            if gap <= accuracy then
                return 0L
            elif mu = l then
                return 1L
            else
                let! bound = gradientDescentIterations |> BoundCalculator.ofNumbers [| mu; l; gap; accuracy |]

                let! value =
                    Require.inside
                        "gap"
                        { Domain.NonNegative with
                            High = 4.6e18
                        }
                        bound.Value
                    |> Result.mapError (fun _ ->
                        HindsightError.OutOfRange(
                            "growth",
                            mu.ToString Globalization.CultureInfo.InvariantCulture,
                            "large enough beside L that the number of steps has at most 62 bits"
                        ))

                return int64 (Math.Ceiling value)
        }

    let movingMinimisers gradient growth defect horizon comparatorExcess =
        onlineMovingMinimisers
        |> BoundCalculator.evaluate
            [
                "gradient", [| gradient |]
                "growth", [| growth |]
                "defect", [| defect |]
                "horizon", [| horizon |]
                "comparatorExcess", [| comparatorExcess |]
            ]

    let stronglyConvex gradient convexity horizon =
        onlineStronglyConvex |> BoundCalculator.ofNumbers [| gradient; convexity; horizon |]
