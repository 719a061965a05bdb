namespace Hindsight

[<NoComparison>]
type BagSize =
    {
        Size: float
        Risk: float
        Interior: bool
    }

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

/// Checks of samples and bags.
module private Bags =
    let atLeastOne (name: string) value =
        Require.inside
            name
            { Domain.Reals with
                Low = 1.0
                LowClosed = true
            }
            value

    let below name (limit: float) value =
        Require.inside name (Domain.Open(0.0, limit)) value

    /// The number of members of every bag.
    let sizes (bags: int[]) =
        match bags |> Array.tryFind (fun b -> b < 0) with
        | Some b -> Error(HindsightError.OutOfRange("bags", string b, "numbers 0, 1, 2, ..."))
        | None when bags.Length = 0 -> Error(HindsightError.WrongDimension("bags", 0, 1))
        | None ->
            let largest = Array.max bags

            if largest >= bags.Length then
                Error(
                    HindsightError.OutOfRange("bags", string largest, $"less than the number of samples, {bags.Length}")
                )
            else
                let sizes = Array.zeroCreate (largest + 1)

                for b in bags do
                    sizes[b] <- sizes[b] + 1

                match Array.tryFindIndex ((=) 0) sizes with
                | Some empty ->
                    Error(HindsightError.OutOfRange("bags", $"no sample in bag {empty}", "a member in each"))
                | None -> Ok sizes

    let means (sizes: int[]) (bags: int[]) (values: float[]) =
        let means = Array.zeroCreate sizes.Length

        for i in 0 .. bags.Length - 1 do
            means[bags[i]] <- means[bags[i]] + values[i] / float sizes[bags[i]]

        means

[<RequireQualifiedAccess>]
module AggregateRisk =
    let private solve (features: float[,]) (bags: int[]) (sizes: int[]) (means: float[]) (rho: float) =
        let samples = Array2D.length1 features
        let dimension = Array2D.length2 features
        let centres = Array2D.zeroCreate sizes.Length dimension

        for i in 0 .. samples - 1 do
            for j in 0 .. dimension - 1 do
                centres[bags[i], j] <- centres[bags[i], j] + features[i, j] / float sizes[bags[i]]

        let weight b = sqrt (float sizes[b])
        let deviations = if rho > 0.0 then samples else 0

        let rows =
            Matrix<float>
                .Build.Dense(
                    sizes.Length + deviations,
                    dimension,
                    fun i j ->
                        if i < sizes.Length then
                            weight i * centres[i, j]
                        else
                            let at = i - sizes.Length
                            sqrt rho * (features[at, j] - centres[bags[at], j])
                )

        let target =
            Vector<float>.Build.Dense(rows.RowCount, fun i -> if i < sizes.Length then weight i * means[i] else 0.0)

        let ambiguous =
            Error(
                HindsightError.Incompatible $"the data leave the {dimension} coefficients undetermined at rho = {rho}"
            )

        if rows.RowCount < dimension then
            ambiguous
        else
            let factors = rows.QR()
            let diagonal = factors.R.Diagonal().PointwiseAbs()

            if diagonal.Minimum() <= 1e-13 * diagonal.Maximum() then
                ambiguous
            else
                Ok(factors.Solve(target).ToArray())

    let fitLinear (features: float[,]) (bags: int[]) (means: float[]) rho =
        result {
            let! rho = Require.inside "rho" Domain.Unit rho
            do! Require.length "bags" (Array2D.length1 features) bags.Length
            let! _ = Require.atLeast "columns of features" 1 (Array2D.length2 features)
            let! sizes = Bags.sizes bags
            do! Require.length "means" sizes.Length means.Length
            do! Require.allFinite "means" (ReadOnlySpan means)
            do! Require.allFinite "features" (ReadOnlySpan(features |> Seq.cast<float> |> Seq.toArray))
            return! solve features bags sizes means rho
        }

    /// The positive root of rho (N-d) g^2 + (m + (N-m) rho - d (1+rho)) g - d, without cancellation.
    let private root (samples: float) (dimension: float) (bags: float) (rho: float) =
        let a = rho * (samples - dimension)

        let b = bags + (samples - bags) * rho - dimension * (1.0 + rho)

        let discriminant = sqrt (b * b + 4.0 * a * dimension)

        if b >= 0.0 then
            2.0 * dimension / (b + discriminant)
        else
            (discriminant - b) / (2.0 * a)

    let risk samples dimension bagSize rho signal noise =
        result {
            let! samples = Bags.atLeastOne "samples" samples
            let! bagSize = Require.inside "bagSize" (Domain.Closed(1.0, samples)) bagSize
            let! rho = Require.inside "rho" Domain.Unit rho
            let bags = samples / bagSize
            let! dimension = Bags.below "dimension" (if rho = 0.0 then bags else samples) dimension
            let! signal = Require.nonNegative "signal" signal
            let! noise = Require.nonNegative "noise" noise
            let g = root samples dimension bags rho
            let means = bags / (1.0 + g)
            let deviations = (samples - bags) * rho / (1.0 + rho * g)
            let kappa = means / (means + deviations)
            let bias = deviations / (means + deviations)
            let spread = g / (means / (1.0 + g) + deviations / (1.0 + rho * g))

            let variance =
                spread
                * (means / (1.0 + g) * (signal * bias * bias + noise)
                   + deviations / (1.0 + rho * g) * rho * signal * kappa * kappa)

            let term symbol value meaning =
                {
                    Symbol = symbol
                    Value = value
                    Meaning = meaning
                }

            let assumption name =
                {
                    Name = name
                    Status = AssumptionStatus.Assumed
                    Detail = ""
                }

            return
                {
                    Name = "risk of linear regression from bag means"
                    Source = "derived here for the losses of Learning from aggregate responses (arXiv 2401.11081)"
                    Kind = BoundKind.Asymptotic
                    Delta = Nullable()
                    Direction = BoundDirection.Equal
                    Terms =
                        [|
                            term "N" samples "samples"
                            term "d" dimension "features"
                            term "k" bagSize "members of a bag"
                            term "rho" rho "weight of the instance loss"
                            term "r^2" signal "squared norm of the coefficients"
                            term "sigma^2" noise "variance of a label about its mean"
                            term "g" g "root of the scalar equation"
                            term "kappa" kappa "factor by which the estimate shrinks"
                            term "bias" (signal * bias * bias) "squared bias"
                            term "variance" variance "variance of the estimate"
                        |]
                    Assumptions =
                        [|
                            assumption "features are standard normal and independent"
                            assumption "labels are linear in the features up to independent noise"
                            assumption "samples were put into bags independently of features and labels"
                            assumption "samples and features are many, in a fixed proportion"
                        |]
                    Value = signal * bias * bias + variance
                    Formula =
                        "r^2 (1-kappa)^2 + t2 (m (r^2 (1-kappa)^2 + sigma^2)/(1+g)^2 + (N-m) rho^2 r^2 kappa^2/(1+rho g)^2)"
                    Trivial = signal
                }
        }

    let signalToNoise samples dimension bagSize =
        result {
            let! samples = Bags.atLeastOne "samples" samples

            let! bagSize =
                Require.inside
                    "bagSize"
                    { Domain.Closed(1.0, samples) with
                        LowClosed = false
                    }
                    bagSize

            let! dimension = Bags.below "dimension" samples dimension
            let bags = samples / bagSize

            if bags <= dimension then
                return infinity
            else
                let u = 1.0 / bagSize
                let g = dimension / (samples - dimension)

                return (dimension / (bags - dimension) - g * u) / ((1.0 - u) * (1.0 - u) + g * u * (1.0 - u))
        }

    let optimalBagSize samples dimension signal noise privacy =
        result {
            let! samples = Bags.atLeastOne "samples" samples
            let! dimension = Bags.below "dimension" samples dimension
            let! signal = Require.nonNegative "signal" signal
            let! noise = Require.nonNegative "noise" noise
            let! privacy = Require.nonNegative "privacy" privacy
            let g = dimension / (samples - dimension)
            let square = signal + g * (privacy - signal)
            let line = g * (noise + signal) - 2.0 * signal

            let risk u =
                signal * (1.0 - u) * (1.0 - u) + g * ((noise + signal) * u + (privacy - signal) * u * u)

            let least = 1.0 / samples
            let stationary = -line / (2.0 * square)

            let at u interior =
                {
                    Size = min samples (1.0 / u)
                    Risk = risk u
                    Interior = interior
                }

            if square > 0.0 && stationary > least && stationary < 1.0 then
                return at stationary true
            elif risk least < risk 1.0 then
                return at least false
            else
                return at 1.0 false
        }

