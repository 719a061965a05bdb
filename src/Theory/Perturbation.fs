namespace Hindsight

open System
open System.Globalization
open System.Numerics.Tensors
open MathNet.Numerics
open MathNet.Numerics.LinearAlgebra
open Hindsight.FSharp

/// Value, slope and curvature of a unit.
[<RequireQualifiedAccess>]
module private SmoothUnit =
    let private density (z: float) =
        Math.Exp(-0.5 * z * z) / Math.Sqrt(2.0 * Math.PI)

    let private cdf (z: float) =
        0.5 * SpecialFunctions.Erfc(-z / Math.Sqrt 2.0)

    let value activation z =
        match activation with
        | Activation.Gelu -> z * cdf z
        | Activation.Tanh -> Math.Tanh z
        | Activation.Softplus -> Scalar.softplus z - Math.Log 2.0
        | _ -> Math.Max(z, 0.0)

    let slope activation z =
        match activation with
        | Activation.Gelu -> cdf z + z * density z
        | Activation.Tanh ->
            let t = Math.Tanh z
            (1.0 - t) * (1.0 + t)
        | Activation.Softplus -> Scalar.sigmoid z
        | _ -> if z > 0.0 then 1.0 else 0.0

    let curvature activation z =
        match activation with
        | Activation.Gelu -> density z * (2.0 - z * z)
        | Activation.Tanh ->
            let t = Math.Tanh z
            -2.0 * t * (1.0 - t) * (1.0 + t)
        | Activation.Softplus -> Scalar.sigmoid z * Scalar.sigmoid -z
        | _ -> 0.0

