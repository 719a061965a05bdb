namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

type ISoftmaxVisitor<'R> =
    abstract Visit<'L when 'L :> ISoftmaxLoss and 'L: struct> : loss: 'L -> 'R

and ISoftmaxLoss =
    inherit IMulticlassLoss
    inherit IMulticlassGradient
    abstract Outer<'T when 'T :> IReal<'T> and 'T: struct> : surprisal: 'T -> 'T
    abstract OuterSlope<'T when 'T :> IReal<'T> and 'T: struct> : surprisal: 'T -> 'T
    abstract Temperature: float
    abstract Margin: float
    abstract Shift: classes: int -> float
    abstract AcceptSoftmax: visitor: ISoftmaxVisitor<'R> -> 'R

/// G as a function with a slope of its own.
[<Struct; NoComparison; NoEquality>]
type internal OuterFunction<'L when 'L :> ISoftmaxLoss and 'L: struct>(loss: 'L) =
    interface IScalarFunction with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Value x = loss.Outer x

        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Slope x = loss.OuterSlope x

[<Struct; NoComparison; NoEquality>]
type ClassWeighted<'L when 'L :> IMulticlassLoss and 'L :> IMulticlassGradient and 'L: struct> =
    val private loss: 'L
    val private weights: float[]

    new(loss, weights: float[]) =
        {
            loss = loss
            weights = weights |> Array.map (fun w -> Require.nonNegative "weights" w |> Require.ok)
        }

    /// The label's weight, where there is one for each score.
    member private this.WeightOf(label: int, classes: int) =
        Require.length "scores" this.weights.Length classes |> Require.ok
        this.weights[label]

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            'T.op_Multiply ('T.Const(this.WeightOf(label, scores.Length)), this.loss.Eval(label, scores))

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            let inner = (this.loss :> IMulticlassLoss).Metadata

            { inner with
                Name = $"ClassWeighted{inner.Name}"
                Infimum =
                    if inner.Infimum.HasValue && inner.Infimum.Value >= 0.0 then
                        Nullable 0.0
                    else
                        Nullable()
                Supremum = Nullable()
                Lipschitz = Nullable()
                Smoothness = Nullable()
                StrongConvexity = Nullable()
                ExpConcavity = Nullable()
                Mixability = Nullable()
                Calibrated = Nullable()
                Elicits = ""
            }

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let w = this.WeightOf(label, scores.Length)
            let value = this.loss.Gradient(label, scores, gradient)

            for k in 0 .. gradient.Length - 1 do
                gradient[k] <- w * gradient[k]

            w * value

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let w = float32 (this.WeightOf(label, scores.Length))
            let value = this.loss.Gradient(label, scores, gradient)

            for k in 0 .. gradient.Length - 1 do
                gradient[k] <- w * gradient[k]

            w * value

        member this.HessianVector(label, scores, direction, result) =
            let w = this.WeightOf(label, scores.Length)
            this.loss.HessianVector(label, scores, direction, result)

            for k in 0 .. result.Length - 1 do
                result[k] <- w * result[k]

namespace Hindsight.FSharp

open System
open System.Runtime.CompilerServices
open Hindsight

/// The last index: the operators are shadowed where losses are defined.
module private Index =
    let last length = length - 1

/// The definition over any scalar.
module private Generic =
    open Hindsight.FSharp.Ops

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let surprisal<'T when 'T :> IReal<'T> and 'T: struct> (label: int) (scores: ReadOnlySpan<'T>) : 'T =
        let own = scores[label]
        let mutable top = own

        for k in 0 .. Index.last scores.Length do
            if k <> label then
                top <- 'T.Max(top, scores[k])

        let mutable others = 'T.Const 0.0

        for k in 0 .. Index.last scores.Length do
            if k <> label then
                others <- others + 'T.Exp(scores[k] - top)

        (top - own) + 'T.Log1p(others + 'T.Expm1(own - top))

