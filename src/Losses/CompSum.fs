namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Constants and declarations, in floats: the operators are shadowed below.
module private CompSumFacts =
    /// sup over s in (0,1) of s^(tau-1) (1-s)
    let steepest tau =
        if tau < 1.0 then nan
        elif tau = 1.0 then 1.0
        else ((tau - 1.0) / tau) ** (tau - 1.0) / tau

    /// sup over s in (0,1) of s^(tau-1) (1-s) |tau s - (tau-1)|: the second derivative of the binary form. The derivative in s vanishes at the roots of a quadratic.
    let mostCurved tau =
        if tau < 1.0 then
            nan
        elif tau = 1.0 then
            0.25
        else
            let b = tau - 1.0
            let square = tau * tau + tau
            let linear = tau * (2.0 * b + 1.0)
            let root = sqrt (linear * linear - 4.0 * square * b * b)

            [ (linear + root) / (2.0 * square); (2.0 * b * b) / (linear + root) ]
            |> List.map (fun s -> abs (s ** b * (1.0 - s) * (tau * s - b)))
            |> List.max

    let known x =
        if Double.IsFinite x then Nullable x else Nullable()

    let supremum tau =
        if tau > 1.0 then
            Nullable(1.0 / (tau - 1.0))
        else
            Nullable()

    let expConcavity tau =
        if tau >= 1.0 && tau < 2.0 then
            Nullable(2.0 - tau)
        else
            Nullable()

    let common name tau source =
        { LossMetadata.Default with
            Name = name
            Convex = tau <= 1.0
            Infimum = Nullable 0.0
            Supremum = supremum tau
            StrongConvexity = if tau <= 1.0 then Nullable 0.0 else Nullable()
            ExpConcavity = expConcavity tau
            Mixability = if tau = 1.0 then Nullable 1.0 else Nullable()
            Calibrated = Nullable true
            Source = source
        }

    let metadata name tau source =
        { common name tau source with
            Label = Domain.NonNegative
            Link = Link.Softmax
            Lipschitz = known (sqrt 2.0 * steepest tau)
            Smoothness = known (2.0 * mostCurved tau)
            Elicits = if tau = 1.0 then "class probabilities" else ""
        }

    let binary name tau source =
        { common name tau source with
            Label = Domain.Signs
            Link = Link.Logit
            Lipschitz = known (steepest tau)
            Smoothness = known (mostCurved tau)
            Elicits = if tau = 1.0 then "log-odds" else ""
        }

    let squared =
        { metadata "SquaredSoftmaxAbsoluteError" 2.0 "the square of the mean absolute error; constants derived here" with
            Lipschitz = Nullable(sqrt 2.0 * 8.0 / 27.0)
            Smoothness = Nullable()
            ExpConcavity = Nullable()
        }

    let paper = "Cross-entropy loss functions (arXiv 2304.07288), comp-sum losses; constants derived here"

    let plusOne (x: float) = 1.0 + x

open Hindsight.FSharp.Ops

/// Phi^tau as a function of the surprisal ln(1+u), and its slope.
module private Power =
    /// (e^(c a) - 1)/c, c = 1 - tau
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let value<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (a: 'T) : 'T =
        if tau = 1.0 then
            a
        else
            let c = 'T.Const 1.0 - 'T.Const tau
            'T.Expm1(c * a) / c

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let slope<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (a: 'T) : 'T =
        if tau = 1.0 then
            'T.Const 1.0
        else
            'T.Exp(('T.Const 1.0 - 'T.Const tau) * a)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let pair<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (a: 'T) : struct ('T * 'T) =
        if tau = 1.0 then
            struct (a, 'T.Const 1.0)
        else
            let c = 'T.Const 1.0 - 'T.Const tau
            let struct (less, e) = 'T.Expm1Exp(c * a)
            struct (less / c, e)

[<Struct; NoComparison; NoEquality>]
type CompSum =
    val Tau: float

    new(tau) =
        {
            Tau = Require.nonNegative "tau" tau |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = CompSumFacts.metadata "CompSum" this.Tau CompSumFacts.paper

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
        member this.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = Power.value this.Tau surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            Power.slope this.Tau surprisal

[<Struct; NoComparison; NoEquality>]
type CrossEntropy =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { CompSumFacts.metadata "CrossEntropy" 1.0 "definition" with
                Elicits = "class probabilities"
            }

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
        member _.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const 1.0

[<Struct; NoComparison; NoEquality>]
type GeneralizedCrossEntropy =
    val Q: float

    new(q) =
        {
            Q = Require.inside "q" Domain.Unit q |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            CompSumFacts.metadata
                "GeneralizedCrossEntropy"
                (CompSumFacts.plusOne this.Q)
                "Generalized cross entropy loss (Zhang and Sabuncu 2018), from memory; comp-sum with tau = 1 + q"

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
                surprisal
            else
                (-('T.Expm1((-('T.Const this.Q)) * surprisal))) / 'T.Const this.Q

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            'T.Exp((-('T.Const this.Q)) * surprisal)

