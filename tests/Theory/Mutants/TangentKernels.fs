namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.Integration
open Hindsight
open Hindsight.FSharp

/// Laws as functions of an implementation: true if it keeps the law.
[<RequireQualifiedAccess>]
module TangentKernelChecks =
    let activations =
        [
            DualActivation.ReLU
            DualActivation.LeakyReLU 0.2
            DualActivation.LeakyReLU -0.7
            DualActivation.SquaredReLU
            DualActivation.Erf
            DualActivation.Probit
            DualActivation.Gelu
            DualActivation.Sin
            DualActivation.Cos
            DualActivation.Exp
            DualActivation.Square
        ]

    let private piecewise activation =
        match activation with
        | DualActivation.ReLU
        | DualActivation.LeakyReLU _ -> ValueSome 1
        | DualActivation.SquaredReLU -> ValueSome 2
        | _ -> ValueNone

    /// E f(u) f(v) for homogeneous f of a degree, kinked at 0: the radius in closed form, the angle by Gauss-Legendre between the kinks.
    let private homogeneous (f: float -> float) degree (a: float) (b: float) (c: float) =
        let theta = acos (Math.Clamp(c / sqrt (a * b), -1.0, 1.0))

        let kinks =
            [|
                0.0
                Math.PI / 2.0
                3.0 * Math.PI / 2.0
                (theta + Math.PI / 2.0) % (2.0 * Math.PI)
                (theta + 3.0 * Math.PI / 2.0) % (2.0 * Math.PI)
                2.0 * Math.PI
            |]
            |> Array.sort

        // integral of r^(2 degree + 1) e^(-r^2/2)
        let radius = [| 1.0; 2.0; 8.0 |][degree]

        let angle =
            Array.pairwise kinks
            |> Array.sumBy (fun (low, high) ->
                GaussLegendreRule.Integrate(
                    (fun t -> f (sqrt a * cos t) * f (sqrt b * cos (t - theta))),
                    low,
                    high,
                    40
                ))

        radius * angle / (2.0 * Math.PI)

    /// The same for a smooth f: the trapezoidal rule over independent normals, exact to rounding at this step.
    let private smooth (f: float -> float) (a: float) (b: float) (c: float) =
        let h = 0.2
        let n = 55
        let p = sqrt a
        let q = c / p
        let r = sqrt (max 0.0 (b - q * q))
        let mutable sum = 0.0

        for i in -n .. n do
            let x = h * float i
            let fu = f (p * x)
            let wx = exp (-0.5 * x * x)

            for j in -n .. n do
                let y = h * float j
                sum <- sum + wx * exp (-0.5 * y * y) * fu * f (q * x + r * y)

        sum * h * h / (2.0 * Math.PI)

    let quadrature activation a b c : struct (float * float) =
        let value = DualActivation.value activation
        let slope = DualActivation.slope activation

        match piecewise activation with
        | ValueSome degree -> struct (homogeneous value degree a b c, homogeneous slope (degree - 1) a b c)
        | ValueNone -> struct (smooth value a b c, smooth slope a b c)

    /// Variances and a covariance inside the cone.
    let cone (random: Random) =
        let a = 0.1 + 1.4 * random.NextDouble()
        let b = 0.1 + 1.4 * random.NextDouble()
        struct (a, b, (1.9 * random.NextDouble() - 0.95) * sqrt (a * b))

    type Dual2 = DualActivation -> float -> float -> float -> struct (float * float)

    let evaluate: Dual2 = fun activation a b c -> DualActivation.evaluate activation a b c |> Require.ok

    let private near tolerance (expected: float) (actual: float) =
        abs (actual - expected) <= tolerance * (1e-3 + abs expected)

    /// k and k' are the integrals that they stand for.
    let integrals (dual: Dual2) =
        let random = Random 5

        activations
        |> List.forall (fun activation ->
            Seq.init 4 (fun _ -> cone random)
            |> Seq.forall (fun (struct (a, b, c)) ->
                let struct (k, d) = dual activation a b c
                let struct (kq, dq) = quadrature activation a b c
                // the quadrature's own rounding: 12,000 terms, and erfc in the base library good to 1e-11 or so
                near 1e-9 kq k && near 1e-9 dq d))

    /// Price's theorem, in 30 digits.
    let price (dual: Dual2) =
        let random = Random 6

        activations
        |> List.forall (fun activation ->
            Seq.init 50 (fun _ -> cone random)
            |> Seq.forall (fun (struct (a, b, c)) ->
                let struct (_, d) = dual activation a b c
                let constant x = Dual<DD>(DD x, DD 0.0)

                let jet = DualActivation.kernel activation (constant a) (constant b) (Dual<DD>(DD c, DD 1.0))

                near 1e-13 jet.D.Hi d))

    /// Full accuracy where two points are nearly the same or nearly opposite, against 30 digits.
    let nearlyParallel (dual: Dual2) =
        let close (exact: DD) (value: float) =
            abs (value - exact.Hi) <= 1e-14 * abs exact.Hi

        [
            DualActivation.ReLU
            DualActivation.SquaredReLU
            DualActivation.Erf
            DualActivation.Gelu
        ]
        |> List.forall (fun activation ->
            Seq.init 50 id
            |> Seq.forall (fun i ->
                let a = 1.3
                let gap = 2.0 ** -(float i)

                [ a * (1.0 - gap); -a * (1.0 - gap) ]
                |> List.forall (fun c ->
                    let struct (k, d) = dual activation a a c
                    // where both sides of GELU cancel, only k' is held to relative accuracy
                    let exact = DualActivation.kernel activation (DD a) (DD a) (DD c)
                    let slope = DualActivation.derivative activation (DD a) (DD a) (DD c)

                    if activation = DualActivation.Gelu && c < 0.0 then
                        abs (k - exact.Hi) <= 1e-15 * a && abs (d - slope.Hi) <= 1e-15
                    else
                        close exact k && close slope d)))

    type Layers = TangentKernelOptions -> float -> float -> float -> struct (float * float)

    /// A network with one hidden layer of n units in the tangent-kernel parameterisation: its tangent kernel averaged over units has the recursion's mean exactly. Six and a half standard errors: a false alarm in 1e10 comparisons.
    let finiteWidth (layers: Layers) =
        let random = Random 11

        [
            DualActivation.ReLU
            DualActivation.Erf
            DualActivation.Gelu
            DualActivation.SquaredReLU
        ]
        |> List.forall (fun activation ->
            let options =
                {
                    Activation = activation
                    Depth = 1
                    WeightScale = 1.2
                    BiasScale = 0.4
                    Input = KernelInput.PerDimension
                }

            let d = 3
            let x = Instances.vector random d
            let y = Instances.vector random d
            let n = 40000

            let covariance (p: float[]) (q: float[]) =
                1.44 * Instances.dot p q / float d + 0.16

            let samples =
                Array.init n (fun _ ->
                    let w = Instances.vector random d
                    let bias = Instances.normal random
                    let v = Instances.normal random

                    let at (p: float[]) =
                        1.2 * Instances.dot w p / sqrt (float d) + 0.4 * bias

                    let hx = at x
                    let hy = at y

                    let outer = 1.44 * DualActivation.value activation hx * DualActivation.value activation hy + 0.16

                    // weights and bias of the hidden layer: sigma_w^2 x'y/d + sigma_b^2
                    outer
                    + 1.44
                      * v
                      * v
                      * DualActivation.slope activation hx
                      * DualActivation.slope activation hy
                      * covariance x y)

            let mean = Array.average samples
            let variance = samples |> Array.averageBy (fun s -> (s - mean) * (s - mean))
            let struct (_, theta) = layers options (covariance x x) (covariance y y) (covariance x y)
            abs (mean - theta) <= 6.5 * sqrt (variance / float n))

    /// theory values of the normalised ReLU network at cosine 0.3.
    let golden (layers: Layers) =
        [
            1, 0.4827442838354876, 0.6618402890416911
            2, 0.5975484851804691, 1.0346012996128433
            3, 0.6758208545216648, 1.40403372656695
        ]
        |> List.forall (fun (depth, k, theta) ->
            let struct (covariance, tangent) = layers (TangentKernelOptions.NormalizedReLU depth) 1.0 1.0 0.3
            abs (covariance - k) <= 4e-15 && abs (tangent - theta) <= 4e-15)

    type Predict = float[,] -> float[,] -> float -> float -> float[] -> float[]

    /// Runge and Kutta's steps on df/dt = -eta K (f - y), f_* following with K_*: 400 steps leave an error of 1e-9 or so.
    let flow (predict: Predict) =
        let random = Random 12

        Seq.init 10 id
        |> Seq.forall (fun _ ->
            let points = Array.init 4 (fun _ -> Instances.vector random 5)
            let there = Array.init 2 (fun _ -> Instances.vector random 5)
            let k = Instances.gramOf points
            let cross = Array2D.init 2 4 (fun i j -> Instances.dot there[i] points[j])
            let labels = Instances.vector random 4
            let rate, time = 0.2, 1.5
            let steps = 400
            let h = time / float steps

            let slope (state: float[]) =
                Array.init 6 (fun i ->
                    let mutable s = 0.0

                    for j in 0..3 do
                        s <- s - rate * (if i < 4 then k[i, j] else cross[i - 4, j]) * (state[j] - labels[j])

                    s)

            let add (x: float[]) factor (d: float[]) =
                Array.map2 (fun a b -> a + factor * b) x d

            let mutable state = Array.zeroCreate<float> 6

            for _ in 1..steps do
                let k1 = slope state
                let k2 = slope (add state (h / 2.0) k1)
                let k3 = slope (add state (h / 2.0) k2)
                let k4 = slope (add state h k3)

                state <- Array.init 6 (fun i -> state[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))

            predict k cross rate time labels
            |> Seq.forall2 (fun expected actual -> abs (expected - actual) <= 1e-6) state[4..5])

    /// A running log determinant: each x, then the value so far.
    type Running = float -> int -> float[][] -> float[]

    /// The log determinant of a run is that of its Gram matrix, and grows.
    let incremental (running: Running) =
        Seq.init 30 id
        |> Seq.forall (fun seed ->
            let struct (d, all, _) = Instances.contexts seed
            let lambda = Instances.lambda seed
            let values = running lambda d all

            let batch = EffectiveDimension.logDet lambda (Instances.gramOf all) |> Require.ok

            abs (Array.last values - batch) <= 1e-11 * (1.0 + batch)
            && values |> Seq.pairwise |> Seq.forall (fun (before, after) -> after >= before))

    /// Effective dimension: between 0 and the rank, at most the log determinant, falling in lambda, and with it n less.
    let dimension (effective: float -> float[] -> float) =
        Seq.init 100 id
        |> Seq.forall (fun seed ->
            let values = EffectiveDimension.eigenvalues (Instances.gram seed) |> Require.ok
            let lambda = Instances.lambda seed
            let d = effective lambda values
            let logDet = EffectiveDimension.logDetOfEigenvalues lambda values |> Require.ok

            d >= 0.0
            && d <= float values.Length
            && d <= logDet * (1.0 + 1e-14)
            && effective (1.1 * lambda) values <= d
            // lambda d/dlambda of the log determinant is -d_eff
            && (let h = 1e-5

                let slope =
                    ((EffectiveDimension.logDetOfEigenvalues (lambda * exp h) values |> Require.ok)
                     - (EffectiveDimension.logDetOfEigenvalues (lambda * exp -h) values |> Require.ok))
                    / (2.0 * h)

                abs (slope + d) <= 1e-8 * (1.0 + d)))

    /// Greedy choices: each next point is the one that adds most, and the gains are those of the sets.
    let greedy (choose: int -> float -> float[,] -> GreedySelection) =
        Seq.init 30 id
        |> Seq.forall (fun seed ->
            let gram = Instances.gram seed
            let n = Array2D.length1 gram
            let lambda = Instances.lambda seed
            let chosen = choose n lambda gram

            let gain points =
                EffectiveDimension.informationGain lambda (Instances.submatrix gram points) |> Require.ok

            Array.sort chosen.Points = Array.init n id
            && Seq.init n id
               |> Seq.forall (fun m ->
                   let before = List.ofArray chosen.Points[.. m - 1]
                   let own = gain (chosen.Points[m] :: before)

                   abs (own - chosen.InformationGain[m]) <= 1e-10 * (1.0 + own)
                   && Seq.init n id
                      |> Seq.filter (fun i -> not (List.contains i before))
                      |> Seq.forall (fun i -> gain (i :: before) <= own + 1e-10 * (1.0 + own))))

