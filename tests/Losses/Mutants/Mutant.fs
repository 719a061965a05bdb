namespace Hindsight.Tests.Losses

/// A wrong implementation (or a false statement) and the law that must find it out.
[<NoComparison; NoEquality>]
type Mutant =
    {
        /// The family of the registry, or the calculator, that it is a wrong variant of.
        Family: string
        /// What is wrong with it.
        Name: string
        /// Runs the law: true if it finds a violation.
        Rejected: unit -> bool
    }

[<RequireQualifiedAccess>]
module Mutant =
    let make family name rejected =
        {
            Family = family
            Name = name
            Rejected = rejected
        }
