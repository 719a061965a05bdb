namespace Hindsight.Data

open System
open System.IO
open Hindsight

/// What every reader does at its door, and its limits.
[<RequireQualifiedAccess>]
module internal Reading =
    /// Longest record of a text file in bytes.
    [<Literal>]
    let MaxRecord = 16777216

    /// Most features of a context.
    [<Literal>]
    let MaxWidth = 1000000

    /// Most categories of a column.
    [<Literal>]
    let MaxCategories = 10000

    /// Most classes.
    [<Literal>]
    let MaxClasses = 1000

    /// Leaves with a Malformed error.
    let malformed source position reason =
        raise (HindsightException(HindsightError.Malformed(source, position, reason)))

    /// Leaves with the error, if it is one.
    let require result = Require.ok result

    /// Runs a reader: what it raises about its input becomes an error.
    let attempt (source: string) (read: unit -> 'T) =
        try
            Ok(read ())
        with
        | :? HindsightException as e -> Error e.Error
        | :? InvalidDataException as e -> Error(HindsightError.Malformed(source, "the gzip stream", e.Message))
        | :? IOException
        | :? UnauthorizedAccessException
        | :? ArgumentException
        | :? NotSupportedException as e -> Error(HindsightError.Missing($"file '{source}'", e.Message))

    /// As attempt, for a reader that takes over what it reads from: it is disposed if the reader fails.
    let from (owned: IDisposable) (source: string) (read: unit -> 'T) =
        attempt source read
        |> Result.mapError (fun error ->
            owned.Dispose()
            error)
