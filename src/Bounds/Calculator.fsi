namespace Hindsight

/// <summary>An input of a calculator: a number, or a list of numbers that satisfy the same condition.</summary>
[<NoComparison>]
type BoundInput =
    {
        /// The word that names it in code: "horizon".
        Name: string
        /// The symbol that names it in the formula and on the command line: "T". A letter followed by letters, digits and underscores.
        Symbol: string
        /// What it is, with its unit.
        Meaning: string
        /// What is allowed.
        Allowed: Domain
        /// Whether only whole numbers make sense.
        Whole: bool
        /// Whether it is a list.
        Vector: bool
        /// Whether it is ours to choose (a step, gamma, a grid's size): what nobody sets is set where the bound is least.
        Free: bool
        /// What it is when nobody sets it; empty if it must be given.
        Default: float[]
        /// A value for examples and for the start of a search.
        Example: float[]
    }

/// <summary>The inputs of a formula, by their symbols.</summary>
[<Sealed; Class>]
type BoundInputs<'T> =
    internal new: inputs: BoundInput[] * values: 'T[][] * numbers: float[][] -> BoundInputs<'T>
    /// The value of a number.
    member Item: symbol: string -> 'T with get
    /// The values of a list.
    member List: symbol: string -> 'T[]
    /// <summary>The value as a float, whatever the scalar: where a root is searched for. A formula that asks for it has no expression tree and states its text itself.</summary>
    member Number: symbol: string -> float
    /// The values of a list as floats; see <c>Number</c>.
    member Numbers: symbol: string -> float[]

/// <summary>The formula of a calculator, once, over any scalar.</summary>
/// <remarks>Roots of F(z, x) = 0: search z in floats through <c>Number</c>, then take two steps z - F(z, x)/F_z(z, x) in the scalar, which makes first and second derivatives exact.</remarks>
type IBoundFormula =
    /// The value of the bound, then the values of the calculator's <c>Intermediate</c> terms in their order.
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : inputs: BoundInputs<'T> -> 'T[]

/// <summary>A term that a formula computes on its way: symbol and meaning.</summary>
[<NoComparison>]
type BoundTerm = { Symbol: string; Meaning: string }

/// <summary>A theorem as a calculator: what goes in, the formula, and all that its number rests on. Value, sensitivity, best parameters and printed formula come from the one definition.</summary>
[<NoComparison; NoEquality>]
type BoundCalculator =
    {
        /// Name on the command line: "squarecb".
        Name: string
        /// The family, which is a page of the documentation: "bandits".
        Family: string
        /// A short heading: "Expected regret of SquareCB".
        Title: string
        /// The statement of the theorem, in words and symbols.
        Statement: string
        /// Paper, theorem or equation; "derived here" where it is; "constant from memory" where it is.
        Source: string
        Kind: BoundKind
        Direction: BoundDirection
        /// The inputs. One with the symbol delta is the failure probability of the two probabilistic kinds.
        Inputs: BoundInput[]
        /// Terms that the formula computes on its way.
        Intermediate: BoundTerm[]
        /// The formula as text, for formulas without a tree (roots, lists); null where the tree is the text.
        Text: string
        Definition: IBoundFormula
        /// Conditions that join several inputs; each input's own domain has been checked.
        Check: BoundInputs<float> -> Result<unit, HindsightError>
        /// What it assumes, given the inputs.
        Assumptions: BoundInputs<float> -> Assumption[]
        /// What holds without any theorem, given the inputs; infinity if nothing does.
        Trivial: BoundInputs<float> -> float
        /// The name of the law that tests it.
        Law: string
    }

/// <summary>The derivative of a bound in one of its inputs.</summary>
[<NoComparison>]
type BoundSensitivity =
    {
        /// The input's symbol.
        Symbol: string
        /// The derivative; one for each element of a list.
        Derivative: float[]
        /// The elasticity: percent of change in the bound for a percent of change in the input (for a list, in all elements together).
        Elasticity: float
    }

