namespace Hindsight.Facade.Tests;

/// <summary>Options records: every property reaches its setting, nothing else changes, and what is wrong is named.</summary>
public class OptionsTests
{
    private static readonly NeuralBanditOptions Neural = Catalogue.Neural(1) with { Width = null };

    public static IEnumerable<TestCaseData> Properties()
    {
        static TestCaseData Case(ContextualBanditOptions options, string key, string value) =>
            new TestCaseData(options, key, value).SetArgDisplayNames(key, value);

        yield return Case(Neural with { Features = FeatureEncoding.Disjoint }, "features", "disjoint");
        yield return Case(Neural with { Features = FeatureEncoding.Action, Arms = 0 }, "features", "action");
        yield return Case(Neural with { Scaling = InputScaling.SqrtDimension }, "scaling", "sqrt");
        yield return Case(Neural with { Scaling = InputScaling.None }, "scaling", "none");
        yield return Case(Neural with { PendingLimit = 17 }, "pending-limit", "17");
        yield return Case(Neural with { AllowAmendments = true }, "amendments", "true");
        yield return Case(Neural with { ExplorationSchedule = GammaSchedule.Constant }, "gamma", "constant");
        yield return Case(Neural with { ExplorationSchedule = GammaSchedule.SquareTheorem }, "gamma", "square-theorem");
        yield return Case(Neural with { ExplorationSchedule = GammaSchedule.FastTheorem }, "gamma", "fast-theorem");
        yield return Case(Neural with { ExplorationScale = 2.5 }, "gamma-scale", "2.5");
        yield return Case(Neural with { ExplorationExponent = 0.125 }, "gamma-exponent", "0.125");
        yield return Case(Neural with { Normalization = Normalization.Exact }, "normalization", "exact");
        yield return Case(Neural with { Normalization = Normalization.FixedMu }, "normalization", "fixed");
        yield return Case(Neural with { Horizon = 12345 }, "horizon", "12345");
        yield return Case(Neural with { OracleRegret = 3 }, "oracle-regret", "3");
        yield return Case(Neural with { Delta = 0.01 }, "delta", "0.01");
        yield return Case(Neural with { Oracle = NeuralOracleKind.Theory }, "oracle", "theory");
        yield return Case(Neural with { Oracle = NeuralOracleKind.Online }, "oracle", "online");
        yield return Case(Neural with { Loss = NeuralLoss.HalfSquared }, "loss", "squared");
        yield return Case(Neural with { Width = 33 }, "width", "33");
        yield return Case(Neural with { Depth = 2 }, "depth", "2");
        yield return Case(Neural with { Activation = Activation.Gelu }, "activation", "gelu");
        yield return Case(Neural with { Activation = Activation.Tanh }, "activation", "tanh");
        yield return Case(Neural with { Activation = Activation.Softplus }, "activation", "softplus");
        yield return Case(Neural with { Parameterisation = Parameterisation.Theory }, "parameterisation", "theory");
        yield return Case(Neural with { Rate = 1e-5 }, "rate", "1E-05");
        yield return Case(Neural with { RateSchedule = RateSchedule.InverseSquareRoot }, "rate-schedule", "inverse-sqrt");
        yield return Case(Neural with { RateSchedule = RateSchedule.InverseTime }, "rate-schedule", "inverse-time");
        yield return Case(Neural with { Radius = 1.5 }, "radius", "1.5");
        yield return Case(Neural with { OutputRadius = 0.5 }, "output-radius", "0.5");
        yield return Case(Neural with { Perturbation = PerturbationKind.Expected }, "perturbation", "expected");
        yield return Case(Neural with { Perturbation = PerturbationKind.Rademacher }, "perturbation", "rademacher");
        yield return Case(Neural with { PerturbationScale = 0.75 }, "perturbation-scale", "0.75");
        yield return Case(Neural with { Signs = 11 }, "signs", "11");
        yield return Case(Neural with { FreshSigns = true }, "fresh-signs", "true");
        yield return Case(Neural with { ReplayCapacity = 99 }, "replay-capacity", "99");
        yield return Case(Neural with { ReplaySteps = 2 }, "replay-steps", "2");
        yield return Case(Neural with { ReplayMemory = ReplayMemory.Window }, "replay-memory", "window");
        yield return Case(Neural with { Lanes = Lanes.Portable }, "lanes", "portable");
        yield return Case(Neural with { Extra = new Dictionary<string, string> { ["label-clip"] = "0.01" } }, "label-clip", "0.01");
        yield return Case(Catalogue.Linear(1) with { Oracle = LinearKind.Ridge }, "oracle", "ridge");
        yield return Case(Catalogue.Linear(1) with { Oracle = LinearKind.VovkAzouryWarmuth }, "oracle", "vaw");
        yield return Case(Catalogue.Linear(1) with { Lambda = 4 }, "lambda", "4");
    }

