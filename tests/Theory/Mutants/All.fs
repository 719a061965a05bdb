namespace Hindsight.Tests.Theory

open NUnit.Framework

/// Every mutant of the theory, the bounds and the learners. One that survives fails the run.
[<TestFixture>]
type MutantTests() =
    static member All: Mutant list =
        List.concat
            [
                CalculatorMutants.all
                StatedMutants.all
                ConcentrationMutants.all
                ConfidenceSequenceMutants.all
                ConformalMutants.all
                PacBayesMutants.all
                RademacherMutants.all
                TangentKernelMutants.all
                NeuralBanditMutants.all
                OnlineConvexMutants.all
                ExpertMutants.all
                OptimisticMutants.all
                EigenframeworkMutants.all
                GrokkingMutants.all
                InContextMutants.all
                ScalingLawMutants.all
                InductiveBiasMutants.all
                ConditionMutants.all
                PerturbationMutants.all
                PathGrowthMutants.all
                AdversarialMutants.all
                LogBarrierMutants.all
                RelaxationMutants.all
                BlockDescentMutants.all
                SketchMutants.all
            ]

    static member Cases =
        MutantTests.All |> Seq.map (fun m -> TestCaseData(m).SetName $"{m.Family}: rejected: {m.Name}")

    [<TestCaseSource("Cases")>]
    member _.Reject(mutant: Mutant) =
        Assert.That(mutant.Rejected(), $"{mutant.Family}: '{mutant.Name}' survived")
