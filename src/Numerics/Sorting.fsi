namespace Hindsight.FSharp

open Hindsight

/// <summary>Sorting over any scalar: only maxima and minima, so that every interpretation of the algebra can sort.</summary>
[<RequireQualifiedAccess>]
module Sorting =
    /// <summary>Sorts in place, largest first, by Batcher's merge exchange: about n (ln n)^2/2 comparators, chosen by n alone.</summary>
    /// <remarks>A derivative stays with its value, also through a tie. Source: Knuth, The Art of Computer Programming 3, algorithm 5.2.2 M.</remarks>
    val descending<'T when 'T :> IReal<'T> and 'T: struct> : values: 'T[] -> unit
