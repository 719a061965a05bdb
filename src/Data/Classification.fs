namespace Hindsight.Data

open System
open Hindsight

[<RequireQualifiedAccess>]
type Protocol =
    | Iid
    | Rotating of Block: int

    static member Parse(text: string) =
        let wrong () =
            Error(HindsightError.OutOfRange("protocol", $"'{text}'", "iid, or rotating:N with an integer N >= 1"))

        match
            (if isNull text then
                 "iid"
             else
                 text.Trim().ToLowerInvariant())
                .Split
                ':'
        with
        | [| "iid" |] -> Ok Protocol.Iid
        | [| "rotating"; block |] ->
            match Int32.TryParse block with
            | true, block when block >= 1 -> Ok(Protocol.Rotating block)
            | _ -> wrong ()
        | _ -> wrong ()

/// Turns rows into contexts: numeric columns standardised, categories one-hot.
[<Sealed>]
type internal Encoder(schema: Schema) =
    let offsets = schema.Columns |> Array.scan (fun offset column -> offset + column.Width) 0

    let numeric =
        [|
            for i in 0 .. schema.Columns.Length - 1 do
                if schema.Columns[i].IsNumeric then
                    i
        |]

    let standardizer = Standardizer numeric.Length
    let numbers = Array.zeroCreate<float> numeric.Length

    member _.Encode(values: ReadOnlySpan<float>, context: Span<float>) =
        context.Clear()

        for i in 0 .. numeric.Length - 1 do
            numbers[i] <- values[numeric[i]]

        standardizer.Apply(numbers.AsSpan())

        for i in 0 .. numeric.Length - 1 do
            context[offsets[numeric[i]]] <- numbers[i]

        for i in 0 .. schema.Columns.Length - 1 do
            if not schema.Columns[i].IsNumeric then
                context[offsets[i] + int values[i]] <- 1.0

[<Sealed>]
type internal ClassificationRounds(table: ITable, protocol: Protocol, rounds: int, seed: uint64) =
    let reader = table.OpenReader()
    let encoder = Encoder table.Schema
    let values = Array.zeroCreate<float> table.Schema.Columns.Length
    let arms = table.Schema.Classes.Length
    let order = Array.init table.Rows id
    let mutable round = 0

    interface IRounds with
        member _.Next(context, costs, means) =
            if round = rounds then
                false
            else
                let place = round % order.Length

                if place = 0 then
                    (Draws.order seed (round / order.Length)).Shuffle(order.AsSpan())

                let label = reader.Read(order[place], values.AsSpan())
                encoder.Encode(ReadOnlySpan values, context)

                let arm =
                    match protocol with
                    | Protocol.Rotating block when round / block % 2 = 1 -> arms - 1 - label
                    | _ -> label

                costs.Slice(0, arms).Fill 1.0
                costs[arm] <- 0.0
                means.Slice(0, arms).Fill nan
                round <- round + 1
                true

        member _.Dispose() = reader.Dispose()

[<RequireQualifiedAccess>]
module Classification =
    [<CompiledName("Environment")>]
    let environment (table: ITable) protocol rounds =
        result {
            let! rounds = Require.atLeast "rounds" 0 rounds

            let! protocol =
                match protocol with
                | Protocol.Iid -> Ok protocol
                | Protocol.Rotating block -> Require.atLeast "block" 1 block |> Result.map (fun _ -> protocol)

            let rounds = if rounds = 0 then table.Rows else rounds

            return
                { new IEnvironment with
                    member _.Name = table.Schema.Name
                    member _.Arms = table.Schema.Classes.Length
                    member _.ContextSize = table.Schema.Width
                    member _.Rounds = rounds
                    member _.MeansKnown = false

                    member _.Open seed =
                        new ClassificationRounds(table, protocol, rounds, seed)
                  interface IDisposable with
                      member _.Dispose() = table.Dispose()
                }
        }
