namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module LogBarrierChecks =
    /// Over random losses of any sign: regret against random comparators within (B - K ln K)/eta + (eta/2) sum x c^2, for the points that a rule gives from the summed losses.
    let lemma (rule: float -> float[] -> float[]) =
        let random = Random 12

        let holds arms eta second paid (y: float[]) (sums: float[]) =
            let barrier = y |> Array.sumBy (fun p -> -log p)
            let regret = paid - Array.fold2 (fun s a b -> s + a * b) 0.0 y sums

            Double.IsFinite second
            && (let bound = Witness.bound "log-barrier" [| float (arms: int); barrier; second; eta |]
                regret <= bound * (1.0 + 1e-9) + 1e-9)

        /// Equal small steps to the comparator, where the bound is met.
        let straight () =
            let eta, steps = 0.5, 5000
            let y = [| 0.9; 0.1 |]
            let c = [| 0.0; (1.0 / y[1] - 1.0 / y[0]) / eta / float steps |]
            let sums = [| 0.0; 0.0 |]
            let mutable paid = 0.0
            let mutable second = 0.0

            for _ in 1..steps do
                let x = rule eta sums
                paid <- paid + x[1] * c[1]
                second <- second + x[1] * c[1] * c[1]
                sums[1] <- sums[1] + c[1]

            holds 2 eta second paid y sums

        straight ()
        && Seq.init 400 (fun _ ->
            let arms = 2 + random.Next 4
            let eta = Math.Exp(3.0 * random.NextDouble() - 1.0)
            let kind = random.Next 4
            let scale = Math.Exp(5.0 * random.NextDouble() - 2.0)
            let sums = Array.zeroCreate<float> arms
            let mutable paid = 0.0
            let mutable second = 0.0

            for _ in 1 .. 1 + random.Next 50 do
                let x = rule eta sums
                let c = LogBarrierWitnesses.losses random x kind scale

                for i in 0 .. arms - 1 do
                    paid <- paid + x[i] * c[i]
                    second <- second + x[i] * c[i] * c[i]
                    sums[i] <- sums[i] + c[i]

            holds arms eta second paid (LogBarrierWitnesses.comparator random arms) sums)
           |> Seq.forall id

    let leader eta (sums: float[]) =
        let x = Array.zeroCreate<float> sums.Length
        Sampling.logBarrier eta (ReadOnlySpan sums) (Span x)
        x

    /// Means over the draw of an estimator of linear losses: the plain estimate u L, and the given one from u, L and E[min(u,0)]; true if they agree everywhere and
    /// the given one is never below E[min(u,0)].
    let reduced (estimate: float[] -> float -> float[] -> float[]) =
        let random = Random 13

        Seq.init 100 (fun _ ->
            let n, d = 5, 2
            let features = Array.init n (fun _ -> Array.init d (fun _ -> 2.0 * random.NextDouble() - 1.0))
            let raw = Array.init n (fun _ -> random.NextDouble() + 0.01)
            let sum = Array.sum raw
            let pi = raw |> Array.map (fun p -> p / sum)
            let losses = Array.init n (fun _ -> random.NextDouble())

            let entry i j =
                Seq.init n (fun a -> pi[a] * features[a][i] * features[a][j]) |> Seq.sum

            let det = entry 0 0 * entry 1 1 - entry 0 1 * entry 0 1

            let inverse =
                [|
                    [| entry 1 1 / det; -(entry 0 1) / det |]
                    [| -(entry 0 1) / det; entry 0 0 / det |]
                |]

            let u a b =
                Seq.init d (fun i -> Seq.init d (fun j -> features[a][i] * inverse[i][j] * features[b][j]) |> Seq.sum)
                |> Seq.sum

            let inner b = Array.init n (fun a -> u a b)
            let negative = Array.init n (fun a -> Seq.init n (fun b -> pi[b] * min (u a b) 0.0) |> Seq.sum)
            let all = Array.init n (fun b -> estimate (inner b) losses[b] negative)

            Seq.init n (fun a ->
                let mean = Seq.init n (fun b -> pi[b] * all[b][a]) |> Seq.sum
                let plain = Seq.init n (fun b -> pi[b] * u a b * losses[b]) |> Seq.sum
                let size = Seq.init n (fun b -> pi[b] * abs (u a b)) |> Seq.sum

                abs (mean - plain) <= 1e-12 * (1.0 + size)
                && Seq.init n (fun b -> all[b][a] >= negative[a] - 1e-12 * (1.0 + size)) |> Seq.forall id)
            |> Seq.forall id)
        |> Seq.forall id

    let estimate (inner: float[]) loss (negative: float[]) =
        let target = Array.zeroCreate<float> inner.Length

        MagnitudeReduced.estimate (ReadOnlySpan inner) loss 1.0 (ReadOnlySpan negative) (Span target)
        |> Require.ok

        target

