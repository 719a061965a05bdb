namespace Hindsight

open System

/// <summary>The form of an oracle's inputs: vectors of one length, that stand in one of several blocks of the input, and are read by one of several output heads.</summary>
[<Struct; NoComparison>]
type FeatureShape =
    {
        /// Length of one input vector.
        Dimension: int
        /// Disjoint arms: arm k's vector stands in block k of a Blocks * Dimension vector that is 0 elsewhere. 1 otherwise.
        Blocks: int
        /// Shared features: every arm reads the same vector through an output of its own. 1 otherwise.
        Heads: int
    }

/// <summary>Features per available arm, for action sets that change from round to round. Arm i is row i.</summary>
/// <remarks>At least one arm and one feature; a ragged or empty set is a <see cref="T:Hindsight.HindsightException"/> (WrongDimension, OutOfRange).
/// The features themselves are checked when they are mapped.</remarks>
[<Sealed>]
type ActionSet =
    /// Row-major features, one row of the given dimension an arm. The array is read at once, not kept.
    new: features: float[] * dimension: int -> ActionSet
    /// One array an arm, all of the same length.
    new: features: System.Collections.Generic.IReadOnlyList<float[]> -> ActionSet
    /// Number of available arms.
    member Count: int
    /// Features an arm.
    member Dimension: int
    /// Features of an arm.
    member Item: arm: int -> ReadOnlySpan<float>

/// <summary>The oracle inputs of one round, a candidate an available arm. A buffer that is filled anew each round.</summary>
[<Sealed>]
type ArmInputs =
    /// An empty buffer.
    new: shape: FeatureShape -> ArmInputs
    /// The form.
    member Shape: FeatureShape
    /// Number of candidates.
    member Count: int
    /// True if all candidates read the same vector (row 0).
    member SharedRow: bool
    /// Rows of Shape.Dimension floats: one if SharedRow, else one a candidate.
    member Values: float32[]
    /// Arm number of each candidate (the first Count entries).
    member Arms: int[]
    /// Input block of each candidate.
    member Blocks: int[]
    /// Output head of each candidate.
    member Heads: int[]
    /// The vector of a candidate.
    member Row: candidate: int -> Span<float32>
    /// Empties it and makes room for so many candidates, which share one vector or have one each.
    member Reset: candidates: int * sharedRow: bool -> unit
    /// Sets the arm, block and head of a candidate.
    member Assign: candidate: int * arm: int * block: int * head: int -> unit

/// <summary>How an input vector is scaled before the oracle reads it.</summary>
type InputScaling =
    /// As given.
    | None = 0
    /// To Euclidean length 1 (a zero vector stays).
    | Unit = 1
    /// To Euclidean length sqrt(dimension), the scaling under which a first layer with factor 1/sqrt(d) keeps its pre-activations of order 1.
    | SqrtDimension = 2

/// <summary>One of a bandit's three independent parts: turns a context (or an action set) into oracle inputs.</summary>
/// <remarks>Errors: WrongDimension for a context, mask or action set of the wrong length; OutOfRange for a feature that is not finite (or, unscaled, beyond single
/// precision) and for a mask without an available arm; Incompatible for a context where action sets are taken, and the other way round.
/// An error leaves the inputs as they were. Once the buffer has grown to the largest round, mapping allocates nothing.</remarks>
type IFeatureMap =
    /// Name, for reports and snapshots.
    abstract Name: string
    /// The form of what it makes.
    abstract Shape: FeatureShape
    /// Length of the contexts it takes; 0 if it takes action sets only.
    abstract ContextSize: int
    /// Number of arms; 0 if it changes with the action set.
    abstract Arms: int

    /// Inputs of the available arms (an empty mask means all).
    abstract Map:
        context: ReadOnlySpan<float> * available: ReadOnlySpan<bool> * inputs: ArmInputs -> Result<unit, HindsightError>

    /// Inputs of an action set.
    abstract MapActions: actions: ActionSet * inputs: ArmInputs -> Result<unit, HindsightError>

/// <summary>Disjoint arms: the context in the arm's block of an Arms * ContextSize vector. One network, no shared input weights; the encoding of the neural-bandit literature.</summary>
[<Sealed>]
type DisjointArms =
    new: contextSize: int * arms: int * scaling: InputScaling -> DisjointArms
    interface IFeatureMap

/// <summary>Shared features: every arm reads the context itself, through an output of its own.</summary>
[<Sealed>]
type SharedFeatures =
    new: contextSize: int * arms: int * scaling: InputScaling -> SharedFeatures
    interface IFeatureMap

/// <summary>Features of the arm: each available arm brings its own vector; one output for all.</summary>
[<Sealed>]
type ArmFeatures =
    new: dimension: int * scaling: InputScaling -> ArmFeatures
    interface IFeatureMap
