namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Declarations and range checks, in floats: the operators are shadowed below.
module private FocalFacts =
    let robust name supremum source =
        { LossMetadata.Default with
            Name = name
            Label = Domain.NonNegative
            Link = Link.Softmax
            Convex = false
            Infimum = Nullable 0.0
            Supremum = supremum
            Calibrated = Nullable true
            Source = source
        }

    let focal gamma =
        if gamma = 0.0 then
            { (CrossEntropy() :> IMulticlassLoss).Metadata with
                Name = "Focal"
            }
        else
            robust
                "Focal"
                (Nullable())
                "Focal loss for dense object detection (Lin et al. 2017), from memory; the author code of EnsLoss"

    let reverse name scale =
        { (SoftmaxAbsoluteError() :> IMulticlassLoss).Metadata with
            Name = name
            Lipschitz = Nullable(scale * sqrt 2.0 / 4.0)
            Smoothness = Nullable(scale / (3.0 * sqrt 3.0))
            Supremum = Nullable scale
            Infimum = Nullable 0.0
            Source = "Symmetric cross entropy (Wang et al. 2019), from memory; constants derived here"
        }

    let symmetric mix scale =
        robust
            "SymmetricCrossEntropy"
            (if mix = 1.0 then Nullable scale else Nullable())
            "Symmetric cross entropy (Wang et al. 2019) in the weights of the author code of LDR losses"

    let unhinged a q =
        robust
            "AsymmetricUnhinged"
            (Nullable((a - 1.0) ** q * Scalar.expm1 (q * Scalar.log1p (1.0 / (a - 1.0))) / q))
            "Asymmetric loss functions (Zhou et al. 2021), form of the author code of LDR losses; calibration derived here"

    let agce a q =
        robust
            "AsymmetricGce"
            (Nullable(-((a + 1.0) ** q) * Scalar.expm1 (q * Scalar.log1p (-1.0 / (a + 1.0))) / q))
            "Asymmetric loss functions (Zhou et al. 2021), form of the author code of LDR losses; calibration derived here"

    let truncatedSupremum q k =
        if k = 0.0 then
            (if q = 0.0 then Nullable() else Nullable(1.0 / q))
        elif q = 0.0 then
            Nullable(-(log k))
        else
            Nullable(-(Scalar.expm1 (q * log k)) / q)

    let truncated q k =
        { robust
              "TruncatedGce"
              (truncatedSupremum q k)
              "Generalized cross entropy loss (Zhang and Sabuncu 2018), form of the author code of LDR losses; calibration derived here" with
            Continuity = if k = 0.0 then 2 else 0
            Convex = (q = 0.0 && k = 0.0)
        }

    let jensenShannon pi =
        robust
            "JensenShannon"
            (if pi = 0.0 then
                 Nullable()
             else
                 let c = 1.0 - pi
                 Nullable(1.0 + pi * log pi / (c * Scalar.log1p -pi)))
            "Generalized Jensen-Shannon divergence loss (Englesson and Azizpour 2021), form of the author code of LDR losses; stable form derived here"
        |> fun m -> { m with Convex = (pi = 0.0) }

    let normalized =
        { robust "NormalizedCrossEntropy" (Nullable 1.0) "Normalized loss functions (Ma et al. 2020), from memory" with
            Calibrated = Nullable()
        }

    let above low = { Domain.Reals with Low = low }

    let minusOne (x: float) = x - 1.0
    let last length = length - 1

