namespace Hindsight.Bench

open System
open System.Diagnostics
open System.Threading
open Hindsight
open Hindsight.FSharp

/// What the arms of a timed round read.
type Shape =
    /// Ten vectors of 120 entries.
    | Dense120 = 0
    /// Ten vectors of 784 entries.
    | Dense784 = 1
    /// One context of 784 entries, in the block of each of ten arms.
    | Blocks784 = 2

/// One round of NeuFastCB or NeuSquareCB at the level of the network: mean predictions of ten arms, and a projected step on one of them. Width 100, ten sign vectors.
[<Sealed>]
type NetworkRound(shape: Shape, loss: ILoss, fresh: bool, lanes: Lanes) =
    let arms = 10
    let dimension = if shape = Shape.Dense120 then 120 else 784
    let shared = (shape = Shape.Blocks784)

    let net =
        PerturbedNetwork.Create(
            {
                Dimension = dimension
                Blocks = (if shared then arms else 1)
                Heads = 1
                Hidden = [| 100 |]
                Activation = Activation.ReLU
                Parameterisation = Parameterisation.Theory
                Sigma = 2.0
                Seed = 1UL
                Perturbation = PerturbationKind.Rademacher
                PerturbationScale = 0.1
                PerturbationCount = 10
                FreshSigns = fresh
                Radius = 10.0
                OutputRadius = 10.0
                StepRule = StepRule.Plain
                Decay = 1.0
                Lanes = lanes
            },
            loss
        )
        |> Require.ok

    let values =
        let random = RandomStream(2UL, 0UL)
        Array.init (if shared then dimension else arms * dimension) (fun _ -> float32 (random.NextDouble()) * 0.1f)

    let blocks = Array.init arms (fun arm -> if shared then arm else 0)
    let heads = Array.zeroCreate<int> arms
    let scores = Array.zeroCreate<float32> arms
    let means = Array.zeroCreate<float> arms
    let mutable arm = 0

    member _.ParameterCount = net.ParameterCount
    member _.Projections = net.Projections

    member _.Predict() =
        net.Forward(ReadOnlySpan values, arms, shared, ReadOnlySpan blocks, ReadOnlySpan heads, Span scores)
        net.MeanPredictions(ReadOnlySpan scores, Span means)

    member this.Round() =
        this.Predict()
        let start = if shared then 0 else arm * dimension
        net.Step(ReadOnlySpan(values, start, dimension), blocks[arm], 0, arm, 0.3, 0.01)
        arm <- (arm + 1) % arms

/// A whole round of a bandit with ten arms: features, predictions, distribution, draw, record, and learning. Contexts are drawn before.
[<Sealed>]
type BanditRound(contextSize: int, settings: (string * string) list) =
    let bandit =
        (BanditSettings.Create("neufastcb", contextSize, 10, 1UL), settings)
        ||> List.fold (fun s (key, value) -> s |> Result.bind (fun s -> s.With(key, value)))
        |> Result.bind (fun s -> s.Build())
        |> Require.ok

    let contexts =
        let random = RandomStream(3UL, 0UL)
        Array.init 64 (fun _ -> Array.init contextSize (fun _ -> random.NextNormal()))

    let mutable round = 0

    member _.Round() =
        let decision = bandit.Choose(ReadOnlySpan contexts[round % 64]) |> Require.ok
        bandit.Learn(decision.Id, (if decision.Arm = round % 10 then 0.0 else 1.0)) |> Require.ok
        round <- round + 1

/// The stopwatch of the speed tables.
[<RequireQualifiedAccess>]
module Clock =
    [<Literal>]
    let Repetitions = 25

    let private time (work: Action) iterations =
        let start = Stopwatch.GetTimestamp()

        for _ in 1..iterations do
            work.Invoke()

        Stopwatch.GetElapsedTime(start).TotalMicroseconds / float iterations

    /// Microseconds of the work: warmed up, a pause in which the optimised code arrives, warmed up again, then the best of the repetitions, each of about so many milliseconds.
    let best milliseconds (work: Action) =
        let warm () =
            let watch = Stopwatch.StartNew()
            let mutable calls = 0

            while calls < 60 || (watch.ElapsedMilliseconds < 60L && calls < 20000) do
                work.Invoke()
                calls <- calls + 1

        warm ()
        Thread.Sleep 200
        warm ()
        Thread.Sleep 200
        let once = time work 20
        let iterations = Math.Clamp(int (1000.0 * milliseconds / once), 3, 100000)
        Seq.init Repetitions (fun _ -> time work iterations) |> Seq.min
