namespace Hindsight

/// <summary>The numbers of NeuralUCB's regret bound that are not read off the contexts.</summary>
[<NoComparison>]
type NeuralUcbOptions =
    {
        /// T &gt;= 1.
        Horizon: int
        /// K &gt;= 1.
        Arms: int
        /// L &gt;= 2 layers of weights: L - 1 hidden layers.
        Layers: int
        /// lambda in (0, T L).
        Lambda: float
        /// nu &gt; 0: the noise of the rewards is nu-sub-Gaussian.
        Noise: float
        /// J &gt;= 0: gradient steps a round.
        Steps: float
        /// C3 &gt; 0: an absolute constant of the theorem.
        TrainingConstant: float
        /// delta in (0,1).
        Delta: float
    }

    /// One arm, two layers, lambda = 1, nu = 1, steps without end, C3 = 1, delta = 0.05.
    static member For: horizon: int -> NeuralUcbOptions

/// <summary>Contexts and rewards at which a regret bound is put to the test.</summary>
[<NoComparison>]
type BanditInstance =
    {
        /// Unit vectors, a round after the other.
        Contexts: float[][]
        /// Mean rewards of the contexts, in [0,1].
        Rewards: float[]
    }

namespace Hindsight.FSharp

open Hindsight

/// <summary>Confidence widths of linear regression and of kernels.</summary>
/// <remarks>l = ln det(A/lambda), A = lambda I + sum x x'; noise is sigma-sub-Gaussian given the past, contexts may depend on it.</remarks>
[<RequireQualifiedAccess>]
module ConfidenceWidth =
    /// The three calculators.
    val calculators: BoundCalculator[]

    /// <summary>With probability 1 - delta, in all rounds at once: |sum x noise| in the norm of A^-1 is at most sigma sqrt(2 ln(1/delta) + l).</summary>
    /// <remarks>Abbasi-Yadkori, Pal and Szepesvari 2011, Theorem 1; derived here: exp(theta's/sigma - theta'(A - lambda I)theta/2), averaged over normal theta of precision lambda, is a supermartingale; Ville's inequality.</remarks>
    val selfNormalized: noise: float -> logDet: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>|theta_hat - theta*| in the norm of A is at most beta = sigma sqrt(2 ln(1/delta) + l) + sqrt(lambda) S, theta_hat the ridge regression, |theta*| &lt;= S. In all rounds at once.</summary>
    val ridge:
        noise: float -> logDet: float -> lambda: float -> norm: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>|mu_t(x) - f(x)| &lt;= beta s_t(x) for all x and t, beta = B + R sqrt(2 (gamma + 1 + ln(1/delta))): mu_t and s_t mean and deviation of the Gaussian process with noise variance 1 + 2/T, B the norm of f in the kernel's space,
    /// gamma the information gain so far.</summary>
    /// <remarks>Chowdhury and Gopalan 2017, Theorem 2, constants from memory.</remarks>
    val kernel: norm: float -> noise: float -> informationGain: float -> delta: float -> Result<Bound, HindsightError>

/// <summary>LinUCB: the arm of greatest prediction plus beta times width (for costs: least prediction minus).</summary>
[<RequireQualifiedAccess>]
module LinUcb =
    /// All calculators.
    val calculators: BoundCalculator[]

    /// <summary>2 beta sqrt(2 T l): regret while every confidence interval of half-width beta holds, mean rewards in [-1, 1] and beta &gt;= 1 or lambda &gt;= |x|^2. Deterministic.</summary>
    val regret: width: float -> logDet: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>2 beta sqrt(T l/ln 2): the same with the best constant of the elliptical potential.</summary>
    val regretSharp: width: float -> logDet: float -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>From numbers alone, with probability 1 - delta at every horizon: 2 max(1, beta) sqrt(T l/ln 2), l = d ln(1 + T X^2/(lambda d)), beta = sigma sqrt(2 ln(1/delta) + l) + sqrt(lambda) S.</summary>
    val regretOf:
        dimension: int ->
        horizon: float ->
        contextNorm: float ->
        parameterNorm: float ->
        noise: float ->
        lambda: float ->
        delta: float ->
            Result<Bound, HindsightError>

