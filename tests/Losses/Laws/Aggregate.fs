namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A convex scalar loss of the registry whose labels fill an interval, and a bag of its domains.
[<NoComparison; NoEquality>]
type BagCase =
    {
        Entry: LossEntry
        Loss: ILoss
        Rho: float
        MeanLabel: float
        Scores: float[]
    }

    override c.ToString() =
        let scores = c.Scores |> Array.map (fun z -> z.ToString "R") |> String.concat ", "
        $"{c.Loss.Metadata.Name}, rho {c.Rho:R}, mean label {c.MeanLabel:R}, scores ({scores})"

    member c.At rho =
        Aggregate.value rho c.Loss c.MeanLabel c.Scores |> Require.ok

    /// The scale of rounding: the largest term.
    member c.Size =
        c.Scores
        |> Array.append [| Array.average c.Scores |]
        |> Array.fold (fun m z -> max m (abs (Loss.value c.Loss c.MeanLabel z))) 1.0

[<RequireQualifiedAccess>]
module BagDraw =
    let private entries =
        Draw.scalarEntries
        |> Array.filter (fun (entry, create) ->
            let metadata = (create entry.Defaults).Metadata
            metadata.Convex && not metadata.Label.EndsOnly)

    let case =
        gen {
            let! entry, create = Gen.elements entries
            let! drawn = Draw.parametersOf entry
            // some parameters of a family make it nonconvex: then its defaults stand
            let parameters =
                if (create drawn).Metadata.Convex then
                    drawn
                else
                    entry.Defaults

            let loss: ILoss = create parameters
            let! size = Gen.frequency [ 1, Gen.constant 1; 5, Gen.choose (2, 9) ]
            let! label = Draw.inside loss.Metadata.Label
            let! scores = Gen.arrayOfLength size (Draw.inside loss.Metadata.Score)
            let! rho = Draw.unitLabel

            return
                {
                    Entry = entry
                    Loss = loss
                    Rho = rho
                    MeanLabel = label
                    Scores = scores
                }
        }

    let sample = lazy (Gen.sampleWithSeed (Rnd(3UL, 21UL)) 50 400 case)

type BagArbitraries =
    static member BagCase() = Arb.fromGen BagDraw.case

/// Laws of bag losses, as functions of the implementation.
[<RequireQualifiedAccess>]
module BagLaw =
    let finite (c: BagCase) =
        Double.IsFinite c.Size && c.Size < 1e100

    let gradient (c: BagCase) =
        let g = Array.zeroCreate<float> c.Scores.Length

        let value = (Aggregate.interpolated c.Rho c.Loss).Gradient(c.MeanLabel, ReadOnlySpan c.Scores, Span g)

        struct (value, g)

    /// The gradient is the derivative of the definition.
    let gradientIsDerivative (gradient: BagCase -> float[]) (c: BagCase) =
        let loss = Aggregate.interpolated c.Rho c.Loss

        let defined =
            Array.init c.Scores.Length (fun k ->
                let z = c.Scores |> Array.mapi (fun j x -> Dual(R64 x, R64(if j = k then 1.0 else 0.0)))

                loss.Eval(Dual(R64 c.MeanLabel, R64 0.0), ReadOnlySpan z).D.V)

        let size = defined |> Array.fold (fun m g -> max m (abs g)) 0.0
        not (finite c) || ClassLoss.distance (gradient c) defined <= 16.0 * Ulp.eps * (1.0 + size)

    /// Square loss: the interpolated loss is the bag loss plus rho times the variance within the bag.
    let squareIdentity (variance: float[] -> float) (c: BagCase) =
        // labels in [0,1], scores as drawn, far ones brought closer
        let scores = c.Scores |> Array.map (fun z -> Math.Clamp(z, -50.0, 50.0))
        let label = Math.Clamp(c.MeanLabel, 0.0, 1.0)

        let at rho =
            Aggregate.value rho (Squared()) label scores |> Require.ok

        abs (at c.Rho - at 0.0 - c.Rho * variance scores) <= 64.0 * Ulp.eps * (1.0 + at 1.0)

    /// m/2 Var <= instance - bag <= L/2 Var, with m and L bounds on the second derivative.
    let gap (loss: ILoss) (least: float) (most: float) (c: BagCase) =
        let scores = c.Scores |> Array.map (fun z -> Math.Clamp(z, -50.0, 50.0))
        let label = Math.Clamp(c.MeanLabel, 0.0, 1.0)

        let at rho =
            Aggregate.value rho loss label scores |> Require.ok

        let variance = Aggregate.variance scores
        let tolerance = 64.0 * Ulp.eps * (100.0 + variance)

        at 1.0 - at 0.0 >= least / 2.0 * variance - tolerance
        && at 1.0 - at 0.0 <= most / 2.0 * variance + tolerance

