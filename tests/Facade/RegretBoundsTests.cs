namespace Hindsight.Facade.Tests;

/// <summary>The calculators' C# entry: the closed forms of their documentation, and the names of what is wrong.</summary>
public class RegretBoundsTests
{
    // a handful of operations: a few units in the last place
    private const double Relative = 1e-14;

    [TestCase(Normalization.FixedMu, 2.0)]
    [TestCase(Normalization.Exact, 1.0)]
    public void SquareCB_at_its_best_gamma_is_the_root_of_cTR(Normalization normalization, double factor)
    {
        var bound = RegretBounds.SquareCB(5, 10_000, 20, normalization: normalization);
        var expected = Math.Sqrt(factor * 4 * 10_000 * 20);
        Assert.That(bound.Value, Is.EqualTo(expected).Within(Relative * expected));
        Assert.That((bound.Kind, bound.Direction, bound.Trivial, bound.Vacuous), Is.EqualTo((BoundKind.Expectation, BoundDirection.Upper, 10_000.0, false)));
        var gamma = RegretBounds.SquareCBGamma(5, 10_000, 20, normalization);
        foreach (var other in new[] { 0.9 * gamma, 1.1 * gamma })
        {
            Assert.That(RegretBounds.SquareCB(5, 10_000, 20, other, normalization).Value, Is.GreaterThan(bound.Value));
        }
    }

    [Test]
    public void Confidence_costs_something()
    {
        var expected = RegretBounds.SquareCB(5, 10_000, 20).Value;
        var likely = RegretBounds.SquareCBWithConfidence(5, 10_000, 20, 0.1);
        var almostSure = RegretBounds.SquareCBWithConfidence(5, 10_000, 20, 1e-6);
        Assert.That(likely.Kind, Is.EqualTo(BoundKind.HighProbability));
        Assert.That(likely.Delta, Is.EqualTo(0.1));
        Assert.That(likely.Value, Is.GreaterThan(expected).And.LessThan(almostSure.Value));
        Assert.That(RegretBounds.SquareCBWithConfidence(5, 10_000, 20, 0.1, gamma: 1).Value, Is.GreaterThan(likely.Value));
    }

    [Test]
    public void FastCB_is_its_closed_form_and_its_gamma_the_best()
    {
        var published = RegretBounds.FastCB(5, 1e6, 100, 2);
        var expected = 40 * Math.Sqrt(5 * 100 * 2) + 600 * 5 * 2;
        Assert.That(published.Value, Is.EqualTo(expected).Within(Relative * expected));
        var gamma = RegretBounds.FastCBGamma(5, 100, 2);
        var best = RegretBounds.FastCB(5, 1e6, 100, 2, gamma).Value;
        Assert.That(best, Is.LessThan(published.Value).And.LessThan(RegretBounds.FastCB(5, 1e6, 100, 2, 1.1 * gamma).Value));
    }

    [Test]
    public void Bounds_compose()
    {
        var regression = RegretBounds.OnlineLogRegret(gradient: 1, growth: 0.5, defect: 0, horizon: 10_000);
        Assert.That(regression.Value, Is.EqualTo(4 * (1 + Math.Log(10_000))).Within(Relative * 50));
        var unhalved = RegretBounds.OfHalfSquared(regression);
        Assert.That(unhalved.Value, Is.EqualTo(2 * regression.Value));
        var composed = RegretBounds.NeuSquareCB(5, 10_000, unhalved, Normalization.Exact);
        var direct = RegretBounds.SquareCB(5, 10_000, unhalved.Value, normalization: Normalization.Exact);
        Assert.That(composed.Value, Is.EqualTo(direct.Value).Within(Relative * direct.Value));
        Assert.That(composed.Assumptions, Has.Length.GreaterThan(direct.Assumptions.Length));
        var measured = RegretBounds.Given(AssumptionStatus.Measured, "one run", 20);
        Assert.That(measured.Kind, Is.EqualTo(BoundKind.Heuristic));
        Assert.That(RegretBounds.NeuFastCB(5, 1e6, 100, measured).Kind, Is.EqualTo(BoundKind.Heuristic));
        var moving = RegretBounds.OnlineRegret(gradient: 1, growth: 0.5, defect: 0, horizon: 10_000, comparatorExcess: 3);
        Assert.That(moving.Value, Is.EqualTo(2 * regression.Value + 6).Within(Relative * 100));
    }

    public static IEnumerable<TestCaseData> Bad()
    {
        static TestCaseData Case(string parameter, Func<Bound> call) => new TestCaseData(parameter, call).SetArgDisplayNames(parameter);

        yield return Case("arms", () => RegretBounds.SquareCB(1, 100, 1));
        yield return Case("horizon", () => RegretBounds.SquareCB(2, 0, 1));
        yield return Case("horizon", () => RegretBounds.SquareCB(2, double.PositiveInfinity, 1, 1));
        yield return Case("regret", () => RegretBounds.SquareCB(2, 100, double.NaN));
        yield return Case("regret", () => RegretBounds.SquareCB(2, 100, 0));
        yield return Case("gamma", () => RegretBounds.SquareCB(2, 100, 1, 0));
        yield return Case("delta", () => RegretBounds.SquareCBWithConfidence(2, 100, 1, 1));
        yield return Case("best", () => RegretBounds.FastCB(2, 100, -1, 1));
        yield return Case("gamma", () => RegretBounds.FastCB(2, 100, 1, 1, 10));
        yield return Case("gradient", () => RegretBounds.OnlineLogRegret(0, 1, 0, 10));
        yield return Case("growth", () => RegretBounds.OnlineLogRegret(1, 0, 0, 10));
        yield return Case("defect", () => RegretBounds.OnlineLogRegret(1, 1, -1, 10));
        yield return Case("horizon", () => RegretBounds.OnlineRegret(1, 1, 0, 0.5, 0));
        yield return Case("comparatorExcess", () => RegretBounds.OnlineRegret(1, 1, 0, 10, -1));
        yield return Case("value", () => RegretBounds.Given(AssumptionStatus.Assumed, "", -1));
    }

    [TestCaseSource(nameof(Bad))]
    public void A_number_out_of_its_domain_is_refused_by_name(string parameter, Func<Bound> call) =>
        Assert.That(call, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo(parameter));
}
