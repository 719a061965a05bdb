namespace Hindsight.Data.Generators

open Hindsight.Data

/// <summary>The chess endgame king and rook against king.</summary>
[<RequireQualifiedAccess>]
module KingRookKing =
    /// <summary>All 28,056 positions with black to move, up to the symmetries of the board, with the number of moves in which white mates if both play best.</summary>
    /// <remarks>
    /// Found by retrograde analysis. Six categorical columns: file and rank of the white king, the white rook and the black king.
    /// Of the eight mirror images of a position the one is kept that has the white king on files a to d, not above the diagonal a1-h8;
    /// if it stands on that diagonal, the black king not above it; if both do, the rook not above it.
    /// Classes: draw, zero (mate on the board), one, ..., sixteen. The same set as UCI "Chess (King-Rook vs. King)" (M. Bain, A. van Hoff), with its class counts.
    /// </remarks>
    val table: unit -> ITable
