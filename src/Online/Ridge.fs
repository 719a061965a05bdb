namespace Hindsight

open System
open System.IO
open System.Numerics.Tensors
open System.Runtime.InteropServices
open Hindsight.FSharp

[<Sealed>]
type RidgeState(dimension: int, lambda: float) =
    let dimension = Require.ok (Require.atLeast "dimension" 1 dimension)
    let lambda = Require.ok (Require.positive "lambda" lambda)
    let weights: float[] = Array.zeroCreate dimension
    let projection: float[] = Array.zeroCreate dimension

    let root =
        let s = Array.zeroCreate (dimension * dimension)

        for i in 0 .. dimension - 1 do
            s[i * dimension + i] <- 1.0 / sqrt lambda

        s

    let mutable rounds = 0L
    let mutable logDet = 0.0
    let mutable comparator = 0.0
    let mutable ridgeLoss = 0.0
    let mutable vawLoss = 0.0
    let mutable largestLabel = 0.0
    let mutable largestResidual = 0.0

    member _.Dimension = dimension
    member _.Lambda = lambda
    member _.Rounds = rounds
    member _.Weights = ReadOnlySpan weights
    member _.LogDet = logDet
    member _.Comparator = comparator
    member _.RidgeLoss = ridgeLoss
    member _.VawLoss = vawLoss
    member _.LargestLabel = largestLabel
    member _.LargestResidual = largestResidual

    /// f = S'x, by the rows of S where x is not 0. Returns f'f = x'A^-1 x.
    member private _.Project(x: ReadOnlySpan<float>) : float =
        Require.ok (Require.length "x" dimension x.Length)
        let f = Span projection
        f.Clear()

        for i in 0 .. dimension - 1 do
            if x[i] <> 0.0 then
                TensorPrimitives.MultiplyAdd(ReadOnlySpan(root, i * dimension, dimension), x[i], projection, f)

        TensorPrimitives.SumOfSquares(ReadOnlySpan projection)

    member internal _.Predict(x: ReadOnlySpan<float>) : float =
        Require.ok (Require.length "x" dimension x.Length)
        TensorPrimitives.Dot(ReadOnlySpan weights, x)

    member internal state.SquaredWidth(x: ReadOnlySpan<float>) : float = state.Project x

    member internal state.Update(x: ReadOnlySpan<float>, label: float) : float =
        let q = state.Project x
        let prediction = state.Predict x
        let residual = label - prediction
        let a = 1.0 / (1.0 + q)
        let g = a / (1.0 + sqrt a)

        for i in 0 .. dimension - 1 do
            let row = Span(root, i * dimension, dimension)
            let u = TensorPrimitives.Dot(Span.op_Implicit row, ReadOnlySpan projection)

            // rows of features that were never seen together with these stay as they are
            if u <> 0.0 then
                weights[i] <- weights[i] + u * a * residual
                TensorPrimitives.MultiplyAdd(ReadOnlySpan projection, -g * u, Span.op_Implicit row, row)

        let vaw = label - a * prediction
        rounds <- rounds + 1L
        logDet <- logDet + Scalar.log1p q
        comparator <- comparator + a * residual * residual
        ridgeLoss <- ridgeLoss + residual * residual
        vawLoss <- vawLoss + vaw * vaw
        largestLabel <- max largestLabel (abs label)
        largestResidual <- max largestResidual (abs residual)
        q

    member _.Save(writer: BinaryWriter) =
        writer.Write dimension
        writer.Write lambda
        writer.Write rounds

        for x in [| logDet; comparator; ridgeLoss; vawLoss; largestLabel; largestResidual |] do
            writer.Write x

        writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan weights))
        writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan root))

    member private _.Read(reader: BinaryReader) =
        rounds <- reader.ReadInt64()
        logDet <- reader.ReadDouble()
        comparator <- reader.ReadDouble()
        ridgeLoss <- reader.ReadDouble()
        vawLoss <- reader.ReadDouble()
        largestLabel <- reader.ReadDouble()
        largestResidual <- reader.ReadDouble()
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span weights))
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span root))

    static member Load(reader: BinaryReader, dimension: int, lambda: float) =
        let state = RidgeState(dimension, lambda)
        let savedDimension = reader.ReadInt32()
        let savedLambda = reader.ReadDouble()

        if savedDimension <> dimension || savedLambda <> lambda then
            HindsightError.Incompatible
                $"The saved regression has dimension {savedDimension} and lambda {savedLambda}, not {dimension} and {lambda}"
            |> HindsightException
            |> raise

        state.Read reader
        state

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Ridge =
    let predictRidge (x: ReadOnlySpan<float>) (state: RidgeState) : float = state.Predict x

    let predictVaw (x: ReadOnlySpan<float>) (state: RidgeState) : float =
        state.Predict x / (1.0 + state.SquaredWidth x)

    let width (x: ReadOnlySpan<float>) (state: RidgeState) : float = sqrt (state.SquaredWidth x)

    let update (x: ReadOnlySpan<float>) (label: float) (state: RidgeState) : float = state.Update(x, label)

    let logDetCeiling dimension lambda norm (rounds: int64) =
        result {
            let! dimension = Require.atLeast "dimension" 1 dimension
            let! lambda = Require.positive "lambda" lambda
            let! norm = Require.nonNegative "norm" norm
            let! rounds = Require.nonNegative "rounds" (float rounds)
            let d = float dimension
            return d * Scalar.log1p (rounds * norm * norm / (lambda * d))
        }

    /// The calculator's bound with the trivial one that the state knows.
    let private bound range (calculated: Result<Bound, HindsightError>) (state: RidgeState) =
        calculated
        |> Result.map (fun bound ->
            { bound with
                Trivial = float state.Rounds * range * range
            })

    let regretBoundVaw (state: RidgeState) =
        let label = state.LargestLabel
        bound label (OnlineConvex.vovkAzouryWarmuth label state.LogDet) state |> Require.ok

    let regretBoundRidge length (state: RidgeState) =
        bound length (OnlineConvex.ridge length state.LogDet) state

    let regretBoundUnclipped (state: RidgeState) =
        let residual = state.LargestResidual
        bound residual (OnlineConvex.ridgeUnclipped residual state.LogDet) state |> Require.ok
