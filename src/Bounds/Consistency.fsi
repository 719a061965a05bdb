namespace Hindsight.FSharp

open Hindsight

/// <summary>What a small surrogate excess promises about the zero-one excess, as calculators: the inverse psi-transforms of margin losses and the H-consistency bounds of comp-sum losses in closed form.</summary>
/// <remarks>Excesses are over all measurable scores, so minimizability gaps are 0; with gaps, other losses and the exact inverse of any transform: <c>SurrogateTheory</c> and <c>HConsistency</c> of the room Theory. Values are capped at 1.</remarks>
[<RequireQualifiedAccess>]
module Consistency =
    /// Hinge loss: the excess itself.
    val hinge: BoundCalculator
    /// Squared hinge loss (the square loss of a margin too): sqrt(E).
    val squaredHinge: BoundCalculator
    /// Exponential loss e^-m: sqrt(E (2 - E)).
    val exponential: BoundCalculator
    /// Logistic loss ln(1 + e^-m): the t of ((1+t) ln(1+t) + (1-t) ln(1-t))/2 = E.
    val logistic: BoundCalculator
    /// Comp-sum losses of exponent tau: sqrt(2^tau (2 - tau) E) for tau up to 1, sqrt(2 n^(tau-1) E) up to 2, (tau-1) n^(tau-1) E beyond.
    val compSum: BoundCalculator
    /// All of them.
    val calculators: BoundCalculator[]
