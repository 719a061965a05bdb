namespace Hindsight.Tests.Losses

open System
open Hindsight
open Hindsight.FSharp

/// Wrong scores, weights and decompositions.
module ProperMutants =
    open ProperLaw

    let private probabilities = BregmanLaw.sample 200 31UL (Draw.uniform 0.01 0.99)

    let private improper one zero =
        probabilities |> Array.exists (fun eta -> not (proper one zero eta))

    let private wrongWeight (l: IProperLoss) w =
        probabilities |> Array.exists (fun p -> not (shuford l w p))

    let private sample = [| 0.3; -1.2; 2.5; 0.3 |]

    let all: Mutant list =
        [
            Mutant.make "proper" "the absolute error as a score" (fun () -> improper (fun p -> 1.0 - p) id)
            Mutant.make "proper" "a log score in which label 0 pays half" (fun () ->
                improper (fun p -> -(log p)) (fun p -> -0.5 * log (1.0 - p)))
            Mutant.make "proper" "a spherical score divided by the sum and not the norm" (fun () ->
                improper (fun p -> -p) (fun p -> -(1.0 - p)))
            Mutant.make "proper" "a boosting loss without its roots" (fun () ->
                improper (fun p -> (1.0 - p) / p) (fun p -> p / (1.0 - p)))
            Mutant.make "proper" "a cost-weighted error that charges a miss c" (fun () ->
                improper (fun p -> if p < 0.3 then 0.3 else 0.0) (fun p -> if p >= 0.3 then 0.3 else 0.0))
            Mutant.make "proper" "the quadratic score with the Brier score's weight" (fun () ->
                wrongWeight (QuadraticScore()) (fun _ -> 4.0))
            Mutant.make "proper" "a spherical weight of r^-2" (fun () ->
                wrongWeight (SphericalScore()) (fun p -> 1.0 / (p * p + (1.0 - p) * (1.0 - p))))
            Mutant.make "proper" "a beta weight with its exponents not lessened by 1" (fun () ->
                wrongWeight (BetaScore(0.3, 1.2)) (fun p -> p ** 0.3 * (1.0 - p) ** 1.2))
            Mutant.make "proper" "a beta score with a and b swapped" (fun () ->
                wrongWeight (BetaScore(0.3, 1.2)) (ProperLaw.weight (BetaScore(1.2, 0.3))))
            Mutant.make "proper" "the classification bound for a loss that is not symmetric" (fun () ->
                let l: IProperLoss = BetaScore(2.0, 0.0)

                Array.allPairs probabilities[..40] probabilities[..40]
                |> Array.exists (fun (eta, p) -> not (classification (partial1 l) (partial0 l) eta p)))
            Mutant.make "proper" "CRPS of an ensemble without the half of the spread" (fun () ->
                abs (Crps.Ensemble(0.4, ReadOnlySpan<float> sample) - ensemble 1.0 0.4 sample) > 1e-9)
            Mutant.make "proper" "CRPS of an ensemble over different pairs only" (fun () ->
                abs (Crps.FairEnsemble(0.4, ReadOnlySpan<float> sample) - ensemble 0.5 0.4 sample) > 1e-9)
            Mutant.make "proper" "CRPS of a Gaussian with 1/(2 sqrt pi)" (fun () ->
                abs (Crps.Gaussian(0.5, 0.0, 1.0) + 0.5 / sqrt Math.PI - gaussianIntegral 0.5 0.0 1.0) > 1e-9)
            Mutant.make "proper" "square behind the logit is convex" (fun () ->
                not (((ProperLoss.Of(QuadraticScore())).WithLink(ProbabilityLink.Logit 1.0)).IsConvexComposite()))
        ]

/// Wrong transforms.
module PsiMutants =
    open PsiLaw

    let private finite = BregmanLaw.sample 300 41UL points

    let private violated (c: PsiCases.Base) psi =
        finite |> Array.exists (fun p -> not (bound psi c p))

    let private numeric (c: PsiCases.Base) =
        (Psi.transform (margin c) |> Require.ok).Value

    let all: Mutant list =
        [
            Mutant.make "calibration" "the hinge's psi for the squared hinge" (fun () ->
                violated PsiCases.squaredHinge Psi.hinge)
            Mutant.make "calibration" "the logistic transform doubled" (fun () ->
                violated PsiCases.logistic (fun t -> 2.0 * Psi.logistic t))
            Mutant.make "calibration" "the logistic transform in bits for a loss in nats" (fun () ->
                violated PsiCases.logistic Psi.logisticBase2)
            Mutant.make "calibration" "the sigmoid's psi without its half" (fun () ->
                violated PsiCases.sigmoid Psi.hinge)
            Mutant.make "calibration" "Savage with theta^2" (fun () -> violated PsiCases.savage Psi.square)
            Mutant.make "calibration" "the smoothed hinge with theta^2/2: a bound, but not the transform" (fun () ->
                not (agrees (fun t -> 0.5 * t * t) (numeric PsiCases.smoothedHinge)))
            Mutant.make "calibration" "the exponential with 1 - sqrt(1 - theta)" (fun () ->
                violated PsiCases.exponential (fun t -> 1.0 - sqrt (1.0 - t)))
            Mutant.make "calibration" "alpha-loss with its exponent inverted" (fun () ->
                not (agrees (Psi.alphaLoss 0.5) (numeric (PsiCases.alpha 2.0))))
            Mutant.make "calibration" "bounded scores ignored: the hinge at B = 0.5" (fun () ->
                let transform = Psi.bounded (margin PsiCases.hinge) 0.5 |> Require.ok
                not (agrees Psi.hinge transform.Value))
            Mutant.make "calibration" "the squared hinge at bounded scores without its tangent piece" (fun () ->
                let transform = Psi.bounded (margin PsiCases.squaredHinge) 0.5 |> Require.ok
                not (agrees Psi.squaredHinge transform.Value))
            Mutant.make "calibration" "Massart's factor at gamma and not 2 gamma" (fun () ->
                // one point of mean 1/2 + gamma at score 0: gamma/psi(gamma) is larger than 2 gamma/psi(2 gamma), not tight
                let gamma = 0.2
                let excess = surrogate PsiCases.logistic 700.0 [| struct (1.0, 0.5 + gamma, 0.0) |]
                let right = (ConsistencyBounds.massart (margin PsiCases.logistic) gamma excess |> Require.ok).Value
                abs (right - 2.0 * gamma) <= 1e-9 && abs (gamma / Psi.logistic gamma * excess - 2.0 * gamma) > 1e-3)
        ]
