namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses

/// Optimistic mirror descent on generated gradients, and on every noise of small stochastic games.
module OptimisticWitnesses =
    let run (set: ConvexSet) schedule (start: float[]) rounds gradient =
        let state = OptimisticMirrorDescent.start set schedule (ReadOnlySpan start) |> Require.ok

        let played =
            play rounds (fun () -> state.Point.ToArray()) gradient (fun g ->
                OptimisticMirrorDescent.step (ReadOnlySpan g) state)

        struct (state, played)

    /// Regret over a bound on the unit ball for linear losses.
    let onBall (schedule: Random -> OptimisticSchedule) (bound: OptimisticState -> float) seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 4

        let struct (state, struct (paid, total)) =
            run
                (ConvexSet.Ball(dimension, 1.0))
                (schedule random)
                (inBall random dimension)
                (1 + random.Next 150)
                (adversary random dimension)

        (paid - dot total (bestInBall 1.0 total)) / bound state

    let private path =
        onBall
            (fun random ->
                if random.Next 2 = 0 then
                    OptimisticSchedule.Constant(Math.Exp(3.0 * random.NextDouble() - 3.0))
                else
                    OptimisticSchedule.Adaptive(2.0, 1.0, random.NextDouble()))
            (fun state -> value (OptimisticMirrorDescent.pathBound state))

    let adaptive =
        onBall (fun random -> OptimisticSchedule.Adaptive(2.0, 1.0, random.NextDouble())) (fun state ->
            value (OptimisticMirrorDescent.regretBound state))

    /// One linear round across the set with the step that leads to its other end.
    let private pathWorst () =
        let struct (state, struct (paid, total)) =
            run (ConvexSet.Ball(1, 1.0)) (OptimisticSchedule.Constant 2.0) [| 1.0 |] 1 (fun _ -> [| 1.0 |])

        (paid + norm total) / value (OptimisticMirrorDescent.pathBound state)

    /// lambda/2 |x - c_t|^2 on the unit ball: regret of optimistic mirror descent and its state.
    let strongRun (step: OptimisticState -> float[] -> unit) seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 3
        let rounds = 1 + random.Next 150
        let lambda = Math.Exp(3.0 * random.NextDouble() - 2.0)

        let state =
            OptimisticMirrorDescent.start
                (ConvexSet.Ball(dimension, 1.0))
                (OptimisticSchedule.StronglyConvex lambda)
                (ReadOnlySpan(inBall random dimension))
            |> Require.ok

        let spread = random.NextDouble()
        let centres = Array.init rounds (fun _ -> inBall random dimension |> Array.map (fun v -> spread * v))

        let loss (c: float[]) x =
            let d = Array.map2 (-) x c
            0.5 * lambda * dot d d

        let mutable paid = 0.0

        for c in centres do
            let x = state.Point.ToArray()
            paid <- paid + loss c x
            step state (Array.map2 (fun a b -> lambda * (a - b)) x c)

        let u = Array.init dimension (fun i -> centres |> Seq.averageBy (fun c -> c[i]))
        struct (paid - (centres |> Seq.sumBy (fun c -> loss c u)), state)

    let plainStep (state: OptimisticState) (g: float[]) =
        OptimisticMirrorDescent.step (ReadOnlySpan g) state

    let private strong seed =
        let struct (regret, state) = strongRun plainStep seed
        regret / value (OptimisticMirrorDescent.regretBound state)

    /// Found by hill climbing: centres of (x - c)^2/2 on [-1, 1] that stay together and part at the end.
    let private strongWorst () =
        let centres =
            [|
                -0.413
                -0.452
                -0.429
                -0.431
                -0.441
                -0.468
                -0.489
                -0.567
                -0.505
                -1.0
                0.745
            |]

        let state =
            OptimisticMirrorDescent.start
                (ConvexSet.Ball(1, 1.0))
                (OptimisticSchedule.StronglyConvex 1.0)
                (ReadOnlySpan [| -0.391 |])
            |> Require.ok

        let u = Array.average centres
        let mutable regret = 0.0

        for c in centres do
            let x = state.Point[0]
            regret <- regret + 0.5 * ((x - c) ** 2.0 - (u - c) ** 2.0)
            plainStep state [| x - c |]

        regret / value (OptimisticMirrorDescent.regretBound state)

    /// The exact expected regret over all noises: losses L/2 (x - c_t)^2 + s_t z_t x on [-1, 1], z_t a fair sign, five rounds; over the two bounds.
    let sea stronglyConvex seed =
        let random = Witness.random seed
        let rounds = 5
        let smooth = Math.Exp(3.0 * random.NextDouble() - 2.0)
        let centres = Array.init rounds (fun _ -> 2.0 * random.NextDouble() - 1.0)
        let noises = Array.init rounds (fun _ -> 3.0 * random.NextDouble() ** 3.0)
        let largest = 2.0 * smooth + Array.max noises
        let start = float (2 * random.Next 2 - 1)
        // the mean losses' best point
        let u = Array.average centres
        let mutable expected = 0.0

        for code in 0 .. (1 <<< rounds) - 1 do
            let schedule =
                if stronglyConvex then
                    OptimisticSchedule.StronglyConvex smooth
                else
                    OptimisticSchedule.Adaptive(2.0, largest, 40.0 * smooth * smooth)

            let state =
                OptimisticMirrorDescent.start (ConvexSet.Ball(1, 1.0)) schedule (ReadOnlySpan [| start |])
                |> Require.ok

            for t in 0 .. rounds - 1 do
                let x = state.Point[0]
                let z = if code >>> t &&& 1 = 1 then 1.0 else -1.0

                expected <-
                    expected + 0.5 * smooth * ((x - centres[t]) ** 2.0 - (u - centres[t]) ** 2.0) / float (1 <<< rounds)

                let g = smooth * (x - centres[t]) + z * noises[t]
                OptimisticMirrorDescent.step (ReadOnlySpan [| g |]) state

        let drifts = Array.pairwise centres |> Array.map (fun (a, b) -> (smooth * (a - b)) ** 2.0)
        let variances = noises |> Array.map (fun s -> s * s)

        if stronglyConvex then
            expected
            / value (
                Optimistic.seaStronglyConvex
                    smooth
                    smooth
                    largest
                    (Array.max variances)
                    (Array.max drifts)
                    (float rounds)
            )
        else
            expected / value (Optimistic.seaConvex 2.0 smooth largest (Array.sum variances) (Array.sum drifts))

    /// Half squared residuals on the unit ball: exp-concave at 1/4, gradients at most 2.
    let concave seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 3
        let rounds = 1 + random.Next 200

        let state =
            OptimisticNewton.start 1.0 newtonGamma 2.0 (ReadOnlySpan(inBall random dimension)) |> Require.ok

        let truth = inBall random dimension
        let noise = random.NextDouble()
        let mutable regret = 0.0

        for _ in 1..rounds do
            let a = inBall random dimension
            let length = norm a + 1e-300
            let a = a |> Array.map (fun v -> v / length)
            let b = Math.Clamp(dot a truth + noise * (2.0 * random.NextDouble() - 1.0), -1.0, 1.0)
            let r = dot a (state.Point.ToArray()) - b
            regret <- regret + 0.5 * (r * r - (dot a truth - b) ** 2.0)
            OptimisticNewton.step (ReadOnlySpan(a |> Array.map (fun v -> r * v))) state

        regret / value (OptimisticNewton.regretBound state)

    /// Linear losses of norm at most 1 and the path that turns to the best point of each block.
    let private blocks (random: Random) (gradients: float[][]) =
        let length = 1 + random.Next gradients.Length

        gradients
        |> Array.chunkBySize length
        |> Array.collect (fun block ->
            let total = block |> Array.reduce (Array.map2 (+))
            Array.create block.Length (bestInBall 1.0 total))

    let private dynamicOf
        (play: Random -> int -> int -> (float[] -> float[]) -> struct (float * (float -> float)))
        seed
        =
        let random = Witness.random seed
        let dimension = 1 + random.Next 3
        let rounds = 1 + random.Next 150
        let rule = adversary random dimension
        let gradients = ResizeArray<float[]>()

        let struct (paid, bound) =
            play random dimension rounds (fun x ->
                let g = rule x
                gradients.Add g
                g)

        let gradients = gradients.ToArray()
        let path = blocks random gradients
        let length = path |> Seq.pairwise |> Seq.sumBy (fun (a, b) -> norm (Array.map2 (-) a b))
        (paid - Array.fold2 (fun s g u -> s + dot g u) 0.0 gradients path) / bound length

    let dynamic =
        dynamicOf (fun random dimension rounds rule ->
            let struct (state, struct (paid, _)) =
                run
                    (ConvexSet.Ball(dimension, 1.0))
                    (OptimisticSchedule.Constant(Math.Exp(3.0 * random.NextDouble() - 3.0)))
                    (inBall random dimension)
                    rounds
                    rule

            struct (paid, (fun length -> value (OptimisticMirrorDescent.dynamicBound length state))))

    let grid =
        dynamicOf (fun random dimension rounds rule ->
            let state =
                OptimisticGrid.start
                    (ConvexSet.Ball(dimension, 1.0))
                    (1.0 + 1e-12)
                    rounds
                    (ReadOnlySpan(inBall random dimension))
                |> Require.ok

            let struct (paid, _) =
                play rounds (fun () -> state.Point.ToArray()) rule (fun g ->
                    OptimisticGrid.step (ReadOnlySpan g) state)

            struct (paid, (fun length -> value (OptimisticGrid.regretBound length state))))

    let all =
        let half = "half of the hints' errors is given to the movement, which no sequence we know brings back"

        [
            Witness.tight "optimistic-path" "regret on linear losses" path pathWorst
            Witness.loose
                "5/2 is the sum of three estimates that are not reached together"
                "optimistic-adaptive"
                "regret on linear losses"
                adaptive
                (Witness.search 300 adaptive)
            Witness.loose
                "noises and drift are each charged four times over"
                "sea-convex"
                "expected regret over all noises"
                (sea false)
                (Witness.search 200 (sea false))
            Witness.loose half "optimistic-strongly-convex" "regret on quadratic losses" strong strongWorst
            Witness.loose
                "noises and drift are each charged four times over"
                "sea-strongly-convex"
                "expected regret over all noises"
                (sea true)
                (Witness.search 200 (sea true))
            Witness.loose
                half
                "optimistic-exp-concave"
                "regret on half squared residuals"
                concave
                (Witness.search 200 concave)
            // with a small step the learner stays where it is, and the comparator's path is all that counts
            Witness.tight "optimistic-dynamic" "regret against a path" dynamic (Witness.search 300 dynamic)
            Witness.loose
                "Hedge's root of T is paid although the hints are good"
                "optimistic-dynamic-grid"
                "regret against a path"
                grid
                (Witness.search 100 grid)
        ]
