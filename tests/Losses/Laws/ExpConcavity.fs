namespace Hindsight.Tests.Losses

open System
open System.Runtime.CompilerServices
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

[<AutoOpen>]
module ExampleLosses =
    open Hindsight.FSharp.Ops

    /// Binary Hellinger loss of a probability, half the sum of (sqrt p - sqrt y)^2 over both classes.
    [<Struct; NoComparison; NoEquality>]
    type HellingerExample =
        interface ILoss with
            [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                let one = 'T.Const 1.0
                one - ('T.Sqrt(label * score) + 'T.Sqrt((one - label) * (one - score)))

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "HellingerExample"
                    Label = Domain.Unit
                    Score = Domain.Unit
                }

/// A learner of a game, as the law sees it.
[<NoComparison; NoEquality>]
type Learner =
    {
        Predict: float[] -> float
        Learn: float -> float[] -> unit
    }

[<RequireQualifiedAccess>]
module MixableLaw =
    /// Two to five predictions on [low, high], far apart in half of the cases, near one another in the rest, with random weights.
    let mixture low high (random: Random) =
        let n = 2 + random.Next 4

        let predictions =
            if random.Next 2 = 0 then
                Array.init n (fun _ ->
                    match random.Next 4 with
                    | 0 -> low
                    | 1 -> high
                    | _ -> Points.between random low high)
            else
                let centre = Points.between random low high
                let spread = 0.2 * (high - low)

                Array.init n (fun _ -> Math.Clamp(centre + Points.between random -spread spread, low, high))

        let raw = Array.init n (fun _ -> -(log (1.0 - random.NextDouble())))
        let sum = Array.sum raw

        {
            Weights = raw |> Array.map (fun w -> w / sum)
            Predictions = predictions
        }

    let mixtures seed count low high =
        Points.random seed count (mixture low high)

    let slack loss outcomes eta mixture =
        Mixability.slack loss outcomes eta mixture |> Require.ok

    /// No mixture violates, beyond the rounding of losses of size at most 100.
    let holds (loss: ILoss) outcomes eta mixtures =
        mixtures |> Array.forall (fun m -> slack loss outcomes eta m <= 1e-12)

    /// One prediction is no worse than the mixture's generalised loss for every label.
    let substitutes
        (loss: float -> float -> float)
        (eta: float)
        (substitution: float -> float -> float)
        labels
        (m: FiniteMixture)
        =
        let generalised y =
            -(Array.fold2 (fun s w p -> s + w * exp (-eta * loss y p)) 0.0 m.Weights m.Predictions |> log) / eta

        let p = substitution (generalised 0.0) (generalised 1.0)
        labels |> Array.forall (fun y -> loss y p <= generalised y + 8.0 * Ulp.eps)

    /// exp(-a l) bends down at every point: midpoint concavity over random pairs.
    let midpointConcave (loss: ILoss) a label (low: float, high: float) seed =
        // pairs at every distance: the worst curvature may lie at an end only
        Points.random seed 4000 (fun r ->
            let x = Points.between r low high
            x, Math.Clamp(x + (high - low) * Points.magnitude r -2.5 0.0, low, high))
        |> Array.forall (fun (x, z) ->
            let f score = exp (-a * Loss.value loss label score)
            f (0.5 * (x + z)) >= 0.5 * (f x + f z) * (1.0 - 4.0 * Ulp.eps))

    let squareLearner (game: AggregatingGame) experts : Learner =
        let mutable state = AggregatingAlgorithm.start game experts |> Require.ok

        {
            Predict = fun predictions -> AggregatingAlgorithm.predict (ReadOnlySpan predictions) state |> Require.ok
            Learn =
                fun label predictions ->
                    state <- AggregatingAlgorithm.step label (ReadOnlySpan predictions) state |> Require.ok
        }

    /// Regret against the best expert is at most (ln N)/eta after every round, on sequences where an adversary sees the prediction first.
    let regretWithin (learner: AggregatingGame -> int -> Learner) (game: AggregatingGame) (bound: float) seed =
        let random = Random(seed: int)
        let experts = 1 + random.Next 6
        let learner = learner game experts
        let low = game.Predictions.Low
        let high = game.Predictions.High

        let inside x =
            Math.Clamp(x, low + 1e-6 * (high - low), high - 1e-6 * (high - low))

        let style = random.Next 4
        let constants = Array.init experts (fun _ -> inside (Points.between random low high))
        let losses = Array.zeroCreate experts
        let mutable total = 0.0
        let mutable good = true

        for round in 1..200 do
            let predictions =
                Array.init experts (fun i ->
                    match style with
                    // constant, extreme by turns, and wandering experts
                    | 0 -> constants[i]
                    | 1 -> inside (if (i + round) % 2 = 0 then low else high)
                    | 2 -> inside (if i % 2 = 0 then low else high)
                    | _ -> inside (Points.between random low high))

            let p = learner.Predict predictions

            let label =
                match random.Next 4 with
                | 0 -> Points.between random low high
                // the end where the learner loses most over its best expert
                | 1
                | 2 ->
                    [| game.Labels.Low; game.Labels.High |]
                    |> Array.maxBy (fun y ->
                        game.Loss(y, p) - (predictions |> Array.map (fun q -> game.Loss(y, q)) |> Array.min))
                | _ ->
                    if abs (p - low) > abs (high - p) then
                        game.Labels.Low
                    else
                        game.Labels.High

            total <- total + game.Loss(label, p)

            for i in 0 .. experts - 1 do
                losses[i] <- losses[i] + game.Loss(label, predictions[i])

            learner.Learn label predictions
            let regret = total - Array.min losses
            // sums of at most 200 losses, each rounded
            good <- good && regret <= bound * log (float experts) + 400.0 * Ulp.eps * (1.0 + total)

        good

