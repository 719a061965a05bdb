namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Conformal prediction: coverage by enumeration, sets that are monotone, steps with bounds on every sequence.
[<TestFixture>]
type ConformalLaws() =
    static let refused (name: string) (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(argument, _, _))
        | Error(HindsightError.WrongDimension(argument, _, _)) -> Assert.That(argument, Does.StartWith name)
        | other -> Assert.Fail $"{name}: {other}"

    [<Test>]
    member _.``Split conformal prediction covers with probability k/(n+1), by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "split-conformal")

    [<Test>]
    member _.``Coverage given the calibration data has the law Beta(k, n+1-k)``() =
        Assert.That(Witness.holds Witnesses.all "split-conformal-conditional")
        // known: the 5 % quantiles for 19 and 99 scores at alpha = 0.1
        Assert.That(Conformal.rank 19 0.1 |> Require.ok, Is.EqualTo 18)
        Assert.That((Conformal.splitCoverage 19 0.1 |> Require.ok).Value, Is.EqualTo(0.9).Within 1e-15)
        Assert.That((Conformal.conditionalCoverage 19 0.1 0.05 |> Require.ok).Value, Is.EqualTo(0.774).Within 5e-4)
        Assert.That((Conformal.conditionalCoverage 99 0.1 0.05 |> Require.ok).Value, Is.EqualTo(0.847).Within 5e-4)

    [<Test>]
    member _.``Weighted conformal prediction under drift loses at most the weighted distances, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "conformal-drift")

    [<Test>]
    member _.``Jackknife+ covers with probability at least 1 - 2 alpha, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "jackknife-plus")

    [<Test>]
    member _.``CV+ covers with probability at least 1 - 2 alpha - sqrt(2/n), by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "cv-plus")

    [<Test>]
    member _.``Conformal risk control keeps the expected loss, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "conformal-risk-control")

    [<Test>]
    member _.``Adaptive conformal inference misses its share on every sequence (Gibbs and Candes 2021, Proposition 4.1)``
        ()
        =
        Assert.That(Witness.holds Witnesses.all "adaptive-conformal")

    [<Test>]
    member _.``Quantile tracking misses its share on every sequence``() =
        Assert.That(Witness.holds Witnesses.all "quantile-tracking")

    [<Test>]
    member _.``Ties only add coverage``() =
        let random = Random 1

        for _ in 1..500 do
            let n = 1 + random.Next 20
            let alpha = 0.02 + 0.9 * random.NextDouble()
            let scores = Array.init (n + 1) (fun _ -> float (random.Next 4))

            let coverage =
                ConformalWitnesses.averageOver scores (fun calibration score ->
                    ConformalWitnesses.indicator (score <= (Conformal.threshold alpha calibration |> Require.ok)))

            let exact = (Conformal.splitCoverage n alpha |> Require.ok).Value
            Assert.That(coverage, Is.GreaterThanOrEqualTo(exact - 1e-12))
            Assert.That(exact, Is.InRange(1.0 - alpha - 1e-12, 1.0 - alpha + 1.0 / float (n + 1) + 1e-12))

    [<Test>]
    member _.``Full conformal prediction covers with probability at least 1 - alpha, and is split conformal for a score without a fit``
        ()
        =
        let random = Random 2

        for _ in 1..300 do
            let n = 2 + random.Next 15
            let alpha = 0.02 + 0.9 * random.NextDouble()
            let labels = Array.init (n + 1) (fun _ -> random.NextDouble() ** 2.0)

            // distance to the mean of all, the candidate included
            let contains (others: float[]) candidate =
                let all = Array.append others [| candidate |]
                let mean = Array.average all
                Conformal.fullContains alpha (all |> Array.map (fun y -> abs (y - mean))) |> Require.ok

            let coverage =
                ConformalWitnesses.averageOver labels (fun others own ->
                    ConformalWitnesses.indicator (contains others own))

            Assert.That(coverage, Is.GreaterThanOrEqualTo(1.0 - alpha - 1e-12))
            // the score is the label itself: the sets agree
            let calibration = labels[.. n - 1]
            let threshold = Conformal.threshold alpha calibration |> Require.ok

            for candidate in Array.append labels [| 0.0; 2.0 |] do
                let full = Conformal.fullContains alpha (Array.append calibration [| candidate |]) |> Require.ok
                Assert.That(full, Is.EqualTo((candidate <= threshold)))

    [<Test>]
    member _.``Groups are covered one by one``() =
        let random = Random 3

        for _ in 1..100 do
            let alpha = 0.1 + 0.5 * random.NextDouble()
            let groups = Array.init 30 (fun i -> i % 3)
            // group 2 has scores of another size
            let scores = groups |> Array.map (fun g -> random.NextDouble() * (if g = 2 then 100.0 else 1.0))
            let thresholds = Conformal.groupThresholds alpha groups scores |> Require.ok

            for group in 0..2 do
                let own = Array.zip groups scores |> Array.filter (fun (g, _) -> g = group) |> Array.map snd
                Assert.That(thresholds[group], Is.EqualTo(Conformal.threshold alpha own |> Require.ok))

    [<Test>]
    member _.``Equal weights are no weights, and likelihood ratios restore coverage under a shift of the covariate``() =
        let random = Random 4

        for _ in 1..300 do
            let n = 1 + random.Next 30
            let alpha = 0.02 + 0.9 * random.NextDouble()
            let scores = Array.init n (fun _ -> random.NextDouble())
            let w = 3.0 * random.NextDouble() + 0.1

            Assert.That(
                Conformal.weightedThreshold alpha scores (Array.create n w) w |> Require.ok,
                Is.EqualTo(Conformal.threshold alpha scores |> Require.ok)
            )

        // covariates 0 and 1, calibrated under one probability, tested under another; scores depend on the covariate; n = 4, exact
        let calibrated, tested, alpha = 0.3, 0.8, 0.25
        let mutable coverage = 0.0

        let ratio x =
            if x then
                tested / calibrated
            else
                (1.0 - tested) / (1.0 - calibrated)

        for struct (xs, mass) in Enumerate.paths calibrated 4 do
            for test in [ false; true ] do
                let testMass = if test then tested else 1.0 - tested

                // scores uniform on [0,1] + x: given covariates only ranks within a covariate matter, all orders of five are equally likely
                for order in ConformalPermutations.five do
                    let at i x =
                        (if x then 10.0 else 0.0) + float (List.item i order)

                    let scores = xs |> Array.mapi at

                    let threshold =
                        Conformal.weightedThreshold alpha scores (xs |> Array.map ratio) (ratio test) |> Require.ok

                    if at 4 test <= threshold then
                        coverage <- coverage + mass * testMass / 120.0

        Assert.That(coverage, Is.GreaterThanOrEqualTo(1.0 - alpha))

    [<Test>]
    member _.``A smaller alpha gives a larger set, whatever the method``() =
        let random = Random 5

        for _ in 1..300 do
            let n = 2 + random.Next 30
            let scores = Array.init n (fun _ -> random.NextDouble())
            let predictions = Array.init n (fun _ -> random.NextDouble())
            let weights = Array.init n (fun _ -> random.NextDouble())
            let alpha = 0.5 * random.NextDouble() + 0.01
            let smaller = alpha * random.NextDouble() + 1e-4

            Assert.That(
                Conformal.threshold smaller scores |> Require.ok,
                Is.GreaterThanOrEqualTo(Conformal.threshold alpha scores |> Require.ok)
            )

            Assert.That(
                Conformal.weightedThreshold smaller scores weights 0.5 |> Require.ok,
                Is.GreaterThanOrEqualTo(Conformal.weightedThreshold alpha scores weights 0.5 |> Require.ok)
            )

            let struct (low, high) = Conformal.jackknifePlus alpha predictions scores |> Require.ok
            let struct (lower, higher) = Conformal.jackknifePlus smaller predictions scores |> Require.ok
            Assert.That(lower <= low && higher >= high)

    [<Test>]
    member _.``A label is in a score's interval just if its score is at most the threshold``() =
        let random = Random 6

        for _ in 1..2000 do
            let label = 4.0 * random.NextDouble() - 2.0
            let prediction = 4.0 * random.NextDouble() - 2.0
            let scale = random.NextDouble() + 0.1
            let high = prediction + random.NextDouble()
            let threshold = random.NextDouble() - 0.2
            let inside (struct (low: float, high: float)) = label >= low && label <= high

            Assert.That(
                inside (Conformal.absoluteInterval prediction threshold),
                Is.EqualTo((Conformal.absoluteScore label prediction <= threshold))
            )

            Assert.That(
                inside (Conformal.normalizedInterval prediction scale threshold),
                Is.EqualTo((Conformal.normalizedScore label prediction scale <= threshold))
            )

            Assert.That(
                inside (Conformal.quantileInterval prediction high threshold),
                Is.EqualTo((Conformal.quantileScore label prediction high <= threshold))
            )

    [<Test>]
    member _.``Adaptive inference: nothing is predicted at a level of 1, everything at 0, and the level tells the misses``
        ()
        =
        let random = Random 7
        let scores = Array.init 50 (fun _ -> random.NextDouble())

        let at level =
            AdaptiveConformal.start 0.1 0.05 level
            |> Result.bind (AdaptiveConformal.threshold scores)
            |> Require.ok

        Assert.That(at 0.0, Is.EqualTo infinity)
        Assert.That(at 1.0, Is.EqualTo -infinity)
        Assert.That(at 0.2, Is.EqualTo(Conformal.threshold 0.2 scores |> Require.ok))
        let mutable state = AdaptiveConformal.start 0.1 0.05 0.1 |> Require.ok

        for _ in 1..2000 do
            let threshold = AdaptiveConformal.threshold scores state |> Require.ok
            state <- AdaptiveConformal.stepScore (random.NextDouble()) threshold state |> Require.ok
            let rounds = float state.Rounds
            // mean miss - alpha = (a_1 - a_(T+1))/(gamma T), to rounding of the sum
            let exact = (state.Initial - state.Level) / (state.Gamma * rounds)
            Assert.That(float state.Misses / rounds - 0.1, Is.EqualTo(exact).Within 1e-11)

        let everything = AdaptiveConformal.start 0.1 0.05 0.0 |> Require.ok
        Assert.That((AdaptiveConformal.step true everything).IsError)
        let nothing = AdaptiveConformal.start 0.1 0.05 1.0 |> Require.ok
        Assert.That((AdaptiveConformal.step false nothing).IsError)
        Assert.That((AdaptiveConformal.bound nothing).IsError)

    [<Test>]
    member _.``A step of the adaptive methods allocates nothing``() =
        let mutable adaptive = AdaptiveConformal.start 0.1 0.01 0.1 |> Require.ok
        let mutable tracking = QuantileTracking.start 0.1 0.05 1.0 0.5 |> Require.ok

        let round () =
            adaptive <- AdaptiveConformal.stepScore 0.3 0.5 adaptive |> Require.ok
            adaptive <- AdaptiveConformal.stepScore 0.7 0.5 adaptive |> Require.ok
            tracking <- QuantileTracking.step 0.7 tracking |> Require.ok

        round ()
        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..5 do
            round ()

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero)

    [<Test>]
    member _.``Bad input is refused by name``() =
        refused "alpha" (Conformal.threshold 0.0 [| 1.0 |])
        refused "alpha" (Conformal.threshold nan [| 1.0 |])
        refused "scores" (Conformal.threshold 0.1 [||])
        refused "scores" (Conformal.threshold 0.1 [| 1.0; nan |])
        refused "groups" (Conformal.groupThresholds 0.1 [| 1 |] [| 1.0; 2.0 |])
        refused "weights" (Conformal.weightedThreshold 0.1 [| 1.0 |] [| -1.0 |] 1.0)
        refused "weights" (Conformal.weightedThreshold 0.1 [| 1.0 |] [||] 1.0)
        refused "testWeight" (Conformal.weightedThreshold 0.1 [| 1.0 |] [| 1.0 |] 0.0)
        refused "residuals" (Conformal.jackknifePlus 0.1 [| 1.0 |] [||])
        refused "alpha" (Conformal.riskControl 1.0 1.0 [| [| 0.0 |] |])
        refused "losses" (Conformal.riskControl 0.5 1.0 [| [| 2.0 |] |])
        refused "losses" (Conformal.riskControl 0.5 1.0 [| [| 1.0; 0.0 |]; [| 1.0 |] |])
        Assert.That((Conformal.riskControl 0.5 1.0 [| [| 0.0; 1.0 |] |]).IsError)
        Assert.That((Conformal.riskControl 0.1 1.0 [| [| 0.0 |] |]).IsError)
        refused "observations" (Conformal.rank 0 0.1)
        refused "alpha" (Conformal.conditionalCoverage 9 0.05 0.05)
        refused "gamma" (AdaptiveConformal.start 0.1 0.0 0.1)
        refused "initial" (AdaptiveConformal.start 0.1 0.1 1.5)
        refused "score" (AdaptiveConformal.start 0.1 0.1 0.5 |> Result.bind (AdaptiveConformal.stepScore nan 1.0))
        refused "threshold" (AdaptiveConformal.start 0.1 0.1 0.5 |> Result.bind (AdaptiveConformal.stepScore 1.0 nan))
        refused "score" (QuantileTracking.start 0.1 0.1 1.0 0.5 |> Result.bind (QuantileTracking.step 1.5))
        refused "score" (QuantileTracking.start 0.1 0.1 1.0 0.5 |> Result.bind (QuantileTracking.step nan))
        refused "initial" (QuantileTracking.start 0.1 0.1 1.0 2.0)
        refused "distances" (Conformal.driftCoverage 0.1 [| 1.0; 1.0 |] [| 0.1 |])
