/// Losses with a wrong declaration or wrong derivatives, wrong enclosures and wrong certificates: the auditor, the laws of intervals and those of certification must find each out.
namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// A loss that declares something else than it should.
[<Struct; NoComparison; NoEquality>]
type Declaring(inner: ILoss, metadata: LossMetadata) =
    interface ILoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = inner.Eval(label, score)
        member this.Accept visitor = visitor.Visit this
        member _.Metadata = metadata

/// Class losses made for these tests.
module MadeMulticlass =
    /// Minus the logarithm of the softmax, with its gradient scaled.
    [<Struct; NoComparison; NoEquality>]
    type CrossEntropy(scale: float, hessianScale: float, change: LossMetadata -> LossMetadata) =
        static member private Softmax(scores: ReadOnlySpan<float>, result: Span<float>) =
            let mutable top = Double.NegativeInfinity

            for i in 0 .. scores.Length - 1 do
                top <- Math.Max(top, scores[i])

            let mutable sum = 0.0

            for i in 0 .. scores.Length - 1 do
                let e = Math.Exp(scores[i] - top)
                result[i] <- e
                sum <- sum + e

            for i in 0 .. scores.Length - 1 do
                result[i] <- result[i] / sum

            top + Math.Log sum

        interface IMulticlassLoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
                let mutable top = scores[0]

                for i in 1 .. scores.Length - 1 do
                    top <- 'T.Max(top, scores[i])

                let mutable sum = 'T.Const 0.0

                for i in 0 .. scores.Length - 1 do
                    sum <- 'T.op_Addition (sum, 'T.Exp('T.op_Subtraction (scores[i], top)))

                'T.op_Addition ('T.Log sum, 'T.op_Subtraction (top, scores[label]))

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "CrossEntropy"
                    Label = Domain.NonNegative
                    Link = Link.Softmax
                    Lipschitz = Nullable(sqrt 2.0)
                    // the largest eigenvalue of diag(p) - p p'
                    Smoothness = Nullable 0.5
                    StrongConvexity = Nullable 0.0
                    ExpConcavity = Nullable 1.0
                    Mixability = Nullable 1.0
                }
                |> change

        interface IMulticlassGradient with
            member _.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
                let value = CrossEntropy.Softmax(scores, gradient) - scores[label]
                gradient[label] <- gradient[label] - 1.0

                for i in 0 .. gradient.Length - 1 do
                    gradient[i] <- scale * gradient[i]

                value

            member this.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
                let wide = Array.zeroCreate<float> scores.Length
                let result = Array.zeroCreate<float> scores.Length

                for i in 0 .. scores.Length - 1 do
                    wide[i] <- float scores[i]

                let value = (this :> IMulticlassGradient).Gradient(label, ReadOnlySpan wide, Span result)

                for i in 0 .. scores.Length - 1 do
                    gradient[i] <- float32 result[i]

                float32 value

            member _.HessianVector(_, scores, direction, result) =
                let p = Array.zeroCreate<float> scores.Length
                let value = CrossEntropy.Softmax(scores, Span p)
                let mutable mean = if Double.IsNaN value then nan else 0.0

                for i in 0 .. scores.Length - 1 do
                    mean <- mean + p[i] * direction[i]

                for i in 0 .. scores.Length - 1 do
                    result[i] <- hessianScale * p[i] * (direction[i] - mean)

    let right = CrossEntropy(1.0, 1.0, id)

