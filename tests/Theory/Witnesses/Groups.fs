namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses

/// Sleeping experts and groups.
module GroupWitnesses =
    /// A run of AdaNormalHedge: after each round the law may look at the state.
    let sleeping (weights: bool[] -> AdaNormalHedgeState -> float[]) (look: AdaNormalHedgeState -> unit) seed =
        let random = Witness.random seed
        let experts = 1 + random.Next 6

        let state =
            if random.Next 2 = 0 then
                AdaNormalHedge.start experts |> Require.ok
            else
                let raw = Array.init experts (fun _ -> 0.05 + random.NextDouble())

                AdaNormalHedge.startWithPrior (ReadOnlySpan(raw |> Array.map (fun v -> v / Array.sum raw)))
                |> Require.ok

        let rate = 0.2 + 0.8 * random.NextDouble()
        let rule = ExpertWitnesses.lossRule random experts

        for _ in 1 .. 1 + random.Next 200 do
            let awake = Array.init experts (fun _ -> random.NextDouble() < rate)
            let p = weights awake state
            let losses = rule p
            AdaNormalHedge.step (ReadOnlySpan awake) (ReadOnlySpan losses) (min 1.0 (dot p losses)) state
            look state

        state

    let plain (awake: bool[]) (state: AdaNormalHedgeState) =
        let p = Array.zeroCreate<float> awake.Length
        AdaNormalHedge.weights (ReadOnlySpan awake) (Span p) state
        p

    let private nothing (_: AdaNormalHedgeState) = ()

    /// The largest regret of an expert over its bound.
    let normalWith weights seed =
        let state = sleeping weights nothing seed

        Seq.init state.Experts (fun i ->
            let bound = value (AdaNormalHedge.regretBound i state)
            if bound = 0.0 then 0.0 else state.Regrets[i] / bound)
        |> Seq.max

    let normal = normalWith plain

    /// Groups that overlap, each with a regression of its own, and the group of all.
    let groupRun seed =
        let random = Witness.random seed
        let groups = 1 + random.Next 5
        let dimension = 1 + random.Next 3
        let lambda = Math.Exp(2.0 * random.NextDouble() - 1.0)
        let state = Groupwise.start groups dimension lambda 1.0 |> Require.ok
        let truths = Array.init groups (fun _ -> inBall random dimension)
        let noise = random.NextDouble()
        let rate = random.NextDouble()

        for _ in 1 .. 1 + random.Next 200 do
            let active = Array.init groups (fun g -> g = 0 || random.NextDouble() < rate)
            let x = inBall random dimension
            let last = Array.FindLastIndex(active, fun a -> a)
            let y = Math.Clamp(dot x truths[last] + noise * (2.0 * random.NextDouble() - 1.0), -1.0, 1.0)
            Groupwise.step (ReadOnlySpan x) (ReadOnlySpan active) y state |> fun p -> assert (abs p <= 1.0)

        state

    let private worstGroup (bound: GroupwiseState -> int -> float) seed =
        let state = groupRun seed

        Seq.init state.Groups (fun g ->
            if state.Active[g] = 0L then
                0.0
            else
                state.Regret g / bound state g)
        |> Seq.max

    let group = worstGroup (fun state g -> value (Groupwise.regretBound g state))

    let regression =
        worstGroup (fun state g ->
            value (
                Groups.groupwiseRegression
                    1.0
                    1.0
                    (state.Oracle g).Lambda
                    state.Dimension
                    (float state.Active[g])
                    (float state.Rounds)
                    state.Groups
            ))

    let all =
        [
            Witness.loose
                "the potential is bounded by a sum that no sequence we know fills"
                "adanormalhedge"
                "regret against the worst expert"
                normal
                (Witness.search 300 normal)
            Witness.loose
                "the oracles' bounds are taken as reached, and the aggregate's too"
                "groupwise"
                "regret on the worst group"
                group
                (Witness.search 100 group)
            Witness.loose
                "the oracles' bounds are taken as reached, and the aggregate's too"
                "groupwise-regression"
                "regret on the worst group"
                regression
                (Witness.search 100 regression)
        ]
