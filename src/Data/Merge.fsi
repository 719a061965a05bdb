namespace Hindsight.Data

open Hindsight

/// <summary>Rules that give classes a common name.</summary>
/// <remarks>
/// The text is a list of rules separated by <c>;</c>. A rule is <c>PATTERN, PATTERN...=NAME</c>: labels that match a pattern take the name. The first rule that matches decides; its name is not matched again.
/// A pattern may hold one <c>*</c>, which matches any text; a <c>*</c> in the name stands for that text. Case matters, spaces around patterns and names do not.
/// A backslash before <c>, ; = *</c> or another backslash takes its meaning away.
/// Example: <c>Bipropellant Valve *=Bpv *; Radiator Flow=Rad Flow; 7, 9=other</c>.
/// </remarks>
[<Sealed>]
type Merge =
    /// Changes nothing.
    static member None: Merge
    /// The rules of a text (null or empty: none), or an OutOfRange error that names the rule.
    static member Parse: text: string -> Result<Merge, HindsightError>
    /// The name of a label after the rules.
    member Apply: label: string -> string
