namespace Hindsight

type StructuredSurrogate =
    | ConstrainedHinge = 0
    | ConstrainedSquaredHinge = 1
    | ConstrainedExponential = 2
    | SumExponential = 3
    | SumSquaredHinge = 4
    | SumRamp = 5
    | SquaredSoftmaxAbsoluteError = 6

[<NoComparison>]
type InconsistencyWitness =
    {
        Probabilities: float[]
        Scores: float[]
        Risk: float
        ZeroOneExcess: float
        Reason: string
    }

namespace Hindsight.FSharp

open System
open Hindsight

module private Compute =
    let phi tau (u: float) = (CompSumLosses.phi tau (R64 u)).V

    /// l_tau at p = e^-surprisal.
    let atSurprisal tau surprisal =
        if tau = 1.0 then
            surprisal
        else
            Scalar.expm1 ((1.0 - tau) * surprisal) / (1.0 - tau)

    let artanh t =
        0.5 * (Scalar.log1p t - Scalar.log1p -t)

    let logCosh u =
        if abs u < 1.0 then
            Scalar.log1p (2.0 * (Math.Sinh(0.5 * u)) ** 2.0)
        else
            abs u + Scalar.log1p (Math.Exp(-2.0 * abs u)) - Math.Log 2.0

    /// ln(1 - t^2), accurate at both ends.
    let logOneLessSquare t =
        if t < 0.5 then
            Scalar.log1p (-t * t)
        else
            Scalar.log1p t + Scalar.log1p -t

    /// a - 1 for a = 1/(2-tau): for tau near 1 the difference of the rounded a and 1 would lose digits.
    let exponentLessOne tau = (tau - 1.0) / (2.0 - tau)

    /// ln of the power mean of 1+t and 1-t with exponent a = 1/(2-tau), tau < 2. With t = tanh x it is (ln cosh(a x) - a ln cosh x)/a.
    let logPowerMean tau t =
        let a = 1.0 / (2.0 - tau)
        let less = exponentLessOne tau

        if t = 1.0 then
            (tau - 1.0) * Math.Log 2.0
        else
            let x = artanh t

            if abs less <= 0.5 then
                // ln(cosh(a x)/cosh x) - (a-1) ln cosh x: each term has the factor a-1
                let ratio = 2.0 * Math.Sinh(0.5 * (a + 1.0) * x) * Math.Sinh(0.5 * less * x) / Math.Cosh x

                (Scalar.log1p ratio + less * 0.5 * logOneLessSquare t) / a
            elif a * x < 1.0 then
                0.5 * logOneLessSquare t + logCosh (a * x) / a
            else
                Scalar.log1p t + (Scalar.log1p (Math.Exp(-2.0 * a * x)) - Math.Log 2.0) / a

    let transform tau (classes: float) t =
        if tau = 1.0 then
            if t = 1.0 then
                Math.Log 2.0
            elif t < 0.5 then
                0.5 * Scalar.log1p (-t * t) + t * artanh t
            else
                0.5 * ((1.0 + t) * Scalar.log1p t + (1.0 - t) * Scalar.log1p -t)
        elif tau >= 2.0 then
            t / ((tau - 1.0) * classes ** (tau - 1.0))
        else
            let excess = Scalar.expm1 (logPowerMean tau t)

            if tau < 1.0 then
                -(2.0 ** (1.0 - tau)) * excess / (1.0 - tau)
            else
                excess / ((tau - 1.0) * classes ** (tau - 1.0))

    /// The factor c of c t^2.
    let quadratic tau (classes: float) =
        if tau <= 1.0 then
            1.0 / (2.0 ** tau * (2.0 - tau))
        else
            1.0 / (2.0 * classes ** (tau - 1.0))

    let transformSimple tau classes t =
        if tau >= 2.0 then
            transform tau classes t
        else
            quadratic tau classes * t * t

    let gammaSimple tau (classes: float) excess =
        if tau >= 2.0 then
            min 1.0 ((tau - 1.0) * classes ** (tau - 1.0) * excess)
        else
            min 1.0 (sqrt (excess / quadratic tau classes))

    /// The largest t of [0, high] with increasing f(t) <= excess, to the last bit.
    let invert (f: float -> float) high excess =
        if f high <= excess then
            high
        else
            let rec search low high =
                let middle = 0.5 * (low + high)

                if middle <= low || middle >= high then low
                elif f middle <= excess then search middle high
                else search low middle

            search 0.0 high

    let gamma tau classes excess =
        if tau >= 2.0 then
            gammaSimple tau classes excess
        elif tau = 0.0 then
            if excess >= 1.0 then
                1.0
            else
                sqrt (excess * (2.0 - excess))
        elif transform tau classes 1.0 <= excess then
            1.0
        else
            // the simple bound may be below the inverse by rounding where the two agree
            invert (transform tau classes) (min 1.0 (gammaSimple tau classes excess * (1.0 + 1e-12))) excess

    let bayes tau (p: float[]) =
        if tau = 1.0 then
            -(p |> Array.sumBy Scalar.xlogx)
        elif tau >= 2.0 then
            let top = Array.IndexOf(p, Array.max p)
            let others = p |> Array.mapi (fun k x -> if k = top then 0.0 else x)
            Array.sum others / (tau - 1.0)
        else
            let a = 1.0 / (2.0 - tau)
            let positive = p |> Array.filter (fun x -> x > 0.0)

            let logNorm =
                if abs (a - 1.0) <= 0.5 then
                    Scalar.log1p (
                        positive |> Array.sumBy (fun x -> x * Scalar.expm1 (exponentLessOne tau * Math.Log x))
                    )
                    / a
                else
                    let top = Array.max positive

                    Math.Log top + Math.Log(positive |> Array.sumBy (fun x -> (x / top) ** a)) / a

            Scalar.expm1 logNorm / (1.0 - tau)

    /// min of sum p_k (1 - s_k)^2 over the simplex: on its support 1 - s_k is proportional to 1/p_k, and a support that is too large asks for 1 - s_k > 1.
    let bayesSquared (p: float[]) =
        let sorted = Array.sortDescending p

        seq { 1 .. p.Length }
        |> Seq.choose (fun m ->
            let support, rest = Array.splitAt m sorted

            if support[m - 1] = 0.0 then
                None
            else
                let scale = float (m - 1) / (support |> Array.sumBy (fun x -> 1.0 / x))

                if scale > support[m - 1] then
                    None
                else
                    Some(scale * float (m - 1) + Array.sum rest))
        |> Seq.min

    let risk tau (p: float[]) (s: float[]) =
        Array.fold2
            (fun sum p s ->
                if p = 0.0 then
                    sum
                else
                    sum + p * atSurprisal tau -(Math.Log s))
            0.0
            p
            s

    /// The s of the polytope s_i <= ratio s_j with least s = floor that minimises the risk: powers of p scaled to sum 1 after clipping.
    let clipped (powers: float[]) ratio floor =
        let at scale =
            powers |> Array.map (fun w -> min (ratio * floor) (max floor (scale * w)))

        // in the logarithm of the scale the sum goes from n floor <= 1 to n ratio floor >= 1
        let most = Array.max powers

        let least = powers |> Array.filter (fun w -> w > 0.0) |> Array.min
        let low = Math.Log(floor / most)
        let high = Math.Log(ratio * floor / least)

        let rec search low high rounds =
            let middle = 0.5 * (low + high)

            if rounds = 0 then
                at (Math.Exp middle)
            elif Array.sum (at (Math.Exp middle)) <= 1.0 then
                search middle high (rounds - 1)
            else
                search low middle (rounds - 1)

        search low high 80

    let golden (f: float -> float) low high =
        let share = 0.5 * (sqrt 5.0 - 1.0)

        let rec narrow low high a fa b fb rounds =
            if rounds = 0 then
                min fa fb
            elif fa <= fb then
                let next = b - share * (b - low)
                narrow low b next (f next) a fa (rounds - 1)
            else
                let next = a + share * (high - a)
                narrow a high b fb next (f next) (rounds - 1)

        let a = high - share * (high - low)
        let b = low + share * (high - low)
        narrow low high a (f a) b (f b) 90

    let bounded tau bound (p: float[]) =
        let n = float p.Length
        let ratio = Math.Exp(2.0 * bound)

        if tau >= 2.0 then
            let sorted = Array.sortDescending p

            seq { 1 .. p.Length - 1 }
            |> Seq.map (fun high ->
                let floor = 1.0 / (float high * ratio + (n - float high))
                risk tau sorted (sorted |> Array.mapi (fun k _ -> if k < high then ratio * floor else floor)))
            |> Seq.min
        else
            let a = 1.0 / (2.0 - tau)
            let top = Array.max p
            let powers = p |> Array.map (fun x -> (x / top) ** a)

            if Array.min powers * ratio >= 1.0 then
                bayes tau p
            else
                golden
                    (fun logFloor -> risk tau p (clipped powers ratio (Math.Exp logFloor)))
                    (-(Math.Log(n * ratio)))
                    (-(Math.Log n))

    let term symbol value meaning : Term =
        {
            Symbol = symbol
            Value = value
            Meaning = meaning
        }

    let assumption name status detail : Assumption =
        {
            Name = name
            Status = status
            Detail = detail
        }

    let assumed name =
        assumption name AssumptionStatus.Assumed ""

    let upper name source terms assumptions value formula : Bound =
        {
            Name = name
            Source = source
            Kind = BoundKind.Deterministic
            Delta = Nullable()
            Direction = BoundDirection.Upper
            Terms = terms
            Assumptions = assumptions
            Value = value
            Formula = formula
            Trivial = 1.0
        }

    let gaps excess gap zeroOneGap =
        [|
            term "R - R*" excess "excess of the surrogate risk over the best of the class of scores"
            term "M" gap "minimizability gap of the surrogate"
            term "M01" zeroOneGap "minimizability gap of the zero-one error"
        |]

    let complete =
        assumed "the class of scores is symmetric in the classes and complete: each score ranges over all reals"