[<Category "aggregate">]
[<Laws(Arbitrary = [| typeof<LossArbitraries>; typeof<BagArbitraries> |])>]
type AggregateLaws() =
    [<Property(MaxTest = 500)>]
    member _.``The instance loss is at least the bag loss, and the interpolated one grows with rho (Jensen)``
        (c: BagCase)
        =
        let tolerance = 32.0 * Ulp.eps * c.Size * float c.Scores.Length

        Prop.classify
            (c.Scores.Length > 1)
            "several members"
            (not (BagLaw.finite c) || (c.At 0.0 <= c.At c.Rho + tolerance && c.At c.Rho <= c.At 1.0 + tolerance))

    [<Property(MaxTest = 300)>]
    member _.``With one member all losses are the loss itself``(c: BagCase) =
        let single = { c with Scores = c.Scores[..0] }

        let expected = Loss.value c.Loss c.MeanLabel c.Scores[0]

        not (BagLaw.finite c)
        || [ 0.0; c.Rho; 1.0 ] |> List.forall (fun rho -> Ulp.between (single.At rho) expected <= 2.0)

    [<Property(MaxTest = 500)>]
    member _.``The gradient over spans is the derivative of the definition, its value the definition``(c: BagCase) =
        let struct (value, g) = BagLaw.gradient c

        BagLaw.gradientIsDerivative (fun _ -> g) c
        && (not (BagLaw.finite c) || abs (value - c.At c.Rho) <= 8.0 * Ulp.eps * c.Size)

    [<Property(MaxTest = 300)>]
    member _.``Square loss: interpolated = bag + rho variance within the bag``(c: BagCase) =
        BagLaw.squareIdentity Aggregate.variance c

    [<Property(MaxTest = 300)>]
    member _.``The variance within a bag is half the mean squared difference of two members``(c: BagCase) =
        let scores = c.Scores |> Array.map (fun z -> Math.Clamp(z, -50.0, 50.0))

        let pairs = scores |> Array.averageBy (fun a -> scores |> Array.averageBy (fun b -> (a - b) * (a - b)))

        abs (Aggregate.variance scores - 0.5 * pairs) <= 32.0 * Ulp.eps * (1.0 + pairs)

    [<Property(MaxTest = 300)>]
    member _.``Bounds on the second derivative bound instance - bag: equality for the square losses, at most Var/8 for the logistic``
        (c: BagCase)
        =
        BagLaw.gap (Squared()) 2.0 2.0 c
        && BagLaw.gap (HalfSquared()) 1.0 1.0 c
        && BagLaw.gap (BinaryCrossEntropy()) 0.0 0.25 c

    [<Test>]
    member _.``The gradient may be written onto the scores``() =
        let z = [| 0.3; -1.0; 2.0 |]
        let g = Array.zeroCreate<float> 3
        let loss = Aggregate.interpolated 0.4 (BinaryCrossEntropy())
        let value = loss.Gradient(0.25, ReadOnlySpan z, Span g)
        let value2 = loss.Gradient(0.25, Span.op_Implicit (Span z), Span z)
        Assert.That(value2, Is.EqualTo value)
        Assert.That(z, Is.EqualTo<float[]> g)

    [<Test>]
    member _.``Bad input is refused by name``() =
        let refused (name: string) (result: Result<float, HindsightError>) =
            match result with
            | Error e -> Assert.That(e.Message, Does.Contain name)
            | Ok value -> Assert.Fail $"accepted, {value}"

        refused "rho" (Aggregate.value 1.5 (Squared()) 0.5 [| 0.0 |])
        refused "meanLabel" (Aggregate.value 0.5 (Squared()) 1.5 [| 0.0 |])
        refused "scores" (Aggregate.value 0.5 (Squared()) 0.5 [||])
        refused "scores" (Aggregate.value 0.5 (Squared()) 0.5 [| nan |])

        let error =
            Assert.Throws<HindsightException>(fun () ->
                let struct (value, _) =
                    BagLaw.gradient
                        { BagDraw.sample.Value[0] with
                            Rho = -0.1
                        }

                Assert.That(value, Is.EqualTo 0.0))

        Assert.That(error.Message, Does.Contain "rho")