/// <summary>NeuralUCB: its regret bound, and the contexts and rewards that make it linear in the horizon.</summary>
[<RequireQualifiedAccess>]
module NeuralUcb =
    /// All calculators.
    val calculators: BoundCalculator[]

    /// <summary>H = (Theta + Sigma)/2 of the normalised ReLU network with L - 1 hidden layers at unit contexts; (L + 1)/2 on the diagonal.</summary>
    /// <param name="layers">L &gt;= 2.</param>
    /// <param name="contexts">Not zero; only their directions count.</param>
    val gram: layers: int -> contexts: float[][] -> Result<float[,], HindsightError>

    /// <summary>S = sqrt(2 h'H^-1 h): at least this must be put into the bound.</summary>
    /// <returns>Incompatible where H is singular to double precision (two contexts in one direction).</returns>
    val rewardNorm: gram: float[,] -> rewards: float[] -> Result<float, HindsightError>

    /// <summary>3 sqrt(T) sqrt(l + 2) [nu sqrt(l + 2 - 2 ln delta) + (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda) + 2 sqrt(lambda) S] + 1, l = ln det(I + H/lambda).</summary>
    /// <remarks>Zhou, Li and Gu 2020, Theorem 4.5, constants from memory. With probability 1 - delta, for networks wide enough. Infinite Steps leave out the middle term.</remarks>
    val regret: options: NeuralUcbOptions -> logDet: float -> rewardNorm: float -> Result<Bound, HindsightError>

    /// <summary>nu sqrt(l - 2 ln delta) + (lambda + C3 T L)(1 - lambda/(T L))^(J/2) sqrt(T/lambda) + sqrt(lambda) S: every mean reward is within this times s/sqrt(lambda) of the prediction, s the posterior deviation under H with noise variance lambda and
    /// l the log determinant of the contexts played. In the limit of infinite width, with probability 1 - delta in all rounds at once.</summary>
    /// <remarks>Zhou, Li and Gu 2020, Lemma 5.2, constants from memory; the terms that vanish with the width left out.</remarks>
    val width: options: NeuralUcbOptions -> logDet: float -> rewardNorm: float -> Result<Bound, HindsightError>

    /// The regret bound with l and S measured on contexts (all T K of them) and mean rewards.
    val regretOf: options: NeuralUcbOptions -> instance: BanditInstance -> Result<Bound, HindsightError>

    /// <summary>The same at the lambda that makes it least; the second value. The bound holds for a lambda chosen beforehand, so this is a bound on the bound. Noise &gt; 0: without noise it falls with lambda all the way to 0.</summary>
    val regretAtBestLambda:
        options: NeuralUcbOptions -> instance: BanditInstance -> Result<struct (Bound * float), HindsightError>

    val internal measured:
        arms: int ->
        horizon: int ->
        layers: int ->
        instance: BanditInstance ->
            Result<struct (float[] * float), HindsightError>

    /// <summary>One arm, T random directions in d dimensions and fair random rewards in {0,1}: with d = T/2 the bound over T grows without end whatever lambda is. Derived here.</summary>
    val hardInstance: seed: uint64 -> dimension: int -> horizon: int -> Result<BanditInstance, HindsightError>

    /// <summary>Whatever the n unit contexts are, some rewards in {0,1}^n have S &gt;= sqrt(n/(L + 1)). Derived here: E h'H^-1 h &gt;= tr H^-1/4 over fair rewards, and tr H^-1 &gt;= n^2/tr H.</summary>
    val rewardFloor: points: int -> layers: int -> Result<Bound, HindsightError>

    /// <summary>Whatever the contexts, for some rewards NeuralUCB's bound with lambda or more is at least 6 sqrt(T n lambda (2 + ln(1 + n (L + 1)/(2 lambda)))/(L + 1)), n = T K: linear in T. Derived here.</summary>
    val floor: arms: int -> horizon: float -> layers: int -> lambda: float -> Result<Bound, HindsightError>

    /// <summary>Where the smallest eigenvalue of H is c0 or more, for some rewards and every lambda: at least min(3 nu sqrt(T) n ln(1 + c0), 6 n sqrt(T ln(1 + c0)/(L + 1))), of order T^1.5. Derived here.</summary>
    val contextFloor:
        arms: int -> horizon: float -> layers: int -> smallest: float -> noise: float -> Result<Bound, HindsightError>

    /// <summary>On mean rewards that are independent coins of probability p the squared errors of every learner sum to at least T p (1 - p) in expectation. Derived here.</summary>
    /// <remarks>The rewards of <c>hardInstance</c> are such coins: what is linear in T there is not NeuralUCB's bound alone.</remarks>
    val coinFloor: horizon: float -> probability: float -> Result<Bound, HindsightError>

/// <summary>Neural Thompson sampling.</summary>
[<RequireQualifiedAccess>]
module NeuralTs =
    /// The calculator of <c>regret</c>.
    val calculators: BoundCalculator[]

    /// <summary>C1 (1 + c) b sqrt(2 lambda L (l' + 1) T) + (4 + C2 (1 + c) b L) sqrt(2 T ln(3/delta)) + 5, c = sqrt(4 ln T + 2 ln K), b = max(S, 1/(22 e sqrt(pi))) + sigma sqrt(l' + 2 + 2 ln(1/delta)), l' = d ln(1 + T K),
    /// d = ln det(I + H/lambda)/ln(1 + T K/lambda), lambda = 1 + 1/T.</summary>
    /// <remarks>Zhang, Zhou, Li and Gu 2021, Theorem 3.5: form and constants from memory; C1 and C2 are absolute constants that the theorem does not state.</remarks>
    val regret:
        arms: int ->
        horizon: float ->
        layers: int ->
        logDet: float ->
        rewardNorm: float ->
        noise: float ->
        delta: float ->
            Result<Bound, HindsightError>

    /// The same with l and S measured on contexts (all T K of them) and mean rewards.
    val regretOf:
        arms: int ->
        layers: int ->
        noise: float ->
        delta: float ->
        instance: BanditInstance ->
            Result<Bound, HindsightError>
