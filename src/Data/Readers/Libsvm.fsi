namespace Hindsight.Data.Readers

open Hindsight
open Hindsight.Data

/// <summary>The sparse text format of LIBSVM: <c>label index:value index:value ... # comment</c>, indices from 0 or 1, absent values 0.</summary>
[<RequireQualifiedAccess>]
module Libsvm =
    /// <summary>Opens a table over a LIBSVM file, all columns numeric. Two passes, as for delimited text.</summary>
    /// <param name="options">How to read: only Merge matters; a label column other than the first is Incompatible.</param>
    /// <param name="source">The bytes; the table owns them, and on an error they are disposed.</param>
    /// <returns>The table, or Malformed with line or byte.</returns>
    val read: options: ReadOptions -> source: ByteSource -> Result<ITable, HindsightError>
