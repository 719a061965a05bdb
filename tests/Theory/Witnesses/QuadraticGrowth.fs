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

    let private ownMinimisers factorOfStep seed =
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

        regret factorOfStep mu radius losses (2.0 * random.NextDouble() - 1.0) u
        / Witness.bound "growth" [| g; mu; 0.0; float horizon; excess |]

    let all =
        [
            Witness.tight "growth-one-minimiser" "regret of projected gradient descent" oneMinimiser oneRound
            Witness.loose
                "half of the growth is given away to allow for minimisers that move"
                "growth"
                "regret of projected gradient descent"
                (ownMinimisers 4.0)
                (Witness.search 300 (ownMinimisers 4.0))
        ]
