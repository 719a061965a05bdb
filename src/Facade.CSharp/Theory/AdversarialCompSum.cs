using Hindsight.FSharp;

namespace Hindsight;

/// <summary>Comp-sum losses against an adversary who moves the context by at most gamma, for linear scores w_k'x (arXiv 2304.07288).</summary>
public static class AdversarialCompSum
{
    /// <summary>The smooth adversarial comp-sum loss: Phi^tau(sum over k not y of e^(-(score_y - score_k)/rho) + nu times the drift of the margins).</summary>
    /// <param name="tau">At least 0.</param>
    /// <param name="rho">More than 0.</param>
    /// <param name="nu">At least 0; from <see cref="LeastNu"/> on the loss over Phi^tau(1) is at least the robust error.</param>
    public static AdversarialCompSumLoss Create(double tau, double rho, double nu)
    {
        Require.nonNegative(nameof(tau), tau).OrThrow();
        Require.positive(nameof(rho), rho).OrThrow();
        Require.nonNegative(nameof(nu), nu).OrThrow();
        return new(tau, rho, nu);
    }

    /// <summary>sqrt(n-1)/rho.</summary>
    /// <param name="classes">n, at least 2.</param>
    /// <param name="rho">More than 0.</param>
    public static double LeastNu(int classes, double rho) => FSharp.AdversarialCompSum.leastNu(classes, rho).OrThrow();

    /// <summary>Whether an adversary can make linear scores err at a context: the least margin within reach, and where. At most 0: it can.</summary>
    /// <param name="norm">In which norm the adversary moves the context.</param>
    /// <param name="gamma">How far, at least 0.</param>
    /// <param name="weights">A row of weights for each class.</param>
    /// <param name="context">The context.</param>
    /// <param name="label">Its class.</param>
    /// <param name="attacked">The context that the adversary chooses.</param>
    /// <returns>The least margin.</returns>
    public static double LeastMargin(PerturbationNorm norm, double gamma, double[][] weights, ReadOnlySpan<double> context, int label, out double[] attacked)
    {
        ArgumentNullException.ThrowIfNull(weights);
        (attacked, var margin) = FSharp.AdversarialCompSum.attack(norm, gamma, weights, context.ToArray(), label).OrThrow();
        return margin;
    }
}

/// <summary>A smooth adversarial comp-sum loss. Made by <see cref="AdversarialCompSum.Create"/>.</summary>
public sealed class AdversarialCompSumLoss
{
    internal AdversarialCompSumLoss(double tau, double rho, double nu) => (Tau, Rho, Nu) = (tau, rho, nu);

    /// <summary>Exponent of the comp-sum.</summary>
    public double Tau { get; }

    /// <summary>Temperature of the margins.</summary>
    public double Rho { get; }

    /// <summary>Weight of the drift.</summary>
    public double Nu { get; }

    /// <summary>The loss of linear scores.</summary>
    /// <param name="weights">A row of weights for each class.</param>
    /// <param name="context">The context.</param>
    /// <param name="label">Its class.</param>
    /// <param name="gamma">How far the adversary moves the context, at least 0.</param>
    /// <param name="norm">In which norm.</param>
    public double SmoothLoss(double[][] weights, ReadOnlySpan<double> context, int label, double gamma, PerturbationNorm norm = PerturbationNorm.L2)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return FSharp.AdversarialCompSum.smooth(Tau, Rho, Nu, norm, gamma, weights, context.ToArray(), label).OrThrow();
    }

    /// <summary>The share of contexts at which the adversary can make the scores err is at most the mean of this loss over Phi^tau(1). On the given contexts, deterministic.</summary>
    /// <param name="weights">A row of weights for each class.</param>
    /// <param name="contexts">The contexts.</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="gamma">How far the adversary moves a context, at least 0.</param>
    /// <param name="norm">In which norm.</param>
    public Bound RobustErrorUpperBound(double[][] weights, double[][] contexts, ReadOnlySpan<int> labels, double gamma, PerturbationNorm norm = PerturbationNorm.L2)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(contexts);
        return FSharp.HConsistency.robustErrorUpperBound(Tau, Rho, Nu, norm, gamma, weights, contexts, labels.ToArray()).OrThrow();
    }
}