    [TestCaseSource(nameof(Properties))]
    public void A_property_sets_its_setting_and_no_other(ContextualBanditOptions options, string key, string value)
    {
        var neural = options is NeuralBanditOptions;
        var algorithm = neural ? "neufastcb" : value == "vaw" ? "linucb" : "squarecb-linear";
        ContextualBanditOptions untouched = neural ? Neural : Catalogue.Linear(1);
        var settings = ContextualBandit.Create(algorithm, options).Settings;
        var defaults = ContextualBandit.Create(algorithm, untouched).Settings;
        Assert.That(settings[key], Is.EqualTo(value));
        Assert.That(settings.Where(pair => pair.Key != key), Is.EquivalentTo(defaults.Where(pair => pair.Key != key)));
    }

    [Test]
    public void Every_property_is_in_that_test()
    {
        var tested = Properties().Select(test => (string)test.Arguments[1]!).ToHashSet();
        var reachable = ContextualBandit.KnownSettings.Select(setting => setting.Key).ToHashSet();
        var properties = typeof(NeuralBanditOptions).GetProperties().Concat(typeof(LinearBanditOptions).GetProperties()).Select(p => p.Name).ToHashSet();
        Assert.That(tested, Is.SubsetOf(reachable));
        // ContextSize, Arms and Seed are no settings; Oracle is a property of both records; label-clip is set by Extra
        Assert.That(tested, Has.Count.EqualTo(properties.Count - 3));
    }

    [Test]
    public void Infinity_is_a_radius() =>
        Assert.That(NeuralBandit.FastCB(Neural with { Radius = double.PositiveInfinity }).Settings["radius"], Is.EqualTo("inf"));

    [Test]
    public void Extra_prevails_over_a_property() =>
        Assert.That(
            NeuralBandit.FastCB(Neural with { Width = 8, Extra = new Dictionary<string, string> { ["width"] = "9" } }).Settings["width"],
            Is.EqualTo("9"));

    public static IEnumerable<TestCaseData> OutOfRange() =>
        new (NeuralBanditOptions Options, string Property)[]
        {
            (Neural with { ContextSize = 0 }, "ContextSize"),
            (Neural with { ContextSize = -4 }, "ContextSize"),
            (Neural with { Arms = 0 }, "Arms"),
            (Neural with { Width = 0 }, "Width"),
            (Neural with { Depth = 17 }, "Depth"),
            (Neural with { Rate = 0 }, "Rate"),
            (Neural with { Rate = double.NaN }, "Rate"),
            (Neural with { Rate = double.PositiveInfinity }, "Rate"),
            (Neural with { ExplorationScale = -1 }, "ExplorationScale"),
            (Neural with { ExplorationExponent = 3 }, "ExplorationExponent"),
            (Neural with { Delta = 1 }, "Delta"),
            (Neural with { Horizon = 0 }, "Horizon"),
            (Neural with { Radius = -1 }, "Radius"),
            (Neural with { PerturbationScale = double.NaN }, "PerturbationScale"),
            (Neural with { Signs = 0 }, "Signs"),
            (Neural with { ReplayCapacity = 0 }, "ReplayCapacity"),
            (Neural with { ReplaySteps = -1 }, "ReplaySteps"),
            (Neural with { ReplayMemory = ReplayMemory.Off }, "ReplayMemory"),
            (Neural with { PendingLimit = 0 }, "PendingLimit"),
            (Neural with { Activation = (Activation)99 }, "Activation"),
            (Neural with { Oracle = (NeuralOracleKind)(-1) }, "Oracle"),
            (Neural with { Extra = new Dictionary<string, string> { ["width"] = "wide" } }, "Extra"),
            (Neural with { Extra = new Dictionary<string, string> { ["width"] = null! } }, "Extra"),
        }.Select(bad => new TestCaseData(bad.Options, bad.Property));

    [TestCaseSource(nameof(OutOfRange))]
    public void An_option_out_of_its_domain_is_refused_by_name(NeuralBanditOptions options, string property)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => NeuralBandit.FastCB(options))!;
        Assert.That(error.ParamName, Is.EqualTo(property));
        Assert.That(error.Message, Does.Contain("allowed is"));
    }

    [Test]
    public void Unknown_names_suggest_the_nearest()
    {
        var key = Neural with { Extra = new Dictionary<string, string> { ["widht"] = "9" } };
        Assert.That(
            () => NeuralBandit.FastCB(key),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("Extra").And.Message.Contains("did you mean 'width'"));
        Assert.That(
            () => ContextualBandit.Create("neufastbc", Neural),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("algorithm").And.Message.Contains("did you mean 'neufastcb'"));
    }

    [Test]
    public void Parts_that_do_not_fit_are_refused()
    {
        var options = Neural with { Extra = new Dictionary<string, string> { ["exploration"] = "thompson" } };
        Assert.That(() => NeuralBandit.FastCB(options), Throws.TypeOf<HindsightException>().With.Message.Contains("width"));
    }

    [Test]
    public void A_network_beyond_memory_is_refused() =>
        Assert.That(
            () => NeuralBandit.FastCB(Neural with { ContextSize = 1_000_000, Width = 65536 }),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("options"));

    [Test]
    public void Nothing_is_refused_by_name()
    {
        Assert.That(() => NeuralBandit.FastCB(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("options"));
        Assert.That(() => ContextualBandit.Create(null!, Neural), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("algorithm"));
    }
}
