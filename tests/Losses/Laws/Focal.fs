namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

[<RequireQualifiedAccess>]
module FocalLaw =
    let probability label z =
        Math.Exp -(Multiclass.value (CrossEntropy()) label z)

    /// The loss at probability p, by two classes.
    let at (loss: IMulticlassLoss) p =
        Multiclass.value loss 0 [| Scalar.logit p; 0.0 |]

    /// -(1-p)^2 ln p at p = 0.3, section 32.
    let golden (value: float -> float -> float) =
        Ulp.between (value 2.0 0.3) 0.5899466741197086 <= 16.0

    let belowCrossEntropy (value: float -> float -> float) p =
        let values = [ 0.0; 0.5; 1.0; 2.0; 5.0 ] |> List.map (fun gamma -> value gamma p)

        Ulp.between values.Head -(Math.Log p) <= 8.0 + 8.0 / abs (Math.Log p)
        && List.pairwise values |> List.forall (fun (a, b) -> b <= a)

    /// The recovered probabilities make v stationary: eta_k phi'(v_k) is the same for all classes, phi(v) = -(1-v)^gamma ln v.
    let stationary (recover: float -> float[] -> float[]) gamma (v: float[]) =
        let eta = recover gamma v

        let slopes =
            Array.map2
                (fun e x ->
                    let w = 1.0 - x
                    e * (w ** gamma / x - gamma * w ** (gamma - 1.0) * Math.Log x))
                eta
                v

        let top = Array.max slopes
        slopes |> Array.forall (fun s -> abs (s - top) <= 1e-12 * top)

    let recover gamma v =
        FocalLosses.recoverPosterior gamma v |> Require.ok

    /// Draws of v over n classes and the share of them where it is more confident than the recovered probabilities.
    let overconfident n =
        let rng = Random 11

        Seq.init 300 (fun _ ->
            let w = Array.init n (fun _ -> (-(Math.Log(1.0 - rng.NextDouble()))) ** 2.0)
            let v = w |> Array.map (fun x -> x / Array.sum w)
            Array.max v > Array.max (recover 2.0 v) * (1.0 + 1e-12))
        |> Seq.filter id
        |> Seq.length

    /// JS from its definition, the vectors written out.
    let jensenShannonDirect pi label (z: float[]) =
        let s = Array.init z.Length (fun k -> probability k z)
        let e = Array.init z.Length (fun k -> if k = label then 1.0 else 0.0)
        let m = Array.map2 (fun a b -> pi * a + (1.0 - pi) * b) e s

        let kl p q =
            Array.fold2 (fun sum a b -> if a = 0.0 then sum else sum + a * Math.Log(a / b)) 0.0 p q

        (pi * kl e m + (1.0 - pi) * kl s m) / -((1.0 - pi) * Math.Log(1.0 - pi))

    let jensenShannon (value: float -> int -> float[] -> float) (z: float[]) =
        // the definition cancels: its terms are of order 1
        [ 0.1; 0.5; 0.9 ]
        |> List.forall (fun pi -> abs (value pi 0 z - jensenShannonDirect pi 0 z) <= 1e-13)

    let normalizedSum (value: int -> float[] -> float) (z: float[]) =
        MulticlassLaw.symmetric value (fun _ -> 1.0) z
        && Seq.forall (fun y -> value y z >= 0.0 && value y z <= 1.0) (seq { 0 .. z.Length - 1 })

    let truncated (value: float -> float -> float -> float) =
        [ 0.05; 0.3; 0.49999; 0.50001; 0.9 ]
        |> List.forall (fun p ->
            let gce q x = (1.0 - x ** q) / q
            abs (value 0.7 0.5 p - min (gce 0.7 p) (gce 0.7 0.5)) <= 1e-14)

    let asymmetric (unhinged: float -> float -> float -> float) (agce: float -> float -> float -> float) p =
        [ 1.5, 0.9; 3.0, 2.5 ]
        |> List.forall (fun (a, q) ->
            // the definitions cancel where p is near 1: their terms are at most (a+1)^q
            let size = Ulp.eps * 8.0 * (a + 1.0) ** q / q

            abs (unhinged a q p - ((a - p) ** q - (a - 1.0) ** q) / q) <= size
            && abs (agce a q p - ((a + 1.0) ** q - (a + p) ** q) / q) <= size)