[<TestFixture>]
type LogBarrierLaws() =
    [<Test>]
    member _.``The leader with a log-barrier stays within its bound on losses of any sign and size``() =
        Assert.That(Witness.holds Witnesses.all "log-barrier")
        Assert.That(LogBarrierChecks.lemma LogBarrierChecks.leader)

    [<Test>]
    member _.``Against corners of the simplex the leader with a log-barrier stays within its bound``() =
        Assert.That(Witness.holds Witnesses.all "log-barrier-horizon")

        // the penalty is at most the rounded K ln(T/K)
        for arms in [ 2; 7; 50 ] do
            for factor in [ 1.0; 2.0; 1e6 ] do
                let horizon = float arms * factor
                let bound = LogBarrierBounds.horizonRegret arms horizon 0.0 0.0 1.0 |> Require.ok
                Assert.That(bound.Value, Is.LessThanOrEqualTo(float arms * log factor + 1e-9 * float arms))

    [<Test>]
    member _.``At its best step the log-barrier's bound is sqrt(2 (B - K ln K) Q)``() =
        let random = Random 1

        for _ in 1..20 do
            let k = float (2 + random.Next 10)
            let barrier = k * log k + 30.0 * random.NextDouble() + 0.1
            let q = Math.Exp(8.0 * random.NextDouble())

            let found =
                LogBarrierBounds.regretCalculator
                |> BoundCalculator.evaluate [ "K", [| k |]; "B", [| barrier |]; "Q", [| q |] ]
                |> Require.ok

            Assert.That(found.Value, Is.EqualTo(sqrt (2.0 * (barrier - k * log k) * q)).Within(1e-8).Percent)

    [<Test>]
    member _.``The barrier's divergence dominates: u - 1 - ln u >= x (u-1)^2/2 for u <= 1/x``() =
        let random = Random 2
        let mutable closest = 0.0

        for _ in 1..100000 do
            let x = Math.Exp(-6.0 * random.NextDouble())
            let u = random.NextDouble() / x
            let divergence = u - 1.0 - log u
            let quadratic = x * (u - 1.0) * (u - 1.0) / 2.0
            Assert.That(quadratic, Is.LessThanOrEqualTo(divergence * (1.0 + 1e-9) + 1e-12))
            closest <- max closest (quadratic / max divergence 1e-6)

        Assert.That(closest, Is.GreaterThan 0.9)

    [<Test>]
    member _.``A constant added to all losses of a round changes no distribution, and x stays inside``() =
        let random = Random 3

        for _ in 1..100 do
            let arms = 2 + random.Next 6
            let a = LogBarrier.start 0.7 arms |> Require.ok
            let b = LogBarrier.start 0.7 arms |> Require.ok

            for _ in 1..30 do
                let c = LogBarrierWitnesses.losses random (a.Distribution.ToArray()) (random.Next 4) 5.0
                let shift = 100.0 * random.NextDouble() - 50.0
                LogBarrier.step (ReadOnlySpan c) a |> Require.ok |> ignore<LogBarrierState>

                LogBarrier.step (ReadOnlySpan(c |> Array.map (fun l -> l + shift))) b
                |> Require.ok
                |> ignore<LogBarrierState>

            for i in 0 .. arms - 1 do
                Assert.That(a.Distribution[i], Is.GreaterThan 0.0)
                Assert.That(b.Distribution[i], Is.EqualTo(a.Distribution[i]).Within(1e-8).Percent)

            Assert.That(b.SecondOrder, Is.EqualTo(a.SecondOrder).Within(1e-7).Percent)

    [<Test>]
    member _.``Exponential weights break the log-barrier's bound on very negative losses``() =
        // one arm of a thousand once gets -50: exponential weights stand at the uniform distribution, and ln K/eta + (eta/2) sum x c^2 is far less than what they lost
        let eta, arms = 1.0, 1000
        let x = Array.zeroCreate<float> arms
        Sampling.exponential eta (ReadOnlySpan(Array.zeroCreate<float> arms)) (Span x)
        let c = Array.init arms (fun i -> if i = 0 then -50.0 else 0.0)
        let paid = Array.fold2 (fun s p l -> s + p * l) 0.0 x c
        let second = Array.fold2 (fun s p l -> s + p * l * l) 0.0 x c
        let regret = paid + 50.0
        Assert.That(regret, Is.GreaterThan(log (float arms) / eta + eta / 2.0 * second))
        // the log-barrier's own bound, for the same point, holds
        let horizon = 1e6
        let bound = LogBarrierBounds.horizonRegret arms horizon second 50.0 eta |> Require.ok
        Assert.That(regret, Is.LessThanOrEqualTo bound.Value)

    [<Test>]
    member _.``The expected regret of the log-barrier bandit is within its bound, by enumeration of its draws``() =
        Assert.That(Witness.holds Witnesses.all "log-barrier-bandit")

    [<Test>]
    member _.``Magnitude-reduced estimates have the mean of the plain ones and are at least H E[min(u, 0)]``() =
        Assert.That(LogBarrierChecks.reduced LogBarrierChecks.estimate)

    [<Test>]
    member _.``The adversarial linear contextual bandit is within its bound, by enumeration of contexts and draws``() =
        Assert.That(Witness.holds Witnesses.all "log-barrier-linear")

    [<Test>]
    member _.``Its estimates are unbiased and their squares are at most 2 d in the mean, by enumeration``() =
        let random = Random 4
        let mutable largest = 0.0

        for _ in 1..40 do
            let contexts, arms, dimension = 1 + random.Next 4, 2 + random.Next 3, 2 + random.Next 2
            let struct (features, losses) = LogBarrierWitnesses.linearGame random contexts arms dimension 1

            match LinearLogBarrier.start 0.5 0.0 arms dimension (ReadOnlySpan features) with
            | Error _ -> ()
            | Ok state ->
                // some rounds, so that the policy is not uniform
                for t in 1 .. random.Next 10 do
                    let x = t % contexts
                    let a = LinearLogBarrier.choose 5UL x state |> Require.ok
                    let l = losses.[0].[x].[a]

                    LinearLogBarrier.step x a l state |> Require.ok |> ignore<LinearLogBarrierState>

                let mean = Array.zeroCreate<float>(contexts * arms)
                let size = Array.zeroCreate<float>(contexts * arms)
                let mutable squares = 0.0

                for x in 0 .. contexts - 1 do
                    let p = (state.Policy x).ToArray()

                    for a in 0 .. arms - 1 do
                        let l: float = losses.[0].[x].[a]
                        let after = state.Copy() |> LinearLogBarrier.step x a l |> Require.ok
                        let weight = p[a] / float contexts

                        for y in 0 .. contexts - 1 do
                            let before = (state.Estimates y).ToArray()
                            let now = (after.Estimates y).ToArray()
                            let policy = (state.Policy y).ToArray()

                            for b in 0 .. arms - 1 do
                                let d = now[b] - before[b]
                                mean[y * arms + b] <- mean[y * arms + b] + weight * d
                                size[y * arms + b] <- size[y * arms + b] + weight * abs d
                                squares <- squares + weight * policy[b] / float contexts * d * d

                for y in 0 .. contexts - 1 do
                    for b in 0 .. arms - 1 do
                        let i = y * arms + b
                        // the inverse of a covariance with condition 1e6 keeps ten digits
                        let l: float = losses.[0].[y].[b]
                        Assert.That(mean[i], Is.EqualTo(l).Within(1e-9 * (1.0 + size[i])))

                Assert.That(squares, Is.LessThanOrEqualTo(2.0 * float dimension))
                largest <- max largest (squares / (2.0 * float dimension))

        Assert.That(largest, Is.GreaterThan 0.2)

    [<Test>]
    member _.``Its states know their bound, and what they refuse by name``() =
        let features = [| 1.0; 0.0; 0.0; 1.0; 1.0; 1.0; 0.5; 0.0 |]
        let state = LinearLogBarrier.start 0.1 0.0 2 2 (ReadOnlySpan features) |> Require.ok
        Assert.That(state.Contexts, Is.EqualTo 2)
        LinearLogBarrier.step 0 1 0.5 state |> Require.ok |> ignore<LinearLogBarrierState>
        let bound = LinearLogBarrier.regretBound state |> Require.ok
        let expected: float = Witness.bound "log-barrier-linear" [| 2.0; 2.0; 2.0; 0.1 |]
        Assert.That(bound.Value, Is.EqualTo(expected: float))
        let biased = LinearLogBarrier.start 0.1 0.5 2 2 (ReadOnlySpan features) |> Require.ok
        let rows = (LinearLogBarrier.regretBound biased |> Require.ok).Assumptions
        Assert.That(rows |> Array.exists (fun row -> row.Status = AssumptionStatus.Violated))

        let named (argument: string) (r: Result<'A, HindsightError>) =
            match r with
            | Error(HindsightError.OutOfRange(name, _, _))
            | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Does.StartWith argument)
            | _ -> Assert.Fail $"expected a refusal of {argument}"

        named "context" (LinearLogBarrier.step 2 0 0.5 state)
        named "arm" (LinearLogBarrier.step 0 2 0.5 state)
        named "loss" (LinearLogBarrier.step 0 0 1.5 state)
        named "features" (LinearLogBarrier.start 0.1 0.0 2 2 (ReadOnlySpan [| 1.0; 2.0; 3.0 |]))
        named "regulariser" (LinearLogBarrier.start 0.1 -1.0 2 2 (ReadOnlySpan features))

        match LinearLogBarrier.start 0.1 0.0 2 2 (ReadOnlySpan [| 1.0; 1.0; 2.0; 2.0 |]) with
        | Error(HindsightError.Incompatible _) -> ()
        | _ -> Assert.Fail "features that do not span are refused"

        let plain = LogBarrier.start 0.1 2 |> Require.ok
        named "losses" (LogBarrier.step (ReadOnlySpan [| 1.0 |]) plain)
        named "losses" (LogBarrier.step (ReadOnlySpan [| 1.0; nan |]) plain)
        named "comparator" (LogBarrier.regretBound (ReadOnlySpan [| 1.0; 0.0 |]) plain)
        named "eta" (LogBarrier.start nan 2)
        named "barrier" (LogBarrierBounds.regret 3 1.0 1.0 1.0)
        named "horizon" (LogBarrierBounds.banditRegret 5 4.0 1.0)
        LogBarrier.step (ReadOnlySpan [| -3.0; 1.0 |]) plain |> Require.ok |> ignore<LogBarrierState>

        Assert.That(
            plain.Loss - (plain.Losses[0] * 0.6 + plain.Losses[1] * 0.4),
            Is.LessThanOrEqualTo (LogBarrier.regretBound (ReadOnlySpan [| 0.6; 0.4 |]) plain |> Require.ok).Value
        )

    [<Test>]
    member _.``A step of the log-barrier learners allocates nothing``() =
        let features = [| 1.0; 0.0; 0.0; 1.0; 1.0; 1.0; 0.5; 0.0 |]
        let linear = LinearLogBarrier.start 0.1 0.0 2 2 (ReadOnlySpan features) |> Require.ok
        let plain = LogBarrier.start 0.1 3 |> Require.ok
        let c = [| 1.0; -2.0; 0.5 |]

        let run () =
            for t in 1..100 do
                match LinearLogBarrier.step (t % 2) (t / 2 % 2) 0.5 linear with
                | Ok _ -> ()
                | Error e -> raise (HindsightException e)

                match LogBarrier.step (ReadOnlySpan c) plain with
                | Ok _ -> ()
                | Error e -> raise (HindsightException e)

        run ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        run ()
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
