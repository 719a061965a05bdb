namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Laws as functions over an implementation, for the right one and for wrong ones.
[<RequireQualifiedAccess>]
module ConfidenceMisses =
    let mixtureWidth v delta =
        Witness.bound "normal-mixture" [| v; 1.0; delta |]

    /// Largest probability over delta that |S_t| crosses within 300 fair rounds.
    let mixture (width: float -> float -> float) =
        [ 0.05; 0.2; 0.5 ]
        |> Seq.map (fun delta ->
            let widths = Array.init 301 (fun t -> if t = 0 then infinity else width (float t / 4.0) delta)

            Enumerate.crossing 0.5 300 (fun t s -> abs (float s - 0.5 * float t) > widths[t]) / delta)
        |> Seq.max

    let psi lambda = -log(1.0 - lambda) - lambda

    /// Largest E exp(lambda (X - m) - psi(lambda)(X - c)^2) over two-point laws, weights and centres.
    let empiricalExpectation (psi: float -> float) =
        let random = Random 3

        Seq.init 20000 (fun _ ->
            let end' () =
                match random.Next 3 with
                | 0 -> 0.0
                | 1 -> 1.0
                | _ -> random.NextDouble()

            let a, b = end' (), end' ()
            let p = Enumerate.probability random
            let mean = p * a + (1.0 - p) * b
            let lambda = 0.99 * random.NextDouble()
            let centre = end' ()

            let factor x =
                exp (lambda * (x - mean) - psi lambda * (x - centre) * (x - centre))

            p * factor a + (1.0 - p) * factor b)
        |> Seq.max

    /// Lower ends over all paths: the probability that the greatest lower end passes the mean, over delta.
    let lowerMisses (lower: float[] -> float -> float) =
        [
            for delta in [ 0.1; 0.3 ] do
                for p in [ 0.05; 0.1; 0.3; 0.5; 0.8 ] do
                    Enumerate.paths p 8
                    |> Seq.sumBy (fun (struct (path, mass)) ->
                        let x = path |> Array.map (fun one -> if one then 1.0 else 0.0)
                        let ever = Seq.init 8 (fun t -> lower x[..t] delta) |> Seq.max
                        if ever > p then mass else 0.0)
                    |> fun miss -> miss / delta
        ]
        |> List.max

    /// The betting lower end on a grid.
    let bettingLower (bet: float[] -> int -> float -> float) cap goalFactor (x: float[]) delta =
        let capital m =
            x |> Seq.mapi (fun i v -> 1.0 + min (bet x i delta) (cap / m) * (v - m)) |> Seq.fold (*) 1.0

        seq { 0.005..0.005..0.995 }
        |> Seq.filter (fun m -> capital m >= goalFactor / delta)
        |> Seq.fold max 0.0

    /// The plug-in bet from the observations before i.
    let bet (x: float[]) i delta =
        let known = Array.sub x 0 i
        let mutable sum = 0.5
        let mutable squares = 0.25

        known
        |> Array.iteri (fun k v ->
            sum <- sum + v
            squares <- squares + (v - sum / float (k + 2)) ** 2.0)

        let variance = squares / float (known.Length + 1)
        sqrt (2.0 * log (1.0 / delta) / (variance * float (i + 1) * log (float (i + 2))))

    /// Largest probability over delta that the sum leaves the two-sided stitched boundary.
    let stitchedMisses (l: float -> float -> float) k1 =
        [ 0.05; 0.3; 0.8 ]
        |> Seq.map (fun delta ->
            let widths =
                Array.init 401 (fun t ->
                    if t = 0 then
                        infinity
                    else
                        k1 * sqrt (float t / 4.0 * l (float t) (delta / 2.0)))

            Enumerate.crossing 0.5 400 (fun t s -> abs (float s - 0.5 * float t) > widths[t]) / delta)
        |> Seq.max

[<RequireQualifiedAccess>]
module ConfidenceSequenceMutants =
    let private reject family name violation =
        Mutant.make family name (fun () -> violation () > 1.0 + 1e-9)

    let all =
        [
            reject "normal-mixture" "ln(1/delta) not doubled" (fun () ->
                ConfidenceMisses.mixture (fun v delta -> sqrt ((v + 1.0) * (log (1.0 + v) - log delta))))
            reject "normal-mixture" "the mixture's own price ln(1 + v/rho) dropped: a boundary for one time" (fun () ->
                ConfidenceMisses.mixture (fun v delta -> sqrt (v * (-2.0 * log (delta / 2.0)))))
            reject "normal-mixture" "intrinsic time t/8" (fun () ->
                ConfidenceMisses.mixture (fun v delta -> ConfidenceMisses.mixtureWidth (v / 2.0) delta))
            reject "stitching" "the epochs' failure probabilities not paid for" (fun () ->
                ConfidenceMisses.stitchedMisses (fun _ delta -> log (1.0 / delta)) 1.0)
            reject "empirical-bernstein-anytime" "psi is half a square" (fun () ->
                ConfidenceMisses.empiricalExpectation (fun lambda -> lambda * lambda / 2.0))
            reject "empirical-bernstein-anytime" "psi divided by 4, the square not multiplied" (fun () ->
                ConfidenceMisses.empiricalExpectation (fun lambda -> ConfidenceMisses.psi lambda / 4.0))
            reject "betting-lower" "a bet may lose more than the capital" (fun () ->
                ConfidenceMisses.lowerMisses (ConfidenceMisses.bettingLower ConfidenceMisses.bet 3.0 1.0))
            reject "betting-lower" "the capital is compared with half of 1/delta" (fun () ->
                ConfidenceMisses.lowerMisses (ConfidenceMisses.bettingLower ConfidenceMisses.bet 0.9 0.5))
        ]
