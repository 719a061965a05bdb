namespace Hindsight.Data

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics
open System.Threading
open System.Threading.Tasks
open Hindsight
open Hindsight.FSharp

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
        Ledger: bool
    }

    static member For(environment, [<ParamArray>] algorithms: string[]) =
        {
            Environment = environment
            Algorithms = algorithms
            Overrides = [||]
            Seeds = [| 0..4 |]
            Rounds = 10000
            Grid = 200
            Parallelism = 0
            Ledger = false
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
type RunLedger =
    {
        Rows: LedgerRow[]
        Implied: Bound[]
        Assumptions: Assumption[]
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
        Certificate: float[]
        BestCost: float
        Ledger: RunLedger option
        Seconds: float
        Settings: KeyValuePair<string, string>[]
        Interrupted: bool
    }

[<RequireQualifiedAccess>]
module Experiment =
    let grid rounds points =
        if rounds <= points then
            [| 1..rounds |]
        else
            let half = points / 2

            let logarithmic i =
                Math.Pow(float rounds, float i / float half)

            let even i = float rounds * float i / float half

            [|
                1
                for i in 1..half do
                    int (Math.Round(logarithmic i))
                    int (Math.Round(even i))
            |]
            |> Array.distinct
            |> Array.sort

    /// The settings of an algorithm after the overrides that are meant for it.
    let private settings (options: ExperimentOptions) algorithm (seed: int) =
        (BanditSettings.Create(algorithm, options.Environment.ContextSize, options.Environment.Arms, uint64 seed),
         options.Overrides)
        ||> Array.fold (fun settings (struct (key, value)) ->
            result {
                let! settings = settings

                match key.Split('.', 2) with
                | [| owner; key |] ->
                    let! owner = Require.oneOf "algorithm" options.Algorithms owner
                    let meant = owner.Equals(settings.Algorithm, StringComparison.OrdinalIgnoreCase)
                    return! if meant then settings.With(key, value) else Ok settings
                | _ -> return! settings.With(key, value)
            })

    /// One run, from a bandit that has learned nothing. Raises a HindsightException for what the bandit or the environment refuses.
    let private simulate
        (options: ExperimentOptions)
        (settings: BanditSettings)
        (seed: int)
        (progress: IProgress<ExperimentProgress>)
        (cancel: CancellationToken)
        =
        let clock = Stopwatch.StartNew()
        let environment = options.Environment
        let limit = min options.Rounds environment.Rounds
        let bandit = Require.ok (settings.Build())
        let grid = grid limit options.Grid
        let recorded = List<int> grid.Length
        let cost = List<float> grid.Length
        let regret = List<float> grid.Length
        let certificate = List<float> grid.Length

        let ledger: Ledger =
            if options.Ledger then
                Ledger 0.05
            else
                Unchecked.defaultof<Ledger>

        if not (isNull (box ledger)) then
            ledger.Watch bandit.Oracle

        let rows = List<LedgerRow>()
        let context = Array.zeroCreate<float> environment.ContextSize
        let costs = Array.zeroCreate<float> environment.Arms
        let means = Array.zeroCreate<float> environment.Arms
        let mutable round = 0
        let mutable point = 0
        let mutable cumulativeCost = 0.0
        let mutable cumulativeRegret = if environment.MeansKnown then 0.0 else nan
        let mutable bound = if environment.MeansKnown then 0.0 else nan
        let mutable best = 0.0
        let mutable reported = 0L
        let mutable ended = false

        let record (round: int) (totalCost: float) (totalRegret: float) (totalBound: float) =
            recorded.Add round
            cost.Add totalCost
            regret.Add totalRegret
            certificate.Add totalBound

            if not (isNull (box ledger)) then
                rows.Add ledger.Row

        let report round totalCost =
            if not (isNull progress) then
                progress.Report
                    {
                        Algorithm = settings.Algorithm
                        Seed = seed
                        Round = round
                        Rounds = limit
                        CumulativeCost = totalCost
                        RoundsPerSecond = float round / max 1e-9 clock.Elapsed.TotalSeconds
                    }

        use rounds = environment.Open(uint64 seed)

        while round < limit && not ended && not cancel.IsCancellationRequested do
            if rounds.Next(context.AsSpan(), costs.AsSpan(), means.AsSpan()) then
                let decision = Require.ok (bandit.Choose(ReadOnlySpan context))

                if not (isNull (box ledger)) then
                    ledger.Open decision

                Require.ok (bandit.Learn(decision.Id, costs[decision.Arm]))

                if not (isNull (box ledger)) then
                    let settled =
                        if environment.MeansKnown then
                            ledger.TrySettle(decision.Id, costs[decision.Arm], ReadOnlySpan means)
                        else
                            ledger.TrySettle(decision.Id, costs[decision.Arm])

                    assert settled

                round <- round + 1
                cumulativeCost <- cumulativeCost + costs[decision.Arm]

                if environment.MeansKnown then
                    let least = Array.min means
                    best <- best + least
                    cumulativeRegret <- cumulativeRegret + means[decision.Arm] - least
                    bound <- bound + Ledger.Certify(decision, ReadOnlySpan means)
                else
                    best <- best + Array.min costs

                if round = grid[point] then
                    record round cumulativeCost cumulativeRegret bound
                    point <- point + 1

                if clock.ElapsedMilliseconds - reported >= 100L then
                    reported <- clock.ElapsedMilliseconds
                    report round cumulativeCost
            else
                ended <- true

        // an early end is a point of the curve
        if round > 0 && recorded[recorded.Count - 1] <> round then
            record round cumulativeCost cumulativeRegret bound

        report round cumulativeCost
        // what the ledger measures at the end is no part of a round
        let seconds = clock.Elapsed.TotalSeconds

        {
            Algorithm = settings.Algorithm
            Seed = seed
            Rounds = round
            Grid = recorded.ToArray()
            Cost = cost.ToArray()
            PseudoRegret = regret.ToArray()
            Certificate = certificate.ToArray()
            BestCost = best
            Ledger =
                if isNull (box ledger) then
                    None
                else
                    Some
                        {
                            Rows = rows.ToArray()
                            Implied = ledger.Implied environment.Arms
                            Assumptions = ledger.Assumptions bandit.Oracle
                        }
            Seconds = seconds
            Settings = Array.ofSeq settings.Values
            Interrupted = round < limit && not ended
        }

    /// Leaves with the first thing that is wrong, before anything is run.
    let private validate (options: ExperimentOptions) =
        let atLeast argument least value =
            Require.ok (Require.atLeast argument least value) |> ignore<int>

        atLeast "rounds" 1 options.Rounds
        atLeast "grid" 2 options.Grid
        atLeast "parallelism" 0 options.Parallelism
        atLeast "the number of algorithms" 1 options.Algorithms.Length
        atLeast "the number of seeds" 1 options.Seeds.Length
        atLeast "seed" 0 (Array.min options.Seeds)

        for algorithm in options.Algorithms do
            let settings = Require.ok (settings options algorithm options.Seeds[0])
            Require.ok (settings.Build()) |> ignore<Bandit>

    [<CompiledName("Run")>]
    let run (options: ExperimentOptions) progress (cancel: CancellationToken) =
        let jobs = Array.allPairs options.Algorithms options.Seeds
        let results: RunResult option[] = Array.create jobs.Length None

        // a run that fails stops the others
        use stop = CancellationTokenSource.CreateLinkedTokenSource cancel

        let work index =
            if not stop.IsCancellationRequested then
                let algorithm, seed = jobs[index]

                try
                    let settings = Require.ok (settings options algorithm seed)
                    results[index] <- Some(simulate options settings seed progress stop.Token)
                with _ ->
                    stop.Cancel()
                    reraise ()

        let processors =
            if options.Parallelism = 0 then
                System.Environment.ProcessorCount
            else
                options.Parallelism

        try
            validate options

            // one job at a time to each worker, so that no worker hoards
            Parallel.ForEach(
                Partitioner.Create(Seq.init jobs.Length id, EnumerablePartitionerOptions.NoBuffering),
                ParallelOptions(MaxDegreeOfParallelism = processors),
                work
            )
            |> ignore<ParallelLoopResult>

            Ok(Array.choose id results)
        with
        | :? HindsightException as e -> Error e.Error
        | :? AggregateException as e when (e.InnerException :? HindsightException) ->
            Error (e.InnerException :?> HindsightException).Error
