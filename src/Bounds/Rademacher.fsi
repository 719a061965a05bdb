namespace Hindsight.FSharp

open Hindsight

/// <summary>Rademacher complexities, E sup_f (1/n) sum sigma_i f(x_i) with independent fair signs, and the risk bounds that rest on them.</summary>
/// <remarks>The complexity is the one without absolute value and without factor 2. Given the points it is the empirical one; its expectation over them is at most whatever bounds it for all points.</remarks>
[<RequireQualifiedAccess>]
module Rademacher =
    /// <summary>For losses in [0,1], with probability at least 1 - delta for all f at once: R(f) &lt;= risk + 2 complexity + sqrt(ln(1/delta)/(2n)), the expected complexity of the losses. Bartlett and Mendelson 2002.</summary>
    val risk: observations: int -> risk: float -> complexity: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>The same with the empirical complexity: risk + 2 complexity + 3 sqrt(ln(2/delta)/(2n)).</summary>
    val riskFromData:
        observations: int -> risk: float -> complexity: float -> delta: float -> Result<Bound, HindsightError>

    /// <summary>Contraction: the complexity of phi(f) is at most L times that of f for phi with Lipschitz constant L. Ledoux and Talagrand 1991, Theorem 4.12; this form Meir and Zhang 2003.</summary>
    val contraction: lipschitz: float -> complexity: float -> Result<Bound, HindsightError>

    /// <summary>w'x with |w| &lt;= B, |x| &lt;= X: B X/sqrt n.</summary>
    val linear: observations: int -> weightNorm: float -> inputNorm: float -> Result<Bound, HindsightError>

    /// <summary>w'x with |w| &lt;= B at points of given norms: (B/n) sqrt(sum |x_i|^2).</summary>
    val linearAt: weightNorm: float -> norms: float[] -> Result<Bound, HindsightError>

    /// <summary>w'x with sum |w_j| &lt;= B, every |x_ij| &lt;= X, d coordinates: X B sqrt(2 ln(2d)/n).</summary>
    val absoluteLinear:
        observations: int -> dimension: int -> weightNorm: float -> largest: float -> Result<Bound, HindsightError>

    /// <summary>A finite set of vectors (f(x_1), ..., f(x_n)) of norm at most r: r sqrt(2 ln(size))/n. Massart 2000.</summary>
    val massart: observations: int -> norm: float -> size: float -> Result<Bound, HindsightError>

    /// <summary>Functions of norm at most B in the space of a kernel with Gram matrix K: (B/n) sqrt(tr K).</summary>
    val kernel: observations: int -> functionNorm: float -> trace: float -> Result<Bound, HindsightError>

    /// <summary>Networks of L layers with ReLU in between, Frobenius norms at most M_j, |x| &lt;= X: X (sqrt(2 L ln 2) + 1) prod M_j/sqrt n. Golowich, Rakhlin and Shamir 2018, Theorem 1 (constant from memory).</summary>
    val reluNetwork: observations: int -> inputNorm: float -> layerNorms: float[] -> Result<Bound, HindsightError>

    /// <summary>Functions to {-1, 1} of VC dimension d, n &gt;= d: sqrt(2 d ln(e n/d)/n), by Sauer's and Massart's lemmas.</summary>
    val vapnik: observations: int -> dimension: int -> Result<Bound, HindsightError>

    /// <summary>The empirical complexity from random signs, from above: mean over the draws plus M sqrt(2 ln(1/delta)/(n m)), by McDiarmid's inequality in all n m signs.</summary>
    /// <param name="seed">Seed of the signs; the same seed gives the same bound.</param>
    /// <param name="draws">m, the number of sign vectors.</param>
    /// <param name="observations">n.</param>
    /// <param name="largest">M, with |f(x_i)| at most M.</param>
    /// <param name="delta">Failure probability over the signs.</param>
    /// <param name="supremum">sup_f sum sigma_i f(x_i), given the signs; the array is reused.</param>
    val monteCarlo:
        seed: uint64 ->
        draws: int ->
        observations: int ->
        largest: float ->
        delta: float ->
        supremum: (float[] -> float) ->
            Result<Bound, HindsightError>

    /// All of the family.
    val calculators: BoundCalculator[]
