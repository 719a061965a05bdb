namespace Hindsight

[<NoComparison>]
type NeuralUcbOptions =
    {
        Horizon: int
        Arms: int
        Layers: int
        Lambda: float
        Noise: float
        Steps: float
        TrainingConstant: float
        Delta: float
    }

    static member For horizon =
        {
            Horizon = horizon
            Arms = 1
            Layers = 2
            Lambda = 1.0
            Noise = 1.0
            Steps = infinity
            TrainingConstant = 1.0
            Delta = 0.05
        }

[<NoComparison>]
type BanditInstance =
    {
        Contexts: float[][]
        Rewards: float[]
    }

namespace Hindsight.FSharp

open System
open Hindsight

/// Every closed formula, once, over any scalar.
module private WidthFormulas =
    open Hindsight.FSharp.Ops

    let selfNormalized<'T when 'T :> IReal<'T> and 'T: struct> (noise: 'T) (logDet: 'T) (delta: 'T) : 'T =
        noise * 'T.Sqrt(logDet - 'T.Const 2.0 * 'T.Log delta)

    let ridge<'T when 'T :> IReal<'T> and 'T: struct>
        (noise: 'T)
        (logDet: 'T)
        (lambda: 'T)
        (norm: 'T)
        (delta: 'T)
        : 'T =
        selfNormalized noise logDet delta + 'T.Sqrt lambda * norm

    let kernel<'T when 'T :> IReal<'T> and 'T: struct> (norm: 'T) (noise: 'T) (gain: 'T) (delta: 'T) : 'T =
        norm + noise * 'T.Sqrt('T.Const 2.0 * (gain + 'T.Const 1.0 - 'T.Log delta))

    let linUcb<'T when 'T :> IReal<'T> and 'T: struct> (factor: float) (width: 'T) (logDet: 'T) (horizon: 'T) : 'T =
        'T.Const 2.0 * width * 'T.Sqrt('T.Const factor * horizon * logDet)

    let ceiling<'T when 'T :> IReal<'T> and 'T: struct> (d: 'T) (horizon: 'T) (norm: 'T) (lambda: 'T) : 'T =
        d * 'T.Log1p(horizon * 'T.Sqr norm / (lambda * d))

    let times<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) : 'T = x * y

    let over<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) : 'T = x / y

    /// nu sqrt(l + 2 - 2 ln delta)
    let exploring<'T when 'T :> IReal<'T> and 'T: struct> (noise: 'T) (logDet: 'T) (delta: 'T) : 'T =
        noise * 'T.Sqrt(logDet + 'T.Const 2.0 - 'T.Const 2.0 * 'T.Log delta)

    /// (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda)
    let training<'T when 'T :> IReal<'T> and 'T: struct>
        (constant: 'T)
        (horizon: 'T)
        (layers: 'T)
        (lambda: 'T)
        (steps: 'T)
        : 'T =
        let all = horizon * layers
        let left = 'T.Exp('T.Const 0.5 * steps * 'T.Log1p(-(lambda / all)))
        (lambda + constant * all) * left * 'T.Sqrt(horizon / lambda)

    let recall<'T when 'T :> IReal<'T> and 'T: struct> (lambda: 'T) (norm: 'T) : 'T =
        'T.Const 2.0 * 'T.Sqrt lambda * norm

    let neuralUcb<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (logDet: 'T) (sum: 'T) : 'T =
        'T.Const 3.0 * 'T.Sqrt(horizon * (logDet + 'T.Const 2.0)) * sum + 'T.Const 1.0

    let sum3<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (y: 'T) (z: 'T) : 'T = x + y + z

    let dimension<'T when 'T :> IReal<'T> and 'T: struct> (logDet: 'T) (points: 'T) (lambda: 'T) : 'T =
        logDet / 'T.Log1p(points / lambda)

    let total<'T when 'T :> IReal<'T> and 'T: struct> (lambda: 'T) (eigenvalues: 'T[]) : 'T =
        let mutable sum = 'T.Const 0.0

        for mu in eigenvalues do
            sum <- sum + 'T.Log1p(mu / lambda)

        sum

    let rewardFloor<'T when 'T :> IReal<'T> and 'T: struct> (points: 'T) (layers: 'T) : 'T =
        'T.Sqrt(points / (layers + 'T.Const 1.0))

    let floor<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) (layers: 'T) (lambda: 'T) : 'T =
        let points = arms * horizon
        let twice = points * (layers + 'T.Const 1.0) / ('T.Const 2.0 * lambda)

        'T.Const 6.0
        * 'T.Sqrt(horizon * lambda * ('T.Const 2.0 + 'T.Log1p twice))
        * rewardFloor points layers

    let contextFloor<'T when 'T :> IReal<'T> and 'T: struct>
        (arms: 'T)
        (horizon: 'T)
        (layers: 'T)
        (smallest: 'T)
        (noise: 'T)
        : 'T =
        let points = arms * horizon
        let each = 'T.Log1p smallest

        'T
            .Min(
                'T.Const 3.0 * noise * 'T.Sqrt horizon * points * each,
                'T.Const 6.0 * points * 'T.Sqrt(horizon * each / (layers + 'T.Const 1.0))
            )

    let coin<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) (p: 'T) : 'T = horizon * p * ('T.Const 1.0 - p)

    let thompsonLambda<'T when 'T :> IReal<'T> and 'T: struct> (horizon: 'T) : 'T =
        'T.Const 1.0 + 'T.Const 1.0 / horizon

    /// d ln(1 + T K)
    let thompsonGain<'T when 'T :> IReal<'T> and 'T: struct> (arms: 'T) (horizon: 'T) (logDet: 'T) : 'T =
        let points = arms * horizon
        dimension logDet points (thompsonLambda horizon) * 'T.Log1p points

    let thompsonWidth<'T when 'T :> IReal<'T> and 'T: struct>
        (least: float)
        (gain: 'T)
        (norm: 'T)
        (noise: 'T)
        (delta: 'T)
        : 'T =
        'T.Max(norm, 'T.Const least) + noise * 'T.Sqrt(gain + 'T.Const 2.0 - 'T.Const 2.0 * 'T.Log delta)

    let neuralTs<'T when 'T :> IReal<'T> and 'T: struct>
        (first: 'T)
        (second: 'T)
        (arms: 'T)
        (horizon: 'T)
        (layers: 'T)
        (gain: 'T)
        (width: 'T)
        (delta: 'T)
        : 'T =
        let lambda = thompsonLambda horizon
        let c = 'T.Sqrt('T.Const 4.0 * 'T.Log horizon + 'T.Const 2.0 * 'T.Log arms)
        let scale = ('T.Const 1.0 + c) * width

        first * scale * 'T.Sqrt('T.Const 2.0 * lambda * layers * (gain + 'T.Const 1.0) * horizon)
        + ('T.Const 4.0 + second * scale * layers)
          * 'T.Sqrt('T.Const 2.0 * horizon * 'T.Log('T.Const 3.0 / delta))
        + 'T.Const 5.0

/// Rows that several calculators share.
module private WidthRows =
    let input = BoundCalculator.input
    let family = "neural-ucb"
    let noise = input "noise" "sigma" "sub-Gaussian constant of the noise" Domain.NonNegative 0.5

    let logDet =
        input "logDet" "l" "ln det(I + K/lambda), the contexts of all rounds" Domain.NonNegative 20.0

    let lambda = input "lambda" "lambda" "regulariser" Domain.Positive 1.0
    let horizon = input "horizon" "T" "rounds" (BoundCalculator.atLeast 1.0) 1e4
    let arms = BoundCalculator.count "arms" "K" "arms" 1.0 4.0
    let layers = BoundCalculator.count "layers" "L" "layers of weights" 2.0 2.0

    let subGaussian =
        BoundCalculator.assumed "the noise is sub-Gaussian given the past; contexts may depend on the past"

    let regretTrivial (x: BoundInputs<float>) = x["T"]

[<RequireQualifiedAccess>]
module ConfidenceWidth =
    let private selfNormalizedCalculator =
        {
            Name = "self-normalized"
            Family = WidthRows.family
            Title = "self-normalised sum of noise"
            Statement =
                "With probability 1 - delta, in all rounds at once, the sum of contexts times noise has a norm in A^-1 of at most sigma sqrt(2 ln(1/delta) + ln det(A/lambda)), A = lambda I + sum x x'."
            Source =
                "Abbasi-Yadkori, Pal and Szepesvari 2011, Theorem 1; derived here by the method of mixtures and Ville's inequality"
            Kind = BoundKind.Anytime
            Direction = BoundDirection.Upper
            Inputs = [| WidthRows.noise; WidthRows.logDet; BoundCalculator.delta |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.selfNormalized x["sigma"] x["l"] x["delta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| WidthRows.subGaussian |]
            Trivial = BoundCalculator.noTrivial
            Law =
                "Theorem 1 of Abbasi-Yadkori, Pal and Szepesvari: self-normalised noise leaves its bound, in any round, with probability at most delta"
        }

    let private ridgeCalculator =
        { selfNormalizedCalculator with
            Name = "ridge-confidence"
            Title = "confidence width of ridge regression"
            Statement =
                "With probability 1 - delta, in all rounds at once, |theta_hat - theta*| in the norm of A is at most beta = sigma sqrt(2 ln(1/delta) + ln det(A/lambda)) + sqrt(lambda) S; every prediction is within beta sqrt(x'A^-1 x) of its mean."
            Source = "Abbasi-Yadkori, Pal and Szepesvari 2011, Theorem 2; derived here"
            Inputs =
                [|
                    WidthRows.noise
                    WidthRows.logDet
                    WidthRows.lambda
                    WidthRows.input "norm" "S" "bound on |theta*|" Domain.NonNegative 1.0
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.ridge x["sigma"] x["l"] x["lambda"] x["S"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        WidthRows.subGaussian
                        BoundCalculator.assumed "the mean is linear in the context, with a parameter no longer than S"
                    |]
            Law =
                "Theorem 2 of Abbasi-Yadkori, Pal and Szepesvari: the ridge estimate is within its width of the parameter in every round"
        }

    let private kernelCalculator =
        { selfNormalizedCalculator with
            Name = "kernel-confidence"
            Title = "confidence width of a Gaussian process"
            Statement =
                "With probability 1 - delta, at all points and in all rounds at once, |mu_t(x) - f(x)| is at most s_t(x) times B + R sqrt(2 (gamma + 1 + ln(1/delta))): mean and deviation with noise variance 1 + 2/T, gamma the information gain of the rounds so far."
            Source = "Chowdhury and Gopalan 2017, Theorem 2, constants from memory"
            Inputs =
                [|
                    WidthRows.input "norm" "B" "norm of f in the kernel's space" Domain.NonNegative 1.0
                    WidthRows.input "noise" "R" "sub-Gaussian constant of the noise" Domain.NonNegative 0.5
                    WidthRows.input "informationGain" "gamma" "information gain so far, nats" Domain.NonNegative 10.0
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.kernel x["B"] x["R"] x["gamma"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        WidthRows.subGaussian
                        BoundCalculator.assumed "f lies in the kernel's space, with a norm of at most B"
                        BoundCalculator.assumed "the noise variance of the process is 1 + 2/T"
                    |]
            Law = "A Gaussian process is within its width of a function of the kernel's space"
        }

    let calculators = [| selfNormalizedCalculator; ridgeCalculator; kernelCalculator |]

    let selfNormalized noise logDet delta =
        selfNormalizedCalculator |> BoundCalculator.ofNumbers [| noise; logDet; delta |]

    let ridge noise logDet lambda norm delta =
        ridgeCalculator |> BoundCalculator.ofNumbers [| noise; logDet; lambda; norm; delta |]

    let kernel norm noise informationGain delta =
        kernelCalculator |> BoundCalculator.ofNumbers [| norm; noise; informationGain; delta |]

[<RequireQualifiedAccess>]
module LinUcb =
    let private width = WidthRows.input "width" "beta" "confidence width" Domain.NonNegative 3.0

    let private bounded = BoundCalculator.assumed "mean rewards lie in [-1, 1]"

    let private widthRows (x: BoundInputs<float>) =
        [|
            BoundCalculator.assumed "in every round every mean is within beta times its width of the prediction"
            bounded
            (if x["beta"] >= 1.0 then
                 BoundCalculator.byConstruction "beta >= 1, or no squared context length above lambda" "beta is"
             else
                 BoundCalculator.assumed "beta >= 1, or no squared context length above lambda")
        |]

    /// Mean rewards differ by 2 at most.
    let private trivial (x: BoundInputs<float>) = 2.0 * x["T"]

    let private published =
        {
            Name = "linucb"
            Family = WidthRows.family
            Title = "regret of LinUCB"
            Statement =
                "While the confidence intervals hold, playing the arm of greatest prediction plus beta sqrt(x'A^-1 x) has regret of at most 2 beta sqrt(2 T ln det(A/lambda))."
            Source =
                "Abbasi-Yadkori, Pal and Szepesvari 2011, Theorem 3 in its proof; derived here: a round costs at most twice its width, Cauchy-Schwarz, elliptical potential"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Upper
            Inputs = [| width; WidthRows.logDet; WidthRows.horizon |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.linUcb 2.0 x["beta"] x["l"] x["T"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = widthRows
            Trivial = trivial
            Law = "Theorem 3 of Abbasi-Yadkori, Pal and Szepesvari: LinUCB's regret while its intervals hold"
        }

    let private sharp =
        { published with
            Name = "linucb-sharp"
            Title = "regret of LinUCB, best constant"
            Statement =
                "While the confidence intervals hold, playing the arm of greatest prediction plus beta sqrt(x'A^-1 x) has regret of at most 2 beta sqrt(T ln det(A/lambda)/ln 2)."
            Source = "derived here: the elliptical potential with 1/ln 2 in place of 2"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.linUcb (1.0 / log 2.0) x["beta"] x["l"] x["T"] |]
                }
            Law = "One round of LinUCB attains its bound"
        }

    let private explicit =
        { published with
            Name = "linucb-explicit"
            Title = "regret of LinUCB from numbers alone"
            Statement =
                "With probability 1 - delta, at every horizon, the regret of LinUCB with widths beta_t is at most 2 max(1, beta) sqrt(T l/ln 2), l = d ln(1 + T X^2/(lambda d)), beta = sigma sqrt(2 ln(1/delta) + l) + sqrt(lambda) S."
            Source = "derived here from the self-normalised bound and the elliptical potential with its best constant"
            Kind = BoundKind.Anytime
            Inputs =
                [|
                    BoundCalculator.count "dimension" "d" "dimension of the contexts" 1.0 10.0
                    WidthRows.horizon
                    WidthRows.input "contextNorm" "X" "longest context" Domain.NonNegative 1.0
                    WidthRows.input "parameterNorm" "S" "bound on |theta*|" Domain.NonNegative 1.0
                    WidthRows.noise
                    BoundCalculator.free WidthRows.lambda
                    BoundCalculator.delta
                |]
            Intermediate =
                [|
                    {
                        Symbol = "beta"
                        Meaning = "confidence width in the last round"
                    }
                    {
                        Symbol = "l"
                        Meaning = "ceiling of ln det(A/lambda)"
                    }
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let l = WidthFormulas.ceiling x["d"] x["T"] x["X"] x["lambda"]
                        let beta = WidthFormulas.ridge x["sigma"] l x["lambda"] x["S"] x["delta"]

                        [|
                            WidthFormulas.linUcb (1.0 / log 2.0) ('T.Max(beta, 'T.Const 1.0)) l x["T"]
                            beta
                            l
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        WidthRows.subGaussian
                        BoundCalculator.assumed "the mean is linear in the context, with a parameter no longer than S"
                        BoundCalculator.assumed "no context is longer than X"
                        bounded
                    |]
            Law = "LinUCB's regret is within the bound that follows from the numbers alone"
        }

    let calculators = [| published; sharp; explicit |]

    let regret width logDet horizon =
        published |> BoundCalculator.ofNumbers [| width; logDet; horizon |]

    let regretSharp width logDet horizon =
        sharp |> BoundCalculator.ofNumbers [| width; logDet; horizon |]

    let regretOf (dimension: int) horizon contextNorm parameterNorm noise lambda delta =
        explicit
        |> BoundCalculator.ofNumbers [| float dimension; horizon; contextNorm; parameterNorm; noise; lambda; delta |]

[<RequireQualifiedAccess>]
module NeuralUcb =
    let private noise =
        WidthRows.input "noise" "nu" "sub-Gaussian constant of the noise" Domain.NonNegative 1.0

    let private rewardNormInput =
        WidthRows.input "rewardNorm" "S" "sqrt(2 h'H^-1 h), or more" Domain.NonNegative 5.0

    let private steps = WidthRows.input "steps" "J" "gradient steps a round" Domain.NonNegative 1e6

    let private constant =
        WidthRows.input "trainingConstant" "C3" "absolute constant of the theorem" Domain.NonNegative 1.0
        |> BoundCalculator.withDefault 1.0

    let private rows (_: BoundInputs<float>) =
        [|
            BoundCalculator.assumed "the network is wide enough (a power of T, L, 1/lambda_0)"
            BoundCalculator.assumed "H is positive definite, contexts are unit vectors"
            BoundCalculator.assumed "S is at least sqrt(2 h'H^-1 h) for the mean rewards h in [0,1]"
            BoundCalculator.assumed "the noise is sub-Gaussian given the past"
        |]

    let private underHorizon (x: BoundInputs<float>) =
        Require.inside
            "lambda"
            { Domain.Positive with
                High = x["T"] * x["L"]
            }
            x["lambda"]
        |> Result.map ignore<float>

    let private parts =
        [|
            {
                Symbol = "d_tilde"
                Meaning = "NeuralUCB's dimension, l/ln(1 + T K/lambda)"
            }
            {
                Symbol = "e1"
                Meaning = "exploration, nu sqrt(l + 2 - 2 ln delta)"
            }
            {
                Symbol = "e2"
                Meaning = "training, (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda)"
            }
            {
                Symbol = "e3"
                Meaning = "the function's size, 2 sqrt(lambda) S"
            }
        |]
        : BoundTerm[]

    let private eval<'T when 'T :> IReal<'T> and 'T: struct> (x: BoundInputs<'T>) (l: 'T) =
        let e1 = WidthFormulas.exploring x["nu"] l x["delta"]
        let e2 = WidthFormulas.training x["C3"] x["T"] x["L"] x["lambda"] x["J"]
        let e3 = WidthFormulas.recall x["lambda"] x["S"]

        [|
            WidthFormulas.neuralUcb x["T"] l (WidthFormulas.sum3 e1 e2 e3)
            WidthFormulas.dimension l (WidthFormulas.times x["T"] x["K"]) x["lambda"]
            e1
            e2
            e3
        |]

    let private ofLogDet =
        {
            Name = "neural-ucb"
            Family = WidthRows.family
            Title = "regret of NeuralUCB"
            Statement =
                "With probability 1 - delta the regret of NeuralUCB is at most 3 sqrt(T) sqrt(l + 2) [nu sqrt(l + 2 - 2 ln delta) + (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda) + 2 sqrt(lambda) S] + 1, l = ln det(I + H/lambda), H the tangent kernel of all T K contexts."
            Source = "Zhou, Li and Gu 2020, Theorem 4.5, constants from memory"
            Kind = BoundKind.HighProbability
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    WidthRows.arms
                    WidthRows.horizon
                    WidthRows.layers
                    WidthRows.lambda
                    WidthRows.logDet
                    rewardNormInput
                    noise
                    steps
                    constant
                    BoundCalculator.delta
                |]
            Intermediate = parts
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) = eval x x["l"]
                }
            Check = underHorizon
            Assumptions = rows
            Trivial = WidthRows.regretTrivial
            Law = "Upper confidence bounds in the limit of infinite width stay within NeuralUCB's regret bound"
        }

    let private widthCalculator =
        { ofLogDet with
            Name = "neural-ucb-width"
            Title = "confidence width of NeuralUCB"
            Statement =
                "In the limit of infinite width, with probability 1 - delta and in all rounds at once, every mean reward is within w s/sqrt(lambda) of the network's prediction, w = nu sqrt(l - 2 ln delta) + (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda) + sqrt(lambda) S, s^2 = H(x,x) - k'(H + lambda I)^-1 k over the contexts played and l their ln det(I + H/lambda)."
            Source = "Zhou, Li and Gu 2020, Lemma 5.2 in the limit of infinite width, constants from memory"
            Kind = BoundKind.Anytime
            Inputs =
                [|
                    WidthRows.horizon
                    WidthRows.layers
                    WidthRows.lambda
                    WidthRows.logDet
                    rewardNormInput
                    noise
                    steps
                    constant
                    BoundCalculator.delta
                |]
            Intermediate =
                parts
                |> Array.skip 1
                |> Array.map (fun t ->
                    if t.Symbol = "e1" then
                        { t with
                            Meaning = "noise, nu sqrt(l - 2 ln delta)"
                        }
                    elif t.Symbol = "e3" then
                        { t with
                            Meaning = "the function's size, sqrt(lambda) S"
                        }
                    else
                        t)
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let e1 = WidthFormulas.selfNormalized x["nu"] x["l"] x["delta"]
                        let e2 = WidthFormulas.training x["C3"] x["T"] x["L"] x["lambda"] x["J"]
                        let e3 = WidthFormulas.times ('T.Sqrt x["lambda"]) x["S"]
                        [| WidthFormulas.sum3 e1 e2 e3; e1; e2; e3 |]
                }
            Trivial = BoundCalculator.noTrivial
            Law =
                "In the limit of infinite width NeuralUCB's intervals hold in all rounds, but for a share delta of the noise"
        }

    let private ofSpectrum =
        { ofLogDet with
            Name = "neural-ucb-spectrum"
            Title = "regret of NeuralUCB from the spectrum of its kernel"
            Statement =
                "The regret bound of NeuralUCB with l = sum ln(1 + mu_i/lambda) over the eigenvalues mu_i of H: what nobody sets lambda to is the value at which the bound is least. (The theorem is for one lambda, chosen before the contexts are seen.)"
            Inputs =
                [|
                    WidthRows.arms
                    WidthRows.horizon
                    WidthRows.layers
                    BoundCalculator.free WidthRows.lambda
                    WidthRows.input "eigenvalues" "mu" "eigenvalues of H" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 20.0; 5.0; 1.0 |]
                    rewardNormInput
                    noise
                    steps
                    constant
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        eval x (WidthFormulas.total x["lambda"] (x.List "mu"))
                }
            Law = "NeuralUCB's bound from a spectrum is its bound from the log determinant"
        }

    let private rewardFloorCalculator =
        {
            Name = "neural-ucb-reward-floor"
            Family = WidthRows.family
            Title = "S of NeuralUCB, from below"
            Statement =
                "Whatever the n unit contexts of an L-layer ReLU network are, some rewards in {0,1}^n have S = sqrt(2 h'H^-1 h) of at least sqrt(n/(L + 1))."
            Source =
                "derived here: E h'H^-1 h is at least tr H^-1/4 over fair random rewards, and tr H^-1 at least n^2/tr H with tr H = n (L + 1)/2"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    BoundCalculator.count "points" "n" "contexts of all rounds, T K" 1.0 100.0
                    WidthRows.layers
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.rewardFloor x["n"] x["L"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.byConstruction "the diagonal of H is (L + 1)/2" "unit contexts, normalised ReLU"
                        BoundCalculator.assumed "the adversary chooses the rewards"
                    |]
            Trivial = fun _ -> 0.0
            Law =
                "Some rewards make the norm in NeuralUCB's bound grow like the square root of the horizon, whatever the contexts"
        }

    let private floorCalculator =
        { rewardFloorCalculator with
            Name = "neural-ucb-floor"
            Title = "NeuralUCB's regret bound, from below"
            Statement =
                "Whatever the contexts, for some rewards NeuralUCB's regret bound with this lambda, or a larger one, is at least 6 sqrt(T n lambda (2 + ln(1 + n (L + 1)/(2 lambda)))/(L + 1)), n = T K: linear in T."
            Source =
                "derived here: the floor of S, the log determinant from below by the trace, and lambda ln(1 + x/lambda) grows in lambda"
            Inputs = [| WidthRows.arms; WidthRows.horizon; WidthRows.layers; WidthRows.lambda |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.floor x["K"] x["T"] x["L"] x["lambda"] |]
                }
            Law = "NeuralUCB's regret bound is linear in the horizon for some rewards, whatever the contexts"
        }

    let private contextFloorCalculator =
        { floorCalculator with
            Name = "neural-ucb-context-floor"
            Title = "NeuralUCB's regret bound on spread contexts, from below"
            Statement =
                "Where the smallest eigenvalue of H is c0 or more, for some rewards and every lambda, NeuralUCB's regret bound is at least min(3 nu sqrt(T) n ln(1 + c0), 6 n sqrt(T ln(1 + c0)/(L + 1))), n = T K: of order T^1.5."
            Source =
                "derived here: the log determinant from below by the smallest eigenvalue, for lambda up to 1 and from 1"
            Inputs =
                [|
                    WidthRows.arms
                    WidthRows.horizon
                    WidthRows.layers
                    WidthRows.input "smallest" "c0" "smallest eigenvalue of H" Domain.NonNegative 0.2
                    noise
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.contextFloor x["K"] x["T"] x["L"] x["c0"] x["nu"] |]
                }
            Law = "On spread contexts NeuralUCB's regret bound grows like the horizon to the power 1.5, whatever lambda"
        }

    let private coinCalculator =
        { rewardFloorCalculator with
            Name = "coin-regression-floor"
            Title = "squared error on rewards that are coins, from below"
            Statement =
                "On mean rewards that are independent coins of probability p, each seen only after its prediction, the squared errors of every learner sum to at least T p (1 - p) in expectation: no regression regret, and no regret bound that rests on one, is smaller than linear there."
            Source = "derived here: a prediction is independent of the coin, whose variance is p (1 - p)"
            Kind = BoundKind.Expectation
            Inputs =
                [|
                    WidthRows.horizon
                    WidthRows.input "probability" "p" "probability of the reward 1" Domain.Unit 0.5
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| WidthFormulas.coin x["T"] x["p"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the rewards are independent of the contexts and of each other"
                    |]
            Law = "On rewards that are coins no learner has a squared error below their variance"
        }

    let calculators =
        [|
            ofLogDet
            widthCalculator
            ofSpectrum
            rewardFloorCalculator
            floorCalculator
            contextFloorCalculator
            coinCalculator
        |]

    let gram layers contexts =
        result {
            let! layers = Require.atLeast "layers" 2 layers
            let! kernels = TangentKernel.gram (TangentKernelOptions.NormalizedReLU(layers - 1)) contexts

            return
                Array2D.init contexts.Length contexts.Length (fun i j ->
                    0.5 * (kernels.Tangent[i, j] + kernels.Covariance[i, j]))
        }

    /// Eigenvalues of H and 2 (u'h)^2/mu summed.
    let private spectrum (gram: float[,]) (rewards: float[]) =
        result {
            let! struct (values, vectors) = SymmetricEigen.decompose gram
            let n = values.Length
            do! Require.length "rewards" n rewards.Length
            do! Require.allFinite "rewards" (ReadOnlySpan rewards)
            let report = SymmetricEigen.spectrum values

            if report.Smallest <= report.Floor then
                return!
                    Error(
                        HindsightError.Incompatible
                            $"H is singular to double precision (smallest eigenvalue {report.Smallest}, largest {report.Largest}): no function norm belongs to these rewards. Two contexts may have one direction."
                    )
            else
                let along k =
                    let mutable sum = 0.0

                    for i in 0 .. n - 1 do
                        sum <- sum + vectors[i, k] * rewards[i]

                    sum

                let square = values |> Seq.mapi (fun k mu -> 2.0 * along k * along k / mu) |> Seq.sum

                return struct (values, sqrt square)
        }

    let rewardNorm gram rewards =
        spectrum gram rewards |> Result.map (fun (struct (_, norm)) -> norm)

    // Any number of steps at which nothing is left of the training term.
    let private finiteSteps (options: NeuralUcbOptions) =
        if Double.IsPositiveInfinity options.Steps then
            1e100
        else
            options.Steps

    let private counts (options: NeuralUcbOptions) =
        result {
            let! horizon = Require.atLeast "Horizon" 1 options.Horizon
            let! arms = Require.atLeast "Arms" 1 options.Arms
            return struct (arms, horizon)
        }

    let regret (options: NeuralUcbOptions) logDet rewardNorm =
        result {
            let! struct (arms, horizon) = counts options

            return!
                ofLogDet
                |> BoundCalculator.ofNumbers
                    [|
                        float arms
                        float horizon
                        float options.Layers
                        options.Lambda
                        logDet
                        rewardNorm
                        options.Noise
                        finiteSteps options
                        options.TrainingConstant
                        options.Delta
                    |]
        }

    let width (options: NeuralUcbOptions) logDet rewardNorm =
        result {
            let! struct (_, horizon) = counts options

            return!
                widthCalculator
                |> BoundCalculator.ofNumbers
                    [|
                        float horizon
                        float options.Layers
                        options.Lambda
                        logDet
                        rewardNorm
                        options.Noise
                        finiteSteps options
                        options.TrainingConstant
                        options.Delta
                    |]
        }

    let internal measured arms horizon layers (instance: BanditInstance) =
        result {
            do! Require.length "Contexts" (arms * horizon) instance.Contexts.Length
            let! gram = gram layers instance.Contexts
            return! spectrum gram instance.Rewards
        }

    let regretOf (options: NeuralUcbOptions) instance =
        result {
            let! struct (arms, horizon) = counts options
            let! lambda = Require.positive "Lambda" options.Lambda
            let! struct (values, norm) = measured arms horizon options.Layers instance
            return! regret options (values |> Array.sumBy (fun mu -> Scalar.log1p (mu / lambda))) norm
        }

    let regretAtBestLambda (options: NeuralUcbOptions) instance =
        result {
            let! struct (arms, horizon) = counts options
            // without noise the bound falls with lambda all the way to 0
            let! _ = Require.positive "Noise" options.Noise
            let! struct (values, norm) = measured arms horizon options.Layers instance

            let! best =
                ofSpectrum
                |> BoundCalculator.optimise
                    [ "lambda" ]
                    [|
                        [| float arms |]
                        [| float horizon |]
                        [| float options.Layers |]
                        [| 1.0 |]
                        values
                        [| norm |]
                        [| options.Noise |]
                        [| finiteSteps options |]
                        [| options.TrainingConstant |]
                        [| options.Delta |]
                    |]

            return struct (best.Bound, best.Values[0])
        }

    let hardInstance seed dimension horizon =
        result {
            let! dimension = Require.atLeast "dimension" 1 dimension
            let! horizon = Require.atLeast "horizon" 1 horizon
            let directions = RandomStream(seed, 0UL)
            let coins = RandomStream(seed, 1UL)

            let direction _ =
                let x = Array.init dimension (fun _ -> directions.NextNormal())
                let length = sqrt (Array.sumBy (fun v -> v * v) x)
                x |> Array.map (fun v -> v / length)

            return
                {
                    Contexts = Array.init horizon direction
                    Rewards = Array.init horizon (fun _ -> float (coins.NextInt 2))
                }
        }

    let rewardFloor (points: int) (layers: int) =
        rewardFloorCalculator |> BoundCalculator.ofNumbers [| float points; float layers |]

    let floor (arms: int) horizon (layers: int) lambda =
        floorCalculator |> BoundCalculator.ofNumbers [| float arms; horizon; float layers; lambda |]

    let coinFloor horizon probability =
        coinCalculator |> BoundCalculator.ofNumbers [| horizon; probability |]

    let contextFloor (arms: int) horizon (layers: int) smallest noise =
        contextFloorCalculator
        |> BoundCalculator.ofNumbers [| float arms; horizon; float layers; smallest; noise |]

[<RequireQualifiedAccess>]
module NeuralTs =
    /// 1/(22 e sqrt(pi))
    let private least = 1.0 / (22.0 * Math.E * sqrt Math.PI)

    let private absolute name symbol =
        WidthRows.input name symbol "absolute constant that the theorem does not state" Domain.NonNegative 1.0
        |> BoundCalculator.withDefault 1.0

    let private calculator =
        {
            Name = "neural-ts"
            Family = WidthRows.family
            Title = "regret of NeuralTS"
            Statement =
                "With probability 1 - delta the regret of neural Thompson sampling is at most C1 (1 + c) b sqrt(2 lambda L (l' + 1) T) + (4 + C2 (1 + c) b L) sqrt(2 T ln(3/delta)) + 5, c = sqrt(4 ln T + 2 ln K), b = max(S, 1/(22 e sqrt(pi))) + sigma sqrt(l' + 2 + 2 ln(1/delta)), l' = d ln(1 + T K), d = l/ln(1 + T K/lambda), lambda = 1 + 1/T, l = ln det(I + H/lambda)."
            Source =
                "Zhang, Zhou, Li and Gu 2021, Theorem 3.5, form and constants from memory; C1 and C2 are not stated there"
            Kind = BoundKind.HighProbability
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    WidthRows.arms
                    WidthRows.horizon
                    WidthRows.layers
                    WidthRows.logDet
                    WidthRows.input "rewardNorm" "S" "sqrt(2 h'H^-1 h), or more" Domain.NonNegative 5.0
                    WidthRows.noise
                    absolute "firstConstant" "C1"
                    absolute "secondConstant" "C2"
                    BoundCalculator.delta
                |]
            Intermediate =
                [|
                    {
                        Symbol = "b"
                        Meaning = "width of the posterior draws"
                    }
                    {
                        Symbol = "g"
                        Meaning = "d ln(1 + T K)"
                    }
                |]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let gain = WidthFormulas.thompsonGain x["K"] x["T"] x["l"]
                        let width = WidthFormulas.thompsonWidth least gain x["S"] x["sigma"] x["delta"]

                        [|
                            WidthFormulas.neuralTs x["C1"] x["C2"] x["K"] x["T"] x["L"] gain width x["delta"]
                            width
                            gain
                        |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the network is wide enough (a power of T, K, L, 1/lambda_0)"
                        BoundCalculator.assumed "H is positive definite, contexts are unit vectors"
                        BoundCalculator.assumed "S is at least sqrt(2 h'H^-1 h) for the mean rewards h in [0,1]"
                        BoundCalculator.assumed "C1 and C2 are the theorem's absolute constants"
                    |]
            Trivial = WidthRows.regretTrivial
            Law = "Thompson sampling in the limit of infinite width stays within NeuralTS's regret bound"
        }

    let calculators = [| calculator |]

    let regret (arms: int) horizon (layers: int) logDet rewardNorm noise delta =
        calculator
        |> BoundCalculator.ofNumbers
            [|
                float arms
                horizon
                float layers
                logDet
                rewardNorm
                noise
                1.0
                1.0
                delta
            |]

    let regretOf arms layers noise delta (instance: BanditInstance) =
        result {
            let! arms = Require.atLeast "arms" 1 arms
            let horizon = instance.Contexts.Length / arms
            let! _ = Require.atLeast "Contexts.Length" arms instance.Contexts.Length
            let! struct (values, norm) = NeuralUcb.measured arms horizon layers instance
            let lambda = 1.0 + 1.0 / float horizon
            let logDet = values |> Array.sumBy (fun mu -> Scalar.log1p (mu / lambda))
            return! regret arms (float horizon) layers logDet norm noise delta
        }
