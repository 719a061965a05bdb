namespace Hindsight

/// <summary>A distribution on finitely many predictions: what a mixability check is tried on.</summary>
[<NoComparison>]
type FiniteMixture =
    {
        /// Not negative, sum 1.
        Weights: float[]
        /// A prediction for each weight.
        Predictions: float[]
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Constants of a loss on bounded domains.</summary>
[<RequireQualifiedAccess>]
module LossConstants =
    /// <summary>The largest a &gt;= 0 with e^(-a l) concave in the score for every label: inf l''/(l')^2, 0 where l is not convex or is linear; infinity if the loss is constant.</summary>
    /// <param name="loss">Differentiated by second-order jets.</param>
    /// <param name="labels">A bounded interval, or two ends, in the loss's label domain.</param>
    /// <param name="scores">A bounded interval in the loss's score domain.</param>
    /// <returns>OutOfRange for an interval that is empty, unbounded, or not within the loss's domain.</returns>
    /// <remarks>In the score: for a loss with a link it is not the declared constant, which is in the mean. Numeric, so an estimate from above: a grid of 65 labels by 513 scores,
    /// then golden-section search around its least point, in the score and in the label in turn. Where both derivatives are 0 there is no condition.</remarks>
    val expConcavity: loss: ILoss -> labels: Domain -> scores: Domain -> Result<float, HindsightError>

/// <summary>Exp-concavity constants in closed form. Derived here from inf l''/(l')^2.</summary>
[<RequireQualifiedAccess>]
module ExpConcavity =
    /// (y - p)^2 with y and p in [low, high]: 1/(2 (high - low)^2). low &lt; high.
    val squared: low: float -> high: float -> Result<float, HindsightError>
    /// ln(1 + e^-m), |m| &lt;= bound: e^-bound. bound &gt;= 0.
    val logistic: bound: float -> Result<float, HindsightError>
    /// e^-m, |m| &lt;= bound: e^-bound. bound &gt;= 0.
    val exponential: bound: float -> Result<float, HindsightError>

    /// <summary>Binary cross-entropy (or Kullback-Leibler) loss of a logit, |u| &lt;= bound, the label y fixed: inf s'(u)/(s(u) - y)^2.</summary>
    /// <remarks>e^-bound for y at an end, so over all labels; more for a label between, infinity where s(u) = y throughout. label in [0,1], bound &gt;= 0.</remarks>
    val crossEntropy: label: float -> bound: float -> Result<float, HindsightError>

/// <summary>Mixability: for every distribution over predictions there is one prediction p with l(y, p) &lt;= -(1/eta) ln E e^(-eta l(y, P)) for every outcome y.</summary>
[<RequireQualifiedAccess>]
module Mixability =
    /// (y - p)^2 with y and p in [low, high]: 2/(high - low)^2 (Vovk 1990; Haussler, Kivinen and Warmuth 1998).
    val squared: low: float -> high: float -> Result<float, HindsightError>
    /// Log loss, any number of classes: 1.
    val logLoss: float
    /// Brier score, sum (p - e_y)^2, any number of classes: 1 (Vovk and Zhdanov 2009).
    val brier: float
    /// Binary Hellinger loss, half the squared distance of square roots: sqrt 2 (Haussler, Kivinen and Warmuth 1998).
    val hellinger: float

    /// <summary>min over p of max over y of l(y, p) + (1/eta) ln sum w_i e^(-eta l(y, p_i)): above 0 if the mixture violates mixability at eta.</summary>
    /// <param name="loss">Quasi-convex in the score.</param>
    /// <param name="outcomes">The labels that can occur, at least one.</param>
    /// <param name="eta">Learning rate &gt; 0.</param>
    /// <param name="mixture">Finite weights and predictions of the loss's score domain.</param>
    /// <returns>OutOfRange for a bad eta, weight, outcome or prediction; WrongDimension for unequal lengths.</returns>
    /// <remarks>Golden-section search for p between the least and the largest prediction: none outside is better for a loss that falls up to the label and rises beyond.</remarks>
    val slack: loss: ILoss -> outcomes: float[] -> eta: float -> mixture: FiniteMixture -> Result<float, HindsightError>

    /// <summary>The largest eta up to the given most that none of the mixtures violates (by more than 1e-12 times 1 + the largest loss): an upper estimate of the mixability constant.</summary>
    /// <remarks>Bisection: a mixture that violates eta violates every larger one, because -(1/eta) ln E e^(-eta l) falls in eta.</remarks>
    val largest:
        loss: ILoss -> outcomes: float[] -> most: float -> mixtures: FiniteMixture[] -> Result<float, HindsightError>
