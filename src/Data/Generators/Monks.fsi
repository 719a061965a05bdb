namespace Hindsight.Data.Generators

open Hindsight
open Hindsight.Data

/// <summary>The three MONK's problems.</summary>
[<RequireQualifiedAccess>]
module Monks =
    /// <summary>All 432 robots, without noise: six columns with 3, 3, 2, 3, 4, 2 categories, classes 0 and 1.</summary>
    /// <param name="problem">1: a1 = a2 or a5 = 1. 2: exactly two attributes have their first value. 3: a5 = 3 and a4 = 1, or a5 is not 4 and a2 is not 3.</param>
    /// <returns>The table, or OutOfRange for another number.</returns>
    /// <remarks>The test sets of Thrun et al., "The MONK's problems: a performance comparison of different learning algorithms" (1991).</remarks>
    val table: problem: int -> Result<ITable, HindsightError>
