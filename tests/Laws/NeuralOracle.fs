namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A stream of one-dimensional regression problems: cost 1 where the sign of x agrees with the regime, 0 elsewhere.
module OracleStream =
    let options memory =
        {
            Network =
                { NetworkOptions.For(2, 20) with
                    Seed = 3UL
                    StepRule = StepRule.Adaptive
                    Decay = 0.9999
                }
            Loss = BinaryCrossEntropy()
            Rate = 0.001
            Schedule = RateSchedule.Constant
            LabelClip = 0.0
            LogitClip = infinity
            Memory = memory
            Capacity = 500
            ReplaySteps = 4
        }

    let create options =
        NeuralOracle.Create options |> Require.ok

    /// Absolute errors of the predictions before each step. The regime changes after so many rounds; noise flips that share of the costs.
    let errors (oracle: NeuralOracle) (seed: uint64) rounds changeAt noise =
        let random = RandomStream(seed, 5UL)
        let learner = oracle :> IRegressionOracle

        [|
            for t in 1..rounds do
                let x = [| float32 (2.0 * random.NextDouble() - 1.0); 1.0f |]
                let agrees = (x[0] > 0.0f) = (t <= changeAt)
                let flipped = random.NextDouble() < noise
                let cost = if agrees <> flipped then 1.0 else 0.0
                learner.Learn(ReadOnlySpan x, 0, 0, cost, -1)
                abs (cost - oracle.LatestPrediction)
        |]

