using Hindsight.FSharp;

namespace Hindsight;

/// <summary>What theory promises: each calculator returns a <see cref="Bound"/> with its source, terms and assumptions.</summary>
/// <remarks>
/// Costs lie in [0,1]; a regret of the square loss is un-halved. <c>arms</c> is at least 2, <c>horizon</c> more than 0, and at least 1 for online
/// regression; <c>delta</c> lies in (0,1). Every number that is not finite or outside its domain is an <see cref="ArgumentOutOfRangeException"/>
/// with the parameter's name. Sources: see <see cref="Bound.Source"/>.
/// </remarks>
public static class RegretBounds
{
    /// <summary>Expected regret of SquareCB: c T/gamma + (gamma/4) R, with c = 2(K-1), or K-1 for the exact normalisation.</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="regret">R, the oracle's regret in square loss; at least 0, and more than 0 without a gamma.</param>
    /// <param name="gamma">The exploration parameter, more than 0; null for the best, where the bound is sqrt(c T R).</param>
    /// <param name="normalization">Normalisation of inverse gap weighting.</param>
    public static Bound SquareCB(
        int arms, double horizon, double regret, double? gamma = null, Normalization normalization = Normalization.FixedMu) =>
        FSharp.SquareCB.expectation(normalization, arms, horizon, regret, gamma ?? SquareCBGamma(arms, horizon, regret, normalization)).OrThrow();

    /// <summary>The gamma that minimises <see cref="SquareCB"/>: 2 sqrt(c T/R).</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="regret">R, the oracle's regret in square loss, more than 0.</param>
    /// <param name="normalization">Normalisation of inverse gap weighting.</param>
    public static double SquareCBGamma(
        int arms, double horizon, double regret, Normalization normalization = Normalization.FixedMu) =>
        FSharp.SquareCB.expectationGamma(normalization, arms, horizon, regret).OrThrow();

    /// <summary>Regret of SquareCB that is exceeded with probability at most delta.</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="regret">R, the oracle's regret in square loss, at least 0.</param>
    /// <param name="delta">The failure probability.</param>
    /// <param name="gamma">The exploration parameter, more than 0; null for the best.</param>
    /// <param name="normalization">Normalisation of inverse gap weighting.</param>
    public static Bound SquareCBWithConfidence(
        int arms, double horizon, double regret, double delta, double? gamma = null, Normalization normalization = Normalization.FixedMu) =>
        FSharp.SquareCB.highProbability(
            normalization,
            arms,
            horizon,
            regret,
            delta,
            gamma ?? FSharp.SquareCB.highProbabilityGamma(normalization, arms, horizon, regret, delta).OrThrow()).OrThrow();

    /// <summary>Expected regret of FastCB: small where the best policy costs little.</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="best">L*, cost of the best policy, at least 0.</param>
    /// <param name="regret">R, the oracle's regret in log loss (nats) on every sequence, at least 0.</param>
    /// <param name="gamma">The exploration parameter, more than 5 K; null for the published one and its bound, 40 sqrt(K L* R) + 600 K R.</param>
    public static Bound FastCB(int arms, double horizon, double best, double regret, double? gamma = null) =>
        (gamma is { } g
            ? FSharp.FastCB.atGamma(arms, horizon, best, regret, g)
            : FSharp.FastCB.expectation(arms, horizon, best, regret)).OrThrow();

    /// <summary>The gamma that minimises <see cref="FastCB"/>.</summary>
    /// <param name="arms">K.</param>
    /// <param name="best">L*, cost of the best policy, at least 0.</param>
    /// <param name="regret">R, the oracle's regret in log loss, more than 0.</param>
    public static double FastCBGamma(int arms, double best, double regret) =>
        FSharp.FastCB.optimalGamma(arms, best, regret).OrThrow();

    /// <summary>Expected regret of NeuSquareCB: <see cref="SquareCB"/> at its best gamma over the regression's bound.</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="regression">The regret bound of the regression in square loss: <see cref="OnlineRegret"/>, <see cref="Given"/>, ...</param>
    /// <param name="normalization">Normalisation of inverse gap weighting.</param>
    public static Bound NeuSquareCB(
        int arms, double horizon, Bound regression, Normalization normalization = Normalization.FixedMu)
    {
        ArgumentNullException.ThrowIfNull(regression);
        return FSharp.NeuSquareCB.expectation(normalization, arms, horizon, regression).OrThrow();
    }

    /// <summary>Expected regret of NeuFastCB: <see cref="FastCB"/> over the regression's bound.</summary>
    /// <param name="arms">K.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="best">L*, cost of the best policy, at least 0.</param>
    /// <param name="regression">The regret bound of the regression in log loss.</param>
    public static Bound NeuFastCB(int arms, double horizon, double best, Bound regression)
    {
        ArgumentNullException.ThrowIfNull(regression);
        return FSharp.NeuFastCB.expectation(arms, horizon, best, regression).OrThrow();
    }

    /// <summary>Regret of online gradient descent under quadratic growth, one minimiser common to all rounds: (2 G^2/mu)(1 + ln T) + 2 eps T.</summary>
    /// <param name="gradient">G, the largest gradient norm, more than 0.</param>
    /// <param name="growth">mu, quadratic growth, more than 0.</param>
    /// <param name="defect">eps, how far from convex, at least 0.</param>
    /// <param name="horizon">T, rounds.</param>
    public static Bound OnlineLogRegret(double gradient, double growth, double defect, double horizon) =>
        Qg.onlineLogRegret(gradient, growth, defect, horizon).OrThrow();

    /// <summary>The same where each round has a minimiser of its own: (4 G^2/mu)(1 + ln T) + 2 eps T + 2 C.</summary>
    /// <param name="gradient">G, the largest gradient norm, more than 0.</param>
    /// <param name="growth">mu, quadratic growth, more than 0.</param>
    /// <param name="defect">eps, how far from convex, at least 0.</param>
    /// <param name="horizon">T, rounds.</param>
    /// <param name="comparatorExcess">C, the comparator's loss over the rounds' least losses, at least 0.</param>
    public static Bound OnlineRegret(double gradient, double growth, double defect, double horizon, double comparatorExcess) =>
        Qg.onlineRegret(gradient, growth, defect, horizon, comparatorExcess).OrThrow();

    /// <summary>A regression regret that is taken on trust or was measured: a heuristic, not a theorem.</summary>
    /// <param name="status">Where it comes from.</param>
    /// <param name="detail">How it was obtained, in words.</param>
    /// <param name="value">The regret, at least 0.</param>
    public static Bound Given(AssumptionStatus status, string detail, double value)
    {
        ArgumentNullException.ThrowIfNull(detail);
        return RegressionRegret.given(status, detail, value).OrThrow();
    }

    /// <summary>A bound on the regret of half the square loss, as one for the square loss: doubled.</summary>
    /// <param name="bound">The bound for half the square loss.</param>
    public static Bound OfHalfSquared(Bound bound)
    {
        ArgumentNullException.ThrowIfNull(bound);
        return RegressionRegret.ofHalfSquared(bound);
    }
}
