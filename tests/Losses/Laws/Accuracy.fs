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

    /// Units in the last place that value and derivatives may be off, times the condition number where that is above 1.
    static let allowed = Accuracy.Aim

    /// Losses of which a derivative leaves the range of doubles before the value does: label over score^(p+1), p up to 3.5 for deviances and 3 for power divergences. Up to here it does not.
    static let magnitudes =
        [
            "deviance", 1e-56, 1e56
            "bregman-kl", 1e-102, 1e102
            "itakura-saito", 1e-77, 1e77
            "bregman-power", 1e-61, 1e61
            "bregman-tsallis", 1e-61, 1e61
        ]

    static let where (p: AccuracyPoint) =
        let parameters = p.Parameters |> Array.map (fun v -> v.ToString "R") |> String.concat ", "

        $"({parameters}) at label {p.Label:R}, score {p.Score:R}: {p.Computed:R} for {p.Expected:R}, condition {p.Condition:g3}"

    static member Entries =
        entries
        |> Array.map (fun e ->
            TestCaseData(e).SetName
                $"{e.Name}: value and derivatives within 4 units in the last place, or 4 times the condition number")

    [<TestCaseSource("Entries")>]
    member _.Accurate(entry: LossEntry) =
        let report = Accuracy.entry 2026UL 4 600 entry |> Require.ok

        Assert.Multiple(fun () ->
            for o in report.Orders do
                let points = o.Points + o.OutOfRange + o.Unresolved + o.AtKink + o.Crossings
                Assert.That(o.Points, Is.GreaterThanOrEqualTo(points / 4), $"derivative {o.Order}: points judged")
                Assert.That(o.AtKink, Is.LessThanOrEqualTo(points / 50), $"derivative {o.Order}: points at kinks")

                Assert.That(
                    o.Excess,
                    Is.LessThanOrEqualTo allowed,
                    $"derivative {o.Order}, {o.WorstExcess.Error:F2} units: {where o.WorstExcess}"
                ))

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

    /// What docs/accuracy.md says of the one loss whose value its large sample finds above 4 units.
    [<Test>]
    member _.``With the parameters counted, the condition of the beta score is that of its exponents``() =
        let entry = entries |> Array.find (fun e -> e.Name = "beta-score")
        let report = Accuracy.entry 1UL 2 5000 entry |> Require.ok
        let p = report.Value.WorstBeyond
        Assert.That(report.Value.Beyond, Is.InRange(1, 200))
        Assert.That(report.Value.BeyondExcess, Is.LessThanOrEqualTo allowed)

        let value (moved: float[]) =
            match entry.Definition with
            | LossDefinition.Multiclass _ -> nan
            | LossDefinition.Scalar create ->
                let struct (v, _, _) = Loss.jet (create moved) p.Label p.Score
                v

        // the derivative by differences of plain doubles, with a step of its own
        let slope which =
            let at share =
                value (p.Parameters |> Array.mapi (fun i x -> if i = which then x * (1.0 + share) else x))

            abs ((at 1e-5 - at -1e-5) / (2e-5 * at 0.0))

        Assert.That(p.ParameterCondition, Is.EqualTo(slope 0 + slope 1).Within 1e-4)

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
