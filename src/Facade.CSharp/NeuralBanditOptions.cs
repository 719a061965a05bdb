namespace Hindsight;

/// <summary>How a neural oracle learns.</summary>
public enum NeuralOracleKind
{
    /// <summary>Projected online gradient descent, as in the theorems: one plain step a round.</summary>
    Theory = 0,

    /// <summary>One adaptive step a round.</summary>
    Online = 1,

    /// <summary>One adaptive step a round, and further steps on a bounded memory.</summary>
    Replay = 2,
}

/// <summary>The loss that a neural oracle is trained with.</summary>
public enum NeuralLoss
{
    /// <summary>Half the squared error; the output is the prediction.</summary>
    HalfSquared = 0,

    /// <summary>Kullback-Leibler (log loss); a sigmoid of the output is the prediction.</summary>
    KullbackLeibler = 1,
}

/// <summary>Options of the neural bandits. A null is the algorithm's default: <see cref="IContextualBandit.Settings"/> shows every value.</summary>
/// <example><code>
/// var bandit = NeuralBandit.FastCB(new NeuralBanditOptions { ContextSize = 40, Arms = 3, Seed = 7 });
/// Decision d = bandit.Choose(context);
/// bandit.Learn(d, cost: 0.0);
/// </code></example>
public sealed record NeuralBanditOptions : LearningBanditOptions
{
    /// <summary>How the network learns.</summary>
    public NeuralOracleKind? Oracle { get; init; }

    /// <summary>The loss that it is trained with.</summary>
    public NeuralLoss? Loss { get; init; }

    /// <summary>Hidden units a layer, 1 to 65536.</summary>
    public int? Width { get; init; }

    /// <summary>Hidden layers, 1 to 16.</summary>
    public int? Depth { get; init; }

    /// <summary>Activation of the hidden units.</summary>
    public Activation? Activation { get; init; }

    /// <summary>Initialisation and scaling of the layers.</summary>
    public Parameterisation? Parameterisation { get; init; }

    /// <summary>Step size, more than 0.</summary>
    public double? Rate { get; init; }

    /// <summary>How the step size moves with the steps.</summary>
    public RateSchedule? RateSchedule { get; init; }

    /// <summary>Largest distance of a hidden layer from its initialisation, more than 0; infinity for none.</summary>
    public double? Radius { get; init; }

    /// <summary>Largest distance of the output layer from its initialisation, more than 0; infinity for none.</summary>
    public double? OutputRadius { get; init; }

    /// <summary>Perturbation of the predictions.</summary>
    public PerturbationKind? Perturbation { get; init; }

    /// <summary>c_p, the size of the perturbation, at least 0.</summary>
    public double? PerturbationScale { get; init; }

    /// <summary>S, the number of sign vectors, 1 to 4096.</summary>
    public int? Signs { get; init; }

    /// <summary>Whether the signs are drawn anew after every step.</summary>
    public bool? FreshSigns { get; init; }

    /// <summary>Observations kept for replay, at least 1.</summary>
    public int? ReplayCapacity { get; init; }

    /// <summary>Steps on old observations a round, 0 to 10000.</summary>
    public int? ReplaySteps { get; init; }

    /// <summary>Which observations are kept: <see cref="Hindsight.ReplayMemory.Reservoir"/> or <see cref="Hindsight.ReplayMemory.Window"/>
    /// (for none, <see cref="Oracle"/> is <see cref="NeuralOracleKind.Online"/>).</summary>
    public ReplayMemory? ReplayMemory { get; init; }

    /// <summary>SIMD lanes of the network's kernels.</summary>
    public Lanes? Lanes { get; init; }

    private protected override IEnumerable<Setting> Settings() =>
    [
        .. base.Settings(),
        new(nameof(Oracle), "oracle", Text(Oracle, "theory", "online", "replay")),
        new(nameof(Loss), "loss", Text(Loss, "squared", "kl")),
        new(nameof(Width), "width", Text(Width)),
        new(nameof(Depth), "depth", Text(Depth)),
        new(nameof(Activation), "activation", Text(Activation, "relu", "gelu", "tanh", "softplus")),
        new(nameof(Parameterisation), "parameterisation", Text(Parameterisation, "standard", "theory")),
        new(nameof(Rate), "rate", Text(Rate)),
        new(nameof(RateSchedule), "rate-schedule", Text(RateSchedule, "constant", "inverse-sqrt", "inverse-time")),
        new(nameof(Radius), "radius", Text(Radius)),
        new(nameof(OutputRadius), "output-radius", Text(OutputRadius)),
        new(nameof(Perturbation), "perturbation", Text(Perturbation, "off", "expected", "rademacher")),
        new(nameof(PerturbationScale), "perturbation-scale", Text(PerturbationScale)),
        new(nameof(Signs), "signs", Text(Signs)),
        new(nameof(FreshSigns), "fresh-signs", Text(FreshSigns)),
        new(nameof(ReplayCapacity), "replay-capacity", Text(ReplayCapacity)),
        new(nameof(ReplaySteps), "replay-steps", Text(ReplaySteps)),
        new(nameof(ReplayMemory), "replay-memory", Text(ReplayMemory, "off", "reservoir", "window")),
        new(nameof(Lanes), "lanes", Text(Lanes, "auto", "wide", "portable")),
    ];
}
