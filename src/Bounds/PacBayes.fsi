namespace Hindsight.FSharp

open Hindsight

/// <summary>PAC-Bayesian risk bounds: for losses in [0, 1], n independent observations and a prior P that does not know them, with probability at least 1 - delta for all posteriors Q at once.</summary>
/// <remarks>risk is the expected empirical risk of Q, R that of the law; divergence is KL(Q||P) in nats; B = (KL + ln(2 sqrt n/delta))/n. kl is the binary one. Values above 1 say nothing.</remarks>
[<RequireQualifiedAccess>]
module PacBayes =
    /// <summary>R &lt;= the p above the risk with kl(risk, p) = B. Langford and Seeger 2001; the constant 2 sqrt n Maurer 2004.</summary>
    val seeger: observations: int -> risk: float -> divergence: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>R &lt;= risk + sqrt(B/2). McAllester 1999 with Maurer's constant; from seeger by Pinsker's inequality.</summary>
    val mcAllester:
        observations: int -> risk: float -> divergence: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>R &lt;= (sqrt(risk + B/2) + sqrt(B/2))^2. Rivasplata et al. 2019; from seeger by kl(q, p) &gt;= (p-q)^2/(2p), derived here.</summary>
    val quadratic:
        observations: int -> risk: float -> divergence: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>R &lt;= risk/(1 - lambda/2) + B/(lambda(1 - lambda/2)) for all lambda in (0,2) at once. Thiemann et al. 2017.</summary>
    val lambda:
        observations: int ->
        risk: float ->
        divergence: float ->
        lambda: float ->
        delta: float ->
            Result<Bound, HindsightError>

    /// <summary>The lambda at which that bound is least, and equal to the quadratic one: 2/(1 + sqrt(2 risk/B + 1)).</summary>
    val bestLambda:
        observations: int -> risk: float -> divergence: float -> delta: float -> Result<float, HindsightError>

    /// <summary>R &lt;= (1 - exp(-C risk - (KL + ln(1/delta))/n))/(1 - e^-C) for a C fixed before the data. Catoni 2007, Theorem 1.2.1.</summary>
    val catoni:
        observations: int ->
        risk: float ->
        divergence: float ->
        c: float ->
        delta: float ->
            Result<Bound, HindsightError>

    /// <summary>R &lt;= risk + (KL + ln(1/delta))/lambda + lambda/(8n) for a lambda fixed before the data. Alquier, Ridgway and Chopin 2016, Theorem 4.1.</summary>
    val alquier:
        observations: int ->
        risk: float ->
        divergence: float ->
        lambda: float ->
        delta: float ->
            Result<Bound, HindsightError>

    /// <summary>One hypothesis h of prior probability P(h): R(h) &lt;= the p above the risk with kl(risk, p) = (ln(1/P(h)) + ln(1/delta))/n.</summary>
    val occam: observations: int -> risk: float -> prior: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>One hypothesis and a test set that it does not know: the p at which k errors or fewer among n have probability delta. Exact.</summary>
    val testSet: observations: int -> errors: int -> delta: float -> Result<Bound, HindsightError>

    /// <summary>The seeger bound for all n at once: kl(risk, p) = (KL + ln(2 sqrt N/delta_j))/N with N = 2^j, j = floor(log2 n), delta_j = 6 delta/(pi^2 (j+1)^2).</summary>
    val anytime: observations: int -> risk: float -> divergence: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>sum_k C(n,k) (k/n)^k (1-k/n)^(n-k), the expectation of e^(n kl) for a fair loss, at most 2 sqrt n: Maurer 2004, Theorem 1.</summary>
    val maurerSum: observations: int -> Result<float, HindsightError>

    /// <summary>KL between Gaussians with diagonal covariances: 1/2 sum(a/b + m^2/b - 1 - ln(a/b)), m the difference of means, a the variances of Q, b those of P.</summary>
    val diagonalGaussians:
        meanDifference: float[] -> variances: float[] -> priorVariances: float[] -> Result<Bound, HindsightError>

    /// <summary>KL(Q||P) of Gaussians: 1/2 (tr(P^-1 Q) + m'P^-1 m - d + ln det P - ln det Q), Q and P the covariances.</summary>
    /// <returns>WrongDimension; OutOfRange for a covariance that is not symmetric and positive definite.</returns>
    val gaussians:
        mean: float[] ->
        covariance: float[,] ->
        priorMean: float[] ->
        priorCovariance: float[,] ->
            Result<float, HindsightError>

    /// All of the family.
    val calculators: BoundCalculator[]
