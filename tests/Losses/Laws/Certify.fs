namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Losses made for these tests: what a user would write.
module Made =
    open Hindsight.FSharp.Ops

    /// |z - y|.
    [<Struct; NoComparison; NoEquality>]
    type Absolute =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = 'T.Abs(score - label)
            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Absolute"
                    Continuity = 0
                    Lipschitz = Nullable 1.0
                    StrongConvexity = Nullable 0.0
                }

    /// Half a square up to 1, a line beyond.
    [<Struct; NoComparison; NoEquality>]
    type Rounded =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                let r = 'T.Abs(score - label)
                'T.Select('T.Const 1.0 - r, 'T.Const 0.5 * 'T.Sqr r, r - 'T.Const 0.5)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Rounded"
                    Continuity = 1
                    Lipschitz = Nullable 1.0
                    Smoothness = Nullable 1.0
                    StrongConvexity = Nullable 0.0
                }

    /// ln cosh(z - y) as softplus: convex, smooth, flat far away.
    [<Struct; NoComparison; NoEquality>]
    type LogCosh =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                let r = score - label
                'T.Softplus(r + r) - r - 'T.Const2(0.6931471805599453, 2.3190468138462996e-17)

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "LogCosh"
                    Lipschitz = Nullable 1.0
                    Smoothness = Nullable 1.0
                    StrongConvexity = Nullable 0.0
                }

    /// ln(1 + (z - y)^2) / 2: not convex beyond 1.
    [<Struct; NoComparison; NoEquality>]
    type HalfCauchy =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                'T.Const 0.5 * 'T.Log1p('T.Sqr(score - label))

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "HalfCauchy"
                    Convex = false
                    Lipschitz = Nullable 0.5
                    Smoothness = Nullable 1.0
                    StrongConvexity = Nullable -0.125
                }

    /// e^z - y z, labels from 0.
    [<Struct; NoComparison; NoEquality>]
    type Poisson =
        interface ILoss with
            member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
                'T.Exp score - label * score

            member this.Accept visitor = visitor.Visit this

            member _.Metadata =
                { LossMetadata.Default with
                    Name = "Poisson"
                    Label = Domain.NonNegative
                    Link = Link.Log
                    Infimum = Nullable()
                }

/// Where a loss is certified, from its domains.
[<RequireQualifiedAccess>]
module Boxes =
    /// [-reach, reach] within the domain; a little inside an open end, where the loss may be infinite.
    let within (d: Domain) reach =
        let low = if d.LowClosed then d.Low else d.Low + 0.01
        let high = if d.HighClosed then d.High else d.High - 0.01

        match Double.IsFinite d.Low, Double.IsFinite d.High with
        | true, true -> Ival(low, high)
        | true, false -> Ival(low, low + reach)
        | false, true -> Ival(high - reach, high)
        | false, false -> Ival(-reach, reach)

    let labels (meta: LossMetadata) = within meta.Label 2.0
    let scores (meta: LossMetadata) reach = within meta.Score reach

    /// The default parameters, then so many drawn ones.
    let parameters (entry: LossEntry) extra =
        if entry.Parameters.Length = 0 then
            [| [||] |]
        else
            Array.append [| entry.Defaults |] (Gen.sampleWithSeed (Rnd 20_261_125UL) 50 extra (Draw.parametersOf entry))

/// What a certified constant must satisfy, for any way of enclosing it.
[<RequireQualifiedAccess>]
module CertifyLaw =
    type Search = CertifyOptions -> ILoss -> Ival -> Ival -> Result<Enclosure, HindsightError>

    let width (options: CertifyOptions) (truth: float) =
        Math.Max(options.Width, options.Relative * abs truth)

    /// The enclosure holds the truth and has the requested width. The truth is a double: an ulp of it is not asked for.
    let closedForm (search: Search) options loss label score truth =
        let e = search options loss label score |> Require.ok

        e.Low <= truth + 2.0 * Ulp.at truth
        && truth - 2.0 * Ulp.at truth <= e.High
        && e.Converged
        && e.Width <= width options truth

    let points n (x: Ival) =
        if x.Width = 0.0 then
            [| x.Lo |]
        else
            Array.init (n + 1) (fun i -> Math.Min(x.Hi, x.Lo + (x.Hi - x.Lo) * float i / float n))

