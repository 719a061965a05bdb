namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module Bounds =
    let all =
        Array.concat
            [|
                Qg.calculators
                SquareCB.calculators
                FastCB.calculators
                Consistency.calculators
                Concentration.calculators
                DescentBounds.calculators
                PerturbedPrediction.calculators
                AnytimeWidth.calculators
                Conformal.calculators
                PacBayes.calculators
                Rademacher.calculators
                InformationGain.calculators
                ConfidenceWidth.calculators
                LinUcb.calculators
                NeuralUcb.calculators
                NeuralTs.calculators
                OnlineConvex.calculators
                Experts.calculators
                Optimistic.calculators
                Groups.calculators
                EigenframeworkBounds.calculators
                GrokkingBounds.calculators
                InContextBounds.calculators
                ScalingLawBounds.calculators
                InductiveBiasBounds.calculators
                AdversarialBounds.calculators
                LogBarrierBounds.calculators
                RelaxationBounds.calculators
                BlockDescentBounds.calculators
                SketchBounds.calculators
            |]

    let find name =
        Require.oneOf "bound" (all |> Seq.map _.Name) name
        |> Result.map (fun known -> all |> Array.find (fun c -> c.Name = known))
