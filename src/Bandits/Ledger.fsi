namespace Hindsight

open System

/// <summary>A line of the ledger: everything that was measured until a round. Sums over the settled decisions.</summary>
[<Struct; NoComparison>]
type LedgerRow =
    {
        /// Decisions whose cost is known.
        Round: int64
        /// Sum of the costs.
        Cost: float
        /// The average over the rounds of the policy's expected cost, given the past, is at least this: with probability 1 - delta in all rounds at once.
        CostLow: float
        /// The same from above.
        CostHigh: float
        /// Sum of (prediction - cost)^2 at the chosen arms. Whatever a comparator predicts, the oracle's regret against it is at most this: the online upper estimate.
        SquareLoss: float
        /// Sum of the Kullback-Leibler losses of the predictions, clipped to [1e-12, 1 - 1e-12]: cost ln(cost/prediction) + (1 - cost) ln((1 - cost)/(1 - prediction)).
        LogLoss: float
        /// Regression regret in square loss, un-halved, against the mean costs: the best comparator of all. NaN where they are not known.
        RegressionRegret: float
        /// Regression regret in square loss, un-halved, against the best constant an arm in hindsight: the best comparator that is known without the mean costs.
        RegressionRegretConstants: float
        /// Sum of mean(chosen) - min mean; NaN where means are not known.
        PseudoRegret: float
        /// Bound on the expected pseudo-regret by the measured errors of every arm: sum of min(1, min_c [decision value + c sum_a p_a (predicted_a - mean_a)^2]). NaN where means are not known.
        Certificate: float
        /// Bound on the expected pseudo-regret that needs no means: sum of decision value(c_t) + c_t (predicted - cost)^2 at the chosen arm, c_t chosen before the cost is seen; 1 for a round that this cannot keep below 1.
        Estimate: float
        /// Rounds in which a prediction of an arm was outside [0,1] (re-weighted rules clip before this is seen).
        OutsideUnit: int64
    }

/// <summary>The ledger of a bandit: measured regret of regression and decisions, and the bounds that the measurements imply, round by round.</summary>
/// <remarks>
/// Every number rests on costs in [0,1] alone, but for realizability (mean costs are a fixed function of what the oracle sees) where it says so.
/// The estimate, derived here: for any c fixed before the cost is drawn, the expected regret of a round is at most decision value(p, predicted, c) + c E (predicted - mean)^2 over the chosen arm, and E (predicted - cost)^2 is the same plus the
/// cost's variance. The interval holds whatever way the policy learns: it covers the average of conditional means (half of delta each to a normal mixture and to a stitched boundary in the empirical variance).
/// Not for concurrent use. Settling allocates nothing; opening keeps one entry a pending decision.
/// </remarks>
[<Sealed>]
type Ledger =
    /// <summary>An empty ledger.</summary>
    /// <param name="delta">Failure probability of the intervals, all rounds together, in (0,1).</param>
    /// <exception cref="T:Hindsight.HindsightException">delta is not in (0,1).</exception>
    new: delta: float -> Ledger
    /// Failure probability of the intervals.
    member Delta: float
    /// <summary>From now on also keeps what the growth of a perturbed network's loss along its path is measured from: 256 observations (64 for more than 100,000 parameters) and copies of the parameters (see <see cref="T:Hindsight.GrowthMeter"/>).</summary>
    /// <remarks>The sample is drawn with the network's seed; the network learns as before. Of an oracle that is no network nothing is kept.</remarks>
    member Watch: oracle: IRegressionOracle -> unit
    /// Everything so far.
    member Row: LedgerRow
    /// Decisions entered whose cost is not known yet.
    member Pending: int
    /// <summary>Enters a decision. Of more than a million pending ones the oldest is forgotten.</summary>
    /// <exception cref="T:Hindsight.HindsightException">A decision of this number is pending already.</exception>
    member Open: decision: Decision -> unit
    /// <summary>The cost of a decision's arm, in [0,1].</summary>
    /// <returns>False, and nothing is changed, if the decision was not entered or is settled.</returns>
    /// <exception cref="T:Hindsight.HindsightException">The cost is not in [0,1].</exception>
    member TrySettle: id: int64 * cost: float -> bool
    /// <summary>The same in a simulation, which knows the mean cost of every arm.</summary>
    /// <exception cref="T:Hindsight.HindsightException">The cost or a mean is not in [0,1], or there are not as many means as arms.</exception>
    member TrySettle: id: int64 * cost: float * means: ReadOnlySpan<float> -> bool
    /// <summary>The bounds that the measurements imply: the certificate where means are known, the estimate, what SquareCB's theorem says of the measured regression regret at its best gamma, and what
    /// quadratic growth says of regression at the constants measured along a watched network's path.</summary>
    /// <param name="arms">K, for the theorem; with fewer than 2 it is left out.</param>
    member Implied: arms: int -> Bound[]
    /// <summary>What theory assumes, with what was measured of it: the predictions' range, and for a perturbed network the projections, the perturbation, the width and, if it is watched, the growth along its path.</summary>
    /// <param name="oracle">The bandit's oracle.</param>
    /// <remarks>Growth is measured here: it takes the time of some 150 gradients an observation that is kept, once a step of the network.</remarks>
    member Assumptions: oracle: IRegressionOracle -> Assumption[]
    /// Bound on the expected regret of a round: the least over c of decision value + c sum_a p_a (predicted_a - mean_a)^2, at most 1.
    static member Certify: decision: Decision * means: ReadOnlySpan<float> -> float
    /// The certificate as a bound: a sum of <c>Certify</c> over so many rounds, beside the pseudo-regret that was measured.
    static member CertificateBound: rounds: float * pseudoRegret: float * value: float -> Bound
