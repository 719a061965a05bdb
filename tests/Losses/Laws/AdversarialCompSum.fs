namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module AdversarialLaw =
    [<NoComparison; NoEquality>]
    type Scene =
        {
            Weights: float[][]
            Context: float[]
            Label: int
            Gamma: float
            Rho: float
            Norm: PerturbationNorm
        }

    let scenes seed count =
        let rng = Random(seed: int)

        let normal () =
            sqrt (-2.0 * Math.Log(1.0 - rng.NextDouble())) * Math.Cos(2.0 * Math.PI * rng.NextDouble())

        List.init count (fun i ->
            let n = [| 2; 3; 5 |][rng.Next 3]
            let d = rng.Next(1, 5)

            {
                Weights = Array.init n (fun _ -> Array.init d (fun _ -> normal ()))
                Context = Array.init d (fun _ -> normal ())
                Label = rng.Next n
                Gamma = 10.0 ** (2.0 * rng.NextDouble() - 1.5)
                Rho = 10.0 ** (1.4 * rng.NextDouble() - 0.7)
                Norm = [| PerturbationNorm.L1; PerturbationNorm.L2; PerturbationNorm.LInfinity |][i % 3]
            })

    let length norm (v: float[]) =
        match norm with
        | PerturbationNorm.L1 -> Array.sumBy abs v
        | PerturbationNorm.L2 -> MulticlassLaw.norm v
        | _ -> v |> Array.map abs |> Array.max

    /// Points of the ball: random ones on its surface, its corners where it has them, and the attack.
    let ball scene =
        let rng = Random 3
        let d = scene.Context.Length

        let random =
            List.init 60 (fun _ -> Array.init d (fun _ -> rng.NextDouble() - 0.5))
            |> List.filter (fun v -> length scene.Norm v > 0.0)
            |> List.map (fun v -> v |> Array.map (fun x -> x * scene.Gamma / length scene.Norm v))

        let corners =
            [
                for sign in [ -1.0; 1.0 ] do
                    for i in 0 .. d - 1 do
                        Array.init d (fun k -> if k = i then sign * scene.Gamma else 0.0)
            ]

        let struct (attack, _) =
            AdversarialCompSum.attack scene.Norm scene.Gamma scene.Weights scene.Context scene.Label
            |> Require.ok

        attack :: (random @ corners |> List.map (fun v -> Array.map2 (fun x y -> x + y) scene.Context v))

    let margins scene x =
        AdversarialCompSum.margins scene.Weights x scene.Label |> Require.ok

    let phiOne tau = CompSumLosses.phi tau (R64 1.0) |> _.V

    /// 1[a mistake in the ball] <= adversarial/Phi(1) <= smooth/Phi(1), the adversarial loss from below by the points tried.
    let chain (smooth: float -> Scene -> float) tau scene =
        let points = ball scene |> List.map (margins scene)

        let adversarial =
            points |> List.map (fun m -> AdversarialCompSum.ramp tau scene.Rho m |> Require.ok) |> List.max

        let mistake = points |> List.exists (fun m -> Array.min m <= 0.0)

        (not mistake || adversarial >= phiOne tau * (1.0 - 1e-14))
        && adversarial <= smooth tau scene * (1.0 + 1e-13)

    /// nu as a function of the number of classes and rho.
    let smoothWith nu tau scene =
        AdversarialCompSum.smooth
            tau
            scene.Rho
            (nu scene.Weights.Length scene.Rho)
            scene.Norm
            scene.Gamma
            scene.Weights
            scene.Context
            scene.Label
        |> Require.ok

    let least n rho =
        AdversarialCompSum.leastNu n rho |> Require.ok

    /// Margins move by at most the drift, and with two classes or the exact norms some point comes near it.
    let driftMajorises (drift: Scene -> float) scene =
        let at = margins scene scene.Context
        let allowed = drift scene * (1.0 + 1e-13)

        ball scene
        |> List.forall (fun x -> MulticlassLaw.norm (Array.map2 (-) (margins scene x) at) <= allowed)

    let drift scene =
        AdversarialCompSum.drift scene.Norm scene.Gamma scene.Weights scene.Label |> Require.ok

