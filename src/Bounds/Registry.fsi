namespace Hindsight.FSharp

open Hindsight

/// <summary>Every calculator of the library, by name. A new theorem is one value in a file of Bounds and one line here; the generic laws, the index of theorems and the command line then find it.</summary>
[<RequireQualifiedAccess>]
module Bounds =
    /// All calculators, family by family.
    val all: BoundCalculator[]

    /// <summary>The calculator of that name, ignoring case.</summary>
    /// <returns>UnknownName with the nearest name if there is none.</returns>
    val find: name: string -> Result<BoundCalculator, HindsightError>
