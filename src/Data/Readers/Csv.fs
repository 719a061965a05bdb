namespace Hindsight.Data.Readers

open System
open System.Globalization
open System.IO
open CsvHelper
open CsvHelper.Configuration
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Csv =
    let private delimiters = [ ','; ';'; '\t' ]

    /// The delimiter that stands most often outside quotes in the first record.
    let private detect (source: ByteSource) =
        let records = Records(source, ValueNone, ValueNone)
        let first = if records.Next() then records.Text else ""
        let outside = first.Split '"' |> Seq.indexed |> Seq.filter (fun (i, _) -> i % 2 = 0)

        let count delimiter =
            outside |> Seq.sumBy (fun (_, text) -> text |> Seq.filter ((=) delimiter) |> Seq.length)

        List.maxBy count delimiters

    let private delimiter (options: ReadOptions) source =
        match options.Delimiter with
        | null -> detect source
        | text when text.Length = 1 && Char.IsAscii text[0] && not ("\"\r\n".Contains text[0]) -> text[0]
        | text ->
            raise (
                HindsightException(
                    HindsightError.OutOfRange("delimiter", $"'{text}'", "one ASCII character, not a quote")
                )
            )

    /// Fields of one record.
    let private splitter (source: string) (delimiter: char) =
        let configuration =
            CsvConfiguration(
                CultureInfo.InvariantCulture,
                Delimiter = string delimiter,
                TrimOptions = TrimOptions.Trim,
                BufferSize = 1024,
                ProcessFieldBufferSize = 256
            )

        fun position (text: string) ->
            try
                use parser = new CsvParser(new StringReader(text), configuration)

                // the record is not blank, and holds line ends only inside quotes
                if not (parser.Read()) then
                    Reading.malformed source position "the record is empty"

                let fields = parser.Record

                if parser.Read() then
                    Reading.malformed source position "the record has a line end outside quotes"

                fields
            with :? CsvHelperException ->
                Reading.malformed source position "a quote stands where none may be"

    let read options (source: ByteSource) =
        Reading.from source source.Name (fun () ->
            let delimiter = delimiter options source
            let split = splitter source.Name delimiter

            let open' () =
                Records(source, ValueSome(byte delimiter), ValueNone)

            let records = open' ()

            if not (records.Next()) then
                Reading.malformed source.Name "line 1" "the file is empty"

            let first = split $"line {records.Line}" records.Text

            let names =
                if options.Header then
                    first
                else
                    Array.init first.Length (fun i -> $"x{i + 1}")

            Columns.table
                source
                options
                (Path.GetFileName source.Name)
                options.Header
                (names |> Array.map (fun name -> struct (name, ColumnKind.Inferred)))
                (if options.Header then records else open' ())
                split)
