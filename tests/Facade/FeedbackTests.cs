namespace Hindsight.Facade.Tests;

/// <summary>Feedback that is late, doubled, or for a decision that nobody remembers.</summary>
public class FeedbackTests
{
    [Test]
    public void Late_feedback_by_number_equals_feedback_by_decision()
    {
        var (byId, byDecision) = (NeuralBandit.SquareCB(Catalogue.Neural(1)), NeuralBandit.SquareCB(Catalogue.Neural(1)));
        foreach (var bandit in new[] { byId, byDecision })
        {
            var decisions = Enumerable.Range(0, 10).Select(round => bandit.Choose(Play.Context(round))).Reverse().ToList();
            foreach (var d in decisions)
            {
                if (bandit == byId)
                {
                    bandit.Learn(d.Id, Play.Cost((int)d.Id, d.Arm));
                }
                else
                {
                    bandit.Learn(d, Play.Cost((int)d.Id, d.Arm));
                }
            }
        }

        Play.AssertSame(Play.Rounds(byId, [], 10, 20), Play.Rounds(byDecision, [], 10, 20));
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.Factories))]
    public void A_second_feedback_is_rejected(Maker maker)
    {
        var bandit = maker.Make(1);
        var decision = bandit.Choose(Play.Context(0));
        bandit.Learn(decision, 0.5);
        AssertUnknown(() => bandit.Learn(decision, 0.5), decision.Id);
        Assert.That(bandit.TryLearn(decision.Id, 0.5), Is.False);
        Assert.That((bandit.Observations, bandit.CumulativeCost), Is.EqualTo((1L, 0.5)));
    }

    [Test]
    public void A_second_feedback_is_one_more_observation_by_option()
    {
        var amending = LinearBandit.SquareCB(Catalogue.Linear(1) with { AllowAmendments = true });
        var plain = LinearBandit.SquareCB(Catalogue.Linear(1));
        var decision = amending.Choose(Play.Context(0));
        amending.Learn(decision, 0.25);
        var once = amending.Choose(Play.Context(0)).PredictedCosts[decision.Arm];
        amending.Learn(decision, 0.75);
        Assert.That((amending.Observations, amending.CumulativeCost), Is.EqualTo((2L, 1.0)));

        // what another bandit learns from two decisions with this context and arm
        var available = Enumerable.Range(0, Catalogue.Arms).Select(arm => arm == decision.Arm).ToArray();
        foreach (var cost in new[] { 0.25, 0.75 })
        {
            plain.Learn(plain.Choose(Play.Context(0), available), cost);
        }

        var twice = amending.Choose(Play.Context(0)).PredictedCosts;
        Assert.That(twice, Is.EqualTo(plain.Choose(Play.Context(0)).PredictedCosts));
        Assert.That(twice[decision.Arm], Is.GreaterThan(once));
    }

    [Test]
    public void Amendable_decisions_that_were_answered_do_not_count_as_pending()
    {
        var bandit = LinearBandit.SquareCB(Catalogue.Linear(1) with { AllowAmendments = true });
        var decision = bandit.Choose(Play.Context(0));
        bandit.Choose(Play.Context(1));
        Assert.That(bandit.Pending, Is.EqualTo(2));
        bandit.Learn(decision, 0.5);
        Assert.That(bandit.Pending, Is.EqualTo(1));
        bandit.Learn(decision, 0.5);
        Assert.That(bandit.Pending, Is.EqualTo(1));
    }

    [Test]
    public void Beyond_the_pending_limit_the_oldest_decision_is_dropped()
    {
        var bandit = LinearBandit.SquareCB(Catalogue.Linear(1) with { PendingLimit = 3 });
        var decisions = Enumerable.Range(0, 5).Select(round => bandit.Choose(Play.Context(round))).ToList();
        Assert.That(bandit.Pending, Is.EqualTo(3));
        foreach (var dropped in decisions[..2])
        {
            var error = AssertUnknown(() => bandit.Learn(dropped, 0.5), dropped.Id);
            Assert.That(error.Message, Does.Contain("dropped").And.Contain("3 pending"));
        }

        decisions[2..].ForEach(d => bandit.Learn(d, 0.5));
        Assert.That((bandit.Observations, bandit.Pending), Is.EqualTo((3L, 0)));
    }

    [Test]
    public void Answered_decisions_make_room_before_pending_ones_are_dropped()
    {
        var bandit = LinearBandit.SquareCB(Catalogue.Linear(1) with { PendingLimit = 3 });
        var first = bandit.Choose(Play.Context(0));
        for (var round = 1; round < 200; round++)
        {
            bandit.Learn(bandit.Choose(Play.Context(round)), 0.5);
        }

        Assert.That(bandit.TryLearn(first.Id, 0.5));
    }

    [TestCase(-1L)]
    [TestCase(3L)]
    [TestCase(long.MaxValue)]
    public void A_decision_that_was_never_made_takes_no_feedback(long id)
    {
        var bandit = UniformBandit.Create(Catalogue.Plain(1));
        for (var round = 0; round < 3; round++)
        {
            bandit.Choose(Play.Context(round));
        }

        Assert.That(AssertUnknown(() => bandit.Learn(id, 0.5), id).Message, Does.Contain("never made"));
        Assert.That(bandit.TryLearn(id, 0.5), Is.False);
    }

    private static HindsightException AssertUnknown(Action call, long id)
    {
        var error = Assert.Throws<HindsightException>(call)!;
        Assert.That(error.Error, Is.TypeOf<HindsightError.UnknownDecision>());
        Assert.That(error.Message, Does.Contain($"Decision {id} "));
        return error;
    }
}
