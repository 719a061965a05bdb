namespace Hindsight

open System
open System.Numerics.Tensors
open Hindsight.FSharp

/// Weights from logarithms, in place.
module internal LogWeights =
    let normalise (logs: ReadOnlySpan<float>) (weights: Span<float>) =
        let top = TensorPrimitives.Max logs
        TensorPrimitives.Subtract(logs, top, weights)
        TensorPrimitives.Exp(Span.op_Implicit weights, weights)

        TensorPrimitives.Divide(
            Span.op_Implicit weights,
            TensorPrimitives.Sum(Span.op_Implicit weights: ReadOnlySpan<float>),
            weights
        )

    /// Positive weights with sum 1 up to rounding, divided by it.
    let checkPrior (prior: float[]) =
        result {
            let! _ = Require.atLeast "prior length" 1 prior.Length

            do!
                (Ok(), Seq.indexed prior)
                ||> Seq.fold (fun state (i, q) ->
                    state |> Result.bind (fun () -> Require.positive $"prior[{i}]" q |> Result.map ignore<float>))

            let sum = Array.sum prior
            let! _ = Require.inside "sum of prior" (Domain.Closed(1.0 - 1e-9, 1.0 + 1e-9)) sum
            return prior |> Array.map (fun q -> q / sum)
        }
