using System.Diagnostics;

namespace Hindsight;

/// <summary>Combining the predictions of experts, with a regret that no sequence can push above (ln N)/eta.</summary>
public static class Aggregation
{
    /// <summary>The Aggregating Algorithm (Vovk 1990), weights uniform at the start.</summary>
    /// <param name="loss">The loss with its domains and learning rate: <c>AggregatingGame.Square(0, 1)</c> or <c>AggregatingGame.Log</c>.</param>
    /// <param name="experts">N, at least 1.</param>
    public static AggregatingAlgorithm AggregatingAlgorithm(AggregatingGame loss, int experts)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new(FSharp.AggregatingAlgorithm.start(loss, experts).OrThrow());
    }
}

/// <summary>The Aggregating Algorithm at work: predict from the experts' predictions, then learn the label. Made by <see cref="Aggregation.AggregatingAlgorithm"/>.</summary>
/// <remarks>Weights are proportional to e^(-eta L_i), L_i the expert's cumulative loss. A call that throws has changed nothing. Not for concurrent use.</remarks>
[DebuggerDisplay("{Rounds} rounds, regret {Regret}")]
public sealed class AggregatingAlgorithm
{
    private AggregatingState state;

    internal AggregatingAlgorithm(AggregatingState state) => this.state = state;

    /// <summary>Number of experts.</summary>
    public int Experts => state.Experts;

    /// <summary>Labels learned.</summary>
    public long Rounds => state.Rounds;

    /// <summary>Cumulative loss of the predictions.</summary>
    public double Loss => state.LearnerLoss;

    /// <summary>Cumulative loss of every expert.</summary>
    public IReadOnlyList<double> ExpertLosses => state.ExpertLosses;

    /// <summary>The weights of the experts; they sum to 1.</summary>
    public IReadOnlyList<double> Weights => FSharp.AggregatingAlgorithm.weights(state);

    /// <summary><see cref="Loss"/> less the best expert's.</summary>
    public double Regret => state.Regret;

    /// <summary>(ln N)/eta, the most that <see cref="Regret"/> can be, whatever the sequence.</summary>
    public Bound RegretBound => FSharp.AggregatingAlgorithm.regretBound(state);

    /// <summary>The prediction.</summary>
    /// <param name="predictions">The experts' predictions, in the loss's domain.</param>
    public double Predict(ReadOnlySpan<double> predictions) => FSharp.AggregatingAlgorithm.predict(predictions, state).OrThrow();

    /// <summary>Learns a label; the algorithm is charged for <see cref="Predict"/> of the same predictions.</summary>
    /// <param name="label">The label, in the loss's domain.</param>
    /// <param name="predictions">The experts' predictions.</param>
    public void Learn(double label, ReadOnlySpan<double> predictions) => state = FSharp.AggregatingAlgorithm.step(label, predictions, state).OrThrow();
}
