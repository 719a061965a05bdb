namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Laws of perturbed prediction as functions over the implementation.
module PerturbationLaw =
    let private dot (a: float[]) (b: float[]) =
        Array.fold2 (fun s x y -> s + x * y) 0.0 a b

    /// A network with signs, moved from its start; with it an input and a label.
    let case seed =
        let random = Witness.random seed
        let m = 2 + random.Next 6
        let hidden = if seed % 3 = 0 then [| m; m |] else [| m |]
        let activation = enum<Activation>(1 + seed % 3)

        let options =
            { PerturbationWitnesses.options 2 hidden activation seed with
                Parameterisation =
                    if seed % 2 = 0 then
                        Parameterisation.Theory
                    else
                        Parameterisation.Standard
                Perturbation = PerturbationKind.Rademacher
                PerturbationScale = Math.Exp(PerturbationWitnesses.draw random)
                PerturbationCount = 1 + random.Next 5
            }

        let network = PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok

        network.Parameters <-
            network.Initialisation
            |> Array.map (fun w -> w + 0.3f * float32 (PerturbationWitnesses.draw random))

        struct (network, PerturbationWitnesses.input random 2, random.NextDouble())

    let objective (network: PerturbedNetwork) x y =
        PerturbedObjective.Of(network, [| x |], [| y |]) |> Require.ok

    /// All that the closed forms for half the square loss are made of.
    [<NoComparison; NoEquality>]
    type Parts =
        {
            A: float
            Residual: float
            Gradient: float[]
            Delta: float[]
            Signs: float[][]
            MeanSign: float[]
            /// (1/S) sum (eps_s'v) eps_s.
            Gram: float[] -> float[]
            /// Hessian of f times v.
            Curvature: float[] -> float[]
        }

    let parts (network: PerturbedNetwork) x y =
        let o = objective network x y
        let theta = network.Parameters |> Array.map float
        let struct (f, g) = o.Network.Gradient(theta, x)

        let signs = Array.init network.Options.PerturbationCount (fun s -> network.Signs s |> Array.map float)

        let mean = Array.init theta.Length (fun j -> signs |> Array.averageBy (fun e -> e[j]))

        {
            A = o.Amplitude
            Residual = f - y
            Gradient = g
            Delta = Array.map2 (-) theta o.Initialisation
            Signs = signs
            MeanSign = mean
            Gram =
                fun v ->
                    let inner = signs |> Array.map (fun e -> dot e v)

                    Array.init theta.Length (fun j ->
                        Seq.zip inner signs |> Seq.averageBy (fun (c, e: float[]) -> c * e[j]))
            Curvature = fun v -> o.Network.HessianVector(theta, x, v)
        }

    let private close tolerance (a: float[]) (b: float[]) =
        let scale = Array.fold (fun m v -> max m (abs v)) 1.0 b
        Array.forall2 (fun p q -> abs (p - q) <= tolerance * scale) a b

    /// [(f-y) + a ebar.delta] grad f + a (f-y) ebar + a^2 G delta is the gradient of the averaged loss.
    let gradientForm (form: Parts -> float[]) =
        Seq.init 60 id
        |> Seq.forall (fun seed ->
            let struct (network, x, y) = case seed
            let o = objective network x y
            let struct (_, g) = o.Gradient(network.Parameters |> Array.map float)
            close 1e-11 (form (parts network x y)) g)

    let gradient (p: Parts) =
        let shift = p.A * dot p.MeanSign p.Delta
        let gram = p.Gram p.Delta

        Array.init p.Delta.Length (fun j ->
            (p.Residual + shift) * p.Gradient[j] + p.A * p.Residual * p.MeanSign[j] + p.A * p.A * gram[j])

    /// (grad f + a ebar)(grad f + a ebar)' + a^2 (G - ebar ebar') + [(f-y) + a ebar.delta] Hessian f is the Hessian.
    let hessianForm (form: Parts -> float[] -> float[]) =
        Seq.init 60 id
        |> Seq.forall (fun seed ->
            let struct (network, x, y) = case seed
            let random = Witness.random (seed + 500)
            let o = objective network x y
            let v = network.Parameters |> Array.map (fun _ -> PerturbationWitnesses.draw random)
            let h = o.HessianVector(network.Parameters |> Array.map float, v)
            close 1e-11 (form (parts network x y) v) h)

    let hessian (p: Parts) (v: float[]) =
        let moved = Array.map2 (fun g e -> g + p.A * e) p.Gradient p.MeanSign
        let forward = dot moved v
        let gram = p.Gram v
        let mean = dot p.MeanSign v
        let curved = p.Curvature v
        let factor = p.Residual + p.A * dot p.MeanSign p.Delta

        Array.init v.Length (fun j ->
            forward * moved[j] + p.A * p.A * (gram[j] - mean * p.MeanSign[j]) + factor * curved[j])

    /// The expectation over all sign vectors of half the perturbed square loss, against a closed form in c_p, m, the residual and |delta|^2.
    let expectation (form: float -> float -> float -> float -> float) =
        Seq.init 100 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let p = 1 + random.Next 8
            let delta = Array.init p (fun _ -> PerturbationWitnesses.draw random)
            let residual = PerturbationWitnesses.draw random
            let scale = Math.Exp(PerturbationWitnesses.draw random)
            let m = 1 + random.Next 50
            let a = scale / Math.Pow(float m, 0.25)

            let expected =
                Seq.init (1 <<< p) (fun code ->
                    let inner = delta |> Array.mapi (fun j d -> if (code >>> j) &&& 1 = 1 then d else -d) |> Array.sum

                    0.5 * (residual + a * inner) ** 2.0)
                |> Seq.average

            abs (form scale (float m) residual (dot delta delta) - expected) <= 1e-12 * (1.0 + expected))

    /// A prediction's loss is at most the loss averaged over the perturbed predictions.
    let jensen (predict: float[] -> float) (loss: float -> float -> float) =
        Seq.init 500 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let scores = Array.init (1 + random.Next 6) (fun _ -> 3.0 * PerturbationWitnesses.draw random)
            let y = random.NextDouble()
            let averaged = scores |> Array.averageBy (loss y)
            let prediction = predict scores
            loss y prediction <= averaged + 1e-14 * (1.0 + averaged))

    /// The probability of losing more than the share u at one point is at most exp(-S exponent(u)), over directions with up to 16 equal entries.
    let concentration (exponent: float -> float) =
        [ 1, 0.5; 2, 0.5; 3, 0.3; 4, 0.7; 16, 0.3; 16, 0.5 ]
        |> List.forall (fun (n, u) ->
            PerturbationWitnesses.missesOf n u 250
            |> Array.mapi (fun i miss -> miss <= exp (-float(i + 1) * exponent u) * (1.0 + 1e-9))
            |> Array.forall id)

    let exponent u =
        1.0 / Witness.bound "perturbation-count" [| 1.0; u; exp -1.0 |]

    /// A composed bound is the reduction's at the regression's.
    let composition (regret: float -> float -> float -> float -> float -> float -> float) =
        Seq.init 100 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed

            let positive () =
                Math.Exp(2.0 * PerturbationWitnesses.draw random)

            let t, g, mu, eps = 1.0 + 1000.0 * random.NextDouble(), positive (), positive (), 0.01 * positive ()
            let c, a, gamma, k = positive (), positive (), 100.0 * positive (), 2 + random.Next 9
            let regression = regret g mu eps t c a
            let chain = SquareCB.expectation Normalization.FixedMu k t regression gamma |> Require.ok
            let composed = Witness.bound "neusquarecb" [| float k; t; g; mu; eps; c; a; gamma |]
            abs (chain.Value - composed) <= 1e-12 * composed)

    let regression g mu eps t c a =
        Regret.ofHalfSquared ((Qg.onlineRegret g mu eps t c |> Require.ok).Value + a)

