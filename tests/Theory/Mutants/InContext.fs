namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Wrong readings of learning in context.
[<RequireQualifiedAccess>]
module InContextMutants =
    let private close tolerance a b =
        abs (a - b) <= tolerance * (1.0 + abs b)

    /// The law of the layer: its prediction and labels are those of a gradient step.
    let layers (layer: float[] -> float -> int -> LinearAttention) =
        [ 1..30 ]
        |> List.forall (fun seed ->
            let struct (examples, labels, query) = InContextWitnesses.context seed
            let n, d = labels.Length, query.Length
            let random = Random seed
            let start = Array.init d (fun _ -> random.NextDouble())
            let step = 0.1 + random.NextDouble()
            let tokens = LinearAttention.tokens examples labels query start |> Require.ok
            let out = LinearAttention.apply (layer start step n) tokens |> Require.ok
            let stepped = InContext.gradientDescent examples labels start step 1 |> Require.ok

            let dot (w: float[]) (x: int -> float) =
                w |> Seq.mapi (fun j v -> v * x j) |> Seq.sum

            close 1e-12 (LinearAttention.prediction out |> Require.ok) (dot stepped (fun j -> query[j]))
            && [ 0 .. n - 1 ]
               |> List.forall (fun i ->
                   let change = dot stepped (fun j -> examples[i, j]) - dot start (fun j -> examples[i, j])
                   close 1e-12 out[i, d] (labels[i] - change)))

    /// The law of the step: it is the least point of the enumerated loss.
    let steps (optimal: int -> int -> float -> float) =
        [ 1..22 ]
        |> List.forall (fun seed ->
            let i = InContextWitnesses.draw true seed
            let found = optimal i.Examples i.Spectrum.Length i.Noise
            close 1e-10 found (InContextWitnesses.vertex (InContextWitnesses.loss i)))

    /// The law of the preconditioner: no diagonal change improves the enumerated loss.
    let preconditioners (precondition: InContextWitnesses.Instance -> float[]) =
        [ 1..22 ]
        |> List.forall (fun seed ->
            let i = InContextWitnesses.draw false seed
            let p = precondition i
            let variance = p |> Array.map (fun _ -> 1.0)
            let least = InContextWitnesses.enumerated i variance p

            [ 0 .. p.Length - 1 ]
            |> List.forall (fun j ->
                [ 0.99; 1.01 ]
                |> List.forall (fun factor ->
                    let moved = p |> Array.mapi (fun k v -> if k = j then factor * v else v)
                    InContextWitnesses.enumerated i variance moved >= least - 1e-12)))

    /// The law of the excess: the expected loss over two points of the label.
    let excesses (excess: float -> float -> float -> float) =
        [ 1..50 ]
        |> List.forall (fun seed ->
            let random = Random seed
            let gap, s, p = random.NextDouble(), 0.2 + random.NextDouble(), 0.2 + random.NextDouble()
            let loss y = log p + y * y / (2.0 * p * p)
            let expected = 0.5 * (loss (gap - s) + loss (gap + s)) - (log s + 0.5)
            close 1e-12 (excess gap s p) expected)

    /// The law of the update with unknown noise: after the context, a prediction is that of the whole context.
    let updates (predict: float[,] -> float[] -> float[] -> struct (float * float)) =
        [ 1..30 ]
        |> List.forall (fun seed ->
            let struct (x, y, q) = InContextWitnesses.context seed
            let whole = InContextUncertainty.studentT x y q 0.7 2.0 1.3 |> Require.ok
            let struct (mean, scale2) = predict x y q
            close 1e-9 mean whole.Mean && close 1e-9 scale2 whole.Scale2)

    /// The update, with what a mutant changes: the residual's share of the rate, the weights' gain, and the shape's step.
    let private recursion rateOf gainOf shapeStep (x: float[,]) (y: float[]) (q: float[]) =
        let d = q.Length
        let covariance = Array2D.init d d (fun i j -> if i = j then 1.0 / 0.7 else 0.0)
        let w = Array.zeroCreate<float> d
        let mutable shape = 2.0
        let mutable rate = 1.3

        let dot (a: float[]) (b: float[]) =
            Array.fold2 (fun s u v -> s + u * v) 0.0 a b

        let times (v: float[]) =
            Array.init d (fun i -> v |> Seq.mapi (fun j u -> covariance[i, j] * u) |> Seq.sum)

        for i in 0 .. y.Length - 1 do
            let v = Array.init d (fun j -> x[i, j])
            let g = times v
            let leverage = dot v g
            let residual = y[i] - dot w v
            rate <- rate + 0.5 * rateOf residual leverage
            shape <- shape + shapeStep

            for a in 0 .. d - 1 do
                w[a] <- w[a] + g[a] * gainOf residual leverage

                for b in 0 .. d - 1 do
                    covariance[a, b] <- covariance[a, b] - g[a] * g[b] / (1.0 + leverage)

        struct (dot w q, rate / shape * (1.0 + dot q (times q)))

    let rightUpdate x y q =
        recursion (fun r h -> r * r / (1.0 + h)) (fun r h -> r / (1.0 + h)) 0.5 x y q

    let private rate residual leverage = residual * residual / (1.0 + leverage)
    let private gain residual leverage = residual / (1.0 + leverage)

    let all =
        [
            Mutant.make "in-context-step" "the layer's step without 1/N" (fun () ->
                not (layers (fun w step _ -> LinearAttention.gradientStep w step 1 |> Require.ok)))
            Mutant.make "in-context-step" "the layer forgets its starting weights" (fun () ->
                not (
                    layers (fun w step n ->
                        LinearAttention.gradientStep (w |> Array.map (fun _ -> 0.0)) step n |> Require.ok)
                ))
            Mutant.make "in-context-step" "the layer's labels with the wrong sign" (fun () ->
                not (
                    layers (fun w step n ->
                        let layer = LinearAttention.gradientStep w step n |> Require.ok

                        { layer with
                            Value = layer.Value |> Array2D.map (~-)
                        })
                ))
            Mutant.make "in-context-optimal-step" "without the one" (fun () ->
                not (steps (fun n d noise -> 1.0 / (float (n + d) + noise))))
            Mutant.make "in-context-optimal-step" "without the noise" (fun () ->
                not (steps (fun n d _ -> 1.0 / float (n + d + 1))))
            Mutant.make "in-context-preconditioned-loss" "n for n + 1" (fun () ->
                not (
                    preconditioners (fun i ->
                        let trace = Array.sum i.Spectrum
                        i.Spectrum |> Array.map (fun t -> 1.0 / (float i.Examples * t + trace + i.Noise)))
                ))
            Mutant.make "in-context-preconditioned-loss" "the noise for each dimension" (fun () ->
                not (
                    preconditioners (fun i ->
                        let d = float i.Spectrum.Length
                        let trace = Array.sum i.Spectrum

                        i.Spectrum
                        |> Array.map (fun t -> 1.0 / (float (i.Examples + 1) * t + trace + (d + 1.0) * i.Noise)))
                ))
            Mutant.make "normal-inverse-gamma" "the residual's square counts whole" (fun () ->
                not (updates (recursion (fun r _ -> r * r) gain 0.5)))
            Mutant.make "normal-inverse-gamma" "the residual after the update" (fun () ->
                not (updates (recursion (fun r h -> (r / (1.0 + h)) ** 2.0) gain 0.5)))
            Mutant.make "normal-inverse-gamma" "the gain without its denominator" (fun () ->
                not (updates (recursion rate (fun r _ -> r) 0.5)))
            Mutant.make "normal-inverse-gamma" "the shape grows by one" (fun () ->
                not (updates (recursion rate gain 1.0)))
            Mutant.make "gaussian-excess" "the divergence the other way" (fun () ->
                not (excesses (fun gap s p -> log (s / p) + (p * p + gap * gap) / (2.0 * s * s) - 0.5)))
            Mutant.make "gaussian-excess" "without the half" (fun () ->
                not (excesses (fun gap s p -> log (p / s) + (s * s + gap * gap) / (2.0 * p * p))))
            Mutant.make "in-context-unknown-variance" "the scale for the variance" (fun () ->
                let struct (x, y, q) = InContextWitnesses.context 3
                let t = InContextUncertainty.studentT x y q 1.0 3.0 1.0 |> Require.ok
                let struct (measured, _, _) = InContextWitnesses.integrated x y q 1.0 3.0 1.0
                not (close 1e-6 t.Scale2 measured))
            Mutant.make "in-context-unknown-variance" "the residual without the prior's part" (fun () ->
                let struct (x, y, q) = InContextWitnesses.context 3
                let m = InContext.ridge x y 1.0 |> Require.ok

                let residual =
                    y
                    |> Seq.mapi (fun i v -> (v - (m |> Seq.mapi (fun j w -> w * x[i, j]) |> Seq.sum)) ** 2.0)
                    |> Seq.sum

                let struct (measured, _, leverage) = InContextWitnesses.integrated x y q 1.0 3.0 1.0

                let wrong =
                    Witness.bound "in-context-unknown-variance" [| 3.0; 1.0; float y.Length; residual; leverage |]

                not (close 1e-6 wrong measured))
        ]
