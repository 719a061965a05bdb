namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// The laws that every registered loss is held to, read from its metadata.
[<RequireQualifiedAccess>]
module GenericLaw =
    /// The audit of a loss.
    let audit (definition: LossDefinition) cases seed parameters =
        match definition with
        | LossDefinition.Scalar create -> LossAuditor.Check(create parameters, seed, cases)
        | LossDefinition.Multiclass create -> LossAuditor.Check(create parameters, seed, cases)

    let private options =
        { CertifyOptions.Default with
            Relative = 1e-3
            Width = 1e-4
            Boxes = 400
        }

    /// Boxes that grow within the domains.
    let boxes (meta: LossMetadata) =
        [ 0.5; 2.0; 8.0 ]
        |> List.map (fun reach -> struct (Boxes.within meta.Label (min reach 4.0), Boxes.scores meta reach))

    /// What the enclosures on growing boxes say against the declared constants: sentences, none if all is well.
    /// A constant over the whole domains is at least the one over a box; the part of the enclosure that is certain must not pass it.
    let against (loss: ILoss) =
        let meta = loss.Metadata

        [
            for struct (label, score) in boxes meta do
                let atMost name (declared: Nullable<float>) (found: Result<Enclosure, HindsightError>) =
                    match found with
                    | Ok e when declared.HasValue && e.Low > declared.Value + 4.0 * Ulp.at declared.Value ->
                        [ $"{name} is declared {declared.Value}, but {e} on {label} x {score}" ]
                    | Ok e when
                        declared.HasValue
                        && e.Converged
                        && e.High >
                            declared.Value + CertifyLaw.width options declared.Value + 4.0 * Ulp.at declared.Value
                        ->
                        [ $"{name} is declared {declared.Value}, enclosed by {e} on {label} x {score}" ]
                    | _ -> []

                let atLeast name (declared: Nullable<float>) found =
                    let negative =
                        if declared.HasValue then
                            Nullable(-declared.Value)
                        else
                            declared

                    atMost
                        name
                        negative
                        (found |> Result.map (fun (e: Enclosure) -> { e with Low = -e.High; High = -e.Low }))

                yield! atMost "Lipschitz" meta.Lipschitz (Certify.lipschitz options loss label score)
                yield! atMost "smoothness" meta.Smoothness (Certify.smoothness options loss label score)

                yield!
                    atLeast "strong convexity" meta.StrongConvexity (Certify.strongConvexity options loss label score)

                yield! atLeast "infimum" meta.Infimum (Certify.infimum options loss label score)
                yield! atMost "supremum" meta.Supremum (Certify.supremum options loss label score)

                if meta.Convex then
                    yield!
                        atLeast
                            "curvature of a convex loss"
                            (Nullable 0.0)
                            (Certify.strongConvexity options loss label score)

                // in the mean, where the mean is the score
                let means = Ival(0.0, 1.0)

                if
                    meta.Link = Link.Identity
                    && meta.ExpConcavity.GetValueOrDefault() > 0.0
                    && score.Encloses means
                    && (meta.Label.EndsOnly |> not)
                    && meta.Label.Low <= 0.0
                    && meta.Label.High >= 1.0
                then
                    yield! atLeast "exp-concavity" meta.ExpConcavity (Certify.expConcavity options loss means means)
        ]

    /// Constants that the enclosures on wide boxes do not come near, although a declaration is a supremum or an infimum.
    let notApproached (loss: ILoss) boxes =
        let meta = loss.Metadata
        let options = { options with Boxes = boxes }

        let found search =
            [ 1.0; 8.0; 64.0 ]
            |> List.choose (fun reach ->
                match
                    search options loss (Boxes.within meta.Label (min reach 8.0)) (Boxes.inside 1e-6 meta.Score reach)
                with
                | Ok(e: Enclosure) -> Some e
                | Error _ -> None)

        let most name share (declared: Nullable<float>) search =
            match found search with
            | [] -> []
            | enclosures ->
                let high = enclosures |> List.map _.High |> List.max

                if declared.HasValue && high < declared.Value - share * abs declared.Value - 0.01 then
                    [ $"{name} is declared {declared.Value}, but at most {high} on wide boxes" ]
                else
                    []

        let least name share (declared: Nullable<float>) search =
            let negative =
                if declared.HasValue then
                    Nullable(-declared.Value)
                else
                    declared

            most name share negative (fun options loss label score ->
                search options loss label score |> Result.map (fun e -> { e with Low = -e.High; High = -e.Low }))

        // a logarithmic tail is still a quarter away at 64
        let slow = 0.25

        List.concat
            [
                most "Lipschitz" 0.05 meta.Lipschitz Certify.lipschitz
                most "smoothness" 0.05 meta.Smoothness Certify.smoothness
                least "strong convexity" 0.05 meta.StrongConvexity Certify.strongConvexity
                least "infimum" slow meta.Infimum Certify.infimum
                most "supremum" slow meta.Supremum Certify.supremum
            ]

[<Category("generic")>]
type GenericLaws() =
    static member Names = Losses.all |> Array.map _.Name
    static member Scalars = Draw.scalarEntries |> Array.map (fun (e, _) -> e.Name)

    [<TestCaseSource("Names")>]
    member _.``Every property of the definition and every declared property withstands the audit``(name: string) =
        let entry = Losses.find name |> Require.ok

        Boxes.parameters entry 2
        |> Array.iteri (fun i parameters ->
            let cases = Slow.budget entry.Definition parameters (if i = 0 then 200 else 80)
            let report = GenericLaw.audit entry.Definition cases (uint64 (20_261_125 + i)) parameters
            Assert.That(report.Holds, $"{parameters}: {report}"))

    [<TestCaseSource("Scalars")>]
    member _.``Certified constants on growing boxes do not pass the declared ones``(name: string) =
        let entry, create = Draw.scalarEntries |> Array.find (fun (e, _) -> e.Name = name)

        for parameters in Boxes.parameters entry 1 do
            Assert.That(GenericLaw.against (create parameters), Is.Empty, $"{parameters}")

    [<TestCaseSource("Scalars")>]
    member _.``Declared constants are approached on wide boxes: they are suprema and infima, not just bounds``
        (name: string)
        =
        let entry, create = Draw.scalarEntries |> Array.find (fun (e, _) -> e.Name = name)

        for parameters in Boxes.parameters entry 1 do
            let boxes = Slow.budget entry.Definition parameters 200
            Assert.That(GenericLaw.notApproached (create parameters) boxes, Is.Empty, $"{parameters}")

    [<Test>]
    member _.``An audit replays: the same seed gives the same report, another seed another``() =
        let loss = BinaryCrossEntropy() :> ILoss
        let text seed = string (LossAuditor.Check(loss, seed))
        Assert.That(text 7UL, Is.EqualTo(text 7UL))
        Assert.That(text 7UL, Is.Not.EqualTo(text 8UL))

    static member Mades: ILoss list =
        [
            Made.Absolute()
            Made.Rounded()
            Made.LogCosh()
            Made.HalfCauchy()
            Made.Poisson()
        ]

    [<TestCaseSource("Mades")>]
    member _.``Losses that a user writes, with kinks or without convexity, withstand the audit``(loss: ILoss) =
        let report = LossAuditor.Check(loss, 3UL)
        TestContext.Out.WriteLine(string report)
        Assert.That(report.Holds, string report)
        Assert.That(GenericLaw.against loss, Is.Empty)
