namespace Hindsight.Tests.Theory

open System
open Hindsight

/// Functions with known constants, and descent methods run on them with exact expectations.
[<RequireQualifiedAccess>]
module ConditionWitnesses =
    /// x^2 + 3 sin^2 x: not convex, 8-smooth, least value 0 at 0 alone; its constants to nine digits.
    let wavy x = x * x + 3.0 * sin x * sin x

    let wavySlope x = 2.0 * x + 3.0 * sin (2.0 * x)
    let wavySmoothness = 8.0
    let wavyPl = 0.175530986
    let wavyRsi = 0.696598231
    let wavyQg = 2.0

    let private quadratic (eigenvalues: float[]) (x: float[]) =
        Array.fold2 (fun s l a -> s + 0.5 * l * a * a) 0.0 eigenvalues x

    let private eigenvalues (random: Random) =
        let n = 2 + random.Next 4
        let top = Math.Exp(2.0 * random.NextDouble() - 1.0)
        let low = top * Math.Exp(-5.0 * random.NextDouble() - 1e-3)

        Array.init n (fun i ->
            if i = 0 then
                low
            else
                low + (top - low) * random.NextDouble())

    let private start (random: Random) n =
        Array.init n (fun _ -> 2.0 * random.NextDouble() - 1.0)

    /// Gaps of gradient descent after 0, 1, ..., k steps with step eta/L, and mu and L.
    let descent eta seed k =
        let random = Witness.random seed

        if random.Next 3 = 0 then
            let mutable x = 20.0 * random.NextDouble() - 10.0

            let gaps =
                Array.init (k + 1) (fun i ->
                    if i > 0 then
                        x <- x - eta / wavySmoothness * wavySlope x

                    wavy x)

            struct (wavyPl, wavySmoothness, gaps)
        else
            let l = eigenvalues random
            let top = Array.max l
            let x = start random l.Length

            let gaps =
                Array.init (k + 1) (fun i ->
                    if i > 0 then
                        for j in 0 .. l.Length - 1 do
                            x[j] <- x[j] * (1.0 - eta * l[j] / top)

                    quadratic l x)

            struct (Array.min l, top, gaps)

    let private rate name seed =
        let k = 1 + (seed % 12)
        let struct (mu, l, gaps) = descent 1.0 seed k
        gaps[k] / Witness.bound name [| mu; l; gaps[0]; float k |]

    /// One step on mu x^2/2: the gap shrinks by (1 - mu/L)^2.
    let private flat name mu () =
        (1.0 - mu) * (1.0 - mu) / Witness.bound name [| mu; 1.0; 1.0; 1.0 |]

    let private anyStep seed =
        let random = Witness.random (seed + 1000)
        let eta = 2.0 * random.NextDouble()
        let k = 1 + (seed % 12)
        let struct (mu, l, gaps) = descent eta seed k
        gaps[k] / Witness.bound "pl-gradient-descent-step" [| mu; l; eta / l; gaps[0]; float k |]

    /// L x^2/2 has PL constant L: the gap shrinks by (1 - eta L)^2 exactly.
    let private anyStepWorst () =
        let eta, l = 0.3, 2.0

        Math.Pow(1.0 - eta * l, 6.0) / Witness.bound "pl-gradient-descent-step" [| l; l; eta; 1.0; 3.0 |]

    /// Steps after which the gap is still above the accuracy, over the bound.
    let private iterations seed =
        let random = Witness.random (seed + 2000)
        let struct (mu, l, gaps) = descent 1.0 seed 2000
        let accuracy = gaps[0] * Math.Exp(-8.0 * random.NextDouble() - 1e-3)
        let needed = gaps |> Array.findIndex (fun g -> g <= accuracy)
        float (needed - 1) / Witness.bound "pl-gd-iterations" [| mu; l; gaps[0]; accuracy |]

    /// Second moments of stochastic gradient descent on a quadratic with additive noise of variance noise(k, moments): exact.
    let private moments (l: float[]) (x: float[]) (step: int -> float) (noise: int -> float[] -> float[]) k =
        let m = x |> Array.map (fun a -> a * a)
        let mutable largest = 0.0

        for i in 0 .. k - 1 do
            let s = noise i m
            let square = Array.map3 (fun li mi si -> li * li * mi + si) l m s |> Array.sum
            largest <- max largest square
            let eta = step i

            for j in 0 .. l.Length - 1 do
                m[j] <- (1.0 - eta * l[j]) ** 2.0 * m[j] + eta * eta * s[j]

        struct (Array.fold2 (fun t li mi -> t + 0.5 * li * mi) 0.0 l m, sqrt largest)

    let private decreasing mu i =
        (2.0 * float i + 1.0) / (2.0 * mu * (float i + 1.0) ** 2.0)

    let private sgdDecaying seed =
        let random = Witness.random seed
        let l = eigenvalues random
        let mu = Array.min l
        let k = 1 + random.Next 300
        let noise = l |> Array.map (fun _ -> random.NextDouble())

        let struct (gap, c) = moments l (start random l.Length) (decreasing mu) (fun _ _ -> noise) k

        gap / Witness.bound "pl-sgd-decaying" [| mu; Array.max l; c; float k |]

    /// One dimension, mu = L, the noise such that every gradient has mean square 1: the recursion of the proof with equality.
    let private sgdDecayingWorst () =
        let k = 2000

        let struct (gap, c) =
            moments [| 1.0 |] [| 0.0 |] (decreasing 1.0) (fun _ m -> [| 1.0 - Array.head m |]) k

        gap / Witness.bound "pl-sgd-decaying" [| 1.0; 1.0; c; float k |]

    let private sgdConstant seed =
        let random = Witness.random seed
        let l = eigenvalues random
        let mu = Array.min l
        let eta = random.NextDouble() / (2.0 * mu)
        // beyond 2/L the iterates grow, and so does C: the bound holds there too
        let eta = min eta (1.9 / Array.max l)
        let k = 1 + random.Next 50
        let noise = l |> Array.map (fun _ -> random.NextDouble())
        let x = start random l.Length
        let gap0 = quadratic l x
        let struct (gap, c) = moments l x (fun _ -> eta) (fun _ _ -> noise) k
        gap / Witness.bound "pl-sgd-constant" [| mu; Array.max l; c; gap0; float k; eta |]

    let private sgdConstantWorst () =
        let eta, k = 0.1, 20

        let struct (gap, c) = moments [| 1.0 |] [| 0.5 |] (fun _ -> eta) (fun _ m -> [| 1.0 - Array.head m |]) k

        gap / Witness.bound "pl-sgd-constant" [| 1.0; 1.0; c; 0.125; float k; eta |]

    /// Gradients that are 0 or rho times the true one: E |g|^2 = rho |grad f|^2. Exact expectation of the gap.
    let private interpolation (l: float[]) (x: float[]) rho k =
        let top = Array.max l

        let gap =
            Array.map2
                (fun li a ->
                    let stay = 1.0 - 1.0 / rho
                    let moved = (1.0 - li / top) ** 2.0
                    0.5 * li * a * a * Math.Pow(stay + moved / rho, float k))
                l
                x
            |> Array.sum

        gap / Witness.bound "pl-sgd-interpolation" [| Array.min l; top; rho; quadratic l x; float k |]

    let private interpolationDrawn seed =
        let random = Witness.random seed
        let l = eigenvalues random
        interpolation l (start random l.Length) (1.0 + 5.0 * random.NextDouble()) (1 + random.Next 20)

    let private symmetric (random: Random) n =
        let a = Array2D.init n n (fun _ _ -> 2.0 * random.NextDouble() - 1.0)

        Array2D.init n n (fun i j ->
            Seq.init n (fun k -> a[i, k] * a[j, k]) |> Seq.sum |> (+) (if i = j then 0.05 else 0.0))

    let private energy (h: float[,]) (x: float[]) =
        let mutable s = 0.0

        for i in 0 .. x.Length - 1 do
            for j in 0 .. x.Length - 1 do
                s <- s + 0.5 * x[i] * h[i, j] * x[j]

        s

    let private slope (h: float[,]) (x: float[]) i =
        Seq.init x.Length (fun j -> h[i, j] * x[j]) |> Seq.sum

    let private leastEigenvalue (h: float[,]) =
        Require.ok (Hindsight.FSharp.Conditions.ofTangentKernel 1.0 h)

    let private along i step (h: float[,]) (x: float[]) =
        let y = Array.copy x
        y[i] <- y[i] - step * slope h x i
        y

    /// The expected gap of coordinate descent by enumeration of all sequences of coordinates.
    let rec private expected (h: float[,]) (weights: float[]) (steps: float[]) x k =
        if k = 0 then
            energy h x
        else
            weights
            |> Array.mapi (fun i w -> w * expected h weights steps (along i steps[i] h x) (k - 1))
            |> Array.sum

    let private uniform (h: float[,]) x k =
        let n = Array.length x
        let top = Seq.init n (fun i -> h[i, i]) |> Seq.max
        let gap = expected h (Array.create n (1.0 / float n)) (Array.create n (1.0 / top)) x k

        gap
        / Witness.bound "pl-coordinate-uniform" [| leastEigenvalue h; top; float n; energy h x; float k |]

    let private weighted (h: float[,]) x k =
        let n = Array.length x
        let l = Array.init n (fun i -> h[i, i])
        let total = Array.sum l
        let gap = expected h (l |> Array.map (fun a -> a / total)) (l |> Array.map (fun a -> 1.0 / a)) x k

        gap
        / Witness.boundOf "pl-coordinate-weighted" [| [| leastEigenvalue h |]; l; [| energy h x |]; [| float k |] |]

    let private coordinates ratio seed =
        let random = Witness.random seed
        let n = 2 + random.Next 3
        ratio (symmetric random n) (start random n) (1 + random.Next 4): float

    let private scalarMatrix n l =
        Array2D.init n n (fun i j -> if i = j then l else 0.0)

    let private uniformWorst () =
        uniform (scalarMatrix 4 2.0) [| 1.0; -0.5; 0.3; 2.0 |] 4

    let private weightedWorst () =
        weighted (Array2D.init 3 3 (fun i j -> if i = j then float (i + 1) else 0.0)) [| 1.0; 0.0; 0.0 |] 4

    /// Greedy descent on a separable quadratic: mu_1 = 1/sum 1/l_i.
    let private greedy (l: float[]) (x: float[]) k =
        let x = Array.copy x
        let start = quadratic l x
        let top = Array.max l
        let mu = 1.0 / Array.sumBy (fun a -> 1.0 / a) l

        for _ in 1..k do
            let i = Seq.init l.Length id |> Seq.maxBy (fun i -> abs (l[i] * x[i]))
            x[i] <- x[i] * (1.0 - l[i] / top)

        quadratic l x / Witness.bound "pl-coordinate-greedy" [| mu; top; start; float k |]

    let private greedyDrawn seed =
        let random = Witness.random seed
        let l = eigenvalues random
        greedy l (start random l.Length) (1 + random.Next 10)

    /// sum l_i (x_i - b_i)^2/2 + tau |x|_1, which has proximal PL constant min l.
    let private proximal (l: float[]) (b: float[]) tau (x: float[]) k =
        let soft t a = float (sign a) * max 0.0 (abs a - t)

        let value x =
            Array.map3 (fun li bi a -> 0.5 * li * (a - bi) ** 2.0 + tau * abs a) l b x |> Array.sum

        let best = value (Array.map2 (fun li bi -> soft (tau / li) bi) l b)
        let top = Array.max l
        let first = value x - best

        let last =
            Seq.fold
                (fun x _ -> Array.map3 (fun li bi a -> soft (tau / top) (a - li / top * (a - bi))) l b x)
                x
                (seq { 1..k })

        // the least value is subtracted: its rounding counts
        (value last - best - 1e-15 * abs best)
        / Witness.bound "proximal-pl" [| Array.min l; top; first; float k |]

    let private proximalDrawn seed =
        let random = Witness.random seed
        let l = eigenvalues random
        let n = l.Length
        proximal l (start random n) (random.NextDouble() * Array.min l) (start random n) (1 + random.Next 8)

    let private proximalWorst () =
        proximal [| 0.05; 1.0 |] [| 1.0; 0.0 |] 0.01 [| 2.0; 0.0 |] 1

    /// Polyak's step on a quadratic whose eigenvalues may be 0: first and last squared distance.
    let polyakRun (l: float[]) (x: float[]) k =
        let x = Array.copy x

        let distance () =
            Array.fold2 (fun s li a -> if li > 0.0 then s + a * a else s) 0.0 l x

        let first = distance ()

        for _ in 1..k do
            let g = Array.map2 (*) l x
            let square = g |> Array.sumBy (fun a -> a * a)

            if square > 0.0 then
                let eta = quadratic l x / square

                for i in 0 .. x.Length - 1 do
                    x[i] <- x[i] - eta * g[i]

        struct (first, distance ())

    let private polyak (l: float[]) x k =
        let struct (first, last) = polyakRun l x k
        let mu = l |> Seq.filter (fun a -> a > 0.0) |> Seq.min
        last / Witness.bound "polyak-step" [| mu; Array.max l; sqrt first; float k |]

    let private polyakDrawn seed =
        let random = Witness.random seed
        let l = eigenvalues random

        let l =
            if l.Length > 1 && random.Next 2 = 0 then
                Array.mapi (fun i a -> if i = l.Length - 1 then 0.0 else a) l
            else
                l

        polyak l (start random l.Length) (1 + random.Next 20)

    let private polyakWorst () =
        polyak [| 3.0; 3.0 |] [| 0.4; -0.7 |] 10

    let all =
        [
            Witness.tight
                "pl-gradient-descent"
                "gap of gradient descent"
                (rate "pl-gradient-descent")
                (flat "pl-gradient-descent" 0.05)
            Witness.tight
                "pl-gradient-descent-sharp"
                "gap of gradient descent"
                (rate "pl-gradient-descent-sharp")
                (flat "pl-gradient-descent-sharp" 0.05)
            Witness.tight "pl-gradient-descent-step" "gap of gradient descent" anyStep anyStepWorst
            Witness.loose
                "a step closes at least the share 3 mu/(2 L + mu), so that the count is at most about two thirds of the bound for small mu/L, and half of it on a quadratic"
                "pl-gd-iterations"
                "steps after which gradient descent is not there yet"
                iterations
                (fun () ->
                    let mu, accuracy = 1e-3, 1e-9

                    (Math.Ceiling(log accuracy / (2.0 * log (1.0 - mu))) - 1.0)
                    / Witness.bound "pl-gd-iterations" [| mu; 1.0; 1.0; accuracy |])
            Witness.tight
                "pl-sgd-decaying"
                "expected gap of stochastic gradient descent, by exact second moments"
                sgdDecaying
                sgdDecayingWorst
            Witness.tight
                "pl-sgd-constant"
                "expected gap of stochastic gradient descent, by exact second moments"
                sgdConstant
                sgdConstantWorst
            Witness.tight
                "pl-sgd-interpolation"
                "expected gap of stochastic gradient descent, by exact second moments"
                interpolationDrawn
                (fun () -> interpolation [| 2.0; 2.0 |] [| 1.0; -3.0 |] 4.0 7)
            Witness.tight
                "pl-coordinate-uniform"
                "expected gap of coordinate descent, all sequences enumerated"
                (coordinates uniform)
                uniformWorst
            Witness.tight
                "pl-coordinate-weighted"
                "expected gap of coordinate descent, all sequences enumerated"
                (coordinates weighted)
                weightedWorst
            Witness.tight "pl-coordinate-greedy" "gap of greedy coordinate descent" greedyDrawn (fun () ->
                greedy (Array.create 4 2.0) (Array.create 4 1.5) 1)
            Witness.tight "proximal-pl" "gap of proximal gradient descent" proximalDrawn proximalWorst
            Witness.tight
                "polyak-step"
                "squared distance of gradient descent with Polyak's step"
                polyakDrawn
                polyakWorst
        ]
