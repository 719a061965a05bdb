namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses
open ExpertWitnesses

/// Prediction with expert advice: every bound on its algorithm.
[<TestFixture>]
type ExpertLaws() =
    let holds name =
        Assert.That(Witness.holds Witnesses.all name, name)

    let refused argument (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Does.StartWith(argument: string))
        | Error other -> Assert.Fail $"{argument}: {other.Message}"
        | Ok _ -> Assert.Fail $"{argument} was accepted"

    [<Test>]
    member _.``Theorem 2.2 of Cesa-Bianchi and Lugosi: Hedge loses at most the root of T ln N over 2 to the best expert``
        ()
        =
        holds "hedge"
        holds "hedge-tuned"

        Assert.That(
            ExpertLaw.hedgeHolds (fun rate total ->
                let least = Array.min total
                let raw = total |> Array.map (fun l -> exp (-rate * (l - least)))
                raw |> Array.map (fun w -> w / Array.sum raw))
        )

        // the best rate gives the tuned bound
        let hedge = Bounds.find "hedge" |> Require.ok

        for experts, horizon in [ 2.0, 10.0; 10.0, 1e4; 1e6, 1e3 ] do
            let best = hedge |> BoundCalculator.evaluate [ "N", [| experts |]; "T", [| horizon |] ] |> Require.ok

            let tuned = value (Experts.hedgeTuned (int experts) horizon)
            Assert.That(best.Value, Is.EqualTo(tuned).Within(1e-12).Percent)

    [<Test>]
    member _.``Hedge with a prior pays the divergence of the comparator from it``() = holds "hedge-prior"

    [<Test>]
    member _.``Theorem 2 of Freund and Schapire: Hedge's loss is near the best expert's where that is small``() =
        holds "hedge-small-losses"

    [<Test>]
    member _.``Hedge's regret is within its second-order bound``() = holds "hedge-second-order"

    [<Test>]
    member _.``Proposition 3.1 of Cesa-Bianchi and Lugosi: with an exp-concave loss the regret never exceeds ln N over eta``
        ()
        =
        holds "exponential-weights"

    [<Test>]
    member _.``Vovk's theorem: with a mixable loss the Aggregating Algorithm's regret never exceeds ln N over eta``() =
        holds "aggregating"

        // on labels and predictions of another interval the bound grows by the square of its length
        let unit = AggregatingAlgorithm.start (AggregatingGame.Square(0.0, 1.0)) 3 |> Require.ok
        let wide = AggregatingAlgorithm.start (AggregatingGame.Square(-2.0, 1.0)) 3 |> Require.ok

        Assert.That(
            (AggregatingAlgorithm.regretBound wide).Value,
            Is.EqualTo(9.0 * (AggregatingAlgorithm.regretBound unit).Value).Within(2).Ulps
        )

    [<Test>]
    member _.``AdaHedge's regret is at most twice its mixability gap``() =
        holds "adahedge"
        Assert.That(ExpertLaw.adaHolds (fun experts gap -> log (float experts) / gap))

    [<Test>]
    member _.``Theorem 6 of de Rooij, van Erven, Grunwald and Koolen: AdaHedge pays the root of its variances``() =
        holds "adahedge-variance"

        // the gap itself is within half the bound
        for seed in 1..200 do
            let state = adaRun seed

            Assert.That(
                2.0 * state.Gap,
                Is.LessThanOrEqualTo(value (AdaHedge.varianceBound state) * (1.0 + 1e-12) + 1e-12)
            )

    [<Test>]
    member _.``Fixed share follows every sequence of experts at the price of its switches``() =
        holds "fixed-share"

        Assert.That(
            ExpertLaw.sharedHolds (fun share v -> v |> Array.map (fun w -> (1.0 - share) * w + share / float v.Length))
        )

    [<Test>]
    member _.``Fixed share with a vanishing share is Hedge``() =
        let random = Random 1
        let shared = FixedShare.start 4 0.3 1e-300 |> Require.ok
        let hedge = Hedge.start 4 0.3 |> Require.ok

        for _ in 1..200 do
            let l = Array.init 4 (fun _ -> random.NextDouble())
            FixedShare.step (ReadOnlySpan l) shared
            Hedge.step (ReadOnlySpan l) hedge

            for i in 0..3 do
                Assert.That(shared.Weights[i], Is.EqualTo(hedge.Weights[i]).Within 1e-12)

    [<Test>]
    member _.``Weights are probabilities, whatever was lost, and one expert has them all``() =
        let one = Hedge.start 1 0.5 |> Require.ok
        let many = Hedge.start 3 1.0 |> Require.ok
        let ada = AdaHedge.start 3 |> Require.ok
        let shared = FixedShare.start 3 5.0 0.01 |> Require.ok
        let average = ExponentialWeights.start 3 1.0 |> Require.ok

        for t in 1..5000 do
            let l = [| 1.0; float (t % 2); 0.9 |]
            Hedge.step (ReadOnlySpan [| float (t % 2) |]) one
            Hedge.step (ReadOnlySpan l) many
            AdaHedge.step (ReadOnlySpan(l |> Array.map (fun v -> 1e6 * v))) ada
            FixedShare.step (ReadOnlySpan l) shared
            ExponentialWeights.step (ReadOnlySpan(l |> Array.map (fun v -> 1e3 * v))) 1.0 average

        Assert.That(one.Weights[0], Is.EqualTo 1.0)
        Assert.That(one.Regret, Is.EqualTo 0.0)

        for weights in
            [
                many.Weights.ToArray()
                ada.Weights.ToArray()
                shared.Weights.ToArray()
                average.Weights.ToArray()
            ] do
            Assert.That(Array.sum weights, Is.EqualTo(1.0).Within(8).Ulps)
            Assert.That(weights |> Array.forall (fun w -> w >= 0.0))

    [<Test>]
    member _.``AdaHedge does not care about the losses' unit, and hardly about their zero``() =
        let random = Random 2
        let plain = AdaHedge.start 3 |> Require.ok
        let scaled = AdaHedge.start 3 |> Require.ok
        let moved = AdaHedge.start 3 |> Require.ok

        for _ in 1..300 do
            let l = Array.init 3 (fun _ -> random.NextDouble())
            AdaHedge.step (ReadOnlySpan l) plain
            AdaHedge.step (ReadOnlySpan(l |> Array.map (fun v -> 1024.0 * v))) scaled
            AdaHedge.step (ReadOnlySpan(l |> Array.map (fun v -> v + 3.0))) moved

            for i in 0..2 do
                Assert.That(scaled.Weights[i], Is.EqualTo(plain.Weights[i]).Within(1e-12))
                Assert.That(moved.Weights[i], Is.EqualTo(plain.Weights[i]).Within(1e-9))

    [<Test>]
    member _.``Hedge treats experts alike: renaming them renames the weights``() =
        let random = Random 3
        let a = Hedge.start 3 0.7 |> Require.ok
        let b = Hedge.start 3 0.7 |> Require.ok

        for _ in 1..100 do
            let l = Array.init 3 (fun _ -> random.NextDouble())
            Hedge.step (ReadOnlySpan l) a
            Hedge.step (ReadOnlySpan [| l[2]; l[0]; l[1] |]) b
            Assert.That(b.Weights[0], Is.EqualTo(a.Weights[2]).Within(1e-14))
            Assert.That(b.Weights[1], Is.EqualTo(a.Weights[0]).Within(1e-14))

    [<Test>]
    member _.``A step over experts allocates nothing``() =
        let l = Array.init 8 (fun i -> float i / 8.0)
        let hedge = Hedge.start 8 0.1 |> Require.ok
        let ada = AdaHedge.start 8 |> Require.ok
        let shared = FixedShare.start 8 0.1 0.01 |> Require.ok

        let round () =
            Hedge.step (ReadOnlySpan l) hedge
            AdaHedge.step (ReadOnlySpan l) ada
            FixedShare.step (ReadOnlySpan l) shared

        for _ in 1..200 do
            round ()

        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..200 do
            round ()

        let spent = GC.GetAllocatedBytesForCurrentThread() - before
        Assert.That(spent, Is.EqualTo 0L)

    [<Test>]
    member _.``Experts refuse bad numbers by name``() =
        for bad in [ nan; infinity; 0.0; -1.0 ] do
            refused "rate" (Hedge.start 2 bad)
            refused "rate" (ExponentialWeights.start 2 bad)
            refused "rate" (FixedShare.start 2 bad 0.1)
            refused "share" (FixedShare.start 2 0.1 bad)
            refused "prior[0]" (Hedge.startWithPrior (ReadOnlySpan [| bad; 0.5 |]) 0.1)

        refused "experts" (Hedge.start 0 0.1)
        refused "experts" (AdaHedge.start 1)
        refused "sum of prior" (Hedge.startWithPrior (ReadOnlySpan [| 0.5; 0.6 |]) 0.1)
        refused "share" (FixedShare.start 2 0.1 1.0)
        let state = Hedge.start 2 0.1 |> Require.ok

        for bad in [ nan; -0.1; 1.1; infinity ] do
            Assert.Throws<HindsightException>(fun () -> Hedge.step (ReadOnlySpan [| 0.5; bad |]) state)
            |> fun e -> Assert.That(e.Message, Does.Contain "losses[1]")

        Assert.Throws<HindsightException>(fun () -> Hedge.step (ReadOnlySpan [| 0.5 |]) state)
        |> fun e -> Assert.That(e.Message, Does.Contain "losses")

        Assert.That(state.Rounds, Is.EqualTo 0L)
        Hedge.step (ReadOnlySpan [| 0.5; 0.1 |]) state
        refused "switches" (Experts.fixedShare 3 10.0 10 0.1 0.1)
        refused "rate" (Experts.hedgeSecondOrder 3 10.0 1.5)
