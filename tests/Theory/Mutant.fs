namespace Hindsight.Tests.Theory

/// A wrong implementation (or a false statement) and the law that must find it out. The constant of every tight bound times 0.9 needs no mutant of its own: the witnesses refute it.
[<NoComparison; NoEquality>]
type Mutant =
    {
        /// The calculator, learner or theory that it is a wrong variant of.
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