[<Laws(Arbitrary = [| typeof<LossArbitraries> |], MaxTest = 500)>]
[<Category "focal">]
type FocalLaws() =
    [<Test>]
    member _.``Golden value of section 32``() =
        Assert.That(FocalLaw.golden (fun gamma -> FocalLaw.at (Focal gamma)))

    [<Property>]
    member _.``Focal loss is at most cross-entropy, decreasing in gamma``(Probability p) =
        FocalLaw.belowCrossEntropy (fun gamma -> FocalLaw.at (Focal gamma)) p

    [<Property>]
    member _.``The recovered posterior is the one that the focal minimiser comes from: equal eta_k phi'(v_k)``
        (Simplex v)
        =
        let v = v |> Array.map (fun x -> max x 1e-9)
        let v = v |> Array.map (fun x -> x / Array.sum v)

        Array.max v > 1.0 - 1e-9
        || [ 0.0; 0.5; 1.0; 2.0; 5.0 ]
           |> List.forall (fun gamma -> FocalLaw.stationary FocalLaw.recover gamma v)

    [<Property>]
    member _.``Posterior recovery keeps the order of the classes and sums to 1``(Simplex v) =
        let eta = FocalLaw.recover 2.0 v

        abs (Array.sum eta - 1.0) <= 1e-14
        && Array.allPairs (Array.zip v eta) (Array.zip v eta)
           |> Array.forall (fun ((v1, e1), (v2, e2)) -> v1 <= v2 || e1 >= e2)

    [<Test>]
    member _.``Focal minimisers of two and three classes are never overconfident; of a hundred they often are``() =
        Assert.That(FocalLaw.overconfident 2, Is.EqualTo 0)
        Assert.That(FocalLaw.overconfident 3, Is.EqualTo 0)
        Assert.That(FocalLaw.overconfident 100, Is.GreaterThan 100)

    [<Test>]
    member _.``Posterior recovery finds the class probabilities from the minimiser of the expected loss``() =
        // minimised over the scores by Newton-free gradient descent with a step that the curvature allows
        for p in [ [| 0.6; 0.4 |]; [| 0.5; 0.3; 0.2 |]; [| 0.3; 0.3; 0.25; 0.15 |] ] do
            let loss: IMulticlassLoss = Focal 2.0
            let mutable z = p |> Array.map Math.Log

            for _ in 1..4000 do
                z <- Array.map2 (fun x g -> x - 0.5 * g) z (Multiclass.expectedGradient loss p z)

            let v = Array.init p.Length (fun k -> FocalLaw.probability k z)
            let found = FocalLaw.recover 2.0 v
            // the gradient is down to rounding, and the curvature of these cases above 1/50
            Assert.That(Array.forall2 (fun a b -> abs (a - b) < 1e-12) found p, $"%A{found}")

    [<Property>]
    member _.``Reverse cross-entropy is symmetric: its sum over the labels is scale (n - 1)``(c: ClassCase) =
        MulticlassLaw.symmetric (Multiclass.value (ReverseCrossEntropy 4.0)) (fun n -> 4.0 * (float n - 1.0)) c.Z

    [<Property>]
    member _.``Normalised cross-entropy is in [0,1] and sums to 1 over the labels``(c: ClassCase) =
        FocalLaw.normalizedSum (Multiclass.value (NormalizedCrossEntropy())) c.Z

    [<Property>]
    member _.``Symmetric cross-entropy is the mixture of cross-entropy and its reverse``
        (c: ClassCase, Probability mix)
        =
        let value loss = Multiclass.value loss 0 c.Z

        Ulp.between
            (value (SymmetricCrossEntropy(mix, 3.0)))
            ((1.0 - mix) * value (CrossEntropy()) + mix * value (ReverseCrossEntropy 3.0))
        <= 4.0

    [<Property>]
    member _.``The asymmetric losses are their definitions``(Probability p) =
        FocalLaw.asymmetric
            (fun a q -> FocalLaw.at (AsymmetricUnhinged(a, q)))
            (fun a q -> FocalLaw.at (AsymmetricGce(a, q)))
            p

    [<Property>]
    member _.``At q = 1 the asymmetric losses are 1 - p``(c: ClassCase) =
        let p = Multiclass.value (SoftmaxAbsoluteError()) 0 c.Z

        Ulp.between (Multiclass.value (AsymmetricUnhinged(2.5, 1.0)) 0 c.Z) p <= 16.0
        && Ulp.between (Multiclass.value (AsymmetricGce(2.5, 1.0)) 0 c.Z) p <= 16.0

    [<Test>]
    member _.``Truncated generalized cross-entropy is the smaller of the loss and its value at the threshold``() =
        Assert.That(FocalLaw.truncated (fun q k -> FocalLaw.at (TruncatedGce(q, k))))

    [<Property>]
    member _.``The Jensen-Shannon loss is the divergence from its definition``(c: ClassCase) =
        FocalLaw.jensenShannon (fun pi -> Multiclass.value (JensenShannon pi)) c.Z

    [<Property>]
    member _.``The Jensen-Shannon loss tends to cross-entropy as pi tends to 0 and to 1 - p as pi tends to 1``
        (Probability p)
        =
        let surprisal, missing = FocalLaw.at (CrossEntropy()) p, FocalLaw.at (SoftmaxAbsoluteError()) p
        // first order in pi: relative pi (1/p + A); second limit: relative to 1/ln(1/(1-pi))
        abs (FocalLaw.at (JensenShannon 1e-9) p - surprisal) <= 4e-9 * surprisal * (1.0 / p + surprisal)
        && abs (FocalLaw.at (JensenShannon(1.0 - 1e-15)) p - missing) <= missing * (1.0 + surprisal) / 30.0

    [<Test>]
    member _.``Zero values of the structs are what their documentation says``() =
        let z = [| 0.5; -1.0; 0.25 |]
        let value (loss: IMulticlassLoss) = Multiclass.value loss 0 z
        let cross, absolute = value (CrossEntropy()), value (SoftmaxAbsoluteError())
        Assert.That(value (Unchecked.defaultof<Focal>), Is.EqualTo cross)
        Assert.That(value (Unchecked.defaultof<SymmetricCrossEntropy>), Is.EqualTo cross)
        Assert.That(value (Unchecked.defaultof<TruncatedGce>), Is.EqualTo cross)
        Assert.That(value (Unchecked.defaultof<JensenShannon>), Is.EqualTo cross)
        Assert.That(value (Unchecked.defaultof<GeneralizedCrossEntropy>), Is.EqualTo cross)
        Assert.That(value (Unchecked.defaultof<AsymmetricUnhinged>), Is.EqualTo absolute)
        Assert.That(value (Unchecked.defaultof<AsymmetricGce>), Is.EqualTo absolute)
        Assert.That(value (Unchecked.defaultof<ReverseCrossEntropy>), Is.EqualTo 0.0)
        Assert.That(value (Unchecked.defaultof<CompSum>), Is.EqualTo(value (SumExponential())))

    [<Test>]
    member _.``What is no distribution has no posterior``() =
        let refused result =
            match result with
            | Error(HindsightError.OutOfRange _) -> true
            | _ -> false

        Assert.That(refused (FocalLosses.recoverPosterior -1.0 [| 0.5; 0.5 |]))
        Assert.That(refused (FocalLosses.recoverPosterior 2.0 [| 0.5; 0.6 |]))
        Assert.That(refused (FocalLosses.recoverPosterior 2.0 [| 1.5; -0.5 |]))
        Assert.That(FocalLaw.recover 2.0 [| 1.0; 0.0 |], Is.EqualTo<float[]> [| 1.0; 0.0 |])

    [<Test>]
    member _.``Parameters out of range are refused``() =
        let refused (make: unit -> obj) = Assert.That(MulticlassLaw.refused make)

        refused (fun () -> Focal -1.0)
        refused (fun () -> ReverseCrossEntropy 0.0)
        refused (fun () -> SymmetricCrossEntropy(1.5, 1.0))
        refused (fun () -> AsymmetricUnhinged(1.0, 1.0))
        refused (fun () -> AsymmetricGce(0.0, 1.0))
        refused (fun () -> TruncatedGce(0.5, 1.0))
        refused (fun () -> JensenShannon 1.0)
        refused (fun () -> ClassWeighted(CrossEntropy(), [| 1.0; -1.0 |]))
