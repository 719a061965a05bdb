namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module SurrogateLaw =
    let hinge m = max 0.0 (1.0 - m)
    let squaredHinge m = (hinge m) ** 2.0
    let exponential (m: float) = Math.Exp -m
    let ramp rho m = min 1.0 (max 0.0 (1.0 - m / rho))

    let others label (z: float[]) =
        z |> Array.indexed |> Array.filter (fun (k, _) -> k <> label) |> Array.map snd

    /// The definitions, written out. Relative tolerance for the exponentials of rounded differences.
    let agrees tolerance (value: int -> float[] -> float) (definition: int -> float[] -> float) label z =
        let a, b = value label z, definition label z
        a = b || abs (a - b) <= tolerance * (1.0 + MulticlassLaw.spread z) * abs b

    let constrained phi label (z: float[]) =
        let mean = Array.average z
        others label z |> Array.sumBy (fun x -> phi (mean - x))

    let sum phi label (z: float[]) =
        others label z |> Array.sumBy (fun x -> phi (z[label] - x))

    let maximum phi label (z: float[]) =
        others label z |> Array.map (fun x -> phi (z[label] - x)) |> Array.max

    /// Scores on a grid, so that margins at kinks are exact; a whole shift moves the mean exactly for 2 and 4 classes.
    let shifted (value: int -> float[] -> float) =
        let rng = Random 5

        Seq.forall
            (fun _ ->
                let z = Array.init (2 * rng.Next(1, 3)) (fun _ -> float (rng.Next(-40, 41)) / 16.0)
                let label = rng.Next z.Length
                value label z = value label (z |> Array.map (fun x -> x + 8.0)))
            (seq { 1..100 })

    /// At its kink the hinge has slope 0: scores (1, 0) of class 0.
    let flatAtOne (gradient: int -> float[] -> float[]) =
        gradient 0 [| 1.0; 0.0 |] = [| 0.0; 0.0 |]

    let sampleCases seed =
        Gen.sampleWithSeed (Rnd(uint64 seed, 17UL)) 30 200 Draw.classCase

    /// Nothing but larger: directional derivatives of the expected loss at the scores are not negative.
    let minimum (loss: IMulticlassLoss) (p: float[]) (z: float[]) =
        let rng = Random 8
        let at = Multiclass.expected loss p z
        let n = p.Length

        let directions =
            Seq.append
                (seq {
                    for i in 0 .. 3 * n * n do
                        Array.init n (fun k -> float ((i / pown 3 (k % 4)) % 3) - 1.0)
                })
                (Seq.init 300 (fun _ -> Array.init n (fun _ -> rng.NextDouble() - 0.5)))

        directions
        |> Seq.forall (fun v ->
            let further = Multiclass.expected loss p (Array.map2 (fun x d -> x + 0.25 * d) z v)
            further >= at - 8.0 * Ulp.eps * (1.0 + at))

    /// The scores of a witness minimise the surrogate and yet err.
    let witness (loss: IMulticlassLoss) (w: InconsistencyWitness) =
        let excess = HConsistency.zeroOneExcess w.Probabilities w.Scores |> Require.ok

        abs (Multiclass.expected loss w.Probabilities w.Scores - w.Risk) <= 4.0 * Ulp.eps * w.Risk
        && minimum loss w.Probabilities w.Scores
        && excess = w.ZeroOneExcess
        && excess > 0.0

