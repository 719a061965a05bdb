namespace Hindsight.Tests.Theory

open System

/// Online gradient descent on one-dimensional losses with quadratic growth, |x| <= radius.
[<RequireQualifiedAccess>]
module QuadraticGrowthWitnesses =
    /// Regret against u of projected gradient descent with step factor/(mu t).
    let private regret factor mu radius (losses: (struct ((float -> float) * (float -> float)))[]) start u =
        let mutable x = start
        let mutable total = 0.0

        losses
        |> Array.iteri (fun i (struct (value, slope)) ->
            total <- total + value x - value u
            x <- Math.Clamp(x - factor / (mu * float (i + 1)) * slope x, -radius, radius))

        total

    /// Losses a (x-u)^2 + b |x-u| around one minimiser: growth 2a, slope at most 2a (radius + |u|) + b.
    let private oneMinimiser seed =
        let random = Witness.random seed
        let radius = 1.0
        let u = radius * (2.0 * random.NextDouble() - 1.0)
        let mu = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let horizon = 1 + random.Next 200

        let losses =
            Array.init horizon (fun _ ->
                let a = mu / 2.0 * (1.0 + random.NextDouble())
                let b = random.NextDouble()

                struct ((fun x -> a * (x - u) * (x - u) + b * abs (x - u)),
                        (fun x -> 2.0 * a * (x - u) + b * float (sign (x - u)))))

        let g =
            losses
            |> Seq.map (fun (struct (_, slope)) -> max (abs (slope radius)) (abs (slope -radius)))
            |> Seq.max

        regret 2.0 mu radius losses (2.0 * random.NextDouble() - 1.0) u
        / Witness.bound "growth-one-minimiser" [| g; mu; 0.0; float horizon |]

    /// One round of G |x - u| at the distance 2G/mu, the farthest that growth mu allows: regret 2 G^2/mu, which is the bound.
    let private oneRound () =
        let g, mu = 3.0, 0.5
        let start = 2.0 * g / mu

        let loss: struct ((float -> float) * (float -> float)) =
            struct ((fun x -> g * abs x), (fun x -> g * float (sign x)))

        regret 2.0 mu start [| loss |] start 0.0
        / Witness.bound "growth-one-minimiser" [| g; mu; 0.0; 1.0 |]

    /// Quadratics about minimisers of their own, against the best fixed point; the comparator's excess with it.
    let private ownMinimisers (bound: float -> float -> float -> float -> struct (float * float)) seed =
        let random = Witness.random seed
        let radius = 1.0
        let mu = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let horizon = 1 + random.Next 200
        let centre = 0.5 * (2.0 * random.NextDouble() - 1.0)
        let spread = random.NextDouble() * 0.5

        let minimisers = Array.init horizon (fun _ -> centre + spread * (2.0 * random.NextDouble() - 1.0))

        let losses: (struct ((float -> float) * (float -> float)))[] =
            minimisers
            |> Array.map (fun u -> struct ((fun x -> mu / 2.0 * (x - u) * (x - u)), (fun x -> mu * (x - u))))

        let g = mu * (radius + 1.0)
        let u = Array.average minimisers
        let excess = losses |> Seq.sumBy (fun (struct (value, _)) -> value u)
        let struct (factor, value) = bound g mu (float horizon) (max excess 1e-12)
        regret factor mu radius losses (2.0 * random.NextDouble() - 1.0) u / value

    let private moving g mu horizon excess =
        let s = sqrt (excess * mu / (2.0 * g * g * (1.0 + log horizon)))
        struct (2.0 * (1.0 + s), Witness.bound "growth-moving-minimisers" [| g; mu; 0.0; horizon; excess; s |])

    /// One round with mu = G = 1: a loss that is (y - b)^2/2 but for a bend before the iterate x = 2 + 2 b, where its slope is 1; the comparator is 0.
    /// Quadratic growth about b holds everywhere, and the chord from 0 to x has the slope at x. Regret, excess of the comparator.
    let bentRound b =
        let x = 2.0 + 2.0 * b

        let value y =
            let near = max 0.0 (1.0 + (y - x) / 0.1)
            0.5 * (y - b) * (y - b) + (1.0 - (x - b)) * (y - x) * near * near

        struct (x, value)

    let private bent b (bound: float -> float) =
        let struct (x, value) = bentRound b
        let excess = value 0.0 - value b
        (value x - value 0.0) / bound excess

    /// Strongly convex losses a (x-z)^2/2 + b |x - z|, a at least mu, against the best of many comparators.
    let private stronglyConvex seed =
        let random = Witness.random seed
        let mu = Math.Exp(4.0 * random.NextDouble() - 2.0)
        let horizon = 1 + random.Next 100

        let losses: (struct ((float -> float) * (float -> float)))[] =
            Array.init horizon (fun _ ->
                let z = 2.0 * random.NextDouble() - 1.0
                let a = mu * (1.0 + random.NextDouble())
                let b = random.NextDouble()

                struct ((fun x -> 0.5 * a * (x - z) * (x - z) + b * abs (x - z)),
                        (fun x -> a * (x - z) + b * float (sign (x - z)))))

        let g =
            losses |> Seq.map (fun (struct (_, slope)) -> max (abs (slope 1.0)) (abs (slope -1.0))) |> Seq.max

        let first = 2.0 * random.NextDouble() - 1.0

        Seq.init 21 (fun i -> regret 1.0 mu 1.0 losses first (float i / 10.0 - 1.0))
        |> Seq.max
        |> fun worst -> worst / Witness.bound "strongly-convex-ogd" [| g; mu; float horizon |]

    /// One round of mu x^2/2 from G/mu: regret G^2/(2 mu).
    let private stronglyConvexWorst () =
        let g, mu = 3.0, 0.5

        let loss: struct ((float -> float) * (float -> float)) =
            struct ((fun x -> mu / 2.0 * x * x), (fun x -> mu * x))

        regret 1.0 mu (g / mu) [| loss |] (g / mu) 0.0
        / Witness.bound "strongly-convex-ogd" [| g; mu; 1.0 |]

    let all =
        [
            Witness.tight "growth-one-minimiser" "regret of projected gradient descent" oneMinimiser oneRound
            Witness.loose
                "the distance to the comparator is split in equal parts at the round's minimiser whatever its place; one bent round reaches 0.81, and with the split free the bound is tight"
                "growth"
                "regret of projected gradient descent"
                (ownMinimisers (fun g mu t c -> struct (4.0, Witness.bound "growth" [| g; mu; 0.0; t; c |])))
                (fun () -> bent (sqrt 5.0 - 1.0) (fun c -> Witness.bound "growth" [| 1.0; 1.0; 0.0; 1.0; c |]))
            Witness.tight
                "growth-moving-minimisers"
                "regret of projected gradient descent"
                (ownMinimisers moving)
                (fun () ->
                    bent 0.2 (fun c ->
                        let struct (_, value) = moving 1.0 1.0 1.0 c
                        value))
            Witness.tight
                "strongly-convex-ogd"
                "regret of projected gradient descent"
                stronglyConvex
                stronglyConvexWorst
        ]
