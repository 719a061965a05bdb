namespace Hindsight.Data

open System
open System.Collections.Generic
open System.Text
open Hindsight

/// The records of a text file, one after the other: lines, or, where quotes count, lines that a quoted field may continue. Empty ones are skipped, and those that start with the comment character.
/// A quote counts at the start of a field only (RFC 4180); LF, CR and CRLF end a line.
[<Sealed>]
type internal Records(source: ByteSource, delimiter: byte voption, comment: byte voption) =
    let chunk = Array.zeroCreate<byte> 65536
    // a line of tabs is not blank where they delimit fields
    let blank = if delimiter = ValueSome 9uy then 32uy else 9uy
    let mutable chunkStart = 0L
    let mutable chunkLength = 0
    let mutable next = 0
    let mutable bytes = Array.zeroCreate<byte> 1024
    let mutable length = 0
    let mutable lines = 1
    let mutable line = 1
    let mutable start = 0L

    /// The byte at the position, or -1 at the end.
    let peek () =
        if next = chunkLength then
            chunkStart <- chunkStart + int64 chunkLength
            chunkLength <- source.Read(chunkStart, chunk.AsSpan())
            next <- 0

        if chunkLength = 0 then -1 else int chunk[next]

    let append value =
        if length = Reading.MaxRecord then
            Reading.malformed source.Name $"line {line}" $"a record is longer than {Reading.MaxRecord} bytes"

        if length = bytes.Length then
            Array.Resize(&bytes, 2 * length)

        bytes[length] <- value
        length <- length + 1

    let skipMark () =
        let mark = Array.zeroCreate 3
        let count = source.Read(0L, mark.AsSpan())

        if count >= 2 && (mark[0] = 0xFEuy && mark[1] = 0xFFuy || mark[0] = 0xFFuy && mark[1] = 0xFEuy) then
            Reading.malformed source.Name "byte 0" "the text is in UTF-16; save it as UTF-8"

        if count = 3 && mark[0] = 0xEFuy && mark[1] = 0xBBuy && mark[2] = 0xBFuy then
            chunkStart <- 3L

    do skipMark ()

    /// Reads a line into the buffer; false at the end of the file.
    let readRecord () =
        length <- 0
        line <- lines
        let mutable fieldStart = true
        let mutable quoted = false
        let mutable current = peek ()
        start <- chunkStart + int64 next
        let some = current >= 0
        let mutable ended = false

        while not ended do
            if current < 0 then
                ended <- true
            else
                let value = byte current
                next <- next + 1
                let newline = value = 10uy || value = 13uy

                if newline && not (value = 13uy && peek () = 10) then
                    lines <- lines + 1

                if newline && not quoted then
                    if value = 13uy && peek () = 10 then
                        next <- next + 1
                        lines <- lines + 1

                    ended <- true
                else
                    append value

                    match delimiter with
                    | ValueNone -> ()
                    | ValueSome delimiter ->
                        if value = 34uy && quoted then
                            // a doubled quote is one quote; a single one closes
                            if peek () = 34 then
                                append 34uy
                                next <- next + 1
                            else
                                quoted <- false
                        elif value = 34uy && fieldStart then
                            quoted <- true

                        fieldStart <- value = delimiter && not quoted

                    current <- peek ()

        if quoted then
            Reading.malformed source.Name $"line {line}" "a quoted field is not closed"

        some

    /// Position of the record, in bytes.
    member _.Start = start
    /// Length of the record in bytes, without the end of its line.
    member _.Length = length
    /// Line on which the record starts.
    member _.Line = line
    /// The record.
    member _.Text = Encoding.UTF8.GetString(bytes, 0, length)

    /// Moves to the next record that is not blank; false at the end.
    member _.Next() =
        let idle () =
            bytes.AsSpan(0, length).IndexOfAnyExcept(32uy, blank) < 0 || comment = ValueSome bytes[0]

        let mutable more = readRecord ()

        while more && idle () do
            more <- readRecord ()

        more

/// Where the rows of a text file lie: the first pass fills it, the readers use it.
[<Sealed>]
type internal RowIndex() =
    let starts = List<int64>()
    let lengths = List<int>()
    member _.Count = starts.Count

    member _.Add(records: Records) =
        starts.Add records.Start
        lengths.Add records.Length

    /// A function that reads a row's text, with a buffer of its own.
    member _.OpenText(source: ByteSource) =
        let mutable buffer = Array.zeroCreate<byte> 1024

        fun row ->
            let length = lengths[row]

            if buffer.Length < length then
                buffer <- Array.zeroCreate length

            let mutable filled = 0
            let mutable count = -1

            while filled < length && count <> 0 do
                count <- source.Read(starts[row] + int64 filled, buffer.AsSpan(filled, length - filled))
                filled <- filled + count

            if filled < length then
                Reading.malformed source.Name $"byte {starts[row]}" "the file has become shorter since it was opened"

            Encoding.UTF8.GetString(buffer, 0, length)

    /// The position of a row, for error messages.
    member _.Position row = $"byte {starts[row]}"

    /// The table whose row is parsed from its position and text into an array of values; a parser returns the class, and each reader opens its own.
    member index.Table(source: ByteSource, schema: Schema, openParser: unit -> (string -> string -> float[] -> int)) =
        { new ITable with
            member _.Schema = schema
            member _.Rows = index.Count

            member _.OpenReader() =
                let text = index.OpenText source
                let parse = openParser ()
                let buffer = Array.zeroCreate<float> schema.Columns.Length

                { new IRowReader with
                    member _.Read(row, values) =
                        let label = parse (index.Position row) (text row) buffer
                        buffer.AsSpan().CopyTo values
                        label
                  interface IDisposable with
                      member _.Dispose() = ()
                }
          interface IDisposable with
              member _.Dispose() = (source :> IDisposable).Dispose()
        }
