namespace Hindsight

open System
open System.IO

type IRegressionOracle =
    abstract Name: string
    abstract Shape: FeatureShape
    abstract HasWidths: bool
    abstract Predict: inputs: ArmInputs * predictions: Span<float> -> unit
    abstract Widths: inputs: ArmInputs * widths: Span<float> -> unit
    abstract Learn: x: ReadOnlySpan<float32> * block: int * head: int * cost: float * candidate: int -> unit
    abstract Save: writer: BinaryWriter -> unit
    abstract Load: reader: BinaryReader -> unit
