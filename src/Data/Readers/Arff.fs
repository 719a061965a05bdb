namespace Hindsight.Data.Readers

open System
open System.Collections.Generic
open System.Text
open System.Text.RegularExpressions
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Arff =
    /// Values between commas: trimmed outside quotes (single or double), a backslash escapes inside them.
    let private split (source: string) position (text: string) =
        let fields = List<string>()
        let field = StringBuilder()
        let mutable quote = '\000'
        let mutable closed = false
        let mutable i = 0

        let finish () =
            fields.Add(if closed then field.ToString() else field.ToString().Trim())
            field.Clear() |> ignore<StringBuilder>
            closed <- false

        while i < text.Length do
            let c = text[i]

            if quote <> '\000' then
                if c = '\\' && i + 1 < text.Length then
                    i <- i + 1
                    field.Append text[i] |> ignore<StringBuilder>
                elif c = quote then
                    quote <- '\000'
                    closed <- true
                else
                    field.Append c |> ignore<StringBuilder>
            elif c = ',' then
                finish ()
            elif closed then
                if not (Char.IsWhiteSpace c) then
                    Reading.malformed source position $"'{c}' stands behind a closing quote"
            elif (c = '\'' || c = '"') && String.IsNullOrWhiteSpace(field.ToString()) then
                field.Clear() |> ignore<StringBuilder>
                quote <- c
            else
                field.Append c |> ignore<StringBuilder>

            i <- i + 1

        if quote <> '\000' then
            Reading.malformed source position "a quote is not closed"

        finish ()
        fields.ToArray()

    let private attribute =
        Regex(
            @"^@attribute\s+('(?:[^'\\]|\\.)*'|""(?:[^""\\]|\\.)*""|[^\s'""]\S*)\s+(\S.*)$",
            RegexOptions.IgnoreCase ||| RegexOptions.CultureInvariant
        )

    let private kind source position (text: string) =
        match text.ToLowerInvariant() with
        | "numeric"
        | "real"
        | "integer" -> ColumnKind.Number
        | "string" -> ColumnKind.Inferred
        | lower when lower.StartsWith("date", StringComparison.Ordinal) -> ColumnKind.Inferred
        | _ when text.StartsWith '{' && text.EndsWith '}' ->
            let categories = split source position text[1 .. text.Length - 2] |> Array.distinct

            if categories.Length > Reading.MaxCategories then
                Reading.malformed source position $"there are more than {Reading.MaxCategories} categories"

            ColumnKind.Nominal categories
        | _ -> Reading.malformed source position $"the type '{text}' is not numeric, nominal, string or date"

    /// Reads up to and with @data.
    let private header (source: ByteSource) (records: Records) =
        let columns = List<struct (string * ColumnKind)>()
        let mutable inside = true

        while inside do
            let position = $"line {records.Line}"

            if not (records.Next()) then
                Reading.malformed source.Name position "the file ends before @data"

            let position = $"line {records.Line}"
            let line = records.Text.Trim()
            let word = line.Split([| ' '; '\t' |], 2)[0]

            match word.ToLowerInvariant() with
            | "@relation" -> ()
            | "@data" -> inside <- false
            | "@attribute" ->
                let found = attribute.Match line

                if not found.Success then
                    Reading.malformed source.Name position "an attribute needs a name and a type"

                if columns.Count = Reading.MaxWidth then
                    Reading.malformed source.Name position $"there are more than {Reading.MaxWidth} attributes"

                let name = split source.Name position found.Groups[1].Value |> String.concat ","
                columns.Add(struct (name, kind source.Name position (found.Groups[2].Value.Trim())))
            | _ -> Reading.malformed source.Name position "a line before @data is not @relation or @attribute"

        columns.ToArray()

    /// The fields of a row; `{index value, ...}` leaves the others at 0 or their first category.
    let private row source (columns: struct (string * ColumnKind)[]) =
        let defaults =
            columns
            |> Array.map (fun (struct (_, kind)) ->
                match kind with
                | ColumnKind.Nominal categories -> categories[0]
                | _ -> "0")

        fun position (text: string) ->
            let text = text.Trim()

            if text.StartsWith '{' then
                if not (text.EndsWith '}') then
                    Reading.malformed source position "a sparse row does not end with '}'"

                let fields = Array.copy defaults
                let inside = text[1 .. text.Length - 2]

                if not (String.IsNullOrWhiteSpace inside) then
                    for entry in inside.Split ',' do
                        let parts = entry.Trim().Split([| ' '; '\t' |], 2)

                        match Int32.TryParse parts[0] with
                        | true, index when index >= 0 && index < fields.Length && parts.Length = 2 ->
                            fields[index] <- split source position parts[1] |> Array.head
                        | _ ->
                            Reading.malformed
                                source
                                position
                                $"'{entry.Trim()}' is not an index from 0 to {fields.Length - 1} and a value"

                fields
            else
                split source position text

    let read options (source: ByteSource) =
        Reading.from source source.Name (fun () ->
            let records = Records(source, ValueNone, ValueSome(byte '%'))
            let columns = header source records

            if columns.Length = 0 then
                Reading.malformed source.Name $"line {records.Line}" "there are no attributes"

            Columns.table source options (IO.Path.GetFileName source.Name) true columns records (fun () ->
                row source.Name columns))
