namespace Hindsight.Facade.Tests;

/// <summary>Every kind of bad input gives the documented exception, names the parameter, and changes nothing.</summary>
public class BadInputTests
{
    private static readonly double[] Good = Play.Context(0);

    /// <summary>A call, the exception it must throw, and the parameter it must name (null: a HindsightException).</summary>
    public sealed record BadCall(string Name, Action<ContextualBandit> Call, Type Exception, string? Parameter)
    {
        public override string ToString() => Name;
    }

    private static BadCall Range(string name, string parameter, Action<ContextualBandit> call) =>
        new(name, call, typeof(ArgumentOutOfRangeException), parameter);

    private static BadCall Argument(string name, string parameter, Action<ContextualBandit> call) =>
        new(name, call, typeof(ArgumentException), parameter);

    private static BadCall Moment(string name, Action<ContextualBandit> call) => new(name, call, typeof(HindsightException), null);

    private static double[] With(double bad) => [Good[0], bad, Good[2], Good[3]];

    private static readonly double[] NotFinite = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static IEnumerable<BadCall> OfAll =>
    [
        .. NotFinite.Concat([-0.001, 1.001, double.MaxValue])
            .Select(cost => Range($"cost {cost}", "cost", b => b.Learn(b.Decisions - 1, cost))),
        Range("cost NaN, tried", "cost", b => b.TryLearn(b.Decisions - 1, double.NaN)),
        Moment("unknown id", b => b.Learn(b.Decisions, 0.5)),
        Moment("negative id", b => b.Learn(-1, 0.5)),
        Moment("answered id", b => b.Learn(0, 0.5)),
        new("no decision", b => b.Learn(null!, 0.5), typeof(ArgumentNullException), "decision"),
        new("no actions", b => b.Choose((ActionSet)null!), typeof(ArgumentNullException), "actions"),
    ];

    public static IEnumerable<BadCall> OfContexts =>
    [
        .. OfAll,
        Argument("context too short", "context", b => b.Choose(Good[..3])),
        Argument("context too long", "context", b => b.Choose([.. Good, 1.0])),
        Argument("context empty", "context", b => b.Choose(ReadOnlySpan<double>.Empty)),
        .. NotFinite.Select(bad => Range($"context with {bad}", "context", b => b.Choose(With(bad)))),
        Range("masked context with NaN", "context", b => b.Choose(With(double.NaN), [true, false, true])),
        Argument("mask too short", "available", b => b.Choose(Good, [true, true])),
        Argument("mask empty", "available", b => b.Choose(Good, [])),
        Argument("mask too long", "available", b => b.Choose(Good, [true, true, true, true])),
        Range("mask all false", "available", b => b.Choose(Good, [false, false, false])),
        Moment("action set", b => b.Choose(new ActionSet(Good, 4))),
    ];

    public static IEnumerable<BadCall> OfActions =>
    [
        .. OfAll,
        Moment("context", b => b.Choose(Good)),
        Argument("actions of another dimension", "actions", b => b.Choose(new ActionSet(Good, 2))),
        .. NotFinite.Select(bad => Range($"actions with {bad}", "actions", b => b.Choose(new ActionSet([Good, With(bad)])))),
    ];

    [TestCaseSource(nameof(OfContexts))]
    public void A_bad_call_on_a_bandit_of_contexts(BadCall bad) => Verify(bad, Catalogue.OfContexts);

    [TestCaseSource(nameof(OfActions))]
    public void A_bad_call_on_a_bandit_of_actions(BadCall bad) => Verify(bad, Catalogue.OfActions);

    private static void Verify(BadCall bad, IEnumerable<Maker> makers)
    {
        foreach (var maker in makers)
        {
            // amended decisions are no error
            if (bad.Name == "answered id" && maker.Name == "amendments")
            {
                continue;
            }

            var (bandit, twin) = (maker.Make(3), maker.Make(3));
            List<Decision> a = [], b = [];
            Play.Rounds(bandit, a, 0, 8);
            Play.Rounds(twin, b, 0, 8);
            var before = Play.Snapshot(bandit);
            var error = Assert.Throws(bad.Exception, () => bad.Call(bandit), maker.Name)!;
            Assert.That((error as ArgumentException)?.ParamName, Is.EqualTo(bad.Parameter), maker.Name);
            Assert.That(error.Message, Is.Not.Empty.And.Not.Contains("Exception of type"));
            Assert.That(Play.Snapshot(bandit), Is.EqualTo(before), maker.Name);
            Play.AssertSame(Play.Rounds(bandit, a, 8, 20), Play.Rounds(twin, b, 8, 20));
        }
    }

    /// <summary>The network overflows at an unscaled context of 1e38; the bandit and the activations of its latest decision must not notice.</summary>
    [Test]
    public void A_context_at_which_the_oracle_overflows_changes_nothing([Values] FeatureEncoding features)
    {
        // first weights of order 4: every other hidden unit is beyond single precision
        var options = Catalogue.Neural(3) with
        {
            Features = features,
            Scaling = InputScaling.None,
            Depth = 2,
            Loss = NeuralLoss.HalfSquared,
            Parameterisation = Parameterisation.Theory,
            Rate = 1e-4,
            Extra = new Dictionary<string, string> { ["sigma"] = "10" },
        };
        var (bandit, twin) = (NeuralBandit.SquareCB(options), NeuralBandit.SquareCB(options));
        var huge = Enumerable.Repeat(3e38, 4).ToArray();
        List<Decision> a = [], b = [];
        for (var round = 0; round < 12; round++)
        {
            a.Add(Play.Choose(bandit, round));
            b.Add(Play.Choose(twin, round));
            Assert.That(
                () => features == FeatureEncoding.Action ? bandit.Choose(new ActionSet(huge, 4)) : bandit.Choose(huge),
                Throws.TypeOf<HindsightException>().With.Message.Contains("diverged"));
            bandit.Learn(a[^1], 0.25);
            twin.Learn(b[^1], 0.25);
        }

        Play.AssertSame(a, b);
    }

    [Test]
    public void The_inner_exception_carries_the_case()
    {
        var error = Assert.Throws<ArgumentException>(() => UniformBandit.Create(Catalogue.Plain(1)).Choose(Good[..3]))!;
        Assert.That(((HindsightException)error.InnerException!).Error, Is.TypeOf<HindsightError.WrongDimension>());
        Assert.That(error.Message, Does.Contain("3").And.Contain("4"));
    }
}
