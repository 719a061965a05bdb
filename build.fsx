// The build, without packages: dotnet fsi build.fsx TARGET ...
// A target runs once, after the targets it needs. Without arguments the targets are listed. Options, written --name value, go to the targets that know them.
#load "mutate.fsx"

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Xml.Linq

let root = __SOURCE_DIRECTORY__
let results = Path.Combine(root, "TestResults")

/// Runs a program in the repository root; its exit code.
let attempt (file: string) (arguments: string list) =
    let info = ProcessStartInfo(file, WorkingDirectory = root, UseShellExecute = false)
    arguments |> List.iter info.ArgumentList.Add
    printfn "> %s %s" file (String.concat " " arguments)
    use p = Process.Start info
    p.WaitForExit()
    p.ExitCode

let exec file arguments =
    match attempt file arguments with
    | 0 -> ()
    | code -> failwithf "%s %s: exit code %d" file (String.concat " " arguments) code

let words (line: string) =
    line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

let dotnet line = exec "dotnet" (words line)

/// paket.dependencies names no feed: Paket gets the one that the machine's NuGet configuration names, so a company's mirror works unchanged.
let feed =
    lazy
        (let info = ProcessStartInfo("dotnet", "nuget list source --format short", RedirectStandardOutput = true)
         use p = Process.Start info

         p.StandardOutput.ReadToEnd().Split '\n'
         |> Array.tryFind (fun line -> line.StartsWith "E ")
         |> function
             | Some line -> line.Substring(2).Trim()
             | None -> failwith "NuGet has no enabled source: see `dotnet nuget list source`")

/// The value of --name on the command line.
let option (name: string) (otherwise: string) =
    match fsi.CommandLineArgs |> Array.tryFindIndex ((=) $"--{name}") with
    | Some i when i + 1 < fsi.CommandLineArgs.Length -> fsi.CommandLineArgs[i + 1]
    | Some _ -> failwithf "--%s needs a value" name
    | None -> otherwise

let targets = Dictionary<string, string * string list * (unit -> unit)>()
let target name summary needs body = targets[name] <- (summary, needs, body)

/// Passed, failed and skipped, read from the .trx files of the latest test run.
let counts () =
    let ns = XNamespace.Get "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"

    let outcomes =
        if Directory.Exists results then
            [
                for file in Directory.GetFiles(results, "*.trx", SearchOption.AllDirectories) do
                    for result in (XDocument.Load file).Descendants(ns + "UnitTestResult") ->
                        result.Attribute(XName.Get "outcome").Value
            ]
        else
            []

    let count wanted =
        outcomes |> List.filter ((=) wanted) |> List.length

    let passed, failed = count "Passed", count "Failed"
    passed, failed, outcomes.Length - passed - failed

let test (what: string) (filter: string) =
    if Directory.Exists results then
        Directory.Delete(results, true)

    let code =
        attempt
            "dotnet"
            [
                "test"
                what
                "-c"
                "Release"
                "--no-build"
                "--filter"
                filter
                "--logger"
                "trx"
                "--results-directory"
                results
            ]

    let passed, failed, skipped = counts ()
    printfn "%d passed, %d failed, %d skipped" passed failed skipped

    if code <> 0 || failed > 0 || passed = 0 then
        failwith "tests failed"

target "tools" "restore the local tools" [] (fun () -> dotnet "tool restore")

target "restore" "restore packages from the lock file" [ "tools" ] (fun () ->
    Environment.SetEnvironmentVariable("NUGET_FEED", feed.Value)
    dotnet "paket restore")

target "lock" "write paket.lock anew" [ "tools" ] (fun () ->
    Environment.SetEnvironmentVariable("NUGET_FEED", feed.Value)
    let path = Path.Combine(root, "paket.lock")

    // Paket learns dependencies only from packages already in the cache: the first lock fills the cache, the second is whole
    for _ in 1..2 do
        File.Delete path
        dotnet "paket install"

    File.WriteAllText(path, (File.ReadAllText path).Replace(feed.Value, "%NUGET_FEED%")))

target "build" "build everything" [ "restore" ] (fun () -> dotnet "build Solution.sln -c Release -v quiet")
target "test" "all tests but the long ones" [ "build" ] (fun () -> test "Solution.sln" "TestCategory!=Long")

/// Runs the body as on a processor without some of this one's instructions.
let without (switches: string list) body =
    for switch in switches do
        Environment.SetEnvironmentVariable($"DOTNET_Enable{switch}", "0")

    try
        body ()
    finally
        for switch in switches do
            Environment.SetEnvironmentVariable($"DOTNET_Enable{switch}", null)

