namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

type IMirrorMap =
    abstract Name: string
    abstract Dimension: int
    abstract Centre: point: Span<float> -> unit
    abstract Descend: gradient: ReadOnlySpan<float> * step: float * point: Span<float> -> unit
    abstract Lead: total: ReadOnlySpan<float> * scale: float * point: Span<float> -> unit
    abstract Regulariser: point: ReadOnlySpan<float> -> float
    abstract Divergence: comparator: ReadOnlySpan<float> * point: ReadOnlySpan<float> -> float
    abstract DualNorm: gradient: ReadOnlySpan<float> -> float

/// |x|^2/2 over a ball; the whole space at an infinite radius.
[<Sealed>]
type private BallMap(dimension: int, radius: float) =
    interface IMirrorMap with
        member _.Name =
            if Double.IsInfinity radius then
                "Euclidean"
            else
                "Euclidean ball"

        member _.Dimension = dimension
        member _.Centre point = point.Clear()

        member _.Descend(gradient, step, point) =
            TensorPrimitives.MultiplyAdd(gradient, -step, Span.op_Implicit point, point)
            Projection.ball radius point

        member _.Lead(total, scale, point) =
            TensorPrimitives.Multiply(total, -1.0 / scale, point)
            Projection.ball radius point

        member _.Regulariser point =
            0.5 * TensorPrimitives.SumOfSquares point

        member _.Divergence(comparator, point) =
            let distance = TensorPrimitives.Distance(comparator, point)
            0.5 * distance * distance

        member _.DualNorm gradient = TensorPrimitives.Norm gradient

/// sum x ln x over the simplex.
[<Sealed>]
type private EntropyMap(dimension: int) =
    let least = 1e-300

    let normalise (logs: Span<float>) =
        let top = TensorPrimitives.Max(Span.op_Implicit logs: ReadOnlySpan<float>)
        let mutable total = 0.0

        for i in 0 .. logs.Length - 1 do
            let w = max least (exp (logs[i] - top))
            logs[i] <- w
            total <- total + w

        TensorPrimitives.Divide(Span.op_Implicit logs, total, logs)

    interface IMirrorMap with
        member _.Name = "entropic simplex"
        member _.Dimension = dimension
        member _.Centre point = point.Fill(1.0 / float dimension)

        member _.Descend(gradient, step, point) =
            for i in 0 .. dimension - 1 do
                point[i] <- log point[i] - step * gradient[i]

            normalise point

        member _.Lead(total, scale, point) =
            TensorPrimitives.Multiply(total, -1.0 / scale, point)
            normalise point

        member _.Regulariser point =
            let mutable sum = 0.0

            for x in point do
                sum <- sum + Scalar.xlogx x

            sum

        member _.Divergence(comparator, point) =
            let mutable sum = 0.0

            for i in 0 .. dimension - 1 do
                if comparator[i] > 0.0 then
                    sum <- sum + comparator[i] * log (comparator[i] / point[i])

            max 0.0 sum

        member _.DualNorm gradient =
            abs (TensorPrimitives.MaxMagnitude gradient)

/// |x|_p^2/(2 (p-1)) over the whole space.
[<Sealed>]
type private PNormMap(dimension: int) =
    let q = 2.0 * log (float dimension)
    let p = q / (q - 1.0)

    let norm (power: float) (x: ReadOnlySpan<float>) =
        let top = abs (TensorPrimitives.MaxMagnitude x)

        if top = 0.0 then
            0.0
        else
            let mutable sum = 0.0

            for v in x do
                sum <- sum + Math.Pow(abs v / top, power)

            top * Math.Pow(sum, 1.0 / power)

    /// x to the gradient of |x|_power^2/2 times a factor, in place.
    let gradient (power: float) (factor: float) (x: Span<float>) =
        let size = norm power (Span.op_Implicit x)

        if size > 0.0 then
            for i in 0 .. x.Length - 1 do
                let v = x[i]
                x[i] <- factor * size * float (sign v) * Math.Pow(abs v / size, power - 1.0)

    interface IMirrorMap with
        member _.Name = "p-norm"
        member _.Dimension = dimension
        member _.Centre point = point.Clear()

        member _.Descend(g, step, point) =
            gradient p (1.0 / (p - 1.0)) point
            TensorPrimitives.MultiplyAdd(g, -step, Span.op_Implicit point, point)
            gradient q (p - 1.0) point

        member _.Lead(total, scale, point) =
            TensorPrimitives.Multiply(total, -1.0 / scale, point)
            gradient q (p - 1.0) point

        member _.Regulariser point =
            let size = norm p point
            size * size / (2.0 * (p - 1.0))

        member map.Divergence(comparator, point) =
            let dual = point.ToArray()
            gradient p (1.0 / (p - 1.0)) (Span dual)
            let self = map :> IMirrorMap

            let linear =
                TensorPrimitives.Dot(ReadOnlySpan dual, comparator) - TensorPrimitives.Dot(ReadOnlySpan dual, point)

            max 0.0 (self.Regulariser comparator - self.Regulariser point - linear)

        member _.DualNorm g = norm q g

