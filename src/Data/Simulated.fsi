namespace Hindsight.Data

open Hindsight

/// <summary>How a cost scatters about its mean. The mean is exact in both cases.</summary>
[<RequireQualifiedAccess>]
type CostNoise =
    /// 1 with the mean as probability, else 0.
    | Bernoulli
    /// Uniform within a half-width of the mean; the half-width shrinks where [0,1] ends.
    | Uniform of HalfWidth: float

/// <summary>Size and noise of a simulated environment.</summary>
[<NoComparison>]
type SimulatedOptions =
    {
        /// Length of a context.
        ContextSize: int
        /// Number of arms.
        Arms: int
        /// Noise of the costs.
        Noise: CostNoise
        /// Rounds at most; 0: no limit.
        Rounds: int
        /// Which function is hidden: another seed, another function. The seed of a run does not change it.
        Seed: uint64
    }

    /// 10 features, 5 arms, Bernoulli costs, no limit, seed 0.
    static member Default: SimulatedOptions

/// <summary>Realizable environments: contexts uniform on the unit sphere, and a mean cost in [0,1] for each arm that is a known function of the context.</summary>
[<RequireQualifiedAccess>]
module Simulated =
    /// <summary>Mean cost of arm k: (1 + x.a_k)/2 with a_k uniform on the unit sphere.</summary>
    /// <returns>The environment, or OutOfRange for a size below 1, fewer than 2 arms, negative rounds or a half-width outside (0, 1].</returns>
    val linear: options: SimulatedOptions -> Result<IEnvironment, HindsightError>

    /// <summary>The three functions of the neural-bandit literature, rescaled into [0,1]; each arm has its own a_k, uniform on the unit sphere, or A_k, with independent standard normal entries.</summary>
    /// <param name="number">
    /// 1: h1 = 10 (x.a_k)^2, divided by 10. 2: h2 = x'A_k'A_k x, divided by a bound of its largest value on the sphere that is at most a factor d^(1/64) above it. 3: h3 = cos(3 x.a_k), as (1 + h3)/2.
    /// </param>
    /// <param name="options">Size and noise.</param>
    /// <returns>The environment, or OutOfRange.</returns>
    /// <remarks>Zhou, Li, Gu, "Neural Contextual Bandits with UCB-based Exploration" (ICML 2020), section 7.1, where h is a reward.</remarks>
    val synthetic: number: int -> options: SimulatedOptions -> Result<IEnvironment, HindsightError>

    /// <summary>A random network over the disjoint encoding: sigmoid(2 v.tanh(2 W_k x)/sqrt(16)) with 16 hidden units, a first layer W_k for each arm and one output layer v, all weights standard normal.</summary>
    /// <returns>The environment, or OutOfRange.</returns>
    val randomNetwork: options: SimulatedOptions -> Result<IEnvironment, HindsightError>
