namespace Hindsight.FSharp

open Hindsight

/// <summary>Every loss of the library, by name. A new loss is one line here; the generic law suite then holds it to its declared metadata.</summary>
[<RequireQualifiedAccess>]
module Losses =
    /// All rows, family by family.
    val all: LossEntry[]

    /// <summary>The row of that name, ignoring case.</summary>
    /// <returns>UnknownName with the nearest name if there is none.</returns>
    val find: name: string -> Result<LossEntry, HindsightError>

    /// <summary>The values of a row's parameters: those given by name, the default for the rest.</summary>
    /// <returns>UnknownName for a parameter that the loss does not have; OutOfRange for a value that is not allowed.</returns>
    val parameters: entry: LossEntry -> settings: (string * float) seq -> Result<float[], HindsightError>
