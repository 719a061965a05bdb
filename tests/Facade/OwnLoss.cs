namespace Hindsight.Facade.Tests;

/// <summary>What a user writes: the library's binary cross-entropy once more.</summary>
public readonly record struct OwnCrossEntropy : ILoss
{
    public T Eval<T>(T label, T score)
        where T : struct, IReal<T> => label * T.Softplus(-score) + (T.Const(1.0) - label) * T.Softplus(score);

    public R Accept<R>(ILossVisitor<R> visitor) => visitor.Visit(this);

    public LossMetadata Metadata => LossMetadata.Default.With(
        name: "own", label: Domain.Unit, link: Link.Logit, lipschitz: 1, smoothness: 0.25, strongConvexity: 0, expConcavity: 1, mixability: 1, elicits: "mean");
}

/// <summary>A margin loss of one's own: the library's squared hinge with a parameter.</summary>
public readonly record struct OwnMargin(double Scale) : IMarginLoss
{
    public T Phi<T>(T margin)
        where T : struct, IReal<T> => T.Sqr(T.Max(T.Const(0.0), T.Const(Scale) - margin));

    public T Eval<T>(T label, T score)
        where T : struct, IReal<T> => Phi(label * score);

    public R Accept<R>(ILossVisitor<R> visitor) => visitor.Visit(this);

    public LossMetadata Metadata => LossMetadata.Default.With(name: "own margin", label: Domain.Signs, continuity: 1, calibrated: true);
}

/// <summary>A loss of class scores of one's own, without closed forms: the square of the distance to the one-hot label.</summary>
public readonly record struct OwnMulticlass : IMulticlassLoss
{
    public T Eval<T>(int label, ReadOnlySpan<T> scores)
        where T : struct, IReal<T>
    {
        var sum = T.Const(0.0);
        for (var k = 0; k < scores.Length; k++)
        {
            sum += T.Sqr(scores[k] - T.Const(k == label ? 1.0 : 0.0));
        }

        return T.Const(0.5) * sum;
    }

    public R Accept<R>(IMulticlassVisitor<R> visitor) => visitor.Visit(this);

    public LossMetadata Metadata => LossMetadata.Default.With(name: "own multiclass", smoothness: 1, strongConvexity: 1);
}
