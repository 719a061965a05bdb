namespace Hindsight.Tests.Losses

open System
open FsCheck
open FsCheck.FSharp
open Hindsight
open Hindsight.FSharp

/// Wrong batches of multiclass losses. The law that holds kernels to the definition must tell each from the right one.
[<RequireQualifiedAccess>]
module KernelMutants =
    let private cases =
        lazy
            (Gen.sampleWithSeed (Rnd(7UL, 15UL)) 50 100 Draw.classCase
             |> Array.map (fun c ->
                 { c with
                     Z = c.Z |> Array.map (max -20.0 >> min 20.0)
                 }))

    let private batch (loss: IMulticlassLoss) label (z: float[]) =
        MulticlassKernelLaw.gradient (MulticlassKernel.For loss) [| label |] z z.Length Array.empty Reduction.Sum

    /// True if the law finds the result of `wrong` out for some case.
    let private rejected (loss: IMulticlassLoss) (wrong: int -> float[] -> float * float[]) () =
        cases.Value
        |> Array.exists (fun c ->
            let case =
                {
                    MulticlassCase.Entry = Losses.find "cross-entropy" |> Require.ok
                    Parameters = [||]
                    Loss = loss
                    Label = 0
                    Scores = c.Z
                }

            not (MulticlassKernelLaw.agrees Ulp.eps 2.2250738585072014e-308 case (wrong 0 c.Z)))

    /// Wrong Hessian-vector products, in single precision where nothing else is said.
    let private products =
        let cases = lazy (Gen.sampleWithSeed (Rnd(11UL, 19UL)) 50 100 HessianLaw.case)

        let mutant name law =
            Mutant.make "Hessian-vector products" name (fun () -> cases.Value |> Array.exists (fun c -> not (law c)))

        let loss = CompSum 1.5
        let wide z = Array.map float z

        let agrees product (c: ProductCase) =
            HessianLaw.agrees 1.2e-7 1.2e-38 loss product c.Class.Label c.Class.Scores c.Along

        let once single (c: ProductCase) =
            HessianLaw.roundedOnce (HessianLaw.double loss) single c.Class.Label c.Class.Scores c.Along

        let single label z v =
            HessianLaw.single loss label z v |> wide

        [
            mutant "the scores taken for the direction" (agrees (fun label z _ -> single label z z))
            mutant
                "the outer function's curvature forgotten"
                (agrees (fun label z v ->
                    let slope = (loss :> ISoftmaxLoss).OuterSlope(R64(Multiclass.value (CrossEntropy()) label z)).V
                    HessianLaw.single (CrossEntropy()) label z v |> Array.map (fun x -> slope * float x)))
            mutant
                "the label's entry without its sign"
                (agrees (fun label z v -> single label z v |> Array.mapi (fun k x -> if k = label then -x else x)))
            mutant
                "rounded twice: the direction halved and the product doubled in tenths"
                (once (fun label z v ->
                    HessianLaw.single loss label z (v |> Array.map (fun x -> 0.1 * x))
                    |> Array.map (fun x -> 10.0f * x)))
            mutant "a Hessian that is not symmetric" (fun c ->
                HessianLaw.symmetric
                    1.2e-7
                    loss
                    (fun label z v -> single label z v |> Array.mapi (fun k x -> float (k + 1) * x))
                    c.Class.Label
                    c.Class.Scores
                    c.Along
                    c.Other)
        ]

    let all: Mutant list =
        let mutant name loss wrong =
            Mutant.make "multiclass kernels" name (rejected loss wrong)

        [
            mutant "the label's own probability is not taken off" (CrossEntropy()) (fun label z ->
                let v, g = batch (CrossEntropy()) label z
                v, g |> Array.mapi (fun k d -> if k = label then d + 1.0 else d))
            mutant "the outer slope is forgotten" (CompSum 1.5) (fun label z ->
                fst (batch (CompSum 1.5) label z), snd (batch (CrossEntropy()) label z))
            mutant "the margin is dropped" (LdrKl(0.7, 0.3)) (fun label z -> batch (LdrKl(0.7, 0.0)) label z)
            mutant "the temperature is dropped" (LdrKl(0.7, 0.3)) (fun label z -> batch (LdrKl(1.0, 0.3)) label z)
            mutant "entmax with the threshold of sparsemax" (FenchelYoungEntmax 1.5) (fun label z ->
                batch (FenchelYoungSparsemax 1.0) label z)
            mutant "a padded row is counted in the sum" (CrossEntropy()) (fun label z ->
                let v, g = batch (CrossEntropy()) label z
                v + v, g)
        ]
        @ products
