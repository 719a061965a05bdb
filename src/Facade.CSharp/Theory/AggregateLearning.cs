using Hindsight.FSharp;

namespace Hindsight;

/// <summary>Learning where labels are known as means of bags only (arXiv 2401.11081). k is the number of members of a bag.</summary>
/// <remarks>Numbers outside their domain are an <see cref="ArgumentOutOfRangeException"/> with the parameter's name.</remarks>
public static class AggregateLearning
{
    /// <summary>The bag loss l(mean y, mean z).</summary>
    /// <param name="loss">The loss of one member; its label domain is an interval.</param>
    public static AggregateBagLoss BagLoss(ScalarLoss loss) => Interpolated(loss, 0.0);

    /// <summary>The instance loss (1/k) sum of l(mean y, z_i).</summary>
    /// <param name="loss">The loss of one member; its label domain is an interval.</param>
    public static AggregateBagLoss InstanceLoss(ScalarLoss loss) => Interpolated(loss, 1.0);

    /// <summary>(1 - rho) bag loss + rho instance loss: for the square loss the bag loss plus rho times the variance of the scores within the bag.</summary>
    /// <param name="loss">The loss of one member; its label domain is an interval.</param>
    /// <param name="rho">In [0, 1].</param>
    public static AggregateBagLoss Interpolated(ScalarLoss loss, double rho)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new(loss, rho, Faults.Run(() => Aggregate.interpolated(rho, loss.Definition)));
    }

    /// <summary>Linear regression from bag means: minimises sum over bags of k ((mean y - mean x'theta)^2 + rho variance of x'theta within the bag).</summary>
    /// <param name="features">A row for each sample.</param>
    /// <param name="bags">The bag of each sample, 0 .. m-1, every bag with a member.</param>
    /// <param name="means">The mean label of each bag.</param>
    /// <param name="rho">In [0, 1]: 0 the bag loss, 1 the instance loss.</param>
    /// <exception cref="HindsightException">The minimiser is not unique.</exception>
    public static double[] FitLinear(double[,] features, ReadOnlySpan<int> bags, ReadOnlySpan<double> means, double rho)
    {
        ArgumentNullException.ThrowIfNull(features);
        return AggregateRisk.fitLinear(features, bags.ToArray(), means.ToArray(), rho).OrThrow();
    }

    /// <summary>The limit of E|theta - theta0|^2 of <see cref="FitLinear"/> for standard normal features, samples and dimension to infinity in proportion. Derived here.</summary>
    /// <param name="samples">N.</param>
    /// <param name="dimension">d, more than 0, below N; below N/k if rho is 0.</param>
    /// <param name="bagSize">k, in [1, N].</param>
    /// <param name="rho">In [0, 1].</param>
    /// <param name="signal">r^2 = |theta0|^2, at least 0.</param>
    /// <param name="noise">sigma^2, at least 0.</param>
    public static Bound AsymptoticRisk(double samples, double dimension, double bagSize, double rho, double signal, double noise) =>
        AggregateRisk.risk(samples, dimension, bagSize, rho, signal, noise).OrThrow();

    /// <summary>The ratio r^2/sigma^2 above which the bag loss has a smaller risk than the instance loss; infinite if it never has.</summary>
    /// <param name="samples">N.</param>
    /// <param name="dimension">d.</param>
    /// <param name="bagSize">k, more than 1.</param>
    public static double SignalToNoise(double samples, double dimension, double bagSize) => AggregateRisk.signalToNoise(samples, dimension, bagSize).OrThrow();

    /// <summary>The bag size with the least risk of the instance loss under label privacy: labels clipped to [-clip, clip], bag means released with Laplace noise.</summary>
    /// <param name="samples">N.</param>
    /// <param name="dimension">d, more than 0, below N.</param>
    /// <param name="signal">r^2, at least 0.</param>
    /// <param name="noise">sigma^2, at least 0, without the privacy noise.</param>
    /// <param name="epsilon">Privacy, more than 0.</param>
    /// <param name="clip">C, more than 0.</param>
    public static BagSize OptimalBagSize(double samples, double dimension, double signal, double noise, double epsilon, double clip) =>
        AggregateRisk.optimalBagSize(samples, dimension, signal, noise, LabelPrivacy.noise(clip, epsilon).OrThrow()).OrThrow();
}

