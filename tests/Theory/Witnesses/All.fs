namespace Hindsight.Tests.Theory

/// Every witness; each calculator has at least one.
[<RequireQualifiedAccess>]
module Witnesses =
    let all: Witness list =
        [
            QuadraticGrowthWitnesses.all
            BanditWitnesses.all
            AdversarialWitnesses.all
            LogBarrierWitnesses.all
            RelaxationWitnesses.all
            BlockDescentWitnesses.all
        ]
        |> List.concat
