namespace Hindsight

open System

/// <summary>A symmetric matrix with positive diagonal, by its rows: what stationary iterations sweep over.</summary>
[<Sealed; NoComparison; NoEquality>]
type SparseSymmetric =
    /// Order.
    member Order: int
    /// Stored entries.
    member Count: int
    /// The entry at row i and column j; 0 where none is stored.
    member Item: i: int * j: int -> float with get
    /// Writes A x + shift x.
    member Multiply: x: ReadOnlySpan<float> * shift: float * target: Span<float> -> unit
    /// The matrix by rows, row after row, plus the shift on the diagonal.
    member ToDense: shift: float -> float[]

/// <summary>A run of successive over-relaxation on A + shift I: iterate and residual.</summary>
/// <remarks>A step changes it in place and allocates nothing.</remarks>
[<Sealed; NoComparison; NoEquality>]
type SorState =
    /// The matrix, without the shift.
    member Matrix: SparseSymmetric
    /// What is added to the diagonal.
    member Shift: float
    /// Steps so far.
    member Iterations: int
    /// The iterate: a view, valid until the next step.
    member Solution: ReadOnlySpan<float>
    /// Euclidean norm of b - A x over that of b.
    member RelativeResidual: float

/// <summary>State of tuning omega over a stream of systems by Tsallis-INF on a grid.</summary>
/// <remarks>A step changes it in place and allocates nothing.</remarks>
[<Sealed; NoComparison; NoEquality>]
type RelaxationState =
    /// The grid, 1 + (omegaMax - 1) i/d for i = 1..d: a view.
    member Grid: ReadOnlySpan<float>
    /// The most iterations that a run may take, less one.
    member Ceiling: float
    /// The bandit: its distribution is over the grid.
    member Bandit: TsallisInfState
    /// Systems so far.
    member Rounds: int64
    /// Iterations so far.
    member Iterations: float
    /// A state of its own with the same contents.
    member Copy: unit -> RelaxationState

/// <summary>State of tuning omega to a shift that is seen first, by inverse gap weighting over Chebyshev regression (ChebCB).</summary>
/// <remarks>A step costs about (m+1)^2 multiply-adds a sweep of coordinate descent for the arm drawn, changes the state in place and allocates nothing.</remarks>
[<Sealed; NoComparison; NoEquality>]
type ChebyshevState =
    /// The grid, as above: a view.
    member Grid: ReadOnlySpan<float>
    /// The degree m of the polynomials.
    member Degree: int
    /// Systems so far.
    member Rounds: int64
    /// Iterations so far.
    member Iterations: float
    /// The coefficients of an arm's polynomial in the Chebyshev basis, in units of ceiling x scale: a view.
    member Coefficients: arm: int -> ReadOnlySpan<float>
    /// N = 2 + (4 C L/K)(1 + ln m), at least 2: what costs are divided by besides K.
    member Scale: float
    /// sum over rounds of (prediction - cost/(K N))^2.
    member PredictionError: float
    /// sum over arms of the least squares that their bounded polynomials leave.
    member Residual: float

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Matrices for stationary iterations.</summary>
[<RequireQualifiedAccess>]
module SparseSymmetric =
    /// <summary>From all entries by rows, order x order of them.</summary>
    /// <returns>WrongDimension; OutOfRange for entries that are not finite or symmetric, or a diagonal that is not positive.</returns>
    val ofDense: order: int -> entries: ReadOnlySpan<float> -> Result<SparseSymmetric, HindsightError>
    /// The five-point Laplacian on a grid of rows x columns inner points, Dirichlet boundary, spacing 1: 4 on the diagonal, -1 to each neighbour; rows, columns &gt;= 1.
    val laplacian: rows: int -> columns: int -> Result<SparseSymmetric, HindsightError>
    /// Jacobi's spectral radius rho(I - D^-1 A) of A + shift I, by its eigenvalues (dense: for orders up to some hundreds). Incompatible if a shifted diagonal is not positive.
    val jacobiRadius: shift: float -> matrix: SparseSymmetric -> Result<float, HindsightError>

/// <summary>Successive over-relaxation.</summary>
/// <remarks>x := x + (D/omega + L)^-1 (b - A x), as a forward sweep over the rows.</remarks>
[<RequireQualifiedAccess>]
module Sor =
    /// <summary>A run from 0.</summary>
    /// <returns>WrongDimension or OutOfRange for a right-hand side that does not fit, is not finite, or is 0; OutOfRange for a shift that leaves a diagonal entry not positive.</returns>
    val start: shift: float -> rhs: ReadOnlySpan<float> -> matrix: SparseSymmetric -> Result<SorState, HindsightError>

    /// One sweep, in place; returns the state. OutOfRange for omega outside (0,2).
    val step: omega: float -> state: SorState -> Result<SorState, HindsightError>

    /// <summary>Sweeps until the residual is below epsilon times the first, from where the state stands.</summary>
    /// <returns>The iterations in all; Incompatible if they exceed the limit.</returns>
    val solve: omega: float -> epsilon: float -> limit: int -> state: SorState -> Result<int, HindsightError>

    /// I - A (D/omega + L)^-1 of A + shift I by rows, dense: the matrix that a step puts on the residual.
    val defect: omega: float -> shift: float -> matrix: SparseSymmetric -> Result<float[], HindsightError>
    /// Its spectral radius, by its eigenvalues.
    val spectralRadius: omega: float -> shift: float -> matrix: SparseSymmetric -> Result<float, HindsightError>
    /// The spectral norm of its k-th power, k &gt;= 1.
    val powerNorm: omega: float -> shift: float -> k: int -> matrix: SparseSymmetric -> Result<float, HindsightError>

