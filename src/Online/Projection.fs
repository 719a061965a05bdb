namespace Hindsight.FSharp

open System
open System.Numerics.Tensors
open Hindsight

[<RequireQualifiedAccess>]
module Projection =
    let ball (radius: float) (point: Span<float>) =
        let norm = TensorPrimitives.Norm(Span.op_Implicit point: ReadOnlySpan<float>)

        if norm > radius then
            TensorPrimitives.Multiply(Span.op_Implicit point, radius / norm, point)

    let box (low: ReadOnlySpan<float>) (high: ReadOnlySpan<float>) (point: Span<float>) =
        for i in 0 .. point.Length - 1 do
            point[i] <- Math.Clamp(point[i], low[i], high[i])

    let simplex (point: Span<float>) =
        // an entry that is once below the level stays below: the level only rises
        let mutable level = -infinity
        let mutable again = true

        while again do
            let mutable sum = 0.0
            let mutable count = 0

            for x in point do
                if x > level then
                    sum <- sum + x
                    count <- count + 1

            let next = (sum - 1.0) / float count
            again <- next > level

            if again then
                level <- next

        let mutable total = 0.0

        for i in 0 .. point.Length - 1 do
            let x = max 0.0 (point[i] - level)
            point[i] <- x
            total <- total + x

        // rounding of the level leaves the sum some ulps from 1
        if total > 0.0 then
            for i in 0 .. point.Length - 1 do
                point[i] <- point[i] / total

namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<RequireQualifiedAccess>]
type private SetKind =
    | Whole
    | Ball of radius: float
    | Box of low: float[] * high: float[]
    | Simplex

[<Sealed; NoComparison; NoEquality>]
type ConvexSet private (kind: SetKind, dimension: int) =
    static let dimensioned dimension =
        Require.ok (Require.atLeast "dimension" 1 dimension)

    static member Whole(dimension: int) =
        ConvexSet(SetKind.Whole, dimensioned dimension)

    static member Ball(dimension: int, radius: float) =
        ConvexSet(SetKind.Ball(Require.ok (Require.positive "radius" radius)), dimensioned dimension)

    static member Box(low: float[], high: float[]) =
        let dimension = Require.ok (Require.atLeast "low length" 1 low.Length)
        Require.ok (Require.length "high" dimension high.Length)
        Require.ok (Require.allFinite "low" (ReadOnlySpan low))
        Require.ok (Require.allFinite "high" (ReadOnlySpan high))

        for i in 0 .. dimension - 1 do
            let above = { Domain.Reals with Low = low[i] }
            Require.ok (Require.inside $"high[{i}]" above high[i]) |> ignore<float>

        ConvexSet(SetKind.Box(Array.copy low, Array.copy high), dimension)

    static member Simplex(dimension: int) =
        ConvexSet(SetKind.Simplex, dimensioned dimension)

    member _.Name =
        match kind with
        | SetKind.Whole -> "whole space"
        | SetKind.Ball _ -> "ball"
        | SetKind.Box _ -> "box"
        | SetKind.Simplex -> "simplex"

    member _.Dimension = dimension

    member _.Diameter =
        match kind with
        | SetKind.Whole -> infinity
        | SetKind.Ball radius -> 2.0 * radius
        | SetKind.Box(low, high) -> TensorPrimitives.Distance(ReadOnlySpan low, ReadOnlySpan high)
        | SetKind.Simplex -> if dimension = 1 then 0.0 else sqrt 2.0

    member _.Side =
        match kind with
        | SetKind.Whole -> infinity
        | SetKind.Ball radius -> 2.0 * radius
        | SetKind.Box(low, high) -> Array.map2 (-) high low |> Array.max
        | SetKind.Simplex -> if dimension = 1 then 0.0 else 1.0

    member _.Project(point: Span<float>) =
        Require.ok (Require.length "point" dimension point.Length)

        match kind with
        | SetKind.Whole -> ()
        | SetKind.Ball radius -> Projection.ball radius point
        | SetKind.Box(low, high) -> Projection.box (ReadOnlySpan low) (ReadOnlySpan high) point
        | SetKind.Simplex -> Projection.simplex point

    member set.Contains(point: ReadOnlySpan<float>, tolerance: float) =
        Require.ok (Require.length "point" dimension point.Length)
        let nearest = point.ToArray()
        set.Project(Span nearest)
        TensorPrimitives.Distance(point, ReadOnlySpan nearest) <= tolerance

    member _.Centre =
        match kind with
        | SetKind.Whole
        | SetKind.Ball _ -> Array.zeroCreate dimension
        | SetKind.Box(low, high) -> Array.map2 (fun a b -> 0.5 * (a + b)) low high
        | SetKind.Simplex -> Array.create dimension (1.0 / float dimension)

