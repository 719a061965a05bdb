namespace Hindsight

open System
open Hindsight.FSharp

module private Search =
    /// Stands for no bound: e^700 is still a number.
    let unbounded = 700.0

    /// 0 and magnitudes from 1e-3 to the bound, 5 percent apart.
    let magnitudes (bound: float) =
        let low = min 1e-3 (0.5 * bound)
        let steps = int (ceil (log (bound / low) / 0.05))

        Array.append
            [| 0.0 |]
            (Array.init (steps + 1) (fun i -> if i = steps then bound else low * exp (0.05 * float i)))

    let private ratio = 0.5 * (sqrt 5.0 - 1.0)

    /// The least value of f on sorted points, refined between the neighbours of the best one.
    let least (f: float -> float) (points: float[]) =
        let mutable best = 0
        let mutable value = f points[0]

        for i = 1 to points.Length - 1 do
            let v = f points[i]

            if v < value then
                best <- i
                value <- v

        let mutable a = points[max 0 (best - 1)]
        let mutable b = points[min (points.Length - 1) (best + 1)]
        let mutable x = b - ratio * (b - a)
        let mutable y = a + ratio * (b - a)
        let mutable fx = f x
        let mutable fy = f y

        for _ in 1..64 do
            if fx <= fy then
                b <- y
                y <- x
                fy <- fx
                x <- b - ratio * (b - a)
                fx <- f x
            else
                a <- x
                x <- y
                fx <- fy
                y <- a + ratio * (b - a)
                fy <- f y

        min value (min fx fy)

    let phi (loss: IMarginLoss) (m: float) = loss.Phi(R64 m).V

    /// eta phi(a) + (1-eta) phi(-a), an impossible class costing nothing.
    let risk loss eta a =
        (if eta = 0.0 then 0.0 else eta * phi loss a)
        + (if eta = 1.0 then 0.0 else (1.0 - eta) * phi loss -a)

    /// inf over a in [0, bound] of the risk.
    let half loss eta magnitudes = least (risk loss eta) magnitudes

[<Sealed>]
type PsiTransform(loss: IMarginLoss, bound: float) =
    let magnitudes = Search.magnitudes bound

    let raw theta =
        let eta = 0.5 * (1.0 + theta)
        // the wrong side of eta >= 1/2 is the right side of 1 - eta
        let wrong = Search.half loss (1.0 - eta) magnitudes
        let right = Search.half loss eta magnitudes
        Math.Max(0.0, wrong - Math.Min(wrong, right))

    let cells = 256

    /// Lower convex hull of the sampled transform: indices of its corners and all samples.
    let hull =
        lazy
            (let values = Array.init (cells + 1) (fun i -> raw (float i / float cells))
             let corners = ResizeArray<int>()

             let above i j k =
                 // whether j lies on or above the chord from i to k
                 (values[j] - values[i]) * float (k - i) >= (values[k] - values[i]) * float (j - i)

             for k = 0 to cells do
                 while corners.Count >= 2 && above corners[corners.Count - 2] corners[corners.Count - 1] k do
                     corners.RemoveAt(corners.Count - 1)

                 corners.Add k

             struct (corners.ToArray(), values))

    let value theta =
        if (loss :> ILoss).Metadata.Convex then
            raw theta
        else
            let struct (corners, values) = hull.Force()
            let at = theta * float cells
            let right = max 1 (Array.FindIndex(corners, fun c -> float c >= at))
            let i = corners[right - 1]
            let k = corners[right]

            let chord = values[i] + (values[k] - values[i]) * (at - float i) / float (k - i)

            Math.Min(chord, raw theta)

    let unit argument x =
        Require.inside argument Domain.Unit x |> Require.ok

    member _.Loss = loss
    member _.ScoreBound = bound
    member _.Raw(theta: float) = raw (unit "theta" theta)
    member _.Value(theta: float) = value (unit "theta" theta)

    member _.Inverse(excess: float) =
        let excess = Require.nonNegative "excess" excess |> Require.ok

        if value 1.0 <= excess then
            1.0
        else
            let mutable low = 0.0
            let mutable high = 1.0

            for _ in 1..50 do
                let middle = 0.5 * (low + high)

                if value middle <= excess then
                    low <- middle
                else
                    high <- middle

            // the upper end: a bound may not be too small
            high

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Psi =
    let private overScores loss bound eta risk =
        result {
            let! bound = Require.positive "bound" bound
            let! eta = Require.inside "eta" Domain.Unit eta
            return risk loss eta (Search.magnitudes bound)
        }

    let conditionalRisk loss bound eta =
        overScores loss bound eta (fun loss eta scores ->
            Math.Min(Search.half loss eta scores, Search.half loss (1.0 - eta) scores))

    let wrongSideRisk loss bound eta =
        overScores loss bound eta (fun loss eta scores -> Search.half loss (Math.Min(eta, 1.0 - eta)) scores)

    let transform (loss: IMarginLoss) =
        if (loss :> ILoss).Metadata.Infimum.HasValue then
            Ok(PsiTransform(loss, Search.unbounded))
        else
            Error(
                HindsightError.Incompatible
                    $"{(loss :> ILoss).Metadata.Name} is not bounded below: its transform exists for bounded scores only"
            )

    let bounded (loss: IMarginLoss) bound =
        Require.positive "bound" bound |> Result.map (fun b -> PsiTransform(loss, b))

    let isCalibrated (loss: IMarginLoss) =
        if (loss :> ILoss).Metadata.Convex then
            let slope at = loss.Phi(Dual(R64 at, R64 1.0)).D.V

            let h = 1.0 / float (1L <<< 40)
            let left = slope -h
            let right = slope h
            right < 0.0 && abs (left - right) <= 1e-6 * (1.0 + abs right)
        else
            let transform = PsiTransform(loss, Search.unbounded)

            Seq.forall (fun i -> transform.Raw(10.0 ** (-3.0 * float i / 40.0)) > 1e-10) [ 0..40 ]

    let hinge (theta: float) = theta
    let squaredHinge (theta: float) = theta * theta
    let modifiedHuber (theta: float) = theta * theta
    let smoothedHinge (theta: float) = theta * theta / (1.0 + theta)

    let logistic (theta: float) =
        (BinaryKullbackLeibler() :> IGenerator).Divergence(R64(0.5 * (1.0 + theta)), R64 0.5).V

    let logisticBase2 theta = logistic theta / log 2.0

    let exponential (theta: float) =
        theta * theta / (1.0 + sqrt ((1.0 - theta) * (1.0 + theta)))

    let square (theta: float) = theta * theta
    let savage (theta: float) = 0.25 * theta * theta
    let tangent (theta: float) = theta * theta
    let sigmoid (theta: float) = 0.5 * theta
    let tanh (theta: float) = theta
    let ramp (theta: float) = theta

    let alphaLoss alpha theta =
        if alpha = 1.0 then
            logistic theta
        else
            // the power mean of 1 + theta and 1 - theta, less 1, with what cancels at small theta taken out
            let spread =
                0.5 * (Scalar.expm1 (alpha * Scalar.log1p theta) + Scalar.expm1 (alpha * Scalar.log1p -theta))

            alpha / (alpha - 1.0) * 2.0 ** ((1.0 - alpha) / alpha) * Scalar.expm1 (Scalar.log1p spread / alpha)

