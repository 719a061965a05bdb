namespace Hindsight.Facade.Tests;

/// <summary>Every kind of bad input to the losses and their calculators gives the documented exception and names the parameter.</summary>
public class LossBadInputTests
{
    private static readonly double[] NotFinite = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static TestCaseData Range(string parameter, string name, Action call) =>
        new TestCaseData(typeof(ArgumentOutOfRangeException), parameter, call).SetArgDisplayNames(name);

    private static TestCaseData Argument(string parameter, string name, Action call) =>
        new TestCaseData(typeof(ArgumentException), parameter, call).SetArgDisplayNames(name);

    private static TestCaseData Null(string parameter, string name, Action call) =>
        new TestCaseData(typeof(ArgumentNullException), parameter, call).SetArgDisplayNames(name);

    private static TestCaseData Moment(string name, Action call) => new TestCaseData(typeof(HindsightException), null, call).SetArgDisplayNames(name);

    private static readonly ScalarLoss Bce = Losses.BinaryCrossEntropy;
    private static readonly MulticlassLoss Ce = CompSum.CrossEntropy;

    private static double[] Out(int length = 3) => new double[length];

    public static IEnumerable<TestCaseData> Scalar() =>
    [
        .. NotFinite.Concat([-0.001, 1.001]).Select(bad => Range("label", $"label {bad}", () => Bce.Evaluate(bad, 0))),
        .. NotFinite.Select(bad => Range("score", $"score {bad}", () => Bce.Gradient(1, bad))),
        Range("label", "label 0 of a margin loss", () => Losses.Hinge.Evaluate(0, 1)),
        Range("score", "probability 0", () => Losses.LogScore.Hessian(1, 0)),
        Range("score", "overflow", () => Losses.Exponential.Evaluate(-1, 1000)),
        Range("score", "overflow of derivatives", () => Losses.Exponential.Derivatives(-1, 1000)),
        Range("margin", "margin NaN", () => Losses.Hinge.Phi(double.NaN)),
        .. NotFinite.Concat([-0.001, 1.001]).Select(bad => Range("labels", $"labels with {bad}", () => Bce.Value([0, 1, bad], [0, 0, 0]))),
        .. NotFinite.Select(bad => Range("scores", $"scores with {bad}", () => Bce.ValueAndGradient([0, 1, 1], [0, bad, 0], Out()))),
        Range("labels", "labels with 2, in single precision", () => Bce.Value([0f, 2f], [0f, 0f])),
        Range("scores", "scores with NaN, in single precision", () => Bce.Evaluate([0f, 1f], [0f, float.NaN], new float[2])),
        Range("labels", "values: labels with 2", () => Bce.Evaluate([2], [0], Out(1))),
        Range("labels", "derivatives: labels with 2", () => Bce.Derivatives([2], [0], Out(1), Out(1), Out(1))),
        Range("labels", "hessian: labels with 2", () => Bce.ValueGradientAndHessian([2], [0], Out(1), Out(1))),
        Range("labels", "labels with 0 of a margin loss", () => Losses.Hinge.Value([1, 0], [1, 1])),
        Range("scores", "an overflow in a batch", () => Losses.Exponential.Evaluate([-1, -1], [0, 1000], Out(2))),
        Range("scores", "an overflow in a sum", () => Losses.Exponential.Value([-1, -1], [0, 1000])),
        Range("weights", "a negative weight", () => Bce.Value([0, 1], [0, 0], [1, -1])),
        Range("weights", "weights of sum 0", () => Bce.Value([0, 1], [0, 0], [0, 0])),
        Argument("scores", "too few scores", () => Bce.Value([0, 1], [0])),
        Argument("values", "too few values", () => Bce.Evaluate([0, 1], [0, 1], Out(1))),
        Argument("gradient", "too long a gradient", () => Bce.ValueAndGradient([0, 1], [0, 1], Out())),
        Argument("hessian", "too short a Hessian", () => Bce.ValueGradientAndHessian([0, 1], [0, 1], Out(2), Out(1))),
        Argument("weights", "too few weights", () => Bce.Value([0, 1], [0, 1], [1])),
        Range("delta", "Huber(0)", () => Losses.Huber(0)),
        Range("level", "Quantile(1)", () => Losses.Quantile(1)),
        Range("scale", "Cauchy(NaN)", () => Losses.Cauchy(double.NaN)),
        Range("power", "Tweedie(2)", () => Losses.Tweedie(2)),
        Range("power", "Deviance.Tweedie(0.5)", () => Deviance.Tweedie(0.5)),
        Range("alpha", "Alpha(0)", () => Losses.Alpha(0)),
        Range("cost", "CostWeighted(0)", () => Losses.CostWeighted(0)),
        Argument("name", "unknown name", () => Losses.ByName("huberr")),
        Argument("name", "a loss of classes", () => Losses.ByName("cross-entropy")),
        Argument("parameter", "unknown parameter", () => Losses.ByName("huber", new Dictionary<string, double> { ["detla"] = 1 })),
        Range("delta", "delta by name", () => Losses.ByName("huber", new Dictionary<string, double> { ["delta"] = -1 })),
        Null("name", "no name", () => Losses.ByName(null!)),
        Null("definition", "no definition", () => Losses.Of((ILoss)null!)),
        Null("formula", "no formula", () => Losses.Parse(null!)),
        Range("score", "certify beyond the domain", () => Losses.LogScore.Certify(new Ival(0, 1), new Ival(-1, 1))),
        Range("cases", "no cases", () => Bce.Audit(1, 0)),
    ];

