namespace Hindsight

open System

/// <summary>The prediction f(theta; x) of a <see cref="T:Hindsight.PerturbedNetwork"/> without its perturbation, in double precision, with gradient and Hessian-vector product in closed form.</summary>
/// <remarks>For theory: one block and one head, parameters in the network's order. A Hessian-vector product costs about three gradients (Pearlmutter 1994). The second derivative of a ReLU unit is 0, that of its kink included.</remarks>
[<Sealed>]
type NetworkDerivatives =
    /// The derivatives of a network's architecture; Incompatible for several blocks or heads.
    static member Of: network: PerturbedNetwork -> Result<NetworkDerivatives, HindsightError>
    /// Number of parameters p.
    member ParameterCount: int
    /// Length of an input vector.
    member Dimension: int
    /// f(theta; x).
    member Value: parameters: float[] * input: float[] -> float
    /// Value, and the gradient in the parameters.
    member Gradient: parameters: float[] * input: float[] -> struct (float * float[])
    /// Hessian in the parameters times a direction.
    member HessianVector: parameters: float[] * input: float[] * direction: float[] -> float[]

/// <summary>The averaged loss of a perturbed network on a stream of observations: L(theta) = (1/n) sum_i (1/S) sum_s l(y_i, f_s(theta; x_i)), with exact derivatives.</summary>
/// <remarks>f_s = f + a (theta - theta_0)' eps_s, a = c_p/m^(1/4), m the width of the first hidden layer. Off: no perturbation. Expected: the ridge (a^2/2) times the loss's smoothness constant, which is the expectation of
/// the perturbed loss for half the square loss and an upper bound of it for any smooth one. Rademacher: the network's S sign vectors as they are now.</remarks>
[<Sealed>]
type PerturbedObjective =
    /// <summary>The averaged loss.</summary>
    /// <param name="network">Gives architecture, initialisation, loss, perturbation and signs.</param>
    /// <param name="inputs">n &gt;= 1 input vectors.</param>
    /// <param name="labels">A label for each, in the loss's domain.</param>
    static member Of:
        network: PerturbedNetwork * inputs: float[][] * labels: float[] -> Result<PerturbedObjective, HindsightError>

    /// The unperturbed prediction.
    member Network: NetworkDerivatives
    /// The options of the network.
    member Options: NetworkOptions
    /// a = c_p/m^(1/4); 0 if the perturbation is off.
    member Amplitude: float
    /// theta_0.
    member Initialisation: float[]
    /// The input vectors.
    member Inputs: float[][]
    /// L(theta).
    member Value: parameters: float[] -> float
    /// L and its gradient.
    member Gradient: parameters: float[] -> struct (float * float[])
    /// The Hessian of L times a direction.
    member HessianVector: parameters: float[] * direction: float[] -> float[]
    /// The Hessian, p by p.
    member Hessian: parameters: float[] -> float[,]
    /// The largest |l'| over observations and sign vectors: r, the largest residual for half the square loss.
    member LargestSlope: parameters: float[] -> float
    /// The least l'' over observations and sign vectors.
    member LeastCurvature: parameters: float[] -> float

/// <summary>What a perturbation does to the averaged loss: the minimiser that was found, the curvature there, and whether it is the only one.</summary>
[<NoComparison>]
type GrowthReport =
    {
        Kind: PerturbationKind
        /// c_p.
        Scale: float
        /// S; 0 without sign vectors.
        Count: int
        /// Number of parameters.
        Parameters: int
        /// The least averaged loss that was found.
        Least: float
        /// Norm of the gradient there.
        GradientNorm: float
        /// Distance of that minimiser from the initialisation.
        Distance: float
        /// Extreme eigenvalues of the Hessian there.
        SmallestEigenvalue: float
        LargestEigenvalue: float
        /// Eigenvalues below 1e-9 of the largest: directions along which the loss is flat to second order.
        FlatDirections: int
        /// The least of 2 (L(theta) - L*)/|theta - theta*|^2 over probes about that minimiser, probes along the flattest directions included: at most the constant of quadratic growth there.
        Growth: float
        /// The largest distance between minimisers found from different starts: 0 up to rounding if there is one only.
        Spread: float
        /// How many starts led to a minimiser (gradient below 1e-8 of its first size).
        Minimisers: int
        /// (kappa c_p^2 - c_H r)/sqrt m with kappa, c_H and r measured at the minimiser: the growth that the theory promises the expected loss; 0 if off.
        Promised: float
    }

    /// A line for each figure.
    override ToString: unit -> string

/// <summary>Constants of a wide network, one width, measured in a ball about the initialisation.</summary>
[<NoComparison>]
type WidthReport =
    {
        Width: int
        Parameters: int
        /// Largest |grad f| seen.
        GradientNorm: float
        /// sqrt m times the largest |Hessian of f| seen: the empirical c_H.
        Curvature: float
        /// Largest |l'| seen.
        Slope: float
        /// The largest L(theta) + grad L(theta)'(theta' - theta) - L(theta') seen: how far from convex. At least 0.
        Slack: float
        /// (1/2) r (c_H/sqrt m) diam^2 with the measured r and c_H.
        SlackBound: float
        /// c_p^2/sqrt m: the ridge that the perturbation is in expectation.
        Ridge: float
        /// (c_p^2 - c_H r)/sqrt m: the growth constant of the expected loss; no growth is promised if it is not positive.
        Growth: float
    }

