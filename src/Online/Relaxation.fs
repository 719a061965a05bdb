namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed; NoComparison; NoEquality>]
type SparseSymmetric internal (starts: int[], columns: int[], values: float[], diagonal: float[]) =
    member _.Order = diagonal.Length
    member _.Count = values.Length
    member internal _.Diagonal = diagonal

    member _.Item
        with get (i: int, j: int) =
            let at = Array.BinarySearch(columns, starts[i], starts[i + 1] - starts[i], j)
            if at >= 0 then values[at] else 0.0

    member _.Multiply(x: ReadOnlySpan<float>, shift: float, target: Span<float>) =
        Require.ok (Require.length "x" diagonal.Length x.Length)
        Require.ok (Require.length "target" diagonal.Length target.Length)

        for i in 0 .. diagonal.Length - 1 do
            let mutable sum = shift * x[i]

            for at in starts[i] .. starts[i + 1] - 1 do
                sum <- sum + values[at] * x[columns[at]]

            target[i] <- sum

    member _.ToDense(shift: float) =
        let n = diagonal.Length
        let all = Array.zeroCreate (n * n)

        for i in 0 .. n - 1 do
            for at in starts[i] .. starts[i + 1] - 1 do
                all[i * n + columns[at]] <- values[at]

            all[i * n + i] <- all[i * n + i] + shift

        all

    /// x_i := x_i + omega (b_i - sum a_ij x_j)/a_ii, row after row.
    member internal _.Sweep(omega: float, shift: float, b: float[], x: float[]) =
        for i in 0 .. diagonal.Length - 1 do
            let mutable sum = b[i] - shift * x[i]

            for at in starts[i] .. starts[i + 1] - 1 do
                sum <- sum - values[at] * x[columns[at]]

            x[i] <- x[i] + omega * sum / (diagonal[i] + shift)

    /// |b - (A + shift) x|.
    member internal _.ResidualNorm(shift: float, b: float[], x: float[]) =
        let mutable total = 0.0

        for i in 0 .. diagonal.Length - 1 do
            let mutable sum = b[i] - shift * x[i]

            for at in starts[i] .. starts[i + 1] - 1 do
                sum <- sum - values[at] * x[columns[at]]

            total <- total + sum * sum

        sqrt total

[<Sealed; NoComparison; NoEquality>]
type SorState internal (matrix: SparseSymmetric, shift: float, rhs: float[]) =
    let x: float[] = Array.zeroCreate rhs.Length
    let size = sqrt (TensorPrimitives.SumOfSquares(ReadOnlySpan rhs))
    let mutable iterations = 0
    let mutable relative = 1.0

    member _.Matrix = matrix
    member _.Shift = shift
    member _.Iterations = iterations
    member _.Solution = ReadOnlySpan x
    member _.RelativeResidual = relative

    member internal _.Step(omega: float) =
        matrix.Sweep(omega, shift, rhs, x)
        iterations <- iterations + 1
        relative <- matrix.ResidualNorm(shift, rhs, x) / size

[<Sealed; NoComparison; NoEquality>]
type RelaxationState internal (grid: float[], ceiling: float, bandit: TsallisInfState, iterations: float) =
    let mutable iterations = iterations
    member _.Grid = ReadOnlySpan grid
    member _.Ceiling = ceiling
    member _.Bandit = bandit
    member _.Rounds = bandit.Rounds
    member _.Iterations = iterations

    member _.Copy() =
        RelaxationState(grid, ceiling, bandit.Copy(), iterations)

    member internal _.Count(count: int) = iterations <- iterations + float count

