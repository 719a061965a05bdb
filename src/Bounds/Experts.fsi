namespace Hindsight.FSharp

open Hindsight

// Conventions of this file. N experts with losses l_t in each round t = 1..T; the learner has weights p_t and loses <p_t, l_t>, or the loss of one prediction where that is said.
// Regret is against the best expert. Everything holds on every sequence (Deterministic). What is not finite or out of its domain is refused with OutOfRange, naming the argument.

/// <summary>Regret of prediction with expert advice: Hedge, exponential weights, the Aggregating Algorithm, AdaHedge, fixed share.</summary>
[<RequireQualifiedAccess>]
module Experts =
    /// Every calculator of this family.
    val calculators: BoundCalculator[]

    /// <summary>ln N/eta + eta T/8: Hedge with losses in an interval of length 1.</summary>
    /// <param name="experts">N &gt;= 1.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="rate">eta &gt; 0; the best is sqrt(8 ln N/T).</param>
    /// <remarks>Cesa-Bianchi and Lugosi (2006), Theorem 2.2; derived here from Hoeffding's lemma.</remarks>
    val hedge: experts: int -> horizon: float -> rate: float -> Result<Bound, HindsightError>

    /// <summary>sqrt(T ln N/2): the same at the best rate.</summary>
    val hedgeTuned: experts: int -> horizon: float -> Result<Bound, HindsightError>

    /// <summary>KL/eta + eta T/8: Hedge with a prior, against a mixture u of experts; KL(u|q), ln(1/q_i) for one expert.</summary>
    val hedgePrior: divergence: float -> horizon: float -> rate: float -> Result<Bound, HindsightError>

    /// <summary>(eta L + ln N)/(1 - e^-eta): the loss (not the regret) of Hedge with losses in [0,1], L the loss of the best expert.</summary>
    /// <remarks>Freund and Schapire (1997); Cesa-Bianchi and Lugosi (2006), Corollary 2.4 in other form; derived here from e^(-eta x) &lt;= 1 - (1 - e^-eta) x.</remarks>
    val hedgeSmallLosses: experts: int -> best: float -> rate: float -> Result<Bound, HindsightError>

    /// <summary>ln N/eta + eta V: Hedge with losses in [-1,1] and eta &lt;= 1, V = sum &lt;p_t, l_t^2&gt;.</summary>
    /// <remarks>Cesa-Bianchi, Mansour and Stoltz (2007); derived here from e^-x &lt;= 1 - x + x^2 for x &gt;= -1.</remarks>
    val hedgeSecondOrder: experts: int -> moment: float -> rate: float -> Result<Bound, HindsightError>

    /// <summary>ln N/eta: the exponentially weighted average prediction, loss eta-exp-concave in the prediction.</summary>
    /// <remarks>Kivinen and Warmuth (1999); Cesa-Bianchi and Lugosi (2006), Proposition 3.1; derived here by Jensen's inequality. Log loss with one expert right attains it in the limit.</remarks>
    val exponentialWeights: experts: int -> rate: float -> Result<Bound, HindsightError>

    /// <summary>ln N/eta: the Aggregating Algorithm with an eta-mixable loss.</summary>
    /// <remarks>Vovk (1990, 1998). Square loss on an interval of length R: eta = 2/R^2. Two experts close together attain it in the limit.</remarks>
    val aggregating: experts: int -> rate: float -> Result<Bound, HindsightError>

    /// <summary>2 Delta: AdaHedge, Delta its cumulative mixability gap.</summary>
    /// <remarks>de Rooij, van Erven, Grunwald and Koolen (2014), Lemma 3 in other form; derived here.</remarks>
    val adaHedge: mixabilityGap: float -> Result<Bound, HindsightError>

    /// <summary>2 sqrt(V ln N) + S (4/3 ln N + 2): AdaHedge, V the sum of the variances of the losses under its weights, S the largest range of a round's losses.</summary>
    /// <remarks>de Rooij, van Erven, Grunwald and Koolen (2014), Theorem 6.</remarks>
    val adaHedgeVariance: experts: int -> variances: float -> range: float -> Result<Bound, HindsightError>

    /// <summary>((S + 1) ln N + S ln(1/a) + (T - 1 - S) ln(1/(1 - a)))/eta + eta T/8: fixed share against any sequence of experts with S switches, losses in [0,1].</summary>
    /// <param name="experts">N &gt;= 1.</param>
    /// <param name="horizon">T &gt;= 1.</param>
    /// <param name="switches">S in 0 .. T - 1.</param>
    /// <param name="share">a in (0,1): v becomes (1 - a) v + a/N after each round.</param>
    /// <param name="rate">eta &gt; 0.</param>
    /// <remarks>Herbster and Warmuth (1998) for another share update; derived here for this one from the prior weight of a sequence.</remarks>
    val fixedShare:
        experts: int -> horizon: float -> switches: int -> share: float -> rate: float -> Result<Bound, HindsightError>
