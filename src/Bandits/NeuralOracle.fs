namespace Hindsight

open System
open System.IO
open System.Runtime.InteropServices
open Hindsight.FSharp

type RateSchedule =
    | Constant = 0
    | InverseSquareRoot = 1
    | InverseTime = 2

type ReplayMemory =
    | Off = 0
    | Reservoir = 1
    | Window = 2
    | Restart = 3

[<NoComparison>]
type NeuralOracleOptions =
    {
        Network: NetworkOptions
        Loss: ILoss
        Rate: float
        Schedule: RateSchedule
        LabelClip: float
        LogitClip: float
        Memory: ReplayMemory
        Capacity: int
        ReplaySteps: int
    }

/// Compares the errors of the latest predictions with those before: the older ones in a mean that forgets slowly.
[<Sealed>]
type private ChangeDetector() =
    /// Errors in the window, and how many must lie before it.
    let size = 40
    /// Hoeffding: the mean of 40 errors in [0,1] exceeds its expectation by more than this with probability at most 1e-4.
    let threshold = Math.Sqrt(Math.Log 1e4 / float (2 * size))
    let window: float[] = Array.zeroCreate size
    let mutable count = 0L
    let mutable sum = 0.0
    let mutable reference = 0.0

    /// Takes an error; true if a change is detected, and then starts over.
    member _.Add(error: float) =
        let place = int (count % int64 size)

        if count >= int64 size then
            let before = float (count - int64 size + 1L)
            // a plain mean at first, then one with a memory of 100
            reference <- reference + (window[place] - reference) / Math.Min(before, 100.0)
            sum <- sum - window[place]

        window[place] <- error
        sum <- sum + error
        count <- count + 1L
        let detected = count >= int64 (2 * size) && sum / float size - reference > threshold

        if detected then
            count <- 0L
            sum <- 0.0
            reference <- 0.0

        detected

    member _.Save(writer: BinaryWriter) =
        writer.Write count
        writer.Write sum
        writer.Write reference

        for e in window do
            writer.Write e

    member _.Load(reader: BinaryReader) =
        count <- reader.ReadInt64()
        sum <- reader.ReadDouble()
        reference <- reader.ReadDouble()

        for i in 0 .. size - 1 do
            window[i] <- reader.ReadDouble()

/// Stream numbers of the generator; the network's own are below 2^40.
module private Streams =
    [<Literal>]
    let Replay = 0x52504C59_00000000UL

