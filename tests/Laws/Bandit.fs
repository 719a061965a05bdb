namespace Hindsight.Tests.Laws

open System
open System.IO
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A bandit by its settings. Its world, contexts, masks, action sets and costs, is a function of seed and round.
type BanditCase =
    {
        Algorithm: string
        ContextSize: int
        Arms: int
        Seed: uint64
        Settings: (string * string) list
    }

    override c.ToString() =
        let settings = c.Settings |> List.map (fun (key, value) -> $"{key}={value}") |> String.concat " "
        $"{c.Algorithm}, {c.ContextSize} features, {c.Arms} arms, seed {c.Seed}: {settings}"

module BanditCase =
    let private linear = [ "ridge"; "vaw" ]
    let oracles = [ "theory"; "online"; "replay" ] @ linear

    /// Every exploration rule with every oracle that fits and every feature map.
    let product =
        [
            for rule in
                [
                    "igw"
                    "reweighted"
                    "epsilon"
                    "greedy"
                    "uniform"
                    "lower-confidence"
                    "thompson"
                ] do
                for oracle in
                    (if rule = "lower-confidence" || rule = "thompson" then
                         linear
                     else
                         oracles) do
                    for features in [ "disjoint"; "shared"; "action" ] do
                        yield [ "exploration", rule; "oracle", oracle; "features", features ]
        ]

    let settings c =
        (BanditSettings.Create(c.Algorithm, c.ContextSize, c.Arms, c.Seed) |> Require.ok, c.Settings)
        ||> List.fold (fun s (key, value) -> s.With(key, value) |> Require.ok)

    let build c = (settings c).Build() |> Require.ok

    let has key value c = List.contains (key, value) c.Settings

    let private draw c stream (index: int) =
        Philox.uniform (c.Seed + 1UL) stream (uint64 index)

    /// Features in [-1, 1], some of them 0.
    let features c round arm =
        Array.init c.ContextSize (fun j ->
            let u = draw c (uint64 (100 + arm)) (round * c.ContextSize + j)
            if u < 0.2 then 0.0 else 2.5 * u - 1.5)

    let actions c round =
        ActionSet(Array.init (1 + round % 4) (features c round))

    /// All arms in every third round; otherwise each by a coin, and one for sure.
    let mask c round =
        Array.init c.Arms (fun arm -> round % 3 = 0 || round % c.Arms = arm || draw c 1UL (round * c.Arms + arm) < 0.5)

    /// Costs in [0,1], both ends included.
    let cost c round arm =
        Math.Clamp(1.5 * draw c 2UL (round * 8 + arm) - 0.25, 0.0, 1.0)

    /// The decision of a round, and what was available.
    let choose c (bandit: Bandit) round =
        if has "features" "action" c then
            let set = actions c round
            Array.create set.Count true, Require.ok (bandit.Choose set)
        else
            let available = mask c round
            available, Require.ok (bandit.Choose(ReadOnlySpan(features c round 0), ReadOnlySpan available))

    let learn c (bandit: Bandit) (d: Decision) =
        bandit.Learn(d.Id, cost c (int d.Id) d.Arm) |> Require.ok

    /// Rounds with feedback at once, late and out of order, or never; what was decided, in numbers that can be compared.
    let play c bandit (waiting: ResizeArray<Decision>) first last =
        [
            for round in first..last do
                let _, d = choose c bandit round
                waiting.Add d

                match round % 4 with
                | 0
                | 1 ->
                    learn c bandit d
                    waiting.RemoveAt(waiting.Count - 1)
                | 2 -> ()
                | _ ->
                    for i in [ waiting.Count / 2; 0 ] do
                        if i < waiting.Count then
                            learn c bandit waiting[i]
                            waiting.RemoveAt i

                yield d.Id, d.Arm, d.Distribution, d.PredictedCosts, d.Gamma, d.Price
        ]

    let save c (bandit: Bandit) =
        use stream = new MemoryStream()
        Snapshot.save (settings c) bandit stream
        stream.ToArray()

    let load (bytes: byte[]) =
        use stream = new MemoryStream(bytes)
        Snapshot.load stream |> Require.ok

    let reload c bandit =
        let struct (_, loaded) = load (save c bandit)
        loaded

    /// Predictions of a bandit's oracle for all arms in a round.
    let predictions c (map: IFeatureMap) (oracle: IRegressionOracle) round =
        let inputs = ArmInputs map.Shape

        if has "features" "action" c then
            map.MapActions(actions c round, inputs) |> Require.ok
        else
            map.Map(ReadOnlySpan(features c round 0), ReadOnlySpan(), inputs) |> Require.ok

        let predicted = Array.zeroCreate<float> inputs.Count
        oracle.Predict(inputs, Span predicted)
        inputs, predicted

