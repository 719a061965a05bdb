namespace Hindsight.Data

open Hindsight

[<NoComparison>]
type SourceOptions =
    {
        Data: string
        Label: string
        Header: bool
        Delimiter: string
        LabelsFile: string
        Merge: string
        Missing: string[]
        Ignore: string[]
        Protocol: string
        Rounds: int
    }

    static member For data =
        {
            Data = data
            Label = null
            Header = true
            Delimiter = null
            LabelsFile = null
            Merge = null
            Missing = null
            Ignore = null
            Protocol = null
            Rounds = 0
        }

[<RequireQualifiedAccess>]
module Source =
    let private notYet (options: SourceOptions) =
        Error(HindsightError.Missing($"data set {options.Data}", "the readers come with the next commit"))

    [<CompiledName("OpenTable")>]
    let openTable options : Result<ITable, HindsightError> = notYet options

    [<CompiledName("OpenEnvironment")>]
    let openEnvironment options : Result<IEnvironment, HindsightError> = notYet options
