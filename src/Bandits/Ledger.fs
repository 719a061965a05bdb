namespace Hindsight

open System
open System.Collections.Generic
open Hindsight.FSharp

[<Struct; NoComparison>]
type LedgerRow =
    {
        Round: int64
        Cost: float
        CostLow: float
        CostHigh: float
        SquareLoss: float
        LogLoss: float
        RegressionRegret: float
        RegressionRegretConstants: float
        PseudoRegret: float
        Certificate: float
        Estimate: float
        OutsideUnit: int64
    }

/// A pending decision: what the ledger needs of it when its cost comes.
[<Struct; NoComparison; NoEquality>]
type private Entry =
    {
        Decision: Decision
        /// The coefficient that was chosen, and the decision value at it.
        Coefficient: float
        Value: float
    }

/// Costs of one arm: enough for the best constant in hindsight.
[<Struct; NoComparison>]
type private ArmCosts =
    {
        mutable Count: float
        mutable Mean: float
        /// Sum of squared distances to the mean.
        mutable Spread: float
    }

[<Sealed>]
type Ledger(delta: float) =
    let delta = Require.ok (Require.confidence "delta" delta)
    // rounds at which the mixture is narrowest: where a bandit has left its first steps behind
    let mixture = Require.ok (ConfidenceSequence.normalMixture 0.0 1.0 10_000.0 (delta / 2.0))
    let stitched = Require.ok (ConfidenceSequence.stitchedEmpirical 0.0 1.0 (delta / 2.0))
    let pending = Dictionary<int64, Entry>()
    let order = Queue<int64>()
    let mostPending = 1_000_000
    let mutable armCosts = Array.zeroCreate<ArmCosts> 0
    let mutable round = 0L
    let mutable cost = 0.0
    let mutable squareLoss = 0.0
    let mutable logLoss = 0.0
    let mutable comparatorLoss = 0.0
    let mutable pseudoRegret = 0.0
    let mutable certificate = 0.0
    let mutable estimate = 0.0
    let mutable outside = 0L
    let mutable meansKnown = true
    let mutable watched: NeuralOracle = Unchecked.defaultof<NeuralOracle>

    /// The latest measurement, of which network and at which of its steps.
    let mutable latest: struct (NeuralOracle * int64 * Result<PathGrowth, HindsightError>) voption =
        ValueNone

    /// Nothing of an oracle that is not watched, or has seen nothing.
    let growthOf (neural: NeuralOracle) =
        if isNull neural.Meter || neural.Meter.Seen = 0L then
            None
        else
            let steps = neural.Network.Steps

            match latest with
            | ValueSome struct (other, at, path) when obj.ReferenceEquals(other, neural) && at = steps -> Some path
            | _ ->
                let path = neural.Meter.Measure neural.Network
                latest <- ValueSome struct (neural, steps, path)
                Some path

    static let coefficients = [| for power in -4 .. 12 -> Math.ScaleB(1.0, power) |]

    /// min over the grid of decision value + c error: the value and its c.
    static let least (decision: Decision) error =
        let mutable best = infinity
        let mutable at = coefficients[0]

        for c in coefficients do
            let value =
                Igw.decisionValue (ReadOnlySpan decision.PredictedCosts) c (ReadOnlySpan decision.Distribution)

            if value + c * error < best then
                best <- value + c * error
                at <- c

        struct (best, at)

    static member Certify(decision: Decision, means: ReadOnlySpan<float>) =
        let mutable error = 0.0

        for a in 0 .. means.Length - 1 do
            if decision.Distribution[a] > 0.0 then
                let e = decision.PredictedCosts[a] - means[a]
                error <- error + decision.Distribution[a] * e * e

        let struct (best, _) = least decision error
        Math.Min(1.0, best)

    static member private Assume(name: string, status: AssumptionStatus, detail: string) : Assumption =
        {
            Name = name
            Status = status
            Detail = detail
        }

    /// Whether an oracle takes one step a round of size rate/t.
    static member private StepsOfTheorem(neural: NeuralOracle) =
        neural.Options.Memory = ReplayMemory.Off && neural.Options.Schedule = RateSchedule.InverseTime

    static member private Steps(neural: NeuralOracle, round: int64) =
        $"{neural.Network.Steps} steps for {round} observations, schedule {neural.Options.Schedule}, memory {neural.Options.Memory}"

    /// A bound on the expected regret of so many rounds of costs in [0,1], with what was measured for it and what it rests on.
    static member private Bound
        (
            name: string,
            formula: string,
            rounds: float,
            (symbol: string, measured: float, meaning: string),
            assumption: Assumption,
            value: float
        ) : Bound =
        {
            Name = name
            Source = "derived here from the exact decision value"
            Kind = BoundKind.Expectation
            Delta = Nullable()
            Direction = BoundDirection.Upper
            Terms =
                [|
                    {
                        Symbol = "T"
                        Value = rounds
                        Meaning = "rounds"
                    }
                    {
                        Symbol = symbol
                        Value = measured
                        Meaning = meaning
                    }
                |]
            Assumptions =
                [|
                    assumption
                    Ledger.Assume("costs lie in [0,1]", AssumptionStatus.ByConstruction, "checked at the door")
                |]
            Value = value
            Formula = formula
            Trivial = rounds
        }

    /// Raises for a number outside [0,1]; without allocating where it is inside.
    static member private Check(argument: string, x: float) =
        if not (x >= 0.0 && x <= 1.0) then
            Require.ok (Require.inside argument Domain.Unit x) |> ignore<float>

    member _.Delta = delta

    member _.Watch(oracle: IRegressionOracle) =
        ArgumentNullException.ThrowIfNull(oracle, "oracle")

        match oracle with
        | :? NeuralOracle as neural ->
            if isNull neural.Meter then
                // a measurement costs some 150 gradients an observation
                let capacity = if neural.Network.ParameterCount <= 100_000 then 256 else 64
                neural.Meter <- GrowthMeter(capacity, neural.Options.Network.Seed)

            watched <- neural
        | _ -> ()

    member _.Pending = pending.Count

    member _.Row =
        let mutable spread = 0.0

        for a in armCosts do
            spread <- spread + a.Spread

        {
            Round = round
            Cost = cost
            CostLow = Math.Max(mixture.AverageLower, stitched.AverageLower)
            CostHigh = Math.Min(mixture.AverageUpper, stitched.AverageUpper)
            SquareLoss = squareLoss
            LogLoss = logLoss
            RegressionRegret = if meansKnown then squareLoss - comparatorLoss else nan
            RegressionRegretConstants = squareLoss - spread
            PseudoRegret = if meansKnown then pseudoRegret else nan
            Certificate = if meansKnown then certificate else nan
            Estimate = estimate
            OutsideUnit = outside
        }

    member _.Open(decision: Decision) =
        ArgumentNullException.ThrowIfNull(decision, "decision")

        if pending.ContainsKey decision.Id then
            raise (
                HindsightException(
                    HindsightError.Incompatible
                        $"Decision {decision.Id} is in the ledger already; a ledger is for one bandit."
                )
            )

        // the mean squared error so far; before the first cost that of a guess of 1/2
        let error = (squareLoss + 0.25) / float (round + 1L)
        let struct (_, c) = least decision error

        let value =
            Igw.decisionValue (ReadOnlySpan decision.PredictedCosts) c (ReadOnlySpan decision.Distribution)

        pending[decision.Id] <-
            {
                Decision = decision
                Coefficient = c
                Value = value
            }

        order.Enqueue decision.Id

        // settled numbers leave the queue when they come to its front
        while order.Count > 0 && (pending.Count > mostPending || not (pending.ContainsKey(order.Peek()))) do
            pending.Remove(order.Dequeue()) |> ignore<bool>

    member private _.Count(entry: Entry, x: float) =
        let decision = entry.Decision
        let arm = decision.Arm
        let y = decision.PredictedCosts[arm]
        let e = y - x
        round <- round + 1L
        cost <- cost + x
        squareLoss <- squareLoss + e * e
        let q = Math.Clamp(y, 1e-12, 1.0 - 1e-12)

        let part a b =
            if a = 0.0 then 0.0 else a * Math.Log(a / b)

        logLoss <- logLoss + part x q + part (1.0 - x) (1.0 - q)

        estimate <-
            estimate
            + (if entry.Value >= 1.0 then
                   1.0
               else
                   entry.Value + entry.Coefficient * e * e)

        let mutable isOutside = false

        for predicted in decision.PredictedCosts do
            if predicted < 0.0 || predicted > 1.0 then
                isOutside <- true

        if isOutside then
            outside <- outside + 1L

        if arm >= armCosts.Length then
            Array.Resize(&armCosts, arm + 1)

        let costs = &armCosts[arm]
        costs.Count <- costs.Count + 1.0
        let away = x - costs.Mean
        costs.Mean <- costs.Mean + away / costs.Count
        costs.Spread <- costs.Spread + away * (x - costs.Mean)
        mixture.Update x
        stitched.Update x

    member this.TrySettle(id: int64, cost: float) =
        Ledger.Check("cost", cost)

        match pending.TryGetValue id with
        | true, entry ->
            pending.Remove id |> ignore<bool>
            meansKnown <- false
            this.Count(entry, cost)
            true
        | _ -> false

    member this.TrySettle(id: int64, cost: float, means: ReadOnlySpan<float>) =
        Ledger.Check("cost", cost)

        for mean in means do
            Ledger.Check("means", mean)

        match pending.TryGetValue id with
        | true, entry ->
            let decision = entry.Decision

            if means.Length <> decision.Distribution.Length then
                Require.ok (Require.length "means" decision.Distribution.Length means.Length)

            pending.Remove id |> ignore<bool>
            let mean = means[decision.Arm]
            let mutable best = infinity

            // what is not available is no comparator
            for a in 0 .. means.Length - 1 do
                if decision.Distribution[a] > 0.0 || a = decision.Arm then
                    best <- Math.Min(best, means[a])

            comparatorLoss <- comparatorLoss + (mean - cost) * (mean - cost)
            pseudoRegret <- pseudoRegret + mean - best
            certificate <- certificate + Ledger.Certify(decision, means)
            this.Count(entry, cost)
            true
        | _ -> false

    static member CertificateBound(rounds: float, pseudoRegret: float, value: float) =
        Ledger.Bound(
            "certificate of the decisions",
            "sum_t min(1, min_c [decision value(p_t, predicted_t, c) + c sum_a p_t(a) (predicted_t(a) - mean_t(a))^2])",
            rounds,
            ("Reg", pseudoRegret, "measured pseudo-regret"),
            Ledger.Assume(
                "the oracle's errors on every arm are known",
                AssumptionStatus.Measured,
                "the simulation knows the mean costs; the bandit does not"
            ),
            value
        )

    member this.Implied(arms: int) =
        let row = this.Row
        let horizon = float row.Round

        [|
            if row.Round > 0L then
                if Double.IsFinite row.Certificate then
                    Ledger.CertificateBound(horizon, row.PseudoRegret, row.Certificate)

                Ledger.Bound(
                    "estimate of the decisions",
                    "sum_t [decision value(p_t, predicted_t, c_t) + c_t (predicted_t - cost_t)^2], 1 a round at most where c_t cannot do better",
                    horizon,
                    ("S", row.SquareLoss, "sum of squared errors at the chosen arms, noise included"),
                    Ledger.Assume(
                        "realizability",
                        AssumptionStatus.Assumed,
                        "the mean cost of every arm is a fixed function of what the oracle sees"
                    ),
                    row.Estimate
                )

                let known = Double.IsFinite row.RegressionRegret
                let regret = if known then row.RegressionRegret else row.SquareLoss

                if arms >= 2 && regret > 0.0 then
                    let theorem =
                        SquareCB.expectationGamma Normalization.Exact arms horizon regret
                        |> Result.bind (SquareCB.expectation Normalization.Exact arms horizon regret)

                    match theorem with
                    | Ok b ->
                        { b with
                            Name = "SquareCB regret at the measured regression regret"
                            Source = $"{b.Source}; R measured on this run, gamma the best in hindsight"
                            Kind = BoundKind.Heuristic
                            Assumptions =
                                Array.append
                                    b.Assumptions
                                    [|
                                        Ledger.Assume(
                                            "R bounds the oracle's regret on every sequence",
                                            AssumptionStatus.Measured,
                                            (if known then
                                                 "against the mean costs, on this sequence only"
                                             else
                                                 "the squared errors of this sequence, which no comparator can undercut by more")
                                        )
                                    |]
                        }
                    | Error _ -> ()

                if not (isNull (box watched)) then
                    match growthOf watched with
                    | Some(Ok path) when path.Growth > 0.0 && Double.IsFinite path.Growth && path.Steepest > 0.0 ->
                        match Qg.onlineLogRegret path.Steepest path.Growth path.Slack horizon with
                        | Ok b ->
                            let sample =
                                $"measured at {path.Points.Length} points of the path, L averaged over {path.Observations} observations"

                            { b with
                                Name =
                                    "regression regret in the network's own loss at the growth measured along the path"
                                Source = $"{b.Source}; mu, epsilon and G measured on this run"
                                Kind = BoundKind.Heuristic
                                Assumptions =
                                    [|
                                        Ledger.Assume(
                                            "quadratic growth with constant mu, convex up to epsilon, gradients up to G",
                                            AssumptionStatus.Measured,
                                            sample
                                        )
                                        Ledger.Assume(
                                            "every round's loss is as the sample's average",
                                            AssumptionStatus.Assumed,
                                            "one minimiser common to all rounds among it"
                                        )
                                        Ledger.Assume(
                                            "projected gradient descent with step 2/(mu t)",
                                            (if Ledger.StepsOfTheorem watched then
                                                 AssumptionStatus.Assumed
                                             else
                                                 AssumptionStatus.Violated),
                                            Ledger.Steps(watched, round)
                                        )
                                    |]
                            }
                        | Error _ -> ()
                    | _ -> ()
        |]

    member _.Assumptions(oracle: IRegressionOracle) =
        let measured name status detail = Ledger.Assume(name, status, detail)

        [|
            measured
                "predictions lie in [0,1]"
                (if outside = 0L then
                     AssumptionStatus.Measured
                 else
                     AssumptionStatus.Violated)
                $"outside in {outside} of {round} rounds"
            match oracle with
            | :? NeuralOracle as neural ->
                let network = neural.Network
                let options = network.Options
                let width = options.Hidden[0]
                let ridge = options.PerturbationScale * options.PerturbationScale / sqrt (float width)

                measured
                    "one projected step a round, step sizes of the theorem"
                    (if Ledger.StepsOfTheorem neural then
                         AssumptionStatus.ByConstruction
                     else
                         AssumptionStatus.Violated)
                    (Ledger.Steps(neural, round))

                measured
                    "iterates stay in the ball"
                    AssumptionStatus.Measured
                    $"{network.Projections} of {network.Steps} steps were projected back"

                measured
                    "the perturbation makes the minimiser unique"
                    (if options.Perturbation = PerturbationKind.Off then
                         AssumptionStatus.Violated
                     else
                         AssumptionStatus.Assumed)
                    (match options.Perturbation with
                     | PerturbationKind.Off -> "no perturbation: the averaged loss is flat wherever the network is"
                     | PerturbationKind.Expected ->
                         $"in expectation a ridge towards the initialisation: growth at most c_p^2/sqrt(width) = {ridge:G3}, less what the network's curvature takes"
                     | _ ->
                         $"{options.PerturbationCount} sign vectors for {network.ParameterCount} parameters, ridge c_p^2/sqrt(width) = {ridge:G3} in expectation: growth at the points visited, not everywhere")

                match growthOf neural with
                | None -> ()
                | Some(Error e) ->
                    measured
                        "the averaged loss grows quadratically from its minimiser"
                        AssumptionStatus.Violated
                        e.Message
                | Some(Ok path) ->
                    measured
                        "the averaged loss grows quadratically from its minimiser"
                        (if path.Growth > 0.0 then
                             AssumptionStatus.Measured
                         else
                             AssumptionStatus.Violated)
                        $"2 (L - L*)/distance^2 is at least {path.Growth:G3} at {path.Points.Length} points of the path, L averaged over {path.Observations} observations; gradient {path.GradientNorm:G2} where L* = {path.Least:G4} was found"

                    measured
                        "the averaged loss is convex up to epsilon"
                        AssumptionStatus.Measured
                        $"epsilon at most {path.Slack:G3} from the same points to that minimiser"

                measured
                    "width at least a power of the horizon"
                    (if float width >= float round ** 4.0 then
                         AssumptionStatus.Assumed
                     else
                         AssumptionStatus.Violated)
                    $"width {width}; interpolation with a vanishing ridge term asks for far more than T^4 = {float round ** 4.0:G3}"
            | _ -> ()
        |]
