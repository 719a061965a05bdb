namespace Hindsight

[<Struct; NoComparison>]
type GrokkingStudent = { Alpha: float; Epsilon: float }

[<NoComparison>]
type GrokkingStatistics = { Mean: float[]; Second: float[,] }

namespace Hindsight.FSharp

open System
open Hindsight

module internal GrokkingFormulas =
    module private Closed =
        open Hindsight.FSharp.Ops

        let quarter<'T when 'T :> IReal<'T> and 'T: struct> (frobenius2: 'T) (trace2: 'T) (dimension: 'T) : 'T =
            ('T.Const 2.0 * frobenius2 + trace2) / ('T.Const 4.0 * 'T.Sqr dimension)

        let risk<'T when 'T :> IReal<'T> and 'T: struct>
            (alpha: 'T)
            (epsilon: 'T)
            (dimension: 'T)
            (mean2: 'T)
            (trace: 'T)
            (frobenius2: 'T)
            (aligned: 'T)
            (signal2: 'T)
            : 'T =
            let c = alpha * epsilon

            let b2 = 'T.Sqr c * frobenius2 - 'T.Const 2.0 * c * aligned + 'T.Sqr signal2

            'T.Sqr alpha * mean2 / dimension + quarter b2 ('T.Sqr(c * trace - signal2)) dimension

        let initial<'T when 'T :> IReal<'T> and 'T: struct>
            (alpha: 'T)
            (epsilon: 'T)
            (dimension: 'T)
            (units: 'T)
            (signal2: 'T)
            : 'T =
            let c = alpha * epsilon
            let d = dimension
            // E |M|^2 = D + (D^2 + D)/N, E (tr M)^2 = D^2 + 2 D/N
            let frobenius2 = d + ('T.Sqr d + d) / units
            let trace2 = 'T.Sqr d + 'T.Const 2.0 * d / units
            let cross = 'T.Const 2.0 * c * signal2
            let b2 = 'T.Sqr c * frobenius2 - cross + 'T.Sqr signal2
            let t2 = 'T.Sqr c * trace2 - cross * d + 'T.Sqr signal2
            'T.Sqr alpha / units + quarter b2 t2 d

        let zero<'T when 'T :> IReal<'T> and 'T: struct> (dimension: 'T) (signal2: 'T) : 'T =
            'T.Const 3.0 * 'T.Sqr signal2 / ('T.Const 4.0 * 'T.Sqr dimension)

    let risk<'T when 'T :> IReal<'T> and 'T: struct>
        (alpha: 'T)
        (epsilon: 'T)
        (dimension: 'T)
        (mean2: 'T)
        (trace: 'T)
        (frobenius2: 'T)
        (aligned: 'T)
        (signal2: 'T)
        =
        Closed.risk alpha epsilon dimension mean2 trace frobenius2 aligned signal2

    let initial<'T when 'T :> IReal<'T> and 'T: struct>
        (alpha: 'T)
        (epsilon: 'T)
        (dimension: 'T)
        (units: 'T)
        (signal2: 'T)
        =
        Closed.initial alpha epsilon dimension units signal2

    let zero<'T when 'T :> IReal<'T> and 'T: struct> (dimension: 'T) (signal2: 'T) = Closed.zero dimension signal2

[<RequireQualifiedAccess>]
module Grokking =
    let private checkStudent (s: GrokkingStudent) =
        result {
            let! _ = Require.positive "alpha" s.Alpha
            let! _ = Require.nonNegative "epsilon" s.Epsilon
            return s
        }

    let private vector name (v: float[]) =
        if v.Length = 0 then
            Error(HindsightError.WrongDimension(name, 0, 1))
        else
            Require.allFinite name (ReadOnlySpan v)

    let private matrix name (m: float[,]) =
        if m.Length = 0 then
            Error(HindsightError.WrongDimension(name, 0, 1))
        else
            let flat = Array.zeroCreate<float> m.Length
            Buffer.BlockCopy(m, 0, flat, 0, 8 * m.Length)
            Require.allFinite name (ReadOnlySpan flat)

    let private square name (m: float[,]) =
        matrix name m |> Result.bind (fun () -> Require.length name (m.GetLength 0) (m.GetLength 1))

    let private normals seed stream rows columns scale =
        let random = RandomStream(seed, stream)
        Array2D.init rows columns (fun _ _ -> scale * random.NextNormal())

    let initialWeights seed units dimension =
        result {
            let! n = Require.atLeast "units" 1 units
            let! d = Require.atLeast "dimension" 1 dimension
            return normals seed 0UL n d 1.0
        }

    let inputs seed count dimension =
        result {
            let! p = Require.atLeast "count" 1 count
            let! d = Require.atLeast "dimension" 1 dimension
            return normals seed 1UL p d (1.0 / sqrt (float d))
        }

    let private dotRow (m: float[,]) row (v: float[]) =
        let mutable s = 0.0

        for j in 0 .. v.Length - 1 do
            s <- s + m[row, j] * v[j]

        s

    let labels (beta: float[]) (inputs: float[,]) =
        result {
            do! vector "beta" beta
            do! matrix "inputs" inputs
            do! Require.length "inputs" beta.Length (inputs.GetLength 1)

            return
                Array.init (inputs.GetLength 0) (fun i ->
                    let h = dotRow inputs i beta
                    0.5 * h * h)
        }

    let private summarise (weights: float[,]) =
        let n, d = weights.GetLength 0, weights.GetLength 1
        let mean = Array.zeroCreate<float> d
        let second = Array2D.zeroCreate<float> d d

        for i in 0 .. n - 1 do
            for a in 0 .. d - 1 do
                let w = weights[i, a]
                mean[a] <- mean[a] + w / float n

                for b in 0..a do
                    second[a, b] <- second[a, b] + w * weights[i, b] / float n

        for a in 0 .. d - 1 do
            for b in a + 1 .. d - 1 do
                second[a, b] <- second[b, a]

        { Mean = mean; Second = second }

    let statistics weights =
        matrix "weights" weights |> Result.map (fun () -> summarise weights)

    /// x'Mz for rows of the inputs.
    let private form (m: float[,]) (x: float[,]) i k =
        let d = m.GetLength 0
        let mutable s = 0.0

        for a in 0 .. d - 1 do
            let mutable row = 0.0

            for b in 0 .. d - 1 do
                row <- row + m[a, b] * x[k, b]

            s <- s + x[i, a] * row

        s

    let outputs (student: GrokkingStudent) (weights: float[,]) (inputs: float[,]) =
        result {
            let! s = checkStudent student
            do! matrix "weights" weights
            do! matrix "inputs" inputs
            do! Require.length "inputs" (weights.GetLength 1) (inputs.GetLength 1)
            let stats = summarise weights

            return
                Array.init (inputs.GetLength 0) (fun i ->
                    s.Alpha * (dotRow inputs i stats.Mean + 0.5 * s.Epsilon * form stats.Second inputs i i))
        }

    let private checkStatistics (stats: GrokkingStatistics) (beta: float[]) =
        result {
            do! vector "mean" stats.Mean
            do! vector "beta" beta
            do! square "second" stats.Second
            do! Require.length "second" stats.Mean.Length (stats.Second.GetLength 0)
            do! Require.length "beta" stats.Mean.Length beta.Length
        }

    let private dot (a: float[]) (b: float[]) =
        Array.fold2 (fun s x y -> s + x * y) 0.0 a b

    let private trace (m: float[,]) =
        Seq.sum (seq { for a in 0 .. m.GetLength 0 - 1 -> m[a, a] })

    /// beta'M beta.
    let private along (m: float[,]) (beta: float[]) =
        let row = Array2D.init 1 beta.Length (fun _ j -> beta[j])
        form m row 0 0

    /// alpha epsilon M - beta beta'.
    let private difference (s: GrokkingStudent) (m: float[,]) (beta: float[]) =
        m |> Array2D.mapi (fun a b v -> s.Alpha * s.Epsilon * v - beta[a] * beta[b])

    let private sumOfSquares (m: float[,]) =
        let mutable s = 0.0
        m |> Array2D.iter (fun v -> s <- s + v * v)
        s

    let populationRisk (student: GrokkingStudent) (statistics: GrokkingStatistics) (beta: float[]) =
        result {
            let! s = checkStudent student
            do! checkStatistics statistics beta
            // through B itself, which does not cancel near a perfect fit
            let b = difference s statistics.Second beta
            let d = float beta.Length

            return
                s.Alpha * s.Alpha * dot statistics.Mean statistics.Mean / d
                + (2.0 * sumOfSquares b + trace b ** 2.0) / (4.0 * d * d)
        }

    let populationGradient (student: GrokkingStudent) (weights: float[,]) (beta: float[]) =
        result {
            let! s = checkStudent student
            do! matrix "weights" weights
            do! vector "beta" beta
            do! Require.length "beta" (weights.GetLength 1) beta.Length
            let stats = summarise weights
            let b = difference s stats.Second beta
            let t = trace b
            let d = float beta.Length
            let n = float (weights.GetLength 0)
            let linear = 2.0 * s.Alpha * s.Alpha / (d * n)
            let quadratic = s.Alpha * s.Epsilon / (n * d * d)

            return
                weights
                |> Array2D.mapi (fun i a w ->
                    let mutable bw = 0.0

                    for k in 0 .. beta.Length - 1 do
                        bw <- bw + b[a, k] * weights[i, k]

                    linear * stats.Mean[a] + quadratic * (2.0 * bw + t * w))
        }

    let learningRate (student: GrokkingStudent) units =
        result {
            let! s = checkStudent student
            let! n = Require.atLeast "units" 1 units
            return float n / (s.Alpha * s.Alpha)
        }

    /// Moves the weights against the gradient of the mean squared error; whether they stay finite.
    let private move (s: GrokkingStudent) (weights: float[,]) (inputs: float[,]) (residuals: float[]) step =
        let p = residuals.Length
        // the gradient of unit i is (2 alpha/(N P)) (u + epsilon A w_i), u = sum r x, A = sum r x x'
        let n, d = weights.GetLength 0, weights.GetLength 1
        let u = Array.zeroCreate<float> d
        let a = Array2D.zeroCreate<float> d d

        for i in 0 .. p - 1 do
            for j in 0 .. d - 1 do
                let rx = residuals[i] * inputs[i, j]
                u[j] <- u[j] + rx

                for k in 0 .. d - 1 do
                    a[j, k] <- a[j, k] + rx * inputs[i, k]

        let rate = step * 2.0 * s.Alpha / (float n * float p)
        let row = Array.zeroCreate<float> d
        let mutable finite = true

        for i in 0 .. n - 1 do
            for j in 0 .. d - 1 do
                row[j] <- weights[i, j]

            for j in 0 .. d - 1 do
                let w = row[j] - rate * (u[j] + s.Epsilon * dotRow a j row)
                finite <- finite && Double.IsFinite w
                weights[i, j] <- w

        finite

    let descend
        (student: GrokkingStudent)
        (weights: float[,])
        (inputs: float[,])
        (targets: float[])
        (offsets: float[])
        step
        =
        result {
            let! step = Require.positive "step" step
            let! outputs = outputs student weights inputs
            let p = outputs.Length
            do! vector "targets" targets
            do! Require.length "targets" p targets.Length
            do! Require.allFinite "offsets" (ReadOnlySpan offsets)

            do!
                if offsets.Length = 0 then
                    Ok()
                else
                    Require.length "offsets" p offsets.Length

            let residuals =
                outputs |> Array.mapi (fun i f -> f - targets[i] - (if offsets.Length = 0 then 0.0 else offsets[i]))

            let finite = move student weights inputs residuals step
            let loss = Array.sumBy (fun r -> r * r) residuals / float p

            if finite then
                return loss
            else
                return!
                    Error(
                        HindsightError.Incompatible
                            "The weights are not finite after this step: the learning rate is too large for these inputs."
                    )
        }

    let tangentKernel (student: GrokkingStudent) (weights: float[,]) (inputs: float[,]) =
        result {
            let! s = checkStudent student
            do! matrix "weights" weights
            do! matrix "inputs" inputs
            do! Require.length "inputs" (weights.GetLength 1) (inputs.GetLength 1)
            let stats = summarise weights
            let p, d = inputs.GetLength 0, inputs.GetLength 1
            let linear = Array.init p (fun i -> dotRow inputs i stats.Mean)
            let scale = s.Alpha * s.Alpha / float (weights.GetLength 0)

            return
                Array2D.init p p (fun i k ->
                    let mutable inner = 0.0

                    for j in 0 .. d - 1 do
                        inner <- inner + inputs[i, j] * inputs[k, j]

                    scale
                    * inner
                    * (1.0 + s.Epsilon * (linear[i] + linear[k]) + s.Epsilon * s.Epsilon * form stats.Second inputs i k))
        }

    let private aligned (kernel: float[,]) (targets: float[]) =
        let mutable top = 0.0
        let p = targets.Length

        for i in 0 .. p - 1 do
            top <- top + targets[i] * dotRow kernel i targets

        let below = sqrt (sumOfSquares kernel) * dot targets targets

        if below > 0.0 then
            Ok(Math.Clamp(top / below, -1.0, 1.0))
        else
            Error(HindsightError.Incompatible "The alignment with a kernel or targets that are all 0 is not defined.")

    let private checkKernel (kernel: float[,]) (targets: float[]) =
        result {
            do! square "kernel" kernel
            do! vector "targets" targets
            do! Require.length "targets" (kernel.GetLength 0) targets.Length
        }

    let alignment kernel targets =
        checkKernel kernel targets |> Result.bind (fun () -> aligned kernel targets)

    let centredAlignment (kernel: float[,]) (targets: float[]) =
        checkKernel kernel targets
        |> Result.bind (fun () ->
            let p = targets.Length
            let mean = Array.average targets

            let columns = Array.init p (fun j -> Seq.average (seq { for i in 0 .. p - 1 -> kernel[i, j] }))

            aligned (kernel |> Array2D.mapi (fun _ j v -> v - columns[j])) (targets |> Array.map (fun y -> y - mean)))

    let featureAlignment (statistics: GrokkingStatistics) beta =
        result {
            do! checkStatistics statistics beta
            let below = dot beta beta * trace statistics.Second

            if below > 0.0 then
                return along statistics.Second beta / below
            else
                return!
                    Error(
                        HindsightError.Incompatible
                            "The alignment of features with weights or a target that are all 0 is not defined."
                    )
        }

    let kernelDrift (kernel: float[,]) (start: float[,]) =
        result {
            do! square "kernel" kernel
            do! square "start" start
            do! Require.length "start" (kernel.GetLength 0) (start.GetLength 0)
            let size = sumOfSquares start

            if size > 0.0 then
                return sqrt (sumOfSquares (kernel |> Array2D.mapi (fun i j v -> v - start[i, j])) / size)
            else
                return! Error(HindsightError.Incompatible "The kernel at the start is 0.")
        }
