namespace Hindsight.Data

open System
open System.IO
open System.IO.Compression
open Microsoft.Win32.SafeHandles
open Hindsight

/// A file, or an array where the handle is null.
[<Sealed>]
type ByteSource private (name: string, handle: SafeFileHandle, bytes: byte[]) =
    /// More than this is no data set but an attack on the disk.
    static let maxUnpacked = 1L <<< 36

    static let temporary () =
        let path = Path.Combine(Path.GetTempPath(), $"hindsight-{Guid.NewGuid():N}.tmp")

        let handle =
            File.OpenHandle(
                path,
                FileMode.CreateNew,
                FileAccess.ReadWrite,
                FileShare.Read ||| FileShare.Delete,
                FileOptions.DeleteOnClose
            )
        // without its name the file cannot outlive the process, whatever ends it
        if not (OperatingSystem.IsWindows()) then
            File.Delete path

        handle

    static let unpack name (packed: Stream) =
        let handle = temporary ()

        try
            use stream = new GZipStream(packed, CompressionMode.Decompress)
            let buffer = Array.zeroCreate 65536
            let mutable length = 0L
            let mutable count = stream.Read(buffer, 0, buffer.Length)

            while count > 0 do
                RandomAccess.Write(handle, ReadOnlySpan(buffer, 0, count), length)
                length <- length + int64 count

                if length > maxUnpacked then
                    Reading.malformed name "the gzip stream" $"unpacks to more than {maxUnpacked} bytes"

                count <- stream.Read(buffer, 0, buffer.Length)

            handle
        with _ ->
            handle.Dispose()
            reraise ()

    static let packed (first: ReadOnlySpan<byte>) =
        first.Length >= 2 && first[0] = 0x1Fuy && first[1] = 0x8Buy

    static member Open(path: string) =
        Reading.attempt path (fun () ->
            let handle = File.OpenHandle path

            try
                let first = Array.zeroCreate 2
                let count = RandomAccess.Read(handle, first.AsSpan(), 0L)

                if packed (ReadOnlySpan(first, 0, count)) then
                    use stream = new FileStream(handle, FileAccess.Read)
                    new ByteSource(path, unpack path stream, null)
                else
                    new ByteSource(path, handle, null)
            with _ ->
                handle.Dispose()
                reraise ())

    static member OfArray(name, bytes: byte[]) =
        Reading.attempt name (fun () ->
            if packed (ReadOnlySpan bytes) then
                use stream = new MemoryStream(bytes, false)
                new ByteSource(name, unpack name stream, null)
            else
                new ByteSource(name, null, bytes))

    member _.Name = name

    member _.Length =
        if isNull handle then
            int64 bytes.Length
        else
            RandomAccess.GetLength handle

    member _.Read(position: int64, buffer: Span<byte>) =
        if not (isNull handle) then
            RandomAccess.Read(handle, buffer, position)
        elif position >= int64 bytes.Length then
            0
        else
            let available = bytes.AsSpan(int position)
            let count = min available.Length buffer.Length
            available.Slice(0, count).CopyTo buffer
            count

    interface IDisposable with
        member _.Dispose() =
            if not (isNull handle) then
                handle.Dispose()
