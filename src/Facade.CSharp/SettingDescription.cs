namespace Hindsight;

/// <summary>A setting that <see cref="ContextualBanditOptions.Extra"/> takes.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Allowed">The values that it may have.</param>
/// <param name="Meaning">What it does, with the common default.</param>
public sealed record SettingDescription(string Key, string Allowed, string Meaning);
