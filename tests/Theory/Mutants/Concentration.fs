namespace Hindsight.Tests.Theory

open System

/// Wrong widths of means, rejected by exact tails.
[<RequireQualifiedAccess>]
module ConcentrationMutants =
    /// Largest quantile of the deviation of a Bernoulli mean over a width that knows n, p, the sample mean and delta.
    let worst (width: float -> float -> float -> float -> float) =
        [
            for n in [ 1; 2; 5; 20; 200 ] do
                for p in [ 0.01; 0.1; 0.3; 0.5; 0.9; 0.99 ] do
                    for delta in [ 0.3; 0.1; 0.01; 1e-6; 1e-20 ] do
                        Enumerate.binomial n p
                        |> Array.mapi (fun ones mass ->
                            let q = float ones / float n
                            let w = width (float n) p q delta
                            struct ((p - q) / w, mass))
                        |> Array.filter (fun (struct (ratio, _)) -> not (Double.IsNaN ratio))
                        |> Enumerate.quantile delta
        ]
        |> List.max

    let private reject family name width =
        Mutant.make family name (fun () -> worst width > 1.0 + 1e-9)

    let all =
        [
            reject "hoeffding" "n not halved: the 2 dropped from the wrong side" (fun n _ _ delta ->
                sqrt (log (1.0 / delta) / (4.0 * n)))
            reject "bernstein" "the linear term dropped" (fun n p _ delta ->
                sqrt (2.0 * p * (1.0 - p) * log (1.0 / delta) / n))
            reject "bernstein" "the standard deviation for the variance, squared twice" (fun n p _ delta ->
                sqrt (2.0 * (p * (1.0 - p)) ** 2.0 * log (1.0 / delta) / n) + log (1.0 / delta) / (3.0 * n))
            reject
                "empirical-bernstein"
                "Bernstein's own linear term: the sample's variance taken for the true one"
                (fun n _ q delta -> sqrt (2.0 * q * (1.0 - q) * log (1.0 / delta) / n) + log (1.0 / delta) / (3.0 * n))
            reject "empirical-bernstein" "a normal interval at the sample's variance" (fun n _ q delta ->
                sqrt (2.0 * q * (1.0 - q) * log (2.0 / delta) / n))
            reject "chernoff-upper" "half of the budget" (fun n _ q delta ->
                Hindsight.FSharp.BinaryKl.upper q (log (1.0 / delta) / (2.0 * n)) - q)
        ]
