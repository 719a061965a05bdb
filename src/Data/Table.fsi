namespace Hindsight.Data

open System

/// <summary>A column of features.</summary>
[<NoComparison>]
type Column =
    {
        /// Its name; made up ("x1", "x2", ...) where the file has none.
        Name: string
        /// The categories of a categorical column, in the order of their indices; empty for a numeric column.
        Categories: string[]
    }

    /// True if the column holds numbers.
    member IsNumeric: bool
    /// How many numbers of a context it becomes: 1, or one a category.
    member Width: int
    /// A numeric column.
    static member Numeric: name: string -> Column
    /// A categorical column.
    static member Categorical: name: string * categories: string[] -> Column

/// <summary>What is known of a table before any row is read: no statistics, only names.</summary>
[<NoComparison>]
type Schema =
    {
        /// Name, for reports.
        Name: string
        /// The columns, without the label.
        Columns: Column[]
        /// The classes in their natural order: arm k is class k.
        Classes: string[]
    }

    /// Length of an encoded context: the sum of the columns' widths.
    member Width: int

/// <summary>Reads rows of a table in any order. Not for concurrent use; every thread opens its own.</summary>
type IRowReader =
    inherit IDisposable
    /// Fills a value for each column (the number, or the index of the category; NaN for a missing number) and returns the index of the class.
    abstract Read: row: int * values: Span<float> -> int

/// <summary>Rows of features with a class, by index. It holds names and a row index, not necessarily the rows.</summary>
/// <remarks>A table over a file keeps the file open until it is disposed; its readers raise a HindsightException if the file changes underneath.</remarks>
type ITable =
    inherit IDisposable
    /// Columns and classes.
    abstract Schema: Schema
    /// Number of rows.
    abstract Rows: int
    /// A reader of its own position and buffers.
    abstract OpenReader: unit -> IRowReader

/// <summary>Tables that need no file.</summary>
[<RequireQualifiedAccess>]
module Table =
    /// <summary>A table whose row i is a pure function of i.</summary>
    /// <param name="schema">Columns and classes.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="read">Fills the values of row i, returns its class. Called concurrently.</param>
    val computed: schema: Schema -> rows: int -> read: Func<int, float[], int> -> ITable

    /// <summary>A table held in memory.</summary>
    /// <param name="schema">Columns and classes.</param>
    /// <param name="rows">Values and class of each row.</param>
    val ofRows: schema: Schema -> rows: struct (float[] * int)[] -> ITable

    /// <summary>The same rows with merged classes, which keep the order of their first member.</summary>
    val merged: merge: Merge -> table: ITable -> ITable

    /// <summary>How many rows each class has, in the order of the classes. Reads every row once.</summary>
    val classCounts: table: ITable -> int[]
