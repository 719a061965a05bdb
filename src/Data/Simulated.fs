namespace Hindsight.Data

open System
open Hindsight

[<RequireQualifiedAccess>]
type CostNoise =
    | Bernoulli
    | Uniform of HalfWidth: float

[<NoComparison>]
type SimulatedOptions =
    {
        ContextSize: int
        Arms: int
        Noise: CostNoise
        Rounds: int
        Seed: uint64
    }

    static member Default =
        {
            ContextSize = 10
            Arms = 5
            Noise = CostNoise.Bernoulli
            Rounds = 0
            Seed = 0UL
        }

[<RequireQualifiedAccess>]
module Simulated =
    let private dot (a: float[]) (b: float[]) =
        let mutable sum = 0.0

        for i in 0 .. a.Length - 1 do
            sum <- sum + a[i] * b[i]

        sum

    let private normals (random: RandomStream) (values: float[]) =
        for i in 0 .. values.Length - 1 do
            values[i] <- random.NextNormal()

    /// Fills a point of the unit sphere, uniformly.
    let private sphere random (values: float[]) =
        normals random values
        let length = Math.Sqrt(dot values values)

        for i in 0 .. values.Length - 1 do
            values[i] <- values[i] / length

    let private noisy noise (random: RandomStream) mean =
        let u = random.NextDouble()

        match noise with
        | CostNoise.Bernoulli -> if u < mean then 1.0 else 0.0
        | CostNoise.Uniform halfWidth -> mean + (2.0 * u - 1.0) * min halfWidth (min mean (1.0 - mean))

    let private validate options =
        result {
            let! _ = Require.atLeast "ContextSize" 1 options.ContextSize
            let! _ = Require.atLeast "Arms" 2 options.Arms
            let! _ = Require.atLeast "Rounds" 0 options.Rounds

            match options.Noise with
            | CostNoise.Uniform w when not (w > 0.0 && w <= 1.0) ->
                return! Error(HindsightError.OutOfRange("HalfWidth", string w, "a number in (0, 1]"))
            | _ -> return options
        }

    /// The environment whose hidden function is made from a stream: a function of arm and context, in [0,1] up to rounding.
    let private environment name options (hide: RandomStream -> int -> float[] -> float) =
        validate options
        |> Result.map (fun options ->
            let mean = hide (Draws.hidden options.Seed)

            { new IEnvironment with
                member _.Name = name
                member _.Arms = options.Arms
                member _.ContextSize = options.ContextSize

                member _.Rounds =
                    if options.Rounds = 0 then
                        Int32.MaxValue
                    else
                        options.Rounds

                member _.MeansKnown = true

                member environment.Open seed =
                    let contexts = Draws.contexts seed
                    let noise = Draws.noise seed
                    let rounds = environment.Rounds
                    let x = Array.zeroCreate<float> options.ContextSize
                    let round = ref 0

                    { new IRounds with
                        member _.Next(context, costs, means) =
                            if round.Value = rounds then
                                false
                            else
                                round.Value <- round.Value + 1
                                sphere contexts x
                                x.AsSpan().CopyTo context

                                for arm in 0 .. options.Arms - 1 do
                                    means[arm] <- Math.Clamp(mean arm x, 0.0, 1.0)
                                    costs[arm] <- noisy options.Noise noise means[arm]

                                true

                        member _.Dispose() = ()
                    }
            })

    let private directions options random =
        Array.init options.Arms (fun _ ->
            let a = Array.zeroCreate options.ContextSize
            sphere random a
            a)

    let private matrix rows columns random =
        Array.init rows (fun _ ->
            let row = Array.zeroCreate columns
            normals random row
            row)

    /// An upper bound of the largest eigenvalue of A'A, tight to d^(1/64): trace(M^64)^(1/64) by repeated squaring.
    let private largest (a: float[][]) =
        let columns = Array.transpose a
        let gram = columns |> Array.map (fun c -> columns |> Array.map (dot c))

        let trace (m: float[][]) =
            Array.init m.Length (fun i -> m[i][i]) |> Array.sum

        // the trace is divided out before each squaring, so that nothing overflows; its logarithm is kept
        let rec bound power logarithm (m: float[][]) =
            let t = trace m
            let logarithm = logarithm + Math.Log t / power

            if power = 64.0 then
                Math.Exp logarithm
            else
                let m = m |> Array.map (Array.map (fun x -> x / t))
                bound (2.0 * power) logarithm (m |> Array.map (fun row -> m |> Array.map (dot row)))

        bound 1.0 0.0 gram

    let linear options =
        environment "linear" options (fun random ->
            let a = directions options random
            fun arm x -> (1.0 + dot a[arm] x) / 2.0)

    let synthetic number options =
        let named = environment $"synthetic-{number}" options

        match number with
        | 1 ->
            named (fun random ->
                let a = directions options random
                fun arm x -> Math.Pow(dot a[arm] x, 2.0))
        | 2 ->
            named (fun random ->
                let a = Array.init options.Arms (fun _ -> matrix options.ContextSize options.ContextSize random)

                let most = Array.map largest a

                fun arm x ->
                    let mutable sum = 0.0

                    for row in a[arm] do
                        sum <- sum + Math.Pow(dot row x, 2.0)

                    sum / most[arm])
        | 3 ->
            named (fun random ->
                let a = directions options random
                fun arm x -> (1.0 + Math.Cos(3.0 * dot a[arm] x)) / 2.0)
        | _ -> Error(HindsightError.OutOfRange("number", string number, "1, 2 or 3"))

    let randomNetwork options =
        let width = 16

        environment "random-network" options (fun random ->
            let output = Array.zeroCreate<float> width
            normals random output
            let layers = Array.init options.Arms (fun _ -> matrix width options.ContextSize random)

            fun arm x ->
                let mutable sum = 0.0

                let layer = layers[arm]

                for i in 0 .. width - 1 do
                    sum <- sum + output[i] * Math.Tanh(2.0 * dot layer[i] x)

                1.0 / (1.0 + Math.Exp(-2.0 * sum / Math.Sqrt(float width))))
