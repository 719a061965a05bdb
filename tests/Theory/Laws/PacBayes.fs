namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// PAC-Bayesian bounds.
[<TestFixture>]
type PacBayesLaws() =
    static let value (bound: Result<Bound, HindsightError>) = (Require.ok bound).Value

    static let draw (random: Random) =
        let n = 1 + random.Next 2000
        let q = if random.Next 8 = 0 then 0.0 else random.NextDouble()
        struct (n, q, 30.0 * random.NextDouble() ** 3.0, Math.Exp(-10.0 * random.NextDouble() - 0.01))

    [<Test>]
    member _.``Seeger's bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-seeger")

        // the best of many hypotheses of risk 1/2 under the uniform prior
        let seeger n q divergence delta =
            Witness.bound "pac-bayes-seeger" [| n; q; divergence; delta |]

        Assert.That(PacBayesWitnesses.bestOfMany seeger, Is.LessThanOrEqualTo 1.0)

    [<Test>]
    member _.``McAllester's bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-mcallester")

    [<Test>]
    member _.``The quadratic bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-quadratic")

    [<Test>]
    member _.``The lambda bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-lambda")

    [<Test>]
    member _.``Catoni's bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-catoni")

    [<Test>]
    member _.``Alquier's bound holds for all posteriors at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-alquier")

    [<Test>]
    member _.``Occam's bound holds for all hypotheses at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "occam")

    [<Test>]
    member _.``Binomial tail inversion is exact``() =
        Assert.That(Witness.holds Witnesses.all "test-set")
        let random = Random 1

        for _ in 1..300 do
            let n = 1 + random.Next 100
            let k = random.Next n
            let delta = Math.Exp(-8.0 * random.NextDouble() - 0.01)
            let p = value (PacBayes.testSet n k delta)
            // P(at most k errors), from the law itself
            let mass = Enumerate.binomial n p |> Array.truncate (k + 1) |> Array.sum
            Assert.That(mass, Is.EqualTo(delta).Within(1e-9 * delta))
            // no looser than Chernoff's bound
            let chernoff = value (Concentration.chernoffUpper n (float k / float n) delta)
            Assert.That(p, Is.LessThanOrEqualTo(chernoff * (1.0 + 1e-13)))

        Assert.That(value (PacBayes.testSet 10 10 0.05), Is.EqualTo 1.0)

    [<Test>]
    member _.``Seeger's bound by epochs holds at all sample sizes at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "pac-bayes-anytime")

        // two hypotheses, all posteriors of the Gibbs family, all sizes to 20: the probability of any failure
        for p1, p2, prior, delta in [ 0.1, 0.4, 0.5, 0.3; 0.5, 0.5, 0.1, 0.7; 0.9, 0.2, 0.3, 0.5 ] do
            let fails t i j =
                [ 0.0; 2.0; 50.0 ]
                |> List.exists (fun beta ->
                    let q1, q2 = float i / float t, float j / float t
                    let first = prior * exp (-beta * (q1 - q2))
                    let mass = first / (first + 1.0 - prior)

                    let term a b =
                        if a = 0.0 then 0.0 else a * log (a / b)

                    let divergence = max 0.0 (term mass prior + term (1.0 - mass) (1.0 - prior))
                    let empirical = min 1.0 (mass * q1 + (1.0 - mass) * q2)
                    mass * p1 + (1.0 - mass) * p2 > value (PacBayes.anytime t empirical divergence delta))

            let mutable alive = Map.ofList [ (0, 0), 1.0 ]
            let mutable failed = 0.0

            for t in 1..20 do
                let next =
                    [
                        for KeyValue((i, j), mass) in alive do
                            for a, pa in [ 1, p1; 0, 1.0 - p1 ] do
                                for b, pb in [ 1, p2; 0, 1.0 - p2 ] do
                                    (i + a, j + b), mass * pa * pb
                    ]
                    |> List.groupBy fst
                    |> List.map (fun (state, all) -> state, List.sumBy snd all)

                let out, stay = next |> List.partition (fun ((i, j), _) -> fails t i j)
                failed <- failed + List.sumBy snd out
                alive <- Map.ofList stay

            Assert.That(failed, Is.LessThanOrEqualTo delta)

    [<Test>]
    member _.``The KL of Gaussians is the integral``() =
        Assert.That(Witness.holds Witnesses.all "gaussian-kl")

    [<Test>]
    member _.``Golden values``() =
        let n, q, divergence, delta = 1000, 0.1, 12.0, 0.05
        let near (x: float) = Is.EqualTo(x).Within(4e-15)
        Assert.That(value (PacBayes.seeger n q divergence delta), near 0.16864755853059515)
        Assert.That(value (PacBayes.mcAllester n q divergence delta), near 0.1978334224424481)
        Assert.That(value (PacBayes.quadratic n q divergence delta), near 0.18391155025717854)
        Assert.That(value (PacBayes.catoni n q divergence 0.5 delta), near 0.15993250559372302)

    [<Test>]
    member _.``Maurer's Theorem 1: the expectation of exp(n kl) is at most 2 sqrt n, for every n from 1``() =
        for n, sum in [ 1, 2.0; 8, 4.24501800537109; 100, 13.209960630215713 ] do
            Assert.That(PacBayes.maurerSum n |> Require.ok, Is.EqualTo(sum).Within(1e-12 * sum))

        for n in Seq.append (seq { 1..300 }) (seq { 400..173..3000 }) do
            let sum = PacBayes.maurerSum n |> Require.ok
            Assert.That(sum, Is.LessThanOrEqualTo(2.0 * sqrt (float n) * (1.0 + 1e-12)))

        // it is that expectation, whatever the risk
        for p in [ 0.1; 0.5; 0.83 ] do
            for n in [ 1; 5; 30 ] do
                let expectation =
                    Enumerate.binomial n p
                    |> Seq.mapi (fun k mass ->
                        let q = float k / float n

                        let term a b =
                            if a = 0.0 then 0.0 else a * log (a / b)

                        mass * exp (float n * (term q p + term (1.0 - q) (1.0 - p))))
                    |> Seq.sum

                Assert.That(expectation, Is.EqualTo(PacBayes.maurerSum n |> Require.ok).Within(1e-11).Percent)

    [<Test>]
    member _.``Orders: Seeger's bound is at most the quadratic one and McAllester's, the quadratic is the lambda bound at its best``
        ()
        =
        let random = Random 2

        for _ in 1..1000 do
            let struct (n, q, divergence, delta) = draw random
            let seeger = value (PacBayes.seeger n q divergence delta)
            let quadratic = value (PacBayes.quadratic n q divergence delta)
            let mcAllester = value (PacBayes.mcAllester n q divergence delta)
            Assert.That(seeger, Is.LessThanOrEqualTo(quadratic * (1.0 + 1e-13)))
            Assert.That(seeger, Is.LessThanOrEqualTo(mcAllester * (1.0 + 1e-13)))
            let lambda = PacBayes.bestLambda n q divergence delta |> Require.ok

            Assert.That(
                value (PacBayes.lambda n q divergence lambda delta),
                Is.EqualTo(quadratic).Within(1e-12 * quadratic)
            )

        // the optimiser finds it
        let best =
            Bounds.find "pac-bayes-lambda"
            |> Result.bind (
                BoundCalculator.evaluate [ "n", [| 1000.0 |]; "q", [| 0.1 |]; "KL", [| 12.0 |]; "delta", [| 0.05 |] ]
            )

        Assert.That(value best, Is.EqualTo(0.18391155025717854).Within 1e-14)

    [<Test>]
    member _.``At an empirical risk of 0 Seeger's bound is 1 - e^-B``() =
        let random = Random 3

        for _ in 1..500 do
            let struct (n, _, divergence, delta) = draw random
            let b = (divergence + log (2.0 * sqrt (float n) / delta)) / float n
            Assert.That(value (PacBayes.seeger n 0.0 divergence delta), Is.EqualTo(1.0 - exp -b).Within 1e-14)

    [<Test>]
    member _.``Bounds grow with KL and with confidence, and fall with n``() =
        let random = Random 4

        let bounds: (int -> float -> float -> float -> Result<Bound, HindsightError>) list =
            [
                PacBayes.seeger
                PacBayes.mcAllester
                PacBayes.quadratic
                (fun n q d delta -> PacBayes.lambda n q d 0.7 delta)
                (fun n q d delta -> PacBayes.catoni n q d 0.7 delta)
                (fun n q d delta -> PacBayes.alquier n q d 20.0 delta)
                (fun n q d delta -> PacBayes.occam n q (exp -d) delta)
            ]

        for _ in 1..300 do
            let struct (n, q, divergence, delta) = draw random

            for bound in bounds do
                let at = value (bound n q divergence delta)
                let slack = 1e-14 * at
                Assert.That(value (bound n q (divergence + 1.0) delta), Is.GreaterThanOrEqualTo(at - slack))
                Assert.That(value (bound n q divergence (0.8 * delta)), Is.GreaterThanOrEqualTo(at - slack))
                Assert.That(value (bound (2 * n) q divergence delta), Is.LessThanOrEqualTo(at + slack))

            // the sum of ln n and 1/n falls from n = 1 on; by epochs only from epoch to epoch
            Assert.That(
                value (PacBayes.anytime n q divergence delta),
                Is.GreaterThanOrEqualTo(value (PacBayes.seeger n q divergence delta) - 1e-14)
            )

    [<Test>]
    member _.``KL of Gaussians: diagonal and full agree, rotations do not matter, equal laws have none``() =
        let random = Random 5

        for _ in 1..100 do
            let m = Array.init 2 (fun _ -> 2.0 * random.NextDouble() - 1.0)
            let a = Array.init 2 (fun _ -> Math.Exp(2.0 * random.NextDouble() - 1.0))
            let b = Array.init 2 (fun _ -> Math.Exp(2.0 * random.NextDouble() - 1.0))
            let diagonal = value (PacBayes.diagonalGaussians m a b)
            let angle = 6.0 * random.NextDouble()
            let c, s = cos angle, sin angle

            let rotated (v: float[]) =
                let cross = c * s * (v[0] - v[1])

                array2D
                    [
                        [ c * c * v[0] + s * s * v[1]; cross ]
                        [ cross; s * s * v[0] + c * c * v[1] ]
                    ]

            let turned = [| c * m[0] - s * m[1]; s * m[0] + c * m[1] |]
            let full = PacBayes.gaussians turned (rotated a) [| 0.0; 0.0 |] (rotated b) |> Require.ok
            Assert.That(full, Is.EqualTo(diagonal).Within(1e-12 * (1.0 + diagonal)))
            let same = PacBayes.gaussians m (rotated a) m (rotated a) |> Require.ok
            Assert.That(same, Is.EqualTo(0.0).Within 1e-13)
            Assert.That(value (PacBayes.diagonalGaussians [| 0.0 |] [| 0.3 |] [| 0.3 |]), Is.Zero)

    [<Test>]
    member _.``Bad input is refused by name``() =
        let refused (name: string) (result: Result<'T, HindsightError>) =
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _))
            | Error(HindsightError.WrongDimension(argument, _, _)) -> Assert.That(argument, Does.StartWith name)
            | other -> Assert.Fail $"{name}: {other}"

        refused "risk" (PacBayes.seeger 10 1.5 1.0 0.05)
        refused "divergence" (PacBayes.seeger 10 0.5 -1.0 0.05)
        refused "delta" (PacBayes.seeger 10 0.5 1.0 1.0)
        refused "lambda" (PacBayes.lambda 10 0.5 1.0 2.0 0.05)
        refused "errors" (PacBayes.testSet 10 11 0.05)
        refused "prior" (PacBayes.occam 10 0.5 0.0 0.05)
        refused "observations" (PacBayes.maurerSum 0)
        refused "variances" (PacBayes.diagonalGaussians [| 0.0; 1.0 |] [| 1.0 |] [| 1.0; 1.0 |])
        refused "covariance" (PacBayes.gaussians [| 0.0 |] (array2D [ [ -1.0 ] ]) [| 0.0 |] (array2D [ [ 1.0 ] ]))

        refused
            "priorCovariance"
            (PacBayes.gaussians
                [| 0.0; 0.0 |]
                (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ] ])
                [| 0.0; 0.0 |]
                (array2D [ [ 1.0; 0.5 ]; [ 0.0; 1.0 ] ]))

        refused "priorMean" (PacBayes.gaussians [| 0.0 |] (array2D [ [ 1.0 ] ]) [||] (array2D [ [ 1.0 ] ]))
