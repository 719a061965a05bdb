namespace Hindsight.Data.Readers

open System
open System.Buffers.Binary
open System.Collections.Generic
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Idx =
    /// An array in a file: what its header says, checked against the file's length before anything is allocated.
    [<NoComparison; NoEquality>]
    type private Header =
        {
            Kind: byte
            Size: int
            Rows: int
            /// Elements a row.
            Width: int
            /// Where the elements start.
            Start: int64
        }

    let private fill (source: ByteSource) position (buffer: Span<byte>) =
        let mutable filled = 0
        let mutable count = -1

        while filled < buffer.Length && count <> 0 do
            count <- source.Read(position + int64 filled, buffer.Slice filled)
            filled <- filled + count

        if filled < buffer.Length then
            Reading.malformed source.Name $"byte {position + int64 filled}" "the file ends too early"

    let private header (source: ByteSource) =
        let magic = Array.zeroCreate<byte> 4
        fill source 0L (magic.AsSpan())

        let size =
            match magic[2] with
            | 0x08uy
            | 0x09uy -> 1
            | 0x0Buy -> 2
            | 0x0Cuy
            | 0x0Duy -> 4
            | 0x0Euy -> 8
            | _ -> 0

        if magic[0] <> 0uy || magic[1] <> 0uy || size = 0 then
            Reading.malformed
                source.Name
                "byte 0"
                "this is no IDX file: it starts with 0, 0, a type and the number of dimensions"

        if magic[3] = 0uy then
            Reading.malformed source.Name "byte 3" "the array has no dimension"

        let dimensions = Array.zeroCreate<byte>(4 * int magic[3])
        fill source 4L (dimensions.AsSpan())

        let dimension i =
            int64 (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(dimensions, 4 * i, 4)))

        let rows = dimension 0
        let mutable width = 1L

        for i in 1 .. int magic[3] - 1 do
            width <- width * dimension i

            if width = 0L || width > int64 Reading.MaxWidth then
                Reading.malformed
                    source.Name
                    $"byte {4 + 4 * i}"
                    $"a row has no element, or more than {Reading.MaxWidth}"

        let start = 4L + int64 dimensions.Length

        if rows = 0L || rows > int64 Int32.MaxValue || source.Length <> start + rows * width * int64 size then
            Reading.malformed
                source.Name
                "byte 4"
                $"{rows} rows of {width} elements of {size} bytes do not fit the file's {source.Length} bytes"

        {
            Kind = magic[2]
            Size = size
            Rows = int rows
            Width = int width
            Start = start
        }

    let private element kind (bytes: ReadOnlySpan<byte>) =
        match kind with
        | 0x08uy -> float bytes[0]
        | 0x09uy -> float (sbyte bytes[0])
        | 0x0Buy -> float (BinaryPrimitives.ReadInt16BigEndian bytes)
        | 0x0Cuy -> float (BinaryPrimitives.ReadInt32BigEndian bytes)
        | 0x0Duy -> float (BinaryPrimitives.ReadSingleBigEndian bytes)
        | _ -> BinaryPrimitives.ReadDoubleBigEndian bytes

    /// A function that reads a row's elements, with a buffer of its own.
    let private opened (source: ByteSource) header =
        let bytes = Array.zeroCreate<byte>(header.Width * header.Size)

        fun row (values: float[]) ->
            let position = header.Start + int64 row * int64 bytes.Length
            fill source position (bytes.AsSpan())

            for i in 0 .. header.Width - 1 do
                let value = element header.Kind (ReadOnlySpan(bytes, i * header.Size, header.Size))

                if not (Double.IsFinite value) then
                    Reading.malformed source.Name $"byte {position + int64 (i * header.Size)}" "a number is not finite"

                values[i] <- value

    let read (options: ReadOptions) (images: ByteSource) (labels: ByteSource) =
        let both =
            { new IDisposable with
                member _.Dispose() =
                    (images :> IDisposable).Dispose()
                    (labels :> IDisposable).Dispose()
            }

        Reading.from both images.Name (fun () ->
            let imageHeader = header images
            let labelHeader = header labels

            if labelHeader.Width <> 1 || labelHeader.Kind > 0x0Cuy then
                Reading.malformed labels.Name "byte 2" "labels are one integer a row"

            if labelHeader.Rows <> imageHeader.Rows then
                Reading.malformed
                    labels.Name
                    "byte 4"
                    $"there are {labelHeader.Rows} labels for {imageHeader.Rows} rows"

            let named (label: float) = options.Merge.Apply(string (int label))
            let label = Array.zeroCreate<float> 1
            let readLabel = opened labels labelHeader
            let classes = HashSet<string>()

            for row in 0 .. labelHeader.Rows - 1 do
                readLabel row label

                if classes.Add(named label[0]) && classes.Count > Reading.MaxClasses then
                    Reading.malformed labels.Name $"row {row}" $"there are more than {Reading.MaxClasses} classes"

            // bytes and integers are always numbers; floats are checked here, not in the middle of a run
            if imageHeader.Kind > 0x0Cuy then
                let values = Array.zeroCreate<float> imageHeader.Width
                let readImage = opened images imageHeader

                for row in 0 .. imageHeader.Rows - 1 do
                    readImage row values

            if classes.Count < 2 then
                Reading.malformed labels.Name "its labels" "there is only one class"

            let names = Columns.sorted classes

            let schema =
                {
                    Name = IO.Path.GetFileName images.Name
                    Columns = Array.init imageHeader.Width (fun i -> Column.Numeric $"x{i + 1}")
                    Classes = names
                }

            { new ITable with
                member _.Schema = schema
                member _.Rows = imageHeader.Rows

                member _.OpenReader() =
                    let readImage = opened images imageHeader
                    let readLabel = opened labels labelHeader
                    let buffer = Array.zeroCreate<float> imageHeader.Width
                    let label = Array.zeroCreate<float> 1

                    { new IRowReader with
                        member _.Read(row, values) =
                            readImage row buffer
                            readLabel row label
                            buffer.AsSpan().CopyTo values

                            match Array.IndexOf(names, named label[0]) with
                            | -1 ->
                                Reading.malformed
                                    labels.Name
                                    $"row {row}"
                                    "the label was not there when the file was opened"
                            | index -> index
                      interface IDisposable with
                          member _.Dispose() = ()
                    }
              interface IDisposable with
                  member _.Dispose() = both.Dispose()
            })
