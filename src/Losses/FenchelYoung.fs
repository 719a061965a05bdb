namespace Hindsight

open System
open System.Numerics
open Hindsight.FSharp

type IFenchelYoungLoss =
    inherit IMulticlassLoss
    inherit IMulticlassGradient
    abstract Temperature: float
    abstract Margin: Nullable<float>
    abstract Regularizer<'T when 'T :> IReal<'T> and 'T: struct> : distribution: ReadOnlySpan<'T> -> 'T

    abstract SoftLoss<'T when 'T :> IReal<'T> and 'T: struct> :
        target: ReadOnlySpan<'T> * scores: ReadOnlySpan<'T> -> 'T

    abstract Prediction: scores: ReadOnlySpan<float> * prediction: Span<float> -> unit
    abstract SoftGradient: target: ReadOnlySpan<float> * scores: ReadOnlySpan<float> * gradient: Span<float> -> float

/// Plain numbers and loops of this file.
module private Plain =
    let last (n: int) = n - 1
    let count (n: int) = float n
    let next (n: int) = n + 1

    /// A temperature or its default: the zero value of a struct means 1.
    let temperature (stored: float) = if stored = 0.0 then 1.0 else stored

    /// The largest nu - max z over n scores: all equal. -(n^-t - 1)/t.
    let farthest (t: float) (n: int) =
        if t = 0.0 then
            log (float n)
        else
            -(Scalar.expm1 (-t * log (float n))) / t * (1.0 + 1e-15)

    let third (n: int) = n + 3

    /// A call for its effect.
    let drop (_: float) = ()

    /// Below it LabelTerm uses its series, 34 terms of it: 30 digits.
    let seriesEnd (t: float) = 0.125 / (1.0 + t)

/// The same formulas over spans of floats, in the same notation as the general ones below.
module private Spans =
    let inline read<'F when 'F :> INumberBase<'F>> (x: 'F) = Double.CreateTruncating<'F> x
    let inline write<'F when 'F :> INumberBase<'F>> (x: float) = 'F.CreateTruncating<float> x

    /// exp_t(x) = (1 + t x)_+^(1/t)
    let power (t: float) (x: float) =
        if t = 0.0 then
            exp x
        else
            let u = 1.0 + t * x

            if u <= 0.0 then 0.0
            elif t = 1.0 then u
            elif t = 0.5 then u * u
            else exp (Scalar.log1p (t * x) / t)

    /// exp_t(x) - 1
    let powerLess (t: float) (x: float) =
        if t = 0.0 then Scalar.expm1 x
        elif 1.0 + t * x <= 0.0 then -1.0
        elif t = 1.0 then x
        elif t = 0.5 then x * (1.0 + 0.25 * x)
        else Scalar.expm1 (Scalar.log1p (t * x) / t)

    /// exp_t'(x) = exp_t(x)^(1-t) on the support
    let slope (t: float) (x: float) =
        if t = 0.0 then
            exp x
        else
            let u = 1.0 + t * x

            if u <= 0.0 then 0.0
            elif t = 1.0 then 1.0
            elif t = 0.5 then u
            else exp ((1.0 - t) * (Scalar.log1p (t * x) / t))

    let largest<'F when 'F :> INumberBase<'F>> (scores: ReadOnlySpan<'F>) =
        let mutable at = 0

        for k in 1 .. scores.Length - 1 do
            if read scores[k] > read scores[at] then
                at <- k

        at

    /// The shift s = nu - max z/lambda at which sum exp_t(z_k/lambda - nu) is 1. On t <= 1 the function whose root is sought is convex and Newton's method from 0 never passes the root;
    /// on t > 1 a bracket guards it.
    let shift<'F when 'F :> INumberBase<'F>>
        (t: float)
        (temperature: float)
        (scores: ReadOnlySpan<'F>)
        : struct (int * float) =
        let at = largest scores
        let top = read scores[at]

        if t = 0.0 then
            let mutable rest = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> at then
                    rest <- rest + exp ((read scores[k] - top) / temperature)

            struct (at, Scalar.log1p rest)
        else
            let mutable low = 0.0
            let mutable high = Plain.farthest t scores.Length
            let mutable s = 0.0
            let mutable rounds = 0
            let mutable go = true

            while go do
                // sum exp_t - 1, without the cancellation of the top against 1
                let mutable excess = powerLess t -s
                let mutable slopes = slope t -s

                for k in 0 .. scores.Length - 1 do
                    if k <> at then
                        let x = (read scores[k] - top) / temperature - s
                        excess <- excess + power t x
                        slopes <- slopes + slope t x

                if excess >= 0.0 then low <- s else high <- s

                // the t-th power of the sum is nearly linear in s
                let l = Scalar.log1p excess
                let step = Scalar.expm1 (t * l) / t * exp ((1.0 - t) * l) / slopes
                let newton = s + step
                let bisect = not (newton > low && newton < high) || (rounds > 20 && rounds % 2 = 1)
                let proposal = if bisect then 0.5 * (low + high) else newton
                rounds <- rounds + 1

                if newton = s || proposal <= low || proposal >= high || rounds > 200 then
                    go <- false
                else
                    s <- proposal

            struct (at, s)

    /// The factor that makes the prediction sum to 1 where a rounding of nu does not: t > 1, where probabilities near 0 move faster than any multiple of nu.
    let scale<'F when 'F :> INumberBase<'F>> t (temperature: float) (scores: ReadOnlySpan<'F>) (top: float) (s: float) =
        if t > 1.0 then
            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                sum <- sum + power t ((read scores[k] - top) / temperature - s)

            1.0 / sum
        else
            1.0

