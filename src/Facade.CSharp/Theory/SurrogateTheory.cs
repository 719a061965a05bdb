using Hindsight.FSharp;

namespace Hindsight;

/// <summary>What a small surrogate loss says about classification errors: the psi-transform of a margin loss (Bartlett, Jordan and McAuliffe 2006).</summary>
/// <remarks>eta is the probability of the label +1; R the zero-one error, R* that of the Bayes rule. psi(R - R*) &lt;= the surrogate's excess risk, for every distribution and every score function.
/// Numbers outside their domain are an <see cref="ArgumentOutOfRangeException"/> with the parameter's name.</remarks>
public static class SurrogateTheory
{
    /// <summary>psi at theta: the least surrogate excess at a zero-one excess of theta.</summary>
    /// <param name="loss">A margin loss: <c>Losses.Hinge</c>, ...</param>
    /// <param name="theta">Zero-one excess, in [0, 1].</param>
    /// <param name="scoreBound">Scores lie in [-scoreBound, scoreBound], more than 0; null for all scores.</param>
    /// <exception cref="HindsightException">The loss declares no infimum and there is no bound on the scores.</exception>
    public static double Psi(MarginLoss loss, double theta, double? scoreBound = null)
    {
        Require.inside(nameof(theta), Domain.Unit, theta).OrThrow();
        return PsiTransform(loss, scoreBound).Value(theta);
    }

    /// <summary>The transform itself, for many values: <c>Value</c>, <c>Inverse</c>, and <c>Raw</c> before it is made convex.</summary>
    /// <remarks>Its members raise a <see cref="HindsightException"/> for numbers outside their domain.</remarks>
    /// <param name="loss">A margin loss.</param>
    /// <param name="scoreBound">Scores lie in [-scoreBound, scoreBound], more than 0; null for all scores.</param>
    /// <exception cref="HindsightException">The loss declares no infimum and there is no bound on the scores.</exception>
    public static PsiTransform PsiTransform(MarginLoss loss, double? scoreBound = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return (scoreBound is { } bound ? FSharp.Psi.bounded(loss.Surrogate, bound) : FSharp.Psi.transform(loss.Surrogate)).OrThrow(scoreBound is null ? null : nameof(scoreBound));
    }

    /// <summary>The largest zero-one excess that a surrogate excess allows, at most 1.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="surrogateExcess">The surrogate's excess risk, at least 0.</param>
    /// <param name="scoreBound">Scores lie in [-scoreBound, scoreBound], more than 0; null for all scores.</param>
    /// <exception cref="HindsightException">The loss declares no infimum and there is no bound on the scores.</exception>
    public static double PsiInverse(MarginLoss loss, double surrogateExcess, double? scoreBound = null)
    {
        Require.nonNegative(nameof(surrogateExcess), surrogateExcess).OrThrow();
        return PsiTransform(loss, scoreBound).Inverse(surrogateExcess);
    }

    /// <summary>Zero-one excess &lt;= psi^-1(surrogate excess); with a bound on the scores &lt;= T_B^-1(surrogate excess + gap) - zeroOneGap, within the class.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="surrogateExcess">The surrogate's excess risk, at least 0; with a score bound over the best of the class.</param>
    /// <param name="scoreBound">The class's scores fill [-scoreBound, scoreBound] at each point, more than 0; null for all scores.</param>
    /// <param name="surrogateGap">The surrogate's minimizability gap, at least 0; read with a score bound only.</param>
    /// <param name="zeroOneGap">That of the zero-one error, at least 0; read with a score bound only.</param>
    public static Bound ZeroOneBound(MarginLoss loss, double surrogateExcess, double? scoreBound = null, double surrogateGap = 0.0, double zeroOneGap = 0.0)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return (scoreBound is { } bound
            ? FSharp.ConsistencyBounds.bounded(loss.Surrogate, bound, surrogateExcess, surrogateGap, zeroOneGap)
            : FSharp.ConsistencyBounds.zeroOneExcess(loss.Surrogate, surrogateExcess)).OrThrow();
    }

    /// <summary>Zero-one excess &lt;= (2 gamma/psi(2 gamma)) surrogate excess under Massart noise: |eta - 1/2| &gt;= gamma almost surely. Derived here.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="gamma">In (0, 1/2].</param>
    /// <param name="surrogateExcess">The surrogate's excess risk, at least 0.</param>
    public static Bound MassartBound(MarginLoss loss, double gamma, double surrogateExcess)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return FSharp.ConsistencyBounds.massart(loss.Surrogate, gamma, surrogateExcess).OrThrow();
    }

    /// <summary>The largest r with c r^alpha psi(r^(1-alpha)/(2c)) &lt;= surrogate excess, where P(f differs from the Bayes rule) &lt;= c (R - R*)^alpha.</summary>
    /// <param name="loss">A margin loss.</param>
    /// <param name="c">More than 0; with exponent 1 at least 1.</param>
    /// <param name="exponent">alpha, in [0, 1].</param>
    /// <param name="surrogateExcess">The surrogate's excess risk, at least 0.</param>
    public static Bound NoiseExponentBound(MarginLoss loss, double c, double exponent, double surrogateExcess)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return FSharp.ConsistencyBounds.noiseExponent(loss.Surrogate, c, exponent, surrogateExcess).OrThrow();
    }

    /// <summary>Whether the loss is classification-calibrated: for a convex loss exactly if it is differentiable at 0 with a negative slope, otherwise by a numerical certificate.</summary>
    /// <param name="loss">A margin loss.</param>
    public static bool IsCalibrated(MarginLoss loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return FSharp.Psi.isCalibrated(loss.Surrogate);
    }

    /// <summary>Why no convex max loss of three classes and more is consistent: zero scores have the least Crammer-Singer risk under these probabilities, and yet a positive zero-one excess.</summary>
    /// <param name="probabilities">At least three, none above 1/2, a single largest; sum 1.</param>
    /// <exception cref="HindsightException">These probabilities are no witness.</exception>
    public static InconsistencyWitness MaxLossWitness(ReadOnlySpan<double> probabilities) =>
        StructuredConsistency.maxLossWitness(probabilities.ToArray()).OrThrow();

    /// <summary>Why the Weston-Watkins loss is not consistent: three classes of which the first two tie at the minimum of its risk.</summary>
    /// <param name="probabilities">Three, sorted from the largest with 1/2 &gt;= p1 &gt; p2 &gt;= 1/3; sum 1.</param>
    /// <exception cref="HindsightException">These probabilities are no witness.</exception>
    public static InconsistencyWitness WestonWatkinsWitness(ReadOnlySpan<double> probabilities) =>
        StructuredConsistency.westonWatkinsWitness(probabilities.ToArray()).OrThrow();
}
