namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Expectations over normal numbers by enumeration: polynomials of degree at most 5 in each variable are integrated exactly by the nodes -sqrt 3, 0, sqrt 3 with weights 1/6, 2/3, 1/6.
[<RequireQualifiedAccess>]
module NormalNodes =
    let private nodes = [| -(sqrt 3.0); 0.0; sqrt 3.0 |]
    let private weights = [| 1.0 / 6.0; 2.0 / 3.0; 1.0 / 6.0 |]

    /// E f(z), z standard normal with this many components, f of degree at most 5 in each.
    let expectation count (f: float[] -> float) =
        let z = Array.zeroCreate<float> count

        let rec go i weight =
            if i = count then
                weight * f z
            else
                let mutable s = 0.0

                for k in 0..2 do
                    z[i] <- nodes[k]
                    s <- s + go (i + 1) (weight * weights[k])

                s

        go 0 1.0

/// The student of the grokking model against its own definition.
[<RequireQualifiedAccess>]
module GrokkingWitnesses =
    /// A student, its weights and a target in few dimensions.
    let draw seed =
        let random = Witness.random seed
        let d = 1 + random.Next 4
        let n = 1 + random.Next 6
        let normal () = 4.0 * (random.NextDouble() - 0.5)

        let student =
            {
                Alpha = Math.Exp(2.0 * random.NextDouble() - 1.0)
                Epsilon = 2.0 * random.NextDouble()
            }

        struct (student, Array2D.init n d (fun _ _ -> normal ()), Array.init d (fun _ -> normal ()))

    /// f(x) by the sum over units.
    let student (s: GrokkingStudent) (weights: float[,]) (x: float[]) =
        let n = weights.GetLength 0
        let mutable sum = 0.0

        for i in 0 .. n - 1 do
            let h = Array.mapi (fun j v -> weights[i, j] * v) x |> Array.sum
            sum <- sum + h + 0.5 * s.Epsilon * h * h

        s.Alpha * sum / float n

    /// E (f - y)^2 by enumeration.
    let enumerated (s: GrokkingStudent) (weights: float[,]) (beta: float[]) =
        let d = beta.Length

        NormalNodes.expectation d (fun z ->
            let x = z |> Array.map (fun v -> v / sqrt (float d))
            let h = Array.fold2 (fun s a b -> s + a * b) 0.0 beta x
            (student s weights x - 0.5 * h * h) ** 2.0)

    /// The law: a risk is that of the enumeration.
    let risks (risk: GrokkingStudent -> float[,] -> float[] -> float) =
        [ 1..100 ]
        |> List.forall (fun seed ->
            let struct (s, weights, beta) = draw seed
            let exact = enumerated s weights beta
            abs (risk s weights beta - exact) <= 1e-12 * (1.0 + exact))

    let private atWeights seed =
        let struct (s, weights, beta) = draw seed
        let stats = Grokking.statistics weights |> Require.ok
        enumerated s weights beta / (GrokkingBounds.risk s stats beta |> Require.ok).Value

    /// E over the weights of the closed risk, at most six weights.
    let private atStart seed =
        let random = Witness.random seed
        let d = 1 + random.Next 3
        let n = 1 + random.Next(6 / d)
        let beta = Array.init d (fun _ -> 4.0 * random.NextDouble() - 2.0)

        let s =
            {
                Alpha = Math.Exp(2.0 * random.NextDouble() - 1.0)
                Epsilon = 2.0 * random.NextDouble()
            }

        let measured =
            NormalNodes.expectation (n * d) (fun z ->
                let weights = Array2D.init n d (fun i j -> z[i * d + j])
                Grokking.populationRisk s (Grokking.statistics weights |> Require.ok) beta |> Require.ok)

        let signal2 = beta |> Array.sumBy (fun b -> b * b)

        measured / Witness.bound "grokking-initial-risk" [| s.Alpha; s.Epsilon; float d; float n; signal2 |]

    let all =
        [
            Witness.exact 1e-10 "grokking-risk" "risk over all inputs, by exact enumeration" atWeights
            Witness.exact 1e-10 "grokking-initial-risk" "risk over all weights, by exact enumeration" atStart
        ]
