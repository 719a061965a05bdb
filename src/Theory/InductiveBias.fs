namespace Hindsight

[<NoComparison>]
type ScaledNoncentralChiSquare =
    {
        Scale: float
        Dof: float
        Noncentrality: float
    }

[<NoComparison>]
type InductiveBiasEstimate =
    {
        Nats: float
        Low: float
        High: float
        Distribution: ScaledNoncentralChiSquare
    }

namespace Hindsight.FSharp

open System
open MathNet.Numerics
open MathNet.Numerics.LinearAlgebra
open Hindsight

/// The course of a series of positive terms in floats: after which terms it is scaled down, and how many are needed.
module private NoncentralSeries =
    let huge = 1e200
    let logHuge = log huge

    /// Above this the series is refused.
    let limit = 1_000_000

    /// The ratios of successive terms fall, so that the rest is below a geometric series.
    let plan (ratio: int -> float) =
        let scaled = ResizeArray<bool>()
        let mutable term = 1.0
        let mutable sum = 1.0
        let mutable m = 0
        let mutable go = true
        let mutable next = ratio 1

        while go && m < limit + 100_000 do
            m <- m + 1
            term <- term * next
            sum <- sum + term
            next <- ratio (m + 1)
            go <- not (next < 0.9 && term * next <= 1e-17 * sum * (1.0 - next))
            scaled.Add(sum > huge)

            if sum > huge then
                term <- term / huge
                sum <- sum / huge

        scaled.ToArray()

    /// The distribution function: term m is y^m/((a+1)...(a+m)) times sum_(j<=m) h^j/j!; q is the last summand over that sum.
    let distribution a h y =
        let mutable q = 1.0

        plan (fun m ->
            let g = q * h / float m
            q <- g / (1.0 + g)
            y / (a + float m) * (1.0 + g))

    /// The density: (h y)^j/(j! (a)_j).
    let density a h y =
        plan (fun j -> h * y / (float j * (a + float (j - 1))))

    /// Steps until the argument of ln Gamma is at least 12.
    let shifts (x: float) =
        if x >= 12.0 then 0 else int (Math.Ceiling(12.0 - x))

    /// Coefficients of Stirling's series in 1/z^2 times 1/z, the last first.
    let stirling =
        [|
            -691.0 / 360360.0
            1.0 / 1188.0
            -1.0 / 1680.0
            1.0 / 1260.0
            -1.0 / 360.0
            1.0 / 12.0
        |]

    /// 0, 1, ..., count - 1 as floats, for formulas that have no integers.
    let upTo count = Array.init count float

