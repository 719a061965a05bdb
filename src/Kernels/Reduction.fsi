namespace Hindsight

open System

/// <summary>How the losses of a batch become one number.</summary>
type Reduction =
    /// sum of w_i l_i.
    | Sum = 0
    /// sum of w_i l_i over the sum of w_i; all w_i are 1 where no weights are given.
    | Mean = 1

/// A sum in a fixed order with Neumaier's compensation.
[<Struct; NoComparison; NoEquality>]
type internal Total =
    val mutable private Sum: float
    val mutable private Lost: float
    member Add: x: float -> unit
    member Value: float

/// The lanes of this machine.
[<RequireQualifiedAccess>]
module internal Hardware =
    /// The bits of the widest lanes that it has in hardware: 512, 256 or 128.
    val widest: int

/// The checks of a batch, and the search for what went wrong in one.
[<RequireQualifiedAccess>]
module internal Door =
    /// The ArgumentException of a wrong length.
    val same: name: string -> expected: int -> actual: int -> unit
    /// The same; an empty span is allowed.
    val sameOrEmpty: name: string -> expected: int -> actual: int -> unit
    /// Raises OutOfRange.
    val fail: argument: string -> value: float -> allowed: string -> unit
    val atLeast: argument: string -> least: int -> value: int -> unit
    /// Infinite losses are values; their sum may still be none.
    val anyNaN: values: Span<float> -> bool
    val anyNaNF: values: Span<float32> -> bool
    /// The sum of the weights, each checked.
    val weights: weights: ReadOnlySpan<float> -> float
    val weightsF: weights: ReadOnlySpan<float32> -> float
    /// What to multiply every element by.
    val factor: reduction: Reduction -> weighted: bool -> weight: float -> count: int -> float
    /// Names the first element that is not finite or whose loss is not.
    val explain: loss: ILoss -> labels: ReadOnlySpan<float> -> scores: ReadOnlySpan<float> -> sum: float -> unit
    val explainF: loss: ILoss -> labels: ReadOnlySpan<float32> -> scores: ReadOnlySpan<float32> -> sum: float -> unit