/// Losses that are wrong in themselves.
module Wrong =
    open Hindsight.FSharp.Ops

    /// Half a square with a step of 1e-6 at score 1/3.
    [<Struct; NoComparison; NoEquality>]
    type Step =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                let half = 'T.Const 0.5 * 'T.Sqr(score - label)
                'T.Select(score - 'T.Const 0.3333333333333333, half + 'T.Const 1e-6, half)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Step"
                    Convex = false
                }

    /// |r| as the root of the square: no derivative at 0.
    [<Struct; NoComparison; NoEquality>]
    type Root =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                'T.Sqrt('T.Sqr(score - label))

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Root"
                    Continuity = 0
                }

    /// x^2/2 with the slope x times a factor.
    [<Struct; NoComparison; NoEquality>]
    type Slope(factor: float) =
        interface IScalarFunction with
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const 0.5 * 'T.Sqr x
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Const factor * x

    /// Half a square whose derivative is wrong by a factor.
    [<Struct; NoComparison; NoEquality>]
    type Tilted(factor: float) =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                'T.Apply(Slope factor, score - label)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Tilted"
                }

    /// The value of the absolute error with the derivative of Cauchy's loss.
    [<Struct; NoComparison; NoEquality>]
    type Museum =
        interface IScalarFunction with
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = 'T.Abs x

            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T = x / ('T.Const 1.0 + 'T.Sqr x)

        interface ILoss with
            member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                'T.Apply(this, score - label)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Museum"
                    Convex = false
                    Continuity = 0
                }

    /// phi(m) = max(0, shift - m), with the sign of the margin given.
    [<Struct; NoComparison; NoEquality>]
    type Hinge(shift: float, sign: float) =
        interface IMarginLoss with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                'T.Max('T.Const shift - margin, 'T.Const 0.0)

        interface ILoss with
            member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                (this :> IMarginLoss).Phi('T.Const sign * label * score)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Hinge"
                    Label = Domain.Signs
                    Continuity = 0
                    Lipschitz = Nullable 1.0
                    Calibrated = Nullable true
                }

