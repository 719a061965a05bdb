namespace Hindsight

open System.Numerics

/// <summary>How many operations a computation did, by kind. The counter that scalars of one computation share.</summary>
/// <remarks>Counted is what the algebra is asked for, not what a machine does: a logistic function is one transcendental call. An evaluation that is shared by a value and its derivative is one call.
/// Operations on constants alone are not counted: they have no counter, and a compiler would do them once.</remarks>
[<Sealed>]
type OperationCounter =
    /// All at 0.
    new: unit -> OperationCounter
    /// Additions, subtractions and negations.
    member Additions: int
    /// Multiplications and squares.
    member Multiplications: int
    /// Divisions and square roots.
    member Divisions: int
    /// Calls of exponentials, logarithms, powers and functions made of them.
    member Transcendentals: int
    /// Absolute values, maxima, minima and selections.
    member Comparisons: int
    /// The sum of all kinds.
    member Total: int

/// <summary>Counts of operations as a value.</summary>
[<Struct; System.Runtime.CompilerServices.IsReadOnly>]
type OperationCount =
    {
        /// Additions, subtractions and negations.
        Additions: int
        /// Multiplications and squares.
        Multiplications: int
        /// Divisions and square roots.
        Divisions: int
        /// Calls of exponentials, logarithms, powers and functions made of them.
        Transcendentals: int
        /// Absolute values, maxima, minima and selections.
        Comparisons: int
    }

    /// The sum of all kinds.
    member Total: int

/// <summary>A double that counts the operations it goes through: the interpretation that gives the cost of a formula.</summary>
/// <remarks>Variables carry a counter that is passed in when they are made; constants have none. Of two counters in one operation the first one counts. The default value of this struct is the constant 0.</remarks>
[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Count =
    /// The number.
    val V: float
    val internal Counter: OperationCounter | null
    /// A variable: what is computed from it counts.
    new: value: float * counter: OperationCounter -> Count
    /// The operations of one evaluation of a loss.
    static member Of: loss: ILoss * label: float * score: float -> OperationCount
    /// The operations of one evaluation of a loss and its derivative in the score, by dual numbers.
    static member OfDerivative: loss: ILoss * label: float * score: float -> OperationCount
    interface IAdditionOperators<Count, Count, Count>
    interface ISubtractionOperators<Count, Count, Count>
    interface IMultiplyOperators<Count, Count, Count>
    interface IDivisionOperators<Count, Count, Count>
    interface IUnaryNegationOperators<Count, Count>
    interface IReal<Count>