[<RequireQualifiedAccess>]
module Softmax =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let surprisal<'T when 'T :> IReal<'T> and 'T: struct> (label: int) (scores: ReadOnlySpan<'T>) : 'T =
        Generic.surprisal label scores

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let outer<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct>
        (loss: 'L)
        (surprisal: 'T)
        : 'T =
        loss.Outer surprisal

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let outerSlope<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct>
        (loss: 'L)
        (surprisal: 'T)
        : 'T =
        loss.OuterSlope surprisal

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let eval<'L, 'T when 'L :> ISoftmaxLoss and 'L: struct and 'T :> IReal<'T> and 'T: struct>
        (loss: 'L)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        'T.Apply(OuterFunction loss, Generic.surprisal label scores)

    let gradient<'L when 'L :> ISoftmaxLoss and 'L: struct>
        (loss: 'L)
        (label: int)
        (scores: ReadOnlySpan<float>)
        (gradient: Span<float>)
        : float =
        let own = scores[label]
        let mutable top = own

        for k in 0 .. scores.Length - 1 do
            top <- Math.Max(top, scores[k])

        let mutable others = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                let e = Math.Exp(scores[k] - top)
                gradient[k] <- e
                others <- others + e

        let surprisal = R64((top - own) + Scalar.log1p (others + Scalar.expm1 (own - top)))
        let slope = loss.OuterSlope(surprisal).V
        let scale = 1.0 / (others + Math.Exp(own - top))

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                gradient[k] <- slope * (gradient[k] * scale)

        gradient[label] <- -slope * (others * scale)
        loss.Outer(surprisal).V

    let gradientSingle<'L when 'L :> ISoftmaxLoss and 'L: struct>
        (loss: 'L)
        (label: int)
        (scores: ReadOnlySpan<float32>)
        (gradient: Span<float32>)
        : float32 =
        let own = float scores[label]
        let mutable top = own

        for k in 0 .. scores.Length - 1 do
            top <- Math.Max(top, float scores[k])

        let mutable others = 0.0

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                others <- others + Math.Exp(float scores[k] - top)

        let surprisal = R64((top - own) + Scalar.log1p (others + Scalar.expm1 (own - top)))
        let slope = loss.OuterSlope(surprisal).V
        let scale = 1.0 / (others + Math.Exp(own - top))

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                gradient[k] <- float32 (slope * (Math.Exp(float scores[k] - top) * scale))

        gradient[label] <- float32 (-slope * (others * scale))
        float32 (loss.Outer(surprisal).V)

    let hessianVector<'L when 'L :> ISoftmaxLoss and 'L: struct>
        (loss: 'L)
        (label: int)
        (scores: ReadOnlySpan<float>)
        (direction: ReadOnlySpan<float>)
        (result: Span<float>)
        : unit =
        let own = scores[label]
        let mutable best = label

        for k in 0 .. scores.Length - 1 do
            if scores[k] > scores[best] then
                best <- k

        let top = scores[best]
        let mutable others = 0.0

        for k in 0 .. scores.Length - 1 do
            let e = Math.Exp(scores[k] - top)
            result[k] <- e

            if k <> label then
                others <- others + e

        let surprisal = (top - own) + Scalar.log1p (others + Scalar.expm1 (own - top))
        let slope = loss.OuterSlope(Dual(R64 surprisal, R64 1.0))
        let first, second = slope.P.V, slope.D.V
        let total = others + result[label]
        // the surprisal of class k changes by along - (v_k - v_best): the differences keep their accuracy where one class dominates
        let mutable along = 0.0

        for k in 0 .. scores.Length - 1 do
            result[k] <- result[k] / total
            along <- along + result[k] * (direction[k] - direction[best])

        let alongOwn = along - (direction[label] - direction[best])

        for k in 0 .. scores.Length - 1 do
            let change = along - (direction[k] - direction[best])
            let rise = if k = label then -others / total else result[k]
            result[k] <- second * alongOwn * rise - first * result[k] * change

[<RequireQualifiedAccess>]
module ClassDistribution =
    let require argument (probabilities: float[]) =
        result {
            let! _ = Require.atLeast $"the length of {argument}" 2 probabilities.Length

            let! _ =
                probabilities
                |> Array.tryFind (fun p -> not (Domain.Unit.Contains p))
                |> Option.map (Require.inside argument Domain.Unit)
                |> Option.defaultValue (Ok 0.0)

            let! _ =
                Require.inside
                    $"{argument} (their sum)"
                    (Domain.Closed(1.0 - 1e-9, 1.0 + 1e-9))
                    (Array.sum probabilities)

            return probabilities
        }

[<RequireQualifiedAccess>]
module Multiclass =
    let value (loss: IMulticlassLoss) label (scores: float[]) =
        loss.Eval(label, ReadOnlySpan(Array.map R64 scores)).V

    let gradient (loss: IMulticlassLoss) label (scores: float[]) =
        Array.init scores.Length (fun k ->
            let at = scores |> Array.mapi (fun i z -> Dual(R64 z, R64(if i = k then 1.0 else 0.0)))

            loss.Eval(label, ReadOnlySpan at).D.V)

    let hessianVector (loss: IMulticlassLoss) label (scores: float[]) (direction: float[]) =
        Array.init scores.Length (fun k ->
            let at =
                scores
                |> Array.mapi (fun i z ->
                    Dual(Dual(R64 z, R64 direction[i]), Dual(R64(if i = k then 1.0 else 0.0), R64 0.0)))

            loss.Eval(label, ReadOnlySpan at).D.D.V)

    let private weighted (probabilities: float[]) (start: float[]) (part: int -> float[]) =
        let total = Array.copy start

        for y in 0 .. probabilities.Length - 1 do
            if probabilities[y] <> 0.0 then
                part y |> Array.iteri (fun k x -> total[k] <- total[k] + probabilities[y] * x)

        total

    let expected loss (probabilities: float[]) (scores: float[]) =
        (weighted probabilities [| 0.0 |] (fun y -> [| value loss y scores |]))[0]

    let expectedGradient loss (probabilities: float[]) (scores: float[]) =
        weighted probabilities (Array.zeroCreate scores.Length) (fun y -> gradient loss y scores)

    let smoothed classes amount label =
        Array.init classes (fun k -> (if k = label then 1.0 - amount else 0.0) + amount / float classes)
