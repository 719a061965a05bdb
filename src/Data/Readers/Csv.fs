namespace Hindsight.Data.Readers

open System
open System.Globalization
open System.IO
open CsvHelper
open CsvHelper.Configuration
open Hindsight
open Hindsight.Data

/// Hands a parser one record at a time: to make a parser for every record takes three times as long.
[<Sealed>]
type private RecordFeed() =
    inherit TextReader()
    let mutable text = ""
    let mutable position = 0

    /// The next record, without the end of its line.
    member _.Set(record: string) =
        text <- record + "\n"
        position <- 0

    override _.Read(buffer: char[], index, count) =
        let count = min count (text.Length - position)
        text.CopyTo(position, buffer, index, count)
        position <- position + count
        count

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

    /// A function that gives the fields of one record, with a parser of its own.
    let private openSplitter (source: string) (delimiter: char) () =
        let configuration =
            CsvConfiguration(
                CultureInfo.InvariantCulture,
                Delimiter = string delimiter,
                TrimOptions = TrimOptions.Trim,
                BufferSize = 1024,
                ProcessFieldBufferSize = 256
            )

        let feed = new RecordFeed()
        let parser = ref (new CsvParser(feed, configuration))

        // a parser that has met nonsense is in an unknown state
        let refuse position reason =
            parser.Value <- new CsvParser(feed, configuration)
            Reading.malformed source position reason

        fun position (text: string) ->
            feed.Set text
            let before = parser.Value.CharCount

            let fields =
                try
                    if parser.Value.Read() then parser.Value.Record else [||]
                with :? CsvHelperException ->
                    refuse position "a quote stands where none may be"

            if parser.Value.CharCount - before <> int64 text.Length + 1L then
                refuse position "the record has a line end outside quotes"

            fields

    let read options (source: ByteSource) =
        Reading.from source source.Name (fun () ->
            let delimiter = delimiter options source
            let openSplit = openSplitter source.Name delimiter

            let open' () =
                Records(source, ValueSome(byte delimiter), ValueNone)

            let records = open' ()

            if not (records.Next()) then
                Reading.malformed source.Name "line 1" "the file is empty"

            let first = openSplit () $"line {records.Line}" records.Text

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
                openSplit)
