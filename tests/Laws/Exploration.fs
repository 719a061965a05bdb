namespace Hindsight.Tests.Laws

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Predicted costs of 1 to 12 arms on the grid 2^-30 of [0,1], with forced ties and zeros. On the grid, shifting by and scaling with powers of two is exact.
type Costs = Costs of float[]

/// An exploration parameter: 0, 1e300, or log-uniform in [1e-3, 1e6].
type Exploration = Exploration of float

/// Standard widths of 12 arms in [0, 1], log-uniform down to 1e-6, some 0.
type Widths = Widths of float[]

type BanditArbitraries =
    static member CostsGen =
        gen {
            let unit = Gen.choose (0, 1 <<< 30) |> Gen.map (fun i -> float i / float (1 <<< 30))
            let! pool = Gen.arrayOfLength 3 unit
            let element = Gen.frequency [ 6, unit; 4, Gen.elements pool; 1, Gen.constant 0.0 ]
            let! k = Gen.choose (1, 12)
            let! y = Gen.arrayOfLength k element
            return Costs y
        }

    static member ExplorationGen =
        Gen.frequency
            [
                1, Gen.constant 0.0
                1, Gen.constant 1e300
                8, Gen.choose (-3000, 6000) |> Gen.map (fun e -> Math.Pow(10.0, float e / 1000.0))
            ]
        |> Gen.map Exploration

    static member Costs() =
        Arb.fromGenShrink (
            BanditArbitraries.CostsGen,
            fun (Costs y) ->
                seq {
                    if y.Length > 1 then
                        for i in 0 .. y.Length - 1 -> Costs(Array.removeAt i y)
                }
        )

    static member Exploration() =
        Arb.fromGen BanditArbitraries.ExplorationGen

    static member Widths() =
        let width = Gen.choose (-6000, 0) |> Gen.map (fun e -> Math.Pow(10.0, float e / 1000.0))

        Gen.frequency [ 5, width; 1, Gen.constant 0.0 ]
        |> Gen.arrayOfLength 12
        |> Gen.map Widths
        |> Arb.fromGen

