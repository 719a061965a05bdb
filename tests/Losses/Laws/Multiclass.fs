namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A drawn multiclass loss that has its derivatives in closed form, with scores and a direction.
[<NoComparison; NoEquality>]
type ClosedCase =
    {
        Case: MulticlassCase
        Closed: IMulticlassGradient
        Direction: float[]
    }

    override c.ToString() = string c.Case

/// Laws of multiclass losses as functions of what they are laws about: true if the law holds.
[<RequireQualifiedAccess>]
module MulticlassLaw =
    let families = [ "comp-sum"; "focal"; "multiclass surrogates"; "adversarial" ]

    let create name parameters : IMulticlassLoss =
        match (Losses.find name |> Require.ok).Definition with
        | LossDefinition.Multiclass create -> create parameters
        | LossDefinition.Scalar _ -> invalidOp $"{name} is no multiclass loss"

    let gradient (loss: IMulticlassGradient) label (scores: float[]) =
        let g = Array.zeroCreate scores.Length
        let value = loss.Gradient(label, ReadOnlySpan scores, g.AsSpan())
        struct (value, g)

    let hessianVector (loss: IMulticlassGradient) label (scores: float[]) (direction: float[]) =
        let r = Array.zeroCreate scores.Length
        loss.HessianVector(label, ReadOnlySpan scores, ReadOnlySpan direction, r.AsSpan())
        r

    /// Componentwise, relative to the largest component.
    let close tolerance (a: float[]) (b: float[]) =
        let scale = Array.max (Array.map2 (fun x y -> max (abs x) (abs y)) a b)

        scale = 0.0 || Array.forall2 (fun x y -> x = y || abs (x - y) <= tolerance * scale) a b

    let norm (v: float[]) = sqrt (Array.sumBy (fun x -> x * x) v)

    /// How far apart the scores are: exponents of differences carry that many units of rounding.
    let spread (z: float[]) = Array.max z - Array.min z

    /// Value and gradient against dual numbers. Both exponentiate the same differences; a power of e^A carries the rounding of A times the power.
    let gradientAgrees (loss: IMulticlassLoss) (gradient: int -> float[] -> struct (float * float[])) label z =
        let struct (value, g) = gradient label z
        let reference = Multiclass.value loss label z

        Double.IsInfinity reference
        || (Ulp.between value reference <= 16.0 * (1.0 + 4.0 * spread z)
            && close (64.0 * Ulp.eps * (1.0 + spread z)) g (Multiclass.gradient loss label z))

    /// The Hessian-vector product against nested dual numbers.
    let hessianAgrees (loss: IMulticlassLoss) (product: int -> float[] -> float[] -> float[]) label z v =
        let a = product label z v
        let b = Multiclass.hessianVector loss label z v
        // entries cancel against the size of the direction and of the gradient
        let scale = norm v * (norm (Multiclass.gradient loss label z) + Array.max (Array.map abs b))

        not (Double.IsFinite scale)
        || Array.forall2 (fun x y -> abs (x - y) <= 512.0 * Ulp.eps * (1.0 + spread z) * scale) a b

    /// Scores on a grid of 2^-20 and a whole shift, so that the shift is exact: the value may not change in a single bit where only differences are used.
    let shiftInvariant (value: int -> float[] -> float) label (z: float[]) shift =
        let grid = z |> Array.map (fun x -> Math.Round(x * 1048576.0) / 1048576.0)
        Ulp.between (value label grid) (value label (grid |> Array.map (fun x -> x + shift))) = 0.0

    /// Beyond 1e300 a derivative, a few times the value or a sum of such, may leave the doubles before the value does.
    let finiteTogether (value: int -> float[] -> float) (derivative: int -> float[] -> float[]) label z =
        abs (value label z) > 1e300
        || (not (Double.IsNaN(value label z)) && Array.forall Double.IsFinite (derivative label z))

    /// Value and derivative in the label's score of a row of the golden table.
    let golden
        (value: IMulticlassLoss -> int -> float[] -> float)
        (derivative: IMulticlassLoss -> int -> float[] -> float)
        row
        =
        let struct (name, parameters, z, label, v, g) = row
        let loss = create name parameters
        let surprisal = Multiclass.value (CrossEntropy()) label z
        // an error of the surprisal comes back times A G'/G in the value, and e^A carries A units
        let condition = abs (g / v * (surprisal / Scalar.expm1 -surprisal))
        let ulps = 4.0 * (1.0 + surprisal + condition)

        Ulp.between (value loss label z) v <= ulps && Ulp.between (derivative loss label z) g <= 2.0 * ulps

    /// Whether making it throws a HindsightException.
    let refused (make: unit -> obj) =
        try
            isNull (make ())
        with :? HindsightException ->
            true

    /// sum over the labels is constant in the scores.
    let symmetric (value: int -> float[] -> float) expected (z: float[]) =
        let sum = Seq.sum (Seq.init z.Length (fun y -> value y z))
        abs (sum - expected z.Length) <= 8.0 * float z.Length * Ulp.eps * expected z.Length

