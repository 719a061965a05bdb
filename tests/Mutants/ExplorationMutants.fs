namespace Hindsight.Tests.Mutants

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open Hindsight
open Hindsight.FSharp
open Hindsight.Tests.Laws

/// Wrong exploration rules, schedules and bounds, most of them found in the wild. Each must be rejected by a law: a law that nothing breaks is no law.
[<TestFixture>]
type ExplorationMutants() =
    let sample =
        Gen.zip BanditArbitraries.CostsGen BanditArbitraries.ExplorationGen
        |> Gen.sampleWithSeed (Rnd 5UL) 50 500
        |> Array.map (fun (Costs y, Exploration gamma) -> y, gamma)

    /// A mutant that throws is rejected too.
    let fails law =
        try
            not (law ())
        with _ ->
            true

    let rejected laws rule =
        laws
        |> List.exists (fun (_, holds) ->
            sample |> Array.exists (fun (y, gamma) -> fails (fun () -> holds rule y gamma)))

    let gaps (y: float[]) =
        y |> Array.map (fun c -> c - Array.min y)

    /// p_a for the others, and the remainder to the arms that <c>isBest</c> names.
    let remainder isBest (weight: float -> float) (y: float[]) =
        let p = gaps y |> Array.map (fun gap -> if isBest gap then 0.0 else weight gap)
        let best = gaps y |> Array.filter isBest |> Array.length
        let rest = (1.0 - Array.sum p) / float best
        gaps y |> Array.map (fun gap -> if isBest gap then rest else weight gap)

    let igw mu factor : RuleLaw.Rule =
        fun y gamma -> remainder ((=) 0.0) (fun gap -> 1.0 / (mu y + factor * gamma * gap)) y

    let arms (y: float[]) = float y.Length

    /// The --elim branch of the museum: an arm counts as a survivor only where the running minimum improves.
    let runningMinima (y: float[]) =
        let minima = Array.scan min infinity y
        float (Seq.length (Seq.filter (fun a -> y[a] < minima[a]) (seq { 0 .. y.Length - 1 })))

    let lowestIndex (rule: RuleLaw.Rule) : RuleLaw.Rule =
        fun y gamma ->
            let p = rule y gamma
            let best = Array.findIndex ((=) (Array.min y)) y
            let all = Array.map2 (fun c q -> if c = y[best] then q else 0.0) y p |> Array.sum

            Array.mapi
                (fun a q ->
                    if a = best then all
                    elif y[a] = y[best] then 0.0
                    else q)
                p

    let zeroBased (y: float[]) = Array.map (fun c -> c - 0.5) y

    [<Test>]
    member _.``the rules themselves are not rejected``() =
        Assert.That(rejected RuleLaw.ofFixed Rules.fixedMu, Is.False)
        Assert.That(rejected RuleLaw.ofExact Rules.exact, Is.False)
        Assert.That(rejected RuleLaw.ofReweighted Rules.reweighted, Is.False)
        Assert.That(rejected RuleLaw.ofReweightedExact Rules.reweightedExact, Is.False)

    [<Test>]
    member _.``known falsehoods are found``() =
        let falsehoods: (string * RuleLaw.Rule * (RuleLaw.Rule -> float[] -> float -> bool)) list =
            [
                "mu = K pays only (K-1)/gamma",
                Rules.fixedMu,
                (fun rule y gamma ->
                    gamma = 0.0
                    || RuleLaw.decision (rule y gamma) y (gamma / 4.0)
                       <= (arms y - 1.0) / gamma + RuleLaw.decisionError y gamma)
                "exact: others have at most 1/K", Rules.exact, RuleLaw.othersTrail
                "the re-weighted rule ignores a common shift", Rules.reweighted, RuleLaw.shiftInvariant
                "inverse gap weighting ignores a common factor", Rules.fixedMu, RuleLaw.scaleInvariant
            ]

        Assert.That(
            [
                for name, rule, holds in falsehoods do
                    if not (rejected [ name, holds ] rule) then
                        name
            ],
            Is.Empty
        )

    [<Test>]
    member _.``every wrong inverse gap weighting is rejected``() =
        let mutants: (string * RuleLaw.Rule) list =
            [
                "half gamma", igw arms 0.5
                "twice gamma", igw arms 2.0
                "running minima for survivors", igw runningMinima 1.0
                "mu = K - 1", igw (fun y -> arms y - 1.0) 1.0
                "mu = K + 1", igw (fun y -> arms y + 1.0) 1.0
                "lowest index takes the ties", lowestIndex Rules.fixedMu
                "not normalised", (fun y gamma -> gaps y |> Array.map (fun gap -> 1.0 / (arms y + gamma * gap)))
                "all scaled to sum 1",
                (fun y gamma ->
                    let w = gaps y |> Array.map (fun gap -> 1.0 / (arms y + gamma * gap))
                    Array.map (fun q -> q / Array.sum w) w)
                "gap from the mean",
                (fun y gamma -> Rules.fixedMu (Array.map (fun c -> max 0.0 (c - Array.average y)) y) gamma)
                "near ties count as ties",
                (fun y gamma -> remainder (fun gap -> gap < 1e-2) (fun gap -> 1.0 / (arms y + gamma * gap)) y)
                "rewards for costs", (fun y gamma -> Rules.fixedMu (Array.map (fun c -> 1.0 - c) y) gamma)
                "gap squared", (fun y gamma -> remainder ((=) 0.0) (fun gap -> 1.0 / (arms y + gamma * gap * gap)) y)
                "re-weighted", Rules.reweighted
                "exact", Rules.exact
            ]

        Assert.That(
            [
                for name, rule in mutants do
                    if not (rejected RuleLaw.ofFixed rule) then
                        name
            ],
            Is.Empty
        )

    [<Test>]
    member _.``every wrong exact normalisation is rejected``() =
        let at lambda : RuleLaw.Rule =
            fun y gamma -> gaps y |> Array.map (fun gap -> 1.0 / (lambda y + gamma * gap))

        let scaled (rule: RuleLaw.Rule) : RuleLaw.Rule =
            fun y gamma ->
                let p = rule y gamma
                Array.map (fun q -> q / Array.sum p) p

        let mutants: (string * RuleLaw.Rule) list =
            [
                "lambda = 1", at (fun _ -> 1.0)
                "lambda = K", at arms
                "lambda = 1, scaled", scaled (at (fun _ -> 1.0))
                "lambda = K, scaled", scaled (at arms)
                "twice gamma (the classical c = gamma)", (fun y gamma -> Rules.exact y (2.0 * gamma))
                "half gamma", (fun y gamma -> Rules.exact y (0.5 * gamma))
                "one Newton step",
                (fun y gamma ->
                    let p = gaps y |> Array.map (fun gap -> 1.0 / (1.0 + gamma * gap))
                    let s = Array.sum p
                    let lambda = 1.0 + s * (s - 1.0) / Array.sumBy (fun q -> q * q) p
                    scaled (at (fun _ -> lambda)) y gamma)
                "lowest index takes the ties", lowestIndex Rules.exact
                "mu = K", Rules.fixedMu
                "re-weighted", Rules.reweightedExact
            ]

        Assert.That(
            [
                for name, rule in mutants do
                    if not (rejected RuleLaw.ofExact rule) then
                        name
            ],
            Is.Empty
        )

    [<Test>]
    member _.``every wrong re-weighted rule is rejected``() =
        let reweighted weight : RuleLaw.Rule =
            fun y gamma -> remainder ((=) 0.0) (weight (Array.min y) (arms y) gamma) y

        let mutants: (string * RuleLaw.Rule) list =
            [
                "0/0 at y_b = 0 and gamma = 0", reweighted (fun b k gamma gap -> b / (k * b + gamma * gap))
                "half gamma", (fun y gamma -> Rules.reweighted y (0.5 * gamma))
                "reward form on costs", (fun y gamma -> Rules.reweighted (Array.map (fun c -> 1.0 - c) y) gamma)
                "y_b missing in the numerator", reweighted (fun b k gamma gap -> 1.0 / (k * b + gamma * gap))
                "uniform at y_b = 0",
                (fun y gamma ->
                    if Array.min y = 0.0 then
                        Rules.fixedMu y 0.0
                    else
                        Rules.reweighted y gamma)
                "not clipped", (fun y gamma -> Rules.reweighted (zeroBased y) gamma)
                "lowest index takes the ties", lowestIndex Rules.reweighted
                "not re-weighted", Rules.fixedMu
            ]

        Assert.That(
            [
                for name, rule in mutants do
                    if not (rejected RuleLaw.ofReweighted rule) then
                        name
            ],
            Is.Empty
        )

        let exactMutants: (string * RuleLaw.Rule) list =
            [
                "mu = K", Rules.reweighted
                "half gamma", (fun y gamma -> Rules.reweightedExact y (0.5 * gamma))
                "not re-weighted", Rules.exact
            ]

        Assert.That(
            [
                for name, rule in exactMutants do
                    if not (rejected RuleLaw.ofReweightedExact rule) then
                        name
            ],
            Is.Empty
        )

    [<Test>]
    member _.``an ignored mask and a batch that shares its remainder are rejected``() =
        let ignoresMask (y: float[]) (_: bool[]) gamma = Rules.fixedMu y gamma

        let zeroesAfterwards (y: float[]) (available: bool[]) gamma =
            Array.map2 (fun q free -> if free then q else 0.0) (Rules.fixedMu y gamma) available

        for decide in [ ignoresMask; zeroesAfterwards ] do
            Assert.That(
                sample
                |> Array.exists (fun (y, gamma) -> fails (fun () -> RuleLaw.masked Rules.fixedMu decide y gamma))
            )

        let summed (batch: float[][]) gamma =
            let others =
                batch
                |> Array.map (fun y ->
                    gaps y |> Array.map (fun gap -> if gap = 0.0 then 0.0 else 1.0 / (arms y + gamma * gap)))

            let rest = 1.0 - Array.sumBy Array.sum others
            Array.map2 (fun y p -> Array.map2 (fun gap q -> if gap = 0.0 then rest else q) (gaps y) p) batch others

        let singles batch gamma =
            batch |> Array.map (fun y -> Rules.fixedMu y gamma)

        let breaks batch =
            sample
            |> Array.exists (fun (y, gamma) -> fails (fun () -> RuleLaw.batched Rules.fixedMu batch y gamma))

        Assert.That(breaks summed)
        Assert.That(breaks singles, Is.False)

    [<Test>]
    member _.``wrong schedules are rejected``() =
        let logOfCounter (options: GammaOptions) (t: int64) (k: int) cost =
            if options.Kind = GammaSchedule.Power then
                options.Scale * log (float k * float t)
            else
                Gamma.at options t k cost

        Assert.That(ScheduleLaw.finiteAtStart logOfCounter, Is.False)

        let mutants =
            [
                (fun (o: GammaOptions) t k cost ->
                    Gamma.at
                        { o with
                            OracleRegret = 2.0 * o.OracleRegret
                        }
                        t
                        k
                        cost)
                (fun o t k cost -> Gamma.at { o with Delta = 2.0 * o.Delta } t k cost)
                (fun o t k cost -> Gamma.at o t k (cost / 3.0))
                (fun o t k cost -> Gamma.at o (t + 1L) k cost)
                (fun o t k cost -> Gamma.at o t (k + 1) cost)
                (fun o t k cost -> 0.9 * Gamma.at o t k cost)
            ]

        Assert.That(mutants |> List.exists ScheduleLaw.values, Is.False)

    [<Test>]
    member _.``every bound with a constant of its own times 0.9 is rejected``() =
        let square n k t r gamma =
            BoundLaw.value (SquareCB.expectation n k t r gamma)

        let high n k t r delta gamma =
            BoundLaw.value (SquareCB.highProbability n k t r delta gamma)

        let fast k l r gamma =
            BoundLaw.value (FastCB.atGamma k 1e4 l r gamma)

        let explicitRegret g m e t c =
            BoundLaw.value (Qg.onlineRegret g m e t c)

        let survivors =
            [
                "SquareCB, whole", BoundLaw.squareTight (fun n k t r g -> 0.9 * square n k t r g)
                // the price alone: the error's share is kept
                "SquareCB, price", BoundLaw.squareTight (fun n k t r g -> 0.9 * square n k t 0.0 g + g / 4.0 * r)
                "SquareCB, error", BoundLaw.squareGolden (fun n k t r g -> square n k t (0.9 * r) g)
                "SquareCB, halved regret", BoundLaw.squareGolden (fun n k t r g -> square n k t (0.5 * r) g)
                "SquareCB, high probability", BoundLaw.highProbability (fun n k t r d g -> 0.9 * high n k t r d g)
                "SquareCB, ln(1/delta)",
                BoundLaw.highProbability (fun n k t r d g -> high n k t r (min 0.99 (2.0 * d)) g)
                "FastCB, chain", BoundLaw.fastGolden (fun k l r g -> 0.9 * fast k l r g)
                "FastCB, published",
                BoundLaw.fastPublished (fun k l r -> 0.9 * BoundLaw.value (FastCB.expectation k 1e4 l r))
                "Qg, gradient", BoundLaw.explicitRegret (fun g m e t c -> explicitRegret (g * sqrt 0.9) m e t c)
                "Qg, growth doubled", BoundLaw.explicitRegret (fun g m e t c -> explicitRegret g (2.0 * m) e t c)
                "Qg, defect", BoundLaw.explicitRegret (fun g m e t c -> explicitRegret g m (0.9 * e) t c)
                "Qg, excess", BoundLaw.explicitRegret (fun g m e t c -> explicitRegret g m e t (0.9 * c))
                "Qg, common", BoundLaw.commonRegret (fun g m e t -> 0.9 * BoundLaw.value (Qg.onlineLogRegret g m e t))
                "VAW", RidgeLaw.tight (fun s -> 0.9 * (Ridge.regretBoundVaw s).Value)
            ]
            |> List.filter snd
            |> List.map fst

        Assert.That(survivors, Is.Empty)
