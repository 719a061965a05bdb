namespace Hindsight

open System
open System.IO

/// <summary>Options of a bandit that are not those of its parts.</summary>
[<NoComparison>]
type BanditOptions =
    {
        /// Key of every random number.
        Seed: uint64
        /// The exploration parameter over the rounds.
        Gamma: GammaOptions
        /// Most decisions that may wait for feedback; beyond it the oldest is dropped and takes no feedback any more.
        PendingLimit: int
        /// Whether a second feedback for a decision is one more observation (true) or an error (false).
        AllowAmendments: bool
    }

/// <summary>A contextual bandit: the product of a feature map, an exploration rule and a regression oracle.</summary>
/// <remarks>Feedback may be late, out of order, or missing. The oracle learns at its parameters of the moment of feedback. Costs lie in [0,1].
/// A call that returns an error has changed nothing. One bandit is not for concurrent use.</remarks>
[<Sealed>]
type Bandit =
    /// Puts the parts together; Incompatible if they do not fit, OutOfRange for bad options.
    static member Create:
        map: IFeatureMap * rule: IExplorationRule * oracle: IRegressionOracle * options: BanditOptions ->
            Result<Bandit, HindsightError>

    /// The parts.
    member Map: IFeatureMap
    member Rule: IExplorationRule
    member Oracle: IRegressionOracle
    /// The options.
    member Options: BanditOptions
    /// Decisions made so far.
    member Decisions: int64
    /// Observations learned so far.
    member Observations: int64
    /// Sum of the costs learned so far.
    member CumulativeCost: float
    /// Decisions that wait for feedback.
    member Pending: int
    /// Chooses among all arms.
    member Choose: context: ReadOnlySpan<float> -> Result<Decision, HindsightError>
    /// Chooses among the available arms (one flag an arm, at least one true).
    member Choose: context: ReadOnlySpan<float> * available: ReadOnlySpan<bool> -> Result<Decision, HindsightError>
    /// Chooses from an action set.
    member Choose: actions: ActionSet -> Result<Decision, HindsightError>
    /// Feedback for a decision: its cost in [0,1].
    member Learn: id: int64 * cost: float -> Result<unit, HindsightError>
    /// Writes the state of bandit and oracle, pending decisions included. The parts and options are not written: see BanditSettings.
    member SaveState: writer: BinaryWriter -> unit
    /// Reads back what SaveState wrote, into a bandit made of the same parts and options.
    member LoadState: reader: BinaryReader -> Result<unit, HindsightError>
