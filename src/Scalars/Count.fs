namespace Hindsight

open System
open System.Numerics
open Hindsight.FSharp

/// Primitives at doubles as <c>R64</c> has them.
module private Doubles =
    let private at (f: R64 -> R64) x = (f (R64 x)).V
    let private ofExp<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Exp x
    let private ofLog<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Log x
    let private ofPow<'T when 'T :> IReal<'T> and 'T: struct> exponent (x: 'T) = 'T.Pow(x, exponent)
    let private ofTanh<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Tanh x
    let private ofAtan<'T when 'T :> IReal<'T> and 'T: struct> (x: 'T) = 'T.Atan x
    let exp = at ofExp
    let log = at ofLog
    let pow exponent = at (ofPow exponent)
    let tanh = at ofTanh
    let atan = at ofAtan

[<RequireQualifiedAccess>]
type OperationKind =
    | Addition
    | Multiplication
    | Division
    | Transcendental
    | Comparison

[<Sealed>]
type OperationCounter() =
    let mutable additions = 0
    let mutable multiplications = 0
    let mutable divisions = 0
    let mutable transcendentals = 0
    let mutable comparisons = 0

    member _.Add kind =
        match kind with
        | OperationKind.Addition -> additions <- additions + 1
        | OperationKind.Multiplication -> multiplications <- multiplications + 1
        | OperationKind.Division -> divisions <- divisions + 1
        | OperationKind.Transcendental -> transcendentals <- transcendentals + 1
        | OperationKind.Comparison -> comparisons <- comparisons + 1

    member _.Additions = additions
    member _.Multiplications = multiplications
    member _.Divisions = divisions
    member _.Transcendentals = transcendentals
    member _.Comparisons = comparisons
    member _.Total = additions + multiplications + divisions + transcendentals + comparisons

[<Struct; System.Runtime.CompilerServices.IsReadOnly>]
type OperationCount =
    {
        Additions: int
        Multiplications: int
        Divisions: int
        Transcendentals: int
        Comparisons: int
    }

    member c.Total = c.Additions + c.Multiplications + c.Divisions + c.Transcendentals + c.Comparisons

[<Struct; System.Runtime.CompilerServices.IsReadOnly; NoComparison; NoEquality>]
type Count =
    val V: float
    val Counter: OperationCounter | null
    new(value, counter: OperationCounter) = { V = value; Counter = counter }
    private new(value, counter: OperationCounter | null, _made: bool) = { V = value; Counter = counter }

    static member private Made(kind, counter: OperationCounter | null, value) =
        match counter with
        | null -> ()
        | counter -> counter.Add kind

        Count(value, counter, true)

    static member private Of1(kind, x: Count, value) = Count.Made(kind, x.Counter, value)

    static member private Of2(kind, a: Count, b: Count, value) =
        Count.Made(kind, (if isNull a.Counter then b.Counter else a.Counter), value)

    /// Two sigmoids from one exponential, two logarithms, and what they are joined by.
    static member private Divergence(y: Count, z: Count, value) =
        let counter = if isNull y.Counter then z.Counter else y.Counter

        let add kind count =
            match counter with
            | null -> ()
            | counter ->
                for _ in 1..count do
                    counter.Add kind

        add OperationKind.Transcendental 3
        add OperationKind.Division 4
        add OperationKind.Multiplication 4
        add OperationKind.Addition 6
        add OperationKind.Comparison 4
        Count(value, counter, true)

    static member private Snapshot(c: OperationCounter) =
        {
            Additions = c.Additions
            Multiplications = c.Multiplications
            Divisions = c.Divisions
            Transcendentals = c.Transcendentals
            Comparisons = c.Comparisons
        }

    static member Of(loss: ILoss, label, score) =
        let counter = OperationCounter()
        loss.Eval(Count(label, counter), Count(score, counter)) |> ignore<Count>
        Count.Snapshot counter

    static member OfDerivative(loss: ILoss, label, score) =
        let counter = OperationCounter()

        loss.Eval(
            Dual<Count>(Count(label, counter), Count(0.0, null, true)),
            Dual<Count>(Count(score, counter), Count(1.0, null, true))
        )
        |> ignore<Dual<Count>>

        Count.Snapshot counter

    interface IAdditionOperators<Count, Count, Count> with
        static member (+)(a: Count, b: Count) =
            Count.Of2(OperationKind.Addition, a, b, a.V + b.V)

    interface ISubtractionOperators<Count, Count, Count> with
        static member (-)(a: Count, b: Count) =
            Count.Of2(OperationKind.Addition, a, b, a.V - b.V)

    interface IMultiplyOperators<Count, Count, Count> with
        static member (*)(a: Count, b: Count) =
            Count.Of2(OperationKind.Multiplication, a, b, a.V * b.V)

    interface IDivisionOperators<Count, Count, Count> with
        static member (/)(a: Count, b: Count) =
            Count.Of2(OperationKind.Division, a, b, a.V / b.V)

    interface IUnaryNegationOperators<Count, Count> with
        static member (~-)(a: Count) =
            Count.Of1(OperationKind.Addition, a, -a.V)

    interface IReal<Count> with
        static member Const x = Count(x, null, true)
        static member Const2(high, _) = Count(high, null, true)

        static member Exp x =
            Count.Of1(OperationKind.Transcendental, x, Doubles.exp x.V)

        static member Log x =
            Count.Of1(OperationKind.Transcendental, x, Doubles.log x.V)

        static member Log1p x =
            Count.Of1(OperationKind.Transcendental, x, Scalar.log1p x.V)

        static member Expm1 x =
            Count.Of1(OperationKind.Transcendental, x, Scalar.expm1 x.V)

        static member Expm1Exp x =
            let struct (less, e) = Scalar.expm1Exp x.V
            struct (Count.Of1(OperationKind.Transcendental, x, less), Count(e, x.Counter, true))

        static member Sqrt x =
            Count.Of1(OperationKind.Division, x, Math.Sqrt x.V)

        static member Sqr x =
            Count.Of1(OperationKind.Multiplication, x, x.V * x.V)

        static member Pow(x, exponent) =
            Count.Of1(OperationKind.Transcendental, x, Doubles.pow exponent x.V)

        static member Sigmoid x =
            Count.Of1(OperationKind.Transcendental, x, Scalar.sigmoid x.V)

        static member Sigmoids x =
            let struct (s, t) = Scalar.sigmoids x.V
            struct (Count.Of1(OperationKind.Transcendental, x, s), Count(t, x.Counter, true))

        static member Softplus x =
            Count.Of1(OperationKind.Transcendental, x, Scalar.softplus x.V)

        static member SoftplusPair x =
            let struct (v, w, s, t) = Scalar.softplusPair x.V

            struct (Count.Of1(OperationKind.Transcendental, x, v),
                    Count(w, x.Counter, true),
                    Count(s, x.Counter, true),
                    Count(t, x.Counter, true))

        static member SoftplusSigmas x =
            let struct (v, s, t) = Scalar.softplusSigmas x.V

            struct (Count.Of1(OperationKind.Transcendental, x, v), Count(s, x.Counter, true), Count(t, x.Counter, true))

        static member XLogX x =
            Count.Of1(OperationKind.Transcendental, x, Scalar.xlogx x.V)

        static member XLogXLog x =
            let struct (v, l) = Scalar.xlogxLog x.V
            struct (Count.Of1(OperationKind.Transcendental, x, v), Count(l, x.Counter, true))

        static member Tanh x =
            Count.Of1(OperationKind.Transcendental, x, Doubles.tanh x.V)

        static member Atan x =
            Count.Of1(OperationKind.Transcendental, x, Doubles.atan x.V)

        static member Abs x =
            Count.Of1(OperationKind.Comparison, x, Math.Abs x.V)

        static member Max(x, y) =
            Count.Of2(OperationKind.Comparison, x, y, (if x.V >= y.V then x.V else y.V))

        static member Min(x, y) =
            Count.Of2(OperationKind.Comparison, x, y, (if x.V <= y.V then x.V else y.V))

        static member Select(condition, a, b) =
            let counter =
                if not (isNull condition.Counter) then condition.Counter
                elif not (isNull a.Counter) then a.Counter
                else b.Counter

            Count.Made(OperationKind.Comparison, counter, (if condition.V >= 0.0 then a.V else b.V))

        static member Apply<'F when 'F :> IScalarFunction and 'F: struct>(f: 'F, x: Count) : Count = f.Value x

        static member ApplyPair<'F when 'F :> IPairedFunction and 'F: struct>
            (f: 'F, x: Count)
            : struct (Count * Count) =
            f.Pair x

        static member LogitDivergence(y, z) =
            let struct (v, _, _) = Scalar.logitDivergence y.V z.V
            Count.Divergence(y, z, v)

        static member LogitDivergenceSlopes(y, z) =
            let struct (v, byLabel, byScore) = Scalar.logitDivergence y.V z.V
            let value = Count.Divergence(y, z, v)
            struct (value, Count(byLabel, value.Counter, true), Count(byScore, value.Counter, true))

        static member IsZero x = x.V = 0.0

        static member Apply2<'F when 'F :> IScalarFunction2 and 'F: struct>(f: 'F, x: Count, y: Count) : Count =
            f.Value(x, y)
