namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// A drawn loss of any family that has its derivatives in closed form, with two directions. Scores and directions are single-precision numbers.
[<NoComparison; NoEquality>]
type ProductCase =
    {
        Class: MulticlassCase
        Forms: IMulticlassGradient
        Along: float[]
        Other: float[]
    }

    override c.ToString() = $"{c.Class} along %A{c.Along}"

/// Half the squared distance to the label's corner, without closed forms: its Hessian is the identity.
[<Struct; NoComparison; NoEquality>]
type OwnSquares =
    interface IMulticlassLoss with
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(label: int, scores: ReadOnlySpan<'T>) : 'T =
            let mutable sum = 'T.Const 0.0

            for k in 0 .. scores.Length - 1 do
                let residual = 'T.op_Subtraction (scores[k], 'T.Const(if k = label then 1.0 else 0.0))
                sum <- 'T.op_Addition (sum, 'T.Sqr residual)

            'T.op_Multiply ('T.Const 0.5, sum)

        member this.Accept visitor = visitor.Visit this

        member _.Metadata =
            { LossMetadata.Default with
                Name = "OwnSquares"
            }

/// Laws of Hessian-vector products as functions of the product: true if the law holds.
[<RequireQualifiedAccess>]
module HessianLaw =
    let private asSingle (z: float[]) = z |> Array.map (float32 >> float)

    let double (loss: IMulticlassGradient) label (z: float[]) (v: float[]) =
        let r = Array.zeroCreate<float> z.Length
        loss.HessianVector(label, ReadOnlySpan z, ReadOnlySpan v, Span r)
        r

    let single (loss: IMulticlassGradient) label (z: float[]) (v: float[]) =
        let r = Array.zeroCreate<float32> z.Length

        InDouble.hessianVector
            loss
            label
            (ReadOnlySpan(Array.map float32 z))
            (ReadOnlySpan(Array.map float32 v))
            (Span r)

        r

    /// The derivative of the gradient along the direction in double-double, from the definition.
    let reference (loss: IMulticlassLoss) label (z: float[]) (v: float[]) =
        let zero = DD 0.0

        Array.init z.Length (fun k ->
            let at =
                z |> Array.mapi (fun j x -> Dual(Dual(DD x, DD v[j]), Dual((if j = k then DD 1.0 else zero), zero)))

            (loss.Eval(label, ReadOnlySpan at)).D.D.Hi)

    /// What scores are divided by at most: 1 over the temperature, where there is one below 1.
    let sharpness (loss: IMulticlassLoss) =
        let over temperature =
            if temperature > 0.0 then
                max 1.0 (1.0 / temperature)
            else
                1.0

        match loss with
        | :? ISoftmaxLoss as soft -> over soft.Temperature
        | :? IFenchelYoungLoss as young -> over young.Temperature
        | _ -> 1.0

    /// What entries may cancel against: the direction times the gradient and the largest entry; exponents of differences carry that many units of rounding.
    let slack eps (loss: IMulticlassLoss) label z (v: float[]) product =
        let sharp = sharpness loss

        512.0
        * eps
        * (1.0 + sharp * MulticlassLaw.spread z)
        * MulticlassLaw.norm v
        * (sharp * MulticlassLaw.norm (Multiclass.gradient loss label z) + Array.max (Array.map abs product))

    /// A temperature that is found from the scores multiplies rounding without a bound; the family's own laws hold it to the definition where it does not.
    let conditioned (c: ProductCase) = c.Class.Entry.Name <> "adaptive-ldr-kl"

    /// Against the derivative of the gradient in double-double.
    let agrees eps smallest (loss: IMulticlassLoss) (product: int -> float[] -> float[] -> float[]) label z v =
        let expected = reference loss label z v
        let slack = slack eps loss label z v expected

        not (slack < 1e30)
        || Array.forall2 (fun x y -> abs (x - y) <= slack + smallest) (product label z v) expected

    let sameBits (a: float32) (b: float32) =
        BitConverter.SingleToInt32Bits a = BitConverter.SingleToInt32Bits b

    /// u'(Hv) = v'(Hu).
    let symmetric eps (loss: IMulticlassLoss) (product: int -> float[] -> float[] -> float[]) label z u v =
        let hu, hv: float[] * float[] = product label z u, product label z v

        let dot (a: float[]) (b: float[]) =
            Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

        let slack =
            MulticlassLaw.norm u * slack eps loss label z v hv
            + MulticlassLaw.norm v * slack eps loss label z u hu

        not (slack < 1e30) || abs (dot u hv - dot v hu) <= slack

    /// One rounding of the product in double.
    let roundedOnce
        (double: int -> float[] -> float[] -> float[])
        (single: int -> float[] -> float[] -> float32[])
        label
        z
        v
        =
        Array.forall2 sameBits (single label z v) (double label z v |> Array.map float32)

    let case =
        let entries =
            Draw.multiclassEntries
            |> Array.filter (fun (e, create) -> box (create e.Defaults) :? IMulticlassGradient)

        gen {
            let! case = Gen.bind Draw.multiclassOf (Gen.elements entries)
            let! along = Gen.arrayOfLength case.Scores.Length Draw.normal
            let! other = Gen.arrayOfLength case.Scores.Length Draw.normal

            return
                {
                    Class =
                        { case with
                            Scores = asSingle case.Scores
                        }
                    Forms = box case.Loss :?> IMulticlassGradient
                    Along = asSingle along
                    Other = asSingle other
                }
        }

    /// The product of a batch.
    let batch
        (kernel: MulticlassKernel)
        (labels: int[])
        (z: float[])
        classes
        (weights: float[])
        reduction
        (v: float[])
        =
        let r = Array.zeroCreate<float> z.Length

        kernel.HessianVector(
            ReadOnlySpan labels,
            ReadOnlySpan z,
            classes,
            ReadOnlySpan weights,
            reduction,
            ReadOnlySpan v,
            Span r
        )

        r

    let batchSingle
        (kernel: MulticlassKernel)
        (labels: int[])
        (z: float[])
        classes
        (weights: float[])
        reduction
        (v: float[])
        =
        let r = Array.zeroCreate<float32> z.Length

        kernel.HessianVector(
            ReadOnlySpan labels,
            ReadOnlySpan(Array.map float32 z),
            classes,
            ReadOnlySpan(Array.map float32 weights),
            reduction,
            ReadOnlySpan(Array.map float32 v),
            Span r
        )

        r

