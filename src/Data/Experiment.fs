namespace Hindsight.Data

open System
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Hindsight

[<NoComparison; NoEquality>]
type ExperimentOptions =
    {
        Environment: IEnvironment
        Algorithms: string[]
        Overrides: struct (string * string)[]
        Seeds: int[]
        Rounds: int
        Grid: int
        Parallelism: int
    }

    static member For(environment: IEnvironment, [<ParamArray>] algorithms: string[]) =
        {
            Environment = environment
            Algorithms = algorithms
            Overrides = [||]
            Seeds = [| 0..4 |]
            Rounds = 10000
            Grid = 200
            Parallelism = 0
        }

[<Struct; NoComparison>]
type ExperimentProgress =
    {
        Algorithm: string
        Seed: int
        Round: int
        Rounds: int
        CumulativeCost: float
        RoundsPerSecond: float
    }

[<NoComparison>]
type RunResult =
    {
        Algorithm: string
        Seed: int
        Rounds: int
        Grid: int[]
        Cost: float[]
        PseudoRegret: float[]
        BestCost: float
        Seconds: float
        Settings: KeyValuePair<string, string>[]
        Interrupted: bool
    }

[<RequireQualifiedAccess>]
module Experiment =
    /// Reports a run at most this often.
    let private reportEvery = TimeSpan.FromMilliseconds 100.0

    let grid (rounds: int) (points: int) =
        let half = max 1 (points / 2)

        let log i =
            int (Math.Round(Math.Pow(float rounds, float i / float half)))

        let even i =
            int (Math.Round(float rounds * float i / float half))

        [|
            for i in 1..half do
                log i
                even i
        |]
        |> Array.append [| 1; rounds |]
        |> Array.filter (fun t -> t >= 1 && t <= rounds)
        |> Array.distinct
        |> Array.sort

    /// The algorithm's settings with the overrides that are meant for it.
    let private settings (options: ExperimentOptions) (algorithm: string) (seed: int) =
        let environment = options.Environment

        (BanditSettings.Create(algorithm, environment.ContextSize, environment.Arms, uint64 seed), options.Overrides)
        ||> Array.fold (fun settings (struct (key, value)) ->
            match key.Split('.', 2) with
            | [| owner; name |] ->
                result {
                    let! owner = Require.oneOf "algorithm" options.Algorithms owner
                    let! current = settings

                    return!
                        if String.Equals(owner, current.Algorithm, StringComparison.OrdinalIgnoreCase) then
                            current.With(name, value)
                        else
                            Ok current
                }
            | _ -> settings |> Result.bind (fun s -> s.With(key, value)))

    let private simulate
        (options: ExperimentOptions)
        (progress: IProgress<ExperimentProgress>)
        (cancel: CancellationToken)
        (settings: BanditSettings)
        (bandit: Bandit)
        =
        let environment = options.Environment
        let seed = int settings.Seed
        let limit = Math.Min(options.Rounds, environment.Rounds)
        let points = grid limit (Math.Max(2, options.Grid))
        let context: float[] = Array.zeroCreate environment.ContextSize
        let costs: float[] = Array.zeroCreate environment.Arms
        let means: float[] = Array.zeroCreate environment.Arms
        let recorded = List<int>()
        let costCurve = List<float>()
        let regretCurve = List<float>()
        let mutable rounds = 0
        let mutable cost = 0.0
        let mutable regret = 0.0
        let mutable best = 0.0
        let mutable next = 0
        let mutable failure = ValueNone
        let clock = Stopwatch.StartNew()
        let mutable reported = TimeSpan.Zero
        use source = environment.Open(uint64 seed)

        let record () =
            recorded.Add rounds
            costCurve.Add cost
            regretCurve.Add(if environment.MeansKnown then regret else Double.NaN)

        let report () =
            if not (isNull progress) then
                progress.Report
                    {
                        Algorithm = settings.Algorithm
                        Seed = seed
                        Round = rounds
                        Rounds = limit
                        CumulativeCost = cost
                        RoundsPerSecond = float rounds / Math.Max(1e-9, clock.Elapsed.TotalSeconds)
                    }

        let mutable running = limit > 0

        while running && not cancel.IsCancellationRequested do
            if rounds < limit && source.Next(Span context, Span costs, Span means) then
                let learned =
                    bandit.Choose(ReadOnlySpan context)
                    |> Result.bind (fun decision ->
                        cost <- cost + costs[decision.Arm]

                        if environment.MeansKnown then
                            regret <- regret + means[decision.Arm] - Array.min means
                            best <- best + Array.min means
                        else
                            best <- best + Array.min costs

                        bandit.Learn(decision.Id, costs[decision.Arm]))

                match learned with
                | Ok() ->
                    rounds <- rounds + 1

                    if rounds = points[next] then
                        record ()
                        next <- Math.Min(next + 1, points.Length - 1)

                    if clock.Elapsed - reported > reportEvery then
                        reported <- clock.Elapsed
                        report ()
                | Error e ->
                    failure <- ValueSome e
                    running <- false
            else
                running <- false

        report ()

        if rounds > 0 && (recorded.Count = 0 || recorded[recorded.Count - 1] <> rounds) then
            record ()

        match failure with
        | ValueSome e -> Error e
        | ValueNone ->
            Ok
                {
                    Algorithm = settings.Algorithm
                    Seed = seed
                    Rounds = rounds
                    Grid = recorded.ToArray()
                    Cost = costCurve.ToArray()
                    PseudoRegret = regretCurve.ToArray()
                    BestCost = best
                    Seconds = clock.Elapsed.TotalSeconds
                    Settings = Array.ofSeq settings.Values
                    Interrupted = cancel.IsCancellationRequested && rounds < limit
                }

    /// The first error, or all values.
    let private all results =
        (results, Ok [])
        ||> Array.foldBack (fun r state ->
            match r, state with
            | Error e, _ -> Error e
            | Ok x, Ok xs -> Ok(x :: xs)
            | _, error -> error)

    [<CompiledName("Run")>]
    let run (options: ExperimentOptions) (progress: IProgress<ExperimentProgress>) (cancel: CancellationToken) =
        result {
            let! _ = Require.atLeast "Algorithms.Length" 1 options.Algorithms.Length
            let! _ = Require.atLeast "Seeds.Length" 1 options.Seeds.Length
            let! _ = Require.atLeast "Seeds (every seed)" 0 (Array.min options.Seeds)
            let! _ = Require.atLeast "Rounds" 1 options.Rounds
            let! _ = Require.atLeast "Parallelism" 0 options.Parallelism

            let! plans =
                [|
                    for algorithm in options.Algorithms do
                        for seed in options.Seeds -> settings options algorithm seed
                |]
                |> all

            // a setting that does not fit is found before anything runs
            let! _ =
                plans
                |> List.distinctBy (fun s -> s.Algorithm)
                |> List.map (fun s -> s.Build())
                |> Array.ofList
                |> all

            let plans = Array.ofList plans
            let results = Array.create plans.Length ValueNone

            let parallelism =
                ParallelOptions(
                    MaxDegreeOfParallelism =
                        (if options.Parallelism = 0 then
                             Environment.ProcessorCount
                         else
                             options.Parallelism)
                )

            Parallel.For(
                0,
                plans.Length,
                parallelism,
                fun i ->
                    if not cancel.IsCancellationRequested then
                        let outcome = plans[i].Build() |> Result.bind (simulate options progress cancel plans[i])

                        results[i] <- ValueSome outcome
            )
            |> ignore<ParallelLoopResult>

            let! finished = results |> Array.choose (fun r -> if r.IsSome then Some r.Value else None) |> all
            return Array.ofList finished
        }
