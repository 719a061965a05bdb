namespace Hindsight.FSharp.Networks

#nowarn "9" // raw pointers, see Aligned.fs

open System
open FSharp.NativeInterop
open Hindsight
open Hindsight.FSharp

/// l'(y, f + shift_s) for s < count into derivatives; their mean.
[<AbstractClass>]
type internal LossSlopes() =
    abstract Slopes: label: float * score: float * shifts: float[] * derivatives: float[] -> float
    abstract Mean: label: float * score: float * shifts: float[] -> float

[<Sealed>]
type internal LossSlopes<'L when 'L :> ILoss and 'L: struct>(loss: 'L) =
    inherit LossSlopes()

    override _.Slopes(label, score, shifts, derivatives) =
        let mutable sum = 0.0

        for s in 0 .. shifts.Length - 1 do
            let r = loss.Eval(Dual(R64 label, R64 0.0), Dual(R64(score + shifts[s]), R64 1.0)).D.V
            derivatives[s] <- r
            sum <- sum + r

        sum / float shifts.Length

    override _.Mean(label, score, shifts) =
        let mutable sum = 0.0

        for s in 0 .. shifts.Length - 1 do
            sum <- sum + loss.Eval(R64 label, R64(score + shifts[s])).V

        sum / float shifts.Length

module internal LossSlopes =
    let specialise (loss: ILoss) =
        loss.Accept
            { new ILossVisitor<LossSlopes> with
                member _.Visit<'L when 'L :> ILoss and 'L: struct>(l: 'L) = LossSlopes<'L> l :> LossSlopes
            }

/// One layer: rows of weights, their start, their signs, and what is known of the distance between the two.
[<Sealed>]
type internal Layer
    (
        rows: int,
        columns: int,
        stride: int,
        scale: float32,
        radius: float,
        signs: int,
        implicitSigns: bool,
        adaptive: bool
    ) =
    let size = rows * stride
    let planes = (signs + Plane.Signs - 1) / Plane.Signs

    member _.Rows = rows
    /// Columns with parameters; the rest up to the stride stays 0.
    member _.Columns = columns
    member _.Stride = stride
    member _.Size = size
    member _.Scale = scale
    member _.Radius = radius
    /// True if the perturbation's part of theta - theta_0 is kept as one coefficient a sign vector and added by table on the fly.
    member _.Implicit = implicitSigns
    member val W = new Aligned<float32>(size)
    member val W0 = new Aligned<float32>(size)
    member val Codes = Array.init planes (fun _ -> new Aligned<uint16>(size))
    member val Square = new Aligned<float32>(if adaptive then size else 0)
    /// (theta - theta_0)' eps_s of this layer.
    member val U: float[] = Array.zeroCreate signs
    /// Squared distance from the start.
    member val Norm = 0.0 with get, set
    /// Implicit: coefficients, and the sign sums and squared norm of the explicit part.
    member val Coefficients: float[] = Array.zeroCreate signs
    member val ExplicitU: float[] = Array.zeroCreate signs
    member val ExplicitNorm = 0.0 with get, set
    member val Gram: float[] = Array.zeroCreate (if implicitSigns then signs * signs else 0)
    member val Tables = new Aligned<float32>(64)

    member layer.DrawSigns(seed: uint64, stream: uint64) =
        for plane in 0 .. planes - 1 do
            let codes = layer.Codes[plane]
            let words = System.Runtime.InteropServices.MemoryMarshal.Cast<uint16, uint32> codes.Span
            Philox.fill seed (stream + (uint64 plane <<< 48)) words

            for i in 0 .. size - 1 do
                codes[i] <- codes[i] &&& 1023us

    member layer.MakeGram() =
        let codes = layer.Codes[0]
        let counts = Array.zeroCreate<int64> 1024

        for r in 0 .. rows - 1 do
            for c in 0 .. columns - 1 do
                let code = int codes[r * stride + c]
                counts[code] <- counts[code] + 1L

        for s in 0 .. signs - 1 do
            for q in 0 .. signs - 1 do
                let mutable sum = 0L

                for code in 0..1023 do
                    let differ = ((code >>> s) ^^^ (code >>> q)) &&& 1
                    sum <- sum + (if differ = 1 then -counts[code] else counts[code])

                layer.Gram[s * signs + q] <- float sum

    /// Implicit: U and Norm from the coefficients and the explicit part.
    member layer.Combine() =
        let c = layer.Coefficients
        let mutable cross = 0.0
        let mutable quadratic = 0.0

        for s in 0 .. signs - 1 do
            let mutable g = 0.0

            for q in 0 .. signs - 1 do
                g <- g + layer.Gram[s * signs + q] * c[q]

            layer.U[s] <- layer.ExplicitU[s] + g
            cross <- cross + c[s] * layer.ExplicitU[s]
            quadratic <- quadratic + c[s] * g

        layer.Norm <- Math.Max(0.0, layer.ExplicitNorm + 2.0 * cross + quadratic)

