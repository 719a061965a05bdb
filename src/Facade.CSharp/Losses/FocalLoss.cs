using Hindsight.FSharp;

namespace Hindsight;

/// <summary>The focal loss, with what its minimiser means. Made by <see cref="ClassificationLoss.Focal"/>.</summary>
public sealed class FocalLoss : MulticlassLoss
{
    internal FocalLoss(double gamma)
        : base(new Focal(gamma)) => Gamma = gamma;

    /// <summary>How much less the well classified weigh.</summary>
    public double Gamma { get; }

    /// <summary>The class probabilities of which v minimises the expected focal loss: h(v_k)/sum h(v_l), h(v) = v/((1-v)^gamma - gamma (1-v)^(gamma-1) v ln v). Derived here.</summary>
    /// <param name="probabilities">v: what a model that was trained with this loss outputs; sum 1.</param>
    public double[] RecoverPosterior(ReadOnlySpan<double> probabilities) =>
        FocalLosses.recoverPosterior(Gamma, probabilities.ToArray()).OrThrow(nameof(probabilities));
}
