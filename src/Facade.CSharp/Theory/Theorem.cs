using Hindsight.FSharp;

namespace Hindsight;

/// <summary>A theorem as a calculator: the value of its bound, the derivative in every input, the best free inputs and the formula, all from one definition.</summary>
/// <remarks>
/// Inputs are named by symbol ("T") or word ("horizon"). A number that is not finite or outside its domain is an <see cref="ArgumentOutOfRangeException"/>
/// with the input's name; an unknown name is an <see cref="ArgumentException"/>; an input that is missing, or a value that does not exist, is a <see cref="HindsightException"/>.
/// </remarks>
public sealed class Theorem
{
    private readonly BoundCalculator calculator;

    internal Theorem(BoundCalculator calculator) => this.calculator = calculator;

    /// <summary>Name, as on the command line: "squarecb".</summary>
    public string Name => calculator.Name;

    /// <summary>The family, which is a page of the documentation: "bandits".</summary>
    public string Family => calculator.Family;

    /// <summary>A short heading.</summary>
    public string Title => calculator.Title;

    /// <summary>The statement, in words and symbols.</summary>
    public string Statement => calculator.Statement;

    /// <summary>Paper, theorem or equation; "derived here" where it is.</summary>
    public string Source => calculator.Source;

    /// <summary>How much it says about randomness.</summary>
    public BoundKind Kind => calculator.Kind;

    /// <summary>From above, from below, or equal.</summary>
    public BoundDirection Direction => calculator.Direction;

    /// <summary>The inputs.</summary>
    public IReadOnlyList<BoundInput> Inputs => Array.AsReadOnly(calculator.Inputs);

    /// <summary>The name of the law that tests it.</summary>
    public string Law => calculator.Law;

    /// <summary>The bound at named numbers; free inputs that are not named are the best ones.</summary>
    /// <param name="inputs">Symbol or word, and value.</param>
    public Bound Evaluate(params (string Name, double Value)[] inputs) =>
        Evaluate(Lists(inputs));

    /// <summary>The bound at named lists of numbers (of one number, for an input that is not a list).</summary>
    /// <param name="inputs">Symbol or word, and values.</param>
    public Bound Evaluate(IEnumerable<KeyValuePair<string, double[]>> inputs) =>
        FSharp.BoundCalculator.evaluate(Settings(inputs), calculator).OrThrow();

    /// <summary>The derivative of the bound in every input, by automatic differentiation through its formula.</summary>
    /// <param name="inputs">Symbol or word, and value.</param>
    public IReadOnlyList<BoundSensitivity> Sensitivity(params (string Name, double Value)[] inputs) =>
        Sensitivity(Lists(inputs));

    /// <summary>The derivative of the bound in every input, at named lists of numbers.</summary>
    /// <param name="inputs">Symbol or word, and values.</param>
    public IReadOnlyList<BoundSensitivity> Sensitivity(IEnumerable<KeyValuePair<string, double[]>> inputs)
    {
        var values = FSharp.BoundCalculator.values(Settings(inputs), calculator).OrThrow();
        return FSharp.BoundCalculator.sensitivity(values, calculator).OrThrow();
    }

    /// <summary>The named inputs at which the bound is best (least; greatest for a lower bound), and the bound there.</summary>
    /// <param name="search">Symbols or words of the inputs to choose; at least one.</param>
    /// <param name="inputs">The others; a value for an input that is searched is where the search starts.</param>
    public BoundOptimum Optimise(IEnumerable<string> search, params (string Name, double Value)[] inputs) =>
        Optimise(search, Lists(inputs));

    /// <summary>The named inputs at which the bound is best, the others at named lists of numbers.</summary>
    /// <param name="search">Symbols or words of the inputs to choose; at least one.</param>
    /// <param name="inputs">The others.</param>
    public BoundOptimum Optimise(IEnumerable<string> search, IEnumerable<KeyValuePair<string, double[]>> inputs)
    {
        ArgumentNullException.ThrowIfNull(search);
        var symbols = search.ToArray();
        var settings = Settings(inputs).ToList();
        var start = calculator.Inputs
            .Where(input => symbols.Contains(input.Symbol) || symbols.Contains(input.Name))
            .Where(input => !settings.Exists(s => s.Item1 == input.Symbol || s.Item1 == input.Name))
            .Select(input => Tuple.Create(input.Symbol, input.Example));
        var values = FSharp.BoundCalculator.values(settings.Concat(start), calculator).OrThrow();
        return FSharp.BoundCalculator.optimise(symbols, values, calculator).OrThrow();
    }

    /// <summary>The formula as one line of text.</summary>
    public string Formula => FSharp.BoundCalculator.formula(calculator);

    /// <summary>The formula in TeX.</summary>
    public string TeX => FSharp.BoundCalculator.tex(calculator);

    private static IEnumerable<KeyValuePair<string, double[]>> Lists((string Name, double Value)[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Select(i => KeyValuePair.Create(i.Name, new[] { i.Value }));
    }

    private static IEnumerable<Tuple<string, double[]>> Settings(IEnumerable<KeyValuePair<string, double[]>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Select(i => Tuple.Create(i.Key, i.Value)).ToArray();
    }
}
