namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

[<Sealed>]
type LogDetState(dimension: int, lambda: float) =
    let dimension =
        Require.ok (Require.inside "dimension" (Domain.Closed(1.0, 40000.0)) (float (dimension: int)))
        |> int

    let lambda = Require.ok (Require.positive "lambda" lambda)

    /// Column j of the factor from its diagonal down, column after column: an update runs along columns.
    let factor = Array.zeroCreate<float>(dimension * (dimension + 1) / 2)
    let start j = j * dimension - j * (j - 1) / 2
    let work = Array.zeroCreate<float> dimension
    let mutable rounds = 0L
    let mutable logDet = 0.0
    let mutable potential = 0.0
    let mutable after = 0.0
    let mutable largest = 0.0

    do
        for j in 0 .. dimension - 1 do
            factor[start j] <- sqrt lambda

    member _.Dimension = dimension
    member _.Lambda = lambda
    member _.Rounds = rounds
    member _.LogDet = logDet
    member _.Potential = potential
    member _.PotentialAfter = after
    member _.LargestNorm = largest

    member _.LogDetOfFactor =
        let mutable sum = 0.0

        for j in 0 .. dimension - 1 do
            let d = factor[start j]
            sum <- sum + Math.Log(d * d / lambda)

        sum

    member _.Factor(i: int, j: int) =
        if i < 0 || j < 0 || i >= dimension || j >= dimension then
            raise (HindsightException(HindsightError.OutOfRange("i, j", $"{i}, {j}", $"0 to {dimension - 1}")))
        elif i < j then
            0.0
        else
            factor[start j + i - j]

    member private _.Load(x: ReadOnlySpan<float>) =
        Require.ok (Require.length "x" dimension x.Length)
        Require.ok (Require.allFinite "x" x)
        x.CopyTo(Span work)

    member state.SquaredWidth(x: ReadOnlySpan<float>) : float =
        state.Load x
        let mutable q = 0.0

        for j in 0 .. dimension - 1 do
            let from = start j
            let z = work[j] / factor[from]
            q <- q + z * z

            if z <> 0.0 && j + 1 < dimension then
                let rest = Span(work, j + 1, dimension - j - 1)

                TensorPrimitives.MultiplyAdd(
                    ReadOnlySpan(factor, from + 1, dimension - j - 1),
                    -z,
                    Span.op_Implicit rest,
                    rest
                )

        q

    member state.Add(x: ReadOnlySpan<float>) : float =
        state.Load x
        // det A grows by 1 + s^2 a column: in all by 1 + q
        let mutable q = 0.0

        // a rotation a column takes x into the factor
        for j in 0 .. dimension - 1 do
            let from = start j
            let d = factor[from]
            let w = work[j]

            if w <> 0.0 then
                let r = sqrt (d * d + w * w)
                let c = r / d
                let s = w / d
                q <- q + s * s * (1.0 + q)
                factor[from] <- r
                let length = dimension - j - 1
                let column = Span(factor, from + 1, length)
                let rest = Span(work, j + 1, length)
                // column = (column + s rest)/c, then rest = c rest - s column
                TensorPrimitives.MultiplyAdd(Span.op_Implicit rest, s, Span.op_Implicit column, column)
                TensorPrimitives.Divide(Span.op_Implicit column, c, column)
                TensorPrimitives.Multiply(Span.op_Implicit rest, c, rest)
                TensorPrimitives.MultiplyAdd(Span.op_Implicit column, -s, Span.op_Implicit rest, rest)

        rounds <- rounds + 1L
        logDet <- logDet + Scalar.log1p q
        potential <- potential + min 1.0 q
        after <- after + q / (1.0 + q)
        largest <- max largest (sqrt (TensorPrimitives.SumOfSquares x))
        q

