namespace Hindsight.FSharp

open System

[<RequireQualifiedAccess>]
module Philox =
    [<Literal>]
    let Version = 1

    let block (key0: uint32, key1: uint32, c0: uint32, c1: uint32, c2: uint32, c3: uint32) =
        let mutable k0 = key0
        let mutable k1 = key1
        let mutable x0 = c0
        let mutable x1 = c1
        let mutable x2 = c2
        let mutable x3 = c3

        for round in 0..9 do
            if round > 0 then
                k0 <- k0 + 0x9E3779B9u
                k1 <- k1 + 0xBB67AE85u

            let p0 = 0xD2511F53UL * uint64 x0
            let p1 = 0xCD9E8D57UL * uint64 x2
            x0 <- uint32 (p1 >>> 32) ^^^ x1 ^^^ k0
            x1 <- uint32 p1
            x2 <- uint32 (p0 >>> 32) ^^^ x3 ^^^ k1
            x3 <- uint32 p0

        struct (x0, x1, x2, x3)

    let private at (seed: uint64) (stream: uint64) (index: uint64) =
        block (
            uint32 seed,
            uint32 (seed >>> 32),
            uint32 index,
            uint32 (index >>> 32),
            uint32 stream,
            uint32 (stream >>> 32)
        )

    let bits seed stream index =
        let struct (a, b, _, _) = at seed stream index
        uint64 a ||| (uint64 b <<< 32)

    let uniform seed stream index =
        float (bits seed stream index >>> 11) * (1.0 / 9007199254740992.0)

    let fill seed stream (words: Span<uint32>) =
        let mutable i = 0
        let mutable index = 0UL

        while i < words.Length do
            let struct (a, b, c, d) = at seed stream index
            words[i] <- a

            if i + 1 < words.Length then
                words[i + 1] <- b

            if i + 2 < words.Length then
                words[i + 2] <- c

            if i + 3 < words.Length then
                words[i + 3] <- d

            i <- i + 4
            index <- index + 1UL

namespace Hindsight

open System
open Hindsight.FSharp

[<Sealed>]
type RandomStream(seed: uint64, stream: uint64) =
    let mutable position = 0UL

    member _.Seed = seed
    member _.Stream = stream

    member _.Position
        with get () = position
        and set value = position <- value

    member _.NextBits() =
        let bits = Philox.bits seed stream position
        position <- position + 1UL
        bits

    member r.NextDouble() =
        float (r.NextBits() >>> 11) * (1.0 / 9007199254740992.0)

    member r.NextInt(bound: int) =
        if bound < 1 then
            raise (HindsightException(HindsightError.OutOfRange("bound", string bound, "an integer >= 1")))
        // Lemire's multiply-shift with rejection of the short first interval
        let range = uint64 bound
        let threshold = (0UL - range) % range
        let mutable product = Math.BigMul(r.NextBits(), range)

        while uint64 product < threshold do
            product <- Math.BigMul(r.NextBits(), range)

        int (uint64 (product >>> 64))

    member r.NextNormal() =
        let u = 1.0 - r.NextDouble()
        let v = r.NextDouble()
        Math.Sqrt(-2.0 * Math.Log u) * Math.Cos(2.0 * Math.PI * v)

    member r.Shuffle(items: Span<int>) =
        for i in items.Length - 1 .. -1 .. 1 do
            let j = r.NextInt(i + 1)
            let t = items[i]
            items[i] <- items[j]
            items[j] <- t