/// Laws of exploration rules, as functions over an implementation, so that mutants can be put through them.
[<RequireQualifiedAccess>]
module RuleLaw =
    /// Predictions and gamma to probabilities.
    type Rule = float[] -> float -> float[]

    let eps = Math.BitIncrement 1.0 - 1.0

    let near tolerance a b = abs (a - b) <= tolerance

    let arms (y: float[]) = float y.Length

    /// What a sum of K numbers with sum 1 may be off by.
    let sumError y = arms y * eps

    let simplex (rule: Rule) y gamma =
        let p = rule y gamma

        p.Length = y.Length
        && p |> Array.forall (fun q -> q >= 0.0 && q <= 1.0 + sumError y)
        && near (sumError y) (Array.sum p) 1.0

    let tiesShare (rule: Rule) y gamma =
        let p = rule y gamma
        let best = Array.min y
        let shares = Array.zip y p |> Array.filter (fun (c, _) -> c = best) |> Array.map snd
        shares |> Array.forall (fun q -> q = shares[0])

    let minimisersLead (rule: Rule) (y: float[]) gamma =
        let p = rule y gamma
        let best = Array.min y
        Array.forall2 (fun c q -> c > best || q >= 1.0 / arms y - sumError y) y p

    let othersTrail (rule: Rule) (y: float[]) gamma =
        let p = rule y gamma
        let best = Array.min y
        Array.forall2 (fun c q -> c = best || q <= 1.0 / arms y) y p

    let monotone (rule: Rule) (y: float[]) gamma =
        let p = rule y gamma

        Seq.allPairs [ 0 .. y.Length - 1 ] [ 0 .. y.Length - 1 ]
        |> Seq.forall (fun (a, b) -> not (y[a] < y[b]) || p[a] >= p[b])

    let orderless (rule: Rule) y gamma =
        Array.forall2 (near (sumError y)) (rule (Array.rev y) gamma) (Array.rev (rule y gamma))

    let uniformAtZero (rule: Rule) y (_: float) =
        rule y 0.0 |> Array.forall (near eps (1.0 / arms y))

    /// gaps on the grid are at least 2^-30, so 1e300 times a gap leaves at most 1e-290.
    let greedyAtInfinity (rule: Rule) y (_: float) =
        let best = Array.min y
        let ties = y |> Array.filter ((=) best) |> Array.length

        Array.forall2 (fun c q -> near (sumError y) q (if c = best then 1.0 / float ties else 0.0)) y (rule y 1e300)

    let shiftInvariant (rule: Rule) y gamma =
        rule (Array.map (fun c -> c / 2.0) y) gamma = rule (Array.map (fun c -> c / 2.0 + 0.25) y) gamma

    let scaleInvariant (rule: Rule) y gamma =
        rule y gamma = rule (Array.map (fun c -> c / 128.0) y) gamma

    /// p_a (K + gamma gap) = 1.
    let fixedDefinition (rule: Rule) y gamma =
        let best = Array.min y

        Array.forall2 (fun c q -> c = best || near (8.0 * eps) (q * (arms y + gamma * (c - best))) 1.0) y (rule y gamma)

    /// p_a (K y_b + gamma gap) = y_b.
    let reweightedDefinition (rule: Rule) y gamma =
        let best = Array.min y

        gamma = 0.0
        || Array.forall2
            (fun c q -> c = best || near (8.0 * eps * best) (q * (arms y * best + gamma * (c - best))) best)
            y
            (rule y gamma)

    /// 1/p_a - gamma gap/scale is the same lambda in [1, K] for every arm.
    let private oneLambda scale (rule: Rule) (y: float[]) gamma =
        let p = rule y gamma
        let best = Array.min y
        let lambda = 1.0 / p[Array.findIndex ((=) best) y]

        lambda >= 1.0 - sumError y
        && lambda <= arms y * (1.0 + sumError y)
        && Array.forall2
            (fun c q ->
                let g = gamma * ((c - best) / scale)
                c = best || near (4.0 * eps * (lambda + g)) (1.0 / q) (lambda + g) || (q = 0.0 && g = infinity))
            y
            p

    let exactDefinition rule y gamma = oneLambda 1.0 rule y gamma

    let reweightedExactDefinition rule y gamma =
        gamma = 0.0 || oneLambda (Array.min y) rule y gamma

    let decision (p: float[]) (y: float[]) c =
        Igw.decisionValue (ReadOnlySpan y) c (ReadOnlySpan p)

    /// The error of a decision value: 1/p is at most K + gamma gap, and each of its few operations rounds once.
    let decisionError y gamma =
        16.0 * sumError y * (1.0 + arms y / gamma)

    /// Derived in theory S5.2, and implies FR20's lemma, 2K/gamma.
    let fixedPrice (rule: Rule) y gamma =
        gamma = 0.0
        || decision (rule y gamma) y (gamma / 4.0) <= 2.0 * (arms y - 1.0) / gamma + decisionError y gamma

    let exactPrice (rule: Rule) y gamma =
        gamma = 0.0
        || near (decisionError y gamma) (decision (rule y gamma) y (gamma / 4.0)) ((arms y - 1.0) / gamma)

    /// The first-order inequality of the re-weighted rule, for gamma >= 2K, costs f in [0,1]; (f - y)^2/(f + y) without underflow.
    let firstOrder (rule: Rule) (f: int -> float) (y: float[]) gamma =
        let gamma = max gamma (2.0 * arms y)
        let p = rule y gamma
        let cost = p |> Array.mapi (fun a q -> q * f a) |> Array.sum
        let least = Seq.init y.Length f |> Seq.min

        let discrimination =
            p
            |> Array.mapi (fun a q ->
                let d, s = f a - y[a], f a + y[a]
                if s = 0.0 then 0.0 else q * d * (d / s))
            |> Array.sum

        cost - least <= 5.0 * arms y / gamma * cost + 7.0 * gamma * discrimination + 4.0 * sumError y

    let general: (string * (Rule -> float[] -> float -> bool)) list =
        [
            "probabilities are >= 0 and sum to 1", simplex
            "minimisers share equally", tiesShare
            "minimisers have at least 1/K", minimisersLead
            "a smaller prediction has no smaller probability", monotone
            "the order of the arms does not matter", orderless
            "gamma = 0 is uniform", uniformAtZero
            "gamma = 1e300 is greedy", greedyAtInfinity
        ]

    let ofFixed =
        general
        @ [
            "others have at most 1/K", othersTrail
            "a common shift changes nothing", shiftInvariant
            "p (K + gamma gap) = 1", fixedDefinition
            "price at most 2(K-1)/gamma", fixedPrice
        ]

    let ofExact =
        general
        @ [
            "a common shift changes nothing", shiftInvariant
            "1/p - gamma gap is one lambda in [1, K]", exactDefinition
            "price (K-1)/gamma", exactPrice
        ]

    let ofReweighted =
        general
        @ [
            "others have at most 1/K", othersTrail
            "a common factor changes nothing", scaleInvariant
            "p (K y_b + gamma gap) = y_b", reweightedDefinition
        ]

    let ofReweightedExact =
        general
        @ [
            "a common factor changes nothing", scaleInvariant
            "1/p - gamma gap/y_b is one lambda in [1, K]", reweightedExactDefinition
        ]

    /// Decisions under a mask: probabilities of all arms from predictions of all arms.
    let masked (rule: Rule) (decide: float[] -> bool[] -> float -> float[]) (y: float[]) gamma =
        let available = y |> Array.mapi (fun a _ -> a % 2 = 0)
        let p = decide y available gamma
        let kept = rule (y |> Array.indexed |> Array.filter (fun (a, _) -> available[a]) |> Array.map snd) gamma

        Array.forall2 (fun q free -> free || q = 0.0) p available
        && (Array.zip p available |> Array.filter snd |> Array.map fst) = kept

    /// A batch of n is n singles.
    let batched (rule: Rule) (batch: float[][] -> float -> float[][]) y gamma =
        batch [| y; Array.rev y; y |] gamma
        |> Array.forall2 (fun single p -> rule single gamma = p) [| y; Array.rev y; y |]

