namespace Hindsight

open System

[<NoComparison>]
type LinearAttention =
    {
        Key: float[,]
        Query: float[,]
        Value: float[,]
        Projection: float[,]
    }

[<Struct; NoComparison>]
type PredictedMoments = { Mean: float; Variance: float }

[<NoComparison>]
type BayesPrediction =
    {
        Mean: float
        Aleatoric: float
        Epistemic: float
    }

    member this.Variance = this.Aleatoric + this.Epistemic

[<NoComparison>]
type StudentPrediction =
    {
        Mean: float
        Scale2: float
        Dof: float
        Variance: float
        Aleatoric: float
    }

[<Sealed>]
type NormalInverseGamma(dimension: int, precision: float, shape: float, rate: float) =
    do
        Require.atLeast "dimension" 1 dimension |> Require.ok |> ignore<int>
        Require.positive "precision" precision |> Require.ok |> ignore<float>
        Require.positive "shape" shape |> Require.ok |> ignore<float>
        Require.positive "rate" rate |> Require.ok |> ignore<float>

    let covariance =
        Array.init (dimension * dimension) (fun i ->
            if i / dimension = i % dimension then
                1.0 / precision
            else
                0.0)

    let weights = Array.zeroCreate<float> dimension
    let product = Array.zeroCreate<float> dimension
    let mutable count = 0
    let mutable shape = shape
    let mutable rate = rate

    let check name (x: ReadOnlySpan<float>) =
        Require.length name dimension x.Length |> Require.ok
        Require.allFinite name x |> Require.ok

    /// Lambda^-1 x into the buffer; x'Lambda^-1 x.
    let multiply (x: ReadOnlySpan<float>) =
        let mutable leverage = 0.0

        for i in 0 .. dimension - 1 do
            let mutable s = 0.0

            for j in 0 .. dimension - 1 do
                s <- s + covariance[i * dimension + j] * x[j]

            product[i] <- s
            leverage <- leverage + s * x[i]

        max leverage 0.0

    let predict (x: ReadOnlySpan<float>) =
        let mutable s = 0.0

        for j in 0 .. dimension - 1 do
            s <- s + weights[j] * x[j]

        s

    member _.Dimension = dimension
    member _.Count = count
    member _.Shape = shape
    member _.Rate = rate
    member _.Weights = ReadOnlySpan weights

    member this.Update(x: ReadOnlySpan<float>, y: float) =
        check "x" x
        Require.finite "y" y |> Require.ok |> ignore<float>
        let leverage = multiply x
        let residual = y - predict x
        let whole = 1.0 + leverage

        for i in 0 .. dimension - 1 do
            weights[i] <- weights[i] + product[i] * residual / whole

            for j in 0..i do
                let c = covariance[i * dimension + j] - product[i] * product[j] / whole
                covariance[i * dimension + j] <- c
                covariance[j * dimension + i] <- c

        shape <- shape + 0.5
        rate <- rate + 0.5 * residual * residual / whole
        count <- count + 1
        this

    member _.Predict(query: ReadOnlySpan<float>) =
        check "query" query
        let whole = 1.0 + multiply query
        let noise = if shape > 1.0 then rate / (shape - 1.0) else infinity

        {
            Mean = predict query
            Scale2 = rate / shape * whole
            Dof = 2.0 * shape
            Variance = noise * whole
            Aleatoric = noise
        }

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

