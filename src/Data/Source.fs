namespace Hindsight.Data

open System
open System.IO
open System.Threading
open Hindsight
open Hindsight.Data.Readers

[<NoComparison>]
type SourceOptions =
    {
        Data: string
        Label: string
        Header: bool
        Delimiter: string
        LabelsFile: string
        Merge: string
        Missing: string[]
        Ignore: string[]
        Protocol: string
        Rounds: int
    }

    static member For data =
        {
            Data = data
            Label = null
            Header = true
            Delimiter = null
            LabelsFile = null
            Merge = null
            Missing = null
            Ignore = null
            Protocol = null
            Rounds = 0
        }

/// What an option's text leads to.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type private Opened =
    | Table of ITable
    | Simulated of (int -> Result<IEnvironment, HindsightError>)

[<RequireQualifiedAccess>]
module Source =
    [<Literal>]
    let private OpenMlPrefix = "openml:"

    let private reading (options: SourceOptions) =
        Merge.Parse options.Merge
        |> Result.map (fun merge ->
            {
                Label = options.Label
                Header = options.Header
                Delimiter = options.Delimiter
                Merge = merge
                Missing = options.Missing
                Ignore = options.Ignore
            })

    let private openIdx options (path: string) (reading: ReadOptions) =
        let labels =
            match options.LabelsFile with
            | null -> path.Replace("images-idx3", "labels-idx1")
            | file -> file

        if labels = path then
            Error(HindsightError.Missing($"the label file of '{path}'", "give it as the labels file"))
        else
            result {
                let! images = ByteSource.Open path

                match ByteSource.Open labels with
                | Ok labels -> return! Idx.read reading images labels
                | Error error ->
                    (images :> IDisposable).Dispose()
                    return! Error error
            }

    let private openFile options (path: string) =
        result {
            let! reading = reading options

            let name =
                if path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
                    path[.. path.Length - 4]
                else
                    path

            let opened read =
                ByteSource.Open path |> Result.bind read

            match Path.GetExtension(name).ToLowerInvariant() with
            | ".csv"
            | ".txt"
            | ".data" -> return! opened (Csv.read reading)
            | ".tsv" ->
                let delimiter = if isNull reading.Delimiter then "\t" else reading.Delimiter
                return! opened (Csv.read { reading with Delimiter = delimiter })
            | ".arff" -> return! opened (Arff.read reading)
            | ".libsvm"
            | ".svm" -> return! opened (Libsvm.read reading)
            | extension when extension = ".idx" || name.EndsWith("-ubyte", StringComparison.Ordinal) ->
                return! openIdx options path reading
            | extension ->
                return!
                    Error(
                        HindsightError.UnknownName(
                            "file format",
                            extension,
                            "",
                            ".csv, .txt, .data, .tsv, .arff, .libsvm, .svm, .idx, -ubyte, each also with .gz"
                        )
                    )
        }

    let private openDownload (options: SourceOptions) (reference: string) =
        result {
            let! reading = reading options

            let! file =
                (OpenMl.fetch OpenMlOptions.Default reference null CancellationToken.None).GetAwaiter().GetResult()

            let! source = ByteSource.Open file.Path

            return!
                Arff.read
                    { reading with
                        Label = if isNull options.Label then file.Target else options.Label
                        Ignore =
                            if isNull options.Ignore then
                                file.Ignore
                            else
                                options.Ignore
                    }
                    source
        }

    let private openCatalogue (options: SourceOptions) =
        result {
            let! merge = Merge.Parse options.Merge
            let! set = Catalog.openSet options.Data 0UL

            match set with
            | CatalogSet.Simulated make -> return Opened.Simulated make
            | CatalogSet.Table table -> return Opened.Table(Table.merged merge table)
        }

    let private openAny (options: SourceOptions) =
        match options.Data with
        | null
        | "" -> Error(HindsightError.OutOfRange("data", "''", "a name of the catalogue, a file, or openml:ID-or-NAME"))
        | data when data.StartsWith(OpenMlPrefix, StringComparison.OrdinalIgnoreCase) ->
            openDownload options data[OpenMlPrefix.Length ..] |> Result.map Opened.Table
        | data when File.Exists data || Path.HasExtension data || data <> Path.GetFileName data ->
            openFile options data |> Result.map Opened.Table
        | _ -> openCatalogue options

    [<CompiledName("OpenTable")>]
    let openTable options =
        openAny options
        |> Result.bind (function
            | Opened.Table table -> Ok table
            | Opened.Simulated _ ->
                Error(HindsightError.Incompatible $"'{options.Data}' is a simulated environment; it has no table"))

    [<CompiledName("OpenEnvironment")>]
    let openEnvironment options =
        result {
            let! protocol = Protocol.Parse options.Protocol
            let! rounds = Require.atLeast "rounds" 0 options.Rounds
            let! opened = openAny options

            match opened, protocol with
            | Opened.Table table, _ -> return! Classification.environment table protocol rounds
            | Opened.Simulated make, Protocol.Iid -> return! make rounds
            | Opened.Simulated _, Protocol.Rotating _ ->
                return!
                    Error(
                        HindsightError.Incompatible
                            $"'{options.Data}' is a simulated environment; only a classification table has the protocol {options.Protocol}"
                    )
        }
