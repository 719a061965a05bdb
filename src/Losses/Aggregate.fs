namespace Hindsight

open System

type IBagLoss =
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : meanLabel: 'T * scores: ReadOnlySpan<'T> -> 'T
    abstract Gradient: meanLabel: float * scores: ReadOnlySpan<float> * gradient: Span<float> -> float

/// Plain numbers of this file.
module private Bag =
    let size (n: int) = float n

namespace Hindsight

open System
open Hindsight.FSharp
open Hindsight.FSharp.Ops

/// The definition over any scalar.
module private Interpolated =
    let eval<'L, 'T when 'L :> ILoss and 'L: struct and 'T :> IReal<'T> and 'T: struct>
        (loss: 'L)
        (rho: float)
        (label: 'T)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let size = 'T.Const(Bag.size scores.Length)
        let mutable total = 'T.Const 0.0
        let mutable each = 'T.Const 0.0

        for score in scores do
            total <- total + score

        if rho > 0.0 then
            for score in scores do
                each <- each + loss.Eval(label, score)

        if rho = 0.0 then
            loss.Eval(label, total / size)
        elif rho = 1.0 then
            each / size
        else
            ('T.Const 1.0 - 'T.Const rho) * loss.Eval(label, total / size) + 'T.Const rho * (each / size)

namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

[<Struct; NoComparison; NoEquality>]
type AggregateLoss<'L when 'L :> ILoss and 'L: struct> =
    val private Loss: 'L
    val private Rho: float

    new(loss: 'L, rho: float) =
        {
            Loss = loss
            Rho = Require.inside "rho" Domain.Unit rho |> Require.ok
        }

    interface IBagLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(meanLabel: 'T, scores: ReadOnlySpan<'T>) : 'T =
            Interpolated.eval this.Loss this.Rho meanLabel scores

        member this.Gradient(meanLabel, scores, gradient) =
            let size = float scores.Length
            let label = Dual(R64 meanLabel, R64 0.0)
            let mutable total = 0.0

            for score in scores do
                total <- total + score

            let bag = this.Loss.Eval(label, Dual(R64(total / size), R64 1.0))
            let mutable each = 0.0

            for k in 0 .. scores.Length - 1 do
                let mutable slope = (1.0 - this.Rho) * bag.D.V / size

                if this.Rho > 0.0 then
                    let one = this.Loss.Eval(label, Dual(R64 scores[k], R64 1.0))
                    each <- each + one.P.V
                    slope <- slope + this.Rho * one.D.V / size

                gradient[k] <- slope

            if this.Rho = 0.0 then bag.P.V
            elif this.Rho = 1.0 then each / size
            else (1.0 - this.Rho) * bag.P.V + this.Rho * (each / size)

namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Aggregate =
    /// Rebuilds the loss at its own type.
    type private Interpolate(rho: float) =
        interface ILossVisitor<IBagLoss> with
            member _.Visit loss = AggregateLoss(loss, rho) :> IBagLoss

    let interpolated rho (loss: ILoss) =
        loss.Accept(Interpolate rho :> ILossVisitor<IBagLoss>)

    let bag loss = interpolated 0.0 loss
    let instance loss = interpolated 1.0 loss

    let value rho (loss: ILoss) meanLabel (scores: float[]) =
        result {
            let! rho = Require.inside "rho" Domain.Unit rho
            let! label = Require.inside "meanLabel" loss.Metadata.Label meanLabel

            if scores.Length = 0 then
                return! Error(HindsightError.WrongDimension("scores", 0, 1))
            else
                match scores |> Array.tryFind (loss.Metadata.Score.Contains >> not) with
                | Some score ->
                    return! Error(HindsightError.OutOfRange("scores", string score, string loss.Metadata.Score))
                | None ->
                    let scores = scores |> Array.map R64
                    return (interpolated rho loss).Eval(R64 label, ReadOnlySpan scores).V
        }

    let variance (scores: float[]) =
        let mean = Array.average scores
        scores |> Array.averageBy (fun z -> (z - mean) * (z - mean))
