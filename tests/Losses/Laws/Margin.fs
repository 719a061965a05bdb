namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A margin loss with drawn parameters.
[<NoComparison; NoEquality>]
type MarginCase =
    {
        Entry: LossEntry
        Parameters: float[]
        Loss: IMarginLoss
    }

    override c.ToString() =
        let parameters = c.Parameters |> Array.map string |> String.concat ", "
        $"{c.Entry.Name}({parameters})"

[<RequireQualifiedAccess>]
module MarginCases =
    let entries = Draw.scalarEntries |> Array.filter (fun (e, _) -> e.Family = "margin")

    let at (entry: LossEntry, create: float[] -> ILoss) parameters =
        match create parameters with
        | :? IMarginLoss as loss ->
            {
                Entry = entry
                Parameters = parameters
                Loss = loss
            }
        | _ -> invalidOp $"{entry.Name} is no margin loss"

    /// Six cases of each loss, parameters drawn from their typical range with a fixed seed.
    let all =
        let random = Random 17

        [|
            for entry, create in entries do
                for _ in 1..6 do
                    entry.Parameters
                    |> Array.map (fun p -> Points.between random p.Typical.Low p.Typical.High)
                    |> at (entry, create)
        |]

type MarginArbitraries =
    static member MarginCase() =
        gen {
            let! entry, create = Gen.elements MarginCases.entries
            let! parameters = Draw.parametersOf entry
            return MarginCases.at (entry, create) parameters
        }
        |> Arb.fromGen

/// phi read as value, first and second derivative in the margin.
type Phi = float -> struct (float * float * float)

