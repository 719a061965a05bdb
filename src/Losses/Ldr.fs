namespace Hindsight

open System
open Hindsight.FSharp

/// Plain numbers of this file.
module private Rungs =
    let last (n: int) = n - 1
    let count (n: int) = float n
    let logCount (n: int) = log (float n)
    let shift (lambda: float) (n: int) = -lambda * log (float n)

    [<Literal>]
    let Grid = 64

    /// The i-th of the grid's points: from lambda0 (1 - 1/alpha), below which no maximum lies, to lambda0.
    let grid (lambda0: float) (alpha: float) (i: int) =
        lambda0 * exp (log (1.0 - 1.0 / alpha) * (1.0 - float i / float (Grid - 1)))

    let before (lambda0: float) (alpha: float) (i: int) = grid lambda0 alpha (max 0 (i - 1))

    let after (lambda0: float) (alpha: float) (i: int) =
        grid lambda0 alpha (min (Grid - 1) (i + 1))

    /// Place in a decreasing order of the class that holds the last of the mass 1 = k/k.
    let place (k: float) (n: int) = int (ceil (min k (float n))) - 1

    let held (k: float) (n: int) = min k (float n)

namespace Hindsight

open System
open Hindsight.FSharp
open Hindsight.FSharp.Ops
open Rungs

