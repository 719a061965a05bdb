namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Small networks whose Hessians are taken whole, signs that are enumerated.
[<RequireQualifiedAccess>]
module PerturbationWitnesses =
    let options dimension (hidden: int[]) activation seed =
        { NetworkOptions.For(dimension, hidden) with
            Activation = activation
            Parameterisation = Parameterisation.Theory
            Sigma = 1.0
            Seed = uint64 (seed: int)
            Lanes = Lanes.Portable
        }

    let derivatives (o: NetworkOptions) =
        PerturbedNetwork.Create(o, HalfSquared())
        |> Result.bind (fun n ->
            NetworkDerivatives.Of n |> Result.map (fun d -> struct (d, n.Initialisation |> Array.map float)))
        |> Require.ok

    let draw (random: Random) = 2.0 * random.NextDouble() - 1.0

    /// An input of length sqrt d.
    let input (random: Random) dimension =
        let x = Array.init dimension (fun _ -> draw random + 1e-3)
        let length = sqrt (x |> Array.sumBy (fun a -> a * a))
        x |> Array.map (fun a -> a / length * sqrt (float dimension))

    let norm (v: float[]) =
        sqrt (v |> Array.sumBy (fun a -> a * a))

    let hessian (d: NetworkDerivatives) theta x =
        let p = d.ParameterCount

        let columns =
            Array.init p (fun j -> d.HessianVector(theta, x, Array.init p (fun i -> if i = j then 1.0 else 0.0)))

        Array2D.init p p (fun i j -> 0.5 * (columns[i].[j] + columns[j].[i]))

    let eigenvalues (h: float[,]) =
        Matrix<float>.Build.DenseOfArray(h).Evd(Symmetricity.Symmetric).EigenValues
        |> Seq.map _.Real
        |> Seq.toArray

    let spectralNorm h =
        eigenvalues h |> Array.map abs |> Array.max

    /// The largest |second derivative| of a unit.
    let beta activation =
        match activation with
        | Activation.Tanh -> 4.0 / (3.0 * sqrt 3.0)
        | _ -> 0.25

    let private smooth seed =
        if seed % 2 = 0 then
            Activation.Tanh
        else
            Activation.Softplus

    /// A point within a distance of another.
    let private around (random: Random) radius (theta: float[]) =
        let v = theta |> Array.map (fun _ -> draw random)
        let length = radius * random.NextDouble() / norm v
        Array.map2 (fun a b -> a + length * b) theta v

    // ---- curvature ----

    let private slack seed =
        let random = Witness.random seed
        let m = 2 + random.Next 15
        let activation = smooth seed
        let struct (d, start) = derivatives (options 2 [| m |] activation seed)
        let x = input random 2
        let y = random.NextDouble()
        let radius = 0.1 + 3.0 * random.NextDouble()
        let a, b = around random radius start, around random radius start

        let at t =
            Array.map2 (fun p q -> p + t * (q - p)) a b

        let value theta = 0.5 * (d.Value(theta, x) - y) ** 2.0

        let struct (f, g) = d.Gradient(a, x)
        let step = Array.map2 (-) b a
        let distance = norm step

        let violation = value a + (f - y) * (Array.fold2 (fun s u v -> s + u * v) 0.0 g step) - value b

        // residuals between the sampled points of the segment: at most the gradient bound times half the spacing more
        let w = Matrix<float>.Build.Dense(m, 2, (fun i j -> start[j * m + i]))
        let sigma = w.L2Norm() / sqrt (float m)
        let slope = Witness.bound "shallow-gradient" [| sigma; radius; radius; float m |]

        let r =
            Seq.init 21 (fun i -> abs (d.Value(at (float i / 20.0), x) - y))
            |> Seq.max
            |> (+) (slope * distance / 40.0)

        let c = sqrt (float m) * Witness.bound "shallow-hessian" [| beta activation; radius; float m |]
        violation / Witness.bound "almost-convexity-slack" [| r; c; float m; distance |]

    /// f = H z^2/2 and the label r: from 0 to D the loss falls by r H D^2/2 less a fourth power, and its slope at 0 is 0.
    let private slackWorst () =
        let h, r, d = 0.5, 1.0, 0.5
        let value z = 0.5 * (0.5 * h * z * z - r) ** 2.0
        (value 0.0 - value d) / Witness.bound "almost-convexity-slack" [| r; h; 1.0; d |]

    let private growthSquare seed =
        let random = Witness.random seed
        let m = 2 + random.Next 4
        let o = options 2 [| m |] (smooth seed) seed
        let struct (d, start) = derivatives o
        let theta = around random 2.0 start
        let x = input random 2
        let y = random.NextDouble()
        let r = abs (d.Value(theta, x) - y)
        let c = sqrt (float m) * spectralNorm (hessian d theta x)
        let scale = sqrt ((1.0 + random.NextDouble()) * c * r + 0.01)

        let network =
            PerturbedNetwork.Create(
                { o with
                    Perturbation = PerturbationKind.Expected
                    PerturbationScale = scale
                },
                HalfSquared()
            )
            |> Require.ok

        let objective = PerturbedObjective.Of(network, [| x |], [| y |]) |> Require.ok
        let least = objective.Hessian theta |> eigenvalues |> Array.min
        Witness.bound "perturbed-growth-square" [| scale; c; r; float m |] / least

    /// f = -H z^2/2 at 0 with residual r, the expected loss's second difference.
    let private growthSquareWorst () =
        let h, r, a = 0.5, 0.8, 1.1

        let loss z =
            0.5 * (r - 0.5 * h * z * z) ** 2.0 + 0.5 * a * a * z * z

        let e = 1e-3
        let measured = (loss e - 2.0 * loss 0.0 + loss -e) / (e * e)
        Witness.bound "perturbed-growth-square" [| a; h; r; 1.0 |] / measured

    let private signVectors p =
        Array.init (1 <<< p) (fun code -> Array.init p (fun j -> if (code >>> j) &&& 1 = 1 then 1.0 else -1.0))

    let private sigmoid z = 1.0 / (1.0 + exp -z)

    /// The Hessian of the expected perturbed log loss of a network with four parameters, all 16 sign vectors.
    let private growthLog seed =
        let random = Witness.random seed
        let m = 2
        let struct (d, start) = derivatives (options 1 [| m |] (smooth seed) seed)
        let theta = around random 0.3 start
        let delta = Array.map2 (-) theta start
        let x = input random 1

        let y =
            if random.Next 3 = 0 then
                random.NextDouble()
            else
                float (random.Next 2)

        let struct (f, g) = d.Gradient(theta, x)
        let h = hessian d theta x
        let scale = 2.0 + 3.0 * random.NextDouble()
        let a = scale / Math.Pow(float m, 0.25)
        let all = signVectors 4

        let shifted e =
            f + a * Array.fold2 (fun s u v -> s + u * v) 0.0 delta e

        let expected =
            Array2D.init 4 4 (fun i j ->
                all
                |> Array.averageBy (fun e ->
                    let s = sigmoid (shifted e)
                    s * (1.0 - s) * (g[i] + a * e[i]) * (g[j] + a * e[j]) + (s - y) * h[i, j]))

        let largest = all |> Array.map (shifted >> abs) |> Array.max
        let c = sqrt (float m) * spectralNorm h
        let bound = Witness.bound "perturbed-growth-log" [| scale; c; largest; float m |]

        // where nothing is promised there is nothing to compare
        if bound <= 0.0 then
            0.0
        else
            bound / (expected |> eigenvalues |> Array.min)

    /// f = F - H z^2/2 at 0 and the label 0.
    let private growthLogWorst () =
        let f, h, a = 1.0, 0.1, 3.0
        let s = sigmoid f
        let measured = s * (1.0 - s) * a * a - s * h
        Witness.bound "perturbed-growth-log" [| a; h; f; 1.0 |] / measured

    // ---- how many signs ----

    /// P((1/S) sum X^2 < 1 - u), X = d'eps for d with n equal entries, |d| = 1, for S = 1, ..., count: exact.
    let missesOf n (u: float) count =
        // n X^2 = (2 B - n)^2 with B binomial: all of the parity of n, differences multiples of 4 for even and of 8 for odd n
        let unit = if n % 2 = 0 then 4 else 1

        let steps =
            Array.init (n + 1) (fun b ->
                let binomial = Seq.init b (fun i -> float (n - i) / float (i + 1)) |> Seq.fold (*) 1.0
                struct ((2 * b - n) * (2 * b - n) / unit, binomial / Math.Pow(2.0, float n)))
            |> Array.groupBy (fun (struct (v, _)) -> v)
            |> Array.map (fun (v, rows) -> struct (v, rows |> Array.sumBy (fun (struct (_, q)) -> q)))

        let limit = int (Math.Ceiling((1.0 - u) * float n * float count / float unit)) + 1
        let mutable current = Array.zeroCreate<float> limit
        current[0] <- 1.0

        Array.init count (fun i ->
            let next = Array.zeroCreate<float> limit
            let s = i + 1
            // sums that can still end below the level
            for v in 0 .. limit - 1 do
                if current[v] > 0.0 then
                    for struct (step, q) in steps do
                        if v + step < limit then
                            next[v + step] <- next[v + step] + q * current[v]

            current <- next
            let level = (1.0 - u) * float n * float s / float unit
            let below = Seq.init limit id |> Seq.takeWhile (fun v -> float v < level - 1e-9)
            below |> Seq.sumBy (fun v -> current[v]))

    let private countRatio n u delta =
        let bound = Witness.bound "perturbation-count" [| 1.0; u; delta |]
        let most = int (Math.Ceiling bound) + 5
        let misses = missesOf n u most
        // the last S that misses too often, and one more
        let needed = (misses |> Array.tryFindIndexBack (fun p -> p > delta) |> Option.defaultValue -1) + 2
        float needed / Math.Ceiling bound

    let private count seed =
        let random = Witness.random seed
        countRatio (1 + random.Next 4) (0.4 + 0.4 * random.NextDouble()) (Math.Exp(-6.0 * random.NextDouble() - 1.0))

    // ---- the ridge ----

    let private ridge seed =
        let random = Witness.random seed
        let p = 1 + random.Next 8
        let delta = Array.init p (fun _ -> draw random)
        let m = float (1 + random.Next 100)
        let scale = Math.Exp(2.0 * draw random)
        let rounds = 1 + random.Next 100
        let a = scale / sqrt (sqrt m)

        let expected =
            signVectors p
            |> Array.averageBy (fun e -> 0.5 * (a * Array.fold2 (fun s u v -> s + u * v) 0.0 delta e) ** 2.0)

        float rounds * expected
        / Witness.bound "interpolator-ridge" [| float rounds; scale; m; norm delta |]

    let private kernelRidge seed =
        let random = Witness.random seed
        let rounds = 1 + random.Next 5
        let p = rounds + 1 + random.Next 5
        let j = Matrix<float>.Build.Dense(rounds, p, (fun _ _ -> draw random))
        let k = j.TransposeAndMultiply j
        let e = Vector<float>.Build.Dense(rounds, (fun _ -> draw random))
        let delta = j.TransposeThisAndMultiply(k.Solve e)
        let m, scale = float (1 + random.Next 100), Math.Exp(draw random)
        let lambda = k.ToArray() |> eigenvalues |> Array.min
        let measured = float rounds * scale * scale * (delta * delta) / (2.0 * sqrt m)

        measured
        / Witness.bound "kernel-interpolator-ridge" [| float rounds; e.InfinityNorm(); scale; lambda; m |]

    /// One round: the nearest interpolator is at e/|g|.
    let private kernelRidgeWorst () =
        let g, e, scale, m = 2.0, 0.7, 0.3, 50.0
        let measured = scale * scale * (e / g) ** 2.0 / (2.0 * sqrt m)
        measured / Witness.bound "kernel-interpolator-ridge" [| 1.0; e; scale; g * g; m |]

    /// All labels enumerated; the learner sees the past.
    let private floor (learner: float[] -> int[] -> float) (q: float[]) =
        let n = q.Length

        let measured =
            Seq.init (1 <<< n) (fun code ->
                let y = Array.init n (fun t -> (code >>> t) &&& 1)

                let probability = Array.fold2 (fun s p label -> s * (if label = 1 then p else 1.0 - p)) 1.0 q y

                let loss = Seq.init n (fun t -> (float y[t] - learner q (Array.take t y)) ** 2.0) |> Seq.sum

                probability * loss)
            |> Seq.sum

        Witness.boundOf "noisy-label-floor" [| q |> Array.map (fun p -> p * (1.0 - p)) |] / measured

    let private floorDrawn seed =
        let random = Witness.random seed
        let q = Array.init (1 + random.Next 6) (fun _ -> random.NextDouble())
        let trust = random.NextDouble()

        floor
            (fun q past ->
                let mean = (0.5 + float (Array.sum past)) / (1.0 + float past.Length)
                trust * q[past.Length] + (1.0 - trust) * mean)
            q

    let private floorWorst () =
        floor (fun q past -> q[past.Length]) [| 0.3; 0.5; 0.9 |]

    // ---- wide networks ----

    /// A network, a point in the ball of equal radii of every layer, sigma_1 of its start, an input.
    let private inBall (hidden: int[]) activation seed =
        let random = Witness.random seed
        let m = hidden[0]
        let o = options 2 hidden activation seed
        let struct (d, start) = derivatives o
        let fans = Array.append [| 2 |] hidden
        let radius = 2.0 * random.NextDouble()
        let theta = Array.copy start
        let mutable offset = 0
        let mutable sigma = 0.0

        for l in 0 .. hidden.Length do
            let rows, columns = fans[l], (if l = hidden.Length then 1 else hidden[l])
            let v = Array.init (rows * columns) (fun _ -> draw random)
            let length = radius * random.NextDouble() / norm v

            for i in 0 .. v.Length - 1 do
                theta[offset + i] <- start[offset + i] + length * v[i]

            if l < hidden.Length then
                let at = offset
                let w = Matrix<float>.Build.Dense(rows, columns, (fun i j -> start[at + i * columns + j]))
                sigma <- max sigma (w.L2Norm() / sqrt (float m))

            offset <- offset + rows * columns

        struct (d, theta, radius, sigma, input random 2)

    let private gradientNorm (d: NetworkDerivatives) theta x =
        let struct (_, g) = d.Gradient(theta, x)
        norm g

    let private shallowGradient seed =
        let m = 1 + seed % 20
        let struct (d, theta, radius, sigma, x) = inBall [| m |] (smooth seed) seed
        // the start of the output layer has length 1 up to single precision
        gradientNorm d theta x
        / Witness.bound "shallow-gradient" [| sigma; radius; radius + 1e-6; float m |]

    /// ReLU units that are all active, and equal rows along the input: |W| is attained.
    let private shallowGradientWorst () =
        let m, sigma, rho = 5, 1.2, 0.7
        let struct (d, start) = derivatives (options 2 [| m |] Activation.ReLU 1)
        let x = [| 1.0; 1.0 |]

        let theta =
            start
            |> Array.mapi (fun i _ ->
                if i < 2 * m then
                    sigma * x[i / m] / sqrt 2.0
                else
                    (1.0 + rho) / sqrt (float m))

        gradientNorm d theta x / Witness.bound "shallow-gradient" [| sigma; 0.0; rho; float m |]

    let private shallowHessian seed =
        let m = 1 + seed % 10
        let activation = smooth seed
        let struct (d, theta, radius, _, x) = inBall [| m |] activation seed

        spectralNorm (hessian d theta x)
        / Witness.bound "shallow-hessian" [| beta activation; radius + 1e-6; float m |]

    /// All of a long output vector on one unit at its most curved point.
    let private shallowHessianWorst () =
        let m, rho = 4, 49.0
        let struct (d, start) = derivatives (options 1 [| m |] Activation.Softplus 1)
        let theta = start |> Array.mapi (fun i _ -> if i = m then 1.0 + rho else 0.0)

        spectralNorm (hessian d theta [| 1.0 |]) / Witness.bound "shallow-hessian" [| 0.25; rho; float m |]

    let private deep seed =
        let depth = 2 + seed % 2
        let m = 3 + seed % 4
        let activation = smooth seed
        let struct (d, theta, radius, sigma, x) = inBall (Array.create depth m) activation seed
        struct (depth, m, activation, d, theta, radius, sigma, x)

    let private deepGradient seed =
        let struct (depth, m, _, d, theta, radius, sigma, x) = deep seed

        gradientNorm d theta x
        / Witness.bound "deep-gradient" [| float depth; sigma; radius; radius + 1e-6; float m; 0.0 |]

    let private deepHessian seed =
        let struct (depth, m, activation, d, theta, radius, sigma, x) = deep seed

        spectralNorm (hessian d theta x)
        / Witness.bound "deep-hessian" [| float depth; sigma; radius; radius + 1e-6; beta activation; float m; 0.0 |]

    // ---- descent ----

    let private stableStep seed =
        let random = Witness.random seed
        let p, s = 1 + random.Next 20, 1 + random.Next 6
        let signs = Array.init s (fun _ -> Array.init p (fun _ -> float (sign (draw random + 1e-12))))
        let g = Array.init p (fun _ -> draw random)
        let m, scale = float (1 + random.Next 100), Math.Exp(2.0 * draw random)
        let measured = Perturbation.stableStep g (scale / sqrt (sqrt m)) signs |> Require.ok
        let lambda = (Perturbation.concentration signs [| g |] |> Require.ok).LargestEigenvalue
        Witness.bound "perturbed-stable-step" [| norm g; scale; m; lambda |] / measured

    /// One sign vector, the gradient along it.
    let private stableStepWorst () =
        let e = [| 1.0; -1.0; 1.0; 1.0 |]
        let g = e |> Array.map (fun a -> 0.3 * a)
        let measured = Perturbation.stableStep g (0.5 / sqrt (sqrt 9.0)) [| e |] |> Require.ok
        Witness.bound "perturbed-stable-step" [| norm g; 0.5; 9.0; 4.0 |] / measured

    /// A linear prediction theta'x, its expected perturbed loss half the square loss and a ridge mu, step 1/(mu t); the comparator u.
    let private linearRun mu (xs: float[][]) (ys: float[]) (u: float[]) =
        let dot (a: float[]) b =
            Array.fold2 (fun s p q -> s + p * q) 0.0 a b

        let theta = Array.zeroCreate<float> u.Length
        let mutable regret = 0.0
        let mutable g = 0.0

        for t in 0 .. xs.Length - 1 do
            let residual = dot theta xs[t] - ys[t]
            let gradient = Array.map2 (fun a p -> residual * a + mu * p) xs[t] theta
            g <- max g (norm gradient)
            regret <- regret + 0.5 * residual * residual - 0.5 * (dot u xs[t] - ys[t]) ** 2.0

            for i in 0 .. theta.Length - 1 do
                theta[i] <- theta[i] - gradient[i] / (mu * float (t + 1))

        // c_p = 1 and m = 1/mu^2
        regret
        / Witness.bound "expected-perturbation-regret" [| g; 1.0; 0.0; 0.0; 1.0 / (mu * mu); float xs.Length; norm u |]

    let private expectedRegret seed =
        let random = Witness.random seed
        let horizon = 1 + random.Next 100
        let truth = Array.init 2 (fun _ -> draw random)
        let xs = Array.init horizon (fun _ -> Array.init 2 (fun _ -> draw random))

        let ys =
            xs
            |> Array.map (fun x -> x[0] * truth[0] + x[1] * truth[1] + 0.3 * random.NextDouble() * draw random)

        linearRun (Math.Exp(-3.0 * random.NextDouble())) xs ys truth

    let private expectedRegretWorst () =
        linearRun 1.0 [| [| 0.1 |] |] [| 1.0 |] [| 0.1 |]

    // ---- bandits ----

    /// Arms with features in [1/2, 1], mean cost theta x (square) or sigmoid of theta x (log), costs without noise; the regression is one parameter by projected gradient descent.
    let private bandit log seed =
        let random = Witness.random seed
        let k = 2 + random.Next 4
        let horizon = 200
        let low, high = if log then -3.0, 1.0 else 0.0, 1.0
        let truth = low + (high - low) * random.NextDouble()

        let mean theta x =
            if log then sigmoid (theta * x) else theta * x

        let mu = if log then 0.25 * sigmoid 3.0 * sigmoid -3.0 else 0.25
        let mutable theta = low + (high - low) * random.NextDouble()
        let mutable regret = 0.0
        let mutable best = 0.0

        let network = 16.0 / mu * 0.25 * (1.0 + Math.Log(float horizon)) |> fun r -> if log then r else 2.0 * r

        let features = Array.init horizon (fun _ -> Array.init k (fun _ -> 0.5 + 0.5 * random.NextDouble()))

        let gamma =
            if log then
                10.0 * float k
            else
                2.0 * sqrt (2.0 * float (k - 1) * float horizon / network)

        for t in 0 .. horizon - 1 do
            let x = features[t]
            let y = x |> Array.map (mean theta)
            let p = Array.zeroCreate<float> k

            if log then
                Igw.reweighted (ReadOnlySpan y) gamma (Span p)
            else
                Igw.fixedMu (ReadOnlySpan y) gamma (Span p)

            let f = x |> Array.map (mean truth)
            regret <- regret + Array.fold2 (fun s q c -> s + q * c) 0.0 p f - Array.min f
            best <- best + Array.min f
            let u = random.NextDouble()
            let arm = Array.scan (+) 0.0 p |> Array.findIndexBack (fun s -> s <= u) |> min (k - 1)
            // the slope of both losses in the score is prediction less cost
            let slope = (y[arm] - f[arm]) * x[arm]
            theta <- Math.Clamp(theta - 4.0 / (mu * float (t + 1)) * slope, low, high)

        let common = [| 1.0; mu; 0.0; 0.0; 0.0; gamma |]
        let head = [| float k; float horizon |]

        if log then
            regret / Witness.bound "neufastcb" (Array.concat [ head; [| best |]; common ])
        else
            regret / Witness.bound "neusquarecb" (Array.append head common)

    let all =
        [
            Witness.tight "almost-convexity-slack" "how far a network's loss falls below its tangent" slack slackWorst
            Witness.tight
                "perturbed-growth-square"
                "least eigenvalue of the expected loss's Hessian"
                growthSquare
                growthSquareWorst
            Witness.tight
                "perturbed-growth-log"
                "least eigenvalue of the expected loss's Hessian, all signs enumerated"
                growthLog
                growthLogWorst
            Witness.loose
                "the fourth moment alone is used: at u = 1/2 a normal direction has an exponent of 0.097 where the bound has 0.051, and a union over points is never met with equality"
                "perturbation-count"
                "sign vectors that are needed at one point, by its exact distribution"
                count
                (fun () -> countRatio 16 0.3 1e-6)
            Witness.exact 1e-12 "interpolator-ridge" "expected loss of an interpolator, all signs enumerated" ridge
            Witness.tight
                "kernel-interpolator-ridge"
                "expected perturbed loss of the nearest interpolator"
                kernelRidge
                kernelRidgeWorst
            Witness.tight "noisy-label-floor" "expected loss, all labels enumerated" floorDrawn floorWorst
            Witness.tight "shallow-gradient" "norm of a network's gradient" shallowGradient shallowGradientWorst
            Witness.tight "shallow-hessian" "norm of a network's Hessian" shallowHessian shallowHessianWorst
            Witness.loose
                "every layer is charged its largest norm"
                "deep-gradient"
                "norm of a network's gradient"
                deepGradient
                (Witness.search 200 deepGradient)
            Witness.loose
                "a product of worst cases over layers"
                "deep-hessian"
                "norm of a network's Hessian"
                deepHessian
                (Witness.search 200 deepHessian)
            Witness.tight "perturbed-stable-step" "the largest stable step" stableStep stableStepWorst
            Witness.tight
                "expected-perturbation-regret"
                "regret of projected gradient descent on the expected loss"
                expectedRegret
                expectedRegretWorst
            Witness.loose
                "a worst case of the regression under a worst case of the reduction, which no run meets together"
                "neusquarecb"
                "expected regret of a run of 200 rounds"
                (bandit false)
                (Witness.search 50 (bandit false))
            Witness.loose
                "a worst case of the regression under a worst case of the reduction, which no run meets together"
                "neufastcb"
                "expected regret of a run of 200 rounds"
                (bandit true)
                (Witness.search 50 (bandit true))
        ]
