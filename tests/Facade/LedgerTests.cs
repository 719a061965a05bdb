namespace Hindsight.Facade.Tests;

/// <summary>The ledger as an application keeps it.</summary>
public class LedgerTests
{
    private static ContextualBandit Bandit() => NeuralBandit.SquareCB(new NeuralBanditOptions { ContextSize = 3, Arms = 3, Seed = 5 });

    private static double[] Context(Random random) => [random.NextDouble(), random.NextDouble(), 1.0];

    [Test]
    public void A_bandit_with_a_ledger_decides_as_one_without()
    {
        var (plain, kept) = (Bandit(), Bandit());
        kept.Ledger = new Ledger(0.05);
        var random = new Random(1);
        var cost = 0.0;
        for (var t = 0; t < 200; t++)
        {
            var context = Context(random);
            var (a, b) = (plain.Choose(context), kept.Choose(context));
            Assert.That((b.Arm, b.Propensity), Is.EqualTo((a.Arm, a.Propensity)));
            var paid = a.Arm == 0 ? 0.2 : 0.7;
            plain.Learn(a, paid);
            kept.Learn(b, paid);
            cost += paid;
        }

        var row = kept.Ledger.Row;
        Assert.That((row.Round, row.Cost), Is.EqualTo((200L, cost)));
        Assert.That(row.CostLow, Is.LessThanOrEqualTo(cost / 200).And.LessThan(row.CostHigh));
        Assert.That(kept.ImpliedBounds.Select(b => b.Name), Has.Some.StartsWith("estimate"));
        Assert.That(kept.Assumptions, Is.Not.Empty);
        Assert.That(plain.ImpliedBounds, Is.Empty);
        Assert.That(plain.Assumptions, Is.Empty);
    }

    [Test]
    public void Feedback_that_is_refused_is_not_entered()
    {
        var bandit = Bandit();
        var before = bandit.Choose([0.1, 0.2, 1.0]);
        bandit.Ledger = new Ledger(0.05);
        bandit.Learn(before, 0.5);
        Assert.That(bandit.Ledger.Row.Round, Is.Zero);
        var decision = bandit.Choose([0.1, 0.2, 1.0]);
        Assert.That(() => bandit.Learn(decision, 2.0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(bandit.Ledger.Row.Round, Is.Zero);
        Assert.That(bandit.TryLearn(decision.Id, 0.25), Is.True);
        Assert.That(bandit.TryLearn(decision.Id, 0.25), Is.False);
        Assert.That((bandit.Ledger.Row.Round, bandit.Ledger.Pending), Is.EqualTo((1L, 0)));
    }
}
