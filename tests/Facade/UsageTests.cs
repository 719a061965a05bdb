namespace Hindsight.Facade.Tests;

/// <summary>What a user sees when all goes well.</summary>
public class UsageTests
{
    [Test]
    public void The_example_of_the_documentation_runs()
    {
        var context = new double[40];
        var bandit = NeuralBandit.FastCB(new NeuralBanditOptions { ContextSize = 40, Arms = 3, Seed = 7 });
        Decision d = bandit.Choose(context);
        bandit.Learn(d, cost: 0.0);
        Assert.That((bandit.Decisions, bandit.Observations, bandit.Pending, bandit.CumulativeCost), Is.EqualTo((1L, 1L, 0, 0.0)));
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void Every_decision_has_a_distribution_and_the_chosen_arms_propensity(Maker maker)
    {
        foreach (var (decision, round) in Play.Rounds(maker.Make(1), 60).Select((d, round) => (d, round)))
        {
            Assert.That(decision.Id, Is.EqualTo(round));
            Assert.That(decision.Distribution, Has.All.InRange(0.0, 1.0));
            // sums of at most 5 terms of at most 1
            Assert.That(decision.Distribution.Sum(), Is.EqualTo(1.0).Within(1e-15 * 5));
            Assert.That(decision.Propensity, Is.EqualTo(decision.Distribution[decision.Arm]).And.GreaterThan(0.0));
            Assert.That(decision.PredictedCosts, Has.Length.EqualTo(decision.Distribution.Length).And.All.Matches<double>(double.IsFinite));
        }
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void Properties_count_what_happened(Maker maker)
    {
        var bandit = maker.Make(1);
        List<Decision> waiting = [];
        var made = Play.Rounds(bandit, waiting, 0, 20);
        var cost = made.Except(waiting).Sum(d => Play.Cost((int)d.Id, d.Arm));
        Assert.That(bandit.Decisions, Is.EqualTo(20));
        Assert.That(bandit.Pending, Is.EqualTo(waiting.Count));
        Assert.That(bandit.Observations, Is.EqualTo(20 - waiting.Count));
        // the sum was taken in another order
        Assert.That(bandit.CumulativeCost, Is.EqualTo(cost).Within(1e-13));
        Assert.That(bandit.ContextSize, Is.EqualTo(Catalogue.ContextSize));
        Assert.That(bandit.Arms, Is.EqualTo(bandit.Settings["features"] == "action" ? 0 : Catalogue.Arms));
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void The_same_seed_gives_the_same_bits(Maker maker) =>
        Play.AssertSame(Play.Rounds(maker.Make(5), 60), Play.Rounds(maker.Make(5), 60));

    /// <summary>LinUCB is left out: it draws only where bounds tie.</summary>
    private static IEnumerable<Maker> Drawing => Catalogue.All.Where(maker => !maker.Name.StartsWith("LinUcb"));

    [TestCaseSource(nameof(Drawing))]
    public void Another_seed_gives_other_choices(Maker maker)
    {
        var one = Play.Rounds(maker.Make(5), 60).Select(d => d.Arm);
        var other = Play.Rounds(maker.Make(6), 60).Select(d => d.Arm);
        Assert.That(one, Is.Not.EqualTo(other));
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.OfContexts))]
    public void Masked_arms_have_probability_zero(Maker maker)
    {
        var bandit = maker.Make(2);
        for (var round = 0; round < 60; round++)
        {
            bool[] available = [round % 2 == 0, round % 3 != 0, true];
            var decision = bandit.Choose(Play.Context(round), available);
            Assert.That(available[decision.Arm]);
            Assert.That(decision.Distribution.Where((_, arm) => !available[arm]), Has.All.Zero);
            Assert.That(decision.Distribution.Sum(), Is.EqualTo(1.0).Within(1e-15 * 3));
            bandit.Learn(decision, Play.Cost(round, decision.Arm));
        }
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.OfContexts))]
    public void A_mask_of_all_arms_is_no_mask(Maker maker)
    {
        var (plain, masked) = (maker.Make(2), maker.Make(2));
        bool[] all = [true, true, true];
        List<Decision> withMask = [], without = [];
        for (var round = 0; round < 30; round++)
        {
            without.Add(plain.Choose(Play.Context(round)));
            withMask.Add(masked.Choose(Play.Context(round), all));
            plain.Learn(without[^1], 0.25);
            masked.Learn(withMask[^1], 0.25);
        }

        Play.AssertSame(withMask, without);
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.OfActions))]
    public void Action_sets_may_change_their_size(Maker maker)
    {
        var bandit = maker.Make(3);
        for (var round = 0; round < 40; round++)
        {
            var actions = Play.Actions(round);
            var decision = bandit.Choose(actions);
            Assert.That(decision.Distribution, Has.Length.EqualTo(actions.Count));
            bandit.Learn(decision, 0.5);
        }
    }

    [Test]
    public void Algorithms_are_made_by_name_too([Values] bool neural)
    {
        ContextualBanditOptions options = neural ? Catalogue.Neural(1) : Catalogue.Plain(1);
        foreach (var algorithm in ContextualBandit.Algorithms.Keys)
        {
            var bandit = ContextualBandit.Create(algorithm, options);
            Assert.That(bandit.Algorithm, Is.EqualTo(algorithm));
            Assert.That(Play.Rounds(bandit, 3), Has.Count.EqualTo(3));
        }
    }

    [Test]
    public void A_learning_bandit_costs_less_than_a_uniform_one()
    {
        var learner = NeuralBandit.FastCB(Catalogue.Neural(1));
        var uniform = UniformBandit.Create(Catalogue.Plain(1));
        foreach (var bandit in new IContextualBandit[] { learner, uniform })
        {
            Play.Rounds(bandit, 600);
        }

        Assert.That(learner.CumulativeCost, Is.LessThan(0.75 * uniform.CumulativeCost));
    }
}
