namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Confidence intervals of online ridge regression, from its own state.</summary>
/// <remarks>The labels are theta*'x plus sigma-sub-Gaussian noise, |theta*| &lt;= norm; contexts may depend on the past. noise &gt;= 0, norm &gt;= 0, delta in (0,1). Everything holds with probability 1 - delta in all rounds at once.</remarks>
[<RequireQualifiedAccess>]
module LinearConfidence =
    /// beta = sigma sqrt(2 ln(1/delta) + ln det(A/lambda)) + sqrt(lambda) norm at the state's log determinant.
    val width: noise: float -> norm: float -> delta: float -> state: RidgeState -> Result<Bound, HindsightError>

    /// The interval of the mean label at x: prediction -+ beta sqrt(x'A^-1 x).
    val interval:
        noise: float ->
        norm: float ->
        delta: float ->
        x: ReadOnlySpan<float> ->
        state: RidgeState ->
            Result<struct (float * float), HindsightError>

    /// <summary>The regret so far of choosing, every round, the arm with the better end of its interval: 2 max(1, beta) sqrt(T l/ln 2), mean rewards (or costs) in [-1,1].</summary>
    /// <returns>OutOfRange before the first round.</returns>
    val regret: noise: float -> norm: float -> delta: float -> state: RidgeState -> Result<Bound, HindsightError>
