namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module CompSumLaw =
    let taus = [ 0.0; 0.25; 0.5; 0.75; 0.999; 1.0; 1.001; 1.25; 1.5; 1.75; 2.0; 2.5; 3.0 ]

    /// Section 32 of the specification: (0.3, -1.2, 2, 0.5) at classes 2 and 1.
    let golden (value: float -> int -> float[] -> float) =
        let z = [| 0.3; -1.2; 2.0; 0.5 |]

        [
            0.0, 0.4465758881795307, 34.48816665917461
            0.5, 0.4054736649396357, 9.914389058474566
            1.0, 0.3691993073690183, 3.569199307369018
            1.5, 0.3371258399952684, 1.664271497231757
            2.0, 0.3087123819971395, 0.9718215931072485
            3.0, 0.2610607145979656, 0.4996029886924933
        ]
        |> List.forall (fun (tau, at2, at1) ->
            // the scores are rounded: their error comes back multiplied by the slope, at most 36 here
            Ulp.between (value tau 2 z) at2 <= 16.0 && Ulp.between (value tau 1 z) at1 <= 16.0)

    /// s_y^(tau-1)(s_k - 1[k = y]) from the softmax itself.
    let gradientFormula (gradient: float -> int -> float[] -> float[]) tau label (z: float[]) =
        let top = Array.max z
        let e = z |> Array.map (fun x -> Math.Exp(x - top))
        let s = e |> Array.map (fun x -> x / Array.sum e)

        let others = Seq.sum (Seq.init z.Length (fun k -> if k = label then 0.0 else s[k]))

        let expected = s |> Array.mapi (fun k x -> s[label] ** (tau - 1.0) * (if k = label then -others else x))

        MulticlassLaw.close (64.0 * Ulp.eps * (1.0 + MulticlassLaw.spread z)) (gradient tau label z) expected

    let value tau label z = Multiclass.value (CompSum tau) label z

    let gradient tau label z =
        let struct (_, g) = MulticlassLaw.gradient (CompSum tau) label z
        g

    /// Accuracy of the surprisal where the label is nearly certain: e^-d to first order.
    let accurateNearCertainty (surprisal: int -> float[] -> float) =
        [ 10.0; 40.0; 300.0; 700.0 ]
        |> List.forall (fun d -> abs (surprisal 0 [| 0.0; -d |] / Scalar.log1p (Math.Exp -d) - 1.0) <= 4.0 * Ulp.eps)

    /// sum over labels of (1 - s_y^q)/q between (n - n^(1-q))/q and (n-1)/q.
    let gceSum (value: float -> int -> float[] -> float) q (z: float[]) =
        let n = float z.Length
        let sum = Seq.sum (Seq.init z.Length (fun y -> value q y z))
        let slack = 1.0 + 16.0 * n * Ulp.eps
        sum * slack >= (n - n ** (1.0 - q)) / q && sum <= (n - 1.0) / q * slack

    /// Convex along a segment of scores: value at the middle against the mean of the ends.
    let convexOn (value: int -> float[] -> float) seed =
        let rng = Random seed

        Seq.forall
            (fun _ ->
                let n = rng.Next(2, 6)

                let a, b =
                    Array.init n (fun _ -> 6.0 * rng.NextDouble() - 3.0),
                    Array.init n (fun _ -> 6.0 * rng.NextDouble() - 3.0)

                let label = rng.Next n
                let ends = 0.5 * (value label a + value label b)
                value label (Array.map2 (fun x y -> 0.5 * (x + y)) a b) <= ends * (1.0 + 1e-14))
            (seq { 1..300 })

