namespace Hindsight.Data

[<NoComparison; NoEquality>]
type ReadOptions =
    {
        Label: string
        Header: bool
        Delimiter: string
        Merge: Merge
        Missing: string[]
        Ignore: string[]
    }

    static member Default =
        {
            Label = null
            Header = true
            Delimiter = null
            Merge = Merge.None
            Missing = null
            Ignore = null
        }