    public static IEnumerable<TestCaseData> Multiclass() =>
    [
        Range("label", "class 3 of 3", () => Ce.Evaluate(3, [0, 0, 0])),
        Range("label", "class -1", () => Ce.Gradient(-1, [0, 0, 0], Out())),
        Range("label", "class of a formula", () => Ce.Formula(2, 2)),
        .. NotFinite.Select(bad => Range("scores", $"scores with {bad}", () => Ce.Evaluate(0, [0, bad]))),
        Range("scores", "probability 2", () => ClassificationLoss.LogScore.Evaluate(0, [2, 0.5])),
        Range("scores", "overflow", () => CompSum.SumExponential.Evaluate(0, [0, 1000])),
        Range("scores", "overflow of the gradient", () => CompSum.SumExponential.Gradient(0, [0, 1000], Out(2))),
        Range("labels", "a class that is none", () => Ce.Value([0, 2], [0, 0, 0, 0], 2)),
        Range("scores", "a batch with NaN", () => Ce.ValueAndGradient([0, 1], [0, 0, double.NaN, 0], 2, Out(4))),
        Range("scores", "a batch with NaN in single precision", () => Ce.Value([0, 1], [0f, 0f, float.NaN, 0f], 2)),
        Range("classes", "one class", () => Ce.Value([0], [0], 1)),
        Range("direction", "direction NaN", () => Ce.HessianVector(0, [0, 0], [double.NaN, 0], Out(2))),
        Range("probabilities", "probabilities of sum 2", () => Ce.Expected([1, 1], [0, 0])),
        Argument("scores", "one score", () => Ce.Evaluate(0, [0])),
        Argument("gradient", "too short a gradient", () => Ce.Gradient(0, [0, 0], Out(1))),
        Argument("direction", "too short a direction", () => Ce.HessianVector(0, [0, 0], [1], Out(2))),
        Argument("result", "too long a result", () => Ce.HessianVector(0, [0, 0], [1, 1], Out())),
        Range("label", "class 2 of 2 in single precision", () => Ce.Gradient(2, [0f, 0f], new float[2])),
        Range("scores", "scores with NaN in single precision", () => Ce.HessianVector(0, [0f, float.NaN], [1f, 1f], new float[2])),
        Range("direction", "direction NaN in single precision", () => Ce.HessianVector(0, [0f, 0f], [float.NaN, 0f], new float[2])),
        Range("direction", "direction NaN of a batch of a flat loss", () => Ldr.TopK(1).HessianVector([0], [0, 1], 2, [double.NaN, 0], Out(2))),
        Argument("gradient", "too short a gradient in single precision", () => Ce.Gradient(0, [0f, 0f], new float[1])),
        Argument("direction", "too short a direction in single precision", () => Ce.HessianVector(0, [0f, 0f], [1f], new float[2])),
        Argument("result", "too long a result in single precision", () => Ce.HessianVector(0, [0f, 0f], [1f, 1f], new float[3])),
        Argument("scores", "one score in single precision", () => Ce.HessianVector(0, [0f], [1f], new float[1])),
        Argument("scores", "a batch with too few scores", () => Ce.Value([0, 1], [0, 0, 0], 2)),
        Argument("gradient", "a batch with too short a gradient", () => Ce.ValueAndGradient([0, 1], [0, 0, 0, 0], 2, Out())),
        Argument("name", "unknown name", () => MulticlassLoss.ByName("cross-entropie")),
        Argument("name", "a loss of a score", () => MulticlassLoss.ByName("huber")),
        Null("definition", "no definition", () => MulticlassLoss.Of(null!)),
        Range("tau", "CompSum(-1)", () => CompSum.Create(-1)),
        Range("q", "Gce(2)", () => CompSum.Gce(2)),
        Range("gamma", "Focal(-1)", () => ClassificationLoss.Focal(-1)),
        Range("probabilities", "posterior of no distribution", () => ClassificationLoss.Focal(1).RecoverPosterior([0.5, 0.2])),
        Range("lambda", "Ldr(-1)", () => Ldr.Kl(-1)),
        Range("margin", "margin -1", () => Ldr.Kl(1, -1)),
        Range("alpha", "alpha 1", () => AdaptiveLdr.Kl(1, 1)),
        Range("label", "temperature of no class", () => AdaptiveLdr.Kl(1, 2).Temperature(5, [0, 0])),
        Range("k", "TopK(0.5)", () => Ldr.TopK(0.5)),
        Argument("probabilities", "ranks of two lengths", () => TopK.IsRankPreserving([1, 2], [1])),
        Range("temperature", "Softmax(0)", () => FenchelYoung.Softmax(0)),
        Range("alpha", "Entmax(0.5)", () => FenchelYoung.Entmax(0.5)),
        Range("scores", "prediction of NaN", () => FenchelYoung.Sparsemax().Prediction([0, double.NaN])),
        Range("target", "target of sum 2", () => FenchelYoung.Sparsemax().Loss([1, 1], [0, 0])),
        Argument("prediction", "too short a prediction", () => FenchelYoung.Sparsemax().Prediction([0, 0], Out(1))),
        Range("rho", "SumRamp(0)", () => MulticlassSurrogates.SumRamp(0)),
        Argument("scores", "fewer class weights than scores", () => ClassificationLoss.Weighted(new CrossEntropy(), [1, 1]).Evaluate(2, [0, 0, 0])),
        Argument("scores", "more class weights than scores", () => ClassificationLoss.Weighted(new CrossEntropy(), [1, 1, 1]).Gradient(1, [0, 0], Out(2))),
        Argument("scores", "another number of class weights in a batch", () => ClassificationLoss.Weighted(new CrossEntropy(), [1, 1]).Value([2], [0, 0, 0], 3)),
        Range("weights", "a negative class weight", () => ClassificationLoss.Weighted(new CrossEntropy(), [1, -1])),
    ];

