using Hindsight.FSharp;

namespace Hindsight;

/// <summary>How a small surrogate excess bounds the zero-one excess of several classes: T(zero-one excess) &lt;= surrogate excess, pointwise and, T being convex, on average.</summary>
/// <remarks>
/// tau &gt;= 0 is the comp-sum loss's (<c>CompSum.Create</c>), classes n &gt;= 2, excess at least 0 and over the least risk of the class of scores. Tied scores count as errors of the worst of the tied classes.
/// Numbers outside their domain are an <see cref="ArgumentOutOfRangeException"/> with the parameter's name. Source: Cross-entropy loss functions (arXiv 2304.07288); formulas derived again.
/// </remarks>
public static class HConsistency
{
    /// <summary>T_tau(n, t): the least comp-sum excess when the zero-one excess is t; attained for tau &lt;= 1, a lower bound beyond.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="t">Zero-one excess, in [0, 1].</param>
    public static double T(double tau, int classes, double t) => FSharp.HConsistency.transform(tau, classes, t).OrThrow();

    /// <summary>A simple lower bound of it: t^2/(2^tau (2-tau)) for tau &lt; 1, t^2/2 at 1, t^2/(2 n^(tau-1)) below 2, t/((tau-1) n^(tau-1)) from 2 on.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="t">Zero-one excess, in [0, 1].</param>
    public static double TSimple(double tau, int classes, double t) => FSharp.HConsistency.transformSimple(tau, classes, t).OrThrow();

    /// <summary>The inverse of <see cref="T(double, int, double)"/>: the largest zero-one excess that a comp-sum excess allows, at most 1.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="excess">Comp-sum excess, at least 0.</param>
    public static double Gamma(double tau, int classes, double excess) => FSharp.HConsistency.gamma(tau, classes, excess).OrThrow();

    /// <summary>The inverse of <see cref="TSimple"/>, at most 1.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="excess">Comp-sum excess, at least 0.</param>
    public static double GammaSimple(double tau, int classes, double excess) => FSharp.HConsistency.gammaSimple(tau, classes, excess).OrThrow();

    /// <summary>The least expected comp-sum loss under class probabilities; with a bound over scores in [-scoreBound, scoreBound].</summary>
    /// <param name="probabilities">Nonnegative with sum 1.</param>
    /// <param name="tau">At least 0.</param>
    /// <param name="scoreBound">In (0, 300]; null for all scores.</param>
    public static double BayesConditionalRisk(ReadOnlySpan<double> probabilities, double tau, double? scoreBound = null) =>
        (scoreBound is { } bound
            ? FSharp.HConsistency.boundedConditionalRisk(tau, bound, probabilities.ToArray()).OrThrow(tau >= 0.0 && !(bound > 0.0 && bound <= 300.0) ? nameof(scoreBound) : null)
            : FSharp.HConsistency.bayesConditionalRisk(tau, probabilities.ToArray()).OrThrow());

    /// <summary>The largest probability less the least among the classes that share the top score.</summary>
    /// <param name="probabilities">Nonnegative with sum 1.</param>
    /// <param name="scores">A score for each class.</param>
    public static double ZeroOneExcess(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> scores) =>
        FSharp.HConsistency.zeroOneExcess(probabilities.ToArray(), scores.ToArray()).OrThrow();

