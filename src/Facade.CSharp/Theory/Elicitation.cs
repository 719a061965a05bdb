namespace Hindsight;

/// <summary>What a loss elicits: the score with the least mean loss over a sample of labels.</summary>
public static class Elicitation
{
    /// <summary>A minimiser of the mean loss: the median for the absolute error, the q-quantile for the quantile loss, the log-odds for the logistic loss, ...</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="sample">At least one label, each in the loss's domain.</param>
    /// <returns>The score; the least one of several for a convex loss.</returns>
    /// <exception cref="HindsightException">The mean loss still falls at the farthest score tried: there is no minimiser.</exception>
    public static double Functional(ScalarLoss loss, ReadOnlySpan<double> sample)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return FSharp.Elicitation.functional(loss.Definition, sample.ToArray()).OrThrow(nameof(sample));
    }
}