/// <summary>How much of |delta|^2 the sign vectors keep at some points.</summary>
[<NoComparison>]
type SignConcentration =
    {
        /// S.
        Count: int
        /// Rank of G = (1/S) sum eps_s eps_s': at most S, so that G is singular whenever S is less than the number of parameters.
        Rank: int
        /// Least and largest delta'G delta/|delta|^2 over the points.
        Least: float
        Largest: float
        /// Smallest eigenvalue of G over all directions: 0 if the rank is not full.
        SmallestEigenvalue: float
        /// Largest eigenvalue of G.
        LargestEigenvalue: float
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Perturbed prediction, measured: growth and uniqueness of the averaged loss's minimiser, how far from convex it is, what S sign vectors keep.</summary>
/// <remarks>Source of the device: Contextual bandits with online neural regression (arXiv 2312.07145); identities and measures derived here. Everything is deterministic given the seed.</remarks>
[<RequireQualifiedAccess>]
module Perturbation =
    /// <summary>A minimiser of the averaged loss from a start: Newton's method with a damping that follows the fit (Levenberg 1944, Marquardt 1963), at most 200 steps.</summary>
    /// <returns>Parameters, and the norm of the gradient there.</returns>
    val minimise: objective: PerturbedObjective -> start: float[] -> struct (float[] * float)

    /// <summary>Growth and uniqueness of the averaged loss's minimiser.</summary>
    /// <param name="starts">How many starts: the initialisation and starts around it; at least 1.</param>
    /// <param name="radius">How far starts and probes are from the initialisation and the minimiser, &gt; 0.</param>
    /// <param name="seed">Of starts and probes.</param>
    /// <param name="objective">At most 2000 parameters: its Hessian is kept dense.</param>
    val growth:
        starts: int ->
        radius: float ->
        seed: uint64 ->
        objective: PerturbedObjective ->
            Result<GrowthReport, HindsightError>

    /// <summary>The same data and initialisation without perturbation, with its expectation, and with its sign vectors.</summary>
    /// <remarks>The kind of perturbation in the options is overridden; c_p and S are used. Off, Expected, Rademacher, in this order; the other arguments as for <c>growth</c>.</remarks>
    val compare:
        starts: int ->
        radius: float ->
        seed: uint64 ->
        options: NetworkOptions ->
        loss: ILoss ->
        inputs: float[][] ->
        labels: float[] ->
            Result<GrowthReport[], HindsightError>

    /// <summary>The spectral norm of the Hessian of f at (theta; x), from below, by power iteration on Hessian-vector products.</summary>
    /// <remarks>A step multiplies the relative error by the square of the ratio of the two largest absolute eigenvalues; at least one step is taken.</remarks>
    val hessianNorm:
        iterations: int -> seed: uint64 -> network: NetworkDerivatives -> parameters: float[] -> input: float[] -> float

    /// <summary>Constants of networks of several widths in the ball of a radius about the initialisation: gradient, curvature c_H, slack of almost convexity, growth.</summary>
    /// <remarks>points &gt;= 1 pairs of points are drawn in the ball, beside those along the most curved direction; radius &gt; 0 is Euclidean, of all parameters together; every hidden layer takes each width in turn.</remarks>
    val widths:
        points: int ->
        radius: float ->
        seed: uint64 ->
        options: NetworkOptions ->
        loss: ILoss ->
        widths: int[] ->
        inputs: float[][] ->
        labels: float[] ->
            Result<WidthReport[], HindsightError>

    /// <summary>Restricted strong convexity about the initialisation: the least of 2 (L(theta) - L(theta_0) - grad L(theta_0)'(theta - theta_0))/|theta - theta_0|^2 over drawn points whose displacement has a cosine of at least the alignment with the mean gradient of the predictions.</summary>
    /// <remarks>alignment kappa in (0, 1), points &gt;= 1 a radius apart from the initialisation, half of them at the alignment itself. A sampled least value is at least the constant. For half the square loss it is about kappa^2 times the
    /// squared norm of the mean gradient, less a term of order 1/sqrt(width). The condition is that of Banerjee et al. (arXiv 2209.15106).</remarks>
    val restrictedConvexity:
        alignment: float ->
        points: int ->
        radius: float ->
        seed: uint64 ->
        objective: PerturbedObjective ->
            Result<float, HindsightError>

    /// <summary>Rank and extreme eigenvalues of G = (1/S) sum eps_s eps_s', and what it keeps of |delta|^2 at points.</summary>
    /// <param name="signs">S vectors of -1 and +1.</param>
    /// <param name="points">At least one, none of them 0, of the same length.</param>
    val concentration: signs: float[][] -> points: float[][] -> Result<SignConcentration, HindsightError>

    /// <summary>The largest step of plain gradient descent on one observation's half square loss that is stable: 2 over the largest eigenvalue of (1/S) sum (g + a eps_s)(g + a eps_s)'.</summary>
    /// <param name="gradient">g, the gradient of f.</param>
    /// <param name="amplitude">a = c_p/m^(1/4).</param>
    /// <param name="signs">S vectors.</param>
    val stableStep: gradient: float[] -> amplitude: float -> signs: float[][] -> Result<float, HindsightError>

    /// <summary>An estimate of that step before any sign is drawn: 2/(|g|^2 + a^2 (p/S)(1 + sqrt(S/p))^2), the edge of the Marchenko-Pastur law for the signs' part.</summary>
    /// <remarks>A rule of thumb: the gradient's correlation with the signs is left out. p parameters, S sign vectors.</remarks>
    val estimatedStableStep:
        gradientNorm: float -> amplitude: float -> parameters: int -> count: int -> Result<float, HindsightError>
