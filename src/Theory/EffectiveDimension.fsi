namespace Hindsight

open System

/// <summary>A = lambda I + sum x x' and its log determinant, by rank-one updates of a Cholesky factor, with the sums that elliptical potentials bound.</summary>
/// <remarks>A step costs about 2 d^2 multiply-adds and allocates nothing. Where predictions are wanted too, <see cref="T:Hindsight.RidgeState"/> keeps the same log determinant by a square root of the inverse.
/// x is finite and of the dimension, else a <see cref="T:Hindsight.HindsightException"/>. Not for concurrent use.</remarks>
[<Sealed>]
type LogDetState =
    /// No contexts yet: dimension 1 to 40,000, lambda &gt; 0, else a HindsightException (OutOfRange).
    new: dimension: int * lambda: float -> LogDetState
    /// Length of x.
    member Dimension: int
    /// The regulariser.
    member Lambda: float
    /// Contexts so far.
    member Rounds: int64
    /// ln det(A/lambda), the sum of ln(1 + q) over the rounds, q = x'A^-1 x before x.
    member LogDet: float
    /// The same from the factor's diagonal: what rounding did to it shows in the difference.
    member LogDetOfFactor: float
    /// sum of min(1, q).
    member Potential: float
    /// sum of q/(1 + q), which is x'A^-1 x with x already in A.
    member PotentialAfter: float
    /// The largest |x| so far.
    member LargestNorm: float
    /// q = x'A^-1 x by a triangular solve.
    member SquaredWidth: x: ReadOnlySpan<float> -> float
    /// Adds x x' to A; returns q of the matrix before it.
    member Add: x: ReadOnlySpan<float> -> float
    /// Entry (i, j) of the lower triangular factor.
    member Factor: i: int * j: int -> float

/// <summary>ln det(I + K/lambda) of a growing Gram matrix, by a row of its Cholesky factor a point.</summary>
/// <remarks>Point t costs t^2/2 multiply-adds; the storage for <c>capacity</c> points is taken at the start, and nothing later. Wrong input is a HindsightException. Not for concurrent use.</remarks>
[<Sealed>]
type GramLogDet =
    /// No points yet: capacity 1 to 40,000, lambda &gt; 0.
    new: capacity: int * lambda: float -> GramLogDet
    /// The most points.
    member Capacity: int
    /// The regulariser.
    member Lambda: float
    /// Points so far.
    member Count: int
    /// ln det(I + K/lambda).
    member LogDet: float
    /// <summary>The posterior variance k(x,x) - k'(K + lambda I)^-1 k of a Gaussian process with noise variance lambda, at least 0.</summary>
    /// <param name="column">k(x, x_i) for the points so far, in their order.</param>
    /// <param name="diagonal">k(x, x) &gt;= 0.</param>
    member Variance: column: ReadOnlySpan<float> * diagonal: float -> float
    /// Adds the point; returns its posterior variance before.
    member Add: column: ReadOnlySpan<float> * diagonal: float -> float
    /// Forgets all points.
    member Clear: unit -> unit

/// <summary>Points chosen one after the other, each where the posterior variance is largest.</summary>
[<NoComparison>]
type GreedySelection =
    {
        /// Indices, in the order of the choice.
        Points: int[]
        /// Information gain of the first 1, 2, ... points, nats.
        InformationGain: float[]
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Effective dimension and information gain of a Gram matrix K (positive semidefinite: eigenvalues mu_i, those below 0 by rounding count as 0) at a regulariser lambda &gt; 0.</summary>
/// <remarks>A matrix that is not square, symmetric and finite, or has an eigenvalue below -1e6 times its floor (see <see cref="T:Hindsight.KernelSpectrum"/>), is refused. Each function of a matrix computes its eigenvalues;
/// <c>eigenvalues</c> once and the functions of eigenvalues otherwise.</remarks>
[<RequireQualifiedAccess>]
module EffectiveDimension =
    /// The eigenvalues of K, ascending, clipped at 0.
    val eigenvalues: gram: float[,] -> Result<float[], HindsightError>
    /// d_eff(lambda) = tr K(K + lambda I)^-1 = sum of mu/(mu + lambda).
    val ofEigenvalues: lambda: float -> eigenvalues: float[] -> Result<float, HindsightError>
    /// d_eff(lambda) of a matrix.
    val ofGram: lambda: float -> gram: float[,] -> Result<float, HindsightError>
    /// ln det(I + K/lambda) = sum of ln(1 + mu/lambda).
    val logDetOfEigenvalues: lambda: float -> eigenvalues: float[] -> Result<float, HindsightError>
    /// ln det(I + K/lambda) of a matrix.
    val logDet: lambda: float -> gram: float[,] -> Result<float, HindsightError>
    /// gamma(lambda) = (1/2) ln det(I + K/lambda), the information (nats) that observations with noise variance lambda give about a Gaussian process.
    val informationGain: lambda: float -> gram: float[,] -> Result<float, HindsightError>

    /// <summary>The dimension of NeuralUCB: ln det(I + H/lambda)/ln(1 + T K/lambda), H the tangent kernel's Gram matrix of all T K contexts (Zhou, Li and Gu 2020, from memory).</summary>
    /// <remarks>Not <c>ofGram</c>: a different quantity under the same name in the literature.</remarks>
    val neural: lambda: float -> horizon: int -> arms: int -> gram: float[,] -> Result<float, HindsightError>

    /// The leverage of each point, [K(K + lambda I)^-1]_ii: between 0 and 1, their sum is d_eff(lambda).
    val leverages: lambda: float -> gram: float[,] -> Result<float[], HindsightError>

    /// n times the largest leverage: the number of points drawn uniformly that a Nystroem approximation needs, up to a logarithm (Bach 2013). At least d_eff.
    val maximal: lambda: float -> gram: float[,] -> Result<float, HindsightError>

    /// <summary>The lambda at which d_eff is a given dimension: d_eff falls from the rank to 0.</summary>
    /// <returns>OutOfRange for a dimension that is not between 0 and the number of positive eigenvalues.</returns>
    val lambdaFor: dimension: float -> eigenvalues: float[] -> Result<float, HindsightError>

    /// <summary>Greedy maximisation of the information gain over subsets, by posterior variances.</summary>
    /// <remarks>count steps of n count multiply-adds. The gain is submodular, so the greedy one is at least 1 - (1 - 1/m)^m of the best for m points (Nemhauser, Wolsey and Fisher 1978; Krause and Guestrin 2005). Ties go to the lower index.</remarks>
    val greedy: count: int -> lambda: float -> gram: float[,] -> Result<GreedySelection, HindsightError>
