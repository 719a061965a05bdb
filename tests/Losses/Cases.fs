/// What the laws of losses are tested on: wrapper types whose name is their precondition, and losses drawn from the registry with drawn parameters.
namespace Hindsight.Tests.Losses

open System
open FsCheck
open FsCheck.FSharp
open Hindsight
open Hindsight.FSharp

/// Distances in units in the last place.
[<RequireQualifiedAccess>]
module Ulp =
    let eps = Math.BitIncrement 1.0 - 1.0

    /// The spacing of doubles at x; that of the smallest normal number below it.
    let at (x: float) =
        let a = max (abs x) 2.2250738585072014e-308
        Math.BitIncrement a - a

    /// |a - b| in units in the last place of the larger; 0 for equal infinities.
    let between (a: float) (b: float) =
        if a = b then
            0.0
        elif Double.IsFinite a && Double.IsFinite b then
            abs (a - b) / at (max (abs a) (abs b))
        else
            infinity

/// A score: every magnitude from 1e-3 to 1e3, and exact zeros.
type Score = Score of float

/// A number strictly between 0 and 1, also close to the ends.
type Probability = Probability of float

/// A label in [0,1], often at an end.
type UnitLabel = UnitLabel of float

/// A label -1 or +1.
type Sign = Sign of float

/// A distribution over 2 to 10 classes, from nearly uniform to nearly degenerate.
type Simplex = Simplex of float[]

/// A class distribution and class scores. In half of the cases the top score is shared by the likeliest class and another.
[<NoComparison>]
type ClassCase = { P: float[]; Z: float[] }

/// A scalar loss with drawn parameters, a label and a score of its domains.
[<NoComparison; NoEquality>]
type ScalarCase =
    {
        Entry: LossEntry
        Parameters: float[]
        Loss: ILoss
        Label: float
        Score: float
    }

    override c.ToString() =
        let parameters =
            Array.map2 (fun (p: LossParameter) (v: float) -> $"{p.Name} = {v:R}") c.Entry.Parameters c.Parameters

        $"""{c.Entry.Name}({String.concat ", " parameters}), label {c.Label:R}, score {c.Score:R}"""

/// A multiclass loss with drawn parameters, a label and scores.
[<NoComparison; NoEquality>]
type MulticlassCase =
    {
        Entry: LossEntry
        Parameters: float[]
        Loss: IMulticlassLoss
        Label: int
        Scores: float[]
    }

    override c.ToString() =
        let parameters =
            Array.map2 (fun (p: LossParameter) (v: float) -> $"{p.Name} = {v:R}") c.Entry.Parameters c.Parameters

        let scores = c.Scores |> Array.map (fun z -> z.ToString "R") |> String.concat ", "
        $"""{c.Entry.Name}({String.concat ", " parameters}), class {c.Label} of ({scores})"""

