namespace Hindsight;

/// <summary>Losses of p = softmax(scores)_label, most of them bounded for robustness to wrong labels, and scores of class probabilities.</summary>
/// <remarks>Scores are real unless a member says otherwise. A parameter that is not allowed is an <see cref="ArgumentOutOfRangeException"/> with its name.</remarks>
public static class ClassificationLoss
{
    /// <summary>Focal loss: -(1-p)^gamma ln p; cross-entropy at gamma = 0. Lin et al. (2017).</summary>
    /// <param name="gamma">At least 0.</param>
    public static FocalLoss Focal(double gamma) => Faults.Run(() => new FocalLoss(gamma));

    /// <summary>Reverse cross-entropy: scale (1 - p). Wang et al. (2019).</summary>
    /// <param name="scale">Minus the number that stands for ln 0, more than 0.</param>
    public static MulticlassLoss ReverseCrossEntropy(double scale) => Make(() => new ReverseCrossEntropy(scale));

    /// <summary>Symmetric cross-entropy: -(1-mix) ln p + mix scale (1-p). Wang et al. (2019).</summary>
    /// <param name="mix">In [0, 1].</param>
    /// <param name="scale">More than 0.</param>
    public static MulticlassLoss SymmetricCrossEntropy(double mix, double scale) => Make(() => new SymmetricCrossEntropy(mix, scale));

    /// <summary>Normalised cross-entropy: ln s_y/(sum over k of ln s_k), s = softmax(scores). Ma et al. (2020).</summary>
    public static MulticlassLoss NormalizedCrossEntropy { get; } = new(new NormalizedCrossEntropy());

    /// <summary>Asymmetric unhinged loss: ((a-p)^q - (a-1)^q)/q. Zhou et al. (2021).</summary>
    /// <param name="a">More than 1.</param>
    /// <param name="q">More than 0.</param>
    public static MulticlassLoss AsymmetricUnhinged(double a, double q) => Make(() => new AsymmetricUnhinged(a, q));

    /// <summary>Asymmetric generalized cross-entropy: ((a+1)^q - (a+p)^q)/q. Zhou et al. (2021).</summary>
    /// <param name="a">More than 0.</param>
    /// <param name="q">More than 0.</param>
    public static MulticlassLoss AsymmetricGce(double a, double q) => Make(() => new AsymmetricGce(a, q));

    /// <summary>Truncated generalized cross-entropy: min((1 - p^q)/q, (1 - k^q)/q). Zhang and Sabuncu (2018).</summary>
    /// <param name="q">In [0, 1].</param>
    /// <param name="threshold">k, in [0, 1): below it the loss is constant.</param>
    public static MulticlassLoss TruncatedGce(double q, double threshold) => Make(() => new TruncatedGce(q, threshold));

    /// <summary>Jensen-Shannon loss between one-hot label and softmax, normalised. Englesson and Azizpour (2021).</summary>
    /// <param name="pi">Weight of the label in the mixture, in [0, 1).</param>
    public static MulticlassLoss JensenShannon(double pi) => Make(() => new JensenShannon(pi));

    /// <summary>Log score of a class and class probabilities: -ln p_y. The scores are the probabilities, in (0, 1].</summary>
    public static MulticlassLoss LogScore { get; } = new(new MulticlassLogScore());

    /// <summary>Brier score of a class and class probabilities: sum over k of (p_k - 1[k = y])^2.</summary>
    public static MulticlassLoss BrierScore { get; } = new(new MulticlassBrierScore());

    /// <summary>Spherical score of a class and class probabilities: -p_y/|p|.</summary>
    public static MulticlassLoss SphericalScore { get; } = new(new MulticlassSphericalScore());

    /// <summary>A definition with a weight for each class: w_y l(y, z).</summary>
    /// <typeparam name="TLoss">Its type: <c>Focal</c>, <c>CrossEntropy</c>, ...</typeparam>
    /// <param name="definition">The definition.</param>
    /// <param name="weights">A weight for each class, at least 0; scores must have as many entries.</param>
    public static MulticlassLoss Weighted<TLoss>(TLoss definition, ReadOnlySpan<double> weights)
        where TLoss : struct, IMulticlassLoss, IMulticlassGradient
    {
        var copy = weights.ToArray();
        return Make(() => new ClassWeighted<TLoss>(definition, copy));
    }

    private static MulticlassLoss Make(Func<IMulticlassLoss> create) => new(Faults.Run(create));
}
