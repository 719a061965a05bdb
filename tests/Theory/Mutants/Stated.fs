namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Numbers for calculators.
[<RequireQualifiedAccess>]
module CalculatorDraw =
    /// Random values around the examples, in the domains, on a logarithmic scale where the domain is unbounded.
    let private values (random: Random) (calculator: BoundCalculator) =
        let one (input: BoundInput) (example: float) =
            let d = input.Allowed

            let raw =
                if Double.IsFinite d.Low && Double.IsFinite d.High then
                    // between the example and an end, so that joint conditions mostly hold
                    let toward = if random.Next 2 = 0 then d.Low else d.High
                    example + 0.5 * random.NextDouble() * (toward - example)
                elif Double.IsFinite d.Low then
                    d.Low + max (example - d.Low) 0.1 * Math.Exp(2.0 * random.NextDouble() - 1.0)
                else
                    example + 2.0 * random.NextDouble() - 1.0

            if input.Whole then Math.Floor raw else raw

        calculator.Inputs |> Array.map (fun input -> input.Example |> Array.map (one input))

    /// Those of so many draws that the calculator accepts, with its bound.
    let accepted seed count (calculator: BoundCalculator) =
        let random = Random(seed: int)

        Seq.init count (fun _ -> values random calculator)
        |> Seq.choose (fun values ->
            match BoundCalculator.at values calculator with
            | Ok bound -> Some(values, bound)
            | Error _ -> None)
        |> Seq.toList

    /// Values by the names that a printed formula has for them.
    let named (calculator: BoundCalculator) (values: float[][]) =
        Seq.zip calculator.Inputs values
        |> Seq.collect (fun (input, value) ->
            if input.Vector then
                value |> Seq.mapi (fun i x -> $"{input.Symbol}_{i + 1}", x)
            else
                Seq.singleton (input.Symbol, value[0]))
        |> dict