[<TestFixture; Category("exp-concavity")>]
type ExpConcavityLaws() =
    let ends = [| 0.0; 1.0 |]

    let measured loss labels scores =
        LossConstants.expConcavity loss labels scores |> Require.ok

    let unit = Domain.Unit

    [<Test>]
    member _.``Declared exp-concavity is what the definition gives on labels and means in [0,1], at drawn parameters``
        ()
        =
        let random = Random 23

        for entry, create in Draw.scalarEntries do
            for _ in 1..3 do
                let p = entry.Parameters |> Array.map (fun p -> Points.between random p.Typical.Low p.Typical.High)

                let loss: ILoss = create p
                let m = loss.Metadata

                // only where the score is the mean, and [0,1] is open to both
                if
                    m.ExpConcavity.HasValue
                    && m.Link = Link.Identity
                    && m.Label.Contains 0.0
                    && m.Label.Contains 0.5
                    && m.Score.Contains 0.0
                then
                    let found = measured loss unit unit
                    let declared = m.ExpConcavity.Value

                    // the grid and golden sections find the least to 1e-6; linear pieces give 0 exactly
                    Assert.That(found, Is.EqualTo(declared).Within(1e-6 * declared), $"{entry.Name} %A{p}")

    [<TestCase(0.0, 1.0)>]
    [<TestCase(-2.0, 3.0)>]
    [<TestCase(0.25, 0.5)>]
    member _.``Square loss on [a, b] is exp-concave 1/(2 (b-a)^2), half the square twice that, and mixable four times the former``
        (low: float, high: float)
        =
        let expected = 1.0 / (2.0 * (high - low) ** 2.0)
        let closed = ExpConcavity.squared low high |> Require.ok
        Assert.That(closed, Is.EqualTo(expected).Within(4.0 * Ulp.at expected))
        // Expectile 1/2 is half the square on any labels
        let found = measured (Expectile 0.5) (Domain.Closed(low, high)) (Domain.Closed(low, high))
        Assert.That(found, Is.EqualTo(2.0 * expected).Within(1e-12 * expected))
        let mixable = Mixability.squared low high |> Require.ok
        Assert.That(mixable, Is.EqualTo(4.0 * expected).Within(8.0 * Ulp.at expected))

    [<Test>]
    member _.``Square loss on |y|, |p| at most M: 1/(8 M^2) and 1/(2 M^2)``() =
        for m in [ 0.5; 1.0; 3.0 ] do
            Assert.That(ExpConcavity.squared -m m |> Require.ok, Is.EqualTo(1.0 / (8.0 * m * m)).Within(1e-15))
            Assert.That(Mixability.squared -m m |> Require.ok, Is.EqualTo(1.0 / (2.0 * m * m)).Within(1e-15))

    [<TestCase(0.1)>]
    [<TestCase(1.0)>]
    [<TestCase(4.0)>]
    member _.``Logistic and exponential loss, |m| at most B: e^-B; binary cross-entropy of a logit the same over all labels``
        (bound: float)
        =
        let scores = Domain.Closed(-bound, bound)
        let expected = exp -bound
        let near = Is.EqualTo(expected).Within(1e-9 * expected)
        Assert.That(measured (Logistic()) Domain.Signs scores, near)
        Assert.That(measured (Exponential()) Domain.Signs scores, near)
        Assert.That(measured (BinaryCrossEntropy()) unit scores, near)
        Assert.That(ExpConcavity.logistic bound |> Require.ok, Is.EqualTo expected)
        Assert.That(ExpConcavity.exponential bound |> Require.ok, Is.EqualTo expected)

        for y in [ 0.0; 0.2; 0.5; 0.9; 1.0 ] do
            let closed = ExpConcavity.crossEntropy y bound |> Require.ok
            let found = measured (BinaryCrossEntropy()) (Domain.Closed(y, y)) scores
            Assert.That(found, Is.EqualTo(closed).Within(1e-9 * closed), $"label {y}")
            Assert.That(closed, Is.GreaterThanOrEqualTo(expected * (1.0 - 1e-12)))

    [<Test>]
    member _.``Hinge, absolute error and quantile loss are not exp-concave at all``() =
        let scores = Domain.Closed(-0.5, 0.9)
        Assert.That(measured (Hinge()) Domain.Signs scores, Is.Zero)
        Assert.That(measured (AbsoluteError()) unit unit, Is.Zero)
        Assert.That(measured (Quantile 0.3) unit unit, Is.Zero)

    [<Test>]
    member _.``At the constant exp(-a l) is concave, a twentieth above it is not``() =
        let cases: (ILoss * float * float * (float * float)) list =
            [
                Squared(), 0.5, 0.0, (0.0, 1.0)
                Logistic(), exp -2.0, 1.0, (-2.0, 2.0)
                PseudoHuber 0.7, 0.7 / sqrt 1.49, 0.0, (0.0, 1.0)
                LogCosh(), 1.0 / sinh 1.0 ** 2.0, 0.0, (0.0, 1.0)
                Expectile 0.8, 1.0 / 1.6, 1.0, (0.0, 1.0)
                BinomialDeviance(), 0.5, 0.3, (0.01, 0.99)
            ]

        for loss, a, label, interval in cases do
            Assert.That(MixableLaw.midpointConcave loss a label interval 5, $"{loss.Metadata.Name} at its constant")

            if label <> 0.3 then
                Assert.That(
                    MixableLaw.midpointConcave loss (1.05 * a) label interval 5,
                    Is.False,
                    $"{loss.Metadata.Name} above it"
                )

    [<Test>]
    member _.``Intervals that do not fit are refused``() =
        let refused labels scores =
            LossConstants.expConcavity (Squared()) labels scores |> Result.isError

        Assert.That(refused (Domain.Closed(-1.0, 1.0)) unit)
        Assert.That(refused unit Domain.Reals)
        Assert.That(refused unit (Domain.Closed(1.0, 0.0)))
        Assert.That(refused unit (Domain.Closed(0.5, 0.5)))
        Assert.That(ExpConcavity.squared 1.0 1.0 |> Result.isError)
        Assert.That(ExpConcavity.logistic -1.0 |> Result.isError)
        Assert.That(ExpConcavity.crossEntropy 1.5 1.0 |> Result.isError)

    // Mixability

    [<Test>]
    member _.``Square loss is mixable at 2, on labels inside [0,1] too, and not at 2.1``() =
        let mixtures = MixableLaw.mixtures 1 600 0.0 1.0
        let labels = Array.init 21 (fun i -> float i / 20.0)
        Assert.That(MixableLaw.holds (Squared()) labels 2.0 mixtures)
        Assert.That(MixableLaw.holds (Squared()) ends 2.1 mixtures, Is.False)
        let largest = Mixability.largest (Squared()) ends 10.0 mixtures |> Require.ok
        Assert.That(largest, Is.InRange(2.0 - 1e-6, 2.1))

    [<Test>]
    member _.``Log loss is mixable at 1 and not at 1.05, in logits``() =
        let mixtures = MixableLaw.mixtures 2 400 -30.0 30.0
        Assert.That(MixableLaw.holds (BinaryCrossEntropy()) ends 1.0 mixtures)
        Assert.That(MixableLaw.holds (BinaryCrossEntropy()) ends 1.05 mixtures, Is.False)
        let largest = Mixability.largest (BinaryCrossEntropy()) ends 10.0 mixtures |> Require.ok
        Assert.That(largest, Is.InRange(1.0 - 1e-6, 1.05))

    [<Test>]
    member _.``Hellinger loss is mixable at sqrt 2 and not at 1.5``() =
        let mixtures = MixableLaw.mixtures 3 600 0.0 1.0
        Assert.That(MixableLaw.holds (HellingerExample()) ends Mixability.hellinger mixtures)
        Assert.That(MixableLaw.holds (HellingerExample()) ends 1.5 mixtures, Is.False)

    [<Test>]
    member _.``Experts at 0 and 1 violate the log loss beyond 1, the Hellinger loss only beyond 1.8 and the square loss only beyond 2.4``
        ()
        =
        let certain =
            {
                Weights = [| 0.5; 0.5 |]
                Predictions = [| 0.0; 1.0 |]
            }

        let logits =
            { certain with
                Predictions = [| -40.0; 40.0 |]
            }

        Assert.That(MixableLaw.slack (BinaryCrossEntropy()) ends 1.05 logits, Is.GreaterThan 0.03)
        // l(y, 1/2) against -(1/eta) ln((1 + e^-eta)/2): the mixtures that show the constants lie close together
        Assert.That(MixableLaw.slack (HellingerExample()) ends 1.8 certain, Is.LessThan 0.0)
        Assert.That(MixableLaw.slack (HellingerExample()) ends 1.95 certain, Is.GreaterThan 0.0)
        Assert.That(MixableLaw.slack (Squared()) ends 2.4 certain, Is.LessThan 0.0)
        Assert.That(MixableLaw.slack (Squared()) ends 2.5 certain, Is.GreaterThan 0.0)

    [<Test>]
    member _.``Absolute error and quantile loss are mixable at no eta of a thousandth or more``() =
        let mixtures = MixableLaw.mixtures 4 200 0.0 1.0
        let labels = Array.init 21 (fun i -> float i / 20.0)
        Assert.That(Mixability.largest (AbsoluteError()) ends 10.0 mixtures |> Require.ok, Is.LessThan 1e-3)
        Assert.That(Mixability.largest (Quantile 0.3) labels 10.0 mixtures |> Require.ok, Is.LessThan 1e-3)

    [<Test>]
    member _.``Slack grows with eta``() =
        for m in MixableLaw.mixtures 5 200 0.0 1.0 do
            let slacks =
                [| 0.1; 0.5; 1.0; 2.0; 4.0; 8.0 |] |> Array.map (fun eta -> MixableLaw.slack (Squared()) ends eta m)

            Assert.That(slacks |> Array.pairwise |> Array.forall (fun (a, b) -> b >= a - 1e-13))

    [<Test>]
    member _.``The substitution function of the square loss is no worse than the mixture for any label in [0,1]``() =
        let labels = Array.init 21 (fun i -> float i / 20.0)
        let loss y (p: float) = (y - p) * (y - p)

        for m in MixableLaw.mixtures 6 600 0.0 1.0 do
            Assert.That(MixableLaw.substitutes loss 2.0 Substitution.square labels m, $"%A{m}")

    [<Test>]
    member _.``The mixture itself attains the log loss of n classes at eta 1, and the Brier substitution that at eta 1 and not at 1.1``
        ()
        =
        let random = Random 8

        let simplex n =
            let raw = Array.init n (fun _ -> (-(log (1.0 - random.NextDouble()))) ** 2.0)
            raw |> Array.map (fun w -> w / Array.sum raw)

        let mutable violated = false

        for _ in 1..1000 do
            let n = 2 + random.Next 4
            let experts = Array.init (1 + random.Next 5) (fun _ -> simplex n)
            let weights = simplex experts.Length

            let generalised eta loss =
                Array.init n (fun y ->
                    -(log (Array.fold2 (fun s w p -> s + w * exp (-eta * loss y p)) 0.0 weights experts)) / eta)

            let logLoss y (p: float[]) = -(log p[y])

            let mixed =
                Array.init n (fun j -> Array.fold2 (fun s w (p: float[]) -> s + w * p[j]) 0.0 weights experts)

            let brier y (p: float[]) =
                Seq.sum (seq { for j in 0 .. n - 1 -> (p[j] - (if j = y then 1.0 else 0.0)) ** 2.0 })

            let room = 64.0 * Ulp.eps

            Array.iteri
                (fun y g -> Assert.That(abs (logLoss y mixed - g), Is.LessThanOrEqualTo(room * (1.0 + abs g))))
                (generalised 1.0 logLoss)

            let p = Substitution.brier (generalised 1.0 brier) |> Require.ok
            Assert.That(Array.sum p, Is.EqualTo(1.0).Within room)
            Assert.That(Array.forall (fun x -> x >= 0.0) p)
            Array.iteri (fun y g -> Assert.That(brier y p, Is.LessThanOrEqualTo(g + room))) (generalised 1.0 brier)
            // of two classes the Brier score is twice the square loss, mixable at exactly 1
            let above = generalised 1.1 brier
            let q = Substitution.brier above |> Require.ok
            violated <- violated || Seq.exists (fun y -> brier y q > above[y] + room) (seq { 0 .. n - 1 })

        Assert.That violated

    [<Test>]
    member _.``Bad mixtures are refused by name``() =
        let slack eta weights predictions =
            Mixability.slack
                (Squared())
                ends
                eta
                {
                    Weights = weights
                    Predictions = predictions
                }

        Assert.That(slack 0.0 [| 1.0 |] [| 0.5 |] |> Result.isError)
        Assert.That(slack 1.0 [| 1.0; 0.0 |] [| 0.5 |] |> Result.isError)
        Assert.That(slack 1.0 [| -1.0; 2.0 |] [| 0.5; 0.1 |] |> Result.isError)
        Assert.That(slack 1.0 [| 0.0 |] [| 0.5 |] |> Result.isError)
        Assert.That(slack 1.0 [| 1.0 |] [| nan |] |> Result.isError)
        Assert.That(slack 1.0 [||] [||] |> Result.isError)

    // The Aggregating Algorithm

    [<Test>]
    member _.``The Aggregating Algorithm's regret is at most (ln N)/eta in every round of random and adversarial sequences``
        ()
        =
        for seed in 1..150 do
            for game in
                [
                    AggregatingGame.Square(0.0, 1.0)
                    AggregatingGame.Square(-3.0, 2.0)
                    AggregatingGame.Log
                ] do
                Assert.That(
                    MixableLaw.regretWithin MixableLaw.squareLearner game (1.0 / game.Eta) seed,
                    $"{game.Name}, seed {seed}"
                )

    [<Test>]
    member _.``The bound is nearly attained: two constant experts and a learner that must choose``() =
        // log loss, experts almost sure of 0 and of 1, one label: the learner pays ln 2, the better expert nothing
        let predictions = [| 1e-9; 1.0 - 1e-9 |]
        let start = AggregatingAlgorithm.start AggregatingGame.Log 2 |> Require.ok
        let after = AggregatingAlgorithm.step 1.0 (ReadOnlySpan predictions) start |> Require.ok
        let bound = AggregatingAlgorithm.regretBound after
        Assert.That(bound.Value, Is.EqualTo(log 2.0))
        Assert.That(after.Regret, Is.InRange(bound.Value - 1e-8, bound.Value))
        Assert.That(bound.Kind, Is.EqualTo BoundKind.Deterministic)
        Assert.That(start.Rounds, Is.EqualTo 0L)
        Assert.That(after.Rounds, Is.EqualTo 1L)

    [<Test>]
    member _.``A step leaves the old state as it was, and weights sum to 1 after losses of any size``() =
        let game = AggregatingGame.Square(0.0, 1000.0)
        let mutable state = AggregatingAlgorithm.start game 3 |> Require.ok
        let first = state

        for _ in 1..5000 do
            state <- AggregatingAlgorithm.step 0.0 (ReadOnlySpan [| 1000.0; 999.0; 0.0 |]) state |> Require.ok

        let weights = AggregatingAlgorithm.weights state
        Assert.That(Array.sum weights, Is.EqualTo(1.0).Within(4.0 * Ulp.eps))
        Assert.That(weights[2], Is.EqualTo 1.0)
        Assert.That(first.LearnerLoss, Is.Zero)
        Assert.That(AggregatingAlgorithm.weights first |> Array.distinct, Has.Length.EqualTo 1)
        Assert.That(state.ExpertLosses[0], Is.EqualTo 5e9)

    [<Test>]
    member _.``Predictions and labels outside the game are refused by name``() =
        let state = AggregatingAlgorithm.start AggregatingGame.Log 2 |> Require.ok

        let step label predictions =
            AggregatingAlgorithm.step label (ReadOnlySpan<float>(predictions: float[])) state

        let name result =
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> argument
            | Error(HindsightError.WrongDimension(argument, _, _)) -> argument
            | Error e -> e.Message
            | Ok(s: AggregatingState) -> string s.Rounds

        Assert.That(name (step 0.5 [| 0.5; 0.0 |]), Is.EqualTo "predictions[1]")
        Assert.That(name (step 0.5 [| 0.5; nan |]), Is.EqualTo "predictions[1]")
        Assert.That(name (step 1.5 [| 0.5; 0.5 |]), Is.EqualTo "label")
        Assert.That(name (step 0.5 [| 0.5 |]), Is.EqualTo "predictions")
        Assert.That(AggregatingAlgorithm.start AggregatingGame.Log 0 |> Result.isError)

        Assert.Throws<HindsightException>(fun () -> AggregatingGame.Square(1.0, 1.0).Name |> string |> Assert.Fail)
        |> fun e -> Assert.That(e.Message, Does.Contain "high - low")
