namespace Hindsight;

/// <summary>Contextual bandits that predict costs with a small neural network, trained online.</summary>
/// <remarks>
/// Errors of every factory: see <see cref="ContextualBandit.Create"/>. Source of the algorithms: "Contextual bandits with online neural
/// regression" (arXiv 2312.07145).
/// </remarks>
public static class NeuralBandit
{
    /// <summary>NeuFastCB: log loss and re-weighted inverse gap weighting. Explores little where the best arm costs little.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit FastCB(NeuralBanditOptions options) => ContextualBandit.Create("neufastcb", options);

    /// <summary>NeuSquareCB: square loss and inverse gap weighting.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit SquareCB(NeuralBanditOptions options) => ContextualBandit.Create("neusquarecb", options);

    /// <summary>With probability <see cref="LearningBanditOptions.ExplorationScale"/> an arm at random, otherwise the best prediction.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit EpsilonGreedy(NeuralBanditOptions options) => ContextualBandit.Create("epsilon-greedy", options);

    /// <summary>Always the best prediction; for comparison, as it may never find the best arm.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit Greedy(NeuralBanditOptions options) => ContextualBandit.Create("greedy", options);
}