[<RequireQualifiedAccess>]
module AuditorMutants =
    let private seed = 20_261_125UL

    let private change (loss: ILoss) edit =
        Declaring(loss, edit loss.Metadata) :> ILoss

    /// The audit refutes one of the named properties by a counterexample that is one, by a check in plain floats.
    let refutes (properties: string list) (violates: Counterexample -> bool) (report: AuditReport) =
        report.Failures
        |> Array.exists (fun f ->
            List.contains f.Property properties && f.Counterexample.HasValue && violates f.Counterexample.Value)

    let private bce = BinaryCrossEntropy() :> ILoss
    let private score (c: Counterexample) i = c.Points[i][0]

    let private slope loss (c: Counterexample) i =
        Loss.derivative loss c.Label (score c i)

    let private value loss (c: Counterexample) i = Loss.value loss c.Label (score c i)

    let private curvature loss (c: Counterexample) i =
        let struct (_, _, h) = Loss.jet loss c.Label (score c i)
        h

    /// Differences of values, of slopes, or the derivative itself, beyond a constant.
    let private faster loss limit (c: Counterexample) =
        if c.Points.Length = 1 then
            abs (slope loss c 0) > limit
        else
            abs (value loss c 1 - value loss c 0) > limit * abs (score c 1 - score c 0)

    let private bends loss limit (c: Counterexample) =
        if c.Points.Length = 1 then
            abs (curvature loss c 0) > limit
        else
            abs (slope loss c 1 - slope loss c 0) > limit * abs (score c 1 - score c 0)

    let private scalar name (loss: ILoss) properties violates =
        Mutant.make "generic" name (fun () -> LossAuditor.Check(loss, seed) |> refutes properties violates)

    let private multiclass name (loss: IMulticlassLoss) properties violates =
        Mutant.make "generic" name (fun () -> LossAuditor.Check(loss, seed) |> refutes properties violates)

    let private lipschitz = [ "Lipschitz"; "Lipschitz, locally" ]
    let private smooth = [ "smooth"; "smooth, locally" ]
    let private strong = [ "strongly convex"; "strongly convex, locally" ]
    let private concave = [ "exp-concave"; "exp-concave, locally" ]

    let private audits =
        [
            scalar
                "Lipschitz constant of binary cross-entropy times 0.9"
                (change bce (fun m -> { m with Lipschitz = Nullable 0.9 }))
                lipschitz
                (faster bce 0.9)
            scalar
                "smoothness of binary cross-entropy times 0.9"
                (change bce (fun m -> { m with Smoothness = Nullable 0.225 }))
                smooth
                (bends bce 0.225)
            scalar
                "smoothness of ln cosh times 0.9"
                (change (Made.LogCosh()) (fun m -> { m with Smoothness = Nullable 0.9 }))
                smooth
                (bends (Made.LogCosh()) 0.9)
            scalar
                "Lipschitz constant of half Cauchy times 0.99"
                (change (Made.HalfCauchy()) (fun m -> { m with Lipschitz = Nullable 0.495 }))
                lipschitz
                (faster (Made.HalfCauchy()) 0.495)
            scalar
                "half Cauchy declared convex"
                (change (Made.HalfCauchy()) (fun m -> { m with Convex = true }))
                [ "convex, locally" ]
                (fun c -> curvature (Made.HalfCauchy()) c 0 < 0.0)
            scalar
                "least curvature of half Cauchy times 0.9"
                (change (Made.HalfCauchy()) (fun m ->
                    { m with
                        StrongConvexity = Nullable -0.1125
                    }))
                [ "strongly convex, locally" ]
                (fun c -> curvature (Made.HalfCauchy()) c 0 < -0.1125)
            scalar
                "strong convexity of half the square times 1.1"
                (change (HalfSquared()) (fun m ->
                    { m with
                        StrongConvexity = Nullable 1.1
                    }))
                strong
                (fun c -> curvature (HalfSquared()) c 0 < 1.1)
            scalar
                "infimum of the square 0.1"
                (change (Squared()) (fun m -> { m with Infimum = Nullable 0.1 }))
                [ "infimum" ]
                (fun c -> value (Squared()) c 0 < 0.1)
            scalar
                "supremum of binary cross-entropy 3"
                (change bce (fun m -> { m with Supremum = Nullable 3.0 }))
                [ "supremum" ]
                (fun c -> value bce c 0 > 3.0)
            scalar
                "self-bounding with the infimum of the square -0.1 and smoothness 1"
                (change (HalfSquared()) (fun m -> { m with Smoothness = Nullable 0.9 }))
                [ "self-bounding" ]
                (fun c ->
                    let d = slope (HalfSquared()) c 0
                    d * d > 1.8 * value (HalfSquared()) c 0)
            scalar
                "exp-concavity of the square times 1.1"
                (change (Squared()) (fun m -> { m with ExpConcavity = Nullable 0.55 }))
                concave
                (fun c ->
                    let at p =
                        Math.Exp(-0.55 * Loss.value (Squared()) c.Label p)

                    if c.Points.Length = 1 then
                        curvature (Squared()) c 0 < 0.55 * slope (Squared()) c 0 ** 2.0
                    else
                        // somewhere on the chord
                        Seq.exists
                            (fun w ->
                                at (w * score c 0 + (1.0 - w) * score c 1) <
                                    w * at (score c 0) + (1.0 - w) * at (score c 1))
                            (seq { 0.01..0.01..0.99 }))
            scalar
                "exp-concavity of binary cross-entropy times 1.1"
                (change bce (fun m -> { m with ExpConcavity = Nullable 1.1 }))
                concave
                (fun c ->
                    let at p =
                        Math.Exp(-1.1 * Loss.value bce c.Label (Scalar.logit p))

                    let p, q =
                        if c.Points.Length = 1 then
                            0.99 * score c 0, Math.Min(1.01 * score c 0, 1.0 - 1e-12)
                        else
                            score c 0, score c 1

                    Seq.exists
                        (fun w -> at (w * p + (1.0 - w) * q) < w * at p + (1.0 - w) * at q)
                        (seq { 0.01..0.01..0.99 }))
            for loss, rate, link in [ (Squared() :> ILoss, 2.1, id); (bce, 1.05, Scalar.logit) ] do
                scalar
                    $"mixability {rate} of {loss.Metadata.Name}"
                    (change loss (fun m -> { m with Mixability = Nullable rate }))
                    [ "mixable" ]
                    (fun c ->
                        let total = c.Points |> Array.sumBy (fun p -> p[1])

                        let bound label =
                            -(Math.Log(
                                c.Points
                                |> Array.sumBy (fun p ->
                                    p[1] / total * Math.Exp(-rate * Loss.value loss label (link p[0])))
                            ))
                            / rate

                        let g0 = bound 0.0
                        let g1 = bound 1.0

                        // no prediction of a grid is as good as both
                        Seq.forall
                            (fun p -> Loss.value loss 0.0 (link p) > g0 || Loss.value loss 1.0 (link p) > g1)
                            (seq { 0.001..0.001..0.999 }))
            scalar
                "|r| declared differentiable"
                (change (Made.Absolute()) (fun m -> { m with Continuity = 1 }))
                [ "continuity 1"; "second derivative" ]
                (fun c -> slope (Made.Absolute()) c 0 <> slope (Made.Absolute()) c 1)
            scalar
                "rounded |r| declared twice differentiable"
                (change (Made.Rounded()) (fun m -> { m with Continuity = 2 }))
                [ "continuity 2" ]
                (fun c -> curvature (Made.Rounded()) c 0 <> curvature (Made.Rounded()) c 1)
            scalar "a step of 1e-6" (Wrong.Step()) [ "continuity 0"; "derivative" ] (fun c ->
                let d = value (Wrong.Step()) c 1 - value (Wrong.Step()) c 0
                let smooth = value (HalfSquared()) c 1 - value (HalfSquared()) c 0
                abs (abs (d - smooth) - 1e-6) < 1e-12)
            scalar "a derivative that is NaN at 0" (Wrong.Root()) [ "finite derivatives" ] (fun c ->
                Double.IsFinite(value (Wrong.Root()) c 0) && Double.IsNaN(slope (Wrong.Root()) c 0))
            scalar "a derivative 1 % too large" (Wrong.Tilted 1.01) [ "derivative" ] (fun c ->
                let d = (value (HalfSquared()) c 1 - value (HalfSquared()) c 0) / (score c 1 - score c 0)
                let a = slope (Wrong.Tilted 1.01) c 0
                let b = slope (Wrong.Tilted 1.01) c 1
                d < min a b || d > max a b)
            scalar "a derivative with the wrong sign" (Wrong.Tilted -1.0) [ "derivative" ] (fun c ->
                let loss = Wrong.Tilted -1.0 :> ILoss
                let d = (value loss c 1 - value loss c 0) * (score c 1 - score c 0)

                d * slope loss c 0 < 0.0 || d * slope loss c 1 < 0.0)
            scalar "the value of |r| with the derivative of Cauchy's loss" (Wrong.Museum()) [ "derivative" ] (fun c ->
                let d = (value (Wrong.Museum()) c 1 - value (Wrong.Museum()) c 0) / (score c 1 - score c 0)
                // Cauchy's slope is at most 1/2
                abs d > 0.5 || d * slope (Wrong.Museum()) c 0 <= 0.0 || abs d > abs (slope (Wrong.Museum()) c 0))
            scalar
                "|r| declared to elicit the mean"
                (change (Made.Absolute()) (fun m -> { m with Elicits = "mean" }))
                [ "elicits the mean" ]
                (fun c ->
                    let low, high, w, z = c.Points[0][0], c.Points[1][0], c.Points[2][0], c.Points[3][0]

                    abs (
                        (1.0 - w) * Loss.derivative (Made.Absolute()) low z
                        + w * Loss.derivative (Made.Absolute()) high z
                    )
                        >
                        1e-12)
            scalar "the perceptron's loss declared calibrated" (Wrong.Hinge(0.0, 1.0)) [ "calibrated" ] (fun c ->
                c.Points[0][0] = 0.0)
            scalar "a hinge with the margin's sign lost" (Wrong.Hinge(1.0, -1.0)) [ "margin" ] (fun c ->
                value (Wrong.Hinge(1.0, -1.0)) c 0 <> Math.Max(0.0, 1.0 - c.Label * score c 0))
        ]

    let private classAudits =
        let norm (x: float[]) = sqrt (Array.sumBy (fun v -> v * v) x)

        let gradient (c: Counterexample) i =
            let g = Array.zeroCreate c.Points[i].Length

            let v =
                (MadeMulticlass.right :> IMulticlassGradient).Gradient(int c.Label, ReadOnlySpan c.Points[i], Span g)

            if Double.IsNaN v then [| nan |] else g

        let value (c: Counterexample) i =
            ((MadeMulticlass.right :> IMulticlassLoss).Eval(int c.Label, ReadOnlySpan(Array.map R64 c.Points[i]))).V

        let distance (c: Counterexample) =
            norm (Array.map2 (-) c.Points[1] c.Points[0])

        let declaring edit =
            MadeMulticlass.CrossEntropy(1.0, 1.0, edit)

        [
            multiclass
                "Lipschitz constant of cross-entropy 1"
                (declaring (fun m -> { m with Lipschitz = Nullable 1.0 }))
                lipschitz
                (fun c ->
                    if c.Points.Length = 1 then
                        norm (gradient c 0) > 1.0
                    else
                        abs (value c 1 - value c 0) > distance c)
            multiclass
                "smoothness of cross-entropy times 0.9"
                (declaring (fun m -> { m with Smoothness = Nullable 0.45 }))
                smooth
                (fun c ->
                    c.Points.Length = 1 || norm (Array.map2 (-) (gradient c 1) (gradient c 0)) > 0.45 * distance c)
            multiclass
                "strong convexity of cross-entropy 0.01"
                (declaring (fun m ->
                    { m with
                        StrongConvexity = Nullable 0.01
                    }))
                strong
                (fun c -> c.Found < c.Allowed)
            multiclass
                "exp-concavity of cross-entropy 1.1"
                (declaring (fun m -> { m with ExpConcavity = Nullable 1.1 }))
                concave
                (fun c -> c.Found < c.Allowed)
            multiclass
                "a closed gradient 1e-9 too large"
                (MadeMulticlass.CrossEntropy(1.0 + 1e-9, 1.0, id))
                [ "closed gradient" ]
                (fun c -> norm (gradient c 0) > 0.0)
            multiclass
                "a closed Hessian 1e-9 too large"
                (MadeMulticlass.CrossEntropy(1.0, 1.0 + 1e-9, id))
                [ "closed Hessian" ]
                (fun c -> c.Found > c.Allowed)
        ]

    /// Wrong interval operations against the laws of intervals.
    let private intervals =
        let boxes =
            [
                Ival(-2.0, 1.0)
                Ival(0.0, 1.0)
                Ival(0.1, 2.0)
                Ival(-3.0, -1.0)
                Ival.Point 0.7
            ]

        let truth name =
            IntervalCases.truths |> List.find (fun (n, _, _, _) -> n = name)

        let escapes name op =
            let f = IntervalCases.find name IntervalCases.floats
            boxes |> List.exists (fun x -> not (IntervalLaw.unary op f x))

        let misses name op =
            let _, domain, ulps, gap = truth name

            Seq.init 200 (fun i -> -10.0 + 0.1037 * float i)
            |> Seq.filter domain.Contains
            |> Seq.exists (fun x -> not (IntervalLaw.encloses op gap ulps x))

        let ends f (x: Ival) =
            let a: float = f x.Lo
            let b: float = f x.Hi
            Ival(min a b, max a b)

        [
            Mutant.make "intervals" "exp without outward rounding" (fun () -> misses "exp" (ends Math.Exp))
            Mutant.make "intervals" "x ln x as if it were monotone" (fun () ->
                escapes "x ln x" (ends (fun x -> Scalar.xlogx (max x 0.0))))
            Mutant.make "intervals" "a square from its ends only" (fun () -> escapes "sqr" (ends (fun x -> x * x)))
            Mutant.make "intervals" "|x| from its ends only" (fun () -> escapes "abs" (ends abs))
            Mutant.make "intervals" "softplus without log1p's last digits" (fun () ->
                misses "softplus" (ends (fun x -> Math.Log(1.0 + Math.Exp x))))
            Mutant.make "intervals" "a product rounded to nearest" (fun () ->
                let _, sign = IntervalCases.exact |> List.find (fun (n, _) -> n = "product")

                Seq.init 100 (fun i -> 0.1 + 0.0137 * float i) |> Seq.exists (fun a -> sign (a * a) a a <> 0))
        ]

    /// Wrong searches for constants against the closed forms.
    let private certificates =
        let fine = CertifyOptions.Default
        let unit = Ival(0.0, 1.0)

        /// the largest value on a grid, said to be enclosed
        let grid (_: CertifyOptions) (loss: ILoss) (label: Ival) (score: Ival) =
            let best =
                Array.allPairs (CertifyLaw.points 10 label) (CertifyLaw.points 100 score)
                |> Array.map (fun (y, z) ->
                    let struct (_, _, h) = Loss.jet loss y z
                    abs h)
                |> Array.max

            Ok
                {
                    Low = best
                    High = best
                    Converged = true
                    Boxes = 1100
                }

        /// one box, naively
        let naive (_: CertifyOptions) (loss: ILoss) (label: Ival) (score: Ival) =
            let point x = Ival.Point x
            let h = (loss.Eval(Jet2(label, point 0.0, point 0.0), Jet2(score, point 1.0, point 0.0))).H

            Ok
                {
                    Low = h.Mignitude
                    High = h.Magnitude
                    Converged = true
                    Boxes = 1
                }

        let scaled (search: CertifyLaw.Search) factor options loss label score =
            search options loss label score
            |> Result.map (fun e ->
                { e with
                    Low = factor * e.Low
                    High = factor * e.High
                })

        let survives search loss score truth =
            CertifyLaw.closedForm search fine loss unit score truth

        [
            Mutant.make "certification" "smoothness from a grid" (fun () ->
                not (survives grid (Made.LogCosh()) (Ival(-3.05, 3.0)) 1.0))
            Mutant.make "certification" "smoothness of one box, without bisection" (fun () ->
                not (survives naive (BinaryCrossEntropy()) (Ival(-3.0, 3.0)) 0.25))
            Mutant.make "certification" "smoothness times 0.9" (fun () ->
                not (survives (scaled Certify.smoothness 0.9) (BinaryCrossEntropy()) (Ival(-3.0, 3.0)) 0.25))
            Mutant.make "certification" "exp-concavity times 1.1" (fun () ->
                not (survives (scaled Certify.expConcavity 1.1) (Squared()) unit 0.5))
            Mutant.make "certification" "growth of the square in the convention of its half" (fun () ->
                not (survives (scaled Certify.quadraticGrowth 0.5) (Squared()) (Ival(-2.0, 2.0)) 2.0))
            for name, edit in
                [
                    "Lipschitz",
                    (fun m ->
                        { m with
                            LossMetadata.Lipschitz = Nullable 1.1
                        })
                    "smoothness", (fun m -> { m with Smoothness = Nullable 0.275 })
                    "strong convexity",
                    (fun m ->
                        { m with
                            StrongConvexity = Nullable -0.05
                        })
                    "infimum", (fun m -> { m with Infimum = Nullable -0.1 })
                ] do
                Mutant.make "certification" $"a declared {name} that wide boxes do not come near" (fun () ->
                    not (List.isEmpty (GenericLaw.notApproached (change bce edit) 400)))
            for name, edit in
                [
                    "Lipschitz",
                    (fun m ->
                        { m with
                            LossMetadata.Lipschitz = Nullable 0.9
                        })
                    "smoothness", (fun m -> { m with Smoothness = Nullable 0.225 })
                    "strong convexity",
                    (fun m ->
                        { m with
                            StrongConvexity = Nullable 0.01
                        })
                    "infimum", (fun m -> { m with Infimum = Nullable 0.1 })
                    "supremum", (fun m -> { m with Supremum = Nullable 3.0 })
                ] do
                Mutant.make "certification" $"a declared {name} that growing boxes pass" (fun () ->
                    not (List.isEmpty (GenericLaw.against (change bce edit))))
        ]

    let all: Mutant list = List.concat [ audits; classAudits; intervals; certificates ]

