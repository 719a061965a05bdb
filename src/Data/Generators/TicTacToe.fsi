namespace Hindsight.Data.Generators

open Hindsight.Data

/// <summary>The boards on which a game of tic-tac-toe can end.</summary>
[<RequireQualifiedAccess>]
module TicTacToe =
    /// <summary>All 958 final boards of games that x begins: nine columns with the categories x, o, b (blank), class positive (626) if x has won.</summary>
    /// <remarks>Found by playing every game. The same set as UCI "Tic-Tac-Toe Endgame" (D. W. Aha).</remarks>
    val table: unit -> ITable
