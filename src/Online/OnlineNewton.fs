namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type OnlineNewtonState internal (radius: float, curvature: float, point: float[]) =
    let dimension = point.Length
    let diameter = 2.0 * radius
    let first = 1.0 / (curvature * curvature * diameter * diameter)
    let projection = NormProjection dimension
    let image: float[] = Array.zeroCreate dimension

    let diagonal (entry: float) =
        let a = Array.zeroCreate (dimension * dimension)

        for i in 0 .. dimension - 1 do
            a[i * dimension + i] <- entry

        a

    let matrix: float[] = diagonal first
    let inverse: float[] = diagonal (1.0 / first)
    let mutable rounds = 0L
    let mutable logDet = 0.0

    member _.Radius = radius
    member _.Curvature = curvature
    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds
    member _.LogDet = logDet

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" dimension gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        rounds <- rounds + 1L

        // A^-1 g before and after: the second is the first over 1 + q
        for i in 0 .. dimension - 1 do
            image[i] <- TensorPrimitives.Dot(ReadOnlySpan(inverse, i * dimension, dimension), gradient)

        let q = TensorPrimitives.Dot(ReadOnlySpan image, gradient)
        logDet <- logDet + Scalar.log1p q

        for i in 0 .. dimension - 1 do
            let row = i * dimension

            TensorPrimitives.MultiplyAdd(
                gradient,
                gradient[i],
                ReadOnlySpan(matrix, row, dimension),
                Span(matrix, row, dimension)
            )

            TensorPrimitives.MultiplyAdd(
                ReadOnlySpan image,
                -image[i] / (1.0 + q),
                ReadOnlySpan(inverse, row, dimension),
                Span(inverse, row, dimension)
            )

        TensorPrimitives.MultiplyAdd(ReadOnlySpan image, -1.0 / (curvature * (1.0 + q)), ReadOnlySpan point, Span point)

        projection.Ball(ReadOnlySpan matrix, radius, Span point)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module OnlineNewton =
    let curvature concavity diameter gradient =
        result {
            let! concavity = Require.positive "concavity" concavity
            let! diameter = Require.positive "diameter" diameter
            let! gradient = Require.positive "gradient" gradient
            return 0.5 * min (1.0 / (4.0 * gradient * diameter)) concavity
        }

    let start radius curvature (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            let! radius = Require.positive "radius" radius
            let! curvature = Require.positive "curvature" curvature
            let! _ = Require.atLeast "point length" 1 point.Length
            do! Require.allFinite "point" (ReadOnlySpan point)
            Projection.ball radius (Span point)
            return OnlineNewtonState(radius, curvature, point)
        }

    let step gradient (state: OnlineNewtonState) = state.Update gradient

    let regretBound (state: OnlineNewtonState) =
        OnlineConvex.onlineNewton state.Curvature state.LogDet
