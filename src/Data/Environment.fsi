namespace Hindsight.Data

open System

/// <summary>The rounds of one run, in order. Not for concurrent use.</summary>
type IRounds =
    inherit IDisposable
    /// Fills the next round's context, the cost of every arm, and the mean cost of every arm (NaN where it is not known). False when there are no more rounds.
    abstract Next: context: Span<float> * costs: Span<float> * means: Span<float> -> bool

/// <summary>A source of contextual bandit rounds whose full cost vector the simulation knows and the bandit does not.</summary>
type IEnvironment =
    /// Name, for reports.
    abstract Name: string
    /// Number of arms.
    abstract Arms: int
    /// Length of a context.
    abstract ContextSize: int
    /// Rounds that Open gives at most; Int32.MaxValue if unlimited.
    abstract Rounds: int
    /// True if mean costs are known and given (simulated, realizable); only then pseudo-regret and a bound are compared.
    abstract MeansKnown: bool
    /// Starts a run: order and noise are functions of the seed alone.
    abstract Open: seed: uint64 -> IRounds
