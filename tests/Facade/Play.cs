namespace Hindsight.Facade.Tests;

/// <summary>A world that is a function of the round alone, so that any two bandits can be led through the same rounds.</summary>
public static class Play
{
    public static double[] Context(int round, int size = Catalogue.ContextSize)
    {
        var random = new RandomStream(2024, (ulong)round);
        return [.. Enumerable.Range(0, size).Select(_ => 2.0 * random.NextDouble() - 1.0)];
    }

    /// <summary>One to five actions: the set changes its size from round to round.</summary>
    public static ActionSet Actions(int round) => new([.. Enumerable.Range(0, 1 + round % 5).Select(arm => Context(1000 * (arm + 1) + round))]);

    /// <summary>The sign of the context's first number says which arm is good.</summary>
    public static double Cost(int round, int arm) => arm == (Context(round)[0] > 0.0 ? 0 : 1) ? 0.1 : 0.9;

    public static Decision Choose(IContextualBandit bandit, int round) =>
        bandit.Arms == 0 ? bandit.Choose(Actions(round)) : bandit.Choose(Context(round));

    /// <summary>
    /// Rounds with feedback that is prompt, late, or out of order: after a round divisible by 3 for the latest decision, after the next one for none,
    /// after the third for the two that wait longest, the younger first. Decision ids are the rounds.
    /// </summary>
    public static List<Decision> Rounds(IContextualBandit bandit, List<Decision> waiting, int from, int to)
    {
        List<Decision> made = [];
        for (var round = from; round < to; round++)
        {
            var decision = Choose(bandit, round);
            made.Add(decision);
            waiting.Add(decision);
            var answered = (round % 3) switch
            {
                0 => waiting[^1..],
                1 => [],
                _ => waiting[..Math.Min(2, waiting.Count)],
            };
            foreach (var d in Enumerable.Reverse(answered))
            {
                bandit.Learn(d, Cost((int)d.Id, d.Arm));
                waiting.Remove(d);
            }
        }

        return made;
    }

    public static List<Decision> Rounds(IContextualBandit bandit, int count) => Rounds(bandit, [], 0, count);

    public static ContextualBandit Reload(IContextualBandit bandit)
    {
        using var stream = new MemoryStream(Snapshot(bandit));
        return ContextualBandit.Load(stream);
    }

    public static byte[] Snapshot(IContextualBandit bandit)
    {
        using var stream = new MemoryStream();
        bandit.Save(stream);
        return stream.ToArray();
    }

    /// <summary>Bit for bit: exact equality of every number.</summary>
    public static void AssertSame(IReadOnlyList<Decision> actual, IReadOnlyList<Decision> expected)
    {
        Assert.That(actual, Has.Count.EqualTo(expected.Count));
        foreach (var (a, e) in actual.Zip(expected))
        {
            Assert.That(a.Id, Is.EqualTo(e.Id));
            Assert.That(a.Distribution, Is.EqualTo(e.Distribution), $"distribution of decision {e.Id}");
            Assert.That(a.PredictedCosts, Is.EqualTo(e.PredictedCosts), $"predictions of decision {e.Id}");
            Assert.That((a.Arm, a.Propensity, a.Gamma, a.Price), Is.EqualTo((e.Arm, e.Propensity, e.Gamma, e.Price)));
        }
    }
}