[<RequireQualifiedAccess>]
module Draw =
    /// Uniform on [low, high].
    let uniform low high =
        gen {
            let! k = Gen.choose (0, 1 <<< 30)
            return low + (high - low) * (float k / float (1 <<< 30))
        }

    /// Standard normal.
    let normal =
        gen {
            let! u = uniform 1e-300 1.0
            let! v = uniform 0.0 1.0
            return sqrt (-2.0 * log u) * cos (2.0 * Math.PI * v)
        }

    /// Sign times 10^U(low, high).
    let magnitude low high =
        gen {
            let! e = uniform low high
            let! positive = Gen.elements [ 1.0; -1.0 ]
            return positive * 10.0 ** e
        }

    let score =
        Gen.frequency [ 1, Gen.constant 0.0; 6, magnitude -3.0 1.0; 2, magnitude 1.0 3.0; 3, normal ]

    let probability =
        Gen.frequency
            [
                4, uniform 0.001 0.999
                1, Gen.map (fun e -> 10.0 ** e) (uniform -12.0 -1.0)
                1, Gen.map (fun e -> 1.0 - 10.0 ** e) (uniform -12.0 -1.0)
            ]

    let unitLabel = Gen.frequency [ 1, Gen.constant 0.0; 1, Gen.constant 1.0; 3, probability ]

    /// A number in a domain, ends included where they belong to it.
    let inside (d: Domain) =
        if d.EndsOnly then
            Gen.elements [ d.Low; d.High ]
        else
            let ends =
                [
                    if d.LowClosed then
                        d.Low
                    if d.HighClosed then
                        d.High
                ]

            let inner =
                match Double.IsFinite d.Low, Double.IsFinite d.High with
                | true, true -> uniform d.Low d.High
                | true, false -> Gen.map (fun x -> d.Low + abs x) (magnitude -3.0 2.0)
                | false, true -> Gen.map (fun x -> d.High - abs x) (magnitude -3.0 2.0)
                | false, false -> score

            let inner = inner |> Gen.filter d.Contains

            if List.isEmpty ends then
                inner
            else
                Gen.frequency [ 1, Gen.elements ends; 5, inner ]

    let private sizes = [ 2; 3; 5; 10 ]

    /// Dirichlet with concentration 10^U(-1.5, 1.5), by Gamma variables (Marsaglia and Tsang).
    let dirichlet n =
        gen {
            let! exponent = uniform -1.5 1.5
            let a = 10.0 ** exponent
            let! seed = Gen.choose (0, Int32.MaxValue)
            let rng = Random seed

            let gaussian () =
                sqrt (-2.0 * log (1.0 - rng.NextDouble())) * cos (2.0 * Math.PI * rng.NextDouble())

            // the logarithm, so that small concentrations do not underflow to 0/0
            let rec logGamma a =
                if a < 1.0 then
                    logGamma (a + 1.0) + log (1.0 - rng.NextDouble()) / a
                else
                    let d = a - 1.0 / 3.0
                    let x = gaussian ()
                    let v = (1.0 + x / sqrt (9.0 * d)) ** 3.0

                    if v > 0.0 && log (1.0 - rng.NextDouble()) < 0.5 * x * x + d - d * v + d * log v then
                        log (d * v)
                    else
                        logGamma a

            let logs = Array.init n (fun _ -> logGamma a)
            let top = Array.max logs
            let weights = logs |> Array.map (fun l -> exp (l - top))
            let sum = Array.sum weights
            return weights |> Array.map (fun w -> w / sum)
        }

    let scores n =
        gen {
            let! exponent = uniform -1.0 1.0
            let! z = Gen.arrayOfLength n normal
            return z |> Array.map (fun x -> 10.0 ** exponent * x)
        }

    let classCase =
        gen {
            let! n = Gen.elements sizes
            let! p = dirichlet n
            let! z = scores n
            let! tie = Gen.elements [ true; false ]
            let! other = Gen.choose (0, n - 1)

            if tie then
                let best = Array.IndexOf(p, Array.max p)
                let top = Array.max z
                z[best] <- top
                z[if other = best then (best + 1) % n else other] <- top

            return { P = p; Z = z }
        }

    let parametersOf (entry: LossEntry) =
        entry.Parameters
        |> Array.map (fun p ->
            Gen.frequency [ 1, Gen.constant p.Default; 6, inside p.Typical ] |> Gen.filter p.Allowed.Contains)
        |> Gen.sequenceToArray

    let scalarEntries =
        Losses.all
        |> Array.choose (fun e ->
            match e.Definition with
            | LossDefinition.Scalar create -> Some(e, create)
            | _ -> None)

    let multiclassEntries =
        Losses.all
        |> Array.choose (fun e ->
            match e.Definition with
            | LossDefinition.Multiclass create -> Some(e, create)
            | _ -> None)

    let scalarOf (entry, create) =
        gen {
            let! parameters = parametersOf entry
            let loss: ILoss = create parameters
            let! label = inside loss.Metadata.Label
            let! score = inside loss.Metadata.Score

            return
                {
                    ScalarCase.Entry = entry
                    Parameters = parameters
                    Loss = loss
                    Label = label
                    Score = score
                }
        }

    let multiclassOf (entry, create) =
        gen {
            let! parameters = parametersOf entry
            let loss: IMulticlassLoss = create parameters
            let! case = classCase
            let! label = Gen.choose (0, case.Z.Length - 1)

            return
                {
                    MulticlassCase.Entry = entry
                    Parameters = parameters
                    Loss = loss
                    Label = label
                    Scores = case.Z
                }
        }

/// The generators behind the wrapper types: <c>[&lt;Laws(Arbitrary = [| typeof&lt;LossArbitraries&gt; |])&gt;]</c>.
type LossArbitraries =
    static member Score() = Arb.fromGen (Gen.map Score Draw.score)

    static member Probability() =
        Arb.fromGen (Gen.map Probability Draw.probability)

    static member UnitLabel() =
        Arb.fromGen (Gen.map UnitLabel Draw.unitLabel)

    static member Sign() =
        Arb.fromGen (Gen.map Sign (Gen.elements [ -1.0; 1.0 ]))

    static member Simplex() =
        Arb.fromGen (Gen.map (fun c -> Simplex c.P) Draw.classCase)

    static member ClassCase() = Arb.fromGen Draw.classCase

    static member ScalarCase() =
        Arb.fromGen (Gen.bind Draw.scalarOf (Gen.elements Draw.scalarEntries))

    static member MulticlassCase() =
        Arb.fromGen (Gen.bind Draw.multiclassOf (Gen.elements Draw.multiclassEntries))