type BanditCaseArbitraries =
    static member Case() : Arbitrary<BanditCase> =
        gen {
            let! algorithm = Gen.elements [ for struct (name, _) in BanditSettings.Algorithms -> name ]
            let! parts = Gen.elements BanditCase.product
            let! contextSize = Gen.choose (1, 6)
            let! arms = Gen.choose (1, 5)
            let! seed = Gen.choose (0, 1000000)

            let either key values =
                Gen.elements values |> Gen.map (fun value -> key, value)

            let! normalization = either "normalization" [ "fixed"; "exact" ]
            let! gamma = either "gamma" [ "constant"; "power"; "square-theorem"; "fast-theorem" ]
            let! scale = either "gamma-scale" [ "0"; "0.3"; "20" ]
            let! loss = either "loss" [ "squared"; "kl" ]
            let! scaling = either "scaling" [ "none"; "unit"; "sqrt" ]
            let! depth = either "depth" [ "1"; "2" ]
            let! width = either "width" [ "5"; "16" ]
            let! perturbation = either "perturbation" [ "off"; "expected"; "rademacher" ]
            let! signs = either "signs" [ "3"; "11" ]
            let! fresh = either "fresh-signs" [ "false"; "true" ]
            let! radius = either "radius" [ "inf"; "0.1" ]
            let! capacity = either "replay-capacity" [ "3"; "100" ]
            let! memory = either "replay-memory" [ "reservoir"; "window" ]
            let! amendments = either "amendments" [ "false"; "true" ]
            let! lanes = either "lanes" [ "auto"; "portable" ]

            return
                {
                    Algorithm = algorithm
                    ContextSize = contextSize
                    Arms = arms
                    Seed = uint64 seed
                    Settings =
                        parts
                        @ [
                            normalization
                            gamma
                            scale
                            loss
                            scaling
                            depth
                            width
                            perturbation
                            signs
                            fresh
                            radius
                        ]
                        @ [ capacity; memory; amendments; lanes; "replay-steps", "2"; "rate", "0.02" ]
                }
        }
        |> Arb.fromGen

