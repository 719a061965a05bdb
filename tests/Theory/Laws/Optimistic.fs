namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses
open OptimisticWitnesses

/// Optimistic mirror descent and the stochastically extended adversary.
[<TestFixture>]
type OptimisticLaws() =
    let holds name =
        Assert.That(Witness.holds Witnesses.all name, name)

    [<Test>]
    member _.``Optimistic mirror descent pays for the errors of its hints and not for the gradients``() =
        holds "optimistic-path"
        holds "optimistic-adaptive"

        // perfect hints: the variation is 0 and the regret does not grow
        for seed in 1..50 do
            let random = Witness.random seed

            let state =
                OptimisticMirrorDescent.start
                    (ConvexSet.Ball(2, 1.0))
                    (OptimisticSchedule.Adaptive(2.0, 1.0, 0.5))
                    (ReadOnlySpan(inBall random 2))
                |> Require.ok

            let mutable paid = 0.0
            let total = [| 0.0; 0.0 |]

            for _ in 1..200 do
                let g = inBall random 2
                OptimisticMirrorDescent.suggest (ReadOnlySpan g) state
                paid <- paid + dot g (state.Point.ToArray())
                OptimisticMirrorDescent.step (ReadOnlySpan g) state
                total[0] <- total[0] + g[0]
                total[1] <- total[1] + g[1]

            Assert.That(state.Variation, Is.EqualTo 0.0)
            Assert.That(paid + norm total, Is.LessThanOrEqualTo(5.0 * sqrt 4.5))

    [<Test>]
    member _.``Between stochastic and adversarial: the expected regret pays for variance and drift``() =
        holds "sea-convex"
        holds "sea-strongly-convex"

    [<Test>]
    member _.``On strongly convex losses optimistic mirror descent pays its hints' errors over t``() =
        holds "optimistic-strongly-convex"

    [<Test>]
    member _.``On exp-concave losses optimistic mirror descent pays its hints' errors in the inverse metric``() =
        holds "optimistic-exp-concave"

    [<Test>]
    member _.``Dynamic regret: optimistic mirror descent follows every path at the price of its length``() =
        holds "optimistic-dynamic"
        holds "optimistic-dynamic-grid"

        // at the best step: sqrt(2 V (D^2 + 2 D P))
        let best =
            Bounds.find "optimistic-dynamic"
            |> Result.bind (BoundCalculator.evaluate [ "D", [| 2.0 |]; "P", [| 3.0 |]; "V", [| 50.0 |] ])
            |> Require.ok

        Assert.That(best.Value, Is.EqualTo(sqrt (100.0 * 16.0)).Within(1e-12).Percent)

    [<Test>]
    member _.``The grid's steps are dense enough: one is within a factor of the root of two of the best``() =
        for horizon in [ 1.0; 2.0; 10.0; 1e3; 1e6 ] do
            let steps = Optimistic.gridSize horizon |> Require.ok
            // D = G = 1
            let least = 1.0 / sqrt (2.0 * (4.0 * horizon + 1.0))
            let greatest = sqrt ((1.0 + 2.0 * horizon) / 2.0)
            Assert.That(Math.ScaleB(least, steps - 1), Is.GreaterThanOrEqualTo greatest)
            Assert.That(Math.ScaleB(least, steps - 2), Is.LessThan(greatest))

    [<Test>]
    member _.``Without hints optimistic mirror descent is gradient descent``() =
        let random = Random 1
        let set = ConvexSet.Ball(2, 1.0)

        let optimistic =
            OptimisticMirrorDescent.start set (OptimisticSchedule.Constant 0.2) (ReadOnlySpan [| 0.1; 0.2 |])
            |> Require.ok

        let plain =
            GradientDescent.start set (StepSchedule.Constant 0.2) (ReadOnlySpan [| 0.1; 0.2 |]) |> Require.ok

        for _ in 1..200 do
            let g = inBall random 2
            OptimisticMirrorDescent.suggest (ReadOnlySpan [| 0.0; 0.0 |]) optimistic
            Assert.That(optimistic.Point.SequenceEqual plain.Point)
            OptimisticMirrorDescent.step (ReadOnlySpan g) optimistic
            GradientDescent.step (ReadOnlySpan g) plain

        Assert.That(optimistic.Variation, Is.EqualTo(plain.Squares).Within(1e-11).Percent)

    [<Test>]
    member _.``Losses in other units leave optimistic mirror descent where it is``() =
        let random = Random 2
        let set = ConvexSet.Ball(2, 1.0)

        let at gradient regularisation =
            OptimisticMirrorDescent.start
                set
                (OptimisticSchedule.Adaptive(2.0, gradient, regularisation))
                (ReadOnlySpan [| 0.1; 0.2 |])
            |> Require.ok

        let one = at 1.0 0.5
        let other = at 8.0 (0.5 * 64.0)

        for _ in 1..200 do
            let g = inBall random 2
            OptimisticMirrorDescent.step (ReadOnlySpan g) one
            OptimisticMirrorDescent.step (ReadOnlySpan(g |> Array.map (fun v -> 8.0 * v))) other
            Assert.That(one.Point.SequenceEqual other.Point)

    [<Test>]
    member _.``Steps of optimistic learners allocate nothing, and bad gradients are refused``() =
        let set = ConvexSet.Ball(3, 1.0)
        let g = [| 0.3; -0.2; 0.1 |]
        let origin = [| 0.0; 0.0; 0.0 |]

        let state =
            OptimisticMirrorDescent.start set (OptimisticSchedule.StronglyConvex 1.0) (ReadOnlySpan origin)
            |> Require.ok

        let newton = OptimisticNewton.start 0.1 0.1 1.0 (ReadOnlySpan origin) |> Require.ok
        let grid = OptimisticGrid.start set 1.0 1000 (ReadOnlySpan origin) |> Require.ok

        let round () =
            OptimisticMirrorDescent.step (ReadOnlySpan g) state
            OptimisticNewton.step (ReadOnlySpan g) newton
            OptimisticGrid.step (ReadOnlySpan g) grid

        for _ in 1..200 do
            round ()

        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..200 do
            round ()

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)

        Assert.Throws<HindsightException>(fun () ->
            OptimisticMirrorDescent.step (ReadOnlySpan [| nan; 0.0; 0.0 |]) state)
        |> fun e -> Assert.That(e.Message, Does.Contain "gradient")

        Assert.Throws<HindsightException>(fun () -> OptimisticGrid.step (ReadOnlySpan [| 2.0; 0.0; 0.0 |]) grid)
        |> fun e -> Assert.That(e.Message, Does.Contain "gradient norm")

        match OptimisticGrid.start (ConvexSet.Whole 3) 1.0 10 (ReadOnlySpan origin) with
        | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Is.EqualTo "diameter")
        | other -> Assert.Fail $"{other}"

        for bad in [ nan; 0.0; -1.0; infinity ] do
            match OptimisticMirrorDescent.start set (OptimisticSchedule.Constant bad) (ReadOnlySpan origin) with
            | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Is.EqualTo "step")
            | other -> Assert.Fail $"{other}"
