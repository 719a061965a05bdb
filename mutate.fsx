// Random mutants of scalars, losses, kernels, bounds, learners and theory: does the suite notice? Loaded by build.fsx.
// A place is a token: an operator, a comparison, a minimum or maximum, a constant, a sign. One token is changed in a copy of the tree, what it breaks is built, the tests run until the first fails.
module Mutate

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions

/// Where mutants are made, and the tests that must find them.
[<NoComparison; NoEquality>]
type Suite =
    {
        Folder: string
        /// Which of the folder's files.
        Wanted: string -> bool
        Project: string
        Filter: string
    }

let suites =
    let losses folder wanted =
        {
            Folder = folder
            Wanted = wanted
            Project = "tests/Losses/Losses.Tests.fsproj"
            Filter = "TestCategory!=Long"
        }

    let theory folder wanted =
        { losses folder wanted with
            Project = "tests/Theory/Theory.Tests.fsproj"
        }

    let all (_: string) = true

    /// The theory of losses is tested where the losses are.
    let ofLosses (file: string) =
        [
            "Accuracy"
            "AggregateRisk"
            "Divergence"
            "Elicitation"
            "ExpConcavity"
            "HConsistency"
            "Psi"
        ]
        |> List.contains (Path.GetFileNameWithoutExtension file)

    [
        losses "src/Losses" all
        losses "src/Kernels" all
        losses "src/Scalars" all
        losses "src/Theory" ofLosses
        theory "src/Theory" (ofLosses >> not)
        theory "src/Bounds" all
        theory "src/Online" all
    ]

/// A token and what may stand in its stead.
[<NoComparison; NoEquality>]
type Place =
    {
        Suite: Suite
        File: string
        Start: int
        Token: string
        Instead: string list
    }

type Verdict =
    | Killed of test: string
    | TimedOut
    | Survived
    | NotCompiled

/// The text with strings, comments and attributes blanked: positions stay.
let code (text: string) =
    let unwanted =
        Regex(
            // three quotes, a verbatim string, a string, a quote as a character; a comment to the end of the line or between (* and *), but not the operator (*); an attribute
            "\"\"\".*?\"\"\"|@\"(?:[^\"]|\"\")*\"|\"(?:\\\\.|[^\"\\\\])*\"|'\"'|//[^\n]*|\\(\\*(?!\\)).*?\\*\\)|\\[<.*?>\\]",
            RegexOptions.Singleline
        )

    unwanted.Replace(text, fun m -> Regex.Replace(m.Value, "[^\n]", " "))

let private number (x: float) =
    let shown = x.ToString("R", Globalization.CultureInfo.InvariantCulture)

    if shown.Contains '.' || shown.Contains 'E' then
        shown
    else
        shown + ".0"

/// What each kind of token turns into: a pattern whose group "token" is replaced.
let private rules: (Regex * (string -> string list)) list =
    let rule pattern instead = Regex pattern, instead

    let swap a b =
        fun token -> [ (if token = a then b else a) ]

    [
        // x.Length - 1 as the end of a loop: a mutant there only leaves the array
        rule @"(?<=(?<!Length) )(?<token>[+-])(?= )" (swap "+" "-")
        // a star between types makes a tuple
        rule
            @"(?<!\b(?:float|float32|int|string|bool|'[A-Z]\w*)\)?) (?<token>[*/]) (?!(?:float|float32|int|string|bool)\b(?! )|'[A-Z]\w*(?!\w*\.))"
            (swap "*" "/")
        rule @"(?<=op_)(?<token>Addition|Subtraction)\b" (swap "Addition" "Subtraction")
        rule @"(?<=op_)(?<token>Multiply|Division)\b" (swap "Multiply" "Division")
        rule @"(?<=[ (\[])(?<token>-)(?=[\w('])" (fun _ -> [ "" ])
        rule @"(?<=[\w)\]] )(?<token><=?|>=?)(?= [\w(-])" (function
            | "<" -> [ ">="; "<=" ]
            | "<=" -> [ ">"; "<" ]
            | ">" -> [ "<="; ">=" ]
            | _ -> [ "<"; ">" ])
        rule @"(?<=[ .(])(?<token>Max|Min)(?=\()" (swap "Max" "Min")
        rule @"(?<=[ (])(?<token>max|min)(?= [\w(-])" (swap "max" "min")
        rule @"(?<= )(?<token>&&|\|\|)(?= )" (swap "&&" "||")
        rule @"(?<![\w.])(?<token>\d+\.\d+(?:[eE][+-]?\d+)?)(?![\w.])" (fun token ->
            match Double.Parse(token, Globalization.CultureInfo.InvariantCulture) with
            | 0.0 -> [ "1.0" ]
            | 0.5 -> [ "1.0"; "0.45" ]
            | x -> [ number (0.9 * x); number (1.1 * x) ])
    ]

