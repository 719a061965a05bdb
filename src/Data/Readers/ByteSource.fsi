namespace Hindsight.Data

open System
open Hindsight

/// <summary>The bytes of a file by position, unpacked if it is a gzip file. Safe for concurrent use.</summary>
/// <remarks>A gzip file, recognised by its first bytes, is unpacked once into a temporary file that is gone at the latest when the source is disposed.</remarks>
[<Sealed>]
type ByteSource =
    interface IDisposable
    /// Opens a file. Missing if it cannot be opened, Malformed if it is a damaged gzip file.
    static member Open: path: string -> Result<ByteSource, HindsightError>
    /// Bytes in memory under a name for error messages; gzip is unpacked as by Open. The array is kept.
    static member OfArray: name: string * bytes: byte[] -> Result<ByteSource, HindsightError>
    /// Name, for error messages.
    member Name: string
    /// Number of bytes, unpacked.
    member Length: int64
    /// Reads up to a buffer's length from a position; returns how many bytes there were, 0 at the end.
    member Read: position: int64 * buffer: Span<byte> -> int
