namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

type IMarginFunction =
    inherit IScalarFunction
    abstract Name: string
    abstract Convex: bool
    abstract Continuity: int

module private Structured =
    let metadata structure name convex continuity calibrated source =
        { LossMetadata.Default with
            Name = $"{structure}{name}"
            Label = Domain.NonNegative
            Convex = convex
            Continuity = continuity
            Infimum = Nullable 0.0
            StrongConvexity = if convex then Nullable 0.0 else Nullable()
            Calibrated = calibrated
            Source = source
        }

    let last length = length - 1

/// Functions of the margin and the definitions, over any scalar.
module private Define =
    open Hindsight.FSharp.Ops

    /// (1 - m)_+
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let shortfall<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T) : 'T = 'T.Max('T.Const 0.0, 'T.Const 1.0 - m)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let hingeSlope<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T) : 'T =
        'T.Select(m - 'T.Const 1.0, 'T.Const 0.0, 'T.Const -1.0)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let squaredHinge<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T) : 'T = 'T.Sqr(shortfall m)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let squaredHingeSlope<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T) : 'T = 'T.Const -2.0 * shortfall m

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let exponential<'T when 'T :> IReal<'T> and 'T: struct> (m: 'T) : 'T = 'T.Exp(-m)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let ramp<'T when 'T :> IReal<'T> and 'T: struct> (rho: float) (m: 'T) : 'T =
        'T.Min('T.Const 1.0, 'T.Max('T.Const 0.0, 'T.Const 1.0 - m / 'T.Const rho))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let rampSlope<'T when 'T :> IReal<'T> and 'T: struct> (rho: float) (m: 'T) : 'T =
        let inside = 'T.Const -1.0 / 'T.Const rho
        'T.Select(m, 'T.Select(m - 'T.Const rho, 'T.Const 0.0, inside), 'T.Const 0.0)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let constrained<'F, 'T when 'F :> IMarginFunction and 'F: struct and 'T :> IReal<'T> and 'T: struct>
        (phi: 'F)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let mutable sum = 'T.Const 0.0

        for k in 0 .. Structured.last scores.Length do
            sum <- sum + scores[k]

        let mean = sum / 'T.Const(float scores.Length)
        let mutable total = 'T.Const 0.0

        for k in 0 .. Structured.last scores.Length do
            if k <> label then
                total <- total + 'T.Apply(phi, mean - scores[k])

        total

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let sum<'F, 'T when 'F :> IMarginFunction and 'F: struct and 'T :> IReal<'T> and 'T: struct>
        (phi: 'F)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let mutable total = 'T.Const 0.0

        for k in 0 .. Structured.last scores.Length do
            if k <> label then
                total <- total + 'T.Apply(phi, scores[label] - scores[k])

        total

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let max<'F, 'T when 'F :> IMarginFunction and 'F: struct and 'T :> IReal<'T> and 'T: struct>
        (phi: 'F)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let mutable rival = scores[if label = 0 then 1 else 0]

        for k in 0 .. Structured.last scores.Length do
            if k <> label then
                rival <- 'T.Max(rival, scores[k])

        'T.Apply(phi, scores[label] - rival)

[<Struct; NoComparison; NoEquality>]
type HingeFunction =
    interface IMarginFunction with
        member _.Name = "Hinge"
        member _.Convex = true
        member _.Continuity = 0

    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value m = Define.shortfall m

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope m = Define.hingeSlope m

[<Struct; NoComparison; NoEquality>]
type SquaredHingeFunction =
    interface IMarginFunction with
        member _.Name = "SquaredHinge"
        member _.Convex = true
        member _.Continuity = 1

    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value m = Define.squaredHinge m

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope m = Define.squaredHingeSlope m

[<Struct; NoComparison; NoEquality>]
type ExponentialFunction =
    interface IMarginFunction with
        member _.Name = "Exponential"
        member _.Convex = true
        member _.Continuity = 2

    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value m = Define.exponential m

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
            'T.op_UnaryNegation (Define.exponential m)

[<Struct; NoComparison; NoEquality>]
type RampFunction =
    val Rho: float

    new(rho) =
        {
            Rho = Require.positive "rho" rho |> Require.ok
        }

    interface IMarginFunction with
        member _.Name = "Ramp"
        member _.Convex = false
        member _.Continuity = 0

    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Value m = Define.ramp this.Rho m

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Slope m = Define.rampSlope this.Rho m

/// Gradients and Hessians in floats. The slope of phi at a margin, and its second derivative.
module private SurrogateForms =
    let slope (phi: 'F when 'F :> IMarginFunction and 'F: struct) m = phi.Slope(R64 m).V

    let curvature (phi: 'F when 'F :> IMarginFunction and 'F: struct) m = phi.Slope(Dual(R64 m, R64 1.0)).D.V

    let value (phi: 'F when 'F :> IMarginFunction and 'F: struct) m = phi.Value(R64 m).V

    let mean (scores: ReadOnlySpan<float>) =
        let mutable sum = 0.0

        for k in 0 .. scores.Length - 1 do
            sum <- sum + scores[k]

        sum / float scores.Length

    let meanSingle (scores: ReadOnlySpan<float32>) =
        let mutable sum = 0.0

        for k in 0 .. scores.Length - 1 do
            sum <- sum + float scores[k]

        sum / float scores.Length

    /// The first of the largest scores besides the label's.
    let rival label (scores: ReadOnlySpan<float>) =
        let mutable best = if label = 0 then 1 else 0

        for k in 0 .. scores.Length - 1 do
            if k <> label && scores[k] > scores[best] then
                best <- k

        best

    let rivalSingle label (scores: ReadOnlySpan<float32>) =
        let mutable best = if label = 0 then 1 else 0

        for k in 0 .. scores.Length - 1 do
            if k <> label && scores[k] > scores[best] then
                best <- k

        best

[<Struct; NoComparison; NoEquality>]
type ConstrainedLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F

    new(phi) = { phi = phi }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval(label, scores) =
            Define.constrained this.phi label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            Structured.metadata
                "Constrained"
                this.phi.Name
                this.phi.Convex
                this.phi.Continuity
                (if this.phi.Convex then Nullable true else Nullable())
                "Multicategory support vector machines (Lee, Lin and Wahba 2004), from memory"

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let mean = SurrogateForms.mean scores
            let mutable total = 0.0
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k = label then
                    gradient[k] <- 0.0
                else
                    let m = mean - scores[k]
                    total <- total + SurrogateForms.value this.phi m
                    gradient[k] <- -(SurrogateForms.slope this.phi m)
                    sum <- sum + gradient[k]

            let shift = sum / float scores.Length

            for k in 0 .. scores.Length - 1 do
                gradient[k] <- gradient[k] - shift

            total

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let mean = SurrogateForms.meanSingle scores
            let mutable total = 0.0
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let m = mean - float scores[k]
                    total <- total + SurrogateForms.value this.phi m
                    sum <- sum - SurrogateForms.slope this.phi m

            let shift = sum / float scores.Length

            for k in 0 .. scores.Length - 1 do
                let own =
                    if k = label then
                        0.0
                    else
                        -(SurrogateForms.slope this.phi (mean - float scores[k]))

                gradient[k] <- float32 (own - shift)

            float32 total

        member this.HessianVector(label, scores, direction, result) =
            let mean = SurrogateForms.mean scores
            let along = SurrogateForms.mean direction
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                result[k] <-
                    if k = label then
                        0.0
                    else
                        SurrogateForms.curvature this.phi (mean - scores[k]) * (direction[k] - along)

                sum <- sum + result[k]

            let shift = sum / float scores.Length

            for k in 0 .. scores.Length - 1 do
                result[k] <- result[k] - shift

[<Struct; NoComparison; NoEquality>]
type SumLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F

    new(phi) = { phi = phi }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval(label, scores) = Define.sum this.phi label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            Structured.metadata
                "Sum"
                this.phi.Name
                this.phi.Convex
                this.phi.Continuity
                (Nullable((not this.phi.Convex || this.phi.Continuity > 0)))
                "definition; with the hinge Weston and Watkins 1998, from memory"

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let own = scores[label]
            let mutable total = 0.0
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let m = own - scores[k]
                    total <- total + SurrogateForms.value this.phi m
                    let slope = SurrogateForms.slope this.phi m
                    gradient[k] <- -slope
                    sum <- sum + slope

            gradient[label] <- sum
            total

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let own = float scores[label]
            let mutable total = 0.0
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let m = own - float scores[k]
                    total <- total + SurrogateForms.value this.phi m
                    let slope = SurrogateForms.slope this.phi m
                    gradient[k] <- float32 -slope
                    sum <- sum + slope

            gradient[label] <- float32 sum
            float32 total

        member this.HessianVector(label, scores, direction, result) =
            let own = scores[label]
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    result[k] <- SurrogateForms.curvature this.phi (own - scores[k]) * (direction[k] - direction[label])
                    sum <- sum - result[k]

            result[label] <- sum

[<Struct; NoComparison; NoEquality>]
type MaxLoss<'F when 'F :> IMarginFunction and 'F: struct> =
    val private phi: 'F

    new(phi) = { phi = phi }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval(label, scores) = Define.max this.phi label scores

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            let bound = (this.phi :> IScalarFunction).Slope(R64 0.0).V
            let lipschitz = this.phi.Continuity = 0

            { Structured.metadata
                  "Max"
                  this.phi.Name
                  this.phi.Convex
                  0
                  (Nullable(not this.phi.Convex))
                  "definition; with the hinge Crammer and Singer 2001, from memory" with
                Lipschitz =
                    if lipschitz then
                        Nullable(sqrt 2.0 * -bound)
                    else
                        Nullable()
                Supremum = if this.phi.Convex then Nullable() else Nullable 1.0
            }

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let rival = SurrogateForms.rival label scores
            let m = scores[label] - scores[rival]
            gradient.Clear()
            let slope = SurrogateForms.slope this.phi m
            gradient[label] <- slope
            gradient[rival] <- -slope
            SurrogateForms.value this.phi m

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let rival = SurrogateForms.rivalSingle label scores
            let m = float scores[label] - float scores[rival]
            gradient.Clear()
            let slope = SurrogateForms.slope this.phi m
            gradient[label] <- float32 slope
            gradient[rival] <- float32 -slope
            float32 (SurrogateForms.value this.phi m)

        member this.HessianVector(label, scores, direction, result) =
            let rival = SurrogateForms.rival label scores
            let m = scores[label] - scores[rival]
            result.Clear()
            let change = SurrogateForms.curvature this.phi m * (direction[label] - direction[rival])
            result[label] <- change
            result[rival] <- -change

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module MulticlassSurrogates =
    let westonWatkins = SumLoss(HingeFunction())
    let crammerSinger = MaxLoss(HingeFunction())

    let private rho =
        LossEntry.parameter "rho" "width of the ramp" 1.0 Domain.Positive (Domain.Closed(0.1, 5.0))

    let entries =
        let plain name (loss: IMulticlassLoss) =
            LossEntry.multiclass name "multiclass surrogates" [||] (fun _ -> loss)

        [|
            plain "constrained-hinge" (ConstrainedLoss(HingeFunction()))
            plain "constrained-squared-hinge" (ConstrainedLoss(SquaredHingeFunction()))
            plain "constrained-exponential" (ConstrainedLoss(ExponentialFunction()))
            plain "weston-watkins" westonWatkins
            plain "sum-squared-hinge" (SumLoss(SquaredHingeFunction()))
            LossEntry.multiclass "sum-ramp" "multiclass surrogates" [| rho |] (fun p -> SumLoss(RampFunction p[0]))
            plain "crammer-singer" crammerSinger
            plain "max-squared-hinge" (MaxLoss(SquaredHingeFunction()))
            plain "max-exponential" (MaxLoss(ExponentialFunction()))
            LossEntry.multiclass "max-ramp" "multiclass surrogates" [| rho |] (fun p -> MaxLoss(RampFunction p[0]))
        |]
