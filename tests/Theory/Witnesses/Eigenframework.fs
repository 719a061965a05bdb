namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Ridge regression on Gaussian features: expected errors over noise and test points exactly, over designs by averaging.
[<RequireQualifiedAccess>]
module EigenframeworkWitnesses =
    [<NoComparison>]
    type Setting =
        {
            Eigenvalues: float[]
            Coefficients: float[]
            Noise: float
            Samples: int
            /// 0 for a kernel.
            Features: int
            Ridge: float
        }

    /// Settings between too little and too much ridge, noise and features.
    let settings =
        let setting alpha beta noise samples features ridge =
            let raw = Array.init 120 (fun i -> float (i + 1) ** -alpha)

            {
                Eigenvalues = raw
                Coefficients = Array.init 120 (fun i -> float (i + 1) ** (-beta / 2.0))
                Noise = noise
                Samples = samples
                Features = features
                Ridge = ridge
            }

        [|
            setting 1.2 1.2 0.3 60 0 0.3
            setting 1.5 1.1 0.5 80 0 0.2
            setting 1.1 1.5 0.2 60 0 0.5
            setting 1.2 1.2 0.5 60 100 0.5
            setting 1.2 1.3 0.5 80 60 0.5
            setting 1.1 1.2 1.0 50 90 1.0
        |]

    /// Average test and train error over the designs.
    let private simulate seed designs (s: Setting) =
        let random = RandomStream(seed, 0UL)
        let m = s.Eigenvalues.Length

        let normal rows columns =
            Matrix<float>.Build.Dense(rows, columns, fun _ _ -> random.NextNormal())

        let scale = Matrix<float>.Build.DiagonalOfDiagonalArray(s.Eigenvalues |> Array.map sqrt)
        let v = Vector<float>.Build.DenseOfArray s.Coefficients
        let mutable test = 0.0
        let mutable train = 0.0

        for _ in 1..designs do
            let x = normal s.Samples m
            // features of the kernel: x sqrt(Lambda), or its product with a random matrix
            let root =
                if s.Features = 0 then
                    scale
                else
                    (scale * normal m s.Features) / sqrt (float s.Features)

            let f = x * root
            let k = f * f.Transpose()

            let inverse =
                (k + s.Ridge * Matrix<float>.Build.DenseIdentity s.Samples)
                    .Cholesky()
                    .Solve(Matrix<float>.Build.DenseIdentity s.Samples)

            let fit = root * (f.Transpose() * inverse)
            let target = x * v
            let norm (a: Matrix<float>) = a.FrobeniusNorm() ** 2.0
            let noise = s.Noise
            test <- test + (v - fit * target).L2Norm() ** 2.0 + noise * norm fit + noise
            let residual = s.Ridge * inverse

            train <- train + ((residual * target).L2Norm() ** 2.0 + noise * norm residual) / float s.Samples

        struct (test / float designs, train / float designs)

    /// Each setting is simulated once.
    let simulated = settings |> Array.mapi (fun i s -> lazy (simulate (uint64 i + 1UL) 100 s))

    /// Test and train error as the library predicts them.
    let predicted (s: Setting) =
        let risk =
            if s.Features = 0 then
                Eigenframework.kernelRidge s.Eigenvalues s.Coefficients s.Noise (float s.Samples) s.Ridge
            else
                Eigenframework.randomFeatures
                    s.Eigenvalues
                    s.Coefficients
                    s.Noise
                    (float s.Samples)
                    (float s.Features)
                    s.Ridge
            |> Require.ok

        struct (risk.Test, risk.Train)

    /// Estimates of large numbers, averages of 100 designs: 3 percent. Standard errors are below 1 percent, the rest is the size of the settings.
    let tolerance = 0.03

    /// The law: predicted errors are the simulated ones.
    let agrees features (predict: Setting -> struct (float * float)) =
        Array.zip settings simulated
        |> Array.filter (fun (s, _) -> (s.Features > 0) = features)
        |> Array.forall (fun (s, measured) ->
            let struct (test, train) = measured.Value
            let struct (test', train') = predict s
            abs (test / test' - 1.0) <= tolerance && abs (train / train' - 1.0) <= tolerance)

    let private kernel seed =
        let i = seed % 3
        let s = settings[i]
        let struct (test, _) = simulated[i].Value

        test
        / Witness.boundOf
            "krr-risk"
            [|
                s.Eigenvalues
                s.Coefficients
                [| s.Noise |]
                [| float s.Samples |]
                [| s.Ridge |]
            |]

    let private features seed =
        let i = 3 + seed % 3
        let s = settings[i]
        let struct (test, _) = simulated[i].Value

        test
        / Witness.boundOf
            "rf-risk"
            [|
                s.Eigenvalues
                s.Coefficients
                [| s.Noise |]
                [| float s.Samples |]
                [| float s.Features |]
                [| s.Ridge |]
            |]

    /// The least value over r of the test error under power laws, by a grid that is refined: the r there.
    let bestRatio alpha beta noise =
        let f r =
            ((1.0 - r) ** -(beta - 1.0) + noise) / (1.0 + (alpha - 1.0) * r)

        let rec refine low high left =
            let grid = Array.init 101 (fun i -> low + (high - low) * float i / 100.0)
            let best = grid |> Array.minBy f
            let h = (high - low) / 100.0

            if left = 0 then
                best
            else
                refine (max 0.0 (best - h)) (min (1.0 - 1e-9) (best + h)) (left - 1)

        refine 0.0 (1.0 - 1e-9) 5

    /// A random power law whose best ratio is not at the end.
    let powerLaw seed =
        let random = Witness.random seed
        let alpha = 1.1 + 2.0 * random.NextDouble()
        let beta = 1.1 + 0.8 * (2.0 * alpha - 0.1) * random.NextDouble()
        // enough noise for a ridge
        let needed = max 0.0 ((beta - alpha) / (alpha - 1.0))
        struct (alpha, beta, needed + 0.1 + 2.0 * random.NextDouble())

    let private ratio seed =
        let struct (alpha, beta, noise) = powerLaw seed
        bestRatio alpha beta noise / Witness.bound "fitting-ratio" [| alpha; beta; noise |]

    let all =
        [
            Witness.exact tolerance "krr-risk" "test error on 100 Gaussian designs" kernel
            Witness.exact tolerance "rf-risk" "test error on 100 Gaussian designs and feature maps" features
            // a minimum is found to the square root of the rounding error
            Witness.exact 1e-5 "fitting-ratio" "ratio at the least test error of the power laws" ratio
        ]
