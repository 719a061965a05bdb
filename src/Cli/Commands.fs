namespace Hindsight.Tool

open System
open System.CommandLine
open System.CommandLine.Help
open System.CommandLine.Invocation
open System.IO
open System.IO.Compression
open System.Threading
open Hindsight
open Hindsight.Data

/// The commands: what they take, what they do.
[<RequireQualifiedAccess>]
module Commands =
    let private algorithmNames () =
        [ for struct (name, _) in BanditSettings.Algorithms -> name ]

    /// How data are read: the same options for every command that reads some.
    type private SourceFlags() =
        let label =
            option<string> "--label" "COLUMN" "Label column, by name or index (0 is the first, -1 the last)"

        let noHeader = flag "--no-header" "The first record of a CSV file is data"
        let delimiter = option<string> "--delimiter" "CHAR" "Delimiter of a CSV file; otherwise it is detected"
        let labels = option<string> "--labels" "FILE" "Label file of an IDX image file"
        let merge = option<string> "--merge" "RULES" "Merge classes: \"A, B=C; Valve *=Valves\""

        let missing =
            many "--missing" "TEXT" "Texts that stand for a missing value (default: ?, NA and nothing)"

        let ignored = many "--ignore" "COLUMN" "Columns to leave out"

        member _.AddTo(command: Command) =
            addAll command [ label; noHeader; delimiter; labels; merge; missing; ignored ]

        member _.Read(parse: ParseResult, data) =
            let several (o: Option<string[]>) =
                match parse.GetValue o with
                | [||] -> null
                | values -> values

            { SourceOptions.For data with
                Label = parse.GetValue label
                Header = not (parse.GetValue noHeader)
                Delimiter = parse.GetValue delimiter
                LabelsFile = parse.GetValue labels
                Merge = parse.GetValue merge
                Missing = several missing
                Ignore = several ignored
            }

    /// The exit code of a command's result; an error is a sentence on the error stream.
    let private finish (streams: Streams) result =
        match result with
        | Ok code -> code
        | Error(error: HindsightError) ->
            streams.Error.WriteLine error.Message
            ExitCode.ofError error

    /// Uses something that may hold a file.
    let private using (resource: Result<'R, HindsightError>) (work: 'R -> Result<'T, HindsightError>) =
        match resource with
        | Error error -> Error error
        | Ok resource ->
            try
                work resource
            finally
                match box resource with
                | :? IDisposable as disposable -> disposable.Dispose()
                | _ -> ()

    // ---- hindsight run ----

    [<NoComparison; NoEquality>]
    type private RunArguments =
        {
            Source: SourceOptions
            Algorithms: string[]
            Overrides: struct (string * string)[]
            Seeds: int[]
            Out: string
            Json: bool
            Ledger: bool
        }

    let private print (streams: Streams) (s: Summary) =
        let p = s.Parameters
        let write (line: string) = streams.Out.WriteLine line

        write
            $"{p.Data}: {p.Rounds} rounds, {p.Arms} arms, {p.ContextSize} features, protocol {p.Protocol}, seeds {Arguments.seedsText p.Seeds}"

        Report.table s ||> Terminal.printTable streams.Out
        Report.remarks s |> List.iter write

        if p.Ledger then
            LedgerViews.table s.Results ||> Terminal.printTable streams.Out
            LedgerViews.sentences s.Results |> List.iter write

        Report.bounds s |> List.iter write

    /// Files, output, exit code.
    let private report (streams: Streams) (a: RunArguments) (s: Summary) =
        if not (isNull a.Out) then
            Report.write a.Out s

        if a.Json then
            streams.Out.WriteLine(Summary.json s)
        else
            print streams s

            if not (isNull a.Out) then
                streams.Out.WriteLine $"written to {a.Out}: {Report.files}"

        if s.Interrupted then
            streams.Error.WriteLine "Interrupted: what was done until then is kept."
            ExitCode.failed
        else
            ExitCode.done'

    let private runIn (environment: IEnvironment) (streams: Streams) (a: RunArguments) =
        let rounds = Arguments.rounds a.Source.Rounds environment.Rounds

        let parameters =
            {
                Data = environment.Name
                Source = a.Source
                Arms = environment.Arms
                ContextSize = environment.ContextSize
                MeansKnown = environment.MeansKnown
                Protocol =
                    (if isNull a.Source.Protocol then
                         "iid"
                     else
                         a.Source.Protocol)
                Rounds = rounds
                Seeds = a.Seeds
                Algorithms = a.Algorithms
                Overrides = a.Overrides
                Ledger = a.Ledger
            }

        let options =
            { ExperimentOptions.For(environment, a.Algorithms) with
                Overrides = a.Overrides
                Seeds = a.Seeds
                Rounds = rounds
                Ledger = a.Ledger
            }

        result {
            let! results =
                Terminal.withProgress streams.Error a.Algorithms a.Seeds.Length (fun progress ->
                    Experiment.run options progress streams.Cancel)

            match results |> Array.filter (fun r -> r.Rounds > 0) with
            | [||] ->
                return! Error(HindsightError.Missing("A result", "the run was interrupted before its first round"))
            | results ->
                let bound = Guarantee.ofRuns environment.MeansKnown environment.Arms
                let summary = Summary.create parameters bound results
                return report streams a summary
        }

    let private run (streams: Streams) (a: RunArguments) =
        // a folder that cannot be made should not cost a run
        if not (isNull a.Out) then
            Directory.CreateDirectory a.Out |> ignore<DirectoryInfo>

        using (Source.openEnvironment a.Source) (fun environment -> runIn environment streams a)

    let private runCommand (streams: Streams) =
        let command =
            Command("run", "Run contextual bandits on data, several seeds at a time, and report their cumulative cost")

        let data =
            option<string>
                "--data"
                "NAME|FILE"
                "A set of the catalogue (see: hindsight data list), a file, or openml:ID"

        let source = SourceFlags()

        let algorithms =
            parsed "--algorithms" "a,b,..." "Algorithms, separated by commas; see below" (fun text ->
                Arguments.algorithms (algorithmNames ()) text)

        let rounds =
            option<int>
                "--rounds"
                "N"
                "Rounds of a run (default: one pass over the data; 10000 for a simulated environment)"

        let seeds = parsed "--seeds" "LIST" "0..4, 3, or 1,5,9 (default: 0..4)" Arguments.seeds

        let protocol =
            option<string> "--protocol" "NAME" "iid (default), or rotating:N: the arms change places every N rounds"

        let set =
            many
                "--set"
                "key=value"
                "A setting of every algorithm, or with ALGORITHM.key=value of one; repeats; see below"

        let out = option<string> "--out" "DIR" $"Folder for {Report.files}"
        let json = flag "--json" "Print nothing but a line of JSON"

        let ledger =
            flag
                "--ledger"
                "Keep a ledger: measured regrets, the bounds that they imply, what the assumptions came to (and ledger.csv)"

        data.Required <- true
        algorithms.Required <- true

        rounds.Validators.Add(fun option ->
            match option.GetValueOrDefault<int>() |> Require.atLeast "--rounds" 1 with
            | Error error when option.Tokens.Count > 0 -> option.AddError error.Message
            | _ -> ())

        command.Add data
        source.AddTo command

        addAll command [ algorithms; rounds; seeds; protocol; set; out; json; ledger ]

        command.SetAction(fun parse ->
            result {
                let! overrides = Arguments.settings (parse.GetValue set)

                return!
                    run
                        streams
                        {
                            Source =
                                { source.Read(parse, parse.GetValue data) with
                                    Protocol = parse.GetValue protocol
                                    Rounds = parse.GetValue rounds
                                }
                            Algorithms = parse.GetValue algorithms
                            Overrides = overrides
                            Seeds =
                                match parse.GetValue seeds with
                                | [||] -> [| 0..4 |]
                                | seeds -> seeds
                            Out = parse.GetValue out
                            Json = parse.GetValue json
                            Ledger = parse.GetValue ledger
                        }
            }
            |> finish streams)

        command

    // ---- hindsight data ----

    let private list (streams: Streams) =
        let row name =
            result {
                let! sentence = Catalog.describe name
                let! set = Catalog.openSet name 0UL

                return!
                    match set with
                    | CatalogSet.Table table ->
                        use table = table
                        let s = table.Schema

                        Ok
                            [
                                name
                                string table.Rows
                                string s.Classes.Length
                                string s.Width
                                string s.Classes.Length
                                sentence
                            ]
                    | CatalogSet.Simulated make ->
                        using (make 0) (fun environment ->
                            Ok
                                [
                                    name
                                    "-"
                                    string environment.Arms
                                    string environment.ContextSize
                                    "-"
                                    sentence
                                ])
            }

        let rec rows names =
            match names with
            | [] -> Ok []
            | name :: rest ->
                result {
                    let! first = row name
                    let! others = rows rest
                    return first :: others
                }

        rows (List.ofArray Catalog.names)
        |> Result.map (fun rows ->
            Terminal.printTable streams.Out [ "name"; "rows"; "arms"; "features"; "classes"; "what it is" ] rows
            ExitCode.done')

    let private show (streams: Streams) options =
        using (Source.openTable options) (fun table ->
            let s = table.Schema
            let counts = Table.classCounts table

            streams.Out.WriteLine
                $"{s.Name}: {table.Rows} rows, {s.Columns.Length} columns, {s.Width} features, {s.Classes.Length} classes"

            for column in s.Columns do
                let kind =
                    if column.IsNumeric then
                        "numeric"
                    else
                        "one of " + String.concat ", " column.Categories

                streams.Out.WriteLine $"  {column.Name}: {kind}"

            Terminal.printTable
                streams.Out
                [ "class"; "rows" ]
                [ for name, count in Array.zip s.Classes counts -> [ name; string count ] ]

            Ok ExitCode.done')

    let private formats = [ "csv"; "arff"; "libsvm"; "idx" ]

    /// Height and width of an image of so many pixels: as given ("9x6"), else a square if it is one, else a line.
    let private shape (text: string) pixels =
        let side = int (sqrt (float pixels))

        match text with
        | null when side * side = pixels -> Ok struct (side, side)
        | null -> Ok struct (1, pixels)
        | text ->
            match text.Split 'x' |> Array.map Int32.TryParse with
            | [| true, height; true, width |] when height > 0 && width > 0 -> Ok struct (height, width)
            | _ -> Error(HindsightError.OutOfRange("--shape", text, "HEIGHTxWIDTH, as in 28x28"))

    let private exportIdx (streams: Streams) (table: ITable) size (path: string) =
        let labels =
            if path.Contains "images-idx3" then
                path.Replace("images-idx3", "labels-idx1")
            else
                path + ".labels"

        shape size table.Schema.Columns.Length
        |> Result.bind (fun struct (height, width) ->
            use images = File.Create path
            use labelStream = File.Create labels
            Export.idx table height width images labelStream)
        |> Result.map (fun () ->
            streams.Error.WriteLine $"written: {path}, {labels}"
            ExitCode.done')

    let private exportText (streams: Streams) (write: TextWriter -> unit) (path: string) =
        match path with
        | null -> write streams.Out
        | path ->
            use file = File.Create path

            use stream: Stream =
                if path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) then
                    new GZipStream(file, CompressionLevel.Optimal)
                else
                    file

            use writer = new StreamWriter(stream)
            write writer
            streams.Error.WriteLine $"written: {path}"

        Ok ExitCode.done'

    let private export (streams: Streams) options format size path =
        using (Source.openTable options) (fun table ->
            match format with
            | "idx" when isNull path -> Error(HindsightError.Missing("--out FILE", "idx is not a text format"))
            | "idx" -> exportIdx streams table size path
            | "arff" -> exportText streams (Export.arff table) path
            | "libsvm" -> exportText streams (Export.libsvm table) path
            | _ -> exportText streams (Export.csv table) path)

    let private fetch (streams: Streams) (text: string) =
        let reference = if text.StartsWith "openml:" then text.Substring 7 else text

        let progress =
            if (Spectre.Console.AnsiConsoleOutput streams.Error).IsTerminal then
                { new IProgress<DownloadProgress> with
                    member _.Report p =
                        streams.Error.Write $"\r{p.Name}: {p.Bytes / 1024L} kB"
                }
            else
                null

        OpenMl.fetch OpenMlOptions.Default reference progress streams.Cancel
        |> _.GetAwaiter().GetResult()
        |> Result.map (fun file ->
            streams.Out.WriteLine file.Path
            streams.Error.WriteLine $"label: {file.Target}; use it as --data openml:{reference}"
            ExitCode.done')

    let private dataCommand (streams: Streams) =
        let sub name description (arguments: Argument list) (options: Option list) action =
            let command = Command(name, description)
            arguments |> List.iter command.Add
            options |> List.iter command.Add
            command.SetAction(fun (parse: ParseResult) -> action parse |> finish streams)
            command

        let data () =
            Argument<string>(
                "data",
                HelpName = "NAME|FILE",
                Description = "A set of the catalogue, a file, or openml:ID"
            )

        let showData, exportData = data (), data ()
        let showSource, exportSource = SourceFlags(), SourceFlags()

        let format = parsed "--format" "csv|arff|libsvm|idx" "Format" (Require.oneOf "format" formats)

        format.DefaultValueFactory <- fun _ -> "csv"

        let size =
            option<string> "--shape" "HxW" "Height and width of an idx image, as in 28x28 (default: a square)"

        let out =
            option<string> "--out" "FILE" "File to write, compressed if it ends in .gz (default: standard output)"

        let reference =
            Argument<string>(
                "reference",
                HelpName = "openml:ID",
                Description = "An id or a name of OpenML, as in openml:61"
            )

        let show =
            sub "show" "Columns, classes and how many rows each class has" [ showData ] [] (fun parse ->
                show streams (showSource.Read(parse, parse.GetValue showData)))

        let export =
            sub "export" "Write a set in another format" [ exportData ] [ format; size; out ] (fun parse ->
                export
                    streams
                    (exportSource.Read(parse, parse.GetValue exportData))
                    (parse.GetValue format)
                    (parse.GetValue size)
                    (parse.GetValue out))

        showSource.AddTo show
        exportSource.AddTo export
        let command = Command("data", "The sets that need no download, files, and OpenML")
        command.Add(sub "list" "The catalogue" [] [] (fun _ -> list streams))
        command.Add show
        command.Add export

        command.Add(
            sub "fetch" "Download a set of OpenML into the cache" [ reference ] [] (fun parse ->
                fetch streams (parse.GetValue reference))
        )

        command

    // ---- help ----

    let private columns (rows: (string * string) seq) =
        let width = rows |> Seq.map (fun (name, _) -> name.Length) |> Seq.max
        rows |> Seq.map (fun (name, text) -> $"  {name.PadRight width}  {text}") |> String.concat "\n"

    let private runHelp () =
        let algorithms = [ for struct (name, sentence) in BanditSettings.Algorithms -> name, sentence ]

        let settings =
            [
                for struct (key, allowed, meaning) in BanditSettings.Describe() -> key, $"{meaning} ({allowed})"
            ]

        $"""Algorithms:
{columns algorithms}

Settings (an algorithm's own defaults are in summary.json):
{columns settings}

Examples:
  hindsight run --data king-rook-king --algorithms neufastcb,squarecb-linear,uniform --rounds 10000 --out runs/krk
  hindsight run --data mine.csv --label class --algorithms neufastcb,linucb --seeds 0..9
  hindsight run --data king-rook-king --algorithms neufastcb,epsilon-greedy --set rate=0.003 --set epsilon-greedy.gamma-scale=0.1
  hindsight run --data linear --algorithms squarecb-linear --set gamma=square-theorem --set oracle-regret=50
  hindsight run --data tic-tac-toe --algorithms neufastcb --protocol rotating:500 --set replay-memory=window --json

Exit codes: 0 done, 1 failed or interrupted, 2 wrong usage.
"""

    let private dataHelp =
        """Examples:
  hindsight data list
  hindsight data show tic-tac-toe
  hindsight data show mine.csv --label species --delimiter ";"
  hindsight data export king-rook-king --format arff --out krk.arff
  hindsight data fetch openml:61
"""

    /// The library's help, and below it what belongs to the command.
    type private Help(inner: HelpAction) =
        inherit SynchronousCommandLineAction()

        override _.Invoke parse =
            let code = inner.Invoke parse

            match parse.CommandResult.Command.Name with
            | "run" -> parse.InvocationConfiguration.Output.WriteLine(runHelp ())
            | "data"
            | "list"
            | "show"
            | "export"
            | "fetch" when
                parse.CommandResult.Command.Parents
                |> Seq.exists (fun p -> p.Name = "loss" || p.Name = "bound")
                |> not
                ->
                parse.InvocationConfiguration.Output.WriteLine dataHelp
            | "bound"
            | "compare" -> parse.InvocationConfiguration.Output.WriteLine BoundCommands.help
            | "list" when parse.CommandResult.Command.Parents |> Seq.exists (fun p -> p.Name = "bound") ->
                parse.InvocationConfiguration.Output.WriteLine BoundCommands.help
            | "loss"
            | "plot"
            | "certify"
            | "list" -> parse.InvocationConfiguration.Output.WriteLine LossCommands.help
            | _ ->
                parse.InvocationConfiguration.Output.WriteLine
                    "Start with:\n  hindsight data list\n  hindsight run --data tic-tac-toe --algorithms neufastcb,uniform\n  hindsight run --help"

            code

    /// <summary>Everything that the tool does.</summary>
    let root (streams: Streams) =
        let root = RootCommand "Contextual bandits on data sets and files: runs, tables, figures, reports"
        root.Add(runCommand streams)
        root.Add(dataCommand streams)
        root.Add(LossCommands.lossCommand streams)
        root.Add(LossCommands.plotCommand streams)
        root.Add(LossCommands.certifyCommand streams)
        root.Add(BoundCommands.command streams)

        for o in root.Options do
            match o with
            | :? HelpOption as help -> help.Action <- Help(help.Action :?> HelpAction)
            | _ -> ()

        root