[<TestFixture; Laws(Arbitrary = [| typeof<BanditCaseArbitraries> |])>]
type BanditLaws() =

    [<Test>]
    member _.``the generator reaches every rule with every oracle and feature map``() =
        // 87 combinations alike: 4000 cases miss one with probability below 87 exp(-4000/87) < 1e-18
        let drawn =
            Gen.sampleWithSeed (Rnd 2024UL) 10 4000 (BanditCaseArbitraries.Case().Generator)
            |> Array.map (fun c -> List.truncate 3 c.Settings)
            |> set

        Assert.That(List.length BanditCase.product, Is.EqualTo 87)
        Assert.That((drawn = set BanditCase.product))

    [<Property(MaxTest = 500)>]
    member _.``a distribution is a simplex over the available arms, and the propensity is its value at the chosen arm``
        (c: BanditCase)
        =
        let bandit = BanditCase.build c

        List.forall
            (fun round ->
                let available, d = BanditCase.choose c bandit round
                BanditCase.learn c bandit d

                // at most 5 terms, each and their sum rounded a few times
                abs (Array.sum d.Distribution - 1.0) <= 32.0 * Math.ScaleB(1.0, -53)
                && Array.forall2 (fun p a -> p >= 0.0 && p <= 1.0 && (a || p = 0.0)) d.Distribution available
                && d.Propensity = d.Distribution[d.Arm]
                && d.Propensity > 0.0
                && Array.forall Double.IsFinite d.PredictedCosts
                && Double.IsFinite d.Gamma
                && d.Price >= 0.0)
            [ 0..11 ]

    [<Property(MaxTest = 300)>]
    member _.``the arm is where the distribution function passes the uniform number of (seed, stream, decision)``
        (c: BanditCase)
        =
        let bandit = BanditCase.build c

        List.forall
            (fun round ->
                let _, d = BanditCase.choose c bandit round
                BanditCase.learn c bandit d
                let u = Philox.uniform c.Seed 0x44524157_00000000UL (uint64 d.Id)

                let passed =
                    d.Distribution |> Array.scan (+) 0.0 |> Array.tail |> Array.tryFindIndex (fun sum -> u < sum)

                match passed with
                | Some arm -> d.Arm = arm
                // the sum ended a rounding below 1, and u beyond it
                | None -> d.Arm = Array.FindLastIndex(d.Distribution, (fun p -> p > 0.0)))
            [ 0..11 ]

    /// Pearson's statistic of N = 20,000 draws from one distribution is chi-square with as many degrees as arms less one, to an error far below the
    /// margin; a false alarm has probability 1e-9.
    [<TestCase("squarecb-linear", "3")>]
    [<TestCase("neufastcb", "30")>]
    [<TestCase("epsilon-greedy", "0.3")>]
    [<TestCase("lints", "0.5")>]
    [<TestCase("uniform", "0")>]
    member _.``arms are drawn as often as their propensities say``(algorithm: string, scale: string) =
        let c =
            {
                Algorithm = algorithm
                ContextSize = 3
                Arms = 4
                Seed = 11UL
                Settings =
                    [
                        "gamma", "constant"
                        "gamma-scale", scale
                        "width", "16"
                        "pending-limit", "1"
                    ]
            }

        let bandit = BanditCase.build c

        for round in 0..20 do
            BanditCase.learn c bandit (snd (BanditCase.choose c bandit round))

        let context = BanditCase.features c 0 0
        let draws = 20000
        let counts = Array.zeroCreate<int> c.Arms
        let mutable distribution = [||]

        for _ in 1..draws do
            let d = bandit.Choose(ReadOnlySpan context) |> Require.ok
            counts[d.Arm] <- counts[d.Arm] + 1
            distribution <- d.Distribution

        let expected = distribution |> Array.map (fun p -> float draws * p)
        let statistic = Array.map2 (fun n e -> (float n - e) * (float n - e) / e) counts expected |> Array.sum
        Assert.That(Array.min expected, Is.GreaterThan 50.0, "too few draws of an arm for the statistic")
        Assert.That(statistic, Is.LessThan(MathNet.Numerics.Distributions.ChiSquared.InvCDF(3.0, 1.0 - 1e-9)))

    /// The reference is an oracle of its own, taught by hand, without reusing activations and with nothing pending.
    [<Property(MaxTest = 300)>]
    member _.``feedback reaches the oracle at its parameters of the moment, in the order of arrival, whatever the order of the decisions``
        (c: BanditCase)
        =
        let bandit = BanditCase.build c
        let reference = BanditCase.build c

        let teach (d: Decision) =
            let round = int d.Id
            let inputs, _ = BanditCase.predictions c reference.Map reference.Oracle round
            let x = inputs.Row(d.Arm).ToArray()
            let block, head = inputs.Blocks[d.Arm], inputs.Heads[d.Arm]
            BanditCase.learn c bandit d
            reference.Oracle.Learn(ReadOnlySpan x, block, head, BanditCase.cost c round d.Arm, -1)

        let decide round = snd (BanditCase.choose c bandit round)

        // at once; the latest of two first; the older of two first
        teach (decide 0)
        let a, b = decide 1, decide 2
        teach b
        teach a
        let a, b = decide 3, decide 4
        teach a
        teach b

        [ 5..8 ]
        |> List.forall (fun round ->
            let _, actual = BanditCase.predictions c bandit.Map bandit.Oracle round
            let _, expected = BanditCase.predictions c reference.Map reference.Oracle round
            actual = expected)

    [<Test>]
    member _.``the order of late feedback matters to a network, and to ridge regression only by rounding``() =
        let difference oracle =
            let c =
                {
                    Algorithm = "epsilon-greedy"
                    ContextSize = 3
                    Arms = 1
                    Seed = 5UL
                    Settings = [ "oracle", oracle; "rate", "0.05"; "width", "16" ]
                }

            let run order =
                let bandit = BanditCase.build c
                let decisions = [| for round in 0..3 -> snd (BanditCase.choose c bandit round) |]
                order |> List.iter (fun i -> BanditCase.learn c bandit decisions[i])
                (snd (BanditCase.choose c bandit 9)).PredictedCosts[0]

            abs (run [ 0; 1; 2; 3 ] - run [ 3; 2; 1; 0 ])

        for oracle in [ "theory"; "online"; "replay" ] do
            Assert.That(difference oracle, Is.GreaterThan 1e-6, oracle)

        // 4 updates of a well-conditioned 4 x 4 system
        Assert.That(difference "ridge", Is.LessThan 1e-14)

    [<Property(MaxTest = 300)>]
    member _.``feedback for the latest decision gives the same bits whether activations are reused or not``
        (c: BanditCase)
        =
        let direct = BanditCase.build c

        [ 0..9 ]
        |> List.forall (fun round ->
            let _, d = BanditCase.choose c direct round
            // a loaded bandit has no activations
            let interrupted = BanditCase.reload c direct
            BanditCase.learn c direct d
            BanditCase.learn c interrupted d

            snd (BanditCase.predictions c direct.Map direct.Oracle (round + 1)) =
                snd (BanditCase.predictions c interrupted.Map interrupted.Oracle (round + 1)))

    [<Property(MaxTest = 200)>]
    member _.``a snapshot holds everything: the run goes on bit for bit, pending decisions included``
        (c: BanditCase, at: byte)
        =
        let bandit = BanditCase.build c
        let waiting = ResizeArray<Decision>()
        let stop = int at % 24
        BanditCase.play c bandit waiting 0 (stop - 1) |> ignore<list<_>>
        let bytes = BanditCase.save c bandit
        let struct (settings, loaded) = BanditCase.load bytes
        use stream = new MemoryStream()
        Snapshot.save settings loaded stream
        let struct (_, again) = BanditCase.load (stream.ToArray())

        let goOn b =
            BanditCase.play c b (ResizeArray waiting) stop (stop + 15)

        let expected = goOn bandit

        loaded.Pending = again.Pending
        && goOn loaded = expected
        && goOn again = expected
        && loaded.CumulativeCost = bandit.CumulativeCost

    [<Property(MaxTest = 200)>]
    member _.``an error changes nothing``(c: BanditCase, bad: NormalFloat, kind: byte) =
        let bandit = BanditCase.build c
        let twin = BanditCase.build c
        let waiting = ResizeArray<Decision>()
        let action = BanditCase.has "features" "action" c
        let nan = Array.create c.ContextSize nan
        let costs = [ Double.NaN; -1e-9; 1.0 + 1e-9; infinity ]

        let wrong b =
            let all = Array.create c.Arms true

            let choice =
                match kind % 6uy with
                | 0uy when action -> (b: Bandit).Choose(ActionSet(nan, c.ContextSize))
                | 0uy -> b.Choose(ReadOnlySpan nan)
                | 1uy when action -> b.Choose(ActionSet(Array.create (c.ContextSize + 1) bad.Get, c.ContextSize + 1))
                | 1uy -> b.Choose(ReadOnlySpan(Array.create (c.ContextSize + 1) bad.Get))
                | 2uy when action -> b.Choose(ReadOnlySpan(Array.zeroCreate c.ContextSize))
                | 2uy -> b.Choose(ActionSet(Array.zeroCreate c.ContextSize, c.ContextSize))
                | 3uy -> b.Choose(ReadOnlySpan(Array.zeroCreate c.ContextSize), ReadOnlySpan(Array.create c.Arms false))
                | 4uy -> b.Choose(ReadOnlySpan(Array.zeroCreate c.ContextSize), ReadOnlySpan(Array.append all all))
                | _ -> b.Choose(ReadOnlySpan nan, ReadOnlySpan all)

            choice.IsError
            && costs |> List.forall (fun cost -> b.Learn(b.Decisions - 1L, cost).IsError)
            && b.Learn(b.Decisions, 0.5).IsError
            && b.Learn(-1L, 0.5).IsError

        [ 0..9 ]
        |> List.forall (fun round ->
            let expected = BanditCase.play c twin (ResizeArray waiting) round round
            let actual = BanditCase.play c bandit waiting round round
            wrong bandit && actual = expected)

    [<Property(MaxTest = 100)>]
    member _.``Price is the exact decision value at gamma/4 for inverse gap weighting, and infinite for a rule without a guarantee``
        (c: BanditCase)
        =
        let bandit = BanditCase.build c

        [ 0..5 ]
        |> List.forall (fun round ->
            let available, d = BanditCase.choose c bandit round
            BanditCase.learn c bandit d

            let offered values =
                Array.zip values available |> Array.filter snd |> Array.map fst

            let costs, p = offered d.PredictedCosts, offered d.Distribution
            let value = Igw.decisionValue (ReadOnlySpan costs) (d.Gamma / 4.0) (ReadOnlySpan p)

            if BanditCase.has "exploration" "igw" c || BanditCase.has "exploration" "reweighted" c then
                d.Price = value
            else
                Double.IsPositiveInfinity d.Price)

    [<Property(MaxTest = 200)>]
    member _.``a decision shows the oracle's predictions, clipped where the rule asks for it, and the schedule's gamma for the available arms and the cost so far``
        (c: BanditCase)
        =
        let bandit = BanditCase.build c

        [ 0..9 ]
        |> List.forall (fun round ->
            let cost = bandit.CumulativeCost
            let available, d = BanditCase.choose c bandit round
            let _, predicted = BanditCase.predictions c bandit.Map bandit.Oracle round

            let clip x =
                if bandit.Rule.Clips then Math.Clamp(x, 0.0, 1.0) else x

            let arms = available |> Array.filter id |> Array.length
            BanditCase.learn c bandit d

            d.PredictedCosts = Array.map clip predicted
            && d.Gamma = Gamma.at bandit.Options.Gamma (int64 round + 1L) arms cost
            && bandit.CumulativeCost = cost + BanditCase.cost c round d.Arm)

    /// One-hot contexts name the best arm; any other costs 1. Uniform choices cost 2/3 a round: of 500 rounds 333, standard deviation 10.5; a sound
    /// bandit at most 23 (epsilon-greedy, which goes on exploring), and the limit is a third of uniform.
    [<TestCase("neufastcb", "")>]
    [<TestCase("neufastcb", "oracle=online rate=0.01")>]
    [<TestCase("neusquarecb", "")>]
    [<TestCase("neusquarecb", "oracle=theory rate=0.1")>]
    [<TestCase("neusquarecb", "oracle=theory rate=0.1 perturbation=rademacher features=disjoint radius=5")>]
    [<TestCase("epsilon-greedy", "")>]
    [<TestCase("greedy", "")>]
    [<TestCase("squarecb-linear", "")>]
    [<TestCase("linucb", "")>]
    [<TestCase("lints", "")>]
    member _.``within 1000 rounds a learning bandit has found which context wants which arm``
        (algorithm: string, settings: string)
        =
        let pairs =
            [
                for pair in settings.Split(' ', StringSplitOptions.RemoveEmptyEntries) ->
                    let parts = pair.Split '='
                    parts[0], parts[1]
            ]

        for seed in 1UL .. 3UL do
            let bandit =
                BanditCase.build
                    {
                        Algorithm = algorithm
                        ContextSize = 3
                        Arms = 3
                        Seed = seed
                        Settings = pairs
                    }

            let mutable late = 0.0

            for round in 1..1000 do
                let best = int (3.0 * Philox.uniform seed 7UL (uint64 round))
                let context = Array.init 3 (fun j -> if j = best then 1.0 else 0.0)
                let d = bandit.Choose(ReadOnlySpan context) |> Require.ok
                let cost = if d.Arm = best then 0.0 else 1.0
                bandit.Learn(d.Id, cost) |> Require.ok

                if round > 500 then
                    late <- late + cost

            TestContext.Out.WriteLine $"{algorithm} {settings}, seed {seed}: {late}"

            Assert.That(
                late,
                Is.LessThan 110.0,
                $"{algorithm} {settings}, seed {seed}: a third of what uniform choices cost"
            )

    [<Test>]
    member _.``a decision that never gets feedback costs no memory as the rounds go on``() =
        let c =
            {
                Algorithm = "uniform"
                ContextSize = 1
                Arms = 2
                Seed = 1UL
                Settings = []
            }

        let bandit = BanditCase.build c
        let context = [| 1.0 |]
        bandit.Choose(ReadOnlySpan context) |> Require.ok |> ignore<Decision>

        let rounds count =
            for _ in 1..count do
                let d = bandit.Choose(ReadOnlySpan context) |> Require.ok
                bandit.Learn(d.Id, 0.5) |> Require.ok

        rounds 1000
        let before = GC.GetTotalMemory true
        rounds 100000
        // a number kept for each would be 800,000 bytes
        Assert.That(GC.GetTotalMemory true - before, Is.LessThan 200000L)
        Assert.That(bandit.Learn(0L, 0.5).IsOk)

