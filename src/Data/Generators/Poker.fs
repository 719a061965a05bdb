namespace Hindsight.Data.Generators

open System
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Poker =
    let private classes =
        [|
            "nothing"
            "one-pair"
            "two-pairs"
            "three-of-a-kind"
            "straight"
            "flush"
            "full-house"
            "four-of-a-kind"
            "straight-flush"
            "royal-flush"
        |]

    let classify (cards: int[]) =
        let ranks = cards |> Array.map (fun card -> card % 13) |> Array.sort
        let flush = cards |> Array.forall (fun card -> card / 13 = cards[0] / 13)
        let royal = ranks = [| 0; 9; 10; 11; 12 |]
        let groups = ranks |> Array.countBy id |> Array.map snd |> Array.sortDescending

        let straight = royal || (groups.Length = 5 && ranks[4] - ranks[0] = 4)

        match groups[0], groups[1] with
        | _ when flush && royal -> 9
        | _ when flush && straight -> 8
        | 4, _ -> 7
        | 3, 2 -> 6
        | _ when flush -> 5
        | _ when straight -> 4
        | 3, _ -> 3
        | 2, 2 -> 2
        | 2, _ -> 1
        | _ -> 0

    /// Five of 52 without replacement: a draw is moved past the smaller cards that are already taken.
    let private draw (random: RandomStream) =
        let cards = Array.zeroCreate 5

        for i in 0..4 do
            let mutable card = random.NextInt(52 - i)

            for taken in Array.sort cards[.. i - 1] do
                if card >= taken then
                    card <- card + 1

            cards[i] <- card

        cards

    let table rows seed =
        let suits = [| "hearts"; "spades"; "diamonds"; "clubs" |]

        let ranks = [| "A"; "2"; "3"; "4"; "5"; "6"; "7"; "8"; "9"; "10"; "J"; "Q"; "K" |]

        let columns =
            [|
                for card in 1..5 do
                    Column.Categorical($"suit-{card}", suits)
                    Column.Categorical($"rank-{card}", ranks)
            |]

        Table.computed
            {
                Name = "poker"
                Columns = columns
                Classes = classes
            }
            rows
            (Func<_, _, _>(fun row values ->
                let cards = draw (Draws.row seed row)

                for i in 0..4 do
                    values[2 * i] <- float (cards[i] / 13)
                    values[2 * i + 1] <- float (cards[i] % 13)

                classify cards))
