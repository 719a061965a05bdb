namespace Hindsight.FSharp

open Hindsight

/// <summary>Calculators of scaling laws: empirical models, every one Heuristic. Constants default to those of Scaling laws for neural language models (2020), from memory.</summary>
[<RequireQualifiedAccess>]
module ScalingLawBounds =
    /// Size, steps, critical batch, the trade-off, the trajectory, the best loss for a compute, annealing.
    val calculators: BoundCalculator[]

    /// The loss after S steps at batch B; see <c>ScalingLaw.trajectory</c>.
    val trajectory:
        constants: ScalingConstants -> size: float -> steps: float -> batch: float -> Result<Bound, HindsightError>

    /// <summary>The size with the least loss for a number of operations 6 N B S at a batch, and the loss there.</summary>
    val bestSize: constants: ScalingConstants -> compute: float -> batch: float -> Result<BoundOptimum, HindsightError>

    /// The loss at the end of a schedule; terms S1 and S2.
    val annealing: law: AnnealingLaw -> schedule: float[] -> Result<Bound, HindsightError>
