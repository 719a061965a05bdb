namespace Hindsight

open System

/// <summary>A point that training visited, seen from the minimiser.</summary>
[<Struct; NoComparison>]
type PathPoint =
    {
        /// |theta - theta*|.
        Distance: float
        /// L(theta) - L(theta*), at least 0.
        Excess: float
        /// L(theta) + grad L(theta)'(theta* - theta) - L(theta*): how far from convex the loss is from here to the minimiser. Negative where it is convex with something to spare.
        Slack: float
    }

    /// 2 (L(theta) - L(theta*))/|theta - theta*|^2: the growth at this point; infinite at the minimiser itself.
    member Growth: float

/// <summary>Quadratic growth and almost convexity of a network's averaged loss at the points that training visited: all that the regret bound asks of them.</summary>
/// <remarks>L is the perturbed averaged loss over a uniform sample of the observations. Measured on that sample and at those points, so neither a lower nor an upper bound of a constant over the ball.</remarks>
[<NoComparison>]
type PathGrowth =
    {
        /// How many observations L averages.
        Observations: int
        /// The points, in the order of the visits; the last is where training stood.
        Points: PathPoint[]
        /// theta*.
        Minimiser: float32[]
        /// L(theta*), the least value that was found: by descent from the best of the points.
        Least: float
        /// |grad L(theta*)|: how near to a minimiser that is.
        GradientNorm: float
        /// The largest gradient norm of a single observation at a point.
        Steepest: float
    }

    /// The least growth over the points that are not the minimiser itself: mu. Infinite if there is no such point.
    member Growth: float
    /// The largest slack, at least 0: epsilon.
    member Slack: float

/// <summary>Keeps what the growth along a network's path is measured from: a uniform sample of its observations and some of the parameters that it passed through.</summary>
/// <remarks>Observing changes nothing in the network. Parameters are kept at the observations 1, 2, 4, 8, ...; if the copies exceed 64 MiB every other one is dropped. Not for concurrent use.</remarks>
[<Sealed; AllowNullLiteral>]
type GrowthMeter =
    /// <summary>An empty meter.</summary>
    /// <param name="capacity">Most observations that are kept, at least 1.</param>
    /// <param name="seed">Of the sample.</param>
    /// <exception cref="T:Hindsight.HindsightException">capacity is below 1.</exception>
    new: capacity: int * seed: uint64 -> GrowthMeter
    /// Observations seen.
    member Seen: int64

    /// <summary>An observation that the network is about to learn from.</summary>
    /// <exception cref="T:Hindsight.HindsightException">The vector's length is not the network's dimension, block, head or label are not of the network, or the network has another number of parameters than the one before.</exception>
    member Observe:
        network: PerturbedNetwork * values: ReadOnlySpan<float32> * block: int * head: int * label: float -> unit

    /// <summary>The growth along the path so far; Incompatible before the first observation, for another network, and where the loss is not finite at every point.</summary>
    /// <remarks>Works on a copy of the network. Costs at most about 150 gradients of every kept observation, and one a point.</remarks>
    member Measure: network: PerturbedNetwork -> Result<PathGrowth, HindsightError>
