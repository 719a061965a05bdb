namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// The leader with a log-barrier, on losses of any sign and size.
[<RequireQualifiedAccess>]
module LogBarrierWitnesses =
    /// A comparator strictly inside the simplex, from the middle to near a corner.
    let comparator (random: Random) arms =
        let sharp = Math.Exp(4.0 * random.NextDouble())
        let raw = Array.init arms (fun _ -> Math.Exp(-sharp * random.NextDouble()) + 1e-12)
        let sum = Array.sum raw
        raw |> Array.map (fun y -> y / sum)

    /// Losses with heavy tails, mostly negative ones, or importance-weighted ones of either sign.
    let losses (random: Random) (x: float[]) kind scale =
        let tail () =
            1.0 / sqrt (1.0 - random.NextDouble()) - 1.0

        match kind with
        | 0 -> x |> Array.map (fun _ -> -scale * tail ())
        | 1 -> x |> Array.map (fun _ -> scale * (random.NextDouble() - 0.5))
        | 2 ->
            let arm = random.Next x.Length

            x
            |> Array.mapi (fun i p ->
                if i = arm then
                    scale * (random.NextDouble() - 0.7) / p
                else
                    0.0)
        | _ -> x |> Array.mapi (fun i _ -> if i = 0 then 0.0 else scale)

    let private dot (a: float[]) (b: float[]) =
        Array.fold2 (fun s p q -> s + p * q) 0.0 a b

    let private run (random: Random) (state: LogBarrierState) kind scale horizon =
        for _ in 1..horizon do
            let c = losses random (state.Distribution.ToArray()) kind scale
            LogBarrier.step (ReadOnlySpan c) state |> Require.ok |> ignore<LogBarrierState>

    let private instance seed =
        let random = Witness.random seed
        let arms = 2 + random.Next 5
        let eta = Math.Exp(4.0 * random.NextDouble() - 3.0)
        let scale = Math.Exp(5.0 * random.NextDouble() - 3.0)
        let state = LogBarrier.start eta arms |> Require.ok
        run random state (random.Next 4) scale (1 + random.Next 200)
        struct (random, state)

    let private regret seed =
        let struct (random, state) = instance seed
        let y = comparator random state.Arms
        let barrier = y |> Array.sumBy (fun p -> -log p)

        (state.Loss - dot y (state.Losses.ToArray()))
        / Witness.bound "log-barrier" [| float state.Arms; barrier; state.SecondOrder; state.Eta |]

    /// Equal small steps that end with x at the comparator.
    let private straight (y: float[]) steps =
        let eta = 0.5
        let state = LogBarrier.start eta y.Length |> Require.ok
        let target = y |> Array.map (fun p -> 1.0 / (eta * p))
        let least = Array.min target
        let c = target |> Array.map (fun l -> (l - least) / float steps)

        for _ in 1..steps do
            LogBarrier.step (ReadOnlySpan c) state |> Require.ok |> ignore<LogBarrierState>

        state

    let private regretWorst () =
        let y = [| 0.9; 0.07; 0.03 |]
        let state = straight y 5000

        (state.Loss - dot y (state.Losses.ToArray()))
        / Witness.bound "log-barrier" [| 3.0; y |> Array.sumBy (fun p -> -log p); state.SecondOrder; state.Eta |]

    let private everyArm (state: LogBarrierState) horizon =
        (state.Loss - Sampling.least state.Losses)
        / Witness.bound
            "log-barrier-horizon"
            [| float state.Arms; horizon; state.SecondOrder; state.Ranges; state.Eta |]

    let private corner seed =
        let struct (random, state) = instance seed
        everyArm state (float state.Arms * Math.Exp(6.0 * random.NextDouble()))

    let private cornerWorst () =
        let horizon = 100.0
        everyArm (straight [| 1.0 - 1.0 / horizon; 1.0 / horizon |] 20000) horizon

    let private banditDistribution (state: LogBarrierState) = state.Distribution.ToArray()

    let private banditNext (state: LogBarrierState) arm loss =
        state.Copy() |> LogBarrier.stepBandit arm loss |> Require.ok

    let private bandit seed =
        let random = Witness.random seed
        let arms = 2 + random.Next 2
        let horizon = arms + random.Next(if arms = 2 then 5 else 3)
        let eta = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let losses = AdversarialWitnesses.losses random arms horizon

        Enumeration.regret banditDistribution banditNext losses (LogBarrier.start eta arms |> Require.ok)
        / Witness.bound "log-barrier-bandit" [| float arms; float horizon; eta |]

    let private banditWorst () =
        let horizon, eta = 50000, 3e-3
        let mutable state = LogBarrier.start eta 2 |> Require.ok

        let p n =
            if n > 0 then
                state <- LogBarrier.stepBandit 1 1.0 state |> Require.ok

            state.Distribution[1]

        Enumeration.twoArms p horizon / Witness.bound "log-barrier-bandit" [| 2.0; float horizon; eta |]

    /// Features of a small pool and losses of each round, linear in them and in [0,1].
    let linearGame (random: Random) contexts arms dimension horizon =
        // nonnegative features that sum to 1, so that parameters in [0,1] give losses in [0,1]
        let features =
            Array.init (contexts * arms) (fun _ ->
                let raw = Array.init dimension (fun _ -> random.NextDouble() ** 3.0 + 1e-3)
                let sum = Array.sum raw
                raw |> Array.map (fun f -> f / sum))

        let parameters = Array.init horizon (fun _ -> Array.init dimension (fun _ -> float (random.Next 2)))

        let losses =
            parameters
            |> Array.map (fun theta ->
                Array.init contexts (fun x ->
                    Array.init arms (fun a ->
                        let phi = features[x * arms + a]
                        // rounding may carry the sum past 1
                        min 1.0 (dot phi theta))))

        struct (Array.concat features, losses)

    let private linearRatio seed =
        let random = Witness.random seed
        let contexts, arms, dimension = 2, 2, 2
        let horizon = 2 + random.Next 2
        let eta = Math.Exp(3.0 * random.NextDouble() - 2.0)
        let struct (features, losses) = linearGame random contexts arms dimension horizon

        let rec expected round (state: LinearLogBarrierState) =
            if round = horizon then
                0.0
            else
                let mutable total = 0.0

                for x in 0 .. contexts - 1 do
                    let p = (state.Policy x).ToArray()

                    for a in 0 .. arms - 1 do
                        let l = losses.[round].[x].[a]
                        let after = state.Copy() |> LinearLogBarrier.step x a l |> Require.ok
                        total <- total + p[a] / float contexts * (l + expected (round + 1) after)

                total

        let best =
            Seq.init contexts (fun x ->
                (Seq.init arms (fun a -> losses |> Seq.sumBy (fun round -> round[x][a])) |> Seq.min)
                / float contexts)
            |> Seq.sum

        match LinearLogBarrier.start eta 0.0 arms dimension (ReadOnlySpan features) with
        | Error _ -> 0.0
        | Ok state ->
            (expected 0 state - best)
            / Witness.bound "log-barrier-linear" [| float arms; float dimension; float horizon; eta |]

    let all =
        [
            Witness.tight "log-barrier" "regret of a run" regret regretWorst
            Witness.tight "log-barrier-horizon" "regret of a run against the best arm" corner cornerWorst
            Witness.loose
                "the game that makes the penalty large makes the stability small"
                "log-barrier-bandit"
                "expected regret, all draws enumerated"
                bandit
                banditWorst
            Witness.loose
                "games that can be enumerated are too short for the penalty"
                "log-barrier-linear"
                "expected regret, all contexts and draws enumerated"
                linearRatio
                (Witness.search 100 linearRatio)
        ]
