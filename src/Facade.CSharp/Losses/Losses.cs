using Hindsight.FSharp;

namespace Hindsight;

/// <summary>The losses of a label and a score, each ready to use.</summary>
/// <remarks>
/// The convention about factors is in the name (<see cref="Squared"/> is r^2, <see cref="HalfSquared"/> r^2/2). A parameter that is not allowed is an
/// <see cref="ArgumentOutOfRangeException"/> with its name. Constants and sources: <see cref="ScalarLoss.Metadata"/>. Losses of several classes: <see cref="MulticlassLoss"/>.
/// </remarks>
/// <example><code>
/// var huber = Losses.Huber(delta: 1.5);
/// double loss = huber.Evaluate(label: 2.0, score: 0.5), slope = huber.Gradient(2.0, 0.5);
/// double mean = huber.ValueAndGradient(labels, scores, gradient);   // spans of any length, in SIMD lanes
/// </code></example>
public static partial class Losses
{
    /// <summary>The losses that <see cref="ByName"/> knows.</summary>
    public static IReadOnlyList<LossDescription> Known { get; } =
        [.. FSharp.Losses.all.Where(entry => entry.Definition is LossDefinition.Scalar).Select(entry => new LossDescription(entry.Name, entry.Family, entry.Parameters))];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(loss => loss.Name)];

    /// <summary>A loss of one's own: a struct that implements <see cref="ILoss"/> by one generic function.</summary>
    /// <remarks>Derivatives, SIMD batches, the formula, certified constants and the audit follow from that function.</remarks>
    /// <param name="definition">The loss.</param>
    /// <example><code>
    /// readonly record struct MyLoss : ILoss
    /// {
    ///     public T Eval&lt;T&gt;(T label, T score) where T : struct, IReal&lt;T&gt; => T.Softplus(score) - label * score;
    ///     public R Accept&lt;R&gt;(ILossVisitor&lt;R&gt; visitor) => visitor.Visit(this);
    ///     public LossMetadata Metadata => LossMetadata.Default.With(name: "mine", label: Domain.Unit);
    /// }
    /// double slope = Losses.Of(new MyLoss()).Gradient(label: 1, score: 0.5);
    /// </code></example>
    public static ScalarLoss Of(ILoss definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new(definition);
    }

    /// <summary>A margin loss of one's own.</summary>
    /// <param name="definition">The loss.</param>
    public static MarginLoss Of(IMarginLoss definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new(definition);
    }

    /// <summary>A loss by its name, for applications that read it from their configuration.</summary>
    /// <param name="name">One of <see cref="Names"/>, ignoring case.</param>
    /// <param name="parameters">Values by the parameters' names; the default for the rest.</param>
    /// <exception cref="ArgumentException">There is no such loss or parameter; the message names the nearest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is not allowed; the parameter name is the loss's.</exception>
    public static ScalarLoss ByName(string name, IReadOnlyDictionary<string, double>? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var entry = FSharp.Losses.find(name).OrThrow(nameof(name));
        if (entry.Definition is not LossDefinition.Scalar scalar)
        {
            throw new ArgumentException($"{entry.Name} is a loss of several classes: see MulticlassLoss.ByName.", nameof(name));
        }

        var values = FSharp.Losses.parameters(entry, Pairs(parameters)).OrThrow();
        var definition = Faults.Run(() => scalar.create.Invoke(values));
        return definition is IMarginLoss margin ? new MarginLoss(margin) : new ScalarLoss(definition);
    }

    /// <summary>A loss from its formula in y (label) and z (score): <c>"softplus(z) - y*z"</c>.</summary>
    /// <remarks>+ - * / ^, parentheses, exp, log, log1p, expm1, sqrt, sqr, sigmoid, softplus, tanh, atan, abs, xlogx, max, min, logitdivergence(y, z), pow(a, constant), pi, inf and <c>if a &gt;= b then c else d</c>.
    /// Derivatives are those of the formula as it stands. For speed write it as a struct: see <see cref="Of(ILoss)"/>.</remarks>
    /// <param name="formula">The formula.</param>
    /// <param name="parameters">Values of further names that occur in it.</param>
    /// <exception cref="InvalidDataException">The formula makes no sense; the message names the position.</exception>
    public static ScalarLoss Parse(string formula, IReadOnlyDictionary<string, double>? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(formula);
        return new(Formula.parseWith(Pairs(parameters), formula).OrThrow());
    }

    internal static IEnumerable<Tuple<string, double>> Pairs(IReadOnlyDictionary<string, double>? parameters) =>
        (parameters ?? new Dictionary<string, double>()).Select(pair => Tuple.Create(pair.Key, pair.Value));
}