[<Laws(Arbitrary = [| typeof<LossArbitraries> |], MaxTest = 300)>]
[<Category "multiclass surrogates">]
type MulticlassSurrogateLaws() =
    let value name parameters =
        Multiclass.value (MulticlassLaw.create name parameters)

    [<Property>]
    member _.``Constrained losses are sums of phi(-h_k) over the other classes, h the scores less their mean``
        (c: ClassCase)
        =
        let holds name phi =
            // the mean is rounded at the size of the scores
            let a = value name [||] 0 c.Z
            let b = SurrogateLaw.constrained phi 0 c.Z
            abs (a - b) <= 64.0 * Ulp.eps * (1.0 + MulticlassLaw.norm c.Z) * (1.0 + a)

        holds "constrained-hinge" SurrogateLaw.hinge
        && holds "constrained-squared-hinge" SurrogateLaw.squaredHinge
        && holds "constrained-exponential" SurrogateLaw.exponential

    [<Property>]
    member _.``Sum losses are sums of phi(z_y - z_k)``(c: ClassCase) =
        let holds name parameters phi =
            SurrogateLaw.agrees (16.0 * Ulp.eps) (value name parameters) (SurrogateLaw.sum phi) 0 c.Z

        holds "weston-watkins" [||] SurrogateLaw.hinge
        && holds "sum-squared-hinge" [||] SurrogateLaw.squaredHinge
        && holds "sum-ramp" [| 0.7 |] (SurrogateLaw.ramp 0.7)

    [<Property>]
    member _.``The sum loss of the exponential is sum-exponential``(c: ClassCase) =
        SurrogateLaw.agrees
            (32.0 * Ulp.eps)
            (Multiclass.value (SumLoss(ExponentialFunction())))
            (value "sum-exponential" [||])
            0
            c.Z

    [<Property>]
    member _.``Max losses are the largest phi(z_y - z_k)``(c: ClassCase) =
        let holds name parameters phi =
            SurrogateLaw.agrees (16.0 * Ulp.eps) (value name parameters) (SurrogateLaw.maximum phi) 0 c.Z

        holds "crammer-singer" [||] SurrogateLaw.hinge
        && holds "max-squared-hinge" [||] SurrogateLaw.squaredHinge
        && holds "max-exponential" [||] SurrogateLaw.exponential
        && holds "max-ramp" [| 0.7 |] (SurrogateLaw.ramp 0.7)

    [<Test>]
    member _.``Constrained losses project the scores: shifts do not matter``() =
        for name in [ "constrained-hinge"; "constrained-squared-hinge"; "constrained-exponential" ] do
            Assert.That(SurrogateLaw.shifted (value name [||]), name)

    [<Test>]
    member _.``Subgradients at kinks: the hinge is flat from margin 1 on, the ramp falls from margin 0 on``() =
        let gradient (loss: IMulticlassGradient) label z =
            let struct (_, g) = MulticlassLaw.gradient loss label z
            g

        Assert.That(SurrogateLaw.flatAtOne (gradient MulticlassSurrogates.crammerSinger))
        Assert.That(SurrogateLaw.flatAtOne (gradient MulticlassSurrogates.westonWatkins))
        Assert.That(SurrogateLaw.flatAtOne (Multiclass.gradient MulticlassSurrogates.crammerSinger))

        Assert.That(
            gradient (MaxLoss(RampFunction 2.0)) 0 [| 0.0; 0.0; -1.0 |],
            Is.EqualTo<float[]> [| -0.5; 0.5; 0.0 |]
        )

    [<Test>]
    member _.``Among tied rivals of a max loss the first takes the derivative, in both forms``() =
        let struct (_, g) =
            MulticlassLaw.gradient MulticlassSurrogates.crammerSinger 1 [| 0.5; 0.25; 0.5; 0.5 |]

        Assert.That(g, Is.EqualTo<float[]> [| 1.0; -1.0; 0.0; 0.0 |])

        Assert.That(
            Multiclass.gradient MulticlassSurrogates.crammerSinger 1 [| 0.5; 0.25; 0.5; 0.5 |],
            Is.EqualTo<float[]> g
        )

    [<Test>]
    member _.``Crammer and Singer fails: at p = (.4,.3,.3) zero scores are a minimum``() =
        let w = StructuredConsistency.maxLossWitness [| 0.4; 0.3; 0.3 |] |> Require.ok
        Assert.That(w.Risk, Is.EqualTo 1.0)
        Assert.That(SurrogateLaw.witness MulticlassSurrogates.crammerSinger w)
        // the same scores minimise every convex max loss
        for name in [ "max-squared-hinge"; "max-exponential" ] do
            Assert.That(SurrogateLaw.minimum (MulticlassLaw.create name [||]) w.Probabilities w.Scores, name)

    [<Property>]
    member _.``A convex max loss fails wherever no class has more than half of the probability``(Simplex p) =
        match StructuredConsistency.maxLossWitness p with
        | Ok w -> SurrogateLaw.witness MulticlassSurrogates.crammerSinger w |> Prop.classify true "witness"
        | Error _ ->
            (p.Length < 3 || Array.max p > 0.5 || (p |> Array.filter ((=) (Array.max p))).Length > 1)
            |> Prop.classify false "witness"

    [<Test>]
    member _.``The Weston-Watkins loss fails: tied scores are a minimum though one class is likelier``() =
        for p in [ [| 0.45; 0.35; 0.2 |]; [| 0.25; 0.4; 0.35 |]; [| 0.38; 0.25; 0.37 |] ] do
            let w = StructuredConsistency.westonWatkinsWitness p |> Require.ok
            Assert.That(SurrogateLaw.witness MulticlassSurrogates.westonWatkins w, $"%A{p}")

    [<Test>]
    member _.``There is no witness where there is no failure``() =
        let none result =
            match result with
            | Error(HindsightError.Incompatible _) -> true
            | _ -> false

        Assert.That(none (StructuredConsistency.maxLossWitness [| 0.6; 0.2; 0.2 |]))
        Assert.That(none (StructuredConsistency.maxLossWitness [| 0.5; 0.5 |]))
        Assert.That(none (StructuredConsistency.westonWatkinsWitness [| 0.4; 0.3; 0.3 |]))
        // indeed: with two rivals below 1/3 the tie of the first two is no minimum
        Assert.That(
            SurrogateLaw.minimum MulticlassSurrogates.westonWatkins [| 0.4; 0.3; 0.3 |] [| 1.0; 1.0; 0.0 |],
            Is.False
        )