namespace Hindsight

#nowarn "9" // raw pointers, see Aligned.fs
#nowarn "3391" // Span to ReadOnlySpan

open System
open System.IO
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open FSharp.NativeInterop
open System.Numerics.Tensors
open MathNet.Numerics
open Hindsight.FSharp
open Hindsight.FSharp.Networks

type Activation =
    | ReLU = 0
    | Gelu = 1
    | Tanh = 2
    | Softplus = 3

type Parameterisation =
    | Standard = 0
    | Theory = 1

type PerturbationKind =
    | Off = 0
    | Expected = 1
    | Rademacher = 2

type StepRule =
    | Plain = 0
    | Adaptive = 1

type Lanes =
    | Auto = 0
    | Wide = 1
    | Portable = 2

[<NoComparison>]
type NetworkOptions =
    {
        Dimension: int
        Blocks: int
        Heads: int
        Hidden: int[]
        Activation: Activation
        Parameterisation: Parameterisation
        Sigma: float
        Seed: uint64
        Perturbation: PerturbationKind
        PerturbationScale: float
        PerturbationCount: int
        FreshSigns: bool
        Radius: float
        OutputRadius: float
        StepRule: StepRule
        Decay: float
        Lanes: Lanes
    }

    static member For(dimension: int, [<ParamArray>] hidden: int[]) =
        {
            Dimension = dimension
            Blocks = 1
            Heads = 1
            Hidden = hidden
            Activation = Activation.ReLU
            Parameterisation = Parameterisation.Standard
            Sigma = 2.0
            Seed = 0UL
            Perturbation = PerturbationKind.Off
            PerturbationScale = 0.1
            PerturbationCount = 10
            FreshSigns = false
            Radius = Double.PositiveInfinity
            OutputRadius = Double.PositiveInfinity
            StepRule = StepRule.Plain
            Decay = 1.0
            Lanes = Lanes.Auto
        }

[<RequireQualifiedAccess>]
module private Units =
    let private normalDensity (z: float) =
        Math.Exp(-0.5 * z * z) / Math.Sqrt(2.0 * Math.PI)

    let private normalCdf (z: float) =
        0.5 * SpecialFunctions.Erfc(-z / Math.Sqrt 2.0)

    let value activation (z: float32) =
        match activation with
        | Activation.Gelu -> float32 (float z * normalCdf (float z))
        | Activation.Tanh -> MathF.Tanh z
        | Activation.Softplus -> float32 (Scalar.softplus (float z) - Math.Log 2.0)
        | _ -> Math.Max(z, 0.0f)

    let slope activation (z: float32) =
        match activation with
        | Activation.Gelu -> float32 (normalCdf (float z) + float z * normalDensity (float z))
        | Activation.Tanh ->
            let t = MathF.Tanh z
            1.0f - t * t
        | Activation.Softplus -> float32 (Scalar.sigmoid (float z))
        | _ -> if z > 0.0f then 1.0f else 0.0f

