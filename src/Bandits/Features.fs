namespace Hindsight

open System
open System.Collections.Generic
open Hindsight.FSharp

[<Struct; NoComparison>]
type FeatureShape =
    {
        Dimension: int
        Blocks: int
        Heads: int
    }

[<Sealed>]
type ActionSet private (values: float[], dimension: int, count: int) =
    new(features: float[], dimension: int) =
        let dimension = Require.ok (Require.atLeast "dimension" 1 dimension)
        let rows = Require.ok (Require.atLeast "features.Length" dimension features.Length) / dimension
        Require.ok (Require.length "features" (rows * dimension) features.Length)
        ActionSet(Array.copy features, dimension, rows)

    new(features: IReadOnlyList<float[]>) =
        let count = Require.ok (Require.atLeast "features.Count" 1 features.Count)
        let dimension = Require.ok (Require.atLeast "features[0].Length" 1 features[0].Length)
        let values = Array.zeroCreate (count * dimension)

        for arm in 0 .. count - 1 do
            Require.ok (Require.length $"features[{arm}]" dimension features[arm].Length)
            features[arm].CopyTo(values, arm * dimension)

        ActionSet(values, dimension, count)

    member _.Count = count
    member _.Dimension = dimension

    member _.Item(arm: int) =
        ReadOnlySpan(values, arm * dimension, dimension)

