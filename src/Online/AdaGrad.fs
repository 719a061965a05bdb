namespace Hindsight

open System
open System.Numerics.Tensors
open MathNet.Numerics.LinearAlgebra
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type DiagonalAdaGradState internal (set: ConvexSet, point: float[]) =
    let squares: float[] = Array.zeroCreate point.Length
    let eta = set.Side / sqrt 2.0
    let mutable rounds = 0L

    member _.Set = set
    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds
    member _.Squares = ReadOnlySpan squares
    member internal _.Sums = Array.copy squares

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" point.Length gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        rounds <- rounds + 1L

        for i in 0 .. point.Length - 1 do
            let g = gradient[i]

            if g <> 0.0 then
                squares[i] <- squares[i] + g * g
                point[i] <- point[i] - eta * g / sqrt squares[i]

        set.Project(Span point)

[<Sealed; NoComparison; NoEquality>]
type FullAdaGradState internal (radius: float, point: float[]) =
    let dimension = point.Length
    let moment = Matrix<float>.Build.Dense(dimension, dimension)
    let eta = 2.0 * radius / sqrt 2.0
    let mutable rounds = 0L
    let mutable trace = 0.0

    /// argmin over |z| <= radius of sum s_i (z_i - y_i)^2, s_i >= 0, in place.
    let project (s: float[]) (y: float[]) =
        let seen = Array.map2 (fun s y -> if s > 0.0 then y * y else 0.0) s y |> Array.sum
        let unseen = Array.map2 (fun s y -> if s > 0.0 then 0.0 else y * y) s y |> Array.sum
        let room = radius * radius

        if seen + unseen > room then
            if seen <= room then
                let shrink = if unseen > 0.0 then sqrt ((room - seen) / unseen) else 0.0

                for i in 0 .. dimension - 1 do
                    if s[i] = 0.0 then
                        y[i] <- y[i] * shrink
            else
                let at shift i =
                    if s[i] > 0.0 then s[i] * y[i] / (s[i] + shift) else 0.0

                let mutable shift = 0.0
                let mutable searching = true
                let mutable round = 0

                while searching do
                    round <- round + 1
                    let mutable square = 0.0
                    let mutable slope = 0.0

                    for i in 0 .. dimension - 1 do
                        let z = at shift i
                        square <- square + z * z

                        if s[i] > 0.0 then
                            slope <- slope + z * z / (s[i] + shift)

                    let norm = sqrt square
                    let next = shift + square / slope * (norm - radius) / radius
                    searching <- norm > radius * (1.0 + 1e-15) && next > shift && round < 100

                    if searching then
                        shift <- next

                for i in 0 .. dimension - 1 do
                    y[i] <- at shift i

    member _.Radius = radius
    member _.Point = ReadOnlySpan point
    member _.Rounds = rounds
    member _.Trace = trace

    member internal _.Update(gradient: ReadOnlySpan<float>) =
        Require.ok (Require.length "gradient" dimension gradient.Length)
        Require.ok (Require.allFinite "gradient" gradient)
        rounds <- rounds + 1L

        for i in 0 .. dimension - 1 do
            for j in 0 .. dimension - 1 do
                moment[i, j] <- moment[i, j] + gradient[i] * gradient[j]

        let eigen = moment.Evd(Symmetricity.Symmetric)
        let values = eigen.EigenValues |> Seq.map _.Real |> Seq.toArray
        let top = Array.max values
        // what rounding leaves of a zero eigenvalue
        let floor = 1e-14 * float dimension * top
        let roots = values |> Array.map (fun v -> if v > floor then sqrt v else 0.0)
        trace <- Array.sum roots
        let vectors = eigen.EigenVectors
        let inward = vectors.TransposeThisAndMultiply(Vector<float>.Build.DenseOfArray point)
        let slope = vectors.TransposeThisAndMultiply(Vector<float>.Build.DenseOfArray(gradient.ToArray()))

        let moved =
            Array.init dimension (fun i ->
                if roots[i] > 0.0 then
                    inward[i] - eta * slope[i] / roots[i]
                else
                    inward[i])

        project roots moved
        let outward = vectors.Multiply(Vector<float>.Build.DenseOfArray moved)

        for i in 0 .. dimension - 1 do
            point[i] <- outward[i]

        Projection.ball radius (Span point)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module AdaGrad =
    let private startPoint (dimension: int) (point: float[]) =
        result {
            do! Require.length "point" dimension point.Length
            do! Require.allFinite "point" (ReadOnlySpan point)
        }

    let startDiagonal (set: ConvexSet) (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        if set.Name <> "box" then
            Error(HindsightError.Incompatible "AdaGrad with a diagonal matrix plays on a box.")
        else
            startPoint set.Dimension point
            |> Result.map (fun () ->
                set.Project(Span point)
                DiagonalAdaGradState(set, point))

    let stepDiagonal gradient (state: DiagonalAdaGradState) = state.Update gradient

    let regretBoundDiagonal (state: DiagonalAdaGradState) =
        OnlineConvex.adaGradDiagonal state.Set.Side state.Sums

    let startFull radius (point: ReadOnlySpan<float>) =
        let point = point.ToArray()

        result {
            let! radius = Require.positive "radius" radius
            let! dimension = Require.atLeast "point length" 1 point.Length
            do! startPoint dimension point
            Projection.ball radius (Span point)
            return FullAdaGradState(radius, point)
        }

    let stepFull gradient (state: FullAdaGradState) = state.Update gradient

    let regretBoundFull (state: FullAdaGradState) =
        OnlineConvex.adaGradFull (2.0 * state.Radius) state.Trace
