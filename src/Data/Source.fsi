namespace Hindsight.Data

open Hindsight

/// <summary>Which data a run reads and how, as plain strings: what a command line collects. A null string is "not given".</summary>
[<NoComparison>]
type SourceOptions =
    {
        /// A name of the catalogue, a path to a file, or "openml:ID-or-NAME".
        Data: string
        /// Label column by name or by index (0 is the first, -1 the last); null: a column named class, label or target if the file names its columns, else the last one.
        Label: string
        /// Whether the first record of a CSV file names the columns.
        Header: bool
        /// Delimiter of a CSV file; null: detected among comma, semicolon and tab.
        Delimiter: string
        /// The label file of an IDX image file; null: the image file's name with "images-idx3" replaced by "labels-idx1".
        LabelsFile: string
        /// Rules that merge classes, see <see cref="T:Hindsight.Data.Merge"/>: "Bipropellant Valve *=Bpv *; A, B=C". Null or empty: none.
        Merge: string
        /// Texts that stand for a missing value, in any case; null: "?", "", "NA" and "NaN".
        Missing: string[]
        /// Names of columns to leave out (row numbers and the like); null: none.
        Ignore: string[]
        /// "iid" or "rotating:N", see <see cref="T:Hindsight.Data.Protocol"/>; null: "iid".
        Protocol: string
        /// Rounds of a run; a classification table is passed over as often as that takes. 0: one pass, or no limit for a simulated environment.
        Rounds: int
    }

    /// Options with everything but the data left at its default (with a header, protocol iid, one pass).
    static member For: data: string -> SourceOptions

/// <summary>From a text that names data to the data: the one door for the command line and the benchmarks.</summary>
[<RequireQualifiedAccess>]
module Source =
    /// <summary>The table that the options name. The format of a file follows from its name (.csv, .tsv, .txt, .data, .arff, .libsvm, .svm, .idx, -ubyte, each also with .gz).</summary>
    /// <param name="options">What to open. Catalogue sets are made with seed 0; protocol and rounds are not read.</param>
    /// <returns>A table that the caller disposes.</returns>
    /// <exception cref="T:Hindsight.HindsightException">Never: errors are returned. UnknownName, Missing, Malformed, OutOfRange or Incompatible (a simulated environment has no table).</exception>
    [<CompiledName("OpenTable")>]
    val openTable: options: SourceOptions -> Result<ITable, HindsightError>

    /// <summary>The environment that the options name: classification as a bandit, or a simulated environment.</summary>
    /// <param name="options">What to open.</param>
    /// <returns>An environment; if it is IDisposable (it holds a file) the caller disposes it after its last run.</returns>
    /// <exception cref="T:Hindsight.HindsightException">Never: errors are returned, as by openTable.</exception>
    [<CompiledName("OpenEnvironment")>]
    val openEnvironment: options: SourceOptions -> Result<IEnvironment, HindsightError>
