namespace Hindsight.Data

open System

[<NoComparison>]
type Column =
    {
        Name: string
        Categories: string[]
    }

    member c.IsNumeric = c.Categories.Length = 0
    member c.Width = max 1 c.Categories.Length
    static member Numeric name = { Name = name; Categories = [||] }

    static member Categorical(name, categories) =
        { Name = name; Categories = categories }

[<NoComparison>]
type Schema =
    {
        Name: string
        Columns: Column[]
        Classes: string[]
    }

    member s.Width = s.Columns |> Array.sumBy _.Width

type IRowReader =
    inherit IDisposable
    abstract Read: row: int * values: Span<float> -> int

type ITable =
    inherit IDisposable
    abstract Schema: Schema
    abstract Rows: int
    abstract OpenReader: unit -> IRowReader

[<RequireQualifiedAccess>]
module Table =
    let computed schema rows (read: Func<int, float[], int>) =
        { new ITable with
            member _.Schema = schema
            member _.Rows = rows

            member _.OpenReader() =
                let buffer = Array.zeroCreate schema.Columns.Length

                { new IRowReader with
                    member _.Read(row, values) =
                        let label = read.Invoke(row, buffer)
                        buffer.AsSpan().CopyTo values
                        label
                  interface IDisposable with
                      member _.Dispose() = ()
                }
          interface IDisposable with
              member _.Dispose() = ()
        }

    let ofRows schema (rows: struct (float[] * int)[]) =
        computed
            schema
            rows.Length
            (Func<_, _, _>(fun row buffer ->
                let struct (values, label) = rows[row]
                values.CopyTo(buffer, 0)
                label))

    let merged (merge: Merge) (table: ITable) =
        let names = table.Schema.Classes |> Array.map merge.Apply
        let classes = Array.distinct names
        let codes = names |> Array.map (fun name -> Array.IndexOf(classes, name))
        let schema = { table.Schema with Classes = classes }

        { new ITable with
            member _.Schema = schema
            member _.Rows = table.Rows

            member _.OpenReader() =
                let reader = table.OpenReader()

                { new IRowReader with
                    member _.Read(row, values) = codes[reader.Read(row, values)]
                  interface IDisposable with
                      member _.Dispose() = reader.Dispose()
                }
          interface IDisposable with
              member _.Dispose() = table.Dispose()
        }

    let classCounts (table: ITable) =
        let counts = Array.zeroCreate<int> table.Schema.Classes.Length
        use reader = table.OpenReader()
        let values = Array.zeroCreate<float> table.Schema.Columns.Length

        for row in 0 .. table.Rows - 1 do
            let label = reader.Read(row, Span values)
            counts[label] <- counts[label] + 1

        counts