[<Sealed>]
type GramLogDet(capacity: int, lambda: float) =
    let capacity =
        Require.ok (Require.inside "capacity" (Domain.Closed(1.0, 40000.0)) (float (capacity: int))) |> int

    let lambda = Require.ok (Require.positive "lambda" lambda)

    /// Rows of the Cholesky factor of I + K/lambda, one after the other.
    let factor = Array.zeroCreate<float>(int (int64 capacity * int64 (capacity + 1) / 2L))

    let row = Array.zeroCreate<float> capacity
    let start i = i * (i + 1) / 2
    let mutable count = 0
    let mutable logDet = 0.0

    member _.Capacity = capacity
    member _.Lambda = lambda
    member _.Count = count
    member _.LogDet = logDet

    member _.Clear() =
        count <- 0
        logDet <- 0.0

    /// The new row of the factor; returns the variance over lambda.
    member private _.Solve(column: ReadOnlySpan<float>, diagonal: float) =
        Require.ok (Require.length "column" count column.Length)
        Require.ok (Require.allFinite "column" column)
        let diagonal = Require.ok (Require.nonNegative "diagonal" diagonal)
        let mutable known = 0.0

        for i in 0 .. count - 1 do
            let from = start i

            let dot = TensorPrimitives.Dot(ReadOnlySpan(factor, from, i), ReadOnlySpan(row, 0, i))

            let z = (column[i] / lambda - dot) / factor[from + i]
            row[i] <- z
            known <- known + z * z

        max 0.0 (diagonal / lambda - known)

    member state.Variance(column: ReadOnlySpan<float>, diagonal: float) : float = lambda * state.Solve(column, diagonal)

    member state.Add(column: ReadOnlySpan<float>, diagonal: float) : float =
        if count = capacity then
            raise (
                HindsightException(
                    HindsightError.OutOfRange("capacity", string capacity, "more than the points so far")
                )
            )

        let ratio = state.Solve(column, diagonal)
        let from = start count
        Array.blit row 0 factor from count
        factor[from + count] <- sqrt (1.0 + ratio)
        count <- count + 1
        logDet <- logDet + Scalar.log1p ratio
        lambda * ratio