type MulticlassArbitraries =
    static member ClosedCase() =
        let entries =
            Draw.multiclassEntries |> Array.filter (fun (e, _) -> List.contains e.Family MulticlassLaw.families)

        gen {
            let! case = Gen.bind Draw.multiclassOf (Gen.elements entries)
            let! direction = Gen.arrayOfLength case.Scores.Length Draw.normal

            return
                {
                    Case = case
                    Closed = box case.Loss :?> IMulticlassGradient
                    Direction = direction
                }
        }
        |> Arb.fromGen

[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<MulticlassArbitraries> |], MaxTest = 1000)>]
[<Category "comp-sum"; Category "focal"; Category "multiclass surrogates"; Category "adversarial">]
type MulticlassLaws() =
    [<Property>]
    member _.``The closed gradient is that of the definition by dual numbers``(c: ClosedCase) =
        MulticlassLaw.gradientAgrees c.Case.Loss (MulticlassLaw.gradient c.Closed) c.Case.Label c.Case.Scores
        |> Prop.collect c.Case.Entry.Family

    [<Property>]
    member _.``The closed Hessian-vector product is that of the definition by nested dual numbers``(c: ClosedCase) =
        MulticlassLaw.hessianAgrees
            c.Case.Loss
            (MulticlassLaw.hessianVector c.Closed)
            c.Case.Label
            c.Case.Scores
            c.Direction

    [<Property>]
    member _.``The gradient in single precision is the one in double, rounded``(c: ClosedCase) =
        let z = c.Case.Scores |> Array.map float32
        let g = Array.zeroCreate z.Length
        let value = c.Closed.Gradient(c.Case.Label, ReadOnlySpan z, g.AsSpan())

        let struct (reference, expected) = MulticlassLaw.gradient c.Closed c.Case.Label (Array.map float z)

        let near (x: float32) (y: float) =
            not (Single.IsFinite(float32 y)) || abs (float x - y) <= abs y * 2.0 ** -22.0 + 1e-44

        near value reference && (Double.IsInfinity reference || Array.forall2 near g expected)

    [<Property>]
    member _.``Results in place over the scores are the same bits``(c: ClosedCase) =
        let struct (value, g) = MulticlassLaw.gradient c.Closed c.Case.Label c.Case.Scores

        let place = Array.copy c.Case.Scores

        let again = c.Closed.Gradient(c.Case.Label, Span.op_Implicit (place.AsSpan()), place.AsSpan())

        let product = MulticlassLaw.hessianVector c.Closed c.Case.Label c.Case.Scores c.Direction

        let second = Array.copy c.Case.Scores

        c.Closed.HessianVector(
            c.Case.Label,
            Span.op_Implicit (second.AsSpan()),
            ReadOnlySpan c.Direction,
            second.AsSpan()
        )

        let same (x: float) (y: float) = x.Equals y
        same value again && Array.forall2 same g place && Array.forall2 same product second

    [<Property>]
    member _.``Gradients sum to 0: only differences of scores matter``(c: ClosedCase) =
        let struct (value, g) = MulticlassLaw.gradient c.Closed c.Case.Label c.Case.Scores

        Double.IsInfinity value || abs (Array.sum g) <= 8.0 * float g.Length * Ulp.eps * Array.sumBy abs g

    [<Property>]
    member _.``Adding a number to all scores changes nothing``(c: ClosedCase, shift: int8) =
        // the constrained losses round the mean of the scores
        c.Case.Entry.Name.StartsWith "constrained"
        || MulticlassLaw.shiftInvariant (Multiclass.value c.Case.Loss) c.Case.Label c.Case.Scores (float shift)

    [<Property>]
    member _.``Values lie between the declared infimum and supremum, gradients within the declared Lipschitz constant``
        (c: ClosedCase)
        =
        let m = c.Case.Loss.Metadata

        let struct (value, g) = MulticlassLaw.gradient c.Closed c.Case.Label c.Case.Scores

        value >= m.Infimum.Value * (1.0 - 1e-14)
        && (not m.Supremum.HasValue || value <= m.Supremum.Value * (1.0 + 1e-14))
        && (not m.Lipschitz.HasValue || MulticlassLaw.norm g <= m.Lipschitz.Value * (1.0 + 1e-14))

    [<Property>]
    member _.``Curvature along a direction is at most the declared smoothness, and not negative where convexity is declared``
        (c: ClosedCase)
        =
        let m = c.Case.Loss.Metadata

        let product = MulticlassLaw.hessianVector c.Closed c.Case.Label c.Case.Scores c.Direction

        let curvature = Array.fold2 (fun sum a b -> sum + a * b) 0.0 product c.Direction
        let size = Array.sumBy (fun x -> x * x) c.Direction
        let slack = 64.0 * Ulp.eps * size * Array.max (Array.map abs product)

        Double.IsNaN curvature
        || Double.IsInfinity slack
        || ((not m.Convex || curvature >= -slack)
            && (not m.Smoothness.HasValue || abs curvature <= m.Smoothness.Value * size + slack))

    [<Property>]
    member _.``Scores as far as a thousand: a finite value has finite derivatives``(c: ClosedCase, Score scale) =
        let z = c.Case.Scores |> Array.map (fun x -> max -1e3 (min 1e3 (x * scale)))

        MulticlassLaw.finiteTogether
            (Multiclass.value c.Case.Loss)
            (fun label z ->
                let struct (_, g) = MulticlassLaw.gradient c.Closed label z

                Array.concat
                    [
                        g
                        Multiclass.gradient c.Case.Loss label z
                        Multiclass.hessianVector c.Case.Loss label z c.Direction
                        MulticlassLaw.hessianVector c.Closed label z c.Direction
                    ])
            c.Case.Label
            z

    [<Test>]
    member _.``Golden values and derivatives, close to certainty and far from it``() =
        let derivative loss label z =
            (Multiclass.gradient loss label z)[label]

        let closed (loss: IMulticlassLoss) label z =
            let struct (_, g) = MulticlassLaw.gradient (box loss :?> IMulticlassGradient) label z
            g[label]

        for row in MulticlassGolden.rows do
            Assert.That(MulticlassLaw.golden Multiclass.value derivative row, $"%A{row}")
            Assert.That(MulticlassLaw.golden Multiclass.value closed row, $"%A{row}")

    [<Test>]
    member _.``Closed forms allocate nothing``() =
        let z = [| 0.5; -1.0; 0.25; 2.0 |]
        let single = z |> Array.map float32
        let v, result, resultSingle = Array.create 4 0.5, Array.zeroCreate 4, Array.zeroCreate 4

        for entry, create in Draw.multiclassEntries do
            if List.contains entry.Family MulticlassLaw.families then
                let loss = box (create entry.Defaults) :?> IMulticlassGradient
                let total = [| 0.0 |]

                let run times =
                    let before = GC.GetAllocatedBytesForCurrentThread()

                    for _ in 1..times do
                        total[0] <- total[0] + loss.Gradient(1, ReadOnlySpan z, Span result)
                        total[0] <- total[0] + float (loss.Gradient(1, ReadOnlySpan single, Span resultSingle))
                        loss.HessianVector(1, ReadOnlySpan z, ReadOnlySpan v, Span result)

                    GC.GetAllocatedBytesForCurrentThread() - before

                Assert.That(run 3, Is.GreaterThanOrEqualTo 0L)
                Assert.That(run 50, Is.EqualTo 0L, entry.Name)
                Assert.That(Double.IsFinite total[0])

    [<Test>]
    member _.``A score of minus infinity is a class that cannot be: the loss is that of the others``() =
        let z = [| 0.5; Double.NegativeInfinity; -0.25 |]

        for name, parameters in
            [
                "cross-entropy", [||]
                "comp-sum", [| 0.0 |]
                "softmax-absolute-error", [||]
                "focal", [| 2.0 |]
            ] do
            let loss = MulticlassLaw.create name parameters
            Assert.That(Multiclass.value loss 0 z, Is.EqualTo(Multiclass.value loss 0 [| 0.5; -0.25 |]))
            let struct (_, g) = MulticlassLaw.gradient (box loss :?> IMulticlassGradient) 0 z
            Assert.That(g[1], Is.EqualTo 0.0)
            Assert.That(Multiclass.gradient loss 0 z |> Array.forall Double.IsFinite)

    [<Property>]
    member _.``A weighted loss is the loss times the weight of its label, derivatives too``(c: ClosedCase) =
        let weights = c.Direction |> Array.map abs
        let loss = ClassWeighted(Focal 1.5, weights)
        let w = weights[c.Case.Label]
        let z, label = c.Case.Scores, c.Case.Label
        let scale (a: float[]) = a |> Array.map (fun x -> w * x)
        let struct (value, g) = MulticlassLaw.gradient loss label z
        let struct (inner, h) = MulticlassLaw.gradient (Focal 1.5) label z

        value = w * inner
        && g = scale h
        && Multiclass.value loss label z = w * Multiclass.value (Focal 1.5) label z
        && MulticlassLaw.hessianVector loss label z c.Direction =
            scale (MulticlassLaw.hessianVector (Focal 1.5) label z c.Direction)

    [<Property>]
    member _.``The expected loss is linear in the label: soft labels and label smoothing``
        (c: ClassCase, Probability amount)
        =
        let loss: IMulticlassLoss = CrossEntropy()
        let n = c.Z.Length
        let smooth = Multiclass.expected loss (Multiclass.smoothed n amount 0) c.Z

        let direct =
            (1.0 - amount) * Multiclass.value loss 0 c.Z
            + amount * Seq.average (Seq.init n (fun y -> Multiclass.value loss y c.Z))

        let gradient = Multiclass.expectedGradient loss c.P c.Z
        let s = Array.init n (fun k -> Math.Exp -(Multiclass.value loss k c.Z))

        Ulp.between smooth direct <= 16.0
        && Array.forall2
            (fun g e -> abs (g - e) <= 16.0 * Ulp.eps * (1.0 + MulticlassLaw.spread c.Z))
            gradient
            (Array.map2 (-) s c.P)
