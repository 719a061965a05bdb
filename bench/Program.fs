/// The comparisons of docs/results.md, the timings of docs/performance.md and the errors of docs/accuracy.md, a command each.
module Hindsight.Bench.Program

open System
open System.Diagnostics
open System.Globalization
open Hindsight

/// Name, page, whether it reads the data folder, and what makes its part.
let private commands: (string * string * bool * (BenchOptions -> string)) list =
    [
        "losses", "losses.md", false, LossTables.run
        "theorems", "theorems.md", false, TheoremTable.run
        "compare", "results.md", true, Compare.run
        "rotating", "results.md", true, Rotating.run
        "weighting", "results.md", true, Weighting.run
        "drift", "results.md", true, Drift.run
        "ablation", "results.md", true, Ablation.run
        "speed", "performance.md", false, Speed.run
        "loss-speed", "performance.md", false, LossSpeed.run
        "accuracy", "accuracy.md", false, AccuracyTable.run
    ]

let private usage =
    """dotnet run -c Release --project bench -- COMMAND [--seeds N] [--rounds T] [--sets a,b] [--quick]

  losses     the catalogue, from the registry                      docs/losses.md
  theorems   the index of theorems, with the tightness reached      docs/theorems.md
  compare    untuned defaults of every algorithm on every set      docs/results.md
  rotating   the paper's protocol, every algorithm tuned           docs/results.md
  weighting  exact against fixed inverse gap weighting             docs/results.md
  drift      memories of NeuFastCB under the rotating protocol     docs/results.md
  ablation   kinds and sizes of perturbation                       docs/results.md
  speed      microseconds a round, bounds, PyTorch                 docs/performance.md
  loss-speed nanoseconds a score of the losses against peers       docs/performance.md
  accuracy   every scalar loss against double-double           docs/accuracy.md
  all        everything above
  micro      BenchmarkDotNet; further arguments are its own

  Sets: mushroom, adult, magic04, shuttle, mnist-10k, in the folder that HINDSIGHT_DATA names, or shared/data beside the repository.
  accuracy draws parameters --seeds times and measures --rounds points each.
  --quick tries a command in few rounds and writes nothing."""

let rec private parse options arguments =
    let count (name: string) (text: string) =
        match Int32.TryParse(text, CultureInfo.InvariantCulture) with
        | true, n when n >= 1 -> Ok n
        | _ -> Error $"{name} takes an integer >= 1, not '{text}'"

    match arguments with
    | [] -> Ok options
    | "--quick" :: rest -> parse { options with Quick = true } rest
    | "--seeds" :: n :: rest -> count "--seeds" n |> Result.bind (fun n -> parse { options with Seeds = Some n } rest)
    | "--rounds" :: n :: rest ->
        count "--rounds" n |> Result.bind (fun n -> parse { options with Rounds = Some n } rest)
    | "--sets" :: names :: rest ->
        parse
            { options with
                Sets = Some(List.ofArray (names.Split ','))
            }
            rest
    | unknown :: _ -> Error $"'{unknown}' is not understood"

let private perform (options: BenchOptions) (name, page, needsData, part: BenchOptions -> string) =
    if needsData && Sets.folder.Value.IsNone then
        printfn
            "%s: the data folder is not there (set HINDSIGHT_DATA, or put it at shared/data beside the repository)"
            name
    else
        printfn "== %s" name
        let clock = Stopwatch.StartNew()
        let body = part options
        printfn "%s" body
        printfn "== %s: %.0f s" name clock.Elapsed.TotalSeconds

        if not options.Quick then
            Page.write page name body

[<EntryPoint>]
let main arguments =
    CultureInfo.DefaultThreadCurrentCulture <- CultureInfo.InvariantCulture
    CultureInfo.CurrentCulture <- CultureInfo.InvariantCulture

    let fail (message: string) =
        eprintfn "%s\n\n%s" message usage
        2

    let start =
        {
            Seeds = None
            Rounds = None
            Sets = None
            Quick = false
        }

    match List.ofArray arguments with
    | []
    | "--help" :: _ ->
        printfn "%s" usage
        0
    // what loss-speed starts, at several offsets of the stack
    | "loss-speed-child" :: rest ->
        LossSpeed.child
            (List.contains "--quick" rest)
            (rest |> List.tryFind (fun word -> word <> "--quick") |> Option.defaultValue "")

        0
    | "micro" :: rest ->
        Micro.run (Array.ofList rest)
        0
    | command :: rest ->
        let chosen =
            if command = "all" then
                commands
            else
                commands |> List.filter (fun (name, _, _, _) -> name = command)

        match chosen, parse start rest with
        | [], _ -> fail $"there is no command '{command}'"
        | _, Error message -> fail message
        | chosen, Ok options ->
            try
                List.iter (perform options) chosen
                0
            with e when (e.GetBaseException() :? HindsightException) ->
                eprintfn "%s" (e.GetBaseException().Message)
                1
