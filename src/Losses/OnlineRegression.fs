namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp.Ops

module private Declared =
    let metadata name link =
        { LossMetadata.Default with
            Name = name
            Label = Domain.Unit
            Link = link
            Elicits = "mean"
            Source = "definition"
        }

    let logistic name =
        { metadata name Link.Logit with
            Lipschitz = Nullable 1.0
            Smoothness = Nullable 0.25
            StrongConvexity = Nullable 0.0
            ExpConcavity = Nullable 1.0
            Mixability = Nullable 1.0
            Source = "Contextual bandits with online neural regression (arXiv 2312.07145), KL loss"
        }

[<Struct; NoComparison; NoEquality>]
type Squared =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T = 'T.Sqr(score - label)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Declared.metadata "Squared" Link.Identity with
                Smoothness = Nullable 2.0
                StrongConvexity = Nullable 2.0
                ExpConcavity = Nullable 0.5
                Mixability = Nullable 2.0
            }

[<Struct; NoComparison; NoEquality>]
type HalfSquared =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.Const 0.5 * 'T.Sqr(score - label)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { Declared.metadata "HalfSquared" Link.Identity with
                Smoothness = Nullable 1.0
                StrongConvexity = Nullable 1.0
                ExpConcavity = Nullable 1.0
                Mixability = Nullable 4.0
            }

[<Struct; NoComparison; NoEquality>]
type BinaryCrossEntropy =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            // y softplus(-z) + (1 - y) softplus(z): neither term is negative, so labels 0 and 1 cost no digits
            let struct (positive, negative, _, _) = 'T.SoftplusPair score
            label * negative + ('T.Const 1.0 - label) * positive

        member this.Accept visitor = visitor.Visit this

        member _.Metadata = Declared.logistic "BinaryCrossEntropy"

[<Struct; NoComparison; NoEquality>]
type KullbackLeibler =
    interface ILoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: 'T, score: 'T) : 'T =
            'T.LogitDivergence(label, score)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata = Declared.logistic "KullbackLeibler"

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module Loss =
    let value (loss: ILoss) label score = loss.Eval(R64 label, R64 score).V

    let derivative (loss: ILoss) label score =
        // a label at an end of its domain may have an infinite derivative of its own: it is a constant here
        loss.Eval(Dual(R64 label, R64 0.0), Dual(R64 score, R64 1.0)).D.V

    let jet (loss: ILoss) label score : struct (float * float * float) =
        let j = loss.Eval(Jet2(R64 label, R64 0.0, R64 0.0), Jet2(R64 score, R64 1.0, R64 0.0))

        struct (j.P.V, j.D.V, j.H.V)

[<RequireQualifiedAccess>]
module OnlineRegression =
    let entries =
        [|
            LossEntry.scalar "squared" "online regression" [||] (fun _ -> Squared())
            LossEntry.scalar "half-squared" "online regression" [||] (fun _ -> HalfSquared())
            LossEntry.scalar "binary-cross-entropy" "online regression" [||] (fun _ -> BinaryCrossEntropy())
            LossEntry.scalar "kullback-leibler" "online regression" [||] (fun _ -> KullbackLeibler())
        |]

[<RequireQualifiedAccess>]
module Regret =
    let ofHalfSquared (regret: float) = 2.0 * regret
