namespace Hindsight

[<NoComparison>]
type LossParameter =
    {
        Name: string
        Meaning: string
        Default: float
        Allowed: Domain
        Typical: Domain
    }

[<RequireQualifiedAccess; NoComparison; NoEquality>]
type LossDefinition =
    | Scalar of create: (float[] -> ILoss)
    | Multiclass of create: (float[] -> IMulticlassLoss)

[<NoComparison; NoEquality>]
type LossEntry =
    {
        Name: string
        Family: string
        Parameters: LossParameter[]
        Definition: LossDefinition
    }

    member entry.Metadata(parameters: float[]) =
        match entry.Definition with
        | LossDefinition.Scalar create -> (create parameters).Metadata
        | LossDefinition.Multiclass create -> (create parameters).Metadata

    member entry.Defaults = entry.Parameters |> Array.map _.Default

namespace Hindsight.FSharp

open Hindsight

[<RequireQualifiedAccess>]
module LossEntry =
    let parameter name meaning defaultValue allowed typical : LossParameter =
        {
            Name = name
            Meaning = meaning
            Default = defaultValue
            Allowed = allowed
            Typical = typical
        }

    let private entry name family parameters definition : LossEntry =
        {
            Name = name
            Family = family
            Parameters = parameters
            Definition = definition
        }

    let scalar name family parameters create =
        entry name family parameters (LossDefinition.Scalar create)

    let multiclass name family parameters create =
        entry name family parameters (LossDefinition.Multiclass create)
