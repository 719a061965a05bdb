namespace Hindsight.Bench

open System
open BenchmarkDotNet.Attributes
open BenchmarkDotNet.Running
open Hindsight
open Hindsight.FSharp

/// The network's round under BenchmarkDotNet, in this process: a project that it generates itself would not know the house's package manager.
[<MemoryDiagnoser; InProcess>]
type NetworkBenchmarks() =
    let mutable current = NetworkRound(Shape.Dense120, HalfSquared(), false, Lanes.Auto)

    [<Params(Shape.Dense120, Shape.Dense784, Shape.Blocks784)>]
    member val Shape = Shape.Dense120 with get, set

    [<Params(false, true)>]
    member val Fresh = false with get, set

    [<Params(Lanes.Auto, Lanes.Portable)>]
    member val Lanes = Lanes.Auto with get, set

    [<GlobalSetup>]
    member this.Setup() =
        current <- NetworkRound(this.Shape, BinaryCrossEntropy(), this.Fresh, this.Lanes)

    [<Benchmark(Baseline = true)>]
    member _.Predict() = current.Predict()

    [<Benchmark>]
    member _.Round() = current.Round()

/// The bandit's whole round.
[<MemoryDiagnoser; InProcess>]
type BanditBenchmarks() =
    let mutable current = BanditRound(120, [])

    [<Params("theory", "online", "replay")>]
    member val Oracle = "replay" with get, set

    [<Params("shared", "disjoint")>]
    member val Features = "shared" with get, set

    [<GlobalSetup>]
    member this.Setup() =
        current <- BanditRound(120, [ "oracle", this.Oracle; "features", this.Features ])

    [<Benchmark>]
    member _.Round() = current.Round()

/// Value and gradient of a batch of 10,000 scores.
[<MemoryDiagnoser; InProcess>]
type LossBenchmarks() =
    let count = 10_000
    let labels = LossData.labels count
    let scores = LossData.scores 3.0 count
    let gradient = Array.zeroCreate<float> count
    let labels32 = labels |> Array.map float32
    let scores32 = scores |> Array.map float32
    let gradient32 = Array.zeroCreate<float32> count
    let mutable kernel = LossKernel.For(BinaryCrossEntropy())

    [<Params("binary-cross-entropy", "kullback-leibler", "huber", "pseudo-huber", "log-cosh", "cauchy", "poisson-nll")>]
    member val Loss = "huber" with get, set

    [<GlobalSetup>]
    member this.Setup() =
        let entry = Losses.find this.Loss |> Require.ok

        match entry.Definition with
        | LossDefinition.Scalar create -> kernel <- LossKernel.For(create entry.Defaults)
        | LossDefinition.Multiclass _ -> ()

    [<Benchmark(Baseline = true)>]
    member _.Double() =
        kernel.Gradient(ReadOnlySpan labels, ReadOnlySpan scores, ReadOnlySpan.Empty, Reduction.Mean, Span gradient)

    [<Benchmark>]
    member _.Single() =
        kernel.Gradient(
            ReadOnlySpan labels32,
            ReadOnlySpan scores32,
            ReadOnlySpan.Empty,
            Reduction.Mean,
            Span gradient32
        )

[<RequireQualifiedAccess>]
module Micro =
    /// All classes, with BenchmarkDotNet's own arguments.
    let run (arguments: string[]) =
        BenchmarkSwitcher
            .FromTypes(
                [|
                    typeof<NetworkBenchmarks>
                    typeof<BanditBenchmarks>
                    typeof<LossBenchmarks>
                |]
            )
            .Run(
                if arguments.Length = 0 then
                    [| "--filter"; "*" |]
                else
                    arguments
            )
        |> ignore<BenchmarkDotNet.Reports.Summary seq>