[<Sealed; NoComparison; NoEquality>]
type ChebyshevState
    internal (grid: float[], degree: int, lowest: float, length: float, lipschitz: float, ceiling: float) =
    let size = degree + 1
    let arms = grid.Length
    let scale = max 2.0 (2.0 + 4.0 * length * lipschitz / ceiling * (1.0 + log (float degree)))

    let limits =
        Array.init size (fun j ->
            if j = 0 then
                1.0 / scale
            else
                2.0 * length * lipschitz / (ceiling * scale * float j))

    let coefficients: float[] = Array.zeroCreate (arms * size)
    let gram: float[] = Array.zeroCreate (arms * size * size)
    let moment: float[] = Array.zeroCreate (arms * size)
    let squares: float[] = Array.zeroCreate arms
    let basis: float[] = Array.zeroCreate size
    let predictions: float[] = Array.zeroCreate arms
    let distribution: float[] = Array.zeroCreate arms
    let mutable rounds = 0L
    let mutable iterations = 0.0
    let mutable predictionError = 0.0

    member _.Grid = ReadOnlySpan grid
    member _.Degree = degree
    member _.Rounds = rounds
    member _.Iterations = iterations

    member _.Coefficients(arm: int) =
        ReadOnlySpan(coefficients, arm * size, size)

    member _.Scale = scale
    member _.PredictionError = predictionError
    member internal _.Ceiling = ceiling
    member internal _.Lowest = lowest
    member internal _.Length = length
    member internal _.Lipschitz = lipschitz
    member internal _.Predictions = predictions
    member internal _.Distribution = distribution

    member private _.ArmResidual(arm: int) =
        let mutable total = squares[arm]

        for i in 0 .. size - 1 do
            let c = coefficients[arm * size + i]
            let mutable product = 0.0

            for j in 0 .. size - 1 do
                product <- product + gram[(arm * size + i) * size + j] * coefficients[arm * size + j]

            total <- total + c * (product - 2.0 * moment[arm * size + i])

        max total 0.0

    member state.Residual =
        let mutable total = 0.0

        for arm in 0 .. arms - 1 do
            total <- total + state.ArmResidual arm

        total

    /// T_0 .. T_m at the shift, on [-1, 1].
    member private _.Basis(shift: float) =
        let t = Math.Clamp(2.0 * (shift - lowest) / length - 1.0, -1.0, 1.0)
        basis[0] <- 1.0
        basis[1] <- t

        for j in 2..degree do
            basis[j] <- 2.0 * t * basis[j - 1] - basis[j - 2]

    member internal state.Predict(shift: float) =
        state.Basis shift

        for arm in 0 .. arms - 1 do
            predictions[arm] <- TensorPrimitives.Dot(ReadOnlySpan(coefficients, arm * size, size), ReadOnlySpan basis)

    /// After Predict: inverse gap weighting with mu = d.
    member internal _.Weigh(gamma: float) =
        let best = TensorPrimitives.IndexOfMin(ReadOnlySpan predictions)
        let least = predictions[best]
        let mutable others = 0.0

        for arm in 0 .. arms - 1 do
            if arm <> best then
                let p = 1.0 / (float arms + gamma * (predictions[arm] - least))
                distribution[arm] <- p
                others <- others + p

        distribution[best] <- 1.0 - others

    member internal state.Observe(arm: int, shift: float, count: int) =
        let y = float (count - 1) / (ceiling * scale)
        state.Predict shift
        let miss = predictions[arm] - y
        predictionError <- predictionError + miss * miss
        squares[arm] <- squares[arm] + y * y

        for i in 0 .. size - 1 do
            moment[arm * size + i] <- moment[arm * size + i] + y * basis[i]

            for j in 0 .. size - 1 do
                let at = (arm * size + i) * size + j
                gram[at] <- gram[at] + basis[i] * basis[j]

        let mutable moved = infinity
        let mutable sweep = 0

        while moved > 1e-12 && sweep < 500 do
            moved <- 0.0

            for i in 0 .. size - 1 do
                let at = arm * size + i
                let row = ReadOnlySpan(gram, at * size, size)
                let own = row[i]

                if own > 0.0 then
                    let slope = moment[at] - TensorPrimitives.Dot(row, ReadOnlySpan(coefficients, arm * size, size))
                    let next = Math.Clamp(coefficients[at] + slope / own, -limits[i], limits[i])
                    moved <- max moved (abs (next - coefficients[at]) / limits[i])
                    coefficients[at] <- next

            sweep <- sweep + 1

        rounds <- rounds + 1L
        iterations <- iterations + float count

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

