namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<RequireQualifiedAccess>]
type BlockRule =
    | Cyclic = 0
    | Uniform = 1
    | Lipschitz = 2
    | GaussSouthwell = 3
    | GaussSouthwellLipschitz = 4
    | GaussSouthwellDiagonal = 5
    | GaussSouthwellQuadratic = 6

[<RequireQualifiedAccess>]
type BlockUpdate =
    | Gradient = 0
    | Diagonal = 1
    | Matrix = 2

/// order: leaves before their parents; parent -1 for roots; weight: the entry to the parent; pivot: the diagonal after elimination.
[<Sealed; NoComparison; NoEquality>]
type ForestSystem internal (order: int[], parent: int[], weight: float[], pivot: float[]) =
    member _.Order = order.Length

    member internal _.Solve(x: Span<float>) =
        for v in order do
            let p = parent[v]

            if p >= 0 then
                x[p] <- x[p] - weight[v] / pivot[v] * x[v]

        for i in order.Length - 1 .. -1 .. 0 do
            let v = order[i]
            let p = parent[v]
            let above = if p >= 0 then weight[v] * x[p] else 0.0
            x[v] <- (x[v] - above) / pivot[v]

/// Dense Cholesky in a buffer of its own.
module internal DenseCholesky =
    /// Factors the lower triangle in place; false where a pivot vanishes to working precision.
    let factor (n: int) (a: Span<float>) : bool =
        let mutable largest = 0.0

        for i in 0 .. n - 1 do
            largest <- max largest a[i * n + i]

        let mutable positive = true
        let mutable i = 0

        while positive && i < n do
            for j in 0..i do
                let mutable rest = a[i * n + j]

                for k in 0 .. j - 1 do
                    rest <- rest - a[i * n + k] * a[j * n + k]

                if i = j then
                    positive <- rest > 1e-15 * largest
                    a[i * n + i] <- sqrt (max rest 0.0)
                else
                    a[i * n + j] <- rest / a[j * n + j]

            i <- i + 1

        positive

    let solve (n: int) (factor: ReadOnlySpan<float>) (x: Span<float>) =
        for i in 0 .. n - 1 do
            let mutable rest = x[i]

            for k in 0 .. i - 1 do
                rest <- rest - factor[i * n + k] * x[k]

            x[i] <- rest / factor[i * n + i]

        for i in n - 1 .. -1 .. 0 do
            let mutable rest = x[i]

            for k in i + 1 .. n - 1 do
                rest <- rest - factor[k * n + i] * x[k]

            x[i] <- rest / factor[i * n + i]

/// What is fixed about a block.
[<NoComparison; NoEquality>]
type internal BlockData =
    {
        Indices: int[]
        Smoothness: float
        Diagonals: float[]
        Factor: float[]
        Forest: ForestSystem voption
    }

