namespace Hindsight;

/// <summary>Every available arm alike, nothing learned: the baseline, and a logger of unbiased data.</summary>
public static class UniformBandit
{
    /// <summary>Makes one. Errors: see <see cref="ContextualBandit.Create"/>.</summary>
    /// <param name="options">The options.</param>
    public static ContextualBandit Create(ContextualBanditOptions options) => ContextualBandit.Create("uniform", options);
}
