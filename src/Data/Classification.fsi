namespace Hindsight.Data

open Hindsight

/// <summary>In which order a classification table becomes rounds.</summary>
[<RequireQualifiedAccess>]
type Protocol =
    /// "iid": rows shuffled by the seed, arm k is class k.
    | Iid
    /// "rotating:N": rows shuffled by the seed; for N rounds arm k is class k, for the next N it is class K-1-k, and so on alternately.
    | Rotating of Block: int

    /// The protocol of a text (null: iid), or an OutOfRange error.
    static member Parse: text: string -> Result<Protocol, HindsightError>

/// <summary>Classification as a contextual bandit: the arm of the true class costs 0, every other arm 1.</summary>
[<RequireQualifiedAccess>]
module Classification =
    /// <summary>Makes an environment of a table. A context has a standardised number for each numeric column (see <see cref="T:Hindsight.Data.Standardizer"/>) and a 0 or 1 for each category of the others.</summary>
    /// <param name="table">Rows; the environment is IDisposable and disposes them.</param>
    /// <param name="protocol">Order of rows and arms.</param>
    /// <param name="rounds">Rounds at most; beyond the number of rows the table is passed over again, each time in a new order. 0: one pass.</param>
    /// <returns>The environment, or OutOfRange for negative rounds or a block below 1.</returns>
    [<CompiledName("Environment")>]
    val environment: table: ITable -> protocol: Protocol -> rounds: int -> Result<IEnvironment, HindsightError>
