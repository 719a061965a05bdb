namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Random positive semidefinite matrices and streams of contexts.
[<RequireQualifiedAccess>]
module Instances =
    let normal (random: Random) =
        sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())

    let vector (random: Random) d = Array.init d (fun _ -> normal random)

    let scaled (factor: float) (x: float[]) = x |> Array.map ((*) factor)
    let length (x: float[]) = sqrt (Array.sumBy (fun v -> v * v) x)
    let unit (x: float[]) = scaled (1.0 / length x) x

    let dot (x: float[]) (y: float[]) =
        Array.fold2 (fun s a b -> s + a * b) 0.0 x y

    let gramOf (points: float[][]) =
        Array2D.init points.Length points.Length (fun i j -> dot points[min i j] points[max i j])

    /// n points in r dimensions, sizes spread over orders of magnitude.
    let gram seed =
        let random = Witness.random seed
        let n = 1 + random.Next 8
        let r = 1 + random.Next 8
        let size = Math.Exp(6.0 * random.NextDouble() - 3.0)

        let axes = Array.init r (fun _ -> size * Math.Exp(3.0 * random.NextDouble() - 1.5))
        gramOf (Array.init n (fun _ -> Array.map2 (*) axes (vector random r)))

    let lambda seed =
        Math.Exp(6.0 * (Witness.random (seed + 104729)).NextDouble() - 3.0)

    /// The contexts of a run, none longer than the last value.
    let contexts seed =
        let random = Witness.random seed
        let d = 1 + random.Next 6
        let horizon = 1 + random.Next 60
        let norm = Math.Exp(4.0 * random.NextDouble() - 2.0)

        let all =
            Array.init horizon (fun _ -> vector random d |> unit |> scaled (norm * sqrt (random.NextDouble())))

        struct (d, all, norm)

    let run lambda d (all: float[][]) =
        let state = LogDetState(d, lambda)

        for x in all do
            state.Add(ReadOnlySpan x) |> ignore<float>

        state

    let axis d i =
        Array.init d (fun j -> if i = j then 1.0 else 0.0)

    /// Subsets of 0 .. n-1 with m members.
    let rec subsets n m first =
        seq {
            if m = 0 then
                yield []
            else
                for i in first .. n - m do
                    for rest in subsets n (m - 1) (i + 1) -> i :: rest
        }

    let submatrix (k: float[,]) (points: int list) =
        let p = List.toArray points
        Array2D.init p.Length p.Length (fun i j -> k[p[i], p[j]])

