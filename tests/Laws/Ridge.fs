namespace Hindsight.Tests.Laws

open System
open System.IO
open NUnit.Framework
open FsCheck.NUnit
open MathNet.Numerics.LinearAlgebra
open Hindsight
open Hindsight.FSharp

/// One run of online regression: its data, and what was seen on the way.
[<NoComparison; NoEquality>]
type RidgeRun =
    {
        State: RidgeState
        Inputs: float[][]
        Labels: float[]
        /// x'A_{t-1}^-1 x of each round.
        Potentials: float[]
        /// Cumulative square loss of ridge predictions clipped to [-1, 1].
        ClippedLoss: float
    }

[<RequireQualifiedAccess>]
module RidgeRun =
    /// Dense or one-hot inputs of up to 8 coordinates and labels in [-1,1]; regulariser and input scale from 1e-3 to 1e3; up to 300 rounds.
    let draw (seed: uint64) =
        let r = RandomStream(seed, 21UL)
        let d = 1 + r.NextInt 8
        let rounds = 1 + r.NextInt 300
        let lambda = Math.Pow(10.0, 6.0 * r.NextDouble() - 3.0)
        let scale = Math.Pow(10.0, 4.0 * r.NextDouble() - 3.0)
        let sparse = r.NextInt 2 = 0
        let direction = Array.init d (fun _ -> r.NextNormal())
        let state = RidgeState(d, lambda)

        let inputs =
            Array.init rounds (fun _ ->
                let hot = r.NextInt d
                Array.init d (fun i -> if sparse && i <> hot then 0.0 else scale * r.NextNormal()))

        let labels =
            inputs
            |> Array.map (fun x ->
                let signal = Array.fold2 (fun s a b -> s + a * b) 0.0 x direction
                Math.Clamp(tanh signal + 0.3 * r.NextNormal(), -1.0, 1.0))

        let mutable clipped = 0.0

        let potentials =
            Array.map2
                (fun (x: float[]) y ->
                    let c = Math.Clamp(Ridge.predictRidge (ReadOnlySpan x) state, -1.0, 1.0)
                    clipped <- clipped + (y - c) * (y - c)
                    Ridge.update (ReadOnlySpan x) y state)
                inputs
                labels

        {
            State = state
            Inputs = inputs
            Labels = labels
            Potentials = potentials
            ClippedLoss = clipped
        }

    /// A = lambda I + sum x x' and b = sum y x, by dense algebra.
    let batch run =
        let d = run.State.Dimension
        let x = Matrix<float>.Build.DenseOfRowArrays run.Inputs
        let a = x.TransposeThisAndMultiply x + run.State.Lambda * Matrix<float>.Build.DenseIdentity d
        a, x.TransposeThisAndMultiply(Vector<float>.Build.DenseOfArray run.Labels)

    /// The best penalised loss, by dense algebra.
    let comparator run =
        let a, b = batch run
        let w = a.Cholesky().Solve b
        let x = Matrix<float>.Build.DenseOfRowArrays run.Inputs
        let residual = Vector<float>.Build.DenseOfArray run.Labels - x * w
        run.State.Lambda * (w * w) + residual * residual

[<RequireQualifiedAccess>]
module RidgeLaw =
    /// Sums of a few hundred terms, each with a few roundings, and condition numbers up to 1e8 or so.
    let relative = 1e-9

    let atMost bound value =
        value <= bound * (1.0 + relative) + relative

    let near a b =
        abs (a - b) <= relative * (1.0 + abs a + abs b)

    let bounds (vaw: RidgeState -> float) run =
        atMost (vaw run.State) (run.State.VawLoss - RidgeRun.comparator run)

    /// One round of a tiny input: the regret is Y^2 x^2/(lambda + x^2), the bound Y^2 ln(1 + x^2/lambda). They agree to first order, so the constant is right.
    let tight (vaw: RidgeState -> float) =
        let state = RidgeState(1, 1.0)
        Ridge.update (ReadOnlySpan [| 1e-3 |]) 1.0 state |> ignore<float>
        let regret = state.VawLoss - state.Comparator
        // x^2/2 = 5e-7 is the second-order difference; the cancellation of 1 - (1 - 1e-6) costs 1e-10
        abs (regret / vaw state - 1.0) <= 1e-6