[<Sealed>]
type NetworkDerivatives private (options: NetworkOptions) =
    let hidden = options.Hidden.Length
    let theory = options.Parameterisation = Parameterisation.Theory
    let bias = if theory then 0 else 1

    let fanIn l =
        if l = 0 then options.Dimension else options.Hidden[l - 1]

    /// units of layer l; the last layer is the output
    let width l =
        if l = hidden then 1 else options.Hidden[l]

    let scales = Array.init (hidden + 1) (fun l -> if theory then 1.0 / Math.Sqrt(float (fanIn l)) else 1.0)

    let offsets =
        Array.init (hidden + 2) id
        |> Array.map (fun l -> Seq.init l (fun k -> (fanIn k + bias) * width k) |> Seq.sum)

    let count = offsets[hidden + 1]

    /// The inputs of every layer (its constant 1 included) and the pre-activations.
    let forward (p: float[]) (x: float[]) =
        let input = Array.zeroCreate<float[]>(hidden + 1)
        let z = Array.zeroCreate<float[]>(hidden + 1)
        let mutable h = x

        for l in 0..hidden do
            let rows = fanIn l + bias
            let n = width l
            let inputs = if bias = 1 then Array.append h [| 1.0 |] else h
            input[l] <- inputs
            let pre = Array.zeroCreate<float> n

            for r in 0 .. rows - 1 do
                let a = inputs[r]

                if a <> 0.0 then
                    let row = ReadOnlySpan(p, offsets[l] + r * n, n)
                    TensorPrimitives.MultiplyAdd(row, a, ReadOnlySpan pre, Span pre)

            TensorPrimitives.Multiply(ReadOnlySpan pre, scales[l], Span pre)
            z[l] <- pre
            h <- pre |> Array.map (SmoothUnit.value options.Activation)

        struct (input, z)

    /// scale W_l times a vector over the units of layer l: one entry for each input of the layer without its constant.
    let back (p: float[]) l (delta: float[]) =
        let n = width l

        Array.init (fanIn l) (fun r ->
            scales[l] * TensorPrimitives.Dot(ReadOnlySpan(p, offsets[l] + r * n, n), ReadOnlySpan delta))

    /// d f / d z of every layer.
    let signals (p: float[]) (z: float[][]) =
        let delta = Array.zeroCreate<float[]>(hidden + 1)
        delta[hidden] <- [| 1.0 |]

        for l in hidden - 1 .. -1 .. 0 do
            let b = back p (l + 1) delta[l + 1]
            delta[l] <- Array.map2 (fun s a -> s * SmoothUnit.slope options.Activation a) b z[l]

        delta

    static member Of(network: PerturbedNetwork) =
        let options = network.Options

        if options.Blocks <> 1 || options.Heads <> 1 then
            Error(HindsightError.Incompatible "Derivatives of a network are for one block and one head.")
        else
            Ok(NetworkDerivatives options)

    member _.ParameterCount = count
    member _.Dimension = options.Dimension

    member private _.Check(p: float[], x: float[]) =
        Require.length "parameters" count p.Length |> Require.ok
        Require.length "input" options.Dimension x.Length |> Require.ok

    member this.Value(parameters: float[], input: float[]) =
        this.Check(parameters, input)
        let struct (_, z) = forward parameters input
        let last = z[hidden]
        last[0]

    member this.Gradient(parameters: float[], input: float[]) =
        this.Check(parameters, input)
        let struct (inputs, z) = forward parameters input
        let delta = signals parameters z
        let g = Array.zeroCreate<float> count

        for l in 0..hidden do
            let n = width l

            for r in 0 .. inputs[l].Length - 1 do
                TensorPrimitives.Multiply(
                    ReadOnlySpan delta[l],
                    scales[l] * inputs[l].[r],
                    Span(g, offsets[l] + r * n, n)
                )

        let last = z[hidden]
        struct (last[0], g)

    member this.HessianVector(parameters: float[], input: float[], direction: float[]) =
        this.Check(parameters, input)
        Require.length "direction" count direction.Length |> Require.ok
        let struct (inputs, z) = forward parameters input
        let delta = signals parameters z

        // forward: tangents of inputs and pre-activations
        let tangentInput = Array.zeroCreate<float[]>(hidden + 1)
        let tangentZ = Array.zeroCreate<float[]>(hidden + 1)
        let mutable dh = Array.zeroCreate<float> options.Dimension

        for l in 0..hidden do
            let n = width l
            let rows = fanIn l
            tangentInput[l] <- dh
            let pre = Array.zeroCreate<float> n

            for r in 0 .. inputs[l].Length - 1 do
                let at = offsets[l] + r * n
                let from = ReadOnlySpan(direction, at, n)
                TensorPrimitives.MultiplyAdd(from, inputs[l].[r], ReadOnlySpan pre, Span pre)

                if r < rows && dh[r] <> 0.0 then
                    TensorPrimitives.MultiplyAdd(ReadOnlySpan(parameters, at, n), dh[r], ReadOnlySpan pre, Span pre)

            TensorPrimitives.Multiply(ReadOnlySpan pre, scales[l], Span pre)
            tangentZ[l] <- pre
            dh <- Array.map2 (fun t a -> t * SmoothUnit.slope options.Activation a) pre z[l]

        // backward: tangents of the signals
        let tangentDelta = Array.zeroCreate<float[]>(hidden + 1)
        tangentDelta[hidden] <- [| 0.0 |]

        for l in hidden - 1 .. -1 .. 0 do
            let b = back parameters (l + 1) delta[l + 1]
            let moved = back direction (l + 1) delta[l + 1]
            let carried = back parameters (l + 1) tangentDelta[l + 1]

            tangentDelta[l] <-
                Array.init (width l) (fun i ->
                    let zi = z[l].[i]

                    (moved[i] + carried[i]) * SmoothUnit.slope options.Activation zi
                    + b[i] * SmoothUnit.curvature options.Activation zi * tangentZ[l].[i])

        let result = Array.zeroCreate<float> count

        for l in 0..hidden do
            let n = width l
            let rows = fanIn l

            for r in 0 .. inputs[l].Length - 1 do
                let target = Span(result, offsets[l] + r * n, n)
                TensorPrimitives.Multiply(ReadOnlySpan tangentDelta[l], scales[l] * inputs[l].[r], target)

                if r < rows then
                    TensorPrimitives.MultiplyAdd(
                        ReadOnlySpan delta[l],
                        scales[l] * tangentInput[l].[r],
                        Span.op_Implicit target,
                        target
                    )

        result