namespace Hindsight

open System
open Hindsight.FSharp
open Hindsight.FSharp.Ops
open Plain

/// x -> (1 + t x)_+^((1 + b t)/t); at t = 0, e^x. b = 0 is exp_t, b = -1 its slope; its own slope is (1 + b t) times the same with b - 1.
[<Struct; NoComparison; NoEquality>]
type private TruncatedPower(t: float, b: int) =
    interface IScalarFunction with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            if t = 0.0 then
                'T.Exp x
            else
                let u = 'T.Const 1.0 + 'T.Const t * x
                // exactly at the end counts as outside
                let outside = -u

                let inside =
                    if (t = 1.0 || t = 0.5) && b >= -1 then
                        let clamped = 'T.Max(u, 'T.Const 0.0)

                        match (if t = 1.0 then next b else next (next b)) with
                        | 0 -> 'T.Const 1.0
                        | 1 -> clamped
                        | 2 -> 'T.Sqr clamped
                        | _ -> clamped * 'T.Sqr clamped
                    else
                        let product = 'T.Max('T.Const t * x, 'T.Const -0.99999999999999988898)
                        let exponent = 'T.Const 1.0 + 'T.Const(count b) * 'T.Const t
                        'T.Exp(exponent * ('T.Log1p product / 'T.Const t))

                'T.Select(outside, 'T.Const 0.0, inside)

        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(x: 'T) : 'T =
            if t = 0.0 then
                'T.Exp x
            else
                let factor = 'T.Const 1.0 + 'T.Const(count b) * 'T.Const t
                let zero = (t = 1.0 && b = -1) || (t = 0.5 && b = -2)

                if zero then
                    'T.Const 0.0
                else
                    factor * 'T.Apply(TruncatedPower(t, last b), x)

/// w -> 1 - exp_t(-w).
[<Struct; NoComparison; NoEquality>]
type private TruncatedComplement(t: float) =
    interface IScalarFunction with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(w: 'T) : 'T =
            if t = 0.0 then
                -('T.Expm1(-w))
            else
                let v = 'T.Const t * w
                let outside = v - 'T.Const 1.0

                let inside =
                    if t = 1.0 then
                        w
                    elif t = 0.5 then
                        w * ('T.Const 1.0 - 'T.Const 0.25 * w)
                    else
                        -('T.Expm1('T.Log1p('T.Max(-v, 'T.Const -0.99999999999999988898)) / 'T.Const t))

                'T.Select(outside, 'T.Const 1.0, inside)

        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(w: 'T) : 'T = 'T.Apply(TruncatedPower(t, -1), -w)

/// w -> the integral of 1 - exp_t(-v) over v from 0 to w: what the label's own coordinate adds to the loss. At t = 1 it is Huber's function.
[<Struct; NoComparison; NoEquality>]
type private LabelTerm(t: float) =
    interface IScalarFunction with
        member _.Value<'T when 'T :> IReal<'T> and 'T: struct>(w: 'T) : 'T =
            if t = 1.0 then
                let inside = 'T.Min(w, 'T.Const 1.0)
                'T.Const 0.5 * 'T.Sqr inside + (w - inside)
            elif t = 0.5 then
                let inside = 'T.Min(w, 'T.Const 2.0)
                'T.Sqr inside * ('T.Const 0.5 - inside / 'T.Const 12.0) + (w - inside)
            else
                let alpha = 'T.Const 1.0 + 'T.Const t
                let far = w - 'T.Const 1.0 / alpha + 'T.Apply(TruncatedPower(t, 1), -w) / alpha
                let far = if t = 0.0 then w + 'T.Expm1(-w) else far
                // sum over j >= 2 of (1 - t)(1 - 2t) ... (1 - (j-2)t) (-w)^j / j!
                let near = 'T.Min(w, 'T.Const(seriesEnd t))
                let mutable tail = 'T.Const 1.0

                for i = 33 downto 0 do
                    let factor = ('T.Const(count (next i)) * 'T.Const t - 'T.Const 1.0) / 'T.Const(count (third i))

                    tail <- 'T.Const 1.0 + factor * near * tail

                'T.Select('T.Const(seriesEnd t) - w, 'T.Const 0.5 * 'T.Sqr near * tail, far)

        member _.Slope<'T when 'T :> IReal<'T> and 'T: struct>(w: 'T) : 'T = 'T.Apply(TruncatedComplement t, w)

/// Tsallis' family over any scalar, t = alpha - 1.
module private Tsallis =
    let below<'T when 'T :> IReal<'T> and 'T: struct> (temperature: float) (scores: ReadOnlySpan<'T>) : 'T[] =
        let z = scores.ToArray()
        let top = z |> Array.reduce (fun a b -> 'T.Max(a, b))
        z |> Array.map (fun x -> (x - top) / 'T.Const temperature)

    let sum<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) : 'T =
        values |> Array.reduce (fun a b -> a + b)

    /// sum over the k - 1 scores after the top of (1 + d)_+, over k; the largest of them is the shift.
    let private shiftSparsemax<'T when 'T :> IReal<'T> and 'T: struct> (below: 'T[]) : 'T =
        let e = below |> Array.map (fun d -> 'T.Max('T.Const 1.0 + d, 'T.Const 0.0))

        Sorting.descending e
        let mutable shift = 'T.Const 0.0
        // 0, with the derivative of whichever of tied tops was sorted first
        let mutable total = e[0] - 'T.Const 1.0

        for k in 1 .. last e.Length do
            total <- total + e[k]
            shift <- 'T.Max(shift, total / 'T.Const(count (next k)))

        shift

    /// The smaller root h of k h^2 - 2 A h + B, A the sum and B + 1 the sum of squares of the k largest (1 + d/2)_+, at the last k whose element exceeds it.
    let private shiftEntmax15<'T when 'T :> IReal<'T> and 'T: struct> (below: 'T[]) : 'T =
        let e = below |> Array.map (fun d -> 'T.Max('T.Const 1.0 + 'T.Const 0.5 * d, 'T.Const 0.0))

        Sorting.descending e
        let mutable half = 'T.Const 0.0
        let mutable total = e[0]
        // 0, with the derivative of whichever of tied tops was sorted first
        let mutable squares = (e[0] - 'T.Const 1.0) * (e[0] + 'T.Const 1.0)

        for k in 1 .. last e.Length do
            total <- total + e[k]
            squares <- squares + 'T.Sqr e[k]
            let discriminant = 'T.Sqr total - 'T.Const(count (next k)) * squares
            let root = squares / (total + 'T.Sqrt('T.Max(discriminant, 'T.Const 1e-300)))
            half <- 'T.Select(root - e[k], half, root)

        half + half

    /// Bisection finds the value: its ends are constants, so no derivative flows. Newton's steps after it add the derivatives, one order each.
    let private shiftByRoot<'T when 'T :> IReal<'T> and 'T: struct> (t: float) (below: 'T[]) : 'T =
        let mutable low = 'T.Const 0.0
        let mutable high = 'T.Const(farthest t below.Length)
        let half = 'T.Const 0.5

        for _ in 1..64 do
            let middle = half * (low + high)

            let excess =
                sum (below |> Array.map (fun d -> 'T.Apply(TruncatedPower(t, 0), d - middle))) - 'T.Const 1.0

            low <- 'T.Select(excess, middle, low)
            high <- 'T.Select(excess, high, middle)

        // the ends' own derivatives are 0; those of the excess do not reach them
        let mutable s = half * (low + high)

        for _ in 1..5 do
            let at = s

            let excess = sum (below |> Array.map (fun d -> 'T.Apply(TruncatedPower(t, 0), d - at))) - 'T.Const 1.0

            let slopes = sum (below |> Array.map (fun d -> 'T.Apply(TruncatedPower(t, -1), d - at)))

            s <- s + excess / slopes

        s

    let shift<'T when 'T :> IReal<'T> and 'T: struct> (t: float) (below: 'T[]) : 'T =
        if t = 0.0 then 'T.Log(sum (below |> Array.map 'T.Exp))
        elif t = 1.0 then shiftSparsemax below
        elif t = 0.5 then shiftEntmax15 below
        else shiftByRoot t below

    /// (1 + t x)_+^(alpha/t)/alpha, the conjugate's summand.
    let conjugate<'T when 'T :> IReal<'T> and 'T: struct> (t: float) (x: 'T) : 'T =
        'T.Apply(TruncatedPower(t, 1), x) / ('T.Const 1.0 + 'T.Const t)

    /// sum over classes but the label of the conjugate's summand, plus the label's own term: all of them >= 0, and flat in the shift.
    let eval<'T when 'T :> IReal<'T> and 'T: struct>
        (t: float)
        (temperature: float)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        if t = 0.0 then
            let own = scores[label]
            let z = scores.ToArray()
            let others = Array.append z[.. last label] z[next label ..]
            let leads = others |> Array.map (fun x -> (x - own) / 'T.Const temperature)
            let top = leads |> Array.reduce (fun a b -> 'T.Max(a, b))

            'T.Const temperature
            * 'T.Softplus(top + 'T.Log(sum (leads |> Array.map (fun x -> 'T.Exp(x - top)))))
        else
            let below = below temperature scores
            let s = shift t below
            let mutable total = 'T.Apply(LabelTerm t, s - below[label])

            for k in 0 .. last below.Length do
                if k <> label then
                    total <- total + conjugate t (below[k] - s)

            'T.Const temperature * total

    /// q (q^t - 1)/(alpha t), or q ln q.
    let summand<'T when 'T :> IReal<'T> and 'T: struct> (t: float) (q: 'T) : 'T =
        if t = 0.0 then
            'T.XLogX q
        else
            let log = 'T.Log('T.Max(q, 'T.Const 1e-300))
            q * 'T.Expm1('T.Const t * log) / ('T.Const t * ('T.Const 1.0 + 'T.Const t))

    let regularizer<'T when 'T :> IReal<'T> and 'T: struct>
        (t: float)
        (temperature: float)
        (distribution: ReadOnlySpan<'T>)
        : 'T =
        'T.Const temperature * sum (distribution.ToArray() |> Array.map (fun q -> summand t q))

    /// Class by class the conjugate's summand, the regulariser's and the product: each sum of three is >= 0.
    let soft<'T when 'T :> IReal<'T> and 'T: struct>
        (t: float)
        (temperature: float)
        (target: ReadOnlySpan<'T>)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let below = below temperature scores
        let s = shift t below
        let mutable total = 'T.Const 0.0

        for k in 0 .. last below.Length do
            let q = target[k]
            let w = s - below[k]

            total <- total + (conjugate t (-w) + q * (w - 'T.Const 1.0 / ('T.Const 1.0 + 'T.Const t)) + summand t q)

        'T.Const temperature * total

/// The indicator's family over any scalar.
module private Indicator =
    /// The largest of (z_k - z_y) + c [k is not y]. The second term is 0 and carries the derivative to the average over the ties.
    let eval<'T when 'T :> IReal<'T> and 'T: struct> (cost: float) (label: int) (scores: ReadOnlySpan<'T>) : 'T =
        let own = scores[label]

        let leads =
            scores.ToArray()
            |> Array.mapi (fun k z ->
                if k = label then
                    'T.Const 0.0
                else
                    (z - own) + 'T.Const cost)

        let top = leads |> Array.reduce (fun a b -> 'T.Max(a, b))
        let mutable ties = 'T.Const 0.0
        let mutable tied = 'T.Const 0.0

        for lead in leads do
            let less = lead - top
            let one = 'T.Select(less, 'T.Const 1.0, 'T.Const 0.0)
            ties <- ties + one
            tied <- tied + one * less

        top + tied / 'T.Max(ties, 'T.Const 1.0)

    let soft<'T when 'T :> IReal<'T> and 'T: struct> (target: ReadOnlySpan<'T>) (scores: ReadOnlySpan<'T>) : 'T =
        // sum of q_k (max z - z_k), by the class form at each class
        let mutable total = 'T.Const 0.0

        for k in 0 .. last scores.Length do
            total <- total + target[k] * eval 0.0 k scores

        total

/// The squared norm over any scalar.
module private Norm =
    let soft<'T when 'T :> IReal<'T> and 'T: struct>
        (temperature: float)
        (target: ReadOnlySpan<'T>)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let mutable total = 'T.Const 0.0

        for k in 0 .. last scores.Length do
            total <- total + 'T.Sqr(scores[k] / 'T.Const temperature - target[k])

        'T.Const 0.5 * 'T.Const temperature * total

    let eval<'T when 'T :> IReal<'T> and 'T: struct> (temperature: float) (label: int) (scores: ReadOnlySpan<'T>) : 'T =
        let target = Array.init scores.Length (fun k -> 'T.Const(if k = label then 1.0 else 0.0))

        soft temperature (ReadOnlySpan target) scores

    let regularizer<'T when 'T :> IReal<'T> and 'T: struct> (temperature: float) (point: ReadOnlySpan<'T>) : 'T =
        'T.Const 0.5 * 'T.Const temperature * Tsallis.sum (point.ToArray() |> Array.map 'T.Sqr)

namespace Hindsight

open System
open System.Numerics
open System.Runtime.CompilerServices
open Hindsight.FSharp
open Spans

/// Closed forms over spans. Each element is read before it is written, so that results may lie on the scores.
module private Closed =
    let private at<'F when 'F :> IScalarFunction and 'F: struct> (f: 'F) (x: float) = f.Value(R64 x).V
    let labelTerm (t: float) (w: float) = at (LabelTerm t) w

    let prediction (t: float) (temperature: float) (scores: ReadOnlySpan<float>) (result: Span<float>) =
        let struct (at, s) = shift t temperature scores
        let top = scores[at]
        let scale = scale t temperature scores top s

        for k in 0 .. scores.Length - 1 do
            result[k] <- scale * power t ((scores[k] - top) / temperature - s)

    let gradient<'F when 'F :> INumberBase<'F>>
        (t: float)
        (temperature: float)
        (label: int)
        (scores: ReadOnlySpan<'F>)
        (gradient: Span<'F>)
        : float =
        let own = read scores[label]

        if t = 0.0 then
            let mutable top = Double.NegativeInfinity

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    top <- max top (read scores[k])

            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    sum <- sum + exp ((read scores[k] - top) / temperature)

            let struct (value, rest, _) = Scalar.softplusSigmas ((top - own) / temperature + log sum)

            for k in 0 .. scores.Length - 1 do
                gradient[k] <-
                    write (
                        if k = label then
                            -rest
                        else
                            rest * (exp ((read scores[k] - top) / temperature) / sum)
                    )

            temperature * value
        else
            let struct (at, s) = shift t temperature scores
            let top = read scores[at]
            let scale = scale t temperature scores top s
            let mutable value = labelTerm t (s - (own - top) / temperature)
            let mutable rest = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let x = (read scores[k] - top) / temperature - s
                    let p = power t x
                    value <- value + p * (1.0 + t * x) / (1.0 + t)
                    rest <- rest + scale * p
                    gradient[k] <- write (scale * p)

            // p_y - 1 as minus the mass of the others
            gradient[label] <- write -rest
            temperature * value

    let softGradient
        (t: float)
        (temperature: float)
        (target: ReadOnlySpan<float>)
        (scores: ReadOnlySpan<float>)
        (gradient: Span<float>)
        =
        let struct (at, s) = shift t temperature scores
        let top = scores[at]
        let scale = scale t temperature scores top s
        let mutable value = 0.0

        for k in 0 .. scores.Length - 1 do
            let q = target[k]
            let x = (scores[k] - top) / temperature - s
            let p = power t x

            let entropy =
                if q = 0.0 then 0.0
                elif t = 0.0 then q * log q
                else q * Scalar.expm1 (t * log q) / (t * (1.0 + t))

            value <- value + (p * (1.0 + t * x) / (1.0 + t) - q * (x + 1.0 / (1.0 + t)) + entropy)

            gradient[k] <- scale * p - q

        temperature * value

    /// (diag s - s s'/sum s) v / lambda, s the slopes of exp_t on the support. The direction is taken from its entry at the largest score, so that it keeps its digits where one class dominates.
    let hessianVector
        (t: float)
        (temperature: float)
        (scores: ReadOnlySpan<float>)
        (direction: ReadOnlySpan<float>)
        (result: Span<float>)
        =
        let struct (at, s) = shift t temperature scores
        let top = scores[at]
        let from = direction[at]
        let mutable total = 0.0
        let mutable along = 0.0

        for k in 0 .. scores.Length - 1 do
            let weight = slope t ((scores[k] - top) / temperature - s)
            total <- total + weight
            along <- along + weight * (direction[k] - from)

        let mean = along / total

        for k in 0 .. scores.Length - 1 do
            let weight = slope t ((scores[k] - top) / temperature - s)
            result[k] <- weight * ((direction[k] - from) - mean) / temperature

    /// Equal shares on the largest z_k + c [k is not y] - z_y, less the target's mass on y. Returns the largest.
    let augmented<'F when 'F :> INumberBase<'F>>
        (cost: float)
        (label: int)
        (mass: float)
        (scores: ReadOnlySpan<'F>)
        (result: Span<'F>)
        =
        let own = read scores[label]
        let mutable top = 0.0
        let mutable ties = 1

        for k in 0 .. scores.Length - 1 do
            if k <> label then
                let lead = (read scores[k] - own) + cost

                if lead > top then
                    top <- lead
                    ties <- 1
                elif lead = top then
                    ties <- ties + 1

        let share = 1.0 / float ties

        for k in 0 .. scores.Length - 1 do
            let lead = if k = label then 0.0 else (read scores[k] - own) + cost
            let p = if lead = top then share else 0.0
            result[k] <- write (if k = label then p - mass else p)

        top

    let metadata name (alpha: float) temperature =
        { LossMetadata.Default with
            Name = name
            Label = Domain.NonNegative
            Link =
                (if alpha = 1.0 && temperature = 1.0 then
                     Link.Softmax
                 else
                     Link.Identity)
            Convex = true
            Continuity = (if alpha < 2.0 then 2 else 1)
            Infimum = Nullable 0.0
            Lipschitz = Nullable(sqrt 2.0)
            Smoothness =
                (if alpha <= 2.0 then
                     Nullable(2.0 ** (alpha - 2.0) / temperature)
                 else
                     Nullable())
            StrongConvexity = Nullable 0.0
            Calibrated = Nullable true
            Elicits = "class probabilities"
            Source = "Blondel, Martins, Niculae, Learning with Fenchel-Young losses (2020)"
        }

    let squaredNorm<'F when 'F :> INumberBase<'F>>
        (temperature: float)
        (label: int)
        (scores: ReadOnlySpan<'F>)
        (gradient: Span<'F>)
        =
        let mutable value = 0.0

        for k in 0 .. scores.Length - 1 do
            let residual = read scores[k] / temperature - (if k = label then 1.0 else 0.0)
            value <- value + residual * residual
            gradient[k] <- write residual

        0.5 * temperature * value

    let hinge name calibratedSource =
        { metadata name 3.0 1.0 with
            Continuity = 0
            Calibrated = Nullable false
            Elicits = ""
            Source = calibratedSource
        }

    let checkedTemperature (temperature: float) =
        Require.positive "temperature" temperature |> Require.ok

[<Struct; NoComparison; NoEquality>]
type FenchelYoungSoftmax =
    val private Stored: float

    new(temperature: float) =
        {
            Stored = Closed.checkedTemperature temperature
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Tsallis.eval 0.0 (Plain.temperature loss.Stored) label scores

        member loss.Accept visitor = visitor.Visit loss
        member loss.Metadata = Closed.metadata "FenchelYoungSoftmax" 1.0 (Plain.temperature loss.Stored)

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.gradient 0.0 (Plain.temperature loss.Stored) label scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.gradient 0.0 (Plain.temperature loss.Stored) label scores gradient)

        member loss.HessianVector(_, scores, direction, result) =
            Closed.hessianVector 0.0 (Plain.temperature loss.Stored) scores direction result

    interface IFenchelYoungLoss with
        member loss.Temperature = Plain.temperature loss.Stored
        member loss.Margin = Nullable()

        member loss.Regularizer<'T when 'T :> IReal<'T> and 'T: struct>(distribution: ReadOnlySpan<'T>) : 'T =
            Tsallis.regularizer 0.0 (Plain.temperature loss.Stored) distribution

        member loss.SoftLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (target: ReadOnlySpan<'T>, scores: ReadOnlySpan<'T>)
            : 'T =
            Tsallis.soft 0.0 (Plain.temperature loss.Stored) target scores

        member loss.Prediction(scores, prediction) =
            Closed.prediction 0.0 (Plain.temperature loss.Stored) scores prediction

        member loss.SoftGradient(target, scores, gradient) =
            Closed.softGradient 0.0 (Plain.temperature loss.Stored) target scores gradient

[<Struct; NoComparison; NoEquality>]
type FenchelYoungSparsemax =
    val private Stored: float

    new(temperature: float) =
        {
            Stored = Closed.checkedTemperature temperature
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Tsallis.eval 1.0 (Plain.temperature loss.Stored) label scores

        member loss.Accept visitor = visitor.Visit loss
        member loss.Metadata = Closed.metadata "FenchelYoungSparsemax" 2.0 (Plain.temperature loss.Stored)

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.gradient 1.0 (Plain.temperature loss.Stored) label scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.gradient 1.0 (Plain.temperature loss.Stored) label scores gradient)

        member loss.HessianVector(_, scores, direction, result) =
            Closed.hessianVector 1.0 (Plain.temperature loss.Stored) scores direction result

    interface IFenchelYoungLoss with
        member loss.Temperature = Plain.temperature loss.Stored
        member loss.Margin = Nullable(Plain.temperature loss.Stored)

        member loss.Regularizer<'T when 'T :> IReal<'T> and 'T: struct>(distribution: ReadOnlySpan<'T>) : 'T =
            Tsallis.regularizer 1.0 (Plain.temperature loss.Stored) distribution

        member loss.SoftLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (target: ReadOnlySpan<'T>, scores: ReadOnlySpan<'T>)
            : 'T =
            Tsallis.soft 1.0 (Plain.temperature loss.Stored) target scores

        member loss.Prediction(scores, prediction) =
            Closed.prediction 1.0 (Plain.temperature loss.Stored) scores prediction

        member loss.SoftGradient(target, scores, gradient) =
            Closed.softGradient 1.0 (Plain.temperature loss.Stored) target scores gradient

[<Struct; NoComparison; NoEquality>]
type FenchelYoungEntmax =
    val private Order: float
    val private Stored: float

    new(alpha: float, temperature: float) =
        {
            Order =
                (Require.inside
                    "alpha"
                    { Domain.Reals with
                        Low = 1.0
                        LowClosed = true
                    }
                    alpha
                 |> Require.ok)
                - 1.0
            Stored = Closed.checkedTemperature temperature
        }

    new(alpha: float) = FenchelYoungEntmax(alpha, 1.0)
    member loss.Alpha = 1.0 + loss.Order

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Tsallis.eval loss.Order (Plain.temperature loss.Stored) label scores

        member loss.Accept visitor = visitor.Visit loss
        member loss.Metadata = Closed.metadata "FenchelYoungEntmax" loss.Alpha (Plain.temperature loss.Stored)

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.gradient loss.Order (Plain.temperature loss.Stored) label scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.gradient loss.Order (Plain.temperature loss.Stored) label scores gradient)

        member loss.HessianVector(_, scores, direction, result) =
            Closed.hessianVector loss.Order (Plain.temperature loss.Stored) scores direction result

    interface IFenchelYoungLoss with
        member loss.Temperature = Plain.temperature loss.Stored

        member loss.Margin =
            (if loss.Order = 0.0 then
                 Nullable()
             else
                 Nullable(Plain.temperature loss.Stored / loss.Order))

        member loss.Regularizer<'T when 'T :> IReal<'T> and 'T: struct>(distribution: ReadOnlySpan<'T>) : 'T =
            Tsallis.regularizer loss.Order (Plain.temperature loss.Stored) distribution

        member loss.SoftLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (target: ReadOnlySpan<'T>, scores: ReadOnlySpan<'T>)
            : 'T =
            Tsallis.soft loss.Order (Plain.temperature loss.Stored) target scores

        member loss.Prediction(scores, prediction) =
            Closed.prediction loss.Order (Plain.temperature loss.Stored) scores prediction

        member loss.SoftGradient(target, scores, gradient) =
            Closed.softGradient loss.Order (Plain.temperature loss.Stored) target scores gradient

[<Struct; NoComparison; NoEquality>]
type FenchelYoungPerceptron =
    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Indicator.eval 0.0 label scores

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata =
            Closed.hinge "FenchelYoungPerceptron" "Blondel, Martins, Niculae, Learning with Fenchel-Young losses (2020)"

    interface IMulticlassGradient with
        member _.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.augmented 0.0 label 1.0 scores gradient

        member _.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.augmented 0.0 label 1.0 scores gradient)

        member _.HessianVector(_: int, _: ReadOnlySpan<float>, _: ReadOnlySpan<float>, result: Span<float>) : unit =
            result.Clear()

    interface IFenchelYoungLoss with
        member _.Temperature = 1.0
        member _.Margin = Nullable 0.0

        member _.Regularizer<'T when 'T :> IReal<'T> and 'T: struct>(_: ReadOnlySpan<'T>) : 'T = 'T.Const 0.0

        member _.SoftLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (target: ReadOnlySpan<'T>, scores: ReadOnlySpan<'T>)
            : 'T =
            Indicator.soft target scores

        member _.Prediction(scores, prediction) =
            Closed.augmented 0.0 (largest scores) 0.0 scores prediction |> Plain.drop

        member _.SoftGradient(target, scores, gradient) =
            let at = largest scores
            let top = scores[at]
            let mutable value = 0.0

            for k in 0 .. scores.Length - 1 do
                value <- value + target[k] * (top - scores[k])

            Closed.augmented 0.0 at 0.0 scores gradient |> Plain.drop

            for k in 0 .. gradient.Length - 1 do
                gradient[k] <- gradient[k] - target[k]

            value

[<Struct; NoComparison; NoEquality>]
type FenchelYoungCrammerSinger =
    val private Cost: float

    new(cost: float) =
        {
            Cost = Require.nonNegative "cost" cost |> Require.ok
        }

    member loss.Prediction(label: int, scores: ReadOnlySpan<float>, prediction: Span<float>) =
        Closed.augmented loss.Cost label 0.0 scores prediction |> Plain.drop

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Indicator.eval loss.Cost label scores

        member loss.Accept visitor = visitor.Visit loss

        member _.Metadata = Closed.hinge "FenchelYoungCrammerSinger" "Crammer and Singer (2001)"

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.augmented loss.Cost label 1.0 scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.augmented loss.Cost label 1.0 scores gradient)

        member _.HessianVector(_: int, _: ReadOnlySpan<float>, _: ReadOnlySpan<float>, result: Span<float>) : unit =
            result.Clear()

[<Struct; NoComparison; NoEquality>]
type FenchelYoungSquaredNorm =
    val private Stored: float

    new(temperature: float) =
        {
            Stored = Closed.checkedTemperature temperature
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member loss.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Norm.eval (Plain.temperature loss.Stored) label scores

        member loss.Accept visitor = visitor.Visit loss

        member loss.Metadata =
            let curvature = Nullable(1.0 / Plain.temperature loss.Stored)

            { Closed.metadata "FenchelYoungSquaredNorm" 1.0 (Plain.temperature loss.Stored) with
                Link = Link.Identity
                Lipschitz = Nullable()
                Smoothness = curvature
                StrongConvexity = curvature
            }

    interface IMulticlassGradient with
        member loss.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            Closed.squaredNorm (Plain.temperature loss.Stored) label scores gradient

        member loss.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            float32 (Closed.squaredNorm (Plain.temperature loss.Stored) label scores gradient)

        member loss.HessianVector
            (_: int, _: ReadOnlySpan<float>, direction: ReadOnlySpan<float>, result: Span<float>)
            : unit =
            for k in 0 .. direction.Length - 1 do
                result[k] <- direction[k] / Plain.temperature loss.Stored

    interface IFenchelYoungLoss with
        member loss.Temperature = Plain.temperature loss.Stored
        member _.Margin = Nullable()

        member loss.Regularizer<'T when 'T :> IReal<'T> and 'T: struct>(distribution: ReadOnlySpan<'T>) : 'T =
            Norm.regularizer (Plain.temperature loss.Stored) distribution

        member loss.SoftLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (target: ReadOnlySpan<'T>, scores: ReadOnlySpan<'T>)
            : 'T =
            Norm.soft (Plain.temperature loss.Stored) target scores

        member loss.Prediction(scores, prediction) =
            for k in 0 .. scores.Length - 1 do
                prediction[k] <- scores[k] / Plain.temperature loss.Stored

        member loss.SoftGradient(target, scores, gradient) =
            let mutable value = 0.0

            for k in 0 .. scores.Length - 1 do
                let residual = scores[k] / Plain.temperature loss.Stored - target[k]
                value <- value + residual * residual
                gradient[k] <- residual

            0.5 * Plain.temperature loss.Stored * value

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module FenchelYoung =
    let private checkedScores (scores: float[]) =
        result {
            do! Require.allFinite "scores" (ReadOnlySpan scores)

            if scores.Length < 2 then
                return! Error(HindsightError.WrongDimension("scores", scores.Length, 2))
        }

    let prediction (loss: IFenchelYoungLoss) (scores: float[]) =
        checkedScores scores
        |> Result.map (fun () ->
            let prediction = Array.zeroCreate scores.Length
            loss.Prediction(ReadOnlySpan scores, Span prediction)
            prediction)

    let value (loss: IFenchelYoungLoss) (target: float[]) (scores: float[]) =
        result {
            do! checkedScores scores
            do! Require.length "target" scores.Length target.Length
            do! Require.allFinite "target" (ReadOnlySpan target)

            match target |> Array.tryFind (fun q -> q < 0.0) with
            | Some q -> return! Error(HindsightError.OutOfRange("target", string q, "probabilities, none negative"))
            | None ->
                let sum = Array.sum target

                if abs (sum - 1.0) > 1e-9 then
                    return! Error(HindsightError.OutOfRange("target", $"sum {sum}", "probabilities with sum 1"))
                else
                    let gradient = Array.zeroCreate scores.Length
                    return loss.SoftGradient(ReadOnlySpan target, ReadOnlySpan scores, Span gradient)
        }

    let private temperature =
        LossEntry.parameter
            "temperature"
            "factor of the regulariser: larger is smoother"
            1.0
            Domain.Positive
            (Domain.Closed(0.25, 4.0))

    let private alpha =
        LossEntry.parameter
            "alpha"
            "order of Tsallis' entropy: 1 softmax, 2 sparsemax"
            1.5
            { Domain.Reals with
                Low = 1.0
                LowClosed = true
            }
            (Domain.Closed(1.0, 3.0))

    let private cost =
        LossEntry.parameter "cost" "lead asked of the label's score" 1.0 Domain.NonNegative (Domain.Closed(0.0, 3.0))

    let entries =
        let row name parameters create =
            LossEntry.multiclass name "fenchel-young" parameters create

        [|
            row "fy-softmax" [| temperature |] (fun p -> FenchelYoungSoftmax p[0])
            row "fy-sparsemax" [| temperature |] (fun p -> FenchelYoungSparsemax p[0])
            row "fy-entmax" [| alpha; temperature |] (fun p -> FenchelYoungEntmax(p[0], p[1]))
            row "fy-perceptron" [||] (fun _ -> FenchelYoungPerceptron())
            row "fy-crammer-singer" [| cost |] (fun p -> FenchelYoungCrammerSinger p[0])
            row "fy-squared-norm" [| temperature |] (fun p -> FenchelYoungSquaredNorm p[0])
        |]