type ProductArbitraries =
    static member ProductCase() = Arb.fromGen HessianLaw.case

[<Laws(Arbitrary = [| typeof<ProductArbitraries> |], MaxTest = 1000)>]
type HessianVectorLaws() =
    [<Property>]
    member _.``In single precision the product is that of double, rounded once``(c: ProductCase) =
        HessianLaw.roundedOnce
            (HessianLaw.double c.Forms)
            (HessianLaw.single c.Forms)
            c.Class.Label
            c.Class.Scores
            c.Along
        |> Prop.collect c.Class.Entry.Family

    [<Property>]
    member _.``The product is the derivative of the gradient along the direction, in both precisions``(c: ProductCase) =
        let holds eps smallest product =
            HessianLaw.agrees eps smallest c.Class.Loss product c.Class.Label c.Class.Scores c.Along

        not (HessianLaw.conditioned c)
        || holds Ulp.eps 0.0 (HessianLaw.double c.Forms)
           && holds 1.2e-7 1.2e-38 (fun label z v -> HessianLaw.single c.Forms label z v |> Array.map float)

    [<Property>]
    member _.``The Hessian is symmetric, in both precisions``(c: ProductCase) =
        let holds eps product =
            HessianLaw.symmetric eps c.Class.Loss product c.Class.Label c.Class.Scores c.Along c.Other

        not (HessianLaw.conditioned c)
        || holds Ulp.eps (HessianLaw.double c.Forms)
           && holds 1.2e-7 (fun label z v -> HessianLaw.single c.Forms label z v |> Array.map float)

    [<Property>]
    member _.``A batch's product is each row's, times its weight, over the sum of weights for a mean``(c: ProductCase) =
        let n = c.Class.Scores.Length
        let kernel = MulticlassKernel.For c.Class.Loss
        let weights = [| 0.25; 2.0; 1.0 |]
        let labels = [| c.Class.Label; (c.Class.Label + 1) % n; c.Class.Label |]
        let z = Array.concat [ c.Class.Scores; Array.rev c.Class.Scores; c.Class.Scores ]
        let v = Array.concat [ c.Along; c.Other; c.Other ]

        let rows =
            Array.init 3 (fun i ->
                HessianLaw.double c.Forms labels[i] z[i * n .. i * n + n - 1] v[i * n .. i * n + n - 1])

        let expected scale =
            Array.concat (Array.map2 (fun (w: float) row -> row |> Array.map (fun x -> x * (scale * w))) weights rows)

        let sum = HessianLaw.batch kernel labels z n weights Reduction.Sum v
        let mean = HessianLaw.batch kernel labels z n weights Reduction.Mean v
        let plain = HessianLaw.batch kernel labels z n Array.empty Reduction.Sum v
        let single = HessianLaw.batchSingle kernel labels z n weights Reduction.Sum v

        not (rows |> Array.forall (Array.forall (fun x -> abs x < 1e37)))
        || (sum = expected 1.0
            && mean = expected (1.0 / 3.25)
            && plain = Array.concat rows
            && Array.forall2
                (fun (x: float32) (y: float) -> abs (float x - y) <= 2.0 ** -23.0 * abs y + 1e-44)
                single
                sum)

    [<Property>]
    member _.``Products written over the scores are the same bits``(c: ProductCase) =
        let z = Array.copy c.Class.Scores
        let zs = z |> Array.map float32
        let vs = c.Along |> Array.map float32
        c.Forms.HessianVector(c.Class.Label, Span.op_Implicit (Span z), ReadOnlySpan c.Along, Span z)
        InDouble.hessianVector c.Forms c.Class.Label (Span.op_Implicit (Span zs)) (ReadOnlySpan vs) (Span zs)

        Array.forall2
            (fun (a: float) b -> a.Equals b)
            z
            (HessianLaw.double c.Forms c.Class.Label c.Class.Scores c.Along)
        && Array.forall2 HessianLaw.sameBits zs (HessianLaw.single c.Forms c.Class.Label c.Class.Scores c.Along)

    [<Test>]
    member _.``Products allocate nothing, alone and in batches, in both precisions``() =
        let labels = [| 1; 2; 0 |]
        let z = Array.init 12 (fun k -> sin (float k))
        let v = Array.init 12 (fun k -> cos (float k))
        let zs, vs = Array.map float32 z, Array.map float32 v
        let result, resultSingle = Array.zeroCreate<float> 12, Array.zeroCreate<float32> 12

        for entry, create in Draw.multiclassEntries do
            match box (create entry.Defaults) with
            | :? IMulticlassGradient as loss ->
                let kernel = MulticlassKernel.For(loss :?> IMulticlassLoss)

                let run times =
                    let before = GC.GetAllocatedBytesForCurrentThread()

                    for _ in 1..times do
                        loss.HessianVector(1, ReadOnlySpan(z, 0, 4), ReadOnlySpan(v, 0, 4), Span(result, 0, 4))

                        InDouble.hessianVector
                            loss
                            1
                            (ReadOnlySpan(zs, 0, 4))
                            (ReadOnlySpan(vs, 0, 4))
                            (Span(resultSingle, 0, 4))

                        kernel.HessianVector(
                            ReadOnlySpan labels,
                            ReadOnlySpan z,
                            4,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            ReadOnlySpan v,
                            Span result
                        )

                        kernel.HessianVector(
                            ReadOnlySpan labels,
                            ReadOnlySpan zs,
                            4,
                            ReadOnlySpan.Empty,
                            Reduction.Mean,
                            ReadOnlySpan vs,
                            Span resultSingle
                        )

                    GC.GetAllocatedBytesForCurrentThread() - before

                Assert.That(run 3, Is.GreaterThanOrEqualTo 0L)
                Assert.That(run 50, Is.EqualTo 0L, entry.Name)
            | _ -> ()

    [<Test>]
    member _.``A definition without closed forms has its products by dual numbers, in both precisions``() =
        let kernel = MulticlassKernel.For(OwnSquares())
        let z = [| 0.5; -1.0; 2.0; 0.25; 3.0; -0.75 |]
        let v = [| 1.0; -2.0; 0.5; 4.0; 0.0; -1.5 |]
        Assert.That(HessianLaw.batch kernel [| 0; 1 |] z 3 Array.empty Reduction.Sum v, Is.EqualTo<float[]> v)

        Assert.That(
            HessianLaw.batchSingle kernel [| 0; 1 |] z 3 Array.empty Reduction.Sum v,
            Is.EqualTo<float32[]>(Array.map float32 v)
        )

    [<Test>]
    member _.``Wrong sizes and numbers that are not finite are refused by name``() =
        let kernel = MulticlassKernel.For(CrossEntropy())

        for batch in
            [
                fun labels z classes v ->
                    HessianLaw.batch kernel labels z classes Array.empty Reduction.Mean v |> Array.length
                fun labels z classes v ->
                    HessianLaw.batchSingle kernel labels z classes Array.empty Reduction.Mean v |> Array.length
            ] do
            let call labels z classes v () =
                let length: int = batch labels z classes v
                Assert.That(length, Is.Negative)

            let argument name labels z classes v =
                let caught = Assert.Throws<ArgumentException>(call labels z classes v)
                Assert.That(caught.ParamName, Is.EqualTo(name: string))

            let outOfRange start labels z classes v =
                let caught = Assert.Throws<HindsightException>(call labels z classes v)
                Assert.That(caught.Message, Does.StartWith start)

            argument "scores" [| 0 |] [| 1.0; 2.0; 3.0 |] 2 [| 1.0; 1.0; 1.0 |]
            argument "direction" [| 0 |] [| 1.0; 2.0 |] 2 [| 1.0; 1.0; 1.0 |]
            outOfRange "labels[0] is 2" [| 2 |] [| 1.0; 2.0 |] 2 [| 1.0; 1.0 |]
            outOfRange "classes is 1" [| 0 |] [| 1.0 |] 1 [| 1.0 |]
            outOfRange "scores[1] is NaN" [| 0 |] [| 1.0; nan |] 2 [| 1.0; 1.0 |]
            outOfRange "direction[0] is Infinity" [| 0 |] [| 1.0; 2.0 |] 2 [| infinity; 1.0 |]

        let short () =
            kernel.HessianVector(
                ReadOnlySpan [| 0 |],
                ReadOnlySpan [| 1.0; 2.0 |],
                2,
                ReadOnlySpan.Empty,
                Reduction.Sum,
                ReadOnlySpan [| 1.0; 2.0 |],
                Span [| 0.0 |]
            )

        Assert.That(Assert.Throws<ArgumentException>(short).ParamName, Is.EqualTo "result")