[<NoComparison>]
type GreedySelection =
    {
        Points: int[]
        InformationGain: float[]
    }

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module EffectiveDimension =
    let private clip (values: float[]) =
        let spectrum = SymmetricEigen.spectrum values

        if spectrum.Smallest < -1e6 * spectrum.Floor then
            Error(
                HindsightError.OutOfRange(
                    "gram",
                    $"smallest eigenvalue {spectrum.Smallest}",
                    "a positive semidefinite matrix"
                )
            )
        else
            Ok(values |> Array.map (max 0.0))

    let private decompose gram =
        result {
            let! struct (values, vectors) = SymmetricEigen.decompose gram
            let! values = clip values
            return struct (values, vectors)
        }

    let eigenvalues gram =
        decompose gram |> Result.map (fun (struct (values, _)) -> values)

    let private summed (term: float -> float -> float) lambda (eigenvalues: float[]) =
        result {
            let! lambda = Require.positive "lambda" lambda
            let! _ = Require.atLeast "eigenvalues.Length" 1 eigenvalues.Length

            do!
                (Ok(), Seq.indexed eigenvalues)
                ||> Seq.fold (fun state (i, mu) ->
                    state
                    |> Result.bind (fun () -> Require.nonNegative $"eigenvalues[{i}]" mu |> Result.map ignore<float>))

            return eigenvalues |> Array.sumBy (term lambda)
        }

    let ofEigenvalues lambda eigenvalues =
        summed (fun lambda mu -> mu / (mu + lambda)) lambda eigenvalues

    let logDetOfEigenvalues lambda eigenvalues =
        summed (fun lambda mu -> Scalar.log1p (mu / lambda)) lambda eigenvalues

    let ofGram lambda gram =
        eigenvalues gram |> Result.bind (ofEigenvalues lambda)

    let logDet lambda gram =
        eigenvalues gram |> Result.bind (logDetOfEigenvalues lambda)

    let informationGain lambda gram =
        logDet lambda gram |> Result.map (fun l -> 0.5 * l)

    let neural lambda horizon arms (gram: float[,]) =
        result {
            let! horizon = Require.atLeast "horizon" 1 horizon
            let! arms = Require.atLeast "arms" 1 arms
            do! Require.length "gram" (horizon * arms) (gram.GetLength 0)
            let! whole = logDet lambda gram
            return whole / Scalar.log1p (float horizon * float arms / lambda)
        }

    let leverages lambda gram =
        result {
            let! lambda = Require.positive "lambda" lambda
            let! struct (values, vectors) = decompose gram
            let n = values.Length

            return
                Array.init n (fun i ->
                    let mutable sum = 0.0

                    for k in 0 .. n - 1 do
                        sum <- sum + vectors[i, k] * vectors[i, k] * values[k] / (values[k] + lambda)

                    min 1.0 sum)
        }

    let maximal lambda gram =
        leverages lambda gram |> Result.map (fun all -> float all.Length * Array.max all)

    let lambdaFor dimension (eigenvalues: float[]) =
        result {
            let rank = eigenvalues |> Array.filter (fun mu -> mu > 0.0) |> Array.length
            // the eigenvalues are checked there
            let! _ = ofEigenvalues 1.0 eigenvalues

            let! dimension =
                Require.inside
                    "dimension"
                    { Domain.Reals with
                        Low = 0.0
                        High = float rank
                    }
                    dimension

            let excess u =
                (eigenvalues |> Array.sumBy (fun mu -> mu / (mu + exp u))) - dimension

            let least = eigenvalues |> Array.filter (fun mu -> mu > 0.0) |> Array.min
            let most = Array.max eigenvalues
            let share = float rank / dimension - 1.0
            // all eigenvalues at the least, or at the greatest: lambda = mu (rank/dimension - 1)
            let low = log least + log share
            let high = log most + log share

            if high - low < 1e-12 then
                return exp high
            else
                let u = MathNet.Numerics.RootFinding.Brent.FindRoot(excess, low - 1e-6, high + 1e-6, 1e-14, 500)

                return exp u
        }

    /// Rows of the pivoted factor of K + lambda I, an entry a point; the pivot is the largest posterior variance.
    let private select count lambda (gram: float[,]) =
        let n = gram.GetLength 0
        let rows = Array.init count (fun _ -> Array.zeroCreate<float> n)
        let variance = Array.init n (fun i -> max 0.0 gram[i, i])
        let chosen = Array.create n false
        let points = Array.zeroCreate<int> count
        let gains = Array.zeroCreate<float> count
        let mutable total = 0.0

        for m in 0 .. count - 1 do
            let mutable best = -1

            for i in 0 .. n - 1 do
                if not chosen[i] && (best < 0 || variance[i] > variance[best]) then
                    best <- i

            chosen[best] <- true
            points[m] <- best
            total <- total + 0.5 * Scalar.log1p (variance[best] / lambda)
            gains[m] <- total
            let pivot = sqrt (variance[best] + lambda)

            for i in 0 .. n - 1 do
                if not chosen[i] then
                    let mutable rest = gram[i, best]

                    for k in 0 .. m - 1 do
                        rest <- rest - rows[k][i] * rows[k][best]

                    let l = rest / pivot
                    rows[m][i] <- l
                    variance[i] <- max 0.0 (variance[i] - l * l)

        {
            Points = points
            InformationGain = gains
        }

    let greedy count lambda gram =
        result {
            let! n = SymmetricEigen.check gram
            let! lambda = Require.positive "lambda" lambda
            let! _ = Require.inside "count" (Domain.Closed(1.0, float n)) (float (count: int))
            let! _ = eigenvalues gram
            return select count lambda gram
        }
