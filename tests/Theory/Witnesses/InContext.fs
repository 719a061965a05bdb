namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Learners in context: expectations by exact enumeration of normal numbers.
[<RequireQualifiedAccess>]
module InContextWitnesses =
    /// Numbers of examples and dimensions that can be enumerated.
    let private sizes = [| 1, 1; 2, 1; 3, 1; 4, 1; 5, 1; 1, 2; 2, 2; 3, 2; 1, 3; 2, 3; 1, 4 |]

    [<NoComparison>]
    type Instance =
        {
            Examples: int
            /// Eigenvalues of the inputs' covariance.
            Spectrum: float[]
            Noise: float
        }

    let draw isotropic seed =
        let random = Witness.random seed
        let n, d = sizes[seed % sizes.Length]

        {
            Examples = n
            Spectrum =
                Array.init d (fun _ ->
                    if isotropic then
                        1.0
                    else
                        Math.Exp(2.0 * random.NextDouble() - 1.0))
            Noise = random.NextDouble()
        }

    /// E (x_q'(w - P X'(Xw + e)))^2 + sigma^2 with w of the given variances: over inputs by enumeration, over weights, noise and query in closed form.
    let enumerated (instance: Instance) (weightVariance: float[]) (p: float[]) =
        let n, d = instance.Examples, instance.Spectrum.Length

        NormalNodes.expectation (n * d) (fun z ->
            let x i j =
                sqrt instance.Spectrum[j] * z[i * d + j]

            let mutable total = 0.0

            for a in 0 .. d - 1 do
                // row a of I - P X'X, and of P X'
                for b in 0 .. d - 1 do
                    let gram = Seq.sum (seq { for i in 0 .. n - 1 -> x i a * x i b })
                    let entry = (if a = b then 1.0 else 0.0) - p[a] * gram
                    total <- total + instance.Spectrum[a] * weightVariance[b] * entry * entry

                for i in 0 .. n - 1 do
                    let entry = p[a] * x i a
                    total <- total + instance.Spectrum[a] * instance.Noise * entry * entry

            total)
        + instance.Noise

    let private ones (instance: Instance) =
        instance.Spectrum |> Array.map (fun _ -> 1.0)

    /// The loss of a step with covariance I.
    let loss (instance: Instance) step =
        enumerated instance (ones instance) (instance.Spectrum |> Array.map (fun _ -> step))

    /// The least point of a parabola through three values.
    let vertex (f: float -> float) =
        let f0, f1, f2 = f 0.0, f 1.0, f 2.0
        let second = f2 - 2.0 * f1 + f0
        let first = f1 - f0 - 0.5 * second
        -first / second

    let private numbers (instance: Instance) =
        [| float instance.Examples; float instance.Spectrum.Length; instance.Noise |]

    let private step seed =
        let instance = draw true seed
        let eta = 0.3 * (Witness.random (seed + 1000)).NextDouble()
        loss instance eta / Witness.bound "in-context-step" (Array.append (numbers instance) [| eta |])

    let private bestStep seed =
        let instance = draw true seed
        vertex (loss instance) / Witness.bound "in-context-optimal-step" (numbers instance)

    let private bestLoss seed =
        let instance = draw true seed
        loss instance (vertex (loss instance)) / Witness.bound "in-context-optimal-loss" (numbers instance)

    let preconditioner (instance: Instance) =
        let d = instance.Spectrum.Length

        let covariance = Array2D.init d d (fun i j -> if i = j then instance.Spectrum[i] else 0.0)

        let p = InContext.preconditioner covariance instance.Examples instance.Noise |> Require.ok
        Array.init d (fun i -> p[i, i])

    let private preconditioned seed =
        let instance = draw false seed

        enumerated instance (ones instance) (preconditioner instance)
        / Witness.boundOf
            "in-context-preconditioned-loss"
            [| instance.Spectrum; [| float instance.Examples |]; [| instance.Noise |] |]

    /// Least squares over 10000 contexts with enough examples for finite moments; each size is simulated once.
    let private ordinary =
        [| 8, 1; 12, 2; 14, 3; 16, 4 |]
        |> Array.map (fun (n, d) ->
            lazy
                (let random = RandomStream(uint64 (100 * n + d), 0UL)
                 let draws = 10000
                 let mutable total = 0.0

                 for _ in 1..draws do
                     let x = Matrix<float>.Build.Dense(n, d, fun _ _ -> random.NextNormal())
                     let gram = x.TransposeThisAndMultiply x
                     total <- total + gram.Cholesky().Solve(Matrix<float>.Build.DenseIdentity d).Trace()

                 struct (n, d, 1.0 + total / float draws)))

    /// Relative standard error about 0.3 percent for these sizes; the tolerance is above six of them.
    let ordinaryTolerance = 0.02

    let private leastSquares seed =
        let struct (n, d, measured) = ordinary[seed % 4].Value
        let noise = 0.1 + (Witness.random seed).NextDouble()

        noise * measured / Witness.bound "in-context-least-squares" [| float n; float d; noise |]

    /// A context, its labels and a query.
    let context seed =
        let random = RandomStream(uint64 (seed: int), 1UL)
        let n, d = 1 + random.NextInt 6, 1 + random.NextInt 4
        let normal _ = random.NextNormal()
        struct (Array2D.init n d (fun _ _ -> normal 0), Array.init n normal, Array.init d normal)

    /// The query's variance by conditioning the joint normal vector of labels and query.
    let conditional (examples: float[,]) (query: float[]) noise weightVariance =
        let x = Matrix<float>.Build.DenseOfArray examples
        let q = Vector<float>.Build.DenseOfArray query

        let joint = weightVariance * x * x.Transpose() + noise * Matrix<float>.Build.DenseIdentity x.RowCount

        let cross = weightVariance * (x * q)
        weightVariance * (q * q) + noise - cross * joint.Cholesky().Solve cross

    let private variance seed =
        let struct (examples, _, query) = context seed
        let random = Witness.random seed
        let noise = 0.1 + random.NextDouble()
        let weightVariance = 0.1 + 3.0 * random.NextDouble()
        let x = Matrix<float>.Build.DenseOfArray examples
        let evd = (x.TransposeThisAndMultiply x).Evd(Symmetricity.Symmetric)
        let spectrum = evd.EigenValues |> Seq.map (fun z -> max 0.0 z.Real) |> Seq.toArray

        let inBasis =
            (evd.EigenVectors.TransposeThisAndMultiply(Vector<float>.Build.DenseOfArray query)).ToArray()

        conditional examples query noise weightVariance
        / Witness.boundOf "in-context-variance" [| spectrum; inBasis; [| noise |]; [| weightVariance |] |]

    /// E sigma^2 under the posterior, integrated numerically over ln sigma^2 with the marginal likelihood of the labels, times 1 + leverage.
    let integrated (examples: float[,]) (labels: float[]) (query: float[]) precision shape rate =
        let x = Matrix<float>.Build.DenseOfArray examples
        let y = Vector<float>.Build.DenseOfArray labels
        let n = float labels.Length
        let joint = Matrix<float>.Build.DenseIdentity labels.Length + x * x.Transpose() / precision
        let energy = y * joint.Cholesky().Solve y

        let logDensity u =
            // inverse gamma in ln sigma^2, times the likelihood
            -(shape + n / 2.0) * u - (rate + energy / 2.0) * exp -u

        let peak = log ((rate + energy / 2.0) / (shape + n / 2.0))
        let top = logDensity peak
        let grid = Array.init 4001 (fun i -> peak - 20.0 + 0.01 * float i)
        let weights = grid |> Array.map (fun u -> exp (logDensity u - top))

        let mean = Array.fold2 (fun s w u -> s + w * exp u) 0.0 weights grid / Array.sum weights
        let q = Vector<float>.Build.DenseOfArray query

        let inner = x.TransposeThisAndMultiply x + precision * Matrix<float>.Build.DenseIdentity query.Length

        struct (mean * (1.0 + q * inner.Cholesky().Solve q), energy, q * inner.Cholesky().Solve q)

    let private unknown seed =
        let struct (examples, labels, query) = context seed
        let random = Witness.random seed
        let precision = 0.2 + random.NextDouble()
        let shape = 4.0 + random.NextDouble()
        let rate = 0.5 + random.NextDouble()
        let struct (measured, energy, leverage) = integrated examples labels query precision shape rate

        measured
        / Witness.bound "in-context-unknown-variance" [| shape; rate; float labels.Length; energy; leverage |]

    /// The loss is quadratic in the label: two points at the mean plus and minus the deviation have its expectation.
    let private gaussian seed =
        let random = Witness.random seed
        let mean, deviation = random.NextDouble(), 0.2 + random.NextDouble()

        let predicted: PredictedMoments =
            {
                Mean = random.NextDouble()
                Variance = 0.1 + random.NextDouble()
            }

        let truth: PredictedMoments =
            {
                Mean = mean
                Variance = deviation * deviation
            }

        let expected p =
            0.5
            * ((InContextUncertainty.gaussianLoss (mean - deviation) p |> Require.ok)
               + (InContextUncertainty.gaussianLoss (mean + deviation) p |> Require.ok))

        (expected predicted - expected truth)
        / Witness.bound "gaussian-excess" [| mean - predicted.Mean; deviation; sqrt predicted.Variance |]

    let all =
        [
            Witness.exact 1e-10 "in-context-step" "expected loss, by exact enumeration" step
            Witness.exact 1e-10 "in-context-optimal-step" "least point of the enumerated loss" bestStep
            Witness.exact 1e-10 "in-context-optimal-loss" "least enumerated loss" bestLoss
            Witness.exact 1e-10 "in-context-preconditioned-loss" "expected loss, by exact enumeration" preconditioned
            Witness.exact ordinaryTolerance "in-context-least-squares" "loss over 10000 contexts" leastSquares
            Witness.exact 1e-10 "in-context-variance" "variance by conditioning labels and query" variance
            Witness.exact 1e-9 "in-context-unknown-variance" "integral over the noise" unknown
            Witness.exact 1e-9 "gaussian-excess" "excess loss over two points of the label" gaussian
        ]