[<Sealed; NoComparison; NoEquality>]
type BlockDescentState
    internal
    (hessian: float[], linear: float[], data: BlockData[], x: float[], gradient: float[], value: float, steps: int64) =
    let n = linear.Length
    let direction: float[] = Array.zeroCreate n
    let mutable matrix: float[] = null
    let mutable value = value
    let mutable steps = steps
    let mutable decrease = 0.0
    let mutable guarantee = 0.0

    member _.Dimension = n
    member _.Blocks = data.Length
    member _.Block(index: int) = ReadOnlySpan data[index].Indices
    member _.Smoothness(index: int) = data[index].Smoothness
    member _.IsForest(index: int) = data[index].Forest.IsSome
    member _.Steps = steps
    member _.X = ReadOnlySpan x
    member _.Gradient = ReadOnlySpan gradient
    member _.Value = value
    member _.LastDecrease = decrease
    member _.LastGuarantee = guarantee
    member internal _.Hessian = hessian
    member internal _.Linear = linear
    member internal _.Data = data
    member internal _.XArray = x
    member internal _.GradientArray = gradient
    member internal _.Direction = direction

    member _.Copy() =
        BlockDescentState(hessian, linear, data, Array.copy x, Array.copy gradient, value, steps)

    member internal _.MoveTo(target: ReadOnlySpan<float>) =
        target.CopyTo x
        let mutable sum = 0.0

        for i in 0 .. n - 1 do
            let product = TensorPrimitives.Dot(ReadOnlySpan(hessian, i * n, n), ReadOnlySpan x)
            gradient[i] <- product - linear[i]
            sum <- sum + x[i] * (0.5 * product - linear[i])

        value <- sum

    /// Writes -(the update's inverse) gradient for a block into the direction's first entries; returns the guaranteed decrease.
    member internal _.Plan(update: BlockUpdate, block: BlockData) : float =
        let size = block.Indices.Length

        match update with
        | BlockUpdate.Gradient ->
            let mutable squares = 0.0

            for k in 0 .. size - 1 do
                let g = gradient[block.Indices[k]]
                squares <- squares + g * g
                direction[k] <- -g / block.Smoothness

            squares / (2.0 * block.Smoothness)
        | BlockUpdate.Diagonal ->
            let mutable total = 0.0

            for k in 0 .. size - 1 do
                let g = gradient[block.Indices[k]]
                total <- total + g * g / block.Diagonals[k]
                direction[k] <- -g / block.Diagonals[k]

            total / 2.0
        | _ ->
            for k in 0 .. size - 1 do
                direction[k] <- -gradient[block.Indices[k]]

            match block.Forest with
            | ValueNone -> DenseCholesky.solve size (ReadOnlySpan block.Factor) (Span(direction, 0, size))
            | ValueSome forest -> forest.Solve(Span(direction, 0, size))

            let mutable total = 0.0

            for k in 0 .. size - 1 do
                total <- total - direction[k] * gradient[block.Indices[k]]

            total / 2.0

    /// Moves coordinates by the direction's first entries.
    member internal _.Move(coordinates: ReadOnlySpan<int>, promised: float) =
        let mutable linearPart = 0.0
        let mutable quadratic = 0.0

        for k in 0 .. coordinates.Length - 1 do
            linearPart <- linearPart + direction[k] * gradient[coordinates[k]]

        for k in 0 .. coordinates.Length - 1 do
            let i = coordinates[k]
            let d = direction[k]
            x[i] <- x[i] + d

            if d <> 0.0 then
                TensorPrimitives.MultiplyAdd(ReadOnlySpan(hessian, i * n, n), d, ReadOnlySpan gradient, Span gradient)

        // d'(new gradient - old gradient) = d'H d
        for k in 0 .. coordinates.Length - 1 do
            quadratic <- quadratic + direction[k] * gradient[coordinates[k]]

        quadratic <- quadratic - linearPart
        decrease <- -(linearPart + 0.5 * quadratic)
        guarantee <- promised
        value <- value - decrease
        steps <- steps + 1L

    /// The direction of a matrix step on any coordinates.
    member internal _.PlanOn(coordinates: ReadOnlySpan<int>) : float =
        let size = coordinates.Length

        if isNull matrix then
            matrix <- Array.zeroCreate (n * n)

        for a in 0 .. size - 1 do
            for b in 0..a do
                matrix[a * size + b] <- hessian[coordinates[a] * n + coordinates[b]]

            direction[a] <- -gradient[coordinates[a]]

        // principal parts of a positive definite matrix are positive definite
        DenseCholesky.factor size (Span(matrix, 0, size * size)) |> ignore<bool>
        DenseCholesky.solve size (ReadOnlySpan(matrix, 0, size * size)) (Span(direction, 0, size))
        let mutable total = 0.0

        for k in 0 .. size - 1 do
            total <- total - direction[k] * gradient[coordinates[k]]

        total / 2.0

    /// Moves one coordinate by d; the decrease is that of f with the change of a penalty.
    member internal _.MoveOne(i: int, d: float, penalty: float) =
        let drop = -(gradient[i] * d + 0.5 * hessian[i * n + i] * d * d)
        x[i] <- x[i] + d

        if d <> 0.0 then
            TensorPrimitives.MultiplyAdd(ReadOnlySpan(hessian, i * n, n), d, ReadOnlySpan gradient, Span gradient)

        value <- value - drop
        decrease <- drop - penalty
        guarantee <- drop - penalty
        steps <- steps + 1L

    /// To land on a kink exactly.
    member internal _.Set(i: int, v: float) = x[i] <- v

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

