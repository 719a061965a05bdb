namespace Hindsight.Data

open Hindsight

/// Streams of random numbers in this assembly: one kind of use each, apart from the small stream numbers of bandits and networks.
[<RequireQualifiedAccess>]
module internal Draws =
    let private stream kind number =
        0x4441_0000_0000_0000UL ||| (kind <<< 40) ||| number

    /// The numbers that make row i of a drawn table.
    let row seed (row: int) =
        RandomStream(seed, stream 1UL (uint64 row))

    /// The order of a pass over a table.
    let order seed (pass: int) =
        RandomStream(seed, stream 2UL (uint64 pass))

    /// The function that a simulated environment hides.
    let hidden seed = RandomStream(seed, stream 3UL 0UL)

    /// Contexts of a simulated run.
    let contexts seed = RandomStream(seed, stream 4UL 0UL)

    /// Noise of a simulated run: apart from the contexts, so that the kind of noise does not move them.
    let noise seed = RandomStream(seed, stream 5UL 0UL)
