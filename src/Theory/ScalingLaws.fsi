namespace Hindsight

/// <summary>The constants of a scaling law of language models.</summary>
[<NoComparison>]
type ScalingConstants =
    {
        /// N_c, parameters.
        SizeScale: float
        /// alpha_N.
        SizeExponent: float
        /// S_c, steps.
        StepScale: float
        /// alpha_S.
        StepExponent: float
        /// B*, tokens.
        BatchScale: float
        /// alpha_B.
        BatchExponent: float
    }

/// <summary>A point of a training run.</summary>
[<Struct; NoComparison>]
type ScalingRun =
    {
        /// N, parameters.
        Size: float
        /// S, steps.
        Steps: float
        /// B, tokens a step.
        Batch: float
        /// Nats a token.
        Loss: float
    }

/// <summary>The law L = L0 + A S1^-alpha - C S2 of a run with a learning-rate schedule.</summary>
[<NoComparison>]
type AnnealingLaw =
    {
        /// L0 &gt;= 0.
        Floor: float
        /// A &gt;= 0.
        Amplitude: float
        /// alpha &gt; 0.
        Exponent: float
        /// C &gt;= 0.
        Annealing: float
        /// lambda in [0, 1): how long a drop of the rate is felt.
        Decay: float
    }

/// <summary>The two areas of a schedule so far. The default value is the state before the first step.</summary>
[<Struct; NoComparison>]
type AnnealingArea =
    {
        /// Sum of the rates.
        Forward: float
        /// Sum of the annealing momenta.
        Annealed: float
        /// m, the annealing momentum.
        Momentum: float
        /// The last rate.
        Rate: float
        /// Steps so far.
        Steps: int
    }

namespace Hindsight.FSharp

open Hindsight

// The formulas over any scalar, for the calculators.
module internal ScalingFormulas =
    /// (scale/x)^exponent.
    val power<'T when 'T :> IReal<'T> and 'T: struct> : scale: 'T -> x: 'T -> exponent: 'T -> 'T

    /// ln(L - floor) in floats; constants in the order of the record.
    val rootOf: constants: float[] -> size: float -> steps: float -> batch: float -> float

    /// The loss, its floor.
    val trajectory<'T when 'T :> IReal<'T> and 'T: struct> :
        constants: 'T[] -> size: 'T -> steps: 'T -> batch: 'T -> root: float -> 'T[]

    /// The loss of a schedule, S1, S2.
    val annealed<'T when 'T :> IReal<'T> and 'T: struct> :
        floor: 'T -> amplitude: 'T -> exponent: 'T -> annealing: 'T -> decay: 'T -> schedule: 'T[] -> 'T[]

