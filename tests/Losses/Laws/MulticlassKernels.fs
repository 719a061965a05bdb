namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Laws of the batch kernels of multiclass losses.
[<RequireQualifiedAccess>]
module MulticlassKernelLaw =
    /// Widths, and the largest number of classes taken several rows at once: none and all.
    let kernels loss =
        [
            for bits in LaneLaw.widths do
                for few in [ 0; 1000 ] do
                    MulticlassKernelWidth.at loss bits few
        ]

    let gradient (kernel: MulticlassKernel) (labels: int[]) (scores: float[]) classes (weights: float[]) reduction =
        let g = Array.zeroCreate<float> scores.Length

        let value =
            kernel.Gradient(ReadOnlySpan labels, ReadOnlySpan scores, classes, ReadOnlySpan weights, reduction, Span g)

        value, g

    let gradientSingle (kernel: MulticlassKernel) (labels: int[]) (scores: float32[]) classes =
        let g = Array.zeroCreate<float32> scores.Length

        let value =
            kernel.Gradient(
                ReadOnlySpan labels,
                ReadOnlySpan scores,
                classes,
                ReadOnlySpan Array.empty<float32>,
                Reduction.Sum,
                Span g
            )

        value, g

    /// By the loss's definition and dual numbers, for what lanes evaluate; what is taken row by row has the loss's own closed form, whose agreement with the definition is the family's law.
    let reference (loss: IMulticlassLoss) label (scores: float[]) =
        match loss with
        | :? ISoftmaxLoss -> Multiclass.value loss label scores, Multiclass.gradient loss label scores
        | :? IMulticlassGradient as own ->
            let g = Array.zeroCreate<float> scores.Length
            own.Gradient(label, ReadOnlySpan scores, Span g), g
        | _ -> Multiclass.value loss label scores, Multiclass.gradient loss label scores

    /// An exponential of a difference d carries a relative error of |d| roundings; there are a few more of the sum, the logarithm and the outer function's own factor.
    let tolerance (eps: float) (loss: IMulticlassLoss) (scores: float[]) =
        let temperature =
            match loss with
            | :? ISoftmaxLoss as soft when soft.Temperature > 0.0 -> soft.Temperature
            | _ -> 1.0

        let spread = (Array.max scores - Array.min scores) / temperature
        16.0 * eps * (8.0 + 4.0 * min 750.0 spread)

    let near tolerance scale a b = abs (a - b) <= tolerance * scale

    /// eps and smallest: the rounding of the format and its least normal number, below which a probability may vanish; a slope that small has no digits.
    let agrees eps smallest (c: MulticlassCase) (value, slopes: float[]) =
        let expected, expectedSlopes = reference c.Loss c.Label c.Scores
        let t = tolerance eps c.Loss c.Scores
        let largest = (expectedSlopes |> Array.map abs |> Array.max) + smallest / eps
        // a shift (lambda ln K) is part of the value and may cancel with the rest of it
        let scale = abs expected + largest * (1.0 + Array.max (Array.map abs c.Scores))

        not (Double.IsFinite expected && Double.IsFinite largest)
        || (near t scale value expected && Array.forall2 (fun a b -> near t largest a b) slopes expectedSlopes)

