namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. A = D + L + L' is symmetric positive definite and consistently ordered, C_omega = I - A (D/omega + L)^-1 is the matrix that a step of
// successive over-relaxation (SOR) puts on the residual, beta is the spectral radius of I - D^-1 A (Jacobi's). Iterations count the steps until |residual| < epsilon |first residual|.
// Every calculator refuses numbers that are not finite or out of their domain with OutOfRange, naming the argument.

/// <summary>Successive over-relaxation: its rate, its iterations, and the regret of choosing omega by a bandit.</summary>
/// <remarks>Source unless said otherwise: Khodak, Chow, Balcan and Talwalkar, "Learning to relax" (arXiv 2310.02246).</remarks>
[<RequireQualifiedAccess>]
module RelaxationBounds =
    /// The calculator of <c>radius</c>.
    val radiusCalculator: BoundCalculator
    /// The calculator of <c>bestOmega</c>.
    val bestOmegaCalculator: BoundCalculator
    /// The calculator of <c>iterations</c>.
    val iterationsCalculator: BoundCalculator
    /// The calculator of <c>iterationsCeiling</c>.
    val ceilingCalculator: BoundCalculator
    /// The calculator of <c>slope</c>.
    val slopeCalculator: BoundCalculator
    /// The calculator of <c>tau</c>.
    val tauCalculator: BoundCalculator
    /// The calculator of <c>regret</c>.
    val regretCalculator: BoundCalculator
    /// The calculator of <c>tunedRegret</c>.
    val tunedRegretCalculator: BoundCalculator
    /// The calculator of <c>shiftSlope</c>.
    val shiftSlopeCalculator: BoundCalculator
    /// The calculator of <c>shiftRegret</c>.
    val shiftRegretCalculator: BoundCalculator
    /// The calculator of <c>interpolation</c>.
    val interpolationCalculator: BoundCalculator
    /// The calculator of <c>energyNorm</c>.
    val energyNormCalculator: BoundCalculator
    /// The calculator of <c>conjugateGradientIterations</c>.
    val conjugateGradientCalculator: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]

    /// <summary>The spectral radius of C_omega: (omega beta + sqrt(omega^2 beta^2 - 4 (omega - 1)))^2/4 below the best omega, omega - 1 from there on.</summary>
    /// <param name="omega">In (0,2).</param>
    /// <param name="beta">In [0,1).</param>
    /// <remarks>Equality; Young (1954).</remarks>
    val radius: omega: float -> beta: float -> Result<Bound, HindsightError>

    /// The omega at which the radius is least: 2/(1 + sqrt(1 - beta^2)). Equality; Young (1954).
    val bestOmega: beta: float -> Result<Bound, HindsightError>

    /// <summary>U(omega) = 1 + ln(1/epsilon)/(-ln(rho + tau (1 - rho))), rho = radius(omega).</summary>
    /// <param name="omega">In (0,2).</param>
    /// <param name="beta">In [0,1).</param>
    /// <param name="tau">In (0,1): |C^k| &lt;= (rho + tau (1 - rho))^k at the last k before the residual is small enough; see <c>tau</c>.</param>
    /// <param name="epsilon">In (0,1).</param>
    /// <remarks>Deterministic, upper, for right-hand sides of any kind and start at 0; Lemma 2.1.</remarks>
    val iterations: omega: float -> beta: float -> tau: float -> epsilon: float -> Result<Bound, HindsightError>

    /// <summary>1 + ln epsilon/ln alpha, alpha = tau + (1 - tau) max(beta^2, omegaMax - 1): the most that U can be for omega in [1, omegaMax].</summary>
    /// <remarks>Deterministic, upper; Lemma 2.1. omegaMax in [1,2), at least the best omega for the lemma's other parts but not for this one.</remarks>
    val iterationsCeiling:
        omegaMax: float -> beta: float -> tau: float -> epsilon: float -> Result<Bound, HindsightError>

    /// <summary>(1 - tau) ln(1/epsilon)/(alpha ln^2 alpha): how fast U can grow on [best omega, omegaMax].</summary>
    /// <remarks>Deterministic, upper; Lemma 2.1, for tau &gt;= e^-2 or beta^2 &gt;= (4/e^2)(1 - e^-2): otherwise that assumption is Violated.</remarks>
    val slope: omegaMax: float -> beta: float -> tau: float -> epsilon: float -> Result<Bound, HindsightError>

    /// <summary>The tau of a run: (norm^(1/k) - radius)/(1 - radius), from the spectral norm of C^k.</summary>
    /// <param name="norm">|C^k| &gt; 0, at least radius^k.</param>
    /// <param name="k">Steps, at least 1.</param>
    /// <param name="radius">rho in [0,1).</param>
    /// <remarks>Equality, by definition. A value of 1 or more says that the run was not near its asymptotic rate, and U does not speak about it.</remarks>
    val tau: norm: float -> k: int -> radius: float -> Result<Bound, HindsightError>

    /// <summary>K (4 (sqrt d - 1)/eta + eta sqrt d T/2) + (T/d) ln(1/epsilon) mean(1/ln^2 alpha): iterations beyond those that the best single omega in [1, omegaMax] guarantees, summed over T systems.</summary>
    /// <param name="horizon">T &gt;= 1 systems.</param>
    /// <param name="gridSize">d &gt;= 2 values of omega, 1 + (omegaMax - 1) i/d, i = 1..d.</param>
    /// <param name="ceiling">K: the most iterations, less one; at least ln epsilon/ln(largest alpha).</param>
    /// <param name="eta">Step of Tsallis-INF, p = argmin &lt;k, p&gt; - (4 K/eta) sum sqrt p.</param>
    /// <param name="epsilon">In (0,1).</param>
    /// <param name="alphas">alpha of the systems, each in (0,1): all of them, or some whose mean of 1/ln^2 alpha is that of all.</param>
    /// <remarks>Expectation, upper; Theorem 2.1 with its first term derived here: at eta = sqrt(8/T) it is below the 2 K sqrt(2 d T) of the theorem, which at the eta = 1/sqrt T
    /// of the algorithm as transcribed for us does not follow (the paper itself was not read).</remarks>
    val regret:
        horizon: float ->
        gridSize: int ->
        ceiling: float ->
        eta: float ->
        epsilon: float ->
        alphas: float[] ->
            Result<Bound, HindsightError>

    /// <summary>ln(1/epsilon) ((2/a) sqrt(2 max(d + 1, 2) T) + T g/d), g = mean(1/ln^2 alpha), a = ln(1/(largest alpha)), d = (T g^2 a^2/2)^(1/3): the same at the best grid, its size rounded up, eta = sqrt(8/T).</summary>
    /// <remarks>Expectation, upper; derived here from <c>regret</c>. Without the rounding it is 3 ln(1/epsilon) (2 g T^2/a^2)^(1/3), as published.</remarks>
    val tunedRegret: horizon: float -> epsilon: float -> alphas: float[] -> Result<Bound, HindsightError>

    /// The grid that <c>tunedRegret</c> speaks about: max(2, ceiling((T g^2 a^2/2)^(1/3))).
    val gridSize: horizon: float -> alphas: float[] -> Result<int, HindsightError>

    /// <summary>((1 + beta)/(beta sqrt(1 - beta^2))) ((m + 1)/m)^2: how fast the best omega moves with a shift c of the diagonal, A + c I.</summary>
    /// <param name="beta">Largest Jacobi radius over the shifts, in (0,1).</param>
    /// <param name="diagonal">m = least diagonal entry plus the least shift, &gt; 0.</param>
    /// <remarks>Deterministic, upper; the constant L of Theorem 2.2.</remarks>
    val shiftSlope: beta: float -> diagonal: float -> Result<Bound, HindsightError>

    /// <summary>(54 C^3 L^3 T/ln^2 alpha)^(1/4) + (4 ln(1/epsilon)/ln(1/alpha)) (24 C L T^3)^(1/4): iterations beyond those that the best omega of each shift guarantees, summed over T shifts.</summary>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="length">C &gt; 0: shifts lie in an interval of this length.</param>
    /// <param name="slope">L &gt; 0; see <c>shiftSlope</c>.</param>
    /// <param name="epsilon">In (0,1).</param>
    /// <param name="alpha">Largest alpha, in (0,1).</param>
    /// <remarks>Expectation, upper; Theorem 2.2: shifts in bins, a bandit in each. Constants as published, not derived here.</remarks>
    val shiftRegret:
        horizon: float ->
        length: float ->
        slope: float ->
        epsilon: float ->
        alpha: float ->
            Result<Bound, HindsightError>

    /// <summary>C L (pi + ln(m + 1))/(2 (m + 1)): error of the degree-m polynomial through a function's values at the Chebyshev nodes.</summary>
    /// <param name="degree">m &gt;= 1.</param>
    /// <param name="length">C &gt; 0 of the interval.</param>
    /// <param name="lipschitz">L &gt; 0 of the function.</param>
    /// <remarks>Deterministic, upper; derived here from Jackson's theorem and the nodes' Lebesgue constant, at most (2/pi) ln(m+1) + 1.</remarks>
    val interpolation: degree: int -> length: float -> lipschitz: float -> Result<Bound, HindsightError>

    /// <summary>sqrt(1 - 2 O g/(O^2 + g/omega + r - 1/4)), O = 1/omega - 1/2: SOR's contraction of the error in the norm of A; any positive definite A.</summary>
    /// <param name="omega">In (0,2).</param>
    /// <param name="gap">g = 1 - rho(D^-1 (L + L')), in (0,1].</param>
    /// <param name="triangle">r = rho(D^-1 L D^-1 L') &gt;= 0, with O^2 + r &gt;= 1/4.</param>
    /// <remarks>Deterministic, upper; after Hackbusch (2016); derived here: with D = I and W = 1/omega + L, W W' = (O^2 - 1/4) I + A/omega + L L'.</remarks>
    val energyNorm: omega: float -> gap: float -> triangle: float -> Result<Bound, HindsightError>

    /// <summary>1 + ln(q + sqrt(q^2 - 1))/ln((sqrt c + 1)/(sqrt c - 1)), q = sqrt(kappa)/epsilon, c = (1 + (2 - omega)^2 a/(4 omega) + omega b)/(2 - omega): iterations of conjugate gradients preconditioned by symmetric SOR.</summary>
    /// <param name="omega">In (0,2).</param>
    /// <param name="diagonal">a = largest eigenvalue of D A^-1, &gt; 0.</param>
    /// <param name="triangle">b = largest eigenvalue of (L D^-1 L' - D/4) A^-1.</param>
    /// <param name="condition">kappa &gt;= 1: condition number of A.</param>
    /// <param name="epsilon">In (0,1).</param>
    /// <remarks>Deterministic, upper, until |residual| &lt;= epsilon |first residual|; Axelsson (1994) for c, which is at least the preconditioned condition number; the rest is the
    /// Chebyshev bound in the norm of A. Derived here too.</remarks>
    val conjugateGradientIterations:
        omega: float ->
        diagonal: float ->
        triangle: float ->
        condition: float ->
        epsilon: float ->
            Result<Bound, HindsightError>