    /// <summary>Zero-one excess &lt;= Gamma_tau(excess + gap) - zeroOneGap.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="excess">Comp-sum excess, at least 0.</param>
    /// <param name="gap">The surrogate's minimizability gap, at least 0; 0 for all score functions.</param>
    /// <param name="zeroOneGap">That of the zero-one error, in [0, 1]; 0 is always valid.</param>
    public static Bound ZeroOneExcessBound(double tau, int classes, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        FSharp.HConsistency.zeroOneExcessBound(tau, classes, excess, gap, zeroOneGap).OrThrow();

    /// <summary>Zero-one excess &lt;= (beta/T_tau(n, beta)) (excess + gap) where the likeliest class leads every other by at least beta everywhere. Derived here.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="margin">beta, in (0, 1].</param>
    /// <param name="excess">Comp-sum excess, at least 0.</param>
    /// <param name="gap">The surrogate's minimizability gap, at least 0.</param>
    public static Bound MassartBound(double tau, int classes, double margin, double excess, double gap = 0.0) =>
        FSharp.HConsistency.massartBound(tau, classes, margin, excess, gap).OrThrow();

    /// <summary>The least risk of the class less the mean of the least conditional risks.</summary>
    /// <param name="bestInClass">The least risk of the class.</param>
    /// <param name="weights">Probabilities of the contexts.</param>
    /// <param name="conditionalRisks">The least conditional risk at each.</param>
    public static double MinimizabilityGap(double bestInClass, ReadOnlySpan<double> weights, ReadOnlySpan<double> conditionalRisks) =>
        FSharp.HConsistency.minimizabilityGap(bestInClass, weights.ToArray(), conditionalRisks.ToArray()).OrThrow();

    /// <summary>The gap where labels are a function of the context and scores lie in [-bound, bound].</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="classes">n.</param>
    /// <param name="bound">More than 0.</param>
    /// <param name="bestInClass">The least risk of the class.</param>
    public static double DeterministicGap(double tau, int classes, double bound, double bestInClass) =>
        FSharp.HConsistency.deterministicGap(tau, classes, bound, bestInClass).OrThrow();

    /// <summary>T for cross-entropy, two classes and scores in [-bound, bound].</summary>
    /// <param name="bound">More than 0.</param>
    /// <param name="t">Zero-one excess, in [0, 1].</param>
    public static double BoundedLogisticT(double bound, double t) => FSharp.HConsistency.boundedLogisticTransform(bound, t).OrThrow();

    /// <summary>Robust zero-one excess &lt;= (adversarial comp-sum excess + gap)/Phi^tau(1) - zeroOneGap, for scores that are symmetric and locally rho-consistent.</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="excess">Adversarial comp-sum excess, at least 0.</param>
    /// <param name="gap">Its minimizability gap, at least 0.</param>
    /// <param name="zeroOneGap">That of the robust zero-one error, in [0, 1].</param>
    public static Bound AdversarialBound(double tau, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        FSharp.HConsistency.adversarialBound(tau, excess, gap, zeroOneGap).OrThrow();

    /// <summary>T of a constrained or sum loss.</summary>
    /// <param name="surrogate">The loss.</param>
    /// <param name="t">Zero-one excess, in [0, 1].</param>
    public static double T(StructuredSurrogate surrogate, double t) => StructuredConsistency.transform(surrogate, t).OrThrow();

    /// <summary>The inverse of <see cref="T(StructuredSurrogate, double)"/>, at most 1.</summary>
    /// <param name="surrogate">The loss.</param>
    /// <param name="excess">The loss's excess, at least 0.</param>
    public static double Gamma(StructuredSurrogate surrogate, double excess) => StructuredConsistency.gamma(surrogate, excess).OrThrow();

    /// <summary>The least expected loss under class probabilities.</summary>
    /// <param name="probabilities">Nonnegative with sum 1.</param>
    /// <param name="surrogate">The loss.</param>
    /// <exception cref="HindsightException">There is no closed form: the sum of squared hinges.</exception>
    public static double BayesConditionalRisk(ReadOnlySpan<double> probabilities, StructuredSurrogate surrogate) =>
        StructuredConsistency.bayesConditionalRisk(surrogate, probabilities.ToArray()).OrThrow();

    /// <summary>Zero-one excess &lt;= Gamma(excess + gap) - zeroOneGap for a constrained or sum loss.</summary>
    /// <param name="surrogate">The loss.</param>
    /// <param name="excess">The loss's excess, at least 0.</param>
    /// <param name="gap">Its minimizability gap, at least 0.</param>
    /// <param name="zeroOneGap">That of the zero-one error, in [0, 1].</param>
    public static Bound ZeroOneExcessBound(StructuredSurrogate surrogate, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        StructuredConsistency.zeroOneExcessBound(surrogate, excess, gap, zeroOneGap).OrThrow();
}
