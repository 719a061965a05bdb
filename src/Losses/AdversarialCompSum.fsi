namespace Hindsight

/// <summary>Smooth adversarial comp-sum loss at a given drift: l(y, z) = Phi^tau(sum over k &lt;&gt; y of e^(-(z_y - z_k)/rho) + offset), offset = nu times the drift of the margins.</summary>
/// <remarks>
/// Class scores, tau &gt;= 0, rho &gt; 0, offset &gt;= 0, else the constructor throws OutOfRange. The drift is the largest Euclidean change of the vector of margins that an adversary can make;
/// for linear scores see <c>AdversarialCompSum.drift</c>. Without drift it is the comp-sum loss of z/rho. Convex for tau &lt;= 1. Never below Phi^tau(offset).
/// The zero value of the struct has rho = 0 and cannot be evaluated. Source: Cross-entropy loss functions (arXiv 2304.07288), form from memory; that it majorises the robust error, derived here.
/// </remarks>
[<Struct; NoComparison; NoEquality>]
type SmoothAdversarialCompSum =
    /// The exponent of the comp-sum.
    val Tau: float
    /// The temperature of the margins.
    val Rho: float
    /// nu times the drift.
    val Offset: float
    /// The loss at tau &gt;= 0, rho &gt; 0 and offset &gt;= 0.
    new: tau: float * rho: float * offset: float -> SmoothAdversarialCompSum
    interface IMulticlassLoss
    interface IMulticlassGradient

/// <summary>In which norm an adversary may move the context.</summary>
type PerturbationNorm =
    /// Sum of absolute changes.
    | L1 = 1
    /// Euclidean.
    | L2 = 2
    /// Largest absolute change.
    | LInfinity = 3

namespace Hindsight.FSharp

open Hindsight

/// <summary>Adversarial comp-sum losses of linear scores h(x, k) = w_k'x, one row of weights a class.</summary>
/// <remarks>All functions return OutOfRange for numbers out of their domain and WrongDimension for rows that differ in length.</remarks>
[<RequireQualifiedAccess>]
module AdversarialCompSum =
    /// The least nu with which the smooth loss majorises the adversarial one: sqrt(n-1)/rho.
    val leastNu: classes: int -> rho: float -> Result<float, HindsightError>

    /// h(x, y) - h(x, k) for k &lt;&gt; y, in order of k.
    val margins: weights: float[][] -> context: float[] -> label: int -> Result<float[], HindsightError>

    /// <summary>sup over |x' - x| &lt;= gamma of the Euclidean norm of the change of all margins: gamma times the norm of the matrix of rows w_y - w_k.</summary>
    /// <remarks>L2: spectral norm, exact. L1: largest column norm, exact. LInfinity: the smaller of sqrt(d) times the spectral norm and the norm of the rows' l1 norms, an upper bound.</remarks>
    val drift:
        norm: PerturbationNorm -> gamma: float -> weights: float[][] -> label: int -> Result<float, HindsightError>

    /// <summary>Phi^tau(sum over k &lt;&gt; y of Phi_rho(h(x,y) - h(x,k))), Phi_rho(u) = min(1, max(0, 1 - u/rho)): what the adversary maximises.</summary>
    val ramp: tau: float -> rho: float -> margins: float[] -> Result<float, HindsightError>

    /// <summary>The ramp loss with each margin lowered by the most that the adversary can do to it alone: an upper bound of the adversarial loss, equal to it for two classes.</summary>
    val worstCase:
        tau: float ->
        rho: float ->
        norm: PerturbationNorm ->
        gamma: float ->
        weights: float[][] ->
        context: float[] ->
        label: int ->
            Result<float, HindsightError>

    /// The smooth adversarial comp-sum loss: ramp replaced by e^(-u/rho), the adversary by nu times the drift.
    val smooth:
        tau: float ->
        rho: float ->
        nu: float ->
        norm: PerturbationNorm ->
        gamma: float ->
        weights: float[][] ->
        context: float[] ->
        label: int ->
            Result<float, HindsightError>

    /// <summary>The point of the ball at which the least margin that can be reached is reached, and that margin. At most 0: the adversary can make a mistake (ties count as mistakes). Exact.</summary>
    val attack:
        norm: PerturbationNorm ->
        gamma: float ->
        weights: float[][] ->
        context: float[] ->
        label: int ->
            Result<struct (float[] * float), HindsightError>

    /// smooth-adversarial-comp-sum.
    val entries: LossEntry[]
