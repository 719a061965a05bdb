namespace Hindsight.Data.Generators

open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Monks =
    let private sizes = [| 3; 3; 2; 3; 4; 2 |]

    let private rule problem (a: int[]) =
        match problem with
        | 1 -> a[0] = a[1] || a[4] = 1
        | 2 -> a |> Array.filter ((=) 1) |> Array.length = 2
        | _ -> (a[4] = 3 && a[3] = 1) || (a[4] <> 4 && a[1] <> 3)

    /// The attributes (1, 2, ...) of robot i: the last one runs fastest.
    let private robot i =
        (sizes, (i, []))
        ||> Array.foldBack (fun size (rest, digits) -> rest / size, 1 + rest % size :: digits)
        |> snd
        |> Array.ofList

    let table problem =
        if problem < 1 || problem > 3 then
            Error(HindsightError.OutOfRange("problem", string problem, "1, 2 or 3"))
        else
            let row i =
                let attributes = robot i
                let label = if rule problem attributes then 1 else 0
                struct (attributes |> Array.map (fun a -> float (a - 1)), label)

            let column i size =
                Column.Categorical($"a{i + 1}", Array.init size (fun v -> string (v + 1)))

            Ok(
                Table.ofRows
                    {
                        Name = $"monks-{problem}"
                        Columns = sizes |> Array.mapi column
                        Classes = [| "0"; "1" |]
                    }
                    (Array.init (Array.reduce (*) sizes) row)
            )
