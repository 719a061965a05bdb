namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Rademacher complexities with every sign vector, and risk bounds with every sample.
[<RequireQualifiedAccess>]
module RademacherWitnesses =
    /// E sup (1/n) sum sigma a over a set of vectors, given the supremum of sum sigma a.
    let expectation n (supremum: float[] -> float) =
        Seq.init (1 <<< n) (fun code -> supremum (Array.init n (fun i -> if (code >>> i) &&& 1 = 1 then 1.0 else -1.0)))
        |> Seq.average
        |> fun mean -> mean / float n

    let dot (a: float[]) (b: float[]) =
        Array.fold2 (fun s x y -> s + x * y) 0.0 a b

    let ofSet n (vectors: float[][]) =
        expectation n (fun signs -> vectors |> Seq.map (dot signs) |> Seq.max)

    let private norm (v: float[]) = sqrt (dot v v)

    let private points (random: Random) n d =
        let spread = 1.0 + 3.0 * random.NextDouble()

        Array.init n (fun _ ->
            Array.init d (fun _ -> (2.0 * random.NextDouble() - 1.0) * spread ** random.NextDouble()))

    /// |sum sigma_i x_i|.
    let private length (x: float[][]) (signs: float[]) =
        Seq.init x[0].Length (fun j -> dot signs (x |> Array.map (fun p -> p[j])))
        |> Seq.sumBy (fun s -> s * s)
        |> sqrt

    let private instance seed =
        let random = Witness.random seed
        let n = 1 + random.Next 7
        struct (random, n, points random n (1 + random.Next 4), 0.1 + 3.0 * random.NextDouble())

    let private linear seed =
        let struct (_, n, x, b) = instance seed

        b * expectation n (length x)
        / Witness.bound "rademacher-linear" [| float n; b; x |> Seq.map norm |> Seq.max |]

    let private linearData seed =
        let struct (_, n, x, b) = instance seed

        b * expectation n (length x)
        / Witness.boundOf "rademacher-linear-data" [| [| b |]; x |> Array.map norm |]

    let private kernel seed =
        let struct (_, n, x, b) = instance seed
        // a Gaussian kernel: sup = B sqrt(sigma' K sigma)
        let k =
            x |> Array.map (fun a -> x |> Array.map (fun c -> 2.0 * exp (-(norm (Array.map2 (-) a c) ** 2.0))))

        b * expectation n (fun signs -> sqrt (max 0.0 (dot signs (k |> Array.map (dot signs)))))
        / Witness.bound "rademacher-kernel" [| float n; b; 2.0 * float n |]

    let private largest (x: float[][]) =
        x |> Seq.collect (Seq.map abs) |> Seq.max

    let private sparse (x: float[][]) b =
        let n = x.Length
        let d = x[0].Length

        b
        * expectation n (fun signs -> Seq.init d (fun j -> abs (dot signs (x |> Array.map (fun p -> p[j])))) |> Seq.max)
        / Witness.bound "rademacher-l1" [| float n; float d; b; largest x |]

    let private l1 seed =
        let struct (_, _, x, b) = instance seed
        sparse x b

    let private massart seed =
        let random = Witness.random seed
        let n = 1 + random.Next 7
        let set = points random (2 + random.Next 20) n

        max 0.0 (ofSet n set)
        / max 1e-300 (Witness.bound "massart" [| float n; set |> Seq.map norm |> Seq.max; float set.Length |])

    /// N blocks of m coordinates and the signed indicator of each: E max |S_j| of N independent sums of m signs, from the binomial law.
    let private massartWorst () =
        let m, logBlocks = 2000, 69.0
        // E max = sum over t >= 0 of P(max > t); sums of an even number of signs are even
        let more =
            Seq.initInfinite (fun i ->
                let t = 2 * i
                let tail = log 2.0 + Enumerate.logTail m 0.5 ((m + t) / 2)
                // 1 - (1 - tail)^N
                -(Math.Exp(-Math.Exp(min 700.0 (logBlocks + tail))) - 1.0))

        let expected = 2.0 * (more |> Seq.take 500 |> Seq.sum)
        // both sides are over n = N m: compare at n = 1
        expected / Witness.bound "massart" [| 1.0; sqrt (float m); 2.0 * exp logBlocks |]

    let private contractionOf (phi: float -> float) lipschitz (set: float[][]) =
        let n = set[0].Length

        max 0.0 (ofSet n (set |> Array.map (Array.map phi)))
        / max 1e-300 (Witness.bound "rademacher-contraction" [| lipschitz; max 0.0 (ofSet n set) |])

    let private contraction seed =
        let random = Witness.random seed
        let n = 1 + random.Next 7
        let set = points random (2 + random.Next 10) n
        let l = 0.2 + 3.0 * random.NextDouble()
        let at = random.NextDouble() - 0.5

        let phi =
            match random.Next 4 with
            | 0 -> fun x -> l * abs (x - at)
            | 1 -> fun x -> l * max 0.0 (x - at)
            | 2 -> fun x -> l * tanh (x - at)
            | _ -> fun x -> l * Math.Clamp(x, -0.5, 0.5)

        contractionOf phi l set

    /// Two layers on one-dimensional inputs: the best unit looks right or left.
    let private relu seed =
        let random = Witness.random seed
        let n = 1 + random.Next 7
        let x = Array.init n (fun _ -> 2.0 * random.NextDouble() - 1.0)
        let m = Array.init 2 (fun _ -> 0.2 + 3.0 * random.NextDouble())

        m[0]
        * m[1]
        * expectation n (fun signs ->
            [ 1.0; -1.0 ]
            |> Seq.map (fun side -> abs (dot signs (x |> Array.map (fun v -> max 0.0 (side * v)))))
            |> Seq.max)
        / Witness.boundOf "rademacher-relu" [| [| float n |]; [| x |> Seq.map abs |> Seq.max |]; m |]

    /// One layer, one input of norm X.
    let private reluWorst () =
        3.0 / Witness.boundOf "rademacher-relu" [| [| 1.0 |]; [| 1.0 |]; [| 3.0 |] |]

    /// Thresholds on n points: VC dimension 1.
    let private thresholds seed =
        let n = 1 + (abs seed) % 10
        let set = Array.init (n + 1) (fun t -> Array.init n (fun i -> if i >= t then 1.0 else -1.0))
        ofSet n set / Witness.bound "rademacher-vc" [| float n; 1.0 |]

    /// All signs at n points: complexity 1.
    let private shattered () =
        1.0 / Witness.bound "rademacher-vc" [| 8.0; 8.0 |]

    /// Three functions on two points, every sample of four: the delta-quantile of the largest gap of a function over the bound's.
    let riskRatio (bound: float -> float -> float -> float -> float -> float) seed =
        let random = Witness.random seed
        let n = 4
        let p = Enumerate.probability random
        let delta = Math.Exp(-4.0 * random.NextDouble() - 0.05)

        let functions =
            Array.init 3 (fun _ ->
                Array.init 2 (fun _ ->
                    if random.Next 2 = 0 then
                        random.NextDouble()
                    else
                        float (random.Next 2)))

        let values (path: bool[]) =
            functions |> Array.map (fun f -> path |> Array.map (fun one -> if one then f[1] else f[0]))

        let samples =
            Enumerate.paths p n
            |> Array.map (fun (struct (path, mass)) -> struct (path, mass, ofSet n (values path)))

        let expected = samples |> Array.sumBy (fun (struct (_, mass, complexity)) -> mass * complexity)

        samples
        |> Array.map (fun (struct (path, mass, complexity)) ->
            let gaps =
                Array.map2
                    (fun (f: float[]) (v: float[]) ->
                        let risk = p * f[1] + (1.0 - p) * f[0]
                        let empirical = min 1.0 (Array.average v)

                        (risk - empirical)
                        / (bound (float n) empirical (max 0.0 expected) (max 0.0 complexity) delta - empirical))
                    functions
                    (values path)

            struct (Array.max gaps, mass))
        |> Enumerate.quantile delta
        |> max 0.0

    let private risk =
        riskRatio (fun n q expected _ delta -> Witness.bound "rademacher-risk" [| n; q; expected; delta |])

    let private riskData =
        riskRatio (fun n q _ own delta -> Witness.bound "rademacher-risk-data" [| n; q; own; delta |])

    /// One function: Hoeffding's inequality.
    let private oneFunction name () =
        let n, p, delta = 2000, 0.5, 1e-100
        let q = 1.0 - float (Enumerate.upperCount n (1.0 - p) delta) / float n
        (p - q) / (Witness.bound name [| float n; q; 0.0; delta |] - q)

    /// One sign vector out of all: the delta-quantile of the complexity over what it gives.
    let private monteCarlo seed =
        let random = Witness.random seed
        let n = 1 + random.Next 7
        let delta = Math.Exp(-4.0 * random.NextDouble() - 0.05)
        let set = points random (1 + random.Next 10) n
        let m = set |> largest
        let exact = ofSet n set

        Array.init (1 <<< n) (fun code ->
            let signs = Array.init n (fun i -> if (code >>> i) &&& 1 = 1 then 1.0 else -1.0)
            let mean = (set |> Seq.map (dot signs) |> Seq.max) / float n
            let width = Witness.bound "rademacher-monte-carlo" [| float n; 1.0; mean; m; delta |] - mean
            struct ((exact - mean) / width, 1.0 / float (1 <<< n)))
        |> Enumerate.quantile delta
        |> max 0.0

    /// One function of size 1 and its zero: sums of signs.
    let private monteCarloWorst () =
        // sup over one function: the mean of n m signs itself, Hoeffding's inequality with equality of exponents
        let n, delta = 2000, 1e-100
        let mean = 2.0 * (1.0 - float (Enumerate.upperCount n 0.5 delta) / float n) - 1.0
        let bound = Witness.bound "rademacher-monte-carlo" [| 20.0; 100.0; mean; 1.0; delta |]
        -mean / (bound - mean)

    let private complexity = "complexity over all signs, exact"

    let all =
        [
            Witness.tight
                "rademacher-risk"
                "quantile of the largest gap over all samples, exact"
                risk
                (oneFunction "rademacher-risk")
            Witness.loose
                "a factor 3, to know the complexity from the data too"
                "rademacher-risk-data"
                "quantile of the largest gap over all samples, exact"
                riskData
                (oneFunction "rademacher-risk-data")
            Witness.tight "rademacher-contraction" complexity contraction (fun () ->
                contractionOf (fun x -> 2.0 * x) 2.0 [| [| 1.0; -0.5; 0.3 |]; [| -1.0; 0.2; 0.4 |] |])
            Witness.tight "rademacher-linear" complexity linear (fun () ->
                2.0 / Witness.bound "rademacher-linear" [| 1.0; 2.0; 1.0 |])
            Witness.tight "rademacher-linear-data" complexity linearData (fun () ->
                // orthogonal points: the norm of the sum is the same for all signs
                let x = [| [| 3.0; 0.0 |]; [| 0.0; 4.0 |] |]
                expectation 2 (length x) / Witness.boundOf "rademacher-linear-data" [| [| 1.0 |]; [| 3.0; 4.0 |] |])
            Witness.loose
                "columns share their signs: 1/sqrt(2 ln 2) for one point, and a class where the logarithm is right is too large to enumerate"
                "rademacher-l1"
                complexity
                l1
                (fun () -> sparse [| [| 1.0 |] |] 1.0)
            Witness.tight "massart" complexity massart massartWorst
            Witness.tight "rademacher-kernel" complexity kernel (fun () ->
                // orthonormal features
                expectation 4 (fun signs -> sqrt (dot signs signs))
                / Witness.bound "rademacher-kernel" [| 4.0; 1.0; 4.0 |])
            Witness.loose
                "the logarithm trick costs the depth, which one or two layers do not need"
                "rademacher-relu"
                complexity
                relu
                reluWorst
            Witness.loose
                "Sauer's lemma at n = d: 1/sqrt 2 for shattered points"
                "rademacher-vc"
                complexity
                thresholds
                shattered
            Witness.tight
                "rademacher-monte-carlo"
                "quantile of how far the mean is below the complexity over the width, exact"
                monteCarlo
                monteCarloWorst
        ]
