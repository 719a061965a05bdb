namespace Hindsight.Tests.Losses

open Hindsight
open Hindsight.FSharp

/// Definitions that are right as formulas and lose digits as programs.
module private AsWritten =
    open Hindsight.FSharp.Ops

    /// a/b - ln(a/b) - 1
    let itakuraSaito<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a / b - 'T.Log(a / b) - 'T.Const 1.0

    /// a ln(a/b) - a + b
    let kullbackLeibler<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T = a * 'T.Log(a / b) - a + b

    /// 2 (sqrt b - sqrt a)^2/sqrt b, the divergence of power 3/2, from its three terms
    let halfPower<'T when 'T :> IReal<'T> and 'T: struct> (a: 'T) (b: 'T) : 'T =
        let root = 'T.Sqrt b
        'T.Const 2.0 * root + 'T.Const 2.0 * a / root - 'T.Const 4.0 * 'T.Sqrt a

    /// y sqrt((1-p)/p) + (1-y) sqrt(p/(1-p)), without derivatives of its own
    let boosting<'T when 'T :> IReal<'T> and 'T: struct> (label: 'T) (p: 'T) : 'T =
        let odds = p / ('T.Const 1.0 - p)
        label / 'T.Sqrt odds + ('T.Const 1.0 - label) * 'T.Sqrt odds

[<RequireQualifiedAccess; Struct; NoComparison>]
type private Written =
    | ItakuraSaito
    | KullbackLeibler
    | HalfPower
    | Boosting

/// A loss by one of them, with the domains of the loss that it stands for.
[<Struct; NoComparison; NoEquality>]
type private WrittenLoss(formula: Written, like: ILoss) =
    interface ILoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            match formula with
            | Written.ItakuraSaito -> AsWritten.itakuraSaito label score
            | Written.KullbackLeibler -> AsWritten.kullbackLeibler label score
            | Written.HalfPower -> AsWritten.halfPower label score
            | Written.Boosting -> AsWritten.boosting label score

        member this.Accept visitor = visitor.Visit this
        member _.Metadata = like.Metadata

/// What the accuracy law must find out.
module AccuracyMutants =
    /// Largest error over max(1, condition) of the derivative of some order.
    let private excess order (loss: ILoss) =
        let points = Accuracy.points 2026UL 2000 loss.Metadata
        (Accuracy.measure [||] loss points).Orders[order].Excess

    let private rejects family what order formula like =
        Mutant.make family $"accuracy: {what}" (fun () -> excess order (WrittenLoss(formula, like)) > 4.0)

    let all: Mutant list =
        [
            rejects "bregman" "Itakura-Saito as written" 0 Written.ItakuraSaito (ItakuraSaito())
            rejects "bregman" "Kullback-Leibler as written" 0 Written.KullbackLeibler (GeneralizedKullbackLeibler())
            rejects "bregman" "the divergence of power 3/2 as written" 0 Written.HalfPower (PowerDivergence 1.5)
            rejects
                "proper"
                "the curvature of the boosting score as the jets of its formula give it"
                2
                Written.Boosting
                (BoostingScore())
        ]
