namespace Hindsight.Data.Generators

open Hindsight.Data

/// <summary>Poker hands.</summary>
[<RequireQualifiedAccess>]
module Poker =
    /// <summary>Five cards drawn without replacement, so many times: ten categorical columns (suit and rank of each card), ten classes from nothing to royal-flush at their natural rates.</summary>
    /// <param name="rows">Number of hands.</param>
    /// <param name="seed">Row i is a function of seed and i.</param>
    /// <remarks>The rule of UCI "Poker Hand" (R. Cattral, F. Oppacher); the hands are our own draw.</remarks>
    val table: rows: int -> seed: uint64 -> ITable

    /// <summary>The class of a hand, 0 (nothing) to 9 (royal flush).</summary>
    /// <param name="cards">Five different cards, each suit * 13 + rank, rank 0 an ace.</param>
    val classify: cards: int[] -> int