[<RequireQualifiedAccess>]
module SparseSymmetric =
    let private build (rows: (struct (int * float))[][]) =
        let starts = rows |> Array.map Array.length |> Array.scan (+) 0
        let columns = rows |> Array.collect (Array.map (fun (struct (j, _)) -> j))
        let values = rows |> Array.collect (Array.map (fun (struct (_, v)) -> v))

        let diagonal =
            rows
            |> Array.mapi (fun i row -> row |> Array.pick (fun (struct (j, v)) -> if i = j then Some v else None))

        SparseSymmetric(starts, columns, values, diagonal)

    let ofDense order (entries: ReadOnlySpan<float>) =
        let entries = entries.ToArray()

        result {
            let! order = Require.atLeast "order" 1 order
            do! Require.symmetric "entries" order (ReadOnlySpan entries)

            match Seq.init order id |> Seq.tryFind (fun i -> entries[i * order + i] <= 0.0) with
            | Some i ->
                return! Require.positive $"entries[{i},{i}]" entries[i * order + i] |> Result.map (fun _ -> build [||])
            | None ->
                return
                    build (
                        Array.init order (fun i ->
                            [|
                                for j in 0 .. order - 1 do
                                    let v = entries[i * order + j]

                                    if v <> 0.0 then
                                        struct (j, v)
                            |])
                    )
        }

    let laplacian rows columns =
        result {
            let! rows = Require.atLeast "rows" 1 rows
            let! columns = Require.atLeast "columns" 1 columns

            return
                build (
                    Array.init (rows * columns) (fun point ->
                        let r = point / columns
                        let c = point % columns

                        [|
                            if r > 0 then
                                struct (point - columns, -1.0)
                            if c > 0 then
                                struct (point - 1, -1.0)
                            struct (point, 4.0)
                            if c < columns - 1 then
                                struct (point + 1, -1.0)
                            if r < rows - 1 then
                                struct (point + columns, -1.0)
                        |])
                )
        }

    let internal checkShift shift (matrix: SparseSymmetric) =
        let least = Array.min matrix.Diagonal

        if Double.IsFinite shift && least + shift > 0.0 then
            Ok shift
        else
            Error(HindsightError.OutOfRange("shift", string shift, $"a finite number above {-least}"))

    let internal dense shift (matrix: SparseSymmetric) =
        let n = matrix.Order
        // symmetric: rows are columns
        Matrix<float>.Build.Dense(n, n, matrix.ToDense shift)

    let jacobiRadius shift (matrix: SparseSymmetric) =
        checkShift shift matrix
        |> Result.map (fun shift ->
            let roots = matrix.Diagonal |> Array.map (fun d -> sqrt (d + shift))

            // similar to the symmetric I - D^-1/2 A D^-1/2
            let scaled =
                (dense shift matrix).MapIndexed(fun i j a -> (if i = j then 1.0 else 0.0) - a / (roots[i] * roots[j]))

            (scaled.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Magnitude |> Seq.max)

[<RequireQualifiedAccess>]
module Sor =
    let start shift (rhs: ReadOnlySpan<float>) (matrix: SparseSymmetric) =
        let rhs = rhs.ToArray()

        result {
            let! shift = SparseSymmetric.checkShift shift matrix
            do! Require.length "rhs" matrix.Order rhs.Length
            do! Require.allFinite "rhs" (ReadOnlySpan rhs)

            if rhs |> Array.forall (fun b -> b = 0.0) then
                return! Error(HindsightError.OutOfRange("rhs", "0", "a right-hand side that is not 0"))
            else
                return SorState(matrix, shift, rhs)
        }

    let private checkOmega omega =
        if omega > 0.0 && omega < 2.0 then
            Ok omega
        else
            Require.inside "omega" (Domain.Open(0.0, 2.0)) omega

    let step omega (state: SorState) =
        match checkOmega omega with
        | Error e -> Error e
        | Ok omega ->
            state.Step omega
            Ok state

    let private run omega epsilon limit (state: SorState) =
        while state.RelativeResidual >= epsilon && state.Iterations < limit do
            state.Step omega

    let solve omega epsilon limit (state: SorState) =
        result {
            let! omega = checkOmega omega
            let! epsilon = Require.confidence "epsilon" epsilon
            let! limit = Require.atLeast "limit" 1 limit
            run omega epsilon limit state

            if state.RelativeResidual < epsilon then
                return state.Iterations
            else
                return!
                    Error(
                        HindsightError.Incompatible
                            $"SOR at omega {omega} has a relative residual of {state.RelativeResidual} after {state.Iterations} iterations, the limit."
                    )
        }

    let private defectMatrix omega shift (matrix: SparseSymmetric) =
        result {
            let! omega = checkOmega omega
            let! shift = SparseSymmetric.checkShift shift matrix
            let a = SparseSymmetric.dense shift matrix

            let lower =
                a.MapIndexed(fun i j v ->
                    if i = j then v / omega
                    elif i > j then v
                    else 0.0)

            // C' = I - (D/omega + L)^-T A
            let transposed = lower.Transpose().Solve a
            return Matrix<float>.Build.DenseIdentity(matrix.Order) - transposed.Transpose()
        }

    let defect omega shift matrix =
        defectMatrix omega shift matrix |> Result.map _.ToRowMajorArray()

    let spectralRadius omega shift matrix =
        defectMatrix omega shift matrix
        |> Result.map (fun c -> (c.Evd Symmetricity.Asymmetric).EigenValues |> Seq.map _.Magnitude |> Seq.max)

    let powerNorm omega shift k matrix =
        result {
            let! k = Require.atLeast "k" 1 k
            let! c = defectMatrix omega shift matrix
            return c.Power(k).L2Norm()
        }

/// The grid of relaxation parameters.
module private OmegaGrid =
    let make omegaMax gridSize =
        result {
            let! omegaMax = Require.inside "omegaMax" (Domain.Open(1.0, 2.0)) omegaMax
            let! gridSize = Require.atLeast "gridSize" 2 gridSize
            return Array.init gridSize (fun i -> 1.0 + (omegaMax - 1.0) * float (i + 1) / float gridSize)
        }

    let iterations ceiling (iterations: int) =
        if iterations >= 1 && float (iterations - 1) <= ceiling then
            Ok iterations
        else
            Error(
                HindsightError.OutOfRange("iterations", string iterations, $"a whole number from 1 to {ceiling + 1.0}")
            )

[<RequireQualifiedAccess>]
module Relaxation =
    let start eta ceiling omegaMax gridSize =
        result {
            let! grid = OmegaGrid.make omegaMax gridSize
            let! ceiling = Require.positive "ceiling" ceiling
            let! bandit = TsallisInf.startFixed eta ceiling gridSize
            return RelaxationState(grid, ceiling, bandit, 0.0)
        }

    let choose seed (state: RelaxationState) = TsallisInf.choose seed state.Bandit

    let step index iterations (state: RelaxationState) =
        match OmegaGrid.iterations state.Ceiling iterations with
        | Error e -> Error e
        | Ok count ->
            match Sampling.arm index state.Bandit.Distribution with
            | Error _ -> Error(HindsightError.OutOfRange("index", string index, "an index that could be drawn"))
            | Ok index ->
                match TsallisInf.step index (float (count - 1)) state.Bandit with
                | Error e -> Error e
                | Ok _ ->
                    state.Count count
                    Ok state

    let regretBound epsilon alphas (state: RelaxationState) =
        RelaxationBounds.regret
            (float (max state.Rounds 1L))
            state.Grid.Length
            state.Ceiling
            state.Bandit.Eta
            epsilon
            alphas

[<RequireQualifiedAccess>]
module ChebCB =
    let start degree lowest length lipschitz ceiling omegaMax gridSize =
        result {
            let! grid = OmegaGrid.make omegaMax gridSize
            let! degree = Require.atLeast "degree" 1 degree
            let! lowest = Require.finite "lowest" lowest
            let! length = Require.positive "length" length
            let! lipschitz = Require.positive "lipschitz" lipschitz
            let! ceiling = Require.positive "ceiling" ceiling
            return ChebyshevState(grid, degree, lowest, length, lipschitz, ceiling)
        }

    let private checkShift shift (state: ChebyshevState) =
        // the end of the interval rounds
        let slack = 1e-12 * (abs state.Lowest + state.Length)

        if shift >= state.Lowest - slack && shift <= state.Lowest + state.Length + slack then
            Ok shift
        else
            Require.inside "shift" (Domain.Closed(state.Lowest, state.Lowest + state.Length)) shift

    let predict shift (target: Span<float>) (state: ChebyshevState) =
        match checkShift shift state with
        | Error e -> Error e
        | Ok shift ->
            match Require.length "target" state.Grid.Length target.Length with
            | Error e -> Error e
            | Ok() ->
                state.Predict shift

                for arm in 0 .. target.Length - 1 do
                    target[arm] <- 1.0 + state.Predictions[arm] * state.Ceiling * state.Scale

                Ok()

    let private weigh gamma shift (state: ChebyshevState) =
        match checkShift shift state with
        | Error e -> Error e
        | Ok shift ->
            if Double.IsFinite gamma && gamma >= 0.0 then
                state.Predict shift
                state.Weigh gamma
                Ok()
            else
                Require.nonNegative "gamma" gamma |> Result.map ignore<float>

    let distribution gamma shift (target: Span<float>) (state: ChebyshevState) =
        match Require.length "target" state.Grid.Length target.Length with
        | Error e -> Error e
        | Ok() ->
            match weigh gamma shift state with
            | Error e -> Error e
            | Ok() ->
                state.Distribution.AsSpan().CopyTo target
                Ok()

    let choose seed gamma shift (state: ChebyshevState) =
        weigh gamma shift state
        |> Result.map (fun () ->
            Sampling.pick (ReadOnlySpan state.Distribution) (Philox.uniform seed 0UL (uint64 state.Rounds)))

    let step index shift iterations (state: ChebyshevState) =
        if index < 0 || index >= state.Grid.Length then
            Error(HindsightError.OutOfRange("index", string index, $"0 to {state.Grid.Length - 1}"))
        else
            match checkShift shift state with
            | Error e -> Error e
            | Ok shift ->
                match OmegaGrid.iterations state.Ceiling iterations with
                | Error e -> Error e
                | Ok count ->
                    state.Observe(index, shift, count)
                    Ok state

    let publishedGamma (state: ChebyshevState) =
        if state.Rounds = 0L then
            0.0
        else
            let m = float state.Degree
            let t = float state.Rounds

            let a =
                state.Length * state.Lipschitz * (Math.PI + 2.0 / Math.PI * log (2.0 * m + 1.0))
                / (2.0 * state.Ceiling * state.Scale * (m + 1.0))

            2.0
            * t
            * sqrt (float state.Grid.Length * t / (max 0.0 (state.PredictionError - state.Residual) + 2.0 * a * a * t))