[<TestFixture>]
type NeuralOracleLaws() =

    /// Hoeffding at 1e-4 a window, about 75 disjoint windows a run and 20 runs; the windows' errors vary by far less than the worst case.
    [<Test>]
    member _.``Restart does not restart on a stationary stream, noisy or not``() =
        for noise in [ 0.0; 0.2; 0.5 ] do
            for seed in 1UL .. 6UL do
                let oracle = OracleStream.create (OracleStream.options ReplayMemory.Restart)
                let errors = OracleStream.errors oracle seed 3000 Int32.MaxValue noise

                Assert.That(
                    oracle.Restarts,
                    Is.EqualTo 0L,
                    $"noise {noise}, seed {seed}, mean error {Array.average errors}"
                )

    [<Test>]
    member _.``Restart finds a reversed stream within forty rounds, and then errs less than the reservoir``() =
        for seed in 1UL .. 6UL do
            let restart = OracleStream.create (OracleStream.options ReplayMemory.Restart)
            let early = OracleStream.create (OracleStream.options ReplayMemory.Restart)
            let reservoir = OracleStream.create (OracleStream.options ReplayMemory.Reservoir)
            OracleStream.errors early seed 1040 1000 0.05 |> ignore<float[]>
            let a = OracleStream.errors restart seed 2000 1000 0.05
            let b = OracleStream.errors reservoir seed 2000 1000 0.05
            Assert.That(early.Restarts, Is.EqualTo 1L)
            Assert.That(restart.Restarts, Is.EqualTo 1L)
            Assert.That(Array.sum a[1000..], Is.LessThan(Array.sum b[1000..]))

    [<TestCase(RateSchedule.Constant, 0.5, 0.5)>]
    [<TestCase(RateSchedule.InverseSquareRoot, 0.5, 0.25)>]
    [<TestCase(RateSchedule.InverseTime, 0.5, 0.125)>]
    member _.``the schedule divides the rate by 1, sqrt t or t``(schedule, first: float, fourth: float) =
        // a network that stands still (the same example at its minimiser's side): the step is rate times gradient
        let options = OracleStream.options ReplayMemory.Off

        let options =
            { options with
                Network =
                    { options.Network with
                        StepRule = StepRule.Plain
                    }
                Loss = HalfSquared()
                Schedule = schedule
                Rate = first
            }

        let oracle = OracleStream.create options
        let x = [| 0.5f; 1.0f |]

        for t in 1..4 do
            let before = oracle.Network.Parameters
            let gradient = oracle.Network.Gradient(ReadOnlySpan x, 0, 0, 0.3)
            (oracle :> IRegressionOracle).Learn(ReadOnlySpan x, 0, 0, 0.3, -1)
            let after = oracle.Network.Parameters

            let rate =
                if t = 1 then first
                elif t = 4 then fourth
                else nan

            if t = 1 || t = 4 then
                let step = Array.map2 (fun (b: float32) (a: float32) -> float b - float a) before after
                let expected = gradient |> Array.map (fun g -> rate * float g)
                Assert.That(NetworkCase.difference step expected, Is.LessThan 1e-2)

    [<Property(MaxTest = 20)>]
    member _.``the memory never exceeds its capacity, and a snapshot continues bit for bit``(seed: uint64, kind: byte) =
        let memory = enum<ReplayMemory>(int kind % 4)

        let a =
            OracleStream.create
                { OracleStream.options memory with
                    Capacity = 50
                }

        let b =
            OracleStream.create
                { OracleStream.options memory with
                    Capacity = 50
                }

        OracleStream.errors a seed 120 80 0.1 |> ignore<float[]>
        use stream = new IO.MemoryStream()
        (a :> IRegressionOracle).Save(new IO.BinaryWriter(stream))
        // 50 observations of 2 floats, a cost and a place each, three copies of the weights, the detector's window
        let bound = 50L * (8L + 16L) + 3L * 4L * 32L * 25L + 4096L
        let small = stream.Length <= bound
        stream.Position <- 0L
        (b :> IRegressionOracle).Load(new IO.BinaryReader(stream))
        let x = OracleStream.errors a (seed + 1UL) 30 Int32.MaxValue 0.1
        let y = OracleStream.errors b (seed + 1UL) 30 Int32.MaxValue 0.1
        small && x = y && a.Network.Parameters = b.Network.Parameters

    [<TestCase("Rate", 0.0)>]
    [<TestCase("LabelClip", 0.5)>]
    [<TestCase("LogitClip", -1.0)>]
    [<TestCase("Capacity", 0.0)>]
    [<TestCase("ReplaySteps", -1.0)>]
    member _.``bad options are refused by name``(argument: string, value: float) =
        let good = OracleStream.options ReplayMemory.Reservoir

        let bad =
            match argument with
            | "Rate" -> { good with Rate = value }
            | "LabelClip" -> { good with LabelClip = value }
            | "LogitClip" -> { good with LogitClip = value }
            | "Capacity" -> { good with Capacity = int value }
            | _ -> { good with ReplaySteps = int value }

        match NeuralOracle.Create bad with
        | Ok _ -> Assert.Fail "accepted"
        | Error e -> Assert.That(e.Message, Does.StartWith argument)

    [<Test>]
    member _.``LabelClip keeps labels inside [z, 1 - z] and LogitClip keeps predictions inside the link of [-c, c]``() =
        let options =
            { OracleStream.options ReplayMemory.Off with
                LabelClip = 0.2
                LogitClip = 1.0
                Rate = 0.01
            }

        let oracle = OracleStream.create options
        let x = [| 0.5f; 1.0f |]

        for _ in 1..3000 do
            (oracle :> IRegressionOracle).Learn(ReadOnlySpan x, 0, 0, 0.0, -1)

        // the minimiser of the KL loss at label 0.2
        Assert.That(oracle.LatestPrediction, Is.EqualTo(0.2).Within 0.01)
        let inputs = ArmInputs { Dimension = 2; Blocks = 1; Heads = 1 }
        inputs.Reset(1, true)
        inputs.Assign(0, 0, 0, 0)
        ReadOnlySpan(x).CopyTo(inputs.Row 0)
        let predictions = [| nan |]
        (oracle :> IRegressionOracle).Predict(inputs, Span predictions)
        Assert.That(predictions[0], Is.EqualTo(Scalar.sigmoid -1.0).Within 1e-6)
