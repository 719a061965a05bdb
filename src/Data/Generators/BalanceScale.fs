namespace Hindsight.Data.Generators

open Hindsight.Data

[<RequireQualifiedAccess>]
module BalanceScale =
    let table () =
        Table.ofRows
            {
                Name = "balance-scale"
                Columns =
                    [| "left-weight"; "left-distance"; "right-weight"; "right-distance" |] |> Array.map Column.Numeric
                Classes = [| "L"; "B"; "R" |]
            }
            [|
                for leftWeight in 1..5 do
                    for leftDistance in 1..5 do
                        for rightWeight in 1..5 do
                            for rightDistance in 1..5 ->
                                let torque = rightWeight * rightDistance - leftWeight * leftDistance
                                let row = [| leftWeight; leftDistance; rightWeight; rightDistance |]
                                struct (Array.map float row, 1 + sign torque)
            |]
