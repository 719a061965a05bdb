using Hindsight.FSharp;

namespace Hindsight;

/// <summary>Label-distributionally robust losses (arXiv 2112.14869). delta_k = z_k - z_y + margin for k not y, delta_y = 0. Scores real.</summary>
public static class Ldr
{
    /// <summary>lambda ln((1/K) sum exp(delta_k/lambda)): the largest, over class weights p, of sum p_k delta_k - lambda KL(p|uniform).</summary>
    /// <remarks>Between max delta (lambda = 0) and mean delta (lambda = infinity). Can be negative, down to -lambda ln K.</remarks>
    /// <param name="lambda">In [0, infinity].</param>
    /// <param name="margin">At least 0.</param>
    public static MulticlassLoss Kl(double lambda, double margin = 0.0) => new(Faults.Run<IMulticlassLoss>(() => new LdrKl(lambda, margin)));

    /// <summary>The mean of the k largest leads: the robust loss without a price over weights of at most 1/k each. k = 1 is Crammer and Singer's hinge. Derived here.</summary>
    /// <param name="k">At least 1; need not be whole.</param>
    /// <param name="margin">At least 0.</param>
    public static MulticlassLoss TopK(double k, double margin = 0.0) => new(Faults.Run<IMulticlassLoss>(() => new LdrTopK(k, margin)));
}

/// <summary>The adaptive form: each example has the lambda that is worst for it, at a price (arXiv 2112.14869).</summary>
public static class AdaptiveLdr
{
    /// <summary>max over lambda in [0, lambda0] of lambda ln((1/K) sum exp(delta_k/lambda)) - (alpha ln K/(2 lambda0)) (lambda - lambda0)^2.</summary>
    /// <param name="lambda0">At least 0.</param>
    /// <param name="alpha">In units of ln K, more than 1.</param>
    /// <param name="margin">At least 0.</param>
    public static AdaptiveLdrLoss Kl(double lambda0, double alpha, double margin = 0.0) => Faults.Run(() => new AdaptiveLdrLoss(new(lambda0, alpha, margin)));
}

/// <summary>An adaptive label-distributionally robust loss. Made by <see cref="AdaptiveLdr.Kl"/>.</summary>
public sealed class AdaptiveLdrLoss : MulticlassLoss
{
    private readonly AdaptiveLdrKl loss;

    internal AdaptiveLdrLoss(AdaptiveLdrKl loss)
        : base(loss) => this.loss = loss;

    /// <summary>The lambda that is worst for these scores.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    public double Temperature(int label, ReadOnlySpan<double> scores)
    {
        Check(label, scores);
        return loss.Temperature(label, scores);
    }
}

/// <summary>Order of scores against class probabilities.</summary>
public static class TopK
{
    /// <summary>Whether a likelier class always has a strictly larger score: then the k best scores are k likeliest classes, for every k.</summary>
    /// <param name="scores">A score for each class.</param>
    /// <param name="probabilities">A probability for each class.</param>
    public static bool IsRankPreserving(ReadOnlySpan<double> scores, ReadOnlySpan<double> probabilities)
    {
        Require.length(nameof(probabilities), scores.Length, probabilities.Length).OrThrow();
        Require.allFinite(nameof(scores), scores).OrThrow();
        Require.allFinite(nameof(probabilities), probabilities).OrThrow();
        return FSharp.TopK.isRankPreserving(scores, probabilities);
    }
}
