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
                ConfidenceSequenceWitnesses.all
                EigenframeworkWitnesses.all
                GrokkingWitnesses.all
                InContextWitnesses.all
                ScalingLawWitnesses.all
                InductiveBiasWitnesses.all
            ]