[<RequireQualifiedAccess>]
module MarginLaw =
    /// Margins where phi is not three times differentiable.
    let joints name (p: float[]) =
        match name with
        | "modified-huber" -> [| -1.0; 1.0 |]
        | "smoothed-hinge" -> [| 0.0; 1.0 |]
        | "ramp" -> [| 0.0; p[0] |]
        | name when name.StartsWith("hinge", StringComparison.Ordinal) || name = "squared-hinge" -> [| 1.0 |]
        | _ -> [||]

    /// phi' as a formula of its own: the table of spec section 4, and for the tails the derivative of their formula.
    let slopeFormula name (p: float[]) (m: float) =
        let s u = 1.0 / (1.0 + exp -u)

        match name with
        | "hinge" -> if m < 1.0 then -1.0 else 0.0
        | "squared-hinge" -> -2.0 * max (1.0 - m) 0.0
        | "modified-huber" -> if m >= -1.0 then -2.0 * max (1.0 - m) 0.0 else -4.0
        | "smoothed-hinge" ->
            if m >= 1.0 then 0.0
            elif m < 0.0 then -1.0
            else m - 1.0
        | "logistic" -> -(s -m)
        | "logistic-base-2" -> -(s -m) / log 2.0
        | "exponential" -> -(exp -m)
        | "square-margin" -> -2.0 * (1.0 - m)
        | "savage" -> -2.0 * (s -m) ** 2.0 * s m
        | "tangent" -> 4.0 * (2.0 * atan m - 1.0) / (1.0 + m * m)
        | "sigmoid-margin" -> -(s m) * s -m
        | "tanh-margin" -> -p[0] / cosh (p[0] * m) ** 2.0
        | "ramp" -> if m >= 0.0 && m < p[0] then -1.0 / p[0] else 0.0
        | "unhinged" -> -1.0
        | "alpha-loss" -> -(s m ** (1.0 - 1.0 / p[0])) * s -m
        | "hinge-exponential-tail" -> if m <= 1.0 then -1.0 else -(exp (1.0 - m))
        | "hinge-reciprocal-tail" -> if m <= 1.0 then -1.0 else -1.0 / (m * m)
        | "hinge-logarithmic-tail" ->
            if m <= 1.0 then
                -1.0
            else
                let x = m + Math.E - 1.0
                -Math.E / (x * log x * log x)
        | "hinge-negative-log-tail" -> if m <= 1.0 then -1.0 else -1.0 / m
        | _ -> nan

    /// Within the rounding of the formula: each operation an ulp, exponents magnified by their size.
    let slopeAgrees name (p: float[]) (slope: float -> float) (m: float) =
        let expected = slopeFormula name p m
        let scale = if Array.isEmpty p then 1.0 else max 1.0 p[0]
        let distance = abs (slope m - expected)
        // tangent loses what 2 atan m - 1 cancels
        let cancelled = if name = "tangent" then 16.0 * Ulp.eps else 0.0
        distance <= 16.0 * (1.0 + scale * abs m) * Ulp.eps * abs expected + cancelled + 1e-300

    /// H^-(eta) &gt; H(eta): the best score of the wrong sign is worse than the best score (Bartlett, Jordan and McAuliffe 2006).
    let calibratedAt (phi: float -> float) (eta: float) =
        let risk a = eta * phi a + (1.0 - eta) * phi -a
        let scores = Array.append [| 0.0 |] (Points.line |> Array.filter (fun a -> abs a <= 60.0))
        let best = scores |> Array.map risk |> Array.min

        let wrong =
            scores |> Array.filter (fun a -> a * (2.0 * eta - 1.0) <= 0.0) |> Array.map risk |> Array.min

        wrong > best

    let etas = [| 0.02; 0.2; 0.4; 0.48; 0.52; 0.7; 0.9; 0.99 |]

    let calibrated phi = Array.forall (calibratedAt phi) etas

    /// What the EnsLoss appendix asks of a hinge with a tail: 1 - m up to 1, then continuous with slope -1 at 1, falling, convex.
    let hingeWithTail (phi: Phi) =
        let value m = let struct (v, _, _) = phi m in v
        let slope m = let struct (_, d, _) = phi m in d
        let margins = Points.line

        let left = margins |> Array.filter (fun m -> m <= 1.0) |> Array.forall (fun m -> value m = 1.0 - m)

        let continuous = abs (value (1.0 + 1e-9) - value 1.0) <= 1e-8
        let smooth = abs (slope (1.0 + 1e-9) + 1.0) <= 1e-8
        let slopes = margins |> Array.map slope
        let falling = slopes |> Array.forall (fun d -> d <= 0.0)

        let convex = slopes |> Array.pairwise |> Array.forall (fun (a, b) -> b >= a - 4.0 * Ulp.eps)

        left && continuous && smooth && falling && convex

    let reading (loss: IMarginLoss) : Reading = Loss.jet loss

[<Laws(Arbitrary =
    [|
        typeof<LossArbitraries>
        typeof<MarginArbitraries>
        typeof<RegressionArbitraries>
    |]);
  Category("margin")>]