[<Sealed>]
type NeuralOracle private (options: NeuralOracleOptions, network: PerturbedNetwork) =
    let o = options.Network

    let shape =
        {
            Dimension = o.Dimension
            Blocks = o.Blocks
            Heads = o.Heads
        }

    let mutable scores: float32[] = Array.zeroCreate 16
    let mutable forwardAt = -1L
    let mutable seen = 0L
    let mutable restarts = 0L
    let mutable latest = 0.0
    let detector = ChangeDetector()
    let mutable meter: GrowthMeter = null

    // the memory: grows up to its capacity
    let mutable kept = 0
    let mutable rows: float32[] = [||]
    let mutable places: struct (int * int)[] = [||]
    let mutable costs: float[] = [||]
    let random = RandomStream(o.Seed, Streams.Replay)

    let rate () =
        let t = float (network.Steps + 1L)

        match options.Schedule with
        | RateSchedule.InverseSquareRoot -> options.Rate / Math.Sqrt t
        | RateSchedule.InverseTime -> options.Rate / t
        | _ -> options.Rate

    let grow () =
        let size = Math.Min(options.Capacity, Math.Max(64, 2 * kept))
        Array.Resize(&rows, size * o.Dimension)
        Array.Resize(&places, size)
        Array.Resize(&costs, size)

    let remember (x: ReadOnlySpan<float32>) block head cost =
        let place =
            if kept < options.Capacity then
                if kept = costs.Length then
                    grow ()

                kept <- kept + 1
                kept - 1
            elif options.Memory = ReplayMemory.Window then
                int (seen % int64 options.Capacity)
            else
                let r = int64 (random.NextDouble() * float (seen + 1L))
                if r < int64 options.Capacity then int r else -1

        if place >= 0 then
            x.CopyTo(Span(rows, place * o.Dimension, o.Dimension))
            places[place] <- struct (block, head)
            costs[place] <- cost

    static member Create(options: NeuralOracleOptions) =
        result {
            let! _ = Require.positive "Rate" options.Rate

            let! _ =
                Require.inside
                    "LabelClip"
                    { Domain.Unit with
                        High = 0.5
                        HighClosed = false
                    }
                    options.LabelClip

            let! _ =
                if Double.IsPositiveInfinity options.LogitClip then
                    Ok 0.0
                else
                    Require.positive "LogitClip" options.LogitClip

            let! _ = Require.atLeast "ReplaySteps" 0 options.ReplaySteps
            let! _ = Require.atLeast "Capacity" 1 options.Capacity

            let! _ =
                if int64 options.Capacity * int64 options.Network.Dimension < int64 Array.MaxLength then
                    Ok()
                else
                    let product = $"{options.Capacity} * {options.Network.Dimension}"
                    Error(HindsightError.OutOfRange("Capacity * Dimension", product, $"less than {Array.MaxLength}"))

            let! network = PerturbedNetwork.Create(options.Network, options.Loss)
            return NeuralOracle(options, network)
        }

    member _.Network = network
    member _.Options = options
    member _.LatestPrediction = latest
    member _.Restarts = restarts

    member _.Meter
        with get () = meter
        and set (value: GrowthMeter) = meter <- value

    interface IRegressionOracle with
        member _.Name = "network"
        member _.Shape = shape
        member _.HasWidths = false

        member _.Predict(inputs, predictions) =
            let n = inputs.Count

            if scores.Length < n then
                scores <- Array.zeroCreate (2 * n)

            let target = Span(scores, 0, n)

            network.Forward(
                ReadOnlySpan inputs.Values,
                n,
                inputs.SharedRow,
                ReadOnlySpan(inputs.Blocks, 0, n),
                ReadOnlySpan(inputs.Heads, 0, n),
                target
            )

            forwardAt <- network.Steps

            if Double.IsFinite options.LogitClip then
                let clip = float32 options.LogitClip

                for i in 0 .. n - 1 do
                    target[i] <- Math.Clamp(target[i], -clip, clip)

            network.MeanPredictions(Span.op_Implicit target, predictions)

        member _.Widths(_, _) =
            raise (HindsightException(HindsightError.Incompatible "A network gives no widths"))

        member _.Learn(x, block, head, cost, candidate) =
            let label = Math.Clamp(cost, options.LabelClip, 1.0 - options.LabelClip)

            if not (isNull meter) then
                meter.Observe(network, x, block, head, label)

            let reusable = if forwardAt = network.Steps then candidate else -1
            network.Step(x, block, head, reusable, label, rate ())
            latest <- network.LatestPrediction

            if options.Memory = ReplayMemory.Restart then
                // a square-loss prediction may leave [0,1]
                let error = Math.Min(1.0, Math.Abs(label - latest))

                if detector.Add error then
                    restarts <- restarts + 1L
                    seen <- 0L
                    kept <- 0
                    network.Reset()

            if options.Memory <> ReplayMemory.Off then
                for _ in 1 .. Math.Min(options.ReplaySteps, kept) do
                    let i = random.NextInt kept
                    let struct (b, h) = places[i]
                    network.Step(ReadOnlySpan(rows, i * o.Dimension, o.Dimension), b, h, -1, costs[i], rate ())

                remember x block head label

            seen <- seen + 1L

        member _.Save(writer) =
            writer.Write seen
            writer.Write restarts
            detector.Save writer
            writer.Write random.Position
            writer.Write kept
            writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan(rows, 0, kept * o.Dimension)))

            for i in 0 .. kept - 1 do
                let struct (block, head) = places[i]
                writer.Write block
                writer.Write head
                writer.Write costs[i]

            network.Save writer

        member _.Load(reader) =
            seen <- reader.ReadInt64()
            restarts <- reader.ReadInt64()
            detector.Load reader
            random.Position <- reader.ReadUInt64()
            kept <- 0
            let count = reader.ReadInt32()

            if count < 0 || count > options.Capacity then
                raise (
                    HindsightException(
                        HindsightError.Malformed(
                            "snapshot",
                            "replay memory",
                            $"{count} observations, capacity {options.Capacity}"
                        )
                    )
                )

            rows <- Array.zeroCreate (count * o.Dimension)
            places <- Array.zeroCreate count
            costs <- Array.zeroCreate count
            kept <- count
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span rows))

            for i in 0 .. count - 1 do
                let block = reader.ReadInt32()
                let head = reader.ReadInt32()
                places[i] <- struct (block, head)
                costs[i] <- reader.ReadDouble()

            forwardAt <- -1L
            network.Load reader