module internal InductiveBiasFormulas =
    let termsOf (scale: float) (dof: float) (noncentrality: float) (error: float) =
        let y = error / (2.0 * scale)
        let h = noncentrality / 2.0
        let peak = max (y - dof / 2.0) (sqrt (y * h))
        peak + 12.0 * sqrt (peak + 1.0) + 60.0

    module private Closed =
        open Hindsight.FSharp.Ops

        /// ln Gamma(x), x > 0: a product until x is 12, then Stirling's series, whose error is below 1e-16 there.
        let logGamma<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) (shifts: float[]) : 'T =
            let product = shifts |> Array.fold (fun p (k: float) -> p * (x + 'T.Const k)) ('T.Const 1.0)

            let z = shifts |> Array.fold (fun z _ -> z + 'T.Const 1.0) x
            let inverse = 'T.Const 1.0 / z
            let w = 'T.Sqr inverse

            let series =
                NoncentralSeries.stirling |> Array.fold (fun s (c: float) -> s * w + 'T.Const c) ('T.Const 0.0)

            (z - 'T.Const 0.5) * 'T.Log z - z + 'T.Const(0.91893853320467274178) + series * inverse
            - 'T.Log product

        let half<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Const 0.5 * x

        let logCdf<'T when 'T :> IReal<'T> and 'T: struct>
            (scale: 'T)
            (dof: 'T)
            (noncentrality: 'T)
            (error: 'T)
            (scaled: bool[])
            (shifts: float[])
            : 'T =
            let a = half dof
            let h = half noncentrality
            let y = half (error / scale)
            let down = 'T.Const 1e-200
            let mutable term = 'T.Const 1.0
            let mutable sum = 'T.Const 1.0
            let mutable q = 'T.Const 1.0
            let mutable logScale = 'T.Const 0.0
            let mutable index = 'T.Const 0.0

            for isScaled in scaled do
                index <- index + 'T.Const 1.0
                let g = q * h / index
                let whole = 'T.Const 1.0 + g
                term <- term * y / (a + index) * whole
                q <- g / whole
                sum <- sum + term

                if isScaled then
                    term <- term * down
                    sum <- sum * down
                    logScale <- logScale + 'T.Const NoncentralSeries.logHuge

            a * 'T.Log y - h - y - logGamma (a + 'T.Const 1.0) shifts + 'T.Log sum + logScale

        let logDensity<'T when 'T :> IReal<'T> and 'T: struct>
            (scale: 'T)
            (dof: 'T)
            (noncentrality: 'T)
            (x: 'T)
            (scaled: bool[])
            (shifts: float[])
            : 'T =
            let a = half dof
            let h = half noncentrality
            let y = half (x / scale)
            let hy = h * y
            let down = 'T.Const 1e-200
            let mutable term = 'T.Const 1.0
            let mutable sum = 'T.Const 1.0
            let mutable logScale = 'T.Const 0.0
            let mutable index = 'T.Const 0.0

            for isScaled in scaled do
                let before = index
                index <- index + 'T.Const 1.0
                term <- term * hy / (index * (a + before))
                sum <- sum + term

                if isScaled then
                    term <- term * down
                    sum <- sum * down
                    logScale <- logScale + 'T.Const NoncentralSeries.logHuge

            (a - 'T.Const 1.0) * 'T.Log y - h - y - logGamma a shifts + 'T.Log sum + logScale
            - 'T.Log('T.Const 2.0 * scale)

    let logCdf<'T when 'T :> IReal<'T> and 'T: struct>
        (scale: 'T)
        (dof: 'T)
        (noncentrality: 'T)
        (error: 'T)
        (numbers: float[])
        =
        let a, h, y = numbers[1] / 2.0, numbers[2] / 2.0, numbers[3] / (2.0 * numbers[0])

        if
            termsOf numbers[0] numbers[1] numbers[2] numbers[3] <= float NoncentralSeries.limit
            && Double.IsFinite(h + y + a)
        then
            let scaled = NoncentralSeries.distribution a h y
            let shifts = NoncentralSeries.upTo (NoncentralSeries.shifts (a + 1.0))
            Closed.logCdf scale dof noncentrality error scaled shifts
        else
            'T.Const nan

    let logDensity<'T when 'T :> IReal<'T> and 'T: struct>
        (scale: 'T)
        (dof: 'T)
        (noncentrality: 'T)
        (x: 'T)
        (numbers: float[])
        =
        let a, h, y = numbers[1] / 2.0, numbers[2] / 2.0, numbers[3] / (2.0 * numbers[0])

        if sqrt (h * y) <= float NoncentralSeries.limit && Double.IsFinite(h + y + a) then
            let scaled = NoncentralSeries.density a h y
            let shifts = NoncentralSeries.upTo (NoncentralSeries.shifts a)
            Closed.logDensity scale dof noncentrality x scaled shifts
        else
            'T.Const nan

[<RequireQualifiedAccess>]
module ScaledNoncentralChiSquare =
    let private check (d: ScaledNoncentralChiSquare) =
        result {
            let! _ = Require.positive "Scale" d.Scale
            let! _ = Require.positive "Dof" d.Dof
            let! _ = Require.nonNegative "Noncentrality" d.Noncentrality
            return d
        }

    let private tooMany =
        HindsightError.Incompatible
            "The series needs more than a million terms here: use the saddle point, which is accurate for large parameters."

    let private finite x =
        if Double.IsFinite x then Ok x else Error tooMany

    let logCdf distribution x =
        result {
            let! d = check distribution
            let! x = Require.positive "x" x

            let value =
                InductiveBiasFormulas.logCdf
                    (R64 d.Scale)
                    (R64 d.Dof)
                    (R64 d.Noncentrality)
                    (R64 x)
                    [| d.Scale; d.Dof; d.Noncentrality; x |]

            return! finite (Math.Min(value.V, 0.0))
        }

    let private densityAt (d: ScaledNoncentralChiSquare) x =
        (InductiveBiasFormulas.logDensity
            (R64 d.Scale)
            (R64 d.Dof)
            (R64 d.Noncentrality)
            (R64 x)
            [| d.Scale; d.Dof; d.Noncentrality; x |])
            .V

    let logDensity distribution x =
        result {
            let! d = check distribution
            let! x = Require.positive "x" x
            return! finite (densityAt d x)
        }

    /// Phi(-x)/phi(x), x >= 0.
    let private mills x =
        if x < 5.0 then
            0.5 * SpecialFunctions.Erfc(x / sqrt 2.0) * exp (0.5 * x * x) * sqrt (2.0 * Math.PI)
        else
            // Laplace's continued fraction, from its end
            let mutable f = x

            for k in 80..-1..1 do
                f <- x + float k / f

            1.0 / f

    let private logNormalDensity r =
        -0.5 * r * r - 0.5 * log (2.0 * Math.PI)

    let private saddle nu nc x =
        let u = 2.0 * x / (nu + sqrt (nu * nu + 4.0 * nc * x))
        // u - 1, which near the mean would cancel
        let excess = x - nu - nc
        let slope = nu + 2.0 * nc
        let v = 2.0 * excess / (slope + sqrt (max 0.0 (slope * slope + 4.0 * nc * excess)))
        let t = 0.5 * v / u
        let logU = if v > -0.5 then Scalar.log1p v else log u
        let exponent = t * x - 0.5 * nu * logU - 0.5 * nc * v
        let r = float (sign t) * sqrt (2.0 * max 0.0 exponent)
        let q = t * sqrt (2.0 * nu * u * u + 4.0 * nc * u * u * u)

        if abs r < 1e-4 then
            // the limit at the mean: one half and the third standardised cumulant over 6 sqrt(2 pi)
            let skew = 8.0 * (nu + 3.0 * nc) / (2.0 * nu + 4.0 * nc) ** 1.5
            log (0.5 + (r + skew / 6.0) / sqrt (2.0 * Math.PI))
        elif r < 0.0 then
            logNormalDensity r + log (mills -r + 1.0 / r - 1.0 / q)
        else
            Scalar.log1p (-(exp (logNormalDensity r)) * (mills r - 1.0 / r + 1.0 / q))

    let logCdfBySaddlePoint distribution x =
        result {
            let! d = check distribution
            let! x = Require.positive "x" x
            let value = saddle d.Dof d.Noncentrality (x / d.Scale)

            if Double.IsNaN value then
                return! Error(HindsightError.Incompatible "The saddle point overflows at these numbers.")
            else
                return Math.Min(value, 0.0)
        }

    let cumulants distribution =
        result {
            let! d = check distribution
            let s, nu, nc = d.Scale, d.Dof, d.Noncentrality

            return struct (s * (nu + nc), 2.0 * s * s * (nu + 2.0 * nc), 8.0 * s * s * s * (nu + 3.0 * nc))
        }

    let ofCumulants first second third =
        result {
            let! k1 = Require.positive "first" first
            let! k2 = Require.positive "second" second
            let! k3 = Require.finite "third" third

            let central =
                {
                    Scale = k2 / (2.0 * k1)
                    Dof = 2.0 * k1 * k1 / k2
                    Noncentrality = 0.0
                }

            let root = k2 * k2 - 0.5 * k1 * k3

            if root < 0.0 then
                return central
            else
                let s = (k2 - sqrt root) / (2.0 * k1)
                let nc = k2 / (2.0 * s * s) - k1 / s
                let nu = k1 / s - nc

                if s > 0.0 && nu > 0.0 && nc >= 0.0 && Double.IsFinite(nu + nc) then
                    return
                        {
                            Scale = s
                            Dof = nu
                            Noncentrality = nc
                        }
                else
                    return central
        }

    let private likelihood d (sample: float[]) = sample |> Array.sumBy (densityAt d)

    /// The slopes of the log density in the logarithms of the parameters.
    let private scores (d: ScaledNoncentralChiSquare) x =
        let p = [| d.Scale; d.Dof; d.Noncentrality |]

        Array.init 3 (fun k ->
            let at i =
                Dual<R64>(R64 p[i], R64(if i = k then p[i] else 0.0))

            (InductiveBiasFormulas.logDensity
                (at 0)
                (at 1)
                (at 2)
                (Dual<R64>(R64 x, R64 0.0))
                [| p[0]; p[1]; p[2]; x |])
                .D.V)

    let private moved (d: ScaledNoncentralChiSquare) (step: Vector<float>) =
        let factor k = exp (Math.Clamp(step[k], -2.0, 2.0))

        {
            Scale = d.Scale * factor 0
            Dof = d.Dof * factor 1
            Noncentrality = Math.Max(d.Noncentrality * factor 2, 1e-12)
        }

    let internal climb (start: ScaledNoncentralChiSquare) (sample: float[]) rounds =
        let rec go d value left =
            let all = sample |> Array.map (scores d)
            let gradient = Vector<float>.Build.Dense(3, fun k -> all |> Array.sumBy (fun s -> s[k]))

            let information = Matrix<float>.Build.Dense(3, 3, fun i j -> all |> Array.sumBy (fun s -> s[i] * s[j]))

            // a little towards the gradient, where the scores say nothing
            let damped = information + (1e-6 * information.Trace() + 1e-12) * Matrix<float>.Build.DenseIdentity 3

            let step = damped.Cholesky().Solve gradient

            let rec shorten scale tries =
                let next = moved d (scale * step)
                let there = likelihood next sample

                if Double.IsFinite there && there > value then
                    Some(next, there)
                elif tries = 0 then
                    None
                else
                    shorten (0.5 * scale) (tries - 1)

            match shorten 1.0 30 with
            | Some(next, there) when left > 1 && there - value > 1e-9 -> go next there (left - 1)
            | Some(next, _) -> next
            | None -> d

        go start (likelihood start sample) rounds

    let internal checkSample (sample: float[]) =
        result {
            let! _ = Require.atLeast "sample" 8 sample.Length

            do!
                (Ok(), sample)
                ||> Array.fold (fun state x ->
                    state |> Result.bind (fun () -> Require.positive "sample" x |> Result.map ignore<float>))

            if Array.min sample = Array.max sample then
                return!
                    Error(HindsightError.Incompatible "All errors of the sample are equal: there is no spread to fit.")
            else
                return ()
        }

    let fit (sample: float[]) =
        result {
            do! checkSample sample
            let n = float sample.Length
            let mean = Array.average sample

            let central k =
                sample |> Array.averageBy (fun x -> (x - mean) ** k)

            let! start = ofCumulants mean (central 2.0 * n / (n - 1.0)) (central 3.0)

            let start =
                { start with
                    Noncentrality = max start.Noncentrality (0.1 * start.Dof)
                }

            return climb start sample 200
        }

    /// A gamma variate of shape a by Marsaglia and Tsang.
    let rec private gamma (random: RandomStream) a =
        if a < 1.0 then
            gamma random (a + 1.0) * (1.0 - random.NextDouble()) ** (1.0 / a)
        else
            let d = a - 1.0 / 3.0
            let c = 1.0 / sqrt (9.0 * d)

            let rec attempt () =
                let z = random.NextNormal()
                let v = (1.0 + c * z) ** 3.0
                let u = 1.0 - random.NextDouble()

                if v > 0.0 && log u < 0.5 * z * z + d - d * v + d * log v then
                    d * v
                else
                    attempt ()

            attempt ()

    /// A Poisson variate as a sum of ones of mean at most 20, each by a product of uniforms.
    let rec private poisson (random: RandomStream) mean =
        if mean > 20.0 then
            poisson random 20.0 + poisson random (mean - 20.0)
        else
            let least = exp -mean

            let rec count k product =
                let product = product * random.NextDouble()
                if product <= least then k else count (k + 1.0) product

            count 0.0 1.0

    let sample distribution seed count =
        result {
            let! d = check distribution
            let! count = Require.atLeast "count" 1 count
            let random = RandomStream(seed, 0UL)

            return
                Array.init count (fun _ ->
                    if d.Dof > 1.0 then
                        let z = random.NextNormal() + sqrt d.Noncentrality
                        d.Scale * (z * z + 2.0 * gamma random (0.5 * (d.Dof - 1.0)))
                    elif d.Dof = 1.0 then
                        let z = random.NextNormal() + sqrt d.Noncentrality
                        d.Scale * z * z
                    else
                        let k = poisson random (0.5 * d.Noncentrality)
                        d.Scale * 2.0 * gamma random (0.5 * d.Dof + k))
        }

[<RequireQualifiedAccess>]
module InductiveBias =
    let nats distribution error =
        result {
            let! error = Require.positive "error" error
            let! value = ScaledNoncentralChiSquare.logCdf distribution error
            return -value
        }

    let private bootstrap (d: ScaledNoncentralChiSquare) (sample: float[]) error resamples seed =
        let n = sample.Length

        Array.init resamples (fun b ->
            let random = RandomStream(seed, uint64 b)
            let again = Array.init n (fun _ -> sample[random.NextInt n])

            if Array.min again = Array.max again then
                Ok nan
            else
                nats (ScaledNoncentralChiSquare.climb d again 20) error)

    let estimate sample error resamples seed =
        result {
            let! d = ScaledNoncentralChiSquare.fit sample
            let! value = nats d error
            let! resamples = Require.atLeast "resamples" 20 resamples

            let values =
                bootstrap d sample error resamples seed
                |> Array.choose (function
                    | Ok v when Double.IsFinite v -> Some v
                    | _ -> None)
                |> Array.sort

            if values.Length < resamples / 2 then
                return!
                    Error(
                        HindsightError.Incompatible
                            "Most resamples have no fit: the sample is too small or nearly constant."
                    )
            else
                let quantile p =
                    values[min (values.Length - 1) (int (p * float values.Length))]

                return
                    {
                        Nats = value
                        Low = quantile 0.025
                        High = quantile 0.975
                        Distribution = d
                    }
        }

    let private matrix name rows columns (m: float[,]) =
        result {
            do! Require.length name rows (m.GetLength 0)
            do! Require.length name columns (m.GetLength 1)
            let flat = Array.zeroCreate<float> m.Length
            Buffer.BlockCopy(m, 0, flat, 0, 8 * m.Length)
            do! Require.allFinite name (ReadOnlySpan flat)
            return Matrix<float>.Build.DenseOfArray m
        }

    let private vector name (v: float[]) =
        result {
            let! n = Require.atLeast name 1 v.Length
            do! Require.allFinite name (ReadOnlySpan v)
            return n
        }

    /// The mean residual on the test points and its covariance.
    let private posterior kernel cross test (labels: float[]) (testLabels: float[]) =
        result {
            let! n = vector "labels" labels
            let! m = vector "testLabels" testLabels
            let! k = matrix "kernel" n n kernel
            let! c = matrix "cross" m n cross
            let! t = matrix "test" m m test

            let least =
                ((k + k.Transpose()) / 2.0).Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.min

            if least <= 1e-14 * k.InfinityNorm() then
                return!
                    Error(
                        HindsightError.Incompatible
                            "The kernel of the training points is not positive definite: a small ridge on its diagonal makes it so."
                    )
            else
                let factor = k.Cholesky()
                let mean = c * factor.Solve(Vector<float>.Build.DenseOfArray labels)
                let covariance = t - c * factor.Solve(c.Transpose())

                return
                    struct (mean - Vector<float>.Build.DenseOfArray testLabels,
                            (covariance + covariance.Transpose()) / 2.0)
        }

    let kernelErrors kernel cross test labels testLabels seed count =
        result {
            let! count = Require.atLeast "count" 1 count
            let! struct (residual, covariance) = posterior kernel cross test labels testLabels
            let evd = covariance.Evd(Symmetricity.Symmetric)
            let m = residual.Count
            let roots = evd.EigenValues |> Seq.map (fun z -> sqrt (max 0.0 z.Real)) |> Seq.toArray
            let random = RandomStream(seed, 0UL)

            return
                Array.init count (fun _ ->
                    let z = Vector<float>.Build.Dense(m, fun i -> roots[i] * random.NextNormal())
                    (residual + evd.EigenVectors * z).L2Norm() ** 2.0 / float m)
        }

    let kernelErrorCumulants kernel cross test labels testLabels =
        result {
            let! struct (b, c) = posterior kernel cross test labels testLabels
            let m = float b.Count
            let cb = c * b
            let squared = c * c

            return
                struct ((c.Trace() + b * b) / m,
                        2.0 * (squared.Trace() + 2.0 * (b * cb)) / (m * m),
                        8.0 * ((squared * c).Trace() + 3.0 * (cb * cb)) / (m * m * m))
        }
