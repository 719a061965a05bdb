namespace Hindsight;

/// <content>Losses of regression.</content>
public static partial class Losses
{
    /// <summary>Square loss, un-halved: (z - y)^2. Label in [0,1], score real. Every regret bound of the library takes the regret of this loss.</summary>
    public static ScalarLoss Squared { get; } = new(new Squared());

    /// <summary>Half the square loss: (z - y)^2/2. Label in [0,1], score real.</summary>
    public static ScalarLoss HalfSquared { get; } = new(new HalfSquared());

    /// <summary>Binary cross-entropy of a logit: ln(1 + e^z) - y z. Label in [0,1], score real, logit link.</summary>
    public static ScalarLoss BinaryCrossEntropy { get; } = new(new BinaryCrossEntropy());

    /// <summary>Kullback-Leibler loss of a logit: binary cross-entropy less the label's entropy, so 0 where 1/(1 + e^-z) = y. Label in [0,1], score real, logit link.</summary>
    public static ScalarLoss KullbackLeibler { get; } = new(new KullbackLeibler());

    /// <summary>Absolute error: |y - z|. Label and score real. Elicits the median.</summary>
    public static ScalarLoss AbsoluteError { get; } = new(new AbsoluteError());

    /// <summary>Huber loss: r^2/2 for |r| &lt;= delta, delta (|r| - delta/2) beyond, r = y - z. Label and score real. Huber (1964).</summary>
    /// <param name="delta">Where the quadratic part ends, more than 0.</param>
    public static ScalarLoss Huber(double delta = 1.0) => new(Faults.Run<ILoss>(() => new Huber(delta)));

    /// <summary>Pseudo-Huber loss: delta^2 (sqrt(1 + (r/delta)^2) - 1), r = y - z. Label and score real.</summary>
    /// <param name="delta">Where the quadratic part ends, more than 0.</param>
    public static ScalarLoss PseudoHuber(double delta = 1.0) => new(Faults.Run<ILoss>(() => new PseudoHuber(delta)));

    /// <summary>Log-cosh loss: ln cosh(y - z). Label and score real.</summary>
    public static ScalarLoss LogCosh { get; } = new(new LogCosh());

    /// <summary>Smooth L1 loss: the Huber loss over its width, r^2/(2 beta) for |r| &lt;= beta, |r| - beta/2 beyond. Label and score real.</summary>
    /// <param name="beta">Where the quadratic part ends, more than 0.</param>
    public static ScalarLoss SmoothL1(double beta = 1.0) => new(Faults.Run<ILoss>(() => new SmoothL1(beta)));

    /// <summary>Epsilon-insensitive loss: max(|y - z| - epsilon, 0). Label and score real. Vapnik.</summary>
    /// <param name="epsilon">Half the width of the band without loss, at least 0.</param>
    public static ScalarLoss EpsilonInsensitive(double epsilon) => new(Faults.Run<ILoss>(() => new EpsilonInsensitive(epsilon)));

    /// <summary>Quantile (pinball) loss: q max(r, 0) + (1 - q) max(-r, 0), r = y - z. Label and score real. Elicits the q-quantile. Koenker and Bassett (1978).</summary>
    /// <param name="level">q, in (0, 1).</param>
    public static ScalarLoss Quantile(double level) => new(Faults.Run<ILoss>(() => new Quantile(level)));

    /// <summary>Expectile loss: |tau - 1[r &lt; 0]| r^2, un-halved, r = y - z. Label and score real. Elicits the tau-expectile. Newey and Powell (1987).</summary>
    /// <param name="level">tau, in (0, 1).</param>
    public static ScalarLoss Expectile(double level) => new(Faults.Run<ILoss>(() => new Expectile(level)));

    /// <summary>Cauchy (Lorentzian) loss: (c^2/2) ln(1 + (r/c)^2), r = y - z. Label and score real; not convex.</summary>
    /// <param name="scale">c, more than 0.</param>
    public static ScalarLoss Cauchy(double scale = 1.0) => new(Faults.Run<ILoss>(() => new Cauchy(scale)));

    /// <summary>Welsch (correntropy) loss: (c^2/2)(1 - exp(-(r/c)^2)), r = y - z. Label and score real; not convex, bounded by c^2/2.</summary>
    /// <param name="scale">c, more than 0.</param>
    public static ScalarLoss Welsch(double scale = 1.0) => new(Faults.Run<ILoss>(() => new Welsch(scale)));

    /// <summary>Tukey's biweight: (c^2/6)(1 - max(1 - (r/c)^2, 0)^3), r = y - z. Label and score real; not convex, constant beyond c.</summary>
    /// <param name="scale">c, more than 0.</param>
    public static ScalarLoss Tukey(double scale = 1.0) => new(Faults.Run<ILoss>(() => new Tukey(scale)));

    /// <summary>Negative log-likelihood of a normal label, the score its mean: ln(s^2)/2 + r^2/(2 s^2), without ln(2 pi)/2. Label and score real.</summary>
    /// <param name="variance">s^2, more than 0.</param>
    public static ScalarLoss GaussianNll(double variance = 1.0) => new(Faults.Run<ILoss>(() => new GaussianNll(variance)));

    /// <summary>Negative log-likelihood of a Poisson label at mean e^z: e^z - y z. Label at least 0, score real, log link.</summary>
    public static ScalarLoss PoissonNll { get; } = new(new PoissonNll());

    /// <summary>Negative log-likelihood of a gamma label at mean e^z, shape 1: y e^-z + z. Label more than 0, score real, log link.</summary>
    public static ScalarLoss GammaNll { get; } = new(new GammaNll());

    /// <summary>Tweedie quasi-likelihood in the log link: -y e^((1-p) z)/(1-p) + e^((2-p) z)/(2-p). Label at least 0, score real. For the deviance of a mean see <see cref="DevianceFactories"/>.</summary>
    /// <param name="power">p, in (1, 2).</param>
    public static ScalarLoss Tweedie(double power = 1.5) => new(Faults.Run<ILoss>(() => new Tweedie(power)));
}
