namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// Zero-one excess from surrogate excess, as calculators; their theory has laws of its own among those of the losses.
[<TestFixture>]
type ConsistencyLaws() =
    let near (a: float) (b: float) = abs (a - b) <= 1e-9 * max 1.0 (abs a)

    [<Test>]
    member _.``The psi-transform bounds the zero-one excess of every distribution and score``() =
        for name in [ "psi-hinge"; "psi-squared-hinge"; "psi-exponential"; "psi-logistic" ] do
            Assert.That(Witness.holds Witnesses.all name, name)

    [<Test>]
    member _.``The calculators are the inverse transforms of the library's theory``() =
        let random = Random 4

        for _ in 1..300 do
            let e = random.NextDouble() * random.NextDouble()

            let pairs: (string * IMarginLoss) list =
                [
                    "psi-hinge", Hinge()
                    "psi-squared-hinge", SquaredHinge()
                    "psi-exponential", Exponential()
                    "psi-logistic", Logistic()
                ]

            for name, loss in pairs do
                let theory = (ConsistencyBounds.zeroOneExcess loss e |> Require.ok).Value
                Assert.That(near theory (Witness.bound name [| e |]), $"{name} at {e}: {theory}")

    [<Test>]
    member _.``The simple H-consistency bound of comp-sum losses is at least the exact one``() =
        let random = Random 5

        for _ in 1..1000 do
            let tau = 3.0 * random.NextDouble()
            let n = 2 + random.Next 10
            let e = random.NextDouble() * random.NextDouble()
            let simple = Witness.bound "comp-sum" [| e; tau; float n |]
            Assert.That(simple, Is.GreaterThanOrEqualTo((HConsistency.gamma tau n e |> Require.ok) - 1e-9))
            Assert.That(near simple (HConsistency.gammaSimple tau n e |> Require.ok))

        Assert.That(Witness.holds Witnesses.all "comp-sum")