/// The rules of the library in the form the laws take.
[<RequireQualifiedAccess>]
module Rules =
    let private filled (k: int) fill =
        let p = Array.zeroCreate<float> k
        fill p
        p

    let fixedMu: RuleLaw.Rule =
        fun y gamma -> filled y.Length (fun p -> Igw.fixedMu (ReadOnlySpan y) gamma (Span p))

    let exact: RuleLaw.Rule =
        fun y gamma -> filled y.Length (fun p -> Igw.exact (ReadOnlySpan y) gamma (Span p) |> ignore<float>)

    let reweighted: RuleLaw.Rule =
        fun y gamma -> filled y.Length (fun p -> Igw.reweighted (ReadOnlySpan y) gamma (Span p))

    let reweightedExact: RuleLaw.Rule =
        fun y gamma -> filled y.Length (fun p -> Igw.reweightedExact (ReadOnlySpan y) gamma (Span p) |> ignore<float>)

    let distribution (rule: IExplorationRule) (y: float[]) (widths: float[]) gamma =
        filled y.Length (fun p -> rule.Distribution(ReadOnlySpan y, ReadOnlySpan widths, gamma, Span p))

    /// A feature map, an ideal oracle and a rule, as a bandit puts them together.
    let decide (rule: RuleLaw.Rule) (y: float[]) (available: bool[]) gamma =
        let inputs = ArmInputs((DisjointArms(1, y.Length, InputScaling.None) :> IFeatureMap).Shape)
        let map: IFeatureMap = DisjointArms(1, y.Length, InputScaling.None)
        Require.ok (map.Map(ReadOnlySpan [| 1.0 |], ReadOnlySpan available, inputs))
        let p = Array.zeroCreate y.Length

        rule (Array.init inputs.Count (fun i -> y[inputs.Arms[i]])) gamma
        |> Array.iteri (fun i q -> p[inputs.Arms[i]] <- q)

        p

