namespace Hindsight

open System
open System.Numerics

/// <summary>What can go wrong. Every case carries what a sentence needs: the argument, its value, and what is allowed.</summary>
/// <remarks>Core functions return <c>Result&lt;_, HindsightError&gt;</c>; the C# facade turns a case into the matching exception.</remarks>
[<RequireQualifiedAccess>]
type HindsightError =
    /// A number outside its domain (not finite, negative, not in (0,1), ...).
    | OutOfRange of Argument: string * Value: string * Allowed: string
    /// A vector of the wrong length.
    | WrongDimension of Argument: string * Actual: int * Expected: int
    /// Feedback for a decision that is not pending: never made, already answered, or dropped.
    | UnknownDecision of Id: int64 * Reason: string
    /// A file, stream or text that does not have the promised form. Position is "line 12", "byte 80", ...
    | Malformed of Source: string * Position: string * Reason: string
    /// A name that is not in a registry, with the nearest one that is.
    | UnknownName of Kind: string * Name: string * Nearest: string * Known: string
    /// Something that is not there (a file, a column) and what would help.
    | Missing of What: string * Remedy: string
    /// Parts that do not fit together (a rule that needs widths and an oracle without them).
    | Incompatible of Reason: string

    /// The sentence shown to a person.
    member Message: string

/// <summary>A <see cref="T:Hindsight.HindsightError"/> on its way through exception-based code.</summary>
type HindsightException =
    inherit Exception
    /// Wraps the error; the exception's message is the error's sentence.
    new: error: HindsightError -> HindsightException
    /// Wraps the error and keeps the exception that caused it.
    new: error: HindsightError * inner: Exception -> HindsightException
    /// The error as a closed union.
    member Error: HindsightError

