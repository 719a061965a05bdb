/// Wrong variants of the multiclass losses and of the theory about them, and the statements about them that are known to be false.
module Hindsight.Tests.Losses.MulticlassMutants

open System
open Hindsight
open Hindsight.FSharp

let private cross label z =
    Multiclass.value (CrossEntropy()) label z

/// G(A) as a value of scores.
let private outer (g: float -> float) label z = g (cross label z)

let private gradientOf (loss: IMulticlassGradient) label z = MulticlassLaw.gradient loss label z

let private cases = lazy (ConsistencyLaw.sample 21 300 |> Seq.toArray)

let private everywhere law = cases.Value |> Array.forall law

/// A closed gradient against the definition, on drawn scores.
let private gradientLaw (loss: IMulticlassLoss) gradient =
    everywhere (fun c -> MulticlassLaw.gradientAgrees loss gradient 0 c.Z)

let private compSum =
    let make name rejected = Mutant.make "comp-sum" name rejected

    let value tau a =
        if tau = 1.0 then
            a
        else
            Scalar.expm1 ((1.0 - tau) * a) / (1.0 - tau)

    [
        make "the exponent's sign: tau - 1 for 1 - tau" (fun () ->
            not (CompSumLaw.golden (fun tau -> outer (value (2.0 - tau)))))
        make "the factor 1/(1 - tau) is missing" (fun () ->
            not (
                CompSumLaw.golden (fun tau -> outer (fun a -> if tau = 1.0 then a else Scalar.expm1 ((1.0 - tau) * a)))
            ))
        make "the mean absolute error is not halved" (fun () ->
            not (CompSumLaw.golden (fun tau -> outer (fun a -> value tau a * (if tau = 2.0 then 2.0 else 1.0)))))
        make "tau = 1 + q taken for q" (fun () ->
            everywhere (fun c -> CompSumLaw.gceSum (fun q -> outer (value q)) 0.5 c.Z) |> not)
        make "surprisal as logsumexp less the label's score" (fun () ->
            let naive label (z: float[]) =
                let top = Array.max z
                top + Math.Log(z |> Array.sumBy (fun x -> Math.Exp(x - top))) - z[label]

            not (CompSumLaw.accurateNearCertainty naive))
        make "surprisal without the shift by the largest score" (fun () ->
            let naive label (z: float[]) =
                Math.Log(z |> Array.sumBy Math.Exp) - z[label]

            not (MulticlassLaw.shiftInvariant naive 0 [| 706.0; 705.0 |] 5.0))
        make "the gradient is that of cross-entropy for every tau" (fun () ->
            everywhere (fun c ->
                CompSumLaw.gradientFormula (fun _ label z -> CompSumLaw.gradient 1.0 label z) 1.5 0 c.Z)
            |> not)
        make "the gradient's factor is s_y^tau" (fun () ->
            everywhere (fun c ->
                CompSumLaw.gradientFormula (fun tau label z -> CompSumLaw.gradient (tau + 1.0) label z) 1.0 0 c.Z)
            |> not)
        make "the label's entry of the gradient has the wrong sign" (fun () ->
            gradientLaw (CompSum 1.5) (fun label z ->
                let struct (v, g) = gradientOf (CompSum 1.5) label z
                g[label] <- -g[label]
                struct (v, g))
            |> not)
        make "the Hessian misses the curvature of the outer function" (fun () ->
            everywhere (fun c ->
                MulticlassLaw.hessianAgrees
                    (CompSum 2.0)
                    (fun label z v ->
                        let slope = Math.Exp -(cross label z)

                        MulticlassLaw.hessianVector (CrossEntropy()) label z v |> Array.map (fun x -> slope * x))
                    0
                    c.Z
                    c.P)
            |> not)
        make "false: comp-sum is convex for tau > 1" (fun () -> not (CompSumLaw.convexOn (CompSumLaw.value 1.5) 3))
        make "false: cross-entropy is a symmetric loss" (fun () ->
            not (everywhere (fun c -> MulticlassLaw.symmetric cross (fun n -> float n * Math.Log(float n)) c.Z)))
    ]

