namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics
open Hindsight
open Hindsight.FSharp

/// The noncentral chi-square distribution computed in other ways.
[<RequireQualifiedAccess>]
module InductiveBiasWitnesses =
    /// A distribution and an error at or below its mean.
    let draw seed =
        let random = Witness.random seed

        let d =
            {
                Scale = Math.Exp(4.0 * random.NextDouble() - 2.0)
                Dof = 0.5 + 20.0 * random.NextDouble()
                Noncentrality = 25.0 * random.NextDouble()
            }

        struct (d, d.Scale * (d.Dof + d.Noncentrality) * (0.1 + 0.9 * random.NextDouble()))

    /// P(s X <= x) as a sum of central distribution functions with Poisson weights.
    let mixture (d: ScaledNoncentralChiSquare) x =
        let h = d.Noncentrality / 2.0
        let mutable weight = exp -h
        let mutable total = 0.0

        for j in 0..300 do
            if j > 0 then
                weight <- weight * h / float j

            total <- total + weight * SpecialFunctions.GammaLowerRegularized(d.Dof / 2.0 + float j, x / (2.0 * d.Scale))

        total

    /// The law of the distribution function.
    let tails (logCdf: ScaledNoncentralChiSquare -> float -> float) =
        [ 1..100 ]
        |> List.forall (fun seed ->
            let struct (d, x) = draw seed
            abs (logCdf d x - log (mixture d x)) <= 1e-8)

    let private nats seed =
        let struct (d, x) = draw seed

        -(log (mixture d x)) / Witness.bound "inductive-bias" [| d.Scale; d.Dof; d.Noncentrality; x |]

    let all =
        [
            // the central functions are good to about 1e-10 of their values
            Witness.exact 1e-8 "inductive-bias" "probability by the mixture of central distribution functions" nats
        ]