[<RequireQualifiedAccess>]
module HConsistency =
    let private paper =
        "Cross-entropy loss functions (arXiv 2304.07288), H-consistency bound of comp-sum losses; transform derived again and checked numerically"

    let private checkedInputs tau classes argument allowed value =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! classes = Require.atLeast "classes" 2 classes
            let! value = Require.inside argument allowed value
            return struct (tau, float classes, value)
        }

    let private onT f tau classes t =
        checkedInputs tau classes "t" Domain.Unit t |> Result.map (fun (struct (tau, n, t)) -> f tau n t)

    let private onExcess f tau classes excess =
        checkedInputs tau classes "excess" Domain.NonNegative excess
        |> Result.map (fun (struct (tau, n, e)) -> f tau n e)

    let transform tau classes t = onT Compute.transform tau classes t

    let transformSimple tau classes t =
        onT Compute.transformSimple tau classes t

    let gamma tau classes excess =
        onExcess Compute.gamma tau classes excess

    let gammaSimple tau classes excess =
        onExcess Compute.gammaSimple tau classes excess

    let bayesConditionalRisk tau probabilities =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! p = ClassDistribution.require "probabilities" probabilities
            return Compute.bayes tau p
        }

    let private box =
        { Domain.Closed(0.0, 300.0) with
            LowClosed = false
        }

    let boundedConditionalRisk tau bound probabilities =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! bound = Require.inside "bound" box bound
            let! p = ClassDistribution.require "probabilities" probabilities
            return Compute.bounded tau bound p
        }

    let zeroOneExcess probabilities (scores: float[]) =
        result {
            let! p = ClassDistribution.require "probabilities" probabilities
            let! _ = Require.length "scores" p.Length scores.Length
            let! _ = Require.allFinite "scores" (ReadOnlySpan scores)
            let top = Array.max scores

            let worst = Array.fold2 (fun worst p z -> if z = top then min worst p else worst) infinity p scores

            return Array.max p - worst
        }

    let zeroOneExcessBound tau classes excess gap zeroOneGap =
        result {
            let! struct (tau, n, excess) = checkedInputs tau classes "excess" Domain.NonNegative excess
            let! gap = Require.nonNegative "gap" gap
            let! zeroOneGap = Require.inside "zeroOneGap" Domain.Unit zeroOneGap

            return
                Compute.upper
                    "zero-one excess from comp-sum excess"
                    paper
                    (Array.append
                        [|
                            Compute.term "tau" tau "exponent of the comp-sum"
                            Compute.term "n" n "classes"
                        |]
                        (Compute.gaps excess gap zeroOneGap))
                    [| Compute.complete |]
                    (Compute.gamma tau n (excess + gap) - zeroOneGap)
                    "Gamma_tau(R - R* + M) - M01"
        }

    let massartBound tau classes margin excess gap =
        result {
            let! struct (tau, n, excess) = checkedInputs tau classes "excess" Domain.NonNegative excess

            let! margin = Require.inside "margin" { Domain.Unit with LowClosed = false } margin

            let! gap = Require.nonNegative "gap" gap

            return
                Compute.upper
                    "zero-one excess from comp-sum excess under a margin"
                    "derived here"
                    (Array.append
                        [|
                            Compute.term "tau" tau "exponent of the comp-sum"
                            Compute.term "n" n "classes"
                            Compute.term "beta" margin "least lead of the likeliest class"
                        |]
                        (Compute.gaps excess gap 0.0))
                    [|
                        Compute.complete
                        Compute.assumed "the likeliest class leads every other by at least beta everywhere"
                    |]
                    (margin / Compute.transform tau n margin * (excess + gap))
                    "(beta/T_tau(beta)) (R - R* + M)"
        }

    let minimizabilityGap bestInClass weights (conditionalRisks: float[]) =
        result {
            let! best = Require.finite "bestInClass" bestInClass

            let! _ =
                if Array.length weights = 1 then
                    Require.inside "weights" (Domain.Closed(1.0, 1.0)) weights[0] |> Result.map (fun _ -> weights)
                else
                    ClassDistribution.require "weights" weights

            let! _ = Require.length "conditionalRisks" weights.Length conditionalRisks.Length
            let! _ = Require.allFinite "conditionalRisks" (ReadOnlySpan conditionalRisks)
            let mean = Array.fold2 (fun sum w c -> sum + w * c) 0.0 weights conditionalRisks

            // a class cannot do better than the best score at each context, but for the rounding of its mean
            let slack = 1e-9 * (1.0 + abs mean)

            let! _ = Require.inside "bestInClass" (Domain.Closed(mean - slack, Double.MaxValue)) best

            return max 0.0 (best - mean)
        }

    let deterministicGap tau classes bound bestInClass =
        result {
            let! struct (tau, n, bound) = checkedInputs tau classes "bound" Domain.NonNegative bound
            let least = Compute.phi tau ((n - 1.0) * Math.Exp(-2.0 * bound))
            return! minimizabilityGap bestInClass [| 1.0 |] [| least |]
        }

    let boundedLogisticTransform bound t =
        result {
            let! bound = Require.positive "bound" bound
            let! t = Require.inside "t" Domain.Unit t

            return
                if t <= Math.Tanh bound then
                    Compute.transform 1.0 2.0 t
                else
                    t * bound - Compute.logCosh bound
        }

    let adversarialConstant tau =
        Require.nonNegative "tau" tau |> Result.map (fun tau -> 1.0 / Compute.phi tau 1.0)

    let rampBayesConditionalRisk tau probabilities =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! p = ClassDistribution.require "probabilities" probabilities

            return Array.sortDescending p |> Array.mapi (fun k x -> x * Compute.phi tau (float k)) |> Array.sum
        }

    let adversarialBound tau excess gap zeroOneGap =
        result {
            let! constant = adversarialConstant tau
            let! excess = Require.nonNegative "excess" excess
            let! gap = Require.nonNegative "gap" gap
            let! zeroOneGap = Require.inside "zeroOneGap" Domain.Unit zeroOneGap

            return
                Compute.upper
                    "robust zero-one excess from adversarial comp-sum excess"
                    "Cross-entropy loss functions (arXiv 2304.07288); the constant derived here"
                    (Array.append
                        [|
                            Compute.term "tau" tau "exponent of the comp-sum"
                            Compute.term "1/Phi(1)" constant "the constant"
                        |]
                        (Compute.gaps excess gap zeroOneGap))
                    [|
                        Compute.assumed "the class of scores is symmetric and locally rho-consistent"
                    |]
                    (constant * (excess + gap) - zeroOneGap)
                    "(R - R* + M)/Phi_tau(1) - M01"
        }

    let robustErrorUpperBound tau rho nu norm gamma (weights: float[][]) (contexts: float[][]) (labels: int[]) =
        result {
            let! constant = adversarialConstant tau
            let! least = AdversarialCompSum.leastNu weights.Length rho
            let! count = Require.atLeast "the number of contexts" 1 contexts.Length
            let! _ = Require.length "labels" count labels.Length

            let! total =
                Array.zip contexts labels
                |> Array.fold
                    (fun sofar (context, label) ->
                        result {
                            let! sum = sofar
                            let! loss = AdversarialCompSum.smooth tau rho nu norm gamma weights context label
                            return sum + loss
                        })
                    (Ok 0.0)

            let mean = total / float count

            let holds =
                if nu >= least then
                    Compute.assumption "nu >= sqrt(n-1)/rho" AssumptionStatus.ByConstruction ""
                else
                    Compute.assumption
                        "nu >= sqrt(n-1)/rho"
                        AssumptionStatus.Violated
                        $"nu = {nu:R} is less than {least:R}"

            return
                Compute.upper
                    "robust error of linear scores on the given contexts"
                    "Cross-entropy loss functions (arXiv 2304.07288), smooth adversarial comp-sum; majorisation derived here"
                    [|
                        Compute.term "tau" tau "exponent of the comp-sum"
                        Compute.term "rho" rho "temperature of the margins"
                        Compute.term "gamma" gamma "radius of the ball"
                        Compute.term "mean loss" mean "mean smooth adversarial comp-sum loss"
                    |]
                    [| holds |]
                    (constant * mean)
                    "mean smooth loss/Phi_tau(1)"
        }