target
    "narrow"
    "the tests of losses and kernels on 256-bit lanes, and on 128 bits without fused operations"
    [ "build" ]
    (fun () ->
        for switches in [ [ "AVX512" ]; [ "AVX512"; "AVX2" ] ] do
            without switches (fun () -> test "tests/Losses" "TestCategory!=Long"))

target "long" "the long sweeps and fuzz runs" [ "narrow" ] (fun () -> test "Solution.sln" "TestCategory=Long")

/// The F# assemblies that the C# projects refer to are there in Release.
let formatCSharp arguments =
    Environment.SetEnvironmentVariable("Configuration", "Release")
    dotnet $"format Solution.sln --no-restore {arguments}"

let sources =
    [ "src"; "tests"; "bench"; "samples"; "docs"; "build.fsx"; "mutate.fsx" ]
    |> List.filter (fun path -> Path.Exists(Path.Combine(root, path)))

target "format" "rewrite the sources in the house's format" [ "restore" ] (fun () ->
    exec "dotnet" ([ "fantomas" ] @ sources)
    formatCSharp "")

target "check-format" "fail if a source is not in the house's format" [ "build" ] (fun () ->
    exec "dotnet" ([ "fantomas"; "--check" ] @ sources)
    formatCSharp "--verify-no-changes")

target "docs" "build the documentation site into output/" [ "build" ] (fun () ->
    dotnet
        "fsdocs build --clean --strict --eval --parameters root ./ fsdocs-collection-name Hindsight --properties Configuration=Release"
    // fsdocs exits 0 when a script throws; it only leaves this sentence in the page
    let broken =
        Directory.GetFiles(Path.Combine(root, "output"), "*.md", SearchOption.AllDirectories)
        |> Array.filter (fun file -> (File.ReadAllText file).Contains "No value returned by any evaluator")

    if broken.Length > 0 then
        failwithf "documentation scripts that threw: %s" (String.concat ", " broken))

let tool arguments =
    exec "dotnet" ([ "run"; "--no-build"; "-c"; "Release"; "--project"; "src/Cli"; "--" ] @ arguments)

target
    "demo"
    "the main job: neural contextual bandits against their baselines on two exact data sets"
    [ "build" ]
    (fun () ->
        let algorithms = "neufastcb,neusquarecb,epsilon-greedy,squarecb-linear,uniform"

        for data, rounds in [ "king-rook-king", "10000"; "tic-tac-toe", "9580" ] do
            let folder = $"runs/demo-{data}"

            tool
                [
                    "run"
                    "--data"
                    data
                    "--algorithms"
                    algorithms
                    "--rounds"
                    rounds
                    "--seeds"
                    "0..4"
                    "--out"
                    folder
                ])

target "bench" "the benchmarks: every comparison of docs/results.md and docs/performance.md" [ "build" ] (fun () ->
    exec "dotnet" [ "run"; "--no-build"; "-c"; "Release"; "--project"; "bench"; "--"; "all" ])

target
    "mutate"
    "change random tokens of scalars, losses, kernels, bounds, learners and theory in a copy and count what the tests find: --places 20 --seed 1 --only PART-OF-PATH"
    [ "restore" ]
    (fun () ->
        Mutate.mutants
            root
            (int (option "places" "20"))
            (int (option "seed" "1"))
            (option "only" "")
            (Path.Combine(root, "output", "mutants.md")))

target "pack" "the packages, into artifacts/" [ "build" ] (fun () ->
    for project in [ "src/Core.fsproj"; "src/Data"; "src/Facade.CSharp"; "src/Cli" ] do
        dotnet $"pack {project} -c Release --no-build -o artifacts")

target "ci" "what continuous integration runs" [ "check-format"; "test" ] ignore

let ran = HashSet<string>()

let rec run name =
    match targets.TryGetValue name with
    | false, _ -> failwithf "there is no target '%s'; there are: %s" name (String.concat ", " targets.Keys)
    | true, (_, needs, body) ->
        if ran.Add name then
            List.iter run needs
            let clock = Stopwatch.StartNew()
            body ()
            printfn "== %s: %.1f s" name clock.Elapsed.TotalSeconds

match
    List.tail (List.ofArray fsi.CommandLineArgs)
    |> List.takeWhile (fun word -> not (word.StartsWith "--"))
with
| [] ->
    for KeyValue(name, (summary, _, _)) in targets do
        printfn "%-14s %s" name summary
| names ->
    try
        List.iter run names
    with e ->
        eprintfn "%s" e.Message
        exit 1
