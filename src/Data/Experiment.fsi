namespace Hindsight.Data

open System
open System.Collections.Generic
open System.Threading
open Hindsight

/// <summary>Algorithms against one environment, several seeds each.</summary>
[<NoComparison; NoEquality>]
type ExperimentOptions =
    {
        /// Where the rounds come from. Opened once a run, possibly by several runs at a time.
        Environment: IEnvironment
        /// Names of BanditSettings.Algorithms.
        Algorithms: string[]
        /// Settings as key and value: "rate" goes to every algorithm, "neufastcb.rate" to that one alone. A key that does not exist, or an algorithm that is not run, is an error.
        Overrides: struct (string * string)[]
        /// One run an algorithm and seed: the seed opens the environment and keys the bandit.
        Seeds: int[]
        /// Rounds a run, at most those of the environment.
        Rounds: int
        /// Points of the recorded curve, spaced half logarithmically and half evenly; fewer if rounds are fewer.
        Grid: int
        /// Runs at a time; 0: one a processor.
        Parallelism: int
        /// Whether every run keeps a ledger; its intervals fail with probability 0.05.
        Ledger: bool
    }

    /// Everything at its default: seeds 0 to 4, 10,000 rounds, 200 points, a run a processor, no ledger.
    static member For: environment: IEnvironment * [<ParamArray>] algorithms: string[] -> ExperimentOptions

/// <summary>How far a run is. Reported at most ten times a second a run, and at its end.</summary>
[<Struct; NoComparison>]
type ExperimentProgress =
    {
        Algorithm: string
        Seed: int
        /// Rounds done.
        Round: int
        /// Rounds asked for.
        Rounds: int
        /// Cost so far.
        CumulativeCost: float
        /// Rounds a second since the run began.
        RoundsPerSecond: float
    }

/// <summary>The ledger of a run: its rows at the run's grid, and at the end what they imply and rest on.</summary>
[<NoComparison>]
type RunLedger =
    {
        Rows: LedgerRow[]
        /// The bounds that the measurements imply.
        Implied: Bound[]
        /// What theory assumes, with what was measured of it.
        Assumptions: Assumption[]
    }

/// <summary>One run: an algorithm with a seed.</summary>
[<NoComparison>]
type RunResult =
    {
        Algorithm: string
        Seed: int
        /// Rounds done: fewer than asked for if interrupted, or if the environment ended.
        Rounds: int
        /// Round numbers (1 is the first) at which the curves were recorded; the last is Rounds.
        Grid: int[]
        /// Cumulative cost at the grid.
        Cost: float[]
        /// Cumulative pseudo-regret at the grid, sum of mean(chosen) - min mean; NaN where means are not known.
        PseudoRegret: float[]
        /// Cumulative certificate at the grid, a measured bound on the expected pseudo-regret: sum over rounds of the least over c of
        /// decision value(p, predicted, c) + c sum_a p_a (predicted_a - mean_a)^2, and at most 1 a round. NaN where means are not known.
        /// Derived here: the decision value is the maximum over f of sum_a p_a (f_a - min f) - c sum_a p_a (f_a - predicted_a)^2, for any p and c.
        Certificate: float[]
        /// Cumulative cost of the best policy in hindsight that is known: the sum of min mean, or of the smallest cost of each round (0 for classification).
        BestCost: float
        /// The ledger, if one was asked for.
        Ledger: RunLedger option
        /// Seconds that the run took, the environment included.
        Seconds: float
        /// The bandit's settings.
        Settings: KeyValuePair<string, string>[]
        /// True if it was cancelled before its end.
        Interrupted: bool
    }

/// <summary>The simulation loop: draw a round, choose, learn the chosen arm's cost.</summary>
[<RequireQualifiedAccess>]
module Experiment =
    /// <summary>The round numbers at which a curve of so many rounds is recorded: increasing, from 1 to rounds, half spaced logarithmically and half evenly.</summary>
    /// <param name="rounds">Rounds, at least 1.</param>
    /// <param name="points">Most points, at least 2.</param>
    val grid: rounds: int -> points: int -> int[]

    /// <summary>Runs every algorithm with every seed.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Takes reports, from several threads; null: nobody listens.</param>
    /// <param name="cancel">Stops all runs after their current round; what was done is returned.</param>
    /// <returns>A result a run that was started, algorithms in the given order, seeds in the given order within each. Everything but Seconds is a function of the options alone.</returns>
    /// <exception cref="T:Hindsight.HindsightException">Never: errors are returned, before any run is started where they can be known.</exception>
    [<CompiledName("Run")>]
    val run:
        options: ExperimentOptions ->
        progress: IProgress<ExperimentProgress> ->
        cancel: CancellationToken ->
            Result<RunResult[], HindsightError>
