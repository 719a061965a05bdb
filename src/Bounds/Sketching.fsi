namespace Hindsight.FSharp

open Hindsight

/// <summary>Least squares on a sketch: what is certain afterwards, and how many rows are usually enough.</summary>
[<RequireQualifiedAccess>]
module SketchBounds =
    /// The calculator of <c>certificate</c>.
    val certificateCalculator: BoundCalculator
    /// The calculator of <c>suggestedRows</c>.
    val rowsCalculator: BoundCalculator
    /// Both.
    val calculators: BoundCalculator[]

    /// <summary>|x' - x*| &lt;= |A^+| |(U'S'S U)^-1| |U'S'S r|. Deterministic, upper; derived here.</summary>
    /// <param name="pseudoInverseNorm">|A^+| &gt; 0.</param>
    /// <param name="inverseNorm">|(U'S'S U)^-1| &gt; 0.</param>
    /// <param name="residualNorm">|U'S'S r| &gt;= 0.</param>
    val certificate:
        pseudoInverseNorm: float -> inverseNorm: float -> residualNorm: float -> Result<Bound, HindsightError>

    /// <summary>epsilon^-2 d ln^3(n/failure) rows: a heuristic, no guarantee.</summary>
    val suggestedRows: columns: int -> samples: int -> epsilon: float -> failure: float -> Result<Bound, HindsightError>
