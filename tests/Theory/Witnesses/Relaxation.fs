namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Successive over-relaxation on matrices that are consistently ordered, and its tuning.
[<RequireQualifiedAccess>]
module RelaxationWitnesses =
    /// D^1/2 (I - B) D^1/2 with B tridiagonal, zero on the diagonal, of spectral radius beta.
    let tridiagonal (random: Random) n beta =
        let off = Array.init (n - 1) (fun _ -> 0.2 + random.NextDouble())
        let b = Matrix<float>.Build.Dense(n, n, fun i j -> if abs (i - j) = 1 then off[min i j] else 0.0)
        let radius = (b.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Magnitude |> Seq.max
        let roots = Array.init n (fun _ -> sqrt (0.5 + 2.0 * random.NextDouble()))

        let a =
            Matrix<float>
                .Build.Dense(
                    n,
                    n,
                    fun i j -> roots[i] * roots[j] * ((if i = j then 1.0 else 0.0) - beta / radius * b[i, j])
                )

        SparseSymmetric.ofDense n (ReadOnlySpan(a.ToRowMajorArray())) |> Require.ok

    let dense (matrix: SparseSymmetric) =
        Matrix<float>.Build.DenseOfRowMajor(matrix.Order, matrix.Order, matrix.ToDense 0.0)

    let private instance seed =
        let random = Witness.random seed
        let beta = 0.3 + 0.65 * random.NextDouble()
        struct (random, beta, tridiagonal random (3 + random.Next 6) beta)

    let private radius seed =
        let struct (random, beta, matrix) = instance seed
        let best = 2.0 / (1.0 + sqrt (1.0 - beta * beta))

        // near the best omega two eigenvalues meet, and a solver halves their digits
        let omega =
            if random.Next 2 = 0 then
                0.2 + (best - 0.25) * random.NextDouble()
            else
                best + 0.05 + (1.9 - best) * random.NextDouble()
            |> min 1.95

        (Sor.spectralRadius omega 0.0 matrix |> Require.ok) / Witness.bound "sor-radius" [| omega; beta |]

    /// The radius for [[1, -b], [-b, 1]] from its own characteristic polynomial, x^2 - (2 - 2 omega + omega^2 b^2) x + (1 - omega)^2.
    let private twoByTwo b omega =
        let trace = 2.0 - 2.0 * omega + omega * omega * b * b
        let det = (1.0 - omega) * (1.0 - omega)
        let discriminant = trace * trace / 4.0 - det

        if discriminant >= 0.0 then
            abs (trace / 2.0) + sqrt discriminant
        else
            sqrt det

    let private bestOmega seed =
        let b = 0.1 + 0.89 * (Witness.random seed).NextDouble()
        let mutable low = 1.0
        let mutable high = 2.0
        let golden = (sqrt 5.0 - 1.0) / 2.0

        while high - low > 1e-13 do
            let c = high - golden * (high - low)
            let d = low + golden * (high - low)

            if twoByTwo b c < twoByTwo b d then high <- d else low <- c

        (low + high) / 2.0 / Witness.bound "sor-best-omega" [| b |]

    /// A run: iterations, and tau at the step before the last.
    let run omega epsilon (rhs: float[]) (matrix: SparseSymmetric) radius =
        let state = Sor.start 0.0 (ReadOnlySpan rhs) matrix |> Require.ok
        let iterations = Sor.solve omega epsilon 100000 state |> Require.ok

        let tau =
            if iterations = 1 then
                nan
            else
                let k = iterations - 1
                let norm = Sor.powerNorm omega 0.0 k matrix |> Require.ok
                (Math.Pow(norm, 1.0 / float k) - radius) / (1.0 - radius)

        struct (iterations, tau)

    let private iterations seed =
        let struct (random, beta, matrix) = instance seed
        let omega = 0.3 + 1.5 * random.NextDouble()
        let epsilon = Math.Exp(-20.0 * random.NextDouble() - 3.0)
        let rhs = Array.init matrix.Order (fun _ -> random.NextDouble() - 0.5)
        let radius = (RelaxationBounds.radius omega beta |> Require.ok).Value
        let struct (count, tau) = run omega epsilon rhs matrix radius

        // a run that ends before its asymptotic rate shows is outside the lemma
        if tau > 0.0 && tau < 1.0 then
            float count / Witness.bound "sor-iterations" [| omega; beta; tau; epsilon |]
        else
            0.0

    /// The right-hand side that the k-th power of the defect matrix shrinks least, and epsilon where that leaves it.
    let private iterationsWorst () =
        let random = Witness.random 3
        let beta, omega, k = 0.9, 1.2, 30
        let matrix = tridiagonal random 6 beta
        let c = Matrix<float>.Build.DenseOfRowMajor(6, 6, Sor.defect omega 0.0 matrix |> Require.ok)
        let power = c.Power k
        let svd = power.Svd true
        let rhs = svd.VT.Row(0).ToArray()
        let norm = svd.S[0]
        let radius = (RelaxationBounds.radius omega beta |> Require.ok).Value
        let tau = (RelaxationBounds.tau norm k radius |> Require.ok).Value
        // the residual after k steps is not yet below epsilon
        let epsilon = norm * (1.0 - 1e-9)
        let state = Sor.start 0.0 (ReadOnlySpan rhs) matrix |> Require.ok
        let count = Sor.solve omega epsilon 10000 state |> Require.ok

        float count / Witness.bound "sor-iterations" [| omega; beta; tau; epsilon |]

    /// The surrogate by its own few lines: games ask for it many thousand times.
    let private surrogate omega beta tau epsilon =
        let best = 2.0 / (1.0 + sqrt (1.0 - beta * beta))

        let rho =
            if omega < best then
                (omega * beta + sqrt (max 0.0 (omega * omega * beta * beta - 4.0 * (omega - 1.0)))) ** 2.0 / 4.0
            else
                omega - 1.0

        1.0 + log epsilon / log (tau + (1.0 - tau) * rho)

    let private parameters seed =
        let random = Witness.random seed
        let beta = 0.999 * random.NextDouble()
        let tau = 0.001 + 0.99 * random.NextDouble()
        let epsilon = Math.Exp(-25.0 * random.NextDouble() - 0.1)
        let best = 2.0 / (1.0 + sqrt (1.0 - beta * beta))
        let omegaMax = best + (1.99 - best) * random.NextDouble()
        struct (random, beta, tau, epsilon, best, max best omegaMax)

    let private ceiling seed =
        let struct (random, beta, tau, epsilon, _, omegaMax) = parameters seed

        surrogate (1.0 + (omegaMax - 1.0) * random.NextDouble()) beta tau epsilon
        / Witness.bound "sor-iterations-ceiling" [| omegaMax; beta; tau; epsilon |]

    /// At omega = 1, Gauss-Seidel, the radius is beta^2.
    let private ceilingWorst () =
        surrogate 1.0 0.99 0.1 1e-6 / Witness.bound "sor-iterations-ceiling" [| 1.8; 0.99; 0.1; 1e-6 |]

    /// The surrogate's derivative by the calculator's own dual numbers.
    let private derivative omega beta tau epsilon =
        let all =
            RelaxationBounds.iterationsCalculator
            |> BoundCalculator.sensitivity [| [| omega |]; [| beta |]; [| tau |]; [| epsilon |] |]
            |> Require.ok

        (Array.head all).Derivative[0]

    let private slope seed =
        let struct (random, beta, tau, epsilon, best, omegaMax) = parameters seed

        if tau < exp -2.0 && beta * beta < 4.0 * exp -2.0 * (1.0 - exp -2.0) then
            0.0
        else
            let omega = best + (omegaMax - best) * (0.001 + 0.999 * random.NextDouble())

            abs (derivative omega beta tau epsilon)
            / Witness.bound "sor-slope" [| omegaMax; beta; tau; epsilon |]

    let private slopeWorst () =
        abs (derivative 1.9 0.9 0.2 1e-6) / Witness.bound "sor-slope" [| 1.9; 0.9; 0.2; 1e-6 |]

    let private tau seed =
        let struct (random, beta, matrix) = instance seed
        let omega = 0.5 + random.NextDouble()
        let radius = (RelaxationBounds.radius omega beta |> Require.ok).Value
        // a power that is not yet lost in the rounding of the matrix
        let k = 1 + random.Next(min 30 (1 + int (log 1e-6 / log radius)))
        let norm = Sor.powerNorm omega 0.0 k matrix |> Require.ok
        let tau = Witness.bound "sor-tau" [| norm; float k; radius |]
        Math.Pow(radius + tau * (1.0 - radius), float k) / norm

    /// Systems as surrogates: costs may be as large as U, and here they are.
    let private surrogates (random: Random) count omegaMax =
        Array.init count (fun _ ->
            let best = 1.0 + (omegaMax - 1.0) * random.NextDouble()
            let half = 2.0 / best - 1.0
            struct (sqrt (1.0 - half * half), 0.14 + 0.5 * random.NextDouble()))

    let private alphaOf omegaMax (struct (beta, tau)) =
        tau + (1.0 - tau) * max (beta * beta) (omegaMax - 1.0)

    /// Expected excess over the best single omega, all draws enumerated, on a grid of the size that the systems' alphas ask for. Costs are whole: the surrogate rounded down.
    let private enumerated (random: Random) eta (gridOf: float[] -> int) horizon =
        let omegaMax = 1.7 + 0.25 * random.NextDouble()
        let epsilon = Math.Exp(-10.0 * random.NextDouble() - 1.0)
        let systems = surrogates random horizon omegaMax
        let alphas = systems |> Array.map (alphaOf omegaMax)
        let grid = gridOf alphas
        let ceiling = log epsilon / log (Array.max alphas)
        let start = Relaxation.start eta ceiling omegaMax grid |> Require.ok

        let cost round omega =
            let struct (beta, tau) = systems[round]
            surrogate omega beta tau epsilon

        let rec expected round (state: RelaxationState) =
            if round = horizon then
                0.0
            else
                let p = state.Bandit.Distribution.ToArray()
                let omegas = state.Grid.ToArray()

                Seq.init grid (fun i ->
                    let count = int (Math.Floor(cost round omegas[i]))
                    let after = state.Copy() |> Relaxation.step i count |> Require.ok
                    p[i] * (float count + expected (round + 1) after))
                |> Seq.sum

        let best =
            Seq.init 200 (fun i -> 1.0 + (omegaMax - 1.0) * float i / 199.0)
            |> Seq.map (fun omega -> Seq.init horizon (fun t -> cost t omega) |> Seq.sum)
            |> Seq.min

        struct (expected 0 start - best, ceiling, epsilon, alphas)

    let private regret seed =
        let random = Witness.random seed
        let grid = 2 + random.Next 2
        let horizon = 1 + random.Next 4
        let eta = Math.Exp(3.0 * random.NextDouble() - 1.0)
        let struct (excess, ceiling, epsilon, alphas) = enumerated random eta (fun _ -> grid) horizon

        excess
        / Witness.boundOf
            "relaxation-regret"
            [|
                [| float horizon |]
                [| float grid |]
                [| ceiling |]
                [| eta |]
                [| epsilon |]
                alphas
            |]

    let private tuned seed =
        let random = Witness.random seed
        // up to 20^3 draws
        let horizon = 1 + random.Next 3

        let grid alphas =
            RelaxationBounds.gridSize (float horizon) alphas |> Require.ok

        let struct (excess, _, epsilon, alphas) = enumerated random (sqrt (8.0 / float horizon)) grid horizon
        excess / Witness.boundOf "relaxation-tuned" [| [| float horizon |]; [| epsilon |]; alphas |]

    let private shiftSlope seed =
        let struct (random, _, matrix) = instance seed
        let lowest = 0.2 * random.NextDouble()

        let best c =
            let beta = SparseSymmetric.jacobiRadius c matrix |> Require.ok
            2.0 / (1.0 + sqrt (1.0 - beta * beta))

        let c = lowest + random.NextDouble()
        let h = 1e-4
        let beta = SparseSymmetric.jacobiRadius lowest matrix |> Require.ok
        let diagonal = Seq.init matrix.Order (fun i -> matrix[i, i]) |> Seq.min

        abs (best (c + h) - best c) / h / Witness.bound "omega-shift-slope" [| beta; diagonal + lowest |]

    /// A run of a bandit in each bin of shifts of [[1, -b], [-b, 1]], costs the surrogates, against each shift's best omega.
    let private shifts seed =
        let random = Witness.random seed
        let b = 0.5 + 0.4 * random.NextDouble()
        let tau = 0.2
        let epsilon = 1e-4
        let omegaMax = 1.9
        let horizon, length, bins, grid = 300, 1.0, 4, 5
        let alpha = alphaOf omegaMax (struct (b, tau))
        let ceiling = log epsilon / log alpha
        let eta = sqrt (8.0 * float bins / float horizon)
        let states = Array.init bins (fun _ -> Relaxation.start eta ceiling omegaMax grid |> Require.ok)
        let mutable excess = 0.0

        for t in 1..horizon do
            let c = length * random.NextDouble()
            let beta = b / (1.0 + c)
            let state = states[min (bins - 1) (int (c / length * float bins))]
            let index = Relaxation.choose (uint64 (seed + t)) state
            let cost = surrogate state.Grid[index] beta tau epsilon
            Relaxation.step index (int cost) state |> Require.ok |> ignore<RelaxationState>

            excess <- excess + cost - surrogate (2.0 / (1.0 + sqrt (1.0 - beta * beta))) beta tau epsilon

        let slope = (RelaxationBounds.shiftSlope b 1.0 |> Require.ok).Value

        excess / Witness.bound "relaxation-shifts" [| float horizon; length; slope; epsilon; alpha |]

    /// Largest miss of the interpolant through Chebyshev nodes, over the interval.
    let private interpolation seed =
        let random = Witness.random seed
        let m = 1 + random.Next 20
        let low = random.NextDouble()
        let length = 0.1 + 3.0 * random.NextDouble()
        let centres = Array.init (1 + random.Next 5) (fun _ -> low + length * random.NextDouble())
        let signs = centres |> Array.map (fun _ -> if random.Next 2 = 0 then 1.0 else -1.0)

        let f x =
            Array.fold2 (fun s c g -> s + g * abs (x - c)) 0.0 centres signs

        let lipschitz = float centres.Length
        let nodes = Array.init (m + 1) (fun i -> cos (Math.PI * (float i + 0.5) / float (m + 1)))
        let at t = low + length * (t + 1.0) / 2.0
        let values = nodes |> Array.map (at >> f)

        let coefficients =
            Array.init (m + 1) (fun j ->
                let sum =
                    Seq.init (m + 1) (fun i -> values[i] * cos (float j * Math.PI * (float i + 0.5) / float (m + 1)))
                    |> Seq.sum

                (if j = 0 then 1.0 else 2.0) / float (m + 1) * sum)

        let miss =
            Seq.init 500 (fun i ->
                let t = -1.0 + 2.0 * float i / 499.0
                let p = coefficients |> Seq.mapi (fun j c -> c * cos (float j * acos t)) |> Seq.sum
                abs (p - f (at t)))
            |> Seq.max

        miss / Witness.bound "chebyshev-interpolation" [| float m; length; lipschitz |]

    /// Any positive definite matrix, and its parts.
    let private anyMatrix (random: Random) =
        let n = 2 + random.Next 5
        let g = Matrix<float>.Build.Dense(n, n, fun _ _ -> random.NextDouble() - 0.5)
        let a = g * g.Transpose() + Matrix<float>.Build.DenseIdentity n * (0.05 + random.NextDouble())
        // unit diagonal, so that D = I and the parts are easy to name
        let roots = a.Diagonal().ToArray() |> Array.map sqrt

        a.MapIndexed(fun i j v ->
            if i = j then 1.0
            elif i > j then v / (roots[i] * roots[j])
            else a[j, i] / (roots[i] * roots[j]))

    let private spectral (m: Matrix<float>) =
        (m.Evd Symmetricity.Asymmetric).EigenValues |> Seq.map _.Magnitude |> Seq.max

    let private energy seed =
        let random = Witness.random seed

        let a =
            if seed % 2 = 0 then
                anyMatrix random
            else
                dense (tridiagonal random 2 (0.99 * random.NextDouble()))

        let d = a.Diagonal().ToArray()

        let a = a.MapIndexed(fun i j v -> if i = j then 1.0 else v / (sqrt d[i] * sqrt d[j]))

        let lower = a.StrictlyLowerTriangle()
        let off = lower + lower.Transpose()
        let gap = 1.0 - spectral off
        let triangle = spectral (lower * lower.Transpose())
        let omega = 0.05 + 1.9 * random.NextDouble()
        let o = 1.0 / omega - 0.5

        // outside the bound's conditions
        if gap <= 1e-6 || o * o + triangle < 0.25 then
            0.0
        else
            let w = lower + Matrix<float>.Build.DenseIdentity a.RowCount / omega
            let error = Matrix<float>.Build.DenseIdentity a.RowCount - w.Inverse() * a
            // |A^1/2 M A^-1/2| through the Cholesky factor: A = F F', norm of F' M F'^-1
            let f = a.Cholesky().Factor.Transpose()
            let norm = (f * error * f.Inverse()).L2Norm()
            norm / Witness.bound "sor-energy" [| omega; gap; triangle |]

    /// Preconditioned conjugate gradients with symmetric SOR: iterations.
    let private conjugate seed =
        let random = Witness.random seed

        let a =
            if seed % 2 = 0 then
                anyMatrix random
            else
                dense (tridiagonal random (3 + random.Next 20) (0.8 + 0.199 * random.NextDouble()))

        let n = a.RowCount
        let d = Matrix<float>.Build.DenseOfDiagonalArray(a.Diagonal().ToArray())
        let lower = a.StrictlyLowerTriangle()
        let omega = 0.2 + 1.6 * random.NextDouble()
        let epsilon = Math.Exp(-10.0 * random.NextDouble() - 2.0)
        let w = d / omega + lower
        let m = w * (d / omega).Inverse() * w.Transpose() / (2.0 - omega)
        let inverse = m.Inverse()
        let b = Vector<float>.Build.Dense(n, fun _ -> random.NextDouble() - 0.5)
        let mutable x = Vector<float>.Build.Dense n
        let mutable r = b
        let mutable z = inverse * r
        let mutable p = z
        let mutable rz = r * z
        let mutable count = 0

        while r.L2Norm() > epsilon * b.L2Norm() && count < 1000 do
            let ap = a * p
            let step = rz / (p * ap)
            x <- x + p * step
            r <- r - ap * step
            z <- inverse * r
            let next = r * z
            p <- z + p * (next / rz)
            rz <- next
            count <- count + 1

        // largest eigenvalue of X A^-1 for symmetric X: of F^-1 X F^-T, A = F F'
        let f = a.Cholesky().Factor.Inverse()

        let largest (s: Matrix<float>) =
            let c = f * s * f.Transpose()
            ((c + c.Transpose()) / 2.0).Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.max

        let values = (a.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.toArray
        let condition = Array.max values / Array.min values
        let triangle = largest (lower * d.Inverse() * lower.Transpose() - d / 4.0)

        match RelaxationBounds.conjugateGradientIterations omega (largest d) triangle condition epsilon with
        | Ok bound -> float count / bound.Value
        // c = 1: the preconditioner is the matrix
        | Error _ -> 0.0

    let private search count ratio = Witness.search count ratio

    let all =
        [
            Witness.exact 1e-9 "sor-radius" "spectral radius from eigenvalues" radius
            Witness.exact
                1e-9
                "sor-best-omega"
                "the omega found by golden section on a characteristic polynomial"
                bestOmega
            Witness.tight "sor-iterations" "iterations of a run" iterations iterationsWorst
            Witness.tight "sor-iterations-ceiling" "the surrogate on the interval" ceiling ceilingWorst
            Witness.tight "sor-slope" "slope of the surrogate" slope slopeWorst
            Witness.exact 1e-9 "sor-tau" "the run's own rate" tau
            Witness.loose
                "games that can be enumerated are too short for the penalty"
                "relaxation-regret"
                "expected excess iterations, all draws enumerated"
                regret
                (search 100 regret)
            Witness.loose
                "as the bound that it optimises, and rounding the grid's size costs most for few systems"
                "relaxation-tuned"
                "expected excess iterations, all draws enumerated"
                tuned
                (search 100 tuned)
            Witness.loose
                "the published constant allows for diagonals of any shape"
                "omega-shift-slope"
                "finite difference of the best omega in the shift"
                shiftSlope
                (search 200 shiftSlope)
            Witness.loose
                "published constants; far above any run"
                "relaxation-shifts"
                "excess iterations of a run over the best omega of each shift"
                shifts
                (search 20 shifts)
            Witness.loose
                "Jackson's and Lebesgue's constants belong to different functions"
                "chebyshev-interpolation"
                "largest miss on a grid of 500 points"
                interpolation
                (search 200 interpolation)
            Witness.tight "sor-energy" "norm of the error matrix in the norm of A" energy (search 400 energy)
            Witness.loose
                "eigenvalues of real matrices are spread less badly than Chebyshev's bound allows"
                "ssor-cg-iterations"
                "iterations of preconditioned conjugate gradients"
                conjugate
                (search 200 conjugate)
        ]
