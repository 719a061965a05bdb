namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Laws of the growth along a path as functions over its closed forms.
module PathGrowthLaw =
    /// A network that was trained, what it saw, and its parameters before the observations 1, 2, 4, ... and now.
    [<NoComparison; NoEquality>]
    type Run =
        {
            Network: PerturbedNetwork
            Meter: GrowthMeter
            Inputs: float[][]
            Labels: float[]
            Visited: float[][]
        }

    let train (options: NetworkOptions) count rate seed =
        let network = PerturbedNetwork.Create(options, HalfSquared()) |> Require.ok
        let meter = GrowthMeter(count, 7UL)
        let random = Witness.random (seed + 900)
        let inputs = Array.init count (fun _ -> PerturbationWitnesses.input random options.Dimension)
        let labels = Array.init count (fun _ -> random.NextDouble())
        let parameters () = network.Parameters |> Array.map float

        let visited =
            [|
                for t in 1..count do
                    let x = inputs[t - 1] |> Array.map float32

                    if t &&& (t - 1) = 0 then
                        parameters ()

                    meter.Observe(network, ReadOnlySpan x, 0, 0, labels[t - 1])
                    network.Step(ReadOnlySpan x, 0, 0, -1, labels[t - 1], rate)

                parameters ()
            |]

        {
            Network = network
            Meter = meter
            Inputs = inputs
            Labels = labels
            Visited = visited
        }

    /// 2 (L - L*)/d^2.
    let growth excess distance = 2.0 * excess / (distance * distance)

    /// L + grad L'(theta* - theta) - L*.
    let slack excess (inner: float) = excess + inner

    /// Reports agree with the averaged loss in double precision: growth by excess and distance, slack by excess and the gradient's product with the way to the minimiser.
    let agrees (growth: float -> float -> float) (slack: float -> float -> float) =
        Seq.init 12 id
        |> Seq.forall (fun seed ->
            let options =
                { PerturbationWitnesses.options 2 [| 3 + seed % 3 |] Activation.Tanh seed with
                    Perturbation = enum<PerturbationKind>(seed % 3)
                    PerturbationScale = 1.0
                    PerturbationCount = 3
                }

            let run = train options 20 0.2 seed
            let path = run.Meter.Measure run.Network |> Require.ok
            let objective = PerturbedObjective.Of(run.Network, run.Inputs, run.Labels) |> Require.ok
            let minimiser = path.Minimiser |> Array.map float
            let struct (least, atMinimiser) = objective.Gradient minimiser

            let near expected actual =
                abs (expected - actual) <= 1e-4 * (1.0 + abs expected)

            near least path.Least
            && near (PerturbationWitnesses.norm atMinimiser) path.GradientNorm
            && path.Points.Length = run.Visited.Length
            && Array.forall2
                (fun theta (point: PathPoint) ->
                    let struct (value, gradient) = objective.Gradient theta
                    let way = Array.map2 (-) minimiser theta
                    let distance = PerturbationWitnesses.norm way
                    let inner = Array.fold2 (fun s a b -> s + a * b) 0.0 gradient way

                    near distance point.Distance
                    && near (value - least) point.Excess
                    && near (slack (value - least) inner) point.Slack
                    && (distance < 0.05
                        || abs (growth (value - least) distance - point.Growth) <= 0.02 * (1.0 + point.Growth)))
                run.Visited
                path.Points
            && (let steepest =
                    run.Visited
                    |> Seq.collect (fun theta ->
                        Seq.map2
                            (fun x y ->
                                let one = PerturbedObjective.Of(run.Network, [| x |], [| y |]) |> Require.ok
                                let struct (_, g) = one.Gradient theta
                                PerturbationWitnesses.norm g)
                            run.Inputs
                            run.Labels)
                    |> Seq.max

                near steepest path.Steepest))

/// Wrong readings of growth along a path.
[<RequireQualifiedAccess>]
module PathGrowthMutants =
    open PathGrowthLaw

    let private reject name rejected =
        Mutant.make "growth along a path" name (fun () -> not (rejected ()))

    let all =
        [
            reject "growth without its factor 2" (fun () -> agrees (fun e d -> e / (d * d)) slack)
            reject "growth by the distance, not squared" (fun () -> agrees (fun e d -> 2.0 * e / d) slack)
            reject "slack with the gradient's sign turned" (fun () -> agrees growth (fun e inner -> e - inner))
        ]
