namespace Hindsight.FSharp

open System

/// <summary>Philox4x32-10: a counter-based generator. The number at a (seed, stream, index) is a pure function of the three,
/// so a run replays bit for bit whatever else draws in between, and round t can be re-drawn without rounds 1..t-1.</summary>
/// <remarks>Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); known-answer vectors of its Random123 are tests.</remarks>
[<RequireQualifiedAccess>]
module Philox =
    /// Version of every derived sampling rule in this file. Snapshots record it.
    [<Literal>]
    val Version: int = 1

    /// The raw block: four 32-bit words of a 64-bit key and a 128-bit counter.
    val block:
        key0: uint32 * key1: uint32 * c0: uint32 * c1: uint32 * c2: uint32 * c3: uint32 ->
            struct (uint32 * uint32 * uint32 * uint32)

    /// 64 random bits at (seed, stream, index).
    val bits: seed: uint64 -> stream: uint64 -> index: uint64 -> uint64

    /// A double in [0, 1) at (seed, stream, index): 53 bits.
    val uniform: seed: uint64 -> stream: uint64 -> index: uint64 -> float

    /// Fills with random words: words 4i..4i+3 are the block at counter (i, stream).
    val fill: seed: uint64 -> stream: uint64 -> words: Span<uint32> -> unit

namespace Hindsight

open System

/// <summary>A sequential view of <see cref="T:Hindsight.FSharp.Philox"/>: numbers 0, 1, 2, ... of one (seed, stream).</summary>
[<Sealed>]
type RandomStream =
    /// Starts at index 0.
    new: seed: uint64 * stream: uint64 -> RandomStream
    /// The seed.
    member Seed: uint64
    /// The stream.
    member Stream: uint64
    /// How many 64-bit numbers were drawn; setting it rewinds or skips.
    member Position: uint64 with get, set
    /// 64 random bits.
    member NextBits: unit -> uint64
    /// Uniform in [0, 1).
    member NextDouble: unit -> float
    /// Uniform in 0 .. bound-1 without modulo bias; bound &gt;= 1.
    member NextInt: bound: int -> int
    /// Standard normal (Box-Muller, two draws each).
    member NextNormal: unit -> float
    /// Random order in place (Fisher-Yates).
    member Shuffle: items: Span<int> -> unit
