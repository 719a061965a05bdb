namespace Hindsight.Tests.Theory

open System
open NUnit.Framework
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module BlockDescentChecks =
    /// A rule's index has the largest of the scores computed from scratch.
    let chooses (score: Matrix<float> -> Vector<float> -> float) (choose: BlockDescentState -> int) =
        Seq.init 300 (fun seed ->
            let struct (_, h, state) = BlockDescentWitnesses.instance seed

            let scores =
                Array.init state.Blocks (fun b ->
                    let indices = (state.Block b).ToArray()

                    let part =
                        Matrix<float>
                            .Build.Dense(indices.Length, indices.Length, fun i j -> h[indices[i], indices[j]])

                    let g = Vector<float>.Build.Dense(indices.Length, fun i -> state.Gradient[indices[i]])
                    score part g)

            scores[choose state] >= Array.max scores * (1.0 - 1e-9))
        |> Seq.forall id

    let largest (h: Matrix<float>) =
        (h.Evd Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.max

    let rowSum (h: Matrix<float>) i = h.Row(i) |> Seq.sumBy abs

    let southwell (_: Matrix<float>) (g: Vector<float>) = g * g
    let southwellLipschitz (h: Matrix<float>) (g: Vector<float>) = g * g / largest h

    let southwellDiagonal (h: Matrix<float>) (g: Vector<float>) =
        g |> Seq.mapi (fun i v -> v * v / rowSum h i) |> Seq.sum

    let southwellQuadratic (h: Matrix<float>) (g: Vector<float>) = g * h.Solve g

    let rule r (state: BlockDescentState) = BlockDescent.choose r 1UL state

    /// A random tree or forest with a dominant diagonal, by rows.
    let forest (random: Random) n =
        let h = Matrix<float>.Build.Dense(n, n)

        for v in 1 .. n - 1 do
            if random.Next 5 > 0 then
                let p = random.Next v
                let w = random.NextDouble() - 0.5
                h[v, p] <- w
                h[p, v] <- w

        for i in 0 .. n - 1 do
            h[i, i] <- rowSum h i + 0.1 + random.NextDouble()

        h

    /// A solver of forests agrees with a dense one.
    let solves (solve: Matrix<float> -> float[] -> float[]) =
        let random = Random 5

        Seq.init 200 (fun _ ->
            let n = 1 + random.Next 20
            let h = forest random n
            let b = Array.init n (fun _ -> random.NextDouble() - 0.5)
            let dense = h.Solve(Vector<float>.Build.Dense b)
            let x = solve h b
            Seq.forall2 (fun p q -> abs (p - q) <= 1e-11 * (1.0 + abs q)) x dense)
        |> Seq.forall id

    let passing (h: Matrix<float>) (b: float[]) =
        let system = Forest.plan h.RowCount (ReadOnlySpan(h.ToRowMajorArray())) |> Require.ok
        let x = Array.zeroCreate<float> b.Length
        Forest.solve (ReadOnlySpan b) (Span x) system |> Require.ok
        x

    /// From anywhere within delta/(2 L) of the minimiser of a lasso, a step lands on its zeros.
    let identifies (step: Matrix<float> -> float -> float -> float[] -> float[] -> float[] -> float[]) factor =
        let random = Random 6

        Seq.init 4000 (fun _ ->
            let struct (h, lambda, star, gradient, margin) = BlockDescentWitnesses.lasso random
            let l = largest h
            let direction = star |> Array.map (fun _ -> random.NextDouble() - 0.5)
            let norm = direction |> Array.sumBy (fun d -> d * d) |> sqrt
            let radius = factor * margin / (2.0 * l)
            let x = Array.map2 (fun s d -> s + radius * d / norm) star direction
            let next = step h lambda l star gradient x
            Seq.forall2 (fun s v -> s <> 0.0 || v = 0.0) star next)
        |> Seq.forall id

[<TestFixture>]
type BlockDescentLaws() =
    let progress update rule (state: BlockDescentState) =
        let copy = state.Copy()
        let b = BlockDescent.choose rule 1UL copy
        (BlockDescent.step update b copy |> Require.ok).LastDecrease

    [<Test>]
    member _.``A gradient step on a block makes its progress``() =
        Assert.That(Witness.holds Witnesses.all "block-progress-gradient")

    [<Test>]
    member _.``A matrix step on a block makes its progress, exactly so on quadratics``() =
        Assert.That(Witness.holds Witnesses.all "block-progress-matrix")

        for seed in 1..300 do
            let struct (random, _, state) = BlockDescentWitnesses.instance seed
            let b = random.Next state.Blocks
            BlockDescent.step BlockUpdate.Matrix b state |> Require.ok |> ignore<BlockDescentState>
            let scale = abs state.Value + abs state.LastDecrease
            Assert.That(state.LastDecrease, Is.EqualTo(state.LastGuarantee).Within(1e-10 * scale))

            for i in (state.Block b).ToArray() do
                Assert.That(state.Gradient[i], Is.EqualTo(0.0).Within(1e-10 * (1.0 + scale)))

    [<Test>]
    member _.``Every update makes the progress that it promises, and value and gradient stay true``() =
        for seed in 1..200 do
            let struct (random, h, state) = BlockDescentWitnesses.instance seed

            for _ in 1..20 do
                let b = random.Next state.Blocks
                let update = enum<BlockUpdate>(random.Next 3)
                BlockDescent.step update b state |> Require.ok |> ignore<BlockDescentState>
                let scale = 1e-12 * (1.0 + abs state.Value)
                Assert.That(state.LastDecrease, Is.GreaterThanOrEqualTo(state.LastGuarantee * (1.0 - 1e-9) - scale))

            let fresh = state.Copy()
            BlockDescent.moveTo state.X fresh |> Require.ok |> ignore<BlockDescentState>
            Assert.That(state.Value, Is.EqualTo(fresh.Value).Within(1e-11 * (1.0 + abs fresh.Value + float h.RowCount)))

            for i in 0 .. h.RowCount - 1 do
                Assert.That(state.Gradient[i], Is.EqualTo(fresh.Gradient[i]).Within(1e-10))

    [<Test>]
    member _.``At the same point the quadratic rule makes the most progress, then Lipschitz, then plain Gauss-Southwell``
        ()
        =
        for seed in 1..500 do
            let struct (_, _, state) = BlockDescentWitnesses.instance seed

            let atLeast (a: float) (b: float) =
                Assert.That(a, Is.GreaterThanOrEqualTo(b * (1.0 - 1e-9) - 1e-12))

            let quadratic = progress BlockUpdate.Matrix BlockRule.GaussSouthwellQuadratic state

            let promised rule update =
                let copy = state.Copy()
                let b = BlockDescent.choose rule 1UL copy
                (BlockDescent.step update b copy |> Require.ok).LastGuarantee

            let lipschitz = promised BlockRule.GaussSouthwellLipschitz BlockUpdate.Gradient
            let plain = promised BlockRule.GaussSouthwell BlockUpdate.Gradient
            let diagonal = promised BlockRule.GaussSouthwellDiagonal BlockUpdate.Diagonal
            atLeast quadratic lipschitz
            atLeast lipschitz plain
            atLeast quadratic diagonal

            for rule in
                [
                    BlockRule.GaussSouthwell
                    BlockRule.GaussSouthwellLipschitz
                    BlockRule.GaussSouthwellDiagonal
                ] do
                atLeast quadratic (progress BlockUpdate.Matrix rule state)

    [<Test>]
    member _.``Row sums of absolute values, and size times the diagonal, dominate a block's Hessian``() =
        let random = Random 7

        for _ in 1..300 do
            let n = 1 + random.Next 7
            let h = BlockDescentWitnesses.definite random n
            let sums = Matrix<float>.Build.DenseOfDiagonalArray(Array.init n (BlockDescentChecks.rowSum h))
            let sized = Matrix<float>.Build.DenseOfDiagonalArray(Array.init n (fun i -> float n * h[i, i]))

            for d in [ sums; sized ] do
                Assert.That(BlockDescentWitnesses.least (d - h), Is.GreaterThanOrEqualTo(-1e-12 * h.L2Norm()))

    [<Test>]
    member _.``Greedy rules choose the block of largest score``() =
        Assert.That(
            BlockDescentChecks.chooses BlockDescentChecks.southwell (BlockDescentChecks.rule BlockRule.GaussSouthwell)
        )

        Assert.That(
            BlockDescentChecks.chooses
                BlockDescentChecks.southwellLipschitz
                (BlockDescentChecks.rule BlockRule.GaussSouthwellLipschitz)
        )

        Assert.That(
            BlockDescentChecks.chooses
                BlockDescentChecks.southwellDiagonal
                (BlockDescentChecks.rule BlockRule.GaussSouthwellDiagonal)
        )

        Assert.That(
            BlockDescentChecks.chooses
                BlockDescentChecks.southwellQuadratic
                (BlockDescentChecks.rule BlockRule.GaussSouthwellQuadratic)
        )

    [<Test>]
    member _.``Blocks drawn by their smoothness follow it``() =
        let h = Matrix<float>.Build.DenseOfDiagonalArray [| 1.0; 3.0; 6.0 |]
        let state = BlockDescentWitnesses.state h [| 1.0; 1.0; 1.0 |] [| [| 0 |]; [| 1 |]; [| 2 |] |]
        let n = 20000
        let counts = Array.zeroCreate<int> 3
        let uniform = Array.zeroCreate<int> 3

        for seed in 1..n do
            let b = BlockDescent.choose BlockRule.Lipschitz (uint64 seed) state
            counts[b] <- counts[b] + 1
            let u = BlockDescent.choose BlockRule.Uniform (uint64 seed) state
            uniform[u] <- uniform[u] + 1

        // chi-squared with 2 degrees of freedom exceeds 41.5 with probability 1e-9
        let chi (p: float[]) (c: int[]) =
            Seq.zip p c |> Seq.sumBy (fun (q, k) -> (float k - q * float n) ** 2.0 / (q * float n))

        Assert.That(chi [| 0.1; 0.3; 0.6 |] counts, Is.LessThan 41.5)
        Assert.That(chi (Array.create 3 (1.0 / 3.0)) uniform, Is.LessThan 41.5)

    [<Test>]
    member _.``Blocks drawn uniformly close the gap at their rate, by enumeration of the draws``() =
        Assert.That(Witness.holds Witnesses.all "block-uniform")

    [<Test>]
    member _.``Blocks drawn by their smoothness close the gap at their rate, by enumeration of the draws``() =
        Assert.That(Witness.holds Witnesses.all "block-lipschitz")

    [<Test>]
    member _.``Greedy blocks close the gap at their rate on every run``() =
        Assert.That(Witness.holds Witnesses.all "block-greedy")

    [<Test>]
    member _.``Gauss-Southwell coordinates close the gap at the rate of the 1-norm``() =
        Assert.That(Witness.holds Witnesses.all "coordinate-greedy")

        // mu/n <= mu_1 <= mu
        let random = Random 8

        for _ in 1..100 do
            let n = 1 + random.Next 6
            let h = BlockDescentWitnesses.definite random n
            let mu = BlockDescentWitnesses.least h
            let one = BlockDescentWitnesses.oneNorm h
            Assert.That(one, Is.LessThanOrEqualTo(mu * (1.0 + 1e-9)))
            Assert.That(one, Is.GreaterThanOrEqualTo(mu / float n * (1.0 - 1e-9)))

    [<Test>]
    member _.``Gauss-Southwell-Lipschitz coordinates close the gap at the better of two rates``() =
        Assert.That(Witness.holds Witnesses.all "coordinate-greedy-lipschitz")

    [<Test>]
    member _.``Near the minimiser one proximal step identifies the active set``() =
        Assert.That(Witness.holds Witnesses.all "identification-radius")
        Assert.That(BlockDescentChecks.identifies BlockDescentWitnesses.prox 1.0)

    [<Test>]
    member _.``The active set is identified after as many steps as the bound counts``() =
        Assert.That(Witness.holds Witnesses.all "identification-iterations")

    [<Test>]
    member _.``Message passing on a forest solves as a dense solver does, in a block too``() =
        Assert.That(BlockDescentChecks.solves BlockDescentChecks.passing)
        let random = Random 9
        let h = BlockDescentChecks.forest random 12
        let c = Array.init 12 (fun _ -> random.NextDouble())
        let state = BlockDescentWitnesses.state h c [| [| 0..11 |] |]
        Assert.That(state.IsForest 0)
        BlockDescent.step BlockUpdate.Matrix 0 state |> Require.ok |> ignore<BlockDescentState>
        Assert.That(state.Gradient.ToArray() |> Array.map abs |> Array.max, Is.LessThan 1e-12)

        match Forest.plan 3 (ReadOnlySpan [| 3.0; 1.0; 1.0; 1.0; 3.0; 1.0; 1.0; 1.0; 3.0 |]) with
        | Error(HindsightError.Incompatible _) -> ()
        | _ -> Assert.Fail "a triangle is no forest"

    [<Test>]
    member _.``A step on any coordinates is a matrix step, and hard thresholding finds blocks at least as good as its first``
        ()
        =
        let mutable better = 0

        for seed in 1..200 do
            let struct (random, h, state) = BlockDescentWitnesses.instance seed
            let n = h.RowCount
            let size = 1 + random.Next n

            let after (coordinates: int[]) =
                let copy = state.Copy()
                BlockDescent.stepOn (ReadOnlySpan coordinates) copy |> Require.ok |> ignore<BlockDescentState>

                for i in coordinates do
                    Assert.That(copy.Gradient[i], Is.EqualTo(0.0).Within(1e-9))

                Assert.That(copy.LastDecrease, Is.EqualTo(copy.LastGuarantee).Within(1e-9 * (1.0 + copy.LastDecrease)))
                copy.LastDecrease

            let first = GreedyBlocks.hardThresholding size 1 state |> Require.ok
            let tenth = GreedyBlocks.hardThresholding size 10 state |> Require.ok
            Assert.That(tenth.Length, Is.EqualTo size)
            let squares = state.Gradient.ToArray() |> Array.map (fun g -> g * g)
            let southwell = GreedyBlocks.largest size (ReadOnlySpan squares) |> Require.ok
            Assert.That((first = southwell))

            if after tenth > after first * (1.0 + 1e-9) then
                better <- better + 1

            // the model's decrease of the first iterate, |g on the block|^2/(2 largest eigenvalue), is a lower bound for all later ones
            let promise = (southwell |> Array.sumBy (fun i -> squares[i])) / (2.0 * BlockDescentChecks.largest h)
            Assert.That(after tenth, Is.GreaterThanOrEqualTo(promise * (1.0 - 1e-9)))

        Assert.That(better, Is.GreaterThan 5)

    [<Test>]
    member _.``Lasso and nonnegative steps lower their objectives by what they promise and end at the optimality conditions``
        ()
        =
        for seed in 1..100 do
            let struct (random, h, state) = BlockDescentWitnesses.instance seed
            let n = h.RowCount
            let lambda = 0.3 * random.NextDouble()

            let objective (s: BlockDescentState) =
                s.Value + lambda * (s.X.ToArray() |> Array.sumBy abs)

            let mutable before = objective state

            for _ in 1..3000 do
                let i = BlockDescent.chooseLasso lambda state
                BlockDescent.stepLasso lambda i state |> Require.ok |> ignore<BlockDescentState>
                let now = objective state
                Assert.That(before - now, Is.EqualTo(state.LastDecrease).Within(1e-10 * (1.0 + abs before)))
                Assert.That(state.LastDecrease, Is.GreaterThanOrEqualTo -1e-14)
                before <- now

            for i in 0 .. n - 1 do
                let g = state.Gradient[i]

                if state.X[i] = 0.0 then
                    Assert.That(abs g, Is.LessThanOrEqualTo(lambda + 1e-6))
                else
                    Assert.That(g, Is.EqualTo(-lambda * float (sign state.X[i])).Within(1e-6))

            BlockDescent.moveTo (ReadOnlySpan(Array.create n 1.0)) state
            |> Require.ok
            |> ignore<BlockDescentState>

            for _ in 1..3000 do
                let i = BlockDescent.chooseNonNegative state
                BlockDescent.stepNonNegative i state |> Require.ok |> ignore<BlockDescentState>

            for i in 0 .. n - 1 do
                Assert.That(state.X[i], Is.GreaterThanOrEqualTo 0.0)

                let violation =
                    if state.X[i] = 0.0 then
                        min 0.0 state.Gradient[i]
                    else
                        state.Gradient[i]

                Assert.That(violation, Is.EqualTo(0.0).Within(1e-6))

    [<Test>]
    member _.``Coordinate constants are the columns' squares, a quarter of them for logistic losses``() =
        let matrix = [| 1.0; 2.0; 3.0; -4.0 |]
        Assert.That(Require.ok (CoordinateConstants.leastSquares 2 2 (ReadOnlySpan matrix)) = [| 10.0; 20.0 |])
        Assert.That(Require.ok (CoordinateConstants.logistic 2 2 (ReadOnlySpan matrix)) = [| 2.5; 5.0 |])

    [<Test>]
    member _.``Bad problems, blocks and coordinates are refused by name``() =
        let named (argument: string) (r: Result<'A, HindsightError>) =
            match r with
            | Error(HindsightError.OutOfRange(name, _, _))
            | Error(HindsightError.WrongDimension(name, _, _)) -> Assert.That(name, Does.StartWith argument)
            | _ -> Assert.Fail $"expected a refusal of {argument}"

        let h = [| 2.0; 0.5; 0.5; 2.0 |]

        let start h c blocks =
            BlockDescent.start (ReadOnlySpan(h: float[])) (ReadOnlySpan(c: float[])) blocks

        named "hessian" (start [| 1.0 |] [| 1.0; 1.0 |] [| [| 0; 1 |] |])
        named "hessian" (start [| 2.0; 0.5; 0.4; 2.0 |] [| 1.0; 1.0 |] [| [| 0; 1 |] |])
        named "hessian" (start [| 2.0; nan; nan; 2.0 |] [| 1.0; 1.0 |] [| [| 0; 1 |] |])
        named "blocks" (start h [| 1.0; 1.0 |] [| [| 0 |] |])
        named "blocks" (start h [| 1.0; 1.0 |] [| [| 0; 1 |]; [||] |])
        named "blocks" (start h [| 1.0; 1.0 |] [| [| 0; 1 |]; [| 1 |] |])

        match start [| 1.0; 2.0; 2.0; 1.0 |] [| 1.0; 1.0 |] [| [| 0; 1 |] |] with
        | Error(HindsightError.Incompatible _) -> ()
        | _ -> Assert.Fail "an indefinite Hessian is refused"

        let state = start h [| 1.0; 1.0 |] [| [| 0 |]; [| 1 |] |] |> Require.ok
        named "block" (BlockDescent.step BlockUpdate.Matrix 2 state)
        named "coordinates" (BlockDescent.stepOn (ReadOnlySpan [| 0; 0 |]) state)
        named "coordinates" (BlockDescent.stepOn (ReadOnlySpan [||]) state)
        named "coordinate" (BlockDescent.stepLasso 0.1 5 state)
        named "lambda" (BlockDescent.stepLasso nan 0 state)
        named "x" (BlockDescent.moveTo (ReadOnlySpan [| 1.0 |]) state)
        named "size" (GreedyBlocks.largest 3 (ReadOnlySpan [| 1.0; 2.0 |]))
        named "growth" (BlockDescentBounds.uniformGap 10.0 1.0 2 3 1.0)
        Assert.That((BlockDescent.gapBound BlockRule.Cyclic 1 1.0 state).IsError)

    [<Test>]
    member _.``A step of block descent allocates nothing``() =
        let h = [| 2.0; 0.5; 0.1; 0.5; 2.0; 0.3; 0.1; 0.3; 2.0 |]

        let state =
            BlockDescent.start (ReadOnlySpan h) (ReadOnlySpan [| 1.0; 2.0; 3.0 |]) [| [| 0; 1 |]; [| 2 |] |]
            |> Require.ok

        let run () =
            for t in 1..100 do
                let b = BlockDescent.choose (enum<BlockRule>(t % 7)) 1UL state

                match BlockDescent.step (enum<BlockUpdate>(t % 3)) b state with
                | Ok _ -> ()
                | Error e -> raise (HindsightException e)

        run ()
        let before = GC.GetAllocatedBytesForCurrentThread()
        run ()
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)
