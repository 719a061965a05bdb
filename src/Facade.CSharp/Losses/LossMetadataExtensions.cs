namespace Hindsight;

/// <summary>Declares properties of a loss of one's own.</summary>
public static class LossMetadataExtensions
{
    /// <summary>A copy with what is given; a null keeps the present value.</summary>
    /// <remarks>Start from <c>LossMetadata.Default</c>: convex, twice differentiable, nonnegative, real labels and scores, identity link, and nothing else known.
    /// <see cref="ScalarLoss.Audit"/> checks every declaration.</remarks>
    /// <param name="metadata">What is declared already.</param>
    /// <param name="name">Name with the factor convention in it.</param>
    /// <param name="label">Where labels may lie.</param>
    /// <param name="score">Where scores may lie.</param>
    /// <param name="link">How a score becomes a mean.</param>
    /// <param name="convex">Convex in the score for every label.</param>
    /// <param name="continuity">Continuous derivatives in the score: 0 (kinks), 1, or 2 for twice and more.</param>
    /// <param name="infimum">Greatest lower bound over both domains; an infinity here and below stands for "none, or not known".</param>
    /// <param name="supremum">Least upper bound over both domains.</param>
    /// <param name="lipschitz">sup of |first derivative|.</param>
    /// <param name="smoothness">sup of |second derivative|.</param>
    /// <param name="strongConvexity">inf of the second derivative.</param>
    /// <param name="expConcavity">Largest a with exp(-a loss) concave in the mean, means and labels in [0,1].</param>
    /// <param name="mixability">Largest mixability constant, means and labels in [0,1].</param>
    /// <param name="calibrated">Classification-calibrated.</param>
    /// <param name="elicits">What the minimiser of the expected loss is: "mean", "median", ...</param>
    /// <param name="source">Where the formula comes from.</param>
    public static LossMetadata With(
        this LossMetadata metadata,
        string? name = null,
        Domain? label = null,
        Domain? score = null,
        Link? link = null,
        bool? convex = null,
        int? continuity = null,
        double? infimum = null,
        double? supremum = null,
        double? lipschitz = null,
        double? smoothness = null,
        double? strongConvexity = null,
        double? expConcavity = null,
        double? mixability = null,
        bool? calibrated = null,
        string? elicits = null,
        string? source = null)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new(
            name ?? metadata.Name,
            label ?? metadata.Label,
            score ?? metadata.Score,
            link ?? metadata.Link,
            convex ?? metadata.Convex,
            continuity ?? metadata.Continuity,
            Known(infimum, metadata.Infimum),
            Known(supremum, metadata.Supremum),
            Known(lipschitz, metadata.Lipschitz),
            Known(smoothness, metadata.Smoothness),
            Known(strongConvexity, metadata.StrongConvexity),
            Known(expConcavity, metadata.ExpConcavity),
            Known(mixability, metadata.Mixability),
            calibrated ?? metadata.Calibrated,
            elicits ?? metadata.Elicits,
            source ?? metadata.Source);
    }

    private static double? Known(double? given, double? present) =>
        given is { } value ? (double.IsInfinity(value) ? null : value) : present;
}
