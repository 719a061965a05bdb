namespace Hindsight

open System

/// <summary>How the next block is chosen.</summary>
[<RequireQualifiedAccess>]
type BlockRule =
    /// One after the other.
    | Cyclic = 0
    /// Each with the same probability.
    | Uniform = 1
    /// Each with probability L_b over their sum.
    | Lipschitz = 2
    /// Largest |gradient|^2.
    | GaussSouthwell = 3
    /// Largest |gradient|^2/L_b.
    | GaussSouthwellLipschitz = 4
    /// Largest sum gradient_i^2/D_i, D_i the row sums of |Hessian| within the block.
    | GaussSouthwellDiagonal = 5
    /// Largest gradient'Hessian^-1 gradient.
    | GaussSouthwellQuadratic = 6

/// <summary>How a block moves.</summary>
[<RequireQualifiedAccess>]
type BlockUpdate =
    /// By -gradient/L_b.
    | Gradient = 0
    /// By -gradient_i/D_i.
    | Diagonal = 1
    /// By -Hessian^-1 gradient: in time linear in the block where its graph is a forest.
    | Matrix = 2

/// <summary>A symmetric positive definite system whose graph is a forest: solved leaf to root and back in linear time.</summary>
[<Sealed; NoComparison; NoEquality>]
type ForestSystem =
    /// Order.
    member Order: int

/// <summary>State of block coordinate descent on f(x) = x'H x/2 - c'x, H symmetric positive definite: iterate, gradient and value.</summary>
/// <remarks>A step on a fixed block costs n |b| multiply-adds besides the block's own solve, changes the state in place and allocates nothing.</remarks>
[<Sealed; NoComparison; NoEquality>]
type BlockDescentState =
    /// Number of variables.
    member Dimension: int
    /// Number of blocks.
    member Blocks: int
    /// The indices of a block: a view.
    member Block: index: int -> ReadOnlySpan<int>
    /// Largest eigenvalue of a block's Hessian.
    member Smoothness: index: int -> float
    /// Whether a block's graph is a forest.
    member IsForest: index: int -> bool
    /// Steps so far.
    member Steps: int64
    /// The iterate: a view, valid until the next step.
    member X: ReadOnlySpan<float>
    /// The gradient H x - c: a view, valid until the next step.
    member Gradient: ReadOnlySpan<float>
    /// f(x).
    member Value: float
    /// How much the last step lowered f.
    member LastDecrease: float
    /// How much the last step had to lower f.
    member LastGuarantee: float
    /// A state of its own with the same contents.
    member Copy: unit -> BlockDescentState

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Systems on forests.</summary>
[<RequireQualifiedAccess>]
module Forest =
    /// <summary>Plans the elimination for a symmetric positive definite matrix, given by all entries by rows.</summary>
    /// <returns>Incompatible if its graph (entries that are not 0) has a cycle, or it is not positive definite; WrongDimension, OutOfRange for other entries that cannot be.</returns>
    val plan: order: int -> entries: ReadOnlySpan<float> -> Result<ForestSystem, HindsightError>
    /// Writes the solution of A x = rhs in time linear in the order; target may be the very span of rhs.
    val solve: rhs: ReadOnlySpan<float> -> target: Span<float> -> system: ForestSystem -> Result<unit, HindsightError>

