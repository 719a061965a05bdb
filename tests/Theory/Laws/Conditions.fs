namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Growth conditions: implications, estimates, and what they give to descent methods.
[<TestFixture>]
type ConditionLaws() =
    static let holds name =
        Assert.That(Witness.holds Witnesses.all name)

    static let message result =
        match result with
        | Ok _ -> ""
        | Error(e: HindsightError) -> e.Message

    static member Rows = Conditions.implications |> Seq.map (fun r -> TestCaseData(r).SetArgDisplayNames(string r))

    [<TestCaseSource("Rows")>]
    member _.``An implication holds on functions with known constants, and its constant is attained``
        (row: ConditionImplication)
        =
        let ratio = ConditionLaw.leastRatio row
        Assert.That(ratio, Is.GreaterThanOrEqualTo 1.0)
        Assert.That(ratio, Is.LessThanOrEqualTo(1.0 + 3e-8))

    [<Test>]
    member _.``A conversion gives the best constant over all chains, and its chain multiplies out to it``() =
        Assert.That(
            ConditionLaw.conversionHolds (fun s mu t a ->
                match Conditions.convert s mu t a with
                | Error _ -> nan
                | Ok c ->
                    let smooth = a.Smoothness.GetValueOrDefault infinity
                    let upper = min smooth (a.UpperGrowth.GetValueOrDefault infinity)

                    let walked =
                        c.Chain
                        |> Array.fold
                            (fun (struct (at, mu)) r ->
                                Assert.That((r.From = at))
                                struct (r.To, r.Apply(mu, (if r.NeedsSmooth then smooth else upper))))
                            (struct (s, mu))

                    let struct (last, constant) = walked
                    Assert.That((last = t))
                    Assert.That(constant, Is.EqualTo c.Constant)
                    Assert.That(c.ToString().Split '\n', Has.Length.EqualTo(1 + c.Chain.Length))
                    c.Constant)
        )

    [<Test>]
    member _.``Under convexity an error bound gives the larger of mu/2 and mu^2/U as PL constant``() =
        for mu, upper, expected in [ 0.8, 1.0, 0.64; 0.2, 1.0, 0.1 ] do
            let assumptions =
                { ConditionAssumptions.ForConvex with
                    UpperGrowth = Nullable upper
                }

            let c = Conditions.convert Condition.ErrorBound mu Condition.PolyakLojasiewicz assumptions |> Require.ok

            Assert.That(c.Constant, Is.EqualTo(expected).Within(1e-15))

    [<Test>]
    member _.``Rank-deficient least squares has one constant for six conditions, and estimates of it and of x^2 + 3 sin^2 x have their golden values``
        ()
        =
        Assert.That(ConditionLaw.estimatorHolds (fun c l s -> (Conditions.estimate c l s |> Require.ok).Constant))

        let mutable deficient = 0

        for seed in 1..30 do
            let f = ConditionLaw.quadratic seed

            if Double.IsNaN(f.Constant Condition.StrongConvexity) then
                deficient <- deficient + 1
                let sc = Conditions.estimate Condition.StrongConvexity 0.0 f.Samples |> Require.ok
                Assert.That(sc.Constant, Is.EqualTo(0.0).Within(1e-12))

        Assert.That(deficient, Is.GreaterThan 5)

    [<Test>]
    member _.``The literature's PL constant 1/32 of x^2 + 3 sin^2 x is valid and loose``() =
        Assert.That(ConditionWitnesses.wavyPl, Is.GreaterThan(1.0 / 32.0))

    [<Test>]
    member _.``Quadratic growth does not imply PL without convexity, and the conversion says so``() =
        // x^2 + 6 sin^2 x has stationary points that are no minimisers
        let samples =
            Array.init 100000 (fun i -> 1e-4 * float (i + 1))
            |> Array.map (fun x ->
                {
                    Point = [| x |]
                    Value = x * x + 6.0 * sin x * sin x
                    Gradient = [| 2.0 * x + 6.0 * sin (2.0 * x) |]
                    Projection = [| 0.0 |]
                })

        let growth = (Conditions.estimate Condition.QuadraticGrowth 0.0 samples |> Require.ok).Constant
        let pl = (Conditions.estimate Condition.PolyakLojasiewicz 0.0 samples |> Require.ok).Constant
        Assert.That(growth, Is.EqualTo(2.0).Within(1e-3))
        // the slope at the sample nearest a stationary point is at most curvature times half the grid: 14 * 5e-5
        Assert.That(pl, Is.LessThan(14.0 * 5e-5))

        let refused =
            Conditions.convert
                Condition.QuadraticGrowth
                growth
                Condition.PolyakLojasiewicz
                { ConditionAssumptions.Default with
                    Smoothness = Nullable 14.0
                }

        Assert.That(message refused, Does.Contain "convexity would give it")

    [<Test>]
    member _.``PL gives quadratic growth everywhere and not for a minimum constrained to a set``() =
        // x + y/10 on the unit square: least value 0 at the corner
        let samples =
            [|
                for i in 0..100 do
                    for j in 0..100 do
                        let x, y = float i / 100.0, float j / 100.0

                        {
                            Point = [| x; y |]
                            Value = x + 0.1 * y
                            Gradient = [| 1.0; 0.1 |]
                            Projection = [| 0.0; 0.0 |]
                        }
            |]

        let constant c =
            (Conditions.estimate c 0.0 samples |> Require.ok).Constant

        let pl = constant Condition.PolyakLojasiewicz
        Assert.That(pl, Is.EqualTo(1.01 / 2.2).Within(1e-12))
        Assert.That(constant Condition.QuadraticGrowth, Is.EqualTo(0.2).Within(1e-12))

        let onSegment =
            { ConditionAssumptions.ForSmooth 1.0 with
                Reach = ConditionReach.Segment
            }

        let refused = Conditions.convert Condition.PolyakLojasiewicz pl Condition.QuadraticGrowth onSegment
        Assert.That(message refused, Does.Contain "everywhere")

    [<Test>]
    member _.``No constant exceeds the smoothness``() =
        for source in 0..6 do
            let refused =
                Conditions.convert (enum source) 1.1 Condition.PolyakLojasiewicz (ConditionAssumptions.ForSmooth 1.0)

            match refused with
            | Error(HindsightError.OutOfRange("constant", _, _)) -> ()
            | other -> Assert.Fail $"{source}: {other}"

    [<Test>]
    member _.``The quadratic upper bound is told apart from quadratic growth``() =
        let upper = Conditions.definition Condition.UpperQuadraticGrowth |> Require.ok
        Assert.That(upper.Abbreviation, Is.EqualTo "QG+")

        let refused =
            Conditions.convert
                Condition.UpperQuadraticGrowth
                1.0
                Condition.QuadraticGrowth
                ConditionAssumptions.ForConvex

        Assert.That(message refused, Does.Contain "UpperGrowth")

        // the absolute value near 0 grows quadratically on a bounded set, without a quadratic upper bound
        let samples =
            [| 1e-3; 0.5; 1.0 |]
            |> Array.map (fun x ->
                {
                    Point = [| x |]
                    Value = x
                    Gradient = [| 1.0 |]
                    Projection = [| 0.0 |]
                })

        let constant c =
            (Conditions.estimate c 0.0 samples |> Require.ok).Constant

        Assert.That(constant Condition.QuadraticGrowth, Is.EqualTo(2.0).Within(1e-12))
        Assert.That(constant Condition.UpperQuadraticGrowth, Is.EqualTo(2000.0).Within(1e-9))

    [<Test>]
    member _.``Half the squared error of a network satisfies PL at theta with the least eigenvalue of its tangent kernel``
        ()
        =
        for seed in 1..50 do
            let random = Witness.random seed
            let n, d, m = 3, 2, 8
            let draw () = 2.0 * random.NextDouble() - 1.0
            let inputs = Array.init n (fun _ -> Array.init d (fun _ -> draw ()))
            let labels = Array.init n (fun _ -> draw ())
            let w = Array.init m (fun _ -> Array.init d (fun _ -> 2.0 * draw ()))
            let v = Array.init m (fun _ -> draw ())

            let hidden x =
                w |> Array.map (fun row -> tanh (Array.fold2 (fun s a b -> s + a * b) 0.0 row x))

            let prediction x =
                Array.fold2 (fun s a b -> s + a * b) 0.0 v (hidden x)

            let jacobian =
                inputs
                |> Array.map (fun x ->
                    let h = hidden x

                    Array.concat
                        [
                            h
                            Array.map2 (fun vi hi -> vi * (1.0 - hi * hi)) v h
                            |> Array.collect (fun s -> x |> Array.map (fun a -> s * a))
                        ])

            let gram = Conditions.gramOfJacobian (array2D jacobian) |> Require.ok
            let mu = Conditions.ofTangentKernel 1.0 gram |> Require.ok
            let residual = Array.map2 (fun x y -> prediction x - y) inputs labels

            let gradient =
                Array.init (m + m * d) (fun j ->
                    Array.fold2 (fun s (row: float[]) r -> s + row[j] * r) 0.0 jacobian residual)

            let loss = 0.5 * Array.sumBy (fun r -> r * r) residual
            let half = 0.5 * Array.sumBy (fun g -> g * g) gradient
            Assert.That(half, Is.GreaterThanOrEqualTo(mu * loss * (1.0 - 1e-9)))
            // with the residual along the eigenvector there is equality: the constant is the best one
            Assert.That(mu, Is.GreaterThan 0.0)

    [<Test>]
    member _.``A linear model's constant is the square of its least singular value that is not zero``() =
        let random = Random 5

        for _ in 1..20 do
            let a = Array2D.init 4 3 (fun _ _ -> 2.0 * random.NextDouble() - 1.0)
            // a third column that repeats the first: rank 2
            for i in 0..3 do
                a[i, 2] <- a[i, 0]

            let mu = Conditions.ofLinearModel 1.0 a |> Require.ok
            // with b = 0 the minimisers are x_0 + x_2 = 0, x_1 = 0
            let residual (x: float[]) =
                Array.init 4 (fun i -> Seq.init 3 (fun j -> a[i, j] * x[j]) |> Seq.sum)

            let sample x =
                Conditions.sample
                    (fun x -> 0.5 * (residual x |> Array.sumBy (fun r -> r * r)))
                    (fun x ->
                        let r = residual x
                        Array.init 3 (fun j -> Seq.init 4 (fun i -> a[i, j] * r[i]) |> Seq.sum))
                    (fun x ->
                        let t = (x[0] - x[2]) / 2.0
                        [| t; 0.0; -t |])
                    x

            let samples =
                Array.init 2000 (fun i ->
                    let angle = Math.PI * float i / 2000.0
                    sample [| cos angle / sqrt 2.0; sin angle; cos angle / sqrt 2.0 |])

            for condition in 2..6 do
                let e = Conditions.estimate (enum condition) 0.0 samples |> Require.ok
                // the grid of angles is 1.6e-3 wide: an eigenvalue is met to (pi/4000)^2 of the largest
                Assert.That(e.Constant, Is.GreaterThanOrEqualTo(mu * (1.0 - 1e-9)))
                Assert.That(e.Constant, Is.LessThanOrEqualTo(mu + 2e-5))

    [<Test>]
    member _.``Enclosed constants of a scalar loss are below what samples show``() =
        let loss: ILoss = BinaryCrossEntropy()
        let options = CertifyOptions.Default
        let label = Ival(1.0, 1.0)
        let score = Ival(-2.0, 2.0)
        // label 1: the least value on the box is at the score 2
        let value z = log (1.0 + exp -z)
        let slope z = -1.0 / (1.0 + exp z)
        let least = value 2.0

        let samples =
            Array.init 400 (fun i -> -2.0 + 0.01 * float i)
            |> Array.map (fun z ->
                {
                    Point = [| z |]
                    Value = value z
                    Gradient = [| slope z |]
                    Projection = [| 2.0 |]
                })

        for condition in [ Condition.PolyakLojasiewicz; Condition.QuadraticGrowth ] do
            let enclosed = Conditions.certified options condition loss label score |> Require.ok
            let sampled = (Conditions.estimate condition least samples |> Require.ok).Constant
            Assert.That(enclosed.Low, Is.LessThanOrEqualTo sampled)
            Assert.That(enclosed.Low, Is.GreaterThan 0.0)

        let strong = Conditions.certified options Condition.StrongConvexity loss label score |> Require.ok
        Assert.That(strong.Contains(exp 2.0 / (1.0 + exp 2.0) ** 2.0))

        Assert.That(
            message (Conditions.certified options Condition.ErrorBound loss label score),
            Does.Contain "convert"
        )

    [<Test>]
    member _.``The step count is a whole number that suffices, and none is needed within the accuracy``() =
        let k = DescentBounds.iterations 0.1 1.0 1.0 1e-6 |> Require.ok
        Assert.That(Math.Pow(0.9, float k), Is.LessThanOrEqualTo 1e-6)
        Assert.That(Math.Pow(0.9, float (k - 1L)), Is.GreaterThan 1e-6)
        Assert.That(DescentBounds.iterations 0.1 1.0 1e-7 1e-6 |> Require.ok, Is.EqualTo 0L)
        Assert.That(DescentBounds.iterations 1.0 1.0 1.0 1e-6 |> Require.ok, Is.EqualTo 1L)

        match DescentBounds.iterations 2.0 1.0 1.0 1e-6 with
        | Error(HindsightError.OutOfRange("growth", _, _)) -> ()
        | other -> Assert.Fail $"{other}"

    [<Test>]
    member _.``Bad samples and matrices are refused``() =
        let sample =
            {
                Point = [| 1.0 |]
                Value = 1.0
                Gradient = [| 1.0 |]
                Projection = [| 0.0 |]
            }

        let refused text result =
            Assert.That(message result, Does.Contain(text: string))

        let estimate least samples =
            Conditions.estimate Condition.QuadraticGrowth least samples

        estimate 2.0 [| sample |] |> refused "least"
        estimate nan [| sample |] |> refused "least"
        estimate 0.0 [| { sample with Value = nan } |] |> refused "Value"

        estimate
            0.0
            [|
                { sample with
                    Gradient = [| 1.0; 2.0 |]
                }
            |]
        |> refused "Gradient"

        estimate 0.0 [| { sample with Point = [| 0.0 |] } |] |> refused "QG"
        estimate 0.0 [||] |> refused "QG"
        Conditions.estimate (enum 9) 0.0 [| sample |] |> refused "condition"
        Conditions.ofTangentKernel 1.0 (array2D [ [ 1.0; 2.0 ]; [ 0.0; 1.0 ] ]) |> refused "symmetric"
        Conditions.ofTangentKernel 0.0 (array2D [ [ 1.0 ] ]) |> refused "curvature"
        Conditions.ofLinearModel 1.0 (array2D [ [ 0.0 ] ]) |> refused "0"

        Conditions.convert Condition.ErrorBound -1.0 Condition.QuadraticGrowth ConditionAssumptions.Default
        |> refused "constant"

    // ---- descent methods ----

    [<Test>]
    member _.``Theorem 1 of Karimi, Nutini and Schmidt: gradient descent closes the share mu/L of the gap in each step under PL``
        ()
        =
        holds "pl-gradient-descent"
        Assert.That(ConditionLaw.descentHolds (fun mu l -> 1.0 - mu / l))

    [<Test>]
    member _.``Gradient descent closes the share 3 mu/(2 L + mu) of the gap in each step when PL is used at both its ends``
        ()
        =
        holds "pl-gradient-descent-sharp"
        Assert.That(ConditionLaw.descentHolds (fun mu l -> (2.0 * l - 2.0 * mu) / (2.0 * l + mu)))

    [<Test>]
    member _.``Gradient descent with step eta closes the share eta mu (2 - L eta) of the gap in each step under PL``() =
        holds "pl-gradient-descent-step"

        let best =
            DescentBounds.gradientDescentStep
            |> BoundCalculator.evaluate [ "mu", [| 0.3 |]; "L", [| 2.5 |]; "gap", [| 1.0 |]; "k", [| 7.0 |] ]
            |> Require.ok

        let atInverse =
            DescentBounds.gradientDescent |> BoundCalculator.ofNumbers [| 0.3; 2.5; 1.0; 7.0 |] |> Require.ok

        Assert.That(best.Value, Is.EqualTo(atInverse.Value).Within(1e-9).Percent)

    [<Test>]
    member _.``Gradient descent under PL needs no more steps than its bound says``() = holds "pl-gd-iterations"

    [<Test>]
    member _.``Theorem 4 of Karimi, Nutini and Schmidt: stochastic gradient descent with decreasing steps under PL is within L C^2/(2 k mu^2)``
        ()
        =
        holds "pl-sgd-decaying"

    [<Test>]
    member _.``Theorem 4 of Karimi, Nutini and Schmidt: stochastic gradient descent with a constant step under PL goes down to L C^2 eta/(4 mu)``
        ()
        =
        holds "pl-sgd-constant"

    [<Test>]
    member _.``Stochastic gradient descent under PL and strong growth is as fast as gradient descent with rho L for L``
        ()
        =
        holds "pl-sgd-interpolation"

    [<Test>]
    member _.``Coordinate descent with uniform coordinates closes the share mu/(n L) of the gap in expectation under PL``
        ()
        =
        holds "pl-coordinate-uniform"

    [<Test>]
    member _.``Coordinate descent with coordinates drawn by smoothness closes the share mu/sum L_i of the gap in expectation under PL``
        ()
        =
        holds "pl-coordinate-weighted"

    [<Test>]
    member _.``Greedy coordinate descent closes the share mu_1/L of the gap in each step under PL in the largest-coordinate norm``
        ()
        =
        holds "pl-coordinate-greedy"

    [<Test>]
    member _.``Theorem 5 of Karimi, Nutini and Schmidt: proximal gradient descent closes the share mu/L of the gap in each step under proximal PL``
        ()
        =
        holds "proximal-pl"

    [<Test>]
    member _.``Polyak's step shrinks the squared distance by 3 mu/(4 L) a step under quadratic growth``() =
        holds "polyak-step"
        Assert.That(ConditionLaw.polyakHolds (fun mu l -> 1.0 - 0.75 * mu / l))

    // ---- logarithmic regret ----

    [<Test>]
    member _.``Online gradient descent on strongly convex losses has regret of at most (G^2/(2 mu))(1 + ln T)``() =
        holds "strongly-convex-ogd"

    [<Test>]
    member _.``Online gradient descent under quadratic growth about minimisers that move stays within the bound with a split``
        ()
        =
        holds "growth-moving-minimisers"
        Assert.That(ConditionLaw.bentRoundsHold (fun s c -> 2.0 * (1.0 + s) + (1.0 + 1.0 / s) * c))

        // the best split, in closed form
        let g, mu, eps, horizon, c = 2.0, 0.3, 0.01, 500.0, 40.0
        let a = 2.0 * g * g / mu * (1.0 + log horizon)
        let best = DescentBounds.movingMinimisers g mu eps horizon c |> Require.ok
        let closed = (sqrt a + sqrt c) ** 2.0 + 2.0 * eps * horizon
        Assert.That(best.Value, Is.EqualTo(closed).Within(1e-9).Percent)
        // s = 1 is the published form
        let published = (Qg.onlineRegret g mu eps horizon c |> Require.ok).Value
        Assert.That(best.Value, Is.LessThanOrEqualTo published)

    [<Test>]
    member _.``A bent round has the quadratic growth and the chord that the witnesses rest on``() =
        for b in [ 0.05; 0.2; 1.0; sqrt 5.0 - 1.0 ] do
            let struct (x, value) = QuadraticGrowthWitnesses.bentRound b
            let slope = (value x - value (x - 1e-7)) / 1e-7
            Assert.That(slope, Is.EqualTo(1.0).Within(1e-5))
            Assert.That(value x - value 0.0, Is.EqualTo(x).Within(1e-12))

            for i in 0..3000 do
                let y = -x + 2.0 * x * float i / 3000.0
                Assert.That(value y, Is.GreaterThanOrEqualTo(0.5 * (y - b) * (y - b) - 1e-15))

    /// Losses 1 - s x on [-1, 1], s a fair sign: convex, slopes of size 1, each with quadratic growth 1 about a unique minimiser of its own, x = s.
    [<Test>]
    member _.``When each round has a minimiser of its own, quadratic growth and convexity leave regret of order sqrt T to every learner``
        ()
        =
        for i in 0..2000 do
            let x = -1.0 + float i / 1000.0
            Assert.That(1.0 - x, Is.GreaterThanOrEqualTo(0.5 * (1.0 - x) ** 2.0))

        // the learner cannot see the sign: its expected loss is T whatever it does, and the best point in hindsight has T - |sum of signs|
        let horizon = 2000
        let mutable expected = 0.0
        let mutable logP = -float horizon * log 2.0

        for k in 0..horizon do
            expected <- expected + exp logP * abs (2.0 * float k - float horizon)
            logP <- logP + log (float (horizon - k)) - log (float (k + 1))

        Assert.That(expected, Is.EqualTo(sqrt (2.0 * float horizon / Math.PI)).Within(0.1).Percent)
        let claimed = (Qg.onlineLogRegret 1.0 1.0 0.0 (float horizon) |> Require.ok).Value
        Assert.That(expected, Is.GreaterThan claimed)

        // with the comparator's excess the bound holds, and is vacuous: the excess is itself linear in T
        let excess = float horizon - expected
        let honest = (DescentBounds.movingMinimisers 1.0 1.0 0.0 (float horizon) excess |> Require.ok).Value
        Assert.That(honest, Is.GreaterThan(float horizon))
