namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Laws of confidence widths and of NeuralUCB's bound as functions of an implementation.
[<RequireQualifiedAccess>]
module NeuralBanditChecks =
    /// noise, log determinant, delta -> width
    type Width = float -> float -> float -> float

    let width: Width =
        fun noise logDet delta -> (ConfidenceWidth.selfNormalized noise logDet delta |> Require.ok).Value

    /// The share of sign sequences of a length on which self-normalised noise leaves the width in any round; contexts depend on the signs so far.
    let private misses (width: Width) delta lambda rounds (context: int -> int -> float[]) =
        let mutable bad = 0
        // a width depends on the contexts alone, and paths share them
        let known = System.Collections.Generic.Dictionary<float, float>()

        let widthAt logDet =
            match known.TryGetValue logDet with
            | true, value -> value
            | _ ->
                let value = width 1.0 logDet delta
                known[logDet] <- value
                value

        for code in 0 .. (1 <<< rounds) - 1 do
            let mutable a00, a01, a11 = lambda, 0.0, lambda
            let mutable s0, s1 = 0.0, 0.0
            let mutable left = false

            for t in 0 .. rounds - 1 do
                let x = context t (code &&& ((1 <<< t) - 1))
                let sign = if (code >>> t) &&& 1 = 1 then 1.0 else -1.0
                a00 <- a00 + x[0] * x[0]
                a01 <- a01 + x[0] * x[1]
                a11 <- a11 + x[1] * x[1]
                s0 <- s0 + sign * x[0]
                s1 <- s1 + sign * x[1]
                let det = a00 * a11 - a01 * a01
                let square = (s0 * s0 * a11 - 2.0 * s0 * s1 * a01 + s1 * s1 * a00) / det
                left <- left || sqrt square > widthAt (log (det / (lambda * lambda)))

            if left then
                bad <- bad + 1

        float bad / float (1 <<< rounds)

    let private steady (_: int) (_: int) = [| 1.0; 0.0 |]

    let private wandering t past =
        // the direction follows the balance of the signs so far
        let balance = 2 * Numerics.BitOperations.PopCount(uint past) - t
        [| 1.0; 0.5 * float balance |]

    /// Exact: every sequence of signs is counted.
    let anytime (width: Width) =
        [
            for context in [ steady; wandering ] do
                for lambda in [ 0.3; 3.0 ] do
                    for delta in [ 0.5; 0.05; 0.99 * 2.0 ** -11.0 ] do
                        misses width delta lambda 12 context <= delta
        ]
        |> List.forall id

    /// noise, norm, delta, x, state -> interval
    type Interval = float -> float -> float -> float[] -> RidgeState -> struct (float * float)

    let interval: Interval =
        fun noise norm delta x state -> LinearConfidence.interval noise norm delta (ReadOnlySpan x) state |> Require.ok

    /// Without noise the intervals hold in every round, surely; at the start, with nothing known, the parameter that is as long as it may be sits at an end.
    let coversWithoutNoise (interval: Interval) =
        Seq.init 50 id
        |> Seq.forall (fun seed ->
            let random = Witness.random seed
            let d = 1 + random.Next 4
            let lambda = 0.1 + 10.0 * random.NextDouble()
            let theta = Instances.vector random d |> Instances.unit
            let state = RidgeState(d, lambda)
            let struct (low, high) = interval 0.0 1.0 0.1 theta state
            let atTheEnd = abs (high - 1.0) <= 1e-12 && abs (low + 1.0) <= 1e-12

            atTheEnd
            && Seq.init 20 id
               |> Seq.forall (fun _ ->
                   let x = Instances.vector random d
                   let mean = Instances.dot theta x
                   let struct (low, high) = interval 0.0 1.0 0.1 x state
                   Ridge.update (ReadOnlySpan x) mean state |> ignore<float>
                   low <= mean + 1e-9 && mean <= high + 1e-9))

    /// The share of sign sequences on which the posterior mean under a kernel leaves width times deviation, in any round or at any point; the function has the values h on all points.
    let private kernelMisses (gram: float[,]) (h: float[]) lambda noise (order: int[]) (widthAt: float -> float) =
        let rounds = order.Length
        let n = h.Length

        // for every round and point: the weights of the observations, the deviation, the width
        let plans =
            [|
                for t in 0..rounds do
                    let played = order[.. t - 1]

                    let matrix =
                        MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.OfArray(
                            Array2D.init t t (fun i j -> gram[played[i], played[j]] + (if i = j then lambda else 0.0))
                        )

                    let logDet =
                        if t = 0 then
                            0.0
                        else
                            matrix.Cholesky().DeterminantLn - float t * log lambda

                    for x in 0 .. n - 1 do
                        let column = Array.init t (fun i -> gram[x, played[i]])

                        let weights =
                            if t = 0 then
                                [||]
                            else
                                (matrix
                                    .Cholesky()
                                    .Solve(MathNet.Numerics.LinearAlgebra.Double.DenseVector.OfArray column))
                                    .ToArray()

                        let variance = gram[x, x] - Array.fold2 (fun s a b -> s + a * b) 0.0 weights column
                        let bias = (Array.fold2 (fun s w i -> s + w * h[i]) 0.0 weights played) - h[x]
                        struct (weights, bias, widthAt logDet * sqrt (max 0.0 variance))
            |]

        let left code =
            plans
            |> Array.exists (fun (struct (weights, bias, most)) ->
                let mutable error = bias

                for i in 0 .. weights.Length - 1 do
                    error <- error + weights[i] * (if (code >>> i) &&& 1 = 1 then noise else -noise)

                abs error > most * (1.0 + 1e-12))

        let bad = Seq.init (1 <<< rounds) left |> Seq.filter id |> Seq.length
        float bad / float (1 <<< rounds)

    /// Kernels, functions and orders of play for the two widths below.
    let private kernelCases =
        [
            for seed in 1UL .. 3UL do
                let points = (NeuralUcb.hardInstance seed 3 4 |> Require.ok).Contexts
                let h = NeuralUcb.gram 2 points |> Require.ok
                h, [| 0.3; -0.2; 0.5; 0.1 |], [| for i in 0..10 -> i * i % 4 |]
            // one point again and again, and nothing there: all of it noise
            array2D [ [ 1.0 ] ], [| 0.0 |], Array.zeroCreate 11
        ]

    /// Exact, over all sequences of signs. Width: norm in the kernel's space, noise, log determinant, delta.
    let kernelHolds (width: float -> float -> float -> float -> float) =
        [
            for gram, h, order in kernelCases do
                let norm = (NeuralUcb.rewardNorm gram h |> Require.ok) / sqrt 2.0

                for noise in [ 0.1; 1.0 ] do
                    for delta in [ 0.3; 0.05; 0.99 * 2.0 ** -10.0 ] do
                        let lambda = 1.0 + 2.0 / float order.Length
                        kernelMisses gram h lambda noise order (fun l -> width norm noise l delta) <= delta
        ]
        |> List.forall id

    let kernelWidth norm noise logDet delta =
        (ConfidenceWidth.kernel norm noise (0.5 * logDet) delta |> Require.ok).Value

    /// The same for NeuralUCB's, whose S is sqrt 2 times the norm. Width: options, log determinant, S.
    let neuralHolds (width: NeuralUcbOptions -> float -> float -> float) =
        [
            for gram, h, order in kernelCases do
                let norm = NeuralUcb.rewardNorm gram h |> Require.ok

                for lambda in [ 0.2; 1.0; 4.0 ] do
                    for delta in [ 0.3; 0.05; 0.99 * 2.0 ** -10.0 ] do
                        let options =
                            { NeuralUcbOptions.For order.Length with
                                Lambda = lambda
                                Delta = delta
                            }

                        kernelMisses gram h lambda 1.0 order (fun l -> width options l norm / sqrt lambda) <= delta
        ]
        |> List.forall id

    let neuralWidth options logDet norm =
        (NeuralUcb.width options logDet norm |> Require.ok).Value

    /// options, log determinant, S -> bound
    type Bounding = NeuralUcbOptions -> float -> float -> float

    let bounding: Bounding =
        fun options logDet norm -> (NeuralUcb.regret options logDet norm |> Require.ok).Value

    /// Above the floor at the floor's own S and determinant, for small and large lambda.
    let aboveFloor (bounding: Bounding) =
        [
            for horizon in [ 20; 1000; 100000 ] do
                for lambda in [ 0.1; 1.0; 25.0 ] do
                    let norm = (NeuralUcb.rewardFloor horizon 2 |> Require.ok).Value
                    let trace = 1.5 * float horizon
                    let logDet = (InformationGain.logDetTraceFloor trace lambda |> Require.ok).Value

                    let options =
                        { NeuralUcbOptions.For horizon with
                            Lambda = lambda
                            Noise = 0.0
                        }

                    let floor = (NeuralUcb.floor 1 (float horizon) 2 lambda |> Require.ok).Value
                    let value = bounding options logDet norm
                    // without noise nothing else is in the bound: equality, but for the 1
                    abs (value - 1.0 - floor) <= 1e-12 * floor
        ]
        |> List.forall id

    /// On the hard family the bound over the horizon does not fall.
    let growing (bounding: Bounding) =
        [ 20; 40; 80; 160 ]
        |> List.map (fun horizon ->
            let instance = NeuralUcb.hardInstance 1UL (horizon / 2) horizon |> Require.ok
            let gram = NeuralUcb.gram 2 instance.Contexts |> Require.ok
            let norm = NeuralUcb.rewardNorm gram instance.Rewards |> Require.ok

            let logDet = EffectiveDimension.logDet 1.0 gram |> Require.ok
            bounding (NeuralUcbOptions.For horizon) logDet norm / float horizon)
        |> List.pairwise
        |> List.forall (fun (before, after) -> after >= before)

    /// H of one context is (L + 1)/2, and S of the reward 1 is 2/sqrt(L + 1).
    let oneContext (gram: int -> float[][] -> float[,]) (norm: float[,] -> float[] -> float) =
        [ 2..5 ]
        |> List.forall (fun layers ->
            let h = gram layers [| [| 3.0; -4.0 |] |]
            let half = 0.5 * float (layers + 1)

            abs (h[0, 0] - half) <= 1e-14 * half
            && abs (norm (array2D [ [ half ] ]) [| 1.0 |] - 2.0 / sqrt (float (layers + 1))) <= 1e-14)