module internal InContextFormulas =
    module private Closed =
        open Hindsight.FSharp.Ops

        let whole<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) : 'T =
            examples + dimension + 'T.Const 1.0 + noise

        let stepLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (examples: 'T)
            (dimension: 'T)
            (noise: 'T)
            (step: 'T)
            : 'T =
            let nd = examples * dimension

            dimension - 'T.Const 2.0 * step * nd + 'T.Sqr step * nd * whole examples dimension noise + noise

        let optimalStep<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) : 'T =
            'T.Const 1.0 / whole examples dimension noise

        /// d (1 - n eta) + sigma^2 without cancellation.
        let optimalLoss<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) : 'T =
            dimension * (dimension + 'T.Const 1.0 + noise) / whole examples dimension noise + noise

        let preconditionedLoss<'T when 'T :> IReal<'T> and 'T: struct>
            (spectrum: 'T[])
            (examples: 'T)
            (noise: 'T)
            : 'T =
            let trace = spectrum |> Array.fold (fun s l -> s + l) ('T.Const 0.0)

            spectrum
            |> Array.fold
                (fun s l ->
                    let rest = l + trace + noise
                    s + l * rest / (examples * l + rest))
                noise

        let leastSquares<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) : 'T =
            noise * ('T.Const 1.0 + dimension / (examples - dimension - 'T.Const 1.0))

        let leverage<'T when 'T :> IReal<'T> and 'T: struct> (spectrum: 'T[]) (query: 'T[]) (ridge: 'T) : 'T =
            Array.map2 (fun s q -> 'T.Sqr q / (s + ridge)) spectrum query
            |> Array.fold (fun s t -> s + t) ('T.Const 0.0)

        /// r + (e^(-2r) - 1)/2 + gap^2/(2 s^^2), r = ln(s^/s).
        let excess<'T when 'T :> IReal<'T> and 'T: struct> (gap: 'T) (deviation: 'T) (predicted: 'T) : 'T =
            let r = 'T.Log(predicted / deviation)

            r + 'T.Const 0.5 * ('T.Expm1('T.Const -2.0 * r) + 'T.Sqr(gap / predicted))

    let stepLoss<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) (step: 'T) =
        Closed.stepLoss examples dimension noise step

    let optimalStep<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) =
        Closed.optimalStep examples dimension noise

    let optimalLoss<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) =
        Closed.optimalLoss examples dimension noise

    let preconditionedLoss<'T when 'T :> IReal<'T> and 'T: struct> (spectrum: 'T[]) (examples: 'T) (noise: 'T) =
        Closed.preconditionedLoss spectrum examples noise

    let leastSquares<'T when 'T :> IReal<'T> and 'T: struct> (examples: 'T) (dimension: 'T) (noise: 'T) =
        Closed.leastSquares examples dimension noise

    let leverage<'T when 'T :> IReal<'T> and 'T: struct> (spectrum: 'T[]) (query: 'T[]) (ridge: 'T) =
        Closed.leverage spectrum query ridge

    let excess<'T when 'T :> IReal<'T> and 'T: struct> (gap: 'T) (deviation: 'T) (predicted: 'T) =
        Closed.excess gap deviation predicted

/// Checks of examples and labels, and small linear algebra.
module private ContextRows =
    let cells name (m: float[,]) =
        if m.Length = 0 then
            Error(HindsightError.WrongDimension(name, 0, 1))
        else
            let flat = Array.zeroCreate<float> m.Length
            Buffer.BlockCopy(m, 0, flat, 0, 8 * m.Length)
            Require.allFinite name (ReadOnlySpan flat)

    let vector name expected (v: float[]) =
        Require.length name expected v.Length
        |> Result.bind (fun () -> Require.allFinite name (ReadOnlySpan v))

    let labelled (examples: float[,]) (labels: float[]) =
        cells "examples" examples |> Result.bind (fun () -> vector "labels" (examples.GetLength 0) labels)

    let dot (m: float[,]) i (w: float[]) =
        let mutable s = 0.0

        for j in 0 .. w.Length - 1 do
            s <- s + m[i, j] * w[j]

        s

    let matrix (m: float[,]) = Matrix<float>.Build.DenseOfArray m

[<RequireQualifiedAccess>]
module LinearAttention =
    let private checkStep step count =
        result {
            let! step = Require.positive "step" step
            let! count = Require.atLeast "count" 1 count
            return step / float count
        }

    let private select d =
        Array2D.init (d + 1) (d + 1) (fun i j -> if i = j && i < d then 1.0 else 0.0)

    let gradientStep (weights: float[]) step count =
        result {
            do! Require.length "weights" (max weights.Length 1) weights.Length
            do! Require.allFinite "weights" (ReadOnlySpan weights)
            let! rate = checkStep step count
            let d = weights.Length

            return
                {
                    Key = select d
                    Query = select d
                    Value =
                        Array2D.init (d + 1) (d + 1) (fun i j ->
                            if i < d then 0.0
                            elif j < d then weights[j]
                            else -1.0)
                    Projection = Array2D.init (d + 1) (d + 1) (fun i j -> if i = j then rate else 0.0)
                }
        }

    let gradientStepPlus dimension step gamma count =
        result {
            let! d = Require.atLeast "dimension" 1 dimension
            let! gamma = Require.nonNegative "gamma" gamma
            let! rate = checkStep step count

            return
                {
                    Key = select d
                    Query = select d
                    Value = Array2D.init (d + 1) (d + 1) (fun i j -> if i = j then -1.0 else 0.0)
                    Projection =
                        Array2D.init (d + 1) (d + 1) (fun i j ->
                            if i <> j then 0.0
                            elif i < d then gamma
                            else rate)
                }
        }

    let apply (layer: LinearAttention) (tokens: float[,]) =
        result {
            do! ContextRows.cells "tokens" tokens
            let width = tokens.GetLength 1

            do!
                (Ok(),
                 [
                     "Key", layer.Key
                     "Query", layer.Query
                     "Value", layer.Value
                     "Projection", layer.Projection
                 ])
                ||> List.fold (fun state (name, m) ->
                    state
                    |> Result.bind (fun () -> ContextRows.cells name m)
                    |> Result.bind (fun () -> Require.length name width (m.GetLength 0))
                    |> Result.bind (fun () -> Require.length name width (m.GetLength 1)))

            let! rows = Require.atLeast "tokens" 2 (tokens.GetLength 0)
            let e = ContextRows.matrix tokens
            let context = e.SubMatrix(0, rows - 1, 0, width)
            // sum_j (V e_j)(K e_j)'
            let memory =
                ContextRows.matrix layer.Value
                * context.Transpose()
                * context
                * (ContextRows.matrix layer.Key).Transpose()

            let change = ContextRows.matrix layer.Projection * memory * ContextRows.matrix layer.Query
            return (e + e * change.Transpose()).ToArray()
        }

    let tokens (examples: float[,]) (labels: float[]) (query: float[]) (weights: float[]) =
        result {
            do! ContextRows.labelled examples labels
            let n, d = examples.GetLength 0, examples.GetLength 1
            do! ContextRows.vector "query" d query
            do! ContextRows.vector "weights" d weights
            let first = Array.fold2 (fun s a b -> s + a * b) 0.0 query weights

            return
                Array2D.init (n + 1) (d + 1) (fun i j ->
                    if i < n then (if j < d then examples[i, j] else labels[i])
                    elif j < d then query[j]
                    else -first)
        }

    let prediction (tokens: float[,]) =
        ContextRows.cells "tokens" tokens
        |> Result.map (fun () -> -tokens[tokens.GetLength 0 - 1, tokens.GetLength 1 - 1])

[<RequireQualifiedAccess>]
module InContext =
    let optimalStep examples dimension noise =
        result {
            let! n = Require.atLeast "examples" 1 examples
            let! d = Require.atLeast "dimension" 1 dimension
            let! noise = Require.nonNegative "noise" noise
            return (InContextFormulas.optimalStep (R64(float n)) (R64(float d)) (R64 noise)).V
        }

    let preconditioner (covariance: float[,]) examples noise =
        result {
            do! ContextRows.cells "covariance" covariance
            let d = covariance.GetLength 0
            do! Require.length "covariance" d (covariance.GetLength 1)
            let! n = Require.atLeast "examples" 1 examples
            let! noise = Require.nonNegative "noise" noise
            let s = ContextRows.matrix covariance

            if (s - s.Transpose()).InfinityNorm() > 1e-9 * s.InfinityNorm() then
                return! Error(HindsightError.Incompatible "A covariance is symmetric; this one is not.")
            else
                let least = s.Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.min
                let whole = s.Trace() + noise

                if least < -1e-12 * s.InfinityNorm() then
                    return! Error(HindsightError.Incompatible "A covariance has no negative eigenvalue; this one has.")
                elif whole <= 0.0 then
                    return! Error(HindsightError.Incompatible "Without inputs and noise there is nothing to invert.")
                else
                    let inner = float (n + 1) * s + whole * Matrix<float>.Build.DenseIdentity d
                    return inner.Cholesky().Solve(Matrix<float>.Build.DenseIdentity d).ToArray()
        }

    let ridge (examples: float[,]) (labels: float[]) ridge =
        result {
            do! ContextRows.labelled examples labels
            let! ridge = Require.positive "ridge" ridge
            let n, d = examples.GetLength 0, examples.GetLength 1
            let root = sqrt ridge

            let stacked =
                Matrix<float>
                    .Build.Dense(
                        n + d,
                        d,
                        fun i j ->
                            if i < n then examples[i, j]
                            elif i - n = j then root
                            else 0.0
                    )

            let right = Vector<float>.Build.Dense(n + d, fun i -> if i < n then labels[i] else 0.0)
            return stacked.QR(Factorization.QRMethod.Thin).Solve(right).ToArray()
        }

    /// Sherman and Morrison, then the product with the sum of y x.
    let private sweep (examples: float[,]) (labels: float[]) (ridge: float) =
        let n, d = examples.GetLength 0, examples.GetLength 1
        let inverse = Array2D.init d d (fun i j -> if i = j then 1.0 / ridge else 0.0)
        let sum = Array.zeroCreate<float> d

        for i in 0 .. n - 1 do
            let x = Array.init d (fun j -> examples[i, j])
            let g = Array.init d (fun j -> ContextRows.dot inverse j x)
            let whole = 1.0 + Array.fold2 (fun s a b -> s + a * b) 0.0 x g

            for a in 0 .. d - 1 do
                sum[a] <- sum[a] + labels[i] * x[a]

                for b in 0 .. d - 1 do
                    inverse[a, b] <- inverse[a, b] - g[a] * g[b] / whole

        Array.init d (fun j -> ContextRows.dot inverse j sum)

    let recursiveRidge (examples: float[,]) (labels: float[]) ridge =
        result {
            do! ContextRows.labelled examples labels
            let! ridge = Require.positive "ridge" ridge
            return sweep examples labels ridge
        }

    let leastSquares (examples: float[,]) (labels: float[]) =
        result {
            do! ContextRows.labelled examples labels
            let right = Vector<float>.Build.DenseOfArray labels
            let svd = (ContextRows.matrix examples).Svd true
            let cut = 1e-15 * float (max (examples.GetLength 0) (examples.GetLength 1)) * svd.S[0]
            let inUnits = svd.U.Transpose() * right
            let d = examples.GetLength 1

            let scaled =
                Vector<float>
                    .Build.Dense(
                        d,
                        fun i ->
                            if i < svd.S.Count && svd.S[i] > cut then
                                inUnits[i] / svd.S[i]
                            else
                                0.0
                    )

            return (svd.VT.Transpose() * scaled).ToArray()
        }

    let private finite (w: float[]) =
        if w |> Array.forall Double.IsFinite then
            Ok w
        else
            Error(HindsightError.Incompatible "The weights are not finite: the step is too large for these examples.")

    let private pass (examples: float[,]) (labels: float[]) (step: float) (decay: float) (clip: float) =
        let d = examples.GetLength 1
        let w = Array.zeroCreate<float> d

        for i in 0 .. labels.Length - 1 do
            let residual = ContextRows.dot examples i w - labels[i]

            for j in 0 .. d - 1 do
                let g = 2.0 * (residual * examples[i, j] + decay * w[j])
                w[j] <- w[j] - step * Math.Clamp(g, -clip, clip)

        w

    let stochasticGradient (examples: float[,]) (labels: float[]) step decay clip =
        result {
            do! ContextRows.labelled examples labels
            let! step = Require.positive "step" step
            let! decay = Require.nonNegative "decay" decay

            if not (clip > 0.0) then
                return! Error(HindsightError.OutOfRange("clip", string clip, "(0, inf]"))
            else
                return! finite (pass examples labels step decay clip)
        }

    let private descend (examples: float[,]) (labels: float[]) (start: float[]) (step: float) steps =
        let n = labels.Length
        let w = Array.copy start
        let gradient = Array.zeroCreate<float> w.Length

        for _ in 1..steps do
            Array.Clear gradient

            for i in 0 .. n - 1 do
                let residual = (ContextRows.dot examples i w - labels[i]) / float n

                for j in 0 .. w.Length - 1 do
                    gradient[j] <- gradient[j] + residual * examples[i, j]

            for j in 0 .. w.Length - 1 do
                w[j] <- w[j] - step * gradient[j]

        w

    let gradientDescent (examples: float[,]) (labels: float[]) start step steps =
        result {
            do! ContextRows.labelled examples labels
            do! ContextRows.vector "start" (examples.GetLength 1) start
            let! step = Require.positive "step" step
            let! steps = Require.atLeast "steps" 0 steps
            return! finite (descend examples labels start step steps)
        }

    let nearest (examples: float[,]) (labels: float[]) neighbours (query: float[]) =
        result {
            do! ContextRows.labelled examples labels
            do! ContextRows.vector "query" (examples.GetLength 1) query
            let! k = Require.atLeast "neighbours" 1 neighbours

            if k > labels.Length then
                return!
                    Error(HindsightError.OutOfRange("neighbours", string k, $"at most the {labels.Length} examples"))
            else
                let distance i =
                    query |> Seq.mapi (fun j q -> (examples[i, j] - q) ** 2.0) |> Seq.sum

                return
                    [| 0 .. labels.Length - 1 |]
                    |> Array.sortBy (fun i -> struct (distance i, i))
                    |> Array.take k
                    |> Array.averageBy (fun i -> labels[i])
        }

    let private pair (first: float[]) (second: float[]) =
        result {
            do! Require.length "first" (max first.Length 1) first.Length
            do! ContextRows.vector "first" first.Length first
            do! ContextRows.vector "second" first.Length second
        }

    let predictionDifference (first: float[]) second =
        pair first second
        |> Result.map (fun () -> Array.map2 (fun a b -> (a - b) * (a - b)) first second |> Array.average)

    let weightDifference (first: float[]) second =
        pair first second
        |> Result.map (fun () -> Array.map2 (fun a b -> (a - b) * (a - b)) first second |> Array.sum)

    let implicitWeights (probes: float[,]) (predictions: float[]) =
        result {
            do! ContextRows.cells "probes" probes
            do! ContextRows.vector "predictions" (probes.GetLength 0) predictions
            let! _ = Require.atLeast "probes" (probes.GetLength 1) (probes.GetLength 0)
            let! w = leastSquares probes predictions

            let left = predictions |> Seq.mapi (fun i p -> (p - ContextRows.dot probes i w) ** 2.0) |> Seq.sum

            let mean = Array.average predictions
            let whole = predictions |> Array.sumBy (fun p -> (p - mean) * (p - mean))
            return struct (w, (if whole > 0.0 then 1.0 - left / whole else 1.0))
        }

[<RequireQualifiedAccess>]
module InContextUncertainty =
    let private moments name (p: PredictedMoments) =
        result {
            let! _ = Require.finite $"{name}.Mean" p.Mean
            let! _ = Require.positive $"{name}.Variance" p.Variance
            return ()
        }

    let gaussianLoss label (prediction: PredictedMoments) =
        result {
            let! y = Require.finite "label" label
            do! moments "prediction" prediction
            let r = y - prediction.Mean
            return 0.5 * (log prediction.Variance + r * r / prediction.Variance)
        }

    let excess (truth: PredictedMoments) (prediction: PredictedMoments) =
        result {
            do! moments "truth" truth
            do! moments "prediction" prediction

            return
                (InContextFormulas.excess
                    (R64(truth.Mean - prediction.Mean))
                    (R64(sqrt truth.Variance))
                    (R64(sqrt prediction.Variance)))
                    .V
        }

    let bayes (examples: float[,]) (labels: float[]) (query: float[]) noise weightVariance =
        result {
            do! ContextRows.labelled examples labels
            let d = examples.GetLength 1
            do! ContextRows.vector "query" d query
            let! noise = Require.positive "noise" noise
            let! spread = Require.positive "weightVariance" weightVariance
            let! m = InContext.ridge examples labels (noise / spread)
            let x = ContextRows.matrix examples
            let inner = x.Transpose() * x + noise / spread * Matrix<float>.Build.DenseIdentity d
            let q = Vector<float>.Build.DenseOfArray query

            return
                {
                    Mean = Array.fold2 (fun s a b -> s + a * b) 0.0 m query
                    Aleatoric = noise
                    Epistemic = noise * (q * inner.Cholesky().Solve q)
                }
                : BayesPrediction
        }

    let studentT (examples: float[,]) (labels: float[]) (query: float[]) precision shape rate =
        result {
            do! ContextRows.labelled examples labels
            let n, d = examples.GetLength 0, examples.GetLength 1
            do! ContextRows.vector "query" d query
            let! precision = Require.positive "precision" precision
            let! shape = Require.positive "shape" shape
            let! rate = Require.positive "rate" rate
            let! m = InContext.ridge examples labels precision
            let x = ContextRows.matrix examples
            let inner = x.Transpose() * x + precision * Matrix<float>.Build.DenseIdentity d
            let q = Vector<float>.Build.DenseOfArray query
            let whole = 1.0 + q * inner.Cholesky().Solve q
            // y'y - m'Lambda m = |y - Xm|^2 + precision |m|^2
            let residual = labels |> Seq.mapi (fun i y -> (y - ContextRows.dot examples i m) ** 2.0) |> Seq.sum
            let fit = residual + precision * (m |> Array.sumBy (fun w -> w * w))
            let a = shape + float n / 2.0
            let b = rate + 0.5 * fit
            let noise = if a > 1.0 then b / (a - 1.0) else infinity

            return
                {
                    Mean = Array.fold2 (fun s u v -> s + u * v) 0.0 m query
                    Scale2 = b / a * whole
                    Dof = 2.0 * a
                    Variance = noise * whole
                    Aleatoric = noise
                }
        }
