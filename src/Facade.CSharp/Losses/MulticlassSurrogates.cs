namespace Hindsight;

/// <summary>Constrained, sum and max losses of class scores: what the comp-sum losses are compared with. Scores real.</summary>
/// <remarks>
/// Constrained: sum over k not y of phi(-h_k), h = z - mean(z). Sum: sum over k not y of phi(z_y - z_k). Max: phi of the least z_y - z_k, phi decreasing.
/// With a convex phi and more than two classes max losses are not consistent: <see cref="SurrogateTheory.MaxLossWitness"/>. What an excess says about errors: <see cref="HConsistency"/>.
/// </remarks>
public static class MulticlassSurrogates
{
    /// <summary>Constrained loss of the hinge. Lee, Lin and Wahba (2004).</summary>
    public static MulticlassLoss ConstrainedHinge { get; } = Constrained(new HingeFunction());

    /// <summary>Constrained loss of the squared hinge.</summary>
    public static MulticlassLoss ConstrainedSquaredHinge { get; } = Constrained(new SquaredHingeFunction());

    /// <summary>Constrained loss of the exponential.</summary>
    public static MulticlassLoss ConstrainedExponential { get; } = Constrained(new ExponentialFunction());

    /// <summary>Weston and Watkins: the sum loss of the hinge.</summary>
    public static MulticlassLoss WestonWatkins { get; } = Sum(new HingeFunction());

    /// <summary>Sum loss of the squared hinge.</summary>
    public static MulticlassLoss SumSquaredHinge { get; } = Sum(new SquaredHingeFunction());

    /// <summary>Sum loss of the ramp min(1, max(0, 1 - m/rho)).</summary>
    /// <param name="rho">Width of the ramp, more than 0.</param>
    public static MulticlassLoss SumRamp(double rho) => Sum(Faults.Run(() => new RampFunction(rho)));

    /// <summary>Crammer and Singer: the max loss of the hinge.</summary>
    public static MulticlassLoss CrammerSinger { get; } = Max(new HingeFunction());

    /// <summary>Max loss of the squared hinge.</summary>
    public static MulticlassLoss MaxSquaredHinge { get; } = Max(new SquaredHingeFunction());

    /// <summary>Max loss of the exponential.</summary>
    public static MulticlassLoss MaxExponential { get; } = Max(new ExponentialFunction());

    /// <summary>Max loss of the ramp min(1, max(0, 1 - m/rho)).</summary>
    /// <param name="rho">Width of the ramp, more than 0.</param>
    public static MulticlassLoss MaxRamp(double rho) => Max(Faults.Run(() => new RampFunction(rho)));

    /// <summary>The constrained loss of any function of the margin.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="phi">The function.</param>
    public static MulticlassLoss Constrained<TFunction>(TFunction phi)
        where TFunction : struct, IMarginFunction => new(new ConstrainedLoss<TFunction>(phi));

    /// <summary>The sum loss of any function of the margin.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="phi">The function.</param>
    public static MulticlassLoss Sum<TFunction>(TFunction phi)
        where TFunction : struct, IMarginFunction => new(new SumLoss<TFunction>(phi));

    /// <summary>The max loss of any decreasing function of the margin.</summary>
    /// <typeparam name="TFunction">The function's type.</typeparam>
    /// <param name="phi">The function.</param>
    public static MulticlassLoss Max<TFunction>(TFunction phi)
        where TFunction : struct, IMarginFunction => new(new MaxLoss<TFunction>(phi));
}
