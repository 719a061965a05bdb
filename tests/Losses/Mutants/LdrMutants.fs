namespace Hindsight.Tests.Losses

open Hindsight
open Hindsight.FSharp

/// Wrong variants of the label-distributionally robust losses, the authors' code among them.
module LdrMutants =
    let private finds law =
        fun () -> LdrDraw.sample.Value |> Array.exists (law >> not)

    let private mutant name rejected =
        Mutant.make "label-distributionally-robust" name rejected

    let private kl (c: LdrCase) = ClassLoss.closed c.Kl
    let private adaptive (c: LdrCase) = ClassLoss.closed c.Adaptive

    let private divergenceAt (leads: float[]) lambda =
        FenchelYoung.prediction (FenchelYoungSoftmax lambda) leads |> Require.ok |> LdrLaw.divergence

    /// One step of the fixed point from lambda0, with the given leads.
    let private oneStep (leads: LdrCase -> float[]) (c: LdrCase) =
        let a = c.Alpha * log (float c.Scores.Length)
        c.Lambda * (1.0 - divergenceAt (leads c) c.Lambda / a)

    /// The fixed point, followed from lambda0 until it stays: the largest solution, not always the best.
    let private followed (c: LdrCase) =
        let a = c.Alpha * log (float c.Scores.Length)
        let mutable low = c.Lambda * (1.0 - 1.0 / c.Alpha)
        let mutable lambda = c.Lambda

        for _ in 1..2000 do
            lambda <- max low (c.Lambda * (1.0 - divergenceAt c.Leads lambda / a))

        lambda

    let all =
        [
            mutant
                "softmax of lambda delta instead of delta/lambda"
                (finds (LdrLaw.supremum LdrLaw.klPrice (fun c -> ClassLoss.closed (LdrKl(1.0 / c.Lambda, c.Margin)))))
            mutant
                "the sum over classes instead of the mean: lambda ln K too large"
                (finds (
                    LdrLaw.supremum LdrLaw.klPrice (fun c ->
                        { kl c with
                            Value = fun label z -> (kl c).Value label z + c.Lambda * log (float z.Length)
                        })
                ))
            mutant
                "dropped margin"
                (finds (LdrLaw.supremum LdrLaw.klPrice (fun c -> ClassLoss.closed (LdrKl(c.Lambda, 0.0)))))
            mutant
                "margin on the label as well: it cancels"
                (finds (
                    LdrLaw.klAgrees (fun c ->
                        { kl c with
                            Gradient = (ClassLoss.closed (LdrKl(c.Lambda, 0.0))).Gradient
                        })
                ))
            mutant
                "gradient without - e_y"
                (finds (
                    LdrLaw.klAgrees (fun c ->
                        { kl c with
                            Gradient =
                                fun label z ->
                                    (kl c).Gradient label z |> Array.mapi (fun k g -> if k = label then g + 1.0 else g)
                        })
                ))
            mutant
                "Hessian without the factor 1/lambda"
                (finds (
                    LdrLaw.klAgrees (fun c ->
                        { kl c with
                            Curvature =
                                fun label z v -> (kl c).Curvature label z v |> Array.map (fun h -> h * c.Lambda)
                        })
                ))
            mutant
                "adaptive Hessian at fixed lambda"
                (finds (
                    LdrLaw.adaptiveAgrees (fun c ->
                        { adaptive c with
                            Curvature =
                                fun label z v ->
                                    (ClassLoss.closed (LdrKl(LdrLaw.temperature c, c.Margin))).Curvature label z v
                        })
                ))
            mutant
                "adaptive loss with the price lambda0 t + lambda0 t^2/(2A)"
                (finds (LdrLaw.supremum (fun c t -> 2.0 * LdrLaw.klPrice c t - LdrLaw.adaptivePrice c t) adaptive))
            mutant
                "one step of the fixed point, as in the authors' code"
                (finds (LdrLaw.bestTemperature (oneStep _.Leads)))
            mutant
                "one step of the fixed point without the margin in the weights, as in the authors' code"
                (finds (
                    LdrLaw.bestTemperature (
                        oneStep (fun c -> c.Leads |> Array.map (fun d -> if d = 0.0 then d else d - c.Margin))
                    )
                ))
            mutant
                "the largest solution of the fixed-point equation instead of the best"
                (finds (LdrLaw.bestTemperature followed))
            mutant
                "the false order adaptive <= LDR-KL(lambda0)"
                (finds (fun c ->
                    LdrLaw.value c.Adaptive c.Label c.Scores
                    <= LdrLaw.value c.Kl c.Label c.Scores + 16.0 * Ulp.eps * c.Size))
            mutant
                "adaptive value without the price of lambda"
                (finds (
                    LdrLaw.supremum LdrLaw.adaptivePrice (fun c ->
                        ClassLoss.closed (LdrKl(LdrLaw.temperature c, c.Margin)))
                ))
        ]