/// The definitions over any scalar.
module private Robust =
    let sum<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> a + b)

    let largest<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> 'T.Max(a, b))

    let leads<'T when 'T :> IReal<'T> and 'T: struct> (margin: float) (label: int) (scores: ReadOnlySpan<'T>) : 'T[] =
        let own = scores[label]

        scores.ToArray()
        |> Array.mapi (fun k z ->
            if k = label then
                'T.Const 0.0
            else
                (z - own) + 'T.Const margin)

    let mean<'T when 'T :> IReal<'T> and 'T: struct> (leads: 'T[]) : 'T =
        sum leads / 'T.Const(count leads.Length)

    /// top + lambda ln(1 + mean of (exp((delta - top)/lambda) - 1)): accurate for lambda near 0 and for large lambda.
    let kl<'T when 'T :> IReal<'T> and 'T: struct> (lambda: 'T) (leads: 'T[]) : 'T =
        let top = largest leads

        top + lambda * 'T.Log1p(mean (leads |> Array.map (fun d -> 'T.Expm1((d - top) / lambda))))

    /// Half of d/dlambda: -KL(p|u), and with it Var_p(delta/lambda).
    let moments<'T when 'T :> IReal<'T> and 'T: struct> (lambda: 'T) (leads: 'T[]) : struct ('T * 'T) =
        let top = largest leads
        let u = leads |> Array.map (fun d -> (d - top) / lambda)
        let weights = u |> Array.map 'T.Exp
        let total = sum weights
        let average = sum (Array.map2 (fun w x -> w * x) weights u) / total

        let variance = sum (Array.map2 (fun w x -> w * 'T.Sqr(x - average)) weights u) / total

        let divergence = average - 'T.Log1p(mean (u |> Array.map 'T.Expm1))
        struct (divergence, variance)

    /// The grid and the bisection hold constants, so no derivative flows through them; Newton's steps after them add the derivatives of lambda, one order each.
    let adaptive<'T when 'T :> IReal<'T> and 'T: struct> (lambda0: float) (alpha: float) (leads: 'T[]) : 'T =
        let price = 'T.Const alpha * 'T.Const(logCount leads.Length)
        let start = 'T.Const lambda0

        let value (lambda: 'T) =
            kl lambda leads - price / ('T.Const 2.0 * start) * 'T.Sqr(lambda - start)

        let mutable best = value ('T.Const(grid lambda0 alpha 0))
        let mutable low = 'T.Const(grid lambda0 alpha 0)
        let mutable high = 'T.Const(after lambda0 alpha 0)

        for i in 1 .. last Grid do
            let here = value ('T.Const(grid lambda0 alpha i))
            let keep = best - here
            low <- 'T.Select(keep, low, 'T.Const(before lambda0 alpha i))
            high <- 'T.Select(keep, high, 'T.Const(after lambda0 alpha i))
            best <- 'T.Max(best, here)

        for _ in 1..64 do
            let middle = 'T.Const 0.5 * (low + high)
            let struct (divergence, _) = moments middle leads
            let slope = price * ('T.Const 1.0 - middle / start) - divergence
            low <- 'T.Select(slope, middle, low)
            high <- 'T.Select(slope, high, middle)

        let mutable lambda = 'T.Const 0.5 * (low + high)

        for _ in 1..4 do
            let struct (divergence, variance) = moments lambda leads
            let slope = price * ('T.Const 1.0 - lambda / start) - divergence
            lambda <- lambda + slope / (price / start - variance / lambda)

        value lambda

    let topK<'T when 'T :> IReal<'T> and 'T: struct> (k: float) (leads: 'T[]) : 'T =
        let sorted = Array.copy leads
        Sorting.descending sorted
        let level = sorted[place k leads.Length]
        let held = 'T.Const(held k leads.Length)
        let mutable above = 'T.Const 0.0
        let mutable excess = 'T.Const 0.0
        let mutable ties = 'T.Const 0.0
        let mutable tied = 'T.Const 0.0

        for lead in leads do
            let more = lead - level
            let least = 'T.Select(more, 'T.Const 1.0, 'T.Const 0.0)
            let larger = 'T.Select(-more, 'T.Const 0.0, 'T.Const 1.0)
            above <- above + larger
            excess <- excess + larger * more
            ties <- ties + (least - larger)
            tied <- tied + (least - larger) * more

        // the last term is 0 and carries the derivative to the average over the ties
        level + (excess + (held - above) * (tied / 'T.Max(ties, 'T.Const 1.0))) / held

namespace Hindsight

open System
open System.Numerics
open System.Runtime.CompilerServices
open Hindsight.FSharp

/// Closed forms over spans. Each element is read before it is written, so that results may lie on the scores.
module private Weights =
    let inline read<'F when 'F :> INumberBase<'F>> (x: 'F) = Double.CreateTruncating<'F> x
    let inline write<'F when 'F :> INumberBase<'F>> (x: float) = 'F.CreateTruncating<float> x

    /// delta_k
    let lead<'F when 'F :> INumberBase<'F>> (margin: float) label (own: float) (scores: ReadOnlySpan<'F>) k =
        if k = label then 0.0 else (read scores[k] - own) + margin

    let top<'F when 'F :> INumberBase<'F>> margin label own (scores: ReadOnlySpan<'F>) =
        let mutable top = 0.0

        for k in 0 .. scores.Length - 1 do
            top <- max top (lead margin label own scores k)

        top

    let mean<'F when 'F :> INumberBase<'F>> margin label own (scores: ReadOnlySpan<'F>) =
        let mutable total = 0.0

        for k in 0 .. scores.Length - 1 do
            total <- total + lead margin label own scores k

        total / float scores.Length

    /// mean of exp((delta - top)/lambda) - 1
    let private meanLess<'F when 'F :> INumberBase<'F>> lambda margin label own top (scores: ReadOnlySpan<'F>) =
        let mutable total = 0.0

        for k in 0 .. scores.Length - 1 do
            total <- total + Scalar.expm1 ((lead margin label own scores k - top) / lambda)

        total / float scores.Length

    let value<'F when 'F :> INumberBase<'F>> lambda margin label own (scores: ReadOnlySpan<'F>) =
        let top = top margin label own scores
        top + lambda * Scalar.log1p (meanLess lambda margin label own top scores)

    /// Mean and variance of delta/lambda - top/lambda under the weights, and KL(p|u).
    let moments<'F when 'F :> INumberBase<'F>>
        lambda
        margin
        label
        own
        (scores: ReadOnlySpan<'F>)
        : struct (float * float * float) =
        let top = top margin label own scores
        let mutable total = 0.0
        let mutable first = 0.0

        for k in 0 .. scores.Length - 1 do
            let u = (lead margin label own scores k - top) / lambda
            let w = exp u
            total <- total + w
            first <- first + w * u

        let average = first / total
        let mutable second = 0.0

        for k in 0 .. scores.Length - 1 do
            let u = (lead margin label own scores k - top) / lambda
            second <- second + exp u * (u - average) * (u - average)

        struct (average, second / total, average - Scalar.log1p (meanLess lambda margin label own top scores))

    /// The lambda with the largest value: the best point of the grid, then bisection of the derivative between its neighbours.
    let best<'F when 'F :> INumberBase<'F>> lambda0 alpha margin label own (scores: ReadOnlySpan<'F>) =
        let price = alpha * log (float scores.Length)
        let mutable at = 0
        let mutable largest = Double.NegativeInfinity

        for i in 0 .. Rungs.Grid - 1 do
            let lambda = Rungs.grid lambda0 alpha i
            let less = lambda - lambda0

            let here = value lambda margin label own scores - price / (2.0 * lambda0) * (less * less)

            if here > largest then
                largest <- here
                at <- i

        let mutable low = Rungs.before lambda0 alpha at
        let mutable high = Rungs.after lambda0 alpha at
        let mutable middle = 0.5 * (low + high)

        while middle > low && middle < high do
            let struct (_, _, divergence) = moments middle margin label own scores

            if price * (1.0 - middle / lambda0) - divergence >= 0.0 then
                low <- middle
            else
                high <- middle

            middle <- 0.5 * (low + high)

        middle

    /// Writes softmax(delta/lambda) - e_y.
    let softmax<'F when 'F :> INumberBase<'F>> lambda margin label own (scores: ReadOnlySpan<'F>) (gradient: Span<'F>) =
        let top = top margin label own scores
        let mutable total = 0.0

        for k in 0 .. scores.Length - 1 do
            total <- total + exp ((lead margin label own scores k - top) / lambda)

        let mutable rest = 0.0

        for k in 0 .. scores.Length - 1 do
            let p = exp ((lead margin label own scores k - top) / lambda) / total

            if k <> label then
                rest <- rest + p
                gradient[k] <- write p

        // p_y - 1 as minus the mass of the others
        gradient[label] <- write -rest

    let linear<'F when 'F :> INumberBase<'F>> label (scores: ReadOnlySpan<'F>) (gradient: Span<'F>) =
        let share = 1.0 / float scores.Length

        for k in 0 .. scores.Length - 1 do
            gradient[k] <- write (if k = label then share - 1.0 else share)

    /// (1/lambda)(diag p - p p') v + g (g'v)/stiffness; g = p (delta - mean)/lambda^2. The direction is taken from its entry at the largest lead, where one class may have nearly all the
    /// weight: the differences keep their digits.
    let curvature
        (lambda: float)
        margin
        label
        (stiffness: float)
        (scores: ReadOnlySpan<float>)
        (direction: ReadOnlySpan<float>)
        (result: Span<float>)
        =
        let own = scores[label]
        let struct (average, _, _) = moments lambda margin label own scores
        let top = top margin label own scores
        let mutable best = label

        for k in 0 .. scores.Length - 1 do
            if lead margin label own scores k = top then
                best <- k

        let from = direction[best]
        let mutable total = 0.0
        let mutable along = 0.0
        let mutable drift = 0.0

        for k in 0 .. scores.Length - 1 do
            let u = (lead margin label own scores k - top) / lambda
            let w = exp u
            total <- total + w
            along <- along + w * (direction[k] - from)
            drift <- drift + w * (u - average) * (direction[k] - from)

        for k in 0 .. scores.Length - 1 do
            let u = (lead margin label own scores k - top) / lambda
            let p = exp u / total
            let fixedLambda = p * ((direction[k] - from) - along / total) / lambda

            result[k] <- fixedLambda + p * (u - average) / lambda * (drift / (total * lambda)) / stiffness

    let hinge<'F when 'F :> INumberBase<'F>> margin label (scores: ReadOnlySpan<'F>) (gradient: Span<'F>) =
        // the largest lead, its ties sharing equally
        let own = read scores[label]
        let top = top margin label own scores
        let mutable ties = 0

        for k in 0 .. scores.Length - 1 do
            if lead margin label own scores k = top then
                ties <- ties + 1

        for k in 0 .. scores.Length - 1 do
            let p =
                if lead margin label own scores k = top then
                    1.0 / float ties
                else
                    0.0

            gradient[k] <- write (if k = label then p - 1.0 else p)

        top

    /// The mean of the k largest leads: each round takes the next smaller value with all its ties.
    let topK<'F when 'F :> INumberBase<'F>> (k: float) margin label (scores: ReadOnlySpan<'F>) (gradient: Span<'F>) =
        let own = read scores[label]
        let held = Rungs.held k scores.Length
        let mutable above = 0.0
        let mutable total = 0.0
        let mutable level = Double.PositiveInfinity
        let mutable ties = 0.0

        let mutable more = true

        while more do
            if ties > 0.0 then
                total <- total + ties * level

            above <- above + ties
            let mutable next = Double.NegativeInfinity
            ties <- 0.0

            for i in 0 .. scores.Length - 1 do
                let lead = lead margin label own scores i

                if lead < level then
                    if lead > next then
                        next <- lead
                        ties <- 1.0
                    elif lead = next then
                        ties <- ties + 1.0

            level <- next
            // no level is left if a score is not a number
            more <- ties > 0.0 && above + ties < held

        let share = (held - above) / ties

        for i in 0 .. scores.Length - 1 do
            let lead = lead margin label own scores i

            let p =
                if lead > level then 1.0 / held
                elif lead = level then share / held
                else 0.0

            gradient[i] <- write (if i = label then p - 1.0 else p)

        (total + (held - above) * level) / held

    let metadata name smoothness continuity calibrated =
        { LossMetadata.Default with
            Name = name
            Label = Domain.NonNegative
            Convex = true
            Continuity = continuity
            Infimum = Nullable()
            Lipschitz = Nullable(sqrt 2.0)
            Smoothness = smoothness
            StrongConvexity = Nullable 0.0
            Calibrated = calibrated
            Elicits =
                (if calibrated = Nullable true then
                     "order of the class probabilities"
                 else
                     "")
            Source = "Zhu, Ying, Yang, Label distributionally robust losses (arXiv 2112.14869)"
        }

    /// The limit at lambda = 0.
    let hingeMetadata name =
        { metadata name (Nullable()) 0 (Nullable false) with
            Infimum = Nullable 0.0
        }

    let checkedMargin (margin: float) =
        Require.nonNegative "margin" margin |> Require.ok

[<Struct; NoComparison; NoEquality>]
type LdrKl =
    val private Lambda: float
    val private Margin: float

    new(lambda: float, margin: float) =
        {
            Lambda =
                (if Double.IsPositiveInfinity lambda then
                     lambda
                 else
                     Require.nonNegative "lambda" lambda |> Require.ok)
            Margin = Weights.checkedMargin margin
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            if loss.Lambda = 0.0 then
                (FenchelYoungCrammerSinger loss.Margin :> IMulticlassLoss).Eval(label, scores)
            else
                let leads = Robust.leads loss.Margin label scores

                if Double.IsInfinity loss.Lambda then
                    Robust.mean leads
                else
                    Robust.kl ('T.Const loss.Lambda) leads

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata =
            if loss.Lambda = 0.0 then
                Weights.hingeMetadata "LdrKl"
            elif Double.IsInfinity loss.Lambda then
                Weights.metadata "LdrKl" (Nullable 0.0) 2 (Nullable())
            else
                Weights.metadata "LdrKl" (Nullable(0.5 / loss.Lambda)) 2 (Nullable true)

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            LdrKl.Gradient(loss.Lambda, loss.Margin, label, scores, gradient)

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (LdrKl.Gradient(loss.Lambda, loss.Margin, label, scores, gradient))

        member loss.HessianVector(label, scores, direction, result) =
            if loss.Lambda = 0.0 || Double.IsInfinity loss.Lambda then
                result.Clear()
            else
                Weights.curvature loss.Lambda loss.Margin label infinity scores direction result

    interface ISoftmaxLoss with
        member loss.AcceptSoftmax visitor = visitor.Visit loss
        member loss.Temperature = loss.Lambda
        member loss.Margin = loss.Margin
        member loss.Shift classes = Rungs.shift loss.Lambda classes

        member loss.Outer<'T when 'T :> IReal<'T> and 'T: struct>(surprisal: 'T) : 'T = 'T.Const loss.Lambda * surprisal

        member loss.OuterSlope<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T) : 'T = 'T.Const loss.Lambda

    static member private Gradient<'F when 'F :> INumberBase<'F>>
        (lambda: float, margin: float, label: int, scores: ReadOnlySpan<'F>, gradient: Span<'F>)
        : float =
        if lambda = 0.0 then
            Weights.hinge margin label scores gradient
        else
            let own = Weights.read scores[label]

            if Double.IsInfinity lambda then
                let value = Weights.mean margin label own scores
                Weights.linear label scores gradient
                value
            else
                let value = Weights.value lambda margin label own scores
                Weights.softmax lambda margin label own scores gradient
                value

[<Struct; NoComparison; NoEquality>]
type AdaptiveLdrKl =
    val private Lambda0: float
    val private Alpha: float
    val private Margin: float

    new(lambda0: float, alpha: float, margin: float) =
        {
            Lambda0 = Require.nonNegative "lambda0" lambda0 |> Require.ok
            Alpha = Require.inside "alpha" { Domain.Reals with Low = 1.0 } alpha |> Require.ok
            Margin = Weights.checkedMargin margin
        }

    member loss.Temperature(label: int, scores: ReadOnlySpan<float>) : float =
        if loss.Lambda0 = 0.0 then
            0.0
        else
            Weights.best loss.Lambda0 loss.Alpha loss.Margin label scores[label] scores

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            if loss.Lambda0 = 0.0 then
                (FenchelYoungCrammerSinger loss.Margin :> IMulticlassLoss).Eval(label, scores)
            else
                Robust.adaptive loss.Lambda0 loss.Alpha (Robust.leads loss.Margin label scores)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata =
            if loss.Lambda0 = 0.0 then
                Weights.hingeMetadata "AdaptiveLdrKl"
            else
                Weights.metadata "AdaptiveLdrKl" (Nullable()) 0 (Nullable true)

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            AdaptiveLdrKl.Gradient(loss.Lambda0, loss.Alpha, loss.Margin, label, scores, gradient)

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (AdaptiveLdrKl.Gradient(loss.Lambda0, loss.Alpha, loss.Margin, label, scores, gradient))

        member loss.HessianVector(label, scores, direction, result) =
            if loss.Lambda0 = 0.0 then
                result.Clear()
            else
                let own = scores[label]
                let lambda = Weights.best loss.Lambda0 loss.Alpha loss.Margin label own scores

                let struct (_, variance, _) = Weights.moments lambda loss.Margin label own scores

                let stiffness = loss.Alpha * log (float scores.Length) / loss.Lambda0 - variance / lambda

                Weights.curvature lambda loss.Margin label stiffness scores direction result

    static member private Gradient<'F when 'F :> INumberBase<'F>>
        (lambda0: float, alpha: float, margin: float, label: int, scores: ReadOnlySpan<'F>, gradient: Span<'F>)
        : float =
        if lambda0 = 0.0 then
            Weights.hinge margin label scores gradient
        else
            let own = Weights.read scores[label]
            let lambda = Weights.best lambda0 alpha margin label own scores
            let value = Weights.value lambda margin label own scores
            Weights.softmax lambda margin label own scores gradient
            let less = lambda - lambda0
            value - alpha * log (float scores.Length) / (2.0 * lambda0) * (less * less)

[<Struct; NoComparison; NoEquality>]
type LdrTopK =
    val private Excess: float
    val private Margin: float

    new(k: float, margin: float) =
        {
            Excess =
                (Require.inside
                    "k"
                    { Domain.Reals with
                        Low = 1.0
                        LowClosed = true
                    }
                    k
                 |> Require.ok)
                - 1.0
            Margin = Weights.checkedMargin margin
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Robust.topK (1.0 + loss.Excess) (Robust.leads loss.Margin label scores)

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata =
            if loss.Excess = 0.0 then
                Weights.hingeMetadata "LdrTopK"
            else
                { Weights.metadata "LdrTopK" (Nullable()) 0 (Nullable()) with
                    Source = "derived here: the mean of the k largest leads"
                }

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Weights.topK (1.0 + loss.Excess) loss.Margin label scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Weights.topK (1.0 + loss.Excess) loss.Margin label scores gradient)

        member _.HessianVector(_: int, _: ReadOnlySpan<float>, _: ReadOnlySpan<float>, result: Span<float>) : unit =
            result.Clear()

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module TopK =
    let isRankPreserving (scores: ReadOnlySpan<float>) (probabilities: ReadOnlySpan<float>) =
        Require.length "probabilities" scores.Length probabilities.Length |> Require.ok
        let mutable preserved = true

        for i in 0 .. scores.Length - 1 do
            for j in 0 .. scores.Length - 1 do
                if probabilities[i] > probabilities[j] && not (scores[i] > scores[j]) then
                    preserved <- false

        preserved

[<RequireQualifiedAccess>]
module Ldr =
    let private margin =
        LossEntry.parameter "margin" "lead asked of the label's score" 0.0 Domain.NonNegative (Domain.Closed(0.0, 2.0))

    let private lambda name =
        LossEntry.parameter
            name
            "price of weights that are not uniform: 0 looks at the largest lead only"
            1.0
            Domain.NonNegative
            (Domain.Closed(0.1, 4.0))

    let private alpha =
        LossEntry.parameter
            "alpha"
            "price of a lambda below lambda0, in units of ln K"
            2.0
            { Domain.Reals with Low = 1.0 }
            (Domain.Closed(1.1, 5.0))

    let private k =
        LossEntry.parameter
            "k"
            "how many leads are averaged; a class's share counts where it is not whole"
            2.0
            { Domain.Reals with
                Low = 1.0
                LowClosed = true
            }
            (Domain.Closed(1.0, 4.0))

    let entries =
        let row name parameters create =
            LossEntry.multiclass name "label-distributionally-robust" parameters create

        [|
            row "ldr-kl" [| lambda "lambda"; margin |] (fun p -> LdrKl(p[0], p[1]))
            row "adaptive-ldr-kl" [| lambda "lambda0"; alpha; margin |] (fun p -> AdaptiveLdrKl(p[0], p[1], p[2]))
            row "ldr-top-k" [| k; margin |] (fun p -> LdrTopK(p[0], p[1]))
        |]