[<RequireQualifiedAccess>]
module Forest =
    /// None where the graph has a cycle; Some with a pivot that is not positive where the matrix is not positive definite.
    let internal tryPlan order (entries: float[]) =
        let parent = Array.create order -1
        let seen = Array.zeroCreate<bool> order
        let sequence = Collections.Generic.List<int>()
        let mutable cycle = false

        for root in 0 .. order - 1 do
            if not seen[root] then
                let stack = Collections.Generic.Stack<int>()
                stack.Push root
                seen[root] <- true

                while stack.Count > 0 do
                    let v = stack.Pop()
                    sequence.Add v

                    for u in 0 .. order - 1 do
                        if u <> v && entries[v * order + u] <> 0.0 && u <> parent[v] then
                            if seen[u] then
                                cycle <- true
                            else
                                seen[u] <- true
                                parent[u] <- v
                                stack.Push u

        if cycle then
            None
        else
            sequence.Reverse()
            let eliminated = sequence.ToArray()
            let pivot = Array.init order (fun i -> entries[i * order + i])

            let weight =
                Array.init order (fun v ->
                    if parent[v] >= 0 then
                        entries[v * order + parent[v]]
                    else
                        0.0)

            for v in eliminated do
                if parent[v] >= 0 then
                    pivot[parent[v]] <- pivot[parent[v]] - weight[v] * weight[v] / pivot[v]

            Some(struct (ForestSystem(eliminated, parent, weight, pivot), Array.min pivot))

    let plan order (entries: ReadOnlySpan<float>) =
        let entries = entries.ToArray()

        result {
            let! order = Require.atLeast "order" 1 order
            do! Require.symmetric "entries" order (ReadOnlySpan entries)

            match tryPlan order entries with
            | None -> return! Error(HindsightError.Incompatible "The graph of the matrix has a cycle.")
            | Some(struct (system, least)) ->
                if least > 0.0 then
                    return system
                else
                    return! Error(HindsightError.Incompatible "The matrix is not positive definite.")
        }

    let solve (rhs: ReadOnlySpan<float>) (target: Span<float>) (system: ForestSystem) =
        match Require.length "rhs" system.Order rhs.Length with
        | Error e -> Error e
        | Ok() ->
            match Require.length "target" system.Order target.Length with
            | Error e -> Error e
            | Ok() ->
                rhs.CopyTo target
                system.Solve target
                Ok()

