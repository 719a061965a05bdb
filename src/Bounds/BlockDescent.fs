namespace Hindsight.FSharp

open System
open Hindsight

module private BlockDescentFormulas =
    open Hindsight.FSharp.Ops

    let progress<'T when 'T :> IReal<'T> and 'T: struct> (norm: 'T) (smoothness: 'T) : 'T =
        'T.Const 0.5 * 'T.Sqr norm / smoothness

    /// gap (1 - rate)^steps, where a rate of 1 leaves nothing that a float can hold.
    let gap<'T when 'T :> IReal<'T> and 'T: struct> (start: 'T) (rate: 'T) (steps: 'T) : 'T[] =
        let left = 'T.Max('T.Const 1.0 - rate, 'T.Const 1e-300)
        [| start * 'T.Exp(steps * 'T.Log left); rate |]

    let identification<'T when 'T :> IReal<'T> and 'T: struct>
        (smoothness: 'T)
        (condition: 'T)
        (margin: 'T)
        (distance: 'T)
        : 'T =
        let two = 'T.Const 2.0
        two + 'T.Max(condition * 'T.Log(two * smoothness * distance / margin), 'T.Const 0.0)

[<RequireQualifiedAccess>]
module BlockDescentBounds =
    let private family = "block-descent"
    let private input = BoundCalculator.input

    let private smoothness =
        input "smoothness" "L" "largest smoothness constant of a block" Domain.Positive 4.0

    let private growth =
        input "growth" "mu" "PL constant: |gradient|^2/2 >= mu (f - f*)" Domain.Positive 1.0

    let private blocks = BoundCalculator.count "blocks" "m" "blocks" 1.0 5.0
    let private steps = BoundCalculator.count "steps" "k" "steps" 0.0 20.0
    let private gap = input "gap" "gap" "f - f* at the start" Domain.NonNegative 10.0
    let private sum = input "sum" "S" "sum of the blocks' smoothness constants" Domain.Positive 12.0

    let private smooth =
        BoundCalculator.assumed "moving a block by d changes its gradient by at most L_b |d|"

    let private pl = BoundCalculator.assumed "the PL inequality with constant mu"

    let private rateTerm: BoundTerm =
        {
            Symbol = "r"
            Meaning = "share of the gap that a step takes"
        }

    /// name <= largest, else OutOfRange.
    let private atMost name value largest =
        if value <= largest * (1.0 + 1e-12) then
            Ok()
        else
            Require.inside
                name
                { Domain.Reals with
                    Low = 0.0
                    High = largest
                    HighClosed = true
                }
                value
            |> Result.map ignore<float>

    let gradientProgressCalculator =
        {
            Name = "block-progress-gradient"
            Family = family
            Title = "Progress of a gradient step on a block"
            Statement = "When a block moves by -grad/L, f falls by at least |grad|^2/(2 L)."
            Source = "derived here: the quadratic upper bound of a smooth function at its minimiser"
            Kind = BoundKind.Deterministic
            Direction = BoundDirection.Lower
            Inputs =
                [|
                    input "norm" "g" "norm of the block's gradient" Domain.NonNegative 1.0
                    input "smoothness" "L" "smoothness constant of the block" Domain.Positive 4.0
                |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| BlockDescentFormulas.progress x["g"] x["L"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = fun _ -> [| smooth |]
            Trivial = fun _ -> 0.0
            Law = "A gradient step on a block makes its progress"
        }

    let matrixProgressCalculator =
        { gradientProgressCalculator with
            Name = "block-progress-matrix"
            Title = "Progress of a matrix step on a block"
            Statement =
                "When a block whose Hessian is at most H moves by -H^-1 grad, f falls by at least grad'H^-1 grad/2; by exactly that if f is quadratic with Hessian H."
            Inputs =
                [|
                    input "dualSquare" "q" "grad'H^-1 grad of the block" Domain.NonNegative 1.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Ops.(*) ('T.Const 0.5) x["q"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "the block's Hessian is at most H everywhere" |]
            Law = "A matrix step on a block makes its progress, exactly so on quadratics"
        }

    let uniformGapCalculator =
        { gradientProgressCalculator with
            Name = "block-uniform"
            Title = "Expected gap after blocks drawn uniformly"
            Statement =
                "After k gradient or matrix steps on blocks drawn uniformly out of m, the expected gap is at most (1 - mu/(m L))^k times the first."
            Source = "derived here: progress of a step, averaged, under the PL inequality"
            Kind = BoundKind.Expectation
            Direction = BoundDirection.Upper
            Inputs = [| growth; smoothness; blocks; steps; gap |]
            Intermediate = [| rateTerm |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let rate = Ops.(/) x["mu"] (Ops.(*) x["m"] x["L"])
                        BlockDescentFormulas.gap x["gap"] rate x["k"]
                }
            Check = fun x -> atMost "growth" x["mu"] (x["m"] * x["L"])
            Assumptions = fun _ -> [| smooth; pl |]
            Trivial = fun x -> x["gap"]
            Law = "Blocks drawn uniformly close the gap at their rate, by enumeration of the draws"
        }

    let lipschitzGapCalculator =
        { uniformGapCalculator with
            Name = "block-lipschitz"
            Title = "Expected gap after blocks drawn by their smoothness"
            Statement =
                "After k gradient or matrix steps on blocks drawn with probability L_b/S, S the sum of the L_b, the expected gap is at most (1 - mu/S)^k times the first."
            Inputs = [| growth; sum; steps; gap |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        BlockDescentFormulas.gap x["gap"] (Ops.(/) x["mu"] x["S"]) x["k"]
                }
            Check = fun x -> atMost "growth" x["mu"] x["S"]
            Law = "Blocks drawn by their smoothness close the gap at their rate, by enumeration of the draws"
        }

    let greedyGapCalculator =
        { uniformGapCalculator with
            Name = "block-greedy"
            Title = "Gap after greedy blocks"
            Statement =
                "After k steps on the block of largest score (gradient, gradient over smoothness, over diagonals, or quadratic), the gap is at most (1 - mu/(m L))^k times the first, L the largest L_b (the largest diagonal for scores by diagonals)."
            Kind = BoundKind.Deterministic
            Law = "Greedy blocks close the gap at their rate on every run"
        }

    let southwellGapCalculator =
        { greedyGapCalculator with
            Name = "coordinate-greedy"
            Title = "Gap after coordinates of largest gradient"
            Statement =
                "After k steps on the coordinate of largest gradient (Gauss-Southwell), the gap is at most (1 - mu_1/L)^k times the first, mu_1 the strong convexity in the 1-norm."
            Source = "Nutini, Schmidt, Laradji, Friedlander and Koepke (2015); derived here"
            Inputs =
                [|
                    input
                        "growth"
                        "mu_1"
                        "strong convexity in the 1-norm: (largest |gradient|)^2/2 >= mu_1 (f - f*)"
                        Domain.Positive
                        0.3
                    smoothness
                    steps
                    gap
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        BlockDescentFormulas.gap x["gap"] (Ops.(/) x["mu_1"] x["L"]) x["k"]
                }
            Check = fun x -> atMost "growth" x["mu_1"] x["L"]
            Assumptions = fun _ -> [| smooth; BoundCalculator.assumed "strong convexity mu_1 in the 1-norm" |]
            Law = "Gauss-Southwell coordinates close the gap at the rate of the 1-norm"
        }

    let southwellLipschitzGapCalculator =
        { southwellGapCalculator with
            Name = "coordinate-greedy-lipschitz"
            Title = "Gap after coordinates of largest gradient over smoothness"
            Statement =
                "After k steps on the coordinate of largest gradient^2/L_i, the gap is at most (1 - max(mu/S, mu_1/L))^k times the first."
            Inputs =
                [|
                    growth
                    input "growthInOneNorm" "mu_1" "strong convexity in the 1-norm" Domain.Positive 0.3
                    sum
                    smoothness
                    steps
                    gap
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let rate = 'T.Max(Ops.(/) x["mu"] x["S"], Ops.(/) x["mu_1"] x["L"])
                        BlockDescentFormulas.gap x["gap"] rate x["k"]
                }
            Check =
                fun x ->
                    atMost "growth" x["mu"] x["S"] |> Result.bind (fun () -> atMost "growthInOneNorm" x["mu_1"] x["L"])
            Assumptions = fun _ -> [| smooth; pl; BoundCalculator.assumed "strong convexity mu_1 in the 1-norm" |]
            Law = "Gauss-Southwell-Lipschitz coordinates close the gap at the better of two rates"
        }

    let private margin =
        input
            "margin"
            "delta_star"
            "least distance of -gradient_i at the minimiser from the ends of the subdifferential at the kink"
            Domain.Positive
            0.1

    let private wholeSmoothness =
        input "smoothness" "L" "Lipschitz constant of the gradient" Domain.Positive 4.0

    let private kink =
        BoundCalculator.assumed "the minimiser is non-degenerate: delta_star > 0 for every coordinate at a kink"

    let identificationRadiusCalculator =
        { gradientProgressCalculator with
            Name = "identification-radius"
            Title = "Radius of identification"
            Statement =
                "Within delta/(2 L) of the minimiser one proximal gradient step of size 1/L sets every coordinate that is at a kink of its regulariser there exactly to the kink."
            Source = "after Let's make block coordinate descent converge faster (arXiv 1712.08859); derived here"
            Inputs = [| margin; wholeSmoothness |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| Ops.(*) ('T.Const 0.5) (Ops.(/) x["delta_star"] x["L"]) |]
                }
            Assumptions = fun _ -> [| kink; BoundCalculator.assumed "the gradient has Lipschitz constant L" |]
            Law = "Near the minimiser one proximal step identifies the active set"
        }

    let identificationIterationsCalculator =
        { identificationRadiusCalculator with
            Name = "identification-iterations"
            Title = "Iterations until the active set is identified"
            Statement =
                "If the distance to the minimiser shrinks by 1 - 1/kappa a step, proximal steps of size 1/L have set every coordinate at a kink there, for good, after max(0, kappa ln(2 L D/delta)) + 2 steps."
            Direction = BoundDirection.Upper
            Inputs =
                [|
                    wholeSmoothness
                    input
                        "condition"
                        "kappa"
                        "inverse of the share of the distance that a step takes"
                        (BoundCalculator.atLeast 1.0)
                        50.0
                    margin
                    input "distance" "D" "distance of the start to the minimiser" Domain.Positive 10.0
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            BlockDescentFormulas.identification x["L"] x["kappa"] x["delta_star"] x["D"]
                        |]
                }
            Assumptions =
                fun _ ->
                    [|
                        kink
                        BoundCalculator.assumed "the gradient has Lipschitz constant L"
                        BoundCalculator.assumed "every step shrinks the distance by 1 - 1/kappa"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The active set is identified after as many steps as the bound counts"
        }

    let calculators =
        [|
            gradientProgressCalculator
            matrixProgressCalculator
            uniformGapCalculator
            lipschitzGapCalculator
            greedyGapCalculator
            southwellGapCalculator
            southwellLipschitzGapCalculator
            identificationRadiusCalculator
            identificationIterationsCalculator
        |]

    let gradientProgress norm smoothness =
        gradientProgressCalculator |> BoundCalculator.ofNumbers [| norm; smoothness |]

    let matrixProgress dualSquare =
        matrixProgressCalculator |> BoundCalculator.ofNumbers [| dualSquare |]

    let private gapNumbers growth smoothness (blocks: int) (steps: int) gap =
        [| growth; smoothness; float blocks; float steps; gap |]

    let uniformGap growth smoothness blocks steps gap =
        uniformGapCalculator |> BoundCalculator.ofNumbers (gapNumbers growth smoothness blocks steps gap)

    let lipschitzGap growth sum steps gap =
        lipschitzGapCalculator |> BoundCalculator.ofNumbers [| growth; sum; float (steps: int); gap |]

    let greedyGap growth smoothness blocks steps gap =
        greedyGapCalculator |> BoundCalculator.ofNumbers (gapNumbers growth smoothness blocks steps gap)

    let southwellGap growth smoothness steps gap =
        southwellGapCalculator
        |> BoundCalculator.ofNumbers [| growth; smoothness; float (steps: int); gap |]

    let southwellLipschitzGap growth growthInOneNorm sum smoothness steps gap =
        southwellLipschitzGapCalculator
        |> BoundCalculator.ofNumbers [| growth; growthInOneNorm; sum; smoothness; float (steps: int); gap |]

    let identificationRadius margin smoothness =
        identificationRadiusCalculator |> BoundCalculator.ofNumbers [| margin; smoothness |]

    let identificationIterations smoothness condition margin distance =
        identificationIterationsCalculator
        |> BoundCalculator.ofNumbers [| smoothness; condition; margin; distance |]
