namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<RequireQualifiedAccess; NoComparison>]
type OptimisticSchedule =
    | Constant of Step: float
    | Adaptive of Diameter: float * Gradient: float * Regularisation: float
    | StronglyConvex of Convexity: float

[<Sealed; NoComparison; NoEquality>]
type OptimisticState internal (set: ConvexSet, schedule: OptimisticSchedule, first: float[]) =
    let dimension = first.Length
    let point = Array.copy first
    let previous = Array.copy first
    let secondary = Array.copy first
    let hint: float[] = Array.zeroCreate dimension
    let buffer: float[] = Array.zeroCreate dimension
    let mutable rounds = 0L
    let mutable lastStep = 0.0
    let mutable variation = 0.0
    let mutable weighted = 0.0
    let mutable error = 0.0
    let mutable stability = 0.0
    let mutable movement = 0.0
    let mutable largest = 0.0

    let square (x: ReadOnlySpan<float>) (y: ReadOnlySpan<float>) =
        let distance = TensorPrimitives.Distance(x, y)
        distance * distance

    /// The step of the coming round.
    let stepNow () =
        match schedule with
        | OptimisticSchedule.Constant eta -> eta
        | OptimisticSchedule.Adaptive(diameter, gradient, regularisation) ->
            diameter / sqrt (regularisation + 4.0 * gradient * gradient + variation)
        | OptimisticSchedule.StronglyConvex lambda -> 2.0 / (lambda * float (rounds + 1L))

    let check (name: string) (vector: ReadOnlySpan<float>) =
        Require.ok (Require.length name dimension vector.Length)
        Require.ok (Require.allFinite name vector)

    let play () =
        TensorPrimitives.MultiplyAdd(ReadOnlySpan hint, -(stepNow ()), ReadOnlySpan secondary, Span point)
        set.Project(Span point)

    member _.Set = set
    member _.Schedule = schedule
    member _.Point = ReadOnlySpan point
    member _.Secondary = ReadOnlySpan secondary
    member _.Hint = ReadOnlySpan hint
    member _.Rounds = rounds
    member _.LastStep = lastStep
    member _.Variation = variation
    member _.WeightedVariation = weighted
    member _.Error = error
    member _.Stability = stability
    member _.Movement = movement
    member _.LargestGradient = largest

    member internal _.Suggest(next: ReadOnlySpan<float>) =
        check "hint" next
        next.CopyTo(Span hint)
        play ()

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        check "gradient" gradient
        let eta = stepNow ()
        let miss = square gradient (ReadOnlySpan hint)

        if rounds > 0L then
            movement <- movement + square (ReadOnlySpan point) (ReadOnlySpan previous)

        TensorPrimitives.MultiplyAdd(gradient, -eta, ReadOnlySpan secondary, Span buffer)
        set.Project(Span buffer)

        stability <-
            stability
            + (square (ReadOnlySpan buffer) (ReadOnlySpan point)
               + square (ReadOnlySpan point) (ReadOnlySpan secondary))
              / (2.0 * eta)

        buffer.AsSpan().CopyTo(Span secondary)
        point.AsSpan().CopyTo(Span previous)
        rounds <- rounds + 1L
        lastStep <- eta
        variation <- variation + miss
        weighted <- weighted + miss / float rounds
        error <- error + eta * miss
        largest <- max largest (TensorPrimitives.Norm gradient)
        gradient.CopyTo(Span hint)
        play ()