/// <summary>Block coordinate descent: a rule chooses a block, an update moves it.</summary>
/// <remarks>Sources: Nutini and others (2015) and arXiv 1712.08859. Progress of the rules at the same point, with matrix updates: quadratic &gt;= Lipschitz &gt;= plain, and quadratic &gt;= diagonal.</remarks>
[<RequireQualifiedAccess>]
module BlockDescent =
    /// <summary>The state at x = 0.</summary>
    /// <param name="hessian">n x n entries by rows, finite, symmetric, positive definite; copied.</param>
    /// <param name="linear">c, n entries.</param>
    /// <param name="blocks">A partition of 0..n-1 into blocks that are not empty.</param>
    /// <returns>WrongDimension, OutOfRange, or Incompatible if the Hessian is not positive definite.</returns>
    val start:
        hessian: ReadOnlySpan<float> ->
        linear: ReadOnlySpan<float> ->
        blocks: int[][] ->
            Result<BlockDescentState, HindsightError>

    /// Sets the iterate; WrongDimension or OutOfRange for one that does not fit.
    val moveTo: x: ReadOnlySpan<float> -> state: BlockDescentState -> Result<BlockDescentState, HindsightError>
    /// The score of a block by a greedy rule; 1 for the cyclic and the uniform rule, L_b for sampling by it.
    val score: rule: BlockRule -> block: int -> state: BlockDescentState -> float
    /// The next block: largest score, ties to the first; a pure function of seed, step and state where the rule draws.
    val choose: rule: BlockRule -> seed: uint64 -> state: BlockDescentState -> int
    /// One step, in place; returns the state. OutOfRange for a block that does not exist.
    val step: update: BlockUpdate -> block: int -> state: BlockDescentState -> Result<BlockDescentState, HindsightError>

    /// <summary>One matrix step on any set of coordinates, in place; returns the state. O(k^3 + n k) for k of them.</summary>
    /// <returns>OutOfRange for an index that does not exist or comes twice, or no index.</returns>
    val stepOn: coordinates: ReadOnlySpan<int> -> state: BlockDescentState -> Result<BlockDescentState, HindsightError>

    /// <summary>One proximal step on a coordinate for f + lambda |x|_1, in place: x_i := soft(x_i - gradient_i/H_ii, lambda/H_ii). Returns the state.</summary>
    /// <remarks>LastDecrease is that of f + lambda |x|_1, and equals LastGuarantee.</remarks>
    val stepLasso:
        lambda: float -> coordinate: int -> state: BlockDescentState -> Result<BlockDescentState, HindsightError>

    /// <summary>One step on a coordinate for x &gt;= 0, in place: x_i := max(0, x_i - gradient_i/H_ii). Returns the state.</summary>
    /// <remarks>By -gradient/H_ii if that is feasible, else by -x_i; LastDecrease = LastGuarantee = -(gradient d + H_ii d^2/2).</remarks>
    val stepNonNegative: coordinate: int -> state: BlockDescentState -> Result<BlockDescentState, HindsightError>

    /// The coordinate whose lasso step lowers f + lambda |x|_1 most (the proximal quadratic rule). HindsightException for a lambda that is negative or not finite.
    val chooseLasso: lambda: float -> state: BlockDescentState -> int
    /// The coordinate whose nonnegative step lowers f most.
    val chooseNonNegative: state: BlockDescentState -> int

    /// <summary>The bound on the gap after more steps of a rule from here, from the state's own smallest eigenvalue, smoothness constants and a gap.</summary>
    /// <param name="rule">Uniform and Lipschitz: in expectation. Greedy rules: on every run. Cyclic: Incompatible, it has no bound here.</param>
    /// <param name="steps">At least 0.</param>
    /// <param name="gap">f(x) - f*, at least 0.</param>
    /// <param name="state">Whose constants.</param>
    val gapBound:
        rule: BlockRule -> steps: int -> gap: float -> state: BlockDescentState -> Result<Bound, HindsightError>

/// <summary>Blocks of a given size, chosen anew each step.</summary>
[<RequireQualifiedAccess>]
module GreedyBlocks =
    /// <summary>The coordinates of the largest scores, in ascending order; ties to the first. OutOfRange for a size outside [1, n].</summary>
    /// <remarks>Scores gradient_i^2 give Gauss-Southwell's best block of that size, gradient_i^2/(size L_i) the diagonal rule's.</remarks>
    val largest: size: int -> scores: ReadOnlySpan<float> -> Result<int[], HindsightError>

    /// <summary>A block of the given size with large quadratic progress, by iterative hard thresholding of -H d = gradient with step 1/(largest eigenvalue).</summary>
    /// <param name="size">In [1, n].</param>
    /// <param name="iterations">At least 1; 10 in the published code.</param>
    /// <param name="state">Where.</param>
    /// <remarks>The best block is hard to find (NP-hard); every iteration lowers the model, so that the block is at least as good as the first iterate's.</remarks>
    val hardThresholding: size: int -> iterations: int -> state: BlockDescentState -> Result<int[], HindsightError>

/// <summary>Smoothness constants of coordinates for sums over rows of a matrix, by columns.</summary>
[<RequireQualifiedAccess>]
module CoordinateConstants =
    /// |a_i|^2 for |A x - b|^2/2; the matrix by rows.
    val leastSquares: rows: int -> columns: int -> matrix: ReadOnlySpan<float> -> Result<float[], HindsightError>
    /// |a_i|^2/4 for sum softplus of +-(a x).
    val logistic: rows: int -> columns: int -> matrix: ReadOnlySpan<float> -> Result<float[], HindsightError>
