namespace Hindsight.Data.Generators

open System.Collections.Generic
open Hindsight.Data

[<RequireQualifiedAccess>]
module TicTacToe =
    [<Literal>]
    let private Blank = 2

    let private lines =
        [|
            [| 0; 1; 2 |]
            [| 3; 4; 5 |]
            [| 6; 7; 8 |]
            [| 0; 3; 6 |]
            [| 1; 4; 7 |]
            [| 2; 5; 8 |]
            [| 0; 4; 8 |]
            [| 2; 4; 6 |]
        |]

    let private wins player (board: int[]) =
        lines |> Array.exists (Array.forall (fun square -> board[square] = player))

    /// Final boards as base-3 numbers, with whether x has won; in increasing order.
    let private finals () =
        let seen = HashSet<int>()
        let found = SortedDictionary<int, bool>()
        let board = Array.create 9 Blank

        let rec play player =
            let code = board |> Array.fold (fun code square -> 3 * code + square) 0

            if seen.Add code then
                if wins 0 board || wins 1 board || not (Array.contains Blank board) then
                    found[code] <- wins 0 board
                else
                    for square in 0..8 do
                        if board[square] = Blank then
                            board[square] <- player
                            play (1 - player)
                            board[square] <- Blank

        play 0
        found

    let table () =
        let names =
            [|
                for row in [ "top"; "middle"; "bottom" ] do
                    for column in [ "left"; "middle"; "right" ] -> $"{row}-{column}"
            |]

        let digits code =
            Array.init 9 (fun i -> float (code / pown 3 (8 - i) % 3))

        Table.ofRows
            {
                Name = "tic-tac-toe"
                Columns = names |> Array.map (fun name -> Column.Categorical(name, [| "x"; "o"; "b" |]))
                Classes = [| "negative"; "positive" |]
            }
            [|
                for KeyValue(code, won) in finals () -> struct (digits code, (if won then 1 else 0))
            |]
