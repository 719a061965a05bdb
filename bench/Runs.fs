namespace Hindsight.Bench

open System
open System.Collections.Concurrent
open System.IO
open System.Threading
open System.Threading.Tasks
open Hindsight
open Hindsight.FSharp
open Hindsight.Data

/// What the command line asks for; what it leaves out is the command's own choice.
[<NoComparison; NoEquality>]
type BenchOptions =
    {
        Seeds: int option
        Rounds: int option
        Sets: string list option
        /// A short trial: fewer rounds and seeds, nothing written.
        Quick: bool
    }

    /// Seeds of the reported figures; tuning has seeds of its own.
    member o.ReportSeeds = [| 0 .. (defaultArg o.Seeds (if o.Quick then 2 else 5)) - 1 |]

    /// Seeds of tuning, none of which is reported.
    member o.TuningSeeds = o.ReportSeeds |> Array.map ((+) 100)
    member o.Horizon = defaultArg o.Rounds (if o.Quick then 1000 else 10000)
    member o.SetsOr(standard: string list) = defaultArg o.Sets standard

/// The public data sets that the comparisons run on.
[<RequireQualifiedAccess>]
module Sets =
    let small = [ "mushroom"; "adult"; "magic04"; "shuttle" ]
    let all = small @ [ "mnist-10k" ]

    /// HINDSIGHT_DATA, or shared/data in or beside a folder above.
    let folder =
        lazy
            (let rec climb (folder: DirectoryInfo) =
                if isNull folder then
                    None
                else
                    let candidate = Path.Combine(folder.FullName, "shared", "data")

                    if Directory.Exists candidate then
                        Some candidate
                    else
                        climb folder.Parent

             match Environment.GetEnvironmentVariable "HINDSIGHT_DATA" with
             | null
             | "" -> climb (DirectoryInfo Page.root.Value)
             | path when Directory.Exists path -> Some path
             | _ -> None)

    let private source name =
        let path file = Path.Combine(folder.Value.Value, file)

        match name with
        | "mushroom" ->
            { SourceOptions.For(path "mushroom.csv.gz") with
                Label = "0"
            }
        | "shuttle" ->
            { SourceOptions.For(path "shuttle.csv.gz") with
                Header = false
                Label = "-1"
                Merge = "Bipropellant Valve *=Bpv *; Flow Proportioning Valve *=Fpv *; Radiator Flow=Rad Flow"
            }
        | "mnist-10k" -> SourceOptions.For(path "mnist-10k-images-idx3-ubyte.gz")
        | _ ->
            { SourceOptions.For(path $"{name}.csv.gz") with
                Label = "-1"
            }

    /// The same rounds from memory: a run is then timed without reading and encoding its rows. A seed's rounds are read when the seed is first opened.
    let private remembered (environment: IEnvironment) limit =
        let read seed =
            [|
                use rounds = environment.Open seed
                let means = Array.zeroCreate<float> environment.Arms
                let mutable more = true
                let mutable count = 0

                while more && count < limit do
                    let context = Array.zeroCreate<float> environment.ContextSize
                    let costs = Array.zeroCreate<float> environment.Arms
                    more <- rounds.Next(Span context, Span costs, Span means)
                    count <- count + 1

                    if more then
                        struct (context, costs)
            |]

        let memory = ConcurrentDictionary<uint64, Lazy<struct (float[] * float[])[]>>()

        { new IEnvironment with
            member _.Name = environment.Name
            member _.Arms = environment.Arms
            member _.ContextSize = environment.ContextSize
            member _.Rounds = min limit environment.Rounds
            member _.MeansKnown = false

            member _.Open seed =
                let rows = memory.GetOrAdd(seed, (fun seed -> lazy (read seed))).Value
                let mutable next = 0

                { new IRounds with
                    member _.Next(context, costs, means) =
                        if next = rows.Length then
                            false
                        else
                            let struct (x, y) = rows[next]
                            x.AsSpan().CopyTo context
                            y.AsSpan().CopyTo costs
                            means.Fill nan
                            next <- next + 1
                            true

                    member _.Dispose() = ()
                }
        }

    /// The set under a protocol ("iid", "rotating:500"), at most one pass and at most so many rounds.
    let opened protocol limit name =
        let name = Require.oneOf "data set" all name |> Require.ok

        let environment = { source name with Protocol = protocol } |> Source.openEnvironment |> Require.ok

        remembered environment limit

