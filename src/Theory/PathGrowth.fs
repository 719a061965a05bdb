namespace Hindsight

open System
open System.Collections.Generic
open System.IO
open Hindsight.FSharp

[<Struct; NoComparison>]
type PathPoint =
    {
        Distance: float
        Excess: float
        Slack: float
    }

    member point.Growth =
        if point.Distance > 0.0 then
            2.0 * point.Excess / (point.Distance * point.Distance)
        else
            infinity

[<NoComparison>]
type PathGrowth =
    {
        Observations: int
        Points: PathPoint[]
        Minimiser: float32[]
        Least: float
        GradientNorm: float
        Steepest: float
    }

    member path.Growth = path.Points |> Array.fold (fun least p -> min least p.Growth) infinity

    member path.Slack = path.Points |> Array.fold (fun most p -> max most p.Slack) 0.0

/// The perturbed averaged loss over observations, of a network of its own.
[<Sealed>]
type private SampledLoss(network: PerturbedNetwork, inputs: float32[][], places: struct (int * int)[], labels: float[])
    =
    let n = float labels.Length

    member _.Value(parameters: float32[]) =
        network.Parameters <- parameters
        let mutable sum = 0.0

        for i in 0 .. labels.Length - 1 do
            let struct (block, head) = places[i]
            sum <- sum + network.AveragedLoss(ReadOnlySpan inputs[i], block, head, labels[i])

        sum / n

    /// The gradient, and the largest norm of one observation's.
    member _.Gradient(parameters: float32[]) : struct (float[] * float) =
        network.Parameters <- parameters
        let mean: float[] = Array.zeroCreate parameters.Length
        let mutable steepest = 0.0

        for i in 0 .. labels.Length - 1 do
            let struct (block, head) = places[i]
            let g = network.Gradient(ReadOnlySpan inputs[i], block, head, labels[i])
            let mutable square = 0.0

            for j in 0 .. g.Length - 1 do
                let x = float g[j]
                square <- square + x * x
                mean[j] <- mean[j] + x / n

            steepest <- Math.Max(steepest, Math.Sqrt square)

        struct (mean, steepest)

