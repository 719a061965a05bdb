namespace Hindsight

#nowarn "9" // a group of rows is turned on the stack

open System
open System.Buffers
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open Hindsight.FSharp

/// Between rows of scores and lanes: number k of row j stands at k width + j.
[<AbstractClass; Sealed>]
type internal Lines<'N
    when 'N: unmanaged and 'N: struct and 'N: (new: unit -> 'N) and 'N :> ValueType and 'N :> INumber<'N>> =
    /// The rows from `first` on; where they run out, the last one again.
    static member Into
        (scores: ReadOnlySpan<'N>, classes: int, first: int, count: int, turned: Span<'N>, width: int)
        : unit =
        let source = scores.Slice(first * classes, count * classes)
        let target = turned.Slice(0, width * classes)

        Turning.Turn(
            &MemoryMarshal.GetReference source,
            classes,
            count,
            classes,
            &MemoryMarshal.GetReference target,
            width
        )

        for k in 0 .. classes - 1 do
            for j in count .. width - 1 do
                target[k * width + j] <- target[k * width + count - 1]

    /// The first `count` rows back to where rows from `first` on belong.
    static member Back(turned: Span<'N>, width: int, classes: int, first: int, count: int, rows: Span<'N>) : unit =
        let source = turned.Slice(0, width * classes)
        let target = rows.Slice(first * classes, count * classes)

        Turning.Turn(
            &MemoryMarshal.GetReference source,
            width,
            classes,
            count,
            &MemoryMarshal.GetReference target,
            classes
        )

    /// In double and in order.
    static member Sum(values: Span<'N>, count: int) =
        let mutable sum = 0.0

        for j in 0 .. count - 1 do
            sum <- sum + Double.CreateTruncating values[j]

        sum

/// Losses of the surprisal in lanes. Notation: u the scores over the temperature, the label's lowered by the margin; e_k = e^(u_k - max u); r = sum of the e_k less one of the largest
/// (so that nothing is lost where it is small), S = 1 + r; the surprisal is (max u - u_y) + ln(1 + r), the gradient G'(A)/temperature (e_k/S - [k = y]).
[<AbstractClass; Sealed>]
type internal SoftmaxLoop<'L, 'V, 'N
    when 'L :> ISoftmaxLoss
    and 'L: struct
    and 'V :> ILane<'V, 'N>
    and 'V: struct
    and 'N: unmanaged
    and 'N: struct
    and 'N: (new: unit -> 'N)
    and 'N :> ValueType
    and 'N :> IFloatingPointIeee754<'N>> =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private At(span: Span<'N>, i: int) : 'V =
        'V.Load &(Unsafe.Add(&MemoryMarshal.GetReference span, i))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Read(span: ReadOnlySpan<'N>, i: int) : 'V =
        'V.Load &(Unsafe.Add(&MemoryMarshal.GetReference span, i))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Put(span: Span<'N>, i: int, v: 'V) =
        'V.Store(v, &(Unsafe.Add(&MemoryMarshal.GetReference span, i)))

    /// The e_k of one column, and what it adds to r + 1: 0 for a largest score in `others`, 1 for it in `largest`.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Exponential(u: 'V, top: 'V, others: byref<'V>, largest: byref<'V>) : 'V =
        let below = 'V.op_Subtraction (u, top)
        let e = 'V.ExpNegative below
        let zero = 'V.Const 0.0
        let one = 'V.Const 1.0
        others <- 'V.op_Addition (others, 'V.Select(below, zero, e))
        largest <- 'V.op_Addition (largest, 'V.Select(below, one, zero))
        e

    /// One row a lane: the rows from `first` on, the last one again where they run out. `turned` holds Width x classes numbers.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Rows
        (
            loss: 'L,
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<'N>,
            classes: int,
            weights: ReadOnlySpan<'N>,
            factor: float,
            first: int,
            turned: Span<'N>,
            total: byref<Total>,
            gradient: Span<'N>
        ) : unit =
        let width = 'V.Width
        let last = labels.Length - 1
        let count = Math.Min(width, labels.Length - first)
        let lanes = NativePtr.stackalloc<'N>(3 * width)
        let label = Span<'N>(NativePtr.toVoidPtr lanes, width)
        let weight = Span<'N>(NativePtr.toVoidPtr (NativePtr.add lanes width), width)
        let value = Span<'N>(NativePtr.toVoidPtr (NativePtr.add lanes (2 * width)), width)
        let margin = 'N.CreateTruncating loss.Margin
        let inverse = 'V.Const(1.0 / loss.Temperature)

        Lines<'N>.Into(scores, classes, first, count, turned, width)

        for j in 0 .. width - 1 do
            let row = Math.Min(first + j, last)
            let y = labels[row]
            let lowered = scores[row * classes + y] - margin
            label[j] <- lowered

            if loss.Margin <> 0.0 then
                turned[y * width + j] <- lowered

            if weights.Length > 0 then
                weight[j] <- weights[row]

        let mutable top = SoftmaxLoop<'L, 'V, 'N>.At(turned, 0)

        for k in 1 .. classes - 1 do
            top <- 'V.Max(top, SoftmaxLoop<'L, 'V, 'N>.At(turned, k * width))

        top <- 'V.op_Multiply (top, inverse)
        let mutable others = 'V.Const 0.0
        let mutable largest = 'V.Const 0.0

        for k in 0 .. classes - 1 do
            let u = 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.At(turned, k * width), inverse)

            SoftmaxLoop<'L, 'V, 'N>
                .Put(turned, k * width, SoftmaxLoop<'L, 'V, 'N>.Exponential(u, top, &others, &largest))

        let one = 'V.Const 1.0
        let rest = 'V.op_Addition (others, 'V.op_Subtraction (largest, one))
        let own = 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.At(label, 0), inverse)
        let below = 'V.op_Subtraction (own, top)

        let surprisal = 'V.op_Subtraction ('V.Log1p rest, below)

        let mutable scale = 'V.Const factor

        if weights.Length > 0 then
            scale <- 'V.op_Multiply (scale, SoftmaxLoop<'L, 'V, 'N>.At(weight, 0))

        let shifted = 'V.op_Addition (loss.Outer surprisal, 'V.Const(loss.Shift classes))

        SoftmaxLoop<'L, 'V, 'N>.Put(value, 0, 'V.op_Multiply (shifted, scale))

        total.Add(Lines<'N>.Sum(value, count))

        if gradient.Length > 0 then
            let slope = 'V.op_Multiply ('V.op_Multiply (loss.OuterSlope surprisal, scale), inverse)
            let coefficient = 'V.op_Division (slope, 'V.op_Addition (one, rest))

            for k in 0 .. classes - 1 do
                SoftmaxLoop<'L, 'V, 'N>
                    .Put(turned, k * width, 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.At(turned, k * width), coefficient))

            // 1 - s_y is the share of the others, which does not cancel
            let without = 'V.op_Addition ('V.op_Subtraction (one, 'V.Exp below), rest)
            let without = 'V.Select(below, rest, without)
            SoftmaxLoop<'L, 'V, 'N>.Put(label, 0, 'V.op_UnaryNegation ('V.op_Multiply (without, coefficient)))

            Lines<'N>.Back(turned, width, classes, first, count, gradient)

            for j in 0 .. count - 1 do
                gradient[(first + j) * classes + labels[first + j]] <- label[j]

    /// One row along the lanes; what is left over of it is padded with -infinity. Its exponentials, then its gradient where that is kept, go to `place`, which may be the scores.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Row
        (loss: 'L, y: int, scores: ReadOnlySpan<'N>, scale: float, total: byref<Total>, place: Span<'N>, keep: bool)
        : unit =
        let width = 'V.Width
        let classes = scores.Length
        let whole = classes - classes % width
        let margin = 'N.CreateTruncating loss.Margin
        let inverse = 1.0 / loss.Temperature
        let own = scores[y] - margin
        let mutable source = scores

        if loss.Margin <> 0.0 then
            scores.CopyTo place
            place[y] <- own
            source <- Span.op_Implicit place

        let tail = Span<'N>(NativePtr.toVoidPtr (NativePtr.stackalloc<'N> width), width)

        tail.Fill 'N.NegativeInfinity
        source.Slice(whole).CopyTo tail
        let mutable high = SoftmaxLoop<'L, 'V, 'N>.At(tail, 0)
        let mutable i = 0

        while i < whole do
            high <- 'V.Max(high, SoftmaxLoop<'L, 'V, 'N>.Read(source, i))
            i <- i + width

        let largestScore = 'V.Largest high
        let times = 'V.Const inverse
        let top = 'V.op_Multiply ('V.Splat largestScore, times)
        let mutable others = 'V.Const 0.0
        let mutable largest = 'V.Const 0.0
        i <- 0

        while i < whole do
            let u = 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.Read(source, i), times)

            SoftmaxLoop<'L, 'V, 'N>.Put(place, i, SoftmaxLoop<'L, 'V, 'N>.Exponential(u, top, &others, &largest))

            i <- i + width

        if whole < classes then
            let u = 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.At(tail, 0), times)

            SoftmaxLoop<'L, 'V, 'N>.Put(tail, 0, SoftmaxLoop<'L, 'V, 'N>.Exponential(u, top, &others, &largest))

            tail.Slice(0, classes - whole).CopyTo(place.Slice whole)

        let rest = 'V.Sum others + ('V.Sum largest - 1.0)

        let below = (Double.CreateTruncating own - Double.CreateTruncating largestScore) * inverse

        let surprisal = R64(Scalar.log1p rest - below)
        total.Add(((loss.Outer surprisal).V + loss.Shift classes) * scale)

        if keep then
            let coefficient = (loss.OuterSlope surprisal).V * scale * inverse / (1.0 + rest)
            let times = 'V.Const coefficient
            i <- 0

            while i < whole do
                SoftmaxLoop<'L, 'V, 'N>.Put(place, i, 'V.op_Multiply (SoftmaxLoop<'L, 'V, 'N>.At(place, i), times))

                i <- i + width

            for k in whole .. classes - 1 do
                place[k] <- place[k] * 'N.CreateTruncating coefficient

            // 1 - s_y is the share of the others, which does not cancel
            let without = if below >= 0.0 then rest else rest - Scalar.expm1 below
            place[y] <- 'N.CreateTruncating(-(without * coefficient))

/// A batch of rows at one element type, whatever the loss and the lanes.
[<AbstractClass>]
type internal RowsRunner<'N when 'N: unmanaged>() =
    /// The reduced value; the gradient where the span is not empty.
    abstract Run:
        labels: ReadOnlySpan<int> *
        scores: ReadOnlySpan<'N> *
        classes: int *
        weights: ReadOnlySpan<'N> *
        factor: float *
        gradient: Span<'N> ->
            float

[<Sealed>]
type internal SoftmaxRunner<'L, 'V, 'N
    when 'L :> ISoftmaxLoss
    and 'L: struct
    and 'V :> ILane<'V, 'N>
    and 'V: struct
    and 'N: unmanaged
    and 'N: struct
    and 'N: (new: unit -> 'N)
    and 'N :> ValueType
    and 'N :> IFloatingPointIeee754<'N>>(loss: 'L, fewClasses: int) =
    inherit RowsRunner<'N>()

    override _.Run(labels, scores, classes, weights, factor, gradient) =
        let mutable total = Total()

        if classes <= fewClasses then
            let size = 'V.Width * classes

            let turned = Span<'N>(NativePtr.toVoidPtr (NativePtr.stackalloc<'N> size), size)

            let mutable first = 0

            while first < labels.Length do
                SoftmaxLoop<'L, 'V, 'N>
                    .Rows(loss, labels, scores, classes, weights, factor, first, turned, &total, gradient)

                first <- first + 'V.Width
        else
            // without a gradient the exponentials need a place all the same
            let keep = gradient.Length > 0

            let rented =
                if keep then
                    [||]
                else
                    Buffers.ArrayPool<'N>.Shared.Rent classes

            for row in 0 .. labels.Length - 1 do
                let scale =
                    if weights.Length > 0 then
                        factor * Double.CreateTruncating weights[row]
                    else
                        factor

                let place =
                    if keep then
                        gradient.Slice(row * classes, classes)
                    else
                        Span<'N>(rented, 0, classes)

                SoftmaxLoop<'L, 'V, 'N>
                    .Row(loss, labels[row], scores.Slice(row * classes, classes), scale, &total, place, keep)

            if not keep then
                Buffers.ArrayPool<'N>.Shared.Return rented

        total.Value

