namespace Hindsight.Tests.Losses

open Hindsight
open Hindsight.FSharp

/// Wrong variants of the Fenchel-Young losses.
module FenchelYoungMutants =
    let private finds law =
        fun () -> EntmaxDraw.sample.Value |> Array.exists (law >> not)

    let private right (c: EntmaxCase) = ClassLoss.closed c.Loss

    let private mutant name rejected =
        Mutant.make "fenchel-young" name rejected

    /// Threshold from a sorted prefix, with what counts as the support given.
    let private projection (support: float -> float -> bool) (c: EntmaxCase) =
        let z = c.Scores |> Array.map (fun z -> z / c.Temperature)
        let sorted = Array.sortDescending z
        let mutable total = 0.0
        let mutable threshold = 0.0

        for k in 1 .. sorted.Length do
            total <- total + sorted[k - 1]
            let candidate = (total - 1.0) / float k

            if support sorted[k - 1] candidate then
                threshold <- candidate

        z |> Array.map (fun z -> max 0.0 (z - threshold))

    /// The gradient of sparsemax's conjugate less the class, by dual numbers and a sort whose Max and Min both keep the first argument's derivative at a tie.
    let private tieLosing (temperature: float) label (scores: float[]) =
        let max (x: Dual<R64>) (y: Dual<R64>) = if x.P.V >= y.P.V then x else y
        let min (x: Dual<R64>) (y: Dual<R64>) = if x.P.V <= y.P.V then x else y

        Array.init scores.Length (fun at ->
            let sorted =
                scores |> Array.mapi (fun k z -> Dual(R64(z / temperature), R64(if k = at then 1.0 else 0.0)))

            for i in 1 .. sorted.Length - 1 do
                for j in i .. -1 .. 1 do
                    let x = sorted[j - 1]
                    let y = sorted[j]
                    sorted[j - 1] <- max x y
                    sorted[j] <- min x y

            let mutable value = 0.0
            let mutable slope = 0.0
            let mutable threshold = infinity
            let mutable thresholdSlope = 0.0

            for k in 1 .. sorted.Length do
                value <- value + sorted[k - 1].P.V
                slope <- slope + sorted[k - 1].D.V

                if sorted[k - 1].P.V > (value - 1.0) / float k then
                    threshold <- (value - 1.0) / float k
                    thresholdSlope <- slope / float k

            // half the sum of squares of the support plus the threshold
            let conjugate =
                sorted
                |> Array.sumBy (fun z ->
                    let p = z.P.V - threshold
                    if p > 0.0 then p * (z.D.V - thresholdSlope) else 0.0)

            conjugate + thresholdSlope - (if at = label then 1.0 else 0.0))

    let private sparse (law: EntmaxCase -> bool) (c: EntmaxCase) = law { c with Alpha = 2.0 }

    let all =
        [
            mutant
                "prediction of half the temperature"
                (finds (
                    EntmaxLaw.isBest (fun c ->
                        EntmaxLaw.prediction
                            { c with
                                Temperature = c.Temperature / 2.0
                            })
                ))
            mutant
                "entmax without the factor alpha - 1 on the scores"
                (finds (
                    EntmaxLaw.isBest (fun c ->
                        if c.Alpha = 1.0 then
                            EntmaxLaw.prediction c
                        else
                            EntmaxLaw.prediction
                                { c with
                                    Scores = c.Scores |> Array.map (fun z -> z / (c.Alpha - 1.0))
                                })
                ))
            mutant
                "sparsemax that takes every class into the support"
                (finds (sparse (EntmaxLaw.isBest (projection (fun _ _ -> true)))))
            mutant
                "sparsemax that takes only the largest class"
                (finds (sparse (EntmaxLaw.isBest (projection (fun z threshold -> z - threshold >= 1.0)))))
            mutant
                "gradient target - prediction"
                (finds (
                    EntmaxLaw.agrees (fun c ->
                        { right c with
                            Gradient = fun label z -> (right c).Gradient label z |> Array.map (fun g -> -g)
                        })
                ))
            mutant
                "gradient without the target"
                (finds (
                    EntmaxLaw.agrees (fun c ->
                        { right c with
                            Gradient = fun _ _ -> EntmaxLaw.prediction c
                        })
                ))
            mutant
                "value without the factor lambda"
                (finds (
                    EntmaxLaw.agrees (fun c ->
                        { right c with
                            Value = fun label z -> (right c).Value label z / c.Temperature
                        })
                ))
            mutant
                "Hessian of softmax for every alpha"
                (finds (
                    EntmaxLaw.agrees (fun c ->
                        { right c with
                            Curvature =
                                fun _ _ v ->
                                    let p = EntmaxLaw.prediction c
                                    let mean = ClassLoss.dot p v
                                    Array.map2 (fun p v -> p * (v - mean) / c.Temperature) p v
                        })
                ))
            mutant
                "margin alpha - 1 instead of its reciprocal"
                (finds (
                    EntmaxLaw.margin (fun loss label z ->
                        let z = z |> Array.mapi (fun k x -> if k = label then x - 0.02 / (loss.Alpha - 1.0) else x)

                        (ClassLoss.closed loss).Value label z)
                ))
            mutant "quadratic lower bound with twice the strong convexity" (finds (EntmaxLaw.strongConvexity 2.0))
            mutant
                "sorting that gives Max and Min the same order of arguments: a tie loses a derivative"
                (finds (fun c ->
                    let loss = FenchelYoungSparsemax c.Temperature

                    ClassLoss.agrees
                        { ClassLoss.closed loss with
                            Gradient = fun label z -> tieLosing c.Temperature label z
                        }
                        loss
                        (4.0 * EntmaxLaw.tolerance { c with Alpha = 2.0 })
                        infinity
                        c.Label
                        c.Scores
                        c.Direction))
        ]