/// Normalised cross-entropy in floats: A/(A + O), A the label's surprisal and O the sum of the others'.
module private Normalized =
    /// The index of a largest score and the sum over all others of e^(z_k - top).
    let tail (scores: ReadOnlySpan<float>) : struct (int * float) =
        let mutable best = 0

        for k in 1 .. scores.Length - 1 do
            if scores[k] > scores[best] then
                best <- k

        let mutable sum = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> best then
                sum <- sum + Math.Exp(scores[k] - scores[best])

        struct (best, sum)

    /// A and O.
    let surprisals label (scores: ReadOnlySpan<float>) best tail : struct (float * float) =
        let rest = Scalar.log1p tail
        let mutable others = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                others <- others + ((scores[best] - scores[k]) + rest)

        struct ((scores[best] - scores[label]) + rest, others)

    /// O a_k - A o_k for the derivatives a = s - e_y and o = (n-1) s - 1 + e_y of A and O: n = 2 has no terms of opposite sign.
    let slope n label k best tail (a: float) (o: float) s =
        let missing = if k = best then tail / (1.0 + tail) else 1.0 - s

        if k = label then
            -(o * missing + a * (n - 1.0) * s)
        else
            o * s + a * missing - (n - 2.0) * a * s

    let gradient label (scores: ReadOnlySpan<float>) (gradient: Span<float>) =
        let struct (best, tail) = tail scores
        let struct (a, o) = surprisals label scores best tail
        let n = float scores.Length
        let sum = a + o
        let top = scores[best]

        for k in 0 .. scores.Length - 1 do
            let s = Math.Exp(scores[k] - top) / (1.0 + tail)
            gradient[k] <- slope n label k best tail a o s / sum / sum

        a / sum

    let gradientSingle label (scores: ReadOnlySpan<float32>) (gradient: Span<float32>) =
        let mutable best = 0

        for k in 1 .. scores.Length - 1 do
            if scores[k] > scores[best] then
                best <- k

        let top = float scores[best]
        let mutable tail = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> best then
                tail <- tail + Math.Exp(float scores[k] - top)

        let rest = Scalar.log1p tail
        let mutable o = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                o <- o + ((top - float scores[k]) + rest)

        let a = (top - float scores[label]) + rest
        let n = float scores.Length
        let sum = a + o

        for k in 0 .. scores.Length - 1 do
            let s = Math.Exp(float scores[k] - top) / (1.0 + tail)
            gradient[k] <- float32 (slope n label k best tail a o s / sum / sum)

        float32 (a / sum)

    let hessianVector label (scores: ReadOnlySpan<float>) (direction: ReadOnlySpan<float>) (result: Span<float>) =
        let struct (best, tail) = tail scores
        let struct (a, o) = surprisals label scores best tail
        let n = float scores.Length
        let sum = a + o
        let top = scores[best]
        // the surprisal of class k changes by along - (v_k - v_best): the differences keep their accuracy where one class dominates
        let mutable along = 0.0

        for k in 0 .. scores.Length - 1 do
            along <- along + Math.Exp(scores[k] - top) / (1.0 + tail) * (direction[k] - direction[best])

        let mutable alongOthers = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                alongOthers <- alongOthers + (along - (direction[k] - direction[best]))

        let alongOwn = along - (direction[label] - direction[best])

        for k in 0 .. scores.Length - 1 do
            let s = Math.Exp(scores[k] - top) / (1.0 + tail)
            let missing = if k = best then tail / (1.0 + tail) else 1.0 - s
            let turn = -s * (along - (direction[k] - direction[best]))
            let ownSlope = if k = label then -missing else s
            let othersSlope = if k = label then (n - 1.0) * s else (n - 2.0) * s - missing

            result[k] <-
                (alongOthers * ownSlope - alongOwn * othersSlope + (o - (n - 1.0) * a) * turn
                 - 2.0 * (alongOwn + alongOthers) / sum * slope n label k best tail a o s)
                / sum
                / sum

open Hindsight.FSharp.Ops

