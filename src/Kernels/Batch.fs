namespace Hindsight

#nowarn "9" // vectors of the last, incomplete step stand on the stack

open System
open System.Globalization
open System.Numerics
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop

/// The loops: whole vectors only. Everything inlines into them, so they themselves must not be inlined.
[<AbstractClass; Sealed>]
type internal BatchLoop<'L, 'V, 'N
    when 'L :> ILoss and 'L: struct and 'V :> ILane<'V, 'N> and 'V: struct and 'N: unmanaged> =
    /// Elements between two additions to the total.
    static member private Block = 1024

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private At(span: ReadOnlySpan<'N>, i: int) : 'V =
        'V.Load &(Unsafe.Add(&MemoryMarshal.GetReference span, i))

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Put(span: Span<'N>, i: int, v: 'V) =
        'V.Store(v, &(Unsafe.Add(&MemoryMarshal.GetReference span, i)))

    /// Values times factor and weight, and their sum.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Zeroth
        (
            loss: 'L,
            labels: ReadOnlySpan<'N>,
            scores: ReadOnlySpan<'N>,
            weights: ReadOnlySpan<'N>,
            factor: float,
            total: byref<Total>,
            values: Span<'N>
        ) : unit =
        let whole = scores.Length - scores.Length % 'V.Width
        let every = 'V.Const factor
        let mutable i = 0

        while i < whole do
            let stop = Math.Min(i + BatchLoop<'L, 'V, 'N>.Block, whole)
            let mutable sum = 'V.Const 0.0

            while i < stop do
                let y = BatchLoop<'L, 'V, 'N>.At(labels, i)
                let z = BatchLoop<'L, 'V, 'N>.At(scores, i)
                let r = loss.Eval(y, z)
                let mutable scale = every

                if weights.Length > 0 then
                    scale <- 'V.op_Multiply (scale, BatchLoop<'L, 'V, 'N>.At(weights, i))

                let v = 'V.op_Multiply (r, scale)

                if values.Length > 0 then
                    BatchLoop<'L, 'V, 'N>.Put(values, i, v)

                sum <- 'V.op_Addition (sum, v)
                i <- i + 'V.Width

            total.Add('V.Sum sum)

    /// The same with first derivatives.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member First
        (
            loss: 'L,
            labels: ReadOnlySpan<'N>,
            scores: ReadOnlySpan<'N>,
            weights: ReadOnlySpan<'N>,
            factor: float,
            total: byref<Total>,
            values: Span<'N>,
            slopes: Span<'N>
        ) : unit =
        let whole = scores.Length - scores.Length % 'V.Width
        let every = 'V.Const factor
        let mutable i = 0

        while i < whole do
            let stop = Math.Min(i + BatchLoop<'L, 'V, 'N>.Block, whole)
            let mutable sum = 'V.Const 0.0

            while i < stop do
                let y = BatchLoop<'L, 'V, 'N>.At(labels, i)
                let z = BatchLoop<'L, 'V, 'N>.At(scores, i)
                let r = loss.Eval(Dual(y, 'V.Const 0.0), Dual(z, 'V.Const 1.0))
                let mutable scale = every

                if weights.Length > 0 then
                    scale <- 'V.op_Multiply (scale, BatchLoop<'L, 'V, 'N>.At(weights, i))

                let v = 'V.op_Multiply (r.P, scale)
                BatchLoop<'L, 'V, 'N>.Put(slopes, i, 'V.op_Multiply (r.D, scale))

                if values.Length > 0 then
                    BatchLoop<'L, 'V, 'N>.Put(values, i, v)

                sum <- 'V.op_Addition (sum, v)
                i <- i + 'V.Width

            total.Add('V.Sum sum)

    /// The same with first and second derivatives.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    static member Second
        (
            loss: 'L,
            labels: ReadOnlySpan<'N>,
            scores: ReadOnlySpan<'N>,
            weights: ReadOnlySpan<'N>,
            factor: float,
            total: byref<Total>,
            values: Span<'N>,
            slopes: Span<'N>,
            curvatures: Span<'N>
        ) : unit =
        let whole = scores.Length - scores.Length % 'V.Width
        let every = 'V.Const factor
        let mutable i = 0

        while i < whole do
            let stop = Math.Min(i + BatchLoop<'L, 'V, 'N>.Block, whole)
            let mutable sum = 'V.Const 0.0

            while i < stop do
                let y = BatchLoop<'L, 'V, 'N>.At(labels, i)
                let z = BatchLoop<'L, 'V, 'N>.At(scores, i)
                let zero = 'V.Const 0.0
                let r = loss.Eval(Jet2(y, zero, zero), Jet2(z, 'V.Const 1.0, zero))
                let mutable scale = every

                if weights.Length > 0 then
                    scale <- 'V.op_Multiply (scale, BatchLoop<'L, 'V, 'N>.At(weights, i))

                let v = 'V.op_Multiply (r.P, scale)
                BatchLoop<'L, 'V, 'N>.Put(slopes, i, 'V.op_Multiply (r.D, scale))
                BatchLoop<'L, 'V, 'N>.Put(curvatures, i, 'V.op_Multiply (r.H, scale))

                if values.Length > 0 then
                    BatchLoop<'L, 'V, 'N>.Put(values, i, v)

                sum <- 'V.op_Addition (sum, v)
                i <- i + 'V.Width

            total.Add('V.Sum sum)

/// What to compute: the loop, by the number of derivatives.
type internal Order =
    | Value = 0
    | Slope = 1
    | Curvature = 2

/// A batch at one element type, whatever the loss and the lanes.
[<AbstractClass>]
type internal BatchRunner<'N when 'N: unmanaged>() =
    abstract Width: int

    /// Whole vectors.
    abstract Loop:
        order: Order *
        labels: ReadOnlySpan<'N> *
        scores: ReadOnlySpan<'N> *
        weights: ReadOnlySpan<'N> *
        factor: float *
        total: byref<Total> *
        values: Span<'N> *
        slopes: Span<'N> *
        curvatures: Span<'N> ->
            unit

    abstract Real: x: 'N -> float

    /// The elements from the given place on, then the last again and again.
    static member private Pad(source: ReadOnlySpan<'N>, from: int, target: Span<'N>) =
        for k in 0 .. target.Length - 1 do
            target[k] <- source[Math.Min(from + k, source.Length - 1)]

    static member private Copy(source: Span<'N>, target: Span<'N>, from: int) =
        if target.Length > 0 then
            source.Slice(0, target.Length - from).CopyTo(target.Slice from)

    /// Any length: what is left over is padded with its own last element, so that it takes the same path through the same lanes.
    member runner.Run
        (
            order: Order,
            labels: ReadOnlySpan<'N>,
            scores: ReadOnlySpan<'N>,
            weights: ReadOnlySpan<'N>,
            factor: float,
            values: Span<'N>,
            slopes: Span<'N>,
            curvatures: Span<'N>
        ) : float =
        let mutable total = Total()
        let width = runner.Width
        let rest = scores.Length % width
        let whole = scores.Length - rest
        runner.Loop(order, labels, scores, weights, factor, &total, values, slopes, curvatures)

        if rest > 0 then
            let memory = Span<'N>(NativePtr.toVoidPtr (NativePtr.stackalloc<'N>(6 * width)), 6 * width)

            let y = memory.Slice(0, width)
            let z = memory.Slice(width, width)
            let w = memory.Slice(2 * width, (if weights.Length > 0 then width else 0))
            let v = memory.Slice(3 * width, width)
            let d = memory.Slice(4 * width, width)
            let h = memory.Slice(5 * width, width)
            BatchRunner<'N>.Pad(labels, whole, y)
            BatchRunner<'N>.Pad(scores, whole, z)

            if weights.Length > 0 then
                BatchRunner<'N>.Pad(weights, whole, w)

            let mutable padded = Total()

            runner.Loop(order, Span.op_Implicit y, Span.op_Implicit z, Span.op_Implicit w, factor, &padded, v, d, h)

            for k in 0 .. rest - 1 do
                total.Add(runner.Real v[k])

            BatchRunner<'N>.Copy(v, values, whole)
            BatchRunner<'N>.Copy(d, slopes, whole)
            BatchRunner<'N>.Copy(h, curvatures, whole)

        total.Value

[<Sealed>]
type internal BatchRunner<'L, 'V, 'N
    when 'L :> ILoss and 'L: struct and 'V :> ILane<'V, 'N> and 'V: struct and 'N: unmanaged>(loss: 'L) =
    inherit BatchRunner<'N>()
    override _.Width = 'V.Width
    override _.Real x = 'V.Sum('V.Splat x) / float 'V.Width

    override _.Loop(order, labels, scores, weights, factor, total, values, slopes, curvatures) =
        match order with
        | Order.Value -> BatchLoop<'L, 'V, 'N>.Zeroth(loss, labels, scores, weights, factor, &total, values)
        | Order.Slope -> BatchLoop<'L, 'V, 'N>.First(loss, labels, scores, weights, factor, &total, values, slopes)
        | _ -> BatchLoop<'L, 'V, 'N>.Second(loss, labels, scores, weights, factor, &total, values, slopes, curvatures)

