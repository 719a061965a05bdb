namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open Hindsight
open Hindsight.Data
open Hindsight.FSharp

/// Laws of the ledger, as functions over what is accounted.
[<RequireQualifiedAccess>]
module LedgerLaw =
    let decision id (arm: int) (p: float[]) (predicted: float[]) =
        {
            Id = id
            Arm = arm
            Propensity = p[arm]
            Distribution = p
            PredictedCosts = predicted
            Gamma = 1.0
            Price = infinity
        }

    let random (random: Random) =
        let k = 2 + random.Next 5
        let weights = Array.init k (fun _ -> -Math.Log(1.0 - random.NextDouble()))
        let p = weights |> Array.map (fun w -> w / Array.sum weights)
        let means = Array.init k (fun _ -> random.NextDouble())

        let predicted =
            means |> Array.map (fun m -> m + random.NextDouble() * (2.0 * random.NextDouble() - 1.0))

        struct (p, predicted, means)

    let regret (p: float[]) (means: float[]) =
        Array.fold2 (fun s q m -> s + q * m) 0.0 p means - Array.min means

    /// The means that are worst for a distribution and a coefficient, as far as [0,1] reaches: the chosen arm's error pays for all of the regret.
    let private worst (random: Random) =
        let k = 2 + random.Next 3
        let weights = Array.init k (fun _ -> 0.2 + random.NextDouble())
        let p = weights |> Array.map (fun w -> w / Array.sum weights)
        let predicted = Array.init k (fun _ -> 0.45 + 0.1 * random.NextDouble())
        let c = Math.ScaleB(1.0, random.Next 4)
        let star = random.Next k

        let means =
            predicted
            |> Array.mapi (fun a y ->
                let shift =
                    if a = star then
                        -(1.0 - p[a]) / (2.0 * c * p[a])
                    else
                        1.0 / (2.0 * c)

                Math.Clamp(y + shift, 0.0, 1.0))

        struct (p, predicted, means)

    /// The expectation of what a rule counts for a round is at least the round's expected regret: over all arms and both costs, and over all arms with costs that are their means.
    let estimateCovers (count: Decision -> float -> float) =
        let random' = Random 5

        Seq.init 4000 (fun i -> if i % 2 = 0 then random random' else worst random')
        |> Seq.forall (fun (struct (p, predicted, means)) ->
            let expected (cost: Decision -> float) =
                Seq.init p.Length (fun a -> p[a] * cost (decision 0L a p predicted)) |> Seq.sum

            let noisy = expected (fun d -> means[d.Arm] * count d 1.0 + (1.0 - means[d.Arm]) * count d 0.0)

            let sure = expected (fun d -> count d means[d.Arm])
            min noisy sure >= regret p means - 1e-12)

    /// What the ledger counts for its first round.
    let firstRound (d: Decision) cost =
        let ledger = Ledger 0.05
        ledger.Open d
        Assert.That(ledger.TrySettle(d.Id, cost))
        ledger.Row.Estimate