/// <summary>Tuning omega over a stream of systems without knowing them: Tsallis-INF on a grid, iterations less one as losses.</summary>
/// <remarks>A round: <c>choose</c> an index of the grid, solve the system at that omega, <c>step</c> with the iterations. Source: Algorithm 2 of Learning to relax (arXiv 2310.02246), with the
/// step that its theorem needs; the scale of the losses is the fixed K of the theorem.</remarks>
[<RequireQualifiedAccess>]
module Relaxation =
    /// <summary>The state before any system.</summary>
    /// <param name="eta">Step, &gt; 0: sqrt(8/T) for T systems.</param>
    /// <param name="ceiling">K &gt; 0: no run may take more than K + 1 iterations; ln epsilon/ln(largest alpha).</param>
    /// <param name="omegaMax">In (1,2).</param>
    /// <param name="gridSize">d &gt;= 2.</param>
    val start:
        eta: float -> ceiling: float -> omegaMax: float -> gridSize: int -> Result<RelaxationState, HindsightError>

    /// The grid index for the coming system: a pure function of seed, round and state.
    val choose: seed: uint64 -> state: RelaxationState -> int
    /// One system, in place; returns the state. OutOfRange for iterations outside [1, ceiling + 1] and an index that could not be drawn; the state is then as it was.
    val step: index: int -> iterations: int -> state: RelaxationState -> Result<RelaxationState, HindsightError>

    /// The bound on the expected iterations beyond the best omega's surrogates after as many systems as the state has seen (at least one): epsilon and alphas as in <c>RelaxationBounds.regret</c>.
    val regretBound: epsilon: float -> alphas: float[] -> state: RelaxationState -> Result<Bound, HindsightError>

/// <summary>Tuning omega to a shift of the diagonal that is seen first: inverse gap weighting over bounded Chebyshev regression.</summary>
/// <remarks>A round: <c>choose</c> with the shift and an exploration gamma, solve, <c>step</c> with the same. Costs are iterations less one over K N. Each arm's polynomial is the least-squares
/// fit of its costs with |c_0| &lt;= 1/N and |c_j| &lt;= 2 C L/(K N j), by coordinate descent. The probability of an arm is 1/(d + gamma (prediction - least)), the rest is the leader's.
/// Source: Algorithm 3 (ChebCB) of Learning to relax (arXiv 2310.02246).</remarks>
[<RequireQualifiedAccess>]
module ChebCB =
    /// <summary>The state before any system.</summary>
    /// <param name="degree">m &gt;= 1.</param>
    /// <param name="lowest">The least shift, finite.</param>
    /// <param name="length">C &gt; 0: shifts lie in [lowest, lowest + C].</param>
    /// <param name="lipschitz">L &gt; 0: how fast iterations change with the shift.</param>
    /// <param name="ceiling">K &gt; 0: no run may take more than K + 1 iterations.</param>
    /// <param name="omegaMax">In (1,2).</param>
    /// <param name="gridSize">d &gt;= 2.</param>
    val start:
        degree: int ->
        lowest: float ->
        length: float ->
        lipschitz: float ->
        ceiling: float ->
        omegaMax: float ->
        gridSize: int ->
            Result<ChebyshevState, HindsightError>

    /// Writes each arm's predicted iterations at a shift.
    val predict: shift: float -> target: Span<float> -> state: ChebyshevState -> Result<unit, HindsightError>

    /// Writes the distribution over the grid at a shift for an exploration gamma &gt;= 0.
    val distribution:
        gamma: float -> shift: float -> target: Span<float> -> state: ChebyshevState -> Result<unit, HindsightError>

    /// The grid index for the coming system: a pure function of seed, round and state.
    val choose: seed: uint64 -> gamma: float -> shift: float -> state: ChebyshevState -> Result<int, HindsightError>

    /// One system, in place; returns the state. OutOfRange for iterations outside [1, ceiling + 1], an index or a shift that cannot be.
    val step:
        index: int -> shift: float -> iterations: int -> state: ChebyshevState -> Result<ChebyshevState, HindsightError>

    /// The exploration of the published implementation: 2 t sqrt(d t/(R - r + 2 a^2 t)), R and r the state's two errors, a the error of interpolation over K N. It grows with t and is
    /// far greedier than the theory's. At round 0 it is 0.
    val publishedGamma: state: ChebyshevState -> float
