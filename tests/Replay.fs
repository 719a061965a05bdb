namespace Hindsight

open System
open FsCheck.NUnit

/// The properties of a fixture: random seeds at the desk, one fixed seed where the variable CI is set. A failure prints what replays it.
[<AttributeUsage(AttributeTargets.Class)>]
type LawsAttribute() as this =
    inherit PropertiesAttribute()

    do
        if not (String.IsNullOrEmpty(Environment.GetEnvironmentVariable "CI")) then
            this.Replay <- "20261125,20261127"
