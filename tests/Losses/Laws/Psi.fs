namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A function of the margin with its name and what it declares, for the laws of calibration.
type IMarginCase =
    abstract Name: string
    abstract Convex: bool
    abstract BoundedBelow: bool
    abstract Phi<'T when 'T :> IReal<'T> and 'T: struct> : m: 'T -> 'T

/// Such a function as a margin loss.
[<Struct; NoComparison; NoEquality>]
type CaseLoss =
    val Case: IMarginCase
    new(case) = { Case = case }

    interface IMarginLoss with
        member this.Phi<'T when 'T :> IReal<'T> and 'T: struct>(margin: 'T) : 'T = this.Case.Phi margin

    interface ILoss with
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            this.Case.Phi('T.op_Multiply (label, score))

        member this.Accept visitor = visitor.Visit this

        member this.Metadata =
            { LossMetadata.Default with
                Name = this.Case.Name
                Label = Domain.Signs
                Convex = this.Case.Convex
                Infimum = if this.Case.BoundedBelow then Nullable 0.0 else Nullable()
            }

/// Margin functions, written here for these laws.
module PsiCases =
    open Hindsight.FSharp.Ops

    [<AbstractClass>]
    type Base(name: string, convex: bool, below: bool) =
        abstract Phi<'T when 'T :> IReal<'T> and 'T: struct> : m: 'T -> 'T

        interface IMarginCase with
            member _.Name = name
            member _.Convex = convex
            member _.BoundedBelow = below
            member this.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = this.Phi m

    let positive<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) : 'T = 'T.Max(x, 'T.Const 0.0)

    let hinge =
        { new Base("hinge", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = positive ('T.Const 1.0 - m)
        }

    let squaredHinge =
        { new Base("squared hinge", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Sqr(positive ('T.Const 1.0 - m))
        }

    let modifiedHuber =
        { new Base("modified Huber", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T
                    .Select(
                        m + 'T.Const 1.0,
                        'T.Sqr(positive ('T.Const 1.0 - 'T.Max(m, 'T.Const -1.0))),
                        'T.Const -4.0 * m
                    )
        }

    let smoothedHinge =
        { new Base("smoothed hinge", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Select(m, 'T.Const 0.5 * 'T.Sqr(positive ('T.Const 1.0 - m)), 'T.Const 0.5 - m)
        }

    let logistic =
        { new Base("logistic", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Softplus(-m)
        }

    let exponential =
        { new Base("exponential", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Exp(-m)
        }

    let square =
        { new Base("square", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Sqr('T.Const 1.0 - m)
        }

    let savage =
        { new Base("Savage", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Sqr('T.Sigmoid(-m))
        }

    let tangent =
        { new Base("tangent", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Sqr('T.Const 2.0 * 'T.Atan m - 'T.Const 1.0)
        }

    let sigmoid =
        { new Base("sigmoid", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Sigmoid(-m)
        }

    let tanh k =
        { new Base($"tanh {k}", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Const 1.0 - 'T.Tanh('T.Const k * m)
        }

    let ramp rho =
        { new Base($"ramp {rho}", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Min(positive ('T.Const 1.0 - m / 'T.Const rho), 'T.Const 1.0)
        }

    let unhinged =
        { new Base("unhinged", true, false) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Const 1.0 - m
        }

    /// (alpha/(alpha-1))(1 - s(m)^(1-1/alpha))
    let alpha (order: float) =
        { new Base($"alpha {order}", order <= 1.0, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                let a = 'T.Const order
                let one = 'T.Const 1.0
                a / (a - one) * (one - 'T.Exp(-((one - one / a) * 'T.Softplus(-m))))
        }

    /// Convex with a kink at 0, so not calibrated: (-m)_+.
    let perceptron =
        { new Base("perceptron", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = positive (-m)
        }

    /// Convex and smooth but falling the wrong way: (1+m)^2.
    let reversed =
        { new Base("reversed square", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T = 'T.Sqr('T.Const 1.0 + m)
        }

    /// Even, so blind to the sign: 1/(1+m^2).
    let even =
        { new Base("even", false, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Const 1.0 / ('T.Const 1.0 + 'T.Sqr m)
        }

    /// Hinge with an exponential tail: 1 - m as far as 1, then e^(1-m) - 1, continuous with slope -1 there.
    let hingeWithTail =
        { new Base("hinge with tail", true, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Select(m - 'T.Const 1.0, 'T.Expm1('T.Const 1.0 - 'T.Max(m, 'T.Const 1.0)), 'T.Const 1.0 - m)
        }

    let mixture (w: float) (f: Base) (g: Base) convex =
        { new Base("mixture", convex, true) with
            member _.Phi<'T when 'T :> IReal<'T> and 'T: struct>(m: 'T) : 'T =
                'T.Const w * f.Phi m + ('T.Const 1.0 - 'T.Const w) * g.Phi m
        }

/// A finite distribution with scores: weight, mean eta and score of each point.
[<NoComparison>]
type FiniteCase =
    {
        Points: struct (float * float * float)[]
        Seed: int
    }

type PsiArbitraries =
    static member FiniteCase() =
        Arb.fromGen (
            gen {
                let! n = Gen.choose (1, 5)
                let! w = Draw.dirichlet n
                let! eta = Gen.arrayOfLength n Draw.unitLabel

                let! score =
                    Gen.arrayOfLength
                        n
                        (Gen.frequency [ 4, Draw.normal; 1, Gen.constant 0.0; 2, Draw.magnitude -1.0 1.0 ])

                let! seed = Gen.choose (1, 1000000)

                return
                    {
                        Points = Array.init n (fun i -> struct (w[i], eta[i], score[i]))
                        Seed = seed
                    }
            }
        )

/// The laws as functions of the transform under test.
module PsiLaw =
    let margin (c: PsiCases.Base) : IMarginLoss = CaseLoss(c :> IMarginCase)
    let phi (c: PsiCases.Base) m = ((c :> IMarginCase).Phi(R64 m)).V

    /// Each loss of the table with its closed form.
    let table: (PsiCases.Base * (float -> float)) list =
        [
            PsiCases.hinge, Psi.hinge
            PsiCases.squaredHinge, Psi.squaredHinge
            PsiCases.modifiedHuber, Psi.modifiedHuber
            PsiCases.smoothedHinge, Psi.smoothedHinge
            PsiCases.logistic, Psi.logistic
            PsiCases.exponential, Psi.exponential
            PsiCases.square, Psi.square
            PsiCases.savage, Psi.savage
            PsiCases.tangent, Psi.tangent
            PsiCases.sigmoid, Psi.sigmoid
            PsiCases.tanh 0.7, Psi.tanh
            PsiCases.ramp 0.4, Psi.ramp
            PsiCases.alpha 0.5, Psi.alphaLoss 0.5
            PsiCases.alpha 2.0, Psi.alphaLoss 2.0
            PsiCases.alpha 3.0, Psi.alphaLoss 3.0
        ]

    let transforms =
        table |> List.map (fun (c, closed) -> c, closed, Psi.transform (margin c) |> Require.ok)

    /// R01 - R01*, a score of 0 counted as an error of the likelier class.
    let zeroOne (points: struct (float * float * float)[]) =
        points
        |> Array.sumBy (fun struct (w, eta, f) ->
            if f * (2.0 * eta - 1.0) <= 0.0 then
                w * abs (2.0 * eta - 1.0)
            else
                0.0)
        // weights add up to 1 but for rounding
        |> min 1.0

    /// P(f differs from the Bayes rule).
    let differs (points: struct (float * float * float)[]) =
        points
        |> Array.sumBy (fun struct (w, eta, f) ->
            if f * (2.0 * eta - 1.0) <= 0.0 && eta <> 0.5 then
                w
            else
                0.0)

    let risk phi eta f = eta * phi f + (1.0 - eta) * phi -f

    /// R_phi - R_phi*, the infimum by the library's search over scores within the bound.
    let surrogate (c: PsiCases.Base) bound points =
        points
        |> Array.sumBy (fun struct (w, eta, f) ->
            let best = Psi.conditionalRisk (margin c) bound eta |> Require.ok
            w * max 0.0 (risk (phi c) eta f - best))

    /// psi(R - R*) <= R_phi - R_phi*.
    let bound (psi: float -> float) c points =
        psi (zeroOne points) <= surrogate c 700.0 points + 1e-10

    let thetas = [| for i in 0..40 -> float i / 40.0 |]

    /// Closed form against numbers; the search stops at 1e-3 steps of a geometric grid, refined to rounding.
    let agrees (closed: float -> float) (numeric: float -> float) =
        thetas |> Array.forall (fun t -> abs (closed t - numeric t) <= 1e-7)

    let points = PsiArbitraries.FiniteCase().Generator |> Gen.map _.Points

open PsiLaw

[<Category("calibration")>]
[<Laws(Arbitrary = [| typeof<PsiArbitraries>; typeof<LossArbitraries> |], MaxTest = 100)>]
type PsiLaws() =
    [<Test>]
    member _.``The transform by search agrees with every closed form of the table``() =
        for c, closed, transform in transforms do
            for t in thetas do
                Assert.That(transform.Value t, Is.EqualTo(closed t).Within(1e-7), $"{(c :> IMarginCase).Name} at {t}")

    [<Test>]
    member _.``Golden values at 1/2: logistic, exponential, smoothed hinge, Savage``() =
        for found, expected in
            [
                Psi.logistic 0.5, 0.130812035941137
                Psi.exponential 0.5, 0.1339745962155614
                Psi.smoothedHinge 0.5, 1.0 / 6.0
                Psi.savage 0.5, 0.0625
                Psi.logisticBase2 0.5, 0.130812035941137 / log 2.0
            ] do
            Assert.That(Ulp.between found expected, Is.LessThanOrEqualTo 8.0)

    [<Property>]
    member _.``psi is convex, 0 at 0, does not decrease, and alpha-loss tends to the logistic at alpha = 1``
        (Probability s)
        (Probability t)
        =
        let extra = Psi.logisticBase2 :: List.map Psi.alphaLoss [ 0.3; 1.0; 2.0; 5.0 ]

        (transforms |> List.map (fun (_, closed, _) -> closed)) @ extra
        |> List.forall (fun psi ->
            abs (psi 0.0) <= 1e-15
            && psi (0.5 * (s + t)) <= 0.5 * (psi s + psi t) + 1e-14
            && psi (min s t) <= psi (max s t) + 1e-15)
        && abs (Psi.alphaLoss 1.00001 s - Psi.logistic s) <= 1e-5

    [<Test>]
    member _.``The numerical transform is convex, 0 at 0, does not decrease, and never exceeds the raw one``() =
        for _, _, transform in transforms do
            Assert.That(transform.Value 0.0, Is.EqualTo(0.0).Within(1e-12))

            for i in 1 .. thetas.Length - 2 do
                let at j = transform.Value thetas[j]
                Assert.That(at i, Is.LessThanOrEqualTo(0.5 * (at (i - 1) + at (i + 1)) + 1e-9))
                Assert.That(at (i + 1), Is.GreaterThanOrEqualTo(at i - 1e-12))
                Assert.That(at i, Is.LessThanOrEqualTo(transform.Raw thetas[i]))

    [<Property>]
    member _.``Bartlett, Jordan and McAuliffe: psi(R - R*) <= R_phi - R_phi* for every finite distribution and every score``
        (c: FiniteCase)
        =
        let wrong = zeroOne c.Points > 0.0
        Prop.classify wrong "errs" (table |> List.forall (fun (loss, closed) -> bound closed loss c.Points))

    [<Test>]
    member _.``The bound is tight for every theta: one point of mean (1+theta)/2 scored at the best wrong score``() =
        // for a convex loss the best wrong score is 0
        for c, closed in table |> List.filter (fun (c, _) -> (c :> IMarginCase).Convex) do
            for t in thetas[1..39] do
                let point = [| struct (1.0, 0.5 * (1.0 + t), 0.0) |]
                Assert.That(zeroOne point, Is.EqualTo(t).Within(1e-15))
                Assert.That(surrogate c 700.0 point, Is.EqualTo(closed t).Within(1e-8), (c :> IMarginCase).Name)

    [<Property>]
    member _.``The inverse is the largest theta whose psi is within the excess``(Probability excess) =
        [ 1; 4; 8; 9 ]
        |> List.forall (fun i ->
            let _, closed, transform = transforms[i]
            let theta = transform.Inverse excess

            if theta = 1.0 then
                closed 1.0 <= excess + 1e-7
            else
                // the slope of psi is at least psi(theta)/theta
                abs (closed theta - excess) <= 1e-7)

    // calibration

    [<Test>]
    member _.``Every loss of the table is calibrated; so is a hinge with a tail``() =
        for c, _ in table do
            Assert.That(Psi.isCalibrated (margin c), (c :> IMarginCase).Name)

        Assert.That(Psi.isCalibrated (margin PsiCases.hingeWithTail))
        Assert.That(Psi.isCalibrated (margin PsiCases.unhinged))

    [<Test>]
    member _.``Negative: perceptron, reversed square and an even loss are not calibrated, and each has a distribution that says so``
        ()
        =
        for c in [ PsiCases.perceptron; PsiCases.reversed; PsiCases.even ] do
            Assert.That(not (Psi.isCalibrated (margin c)), (c :> IMarginCase).Name)
            let transform = Psi.transform (margin c) |> Require.ok
            // psi vanishes: a zero-one excess of 1/2 at no surrogate excess
            Assert.That(transform.Value 0.5, Is.EqualTo(0.0).Within(1e-9))
            let bound = ConsistencyBounds.zeroOneExcess (margin c) 0.01 |> Require.ok
            Assert.That bound.Vacuous
            Assert.That(bound.Assumptions[0].Status, Is.EqualTo AssumptionStatus.Violated)

    [<Property>]
    member _.``A mixture of calibrated losses is calibrated, and its psi is at most the mixture of the psis``
        (Probability w)
        (Probability t)
        =
        // inf of a sum is at least the sum of infima, and psi of a convex loss is phi(0) less the infimum;
        // psi is close to t^2/2 for small t, far above what the search rounds
        let w, t = Math.Clamp(w, 0.01, 0.99), Math.Max(t, 1e-3)
        let mixed = PsiCases.mixture w PsiCases.logistic PsiCases.exponential true
        let psi = (Psi.transform (margin mixed) |> Require.ok).Value t

        Psi.isCalibrated (margin mixed)
        && psi <= w * Psi.logistic t + (1.0 - w) * Psi.exponential t + 1e-9
        && psi > 0.0

    // bounds

    [<Property(MaxTest = 40)>]
    member _.``Excess bound: the stated upper bound is met by every finite distribution``(c: FiniteCase) =
        [ PsiCases.logistic; PsiCases.squaredHinge; PsiCases.savage ]
        |> List.forall (fun loss ->
            let b = ConsistencyBounds.zeroOneExcess (margin loss) (surrogate loss 700.0 c.Points) |> Require.ok
            b.Value >= zeroOne c.Points - 1e-5 && b.Value <= 1.0 && b.Direction = BoundDirection.Upper)

    [<Property>]
    member _.``Massart noise: R - R* <= (2 gamma/psi(2 gamma)) (R_phi - R_phi*)``(c: FiniteCase) =
        let gamma = c.Points |> Array.map (fun struct (_, eta, _) -> abs (eta - 0.5)) |> Array.min
        let gamma = Math.Min(0.5, gamma)

        gamma < 1e-3
        || [ PsiCases.logistic; PsiCases.exponential; PsiCases.smoothedHinge ]
           |> List.forall (fun loss ->
               let b = ConsistencyBounds.massart (margin loss) gamma (surrogate loss 700.0 c.Points) |> Require.ok
               b.Value >= zeroOne c.Points - 1e-7)

    [<Property(MaxTest = 40)>]
    member _.``Noise exponent: c (R-R*)^alpha psi((R-R*)^(1-alpha)/(2c)) <= R_phi - R_phi* with the distribution's own c``
        (c: FiniteCase)
        (Probability alpha)
        =
        let excess = zeroOne c.Points

        excess < 1e-6
        || (let constant = differs c.Points / excess ** alpha * (1.0 + 1e-12)

            let left psi =
                constant * excess ** alpha * psi (Math.Min(1.0, excess ** (1.0 - alpha) / (2.0 * constant)))

            let phiExcess = surrogate PsiCases.logistic 700.0 c.Points

            let b =
                ConsistencyBounds.noiseExponent (margin PsiCases.logistic) constant alpha phiExcess |> Require.ok

            left Psi.logistic <= phiExcess + 1e-10 && b.Value >= excess - 1e-6)

    [<Test>]
    member _.``Exponent 0 with c = 1 is at most twice as strong as no assumption; exponent 1 is linear in the excess``
        ()
        =
        let loss = margin PsiCases.squaredHinge

        let at c alpha e =
            (ConsistencyBounds.noiseExponent loss c alpha e |> Require.ok).Value
        // psi(r/2) = r^2/4 <= e
        Assert.That(at 1.0 0.0 0.01, Is.EqualTo(0.2).Within(1e-8))
        // 2 r psi(1/4) = r/8 <= e
        Assert.That(at 2.0 1.0 0.01, Is.EqualTo(0.08).Within(1e-8))

    [<Test>]
    member _.``Bounded scores: the search agrees with every closed form of T_B``() =
        for bound in [ 0.2; 0.7; 1.0; 2.5 ] do
            let forms: (PsiCases.Base * (float -> float)) list =
                [
                    PsiCases.hinge, BoundedScores.hinge bound
                    PsiCases.squaredHinge, BoundedScores.squaredHinge bound
                    PsiCases.exponential, BoundedScores.exponential bound
                    PsiCases.logistic, BoundedScores.logistic bound
                    PsiCases.tanh 0.7, BoundedScores.tanh 0.7 bound
                    PsiCases.sigmoid, BoundedScores.sigmoid bound
                    PsiCases.ramp 0.4, BoundedScores.ramp 0.4 bound
                    PsiCases.unhinged, BoundedScores.unhinged bound
                ]

            for c, closed in forms do
                let transform = Psi.bounded (margin c) bound |> Require.ok

                for t in thetas do
                    Assert.That(
                        transform.Value t,
                        Is.EqualTo(closed t).Within(1e-7),
                        $"{(c :> IMarginCase).Name} at {t}, bound {bound}"
                    )

    [<Property>]
    member _.``T_B <= T_infinity and T_B increases with B`` (Probability t) (Probability u) =
        let low, high = 4.0 * u, 4.0 * u + 0.3

        [
            BoundedScores.hinge, Psi.hinge
            BoundedScores.squaredHinge, Psi.squaredHinge
            BoundedScores.exponential, Psi.exponential
            BoundedScores.logistic, Psi.logistic
            BoundedScores.logisticBase2, Psi.logisticBase2
            BoundedScores.tanh 0.7, Psi.tanh
            BoundedScores.sigmoid, Psi.sigmoid
            BoundedScores.ramp 0.4, Psi.ramp
        ]
        |> List.forall (fun (form, limit) -> form low t <= form high t + 1e-14 && form high t <= limit t + 1e-14)

    [<Property(MaxTest = 40)>]
    member _.``Bounded scores: the bound is met by every finite distribution with scores in [-B, B]``(c: FiniteCase) =
        let bound = 0.8

        let points =
            c.Points |> Array.map (fun struct (w, eta, f) -> struct (w, eta, Math.Clamp(f, -bound, bound)))

        [ PsiCases.logistic; PsiCases.unhinged; PsiCases.sigmoid ]
        |> List.forall (fun loss ->
            let b =
                ConsistencyBounds.bounded (margin loss) bound (surrogate loss bound points) 0.0 0.0 |> Require.ok

            b.Value >= zeroOne points - 1e-5)

    [<Test>]
    member _.``What is not allowed is refused``() =
        let loss = margin PsiCases.logistic

        let refused result =
            match result with
            | Error _ -> true
            | Ok _ -> false

        Assert.That(refused (Psi.transform (margin PsiCases.unhinged)))
        Assert.That(refused (ConsistencyBounds.zeroOneExcess (margin PsiCases.unhinged) 0.1))
        Assert.That(refused (ConsistencyBounds.zeroOneExcess loss -0.1))
        Assert.That(refused (ConsistencyBounds.zeroOneExcess loss nan))
        Assert.That(refused (ConsistencyBounds.massart loss 0.0 0.1))
        Assert.That(refused (ConsistencyBounds.massart loss 0.6 0.1))
        Assert.That(refused (ConsistencyBounds.noiseExponent loss 0.0 0.5 0.1))
        Assert.That(refused (ConsistencyBounds.noiseExponent loss 0.5 1.0 0.1))
        Assert.That(refused (ConsistencyBounds.noiseExponent loss 1.0 1.5 0.1))
        Assert.That(refused (ConsistencyBounds.bounded loss 0.0 0.1 0.0 0.0))
        Assert.That(refused (ConsistencyBounds.bounded loss 1.0 0.1 -1.0 0.0))
        Assert.That(refused (Psi.conditionalRisk loss 1.0 1.5))
        Assert.That(refused (Psi.wrongSideRisk loss nan 0.5))