type MarginLaws() =
    let phi (loss: IMarginLoss) m = Margin.value loss m

    let slope (loss: IMarginLoss) m =
        let struct (_, d, _) = Margin.jet loss m in d

    [<Property(MaxTest = 1000)>]
    member _.``The loss of label and score is phi of their product``(c: MarginCase, Sign y, Score z) =
        Loss.value c.Loss y z = phi c.Loss (y * z) && Loss.derivative c.Loss y z = y * slope c.Loss (y * z)

    [<Property(MaxTest = 1000)>]
    member _.``The slope is the formula of the table``(c: MarginCase, Score m) =
        // beyond 400 the formula's powers of the sigmoid overflow before the loss does
        MarginLaw.slopeAgrees c.Entry.Name c.Parameters (slope c.Loss) (Math.Clamp(m, -400.0, 400.0))

    [<Property(MaxTest = 1000)>]
    member _.``The first derivative is that of the value and the second that of the first``(c: MarginCase, Score m) =
        let m = Math.Clamp(m, -30.0, 30.0)
        let joints = MarginLaw.joints c.Entry.Name c.Parameters

        let width =
            if Array.isEmpty c.Parameters then
                0.3
            else
                0.3 / max 1.0 (c.Parameters[0] * 2.0)

        let far = joints |> Array.forall (fun j -> abs (m - j) > 5e-3)

        Prop.classify
            (not far)
            "near a joint"
            (not far || ScalarLaw.derivativesBelong width (MarginLaw.reading c.Loss) 1.0 m)

    [<Test>]
    member _.``Every declared constant is respected and attained, at drawn parameters``() =
        for c in MarginCases.all do
            let scale =
                match c.Loss with
                | :? TanhMargin as t -> 1.0 / t.Steepness
                | _ -> 1.0

            Assert.That(
                ScalarLaw.constantsHold c.Loss.Metadata scale [| -1.0; 1.0 |] (MarginLaw.reading c.Loss),
                Is.Empty,
                string c
            )

    [<Test>]
    member _.``Convex means slopes that rise, and the others' slopes do not``() =
        for c in MarginCases.all do
            let convex = c.Loss.Metadata.Convex

            Assert.That(
                ScalarLaw.slopesRise (MarginLaw.reading c.Loss) 1.0 (Array.distinct Points.line),
                Is.EqualTo convex,
                string c
            )

    [<Test>]
    member _.``Values and slopes meet where pieces join``() =
        for c in MarginCases.all do
            for joint in MarginLaw.joints c.Entry.Name c.Parameters do
                Assert.That(
                    ScalarLaw.joins c.Loss.Metadata.Continuity (MarginLaw.reading c.Loss) 1.0 joint,
                    $"{c} at {joint}"
                )

    [<Test>]
    member _.``Value finite means derivatives finite, up to margins of 1e3``() =
        for c in MarginCases.all do
            for m in [ -1e3; -700.0; -50.0; -1.0; 0.0; 1.0; 50.0; 700.0; 1e3 ] do
                Assert.That(ScalarLaw.finiteTogether (MarginLaw.reading c.Loss) 1.0 m, $"{c} at {m}")

    [<Test>]
    member _.``Declared calibration is what the definition says, on a grid of probabilities``() =
        for c in MarginCases.all do
            Assert.That(MarginLaw.calibrated (phi c.Loss), Is.EqualTo c.Loss.Metadata.Calibrated.Value, string c)

    [<Test>]
    member _.``A convex loss is calibrated because its slope at 0 is negative (Bartlett, Jordan and McAuliffe)``() =
        for c in MarginCases.all |> Array.filter (fun c -> c.Loss.Metadata.Convex) do
            let struct (_, d, _) = Margin.jet c.Loss 0.0
            Assert.That(d, Is.LessThan 0.0, string c)

    [<Test>]
    member _.``The definition tells losses that are not calibrated``() =
        Assert.That(MarginLaw.calibrated abs, Is.False)
        Assert.That(MarginLaw.calibrated (fun m -> max (-m) 0.0), Is.False)
        Assert.That(MarginLaw.calibrated (fun m -> -(min m 1.0) * 0.0 + exp m), Is.False)

    // Identities

    [<Property>]
    member _.``Alpha 1/2 is the exponential loss, 1 the logistic, and large alpha the sigmoid``(Score m) =
        let room = 16.0 * (1.0 + abs m)
        let alpha a = phi (AlphaLoss a) m
        let sigmoid = phi (SigmoidMargin()) m
        // |alpha loss - sigmoid| <= (L^2 + L)/alpha for L = ln(1 + e^-m), from e^(-b L) with b = 1 - 1/alpha
        let l = phi (Logistic()) m

        (Double.IsInfinity(alpha 0.5) || Ulp.between (alpha 0.5) (phi (Exponential()) m) <= room)
        && alpha 1.0 = l
        && abs (alpha 1e9 - sigmoid) <= 1e-9 * (l * l + l + 2.0) + 4.0 * Ulp.eps

    [<Property>]
    member _.``The alpha loss is continuous in alpha at 1``(Score m) =
        let l = phi (Logistic()) m
        // the derivative in alpha at 1 is -L^2/2
        [ 1e-9; -1e-9 ]
        |> List.forall (fun change -> abs (phi (AlphaLoss(1.0 + change)) m - l) <= 1e-9 * l * l + 8.0 * Ulp.eps * l)

    [<Property>]
    member _.``Base 2 is the logistic loss over ln 2; 1 - tanh(k m) is twice the sigmoid at 2 k m; Savage its square``
        (Width k, Score m)
        =
        Ulp.between (phi (LogisticBase2()) m) (phi (Logistic()) m / log 2.0) <= 3.0
        && phi (LogisticBase2()) 0.0 = 1.0
        && phi (TanhMargin k) m = 2.0 * phi (SigmoidMargin()) (2.0 * k * m)
        && abs (phi (TanhMargin k) m - (1.0 - tanh (k * m))) <= 8.0 * Ulp.eps
        && Ulp.between (phi (Savage()) m) (phi (SigmoidMargin()) m ** 2.0) <= 2.0

    [<Property>]
    member _.``Savage rests between 0 and 1 and adds up with the sigmoid: s^2 + (1-s)^2 = 1 - 2 s (1-s)``(Score m) =
        let a = phi (Savage()) m
        let b = phi (Savage()) -m
        let s = phi (SigmoidMargin()) m
        abs (a + b - (1.0 - 2.0 * s * phi (SigmoidMargin()) -m)) <= 8.0 * Ulp.eps

    [<Property>]
    member _.``Ramp is a difference of hinges, smoothed hinge lies at most 1/2 below hinge, modified Huber below squared hinge``
        (Width rho, Score m)
        =
        let hinge x = phi (Hinge()) x
        let ramp = phi (Ramp rho) m
        let difference = hinge (1.0 + (m / rho - 1.0)) - hinge (1.0 + m / rho)
        // both hinges are about |m|/rho where the ramp is 1
        abs (ramp - difference) <= 8.0 * Ulp.eps * (1.0 + abs (m / rho))
        && phi (SmoothedHinge()) m <= hinge m
        && hinge m <= (phi (SmoothedHinge()) m + 0.5) * (1.0 + 2.0 * Ulp.eps)
        && phi (ModifiedHuber()) m <= phi (SquaredHinge()) m

    [<Test>]
    member _.``Closed forms of the steepest slopes: Savage 8/27, tangent where m (2 arctan m - 1) = 1, sigmoid 1/4``() =
        let struct (_, savage, _) = Margin.jet (Savage()) (-(log 2.0))
        Assert.That(Ulp.between savage (-8.0 / 27.0), Is.LessThanOrEqualTo 4.0)
        let m = -0.5132473179249822
        let struct (_, tangent, flat) = Margin.jet (Tangent()) m
        Assert.That(Ulp.between -tangent (Tangent() :> ILoss).Metadata.Lipschitz.Value, Is.LessThanOrEqualTo 4.0)
        // the curvature crosses 0 there, with third derivative below 20
        Assert.That(abs flat, Is.LessThanOrEqualTo(32.0 * Ulp.eps))
        let struct (_, sigmoid, _) = Margin.jet (SigmoidMargin()) 0.0
        Assert.That(sigmoid, Is.EqualTo -0.25)

    // What they elicit

    [<TestCase(1, 9)>]
    [<TestCase(3, 7)>]
    [<TestCase(5, 6)>]
    [<TestCase(12, 2)>]
    member _.``Each loss elicits what it declares, on samples of signs``(negative: int, positive: int) =
        let sample = Array.append (Array.replicate negative -1.0) (Array.replicate positive 1.0)
        let eta = float positive / float (negative + positive)
        let logOdds = log (eta / (1.0 - eta))
        let sign = if eta > 0.5 then 1.0 else -1.0

        for c in MarginCases.all do
            let expected =
                match c.Loss with
                | :? AlphaLoss as a -> a.Alpha * logOdds
                | _ ->
                    match c.Loss.Metadata.Elicits with
                    | "log-odds" -> logOdds
                    | "half the log-odds" -> 0.5 * logOdds
                    | "2 eta - 1" -> 2.0 * eta - 1.0
                    | "tan(eta - 1/2)" -> tan (eta - 0.5)
                    | _ -> nan

            match Elicitation.functional c.Loss sample with
            | Ok m ->
                let mean t =
                    let struct (v, _) = Elicitation.meanLoss c.Loss sample t in v

                if not (Double.IsNaN expected) then
                    // far out a bounded loss is flat to rounding: then the value decides
                    let close = abs (m - expected) <= 1e-9 * (1.0 + abs expected)
                    let asGood = abs expected > 10.0 && abs (mean m - mean expected) <= 8.0 * Ulp.eps
                    Assert.That(close || asGood, $"{c}: {m:R} instead of {expected:R}")
                elif c.Loss.Metadata.Elicits = "likelier sign" then
                    Assert.That(m * sign, Is.GreaterThan 0.0, string c)
            | Error e -> Assert.That(c.Entry.Name, Is.AnyOf("unhinged", "hinge-negative-log-tail"), e.Message)

    // Hinges with tails

    [<Test>]
    member _.``Every hinge with a tail is the hinge up to 1, then falls convexly with slope -1 at 1``() =
        let tails: IMarginLoss list =
            [
                HingeExponentialTail()
                HingeReciprocalTail()
                HingeLogarithmicTail()
                HingeNegativeLogTail()
            ]

        for loss in tails do
            Assert.That(MarginLaw.hingeWithTail (Margin.jet loss), loss.Metadata.Name)

    [<Test>]
    member _.``Three tails are bounded below by their infimum and come near it, the logarithm has none``() =
        // e/ln m approaches 0 slowly: at 1e300 it is e/690
        for (loss: IMarginLoss), far, gap in
            [
                (HingeExponentialTail() :> IMarginLoss), 50.0, 1e-15
                HingeReciprocalTail(), 1e15, 2e-15
                HingeLogarithmicTail(), 1e300, 4e-3
            ] do
            let infimum = loss.Metadata.Infimum.Value
            Assert.That(phi loss far, Is.GreaterThanOrEqualTo infimum)
            Assert.That(phi loss far, Is.LessThanOrEqualTo(infimum + gap))

        Assert.That(phi (HingeNegativeLogTail()) 1e300, Is.LessThan -690.0)
        Assert.That((HingeNegativeLogTail() :> ILoss).Metadata.Infimum.HasValue, Is.False)

    [<Test>]
    member _.``The hinge's slope is -1 below 1 and 0 from 1 on, the ramp's that of its right side``() =
        Assert.That(slope (Hinge()) (Math.BitDecrement 1.0), Is.EqualTo -1.0)
        Assert.That(slope (Hinge()) 1.0, Is.EqualTo 0.0)
        Assert.That(slope (Ramp 2.0) 0.0, Is.EqualTo -0.5)
        Assert.That(slope (Ramp 2.0) 2.0, Is.EqualTo 0.0)

    [<Test>]
    member _.``Parameters that are not allowed are refused, and the zero value has parameter 1``() =
        for bad in [ 0.0; -1.0; nan; infinity ] do
            let losses: (unit -> ILoss) list =
                [ (fun () -> AlphaLoss bad); (fun () -> Ramp bad); (fun () -> TanhMargin bad) ]

            for create in losses do
                let refused =
                    try
                        (create ()).Metadata.Name = ""
                    with :? HindsightException ->
                        true

                Assert.That refused

        for m in [ -2.0; 0.3; 4.0 ] do
            Assert.That(phi (AlphaLoss()) m, Is.EqualTo(phi (AlphaLoss 1.0) m))
            Assert.That(phi (Ramp()) m, Is.EqualTo(phi (Ramp 1.0) m))
            Assert.That(phi (TanhMargin()) m, Is.EqualTo(phi (TanhMargin 1.0) m))
