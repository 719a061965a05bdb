namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<RequireQualifiedAccess; NoComparison>]
type StepSchedule =
    | Constant of Step: float
    | SquareRoot of Diameter: float * Gradient: float
    | Adaptive of Diameter: float
    | StronglyConvex of Convexity: float
    | OneMinimiser of Growth: float
    | OwnMinimiser of Growth: float

[<Sealed; NoComparison; NoEquality>]
type GradientDescentState internal (set: ConvexSet, schedule: StepSchedule, point: float[]) =
    let mutable rounds = 0L
    let mutable step = 0.0
    let mutable squares = 0.0
    let mutable weighted = 0.0
    let mutable largest = 0.0

    member _.Set = set
    member _.Schedule = schedule
    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds
    member _.Step = step
    member _.Squares = squares
    member _.WeightedSquares = weighted
    member _.LargestGradient = largest

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" point.Length gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        let square = TensorPrimitives.SumOfSquares gradient
        rounds <- rounds + 1L
        let t = float rounds
        squares <- squares + square
        weighted <- weighted + square / t
        largest <- max largest (sqrt square)

        step <-
            match schedule with
            | StepSchedule.Constant eta -> eta
            | StepSchedule.SquareRoot(diameter, gradient) -> diameter / (gradient * sqrt t)
            | StepSchedule.Adaptive diameter ->
                if squares > 0.0 then
                    diameter / sqrt (2.0 * squares)
                else
                    0.0
            | StepSchedule.StronglyConvex lambda -> 1.0 / (lambda * t)
            | StepSchedule.OneMinimiser mu -> 2.0 / (mu * t)
            | StepSchedule.OwnMinimiser mu -> 4.0 / (mu * t)

        TensorPrimitives.MultiplyAdd(gradient, -step, ReadOnlySpan point, Span point)
        set.Project(Span point)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module GradientDescent =
    let private checkSchedule schedule =
        let positive name value =
            Require.positive name value |> Result.map ignore<float>

        match schedule with
        | StepSchedule.Constant step -> positive "step" step
        | StepSchedule.SquareRoot(diameter, gradient) ->
            positive "diameter" diameter |> Result.bind (fun () -> positive "gradient" gradient)
        | StepSchedule.Adaptive diameter -> positive "diameter" diameter
        | StepSchedule.StronglyConvex convexity -> positive "convexity" convexity
        | StepSchedule.OneMinimiser growth
        | StepSchedule.OwnMinimiser growth -> positive "growth" growth

    let start (set: ConvexSet) schedule (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            do! checkSchedule schedule
            do! Require.length "point" set.Dimension point.Length
            do! Require.allFinite "point" (ReadOnlySpan point)
            set.Project(Span point)
            return GradientDescentState(set, schedule, point)
        }

    let step gradient (state: GradientDescentState) = state.Update gradient

    /// What the state knows about the promise that D is at least the diameter of the set.
    let private roomy diameter (state: GradientDescentState) (bound: Bound) =
        { bound with
            Assumptions =
                Array.append
                    bound.Assumptions
                    [|
                        BoundCalculator.required
                            (state.Set.Diameter <= diameter * (1.0 + 1e-12))
                            "D is at least the diameter of the set"
                            $"the {state.Set.Name} has diameter {state.Set.Diameter}"
                    |]
        }

    /// What the state knows about the promise that gradients are at most G.
    let private promised gradient (state: GradientDescentState) (bound: Bound) =
        { bound with
            Assumptions =
                Array.append
                    bound.Assumptions
                    [|
                        BoundCalculator.required
                            (state.LargestGradient <= gradient)
                            "gradients are at most G"
                            $"the largest so far is {state.LargestGradient}"
                    |]
        }

    let regretBoundAt distance (state: GradientDescentState) =
        match state.Schedule with
        | StepSchedule.Constant step -> OnlineConvex.gradientDescent distance state.Squares step
        | _ ->
            Error(
                HindsightError.Incompatible
                    "The distance of the comparator enters the bound of a constant step; this schedule has a bound of its own."
            )

    let growthBound defect comparatorExcess (state: GradientDescentState) =
        let horizon = float state.Rounds

        match state.Schedule with
        | StepSchedule.OneMinimiser growth ->
            Require.inside "comparatorExcess" (Domain.Closed(0.0, 0.0)) comparatorExcess
            |> Result.bind (fun _ -> Qg.onlineLogRegret state.LargestGradient growth defect horizon)
        | StepSchedule.OwnMinimiser growth ->
            Qg.onlineRegret state.LargestGradient growth defect horizon comparatorExcess
        | _ -> Error(HindsightError.Incompatible "Only the schedules for quadratic growth have this bound.")

    let regretBound (state: GradientDescentState) =
        let horizon = float state.Rounds

        match state.Schedule with
        | StepSchedule.Constant _ -> regretBoundAt state.Set.Diameter state
        | StepSchedule.SquareRoot(diameter, gradient) ->
            OnlineConvex.gradientDescentSquareRoot diameter gradient horizon
            |> Result.map (promised gradient state >> roomy diameter state)
        | StepSchedule.Adaptive diameter ->
            OnlineConvex.gradientDescentAdaptive diameter state.Squares |> Result.map (roomy diameter state)
        | StepSchedule.StronglyConvex convexity ->
            // the path form of one round with the same weighted sum
            OnlineConvex.stronglyConvexPath convexity [| sqrt state.WeightedSquares |]
        | StepSchedule.OneMinimiser _ -> growthBound 0.0 0.0 state
        | StepSchedule.OwnMinimiser _ ->
            Error(
                HindsightError.Missing(
                    "the comparator's loss over the rounds' least losses",
                    "GradientDescent.growthBound takes it"
                )
            )
