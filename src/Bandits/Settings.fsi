namespace Hindsight

open System.Collections.Generic
open System.IO

/// <summary>Everything that defines a bandit, as names and numbers: what a command line sets, a snapshot records, and an options record of C# becomes.</summary>
/// <remarks>Keys and values are listed by <see cref="M:Hindsight.BanditSettings.Describe"/>; an unset key has the algorithm's default.</remarks>
[<Sealed>]
type BanditSettings =
    /// The defaults of an algorithm: neufastcb, neusquarecb, epsilon-greedy, squarecb-linear, linucb, lints, uniform, greedy.
    static member Create:
        algorithm: string * contextSize: int * arms: int * seed: uint64 -> Result<BanditSettings, HindsightError>

    /// Names of the algorithms, with one sentence each.
    static member Algorithms: IReadOnlyList<struct (string * string)>
    /// Key, allowed values, meaning, of every setting.
    static member Describe: unit -> IReadOnlyList<struct (string * string * string)>
    /// A copy with one setting changed.
    member With: key: string * value: string -> Result<BanditSettings, HindsightError>
    /// The algorithm's name.
    member Algorithm: string
    /// Length of a context (or of an arm's features with features=action).
    member ContextSize: int
    /// Number of arms.
    member Arms: int
    /// The seed.
    member Seed: uint64
    /// Every key with its value, defaults included, in a fixed order.
    member Values: IReadOnlyList<KeyValuePair<string, string>>
    /// Makes the bandit.
    member Build: unit -> Result<Bandit, HindsightError>

/// <summary>Snapshots: settings and state in one stream, so that a bandit continues bit for bit as if never interrupted.</summary>
[<RequireQualifiedAccess>]
module Snapshot =
    /// Writes settings and state.
    val save: settings: BanditSettings -> bandit: Bandit -> stream: Stream -> unit
    /// Reads both back. Malformed for anything else; Incompatible for a snapshot of another generator version, or of a lane width that this machine lacks.
    val load: stream: Stream -> Result<struct (BanditSettings * Bandit), HindsightError>
