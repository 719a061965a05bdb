namespace Hindsight.Bench

open BenchmarkDotNet.Attributes
open BenchmarkDotNet.Running
open Hindsight

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

[<RequireQualifiedAccess>]
module Micro =
    /// All classes, with BenchmarkDotNet's own arguments.
    let run (arguments: string[]) =
        BenchmarkSwitcher
            .FromTypes([| typeof<NetworkBenchmarks>; typeof<BanditBenchmarks> |])
            .Run(
                if arguments.Length = 0 then
                    [| "--filter"; "*" |]
                else
                    arguments
            )
        |> ignore<BenchmarkDotNet.Reports.Summary seq>