/// <summary>The narrow scalar algebra over which every loss and every bound is written once.</summary>
/// <remarks>
/// Arithmetic comes through the BCL operator interfaces, so that C# sees operators. Primitives are here for one of two reasons:
/// intervals need a tight rule for them (<c>Sqr</c>, <c>Abs</c>, <c>Max</c>), or the naive composition is unstable or has a wrong
/// derivative (<c>Softplus</c>: differentiating max(z,0)+log1p(exp(-|z|)) gives 0 instead of 1/2 at 0). What returns a tuple is one evaluation
/// shared by a value and its derivative. Functions that need a derivative of their own but no primitive go through <c>Apply</c>.
/// Interpretations: <see cref="T:Hindsight.R64"/> (value), <see cref="T:Hindsight.Dual`1"/> and <see cref="T:Hindsight.Jet2`1"/> (derivatives, nestable), lanes (SIMD),
/// <see cref="T:Hindsight.Ival"/> (enclosures), <see cref="T:Hindsight.DD"/> (about 30 digits), <see cref="T:Hindsight.Expr"/> (the formula), <see cref="T:Hindsight.Count"/> (operations).
/// </remarks>
type IReal<'T when 'T :> IReal<'T> and 'T: struct> =
    inherit IAdditionOperators<'T, 'T, 'T>
    inherit ISubtractionOperators<'T, 'T, 'T>
    inherit IMultiplyOperators<'T, 'T, 'T>
    inherit IDivisionOperators<'T, 'T, 'T>
    inherit IUnaryNegationOperators<'T, 'T>
    /// A constant.
    static abstract Const: value: float -> 'T
    /// The constant high + low: an irrational number to about 106 bits, |low| at most half a unit in the last place of high.
    static abstract Const2: high: float * low: float -> 'T
    /// e^x.
    static abstract Exp: x: 'T -> 'T
    /// ln x, x &gt; 0.
    static abstract Log: x: 'T -> 'T
    /// ln(1+x), accurate near 0.
    static abstract Log1p: x: 'T -> 'T
    /// e^x - 1, accurate near 0.
    static abstract Expm1: x: 'T -> 'T
    /// e^x - 1 and e^x.
    static abstract Expm1Exp: x: 'T -> struct ('T * 'T)
    /// Square root, x &gt;= 0.
    static abstract Sqrt: x: 'T -> 'T
    /// x squared.
    static abstract Sqr: x: 'T -> 'T
    /// x to a constant power, x &gt;= 0.
    static abstract Pow: x: 'T * exponent: float -> 'T
    /// s(x) = 1/(1+e^-x).
    static abstract Sigmoid: x: 'T -> 'T
    /// s(x) and s(-x), both accurate.
    static abstract Sigmoids: x: 'T -> struct ('T * 'T)
    /// ln(1+e^x), stable for every x; its derivative is Sigmoid.
    static abstract Softplus: x: 'T -> 'T
    /// ln(1+e^x), s(x) and s(-x).
    static abstract SoftplusSigmas: x: 'T -> struct ('T * 'T * 'T)
    /// ln(1+e^x), ln(1+e^-x), s(x) and s(-x): neither softplus is taken from the other, so neither cancels.
    static abstract SoftplusPair: x: 'T -> struct ('T * 'T * 'T * 'T)
    /// x ln x with 0 ln 0 = 0.
    static abstract XLogX: x: 'T -> 'T
    /// x ln x and ln x, the logarithm at least that of the smallest positive number.
    static abstract XLogXLog: x: 'T -> struct ('T * 'T)
    /// Hyperbolic tangent.
    static abstract Tanh: x: 'T -> 'T
    /// Arc tangent.
    static abstract Atan: x: 'T -> 'T
    /// |x|; the derivative at 0 is the right one, +1.
    static abstract Abs: x: 'T -> 'T
    /// The larger; at a tie the first argument's derivative.
    static abstract Max: x: 'T * y: 'T -> 'T
    /// The smaller; at a tie the first argument's derivative.
    static abstract Min: x: 'T * y: 'T -> 'T
    /// <paramref name="a"/> where <paramref name="condition"/> &gt;= 0, else <paramref name="b"/>. Both are evaluated: clamp before a dangerous primitive.
    static abstract Select: condition: 'T * a: 'T * b: 'T -> 'T
    /// y ln(y/s(z)) + (1-y) ln((1-y)/s(-z)) for y in [0,1], the divergence of the means y and s(z): accurate in units of itself even where s(z) is almost y; its derivative by z is s(z) - y.
    static abstract LogitDivergence: y: 'T * z: 'T -> 'T
    /// LogitDivergence and its partial derivatives by y (finite at 0 and 1) and by z.
    static abstract LogitDivergenceSlopes: y: 'T * z: 'T -> struct ('T * 'T * 'T)
    /// Whether x is 0, in all its parts; where that cannot be told, false. Jets leave out the derivative by what does not vary.
    static abstract IsZero: x: 'T -> bool
    /// f(x), differentiated by <c>f.Slope</c> and not through the formula of <c>f.Value</c>.
    static abstract Apply<'F when 'F :> IScalarFunction and 'F: struct> : f: 'F * x: 'T -> 'T
    /// f(x, y), differentiated by <c>f.SlopeX</c> and <c>f.SlopeY</c> and not through the formula of <c>f.Value</c>.
    static abstract Apply2<'F when 'F :> IScalarFunction2 and 'F: struct> : f: 'F * x: 'T * y: 'T -> 'T
    /// f(x) and f'(x) from one evaluation, each differentiated as <c>Apply</c> does.
    static abstract ApplyPair<'F when 'F :> IPairedFunction and 'F: struct> : f: 'F * x: 'T -> struct ('T * 'T)

/// <summary>A function of one variable with its derivative as a formula of its own: for functions whose value and slope have different stable forms.</summary>
/// <remarks>Use it as <c>'T.Apply(f, x)</c>. <c>Slope</c> may itself apply another function, so that second derivatives are accurate too.</remarks>
and IScalarFunction =
    /// f(x).
    abstract Value<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> 'T
    /// f'(x).
    abstract Slope<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> 'T

/// <summary>A function whose value and slope share most of their work.</summary>
/// <remarks>Use it as <c>let struct (value, _) = 'T.ApplyPair(f, x)</c>. Repeated work is removed by the JIT only where formulas are short: it follows 64 repeated expressions, of which one exponential
/// of lanes without fused operations is most.</remarks>
and IPairedFunction =
    inherit IScalarFunction
    /// f(x) and f'(x), to rounding what <c>Value</c> and <c>Slope</c> give.
    abstract Pair<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T -> struct ('T * 'T)

/// <summary>A function of two variables with its partial derivatives as formulas of their own.</summary>
/// <remarks>Use it as <c>'T.Apply2(f, x, y)</c>: the derivative of a divergence is a short product where the derivative of its formula is a difference of large terms.
/// A partial derivative may itself apply another function.</remarks>
and IScalarFunction2 =
    /// f(x, y).
    abstract Value<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T
    /// df/dx.
    abstract SlopeX<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T
    /// df/dy.
    abstract SlopeY<'T when 'T :> IReal<'T> and 'T: struct> : x: 'T * y: 'T -> 'T

/// <summary>An interval of the real line with open or closed ends, or just its two ends, as data.</summary>
[<Struct; NoComparison>]
type Domain =
    {
        Low: float
        LowClosed: bool
        High: float
        HighClosed: bool
        /// Only the two ends belong to it: {-1, 1}.
        EndsOnly: bool
    }

    /// Whether a finite number lies in it.
    member Contains: x: float -> bool
    /// Interval notation, for error messages: "[0, 1]", "(-inf, inf)", "{-1, 1}".
    override ToString: unit -> string
    /// (-inf, inf).
    static member Reals: Domain
    /// [0, 1].
    static member Unit: Domain
    /// {-1, 1}: labels of margin losses.
    static member Signs: Domain
    /// (0, inf).
    static member Positive: Domain
    /// [0, inf).
    static member NonNegative: Domain
    /// [low, high].
    static member Closed: low: float * high: float -> Domain
    /// (low, high).
    static member Open: low: float * high: float -> Domain

/// <summary>How a score becomes a mean: mean = inverse link (score).</summary>
type Link =
    /// mean = score.
    | Identity = 0
    /// mean = 1/(1+e^-score).
    | Logit = 1
    /// mean = e^score.
    | Log = 2
    /// means = softmax(scores).
    | Softmax = 3

/// <summary>What a loss declares about itself. Every declaration is checked by the law suite. A null is "none, or not known".</summary>
/// <remarks>Constants in the score are suprema and infima over all labels and scores of the two domains; a constant that is infinite is null. Start from
/// <c>LossMetadata.Default</c> and set what is known.</remarks>
[<NoComparison>]
type LossMetadata =
    {
        /// Name with the factor convention in it ("HalfSquared").
        Name: string
        /// Where labels may lie. For a loss of class scores: the integers 0 to n-1.
        Label: Domain
        /// Where scores may lie.
        Score: Domain
        /// Link from score to mean.
        Link: Link
        /// Convex in the score for every label.
        Convex: bool
        /// How often it is continuously differentiable in the score: -1 (it may jump), 0 (continuous, with kinks), 1, or 2 for twice and more.
        Continuity: int
        /// Greatest lower bound over both domains; null if unbounded below.
        Infimum: Nullable<float>
        /// Least upper bound over both domains; null if unbounded above, or not known.
        Supremum: Nullable<float>
        /// sup |d loss / d score|; Euclidean norm for a vector of scores.
        Lipschitz: Nullable<float>
        /// sup of |second derivative| in the score; spectral norm for a vector of scores.
        Smoothness: Nullable<float>
        /// inf of the second derivative in the score.
        StrongConvexity: Nullable<float>
        /// Largest a with exp(-a loss) concave in the mean, means and labels in [0,1].
        ExpConcavity: Nullable<float>
        /// Largest mixability constant, means and labels in [0,1].
        Mixability: Nullable<float>
        /// Classification-calibrated (binary) or consistent for the zero-one error with all score vectors (multiclass); null where the question does not arise.
        Calibrated: Nullable<bool>
        /// What the minimiser of the expected loss is: "mean", "median", "0.9-quantile", "log-odds"; empty if it has no name.
        Elicits: string
        /// Where the formula comes from.
        Source: string
    }

    /// A convex, twice differentiable, nonnegative loss of real labels and real scores with identity link, and nothing else known.
    static member Default: LossMetadata

/// <summary>Gives back the concrete struct type of a loss, so that a kernel is specialised once a batch and not dispatched once an element.</summary>
type ILossVisitor<'R> =
    /// Called with the loss at its own type.
    abstract Visit<'L when 'L :> ILoss and 'L: struct> : loss: 'L -> 'R

/// <summary>A loss of a label and a score, defined once over the scalar algebra. Label first, score second, everywhere.</summary>
and ILoss =
    /// The definition.
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : label: 'T * score: 'T -> 'T
    /// Calls the visitor at the concrete type: <c>visitor.Visit(this)</c>, or an equal loss of a type made for its parameters.
    abstract Accept: visitor: ILossVisitor<'R> -> 'R
    /// The declared properties.
    abstract Metadata: LossMetadata

/// <summary>A margin loss: phi(label * score), labels -1 and +1.</summary>
and IMarginLoss =
    inherit ILoss
    /// phi(margin).
    abstract Phi<'T when 'T :> IReal<'T> and 'T: struct> : margin: 'T -> 'T

/// <summary>Gives back the concrete struct type of a multiclass loss.</summary>
type IMulticlassVisitor<'R> =
    /// Called with the loss at its own type.
    abstract Visit<'L when 'L :> IMulticlassLoss and 'L: struct> : loss: 'L -> 'R

/// <summary>A loss of a class and a vector of scores, defined once over the scalar algebra. Label first, scores second.</summary>
/// <remarks>The label is an index 0 .. n-1 into the scores; n is the length of the vector and at least 2. A loss that has the gradient in closed form also implements
/// <see cref="T:Hindsight.IMulticlassGradient"/>; without it the gradient is taken by n dual numbers.</remarks>
and IMulticlassLoss =
    /// The definition.
    abstract Eval<'T when 'T :> IReal<'T> and 'T: struct> : label: int * scores: ReadOnlySpan<'T> -> 'T
    /// Calls the visitor at the concrete type: <c>visitor.Visit(this)</c>.
    abstract Accept: visitor: IMulticlassVisitor<'R> -> 'R
    /// The declared properties.
    abstract Metadata: LossMetadata

/// <summary>Closed forms of a multiclass loss over spans, without allocation. Checked against the definition by the law suite.</summary>
/// <remarks>Spans have the length of the scores. A result may be the very span of the scores (in place) but must not overlap it otherwise.</remarks>
type IMulticlassGradient =
    /// Writes the gradient in the scores and returns the value.
    abstract Gradient: label: int * scores: ReadOnlySpan<float> * gradient: Span<float> -> float
    /// The same in single precision.
    abstract Gradient: label: int * scores: ReadOnlySpan<float32> * gradient: Span<float32> -> float32

    /// Writes the Hessian in the scores times the direction. (In single precision the kernel takes this product and rounds it once.)
    abstract HessianVector:
        label: int * scores: ReadOnlySpan<float> * direction: ReadOnlySpan<float> * result: Span<float> -> unit

/// <summary>How much a bound says about randomness.</summary>
type BoundKind =
    /// Holds on every sequence.
    | Deterministic = 0
    /// Holds in expectation.
    | Expectation = 1
    /// Holds with probability at least 1 - delta for one fixed horizon.
    | HighProbability = 2
    /// Holds with probability at least 1 - delta for all rounds at once.
    | Anytime = 3
    /// Holds in a limit.
    | Asymptotic = 4
    /// A rule of thumb: no guarantee, or a constant that is not derived here.
    | Heuristic = 5

/// <summary>Whether a bound is from above, from below, or an equality.</summary>
type BoundDirection =
    | Upper = 0
    | Lower = 1
    | Equal = 2

/// <summary>How an assumption of a bound stands.</summary>
type AssumptionStatus =
    /// The construction makes it true.
    | ByConstruction = 0
    /// Estimated from data: see the detail.
    | Measured = 1
    /// Taken on trust.
    | Assumed = 2
    /// Known to fail: see the detail.
    | Violated = 3

/// <summary>An assumption of a bound, with its status and what was measured or why it fails.</summary>
[<NoComparison>]
type Assumption =
    {
        Name: string
        Status: AssumptionStatus
        Detail: string
    }

/// <summary>One term of a bound.</summary>
[<NoComparison>]
type Term =
    {
        Symbol: string
        Value: float
        Meaning: string
    }

/// <summary>A bound: a number with everything that it rests on. F#, C#, documentation and console print the same thing from it.</summary>
[<NoComparison>]
type Bound =
    {
        /// Name of the theorem or calculator.
        Name: string
        /// Paper, theorem or equation; "derived here" where it is.
        Source: string
        Kind: BoundKind
        /// The failure probability, for the two probabilistic kinds; null otherwise.
        Delta: Nullable<float>
        Direction: BoundDirection
        /// Inputs and intermediate terms.
        Terms: Term[]
        Assumptions: Assumption[]
        Value: float
        /// The formula as text.
        Formula: string
        /// What holds without any theorem (for a regret: the horizon times the cost range).
        Trivial: float
    }

    /// True if the bound says no more than the trivial one.
    member Vacuous: bool
    /// "name: value (kind, source)" and a line for each term and assumption.
    override ToString: unit -> string
    /// <summary>The same in a format: "G", or "table" with aligned columns of terms and assumptions.</summary>
    /// <exception cref="T:System.FormatException">Any other format.</exception>
    member ToString: format: string -> string

/// <summary>One decision of a contextual bandit: it flows from the bandit to the log to off-policy evaluation.</summary>
[<NoComparison; NoEquality>]
type Decision =
    {
        /// Number of the decision, unique within the bandit.
        Id: int64
        /// The chosen arm: its index among all arms (or within the action set that was given).
        Arm: int
        /// Probability with which the arm was chosen.
        Propensity: float
        /// Probability of every arm; masked arms have 0. Sums to 1.
        Distribution: float[]
        /// Predicted mean cost of every arm, masked ones too, as the exploration rule sees it: finite, clipped to [0,1] where the rule asks for that.
        PredictedCosts: float[]
        /// The exploration parameter of this round (inverse gap weighting's gamma, epsilon, ...).
        Gamma: float
        /// The most that this round can lose to the best arm in expectation beyond what the oracle's own error explains:
        /// the exact decision value of the distribution (squared error, coefficient gamma/4). Infinite for a rule without such a guarantee.
        Price: float
    }

    /// Expected cost of this decision by the oracle's own predictions.
    member ExpectedCost: float

/// <summary>Checks at the door: each returns the value, or the error that names the argument.</summary>
[<RequireQualifiedAccess>]
module Require =
    /// Any finite number.
    val finite: argument: string -> value: float -> Result<float, HindsightError>
    /// A finite number inside the domain.
    val inside: argument: string -> domain: Domain -> value: float -> Result<float, HindsightError>
    /// A finite number &gt; 0.
    val positive: argument: string -> value: float -> Result<float, HindsightError>
    /// A finite number &gt;= 0.
    val nonNegative: argument: string -> value: float -> Result<float, HindsightError>
    /// A probability strictly between 0 and 1.
    val confidence: argument: string -> value: float -> Result<float, HindsightError>
    /// A count &gt;= the given least value.
    val atLeast: argument: string -> least: int -> value: int -> Result<int, HindsightError>
    /// Every element finite; the error names the first that is not.
    val allFinite: argument: string -> values: ReadOnlySpan<float> -> Result<unit, HindsightError>
    /// The given length.
    val length: argument: string -> expected: int -> actual: int -> Result<unit, HindsightError>
    /// The entries of a symmetric matrix of that order, by rows, all finite; the error names the first that is not.
    val symmetric: argument: string -> order: int -> entries: ReadOnlySpan<float> -> Result<unit, HindsightError>
    /// The value, or a HindsightException with the error.
    val ok: result: Result<'T, HindsightError> -> 'T
    /// The known name (ignoring case), or an UnknownName error with the nearest one by edit distance.
    val oneOf: kind: string -> known: string seq -> name: string -> Result<string, HindsightError>

/// <summary><c>result { let! x = ... }</c> over <see cref="T:Hindsight.HindsightError"/>.</summary>
[<AutoOpen>]
module ResultBuilder =
    type ResultBuilder =
        new: unit -> ResultBuilder
        member Bind: Result<'A, 'E> * ('A -> Result<'B, 'E>) -> Result<'B, 'E>
        member Return: 'A -> Result<'A, 'E>
        member ReturnFrom: Result<'A, 'E> -> Result<'A, 'E>
        member Zero: unit -> Result<unit, 'E>

    val result: ResultBuilder
