using Hindsight.FSharp;

namespace Hindsight;

/// <summary>A margin loss phi(label * score): labels -1 and +1. See <see cref="ScalarLoss"/> for what it can do, and <see cref="SurrogateTheory"/> for what its excess says about errors.</summary>
public sealed class MarginLoss : ScalarLoss
{
    internal MarginLoss(IMarginLoss definition)
        : base(definition) => Surrogate = definition;

    internal IMarginLoss Surrogate { get; }

    /// <summary>phi and its derivatives at a margin: the loss of label +1.</summary>
    /// <param name="margin">label * score.</param>
    public LossDerivatives Phi(double margin)
    {
        Require.finite(nameof(margin), margin).OrThrow();
        var (value, slope, curvature) = Margin.jet(Surrogate, margin);
        return double.IsFinite(value) && double.IsFinite(slope) && double.IsFinite(curvature)
            ? new(value, slope, curvature)
            : throw Faults.ToException(BatchCheck.infinite(Surrogate, nameof(margin), 1, margin));
    }
}
