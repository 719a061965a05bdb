/// The entry point: from arguments to an exit code.
module Hindsight.Tool.Program

open System
open System.CommandLine
open System.CommandLine.Invocation
open System.IO
open System.Net.Http
open Hindsight

/// <summary>Runs the tool. No exception leaves it: errors are sentences on the error stream.</summary>
/// <param name="streams">Where to write, and what cancels.</param>
/// <param name="arguments">The command line.</param>
/// <returns>0 done, 1 failed or interrupted, 2 wrong usage.</returns>
let run (streams: Streams) (arguments: string[]) =
    let fail (sentence: string) =
        streams.Error.WriteLine sentence
        ExitCode.failed

    try
        let parse = (Commands.root streams).Parse arguments

        match parse.Action with
        | :? ParseErrorAction ->
            for error in parse.Errors do
                streams.Error.WriteLine error.Message

            streams.Error.WriteLine "See --help."
            ExitCode.usage
        | _ ->
            // signals are handled by the caller, who owns the token
            let configuration =
                InvocationConfiguration(
                    Output = streams.Out,
                    Error = streams.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = Nullable()
                )

            parse.Invoke configuration
    with
    | :? HindsightException as e ->
        streams.Error.WriteLine e.Message
        ExitCode.ofError e.Error
    | :? OperationCanceledException -> fail "Interrupted."
    | :? IOException
    | :? UnauthorizedAccessException
    | :? HttpRequestException as e -> fail e.Message
    | e -> fail $"This should not have happened ({e.GetType().Name}): {e.Message}"

[<EntryPoint>]
let main arguments =
    let struct (cancel, registration) = Terminal.cancellation ()
    use _ = registration

    run
        {
            Out = Console.Out
            Error = Console.Error
            Cancel = cancel
        }
        arguments