[<Sealed; NoComparison; NoEquality>]
type OptimisticNewtonState internal (radius: float, curvature: float, bound: float, first: float[]) =
    let dimension = first.Length
    let point = Array.copy first
    let secondary = Array.copy first
    let hint: float[] = Array.zeroCreate dimension
    let image: float[] = Array.zeroCreate dimension
    let miss: float[] = Array.zeroCreate dimension
    let projection = NormProjection dimension

    let diagonal (entry: float) =
        let a = Array.zeroCreate (dimension * dimension)

        for i in 0 .. dimension - 1 do
            a[i * dimension + i] <- entry

        a

    let matrix: float[] = diagonal (1.0 + curvature * bound * bound)
    let inverse: float[] = diagonal (1.0 / (1.0 + curvature * bound * bound))
    let mutable rounds = 0L
    let mutable error = 0.0

    /// H^-1 x into the buffer.
    let solve (x: ReadOnlySpan<float>) =
        for i in 0 .. dimension - 1 do
            image[i] <- TensorPrimitives.Dot(ReadOnlySpan(inverse, i * dimension, dimension), x)

    member _.Radius = radius
    member _.Curvature = curvature
    member _.Gradient = bound
    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds
    member _.Error = error

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" dimension gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        rounds <- rounds + 1L
        TensorPrimitives.Subtract(gradient, ReadOnlySpan hint, Span miss)
        solve (ReadOnlySpan miss)
        error <- error + TensorPrimitives.Dot(ReadOnlySpan miss, ReadOnlySpan image)
        solve gradient
        TensorPrimitives.Subtract(ReadOnlySpan secondary, ReadOnlySpan image, Span secondary)
        projection.Ball(ReadOnlySpan matrix, radius, Span secondary)
        // the metric of the next round
        let half = 0.5 * curvature
        let q = half * TensorPrimitives.Dot(gradient, ReadOnlySpan image)

        for i in 0 .. dimension - 1 do
            let row = i * dimension

            TensorPrimitives.MultiplyAdd(
                gradient,
                half * gradient[i],
                ReadOnlySpan(matrix, row, dimension),
                Span(matrix, row, dimension)
            )

            TensorPrimitives.MultiplyAdd(
                ReadOnlySpan image,
                -half * image[i] / (1.0 + q),
                ReadOnlySpan(inverse, row, dimension),
                Span(inverse, row, dimension)
            )

        gradient.CopyTo(Span hint)
        solve (ReadOnlySpan hint)
        TensorPrimitives.Subtract(ReadOnlySpan secondary, ReadOnlySpan image, Span point)
        projection.Ball(ReadOnlySpan matrix, radius, Span point)

[<Sealed; NoComparison; NoEquality>]
type OptimisticGridState
    internal (set: ConvexSet, gradientBound: float, horizon: int64, experts: OptimisticState[], hedge: HedgeState) =
    let dimension = set.Dimension
    let losses: float[] = Array.zeroCreate experts.Length
    let point: float[] = Array.zeroCreate dimension

    let mix () =
        Array.Clear point

        for i in 0 .. experts.Length - 1 do
            TensorPrimitives.MultiplyAdd(experts[i].Point, hedge.Weights[i], ReadOnlySpan point, Span point)

    do mix ()

    member _.Set = set
    member _.Steps = experts.Length
    member _.Horizon = horizon
    member _.Point = ReadOnlySpan point
    member _.Rounds = hedge.Rounds
    member _.Variation = experts[0].Variation
    member _.Weights = hedge.Weights
    member internal _.GradientBound = gradientBound

    member internal state.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" dimension gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        let norm = TensorPrimitives.Norm gradient

        // the error's text is made only where there is one
        if not (norm <= gradientBound) then
            Require.ok (Require.inside "gradient norm" (Domain.Closed(0.0, gradientBound)) norm)
            |> ignore<float>

        if hedge.Rounds >= horizon then
            Require.ok (Require.inside "rounds" (Domain.Closed(1.0, float horizon)) (float (hedge.Rounds + 1L)))
            |> ignore<float>

        let mutable least = infinity

        for i in 0 .. experts.Length - 1 do
            losses[i] <- TensorPrimitives.Dot(gradient, experts[i].Point)
            least <- min least losses[i]

        // two points are at most a diameter apart
        let range = gradientBound * set.Diameter

        for i in 0 .. experts.Length - 1 do
            losses[i] <- Math.Clamp((losses[i] - least) / range, 0.0, 1.0)
            experts[i].Update gradient

        Hedge.step (ReadOnlySpan losses) hedge
        mix ()

namespace Hindsight.FSharp

open System
open Hindsight

/// What every learner of this file does at the door.
module private OptimisticDoor =
    let point (set: ConvexSet) (point: float[]) =
        result {
            do! Require.length "point" set.Dimension point.Length
            do! Require.allFinite "point" (ReadOnlySpan point)
            set.Project(Span point)
            return point
        }

