namespace Hindsight.Data

open System

type IRounds =
    inherit IDisposable
    abstract Next: context: Span<float> * costs: Span<float> * means: Span<float> -> bool

type IEnvironment =
    abstract Name: string
    abstract Arms: int
    abstract ContextSize: int
    abstract Rounds: int
    abstract MeansKnown: bool
    abstract Open: seed: uint64 -> IRounds
