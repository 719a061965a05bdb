namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Laws of the bandits' bounds, as functions over a calculator.
[<RequireQualifiedAccess>]
module BoundLaw =
    let value (bound: Result<Bound, HindsightError>) = (Require.ok bound).Value

    /// A few roundings of positive terms.
    let near a b =
        abs (a - b) <= 16.0 * RuleLaw.eps * (abs a + abs b)

    let normalizations = [ Normalization.FixedMu, Rules.fixedMu; Normalization.Exact, Rules.exact ]

    /// Normalization, K, T, R, gamma.
    type Square = Normalization -> int -> float -> float -> float -> float

    let regret (p: float[]) (f: float[]) =
        Array.fold2 (fun s q c -> s + q * c) 0.0 p f - Array.min f

    let squaredError (p: float[]) (y: float[]) (f: float[]) =
        Array.map3 (fun q c m -> q * (c - m) * (c - m)) p y f |> Array.sum

    /// Whatever the predictions and the mean costs, regret is within the bound at the realised error.
    let squareHolds (bound: Square) (y: float[]) (f: float[]) gamma =
        y.Length < 2
        || normalizations
           |> List.forall (fun (n, rule) ->
               let p = rule y gamma
               let limit = bound n y.Length 1.0 (squaredError p y f) gamma
               regret p f <= limit * (1.0 + 16.0 * RuleLaw.sumError y) + RuleLaw.sumError y)

    /// The worst mean costs for a distribution (the maximiser behind the decision value) reach the bound: exactly for the exact normalisation,
    /// up to K/gamma for mu = K where all other arms are far behind. So no constant can be smaller.
    let squareTight (bound: Square) =
        [ 2; 3; 10 ]
        |> List.forall (fun k ->
            let y = Array.init k (fun a -> if a = 0 then 0.0 else 1.0)
            let gamma = 1e6 * float k

            normalizations
            |> List.forall (fun (n, rule) ->
                let p = rule y gamma
                let c = gamma / 4.0
                let star = k - 1

                let f =
                    Array.init k (fun a ->
                        if a = star then
                            y[a] - (1.0 - p[a]) / (2.0 * c * p[a])
                        else
                            y[a] + 1.0 / (2.0 * c))

                let limit = bound n k 1e4 (1e4 * squaredError p y f) gamma
                // gamma/4 times the error is nearly all of both sides: compare what is left
                let left = 1e4 * (regret p f - c * squaredError p y f)
                let price = limit - c * 1e4 * squaredError p y f
                abs (left / price - 1.0) <= 1e-3))

    let squareGolden (bound: Square) =
        near (bound Normalization.FixedMu 10 1e4 50.0 100.0) 3050.0
        && near (bound Normalization.Exact 10 1e4 50.0 100.0) 2150.0

    /// Normalization, K, T, R, delta, gamma. The published form follows at the published gamma; the values were computed apart.
    let highProbability (bound: Normalization -> int -> float -> float -> float -> float -> float) =
        let gamma = Require.ok (SquareCB.gamma 10 1e4 50.0 0.05)

        near gamma 43.1576541156908
        && near (bound Normalization.FixedMu 10 1e4 50.0 0.05 gamma) 6158.130151072305
        && near (bound Normalization.Exact 10 1e4 50.0 0.05 gamma) 4072.752670666604
        && bound Normalization.FixedMu 10 1e4 50.0 0.05 gamma <= 4.0 * sqrt 5e6 + 8.0 * sqrt (1e5 * log 40.0)

    /// K, L*, R, gamma.
    let fastGolden (bound: int -> float -> float -> float -> float) =
        near (bound 10 500.0 4.0 120.0) 11877.142857142857

    /// K, L*, R: the published constants, and that the chain stays below them in both regimes.
    let fastPublished (bound: int -> float -> float -> float) =
        near (bound 10 500.0 4.0) 29656.854249492382
        && [ 1.0; 1e3; 1e6; 1e9 ]
           |> List.forall (fun best ->
               let gamma = Require.ok (FastCB.gamma 10 best 4.0)
               let chain = value (FastCB.atGamma 10 1e4 best 4.0 gamma)

               chain <= bound 10 best 4.0 && chain <= max (33.5 * sqrt (40.0 * best)) (580.0 * 40.0))

    /// G, mu, eps, T, C.
    let explicitRegret (bound: float -> float -> float -> float -> float -> float) =
        near (bound 3.0 0.5 0.01 1000.0 3.0) 595.3583800867139
        // one round: (4 G^2/mu) + 2 eps + 2 C
        && near (bound 3.0 0.5 0.25 1.0 0.0) 72.5

    let commonRegret (bound: float -> float -> float -> float -> float) =
        near (bound 3.0 0.5 0.01 1000.0) 304.6791900433569

