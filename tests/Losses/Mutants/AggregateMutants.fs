namespace Hindsight.Tests.Losses

open Hindsight
open Hindsight.FSharp

/// Wrong variants of bag losses, of the risk of regression from bag means, and of label privacy.
module AggregateMutants =
    let private mutant name rejected = Mutant.make "aggregate" name rejected

    let private bags law =
        fun () -> BagDraw.sample.Value |> Array.exists (law >> not)

    let private risks law =
        fun () -> RiskDraw.sample.Value |> Array.exists (law >> not)

    let private gradient (c: BagCase) =
        let struct (_, g) = BagLaw.gradient c
        g

    let private root (c: RiskCase) = RiskLaw.risk c |> RiskLaw.term "g"

    let private density (sensitivity: float -> int -> float) clip epsilon (labels: float[]) release =
        let scale = sensitivity clip labels.Length / epsilon
        let mean = labels |> Array.averageBy (fun y -> System.Math.Clamp(y, -clip, clip))
        -(abs (release - mean)) / scale - log (2.0 * scale)

    let private ratioFails logDensity =
        fun () -> seq { 1UL .. 2000UL } |> Seq.exists (fun seed -> not (RiskLaw.ratio logDensity seed))

    let all =
        [
            mutant
                "gradient that sums over the bag instead of averaging"
                (bags (
                    BagLaw.gradientIsDerivative (fun c -> gradient c |> Array.map (fun g -> g * float c.Scores.Length))
                ))
            mutant
                "gradient with rho and 1 - rho exchanged"
                (bags (BagLaw.gradientIsDerivative (fun c -> gradient { c with Rho = 1.0 - c.Rho })))
            mutant
                "gradient of the bag loss for every rho"
                (bags (BagLaw.gradientIsDerivative (fun c -> gradient { c with Rho = 0.0 })))
            mutant
                "within-bag variance with k - 1 in the denominator"
                (bags (
                    BagLaw.squareIdentity (fun z ->
                        let k = float z.Length

                        if k = 1.0 then
                            0.0
                        else
                            Aggregate.variance z * k / (k - 1.0))
                ))
            mutant "pairwise form without the half" (bags (BagLaw.squareIdentity (fun z -> 2.0 * Aggregate.variance z)))
            mutant "logistic gap at most Var/16" (bags (BagLaw.gap (BinaryCrossEntropy()) 0.0 0.125))
            mutant "half the square loss with the gap of the square loss" (bags (BagLaw.gap (HalfSquared()) 2.0 2.0))
            mutant
                "scalar equation without rho in the denominator"
                (risks (
                    RiskLaw.scalarEquation (fun c ->
                        // d (1 + g) = (m + (N - m) rho) g
                        let m = c.Samples / c.BagSize
                        c.Dimension / (m + (c.Samples - m) * c.Rho - c.Dimension))
                ))
            mutant "the negative root" (risks (RiskLaw.scalarEquation (fun c -> -(root c))))
            mutant
                "risk without the squared bias"
                (risks (
                    RiskLaw.ends (fun c ->
                        let bound = RiskLaw.risk c
                        bound.Value - RiskLaw.term "bias" bound)
                ))
            mutant
                "risk with the variance of the signal forgotten"
                (risks (
                    RiskLaw.ends (fun c ->
                        let bound = RiskLaw.risk { c with Signal = 0.0 }
                        bound.Value + RiskLaw.term "bias" (RiskLaw.risk c))
                ))
            mutant "optimal bag size 1 always" (risks (RiskLaw.optimal (fun _ -> 1.0)))
            mutant
                "optimal bag size twice as large"
                (risks (
                    RiskLaw.optimal (fun c ->
                        let best = RiskLaw.optimalSize c
                        min c.Samples (2.0 * best.Size))
                ))
            mutant "fit that ignores rho" (fun () ->
                not (RiskLaw.stationary (fun s _ -> RiskLaw.fit s 1.0) 0.3 (RiskLaw.unequal 1UL)))
            mutant "fit that counts every bag once, whatever its size" (fun () ->
                let perBag (s: BagSample) _ =
                    // rows of bag means, each a bag of its own
                    let d = Array2D.length2 s.Features

                    let mean b j =
                        [| 0 .. s.Bags.Length - 1 |]
                        |> Array.filter (fun i -> s.Bags[i] = b)
                        |> Array.averageBy (fun i -> s.Features[i, j])

                    RiskLaw.fit
                        { s with
                            Features = Array2D.init s.Means.Length d mean
                            Bags = Array.init s.Means.Length id
                        }
                        0.0

                not (RiskLaw.stationary perBag 0.0 (RiskLaw.unequal 1UL)))
            mutant "sensitivity C/k: half the noise" (ratioFails (density (fun clip k -> clip / float k)))
            mutant "sensitivity 2C/k^2" (ratioFails (density (fun clip k -> 2.0 * clip / float (k * k))))
            mutant
                "labels not clipped"
                (ratioFails (fun clip epsilon labels release ->
                    let scale = LabelPrivacy.scale clip epsilon labels.Length |> Require.ok
                    -(abs (release - Array.average labels)) / scale - log (2.0 * scale)))
        ]
