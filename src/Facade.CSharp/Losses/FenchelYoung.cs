using Hindsight.FSharp;

namespace Hindsight;

/// <summary>Fenchel-Young losses: L(z; q) = Omega*(z) + Omega(q) - q'z for a convex regulariser Omega of class weights. Scores real.</summary>
/// <remarks>Convex, never negative, 0 exactly where the prediction is the target. Source: Blondel, Martins, Niculae (2020).</remarks>
public static class FenchelYoung
{
    /// <summary>Omega(p) = lambda sum p ln p: the prediction is softmax(z/lambda), the loss cross-entropy.</summary>
    /// <param name="temperature">lambda, more than 0.</param>
    public static FenchelYoungLoss Softmax(double temperature = 1.0) => Make(() => new FenchelYoungSoftmax(temperature));

    /// <summary>Omega(p) = lambda (|p|^2 - 1)/2: the prediction is the projection of z/lambda onto the simplex. Margin lambda. Martins and Astudillo (2016).</summary>
    /// <param name="temperature">lambda, more than 0.</param>
    public static FenchelYoungLoss Sparsemax(double temperature = 1.0) => Make(() => new FenchelYoungSparsemax(temperature));

    /// <summary>Omega(p) = lambda sum (p^alpha - p)/(alpha(alpha-1)): softmax at alpha 1, sparsemax at 2. Margin lambda/(alpha-1). Peters, Niculae, Martins (2019).</summary>
    /// <param name="alpha">At least 1.</param>
    /// <param name="temperature">lambda, more than 0.</param>
    public static FenchelYoungLoss Entmax(double alpha, double temperature = 1.0) => Make(() => new FenchelYoungEntmax(alpha, temperature));

    /// <summary>Omega = 0 on the simplex, the perceptron of classes: max_k z_k - z_y.</summary>
    public static FenchelYoungLoss Perceptron { get; } = new(new FenchelYoungPerceptron());

    /// <summary>Omega(p) = lambda |p|^2/2 on all vectors: the prediction is z/lambda, the loss lambda |z/lambda - e_y|^2/2.</summary>
    /// <param name="temperature">lambda, more than 0.</param>
    public static FenchelYoungLoss SquaredNorm(double temperature = 1.0) => Make(() => new FenchelYoungSquaredNorm(temperature));

    /// <summary>Crammer and Singer's hinge, the cost-augmented perceptron: max_k (z_k + cost [k is not y]) - z_y. Its prediction knows the label, so it is a loss of classes only. Crammer and Singer (2001).</summary>
    /// <param name="cost">At least 0.</param>
    public static MulticlassLoss CrammerSinger(double cost = 1.0) => new(Faults.Run<IMulticlassLoss>(() => new FenchelYoungCrammerSinger(cost)));

    private static FenchelYoungLoss Make(Func<IFenchelYoungLoss> create) => new(Faults.Run(create));
}

/// <summary>A Fenchel-Young loss: a loss of classes that also predicts, and takes distributions as targets. Made by <see cref="FenchelYoung"/>.</summary>
public sealed class FenchelYoungLoss : MulticlassLoss
{
    private readonly IFenchelYoungLoss loss;

    internal FenchelYoungLoss(IFenchelYoungLoss loss)
        : base(loss) => this.loss = loss;

    /// <summary>The smallest lead of the class's score over every other one at which the loss is 0; null if no lead suffices.</summary>
    public double? Margin => loss.Margin;

    /// <summary>The factor of the regulariser.</summary>
    public double Temperature => loss.Temperature;

    /// <summary>The loss of a target distribution.</summary>
    /// <param name="target">Nonnegative with sum 1 (within 1e-9).</param>
    /// <param name="scores">A score for each class.</param>
    public double Loss(ReadOnlySpan<double> target, ReadOnlySpan<double> scores)
    {
        CheckScores(scores);
        return FSharp.FenchelYoung.value(loss, target.ToArray(), scores.ToArray()).OrThrow();
    }

    /// <summary>Writes the prediction, the class weights at which the regulariser's trade-off is best.</summary>
    /// <param name="scores">A score for each class.</param>
    /// <param name="prediction">Receives a weight for each class; may be the scores' own span.</param>
    public void Prediction(ReadOnlySpan<double> scores, Span<double> prediction)
    {
        CheckScores(scores);
        Require.length(nameof(prediction), scores.Length, prediction.Length).OrThrow();
        loss.Prediction(scores, prediction);
    }

    /// <summary>The prediction.</summary>
    /// <param name="scores">A score for each class.</param>
    public double[] Prediction(ReadOnlySpan<double> scores)
    {
        var prediction = new double[scores.Length];
        Prediction(scores, prediction);
        return prediction;
    }
}