/// One loss at both element types and a given width.
type internal Runners(bits: int) =
    interface ILossVisitor<struct (BatchRunner<float> * BatchRunner<float32>)> with
        member _.Visit<'L when 'L :> ILoss and 'L: struct>(loss: 'L) =
            match bits with
            | 512 ->
                struct (BatchRunner<'L, V512, float> loss :> BatchRunner<float>,
                        BatchRunner<'L, F512, float32> loss :> BatchRunner<float32>)
            | 256 -> struct (BatchRunner<'L, V256, float> loss, BatchRunner<'L, F256, float32> loss)
            | _ -> struct (BatchRunner<'L, V128, float> loss, BatchRunner<'L, F128, float32> loss)

[<Sealed>]
type LossKernel internal (loss: ILoss, bits: int) =
    let struct (runner, single) = loss.Accept(Runners bits)

    static member For(loss: ILoss) = LossKernel(loss, Hardware.widest)

    member _.Loss = loss
    member _.Width = runner.Width

    member private _.Reduce
        (
            order,
            labels: ReadOnlySpan<float>,
            scores: ReadOnlySpan<float>,
            weights: ReadOnlySpan<float>,
            reduction,
            gradient: Span<float>,
            hessian: Span<float>
        ) =
        Door.same "scores" labels.Length scores.Length
        Door.sameOrEmpty "weights" labels.Length weights.Length
        let weighted = weights.Length > 0
        let factor = Door.factor reduction weighted (Door.weights weights) labels.Length

        let sum = runner.Run(order, labels, scores, weights, factor, Span.Empty, gradient, hessian)

        if not (Double.IsFinite sum) then
            Door.explain loss labels scores sum

        sum

    member private _.ReduceSingle
        (
            order,
            labels: ReadOnlySpan<float32>,
            scores: ReadOnlySpan<float32>,
            weights: ReadOnlySpan<float32>,
            reduction,
            gradient: Span<float32>
        ) =
        Door.same "scores" labels.Length scores.Length
        Door.sameOrEmpty "weights" labels.Length weights.Length
        let weighted = weights.Length > 0
        let factor = Door.factor reduction weighted (Door.weightsF weights) labels.Length

        let sum = single.Run(order, labels, scores, weights, factor, Span.Empty, gradient, Span.Empty)

        if not (Double.IsFinite sum) then
            Door.explainF loss labels scores sum

        sum

    member _.Values(labels: ReadOnlySpan<float>, scores: ReadOnlySpan<float>, values: Span<float>) : unit =
        Door.same "scores" labels.Length scores.Length
        Door.same "values" labels.Length values.Length

        let sum =
            runner.Run(Order.Value, labels, scores, ReadOnlySpan.Empty, 1.0, values, Span.Empty, Span.Empty)

        if Double.IsNaN sum && Door.anyNaN values then
            Door.explain loss labels scores sum

    member _.Values(labels: ReadOnlySpan<float32>, scores: ReadOnlySpan<float32>, values: Span<float32>) : unit =
        Door.same "scores" labels.Length scores.Length
        Door.same "values" labels.Length values.Length

        let sum =
            single.Run(Order.Value, labels, scores, ReadOnlySpan.Empty, 1.0, values, Span.Empty, Span.Empty)

        if Double.IsNaN sum && Door.anyNaNF values then
            Door.explainF loss labels scores sum

    member _.Derivatives
        (
            labels: ReadOnlySpan<float>,
            scores: ReadOnlySpan<float>,
            values: Span<float>,
            slopes: Span<float>,
            curvatures: Span<float>
        ) : unit =
        Door.same "scores" labels.Length scores.Length
        Door.sameOrEmpty "values" labels.Length values.Length
        Door.same "slopes" labels.Length slopes.Length
        Door.sameOrEmpty "curvatures" labels.Length curvatures.Length

        let order =
            if curvatures.Length > 0 then
                Order.Curvature
            else
                Order.Slope

        let sum = runner.Run(order, labels, scores, ReadOnlySpan.Empty, 1.0, values, slopes, curvatures)

        if Double.IsNaN sum then
            Door.explain loss labels scores sum

    member kernel.Value
        (labels: ReadOnlySpan<float>, scores: ReadOnlySpan<float>, weights: ReadOnlySpan<float>, reduction: Reduction)
        : float =
        kernel.Reduce(Order.Value, labels, scores, weights, reduction, Span.Empty, Span.Empty)

    member kernel.Value
        (
            labels: ReadOnlySpan<float32>,
            scores: ReadOnlySpan<float32>,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction
        ) : float =
        kernel.ReduceSingle(Order.Value, labels, scores, weights, reduction, Span.Empty)

    member kernel.Gradient
        (
            labels: ReadOnlySpan<float>,
            scores: ReadOnlySpan<float>,
            weights: ReadOnlySpan<float>,
            reduction: Reduction,
            gradient: Span<float>
        ) : float =
        Door.same "gradient" labels.Length gradient.Length
        kernel.Reduce(Order.Slope, labels, scores, weights, reduction, gradient, Span.Empty)

    member kernel.Gradient
        (
            labels: ReadOnlySpan<float32>,
            scores: ReadOnlySpan<float32>,
            weights: ReadOnlySpan<float32>,
            reduction: Reduction,
            gradient: Span<float32>
        ) : float =
        Door.same "gradient" labels.Length gradient.Length
        kernel.ReduceSingle(Order.Slope, labels, scores, weights, reduction, gradient)

    member kernel.Hessian
        (
            labels: ReadOnlySpan<float>,
            scores: ReadOnlySpan<float>,
            weights: ReadOnlySpan<float>,
            reduction: Reduction,
            gradient: Span<float>,
            hessian: Span<float>
        ) : float =
        Door.same "gradient" labels.Length gradient.Length
        Door.same "hessian" labels.Length hessian.Length
        kernel.Reduce(Order.Curvature, labels, scores, weights, reduction, gradient, hessian)

[<RequireQualifiedAccess>]
module internal KernelWidth =
    let widest = Hardware.widest
    let at (loss: ILoss) bits = LossKernel(loss, bits)
