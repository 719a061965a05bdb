namespace Hindsight.Facade.Tests;

/// <summary>The calculators' C# entry by name, and a bound of one's own.</summary>
public class BoundsTests
{
    private static readonly (string, double)[] Given = [("T", 1e6), ("arms", 10), ("R", 50)];

    /// <summary>Hoeffding's inequality for a mean in [0, b]: written once, as a user would.</summary>
    private readonly struct OwnHoeffding : IBoundFormula
    {
        public T[] Eval<T>(BoundInputs<T> inputs)
            where T : struct, IReal<T> =>
            [inputs["b"] * T.Sqrt(T.Log(T.Const(1.0) / inputs["delta"]) / (T.Const(2.0) * inputs["n"]))];
    }

    private static Theorem Own() => Bounds.Create(new BoundDefinition
    {
        Name = "own-hoeffding",
        Title = "Own Hoeffding",
        Source = "Hoeffding 1963",
        Kind = BoundKind.HighProbability,
        Inputs =
        [
            Bounds.Input("range", "b", "range of the variable", Domain.Positive, 1.0),
            Bounds.Input("samples", "n", "observations", Domain.Positive, 100.0),
            Bounds.Input("delta", "delta", "failure probability", Domain.Unit, 0.05, defaultValue: 0.05),
        ],
        Formula = default(OwnHoeffding),
        Assumptions = [Bounds.Assume("independent observations")],
        Trivial = inputs => inputs["b"],
    });

    [Test]
    public void Every_calculator_is_found_by_its_name()
    {
        foreach (var calculator in Bounds.All)
        {
            Assert.That(Bounds.Find(calculator.Name.ToUpperInvariant()), Is.SameAs(calculator));
            Assert.That(calculator.Formula, Is.Not.Empty);
            Assert.That(calculator.TeX, Is.Not.Empty);
        }
    }

    [Test]
    public void By_name_is_the_same_bound_as_by_function()
    {
        var byName = Bounds.Find("squarecb").Evaluate(Given);
        var byFunction = RegretBounds.SquareCB(10, 1e6, 50);
        Assert.That(byName.Value, Is.EqualTo(byFunction.Value).Within(1e-12 * byFunction.Value));
        Assert.That(byName.ToString("table"), Does.Contain("at most").And.Contain("gamma").And.Contain("Assumed"));
        Assert.That(() => byName.ToString("nonsense"), Throws.TypeOf<FormatException>());
        Assert.That(byName.ToString("G"), Is.EqualTo(byName.ToString()));
    }

    [Test]
    public void The_optimum_has_no_slope_and_names_what_was_searched()
    {
        var squareCB = Bounds.Find("squarecb");
        var best = squareCB.Optimise(["gamma"], Given);
        Assert.That(best.Symbols, Is.EqualTo(new[] { "gamma" }));
        Assert.That(best.Values[0], Is.EqualTo(RegretBounds.SquareCBGamma(10, 1e6, 50)).Within(1e-6).Percent);
        var slopes = squareCB.Sensitivity([.. Given, ("gamma", best.Values[0])]);
        Assert.That(slopes.Single(s => s.Symbol == "gamma").Elasticity, Is.EqualTo(0.0).Within(1e-7));
        Assert.That(slopes.Single(s => s.Symbol == "R").Derivative[0], Is.EqualTo(best.Values[0] / 4).Within(1e-9).Percent);
    }

    [Test]
    public void A_bound_of_ones_own_has_everything_that_the_librarys_have()
    {
        var own = Own();
        var bound = own.Evaluate(("b", 2), ("n", 200));
        Assert.That(bound.Value, Is.EqualTo(2 * Math.Sqrt(Math.Log(20) / 400)).Within(1e-14));
        Assert.That((bound.Delta, bound.Trivial, bound.Vacuous), Is.EqualTo(((double?)0.05, 2.0, false)));
        Assert.That(bound.Assumptions.Single().Name, Is.EqualTo("independent observations"));
        Assert.That(own.Formula, Does.Contain("sqrt").And.Contain("delta"));
        Assert.That(own.Sensitivity(("b", 2), ("n", 200)).Single(s => s.Symbol == "n").Elasticity, Is.EqualTo(-0.5).Within(1e-12));
    }

    [Test]
    public void What_is_wrong_is_named()
    {
        var squareCB = Bounds.Find("squarecb");
        Assert.That(() => Bounds.Find("squarecp"), Throws.ArgumentException.With.Message.Contains("squarecb"));
        Assert.That(() => squareCB.Evaluate(("T", double.NaN), ("K", 10), ("R", 50)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("horizon"));
        Assert.That(() => squareCB.Evaluate(("T", 1e6), ("K", 2.5), ("R", 50)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("arms"));
        Assert.That(() => squareCB.Evaluate(("T", 1e6), ("X", 2), ("R", 50)), Throws.ArgumentException.With.Message.Contains("X"));
        Assert.That(() => squareCB.Evaluate(("T", 1e6), ("R", 50)), Throws.TypeOf<HindsightException>().With.Message.Contains("K"));
        Assert.That(() => squareCB.Optimise([], Given), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => squareCB.Evaluate(new Dictionary<string, double[]> { ["T"] = [1, 2] }), Throws.ArgumentException.With.Message.Contains("horizon"));
        Assert.That(() => Bounds.Input("a", "log", "", Domain.Reals, 0), Throws.ArgumentException);
        Assert.That(() => Bounds.Input("a", "a", "", Domain.Positive, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Own().Evaluate(("b", 1), ("n", 0)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("samples"));
        Assert.That(() => Bounds.Create(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Consistency_bounds_grow_with_the_excess_and_shrink_under_less_noise()
    {
        var loss = Losses.Logistic;
        Assert.That(ConsistencyBounds.Margin(loss, 0.02).Value, Is.GreaterThan(ConsistencyBounds.Margin(loss, 0.01).Value));
        Assert.That(ConsistencyBounds.MarginUnderMassartNoise(loss, 0.5, 1e-4).Value, Is.LessThan(ConsistencyBounds.Margin(loss, 1e-4).Value));
        Assert.That(ConsistencyBounds.MarginUnderNoiseExponent(loss, 1, 1, 1e-4).Value, Is.GreaterThan(0));
        Assert.That(ConsistencyBounds.CompSum(1, 5, 0.02).Value, Is.GreaterThan(ConsistencyBounds.CompSum(1, 5, 0.01).Value));
        Assert.That(ConsistencyBounds.CompSumUnderMassartNoise(1, 5, 0.5, 1e-4).Value, Is.LessThan(ConsistencyBounds.CompSum(1, 5, 1e-4).Value));
        Assert.That(ConsistencyBounds.Adversarial(1, 0.01).Value, Is.GreaterThan(0));
        Assert.That(() => ConsistencyBounds.CompSum(1, 5, double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("excess"));
    }
}
