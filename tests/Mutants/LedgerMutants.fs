namespace Hindsight.Tests.Mutants

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open Hindsight.Tests.Laws

/// Wrong accounts. Each must be rejected by the law of the estimate.
[<TestFixture>]
type LedgerMutants() =
    let value (d: Decision) c =
        Igw.decisionValue (ReadOnlySpan d.PredictedCosts) c (ReadOnlySpan d.Distribution)

    let error (d: Decision) cost = (d.PredictedCosts[d.Arm] - cost) ** 2.0
    let grid = [ for power in -4 .. 12 -> Math.ScaleB(1.0, power) ]

    [<Test>]
    member _.``The coefficient chosen after the cost is seen``() =
        let count d cost =
            grid |> List.map (fun c -> value d c + c * error d cost) |> List.min

        Assert.That(LedgerLaw.estimateCovers count, Is.False)

    [<Test>]
    member _.``The decision value left out``() =
        Assert.That(LedgerLaw.estimateCovers (fun d cost -> 0.25 * error d cost), Is.False)

    [<Test>]
    member _.``Half of the squared error``() =
        Assert.That(LedgerLaw.estimateCovers (fun d cost -> value d 1.0 + 0.5 * error d cost), Is.False)

    [<Test>]
    member _.``The error of the best arm in place of the chosen one``() =
        let count (d: Decision) cost =
            value d 1.0 + (Array.min d.PredictedCosts - cost) ** 2.0

        Assert.That(LedgerLaw.estimateCovers count, Is.False)
