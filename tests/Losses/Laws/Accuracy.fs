namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// A scalar loss written for a test: its formula over any scalar, and its domains.
[<Struct; NoComparison; NoEquality>]
type private Sum =
    interface ILoss with
        /// (1 + score) - label, which absorbs a small score.
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.op_Subtraction ('T.op_Addition ('T.Const 1.0, score), label)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { LossMetadata.Default with
                Name = "Sum"
            }

/// The accuracy of every loss of the registry, and the instrument that measures it.
[<Category("accuracy")>]
type AccuracyLaws() =
    static let entries = Draw.scalarEntries |> Array.map fst

    /// Units in the last place that value and derivatives may be off, and the same over the condition number where that is above 4.
    static let allowed = 4.0

    /// Losses whose value is a difference of terms that cancel by design: their value is exact in units of the terms.
    static let absolute = [| "kullback-leibler" |]

    /// Where more is allowed: the loss, the order of the derivative, and how much.
    static let budgets: (string * int * float) list =
        [
            for name in absolute do
                name, 0, infinity
            // The residual is rounded before the function sees it, and well conditioned means multiplied by up to 4; the curvatures are high powers of a sum
            // in which the rounding of each square and quotient is multiplied by 1.5 to 4 besides.
            "pseudo-huber", 2, 7.0
            "tukey", 2, 7.0
            // The score enters through the ratio to the label, whose rounding a power multiplies by p, and comes out as a product of six rounded factors.
            // Between m = 2 y and 5 y the value is e^x - 1 - x for x near 1/2, which loses two bits that only a series would keep.
            "deviance", 0, 7.0
            "deviance", 2, 8.0
            "binomial-deviance", 2, 6.0
            // Near its zero the curvature is a difference of two rounded terms, of which for alpha > 2 neither is small.
            "alpha-loss", 2, 8.0
            // The square of (1 + z) (1 + ln(1 + z)), of which each factor is three roundings from the margin.
            "hinge-logarithmic-tail", 2, 7.0
            // -1/score^2 + 2 label/score^3, each by the jets of a logarithm and of a ratio: at score = 3 label they cancel to a third
            "itakura-saito", 2, 7.0
            // a sum of two curvatures, each the square of two ratios
            "bregman-binary-kl", 2, 5.5
            // two powers, four quotients and a square multiplied; close to the diagonal the value has the square of a logarithm
            "bregman-power", 2, 5.5
            "bregman-tsallis", 0, 5.0
            "bregman-tsallis", 2, 5.5
            // curvatures of the two partial losses, of opposite sign, each with a fifth power of a root
            "spherical-score", 2, 5.0
            // partial losses are sums of 108 terms, their derivatives products of five powers and quotients; curvatures of opposite sign
            "beta-score", 0, 8.0
            "beta-score", 1, 6.0
            "beta-score", 2, 6.0
        ]

    /// Losses of which a derivative is finite in double precision only where label and score are 0 or of a magnitude between the two numbers: jets square 1/score or 1/label,
    /// and the powers of the ratio leave the range of doubles before the derivative itself does.
    static let magnitudes =
        [
            "deviance", 1e-30, 1e30
            "bregman-kl", 1e-37, 1e37
            "itakura-saito", 1e-37, 1e37
            "bregman-power", 1e-37, 1e37
            "bregman-tsallis", 1e-37, 1e37
        ]

    static let budget (entry: LossEntry) order =
        budgets
        |> List.tryPick (fun (name, k, limit) -> if name = entry.Name && k = order then Some limit else None)
        |> Option.defaultValue allowed

    static let where (p: AccuracyPoint) =
        let parameters = p.Parameters |> Array.map (fun v -> v.ToString "R") |> String.concat ", "

        $"({parameters}) at label {p.Label:R}, score {p.Score:R}: {p.Computed:R} for {p.Expected:R}, condition {p.Condition:g3}"

    static member Entries =
        entries
        |> Array.map (fun e ->
            TestCaseData(e).SetName $"{e.Name}: value and derivatives within 4 units in the last place")

    [<TestCaseSource("Entries")>]
    member _.Accurate(entry: LossEntry) =
        let report = Accuracy.entry 2026UL 4 600 entry |> Require.ok

        Assert.Multiple(fun () ->
            for o in report.Orders do
                let points = o.Points + o.OutOfRange + o.Unresolved + o.AtKink + o.Crossings
                Assert.That(o.Points, Is.GreaterThanOrEqualTo(points / 4), $"derivative {o.Order}: points judged")
                Assert.That(o.AtKink, Is.LessThanOrEqualTo(points / 50), $"derivative {o.Order}: points at kinks")

                let limit = budget entry o.Order

                Assert.That(
                    o.Ulps,
                    Is.LessThanOrEqualTo limit,
                    $"derivative {o.Order}, well conditioned: {where o.Worst}"
                )

                Assert.That(
                    o.UlpsPerCondition,
                    Is.LessThanOrEqualTo limit,
                    $"derivative {o.Order}, error over condition: {where o.WorstElsewhere}"
                ))

    static member AbsoluteOnly = absolute

    [<TestCaseSource("AbsoluteOnly")>]
    member _.``The value is within 4 units in the last place of max(1, |score|)``(name: string) =
        let entry = Losses.find name |> Require.ok

        match entry.Definition with
        | LossDefinition.Multiclass _ -> Assert.Fail "not a scalar loss"
        | LossDefinition.Scalar create ->
            let loss = create entry.Defaults

            for struct (y, z) in Accuracy.points 5UL 5000 loss.Metadata do
                let expected = loss.Eval(DD y, DD z)
                let error = abs ((Loss.value loss y z - expected.Hi) - expected.Lo)

                Assert.That(
                    error,
                    Is.LessThanOrEqualTo(allowed * Ulp.at (max 1.0 (abs z))),
                    $"label {y:R}, score {z:R}"
                )

    [<Test>]
    member _.``No budget is larger than it need be: every loss with one breaks the general law``() =
        for name, rows in budgets |> List.groupBy (fun (name, _, _) -> name) do
            let report = Losses.find name |> Result.bind (Accuracy.entry 2026UL 4 600) |> Require.ok

            for _, order, _ in rows do
                let o = report.Orders[order]
                Assert.That(max o.Ulps o.UlpsPerCondition, Is.GreaterThan allowed, $"{name}, derivative {order}")

    static member Finite =
        entries
        |> Array.map (fun e ->
            TestCaseData(e).SetName
                $"{e.Name}: where the value is finite, so are both derivatives, over all doubles of the domain")

    [<TestCaseSource("Finite")>]
    member _.DerivativesAreFinite(entry: LossEntry) =
        let random = RandomStream(7UL, 0UL)

        let least, most =
            magnitudes
            |> List.tryPick (fun (name, least, most) -> if name = entry.Name then Some(least, most) else None)
            |> Option.defaultValue (0.0, infinity)

        let allowed x =
            x = 0.0 || (least <= abs x && abs x <= most)

        let rec raw (d: Domain) =
            let x = BitConverter.UInt64BitsToDouble(random.NextBits())
            // few random doubles lie between two finite ends
            let x =
                if not (Double.IsFinite d.Low && Double.IsFinite d.High) then
                    x
                elif d.EndsOnly || random.NextInt 4 = 0 then
                    (if random.NextInt 2 = 0 then d.Low else d.High)
                else
                    d.Low + (d.High - d.Low) * random.NextDouble()

            if Double.IsFinite x && d.Contains x && allowed x then
                x
            else
                raw d

        for parameters in Accuracy.parameters 7UL 3 entry do
            match entry.Definition with
            | LossDefinition.Multiclass _ -> Assert.Fail "not a scalar loss"
            | LossDefinition.Scalar create ->
                let loss = create parameters
                let metadata = loss.Metadata

                for _ in 1..3000 do
                    let label, score = raw metadata.Label, raw metadata.Score
                    let struct (v, d, h) = Loss.jet loss label score

                    if Double.IsFinite v && not (Double.IsFinite d && Double.IsFinite h) then
                        Assert.Fail $"label {label:R}, score {score:R}: value {v:R}, derivatives {d:R} and {h:R}"

    [<Test>]
    member _.``The instrument finds what is lost when a small score is absorbed``() =
        let report = Accuracy.measure [||] (Sum()) [| struct (1.0, 1.0e-10 / 3.0) |]
        // true: the score itself; condition: |label| / |score|
        Assert.That(report.Value.WellConditioned, Is.EqualTo 0)
        Assert.That(report.Value.WorstElsewhere.Condition, Is.EqualTo(3e10 + 1.0).Within(1e-9).Percent)
        Assert.That(report.Value.WorstElsewhere.Error, Is.GreaterThan 1e8)
        Assert.That(report.Value.UlpsPerCondition, Is.LessThanOrEqualTo 1.0)
        Assert.That(report.First.WellConditioned, Is.EqualTo 1)
        Assert.That(report.First.Ulps, Is.EqualTo 0.0)

    [<Test>]
    member _.``Where the reference itself loses the result, the point is left out and counted``() =
        let report = Accuracy.measure [||] (Sum()) [| struct (1.0, 1e-40) |]
        Assert.That(report.Value.Unresolved, Is.EqualTo 1)
        Assert.That(report.Value.Points, Is.EqualTo 0)

    [<Test>]
    member _.``A result that overflows is left out and counted``() =
        let report = Accuracy.measure [||] (Squared()) [| struct (0.0, 1e200) |]
        Assert.That(report.Value.OutOfRange, Is.EqualTo 1)
        Assert.That(report.Second.OutOfRange, Is.EqualTo 1)

    [<Test>]
    member _.``The condition of the square loss is 2 (|label| + |score|) / |score - label|``() =
        let y, z = 0.75, 3.0
        let report = Accuracy.measure [||] (Squared()) [| struct (y, z) |]
        let expected = 2.0 * (y + z) / (z - y)

        let n =
            if report.Value.WellConditioned = 1 then
                report.Value.Worst
            else
                report.Value.WorstElsewhere
        // an exact result leaves no point behind
        Assert.That(expected, Is.LessThan Accuracy.WellConditioned)
        Assert.That(n.Error = 0.0 || abs (n.Condition - expected) < 1e-14)
        Assert.That(report.Value.WellConditioned, Is.EqualTo 1)

    [<Test>]
    member _.``A loss of class scores is refused``() =
        let definition = LossDefinition.Multiclass(fun _ -> Unchecked.defaultof<IMulticlassLoss>)

        let row: LossEntry =
            {
                Name = "classes"
                Family = "test"
                Parameters = [||]
                Definition = definition
            }

        Assert.That((Accuracy.entry 1UL 1 10 row).IsError)

    [<Test>]
    member _.``Points lie in the domains, reach both ends, 1000 and below 1e-60, and are the same for the same seed``
        ()
        =
        let metadata = (BinaryCrossEntropy() :> ILoss).Metadata
        let points = Accuracy.points 3UL 4000 metadata
        Assert.That(Accuracy.points 3UL 4000 metadata, Is.EqualTo<struct (float * float)[]> points)
        let labels = points |> Array.map (fun struct (y, _) -> y)
        let scores = points |> Array.map (fun struct (_, z) -> abs z)
        Assert.That(labels |> Array.forall metadata.Label.Contains)
        Assert.That(Array.contains 0.0 labels && Array.contains 1.0 labels)
        Assert.That(Array.max scores, Is.InRange(900.0, 1100.0))
        Assert.That(scores |> Array.exists (fun z -> z > 0.0 && z < 1e-60))