[<RequireQualifiedAccess>]
module BoundedScores =
    let hinge (bound: float) (t: float) = Math.Min(bound, 1.0) * t

    let squaredHinge (bound: float) (t: float) =
        if t <= bound then
            t * t
        else
            2.0 * bound * t - bound * bound

    let exponential (bound: float) (t: float) =
        if t <= Math.Tanh bound then
            Psi.exponential t
        else
            1.0 - 0.5 * (1.0 + t) * exp -bound - 0.5 * (1.0 - t) * exp bound

    let logistic (bound: float) (t: float) =
        if t <= Math.Tanh(0.5 * bound) then
            Psi.logistic t
        else
            log 2.0 - 0.5 * (1.0 + t) * Scalar.softplus -bound - 0.5 * (1.0 - t) * Scalar.softplus bound

    let logisticBase2 bound t = logistic bound t / log 2.0
    let tanh (k: float) (bound: float) (t: float) = t * Math.Tanh(k * bound)
    let sigmoid (bound: float) (t: float) = 0.5 * t * Math.Tanh(0.5 * bound)
    let ramp (rho: float) (bound: float) (t: float) = t * Math.Min(bound, rho) / rho
    let unhinged (bound: float) (t: float) = bound * t

[<RequireQualifiedAccess>]
module ConsistencyBounds =
    let private term symbol value meaning =
        {
            Symbol = symbol
            Value = value
            Meaning = meaning
        }

    let private assumption name status detail =
        {
            Name = name
            Status = status
            Detail = detail
        }

    let private upper name source terms assumptions value formula =
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

    let private excessTerm excess =
        term "R_phi - R_phi*" excess "excess risk of the surrogate over all measurable scores"

    let private calibrated (transform: PsiTransform) =
        let name = (transform.Loss :> ILoss).Metadata.Name

        if transform.Value 1.0 > 0.0 then
            assumption "the surrogate is classification-calibrated" AssumptionStatus.ByConstruction name
        else
            assumption
                "the surrogate is classification-calibrated"
                AssumptionStatus.Violated
                $"psi of {name} is 0: its excess risk says nothing"

    let zeroOneExcess (loss: IMarginLoss) surrogateExcess =
        result {
            let! excess = Require.nonNegative "surrogateExcess" surrogateExcess
            let! transform = Psi.transform loss

            return
                upper
                    "zero-one excess from surrogate excess"
                    "Bartlett, Jordan and McAuliffe, Convexity, classification, and risk bounds"
                    [| excessTerm excess |]
                    [| calibrated transform |]
                    (transform.Inverse excess)
                    "psi^-1(R_phi - R_phi*)"
        }

    let massart (loss: IMarginLoss) gamma surrogateExcess =
        result {
            let! gamma =
                Require.inside
                    "gamma"
                    { Domain.Open(0.0, 0.5) with
                        HighClosed = true
                    }
                    gamma

            let! excess = Require.nonNegative "surrogateExcess" surrogateExcess
            let! transform = Psi.transform loss
            let psi = transform.Value(2.0 * gamma)

            let value =
                if excess = 0.0 && psi > 0.0 then
                    0.0
                else
                    2.0 * gamma / psi * excess

            return
                upper
                    "zero-one excess under Massart noise"
                    "derived here from Bartlett, Jordan and McAuliffe: psi is convex and psi(0) = 0"
                    [|
                        excessTerm excess
                        term "gamma" gamma "least distance of eta from 1/2"
                        term "psi(2 gamma)" psi "the transform there"
                    |]
                    [|
                        calibrated transform
                        assumption "|eta - 1/2| >= gamma almost surely" AssumptionStatus.Assumed ""
                    |]
                    (if Double.IsNaN value then infinity else value)
                    "(2 gamma/psi(2 gamma)) (R_phi - R_phi*)"
        }

    let noiseExponent (loss: IMarginLoss) c exponent surrogateExcess =
        result {
            let! c = Require.positive "c" c
            let! alpha = Require.inside "exponent" Domain.Unit exponent
            let! excess = Require.nonNegative "surrogateExcess" surrogateExcess

            let! c =
                if alpha = 1.0 && c < 1.0 then
                    Error(
                        HindsightError.OutOfRange(
                            "c",
                            string c,
                            "at least 1 with exponent 1, as R - R* is at most the probability of differing"
                        )
                    )
                else
                    Ok c

            let! transform = Psi.transform loss

            // R - R* <= P(f differs) <= c (R - R*)^alpha
            let most =
                if alpha = 1.0 then
                    1.0
                else
                    Math.Min(1.0, c ** (1.0 / (1.0 - alpha)))

            let left r =
                c * r ** alpha * transform.Value(Math.Min(1.0, r ** (1.0 - alpha) / (2.0 * c)))

            let value =
                if left most <= excess then
                    most
                else
                    let mutable low = 0.0
                    let mutable high = most

                    // the left side is r/2 times psi(x)/x, which does not decrease
                    for _ in 1..60 do
                        let middle = 0.5 * (low + high)

                        if left middle <= excess then
                            low <- middle
                        else
                            high <- middle

                    high

            return
                upper
                    "zero-one excess under a noise exponent"
                    "Bartlett, Jordan and McAuliffe, Convexity, classification, and risk bounds"
                    [|
                        excessTerm excess
                        term "c" c "constant of the noise condition"
                        term "alpha" alpha "noise exponent"
                    |]
                    [|
                        calibrated transform
                        assumption "P(f differs from the Bayes rule) <= c (R - R*)^alpha" AssumptionStatus.Assumed ""
                    |]
                    value
                    "largest r with c r^alpha psi(r^(1-alpha)/(2c)) <= R_phi - R_phi*"
        }

    let bounded (loss: IMarginLoss) scoreBound surrogateExcess surrogateGap zeroOneGap =
        result {
            let! scoreBound = Require.positive "scoreBound" scoreBound
            let! excess = Require.nonNegative "surrogateExcess" surrogateExcess
            let! surrogateGap = Require.nonNegative "surrogateGap" surrogateGap
            let! zeroOneGap = Require.nonNegative "zeroOneGap" zeroOneGap
            let! transform = Psi.bounded loss scoreBound

            return
                upper
                    "zero-one excess from surrogate excess, bounded scores"
                    "derived here; agrees with a published summary of Awasthi et al. 2022"
                    [|
                        term "B" scoreBound "scores lie in [-B, B]"
                        term "R_phi - R_phi*(H)" excess "excess risk of the surrogate within the class"
                        term "M_phi" surrogateGap "minimizability gap of the surrogate"
                        term "M_01" zeroOneGap "minimizability gap of the zero-one error"
                    |]
                    [|
                        calibrated transform
                        assumption "the scores of the class fill [-B, B] at each point" AssumptionStatus.Assumed ""
                    |]
                    (Math.Max(0.0, transform.Inverse(excess + surrogateGap) - zeroOneGap))
                    "T_B^-1(R_phi - R_phi*(H) + M_phi) - M_01"
        }
