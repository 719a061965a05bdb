namespace Hindsight.Tests.Laws

open NUnit.Framework
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Salmon et al. 2011, known-answer vectors of Random123 (kat_vectors, philox4x32 10).
[<TestFixture>]
type PhiloxLaws() =

    [<TestCase(0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)>]
    [<TestCase(0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)>]
    member _.``Philox4x32-10 gives the known answers of Random123``(counter, key, a, b, c, d) =
        let struct (x0, x1, x2, x3) = Philox.block (key, key, counter, counter, counter, counter)
        Assert.That([| x0; x1; x2; x3 |] = [| a; b; c; d |])

    [<Test>]
    member _.``Philox4x32-10 gives the known answer for the digits of pi``() =
        let struct (x0, x1, x2, x3) =
            Philox.block (0xa4093822u, 0x299f31d0u, 0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u)

        Assert.That([| x0; x1; x2; x3 |] = [| 0xd16cfe09u; 0x94fdccebu; 0x5001e420u; 0x24126ea1u |])

    [<Property>]
    member _.``a stream is a pure function of seed, stream and position``(seed: uint64, stream: uint64, skip: byte) =
        let r = RandomStream(seed, stream)

        for _ in 1 .. int skip do
            r.NextBits() |> ignore<uint64>

        let next = r.NextBits()
        next = Philox.bits seed stream (uint64 skip)

    [<Property>]
    member _.``uniform numbers lie in [0, 1)``(seed: uint64, index: uint64) =
        let u = Philox.uniform seed 0UL index
        u >= 0.0 && u < 1.0

    [<Property>]
    member _.``NextInt lies below its bound``(seed: uint64, bound: FsCheck.PositiveInt) =
        let r = RandomStream(seed, 1UL)
        let x = r.NextInt bound.Get
        x >= 0 && x < bound.Get
