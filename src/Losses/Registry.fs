namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module Losses =
    let all =
        Array.concat
            [|
                OnlineRegression.entries
                CompSumLosses.entries
                FocalLosses.entries
                MulticlassSurrogates.entries
                AdversarialCompSum.entries
                Regression.entries
                Margin.entries
                FenchelYoung.entries
                Ldr.entries
                BregmanLosses.entries
                ProperLosses.entries
            |]

    let find name =
        Require.oneOf "loss" (all |> Seq.map _.Name) name
        |> Result.map (fun known -> all |> Array.find (fun e -> e.Name = known))

    let parameters (entry: LossEntry) settings =
        let values = entry.Defaults

        let set result (name, value: float) =
            result
            |> Result.bind (fun () -> Require.oneOf "parameter" (entry.Parameters |> Seq.map _.Name) name)
            |> Result.bind (fun known ->
                let at = entry.Parameters |> Array.findIndex (fun p -> p.Name = known)

                Require.inside known entry.Parameters[at].Allowed value |> Result.map (fun v -> values[at] <- v))

        Seq.fold set (Ok()) settings |> Result.map (fun () -> values)
