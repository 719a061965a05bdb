namespace Hindsight.FSharp

open Hindsight

/// <summary>Regret on every one of many groups at once: AdaNormalHedge over experts that sleep, and a regression oracle for each group.</summary>
/// <remarks>Everything here holds on every sequence (Deterministic, upper). The aggregation is that of arXiv 2310.04652 (groupwise regret by sleeping experts); AdaNormalHedge is Luo and Schapire (2015), its form
/// from memory, its bound derived here. What is not finite or out of its domain is refused with OutOfRange, naming the argument.</remarks>
[<RequireQualifiedAccess>]
module Groups =
    /// Every calculator of this family.
    val calculators: BoundCalculator[]

    /// <summary>sqrt(3 C ln(B/q)), B = sum_i p_i (1 + (3/2)(1 + ln(1 + C_i))): the regret of AdaNormalHedge against an expert on the rounds in which it was awake, losses in [0,1].</summary>
    /// <param name="deviation">C >= 0: the sum of |regret| of the expert's rounds; at most the rounds in which it was awake.</param>
    /// <param name="prior">q > 0: the expert's prior weight, at most the sum of all.</param>
    /// <param name="priors">p_i > 0: of all experts; at least one.</param>
    /// <param name="deviations">C_i >= 0: of all experts, as many.</param>
    val adaNormalHedge:
        deviation: float -> prior: float -> priors: float[] -> deviations: float[] -> Result<Bound, HindsightError>

    /// <summary>O + R sqrt(3 t ln(M (5/2 + (3/2) ln(1 + T)))): the regret on a group of the aggregate of M oracles, one a group.</summary>
    /// <param name="oracle">O: the regret of the group's oracle on the group's rounds.</param>
    /// <param name="range">R > 0: the range of a round's losses.</param>
    /// <param name="active">t >= 0: the rounds of the group.</param>
    /// <param name="horizon">T >= 1: all rounds, at least t.</param>
    /// <param name="groups">M >= 1.</param>
    val groupwise:
        oracle: float -> range: float -> active: float -> horizon: float -> groups: int -> Result<Bound, HindsightError>

    /// <summary>Y^2 d ln(1 + t X^2/(lambda d)) + 4 Y^2 sqrt(3 t ln(M (5/2 + (3/2) ln(1 + T)))): the same with Vovk-Azoury-Warmuth forecasters clipped to [-Y, Y], against min_u lambda |u|^2 + sum (u'x - y)^2 on the group.</summary>
    /// <param name="label">Y > 0: largest |y|.</param>
    /// <param name="norm">X >= 0: largest |x|.</param>
    /// <param name="regularisation">lambda > 0.</param>
    /// <param name="dimension">d >= 1.</param>
    /// <param name="active">t >= 0.</param>
    /// <param name="horizon">T >= 1, at least t.</param>
    /// <param name="groups">M >= 1.</param>
    val groupwiseRegression:
        label: float ->
        norm: float ->
        regularisation: float ->
        dimension: int ->
        active: float ->
        horizon: float ->
        groups: int ->
            Result<Bound, HindsightError>