[<Laws(Arbitrary = [| typeof<BanditArbitraries> |])>]
type ExplorationLaws() =
    let all laws rule (Costs y) (Exploration gamma) =
        laws
        |> List.map (fun (name, holds) -> holds rule y gamma |> Prop.label name)
        |> List.reduce (.&.)
        |> Prop.classify (Array.length (Array.distinct y) < y.Length) "ties"
        |> Prop.classify (Array.min y = 0.0) "zero"
        |> Prop.classify (y.Length = 1) "one arm"
        |> Prop.classify (gamma = 0.0) "gamma = 0"
        |> Prop.classify (gamma = 1e300) "gamma = 1e300"

    [<Test>]
    member _.``the generator of costs draws ties, zeros, single arms and distinct costs``() =
        let sample = Gen.sampleWithSeed (Rnd 1UL) 50 2000 BanditArbitraries.CostsGen

        let share test =
            float (sample |> Array.filter (fun (Costs y) -> test y) |> Array.length) / float sample.Length

        Assert.That(share (fun y -> Array.length (Array.distinct y) < y.Length), Is.GreaterThan 0.3)
        Assert.That(share (fun y -> Array.min y = 0.0), Is.GreaterThan 0.1)
        Assert.That(share (fun y -> y.Length = 1), Is.GreaterThan 0.04)
        Assert.That(share (fun y -> y.Length > 3 && Array.length (Array.distinct y) = y.Length), Is.GreaterThan 0.05)

    [<Property(MaxTest = 500)>]
    member _.``inverse gap weighting with mu = K obeys its laws`` costs gamma =
        all RuleLaw.ofFixed Rules.fixedMu costs gamma

    [<Property(MaxTest = 500)>]
    member _.``exact inverse gap weighting obeys its laws`` costs gamma =
        all RuleLaw.ofExact Rules.exact costs gamma

    [<Property(MaxTest = 500)>]
    member _.``re-weighted inverse gap weighting obeys its laws`` costs gamma =
        all RuleLaw.ofReweighted Rules.reweighted costs gamma

    [<Property(MaxTest = 500)>]
    member _.``exact re-weighted inverse gap weighting obeys its laws`` costs gamma =
        all RuleLaw.ofReweightedExact Rules.reweightedExact costs gamma

    [<Property>]
    member _.``a masked arm has probability 0 and K is the number of available arms`` (Costs y) (Exploration gamma) =
        [ Rules.fixedMu; Rules.exact; Rules.reweighted; Rules.reweightedExact ]
        |> List.forall (fun rule -> RuleLaw.masked rule (Rules.decide rule) y gamma)

    [<Property(MaxTest = 1000)>]
    member _.``FK21 per round: regret of the re-weighted rule is at most (5K/gamma) cost + 7 gamma discrimination``
        (Costs y)
        (Costs f)
        (Exploration gamma)
        =
        RuleLaw.firstOrder Rules.reweighted (fun a -> f[a % f.Length]) y gamma

    [<Test>]
    member _.``golden values of theory section 0``() =
        let y = [| 0.2; 0.3; 0.5; 0.21 |]

        let close (expected: float[]) (p: float[]) =
            Array.forall2 (RuleLaw.near 5e-9) expected p // printed to 8 decimals

        Assert.That(close [| 0.61403509; 0.11111111; 0.05263158; 0.22222222 |] (Rules.fixedMu y 50.0))
        Assert.That(close [| 0.44221161; 0.13771523; 0.05793286; 0.36214029 |] (Rules.exact y 50.0))
        Assert.That(close [| 0.79901286; 0.03448276; 0.01265823; 0.15384615 |] (Rules.reweighted y 50.0))
        let lambda = Igw.exact (ReadOnlySpan y) 50.0 (Span(Array.zeroCreate 4))
        Assert.That(RuleLaw.near (8.0 * RuleLaw.eps) lambda 2.2613607812105347)

    [<Property(MaxTest = 50)>]
    member _.``S5.2: the decision value is what brute-force optimisation finds`` (Costs y) (seed: uint64) =
        let r = RandomStream(seed, 7UL)
        let y = Array.truncate 5 y
        let raw = y |> Array.map (fun _ -> 0.05 + r.NextDouble())
        let p = raw |> Array.map (fun q -> q / Array.sum raw)
        let c = 0.1 + 10.0 * r.NextDouble()

        // separable and concave in f for a given best arm: ternary search a coordinate. 100 steps leave a rounding error of f,
        // which enters a maximum squared; what remains is the rounding of the values
        let best (coordinate: float -> float) =
            let mutable low, high = -500.0, 500.0

            for _ in 1..100 do
                let a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
                if coordinate a < coordinate b then low <- a else high <- b

            coordinate low

        let value star =
            Seq.init y.Length (fun a ->
                let weight = if a = star then p[a] - 1.0 else p[a]
                best (fun f -> weight * f - c * p[a] * (f - y[a]) * (f - y[a])))
            |> Seq.sum

        let brute = Seq.init y.Length value |> Seq.max
        let scale = 1.0 + 1.0 / (4.0 * c * Array.min p)
        RuleLaw.near (64.0 * RuleLaw.sumError y * scale) brute (RuleLaw.decision p y c)

    [<Property(MaxTest = 500)>]
    member _.``S5.2: no distribution has a smaller price than (K-1)/gamma`` (Costs y) (seed: uint64) =
        let r = RandomStream(seed, 8UL)
        let raw = y |> Array.map (fun _ -> 1e-9 + Math.Pow(r.NextDouble(), 4.0))
        let p = raw |> Array.map (fun q -> q / Array.sum raw)

        RuleLaw.decision p y 2.0
        >= float (y.Length - 1) / 8.0 - 16.0 * RuleLaw.sumError y * (1.0 + float y.Length)

    [<Property>]
    member _.``the price of a round is its decision value, and infinite where nothing is promised``
        (Costs y)
        (Exploration gamma)
        =
        let price (rule: IExplorationRule) (p: float[]) =
            rule.Price(ReadOnlySpan y, gamma, ReadOnlySpan p)

        let p = Rules.exact y gamma
        let uniform = Rules.fixedMu y 0.0

        price (InverseGapWeighting Normalization.Exact) p = RuleLaw.decision p y (gamma / 4.0)
        && (y.Length = 1) = Double.IsFinite(RuleLaw.decision uniform y 0.0)
        && ([
                GreedyRule() :> IExplorationRule
                UniformRule()
                EpsilonGreedyRule()
                ThompsonRule()
            ]
            |> List.forall (fun rule -> price rule p = infinity))

    [<Property>]
    member _.``greedy, uniform, epsilon-greedy and lower-confidence rules are what their names say``
        (Costs y)
        (Widths w)
        (Exploration gamma)
        =
        let w = Array.truncate y.Length w
        let gamma = min gamma 1e6
        let at rule g = Rules.distribution rule y w g
        let k = float y.Length
        let greedy = at (GreedyRule()) gamma

        let near a b =
            Array.forall2 (RuleLaw.near (RuleLaw.sumError y)) a b

        near greedy (Rules.fixedMu y 1e300)
        && at (UniformRule()) gamma |> Array.forall ((=) (1.0 / k))
        && near (at (EpsilonGreedyRule()) 0.3) (greedy |> Array.map (fun q -> 0.3 / k + 0.7 * q))
        && at (EpsilonGreedyRule()) 0.0 = greedy
        && near (at (EpsilonGreedyRule()) 1e300) (at (UniformRule()) 0.0)
        && at (LowerConfidenceRule()) 0.0 = greedy
        && at (LowerConfidenceRule()) gamma =
            Rules.distribution (GreedyRule()) (Array.map2 (fun c s -> c - gamma * s) y w) [||] 0.0

    [<Test>]
    member _.``rules allocate nothing``() =
        let y = Array.init 10 (fun i -> float i / 10.0)
        let p = Array.zeroCreate 10

        let others: IExplorationRule[] =
            [|
                EpsilonGreedyRule()
                GreedyRule()
                UniformRule()
                LowerConfidenceRule()
                ThompsonRule()
            |]

        let round () =
            Igw.fixedMu (ReadOnlySpan y) 50.0 (Span p)
            Igw.exact (ReadOnlySpan y) 50.0 (Span p) |> ignore<float>
            Igw.reweighted (ReadOnlySpan y) 50.0 (Span p)
            Igw.reweightedExact (ReadOnlySpan y) 50.0 (Span p) |> ignore<float>

            for rule in others do
                rule.Distribution(ReadOnlySpan y, ReadOnlySpan y, 0.5, Span p)

        round ()
        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..100 do
            round ()

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)

    [<Property(MaxTest = 300)>]
    member _.``Thompson sampling with two arms has the closed form Phi(difference/deviation)``
        (Widths w)
        (near: bool)
        (a: uint64)
        =
        let r = RandomStream(a, 1UL)
        let first = r.NextDouble()

        let second =
            if near then
                first + 1e-6 * r.NextDouble()
            else
                r.NextDouble()

        let p = Rules.distribution (ThompsonRule()) [| first; second |] [| w[0]; w[1] |] 1.0
        let deviation = sqrt (w[0] * w[0] + w[1] * w[1])

        let expected =
            if deviation = 0.0 then
                (if first = second then 0.5
                 elif first < second then 1.0
                 else 0.0)
            else
                0.5 * MathNet.Numerics.SpecialFunctions.Erfc((first - second) / deviation / sqrt 2.0)

        RuleLaw.near 1e-10 p[0] expected && RuleLaw.near 1e-10 p[1] (1.0 - expected)

    [<Property(MaxTest = 200)>]
    member _.``Thompson sampling: a distribution, order does not matter, equal arms are equal, gamma = 0 is greedy``
        (Costs y)
        (Widths w)
        =
        let w = Array.truncate y.Length w

        let at y w gamma =
            Rules.distribution (ThompsonRule()) y w gamma

        let p = at y w 1.0
        let near = Array.forall2 (RuleLaw.near 1e-10)
        let same = at (Array.append y [| y[0] |]) (Array.append w [| w[0] |]) 1.0

        RuleLaw.simplex (fun y g -> at y w g) y 1.0
        && near (Array.rev p) (at (Array.rev y) (Array.rev w) 1.0)
        && RuleLaw.near 1e-10 same[0] same[y.Length]
        && near (at y w 0.0) (Rules.distribution (GreedyRule()) y [||] 0.0)
        && near (at y (Array.map (fun _ -> 0.5) w) 1e300) (Rules.fixedMu y 0.0)

    /// Hoeffding: each of four frequencies of 200,000 draws is off by more than sqrt(ln(8e9)/(2n)) with probability at most 2.5e-10; together 1e-9.
    [<Test>]
    member _.``Thompson sampling agrees with draws at false-alarm probability 1e-9``() =
        let y, w = [| 0.3; 0.35; 0.5; 0.32 |], [| 0.05; 0.2; 0.3; 0.0 |]
        let p = Rules.distribution (ThompsonRule()) y w 1.0
        let n = 200_000
        let r = RandomStream(11UL, 0UL)
        let wins = Array.zeroCreate<int> 4

        for _ in 1..n do
            let draws = Array.map2 (fun m s -> m + s * r.NextNormal()) y w
            let best = Array.findIndex ((=) (Array.min draws)) draws
            wins[best] <- wins[best] + 1

        let allowed = sqrt (log 8e9 / (2.0 * float n))
        Assert.That(Array.forall2 (fun q count -> RuleLaw.near allowed q (float count / float n)) p wins)