[<RequireQualifiedAccess>]
module OptimisticMirrorDescent =
    let private checkSchedule schedule =
        match schedule with
        | OptimisticSchedule.Constant step -> Require.positive "step" step |> Result.map ignore<float>
        | OptimisticSchedule.Adaptive(diameter, gradient, regularisation) ->
            result {
                let! _ = Require.positive "diameter" diameter
                let! _ = Require.positive "gradient" gradient
                let! _ = Require.nonNegative "regularisation" regularisation
                return ()
            }
        | OptimisticSchedule.StronglyConvex convexity ->
            Require.positive "convexity" convexity |> Result.map ignore<float>

    let start (set: ConvexSet) schedule (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            do! checkSchedule schedule
            let! point = OptimisticDoor.point set point
            return OptimisticState(set, schedule, point)
        }

    let suggest hint (state: OptimisticState) = state.Suggest hint
    let step gradient (state: OptimisticState) = state.Update gradient

    let pathBound (state: OptimisticState) =
        Optimistic.path state.Set.Diameter state.LastStep state.Error state.Stability

    let regretBound (state: OptimisticState) =
        match state.Schedule with
        | OptimisticSchedule.Constant _ -> pathBound state
        | OptimisticSchedule.Adaptive(diameter, gradient, regularisation) ->
            Optimistic.adaptive diameter gradient regularisation state.Variation state.Movement
            |> Result.map (fun bound ->
                { bound with
                    Assumptions =
                        Array.append
                            bound.Assumptions
                            [|
                                BoundCalculator.required
                                    (state.LargestGradient <= gradient)
                                    "gradients are at most G"
                                    $"the largest so far is {state.LargestGradient}"
                                BoundCalculator.required
                                    (state.Set.Diameter <= diameter * (1.0 + 1e-12))
                                    "D is at least the diameter of the set"
                                    $"the {state.Set.Name} has diameter {state.Set.Diameter}"
                            |]
                })
        | OptimisticSchedule.StronglyConvex convexity ->
            // one round with the same weighted sum
            Optimistic.stronglyConvex convexity [| state.WeightedVariation |]

    let dynamicBound pathLength (state: OptimisticState) =
        match state.Schedule with
        | OptimisticSchedule.Constant step ->
            Optimistic.dynamicRegret state.Set.Diameter pathLength state.Variation step
        | _ -> Error(HindsightError.Incompatible "The bound on dynamic regret is for a constant step.")

[<RequireQualifiedAccess>]
module OptimisticNewton =
    let start radius curvature gradient (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            let! radius = Require.positive "radius" radius
            let! curvature = Require.positive "curvature" curvature
            let! gradient = Require.positive "gradient" gradient
            let! dimension = Require.atLeast "point length" 1 point.Length
            let! point = OptimisticDoor.point (ConvexSet.Ball(dimension, radius)) point
            return OptimisticNewtonState(radius, curvature, gradient, point)
        }

    let step gradient (state: OptimisticNewtonState) = state.Update gradient

    let regretBound (state: OptimisticNewtonState) =
        Optimistic.expConcave state.Curvature state.Gradient (2.0 * state.Radius) state.Error

[<RequireQualifiedAccess>]
module OptimisticGrid =
    let start (set: ConvexSet) gradient horizon (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            let! gradient = Require.positive "gradient" gradient
            let! horizon = Require.atLeast "horizon" 1 horizon
            let! diameter = Require.positive "diameter" set.Diameter
            let! point = OptimisticDoor.point set point
            let t = float horizon
            let! steps = Optimistic.gridSize t
            let least = diameter / (gradient * sqrt (2.0 * (4.0 * t + 1.0)))

            let experts =
                Array.init steps (fun i ->
                    OptimisticState(set, OptimisticSchedule.Constant(Math.ScaleB(least, i)), Array.copy point))

            let! rate = Hedge.rateFor steps t
            let! hedge = Hedge.start steps rate
            return OptimisticGridState(set, gradient, int64 horizon, experts, hedge)
        }

    let step gradient (state: OptimisticGridState) = state.Update gradient

    let regretBound pathLength (state: OptimisticGridState) =
        Optimistic.dynamicGrid
            state.Set.Diameter
            state.GradientBound
            (float state.Horizon)
            pathLength
            state.Variation
            state.Steps
