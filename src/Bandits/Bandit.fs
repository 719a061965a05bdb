namespace Hindsight

open System
open System.Collections.Generic
open System.IO
open System.Runtime.InteropServices
open Hindsight.FSharp

[<NoComparison>]
type BanditOptions =
    {
        Seed: uint64
        Gamma: GammaOptions
        PendingLimit: int
        AllowAmendments: bool
    }

/// A decision that waits for feedback: the input that the oracle will learn from.
[<NoComparison; NoEquality>]
type private PendingDecision =
    {
        X: float32[]
        Block: int
        Head: int
        mutable Answered: bool
    }

[<Sealed>]
type Bandit private (map: IFeatureMap, rule: IExplorationRule, oracle: IRegressionOracle, options: BanditOptions) =
    // the stream of the draws of arms; the oracle's streams are others
    let draws = 0x44524157_00000000UL
    let inputs = ArmInputs oracle.Shape
    let pending = Dictionary<int64, PendingDecision>()
    let order = Queue<int64>()
    let mutable decisions = 0L
    let mutable observations = 0L
    let mutable total = 0.0
    // the decision that the oracle's latest predictions led to (-1: none), and its candidate: only there can activations be reused
    let mutable latest = -1L
    let mutable candidate = -1
    // scratch: predictions of all candidates, and of those available
    let mutable predicted: float[] = Array.zeroCreate 16
    let mutable widths: float[] = Array.zeroCreate 16
    let mutable offered: float[] = Array.zeroCreate 16
    let mutable offeredWidths: float[] = Array.zeroCreate 16
    let mutable probabilities: float[] = Array.zeroCreate 16

    let reserve n =
        if predicted.Length < n then
            predicted <- Array.zeroCreate (2 * n)
            widths <- Array.zeroCreate (2 * n)
            offered <- Array.zeroCreate (2 * n)
            offeredWidths <- Array.zeroCreate (2 * n)
            probabilities <- Array.zeroCreate (2 * n)

    /// The oldest decisions make room. A decision that was answered and removed is only in the queue, which is cleared of those once they are the most.
    let forget () =
        while pending.Count >= options.PendingLimit do
            pending.Remove(order.Dequeue()) |> ignore<bool>

        if order.Count > 2 * pending.Count + 64 then
            for _ in 1 .. order.Count do
                let id = order.Dequeue()

                if pending.ContainsKey id then
                    order.Enqueue id

    let decide (available: ReadOnlySpan<bool>) =
        let n = inputs.Count
        reserve n
        latest <- -1L
        oracle.Predict(inputs, Span(predicted, 0, n))

        if rule.NeedsWidths then
            oracle.Widths(inputs, Span(widths, 0, n))

        let mutable finite = true
        let mutable k = 0

        for i in 0 .. n - 1 do
            finite <- finite && Double.IsFinite predicted[i]

            if rule.Clips then
                predicted[i] <- Math.Clamp(predicted[i], 0.0, 1.0)

            if available.IsEmpty || available[inputs.Arms[i]] then
                offered[k] <- predicted[i]
                offeredWidths[k] <- widths[i]
                k <- k + 1

        if not finite then
            Error(
                HindsightError.Incompatible
                    "The oracle diverged: a predicted cost is not finite; a smaller rate or normalised contexts help"
            )
        else
            let gamma = Gamma.at options.Gamma (decisions + 1L) k total
            let p = Span(probabilities, 0, k)

            let w =
                if rule.NeedsWidths then
                    ReadOnlySpan(offeredWidths, 0, k)
                else
                    ReadOnlySpan()

            rule.Distribution(ReadOnlySpan(offered, 0, k), w, gamma, p)
            let price = rule.Price(ReadOnlySpan(offered, 0, k), gamma, Span.op_Implicit p)
            let u = Philox.uniform options.Seed draws (uint64 decisions)
            let distribution = Array.zeroCreate n
            let costs = Array.zeroCreate n
            let mutable sum = 0.0
            let mutable chosen = -1
            let mutable last = -1
            let mutable j = 0

            for i in 0 .. n - 1 do
                let arm = inputs.Arms[i]
                costs[arm] <- predicted[i]

                if available.IsEmpty || available[arm] then
                    distribution[arm] <- p[j]
                    sum <- sum + p[j]

                    if p[j] > 0.0 then
                        last <- i

                        if chosen < 0 && u < sum then
                            chosen <- i

                    j <- j + 1

            // the sum may end a rounding below 1
            if chosen < 0 then
                chosen <- last

            let arm = inputs.Arms[chosen]
            let id = decisions
            forget ()

            pending[id] <-
                {
                    X = inputs.Row(chosen).ToArray()
                    Block = inputs.Blocks[chosen]
                    Head = inputs.Heads[chosen]
                    Answered = false
                }

            order.Enqueue id
            latest <- id
            candidate <- chosen
            decisions <- decisions + 1L

            Ok
                {
                    Id = id
                    Arm = arm
                    Propensity = distribution[arm]
                    Distribution = distribution
                    PredictedCosts = costs
                    Gamma = gamma
                    Price = price
                }

    let checkMask (available: ReadOnlySpan<bool>) =
        if available.Length <> map.Arms then
            Error(HindsightError.WrongDimension("available", available.Length, map.Arms))
        elif available.IndexOf true < 0 then
            Error(HindsightError.OutOfRange("available", "all false", "at least one available arm"))
        else
            Ok()

    static member Create(map: IFeatureMap, rule: IExplorationRule, oracle: IRegressionOracle, options: BanditOptions) =
        let fits =
            let a, b = map.Shape, oracle.Shape
            a.Dimension = b.Dimension && a.Blocks = b.Blocks && a.Heads = b.Heads

        result {
            let! _ = Gamma.validate options.Gamma
            let! _ = Require.atLeast "PendingLimit" 1 options.PendingLimit

            let! _ =
                if not fits then
                    Error(
                        HindsightError.Incompatible
                            $"Feature map {map.Name} makes inputs of another form than oracle {oracle.Name} takes"
                    )
                elif rule.NeedsWidths && not oracle.HasWidths then
                    Error(
                        HindsightError.Incompatible
                            $"Rule {rule.Name} needs the widths of predictions and oracle {oracle.Name} gives none"
                    )
                else
                    Ok()

            return Bandit(map, rule, oracle, options)
        }

    member _.Map = map
    member _.Rule = rule
    member _.Oracle = oracle
    member _.Options = options
    member _.Decisions = decisions
    member _.Observations = observations
    member _.CumulativeCost = total

    member _.Pending =
        if options.AllowAmendments then
            pending.Values |> Seq.filter (fun p -> not p.Answered) |> Seq.length
        else
            pending.Count

    member _.Choose(context: ReadOnlySpan<float>) =
        match map.Map(context, ReadOnlySpan(), inputs) with
        | Ok() -> decide (ReadOnlySpan())
        | Error e -> Error e

    member _.Choose(context: ReadOnlySpan<float>, available: ReadOnlySpan<bool>) =
        match checkMask available with
        | Error e -> Error e
        | Ok() ->
            match map.Map(context, ReadOnlySpan(), inputs) with
            | Ok() -> decide available
            | Error e -> Error e

    member _.Choose(actions: ActionSet) =
        match map.MapActions(actions, inputs) with
        | Ok() -> decide (ReadOnlySpan())
        | Error e -> Error e

    member _.Learn(id: int64, cost: float) =
        match Require.inside "cost" Domain.Unit cost with
        | Error e -> Error e
        | Ok _ ->
            match pending.TryGetValue id with
            | false, _ ->
                let reason =
                    if id < 0L || id >= decisions then
                        "it was never made"
                    else
                        $"it was answered before, or dropped as the oldest of more than {options.PendingLimit} pending"

                Error(HindsightError.UnknownDecision(id, reason))
            | true, p ->
                oracle.Learn(ReadOnlySpan p.X, p.Block, p.Head, cost, (if id = latest then candidate else -1))

                if options.AllowAmendments then
                    p.Answered <- true
                else
                    pending.Remove id |> ignore<bool>

                observations <- observations + 1L
                total <- total + cost
                Ok()

    member _.SaveState(writer: BinaryWriter) =
        writer.Write decisions
        writer.Write observations
        writer.Write total
        writer.Write pending.Count

        for id in order do
            match pending.TryGetValue id with
            | true, p ->
                writer.Write id
                writer.Write p.Block
                writer.Write p.Head
                writer.Write p.Answered
                writer.Write(MemoryMarshal.AsBytes(ReadOnlySpan p.X))
            | _ -> ()

        oracle.Save writer

    member _.LoadState(reader: BinaryReader) =
        try
            decisions <- reader.ReadInt64()
            observations <- reader.ReadInt64()
            total <- reader.ReadDouble()
            // the activations of that moment are gone
            latest <- -1L
            pending.Clear()
            order.Clear()

            for _ in 1 .. reader.ReadInt32() do
                let id = reader.ReadInt64()
                let block = reader.ReadInt32()
                let head = reader.ReadInt32()
                let answered = reader.ReadBoolean()
                let x = Array.zeroCreate oracle.Shape.Dimension
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Span<float32> x))

                pending[id] <-
                    {
                        X = x
                        Block = block
                        Head = head
                        Answered = answered
                    }

                order.Enqueue id

            oracle.Load reader
            Ok()
        with
        | :? HindsightException as e -> Error e.Error
        | :? IOException as e -> Error(HindsightError.Malformed("snapshot", "bandit state", e.Message))