/// Wrong widths and wrong bounds.
[<RequireQualifiedAccess>]
module NeuralBanditMutants =
    let private make name rejected = Mutant.make "neural-ucb" name rejected

    let private interval (beta: float -> RidgeState -> float) (width: float -> float) : NeuralBanditChecks.Interval =
        fun _ norm _ x state ->
            let p = Ridge.predictRidge (ReadOnlySpan x) state
            let w = beta norm state * width (Ridge.width (ReadOnlySpan x) state)
            struct (p - w, p + w)

    let private gram layers contexts =
        NeuralUcb.gram layers contexts |> Require.ok

    let private norm h rewards =
        NeuralUcb.rewardNorm h rewards |> Require.ok

    let all =
        [
            make "self-normalised noise with ln(1/delta) for 2 ln(1/delta)" (fun () ->
                not (NeuralBanditChecks.anytime (fun noise logDet delta -> noise * sqrt (logDet - log delta))))
            make "self-normalised noise without the log determinant" (fun () ->
                not (NeuralBanditChecks.anytime (fun noise _ delta -> noise * sqrt (-2.0 * log delta))))
            make "ridge width without the regulariser's part" (fun () ->
                not (NeuralBanditChecks.coversWithoutNoise (interval (fun _ _ -> 0.0) id)))
            make "ridge width with lambda S for sqrt(lambda) S" (fun () ->
                not (NeuralBanditChecks.coversWithoutNoise (interval (fun norm state -> state.Lambda * norm) id)))
            make "x'A^-1 x without the root" (fun () ->
                not (
                    NeuralBanditChecks.coversWithoutNoise (
                        interval (fun norm state -> sqrt state.Lambda * norm) (fun w -> w * w)
                    )
                ))
            make "the process's width with the logarithm of 1/delta not doubled" (fun () ->
                not (NeuralBanditChecks.kernelHolds (fun norm noise _ delta -> norm + noise * sqrt (-(log delta)))))
            make "the process's width without the norm" (fun () ->
                not (
                    NeuralBanditChecks.kernelHolds (fun _ noise l delta ->
                        NeuralBanditChecks.kernelWidth 0.0 noise l delta)
                ))
            make "NeuralUCB's width with ln(1/delta) for 2 ln(1/delta)" (fun () ->
                not (
                    NeuralBanditChecks.neuralHolds (fun options l norm ->
                        sqrt (l - log options.Delta) + sqrt options.Lambda * norm)
                ))
            make "NeuralUCB's width without the log determinant" (fun () ->
                not (
                    NeuralBanditChecks.neuralHolds (fun options _ norm ->
                        sqrt (-2.0 * log options.Delta) + sqrt options.Lambda * norm)
                ))
            make "elliptical potential with the constant 1" (fun () ->
                let state = LogDetState(1, 1.0)
                min 1.0 (state.Add(ReadOnlySpan [| 1.0 |])) > state.LogDet)
            make "NeuralUCB's bound without the root of lambda" (fun () ->
                not (
                    NeuralBanditChecks.aboveFloor (fun options logDet norm ->
                        3.0 * sqrt (float options.Horizon * (logDet + 2.0)) * 2.0 * norm + 1.0)
                ))
            make "NeuralUCB's bound without the function's size" (fun () ->
                not (
                    NeuralBanditChecks.aboveFloor (fun options logDet _ ->
                        NeuralBanditChecks.bounding options logDet 0.0)
                ))
            make "a bound like the square root of the horizon" (fun () ->
                not (NeuralBanditChecks.growing (fun options _ _ -> NeuralBanditChecks.bounding options 10.0 2.0)))
            make "H without the half" (fun () ->
                not (
                    NeuralBanditChecks.oneContext
                        (fun layers contexts -> gram layers contexts |> Array2D.map (fun v -> 2.0 * v))
                        norm
                ))
            make "H with as many hidden layers as layers of weights" (fun () ->
                not (NeuralBanditChecks.oneContext (fun layers contexts -> gram (layers + 1) contexts) norm))
            make "S without the 2" (fun () ->
                not (NeuralBanditChecks.oneContext gram (fun h rewards -> norm h rewards / sqrt 2.0)))
            make "S with H for its inverse" (fun () ->
                not (
                    NeuralBanditChecks.oneContext gram (fun h rewards ->
                        sqrt (2.0 * rewards[0] * h[0, 0] * rewards[0]))
                ))
            make "LinUCB's bound with one width a round for two" (fun () ->
                let witness = Witnesses.all |> List.find (fun w -> w.Calculator = "linucb-sharp")
                witness.Worst() / 0.5 > 1.0 + witness.Tolerance)
            make "LinUCB's bound from numbers without the regulariser's part of the width" (fun () ->
                Seq.init 200 id
                |> Seq.map (NeuralBanditWitnesses.linUcb id)
                |> Seq.exists (fun run ->
                    let l =
                        (InformationGain.logDetCeiling run.Dimension (float run.Rounds) 1.0 1.0 |> Require.ok).Value

                    let beta = run.Noise * sqrt (l - 2.0 * log 0.01)
                    run.Held && run.Regret > (LinUcb.regretSharp beta l (float run.Rounds) |> Require.ok).Value))
            make "NeuralUCB's dimension over the rounds without the arms" (fun () ->
                let h = gram 2 (NeuralUcb.hardInstance 1UL 5 12 |> Require.ok).Contexts
                let logDet = EffectiveDimension.logDet 1.0 h |> Require.ok
                let right = EffectiveDimension.neural 1.0 6 2 h |> Require.ok
                let wrong = logDet / log (1.0 + 6.0)

                let bound dimension =
                    // the theorem writes l as d ln(1 + T K/lambda)
                    NeuralBanditChecks.bounding
                        { NeuralUcbOptions.For 6 with Arms = 2 }
                        (dimension * log (1.0 + 12.0))
                        1.0

                let direct = NeuralBanditChecks.bounding { NeuralUcbOptions.For 6 with Arms = 2 } logDet 1.0
                abs (bound right - direct) <= 1e-12 * direct && bound wrong > direct * 1.01)
        ]
