namespace Hindsight.FSharp

open Hindsight

/// Every closed formula, once, over any scalar.
module private GainFormulas =
    open Hindsight.FSharp.Ops

    let ceiling<'T when 'T :> IReal<'T> and 'T: struct> (d: 'T) (horizon: 'T) (norm: 'T) (lambda: 'T) : 'T =
        d * 'T.Log1p(horizon * 'T.Sqr norm / (lambda * d))

    let dimensionCeiling<'T when 'T :> IReal<'T> and 'T: struct> (logDet: 'T) (rank: 'T) : 'T =
        -(rank * 'T.Expm1(-(logDet / rank)))

    let byDimension<'T when 'T :> IReal<'T> and 'T: struct> (d: 'T) (norm: 'T) (lambda: 'T) : 'T =
        d * ('T.Const 1.0 + 'T.Log1p(norm / lambda))

    /// (1 + 1/k) ln(1 + k)
    let byDimensionSharp<'T when 'T :> IReal<'T> and 'T: struct> (d: 'T) (norm: 'T) (lambda: 'T) : 'T =
        let k = norm / lambda
        d * ('T.Const 1.0 + 'T.Const 1.0 / k) * 'T.Log1p k

    let capped<'T when 'T :> IReal<'T> and 'T: struct> (cap: 'T) (logDet: 'T) : 'T = cap / 'T.Log1p cap * logDet

    let decay<'T when 'T :> IReal<'T> and 'T: struct> (initial: 'T) (rate: 'T) (time: 'T) (smallest: 'T) : 'T =
        initial * 'T.Exp(-(rate * time * smallest))

    let scaled<'T when 'T :> IReal<'T> and 'T: struct> (factor: float) (x: 'T) : 'T = 'T.Const factor * x

    let times<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) : 'T = x * y

    let over<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) : 'T = x / y

[<RequireQualifiedAccess>]
module InformationGain =
    let private lambda = BoundCalculator.input "lambda" "lambda" "regulariser" Domain.Positive 1.0
    let private dimension = BoundCalculator.count "dimension" "d" "dimension of the contexts" 1.0 10.0
    let private rounds = BoundCalculator.input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4
    let private norm = BoundCalculator.input "norm" "X" "longest context" Domain.NonNegative 1.0
    let private logDet = BoundCalculator.input "logDet" "l" "ln det(I + K/lambda)" Domain.NonNegative 20.0

    let private effective =
        BoundCalculator.input "effectiveDimension" "d_eff" "tr K(K + lambda I)^-1" Domain.NonNegative 5.0

    let private largest =
        BoundCalculator.input "norm" "K_norm" "largest eigenvalue of K" Domain.Positive 100.0

    let private semidefinite (_: BoundInputs<float>) =
        [|
            BoundCalculator.byConstruction "K is positive semidefinite" "a Gram matrix"
        |]

    let private contexts (_: BoundInputs<float>) =
        [| BoundCalculator.assumed "no context is longer than X" |]

    let private ceiling =
        {
            Name = "log-det-ceiling"
            Family = "tangent-kernels"
            Title = "log determinant of T contexts"
            Statement =
                "ln det(I + sum x x'/lambda) over T contexts of length at most X in d dimensions is at most d ln(1 + T X^2/(lambda d)): at a given trace the determinant is largest with equal eigenvalues."
            Source = "Abbasi-Yadkori, Pal and Szepesvari 2011, Lemma 10; derived here"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| dimension; rounds; norm; lambda |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.ceiling x["d"] x["T"] x["X"] x["lambda"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = contexts
            Trivial = BoundCalculator.noTrivial
            Law = "The log determinant of contexts is at most that of equal eigenvalues"
        }

    let private traceFloor =
        { ceiling with
            Name = "log-det-trace-floor"
            Title = "log determinant, from below by the trace"
            Statement = "ln det(I + K/lambda) is at least ln(1 + tr K/lambda)."
            Source = "derived here: a product of factors above one is at least one plus the sum of what they add"
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    BoundCalculator.input "trace" "tau" "trace of K" Domain.NonNegative 100.0
                    lambda
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| 'T.Log1p(GainFormulas.over x["tau"] x["lambda"]) |]
                }
            Assumptions = semidefinite
            Trivial = fun _ -> 0.0
            Law = "The log determinant of a Gram matrix is at least that of its trace in one eigenvalue"
        }

    let private eigenvalueFloor =
        { traceFloor with
            Name = "log-det-eigenvalue-floor"
            Title = "log determinant, from below by the smallest eigenvalue"
            Statement =
                "ln det(I + K/lambda) of n points is at least n ln(1 + mu/lambda), mu the smallest eigenvalue of K."
            Source = "derived here"
            Inputs =
                [|
                    BoundCalculator.count "points" "n" "points" 1.0 100.0
                    BoundCalculator.input "smallest" "mu" "smallest eigenvalue of K" Domain.NonNegative 0.1
                    lambda
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            GainFormulas.times x["n"] ('T.Log1p(GainFormulas.over x["mu"] x["lambda"]))
                        |]
                }
            Law = "The log determinant of a Gram matrix is at least that of its smallest eigenvalue everywhere"
        }

    let private dimensionCeiling =
        { ceiling with
            Name = "effective-dimension"
            Title = "effective dimension by the log determinant"
            Statement =
                "d_eff = tr K(K + lambda I)^-1 is at most r (1 - e^(-l/r)), l = ln det(I + K/lambda), r the rank or any number above it: so at most l, and at most r."
            Source =
                "derived here: d_eff is the sum of 1 - e^(-l_i) over the eigenvalues' logarithms l_i, which is concave"
            Inputs = [| logDet; BoundCalculator.count "rank" "r" "rank of K, or more" 1.0 20.0 |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.dimensionCeiling x["l"] x["r"] |]
                }
            Assumptions = semidefinite
            Trivial = fun x -> x["r"]
            Law = "The effective dimension is at most the log determinant, and the rank"
        }

    let private byDimension =
        { ceiling with
            Name = "log-det-by-dimension"
            Title = "log determinant by the effective dimension"
            Statement = "ln det(I + K/lambda) is at most d_eff (1 + ln(1 + |K|/lambda))."
            Source = "standard; derived here: ln(1 + x) is at most x/(1 + x) times 1 + ln(1 + x)"
            Inputs = [| effective; largest; lambda |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.byDimension x["d_eff"] x["K_norm"] x["lambda"] |]
                }
            Assumptions = semidefinite
            Law = "The log determinant is at most the effective dimension times one plus a logarithm"
        }

    let private byDimensionSharp =
        { byDimension with
            Name = "log-det-by-dimension-sharp"
            Title = "log determinant by the effective dimension, best constant"
            Statement = "ln det(I + K/lambda) is at most d_eff (1 + 1/k) ln(1 + k), k = |K|/lambda."
            Source = "derived here: ln(1 + x) over x/(1 + x) grows in x"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.byDimensionSharp x["d_eff"] x["K_norm"] x["lambda"] |]
                }
            Law = "The best constant between log determinant and effective dimension is attained at equal eigenvalues"
        }

    let private potential =
        { ceiling with
            Name = "elliptical-potential"
            Title = "elliptical potential"
            Statement =
                "The squared widths min(1, x_t'A^-1 x_t), A = lambda I + the contexts before x_t, sum to at most 2 d ln(1 + T X^2/(lambda d))."
            Source = "Abbasi-Yadkori, Pal and Szepesvari 2011, Lemma 11; derived here: min(1, q) is at most 2 ln(1 + q)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            GainFormulas.scaled 2.0 (GainFormulas.ceiling x["d"] x["T"] x["X"] x["lambda"])
                        |]
                }
            Trivial = fun x -> x["T"]
            Law =
                "Lemma 11 of Abbasi-Yadkori, Pal and Szepesvari: squared widths sum to at most twice the log determinant"
        }

    let private potentialCapped =
        { ceiling with
            Name = "elliptical-potential-capped"
            Title = "elliptical potential, best constant"
            Statement =
                "The squared widths min(m, x_t'A^-1 x_t), A = lambda I + the contexts before x_t, sum to at most m/ln(1 + m) times ln det(A/lambda) at the end."
            Source = "derived here: min(m, q)/ln(1 + q) is largest at q = m"
            Inputs =
                [|
                    BoundCalculator.input "cap" "m" "where squared widths are cut" Domain.Positive 1.0
                    |> BoundCalculator.withDefault 1.0
                    logDet
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.capped x["m"] x["l"] |]
                }
            Assumptions = semidefinite
            Law = "The best constant of the elliptical potential is attained in one round"
        }

    let private potentialAfter =
        { ceiling with
            Name = "elliptical-potential-after"
            Title = "elliptical potential, the context included"
            Statement =
                "The squared widths x_t'A^-1 x_t, A = lambda I + the contexts up to and with x_t, sum to at most d ln(1 + T X^2/(lambda d))."
            Source = "Azoury and Warmuth 2001; derived here: q/(1 + q) is at most ln(1 + q)"
            Trivial = fun x -> x["T"]
            Law = "Squared widths with the context included sum to at most the log determinant"
        }

    let private greedyChoice =
        { ceiling with
            Name = "greedy-information-gain"
            Title = "information gain of any m points, by a greedy choice"
            Statement =
                "No m points have an information gain above G/(1 - (1 - 1/m)^m), G the gain of m points that were chosen greedily."
            Source = "Nemhauser, Wolsey and Fisher 1978 (submodularity); Krause and Guestrin 2005"
            Inputs =
                [|
                    BoundCalculator.input
                        "greedy"
                        "G"
                        "information gain of the greedy choice, nats"
                        Domain.NonNegative
                        10.0
                    BoundCalculator.count "points" "m" "points chosen" 1.0 10.0
                |]
            Text = "G/(1 - (1 - 1/m)^m)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let m = x.Number "m"
                        let share = -(Scalar.expm1 (m * Scalar.log1p (-1.0 / m)))
                        [| GainFormulas.scaled (1.0 / share) x["G"] |]
                }
            Assumptions = semidefinite
            Law = "A greedy choice has at least 1 - 1/e of the best information gain"
        }

    let private flow =
        { ceiling with
            Name = "kernel-flow"
            Title = "training residual of kernel gradient flow"
            Statement =
                "Under df/dt = -eta K (f - y) the distance of the training predictions to the labels is at most e^(-eta mu t) times the first, mu the smallest eigenvalue of K."
            Source = "derived here; Jacot, Gabriel and Hongler 2018"
            Inputs =
                [|
                    BoundCalculator.input "initial" "r" "|y - f_0|" Domain.NonNegative 1.0
                    BoundCalculator.input "rate" "eta" "learning rate" Domain.Positive 0.1
                    BoundCalculator.input "time" "t" "time" Domain.NonNegative 10.0
                    BoundCalculator.input "smallest" "mu" "smallest eigenvalue of K" Domain.NonNegative 0.5
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| GainFormulas.decay x["r"] x["eta"] x["t"] x["mu"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the kernel does not move (the limit of infinite width)"
                    |]
            Trivial = fun x -> x["r"]
            Law = "Kernel gradient flow forgets its residual at the rate of the smallest eigenvalue"
        }

    let calculators =
        [|
            ceiling
            traceFloor
            eigenvalueFloor
            dimensionCeiling
            byDimension
            byDimensionSharp
            potential
            potentialCapped
            potentialAfter
            greedyChoice
            flow
        |]

    let private run calculator numbers =
        BoundCalculator.ofNumbers numbers calculator

    let logDetCeiling (dimension: int) horizon norm lambda =
        run ceiling [| float dimension; horizon; norm; lambda |]

    let logDetTraceFloor trace lambda = run traceFloor [| trace; lambda |]

    let logDetEigenvalueFloor (points: int) smallest lambda =
        run eigenvalueFloor [| float points; smallest; lambda |]

    let effectiveDimensionCeiling logDet (rank: int) =
        run dimensionCeiling [| logDet; float rank |]

    let logDetByDimension effectiveDimension norm lambda =
        run byDimension [| effectiveDimension; norm; lambda |]

    let logDetByDimensionSharp effectiveDimension norm lambda =
        run byDimensionSharp [| effectiveDimension; norm; lambda |]

    let ellipticalPotential (dimension: int) horizon norm lambda =
        run potential [| float dimension; horizon; norm; lambda |]

    let ellipticalPotentialCapped cap logDet = run potentialCapped [| cap; logDet |]

    let ellipticalPotentialAfter (dimension: int) horizon norm lambda =
        run potentialAfter [| float dimension; horizon; norm; lambda |]

    let gainCeiling greedy (points: int) =
        run greedyChoice [| greedy; float points |]

    let flowResidual initial rate time smallest =
        run flow [| initial; rate; time; smallest |]
