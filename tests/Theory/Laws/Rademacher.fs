namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Rademacher complexities.
[<TestFixture>]
type RademacherLaws() =
    static let value (bound: Result<Bound, HindsightError>) = (Require.ok bound).Value

    [<Test>]
    member _.``The Rademacher risk bound holds for all functions at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-risk")

    [<Test>]
    member _.``The data-dependent Rademacher risk bound holds for all functions at once, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-risk-data")

    [<Test>]
    member _.``Talagrand's contraction, by enumeration of signs``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-contraction")

    [<Test>]
    member _.``Complexities of linear and kernel classes, by enumeration of signs``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-linear")
        Assert.That(Witness.holds Witnesses.all "rademacher-linear-data")
        Assert.That(Witness.holds Witnesses.all "rademacher-kernel")

    [<Test>]
    member _.``Massart's lemma, by enumeration of signs``() =
        Assert.That(Witness.holds Witnesses.all "massart")
        Assert.That(Witness.holds Witnesses.all "rademacher-l1")

    [<Test>]
    member _.``The complexity of small ReLU networks is within the bound of Golowich, Rakhlin and Shamir``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-relu")

    [<Test>]
    member _.``The complexity of thresholds and of shattered points is within the bound by VC dimension``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-vc")

    [<Test>]
    member _.``The Monte-Carlo complexity errs by McDiarmid's width with probability at most delta, by enumeration``() =
        Assert.That(Witness.holds Witnesses.all "rademacher-monte-carlo")

    [<Test>]
    member _.``The Monte-Carlo complexity of a linear class brackets the exact one, replays, and is below the bound by norms``
        ()
        =
        // false alarm 1e-9 a side
        let random = Random 1

        for seed in 1UL .. 20UL do
            let n = 8
            let x = Array.init n (fun _ -> Array.init 3 (fun _ -> 2.0 * random.NextDouble() - 1.0))

            let length (signs: float[]) =
                Seq.init 3 (fun j -> RademacherWitnesses.dot signs (x |> Array.map (fun p -> p[j])) ** 2.0)
                |> Seq.sum
                |> sqrt

            let exact = RademacherWitnesses.expectation n length
            let norms = x |> Array.map (fun p -> sqrt (RademacherWitnesses.dot p p))
            let largest = Array.max norms

            let run seed =
                Rademacher.monteCarlo seed 200 n largest 1e-9 length |> Require.ok

            let bound = run seed
            let width = largest * sqrt (2.0 * log 1e9 / (200.0 * float n))
            Assert.That(exact, Is.InRange(bound.Value - 2.0 * width, bound.Value))
            Assert.That((run seed).Value, Is.EqualTo bound.Value)
            Assert.That((run (seed + 100UL)).Value, Is.Not.EqualTo bound.Value)
            Assert.That(exact, Is.LessThanOrEqualTo(value (Rademacher.linearAt 1.0 norms)))

    [<Test>]
    member _.``Bounds by the points are at most bounds by their largest norm, and the kernel's is the linear one for x'y``
        ()
        =
        let random = Random 2

        for _ in 1..300 do
            let norms = Array.init (1 + random.Next 50) (fun _ -> 3.0 * random.NextDouble())
            let b = 0.1 + random.NextDouble()
            let own = value (Rademacher.linearAt b norms)

            Assert.That(
                own,
                Is.LessThanOrEqualTo(value (Rademacher.linear norms.Length b (Array.max norms)) * (1.0 + 1e-14))
            )

            let trace = norms |> Seq.sumBy (fun x -> x * x)
            Assert.That(value (Rademacher.kernel norms.Length b trace), Is.EqualTo(own).Within(1e-14 * own))

    [<Test>]
    member _.``The risk bounds at complexity 0 are Hoeffding's, once and three times``() =
        for n, delta in [ 10, 0.1; 1000, 1e-6 ] do
            let width d = value (Concentration.hoeffding n 1.0 d)
            Assert.That(value (Rademacher.risk n 0.2 0.0 delta), Is.EqualTo(0.2 + width delta).Within 1e-15)

            Assert.That(
                value (Rademacher.riskFromData n 0.2 0.0 delta),
                Is.EqualTo(0.2 + 3.0 * width (delta / 2.0)).Within 1e-15
            )

    [<Test>]
    member _.``Bad input is refused by name``() =
        let refused (name: string) (result: Result<Bound, HindsightError>) =
            match result with
            | Error(HindsightError.OutOfRange(argument, _, _)) -> Assert.That(argument, Does.StartWith name)
            | other -> Assert.Fail $"{name}: {other}"

        refused "dimension" (Rademacher.vapnik 5 6)
        refused "size" (Rademacher.massart 5 1.0 0.5)
        refused "norms" (Rademacher.linearAt 1.0 [||])
        refused "layerNorms" (Rademacher.reluNetwork 5 1.0 [| 1.0; 0.0 |])
        refused "draws" (Rademacher.monteCarlo 1UL 0 5 1.0 0.05 (fun _ -> 0.0))
        refused "largest" (Rademacher.monteCarlo 1UL 5 5 nan 0.05 (fun _ -> 0.0))
        refused "supremum" (Rademacher.monteCarlo 1UL 5 5 1.0 0.05 (fun _ -> nan))
