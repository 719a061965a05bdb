namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong readings of scaling laws.
[<RequireQualifiedAccess>]
module ScalingLawMutants =
    let private close tolerance a b =
        abs (a - b) <= tolerance * (1.0 + abs b)

    /// The law of the annealing area: the double sum.
    let areas (area: float -> float[] -> float) =
        [ 1..50 ]
        |> List.forall (fun seed ->
            let struct (law, schedule) = ScalingLawWitnesses.annealing seed
            close 1e-11 (area law.Decay schedule) (ScalingLawWitnesses.doubleSum law.Decay schedule))

    /// The law of the trajectory: its equation.
    let trajectories (loss: ScalingConstants -> float -> float -> float -> float) =
        [ 1..100 ]
        |> List.forall (fun seed ->
            let c = ScalingLawWitnesses.constants seed
            let struct (n, s, b) = ScalingLawWitnesses.point seed
            let l = loss c n s b
            close 1e-11 (ScalingLawWitnesses.rightSide c n s b l) l)

    /// The law of the trade-off.
    let trades (steps: float -> float -> float -> float) (examples: float -> float -> float -> float) =
        [ 1..50 ]
        |> List.forall (fun seed ->
            let r = Random seed
            let s, b, critical = 1.0 + 1e3 * r.NextDouble(), 1.0 + 1e3 * r.NextDouble(), 1.0 + 1e3 * r.NextDouble()
            let fewest = steps s b critical
            let least = examples (s * b) b critical
            close 1e-9 ((s / fewest - 1.0) * (s * b / least - 1.0)) 1.0)

    let private steps s b c =
        ScalingLaw.minimalSteps s b c |> Require.ok

    let private examples e b c =
        ScalingLaw.minimalExamples e b c |> Require.ok

    let private recursion decay (schedule: float[]) (momentum: float -> float -> float -> float -> float) first =
        let mutable m = 0.0
        let mutable total = 0.0
        let mutable before = first

        for rate in schedule do
            m <- momentum decay m before rate
            total <- total + m
            before <- rate

        total

    let all =
        [
            Mutant.make "annealing-loss" "the rate before the first step is 0" (fun () ->
                not (areas (fun decay schedule -> recursion decay schedule (fun d m a b -> d * m + a - b) 0.0)))
            Mutant.make "annealing-loss" "rises count as annealing" (fun () ->
                not (
                    areas (fun decay schedule ->
                        recursion decay schedule (fun d m a b -> d * m + b - a) (Array.head schedule))
                ))
            Mutant.make "annealing-loss" "a drop is damped in its own step" (fun () ->
                not (
                    areas (fun decay schedule ->
                        recursion decay schedule (fun d m a b -> d * (m + a - b)) (Array.head schedule))
                ))
            Mutant.make "annealing-loss" "only the last momentum counts" (fun () ->
                not (
                    areas (fun decay schedule ->
                        let all = Annealing.areas decay schedule |> Require.ok
                        (Array.last all).Momentum)
                ))
            Mutant.make "scaling-trajectory" "the critical batch of loss 1" (fun () ->
                not (
                    trajectories (fun c n s b ->
                        let least = steps s b c.BatchScale
                        ScalingLaw.lossAtSteps c n least |> Require.ok)
                ))
            Mutant.make "scaling-trajectory" "the critical batch of the floor" (fun () ->
                not (
                    trajectories (fun c n s b ->
                        let floor = ScalingLaw.loss c n |> Require.ok
                        let critical = ScalingLaw.criticalBatch c floor |> Require.ok
                        ScalingLaw.lossAtSteps c n (steps s b critical) |> Require.ok)
                ))
            Mutant.make "scaling-trajectory" "the exponent alpha_B for 1/alpha_B" (fun () ->
                not (
                    trajectories (fun c n s b ->
                        ScalingLaw.trajectory
                            { c with
                                BatchExponent = 1.0 / c.BatchExponent
                            }
                            n
                            s
                            b
                        |> Require.ok)
                ))
            Mutant.make "minimal-steps" "the ratio of batches turned over" (fun () ->
                not (trades (fun s b c -> steps s c b) examples))
            Mutant.make "minimal-examples" "the factor of the steps" (fun () ->
                not (trades steps (fun e b c -> examples e c b)))
        ]