[<Struct; NoComparison; NoEquality>]
type SoftmaxAbsoluteError =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            CompSumFacts.metadata
                "SoftmaxAbsoluteError"
                2.0
                "mean absolute error between one-hot label and softmax, halved; comp-sum with tau = 2"

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
        member _.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = -('T.Expm1(-surprisal))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = 'T.Exp(-surprisal)

[<Struct; NoComparison; NoEquality>]
type SumExponential =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member _.Metadata = CompSumFacts.metadata "SumExponential" 0.0 "comp-sum with tau = 0"

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
        member _.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = 'T.Expm1 surprisal

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = 'T.Exp surprisal

[<Struct; NoComparison; NoEquality>]
type SquaredSoftmaxAbsoluteError =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.eval this label scores

        member this.Accept visitor = visitor.Visit this

        member _.Metadata = CompSumFacts.squared

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
        member _.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = 'T.Sqr('T.Expm1(-surprisal))

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T =
            'T.Const -2.0 * ('T.Expm1(-surprisal) * 'T.Exp(-surprisal))

/// Functions of a margin whose slope and curvature have stable forms of their own.
module private PowerOfMargin =
    /// -e^(c L) s(-m), L = ln(1 + e^-m), c = 1 - tau; its slope e^(c L) s(-m) (tanh(m/2) + (2 - tau) s(-m))
    [<Struct; NoComparison; NoEquality>]
    type Slope(tau: float) =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (surprisal, wrong, _) = 'T.SoftplusSigmas(-margin)
                -(Power.slope tau surprisal * wrong)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (surprisal, wrong, right) = 'T.SoftplusSigmas(-margin)

                // s(m) + c s(-m) = tanh(m/2) + (2 - tau) s(-m): each cancels where the other does not
                let factor =
                    if tau <= 1.5 then
                        right + ('T.Const 1.0 - 'T.Const tau) * wrong
                    else
                        'T.Tanh('T.Const 0.5 * margin) + ('T.Const 2.0 - 'T.Const tau) * wrong

                Power.slope tau surprisal * wrong * factor

    /// (e^(c L) - 1)/c
    [<Struct; NoComparison; NoEquality>]
    type Value(tau: float) =
        interface IPairedFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Pair<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : struct ('T * 'T) =
                let struct (surprisal, wrong, _) = 'T.SoftplusSigmas(-margin)
                let struct (value, slope) = Power.pair tau surprisal
                struct (value, -(slope * wrong))

        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                Power.value tau ('T.Softplus(-margin))

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(Slope tau, margin)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let phi<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (margin: 'T) : 'T =
        if tau = 0.0 then
            'T.Exp(-margin)
        else
            let struct (value, _) = 'T.ApplyPair(Value tau, margin)
            value

/// tau = 1.5, where the power is a square root: with s = s(m), t = s(-m) and r = sqrt s the loss is 2 (1 - r) = 2 t/(1 + r). All come from e^(-|m|/2), so that r does not
/// underflow before it has to.
module private RootOfMargin =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let parts<'T when 'T :> IReal<'T> and 'T: struct> (margin: 'T) : struct ('T * 'T * 'T) =
        let half = 'T.Exp('T.Const -0.5 * 'T.Abs margin)
        let whole = half * half
        let large = 'T.Const 1.0 / ('T.Const 1.0 + whole)
        let small = whole * large
        let root = 'T.Sqrt large

        struct ('T.Select(margin, large, small), 'T.Select(margin, small, large), 'T.Select(margin, root, half * root))

    /// -t r; its slope t r (s - t/2)
    [<Struct; NoComparison; NoEquality>]
    type Slope =
        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (_, t, r) = parts margin
                -(t * r)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (s, t, r) = parts margin
                t * r * (s - 'T.Const 0.5 * t)

    [<Struct; NoComparison; NoEquality>]
    type Value =
        interface IPairedFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Pair<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : struct ('T * 'T) =
                let struct (_, t, r) = parts margin
                struct ((t + t) / ('T.Const 1.0 + r), -(t * r))

        interface IScalarFunction with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T =
                let struct (_, t, r) = parts margin
                (t + t) / ('T.Const 1.0 + r)

            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = 'T.Apply(Slope(), margin)

/// What kernels are specialised for in place of <c>BinaryCompSum 1.5</c>.
[<Struct; NoComparison; NoEquality>]
type internal BinaryCompSumRoot =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            let struct (value, _) = 'T.ApplyPair(RootOfMargin.Value(), label * score)
            value

        member this.Accept visitor = visitor.Visit this
        member _.Metadata = CompSumFacts.binary "BinaryCompSum" 1.5 CompSumFacts.paper

[<Struct; NoComparison; NoEquality>]
type BinaryCompSum =
    val Tau: float

    new(tau) =
        {
            Tau = Require.nonNegative "tau" tau |> Require.ok
        }

    interface IMarginLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = PowerOfMargin.phi this.Tau margin

    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            PowerOfMargin.phi this.Tau (label * score)

        // one parameter has a form of its own that is several times as fast
        member this.Accept visitor =
            if this.Tau = 1.5 then
                visitor.Visit(BinaryCompSumRoot())
            else
                visitor.Visit this

        member this.Metadata = CompSumFacts.binary "BinaryCompSum" this.Tau CompSumFacts.paper

namespace Hindsight.FSharp

open System
open System.Runtime.CompilerServices
open Hindsight

module private PowerOfSum =
    open Hindsight.FSharp.Ops

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let phi<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (u: 'T) : 'T = Power.value tau ('T.Log1p u)

[<RequireQualifiedAccess>]
module CompSumLosses =
    let phi<'T when 'T :> IReal<'T> and 'T: struct> (tau: float) (u: 'T) : 'T = PowerOfSum.phi tau u

    let phiSlope tau u = Math.Exp(-tau * Scalar.log1p u)

    let private tau =
        LossEntry.parameter
            "tau"
            "exponent: 0 sum-exponential, 1 cross-entropy, between 1 and 2 generalized cross-entropy, 2 mean absolute error"
            1.0
            Domain.NonNegative
            (Domain.Closed(0.0, 3.0))

    let private q =
        LossEntry.parameter "q" "0 cross-entropy, 1 mean absolute error" 0.7 Domain.Unit (Domain.Closed(0.0, 1.0))

    let entries =
        [|
            LossEntry.multiclass "comp-sum" "comp-sum" [| tau |] (fun p -> CompSum p[0])
            LossEntry.multiclass "cross-entropy" "comp-sum" [||] (fun _ -> CrossEntropy())
            LossEntry.multiclass "generalized-cross-entropy" "comp-sum" [| q |] (fun p -> GeneralizedCrossEntropy p[0])
            LossEntry.multiclass "softmax-absolute-error" "comp-sum" [||] (fun _ -> SoftmaxAbsoluteError())
            LossEntry.multiclass "sum-exponential" "comp-sum" [||] (fun _ -> SumExponential())
            LossEntry.multiclass "squared-softmax-absolute-error" "comp-sum" [||] (fun _ ->
                SquaredSoftmaxAbsoluteError())
            LossEntry.scalar "binary-comp-sum" "comp-sum" [| tau |] (fun p -> BinaryCompSum p[0])
        |]