[<TestFixture; Category "adversarial">]
type AdversarialCompSumLaws() =
    let taus = [ 0.0; 0.5; 1.0; 1.5; 2.0; 3.0 ]

    [<Test>]
    member _.``Chain: robust error, adversarial comp-sum, smooth adversarial comp-sum, each over Phi(1)``() =
        for scene in AdversarialLaw.scenes 1 120 do
            for tau in taus do
                Assert.That(
                    AdversarialLaw.chain (AdversarialLaw.smoothWith AdversarialLaw.least) tau scene,
                    $"tau %g{tau} %A{scene}"
                )

    [<Test>]
    member _.``Without the drift term the smooth loss no longer majorises: a violation is found``() =
        let holds tau scene =
            AdversarialLaw.chain (AdversarialLaw.smoothWith (fun _ _ -> 0.0)) tau scene

        Assert.That(AdversarialLaw.scenes 1 120 |> List.exists (fun s -> not (holds 1.0 s)))

    [<Test>]
    member _.``Phi_rho(u) <= e^(-u/rho), and 1/rho-Lipschitz``() =
        for rho in [ 0.2; 1.0; 3.0 ] do
            let f = SurrogateLaw.ramp rho

            for i in -400 .. 400 do
                let u = float i / 100.0
                Assert.That(f u, Is.LessThanOrEqualTo(Math.Exp(-u / rho) * (1.0 + 1e-15)))
                Assert.That(abs (f (u + 0.01) - f u), Is.LessThanOrEqualTo(0.01 / rho + 1e-15))

    [<Test>]
    member _.``The drift bounds every change of the margins, and is reached in L1 and by the top singular vector in L2``
        ()
        =
        for scene in AdversarialLaw.scenes 2 300 do
            Assert.That(AdversarialLaw.driftMajorises AdversarialLaw.drift scene, $"%A{scene}")

        // rows (2, 0) and (2, -2) less than w_0: the matrix of differences is [[2,0],[0,2]] up to sign
        let weights = [| [| 2.0; 2.0 |]; [| 0.0; 2.0 |]; [| 2.0; 0.0 |] |]

        let drift norm =
            AdversarialCompSum.drift norm 0.5 weights 0 |> Require.ok

        Assert.That(drift PerturbationNorm.L2, Is.EqualTo(1.0).Within(4).Ulps)
        Assert.That(drift PerturbationNorm.L1, Is.EqualTo(1.0).Within(4).Ulps)
        Assert.That(drift PerturbationNorm.LInfinity, Is.EqualTo(sqrt 2.0).Within(4).Ulps)

    [<Test>]
    member _.``The attack stays in the ball and reaches the margin that it promises, which no other point goes below``
        ()
        =
        for scene in AdversarialLaw.scenes 3 300 do
            let struct (x, margin) =
                AdversarialCompSum.attack scene.Norm scene.Gamma scene.Weights scene.Context scene.Label
                |> Require.ok

            let moved = AdversarialLaw.length scene.Norm (Array.map2 (-) x scene.Context)
            let size = 1e-13 * (1.0 + abs margin + MulticlassLaw.norm scene.Context)
            Assert.That(moved, Is.LessThanOrEqualTo(scene.Gamma * (1.0 + 1e-12) + size))
            Assert.That(Array.min (AdversarialLaw.margins scene x), Is.EqualTo(margin).Within(100.0 * size))

            for point in AdversarialLaw.ball scene do
                Assert.That(
                    Array.min (AdversarialLaw.margins scene point),
                    Is.GreaterThanOrEqualTo(margin - 100.0 * size)
                )

    [<Test>]
    member _.``The decoupled worst case majorises the ramp loss over the ball, and with two classes is reached``() =
        for scene in AdversarialLaw.scenes 4 300 do
            for tau in taus do
                let worst =
                    AdversarialCompSum.worstCase
                        tau
                        scene.Rho
                        scene.Norm
                        scene.Gamma
                        scene.Weights
                        scene.Context
                        scene.Label
                    |> Require.ok

                let reached =
                    AdversarialLaw.ball scene
                    |> List.map (fun x ->
                        AdversarialCompSum.ramp tau scene.Rho (AdversarialLaw.margins scene x) |> Require.ok)
                    |> List.max

                Assert.That(reached, Is.LessThanOrEqualTo(worst + 1e-12))

                if scene.Weights.Length = 2 then
                    // the ramp divides the margin's rounding by rho >= 0.2
                    Assert.That(reached, Is.EqualTo(worst).Within 1e-12)

    [<Test>]
    member _.``Without perturbation it is the comp-sum of the scores divided by rho; it grows with gamma and with nu``
        ()
        =
        for scene in AdversarialLaw.scenes 5 100 do
            for tau in taus do
                let at nu gamma =
                    AdversarialLaw.smoothWith (fun _ _ -> nu) tau { scene with Gamma = gamma }

                let scores =
                    scene.Weights
                    |> Array.map (fun w -> Array.fold2 (fun sum a b -> sum + a * b) 0.0 w scene.Context / scene.Rho)

                let plain = Multiclass.value (CompSum tau) scene.Label scores
                let size = 1.0 + MulticlassLaw.norm scores
                Assert.That(at 2.0 0.0, Is.EqualTo(plain).Within(64.0 * Ulp.eps * size * plain))
                Assert.That(at 0.0 1.0, Is.EqualTo(plain).Within(64.0 * Ulp.eps * size * plain))

                for low, high in [ at 1.0 0.1, at 1.0 0.4; at 0.5 0.3, at 1.0 0.3 ] do
                    Assert.That(low, Is.LessThanOrEqualTo high)

    [<Test>]
    member _.``Robust error of linear scores: the bound is above the exact share of contexts that can be attacked``() =
        let rng = Random 6
        let weights = [| [| 1.0; 0.2 |]; [| -0.5; 1.0 |]; [| -0.5; -1.2 |] |]
        let contexts = Array.init 60 (fun _ -> [| 6.0 * rng.NextDouble() - 3.0; 6.0 * rng.NextDouble() - 3.0 |])

        let labels =
            contexts
            |> Array.map (fun x ->
                let scores = weights |> Array.map (fun w -> w[0] * x[0] + w[1] * x[1])
                Array.IndexOf(scores, Array.max scores))

        for gamma in [ 0.05; 0.2; 0.5 ] do
            for tau in taus do
                let error =
                    Array.zip contexts labels
                    |> Array.averageBy (fun (x, y) ->
                        let struct (_, margin) =
                            AdversarialCompSum.attack PerturbationNorm.L2 gamma weights x y |> Require.ok

                        if margin <= 0.0 then 1.0 else 0.0)

                let bound =
                    HConsistency.robustErrorUpperBound
                        tau
                        0.5
                        (AdversarialLaw.least 3 0.5)
                        PerturbationNorm.L2
                        gamma
                        weights
                        contexts
                        labels
                    |> Require.ok

                Assert.That(error, Is.GreaterThan 0.0)
                Assert.That(bound.Value, Is.GreaterThanOrEqualTo error)

    [<Test>]
    member _.``A nu below sqrt(n-1)/rho is listed as a violated assumption``() =
        let bound nu =
            HConsistency.robustErrorUpperBound
                1.0
                0.5
                nu
                PerturbationNorm.L2
                0.1
                [| [| 1.0 |]; [| 0.0 |]; [| -1.0 |] |]
                [| [| 1.0 |] |]
                [| 0 |]
            |> Require.ok

        Assert.That((bound 2.0).Assumptions[0].Status, Is.EqualTo AssumptionStatus.Violated)
        Assert.That((bound (2.0 * sqrt 2.0)).Assumptions[0].Status, Is.EqualTo AssumptionStatus.ByConstruction)

    [<Test>]
    member _.``Rows of different lengths, labels and numbers out of range are refused``() =
        let isError result = Result.isError result
        let weights = [| [| 1.0; 0.0 |]; [| 0.0; 1.0 |] |]
        Assert.That(isError (AdversarialCompSum.margins [| [| 1.0; 2.0 |]; [| 1.0 |] |] [| 1.0; 2.0 |] 0))
        Assert.That(isError (AdversarialCompSum.margins weights [| 1.0 |] 0))
        Assert.That(isError (AdversarialCompSum.margins weights [| 1.0; 2.0 |] 2))
        Assert.That(isError (AdversarialCompSum.drift (enum 7) 1.0 weights 0))
        Assert.That(isError (AdversarialCompSum.smooth 1.0 0.0 1.0 PerturbationNorm.L2 1.0 weights [| 1.0; 2.0 |] 0))
        Assert.That(isError (AdversarialCompSum.smooth 1.0 1.0 -1.0 PerturbationNorm.L2 1.0 weights [| 1.0; 2.0 |] 0))
        Assert.That(MulticlassLaw.refused (fun () -> SmoothAdversarialCompSum(1.0, 0.0, 0.0)))
