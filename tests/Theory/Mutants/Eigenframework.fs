namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong readings of the eigenframework.
[<RequireQualifiedAccess>]
module EigenframeworkMutants =
    type private Setting = EigenframeworkWitnesses.Setting

    let private solve (s: Setting) =
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

    let private mutant name features predict =
        Mutant.make (if features then "rf-risk" else "krr-risk") name (fun () ->
            not (EigenframeworkWitnesses.agrees features predict))

    let all =
        [
            mutant "the ridge is divided by the number of samples" false (fun s ->
                EigenframeworkWitnesses.predicted
                    { s with
                        Ridge = s.Ridge * float s.Samples
                    })
            mutant "the coefficients are taken for their squares" false (fun s ->
                EigenframeworkWitnesses.predicted
                    { s with
                        Coefficients = s.Coefficients |> Array.map sqrt
                    })
            mutant "test error without the noise of the test labels" false (fun s ->
                let r = solve s
                struct (r.Test - s.Noise, r.Train))
            mutant "train error by the ratio itself, not its square" false (fun s ->
                let r = solve s
                struct (r.Test, s.Ridge / (float s.Samples * r.Kappa) * r.Test))
            mutant "noise is not amplified" false (fun s ->
                let r = solve s
                struct (r.Test - (r.Overfitting - 1.0) * s.Noise, r.Train))
            mutant "features are taken for infinitely many" true (fun s ->
                EigenframeworkWitnesses.predicted { s with Features = 0 })
            mutant "samples and features change places" true (fun s ->
                EigenframeworkWitnesses.predicted
                    { s with
                        Samples = s.Features
                        Features = s.Samples
                    })
            mutant "train error with gamma for kappa" true (fun s ->
                let r = solve s
                struct (r.Test, (s.Ridge / (float s.Samples * r.Gamma)) ** 2.0 * r.Test))
            Mutant.make "fitting-ratio" "noise counts twice" (fun () ->
                [ 1..50 ]
                |> List.exists (fun seed ->
                    let struct (alpha, beta, noise) = EigenframeworkWitnesses.powerLaw seed
                    let wrong = Eigenframework.fittingRatio alpha beta (2.0 * noise) |> Require.ok
                    abs (wrong - EigenframeworkWitnesses.bestRatio alpha beta noise) > 1e-4))
            Mutant.make "fitting-ratio" "the noiseless ratio without beta" (fun () ->
                [ 1..50 ]
                |> List.exists (fun seed ->
                    let alpha = 1.1 + float seed / 25.0
                    let beta = 1.0 + 0.5 * (alpha - 1.0)
                    let wrong = max 0.0 ((alpha - beta) / (alpha - 1.0))
                    abs (wrong - EigenframeworkWitnesses.bestRatio alpha beta 0.0) > 1e-4))
        ]