[<TestFixture>]
type RidgeLaws() =
    [<Property>]
    member _.``S2.12: the VAW regret is at most Y^2 log det, on every sequence``(seed: uint64) =
        RidgeLaw.bounds (fun s -> (Ridge.regretBoundVaw s).Value) (RidgeRun.draw seed)

    [<Test>]
    member _.``S2.12: the VAW bound is tight to first order``() =
        Assert.That(RidgeLaw.tight (fun s -> (Ridge.regretBoundVaw s).Value))

    [<Property>]
    member _.``S2.13: the ridge identity holds``(seed: uint64) =
        let run = RidgeRun.draw seed
        RidgeLaw.near run.State.Comparator (RidgeRun.comparator run)

    [<Property>]
    member _.``ridge regret: clipped at most 4 log det, unclipped at most the largest residual squared times it``
        (seed: uint64)
        =
        let run = RidgeRun.draw seed
        let best = RidgeRun.comparator run
        let clipped = Require.ok (Ridge.regretBoundRidge 2.0 run.State)

        RidgeLaw.atMost clipped.Value (run.ClippedLoss - best)
        && RidgeLaw.near clipped.Value (4.0 * run.State.LogDet)
        && RidgeLaw.atMost (Ridge.regretBoundUnclipped run.State).Value (run.State.RidgeLoss - best)

    [<Property>]
    member _.``elliptical potential: sums of q/(1+q) and min(1,q) against log det``(seed: uint64) =
        let run = RidgeRun.draw seed

        RidgeLaw.atMost run.State.LogDet (run.Potentials |> Array.sumBy (fun q -> q / (1.0 + q)))
        && RidgeLaw.atMost (2.0 * run.State.LogDet) (run.Potentials |> Array.sumBy (min 1.0))

    [<Property>]
    member _.``log det, weights, width and VAW prediction are those of dense algebra``(seed: uint64) =
        let run = RidgeRun.draw seed
        let d = run.State.Dimension
        let a, b = RidgeRun.batch run
        let cholesky = a.Cholesky()
        let w = cholesky.Solve b
        let weights = run.State.Weights.ToArray()
        let x = run.Inputs[0]
        let v = Vector<float>.Build.DenseOfArray x
        let q = v * cholesky.Solve v
        let forecast = (a + v.OuterProduct v).Cholesky().Solve b * v

        RidgeLaw.near run.State.LogDet (cholesky.DeterminantLn - float d * log run.State.Lambda)
        && Seq.forall2 RidgeLaw.near weights w
        && RidgeLaw.near (Ridge.width (ReadOnlySpan x) run.State) (sqrt q)
        && RidgeLaw.near (Ridge.predictVaw (ReadOnlySpan x) run.State) forecast

    [<Property>]
    member _.``log det is at most d ln(1 + T X^2/(lambda d))``(seed: uint64) =
        let run = RidgeRun.draw seed
        let norm = run.Inputs |> Array.map (Array.sumBy (fun v -> v * v) >> sqrt) |> Array.max

        let ceiling =
            Require.ok (Ridge.logDetCeiling run.State.Dimension run.State.Lambda norm run.State.Rounds)

        RidgeLaw.atMost ceiling run.State.LogDet

    /// 100,000 rounds with two inputs that are almost the same: the condition number of A passes 1e12, where an inverse updated by
    /// subtraction has lost its digits.
    [<Test>]
    member _.``widths keep their digits over 100,000 ill-conditioned rounds``() =
        let state = RidgeState(2, 1e-4)
        let r = RandomStream(3UL, 3UL)
        let mutable minor = 1e-4

        for _ in 1..100_000 do
            let u, v = 100.0 * r.NextNormal(), 1e-6 * r.NextNormal()
            Ridge.update (ReadOnlySpan [| u + v; u - v |]) (r.NextDouble()) state |> ignore<float>
            minor <- minor + 2.0 * v * v

        // along (1,-1)/sqrt 2 the matrix is lambda + 2 sum v^2, up to its coupling with the other direction, sum u v, which is of relative order 1/n
        let width = Ridge.width (ReadOnlySpan [| sqrt 0.5; -sqrt 0.5 |]) state
        Assert.That(abs (width * width * minor - 1.0), Is.LessThan 1e-3)

    [<Test>]
    member _.``a step and its predictions allocate nothing, in the oracle too``() =
        let state = RidgeState(20, 1.0)
        let x = Array.init 20 (fun i -> float (i % 3))
        let map: IFeatureMap = DisjointArms(20, 4, InputScaling.Unit)
        let inputs = ArmInputs map.Shape
        let oracle: IRegressionOracle = LinearOracle(map.Shape, LinearKind.VovkAzouryWarmuth, 1.0)
        let results = Array.zeroCreate 4

        let round () =
            Ridge.predictVaw (ReadOnlySpan x) state |> ignore<float>
            Ridge.width (ReadOnlySpan x) state |> ignore<float>
            Ridge.update (ReadOnlySpan x) 0.5 state |> ignore<float>
            Require.ok (map.Map(ReadOnlySpan x, ReadOnlySpan<bool>.Empty, inputs))
            oracle.Predict(inputs, Span results)
            oracle.Widths(inputs, Span results)
            oracle.Learn(Span.op_Implicit (inputs.Row 1), 1, 0, 0.5, 1)

        round ()
        let before = GC.GetAllocatedBytesForCurrentThread()

        for _ in 1..100 do
            round ()

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo 0L)

    [<Property(MaxTest = 20)>]
    member _.``a linear oracle keeps a model for each block and head, and continues bit for bit from its snapshot``
        (seed: uint64)
        (vaw: bool)
        =
        let kind =
            if vaw then
                LinearKind.VovkAzouryWarmuth
            else
                LinearKind.Ridge

        let r = RandomStream(seed, 5UL)
        let map: IFeatureMap = DisjointArms(3, 4, InputScaling.None)
        let inputs = ArmInputs map.Shape
        let oracle = LinearOracle(map.Shape, kind, 0.7)
        let models = Array.init 4 (fun _ -> RidgeState(4, 0.7))
        let predictions, widths = Array.zeroCreate 4, Array.zeroCreate 4

        let step (oracle: LinearOracle) (x: float[]) arm cost =
            let o = oracle :> IRegressionOracle
            Require.ok (map.Map(ReadOnlySpan x, ReadOnlySpan [||], inputs))
            o.Predict(inputs, Span predictions)
            o.Widths(inputs, Span widths)
            o.Learn(Span.op_Implicit (inputs.Row arm), arm, 0, cost, arm)
            Array.append predictions widths

        let draw () =
            Array.init 3 (fun _ -> float (float32 (r.NextNormal()))), r.NextInt 4, r.NextDouble()

        let agrees =
            List.init 50 (fun _ ->
                let x, arm, cost = draw ()
                let row = Array.append x [| 1.0 |]

                let expected =
                    Array.append
                        (models
                         |> Array.map (fun m ->
                             if vaw then
                                 Ridge.predictVaw (ReadOnlySpan row) m
                             else
                                 Ridge.predictRidge (ReadOnlySpan row) m))
                        (models |> Array.map (fun m -> Ridge.width (ReadOnlySpan row) m))

                Ridge.update (ReadOnlySpan row) cost models[arm] |> ignore<float>
                step oracle x arm cost = expected)
            |> List.forall id

        use stream = new MemoryStream()
        use writer = new BinaryWriter(stream)
        (oracle :> IRegressionOracle).Save writer
        stream.Position <- 0L
        use reader = new BinaryReader(stream)
        let copy = LinearOracle(map.Shape, kind, 0.7)
        (copy :> IRegressionOracle).Load reader

        let continues =
            List.init 20 (fun _ ->
                let x, arm, cost = draw ()
                step oracle x arm cost = step copy x arm cost)
            |> List.forall id

        agrees && continues && oracle.LogDet = copy.LogDet

    [<Test>]
    member _.``a snapshot of another form is refused``() =
        let shape = { Dimension = 3; Blocks = 2; Heads = 1 }

        use stream = new MemoryStream()
        use writer = new BinaryWriter(stream)
        (LinearOracle(shape, LinearKind.Ridge, 1.0) :> IRegressionOracle).Save writer

        for other in
            [
                LinearOracle(shape, LinearKind.Ridge, 2.0)
                LinearOracle(shape, LinearKind.Ridge, 1.0, false)
                LinearOracle({ shape with Heads = 2 }, LinearKind.Ridge, 1.0)
            ] do
            stream.Position <- 0L
            use reader = new BinaryReader(stream, Text.Encoding.UTF8, true)
            Assert.That(Action(fun () -> (other :> IRegressionOracle).Load reader), Throws.TypeOf<HindsightException>())
