namespace Hindsight.Data.Generators

open System
open Hindsight
open Hindsight.Data

[<RequireQualifiedAccess>]
module Led =
    /// Segments of each digit: top, upper left, upper right, middle, lower left, lower right, bottom.
    let private digits =
        [|
            "1110111"
            "0010010"
            "1011101"
            "1011011"
            "0111010"
            "1101011"
            "1101111"
            "1010010"
            "1111111"
            "1111011"
        |]

    let private classes = Array.init 10 string

    /// Fills the segments of a row, returns its digit.
    let private segments (random: RandomStream) (values: Span<float>) =
        let digit = random.NextInt 10

        for i in 0..6 do
            let lit = digits[digit][i] = '1'
            values[i] <- if lit <> (random.NextDouble() < 0.1) then 1.0 else 0.0

        digit

    let table attributes rows seed =
        if attributes <> 7 && attributes <> 24 then
            Error(HindsightError.OutOfRange("attributes", string attributes, "7 or 24"))
        else
            Ok(
                Table.computed
                    {
                        Name = $"led-{attributes}"
                        Columns = Array.init attributes (fun i -> Column.Numeric $"x{i + 1}")
                        Classes = classes
                    }
                    rows
                    (Func<_, _, _>(fun row values ->
                        let random = Draws.row seed row
                        let digit = segments random (values.AsSpan())

                        for i in 7 .. attributes - 1 do
                            values[i] <- float (random.NextInt 2)

                        digit))
            )

    let private height, private width = 9, 6
    let imageShape = struct (height, width)

    /// Segments that pass through a pixel.
    let private through y x =
        [
            let left, right = x = 0, x = width - 1

            if not left && not right then
                if y = 0 then
                    0

                if y = height / 2 then
                    3

                if y = height - 1 then
                    6
            elif y <> 0 && y <> height / 2 && y <> height - 1 then
                (if y < height / 2 then 1 else 4) + (if left then 0 else 1)
        ]

    let images rows seed =
        let drawn =
            [|
                for y in 0 .. height - 1 do
                    for x in 0 .. width - 1 -> through y x
            |]

        Table.computed
            {
                Name = "led-images"
                Columns = Array.init (height * width) (fun i -> Column.Numeric $"pixel-{i / width}-{i % width}")
                Classes = classes
            }
            rows
            (Func<_, _, _>(fun row values ->
                let lit = Array.zeroCreate 7
                let digit = segments (Draws.row seed row) (lit.AsSpan())

                for i in 0 .. drawn.Length - 1 do
                    values[i] <-
                        if drawn[i] |> List.exists (fun segment -> lit[segment] = 1.0) then
                            255.0
                        else
                            0.0

                digit))
