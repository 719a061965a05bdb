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
                AdversarialBounds.calculators
                LogBarrierBounds.calculators
                RelaxationBounds.calculators
                BlockDescentBounds.calculators
            |]

    let find name =
        Require.oneOf "bound" (all |> Seq.map _.Name) name
        |> Result.map (fun known -> all |> Array.find (fun c -> c.Name = known))
