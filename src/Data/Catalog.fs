namespace Hindsight.Data

open System
open Hindsight
open Hindsight.Data.Generators

[<NoComparison; NoEquality>]
type CatalogSet =
    | Table of Table: ITable
    | Simulated of Open: (int -> Result<IEnvironment, HindsightError>)

[<RequireQualifiedAccess>]
module Catalog =
    /// Rows of a table that is drawn: a row costs nothing until it is read.
    let private drawn = 100000

    let private table make = make >> Ok >> Result.map Table
    let private fallible make = make >> Result.map Table

    let private simulated make seed =
        Ok(
            Simulated(fun rounds ->
                make
                    { SimulatedOptions.Default with
                        Rounds = rounds
                        Seed = seed
                    })
        )

    let private entries: (string * string * (uint64 -> Result<CatalogSet, HindsightError>)) list =
        [
            "tic-tac-toe",
            "tic-tac-toe endgame: all 958 final boards, 9 columns of 3 categories, has x won",
            table (fun _ -> TicTacToe.table ())
            "king-rook-king",
            "king and rook against king: all 28,056 positions, 6 categorical columns, 18 classes of moves to mate",
            table (fun _ -> KingRookKing.table ())
            "balance-scale",
            "balance scale: all 625 settings, 4 numeric columns, 3 classes",
            table (fun _ -> BalanceScale.table ())
            for problem in 1..3 do
                $"monks-{problem}",
                $"MONK's problem {problem}: all 432 robots, 6 categorical columns, 2 classes, without noise",
                fallible (fun _ -> Monks.table problem)
            "poker", "poker hands: 100,000 drawn, 10 categorical columns, 10 classes", table (Poker.table drawn)
            for features in [ 21; 40 ] do
                $"waveform-{features}",
                $"Breiman's waveform: 100,000 rows drawn, {features} numeric columns, 3 classes",
                fallible (Waveform.table features drawn)
            for attributes in [ 7; 24 ] do
                $"led-{attributes}",
                $"digits of a faulty display: 100,000 rows drawn, {attributes} columns of 0 and 1, 10 classes",
                fallible (Led.table attributes drawn)
            "led-images",
            "digits of a faulty display as pictures: 100,000 rows drawn, 54 pixels, 10 classes",
            table (Led.images drawn)
            "linear", "simulated, realizable: linear mean costs, 10 features, 5 arms", simulated Simulated.linear
            "synthetic-1",
            "simulated, realizable: mean cost (x.a)^2, 10 features, 5 arms",
            simulated (Simulated.synthetic 1)
            "synthetic-2",
            "simulated, realizable: mean cost x'A'Ax, rescaled, 10 features, 5 arms",
            simulated (Simulated.synthetic 2)
            "synthetic-3",
            "simulated, realizable: mean cost (1 + cos(3 x.a))/2, 10 features, 5 arms",
            simulated (Simulated.synthetic 3)
            "random-network",
            "simulated, realizable: mean costs of a random network, 10 features, 5 arms",
            simulated Simulated.randomNetwork
        ]

    [<CompiledName("Names")>]
    let names = [| for name, _, _ in entries -> name |]

    let private find name =
        Require.oneOf "data set" names name
        |> Result.map (fun name -> entries |> List.find (fun (known, _, _) -> known = name))

    [<CompiledName("Describe")>]
    let describe name =
        find name |> Result.map (fun (_, summary, _) -> summary)

    [<CompiledName("OpenSet")>]
    let openSet name seed =
        find name |> Result.bind (fun (_, _, make) -> make seed)
