namespace Hindsight;

/// <summary>Divergences of two Bernoulli means, un-halved and in nats. a and b in [0, 1], else an <see cref="ArgumentOutOfRangeException"/> with the parameter's name.</summary>
/// <remarks>kl &gt;= hellinger2 &gt;= triangular/2; kl &gt;= 2 (a-b)^2 (Pinsker); kl &lt;= chi-squared.</remarks>
public static class Divergence
{
    /// <summary>Kullback-Leibler: a ln(a/b) + (1-a) ln((1-a)/(1-b)).</summary>
    /// <param name="a">In [0, 1].</param>
    /// <param name="b">In (0, 1).</param>
    public static double BinaryKl(double a, double b) => FSharp.Divergence.BinaryKl(a, b).OrThrow();

    /// <summary>Triangular discrimination: 2 (a-b)^2/((a+b)(2-a-b)); 0 at a = b.</summary>
    /// <param name="a">In [0, 1].</param>
    /// <param name="b">In [0, 1].</param>
    public static double Triangular(double a, double b) => FSharp.Divergence.Triangular(a, b).OrThrow();

    /// <summary>Squared Hellinger distance: (sqrt a - sqrt b)^2 + (sqrt(1-a) - sqrt(1-b))^2.</summary>
    /// <param name="a">In [0, 1].</param>
    /// <param name="b">In [0, 1].</param>
    public static double Hellinger2(double a, double b) => FSharp.Divergence.Hellinger2(a, b).OrThrow();

    /// <summary>Chi-squared: (a-b)^2/(b (1-b)).</summary>
    /// <param name="a">In [0, 1].</param>
    /// <param name="b">In (0, 1).</param>
    public static double ChiSquared(double a, double b) => FSharp.Divergence.ChiSquared(a, b).OrThrow();

    /// <summary>The largest of the lower bounds on the Kullback-Leibler divergence that need no logarithm.</summary>
    /// <param name="a">In [0, 1].</param>
    /// <param name="b">In [0, 1].</param>
    public static double KlLowerBound(double a, double b) => FSharp.Divergence.KlLowerBound(a, b).OrThrow();
}