module private Outer =
    /// 1 - p from the surprisal A = -ln p.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let missing<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) : 'T = -('T.Expm1(-a))

    /// 1 - p, kept away from 0, where a power below one has no derivative.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let missingClamped<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) : 'T =
        'T.Max(missing a, 'T.Const 2.2250738585072014e-308)

    /// (1-p)^gamma A
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let focal<'T when 'T :> IReal<'T> and 'T: struct> (gamma: float) (a: 'T) : 'T = 'T.Pow(missing a, gamma) * a

    /// (1-p)^gamma (1 + gamma p A/(1-p)); A/(1-p) tends to 1
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let focalSlope<'T when 'T :> IReal<'T> and 'T: struct> (gamma: float) (a: 'T) : 'T =
        let a = 'T.Max(a, 'T.Const 2.2250738585072014e-308)
        let q = missingClamped a
        'T.Pow(q, gamma) * ('T.Const 1.0 + 'T.Const gamma * 'T.Exp(-a) * (a / q))

    /// (b^q)((1 + w/b)^q - 1)/q with w = 1 - p, b of either sign: both asymmetric losses
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let power<'T when 'T :> IReal<'T> and 'T: struct> (scale: 'T) (ratio: 'T) (q: float) : 'T =
        'T.Pow(scale, q) * 'T.Expm1('T.Const q * 'T.Log1p ratio) / 'T.Const q

    /// w + D/(-c ln c), w = 1-p, c = 1-pi, m = p + pi w, D = -c p A - m ln m. For small pi and p >= pi, D is pi A - m ln(1 + pi w/p), where nothing of order 1 cancels.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let jensenShannon<'T when 'T :> IReal<'T> and 'T: struct> (weight: float) (a: 'T) : 'T =
        let pi = 'T.Const weight
        let c = 'T.Const 1.0 - pi
        // p A tends to 0
        let a = 'T.Min(a, 'T.Const 1e5)
        let entropy = -('T.Log1p(-pi))
        let p = 'T.Exp(-a)
        let w = missing a
        let m = p + pi * w

        let difference =
            if weight > 0.5 then
                -(c * p * a) - m * 'T.Log1p(-(c * w))
            else
                let near = pi * a - m * 'T.Log1p(pi * w / 'T.Max(p, pi))
                'T.Select(p - pi, near, -(c * p * a) - m * 'T.Log m)

        w + difference / (c * entropy)

    /// p ln(1 + pi/(c p))/(-ln c)
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let jensenShannonSlope<'T when 'T :> IReal<'T> and 'T: struct> (pi: float) (a: 'T) : 'T =
        let pi = 'T.Const pi
        let c = 'T.Const 1.0 - pi
        // p A tends to 0
        let a = 'T.Min(a, 'T.Const 1e5)
        let entropy = -('T.Log1p(-pi))
        let p = 'T.Exp(-a)
        let near = 'T.Log1p(pi / (c * 'T.Max(p, pi)))
        let far = a + entropy + 'T.Log(p + pi * missing a)
        p * ('T.Select(p - pi, near, far) / entropy)

[<Struct; NoComparison; NoEquality>]
type Focal =
    val Gamma: float

    new(gamma) =
        {
            Gamma = Require.nonNegative "gamma" gamma |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.focal this.Gamma

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = Outer.focal this.Gamma surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            Outer.focalSlope this.Gamma surprisal

[<Struct; NoComparison; NoEquality>]
type ReverseCrossEntropy =
    val Scale: float

    new(scale) =
        {
            Scale = Require.positive "scale" scale |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.reverse "ReverseCrossEntropy" this.Scale

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            'T.Const this.Scale * Outer.missing surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            'T.Const this.Scale * 'T.Exp(-surprisal)

[<Struct; NoComparison; NoEquality>]
type SymmetricCrossEntropy =
    val Mix: float
    val Scale: float

    new(mix, scale) =
        {
            Mix = Require.inside "mix" Domain.Unit mix |> Require.ok
            Scale = Require.positive "scale" scale |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.symmetric this.Mix this.Scale

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            ('T.Const 1.0 - 'T.Const this.Mix) * surprisal
            + 'T.Const this.Mix * 'T.Const this.Scale * Outer.missing surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            ('T.Const 1.0 - 'T.Const this.Mix) + 'T.Const this.Mix * 'T.Const this.Scale * 'T.Exp(-surprisal)

[<Struct; NoComparison; NoEquality>]
type AsymmetricUnhinged =
    val A: float
    val Q: float

    new(a, q) =
        {
            A = Require.inside "a" (FocalFacts.above 1.0) a |> Require.ok
            Q = Require.positive "q" q |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.unhinged this.A this.Q

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Q = 0.0 then
                Outer.missing surprisal
            else
                let b = 'T.Const this.A - 'T.Const 1.0
                Outer.power b (Outer.missing surprisal / b) this.Q

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Q = 0.0 then
                'T.Exp(-surprisal)
            else
                'T.Pow(('T.Const this.A - 'T.Const 1.0) + Outer.missing surprisal, FocalFacts.minusOne this.Q)
                * 'T.Exp(-surprisal)

[<Struct; NoComparison; NoEquality>]
type AsymmetricGce =
    val A: float
    val Q: float

    new(a, q) =
        {
            A = Require.positive "a" a |> Require.ok
            Q = Require.positive "q" q |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.agce this.A this.Q

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Q = 0.0 then
                Outer.missing surprisal
            else
                let b = 'T.Const this.A + 'T.Const 1.0
                -(Outer.power b (-(Outer.missing surprisal / b)) this.Q)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Q = 0.0 then
                'T.Exp(-surprisal)
            else
                'T.Pow('T.Const this.A + 'T.Exp(-surprisal), FocalFacts.minusOne this.Q) * 'T.Exp(-surprisal)

[<Struct; NoComparison; NoEquality>]
type TruncatedGce =
    val Q: float
    val Threshold: float

    new(q, threshold) =
        {
            Q = Require.inside "q" Domain.Unit q |> Require.ok
            Threshold = Require.inside "threshold" { Domain.Unit with HighClosed = false } threshold |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.truncated this.Q this.Threshold

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            let a =
                if this.Threshold = 0.0 then
                    surprisal
                else
                    'T.Min(surprisal, -('T.Log('T.Const this.Threshold)))

            if this.Q = 0.0 then
                a
            else
                (-('T.Expm1(-('T.Const this.Q * a)))) / 'T.Const this.Q

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            let slope = 'T.Exp(-('T.Const this.Q * surprisal))

            if this.Threshold = 0.0 then
                slope
            else
                'T.Select(-('T.Log('T.Const this.Threshold)) - surprisal, slope, 'T.Const 0.0)

[<Struct; NoComparison; NoEquality>]
type JensenShannon =
    val Pi: float

    new(pi) =
        {
            Pi = Require.inside "pi" { Domain.Unit with HighClosed = false } pi |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = FocalFacts.jensenShannon this.Pi

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Softmax.gradient this label scores gradient

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Softmax.gradientSingle this label scores gradient

        member this.HessianVector(label, scores, direction, result) =
            Softmax.hessianVector this label scores direction result

    interface ISoftmaxLoss with
        member this.AcceptSoftmax visitor = visitor.Visit this
        member _.Temperature = 1.0
        member _.Margin = 0.0
        member _.Shift _ = 0.0

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Pi = 0.0 then
                surprisal
            else
                Outer.jensenShannon this.Pi surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            if this.Pi = 0.0 then
                'T.Const 1.0
            else
                Outer.jensenShannonSlope this.Pi surprisal

/// r/(1+r), r >= 0.
[<Struct; NoComparison; NoEquality>]
type private Share =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T = r / ('T.Const 1.0 + r)

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(r: 'T) : 'T =
            'T.Sqr('T.Const 1.0 / ('T.Const 1.0 + r))

[<Struct; NoComparison; NoEquality>]
type NormalizedCrossEntropy =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            // the largest score so far, and the sum of e^(z_k - top) over all others
            let mutable top = scores[0]
            let mutable tail = 'T.Const 0.0

            for k in 1 .. FocalFacts.last scores.Length do
                let d = scores[k] - top
                let e = 'T.Exp(-('T.Abs d))
                tail <- 'T.Select(d, (tail + 'T.Const 1.0) * e, tail + e)
                top <- 'T.Max(scores[k], top)

            let rest = 'T.Log1p tail
            let mutable others = 'T.Const 0.0

            for k in 0 .. FocalFacts.last scores.Length do
                if k <> label then
                    others <- others + ((top - scores[k]) + rest)

            'T.Apply(Share(), ((top - scores[label]) + rest) / 'T.Max(others, 'T.Const 1e-100))

        member this.Accept visitor = visitor.Visit this

        member _.Metadata = FocalFacts.normalized

    interface IMulticlassGradient with
        member _.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Normalized.gradient label scores gradient

        member _.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            Normalized.gradientSingle label scores gradient

        member _.HessianVector(label, scores, direction, result) =
            Normalized.hessianVector label scores direction result

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module FocalLosses =
    let private recovery gamma v =
        if v <= 0.0 then
            0.0
        elif v >= 1.0 then
            infinity
        else
            let w = 1.0 - v
            v / (w ** gamma - gamma * w ** (gamma - 1.0) * v * log v)

    let recoverPosterior gamma (probabilities: float[]) =
        result {
            let! gamma = Require.nonNegative "gamma" gamma

            let! probabilities = ClassDistribution.require "probabilities" probabilities

            // a class with all the mass keeps it
            match Array.tryFindIndex (fun v -> v >= 1.0) probabilities with
            | Some sure -> return probabilities |> Array.mapi (fun k _ -> if k = sure then 1.0 else 0.0)
            | None ->
                let h = probabilities |> Array.map (recovery gamma)
                let sum = Array.sum h
                return h |> Array.map (fun x -> x / sum)
        }

    let private parameter name meaning value allowed low high =
        LossEntry.parameter name meaning value allowed (Domain.Closed(low, high))

    let entries =
        let halfOpen = { Domain.Unit with HighClosed = false }

        [|
            LossEntry.multiclass
                "focal"
                "focal"
                [|
                    parameter
                        "gamma"
                        "how much less the well classified weigh; 0 is cross-entropy"
                        2.0
                        Domain.NonNegative
                        0.0
                        5.0
                |]
                (fun p -> Focal p[0])
            LossEntry.multiclass
                "reverse-cross-entropy"
                "focal"
                [|
                    parameter "scale" "minus the logarithm that stands for ln 0" 4.0 Domain.Positive 0.5 10.0
                |]
                (fun p -> ReverseCrossEntropy p[0])
            LossEntry.multiclass
                "symmetric-cross-entropy"
                "focal"
                [|
                    parameter "mix" "share of the reverse cross-entropy" 0.5 Domain.Unit 0.0 1.0
                    parameter "scale" "minus the logarithm that stands for ln 0" 4.0 Domain.Positive 0.5 10.0
                |]
                (fun p -> SymmetricCrossEntropy(p[0], p[1]))
            LossEntry.multiclass "normalized-cross-entropy" "focal" [||] (fun _ -> NormalizedCrossEntropy())
            LossEntry.multiclass
                "asymmetric-unhinged"
                "focal"
                [|
                    parameter "a" "offset, above 1" 1.5 (Domain.Open(1.0, infinity)) 1.01 6.0
                    parameter "q" "power" 0.9 Domain.Positive 0.1 4.0
                |]
                (fun p -> AsymmetricUnhinged(p[0], p[1]))
            LossEntry.multiclass
                "asymmetric-generalized-cross-entropy"
                "focal"
                [|
                    parameter "a" "offset" 1.0 Domain.Positive 0.01 6.0
                    parameter "q" "power" 0.5 Domain.Positive 0.1 4.0
                |]
                (fun p -> AsymmetricGce(p[0], p[1]))
            LossEntry.multiclass
                "truncated-generalized-cross-entropy"
                "focal"
                [|
                    parameter "q" "0 cross-entropy, 1 mean absolute error" 0.7 Domain.Unit 0.0 1.0
                    parameter
                        "threshold"
                        "probability of the label below which the loss is constant; 0 for none"
                        0.5
                        halfOpen
                        0.0
                        0.9
                |]
                (fun p -> TruncatedGce(p[0], p[1]))
            LossEntry.multiclass
                "jensen-shannon"
                "focal"
                [|
                    parameter
                        "pi"
                        "weight of the label in the mixture; towards 0 cross-entropy, towards 1 mean absolute error"
                        0.5
                        halfOpen
                        0.02
                        0.98
                |]
                (fun p -> JensenShannon p[0])
        |]
