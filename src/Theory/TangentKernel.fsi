namespace Hindsight

open System

/// <summary>An activation whose Gaussian expectations have a closed form.</summary>
[<RequireQualifiedAccess; Struct>]
type DualActivation =
    /// max(z, 0).
    | ReLU
    /// z for z &gt;= 0, slope z below; any finite slope (1 is the identity, -1 the absolute value).
    | LeakyReLU of Slope: float
    /// max(z, 0)^2.
    | SquaredReLU
    /// The error function.
    | Erf
    /// The normal distribution function Phi(z).
    | Probit
    /// z Phi(z), the exact form.
    | Gelu
    /// sin z.
    | Sin
    /// cos z.
    | Cos
    /// e^z.
    | Exp
    /// z^2.
    | Square

/// <summary>The covariance of the first layer.</summary>
type KernelInput =
    /// Sigma_0 = sigma_w^2 x'y/d + sigma_b^2.
    | PerDimension = 0
    /// Sigma_0 = x'y/(|x||y|): directions only. sigma_w and sigma_b act from the first hidden layer on. A vector without a direction (a squared length below 1e-150, or above 1e150) is refused.
    | Directions = 1

/// <summary>A fully connected network of infinite width in the tangent-kernel parameterisation h_l+1 = sigma_w W phi(h_l)/sqrt(n) + sigma_b b, standard normal W and b.</summary>
[<NoComparison>]
type TangentKernelOptions =
    {
        Activation: DualActivation
        /// Hidden layers L &gt;= 0; none is the linear kernel.
        Depth: int
        /// sigma_w &gt; 0.
        WeightScale: float
        /// sigma_b &gt;= 0.
        BiasScale: float
        Input: KernelInput
    }

    /// <summary>sigma_w = sqrt 2, sigma_b = 0, ReLU, directions: Sigma becomes kappa_1(Sigma), Theta becomes kappa_1(Sigma) + Theta kappa_0(Sigma), kappa_0(r) = (pi - arccos r)/pi,
    /// kappa_1(r) = (sqrt(1 - r^2) + r (pi - arccos r))/pi; on the diagonal Sigma = 1 and Theta = L + 1.</summary>
    static member NormalizedReLU: depth: int -> TangentKernelOptions

/// <summary>Two kernels of one network: of its outputs at initialisation, and of its gradients.</summary>
[<NoComparison>]
type KernelGram =
    {
        /// Sigma_L, the covariance of the outputs (neural network Gaussian process), a row a left point.
        Covariance: float[,]
        /// Theta_L, the tangent kernel.
        Tangent: float[,]
    }

/// <summary>The spectrum of a Gram matrix.</summary>
[<NoComparison>]
type KernelSpectrum =
    {
        /// Ascending.
        Eigenvalues: float[]
        Smallest: float
        Largest: float
        /// n 2^-52 times the largest absolute eigenvalue: an eigenvalue below it is not told from 0 in double precision.
        Floor: float
        /// Eigenvalues above the floor.
        Rank: int
        /// Largest over smallest; infinity where the smallest is not above the floor.
        Condition: float
        /// Sum of the eigenvalues.
        Trace: float
    }

/// <summary>Gradient flow on half the summed square loss with a fixed kernel K: the training predictions follow df/dt = -eta K (f - y). The eigenvectors are computed once.</summary>
[<Sealed; Class>]
type KernelFlow =
    /// Number of training points.
    member Count: int
    /// The spectrum of K.
    member Spectrum: KernelSpectrum

namespace Hindsight.FSharp

open System
open Hindsight

