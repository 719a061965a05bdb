namespace Hindsight.Data.Generators

open Hindsight.Data

/// <summary>To which side a balance scale tips.</summary>
[<RequireQualifiedAccess>]
module BalanceScale =
    /// <summary>All 625 settings of weight and distance (1 to 5) on both sides: four numeric columns, classes L (288), B (49), R (288) by the larger torque.</summary>
    /// <remarks>The same set as UCI "Balance Scale" (R. S. Siegler's experiments).</remarks>
    val table: unit -> ITable