[<Sealed>]
type PerturbedObjective
    private
    (
        network: NetworkDerivatives,
        options: NetworkOptions,
        loss: ILoss,
        start: float[],
        signs: float[][],
        inputs: float[][],
        labels: float[]
    ) =
    let amplitude =
        if options.Perturbation = PerturbationKind.Off then
            0.0
        else
            options.PerturbationScale / Math.Sqrt(Math.Sqrt(float options.Hidden[0]))

    let ridge =
        if options.Perturbation = PerturbationKind.Expected then
            loss.Metadata.Smoothness.GetValueOrDefault 1.0 * amplitude * amplitude
        else
            0.0

    let n = float inputs.Length
    let difference (p: float[]) = Array.map2 (-) p start

    let dot (a: float[]) (b: float[]) =
        TensorPrimitives.Dot(ReadOnlySpan a, ReadOnlySpan b)

    /// Shifts a delta'eps_s of the prediction; one that is 0 without sign vectors.
    let shifts p =
        if signs.Length = 0 then
            [| 0.0 |]
        else
            let delta = difference p
            signs |> Array.map (fun e -> amplitude * dot e delta)

    let add (factor: float) (from: float[]) (into: float[]) =
        TensorPrimitives.MultiplyAdd(ReadOnlySpan from, factor, ReadOnlySpan into, Span into)

    /// l, l', l'' at every perturbed prediction of one observation.
    let jets label f (s: float[]) =
        s |> Array.map (fun shift -> Loss.jet loss label (f + shift))

    static member Of(network: PerturbedNetwork, inputs: float[][], labels: float[]) =
        result {
            let! derivatives = NetworkDerivatives.Of network
            let! _ = Require.atLeast "inputs" 1 inputs.Length
            do! Require.length "labels" inputs.Length labels.Length

            let checks =
                Array.concat
                    [
                        inputs
                        |> Array.mapi (fun i x ->
                            Require.length $"inputs[{i}]" derivatives.Dimension x.Length
                            |> Result.bind (fun () -> Require.allFinite $"inputs[{i}]" (ReadOnlySpan x)))
                        labels
                        |> Array.mapi (fun i y ->
                            Require.inside $"labels[{i}]" network.Loss.Metadata.Label y |> Result.map ignore<float>)
                    ]

            do!
                checks
                |> Array.tryPick (fun r ->
                    match r with
                    | Error e -> Some(Error e)
                    | Ok() -> None)
                |> Option.defaultValue (Ok())

            let signs =
                if network.Options.Perturbation = PerturbationKind.Rademacher then
                    Array.init network.Options.PerturbationCount (fun s -> network.Signs s |> Array.map float)
                else
                    [||]

            return
                PerturbedObjective(
                    derivatives,
                    network.Options,
                    network.Loss,
                    network.Initialisation |> Array.map float,
                    signs,
                    inputs,
                    labels
                )
        }

    member _.Network = network
    member _.Options = options
    member _.Amplitude = amplitude
    member _.Initialisation = Array.copy start
    member _.Inputs = inputs

    member _.Value(parameters: float[]) =
        let s = shifts parameters
        let mutable sum = 0.0

        for i in 0 .. inputs.Length - 1 do
            let f = network.Value(parameters, inputs[i])
            sum <- sum + (s |> Array.averageBy (fun shift -> Loss.value loss labels[i] (f + shift)))

        let delta = difference parameters
        sum / n + 0.5 * ridge * dot delta delta

    member _.Gradient(parameters: float[]) =
        let s = shifts parameters
        let g = Array.zeroCreate<float> network.ParameterCount
        let mutable sum = 0.0

        for i in 0 .. inputs.Length - 1 do
            let struct (f, gf) = network.Gradient(parameters, inputs[i])
            let all = jets labels[i] f s
            sum <- sum + (all |> Array.averageBy (fun (struct (l, _, _)) -> l))
            let mean = all |> Array.averageBy (fun (struct (_, r, _)) -> r)
            add (mean / n) gf g

            for k in 0 .. signs.Length - 1 do
                let struct (_, r, _) = all[k]
                add (amplitude * r / float signs.Length / n) signs[k] g

        let delta = difference parameters
        add ridge delta g
        struct (sum / n + 0.5 * ridge * dot delta delta, g)

    member _.HessianVector(parameters: float[], direction: float[]) =
        let s = shifts parameters
        let along = signs |> Array.map (fun e -> amplitude * dot e direction)
        let result = Array.zeroCreate<float> network.ParameterCount

        for i in 0 .. inputs.Length - 1 do
            let struct (f, gf) = network.Gradient(parameters, inputs[i])
            let all = jets labels[i] f s
            let forward = dot gf direction
            let mean = all |> Array.averageBy (fun (struct (_, r, _)) -> r)
            let count = float all.Length
            add (mean / n) (network.HessianVector(parameters, inputs[i], direction)) result

            for k in 0 .. all.Length - 1 do
                let struct (_, _, c) = all[k]
                let moved = forward + (if signs.Length = 0 then 0.0 else along[k])
                let weight = c * moved / count / n
                add weight gf result

                if signs.Length > 0 then
                    add (amplitude * weight) signs[k] result

        add ridge direction result
        result

    member this.Hessian(parameters: float[]) =
        let p = network.ParameterCount

        let columns =
            Array.init p (fun j ->
                let unit = Array.zeroCreate<float> p
                unit[j] <- 1.0
                this.HessianVector(parameters, unit))

        Array2D.init p p (fun i j -> 0.5 * (columns[i].[j] + columns[j].[i]))

    member private _.Extreme(parameters: float[], choose: struct (float * float * float) -> float, largest: bool) =
        let s = shifts parameters

        let all =
            seq {
                for i in 0 .. inputs.Length - 1 do
                    let f = network.Value(parameters, inputs[i])

                    for jet in jets labels[i] f s do
                        choose jet
            }

        if largest then Seq.max all else Seq.min all

    member this.LargestSlope(parameters: float[]) =
        this.Extreme(parameters, (fun (struct (_, r, _)) -> abs r), true)

    member this.LeastCurvature(parameters: float[]) =
        this.Extreme(parameters, (fun (struct (_, _, c)) -> c), false)

