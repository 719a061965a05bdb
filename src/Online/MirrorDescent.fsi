namespace Hindsight

open System

/// <summary>A mirror map: a regulariser psi, 1-strongly convex in a norm over a closed convex set, with the two minimisations that learners need.</summary>
/// <remarks>Both are in place and without allocation. Vectors have the map's dimension.</remarks>
type IMirrorMap =
    /// A name for people.
    abstract Name: string
    /// d.
    abstract Dimension: int
    /// Writes the point where psi is least.
    abstract Centre: point: Span<float> -> unit
    /// argmin over x of step g'x + B(x, point), in place of the point; B the Bregman divergence of psi.
    abstract Descend: gradient: ReadOnlySpan<float> * step: float * point: Span<float> -> unit
    /// Writes argmin over x of total'x + scale psi(x).
    abstract Lead: total: ReadOnlySpan<float> * scale: float * point: Span<float> -> unit
    /// psi(x).
    abstract Regulariser: point: ReadOnlySpan<float> -> float
    /// B(u, x).
    abstract Divergence: comparator: ReadOnlySpan<float> * point: ReadOnlySpan<float> -> float
    /// The dual norm of a gradient.
    abstract DualNorm: gradient: ReadOnlySpan<float> -> float

/// <summary>The mirror maps of the library. Dimensions and radii are checked: a HindsightException (OutOfRange) for a bad one.</summary>
[<AbstractClass; Sealed>]
type MirrorMaps =
    /// |x|^2/2 over a ball about 0, Euclidean norm.
    static member Ball: dimension: int * radius: float -> IMirrorMap
    /// |x|^2/2 over the whole space, Euclidean norm.
    static member Euclidean: dimension: int -> IMirrorMap
    /// Negative entropy sum x ln x over the simplex: 1-strongly convex in the sum of absolute values, dual norm the largest one (Pinsker). Entries stay above 1e-300.
    static member Simplex: dimension: int -> IMirrorMap
    /// |x|_p^2/(2 (p - 1)) over the whole space, 1/p + 1/q = 1, q = 2 ln d: norm |.|_p, dual norm |.|_q. dimension &gt;= 3.
    static member PNorm: dimension: int -> IMirrorMap

/// <summary>State of mirror descent, or of a regularised leader: the point, the gradients' sum, and what the bounds need.</summary>
/// <remarks>A step is in place and allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type MirrorState =
    /// The regulariser.
    member Map: IMirrorMap
    /// The point of the next round: a view, valid until the next step.
    member Point: ReadOnlySpan<float>
    /// The first point, a copy.
    member First: float[]
    /// Gradients seen.
    member Rounds: int64
    /// Sum of squared dual norms.
    member Squares: float
    /// Sum of squared dual norms over the round's scale.
    member Energy: float
    /// 1/eta of the next round.
    member Scale: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Mirror descent: x_{t+1} = argmin eta g_t'x + B(x, x_t), from the point where psi is least.</summary>
[<RequireQualifiedAccess>]
module MirrorDescent =
    /// The state before any round; step &gt; 0.
    val start: map: IMirrorMap -> step: float -> Result<MirrorState, HindsightError>
    /// One gradient, in place. A gradient that is not finite or of another length is a HindsightException.
    val step: gradient: ReadOnlySpan<float> -> state: MirrorState -> unit
    /// The bound on the regret against a comparator of the map's set: B(u, x_1)/eta + (eta/2) S.
    val regretBound: comparator: ReadOnlySpan<float> -> state: MirrorState -> Result<Bound, HindsightError>

/// <summary>Follow the regularised leader on linearised losses: x_t = argmin sum_{s&lt;t} g_s'x + scale_t psi(x).</summary>
[<RequireQualifiedAccess>]
module RegularisedLeader =
    /// The state before any round; scale = 1/eta &gt; 0.
    val start: map: IMirrorMap -> scale: float -> Result<MirrorState, HindsightError>
    /// One gradient, in place. A gradient that is not finite or of another length is a HindsightException.
    val step: gradient: ReadOnlySpan<float> -> state: MirrorState -> unit

    /// <summary>One gradient, and the scale of the rounds after it, at least the present one (else a HindsightException): a schedule that may depend on what was seen.</summary>
    /// <remarks>The regret bound needs psi &gt;= 0 for growing scales; the library's maps are shifted by their minimum for that.</remarks>
    val stepTo: scale: float -> gradient: ReadOnlySpan<float> -> state: MirrorState -> unit

    /// The bound on the regret against a comparator of the map's set: scale (psi(u) - min psi) + (1/2) sum |g_t|^2/scale_t.
    val regretBound: comparator: ReadOnlySpan<float> -> state: MirrorState -> Result<Bound, HindsightError>