/// <summary>Loss of language models against parameters, steps and batch size: empirical laws, their joint trajectory, and their fit.</summary>
/// <remarks>Source of the forms: Scaling laws for neural language models (2020) and Unraveling the mystery of scaling laws, part I (arXiv 2403.06563). Models of data, not theorems.
/// Numbers are parameters N without embeddings, steps S, tokens a step B, nats a token L.</remarks>
[<RequireQualifiedAccess>]
module ScalingLaw =
    /// Constants of Scaling laws for neural language models (2020); from memory.
    val published2020: ScalingConstants

    /// Constants of a fit to C4 in arXiv 2403.06563; from memory, an example only.
    val exampleC4: ScalingConstants

    /// (N_c/N)^alpha_N: the loss of a trained model of that size.
    val loss: constants: ScalingConstants -> size: float -> Result<float, HindsightError>

    /// (N_c/N)^alpha_N + (S_c/S_min)^alpha_S: after S_min steps at a batch far above the critical one.
    val lossAtSteps: constants: ScalingConstants -> size: float -> minimalSteps: float -> Result<float, HindsightError>

    /// B*/L^(1/alpha_B): the batch at which steps and examples are each twice their least.
    val criticalBatch: constants: ScalingConstants -> loss: float -> Result<float, HindsightError>

    /// S/(1 + B_crit/B).
    val minimalSteps: steps: float -> batch: float -> criticalBatch: float -> Result<float, HindsightError>

    /// E/(1 + B/B_crit).
    val minimalExamples: examples: float -> batch: float -> criticalBatch: float -> Result<float, HindsightError>

    /// <summary>The loss after S steps at batch B: the root L of L = (N_c/N)^alpha_N + ((S_c/S)(1 + B*/(B L^(1/alpha_B))))^alpha_S.</summary>
    /// <remarks>The right side falls in L, so that there is one root, above (N_c/N)^alpha_N. Derived here from the laws above.</remarks>
    val trajectory:
        constants: ScalingConstants -> size: float -> steps: float -> batch: float -> Result<float, HindsightError>

    /// 6 N B S: operations of a run.
    val compute: size: float -> steps: float -> batch: float -> Result<float, HindsightError>

    /// <summary>N_c and alpha_N from trained models: ordinary least squares of ln L on ln N.</summary>
    /// <returns>(N_c, alpha_N); Incompatible where the loss does not fall, WrongDimension for fewer than two sizes.</returns>
    val fitSize: sizes: float[] -> losses: float[] -> Result<struct (float * float), HindsightError>

    /// <summary>S_c and alpha_S from one size at a large batch: ordinary least squares of ln(L - floor) on ln S.</summary>
    /// <param name="floor">(N_c/N)^alpha_N, below every loss.</param>
    /// <param name="steps">At least two.</param>
    /// <param name="losses">One for each.</param>
    val fitSteps: floor: float -> steps: float[] -> losses: float[] -> Result<struct (float * float), HindsightError>

    /// <summary>S_min and E_min from steps and examples that reach one loss at several batches: S_min/S + E_min/E = 1, which is the hyperbola (S/S_min - 1)(E/E_min - 1) = 1, by least squares.</summary>
    val fitHyperbola: steps: float[] -> examples: float[] -> Result<struct (float * float), HindsightError>

    /// <summary>B* and alpha_B from critical batches at several losses: ordinary least squares of ln B on ln L.</summary>
    val fitCriticalBatch: losses: float[] -> batches: float[] -> Result<struct (float * float), HindsightError>

    /// <summary>All six constants from runs: Huber's loss (threshold 0.001) of ln L, from a start, by Levenberg-Marquardt steps with exact derivatives.</summary>
    /// <param name="start">The fits above.</param>
    /// <param name="runs">At least six, with sizes, steps and batches that differ.</param>
    /// <remarks>A local minimum. The recipe of arXiv 2403.06563 is the four fits, then this.</remarks>
    val refine: start: ScalingConstants -> runs: ScalingRun[] -> Result<ScalingConstants, HindsightError>

/// <summary>The loss of a run with any learning-rate schedule: L = L0 + A S1^-alpha - C S2.</summary>
/// <remarks>Source: Scaling law with learning rate annealing (arXiv 2408.11029). S1 is the sum of the rates, S2 the sum over steps of m_i = lambda m_(i-1) + (rate_(i-1) - rate_i); the rate before the first step
/// is taken to be the first (no jump). A model of data, not a theorem; the exponent of lambda in S2 is from memory.</remarks>
[<RequireQualifiedAccess>]
module Annealing =
    /// The state before the first step.
    val start: AnnealingArea

    /// A step at a rate &gt;= 0.
    val step: decay: float -> area: AnnealingArea -> rate: float -> Result<AnnealingArea, HindsightError>

    /// The areas after every step of a schedule.
    val areas: decay: float -> schedule: float[] -> Result<AnnealingArea[], HindsightError>

    /// The loss at an area with S1 above 0.
    val loss: law: AnnealingLaw -> area: AnnealingArea -> Result<float, HindsightError>

    /// <summary>L0, A, alpha and C at a given decay, from losses at steps of one or more runs.</summary>
    /// <param name="decay">lambda in [0, 1).</param>
    /// <param name="runs">For each run its schedule and (step, loss) pairs, steps from 1.</param>
    /// <remarks>For a fixed alpha the law is linear in (L0, A, C): non-negative least squares of relative residuals, exactly by its at most seven supports; alpha by a search on a logarithmic scale in [0.01, 5];
    /// weights of Huber's loss (threshold 0.001) in rounds. The published fit uses L-BFGS from a grid; the separation is derived here.</remarks>
    val fit: decay: float -> runs: (float[] * (int * float)[])[] -> Result<AnnealingLaw, HindsightError>

    /// The same with the decay searched in [0.9, 0.9999].
    val fitDecay: runs: (float[] * (int * float)[])[] -> Result<AnnealingLaw, HindsightError>
