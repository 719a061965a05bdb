namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Online learners on generated and on adversarial gradients. What the laws and the mutants run is here too.
module OnlineConvexWitnesses =
    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun s x y -> s + x * y) 0.0 a b

    let norm a = sqrt (dot a a)
    let value (bound: Result<Bound, HindsightError>) = (Require.ok bound).Value

    let private normal (random: Random) =
        sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    /// A point of the unit ball, near its boundary as often as not.
    let inBall (random: Random) dimension =
        let x = Array.init dimension (fun _ -> normal random)
        let size = if random.Next 2 = 0 then 1.0 else random.NextDouble()
        let length = norm x + 1e-300
        x |> Array.map (fun v -> size * v / length)

    /// A gradient rule: from the point to a gradient of norm at most 1. Random directions, a drift, alternation, and pushing off the centre.
    let adversary (random: Random) dimension =
        let drift = inBall random dimension
        let style = random.Next 5
        let noise = random.NextDouble()
        let scale = Math.Exp(-2.0 * random.NextDouble())
        let mutable sign = 1.0

        fun (point: float[]) ->
            let raw =
                match style with
                | 0 -> inBall random dimension
                | 1 -> Array.map2 (fun d x -> d + noise * x) drift (inBall random dimension)
                | 2 ->
                    sign <- -sign
                    drift |> Array.map (fun d -> sign * d)
                | 3 -> point |> Array.map (fun x -> x + 1e-3 * normal random)
                | _ -> point |> Array.map (fun x -> -x + noise * normal random)

            let length = max 1.0 (norm raw)
            raw |> Array.map (fun v -> scale * v / length)

    /// Plays rounds of linear losses: what sum g'(x - u) is for a comparator, from the gradients' sum.
    let play rounds (point: unit -> float[]) (gradient: float[] -> float[]) (step: float[] -> unit) =
        let mutable paid = 0.0
        let mutable total: float[] = null

        for _ in 1..rounds do
            let x = point ()
            let g = gradient x
            paid <- paid + dot g x

            total <-
                if isNull total then
                    Array.copy g
                else
                    Array.map2 (+) total g

            step g

        struct (paid, total)

    /// The point of a ball about 0 that has paid least for linear losses.
    let bestInBall radius (total: float[]) =
        let length = norm total

        if length = 0.0 then
            Array.zeroCreate total.Length
        else
            total |> Array.map (fun v -> -radius * v / length)

    let private descent schedule (set: ConvexSet) (start: float[]) rounds gradient =
        let state = GradientDescent.start set schedule (ReadOnlySpan start) |> Require.ok

        let played =
            play rounds (fun () -> state.Point.ToArray()) gradient (fun g ->
                GradientDescent.step (ReadOnlySpan g) state)

        struct (state, played)

    /// Regret over the state's own bound of gradient descent on a ball of radius 1 against a generated adversary.
    let descentOnBall
        (schedule: Random -> int -> StepSchedule)
        (bound: GradientDescentState -> float[] -> float[] -> float)
        seed
        =
        let random = Witness.random seed
        let dimension = 1 + random.Next 4
        let rounds = 1 + random.Next 150
        let start = inBall random dimension
        let set = ConvexSet.Ball(dimension, 1.0)

        let struct (state, struct (paid, total)) =
            descent (schedule random rounds) set start rounds (adversary random dimension)

        let u = bestInBall 1.0 total
        (paid - dot total u) / bound state start u

    let constant =
        descentOnBall
            (fun random _ -> StepSchedule.Constant(Math.Exp(3.0 * random.NextDouble() - 3.0)))
            (fun state start u -> value (GradientDescent.regretBoundAt (norm (Array.map2 (-) start u) + 1e-12) state))

    let horizon =
        descentOnBall (fun _ rounds -> StepSchedule.Constant(2.0 / sqrt (float rounds))) (fun state _ _ ->
            value (OnlineConvex.gradientDescentHorizon 2.0 1.0 (float state.Rounds)))

    let squareRoot =
        descentOnBall (fun _ _ -> StepSchedule.SquareRoot(2.0, 1.0)) (fun state _ _ ->
            value (GradientDescent.regretBound state))

    let adaptive =
        descentOnBall (fun _ _ -> StepSchedule.Adaptive 2.0) (fun state _ _ ->
            value (GradientDescent.regretBound state))

    /// The worst of all sequences of the given gradients on [-1, 1] from every one of three starts, in one dimension.
    let enumerate (gradients: float[]) rounds (play: float -> float[] -> float) =
        let k = gradients.Length
        let count = pown k rounds

        Seq.init count (fun code ->
            let sequence = Array.init rounds (fun t -> gradients[code / pown k t % k])
            [ -1.0; 0.0; 1.0 ] |> Seq.map (fun start -> play start sequence) |> Seq.max)
        |> Seq.max

    /// Regret over bound of gradient descent on [-1, 1] for a fixed sequence.
    let private line schedule start (sequence: float[]) =
        let mutable t = -1
        let set = ConvexSet.Ball(1, 1.0)

        let struct (state, struct (paid, total)) =
            descent schedule set [| start |] sequence.Length (fun _ ->
                t <- t + 1
                [| sequence[t] |])

        let regret = paid + norm total

        if state.Squares = 0.0 then
            0.0
        else
            regret / value (GradientDescent.regretBound state)

    let private squareRootWorst () =
        Seq.init 7 (fun t -> enumerate [| -1.0; 0.0; 1.0 |] (t + 1) (line (StepSchedule.SquareRoot(2.0, 1.0))))
        |> Seq.max

    /// Found by hill climbing over sequences on [-1, 1] from one end of it.
    let private climbed =
        [|
            -1.0
            0.335
            0.253
            0.124
            0.133
            0.24
            -1.0
            -0.314
            -0.239
            -0.255
            -0.242
        |]

    let private adaptiveWorst () =
        line (StepSchedule.Adaptive 2.0) -1.0 climbed

    /// The same sequence for a learner that is adaptive gradient descent in one dimension.
    let private climbedFor (point: unit -> float) (step: float[] -> unit) (bound: unit -> float) =
        let mutable paid = 0.0

        for g in climbed do
            paid <- paid + g * point ()
            step [| g |]

        (paid + abs (Array.sum climbed)) / bound ()

    /// One linear round from the distance at which the step is the best one: regret is the bound.
    let private oneLinearRound () =
        let state =
            GradientDescent.start (ConvexSet.Whole 1) (StepSchedule.Constant 0.5) (ReadOnlySpan [| 3.0 |])
            |> Require.ok

        GradientDescent.step (ReadOnlySpan [| 4.0 |]) state
        // the comparator where the step leads
        let u = state.Point[0]
        4.0 * (3.0 - u) / value (GradientDescent.regretBoundAt (3.0 - u) state)

    /// One round from one end of the set to the other.
    let private horizonWorst () =
        let struct (_, struct (paid, total)) =
            descent (StepSchedule.Constant 2.0) (ConvexSet.Ball(1, 1.0)) [| 1.0 |] 1 (fun _ -> [| 1.0 |])

        (paid + norm total) / value (OnlineConvex.gradientDescentHorizon 2.0 1.0 1.0)

    /// lambda/2 |x - c|^2 plus a linear part on the unit ball. Returns regret, weighted squares and the largest gradient.
    let stronglyConvexRun (step: GradientDescentState -> float[] -> unit) seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 3
        let rounds = 1 + random.Next 150
        let lambda = Math.Exp(3.0 * random.NextDouble() - 2.0)
        let set = ConvexSet.Ball(dimension, 1.0)
        let start = inBall random dimension

        let state =
            GradientDescent.start set (StepSchedule.StronglyConvex lambda) (ReadOnlySpan start) |> Require.ok

        let spread = random.NextDouble()
        let centres = Array.init rounds (fun _ -> inBall random dimension |> Array.map (fun v -> spread * v))

        let loss (c: float[]) (x: float[]) =
            let d = Array.map2 (-) x c
            0.5 * lambda * dot d d

        let mutable paid = 0.0

        for c in centres do
            let x = state.Point.ToArray()
            paid <- paid + loss c x
            step state (Array.map2 (fun a b -> lambda * (a - b)) x c)

        let u = Array.init dimension (fun i -> centres |> Seq.averageBy (fun c -> c[i]))
        struct (paid - (centres |> Seq.sumBy (fun c -> loss c u)), state, lambda)

    let plainStep (state: GradientDescentState) (g: float[]) =
        GradientDescent.step (ReadOnlySpan g) state

    let private strongPath seed =
        let struct (regret, state, _) = stronglyConvexRun plainStep seed
        regret / value (GradientDescent.regretBound state)

    let private strong seed =
        let struct (regret, state, lambda) = stronglyConvexRun plainStep seed
        regret / value (OnlineConvex.stronglyConvex lambda state.LargestGradient (float state.Rounds))

    /// One round of lambda/2 (x - u)^2.
    let private oneQuadratic (bound: GradientDescentState -> float) () =
        let state =
            GradientDescent.start (ConvexSet.Ball(1, 1.0)) (StepSchedule.StronglyConvex 0.7) (ReadOnlySpan [| 1.0 |])
            |> Require.ok

        GradientDescent.step (ReadOnlySpan [| 0.7 * 1.6 |]) state
        0.35 * 1.6 * 1.6 / bound state

    let private maps (random: Random) : struct (IMirrorMap * int) =
        let dimension = 2 + random.Next 4

        match random.Next 3 with
        | 0 -> struct (MirrorMaps.Ball(dimension, 1.0), 0)
        | 1 -> struct (MirrorMaps.Simplex dimension, 1)
        | _ -> struct (MirrorMaps.PNorm(dimension + 1), 2)

    /// The best comparator of a map's set for linear losses: a vertex of the simplex, the far point of the unit ball, or a signed unit vector.
    let bestFor kind (total: float[]) =
        match kind with
        | 0 -> bestInBall 1.0 total
        | 1 ->
            let best = total |> Seq.indexed |> Seq.minBy snd |> fst
            Array.init total.Length (fun i -> if i = best then 1.0 else 0.0)
        | _ ->
            let best = total |> Seq.indexed |> Seq.maxBy (snd >> abs) |> fst
            Array.init total.Length (fun i -> if i = best then -float(sign total[i]) else 0.0)

    let private mirrorRun start step bound seed =
        let random = Witness.random seed
        let struct (map: IMirrorMap, kind) = maps random
        let rounds = 1 + random.Next 150
        let state: MirrorState = start map (Math.Exp(3.0 * random.NextDouble() - 3.0)) |> Require.ok

        let struct (paid, total) =
            play rounds (fun () -> state.Point.ToArray()) (adversary random map.Dimension) (fun g ->
                step random g state)

        let u = bestFor kind total
        (paid - dot total u) / bound u state

    let mirror =
        mirrorRun
            MirrorDescent.start
            (fun _ (g: float[]) state -> MirrorDescent.step (ReadOnlySpan g) state)
            (fun (u: float[]) state -> value (MirrorDescent.regretBound (ReadOnlySpan u) state))

    let leader =
        mirrorRun
            (fun map step -> RegularisedLeader.start map (1.0 / step))
            (fun _ (g: float[]) state -> RegularisedLeader.step (ReadOnlySpan g) state)
            (fun (u: float[]) state -> value (RegularisedLeader.regretBound (ReadOnlySpan u) state))

    let leaderVarying =
        mirrorRun
            (fun map step -> RegularisedLeader.start map (1.0 / step))
            (fun random (g: float[]) state ->
                RegularisedLeader.stepTo (state.Scale * (1.0 + 0.1 * random.NextDouble())) (ReadOnlySpan g) state)
            (fun (u: float[]) state -> value (RegularisedLeader.regretBound (ReadOnlySpan u) state))

    /// One linear round of a Euclidean learner, against the point where its step leads.
    let private oneMirrorRound
        (start: IMirrorMap -> Result<MirrorState, HindsightError>)
        (step: float[] -> MirrorState -> unit)
        (bound: float[] -> MirrorState -> Result<Bound, HindsightError>)
        ()
        =
        let state = start (MirrorMaps.Euclidean 1) |> Require.ok
        step [| 4.0 |] state
        let u = state.Point.ToArray()
        -4.0 * u[0] / value (bound u state)

    let private varyingWorst () =
        let state = RegularisedLeader.start (MirrorMaps.Euclidean 1) 2.0 |> Require.ok
        RegularisedLeader.step (ReadOnlySpan [| 0.0 |]) state
        RegularisedLeader.stepTo 3.0 (ReadOnlySpan [| 4.0 |]) state
        8.0 / value (RegularisedLeader.regretBound (ReadOnlySpan [| -2.0 |]) state)

    let dual seed =
        let random = Witness.random seed
        let dimension = 3 + random.Next 40
        let rounds = 1 + random.Next 200
        let q = 2.0 * log (float dimension)
        // |.|_p^2/(2 (p - 1)): the step of the theorem is scaled by p - 1
        let eta = 1.0 / sqrt (Math.E * (q - 1.0) * float rounds) * (q - 1.0)
        let state = RegularisedLeader.start (MirrorMaps.PNorm dimension) (1.0 / eta) |> Require.ok
        let best = random.Next dimension
        let drift = random.NextDouble()

        let struct (paid, total) =
            play
                rounds
                (fun () -> state.Point.ToArray())
                (fun x ->
                    Array.init dimension (fun i ->
                        if i = best && random.NextDouble() < drift then -1.0
                        elif x[i] <> 0.0 && random.Next 3 = 0 then float (sign x[i])
                        else float (2 * random.Next 2 - 1)))
                (fun g -> RegularisedLeader.step (ReadOnlySpan g) state)

        let u = bestFor 2 total
        (paid - dot total u) / value (OnlineConvex.dualAveraging 1.0 1.0 dimension (float rounds))

    /// Two rounds in three dimensions: one entry is good in both, the others cost where the learner is.
    let private dualWorst () =
        let q = 2.0 * log 3.0

        let state =
            RegularisedLeader.start (MirrorMaps.PNorm 3) (sqrt (Math.E * (q - 1.0) * 2.0) / (q - 1.0))
            |> Require.ok

        let struct (paid, total) =
            play
                2
                (fun () -> state.Point.ToArray())
                (fun x -> Array.init 3 (fun i -> if i > 0 && x[i] >= 0.0 then 1.0 else -1.0))
                (fun g -> RegularisedLeader.step (ReadOnlySpan g) state)

        (paid - dot total (bestFor 2 total)) / value (OnlineConvex.dualAveraging 1.0 1.0 3 2.0)

    /// Regret against the best corner of a box for linear losses.
    let diagonal seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 5
        let rounds = 1 + random.Next 150
        let low = Array.init dimension (fun _ -> -random.NextDouble())
        let high = Array.init dimension (fun i -> low[i] + 0.1 + random.NextDouble())
        let set = ConvexSet.Box(low, high)
        let state = AdaGrad.startDiagonal set (ReadOnlySpan set.Centre) |> Require.ok

        let struct (paid, total) =
            play rounds (fun () -> state.Point.ToArray()) (adversary random dimension) (fun g ->
                AdaGrad.stepDiagonal (ReadOnlySpan g) state)

        let u = Array.init dimension (fun i -> if total[i] > 0.0 then low[i] else high[i])
        (paid - dot total u) / value (AdaGrad.regretBoundDiagonal state)

    let private diagonalWorst () =
        let state =
            AdaGrad.startDiagonal (ConvexSet.Box([| -1.0 |], [| 1.0 |])) (ReadOnlySpan [| -1.0 |]) |> Require.ok

        climbedFor (fun () -> state.Point[0]) (fun g -> AdaGrad.stepDiagonal (ReadOnlySpan g) state) (fun () ->
            value (AdaGrad.regretBoundDiagonal state))

    let private fullWorst () =
        let state = AdaGrad.startFull 1.0 (ReadOnlySpan [| -1.0 |]) |> Require.ok

        climbedFor (fun () -> state.Point[0]) (fun g -> AdaGrad.stepFull (ReadOnlySpan g) state) (fun () ->
            value (AdaGrad.regretBoundFull state))

    let full seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 4
        let rounds = 1 + random.Next 60
        let state = AdaGrad.startFull 1.0 (ReadOnlySpan(inBall random dimension)) |> Require.ok

        let struct (paid, total) =
            play rounds (fun () -> state.Point.ToArray()) (adversary random dimension) (fun g ->
                AdaGrad.stepFull (ReadOnlySpan g) state)

        (paid - dot total (bestInBall 1.0 total)) / value (AdaGrad.regretBoundFull state)

    /// Half squared residuals (a'x - b)^2/2 with |a| = 1, |b| <= 1 on the unit ball: exp-concave at 1/4, gradients at most 2.
    let newtonRun gamma (step: OnlineNewtonState -> float[] -> unit) seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 3
        let rounds = 5 + random.Next 300
        let state = OnlineNewton.start 1.0 gamma (ReadOnlySpan(inBall random dimension)) |> Require.ok
        let truth = inBall random dimension
        let noise = random.NextDouble()

        let data =
            Array.init rounds (fun _ ->
                let a = inBall random dimension
                let length = norm a + 1e-300
                let a = a |> Array.map (fun v -> v / length)
                struct (a, Math.Clamp(dot a truth + noise * normal random, -1.0, 1.0)))

        let mutable paid = 0.0

        for struct (a, b) in data do
            let r = dot a (state.Point.ToArray()) - b
            paid <- paid + 0.5 * r * r
            step state (a |> Array.map (fun v -> r * v))

        let best = data |> Seq.sumBy (fun (struct (a, b)) -> 0.5 * (dot a truth - b) * (dot a truth - b))

        struct (paid - best, state)

    let newtonGamma = OnlineNewton.curvature 0.25 2.0 2.0 |> Require.ok

    let newtonStep (state: OnlineNewtonState) (g: float[]) =
        OnlineNewton.step (ReadOnlySpan g) state

    let private newton seed =
        let struct (regret, state) = newtonRun newtonGamma newtonStep seed
        regret / value (OnlineNewton.regretBound state)

    let private newtonHorizon bound seed =
        let struct (regret, state: OnlineNewtonState) = newtonRun newtonGamma newtonStep seed
        regret / value (bound 0.25 2.0 2.0 state.Point.Length (float state.Rounds))

    /// Regret of VAW, of ridge, and of clipped ridge predictions of labels in [-1, 1], with the state.
    let regression seed =
        let random = Witness.random seed
        let dimension = 1 + random.Next 4
        let rounds = 1 + random.Next 150
        let state = RidgeState(dimension, Math.Exp(4.0 * random.NextDouble() - 3.0))
        let truth = inBall random dimension
        let noise = 2.0 * random.NextDouble()
        let norms = Math.Exp(3.0 * random.NextDouble() - 2.0)
        let residuals = Array.zeroCreate<float> rounds
        let widths = Array.zeroCreate<float> rounds
        let xs = Array.init rounds (fun _ -> inBall random dimension |> Array.map (fun v -> norms * v))

        let ys = xs |> Array.map (fun x -> Math.Clamp(dot x truth + noise * normal random, -1.0, 1.0))

        let mutable clipped = 0.0

        for t in 0 .. rounds - 1 do
            let x = ReadOnlySpan(xs[t])
            let p = Ridge.predictRidge x state
            residuals[t] <- ys[t] - p
            clipped <- clipped + (ys[t] - Math.Clamp(p, -1.0, 1.0)) ** 2.0
            widths[t] <- Ridge.update x ys[t] state

        struct (state, clipped, residuals, widths, xs, ys, norms)

    let private vaw seed =
        let struct (state, _, _, _, _, _, _) = regression seed
        (state.VawLoss - state.Comparator) / (Ridge.regretBoundVaw state).Value

    let private vawHorizon seed =
        let struct (state, _, _, _, _, _, norms) = regression seed

        (state.VawLoss - state.Comparator)
        / value (
            OnlineConvex.vovkAzouryWarmuthHorizon
                state.LargestLabel
                norms
                state.Lambda
                state.Dimension
                (float state.Rounds)
        )

    let private clipped seed =
        let struct (state, clipped, _, _, _, _, _) = regression seed
        (clipped - state.Comparator) / value (Ridge.regretBoundRidge 2.0 state)

    let private unclipped seed =
        let struct (state, _, _, _, _, _, _) = regression seed
        (state.RidgeLoss - state.Comparator) / (Ridge.regretBoundUnclipped state).Value

    /// The least regularised loss by normal equations, in one dimension more than the recursion uses.
    let leastRegularised lambda (xs: float[][]) (ys: float[]) =
        let d = xs[0].Length

        let a =
            Array.init d (fun i ->
                Array.init (d + 1) (fun j ->
                    if j = d then
                        Array.fold2 (fun s (x: float[]) y -> s + x[i] * y) 0.0 xs ys
                    else
                        (xs |> Seq.sumBy (fun x -> x[i] * x[j])) + (if i = j then lambda else 0.0)))

        // elimination: the matrix is positive definite
        for k in 0 .. d - 1 do
            for i in k + 1 .. d - 1 do
                let f = a[i][k] / a[k][k]

                for j in k..d do
                    a[i][j] <- a[i][j] - f * a[k][j]

        let w = Array.zeroCreate<float> d

        for i = d - 1 downto 0 do
            let rest = Seq.init (d - 1 - i) (fun k -> a[i][i + 1 + k] * w[i + 1 + k]) |> Seq.sum
            w[i] <- (a[i][d] - rest) / a[i][i]

        lambda * dot w w + Array.fold2 (fun s x y -> s + (y - dot x w) ** 2.0) 0.0 xs ys

    let private identity seed =
        let struct (state, _, residuals, widths, xs, ys, _) = regression seed
        leastRegularised state.Lambda xs ys / value (OnlineConvex.ridgeIdentity residuals widths)

    /// One round with a short input: what is to learn is learnt at once.
    let private shortInput (ratio: RidgeState -> float -> float) () =
        let state = RidgeState(1, 1.0)
        let prediction = Ridge.predictRidge (ReadOnlySpan [| 0.05 |]) state
        Ridge.update (ReadOnlySpan [| 0.05 |]) 1.0 state |> fun q -> ratio state (q + prediction)

    let private elliptical cap seed =
        let struct (state, _, _, widths, _, _, norms) = regression seed
        let horizon = float state.Rounds

        if cap then
            (widths |> Seq.sumBy (min 1.0))
            / value (OnlineConvex.ellipticalPotentialCapped norms state.Lambda state.Dimension horizon)
        else
            (widths |> Seq.sumBy (fun q -> q / (1.0 + q)))
            / value (OnlineConvex.ellipticalPotential norms state.Lambda state.Dimension horizon)

    /// Exact expectations over all sequences of fair signs z: gradient descent on [-1, 1] on the losses, excess risk of the average over R/T.
    let batch
        (average: float[] -> float)
        (loss: float -> float -> float)
        (slope: float -> float -> float)
        probability
        step
        rounds
        =
        let risk x =
            probability * loss 1.0 x + (1.0 - probability) * loss -1.0 x

        // the risk's minimiser by a grid of the interval's points, fine enough for a valid comparator
        let u = Seq.init 2001 (fun i -> -1.0 + float i / 1000.0) |> Seq.minBy risk
        let mutable excess = 0.0
        let mutable regret = 0.0

        for code in 0 .. pown 2 rounds - 1 do
            let z = Array.init rounds (fun t -> if code >>> t &&& 1 = 1 then 1.0 else -1.0)

            let weight =
                z |> Seq.map (fun s -> if s > 0.0 then probability else 1.0 - probability) |> Seq.reduce (*)

            let state =
                GradientDescent.start (ConvexSet.Ball(1, 1.0)) (StepSchedule.Constant step) (ReadOnlySpan [| 1.0 |])
                |> Require.ok

            let points =
                z
                |> Array.map (fun s ->
                    let x = state.Point[0]
                    regret <- regret + weight * (loss s x - loss s u)
                    GradientDescent.step (ReadOnlySpan [| slope s x |]) state
                    x)

            excess <- excess + weight * (risk (average points) - risk u)

        excess / value (OnlineConvex.onlineToBatch regret (float rounds))

    /// The average that the library keeps.
    let kept (points: float[]) =
        let state = OnlineToBatch.start 1 |> Require.ok

        for x in points do
            OnlineToBatch.step (ReadOnlySpan [| x |]) state

        state.Point[0]

    let private batchGenerated seed =
        let random = Witness.random seed
        let p = 0.5 * random.NextDouble()
        let step = 0.1 + random.NextDouble()
        let rounds = 1 + random.Next 6
        // regrets are positive: the learner starts at 1 and the minimiser is 2 p - 1 <= 0
        batch kept (fun z x -> 0.5 * (x - z) * (x - z)) (fun z x -> x - z) p step rounds

    let private batchLinear () =
        batch kept (fun z x -> -z * x) (fun z _ -> -z) 0.2 0.3 5

    /// Two actions with losses z and 1 - z, z a fair coin; the learner has one, the comparator the other: the largest excess that exceeds the regret's share with probability above delta.
    let private coin rounds delta =
        // P(S >= s) of the sum of fair signs, from the top
        let mutable pmf = Math.Exp(-float rounds * log 2.0)
        let mutable tail = pmf
        let mutable heads = rounds

        while tail <= delta && heads > 0 do
            pmf <- pmf * float heads / float (rounds - heads + 1)
            heads <- heads - 1
            tail <- tail + pmf

        float (2 * heads - rounds)
        / float rounds
        / value (OnlineConvex.onlineToBatchConfident 0.0 (float rounds) delta)

    let private coinGenerated seed =
        let random = Witness.random seed
        coin (1 + random.Next 900) (Math.Exp(-25.0 * random.NextDouble() - 1e-3))

    let all =
        let w = Witness.tight

        [
            w "gradient-descent" "regret of projected gradient descent on a ball" constant oneLinearRound
            w "gradient-descent-horizon" "regret of projected gradient descent on a ball" horizon horizonWorst
            Witness.loose
                "of all sign sequences of up to seven rounds on an interval none comes nearer"
                "gradient-descent-square-root"
                "regret of projected gradient descent on a ball"
                squareRoot
                squareRootWorst
            Witness.loose
                "hill climbing over sequences of up to forty rounds on an interval finds no more"
                "gradient-descent-adaptive"
                "regret of projected gradient descent on a ball"
                adaptive
                adaptiveWorst
            w
                "gradient-descent-strongly-convex-path"
                "regret on quadratic losses"
                strongPath
                (oneQuadratic (fun state -> value (GradientDescent.regretBound state)))
            w
                "gradient-descent-strongly-convex"
                "regret on quadratic losses"
                strong
                (oneQuadratic (fun state -> value (OnlineConvex.stronglyConvex 0.7 state.LargestGradient 1.0)))
            w
                "mirror-descent"
                "regret on linear losses with three mirror maps"
                mirror
                (oneMirrorRound
                    (fun map -> MirrorDescent.start map 0.5)
                    (fun g state -> MirrorDescent.step (ReadOnlySpan g) state)
                    (fun u state -> MirrorDescent.regretBound (ReadOnlySpan u) state))
            w
                "regularised-leader"
                "regret on linear losses with three regularisers"
                leader
                (oneMirrorRound
                    (fun map -> RegularisedLeader.start map 2.0)
                    (fun g state -> RegularisedLeader.step (ReadOnlySpan g) state)
                    (fun u state -> RegularisedLeader.regretBound (ReadOnlySpan u) state))
            w
                "regularised-leader-varying"
                "regret on linear losses with three regularisers that grow"
                leaderVarying
                varyingWorst
            w "dual-averaging" "regret on linear losses" dual dualWorst
            Witness.loose
                "the steps' sum is within twice a root, which no sequence we know reaches together with the full diameter"
                "adagrad-diagonal"
                "regret on linear losses on a box"
                diagonal
                diagonalWorst
            Witness.loose
                "the steps' sum is within twice a root, which no sequence we know reaches together with the full diameter"
                "adagrad-full"
                "regret on linear losses on a ball"
                full
                fullWorst
            Witness.loose
                "the curvature is taken four times smaller than one round needs"
                "online-newton"
                "regret on half squared residuals"
                newton
                (Witness.search 200 newton)
            Witness.loose
                "the curvature is taken four times smaller than one round needs"
                "online-newton-horizon"
                "regret on half squared residuals"
                (newtonHorizon OnlineConvex.onlineNewtonHorizon)
                (Witness.search 200 (newtonHorizon OnlineConvex.onlineNewtonHorizon))
            Witness.loose
                "rounds the derived bound up"
                "online-newton-published"
                "regret on half squared residuals"
                (newtonHorizon OnlineConvex.onlineNewtonPublished)
                (Witness.search 200 (newtonHorizon OnlineConvex.onlineNewtonPublished))
            w
                "vovk-azoury-warmuth"
                "square-loss regret"
                vaw
                (shortInput (fun s _ -> (s.VawLoss - s.Comparator) / (Ridge.regretBoundVaw s).Value))
            w
                "vovk-azoury-warmuth-horizon"
                "square-loss regret"
                vawHorizon
                (shortInput (fun s _ ->
                    (s.VawLoss - s.Comparator) / value (OnlineConvex.vovkAzouryWarmuthHorizon 1.0 0.05 1.0 1 1.0)))
            { Witness.exact 1e-9 "ridge-identity" "least regularised loss by normal equations" identity with
                Tolerance = 1e-8
            }
            // labels in [0, 1], the first prediction is 0
            w
                "ridge-clipped"
                "square-loss regret of clipped predictions"
                clipped
                (shortInput (fun s _ -> (s.RidgeLoss - s.Comparator) / value (Ridge.regretBoundRidge 1.0 s)))
            w
                "ridge-unclipped"
                "square-loss regret"
                unclipped
                (shortInput (fun s _ -> (s.RidgeLoss - s.Comparator) / (Ridge.regretBoundUnclipped s).Value))
            w
                "ridge-widths"
                "sum of widths"
                (elliptical false)
                (shortInput (fun _ q -> q / (1.0 + q) / value (OnlineConvex.ellipticalPotential 0.05 1.0 1 1.0)))
            w "ridge-widths-capped" "sum of capped widths" (elliptical true) (fun () ->
                let q = Ridge.update (ReadOnlySpan [| 1.0 |]) 0.0 (RidgeState(1, 1.0))
                min 1.0 q / value (OnlineConvex.ellipticalPotentialCapped 1.0 1.0 1 1.0))
            w "online-to-batch" "expected excess risk over all sequences" batchGenerated batchLinear
            w
                "online-to-batch-confidence"
                "exact quantile of the excess risk over the regret's share"
                coinGenerated
                (fun () -> coin 900 1e-12)
        ]