let private focal =
    let make name rejected = Mutant.make "focal" name rejected

    [
        make "p^gamma for (1-p)^gamma" (fun () -> not (FocalLaw.golden (fun gamma p -> -(p ** gamma) * Math.Log p)))
        make "gamma as a factor" (fun () ->
            not (FocalLaw.golden (fun gamma p -> -((1.0 - p) ** 2.0) * gamma * Math.Log p)))
        make "the slope misses the derivative of (1-p)^gamma" (fun () ->
            gradientLaw (Focal 2.0) (fun label z ->
                let a = cross label z
                let struct (_, g) = gradientOf (CrossEntropy()) label z
                let w = -(Scalar.expm1 -a)
                struct (w * w * a, g |> Array.map (fun x -> w * w * x)))
            |> not)
        make "the derivative is not a number where the label is certain (0^(gamma-1) ln 1)" (fun () ->
            not (
                MulticlassLaw.finiteTogether
                    (outer (fun a -> (-(Scalar.expm1 -a)) ** 0.5 * a))
                    (fun label z ->
                        let a = cross label z
                        let w = -(Scalar.expm1 -a)
                        [| w ** 0.5 + 0.5 * w ** -0.5 * a * Math.Exp -a |])
                    0
                    [| 800.0; -800.0 |]
            ))
        make "posterior taken to be the minimiser itself" (fun () ->
            not (FocalLaw.stationary (fun _ v -> v) 2.0 [| 0.6; 0.3; 0.1 |]))
        make "posterior recovery without the term of the logarithm" (fun () ->
            not (
                FocalLaw.stationary
                    (fun gamma v ->
                        let h = v |> Array.map (fun x -> x / (1.0 - x) ** gamma)
                        h |> Array.map (fun x -> x / Array.sum h))
                    2.0
                    [| 0.6; 0.3; 0.1 |]
            ))
        make "false: focal minimisers are never overconfident" (fun () -> FocalLaw.overconfident 100 > 0)
        make "normalised cross-entropy sums over the other classes only" (fun () ->
            not (
                everywhere (fun c ->
                    FocalLaw.normalizedSum
                        (fun y z ->
                            let others = Seq.sum (Seq.init z.Length (fun k -> if k = y then 0.0 else cross k z))

                            cross y z / others)
                        c.Z)
            ))
        make "truncation takes the larger" (fun () ->
            not (FocalLaw.truncated (fun q k p -> max ((1.0 - p ** q) / q) ((1.0 - k ** q) / q))))
        make "truncation at the threshold itself and not at its loss" (fun () ->
            not (FocalLaw.truncated (fun q k p -> min ((1.0 - p ** q) / q) k)))
        make "the offset's sign in the asymmetric losses" (fun () ->
            let unhinged a q p = ((a + p) ** q - (a + 1.0) ** q) / q

            not (FocalLaw.asymmetric unhinged (fun a q -> FocalLaw.at (AsymmetricGce(a, q))) 0.4))
        make "the Jensen-Shannon loss is not normalised" (fun () ->
            not (
                everywhere (fun c ->
                    FocalLaw.jensenShannon
                        (fun pi y z -> FocalLaw.jensenShannonDirect pi y z * -((1.0 - pi) * Math.Log(1.0 - pi)))
                        c.Z)
            ))
    ]

