namespace Hindsight;

/// <content>Losses of a mean or a probability, with identity link: proper scoring rules and Bregman divergences.</content>
public static partial class Losses
{
    /// <summary>Log score: -y ln p - (1-y) ln(1-p). Label in [0,1], score a probability in (0,1).</summary>
    public static ScalarLoss LogScore { get; } = new(new LogScore());

    /// <summary>Quadratic score: y (1-p)^2 + (1-y) p^2. Label in [0,1], score in (0,1).</summary>
    public static ScalarLoss QuadraticScore { get; } = new(new QuadraticScore());

    /// <summary>Brier score summed over both classes: twice the quadratic score. Label in [0,1], score in (0,1).</summary>
    public static ScalarLoss BrierScore { get; } = new(new BrierScore());

    /// <summary>Spherical score: -(y p + (1-y)(1-p))/sqrt(p^2 + (1-p)^2). Label in [0,1], score in (0,1).</summary>
    public static ScalarLoss SphericalScore { get; } = new(new SphericalScore());

    /// <summary>Boosting loss: y sqrt((1-p)/p) + (1-y) sqrt(p/(1-p)). Label in [0,1], score in (0,1).</summary>
    public static ScalarLoss BoostingScore { get; } = new(new BoostingScore());

    /// <summary>Cost-weighted classification error: (1-c) y 1[p &lt; c] + c (1-y) 1[p &gt;= c]. Label in [0,1], score in (0,1).</summary>
    /// <param name="cost">c, in (0, 1): what a false alarm costs; a miss costs 1 - c.</param>
    public static ScalarLoss CostWeighted(double cost) => new(Faults.Run<ILoss>(() => new CostWeighted(cost)));

    /// <summary>Beta family of proper losses, weight p^(a-1) (1-p)^(b-1): log score at a = b = 0, half the quadratic score at 1. Label in [0,1], score in (0,1). Buja, Stuetzle and Shen.</summary>
    /// <param name="a">More than -1.</param>
    /// <param name="b">More than -1.</param>
    public static ScalarLoss BetaScore(double a, double b) => new(Faults.Run<ILoss>(() => new BetaScore(a, b)));

    /// <summary>Half the squared distance as a Bregman divergence: (y - z)^2/2. Label and score real.</summary>
    public static ScalarLoss HalfSquaredDistance { get; } = new(new HalfSquaredDistance());

    /// <summary>Generalised Kullback-Leibler divergence: y ln(y/z) - y + z. Label at least 0, score more than 0.</summary>
    public static ScalarLoss GeneralizedKullbackLeibler { get; } = new(new GeneralizedKullbackLeibler());

    /// <summary>Itakura-Saito divergence: y/z - ln(y/z) - 1. Label and score more than 0; not convex in the score beyond 2 y.</summary>
    public static ScalarLoss ItakuraSaito { get; } = new(new ItakuraSaito());

    /// <summary>Binary Kullback-Leibler divergence of means: y ln(y/z) + (1-y) ln((1-y)/(1-z)). Label in [0,1], score in (0,1).</summary>
    public static ScalarLoss BinaryKullbackLeibler { get; } = new(new BinaryKullbackLeibler());

    /// <summary>Power (beta, Tweedie) divergence, F''(x) = x^-p: y^(2-p)/((1-p)(2-p)) - y z^(1-p)/(1-p) + z^(2-p)/(2-p). Half the deviance of power p. Label at least 0 (p &lt; 2) or more than 0, score more than 0.</summary>
    /// <param name="power">p, finite.</param>
    public static ScalarLoss PowerDivergence(double power) => new(Faults.Run<ILoss>(() => new PowerDivergence(power)));

    /// <summary>Tsallis divergence of order q: the power divergence of power 2 - q.</summary>
    /// <param name="order">q, finite.</param>
    public static ScalarLoss TsallisDivergence(double order) => new(Faults.Run<ILoss>(() => new TsallisDivergence(order)));
}
