using System.Globalization;

namespace Hindsight;

/// <summary>How the arms' features become inputs of the oracle.</summary>
public enum FeatureEncoding
{
    /// <summary>The context in the arm's block of an Arms * ContextSize vector: the encoding of the neural-bandit literature.</summary>
    Disjoint = 0,

    /// <summary>Every arm reads the context itself, through an output of its own.</summary>
    Shared = 1,

    /// <summary>Each available action brings its own features: <see cref="IContextualBandit.Choose(ActionSet)"/>.</summary>
    Action = 2,
}

/// <summary>What every bandit has. A null is the algorithm's default: <see cref="IContextualBandit.Settings"/> shows every value.</summary>
public record ContextualBanditOptions
{
    /// <summary>Length of a context, or of an action's features; at least 1.</summary>
    public required int ContextSize { get; init; }

    /// <summary>Number of arms, at least 1; not read with <see cref="FeatureEncoding.Action"/>, where it is that of the action set.</summary>
    public int Arms { get; init; }

    /// <summary>Key of every random number: the same seed and calls give the same bits.</summary>
    public ulong Seed { get; init; }

    /// <summary>How the arms' features become inputs.</summary>
    public FeatureEncoding? Features { get; init; }

    /// <summary>How an input vector is scaled before the oracle reads it.</summary>
    public InputScaling? Scaling { get; init; }

    /// <summary>Most decisions that may wait for feedback, at least 1; beyond it the oldest is dropped and takes no feedback any more.</summary>
    public int? PendingLimit { get; init; }

    /// <summary>Whether a second feedback for a decision is one more observation (true) or an error (false).</summary>
    public bool? AllowAmendments { get; init; }

    /// <summary>Further settings by name (<see cref="ContextualBandit.KnownSettings"/>); they prevail over the properties.</summary>
    public IReadOnlyDictionary<string, string>? Extra { get; init; }

    /// <summary>A property with its setting's key and value; null leaves the default.</summary>
    private protected readonly record struct Setting(string Property, string Key, string? Value);

    private protected virtual IEnumerable<Setting> Settings() =>
    [
        new(nameof(Features), "features", Text(Features, "disjoint", "shared", "action")),
        new(nameof(Scaling), "scaling", Text(Scaling, "none", "unit", "sqrt")),
        new(nameof(PendingLimit), "pending-limit", Text(PendingLimit)),
        new(nameof(AllowAmendments), "amendments", Text(AllowAmendments)),
    ];

    internal BanditSettings ToSettings(string algorithm)
    {
        var arms = Features == FeatureEncoding.Action ? Math.Max(Arms, 1) : Arms;
        Check(ContextSize, nameof(ContextSize));
        Check(arms, nameof(Arms));
        var extra = (Extra ?? new Dictionary<string, string>()).Select(pair => new Setting(nameof(Extra), pair.Key, pair.Value ?? ""));
        return Settings()
            .Concat(extra)
            .Where(setting => setting.Value is not null)
            .Aggregate(
                BanditSettings.Create(algorithm, ContextSize, arms, Seed).OrThrow(nameof(algorithm)),
                (settings, setting) => settings.With(setting.Key, setting.Value).OrThrow(setting.Property));
    }

    private static void Check(int count, string property) => Require.atLeast(property, 1, count).OrThrow();

    /// <summary>The setting's name of an enum's value, in the order of its numbers; a number without a name is left to the core to refuse.</summary>
    private protected static string? Text<T>(T? value, params string[] names)
        where T : struct, Enum
    {
        if (value is not { } known)
        {
            return null;
        }

        var number = Convert.ToInt32(known, CultureInfo.InvariantCulture);
        return number >= 0 && number < names.Length ? names[number] : known.ToString();
    }

    private protected static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private protected static string? Text(bool? value) => value is { } flag ? (flag ? "true" : "false") : null;

    private protected static string? Text(double? value) =>
        value is double.PositiveInfinity ? "inf" : value?.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>What every bandit that learns has: the exploration over the rounds.</summary>
/// <remarks>An option that the algorithm's exploration rule does not read changes nothing.</remarks>
public abstract record LearningBanditOptions : ContextualBanditOptions
{
    /// <summary>Schedule of the exploration parameter gamma (inverse gap weighting's gamma, epsilon, or the factor of the widths).</summary>
    public GammaSchedule? ExplorationSchedule { get; init; }

    /// <summary>gamma of the first round, at least 0: gamma_t = scale * t^exponent.</summary>
    public double? ExplorationScale { get; init; }

    /// <summary>Exponent of <see cref="GammaSchedule.Power"/>, in [-2, 2].</summary>
    public double? ExplorationExponent { get; init; }

    /// <summary>Normalisation of inverse gap weighting.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>Rounds that the theorem's schedules plan for, more than 0.</summary>
    public double? Horizon { get; init; }

    /// <summary>Regret of the oracle (un-halved square loss, or log loss) that the theorem's schedules count on, more than 0.</summary>
    public double? OracleRegret { get; init; }

    /// <summary>Failure probability of the theorem's schedules, in (0, 1).</summary>
    public double? Delta { get; init; }

    private protected override IEnumerable<Setting> Settings() =>
    [
        .. base.Settings(),
        new(nameof(ExplorationSchedule), "gamma", Text(ExplorationSchedule, "constant", "power", "square-theorem", "fast-theorem")),
        new(nameof(ExplorationScale), "gamma-scale", Text(ExplorationScale)),
        new(nameof(ExplorationExponent), "gamma-exponent", Text(ExplorationExponent)),
        new(nameof(Normalization), "normalization", Text(Normalization, "fixed", "exact")),
        new(nameof(Horizon), "horizon", Text(Horizon)),
        new(nameof(OracleRegret), "oracle-regret", Text(OracleRegret)),
        new(nameof(Delta), "delta", Text(Delta)),
    ];
}