/// Wrong tangent kernels and dimensions.
[<RequireQualifiedAccess>]
module TangentKernelMutants =
    let private dual
        name
        activation
        (wrong: float -> float -> float -> struct (float * float) -> struct (float * float))
        check
        =
        Mutant.make "tangent-kernels" name (fun () ->
            not (
                check (fun known a b c ->
                    let right = TangentKernelChecks.evaluate known a b c
                    if known = activation then wrong a b c right else right)
            ))

    let private angle a b c = acos (c / sqrt (a * b))

    /// A recursion over the library's duals, with hooks for what can be wrong in it.
    let private recursion
        (theta: TangentKernelOptions -> float -> struct (float * float) -> struct (float * float) -> float -> float)
        (first: float -> float)
        (options: TangentKernelOptions)
        (a: float)
        (b: float)
        (c: float)
        : struct (float * float) =
        let w = options.WeightScale * options.WeightScale
        let bias = options.BiasScale * options.BiasScale

        let dual a b c =
            TangentKernelChecks.evaluate options.Activation a b c

        let mutable a = a
        let mutable b = b
        let mutable c = c
        let mutable t = first c

        for _ in 1 .. options.Depth do
            let here = dual a b c
            let struct (k, _) = here
            let struct (ka, _) = dual a a a
            let struct (kb, _) = dual b b b
            a <- w * ka + bias
            b <- w * kb + bias
            c <- w * k + bias
            t <- theta options c here (dual a b c) t

        struct (c, t)

    let private slope (struct (_, d): struct (float * float)) = d

    let private layers name theta first check =
        Mutant.make "tangent-kernels" name (fun () -> not (check (recursion theta first)))

    let private w (o: TangentKernelOptions) = o.WeightScale * o.WeightScale

    let private either check1 check2 implementation =
        check1 implementation && check2 implementation

    let private both = either TangentKernelChecks.golden TangentKernelChecks.finiteWidth

    let private flow name (wrong: float[,] -> float[,] -> float -> float -> float[] -> KernelFlow -> float[]) =
        Mutant.make "tangent-kernels" name (fun () ->
            not (
                TangentKernelChecks.flow (fun k cross rate time labels ->
                    wrong k cross rate time labels (KernelFlow.create k |> Require.ok))
            ))

    let private zeros n = Array.zeroCreate<float> n

    let private running name (term: float -> float) =
        Mutant.make "effective-dimension" name (fun () ->
            not (
                TangentKernelChecks.incremental (fun lambda d all ->
                    let state = LogDetState(d, lambda)

                    all |> Array.map (fun x -> term (state.Add(ReadOnlySpan x))) |> Array.scan (+) 0.0 |> Array.tail)
            ))

    let all =
        [
            dual
                "ReLU's derivative kernel with theta for pi - theta"
                DualActivation.ReLU
                (fun a b c (struct (k, _)) -> struct (k, angle a b c / (2.0 * Math.PI)))
                TangentKernelChecks.price
            dual
                "erf with the scale of the normal distribution function"
                DualActivation.Erf
                (fun a b c (struct (_, d)) -> struct (2.0 / Math.PI * asin (c / sqrt ((1.0 + a) * (1.0 + b))), d))
                TangentKernelChecks.integrals
            dual
                "GELU's derivative kernel without the term of the determinant"
                DualActivation.Gelu
                (fun a b c (struct (k, d)) ->
                    let delta = (1.0 + a) * (1.0 + b) - c * c
                    struct (k, d - c / (2.0 * Math.PI * delta * sqrt delta)))
                TangentKernelChecks.price
            dual
                "the square of ReLU with twice ReLU's kernel for its derivative"
                DualActivation.SquaredReLU
                (fun _ _ _ (struct (k, d)) -> struct (k, d / 2.0))
                TangentKernelChecks.price
            dual
                "sin and cos not swapped in the derivative"
                DualActivation.Sin
                (fun _ _ _ (struct (k, _)) -> struct (k, k))
                TangentKernelChecks.price
            dual
                "leaky ReLU with 1 - s not squared"
                (DualActivation.LeakyReLU 0.2)
                (fun a b c _ ->
                    let struct (k, d) = TangentKernelChecks.evaluate DualActivation.ReLU a b c
                    struct (0.8 * k + 0.2 * c, 0.8 * d + 0.2))
                TangentKernelChecks.integrals
            dual
                "the sine of the angle as sqrt(1 - rho^2), rounded first"
                DualActivation.ReLU
                (fun a b c (struct (k, _)) ->
                    let rho = c / sqrt (a * b)
                    struct (k, (Math.PI - acos rho) / (2.0 * Math.PI)))
                TangentKernelChecks.nearlyParallel
            layers
                "the derivative kernel of the layer above"
                (fun o c _ above t -> c + w o * slope above * t)
                id
                TangentKernelChecks.golden
            layers
                "sigma_w^2 missing on the derivative kernel"
                (fun _ c here _ t -> c + slope here * t)
                id
                TangentKernelChecks.finiteWidth
            layers "the covariance of the layer above missing" (fun o _ here _ t -> w o * slope here * t) id both
            layers "the first layer not trained" (fun o c here _ t -> c + w o * slope here * t) (fun _ -> 0.0) both
            flow "kernel flow without time: the interpolant" (fun _ cross _ _ labels flow ->
                KernelFlow.predict cross (zeros 2) 1.0 1e6 (zeros 4) labels flow |> Require.ok)
            flow "kernel flow without the rate" (fun _ cross _ time labels flow ->
                KernelFlow.predict cross (zeros 2) 1.0 time (zeros 4) labels flow |> Require.ok)
            running "the log determinant from the width with the context included" (fun q -> log (1.0 + q / (1.0 + q)))
            running "half of the log determinant: the information gain under its name" (fun q -> 0.5 * log (1.0 + q))
            Mutant.make "effective-dimension" "the information gain in place of tr K(K + lambda I)^-1" (fun () ->
                not (
                    TangentKernelChecks.dimension (fun lambda values ->
                        0.5 * (EffectiveDimension.logDetOfEigenvalues lambda values |> Require.ok))
                ))
            Mutant.make "effective-dimension" "the rank in place of tr K(K + lambda I)^-1" (fun () ->
                not (
                    TangentKernelChecks.dimension (fun _ values ->
                        values |> Array.filter (fun v -> v > 0.0) |> Array.length |> float)
                ))
            Mutant.make "effective-dimension" "greedy by the variances before any choice" (fun () ->
                not (
                    TangentKernelChecks.greedy (fun count lambda gram ->
                        let order = Array.init count id |> Array.sortBy (fun i -> -gram[i, i])

                        {
                            Points = order
                            InformationGain =
                                Array.init count (fun m ->
                                    EffectiveDimension.informationGain
                                        lambda
                                        (Instances.submatrix gram (List.ofArray order[..m]))
                                    |> Require.ok)
                        })
                ))
            // ---- wrong inequalities, each refuted on an instance ----
            Mutant.make "log-det-ceiling" "the dimension squared in the share of an eigenvalue" (fun () ->
                let d, rounds = 3, 30

                let state = Instances.run 0.5 d (Array.init rounds (fun t -> Instances.axis d (t % d)))

                state.LogDet > float d * log (1.0 + float rounds / (0.5 * float (d * d))))
            Mutant.make "log-det-trace-floor" "the trace spread evenly: the ceiling for the floor" (fun () ->
                let values = [| 0.0; 6.0 |]
                (EffectiveDimension.logDetOfEigenvalues 1.0 values |> Require.ok) < 2.0 * log (1.0 + 3.0))
            Mutant.make "effective-dimension" "at most the information gain" (fun () ->
                let values = [| 0.1 |]

                (EffectiveDimension.ofEigenvalues 1.0 values |> Require.ok) >
                    0.5 * (EffectiveDimension.logDetOfEigenvalues 1.0 values |> Require.ok))
            Mutant.make "log-det-by-dimension" "the one beside the logarithm dropped" (fun () ->
                let values = [| 0.1 |]
                let d = EffectiveDimension.ofEigenvalues 1.0 values |> Require.ok
                (EffectiveDimension.logDetOfEigenvalues 1.0 values |> Require.ok) > d * log (1.0 + 0.1))
            Mutant.make "greedy-information-gain" "a greedy choice is the best one" (fun () ->
                Seq.init 200 id
                |> Seq.exists (fun seed ->
                    let gram = Instances.gram seed
                    let n = Array2D.length1 gram
                    let m = min 2 n
                    let lambda = Instances.lambda seed
                    let greedy = EffectiveDimension.greedy m lambda gram |> Require.ok

                    Instances.subsets n m 0
                    |> Seq.exists (fun points ->
                        (EffectiveDimension.informationGain lambda (Instances.submatrix gram points) |> Require.ok) >
                            1.0001 * Array.last greedy.InformationGain)))
            Mutant.make "kernel-flow" "the rate of the largest eigenvalue" (fun () ->
                let flow = KernelFlow.create (array2D [ [ 2.0; 1.0 ]; [ 1.0; 2.0 ] ]) |> Require.ok

                let residual = KernelFlow.residual 0.3 2.0 [| 0.0; 0.0 |] [| 1.0; -1.0 |] flow |> Require.ok

                Instances.length residual > exp (-0.3 * 2.0 * flow.Spectrum.Largest) * sqrt 2.0)
        ]
