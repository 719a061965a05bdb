using Hindsight.FSharp;

namespace Hindsight;

/// <summary>Exp-concavity and mixability of losses on bounded domains. For enclosures of all constants on a box see <see cref="ScalarLoss.Certify"/>.</summary>
/// <remarks>Numbers outside their domain are an <see cref="ArgumentOutOfRangeException"/> with the parameter's name.</remarks>
public static class LossConstants
{
    /// <summary>The largest a with e^(-a l) concave in the score for every label: inf l''/(l')^2; 0 where the loss is not convex or is linear. An estimate from above, by search.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="labels">A bounded interval, or two ends, in the loss's label domain.</param>
    /// <param name="scores">A bounded interval in the loss's score domain.</param>
    public static double ExpConcavity(ScalarLoss loss, Domain labels, Domain scores)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return FSharp.LossConstants.expConcavity(loss.Definition, labels, scores).OrThrow();
    }

    /// <summary>(y - p)^2 with y and p in [low, high]: exp-concave with 1/(2 (high - low)^2).</summary>
    /// <param name="low">Less than high.</param>
    /// <param name="high">More than low.</param>
    public static double SquaredExpConcavity(double low, double high) => FSharp.ExpConcavity.squared(low, high).OrThrow();

    /// <summary>ln(1 + e^-m), |m| &lt;= bound: exp-concave with e^-bound in the margin.</summary>
    /// <param name="bound">At least 0.</param>
    public static double LogisticExpConcavity(double bound) => FSharp.ExpConcavity.logistic(bound).OrThrow();

    /// <summary>Binary cross-entropy of a logit |u| &lt;= bound at a fixed label: inf s'(u)/(s(u) - y)^2; e^-bound for a label at an end.</summary>
    /// <param name="label">In [0, 1].</param>
    /// <param name="bound">At least 0.</param>
    public static double CrossEntropyExpConcavity(double label, double bound) => FSharp.ExpConcavity.crossEntropy(label, bound).OrThrow();

    /// <summary>(y - p)^2 with y and p in [low, high]: mixable with 2/(high - low)^2 (Vovk 1990; Haussler, Kivinen and Warmuth 1998).</summary>
    /// <param name="low">Less than high.</param>
    /// <param name="high">More than low.</param>
    public static double SquaredMixability(double low, double high) => Mixability.squared(low, high).OrThrow();

    /// <summary>How far a mixture of predictions is from being replaced by one prediction at learning rate eta: above 0 if it violates mixability.</summary>
    /// <remarks>min over p of max over y of l(y, p) + (1/eta) ln sum w_i e^(-eta l(y, p_i)), for a loss that is quasi-convex in the score.</remarks>
    /// <param name="loss">The loss.</param>
    /// <param name="outcomes">Labels that can occur, at least one.</param>
    /// <param name="eta">Learning rate, more than 0.</param>
    /// <param name="mixture">Weights and predictions.</param>
    public static double MixabilitySlack(ScalarLoss loss, ReadOnlySpan<double> outcomes, double eta, FiniteMixture mixture)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(mixture);
        return Mixability.slack(loss.Definition, outcomes.ToArray(), eta, mixture).OrThrow();
    }
}
