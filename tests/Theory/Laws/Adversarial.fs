namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Laws over implementations, so that wrong ones can be shown to break them.
[<RequireQualifiedAccess>]
module AdversarialChecks =
    /// Over random states, the mean of the estimates' increments over the draw is the losses: p, increments after an arm and its loss.
    let unbiased (p: float[]) (increments: int -> float -> float[]) (losses: float[]) =
        let mean = Array.zeroCreate<float> p.Length
        let size = Array.zeroCreate<float> p.Length

        for arm in 0 .. p.Length - 1 do
            let d = increments arm losses[arm]

            for i in 0 .. p.Length - 1 do
                mean[i] <- mean[i] + p[arm] * d[i]
                size[i] <- size[i] + p[arm] * abs d[i]

        Seq.forall2 (fun (m, s) l -> abs (m - l) <= 1e-12 * (s + 1.0)) (Seq.zip mean size) losses

    /// The weights minimise sum values p - (4/eta) sum sqrt p over the simplex: values - 2/(eta sqrt p) is one constant.
    let minimisesTsallis eta (values: float[]) (weights: float[]) =
        let levels = Array.map2 (fun l p -> l - 2.0 / (eta * sqrt p)) values weights

        let scale =
            (Array.max values - Array.min values + 2.0 / eta) * 1e-12 + 1e-12 * Array.max (Array.map abs levels)

        abs (Array.sum weights - 1.0) <= 1e-14 * float weights.Length
        && Array.max levels - Array.min levels <= scale * 10.0

    /// values - 1/(eta x) is one constant.
    let minimisesLogBarrier eta (values: float[]) (weights: float[]) =
        let levels = Array.map2 (fun l x -> l - 1.0 / (eta * x)) values weights

        let scale =
            (Array.max values - Array.min values + 1.0 / eta) * 1e-12 + 1e-12 * Array.max (Array.map abs levels)

        abs (Array.sum weights - 1.0) <= 1e-14 * float weights.Length
        && Array.max levels - Array.min levels <= scale * 10.0

    /// min over the simplex of sum values p - (4/eta) sum sqrt p.
    let potential eta (values: float[]) =
        let p = Array.zeroCreate<float> values.Length
        Sampling.tsallis eta (ReadOnlySpan values) (Span p)
        Array.fold2 (fun s l q -> s + l * q - 4.0 / eta * sqrt q) 0.0 values p

    /// What a round costs beyond the potential's growth, in expectation over the draw.
    let stability eta (values: float[]) (p: float[]) (increments: int -> float[]) =
        let before = potential eta values

        p
        |> Array.mapi (fun arm q ->
            let d = increments arm
            let paid = Array.fold2 (fun s a b -> s + a * b) 0.0 p d
            q * (paid - (potential eta (Array.map2 (+) values d) - before)))
        |> Array.sum

    let randomTsallis (random: Random) =
        let arms = 2 + random.Next 6
        let spread = Math.Exp(6.0 * random.NextDouble() - 2.0)
        let values = Array.init arms (fun _ -> spread * -log(1.0 - random.NextDouble()))
        let t = Math.Floor(Math.Exp(8.0 * random.NextDouble())) + 1.0
        struct (values, t)