[<Sealed; AllowNullLiteral>]
type GrowthMeter(capacity: int, seed: uint64) =
    let capacity = Require.ok (Require.atLeast "capacity" 1 capacity)
    let random = RandomStream(seed, 0x47524F57UL)
    let inputs = List<float32[]>()
    let places = List<struct (int * int)>()
    let labels = List<float>()
    let path = List<float32[]>()
    let mutable seen = 0L
    let mutable next = 1L
    /// Of the network that is observed; 0 before the first observation.
    let mutable parameterCount = 0

    let sameNetwork (network: PerturbedNetwork) =
        if parameterCount = 0 || network.ParameterCount = parameterCount then
            Ok()
        else
            Error(
                HindsightError.Incompatible
                    $"A growth meter is for one network: this one has {network.ParameterCount} parameters, the one before {parameterCount}."
            )

    /// In parameters: 64 MiB.
    let mostKept = 16_777_216L
    let steps = 100

    static let dot (a: float[]) (b: float[]) =
        let mutable sum = 0.0

        for j in 0 .. a.Length - 1 do
            sum <- sum + a[j] * b[j]

        sum

    static let difference (a: float32[]) (b: float32[]) =
        Array.map2 (fun (x: float32) (y: float32) -> float x - float y) a b

    /// A network of the same initialisation, parameters and signs.
    static let copy (network: PerturbedNetwork) =
        PerturbedNetwork.Create(network.Options, network.Loss)
        |> Result.map (fun other ->
            use stream = new MemoryStream()
            use writer = new BinaryWriter(stream)
            network.Save writer
            writer.Flush()
            stream.Position <- 0L
            use reader = new BinaryReader(stream)
            other.Load reader
            other)

    let keep (parameters: float32[]) =
        if path.Count > 1 && int64 (path.Count + 1) * int64 parameters.Length > mostKept then
            let kept = path |> Seq.indexed |> Seq.filter (fun (i, _) -> i % 2 = 0) |> Seq.map snd |> Seq.toArray
            path.Clear()
            path.AddRange kept

        path.Add parameters

    /// Gradient descent with the step of Barzilai and Borwein, halved until the loss falls enough.
    let descend (loss: SampledLoss) start =
        let mutable theta: float32[] = start
        let mutable value = loss.Value theta
        let struct (first, _) = loss.Gradient theta
        let mutable gradient = first
        let mutable step = 1.0 / (1.0 + Math.Sqrt(dot gradient gradient))
        let floor = 1e-6 * Math.Sqrt(dot first first)
        let mutable k = 0
        let mutable stuck = false

        while k < steps && not stuck && Math.Sqrt(dot gradient gradient) > floor do
            let square = dot gradient gradient
            let mutable tries = 0
            let mutable moved = false

            while not moved && tries < 30 do
                let size = step
                let candidate = Array.map2 (fun (t: float32) g -> float32 (float t - size * g)) theta gradient
                let at = loss.Value candidate

                if at <= value - 1e-4 * step * square then
                    let struct (after, _) = loss.Gradient candidate
                    let moves = difference candidate theta
                    let turns = Array.map2 (-) after gradient
                    let curvature = dot moves turns

                    step <-
                        if curvature > 0.0 then
                            dot moves moves / curvature
                        else
                            2.0 * step

                    theta <- candidate
                    value <- at
                    gradient <- after
                    moved <- true
                else
                    step <- 0.5 * step
                    tries <- tries + 1

            // single precision has no lower value in this direction
            stuck <- not moved
            k <- k + 1

        struct (theta, value, Math.Sqrt(dot gradient gradient))

    member _.Seen = seen

    member _.Observe(network: PerturbedNetwork, values: ReadOnlySpan<float32>, block: int, head: int, label: float) =
        ArgumentNullException.ThrowIfNull(network, "network")
        let o = network.Options

        if values.Length <> o.Dimension then
            Require.ok (Require.length "values" o.Dimension values.Length)

        if block < 0 || block >= o.Blocks then
            raise (HindsightException(HindsightError.OutOfRange("block", string block, $"0 to {o.Blocks - 1}")))

        if head < 0 || head >= o.Heads then
            raise (HindsightException(HindsightError.OutOfRange("head", string head, $"0 to {o.Heads - 1}")))

        if not (network.Loss.Metadata.Label.Contains label) then
            Require.ok (Require.inside "label" network.Loss.Metadata.Label label) |> ignore<float>

        Require.ok (sameNetwork network)
        parameterCount <- network.ParameterCount
        seen <- seen + 1L

        if seen = next then
            next <- 2L * next
            keep network.Parameters

        if inputs.Count < capacity then
            inputs.Add(values.ToArray())
            places.Add(struct (block, head))
            labels.Add label
        else
            let r = int64 (random.NextDouble() * float seen)

            if r < int64 capacity then
                let place = int r
                values.CopyTo(Span inputs[place])
                places[place] <- struct (block, head)
                labels[place] <- label

    member _.Measure(network: PerturbedNetwork) =
        result {
            do!
                if seen > 0L then
                    Ok()
                else
                    Error(HindsightError.Incompatible "There is no observation yet to measure growth on.")

            do! sameNetwork network
            let! own = copy network
            let loss = SampledLoss(own, inputs.ToArray(), places.ToArray(), labels.ToArray())
            let visited = Array.append (path.ToArray()) [| network.Parameters |]
            let values = visited |> Array.map loss.Value
            let best = Array.init visited.Length id |> Array.minBy (fun i -> values[i])
            let struct (minimiser, least, gradientNorm) = descend loss visited[best]

            let seenFrom =
                Array.map2
                    (fun theta value ->
                        let struct (gradient, steepest) = loss.Gradient theta
                        let away = difference theta minimiser

                        let point =
                            {
                                Distance = Math.Sqrt(dot away away)
                                Excess = value - least
                                Slack = value - dot gradient away - least
                            }

                        struct (point, steepest))
                    visited
                    values

            let points = seenFrom |> Array.map (fun struct (point, _) -> point)

            do!
                if points |> Array.forall (fun p -> Double.IsFinite(p.Distance + p.Excess + p.Slack)) then
                    Ok()
                else
                    Error(HindsightError.Incompatible "The averaged loss is not finite at every point of the path.")

            return
                {
                    Observations = labels.Count
                    Points = points
                    Minimiser = minimiser
                    Least = least
                    GradientNorm = gradientNorm
                    Steepest = seenFrom |> Array.map (fun struct (_, steepest) -> steepest) |> Array.max
                }
        }
