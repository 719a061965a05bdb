namespace Hindsight

/// <summary>A parameter of a loss: its name, what it means, and where it may lie.</summary>
[<NoComparison>]
type LossParameter =
    {
        /// Name on the command line and in errors: "delta".
        Name: string
        /// What it does, with its unit.
        Meaning: string
        /// The value when none is given.
        Default: float
        /// What is allowed.
        Allowed: Domain
        /// A closed part of what is allowed that the law suite draws from.
        Typical: Domain
    }

/// <summary>How a row of the registry makes its loss from the values of its parameters, in their order.</summary>
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type LossDefinition =
    /// A loss of a label and a score.
    | Scalar of create: (float[] -> ILoss)
    /// A loss of a class and a vector of scores.
    | Multiclass of create: (float[] -> IMulticlassLoss)

/// <summary>A row of the registry: one loss with its parameters. Laws, documentation and the command line read it.</summary>
[<NoComparison; NoEquality>]
type LossEntry =
    {
        /// Name on the command line: "pseudo-huber".
        Name: string
        /// The family: "regression", "margin", ...
        Family: string
        /// The parameters, in the order of <c>Definition</c>'s argument.
        Parameters: LossParameter[]
        /// How it is made.
        Definition: LossDefinition
    }

    /// The declared properties at the given parameters.
    member Metadata: parameters: float[] -> LossMetadata
    /// The default value of every parameter.
    member Defaults: float[]

namespace Hindsight.FSharp

open Hindsight

/// <summary>Building rows of the registry: used at the end of each file of losses.</summary>
[<RequireQualifiedAccess>]
module LossEntry =
    /// A parameter.
    val parameter:
        name: string -> meaning: string -> defaultValue: float -> allowed: Domain -> typical: Domain -> LossParameter

    /// A loss of a label and a score.
    val scalar: name: string -> family: string -> parameters: LossParameter[] -> create: (float[] -> ILoss) -> LossEntry

    /// A loss of a class and a vector of scores.
    val multiclass:
        name: string ->
        family: string ->
        parameters: LossParameter[] ->
        create: (float[] -> IMulticlassLoss) ->
            LossEntry