/// Entmax with alpha 1.5 and 2 (sparsemax) in lanes, one row a lane: x_k = z_k/temperature less the largest, u_k = (alpha-1) x_k,
/// p_k = (u_k - tau)_+^(1/(alpha-1)). The sum of the p_k less 1 is convex and decreasing in tau, so Newton's method from tau = -1, where it is not negative, climbs to the root and never
/// passes it. The value is temperature (sum p_k (x_k - x_y) + sum p_k (1 - p_k^(alpha-1))/(alpha (alpha-1))).
[<AbstractClass; Sealed>]
type internal EntmaxLoop<'V, 'N
    when 'V :> ILane<'V, 'N>
    and 'V: struct
    and 'N: unmanaged
    and 'N: struct
    and 'N: (new: unit -> 'N)
    and 'N :> ValueType
    and 'N :> IFloatingPointIeee754<'N>> =
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private At(span: Span<'N>, i: int) : 'V =
        'V.Load &(Unsafe.Add(&MemoryMarshal.GetReference span, i))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Put(span: Span<'N>, i: int, v: 'V) =
        'V.Store(v, &(Unsafe.Add(&MemoryMarshal.GetReference span, i)))

    /// (u - tau)_+ to the power 1/(alpha-1), and to one power less.
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Power(above: 'V, square: bool) : struct ('V * 'V) =
        let zero = 'V.Const 0.0
        let part = 'V.Max(above, zero)

        if square then
            struct ('V.Sqr part, part)
        else
            struct (part, 'V.Select('V.op_UnaryNegation part, zero, 'V.Const 1.0))

    /// The rows from `first` on, the last one again where they run out. `turned` holds Width x classes numbers.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Rows
        (
            square: bool,
            temperature: float,
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<'N>,
            classes: int,
            weights: ReadOnlySpan<'N>,
            factor: float,
            first: int,
            turned: Span<'N>,
            total: byref<Total>,
            gradient: Span<'N>
        ) : unit =
        let width = 'V.Width
        let last = labels.Length - 1
        let count = Math.Min(width, labels.Length - first)
        let lanes = NativePtr.stackalloc<'N>(4 * width)
        let own = Span<'N>(NativePtr.toVoidPtr lanes, width)
        let weight = Span<'N>(NativePtr.toVoidPtr (NativePtr.add lanes width), width)
        let value = Span<'N>(NativePtr.toVoidPtr (NativePtr.add lanes (2 * width)), width)
        let number = Span<'N>(NativePtr.toVoidPtr (NativePtr.add lanes (3 * width)), width)
        let order = if square then 0.5 else 1.0
        let zero = 'V.Const 0.0
        let one = 'V.Const 1.0

        Lines<'N>.Into(scores, classes, first, count, turned, width)

        for j in 0 .. width - 1 do
            let row = Math.Min(first + j, last)
            own[j] <- scores[row * classes + labels[row]]
            number[j] <- 'N.CreateTruncating labels[row]

            if weights.Length > 0 then
                weight[j] <- weights[row]

        let mutable top = EntmaxLoop<'V, 'N>.At(turned, 0)

        for k in 1 .. classes - 1 do
            top <- 'V.Max(top, EntmaxLoop<'V, 'N>.At(turned, k * width))

        let times = 'V.Const(order / temperature)

        for k in 0 .. classes - 1 do
            let below = 'V.op_Subtraction (EntmaxLoop<'V, 'N>.At(turned, k * width), top)
            EntmaxLoop<'V, 'N>.Put(turned, k * width, 'V.op_Multiply (below, times))

        // Newton's method gains at least a bit a step far from the root and doubles the digits near it
        let enough = if sizeof<'N> = 8 then 1e-15 else 5e-7
        let mutable tau = 'V.Const -1.0
        let mutable step = 0
        let mutable going = true

        while going do
            let mutable sum = 'V.Const -1.0
            let mutable slope = zero

            for k in 0 .. classes - 1 do
                let above = 'V.op_Subtraction (EntmaxLoop<'V, 'N>.At(turned, k * width), tau)
                let struct (p, q) = EntmaxLoop<'V, 'N>.Power(above, square)
                sum <- 'V.op_Addition (sum, p)
                slope <- 'V.op_Addition (slope, q)

            let slope = if square then 'V.op_Addition (slope, slope) else slope
            let excess = 'V.Max(sum, zero)
            tau <- 'V.op_Addition (tau, 'V.op_Division (excess, slope))
            step <- step + 1
            going <- step < 64 && Double.CreateTruncating('V.Largest excess) > enough

        let label = EntmaxLoop<'V, 'N>.At(number, 0)
        let lead = 'V.op_Subtraction (EntmaxLoop<'V, 'N>.At(own, 0), top)
        let reach = 'V.Const(1.0 / order)
        let part = 'V.Const(1.0 / ((1.0 + order) * order))
        let ownBelow = 'V.op_Multiply (lead, 'V.Const(1.0 / temperature))
        let mutable result = zero
        let mutable others = zero

        for k in 0 .. classes - 1 do
            let u = EntmaxLoop<'V, 'N>.At(turned, k * width)
            let struct (p, q) = EntmaxLoop<'V, 'N>.Power('V.op_Subtraction (u, tau), square)
            let x = 'V.op_Multiply (u, reach)
            let low = if square then q else p
            let spread = 'V.op_Multiply (part, 'V.op_Subtraction (one, low))

            result <-
                'V.op_Addition (result, 'V.op_Multiply (p, 'V.op_Addition ('V.op_Subtraction (x, ownBelow), spread)))

            // 0 at the label, whose probability less 1 is minus the sum of the others
            let away = 'V.Abs('V.op_Subtraction ('V.Const(float k), label))
            let other = 'V.Select('V.op_Subtraction (away, 'V.Const 0.5), p, zero)
            others <- 'V.op_Addition (others, other)
            EntmaxLoop<'V, 'N>.Put(turned, k * width, other)

        let mutable scale = 'V.Const factor

        if weights.Length > 0 then
            scale <- 'V.op_Multiply (scale, EntmaxLoop<'V, 'N>.At(weight, 0))

        let reduced = 'V.op_Multiply ('V.op_Multiply ('V.Max(result, zero), 'V.Const temperature), scale)

        EntmaxLoop<'V, 'N>.Put(value, 0, reduced)

        total.Add(Lines<'N>.Sum(value, count))

        if gradient.Length > 0 then
            EntmaxLoop<'V, 'N>.Put(own, 0, 'V.op_UnaryNegation ('V.op_Multiply (others, scale)))

            for k in 0 .. classes - 1 do
                EntmaxLoop<'V, 'N>
                    .Put(turned, k * width, 'V.op_Multiply (EntmaxLoop<'V, 'N>.At(turned, k * width), scale))

            Lines<'N>.Back(turned, width, classes, first, count, gradient)

            for j in 0 .. count - 1 do
                gradient[(first + j) * classes + labels[first + j]] <- own[j]

/// Entmax by lanes; rows too long for the stack go through the loss's own gradient.
[<Sealed>]
type internal EntmaxRunner<'V, 'N
    when 'V :> ILane<'V, 'N>
    and 'V: struct
    and 'N: unmanaged
    and 'N: struct
    and 'N: (new: unit -> 'N)
    and 'N :> ValueType
    and 'N :> IFloatingPointIeee754<'N>>(square: bool, temperature: float, otherwise: RowsRunner<'N>) =
    inherit RowsRunner<'N>()

    override _.Run(labels, scores, classes, weights, factor, gradient) =
        // 64 KiB of turned scores at most
        if classes * 'V.Width * sizeof<'N> > 65_536 then
            otherwise.Run(labels, scores, classes, weights, factor, gradient)
        else
            let mutable total = Total()
            let size = 'V.Width * classes

            let turned = Span<'N>(NativePtr.toVoidPtr (NativePtr.stackalloc<'N> size), size)

            let mutable first = 0

            while first < labels.Length do
                EntmaxLoop<'V, 'N>
                    .Rows(
                        square,
                        temperature,
                        labels,
                        scores,
                        classes,
                        weights,
                        factor,
                        first,
                        turned,
                        &total,
                        gradient
                    )

                first <- first + 'V.Width

            total.Value

/// Row by row through the loss's own closed forms.
[<AbstractClass>]
type internal ByRow<'N
    when 'N: unmanaged and 'N: struct and 'N: (new: unit -> 'N) and 'N :> ValueType and 'N :> INumber<'N>>() =
    inherit RowsRunner<'N>()

    /// Writes the gradient of a row and returns its value.
    abstract Gradient: label: int * scores: ReadOnlySpan<'N> * gradient: Span<'N> -> float

    /// Writes the Hessian of a row times its direction.
    abstract Product: label: int * scores: ReadOnlySpan<'N> * direction: ReadOnlySpan<'N> * result: Span<'N> -> unit

    static member private Scale(weights: ReadOnlySpan<'N>, factor: float, row: int) =
        if weights.Length > 0 then
            factor * Double.CreateTruncating weights[row]
        else
            factor

    static member private Multiply(row: Span<'N>, scale: float) =
        if scale <> 1.0 then
            let scale = 'N.CreateTruncating scale

            for k in 0 .. row.Length - 1 do
                row[k] <- row[k] * scale

    override runner.Run(labels, scores, classes, weights, factor, gradient) =
        let mutable total = Total()
        let keep = gradient.Length > 0
        let scratch = if keep then [||] else Array.zeroCreate<'N> classes

        for row in 0 .. labels.Length - 1 do
            let scale = ByRow<'N>.Scale(weights, factor, row)

            let place =
                if keep then
                    gradient.Slice(row * classes, classes)
                else
                    Span scratch

            total.Add(scale * runner.Gradient(labels[row], scores.Slice(row * classes, classes), place))

            if keep then
                ByRow<'N>.Multiply(place, scale)

        total.Value

    /// The Hessian of the reduced value times a direction: a product a row, since rows do not meet.
    member runner.Products
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<'N>,
            classes: int,
            weights: ReadOnlySpan<'N>,
            factor: float,
            direction: ReadOnlySpan<'N>,
            result: Span<'N>
        ) : unit =
        for row in 0 .. labels.Length - 1 do
            let at = row * classes
            let place = result.Slice(at, classes)
            runner.Product(labels[row], scores.Slice(at, classes), direction.Slice(at, classes), place)
            ByRow<'N>.Multiply(place, ByRow<'N>.Scale(weights, factor, row))

[<Sealed>]
type internal ByRowDouble(own: IMulticlassGradient) =
    inherit ByRow<float>()
    override _.Gradient(label, scores, gradient) = own.Gradient(label, scores, gradient)

    override _.Product(label, scores, direction, result) =
        own.HessianVector(label, scores, direction, result)

/// Single precision by way of double.
module internal InDouble =
    let hessianVector
        (loss: IMulticlassGradient)
        (label: int)
        (scores: ReadOnlySpan<float32>)
        (direction: ReadOnlySpan<float32>)
        (result: Span<float32>)
        : unit =
        let n = scores.Length
        let rented = ArrayPool<float>.Shared.Rent(2 * n)
        let wide = Span<float>(rented, 0, n)
        let along = Span<float>(rented, n, n)

        for k in 0 .. n - 1 do
            wide[k] <- float scores[k]
            along[k] <- float direction[k]

        loss.HessianVector(label, Span.op_Implicit wide, Span.op_Implicit along, wide)

        for k in 0 .. n - 1 do
            result[k] <- float32 wide[k]

        ArrayPool<float>.Shared.Return rented

[<Sealed>]
type internal ByRowSingle(own: IMulticlassGradient) =
    inherit ByRow<float32>()

    override _.Gradient(label, scores, gradient) =
        float (own.Gradient(label, scores, gradient))

    override _.Product(label, scores, direction, result) =
        InDouble.hessianVector own label scores direction result

/// Any loss, through a dual number a class.
[<Sealed>]
type internal DualRunner<'L when 'L :> IMulticlassLoss and 'L: struct>(loss: 'L) =
    interface IMulticlassGradient with
        member _.Gradient(label: int, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let duals = Array.zeroCreate<Dual<R64>> scores.Length

            for k in 0 .. scores.Length - 1 do
                duals[k] <- Dual(R64 scores[k], R64 0.0)

            let mutable value = 0.0

            for k in 0 .. scores.Length - 1 do
                let score = duals[k]
                duals[k] <- Dual(score.P, R64 1.0)
                let r = loss.Eval(label, ReadOnlySpan duals)
                duals[k] <- score
                value <- r.P.V
                gradient[k] <- r.D.V

            value

        member this.Gradient(label: int, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let wide = Array.zeroCreate scores.Length

            for k in 0 .. scores.Length - 1 do
                wide[k] <- float scores[k]

            let slopes = Array.zeroCreate<float> scores.Length

            let value = (this :> IMulticlassGradient).Gradient(label, ReadOnlySpan wide, Span slopes)

            for k in 0 .. scores.Length - 1 do
                gradient[k] <- float32 slopes[k]

            float32 value

        member _.HessianVector(label, scores, direction, result) =
            let duals = Array.zeroCreate<Dual<Dual<R64>>> scores.Length
            let zero = R64 0.0

            for k in 0 .. scores.Length - 1 do
                duals[k] <- Dual(Dual(R64 scores[k], R64 direction[k]), Dual(zero, zero))

            for k in 0 .. scores.Length - 1 do
                let score = duals[k]
                duals[k] <- Dual(score.P, Dual(R64 1.0, zero))
                result[k] <- (loss.Eval(label, ReadOnlySpan duals)).D.D.V
                duals[k] <- score

/// A loss at both element types.
type internal SoftmaxRunners(bits: int, few: int) =
    interface ISoftmaxVisitor<struct (RowsRunner<float> * RowsRunner<float32>)> with
        member _.Visit<'L when 'L :> ISoftmaxLoss and 'L: struct>(loss: 'L) =
            match bits with
            | 512 ->
                struct (SoftmaxRunner<'L, V512, float>(loss, few) :> RowsRunner<float>,
                        SoftmaxRunner<'L, F512, float32>(loss, few) :> RowsRunner<float32>)
            | 256 -> struct (SoftmaxRunner<'L, V256, float>(loss, few), SoftmaxRunner<'L, F256, float32>(loss, few))
            | _ -> struct (SoftmaxRunner<'L, V128, float>(loss, few), SoftmaxRunner<'L, F128, float32>(loss, few))

[<RequireQualifiedAccess>]
module internal EntmaxRunners =
    /// Entmax at both element types, alpha 1.5 (square) or 2.
    let create bits square temperature (struct (wide, single): struct (RowsRunner<float> * RowsRunner<float32>)) =
        match bits with
        | 512 ->
            struct (EntmaxRunner<V512, float>(square, temperature, wide) :> RowsRunner<float>,
                    EntmaxRunner<F512, float32>(square, temperature, single) :> RowsRunner<float32>)
        | 256 ->
            struct (EntmaxRunner<V256, float>(square, temperature, wide),
                    EntmaxRunner<F256, float32>(square, temperature, single))
        | _ ->
            struct (EntmaxRunner<V128, float>(square, temperature, wide),
                    EntmaxRunner<F128, float32>(square, temperature, single))

type internal MulticlassRunners() =
    interface IMulticlassVisitor<IMulticlassGradient> with
        member _.Visit<'L when 'L :> IMulticlassLoss and 'L: struct>(loss: 'L) =
            match box loss with
            | :? IMulticlassGradient as own -> own
            | _ -> DualRunner loss

[<RequireQualifiedAccess>]
module private Rows =
    let few = 32

[<Sealed>]
type MulticlassKernel internal (loss: IMulticlassLoss, bits: int, few: int) =
    let own = loss.Accept(MulticlassRunners())
    let rows, rowsSingle = ByRowDouble own, ByRowSingle own
    let byRow = struct (rows :> RowsRunner<float>, rowsSingle :> RowsRunner<float32>)

    let struct (runner, single) =
        match loss with
        | :? ISoftmaxLoss as soft when soft.Temperature > 0.0 && Double.IsFinite soft.Temperature ->
            soft.AcceptSoftmax(SoftmaxRunners(bits, few))
        | :? FenchelYoungEntmax as entmax when few > 0 && (entmax.Alpha = 1.5 || entmax.Alpha = 2.0) ->
            EntmaxRunners.create bits (entmax.Alpha = 1.5) (entmax :> IFenchelYoungLoss).Temperature byRow
        | :? FenchelYoungSparsemax as sparsemax when few > 0 ->
            EntmaxRunners.create bits false (sparsemax :> IFenchelYoungLoss).Temperature byRow
        | _ -> byRow

    static member For(loss: IMulticlassLoss) =
        MulticlassKernel(loss, KernelWidth.widest, Rows.few)

    member _.Loss = loss

    static member private Check
        (labels: ReadOnlySpan<int>, scores: int, classes: int, weights: int, gradient: int, keep: bool)
        =
        Door.atLeast "classes" 2 classes
        Door.same "scores" (labels.Length * classes) scores
        Door.sameOrEmpty "weights" labels.Length weights

        if keep then
            Door.same "gradient" scores gradient

        for i in 0 .. labels.Length - 1 do
            if uint32 labels[i] >= uint32 classes then
                Door.fail $"labels[{i}]" (float labels[i]) $"a class, 0 to {classes - 1}"

    member private _.Reduce
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float>,
            classes: int,
            weights: ReadOnlySpan<float>,
            reduction: Reduction,
            gradient: Span<float>,
            keep: bool
        ) =
        MulticlassKernel.Check(labels, scores.Length, classes, weights.Length, gradient.Length, keep)

        let factor = Door.factor reduction (weights.Length > 0) (Door.weights weights) labels.Length

        let sum = runner.Run(labels, scores, classes, weights, factor, gradient)

        if not (Double.IsFinite sum) then
            for i in 0 .. scores.Length - 1 do
                if not (Double.IsFinite scores[i]) then
                    Door.fail $"scores[{i}]" scores[i] "any finite number"

            Door.fail "scores" sum "scores whose losses have a finite sum"

        sum

    member private _.ReduceSingle
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float32>,
            classes: int,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction,
            gradient: Span<float32>,
            keep: bool
        ) =
        MulticlassKernel.Check(labels, scores.Length, classes, weights.Length, gradient.Length, keep)

        let factor = Door.factor reduction (weights.Length > 0) (Door.weightsF weights) labels.Length

        let sum = single.Run(labels, scores, classes, weights, factor, gradient)

        if not (Double.IsFinite sum) then
            for i in 0 .. scores.Length - 1 do
                if not (Single.IsFinite scores[i]) then
                    Door.fail $"scores[{i}]" (float scores[i]) "any finite number"

            Door.fail "scores" sum "scores whose losses have a finite sum"

        sum

    /// Names the first number that is not finite, or the result where it is the first.
    static member private Finite<'N when 'N :> INumberBase<'N>>
        (scores: ReadOnlySpan<'N>, direction: ReadOnlySpan<'N>, result: Span<'N>)
        =
        let mutable finite = true

        for k in 0 .. result.Length - 1 do
            finite <- finite && 'N.IsFinite result[k]

        if not finite then
            for k in 0 .. scores.Length - 1 do
                if not ('N.IsFinite scores[k]) then
                    Door.fail $"scores[{k}]" (Double.CreateTruncating scores[k]) "any finite number"

                if not ('N.IsFinite direction[k]) then
                    Door.fail $"direction[{k}]" (Double.CreateTruncating direction[k]) "any finite number"

            Door.fail "direction" nan "numbers whose product with the Hessian is finite"

    member _.HessianVector
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float>,
            classes: int,
            weights: ReadOnlySpan<float>,
            reduction: Reduction,
            direction: ReadOnlySpan<float>,
            result: Span<float>
        ) : unit =
        MulticlassKernel.Check(labels, scores.Length, classes, weights.Length, scores.Length, false)
        Door.same "direction" scores.Length direction.Length
        Door.same "result" scores.Length result.Length
        let factor = Door.factor reduction (weights.Length > 0) (Door.weights weights) labels.Length
        rows.Products(labels, scores, classes, weights, factor, direction, result)
        MulticlassKernel.Finite(scores, direction, result)

    member _.HessianVector
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float32>,
            classes: int,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction,
            direction: ReadOnlySpan<float32>,
            result: Span<float32>
        ) : unit =
        MulticlassKernel.Check(labels, scores.Length, classes, weights.Length, scores.Length, false)
        Door.same "direction" scores.Length direction.Length
        Door.same "result" scores.Length result.Length
        let factor = Door.factor reduction (weights.Length > 0) (Door.weightsF weights) labels.Length
        rowsSingle.Products(labels, scores, classes, weights, factor, direction, result)
        MulticlassKernel.Finite(scores, direction, result)

    member kernel.Value
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float>,
            classes: int,
            weights: ReadOnlySpan<float>,
            reduction: Reduction
        ) : float =
        kernel.Reduce(labels, scores, classes, weights, reduction, Span.Empty, false)

    member kernel.Value
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float32>,
            classes: int,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction
        ) : float =
        kernel.ReduceSingle(labels, scores, classes, weights, reduction, Span.Empty, false)

    member kernel.Gradient
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float>,
            classes: int,
            weights: ReadOnlySpan<float>,
            reduction: Reduction,
            gradient: Span<float>
        ) : float =
        kernel.Reduce(labels, scores, classes, weights, reduction, gradient, true)

    member kernel.Gradient
        (
            labels: ReadOnlySpan<int>,
            scores: ReadOnlySpan<float32>,
            classes: int,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction,
            gradient: Span<float32>
        ) : float =
        kernel.ReduceSingle(labels, scores, classes, weights, reduction, gradient, true)

[<RequireQualifiedAccess>]
module internal MulticlassKernelWidth =
    let fewClasses = Rows.few

    let at (loss: IMulticlassLoss) bits fewClasses =
        MulticlassKernel(loss, bits, fewClasses)
