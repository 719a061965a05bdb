namespace Hindsight

open System

/// <summary>Where a declared property fails, as simple as the search could make it.</summary>
[<Struct; NoComparison>]
type Counterexample =
    {
        /// The label; for a loss of class scores the class.
        Label: float
        /// The points of the test, a vector of scores each (one score for a scalar loss). For exp-concavity and mixability: means.
        Points: float[][]
        /// What was found, rounded in the loss's favour.
        Found: float
        /// What the property allows, rounded in the loss's favour.
        Allowed: float
        /// The property asks for at least what is allowed, not for at most.
        AtLeast: bool
    }

    /// "label 1, at 0 and 2.5: 0.3 where at most 0.25 is allowed".
    override ToString: unit -> string

/// <summary>What an audit says about one property.</summary>
[<NoComparison>]
type AuditFinding =
    {
        /// The property: "convex", "Lipschitz", "second derivative", ...
        Property: string
        /// No counterexample was found.
        Holds: bool
        /// What was tested, and the closest call.
        Detail: string
        /// The counterexample; null if it holds.
        Counterexample: Nullable<Counterexample>
        /// How many cases were tried. 0: not tested.
        Cases: int
    }

/// <summary>The audit of a loss: a finding for each property.</summary>
[<NoComparison>]
type AuditReport =
    {
        /// The loss's declared name.
        Loss: string
        /// The seed: the same seed gives the same report.
        Seed: uint64
        /// All findings, the properties of the definition first, then the declared ones.
        Findings: AuditFinding[]
    }

    /// Every property holds, as far as the search could see.
    member Holds: bool
    /// The findings that do not hold.
    member Failures: AuditFinding[]
    /// A line for each finding.
    override ToString: unit -> string

/// <summary>The law suite of the library, run on any loss: which declared property fails, and where.</summary>
/// <remarks>
/// Random search with hill climbing, then shrinking towards short numbers. Both sides of every inequality are enclosed by <see cref="T:Hindsight.Ival"/> with outward rounding, so there are no tolerances: what is
/// reported as a counterexample is one, given the error budget of the base library; what is not refuted is not thereby shown. Derivatives are held to differences by the mean value theorem: the difference of the values at two points lies in
/// the enclosure of the derivative between them, times their distance. The same test at neighbouring doubles, found by bisection, finds jumps. Exact tests (values at all orders of jets agree bit for bit, derivatives are finite where the value is) are made on doubles.
/// Declared constants are tested as bounds; how close the search came is in the detail. Exp-concavity and mixability are tested in the mean, means and labels in [0,1].
/// Mixability of class losses, calibration other than of a convex margin loss, and functionals other than the mean are not tested: their findings have 0 cases or are absent.
/// </remarks>
[<AbstractClass; Sealed>]
type LossAuditor =
    /// Audits a loss of a label and a score, margin losses included.
    static member Check: loss: ILoss * seed: uint64 -> AuditReport
    /// The same with another number of cases a property (400 otherwise).
    static member Check: loss: ILoss * seed: uint64 * cases: int -> AuditReport
    /// Audits a loss of a class and a vector of scores; closed-form gradients too if it has them.
    static member Check: loss: IMulticlassLoss * seed: uint64 -> AuditReport
    /// The same with another number of cases a property (400 otherwise).
    static member Check: loss: IMulticlassLoss * seed: uint64 * cases: int -> AuditReport
