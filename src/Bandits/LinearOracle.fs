namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

type LinearKind =
    | Ridge = 0
    | VovkAzouryWarmuth = 1

[<Sealed>]
type LinearOracle(shape: FeatureShape, kind: LinearKind, lambda: float, intercept: bool) =
    let dimension = shape.Dimension + (if intercept then 1 else 0)
    let mutable models = Array.init (shape.Blocks * shape.Heads) (fun _ -> RidgeState(dimension, lambda))
    // the last coordinate is the intercept's and stays 1
    let x = Array.create dimension 1.0

    let read (row: ReadOnlySpan<float32>) : unit =
        Require.ok (Require.length "x" shape.Dimension row.Length)
        TensorPrimitives.ConvertTruncating(row, Span(x, 0, shape.Dimension))

    let model block head = models[block * shape.Heads + head]

    /// One number a candidate; a shared row is read once.
    let each (inputs: ArmInputs) (compute: Func<RidgeState, float>) (results: Span<float>) : unit =
        for i in 0 .. inputs.Count - 1 do
            if i = 0 || not inputs.SharedRow then
                read (Span.op_Implicit (inputs.Row i))

            results[i] <- compute.Invoke(model inputs.Blocks[i] inputs.Heads[i])

    // delegates, made once: a let-bound function would become a new closure at each use
    let predict =
        if kind = LinearKind.VovkAzouryWarmuth then
            Func<RidgeState, float>(fun state -> Ridge.predictVaw (ReadOnlySpan x) state)
        else
            Func<RidgeState, float>(fun state -> Ridge.predictRidge (ReadOnlySpan x) state)

    let width = Func<RidgeState, float>(fun state -> Ridge.width (ReadOnlySpan x) state)

    new(shape, kind, lambda) = LinearOracle(shape, kind, lambda, true)

    member _.Kind = kind
    member _.Lambda = lambda
    member _.Intercept = intercept
    member _.Model(block: int, head: int) = model block head
    member _.LogDet = models |> Array.sumBy (fun m -> m.LogDet)

    interface IRegressionOracle with
        member _.Name =
            if kind = LinearKind.VovkAzouryWarmuth then
                "linear-vaw"
            else
                "linear-ridge"

        member _.Shape = shape
        member _.HasWidths = true
        member _.Predict(inputs, predictions) = each inputs predict predictions
        member _.Widths(inputs, widths) = each inputs width widths

        member _.Learn(row, block, head, cost, _) =
            read row
            Ridge.update (ReadOnlySpan x) cost (model block head) |> ignore<float>

        member _.Save writer =
            writer.Write models.Length

            for m in models do
                m.Save writer

        member _.Load reader =
            let count = reader.ReadInt32()

            if count <> models.Length then
                HindsightError.Incompatible $"The saved oracle has {count} models, not {models.Length}"
                |> HindsightException
                |> raise

            models <- Array.init count (fun _ -> RidgeState.Load(reader, dimension, lambda))