/// The unchanged losses of the mutants.
[<Category("generic")>]
type AuditorControls() =
    [<Test>]
    member _.``The class loss whose wrong variants are mutants withstands the audit, closed forms included``() =
        let report = LossAuditor.Check(MadeMulticlass.right, 20_261_125UL)
        Assert.That(report.Holds, string report)

    [<Test>]
    member _.``A hinge with margin 1 withstands the audit, calibration included``() =
        let report = LossAuditor.Check(Wrong.Hinge(1.0, 1.0), 20_261_125UL)
        Assert.That(report.Holds, string report)
        Assert.That(report.Findings |> Array.exists (fun f -> f.Property = "calibrated"), string report)

    [<Test>]
    member _.``A counterexample is shrunk: the infimum of the square is refuted at a short label and score``() =
        let loss =
            Declaring(
                Squared(),
                { (Squared() :> ILoss).Metadata with
                    Infimum = Nullable 0.1
                }
            )

        let finding =
            (LossAuditor.Check(loss, 20_261_125UL)).Failures |> Array.find (fun f -> f.Property = "infimum")

        let c = finding.Counterexample.Value
        TestContext.Out.WriteLine(string c)
        Assert.That(c.Points[0][0], Is.EqualTo c.Label)
        Assert.That((string c.Label).Length, Is.LessThan 4)
