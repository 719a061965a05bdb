namespace Hindsight.Tool

open System
open System.Collections.Concurrent
open System.Globalization
open System.IO
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Hindsight.Data
open Spectre.Console

/// Tables and progress: in colour on a terminal, as plain lines elsewhere.
[<RequireQualifiedAccess>]
module Terminal =
    let private console (writer: TextWriter) =
        AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput writer))

    /// Numbers stand to the right, words to the left.
    let private isNumeric (rows: string list list) column =
        not rows.IsEmpty
        && rows |> List.forall (fun row -> row[column] |> Seq.forall (fun c -> not (Char.IsLetter c)))

    let private build (header: string list) (rows: string list list) =
        let table = Table(Border = TableBorder.Rounded)

        header
        |> List.iteri (fun i title ->
            let alignment = if isNumeric rows i then Justify.Right else Justify.Left
            table.AddColumn(TableColumn(Markup.Escape title, Alignment = alignment)) |> ignore<Table>)

        for row in rows do
            table.AddRow(row |> List.map Markup.Escape |> Array.ofList) |> ignore<Table>

        table

    /// <summary>Columns of text, aligned with spaces: for pipes and files.</summary>
    let plainTable (header: string list) (rows: string list list) =
        let all = header :: rows

        let pad column =
            let width = all |> List.map (fun row -> row[column].Length) |> List.max

            fun (cell: string) ->
                if isNumeric rows column then
                    cell.PadLeft width
                else
                    cell.PadRight width

        let pads = List.init header.Length pad

        all
        |> List.map (fun row -> (List.map2 id pads row |> String.concat "  ").TrimEnd())
        |> String.concat "\n"

    /// <summary>Prints a table.</summary>
    let printTable (writer: TextWriter) header rows =
        if (AnsiConsoleOutput writer).IsTerminal then
            (console writer).Write(build header rows)
        else
            writer.WriteLine(plainTable header rows)

    // ---- progress ----

    let private whole (x: float) =
        x.ToString("#,##0", CultureInfo.InvariantCulture)

    let private progressHeader = [ "algorithm"; "runs"; "done"; "cost so far"; "cost a round"; "rounds/s" ]

    /// A row an algorithm: the mean over its runs of the cost until now, and the rounds a second of a run.
    let private progressRows (algorithms: string[]) seeds (states: ExperimentProgress seq) =
        [
            for name in algorithms do
                let runs = states |> Seq.filter (fun p -> p.Algorithm = name) |> Array.ofSeq
                let finished = runs |> Seq.filter (fun p -> p.Round = p.Rounds) |> Seq.length
                let rounds = runs |> Array.sumBy (fun p -> float p.Round)
                let cost = runs |> Array.sumBy _.CumulativeCost

                if runs.Length = 0 then
                    [ name; $"0/{seeds}"; "0%"; "-"; "-"; "-" ]
                else
                    [
                        name
                        $"{finished}/{seeds}"
                        (rounds / (float runs[0].Rounds * float seeds)).ToString("0%", CultureInfo.InvariantCulture)
                        whole (cost / float runs.Length)
                        (cost / max rounds 1.0).ToString("0.0000", CultureInfo.InvariantCulture)
                        runs |> Array.averageBy _.RoundsPerSecond |> whole
                    ]
        ]

    /// Lines at the end of a run, and of one that goes on at most every five seconds.
    let private plainProgress (error: TextWriter) (work: IProgress<ExperimentProgress> -> 'T) =
        let gate = obj ()
        let mutable quietUntil = DateTime.UtcNow.AddSeconds 5.0

        let report (p: ExperimentProgress) =
            lock gate (fun () ->
                let now = DateTime.UtcNow

                if p.Round = p.Rounds || now >= quietUntil then
                    quietUntil <- now.AddSeconds 5.0

                    error.WriteLine(
                        $"{p.Algorithm}, seed {p.Seed}: {p.Round} of {p.Rounds} rounds, cost {whole p.CumulativeCost}, {whole p.RoundsPerSecond} rounds/s"
                    ))

        work
            { new IProgress<ExperimentProgress> with
                member _.Report p = report p
            }

    let private liveProgress (error: TextWriter) algorithms seeds (work: IProgress<ExperimentProgress> -> 'T) =
        let states = ConcurrentDictionary<struct (string * int), ExperimentProgress>()

        let progress =
            { new IProgress<ExperimentProgress> with
                member _.Report p =
                    states[struct (p.Algorithm, p.Seed)] <- p
            }

        let picture () =
            build progressHeader (progressRows algorithms seeds states.Values)

        let task = Task.Run(fun () -> work progress)

        (console error)
            .Live(picture ())
            .AutoClear(true)
            .Start(fun live ->
                while not task.IsCompleted do
                    Thread.Sleep 200
                    live.UpdateTarget(picture ())
                    live.Refresh())

        task.GetAwaiter().GetResult()

    /// <summary>Does work that reports progress, which is shown on the error stream so that the output stays clean.</summary>
    let withProgress (error: TextWriter) algorithms seeds (work: IProgress<ExperimentProgress> -> 'T) : 'T =
        if (AnsiConsoleOutput error).IsTerminal then
            liveProgress error algorithms seeds work
        else
            plainProgress error work

    /// <summary>A token that the first Ctrl+C (or a request to terminate) cancels; the second one ends the process as usual. Dispose it after the work.</summary>
    let cancellation () =
        let source = new CancellationTokenSource()

        let handle (context: PosixSignalContext) =
            if not source.IsCancellationRequested then
                context.Cancel <- true
                source.Cancel()

        let registrations =
            [ PosixSignal.SIGINT; PosixSignal.SIGTERM ]
            |> List.map (fun signal -> PosixSignalRegistration.Create(signal, handle))

        struct (source.Token,
                { new IDisposable with
                    member _.Dispose() =
                        registrations |> List.iter _.Dispose()
                        source.Dispose()
                })
