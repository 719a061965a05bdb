namespace Hindsight

open System

/// <summary>A closed convex set with its Euclidean projection: where online learners play.</summary>
/// <remarks>Sides, radii and dimensions are checked when the set is made: a HindsightException (OutOfRange, WrongDimension) for a bad one.</remarks>
[<Sealed; NoComparison; NoEquality>]
type ConvexSet =
    /// All of R^d: infinite diameter.
    static member Whole: dimension: int -> ConvexSet
    /// |x| &lt;= radius, radius &gt; 0.
    static member Ball: dimension: int * radius: float -> ConvexSet
    /// low_i &lt;= x_i &lt;= high_i, low_i &lt; high_i, both finite.
    static member Box: low: float[] * high: float[] -> ConvexSet
    /// x_i &gt;= 0 with sum 1.
    static member Simplex: dimension: int -> ConvexSet
    /// "ball", "box", "simplex" or "whole space".
    member Name: string
    /// d.
    member Dimension: int
    /// The largest distance of two points.
    member Diameter: float
    /// The longest side of the smallest box around it.
    member Side: float
    /// The nearest point of the set, in place.
    member Project: point: Span<float> -> unit
    /// Whether a point is in the set up to the given distance.
    member Contains: point: ReadOnlySpan<float> * tolerance: float -> bool
    /// A point of the set: its centre, or 0.
    member Centre: float[]

/// <summary>Projection to a Euclidean ball in the norm of a positive definite matrix, |x|_A^2 = x'Ax.</summary>
/// <remarks>Owns its buffers: a projection allocates nothing. Not for concurrent use.</remarks>
[<Sealed; NoComparison; NoEquality>]
type NormProjection =
    /// dimension &gt;= 1, else a HindsightException.
    new: dimension: int -> NormProjection

    /// <summary>argmin over |z| &lt;= radius of (z-x)'A(z-x), in place of x.</summary>
    /// <param name="matrix">A, symmetric positive definite, rows one after the other (its lower half is read).</param>
    /// <param name="radius">&gt; 0.</param>
    /// <param name="point">x.</param>
    /// <remarks>z = (A + nu I)^-1 A x with nu = 0 inside and otherwise the root of |z| = radius, by Newton's method on 1/|z|, which is monotone from nu = 0 (More and Sorensen 1983). Cholesky factors throughout.</remarks>
    member Ball: matrix: ReadOnlySpan<float> * radius: float * point: Span<float> -> unit

namespace Hindsight.FSharp

open System

/// <summary>Euclidean projections in place, without allocation. Points are finite; sets are as their names say.</summary>
/// <remarks>Each is non-expansive: |P x - P z| &lt;= |x - z|.</remarks>
[<RequireQualifiedAccess>]
module Projection =
    /// To |x| &lt;= radius.
    val ball: radius: float -> point: Span<float> -> unit
    /// To low_i &lt;= x_i &lt;= high_i.
    val box: low: ReadOnlySpan<float> -> high: ReadOnlySpan<float> -> point: Span<float> -> unit

    /// <summary>To x_i &gt;= 0 with sum 1.</summary>
    /// <remarks>Rounds of subtracting the mean excess of the entries that are still positive (Michelot 1986): at most d rounds, a few in practice.</remarks>
    val simplex: point: Span<float> -> unit
