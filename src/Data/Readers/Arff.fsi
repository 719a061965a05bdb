namespace Hindsight.Data.Readers

open Hindsight
open Hindsight.Data

/// <summary>The attribute-relation file format of Weka and OpenML: dense and sparse rows.</summary>
[<RequireQualifiedAccess>]
module Arff =
    /// <summary>Opens a table over an ARFF file. Declared categories keep their order; string and date attributes take the categories that occur. Two passes, as for delimited text.</summary>
    /// <param name="options">How to read; Header and Delimiter do not matter.</param>
    /// <param name="source">The bytes; the table owns them, and on an error they are disposed.</param>
    /// <returns>The table, or Malformed with line or byte; OutOfRange or UnknownName for a column that does not exist.</returns>
    val read: options: ReadOptions -> source: ByteSource -> Result<ITable, HindsightError>
