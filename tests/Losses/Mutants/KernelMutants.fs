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