[<TestFixture>]
type AdversarialLaws() =
    [<Test>]
    member _.``The expected regret of Exp3 is at most ln K/eta + eta T K/2, by enumeration of its draws``() =
        Assert.That(Witness.holds Witnesses.all "exp3")

    [<Test>]
    member _.``Exp3's bound at its best step is sqrt(2 T K ln K)``() =
        for arms in [ 2; 5; 100 ] do
            for horizon in [ 1.0; 1e3; 1e8 ] do
                let eta = AdversarialBounds.exp3Eta arms horizon |> Require.ok
                let k = float arms
                let closed = sqrt (2.0 * horizon * k * log k)
                let bound = AdversarialBounds.exp3 arms horizon eta |> Require.ok
                Assert.That(bound.Value, Is.EqualTo(closed: float).Within(1e-12).Percent)

                let found =
                    AdversarialBounds.exp3Calculator
                    |> BoundCalculator.evaluate [ "K", [| k |]; "T", [| horizon |] ]
                    |> Require.ok

                Assert.That(found.Value, Is.EqualTo(closed).Within(1e-8).Percent)

    [<Test>]
    member _.``Exp3's estimated regret is at most ln K/eta + (eta/2) Q on every sequence``() =
        Assert.That(Witness.holds Witnesses.all "exp3-estimated")

    [<Test>]
    member _.``With probability 1 - delta the regret of Exp3-IX is within its bound, by enumeration of its draws``() =
        Assert.That(Witness.holds Witnesses.all "exp3-ix")

    [<Test>]
    member _.``At Neu's step Exp3-IX's bound is 2 sqrt(2KT ln K) + (sqrt(KT/(2 ln K)) + 1) ln(2/delta), below the published one``
        ()
        =
        for arms in [ 2; 10; 1000 ] do
            for horizon in [ 1.0; 1e4; 1e9 ] do
                for delta in [ 0.5; 0.05; 1e-9 ] do
                    let k = float arms
                    let eta = sqrt (2.0 * log k / (k * horizon))
                    let bound = AdversarialBounds.exp3Ix arms horizon eta (eta / 2.0) delta |> Require.ok
                    let main = 2.0 * sqrt (2.0 * k * horizon * log k)
                    let fail = log (2.0 / delta)
                    let closed = main + (sqrt (k * horizon / (2.0 * log k)) + 1.0) * fail
                    let published = main + (sqrt (2.0 * k * horizon / log k) + 1.0) * fail
                    Assert.That(bound.Value, Is.EqualTo(closed: float).Within(1e-12).Percent)
                    Assert.That(bound.Value, Is.LessThanOrEqualTo published)

    [<Test>]
    member _.``Summed Exp3-IX estimates exceed summed losses by ln(1/delta)/(2 gamma) with probability delta at most, by enumeration``
        ()
        =
        let random = Random 5
        let mutable closest = 0.0

        for _ in 1..50 do
            let horizon = 1 + random.Next 8
            let gamma = Math.Exp(3.0 * random.NextDouble() - 2.0)
            let losses = AdversarialWitnesses.losses random 2 horizon
            let start = Exp3.startIx (random.NextDouble() + 0.01) gamma 2 |> Require.ok

            // the moment that Markov's inequality is applied to: E exp(2 gamma (sum of estimates - sum of losses)) <= 1, both arms together
            let rec moment round (state: Exp3State) =
                if round = horizon then
                    let estimates = state.Estimates[0] + state.Estimates[1]
                    exp (2.0 * gamma * (estimates - (losses |> Seq.sumBy Array.sum)))
                else
                    let p = state.Distribution.ToArray()

                    Seq.init 2 (fun arm ->
                        let l = losses[round][arm]
                        p[arm] * moment (round + 1) (AdversarialWitnesses.next state arm l))
                    |> Seq.sum

            let m = moment 0 start
            closest <- max closest m
            Assert.That(m, Is.LessThanOrEqualTo(1.0 + 1e-12))

        Assert.That(closest, Is.GreaterThan 0.5)

    [<Test>]
    member _.``The expected regret of Exp4 is at most ln M/eta + eta T K/2, by enumeration of its draws``() =
        Assert.That(Witness.holds Witnesses.all "exp4")

    [<Test>]
    member _.``Exp4 with one expert for each arm is Exp3``() =
        let arms, eta = 4, 0.3
        let identity = Array.init (arms * arms) (fun i -> if i / arms = i % arms then 1.0 else 0.0)
        let experts = Exp4.start eta arms arms |> Require.ok
        let plain = Exp3.start eta arms |> Require.ok
        let random = Random 3

        for _ in 1..200 do
            let arm = Exp3.choose 11UL plain
            Assert.That(Exp4.choose 11UL (ReadOnlySpan identity) experts |> Require.ok, Is.EqualTo arm)
            let loss = random.NextDouble()
            Exp3.step arm loss plain |> Require.ok |> ignore<Exp3State>
            Exp4.step (ReadOnlySpan identity) arm loss experts |> Require.ok |> ignore<Exp4State>

            for i in 0 .. arms - 1 do
                Assert.That(experts.Weights[i], Is.EqualTo(plain.Distribution[i]).Within(1e-13))

    [<Test>]
    member _.``The expected regret of Tsallis-INF is at most 4 sqrt(KT) - 2 sqrt T - sqrt K, by enumeration of its draws``
        ()
        =
        Assert.That(Witness.holds Witnesses.all "tsallis-inf")

        // and that is below the published 4 sqrt(KT) + 1
        for arms in [ 2; 30 ] do
            for horizon in [ 1.0; 7.0; 1e6 ] do
                let bound = AdversarialBounds.tsallisInf arms horizon |> Require.ok
                Assert.That(bound.Value, Is.LessThanOrEqualTo(4.0 * sqrt (float arms * horizon) + 1.0))
                Assert.That(bound.Value, Is.GreaterThan 0.0)

    [<Test>]
    member _.``Where one arm is best by a gap, runs of Tsallis-INF stay within its logarithm``() =
        Assert.That(Witness.holds Witnesses.all "tsallis-inf-stochastic")

    [<Test>]
    member _.``A round of Tsallis-INF costs at most (1/sqrt t) sum sqrt p, and as little for the leader as its others weigh``
        ()
        =
        let random = Random 21
        let mutable closest = 0.0

        for _ in 1..20000 do
            let struct (values, t) = AdversarialChecks.randomTsallis random
            let eta = 2.0 / sqrt t
            let p = Array.zeroCreate<float> values.Length
            Sampling.tsallis eta (ReadOnlySpan values) (Span p)
            let losses = values |> Array.map (fun _ -> if random.Next 2 = 0 then 1.0 else random.NextDouble())

            let cost =
                AdversarialChecks.stability eta values p (fun arm ->
                    p |> Array.mapi (fun i q -> if i = arm then losses[i] / q else 0.0))

            let plain = Array.sumBy sqrt p / sqrt t
            let slack = 1e-9 * (1.0 + Array.max values)
            Assert.That(cost, Is.LessThanOrEqualTo(plain + slack))
            closest <- max closest (cost / plain)

            if t >= 2.0 then
                let star = random.Next p.Length
                let others = p |> Seq.indexed |> Seq.filter (fun (i, _) -> i <> star) |> Seq.map snd |> Seq.toArray
                let g = 1.0 / (sqrt t - 1.0)
                let selfBounding = (Array.sumBy sqrt others + (1.0 + g) * Array.sum others) / sqrt t
                Assert.That(cost, Is.LessThanOrEqualTo(selfBounding + slack))

        Assert.That(closest, Is.GreaterThan 0.8)

    [<Test>]
    member _.``The constants of Tsallis-INF's logarithm add up: c_1^2 + ... + c_T^2/T <= 6.25 ln T + 32``() =
        let mutable sum = 3.57 ** 2.0

        for i in 2..1000000 do
            let t = float i
            let c = t - sqrt (t * (t - 1.0)) + 2.0 + 1.0 / (sqrt t - 1.0)
            sum <- sum + c * c / t

            if sum > 6.25 * log t + 32.0 then
                Assert.Fail $"at {i}: {sum}"

        // and 29 would be too few
        Assert.That(sum, Is.GreaterThan(6.25 * log 1e6 + 29.0))

    [<Test>]
    member _.``A round of Tsallis-INF with reduced variance costs what its bound counts for it``() =
        Assert.That(Witness.holds Witnesses.all "tsallis-inf-reduced-variance")
        let random = Random 22
        let mutable closest = 0.0

        for _ in 1..20000 do
            let struct (values, t) = AdversarialChecks.randomTsallis random
            let t = t + 15.0
            let eta = 4.0 / sqrt t
            let p = Array.zeroCreate<float> values.Length
            Sampling.tsallis eta (ReadOnlySpan values) (Span p)
            let losses = values |> Array.map (fun _ -> float (random.Next 2))

            let cost =
                AdversarialChecks.stability eta values p (fun arm ->
                    p
                    |> Array.mapi (fun i q ->
                        let b = if q >= eta * eta then 0.5 else 0.0
                        (if i = arm then (losses[i] - b) / q else 0.0) + b))

            let bound = Array.sumBy sqrt p / (2.0 * sqrt t) + 6.0 * float p.Length / t
            Assert.That(cost, Is.LessThanOrEqualTo(bound + 1e-9 * (1.0 + Array.max values)))
            closest <- max closest (cost / bound)

        Assert.That(closest, Is.GreaterThan 0.5)

        for arms in [ 2; 30 ] do
            for horizon in [ 1.0; 20.0; 1e6 ] do
                let k = float arms
                let published = 2.0 * sqrt (k * horizon) + 10.0 * k * log horizon + 16.0
                let bound = AdversarialBounds.tsallisInfReducedVariance arms horizon |> Require.ok
                Assert.That(bound.Value, Is.LessThanOrEqualTo published)

    [<Test>]
    member _.``The expected regret of Tsallis-INF with a fixed step is within its bound, by enumeration of its draws``
        ()
        =
        Assert.That(Witness.holds Witnesses.all "tsallis-inf-fixed")

    [<Test>]
    member _.``Estimates are unbiased, those of Exp3-IX from below``() =
        let random = Random 31

        for _ in 1..300 do
            let arms = 2 + random.Next 5
            let losses = Array.init arms (fun _ -> random.NextDouble())
            let exp3 = Exp3.start 0.2 arms |> Require.ok
            let ix = Exp3.startIx 0.2 0.1 arms |> Require.ok
            let tsallis = TsallisInf.start arms |> Require.ok
            let reduced = TsallisInf.startReducedVariance arms |> Require.ok

            for _ in 1 .. random.Next 60 do
                let l = random.NextDouble()
                Exp3.step (Exp3.choose 1UL exp3) l exp3 |> Require.ok |> ignore<Exp3State>
                Exp3.step (Exp3.choose 1UL ix) l ix |> Require.ok |> ignore<Exp3State>
                TsallisInf.step (TsallisInf.choose 1UL tsallis) l tsallis |> Require.ok |> ignore<TsallisInfState>
                TsallisInf.step (TsallisInf.choose 1UL reduced) l reduced |> Require.ok |> ignore<TsallisInfState>

            let increments (before: float[]) (after: float[]) = Array.map2 (-) after before

            let ofExp3 (state: Exp3State) arm l =
                increments (state.Estimates.ToArray()) ((AdversarialWitnesses.next state arm l).Estimates.ToArray())

            let ofTsallis (state: TsallisInfState) arm l =
                increments
                    (state.Estimates.ToArray())
                    ((AdversarialWitnesses.tsallisNext state arm l).Estimates.ToArray())

            // a difference of sums carries the sums' rounding
            let close (p: float[]) (d: int -> float -> float[]) (state: float[]) =
                let scale = 1e-13 * (1.0 + Array.max (Array.map abs state))

                for i in 0 .. arms - 1 do
                    let mean = Seq.init arms (fun arm -> p[arm] * (d arm losses[arm])[i]) |> Seq.sum
                    Assert.That(mean, Is.EqualTo(losses[i]).Within(1e-12 + scale))

            close (exp3.Distribution.ToArray()) (ofExp3 exp3) (exp3.Estimates.ToArray())
            close (tsallis.Distribution.ToArray()) (ofTsallis tsallis) (tsallis.Estimates.ToArray())
            close (reduced.Distribution.ToArray()) (ofTsallis reduced) (reduced.Estimates.ToArray())
            let p = ix.Distribution.ToArray()

            for i in 0 .. arms - 1 do
                let mean = Seq.init arms (fun arm -> p[arm] * (ofExp3 ix arm losses[arm])[i]) |> Seq.sum
                Assert.That(mean, Is.LessThanOrEqualTo(losses[i] + 1e-12))

    [<Test>]
    member _.``Regularised leaders satisfy their first-order condition at any spread of the losses``() =
        let random = Random 41

        for _ in 1..5000 do
            let arms = 1 + random.Next 20
            let eta = Math.Exp(10.0 * random.NextDouble() - 5.0)
            let spread = Math.Exp(20.0 * random.NextDouble() - 5.0)
            let shift = spread * (random.NextDouble() - 0.5)
            let values = Array.init arms (fun _ -> shift + spread * random.NextDouble() ** 3.0)
            let weights = Array.zeroCreate<float> arms
            Sampling.tsallis eta (ReadOnlySpan values) (Span weights)
            Assert.That(AdversarialChecks.minimisesTsallis eta values weights, $"Tsallis: %A{values} at {eta}")
            Sampling.logBarrier eta (ReadOnlySpan values) (Span weights)
            Assert.That(AdversarialChecks.minimisesLogBarrier eta values weights, $"log-barrier: %A{values} at {eta}")

    [<Test>]
    member _.``A learner's bound is the calculator's at its own rounds, and its draws replay``() =
        let state = Exp3.start 0.1 3 |> Require.ok
        let again = Exp3.start 0.1 3 |> Require.ok

        for t in 1..50 do
            let arm = Exp3.choose 7UL state
            Assert.That(Exp3.choose 7UL again, Is.EqualTo arm)
            Exp3.step arm (float (t % 2)) state |> Require.ok |> ignore<Exp3State>
            Exp3.step arm (float (t % 2)) again |> Require.ok |> ignore<Exp3State>

        let bound = Exp3.regretBound state |> Require.ok
        let expected: float = Witness.bound "exp3" [| 3.0; 50.0; 0.1 |]
        Assert.That(bound.Value, Is.EqualTo(expected: float))
        let own = Exp3.estimatedRegretBound state |> Require.ok
        Assert.That(state.EstimatedRegret, Is.LessThanOrEqualTo own.Value)
        Assert.That(abs (state.EstimatedLoss - state.Loss), Is.LessThanOrEqualTo 1e-12)
        Assert.That((Exp3.regretBoundIx 0.05 state).IsError)
        let first: float = Witness.bound "tsallis-inf" [| 3.0; 1.0 |]
        let tsallis = TsallisInf.start 3 |> Require.ok
        Assert.That((TsallisInf.regretBound tsallis |> Require.ok).Value, Is.EqualTo(first: float))

    [<Test>]
    member _.``Draws follow the distribution, and never an arm of probability 0``() =
        // chi-squared with 3 degrees of freedom exceeds 45 with probability 1e-9
        let p = [| 0.1; 0.0; 0.4; 0.2; 0.3 |]
        let counts = Array.zeroCreate<int> 5
        let n = 100000

        for t in 0 .. n - 1 do
            let arm = Sampling.draw 3UL (int64 t) (ReadOnlySpan p)
            counts[arm] <- counts[arm] + 1

        Assert.That(counts[1], Is.EqualTo 0)

        let chi =
            Seq.zip p counts
            |> Seq.filter (fun (q, _) -> q > 0.0)
            |> Seq.sumBy (fun (q, c) -> (float c - q * float n) ** 2.0 / (q * float n))

        Assert.That(chi, Is.LessThan 45.0)
        Assert.That(Sampling.pick (ReadOnlySpan p) (Math.BitDecrement 1.0), Is.EqualTo 4)

    [<Test>]
    member _.``Bad observations are refused by name and change nothing``() =
        let named (argument: string) (r: Result<'A, HindsightError>) =
            match r with
            | Error(HindsightError.OutOfRange(name, _, _))
            | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Is.EqualTo argument)
            | _ -> Assert.Fail $"expected a refusal of {argument}"

        let state = Exp3.start 0.1 3 |> Require.ok

        for bad in [ -0.1; 1.1; nan; infinity ] do
            named "loss" (Exp3.step 0 bad state)
            named "loss" (TsallisInf.step 0 bad (TsallisInf.start 2 |> Require.ok))

        named "arm" (Exp3.step 3 0.5 state)
        named "arm" (Exp3.step -1 0.5 state)
        Assert.That(state.Rounds, Is.EqualTo 0L)
        named "eta" (Exp3.start 0.0 3)
        named "arms" (Exp3.start 0.1 1)
        named "gamma" (Exp3.startIx 0.1 nan 3)
        named "ceiling" (TsallisInf.startFixed 0.1 -1.0 3)
        let experts = Exp4.start 0.1 2 2 |> Require.ok
        named "advice" (Exp4.step (ReadOnlySpan [| 1.0; 0.0 |]) 0 0.5 experts)
        named "advice" (Exp4.step (ReadOnlySpan [| 1.0; 0.1; 0.5; 0.5 |]) 0 0.5 experts)
        named "advice" (Exp4.choose 1UL (ReadOnlySpan [| nan; 1.0; 0.5; 0.5 |]) experts)
        named "arm" (Exp4.step (ReadOnlySpan [| 1.0; 0.0; 1.0; 0.0 |]) 1 0.5 experts)

    [<Test>]
    member _.``A step allocates nothing``() =
        let state = TsallisInf.start 5 |> Require.ok
        let exp3 = Exp3.start 0.1 5 |> Require.ok

        let run () =
            for t in 1..100 do
                match TsallisInf.step (TsallisInf.choose 1UL state) 0.5 state with
                | Ok _ -> ()
                | Error e -> raise (HindsightException e)

                match Exp3.step (Exp3.choose 1UL exp3) (1.0 / float t) exp3 with
                | Ok _ -> ()
                | Error e -> raise (HindsightException e)

        run ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        run ()
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