[<Laws(Arbitrary = [| typeof<LossArbitraries> |], MaxTest = 300)>]
[<Category "comp-sum">]
type CompSumLaws() =
    [<Test>]
    member _.``Golden values of section 32``() =
        Assert.That(CompSumLaw.golden CompSumLaw.value)

    [<Property>]
    member _.``Gradient: s_y^(tau-1)(s - e_y) for every tau``(c: ClassCase) =
        CompSumLaw.taus |> List.forall (fun tau -> CompSumLaw.gradientFormula CompSumLaw.gradient tau 0 c.Z)

    [<Test>]
    member _.``The surprisal keeps its accuracy where the label is nearly certain``() =
        Assert.That(CompSumLaw.accurateNearCertainty (Multiclass.value (CrossEntropy())))

    [<Property>]
    member _.``The named losses are comp-sum at their tau``(c: ClassCase) =
        let same (loss: IMulticlassLoss) tau =
            Ulp.between (Multiclass.value loss 0 c.Z) (CompSumLaw.value tau 0 c.Z) <= 8.0

        same (CrossEntropy()) 1.0
        && same (SumExponential()) 0.0
        && same (SoftmaxAbsoluteError()) 2.0
        && same (GeneralizedCrossEntropy 0.5) 1.5
        && same (GeneralizedCrossEntropy 0.0) 1.0
        && Ulp.between (Multiclass.value (SquaredSoftmaxAbsoluteError()) 0 c.Z) (CompSumLaw.value 2.0 0 c.Z ** 2.0)
           <= 8.0

    [<Property>]
    member _.``Sum-exponential is the sum over the others of e^(z_k - z_y)``(c: ClassCase) =
        let direct = Seq.sum (Seq.init (c.Z.Length - 1) (fun k -> Math.Exp(c.Z[k + 1] - c.Z[0])))

        Ulp.between (Multiclass.value (SumExponential()) 0 c.Z) direct
        <= 16.0 * (1.0 + MulticlassLaw.spread c.Z)

    [<Property>]
    member _.``Never negative, not increasing in tau, and at most 1/(tau-1) above 1``(c: ClassCase) =
        let values = CompSumLaw.taus |> List.map (fun tau -> tau, CompSumLaw.value tau 0 c.Z)

        List.forall (fun (tau, v) -> v >= 0.0 && (tau <= 1.0 || v <= 1.0 / (tau - 1.0))) values
        && List.pairwise values
           |> List.forall (fun ((_, a), (_, b)) -> b <= a * (1.0 + 64.0 * Ulp.eps * (1.0 + MulticlassLaw.spread c.Z)))

    [<Test>]
    member _.``Convex in the scores for tau at most 1``() =
        for tau in [ 0.0; 0.5; 1.0 ] do
            Assert.That(CompSumLaw.convexOn (CompSumLaw.value tau) 3, $"tau {tau}")

    [<Test>]
    member _.``Not convex for tau above 1: the search finds a violation``() =
        for tau in [ 1.1; 1.5; 2.0; 3.0 ] do
            Assert.That(CompSumLaw.convexOn (CompSumLaw.value tau) 3, Is.False, $"tau {tau}")

    [<Property>]
    member _.``The mean absolute error is symmetric: its sum over the labels is n - 1``(c: ClassCase) =
        MulticlassLaw.symmetric (Multiclass.value (SoftmaxAbsoluteError())) (fun n -> float n - 1.0) c.Z

    [<Property>]
    member _.``The sum over the labels of generalized cross-entropy lies between (n - n^(1-q))/q and (n-1)/q``
        (c: ClassCase)
        =
        [ 0.1; 0.5; 0.7; 1.0 ]
        |> List.forall (fun q -> CompSumLaw.gceSum (fun q -> Multiclass.value (GeneralizedCrossEntropy q)) q c.Z)

    [<Property>]
    member _.``Hessian of cross-entropy: v'Hv is the variance of v under the softmax, at most max |v|^2``
        (c: ClassCase)
        =
        let v = c.P |> Array.map (fun p -> p - 0.3)
        let product = MulticlassLaw.hessianVector (CrossEntropy()) 0 c.Z v
        let form = Array.fold2 (fun sum a b -> sum + a * b) 0.0 v product
        let s = Array.init c.Z.Length (fun k -> Math.Exp -(Multiclass.value (CrossEntropy()) k c.Z))
        let mean = Array.fold2 (fun sum a b -> sum + a * b) 0.0 s v
        let variance = Array.fold2 (fun sum a b -> sum + a * (b - mean) ** 2.0) 0.0 s v
        let top = v |> Array.map abs |> Array.max

        abs (form - variance) <= 64.0 * Ulp.eps * top * top * (1.0 + MulticlassLaw.spread c.Z)
        && form <= top * top

    [<Test>]
    member _.``The Lipschitz and smoothness constants are attained with two classes``() =
        for tau in [ 1.0; 1.2; 1.5; 2.0; 3.0; 6.0 ] do
            let m = (CompSum tau :> IMulticlassLoss).Metadata
            let b = (BinaryCompSum tau :> ILoss).Metadata
            // a grid of 2 10^-3 about a smooth maximum misses it by a relative 10^-6 at most; at tau = 1 the slope is largest at minus infinity
            let grid = [ for i in -20000 .. 4000 -> float i * 2e-3 ]

            let sweep f = grid |> List.map f |> List.max

            let slope = sweep (fun d -> MulticlassLaw.norm (CompSumLaw.gradient tau 0 [| d; 0.0 |]))

            let curvature =
                sweep (fun d ->
                    MulticlassLaw.hessianVector (CompSum tau) 0 [| d; 0.0 |] [| sqrt 0.5; -(sqrt 0.5) |]
                    |> MulticlassLaw.norm)

            let near declared found =
                found <= declared * (1.0 + 1e-14) && found >= declared * (1.0 - 1e-5)

            Assert.That(near m.Lipschitz.Value slope, $"Lipschitz, tau {tau}")
            Assert.That(near m.Smoothness.Value curvature, $"smoothness, tau {tau}")
            Assert.That(b.Lipschitz.Value, Is.EqualTo(m.Lipschitz.Value / sqrt 2.0).Within(2).Ulps)
            Assert.That(b.Smoothness.Value, Is.EqualTo(m.Smoothness.Value / 2.0).Within(2).Ulps)

        Assert.That((CompSum 0.5 :> IMulticlassLoss).Metadata.Lipschitz.HasValue, Is.False)
        // 1/(3 sqrt 3), derived by hand
        Assert.That(
            (CompSum 2.0 :> IMulticlassLoss).Metadata.Smoothness.Value,
            Is.EqualTo(1.0 / (3.0 * sqrt 3.0)).Within(4).Ulps
        )

    [<Property>]
    member _.``The binary form is the loss of two classes, with its derivatives``(Score margin) =
        let margin = max -300.0 (min 300.0 margin)

        CompSumLaw.taus
        |> List.forall (fun tau ->
            let struct (value, slope, curvature) = Loss.jet (BinaryCompSum tau) 1.0 margin
            let struct (two, g) = MulticlassLaw.gradient (CompSum tau) 0 [| margin; 0.0 |]
            let h = MulticlassLaw.hessianVector (CompSum tau) 0 [| margin; 0.0 |] [| 1.0; 0.0 |]
            let opposite = Loss.value (BinaryCompSum tau) -1.0 -margin
            let tolerance = 16.0 * (1.0 + abs margin)

            Ulp.between value two <= tolerance
            && opposite = value
            && Ulp.between slope g[0] <= tolerance
            && abs (curvature - h[0]) <= 4.0 * tolerance * Ulp.eps * (abs slope + abs h[0]))

    [<Property>]
    member _.``Binary special cases: exponential, logistic and sigmoid loss``(Score margin) =
        let value tau =
            Loss.value (BinaryCompSum tau) 1.0 margin

        let close a b = Ulp.between a b <= 8.0

        close (value 0.0) (Math.Exp -margin)
        && close (value 1.0) (Scalar.softplus -margin)
        && close (value 2.0) (Scalar.sigmoid -margin)

    [<Property>]
    member _.``Exp-concavity in the probability of the label: the ratio of second derivative to squared slope is at least 2 - tau``
        (Probability p)
        =
        [ 1.0; 1.2; 1.5; 1.9 ]
        |> List.forall (fun tau ->
            let declared = (CompSum tau :> IMulticlassLoss).Metadata.ExpConcavity.Value
            // l = (s^(tau-1) - 1)/(1-tau): l' = -s^(tau-2), l'' = (2-tau) s^(tau-3)
            (2.0 - tau) * p ** (tau - 3.0) >= declared * (p ** (tau - 2.0)) ** 2.0 * (1.0 - 1e-14)
            && declared = 2.0 - tau)

    [<Property>]
    member _.``The slope of Phi^tau is (1+u)^-tau``(Probability p, Score s) =
        let u = abs s + p

        CompSumLaw.taus
        |> List.forall (fun tau ->
            let d = (CompSumLosses.phi tau (Dual(R64 u, R64 1.0))).D.V
            abs (d - CompSumLosses.phiSlope tau u) <= 8.0 * Ulp.eps * (1.0 + Scalar.log1p u) * d)

    [<Test>]
    member _.``Parameters out of range are refused``() =
        for bad in [ -0.1; nan; infinity ] do
            Assert.That(MulticlassLaw.refused (fun () -> CompSum bad))
            Assert.That(MulticlassLaw.refused (fun () -> BinaryCompSum bad))
            Assert.That(MulticlassLaw.refused (fun () -> GeneralizedCrossEntropy bad))

        Assert.That(MulticlassLaw.refused (fun () -> GeneralizedCrossEntropy 1.1))
