namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Parameters of the label-distributionally robust losses with scores that often tie, weights and a direction.
[<NoComparison; NoEquality>]
type LdrCase =
    {
        Lambda: float
        /// In units of ln K.
        Alpha: float
        Margin: float
        K: float
        Label: int
        Scores: float[]
        Weights: float[]
        Direction: float[]
    }

    override c.ToString() =
        let show (x: float[]) =
            x |> Array.map (fun v -> v.ToString "R") |> String.concat ", "

        $"lambda {c.Lambda:R}, alpha {c.Alpha:R}, margin {c.Margin:R}, k {c.K:R}, class {c.Label} of ({show c.Scores}), weights ({show c.Weights}), along ({show c.Direction})"

    member c.Leads =
        c.Scores
        |> Array.mapi (fun k z ->
            if k = c.Label then
                0.0
            else
                z - c.Scores[c.Label] + c.Margin)

    member c.Kl: IMulticlassLoss = LdrKl(c.Lambda, c.Margin)
    member c.Adaptive: IMulticlassLoss = AdaptiveLdrKl(c.Lambda, c.Alpha, c.Margin)
    member c.TopK: IMulticlassLoss = LdrTopK(c.K, c.Margin)
    /// The scale of rounding: leads are differences of scores.
    member c.Size = 1.0 + c.Lambda + c.Margin + 2.0 * (c.Scores |> Array.fold (fun m z -> max m (abs z)) 0.0)

[<RequireQualifiedAccess>]
module LdrDraw =
    let case =
        gen {
            let! exponent = Draw.uniform -1.5 1.5
            let! alpha = Gen.frequency [ 2, Draw.uniform 1.02 1.3; 2, Draw.uniform 1.3 5.0; 1, Gen.constant 2.0 ]
            let! margin = Gen.frequency [ 1, Gen.constant 0.0; 2, Draw.uniform 0.0 2.0 ]
            let! k = Gen.frequency [ 1, Gen.elements [ 1.0; 2.0; 3.0 ]; 1, Draw.uniform 1.0 6.0 ]
            let! c = Draw.classCase
            let! label = Gen.choose (0, c.P.Length - 1)
            let! direction = Gen.arrayOfLength c.P.Length Draw.normal

            return
                {
                    Lambda = 10.0 ** exponent
                    Alpha = alpha
                    Margin = margin
                    K = k
                    Label = label
                    Scores = c.Z
                    Weights = c.P
                    Direction = direction
                }
        }

    let sample = lazy (Gen.sampleWithSeed (Rnd(17UL, 5UL)) 50 400 case)

type LdrArbitraries =
    static member LdrCase() = Arb.fromGen LdrDraw.case

