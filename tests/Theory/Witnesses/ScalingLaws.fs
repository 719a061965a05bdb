namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Scaling laws: planted constants and equations solved another way.
[<RequireQualifiedAccess>]
module ScalingLawWitnesses =
    let random (seed: int) low high =
        let r = Witness.random seed
        fun () -> low * Math.Exp(Math.Log(high / low) * r.NextDouble())

    /// Constants around the published ones.
    let constants seed =
        let r = Witness.random seed

        let near x =
            x * Math.Exp(0.4 * (2.0 * r.NextDouble() - 1.0))

        let c = ScalingLaw.published2020

        {
            SizeScale = near c.SizeScale
            SizeExponent = near c.SizeExponent
            StepScale = near c.StepScale
            StepExponent = near c.StepExponent
            BatchScale = near c.BatchScale
            BatchExponent = near c.BatchExponent
        }

    /// A size, steps and a batch.
    let point seed =
        let r = Witness.random (seed + 5000)

        let between (low: float) (high: float) =
            low * Math.Exp(Math.Log(high / low) * r.NextDouble())

        struct (between 1e6 1e10, between 1e3 1e6, between 1e4 1e8)

    let list (c: ScalingConstants) =
        [|
            c.SizeScale
            c.SizeExponent
            c.StepScale
            c.StepExponent
            c.BatchScale
            c.BatchExponent
        |]

    /// The right side of the trajectory's equation, as written.
    let rightSide (c: ScalingConstants) n s b l =
        (c.SizeScale / n) ** c.SizeExponent
        + (c.StepScale / s * (1.0 + c.BatchScale / (b * l ** (1.0 / c.BatchExponent)))) ** c.StepExponent

    /// Its root by bisection in L.
    let solved (c: ScalingConstants) n s b =
        let mutable low = 1e-6
        let mutable high = 1e6

        for _ in 1..200 do
            let middle = sqrt (low * high)

            if rightSide c n s b middle > middle then
                low <- middle
            else
                high <- middle

        low

    let private ofSize seed =
        let c = constants seed
        let sizes = [| 1e6; 3e6; 1e7; 3e7; 6e7 |]
        let planted n = (c.SizeScale / n) ** c.SizeExponent
        let struct (scale, exponent) = ScalingLaw.fitSize sizes (sizes |> Array.map planted) |> Require.ok
        // the fit to small models predicts a large one
        planted 1e9 / Witness.bound "scaling-size" [| 1e9; scale; exponent |]

    let private ofSteps seed =
        let c = constants seed
        let n = 1e7
        let floor = (c.SizeScale / n) ** c.SizeExponent
        let steps = [| 1e3; 3e3; 1e4; 3e4; 1e5 |]

        let planted s =
            floor + (c.StepScale / s) ** c.StepExponent

        let struct (scale, exponent) =
            ScalingLaw.fitSteps floor steps (steps |> Array.map planted) |> Require.ok

        planted 1e6
        / Witness.bound "scaling-steps" [| n; 1e6; c.SizeScale; c.SizeExponent; scale; exponent |]

    /// The batch at which a loss takes twice the steps that it takes at an infinite batch.
    let private ofBatch seed =
        let c = constants seed
        let struct (n, s, _) = point seed
        let atInfinity = solved c n s 1e300
        let mutable low = 1e-3
        let mutable high = 1e18

        for _ in 1..200 do
            let middle = sqrt (low * high)

            if solved c n (2.0 * s) middle > atInfinity then
                low <- middle
            else
                high <- middle

        low / Witness.bound "critical-batch" [| atInfinity; c.BatchScale; c.BatchExponent |]

    let private trade seed =
        let r = Witness.random seed

        let between (low: float) (high: float) =
            low * Math.Exp(Math.Log(high / low) * r.NextDouble())

        struct (between 1e2 1e6, between 1e3 1e8, between 1e3 1e8)

    /// S_min from E_min by the hyperbola, and E_min from S_min.
    let private leastSteps seed =
        let struct (s, b, critical) = trade seed
        let fewest = Witness.bound "minimal-examples" [| s * b; b; critical |]
        let other = 1.0 / (s * b / fewest - 1.0)
        s / (1.0 + other) / Witness.bound "minimal-steps" [| s; b; critical |]

    let private leastExamples seed =
        let struct (s, b, critical) = trade seed
        let fewest = Witness.bound "minimal-steps" [| s; b; critical |]
        let other = 1.0 / (s / fewest - 1.0)
        s * b / (1.0 + other) / Witness.bound "minimal-examples" [| s * b; b; critical |]

    let private whole seed =
        let c = constants seed
        let struct (n, s, b) = point seed
        solved c n s b / Witness.bound "scaling-trajectory" (Array.append [| n; s; b |] (list c))

    /// The least loss over sizes, on a grid that is refined.
    let private ofCompute seed =
        let c = constants seed
        let struct (_, _, b) = point seed
        let compute = 1e15 * Math.Exp(15.0 * (Witness.random (seed + 1)).NextDouble())

        let f u =
            solved c (exp u) (compute / (6.0 * exp u * b)) b

        let rec refine low high left =
            let grid = Array.init 21 (fun i -> low + (high - low) * float i / 20.0)
            let best = grid |> Array.minBy f
            let h = (high - low) / 20.0

            if left = 0 then
                f best
            else
                refine (best - h) (best + h) (left - 1)

        let bound = ScalingLawBounds.bestSize c compute b |> Require.ok
        refine 0.0 40.0 6 / bound.Bound.Value

    /// A law and a schedule that warms up, stays, and anneals.
    let annealing seed =
        let r = Witness.random seed
        let steps = 5 + r.Next 60
        let peak = 0.1 + r.NextDouble()
        let warm = 1 + r.Next 4

        let schedule =
            Array.init steps (fun i ->
                if i < warm then
                    peak * float (i + 1) / float warm
                else
                    peak * (0.2 + 0.8 * r.NextDouble()))

        struct ({
                    Floor = 2.0 + r.NextDouble()
                    Amplitude = 0.3 + r.NextDouble()
                    Exponent = 0.2 + 0.6 * r.NextDouble()
                    Annealing = 0.05 * r.NextDouble()
                    Decay = 0.9 + 0.0999 * r.NextDouble()
                },
                schedule)

    /// S2 by its definition, the double sum over steps and earlier drops.
    let doubleSum decay (schedule: float[]) =
        let mutable total = 0.0

        for i in 1 .. schedule.Length - 1 do
            for k in 1..i do
                total <- total + (schedule[k - 1] - schedule[k]) * decay ** float (i - k)

        total

    let private annealed seed =
        let struct (law, schedule) = annealing seed

        (law.Floor + law.Amplitude * Array.sum schedule ** -law.Exponent
         - law.Annealing * doubleSum law.Decay schedule)
        / (ScalingLawBounds.annealing law schedule |> Require.ok).Value

    let all =
        [
            Witness.exact 1e-9 "scaling-size" "loss of a large model from a fit to small ones" ofSize
            Witness.exact 1e-9 "scaling-steps" "loss of a long run from a fit to its start" ofSteps
            Witness.exact 1e-8 "critical-batch" "batch at which a loss takes twice the steps" ofBatch
            Witness.exact 1e-8 "minimal-steps" "steps by the hyperbola from examples" leastSteps
            Witness.exact 1e-8 "minimal-examples" "examples by the hyperbola from steps" leastExamples
            Witness.exact 1e-12 "scaling-trajectory" "root of the equation by bisection" whole
            Witness.exact 1e-9 "scaling-compute" "least loss on a grid of sizes" ofCompute
            Witness.exact 1e-12 "annealing-loss" "loss by the double sum" annealed
        ]
