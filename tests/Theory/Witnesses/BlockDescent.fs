namespace Hindsight.Tests.Theory

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// Block coordinate descent on quadratics and on logistic losses.
[<RequireQualifiedAccess>]
module BlockDescentWitnesses =
    /// A positive definite matrix with eigenvalues spread over a few decades.
    let definite (random: Random) n =
        let g = Matrix<float>.Build.Dense(n, n, fun _ _ -> random.NextDouble() - 0.5)
        let scales = Array.init n (fun _ -> Math.Exp(2.0 * random.NextDouble() - 1.0))
        let a = g * g.Transpose() + Matrix<float>.Build.DenseIdentity n * (0.02 + 0.3 * random.NextDouble())
        let scaled = a.MapIndexed(fun i j v -> v * scales[i] * scales[j])
        // exactly symmetric
        Matrix<float>.Build.Dense(n, n, fun i j -> if i >= j then scaled[i, j] else scaled[j, i])

    let partition (random: Random) n =
        let count = 1 + random.Next n
        let labels = Array.init n (fun i -> if i < count then i else random.Next count)
        Array.init count (fun b -> [| 0 .. n - 1 |] |> Array.filter (fun i -> labels[i] = b))

    let state (h: Matrix<float>) (c: float[]) blocks =
        BlockDescent.start (ReadOnlySpan(h.ToRowMajorArray())) (ReadOnlySpan c) blocks |> Require.ok

    let instance seed =
        let random = Witness.random seed
        let n = 2 + random.Next 6
        let h = definite random n
        let c = Array.init n (fun _ -> random.NextDouble() - 0.5)
        let blocks = partition random n
        let s = state h c blocks
        let x = Array.init n (fun _ -> 4.0 * random.NextDouble() - 2.0)
        struct (random, h, BlockDescent.moveTo (ReadOnlySpan x) s |> Require.ok)

    let least (h: Matrix<float>) =
        (h.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.min

    /// f - f* = gradient'H^-1 gradient/2.
    let gap (h: Matrix<float>) (state: BlockDescentState) =
        let g = Vector<float>.Build.DenseOfArray(state.Gradient.ToArray())
        max 0.0 (0.5 * (g * h.Solve g))

    let private gradientProgress seed =
        let struct (random, _, state) = instance seed
        let b = random.Next state.Blocks
        let g = (state.Block b).ToArray() |> Array.sumBy (fun i -> state.Gradient[i] ** 2.0) |> sqrt
        let l = state.Smoothness b * (1.0 + random.NextDouble() * float (random.Next 2))
        BlockDescent.step BlockUpdate.Gradient b state |> Require.ok |> ignore<BlockDescentState>
        Witness.bound "block-progress-gradient" [| g; l |] / state.LastDecrease

    let private identity n = Matrix<float>.Build.DenseIdentity n

    let private flatStep (update: BlockUpdate) =
        let state = state (identity 3 * 2.0) [| 1.0; -2.0; 0.5 |] [| [| 0; 2 |]; [| 1 |] |]
        BlockDescent.step update 0 state |> Require.ok

    let private gradientWorst () =
        Witness.bound "block-progress-gradient" [| sqrt 1.25; 2.0 |]
        / (flatStep BlockUpdate.Gradient).LastDecrease

    /// Odd seeds: a block of a logistic loss, whose Hessian is at most A'A/4.
    let private matrixProgress seed =
        let struct (random, _, state) = instance seed

        if seed % 2 = 0 then
            let b = random.Next state.Blocks
            let q = BlockDescent.score BlockRule.GaussSouthwellQuadratic b state
            BlockDescent.step BlockUpdate.Matrix b state |> Require.ok |> ignore<BlockDescentState>
            Witness.bound "block-progress-matrix" [| q |] / state.LastDecrease
        else
            let rows, n = 8, 3
            let a = Matrix<float>.Build.Dense(rows, n, fun _ _ -> 4.0 * random.NextDouble() - 2.0)
            let x = Vector<float>.Build.Dense(n, fun _ -> 2.0 * random.NextDouble() - 1.0)

            let f (x: Vector<float>) =
                (a * x) |> Seq.sumBy (fun z -> log (1.0 + exp z))

            let gradient = a.Transpose() * (a * x).Map(fun z -> 1.0 / (1.0 + exp -z))
            let h = a.Transpose() * a / 4.0
            let d = -h.Solve gradient
            let q = -(gradient * d)
            Witness.bound "block-progress-matrix" [| q |] / (f x - f (x + d))

    let private matrixWorst () =
        let state = flatStep BlockUpdate.Matrix
        Witness.bound "block-progress-matrix" [| 2.0 * state.LastGuarantee |] / state.LastDecrease

    /// Expected gap after steps on blocks drawn with the given probabilities, all draws enumerated.
    let private expectedGap (h: Matrix<float>) update (p: float[]) steps start =
        let rec go left (state: BlockDescentState) =
            if left = 0 then
                gap h state
            else
                Seq.init p.Length (fun b ->
                    p[b] * go (left - 1) (state.Copy() |> BlockDescent.step update b |> Require.ok))
                |> Seq.sum

        go steps start

    let private updateOf (random: Random) =
        if random.Next 2 = 0 then
            BlockUpdate.Gradient
        else
            BlockUpdate.Matrix

    let private constants (state: BlockDescentState) =
        Array.init state.Blocks state.Smoothness

    let private uniform seed =
        let struct (random, h, state) = instance seed
        let m = state.Blocks
        let steps = random.Next 4
        let l = Array.max (constants state)
        let start = gap h state

        expectedGap h (updateOf random) (Array.create m (1.0 / float m)) steps state
        / Witness.bound "block-uniform" [| least h; l; float m; float steps; start |]

    let private separable (scales: float[]) (x: float[]) =
        let n = scales.Length
        let h = Matrix<float>.Build.DenseOfDiagonalArray scales
        let s = state h (Array.zeroCreate n) (Array.init n Array.singleton)
        struct (h, BlockDescent.moveTo (ReadOnlySpan x) s |> Require.ok)

    let private uniformWorst () =
        let struct (h, state) = separable [| 2.0; 2.0; 2.0 |] [| 1.0; -3.0; 0.5 |]
        let start = gap h state

        expectedGap h BlockUpdate.Gradient (Array.create 3 (1.0 / 3.0)) 4 state
        / Witness.bound "block-uniform" [| 2.0; 2.0; 3.0; 4.0; start |]

    let private lipschitz seed =
        let struct (random, h, state) = instance seed
        let l = constants state
        let sum = Array.sum l
        let steps = random.Next 4
        let start = gap h state

        expectedGap h (updateOf random) (l |> Array.map (fun c -> c / sum)) steps state
        / Witness.bound "block-lipschitz" [| least h; sum; float steps; start |]

    let private lipschitzWorst () =
        let struct (h, state) = separable [| 1.0; 5.0; 9.0 |] [| 2.0; 0.0; 0.0 |]
        let start = gap h state

        expectedGap h BlockUpdate.Gradient [| 1.0 / 15.0; 5.0 / 15.0; 9.0 / 15.0 |] 3 state
        / Witness.bound "block-lipschitz" [| 1.0; 15.0; 3.0; start |]

    let private run rule update steps (state: BlockDescentState) =
        for _ in 1..steps do
            let b = BlockDescent.choose rule 1UL state
            BlockDescent.step update b state |> Require.ok |> ignore<BlockDescentState>

    let private greedy seed =
        let struct (random, h, state) = instance seed

        let struct (rule, update) =
            match random.Next 4 with
            | 0 -> struct (BlockRule.GaussSouthwell, BlockUpdate.Gradient)
            | 1 -> struct (BlockRule.GaussSouthwellLipschitz, BlockUpdate.Gradient)
            | 2 -> struct (BlockRule.GaussSouthwellDiagonal, BlockUpdate.Diagonal)
            | _ -> struct (BlockRule.GaussSouthwellQuadratic, BlockUpdate.Matrix)

        let steps = random.Next 12
        let start = gap h state
        let bound = (BlockDescent.gapBound rule steps start state |> Require.ok).Value
        run rule update steps state
        // the gap's own rounding
        max 0.0 (gap h state - 1e-14 * start) / bound

    let private greedyWorst () =
        let struct (h, state) = separable [| 2.0; 2.0; 2.0 |] [| 1.0; 1.0; 1.0 |]
        let start = gap h state
        run BlockRule.GaussSouthwell BlockUpdate.Gradient 1 state
        gap h state / Witness.bound "block-greedy" [| 2.0; 2.0; 3.0; 1.0; start |]

    /// Strong convexity in the 1-norm: 1/max over signs of s'H^-1 s.
    let oneNorm (h: Matrix<float>) =
        let n = h.RowCount
        let inverse = h.Inverse()

        1.0
        / (Seq.init (1 <<< n) (fun code ->
            let s = Vector<float>.Build.Dense(n, fun i -> if (code >>> i) &&& 1 = 0 then 1.0 else -1.0)
            s * inverse * s)
           |> Seq.max)

    let private coordinates seed =
        let struct (random, h, state) = instance seed
        let n = h.RowCount

        let single =
            BlockDescent.start
                (ReadOnlySpan(h.ToRowMajorArray()))
                (ReadOnlySpan(Array.zeroCreate<float> n))
                (Array.init n Array.singleton)
            |> Require.ok

        struct (random, h, BlockDescent.moveTo state.X single |> Require.ok)

    let private southwell seed =
        let struct (random, h, state) = coordinates seed
        let steps = random.Next 10
        let start = gap h state
        // the 1-norm's rate needs the same step for all: a coordinate moves by its own curvature, which is at least as good
        run BlockRule.GaussSouthwell BlockUpdate.Gradient steps state

        max 0.0 (gap h state - 1e-14 * start)
        / Witness.bound "coordinate-greedy" [| oneNorm h; Array.max (constants state); float steps; start |]

    let private southwellWorst () =
        let struct (h, state) = separable [| 2.0; 2.0; 2.0 |] [| 1.0; 1.0; 1.0 |]
        let start = gap h state
        run BlockRule.GaussSouthwell BlockUpdate.Gradient 1 state
        gap h state / Witness.bound "coordinate-greedy" [| oneNorm h; 2.0; 1.0; start |]

    let private southwellLipschitz seed =
        let struct (random, h, state) = coordinates seed
        let steps = random.Next 10
        let start = gap h state
        let l = constants state
        run BlockRule.GaussSouthwellLipschitz BlockUpdate.Gradient steps state

        max 0.0 (gap h state - 1e-14 * start)
        / Witness.bound
            "coordinate-greedy-lipschitz"
            [| least h; oneNorm h; Array.sum l; Array.max l; float steps; start |]

    let private southwellLipschitzWorst () =
        let struct (h, state) = separable [| 2.0; 2.0; 2.0 |] [| 1.0; 1.0; 1.0 |]
        let start = gap h state
        run BlockRule.GaussSouthwellLipschitz BlockUpdate.Gradient 1 state

        gap h state / Witness.bound "coordinate-greedy-lipschitz" [| 2.0; oneNorm h; 6.0; 2.0; 1.0; start |]

    let soft lambda v =
        float (sign v) * max 0.0 (abs v - lambda)

    /// A lasso whose minimiser is known: H, lambda, the minimiser, the gradient there, and the margin.
    let lasso (random: Random) =
        let n = 2 + random.Next 6
        let h = definite random n
        let lambda = 0.1 + random.NextDouble()

        let star =
            Array.init n (fun i ->
                if i = 0 || random.Next 2 = 0 then
                    0.0
                else
                    2.0 * random.NextDouble() - 1.0)

        let gradient =
            star
            |> Array.map (fun x ->
                if x = 0.0 then
                    lambda * (1.9 * random.NextDouble() - 0.95)
                else
                    -lambda * float (sign x))

        let margin =
            Seq.zip star gradient
            |> Seq.filter (fun (x, _) -> x = 0.0)
            |> Seq.map (fun (_, g) -> lambda - abs g)
            |> Seq.min

        struct (h, lambda, star, gradient, margin)

    /// One proximal gradient step of size 1/l.
    let prox (h: Matrix<float>) lambda l (star: float[]) (gradient: float[]) (x: float[]) =
        let d = Vector<float>.Build.Dense(x.Length, fun i -> x[i] - star[i])
        let g = h * d
        x |> Array.mapi (fun i v -> soft (lambda / l) (v - (gradient[i] + g[i]) / l))

    /// In one dimension with f = -L x^2/2 + g x: the largest |x| from which the step lands on 0, by bisection, for the bound.
    let private radius seed =
        let random = Witness.random seed
        let l = Math.Exp(2.0 * random.NextDouble())
        let lambda = 0.1 + random.NextDouble()
        let g = lambda * (2.0 * random.NextDouble() - 1.0) * 0.99
        let curvature = l * (2.0 * random.NextDouble() - 1.0)

        let lands x =
            abs (x - (g + curvature * x) / l) <= lambda / l

        let reach direction =
            let mutable low = 0.0
            let mutable high = 1e6

            for _ in 1..100 do
                let middle = (low + high) / 2.0

                if lands (direction * middle) then
                    low <- middle
                else
                    high <- middle

            high

        Witness.bound "identification-radius" [| lambda - abs g; l |] / min (reach 1.0) (reach -1.0)

    let private radiusWorst () =
        let l, lambda, g = 2.0, 1.0, 0.3
        // curvature -L: x - (g - L x)/L = 2 x - g/L leaves [-lambda/L, lambda/L] at |x| = (lambda - |g|)/(2 L)
        let edge = (lambda - abs g) / (2.0 * l) * (1.0 + 1e-12)
        let lands x = abs (2.0 * x - g / l) <= lambda / l

        if lands -edge then
            0.0
        else
            Witness.bound "identification-radius" [| lambda - abs g; l |] / edge

    /// Proximal gradient on a lasso: the step after which all zeros are exact and stay.
    let private iterations seed =
        let random = Witness.random seed
        let struct (h, lambda, star, gradient, margin) = lasso random
        let values = (h.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.toArray
        let l = Array.max values
        let kappa = l / Array.min values
        let mutable x = star |> Array.map (fun v -> v + 10.0 * (random.NextDouble() - 0.5))
        let distance = Array.fold2 (fun s a b -> s + (a - b) ** 2.0) 0.0 x star |> sqrt
        let bound = Witness.bound "identification-iterations" [| l; kappa; margin; distance |]
        let mutable last = 0

        for k in 1 .. int bound + 200 do
            x <- prox h lambda l star gradient x

            if Seq.exists2 (fun v s -> s = 0.0 && v <> 0.0) x star then
                last <- k

        float (last + 1) / bound

    /// One dimension, curvature far below L, and a start so far away that the logarithm is all that counts.
    let private iterationsWorst () =
        let l, curvature, lambda, g = 20.0, 1.0, 1.0, 0.5
        let h = Matrix<float>.Build.Dense(1, 1, curvature)
        let distance = 1e250
        let mutable x = [| distance |]
        let mutable k = 0

        while x[0] <> 0.0 do
            x <- prox h lambda l [| 0.0 |] [| g |] x
            k <- k + 1

        float k / Witness.bound "identification-iterations" [| l; l / curvature; lambda - g; distance |]

    let all =
        [
            Witness.tight "block-progress-gradient" "promised over measured decrease" gradientProgress gradientWorst
            Witness.tight "block-progress-matrix" "promised over measured decrease" matrixProgress matrixWorst
            Witness.tight "block-uniform" "expected gap, all draws enumerated" uniform uniformWorst
            Witness.tight "block-lipschitz" "expected gap, all draws enumerated" lipschitz lipschitzWorst
            Witness.tight "block-greedy" "gap of a run" greedy greedyWorst
            Witness.tight "coordinate-greedy" "gap of a run" southwell southwellWorst
            Witness.tight "coordinate-greedy-lipschitz" "gap of a run" southwellLipschitz southwellLipschitzWorst
            Witness.tight
                "identification-radius"
                "the radius over that of a quadratic of any curvature"
                radius
                radiusWorst
            Witness.tight "identification-iterations" "steps until the zeros are exact" iterations iterationsWorst
        ]
