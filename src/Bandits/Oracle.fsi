namespace Hindsight

open System
open System.IO

/// <summary>One of a bandit's three independent parts: an online regression of cost on inputs.</summary>
type IRegressionOracle =
    /// Name, for reports and snapshots.
    abstract Name: string
    /// The form of its inputs.
    abstract Shape: FeatureShape
    /// Whether it knows the standard width of its predictions (linear models do).
    abstract HasWidths: bool
    /// Predicted mean cost of each candidate (the first inputs.Count entries). Finite; may lie outside [0,1], the bandit clips.
    abstract Predict: inputs: ArmInputs * predictions: Span<float> -> unit
    /// Standard width sqrt(x' A^-1 x) of each candidate's prediction; only where HasWidths.
    abstract Widths: inputs: ArmInputs * widths: Span<float> -> unit
    /// One observation: the input vector, its block and head, the cost in [0,1]. The gradient is taken at today's parameters.
    /// <c>candidate</c> is the vector's place in the latest Predict call, or -1 if that call was about something else.
    abstract Learn: x: ReadOnlySpan<float32> * block: int * head: int * cost: float * candidate: int -> unit
    /// Writes the whole state.
    abstract Save: writer: BinaryWriter -> unit
    /// Reads back what Save wrote into an oracle that was made with the same settings.
    abstract Load: reader: BinaryReader -> unit
