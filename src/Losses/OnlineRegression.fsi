namespace Hindsight

/// <summary>Square loss, un-halved: l(y, z) = (z - y)^2.</summary>
/// <remarks>Label in [0,1], score real, identity link. Every regret bound of the library takes the regret of this loss. Source: definition; constants derived here
/// (exp-concave 1/(2R^2), mixable 2/R^2 on range R = 1).</remarks>
[<Struct; NoComparison; NoEquality>]
type Squared =
    interface ILoss

/// <summary>Half the square loss: l(y, z) = (z - y)^2 / 2, the paper's convention for the network's training loss.</summary>
/// <remarks>Label in [0,1], score real, identity link. Its regret is half of <see cref="T:Hindsight.Squared"/>'s: convert with <c>Regret.ofHalfSquared</c>.</remarks>
[<Struct; NoComparison; NoEquality>]
type HalfSquared =
    interface ILoss

/// <summary>Binary cross-entropy of a logit: l(y, z) = softplus(z) - y z, evaluated as y softplus(-z) + (1 - y) softplus(z).</summary>
/// <remarks>Label in [0,1], score real, logit link; derivative sigmoid(z) - y in [-1, 1], second derivative sigmoid'(z) in (0, 1/4].
/// Source: "Contextual bandits with online neural regression", the KL loss less the label's entropy.</remarks>
[<Struct; NoComparison; NoEquality>]
type BinaryCrossEntropy =
    interface ILoss

/// <summary>Kullback-Leibler loss of a logit: l(y, z) = y ln(y/s(z)) + (1-y) ln((1-y)/(1-s(z))), 0 ln 0 = 0: binary cross-entropy minus the label's entropy.</summary>
/// <remarks>Label in [0,1], score real, logit link; never negative, 0 where s(z) = y. Same derivatives and same regret as <see cref="T:Hindsight.BinaryCrossEntropy"/>.
/// Evaluated by <c>LogitDivergence</c>, as a sum of two terms that are not negative: accurate in units of itself as far as its condition allows, also close to its minimum.</remarks>
[<Struct; NoComparison; NoEquality>]
type KullbackLeibler =
    interface ILoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>The scalar interpretations of any loss: value and first derivative.</summary>
[<RequireQualifiedAccess>]
module Loss =
    /// l(label, score).
    val value: loss: ILoss -> label: float -> score: float -> float
    /// d l / d score.
    val derivative: loss: ILoss -> label: float -> score: float -> float
    /// Value, first and second derivative in the score.
    val jet: loss: ILoss -> label: float -> score: float -> struct (float * float * float)

/// <summary>The losses of this file in the registry.</summary>
[<RequireQualifiedAccess>]
module OnlineRegression =
    /// Squared, HalfSquared, BinaryCrossEntropy, KullbackLeibler.
    val entries: LossEntry[]

/// <summary>Conversions between regret conventions.</summary>
[<RequireQualifiedAccess>]
module Regret =
    /// Un-halved square-loss regret from the regret of half the square loss: twice it.
    val ofHalfSquared: regret: float -> float
