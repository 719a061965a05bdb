namespace Hindsight.Data.Generators

open Hindsight
open Hindsight.Data

/// <summary>The digits of a display with faulty light-emitting diodes.</summary>
[<RequireQualifiedAccess>]
module Led =
    /// Pixel rows and columns of a drawn digit.
    val imageShape: struct (int * int)

    /// <summary>The seven segments (numbers 0 and 1) of a random digit, each inverted with probability 0.1.</summary>
    /// <param name="attributes">7, or 24: with 17 further columns of coin flips.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">Row i is a function of seed and i.</param>
    /// <returns>The table, or OutOfRange for another number of attributes.</returns>
    /// <remarks>Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees" (1984), section 2.6.1; the optimal error rate is 0.26.</remarks>
    val table: attributes: int -> rows: int -> seed: uint64 -> Result<ITable, HindsightError>

    /// <summary>The same digits with the same faults, drawn as pictures of 9 by 6 pixels that are 0 or 255.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">Row i shows the segments of row i of <c>table</c>.</param>
    val images: rows: int -> seed: uint64 -> ITable