[<Laws(Arbitrary = [| typeof<LossArbitraries> |])>]
type MulticlassKernelLaws() =
    [<Property(MaxTest = 500)>]
    member _.``Value and gradient are those of the definition, at every width, several rows at once or along the row``
        (c: MulticlassCase)
        =
        let n = c.Scores.Length

        MulticlassKernelLaw.kernels c.Loss
        |> List.forall (fun kernel ->
            MulticlassKernelLaw.agrees
                Ulp.eps
                2.2250738585072014e-308
                c
                (MulticlassKernelLaw.gradient kernel [| c.Label |] c.Scores n Array.empty Reduction.Sum))

    [<Property(MaxTest = 200)>]
    member _.``A row's gradient does not depend on its place or its neighbours``
        (c: MulticlassCase)
        (d: MulticlassCase)
        =
        let n = c.Scores.Length
        let other = Array.init n (fun k -> d.Scores[k % d.Scores.Length])
        let batch = 21

        MulticlassKernelLaw.kernels c.Loss
        |> List.forall (fun kernel ->
            let bits (x: float[]) =
                x |> Array.map BitConverter.DoubleToInt64Bits

            let _, alone = MulticlassKernelLaw.gradient kernel [| c.Label |] c.Scores n Array.empty Reduction.Sum

            [ 0; 5; 16; 20 ]
            |> List.forall (fun place ->
                let labels = Array.init batch (fun i -> if i = place then c.Label else i % n)
                let scores = Array.concat [ for i in 0 .. batch - 1 -> if i = place then c.Scores else other ]
                let _, g = MulticlassKernelLaw.gradient kernel labels scores n Array.empty Reduction.Sum
                bits g[place * n .. place * n + n - 1] = bits alone))

    [<Property(MaxTest = 200)>]
    member _.``Weights multiply, the mean divides by their sum, and the value without a gradient is the same``
        (c: MulticlassCase)
        =
        let n = c.Scores.Length
        let weights = [| 0.25; 2.0; 1.0 |]
        let labels = [| c.Label; (c.Label + 1) % n; c.Label |]
        let scores = Array.concat [ c.Scores; c.Scores; Array.rev c.Scores ]

        let expected =
            Array.init 3 (fun i -> weights[i] * Multiclass.value c.Loss labels[i] scores[i * n .. i * n + n - 1])

        let scale = Array.sumBy abs expected + 1.0 + Array.max (Array.map abs c.Scores)
        let t = MulticlassKernelLaw.tolerance Ulp.eps c.Loss c.Scores

        not (Array.forall Double.IsFinite expected)
        || MulticlassKernelLaw.kernels c.Loss
           |> List.forall (fun kernel ->
               let sum, g = MulticlassKernelLaw.gradient kernel labels scores n weights Reduction.Sum
               let mean, h = MulticlassKernelLaw.gradient kernel labels scores n weights Reduction.Mean

               let value =
                   kernel.Value(ReadOnlySpan labels, ReadOnlySpan scores, n, ReadOnlySpan weights, Reduction.Sum)

               MulticlassKernelLaw.near t scale sum (Array.sum expected)
               && value = sum
               && MulticlassKernelLaw.near (4.0 * Ulp.eps) (abs sum + scale) (3.25 * mean) sum
               && Array.forall2 (fun a b -> abs (a - 3.25 * b) <= 8.0 * Ulp.eps * abs a) g h)

    [<Property(MaxTest = 300)>]
    member _.``Single precision agrees to its own rounding``(c: MulticlassCase) =
        let scores = c.Scores |> Array.map float32

        let c =
            { c with
                Scores = Array.map float scores
            }

        let expected = Multiclass.value c.Loss c.Label c.Scores

        not (abs expected < 1e30)
        || MulticlassKernelLaw.kernels c.Loss
           |> List.forall (fun kernel ->
               let value, g = MulticlassKernelLaw.gradientSingle kernel [| c.Label |] scores scores.Length

               MulticlassKernelLaw.agrees 1.2e-7 1.1754943508222875e-38 c (value, Array.map float g))

    [<Test>]
    member _.``Labels that are no class, wrong lengths and scores that are not finite are refused by name``() =
        let kernel = MulticlassKernel.For(CrossEntropy())

        let call (labels: int[]) (scores: float[]) classes () =
            MulticlassKernelLaw.gradient kernel labels scores classes Array.empty Reduction.Mean
            |> ignore<float * float[]>

        let outOfRange labels scores classes start =
            let caught = Assert.Throws<HindsightException>(call labels scores classes)
            Assert.That(caught.Message, Does.StartWith start)

        outOfRange [| 0; 3 |] (Array.zeroCreate 6) 3 "labels[1] is 3"
        outOfRange [| 0; -1 |] (Array.zeroCreate 6) 3 "labels[1] is -1"
        outOfRange [| 0 |] [| 1.0; nan |] 2 "scores[1] is NaN"
        outOfRange [| 0 |] [| 1.0 |] 1 "classes is 1"
        let caught = Assert.Throws<ArgumentException>(call [| 0 |] [| 1.0 |] 2)
        Assert.That(caught.ParamName, Is.EqualTo "scores")

    [<Test>]
    member _.``Rows turn into columns, whatever the shape, and nothing else is touched``() =
        let holds (make: int -> 'N) =
            for rows in 1..17 do
                for columns in 1..17 do
                    let stride, targetStride = columns + 2, rows + 3
                    let source = Array.init (rows * stride) make
                    let target = Array.init (columns * targetStride) (fun k -> make (-1 - k))

                    let expected =
                        Array.init (columns * targetStride) (fun k ->
                            let j, i = k / targetStride, k % targetStride
                            if i < rows then source[i * stride + j] else make (-1 - k))

                    Turning.Turn(&source[0], stride, rows, columns, &target[0], targetStride)
                    Assert.That(target, Is.EqualTo<'N[]> expected, $"{rows} rows of {columns}")

        holds float
        holds float32