/// The loose bounds as their sources state them, written down a second time in plain arithmetic: no instance of an algorithm comes near enough to refute a wrong constant or a term that is missing, this does.
module StatedLaw =
    let private number i (values: float[][]) = values[i][0]
    let private entries i (values: float[][]) = values[i]

    let private sum first last (term: int -> float) =
        Seq.sum (Seq.map term (seq { first..last }))

    let private zeta s =
        // Euler and Maclaurin after 2000 terms
        let n = 2000.0

        sum 1 1999 (fun k -> float k ** -s)
        + n ** (1.0 - s) / (s - 1.0)
        + 0.5 * n ** -s
        + s / 12.0 * n ** (-s - 1.0)

    /// The largest value of a concave function on [0, 1], by golden section.
    let private greatest (f: float -> float) =
        let share = (sqrt 5.0 - 1.0) / 2.0

        let rec narrow low high left =
            let a, b = high - share * (high - low), low + share * (high - low)

            if left = 0 then f ((low + high) / 2.0)
            elif f a >= f b then narrow low b (left - 1)
            else narrow a high (left - 1)

        narrow 0.0 1.0 80

    let private growthRegret g mu epsilon t c =
        4.0 * g * g / mu * (1.0 + log t) + 2.0 * epsilon * t + 2.0 * c

    let private confident price (v: float[][]) =
        let t, r, gamma, delta = (number 1 v), (number 2 v), (number 3 v), (number 4 v)

        price * ((number 0 v) - 1.0) * t / gamma
        + gamma / 4.0 * (2.0 * r + 16.0 * log (2.0 / delta))
        + sqrt (2.0 * t * log (2.0 / delta))

    let private fast k best r gamma =
        (5.0 * k * best / gamma + 14.0 * gamma * r) / (1.0 - 5.0 * k / gamma)

    let private neuralUcb t layers lambda l s nu steps c3 delta =
        3.0
        * sqrt t
        * sqrt (l + 2.0)
        * (nu * sqrt (l + 2.0 - 2.0 * log delta)
           + (lambda + c3 * t * layers) * (1.0 - lambda / (t * layers)) ** (steps / 2.0) * sqrt (t / lambda)
           + 2.0 * sqrt lambda * s)
        + 1.0

    let private barrier k t eta =
        ((k - 1.0) * log t - log (1.0 - (k - 1.0) / t) - k * log k) / eta

    let private groups m t = log (m * (2.5 + 1.5 * log (1.0 + t)))

    /// By name: the statement, in the calculator's order of inputs.
    let statements: (string * (float[][] -> float)) list =
        [
            "growth", (fun v -> growthRegret (number 0 v) (number 1 v) (number 2 v) (number 3 v) (number 4 v))
            "squarecb-confidence", confident 2.0
            "squarecb-exact-confidence", confident 1.0
            "fastcb-gamma", (fun v -> fast (number 0 v) (number 2 v) (number 3 v) (number 4 v))
            "fastcb",
            (fun v ->
                let k, best, r = (number 0 v), (number 2 v), (number 3 v)
                40.0 * sqrt (k * best * r) + 600.0 * k * r)
            "pl-gd-iterations",
            (fun v -> log ((number 2 v) / (number 3 v)) / -(log (1.0 - (number 0 v) / (number 1 v))))
            "perturbation-count",
            (fun v ->
                let u = (number 1 v)

                let exponent = greatest (fun l -> -l * (1.0 - u) - log (1.0 - l + 1.5 * l * l))

                log ((number 0 v) / (number 2 v)) / exponent)
            "neusquarecb",
            (fun v ->
                let k, t, gamma = (number 0 v), (number 1 v), (number 7 v)
                let r = 2.0 * (growthRegret (number 2 v) (number 3 v) (number 4 v) t (number 5 v) + (number 6 v))
                2.0 * (k - 1.0) * t / gamma + gamma / 4.0 * r)
            "neufastcb",
            (fun v ->
                let r = growthRegret (number 3 v) (number 4 v) (number 5 v) (number 1 v) (number 6 v) + (number 7 v)
                fast (number 0 v) (number 2 v) r (number 8 v))
            "cv-plus", (fun v -> 1.0 - 2.0 * (number 1 v) - sqrt (2.0 / (number 0 v)))
            "rademacher-risk-data",
            (fun v -> (number 1 v) + 2.0 * (number 2 v) + 3.0 * sqrt (log (2.0 / (number 3 v)) / (2.0 * (number 0 v))))
            "rademacher-l1",
            (fun v -> (number 3 v) * (number 2 v) * sqrt (2.0 * log (2.0 * (number 1 v)) / (number 0 v)))
            "rademacher-vc",
            (fun v -> sqrt (2.0 * (number 1 v) * log (Math.E * (number 0 v) / (number 1 v)) / (number 0 v)))
            "elliptical-potential",
            (fun v ->
                let d, t, x, lambda = (number 0 v), (number 1 v), (number 2 v), (number 3 v)
                2.0 * d * log (1.0 + t * x * x / (lambda * d)))
            "linucb", (fun v -> 2.0 * (number 0 v) * sqrt (2.0 * (number 2 v) * (number 1 v)))
            "neural-ucb",
            (fun v ->
                neuralUcb
                    (number 1 v)
                    (number 2 v)
                    (number 3 v)
                    (number 4 v)
                    (number 5 v)
                    (number 6 v)
                    (number 7 v)
                    (number 8 v)
                    (number 9 v))
            "neural-ucb-spectrum",
            (fun v ->
                let lambda = (number 3 v)
                let l = (entries 4 v) |> Array.sumBy (fun mu -> log (1.0 + mu / lambda))

                neuralUcb
                    (number 1 v)
                    (number 2 v)
                    lambda
                    l
                    (number 5 v)
                    (number 6 v)
                    (number 7 v)
                    (number 8 v)
                    (number 9 v))
            "neural-ucb-reward-floor", (fun v -> sqrt ((number 0 v) / ((number 1 v) + 1.0)))
            "neural-ucb-floor",
            (fun v ->
                let t, layers, lambda = (number 1 v), (number 2 v), (number 3 v)
                let n = t * (number 0 v)

                6.0
                * sqrt (t * n * lambda * (2.0 + log (1.0 + n * (layers + 1.0) / (2.0 * lambda))) / (layers + 1.0)))
            "neural-ucb-context-floor",
            (fun v ->
                let t, layers, c0, nu = (number 1 v), (number 2 v), (number 3 v), (number 4 v)
                let n = t * (number 0 v)
                let l = log (1.0 + c0)
                min (3.0 * nu * sqrt t * n * l) (6.0 * n * sqrt (t * l / (layers + 1.0))))
            "neural-ts",
            (fun v ->
                let k, t, layers, l, s = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)
                let sigma, c1, c2, delta = (number 5 v), (number 6 v), (number 7 v), (number 8 v)
                let lambda = 1.0 + 1.0 / t
                let d = l / log (1.0 + t * k / lambda)
                let l' = d * log (1.0 + t * k)
                let c = sqrt (4.0 * log t + 2.0 * log k)

                let b =
                    max s (1.0 / (22.0 * Math.E * sqrt Math.PI)) + sigma * sqrt (l' + 2.0 + 2.0 * log (1.0 / delta))

                c1 * (1.0 + c) * b * sqrt (2.0 * lambda * layers * (l' + 1.0) * t)
                + (4.0 + c2 * (1.0 + c) * b * layers) * sqrt (2.0 * t * log (3.0 / delta))
                + 5.0)
            "gradient-descent-square-root", (fun v -> 3.0 / 2.0 * (number 0 v) * (number 1 v) * sqrt (number 2 v))
            "gradient-descent-adaptive", (fun v -> (number 0 v) * sqrt (2.0 * (number 1 v)))
            "adagrad-diagonal", (fun v -> (number 0 v) * Array.sumBy (fun s -> sqrt (2.0 * s)) (entries 1 v))
            "adagrad-full", (fun v -> sqrt 2.0 * (number 0 v) * (number 1 v))
            "online-newton", (fun v -> 1.0 / (2.0 * (number 0 v)) * ((number 1 v) + 1.0))
            "online-newton-horizon",
            (fun v ->
                let alpha, diameter, g, d, t = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)
                let gamma = min (1.0 / (4.0 * g * diameter)) alpha / 2.0
                1.0 / (2.0 * gamma) * (d * log (1.0 + (gamma * diameter * g) ** 2.0 * t / d) + 1.0))
            "online-newton-published",
            (fun v -> 5.0 * (1.0 / (number 0 v) + (number 2 v) * (number 1 v)) * (number 3 v) * log (number 4 v))
            "adahedge-variance",
            (fun v ->
                let l = log (number 0 v)
                2.0 * sqrt ((number 1 v) * l) + (number 2 v) * (4.0 * l / 3.0 + 2.0))
            "optimistic-adaptive",
            (fun v ->
                let d, g, delta, change, moved = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                5.0 / 2.0 * d * sqrt (delta + 4.0 * g * g + change) - sqrt (delta + 4.0 * g * g) / (4.0 * d) * moved)
            "sea-convex",
            (fun v ->
                let d, l, g, noise, drift = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                5.0 * sqrt 10.0 * d * d * l
                + 5.0 * sqrt 5.0 / 2.0 * d * g
                + 5.0 * sqrt 2.0 * d * sqrt noise
                + 5.0 * d * sqrt drift)
            "optimistic-strongly-convex",
            (fun v -> 2.0 / (number 0 v) * ((entries 1 v) |> Seq.mapi (fun i e -> e / float (i + 1)) |> Seq.sum))
            "sea-strongly-convex",
            (fun v ->
                let lambda, l, g, noise, drift, t =
                    (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v), (number 5 v)

                8.0 * g * g / lambda * (1.0 + log (2.0 + 8.0 * l / lambda))
                + 8.0 / lambda * (2.0 * noise + drift) * (1.0 + log t))
            "optimistic-exp-concave",
            (fun v ->
                let beta, g, d = (number 0 v), (number 1 v), (number 2 v)
                (1.0 + beta * g * g) * d * d / 2.0 + (number 3 v))
            "optimistic-dynamic-grid",
            (fun v ->
                let d, g, t, path, change, n =
                    (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v), (number 5 v)

                g * d * sqrt (t * log n / 2.0) + 3.0 / 2.0 * sqrt ((change + g * g) * (d * d + 2.0 * d * path)))
            "adanormalhedge",
            (fun v ->
                let b =
                    Array.map2 (fun p c -> p * (1.0 + 1.5 * (1.0 + log (1.0 + c)))) (entries 2 v) (entries 3 v)
                    |> Array.sum

                sqrt (3.0 * (number 0 v) * log (b / (number 1 v))))
            "groupwise",
            (fun v -> (number 0 v) + (number 1 v) * sqrt (3.0 * (number 2 v) * groups (number 4 v) (number 3 v)))
            "groupwise-regression",
            (fun v ->
                let y, x, lambda, d, t = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                y * y * d * log (1.0 + t * x * x / (lambda * d))
                + 4.0 * y * y * sqrt (3.0 * t * groups (number 6 v) (number 5 v)))
            "exp3-ix",
            (fun v ->
                let k, t, eta, gamma, delta = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                log k / eta
                + (eta / 2.0 + gamma) * (k * t + log (2.0 / delta) / (2.0 * gamma))
                + log (2.0 * k / delta) / (2.0 * gamma))
            "tsallis-inf",
            (fun v -> 4.0 * sqrt ((number 0 v) * (number 1 v)) - 2.0 * sqrt (number 1 v) - sqrt (number 0 v))
            "tsallis-inf-stochastic",
            (fun v -> (entries 1 v) |> Array.sumBy (fun gap -> (6.25 * log (number 0 v) + 32.0) / gap))
            "tsallis-inf-reduced-variance",
            (fun v ->
                let k, t = (number 0 v), (number 1 v)
                let m = min t 15.0
                2.0 * sqrt (k * t) - sqrt t - sqrt (k * m) + 6.0 * k * log (t / m) + m)
            "log-barrier-bandit",
            (fun v ->
                barrier (number 0 v) (number 1 v) (number 2 v) + (number 2 v) * (number 1 v) / 2.0 + (number 0 v)
                - 1.0)
            "log-barrier-linear",
            (fun v ->
                barrier (number 0 v) (number 2 v) (number 3 v)
                + (number 3 v) * (number 1 v) * (number 2 v)
                + (number 0 v)
                - 1.0)
            "relaxation-regret",
            (fun v ->
                let t, d, k, eta, epsilon = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                k * (4.0 * (sqrt d - 1.0) / eta + eta * sqrt d * t / 2.0)
                + t / d * log (1.0 / epsilon) * ((entries 5 v) |> Array.averageBy (fun a -> 1.0 / (log a) ** 2.0)))
            "relaxation-tuned",
            (fun v ->
                let t = (number 0 v)
                let g = (entries 2 v) |> Array.averageBy (fun a -> 1.0 / (log a) ** 2.0)
                let a = log (1.0 / Array.max (entries 2 v))
                let d = (t * g * g * a * a / 2.0) ** (1.0 / 3.0)
                log (1.0 / (number 1 v)) * (2.0 / a * sqrt (2.0 * max (d + 1.0) 2.0 * t) + t * g / d))
            "omega-shift-slope",
            (fun v ->
                let beta, m = (number 0 v), (number 1 v)
                (1.0 + beta) / (beta * sqrt (1.0 - beta * beta)) * ((m + 1.0) / m) ** 2.0)
            "relaxation-shifts",
            (fun v ->
                let t, c, l, epsilon, alpha = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)

                (54.0 * c ** 3.0 * l ** 3.0 * t / (log alpha) ** 2.0) ** 0.25
                + 4.0 * log (1.0 / epsilon) / log (1.0 / alpha) * (24.0 * c * l * t ** 3.0) ** 0.25)
            "chebyshev-interpolation",
            (fun v ->
                let m = (number 0 v)
                (number 1 v) * (number 2 v) * (Math.PI + log (m + 1.0)) / (2.0 * (m + 1.0)))
            "ssor-cg-iterations",
            (fun v ->
                let omega, a, b, kappa, epsilon = (number 0 v), (number 1 v), (number 2 v), (number 3 v), (number 4 v)
                let c = (1.0 + (2.0 - omega) ** 2.0 * a / (4.0 * omega) + omega * b) / (2.0 - omega)
                let q = sqrt kappa / epsilon
                1.0 + log (q + sqrt (q * q - 1.0)) / log ((sqrt c + 1.0) / (sqrt c - 1.0)))
            "sketch-rows", (fun v -> (number 0 v) * (log ((number 1 v) / (number 3 v))) ** 3.0 / (number 2 v) ** 2.0)
        ]

    // ---- those without a tree: with what they are made of ----

    let private layer gamma phi0 l =
        gamma ** float (l - 1) + abs phi0 * sum 1 (l - 1) (fun i -> gamma ** float (i - 1))

    let deepGradient outer inner bias (v: float[][]) =
        let layers, m = int (number 0 v), (number 4 v)
        let gamma = (number 1 v) + (number 2 v) / sqrt m
        let h = layer gamma (bias * (number 5 v))

        sqrt (
            outer * h (layers + 1) ** 2.0
            + (1.0 + (number 3 v)) ** 2.0 / m
              * sum 1 layers (fun l -> h l ** 2.0 * (if inner then gamma ** float (2 * (layers - l)) else 1.0))
        )

    let deepHessian half last (v: float[][]) =
        let layers, beta, m = int (number 0 v), (number 4 v), (number 5 v)
        let depth = float layers
        let gamma = (number 1 v) + (number 2 v) / sqrt m
        let h = layer gamma (number 6 v)

        let psi =
            Seq.max
                [
                    for l in 2..layers do
                        for k in 1 .. l - 1 do
                            yield beta * h k ** 2.0
                            yield h k * (half * beta * (gamma ** 2.0 + h l ** 2.0) + 1.0)
                            yield beta * gamma ** 2.0 * h k * h l
                ]

        let most (f: int -> float) = Seq.max (Seq.map f (seq { 1..layers }))
        let power = gamma ** depth

        (depth
         * (depth ** 2.0 * power ** 2.0 + depth * power + 1.0)
         * (1.0 + (number 3 v))
         * psi
         * most (fun l -> gamma ** float (layers - l))
         + last * depth * power * most h)
        / sqrt m

    let stitched first second loglog (v: float[][]) =
        let m, eta, s, c, delta = (number 1 v), (number 2 v), (number 3 v), (number 4 v), (number 5 v)
        let time = max (number 0 v) m
        let l = loglog * s * log (log (eta * time / m)) + log (zeta s / (delta * (log eta) ** s))
        let k1 = (eta ** 0.25 + eta ** -0.25) / sqrt 2.0
        let k2 = (sqrt eta + 1.0) / 2.0
        sqrt (k1 ** 2.0 * time * l + first * (k2 * c * l) ** 2.0) + second * k2 * c * l

    let reluNetworks one (v: float[][]) =
        let layers = float (entries 2 v).Length

        (number 1 v) * (sqrt (2.0 * layers * log 2.0) + one) * Array.fold (*) 1.0 (entries 2 v)
        / sqrt (number 0 v)

    let treeless: (string * (float[][] -> float)) list =
        [
            "deep-gradient", deepGradient 1.0 true 1.0
            "deep-hessian", deepHessian 0.5 1.0
            "stitching", stitched 1.0 1.0 1.0
            "rademacher-relu", reluNetworks 1.0
        ]

    let private near (a: float) (b: float) = abs (a - b) <= 1e-9 * abs b

    /// The calculator's value, or another's, is what is stated.
    let agrees (name: string) (stated: float[][] -> float) (value: float[][] -> float -> float) =
        let draws = Bounds.find name |> Require.ok |> CalculatorDraw.accepted 5 60

        draws.Length >= 15
        && draws |> List.forall (fun (values, bound) -> near (value values bound.Value) (stated values))

    let own (_: float[][]) (value: float) = value

    // ---- a formula with a part left out ----

    let private sites = set [ Operation.Add; Operation.Subtract; Operation.Multiply; Operation.Divide ]

    /// In the order in which the evaluation meets them.
    let rec private operations (node: ExprNode) : ExprNode list =
        [
            if sites.Contains node.Operation then
                node
            for child in node.Children do
                yield! operations child
        ]

    let private isOne (node: ExprNode) =
        node.Operation = Operation.Constant && node.High = 1.0

    /// The formula's value with the left or the right part of one sum, difference, product or quotient, counted from the root, left out.
    let private evaluate (root: ExprNode) (variable: string -> float) site keepLeft =
        let passed = ref -1

        let rec value (node: ExprNode) : float =
            let part i = value node.Children[i]

            let isSite =
                if sites.Contains node.Operation then
                    passed.Value <- passed.Value + 1
                    passed.Value = site
                else
                    false

            if isSite then
                if keepLeft then
                    part 0
                else
                    match node.Operation with
                    | Operation.Subtract -> -(part 1)
                    | Operation.Divide -> 1.0 / part 1
                    | _ -> part 1
            else
                match node.Operation with
                | Operation.Constant -> node.High + node.Low
                | Operation.Variable -> variable node.Name
                | Operation.Negate -> -(part 0)
                | Operation.Add ->
                    let a = part 0
                    a + part 1
                | Operation.Subtract ->
                    let a = part 0
                    a - part 1
                | Operation.Multiply ->
                    let a = part 0
                    a * part 1
                | Operation.Divide ->
                    let a = part 0
                    a / part 1
                | Operation.Max ->
                    let a = part 0
                    max a (part 1)
                | Operation.Min ->
                    let a = part 0
                    min a (part 1)
                | Operation.Power -> part 0 ** node.High
                | Operation.Sqr -> part 0 ** 2.0
                | Operation.Sqrt -> sqrt (part 0)
                | Operation.Exp -> exp (part 0)
                | Operation.Log -> log (part 0)
                | Operation.Log1p -> log (1.0 + part 0)
                | other -> failwith $"{other} is in no loose bound"

        value root

    /// Every way to leave out a part of the formula, as a value over numbers, with what is left out.
    let leftOut (name: string) =
        let calculator = Bounds.find name |> Require.ok

        match BoundCalculator.tryFormula calculator with
        | ValueNone -> []
        | ValueSome tree ->
            [
                for site, node in List.indexed (operations tree.Node) do
                    for keepLeft in [ true; false ] do
                        // without its 1, 1/x is what it was
                        if keepLeft || node.Operation <> Operation.Divide || not (isOne node.Children[0]) then
                            let side = if keepLeft then "right" else "left"

                            $"the {side} part of operation {site}",
                            fun (values: float[][]) (_: float) ->
                                let numbers = CalculatorDraw.named calculator values
                                evaluate tree.Node (fun symbol -> numbers[symbol]) site keepLeft
            ]