[<RequireQualifiedAccess>]
module BlockDescent =
    let private notDefinite = HindsightError.Incompatible "The Hessian is not positive definite."

    let private makeBlock n (hessian: float[]) (indices: int[]) =
        let size = indices.Length

        let entries = Array.init (size * size) (fun at -> hessian[indices[at / size] * n + indices[at % size]])

        let eigenvalues =
            (Matrix<float>.Build.Dense(size, size, entries).Evd Symmetricity.Symmetric).EigenValues
            |> Seq.map _.Real
            |> Seq.toArray

        let factor = Array.copy entries

        if not (DenseCholesky.factor size (Span factor)) then
            Error notDefinite
        else
            Ok
                {
                    Indices = Array.copy indices
                    Smoothness = Array.max eigenvalues
                    Diagonals = Array.init size (fun a -> Seq.init size (fun b -> abs entries[a * size + b]) |> Seq.sum)
                    Factor = factor
                    Forest =
                        match Forest.tryPlan size entries with
                        | Some(struct (system, least)) when least > 0.0 -> ValueSome system
                        | _ -> ValueNone
                }

    let start (hessian: ReadOnlySpan<float>) (linear: ReadOnlySpan<float>) (blocks: int[][]) =
        let hessian = hessian.ToArray()
        let linear = linear.ToArray()
        let n = linear.Length

        result {
            let! _ = Require.atLeast "linear length" 1 n
            do! Require.symmetric "hessian" n (ReadOnlySpan hessian)
            do! Require.allFinite "linear" (ReadOnlySpan linear)

            let isPartition =
                blocks.Length > 0
                && blocks |> Array.forall (fun b -> not (isNull b) && b.Length > 0)
                && (blocks |> Array.concat |> Array.sort) = Array.init n id

            if not isPartition then
                return!
                    Error(
                        HindsightError.OutOfRange(
                            "blocks",
                            $"{blocks.Length} blocks",
                            $"a partition of 0 to {n - 1} into blocks that are not empty"
                        )
                    )
            else
                let whole = Array.copy hessian

                if not (DenseCholesky.factor n (Span whole)) then
                    return! Error notDefinite
                else
                    let! data =
                        (Ok [], blocks)
                        ||> Array.fold (fun state indices ->
                            state
                            |> Result.bind (fun made ->
                                makeBlock n hessian indices |> Result.map (fun block -> block :: made)))

                    return
                        BlockDescentState(
                            hessian,
                            linear,
                            data |> List.rev |> List.toArray,
                            Array.zeroCreate n,
                            linear |> Array.map (fun c -> -c),
                            0.0,
                            0L
                        )
        }

    let moveTo (x: ReadOnlySpan<float>) (state: BlockDescentState) =
        match Require.length "x" state.Dimension x.Length with
        | Error e -> Error e
        | Ok() ->
            match Require.allFinite "x" x with
            | Error e -> Error e
            | Ok() ->
                state.MoveTo x
                Ok state

    let score rule block (state: BlockDescentState) =
        let data = state.Data[block]

        match rule with
        | BlockRule.Lipschitz -> data.Smoothness
        | BlockRule.GaussSouthwell
        | BlockRule.GaussSouthwellLipschitz ->
            let mutable squares = 0.0

            for i in data.Indices do
                squares <- squares + state.GradientArray[i] * state.GradientArray[i]

            if rule = BlockRule.GaussSouthwell then
                squares
            else
                squares / data.Smoothness
        | BlockRule.GaussSouthwellDiagonal -> 2.0 * state.Plan(BlockUpdate.Diagonal, data)
        | BlockRule.GaussSouthwellQuadratic -> 2.0 * state.Plan(BlockUpdate.Matrix, data)
        | _ -> 1.0

    let choose rule seed (state: BlockDescentState) =
        match rule with
        | BlockRule.Cyclic -> int (state.Steps % int64 state.Blocks)
        | BlockRule.Uniform
        | BlockRule.Lipschitz ->
            let mutable sum = 0.0

            for b in 0 .. state.Blocks - 1 do
                sum <- sum + score rule b state

            let u = sum * Philox.uniform seed 0UL (uint64 state.Steps)
            let mutable passed = 0.0
            let mutable found = -1
            let mutable b = 0

            while found < 0 && b < state.Blocks do
                passed <- passed + score rule b state

                if u < passed then
                    found <- b

                b <- b + 1

            if found < 0 then state.Blocks - 1 else found
        | _ ->
            let mutable best = 0
            let mutable highest = score rule 0 state

            for b in 1 .. state.Blocks - 1 do
                let s = score rule b state

                if s > highest then
                    highest <- s
                    best <- b

            best

    let step update block (state: BlockDescentState) =
        if block < 0 || block >= state.Blocks then
            Error(HindsightError.OutOfRange("block", string block, $"0 to {state.Blocks - 1}"))
        else
            let data = state.Data[block]
            let promised = state.Plan(update, data)
            state.Move(ReadOnlySpan data.Indices, promised)
            Ok state

    let stepOn (coordinates: ReadOnlySpan<int>) (state: BlockDescentState) =
        let mutable fine = coordinates.Length > 0

        for a in 0 .. coordinates.Length - 1 do
            fine <- fine && coordinates[a] >= 0 && coordinates[a] < state.Dimension

            for b in 0 .. a - 1 do
                fine <- fine && coordinates[a] <> coordinates[b]

        if not fine then
            Error(
                HindsightError.OutOfRange(
                    "coordinates",
                    $"{coordinates.Length} indices",
                    $"different indices from 0 to {state.Dimension - 1}, at least one"
                )
            )
        else
            let promised = state.PlanOn coordinates
            state.Move(coordinates, promised)
            Ok state

    let private checkCoordinate coordinate (state: BlockDescentState) =
        if coordinate >= 0 && coordinate < state.Dimension then
            Ok coordinate
        else
            Error(HindsightError.OutOfRange("coordinate", string coordinate, $"0 to {state.Dimension - 1}"))

    let private curvature i (state: BlockDescentState) = state.Hessian[i * state.Dimension + i]

    /// Where the lasso step on a coordinate lands.
    let private lassoTarget lambda i (state: BlockDescentState) =
        let h = curvature i state
        let v = state.XArray[i] - state.GradientArray[i] / h
        float (sign v) * max 0.0 (abs v - lambda / h)

    let private nonNegativeTarget i (state: BlockDescentState) =
        max 0.0 (state.XArray[i] - state.GradientArray[i] / curvature i state)

    let private drop i target (state: BlockDescentState) =
        let d = target - state.XArray[i]
        -(state.GradientArray[i] * d + 0.5 * curvature i state * d * d)

    let stepLasso lambda coordinate (state: BlockDescentState) =
        match checkCoordinate coordinate state with
        | Error e -> Error e
        | Ok i ->
            if Double.IsFinite lambda && lambda >= 0.0 then
                let before = state.XArray[i]
                let target = lassoTarget lambda i state
                state.MoveOne(i, target - before, lambda * (abs target - abs before))
                state.Set(i, target)
                Ok state
            else
                Require.nonNegative "lambda" lambda |> Result.map (fun _ -> state)

    let stepNonNegative coordinate (state: BlockDescentState) =
        match checkCoordinate coordinate state with
        | Error e -> Error e
        | Ok i ->
            let target = nonNegativeTarget i state
            state.MoveOne(i, target - state.XArray[i], 0.0)
            state.Set(i, target)
            Ok state

    let private argmax (f: int -> float) n =
        let mutable best = 0
        let mutable highest = f 0

        for i in 1 .. n - 1 do
            let v = f i

            if v > highest then
                highest <- v
                best <- i

        best

    let chooseLasso lambda (state: BlockDescentState) =
        let lambda = Require.ok (Require.nonNegative "lambda" lambda)

        argmax
            (fun i ->
                let target = lassoTarget lambda i state
                drop i target state - lambda * (abs target - abs state.XArray[i]))
            state.Dimension

    let chooseNonNegative (state: BlockDescentState) =
        argmax (fun i -> drop i (nonNegativeTarget i state) state) state.Dimension

    let gapBound rule steps gap (state: BlockDescentState) =
        let n = state.Dimension

        let least =
            (Matrix<float>.Build.Dense(n, n, state.Hessian).Evd Symmetricity.Symmetric).EigenValues
            |> Seq.map _.Real
            |> Seq.min
            |> max Double.Epsilon

        let largest = state.Data |> Seq.map _.Smoothness |> Seq.max

        match rule with
        | BlockRule.Uniform -> BlockDescentBounds.uniformGap least largest state.Blocks steps gap
        | BlockRule.Lipschitz -> BlockDescentBounds.lipschitzGap least (state.Data |> Seq.sumBy _.Smoothness) steps gap
        | BlockRule.GaussSouthwell
        | BlockRule.GaussSouthwellLipschitz
        | BlockRule.GaussSouthwellQuadratic -> BlockDescentBounds.greedyGap least largest state.Blocks steps gap
        | BlockRule.GaussSouthwellDiagonal ->
            let diagonal = state.Data |> Seq.collect _.Diagonals |> Seq.max
            BlockDescentBounds.greedyGap least diagonal state.Blocks steps gap
        | _ -> Error(HindsightError.Incompatible "The cyclic rule has no bound here; draw blocks, or choose greedily.")

