namespace Hindsight.Data.Generators

open System.Collections.Generic
open Hindsight.Data

[<RequireQualifiedAccess>]
module KingRookKing =
    [<Literal>]
    let private Unknown = -1

    let private file square = square &&& 7
    let private rank square = square >>> 3

    let private adjacent a b =
        max (abs (file a - file b)) (abs (rank a - rank b)) <= 1

    let private around =
        [|
            for square in 0..63 ->
                [|
                    for other in 0..63 do
                        if other <> square && adjacent square other then
                            other
                |]
        |]

    /// Whether the rook reaches the target along a line on which nothing but perhaps the white king stands in the way.
    let private attacks king rook target =
        let between a b c = (a < b && b < c) || (c < b && b < a)

        rook <> target
        && ((file rook = file target
             && not (file king = file rook && between (rank rook) (rank king) (rank target)))
            || (rank rook = rank target
                && not (rank king = rank rook && between (file rook) (file king) (file target))))

    let private index king rook black =
        (king <<< 12) ||| (rook <<< 6) ||| black

    /// Squares that black's king may go to: not beside the white king, not attacked, and the rook only if it stands alone.
    let private escapes king rook black =
        around[black]
        |> Array.filter (fun target -> not (adjacent king target) && not (attacks king rook target))

    /// Moves to mate with black to move, Unknown where white cannot force it; indexed by position.
    /// Depth by depth: white wins in n + 1 where a move reaches a position lost in n; black loses in n where every move leads to a win in at most n.
    let private solve () =
        let lost = Array.create (1 <<< 18) Unknown
        let won = Array.create (1 <<< 18) Unknown

        // a capture of the rook is a draw: `won` is never known for it
        let outcome king rook target =
            if target = rook then
                Unknown
            else
                won[index king rook target]

        let mutable frontier = List<struct (int * int * int)>()

        for king in 0..63 do
            for rook in 0..63 do
                for black in 0..63 do
                    if
                        king <> rook
                        && rook <> black
                        && not (adjacent king black)
                        && attacks king rook black
                        && Array.isEmpty (escapes king rook black)
                    then
                        lost[index king rook black] <- 0
                        frontier.Add(struct (king, rook, black))

        let mutable depth = 0

        while frontier.Count > 0 do
            depth <- depth + 1
            let wins = List<struct (int * int * int)>()

            // white's move taken back; a position in which black stands in check with white to move does not occur
            let reach king rook black =
                let position = index king rook black

                if won[position] = Unknown && not (attacks king rook black) then
                    won[position] <- depth
                    wins.Add(struct (king, rook, black))

            for struct (king, rook, black) in frontier do
                for before in around[king] do
                    if before <> rook && not (adjacent before black) then
                        reach before rook black

                for before in 0..63 do
                    if before <> black && before <> king && attacks king rook before then
                        // the black king, too, stands in the rook's way
                        if not (attacks king before black) then
                            reach king before black

            let next = List<struct (int * int * int)>()

            for struct (king, rook, after) in wins do
                for black in around[after] do
                    if black <> rook && not (adjacent king black) then
                        let position = index king rook black

                        if lost[position] = Unknown then
                            let moves = escapes king rook black

                            if moves |> Array.forall (fun target -> outcome king rook target <> Unknown) then
                                lost[position] <- depth
                                next.Add(struct (king, rook, black))

            frontier <- next

        lost

    let private classes =
        [|
            "draw"
            "zero"
            "one"
            "two"
            "three"
            "four"
            "five"
            "six"
            "seven"
            "eight"
            "nine"
            "ten"
            "eleven"
            "twelve"
            "thirteen"
            "fourteen"
            "fifteen"
            "sixteen"
        |]

    /// Below, on or above the diagonal a1-h8.
    let private side square = sign (rank square - file square)

    /// Whether the position is the one of its mirror images that is kept.
    let private kept king rook black =
        file king < 4
        && (match side king, side black, side rook with
            | -1, _, _ -> true
            | 0, -1, _ -> true
            | 0, 0, rookSide -> rookSide <= 0
            | _ -> false)

    let table () =
        let lost = solve ()

        let positions =
            [|
                for king in 0..63 do
                    for rook in 0..63 do
                        for black in 0..63 do
                            if king <> rook && rook <> black && not (adjacent king black) && kept king rook black then
                                struct (king, rook, black)
            |]

        // categories are the files and ranks that occur
        let coordinates =
            positions
            |> Array.map (fun (struct (king, rook, black)) ->
                [| file king; rank king; file rook; rank rook; file black; rank black |])

        let columns =
            [|
                "white-king-file"
                "white-king-rank"
                "white-rook-file"
                "white-rook-rank"
                "black-king-file"
                "black-king-rank"
            |]
            |> Array.mapi (fun i name ->
                let last = coordinates |> Array.fold (fun most c -> max most c[i]) 0

                let text v =
                    if i % 2 = 0 then string ("abcdefgh"[v]) else string (v + 1)

                Column.Categorical(name, Array.init (last + 1) text))

        Table.ofRows
            {
                Name = "king-rook-king"
                Columns = columns
                Classes = classes
            }
            (Array.map2
                (fun (struct (king, rook, black)) (c: int[]) ->
                    struct (Array.map float c, 1 + lost[index king rook black]))
                positions
                coordinates)
