namespace Hindsight;

/// <summary>A contextual bandit: sees a context, chooses an arm, learns from the cost of the chosen arm only.</summary>
/// <remarks>
/// <para>Costs lie in [0,1] and are minimised; a reward r in [0,1] enters as 1 - r. Feedback may be late, out of order, or missing.
/// Not for concurrent use.</para>
/// <para>Errors, in every member: a value outside its domain is an <see cref="ArgumentOutOfRangeException"/> and a vector of the wrong length an
/// <see cref="ArgumentException"/>, both with the parameter's name; feedback for a decision that is not pending, and an action set where contexts
/// are taken (or the other way round), are a <see cref="HindsightException"/>. A call that throws has changed nothing.</para>
/// </remarks>
public interface IContextualBandit
{
    /// <summary>Name of the algorithm: <c>neufastcb</c>, <c>linucb</c>, ...</summary>
    string Algorithm { get; }

    /// <summary>Number of arms; 0 if it changes with the action set.</summary>
    int Arms { get; }

    /// <summary>Length of a context, or of an arm's features where action sets are taken.</summary>
    int ContextSize { get; }

    /// <summary>Decisions made so far.</summary>
    long Decisions { get; }

    /// <summary>Observations learned so far.</summary>
    long Observations { get; }

    /// <summary>Sum of the costs learned so far.</summary>
    double CumulativeCost { get; }

    /// <summary>Decisions that wait for feedback.</summary>
    int Pending { get; }

    /// <summary>Every setting with its value, defaults included.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Chooses among all arms.</summary>
    /// <param name="context"><see cref="ContextSize"/> finite numbers.</param>
    /// <returns>The arm, the probability with which it was chosen, and what the choice is worth.</returns>
    /// <exception cref="ArgumentException">The context has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the context is not finite.</exception>
    /// <exception cref="HindsightException">This bandit takes action sets, or its oracle has diverged.</exception>
    Decision Choose(ReadOnlySpan<double> context);

    /// <summary>Chooses among the available arms.</summary>
    /// <param name="context"><see cref="ContextSize"/> finite numbers.</param>
    /// <param name="available">One flag an arm, at least one of them true.</param>
    /// <returns>The decision; arms that are not available have probability 0.</returns>
    /// <exception cref="ArgumentException">The context or the flags have another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the context is not finite, or no arm is available.</exception>
    /// <exception cref="HindsightException">This bandit takes action sets, or its oracle has diverged.</exception>
    Decision Choose(ReadOnlySpan<double> context, ReadOnlySpan<bool> available);

    /// <summary>Chooses from a set of actions, each with features of its own; the set may change from round to round.</summary>
    /// <param name="actions">The available actions, <see cref="ContextSize"/> finite features each.</param>
    /// <returns>The decision; its arm is the action's index within the set.</returns>
    /// <exception cref="ArgumentException">The actions have another number of features.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A feature is not finite.</exception>
    /// <exception cref="HindsightException">This bandit takes contexts (see <see cref="FeatureEncoding.Action"/>), or its oracle has diverged.</exception>
    Decision Choose(ActionSet actions);

    /// <summary>Feedback for a decision. The oracle learns at its parameters of this moment.</summary>
    /// <param name="decision">A pending decision of this bandit.</param>
    /// <param name="cost">The cost of the chosen arm, in [0,1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The cost is not in [0,1].</exception>
    /// <exception cref="HindsightException">The decision is not pending: never made, already answered, or dropped.</exception>
    void Learn(Decision decision, double cost);

    /// <summary>Feedback for a decision by its number, for feedback that arrives in another request or process.</summary>
    /// <param name="id"><see cref="Decision.Id"/> of a pending decision.</param>
    /// <param name="cost">The cost of the chosen arm, in [0,1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The cost is not in [0,1].</exception>
    /// <exception cref="HindsightException">The decision is not pending: never made, already answered, or dropped.</exception>
    void Learn(long id, double cost);

    /// <summary>As <see cref="Learn(long, double)"/>, where a decision that is not pending is no surprise.</summary>
    /// <param name="id"><see cref="Decision.Id"/> of a decision.</param>
    /// <param name="cost">The cost of the chosen arm, in [0,1].</param>
    /// <returns>False, and nothing is learned, if the decision is not pending.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The cost is not in [0,1].</exception>
    bool TryLearn(long id, double cost);

    /// <summary>Writes settings and state, pending decisions included: <see cref="ContextualBandit.Load"/> continues bit for bit as if never interrupted.</summary>
    /// <param name="stream">A stream that can be written; it is left open, at the end of the snapshot.</param>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    void Save(Stream stream);
}
