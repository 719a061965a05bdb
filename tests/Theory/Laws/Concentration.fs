namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Concentration at a fixed number of observations.
[<TestFixture>]
type ConcentrationLaws() =
    static let value (bound: Result<Bound, HindsightError>) = (Require.ok bound).Value

    [<Test>]
    member _.``Hoeffding's inequality (1963), Theorem 1, over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "hoeffding")
        // the law that rejects mutants accepts the right width
        let right n _ _ delta = sqrt (log (1.0 / delta) / (2.0 * n))
        Assert.That(ConcentrationMutants.worst right, Is.LessThanOrEqualTo(1.0 + 1e-9))

    [<Test>]
    member _.``Bernstein's inequality over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "bernstein")

    [<Test>]
    member _.``Maurer and Pontil's Theorem 4 over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "empirical-bernstein")

    [<Test>]
    member _.``Chernoff's bound over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "chernoff-upper")
        Assert.That(Witness.holds Witnesses.all "chernoff-lower")

    [<Test>]
    member _.``Freedman's inequality over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "freedman")

    [<Test>]
    member _.``Azuma's inequality over exact binomial tails``() =
        Assert.That(Witness.holds Witnesses.all "azuma")

    [<Test>]
    member _.``Chernoff's ends are within Hoeffding's width (Pinsker), solve their equation, and at a mean of 0 are 1 - delta^(1/n)``
        ()
        =
        let random = Random 1

        for _ in 1..2000 do
            let n = 1 + random.Next 500

            let q =
                if random.Next 5 = 0 then
                    float (random.Next 2)
                else
                    random.NextDouble()

            let delta = Math.Exp(-12.0 * random.NextDouble() - 1e-3)
            let up = value (Concentration.chernoffUpper n q delta)
            let down = value (Concentration.chernoffLower n q delta)
            let width = value (Concentration.hoeffding n 1.0 delta)
            Assert.That(up, Is.InRange(q, min 1.0 (q + width) * (1.0 + 1e-14)))
            Assert.That(down, Is.InRange(max 0.0 ((q - width) * (1.0 + 1e-14)), q))
            let budget = log (1.0 / delta) / float n

            let kl (p: float) =
                let term a b =
                    if a = 0.0 then 0.0 else a * log (a / b)

                term q p + term (1.0 - q) (1.0 - p)

            for p in [ up; down ] do
                if p > 1e-6 && p < 1.0 - 1e-6 && abs (p - q) > 1e-3 then
                    Assert.That(kl p, Is.EqualTo(budget).Within(1e-9 * budget))

            let zero = value (Concentration.chernoffUpper n 0.0 delta)
            Assert.That(zero, Is.EqualTo(1.0 - delta ** (1.0 / float n)).Within 1e-14)

    [<Test>]
    member _.``Widths fall with n, grow with confidence and scale with the range``() =
        let random = Random 2

        for _ in 1..200 do
            let n = 2 + random.Next 500
            let delta = Math.Exp(-10.0 * random.NextDouble() - 0.01)
            let v = 0.25 * random.NextDouble()

            for width in
                [
                    (fun n range delta -> value (Concentration.hoeffding n range delta))
                    (fun n range delta -> value (Concentration.bernstein n (v * range * range) range delta))
                    (fun n range delta -> value (Concentration.empiricalBernstein n (v * range * range) range delta))
                ] do
                let w = width n 1.0 delta
                Assert.That(width (n + 1) 1.0 delta, Is.LessThan w)
                Assert.That(width n 1.0 (0.9 * delta), Is.GreaterThan w)
                Assert.That(width n 7.0 delta, Is.EqualTo(7.0 * w).Within(1e-13 * w))

    [<Test>]
    member _.``Freedman's inequality at its best eta is 2 sqrt((e-2) V ln(1/delta)) where that eta is allowed``() =
        let freedman = Bounds.find "freedman" |> Require.ok

        for v, delta in [ 100.0, 0.05; 1e4, 1e-6; 30.0, 0.5 ] do
            let best = BoundCalculator.evaluate [ "V", [| v |]; "delta", [| delta |] ] freedman |> Require.ok
            let expected = 2.0 * sqrt ((Math.E - 2.0) * v * log (1.0 / delta))
            Assert.That(best.Value, Is.EqualTo(expected).Within(1e-12 * expected))

        // at its limit otherwise
        let small = BoundCalculator.evaluate [ "V", [| 0.1 |]; "delta", [| 0.01 |] ] freedman |> Require.ok
        Assert.That(small.Value, Is.EqualTo((Math.E - 2.0) * 0.1 + log 100.0).Within(1e-8))

        match Concentration.freedman 0.6 1.0 2.0 0.05 with
        | Error(HindsightError.OutOfRange("eta", _, _)) -> ()
        | other -> Assert.Fail $"{other}"

    [<Test>]
    member _.``Violated assumptions show``() =
        let statuses (bound: Result<Bound, HindsightError>) =
            (Require.ok bound).Assumptions |> Array.map _.Status

        Assert.That(statuses (Concentration.bernstein 10 0.3 1.0 0.05), Does.Contain AssumptionStatus.Violated)
        Assert.That(statuses (Concentration.bernstein 10 0.25 1.0 0.05), Does.Not.Contain AssumptionStatus.Violated)
        Assert.That(statuses (Concentration.empiricalBernstein 2 0.6 1.0 0.05), Does.Contain AssumptionStatus.Violated)

        Assert.That(
            statuses (Concentration.empiricalBernstein 2 0.5 1.0 0.05),
            Does.Not.Contain AssumptionStatus.Violated
        )

    [<Test>]
    member _.``The moments of a sample, and what is no sample``() =
        let struct (mean, variance) = Concentration.moments [| 1.0; 2.0; 6.0 |] |> Require.ok
        Assert.That(mean, Is.EqualTo 3.0)
        Assert.That(variance, Is.EqualTo 7.0)
        Assert.That((Concentration.moments [| 1.0 |]).IsError)
        Assert.That((Concentration.moments [| 1.0; nan |]).IsError)