/// <summary>Expectations over (u, v) normal with variances a, b and covariance c: k = E phi(u) phi(v) and k' = E phi'(u) phi'(v), which is the derivative of k in c (Price 1958).</summary>
/// <remarks>Closed forms: Cho and Saul (2009) for the powers of ReLU, Williams (1997) for erf; the others, and those that avoid cancellation, derived here with the determinant ab - c^2, which never enters as a small
/// difference. a, b &gt;= 0, c^2 &lt;= ab (a c beyond it by rounding counts as on it). The generic functions check nothing.</remarks>
[<RequireQualifiedAccess>]
module DualActivation =
    /// <summary>k over any scalar, the determinant taken as a b - c c.</summary>
    /// <remarks>The second derivative of the piecewise ones in c is infinite at |c| = sqrt(ab); jets are cut off there at first order.</remarks>
    val kernel<'T when 'T :> IReal<'T> and 'T: struct> : activation: DualActivation -> a: 'T -> b: 'T -> c: 'T -> 'T
    /// k' over any scalar.
    val derivative<'T when 'T :> IReal<'T> and 'T: struct> : activation: DualActivation -> a: 'T -> b: 'T -> c: 'T -> 'T

    /// <summary>k and k' in double precision, with the determinant ab - c^2 to full accuracy (two fused multiply-adds): k' keeps its digits where two points are almost the same or almost opposite.</summary>
    /// <returns>OutOfRange for numbers that are not finite, a or b negative, |c| beyond sqrt(ab) by more than 1e-12 of it, or a slope that is not finite; Incompatible where the value overflows.</returns>
    val evaluate:
        activation: DualActivation -> a: float -> b: float -> c: float -> Result<struct (float * float), HindsightError>

    /// phi(z).
    val value: activation: DualActivation -> z: float -> float
    /// phi'(z); 0 for the ReLU at 0.
    val slope: activation: DualActivation -> z: float -> float
    /// The closed form of a network's activation; absent for the hyperbolic tangent and softplus, which have none.
    val tryOfNetwork: activation: Activation -> DualActivation voption

/// <summary>Tangent kernels of infinitely wide networks (Jacot, Gabriel and Hongler 2018): Sigma_l+1 = sigma_w^2 k(Sigma_l) + sigma_b^2, Theta_l+1 = Sigma_l+1 + sigma_w^2 k'(Sigma_l) Theta_l, Theta_0 = Sigma_0.</summary>
/// <remarks>Every function but the generic <c>layers</c> checks its options: OutOfRange names the field. Inputs are finite and of one length (else OutOfRange, WrongDimension). A kernel that overflows (e^z, deep) is an Incompatible error.</remarks>
[<RequireQualifiedAccess>]
module TangentKernel =
    /// <summary>Sigma_L and Theta_L over any scalar from the covariances of the first layer: a and b of the two points, c between them.</summary>
    val layers<'T when 'T :> IReal<'T> and 'T: struct> :
        options: TangentKernelOptions -> a: 'T -> b: 'T -> c: 'T -> struct ('T * 'T)

    /// Sigma_L and Theta_L of two points.
    val pair:
        options: TangentKernelOptions ->
        x: ReadOnlySpan<float> ->
        y: ReadOnlySpan<float> ->
            Result<struct (float * float), HindsightError>

    /// Sigma_L and Theta_L of the normalised ReLU network at a cosine in [-1, 1].
    val normalizedReLU: depth: int -> cosine: float -> Result<struct (float * float), HindsightError>

    /// <summary>Both kernels between all points: symmetric to the bit, the upper triangle computed.</summary>
    /// <remarks>n^2/2 (d + L) work in tiles on all processors; every entry is one and the same computation wherever it runs, so the result does not depend on the number of threads.</remarks>
    val gram: options: TangentKernelOptions -> points: float[][] -> Result<KernelGram, HindsightError>

    /// Both kernels between rows and columns; the same bits as <c>gram</c> where the points are the same.
    val cross:
        options: TangentKernelOptions -> rows: float[][] -> columns: float[][] -> Result<KernelGram, HindsightError>

    val internal gramOn:
        threads: int -> options: TangentKernelOptions -> points: float[][] -> Result<KernelGram, HindsightError>