[<RequireQualifiedAccess>]
module ScheduleLaw =
    let options kind =
        {
            Kind = kind
            Scale = 10.0
            Exponent = 0.5
            Horizon = 1e4
            OracleRegret = 5.0
            Delta = 0.05
        }

    /// The museum's log(K counter) at counter 0.
    let finiteAtStart (at: GammaOptions -> int64 -> int -> float -> float) =
        [
            GammaSchedule.Constant
            GammaSchedule.Power
            GammaSchedule.SquareTheorem
            GammaSchedule.FastTheorem
        ]
        |> List.forall (fun kind ->
            [ 0L; 1L; Int64.MaxValue ]
            |> List.forall (fun t ->
                let gamma = at (options kind) t 3 0.0
                Double.IsFinite gamma && gamma >= 0.0))

    let values (at: GammaOptions -> int64 -> int -> float -> float) =
        let near a b =
            RuleLaw.near (4.0 * RuleLaw.eps * abs b) a b

        near (at (options GammaSchedule.Constant) 7L 3 0.0) 10.0
        && near (at (options GammaSchedule.Power) 49L 3 0.0) 70.0
        && near (at (options GammaSchedule.SquareTheorem) 1L 3 0.0) (sqrt (3e4 / (5.0 + log 40.0)))
        && near (at (options GammaSchedule.FastTheorem) 1L 3 100.0) 30.0
        && near (at (options GammaSchedule.FastTheorem) 1L 3 1e6) (sqrt 2e5)