    public static IEnumerable<TestCaseData> Calculators() =>
    [
        Range("theta", "psi(2)", () => SurrogateTheory.Psi(Losses.Hinge, 2)),
        Range("scoreBound", "scores in [0, 0]", () => SurrogateTheory.Psi(Losses.Hinge, 0.5, 0)),
        Range("surrogateExcess", "a negative excess", () => SurrogateTheory.PsiInverse(Losses.Hinge, -1)),
        Range("surrogateExcess", "a bound from a negative excess", () => SurrogateTheory.ZeroOneBound(Losses.Hinge, -1)),
        Range("gamma", "Massart noise 0", () => SurrogateTheory.MassartBound(Losses.Hinge, 0, 0.1)),
        Range("exponent", "noise exponent 2", () => SurrogateTheory.NoiseExponentBound(Losses.Hinge, 1, 2, 0.1)),
        Null("loss", "no loss", () => SurrogateTheory.IsCalibrated(null!)),
        Moment("no infimum", () => SurrogateTheory.Psi(Losses.Unhinged, 0.5)),
        Moment("no witness", () => SurrogateTheory.MaxLossWitness([0.8, 0.1, 0.1])),
        Range("tau", "T(-1)", () => HConsistency.T(-1, 3, 0.5)),
        Range("classes", "one class", () => HConsistency.T(1, 1, 0.5)),
        Range("t", "t 2", () => HConsistency.TSimple(1, 3, 2)),
        Range("excess", "a negative excess", () => HConsistency.Gamma(1, 3, -1)),
        Range("zeroOneGap", "gap 2", () => HConsistency.ZeroOneExcessBound(1, 3, 0.1, 0, 2)),
        Range("margin", "margin 0", () => HConsistency.MassartBound(1, 3, 0, 0.1)),
        Range("scoreBound", "scores up to 1000", () => HConsistency.BayesConditionalRisk([0.5, 0.5], 1, 1000)),
        Range("probabilities", "no distribution", () => HConsistency.BayesConditionalRisk([0.5, 0.6], 1, 2)),
        Range("a", "divergence from 2", () => Divergence.BinaryKl(2, 0.5)),
        Range("b", "divergence to 0", () => Divergence.BinaryKl(0.5, 0)),
        Range("sample", "a label outside", () => Elicitation.Functional(Bce, [0.5, 2])),
        Moment("no minimiser", () => Elicitation.Functional(Losses.Unhinged, [1.0, 1.0])),
        Range("eta", "eta 0", () => LossConstants.MixabilitySlack(Losses.Squared, [0, 1], 0, new FiniteMixture([0.5, 0.5], [0, 1]))),
        Range("scores", "unbounded scores", () => LossConstants.ExpConcavity(Bce, Domain.Unit, Domain.Reals)),
        Range("rho", "rho 2", () => AggregateLearning.Interpolated(Losses.Squared, 2)),
        Range("meanLabel", "mean label 2", () => AggregateLearning.BagLoss(Losses.Squared).Evaluate(2, [0.5])),
        Argument("scores", "an empty bag", () => AggregateLearning.BagLoss(Losses.Squared).Gradient(1, [], [])),
        Range("scores", "a score that is none", () => AggregateLearning.InstanceLoss(Losses.Squared).Gradient(1, [double.NaN], Out(1))),
        Range("dimension", "more dimensions than samples", () => AggregateLearning.AsymptoticRisk(10, 20, 2, 1, 1, 1)),
        Range("epsilon", "no privacy", () => AggregateLearning.OptimalBagSize(100, 10, 1, 1, 0, 1)),
        Range("clip", "clip 0", () => LabelDp.Laplace(new RandomStream(1, 0), 0, 1, [1], [0])),
        Null("stream", "no stream", () => LabelDp.Laplace(null!, 1, 1, [1], [0])),
        Range("experts", "no experts", () => Aggregation.AggregatingAlgorithm(AggregatingGame.Log, 0)),
        Argument("predictions", "too few predictions", () => Aggregation.AggregatingAlgorithm(AggregatingGame.Log, 2).Predict([0.5])),
        Range("label", "label 2", () => Aggregation.AggregatingAlgorithm(AggregatingGame.Log, 1).Learn(2, [0.5])),
        Range("rho", "rho 0", () => AdversarialCompSum.Create(1, 0, 1)),
    ];