/// Loose bounds with a constant too small, or a term or factor left out.
[<RequireQualifiedAccess>]
module StatedMutants =
    open StatedLaw

    let private reject family name stated value =
        Mutant.make family name (fun () -> not (agrees family stated value))

    let private without family name wrong =
        let stated = treeless |> List.find (fun (n, _) -> n = family) |> snd
        reject family name stated (fun values _ -> wrong values)

    let all =
        [
            for name, stated in statements @ treeless do
                reject name "the constant times 0.9" stated (fun _ value -> 0.9 * value)
            for name, stated in statements do
                Mutant.make name "any term or factor left out" (fun () ->
                    let wrong = leftOut name

                    wrong.Length >= 2
                    && wrong
                       |> List.forall (fun (part, value) ->
                           let rejected = not (agrees name stated value)

                           if not rejected then
                               NUnit.Framework.TestContext.Out.WriteLine $"{name} without {part} agrees"

                           rejected))
            without "deep-gradient" "the output's own gradient left out" (deepGradient 0.0 true 1.0)
            without "deep-gradient" "the layers above left out" (deepGradient 1.0 false 1.0)
            without "deep-gradient" "phi(0) left out" (deepGradient 1.0 true 0.0)
            without "deep-hessian" "the half of the second-order term dropped" (deepHessian 1.0 1.0)
            without "deep-hessian" "the output layer's term left out" (deepHessian 0.5 0.0)
            without "stitching" "the square under the root left out" (stitched 0.0 1.0 1.0)
            without "stitching" "the linear term left out" (stitched 1.0 0.0 1.0)
            without "stitching" "the iterated logarithm left out" (stitched 1.0 1.0 0.0)
            without "rademacher-relu" "the 1 left out" (reluNetworks 0.0)
        ]
