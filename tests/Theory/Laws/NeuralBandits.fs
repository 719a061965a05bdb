namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Confidence widths, LinUCB, and the bounds of NeuralUCB and NeuralTS, from above and from below.
[<TestFixture>]
type NeuralBanditLaws() =
    static let refuses (argument: string) (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(name, _, _))
        | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Does.StartWith argument)
        | Error other -> Assert.Fail $"expected an error about {argument}: {other.Message}"
        | Ok value -> Assert.Fail $"expected an error about {argument}, not {value}"

    static let holds calculator =
        Assert.That(Witness.holds Witnesses.all calculator)

    static let overHorizon noise (instance: BanditInstance) =
        let horizon = instance.Contexts.Length

        let struct (bound, _) =
            NeuralUcb.regretAtBestLambda
                { NeuralUcbOptions.For horizon with
                    Noise = noise
                }
                instance
            |> Require.ok

        bound.Value / float horizon

    static let instance dimension horizon =
        NeuralUcb.hardInstance 1UL dimension horizon |> Require.ok

    // ---- widths ----

    [<Test>]
    member _.``Theorem 1 of Abbasi-Yadkori, Pal and Szepesvari: self-normalised noise leaves its bound, in any round, with probability at most delta``
        ()
        =
        Assert.That(NeuralBanditChecks.anytime NeuralBanditChecks.width)
        holds "self-normalized"

    [<Test>]
    member _.``Theorem 2 of Abbasi-Yadkori, Pal and Szepesvari: the ridge estimate is within its width of the parameter in every round``
        ()
        =
        Assert.That(NeuralBanditChecks.coversWithoutNoise NeuralBanditChecks.interval)
        holds "ridge-confidence"

    [<Test>]
    member _.``A Gaussian process is within its width of a function of the kernel's space``() =
        Assert.That(NeuralBanditChecks.kernelHolds NeuralBanditChecks.kernelWidth)
        holds "kernel-confidence"

    [<Test>]
    member _.``In the limit of infinite width NeuralUCB's intervals hold in all rounds, but for a share delta of the noise``
        ()
        =
        Assert.That(NeuralBanditChecks.neuralHolds NeuralBanditChecks.neuralWidth)
        holds "neural-ucb-width"

    // ---- LinUCB ----

    [<Test>]
    member _.``Theorem 3 of Abbasi-Yadkori, Pal and Szepesvari: LinUCB's regret while its intervals hold``() =
        holds "linucb"

        // the runs are not empty: intervals hold on nearly all, and regret is paid
        let runs = List.init 200 (NeuralBanditWitnesses.linUcb id)
        Assert.That(runs |> List.filter _.Held |> List.length, Is.GreaterThanOrEqualTo 195)
        Assert.That(runs |> List.filter (fun r -> r.Regret > 0.1) |> List.length, Is.GreaterThanOrEqualTo 100)

    [<Test>]
    member _.``One round of LinUCB attains its bound``() =
        holds "linucb-sharp"

        let random = Random 3

        for _ in 1..100 do
            let beta, logDet, horizon =
                5.0 * random.NextDouble(), 30.0 * random.NextDouble(), 1000.0 * random.NextDouble() + 1.0

            let sharp = (LinUcb.regretSharp beta logDet horizon |> Require.ok).Value
            let published = (LinUcb.regret beta logDet horizon |> Require.ok).Value
            Assert.That(sharp, Is.EqualTo(published / sqrt (2.0 * log 2.0)).Within(1e-13 * published))

    [<Test>]
    member _.``LinUCB's regret is within the bound that follows from the numbers alone``() =
        holds "linucb-explicit"

        // with the numbers' own ceiling of the log determinant it is the bound of the state, or more
        for seed in 1..50 do
            let run = NeuralBanditWitnesses.linUcb id seed

            let numbers =
                (LinUcb.regretOf run.Dimension (float run.Rounds) 1.0 1.0 run.Noise 1.0 0.01 |> Require.ok).Value

            let state = (LinUcb.regretSharp run.Width run.LogDet (float run.Rounds) |> Require.ok).Value
            Assert.That(state, Is.LessThanOrEqualTo(numbers * (1.0 + 1e-12)))

    [<Test>]
    member _.``The regret that online ridge regression states of itself is the calculator's at its own log determinant``
        ()
        =
        let state = RidgeState(2, 1.5)

        for x in [ [| 1.0; 0.0 |]; [| 0.6; 0.8 |]; [| 0.0; -1.0 |] ] do
            Ridge.update (ReadOnlySpan x) 0.3 state |> ignore<float>

        let width = LinearConfidence.width 0.2 1.0 0.1 state |> Require.ok
        let expected = 0.2 * sqrt (2.0 * log 10.0 + state.LogDet) + sqrt 1.5
        Assert.That(width.Value, Is.EqualTo(expected).Within(4).Ulps)
        Assert.That(width.Kind, Is.EqualTo BoundKind.Anytime)
        let regret = LinearConfidence.regret 0.2 1.0 0.1 state |> Require.ok
        Assert.That(regret.Value, Is.EqualTo(2.0 * expected * sqrt (3.0 * state.LogDet / log 2.0)).Within(8).Ulps)
        Assert.That(regret.Kind, Is.EqualTo BoundKind.Anytime)
        Assert.That(regret.Delta.Value, Is.EqualTo 0.1)
        Assert.That(regret.Assumptions |> Array.exists (fun a -> a.Name.Contains "in every round every mean"), Is.False)
        LinearConfidence.regret 0.2 1.0 0.1 (RidgeState(2, 1.0)) |> refuses "horizon"
        LinearConfidence.width -1.0 1.0 0.1 state |> refuses "noise"
        LinearConfidence.width 1.0 nan 0.1 state |> refuses "norm"
        LinearConfidence.width 1.0 1.0 1.0 state |> refuses "delta"

    // ---- NeuralUCB and NeuralTS ----

    [<Test>]
    member _.``Upper confidence bounds in the limit of infinite width stay within NeuralUCB's regret bound``() =
        holds "neural-ucb"

    [<Test>]
    member _.``NeuralUCB's bound from a spectrum is its bound from the log determinant``() =
        holds "neural-ucb-spectrum"
        let instance = instance 10 20
        let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
        let norm = NeuralUcb.rewardNorm gram instance.Rewards |> Require.ok
        let values = EffectiveDimension.eigenvalues gram |> Require.ok

        for lambda in [ 0.1; 1.0; 8.0 ] do
            for steps in [ 0.0; 50.0; 1e100 ] do
                let spectrum =
                    Witness.boundOf
                        "neural-ucb-spectrum"
                        [|
                            [| 1.0 |]
                            [| 20.0 |]
                            [| 2.0 |]
                            [| lambda |]
                            values
                            [| norm |]
                            [| 0.7 |]
                            [| steps |]
                            [| 1.5 |]
                            [| 0.1 |]
                        |]

                let options =
                    {
                        Horizon = 20
                        Arms = 1
                        Layers = 2
                        Lambda = lambda
                        Noise = 0.7
                        Steps = steps
                        TrainingConstant = 1.5
                        Delta = 0.1
                    }

                let direct = (NeuralUcb.regretOf options instance |> Require.ok).Value
                Assert.That(direct, Is.EqualTo(spectrum).Within(1e-12 * spectrum))

    [<Test>]
    member _.``NeuralUCB's bound is least at the best lambda``() =
        let instance = instance 25 50
        let options = NeuralUcbOptions.For 50
        let struct (best, lambda) = NeuralUcb.regretAtBestLambda options instance |> Require.ok

        for factor in [ 0.01; 0.5; 0.99; 1.01; 2.0; 30.0 ] do
            let other =
                NeuralUcb.regretOf
                    { options with
                        Lambda = factor * lambda
                    }
                    instance
                |> Require.ok

            Assert.That(other.Value, Is.GreaterThanOrEqualTo(best.Value * (1.0 - 1e-12)))

    [<Test>]
    member _.``Thompson sampling in the limit of infinite width stays within NeuralTS's regret bound``() =
        holds "neural-ts"

    [<Test>]
    member _.``The kernel of NeuralUCB has (L + 1)/2 on its diagonal, and one context the norm 2/sqrt(L + 1)``() =
        Assert.That(
            NeuralBanditChecks.oneContext
                (fun layers contexts -> NeuralUcb.gram layers contexts |> Require.ok)
                (fun gram rewards -> NeuralUcb.rewardNorm gram rewards |> Require.ok)
        )

        for layers in 2..5 do
            let gram = NeuralUcb.gram layers (instance 6 12).Contexts |> Require.ok

            for i in 0..11 do
                Assert.That(gram[i, i], Is.EqualTo(0.5 * float (layers + 1)).Within(1e-14))

            Assert.That((KernelSpectrum.ofGram gram |> Require.ok).Smallest, Is.GreaterThan 0.0)

    [<Test>]
    member _.``Some rewards make the norm in NeuralUCB's bound grow like the square root of the horizon, whatever the contexts``
        ()
        =
        holds "neural-ucb-reward-floor"

    [<Test>]
    member _.``NeuralUCB's regret bound is linear in the horizon for some rewards, whatever the contexts``() =
        Assert.That(NeuralBanditChecks.aboveFloor NeuralBanditChecks.bounding)
        holds "neural-ucb-floor"

        // over the horizon it does not fall, and it is above the trivial bound from the first round
        let floors =
            [ 1.0; 10.0; 1e3; 1e6; 1e9 ]
            |> List.map (fun t -> (NeuralUcb.floor 1 t 2 1.0 |> Require.ok).Value / t)

        Assert.That(floors, Is.Ordered)
        Assert.That(List.head floors, Is.GreaterThan 1.0)

    [<Test>]
    member _.``On spread contexts NeuralUCB's regret bound grows like the horizon to the power 1.5, whatever lambda``
        ()
        =
        holds "neural-ucb-context-floor"

        let at t =
            (NeuralUcb.contextFloor 1 t 2 0.25 1.0 |> Require.ok).Value

        Assert.That(at 4000.0 / at 1000.0, Is.EqualTo(8.0).Within(1e-12))

        // measured on the hard family: between the floor and what the best lambda gives
        for horizon in [ 50; 100; 200 ] do
            let instance = instance (horizon / 2) horizon
            let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
            let smallest = (KernelSpectrum.ofGram gram |> Require.ok).Smallest
            Assert.That(smallest, Is.GreaterThan 0.25)

    [<Test>]
    member _.``On contexts that spread with the horizon NeuralUCB's bound over the horizon grows, whatever lambda``() =
        Assert.That(NeuralBanditChecks.growing NeuralBanditChecks.bounding)

        // one arm, two layers, d = T/2, fair rewards: 55, 67, 90, 124 at the best lambda in other draws; a tenth for the draw
        let measured = [ 50; 100; 200; 400 ] |> List.map (fun t -> overHorizon 1.0 (instance (t / 2) t))
        Assert.That(measured, Is.Ordered)

        for value, reference in List.zip measured [ 55.0; 67.0; 90.0; 124.0 ] do
            Assert.That(value, Is.EqualTo(reference).Within(0.1 * reference))

    [<Test; Category("Long")>]
    member _.``On contexts that spread with the horizon NeuralUCB's bound over the horizon is 170 at 800 rounds``() =
        Assert.That(overHorizon 1.0 (instance 400 800), Is.EqualTo(170.0).Within(17.0))

    [<Test>]
    member _.``On contexts that spread, the norm is like 0.88 sqrt(T) and the log determinant like 0.69 T``() =
        let horizon = 400
        let instance = instance (horizon / 2) horizon
        let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
        let norm = NeuralUcb.rewardNorm gram instance.Rewards |> Require.ok
        Assert.That(norm / sqrt (float horizon), Is.EqualTo(0.88).Within(0.05))
        Assert.That((EffectiveDimension.logDet 1.0 gram |> Require.ok) / float horizon, Is.EqualTo(0.69).Within(0.01))

    [<Test>]
    member _.``On rewards that are coins no learner has a squared error below their variance``() =
        holds "coin-regression-floor"

        // the hard family's rewards are fair coins: a bandit bound of any forecaster is linear there too
        let horizon = 1000.0
        let error = (NeuralUcb.coinFloor horizon 0.5 |> Require.ok).Value
        Assert.That(error, Is.EqualTo(horizon / 4.0))

        let ours =
            SquareCB.expectationGamma Normalization.Exact 2 horizon error
            |> Result.bind (SquareCB.expectation Normalization.Exact 2 horizon error)
            |> Require.ok

        Assert.That(ours.Value, Is.EqualTo(horizon / 2.0).Within(1e-9))

    [<Test>]
    member _.``In a fixed low dimension the log determinant is of smaller order than the horizon``() =
        let share horizon =
            let gram = NeuralUcb.gram 2 (instance 3 horizon).Contexts |> Require.ok
            (EffectiveDimension.logDet 1.0 gram |> Require.ok) / float horizon

        let shares = [ 50; 100; 200; 400 ] |> List.map share

        // each doubling of the horizon takes a quarter or more off the share; spread contexts keep 0.69
        for before, after in List.pairwise shares do
            Assert.That(after, Is.LessThan(0.75 * before))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let good = instance 5 10
        let options = NeuralUcbOptions.For 10
        NeuralUcb.gram 1 good.Contexts |> refuses "layers"
        NeuralUcb.gram 2 [||] |> refuses "points"
        NeuralUcb.hardInstance 1UL 0 10 |> refuses "dimension"
        NeuralUcb.hardInstance 1UL 5 0 |> refuses "horizon"
        NeuralUcb.regretAtBestLambda { options with Noise = 0.0 } good |> refuses "Noise"
        NeuralUcb.regretOf { options with Arms = 2 } good |> refuses "Contexts"
        NeuralUcb.regretOf { options with Lambda = 0.0 } good |> refuses "Lambda"
        NeuralUcb.regretOf { options with Lambda = 20.0 } good |> refuses "lambda"
        NeuralUcb.regretOf { options with Delta = 1.0 } good |> refuses "delta"
        NeuralUcb.regretOf { options with Noise = -1.0 } good |> refuses "noise"
        NeuralUcb.regretOf options { good with Rewards = [| 1.0 |] } |> refuses "rewards"
        NeuralTs.regretOf 0 2 0.1 0.05 good |> refuses "arms"
        NeuralTs.regretOf 3 2 0.1 0.05 good |> refuses "Contexts"

        // two contexts in one direction
        match
            NeuralUcb.rewardNorm (NeuralUcb.gram 2 [| [| 1.0; 1.0 |]; [| 2.0; 2.0 |] |] |> Require.ok) [| 1.0; 0.0 |]
        with
        | Error(HindsightError.Incompatible _) -> ()
        | other -> Assert.Fail $"{other}"
