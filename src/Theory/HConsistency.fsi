namespace Hindsight

/// <summary>Multiclass surrogates besides comp-sum with a known relation to the zero-one error.</summary>
type StructuredSurrogate =
    /// sum over k &lt;&gt; y of (1 + h_k)_+, scores summing to 0.
    | ConstrainedHinge = 0
    /// sum over k &lt;&gt; y of (1 + h_k)_+^2, scores summing to 0.
    | ConstrainedSquaredHinge = 1
    /// sum over k &lt;&gt; y of e^h_k, scores summing to 0.
    | ConstrainedExponential = 2
    /// sum over k &lt;&gt; y of e^(z_k - z_y).
    | SumExponential = 3
    /// sum over k &lt;&gt; y of (1 - z_y + z_k)_+^2.
    | SumSquaredHinge = 4
    /// sum over k &lt;&gt; y of min(1, max(0, 1 - (z_y - z_k)/rho)).
    | SumRamp = 5
    /// (1 - softmax(z)_y)^2.
    | SquaredSoftmaxAbsoluteError = 6

/// <summary>A class distribution and scores that show that a surrogate is not consistent: the scores have the least surrogate risk and yet a positive zero-one excess.</summary>
[<NoComparison>]
type InconsistencyWitness =
    {
        /// The class probabilities.
        Probabilities: float[]
        /// Scores that minimise the expected surrogate loss.
        Scores: float[]
        /// The expected surrogate loss there, the least possible.
        Risk: float
        /// The zero-one error there less the least one; ties are decided against the scores.
        ZeroOneExcess: float
        /// Why no scores have less risk.
        Reason: string
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>How a small surrogate excess bounds the zero-one excess: T(zero-one excess) &lt;= surrogate excess, pointwise and, T being convex, on average.</summary>
/// <remarks>
/// Scores of all real vectors unless said otherwise. "Excess" is over the least risk of the class of scores. The zero-one error of tied scores is that of the worst of the tied classes.
/// Source: Cross-entropy loss functions (arXiv 2304.07288) for the statements; the formulas were derived again and checked numerically, pointwise, for thirteen tau.
/// All functions return OutOfRange or WrongDimension for arguments out of their domain.
/// </remarks>
[<RequireQualifiedAccess>]
module HConsistency =
    /// <summary>T_tau(n, t), t in [0,1], n &gt;= 2, tau &gt;= 0: the least comp-sum excess when the zero-one excess is t.</summary>
    /// <remarks>
    /// a = 1/(2-tau), M = (((1+t)^a + (1-t)^a)/2)^(1/a). tau &lt; 1: 2^(1-tau)(1-M)/(1-tau). tau = 1: ((1+t)ln(1+t) + (1-t)ln(1-t))/2. 1 &lt; tau &lt; 2: (M-1)/((tau-1) n^(tau-1)).
    /// tau &gt;= 2: t/((tau-1) n^(tau-1)). Convex in t, 0 at 0, continuous in tau. Attained for tau &lt;= 1; a valid lower bound for tau &gt; 1.
    /// Accurate in relative terms for small t and for tau close to 1 and 2.
    /// </remarks>
    val transform: tau: float -> classes: int -> t: float -> Result<float, HindsightError>

    /// A quadratic (linear for tau &gt;= 2) lower bound of it: t^2/(2^tau (2-tau)), t^2/2, t^2/(2 n^(tau-1)), t/((tau-1) n^(tau-1)).
    val transformSimple: tau: float -> classes: int -> t: float -> Result<float, HindsightError>

    /// The inverse of <c>transform</c>: the largest zero-one excess that a comp-sum excess allows, at most 1.
    val gamma: tau: float -> classes: int -> excess: float -> Result<float, HindsightError>

    /// The inverse of <c>transformSimple</c>, at most 1.
    val gammaSimple: tau: float -> classes: int -> excess: float -> Result<float, HindsightError>

    /// <summary>inf over z of sum p_y l_tau(y, z).</summary>
    /// <remarks>tau &lt; 2: ((sum p^(1/(2-tau)))^(2-tau) - 1)/(1-tau), at softmax(z) proportional to p^(1/(2-tau)); tau = 1: the entropy; tau &gt;= 2: (1 - max p)/(tau-1), in a limit.</remarks>
    val bayesConditionalRisk: tau: float -> probabilities: float[] -> Result<float, HindsightError>

    /// <summary>The same over scores in [-bound, bound].</summary>
    /// <remarks>In s = softmax(z) the scores' box is the polytope s_i &lt;= e^(2 bound) s_j, and the risk is convex in s for tau &lt; 2: for a given least s_k the others follow by clipping, and
    /// the least s_k by golden section. For tau &gt;= 2 the risk is concave in s and least at a corner. bound in (0, 300]. Derived here.</remarks>
    val boundedConditionalRisk: tau: float -> bound: float -> probabilities: float[] -> Result<float, HindsightError>

    /// max p - min of p over the classes that share the top score: the zero-one excess of the scores, ties decided against them.
    val zeroOneExcess: probabilities: float[] -> scores: float[] -> Result<float, HindsightError>

    /// <summary>R01(h) - R01* &lt;= Gamma_tau(R(h) - R* + M) - M01, R the comp-sum risk.</summary>
    /// <param name="tau">tau &gt;= 0.</param>
    /// <param name="classes">n &gt;= 2.</param>
    /// <param name="excess">R(h) - R* &gt;= 0 over the class of scores.</param>
    /// <param name="gap">M &gt;= 0, the surrogate's minimizability gap; 0 for all score functions.</param>
    /// <param name="zeroOneGap">M01 in [0,1], that of the zero-one error; 0 for all score functions, and always a valid choice.</param>
    val zeroOneExcessBound:
        tau: float -> classes: int -> excess: float -> gap: float -> zeroOneGap: float -> Result<Bound, HindsightError>

    /// <summary>R01(h) - R01* &lt;= (beta/T_tau(n, beta))(R(h) - R* + M) where the likeliest class leads every other by at least beta everywhere. Derived here: T is convex.</summary>
    val massartBound:
        tau: float -> classes: int -> margin: float -> excess: float -> gap: float -> Result<Bound, HindsightError>

    /// <summary>The least risk of the class less the mean of the least conditional risks: M &gt;= 0, at most the approximation error.</summary>
    val minimizabilityGap:
        bestInClass: float -> weights: float[] -> conditionalRisks: float[] -> Result<float, HindsightError>

    /// <summary>The gap where labels are a function of the context and scores lie in [-bound, bound]: R* - Phi^tau((n-1) e^(-2 bound)).</summary>
    val deterministicGap:
        tau: float -> classes: int -> bound: float -> bestInClass: float -> Result<float, HindsightError>

    /// <summary>T for cross-entropy, two classes and scores in [-bound, bound]: as without bound for t &lt;= tanh(bound), then t bound - ln cosh(bound).</summary>
    /// <remarks>For more classes the same form with 1/(1 + (n-1)e^(-2 bound)) is false; use <c>boundedConditionalRisk</c>.</remarks>
    val boundedLogisticTransform: bound: float -> t: float -> Result<float, HindsightError>

    /// <summary>1/Phi^tau(1): the factor between adversarial comp-sum excess and robust zero-one excess.</summary>
    /// <remarks>Not Phi^tau(1), as it is sometimes printed: that is false with two classes and a sure label.</remarks>
    val adversarialConstant: tau: float -> Result<float, HindsightError>

    /// <summary>inf over scores of the expected ramp comp-sum loss without adversary: sum p_(k) Phi^tau(k-1), p sorted from the largest. Derived here.</summary>
    val rampBayesConditionalRisk: tau: float -> probabilities: float[] -> Result<float, HindsightError>

    /// <summary>Robust zero-one excess &lt;= (adversarial comp-sum excess + M)/Phi^tau(1) - M01, for classes of scores that are symmetric and locally rho-consistent.</summary>
    val adversarialBound:
        tau: float -> excess: float -> gap: float -> zeroOneGap: float -> Result<Bound, HindsightError>

    /// <summary>The share of contexts at which the adversary can make linear scores err is at most the mean smooth adversarial comp-sum loss over Phi^tau(1).</summary>
    /// <remarks>Deterministic, on the given contexts. Needs nu &gt;= sqrt(n-1)/rho, else the assumption is listed as violated.</remarks>
    val robustErrorUpperBound:
        tau: float ->
        rho: float ->
        nu: float ->
        norm: PerturbationNorm ->
        gamma: float ->
        weights: float[][] ->
        contexts: float[][] ->
        labels: int[] ->
            Result<Bound, HindsightError>

/// <summary>Constrained and sum losses against the zero-one error, and why convex max losses and the Weston-Watkins loss fail.</summary>
[<RequireQualifiedAccess>]
module StructuredConsistency =
    /// <summary>T(t): hinge t, squared hinge t^2/2, exponential 2 - sqrt(4 - t^2) for the constrained losses; 1 - sqrt(1 - t^2), t^2 and t for exponential, squared hinge and ramp sums; t^2/4 for the squared absolute error of the softmax.</summary>
    val transform: surrogate: StructuredSurrogate -> t: float -> Result<float, HindsightError>

    /// Its inverse, at most 1.
    val gamma: surrogate: StructuredSurrogate -> excess: float -> Result<float, HindsightError>

    /// <summary>inf over scores of the expected loss.</summary>
    /// <remarks>Constrained hinge n(1 - max p); squared hinge n^2/sum 1/(1-p_k); exponential n prod (1-p_k)^(1/n). Sum exponential (sum sqrt p)^2 - 1; ramp sum p_(k)(k-1), p sorted from the largest.
    /// Squared absolute error: with the m likeliest classes in the support, (m-1)^2/sum 1/p_k plus the rest of p, at the best m.
    /// Derived here. The sum of squared hinges has no closed form: Incompatible.</remarks>
    val bayesConditionalRisk: surrogate: StructuredSurrogate -> probabilities: float[] -> Result<float, HindsightError>

    /// R01(h) - R01* &lt;= Gamma(R(h) - R* + M) - M01.
    val zeroOneExcessBound:
        surrogate: StructuredSurrogate ->
        excess: float ->
        gap: float ->
        zeroOneGap: float ->
            Result<Bound, HindsightError>

    /// <summary>Zero scores, a minimiser of every convex max loss whenever no class has more than half of the probability.</summary>
    /// <returns>Incompatible unless there are at least three classes, no probability above 1/2, and a single likeliest class. The risk is that of Crammer and Singer.</returns>
    val maxLossWitness: probabilities: float[] -> Result<InconsistencyWitness, HindsightError>

    /// <summary>Three classes of which the first two tie at the minimum of the Weston-Watkins risk.</summary>
    /// <returns>Incompatible unless p sorted from the largest has 1/2 &gt;= p1 &gt; p2 &gt;= 1/3.</returns>
    val westonWatkinsWitness: probabilities: float[] -> Result<InconsistencyWitness, HindsightError>
