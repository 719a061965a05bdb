namespace Hindsight.Tests.Losses

open System
open Hindsight
open Hindsight.FSharp

/// Wrong variants of the scalar regression losses, at drawn parameters.
module RegressionMutants =
    let private rows name =
        ScalarReference.rows |> Array.filter (fun row -> row.Name = name)

    /// Rejected by the reference values and their derivatives.
    let private wrong name what (read: float[] -> Reading) =
        Mutant.make "regression" $"{name}: {what}" (fun () ->
            rows name |> Array.exists (fun row -> not (ScalarLaw.agreesWithReference (read row.Parameters) row)))

    /// Rejected because the derivatives are not those of the value, whatever the value is.
    let private inconsistent name what width (read: float -> Reading) =
        Mutant.make "regression" $"{name}: {what}" (fun () ->
            Points.random 31 200 (fun r -> Points.magnitude r -1.0 1.0, Points.between r -3.0 3.0)
            |> Array.exists (fun (p, residual) -> not (ScalarLaw.derivativesBelong (width p) (read p) residual 0.0)))

    let private true' name p = Read.loss (Read.named name p)

    let private cauchy c r =
        let x = r / c
        struct (0.5 * c * c * log (1.0 + x * x), -r / (1.0 + x * x), (1.0 - x * x) / (1.0 + x * x) ** 2.0)

    let private pseudoHuber delta r =
        let s = sqrt (1.0 + (r / delta) ** 2.0)
        struct (r * r / (1.0 + s), -r / s, 1.0 / s ** 3.0)

    let private seeds draw = Points.random 37 200 draw

    let private samples =
        seeds (fun r -> Array.init (1 + r.Next 12) (fun _ -> Math.Round(Points.between r -5.0 5.0, r.Next 2)))

    let private deviances =
        seeds (fun r -> Points.between r 1.05 3.5, Points.magnitude r -2.0 2.0, Points.magnitude r -2.0 2.0)

    let private devianceRejects what (deviance: float -> Reading) =
        Mutant.make "regression" $"deviance: {what}" (fun () ->
            deviances
            |> Array.exists (fun (p, y, m) ->
                not (
                    RegressionLaw.devianceSeparates deviance p y m
                    && RegressionLaw.devianceSlope deviance p y m
                    && RegressionLaw.devianceScales deviance p y m
                    && RegressionLaw.devianceContinuous deviance 1.0 1e-6 y m
                )))

    let private deviance p = true' "deviance" [| p |]

    let private metadataRejects what (loss: ILoss) scale change =
        Mutant.make "regression" $"{loss.Metadata.Name}: {what}" (fun () ->
            ScalarLaw.constantsHold (change loss.Metadata) scale [| 0.0; 1.5 |] (Read.loss loss)
            |> List.isEmpty
            |> not)

    let all: Mutant list =
        [
            inconsistent "cauchy" "the value is the absolute error, the gradient Cauchy's" id (fun c label score ->
                let r = label - score
                let struct (_, d, h) = cauchy c r
                struct (abs r, d, h))
            inconsistent "pseudo-huber" "the gradient misses the factor of the width" id (fun delta label score ->
                let struct (v, d, h) = pseudoHuber delta (label - score)
                struct (v, d / delta, h / delta))
            wrong "pseudo-huber" "the width is always 1" (fun _ -> true' "pseudo-huber" [| 1.0 |])
            wrong "pseudo-huber" "sqrt(1 + x^2) - 1 as written" (fun p label score ->
                let delta = p[0]
                let r = label - score
                let struct (_, d, h) = pseudoHuber delta r
                struct (delta * delta * (sqrt (1.0 + (r / delta) ** 2.0) - 1.0), d, h))
            wrong "huber" "the slope's sign is the residual's" (fun p label score ->
                let struct (v, d, h) = true' "huber" p label score
                struct (v, -d, h))
            wrong "huber" "not continuous: delta |r| beyond delta" (fun p label score ->
                let struct (v, d, h) = true' "huber" p label score
                let r = abs (label - score)
                struct ((if r > p[0] then p[0] * r else v), d, h))
            Mutant.make "regression" "huber: un-halved" (fun () ->
                seeds (fun r -> Points.magnitude r -1.0 1.0, Points.between r -9.0 9.0)
                |> Array.exists (fun (delta, r) ->
                    let doubled d label score =
                        let struct (v, s, h) = true' "huber" [| d |] label score
                        struct (2.0 * v, 2.0 * s, 2.0 * h)

                    not (RegressionLaw.huberIsEnvelope doubled delta r)))
            wrong "smooth-l1" "Huber itself" (fun p -> true' "huber" p)
            wrong "log-cosh" "|r| - ln 2 everywhere" (fun p label score ->
                let struct (_, d, h) = true' "log-cosh" p label score
                struct (abs (label - score) - log 2.0, d, h))
            wrong "epsilon-insensitive" "the band's width is ignored" (fun _ -> true' "absolute-error" [||])
            Mutant.make "regression" "quantile: q and 1 - q exchanged" (fun () ->
                samples
                |> Array.exists (fun sample ->
                    let m = Elicitation.functional (Quantile 0.2) sample |> Require.ok

                    not (
                        RegressionLaw.quantileIdentity
                            (fun q -> true' "quantile" [| 1.0 - q |])
                            0.2
                            sample
                            m
                            (m + 1.5)
                    )))
            Mutant.make "regression" "quantile: the sample's element below the rank" (fun () ->
                samples
                |> Array.exists (fun sample ->
                    let sorted = Array.sort sample
                    let rank = int (0.8 * float sample.Length) - 1
                    not (RegressionLaw.bracketsQuantile 0.8 sample sorted[max 0 rank])))
            Mutant.make "regression" "quantile: interpolated between order statistics" (fun () ->
                samples
                |> Array.exists (fun sample ->
                    let sorted = Array.sort sample
                    let at = 0.8 * float (sample.Length - 1)
                    let low = int at
                    let high = min (low + 1) (sample.Length - 1)
                    let m = sorted[low] + (at - float low) * (sorted[high] - sorted[low])
                    not (RegressionLaw.bracketsQuantile 0.8 sample m)))
            Mutant.make "regression" "expectile: the mean whatever the level" (fun () ->
                samples
                |> Array.exists (fun sample ->
                    not (RegressionLaw.expectileCondition 0.3 sample (Array.average sample))))
            Mutant.make "regression" "expectile: weights exchanged" (fun () ->
                samples
                |> Array.exists (fun sample ->
                    Elicitation.functional (Expectile 0.7) sample
                    |> Require.ok
                    |> RegressionLaw.expectileCondition 0.3 sample
                    |> not))
            wrong "expectile" "halved" (fun p label score ->
                let struct (v, d, h) = true' "expectile" p label score
                struct (0.5 * v, 0.5 * d, 0.5 * h))
            wrong "welsch" "c^2 instead of c^2/2" (fun p label score ->
                let struct (v, d, h) = true' "welsch" p label score
                struct (2.0 * v, 2.0 * d, 2.0 * h))
            wrong "tukey" "not cut off beyond c" (fun p label score ->
                let c = p[0]
                let r = label - score
                let t = (r / c) ** 2.0
                struct (c * c / 6.0 * (1.0 - (1.0 - t) ** 3.0), -r * (1.0 - t) ** 2.0, (1.0 - t) * (1.0 - 5.0 * t)))
            metadataRejects "Lipschitz constant 16/(25 sqrt 5) without c" (Tukey 3.0) 3.0 (fun m ->
                { m with
                    Lipschitz = Nullable(16.0 / (25.0 * sqrt 5.0))
                })
            metadataRejects "Lipschitz constant c instead of c/2" (Cauchy 3.0) 3.0 (fun m ->
                { m with Lipschitz = Nullable 3.0 })
            metadataRejects "declared convex" (Welsch 2.0) 2.0 (fun m -> { m with Convex = true })
            metadataRejects "smooth 2 max(tau, 1 - tau) halved" (Expectile 0.3) 1.0 (fun m ->
                { m with Smoothness = Nullable 0.7 })
            metadataRejects "Lipschitz 1 for every level" (Quantile 0.3) 1.0 (fun m ->
                { m with Lipschitz = Nullable 1.0 })
            wrong "gaussian-nll" "s instead of s^2 under the residual" (fun p label score ->
                let s = sqrt p[0]
                let r = label - score
                struct (0.5 * (log p[0] + r * r / s), -r / s, 1.0 / s))
            wrong "tweedie" "sign of the label's term" (fun p label score -> true' "tweedie" p -label score)
            wrong "poisson-nll" "mean and log mean confused: z - y ln z" (fun _ label score ->
                struct (score - label * log (abs score), 1.0 - label / score, label / (score * score)))
            devianceRejects "the factor 2 is missing" (fun p y m ->
                let struct (v, d, h) = deviance p y m
                struct (0.5 * v, 0.5 * d, 0.5 * h))
            devianceRejects "label and mean exchanged" (fun p y m -> deviance p m y)
            devianceRejects "power p - 1 in the slope" (fun p y m ->
                let struct (v, _, h) = deviance p y m
                struct (v, -2.0 * (y - m) * m ** (1.0 - p), h))
            devianceRejects "the y^(2-p) term is dropped" (fun p y m ->
                let struct (v, d, h) = deviance p y m
                struct (v - 2.0 * y ** (2.0 - p) / ((1.0 - p) * (2.0 - p)), d, h))
            devianceRejects "the textbook formula near p = 1, which cancels" (fun p y m ->
                let struct (v, d, h) = deviance p y m

                if p = 1.0 then
                    struct (v, d, h)
                else
                    let a = 2.0 - p
                    let b = 1.0 - p
                    struct (2.0 * (y ** a / (a * b) - y * m ** b / b + m ** a / a), d, h))
        ]

/// Wrong variants of the margin losses.
module MarginMutants =
    let private find name =
        MarginCases.all |> Array.filter (fun c -> c.Entry.Name = name)

    let private margins = Points.line |> Array.filter (fun m -> abs m <= 50.0)

    let private slopeRejects name what (slope: MarginCase -> float -> float) =
        Mutant.make "margin" $"{name}: {what}" (fun () ->
            find name
            |> Array.exists (fun c ->
                margins |> Array.exists (fun m -> not (MarginLaw.slopeAgrees name c.Parameters (slope c) m))))

    let private slope (loss: IMarginLoss) m =
        let struct (_, d, _) = Margin.jet loss m in d

    let private declarationRejects name what change =
        Mutant.make "margin" $"{name}: {what}" (fun () ->
            find name
            |> Array.exists (fun c ->
                ScalarLaw.constantsHold (change c.Loss.Metadata) 1.0 [| -1.0; 1.0 |] (Loss.jet c.Loss)
                |> List.isEmpty
                |> not))

    let private tailRejects what (tail: float -> struct (float * float * float)) =
        Mutant.make "margin" $"hinge with a tail: {what}" (fun () ->
            not (MarginLaw.hingeWithTail (fun m -> if m <= 1.0 then struct (1.0 - m, -1.0, 0.0) else tail m)))

    let all: Mutant list =
        [
            tailRejects "Exp_Hinge of the EnsLoss code: -e^-(m-1) beyond 1 jumps and rises" (fun m ->
                struct (-(exp (1.0 - m)), exp (1.0 - m), -(exp (1.0 - m))))
            tailRejects "the slope at 1 is -1/2" (fun m ->
                struct (0.5 * (exp (1.0 - m) - 1.0), -0.5 * exp (1.0 - m), 0.0))
            tailRejects "a tail that turns up again" (fun m -> struct (0.5 * (m - 2.0) ** 2.0 - 0.5, m - 2.0, 1.0))
            tailRejects "flat beyond 1: the plain hinge" (fun _ -> struct (0.0, 0.0, 0.0))
            slopeRejects "hinge" "slope -1 at the kink too" (fun c m -> if m <= 1.0 then -1.0 else slope c.Loss m)
            slopeRejects "squared-hinge" "halved" (fun c m -> 0.5 * slope c.Loss m)
            slopeRejects "modified-huber" "the linear piece starts at 0" (fun c m ->
                if m < 0.0 then -4.0 else slope c.Loss m)
            slopeRejects "logistic" "s(m) instead of s(-m)" (fun c m -> slope c.Loss -m)
            slopeRejects "logistic-base-2" "natural logarithm" (fun _ -> slope (Logistic()))
            slopeRejects "savage" "power 2 of the sigmoid lost" (fun _ -> slope (SigmoidMargin()))
            slopeRejects "tangent" "factor 4 is 2" (fun c m -> 0.5 * slope c.Loss m)
            slopeRejects "tanh-margin" "steepness ignored" (fun _ -> slope (TanhMargin 1.0))
            slopeRejects "ramp" "width ignored" (fun _ -> slope (Ramp 1.0))
            slopeRejects "alpha-loss" "order ignored: alpha = 1" (fun _ -> slope (AlphaLoss 1.0))
            slopeRejects "alpha-loss" "exponent 1/alpha instead of 1 - 1/alpha" (fun c m ->
                let s u = 1.0 / (1.0 + exp -u)
                -(s m ** (1.0 / c.Parameters[0])) * s -m)
            declarationRejects "savage" "Lipschitz constant 1/4, the sigmoid's" (fun m ->
                { m with Lipschitz = Nullable 0.25 })
            declarationRejects "savage" "declared convex" (fun m -> { m with Convex = true })
            declarationRejects "tangent" "smoothness 8" (fun m -> { m with Smoothness = Nullable 8.0 })
            declarationRejects "sigmoid-margin" "smoothness 0.097, as rounded in a table" (fun m ->
                { m with Smoothness = Nullable 0.097 })
            declarationRejects "alpha-loss" "Lipschitz 1 for every order" (fun m -> { m with Lipschitz = Nullable 1.0 })
            declarationRejects "unhinged" "nonnegative" (fun m -> { m with Infimum = Nullable 0.0 })
            declarationRejects "hinge-logarithmic-tail" "infimum -1" (fun m -> { m with Infimum = Nullable -1.0 })
            declarationRejects "hinge-reciprocal-tail" "smooth 1" (fun m -> { m with Smoothness = Nullable 1.0 })
            Mutant.make "margin" "calibration: |m| taken for calibrated" (fun () -> not (MarginLaw.calibrated abs))
            Mutant.make "margin" "calibration: the perceptron loss taken for calibrated" (fun () ->
                not (MarginLaw.calibrated (fun m -> max -m 0.0)))
            Mutant.make "margin" "calibration: hinge of the margin's negative" (fun () ->
                not (MarginLaw.calibrated (fun m -> Margin.value (Hinge()) -m)))
        ]

/// Wrong constants and wrong aggregation rules.
module ExpConcavityMutants =
    let private games = [ AggregatingGame.Square(0.0, 1.0); AggregatingGame.Square(-3.0, 2.0) ]

    let private unitLoss y (p: float) = (y - p) * (y - p)

    let private regretRejects what games learner (bound: AggregatingGame -> float) =
        Mutant.make "exp-concavity" $"Aggregating Algorithm: {what}" (fun () ->
            games
            |> List.exists (fun game ->
                Seq.exists (fun seed -> not (MixableLaw.regretWithin learner game (bound game) seed)) (seq { 1..150 })))

    /// Weights by the given rate, then the given rule.
    let private rule rate (combine: float[] -> float[] -> float) (game: AggregatingGame) experts : Learner =
        let losses = Array.zeroCreate experts

        let weights () =
            let least = Array.min losses
            let raw = losses |> Array.map (fun l -> exp (-(rate game) * (l - least)))
            raw |> Array.map (fun w -> w / Array.sum raw)

        {
            Predict = fun predictions -> combine (weights ()) predictions
            Learn =
                fun label predictions ->
                    predictions |> Array.iteri (fun i p -> losses[i] <- losses[i] + game.Loss(label, p))
        }

    let private mean (weights: float[]) predictions =
        Array.fold2 (fun s w p -> s + w * p) 0.0 weights predictions

    let private certified (game: AggregatingGame) = 1.0 / game.Eta

    let private substitution what f =
        Mutant.make "exp-concavity" $"substitution: {what}" (fun () ->
            MixableLaw.mixtures 6 600 0.0 1.0
            |> Array.exists (fun m -> not (MixableLaw.substitutes unitLoss 2.0 f [| 0.0; 1.0 |] m)))

    let all: Mutant list =
        [
            Mutant.make "exp-concavity" "square loss mixable at 2.1" (fun () ->
                not (MixableLaw.holds (Squared()) [| 0.0; 1.0 |] 2.1 (MixableLaw.mixtures 1 600 0.0 1.0)))
            Mutant.make "exp-concavity" "log loss mixable at 1.05" (fun () ->
                not (
                    MixableLaw.holds (BinaryCrossEntropy()) [| 0.0; 1.0 |] 1.05 (MixableLaw.mixtures 2 400 -30.0 30.0)
                ))
            Mutant.make "exp-concavity" "Hellinger loss mixable at 1.5" (fun () ->
                not (MixableLaw.holds (HellingerExample()) [| 0.0; 1.0 |] 1.5 (MixableLaw.mixtures 3 600 0.0 1.0)))
            Mutant.make "exp-concavity" "square loss exp-concave at its mixability constant" (fun () ->
                not (MixableLaw.midpointConcave (Squared()) 2.0 0.0 (0.0, 1.0) 5))
            Mutant.make "exp-concavity" "half the square loss's constant for the square loss" (fun () ->
                not (MixableLaw.midpointConcave (Squared()) 1.0 0.0 (0.0, 1.0) 5))
            substitution "the sum of both generalised losses" (fun g0 g1 -> Math.Clamp(0.5 + 0.5 * (g0 + g1), 0.0, 1.0))
            substitution "g1 - g0" (fun g0 g1 -> Substitution.square g1 g0)
            substitution "the difference without its half" (fun g0 g1 -> Math.Clamp(0.5 + (g0 - g1), 0.0, 1.0))
            regretRejects "weights never change" (AggregatingGame.Log :: games) (rule (fun _ -> 0.0) mean) certified
            regretRejects "the weighted mean at a rate of 8 eta" games (rule (fun g -> 8.0 * g.Eta) mean) certified
            regretRejects
                "the weighted mean at a third of eta for the log game"
                [ AggregatingGame.Log ]
                (rule (fun _ -> 1.0 / 3.0) mean)
                certified
            regretRejects
                "losses of the interval's length squared forgotten: eta 2 on [-3, 2]"
                games
                (rule (fun _ -> 2.0) mean)
                certified
            regretRejects
                "weights grow with the loss"
                (AggregatingGame.Log :: games)
                (rule (fun g -> -g.Eta) mean)
                certified
            regretRejects "bound (ln N)/(2 eta)" (AggregatingGame.Log :: games) MixableLaw.squareLearner (fun g ->
                0.5 / g.Eta)
        ]
