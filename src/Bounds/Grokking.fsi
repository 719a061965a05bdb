namespace Hindsight.FSharp

open Hindsight

/// <summary>Calculators of the grokking model: exact population risks. See <see cref="T:Hindsight.FSharp.Grokking"/> for the model.</summary>
[<RequireQualifiedAccess>]
module GrokkingBounds =
    /// The risk of given weights and the expected risk at the start.
    val calculators: BoundCalculator[]

    /// <summary>The population risk from the statistics of the weights; trivial is the risk of predicting 0, 3 |beta|^4/(4 D^2).</summary>
    val risk:
        student: GrokkingStudent -> statistics: GrokkingStatistics -> beta: float[] -> Result<Bound, HindsightError>

    /// <summary>The expected population risk at standard normal weights.</summary>
    /// <param name="student">alpha and epsilon.</param>
    /// <param name="dimension">D &gt;= 1.</param>
    /// <param name="units">N &gt;= 1.</param>
    /// <param name="signal2">|beta|^2 &gt;= 0.</param>
    val initialRisk:
        student: GrokkingStudent -> dimension: int -> units: int -> signal2: float -> Result<Bound, HindsightError>