[<TestFixture; Laws(Arbitrary = [| typeof<BanditCaseArbitraries> |])>]
type BanditSettingsLaws() =
    let fresh () =
        BanditSettings.Create("neufastcb", 3, 2, 1UL) |> Require.ok

    let pairs (s: BanditSettings) =
        [ for KeyValue(key, value) in s.Values -> key, value ]

    [<Property>]
    member _.``Values, given back key by key, are the same settings``(c: BanditCase) =
        let s = BanditCase.settings c

        let back =
            ((BanditSettings.Create(c.Algorithm, c.ContextSize, c.Arms, c.Seed) |> Require.ok), pairs s)
            ||> List.fold (fun s (key, value) -> s.With(key, value) |> Require.ok)

        pairs back = pairs s
        && c.Settings |> List.forall (fun pair -> List.contains pair (pairs s))
        && (back.Algorithm, back.ContextSize, back.Arms, back.Seed) = (c.Algorithm, c.ContextSize, c.Arms, c.Seed)

    [<Property>]
    member _.``With changes one key of a copy``(c: BanditCase) =
        let s = fresh ()
        let before = pairs s

        c.Settings
        |> List.forall (fun (key, value) ->
            let changed = s.With(key, value) |> Require.ok

            pairs s = before
            && pairs changed = (before |> List.map (fun (k, v) -> k, (if k = key then value else v))))

    [<Test>]
    member _.``keys and choices are read in any case, and a value has one spelling``() =
        let s = (fresh ()).With("Gamma-Scale", " 1e1 ") |> Require.ok
        Assert.That(List.contains ("gamma-scale", "10") (pairs s))
        let s = (fresh ()).With("ORACLE", "Ridge") |> Require.ok
        Assert.That(List.contains ("oracle", "ridge") (pairs s))

    [<Test>]
    member _.``a key or an algorithm with a letter missing is refused, and the right one suggested``() =
        let keys = [ for struct (key, _, _) in BanditSettings.Describe() -> key ]
        let algorithms = [ for struct (name, _) in BanditSettings.Algorithms -> name ]

        let check known (attempt: string -> Result<BanditSettings, HindsightError>) =
            for right in known do
                // without its last letter it may be another's neighbour only if two names differ by one letter
                let typo = (right: string).Substring(0, right.Length - 1)

                match attempt typo with
                | Error(HindsightError.UnknownName(_, name, nearest, _)) ->
                    Assert.That((name, nearest), Is.EqualTo((typo, right)))
                | other -> Assert.Fail $"{typo}: {other}"

        check keys (fun key -> (fresh ()).With(key, "1"))
        check algorithms (fun name -> BanditSettings.Create(name, 1, 1, 0UL))

    [<Test>]
    member _.``a value that a key does not take is refused, and what it takes is said``() =
        for struct (key, allowed, _) in BanditSettings.Describe() do
            for value in [ ""; " "; "no-such-value"; "NaN"; "-1e400"; "1,5"; "0x10" ] do
                match (fresh ()).With(key, value) with
                | Error(HindsightError.OutOfRange(argument, _, what)) ->
                    Assert.That((argument, what), Is.EqualTo((key, allowed)))
                | other -> Assert.Fail $"{key}={value}: {other}"

    [<TestCase("thompson", "replay")>]
    [<TestCase("lower-confidence", "online")>]
    [<TestCase("lower-confidence", "theory")>]
    member _.``a rule that needs widths does not fit a network``(rule: string, oracle: string) =
        let s = (fresh ()).With("exploration", rule) |> Require.ok
        let s = s.With("oracle", oracle) |> Require.ok
        Assert.That(s.Build().IsError)

    [<TestCase(0, 2, "contextSize")>]
    [<TestCase(-1, 2, "contextSize")>]
    [<TestCase(2, 0, "arms")>]
    member _.``sizes below 1 are refused by name``(contextSize: int, arms: int, argument: string) =
        match BanditSettings.Create("uniform", contextSize, arms, 0UL) with
        | Error(HindsightError.OutOfRange(name, _, _)) -> Assert.That(name, Is.EqualTo argument)
        | other -> Assert.Fail $"{other}"
