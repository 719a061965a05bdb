namespace Hindsight

open System
open System.Runtime.CompilerServices
open Hindsight.FSharp

module private AdversarialFacts =
    let last length = length - 1

    /// Phi^tau at u = offset, where the surprisal is ln(1 + offset)
    let phi tau (u: float) = (CompSumLosses.phi tau (R64 u)).V

    let metadata tau rho offset =
        let inner = (CompSum tau :> IMulticlassLoss).Metadata

        { inner with
            Name = "SmoothAdversarialCompSum"
            Link = Link.Identity
            Infimum = Nullable(phi tau offset)
            Lipschitz =
                // exact without offset only
                if inner.Lipschitz.HasValue && offset = 0.0 then
                    Nullable(inner.Lipschitz.Value / rho)
                else
                    Nullable()
            Smoothness =
                if inner.Smoothness.HasValue && offset = 0.0 then
                    Nullable(inner.Smoothness.Value / (rho * rho))
                else
                    Nullable()
            ExpConcavity = Nullable()
            Mixability = Nullable()
            Calibrated = if offset = 0.0 then Nullable true else Nullable()
            Elicits = ""
            Source = "Cross-entropy loss functions (arXiv 2304.07288), form from memory"
        }

module private SmoothDefinition =
    open Hindsight.FSharp.Ops

    /// ln(1 + u), u = offset + sum e^((z_k - z_y)/rho)
    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    let surprisal<'T when 'T :> IReal<'T> and 'T: struct>
        (rho: float)
        (offset: float)
        (label: int)
        (scores: ReadOnlySpan<'T>)
        : 'T =
        let own = scores[label]
        let mutable top = own

        for k in 0 .. AdversarialFacts.last scores.Length do
            if k <> label then
                top <- 'T.Max(top, scores[k])

        let lead = (top - own) / 'T.Const rho
        let mutable others = 'T.Const offset * 'T.Exp(-lead)

        for k in 0 .. AdversarialFacts.last scores.Length do
            if k <> label then
                others <- others + 'T.Exp((scores[k] - top) / 'T.Const rho)

        lead + 'T.Log1p(others + 'T.Expm1(-lead))

[<Struct; NoComparison; NoEquality>]
type SmoothAdversarialCompSum =
    val Tau: float
    val Rho: float
    val Offset: float

    new(tau, rho, offset) =
        {
            Tau = Require.nonNegative "tau" tau |> Require.ok
            Rho = Require.positive "rho" rho |> Require.ok
            Offset = Require.nonNegative "offset" offset |> Require.ok
        }

    interface IMulticlassLoss with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        member this.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            Softmax.outer (CompSum this.Tau) (SmoothDefinition.surprisal this.Rho this.Offset label scores)

        member this.Accept visitor = visitor.Visit this

        member this.Metadata = AdversarialFacts.metadata this.Tau this.Rho this.Offset

    interface IMulticlassGradient with
        member this.Gradient(label, scores: ReadOnlySpan<float>, gradient: Span<float>) : float =
            let own = scores[label]
            let mutable top = own

            for k in 0 .. scores.Length - 1 do
                top <- Math.Max(top, scores[k])

            let lead = (top - own) / this.Rho
            let extra = this.Offset * Math.Exp -lead
            let mutable others = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let e = Math.Exp((scores[k] - top) / this.Rho)
                    gradient[k] <- e
                    others <- others + e

            let surprisal = R64(lead + Scalar.log1p (others + extra + Scalar.expm1 -lead))
            let outer = CompSum this.Tau

            let scale = (Softmax.outerSlope outer surprisal).V / this.Rho
            let total = others + extra + Math.Exp -lead

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    gradient[k] <- scale * (gradient[k] / total)

            gradient[label] <- -scale * (others / total)
            (Softmax.outer outer surprisal).V

        member this.Gradient(label, scores: ReadOnlySpan<float32>, gradient: Span<float32>) : float32 =
            let own = float scores[label]
            let mutable top = own

            for k in 0 .. scores.Length - 1 do
                top <- Math.Max(top, float scores[k])

            let lead = (top - own) / this.Rho
            let extra = this.Offset * Math.Exp -lead
            let mutable others = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    others <- others + Math.Exp((float scores[k] - top) / this.Rho)

            let surprisal = R64(lead + Scalar.log1p (others + extra + Scalar.expm1 -lead))
            let outer = CompSum this.Tau
            let scale = (Softmax.outerSlope outer surprisal).V / this.Rho
            let total = others + extra + Math.Exp -lead

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    gradient[k] <- float32 (scale * (Math.Exp((float scores[k] - top) / this.Rho) / total))

            gradient[label] <- float32 (-scale * (others / total))
            float32 (Softmax.outer outer surprisal).V

        member this.HessianVector(label, scores, direction, result) =
            let own = scores[label]
            let mutable top = own

            for k in 0 .. scores.Length - 1 do
                top <- Math.Max(top, scores[k])

            let lead = (top - own) / this.Rho
            let extra = this.Offset * Math.Exp -lead
            let mutable others = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let e = Math.Exp((scores[k] - top) / this.Rho)
                    result[k] <- e
                    others <- others + e

            let surprisal = lead + Scalar.log1p (others + extra + Scalar.expm1 -lead)
            let total = others + extra + Math.Exp -lead
            let slope = Softmax.outerSlope (CompSum this.Tau) (Dual(R64 surprisal, R64 1.0))
            let mutable along = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    result[k] <- result[k] / total
                    along <- along + result[k] * ((direction[k] - direction[label]) / this.Rho)

            let mutable sum = 0.0

            for k in 0 .. scores.Length - 1 do
                if k <> label then
                    let own = (direction[k] - direction[label]) / this.Rho
                    result[k] <- result[k] * (slope.D.V * along + slope.P.V * (own - along)) / this.Rho
                    sum <- sum + result[k]

            result[label] <- -sum

