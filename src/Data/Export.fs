namespace Hindsight.Data

open System
open System.Buffers.Binary
open System.Globalization
open System.IO
open System.IO.Compression
open CsvHelper
open CsvHelper.Configuration
open Hindsight

[<RequireQualifiedAccess>]
module Export =
    let private text (value: float) =
        value.ToString("R", CultureInfo.InvariantCulture)

    /// Calls with every row's values and class.
    let private iterate (table: ITable) (write: float[] -> int -> unit) =
        use reader = table.OpenReader()
        let values = Array.zeroCreate<float> table.Schema.Columns.Length

        for row in 0 .. table.Rows - 1 do
            let label = reader.Read(row, values.AsSpan())
            write values label

    let private field (column: Column) (value: float) =
        if not column.IsNumeric then column.Categories[int value]
        elif Double.IsNaN value then "?"
        else text value

    [<CompiledName("Csv")>]
    let csv (table: ITable) (writer: TextWriter) =
        // CsvHelper itself would not quote a CR where lines end with LF
        let quote (args: ShouldQuoteArgs) =
            args.Field <> args.Field.Trim() || args.Field.IndexOfAny [| '"'; ','; '\r'; '\n' |] >= 0

        let configuration =
            CsvConfiguration(CultureInfo.InvariantCulture, NewLine = "\n", ShouldQuote = ShouldQuote quote)

        use csv = new CsvWriter(writer, configuration, true)

        let record (fields: string seq) =
            for field in fields do
                csv.WriteField field

            csv.NextRecord()

        record (Seq.append (table.Schema.Columns |> Seq.map _.Name) [ "class" ])

        iterate table (fun values label ->
            record (Seq.append (Seq.map2 field table.Schema.Columns values) [ table.Schema.Classes[label] ]))

    [<CompiledName("Arff")>]
    let arff (table: ITable) (writer: TextWriter) =
        let plain c =
            Char.IsAsciiLetterOrDigit c || "-_.+".Contains c

        let quoted (name: string) =
            if name = "?" || (name <> "" && Seq.forall plain name) then
                name
            else
                let escaped = name.Replace(@"\", @"\\").Replace("'", @"\'")
                $"'{escaped}'"

        let line (text: string) = writer.Write(text + "\n")

        let list names =
            names |> Seq.map quoted |> String.concat ","

        let nominal names = $"{{{list names}}}"
        line $"@relation {quoted table.Schema.Name}"

        for column in table.Schema.Columns do
            // a missing value is no category there
            let categories = column.Categories |> Array.filter ((<>) "?")
            line $"""@attribute {quoted column.Name} {if column.IsNumeric then "numeric" else nominal categories}"""

        line $"@attribute class {nominal table.Schema.Classes}"
        line "@data"

        iterate table (fun values label ->
            line (list (Seq.append (Seq.map2 field table.Schema.Columns values) [ table.Schema.Classes[label] ])))

    /// The class names if all are integers from 0 to a bound, else the class indices.
    let private codes most (classes: string[]) =
        let numbers =
            classes
            |> Array.map (fun name ->
                match Int32.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture) with
                | true, number when number <= most && string number = name -> number
                | _ -> -1)

        if Array.contains -1 numbers then
            Array.init classes.Length id
        else
            numbers

    [<CompiledName("Libsvm")>]
    let libsvm (table: ITable) (writer: TextWriter) =
        let codes = codes Int32.MaxValue table.Schema.Classes
        let columns = table.Schema.Columns
        let first = columns |> Array.scan (fun index column -> index + column.Width) 1

        iterate table (fun values label ->
            writer.Write codes[label]

            for i in 0 .. columns.Length - 1 do
                if not columns[i].IsNumeric then
                    writer.Write $" {first[i] + int values[i]}:1"
                elif values[i] <> 0.0 && not (Double.IsNaN values[i]) then
                    writer.Write $" {first[i]}:{text values[i]}"

            writer.Write '\n')

    let private idxHeader (stream: Stream) (dimensions: int[]) =
        stream.Write(ReadOnlySpan [| 0uy; 0uy; 8uy; byte dimensions.Length |])

        for dimension in dimensions do
            let bytes = Array.zeroCreate<byte> 4
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(), dimension)
            stream.Write(ReadOnlySpan bytes)

    [<CompiledName("Idx")>]
    let idx (table: ITable) height width (images: Stream) (labels: Stream) =
        result {
            let! _ = Require.length "height * width" table.Schema.Columns.Length (height * width)

            if table.Schema.Classes.Length > 256 then
                return! Error(HindsightError.Incompatible $"{table.Schema.Classes.Length} classes do not fit a byte")
            else
                let codes = codes 255 table.Schema.Classes
                idxHeader images [| table.Rows; height; width |]
                idxHeader labels [| table.Rows |]
                let bytes = Array.zeroCreate<byte>(height * width)
                let fits = ref (table.Schema.Columns |> Array.forall _.IsNumeric)

                iterate table (fun values label ->
                    for i in 0 .. values.Length - 1 do
                        fits.Value <-
                            fits.Value && values[i] >= 0.0 && values[i] <= 255.0 && Math.Floor values[i] = values[i]

                        bytes[i] <- if fits.Value then byte values[i] else 0uy

                    images.Write(ReadOnlySpan bytes)
                    labels.WriteByte(byte codes[label]))

                if not fits.Value then
                    return!
                        Error(
                            HindsightError.Incompatible
                                $"the table '{table.Schema.Name}' has other values than the numbers 0 to 255, which is all that IDX images hold"
                        )
        }

    [<CompiledName("ToFile")>]
    let toFile table (path: string) =
        let packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)

        let extension = Path.GetExtension(if packed then path[.. path.Length - 4] else path)

        result {
            let! format = Require.oneOf "file format" [ ".csv"; ".arff"; ".libsvm" ] extension

            return!
                Reading.attempt path (fun () ->
                    use file = File.Create path

                    use stream: Stream =
                        if packed then
                            new GZipStream(file, CompressionLevel.Optimal)
                        else
                            file

                    use writer = new StreamWriter(stream)

                    match format with
                    | ".csv" -> csv table writer
                    | ".arff" -> arff table writer
                    | _ -> libsvm table writer)
        }
