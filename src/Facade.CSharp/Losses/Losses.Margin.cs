namespace Hindsight;

/// <content>Margin losses phi(m), m = label * score: labels -1 and +1, scores real.</content>
public static partial class Losses
{
    /// <summary>Hinge loss: max(1 - m, 0). Elicits the likelier sign.</summary>
    public static MarginLoss Hinge { get; } = new(new Hinge());

    /// <summary>Squared hinge loss: max(1 - m, 0)^2.</summary>
    public static MarginLoss SquaredHinge { get; } = new(new SquaredHinge());

    /// <summary>Modified Huber loss: max(1 - m, 0)^2 for m &gt;= -1, -4 m below. Zhang (2004).</summary>
    public static MarginLoss ModifiedHuber { get; } = new(new ModifiedHuber());

    /// <summary>Smoothed hinge loss: 0 for m &gt;= 1, (1 - m)^2/2 on [0, 1], 1/2 - m below. Rennie.</summary>
    public static MarginLoss SmoothedHinge { get; } = new(new SmoothedHinge());

    /// <summary>Logistic loss: ln(1 + e^-m), in nats. Elicits the log-odds. For labels in [0,1] see <see cref="BinaryCrossEntropy"/>.</summary>
    public static MarginLoss Logistic { get; } = new(new Logistic());

    /// <summary>Logistic loss in bits: log2(1 + e^-m), 1 at m = 0.</summary>
    public static MarginLoss LogisticBase2 { get; } = new(new LogisticBase2());

    /// <summary>Exponential loss: e^-m. Elicits half the log-odds.</summary>
    public static MarginLoss Exponential { get; } = new(new Exponential());

    /// <summary>Square loss of the margin: (1 - m)^2, un-halved.</summary>
    public static MarginLoss SquareMargin { get; } = new(new SquareMargin());

    /// <summary>Savage loss: 1/(1 + e^m)^2; not convex. Masnadi-Shirazi and Vasconcelos (2008).</summary>
    public static MarginLoss Savage { get; } = new(new Savage());

    /// <summary>Tangent loss: (2 arctan m - 1)^2; not convex. Masnadi-Shirazi, Mahadevan and Vasconcelos (2010).</summary>
    public static MarginLoss Tangent { get; } = new(new Tangent());

    /// <summary>Sigmoid loss: 1/(1 + e^m); not convex.</summary>
    public static MarginLoss SigmoidMargin { get; } = new(new SigmoidMargin());

    /// <summary>Hyperbolic tangent loss: 1 - tanh(k m); not convex.</summary>
    /// <param name="steepness">k, more than 0.</param>
    public static MarginLoss TanhMargin(double steepness = 1.0) => new(Faults.Run<IMarginLoss>(() => new TanhMargin(steepness)));

    /// <summary>Ramp loss: 1 - m/rho, cut to [0, 1]; not convex.</summary>
    /// <param name="width">rho, more than 0.</param>
    public static MarginLoss Ramp(double width = 1.0) => new(Faults.Run<IMarginLoss>(() => new Ramp(width)));

    /// <summary>Unhinged loss: 1 - m; of use with bounded scores only. van Rooyen, Menon and Williamson (2015).</summary>
    public static MarginLoss Unhinged { get; } = new(new Unhinged());

    /// <summary>Alpha loss: (alpha/(alpha-1)) (1 - s(m)^(1 - 1/alpha)), s the sigmoid; logistic at 1, exponential at 1/2. Sypherd et al. (2019).</summary>
    /// <param name="alpha">The order, more than 0.</param>
    public static MarginLoss Alpha(double alpha) => new(Faults.Run<IMarginLoss>(() => new AlphaLoss(alpha)));

    /// <summary>Hinge with a tail: 1 - m for m &lt;= 1, e^-(m-1) - 1 beyond. EnsLoss (arXiv 2409.00908).</summary>
    public static MarginLoss HingeExponentialTail { get; } = new(new HingeExponentialTail());

    /// <summary>Hinge with a tail: 1 - m for m &lt;= 1, 1/m - 1 beyond. EnsLoss (arXiv 2409.00908).</summary>
    public static MarginLoss HingeReciprocalTail { get; } = new(new HingeReciprocalTail());

    /// <summary>Hinge with a tail: 1 - m for m &lt;= 1, e/ln(m + e - 1) - e beyond. EnsLoss (arXiv 2409.00908).</summary>
    public static MarginLoss HingeLogarithmicTail { get; } = new(new HingeLogarithmicTail());

    /// <summary>Hinge with a tail: 1 - m for m &lt;= 1, -ln m beyond; unbounded below. EnsLoss (arXiv 2409.00908).</summary>
    public static MarginLoss HingeNegativeLogTail { get; } = new(new HingeNegativeLogTail());

    /// <summary>Comp-sum loss of two classes: (s(m)^(tau-1) - 1)/(1-tau), s the sigmoid; logistic at tau = 1, exponential at 0, sigmoid loss at 2. Derived here.</summary>
    /// <param name="tau">At least 0.</param>
    public static MarginLoss BinaryCompSum(double tau) => new(Faults.Run<IMarginLoss>(() => new BinaryCompSum(tau)));
}
