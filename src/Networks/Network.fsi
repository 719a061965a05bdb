namespace Hindsight

open System
open System.IO

/// <summary>Activation of the hidden units.</summary>
type Activation =
    /// max(z, 0); derivative 0 at 0.
    | ReLU = 0
    /// z Phi(z), the exact form.
    | Gelu = 1
    /// Hyperbolic tangent.
    | Tanh = 2
    /// ln(1+e^z) - ln 2, shifted so that it is 0 at 0.
    | Softplus = 3

/// <summary>Initialisation and scaling of the layers.</summary>
type Parameterisation =
    /// Fan-in uniform initialisation on +-1/sqrt(fan-in), biases, plain linear layers.
    | Standard = 0
    /// The theory's: N(0, sigma_0^2) weights with sigma_0 = sigma_1/(2(1 + sqrt(ln m)/sqrt(2m))), factor 1/sqrt(d) in the first layer (inputs of length sqrt(d)) and
    /// 1/sqrt(m) in the others, a random unit output vector, no biases.
    | Theory = 1

/// <summary>The perturbation of the predictions.</summary>
type PerturbationKind =
    /// None: plain online gradient descent.
    | Off = 0
    /// Its expectation: a ridge towards the initialisation of weight c_p^2/sqrt(m) times the loss's smoothness constant
    /// (exact for half the square loss; an upper bound of the expected loss for any smooth one).
    | Expected = 1
    /// S Rademacher sign vectors.
    | Rademacher = 2

/// <summary>How the gradient becomes a step.</summary>
type StepRule =
    /// theta - rate * gradient, then the projection on the ball.
    | Plain = 0
    /// Each coordinate of the data gradient divided by the root of its running mean square; the perturbation's part of the gradient is taken plainly (decoupled).
    | Adaptive = 1

/// <summary>Which lanes the kernels use.</summary>
type Lanes =
    /// The widest this machine has.
    | Auto = 0
    /// 512 bits; refused where AVX-512 is missing.
    | Wide = 1
    /// Any machine.
    | Portable = 2

/// <summary>Everything that defines a perturbed network.</summary>
[<NoComparison>]
type NetworkOptions =
    {
        /// Length of an input vector.
        Dimension: int
        /// Disjoint input blocks (arms), each with rows of its own in the first layer; 1 otherwise.
        Blocks: int
        /// Output heads on the same hidden units; 1 otherwise.
        Heads: int
        /// Widths of the hidden layers, at least one.
        Hidden: int[]
        Activation: Activation
        Parameterisation: Parameterisation
        /// sigma_1 of the theory's initialisation.
        Sigma: float
        /// Key of initialisation and signs.
        Seed: uint64
        Perturbation: PerturbationKind
        /// c_p: a prediction is moved by c_p m^(-1/4) (theta - theta_0)' eps.
        PerturbationScale: float
        /// S, the number of sign vectors.
        PerturbationCount: int
        /// Whether the signs are drawn anew after every step; fixed otherwise.
        FreshSigns: bool
        /// rho: largest Frobenius distance of a hidden layer from its initialisation; infinity for none.
        Radius: float
        /// rho_1: largest distance of the output layer from its initialisation; infinity for none.
        OutputRadius: float
        StepRule: StepRule
        /// Adaptive: decay of the running mean square; 1 sums without forgetting.
        Decay: float
        Lanes: Lanes
    }

    /// <summary>One block, one head, ReLU units, the standard parameterisation, seed 0, plain steps, no perturbation (c_p = 0.1 and S = 10 if it is switched on), no ball.</summary>
    static member For: dimension: int * [<ParamArray>] hidden: int[] -> NetworkOptions

/// <summary>A multilayer perceptron with scalar output, its S perturbed predictions, and online gradient descent on the loss averaged over them.</summary>
/// <remarks>
/// f(theta; x) = s_L v' phi(s_{L-1} W_L ... phi(s_0 W_1 x)), perturbed f_s = f + c_p m^(-1/4) (theta - theta_0)' eps_s with signs over all parameters, loss (1/S) sum_s l(y, f_s).
/// Gradient mean_s(r_s) grad f + (c_p m^(-1/4)/S) sum_s r_s eps_s, r_s = l'(y, f_s). float32, in place, no allocation a step; signs are packed, ten to a 16-bit code.
/// The mean prediction is the mean over s of the inverse link of f_s. Source: "Contextual bandits with online neural regression" (arXiv 2312.07145); gradient derived here.
/// Not for concurrent use.
/// </remarks>
[<Sealed>]
type PerturbedNetwork =
    /// The network at its initialisation, or the error that names the option.
    static member Create: options: NetworkOptions * loss: ILoss -> Result<PerturbedNetwork, HindsightError>
    /// The options.
    member Options: NetworkOptions
    /// The loss.
    member Loss: ILoss
    /// Lanes of the kernels in use: 16, or 0 for the portable code.
    member LaneWidth: int
    /// Number of parameters p.
    member ParameterCount: int
    /// Steps taken.
    member Steps: int64
    /// How often a step was projected back on the ball.
    member Projections: int64
    /// Distance of each layer from its initialisation, the output layer last.
    member Distances: float[]

    /// Scores f(theta; x) of candidates, without perturbation. <c>values</c> holds one vector of Dimension entries if sharedRow, else one a candidate.
    member Forward:
        values: ReadOnlySpan<float32> *
        count: int *
        sharedRow: bool *
        blocks: ReadOnlySpan<int> *
        heads: ReadOnlySpan<int> *
        scores: Span<float32> ->
            unit

    /// Mean predictions of the candidates of the latest Forward.
    member MeanPredictions: scores: ReadOnlySpan<float32> * means: Span<float> -> unit

    /// One step on the loss at (values, label). <c>candidate</c> is the vector's place in the latest Forward if the parameters are still the same and its activations can be reused, or -1.
    member Step:
        values: ReadOnlySpan<float32> * block: int * head: int * candidate: int * label: float * rate: float -> unit

    /// The mean prediction that the latest Step found at its vector, before it moved the parameters; 0 before the first.
    member LatestPrediction: float
    /// Back to the initialisation and, with adaptive steps, to empty mean squares. Steps keep counting.
    member Reset: unit -> unit
    /// The perturbed averaged loss at (values, label).
    member AveragedLoss: values: ReadOnlySpan<float32> * block: int * head: int * label: float -> float
    /// Its gradient, in the order of Parameters.
    member Gradient: values: ReadOnlySpan<float32> * block: int * head: int * label: float -> float32[]
    /// All parameters: layer by layer, input by input (the bias last), then head by head. Setting them keeps initialisation and signs.
    member Parameters: float32[] with get, set
    /// The parameters at the start.
    member Initialisation: float32[]
    /// Sign vector s in the same order, entries -1 or +1.
    member Signs: s: int -> float32[]
    /// (theta - theta_0)' eps_s for every s.
    member SignSums: float[]
    /// Writes the state that training changes.
    member Save: writer: BinaryWriter -> unit
    /// Reads it back into a network of the same options.
    member Load: reader: BinaryReader -> unit