/// Wrong readings of perturbed prediction.
[<RequireQualifiedAccess>]
module PerturbationMutants =
    open PerturbationLaw

    let private reject name rejected =
        Mutant.make "perturbed prediction" name (fun () -> not (rejected ()))

    let private bce y z =
        y * log (1.0 + exp -z) + (1.0 - y) * log (1.0 + exp z)

    let all =
        [
            reject "the ridge without its half" (fun () ->
                expectation (fun c m r d -> 0.5 * r * r + c * c / sqrt m * d))
            reject "amplitude c_p/sqrt m in place of c_p/m^(1/4)" (fun () ->
                expectation (fun c m r d -> 0.5 * r * r + c * c / (2.0 * m) * d))
            reject "no ridge at all" (fun () -> expectation (fun _ _ r _ -> 0.5 * r * r))
            reject "the gradient of the expectation for finitely many signs" (fun () ->
                gradientForm (fun p ->
                    Array.init p.Delta.Length (fun j -> p.Residual * p.Gradient[j] + p.A * p.A * p.Delta[j])))
            reject "the gradient without the signs' mean" (fun () ->
                gradientForm (fun p ->
                    let gram = p.Gram p.Delta
                    Array.init p.Delta.Length (fun j -> p.Residual * p.Gradient[j] + p.A * p.A * gram[j])))
            reject "the Hessian without the network's curvature" (fun () ->
                hessianForm (fun p ->
                    hessian
                        { p with
                            Curvature = Array.map (fun _ -> 0.0)
                        }))
            reject "the Hessian with G in place of G less the mean's part" (fun () ->
                hessianForm (fun p v ->
                    let mean = Array.fold2 (fun s a b -> s + a * b) 0.0 p.MeanSign v
                    Array.map2 (fun h e -> h + p.A * p.A * mean * e) (hessian p v) p.MeanSign))
            reject "predicting without the perturbation" (fun () -> jensen Array.head (fun y f -> 0.5 * (y - f) ** 2.0))
            reject "predicting the median of the perturbed scores" (fun () ->
                jensen (fun s -> (Array.sort s)[s.Length / 2]) bce)
            reject "exponent u^2/2, that of a bounded variable" (fun () -> concentration (fun u -> u * u / 2.0))
            reject "exponent of the variance 1: u^2/2 at few signs" (fun () ->
                concentration (fun u -> 1.5 * exponent u + 0.02))
            reject "NeuSquareCB on the regret of half the square loss" (fun () ->
                composition (fun g mu eps t c a -> regression g mu eps t c a / 2.0))
            reject "NeuSquareCB without the comparator's excess" (fun () ->
                composition (fun g mu eps t _ a -> regression g mu eps t 0.0 a))
            reject "NeuSquareCB without the almost-convexity slack" (fun () ->
                composition (fun g mu _ t c a -> regression g mu 0.0 t c a))
            Mutant.make "perturbed-stable-step" "2/(g^2 + a^2 lambda_G): the cross term dropped" (fun () ->
                let e = [| 1.0; 1.0 |]
                let step = Perturbation.stableStep e 0.5 [| e |] |> Require.ok
                2.0 / (2.0 + 0.25 * 2.0) > step * (1.0 + 1e-9))
            Mutant.make "perturbed-growth-square" "plus c_H r" (fun () ->
                // f = -H z^2/2 with residual r: the curvature takes growth away
                let a, h, r = 1.1, 0.5, 0.8
                let measured = a * a - r * h

                a * a + r * h > measured
                && Witness.bound "perturbed-growth-square" [| a; h; r; 1.0 |] <= measured + 1e-12)
        ]