/// The laws of the family, as functions of the implementation.
[<RequireQualifiedAccess>]
module LdrLaw =
    let value (loss: IMulticlassLoss) label scores =
        (ClassLoss.closed loss).Value label scores

    /// KL(p | uniform).
    let divergence (p: float[]) =
        let n = float p.Length
        p |> Array.sumBy (fun x -> if x = 0.0 then 0.0 else x * log (n * x))

    /// The loss as a supremum: no weights exceed it, and its own weights, gradient + e_y, attain it.
    let supremum (price: LdrCase -> float -> float) (subject: LdrCase -> ClassLoss) (c: LdrCase) =
        let objective p =
            ClassLoss.dot p c.Leads - price c (divergence p)

        let own =
            (subject c).Gradient c.Label c.Scores
            |> Array.mapi (fun k g -> if k = c.Label then max 0.0 (g + 1.0) else g)

        let value = (subject c).Value c.Label c.Scores
        let tolerance = 128.0 * Ulp.eps * c.Size
        objective c.Weights <= value + tolerance && abs (objective own - value) <= tolerance

    let klPrice (c: LdrCase) t = c.Lambda * t

    /// lambda0 t - lambda0 t^2/(2 A)
    let adaptivePrice (c: LdrCase) t =
        let a = c.Alpha * log (float c.Scores.Length)
        c.Lambda * t - c.Lambda * t * t / (2.0 * a)

    let klAgrees (subject: LdrCase -> ClassLoss) (c: LdrCase) =
        // second derivatives are sums of terms as large as (leads/lambda)^2
        let stiffness =
            64.0 * Ulp.eps * (c.Size / c.Lambda) * (1.0 + ClassLoss.dot c.Direction c.Direction) / c.Lambda

        ClassLoss.agrees
            (subject c)
            c.Kl
            (64.0 * Ulp.eps * (1.0 + c.Size / c.Lambda))
            stiffness
            c.Label
            c.Scores
            c.Direction

    /// A/lambda0 - Var(delta)/lambda*^3, which the best lambda divides by, and the size of its terms.
    let stiffness (c: LdrCase) =
        let lambda = AdaptiveLdrKl(c.Lambda, c.Alpha, c.Margin).Temperature(c.Label, ReadOnlySpan c.Scores)

        let u = c.Leads |> Array.map (fun d -> d / lambda)
        let top = Array.max u
        let w = u |> Array.map (fun x -> exp (x - top))
        let total = Array.sum w
        let mean = ClassLoss.dot w u / total

        let variance = (Array.map2 (fun w x -> w * (x - mean) * (x - mean)) w u |> Array.sum) / total

        let price = c.Alpha * log (float c.Scores.Length) / c.Lambda
        struct (lambda, price - variance / lambda, price)

    /// Where the best lambda is barely stable its error is that of the divergence over the stiffness: such cases are left out.
    let adaptiveAgrees (subject: LdrCase -> ClassLoss) (c: LdrCase) =
        let struct (lambda, stiff, price) = stiffness c
        let relative = price / stiff

        let tolerance = 256.0 * Ulp.eps * relative * Math.Pow(1.0 + c.Size / lambda, 2.0)

        relative > 100.0
        || ClassLoss.agrees
            (subject c)
            c.Adaptive
            tolerance
            (tolerance
             * relative
             * relative
             * (1.0 + c.Size / lambda)
             * (1.0 + ClassLoss.dot c.Direction c.Direction)
             / lambda)
            c.Label
            c.Scores
            c.Direction

    let adaptiveObjective (c: LdrCase) (lambda: float) =
        let a = c.Alpha * log (float c.Scores.Length)

        value (LdrKl(lambda, c.Margin)) c.Label c.Scores
        - a / (2.0 * c.Lambda) * (lambda - c.Lambda) * (lambda - c.Lambda)

    /// The lambda that is chosen is as good as every point of a grid thirty times as fine.
    let bestTemperature (choose: LdrCase -> float) (c: LdrCase) =
        let here = adaptiveObjective c (choose c)

        let grid = Array.init 2000 (fun i -> c.Lambda * exp (log (1.0 - 1.0 / c.Alpha) * float i / 1999.0))

        grid |> Array.forall (fun lambda -> adaptiveObjective c lambda <= here + 64.0 * Ulp.eps * c.Size)

    let temperature (c: LdrCase) =
        AdaptiveLdrKl(c.Lambda, c.Alpha, c.Margin).Temperature(c.Label, ReadOnlySpan c.Scores)

    /// LdrKl(lambda0) <= adaptive <= max delta.
    let between (value: LdrCase -> float) (c: LdrCase) =
        let kl = (ClassLoss.closed c.Kl).Value c.Label c.Scores
        let tolerance = 16.0 * Ulp.eps * c.Size
        value c >= kl - tolerance && value c <= Array.max c.Leads + tolerance

    /// The gradient of the expected loss.
    let expectedGradient (loss: IMulticlassLoss) (q: float[]) scores =
        let total = Array.zeroCreate q.Length

        q
        |> Array.iteri (fun label weight ->
            (ClassLoss.closed loss).Gradient label scores
            |> Array.iteri (fun k g -> total[k] <- total[k] + weight * g))

        total

    let expected (loss: IMulticlassLoss) (q: float[]) scores =
        q |> Array.mapi (fun label weight -> weight * value loss label scores) |> Array.sum

    /// The minimiser of the expected loss by gradient descent with a backtracking step.
    let minimise (loss: IMulticlassLoss) (q: float[]) =
        let mutable z = Array.zeroCreate<float> q.Length
        let mutable step = 1.0
        let mutable here = expected loss q z
        let mutable rounds = 0

        while rounds < 4000 && step > 1e-12 do
            let g = expectedGradient loss q z
            let next = Array.map2 (fun x g -> x - step * g) z g
            let there = expected loss q next

            if there < here - 0.25 * step * ClassLoss.dot g g then
                z <- next
                here <- there
                step <- step * 1.6
            else
                step <- step * 0.5

            rounds <- rounds + 1

        z

    let logits lambda (q: float[]) =
        q |> Array.map (fun p -> lambda * log p)

    /// The k largest leads, a share of one that is not whole.
    let topK (c: LdrCase) =
        let k = min c.K (float c.Scores.Length)
        let sorted = c.Leads |> Array.sortDescending

        (sorted |> Array.mapi (fun i d -> max 0.0 (min 1.0 (k - float i)) * d) |> Array.sum) / k