[<RequireQualifiedAccess>]
module StructuredConsistency =
    let private unknown (surrogate: StructuredSurrogate) =
        Error(HindsightError.OutOfRange("surrogate", string (int surrogate), "a StructuredSurrogate"))

    let transform surrogate t =
        Require.inside "t" Domain.Unit t
        |> Result.bind (fun t ->
            match surrogate with
            | StructuredSurrogate.ConstrainedHinge
            | StructuredSurrogate.SumRamp -> Ok t
            | StructuredSurrogate.ConstrainedSquaredHinge -> Ok(0.5 * t * t)
            // 2 - sqrt(4 - t^2) and 1 - sqrt(1 - t^2) without cancellation
            | StructuredSurrogate.ConstrainedExponential -> Ok(t * t / (2.0 + sqrt (4.0 - t * t)))
            | StructuredSurrogate.SumExponential -> Ok(t * t / (1.0 + sqrt ((1.0 - t) * (1.0 + t))))
            | StructuredSurrogate.SumSquaredHinge -> Ok(t * t)
            | StructuredSurrogate.SquaredSoftmaxAbsoluteError -> Ok(0.25 * t * t)
            | other -> unknown other)

    let gamma surrogate excess =
        Require.nonNegative "excess" excess
        |> Result.bind (fun e ->
            match surrogate with
            | StructuredSurrogate.ConstrainedHinge
            | StructuredSurrogate.SumRamp -> Ok e
            | StructuredSurrogate.ConstrainedSquaredHinge -> Ok(sqrt (2.0 * e))
            | StructuredSurrogate.ConstrainedExponential -> Ok(if e >= 2.0 then 1.0 else sqrt (e * (4.0 - e)))
            | StructuredSurrogate.SumExponential -> Ok(if e >= 1.0 then 1.0 else sqrt (e * (2.0 - e)))
            | StructuredSurrogate.SumSquaredHinge -> Ok(sqrt e)
            | StructuredSurrogate.SquaredSoftmaxAbsoluteError -> Ok(2.0 * sqrt e)
            | other -> unknown other)
        |> Result.map (min 1.0)

    let bayesConditionalRisk surrogate probabilities =
        ClassDistribution.require "probabilities" probabilities
        |> Result.bind (fun p ->
            let n = float p.Length

            let sureOr value =
                if Array.contains 1.0 p then 0.0 else value ()

            match surrogate with
            | StructuredSurrogate.ConstrainedHinge -> Ok(n * (1.0 - Array.max p))
            | StructuredSurrogate.ConstrainedSquaredHinge ->
                Ok(sureOr (fun () -> n * n / (p |> Array.sumBy (fun x -> 1.0 / (1.0 - x)))))
            | StructuredSurrogate.ConstrainedExponential ->
                Ok(sureOr (fun () -> n * Math.Exp((p |> Array.sumBy (fun x -> Scalar.log1p -x)) / n)))
            | StructuredSurrogate.SumExponential -> Ok(Compute.bayes 0.0 p)
            | StructuredSurrogate.SumRamp ->
                Ok(Array.sortDescending p |> Array.mapi (fun k x -> float k * x) |> Array.sum)
            | StructuredSurrogate.SquaredSoftmaxAbsoluteError -> Ok(Compute.bayesSquared p)
            | StructuredSurrogate.SumSquaredHinge ->
                Error(
                    HindsightError.Incompatible
                        "The least expected sum of squared hinges has no closed form: minimise it numerically."
                )
            | other -> unknown other)

    let private source =
        "constrained and sum losses in arXiv 2304.07288 and its sequels, from secondary sources; checked numerically pointwise"

    let zeroOneExcessBound surrogate excess gap zeroOneGap =
        result {
            let! excess = Require.nonNegative "excess" excess
            let! gap = Require.nonNegative "gap" gap
            let! zeroOneGap = Require.inside "zeroOneGap" Domain.Unit zeroOneGap
            let! value = gamma surrogate (excess + gap)

            return
                Compute.upper
                    $"zero-one excess from {surrogate} excess"
                    source
                    (Compute.gaps excess gap zeroOneGap)
                    [| Compute.complete |]
                    (value - zeroOneGap)
                    "Gamma(R - R* + M) - M01"
        }

    let private order (p: float[]) =
        Array.init p.Length id |> Array.sortBy (fun k -> -p[k])

    let maxLossWitness probabilities =
        result {
            let! p = ClassDistribution.require "probabilities" probabilities
            let order = order p
            let top, next = p[order[0]], p[order[1]]

            if p.Length < 3 || top > 0.5 || top = next then
                return!
                    Error(
                        HindsightError.Incompatible
                            "Zero scores show nothing here: there must be three or more classes, none with more than half of the probability, and one likelier than the others."
                    )
            else
                return
                    {
                        Probabilities = p
                        Scores = Array.zeroCreate p.Length
                        Risk = 1.0
                        ZeroOneExcess = top - Array.min p
                        Reason =
                            "In any direction v with top class j the risk grows at rate -phi'(0) times at least (v_j - second largest v)(1 - 2 p_j) >= 0, and it is convex."
                    }
        }

    let westonWatkinsWitness probabilities =
        result {
            let! p = ClassDistribution.require "probabilities" probabilities
            let order = order p

            if p.Length <> 3 || p[order[0]] > 0.5 || p[order[0]] = p[order[1]] || 3.0 * p[order[1]] < 1.0 then
                return!
                    Error(
                        HindsightError.Incompatible
                            "The tie is no minimum here: three classes are needed with 1/2 >= p1 > p2 >= 1/3."
                    )
            else
                return
                    {
                        Probabilities = p
                        Scores = Array.init 3 (fun k -> if k = order[2] then 0.0 else 1.0)
                        Risk = 1.0 + 3.0 * p[order[2]]
                        ZeroOneExcess = p[order[0]] - p[order[1]]
                        Reason =
                            "At scores (1,1,0) the directional derivatives along plus and minus each of the first two axes are not negative, which decides a function linear in the quadrants; and the risk is convex."
                    }
        }
