namespace Hindsight

open System
open System.IO

/// <summary>State of online linear regression with A = lambda I + sum x x': weights, a square root of A^-1, and log det (A/lambda).</summary>
/// <remarks>
/// A^-1 = S S' is kept by its square root and each round multiplies it: S (I - g f f'), f = S'x, g = a/(1 + sqrt a), a = 1/(1 + f'f) (Potter 1963).
/// The inverse itself, updated by subtraction (Sherman-Morrison), loses its sign once the condition number of A comes near 1e16;
/// a product S S' cannot, its widths are sums of squares, and its errors grow with the square root of the condition number. A Cholesky factor
/// of A is as safe, but a width then costs a triangular solve, where here the zeros of x are skipped: one-hot inputs with s ones cost s d.
/// A step costs 2 d^2 multiply-adds in one pass over S and allocates nothing. Not for concurrent use, predictions included (they share a buffer).
/// </remarks>
[<Sealed>]
type RidgeState =
    /// The state before any observation: dimension &gt;= 1, lambda &gt; 0, else a HindsightException (OutOfRange).
    new: dimension: int * lambda: float -> RidgeState
    /// Length of x.
    member Dimension: int
    /// The regulariser.
    member Lambda: float
    /// Observations so far.
    member Rounds: int64
    /// The ridge weights A^-1 sum y x: a view, valid until the next update.
    member Weights: ReadOnlySpan<float>
    /// log det (A/lambda), kept up to date by log(1 + x'A^-1 x).
    member LogDet: float
    /// min over w of lambda |w|^2 + sum (y - w'x)^2, by the identity sum (y - prediction)^2/(1 + x'A^-1 x) for ridge predictions.
    member Comparator: float
    /// Cumulative square loss of the ridge predictions (not clipped).
    member RidgeLoss: float
    /// Cumulative square loss of the Vovk-Azoury-Warmuth predictions.
    member VawLoss: float
    /// Largest |label| so far.
    member LargestLabel: float
    /// Largest |label - ridge prediction| so far.
    member LargestResidual: float
    /// Writes every bit of the state.
    member Save: writer: BinaryWriter -> unit
    /// Reads what Save wrote; a HindsightException (Incompatible) if its dimension or lambda differ.
    static member Load: reader: BinaryReader * dimension: int * lambda: float -> RidgeState

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Online ridge regression and the Vovk-Azoury-Warmuth forecaster: predictions, widths, the update, and their pathwise bounds.</summary>
/// <remarks>x is finite and of the state's dimension (else a <see cref="T:Hindsight.HindsightException"/>, WrongDimension). Square loss is un-halved. A is the
/// state's matrix before x. Source: Azoury and Warmuth (2001), Vovk (2001); the bounds are derived here.</remarks>
[<RequireQualifiedAccess>]
module Ridge =
    /// The ridge prediction w'x.
    val predictRidge: x: ReadOnlySpan<float> -> state: RidgeState -> float
    /// The forecaster's prediction with the current x already in A: w'x/(1 + x'A^-1 x).
    val predictVaw: x: ReadOnlySpan<float> -> state: RidgeState -> float
    /// sqrt(x'A^-1 x).
    val width: x: ReadOnlySpan<float> -> state: RidgeState -> float
    /// One observation, in place. Returns x'A^-1 x of the matrix before it.
    val update: x: ReadOnlySpan<float> -> label: float -> state: RidgeState -> float
    /// The most log det (A/lambda) can be after so many rounds with |x| &lt;= norm: d ln(1 + T norm^2/(lambda d)).
    val logDetCeiling: dimension: int -> lambda: float -> norm: float -> rounds: int64 -> Result<float, HindsightError>

    /// sum (y - prediction)^2 - min_w [lambda |w|^2 + sum (y - w'x)^2] of the Vovk-Azoury-Warmuth predictions is at most
    /// Y^2 log det (A/lambda), Y the largest |label| seen. Deterministic. Derivation: the regret is sum y^2 x'A_t^-1 x less a sum of squares,
    /// and sum x'A_t^-1 x &lt;= log det (elliptical potential).
    val regretBoundVaw: state: RidgeState -> Bound

    /// The same regret of ridge predictions clipped to an interval of the given length that contains the labels: at most length^2 log det (A/lambda)
    /// (4 Y^2 for [-Y, Y], 1 for costs in [0,1]). Derivation: the comparator is sum (y - prediction)^2/(1 + x'A^-1 x), clipping only helps,
    /// and q/(1 + q) summed is at most log det.
    val regretBoundRidge: length: float -> state: RidgeState -> Result<Bound, HindsightError>

    /// The same regret of ridge predictions as they are: at most (largest residual seen)^2 log det (A/lambda).
    val regretBoundUnclipped: state: RidgeState -> Bound
