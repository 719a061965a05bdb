namespace Hindsight;

/// <summary>Options of the linear bandits. A null is the algorithm's default: <see cref="IContextualBandit.Settings"/> shows every value.</summary>
public sealed record LinearBanditOptions : LearningBanditOptions
{
    /// <summary>Which prediction the oracle makes.</summary>
    public LinearKind? Oracle { get; init; }

    /// <summary>Ridge penalty, more than 0.</summary>
    public double? Lambda { get; init; }

    private protected override IEnumerable<Setting> Settings() =>
    [
        .. base.Settings(),
        new(nameof(Oracle), "oracle", Text(Oracle, "ridge", "vaw")),
        new(nameof(Lambda), "lambda", Text(Lambda)),
    ];
}