/// One configuration: an algorithm with settings that differ from its defaults.
[<NoComparison>]
type Variant =
    {
        Label: string
        Algorithm: string
        Settings: (string * string) list
    }

    static member Of(label, algorithm, settings) =
        {
            Label = label
            Algorithm = algorithm
            Settings = settings
        }

    member v.With(settings) =
        { v with
            Settings = v.Settings @ settings
        }

/// Cumulative costs of a variant, a seed each (infinite if the step size made it diverge), and the microseconds a round of its fastest seed.
[<NoComparison>]
type Outcome =
    {
        Costs: float[]
        Micros: float
    }

    member o.Mean = Sample.mean o.Costs

[<RequireQualifiedAccess>]
module Runs =
    let private single environment rounds (variant: Variant) seed =
        let options =
            { ExperimentOptions.For(environment, variant.Algorithm) with
                Overrides = [| for key, value in variant.Settings -> struct (key, value) |]
                Seeds = [| seed |]
                Rounds = rounds
                Grid = 2
                Parallelism = 1
            }

        // reading is not timed
        environment.Open(uint64 seed).Dispose()

        match Experiment.run options null CancellationToken.None with
        | Ok runs -> struct (Array.last runs[0].Cost, runs[0].Seconds * 1e6 / float runs[0].Rounds)
        | Error(HindsightError.Incompatible reason) when reason.Contains "diverged" -> struct (infinity, nan)
        | Error e -> raise (HindsightException e)

    /// Every variant with its seeds, a run a processor; the outcomes in the order of the variants.
    let each (environment: IEnvironment) rounds (plans: (Variant * int[])[]) =
        let tasks =
            [|
                for i, (variant, seeds) in Array.indexed plans do
                    for seed in seeds -> struct (i, variant, seed)
            |]

        let results = Array.zeroCreate<struct (float * float)> tasks.Length

        Parallel.For(
            0,
            tasks.Length,
            ParallelOptions(MaxDegreeOfParallelism = Environment.ProcessorCount),
            fun j ->
                let struct (_, variant, seed) = tasks[j]
                results[j] <- single environment rounds variant seed
        )
        |> ignore<ParallelLoopResult>

        [|
            for i in 0 .. plans.Length - 1 ->
                let mine =
                    Array.zip tasks results
                    |> Array.filter (fun (struct (owner, _, _), _) -> owner = i)
                    |> Array.map snd

                {
                    Costs = mine |> Array.map (fun (struct (cost, _)) -> cost)
                    Micros = mine |> Array.map (fun (struct (_, micros)) -> micros) |> Array.min
                }
        |]

    let all environment rounds (seeds: int[]) (variants: Variant list) =
        variants |> List.map (fun v -> v, seeds) |> Array.ofList |> each environment rounds |> List.ofArray

    /// The variant with the smallest mean cost on the tuning seeds, of each family.
    let tune environment (options: BenchOptions) (families: Variant list list) =
        let outcomes = all environment options.Horizon options.TuningSeeds (List.concat families)

        let rec deal families outcomes =
            match families with
            | [] -> []
            | family :: rest ->
                let mine, others = List.splitAt (List.length family) outcomes

                (List.zip family mine |> List.minBy (fun (_, o: Outcome) -> o.Mean) |> fst) :: deal rest others

        deal families outcomes

    /// The network's part of an oracle that takes one plain, unperturbed, unprojected step a round: rate and the rest are the variant's.
    let plainStep = [ "oracle", "theory"; "parameterisation", "standard"; "perturbation", "off" ]

    /// How figures were made, for the head of a table.
    let header (options: BenchOptions) protocol =
        let seeds = options.ReportSeeds
        $"Protocol `{protocol}`, at most {options.Horizon} rounds, seeds {seeds[0]} to {Array.last seeds}."
