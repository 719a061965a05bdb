namespace Hindsight.Tests.Mutants

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open Hindsight
open Hindsight.FSharp
open Hindsight.Tests.Laws

/// Wrong formulas of the perturbed averaged loss. The gradient law must tell each from the network's.
[<TestFixture>]
type NetworkMutants() =
    let sample = NetworkArbitraries.Case().Generator |> Gen.sampleWithSeed (Rnd 11UL) 50 60

    let averaged
        amplitude
        ridge
        inside
        (loss: ILoss)
        (o: NetworkOptions)
        theta0
        (signs: float[][])
        theta
        x
        block
        head
        label
        =
        let f = Reference.score o theta x block head
        let delta = Array.map2 (-) theta theta0

        match o.Perturbation with
        | PerturbationKind.Rademacher ->
            let shifts = signs |> Array.map (fun eps -> amplitude o * Array.sum (Array.map2 (*) eps delta))

            if inside then
                // the loss of the mean prediction instead of the mean loss
                Loss.value loss label (f + Array.average shifts)
            else
                shifts |> Array.averageBy (fun s -> Loss.value loss label (f + s))
        | PerturbationKind.Expected -> Loss.value loss label f + ridge loss o * (delta |> Array.sumBy (fun d -> d * d))
        | _ -> Loss.value loss label f

    let amplitude = Reference.amplitude

    let ridge (loss: ILoss) o =
        0.5 * loss.Metadata.Smoothness.Value * amplitude o * amplitude o

    let swapped (loss: ILoss) o theta0 signs theta x block head label =
        Reference.averagedLoss loss o theta0 signs theta x block head (1.0 - label)

    let otherBlock (loss: ILoss) (o: NetworkOptions) theta0 signs theta x block head label =
        Reference.averagedLoss loss o theta0 signs theta x ((block + 1) % o.Blocks) head label

    let otherHead (loss: ILoss) (o: NetworkOptions) theta0 signs theta x block head label =
        Reference.averagedLoss loss o theta0 signs theta x block ((head + 1) % o.Heads) label

    let otherActivation (loss: ILoss) (o: NetworkOptions) theta0 signs theta x block head label =
        let activation =
            if o.Activation = Activation.Gelu then
                Activation.ReLU
            else
                Activation.Gelu

        Reference.averagedLoss loss { o with Activation = activation } theta0 signs theta x block head label

    let mutants =
        [
            "amplitude c_p instead of c_p m^(-1/4)", averaged (fun o -> o.PerturbationScale) ridge false
            "amplitude c_p m^(-1/2)", averaged (fun o -> o.PerturbationScale / sqrt (float o.Hidden[0])) ridge false
            "no perturbation", averaged (fun _ -> 0.0) (fun _ _ -> 0.0) false
            "half the ridge", averaged amplitude (fun loss o -> 0.5 * ridge loss o) false
            "a ridge without the loss's smoothness",
            averaged amplitude (fun _ o -> 0.5 * amplitude o * amplitude o) false
            "the loss of the mean prediction", averaged amplitude ridge true
            "the label of the other class", swapped
            "another block", otherBlock
            "another head", otherHead
            "another activation", otherActivation
        ]

    [<Test>]
    member _.``the right formula passes on the whole sample``() =
        for c in sample do
            Assert.That(NetworkLaw.gradient Reference.averagedLoss c, string c)

    [<Test>]
    member _.``every wrong formula is rejected``() =
        for name, mutant in mutants do
            let survived = sample |> Array.forall (NetworkLaw.gradient mutant)
            Assert.That(survived, Is.False, name)
