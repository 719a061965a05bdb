namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A multiclass loss as plain functions, so that a wrong implementation can stand in for it.
[<NoComparison; NoEquality>]
type ClassLoss =
    {
        Value: int -> float[] -> float
        Gradient: int -> float[] -> float[]
        /// Hessian in the scores times a direction.
        Curvature: int -> float[] -> float[] -> float[]
    }

[<RequireQualifiedAccess>]
module ClassLoss =
    /// The closed forms over spans.
    let closed (loss: IMulticlassLoss) =
        let closed = loss :?> IMulticlassGradient

        let gradient label (scores: float[]) =
            let g = Array.zeroCreate<float> scores.Length
            let value = closed.Gradient(label, ReadOnlySpan scores, Span g)
            struct (value, g)

        {
            Value =
                fun label scores ->
                    let struct (value, _) = gradient label scores
                    value
            Gradient =
                fun label scores ->
                    let struct (_, g) = gradient label scores
                    g
            Curvature =
                fun label scores direction ->
                    let h = Array.zeroCreate<float> scores.Length
                    closed.HessianVector(label, ReadOnlySpan scores, ReadOnlySpan direction, Span h)
                    h
        }

    /// The definition: value, gradient by dual numbers, and v'Hv by jets.
    let value (loss: IMulticlassLoss) label (scores: float[]) =
        let z = scores |> Array.map R64
        loss.Eval(label, ReadOnlySpan z).V

    let derivative (loss: IMulticlassLoss) label (scores: float[]) =
        Array.init scores.Length (fun k ->
            let z = scores |> Array.mapi (fun j x -> Dual(R64 x, R64(if j = k then 1.0 else 0.0)))

            loss.Eval(label, ReadOnlySpan z).D.V)

    let secondAlong (loss: IMulticlassLoss) label (scores: float[]) (direction: float[]) =
        let z = Array.map2 (fun (x: float) (v: float) -> Jet2(R64 x, R64 v, R64 0.0)) scores direction

        loss.Eval(label, ReadOnlySpan z).H.V

    /// Largest |a - b|.
    let distance (a: float[]) (b: float[]) =
        Array.map2 (fun (x: float) y -> if x = y then 0.0 else abs (x - y)) a b |> Array.fold max 0.0

    let dot (a: float[]) (b: float[]) =
        Array.map2 (fun (x: float) y -> x * y) a b |> Array.sum

    let norm (a: float[]) = sqrt (dot a a)

    /// Closed forms agree with the definition. A value that rests on scores of size M has an error of a few units of M; gradients lie in [-1, 1], curvatures below the given stiffness.
    let agrees (subject: ClassLoss) (loss: IMulticlassLoss) tolerance stiffness label scores direction =
        let size = 1.0 + (scores |> Array.fold (fun m x -> max m (abs x)) 0.0)
        let along = dot direction (subject.Curvature label scores direction)

        let expected = value loss label scores

        abs (subject.Value label scores - expected) <= 16.0 * Ulp.eps * (size + abs expected)
        && distance (subject.Gradient label scores) (derivative loss label scores) <= tolerance
        && abs (along - secondAlong loss label scores direction) <= stiffness * (1.0 + abs along)

/// A Fenchel-Young loss of Tsallis' family with a target, scores that often tie, and a direction.
[<NoComparison; NoEquality>]
type EntmaxCase =
    {
        Alpha: float
        Temperature: float
        Label: int
        Scores: float[]
        Target: float[]
        Direction: float[]
    }

    override c.ToString() =
        let show (x: float[]) =
            x |> Array.map (fun v -> v.ToString "R") |> String.concat ", "

        $"alpha {c.Alpha:R}, temperature {c.Temperature:R}, class {c.Label} of ({show c.Scores}), target ({show c.Target}), along ({show c.Direction})"

    member c.Loss = FenchelYoungEntmax(c.Alpha, c.Temperature)

[<RequireQualifiedAccess>]
module EntmaxDraw =
    let alpha =
        Gen.frequency
            [
                4, Gen.elements [ 1.0; 1.5; 2.0; 1.25; 1.75; 3.0 ]
                1, Gen.map (fun e -> 1.0 + 10.0 ** e) (Draw.uniform -9.0 -2.0)
                2, Draw.uniform 1.0 3.0
            ]

    let case =
        gen {
            let! alpha = alpha
            let! exponent = Draw.uniform -1.0 1.0
            let! c = Draw.classCase
            let! shrink = Gen.elements [ 1.0; 1.0; 0.1; 0.01 ]
            let! label = Gen.choose (0, c.P.Length - 1)
            let! direction = Gen.arrayOfLength c.P.Length Draw.normal

            return
                {
                    Alpha = alpha
                    Temperature = 10.0 ** exponent
                    Label = label
                    Scores = c.Z |> Array.map (fun z -> z * shrink)
                    Target = c.P
                    Direction = direction
                }
        }

    let sample = lazy (Gen.sampleWithSeed (Rnd(7UL, 13UL)) 50 400 case)