[<RequireQualifiedAccess>]
module private Lines =
    let number (x: float) =
        x.ToString("G5", CultureInfo.InvariantCulture)

[<NoComparison>]
type GrowthReport =
    {
        Kind: PerturbationKind
        Scale: float
        Count: int
        Parameters: int
        Least: float
        GradientNorm: float
        Distance: float
        SmallestEigenvalue: float
        LargestEigenvalue: float
        FlatDirections: int
        Growth: float
        Spread: float
        Minimisers: int
        Promised: float
    }

    override r.ToString() =
        let n = Lines.number

        [
            $"perturbation {r.Kind}, c_p = {n r.Scale}, S = {r.Count}, p = {r.Parameters}"
            $"  least averaged loss {n r.Least} at distance {n r.Distance} (gradient {n r.GradientNorm})"
            $"  Hessian there: eigenvalues from {n r.SmallestEigenvalue} to {n r.LargestEigenvalue}, {r.FlatDirections} flat directions"
            $"  growth about it {n r.Growth}; promised for the expected loss {n r.Promised}"
            $"  minimisers from {r.Minimisers} starts are up to {n r.Spread} apart"
        ]
        |> String.concat Environment.NewLine

[<NoComparison>]
type WidthReport =
    {
        Width: int
        Parameters: int
        GradientNorm: float
        Curvature: float
        Slope: float
        Slack: float
        SlackBound: float
        Ridge: float
        Growth: float
    }

[<NoComparison>]
type SignConcentration =
    {
        Count: int
        Rank: int
        Least: float
        Largest: float
        SmallestEigenvalue: float
        LargestEigenvalue: float
    }