[<TestFixture>]
type LedgerLaws() =
    let settled (ledger: Ledger) (d: Decision) (cost: float) =
        ledger.Open d
        Assert.That(ledger.TrySettle(d.Id, cost))

    [<Test>]
    member _.``The estimate's expectation is at least the expected regret, whatever the means``() =
        Assert.That(LedgerLaw.estimateCovers LedgerLaw.firstRound)

    [<Test>]
    member _.``The certificate of a round is at least its expected regret, and at most 1``() =
        let random = Random 6

        for _ in 1..2000 do
            let struct (p, predicted, means) = LedgerLaw.random random
            let certificate = Ledger.Certify(LedgerLaw.decision 0L 0 p predicted, ReadOnlySpan means)

            Assert.That(
                certificate,
                Is.GreaterThanOrEqualTo(LedgerLaw.regret p means - 1e-12).And.LessThanOrEqualTo 1.0
            )

    [<Test>]
    member _.``Sums are those of their definitions``() =
        let random = Random 7
        let ledger = Ledger 0.05

        let rounds =
            Array.init 300 (fun i ->
                let struct (p, predicted, means) = LedgerLaw.random random
                let arm = random.Next p.Length

                let cost =
                    if random.NextDouble() < 0.5 then
                        random.NextDouble()
                    else
                        Math.Round(random.NextDouble())

                let d = LedgerLaw.decision (int64 i) arm p predicted
                ledger.Open d
                Assert.That(ledger.TrySettle(d.Id, cost, ReadOnlySpan means))
                struct (d, cost, means))

        let sum (f: Decision -> float -> float[] -> float) =
            rounds |> Array.sumBy (fun (struct (d, cost, means)) -> f d cost means)

        let near (expected: float) (actual: float) =
            Assert.That(actual, Is.EqualTo(expected).Within(1e-10 * (1.0 + abs expected)))

        let row = ledger.Row
        Assert.That(row.Round, Is.EqualTo 300L)
        near (sum (fun _ c _ -> c)) row.Cost
        let loss = sum (fun d c _ -> (d.PredictedCosts[d.Arm] - c) ** 2.0)
        near loss row.SquareLoss
        near (loss - sum (fun d c m -> (m[d.Arm] - c) ** 2.0)) row.RegressionRegret
        near (sum (fun d _ m -> m[d.Arm] - Array.min m)) row.PseudoRegret
        near (sum (fun d _ m -> Ledger.Certify(d, ReadOnlySpan m))) row.Certificate

        // the best constant an arm is its mean cost
        let constants =
            rounds
            |> Array.groupBy (fun (struct (d, _, _)) -> d.Arm)
            |> Array.sumBy (fun (_, own) ->
                let mean = own |> Array.averageBy (fun (struct (_, c, _)) -> c)
                own |> Array.sumBy (fun (struct (_, c, _)) -> (c - mean) ** 2.0))

        near (loss - constants) row.RegressionRegretConstants

        near
            (sum (fun d c _ ->
                let q = Math.Clamp(d.PredictedCosts[d.Arm], 1e-12, 1.0 - 1e-12)
                Require.ok (Divergence.binaryKl c q)))
            row.LogLoss

        Assert.That(
            row.OutsideUnit,
            Is.EqualTo(
                rounds
                |> Seq.filter (fun (struct (d, _, _)) -> d.PredictedCosts |> Array.exists (fun y -> y < 0.0 || y > 1.0))
                |> Seq.length
            )
        )

    [<Test>]
    member _.``The interval contains the average expected cost of a policy that learns, in all rounds at once``() =
        // 200 runs at delta = 0.05: more than 32 misses have a probability below 1e-9
        let mutable misses = 0

        for seed in 1..200 do
            let random = Random seed
            let ledger = Ledger 0.05
            let mutable expected = 0.0
            let mutable missed = false

            for t in 1..400 do
                // costs fall as the policy learns, and depend on what was drawn
                let mean = 0.1 + 0.8 / sqrt (float t) * (if ledger.Row.Cost > 0.3 * float t then 1.0 else 0.5)
                expected <- expected + mean

                settled
                    ledger
                    (LedgerLaw.decision (int64 t) 0 [| 1.0 |] [| 0.5 |])
                    (if random.NextDouble() < mean then 1.0 else 0.0)

                let row = ledger.Row
                let average = expected / float t

                if average < row.CostLow || average > row.CostHigh then
                    missed <- true

            if missed then
                misses <- misses + 1

        Assert.That(misses, Is.LessThanOrEqualTo 32)

    [<Test>]
    member _.``The interval closes around the mean``() =
        let ledger = Ledger 0.05

        for t in 1L .. 20_000L do
            settled ledger (LedgerLaw.decision t 0 [| 1.0 |] [| 0.5 |]) (if t % 4L = 0L then 1.0 else 0.0)

        let row = ledger.Row
        Assert.That(row.CostLow, Is.LessThan 0.25)
        Assert.That(row.CostHigh, Is.GreaterThan 0.25)
        Assert.That(row.CostHigh - row.CostLow, Is.LessThan 0.06)

    [<Test>]
    member _.``What is refused changes nothing``() =
        let ledger = Ledger 0.1
        let d = LedgerLaw.decision 7L 1 [| 0.5; 0.5 |] [| 0.2; 0.8 |]
        Assert.That(ledger.TrySettle(7L, 0.5), Is.False)
        ledger.Open d

        let refused (call: unit -> unit) =
            Assert.That(Action call, Throws.TypeOf<HindsightException>())
            Assert.That(ledger.Pending, Is.EqualTo 1)
            Assert.That(ledger.Row.Round, Is.EqualTo 0L)

        refused (fun () -> ledger.Open d)

        for bad in [ nan; infinity; -0.1; 1.1 ] do
            refused (fun () -> ledger.TrySettle(7L, bad) |> ignore<bool>)
            refused (fun () -> ledger.TrySettle(7L, 0.5, ReadOnlySpan [| 0.5; bad |]) |> ignore<bool>)

        refused (fun () -> ledger.TrySettle(7L, 0.5, ReadOnlySpan [| 0.5 |]) |> ignore<bool>)
        Assert.That(ledger.TrySettle(7L, 0.5))
        Assert.That(ledger.TrySettle(7L, 0.5), Is.False)
        Assert.That(ledger.Row.Round, Is.EqualTo 1L)

        for bad in [ nan; 0.0; 1.0; -1.0 ] do
            Assert.That(Action(fun () -> Ledger bad |> ignore<Ledger>), Throws.TypeOf<HindsightException>())

    [<Test>]
    member _.``Costs may come in any order, and one without means leaves no regret against means``() =
        let struct (p, predicted, means) = LedgerLaw.random (Random 3)
        let ledger = Ledger 0.05

        for i in 0L .. 9L do
            ledger.Open(LedgerLaw.decision i 0 p predicted)

        for i in [ 9L; 0L; 5L ] do
            Assert.That(ledger.TrySettle(i, 0.25, ReadOnlySpan means))

        Assert.That(Double.IsFinite ledger.Row.PseudoRegret)
        Assert.That(ledger.Pending, Is.EqualTo 7)
        Assert.That(ledger.TrySettle(1L, 0.25))
        Assert.That(Double.IsNaN ledger.Row.PseudoRegret)
        Assert.That(Double.IsNaN ledger.Row.Certificate)
        Assert.That(ledger.Implied 3 |> Array.exists (fun b -> b.Name.StartsWith "certificate"), Is.False)

    [<Test>]
    member _.``Settling allocates nothing``() =
        let ledger = Ledger 0.05
        let d = Array.init 2000 (fun i -> LedgerLaw.decision (int64 i) (i % 2) [| 0.5; 0.5 |] [| 0.2; 0.8 |])

        for i in 0..1999 do
            ledger.Open d[i]

        for i in 0..999 do
            Assert.That(ledger.TrySettle(int64 i, 0.5))

        let before = GC.GetAllocatedBytesForCurrentThread()
        let mutable settled = 0

        for i in 1000..1999 do
            if ledger.TrySettle(int64 i, 0.5) then
                settled <- settled + 1

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
        Assert.That(settled, Is.EqualTo 1000)

    [<Test>]
    member _.``A run with a ledger is the run without it, and the ledger agrees with the run's curves``() =
        let environment =
            match Require.ok (Catalog.openSet "synthetic-3" 0UL) with
            | CatalogSet.Simulated make -> Require.ok (make 0)
            | CatalogSet.Table _ -> failwith "synthetic-3 is simulated"

        let options =
            { ExperimentOptions.For(environment, "neusquarecb", "squarecb-linear") with
                Seeds = [| 3 |]
                Rounds = 300
            }

        let run options =
            Experiment.run options null Threading.CancellationToken.None |> Require.ok

        let plain, kept = run options, run { options with Ledger = true }

        for a, b in Array.zip plain kept do
            Assert.That(b.Cost, Is.EqualTo<float[]> a.Cost)
            Assert.That(b.PseudoRegret, Is.EqualTo<float[]> a.PseudoRegret)
            Assert.That(a.Ledger.IsNone)
            let ledger = Option.get b.Ledger
            Assert.That(ledger.Rows |> Array.map (fun r -> int r.Round), Is.EqualTo<int[]> b.Grid)
            Assert.That(ledger.Rows |> Array.map _.Cost, Is.EqualTo<float[]> b.Cost)

            let near (a: float[]) (b: float[]) =
                Array.forall2 (fun (x: float) y -> abs (x - y) <= 1e-9) a b

            Assert.That(near (ledger.Rows |> Array.map _.PseudoRegret) b.PseudoRegret)
            Assert.That(near (ledger.Rows |> Array.map _.Certificate) b.Certificate)
            let growth = ledger.Implied |> Array.filter (fun b -> b.Name.Contains "growth")
            Assert.That(ledger.Implied.Length - growth.Length, Is.EqualTo 3)
            Assert.That(growth.Length, Is.LessThanOrEqualTo(if b.Algorithm = "neusquarecb" then 1 else 0))

            Assert.That(
                ledger.Assumptions |> Array.exists (fun x -> x.Name.Contains "width") = (b.Algorithm = "neusquarecb")
            )