type EntmaxArbitraries =
    static member EntmaxCase() = Arb.fromGen EntmaxDraw.case

/// The laws of the family, as functions of the implementation.
[<RequireQualifiedAccess>]
module EntmaxLaw =
    let prediction (c: EntmaxCase) =
        FenchelYoung.prediction c.Loss c.Scores |> Require.ok

    /// Omega(p), temperature 1.
    let regularizer (alpha: float) (p: float[]) =
        let q = p |> Array.map R64
        (FenchelYoungEntmax alpha :> IFenchelYoungLoss).Regularizer(ReadOnlySpan q).V

    /// Where alpha is above 2 a probability near 0 changes faster than the scores do: rounding theta by eps moves it by about eps^(1/(alpha-1)).
    let tolerance (c: EntmaxCase) =
        let scale = 1.0 + (c.Scores |> Array.fold (fun m x -> max m (abs x)) 0.0) / c.Temperature
        let eps = 32.0 * Ulp.eps * scale

        if c.Alpha <= 2.0 then
            eps
        else
            eps ** (1.0 / (c.Alpha - 1.0))

    let isDistribution (p: float[]) =
        p |> Array.forall (fun x -> x >= 0.0)
        && abs (Array.sum p - 1.0) <= 8.0 * float p.Length * Ulp.eps * 10.0

    /// The prediction attains the maximum of <p, theta> - Omega(p) that defines it.
    let isBest (predict: EntmaxCase -> float[]) (c: EntmaxCase) =
        let objective p =
            ClassLoss.dot p c.Scores - c.Temperature * regularizer c.Alpha p

        let here = objective (predict c)
        let size = ClassLoss.norm c.Scores + c.Temperature * log (float c.Scores.Length)

        here >= objective c.Target - 64.0 * Ulp.eps * (1.0 + size) && isDistribution (predict c)

    let agrees (subject: EntmaxCase -> ClassLoss) (c: EntmaxCase) =
        // the Hessian of alpha > 2 has no bound: compared where the smallest probability of the support is not tiny
        let smallest = prediction c |> Array.filter (fun p -> p > 0.0) |> Array.min
        let tame = c.Alpha <= 2.0 || smallest > 0.01
        let stiffness = if tame then 1e-9 / c.Temperature else infinity
        ClassLoss.agrees (subject c) c.Loss (4.0 * tolerance c) stiffness c.Label c.Scores c.Direction

    /// 0 exactly where the label leads by the margin; the case is moved to a hair within and beyond it.
    let margin (value: FenchelYoungEntmax -> int -> float[] -> float) (c: EntmaxCase) =
        let alpha = max c.Alpha 1.25
        let loss = FenchelYoungEntmax(alpha, c.Temperature)
        let lead = (loss :> IFenchelYoungLoss).Margin.Value

        let others =
            c.Scores |> Array.mapi (fun k z -> if k = c.Label then Double.NegativeInfinity else z) |> Array.max

        let at factor =
            c.Scores
            |> Array.mapi (fun k z -> if k = c.Label then others + factor * lead else z)
            |> value loss c.Label

        at 1.01 = 0.0 && at 0.9 > 0.0 && abs (lead - c.Temperature / (alpha - 1.0)) <= 4.0 * Ulp.at lead

    /// L >= (mu/2)|prediction - target|^2 in the norm in which Omega is mu-strongly convex: Euclid's for alpha at most 2, the sum of magnitudes for alpha = 1.
    let strongConvexity (factor: float) (c: EntmaxCase) =
        let alpha = min c.Alpha 2.0
        let loss = FenchelYoungEntmax(alpha, c.Temperature)
        let value = FenchelYoung.value loss c.Target c.Scores |> Require.ok
        let p = FenchelYoung.prediction loss c.Scores |> Require.ok
        let distance = Array.map2 (fun x y -> abs (x - y)) p c.Target

        let norm =
            if alpha = 1.0 then
                Array.sum distance
            else
                ClassLoss.norm distance

        let size = 1.0 + ClassLoss.norm c.Scores
        value >= factor * c.Temperature * norm * norm / 2.0 - 64.0 * Ulp.eps * size

