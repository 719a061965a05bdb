namespace Hindsight.FSharp

open Hindsight

/// The formulas, once, over any scalar.
module private OnlineConvexFormulas =
    open Hindsight.FSharp.Ops

    let balance<'T when 'T :> IReal<'T> and 'T: struct> (range: 'T) (squares: 'T) (step: 'T) : 'T =
        range / step + 'T.Const 0.5 * step * squares

    let descent<'T when 'T :> IReal<'T> and 'T: struct> (distance: 'T) (squares: 'T) (step: 'T) : 'T =
        balance ('T.Const 0.5 * 'T.Sqr distance) squares step

    let rootHorizon<'T when 'T :> IReal<'T> and 'T: struct>
        (factor: float)
        (diameter: 'T)
        (gradient: 'T)
        (horizon: 'T)
        : 'T =
        let size = diameter * gradient * 'T.Sqrt horizon
        if factor = 1.0 then size else 'T.Const factor * size

    let adaptive<'T when 'T :> IReal<'T> and 'T: struct> (diameter: 'T) (root: 'T) : 'T =
        'T.Sqrt('T.Const 2.0) * diameter * root

    let sum<'T when 'T :> IReal<'T> and 'T: struct> (terms: 'T[]) : 'T =
        terms |> Array.reduce (fun a b -> a + b)

    let stronglyConvexPath<'T when 'T :> IReal<'T> and 'T: struct> (convexity: 'T) (gradients: 'T[]) : 'T =
        let rounds = [| 1 .. gradients.Length |]
        let weighted = Array.map2 (fun (t: int) g -> 'T.Sqr g / 'T.Const(float t)) rounds gradients
        sum weighted / ('T.Const 2.0 * convexity)

    let stronglyConvex<'T when 'T :> IReal<'T> and 'T: struct> (convexity: 'T) (gradient: 'T) (horizon: 'T) : 'T =
        'T.Sqr gradient / ('T.Const 2.0 * convexity) * ('T.Const 1.0 + 'T.Log horizon)

    let dualAveraging<'T when 'T :> IReal<'T> and 'T: struct>
        (size: 'T)
        (gradient: 'T)
        (dimension: 'T)
        (horizon: 'T)
        : 'T =
        let dual = 'T.Const System.Math.E * ('T.Const 2.0 * 'T.Log dimension - 'T.Const 1.0)
        size * gradient * 'T.Sqrt(dual * horizon)

    let newton<'T when 'T :> IReal<'T> and 'T: struct> (curvature: 'T) (logDeterminant: 'T) : 'T =
        (logDeterminant + 'T.Const 1.0) / ('T.Const 2.0 * curvature)

    let curvature<'T when 'T :> IReal<'T> and 'T: struct> (concavity: 'T) (diameter: 'T) (gradient: 'T) : 'T =
        'T.Const 0.5 * 'T.Min('T.Const 1.0 / ('T.Const 4.0 * gradient * diameter), concavity)

    let logDeterminant<'T when 'T :> IReal<'T> and 'T: struct> (dimension: 'T) (ratio: 'T) : 'T =
        dimension * 'T.Log1p(ratio / dimension)

    let newtonHorizon<'T when 'T :> IReal<'T> and 'T: struct>
        (concavity: 'T)
        (diameter: 'T)
        (gradient: 'T)
        (dimension: 'T)
        (horizon: 'T)
        : 'T =
        let gamma = curvature concavity diameter gradient
        newton gamma (logDeterminant dimension ('T.Sqr(gamma * diameter * gradient) * horizon))

    let newtonPublished<'T when 'T :> IReal<'T> and 'T: struct>
        (concavity: 'T)
        (diameter: 'T)
        (gradient: 'T)
        (dimension: 'T)
        (horizon: 'T)
        : 'T =
        'T.Const 5.0 * ('T.Const 1.0 / concavity + gradient * diameter) * dimension * 'T.Log horizon

    let regression<'T when 'T :> IReal<'T> and 'T: struct> (size: 'T) (logDeterminant: 'T) : 'T =
        'T.Sqr size * logDeterminant

    let potential<'T when 'T :> IReal<'T> and 'T: struct>
        (norm: 'T)
        (regularisation: 'T)
        (dimension: 'T)
        (horizon: 'T)
        : 'T =
        logDeterminant dimension (horizon * 'T.Sqr norm / regularisation)

    let potentialCapped<'T when 'T :> IReal<'T> and 'T: struct>
        (norm: 'T)
        (regularisation: 'T)
        (dimension: 'T)
        (horizon: 'T)
        : 'T =
        potential norm regularisation dimension horizon / 'T.Log('T.Const 2.0)

    let identity<'T when 'T :> IReal<'T> and 'T: struct> (residuals: 'T[]) (widths: 'T[]) : 'T =
        Array.map2 (fun r q -> 'T.Sqr r / ('T.Const 1.0 + q)) residuals widths |> sum

    let average<'T when 'T :> IReal<'T> and 'T: struct> (regret: 'T) (horizon: 'T) : 'T = regret / horizon

    let confident<'T when 'T :> IReal<'T> and 'T: struct> (regret: 'T) (horizon: 'T) (delta: 'T) : 'T =
        regret / horizon + 'T.Sqrt('T.Const 2.0 * 'T.Log('T.Const 1.0 / delta) / horizon)

[<RequireQualifiedAccess>]
module OnlineConvex =
    let private convex = BoundCalculator.assumed "the losses are convex"

    let private run detail =
        BoundCalculator.byConstruction "the algorithm" detail

    let private distance =
        BoundCalculator.input "distance" "D" "distance of the comparator from the start" Domain.Positive 2.0

    let private diameter = BoundCalculator.input "diameter" "D" "diameter of the set" Domain.Positive 2.0

    let private gradient = BoundCalculator.input "gradient" "G" "largest gradient norm" Domain.Positive 1.0

    let private squares =
        BoundCalculator.input "squares" "S" "sum of squared gradient norms" Domain.NonNegative 100.0

    let private step =
        BoundCalculator.input "step" "eta" "step size" Domain.Positive 0.2 |> BoundCalculator.free

    let private horizon = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4

    let private convexity =
        BoundCalculator.input "convexity" "lambda" "strong convexity" Domain.Positive 0.5

    let private dimension = BoundCalculator.count "dimension" "d" "dimension" 1.0 10.0
    let private concavity = BoundCalculator.input "concavity" "alpha" "exp-concavity" Domain.Positive 0.5

    let private logDeterminant =
        BoundCalculator.input "logDeterminant" "L" "ln det A_T less ln det A_0" Domain.NonNegative 20.0

    let private label =
        BoundCalculator.input "label" "Y" "largest label in absolute value" Domain.NonNegative 1.0

    let private norm = BoundCalculator.input "norm" "X" "largest norm of an input" Domain.NonNegative 1.0

    let private regularisation =
        BoundCalculator.input "regularisation" "lambda" "ridge regulariser" Domain.Positive 1.0

    /// A round of a convex loss costs at most G D.
    let private linearTrivial (x: BoundInputs<float>) = x["G"] * x["D"] * x["T"]

    let private descentPath =
        {
            Name = "gradient-descent"
            Family = "online-convex"
            Title = "gradient descent with a constant step"
            Statement =
                "Projected gradient descent with step eta has regret of at most D^2/(2 eta) + (eta/2) S, D the distance of the comparator from the first point and S the sum of squared gradient norms."
            Source = "Zinkevich 2003; derived here"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| distance; squares; step |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.descent x["D"] x["S"] x["eta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| convex; run "projected gradient descent, step eta" |]
            Trivial = BoundCalculator.noTrivial
            Law = "Theorem 1 of Zinkevich: gradient descent stays within its bound for every schedule of steps"
        }

    let private descentHorizon =
        { descentPath with
            Name = "gradient-descent-horizon"
            Title = "gradient descent with the step of a horizon"
            Statement = "Projected gradient descent with step D/(G sqrt T) has regret of at most D G sqrt T."
            Inputs = [| diameter; gradient; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.rootHorizon 1.0 x["D"] x["G"] x["T"] |]
                }
            Assumptions = fun _ -> [| convex; run "projected gradient descent, step D/(G sqrt T)" |]
            Trivial = linearTrivial
        }

    let private descentRoot =
        { descentHorizon with
            Name = "gradient-descent-square-root"
            Title = "gradient descent with steps that fall as one over the root of t"
            Statement =
                "Projected gradient descent with step D/(G sqrt t) has regret of at most (3/2) D G sqrt T for every T."
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.rootHorizon 1.5 x["D"] x["G"] x["T"] |]
                }
            Assumptions = fun _ -> [| convex; run "projected gradient descent, step D/(G sqrt t)" |]
        }

    let private descentAdaptive =
        { descentPath with
            Name = "gradient-descent-adaptive"
            Title = "gradient descent with adaptive steps"
            Statement =
                "Projected gradient descent with step (D/sqrt 2)/sqrt(sum of squared gradient norms so far) has regret of at most sqrt 2 D sqrt S for every sequence."
            Source = "Streeter and McMahan 2010; derived here"
            Inputs = [| diameter; squares |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.adaptive x["D"] ('T.Sqrt x["S"]) |]
                }
            Assumptions = fun _ -> [| convex; run "projected gradient descent, adaptive step" |]
        }

    let private strongPath =
        { descentPath with
            Name = "gradient-descent-strongly-convex-path"
            Title = "gradient descent on strongly convex losses, by its gradients"
            Statement =
                "Projected gradient descent with step 1/(lambda t) on lambda-strongly convex losses has regret of at most (1/(2 lambda)) sum g_t^2/t, g_t the gradient norms."
            Source = "Hazan, Agarwal and Kale 2007; derived here"
            Inputs =
                [|
                    convexity
                    BoundCalculator.input "gradients" "g" "gradient norm of each round, in order" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 1.0; 0.8; 0.5 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.stronglyConvexPath x["lambda"] (x.List "g") |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the losses are lambda-strongly convex"
                        run "projected gradient descent, step 1/(lambda t)"
                    |]
            Law = "Theorem 1 of Hazan, Agarwal and Kale: on strongly convex losses the regret is logarithmic"
        }

    let private strong =
        { strongPath with
            Name = "gradient-descent-strongly-convex"
            Title = "gradient descent on strongly convex losses"
            Statement =
                "Projected gradient descent with step 1/(lambda t) on lambda-strongly convex losses has regret of at most (G^2/(2 lambda))(1 + ln T)."
            Inputs = [| convexity; gradient; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.stronglyConvex x["lambda"] x["G"] x["T"] |]
                }
        }

    let private mirror =
        { descentPath with
            Name = "mirror-descent"
            Title = "mirror descent"
            Statement =
                "Mirror descent with step eta and a mirror map that is 1-strongly convex in a norm has regret of at most B/eta + (eta/2) S, B the divergence of the comparator from the first point and S the sum of squared dual norms of the gradients."
            Source = "Beck and Teboulle 2003; derived here"
            Inputs =
                [|
                    BoundCalculator.input
                        "divergence"
                        "B"
                        "Bregman divergence of the comparator from the first point"
                        Domain.NonNegative
                        1.5
                    { squares with
                        Meaning = "sum of squared dual norms of the gradients"
                    }
                    step
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.balance x["B"] x["S"] x["eta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        convex
                        BoundCalculator.byConstruction
                            "the mirror map is 1-strongly convex in its norm"
                            "every map of the library is"
                    |]
            Law = "Mirror descent stays within divergence over step plus half the step times the squared dual norms"
        }

    let private leader =
        { mirror with
            Name = "regularised-leader"
            Title = "follow the regularised leader"
            Statement =
                "Following the regularised leader with step eta has regret of at most B/eta + (eta/2) S, B the regulariser at the comparator less its minimum and S the sum of squared dual norms of the gradients."
            Source = "Shalev-Shwartz 2012; derived here"
            Inputs =
                [|
                    BoundCalculator.input
                        "range"
                        "B"
                        "regulariser at the comparator less its minimum"
                        Domain.NonNegative
                        1.5
                    { squares with
                        Meaning = "sum of squared dual norms of the gradients"
                    }
                    step
                |]
            Law =
                "Following the regularised leader stays within range over step plus half the step times the squared dual norms"
        }

    let private leaderVarying =
        { leader with
            Name = "regularised-leader-varying"
            Title = "follow the regularised leader with growing regularisers"
            Statement =
                "Following the regularised leader with regularisers psi_1 <= psi_2 <= ..., psi_t 1-strongly convex in the norm of round t, has regret of at most B + E/2, B = psi_T(u) - min psi_1 and E the sum of squared dual norms of the gradients, each in its round's norm."
            Source = "McMahan 2017; derived here"
            Inputs =
                [|
                    BoundCalculator.input
                        "range"
                        "B"
                        "last regulariser at the comparator less the minimum of the first"
                        Domain.NonNegative
                        10.0
                    BoundCalculator.input
                        "energy"
                        "E"
                        "sum of squared dual norms of the gradients, each in its round's norm"
                        Domain.NonNegative
                        20.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.balance x["B"] x["E"] ('T.Const 1.0) |]
                }
        }

    let private dual =
        { leader with
            Name = "dual-averaging"
            Title = "dual averaging with a p-norm"
            Statement =
                "Dual averaging with the regulariser |x|_p^2/2, 1/p + 1/q = 1, q = 2 ln d, and step (U/G)/sqrt(e (2 ln d - 1) T) has regret of at most U G sqrt(e (2 ln d - 1) T) against every u with sum |u_i| <= U, G the largest |g_i|."
            Source = "rate of Gentile and Littlestone 1999, constant derived here"
            Inputs =
                [|
                    BoundCalculator.input "size" "U" "sum of absolute values of the comparator" Domain.Positive 1.0
                    { gradient with
                        Meaning = "largest absolute value of a gradient's entry"
                    }
                    { dimension with
                        Allowed = BoundCalculator.atLeast 3.0
                        Example = [| 100.0 |]
                    }
                    horizon
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.dualAveraging x["U"] x["G"] x["d"] x["T"] |]
                }
            Law = "Dual averaging with a p-norm pays the logarithm of the dimension"
        }

    let private diagonal =
        { descentPath with
            Name = "adagrad-diagonal"
            Title = "AdaGrad with a step for every coordinate"
            Statement =
                "AdaGrad with a diagonal matrix on a box with sides of at most D, eta = D/sqrt 2, has regret of at most sqrt 2 D sum_i sqrt(S_i), S_i the sum of squares of the gradients' i-th entries."
            Source = "Duchi, Hazan and Singer 2011; derived here"
            Inputs =
                [|
                    BoundCalculator.input "side" "D" "longest side of the box" Domain.Positive 2.0
                    { squares with
                        Meaning = "sum of squares of each coordinate of the gradients"
                    }
                    |> BoundCalculator.list [| 100.0; 10.0; 1.0 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            OnlineConvexFormulas.adaptive
                                x["D"]
                                (x.List "S" |> Array.map (fun s -> 'T.Sqrt s) |> OnlineConvexFormulas.sum)
                        |]
                }
            Assumptions = fun _ -> [| convex; run "AdaGrad with a diagonal matrix, eta = D/sqrt 2, on a box" |]
            Law = "Theorem 5 of Duchi, Hazan and Singer: AdaGrad with a diagonal matrix stays within its bound"
        }

    let private full =
        { diagonal with
            Name = "adagrad-full"
            Title = "AdaGrad with a full matrix"
            Statement =
                "AdaGrad with a full matrix, eta = D/sqrt 2, has regret of at most sqrt 2 D r, r the trace of the square root of the sum of g_t g_t'."
            Inputs =
                [|
                    diameter
                    BoundCalculator.input
                        "trace"
                        "r"
                        "trace of the square root of the sum of g g'"
                        Domain.NonNegative
                        20.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.adaptive x["D"] x["r"] |]
                }
            Assumptions = fun _ -> [| convex; run "AdaGrad with a full matrix, eta = D/sqrt 2" |]
            Law = "Theorem 7 of Duchi, Hazan and Singer: AdaGrad with a full matrix stays within its bound"
        }

    let private expConcave =
        BoundCalculator.assumed
            "l(x) - l(u) <= g'(x-u) - (gamma/2)(g'(x-u))^2, true of alpha-exp-concave losses at gamma = min(1/(4 G D), alpha)/2"

    let private newton =
        { descentPath with
            Name = "online-newton"
            Title = "online Newton step, by its determinant"
            Statement =
                "The online Newton step with A_0 = I/(gamma D)^2 has regret of at most (1/(2 gamma))(L + 1), L = ln(det A_T/det A_0)."
            Source = "Hazan, Agarwal and Kale 2007; derived here"
            Inputs =
                [|
                    BoundCalculator.input "curvature" "gamma" "curvature along the gradient" Domain.Positive 0.1
                    logDeterminant
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.newton x["gamma"] x["L"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        expConcave
                        run "online Newton step, A_0 = I/(gamma D)^2, projection in A's norm"
                    |]
            Law =
                "Theorem 2 of Hazan, Agarwal and Kale: on exp-concave losses the online Newton step has logarithmic regret"
        }

    let private newtonHorizon =
        { newton with
            Name = "online-newton-horizon"
            Title = "online Newton step"
            Statement =
                "The online Newton step with gamma = min(1/(4 G D), alpha)/2 and A_0 = I/(gamma D)^2 has regret of at most (1/(2 gamma))(d ln(1 + (gamma D G)^2 T/d) + 1) on alpha-exp-concave losses."
            Inputs = [| concavity; diameter; gradient; dimension; horizon |]
            Intermediate =
                [|
                    {
                        Symbol = "gamma"
                        Meaning = "curvature along the gradient"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            OnlineConvexFormulas.newtonHorizon x["alpha"] x["D"] x["G"] x["d"] x["T"]
                            OnlineConvexFormulas.curvature x["alpha"] x["D"] x["G"]
                        |]
                }
            Trivial = linearTrivial
        }

    let private newtonPublished =
        { newtonHorizon with
            Name = "online-newton-published"
            Title = "online Newton step, published form"
            Statement =
                "The online Newton step has regret of at most 5 (1/alpha + G D) d ln T on alpha-exp-concave losses, T >= 5."
            Source =
                "Hazan, Agarwal and Kale 2007, Theorem 2, constant from memory; that it is at least the bound derived here is shown here"
            Inputs =
                [|
                    concavity
                    diameter
                    gradient
                    dimension
                    { horizon with
                        Allowed = BoundCalculator.atLeast 5.0
                    }
                |]
            Intermediate = [||]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            OnlineConvexFormulas.newtonPublished x["alpha"] x["D"] x["G"] x["d"] x["T"]
                        |]
                }
            Law = "The published bound of the online Newton step is at least the derived one"
        }

    let private vaw =
        { descentPath with
            Name = "vovk-azoury-warmuth"
            Title = "Vovk-Azoury-Warmuth regret"
            Statement =
                "The square loss of the Vovk-Azoury-Warmuth forecaster less min_u lambda |u|^2 + sum (u'x - y)^2 is at most Y^2 L, L = ln det(A/lambda)."
            Source = "Vovk 2001, Azoury and Warmuth 2001; derived here"
            Inputs = [| label; logDeterminant |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.regression x["Y"] x["L"] |]
                }
            Assumptions = fun _ -> [| run "Vovk-Azoury-Warmuth forecaster; square loss un-halved" |]
            Law = "The Vovk-Azoury-Warmuth forecaster stays within the squared label times the log-determinant"
        }

    let private vawHorizon =
        { vaw with
            Name = "vovk-azoury-warmuth-horizon"
            Title = "Vovk-Azoury-Warmuth regret before any round"
            Statement =
                "The square loss of the Vovk-Azoury-Warmuth forecaster less min_u lambda |u|^2 + sum (u'x - y)^2 is at most Y^2 d ln(1 + T X^2/(lambda d))."
            Inputs = [| label; norm; regularisation; dimension; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            OnlineConvexFormulas.regression
                                x["Y"]
                                (OnlineConvexFormulas.potential x["X"] x["lambda"] x["d"] x["T"])
                        |]
                }
        }

    let private identity =
        { vaw with
            Name = "ridge-identity"
            Title = "identity of online ridge regression"
            Statement =
                "sum r_t^2/(1 + q_t) = min_w lambda |w|^2 + sum (y - w'x)^2, r_t the residuals of online ridge regression and q_t = x_t'A_{t-1}^-1 x_t."
            Source = "Azoury and Warmuth 2001, Zhdanov and Kalnishkan 2010; derived here"
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "residuals" "r" "label less prediction, each round" Domain.Reals 1.0
                    |> BoundCalculator.list [| 1.0; -0.5; 0.25 |]
                    BoundCalculator.input "widths" "q" "x'A^-1 x before each round" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 1.0; 0.5; 0.3 |]
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.identity (x.List "r") (x.List "q") |]
                }
            Check = fun x -> Require.length "widths" (x.List "r").Length (x.List "q").Length
            Assumptions = fun _ -> [| run "online ridge regression" |]
            Law = "The residuals of online ridge regression tell the least regularised loss exactly"
        }

    let private clipped =
        { vaw with
            Name = "ridge-clipped"
            Title = "clipped online ridge regret"
            Statement =
                "The square loss of online ridge regression clipped to an interval of length R that has the labels, less min_w lambda |w|^2 + sum (y - w'x)^2, is at most R^2 L, L = ln det(A/lambda)."
            Source = "derived here from the identity of online ridge regression"
            Inputs =
                [|
                    BoundCalculator.input "length" "R" "length of the clipping interval" Domain.Positive 2.0
                    logDeterminant
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.regression x["R"] x["L"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "labels lie in the clipping interval"
                        run "online ridge regression; square loss un-halved"
                    |]
            Law = "Clipped online ridge regression stays within the squared length times the log-determinant"
        }

    let private unclipped =
        { clipped with
            Name = "ridge-unclipped"
            Title = "online ridge regret"
            Statement =
                "The square loss of online ridge regression less min_w lambda |w|^2 + sum (y - w'x)^2 is at most r^2 L, r the largest |label - prediction| and L = ln det(A/lambda)."
            Inputs =
                [|
                    BoundCalculator.input
                        "residual"
                        "r"
                        "largest label less prediction in absolute value"
                        Domain.NonNegative
                        2.0
                    logDeterminant
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.regression x["r"] x["L"] |]
                }
            Assumptions = fun _ -> [| run "online ridge regression; square loss un-halved" |]
        }

    let private elliptical =
        { vaw with
            Name = "ridge-widths"
            Title = "widths of online ridge regression"
            Statement =
                "For |x_t| <= X the sum of x_t'A_t^-1 x_t, A_t = lambda I + the sum of x x' up to and with x_t, is at most d ln(1 + T X^2/(lambda d))."
            Source = "Lai and Wei 1982, Abbasi-Yadkori, Pal and Szepesvari 2011; derived here"
            Inputs = [| norm; regularisation; dimension; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.potential x["X"] x["lambda"] x["d"] x["T"] |]
                }
            Assumptions = fun _ -> [||]
            Trivial = fun x -> x["T"]
            Law = "The elliptical potential lemma: what inputs leave to learn bounds the sum of their widths"
        }

    let private ellipticalCapped =
        { elliptical with
            Name = "ridge-widths-capped"
            Title = "capped widths of online ridge regression"
            Statement =
                "For |x_t| <= X the sum of min(1, x_t'A_{t-1}^-1 x_t), A_{t-1} = lambda I + the sum of x x' before x_t, is at most (1/ln 2) d ln(1 + T X^2/(lambda d))."
            Source =
                "Abbasi-Yadkori, Pal and Szepesvari 2011 with 2 in the place of 1/ln 2; the least constant, 1/ln 2, derived here"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.potentialCapped x["X"] x["lambda"] x["d"] x["T"] |]
                }
        }

    let private regret = BoundCalculator.input "regret" "R" "bound on the regret" Domain.Reals 100.0

    let private batch =
        { descentPath with
            Name = "online-to-batch"
            Title = "online to batch in expectation"
            Statement =
                "On independent rounds of one law the average of a learner's points has expected excess risk of at most R/T, R its expected regret over T rounds."
            Source = "Cesa-Bianchi, Conconi and Gentile 2004; derived here"
            Kind = BoundKind.Expectation
            Inputs = [| regret; horizon |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.average x["R"] x["T"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        convex
                        BoundCalculator.assumed "the rounds are independent and of one law"
                    |]
            Law = "Online to batch: the average of the points inherits the average regret"
        }

    let private batchConfident =
        { batch with
            Name = "online-to-batch-confidence"
            Title = "online to batch in probability"
            Statement =
                "On independent rounds of one law with losses in [0,1] the average of a learner's points has, with probability 1 - delta, excess risk of at most R/T + sqrt(2 ln(1/delta)/T), R its regret over T rounds."
            Source = "Cesa-Bianchi, Conconi and Gentile 2004 in other constants; derived here"
            Kind = BoundKind.HighProbability
            Inputs = [| regret; horizon; BoundCalculator.delta |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| OnlineConvexFormulas.confident x["R"] x["T"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        convex
                        BoundCalculator.assumed "the rounds are independent and of one law"
                        BoundCalculator.assumed "losses lie in [0,1]"
                    |]
            Trivial = fun _ -> 1.0
        }

    let calculators =
        [|
            descentPath
            descentHorizon
            descentRoot
            descentAdaptive
            strongPath
            strong
            mirror
            leader
            leaderVarying
            dual
            diagonal
            full
            newton
            newtonHorizon
            newtonPublished
            vaw
            vawHorizon
            identity
            clipped
            unclipped
            elliptical
            ellipticalCapped
            batch
            batchConfident
        |]

    let private ask calculator numbers =
        calculator |> BoundCalculator.ofNumbers numbers

    let gradientDescent distance squares step =
        ask descentPath [| distance; squares; step |]

    let gradientDescentHorizon diameter gradient horizon =
        ask descentHorizon [| diameter; gradient; horizon |]

    let gradientDescentSquareRoot diameter gradient horizon =
        ask descentRoot [| diameter; gradient; horizon |]

    let gradientDescentAdaptive diameter squares =
        ask descentAdaptive [| diameter; squares |]

    let stronglyConvexPath convexity (gradients: float[]) =
        strongPath |> BoundCalculator.at [| [| convexity |]; gradients |]

    let stronglyConvex convexity gradient horizon =
        ask strong [| convexity; gradient; horizon |]

    let mirrorDescent divergence squares step =
        ask mirror [| divergence; squares; step |]

    let regularisedLeader range squares step = ask leader [| range; squares; step |]
    let regularisedLeaderVarying range energy = ask leaderVarying [| range; energy |]

    let dualAveraging size gradient dimension horizon =
        ask dual [| size; gradient; float (dimension: int); horizon |]

    let adaGradDiagonal side (squares: float[]) =
        diagonal |> BoundCalculator.at [| [| side |]; squares |]

    let adaGradFull diameter trace = ask full [| diameter; trace |]

    let onlineNewton curvature logDeterminant =
        ask newton [| curvature; logDeterminant |]

    let onlineNewtonHorizon concavity diameter gradient dimension horizon =
        ask newtonHorizon [| concavity; diameter; gradient; float (dimension: int); horizon |]

    let onlineNewtonPublished concavity diameter gradient dimension horizon =
        ask newtonPublished [| concavity; diameter; gradient; float (dimension: int); horizon |]

    let vovkAzouryWarmuth label logDeterminant = ask vaw [| label; logDeterminant |]

    let vovkAzouryWarmuthHorizon label norm regularisation dimension horizon =
        ask vawHorizon [| label; norm; regularisation; float (dimension: int); horizon |]

    let ridgeIdentity (residuals: float[]) (widths: float[]) =
        identity |> BoundCalculator.at [| residuals; widths |]

    let ridge length logDeterminant =
        ask clipped [| length; logDeterminant |]

    let ridgeUnclipped residual logDeterminant =
        ask unclipped [| residual; logDeterminant |]

    let ellipticalPotential norm regularisation dimension horizon =
        ask elliptical [| norm; regularisation; float (dimension: int); horizon |]

    let ellipticalPotentialCapped norm regularisation dimension horizon =
        ask ellipticalCapped [| norm; regularisation; float (dimension: int); horizon |]

    let onlineToBatch regret horizon = ask batch [| regret; horizon |]

    let onlineToBatchConfident regret horizon delta =
        ask batchConfident [| regret; horizon; delta |]