[<RequireQualifiedAccess>]
module GreedyBlocks =
    let private pick size (scores: float[]) =
        Array.init scores.Length id
        // a stable order: ties to the first
        |> Array.sortWith (fun i j ->
            match compare scores[j] scores[i] with
            | 0 -> compare i j
            | c -> c)
        |> Array.truncate size
        |> Array.sort

    let private checkSize size n =
        if size >= 1 && size <= n then
            Ok size
        else
            Error(HindsightError.OutOfRange("size", string size, $"1 to {n}"))

    let largest size (scores: ReadOnlySpan<float>) =
        let scores = scores.ToArray()

        result {
            let! size = checkSize size scores.Length
            do! Require.allFinite "scores" (ReadOnlySpan scores)
            return pick size scores
        }

    let hardThresholding size iterations (state: BlockDescentState) =
        result {
            let n = state.Dimension
            let! size = checkSize size n
            let! iterations = Require.atLeast "iterations" 1 iterations
            let h = Matrix<float>.Build.Dense(n, n, state.Hessian)
            let g = Vector<float>.Build.DenseOfArray state.GradientArray
            let step = 1.0 / ((h.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.max)

            let next (d: Vector<float>, _) =
                let moved = d - (h * d + g) * step
                let kept = pick size (moved.PointwiseAbs().ToArray())
                let thresholded = Vector<float>.Build.Dense n

                for i in kept do
                    thresholded[i] <- moved[i]

                thresholded, kept

            return
                Seq.init iterations id
                |> Seq.fold (fun current _ -> next current) (Vector<float>.Build.Dense n, [||])
                |> snd
        }

[<RequireQualifiedAccess>]
module CoordinateConstants =
    let private columnSquares factor rows columns (matrix: float[]) =
        result {
            let! rows = Require.atLeast "rows" 1 rows
            let! columns = Require.atLeast "columns" 1 columns
            do! Require.length "matrix" (rows * columns) matrix.Length
            do! Require.allFinite "matrix" (ReadOnlySpan matrix)

            return
                Array.init columns (fun j ->
                    factor * (Seq.init rows (fun i -> matrix[i * columns + j] * matrix[i * columns + j]) |> Seq.sum))
        }

    let leastSquares rows columns (matrix: ReadOnlySpan<float>) =
        columnSquares 1.0 rows columns (matrix.ToArray())

    let logistic rows columns (matrix: ReadOnlySpan<float>) =
        columnSquares 0.25 rows columns (matrix.ToArray())
