namespace Hindsight.FSharp

open System
open Hindsight

/// What the adversarial bandits share: the draw of an arm and the checks of an observation.
[<RequireQualifiedAccess>]
module internal Sampling =
    /// The index at which the running sum of the distribution passes u in [0,1); never one of probability 0.
    val pick: distribution: ReadOnlySpan<float> -> u: float -> int
    /// The arm of a round: a pure function of seed and round, stream 0.
    val draw: seed: uint64 -> round: int64 -> distribution: ReadOnlySpan<float> -> int
    /// An arm with positive probability.
    val arm: arm: int -> distribution: ReadOnlySpan<float> -> Result<int, HindsightError>
    /// A loss in [0, ceiling].
    val loss: ceiling: float -> loss: float -> Result<float, HindsightError>
    /// The least element.
    val least: values: ReadOnlySpan<float> -> float
    /// weights_i = exp(-(values_i - least) eta) over their sum.
    val exponential: eta: float -> values: ReadOnlySpan<float> -> weights: Span<float> -> unit
    /// weights_i = (2/(eta (values_i - x)))^2 with x such that they sum to 1: the minimiser of sum values p - (4/eta) sum sqrt p.
    val tsallis: eta: float -> values: ReadOnlySpan<float> -> weights: Span<float> -> unit
    /// weights_i = 1/(eta (values_i + nu)) with nu such that they sum to 1: the minimiser of sum values x + (1/eta) sum ln(1/x).
    val logBarrier: eta: float -> values: ReadOnlySpan<float> -> weights: Span<float> -> unit