    [TestCaseSource(nameof(Scalar)), TestCaseSource(nameof(Multiclass)), TestCaseSource(nameof(Calculators))]
    public void A_bad_call_is_refused(Type exception, string? parameter, Action call)
    {
        var error = Assert.Throws(exception, () => call())!;
        Assert.That((error as ArgumentException)?.ParamName, Is.EqualTo(parameter));
        Assert.That(error.Message, Is.Not.Empty.And.Not.Contains("Exception of type"));
    }

    [Test]
    public void A_batch_names_the_element()
    {
        Assert.That(() => Bce.Value([0, 1, 0, 1, 0, 1, 0, 1, 0, 2], Out(10)), Throws.Exception.With.Message.Contains("labels[9] is 2"));
        Assert.That(() => Losses.LogScore.Value([0, 1], [0.5, 0]), Throws.Exception.With.Message.Contains("scores[1] is 0").And.Message.Contains("(0, 1)"));
        Assert.That(() => Losses.Exponential.Value([-1, -1], [0, 1000]), Throws.Exception.With.Message.Contains("scores[1] is 1000"));
    }

    [Test]
    public void What_throws_is_false_when_tried()
    {
        foreach (var (label, score) in new[] { (double.NaN, 0.0), (-1.0, double.NaN), (0.0, 1.0), (-1.0, 1000.0) })
        {
            Assert.That(Losses.Exponential.TryEvaluate(label, score, out var value), Is.False);
            Assert.That(value, Is.NaN);
        }

        Assert.That(Ce.TryEvaluate(2, [0, 0], out var none), Is.False);
        Assert.That(none, Is.NaN);
        Assert.That(Ce.TryEvaluate(0, [0], out _), Is.False);
        Assert.That(CompSum.SumExponential.TryEvaluate(0, [0, 1000], out _), Is.False);
    }

    [Test]
    public void An_empty_batch_is_zero()
    {
        Assert.That(Bce.Value(ReadOnlySpan<double>.Empty, []), Is.EqualTo(0.0));
        Assert.That(Ce.Value([], ReadOnlySpan<double>.Empty, 3), Is.EqualTo(0.0));
    }
}
