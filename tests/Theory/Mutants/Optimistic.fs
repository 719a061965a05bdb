namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses
open OptimisticWitnesses
open GroupWitnesses

/// Wrong optimistic learners, wrong sleepers, wrong bounds.
[<RequireQualifiedAccess>]
module OptimisticMutants =
    let private make = Mutant.make "optimistic"

    let all =
        [
            make "gradients with the wrong sign" (fun () ->
                not (
                    OnlineConvexLaw.stays 200 (fun seed ->
                        let struct (regret, state) =
                            strongRun (fun state g -> plainStep state (g |> Array.map (~-))) seed

                        regret / value (OptimisticMirrorDescent.regretBound state))
                ))
            make "the bound without the hints' errors" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        200
                        (onBall (fun _ -> OptimisticSchedule.Constant 1.0) (fun state ->
                            value (Optimistic.path 2.0 state.LastStep 0.0 0.0)))
                ))
            make "movement counted twice" (fun () ->
                // one round across the set: with the movement twice, less than was lost
                let struct (state, struct (paid, total)) =
                    run (ConvexSet.Ball(1, 1.0)) (OptimisticSchedule.Constant 2.0) [| 1.0 |] 1 (fun _ -> [| 1.0 |])

                paid + norm total > value (Optimistic.path 2.0 state.LastStep state.Error (2.0 * state.Stability)))
            make "dynamic regret without the path's length" (fun () ->
                // every other round the comparator changes sides
                let struct (state, struct (paid, _)) =
                    run (ConvexSet.Ball(1, 1.0)) (OptimisticSchedule.Constant 0.01) [| 1.0 |] 400 (fun x ->
                        [| float (sign x[0]) |])

                // the path that answers every gradient has regret paid + 400
                paid + 400.0 > value (OptimisticMirrorDescent.dynamicBound 0.0 state))
            Mutant.make
                "groups"
                "a potential that losers share: the square of the regret, not of its positive part"
                (fun () ->
                    not (
                        OnlineConvexLaw.stays
                            300
                            (normalWith (fun awake state ->
                                let w =
                                    awake
                                    |> Array.mapi (fun i a ->
                                        let r = state.Regrets[i]
                                        let c = 3.0 * (state.Deviations[i] + 1.0)

                                        if a then
                                            abs (exp ((r + 1.0) ** 2.0 / c) - exp ((r - 1.0) ** 2.0 / c))
                                        else
                                            0.0)

                                let sum = Array.sum w

                                if sum > 0.0 then
                                    w |> Array.map (fun v -> v / sum)
                                else
                                    plain awake state))
                    ))
            Mutant.make "groups" "the prior alone" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        300
                        (normalWith (fun awake state ->
                            let w = awake |> Array.mapi (fun i a -> if a then state.Prior[i] else 0.0)

                            let sum = Array.sum w
                            if sum > 0.0 then w |> Array.map (fun v -> v / sum) else w))
                ))
            Mutant.make "groups" "weights of minus the regret" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        300
                        (normalWith (fun awake state ->
                            let w = awake |> Array.mapi (fun i a -> if a then exp (-state.Regrets[i]) else 0.0)

                            let sum = Array.sum w
                            if sum > 0.0 then w |> Array.map (fun v -> v / sum) else w))
                ))
        ]
