namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Linear and kernel bandits that are run, and confidence widths against exact quantiles.
[<RequireQualifiedAccess>]
module NeuralBanditWitnesses =
    let private bound = Witness.bound

    /// P(|Z| > z) and P(Z > z) of a standard normal.
    let private twoSided z =
        MathNet.Numerics.SpecialFunctions.Erfc(z / sqrt 2.0)

    let private oneSided z = 0.5 * twoSided z

    // ---- widths: exact quantiles of one context, drawn once or often ----

    /// One normal noise at a context with x^2/lambda = r: |S| in the norm of A^-1 is |Z| sqrt(r/(1+r)).
    let private noiseQuantile z r =
        z * sqrt (r / (1.0 + r)) / bound "self-normalized" [| 1.0; Scalar.log1p r; twoSided z |]

    /// The quantile of theta_hat - theta* in the norm of A, from below by its larger side.
    let private ridgeQuantile z x lambda theta =
        let a = x * x + lambda

        (lambda * theta + x * z)
        / sqrt a
        / bound "ridge-confidence" [| 1.0; Scalar.log1p (x * x / lambda); lambda; theta; oneSided z |]

    /// n normal observations (variance R^2) of a function f = B k(x, .), k(x, x) = 1, at x: the quantile of the mean's error over the deviation, from below by its larger side.
    let private kernelQuantile z n noise norm =
        let lambda = 1.0 + 2.0 / 1e4
        let error = (lambda * norm + noise * z * sqrt n) / (n + lambda)

        error
        / sqrt (lambda / (n + lambda))
        / bound "kernel-confidence" [| norm; noise; 0.5 * Scalar.log1p (n / lambda); oneSided z |]

    /// The same of NeuralUCB's width: one context, H = (L + 1)/2 on it, the mean reward 1 or less.
    let private neuralQuantile z lambda mean =
        let h = 1.5
        // the error of the mean over its deviation, times sqrt(lambda)
        let error = (lambda * mean + h * z) / (h + lambda)
        let deviation = sqrt (h * lambda / (h + lambda))
        let norm = sqrt (2.0 * mean * mean / h)

        error * sqrt lambda
        / deviation
        / bound
            "neural-ucb-width"
            [|
                1e3
                2.0
                lambda
                Scalar.log1p (h / lambda)
                norm
                1.0
                1e100
                1.0
                oneSided z
            |]

    let private drawn seed (ratio: Random -> float -> float) =
        let random = Witness.random seed
        ratio random (0.2 + 9.0 * random.NextDouble())

    // ---- LinUCB ----

    [<NoComparison>]
    type Run =
        {
            Regret: float
            /// beta in the last round.
            Width: float
            LogDet: float
            Rounds: int
            /// Every mean within beta times its width of its prediction, in every round.
            Held: bool
            Dimension: int
            Noise: float
            ParameterNorm: float
        }

    /// The library's rule for costs over online ridge regression, contexts and parameter in the unit ball; the score takes a width through the given function.
    let linUcb (score: float -> float) seed =
        let random = Witness.random seed
        let d = 1 + random.Next 4
        let arms = 2 + random.Next 4
        let rounds = 1 + random.Next 40
        let noise = 0.3 * random.NextDouble()
        let theta = Instances.vector random d |> Instances.unit
        let state = RidgeState(d, 1.0)
        let rule = LowerConfidenceRule() :> IExplorationRule
        let mutable regret = 0.0
        let mutable held = true
        let mutable beta = 0.0

        for _ in 1..rounds do
            let contexts =
                Array.init arms (fun _ ->
                    Instances.vector random d |> Instances.unit |> Instances.scaled (sqrt (random.NextDouble())))

            beta <- (LinearConfidence.width noise 1.0 0.01 state |> Require.ok).Value
            let predictions = contexts |> Array.map (fun x -> Ridge.predictRidge (ReadOnlySpan x) state)
            let widths = contexts |> Array.map (fun x -> Ridge.width (ReadOnlySpan x) state)
            let means = contexts |> Array.map (Instances.dot theta)

            held <-
                held
                && Array.forall2
                    (fun m (p, w) -> abs (m - p) <= beta * w * (1.0 + 1e-12) + 1e-12)
                    means
                    (Array.zip predictions widths)

            let p = Array.zeroCreate<float> arms

            rule.Distribution(ReadOnlySpan predictions, ReadOnlySpan(widths |> Array.map score), beta, Span p)
            let arm = p |> Array.findIndex (fun q -> q > 0.0)
            regret <- regret + means[arm] - Array.min means
            let sign = if random.Next 2 = 0 then 1.0 else -1.0
            Ridge.update (ReadOnlySpan contexts[arm]) (means[arm] + noise * sign) state |> ignore<float>

        {
            Regret = regret
            Width = max 1.0 beta
            LogDet = state.LogDet
            Rounds = rounds
            Held = held
            Dimension = d
            Noise = noise
            ParameterNorm = 1.0
        }

    /// One round, d = 1, theta = 1, lambda = 1, nothing known: the lower ends of the costs x = 1 and x = -(1 - 1e-9) are nearly the same, and the rule takes the dear one.
    let private oneRound () =
        let state = RidgeState(1, 1.0)
        let contexts = [| 1.0; -(1.0 - 1e-9) |]
        let beta = (LinearConfidence.width 0.0 1.0 0.5 state |> Require.ok).Value
        let widths = contexts |> Array.map (fun x -> Ridge.width (ReadOnlySpan [| x |]) state)
        let p = Array.zeroCreate<float> 2

        (LowerConfidenceRule() :> IExplorationRule)
            .Distribution(ReadOnlySpan [| 0.0; 0.0 |], ReadOnlySpan widths, beta, Span p)

        let arm = p |> Array.findIndex (fun q -> q > 0.0)
        Ridge.update (ReadOnlySpan [| contexts[arm] |]) contexts[arm] state |> ignore<float>

        {
            Regret = contexts[arm] - Array.min contexts
            Width = beta
            LogDet = state.LogDet
            Rounds = 1
            Held = true
            Dimension = 1
            Noise = 0.0
            ParameterNorm = 1.0
        }

    let private byWidth name (run: Run) =
        if run.Held then
            run.Regret / bound name [| run.Width; run.LogDet; float run.Rounds |]
        else
            0.0

    let private byNumbers (run: Run) =
        if run.Held then
            run.Regret
            / bound
                "linucb-explicit"
                [|
                    float run.Dimension
                    float run.Rounds
                    1.0
                    run.ParameterNorm
                    run.Noise
                    1.0
                    0.01
                |]
        else
            0.0

    // ---- the limit of infinite width ----

    /// All T K contexts in the unit sphere and their mean rewards, a round after the other.
    let private instance (random: Random) d count =
        {
            Contexts = Array.init count (fun _ -> Instances.vector random d |> Instances.unit)
            Rewards = Array.init count (fun _ -> float (random.Next 2))
        }

    /// Kernel bandit with H: the arm of greatest mean + (explore times deviation), rewards with noise 0.1 in sign.
    let private kernelBandit (explore: Random -> float -> float) seed =
        let random = Witness.random seed
        let arms = 2
        let rounds = 2 + random.Next 6
        let instance = instance random (2 + random.Next 4) (arms * rounds)
        let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
        let lambda = 1.0
        let played = ResizeArray<int>()
        let seen = ResizeArray<float>()
        let mutable regret = 0.0

        for t in 0 .. rounds - 1 do
            let score arm =
                let x = arms * t + arm
                let n = played.Count

                let struct (mean, variance) =
                    if n = 0 then
                        struct (0.0, gram[x, x])
                    else
                        let k =
                            MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.Create(
                                n,
                                n,
                                fun i j -> gram[played[i], played[j]] + (if i = j then lambda else 0.0)
                            )

                        let column =
                            MathNet.Numerics.LinearAlgebra.Double.DenseVector.Create(n, fun i -> gram[x, played[i]])

                        let weights = k.Cholesky().Solve column

                        struct (Seq.fold2 (fun s w y -> s + w * y) 0.0 weights seen,
                                gram[x, x] - weights.DotProduct column)

                mean + explore random (sqrt (max 0.0 variance))

            let arm = Seq.init arms id |> Seq.maxBy score
            let mean a = instance.Rewards[arms * t + a]
            regret <- regret + (Seq.init arms mean |> Seq.max) - mean arm
            played.Add(arms * t + arm)
            seen.Add(mean arm + (if random.Next 2 = 0 then 0.1 else -0.1))

        struct (regret, rounds, arms, gram, instance)

    let private upper (_: Random) deviation = deviation
    let private sampled (random: Random) deviation = Instances.normal random * deviation

    let private spectrumRatio seed =
        let struct (regret, rounds, arms, gram, instance) = kernelBandit upper seed
        let norm = NeuralUcb.rewardNorm gram instance.Rewards |> Require.ok
        let values = EffectiveDimension.eigenvalues gram |> Require.ok

        regret
        / Witness.boundOf
            "neural-ucb-spectrum"
            [|
                [| float arms |]
                [| float rounds |]
                [| 2.0 |]
                [| 1.0 |]
                values
                [| norm |]
                [| 0.1 |]
                [| 1e100 |]
                [| 1.0 |]
                [| 0.05 |]
            |]

    let private ucbRatio seed =
        let struct (regret, rounds, arms, _, instance) = kernelBandit upper seed

        let options =
            { NeuralUcbOptions.For rounds with
                Arms = arms
                Noise = 0.1
            }

        regret / (NeuralUcb.regretOf options instance |> Require.ok).Value

    let private tsRatio seed =
        let struct (regret, _, arms, _, instance) = kernelBandit sampled seed
        regret / (NeuralTs.regretOf arms 2 0.1 0.05 instance |> Require.ok).Value

    // ---- the bound itself, from below ----

    /// Every vector of rewards in {0,1}^n.
    let private allRewards n =
        Seq.init (1 <<< n) (fun code -> Array.init n (fun i -> float ((code >>> i) &&& 1)))

    let private worstRewards layers (contexts: float[][]) =
        let gram = NeuralUcb.gram layers contexts |> Require.ok
        let inverse = (MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.OfArray gram).Inverse()

        let size (h: float[]) =
            let v = MathNet.Numerics.LinearAlgebra.Double.DenseVector.OfArray h
            v.DotProduct(inverse.Multiply v)

        let worst = allRewards contexts.Length |> Seq.maxBy size
        struct (worst, NeuralUcb.rewardNorm gram worst |> Require.ok)

    let private small seed =
        let random = Witness.random seed
        let n = 1 + random.Next 6
        let layers = 2 + random.Next 3
        // never more directions than the sphere spreads: H stays far from singular
        let d = 3 + n + random.Next 5
        struct (layers, Array.init n (fun _ -> Instances.vector random d |> Instances.unit))

    let private rewardFloor seed =
        let struct (layers, contexts) = small seed
        let struct (_, norm) = worstRewards layers contexts
        bound "neural-ucb-reward-floor" [| float contexts.Length; float layers |] / norm

    let private floor seed =
        let struct (layers, contexts) = small seed
        let struct (rewards, _) = worstRewards layers contexts
        let random = Witness.random (seed + 17)
        let lambda = Math.Exp(2.0 * random.NextDouble() - 1.5)
        // the larger lambda is in the theorem too
        let larger = lambda * (1.0 + 0.2 * random.NextDouble())

        let options =
            { NeuralUcbOptions.For contexts.Length with
                Layers = layers
                Lambda = larger
                Noise = 1e-3
            }

        let whole =
            NeuralUcb.regretOf
                options
                {
                    Contexts = contexts
                    Rewards = rewards
                }
            |> Require.ok

        bound "neural-ucb-floor" [| 1.0; float contexts.Length; float layers; lambda |] / whole.Value

    let private contextFloor seed =
        let struct (layers, contexts) = small seed
        let struct (rewards, _) = worstRewards layers contexts
        let spectrum = NeuralUcb.gram layers contexts |> Result.bind KernelSpectrum.ofGram |> Require.ok
        let noise = Math.Exp(4.0 * (Witness.random (seed + 17)).NextDouble() - 3.0)

        let options =
            { NeuralUcbOptions.For contexts.Length with
                Layers = layers
                Noise = noise
            }

        let struct (whole, _) =
            NeuralUcb.regretAtBestLambda
                options
                {
                    Contexts = contexts
                    Rewards = rewards
                }
            |> Require.ok

        bound "neural-ucb-context-floor" [| 1.0; float contexts.Length; float layers; spectrum.Smallest; noise |]
        / whole.Value

    /// Expected squared errors over every sequence of coins, of predictions (prior + reward sum)/(weight + rounds).
    let private coins prior weight horizon p =
        Seq.init (1 <<< horizon) id
        |> Seq.sumBy (fun code ->
            let mutable chance = 1.0
            let mutable seen = 0.0
            let mutable error = 0.0

            for t in 0 .. horizon - 1 do
                let coin = float ((code >>> t) &&& 1)
                let prediction = (prior * weight + seen) / (weight + float t)
                error <- error + (prediction - coin) * (prediction - coin)
                chance <- chance * (if coin = 1.0 then p else 1.0 - p)
                seen <- seen + coin

            chance * error)

    let private coinFloor seed =
        let random = Witness.random seed
        let horizon = 1 + random.Next 6
        let p = 0.02 + 0.96 * random.NextDouble()

        bound "coin-regression-floor" [| float horizon; p |]
        / coins (random.NextDouble()) (0.1 + 5.0 * random.NextDouble()) horizon p

    let all =
        [
            Witness.tight
                "coin-regression-floor"
                "squared errors of a running mean, all sequences enumerated"
                coinFloor
                (fun () ->
                    // nothing learned beyond the probability itself
                    bound "coin-regression-floor" [| 6.0; 0.3 |] / coins 0.3 1e12 6 0.3)
            Witness.tight
                "self-normalized"
                "exact quantile of one round of normal noise"
                (fun seed -> drawn seed (fun random z -> noiseQuantile z (Math.Exp(8.0 * random.NextDouble() - 3.0))))
                (fun () -> noiseQuantile 10.0 40.0)
            Witness.tight
                "ridge-confidence"
                "exact quantile of one round of normal noise"
                (fun seed ->
                    drawn seed (fun random z ->
                        ridgeQuantile
                            z
                            (Math.Exp(4.0 * random.NextDouble() - 2.0))
                            (Math.Exp(4.0 * random.NextDouble() - 2.0))
                            (random.NextDouble())))
                (fun () -> ridgeQuantile 10.0 6.5 1.0 0.01)
            Witness.tight
                "kernel-confidence"
                "exact quantile of repeated normal observations"
                (fun seed ->
                    drawn seed (fun random z ->
                        kernelQuantile
                            z
                            (float (1 + random.Next 100))
                            (0.1 + random.NextDouble())
                            (random.NextDouble())))
                (fun () -> kernelQuantile 10.0 20.0 1.0 0.01)
            Witness.tight
                "neural-ucb-width"
                "exact quantile of one round of normal noise"
                (fun seed ->
                    drawn seed (fun random z ->
                        neuralQuantile z (Math.Exp(6.0 * random.NextDouble() - 3.0)) (random.NextDouble())))
                (fun () -> neuralQuantile 10.0 0.04 0.01)
            Witness.loose
                "one round costs two widths of 1, the bound says 2 sqrt(2 ln 2): the published 2 is above 1/ln 2"
                "linucb"
                "regret of a run"
                (fun seed -> byWidth "linucb" (linUcb id seed))
                (fun () -> byWidth "linucb" (oneRound ()))
            Witness.tight
                "linucb-sharp"
                "regret of a run"
                (fun seed -> byWidth "linucb-sharp" (linUcb id seed))
                (fun () -> byWidth "linucb-sharp" (oneRound ()))
            Witness.tight "linucb-explicit" "regret of a run" (fun seed -> byNumbers (linUcb id seed)) (fun () ->
                byNumbers (oneRound ()))
            Witness.loose
                "the bound is above the horizon on everything that was tried"
                "neural-ucb"
                "regret of the kernel bandit of infinite width"
                ucbRatio
                (Witness.search 100 ucbRatio)
            Witness.loose
                "the bound is above the horizon on everything that was tried"
                "neural-ucb-spectrum"
                "regret of the kernel bandit of infinite width"
                spectrumRatio
                (Witness.search 100 spectrumRatio)
            Witness.loose
                "the bound is above the horizon on everything that was tried"
                "neural-ts"
                "regret of the kernel bandit of infinite width, arms by posterior draws"
                tsRatio
                (Witness.search 100 tsRatio)
            Witness.loose
                "the worst rewards are at least as bad as fair random ones, and H is never both spread and aligned with them"
                "neural-ucb-reward-floor"
                "S of the worst rewards, all enumerated"
                rewardFloor
                (Witness.search 100 rewardFloor)
            Witness.loose
                "the floor of S, and the trace for the determinant"
                "neural-ucb-floor"
                "the bound at the worst rewards, all enumerated"
                floor
                (Witness.search 100 floor)
            Witness.loose
                "the floor of S, and one term of the bound at a time"
                "neural-ucb-context-floor"
                "the bound at the worst rewards and the best lambda"
                contextFloor
                (Witness.search 100 contextFloor)
        ]
