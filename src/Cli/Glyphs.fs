namespace Hindsight.Tool

open System

/// <summary>Letters of five by seven dots, for pictures made on a machine without any font (a bare container).</summary>
[<RequireQualifiedAccess>]
module Glyphs =
    /// From the space to the tilde: five columns a letter, the lowest bit at the top; the eighth bit is below the base line.
    let private columns =
        Convert.FromHexString(
            String.concat
                ""
                [
                    "000000000000005F00000007000700147F147F14242A7F2A12231308646236495620500008070300001C2241000041221C002A1C7F1C2A08083E08080080703000080808080800006060002010080402"
                    "3E5149453E00427F400072494949462141494D331814127F1027454545393C4A49493141211109073649494936464949291E000014000000403400000008142241141414141400412214080201590906"
                    "3E415D594E7C1211127C7F494949363E414141227F4141413E7F494949417F090909013E414151737F0808087F00417F41002040413F017F081422417F404040407F021C027F7F0408107F3E4141413E"
                    "7F090909063E4151215E7F09192946264949493203017F01033F4040403F1F2040201F3F4038403F631408146303047804036159494D43007F4141410204081020004141417F04020102044040404040"
                    "000307080020545478407F284444383844444428384444287F385454541800087E090218A4A49C787F0804047800447D40002040403D007F1028440000417F40007C047804787C080404783844444438"
                    "FC1824241818242418FC7C08040408485454542404043F44243C4040207C1C2040201C3C4030403C44281028444C9090907C4464544C440008364100000077000000413608000201020402"
                ]
        )

    /// Dots from one letter to the next.
    let private advance = 6

    /// <summary>The text as letters that the table has.</summary>
    let spell (text: string) =
        text.Replace("√", "sqrt").Replace("±", "+/-")
        |> String.map (fun c -> if c >= ' ' && c <= '~' then c else '?')

    /// <summary>Width of a text, in dots.</summary>
    let width (text: string) = (spell text).Length * advance - 1

    /// <summary>The dots of a text: column from the left, row from the top of a capital; row 6 stands on the base line.</summary>
    let dots (text: string) =
        [|
            for i, letter in Seq.indexed (spell text) do
                for column in 0..4 do
                    for row in 0..7 do
                        if columns[5 * (int letter - int ' ') + column] >>> row &&& 1uy = 1uy then
                            struct (i * advance + column, row)
        |]