namespace Hindsight.FSharp

open System
open System.Numerics.Tensors
open MathNet.Numerics.LinearAlgebra
open Hindsight

[<RequireQualifiedAccess>]
module Perturbation =
    let private norm (a: float[]) = TensorPrimitives.Norm(ReadOnlySpan a)

    let private dot (a: float[]) (b: float[]) =
        TensorPrimitives.Dot(ReadOnlySpan a, ReadOnlySpan b)

    let private plus (a: float[]) factor (b: float[]) =
        Array.map2 (fun x y -> x + factor * y) a b

    /// A direction of length 1, the same for the same stream.
    let private direction (random: RandomStream) n =
        let v = Array.init n (fun _ -> random.NextNormal())
        let length = norm v
        v |> Array.map (fun a -> a / length)

    let minimise (objective: PerturbedObjective) (start: float[]) =
        let p = start.Length
        let mutable theta = Array.copy start
        let struct (first, g0) = objective.Gradient theta
        let mutable value = first
        let mutable g = g0
        let mutable damping = 1e-3
        let mutable round = 0
        let mutable stuck = false
        let goal = 1e-13 * (1.0 + norm g0)

        while round < 200 && not stuck && norm g > goal do
            round <- round + 1
            let h = Matrix<float>.Build.DenseOfArray(objective.Hessian theta)
            let spectrum = h.Evd(Symmetricity.Symmetric)
            let values = spectrum.EigenValues.Real()
            let top = Math.Max(values.AbsoluteMaximum(), 1e-300)
            let rotated = spectrum.EigenVectors.TransposeThisAndMultiply(Vector<float>.Build.DenseOfArray g)
            let mutable accepted = false

            // the eigenvalues serve every damping of this round
            while not accepted && damping < 1e12 do
                let step =
                    Vector<float>.Build.Dense(p, (fun i -> -rotated[i] / (Math.Abs values[i] + damping * top)))
                    |> fun s -> (spectrum.EigenVectors * s).ToArray()

                let next = plus theta 1.0 step
                let struct (v, gradient) = objective.Gradient next

                // near the end values agree to rounding: a smaller gradient counts
                if v < value || v <= value + 1e-15 * abs value && norm gradient < norm g then
                    theta <- next
                    value <- v
                    g <- gradient
                    damping <- Math.Max(damping / 10.0, 1e-14)
                    accepted <- true
                else
                    damping <- 10.0 * damping

            stuck <- not accepted

        struct (theta, norm g)

    let hessianNorm iterations seed (network: NetworkDerivatives) (parameters: float[]) (input: float[]) =
        let random = RandomStream(seed, 77UL)
        let mutable v = direction random network.ParameterCount
        let mutable estimate = 0.0

        for _ in 1 .. max 1 iterations do
            let hv = network.HessianVector(parameters, input, v)
            let length = norm hv
            estimate <- Math.Max(estimate, length)

            if length > 0.0 then
                v <- hv |> Array.map (fun a -> a / length)

        estimate

    /// The unit vector of the last power iteration: the most curved direction.
    let private mostCurved iterations seed (network: NetworkDerivatives) (parameters: float[]) (input: float[]) =
        let random = RandomStream(seed, 77UL)
        let mutable v = direction random network.ParameterCount

        for _ in 1..iterations do
            let hv = network.HessianVector(parameters, input, v)
            // one step more along the vector itself separates the two signs of the largest absolute eigenvalue
            let length = norm hv

            if length > 0.0 then
                v <- hv |> Array.map (fun a -> a / length)

        v

    let growth starts radius seed (objective: PerturbedObjective) =
        result {
            let! starts = Require.atLeast "starts" 1 starts
            let! radius = Require.positive "radius" radius
            let p = objective.Network.ParameterCount

            do!
                if p > 2000 then
                    Error(HindsightError.OutOfRange("objective", $"{p} parameters", "at most 2000"))
                else
                    Ok()

            let random = RandomStream(seed, 1UL)
            let origin = objective.Initialisation
            let struct (_, firstGradient) = objective.Gradient origin
            let scale = 1e-8 * (1.0 + norm firstGradient)

            let found =
                Array.init starts (fun i ->
                    let start =
                        if i = 0 then
                            origin
                        else
                            plus origin radius (direction random p)

                    minimise objective start)

            let minimisers = found |> Array.filter (fun (struct (_, g)) -> g <= scale)

            let considered = if minimisers.Length = 0 then found else minimisers

            let struct (best, gradientNorm) =
                considered |> Array.minBy (fun (struct (theta, _)) -> objective.Value theta)

            let least = objective.Value best

            // minimisers of the same depth only: another local minimum is none
            let global' =
                considered
                |> Array.filter (fun (struct (theta, _)) -> objective.Value theta <= least + 1e-9 * (1.0 + abs least))

            let spread =
                Seq.allPairs global' global'
                |> Seq.map (fun (struct (a, _), struct (b, _)) -> norm (plus a -1.0 b))
                |> Seq.max

            let h = Matrix<float>.Build.DenseOfArray(objective.Hessian best)
            let spectrum = h.Evd(Symmetricity.Symmetric)
            let values = spectrum.EigenValues.Real()
            let top = values.Maximum()
            let order = Array.init p id |> Array.sortBy (fun i -> values[i])

            let flattest =
                [|
                    for k in 0 .. min 4 (p - 1) do
                        let v = spectrum.EigenVectors.Column(order[k]).ToArray()
                        yield v
                        yield v |> Array.map (~-)
                |]

            let others =
                global'
                |> Array.map (fun (struct (theta, _)) -> plus theta -1.0 best)
                // nearer ones are the same minimiser up to rounding
                |> Array.filter (fun d -> norm d > 1e-4 * radius)

            let probes =
                Array.concat
                    [
                        flattest
                        |> Array.collect (fun v ->
                            [| 1e-3; 0.1; 1.0 |] |> Array.map (fun s -> v |> Array.map (fun a -> s * radius * a)))
                        others
                        Array.init 64 (fun _ ->
                            let length = radius * Math.Pow(10.0, -2.0 * random.NextDouble())
                            direction random p |> Array.map (fun a -> length * a))
                    ]

            let ratio (d: float[]) =
                2.0 * (objective.Value(plus best 1.0 d) - least) / dot d d

            let options = objective.Options
            let m = float options.Hidden[0]

            let curvature =
                objective.Inputs
                |> Array.map (hessianNorm 30 seed objective.Network best)
                |> Array.max
                |> (*) (sqrt m)

            let promised =
                if options.Perturbation = PerturbationKind.Off then
                    0.0
                else
                    (objective.LeastCurvature best * options.PerturbationScale * options.PerturbationScale
                     - curvature * objective.LargestSlope best)
                    / sqrt m

            return
                {
                    Kind = options.Perturbation
                    Scale = options.PerturbationScale
                    Count =
                        if options.Perturbation = PerturbationKind.Rademacher then
                            options.PerturbationCount
                        else
                            0
                    Parameters = p
                    Least = least
                    GradientNorm = gradientNorm
                    Distance = norm (plus best -1.0 origin)
                    SmallestEigenvalue = values.Minimum()
                    LargestEigenvalue = top
                    FlatDirections = values |> Seq.filter (fun v -> abs v < 1e-9 * top) |> Seq.length
                    Growth = probes |> Array.map ratio |> Array.min
                    Spread = spread
                    Minimisers = minimisers.Length
                    Promised = promised
                }
        }

    let private collect (results: Result<'A, HindsightError>[]) =
        match
            results
            |> Array.tryPick (fun r ->
                match r with
                | Error e -> Some e
                | Ok _ -> None)
        with
        | Some e -> Error e
        | None -> Ok(results |> Array.choose (fun r -> Result.toOption r))

    let compare starts radius seed (options: NetworkOptions) (loss: ILoss) inputs labels =
        [|
            PerturbationKind.Off
            PerturbationKind.Expected
            PerturbationKind.Rademacher
        |]
        |> Array.map (fun kind ->
            PerturbedNetwork.Create({ options with Perturbation = kind }, loss)
            |> Result.bind (fun network -> PerturbedObjective.Of(network, inputs, labels))
            |> Result.bind (growth starts radius seed))
        |> collect

    let private oneWidth points radius seed (options: NetworkOptions) (loss: ILoss) inputs labels width =
        result {
            let! network =
                PerturbedNetwork.Create(
                    { options with
                        Perturbation = PerturbationKind.Off
                        Hidden = Array.create options.Hidden.Length width
                    },
                    loss
                )

            let! objective = PerturbedObjective.Of(network, inputs, labels)
            let random = RandomStream(seed, 2UL)
            let origin = objective.Initialisation
            let p = origin.Length

            let curved = inputs |> Array.map (mostCurved 20 seed objective.Network origin)

            // pairs: ends of a diameter, and the centre with an end
            let drawn = Array.init points (fun _ -> direction random p) |> Array.append curved

            let pairs =
                drawn
                |> Array.collect (fun v ->
                    let plusEnd, minusEnd = plus origin radius v, plus origin -radius v

                    [| plusEnd, minusEnd; minusEnd, plusEnd; origin, plusEnd; plusEnd, origin |])

            let slack (a: float[], b: float[]) =
                let struct (value, g) = objective.Gradient a
                value + dot g (plus b -1.0 a) - objective.Value b

            let places = Array.append [| origin |] (drawn |> Array.map (plus origin radius))

            let over measure =
                places |> Array.collect (fun theta -> inputs |> Array.map (measure theta)) |> Array.max

            let gradient =
                over (fun theta x ->
                    let struct (_, g) = objective.Network.Gradient(theta, x)
                    norm g)

            let m = float width
            let curvature = sqrt m * over (hessianNorm 20 seed objective.Network)
            let slope = places |> Array.map objective.LargestSlope |> Array.max
            let ridge = options.PerturbationScale * options.PerturbationScale / sqrt m

            return
                {
                    Width = width
                    Parameters = p
                    GradientNorm = gradient
                    Curvature = curvature
                    Slope = slope
                    Slack = pairs |> Array.map slack |> Array.max |> max 0.0
                    SlackBound = 0.5 * slope * curvature / sqrt m * 4.0 * radius * radius
                    Ridge = ridge
                    Growth = ridge - curvature * slope / sqrt m
                }
        }

    let widths points radius seed options loss (widths: int[]) inputs labels =
        result {
            let! points = Require.atLeast "points" 1 points
            let! radius = Require.positive "radius" radius
            return! widths |> Array.map (oneWidth points radius seed options loss inputs labels) |> collect
        }

    let restrictedConvexity alignment points radius seed (objective: PerturbedObjective) =
        result {
            let! alignment = Require.inside "alignment" (Domain.Open(0.0, 1.0)) alignment
            let! points = Require.atLeast "points" 1 points
            let! radius = Require.positive "radius" radius
            let origin = objective.Initialisation
            let p = origin.Length
            let inputs = objective.Inputs

            let mean =
                inputs
                |> Array.fold
                    (fun sum x ->
                        let struct (_, g) = objective.Network.Gradient(origin, x)
                        plus sum (1.0 / float inputs.Length) g)
                    (Array.zeroCreate<float> p)

            let length = norm mean

            do!
                if length > 0.0 then
                    Ok()
                else
                    Error(
                        HindsightError.Incompatible
                            "The mean gradient of the predictions is 0 at the initialisation: no displacement is aligned with it."
                    )

            let along = mean |> Array.map (fun a -> a / length)
            let random = RandomStream(seed, 3UL)
            let struct (value, gradient) = objective.Gradient origin

            let curvature i =
                let v = direction random p
                let across = plus v (-(dot v along)) along

                let cosine =
                    if i % 2 = 0 then
                        alignment
                    else
                        alignment + (1.0 - alignment) * random.NextDouble()

                let side = if random.NextDouble() < 0.5 then -1.0 else 1.0
                let sine = Math.Sqrt(Math.Max(0.0, 1.0 - cosine * cosine)) / Math.Max(norm across, 1e-300)
                let step = Array.map2 (fun a b -> radius * (side * cosine * a + sine * b)) along across
                let d = dot step step
                2.0 * (objective.Value(plus origin 1.0 step) - value - dot gradient step) / d

            return Array.init points curvature |> Array.min
        }

    let private checkVectors name (vectors: float[][]) =
        result {
            let! _ = Require.atLeast name 1 vectors.Length
            let n = (Array.head vectors).Length
            let! _ = Require.atLeast $"{name}[0]" 1 n

            let! _ =
                vectors
                |> Array.mapi (fun i v ->
                    Require.length $"{name}[{i}]" n v.Length
                    |> Result.bind (fun () -> Require.allFinite $"{name}[{i}]" (ReadOnlySpan v)))
                |> collect

            return n
        }

    let private onlySigns (signs: float[][]) =
        match signs |> Array.tryFindIndex (Array.exists (fun e -> abs e <> 1.0)) with
        | Some i -> Error(HindsightError.OutOfRange($"signs[{i}]", "an entry", "-1 or 1"))
        | None -> Ok()

    /// Eigenvalues of (1/S) sum v_s v_s' that may differ from 0: those of the S by S Gram matrix.
    let private spectrum (vectors: float[][]) =
        let s = vectors.Length

        let gram = Matrix<float>.Build.Dense(s, s, (fun i j -> dot vectors[i] vectors[j] / float s))

        gram.Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.toArray

    let concentration (signs: float[][]) (points: float[][]) =
        result {
            let! p = checkVectors "signs" signs
            do! onlySigns signs
            let! n = checkVectors "points" points
            do! Require.length "points[0]" p n

            do!
                match points |> Array.tryFindIndex (fun d -> norm d = 0.0) with
                | Some i -> Error(HindsightError.OutOfRange($"points[{i}]", "0", "a vector that is not 0"))
                | None -> Ok()

            let kept (d: float[]) =
                let length = norm d
                signs |> Array.averageBy (fun e -> (dot e d / length) ** 2.0)

            let values = spectrum signs
            let top = Array.max values
            let rank = values |> Seq.filter (fun v -> v > 1e-10 * top) |> Seq.length
            let shares = points |> Array.map kept

            return
                {
                    Count = signs.Length
                    Rank = rank
                    Least = Array.min shares
                    Largest = Array.max shares
                    SmallestEigenvalue =
                        if rank < p then
                            0.0
                        else
                            values |> Seq.sortDescending |> Seq.item (p - 1)
                    LargestEigenvalue = top
                }
        }

    let stableStep (gradient: float[]) amplitude (signs: float[][]) =
        result {
            let! amplitude = Require.nonNegative "amplitude" amplitude
            let! p = checkVectors "signs" signs
            do! onlySigns signs
            do! Require.length "gradient" p gradient.Length
            do! Require.allFinite "gradient" (ReadOnlySpan gradient)
            let top = signs |> Array.map (plus gradient amplitude) |> spectrum |> Array.max

            return!
                if top > 0.0 then
                    Ok(2.0 / top)
                else
                    Error(
                        HindsightError.Incompatible
                            "Gradient and perturbation are 0: the prediction does not move, and every step is stable."
                    )
        }

    let estimatedStableStep gradientNorm amplitude parameters count =
        result {
            let! g = Require.nonNegative "gradientNorm" gradientNorm
            let! a = Require.nonNegative "amplitude" amplitude
            let! p = Require.atLeast "parameters" 1 parameters
            let! s = Require.atLeast "count" 1 count
            let edge = (1.0 + sqrt (float s / float p)) ** 2.0 * float p / float s
            let top = g * g + a * a * edge

            return!
                if top > 0.0 then
                    Ok(2.0 / top)
                else
                    Error(HindsightError.OutOfRange("gradientNorm", "0", "positive where the amplitude is 0"))
        }
