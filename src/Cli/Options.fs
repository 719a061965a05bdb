namespace Hindsight.Tool

open System
open System.CommandLine
open System.IO
open System.Threading
open Hindsight

/// Where a command writes and what stops it.
[<NoComparison; NoEquality>]
type Streams =
    {
        Out: TextWriter
        Error: TextWriter
        Cancel: CancellationToken
    }

/// Exit codes.
[<RequireQualifiedAccess>]
module ExitCode =
    let done' = 0
    let failed = 1
    let usage = 2

    /// A wrong name or value is a matter of usage; anything else failed.
    let ofError error =
        match error with
        | HindsightError.UnknownName _
        | HindsightError.OutOfRange _ -> usage
        | _ -> failed

    /// The exit code of a question about a loss or a bound: whatever is wrong with it is wrong with its arguments.
    let ofQuestion (streams: Streams) (result: Result<unit, HindsightError>) =
        match result with
        | Ok() -> done'
        | Error error ->
            streams.Error.WriteLine error.Message
            usage

/// What options are made of.
[<AutoOpen>]
module Options =
    let option<'T> name helpName description =
        Option<'T>(name, HelpName = helpName, Description = description)

    /// An option whose text is parsed by a pure function.
    let parsed name helpName description (parse: string -> Result<'T, HindsightError>) =
        Option<'T>(
            name,
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser =
                fun argument ->
                    match parse argument.Tokens[0].Value with
                    | Ok value -> value
                    | Error error ->
                        argument.AddError error.Message
                        Unchecked.defaultof<'T>
        )

    /// An option that may repeat.
    let many name helpName description =
        Option<string[]>(name, HelpName = helpName, Description = description, AllowMultipleArgumentsPerToken = true)

    let flag name description =
        Option<bool>(name, Description = description)

    let addAll (command: Command) (options: Option list) =
        for o in options do
            command.Add o
