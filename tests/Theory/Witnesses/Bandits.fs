namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Rounds of inverse gap weighting against mean costs that the predictions do not know.
[<RequireQualifiedAccess>]
module BanditWitnesses =
    let private rule normalization (predictions: float[]) gamma =
        let p = Array.zeroCreate<float> predictions.Length

        match normalization with
        | Normalization.FixedMu -> Igw.fixedMu (ReadOnlySpan predictions) gamma (Span p)
        | _ -> Igw.exact (ReadOnlySpan predictions) gamma (Span p) |> ignore<float>

        p

    let private reweighted (predictions: float[]) gamma =
        let p = Array.zeroCreate<float> predictions.Length
        Igw.reweighted (ReadOnlySpan predictions) gamma (Span p)
        p

    let private regret (p: float[]) (f: float[]) =
        Array.fold2 (fun s q c -> s + q * c) 0.0 p f - Array.min f

    let private name normalization suffix =
        match normalization with
        | Normalization.FixedMu -> "squarecb" + suffix
        | _ -> "squarecb-exact" + suffix

    /// One round: regret over the bound with the oracle's regret at its expectation, the squared error.
    let private squareRound normalization (y: float[]) (f: float[]) gamma =
        let p = rule normalization y gamma
        let error = Array.map3 (fun q a b -> q * (a - b) * (a - b)) p y f |> Array.sum
        regret p f / Witness.bound (name normalization "") [| float y.Length; 1.0; error; gamma |]

    let private square normalization seed =
        let random = Witness.random seed
        let k = 2 + random.Next 9
        let y = Array.init k (fun _ -> random.NextDouble())
        let gamma = float k * Math.Exp(8.0 * random.NextDouble() - 2.0)
        // from predictions that are almost right to predictions that know nothing
        let trust = random.NextDouble() * random.NextDouble()
        let f = y |> Array.map (fun m -> (1.0 - trust) * m + trust * random.NextDouble())
        squareRound normalization y f gamma

    /// The mean costs that maximise regret less gamma/4 times the squared error, the arms that are worse by prediction far behind.
    let private squareWorst normalization () =
        let k = 3
        let gamma = 1e6
        let y = Array.init k (fun a -> if a = 0 then 0.0 else 1.0)
        let p = rule normalization y gamma
        let c = gamma / 4.0
        let star = k - 1

        let f =
            y
            |> Array.mapi (fun a m ->
                if a = star then
                    m - (1.0 - p[a]) / (2.0 * c * p[a])
                else
                    m + 1.0 / (2.0 * c))

        squareRound normalization y f gamma

    /// A run of 300 rounds with Bernoulli costs and predictions with a fixed error.
    let private squareRun normalization seed =
        let random = Witness.random seed
        let k = 2 + random.Next 4
        let horizon = 300
        let noise = 0.3 * random.NextDouble()
        let gamma = float k * Math.Exp(3.0 * random.NextDouble())
        let mutable loss = 0.0
        let mutable excess = 0.0

        for _ in 1..horizon do
            let f = Array.init k (fun _ -> random.NextDouble())

            let y = f |> Array.map (fun m -> Math.Clamp(m + noise * (2.0 * random.NextDouble() - 1.0), 0.0, 1.0))

            let p = rule normalization y gamma
            let u = random.NextDouble()
            let arm = Array.scan (+) 0.0 p |> Array.findIndexBack (fun s -> s <= u) |> min (k - 1)
            let cost = if random.NextDouble() < f[arm] then 1.0 else 0.0
            loss <- loss + f[arm] - Array.min f
            excess <- excess + (y[arm] - cost) ** 2.0 - (f[arm] - cost) ** 2.0

        loss
        / Witness.bound (name normalization "-confidence") [| float k; float horizon; max excess 0.0; gamma; 0.05 |]

    /// One round with means and predictions in (0,1): regret over the bound with the oracle's regret at its expectation, the divergence.
    let private fast
        (gammaOf: float -> float -> float -> float)
        (bound: float -> float -> float -> float -> float)
        seed
        =
        let random = Witness.random seed
        let k = 2 + random.Next 5
        let small = Math.Exp(-6.0 * random.NextDouble())
        let f = Array.init k (fun _ -> small * (0.001 + 0.998 * random.NextDouble()))

        let y =
            f
            |> Array.map (fun m ->
                let factor = Math.Exp(2.0 * random.NextDouble() - 1.0)
                Math.Clamp(m * factor, 1e-6, 1.0 - 1e-6))

        let divergence m q =
            m * log (m / q) + (1.0 - m) * log ((1.0 - m) / (1.0 - q))

        // gamma depends on the oracle's regret, which depends on gamma through the distribution: a few rounds of substitution
        let mutable error = 1e-3
        let mutable gamma = 0.0

        for _ in 1..20 do
            gamma <- gammaOf (float k) (Array.min f) error
            let p = reweighted y gamma
            error <- Array.map3 (fun q m e -> q * divergence m e) p f y |> Array.sum

        let p = reweighted y gamma
        regret p f / bound (float k) (Array.min f) error gamma

    let private fastAtGamma seed =
        let factor = Math.Exp(4.0 * (Witness.random (seed + 7919)).NextDouble())

        fast
            (fun k _ _ -> 10.0 * k * factor)
            (fun k best error gamma -> Witness.bound "fastcb-gamma" [| k; 1.0; best; error; gamma |])
            seed

    let private fastPublished =
        fast (fun k best error -> max (10.0 * k) (sqrt (k * best / (3.0 * error)))) (fun k best error _ ->
            Witness.bound "fastcb" [| k; 1.0; best; error |])

    let all =
        [
            for normalization in [ Normalization.FixedMu; Normalization.Exact ] do
                Witness.tight
                    (name normalization "")
                    "expected regret of a round"
                    (square normalization)
                    (squareWorst normalization)

                Witness.loose
                    "Freedman's and Azuma's inequalities cost more than any run shows"
                    (name normalization "-confidence")
                    "regret of a run of 300 rounds"
                    (squareRun normalization)
                    (Witness.search 100 (squareRun normalization))
            Witness.loose
                "the round's inequality with constants 5 and 7 is loose"
                "fastcb-gamma"
                "expected regret of a round"
                fastAtGamma
                (Witness.search 500 fastAtGamma)
            Witness.loose
                "the round's inequality is loose and the published constants round it up"
                "fastcb"
                "expected regret of a round"
                fastPublished
                (Witness.search 500 fastPublished)
        ]
