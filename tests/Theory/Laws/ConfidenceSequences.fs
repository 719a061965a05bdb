namespace Hindsight.Tests.Theory

open System
open System.IO
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Confidence sequences: exact misses, martingales, streams.
[<TestFixture>]
type ConfidenceSequenceLaws() =
    static let sequences low high delta =
        [
            ConfidenceSequence.normalMixture low high 50.0 delta
            ConfidenceSequence.stitched low high delta
            ConfidenceSequence.stitchedEmpirical low high delta
            ConfidenceSequence.empiricalBernstein low high delta
            ConfidenceSequence.betting low high delta
        ]
        |> List.map Require.ok

    static let lowerSequences low scale delta =
        [
            ConfidenceSequence.empiricalBernsteinLower low scale delta
            ConfidenceSequence.bettingLower low scale delta
        ]
        |> List.map Require.ok

    static let every low high delta =
        sequences low high delta @ lowerSequences low (high - low) delta

    static let feed (xs: float seq) (state: ConfidenceSequence) =
        for x in xs do
            state.Update x

        state

    /// A second state with the same bits.
    static let copy (make: unit -> ConfidenceSequence) (state: ConfidenceSequence) =
        use stream = new MemoryStream()
        state.Save(new BinaryWriter(stream))
        stream.Position <- 0L
        let other = make ()
        other.Load(new BinaryReader(stream))
        other

    static let betting () =
        Require.ok (ConfidenceSequence.betting 0.0 1.0 0.1)

    static let bettingLower () =
        Require.ok (ConfidenceSequence.bettingLower 0.0 1.0 0.1)

    static let draw (random: Random) n =
        let p = Enumerate.probability random

        Array.init n (fun _ ->
            match random.Next 3 with
            | 0 -> if random.NextDouble() < p then 1.0 else 0.0
            | 1 -> random.NextDouble()
            | _ -> p)

    [<Test>]
    member _.``The normal mixture boundary is crossed at any time with probability at most delta``() =
        Assert.That(Witness.holds Witnesses.all "normal-mixture")
        Assert.That(ConfidenceMisses.mixture ConfidenceMisses.mixtureWidth, Is.LessThanOrEqualTo 1.0)

    [<Test>]
    member _.``The stitched boundary is crossed at any time with probability at most delta``() =
        Assert.That(Witness.holds Witnesses.all "stitching")

    [<Test>]
    member _.``The empirical Bernstein capital is a supermartingale``() =
        Assert.That(ConfidenceMisses.empiricalExpectation ConfidenceMisses.psi, Is.LessThanOrEqualTo(1.0 + 1e-14))
        Assert.That(Witness.holds Witnesses.all "empirical-bernstein-anytime")

    [<Test>]
    member _.``The capital of the bets is a martingale at the mean``() =
        // the next observation has two values around the mean: the expected capital after it is the capital before
        let random = Random 11
        let mutable compared = 0

        for _ in 1..300 do
            let state = feed (draw random (random.Next 30)) (bettingLower ())
            let mean = 0.02 + 0.96 * random.NextDouble()
            let low = mean * random.NextDouble()
            let high = mean + (1.0 - mean) * random.NextDouble() + 1e-3
            let p = (mean - low) / (high - low)

            let after x =
                let next = copy bettingLower state
                next.Update x
                exp (Require.ok (ConfidenceSequence.evidence mean next))

            let before = exp (Require.ok (ConfidenceSequence.evidence mean state))
            let expected = p * after high + (1.0 - p) * after low
            compared <- compared + 1
            Assert.That(expected, Is.EqualTo(before).Within(1e-12 * before))

        Assert.That(compared, Is.EqualTo 300)
        Assert.That(Witness.holds Witnesses.all "betting-lower")

    [<Test>]
    member _.``The mean is ever outside a sequence with probability at most delta, over every path of ten Bernoulli rounds``
        ()
        =
        let mutable most = 0.0

        for delta in [ 0.1; 0.3; 0.6 ] do
            for p in [ 0.02; 0.1; 0.3; 0.5; 0.7; 0.9; 0.98 ] do
                let misses = Array.zeroCreate<float> 7

                for struct (path, mass) in Enumerate.paths p 10 do
                    every 0.0 1.0 delta
                    |> List.iteri (fun i state ->
                        feed (path |> Seq.map (fun one -> if one then 1.0 else 0.0)) state
                        |> fun s ->
                            // of the intersection of all intervals so far
                            if p < s.Lower || p > s.Upper then
                                misses[i] <- misses[i] + mass)

                for miss in misses do
                    most <- max most (miss / delta)
                    Assert.That(miss, Is.LessThanOrEqualTo(delta * (1.0 + 1e-12)))

        // some sequence does miss: the law is not empty
        Assert.That(most, Is.GreaterThan 0.1)

    [<Test>]
    member _.``Sequences that cover averages cover them when the mean moves with the past``() =
        // the mean of the next observation depends on the last one; every path of ten rounds
        for delta in [ 0.2; 0.6 ] do
            let misses = Array.zeroCreate<float> 5

            for struct (path, _) in Enumerate.paths 0.5 10 do
                let states = sequences 0.0 1.0 delta |> List.toArray
                let missed = Array.zeroCreate<bool> 5
                let mutable mass = 1.0
                let mutable means = 0.0
                let mutable last = true

                path
                |> Array.iteri (fun t one ->
                    let p = if last then 0.95 else 0.3
                    means <- means + p
                    mass <- mass * (if one then p else 1.0 - p)
                    last <- one
                    let average = means / float (t + 1)

                    states
                    |> Array.iteri (fun i s ->
                        s.Update(if one then 1.0 else 0.0)

                        if s.CoversAverage && (average < s.AverageLower || average > s.AverageUpper) then
                            missed[i] <- true))

                missed
                |> Array.iteri (fun i m ->
                    if m then
                        misses[i] <- misses[i] + mass)

            for miss in misses do
                Assert.That(miss, Is.LessThanOrEqualTo delta)

        Assert.That(
            sequences 0.0 1.0 0.1 |> List.filter _.CoversAverage |> List.map _.Name,
            Is.EqualTo<string list> [ "normal-mixture"; "stitched"; "stitched-empirical" ]
        )

    [<Test>]
    member _.``The ends of betting are where the capital has been the inverse of delta``() =
        let random = Random 5
        let mutable moved = 0

        for _ in 1..30 do
            let xs = draw random 80
            let state = betting ()
            let goal = log 10.0

            let evidenceSoFar =
                xs
                |> Array.map (fun x ->
                    state.Update x
                    let now = copy betting state
                    fun m -> Require.ok (ConfidenceSequence.evidence m now))

            let bestOf m =
                evidenceSoFar |> Seq.map (fun e -> e m) |> Seq.max

            if state.Lower > 1e-6 then
                moved <- moved + 1
                Assert.That(bestOf state.Lower, Is.GreaterThanOrEqualTo(goal - 1e-9))

            // between the ends nothing is rejected, outside everything is
            for share in [ 1e-6; 0.3; 1.0 - 1e-6 ] do
                let m = state.Lower + share * (state.Upper - state.Lower)
                Assert.That(bestOf m, Is.LessThan goal)

            for share in [ 0.0; 0.5; 1.0 - 1e-6 ] do
                if state.Lower > 1e-6 then
                    Assert.That(bestOf (share * state.Lower), Is.GreaterThanOrEqualTo(goal - 1e-9))

                if state.Upper < 1.0 - 1e-6 then
                    Assert.That(bestOf (1.0 - share * (1.0 - state.Upper)), Is.GreaterThanOrEqualTo(goal - 1e-9))

        Assert.That(moved, Is.GreaterThan 10)

    [<Test>]
    member _.``A running intersection only shrinks, a smaller delta is wider, mirrored observations have mirrored ends, and units do not matter``
        ()
        =
        let random = Random 6

        for _ in 1..20 do
            let xs = draw random 120

            for sure, wide in List.zip (sequences 0.0 1.0 0.2) (sequences 0.0 1.0 0.02) do
                let mutable low = sure.Lower
                let mutable high = sure.Upper

                for x in xs do
                    sure.Update x
                    Assert.That(sure.Lower, Is.GreaterThanOrEqualTo low)
                    Assert.That(sure.Upper, Is.LessThanOrEqualTo high)
                    low <- sure.Lower
                    high <- sure.Upper

                // the plug-in weights depend on delta: there the order holds in general, not for every sequence
                if sure.CoversAverage then
                    feed xs wide |> fun w -> Assert.That(w.Lower <= sure.Lower && w.Upper >= sure.Upper)

            for state, mirrored, scaled in
                List.zip3 (sequences 0.0 1.0 0.1) (sequences 0.0 1.0 0.1) (sequences -3.0 5.0 0.1) do
                let state = feed xs state
                let mirrored = feed (xs |> Seq.map (fun x -> 1.0 - x)) mirrored
                let scaled = feed (xs |> Seq.map (fun x -> 8.0 * x - 3.0)) scaled
                Assert.That(mirrored.Lower, Is.EqualTo(1.0 - state.Upper).Within 1e-12)
                Assert.That(mirrored.Upper, Is.EqualTo(1.0 - state.Lower).Within 1e-12)
                Assert.That(scaled.Lower, Is.EqualTo(8.0 * state.Lower - 3.0).Within 1e-11)
                Assert.That(scaled.Upper, Is.EqualTo(8.0 * state.Upper - 3.0).Within 1e-11)

    [<Test>]
    member _.``Widths shrink: ten thousand rounds of small variance leave a tenth of what Hoeffding leaves``() =
        let random = Random 7
        let xs = Array.init 10000 (fun _ -> 0.45 + 0.1 * random.NextDouble())

        let widths =
            sequences 0.0 1.0 0.05
            |> List.map (feed xs)
            |> List.map (fun s -> s.Name, s.Upper - s.Lower)
            |> dict

        Assert.That(widths["normal-mixture"], Is.InRange(0.02, 0.06))
        Assert.That(widths["stitched-empirical"], Is.LessThan(0.35 * widths["stitched"]))
        Assert.That(widths["empirical-bernstein"], Is.LessThan(0.2 * widths["normal-mixture"]))
        Assert.That(widths["betting"], Is.LessThan(0.2 * widths["normal-mixture"]))

    [<Test>]
    member _.``A sequence without upper limit takes observations of any size and stays below the mean``() =
        let random = Random 8

        for _ in 1..50 do
            for state in lowerSequences 2.0 1.0 0.01 do
                // Pareto with mean 3 beyond 2: infinite variance
                let xs = Array.init 400 (fun _ -> 2.0 + (1.0 - random.NextDouble()) ** (-1.0 / 1.5) * (1.0 / 3.0))
                let state = feed xs state
                Assert.That(state.Lower, Is.InRange(2.0, 3.0))
                Assert.That(state.Upper, Is.EqualTo infinity)

        let state = bettingLower () |> feed [ 1e300; 0.0; 1e-300; 1e300 ]
        Assert.That(Double.IsFinite state.Lower)

    [<Test>]
    member _.``A saved sequence goes on bit for bit, and one built otherwise is refused``() =
        let random = Random 9
        let xs = draw random 700

        let makers = [ for i in 0..6 -> fun () -> (every 0.0 1.0 0.1)[i] ]

        for make in makers do
            let state = feed xs[..399] (make ())
            let other = copy make state

            for x in xs[400..] do
                state.Update x
                other.Update x
                Assert.That(other.Lower, Is.EqualTo state.Lower)
                Assert.That(other.Upper, Is.EqualTo state.Upper)
                Assert.That(other.AverageUpper, Is.EqualTo state.AverageUpper)

            Assert.That(other.Mean, Is.EqualTo state.Mean)
            Assert.That(other.Rounds, Is.EqualTo state.Rounds)

        let wrong = fun () -> Require.ok (ConfidenceSequence.betting 0.0 2.0 0.1)

        Assert.That(
            Action(fun () -> copy wrong (betting ()) |> ignore<ConfidenceSequence>),
            Throws.TypeOf<HindsightException>()
        )

    [<Test>]
    member _.``A step allocates nothing``() =
        for state in every 0.0 1.0 0.1 do
            let xs = draw (Random 10) 900
            feed xs state |> ignore<ConfidenceSequence>
            let before = GC.GetAllocatedBytesForCurrentThread()

            for i in 0..99 do
                state.Update xs[i]

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, state.Name)

    [<Test>]
    member _.``The bound of a state is its calculator's at that state``() =
        let xs = draw (Random 12) 60

        for state in every 0.0 1.0 0.1 do
            Assert.That((ConfidenceSequence.bound state).IsError)
            let state = feed xs state
            let bound = ConfidenceSequence.bound state |> Require.ok
            let n = float xs.Length

            if state.CoversAverage then
                let half = 0.5 * (state.AverageUpper - state.AverageLower)
                let cut = state.AverageUpper = 1.0 || state.AverageLower = 0.0
                Assert.That(cut || abs (half - bound.Value / n) <= 1e-12)
            elif state.Name = "betting-lower" || state.Name = "betting" then
                // the round's own lower end, which the greatest so far is not below
                Assert.That(bound.Value, Is.LessThanOrEqualTo(state.Lower + 1e-12))
            else
                Assert.That(bound.Value, Is.GreaterThan 0.0)

    [<Test>]
    member _.``Golden values of stitching``() =
        let constant delta =
            (AnytimeFormulas.stitchingConstant (R64 2.0) (R64 1.4) (R64 delta)).V

        Assert.That(constant 0.5 + log 0.5, Is.EqualTo(1.646308045665943).Within 1e-14)
        // k1: the boundary at l = 1 and c = 0 is k1 sqrt v
        let k1 =
            (AnytimeFormulas.stitching
                (R64 1.0)
                (R64 1.0)
                (R64 2.0)
                (R64 1.4)
                (R64 0.0)
                (R64(1.0 - 1.4 * log (log 2.0))))
                .V

        Assert.That(k1, Is.EqualTo(1.435499972755075).Within 1e-14)
        // zeta(2), zeta(4)
        Assert.That((AnytimeFormulas.zeta (R64 2.0)).V, Is.EqualTo(Math.PI ** 2.0 / 6.0).Within 1e-15)
        Assert.That((AnytimeFormulas.zeta (R64 4.0)).V, Is.EqualTo(Math.PI ** 4.0 / 90.0).Within 1e-15)
        // the published rounding, 1.7 sqrt(v (ln ln(2v/m) + 0.72 ln(5.2/delta)))
        for v in [ 1.0; 10.0; 1e4; 1e8 ] do
            let bound = Witness.bound "stitching" [| v; 1.0; 2.0; 1.4; 0.0; 0.05 |]
            let rounded = 1.7 * sqrt (v * (log (log (2.0 * v)) + 0.72 * log (5.2 / 0.05)))
            Assert.That(bound, Is.EqualTo(rounded).Within(1.0).Percent)

    [<Test>]
    member _.``The best rho of the normal mixture is best, and the published approximation comes within two percent``
        ()
        =
        for v in [ 0.5; 10.0; 1e5 ] do
            for delta in [ 1e-6; 0.01; 0.05; 0.5 ] do
                let at rho =
                    (AnytimeWidth.normalMixture v rho delta |> Require.ok).Value

                let best = AnytimeWidth.bestRho v delta |> Require.ok
                let approximate = AnytimeWidth.approximateRho v delta |> Require.ok
                Assert.That(at best, Is.LessThanOrEqualTo(at (0.999 * best)))
                Assert.That(at best, Is.LessThanOrEqualTo(at (1.001 * best)))
                Assert.That(at approximate, Is.InRange(at best, 1.02 * at best))

    [<Test>]
    member _.``Bad input is refused by name``() =
        let refused (name: string) result =
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> Assert.That(argument, Is.EqualTo name)
            | other -> Assert.Fail $"{name}: {other}"

        for make in
            [
                (fun low high delta -> ConfidenceSequence.normalMixture low high 10.0 delta)
                ConfidenceSequence.stitched
                ConfidenceSequence.stitchedEmpirical
                ConfidenceSequence.empiricalBernstein
                ConfidenceSequence.betting
            ] do
            refused "low" (make nan 1.0 0.1 |> Result.map _.Name)
            refused "high" (make 0.0 0.0 0.1 |> Result.map _.Name)
            refused "high" (make 0.0 infinity 0.1 |> Result.map _.Name)
            refused "delta" (make 0.0 1.0 0.0 |> Result.map _.Name)
            refused "delta" (make 0.0 1.0 nan |> Result.map _.Name)

        for make in [ ConfidenceSequence.empiricalBernsteinLower; ConfidenceSequence.bettingLower ] do
            refused "scale" (make 0.0 0.0 0.1 |> Result.map _.Name)
            refused "low" (make infinity 1.0 0.1 |> Result.map _.Name)

        refused "bestAt" (ConfidenceSequence.normalMixture 0.0 1.0 0.0 0.1 |> Result.map _.Name)

        for state in every 0.0 1.0 0.1 do
            for x in [ nan; -0.1; infinity ] do
                let error = Assert.Throws<HindsightException>(fun () -> state.Update x)

                match error.Error with
                | HindsightError.OutOfRange(argument, _, _) -> Assert.That(argument, Is.EqualTo "x")
                | other -> Assert.Fail $"{other}"

            // refused whole: nothing changed
            Assert.That(state.Rounds, Is.Zero)

        refused "mean" (ConfidenceSequence.evidence 1.5 (betting ()))
