namespace Hindsight.Data

open System

/// <summary>Online standardisation without look-ahead: each column by the mean and standard deviation of the rows so far, the current one included.</summary>
/// <remarks>
/// Welford's running moments, the variance divided by the count. A column without variance so far gives 0, a missing value (NaN) gives 0 and leaves the moments as they are.
/// Results lie in [-10, 10]. Values beyond 1e100 in size count as 1e100, so that no square overflows.
/// </remarks>
[<Sealed>]
type Standardizer =
    /// For rows of so many columns.
    new: columns: int -> Standardizer
    /// Takes a row into the moments, then replaces each value by its standardised one.
    member Apply: values: Span<float> -> unit