[<Category "label-distributionally-robust">]
[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<LdrArbitraries> |])>]
type LdrLaws() =
    let f = [| 1.0; -0.5; 0.25 |]

    [<Test>]
    member _.``Golden values: LDR-KL with margin 0.4``() =
        for lambda, value in
            [
                0.1, -0.1068845658390222
                0.5, -0.3120007499266274
                1.0, -0.3868596807891934
                2.0, -0.4326612647901605
                10.0, -0.4728745076505733
            ] do
            let loss = LdrKl(lambda, 0.4)
            // leads of size 1 and terms lambda ln 3
            let tolerance = 2.0 * Ulp.eps * (1.0 + lambda)
            Assert.That(LdrLaw.value loss 0 f, Is.EqualTo(value).Within tolerance)
            Assert.That(ClassLoss.value loss 0 f, Is.EqualTo(value).Within tolerance)

    [<Test>]
    member _.``Golden values: adaptive LDR-KL, lambda0 1, alpha 2 ln 3, margin 0.4``() =
        let loss = AdaptiveLdrKl(1.0, 2.0, 0.4)
        let temperature = loss.Temperature(0, ReadOnlySpan f)
        Assert.That(Ulp.between temperature 0.957774725121429, Is.LessThanOrEqualTo 4.0)
        Assert.That(LdrLaw.value loss 0 f, Is.EqualTo(-0.3850442586966859).Within(4.0 * Ulp.eps))
        Assert.That(ClassLoss.value loss 0 f, Is.EqualTo(-0.3850442586966859).Within(4.0 * Ulp.eps))

    [<Property(MaxTest = 500)>]
    member _.``LDR-KL: no weights exceed it, softmax(delta/lambda) attains it``(c: LdrCase) =
        LdrLaw.supremum LdrLaw.klPrice (fun c -> ClassLoss.closed c.Kl) c

    [<Property(MaxTest = 500)>]
    member _.``Adaptive: the largest of sum p delta - lambda0 t + lambda0 t^2/(2A), t = KL(p|u), attained by its own weights``
        (c: LdrCase)
        =
        LdrLaw.supremum LdrLaw.adaptivePrice (fun c -> ClassLoss.closed c.Adaptive) c

    [<Property(MaxTest = 500)>]
    member _.``LDR-KL: closed forms are those of the definition, ties included``(c: LdrCase) =
        LdrLaw.klAgrees (fun c -> ClassLoss.closed c.Kl) c

    [<Property(MaxTest = 500)>]
    member _.``Adaptive: closed forms are those of the definition, second derivatives with lambda* moving``
        (c: LdrCase)
        =
        let struct (_, stiff, price) = LdrLaw.stiffness c

        Prop.classify
            (price / stiff > 100.0)
            "barely stable"
            (LdrLaw.adaptiveAgrees (fun c -> ClassLoss.closed c.Adaptive) c)

    [<Property(MaxTest = 300)>]
    member _.``Top k: the mean of the k largest leads; closed forms are those of the definition, ties included``
        (c: LdrCase)
        =
        let tolerance = 16.0 * Ulp.eps * c.Size

        abs (LdrLaw.value c.TopK c.Label c.Scores - LdrLaw.topK c) <= tolerance
        && ClassLoss.agrees (ClassLoss.closed c.TopK) c.TopK (16.0 * Ulp.eps) 0.0 c.Label c.Scores c.Direction

    [<Property(MaxTest = 300)>]
    member _.``Top k: no weights below 1/k exceed it; k = 1 is Crammer-Singer, k = K the mean``(c: LdrCase) =
        let n = float c.Scores.Length
        let cap = 1.0 / min c.K n
        // shrunk towards uniform until no weight exceeds the cap
        let largest = Array.max c.Weights

        let mix =
            if largest <= cap then
                0.0
            else
                (largest - cap) / (largest - 1.0 / n)

        let weights = c.Weights |> Array.map (fun p -> (1.0 - mix) * p + mix / n)

        let at k =
            LdrLaw.value (LdrTopK(k, c.Margin)) c.Label c.Scores

        let tolerance = 32.0 * Ulp.eps * c.Size

        ClassLoss.dot weights c.Leads <= at c.K + tolerance
        && at 1.0 = Array.max c.Leads
        && at 1.0 = LdrLaw.value (FenchelYoungCrammerSinger c.Margin) c.Label c.Scores
        && abs (at n - Array.average c.Leads) <= tolerance
        && abs (at (2.0 * n) - Array.average c.Leads) <= tolerance

    [<Property(MaxTest = 300)>]
    member _.``Limits: lambda ln K below max delta at most; within range^2/(8 lambda) of the mean (Hoeffding's lemma)``
        (c: LdrCase)
        =
        let value = LdrLaw.value c.Kl c.Label c.Scores
        let top = Array.max c.Leads
        let range = top - Array.min c.Leads
        let mean = Array.average c.Leads
        let tolerance = 16.0 * Ulp.eps * c.Size

        let at lambda =
            LdrLaw.value (LdrKl(lambda, c.Margin)) c.Label c.Scores

        value <= top + tolerance
        && top - value <= c.Lambda * log (float c.Scores.Length) + tolerance
        && value >= mean - tolerance
        && value - mean <= range * range / (8.0 * c.Lambda) + tolerance
        && at 0.0 = top
        && abs (at infinity - mean) <= tolerance

    [<Property(MaxTest = 300)>]
    member _.``LDR-KL decreases in lambda and is convex in it``(c: LdrCase) =
        let at lambda =
            LdrLaw.value (LdrKl(lambda, c.Margin)) c.Label c.Scores

        let more = c.Lambda * (1.0 + abs c.Direction[0])
        let tolerance = 64.0 * Ulp.eps * (c.Size + more)

        at more <= at c.Lambda + tolerance
        && at (0.5 * (c.Lambda + more)) <= 0.5 * (at c.Lambda + at more) + tolerance

    [<Property(MaxTest = 300)>]
    member _.``LDR-KL is at least -lambda ln K; at lambda 1 and margin 0 it is cross-entropy less ln K``(c: LdrCase) =
        let logK = log (float c.Scores.Length)
        let plain = LdrLaw.value (LdrKl(c.Lambda, 0.0)) c.Label c.Scores

        let softmax = LdrLaw.value (FenchelYoungSoftmax c.Lambda) c.Label c.Scores

        LdrLaw.value c.Kl c.Label c.Scores >= -c.Lambda * logK - 8.0 * Ulp.eps * c.Size
        && abs (plain - (softmax - c.Lambda * logK)) <= 16.0 * Ulp.eps * c.Size

    [<Test>]
    member _.``A false statement is found out: LDR-KL is never negative``() =
        let negative = LdrDraw.sample.Value |> Array.filter (fun c -> LdrLaw.value c.Kl c.Label c.Scores < 0.0)

        // the authors' code has this range too: cross-entropy less ln K at lambda 1
        Assert.That(negative.Length, Is.GreaterThan 20)

    [<Property(MaxTest = 300)>]
    member _.``Gradients sum to 0 and a common shift changes nothing``(c: LdrCase) =
        let shift = 8.0 * floor (1.0 + abs c.Direction[0])

        let shifted = c.Scores |> Array.map (fun z -> z + shift)

        let tolerance = 8.0 * Ulp.eps * (c.Size + shift)

        [ c.Kl; c.Adaptive; c.TopK ]
        |> List.forall (fun loss ->
            let g = (ClassLoss.closed loss).Gradient c.Label c.Scores

            abs (Array.sum g) <= 16.0 * Ulp.eps
            && abs (LdrLaw.value loss c.Label shifted - LdrLaw.value loss c.Label c.Scores) <= 4.0 * tolerance)

    [<Property>]
    member _.``At lambda infinity the losses of all labels sum to c (K - 1): symmetric``(c: LdrCase) =
        let n = c.Scores.Length
        let loss = LdrKl(infinity, c.Margin)
        let sum = Seq.init n (fun label -> LdrLaw.value loss label c.Scores) |> Seq.sum
        abs (sum - c.Margin * float (n - 1)) <= 16.0 * Ulp.eps * c.Size * float n

    [<Property(MaxTest = 300)>]
    member _.``LDR-KL is 1/(2 lambda)-smooth, and its gradient is shorter than sqrt 2``(c: LdrCase) =
        let closed = ClassLoss.closed c.Kl
        let curvature = closed.Curvature c.Label c.Scores c.Direction

        ClassLoss.norm curvature <= 0.5 / c.Lambda * ClassLoss.norm c.Direction * (1.0 + 1e-12)
        && ClassLoss.norm (closed.Gradient c.Label c.Scores) <= sqrt 2.0 * (1.0 + 4.0 * Ulp.eps)

    [<Property(MaxTest = 300)>]
    member _.``Scores up to 1000: value and derivatives are finite, the gradient no longer than sqrt 2``(c: LdrCase) =
        let scores = c.Scores |> Array.map (fun z -> Math.Clamp(200.0 * z, -1e3, 1e3))

        [ c.Kl; c.Adaptive; c.TopK ]
        |> List.forall (fun loss ->
            let closed = ClassLoss.closed loss

            Double.IsFinite(closed.Value c.Label scores)
            && ClassLoss.norm (closed.Gradient c.Label scores) <= sqrt 2.0 * (1.0 + 8.0 * Ulp.eps)
            && closed.Curvature c.Label scores c.Direction |> Array.forall Double.IsFinite
            && ClassLoss.derivative loss c.Label scores |> Array.forall Double.IsFinite
            && Double.IsFinite(ClassLoss.secondAlong loss c.Label scores c.Direction))

    [<Property(MaxTest = 300)>]
    member _.``Convex in the scores``(c: LdrCase) =
        let other = Array.map2 (+) c.Scores c.Direction
        let middle = Array.map2 (fun a b -> 0.5 * (a + b)) c.Scores other

        [ c.Kl; c.Adaptive; c.TopK ]
        |> List.forall (fun loss ->
            LdrLaw.value loss c.Label middle
            <= 0.5 * (LdrLaw.value loss c.Label c.Scores + LdrLaw.value loss c.Label other)
               + 32.0 * Ulp.eps * (c.Size + ClassLoss.norm c.Direction))

    [<Property(MaxTest = 300)>]
    member _.``LDR-KL(lambda0) <= adaptive <= max delta``(c: LdrCase) =
        LdrLaw.between (fun c -> LdrLaw.value c.Adaptive c.Label c.Scores) c

    [<Property(MaxTest = 300)>]
    member _.``Adaptive exceeds LDR-KL(lambda0) by at most lambda0 ln K/alpha, alpha in units of ln K``(c: LdrCase) =
        [ c.Alpha; 1e3; 1e6 ]
        |> List.forall (fun alpha ->
            let adaptive = AdaptiveLdrKl(c.Lambda, alpha, c.Margin)

            LdrLaw.value adaptive c.Label c.Scores - LdrLaw.value c.Kl c.Label c.Scores
            <= c.Lambda * log (float c.Scores.Length) / alpha + 16.0 * Ulp.eps * c.Size)

    [<Property(MaxTest = 200)>]
    member _.``The chosen lambda is the best of a fine grid, between lambda0 (1 - 1/alpha) and lambda0``(c: LdrCase) =
        let lambda = LdrLaw.temperature c

        LdrLaw.bestTemperature LdrLaw.temperature c
        && lambda <= c.Lambda * (1.0 + Ulp.eps)
        && lambda >= c.Lambda * (1.0 - 1.0 / c.Alpha) * (1.0 - 8.0 * Ulp.eps)

    [<Property(MaxTest = 300)>]
    member _.``The chosen lambda solves lambda = lambda0 (1 - KL(softmax(delta/lambda)|u)/A)``(c: LdrCase) =
        let struct (lambda, stiff, price) = LdrLaw.stiffness c

        let weights = FenchelYoung.prediction (FenchelYoungSoftmax lambda) c.Leads |> Require.ok

        let a = c.Alpha * log (float c.Scores.Length)
        let fixedPoint = c.Lambda * (1.0 - LdrLaw.divergence weights / a)
        // the divergence is a difference of leads/lambda; the equation is steep where lambda is small
        abs (lambda - fixedPoint)
        <= 256.0 * Ulp.eps * c.Lambda * (1.0 + c.Size / lambda) * (1.0 + abs (stiff / price))

    [<Test>]
    member _.``A false statement is found out: the equation for lambda has one solution``() =
        let solutions (c: LdrCase) =
            let a = c.Alpha * log (float c.Scores.Length)

            let residual i =
                let lambda = c.Lambda * exp (log (1.0 - 1.0 / c.Alpha) * float i / 4000.0)

                let weights = FenchelYoung.prediction (FenchelYoungSoftmax lambda) c.Leads |> Require.ok

                sign (a * (1.0 - lambda / c.Lambda) - LdrLaw.divergence weights)

            Array.init 4000 (fun i -> residual (i + 1))
            |> Array.pairwise
            |> Array.filter (fun (x, y) -> x <> y)
            |> Array.length

        let several = LdrDraw.sample.Value[..199] |> Array.filter (fun c -> solutions c > 1)

        Assert.That(several.Length, Is.GreaterThan 0)

    [<Property>]
    member _.``Consistency of LDR-KL: without margin the expected loss is least at lambda ln q, all ranks preserved``
        (c: LdrCase)
        =
        // no class so rare that its share is lost
        let q = c.Weights |> Array.map (fun p -> 0.9 * p + 0.1 / float c.Weights.Length)
        let best = LdrLaw.logits c.Lambda q

        ClassLoss.norm (LdrLaw.expectedGradient (LdrKl(c.Lambda, 0.0)) q best)
        <= 32.0 * Ulp.eps * float q.Length
        // probabilities one rounding apart have one logarithm
        && TopK.isRankPreserving (ReadOnlySpan best) (ReadOnlySpan(q |> Array.map (fun p -> Math.Round(p, 12))))

    [<Test>]
    member _.``Consistency of LDR-KL with a margin and of the adaptive form: the minimiser preserves the order``() =
        let cases = LdrDraw.sample.Value |> Array.filter (fun c -> c.Scores.Length <= 5) |> Array.truncate 40

        for c in cases do
            let q = c.Weights |> Array.map (fun p -> 0.8 * p + 0.2 / float c.Weights.Length)

            let losses: IMulticlassLoss list = [ LdrKl(1.0, c.Margin); AdaptiveLdrKl(1.0, c.Alpha, 0.0) ]

            for loss in losses do
                let z = LdrLaw.minimise loss q
                // classes of nearly the same probability are not told apart by the descent
                let rounded = q |> Array.map (fun p -> Math.Round(p, 2))
                Assert.That(TopK.isRankPreserving (ReadOnlySpan z) (ReadOnlySpan rounded), $"{loss.Metadata.Name}: {c}")

    [<Property>]
    member _.``Adaptive: above max (KL + Var ln p) the expected loss is least at lambda* ln q, lambda* = lambda0 (1 - KL(q|u)/A)``
        (c: LdrCase)
        =
        // two classes: the maximum is 1.32 ln 2
        let q = [| 0.05 + 0.9 * c.Weights[0]; 0.95 - 0.9 * c.Weights[0] |]
        let alpha = 1.33 + abs c.Direction[0]
        let lambda = c.Lambda * (1.0 - LdrLaw.divergence q / (alpha * log 2.0))
        let loss = AdaptiveLdrKl(c.Lambda, alpha, 0.0)

        ClassLoss.norm (LdrLaw.expectedGradient loss q (LdrLaw.logits lambda q)) <= 1e-10

    [<Test>]
    member _.``Below it that fails: K 2, A 0.8, q (0.93, 0.07)``() =
        let q = [| 0.93; 0.07 |]
        let loss = AdaptiveLdrKl(1.0, 0.8 / log 2.0, 0.0)
        let formula = LdrLaw.logits (1.0 - LdrLaw.divergence q / 0.8) q
        let gradient = LdrLaw.expectedGradient loss q formula
        let best = LdrLaw.minimise loss q
        Assert.That(ClassLoss.norm gradient, Is.GreaterThan 0.01)
        Assert.That(LdrLaw.expected loss q best, Is.LessThan(LdrLaw.expected loss q formula - 1e-4))
        Assert.That(TopK.isRankPreserving (ReadOnlySpan best) (ReadOnlySpan q), "the order is preserved all the same")

    [<Test>]
    member _.``Negative: Crammer-Singer (lambda 0) has its least expected loss at a constant when no class has half``
        ()
        =
        let q = [| 0.4; 0.3; 0.3 |]
        let loss = LdrKl(0.0, 1.0)
        let constant = [| 0.0; 0.0; 0.0 |]
        let least = LdrLaw.expected loss q constant

        for c in LdrDraw.sample.Value do
            let z = Array.init 3 (fun k -> c.Scores[k % c.Scores.Length] + c.Direction[k % c.Direction.Length])
            Assert.That(LdrLaw.expected loss q z, Is.GreaterThanOrEqualTo(least - 32.0 * Ulp.eps * c.Size))

        Assert.That(TopK.isRankPreserving (ReadOnlySpan constant) (ReadOnlySpan q), Is.False)

    [<Test>]
    member _.``Negative: mean absolute error at q (0.5, 0.3, 0.2) approaches its infimum with ranks 2 and 3 exchanged``
        ()
        =
        let q = [| 0.5; 0.3; 0.2 |]

        let expected (z: float[]) =
            let p = FenchelYoung.prediction (FenchelYoungSoftmax 1.0) z |> Require.ok
            1.0 - ClassLoss.dot q p

        let wrong = [| 40.0; 0.0; 1.0 |]
        Assert.That(expected wrong, Is.EqualTo(0.5).Within 1e-15)
        Assert.That(TopK.isRankPreserving (ReadOnlySpan wrong) (ReadOnlySpan q), Is.False)

        for c in LdrDraw.sample.Value do
            let z = Array.init 3 (fun k -> c.Scores[k % c.Scores.Length])
            Assert.That(expected z, Is.GreaterThanOrEqualTo(0.5 - 1e-15))

    [<Test>]
    member _.``Rank preservation asks for a strict lead where one class is likelier, and nothing where two are equally likely``
        ()
        =
        let preserves (z: float[]) (q: float[]) =
            TopK.isRankPreserving (ReadOnlySpan z) (ReadOnlySpan q)

        Assert.That(preserves [| 3.0; 2.0; 1.0 |] [| 0.5; 0.3; 0.2 |])
        Assert.That(preserves [| 3.0; 1.0; 2.0 |] [| 0.6; 0.2; 0.2 |])
        Assert.That(preserves [| 3.0; 1.0; 1.0 |] [| 0.5; 0.3; 0.2 |], Is.False)
        Assert.That(preserves [| 3.0; 1.0; 2.0 |] [| 0.5; 0.3; 0.2 |], Is.False)

    [<Test>]
    member _.``The zero values are the limit max delta without margin``() =
        let perceptron = LdrLaw.value (FenchelYoungPerceptron()) 1 f
        let zero: IMulticlassLoss list = [ LdrKl(); AdaptiveLdrKl(); LdrTopK() ]

        for loss in zero do
            Assert.That(LdrLaw.value loss 1 f, Is.EqualTo perceptron)
            Assert.That(ClassLoss.value loss 1 f, Is.EqualTo perceptron)

    [<Test>]
    member _.``A score that is not a number ends in a value that is not finite``() =
        let scores = [| 1.0; nan; 0.0; 2.0 |]
        let losses: IMulticlassLoss list = [ LdrKl(1.0, 0.5); AdaptiveLdrKl(1.0, 2.0, 0.5); LdrTopK(4.0, 0.5) ]

        for loss in losses do
            Assert.That(Double.IsFinite(LdrLaw.value loss 0 scores), Is.False, loss.Metadata.Name)

    [<Test>]
    member _.``Bad parameters are refused by name``() =
        let refused (name: string) (act: unit -> IMulticlassLoss) =
            let error = Assert.Throws<HindsightException>(fun () -> Assert.That(act().Metadata.Name, Is.Empty))

            Assert.That(error.Message, Does.Contain name)

        refused "lambda" (fun () -> LdrKl(-1.0, 0.0))
        refused "lambda" (fun () -> LdrKl(nan, 0.0))
        refused "margin" (fun () -> LdrKl(1.0, -0.5))
        refused "alpha" (fun () -> AdaptiveLdrKl(1.0, 1.0, 0.0))
        refused "lambda0" (fun () -> AdaptiveLdrKl(infinity, 2.0, 0.0))
        refused "k" (fun () -> LdrTopK(0.5, 0.0))

    [<Test>]
    member _.``The closed forms allocate nothing and may be written onto the scores``() =
        let z = Array.init 12 (fun k -> sin (float k))
        let direction = Array.init 12 (fun k -> cos (float k))
        let losses: IMulticlassLoss list = [ LdrKl(0.7, 0.3); AdaptiveLdrKl(0.7, 1.5, 0.3); LdrTopK(2.5, 0.3) ]

        for loss in losses do
            let gradient = loss :?> IMulticlassGradient
            let result = Array.zeroCreate<float> 12
            let warm = gradient.Gradient(3, ReadOnlySpan z, Span result)
            gradient.HessianVector(3, ReadOnlySpan z, ReadOnlySpan direction, Span result)
            let before = GC.GetAllocatedBytesForCurrentThread()
            let again = gradient.Gradient(3, ReadOnlySpan z, Span result)
            gradient.HessianVector(3, ReadOnlySpan z, ReadOnlySpan direction, Span result)
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L, loss.Metadata.Name)
            Assert.That(again, Is.EqualTo warm)
            let closed = ClassLoss.closed loss
            let g = Array.copy z
            Assert.That(gradient.Gradient(3, Span.op_Implicit (Span g), Span g), Is.EqualTo warm)
            Assert.That(g, Is.EqualTo<float[]>(closed.Gradient 3 z))
            let h = Array.copy z
            gradient.HessianVector(3, Span.op_Implicit (Span h), ReadOnlySpan direction, Span h)
            Assert.That(h, Is.EqualTo<float[]>(closed.Curvature 3 z direction))
