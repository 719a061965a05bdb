namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Games whose expectations are exact: every sequence of draws is visited with its probability.
[<RequireQualifiedAccess>]
module Enumeration =
    /// Expected loss of a learner: p gives the distribution, next a new state after an arm and its loss.
    let rec loss (p: 'S -> float[]) (next: 'S -> int -> float -> 'S) (losses: float[][]) round (state: 'S) : float =
        if round = losses.Length then
            0.0
        else
            let distribution = p state
            let mutable total = 0.0

            for arm in 0 .. distribution.Length - 1 do
                if distribution[arm] > 0.0 then
                    let l = losses[round][arm]

                    total <- total + distribution[arm] * (l + loss p next losses (round + 1) (next state arm l))

            total

    let best (losses: float[][]) =
        Seq.init losses[0].Length (fun arm -> losses |> Seq.sumBy (fun l -> l[arm])) |> Seq.min

    /// Expected regret against the best arm.
    let regret p next losses state =
        loss p next losses 0 state - best losses

    /// Every outcome of a game: the loss and its probability.
    let rec outcomes
        (p: 'S -> float[])
        (next: 'S -> int -> float -> 'S)
        (losses: float[][])
        round
        (state: 'S)
        probability
        paid
        : struct (float * float) list =
        if round = losses.Length then
            [ struct (paid, probability) ]
        else
            [
                for arm in 0 .. losses[round].Length - 1 do
                    let distribution: float[] = p state
                    let q = distribution[arm]
                    let l = losses[round][arm]

                    if q > 0.0 then
                        yield! outcomes p next losses (round + 1) (next state arm l) (probability * q) (paid + l)
            ]

    /// The least r with P(loss - best > r) <= delta.
    let quantile delta p next losses state =
        let sorted =
            outcomes p next losses 0 state 1.0 0.0 |> List.toArray |> Array.sortBy (fun (struct (x, _)) -> -x)

        let mutable above = 0.0
        let mutable i = 0

        while i < sorted.Length && (let struct (_, q) = sorted[i] in above + q <= delta) do
            let struct (_, q) = sorted[i]
            above <- above + q
            i <- i + 1

        let struct (x, _) = sorted[min i (sorted.Length - 1)]
        x - best losses

    /// Expected regret of two arms of which one always costs 1 and the other nothing, exactly: as drawing the free arm teaches nothing,
    /// the number of draws of the other is the whole state, and p gives its probability after n of them.
    let twoArms (p: int -> float) horizon =
        let chain = Collections.Generic.List<float>()

        let at n =
            while chain.Count <= n do
                chain.Add(p chain.Count)

            chain[n]

        let weight = Array.zeroCreate (horizon + 2)
        weight[0] <- 1.0
        let mutable low = 0
        let mutable high = 0
        let mutable total = 0.0

        for _ in 1..horizon do
            for n in high .. -1 .. low do
                let moved = weight[n] * at n
                total <- total + moved
                weight[n + 1] <- weight[n + 1] + moved
                weight[n] <- weight[n] - moved

            high <- high + 1

            // what is left out only makes the regret smaller
            while high > low && weight[high] < 1e-16 do
                weight[high] <- 0.0
                high <- high - 1

            while low < high && weight[low] < 1e-16 do
                weight[low] <- 0.0
                low <- low + 1

        total

/// Learners against losses that are fixed before the run.
[<RequireQualifiedAccess>]
module AdversarialWitnesses =
    let distribution (state: Exp3State) = state.Distribution.ToArray()

    let next (state: Exp3State) arm loss =
        state.Copy() |> Exp3.step arm loss |> Require.ok

    let tsallisDistribution (state: TsallisInfState) = state.Distribution.ToArray()

    let tsallisNext (state: TsallisInfState) arm loss =
        state.Copy() |> TsallisInf.step arm loss |> Require.ok

    /// Losses in [0,1]: zeros and ones, uniform, or one arm better by a gap.
    let losses (random: Random) arms horizon =
        let kind = random.Next 3
        let gap = random.NextDouble()

        Array.init horizon (fun _ ->
            Array.init arms (fun arm ->
                match kind with
                | 0 -> float (random.Next 2)
                | 1 -> random.NextDouble()
                | _ -> if arm = 0 then (1.0 - gap) * random.NextDouble() else 1.0))

    /// Arms and rounds that can be enumerated.
    let private small (random: Random) =
        let arms = 2 + random.Next 2
        let horizon = 1 + random.Next(if arms = 2 then 7 else 5)
        struct (arms, horizon)

    let private exp3 seed =
        let random = Witness.random seed
        let struct (arms, horizon) = small random
        let eta = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let losses = losses random arms horizon

        Enumeration.regret distribution next losses (Exp3.start eta arms |> Require.ok)
        / Witness.bound "exp3" [| float arms; float horizon; eta |]

    /// The state after n draws of the arm that always costs 1.
    let private costly (start: 'S) (step: 'S -> 'S) (p: 'S -> float) =
        let mutable state = start

        fun n ->
            if n > 0 then
                state <- step state

            p state

    let private exp3Worst () =
        let eta, horizon = 1e-3, 20000

        let p =
            costly (Exp3.start eta 2 |> Require.ok) (fun s -> Exp3.step 1 1.0 s |> Require.ok) (fun s ->
                s.Distribution[1])

        Enumeration.twoArms p horizon / Witness.bound "exp3" [| 2.0; float horizon; eta |]

    let private estimated seed =
        let random = Witness.random seed
        let arms = 2 + random.Next 8
        let eta = Math.Exp(4.0 * random.NextDouble() - 3.0)
        let state = Exp3.start eta arms |> Require.ok
        let biased = random.NextDouble()

        for _ in 1 .. 1 + random.Next 300 do
            let arm = random.Next arms

            // arms that are almost never drawn, drawn: the estimates are as large as the step allows
            if state.Distribution[arm] > 1e-12 then
                let loss =
                    if random.NextDouble() < biased then
                        random.NextDouble()
                    else
                        float (sign arm)

                Exp3.step arm loss state |> Require.ok |> ignore<Exp3State>

        state.EstimatedRegret / Witness.bound "exp3-estimated" [| float arms; state.SecondOrder; eta |]

    let private estimatedWorst () =
        let eta = 1e-3
        let state = Exp3.start eta 2 |> Require.ok

        while state.Distribution[1] > 1e-3 do
            Exp3.step 1 1.0 state |> Require.ok |> ignore<Exp3State>

        state.EstimatedRegret / Witness.bound "exp3-estimated" [| 2.0; state.SecondOrder; eta |]

    let private ix seed =
        let random = Witness.random seed
        let horizon = 1 + random.Next 9
        let eta = Math.Exp(3.0 * random.NextDouble() - 1.0)
        let gamma = eta * Math.Exp(3.0 * random.NextDouble() - 2.0)
        let delta = 0.9 * random.NextDouble() + 0.01
        let losses = losses random 2 horizon

        Enumeration.quantile delta distribution next losses (Exp3.startIx eta gamma 2 |> Require.ok)
        / Witness.bound "exp3-ix" [| 2.0; float horizon; eta; gamma; delta |]

    /// Experts with random advice, the same in all rounds.
    let private exp4 seed =
        let random = Witness.random seed
        let struct (arms, horizon) = small random
        let experts = 2 + random.Next 3
        let eta = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let sharp = Math.Exp(3.0 * random.NextDouble())

        let advice =
            Array.init experts (fun _ ->
                let raw = Array.init arms (fun _ -> random.NextDouble() ** sharp + 1e-9)
                let sum = Array.sum raw
                raw |> Array.map (fun x -> x / sum))

        let flat = Array.concat advice
        let losses = losses random arms horizon

        let p (state: Exp4State) =
            let target = Array.zeroCreate<float> arms
            Exp4.distribution (ReadOnlySpan flat) (Span target) state |> Require.ok
            target

        let next (state: Exp4State) arm loss =
            state.Copy() |> Exp4.step (ReadOnlySpan flat) arm loss |> Require.ok

        let best =
            advice
            |> Seq.map (fun row -> losses |> Seq.sumBy (fun l -> Array.fold2 (fun s q x -> s + q * x) 0.0 row l))
            |> Seq.min

        (Enumeration.loss p next losses 0 (Exp4.start eta experts arms |> Require.ok) - best)
        / Witness.bound "exp4" [| float experts; float arms; float horizon; eta |]

    let private exp4Worst () =
        let eta, horizon = 1e-3, 20000
        let advice = [| 1.0; 0.0; 0.0; 1.0 |]

        let p =
            costly
                (Exp4.start eta 2 2 |> Require.ok)
                (fun s -> Exp4.step (ReadOnlySpan advice) 1 1.0 s |> Require.ok)
                (fun s -> s.Weights[1])

        Enumeration.twoArms p horizon / Witness.bound "exp4" [| 2.0; 2.0; float horizon; eta |]

    let private tsallis (start: int -> Result<TsallisInfState, HindsightError>) calculator seed =
        let random = Witness.random seed
        let struct (arms, horizon) = small random
        let losses = losses random arms horizon

        Enumeration.regret tsallisDistribution tsallisNext losses (start arms |> Require.ok)
        / Witness.bound calculator [| float arms; float horizon |]

    /// Every sequence of rounds in which one of two arms costs 1 and the other nothing.
    let private tsallisWorst (start: int -> Result<TsallisInfState, HindsightError>) calculator () =
        let horizon = 6

        Seq.init (1 <<< horizon) (fun code ->
            let losses =
                Array.init horizon (fun t ->
                    if (code >>> t) &&& 1 = 0 then
                        [| 0.0; 1.0 |]
                    else
                        [| 1.0; 0.0 |])

            Enumeration.regret tsallisDistribution tsallisNext losses (start 2 |> Require.ok)
            / Witness.bound calculator [| 2.0; float horizon |])
        |> Seq.max

    /// One run where arms have gaps: regret in the mean.
    let stochasticRun seed =
        let random = Witness.random seed
        let arms = 2 + random.Next 3
        let horizon = 2000
        let gaps = Array.init (arms - 1) (fun _ -> 0.3 + 0.7 * random.NextDouble())
        let state = TsallisInf.start arms |> Require.ok
        let mutable regret = 0.0

        for _ in 1..horizon do
            let arm = TsallisInf.choose (uint64 seed) state
            let gap = if arm = 0 then 0.0 else gaps[arm - 1]
            regret <- regret + gap
            // mean 0 for the best arm when its gap is 1, else a Bernoulli with the mean (1 - largest gap)/2 above
            let mean = gap + 0.5 * (1.0 - Array.max gaps)
            let loss = if random.NextDouble() < mean then 1.0 else 0.0
            TsallisInf.step arm loss state |> Require.ok |> ignore<TsallisInfState>

        regret / Witness.boundOf "tsallis-inf-stochastic" [| [| float horizon |]; gaps |]

    let private fixedStep seed =
        let random = Witness.random seed
        let struct (arms, horizon) = small random
        let eta = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let ceiling = Math.Exp(6.0 * random.NextDouble() - 3.0)
        let losses = losses random arms horizon |> Array.map (Array.map (fun l -> l * ceiling))

        Enumeration.regret tsallisDistribution tsallisNext losses (TsallisInf.startFixed eta ceiling arms |> Require.ok)
        / Witness.bound "tsallis-inf-fixed" [| float arms; float horizon; ceiling; eta |]

    let private fixedWorst () =
        let eta, horizon = 1e-3, 100000

        let p =
            costly
                (TsallisInf.startFixed eta 1.0 2 |> Require.ok)
                (fun s -> TsallisInf.step 1 1.0 s |> Require.ok)
                (fun s -> s.Distribution[1])

        Enumeration.twoArms p horizon / Witness.bound "tsallis-inf-fixed" [| 2.0; float horizon; 1.0; eta |]

    let all =
        [
            Witness.tight "exp3" "expected regret, all draws enumerated" exp3 exp3Worst
            Witness.tight "exp3-estimated" "estimated regret of a run" estimated estimatedWorst
            Witness.loose
                "a union over arms and two exponential inequalities cost more than ten rounds can show"
                "exp3-ix"
                "the (1 - delta)-quantile of the regret, all draws enumerated"
                ix
                (Witness.search 300 ix)
            Witness.tight "exp4" "expected regret, all draws enumerated" exp4 exp4Worst
            Witness.loose
                "no sequence pays the penalty and the stability of every round at once"
                "tsallis-inf"
                "expected regret, all draws enumerated"
                (tsallis TsallisInf.start "tsallis-inf")
                (tsallisWorst TsallisInf.start "tsallis-inf")
            Witness.loose
                "self-bounding doubles the regret and its early rounds are counted in full"
                "tsallis-inf-stochastic"
                "regret of a run of 2000 rounds"
                stochasticRun
                (Witness.search 20 stochasticRun)
            Witness.loose
                "early rounds are counted in full and rare arms at six a round"
                "tsallis-inf-reduced-variance"
                "expected regret, all draws enumerated"
                (tsallis TsallisInf.startReducedVariance "tsallis-inf-reduced-variance")
                (tsallisWorst TsallisInf.startReducedVariance "tsallis-inf-reduced-variance")
            Witness.tight "tsallis-inf-fixed" "expected regret, all draws enumerated" fixedStep fixedWorst
        ]
