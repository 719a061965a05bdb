namespace Hindsight

open System

/// <summary>The subsampled randomised Hadamard transform S = sqrt(N/m) P (H/sqrt N) D: random signs, a Walsh-Hadamard transform, m of the N rows without replacement. Vectors of n entries are padded with zeros to N, the next power of two.</summary>
/// <remarks>E S'S = I over the draws, and S'S = I where m = N. A pure function of the seed; applying it costs N log2 N additions and allocates nothing.</remarks>
[<Sealed; NoComparison; NoEquality>]
type HadamardSketch =
    internal new: length: int * padded: int * signs: float[] * sample: int[] -> HadamardSketch
    /// Entries of a vector before padding.
    member Length: int
    /// N.
    member Padded: int
    /// m.
    member Rows: int
    /// The rows that were drawn, in ascending order: a view.
    member Sample: ReadOnlySpan<int>
    /// <summary>Writes S x; work holds N numbers.</summary>
    /// <returns>WrongDimension for spans of other lengths.</returns>
    member Apply: x: ReadOnlySpan<float> * work: Span<float> * target: Span<float> -> Result<unit, HindsightError>

/// <summary>A least-squares problem min |A x - b| solved on a sketch, and what is known of the error afterwards.</summary>
[<NoComparison>]
type SketchedLeastSquares =
    {
        /// x', the minimiser of |S (A x - b)|.
        Solution: float[]
        /// x*, the minimiser of |A x - b|: computed too, because the certificate needs its residual.
        Exact: float[]
        /// |A^+|, one over the smallest singular value.
        PseudoInverseNorm: float
        /// |(U'S'S U)^-1|, U an orthonormal basis of A's columns.
        InverseNorm: float
        /// |U'S'S r|, r = b - A x*.
        ResidualNorm: float
        /// |b - A x*|.
        Residual: float
        /// The bound on |x' - x*| that the three norms give.
        Certificate: Bound
    }

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Least squares on a sketch, with a certificate afterwards.</summary>
/// <remarks>Where S U has full column rank, x' - x* = V Sigma^-1 (U'S'S U)^-1 U'S'S r exactly (A = U Sigma V'); derived here. Fast regression with an l-infinity guarantee (arXiv 2302.00248) claims an error of epsilon/sqrt d in each coordinate from
/// epsilon^-2 d ln^3(n/delta) rows; a later manuscript shows that its proof applies a property of fixed vectors to vectors that depend on the same sketch, so that number of rows is a heuristic here and the certificate is what holds.</remarks>
[<RequireQualifiedAccess>]
module Sketch =
    /// <summary>values := H values, H the Walsh-Hadamard matrix of entries -1 and 1 (H H = N I), in place, N log2 N additions.</summary>
    /// <returns>WrongDimension unless the length is a power of two.</returns>
    val walshHadamard: values: Span<float> -> Result<unit, HindsightError>

    /// <summary>The transform for vectors of n entries.</summary>
    /// <param name="seed">Key of signs and sample.</param>
    /// <param name="length">n &gt;= 1.</param>
    /// <param name="rows">m in [1, N].</param>
    val hadamard: seed: uint64 -> length: int -> rows: int -> Result<HadamardSketch, HindsightError>

    /// <summary>The minimiser of |S (A x - b)|, by QR of the sketch: what the sketch is for.</summary>
    /// <param name="columns">d; the matrix is given by rows, n d entries, b has n.</param>
    /// <param name="matrix">A, finite.</param>
    /// <param name="rhs">b, finite.</param>
    /// <param name="sketch">At least d rows.</param>
    /// <returns>WrongDimension, OutOfRange; Incompatible if what the sketch leaves of A has not full column rank.</returns>
    val solve:
        columns: int ->
        matrix: ReadOnlySpan<float> ->
        rhs: ReadOnlySpan<float> ->
        sketch: HadamardSketch ->
            Result<float[], HindsightError>

    /// <summary>The same with the whole problem's solution and the certificate between them. The certificate needs the residual of x*, so this costs as much as the problem itself: it checks a choice of rows, it does not save time.</summary>
    /// <returns>As above; Incompatible if A itself has not full column rank.</returns>
    val leastSquares:
        columns: int ->
        matrix: ReadOnlySpan<float> ->
        rhs: ReadOnlySpan<float> ->
        sketch: HadamardSketch ->
            Result<SketchedLeastSquares, HindsightError>