[<AbstractClass; Sealed>]
type MirrorMaps =
    static member Ball(dimension: int, radius: float) : IMirrorMap =
        let radius = Require.ok (Require.positive "radius" radius)
        BallMap(Require.ok (Require.atLeast "dimension" 1 dimension), radius)

    static member Euclidean(dimension: int) : IMirrorMap =
        BallMap(Require.ok (Require.atLeast "dimension" 1 dimension), infinity)

    static member Simplex(dimension: int) : IMirrorMap =
        EntropyMap(Require.ok (Require.atLeast "dimension" 1 dimension))

    static member PNorm(dimension: int) : IMirrorMap =
        PNormMap(Require.ok (Require.atLeast "dimension" 3 dimension))

[<Sealed; NoComparison; NoEquality>]
type MirrorState internal (map: IMirrorMap, scale: float) =
    let first =
        let point = Array.zeroCreate<float> map.Dimension
        map.Centre(Span point)
        point

    let least = map.Regulariser(ReadOnlySpan first)
    let point = Array.copy first
    let total: float[] = Array.zeroCreate map.Dimension
    let mutable scale = scale
    let mutable constant = true
    let mutable rounds = 0L
    let mutable squares = 0.0
    let mutable energy = 0.0
    let mutable lastScale = scale

    let count (gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" point.Length gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        let dual = map.DualNorm gradient
        rounds <- rounds + 1L
        squares <- squares + dual * dual
        energy <- energy + dual * dual / scale
        lastScale <- scale

    member _.Map = map
    member _.Point = ReadOnlySpan point
    member _.First = Array.copy first
    member _.Rounds = rounds
    member _.Squares = squares
    member _.Energy = energy
    member _.Scale = scale
    member internal _.Constant = constant
    /// The scale of the last round that was played.
    member internal _.LastScale = lastScale
    member internal _.Least = least

    member internal _.Descend(gradient: ReadOnlySpan<float>) =
        count gradient
        map.Descend(gradient, 1.0 / scale, Span point)

    member internal _.Lead(gradient: ReadOnlySpan<float>, next: float) =
        // the error's text is made only where there is one
        if not (Double.IsFinite next && next >= scale) then
            Require.ok (Require.inside "scale" (BoundCalculator.atLeast scale) next) |> ignore<float>

        count gradient
        constant <- constant && next = scale
        scale <- next
        TensorPrimitives.Add(ReadOnlySpan total, gradient, Span total)
        map.Lead(ReadOnlySpan total, scale, Span point)

namespace Hindsight.FSharp

open System
open Hindsight

/// What both learners do at the door.
module private MirrorDoor =
    let comparator (u: ReadOnlySpan<float>) (state: MirrorState) =
        let u = u.ToArray()

        result {
            do! Require.length "comparator" state.Map.Dimension u.Length
            do! Require.allFinite "comparator" (ReadOnlySpan u)
            return u
        }

[<RequireQualifiedAccess>]
module MirrorDescent =
    let start (map: IMirrorMap) step =
        Require.positive "step" step |> Result.map (fun step -> MirrorState(map, 1.0 / step))

    let step (gradient: ReadOnlySpan<float>) (state: MirrorState) = state.Descend gradient

    let regretBound (comparator: ReadOnlySpan<float>) (state: MirrorState) =
        MirrorDoor.comparator comparator state
        |> Result.bind (fun u ->
            let divergence = state.Map.Divergence(ReadOnlySpan u, ReadOnlySpan state.First)
            OnlineConvex.mirrorDescent divergence state.Squares (1.0 / state.Scale))

[<RequireQualifiedAccess>]
module RegularisedLeader =
    let start (map: IMirrorMap) scale =
        Require.positive "scale" scale |> Result.map (fun scale -> MirrorState(map, scale))

    let stepTo scale (gradient: ReadOnlySpan<float>) (state: MirrorState) = state.Lead(gradient, scale)
    let step (gradient: ReadOnlySpan<float>) (state: MirrorState) = state.Lead(gradient, state.Scale)

    let regretBound (comparator: ReadOnlySpan<float>) (state: MirrorState) =
        MirrorDoor.comparator comparator state
        |> Result.bind (fun u ->
            let range = max 0.0 (state.Map.Regulariser(ReadOnlySpan u) - state.Least)

            if state.Constant then
                OnlineConvex.regularisedLeader range state.Squares (1.0 / state.Scale)
            else
                OnlineConvex.regularisedLeaderVarying (state.LastScale * range) state.Energy)
