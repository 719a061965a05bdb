namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Hindsight
open Hindsight.FSharp

/// Laws of the registry itself.
[<Laws(Arbitrary = [| typeof<LossArbitraries> |])>]
type RegistryLaws() =
    [<Test>]
    member _.``Names are unique, lower case, and every default is allowed``() =
        let names = Losses.all |> Array.map _.Name
        Assert.That(Array.distinct names, Is.EqualTo<string[]> names)

        for entry in Losses.all do
            Assert.That(entry.Name, Does.Match "^[a-z0-9-]+$")

            for p in entry.Parameters do
                Assert.That(p.Allowed.Contains p.Default, $"{entry.Name}: default of {p.Name}")
                Assert.That(Double.IsFinite p.Typical.Low && Double.IsFinite p.Typical.High, $"{entry.Name}: {p.Name}")

    [<Test>]
    member _.``Every allowed value of a parameter makes a loss, to the very ends of its domain, and none beyond is taken``
        ()
        =
        let make (entry: LossEntry) (values: float[]) =
            match entry.Definition with
            | LossDefinition.Scalar create -> (create values).Metadata.Name
            | LossDefinition.Multiclass create -> (create values).Metadata.Name

        for entry in Losses.all do
            for i in 0 .. entry.Parameters.Length - 1 do
                let p = entry.Parameters[i]
                let at x = Array.updateAt i x entry.Defaults

                let inward (x: float) closed (next: float -> float) =
                    if Double.IsFinite x then
                        [ (if closed then x else next x) ]
                    else
                        []

                let outward (x: float) closed (next: float -> float) =
                    if Double.IsFinite x then
                        [ (if closed then next x else x) ]
                    else
                        []

                for x in
                    inward p.Allowed.Low p.Allowed.LowClosed Math.BitIncrement
                    @ inward p.Allowed.High p.Allowed.HighClosed Math.BitDecrement do
                    if p.Allowed.Contains x then
                        Assert.That(make entry (at x), Is.Not.Empty, $"{entry.Name}: {p.Name} = {x:R}")

                for x in
                    outward p.Allowed.Low p.Allowed.LowClosed Math.BitDecrement
                    @ outward p.Allowed.High p.Allowed.HighClosed Math.BitIncrement do
                    match Losses.parameters entry [ p.Name, x ] with
                    | Error(HindsightError.OutOfRange(argument, _, _)) -> Assert.That(argument, Is.EqualTo p.Name)
                    | other -> Assert.Fail $"{entry.Name}: {p.Name} = {x:R} is taken: {other}"

    [<Property>]
    member _.``The class generator makes ties at the top in about half of the cases``(c: ClassCase) =
        let top = Array.max c.Z
        let tied = (c.Z |> Array.filter ((=) top)).Length > 1
        Prop.classify tied "tied" (Array.sum c.P |> fun s -> abs (s - 1.0) < 1e-12)

    [<Test>]
    member _.``A parameter that a loss does not have is refused by name``() =
        let entry = Losses.find "squared" |> Require.ok

        match Losses.parameters entry [ "delta", 1.0 ] with
        | Error(HindsightError.UnknownName(_, name, _, _)) -> Assert.That(name, Is.EqualTo "delta")
        | other -> Assert.Fail(string other)

    [<Test>]
    member _.``An unknown loss is refused with the nearest name``() =
        match Losses.find "sqared" with
        | Error(HindsightError.UnknownName(_, _, nearest, _)) -> Assert.That(nearest, Is.EqualTo "squared")
        | other -> Assert.Fail(string other)
