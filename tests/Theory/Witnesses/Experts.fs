namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses

/// Experts: generated losses and the sequences that hurt most.
module ExpertWitnesses =
    /// A rule for losses in [0,1] that may depend on the weights: coins, a good expert, a leader that is punished, alternation.
    let lossRule (random: Random) experts =
        let style = random.Next 5
        let bias = Array.init experts (fun _ -> random.NextDouble())
        let mutable t = 0

        fun (weights: float[]) ->
            t <- t + 1

            match style with
            | 0 -> bias |> Array.map (fun b -> if random.NextDouble() < b then 1.0 else 0.0)
            | 1 -> Array.init experts (fun _ -> random.NextDouble())
            | 2 ->
                let top = Array.max weights
                weights |> Array.map (fun w -> if w = top then 1.0 else 0.0)
            | 3 -> Array.init experts (fun i -> if (i + t) % 2 = 0 then 1.0 else 0.0)
            | _ -> bias |> Array.map (fun b -> b * random.NextDouble())

    let rounds count (weights: unit -> float[]) rule (step: float[] -> unit) =
        for _ in 1..count do
            step (rule (weights ()))

    let hedgeRun (start: Random -> int -> HedgeState) seed =
        let random = Witness.random seed
        let experts = 1 + random.Next 8
        let state = start random experts

        rounds (1 + random.Next 200) (fun () -> state.Weights.ToArray()) (lossRule random experts) (fun l ->
            Hedge.step (ReadOnlySpan l) state)

        state

    let private anyRate (random: Random) experts =
        Hedge.start experts (Math.Exp(4.0 * random.NextDouble() - 4.0)) |> Require.ok

    let hedge seed =
        let state = hedgeRun anyRate seed
        state.Regret / value (Hedge.regretBound state)

    let private tuned seed =
        let random = Witness.random seed
        let experts = 2 + random.Next 8
        let horizon = 1 + random.Next 200
        let state = Hedge.start experts (Hedge.rateFor experts (float horizon) |> Require.ok) |> Require.ok

        rounds horizon (fun () -> state.Weights.ToArray()) (lossRule random experts) (fun l ->
            Hedge.step (ReadOnlySpan l) state)

        state.Regret / value (Experts.hedgeTuned experts (float horizon))

    let private withPrior (random: Random) experts =
        let raw = Array.init experts (fun _ -> Math.Exp(-5.0 * random.NextDouble()))
        let q = raw |> Array.map (fun v -> v / Array.sum raw)
        Hedge.startWithPrior (ReadOnlySpan q) (Math.Exp(4.0 * random.NextDouble() - 4.0)) |> Require.ok

    let private prior seed =
        let state = hedgeRun withPrior seed
        let random = Witness.random (seed + 31337)
        let raw = Array.init state.Experts (fun _ -> random.NextDouble() ** 4.0 + 1e-12)
        let u = raw |> Array.map (fun v -> v / Array.sum raw)

        max
            (state.Regret / value (Hedge.regretBound state))
            ((state.LearnerLoss - dot u (state.ExpertLosses.ToArray()))
             / value (Hedge.regretBoundAgainst (ReadOnlySpan u) state))

    let private small seed =
        let state = hedgeRun anyRate seed
        let bound = value (Hedge.lossBound state)
        if bound = 0.0 then 0.0 else state.LearnerLoss / bound

    let private second seed =
        let state = hedgeRun anyRate seed
        let bound = value (Hedge.secondOrderBound state)
        if bound = 0.0 then 0.0 else state.Regret / bound

    /// One expert never loses, the other always does, at a small rate: Hedge pays ln N/eta for finding out.
    let oneGood (start: HedgeState) count =
        for _ in 1..count do
            Hedge.step (ReadOnlySpan [| 1.0; 0.0 |]) start

        start

    let private slow () =
        oneGood (Hedge.start 2 0.05 |> Require.ok) 100

    let private slowWith ratio () = ratio (slow ())

    let private priorWorst () =
        let state =
            Hedge.startWithPrior (ReadOnlySpan [| 0.9; 0.1 |]) 0.05 |> Require.ok |> fun s -> oneGood s 120

        state.Regret / value (Hedge.regretBound state)

    /// In each round experts of near weight are paired and a coin says who of a pair loses: the worst of some hundred runs of 32 experts over 128 rounds.
    let private tunedWorst =
        Witness.search 300 (fun seed ->
            let random = Witness.random seed
            let n, horizon = 32, 128
            let state = Hedge.start n (Hedge.rateFor n (float horizon) |> Require.ok) |> Require.ok

            for _ in 1..horizon do
                let w = state.Weights.ToArray()
                let l = Array.zeroCreate<float> n
                let order = Array.init n id |> Array.sortBy (fun i -> -w[i])

                for k in 0..2 .. n - 2 do
                    l[order[k + random.Next 2]] <- 1.0

                Hedge.step (ReadOnlySpan l) state

            state.Regret / value (Experts.hedgeTuned n (float horizon)))

    let private logLoss (y: float) (p: float) = -log(if y = 1.0 then p else 1.0 - p)

    /// Probabilities and labels: the regret of the average prediction over ln N/eta, with log loss (eta = 1) or square loss (eta = 1/2).
    let averageWith (predict: float[] -> HedgeState -> float) seed =
        let random = Witness.random seed
        let experts = 2 + random.Next 6
        let log' = random.Next 2 = 0
        let state = ExponentialWeights.start experts (if log' then 1.0 else 0.5) |> Require.ok
        let skill = Array.init experts (fun _ -> random.NextDouble())

        for _ in 1 .. 1 + random.Next 150 do
            let y = float (random.Next 2)

            let p =
                skill
                |> Array.map (fun s ->
                    let q = 0.001 + 0.998 * random.NextDouble()
                    s * (0.001 + 0.998 * y) + (1.0 - s) * q)

            let loss q =
                if log' then logLoss y q else (y - q) * (y - q)

            let prediction = predict p state
            ExponentialWeights.step (ReadOnlySpan(p |> Array.map loss)) (loss prediction) state

        state.Regret / value (ExponentialWeights.regretBound state)

    let average = averageWith (fun p state -> ExponentialWeights.predict (ReadOnlySpan p) state)

    /// Eight experts, one of whom is sure and right.
    let private oneSure () =
        let state = ExponentialWeights.start 8 1.0 |> Require.ok
        let p = Array.init 8 (fun i -> if i = 3 then 1.0 - 1e-9 else 1e-9)
        let prediction = ExponentialWeights.predict (ReadOnlySpan p) state
        ExponentialWeights.step (ReadOnlySpan(p |> Array.map (logLoss 1.0))) (logLoss 1.0 prediction) state
        state.Regret / value (ExponentialWeights.regretBound state)

    let private aggregating seed =
        let random = Witness.random seed
        let experts = 2 + random.Next 6

        let game =
            if random.Next 2 = 0 then
                AggregatingGame.Log
            else
                AggregatingGame.Square(0.0, 1.0)

        let mutable state = AggregatingAlgorithm.start game experts |> Require.ok
        let skill = Array.init experts (fun _ -> random.NextDouble())

        for _ in 1 .. 1 + random.Next 150 do
            let y = float (random.Next 2)

            let p =
                skill
                |> Array.map (fun s -> s * (0.001 + 0.998 * y) + (1.0 - s) * (0.001 + 0.998 * random.NextDouble()))

            state <- AggregatingAlgorithm.step y (ReadOnlySpan p) state |> Require.ok

        state.Regret / value (Experts.aggregating experts game.Eta)

    /// Two experts close to each other on the square loss, one always a little better.
    let private closeExperts () =
        let mutable state = AggregatingAlgorithm.start (AggregatingGame.Square(0.0, 1.0)) 2 |> Require.ok

        for _ in 1..400 do
            state <- AggregatingAlgorithm.step 1.0 (ReadOnlySpan [| 0.51; 0.49 |]) state |> Require.ok

        state.Regret / value (Experts.aggregating 2 2.0)

    let adaRun seed =
        let random = Witness.random seed
        let experts = 2 + random.Next 6
        let state = AdaHedge.start experts |> Require.ok
        let rule = lossRule random experts
        let scale = Math.Exp(6.0 * random.NextDouble() - 3.0)
        let shift = 10.0 * random.NextDouble() - 5.0

        rounds
            (1 + random.Next 150)
            (fun () -> state.Weights.ToArray())
            (rule >> Array.map (fun l -> scale * l + shift))
            (fun l -> AdaHedge.step (ReadOnlySpan l) state)

        state

    let private quotient regret bound =
        if bound <= 1e-12 then
            // all losses alike: the regret is 0 but for rounding
            (if abs regret <= 1e-9 then 0.0 else infinity)
        else
            regret / bound

    let ada seed =
        let state = adaRun seed
        quotient state.Regret (value (AdaHedge.regretBound state))

    let adaVariance seed =
        let state = adaRun seed
        quotient state.Regret (value (AdaHedge.varianceBound state))

    /// Two experts lose in turn for some rounds, which lowers the rate, and then one of them always: the worst lengths of the two phases.
    let private adaWorst (first: float) bound () =
        Seq.allPairs [ 0..4..60 ] [ 5..5..60 ]
        |> Seq.map (fun (turns, steady) ->
            let state = AdaHedge.start 2 |> Require.ok

            for t in 1..turns do
                let l = if t = 1 then first else 1.0
                AdaHedge.step (ReadOnlySpan(if t % 2 = 0 then [| l; 0.0 |] else [| 0.0; l |])) state

            for _ in 1..steady do
                AdaHedge.step (ReadOnlySpan [| 1.0; 0.0 |]) state

            quotient state.Regret (bound state))
        |> Seq.max

    /// The loss of the best sequence of experts with exactly so many switches or fewer.
    let bestPath switches (losses: float[][]) =
        let experts = losses[0].Length
        // least[s][i]: the least loss so far of a sequence with at most s switches that is at i
        let mutable least = Array.init (switches + 1) (fun _ -> Array.zeroCreate<float> experts)

        for t in 0 .. losses.Length - 1 do
            least <-
                Array.init (switches + 1) (fun s ->
                    Array.init experts (fun i ->
                        let stay = least[s][i]

                        let come = if s > 0 && t > 0 then Array.min least[s - 1] else infinity

                        min stay come + losses[t][i]))

        Array.min least[switches]

    let sharedRun seed =
        let random = Witness.random seed
        let experts = 2 + random.Next 4
        let count = 2 + random.Next 150
        let share = Math.Exp(-6.0 * random.NextDouble() - 0.1)
        let state = FixedShare.start experts (Math.Exp(3.0 * random.NextDouble() - 3.0)) share |> Require.ok
        let rule = lossRule random experts

        let losses =
            Array.init count (fun t ->
                let base' = rule (state.Weights.ToArray())
                // the good expert changes
                let good = t * 4 / count % experts
                let l = base' |> Array.mapi (fun i v -> if i = good then 0.3 * v else v)
                FixedShare.step (ReadOnlySpan l) state
                l)

        struct (state, losses, random.Next(min 4 (count - 1)))

    let private shared seed =
        let struct (state, losses, switches) = sharedRun seed

        (state.LearnerLoss - bestPath switches losses) / value (FixedShare.regretBound switches state)

    let private sharedWorst () =
        let state = FixedShare.start 2 0.05 1e-9 |> Require.ok

        for _ in 1..100 do
            FixedShare.step (ReadOnlySpan [| 1.0; 0.0 |]) state

        state.LearnerLoss / value (FixedShare.regretBound 0 state)

    let all =
        let w = Witness.tight

        [
            w "hedge" "regret of Hedge" hedge (slowWith (fun s -> s.Regret / value (Hedge.regretBound s)))
            w "hedge-tuned" "regret of Hedge at its best rate" tuned tunedWorst
            w "hedge-prior" "regret against experts and mixtures" prior priorWorst
            w "hedge-small-losses" "loss of Hedge" small (slowWith (fun s -> s.LearnerLoss / value (Hedge.lossBound s)))
            w
                "hedge-second-order"
                "regret of Hedge"
                second
                (slowWith (fun s -> s.Regret / value (Hedge.secondOrderBound s)))
            w "exponential-weights" "regret with log loss and square loss" average oneSure
            w "aggregating" "regret with log loss and square loss" aggregating closeExperts
            w "adahedge" "regret of AdaHedge" ada (adaWorst 0.5 (fun s -> value (AdaHedge.regretBound s)))
            Witness.loose
                "the gap's bound is loose in the first rounds"
                "adahedge-variance"
                "regret of AdaHedge"
                adaVariance
                (adaWorst 0.5 (fun s -> value (AdaHedge.varianceBound s)))
            w "fixed-share" "regret against the best sequence of experts" shared sharedWorst
        ]

/// Laws as functions over an implementation, for the laws and for the mutants.
[<RequireQualifiedAccess>]
module ExpertLaw =
    open ExpertWitnesses

    /// Hedge, from cumulative losses to weights, on all sequences of losses 0 and 1 of two experts over eight rounds, at three rates.
    let hedgeHolds (weights: float -> float[] -> float[]) =
        [ 0.1; 0.6; 2.0 ]
        |> Seq.forall (fun rate ->
            Seq.init (pown 4 8) id
            |> Seq.forall (fun code ->
                let total = [| 0.0; 0.0 |]
                let mutable paid = 0.0

                for t in 0..7 do
                    let both = code / pown 4 t % 4
                    let losses = [| float (both % 2); float (both / 2) |]
                    paid <- paid + dot (weights rate total) losses
                    total[0] <- total[0] + losses[0]
                    total[1] <- total[1] + losses[1]

                paid - Array.min total <= (log 2.0 / rate + rate) * (1.0 + 1e-12)))

    /// Fixed share as a map from the weights after a round's losses to the next weights: regret against four switches, expert by expert good in turn.
    let sharedHolds (mix: float -> float[] -> float[]) =
        Seq.init 40 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let experts = 3
            let share = 0.03
            let rate = 0.3 + random.NextDouble()
            let count = 150
            let mutable v = Array.create experts (1.0 / float experts)
            let mutable paid = 0.0

            let losses =
                Array.init count (fun t ->
                    Array.init experts (fun i ->
                        if i = t / 30 % experts then
                            0.0
                        else
                            0.5 + 0.5 * random.NextDouble()))

            for l in losses do
                paid <- paid + dot v l
                let raw = Array.map2 (fun w x -> w * exp (-rate * x)) v l
                v <- raw |> Array.map (fun w -> w / Array.sum raw) |> mix share

            paid - bestPath 4 losses <= value (Experts.fixedShare experts (float count) 4 share rate))

    /// AdaHedge with another rate for its gap; the regret is within twice the gap.
    let adaHolds (rateOf: int -> float -> float) =
        Seq.init 60 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let experts = 2 + random.Next 3
            let rule = lossRule random experts
            let total = Array.zeroCreate<float> experts
            let mutable gap = 0.0
            let mutable paid = 0.0

            let weights eta =
                let least = Array.min total

                let raw = total |> Array.map (fun l -> if l = least then 1.0 else exp (-eta * (l - least)))

                raw |> Array.map (fun w -> w / Array.sum raw)

            for _ in 1..150 do
                let eta = rateOf experts gap
                let p = weights eta
                let l = rule p
                let mean = dot p l
                let before = Array.min total
                l |> Array.iteri (fun i x -> total[i] <- total[i] + x)

                let mix =
                    if Double.IsFinite eta then
                        -log(Array.fold2 (fun s w x -> s + w * exp (-eta * x)) 0.0 p l) / eta
                    else
                        Array.min total - before

                paid <- paid + mean
                gap <- gap + max 0.0 (mean - mix)

            paid - Array.min total <= 2.0 * gap + 1e-9)
