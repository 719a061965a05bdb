namespace Hindsight;

/// <summary>Contextual bandits over online linear regression.</summary>
/// <remarks>Errors of every factory: see <see cref="ContextualBandit.Create"/>.</remarks>
public static class LinearBandit
{
    /// <summary>SquareCB over the Vovk-Azoury-Warmuth forecaster: inverse gap weighting with a regret bound for every sequence of contexts.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit SquareCB(LinearBanditOptions options) => ContextualBandit.Create("squarecb-linear", options);

    /// <summary>LinUCB: the lowest confidence bound, prediction - alpha * width; alpha is <see cref="LearningBanditOptions.ExplorationScale"/>.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit LinUcb(LinearBanditOptions options) => ContextualBandit.Create("linucb", options);

    /// <summary>Thompson sampling with normal draws of <see cref="LearningBanditOptions.ExplorationScale"/> times the width; propensities are known, by quadrature.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit Thompson(LinearBanditOptions options) => ContextualBandit.Create("lints", options);
}
