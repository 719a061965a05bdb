namespace Hindsight;

/// <summary>What a small surrogate loss promises about the zero-one loss: each calculator returns a <see cref="Bound"/> with its source, terms and assumptions.</summary>
/// <remarks>The transforms behind the bounds, their inverses and the negative results are in <see cref="SurrogateTheory"/> and <see cref="HConsistency"/>. Bad numbers are an <see cref="ArgumentOutOfRangeException"/> with the parameter's name.</remarks>
public static class ConsistencyBounds
{
    /// <summary>Zero-one excess of a classifier trained on a margin loss, through the psi-transform.</summary>
    /// <param name="loss">The margin loss.</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    /// <param name="scoreBound">Scores are bounded by it; null: all scores.</param>
    /// <param name="gap">Minimizability gap of the surrogate, at least 0.</param>
    /// <param name="zeroOneGap">Minimizability gap of the zero-one loss, at least 0.</param>
    public static Bound Margin(MarginLoss loss, double excess, double? scoreBound = null, double gap = 0.0, double zeroOneGap = 0.0) =>
        SurrogateTheory.ZeroOneBound(loss, excess, scoreBound, gap, zeroOneGap);

    /// <summary>The same where no probability is near one half: |2 eta - 1| is at least gamma.</summary>
    /// <param name="loss">The margin loss.</param>
    /// <param name="gamma">Massart's margin, in (0, 1].</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    public static Bound MarginUnderMassartNoise(MarginLoss loss, double gamma, double excess) => SurrogateTheory.MassartBound(loss, gamma, excess);

    /// <summary>The same under Tsybakov's noise exponent.</summary>
    /// <param name="loss">The margin loss.</param>
    /// <param name="c">The constant of the noise condition.</param>
    /// <param name="exponent">The exponent of the noise condition.</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    public static Bound MarginUnderNoiseExponent(MarginLoss loss, double c, double exponent, double excess) => SurrogateTheory.NoiseExponentBound(loss, c, exponent, excess);

    /// <summary>Zero-one excess of a multiclass classifier trained on a comp-sum loss: the H-consistency bound.</summary>
    /// <param name="tau">The member of the family: 1 is the logistic loss.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    /// <param name="gap">Minimizability gap of the surrogate, at least 0.</param>
    /// <param name="zeroOneGap">Minimizability gap of the zero-one loss, at least 0.</param>
    public static Bound CompSum(double tau, int classes, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        HConsistency.ZeroOneExcessBound(tau, classes, excess, gap, zeroOneGap);

    /// <summary>The same where the best class leads by at least a margin in probability.</summary>
    /// <param name="tau">The member of the family.</param>
    /// <param name="classes">Classes, at least 2.</param>
    /// <param name="margin">The least lead, in (0, 1].</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    /// <param name="gap">Minimizability gap of the surrogate, at least 0.</param>
    public static Bound CompSumUnderMassartNoise(double tau, int classes, double margin, double excess, double gap = 0.0) =>
        HConsistency.MassartBound(tau, classes, margin, excess, gap);

    /// <summary>Adversarial zero-one excess of a classifier trained on a smooth adversarial comp-sum loss.</summary>
    /// <param name="tau">The member of the family.</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    /// <param name="gap">Minimizability gap of the surrogate, at least 0.</param>
    /// <param name="zeroOneGap">Minimizability gap of the adversarial zero-one loss, at least 0.</param>
    public static Bound Adversarial(double tau, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        HConsistency.AdversarialBound(tau, excess, gap, zeroOneGap);

    /// <summary>Zero-one excess of a classifier trained on a sum or constrained loss.</summary>
    /// <param name="surrogate">The structured surrogate.</param>
    /// <param name="excess">The surrogate's excess risk, at least 0.</param>
    /// <param name="gap">Minimizability gap of the surrogate, at least 0.</param>
    /// <param name="zeroOneGap">Minimizability gap of the zero-one loss, at least 0.</param>
    public static Bound Structured(StructuredSurrogate surrogate, double excess, double gap = 0.0, double zeroOneGap = 0.0) =>
        HConsistency.ZeroOneExcessBound(surrogate, excess, gap, zeroOneGap);
}
