namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp
open OnlineConvexWitnesses

/// Wrong projections, learners and bounds of online convex optimisation.
[<RequireQualifiedAccess>]
module OnlineConvexMutants =
    let private make = Mutant.make "online-convex"

    let private descent schedule bound =
        descentOnBall schedule (fun state _ _ -> bound state)

    let all =
        [
            make "a ball's projection that cuts every entry" (fun () ->
                not (
                    OnlineConvexLaw.projects (fun set x ->
                        if set.Name = "ball" then
                            let r = set.Diameter / 2.0
                            x |> Array.map (fun v -> Math.Clamp(v, -r, r))
                        else
                            let y = Array.copy x
                            set.Project(Span y)
                            y)
                ))
            make "a simplex's projection that cuts at 0 and divides" (fun () ->
                not (
                    OnlineConvexLaw.projects (fun set x ->
                        if set.Name = "simplex" then
                            let y = x |> Array.map (max 1e-9)
                            y |> Array.map (fun v -> v / Array.sum y)
                        else
                            let y = Array.copy x
                            set.Project(Span y)
                            y)
                ))
            make "the projection in a matrix norm by scaling" (fun () ->
                not (
                    OnlineConvexLaw.projectsInNorm (fun _ radius x ->
                        let y = Array.copy x
                        Projection.ball radius (Span y)
                        y)
                ))
            make "gradient descent without the gradients' half of the bound" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        200
                        (descent
                            (fun random _ -> StepSchedule.Constant(Math.Exp(3.0 * random.NextDouble())))
                            (fun state ->
                                match state.Schedule with
                                | StepSchedule.Constant eta -> 2.0 / eta
                                | _ -> nan))
                ))
            make "gradient descent on convex losses with the bound of strongly convex ones" (fun () ->
                not (
                    OnlineConvexLaw.stays
                        200
                        (descent (fun _ _ -> StepSchedule.StronglyConvex 1.0) (fun state ->
                            value (GradientDescent.regretBound state)))
                ))
            make "strongly convex losses without the logarithm" (fun () ->
                not (
                    OnlineConvexLaw.stays 200 (fun seed ->
                        let struct (regret, state, lambda) = stronglyConvexRun plainStep seed
                        regret / (state.LargestGradient ** 2.0 / (2.0 * lambda) * 0.5))
                ))
            make "strongly convex losses, gradients applied with the wrong sign" (fun () ->
                not (
                    OnlineConvexLaw.stays 200 (fun seed ->
                        let struct (regret, state, _) =
                            stronglyConvexRun (fun state g -> plainStep state (g |> Array.map (~-))) seed

                        regret / value (GradientDescent.regretBound state))
                ))
            make "AdaGrad that divides by the sum and not by its root" (fun () ->
                not (
                    OnlineConvexLaw.diagonalHolds (fun sums g x ->
                        for i in 0..1 do
                            if g[i] <> 0.0 then
                                x[i] <- x[i] - sqrt 2.0 * g[i] / sums[i])
                ))
            make "AdaGrad with the step 0.005 D" (fun () ->
                not (
                    OnlineConvexLaw.diagonalHolds (fun sums g x ->
                        for i in 0..1 do
                            if g[i] <> 0.0 then
                                x[i] <- x[i] - 0.01 * g[i] / sqrt sums[i])
                ))
            make "an entropic leader that leads to the loser" (fun () ->
                not (
                    OnlineConvexLaw.entropicHolds (fun total eta ->
                        let w = total |> Array.map (fun t -> exp (eta * t))
                        w |> Array.map (fun v -> v / Array.sum w))
                ))
            make "the log-determinant before the gradient" (fun () ->
                not (OnlineConvexLaw.logDeterminant (fun before _ -> before)))
            make "the identity of ridge regression with widths after the round" (fun () ->
                not (OnlineConvexLaw.identityHolds (fun q -> q / (1.0 + q))))
            make "online to batch with the first point for the average" (fun () ->
                batch Array.head (fun z x -> 0.5 * (x - z) * (x - z)) (fun z x -> x - z) 0.2 0.3 5 > 1.0 + 1e-9)
        ]