/// <summary>A loss of a bag: the mean of its labels, and the score of each member. Made by <see cref="AggregateLearning"/>.</summary>
public sealed class AggregateBagLoss
{
    private readonly ScalarLoss loss;
    private readonly IBagLoss definition;

    internal AggregateBagLoss(ScalarLoss loss, double rho, IBagLoss definition)
    {
        this.loss = loss;
        this.definition = definition;
        Rho = rho;
    }

    /// <summary>The share of the instance loss.</summary>
    public double Rho { get; }

    /// <summary>The loss.</summary>
    /// <param name="meanLabel">The mean of the bag's labels, in the loss's label domain.</param>
    /// <param name="scores">The score of each member, at least one, in the loss's score domain.</param>
    public double Evaluate(double meanLabel, ReadOnlySpan<double> scores) =>
        Finite(Aggregate.value(Rho, loss.Definition, meanLabel, scores.ToArray()).OrThrow());

    /// <summary>Writes the gradient in the scores and returns the loss.</summary>
    /// <param name="meanLabel">The mean of the bag's labels.</param>
    /// <param name="scores">The score of each member.</param>
    /// <param name="gradient">Receives a derivative for each member; may be the scores' own span.</param>
    public double Gradient(double meanLabel, ReadOnlySpan<double> scores, Span<double> gradient)
    {
        Require.inside(nameof(meanLabel), loss.Metadata.Label, meanLabel).OrThrow();
        Require.length(nameof(gradient), scores.Length, gradient.Length).OrThrow();
        if (scores.IsEmpty)
        {
            throw new ArgumentException("A bag has at least one member.", nameof(scores));
        }

        BatchCheck.inside(nameof(scores), loss.Metadata.Score, scores).OrThrow();
        return Finite(definition.Gradient(meanLabel, scores, gradient));
    }

    private static double Finite(double value) =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException("scores", "The loss of the bag is not finite at these scores.");
}

/// <summary>Label differential privacy of bag means: labels are clipped to [-clip, clip] and each mean gets Laplace noise of scale 2 clip/(k epsilon). Neighbours differ in one label. Derived here.</summary>
/// <remarks>The guarantee is for real numbers: the low bits of a double are not protected (Mironov 2012).</remarks>
public static class LabelDp
{
    /// <summary>The released mean of each bag: epsilon-differentially private in the labels.</summary>
    /// <param name="stream">Where the noise comes from: two draws a bag.</param>
    /// <param name="clip">More than 0.</param>
    /// <param name="epsilon">More than 0.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="bags">The bag of each label, 0 .. m-1, every bag with a member.</param>
    public static double[] Laplace(RandomStream stream, double clip, double epsilon, ReadOnlySpan<double> labels, ReadOnlySpan<int> bags)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return LabelPrivacy.release(stream, clip, epsilon, labels.ToArray(), bags.ToArray()).OrThrow();
    }

    /// <summary>The scale of the noise on a bag's mean: 2 clip/(k epsilon).</summary>
    /// <param name="clip">More than 0.</param>
    /// <param name="epsilon">More than 0.</param>
    /// <param name="bagSize">k, at least 1.</param>
    public static double Scale(double clip, double epsilon, int bagSize) => LabelPrivacy.scale(clip, epsilon, bagSize).OrThrow();

    /// <summary>a = 8 clip^2/epsilon^2: the noise adds a/k to the variance of the labels' noise.</summary>
    /// <param name="clip">More than 0.</param>
    /// <param name="epsilon">More than 0.</param>
    public static double Noise(double clip, double epsilon) => LabelPrivacy.noise(clip, epsilon).OrThrow();
}
