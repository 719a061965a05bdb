namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.Distributions
open Hindsight
open Hindsight.FSharp

/// Wrong readings of the inductive bias.
[<RequireQualifiedAccess>]
module InductiveBiasMutants =
    let private logCdf d x =
        ScaledNoncentralChiSquare.logCdf d x |> Require.ok

    let private mutant name wrong =
        Mutant.make "inductive-bias" name (fun () -> not (InductiveBiasWitnesses.tails wrong))

    /// The law of the cumulants: from them the distribution comes back.
    let cumulants (forward: ScaledNoncentralChiSquare -> struct (float * float * float)) =
        [ 1..100 ]
        |> List.forall (fun seed ->
            let struct (d, _) = InductiveBiasWitnesses.draw seed
            let struct (a, b, c) = forward d
            let back = ScaledNoncentralChiSquare.ofCumulants a b c |> Require.ok
            let close x y = abs (x - y) <= 1e-6 * (1.0 + y)
            close back.Scale d.Scale && close back.Dof d.Dof && close back.Noncentrality d.Noncentrality)

    let all =
        [
            mutant "the noncentrality counts twice" (fun d x ->
                logCdf
                    { d with
                        Noncentrality = 2.0 * d.Noncentrality
                    }
                    x)
            mutant "the noncentrality is left out" (fun d x -> logCdf { d with Noncentrality = 0.0 } x)
            mutant "the scale multiplies the error" (fun d x -> logCdf d (x * d.Scale * d.Scale))
            mutant "one degree of freedom less" (fun d x -> logCdf { d with Dof = max 0.1 (d.Dof - 1.0) } x)
            mutant "z^2/2 of the normal approximation for the tail" (fun d x ->
                let mean = d.Scale * (d.Dof + d.Noncentrality)
                let deviation = d.Scale * sqrt (2.0 * (d.Dof + 2.0 * d.Noncentrality))
                let z = (x - mean) / deviation
                -z * z / 2.0)
            mutant "z^2/2 of the exact quantile for the tail" (fun d x ->
                let z = Normal.InvCDF(0.0, 1.0, exp (logCdf d x))
                -z * z / 2.0)
            Mutant.make "inductive-bias" "a third cumulant with twice the noncentrality" (fun () ->
                not (
                    cumulants (fun d ->
                        let struct (a, b, _) = ScaledNoncentralChiSquare.cumulants d |> Require.ok
                        struct (a, b, 8.0 * d.Scale ** 3.0 * (d.Dof + 2.0 * d.Noncentrality)))
                ))
            Mutant.make "inductive-bias" "a second cumulant of the central distribution" (fun () ->
                not (
                    cumulants (fun d ->
                        let struct (a, _, c) = ScaledNoncentralChiSquare.cumulants d |> Require.ok
                        struct (a, 2.0 * d.Scale ** 2.0 * (d.Dof + d.Noncentrality), c))
                ))
        ]