/// Laws as functions over an implementation, for the laws and for the mutants.
[<RequireQualifiedAccess>]
module OnlineConvexLaw =
    open OnlineConvexWitnesses

    let private far (random: Random) dimension =
        let scale = Math.Exp(3.0 * random.NextDouble() - 1.0)
        inBall random dimension |> Array.map (fun v -> scale * v)

    let private sets (random: Random) : ConvexSet =
        let dimension = 1 + random.Next 5

        match random.Next 4 with
        | 0 -> ConvexSet.Ball(dimension, 0.5 + random.NextDouble())
        | 1 ->
            let low = Array.init dimension (fun _ -> -random.NextDouble())
            ConvexSet.Box(low, low |> Array.map (fun l -> l + 0.1 + random.NextDouble()))
        | 2 -> ConvexSet.Simplex dimension
        | _ -> ConvexSet.Whole dimension

    /// (x - Px)'(z - Px) <= 0 for every z of the set, which makes Px the nearest point and P non-expansive.
    let projects (project: ConvexSet -> float[] -> float[]) =
        Seq.init 2000 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let set = sets random
            let x = far random set.Dimension
            let y = far random set.Dimension
            let px = project set x
            let py = project set y
            let gap = Array.map2 (-) x px
            let toward = Array.map2 (-) py px
            let ulps = 64.0 * 2.220446049250313e-16 * (1.0 + norm x) * (1.0 + norm y)

            set.Contains(ReadOnlySpan px, ulps)
            && dot gap toward <= ulps
            && norm toward <= norm (Array.map2 (-) x y) + ulps)

    let private quadratic (a: float[]) dimension (x: float[]) =
        Seq.init dimension (fun i -> x[i] * Seq.sum (Seq.init dimension (fun j -> a[i * dimension + j] * x[j])))
        |> Seq.sum

    /// The projection in the norm of a positive definite matrix does not expand distances in it.
    let projectsInNorm (project: float[] -> float -> float[] -> float[]) =
        Seq.init 500 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let d = 1 + random.Next 4
            let rows = Array.init (d + 1) (fun _ -> far random d)

            let a =
                Array.init (d * d) (fun k ->
                    (rows |> Seq.sumBy (fun r -> r[k / d] * r[k % d])) + (if k / d = k % d then 0.01 else 0.0))

            let radius = 0.2 + random.NextDouble()
            let x = far random d
            let y = far random d
            let px = project a radius x
            let py = project a radius y
            let before = sqrt (quadratic a d (Array.map2 (-) x y))
            let after = sqrt (quadratic a d (Array.map2 (-) px py))
            norm px <= radius * (1.0 + 1e-14) && after <= before * (1.0 + 1e-9) + 1e-12)

    /// A generated ratio stays at most 1 on the first seeds.
    let stays count (ratio: int -> float) =
        Seq.init count (fun seed -> ratio (seed + 1)) |> Seq.forall (fun r -> r <= 1.0 + 1e-9)

    /// A learner on a box, as a step in place, against the bound of AdaGrad with a step for every coordinate.
    let diagonalHolds (step: float[] -> float[] -> float[] -> unit) =
        stays 100 (fun seed ->
            let random = Witness.random seed
            let rounds = 200
            let point = [| 0.0; 0.0 |]
            let sums = [| 0.0; 0.0 |]

            let struct (paid, total) =
                play rounds (fun () -> Array.copy point) (adversary random 2) (fun g ->
                    for i in 0..1 do
                        sums[i] <- sums[i] + g[i] * g[i]

                    step sums g point

                    for i in 0..1 do
                        point[i] <- Math.Clamp(point[i], -1.0, 1.0))

            let u = total |> Array.map (fun t -> if t > 0.0 then -1.0 else 1.0)
            (paid - dot total u) / value (OnlineConvex.adaGradDiagonal 2.0 sums))

    /// A learner on the simplex, as a map from the gradients' sum and the step to the point, against the bound of the entropic leader.
    let entropicHolds (lead: float[] -> float -> float[]) =
        stays 100 (fun seed ->
            let random = Witness.random seed
            let rounds = 100
            let total = Array.zeroCreate<float> 3
            let mutable squares = 0.0
            let eta = 0.3

            let struct (paid, sum) =
                play rounds (fun () -> lead total eta) (adversary random 3) (fun g ->
                    squares <- squares + (g |> Seq.map abs |> Seq.max |> fun m -> m * m)

                    for i in 0..2 do
                        total[i] <- total[i] + g[i])

            (paid - Array.min sum) / value (OnlineConvex.regularisedLeader (log 3.0) squares eta))

    /// ln det(A/A_0) of the online Newton step against the determinant of the matrix itself.
    let logDeterminant (read: float -> float -> float) =
        Seq.init 50 id
        |> Seq.forall (fun seed ->
            // in two dimensions the determinant is written out
            let random = Witness.random seed
            let gamma = 0.1 + random.NextDouble()
            let state = OnlineNewton.start 1.0 gamma (ReadOnlySpan [| 0.0; 0.0 |]) |> Require.ok
            let first = 1.0 / (4.0 * gamma * gamma)
            let a = [| first; 0.0; first |]
            let mutable before = 0.0

            for _ in 1..20 do
                let g = far random 2
                before <- state.LogDet
                OnlineNewton.step (ReadOnlySpan g) state
                a[0] <- a[0] + g[0] * g[0]
                a[1] <- a[1] + g[0] * g[1]
                a[2] <- a[2] + g[1] * g[1]

            let exact = log ((a[0] * a[2] - a[1] * a[1]) / (first * first))
            abs (read before state.LogDet - exact) <= 1e-11 * abs exact)

    /// The identity of online ridge regression with the widths read in some way.
    let identityHolds (width: float -> float) =
        Seq.init 50 id
        |> Seq.forall (fun seed ->
            let struct (state, _, residuals, widths, xs, ys, _) = regression seed
            let told = value (OnlineConvex.ridgeIdentity residuals (widths |> Array.map width))
            let exact = leastRegularised state.Lambda xs ys
            abs (told - exact) <= 1e-8 * exact)
