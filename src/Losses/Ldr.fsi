namespace Hindsight

open System

// Label-distributionally robust losses: the largest, over class weights p of the simplex, of sum p_k delta_k less a price of p.
// delta_k = z_k - z_y + c [k is not y] is the lead of class k over the label with margin c, delta_y = 0. K is the number of classes, u the uniform distribution.

/// <summary>Label-distributionally robust loss with a Kullback-Leibler price: l(y, z) = lambda ln((1/K) sum_k exp(delta_k/lambda)), the largest of sum p_k delta_k - lambda KL(p|u).</summary>
/// <remarks>
/// Scores real. Convex; gradient softmax(delta/lambda) - e_y, norm at most sqrt 2; smoothness 1/(2 lambda). lambda = 0 is the limit max delta (Crammer and Singer's hinge, kinks as there), lambda = infinity the limit
/// mean delta, linear and symmetric. Decreasing and convex in lambda, within lambda ln K below max delta. It can be negative, down to -lambda ln K: at lambda 1 and c 0 it is cross-entropy less ln K.
/// With c = 0 the expected loss under q is least at z = lambda ln q + constant, so every rank is preserved.
/// The zero value of this struct is lambda 0, margin 0. OutOfRange unless lambda is in [0, infinity] and the margin finite and not negative.
/// Source: Zhu, Ying, Yang, "Label distributionally robust losses for multi-class classification" (2023, arXiv 2112.14869); derived again here.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type LdrKl =
    val private Lambda: float
    val private Margin: float
    /// lambda in [0, infinity], margin c &gt;= 0.
    new: lambda: float * margin: float -> LdrKl
    interface IMulticlassLoss
    interface IMulticlassGradient
    interface ISoftmaxLoss

/// <summary>The adaptive form: each example has the lambda that is worst for it, at a price. l(y, z) = max over lambda in [0, lambda0] of
/// lambda ln((1/K) sum_k exp(delta_k/lambda)) - (A/(2 lambda0)) (lambda - lambda0)^2, A = alpha ln K.</summary>
/// <remarks>
/// alpha is in units of ln K, as in the authors' code, and above 1: then the best lambda is at least lambda0 (1 - 1/alpha). It solves lambda = lambda0 (1 - KL(softmax(delta/lambda)|u)/A); that equation can have several solutions, so the
/// largest value is sought: a logarithmic grid of 64 points, then bisection of the derivative.
/// <para>Convex, norm of the gradient at most sqrt 2. The gradient is softmax(delta/lambda*) - e_y with lambda* held fixed (envelope theorem). Second derivatives are those of the loss itself, in which lambda* moves:
/// the Hessian at fixed lambda plus g g'/(A/lambda0 - Var_p(delta)/lambda*^3), g the derivative of the weights in lambda. Where two lambdas are equally good there is a kink; derivatives are those of one of them.
/// So no smoothness is declared.</para>
/// A gradient costs about 170 passes over the scores: 64 of the grid and two for each bit of lambda.
/// At least LdrKl(lambda0), at most max delta. alpha to infinity is LdrKl(lambda0). The expected loss under q has a minimiser that preserves the order of q; it is (lambda* ln q + constant) only if
/// A is at least the maximum over p of KL(p|u) + Var_p(ln p), about 1.32 ln K at K = 2 (derived here).
/// lambda0 = 0, the zero value of this struct, is the limit max delta. OutOfRange unless lambda0 and the margin are finite and not negative and alpha above 1.
/// Source: as <see cref="T:Hindsight.LdrKl"/>; the exact maximum over lambda is ours (the authors' code takes one step of the fixed point, without the margin).
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type AdaptiveLdrKl =
    val private Lambda0: float
    val private Alpha: float
    val private Margin: float
    /// lambda0 &gt;= 0, alpha &gt; 1 in units of ln K, margin c &gt;= 0.
    new: lambda0: float * alpha: float * margin: float -> AdaptiveLdrKl
    /// The best lambda for these scores.
    member Temperature: label: int * scores: ReadOnlySpan<float> -> float
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>The robust loss without a price over weights of at most 1/k each: the mean of the k largest leads, a class's share counted where k is not whole.</summary>
/// <remarks>Scores real. Convex, norm of the gradient at most sqrt 2, with kinks: leads that tie at the k-th place share what is left equally. k = 1 is Crammer and Singer's hinge, k at least K the mean.
/// For k above 1 it can be negative and is unbounded below. The zero value of this struct is k 1, margin 0. OutOfRange unless k is at least 1 and finite and the margin finite and not negative.
/// Source: derived here from the definition (a conditional value at risk of the leads).</remarks>
[<Struct; NoComparison; NoEquality>]
type LdrTopK =
    val private Excess: float
    val private Margin: float
    /// k &gt;= 1, margin c &gt;= 0.
    new: k: float * margin: float -> LdrTopK
    interface IMulticlassLoss
    interface IMulticlassGradient

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Order of scores against class probabilities.</summary>
[<RequireQualifiedAccess>]
module TopK =
    /// <summary>Whether a likelier class always has a strictly larger score: then the k best scores are k likeliest classes, for every k.</summary>
    /// <exception cref="T:Hindsight.HindsightException">WrongDimension if the lengths differ.</exception>
    val isRankPreserving: scores: ReadOnlySpan<float> -> probabilities: ReadOnlySpan<float> -> bool

/// <summary>The label-distributionally robust losses of this file in the registry.</summary>
[<RequireQualifiedAccess>]
module Ldr =
    /// LdrKl, AdaptiveLdrKl, LdrTopK.
    val entries: LossEntry[]
