namespace Hindsight;

/// <summary>A loss that can be made by its name.</summary>
/// <param name="Name">Its name: <c>pseudo-huber</c>.</param>
/// <param name="Family">Its family: <c>regression</c>, <c>margin</c>, ...</param>
/// <param name="Parameters">Its parameters with their meaning, default and domain.</param>
public sealed record LossDescription(string Name, string Family, IReadOnlyList<LossParameter> Parameters);
