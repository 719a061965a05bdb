namespace Hindsight.Data.Readers

open System
open System.Collections.Generic
open System.Globalization
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Libsvm =
    /// The tokens before a comment.
    let private tokens (text: string) =
        let content = (text.Split '#')[0]
        content.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)

    let private entry source position (token: string) =
        let parts = token.Split(':', 2)

        match Int32.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, index when parts.Length = 2 && index <= Reading.MaxWidth ->
            match Columns.number parts[1] with
            | ValueSome value -> struct (index, value)
            | ValueNone -> Reading.malformed source position $"'{parts[1]}' is not a finite number"
        | _ ->
            Reading.malformed source position $"'{token}' is not index:value with an index from 0 to {Reading.MaxWidth}"

    /// "+1", "1" and "1.0" are one class.
    let private name (options: ReadOptions) (label: string) =
        match Columns.number label with
        | ValueSome value -> value.ToString("R", CultureInfo.InvariantCulture)
        | ValueNone -> label
        |> options.Merge.Apply

    let read options (source: ByteSource) =
        Reading.from source source.Name (fun () ->
            if not (isNull options.Label) && options.Label <> "0" then
                raise (
                    HindsightException(
                        HindsightError.Incompatible
                            $"a LIBSVM file has its label first; the label column '{options.Label}' cannot be chosen"
                    )
                )

            let records = Records(source, ValueNone, ValueSome(byte '#'))
            let index = RowIndex()
            let classes = HashSet<string>()
            let mutable first = Int32.MaxValue
            let mutable last = -1

            while records.Next() do
                let position = $"line {records.Line}"
                let row = tokens records.Text

                if row.Length = 0 || row[0].Contains ':' then
                    Reading.malformed source.Name position "there is no label"

                if classes.Add(name options row[0]) && classes.Count > Reading.MaxClasses then
                    Reading.malformed source.Name position $"there are more than {Reading.MaxClasses} classes"

                index.Add records

                for i in 1 .. row.Length - 1 do
                    let struct (column, _) = entry source.Name position row[i]
                    first <- min first column
                    last <- max last column

            if last < 0 then
                Reading.malformed source.Name $"line {records.Line}" "there are no rows with features"

            if classes.Count < 2 then
                Reading.malformed source.Name "its labels" "there is only one class"
            // indices count from 1 unless a 0 occurs
            let origin = min first 1
            let names = Columns.sorted classes

            let schema =
                {
                    Name = IO.Path.GetFileName source.Name
                    Columns = Array.init (last - origin + 1) (fun i -> Column.Numeric $"x{i + origin}")
                    Classes = names
                }

            let codes = Dictionary<string, int>()
            names |> Array.iteri (fun i name -> codes[name] <- i)

            let parse position text (values: float[]) =
                let row = tokens text
                Array.Clear values

                for i in 1 .. row.Length - 1 do
                    let struct (column, value) = entry source.Name position row[i]

                    if column < origin || column > last then
                        Reading.malformed
                            source.Name
                            position
                            $"column {column} was not there when the file was opened"

                    values[column - origin] <- value

                match codes.TryGetValue(if row.Length = 0 then "" else name options row[0]) with
                | true, code -> code
                | _ -> Reading.malformed source.Name position "the label was not there when the file was opened"

            index.Table(source, schema, (fun () -> parse)))
