namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses

/// Online convex optimisation: every bound on its algorithm.
[<TestFixture>]
type OnlineConvexLaws() =
    let holds name =
        Assert.That(Witness.holds Witnesses.all name, name)

    let refused argument (result: Result<'T, HindsightError>) =
        match result with
        | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Does.StartWith(argument: string))
        | Error other -> Assert.Fail $"{argument}: {other.Message}"
        | Ok _ -> Assert.Fail $"{argument} was accepted"

    [<Test>]
    member _.``Theorem 1 of Zinkevich: gradient descent stays within its bound for every schedule of steps``() =
        for name in
            [
                "gradient-descent"
                "gradient-descent-horizon"
                "gradient-descent-square-root"
                "gradient-descent-adaptive"
            ] do
            holds name

    [<Test>]
    member _.``Theorem 1 of Hazan, Agarwal and Kale: on strongly convex losses the regret is logarithmic``() =
        holds "gradient-descent-strongly-convex-path"
        holds "gradient-descent-strongly-convex"

    [<Test>]
    member _.``Mirror descent stays within divergence over step plus half the step times the squared dual norms``() =
        holds "mirror-descent"

    [<Test>]
    member _.``Following the regularised leader stays within range over step plus half the step times the squared dual norms``
        ()
        =
        holds "regularised-leader"
        holds "regularised-leader-varying"

    [<Test>]
    member _.``Dual averaging with a p-norm pays the logarithm of the dimension``() =
        holds "dual-averaging"

        let at d =
            value (OnlineConvex.dualAveraging 1.0 1.0 d 100.0)
        // the square of the bound is affine in ln d
        let square d = at d * at d

        let slope a b =
            (square b - square a) / (log (float b) - log (float a))

        Assert.That(slope 10 100, Is.EqualTo(2.0 * Math.E * 100.0).Within(1e-10).Percent)
        Assert.That(slope 100 100000, Is.EqualTo(2.0 * Math.E * 100.0).Within(1e-10).Percent)

    [<Test>]
    member _.``Theorem 5 of Duchi, Hazan and Singer: AdaGrad with a diagonal matrix stays within its bound``() =
        holds "adagrad-diagonal"

        Assert.That(
            OnlineConvexLaw.diagonalHolds (fun sums g x ->
                for i in 0..1 do
                    if g[i] <> 0.0 then
                        x[i] <- x[i] - sqrt 2.0 * g[i] / sqrt sums[i])
        )

    [<Test>]
    member _.``Theorem 7 of Duchi, Hazan and Singer: AdaGrad with a full matrix stays within its bound``() =
        holds "adagrad-full"

    [<Test>]
    member _.``AdaGrad with a full matrix is gradient descent with adaptive steps in one dimension``() =
        let random = Random 3
        let full = AdaGrad.startFull 1.0 (ReadOnlySpan [| 0.3 |]) |> Require.ok

        let plain =
            GradientDescent.start (ConvexSet.Ball(1, 1.0)) (StepSchedule.Adaptive 2.0) (ReadOnlySpan [| 0.3 |])
            |> Require.ok

        for _ in 1..100 do
            let g = [| 2.0 * random.NextDouble() - 1.0 |]
            AdaGrad.stepFull (ReadOnlySpan g) full
            GradientDescent.step (ReadOnlySpan g) plain
            Assert.That(full.Point[0], Is.EqualTo(plain.Point[0]).Within 1e-13)

        Assert.That(
            value (AdaGrad.regretBoundFull full),
            Is.EqualTo(value (GradientDescent.regretBound plain)).Within(1e-11).Percent
        )

    [<Test>]
    member _.``Theorem 2 of Hazan, Agarwal and Kale: on exp-concave losses the online Newton step has logarithmic regret``
        ()
        =
        holds "online-newton"
        holds "online-newton-horizon"
        Assert.That(OnlineConvexLaw.logDeterminant (fun _ after -> after))

    [<Test>]
    member _.``The published bound of the online Newton step is at least the derived one``() =
        let random = Random 4

        for _ in 1..5000 do
            let alpha = Math.Exp(10.0 * random.NextDouble() - 5.0)
            let diameter = Math.Exp(6.0 * random.NextDouble() - 3.0)
            let gradient = Math.Exp(6.0 * random.NextDouble() - 3.0)
            let dimension = 1 + random.Next 50
            let horizon = 5.0 * Math.Exp(20.0 * random.NextDouble())
            let derived = value (OnlineConvex.onlineNewtonHorizon alpha diameter gradient dimension horizon)
            let published = value (OnlineConvex.onlineNewtonPublished alpha diameter gradient dimension horizon)
            Assert.That(derived, Is.LessThanOrEqualTo published)

        holds "online-newton-published"

    [<Test>]
    member _.``The Vovk-Azoury-Warmuth forecaster stays within the squared label times the log-determinant``() =
        holds "vovk-azoury-warmuth"
        holds "vovk-azoury-warmuth-horizon"

    [<Test>]
    member _.``The residuals of online ridge regression tell the least regularised loss exactly``() =
        holds "ridge-identity"
        Assert.That(OnlineConvexLaw.identityHolds id)

    [<Test>]
    member _.``Clipped online ridge regression stays within the squared length times the log-determinant``() =
        holds "ridge-clipped"
        holds "ridge-unclipped"

    [<Test>]
    member _.``The elliptical potential lemma: what inputs leave to learn bounds the sum of their widths``() =
        holds "ridge-widths"
        holds "ridge-widths-capped"

        for seed in 1..200 do
            let struct (state, _, _, widths, _, _, norms) = regression seed
            // the log-determinant itself is in between
            Assert.That(
                widths |> Seq.sumBy (fun q -> q / (1.0 + q)),
                Is.LessThanOrEqualTo(state.LogDet * (1.0 + 1e-12))
            )

            Assert.That(widths |> Seq.sumBy (min 1.0), Is.LessThanOrEqualTo(state.LogDet / log 2.0 * (1.0 + 1e-12)))

            let ceiling =
                value (OnlineConvex.ellipticalPotential norms state.Lambda state.Dimension (float state.Rounds))

            Assert.That(state.LogDet, Is.LessThanOrEqualTo(ceiling * (1.0 + 1e-12)))

    [<Test>]
    member _.``Online to batch: the average of the points inherits the average regret``() =
        holds "online-to-batch"
        holds "online-to-batch-confidence"

    [<Test>]
    member _.``A projection is the nearest point and never expands``() =
        Assert.That(
            OnlineConvexLaw.projects (fun set x ->
                let y = Array.copy x
                set.Project(Span y)
                y)
        )

    [<Test>]
    member _.``The projection in a matrix norm never expands in that norm, and is the plain one for a multiple of the unit matrix``
        ()
        =
        Assert.That(
            OnlineConvexLaw.projectsInNorm (fun a radius x ->
                let y = Array.copy x
                NormProjection(x.Length).Ball(ReadOnlySpan a, radius, Span y)
                y)
        )

        let y = [| 3.0; -4.0 |]
        NormProjection(2).Ball(ReadOnlySpan [| 7.0; 0.0; 0.0; 7.0 |], 2.5, Span y)
        Assert.That(y[0], Is.EqualTo(1.5).Within 1e-14)
        Assert.That(y[1], Is.EqualTo(-2.0).Within 1e-14)

    [<Test>]
    member _.``Losses in other units leave scale-free learners where they are and scale their bounds``() =
        let random = Random 5
        let set = ConvexSet.Box([| -1.0; -1.0 |], [| 1.0; 1.0 |])

        let one =
            GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok

        let other =
            GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok

        let a = AdaGrad.startDiagonal set (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok
        let b = AdaGrad.startDiagonal set (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok

        for _ in 1..200 do
            let g = inBall random 2
            // a power of two scales without rounding
            let h = g |> Array.map (fun v -> 8.0 * v)
            GradientDescent.step (ReadOnlySpan g) one
            GradientDescent.step (ReadOnlySpan h) other
            AdaGrad.stepDiagonal (ReadOnlySpan g) a
            AdaGrad.stepDiagonal (ReadOnlySpan h) b
            Assert.That(one.Point.SequenceEqual other.Point)
            Assert.That(a.Point.SequenceEqual b.Point)

        Assert.That(
            value (GradientDescent.regretBound other),
            Is.EqualTo(8.0 * value (GradientDescent.regretBound one)).Within(1).Ulps
        )

        Assert.That(
            value (AdaGrad.regretBoundDiagonal b),
            Is.EqualTo(8.0 * value (AdaGrad.regretBoundDiagonal a)).Within(2).Ulps
        )

    [<Test>]
    member _.``Mirror descent and the regularised leader agree where the set does not bind, and on the simplex``() =
        let random = Random 6

        for map in [ MirrorMaps.Euclidean 3; MirrorMaps.Simplex 3; MirrorMaps.PNorm 3 ] do
            let mirror = MirrorDescent.start map 0.1 |> Require.ok
            let leader = RegularisedLeader.start map 10.0 |> Require.ok

            for _ in 1..100 do
                let g = inBall random 3
                MirrorDescent.step (ReadOnlySpan g) mirror
                RegularisedLeader.step (ReadOnlySpan g) leader

                for i in 0..2 do
                    Assert.That(mirror.Point[i], Is.EqualTo(leader.Point[i]).Within 1e-12, map.Name)

    [<Test>]
    member _.``A step of a mirror map minimises what it says``() =
        let random = Random 7

        let maps: struct (IMirrorMap * int)[] =
            [|
                struct (MirrorMaps.Ball(3, 1.0), 0)
                struct (MirrorMaps.Simplex 3, 1)
                struct (MirrorMaps.PNorm 3, 2)
            |]

        let draw kind =
            match kind with
            | 1 ->
                let x = Array.init 3 (fun _ -> -log(1.0 - random.NextDouble()))
                let sum = Array.sum x
                x |> Array.map (fun v -> v / sum)
            | _ -> inBall random 3

        for struct (map, kind) in maps do
            for _ in 1..200 do
                let x = draw kind
                let g = inBall random 3
                let step = Math.Exp(2.0 * random.NextDouble() - 1.0)
                let y = Array.copy x
                map.Descend(ReadOnlySpan g, step, Span y)
                let z = draw kind

                let objective (p: float[]) =
                    step * dot g p + map.Divergence(ReadOnlySpan p, ReadOnlySpan x)

                Assert.That(objective y, Is.LessThanOrEqualTo(objective z + 1e-12), map.Name)
                let lead = Array.zeroCreate<float> 3
                map.Lead(ReadOnlySpan g, 1.0 / step, Span lead)

                let led (p: float[]) =
                    dot g p + map.Regulariser(ReadOnlySpan p) / step

                Assert.That(led lead, Is.LessThanOrEqualTo(led z + 1e-12), map.Name)

    [<Test>]
    member _.``Every mirror map is 1-strongly convex in its norm: the divergence is at least half the squared norm``() =
        let random = Random 8

        for _ in 1..500 do
            let x = Array.init 4 (fun _ -> 0.01 + random.NextDouble())
            let y = Array.init 4 (fun _ -> 0.01 + random.NextDouble())

            let unit (v: float[]) =
                v |> Array.map (fun a -> a / Array.sum v)

            let one (v: float[]) = v |> Array.sumBy abs

            let divergence (map: IMirrorMap) (a: float[]) (b: float[]) =
                map.Divergence(ReadOnlySpan a, ReadOnlySpan b)

            let a, b = unit x, unit y
            let apart = one (Array.map2 (-) a b)

            Assert.That(
                divergence (MirrorMaps.Simplex 4) a b,
                Is.GreaterThanOrEqualTo(0.5 * apart * apart * (1.0 - 1e-12) - 1e-15),
                "Pinsker"
            )

            let map = MirrorMaps.PNorm 4
            let q = 2.0 * log 4.0
            let p = q / (q - 1.0)
            let x = x |> Array.map (fun v -> v - 0.5)
            let y = y |> Array.map (fun v -> v - 0.5)
            let size = Math.Pow(Array.map2 (fun a b -> Math.Pow(abs (a - b), p)) x y |> Array.sum, 1.0 / p)

            Assert.That(
                divergence map x y,
                Is.GreaterThanOrEqualTo(0.5 * size * size * (1.0 - 1e-12) - 1e-14),
                "Ball, Carlen and Lieb"
            )

    [<Test>]
    member _.``The schedules for quadratic growth give the bounds of quadratic growth``() =
        let set = ConvexSet.Ball(1, 1.0)

        let one =
            GradientDescent.start set (StepSchedule.OneMinimiser 0.5) (ReadOnlySpan [| 1.0 |]) |> Require.ok

        let own =
            GradientDescent.start set (StepSchedule.OwnMinimiser 0.5) (ReadOnlySpan [| 1.0 |]) |> Require.ok

        for t in 1..10 do
            GradientDescent.step (ReadOnlySpan [| 0.3 |]) one
            GradientDescent.step (ReadOnlySpan [| 0.3 |]) own
            Assert.That(one.Step, Is.EqualTo(2.0 / (0.5 * float t)).Within(1).Ulps)
            Assert.That(own.Step, Is.EqualTo(4.0 / (0.5 * float t)).Within(1).Ulps)

        Assert.That(value (GradientDescent.regretBound one), Is.EqualTo(value (Qg.onlineLogRegret 0.3 0.5 0.0 10.0)))

        Assert.That(
            value (GradientDescent.growthBound 0.01 2.0 own),
            Is.EqualTo(value (Qg.onlineRegret 0.3 0.5 0.01 10.0 2.0))
        )

        match GradientDescent.regretBound own with
        | Error(HindsightError.Missing _) -> ()
        | other -> Assert.Fail $"{other}"

    [<Test>]
    member _.``A promise about gradients that was broken shows in the bound``() =
        let state =
            GradientDescent.start (ConvexSet.Ball(1, 1.0)) (StepSchedule.SquareRoot(2.0, 1.0)) (ReadOnlySpan [| 0.0 |])
            |> Require.ok

        let violated () =
            (GradientDescent.regretBound state |> Require.ok).Assumptions
            |> Array.exists (fun a -> a.Status = AssumptionStatus.Violated)

        GradientDescent.step (ReadOnlySpan [| 1.0 |]) state
        Assert.That(violated (), Is.False)
        GradientDescent.step (ReadOnlySpan [| 1.5 |]) state
        Assert.That(violated ())

        // a set that is wider than was said
        for set, wide in
            [
                ConvexSet.Ball(1, 1.0), false
                ConvexSet.Ball(1, 1.1), true
                ConvexSet.Whole 1, true
            ] do
            let state = GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan [| 0.0 |]) |> Require.ok
            GradientDescent.step (ReadOnlySpan [| 1.0 |]) state

            let shows =
                (GradientDescent.regretBound state |> Require.ok).Assumptions
                |> Array.exists (fun a -> a.Status = AssumptionStatus.Violated)

            Assert.That(shows, Is.EqualTo wide)

    [<Test>]
    member _.``A step of an online learner allocates nothing``() =
        let dimension = 6
        let g = Array.init dimension (fun i -> 1.0 / float (i + 1))
        let point = Array.zeroCreate<float> dimension
        let set = ConvexSet.Ball(dimension, 1.0)
        let box = ConvexSet.Box(Array.create dimension -1.0, Array.create dimension 1.0)

        let descent = GradientDescent.start set (StepSchedule.Adaptive 2.0) (ReadOnlySpan point) |> Require.ok

        let simplex =
            GradientDescent.start (ConvexSet.Simplex dimension) (StepSchedule.Constant 0.1) (ReadOnlySpan point)
            |> Require.ok

        let newton = OnlineNewton.start 0.1 0.3 (ReadOnlySpan point) |> Require.ok
        let diagonal = AdaGrad.startDiagonal box (ReadOnlySpan point) |> Require.ok
        let mirror = MirrorDescent.start (MirrorMaps.PNorm dimension) 0.1 |> Require.ok
        let leader = RegularisedLeader.start (MirrorMaps.Simplex dimension) 10.0 |> Require.ok
        let average = OnlineToBatch.start dimension |> Require.ok

        let round () =
            GradientDescent.step (ReadOnlySpan g) descent
            GradientDescent.step (ReadOnlySpan g) simplex
            OnlineNewton.step (ReadOnlySpan g) newton
            AdaGrad.stepDiagonal (ReadOnlySpan g) diagonal
            MirrorDescent.step (ReadOnlySpan g) mirror
            RegularisedLeader.step (ReadOnlySpan g) leader
            OnlineToBatch.step descent.Point average

        for _ in 1..200 do
            round ()

        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..200 do
            round ()

        let spent = GC.GetAllocatedBytesForCurrentThread() - before
        Assert.That(spent, Is.EqualTo 0L)

    [<Test>]
    member _.``Learners refuse bad numbers by name``() =
        let set = ConvexSet.Ball(2, 1.0)

        for bad in [ nan; infinity; 0.0; -1.0 ] do
            let at schedule =
                GradientDescent.start set schedule (ReadOnlySpan [| 0.0; 0.0 |])

            refused "step" (at (StepSchedule.Constant bad))
            refused "diameter" (at (StepSchedule.SquareRoot(bad, 1.0)))
            refused "gradient" (at (StepSchedule.SquareRoot(1.0, bad)))
            refused "diameter" (at (StepSchedule.Adaptive bad))
            refused "convexity" (at (StepSchedule.StronglyConvex bad))
            refused "growth" (at (StepSchedule.OneMinimiser bad))
            refused "growth" (at (StepSchedule.OwnMinimiser bad))
            refused "step" (MirrorDescent.start (MirrorMaps.Simplex 2) bad)
            refused "scale" (RegularisedLeader.start (MirrorMaps.Simplex 2) bad)
            refused "radius" (OnlineNewton.start bad 0.1 (ReadOnlySpan [| 0.0 |]))
            refused "curvature" (OnlineNewton.start 1.0 bad (ReadOnlySpan [| 0.0 |]))
            refused "radius" (AdaGrad.startFull bad (ReadOnlySpan [| 0.0 |]))
            refused "concavity" (OnlineNewton.curvature bad 1.0 1.0)

        match AdaGrad.startDiagonal set (ReadOnlySpan [| 0.0; 0.0 |]) with
        | Error(HindsightError.Incompatible _) -> ()
        | other -> Assert.Fail $"{other}"

        let state =
            GradientDescent.start set (StepSchedule.Constant 1.0) (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok

        Assert.Throws<HindsightException>(fun () -> GradientDescent.step (ReadOnlySpan [| nan; 0.0 |]) state)
        |> fun e -> Assert.That(e.Message, Does.Contain "gradient")

        Assert.Throws<HindsightException>(fun () -> GradientDescent.step (ReadOnlySpan [| 1.0 |]) state)
        |> fun e -> Assert.That(e.Message, Does.Contain "gradient")

        // nothing of a refused gradient stays
        Assert.That(state.Rounds, Is.EqualTo 0L)

        Assert.Throws<HindsightException>(fun () -> ConvexSet.Ball(2, nan).Dimension |> fun d -> Assert.Fail $"{d}")
        |> fun e -> Assert.That(e.Message, Does.Contain "radius")

        Assert.Throws<HindsightException>(fun () ->
            ConvexSet.Box([| 0.0 |], [| 0.0 |]).Dimension |> fun d -> Assert.Fail $"{d}")
        |> fun e -> Assert.That(e.Message, Does.Contain "high")
