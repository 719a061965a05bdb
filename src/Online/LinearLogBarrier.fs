namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type LinearLogBarrierState
    internal
    (
        eta: float,
        regulariser: float,
        arms: int,
        dimension: int,
        features: float[],
        estimates: float[],
        policy: float[],
        rounds: int64,
        loss: float
    ) =
    let rows = features.Length / dimension
    let contexts = rows / arms
    let covariance: float[] = Array.zeroCreate (dimension * dimension)
    let whitened: float[] = Array.zeroCreate features.Length
    let inner: float[] = Array.zeroCreate rows
    let meanNegative: float[] = Array.zeroCreate rows
    let increments: float[] = Array.zeroCreate rows
    let mutable rounds = rounds
    let mutable loss = loss

    let white row =
        ReadOnlySpan(whitened, row * dimension, dimension)

    member _.Contexts = contexts
    member _.Arms = arms
    member _.Dimension = dimension
    member _.Eta = eta
    member _.Regulariser = regulariser
    member _.Rounds = rounds
    member _.Loss = loss

    member _.Policy(context: int) =
        ReadOnlySpan(policy, context * arms, arms)

    member _.Estimates(context: int) =
        ReadOnlySpan(estimates, context * arms, arms)

    member _.Copy() =
        LinearLogBarrierState(
            eta,
            regulariser,
            arms,
            dimension,
            features,
            Array.copy estimates,
            Array.copy policy,
            rounds,
            loss
        )

    /// S = sum policy phi phi'/n + regulariser I, factored as L L'; L^-1 phi for every row. False if a pivot vanishes to working precision.
    member internal _.Whiten() : bool =
        Array.Clear covariance

        for row in 0 .. rows - 1 do
            let weight = policy[row] / float contexts
            let phi = ReadOnlySpan(features, row * dimension, dimension)

            for i in 0 .. dimension - 1 do
                if phi[i] <> 0.0 then
                    let target = Span(covariance, i * dimension, i + 1)

                    TensorPrimitives.MultiplyAdd(phi.Slice(0, i + 1), weight * phi[i], Span.op_Implicit target, target)

        let mutable largest = 0.0

        for i in 0 .. dimension - 1 do
            covariance[i * dimension + i] <- covariance[i * dimension + i] + regulariser
            largest <- max largest covariance[i * dimension + i]

        let mutable positive = true
        let mutable i = 0

        while positive && i < dimension do
            for j in 0..i do
                let dot =
                    TensorPrimitives.Dot(
                        ReadOnlySpan(covariance, i * dimension, j),
                        ReadOnlySpan(covariance, j * dimension, j)
                    )

                let rest = covariance[i * dimension + j] - dot

                if i = j then
                    positive <- rest > 1e-13 * largest
                    covariance[i * dimension + i] <- sqrt (max rest 0.0)
                else
                    covariance[i * dimension + j] <- rest / covariance[j * dimension + j]

            i <- i + 1

        if positive then
            for row in 0 .. rows - 1 do
                for i in 0 .. dimension - 1 do
                    let dot =
                        TensorPrimitives.Dot(
                            ReadOnlySpan(covariance, i * dimension, i),
                            ReadOnlySpan(whitened, row * dimension, i)
                        )

                    whitened[row * dimension + i] <-
                        (features[row * dimension + i] - dot) / covariance[i * dimension + i]

        positive

    /// After Whiten: the estimates' increments for a context, an arm and a loss.
    member internal _.Estimate(context: int, arm: int, value: float) : Result<unit, HindsightError> =
        let drawn = white (context * arms + arm)

        for row in 0 .. rows - 1 do
            inner[row] <- TensorPrimitives.Dot(white row, drawn)
            meanNegative[row] <- 0.0

        for row in 0 .. rows - 1 do
            let z = white row

            for other in 0 .. row - 1 do
                let u = TensorPrimitives.Dot(z, white other)

                if u < 0.0 then
                    meanNegative[row] <- meanNegative[row] + policy[other] * u
                    meanNegative[other] <- meanNegative[other] + policy[row] * u

        for row in 0 .. rows - 1 do
            meanNegative[row] <- meanNegative[row] / float contexts

        MagnitudeReduced.estimate (ReadOnlySpan inner) value 1.0 (ReadOnlySpan meanNegative) (Span increments)

    member internal _.Advance(value: float) =
        for row in 0 .. rows - 1 do
            estimates[row] <- estimates[row] + increments[row]

        for context in 0 .. contexts - 1 do
            Sampling.logBarrier eta (ReadOnlySpan(estimates, context * arms, arms)) (Span(policy, context * arms, arms))

        rounds <- rounds + 1L
        loss <- loss + value

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module LinearLogBarrier =
    let private singular =
        "The features' covariance under the policy is singular to working precision: the features do not span, or the policy has all but left some of them. Give a regulariser above 0."

    let start eta regulariser arms dimension (features: ReadOnlySpan<float>) =
        let features = features.ToArray()

        result {
            let! eta = Require.positive "eta" eta
            let! regulariser = Require.nonNegative "regulariser" regulariser
            let! arms = Require.atLeast "arms" 2 arms
            let! dimension = Require.atLeast "dimension" 1 dimension
            do! Require.allFinite "features" (ReadOnlySpan features)
            let context = arms * dimension

            if features.Length = 0 || features.Length % context <> 0 then
                let whole = max 1 (features.Length / context) * context
                return! Error(HindsightError.WrongDimension("features", features.Length, whole))
            else
                let rows = features.Length / dimension

                let state =
                    LinearLogBarrierState(
                        eta,
                        regulariser,
                        arms,
                        dimension,
                        features,
                        Array.zeroCreate rows,
                        Array.create rows (1.0 / float arms),
                        0L,
                        0.0
                    )

                if state.Whiten() then
                    return state
                else
                    return! Error(HindsightError.Incompatible singular)
        }

    let private checkContext context (state: LinearLogBarrierState) =
        if context >= 0 && context < state.Contexts then
            Ok context
        else
            Error(HindsightError.OutOfRange("context", string context, $"0 to {state.Contexts - 1}"))

    let choose seed context (state: LinearLogBarrierState) =
        match checkContext context state with
        | Error e -> Error e
        | Ok context -> Ok(Sampling.draw seed state.Rounds (state.Policy context))

    let step context arm loss (state: LinearLogBarrierState) =
        match checkContext context state with
        | Error e -> Error e
        | Ok context ->
            match Sampling.arm arm (state.Policy context) with
            | Error e -> Error e
            | Ok arm ->
                match Sampling.loss 1.0 loss with
                | Error e -> Error e
                | Ok loss ->
                    if not (state.Whiten()) then
                        Error(HindsightError.Incompatible singular)
                    else
                        match state.Estimate(context, arm, loss) with
                        | Error e -> Error e
                        | Ok() ->
                            state.Advance loss
                            Ok state

    let regretBound (state: LinearLogBarrierState) =
        LogBarrierBounds.linearRegret state.Arms state.Dimension (float (max state.Rounds (int64 state.Arms))) state.Eta
        |> Result.map (fun bound ->
            if state.Regulariser = 0.0 then
                bound
            else
                { bound with
                    Assumptions =
                        bound.Assumptions
                        |> Array.map (fun row ->
                            if row.Name.StartsWith("the covariance", StringComparison.Ordinal) then
                                { row with
                                    Status = AssumptionStatus.Violated
                                    Detail =
                                        $"{state.Regulariser} is added to its diagonal, which biases the estimates"
                                }
                            else
                                row)
                })
