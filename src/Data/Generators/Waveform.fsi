namespace Hindsight.Data.Generators

open Hindsight
open Hindsight.Data

/// <summary>Breiman's waveforms.</summary>
[<RequireQualifiedAccess>]
module Waveform =
    /// <summary>Random convex combinations of two of three triangular waves, with normal noise of variance 1 at 21 points; the class says which two.</summary>
    /// <param name="features">21, or 40: with 19 further columns of pure noise.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">Row i is a function of seed and i.</param>
    /// <returns>The table, or OutOfRange for another number of features.</returns>
    /// <remarks>Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees" (1984), section 2.6.2; the optimal error rate is 0.14.</remarks>
    val table: features: int -> rows: int -> seed: uint64 -> Result<ITable, HindsightError>
