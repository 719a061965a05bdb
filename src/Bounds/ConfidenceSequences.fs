namespace Hindsight.FSharp

open System
open Hindsight

/// t ln(1+t), the growth of the plug-in bets' schedule, and t + 1: floats, apart from the shadowed operators.
module private Schedule =
    let growth (t: float) = t * log (t + 1.0)
    let next (i: int) = float i + 1.0

    /// B_2k/(2k)! of Euler and Maclaurin's formula, and the factors that its rising product takes from one term to the next.
    let bernoulli =
        [|
            struct (1.0 / 12.0, 1.0, 2.0)
            struct (-1.0 / 720.0, 3.0, 4.0)
            struct (1.0 / 30240.0, 5.0, 6.0)
            struct (-1.0 / 1209600.0, 7.0, 8.0)
            struct (1.0 / 47900160.0, 9.0, 10.0)
            struct (-691.0 / 1307674368000.0, 11.0, 12.0)
            struct (1.0 / 74724249600.0, 13.0, 14.0)
        |]

module internal AnytimeFormulas =
    open Hindsight.FSharp.Ops

    let zeta<'T when 'T :> IReal<'T> and 'T: struct> (s: 'T) : 'T =
        // sum below n, then n^(1-s)/(s-1) + n^-s/2 + sum B_2k/(2k)! s(s+1)...(s+2k-2) n^(-s-2k+1); the first term left out is below 1e-16 of the sum
        let n = 12
        let power (k: int) = 'T.Exp(-(s * 'T.Const(log (float k))))
        let mutable total = 'T.Const 1.0

        for k in 2..11 do
            total <- total + power k

        let last = power n
        let size = 'T.Const(float n)
        total <- total + last * size / (s - 'T.Const 1.0) + 'T.Const 0.5 * last
        let mutable rising = s * last / size

        for struct (coefficient, odd, even) in Schedule.bernoulli do
            total <- total + 'T.Const coefficient * rising
            rising <- rising * (s + 'T.Const odd) * (s + 'T.Const even) / 'T.Sqr size

        total

    let mixture<'T when 'T :> IReal<'T> and 'T: struct> (v: 'T) (rho: 'T) (delta: 'T) : 'T =
        'T.Sqrt((v + rho) * ('T.Log1p(v / rho) - 'T.Const 2.0 * 'T.Log delta))

    let stitchingConstant<'T when 'T :> IReal<'T> and 'T: struct> (eta: 'T) (s: 'T) (delta: 'T) : 'T =
        'T.Log(zeta s) - s * 'T.Log('T.Log eta) - 'T.Log delta

    let stitching<'T when 'T :> IReal<'T> and 'T: struct>
        (v: 'T)
        (m: 'T)
        (eta: 'T)
        (s: 'T)
        (c: 'T)
        (constant: 'T)
        : 'T =
        let v = 'T.Max(v, m)
        let l = s * 'T.Log('T.Log eta + 'T.Log(v / m)) + constant
        let root = 'T.Sqrt eta
        // k1^2 = (eta^(1/4) + eta^(-1/4))^2/2, k2 = (sqrt eta + 1)/2
        let k1 = 'T.Const 0.5 * (root + 'T.Const 1.0 / root) + 'T.Const 1.0
        let k2 = 'T.Const 0.5 * (root + 'T.Const 1.0)
        let scaled = k2 * c * l
        'T.Sqrt(k1 * v * l + 'T.Sqr scaled) + scaled

    let psi<'T when 'T :> IReal<'T> and 'T: struct> (lambda: 'T) : 'T = -('T.Log1p(-lambda)) - lambda

    let plugIn<'T when 'T :> IReal<'T> and 'T: struct> (logInverse: 'T) (variance: 'T) (t: float) : 'T =
        'T.Sqrt('T.Const 2.0 * logInverse / (variance * 'T.Const(Schedule.growth t)))

    let width<'T when 'T :> IReal<'T> and 'T: struct> (excess: 'T) (weights: 'T) (delta: 'T) : 'T =
        (excess - 'T.Log delta) / weights

    /// The bets of the plug-in strategy on a whole sequence.
    let bets<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T[]) (delta: 'T) : 'T[] =
        let logInverse = -('T.Log delta)
        let mutable sum = 'T.Const 0.5
        let mutable squares = 'T.Const 0.25
        let result = Array.zeroCreate x.Length

        for i in Array.init x.Length id do
            let seen = 'T.Const(Schedule.next i)
            result[i] <- plugIn logInverse (squares / seen) (Schedule.next i)
            sum <- sum + x[i]
            squares <- squares + 'T.Sqr(x[i] - sum / (seen + 'T.Const 1.0))

        result

    /// ln of the capital against the mean m, less ln(1/delta), and its slope in m.
    let capital<'T when 'T :> IReal<'T> and 'T: struct>
        (x: 'T[])
        (bets: 'T[])
        (cap: 'T)
        (delta: 'T)
        (m: 'T)
        : struct ('T * 'T) =
        let mutable total = 'T.Log delta
        let mutable slope = 'T.Const 0.0

        for struct (value, bet) in Array.map2 (fun v b -> struct (v, b)) x bets do
            let full = cap / m
            let factor = 'T.Const 1.0 + 'T.Min(bet, full) * (value - m)
            total <- total + 'T.Log factor
            // a bet at its cap moves with m: -(c/m^2) x; one below it does not: -bet
            slope <- slope - 'T.Select(full - bet, bet, full * value / m) / factor

        struct (total, slope)

[<RequireQualifiedAccess>]
module AnytimeWidth =
    let private time =
        BoundCalculator.input
            "intrinsicTime"
            "v"
            "intrinsic time: the accumulated variance of the sum"
            Domain.Positive
            25.0

    let private mixture =
        {
            Name = "normal-mixture"
            Family = "confidence-sequences"
            Title = "two-sided normal mixture boundary"
            Statement =
                "A sub-Gaussian sum S_t of intrinsic time v (a quarter of the squared range a round, for bounded observations) stays within |S_t| < sqrt((v + rho)(ln(1 + v/rho) + 2 ln(1/delta))) at all times at once, with probability at least 1 - delta."
            Source =
                "Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021 (two-sided normal mixture); derived here: the mixture of exp(lambda S - lambda^2 v/2) over lambda normal with variance 1/rho, and Ville's inequality"
            Kind = BoundKind.Anytime
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    time
                    BoundCalculator.input
                        "rho"
                        "rho"
                        "precision of the mixture: small for late times"
                        Domain.Positive
                        3.0
                    |> BoundCalculator.free
                    BoundCalculator.delta
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AnytimeFormulas.mixture x["v"] x["rho"] x["delta"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed
                            "E exp(lambda X - lambda^2 s^2/2) <= 1 given the past, for every real lambda, the s^2 adding up to v"
                        BoundCalculator.assumed "rho is fixed before the data"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The normal mixture boundary is crossed at any time with probability at most delta"
        }

    let private stitched =
        { mixture with
            Name = "stitching"
            Title = "one-sided stitched boundary"
            Statement =
                "A sub-gamma sum S_t of scale c and intrinsic time v stays below sqrt(k1^2 v l + k2^2 c^2 l^2) + k2 c l at all times at once, with probability at least 1 - delta, where l = s ln ln(eta v/m) + ln(zeta(s)/(delta (ln eta)^s)), v counts as at least m, k1 = (eta^(1/4) + eta^(-1/4))/sqrt 2 and k2 = (sqrt eta + 1)/2."
            Source = "Howard, Ramdas, McAuliffe and Sekhon 2021, Theorem 1 (polynomial stitched boundary)"
            Inputs =
                [|
                    time
                    BoundCalculator.input
                        "start"
                        "m"
                        "intrinsic time from which the boundary grows"
                        Domain.Positive
                        0.25
                    BoundCalculator.input "eta" "eta" "ratio of the epochs" { Domain.Reals with Low = 1.0 } 2.0
                    |> BoundCalculator.withDefault 2.0
                    BoundCalculator.input
                        "s"
                        "s"
                        "exponent of the epochs' failure probabilities"
                        { Domain.Reals with Low = 1.0 }
                        1.4
                    |> BoundCalculator.withDefault 1.4
                    BoundCalculator.input
                        "scale"
                        "c"
                        "scale of a sub-gamma sum, 0 for a sub-Gaussian one"
                        Domain.NonNegative
                        0.0
                    |> BoundCalculator.withDefault 0.0
                    BoundCalculator.delta
                |]
            Text =
                "sqrt(k1^2*v*l + k2^2*c^2*l^2) + k2*c*l, l = s*log(log(eta*v/m)) + log(zeta(s)/(delta*log(eta)^s)), k1 = (eta^(1/4) + eta^(-1/4))/sqrt(2), k2 = (sqrt(eta) + 1)/2"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let constant = AnytimeFormulas.stitchingConstant x["eta"] x["s"] x["delta"]
                        [| AnytimeFormulas.stitching x["v"] x["m"] x["eta"] x["s"] x["c"] constant |]
                }
            Check =
                fun x ->
                    // ln(1/delta) and the epochs' own term together are positive except for a delta near 1 with long epochs
                    let l =
                        x["s"] * log (log x["eta"] + log (max x["v"] x["m"] / x["m"]))
                        + (AnytimeFormulas.stitchingConstant (R64 x["eta"]) (R64 x["s"]) (R64 x["delta"])).V

                    if l >= 0.0 then
                        Ok()
                    else
                        Error(
                            HindsightError.OutOfRange(
                                "delta",
                                string x["delta"],
                                "a smaller failure probability: the boundary's logarithm is negative"
                            )
                        )
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed
                            "E exp(lambda X - lambda^2 s^2/(2(1 - c lambda))) <= 1 given the past, for every lambda in [0, 1/c), the s^2 adding up to v"
                        BoundCalculator.assumed "m, eta and s are fixed before the data"
                    |]
            Law = "The stitched boundary is crossed at any time with probability at most delta"
        }

    let private plugIn =
        { mixture with
            Name = "empirical-bernstein-anytime"
            Title = "predictable plug-in empirical Bernstein width"
            Statement =
                "With predictable weights lambda_i in [0, 1) and predictable centres c_i in [0, 1], the weighted mean of observations in [0, 1] is at most (ln(1/delta) + sum psi(lambda_i)(X_i - c_i)^2)/sum lambda_i above their conditional mean at all times at once, with probability at least 1 - delta, psi(x) = -ln(1-x) - x."
            Source =
                "Waudby-Smith and Ramdas 2024, Theorem 2; the inequality exp(lambda x - psi(lambda) x^2) <= 1 + lambda x for x >= -1 is Fan, Grama and Liu 2015"
            Inputs =
                [|
                    BoundCalculator.input "excess" "A" "sum of psi(lambda_i)(X_i - c_i)^2" Domain.NonNegative 2.0
                    BoundCalculator.input "weights" "L" "sum of the weights" Domain.Positive 50.0
                    BoundCalculator.delta
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| AnytimeFormulas.width x["A"] x["L"] x["delta"] |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "observations are at least 0 (and at most 1, for the upper side)"
                        BoundCalculator.assumed "weights and centres know only the past"
                    |]
            Trivial = fun _ -> 1.0
            Law = "The empirical Bernstein capital is a supermartingale"
        }

    /// The lower end in floats: by bisection on a decreasing function that is positive at 0+ and at most ln delta at the largest observation.
    let private bettingRoot (x: float[]) cap delta =
        let bets = AnytimeFormulas.bets (x |> Array.map R64) (R64 delta)
        let goal = -log delta

        let at (m: float) =
            let mutable logs = 0.0
            let mutable product = 1.0

            for i in 0 .. x.Length - 1 do
                product <- product * (1.0 + min bets[i].V (cap / m) * (x[i] - m))

                // one logarithm for many factors
                if product > 1e100 || product < 1e-100 then
                    logs <- logs + log product
                    product <- 1.0

            logs + log product - goal

        let mutable low = 0.0
        let mutable high = Array.max x
        let tiny = 1e-300

        if high <= tiny || not (at tiny > 0.0) then
            0.0
        else
            low <- tiny
            let mutable round = 0

            while round < 2000 && high - low > 1e-16 * high do
                round <- round + 1
                // halving the exponent first where the ends are far apart
                let middle =
                    if high > 4.0 * low then
                        sqrt low * sqrt high
                    else
                        0.5 * (low + high)

                if at middle >= 0.0 then low <- middle else high <- middle

            low

    let private betting =
        { mixture with
            Name = "betting-lower"
            Title = "lower end of a betting confidence sequence"
            Statement =
                "For observations in [0, inf) with constant conditional mean mu, the capital prod(1 + min(lambda_i, c/m)(X_i - m)) at m = mu reaches 1/delta at any time with probability at most delta, so the m at which it is 1/delta is below mu at all times at once with probability at least 1 - delta; lambda_i = sqrt(2 ln(1/delta)/(s_i^2 i ln(1+i))) with the variance s_i^2 of the observations before i."
            Source =
                "Waudby-Smith and Ramdas 2024, Theorem 3 and the plug-in bets of their equation (26); Ville's inequality"
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    BoundCalculator.input
                        "observations"
                        "x"
                        "observation, in units of their scale"
                        Domain.NonNegative
                        0.5
                    |> BoundCalculator.list [| 0.6; 0.9; 0.7; 1.0; 0.4; 0.8; 0.9; 0.7 |]
                    BoundCalculator.input
                        "cap"
                        "c"
                        "largest share of the capital that a bet may lose"
                        (BoundCalculator.between 0.0 1.0)
                        0.5
                    |> BoundCalculator.withDefault 0.5
                    BoundCalculator.delta
                |]
            Text =
                "the m with sum_i log(1 + min(lambda_i, c/m)*(x_i - m)) = log(1/delta), lambda_i = sqrt(2*log(1/delta)/(s_i^2*i*log(1+i))); 0 if there is none"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let root = bettingRoot (x.Numbers "x") (x.Number "c") (x.Number "delta")

                        if root = 0.0 then
                            [| 'T.Const 0.0 |]
                        else
                            let values = x.List "x"
                            let bets = AnytimeFormulas.bets values x["delta"]
                            let mutable m = 'T.Const root

                            for _ in 1..2 do
                                let struct (value, slope) = AnytimeFormulas.capital values bets x["c"] x["delta"] m

                                m <- m - value / slope

                            [| m |]
                }
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "observations have one and the same mean given the past"
                        BoundCalculator.byConstruction "bets know only the past" "plug-in bets"
                    |]
            Trivial = fun _ -> 0.0
            Law = "The capital of the bets is a martingale at the mean"
        }

    let calculators = [| mixture; stitched; plugIn; betting |]

    let normalMixture intrinsicTime rho delta =
        mixture |> BoundCalculator.ofNumbers [| intrinsicTime; rho; delta |]

    let private rhoInputs intrinsicTime delta =
        result {
            let! v = Require.positive "intrinsicTime" intrinsicTime
            let! delta = Require.confidence "delta" delta
            return struct (v, -2.0 * log delta)
        }

    let approximateRho intrinsicTime delta =
        result {
            let! struct (v, l) = rhoInputs intrinsicTime delta
            return v / (l + Scalar.log1p l)
        }

    let bestRho intrinsicTime delta =
        result {
            let! struct (v, l) = rhoInputs intrinsicTime delta

            // r = v/rho solves r = ln(1 + r) + 2 ln(1/delta): the derivative of the boundary; the right side has slope below 1, Newton from above converges
            let start = l + Scalar.log1p l + sqrt (2.0 * l)

            let r = (start, seq { 1..60 }) ||> Seq.fold (fun r _ -> r - (r - Scalar.log1p r - l) * (1.0 + r) / r)

            return v / r
        }

    let stitching intrinsicTime start eta s scale delta =
        stitched |> BoundCalculator.ofNumbers [| intrinsicTime; start; eta; s; scale; delta |]

    let empiricalBernstein excess weights delta =
        plugIn |> BoundCalculator.ofNumbers [| excess; weights; delta |]

    let bettingLower (observations: float[]) cap delta =
        betting |> BoundCalculator.at [| observations; [| cap |]; [| delta |] |]
