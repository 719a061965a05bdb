namespace Hindsight;

/// <summary>A loss and its derivatives in the score at one point.</summary>
/// <param name="Value">The loss.</param>
/// <param name="Gradient">First derivative in the score.</param>
/// <param name="Hessian">Second derivative in the score.</param>
public readonly record struct LossDerivatives(double Value, double Gradient, double Hessian);
