namespace Hindsight.FSharp

open Hindsight

/// Formulas that are closed.
module private ScalingBoundFormulas =
    open Hindsight.FSharp.Ops

    let stepsLoss<'T when 'T :> IReal<'T> and 'T: struct> (c: 'T[]) (size: 'T) (steps: 'T) : 'T =
        ScalingFormulas.power c[0] size c[1] + ScalingFormulas.power c[2] steps c[3]

    let criticalBatch<'T when 'T :> IReal<'T> and 'T: struct> (scale: 'T) (exponent: 'T) (loss: 'T) : 'T =
        scale * 'T.Exp(-('T.Log loss) / exponent)

    /// whole/(1 + a/b).
    let least<'T when 'T :> IReal<'T> and 'T: struct> (whole: 'T) (a: 'T) (b: 'T) : 'T = whole / ('T.Const 1.0 + a / b)

    let stepsOf<'T when 'T :> IReal<'T> and 'T: struct> (compute: 'T) (size: 'T) (batch: 'T) : 'T =
        compute / ('T.Const 6.0 * size * batch)

[<RequireQualifiedAccess>]
module ScalingLawBounds =
    let private source =
        "Scaling laws for neural language models (2020), Unraveling the mystery of scaling laws (arXiv 2403.06563); default constants from memory"

    let private defaults = ScalingLaw.published2020

    let private constant name symbol meaning value =
        BoundCalculator.input name symbol meaning Domain.Positive value |> BoundCalculator.withDefault value

    let private sizeScale = constant "sizeScale" "N_c" "scale of sizes, parameters" defaults.SizeScale
    let private sizeExponent = constant "sizeExponent" "alpha_N" "exponent of sizes" defaults.SizeExponent
    let private stepScale = constant "stepScale" "S_c" "scale of steps" defaults.StepScale
    let private stepExponent = constant "stepExponent" "alpha_S" "exponent of steps" defaults.StepExponent
    let private batchScale = constant "batchScale" "B_star" "scale of batches, tokens" defaults.BatchScale

    let private batchExponent =
        constant "batchExponent" "alpha_B" "exponent of batches" defaults.BatchExponent

    let private constants =
        [|
            sizeScale
            sizeExponent
            stepScale
            stepExponent
            batchScale
            batchExponent
        |]

    let private size = BoundCalculator.input "size" "N" "parameters without embeddings" Domain.Positive 1e8
    let private steps = BoundCalculator.input "steps" "S" "steps" Domain.Positive 1e5
    let private batch = BoundCalculator.input "batch" "B" "tokens a step" Domain.Positive 5e5

    let private critical =
        BoundCalculator.input "criticalBatch" "B_crit" "critical batch, tokens" Domain.Positive 1e6

    let private constantsOf<'T when 'T :> IReal<'T> and 'T: struct> (x: BoundInputs<'T>) : 'T[] =
        constants |> Array.map (fun (input: BoundInput) -> x[input.Symbol])

    let private numbersOf (x: BoundInputs<'T>) =
        constants |> Array.map (fun (input: BoundInput) -> x.Number input.Symbol)

    let private term symbol meaning : BoundTerm = { Symbol = symbol; Meaning = meaning }

    let private empirical (_: BoundInputs<float>) =
        [|
            BoundCalculator.assumed "the power laws hold at these numbers: they are fitted to models of other sizes"
        |]

    let private ofSize =
        {
            Name = "scaling-size"
            Family = "scaling-laws"
            Title = "loss of a trained model by its size"
            Statement =
                "A language model with N parameters, trained on enough data, has loss (N_c/N)^alpha_N nats a token."
            Source = source
            Kind = BoundKind.Heuristic
            Direction = BoundDirection.Equal
            Inputs = [| size; sizeScale; sizeExponent |]
            Intermediate = [||]
            Text = null
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ScalingFormulas.power x["N_c"] x["N"] x["alpha_N"] |]
                }
            Check = BoundCalculator.unchecked
            Assumptions = empirical
            Trivial = BoundCalculator.noTrivial
            Law = "The law of sizes is recovered from trained models"
        }

    let private ofSteps =
        { ofSize with
            Name = "scaling-steps"
            Title = "loss by size and steps at a large batch"
            Statement =
                "After S_min steps at a batch far above the critical one the loss is (N_c/N)^alpha_N + (S_c/S_min)^alpha_S."
            Inputs =
                [|
                    size
                    BoundCalculator.input "minimalSteps" "S_min" "steps at a large batch" Domain.Positive 1e5
                    sizeScale
                    sizeExponent
                    stepScale
                    stepExponent
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [|
                            ScalingBoundFormulas.stepsLoss
                                [| x["N_c"]; x["alpha_N"]; x["S_c"]; x["alpha_S"] |]
                                x["N"]
                                x["S_min"]
                        |]
                }
            Law = "The law of steps is recovered from a run"
        }

    let private ofBatch =
        { ofSize with
            Name = "critical-batch"
            Title = "critical batch size"
            Statement =
                "At loss L, the batch B*/L^(1/alpha_B) needs twice the least steps and twice the least examples."
            Inputs =
                [|
                    BoundCalculator.input "loss" "L" "nats a token" Domain.Positive 3.0
                    batchScale
                    batchExponent
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ScalingBoundFormulas.criticalBatch x["B_star"] x["alpha_B"] x["L"] |]
                }
            Law = "At the critical batch steps and examples are twice their least"
        }

    let private leastSteps =
        { ofSize with
            Name = "minimal-steps"
            Title = "least steps to the same loss"
            Statement =
                "A loss that takes S steps at batch B takes S/(1 + B_crit/B) at a batch far above the critical one."
            Inputs = [| steps; batch; critical |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ScalingBoundFormulas.least x["S"] x["B_crit"] x["B"] |]
                }
            Assumptions = fun _ -> [| BoundCalculator.assumed "(S/S_min - 1)(E/E_min - 1) = 1, E = B S" |]
            Law = "Steps and examples trade off along a hyperbola"
        }

    let private leastExamples =
        { leastSteps with
            Name = "minimal-examples"
            Title = "least examples to the same loss"
            Statement =
                "A loss that takes E = B S tokens at batch B takes E/(1 + B/B_crit) at a batch far below the critical one."
            Inputs =
                [|
                    BoundCalculator.input "examples" "E" "tokens seen" Domain.Positive 5e10
                    batch
                    critical
                |]
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        [| ScalingBoundFormulas.least x["E"] x["B"] x["B_crit"] |]
                }
        }

    let private floorTerm = term "floor" "loss of that size with unlimited training"

    let private whole =
        { ofSize with
            Name = "scaling-trajectory"
            Title = "loss by size, steps and batch"
            Statement =
                "The loss after S steps at batch B is the root of L = (N_c/N)^alpha_N + ((S_c/S)(1 + B*/(B L^(1/alpha_B))))^alpha_S: the law of steps at S_min = S/(1 + B_crit(L)/B)."
            Source = $"derived here from the laws of {source}"
            Inputs = Array.append [| size; steps; batch |] constants
            Intermediate = [| floorTerm |]
            Text = "L with L = (N_c/N)^alpha_N + ((S_c/S)(1 + B_star/(B L^(1/alpha_B))))^alpha_S"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let root = ScalingFormulas.rootOf (numbersOf x) (x.Number "N") (x.Number "S") (x.Number "B")

                        ScalingFormulas.trajectory (constantsOf x) x["N"] x["S"] x["B"] root
                }
            Law = "The trajectory solves its equation"
        }

    let private ofCompute =
        { whole with
            Name = "scaling-compute"
            Title = "loss for a number of operations"
            Statement =
                "With C operations, C = 6 N B S, at batch B, a model of N parameters reaches the trajectory's loss at S = C/(6 N B) steps; the best N is where that is least."
            Inputs =
                Array.append
                    [|
                        BoundCalculator.input "compute" "C" "floating-point operations" Domain.Positive 1e20
                        size |> BoundCalculator.free
                        batch
                    |]
                    constants
            Intermediate = [| floorTerm; term "S" "steps" |]
            Text = "L with L = (N_c/N)^alpha_N + ((S_c/S)(1 + B_star/(B L^(1/alpha_B))))^alpha_S, S = C/(6 N B)"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        let steps = ScalingBoundFormulas.stepsOf x["C"] x["N"] x["B"]
                        let stepsNumber = x.Number "C" / (6.0 * x.Number "N" * x.Number "B")
                        let root = ScalingFormulas.rootOf (numbersOf x) (x.Number "N") stepsNumber (x.Number "B")
                        let all = ScalingFormulas.trajectory (constantsOf x) x["N"] steps x["B"] root
                        Array.append all [| steps |]
                }
            Assumptions =
                fun x ->
                    Array.append
                        (empirical x)
                        [|
                            BoundCalculator.required
                                (x["C"] >= 6.0 * x["N"] * x["B"])
                                "at least one step"
                                "the operations do not suffice for one step of that size and batch"
                        |]
            Law = "The best size for a compute is where the trajectory is least"
        }

    let private annealed =
        {
            Name = "annealing-loss"
            Family = "scaling-laws"
            Title = "loss at the end of a learning-rate schedule"
            Statement =
                "L = L0 + A S1^-alpha - C S2, S1 the sum of the learning rates, S2 the sum over steps of m_i = lambda m_(i-1) + (rate_(i-1) - rate_i)."
            Source = "Scaling law with learning rate annealing (arXiv 2408.11029); the exponent of lambda from memory"
            Kind = BoundKind.Heuristic
            Direction = BoundDirection.Equal
            Inputs =
                [|
                    BoundCalculator.input "floor" "L0" "loss that no training removes" Domain.NonNegative 2.5
                    BoundCalculator.input "amplitude" "A" "amplitude of the power law" Domain.NonNegative 0.5
                    BoundCalculator.input "exponent" "alpha" "exponent of the power law" Domain.Positive 0.5
                    BoundCalculator.input "annealing" "C" "gain for each unit of annealing" Domain.NonNegative 0.3
                    BoundCalculator.input
                        "decay"
                        "lambda"
                        "decay of the annealing momentum"
                        { Domain.Unit with HighClosed = false }
                        0.9
                    BoundCalculator.input "schedule" "eta" "learning rate of each step" Domain.NonNegative 1.0
                    |> BoundCalculator.list [| 0.5; 1.0; 1.0; 1.0; 0.6; 0.3; 0.1 |]
                |]
            Intermediate = [| term "S1" "sum of the rates"; term "S2" "sum of the annealing momenta" |]
            Text =
                "L0 + A S1^-alpha - C S2, S1 = sum eta_i, S2 = sum m_i, m_i = lambda m_(i-1) + eta_(i-1) - eta_i, eta_0 = eta_1"
            Definition =
                { new IBoundFormula with
                    member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(x: BoundInputs<'T>) =
                        ScalingFormulas.annealed x["L0"] x["A"] x["alpha"] x["C"] x["lambda"] (x.List "eta")
                }
            Check =
                fun x ->
                    if Array.sum (x.List "eta") > 0.0 then
                        Ok()
                    else
                        Error(HindsightError.OutOfRange("schedule", "0 at every step", "above 0 at some step"))
            Assumptions =
                fun _ ->
                    [|
                        BoundCalculator.assumed "the law, fitted to runs of the same model and data"
                    |]
            Trivial = BoundCalculator.noTrivial
            Law = "The annealing area is the double sum over drops of the rate"
        }

    let calculators =
        [|
            ofSize
            ofSteps
            ofBatch
            leastSteps
            leastExamples
            whole
            ofCompute
            annealed
        |]

    let private given (c: ScalingConstants) =
        [|
            c.SizeScale
            c.SizeExponent
            c.StepScale
            c.StepExponent
            c.BatchScale
            c.BatchExponent
        |]

    let trajectory constants size steps batch =
        whole |> BoundCalculator.ofNumbers (Array.append [| size; steps; batch |] (given constants))

    let bestSize constants compute batch =
        ofCompute
        |> BoundCalculator.optimise
            [ "size" ]
            (Array.append [| compute; 1e8; batch |] (given constants) |> Array.map Array.singleton)

    let annealing (law: AnnealingLaw) schedule =
        annealed
        |> BoundCalculator.at
            [|
                [| law.Floor |]
                [| law.Amplitude |]
                [| law.Exponent |]
                [| law.Annealing |]
                [| law.Decay |]
                schedule
            |]
