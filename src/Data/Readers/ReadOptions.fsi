namespace Hindsight.Data

/// <summary>How files are read.</summary>
[<NoComparison; NoEquality>]
type ReadOptions =
    {
        /// Label column by name or index (negative: from the end); null: see <see cref="T:Hindsight.Data.SourceOptions"/>.
        Label: string
        /// Whether the first record of a CSV file names the columns.
        Header: bool
        /// Delimiter of a CSV file; null: detected.
        Delimiter: string
        /// Merges of classes.
        Merge: Merge
        /// Texts that stand for a missing value, in any case; null: "?", "", "NA" and "NaN".
        Missing: string[]
        /// Columns to leave out, by name or index; null: none.
        Ignore: string[]
    }

    /// With a header, everything else by default.
    static member Default: ReadOptions