/// <summary>The tangent kernel of a finite network at its present parameters: K = J J', J the gradients of the unperturbed score.</summary>
/// <remarks>J is kept whole: 4 n p bytes. Products are summed in single precision over runs of 1024 and in double precision beyond, so K is symmetric to the bit and positive semidefinite up to about 1e-6 of its largest entry.</remarks>
[<RequireQualifiedAccess>]
module EmpiricalTangentKernel =
    /// <summary>The gradient of the score at each point, in the order of the network's parameters.</summary>
    /// <param name="blocks">The input block of each point; empty for block 0.</param>
    /// <param name="heads">The output head of each point; empty for head 0.</param>
    /// <param name="points">One vector of the network's dimension each.</param>
    /// <param name="network">Left as it is.</param>
    val gradients:
        blocks: int[] ->
        heads: int[] ->
        points: float32[][] ->
        network: PerturbedNetwork ->
            Result<float32[][], HindsightError>

    /// K of points in block 0 and head 0.
    val gram: points: float32[][] -> network: PerturbedNetwork -> Result<float[,], HindsightError>

    /// K between rows and columns in block 0 and head 0.
    val cross:
        rows: float32[][] -> columns: float32[][] -> network: PerturbedNetwork -> Result<float[,], HindsightError>

    /// Inner products of all pairs of rows: J J'.
    val ofGradients: gradients: float32[][] -> Result<float[,], HindsightError>

/// Checked symmetric matrices.
module internal SymmetricEigen =
    /// Square, symmetric, finite, not empty: its size.
    val check: gram: float[,] -> Result<int, HindsightError>
    /// Eigenvalues ascending, eigenvectors as columns.
    val decompose: gram: float[,] -> Result<struct (float[] * float[,]), HindsightError>
    /// The report on eigenvalues in ascending order.
    val spectrum: values: float[] -> KernelSpectrum

/// <summary>Eigenvalues and condition of a symmetric matrix.</summary>
[<RequireQualifiedAccess>]
module KernelSpectrum =
    /// <summary>The spectrum.</summary>
    /// <returns>WrongDimension for a matrix that is not square or is empty, OutOfRange for one that is not symmetric (to 1e-12 of its largest entry) or not finite.</returns>
    val ofGram: gram: float[,] -> Result<KernelSpectrum, HindsightError>

/// <summary>Kernel gradient flow in closed form: f_t = f_0 + K_* K^-1 (I - e^(-eta K t)) (y - f_0) (Jacot, Gabriel and Hongler 2018; Lee et al. 2019).</summary>
/// <remarks>Evaluated as sum over eigenvectors of (1 - e^(-eta t lambda))/lambda, which is eta t at lambda = 0: a singular K needs no inverse. Lengths are checked (WrongDimension); rate &gt; 0, time &gt;= 0, entries finite.</remarks>
[<RequireQualifiedAccess>]
module KernelFlow =
    /// The flow of a Gram matrix: symmetric, and positive semidefinite down to its floor (eigenvalues below 0 count as 0; one below -1e6 floors is refused).
    val create: gram: float[,] -> Result<KernelFlow, HindsightError>

    /// y - f_t on the training points: e^(-eta K t)(y - f_0).
    val residual:
        rate: float ->
        time: float ->
        initial: float[] ->
        labels: float[] ->
        flow: KernelFlow ->
            Result<float[], HindsightError>

    /// f_t on the training points.
    val train:
        rate: float ->
        time: float ->
        initial: float[] ->
        labels: float[] ->
        flow: KernelFlow ->
            Result<float[], HindsightError>

    /// <summary>f_t at other points.</summary>
    /// <param name="cross">K_*: a row a new point, a column a training point.</param>
    /// <param name="initialThere">f_0 at the new points.</param>
    /// <param name="rate">eta.</param>
    /// <param name="time">t.</param>
    /// <param name="initial">f_0 at the training points.</param>
    /// <param name="labels">y.</param>
    /// <param name="flow">Of the training points.</param>
    val predict:
        cross: float[,] ->
        initialThere: float[] ->
        rate: float ->
        time: float ->
        initial: float[] ->
        labels: float[] ->
        flow: KernelFlow ->
            Result<float[], HindsightError>