let private surrogates =
    let make name rejected =
        Mutant.make "multiclass surrogates" name rejected

    let agrees value definition =
        everywhere (fun c -> SurrogateLaw.agrees (16.0 * Ulp.eps) value definition 0 c.Z)

    [
        make "the margin of the hinge is lost: (-m)_+" (fun () ->
            not (agrees (SurrogateLaw.sum (fun m -> max 0.0 -m)) (Multiclass.value MulticlassSurrogates.westonWatkins)))
        make "the sum includes the label" (fun () ->
            not (
                agrees
                    (fun label z -> SurrogateLaw.sum SurrogateLaw.hinge label z + 1.0)
                    (Multiclass.value MulticlassSurrogates.westonWatkins)
            ))
        make "the max includes the label: never below phi(0)" (fun () ->
            not (
                agrees
                    (fun label z -> max 1.0 (SurrogateLaw.maximum SurrogateLaw.hinge label z))
                    (Multiclass.value MulticlassSurrogates.crammerSinger)
            ))
        make "the ramp's width is ignored" (fun () ->
            not (agrees (SurrogateLaw.maximum (SurrogateLaw.ramp 1.0)) (Multiclass.value (MaxLoss(RampFunction 0.5)))))
        make "constrained without taking off the mean" (fun () ->
            not (
                SurrogateLaw.shifted (fun label z ->
                    SurrogateLaw.others label z |> Array.sumBy (fun x -> SurrogateLaw.hinge -x))
            ))
        make "the gradient of the constrained loss is not projected" (fun () ->
            let loss = ConstrainedLoss(SquaredHingeFunction())

            gradientLaw loss (fun label z ->
                let mean = Array.average z
                let g = z |> Array.mapi (fun k x -> if k = label then 0.0 else 2.0 * max 0.0 (1.0 - (mean - x)))
                struct (Multiclass.value loss label z, g))
            |> not)
        make "the gradient's sign at the label of a sum loss" (fun () ->
            let loss = SumLoss(SquaredHingeFunction())

            gradientLaw loss (fun label z ->
                let struct (v, g) = gradientOf loss label z
                g[label] <- -g[label]
                struct (v, g))
            |> not)
        make "the hinge still falls at margin 1" (fun () ->
            not (
                SurrogateLaw.flatAtOne (fun _ z ->
                    if z[0] - z[1] <= 1.0 then
                        [| -1.0; 1.0 |]
                    else
                        [| 0.0; 0.0 |])
            ))
        make "false: Crammer and Singer has T(t) = t" (fun () ->
            let least (_: float[]) = 1.0

            Seq.singleton
                {
                    P = [| 0.4; 0.3; 0.3 |]
                    Z = [| 0.0; 0.0; 0.0 |]
                }
            |> Seq.forall (fun c ->
                Multiclass.expected MulticlassSurrogates.crammerSinger c.P c.Z - least c.P
                >= ConsistencyLaw.zeroOne c)
            |> not)
        make "false: the tie of the first two always minimises Weston-Watkins" (fun () ->
            not (SurrogateLaw.minimum MulticlassSurrogates.westonWatkins [| 0.4; 0.3; 0.3 |] [| 1.0; 1.0; 0.0 |]))
        make "false: constrained squared hinge has T(t) = t^2" (fun () ->
            not (
                ConsistencyLaw.structured
                    1e-12
                    (ConstrainedLoss(SquaredHingeFunction()))
                    (ConsistencyLaw.least StructuredSurrogate.ConstrainedSquaredHinge)
                    (fun t -> t * t)
            ))
        make "false: constrained exponential has the T of the sum of exponentials" (fun () ->
            not (
                ConsistencyLaw.structured
                    1e-7
                    (ConstrainedLoss(ExponentialFunction()))
                    (ConsistencyLaw.least StructuredSurrogate.ConstrainedExponential)
                    (fun t -> 1.0 - sqrt (1.0 - t * t))
            ))
        make "least constrained hinge risk without the factor n" (fun () ->
            not (ConsistencyLaw.structured 1e-12 (ConstrainedLoss(HingeFunction())) (fun p -> float p.Length) id))
    ]

let private adversarial =
    let make name rejected = Mutant.make "adversarial" name rejected

    let scenes = lazy (AdversarialLaw.scenes 1 120)

    let chain smooth =
        scenes.Value |> List.forall (AdversarialLaw.chain smooth 1.0)

    [
        make "nu = 0" (fun () -> not (chain (AdversarialLaw.smoothWith (fun _ _ -> 0.0))))
        make "a tenth of nu" (fun () ->
            not (chain (AdversarialLaw.smoothWith (fun n rho -> 0.1 * AdversarialLaw.least n rho))))
        make "the radius of the ball is ignored" (fun () ->
            not (
                chain (fun tau scene -> AdversarialLaw.smoothWith AdversarialLaw.least tau { scene with Gamma = 0.0 })
            ))
        make "the temperature multiplies" (fun () ->
            not (
                chain (fun tau scene ->
                    AdversarialLaw.smoothWith
                        AdversarialLaw.least
                        tau
                        { scene with
                            Rho = 1.0 / scene.Rho
                            Gamma = 0.0
                        })
            ))
        make "the drift is the largest single margin's" (fun () ->
            scenes.Value
            |> List.forall (
                AdversarialLaw.driftMajorises (fun s ->
                    s.Weights
                    |> Array.mapi (fun k w ->
                        if k = s.Label then
                            0.0
                        else
                            let row = Array.map2 (-) s.Weights[s.Label] w
                            s.Gamma * MulticlassLaw.norm row)
                    |> Array.max)
            )
            |> not)
        make "the drift without the label's own row" (fun () ->
            scenes.Value
            |> List.forall (
                AdversarialLaw.driftMajorises (fun s ->
                    s.Gamma * (s.Weights |> Array.map (fun w -> MulticlassLaw.norm w) |> Array.max))
            )
            |> not)
        make "false: the constant is Phi(1)" (fun () ->
            not (ConsistencyLaw.adversarial (fun tau -> CompSumLosses.phi tau (R64 1.0) |> _.V) 1.0))
        make "the constant is 0.9 of itself" (fun () ->
            not (ConsistencyLaw.adversarial (fun tau -> 0.9 / (CompSumLosses.phi tau (R64 1.0)).V) 1.0))
    ]

