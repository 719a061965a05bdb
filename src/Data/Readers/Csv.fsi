namespace Hindsight.Data.Readers

open Hindsight
open Hindsight.Data

/// <summary>Delimited text: commas, semicolons or tabs, quotes as in RFC 4180, UTF-8.</summary>
[<RequireQualifiedAccess>]
module Csv =
    /// <summary>Opens a table over delimited text. Two passes fix the rows, the columns (numbers if all values are, else categories), and the classes; rows are read again when asked for.</summary>
    /// <param name="options">How to read.</param>
    /// <param name="source">The bytes; the table owns them, and on an error they are disposed.</param>
    /// <returns>The table, or Malformed with line or byte; OutOfRange or UnknownName for a column or delimiter that does not exist.</returns>
    val read: options: ReadOptions -> source: ByteSource -> Result<ITable, HindsightError>
