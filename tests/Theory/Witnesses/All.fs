namespace Hindsight.Tests.Theory

/// Every witness; each calculator has at least one.
[<RequireQualifiedAccess>]
module Witnesses =
    let all: Witness list =
        List.concat
            [
                QuadraticGrowthWitnesses.all
                BanditWitnesses.all
                ConsistencyWitnesses.all
                ConcentrationWitnesses.all
                ConfidenceSequenceWitnesses.all
                ConformalWitnesses.all
                PacBayesWitnesses.all
                RademacherWitnesses.all
                TangentKernelWitnesses.all
                NeuralBanditWitnesses.all
                OnlineConvexWitnesses.all
                ExpertWitnesses.all
                OptimisticWitnesses.all
                GroupWitnesses.all
                EigenframeworkWitnesses.all
                GrokkingWitnesses.all
                InContextWitnesses.all
                ScalingLawWitnesses.all
                InductiveBiasWitnesses.all
                ConditionWitnesses.all
                PerturbationWitnesses.all
                AdversarialWitnesses.all
                LogBarrierWitnesses.all
                RelaxationWitnesses.all
                BlockDescentWitnesses.all
                SketchWitnesses.all
            ]