[<Category "fenchel-young">]
[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<EntmaxArbitraries> |])>]
type FenchelYoungLaws() =
    let scores = [| 0.25; -1.0; 0.875; 0.75; -3.5 |]

    /// alpha, prediction and losses of all classes at these scores, by 40 digits of mpmath
    let golden =
        [
            1.0 + 2.0 ** -20.0,
            [|
                0.2071683919859203581
                0.059354582452689802569
                0.38704180190853103037
                0.3415631501601999098
                0.0048720734926588991585
            |],
            0.94922095096744179742
            1.25,
            [|
                0.18382906813538277465
                0.01372740308351318748
                0.43268711855945830419
                0.36975641022164573368
                0.0
            |],
            0.56729440345760590683
            1.5,
            [|
                0.13975739189623729885
                0.0
                0.47106451651361957854
                0.3891780915901431226
                0.0
            |],
            0.37287959035494573596
            1.75,
            [|
                0.072354617684282979923
                0.0
                0.51536780256053556177
                0.41227757975518145831
                0.0
            |],
            0.25700295390335786882
            2.0, [| 0.0; 0.0; 0.5625; 0.4375; 0.0 |], 0.19140625
            2.5, [| 0.0; 0.0; 0.58850457816243914729; 0.41149542183756085271; 0.0 |], 0.11541365445646558189
            3.0, [| 0.0; 0.0; 0.625; 0.375; 0.0 |], 0.0703125
        ]

    [<Test>]
    member _.``Golden values: entmax of (1, 0.2, -0.5)``() =
        let at alpha =
            FenchelYoung.prediction (FenchelYoungEntmax alpha) [| 1.0; 0.2; -0.5 |] |> Require.ok

        let half = [| 0.76154235542863728725; 0.22341120193788533876; 0.015046442633477373992 |]

        Assert.That(ClassLoss.distance (at 1.5) half, Is.LessThanOrEqualTo(4.0 * Ulp.eps))
        Assert.That(ClassLoss.distance (at 2.0) [| 0.9; 0.1; 0.0 |], Is.LessThanOrEqualTo(2.0 * Ulp.eps))

    [<Test>]
    member _.``Golden values: prediction and loss for seven alphas``() =
        for alpha, expected, least in golden do
            let loss = FenchelYoungEntmax alpha
            let p = FenchelYoung.prediction loss scores |> Require.ok

            Assert.That(
                ClassLoss.distance p expected,
                Is.LessThanOrEqualTo(8.0 * Ulp.eps),
                $"prediction, alpha {alpha}"
            )

            for label in 0..4 do
                // L(y) - L(2) = theta_2 - theta_y
                let value = least + scores[2] - scores[label]
                let closed = (ClassLoss.closed loss).Value label scores
                Assert.That(Ulp.between closed value, Is.LessThanOrEqualTo 8.0, $"closed form, alpha {alpha}")
                let defined = ClassLoss.value loss label scores
                Assert.That(Ulp.between defined value, Is.LessThanOrEqualTo 8.0, $"definition, alpha {alpha}")

    [<Test>]
    member _.``fy-softmax is cross-entropy: golden values of the comp-sum family at tau 1``() =
        let z = [| 0.3; -1.2; 2.0; 0.5 |]
        let loss = FenchelYoungSoftmax 1.0

        for label, value in [ 2, 0.3691993073690183; 1, 3.569199307369018 ] do
            Assert.That(Ulp.between ((ClassLoss.closed loss).Value label z) value, Is.LessThanOrEqualTo 4.0)
            Assert.That(Ulp.between (ClassLoss.value loss label z) value, Is.LessThanOrEqualTo 4.0)

    [<Property(MaxTest = 500)>]
    member _.``The prediction maximises <p, theta> - Omega(p) over the simplex``(c: EntmaxCase) =
        let sparse = EntmaxLaw.prediction c |> Array.exists ((=) 0.0)
        Prop.classify sparse "sparse" (EntmaxLaw.isBest EntmaxLaw.prediction c)

    [<Property(MaxTest = 500)>]
    member _.``Value, gradient and Hessian in closed form are those of the definition, ties included``(c: EntmaxCase) =
        EntmaxLaw.agrees (fun c -> ClassLoss.closed c.Loss) c

    [<Property(MaxTest = 300)>]
    member _.``The gradient is prediction - target, for a class and for a distribution``(c: EntmaxCase) =
        let p = EntmaxLaw.prediction c

        let oneHot = Array.init p.Length (fun k -> if k = c.Label then 1.0 else 0.0)

        let soft = Array.zeroCreate p.Length

        let value =
            (c.Loss :> IFenchelYoungLoss).SoftGradient(ReadOnlySpan c.Target, ReadOnlySpan c.Scores, Span soft)

        let tolerance = 4.0 * EntmaxLaw.tolerance c
        let z = c.Scores |> Array.map R64
        let q = c.Target |> Array.map R64

        let defined = (c.Loss :> IFenchelYoungLoss).SoftLoss(ReadOnlySpan q, ReadOnlySpan z).V

        ClassLoss.distance ((ClassLoss.closed c.Loss).Gradient c.Label c.Scores) (Array.map2 (-) p oneHot)
        <= tolerance
        && ClassLoss.distance soft (Array.map2 (-) p c.Target) <= tolerance
        && abs (value - defined) <= 64.0 * Ulp.eps * (1.0 + ClassLoss.norm c.Scores + c.Temperature)

    [<Property(MaxTest = 300)>]
    member _.``The loss of a distribution is the mean of the classes' losses plus Omega of it``(c: EntmaxCase) =
        let soft = FenchelYoung.value c.Loss c.Target c.Scores |> Require.ok

        let mean =
            c.Target |> Array.mapi (fun k q -> q * (ClassLoss.closed c.Loss).Value k c.Scores) |> Array.sum

        let omega = c.Temperature * EntmaxLaw.regularizer c.Alpha c.Target
        abs (soft - mean - omega) <= 64.0 * Ulp.eps * (1.0 + ClassLoss.norm c.Scores + c.Temperature)

    [<Property(MaxTest = 300)>]
    member _.``Every member of the family: soft loss, soft gradient, regulariser and prediction belong together``
        (c: EntmaxCase)
        =
        let members: IFenchelYoungLoss list =
            [
                FenchelYoungSoftmax c.Temperature
                FenchelYoungSparsemax c.Temperature
                c.Loss
                FenchelYoungPerceptron()
                FenchelYoungSquaredNorm c.Temperature
            ]

        let n = c.Scores.Length
        let real (x: float[]) = x |> Array.map R64

        members
        |> List.forall (fun loss ->
            let omega (p: float[]) =
                loss.Regularizer(ReadOnlySpan(real p)).V

            let p = Array.zeroCreate<float> n
            loss.Prediction(ReadOnlySpan c.Scores, Span p)
            let g = Array.zeroCreate<float> n
            let value = loss.SoftGradient(ReadOnlySpan c.Target, ReadOnlySpan c.Scores, Span g)
            let size = 1.0 + ClassLoss.dot c.Scores c.Scores / c.Temperature + c.Temperature
            let tolerance = 64.0 * Ulp.eps * (size + ClassLoss.norm c.Scores)

            let defined = loss.SoftLoss(ReadOnlySpan(real c.Target), ReadOnlySpan(real c.Scores)).V

            // Omega*(theta) + Omega(q) - <q, theta>, the conjugate at its own prediction
            let fenchel = ClassLoss.dot p c.Scores - omega p + omega c.Target - ClassLoss.dot c.Target c.Scores

            let oneHot = Array.init n (fun k -> if k = c.Label then 1.0 else 0.0)

            let single =
                loss.SoftGradient(ReadOnlySpan oneHot, ReadOnlySpan c.Scores, Span(Array.zeroCreate<float> n))

            abs (value - defined) <= tolerance
            && abs (value - fenchel) <= tolerance
            && abs (single - (ClassLoss.closed loss).Value c.Label c.Scores) <= tolerance
            && ClassLoss.distance g (Array.map2 (-) p c.Target) <= 4.0 * Ulp.eps * (1.0 + ClassLoss.norm p)
            && loss.Temperature > 0.0)

    [<Property(MaxTest = 500)>]
    member _.``Scores up to 1000: value and derivatives are finite, the gradient no longer than sqrt 2``
        (c: EntmaxCase)
        =
        let scores = c.Scores |> Array.map (fun z -> Math.Clamp(200.0 * z, -1e3, 1e3))
        let closed = ClassLoss.closed c.Loss
        let g = closed.Gradient c.Label scores

        closed.Value c.Label scores >= 0.0
        && Double.IsFinite(closed.Value c.Label scores)
        && ClassLoss.norm g <= sqrt 2.0 * (1.0 + 8.0 * Ulp.eps)
        && closed.Curvature c.Label scores c.Direction |> Array.forall Double.IsFinite
        && ClassLoss.derivative c.Loss c.Label scores |> Array.forall Double.IsFinite
        && Double.IsFinite(ClassLoss.secondAlong c.Loss c.Label scores c.Direction)

    [<Property(MaxTest = 300)>]
    member _.``Never negative, and 0 at the prediction itself``(c: EntmaxCase) =
        let p = EntmaxLaw.prediction c

        let at target =
            FenchelYoung.value c.Loss target c.Scores |> Require.ok

        let size = 1.0 + ClassLoss.norm c.Scores + c.Temperature

        (ClassLoss.closed c.Loss).Value c.Label c.Scores >= 0.0
        && at c.Target >= -32.0 * Ulp.eps * size
        && abs (at p) <= 64.0 * Ulp.eps * size * float p.Length

    [<Property(MaxTest = 500)>]
    member _.``L >= (mu/2)|prediction - target|^2, mu the strong convexity of Omega (alpha at most 2; in the sum norm for softmax)``
        (c: EntmaxCase)
        =
        EntmaxLaw.strongConvexity 1.0 c

    [<Property(MaxTest = 300)>]
    member _.``L >= the Bregman divergence of Omega from the prediction to the class, with equality on the support``
        (c: EntmaxCase)
        =
        let alpha = max c.Alpha 1.25
        let t = alpha - 1.0
        let loss = FenchelYoungEntmax(alpha, c.Temperature)
        let p = FenchelYoung.prediction loss c.Scores |> Require.ok
        let sum = p |> Array.sumBy (fun x -> x ** alpha)

        let divergence = c.Temperature * (1.0 - alpha * p[c.Label] ** t + t * sum) / (alpha * t)

        let value = (ClassLoss.closed loss).Value c.Label c.Scores

        let rounding =
            // p^(alpha-1) moves with the score itself, p above alpha = 2 faster than it
            64.0 * Ulp.eps * (1.0 + ClassLoss.norm c.Scores + c.Temperature / t)
            + (if alpha > 2.0 then
                   4.0 * c.Temperature * EntmaxLaw.tolerance c
               else
                   0.0)

        value >= divergence - rounding && (p[c.Label] = 0.0 || value <= divergence + rounding)

    [<Property(MaxTest = 300)>]
    member _.``Margin: the loss is 0 exactly where the class leads by lambda/(alpha - 1)``(c: EntmaxCase) =
        EntmaxLaw.margin (fun loss -> (ClassLoss.closed loss).Value) c

    [<Property(MaxTest = 300)>]
    member _.``Temperature: L of lambda Omega is lambda L(theta/lambda)``(c: EntmaxCase) =
        // a power of two, so that nothing is rounded
        let lambda = 2.0 ** floor (Math.Log2 c.Temperature)
        let warm = FenchelYoungEntmax(c.Alpha, lambda) |> ClassLoss.closed
        let plain = FenchelYoungEntmax c.Alpha |> ClassLoss.closed
        let scaled = c.Scores |> Array.map (fun z -> z / lambda)

        warm.Value c.Label c.Scores = lambda * plain.Value c.Label scaled
        && warm.Gradient c.Label c.Scores = plain.Gradient c.Label scaled

    [<Property(MaxTest = 300)>]
    member _.``Classes permuted are predictions permuted; a common shift changes nothing``(c: EntmaxCase) =
        let n = c.Scores.Length

        let rotate (x: float[]) = Array.init n (fun k -> x[(k + 1) % n])

        let predict z =
            FenchelYoung.prediction c.Loss z |> Require.ok

        let p = predict c.Scores
        // the sums run in another order
        let tolerance = 4.0 * EntmaxLaw.tolerance c
        let shift = 3.0 + ClassLoss.norm c.Scores

        let shifted = c.Scores |> Array.map (fun z -> z + shift)

        // the rounding of a shifted score, in units of the temperature
        let moved = 4.0 * shift * Ulp.eps / c.Temperature

        let shiftTolerance =
            tolerance
            + (if c.Alpha <= 2.0 then
                   moved
               else
                   4.0 * moved ** (1.0 / (c.Alpha - 1.0)))

        ClassLoss.distance (rotate p) (predict (rotate c.Scores)) <= tolerance
        && ClassLoss.distance p (predict shifted) <= shiftTolerance

    [<Property(MaxTest = 300)>]
    member _.``The support shrinks as alpha grows``(c: EntmaxCase) =
        let support alpha =
            FenchelYoung.prediction (FenchelYoungEntmax(alpha, c.Temperature)) c.Scores
            |> Require.ok
            |> Array.filter (fun p -> p > 0.0)
            |> Array.length

        // apart from e^-745, softmax has the full support
        let sizes = [ 1.25; 1.5; 1.75; 2.0; 2.5; 3.0 ] |> List.map support
        sizes |> List.pairwise |> List.forall (fun (a, b) -> a >= b)

    [<Property(MaxTest = 300)>]
    member _.``Uniform as lambda grows, equal shares of the largest as lambda goes to 0``(c: EntmaxCase) =
        let n = float c.Scores.Length
        let top = Array.max c.Scores

        let gap = c.Scores |> Array.filter (fun z -> z < top) |> Array.map (fun z -> top - z)

        let predict lambda =
            FenchelYoung.prediction (FenchelYoungEntmax(c.Alpha, lambda)) c.Scores |> Require.ok

        let range = top - Array.min c.Scores
        // d ln p/d theta is p^(1-alpha) at most, twice that of the uniform distribution here
        let hot = 1e6 * n * n * (1.0 + range)
        let uniform = Array.create c.Scores.Length (1.0 / n)

        let shares =
            let ties = n - float gap.Length
            c.Scores |> Array.map (fun z -> if z = top then 1.0 / ties else 0.0)

        let cold =
            if gap.Length = 0 then
                true
            else
                // softmax needs a gap of 800 temperatures to underflow; every other alpha is sharper
                ClassLoss.distance (predict (Array.min gap / 800.0)) shares <= 32.0 * Ulp.eps

        ClassLoss.distance (predict hot) uniform <= 2e-6 && cold

    [<Property(MaxTest = 300)>]
    member _.``Entmax tends to softmax as alpha tends to 1, linearly``(c: EntmaxCase) =
        let range = (Array.max c.Scores - Array.min c.Scores) / c.Temperature + log (float c.Scores.Length)

        let softmax = FenchelYoung.prediction (FenchelYoungSoftmax c.Temperature) c.Scores |> Require.ok

        [ 1e-3; 1e-6; 1e-9; 1e-12 ]
        |> List.forall (fun t ->
            let p = FenchelYoung.prediction (FenchelYoungEntmax(1.0 + t, c.Temperature)) c.Scores |> Require.ok

            // |ln exp_t(x) - x| <= t x^2 where t |x| <= 1/2; the normaliser doubles it
            t * range > 0.5
            || ClassLoss.distance p softmax <= 2.0 * t * range * range + 32.0 * Ulp.eps * (1.0 + range))

    [<Property(MaxTest = 500)>]
    member _.``The gradient is 2^(alpha-2)/lambda-Lipschitz, alpha at most 2``(c: EntmaxCase) =
        let alpha = min c.Alpha 2.0
        let loss = FenchelYoungEntmax(alpha, c.Temperature)
        let curvature = (ClassLoss.closed loss).Curvature c.Label c.Scores c.Direction

        ClassLoss.norm curvature
        <= (2.0 ** (alpha - 2.0) / c.Temperature) * ClassLoss.norm c.Direction * (1.0 + 1e-12)

    [<Test>]
    member _.``The smoothness 2^(alpha-2) is attained at two equal classes``() =
        let check (loss: IFenchelYoungLoss) =
            let along = (ClassLoss.closed loss).Curvature 0 [| 0.3; 0.3 |] [| 1.0; -1.0 |] |> ClassLoss.norm

            let declared = loss.Metadata.Smoothness.Value
            Assert.That(Ulp.between (along / sqrt 2.0) declared, Is.LessThanOrEqualTo 8.0, loss.Metadata.Name)

        for alpha in [ 1.0; 1.3; 1.5; 1.8; 2.0 ] do
            check (FenchelYoungEntmax alpha)

        for temperature in [ 0.5; 1.0; 3.0 ] do
            check (FenchelYoungSoftmax temperature)
            check (FenchelYoungSparsemax temperature)

    [<Property(MaxTest = 300)>]
    member _.``Single precision agrees to single precision``(c: EntmaxCase) =
        let z = c.Scores |> Array.map float32
        let g = Array.zeroCreate<float32> z.Length

        let value = (c.Loss :> IMulticlassGradient).Gradient(c.Label, ReadOnlySpan z, Span g)

        let wide = ClassLoss.closed c.Loss
        let same = z |> Array.map float

        value = float32 (wide.Value c.Label same) && g = (wide.Gradient c.Label same |> Array.map float32)

    [<Property(MaxTest = 200)>]
    member _.``Results may be written onto the scores``(c: EntmaxCase) =
        let loss = c.Loss :> IFenchelYoungLoss
        let closed = ClassLoss.closed c.Loss
        let g = Array.copy c.Scores
        let value = loss.Gradient(c.Label, Span.op_Implicit (Span g), Span g)
        let p = Array.copy c.Scores
        loss.Prediction(Span.op_Implicit (Span p), Span p)
        let h = Array.copy c.Scores
        loss.HessianVector(c.Label, Span.op_Implicit (Span h), ReadOnlySpan c.Direction, Span h)

        value = closed.Value c.Label c.Scores
        && g = closed.Gradient c.Label c.Scores
        && p = EntmaxLaw.prediction c
        && h = closed.Curvature c.Label c.Scores c.Direction

    [<Test>]
    member _.``The closed forms allocate nothing``() =
        let z = Array.init 40 (fun k -> sin (float k))
        let result = Array.zeroCreate<float> 40
        let direction = Array.init 40 (fun k -> cos (float k))

        for alpha in [ 1.0; 1.3; 1.5; 2.0; 2.6 ] do
            let loss = FenchelYoungEntmax alpha :> IFenchelYoungLoss

            let work () =
                let value = loss.Gradient(3, ReadOnlySpan z, Span result)
                loss.HessianVector(3, ReadOnlySpan z, ReadOnlySpan direction, Span result)
                loss.Prediction(ReadOnlySpan z, Span result)
                value

            let warm = work ()
            let before = GC.GetAllocatedBytesForCurrentThread()
            let mutable total = 0.0

            for _ in 1..20 do
                total <- total + work ()

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L, $"alpha {alpha}")
            Assert.That(total, Is.EqualTo(20.0 * warm).Within(1e-12))

    [<Property(MaxTest = 300)>]
    member _.``Perceptron and Crammer-Singer: closed forms are those of the definition, ties included``(c: EntmaxCase) =
        let direction = c.Direction

        let exact loss =
            ClassLoss.agrees (ClassLoss.closed loss) loss 1e-15 0.0 c.Label c.Scores direction

        exact (FenchelYoungPerceptron()) && exact (FenchelYoungCrammerSinger 0.75)

    [<Property(MaxTest = 300)>]
    member _.``The perceptron is max theta - theta_y; its prediction shares ties; it is the limit of softmax``
        (c: EntmaxCase)
        =
        let top = Array.max c.Scores
        let ties = c.Scores |> Array.filter ((=) top) |> Array.length
        let value = (ClassLoss.closed (FenchelYoungPerceptron())).Value c.Label c.Scores

        let p = FenchelYoung.prediction (FenchelYoungPerceptron()) c.Scores |> Require.ok

        let lambda = 1e-3
        let softmax = (ClassLoss.closed (FenchelYoungSoftmax lambda)).Value c.Label c.Scores

        Prop.classify
            (ties > 1)
            "tied"
            (value = top - c.Scores[c.Label]
             && p = (c.Scores |> Array.map (fun z -> if z = top then 1.0 / float ties else 0.0))
             && softmax >= value - 4.0 * Ulp.eps * (1.0 + abs value)
             && softmax <= value + lambda * log (float c.Scores.Length) + 8.0 * Ulp.eps * (1.0 + abs value))

    [<Property(MaxTest = 300)>]
    member _.``Crammer-Singer is 0 exactly where the class leads by the cost, and at least the perceptron``
        (c: EntmaxCase)
        =
        let cost = abs c.Direction[0]
        let value = (ClassLoss.closed (FenchelYoungCrammerSinger cost)).Value c.Label c.Scores
        let own = c.Scores[c.Label]

        let leads =
            c.Scores |> Array.mapi (fun k z -> k = c.Label || (z - own) + cost <= 0.0) |> Array.forall id

        let perceptron = (ClassLoss.closed (FenchelYoungPerceptron())).Value c.Label c.Scores
        let p = Array.zeroCreate<float> c.Scores.Length
        FenchelYoungCrammerSinger(cost).Prediction(c.Label, ReadOnlySpan c.Scores, Span p)
        p[c.Label] <- p[c.Label] - 1.0

        leads = (value = 0.0)
        && value >= perceptron
        && p = (ClassLoss.closed (FenchelYoungCrammerSinger cost)).Gradient c.Label c.Scores

    [<Property(MaxTest = 300)>]
    member _.``The squared norm: half the squared distance, identity prediction``(c: EntmaxCase) =
        let loss = FenchelYoungSquaredNorm c.Temperature

        let residual =
            c.Scores |> Array.mapi (fun k z -> z / c.Temperature - (if k = c.Label then 1.0 else 0.0))

        let closed = ClassLoss.closed loss
        let size = ClassLoss.dot residual residual

        Ulp.between (closed.Value c.Label c.Scores) (0.5 * c.Temperature * size) <= 4.0
        && Ulp.between (ClassLoss.value loss c.Label c.Scores) (0.5 * c.Temperature * size) <= 4.0
        && closed.Gradient c.Label c.Scores = residual
        && ClassLoss.distance (ClassLoss.derivative loss c.Label c.Scores) residual
           <= 4.0 * Ulp.eps * (1.0 + ClassLoss.norm residual)
        && closed.Curvature c.Label c.Scores c.Direction = (c.Direction |> Array.map (fun v -> v / c.Temperature))

    [<Test>]
    member _.``The zero value of a struct is alpha 1 and temperature 1``() =
        let expected = (ClassLoss.closed (FenchelYoungSoftmax 1.0)).Value 1 scores
        let zero: IMulticlassLoss list = [ FenchelYoungSoftmax(); FenchelYoungEntmax() ]

        for loss in zero do
            Assert.That((ClassLoss.closed loss).Value 1 scores, Is.EqualTo expected)

        let sparse = (ClassLoss.closed (FenchelYoungSparsemax 1.0)).Value 1 scores
        Assert.That((ClassLoss.closed (FenchelYoungSparsemax())).Value 1 scores, Is.EqualTo sparse)

    [<Test>]
    member _.``Softmax and sparsemax are entmax at alpha 1 and 2``() =
        for label in 0..4 do
            let entmax alpha =
                (ClassLoss.closed (FenchelYoungEntmax(alpha, 0.7))).Value label scores

            Assert.That((ClassLoss.closed (FenchelYoungSoftmax 0.7)).Value label scores, Is.EqualTo(entmax 1.0))
            Assert.That((ClassLoss.closed (FenchelYoungSparsemax 0.7)).Value label scores, Is.EqualTo(entmax 2.0))

    [<Test>]
    member _.``Bad parameters and bad input are refused by name``() =
        let refused (name: string) (act: unit -> unit) =
            let error = Assert.Throws<HindsightException>(fun () -> act ())
            Assert.That(error.Message, Does.Contain name)

        refused "alpha" (fun () -> FenchelYoungEntmax(0.5) |> fun l -> Assert.That(l.Alpha, Is.EqualTo 0.5))

        refused "temperature" (fun () -> FenchelYoungEntmax(1.5, 0.0) |> fun l -> Assert.That(l.Alpha, Is.EqualTo 1.5))

        let error (result: Result<'a, HindsightError>) =
            match result with
            | Error e -> e.Message
            | Ok _ -> ""

        let loss = FenchelYoungEntmax 1.5
        Assert.That(error (FenchelYoung.prediction loss [| 1.0; nan |]), Does.Contain "scores")
        Assert.That(error (FenchelYoung.prediction loss [| 1.0 |]), Does.Contain "scores")
        Assert.That(error (FenchelYoung.value loss [| 0.5; 0.6 |] [| 1.0; 0.0 |]), Does.Contain "target")
        Assert.That(error (FenchelYoung.value loss [| -0.5; 1.5 |] [| 1.0; 0.0 |]), Does.Contain "target")
        Assert.That(error (FenchelYoung.value loss [| 1.0 |] [| 1.0; 0.0 |]), Does.Contain "target")

    [<Test>]
    member _.``The sorting network sorts every length``() =
        let random = Random 5

        for n in 0..40 do
            let values = Array.init n (fun _ -> float (random.Next 10))
            let sorted = values |> Array.map R64
            Sorting.descending sorted
            Assert.That(sorted |> Array.map _.V, Is.EqualTo<float[]>(Array.sortDescending values))

    [<Test>]
    member _.``A derivative stays with its value through a tie in the sorting network``() =
        let values = [| 2.0; 1.0; 2.0; 1.0; 2.0 |]
        let duals = values |> Array.mapi (fun k x -> Dual(R64 x, R64(float k)))
        Sorting.descending duals
        Assert.That(duals |> Array.map _.P.V, Is.EqualTo<float[]> [| 2.0; 2.0; 2.0; 1.0; 1.0 |])
        let derivatives = duals |> Array.map _.D.V
        Assert.That(Array.sort derivatives[..2], Is.EqualTo<float[]> [| 0.0; 2.0; 4.0 |])
        Assert.That(Array.sort derivatives[3..], Is.EqualTo<float[]> [| 1.0; 3.0 |])
