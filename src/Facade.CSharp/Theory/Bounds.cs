using Hindsight.FSharp;
using Microsoft.FSharp.Core;

namespace Hindsight;

/// <summary>A bound of your own: what <see cref="Bounds.Create"/> makes a theorem of. The formula is written once, over any scalar.</summary>
public sealed record BoundDefinition
{
    /// <summary>Name, in lower case with hyphens: "squarecb".</summary>
    public required string Name { get; init; }

    /// <summary>A short heading.</summary>
    public required string Title { get; init; }

    /// <summary>The statement of the theorem, in words and symbols.</summary>
    public string Statement { get; init; } = "";

    /// <summary>Paper, theorem or equation.</summary>
    public required string Source { get; init; }

    /// <summary>How much it says about randomness.</summary>
    public BoundKind Kind { get; init; } = BoundKind.Deterministic;

    /// <summary>From above, from below, or equal.</summary>
    public BoundDirection Direction { get; init; } = BoundDirection.Upper;

    /// <summary>The inputs; see <see cref="Bounds.Input"/>. One with the symbol delta is the failure probability.</summary>
    public required IReadOnlyList<BoundInput> Inputs { get; init; }

    /// <summary>Terms that the formula computes on its way, in the order in which it returns them after the value.</summary>
    public IReadOnlyList<BoundTerm> Intermediate { get; init; } = [];

    /// <summary>The formula as text where it cannot be read from the code (a root that is searched); null: from the code.</summary>
    public string? Text { get; init; }

    /// <summary>The formula.</summary>
    public required IBoundFormula Formula { get; init; }

    /// <summary>What it assumes.</summary>
    public IReadOnlyList<Assumption> Assumptions { get; init; } = [];

    /// <summary>What holds without any theorem; null: nothing.</summary>
    public Func<BoundInputs<double>, double>? Trivial { get; init; }
}

/// <summary>Every bound of the library by name, and bounds of your own.</summary>
public static class Bounds
{
    /// <summary>All theorems, family by family.</summary>
    public static IReadOnlyList<Theorem> All { get; } = Array.AsReadOnly(Array.ConvertAll(FSharp.Bounds.all, c => new Theorem(c)));

    /// <summary>The theorem of that name, ignoring case.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    public static Theorem Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var known = FSharp.Bounds.find(name).OrThrow(nameof(name)).Name;
        return All.First(theorem => theorem.Name == known);
    }

    /// <summary>An input that must be given.</summary>
    /// <param name="name">The word that names it: "horizon".</param>
    /// <param name="symbol">The symbol that names it in the formula: "T".</param>
    /// <param name="meaning">What it is, with its unit.</param>
    /// <param name="allowed">What is allowed.</param>
    /// <param name="example">An allowed value: for examples, and where a search starts.</param>
    /// <param name="free">Whether it is ours to choose: what nobody sets is set where the bound is best.</param>
    /// <param name="defaultValue">What it is when nobody sets it; null if it must be given.</param>
    public static BoundInput Input(
        string name, string symbol, string meaning, Domain allowed, double example, bool free = false, double? defaultValue = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(meaning);
        if (!Expr.IsName(symbol))
        {
            throw new ArgumentException($"symbol is '{symbol}'; allowed is a letter followed by letters, digits and underscores.", nameof(symbol));
        }

        Require.inside(nameof(example), allowed, example).OrThrow();
        var input = FSharp.BoundCalculator.input(name, symbol, meaning, allowed, example);
        input = free ? FSharp.BoundCalculator.free(input) : input;
        return defaultValue is { } value ? FSharp.BoundCalculator.withDefault(Require.inside(nameof(defaultValue), allowed, value).OrThrow(), input) : input;
    }

    /// <summary>An assumption that is taken on trust.</summary>
    /// <param name="name">What is assumed, in words.</param>
    public static Assumption Assume(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return FSharp.BoundCalculator.assumed(name);
    }

    /// <summary>A theorem from a definition of your own.</summary>
    /// <param name="definition">The theorem.</param>
    public static Theorem Create(BoundDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var assumptions = definition.Assumptions.ToArray();
        var trivial = definition.Trivial ?? (_ => double.PositiveInfinity);
        return new Theorem(new BoundCalculator(
            definition.Name,
            "own",
            definition.Title,
            definition.Statement,
            definition.Source,
            definition.Kind,
            definition.Direction,
            [.. definition.Inputs],
            [.. definition.Intermediate],
            definition.Text,
            definition.Formula,
            FuncConvert.FromFunc<BoundInputs<double>, FSharpResult<Unit, HindsightError>>(FSharp.BoundCalculator.@unchecked),
            FuncConvert.FromFunc<BoundInputs<double>, Assumption[]>(_ => assumptions),
            FuncConvert.FromFunc(trivial),
            ""));
    }
}
