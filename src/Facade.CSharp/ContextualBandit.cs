using System.Collections.Frozen;
using System.Diagnostics;

namespace Hindsight;

/// <summary>The contextual bandit behind every factory: <see cref="NeuralBandit"/>, <see cref="LinearBandit"/>, <see cref="UniformBandit"/>.</summary>
[DebuggerDisplay("{Algorithm,nq}: {Decisions} decisions, {Observations} observations, {Pending} pending, cost {CumulativeCost}")]
public sealed class ContextualBandit : IContextualBandit
{
    private readonly BanditSettings settings;
    private readonly Bandit bandit;
    private Ledger? ledger;

    private ContextualBandit(BanditSettings settings, Bandit bandit)
    {
        this.settings = settings;
        this.bandit = bandit;
        Settings = settings.Values.ToFrozenDictionary();
    }

    /// <summary>The algorithms that <see cref="Create"/> knows, with a sentence for each.</summary>
    public static IReadOnlyDictionary<string, string> Algorithms { get; } =
        BanditSettings.Algorithms.ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2);

    /// <summary>The keys that <see cref="ContextualBanditOptions.Extra"/> takes.</summary>
    public static IReadOnlyList<SettingDescription> KnownSettings { get; } =
        [.. BanditSettings.Describe().Select(setting => new SettingDescription(setting.Item1, setting.Item2, setting.Item3))];

    /// <summary>Makes a bandit by the name of its algorithm, for applications that read it from their configuration.</summary>
    /// <param name="algorithm">A key of <see cref="Algorithms"/>.</param>
    /// <param name="options">Options; any of the records.</param>
    /// <exception cref="ArgumentException">There is no such algorithm, or a key of <see cref="ContextualBanditOptions.Extra"/> is unknown; the message names the nearest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its domain; the parameter name is the option's.</exception>
    /// <exception cref="HindsightException">Options do not fit together.</exception>
    public static ContextualBandit Create(string algorithm, ContextualBanditOptions options)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.ToSettings(algorithm);
        return new(settings, settings.Build().OrThrow(nameof(options)));
    }

    /// <summary>Reads what <see cref="Save"/> wrote. The bandit continues bit for bit as if never interrupted, pending decisions included.</summary>
    /// <param name="stream">A stream that can be read; it is left open, at the end of the snapshot.</param>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="InvalidDataException">The stream holds no snapshot, or one that was cut off or changed.</exception>
    /// <exception cref="HindsightException">The snapshot is of another format or generator version, or of a lane width that this machine lacks.</exception>
    public static ContextualBandit Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException("The stream cannot be read.", nameof(stream));
        }

        var (settings, bandit) = Snapshot.load(stream).OrThrow(nameof(stream));
        return new(settings, bandit);
    }

    /// <inheritdoc/>
    public string Algorithm => settings.Algorithm;

    /// <inheritdoc/>
    public int Arms => bandit.Map.Arms;

    /// <inheritdoc/>
    public int ContextSize => settings.ContextSize;

    /// <inheritdoc/>
    public long Decisions => bandit.Decisions;

    /// <inheritdoc/>
    public long Observations => bandit.Observations;

    /// <inheritdoc/>
    public double CumulativeCost => bandit.CumulativeCost;

    /// <inheritdoc/>
    public int Pending => bandit.Pending;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The ledger of this bandit: measured regrets and the bounds that they imply. Null, the default, keeps none. It is not part of a snapshot.</summary>
    /// <remarks>One ledger is for one bandit. Decisions made before it was set, and a second feedback for a decision, are not entered.</remarks>
    public Ledger? Ledger
    {
        get => ledger;
        set
        {
            value?.Watch(bandit.Oracle);
            ledger = value;
        }
    }

    /// <summary>The bounds that the ledger's measurements imply; empty without a ledger.</summary>
    /// <remarks>Of a neural bandit, growth along the path is measured when this or <see cref="Assumptions"/> is read, once a step: from milliseconds to seconds, by the network's size.</remarks>
    public IReadOnlyList<Bound> ImpliedBounds => Array.AsReadOnly(Ledger?.Implied(Arms) ?? []);

    /// <summary>What theory assumes of this bandit, with what was measured of it; empty without a ledger.</summary>
    public IReadOnlyList<Assumption> Assumptions => Array.AsReadOnly(Ledger?.Assumptions(bandit.Oracle) ?? []);

    /// <inheritdoc/>
    public Decision Choose(ReadOnlySpan<double> context) => Enter(bandit.Choose(context).OrThrow());

    /// <inheritdoc/>
    public Decision Choose(ReadOnlySpan<double> context, ReadOnlySpan<bool> available) => Enter(bandit.Choose(context, available).OrThrow());

    /// <inheritdoc/>
    public Decision Choose(ActionSet actions)
    {
        ArgumentNullException.ThrowIfNull(actions);
        return Enter(bandit.Choose(actions).OrThrow());
    }

    /// <inheritdoc/>
    public void Learn(Decision decision, double cost)
    {
        ArgumentNullException.ThrowIfNull(decision);
        Learn(decision.Id, cost);
    }

    /// <inheritdoc/>
    public void Learn(long id, double cost)
    {
        bandit.Learn(id, cost).OrThrow();
        Ledger?.TrySettle(id, cost);
    }

    /// <inheritdoc/>
    public bool TryLearn(long id, double cost)
    {
        var result = bandit.Learn(id, cost);
        if (result.IsError && result.ErrorValue is HindsightError.UnknownDecision)
        {
            return false;
        }

        result.OrThrow();
        Ledger?.TrySettle(id, cost);
        return true;
    }

    /// <inheritdoc/>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException("The stream cannot be written.", nameof(stream));
        }

        Snapshot.save(settings, bandit, stream);
    }

    private Decision Enter(Decision decision)
    {
        Ledger?.Open(decision);
        return decision;
    }
}
