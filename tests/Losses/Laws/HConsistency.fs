namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module ConsistencyLaw =
    let taus = [ 0.0; 0.25; 0.5; 0.75; 0.999; 1.0; 1.001; 1.25; 1.5; 1.75; 1.9; 2.0; 3.0 ]

    let transform tau n t =
        HConsistency.transform tau n t |> Require.ok

    let simple tau n t =
        HConsistency.transformSimple tau n t |> Require.ok

    let gamma tau n e =
        HConsistency.gamma tau n e |> Require.ok

    let bayes tau p =
        HConsistency.bayesConditionalRisk tau p |> Require.ok

    let zeroOne (c: ClassCase) =
        HConsistency.zeroOneExcess c.P c.Z |> Require.ok

    let risk tau p z = Multiclass.expected (CompSum tau) p z

    /// Delta(z) >= T(t) on one case. Rounding: of both risks, and for tau < 1 of t, whose slope is infinite at t = 1.
    let pointwise (transform: float -> int -> float -> float) (bayes: float -> float[] -> float) tau (c: ClassCase) =
        let r, best = risk tau c.P c.Z, bayes tau c.P
        let t = zeroOne c
        let relative = if tau < 1.0 then 1e-7 else 1e-12

        Double.IsInfinity r || r - best >= transform tau c.P.Length t - relative * (1.0 + abs r)

    let sample seed count =
        Gen.sampleWithSeed (Rnd(uint64 (seed: int), 17UL)) 30 count Draw.classCase

    /// Uniform scores: all tie, the weakest case for tau >= 2, and near-uniform distributions among the drawn ones.
    let hard =
        [
            for n in [ 2; 3; 5; 10 ] do
                for t in [ 0.05; 0.2; 0.5; 0.9; 1.0 ] do
                    let high, low = (1.0 + t) / 2.0, (1.0 - t) / 2.0

                    {
                        P =
                            Array.init n (fun k ->
                                if k = 0 then high
                                elif k = 1 then low
                                else 0.0)
                        Z = Array.init n (fun k -> if k < 2 then 0.0 else -60.0)
                    }

                    {
                        P =
                            Array.init n (fun k ->
                                if k = 0 then high
                                elif k = 1 then low
                                else 0.0)
                        Z = Array.zeroCreate n
                    }

                    // all classes equal but one that has t less
                    if t <= 1.0 / float (n - 1) then
                        let p = (1.0 + t) / float n

                        {
                            P = Array.init n (fun k -> if k = 0 then max 0.0 (p - t) else p)
                            Z = Array.zeroCreate n
                        }
        ]

    let pointwiseEverywhere transform bayes tau seed count =
        Seq.append hard (sample seed count) |> Seq.forall (pointwise transform bayes tau)

    /// tau <= 1: p = ((1+t)/2, (1-t)/2), equal scores, has exactly the excess T(t).
    let tightBelowOne (transform: float -> int -> float -> float) tau =
        [ 0.01; 0.1; 0.3; 0.5; 0.8; 0.99 ]
        |> List.forall (fun t ->
            let p = [| (1.0 + t) / 2.0; (1.0 - t) / 2.0; 0.0 |]
            let z = [| 0.0; 0.0; -800.0 |]
            let excess = risk tau p z - bayes tau p
            abs (excess - transform tau 3 t) <= 1e-14)

    /// tau = 2: equal probabilities but for one class that has t less, t <= 1/(n-1), all scores equal.
    let tightAtTwo (transform: float -> int -> float -> float) =
        [
            for n in [ 2; 3; 5; 10 ] do
                for share in [ 0.1; 0.35; 0.7; 1.0 ] do
                    n, share / float (n - 1)
        ]
        |> List.forall (fun (n, t) ->
            let p = (1.0 + t) / float n
            let p = Array.init n (fun k -> if k = 0 then max 0.0 (p - t) else p)
            let excess = risk 2.0 p (Array.zeroCreate n) - bayes 2.0 p
            abs (excess - transform 2.0 n t) <= 1e-15)

    let golden (transform: float -> int -> float -> float) =
        [
            0.0, 0.1339745962155614
            0.5, 0.1256277610344482
            1.0, 0.130812035941137
            1.5, 0.1055728090000841
            1.9, 0.1042935956646468
            2.0, 0.1
            3.0, 0.01
        ]
        |> List.forall (fun (tau, expected) -> abs (transform tau 5 0.5 - expected) <= 4e-16)

    let goldenGamma (gamma: float -> int -> float -> float) =
        [
            0.0, 0.4358898943540674
            0.5, 0.4490960518870963
            1.0, 0.4395892523228195
            1.5, 0.485908219471516
            2.0, 0.5
            3.0, 1.0
        ]
        |> List.forall (fun (tau, expected) -> abs (gamma tau 5 0.1 - expected) <= 1e-15)

    let goldenBayes (bayes: float -> float[] -> float) =
        [
            0.0, 1.896950149831795
            0.5, 1.384594454608981
            1.0, 1.029653014064574
            1.5, 0.7671171994062047
            2.0, 0.5
            3.0, 0.25
        ]
        |> List.forall (fun (tau, expected) -> abs (bayes tau [| 0.5; 0.3; 0.2 |] - expected) <= 1e-15)

    /// No scores do better than the least risk, and the stated softmax attains it (in the limit for tau >= 2).
    let attained (bayes: float -> float[] -> float) tau (p: float[]) =
        let best = bayes tau p

        let z =
            if tau >= 2.0 then
                let top = Array.IndexOf(p, Array.max p)
                p |> Array.mapi (fun k _ -> if k = top then 0.0 else -60.0)
            else
                p |> Array.map (fun x -> max -300.0 (Math.Log x / (2.0 - tau)))

        let r = risk tau p z
        // below one the loss of an unlikely class is large: its rounding in relative terms; capped scores lose at most p times the loss at the cap
        Double.IsInfinity r || abs (r - best) <= (if tau < 1.0 then 1e-9 else 1e-13) * (1.0 + abs r)

    /// A finite set of contexts with random weights, distributions and scores: the bound on averages.
    let aggregated (gamma: float -> int -> float -> float) tau seed =
        let rng = Random(seed: int)

        Seq.forall
            (fun i ->
                let n = [| 2; 3; 5 |][rng.Next 3]

                let cases =
                    sample (1000 * seed + i) 40
                    |> Seq.filter (fun c -> c.P.Length = n)
                    |> Seq.truncate 6
                    |> Seq.toArray

                if cases.Length = 0 then
                    true
                else
                    let w = cases |> Array.map (fun _ -> rng.NextDouble() + 0.01)
                    let w = w |> Array.map (fun x -> x / Array.sum w)

                    let mean f =
                        Array.fold2 (fun sum w c -> sum + w * f c) 0.0 w cases

                    let excess = mean (fun c -> risk tau c.P c.Z - bayes tau c.P)

                    Double.IsInfinity excess || mean zeroOne <= gamma tau n (max 0.0 excess) + 1e-7)
            (seq { 1..40 })

    /// Two classes with bounded scores and cross-entropy: the least excess over all distributions and scores with zero-one excess t.
    let boundedTwo (transform: float -> float -> float) =
        [ 0.3; 1.0; 2.5 ]
        |> List.forall (fun bound ->
            [ 0.05; 0.2; 0.5; 0.8; 0.95; 1.0 ]
            |> List.forall (fun t ->
                let p = [| (1.0 + t) / 2.0; (1.0 - t) / 2.0 |]

                let excess =
                    risk 1.0 p [| 0.0; 0.0 |] - (HConsistency.boundedConditionalRisk 1.0 bound p |> Require.ok)

                abs (excess - transform bound t) <= 1e-14))

    /// The same for n classes: is it a lower bound of every excess over scores in the box?
    let boundedHolds (transform: float -> int -> float -> float) =
        let rng = Random 12

        Seq.forall
            (fun _ ->
                let n = rng.Next(3, 6)
                let bound = 0.2 + 2.0 * rng.NextDouble()
                let w = Array.init n (fun _ -> (-(Math.Log(1.0 - rng.NextDouble()))) ** 3.0)
                let p = w |> Array.map (fun x -> x / Array.sum w)
                let z = Array.init n (fun _ -> bound * (2.0 * rng.NextDouble() - 1.0))
                // the likeliest and another share the top
                let top = bound * rng.NextDouble()
                let best = Array.IndexOf(p, Array.max p)

                let z = z |> Array.mapi (fun k x -> if k = best || k = (best + 1) % n then top else min x top)

                let t = HConsistency.zeroOneExcess p z |> Require.ok

                let excess = risk 1.0 p z - (HConsistency.boundedConditionalRisk 1.0 bound p |> Require.ok)

                excess >= transform bound n t - 1e-12)
            (seq { 1..1500 })

    /// With a sure label and two classes: zero-one excess against constant times excess of the ramp loss, scores as drawn.
    let adversarial (constant: float -> float) tau =
        Seq.append (sample 5 400) hard
        |> Seq.forall (fun c ->
            let best = HConsistency.rampBayesConditionalRisk tau c.P |> Require.ok

            let r =
                Array.fold2
                    (fun sum p y ->
                        let margins =
                            c.Z
                            |> Array.indexed
                            |> Array.filter (fun (k, _) -> k <> y)
                            |> Array.map (fun (_, x) -> c.Z[y] - x)

                        sum + p * (AdversarialCompSum.ramp tau 0.5 margins |> Require.ok))
                    0.0
                    c.P
                    [| 0 .. c.P.Length - 1 |]

            zeroOne c <= constant tau * (r - best) + 1e-12 * (1.0 + r))

    /// Delta >= T(t) for a structured surrogate, the least risk given; the tolerance is that of the slope of T at 1.
    let structured relative (loss: IMulticlassLoss) (least: float[] -> float) (transform: float -> float) =
        Seq.append (sample 9 600) hard
        |> Seq.forall (fun c ->
            let r = Multiclass.expected loss c.P c.Z
            Double.IsInfinity r || r - least c.P >= transform (zeroOne c) - relative * (1.0 + r))

    let surrogates: (StructuredSurrogate * IMulticlassLoss) list =
        [
            StructuredSurrogate.ConstrainedHinge, ConstrainedLoss(HingeFunction())
            StructuredSurrogate.ConstrainedSquaredHinge, ConstrainedLoss(SquaredHingeFunction())
            StructuredSurrogate.ConstrainedExponential, ConstrainedLoss(ExponentialFunction())
            StructuredSurrogate.SumExponential, SumExponential()
            StructuredSurrogate.SumRamp, SumLoss(RampFunction 0.5)
            StructuredSurrogate.SquaredSoftmaxAbsoluteError, SquaredSoftmaxAbsoluteError()
        ]

    let least surrogate p =
        StructuredConsistency.bayesConditionalRisk surrogate p |> Require.ok

    /// The least expected sum of squared hinges by accelerated descent (curvature at most 4 n).
    let leastSquaredHinge (p: float[]) =
        let loss = SumLoss(SquaredHingeFunction())
        let step = 1.0 / (4.0 * float p.Length)
        let mutable x = Array.zeroCreate p.Length
        let mutable y = x

        let gradient z =
            let total = Array.zeroCreate p.Length

            for label in 0 .. p.Length - 1 do
                let struct (_, g) = MulticlassLaw.gradient loss label z
                g |> Array.iteri (fun k d -> total[k] <- total[k] + p[label] * d)

            total

        for i in 1..3000 do
            let next = Array.map2 (fun z g -> z - step * g) y (gradient y)
            let momentum = float (i - 1) / float (i + 2)
            y <- Array.map2 (fun a b -> a + momentum * (a - b)) next x
            x <- next

        Multiclass.expected loss p x

