namespace Hindsight.FSharp

open System.Numerics
open Hindsight

[<RequireQualifiedAccess>]
module Sorting =
    /// Max and Min get their arguments in opposite orders: at a tie each keeps one of the two derivatives.
    let private exchange<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T[]) i j =
        let x = a[i]
        let y = a[j]
        a[i] <- 'T.Max(x, y)
        a[j] <- 'T.Min(y, x)

    let descending<'T when 'T :> IReal<'T> and 'T: struct> (values: 'T[]) =
        let n = values.Length
        // the largest power of two below n
        let widest =
            if n < 2 then
                0
            else
                1 <<< BitOperations.Log2(uint32 (n - 1))

        let mutable p = widest

        while p > 0 do
            let mutable q = widest
            let mutable r = 0
            let mutable d = p
            let mutable again = true

            while again do
                for i in 0 .. n - d - 1 do
                    if (i &&& p) = r then
                        exchange values i (i + d)

                again <- q <> p

                if again then
                    d <- q - p
                    q <- q >>> 1
                    r <- p

            p <- p >>> 1