/// Log determinants, effective dimensions and kernel flows against their inequalities.
[<RequireQualifiedAccess>]
module TangentKernelWitnesses =
    let private bound = Witness.bound

    let private ceiling name (measure: LogDetState -> float) seed =
        let struct (d, all, norm) = Instances.contexts seed
        let lambda = Instances.lambda seed
        measure (Instances.run lambda d all) / bound name [| float d; float all.Length; norm; lambda |]

    let private orthogonal name measure repeats norm lambda () =
        let d = 3

        let all = Array.init (d * repeats) (fun t -> Instances.axis d (t % d) |> Instances.scaled norm)
        measure (Instances.run lambda d all) / bound name [| float d; float all.Length; norm; lambda |]

    let private spectral seed (ratio: float -> float[] -> float) =
        ratio (Instances.lambda seed) (EffectiveDimension.eigenvalues (Instances.gram seed) |> Require.ok)

    let private logDet lambda values =
        EffectiveDimension.logDetOfEigenvalues lambda values |> Require.ok

    let private dimension lambda values =
        EffectiveDimension.ofEigenvalues lambda values |> Require.ok

    let private trace lambda (values: float[]) =
        bound "log-det-trace-floor" [| Array.sum values; lambda |] / logDet lambda values

    let private eigenvalueFloor lambda (values: float[]) =
        bound "log-det-eigenvalue-floor" [| float values.Length; Array.head values; lambda |]
        / logDet lambda values

    let private byLogDet lambda (values: float[]) =
        dimension lambda values
        / bound "effective-dimension" [| logDet lambda values; float values.Length |]

    let private byDimension name lambda (values: float[]) =
        logDet lambda values / bound name [| dimension lambda values; Array.last values; lambda |]

    let private potential (state: LogDetState) = state.Potential

    let private capped cap seed =
        let struct (d, all, _) = Instances.contexts seed
        let lambda = Instances.lambda seed
        let state = LogDetState(d, lambda)
        let sum = all |> Array.sumBy (fun x -> min cap (state.Add(ReadOnlySpan x)))
        sum / bound "elliptical-potential-capped" [| cap; state.LogDet |]

    let private greedyRatio lambda gram m =
        let n = Array2D.length1 gram

        let best =
            Instances.subsets n m 0
            |> Seq.map (fun points ->
                EffectiveDimension.informationGain lambda (Instances.submatrix gram points) |> Require.ok)
            |> Seq.max

        let greedy = EffectiveDimension.greedy m lambda gram |> Require.ok
        best / bound "greedy-information-gain" [| Array.last greedy.InformationGain; float m |]

    let private greedy seed =
        let gram = Instances.gram seed
        greedyRatio (Instances.lambda seed) gram (1 + seed % (min 4 (Array2D.length1 gram)))

    let private flow seed =
        let gram = Instances.gram seed
        let random = Witness.random (seed + 1)
        let flow = KernelFlow.create gram |> Require.ok
        let n = flow.Count
        let labels = Instances.vector random n
        let initial = Instances.vector random n
        let rate = 0.1 + random.NextDouble()
        let time = 3.0 * random.NextDouble() / flow.Spectrum.Largest
        let residual = KernelFlow.residual rate time initial labels flow |> Require.ok

        Instances.length residual
        / bound
            "kernel-flow"
            [|
                Instances.length (Array.map2 (-) labels initial)
                rate
                time
                max 0.0 flow.Spectrum.Smallest
            |]

    /// A residual along the eigenvector of the smallest eigenvalue of [[2, 1], [1, 2]].
    let private slowest () =
        let flow = KernelFlow.create (array2D [ [ 2.0; 1.0 ]; [ 1.0; 2.0 ] ]) |> Require.ok

        let residual = KernelFlow.residual 0.3 2.0 [| 0.0; 0.0 |] [| 1.0; -1.0 |] flow |> Require.ok

        Instances.length residual / bound "kernel-flow" [| sqrt 2.0; 0.3; 2.0; 1.0 |]

    let all =
        [
            Witness.tight
                "log-det-ceiling"
                "log determinant of a run"
                (ceiling "log-det-ceiling" _.LogDet)
                (orthogonal "log-det-ceiling" _.LogDet 10 2.0 0.5)
            Witness.tight
                "log-det-trace-floor"
                "log determinant of a Gram matrix"
                (fun seed -> spectral seed trace)
                (fun () -> trace 0.7 [| 0.0; 0.0; 5.0 |])
            Witness.tight
                "log-det-eigenvalue-floor"
                "log determinant of a Gram matrix"
                (fun seed -> spectral seed eigenvalueFloor)
                (fun () -> eigenvalueFloor 0.7 [| 3.0; 3.0; 3.0 |])
            Witness.tight "effective-dimension" "d_eff of a Gram matrix" (fun seed -> spectral seed byLogDet) (fun () ->
                byLogDet 0.7 [| 3.0; 3.0; 3.0 |])
            Witness.tight
                "log-det-by-dimension"
                "log determinant of a Gram matrix"
                (fun seed -> spectral seed (byDimension "log-det-by-dimension"))
                (fun () -> byDimension "log-det-by-dimension" 1.0 [| 1e8; 1e8 |])
            Witness.tight
                "log-det-by-dimension-sharp"
                "log determinant of a Gram matrix"
                (fun seed -> spectral seed (byDimension "log-det-by-dimension-sharp"))
                (fun () -> byDimension "log-det-by-dimension-sharp" 1.0 [| 3.0; 3.0 |])
            Witness.loose
                "min(1, q) is at most ln(1 + q)/ln 2, and the published 2 is above 1/ln 2 = 1.44"
                "elliptical-potential"
                "squared widths of a run"
                (ceiling "elliptical-potential" potential)
                (orthogonal "elliptical-potential" potential 1 1.0 1.0)
            Witness.tight
                "elliptical-potential-capped"
                "squared widths of a run"
                (fun seed -> capped (Math.Exp(float (seed % 7) - 3.0)) seed)
                (fun () ->
                    let state = LogDetState(1, 1.0)
                    state.Add(ReadOnlySpan [| 1.0 |]) / bound "elliptical-potential-capped" [| 1.0; state.LogDet |])
            Witness.tight
                "elliptical-potential-after"
                "squared widths of a run, the context included"
                (ceiling "elliptical-potential-after" _.PotentialAfter)
                (orthogonal "elliptical-potential-after" _.PotentialAfter 1 0.1 1.0)
            Witness.tight "greedy-information-gain" "best gain over all subsets" greedy (fun () ->
                greedyRatio 1.0 (Instances.gram 5) 1)
            Witness.tight "kernel-flow" "training residual" flow slowest
        ]