/// A positive definite matrix by its Cholesky factor, in a buffer that is kept.
[<Sealed>]
type internal CholeskyBuffer(dimension: int) =
    let factor: float[] = Array.zeroCreate (dimension * dimension)

    /// Factors matrix + shift I: its lower half is read.
    member _.Factor(matrix: ReadOnlySpan<float>, shift: float) =
        for i in 0 .. dimension - 1 do
            let row = i * dimension

            for j in 0..i do
                let other = j * dimension

                let dot = TensorPrimitives.Dot(ReadOnlySpan(factor, row, j), ReadOnlySpan(factor, other, j))

                let entry = matrix[row + j] + (if i = j then shift else 0.0) - dot

                if i = j then
                    // rounding must not carry a pivot to 0
                    factor[row + i] <- sqrt (max entry Double.Epsilon)
                else
                    factor[row + j] <- entry / factor[other + j]

    /// L^-1 b, in place.
    member _.Forward(b: Span<float>) =
        for i in 0 .. dimension - 1 do
            let row = i * dimension

            let dot = TensorPrimitives.Dot(ReadOnlySpan(factor, row, i), Span.op_Implicit (b.Slice(0, i)))

            b[i] <- (b[i] - dot) / factor[row + i]

    /// L'^-1 b, in place.
    member _.Backward(b: Span<float>) =
        for i = dimension - 1 downto 0 do
            let x = b[i] / factor[i * dimension + i]
            b[i] <- x

            for j in 0 .. i - 1 do
                b[j] <- b[j] - factor[i * dimension + j] * x

[<Sealed; NoComparison; NoEquality>]
type NormProjection(dimension: int) =
    let dimension = Require.ok (Require.atLeast "dimension" 1 dimension)
    let cholesky = CholeskyBuffer dimension
    let image: float[] = Array.zeroCreate dimension
    let trial: float[] = Array.zeroCreate dimension

    member _.Ball(matrix: ReadOnlySpan<float>, radius: float, point: Span<float>) =
        Require.ok (Require.length "matrix" (dimension * dimension) matrix.Length)
        Require.ok (Require.length "point" dimension point.Length)
        let radius = Require.ok (Require.positive "radius" radius)

        if TensorPrimitives.Norm(Span.op_Implicit point: ReadOnlySpan<float>) > radius then
            // b = A x, the upper half by symmetry
            for i in 0 .. dimension - 1 do
                let mutable sum = 0.0

                for j in 0 .. dimension - 1 do
                    let entry =
                        if j <= i then
                            matrix[i * dimension + j]
                        else
                            matrix[j * dimension + i]

                    sum <- sum + entry * point[j]

                image[i] <- sum

            let mutable shift = 0.0
            let mutable round = 0
            let mutable searching = true

            while searching do
                round <- round + 1
                cholesky.Factor(matrix, shift)
                image.AsSpan().CopyTo(Span trial)
                cholesky.Forward(Span trial)
                cholesky.Backward(Span trial)
                let norm = TensorPrimitives.Norm(ReadOnlySpan trial)
                trial.AsSpan().CopyTo point

                if norm <= radius * (1.0 + 1e-15) || round = 100 then
                    searching <- false
                else
                    // d/dnu of 1/|z|
                    cholesky.Forward(Span trial)
                    let slope = TensorPrimitives.SumOfSquares(ReadOnlySpan trial)
                    let next = shift + norm * norm / slope * (norm - radius) / radius
                    searching <- next > shift
                    shift <- next

            Projection.ball radius point
