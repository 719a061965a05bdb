namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// The reductions from bandits to online regression, and regression under quadratic growth.
[<TestFixture>]
type BanditLaws() =
    [<Test>]
    member _.``Online gradient descent under quadratic growth about one common minimiser stays within its bound``() =
        Assert.That(Witness.holds Witnesses.all "growth-one-minimiser")

    [<Test>]
    member _.``Online gradient descent under quadratic growth stays within its bound``() =
        Assert.That(Witness.holds Witnesses.all "growth")

    [<Test>]
    member _.``Whatever the predictions and the mean costs, SquareCB's regret is within the bound at the realised error``
        ()
        =
        Assert.That(Witness.holds Witnesses.all "squarecb")
        Assert.That(Witness.holds Witnesses.all "squarecb-exact")

    [<Test>]
    member _.``SquareCB's bound in probability is at most the published one at the published gamma``() =
        let random = Random 1

        for _ in 1..1000 do
            let k = 2 + random.Next 20
            let horizon = Math.Exp(12.0 * random.NextDouble())
            let regret = horizon * random.NextDouble()
            let delta = 0.5 * random.NextDouble() + 1e-9
            let gamma = SquareCB.gamma k horizon regret delta |> Require.ok

            let published =
                4.0 * sqrt (float k * horizon * regret) + 8.0 * sqrt (float k * horizon * log (2.0 / delta))

            for normalization in [ Normalization.FixedMu; Normalization.Exact ] do
                let bound = SquareCB.highProbability normalization k horizon regret delta gamma |> Require.ok
                Assert.That(bound.Value, Is.LessThanOrEqualTo(published * (1.0 + 1e-12)))

        Assert.That(Witness.holds Witnesses.all "squarecb-confidence")
        Assert.That(Witness.holds Witnesses.all "squarecb-exact-confidence")

    [<Test>]
    member _.``FastCB's regret is within the bound that follows from the round's inequality``() =
        Assert.That(Witness.holds Witnesses.all "fastcb-gamma")

    [<Test>]
    member _.``FastCB's published bound is at least what the chain gives at the published gamma``() =
        let random = Random 2

        for _ in 1..1000 do
            let k = 2 + random.Next 20
            let best = Math.Exp(10.0 * random.NextDouble())
            let regret = Math.Exp(6.0 * random.NextDouble() - 3.0)
            let gamma = FastCB.gamma k best regret |> Require.ok
            let chain = (FastCB.atGamma k 1e6 best regret gamma |> Require.ok).Value
            let published = (FastCB.expectation k 1e6 best regret |> Require.ok).Value
            Assert.That(chain, Is.LessThanOrEqualTo(published * (1.0 + 1e-12)))

        Assert.That(Witness.holds Witnesses.all "fastcb")
