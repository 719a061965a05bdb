namespace Hindsight.Data

open Hindsight

/// <summary>What a name of the catalogue stands for.</summary>
[<NoComparison; NoEquality>]
type CatalogSet =
    /// A classification table.
    | Table of Table: ITable
    /// A simulated environment, of at most the given rounds (0: no limit).
    | Simulated of Open: (int -> Result<IEnvironment, HindsightError>)

/// <summary>The sets that need no download.</summary>
[<RequireQualifiedAccess>]
module Catalog =
    /// The names, in the order in which they are listed.
    [<CompiledName("Names")>]
    val names: string[]

    /// <summary>One sentence about a set.</summary>
    /// <param name="name">A name of the catalogue, in any case.</param>
    /// <returns>The sentence, or UnknownName with the nearest name.</returns>
    [<CompiledName("Describe")>]
    val describe: name: string -> Result<string, HindsightError>

    /// <summary>Makes a set.</summary>
    /// <param name="name">A name of the catalogue, in any case.</param>
    /// <param name="seed">Of the rows of a drawn table, or of the hidden function of a simulated environment; the enumerated sets do not read it.</param>
    /// <returns>The set, or UnknownName with the nearest name.</returns>
    [<CompiledName("OpenSet")>]
    val openSet: name: string -> seed: uint64 -> Result<CatalogSet, HindsightError>
