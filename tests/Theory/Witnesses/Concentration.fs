namespace Hindsight.Tests.Theory

open System

/// Inequalities for means and martingales against exact binomial tails.
[<RequireQualifiedAccess>]
module ConcentrationWitnesses =
    /// n, p and delta of any size.
    let private instance seed =
        let random = Witness.random seed
        let n = 1 + random.Next 80
        struct (random, n, Enumerate.probability random, Math.Exp(-6.0 * random.NextDouble() - 0.05))

    let private above n p delta =
        float (Enumerate.upperCount n p delta) / float n - p

    let private hoeffdingRatio n p delta =
        let range = 3.0
        range * above n p delta / Witness.bound "hoeffding" [| float n; range; delta |]

    let private hoeffding seed =
        let struct (_, n, p, delta) = instance seed
        hoeffdingRatio n p delta

    let private bernsteinRatio n p delta =
        above n p delta / Witness.bound "bernstein" [| float n; p * (1.0 - p); 1.0; delta |]

    let private bernstein seed =
        let struct (_, n, p, delta) = instance seed
        bernsteinRatio n p delta

    /// How far the sample mean is below the expectation, over the width at the sample's own variance.
    let private empiricalRatio n p delta =
        let q = 1.0 - float (Enumerate.upperCount n (1.0 - p) delta) / float n
        let variance = q * (1.0 - q) * float n / (float n - 1.0)
        (p - q) / Witness.bound "empirical-bernstein" [| float n; variance; 1.0; delta |]

    let private empirical seed =
        let struct (_, n, p, delta) = instance seed
        let n = n + 1

        // the ratio need not be monotone in the count: the exact quantile of its law
        Enumerate.binomial n p
        |> Array.mapi (fun ones mass ->
            let q = float ones / float n
            let variance = q * (1.0 - q) * float n / (float n - 1.0)
            struct ((p - q) / Witness.bound "empirical-bernstein" [| float n; variance; 1.0; delta |], mass))
        |> Enumerate.quantile delta

    /// The mean over the upper end that is too low with probability at most delta.
    let private upperRatio n p delta =
        let failures = Enumerate.upperCount n (1.0 - p) delta
        p / Witness.bound "chernoff-upper" [| float n; 1.0 - float failures / float n; delta |]

    let private upper seed =
        let struct (_, n, p, delta) = instance seed
        upperRatio n p delta

    let private lowerRatio n p delta =
        let ones = Enumerate.upperCount n p delta
        Witness.bound "chernoff-lower" [| float n; float ones / float n; delta |] / p

    let private lower seed =
        let struct (_, n, p, delta) = instance seed
        lowerRatio n p delta

    let private freedmanRatio n p delta eta =
        float n * above n p delta
        / Witness.bound "freedman" [| eta; float n * p * (1.0 - p); 1.0 - p; delta |]

    let private freedman seed =
        let struct (random, n, p, delta) = instance seed
        freedmanRatio n p delta ((0.05 + 0.95 * random.NextDouble()) / (1.0 - p))

    /// Sums of fair signs.
    let private azumaRatio n delta =
        2.0 * float n * above n 0.5 delta / Witness.bound "azuma" [| float n; 1.0; delta |]

    let private azuma seed =
        let struct (_, n, _, delta) = instance seed
        azumaRatio n delta

    let private tail = "quantile of the deviation over the width, exact"

    let all =
        [
            Witness.tight "hoeffding" tail hoeffding (fun () -> hoeffdingRatio 2000 0.5 1e-100)
            Witness.tight "bernstein" tail bernstein (fun () -> bernsteinRatio 20000 0.02 1e-100)
            Witness.tight "empirical-bernstein" tail empirical (fun () -> empiricalRatio 4000000 0.5 1e-100)
            Witness.tight "chernoff-upper" "the mean over the end's quantile, exact" upper (fun () ->
                upperRatio 1 (0.95 * (1.0 - 1e-9)) 0.05)
            Witness.tight "chernoff-lower" "the end's quantile over the mean, exact" lower (fun () ->
                lowerRatio 1 (0.05 * (1.0 + 1e-9)) 0.05)
            Witness.tight "freedman" "quantile of the sum over the bound, exact" freedman (fun () ->
                freedmanRatio 40000 0.005 (exp -200.0) 1.0)
            Witness.tight "azuma" "quantile of the sum over the bound, exact" azuma (fun () -> azumaRatio 2000 1e-100)
        ]