[<Category("certification")>]
type CertifyLaws() =
    static let box low high = Ival(low, high)
    static let unit = Ival(0.0, 1.0)
    static let fine = CertifyOptions.Default
    static let point = Ival.Point

    static let coarse =
        { CertifyOptions.Default with
            Relative = 1e-3
            Width = 1e-4
        }

    static member ClosedForms =
        let case
            name
            (search: CertifyLaw.Search)
            (loss: ILoss)
            (label: Ival)
            (score: Ival)
            (truth: float)
            (options: CertifyOptions)
            =
            TestCaseData(search, loss, label, score, truth, options).SetName
                $"Closed form: {name} of {loss.Metadata.Name} on labels {label}, scores {score}"

        let bce = BinaryCrossEntropy() :> ILoss
        let kl = KullbackLeibler() :> ILoss

        [
            case "least curvature" Certify.strongConvexity bce unit (box -3.0 3.0) 0.04517665973091214 fine
            case "smoothness" Certify.smoothness bce unit (box -3.0 3.0) 0.25 fine
            case "smoothness" Certify.smoothness bce unit (box 1.0 3.0) 0.19661193324148185 fine
            case "Lipschitz constant" Certify.lipschitz bce unit (box -3.0 2.0) 0.9525741268224334 fine
            case "supremum" Certify.supremum bce unit (box -3.0 2.0) 3.0485873515737421 fine
            case "infimum" Certify.infimum bce unit (box -3.0 2.0) 0.048587351573742059 fine
            case "infimum" Certify.infimum kl unit (box -3.0 2.0) 0.0 coarse
            case "exp-concavity" Certify.expConcavity (Squared()) unit unit 0.5 fine
            case "exp-concavity" Certify.expConcavity (HalfSquared()) unit unit 1.0 fine
            case "exp-concavity" Certify.expConcavity (Squared()) unit (box 0.0 3.0) (1.0 / 18.0) fine
            for b in [ 0.5; 1.0; 3.0; 8.0 ] do
                // the logistic loss of a margin is binary cross-entropy at label 1
                case "exp-concavity" Certify.expConcavity bce (point 1.0) (box -b b) (Math.Exp -b) fine
                case "exp-concavity" Certify.expConcavity kl unit (box -b b) (Math.Exp -b) fine

                case
                    "self-concordance"
                    Certify.selfConcordance
                    bce
                    (point 0.3)
                    (box -b b)
                    (2.0 * Math.Sinh(b / 2.0))
                    fine
            case "self-concordance" Certify.selfConcordance (HalfSquared()) unit (box -2.0 2.0) 0.0 fine
            case "quadratic growth" Certify.quadraticGrowth (HalfSquared()) unit (box -2.0 2.0) 1.0 fine
            case "Polyak-Lojasiewicz" Certify.polyakLojasiewicz (HalfSquared()) unit (box -2.0 2.0) 1.0 fine
            case "quadratic growth" Certify.quadraticGrowth (Squared()) (point 0.25) (box -2.0 2.0) 2.0 fine
            case "Polyak-Lojasiewicz" Certify.polyakLojasiewicz (Squared()) (point 0.25) (box -2.0 2.0) 2.0 fine
            case "smoothness" Certify.smoothness (Made.LogCosh()) unit (box -3.0 3.0) 1.0 fine
            case
                "least curvature"
                Certify.strongConvexity
                (Made.LogCosh())
                unit
                (box -3.0 3.0)
                (1.0 / Math.Cosh 4.0 ** 2.0)
                fine
            case "least curvature" Certify.strongConvexity (Made.HalfCauchy()) unit (box -5.0 5.0) -0.125 fine
            case "Lipschitz constant" Certify.lipschitz (Made.HalfCauchy()) unit (box -5.0 5.0) 0.5 fine
            case "Lipschitz constant" Certify.lipschitz (Made.Absolute()) unit (box -2.0 2.0) 1.0 fine
            case "supremum" Certify.supremum (Made.Absolute()) unit (box -2.0 2.0) 3.0 fine
            case "infimum" Certify.infimum (Made.Absolute()) unit (box -2.0 2.0) 0.0 fine
            case "smoothness" Certify.smoothness (Made.Rounded()) unit (box -2.0 2.0) 1.0 fine
            case "least curvature" Certify.strongConvexity (Made.Rounded()) unit (box -2.0 2.0) 0.0 fine
            case
                "least curvature"
                Certify.strongConvexity
                (Made.Poisson())
                (box 0.0 3.0)
                (box -1.0 2.0)
                (Math.Exp -1.0)
                fine
            case
                "self-concordance"
                Certify.selfConcordance
                (Made.Poisson())
                (point 1.0)
                (box -1.0 2.0)
                (Math.Exp 0.5)
                fine
            // at label 1/2 the worst score is an end, by symmetry: l'^2/2 against l - ln 2
            case
                "Polyak-Lojasiewicz"
                Certify.polyakLojasiewicz
                bce
                (point 0.5)
                (box -4.0 4.0)
                (0.5 * Math.Tanh 2.0 ** 2.0 / 4.0 / (Math.Log(Math.Cosh 2.0)))
                coarse
            case
                "quadratic growth"
                Certify.quadraticGrowth
                bce
                (point 0.5)
                (box -4.0 4.0)
                (2.0 * Math.Log(Math.Cosh 2.0) / 16.0)
                coarse
        ]

    [<TestCaseSource("ClosedForms")>]
    member _.ClosedForm
        (search: CertifyLaw.Search, loss: ILoss, label: Ival, score: Ival, truth: float, options: CertifyOptions)
        =
        let e = search options loss label score |> Require.ok
        TestContext.Out.WriteLine $"{e} {e.Boxes} boxes, truth {truth:R}"

        Assert.That(
            CertifyLaw.closedForm search options loss label score truth,
            $"{e}, truth {truth:R}, {e.Boxes} boxes"
        )

    [<Test>]
    member _.``Fewer boxes than needed give an enclosure that says that it is wider than requested``() =
        let few = { fine with Boxes = 20 }
        let e = Certify.strongConvexity few (Made.HalfCauchy()) unit (box -5.0 5.0) |> Require.ok
        Assert.That(e.Converged, Is.False)
        Assert.That(e.Contains -0.125, string e)
        Assert.That(string e, Does.Contain "wider than requested")

    [<Test>]
    member _.``A loss whose derivative jumps has no smoothness, and a box outside the domain is refused``() =
        let incompatible (r: Result<Enclosure, HindsightError>) =
            match r with
            | Error(HindsightError.Incompatible _) -> true
            | _ -> false

        let outside (r: Result<Enclosure, HindsightError>) =
            match r with
            | Error(HindsightError.OutOfRange _) -> true
            | _ -> false

        Assert.That(incompatible (Certify.smoothness fine (Made.Absolute()) unit unit))
        Assert.That(incompatible (Certify.selfConcordance fine (Made.Rounded()) unit (box -3.0 3.0)))
        Assert.That(outside (Certify.infimum fine (Squared()) (box 0.0 2.0) unit))
        Assert.That(outside (Certify.infimum fine (Squared()) unit Ival.Whole))

    [<Test>]
    member _.``The minimiser of the half square is the label, of binary cross-entropy its logit, or the end of the box``
        ()
        =
        let near (truth: float) (loss: ILoss) label score =
            let z = Certify.minimiser loss (point label) score |> Require.ok
            Assert.That(z.Contains truth, $"{z}, truth {truth:R}")
            Assert.That(z.Width, Is.LessThan 1e-8)

        near 0.3 (HalfSquared()) 0.3 (box -2.0 2.0)
        near (Scalar.logit 0.3) (BinaryCrossEntropy()) 0.3 (box -2.0 2.0)
        near 2.0 (BinaryCrossEntropy()) 1.0 (box -2.0 2.0)
        near 0.3 (Made.HalfCauchy()) 0.3 (box -7.0 5.0)

    [<Test>]
    member _.``The certificate prints a line for each constant``() =
        let c = Certify.certificate coarse (BinaryCrossEntropy()) unit (box -3.0 3.0) |> Require.ok
        let text = string c
        TestContext.Out.WriteLine text

        for word in
            [
                "infimum"
                "Lipschitz"
                "smoothness"
                "exp-concavity"
                "self-concordance"
                "quadratic growth"
                "budget"
            ] do
            Assert.That(text, Does.Contain word)

    static member Scalars = Draw.scalarEntries |> Array.map (fun (e, _) -> e.Name)

    [<TestCaseSource("Scalars")>]
    member _.``No point of a grid lies beyond the certified constants, and quadratic growth follows from the Polyak-Lojasiewicz inequality``
        (name: string)
        =
        let entry, create = Draw.scalarEntries |> Array.find (fun (e, _) -> e.Name = name)
        let options = { coarse with Boxes = 200 }

        for parameters in Boxes.parameters entry 1 do
            let loss = create parameters
            let meta = loss.Metadata
            let label = Boxes.labels meta
            let score = Boxes.scores meta 3.0
            let c = Certify.certificate options loss label score |> Require.ok
            let where = $"{name} {parameters}: {c}"

            let labels =
                if meta.Label.EndsOnly then
                    [| meta.Label.Low; meta.Label.High |]
                else
                    CertifyLaw.points 12 label

            let scores = CertifyLaw.points 60 score

            for y in labels do
                let values = scores |> Array.map (Loss.jet loss y)
                let low = values |> Array.map (fun struct (p, _, _) -> p) |> Array.min

                for struct (p, d, h) in values do
                    let within = p >= c.Infimum.Low && p <= c.Supremum.High && abs d <= c.Lipschitz.High
                    Assert.That(within, where)

                    if c.Smoothness.HasValue then
                        Assert.That(abs h, Is.LessThanOrEqualTo c.Smoothness.Value.High, where)

                    if c.StrongConvexity.HasValue then
                        Assert.That(h, Is.GreaterThanOrEqualTo c.StrongConvexity.Value.Low, where)

                    if c.ExpConcavity.HasValue && c.ExpConcavity.Value.Low > 0.0 then
                        // the rounding of l'' and of l'^2
                        Assert.That(
                            h - c.ExpConcavity.Value.Low * d * d,
                            Is.GreaterThanOrEqualTo(-8.0 * Ulp.at h),
                            where
                        )

                    if c.PolyakLojasiewicz.HasValue then
                        Assert.That(
                            0.5 * d * d - c.PolyakLojasiewicz.Value.Low * (p - low),
                            Is.GreaterThanOrEqualTo(
                                -16.0 * c.PolyakLojasiewicz.Value.Low * Ulp.at c.Supremum.High - 1e-300
                            ),
                            where
                        )
