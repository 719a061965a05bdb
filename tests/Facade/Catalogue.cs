namespace Hindsight.Facade.Tests;

/// <summary>A bandit to test: its name and how it is made from a seed.</summary>
public sealed record Maker(string Name, Func<ulong, ContextualBandit> Make)
{
    public override string ToString() => Name;
}

/// <summary>Every factory at its defaults (but a small network), and variants that reach every part of the state.</summary>
public static class Catalogue
{
    public const int ContextSize = 4;
    public const int Arms = 3;

    public static NeuralBanditOptions Neural(ulong seed) => new() { ContextSize = ContextSize, Arms = Arms, Seed = seed, Width = 20 };

    public static LinearBanditOptions Linear(ulong seed) => new() { ContextSize = ContextSize, Arms = Arms, Seed = seed };

    public static ContextualBanditOptions Plain(ulong seed) => new() { ContextSize = ContextSize, Arms = Arms, Seed = seed };

    public static NeuralBanditOptions Rademacher(ulong seed) =>
        Neural(seed) with { Perturbation = PerturbationKind.Rademacher, Signs = 12, Radius = 1.0, OutputRadius = 1.0 };

    public static IEnumerable<Maker> Factories =>
    [
        new("FastCB", seed => NeuralBandit.FastCB(Neural(seed))),
        new("SquareCB", seed => NeuralBandit.SquareCB(Neural(seed))),
        new("EpsilonGreedy", seed => NeuralBandit.EpsilonGreedy(Neural(seed))),
        new("Greedy", seed => NeuralBandit.Greedy(Neural(seed))),
        new("linear SquareCB", seed => LinearBandit.SquareCB(Linear(seed))),
        new("LinUcb", seed => LinearBandit.LinUcb(Linear(seed))),
        new("Thompson", seed => LinearBandit.Thompson(Linear(seed))),
        new("Uniform", seed => UniformBandit.Create(Plain(seed))),
    ];

    public static IEnumerable<Maker> OfContexts =>
    [
        .. Factories,
        new("disjoint, two layers", seed => NeuralBandit.FastCB(Neural(seed) with { Features = FeatureEncoding.Disjoint, Depth = 2 })),
        new("theory, fixed signs", seed => NeuralBandit.SquareCB(
            Rademacher(seed) with { Oracle = NeuralOracleKind.Theory, Rate = 0.05, Features = FeatureEncoding.Disjoint })),
        new("online, fresh signs", seed => NeuralBandit.FastCB(Rademacher(seed) with { Oracle = NeuralOracleKind.Online, FreshSigns = true })),
        new("small window", seed => NeuralBandit.FastCB(
            Neural(seed) with { ReplayMemory = ReplayMemory.Window, ReplayCapacity = 7, ReplaySteps = 3 })),
        new("small reservoir", seed => NeuralBandit.FastCB(Neural(seed) with { ReplayCapacity = 7, ReplaySteps = 3 })),
        new("amendments", seed => LinearBandit.SquareCB(Linear(seed) with { AllowAmendments = true })),
        new("exact, disjoint", seed => LinearBandit.SquareCB(
            Linear(seed) with { Normalization = Normalization.Exact, Features = FeatureEncoding.Disjoint })),
    ];

    public static IEnumerable<Maker> OfActions =>
    [
        new("FastCB of actions", seed => NeuralBandit.FastCB(Neural(seed) with { Features = FeatureEncoding.Action })),
        new("SquareCB of actions, two layers", seed => NeuralBandit.SquareCB(
            Neural(seed) with { Features = FeatureEncoding.Action, Depth = 2, Oracle = NeuralOracleKind.Online })),
        new("fixed signs, of actions", seed => NeuralBandit.FastCB(
            Rademacher(seed) with { Features = FeatureEncoding.Action, Oracle = NeuralOracleKind.Theory })),
        new("linear SquareCB of actions", seed => LinearBandit.SquareCB(Linear(seed) with { Features = FeatureEncoding.Action })),
        new("LinUcb of actions", seed => LinearBandit.LinUcb(Linear(seed) with { Features = FeatureEncoding.Action })),
        new("Thompson of actions", seed => LinearBandit.Thompson(Linear(seed) with { Features = FeatureEncoding.Action })),
        new("Uniform of actions", seed => UniformBandit.Create(Plain(seed) with { Features = FeatureEncoding.Action })),
    ];

    public static IEnumerable<Maker> All => [.. OfContexts, .. OfActions];
}
