namespace Hindsight.Data.Readers

open Hindsight
open Hindsight.Data

/// <summary>The IDX format of MNIST: big-endian arrays of bytes, integers or floats with their dimensions in front.</summary>
[<RequireQualifiedAccess>]
module Idx =
    /// <summary>Opens a table over an array of images (or any array whose first dimension counts rows) and an array of integer labels.</summary>
    /// <param name="options">How to read: only Merge matters.</param>
    /// <param name="images">The features; the table owns them, and on an error they are disposed.</param>
    /// <param name="labels">The labels, of any integer type; owned likewise.</param>
    /// <returns>The table, or Malformed: a header that does not fit the file's length, or arrays of different lengths.</returns>
    val read: options: ReadOptions -> images: ByteSource -> labels: ByteSource -> Result<ITable, HindsightError>