[<Laws(Arbitrary = [| typeof<LossArbitraries> |], MaxTest = 300)>]
[<Category "comp-sum">]
type HConsistencyLaws() =
    [<Test>]
    member _.``Golden values of section 32: T, Gamma and the least risk``() =
        Assert.That(ConsistencyLaw.golden ConsistencyLaw.transform)
        Assert.That(ConsistencyLaw.goldenGamma ConsistencyLaw.gamma)
        Assert.That(ConsistencyLaw.goldenBayes ConsistencyLaw.bayes)

    [<Test>]
    member _.``H-consistency, pointwise: the comp-sum excess is at least T_tau of the zero-one excess``() =
        for tau in ConsistencyLaw.taus do
            Assert.That(
                ConsistencyLaw.pointwiseEverywhere ConsistencyLaw.transform ConsistencyLaw.bayes tau 1 2000,
                $"tau {tau}"
            )

    [<Property>]
    member _.``The pointwise law is tested at ties and at large zero-one excess``(c: ClassCase) =
        let t = ConsistencyLaw.zeroOne c

        List.forall
            (fun tau -> ConsistencyLaw.pointwise ConsistencyLaw.transform ConsistencyLaw.bayes tau c)
            ConsistencyLaw.taus
        |> Prop.classify (t > 0.0) "the scores err"
        |> Prop.classify (t > 0.3) "by more than 0.3"

    [<Test>]
    member _.``T is attained for tau at most 1, and at tau = 2 up to t = 1/(n-1): t/n, not t^2/n``() =
        for tau in [ 0.0; 0.25; 0.5; 0.75; 1.0 ] do
            Assert.That(ConsistencyLaw.tightBelowOne ConsistencyLaw.transform tau, $"tau {tau}")

        Assert.That(ConsistencyLaw.tightAtTwo ConsistencyLaw.transform)

    [<Test>]
    member _.``T is convex, 0 at 0, above its simple lower bound, and continuous in tau``() =
        let grid = [ for i in 0..200 -> float i / 200.0 ]

        for tau in ConsistencyLaw.taus do
            for n in [ 2; 3; 10 ] do
                let values = grid |> List.map (ConsistencyLaw.transform tau n)
                Assert.That(values.Head, Is.EqualTo 0.0)

                for window in List.windowed 3 values do
                    Assert.That(window[0] + window[2] - 2.0 * window[1], Is.GreaterThanOrEqualTo -1e-15, $"tau {tau}")

                for t in grid do
                    Assert.That(
                        ConsistencyLaw.transform tau n t,
                        Is.GreaterThanOrEqualTo(ConsistencyLaw.simple tau n t * (1.0 - 1e-13))
                    )

        for t in grid do
            for d in [ 1e-9; -1e-9 ] do
                Assert.That(
                    ConsistencyLaw.transform (1.0 + d) 4 t,
                    Is.EqualTo(ConsistencyLaw.transform 1.0 4 t).Within 4e-9
                )

            Assert.That(
                ConsistencyLaw.transform (2.0 - 1e-9) 4 t,
                Is.EqualTo(ConsistencyLaw.transform 2.0 4 t).Within 2e-9
            )

    [<Test>]
    member _.``T keeps its relative accuracy for small t: it agrees with its second-order expansion``() =
        for tau in [ 0.0; 0.5; 0.999999; 1.0; 1.000001; 1.3; 1.7 ] do
            for n in [ 2; 5 ] do
                let t = 1e-6
                // for tau > 1 the slope at 0 is that of the expansion with the factor 1/(2-tau), above the simple bound
                let factor =
                    if tau <= 1.0 then
                        1.0 / (2.0 ** tau * (2.0 - tau))
                    else
                        1.0 / (2.0 * float n ** (tau - 1.0) * (2.0 - tau))

                Assert.That(
                    ConsistencyLaw.transform tau n t / (factor * t * t),
                    Is.EqualTo(1.0).Within 1e-9,
                    $"tau {tau}"
                )

    [<Property>]
    member _.``Gamma is the inverse of T, saturates at 1, and is below its simple upper bound``(Probability t) =
        ConsistencyLaw.taus
        |> List.forall (fun tau ->
            [ 2; 3; 10 ]
            |> List.forall (fun n ->
                let e = ConsistencyLaw.transform tau n t
                let back = ConsistencyLaw.gamma tau n e
                // where T is steep (t near 1, tau < 1) the excess cannot tell t apart
                abs (ConsistencyLaw.transform tau n back - e)
                <= 8.0 * Ulp.eps * (1.0 + 1.0 / (1.0 - back + 1e-15)) * e
                && back <= (HConsistency.gammaSimple tau n e |> Require.ok) * (1.0 + 1e-11)
                && ConsistencyLaw.gamma tau n 1e9 = 1.0))

    [<Property>]
    member _.``The least conditional risk is attained at softmax proportional to p^(1/(2-tau)), at a corner for tau >= 2, and nothing is below it``
        (c: ClassCase)
        =
        ConsistencyLaw.taus
        |> List.forall (fun tau ->
            let best = ConsistencyLaw.bayes tau c.P
            let r = ConsistencyLaw.risk tau c.P c.Z

            ConsistencyLaw.attained ConsistencyLaw.bayes tau c.P
            && (Double.IsInfinity r || r >= best - (if tau < 1.0 then 1e-9 else 1e-13) * (1.0 + r)))

    [<Test>]
    member _.``On averages: zero-one excess at most Gamma of the comp-sum excess``() =
        for tau in ConsistencyLaw.taus do
            Assert.That(ConsistencyLaw.aggregated ConsistencyLaw.gamma tau 2, $"tau {tau}")

    [<Test>]
    member _.``Trap 1: with the factor (2 - tau) the simple bound is false, a violation is found at tau = 1.5``() =
        let wrong tau n t =
            t * t / (2.0 * (2.0 - tau) * float (n: int) ** (tau - 1.0))

        Assert.That(ConsistencyLaw.pointwiseEverywhere wrong ConsistencyLaw.bayes 1.5 1 100, Is.False)
        Assert.That(ConsistencyLaw.pointwiseEverywhere ConsistencyLaw.simple ConsistencyLaw.bayes 1.5 1 100, Is.True)

    [<Test>]
    member _.``Trap 2: t^2/n is not the transform of the mean absolute error; (.45,.1,.45) with equal scores has excess t/n``
        ()
        =
        Assert.That(ConsistencyLaw.tightAtTwo (fun _ n t -> t * t / float n), Is.False)
        let p = [| 0.45; 0.1; 0.45 |]
        let excess = ConsistencyLaw.risk 2.0 p [| 0.0; 0.0; 0.0 |] - ConsistencyLaw.bayes 2.0 p
        Assert.That(excess, Is.EqualTo(0.35 / 3.0).Within 1e-15)

    [<Test>]
    member _.``Trap 3: the adversarial constant is 1/Phi(1), and Phi(1) is false``() =
        for tau, phi in
            [
                0.0, 1.0
                0.5, 2.0 * (sqrt 2.0 - 1.0)
                1.0, Math.Log 2.0
                1.5, 2.0 - sqrt 2.0
                2.0, 0.5
                3.0, 0.375
            ] do
            let constant tau =
                HConsistency.adversarialConstant tau |> Require.ok

            Assert.That(constant tau, Is.EqualTo(1.0 / phi).Within(4).Ulps)
            Assert.That(ConsistencyLaw.adversarial constant tau, $"tau {tau}")

            if tau > 0.0 then
                Assert.That(
                    ConsistencyLaw.adversarial (fun tau -> CompSumLosses.phi tau (R64 1.0) |> _.V) tau,
                    Is.False
                )

    [<Test>]
    member _.``A margin makes the bound linear: beta/T(beta) times the excess``() =
        for tau in ConsistencyLaw.taus do
            for c in Seq.append ConsistencyLaw.hard (ConsistencyLaw.sample 3 500) do
                let sorted = Array.sortDescending c.P
                let beta = sorted[0] - sorted[1]
                let excess = ConsistencyLaw.risk tau c.P c.Z - ConsistencyLaw.bayes tau c.P

                if beta > 0.05 && Double.IsFinite excess then
                    let bound = HConsistency.massartBound tau c.P.Length beta (max 0.0 excess) 0.0 |> Require.ok

                    Assert.That(
                        ConsistencyLaw.zeroOne c,
                        Is.LessThanOrEqualTo(bound.Value * (1.0 + 1e-9) + 1e-7),
                        $"tau {tau}"
                    )

    [<Test>]
    member _.``The bound adds the surrogate's gap, takes off the zero-one gap, and is vacuous at 1``() =
        let bound = HConsistency.zeroOneExcessBound 1.0 5 0.04 0.06 0.1 |> Require.ok
        Assert.That(bound.Value, Is.EqualTo(0.4395892523228195 - 0.1).Within 1e-15)
        Assert.That(bound.Vacuous, Is.False)
        Assert.That((HConsistency.zeroOneExcessBound 3.0 5 0.1 0.0 0.0 |> Require.ok).Vacuous)
        Assert.That(bound.Terms |> Array.map _.Symbol, Is.EqualTo<string[]> [| "tau"; "n"; "R - R*"; "M"; "M01" |])

    [<Test>]
    member _.``Bounded scores, two classes, cross-entropy: T in closed form is the excess of equal scores``() =
        Assert.That(
            ConsistencyLaw.boundedTwo (fun bound t -> HConsistency.boundedLogisticTransform bound t |> Require.ok)
        )

    [<Test>]
    member _.``Bounded scores, three and more classes: the form with 1/(1 + (n-1)e^(-2 bound)) is false, a violation is found``
        ()
        =
        let naive bound n t =
            let m = float n - 1.0
            let high, low = 1.0 / (1.0 + m * Math.Exp(-2.0 * bound)), 1.0 / (1.0 + m * Math.Exp(2.0 * bound))

            if t <= (high - low) / (high + low) then
                ConsistencyLaw.transform 1.0 n t
            else
                0.5 * t * Math.Log(high / low) + Math.Log(2.0 * sqrt (high * low) / (high + low))

        Assert.That(ConsistencyLaw.boundedHolds naive, Is.False)
        Assert.That(ConsistencyLaw.boundedHolds (fun _ _ _ -> 0.0))

    [<Property>]
    member _.``The least risk over bounded scores: below every score of the box, above the unbounded least, equal to it for a wide box``
        (c: ClassCase, Probability u)
        =
        let bound = 0.1 + 3.0 * u
        let z = c.Z |> Array.map (fun x -> max -bound (min bound x))

        [ 0.0; 0.5; 1.0; 1.5; 2.0; 3.0 ]
        |> List.forall (fun tau ->
            let least = HConsistency.boundedConditionalRisk tau bound c.P |> Require.ok
            let r = ConsistencyLaw.risk tau c.P z

            // golden section finds the least of a convex function to the square of its own precision
            least <= r + 1e-11 * (1.0 + r) && least >= ConsistencyLaw.bayes tau c.P - 1e-11)

    [<Test>]
    member _.``The least risk over bounded scores is reached by scores in the box: projected descent comes to it``() =
        for p in [ [| 0.7; 0.2; 0.1 |]; [| 0.9; 0.05; 0.03; 0.02 |]; [| 0.6; 0.4; 0.0 |] ] do
            for tau in [ 0.5; 1.0 ] do
                let bound = 0.5
                let least = HConsistency.boundedConditionalRisk tau bound p |> Require.ok
                let mutable z = Array.zeroCreate p.Length

                for _ in 1..4000 do
                    z <-
                        Array.map2
                            (fun x g -> max -bound (min bound (x - 0.5 * g)))
                            z
                            (Multiclass.expectedGradient (CompSum tau) p z)

                Assert.That(ConsistencyLaw.risk tau p z, Is.EqualTo(least).Within 1e-12, $"tau {tau} %A{p}")

    [<Test>]
    member _.``Sure labels and bounded scores: the least risk is Phi((n-1)e^(-2 bound)), and the gap is what is left``
        ()
        =
        for tau in [ 0.0; 0.5; 1.0; 1.5; 2.0; 3.0 ] do
            for n in [ 2; 4 ] do
                let p = Array.init n (fun k -> if k = 1 then 1.0 else 0.0)
                let least = HConsistency.boundedConditionalRisk tau 1.5 p |> Require.ok
                let closed = CompSumLosses.phi tau (R64(float (n - 1) * Math.Exp -3.0)) |> _.V
                Assert.That(least, Is.EqualTo(closed).Within 1e-14, $"tau {tau}")

                Assert.That(
                    HConsistency.deterministicGap tau n 1.5 (closed + 0.25) |> Require.ok,
                    Is.EqualTo(0.25).Within 1e-14
                )

    [<Test>]
    member _.``Minimizability gap: of constant scores on two contexts, never negative, at most the approximation error, 0 for all scores``
        ()
        =
        // one score vector for two contexts: the best is the softmax of the mean distribution
        let p, q = [| 0.8; 0.2 |], [| 0.3; 0.7 |]
        let mean = Array.map2 (fun a b -> 0.5 * (a + b)) p q
        let best = ConsistencyLaw.bayes 1.0 mean
        let least = [| p; q |] |> Array.map (ConsistencyLaw.bayes 1.0)
        let gap = HConsistency.minimizabilityGap best [| 0.5; 0.5 |] least |> Require.ok
        Assert.That(gap, Is.EqualTo(best - 0.5 * (least[0] + least[1])).Within 1e-15)
        Assert.That(gap, Is.GreaterThan 0.0)

        Assert.That(
            HConsistency.minimizabilityGap (0.5 * (least[0] + least[1])) [| 0.5; 0.5 |] least |> Require.ok,
            Is.EqualTo 0.0
        )

        Assert.That(Result.isError (HConsistency.minimizabilityGap 0.0 [| 0.5; 0.5 |] least))

    [<Test>]
    member _.``Constrained, sum and squared absolute losses, pointwise: excess at least T of the zero-one excess``() =
        for surrogate, loss in ConsistencyLaw.surrogates do
            Assert.That(
                ConsistencyLaw.structured
                    (if surrogate = StructuredSurrogate.SumExponential then
                         1e-7
                     else
                         1e-12)
                    loss
                    (ConsistencyLaw.least surrogate)
                    (fun t -> StructuredConsistency.transform surrogate t |> Require.ok),
                $"{surrogate}"
            )

    [<Test>]
    member _.``Sum of squared hinges, pointwise: excess at least t^2, the least risk found numerically``() =
        let transform t =
            StructuredConsistency.transform StructuredSurrogate.SumSquaredHinge t |> Require.ok

        for c in ConsistencyLaw.sample 4 300 do
            // slow to find where classes hardly occur
            if c.P.Length <= 5 && Array.min c.P > 0.01 then
                let excess =
                    Multiclass.expected (SumLoss(SquaredHingeFunction())) c.P c.Z - ConsistencyLaw.leastSquaredHinge c.P

                Assert.That(excess, Is.GreaterThanOrEqualTo(transform (ConsistencyLaw.zeroOne c) - 1e-9))

    [<Property>]
    member _.``No scores are below the least risk of a structured surrogate``(c: ClassCase) =
        ConsistencyLaw.surrogates
        |> List.forall (fun (surrogate, loss) ->
            let r = Multiclass.expected loss c.P c.Z
            Double.IsInfinity r || r >= ConsistencyLaw.least surrogate c.P - 1e-12 * (1.0 + r))

    [<Property>]
    member _.``Gamma of a structured surrogate is the inverse of its T``(Probability t) =
        [ for s in 0..6 -> enum<StructuredSurrogate> s ]
        |> List.forall (fun s ->
            let e = StructuredConsistency.transform s t |> Require.ok
            let back = StructuredConsistency.gamma s e |> Require.ok
            // the slope of T at t = 1 may be infinite: compare excesses
            abs ((StructuredConsistency.transform s back |> Require.ok) - e) <= 1e-7 * e
            && back <= 1.0
            && (StructuredConsistency.gamma s 10.0 |> Require.ok) = 1.0)

    [<Test>]
    member _.``A surrogate's gap counts as excess, and a gap of the zero-one error is taken off``() =
        let bounds: (string * (float -> float -> float -> Result<Bound, HindsightError>)) list =
            [
                for tau in [ 0.0; 0.5; 1.0; 1.5; 2.0 ] do
                    $"comp-sum {tau}", HConsistency.zeroOneExcessBound tau 4
                    $"adversarial {tau}", HConsistency.adversarialBound tau
                for surrogate in Enum.GetValues<StructuredSurrogate>() do
                    string surrogate, StructuredConsistency.zeroOneExcessBound surrogate
                "psi", ConsistencyBounds.bounded (Logistic()) 3.0
            ]

        for name, bound in bounds do
            let value excess gap zeroOneGap =
                (bound excess gap zeroOneGap |> Require.ok).Value

            for excess, gap, zeroOneGap in [ 0.02, 0.03, 0.01; 0.1, 0.0, 0.05; 0.0, 0.2, 0.1 ] do
                let plain = value (excess + gap) 0.0 0.0
                Assert.That(value excess gap 0.0, Is.EqualTo(plain).Within(1e-12).Percent, name)
                let taken = plain - zeroOneGap
                let expected = if name = "psi" then max 0.0 taken else taken
                Assert.That(value excess gap zeroOneGap, Is.EqualTo(expected).Within 1e-12, name)

    [<Test>]
    member _.``What is out of range is refused``() =
        Assert.That(Result.isError (HConsistency.transform -0.1 3 0.5))
        Assert.That(Result.isError (HConsistency.transform 1.0 1 0.5))
        Assert.That(Result.isError (HConsistency.transform 1.0 3 1.5))
        Assert.That(Result.isError (HConsistency.gamma 1.0 3 -0.5))
        Assert.That(Result.isError (HConsistency.bayesConditionalRisk 1.0 [| 0.5; 0.6 |]))
        Assert.That(Result.isError (HConsistency.boundedConditionalRisk 1.0 0.0 [| 0.5; 0.5 |]))
        Assert.That(Result.isError (HConsistency.massartBound 1.0 3 0.0 0.1 0.0))
        Assert.That(Result.isError (StructuredConsistency.transform (enum 9) 0.5))

        Assert.That(
            Result.isError (
                StructuredConsistency.bayesConditionalRisk StructuredSurrogate.SumSquaredHinge [| 0.5; 0.5 |]
            )
        )