let private consistency =
    let make name rejected =
        Mutant.make "H-consistency" name rejected

    let holds transform tau =
        ConsistencyLaw.pointwiseEverywhere transform ConsistencyLaw.bayes tau 1 300

    let right = ConsistencyLaw.transform

    [
        make "false: the simple bound with the factor (2 - tau)" (fun () ->
            not (holds (fun tau n t -> t * t / (2.0 * (2.0 - tau) * float n ** (tau - 1.0))) 1.5))
        make "false: T of the mean absolute error is t^2/n" (fun () ->
            not (ConsistencyLaw.tightAtTwo (fun _ n t -> t * t / float n)))
        make "false: T of the mean absolute error is t" (fun () -> not (holds (fun _ _ t -> t) 2.0))
        make "the factor n^(tau-1) is missing" (fun () ->
            not (holds (fun tau n t -> right tau n t * float n ** (tau - 1.0)) 2.0)
            && not (holds (fun tau n t -> right tau n t * float n ** (tau - 1.0)) 3.0))
        make "the power mean's exponent is 2 - tau" (fun () ->
            let wrong tau _ t =
                let a = 2.0 - tau
                let m = (((1.0 + t) ** a + (1.0 - t) ** a) / 2.0) ** (1.0 / a)
                2.0 ** (1.0 - tau) / (1.0 - tau) * abs (1.0 - m)

            not (holds wrong 0.5) || not (ConsistencyLaw.tightBelowOne wrong 0.5))
        for tau in [ 0.0; 0.5; 1.0 ] do
            make $"T times 1.1 at tau = %g{tau}" (fun () -> not (holds (fun tau n t -> 1.1 * right tau n t) tau))

            make $"T times 0.9 at tau = %g{tau}" (fun () ->
                not (ConsistencyLaw.tightBelowOne (fun tau n t -> 0.9 * right tau n t) tau))
        make "T times 1.1 at tau = 2" (fun () -> not (holds (fun tau n t -> 1.1 * right tau n t) 2.0))
        make "Gamma does not saturate" (fun () ->
            not (
                ConsistencyLaw.goldenGamma (fun tau n e ->
                    if tau >= 2.0 then
                        (tau - 1.0) * float n ** (tau - 1.0) * e
                    else
                        ConsistencyLaw.gamma tau n e)
            ))
        make "Gamma is the simple one" (fun () ->
            not (ConsistencyLaw.goldenGamma (fun tau n e -> HConsistency.gammaSimple tau n e |> Require.ok)))
        make "Gamma times 0.9" (fun () ->
            not (ConsistencyLaw.goldenGamma (fun tau n e -> 0.9 * ConsistencyLaw.gamma tau n e)))
        make "the least risk is that at s = p" (fun () ->
            let wrong tau (p: float[]) =
                ConsistencyLaw.risk tau p (p |> Array.map (fun x -> Math.Log(max x 1e-300)))

            not (ConsistencyLaw.goldenBayes wrong))
        make "the least risk for tau > 2 by the formula for tau < 2" (fun () ->
            let wrong tau (p: float[]) =
                if tau = 3.0 then 0.0 else ConsistencyLaw.bayes tau p

            not (ConsistencyLaw.goldenBayes wrong))
        make "false: bounded logistic with 1/(1 + (n-1)e^(-2 bound)) for three and more classes" (fun () ->
            let naive bound n t =
                let m = float n - 1.0

                let high, low = 1.0 / (1.0 + m * Math.Exp(-2.0 * bound)), 1.0 / (1.0 + m * Math.Exp(2.0 * bound))

                if t <= (high - low) / (high + low) then
                    right 1.0 n t
                else
                    0.5 * t * Math.Log(high / low) + Math.Log(2.0 * sqrt (high * low) / (high + low))

            not (ConsistencyLaw.boundedHolds naive))
        make "bounded logistic by the unbounded transform" (fun () ->
            not (ConsistencyLaw.boundedTwo (fun _ t -> right 1.0 2 t)))
        make "bounded logistic with e^bound for e^(2 bound)" (fun () ->
            not (
                ConsistencyLaw.boundedTwo (fun bound t ->
                    HConsistency.boundedLogisticTransform (0.5 * bound) t |> Require.ok)
            ))
    ]

let all: Mutant list = List.concat [ compSum; focal; surrogates; adversarial; consistency ]
