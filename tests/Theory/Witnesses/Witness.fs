namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// Where a calculator meets what it speaks about: an algorithm that is run, an identity, a probability that is enumerated.
[<NoComparison; NoEquality>]
type Witness =
    {
        /// The calculator's name.
        Calculator: string
        /// What is measured, in words.
        Measures: string
        /// The measured quantity over the bound on a random instance, by its seed (bound over measured for a lower bound): at most 1, or 1 for an equality.
        Generated: int -> float
        /// The same ratio on an instance constructed to be as bad as we know how.
        Worst: unit -> float
        /// Null if the worst instance comes above 0.9, so that the constant times 0.9 is refuted; else why it does not.
        Loose: string
        /// Relative rounding error of the ratio.
        Tolerance: float
    }

[<RequireQualifiedAccess>]
module Witness =
    /// A bound whose worst instance comes above 0.9.
    let tight calculator measures generated worst =
        {
            Calculator = calculator
            Measures = measures
            Generated = generated
            Worst = worst
            Loose = null
            Tolerance = 1e-9
        }

    /// A bound that no instance that we know comes near.
    let loose reason calculator measures generated worst =
        { tight calculator measures generated worst with
            Loose = reason
        }

    /// An equality.
    let exact tolerance calculator measures generated =
        { tight calculator measures generated (fun () -> generated 0) with
            Tolerance = tolerance
        }

    /// The largest ratio over seeds: for worst instances that are found by search.
    let search count (ratio: int -> float) () = Seq.init count ratio |> Seq.max

    /// The calculator's value at numbers.
    let bound calculator (numbers: float[]) =
        (Bounds.find calculator |> Result.bind (BoundCalculator.ofNumbers numbers) |> Require.ok).Value

    /// The calculator's value at numbers and lists.
    let boundOf calculator (values: float[][]) =
        (Bounds.find calculator |> Result.bind (BoundCalculator.at values) |> Require.ok).Value

    /// A generator of its own for an instance; the same seed gives the same instance.
    let random (seed: int) = Random(seed)

    /// Over the first seeds, the generated ratios stay at most 1 (equal 1 for an equality): the body of a named law.
    let holds (witnesses: Witness list) calculator =
        let direction = (Bounds.find calculator |> Require.ok).Direction
        let own = witnesses |> List.filter (fun w -> w.Calculator = calculator)

        (not own.IsEmpty)
        && own
           |> List.forall (fun w ->
               Seq.init 200 (fun i -> w.Generated(i + 1))
               |> Seq.forall (fun ratio ->
                   if direction = BoundDirection.Equal then
                       abs (ratio - 1.0) <= w.Tolerance
                   else
                       ratio <= 1.0 + w.Tolerance))