[<TestFixture>]
type ScheduleLaws() =
    [<Test>]
    member _.``every schedule is finite at rounds 0 and 1, and has the values of its formula``() =
        Assert.That(ScheduleLaw.finiteAtStart Gamma.at)
        Assert.That(ScheduleLaw.values Gamma.at)

    [<Test>]
    member _.``a schedule's errors name the argument``() =
        let refused (options: GammaOptions) =
            match Gamma.validate options with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> argument
            | _ -> ""

        let power, square, fast =
            ScheduleLaw.options GammaSchedule.Power,
            ScheduleLaw.options GammaSchedule.SquareTheorem,
            ScheduleLaw.options GammaSchedule.FastTheorem

        Assert.That(refused { power with Scale = -1.0 }, Is.EqualTo "Scale")
        Assert.That(refused { power with Exponent = nan }, Is.EqualTo "Exponent")
        Assert.That(refused { square with Delta = 1.0 }, Is.EqualTo "Delta")
        Assert.That(refused { square with Horizon = 0.0 }, Is.EqualTo "Horizon")
        Assert.That(refused { fast with OracleRegret = 0.0 }, Is.EqualTo "OracleRegret")
        Assert.That(refused { fast with Kind = enum 9 }, Is.EqualTo "Kind")
        Assert.That((Gamma.validate { fast with Delta = nan }).IsOk)
