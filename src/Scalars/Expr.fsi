namespace Hindsight

open System
open System.Numerics

/// What a node of an expression tree does.
[<RequireQualifiedAccess>]
type internal Operation =
    | Constant
    | Variable
    | Negate
    | Add
    | Subtract
    | Multiply
    | Divide
    | Power
    | Sqr
    | Sqrt
    | Exp
    | Expm1
    | Log
    | Log1p
    | Sigmoid
    | Softplus
    | XLogX
    | Tanh
    | Atan
    | Abs
    | Max
    | Min
    | LogitDivergence
    | Select

/// <summary>A node: immutable, with its size and its hash known from the start.</summary>
/// <remarks>Power keeps its exponent in <c>High</c>; a constant is <c>High + Low</c>.</remarks>
[<Sealed; Class; AllowNullLiteral>]
type internal ExprNode =
    member Operation: Operation
    member High: float
    member Low: float
    member Name: string
    member Children: ExprNode[]
    member Size: int
    /// Nodes on the longest path to a leaf.
    member Depth: int
    interface IEquatable<ExprNode>

/// <summary>An expression tree: the interpretation that gives the formula. A loss evaluated at variables is its own formula, which cannot drift from the code.</summary>
/// <remarks>
/// Trees simplify themselves as they are built, by identities that change no finite value in floating point, not even in the last bit, and no derivative: x + 0, x * 1, x * 0, x - x, --x, x + x = 2x,
/// x x = x^2, signs pulled outwards, constants to the left, arithmetic of constants where the result is exact, and functions of constants where it has a name. (The one exception: the square roots and logarithms of pi and 2 pi become
/// the constants themselves, which may differ from the rounded function in the last place.) Where a value is infinite or not a number, x * 0 = 0 and x - x = 0 are conventions; trees of more than 1000 nodes are taken for different unless they are one object.
/// <c>Apply(f, x)</c> gives the formula of <c>f.Value</c>; the slope that f declares is not part of a tree.
/// The default value of this struct is the constant 0.
/// </remarks>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; CustomEquality; NoComparison>]
type Expr =
    val internal Node: ExprNode
    internal new: node: ExprNode -> Expr
    /// <summary>A variable.</summary>
    /// <remarks>The name is a letter followed by letters, digits and underscores; a name that formulas use for a function or a constant (log, pi, if, ...) is refused by an OutOfRange error in a HindsightException.</remarks>
    static member Variable: name: string -> Expr
    /// A constant.
    static member Constant: value: float -> Expr
    /// Whether a text may name a variable.
    static member IsName: text: string -> bool

    /// More nodes than this are not written as text: shared parts can make a tree exponentially larger than the computation behind it.
    static member LongestText: int

    /// <summary>The formula as one line of text with as few parentheses as it needs; <c>Formula.expression</c> reads it back as the same tree.</summary>
    /// <remarks>Numbers are written so that they read back as the same double; known constants by name: pi, log(2), sqrt(2*pi). A condition reads <c>if m &gt;= 1 then a else b</c>.
    /// A power with a whole exponent is <c>pow(x, 3)</c>, because <c>x^3</c> is a product. A tree of more than <c>LongestText</c> nodes says only that.</remarks>
    member Infix: string

    /// The formula in TeX, for a display.
    member TeX: string
    /// The root's own name: a number, a variable, an operator or a function.
    member Label: string
    /// The arguments of the root, from left to right; empty for a constant or a variable. An exponent is not an argument but part of the label.
    member Children: Expr[]
    /// How many nodes the tree has; a shared part counts as often as it occurs.
    member NodeCount: int
    /// The names of the variables, sorted, each once.
    member Variables: string[]
    /// <summary>The tree read at any scalar: a value, a derivative, an enclosure, another tree.</summary>
    /// <param name="variable">The value of a variable, by its name.</param>
    member Evaluate<'T when 'T :> IReal<'T> and 'T: struct> : variable: Func<string, 'T> -> 'T
    /// The infix form.
    override ToString: unit -> string
    /// The same tree: same operations, names and bits of numbers.
    override Equals: obj -> bool
    override GetHashCode: unit -> int

    static member (~-): x: Expr -> Expr
    static member (+): a: Expr * b: Expr -> Expr
    static member (+): a: Expr * b: float -> Expr
    static member (+): a: float * b: Expr -> Expr
    static member (-): a: Expr * b: Expr -> Expr
    static member (-): a: Expr * b: float -> Expr
    static member (-): a: float * b: Expr -> Expr
    static member (*): a: Expr * b: Expr -> Expr
    static member (*): a: Expr * b: float -> Expr
    static member (*): a: float * b: Expr -> Expr
    static member (/): a: Expr * b: Expr -> Expr
    static member (/): a: Expr * b: float -> Expr
    static member (/): a: float * b: Expr -> Expr
    /// F#'s <c>exp</c>.
    static member Exp: x: Expr -> Expr
    /// F#'s <c>log</c>.
    static member Log: x: Expr -> Expr
    /// F#'s <c>sqrt</c>.
    static member Sqrt: x: Expr -> Expr
    /// F#'s <c>tanh</c>.
    static member Tanh: x: Expr -> Expr
    /// F#'s <c>atan</c>.
    static member Atan: x: Expr -> Expr
    /// F#'s <c>abs</c>.
    static member Abs: x: Expr -> Expr
    /// F#'s <c>**</c>, x &gt;= 0.
    static member Pow: x: Expr * exponent: float -> Expr

    interface IEquatable<Expr>
    interface IAdditionOperators<Expr, Expr, Expr>
    interface ISubtractionOperators<Expr, Expr, Expr>
    interface IMultiplyOperators<Expr, Expr, Expr>
    interface IDivisionOperators<Expr, Expr, Expr>
    interface IUnaryNegationOperators<Expr, Expr>
    interface IReal<Expr>

namespace Hindsight.FSharp

open Hindsight

/// <summary>Functions on expressions beside those that F# has already (<c>exp</c>, <c>log</c>, <c>sqrt</c>, <c>tanh</c>, <c>atan</c>, <c>abs</c>, <c>**</c>): open it in a script that writes losses as formulas.</summary>
module FormulaFunctions =
    /// ln(1+x).
    val log1p: x: Expr -> Expr
    /// e^x - 1.
    val expm1: x: Expr -> Expr
    /// x squared.
    val sqr: x: Expr -> Expr
    /// 1/(1+e^-x).
    val sigmoid: x: Expr -> Expr
    /// ln(1+e^x).
    val softplus: x: Expr -> Expr
    /// x ln x, with 0 at 0.
    val xlogx: x: Expr -> Expr
    /// The larger.
    val maximum: x: Expr -> y: Expr -> Expr
    /// The smaller.
    val minimum: x: Expr -> y: Expr -> Expr
    /// The divergence of the means y and s(z).
    val logitDivergence: y: Expr -> z: Expr -> Expr
    /// The first where the condition is at least 0, else the second.
    val select: condition: Expr -> a: Expr -> b: Expr -> Expr
