namespace Hindsight.FSharp

open Hindsight

/// <summary>What a loss elicits: the score with the least mean loss over a finite sample of labels.</summary>
[<RequireQualifiedAccess>]
module Elicitation =
    /// <summary>A minimiser, in the score, of the mean loss over the sample; the least one (to rounding) of a convex loss with several, an end of the flat piece if that has no least.</summary>
    /// <param name="loss">Any loss of a label and a score.</param>
    /// <param name="sample">At least one label, each in the loss's label domain.</param>
    /// <returns>The score: for the log link the logarithm of the mean, and so on. OutOfRange for a label outside the domain; Incompatible if the mean loss
    /// still falls at the farthest score tried (512 with a link or for margins, well beyond the labels otherwise), so that there is no minimiser.</returns>
    /// <remarks>
    /// Absolute error and quantile loss: the exact order statistic of rank ceil(q n). A convex loss: bisection on the sign of the mean derivative, to neighbouring doubles.
    /// Any other: the mean loss on a grid, then the same bisection around the best grid point. The grid has 1,025 points between the least and the largest label
    /// (real labels, identity link), else 1,025 over the score domain, dense near 0; a minimum narrower than its spacing can be missed. Derived here.
    /// </remarks>
    val functional: loss: ILoss -> sample: float[] -> Result<float, HindsightError>

    /// <summary>The mean loss over the sample at a score, and its derivative in the score.</summary>
    val meanLoss: loss: ILoss -> sample: float[] -> score: float -> struct (float * float)