[<Sealed>]
type ArmInputs(shape: FeatureShape) =
    let mutable count = 0
    let mutable isShared = false
    let mutable values: float32[] = [||]
    let mutable arms: int[] = [||]
    let mutable blocks: int[] = [||]
    let mutable heads: int[] = [||]

    /// The array, or a larger one: buffers only grow, so a steady state allocates nothing.
    let room (array: 'T[]) size =
        if array.Length >= size then
            array
        else
            Array.zeroCreate (max size (2 * array.Length))

    member _.Shape = shape
    member _.Count = count
    member _.SharedRow = isShared
    member _.Values = values
    member _.Arms = arms
    member _.Blocks = blocks
    member _.Heads = heads

    member _.Row(candidate: int) =
        Span(values, (if isShared then 0 else candidate * shape.Dimension), shape.Dimension)

    member _.Reset(candidates: int, sharedRow: bool) =
        values <- room values (shape.Dimension * (if sharedRow then 1 else candidates))
        arms <- room arms candidates
        blocks <- room blocks candidates
        heads <- room heads candidates
        count <- candidates
        isShared <- sharedRow

    member _.Assign(candidate: int, arm: int, block: int, head: int) =
        arms[candidate] <- arm
        blocks[candidate] <- block
        heads[candidate] <- head

type InputScaling =
    | None = 0
    | Unit = 1
    | SqrtDimension = 2

type IFeatureMap =
    abstract Name: string
    abstract Shape: FeatureShape
    abstract ContextSize: int
    abstract Arms: int

    abstract Map:
        context: ReadOnlySpan<float> * available: ReadOnlySpan<bool> * inputs: ArmInputs -> Result<unit, HindsightError>

    abstract MapActions: actions: ActionSet * inputs: ArmInputs -> Result<unit, HindsightError>

module private Inputs =
    let single = Domain.Closed(float Single.MinValue, float Single.MaxValue)

    /// Right length, finite, and within single precision once scaled.
    let check argument (scaling: InputScaling) dimension (x: ReadOnlySpan<float>) : Result<unit, HindsightError> =
        match Require.length argument dimension x.Length with
        | Error e -> Error e
        | Ok() when scaling <> InputScaling.None -> Require.allFinite argument x
        | Ok() ->
            let mutable bad = 0

            while bad < x.Length && single.Contains x[bad] do
                bad <- bad + 1

            if bad = x.Length then
                Ok()
            else
                Require.inside $"{argument}[{bad}]" single x[bad] |> Result.map ignore<float>

    /// Writes the scaled vector. Dividing by the largest magnitude first keeps the norm from overflow and underflow.
    let write (scaling: InputScaling) (x: ReadOnlySpan<float>) (row: Span<float32>) =
        let mutable largest = 0.0

        if scaling <> InputScaling.None then
            for i in 0 .. x.Length - 1 do
                largest <- max largest (abs x[i])

        if largest = 0.0 then
            for i in 0 .. x.Length - 1 do
                row[i] <- float32 x[i]
        else
            let mutable squares = 0.0

            for i in 0 .. x.Length - 1 do
                let r = x[i] / largest
                squares <- squares + r * r

            let target =
                match scaling with
                | InputScaling.SqrtDimension -> sqrt (float x.Length)
                | _ -> 1.0

            let factor = target / sqrt squares

            for i in 0 .. x.Length - 1 do
                row[i] <- float32 (x[i] / largest * factor)

    /// One candidate an available arm, all reading the same context; where a candidate stands depends on its arm only.
    let mapContext
        scaling
        dimension
        arms
        (disjoint: bool)
        (context: ReadOnlySpan<float>)
        (available: ReadOnlySpan<bool>)
        (inputs: ArmInputs)
        : Result<unit, HindsightError> =
        match check "context" scaling dimension context with
        | Error e -> Error e
        | Ok() ->
            let all = available.IsEmpty

            let count =
                if all then
                    arms
                else
                    MemoryExtensions.Count(available, true)

            if not all && available.Length <> arms then
                Require.length "available" arms available.Length
            elif count = 0 then
                Error(HindsightError.OutOfRange("available", "all false", "at least one available arm"))
            else
                inputs.Reset(count, true)
                write scaling context (inputs.Row 0)
                let mutable candidate = 0

                for arm in 0 .. arms - 1 do
                    if all || available[arm] then
                        inputs.Assign(candidate, arm, (if disjoint then arm else 0), (if disjoint then 0 else arm))
                        candidate <- candidate + 1

                Ok()

    let refusesActions name : Result<unit, HindsightError> =
        Error(HindsightError.Incompatible $"The feature map '{name}' takes a context and cannot read an action set")

[<Sealed>]
type DisjointArms(contextSize: int, arms: int, scaling: InputScaling) =
    let contextSize = Require.ok (Require.atLeast "contextSize" 1 contextSize)
    let arms = Require.ok (Require.atLeast "arms" 1 arms)
    let name = "disjoint"

    interface IFeatureMap with
        member _.Name = name

        member _.Shape =
            {
                Dimension = contextSize
                Blocks = arms
                Heads = 1
            }

        member _.ContextSize = contextSize
        member _.Arms = arms

        member _.Map(context, available, inputs) =
            Inputs.mapContext scaling contextSize arms true context available inputs

        member _.MapActions(_, _) = Inputs.refusesActions name

[<Sealed>]
type SharedFeatures(contextSize: int, arms: int, scaling: InputScaling) =
    let contextSize = Require.ok (Require.atLeast "contextSize" 1 contextSize)
    let arms = Require.ok (Require.atLeast "arms" 1 arms)
    let name = "shared"

    interface IFeatureMap with
        member _.Name = name

        member _.Shape =
            {
                Dimension = contextSize
                Blocks = 1
                Heads = arms
            }

        member _.ContextSize = contextSize
        member _.Arms = arms

        member _.Map(context, available, inputs) =
            Inputs.mapContext scaling contextSize arms false context available inputs

        member _.MapActions(_, _) = Inputs.refusesActions name

[<Sealed>]
type ArmFeatures(dimension: int, scaling: InputScaling) =
    let dimension = Require.ok (Require.atLeast "dimension" 1 dimension)
    let name = "action"

    interface IFeatureMap with
        member _.Name = name

        member _.Shape =
            {
                Dimension = dimension
                Blocks = 1
                Heads = 1
            }

        member _.ContextSize = 0
        member _.Arms = 0

        member _.Map(_, _, _) =
            Error(HindsightError.Incompatible $"The feature map '{name}' takes an action set and cannot read a context")

        member _.MapActions(actions, inputs) =
            let mutable result = Require.length "actions.Dimension" dimension actions.Dimension
            let mutable arm = 0

            while result.IsOk && arm < actions.Count do
                result <- Inputs.check "actions" scaling dimension (actions.Item arm)

                if result.IsError then
                    result <- Inputs.check $"actions[{arm}]" scaling dimension (actions.Item arm)

                arm <- arm + 1

            if result.IsOk then
                inputs.Reset(actions.Count, false)

                for arm in 0 .. actions.Count - 1 do
                    Inputs.write scaling (actions.Item arm) (inputs.Row arm)
                    inputs.Assign(arm, arm, 0, 0)

            result
