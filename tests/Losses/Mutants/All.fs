namespace Hindsight.Tests.Losses

open NUnit.Framework

/// Every mutant of the losses and of the theory about them. One that survives fails the run.
[<TestFixture>]
type MutantTests() =
    static member All: Mutant list =
        List.concat
            [
                KernelMutants.all
                ExprMutants.all
                AuditorMutants.all
                PrimitiveMutants.all
                TwoVariablesMutants.all
                AccuracyMutants.all
                RegressionMutants.all
                MarginMutants.all
                ExpConcavityMutants.all
                BregmanMutants.all
                DivergenceMutants.all
                ProperMutants.all
                PsiMutants.all
                FenchelYoungMutants.all
                LdrMutants.all
                MulticlassMutants.all
                AggregateMutants.all
            ]

    static member Cases =
        MutantTests.All |> Seq.map (fun m -> TestCaseData(m).SetName $"{m.Family}: rejected: {m.Name}")

    [<TestCaseSource("Cases")>]
    member _.Reject(mutant: Mutant) =
        Assert.That(mutant.Rejected(), $"{mutant.Family}: '{mutant.Name}' survived")
