namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. f is smooth by blocks: moving a block by d changes its own gradient by at most L_b |d|, or its own Hessian is at most H_b. The PL constant mu is that of
// |grad f|^2/2 >= mu (f - f*). Every calculator refuses numbers that are not finite or out of their domain with OutOfRange, naming the argument.

/// <summary>Block coordinate descent: the progress of a step, the gap after many, and when it has found which coordinates stay at their kinks.</summary>
/// <remarks>After Nutini, Laradji and Schmidt, "Let's make block coordinate descent converge faster" (arXiv 1712.08859); the inequalities are derived here.</remarks>
[<RequireQualifiedAccess>]
module BlockDescentBounds =
    /// The calculator of <c>gradientProgress</c>.
    val gradientProgressCalculator: BoundCalculator
    /// The calculator of <c>matrixProgress</c>.
    val matrixProgressCalculator: BoundCalculator
    /// The calculator of <c>uniformGap</c>.
    val uniformGapCalculator: BoundCalculator
    /// The calculator of <c>lipschitzGap</c>.
    val lipschitzGapCalculator: BoundCalculator
    /// The calculator of <c>greedyGap</c>.
    val greedyGapCalculator: BoundCalculator
    /// The calculator of <c>southwellGap</c>.
    val southwellGapCalculator: BoundCalculator
    /// The calculator of <c>southwellLipschitzGap</c>.
    val southwellLipschitzGapCalculator: BoundCalculator
    /// The calculator of <c>identificationRadius</c>.
    val identificationRadiusCalculator: BoundCalculator
    /// The calculator of <c>identificationIterations</c>.
    val identificationIterationsCalculator: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// g^2/(2 L): how much f falls at least when a block moves by -grad/L. norm g &gt;= 0 of the block's gradient, smoothness L &gt; 0. Deterministic, lower; derived here.
    val gradientProgress: norm: float -> smoothness: float -> Result<Bound, HindsightError>

    /// q/2: how much f falls at least when a block moves by -H^-1 grad, q = grad'H^-1 grad &gt;= 0. Deterministic, lower, equality where f is quadratic with that Hessian; derived here.
    val matrixProgress: dualSquare: float -> Result<Bound, HindsightError>

    /// <summary>gap (1 - mu/(m L))^k: blocks drawn uniformly.</summary>
    /// <param name="growth">mu &gt; 0, the PL constant; at most m L.</param>
    /// <param name="smoothness">L &gt; 0, the largest L_b.</param>
    /// <param name="blocks">m &gt;= 1.</param>
    /// <param name="steps">k &gt;= 0.</param>
    /// <param name="gap">f(x) - f* &gt;= 0 at the start.</param>
    /// <remarks>Expectation, upper; derived here.</remarks>
    val uniformGap:
        growth: float -> smoothness: float -> blocks: int -> steps: int -> gap: float -> Result<Bound, HindsightError>

    /// gap (1 - mu/S)^k: blocks drawn with probability L_b/S, S the sum of the L_b. Expectation, upper; derived here. mu &lt;= S.
    val lipschitzGap: growth: float -> sum: float -> steps: int -> gap: float -> Result<Bound, HindsightError>

    /// gap (1 - mu/(m L))^k, on every run: the block of largest score. L is the largest L_b, for scores by diagonals the largest diagonal. Deterministic, upper; derived here.
    val greedyGap:
        growth: float -> smoothness: float -> blocks: int -> steps: int -> gap: float -> Result<Bound, HindsightError>

    /// <summary>gap (1 - mu_1/L)^k: single coordinates of largest gradient (Gauss-Southwell).</summary>
    /// <param name="growth">mu_1 &gt; 0: (largest |gradient|)^2/2 &gt;= mu_1 (f - f*); strong convexity in the 1-norm. Between mu/n and mu.</param>
    /// <param name="smoothness">L, the largest L_i, at least mu_1.</param>
    /// <param name="steps">k &gt;= 0.</param>
    /// <param name="gap">f(x) - f* &gt;= 0 at the start.</param>
    /// <remarks>Deterministic, upper; Nutini and others (2015), derived here.</remarks>
    val southwellGap: growth: float -> smoothness: float -> steps: int -> gap: float -> Result<Bound, HindsightError>

    /// gap (1 - max(mu/S, mu_1/L))^k: single coordinates of largest gradient^2/L_i. Deterministic, upper; Nutini and others (2015), derived here. mu &lt;= S, mu_1 &lt;= L.
    val southwellLipschitzGap:
        growth: float ->
        growthInOneNorm: float ->
        sum: float ->
        smoothness: float ->
        steps: int ->
        gap: float ->
            Result<Bound, HindsightError>

    /// <summary>delta/(2 L): from this near to the minimiser one proximal gradient step of size 1/L sets every non-degenerate coordinate to its kink, exactly.</summary>
    /// <param name="margin">delta &gt; 0: least distance of -grad_i f(x*) from the ends of the subdifferential at the kink; lambda - |grad_i f(x*)| for lambda |x|.</param>
    /// <param name="smoothness">L &gt; 0 of the whole gradient.</param>
    /// <remarks>Deterministic, lower (for the true radius); derived here; f need not be convex.</remarks>
    val identificationRadius: margin: float -> smoothness: float -> Result<Bound, HindsightError>

    /// <summary>max(0, kappa ln(2 L D/delta)) + 2: steps after which the coordinates at kinks are exactly there, and stay, if the distance to the minimiser shrinks by 1 - 1/kappa a step.</summary>
    /// <param name="smoothness">L &gt; 0.</param>
    /// <param name="condition">kappa &gt;= 1.</param>
    /// <param name="margin">delta &gt; 0, as above.</param>
    /// <param name="distance">D &gt; 0 of the start to the minimiser.</param>
    /// <remarks>Deterministic, upper; derived here. The 2 counts the rounding up to a whole step and the step that identifies.</remarks>
    val identificationIterations:
        smoothness: float -> condition: float -> margin: float -> distance: float -> Result<Bound, HindsightError>
