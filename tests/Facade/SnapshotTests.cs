namespace Hindsight.Facade.Tests;

/// <summary>Save and load: the run continues bit for bit as if never interrupted.</summary>
public class SnapshotTests
{
    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void A_loaded_bandit_continues_bit_for_bit_with_its_pending_decisions(Maker maker)
    {
        // interrupted right after a decision without feedback, in the middle of late ones, and before anything happened
        foreach (var at in new[] { 0, 1, 20, 41 })
        {
            var bandit = maker.Make(9);
            List<Decision> waiting = [];
            Play.Rounds(bandit, waiting, 0, at);
            var loaded = Play.Reload(bandit);
            Assert.That(
                (loaded.Decisions, loaded.Observations, loaded.CumulativeCost, loaded.Pending, loaded.Algorithm),
                Is.EqualTo((bandit.Decisions, bandit.Observations, bandit.CumulativeCost, bandit.Pending, bandit.Algorithm)));
            Play.AssertSame(Play.Rounds(loaded, [.. waiting], at, 90), Play.Rounds(bandit, [.. waiting], at, 90));
        }
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void A_bandit_saved_between_a_decision_and_its_feedback_learns_the_same_bits(Maker maker)
    {
        var bandit = maker.Make(9);
        Play.Rounds(bandit, 12);
        for (var round = 12; round < 40; round++)
        {
            var decision = Play.Choose(bandit, round);
            var loaded = Play.Reload(bandit);
            bandit.Learn(decision, Play.Cost(round, decision.Arm));
            loaded.Learn(decision, Play.Cost(round, decision.Arm));
            Play.AssertSame([Play.Choose(loaded, round)], [Play.Choose(Play.Reload(bandit), round)]);
        }
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.All))]
    public void Saving_changes_nothing(Maker maker)
    {
        var (saved, twin) = (maker.Make(9), maker.Make(9));
        List<Decision> a = [], b = [];
        for (var round = 0; round < 30; round++)
        {
            Assert.That(Play.Snapshot(saved), Is.EqualTo(Play.Snapshot(saved)));
            Play.AssertSame(Play.Rounds(saved, a, round, round + 1), Play.Rounds(twin, b, round, round + 1));
        }
    }

    [Test]
    public void Snapshots_follow_one_another_in_a_stream()
    {
        using var stream = new MemoryStream();
        foreach (var maker in Catalogue.All)
        {
            maker.Make(4).Save(stream);
        }

        stream.Position = 0;
        var loaded = Catalogue.All.Select(_ => ContextualBandit.Load(stream).Algorithm).ToList();
        Assert.That(loaded, Is.EqualTo(Catalogue.All.Select(maker => maker.Make(4).Algorithm)));
        Assert.That(stream.Position, Is.EqualTo(stream.Length));
    }

    [Test]
    public void A_settings_value_survives_but_for_the_lanes_that_the_run_had()
    {
        foreach (var bandit in Catalogue.All.Select(maker => maker.Make(4)))
        {
            var loaded = Play.Reload(bandit).Settings;
            Assert.That(loaded.Where(pair => pair.Key != "lanes"), Is.EquivalentTo(bandit.Settings.Where(pair => pair.Key != "lanes")));
            Assert.That(loaded["lanes"], Is.AnyOf("wide", "portable"));
        }
    }

    [TestCaseSource(typeof(Catalogue), nameof(Catalogue.Factories))]
    public void A_cut_or_changed_snapshot_is_refused(Maker maker)
    {
        var bandit = maker.Make(4);
        Play.Rounds(bandit, 20);
        var bytes = Play.Snapshot(bandit);
        // every byte of the head, and some of the body
        var places = Enumerable.Range(0, 60).Concat(Enumerable.Range(0, 40).Select(i => 60 + i * (bytes.Length - 61) / 39)).ToList();
        foreach (var place in places)
        {
            Assert.That(() => Load(bytes[..place]), Throws.TypeOf<InvalidDataException>(), $"cut at {place}");
            var changed = (byte[])bytes.Clone();
            changed[place] ^= (byte)(1 << (place % 8));
            // a changed version is that of another library
            Assert.That(
                () => Load(changed),
                place is >= 9 and < 17 ? Throws.TypeOf<HindsightException>() : Throws.TypeOf<InvalidDataException>(),
                $"bit {place % 8} of byte {place} changed");
        }
    }

    [Test]
    public void What_is_no_snapshot_is_refused_with_its_case()
    {
        var error = Assert.Throws<InvalidDataException>(() => Load([.. "PK\u0003\u0004 something else entirely"u8]))!;
        Assert.That(error.Message, Does.Contain("not a Hindsight snapshot"));
        Assert.That(((HindsightException)error.InnerException!).Error, Is.TypeOf<HindsightError.Malformed>());
        Assert.That(() => Load([]), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Streams_are_checked_at_the_door()
    {
        var bandit = UniformBandit.Create(Catalogue.Plain(1));
        using var readOnly = new MemoryStream([], writable: false);
        var closed = new MemoryStream();
        closed.Dispose();
        Assert.That(() => bandit.Save(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("stream"));
        Assert.That(() => bandit.Save(readOnly), Throws.ArgumentException.With.Property("ParamName").EqualTo("stream"));
        Assert.That(() => ContextualBandit.Load(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("stream"));
        Assert.That(() => ContextualBandit.Load(closed), Throws.ArgumentException.With.Property("ParamName").EqualTo("stream"));
    }

    private static ContextualBandit Load(byte[] bytes) => ContextualBandit.Load(new MemoryStream(bytes));
}
