namespace Hindsight

open System
open System.Globalization
open System.Runtime.Intrinsics

type Reduction =
    | Sum = 0
    | Mean = 1

/// A sum in a fixed order with Neumaier's compensation.
[<Struct; NoComparison; NoEquality>]
type internal Total =
    val mutable private Sum: float
    val mutable private Lost: float

    member t.Add(x: float) =
        let next = t.Sum + x

        if Double.IsFinite next then
            t.Lost <-
                t.Lost
                + (if Math.Abs t.Sum >= Math.Abs x then
                       (t.Sum - next) + x
                   else
                       (x - next) + t.Sum)

        t.Sum <- next

    member t.Value = t.Sum + t.Lost

/// The widest lanes that this machine has in hardware.
[<RequireQualifiedAccess>]
module internal Hardware =
    let widest =
        if Vector512.IsHardwareAccelerated then 512
        elif Vector256.IsHardwareAccelerated then 256
        else 128

/// The checks of a batch, and the search for what went wrong in one.
[<RequireQualifiedAccess>]
module internal Door =
    let same (name: string) (expected: int) (actual: int) =
        if actual <> expected then
            raise (ArgumentException((HindsightError.WrongDimension(name, actual, expected)).Message, name))

    let sameOrEmpty name expected actual =
        if actual <> 0 then
            same name expected actual

    let fail argument (value: float) allowed : unit =
        raise (
            HindsightException(
                HindsightError.OutOfRange(argument, value.ToString("R", CultureInfo.InvariantCulture), allowed)
            )
        )

    let atLeast argument (least: int) (value: int) =
        if value < least then
            fail argument (float value) $"an integer >= {least}"

    /// Infinite losses are values; their sum may still be none.
    let anyNaN (values: Span<float>) =
        let mutable found = false

        for v in values do
            found <- found || Double.IsNaN v

        found

    let anyNaNF (values: Span<float32>) =
        let mutable found = false

        for v in values do
            found <- found || Single.IsNaN v

        found

    let weights (weights: ReadOnlySpan<float>) =
        let mutable sum = Total()

        for i in 0 .. weights.Length - 1 do
            let w = weights[i]

            if not (w >= 0.0 && Double.IsFinite w) then
                fail $"weights[{i}]" w "a finite number >= 0"

            sum.Add w

        sum.Value

    let weightsF (weights: ReadOnlySpan<float32>) =
        let mutable sum = Total()

        for i in 0 .. weights.Length - 1 do
            let w = float weights[i]

            if not (w >= 0.0 && Double.IsFinite w) then
                fail $"weights[{i}]" w "a finite number >= 0"

            sum.Add w

        sum.Value

    /// What to multiply every element by.
    let factor reduction (weighted: bool) (weight: float) (count: int) =
        match reduction with
        | Reduction.Mean when weighted ->
            if not (weight > 0.0) then
                fail "weights" weight "a positive sum for a mean"

            1.0 / weight
        | Reduction.Mean -> 1.0 / float (max count 1)
        | _ -> 1.0

    /// Names the first element that is not finite or whose loss is not.
    let explain (loss: ILoss) (labels: ReadOnlySpan<float>) (scores: ReadOnlySpan<float>) (sum: float) =
        for i in 0 .. scores.Length - 1 do
            if not (Double.IsFinite labels[i]) then
                fail $"labels[{i}]" labels[i] $"a finite number in {loss.Metadata.Label}"
            elif not (Double.IsFinite scores[i]) then
                fail $"scores[{i}]" scores[i] $"a finite number in {loss.Metadata.Score}"
            else
                let value = loss.Eval(R64 labels[i], R64 scores[i]).V

                if not (Double.IsFinite value) then
                    fail
                        $"scores[{i}]"
                        scores[i]
                        $"a number in {loss.Metadata.Score} at which the loss of label {labels[i]:R} is finite"

        fail "scores" sum "numbers whose losses have a finite sum"

    let explainF (loss: ILoss) (labels: ReadOnlySpan<float32>) (scores: ReadOnlySpan<float32>) (sum: float) =
        for i in 0 .. scores.Length - 1 do
            if not (Single.IsFinite labels[i]) then
                fail $"labels[{i}]" (float labels[i]) $"a finite number in {loss.Metadata.Label}"
            elif not (Single.IsFinite scores[i]) then
                fail $"scores[{i}]" (float scores[i]) $"a finite number in {loss.Metadata.Score}"
            else
                let value = loss.Eval(R64(float labels[i]), R64(float scores[i])).V

                if not (Math.Abs value <= float Single.MaxValue) then
                    fail
                        $"scores[{i}]"
                        (float scores[i])
                        $"a number in {loss.Metadata.Score} at which the loss of label {labels[i]:R} is finite in single precision"

        fail "scores" sum "numbers whose losses have a finite sum in single precision"
