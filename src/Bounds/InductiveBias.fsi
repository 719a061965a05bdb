namespace Hindsight.FSharp

open Hindsight

/// <summary>The calculator of inductive bias: -ln of the probability that a hypothesis that fits the training data errs at most epsilon. See <see cref="T:Hindsight.FSharp.InductiveBias"/>.</summary>
[<RequireQualifiedAccess>]
module InductiveBiasBounds =
    /// One: inductive-bias.
    val calculators: BoundCalculator[]

    /// -ln P(s X &lt;= error), nats; terms the mean error of such hypotheses and the bits.
    val nats: distribution: ScaledNoncentralChiSquare -> error: float -> Result<Bound, HindsightError>