type PerturbationNorm =
    | L1 = 1
    | L2 = 2
    | LInfinity = 3

namespace Hindsight.FSharp

open System
open Hindsight
open MathNet.Numerics.LinearAlgebra

[<RequireQualifiedAccess>]
module AdversarialCompSum =
    let leastNu classes rho =
        result {
            let! classes = Require.atLeast "classes" 2 classes
            let! rho = Require.positive "rho" rho
            return sqrt (float (classes - 1)) / rho
        }

    /// The rows w_y - w_k, k <> y.
    let private differences (weights: float[][]) label =
        result {
            let! classes = Require.atLeast "the number of rows of weights" 2 weights.Length
            let! _ = Require.inside "label" (Domain.Closed(0.0, float (classes - 1))) (float label)
            let! _ = Require.atLeast "the length of a row of weights" 1 weights[0].Length
            let odd = weights |> Array.tryFind (fun row -> row.Length <> weights[0].Length)

            let! _ =
                Require.length
                    "a row of weights"
                    weights[0].Length
                    (odd |> Option.map _.Length |> Option.defaultValue weights[0].Length)

            let! _ = Require.allFinite "weights" (ReadOnlySpan(Array.concat weights))

            return
                [|
                    for k in 0 .. classes - 1 do
                        if k <> label then
                            Array.map2 (-) weights[label] weights[k]
                |]
        }

    let private dot a b =
        Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

    let private euclid row = sqrt (dot row row)

    let margins weights (context: float[]) label =
        result {
            let! rows = differences weights label
            let! _ = Require.length "context" rows[0].Length context.Length
            let! _ = Require.allFinite "context" (ReadOnlySpan context)
            return rows |> Array.map (dot context)
        }

    let private spectral (rows: float[][]) =
        Matrix.Build.DenseOfRowArrays(rows).Svd(false).S[0]

    let drift (norm: PerturbationNorm) gamma weights label =
        result {
            let! gamma = Require.nonNegative "gamma" gamma
            let! rows = differences weights label

            match norm with
            | PerturbationNorm.L2 -> return gamma * spectral rows
            | PerturbationNorm.L1 -> return gamma * (rows |> Array.transpose |> Array.map euclid |> Array.max)
            | PerturbationNorm.LInfinity ->
                let byRows = rows |> Array.map (Array.sumBy abs) |> euclid
                return gamma * min byRows (sqrt (float rows[0].Length) * spectral rows)
            | other -> return! Error(HindsightError.OutOfRange("norm", string (int other), "L1, L2 or LInfinity"))
        }

    /// The most that the adversary can take from a margin with this row of weight differences.
    let private dual (norm: PerturbationNorm) (row: float[]) =
        match norm with
        | PerturbationNorm.L2 -> Ok(euclid row)
        | PerturbationNorm.L1 -> Ok(row |> Array.map abs |> Array.max)
        | PerturbationNorm.LInfinity -> Ok(row |> Array.sumBy abs)
        | other -> Error(HindsightError.OutOfRange("norm", string (int other), "L1, L2 or LInfinity"))

    let ramp tau rho (margins: float[]) =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! rho = Require.positive "rho" rho
            let! _ = Require.allFinite "margins" (ReadOnlySpan margins)
            let total = margins |> Array.sumBy (fun u -> min 1.0 (max 0.0 (1.0 - u / rho)))
            return (CompSumLosses.phi tau (R64 total)).V
        }

    let private reach norm gamma rows =
        rows
        |> Array.fold
            (fun sofar row ->
                result {
                    let! done' = sofar
                    let! width = dual norm row
                    return Array.append done' [| gamma * width |]
                })
            (Ok [||])

    let worstCase tau rho norm gamma weights context label =
        result {
            let! gamma = Require.nonNegative "gamma" gamma
            let! rows = differences weights label
            let! margins = margins weights context label
            let! reach = reach norm gamma rows
            return! ramp tau rho (Array.map2 (-) margins reach)
        }

    let smooth tau rho nu norm gamma weights context label =
        result {
            let! tau = Require.nonNegative "tau" tau
            let! rho = Require.positive "rho" rho
            let! nu = Require.nonNegative "nu" nu
            let! margins = margins weights context label
            let! drift = drift norm gamma weights label
            let! offset = Require.nonNegative "nu times the drift" (nu * drift)
            // the label's own score is 0, a rival's is minus its margin
            let scores = Array.append [| 0.0 |] (margins |> Array.map (~-))
            return Multiclass.value (SmoothAdversarialCompSum(tau, rho, offset)) 0 scores
        }

    let attack norm gamma weights context label =
        result {
            let! gamma = Require.nonNegative "gamma" gamma
            let! rows = differences weights label
            let! margins = margins weights context label
            let! reach = reach norm gamma rows
            let least = Array.map2 (-) margins reach
            let worst = Array.IndexOf(least, Array.min least)
            let row = rows[worst]

            let step =
                match norm with
                | PerturbationNorm.L1 ->
                    let largest = row |> Array.map abs |> Array.max
                    let at = row |> Array.findIndex (fun x -> abs x = largest)
                    row |> Array.mapi (fun i x -> if i = at then float (sign x) else 0.0)
                | PerturbationNorm.L2 ->
                    let length = euclid row
                    row |> Array.map (fun x -> if length = 0.0 then 0.0 else x / length)
                | _ -> row |> Array.map (fun x -> float (sign x))

            return struct (Array.map2 (fun x s -> x - gamma * s) context step, least[worst])
        }

    let entries =
        let parameter name meaning value allowed low high =
            LossEntry.parameter name meaning value allowed (Domain.Closed(low, high))

        [|
            LossEntry.multiclass
                "smooth-adversarial-comp-sum"
                "adversarial"
                [|
                    parameter "tau" "exponent of the comp-sum" 1.0 Domain.NonNegative 0.0 3.0
                    parameter "rho" "temperature of the margins" 1.0 Domain.Positive 0.1 5.0
                    parameter "offset" "nu times the drift of the margins" 0.0 Domain.NonNegative 0.0 5.0
                |]
                (fun p -> SmoothAdversarialCompSum(p[0], p[1], p[2]))
        |]