[<RequireQualifiedAccess>]
module LabelPrivacy =
    let sensitivity clip bagSize =
        result {
            let! clip = Require.positive "clip" clip
            let! bagSize = Require.atLeast "bagSize" 1 bagSize
            return 2.0 * clip / float bagSize
        }

    let scale clip epsilon bagSize =
        result {
            let! epsilon = Require.positive "epsilon" epsilon
            let! sensitivity = sensitivity clip bagSize
            return sensitivity / epsilon
        }

    let noise clip epsilon =
        result {
            let! scale = scale clip epsilon 1
            return 2.0 * scale * scale
        }

    let private clipped (clip: float) (labels: float[]) =
        labels |> Array.map (fun y -> Math.Clamp(y, -clip, clip))

    let logDensity clip epsilon (labels: float[]) release =
        result {
            let! scale = scale clip epsilon labels.Length
            do! Require.allFinite "labels" (ReadOnlySpan labels)
            let! release = Require.finite "release" release
            return -(abs (release - Array.average (clipped clip labels))) / scale - log (2.0 * scale)
        }

    /// A standard Laplace number: the sign of one draw, the exponential of another.
    let private laplace (stream: RandomStream) =
        let sign = if stream.NextBits() &&& 1UL = 0UL then 1.0 else -1.0
        sign * -(Scalar.log1p -(stream.NextDouble()))

    let release (stream: RandomStream) clip epsilon (labels: float[]) (bags: int[]) =
        result {
            let! clip = Require.positive "clip" clip
            let! epsilon = Require.positive "epsilon" epsilon
            do! Require.allFinite "labels" (ReadOnlySpan labels)
            do! Require.length "bags" labels.Length bags.Length
            let! sizes = Bags.sizes bags
            let means = Bags.means sizes bags (clipped clip labels)

            return Array.map2 (fun mean size -> mean + 2.0 * clip / (float size * epsilon) * laplace stream) means sizes
        }
