using Microsoft.FSharp.Core;

namespace Hindsight;

/// <summary>From the core's closed union of errors to exceptions: one rule for the whole facade.</summary>
/// <remarks>
/// What is wrong with an argument is of the ArgumentException family and names the parameter; what is wrong with a stream's content is an
/// InvalidDataException; what is wrong with the moment or with parts that do not fit is a HindsightException. The HindsightException with the
/// case is the inner exception, but for ArgumentOutOfRangeException, which cannot have both a parameter's name and an inner exception.
/// </remarks>
internal static class Faults
{
    /// <summary>The value, or the exception. Without a name for the parameter it is the one in the error, up to an index or a dot: "context[3]" is context.</summary>
    public static T OrThrow<T>(this FSharpResult<T, HindsightError> result, string? parameter = null) =>
        result.IsOk ? result.ResultValue : throw ToException(result.ErrorValue, parameter);

    /// <summary>What a core function returns that raises its errors.</summary>
    public static T Run<T>(Func<T> call, string? parameter = null)
    {
        try
        {
            return call();
        }
        catch (HindsightException e)
        {
            throw e.ToException(parameter);
        }
    }

    /// <summary>The exception of the ArgumentException family for an error that the core has raised: for calls with spans, which no delegate can hold.</summary>
    public static Exception ToException(this HindsightException raised, string? parameter = null) => ToException(raised.Error, parameter);

    /// <summary>The exception for an error.</summary>
    public static Exception ToException(HindsightError error, string? parameter = null)
    {
        var cause = new HindsightException(error);
        return error switch
        {
            HindsightError.OutOfRange e => new ArgumentOutOfRangeException(parameter ?? Root(e.Argument), cause.Message),
            HindsightError.WrongDimension e => new ArgumentException(cause.Message, parameter ?? Root(e.Argument), cause),
            HindsightError.UnknownName e => new ArgumentException(cause.Message, parameter ?? e.Kind, cause),
            HindsightError.Malformed => new InvalidDataException(cause.Message, cause),
            _ => cause,
        };
    }

    private static string Root(string argument) => argument.Split('[', '.', ' ')[0];
}
