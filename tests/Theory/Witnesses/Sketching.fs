namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Least squares on a sketch against the whole problem.
[<RequireQualifiedAccess>]
module SketchWitnesses =
    /// A matrix with columns of different lengths and a right-hand side with noise.
    let problem (random: Random) n d =
        let normal () =
            sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

        let scales = Array.init d (fun _ -> exp (2.0 * random.NextDouble() - 1.0))
        let a = Array.init (n * d) (fun k -> scales[k % d] * normal ())
        let b = Array.init n (fun i -> a[i * d] + normal ())
        struct (a, b)

    let solve seed n d rows (a: float[]) (b: float[]) =
        let sketch = Sketch.hadamard seed n rows |> Require.ok
        Sketch.leastSquares d (ReadOnlySpan a) (ReadOnlySpan b) sketch |> Require.ok

    let distance (x: float[]) (y: float[]) =
        Array.fold2 (fun s p q -> s + (p - q) * (p - q)) 0.0 x y |> sqrt

    let private certified d seed =
        let random = Witness.random seed
        let n = 20 + random.Next 100
        let struct (a, b) = problem random n d
        let s = solve (uint64 seed) n d (4 * d + random.Next(n - 4 * d)) a b
        distance s.Solution s.Exact / s.Certificate.Value

    /// Largest coordinate's error over what is claimed, at the suggested number of rows.
    let private suggested seed =
        let random = Witness.random seed
        let n, d = 4096, 2
        let epsilon, failure = 0.9, 0.5
        let rows = int (ceil (Witness.bound "sketch-rows" [| float d; float n; epsilon; failure |]))
        let struct (a, b) = problem random n d
        let s = solve (uint64 seed) n d rows a b
        let error = Array.map2 (fun p q -> abs (p - q)) s.Solution s.Exact |> Array.max
        error / (epsilon / sqrt (float d) * s.Residual * s.PseudoInverseNorm)

    let all =
        [
            { Witness.tight
                  "sketch-certificate"
                  "distance of the two solutions"
                  (fun seed -> certified (1 + seed % 5) seed)
                  (fun () -> certified 1 1) with
                Tolerance = 1e-6
            }
            Witness.loose
                "the cube of a logarithm with constant 1 is far more than this needs"
                "sketch-rows"
                "largest coordinate's error over the one that is claimed, at the suggested rows"
                suggested
                (Witness.search 20 suggested)
        ]
