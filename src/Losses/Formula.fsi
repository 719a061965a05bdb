namespace Hindsight

/// <summary>A loss given by a formula in the variables y (label) and z (score): it evaluates at every interpretation, as the losses written in code do.</summary>
/// <remarks>
/// Made by <c>Formula.loss</c>, <c>Formula.parse</c> or the constructor. Nothing is declared for it that is not given: by default it is neither convex nor bounded as far as anybody knows,
/// labels and scores are real. Its continuity is read off the formula: 2 if all parts are analytic on the whole line, 0 if there are abs, max or min among them, -1 (it may jump or be undefined) with a condition, a root, a logarithm,
/// a power or a quotient by something that varies. Derivatives are those of the formula: a formula whose terms cancel loses digits, where the library's own losses have stable forms.
/// The default value of this struct is the constant 0. An element costs a walk through the tree.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type FormulaLoss =
    val private formula: Expr
    val private metadata: LossMetadata | null
    /// <summary>A loss with a formula and what is known about it.</summary>
    /// <remarks>A formula with other variables than y and z is refused: an UnknownName error in a HindsightException.</remarks>
    new: formula: Expr * metadata: LossMetadata -> FormulaLoss
    /// The formula.
    member Formula: Expr
    interface ILoss

namespace Hindsight.FSharp

open Hindsight

/// <summary>Losses in one line: from an F# function over expressions, or from text; and the formula of a loss written in code.</summary>
/// <example id="formula-1"><code>
/// open Hindsight.FSharp.FormulaFunctions
/// let mine = Formula.loss "my loss" (fun y z -> softplus z - y * z)
/// let same = Formula.parse "softplus(z) - y*z"
/// Loss.derivative mine 1.0 0.0 // evaluates to -0.5
/// </code></example>
[<RequireQualifiedAccess>]
module Formula =
    /// What is declared of a formula of which nothing is known but its name: not convex, no bounds, and continuity -1 (it may jump).
    val unknown: name: string -> LossMetadata
    /// A loss from a function of label and score.
    val loss: name: string -> formula: (Expr -> Expr -> Expr) -> FormulaLoss

    /// <summary>The tree of a text.</summary>
    /// <remarks>
    /// Numbers, + - * /, a^b with a constant b, parentheses, the functions exp, log (or ln), log1p, expm1, sqrt, sqr, sigmoid, softplus, tanh, atan, abs, xlogx, max(a, b), min(a, b), logitdivergence(y, z), pow(a, constant), the constants pi and inf,
    /// and <c>if a &gt;= b then c else d</c> (also &lt;=, &gt;, &lt;). A whole exponent from 2 to 64 is a product, so that any base is allowed; other exponents want a base &gt;= 0.
    /// </remarks>
    /// <param name="variables">The names that may occur.</param>
    /// <param name="text">The formula, as in <c>softplus(z) - y*z</c>.</param>
    /// <returns>Malformed with the position of the first character that makes no sense.</returns>
    val expression: variables: string seq -> text: string -> Result<Expr, HindsightError>

    /// <summary>A loss from text in y and z.</summary>
    /// <returns>Malformed with the position of the first character that makes no sense.</returns>
    val parse: text: string -> Result<FormulaLoss, HindsightError>

    /// <summary>A loss from text in y, z and parameters, each with its value.</summary>
    /// <returns>Malformed with the position of the first character that makes no sense; OutOfRange for a parameter's name that is no name.</returns>
    val parseWith: parameters: (string * float) seq -> text: string -> Result<FormulaLoss, HindsightError>

    /// The formula of any loss, in y and z, at its parameters' values.
    val ofLoss: loss: ILoss -> Expr
    /// The formula of a loss of class scores z0, z1, ... for a class and a number of classes.
    val ofMulticlass: loss: IMulticlassLoss -> classes: int -> label: int -> Expr
