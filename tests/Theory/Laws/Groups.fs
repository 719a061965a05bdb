namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses
open GroupWitnesses

/// Sleeping experts and groupwise regret.
[<TestFixture>]
type GroupLaws() =
    let holds name =
        Assert.That(Witness.holds Witnesses.all name, name)

    [<Test>]
    member _.``AdaNormalHedge follows every expert through its waking rounds``() =
        holds "adanormalhedge"

        // the potential stays within its bound in every round
        for seed in 1..200 do
            let state =
                sleeping
                    plain
                    (fun state ->
                        Assert.That(state.Potential, Is.LessThanOrEqualTo(state.PotentialBound * (1.0 + 1e-12))))
                    seed

            Assert.That(state.Rounds, Is.GreaterThan 0L)

    [<Test>]
    member _.``Groupwise regret: one aggregate is nearly as good on every group as the group's own oracle``() =
        holds "groupwise"
        holds "groupwise-regression"

    [<Test>]
    member _.``Who sleeps has no weight and learns nothing``() =
        let state = AdaNormalHedge.start 3 |> Require.ok
        let random = Random 1

        for _ in 1..100 do
            let awake = [| true; random.Next 2 = 0; false |]
            let p = plain awake state
            Assert.That(p[2], Is.EqualTo 0.0)
            Assert.That(Array.sum p, Is.EqualTo(1.0).Within(4).Ulps)
            let before = state.Regrets[1]
            let losses = [| random.NextDouble(); random.NextDouble(); nan |]
            let mean = p[0] * losses[0] + p[1] * losses[1]
            AdaNormalHedge.step (ReadOnlySpan awake) (ReadOnlySpan losses) mean state

            if not awake[1] then
                Assert.That(state.Regrets[1], Is.EqualTo before)

        Assert.That(state.Regrets[2], Is.EqualTo 0.0)
        Assert.That(state.Deviations[2], Is.EqualTo 0.0)
        // one who is alone has all the weight
        Assert.That((plain [| false; true; false |] state)[1], Is.EqualTo 1.0)
        // nobody awake, nothing to weigh
        Assert.That(Array.sum (plain [| false; false; false |] state), Is.EqualTo 0.0)

    [<Test>]
    member _.``Renaming experts renames their weights, and a million rounds overflow nothing``() =
        let a = AdaNormalHedge.start 2 |> Require.ok
        let b = AdaNormalHedge.start 2 |> Require.ok
        let awake = [| true; true |]

        for t in 1..1000000 do
            let x = if t % 3 = 0 then 0.9 else 0.1
            let y = 1.0
            let p = if t % 1000 = 1 then plain awake a else [| 0.5; 0.5 |]
            AdaNormalHedge.step (ReadOnlySpan awake) (ReadOnlySpan [| x; y |]) (p[0] * x + p[1] * y) a
            AdaNormalHedge.step (ReadOnlySpan awake) (ReadOnlySpan [| y; x |]) (p[0] * x + p[1] * y) b

        let p = plain awake a
        let q = plain awake b
        Assert.That(p[0], Is.EqualTo q[1])
        Assert.That(p[0], Is.GreaterThan 0.99)

    [<Test>]
    member _.``A group that is added changes no other group's oracle``() =
        let one = Groupwise.start 2 2 1.0 1.0 |> Require.ok
        let more = Groupwise.start 3 2 1.0 1.0 |> Require.ok
        let random = Random 3

        for _ in 1..200 do
            let x = inBall random 2
            let y = 2.0 * random.NextDouble() - 1.0
            let odd = random.Next 2 = 0
            let third = random.Next 2 = 0
            let p = Groupwise.step (ReadOnlySpan x) (ReadOnlySpan [| true; odd |]) y one
            let q = Groupwise.step (ReadOnlySpan x) (ReadOnlySpan [| true; odd; third |]) y more
            Assert.That(abs p, Is.LessThanOrEqualTo 1.0)
            Assert.That(abs q, Is.LessThanOrEqualTo 1.0)

        for g in 0..1 do
            Assert.That((more.Oracle g).Weights.SequenceEqual((one.Oracle g).Weights))
            Assert.That((more.Oracle g).LogDet, Is.EqualTo (one.Oracle g).LogDet)

    [<Test>]
    member _.``A step over groups allocates nothing, and bad rounds are refused by name``() =
        let state = Groupwise.start 2 2 1.0 1.0 |> Require.ok
        let x = [| 0.3; 0.4 |]
        let active = [| true; true |]
        let mutable sum = 0.0

        for _ in 1..200 do
            sum <- sum + Groupwise.step (ReadOnlySpan x) (ReadOnlySpan active) 0.5 state

        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..200 do
            sum <- sum + Groupwise.step (ReadOnlySpan x) (ReadOnlySpan active) 0.5 state

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
        Assert.That(sum, Is.GreaterThan 0.0)

        Assert.Throws<HindsightException>(fun () ->
            Groupwise.step (ReadOnlySpan x) (ReadOnlySpan active) 1.5 state |> fun p -> Assert.Fail $"{p}")
        |> fun e -> Assert.That(e.Message, Does.Contain "label")

        Assert.Throws<HindsightException>(fun () -> state.Regret 2 |> fun r -> Assert.Fail $"{r}")
        |> fun e -> Assert.That(e.Message, Does.Contain "group")

        match Groupwise.start 2 2 1.0 nan, Groupwise.regretBound 2 state with
        | Error(HindsightError.OutOfRange(label, _, _)), Error(HindsightError.OutOfRange(group, _, _)) ->
            Assert.That(label, Is.EqualTo "label")
            Assert.That(group, Is.EqualTo "group")
        | other -> Assert.Fail $"{other}"

        match AdaNormalHedge.startWithPrior (ReadOnlySpan [| 0.5; 0.0 |]) with
        | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Is.EqualTo "prior[1]")
        | other -> Assert.Fail $"{other}"