let places (root: string) (suite: Suite) =
    [
        for path in
            Directory.GetFiles(Path.Combine(root, suite.Folder), "*.fs")
            |> Array.filter suite.Wanted
            |> Array.sort do
            let text = code (File.ReadAllText path)

            for pattern, instead in rules do
                for m in pattern.Matches text do
                    let token = m.Groups["token"]

                    {
                        Suite = suite
                        File = Path.GetRelativePath(root, path)
                        Start = token.Index
                        Token = token.Value
                        Instead = instead token.Value
                    }
    ]

/// Runs a program: its exit code and what it wrote, or nothing if it took longer than the limit.
let private run (folder: string) (limit: TimeSpan) (file: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            file,
            arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    // one seed for every mutant, and no build process left behind
    info.Environment["CI"] <- "1"
    info.Environment["MSBUILDDISABLENODEREUSE"] <- "1"
    use p = Process.Start info
    let output, errors = p.StandardOutput.ReadToEndAsync(), p.StandardError.ReadToEndAsync()

    if p.WaitForExit limit then
        Some(p.ExitCode, output.Result + errors.Result)
    else
        p.Kill(entireProcessTree = true)
        None

let private build folder (suite: Suite) =
    run
        folder
        (TimeSpan.FromMinutes 30.0)
        "dotnet"
        [ "build"; suite.Project; "-c"; "Release"; "-v"; "quiet"; "--no-restore" ]

let private test folder limit (suite: Suite) =
    run
        folder
        limit
        "dotnet"
        [
            "test"
            suite.Project
            "-c"
            "Release"
            "--no-build"
            "--filter"
            suite.Filter
            "--"
            "NUnit.StopOnError=true"
        ]

/// The tree's files as they are, without what git ignores, into a folder that is kept: the next run builds only what has changed.
let private copy (root: string) (folder: string) =
    match
        run root (TimeSpan.FromMinutes 1.0) "git" [ "ls-files"; "-z"; "--cached"; "--others"; "--exclude-standard" ]
    with
    | Some(0, listed) ->
        let wanted =
            listed.Split('\000', StringSplitOptions.RemoveEmptyEntries)
            |> Array.filter (fun f -> File.Exists(Path.Combine(root, f)))

        for file in wanted do
            let source, target = Path.Combine(root, file), Path.Combine(folder, file)

            if not (File.Exists target) || File.ReadAllText source <> File.ReadAllText target then
                Directory.CreateDirectory(Path.GetDirectoryName target) |> ignore<DirectoryInfo>
                File.Copy(source, target, true)
                File.SetLastWriteTimeUtc(target, DateTime.UtcNow)
    | _ -> failwith "git could not list the files of the tree"

let private show (place: Place) (text: string) (instead: string) =
    let before = text.LastIndexOf('\n', place.Start) + 1
    let after = text.IndexOf('\n', place.Start)
    let line = text.Substring(0, place.Start).Split('\n').Length
    let old = text.Substring(before, after - before)
    let changed = old.Remove(place.Start - before, place.Token.Length).Insert(place.Start - before, instead)
    $"{place.File}:{line}", old.Trim(), changed.Trim()

let private judge folder limit (place: Place) (text: string) (instead: string) =
    let path = Path.Combine(folder, place.File)
    File.WriteAllText(path, text.Remove(place.Start, place.Token.Length).Insert(place.Start, instead))

    try
        match build folder place.Suite with
        | Some(0, _) ->
            match test folder limit place.Suite with
            | Some(0, _) -> Survived
            | Some(_, output) ->
                let first = Regex.Match(output, @"^\s*Failed (?<name>.+?)(?: \[[^\]]*\])?\r?$", RegexOptions.Multiline)

                Killed(
                    if first.Success then
                        first.Groups["name"].Value
                    else
                        "the run itself"
                )
            | None -> TimedOut
        | _ -> NotCompiled
    finally
        File.WriteAllText(path, text)

/// Makes so many mutants at random places of the files whose path contains the text, and writes the report; the same seed draws the same places of the same tree.
let mutants (root: string) (count: int) (seed: int) (only: string) (report: string) =
    let all =
        suites
        |> List.collect (places root)
        |> List.filter (fun p -> p.File.Contains(only, StringComparison.OrdinalIgnoreCase))
        |> Array.ofList

    if all.Length = 0 then
        failwithf
            "no file of %s has '%s' in its path"
            (suites |> List.map _.Folder |> List.distinct |> String.concat " or ")
            only

    let rng = Random seed
    rng.Shuffle all
    let chosen = all |> Array.truncate count
    let folder = Path.Combine(Path.GetTempPath(), "hindsight-mutants", Path.GetFileName root)
    printfn "%d places, %d of them drawn with seed %d; the copy is in %s" all.Length chosen.Length seed folder
    copy root folder

    let must what =
        function
        | Some(0, output) -> output
        | Some(_, output) -> failwithf "%s: %s" what output
        | None -> failwithf "%s: no end" what

    let dotnet words =
        run folder (TimeSpan.FromMinutes 10.0) "dotnet" words

    dotnet [ "tool"; "restore" ] |> must "restoring the tools of the copy" |> ignore<string>

    /// The unchanged tree must pass; its time sets the limit.
    let limits =
        chosen
        |> Array.map _.Suite
        |> Array.distinctBy _.Project
        |> Array.map (fun suite ->
            dotnet [ "restore"; suite.Project; "-v"; "quiet" ] |> must "restoring the copy" |> ignore<string>
            build folder suite |> must "building the unchanged tree" |> ignore<string>
            let clock = Stopwatch.StartNew()

            test folder (TimeSpan.FromHours 1.0) suite
            |> must "the tests of the unchanged tree"
            |> ignore<string>

            suite.Project, clock.Elapsed * 3.0 + TimeSpan.FromMinutes 1.0)
        |> Map.ofArray

    let write (rows: (Verdict * string * string * string * string) list) =
        let share wanted =
            rows |> List.filter (fun (v, _, _, _, _) -> wanted v) |> List.length

        let survived = share _.IsSurvived
        let counted = rows.Length - share _.IsNotCompiled

        let summary =
            $"{counted - survived} of {counted} mutants killed; {rows.Length - counted} of {rows.Length} did not compile"

        let cell (s: string) = s.Replace("|", "\\|")

        File.WriteAllLines(
            report,
            [
                $"# Mutants at random places, seed {seed}"
                ""
                summary
                ""
                "| place | from | to | verdict |"
                "|---|---|---|---|"
                for _, where, old, changed, word in rows do
                    $"| {where} | `{cell old}` | `{cell changed}` | {cell word} |"
            ]
        )

        summary

    Directory.CreateDirectory(Path.GetDirectoryName report) |> ignore<DirectoryInfo>

    let judged =
        ([], chosen)
        ||> Array.fold (fun rows place ->
            let text = File.ReadAllText(Path.Combine(folder, place.File))
            let instead = place.Instead[rng.Next place.Instead.Length]
            let where, old, changed = show place text instead
            let clock = Stopwatch.StartNew()
            let verdict = judge folder limits[place.Suite.Project] place text instead

            let word =
                match verdict with
                | Killed by -> $"killed by {by}"
                | TimedOut -> "killed: no end"
                | Survived -> "SURVIVED"
                | NotCompiled -> "not counted: does not compile"

            printfn "%s  %s  =>  %s  %s (%.0f s)" where old changed word clock.Elapsed.TotalSeconds
            let rows = rows @ [ verdict, where, old, changed, word ]
            // whoever stops the run has the report so far
            write rows |> ignore<string>
            rows)

    printfn "%s: %s" (write judged) report