[<Sealed>]
type PerturbedNetwork private (options: NetworkOptions, loss: ILoss, kernels: Kernels) =
    let slopes = LossSlopes.specialise loss
    let metadata = loss.Metadata
    let hidden = options.Hidden.Length
    let theory = options.Parameterisation = Parameterisation.Theory
    let bias = if theory then 0 else 1
    let inputs = options.Dimension + bias
    let pad n = (n + 15) / 16 * 16
    let strides = options.Hidden |> Array.map (fun m -> pad (m + bias))
    let adaptive = options.StepRule = StepRule.Adaptive
    let rademacher = options.Perturbation = PerturbationKind.Rademacher
    let signs = if rademacher then options.PerturbationCount else 0
    let amplitude = options.PerturbationScale / Math.Sqrt(Math.Sqrt(float options.Hidden[0]))

    /// the ridge that the perturbation is in expectation
    let ridge =
        if options.Perturbation = PerturbationKind.Expected then
            metadata.Smoothness.GetValueOrDefault 1.0 * amplitude * amplitude
        else
            0.0

    let layers =
        Array.init (hidden + 1) (fun l ->
            let fanIn = if l = 0 then options.Dimension else options.Hidden[l - 1]
            let scale = if theory then 1.0f / MathF.Sqrt(float32 fanIn) else 1.0f

            if l = hidden then
                // a row a head; the last hidden layer's constant unit carries the bias
                Layer(
                    options.Heads,
                    options.Hidden[l - 1] + bias,
                    strides[l - 1],
                    scale,
                    options.OutputRadius,
                    signs,
                    false,
                    adaptive
                )
            else
                let rows = if l = 0 then options.Blocks * inputs else fanIn + bias

                let implicitSigns =
                    l = 0
                    && options.Blocks > 1
                    && signs > 0
                    && signs <= Plane.Signs
                    && not options.FreshSigns
                    && not adaptive

                Layer(rows, options.Hidden[l], strides[l], scale, options.Radius, signs, implicitSigns, adaptive))

    let output = layers[hidden]

    // per candidate: the input with its constant 1, then pre-activations and activations of every hidden layer; the last slot is for a single example
    let mutable capacity = 0
    let mutable x = new Aligned<float32>(0)
    let mutable z: Aligned<float32>[] = [||]
    let mutable h: Aligned<float32>[] = [||]
    let index = new Aligned<int>(Math.Max(inputs, Array.max strides))
    let everyRow = new Aligned<int>(Math.Max(inputs, Array.max strides))
    let deltas = strides |> Array.map (fun n -> new Aligned<float32>(n))
    let sums = new Aligned<float32>(Sums.Length)
    let zeroTables = new Aligned<float32>(64)
    let shifts: float[] = Array.zeroCreate (Math.Max(signs, 1))
    let residuals: float[] = Array.zeroCreate (Math.Max(signs, 1))
    let weights: float[] = Array.zeroCreate signs
    let shiftLanes = new Aligned<float32>(pad (Math.Max(signs, 1)))
    let headRow = new Aligned<float32>(Math.Max(options.Heads, 1))
    let mutable steps = 0L
    let mutable latest = 0.0
    let mutable projections = 0L
    let mutable shared = false
    let mutable sharedHidden = false

    let reserve count =
        if count > capacity then
            capacity <- count
            x <- new Aligned<float32>((count + 1) * inputs)
            z <- strides |> Array.map (fun n -> new Aligned<float32>((count + 1) * n))
            h <- strides |> Array.map (fun n -> new Aligned<float32>((count + 1) * n))

    /// The total sign sums, as shifts of the score.
    let refreshShifts () =
        for s in 0 .. signs - 1 do
            let mutable u = 0.0

            for layer in layers do
                u <- u + layer.U[s]

            shifts[s] <- amplitude * u
            shiftLanes[s] <- float32 (amplitude * u)

    /// Sign sums and norm of a layer from its weights, by a pass over all of them.
    let recompute (layer: Layer) =
        sums.Span.Clear()

        if signs = 0 then
            kernels.Shrink(layer.W.Pointer, layer.W0.Pointer, layer.Size, 1.0f, sums.Pointer)
            layer.Norm <- float sums[Sums.Norm]
        else
            for plane in 0 .. layer.Codes.Length - 1 do
                sums.Span.Clear()

                kernels.Update(
                    layer.W.Pointer,
                    layer.W0.Pointer,
                    layer.Codes[plane].Pointer,
                    zeroTables.Pointer,
                    layer.Stride,
                    layer.Columns,
                    layer.Rows,
                    NativePtr.nullPtr,
                    deltas[0].Pointer,
                    sums.Pointer
                )

                let target = if layer.Implicit then layer.ExplicitU else layer.U

                for s in plane * Plane.Signs .. Math.Min(signs, (plane + 1) * Plane.Signs) - 1 do
                    target[s] <- float sums[s - plane * Plane.Signs]

            if layer.Implicit then
                layer.ExplicitNorm <- float sums[Sums.Norm]
                layer.Combine()
            else
                layer.Norm <- float sums[Sums.Norm]

    let drawSigns (draw: uint64) =
        for l in 0 .. layers.Length - 1 do
            layers[l].DrawSigns(options.Seed, (1UL <<< 32) + (draw <<< 8) + uint64 l)

    do
        for i in 0 .. everyRow.Length - 1 do
            everyRow[i] <- i

        for l in 0..hidden do
            let layer = layers[l]
            let random = RandomStream(options.Seed, uint64 l)
            let fanIn = if l = 0 then options.Dimension else options.Hidden[l - 1]
            let m = float options.Hidden[Math.Min(l, hidden - 1)]
            let sigma = options.Sigma / (2.0 * (1.0 + Math.Sqrt(Math.Log m) / Math.Sqrt(2.0 * m)))
            let bound = 1.0 / Math.Sqrt(float fanIn)

            for r in 0 .. layer.Rows - 1 do
                for c in 0 .. layer.Columns - 1 do
                    let weight =
                        if not theory then bound * (2.0 * random.NextDouble() - 1.0)
                        elif l = hidden then random.NextNormal()
                        else sigma * random.NextNormal()

                    layer.W[r * layer.Stride + c] <- float32 weight

                if theory && l = hidden then
                    let row = layer.W.Span.Slice(r * layer.Stride, layer.Stride)
                    let length = TensorPrimitives.Norm(row)
                    TensorPrimitives.Divide(row, length, row)

            layer.W.Span.CopyTo layer.W0.Span

        if signs > 0 then
            drawSigns 0UL

            for layer in layers do
                if layer.Implicit then
                    layer.MakeGram()

        reserve 1

    let activate l slot =
        let zp = z[l].At(slot * strides[l])
        let hp = h[l].At(slot * strides[l])
        let width = options.Hidden[l]
        let scale = layers[l].Scale

        if options.Activation = Activation.ReLU then
            kernels.Relu(zp, hp, strides[l], scale)
        else
            for i in 0 .. width - 1 do
                let scaled = scale * NativePtr.get zp i
                NativePtr.set zp i scaled
                NativePtr.set hp i (Units.value options.Activation scaled)

        if bias = 1 then
            NativePtr.set hp width 1.0f

    /// Rows of the input that are not 0; their number.
    let findNonzero (xp: Floats) =
        let mutable n = 0

        for j in 0 .. inputs - 1 do
            if NativePtr.get xp j <> 0.0f then
                index[n] <- j
                n <- n + 1

        n

    let prepareTables () =
        let layer = layers[0]

        if layer.Implicit then
            Plane.tables (ReadOnlySpan layer.Coefficients) 0 layer.Tables.Pointer

    /// First layer of one vector through the rows of its block.
    let firstLayer (xp: Floats) n block slot =
        let layer = layers[0]
        let offset = block * inputs * layer.Stride
        let zp = z[0].At(slot * layer.Stride)

        if layer.Implicit then
            kernels.GatherSigned(
                layer.W.At offset,
                layer.Codes[0].At offset,
                layer.Tables.Pointer,
                layer.Stride,
                layer.Columns,
                index.Pointer,
                n,
                xp,
                zp
            )
        else
            kernels.Gather(layer.W.At offset, layer.Stride, index.Pointer, n, xp, zp)

    let laterLayers first count =
        for l in 0 .. hidden - 1 do
            if l > 0 then
                let layer = layers[l]

                kernels.Multiply(
                    layer.W.Pointer,
                    layer.Stride,
                    layer.Rows,
                    h[l - 1].At(first * strides[l - 1]),
                    strides[l - 1],
                    count,
                    z[l].At(first * layer.Stride),
                    layer.Stride
                )

            for slot in first .. first + count - 1 do
                activate l slot

    let score slot head =
        output.Scale
        * kernels.Dot(h[hidden - 1].At(slot * output.Stride), output.W.At(head * output.Stride), output.Stride)

    let load (values: ReadOnlySpan<float32>) slot =
        let target = x.Span.Slice(slot * inputs, inputs)
        values.CopyTo target

        if bias = 1 then
            target[inputs - 1] <- 1.0f

    /// Forward pass of one example in the last slot; its slot.
    let single (values: ReadOnlySpan<float32>) block =
        let slot = capacity
        load values slot
        let xp = x.At(slot * inputs)
        prepareTables ()
        firstLayer xp (findNonzero xp) block slot
        laterLayers slot 1
        slot

    /// Back-propagated signals of every hidden layer at its pre-activations, times a factor.
    let backward slot head (factor: float32) =
        for l in hidden - 1 .. -1 .. 0 do
            let width = options.Hidden[l]
            let delta = deltas[l]
            let above = layers[l + 1]

            for i in 0 .. width - 1 do
                let signal =
                    if l = hidden - 1 then
                        factor * NativePtr.get (above.W.At(head * above.Stride)) i
                    else
                        kernels.Dot(above.W.At(i * above.Stride), deltas[l + 1].Pointer, above.Stride)

                let o = slot * strides[l] + i

                let slope =
                    if options.Activation = Activation.ReLU then
                        (if h[l][o] > 0.0f then 1.0f else 0.0f)
                    else
                        Units.slope options.Activation (z[l][o])

                delta[i] <- above.Scale * signal * slope

    /// Mean over s of the inverse link of the perturbed score.
    let meanPrediction (f: float32) =
        if metadata.Link = Link.Logit then
            float (kernels.MeanSigmoid(f, shiftLanes.Pointer, Math.Max(signs, 1)))
        else
            let mutable mean = 0.0

            for s in 0 .. signs - 1 do
                mean <- mean + shifts[s]

            float f + mean / float (Math.Max(signs, 1))

    /// Score, slopes at the perturbed scores, and their mean.
    let slopesAt label (f: float) =
        slopes.Slopes(label, f, shifts, residuals)

    let project (layer: Layer) =
        if layer.Norm > layer.Radius * layer.Radius then
            let factor = layer.Radius / Math.Sqrt layer.Norm
            projections <- projections + 1L
            sums.Span.Clear()
            kernels.Shrink(layer.W.Pointer, layer.W0.Pointer, layer.Size, float32 factor, sums.Pointer)

            for s in 0 .. signs - 1 do
                layer.U[s] <- factor * layer.U[s]
                layer.Coefficients[s] <- factor * layer.Coefficients[s]
                layer.ExplicitU[s] <- factor * layer.ExplicitU[s]

            layer.ExplicitNorm <- factor * factor * layer.ExplicitNorm
            layer.Norm <- layer.Radius * layer.Radius

    /// The fused pass over some rows of a layer.
    let signedPass (layer: Layer) plane start count (xs: Floats) (b: Floats) =
        if count > 0 then
            let offset = start * layer.Stride

            kernels.Update(
                layer.W.At offset,
                layer.W0.At offset,
                layer.Codes[plane].At offset,
                layer.Tables.Pointer,
                layer.Stride,
                layer.Columns,
                count,
                xs,
                b,
                sums.Pointer
            )

    /// The step of one layer: w += x b' in the rows of the index from a first row on, where b carries -rate times the mean slope; and the perturbation's part.
    let stepLayer (layer: Layer) firstRow (xp: Floats) (rows: Aligned<int>) n activeRows (b: Floats) (rate: float) =
        let offset = firstRow * layer.Stride
        sums.Span.Clear()

        if adaptive then
            kernels.Adapt(
                layer.W.At offset,
                layer.Square.At offset,
                layer.Stride,
                rows.Pointer,
                n,
                xp,
                b,
                float32 options.Decay,
                float32 rate,
                1e-8f
            )

        if ridge > 0.0 then
            kernels.Shrink(layer.W.Pointer, layer.W0.Pointer, layer.Size, float32 (1.0 - rate * ridge), sums.Pointer)
            layer.Norm <- float sums[Sums.Norm]
            sums.Span.Clear()

        if layer.Implicit then
            kernels.AddSigned(
                layer.W.At offset,
                layer.W0.At offset,
                layer.Codes[0].At offset,
                layer.Stride,
                rows.Pointer,
                n,
                xp,
                b,
                sums.Pointer
            )

            for s in 0 .. signs - 1 do
                layer.ExplicitU[s] <- layer.ExplicitU[s] + float sums[s]
                layer.Coefficients[s] <- layer.Coefficients[s] + weights[s]

            layer.ExplicitNorm <- layer.ExplicitNorm + float sums[Sums.Norm]
            layer.Combine()
        elif signs > 0 then
            for plane in 0 .. layer.Codes.Length - 1 do
                sums.Span.Clear()
                Plane.tables (ReadOnlySpan weights) (plane * Plane.Signs) layer.Tables.Pointer
                let none = NativePtr.nullPtr

                if plane = 0 && not adaptive then
                    let after = firstRow + activeRows
                    signedPass layer plane 0 firstRow none b
                    signedPass layer plane firstRow activeRows xp b
                    signedPass layer plane after (layer.Rows - after) none b
                else
                    signedPass layer plane 0 layer.Rows none b

                for s in plane * Plane.Signs .. Math.Min(signs, (plane + 1) * Plane.Signs) - 1 do
                    layer.U[s] <- float sums[s - plane * Plane.Signs]

            layer.Norm <- float sums[Sums.Norm]

            // several planes: the sums of a plane are those before the later planes moved
            if layer.Codes.Length > 1 then
                recompute layer
        elif adaptive then
            if Double.IsFinite layer.Radius then
                recompute layer
        else
            kernels.Add(layer.W.At offset, layer.W0.At offset, layer.Stride, rows.Pointer, n, xp, b, sums.Pointer)
            layer.Norm <- Math.Max(0.0, layer.Norm + float sums[Sums.Norm])

        project layer

    let layersAndColumns f =
        for layer in layers do
            for r in 0 .. layer.Rows - 1 do
                for c in 0 .. layer.Columns - 1 do
                    f layer (r * layer.Stride + c)

    let parameterCount = layers |> Array.sumBy (fun layer -> layer.Rows * layer.Columns)

    let collect (f: Layer -> int -> float32) =
        let result = Array.zeroCreate parameterCount
        let mutable i = 0

        for layer in layers do
            for r in 0 .. layer.Rows - 1 do
                for c in 0 .. layer.Columns - 1 do
                    result[i] <- f layer (r * layer.Stride + c)
                    i <- i + 1

        result

    let signAt (layer: Layer) s o =
        if (int (layer.Codes[s / Plane.Signs][o]) >>> (s % Plane.Signs)) &&& 1 = 1 then
            -1.0f
        else
            1.0f

    static member Create(options: NetworkOptions, loss: ILoss) =
        result {
            let! _ = Require.atLeast "Dimension" 1 options.Dimension
            let! _ = Require.atLeast "Blocks" 1 options.Blocks
            let! _ = Require.atLeast "Heads" 1 options.Heads
            let! _ = Require.atLeast "Hidden.Length" 1 options.Hidden.Length
            let! _ = Require.atLeast "Hidden (every width)" 1 (Array.min options.Hidden)
            let! _ = Require.positive "Sigma" options.Sigma
            let! _ = Require.nonNegative "PerturbationScale" options.PerturbationScale

            let least =
                if options.Perturbation = PerturbationKind.Rademacher then
                    1
                else
                    0

            let! _ = Require.atLeast "PerturbationCount" least options.PerturbationCount

            let! _ = Require.inside "Decay" { Domain.Unit with LowClosed = false } options.Decay

            let! _ =
                if Double.IsPositiveInfinity options.Radius then
                    Ok 0.0
                else
                    Require.positive "Radius" options.Radius

            let! _ =
                if Double.IsPositiveInfinity options.OutputRadius then
                    Ok 0.0
                else
                    Require.positive "OutputRadius" options.OutputRadius

            let size = int64 options.Blocks * int64 (options.Dimension + 1) * int64 (options.Hidden[0] + 16)

            let! _ =
                if size <= int64 (1 <<< 29) then
                    Ok()
                else
                    Error(
                        HindsightError.OutOfRange("Blocks * Dimension * Hidden[0]", string size, "at most 2^29 weights")
                    )

            let wide = Vector512.IsHardwareAccelerated && X86.Avx512F.IsSupported

            let! kernels =
                match options.Lanes with
                | Lanes.Wide when not wide ->
                    Error(HindsightError.Incompatible "512-bit lanes were asked for and this machine has no AVX-512")
                | Lanes.Portable -> Ok(PortableKernels() :> Kernels)
                | Lanes.Auto when not wide -> Ok(PortableKernels() :> Kernels)
                | _ -> Ok(WideKernels() :> Kernels)

            return PerturbedNetwork(options, loss, kernels)
        }

    member _.Options = options
    member _.Loss = loss
    member _.LaneWidth = kernels.Width
    member _.ParameterCount = parameterCount
    member _.Steps = steps
    member _.Projections = projections
    member _.Distances = layers |> Array.map (fun layer -> Math.Sqrt layer.Norm)

    member this.Forward
        (
            values: ReadOnlySpan<float32>,
            count: int,
            sharedRow: bool,
            blocks: ReadOnlySpan<int>,
            heads: ReadOnlySpan<int>,
            scores: Span<float32>
        ) =
        reserve count
        let dimension = options.Dimension
        shared <- sharedRow
        sharedHidden <- sharedRow && options.Blocks = 1

        if sharedRow then
            load (values.Slice(0, dimension)) 0
            let n = findNonzero (x.At 0)
            prepareTables ()

            if sharedHidden then
                firstLayer (x.At 0) n 0 0
                laterLayers 0 1
            else
                for i in 0 .. count - 1 do
                    firstLayer (x.At 0) n blocks[i] i

                laterLayers 0 count
        else
            for i in 0 .. count - 1 do
                load (values.Slice(i * dimension, dimension)) i

            if options.Blocks = 1 then
                let layer = layers[0]

                kernels.Multiply(
                    layer.W.Pointer,
                    layer.Stride,
                    inputs,
                    x.Pointer,
                    inputs,
                    count,
                    z[0].Pointer,
                    layer.Stride
                )
            else
                prepareTables ()

                for i in 0 .. count - 1 do
                    let xp = x.At(i * inputs)
                    firstLayer xp (findNonzero xp) blocks[i] i

            laterLayers 0 count

        for i in 0 .. count - 1 do
            scores[i] <- score (if sharedHidden then 0 else i) heads[i]

        GC.KeepAlive this

    member this.MeanPredictions(scores: ReadOnlySpan<float32>, means: Span<float>) =
        for i in 0 .. scores.Length - 1 do
            means[i] <- meanPrediction scores[i]

        GC.KeepAlive this

    member this.Step(values: ReadOnlySpan<float32>, block: int, head: int, candidate: int, label: float, rate: float) =
        let slot =
            if candidate < 0 then single values block
            elif sharedHidden then 0
            else candidate

        let f = score slot head
        latest <- meanPrediction f
        let mean = slopesAt label (float f)
        let factor = if adaptive then mean else -rate * mean

        for s in 0 .. signs - 1 do
            weights[s] <- -rate * amplitude / float signs * residuals[s]

        // signals first, at today's weights
        backward slot head (float32 factor)

        let xp = x.At((if candidate >= 0 && shared then 0 else slot) * inputs)

        // output layer: one head's row, factor times the activations
        headRow[0] <- float32 factor * output.Scale

        stepLayer output head headRow.Pointer everyRow 1 1 (h[hidden - 1].At(slot * output.Stride)) rate

        for l in hidden - 1 .. -1 .. 0 do
            let layer = layers[l]
            let delta = deltas[l]
            TensorPrimitives.Multiply(delta.Span, layer.Scale, delta.Span)

            if l > 0 then
                let input = h[l - 1].At(slot * strides[l - 1])
                stepLayer layer 0 input everyRow layer.Rows layer.Rows delta.Pointer rate
            else
                stepLayer layer (block * inputs) xp index (findNonzero xp) inputs delta.Pointer rate

        steps <- steps + 1L

        if signs > 0 then
            if options.FreshSigns then
                drawSigns (uint64 steps)
                Array.iter recompute layers
            elif layers[0].Implicit && steps % 4096L = 0L then
                // the running sums of the explicit part start again from the weights
                recompute layers[0]

            refreshShifts ()
        elif steps % 4096L = 0L && not adaptive then
            Array.iter recompute layers

        GC.KeepAlive this

    member _.LatestPrediction = latest

    member _.Reset() =
        for layer in layers do
            layer.W0.Span.CopyTo layer.W.Span
            layer.Square.Span.Clear()
            layer.Norm <- 0.0
            layer.ExplicitNorm <- 0.0

            for values in [| layer.U; layer.Coefficients; layer.ExplicitU |] do
                Array.Clear values

        refreshShifts ()

    member this.AveragedLoss(values: ReadOnlySpan<float32>, block: int, head: int, label: float) =
        let f = score (single values block) head
        GC.KeepAlive this
        let loss = slopes.Mean(label, float f, shifts)
        let norm = layers |> Array.sumBy (fun layer -> layer.Norm)
        loss + 0.5 * ridge * norm

    member this.Gradient(values: ReadOnlySpan<float32>, block: int, head: int, label: float) =
        let slot = single values block
        let mean = slopesAt label (float (score slot head))
        backward slot head (float32 mean)

        let gradient (layer: Layer) o =
            let l = Array.IndexOf(layers, layer)
            let r = o / layer.Stride
            let c = o % layer.Stride

            let data =
                if l = hidden then
                    if r = head then
                        float mean * float layer.Scale * float (h[hidden - 1][slot * layer.Stride + c])
                    else
                        0.0
                elif l = 0 then
                    if r / inputs = block then
                        float layer.Scale * float (x[slot * inputs + r % inputs]) * float (deltas[0][c])
                    else
                        0.0
                else
                    float layer.Scale * float (h[l - 1][slot * strides[l - 1] + r]) * float (deltas[l][c])

            let mutable perturbation = 0.0

            for s in 0 .. signs - 1 do
                perturbation <- perturbation + amplitude / float signs * residuals[s] * float (signAt layer s o)

            let pull =
                if ridge > 0.0 then
                    ridge * float (layer.W[o] - layer.W0[o])
                else
                    0.0

            float32 (data + perturbation + pull)

        let g = collect gradient
        GC.KeepAlive this
        g

    member this.Parameters
        with get () =
            collect (fun layer o ->
                let mutable w = float (layer.W[o])

                if layer.Implicit then
                    for s in 0 .. signs - 1 do
                        w <- w + layer.Coefficients[s] * float (signAt layer s o)

                float32 w)
        and set (values: float32[]) =
            Require.length "Parameters" parameterCount values.Length |> Require.ok
            let mutable i = 0

            layersAndColumns (fun layer o ->
                layer.W[o] <- values[i]
                i <- i + 1)

            for layer in layers do
                Array.Clear layer.Coefficients
                recompute layer

            refreshShifts ()

    member _.Initialisation = collect (fun layer o -> layer.W0[o])

    member _.Signs(s: int) =
        collect (fun layer o -> signAt layer s o)

    member _.SignSums = Array.init signs (fun s -> layers |> Array.sumBy (fun layer -> layer.U[s]))

    member _.Save(writer: BinaryWriter) =
        writer.Write steps
        writer.Write projections

        for layer in layers do
            writer.Write(MemoryMarshal.AsBytes(layer.W.Span))
            writer.Write(MemoryMarshal.AsBytes(layer.Square.Span))
            writer.Write layer.Norm
            writer.Write layer.ExplicitNorm

            for values in [| layer.U; layer.Coefficients; layer.ExplicitU |] do
                for v in values do
                    writer.Write v

    member _.Load(reader: BinaryReader) =
        steps <- reader.ReadInt64()
        projections <- reader.ReadInt64()

        for layer in layers do
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes layer.W.Span)
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes layer.Square.Span)
            layer.Norm <- reader.ReadDouble()
            layer.ExplicitNorm <- reader.ReadDouble()

            for values in [| layer.U; layer.Coefficients; layer.ExplicitU |] do
                for s in 0 .. values.Length - 1 do
                    values[s] <- reader.ReadDouble()

        if options.FreshSigns && signs > 0 then
            drawSigns (uint64 steps)

        refreshShifts ()
