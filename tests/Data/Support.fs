namespace Hindsight.Tests.Data

open System
open System.IO
open NUnit.Framework
open Hindsight
open Hindsight.Data
open Hindsight.Data.Generators

/// What the tests of the data room share.
module Support =
    /// The repository: the folder above the tests that holds the solution.
    let root =
        let rec up (folder: DirectoryInfo) =
            if File.Exists(Path.Combine(folder.FullName, "Solution.sln")) then
                folder.FullName
            else
                up folder.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    let fixture name =
        Path.Combine(root, "tests", "fixtures", name)

    /// A file of the public data sets that are not part of the repository; without them the test is skipped.
    let shared name =
        let folders =
            [
                Environment.GetEnvironmentVariable "HINDSIGHT_DATA"
                Path.Combine(root, "..", "shared", "data")
            ]

        match
            folders
            |> List.tryFind (fun folder -> not (isNull folder) && File.Exists(Path.Combine(folder, name)))
        with
        | Some folder -> Path.Combine(folder, name)
        | None ->
            Assert.Ignore $"{name} is not here: set HINDSIGHT_DATA to a folder that holds it"
            ""

    let ok result = Require.ok result

    let error result =
        match result with
        | Ok _ -> failwith "an error was expected"
        | Error(error: HindsightError) -> error

    /// All rows: values and class.
    let rows (table: ITable) =
        use reader = table.OpenReader()

        Array.init table.Rows (fun row ->
            let values = Array.zeroCreate<float> table.Schema.Columns.Length
            let label = reader.Read(row, values.AsSpan())
            values, label)

    /// All rows as texts, the class last: independent of the order of categories and classes.
    let texts (table: ITable) =
        rows table
        |> Array.map (fun (values, label) ->
            let field (column: Column) (value: float) =
                if column.IsNumeric then
                    string value
                else
                    column.Categories[int value]

            Array.append (Array.map2 field table.Schema.Columns values) [| table.Schema.Classes[label] |])

    [<Struct>]
    type Round =
        {
            Context: float[]
            Costs: float[]
            Means: float[]
        }

    /// The rounds of a run, at most so many.
    let rounds (environment: IEnvironment) (seed: uint64) most =
        use run = environment.Open seed
        let context = Array.zeroCreate<float> environment.ContextSize
        let costs = Array.zeroCreate<float> environment.Arms
        let means = Array.zeroCreate<float> environment.Arms

        [|
            let mutable count = 0

            while count < most && run.Next(context.AsSpan(), costs.AsSpan(), means.AsSpan()) do
                count <- count + 1

                {
                    Context = Array.copy context
                    Costs = Array.copy costs
                    Means = Array.copy means
                }
        |]

    /// The fixtures: a file's name, and the bytes that the exporter writes for it.
    let exports: (string * (unit -> byte[])) list =
        let written (write: ITable -> TextWriter -> unit) (table: ITable) () =
            use writer = new StringWriter()
            write table writer
            Text.Encoding.UTF8.GetBytes(writer.ToString())

        let digits part () =
            use images = new MemoryStream()
            use labels = new MemoryStream()
            let struct (height, width) = Led.imageShape
            Export.idx (Led.images 100 0UL) height width images labels |> ok
            part (images.ToArray(), labels.ToArray())

        [
            "tic-tac-toe.csv", written Export.csv (TicTacToe.table ())
            "balance-scale.arff", written Export.arff (BalanceScale.table ())
            "monks-1.libsvm", written Export.libsvm (ok (Monks.table 1))
            "led-images-idx3-ubyte", digits fst
            "led-labels-idx1-ubyte", digits snd
        ]

    let read reader options name bytes : Result<ITable, HindsightError> =
        ByteSource.OfArray(name, bytes) |> Result.bind (reader options)

    let utf8 (text: string) = Text.Encoding.UTF8.GetBytes text