[<Laws(Arbitrary = [| typeof<BanditArbitraries> |])>]
type BanditBoundLaws() =
    let square: BoundLaw.Square = fun n k t r gamma -> BoundLaw.value (SquareCB.expectation n k t r gamma)

    let cycle (f: float[]) length =
        Array.init length (fun a -> f[a % f.Length])

    [<Property(MaxTest = 500)>]
    member _.``SquareCB: regret is within the bound at the realised error, whatever predictions and costs``
        (Costs y)
        (Costs f)
        (Exploration gamma)
        =
        BoundLaw.squareHolds square y (cycle f y.Length) (Math.Clamp(gamma, 1e-3, 1e6))

    [<Test>]
    member _.``SquareCB: the worst costs reach the bound, and its values are those computed apart``() =
        Assert.That(BoundLaw.squareTight square)
        Assert.That(BoundLaw.squareGolden square)

        Assert.That(BoundLaw.highProbability (fun n k t r d g -> BoundLaw.value (SquareCB.highProbability n k t r d g)))

    [<Property(MaxTest = 500)>]
    member _.``FastCB: regret is within the bound at the realised log-loss regret``
        (Costs y)
        (Costs f)
        (Exploration gamma)
        =
        let y, f = Array.map (fun c -> 0.001 + 0.998 * c) y, cycle f y.Length
        let k = float y.Length
        let gamma = Math.Clamp(gamma, 10.0 * k, 1e6)

        let p = Rules.reweighted y gamma

        let divergence =
            Array.map3 (fun q a b -> q * Loss.value (KullbackLeibler()) b (Scalar.logit a)) p y f |> Array.sum

        y.Length < 2
        || BoundLaw.regret p f
           <= BoundLaw.value (FastCB.atGamma y.Length 1.0 (Array.min f) divergence gamma)
              + 1e3 * gamma * RuleLaw.eps // rounding of a divergence near 0, times 14 gamma

    [<Test>]
    member _.``FastCB: the chain gives 33.5 and 580 where 40 and 600 are published``() =
        Assert.That(BoundLaw.fastGolden (fun k l r g -> BoundLaw.value (FastCB.atGamma k 1e4 l r g)))
        Assert.That(BoundLaw.fastPublished (fun k l r -> BoundLaw.value (FastCB.expectation k 1e4 l r)))

    [<Property>]
    member _.``the stated optimal gammas have derivative 0, and the derivative changes sign there``(seed: uint64) =
        let r = RandomStream(seed, 31UL)
        let k = 2 + r.NextInt 20

        let draw low high =
            low * Math.Pow(high / low, r.NextDouble())

        let t, regret, delta, best = draw 1.0 1e6, draw 0.1 1e4, draw 1e-6 0.5, draw 1.0 1e5

        let n =
            if r.NextInt 2 = 0 then
                Normalization.Exact
            else
                Normalization.FixedMu

        let stationary sensitivity bound (gamma: Result<float, HindsightError>) =
            let gamma = Require.ok gamma
            let slope g = Require.ok (sensitivity g)

            abs (slope gamma) * gamma <= 64.0 * RuleLaw.eps * BoundLaw.value (bound gamma)
            && slope (0.9 * gamma) < 0.0
            && slope (1.1 * gamma) > 0.0

        stationary
            (SquareCB.expectationSensitivity n k t regret)
            (SquareCB.expectation n k t regret)
            (SquareCB.expectationGamma n k t regret)
        && stationary
            (SquareCB.highProbabilitySensitivity n k t regret delta)
            (SquareCB.highProbability n k t regret delta)
            (SquareCB.highProbabilityGamma n k t regret delta)
        && stationary
            (FastCB.sensitivity k t best regret)
            (FastCB.atGamma k t best regret)
            (FastCB.optimalGamma k best regret)

    [<Property>]
    member _.``projected gradient descent with quadratic growth stays within both regret bounds``(seed: uint64) =
        let r = RandomStream(seed, 32UL)
        let mu = 0.1 + r.NextDouble()
        let horizon = 1 + r.NextInt 500
        let common = r.NextInt 2 = 0
        let centre = 2.0 * r.NextDouble() - 1.0

        let centres = Array.init horizon (fun _ -> if common then centre else 2.0 * r.NextDouble() - 1.0)

        let loss c theta = mu / 2.0 * (theta - c) * (theta - c)
        // mu |theta - c| on [-1, 1]
        let gradient = 2.0 * mu

        let run factor =
            let mutable theta = 1.0
            let mutable total = 0.0

            for t in 1..horizon do
                let c = centres[t - 1]
                total <- total + loss c theta
                theta <- Math.Clamp(theta - factor / (mu * float t) * mu * (theta - c), -1.0, 1.0)

            total

        let comparator = Array.average centres
        let excess = centres |> Array.sumBy (fun c -> loss c comparator)

        run 4.0 - excess <= BoundLaw.value (Qg.onlineRegret gradient mu 0.0 (float horizon) excess)
        && (not common || run 2.0 <= BoundLaw.value (Qg.onlineLogRegret gradient mu 0.0 (float horizon)))

    [<Test>]
    member _.``theorem 3.1, explicit: values computed apart``() =
        Assert.That(BoundLaw.explicitRegret (fun g m e t c -> BoundLaw.value (Qg.onlineRegret g m e t c)))
        Assert.That(BoundLaw.commonRegret (fun g m e t -> BoundLaw.value (Qg.onlineLogRegret g m e t)))

    [<Test>]
    member _.``compositions carry the regression's assumptions, and are no surer than it``() =
        let given = Require.ok (RegressionRegret.given AssumptionStatus.Measured "a run of 1e4 rounds" 40.0)

        let certain =
            { given with
                Kind = BoundKind.Deterministic
            }

        let likely =
            { given with
                Kind = BoundKind.HighProbability
                Delta = Nullable 1e-3
            }

        let squareCB regression =
            Require.ok (NeuSquareCB.expectation Normalization.Exact 5 1e4 regression)

        let fastCB regression =
            Require.ok (NeuFastCB.expectation 5 1e4 100.0 regression)

        Assert.That((squareCB given).Kind, Is.EqualTo BoundKind.Heuristic)
        Assert.That((squareCB certain).Kind, Is.EqualTo BoundKind.Expectation)
        Assert.That((squareCB likely).Kind, Is.EqualTo BoundKind.Expectation)
        Assert.That((fastCB given).Kind, Is.EqualTo BoundKind.Heuristic)
        Assert.That((fastCB certain).Kind, Is.EqualTo BoundKind.Expectation)
        Assert.That((fastCB likely).Kind, Is.EqualTo BoundKind.Heuristic)
        Assert.That(BoundLaw.near (squareCB certain).Value (sqrt (4e4 * 40.0)))
        Assert.That(BoundLaw.near (squareCB likely).Value (sqrt (4e4 * 50.0)))

        Assert.That(
            (fastCB given).Assumptions
            |> Array.exists (fun a -> a.Status = AssumptionStatus.Measured && a.Detail = "a run of 1e4 rounds")
        )

        Assert.That((RegressionRegret.ofHalfSquared given).Value, Is.EqualTo 80.0)
        Assert.That((squareCB certain).Vacuous, Is.False)
        Assert.That((Require.ok (NeuSquareCB.expectation Normalization.Exact 5 10.0 certain)).Vacuous)

    [<Test>]
    member _.``illegal inputs are refused by the name of the argument``() =
        let named (result: Result<'T, HindsightError>) =
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> argument
            | _ -> ""

        let exact = Normalization.Exact
        Assert.That(named (SquareCB.expectation exact 1 1.0 1.0 1.0), Is.EqualTo "arms")
        Assert.That(named (SquareCB.expectation exact 2 nan 1.0 1.0), Is.EqualTo "horizon")
        Assert.That(named (SquareCB.expectation exact 2 1.0 -1.0 1.0), Is.EqualTo "regret")
        Assert.That(named (SquareCB.expectation exact 2 1.0 1.0 0.0), Is.EqualTo "gamma")
        Assert.That(named (SquareCB.expectation (enum 7) 2 1.0 1.0 1.0), Is.EqualTo "normalization")
        Assert.That(named (SquareCB.highProbability exact 2 1.0 1.0 1.0 1.0), Is.EqualTo "delta")
        Assert.That(named (SquareCB.expectationGamma exact 2 1.0 0.0), Is.EqualTo "regret")
        Assert.That(named (FastCB.atGamma 2 1.0 -1.0 1.0 20.0), Is.EqualTo "best")
        Assert.That(named (FastCB.atGamma 2 1.0 1.0 1.0 10.0), Is.EqualTo "gamma")
        Assert.That(named (FastCB.gamma 2 1.0 0.0), Is.EqualTo "regret")
        Assert.That(named (Qg.onlineLogRegret 0.0 1.0 0.0 1.0), Is.EqualTo "gradient")
        Assert.That(named (Qg.onlineLogRegret 1.0 infinity 0.0 1.0), Is.EqualTo "growth")
        Assert.That(named (Qg.onlineLogRegret 1.0 1.0 0.0 0.5), Is.EqualTo "horizon")
        Assert.That(named (Qg.onlineRegret 1.0 1.0 -1.0 1.0 0.0), Is.EqualTo "defect")
        Assert.That(named (Qg.onlineRegret 1.0 1.0 0.0 1.0 -1.0), Is.EqualTo "comparatorExcess")
        Assert.That(named (RegressionRegret.given AssumptionStatus.Assumed "" nan), Is.EqualTo "value")
