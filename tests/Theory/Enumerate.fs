namespace Hindsight.Tests.Theory

open System

/// Probabilities by enumeration, no sampling.
[<RequireQualifiedAccess>]
module Enumerate =
    /// P(some t up to the horizon with crossed t s), s the successes in t Bernoulli(p) rounds: a table over (t, s).
    let crossing (p: float) horizon (crossed: int -> int -> bool) =
        let mutable alive = Array.zeroCreate<float>(horizon + 2)
        alive[0] <- 1.0
        let mutable total = 0.0

        for t in 1..horizon do
            let next = Array.zeroCreate<float>(horizon + 2)

            for s in 0..t do
                let mass = (if s > 0 then p * alive[s - 1] else 0.0) + (1.0 - p) * alive[s]

                if mass > 0.0 then
                    if crossed t s then
                        total <- total + mass
                    else
                        next[s] <- mass

            alive <- next

        total

    /// The least r with P(some t with deviation t s > r width) at most delta, up to relative 1e-12: the quantile of the largest ratio.
    let crossingQuantile p horizon delta (ratio: int -> int -> float) =
        let table =
            Array.init (horizon + 1) (fun t -> Array.init (t + 1) (fun s -> if t = 0 then 0.0 else ratio t s))

        let mutable low = 0.0
        let mutable high = 4.0

        while high - low > 1e-12 do
            let r = 0.5 * (low + high)

            if crossing p horizon (fun t s -> table[t][s] > r) <= delta then
                high <- r
            else
                low <- r

        high

    /// All paths of n Bernoulli(p) rounds with their probabilities.
    let paths (p: float) n =
        Array.init (1 <<< n) (fun code ->
            let path = Array.init n (fun i -> (code >>> i) &&& 1 = 1)
            let ones = path |> Seq.filter id |> Seq.length
            struct (path, p ** float ones * (1.0 - p) ** float (n - ones)))

    /// The least value v with P(value > v) at most delta.
    let quantile delta (values: struct (float * float)[]) =
        let sorted = values |> Array.sortByDescending (fun (struct (value, _)) -> value)
        let mutable above = 0.0
        let mutable i = 0

        while i < sorted.Length
              && (let struct (_, mass) = sorted[i]
                  above + mass <= delta) do
            let struct (_, mass) = sorted[i]
            above <- above + mass
            i <- i + 1

        if i = sorted.Length then
            -infinity
        else
            let struct (value, _) = sorted[i]
            value

    /// The binomial probabilities of 0..n successes.
    let binomial n (p: float) =
        let mutable row = [| 1.0 |]

        for _ in 1..n do
            row <-
                Array.init (row.Length + 1) (fun k ->
                    (if k > 0 then p * row[k - 1] else 0.0) + (if k < row.Length then (1.0 - p) * row[k] else 0.0))

        row

    /// A probability inside (0,1), often near an end.
    let probability (random: Random) =
        let u = random.NextDouble()

        match random.Next 3 with
        | 0 -> 0.02 + 0.96 * u
        | 1 -> Math.Exp(-5.0 * u - 0.01)
        | _ -> 1.0 - Math.Exp(-5.0 * u - 0.01)