/// <summary>The free inputs at which a bound is least (greatest, for a lower bound), and the bound there.</summary>
[<NoComparison>]
type BoundOptimum =
    {
        /// The inputs that were searched, in the given order.
        Symbols: string[]
        /// Their best values.
        Values: float[]
        Bound: Bound
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Building calculators and asking them.</summary>
/// <remarks>Settings name an input by its word or its symbol, ignoring case where that is unambiguous. A number that is not finite or out of its domain is an OutOfRange error with the input's name;
/// an input that must be given and is not is a Missing error; a value that comes out as not a number is an Incompatible error: no NaN leaves.</remarks>
[<RequireQualifiedAccess>]
module BoundCalculator =
    /// A number that must be given.
    val input: name: string -> symbol: string -> meaning: string -> allowed: Domain -> example: float -> BoundInput
    /// A whole number that must be given.
    val count: name: string -> symbol: string -> meaning: string -> least: float -> example: float -> BoundInput
    /// A failure probability in (0,1), symbol delta, 0.05 when nobody sets it.
    val delta: BoundInput
    /// The same input as ours to choose.
    val free: input: BoundInput -> BoundInput
    /// The same input with a default.
    val withDefault: value: float -> input: BoundInput -> BoundInput
    /// The same input as a list.
    val list: example: float[] -> input: BoundInput -> BoundInput
    /// [least, inf).
    val atLeast: least: float -> Domain
    /// (low, high).
    val between: low: float -> high: float -> Domain
    /// An assumption taken on trust.
    val assumed: name: string -> Assumption
    /// An assumption that the construction makes true.
    val byConstruction: name: string -> detail: string -> Assumption
    /// An assumption that depends on numbers: Assumed if it can hold, Violated with the reason if not.
    val required: holds: bool -> name: string -> reason: string -> Assumption
    /// No condition that joins inputs.
    val unchecked: BoundInputs<float> -> Result<unit, HindsightError>
    /// No trivial bound.
    val noTrivial: BoundInputs<float> -> float

    /// <summary>The values of all inputs, in the calculator's order: those given, defaults, and free inputs where the bound is least.</summary>
    val values: settings: (string * float[]) seq -> calculator: BoundCalculator -> Result<float[][], HindsightError>
    /// <summary>The bound at values in the order of the inputs. Its formula names every element of lists of up to 12; of longer ones it shows the form at the length of the example.</summary>
    val at: values: float[][] -> calculator: BoundCalculator -> Result<Bound, HindsightError>
    /// <summary>The bound at numbers in the order of the inputs, none of which is a list.</summary>
    val ofNumbers: numbers: float[] -> calculator: BoundCalculator -> Result<Bound, HindsightError>
    /// <summary>The bound at named values; free inputs that are not named are optimised.</summary>
    val evaluate: settings: (string * float[]) seq -> calculator: BoundCalculator -> Result<Bound, HindsightError>

    /// <summary>The derivative in every input, by dual numbers through the formula.</summary>
    val sensitivity: values: float[][] -> calculator: BoundCalculator -> Result<BoundSensitivity[], HindsightError>

    /// <summary>The least value of the bound (greatest, for a lower one) over the named inputs, the others at the given values.</summary>
    /// <param name="symbols">Words or symbols of numbers; at least one.</param>
    /// <param name="values">All inputs; the searched ones where the search starts.</param>
    /// <param name="calculator">What is searched.</param>
    /// <returns>Incompatible, with a sentence, where the bound falls all the way to an end that is not allowed.</returns>
    /// <remarks>One input at a time: bracketing on a logarithmic scale (a linear one where the domain is bounded), golden section, Newton's method on exact derivatives. The bounds here have one valley in each input;
    /// whole numbers are compared at the two neighbours.</remarks>
    val optimise:
        symbols: string seq -> values: float[][] -> calculator: BoundCalculator -> Result<BoundOptimum, HindsightError>

    /// <summary>The formula as a tree, lists at the length of their examples; absent where the formula searches for a root.</summary>
    val tryFormula: calculator: BoundCalculator -> Expr voption
    /// The formula as one line, lists at the length of their examples.
    val formula: calculator: BoundCalculator -> string
    /// The formula in TeX; the text in \mathrm{...} where there is no tree.
    val tex: calculator: BoundCalculator -> string
