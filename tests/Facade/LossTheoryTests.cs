namespace Hindsight.Facade.Tests;

/// <summary>The calculators of surrogate losses in C#: closed forms of their documentation.</summary>
public class LossTheoryTests
{
    // a handful of operations
    private const double Relative = 1e-13;

    private static void AssertClose(double actual, double expected) => Assert.That(actual, Is.EqualTo(expected).Within(Relative * Math.Abs(expected)));

    [Test]
    public void Psi_of_the_logistic_loss_is_its_closed_form_and_has_an_inverse()
    {
        static double Closed(double t) => 0.5 * ((1 + t) * Math.Log(1 + t) + (1 - t) * Math.Log(1 - t));
        foreach (var theta in new[] { 0.1, 0.5, 0.9 })
        {
            // the conditional risk is minimised numerically; at a minimum errors are squared
            Assert.That(SurrogateTheory.Psi(Losses.Logistic, theta), Is.EqualTo(Closed(theta)).Within(1e-10));
            Assert.That(SurrogateTheory.PsiInverse(Losses.Logistic, Closed(theta)), Is.EqualTo(theta).Within(1e-8));
        }

        Assert.That(SurrogateTheory.PsiTransform(Losses.Hinge).Value(0.25), Is.EqualTo(0.25).Within(1e-10));
        Assert.That(SurrogateTheory.Psi(Losses.Unhinged, 0.5, scoreBound: 2), Is.EqualTo(1.0).Within(1e-10));
    }

    [Test]
    public void Consistency_bounds_of_margin_losses()
    {
        var bound = SurrogateTheory.ZeroOneBound(Losses.SquaredHinge, 0.04);
        Assert.That(bound.Value, Is.EqualTo(0.2).Within(1e-8));
        Assert.That((bound.Direction, bound.Kind, bound.Trivial), Is.EqualTo((BoundDirection.Upper, BoundKind.Deterministic, 1.0)));
        // 2 gamma/(2 gamma)^2 times the excess
        Assert.That(SurrogateTheory.MassartBound(Losses.SquaredHinge, 0.25, 0.04).Value, Is.EqualTo(0.08).Within(1e-8));
        Assert.That(SurrogateTheory.NoiseExponentBound(Losses.SquaredHinge, 1, 0, 0.04).Value, Is.LessThanOrEqualTo(1.0).And.GreaterThanOrEqualTo(0.2));
        Assert.That(SurrogateTheory.ZeroOneBound(Losses.Hinge, 0.04, scoreBound: 0.5, surrogateGap: 0.01, zeroOneGap: 0.05).Value, Is.EqualTo(0.05).Within(1e-8));
        Assert.That(SurrogateTheory.IsCalibrated(Losses.Savage));
    }

    [Test]
    public void Convex_max_losses_have_a_witness_against_them()
    {
        var witness = SurrogateTheory.MaxLossWitness([0.4, 0.3, 0.3]);
        Assert.That(witness.Risk, Is.EqualTo(1.0).Within(1e-12));
        Assert.That(witness.ZeroOneExcess, Is.EqualTo(0.1).Within(1e-12));
        Assert.That(MulticlassSurrogates.CrammerSinger.Expected(witness.Probabilities, witness.Scores), Is.EqualTo(witness.Risk).Within(1e-12));
        var other = SurrogateTheory.WestonWatkinsWitness([0.4, 0.35, 0.25]);
        Assert.That(MulticlassSurrogates.WestonWatkins.Expected(other.Probabilities, other.Scores), Is.EqualTo(other.Risk).Within(1e-12));
    }

    [Test]
    public void H_consistency_of_comp_sum_losses()
    {
        AssertClose(HConsistency.T(0, 3, 0.6), 1 - 0.8);
        AssertClose(HConsistency.T(2, 4, 0.6), 0.6 / 4);
        AssertClose(HConsistency.TSimple(1, 5, 0.2), 0.02);
        AssertClose(HConsistency.GammaSimple(1, 5, 0.02), 0.2);
        Assert.That(HConsistency.Gamma(1.5, 5, HConsistency.T(1.5, 5, 0.3)), Is.EqualTo(0.3).Within(1e-12));
        double[] p = [0.5, 0.3, 0.2];
        AssertClose(HConsistency.BayesConditionalRisk(p, 1), -p.Sum(x => x * Math.Log(x)));
        Assert.That(HConsistency.BayesConditionalRisk(p, 1, 0.1), Is.GreaterThan(HConsistency.BayesConditionalRisk(p, 1)));
        AssertClose(HConsistency.BayesConditionalRisk(p, StructuredSurrogate.ConstrainedHinge), 1.5);
        AssertClose(HConsistency.ZeroOneExcess(p, [0, 1, 1]), 0.3);
        AssertClose(HConsistency.ZeroOneExcessBound(2, 3, 0.1, gap: 0.02, zeroOneGap: 0.06).Value, 3 * 0.12 - 0.06);
        AssertClose(HConsistency.MassartBound(2, 3, 0.5, 0.1).Value, 0.3);
        AssertClose(HConsistency.MinimizabilityGap(0.5, [0.25, 0.75], [0.2, 0.4]), 0.5 - 0.35);
        AssertClose(HConsistency.DeterministicGap(2, 3, 1, 0.9), 0.9 - (1 - 1 / (1 + 2 * Math.Exp(-2))));
        AssertClose(HConsistency.BoundedLogisticT(10, 0.5), HConsistency.T(1, 2, 0.5));
        AssertClose(HConsistency.AdversarialBound(2, 0.1).Value, 0.2);
        AssertClose(HConsistency.T(StructuredSurrogate.SumSquaredHinge, 0.3), 0.09);
        AssertClose(HConsistency.Gamma(StructuredSurrogate.SumSquaredHinge, 0.09), 0.3);
        AssertClose(HConsistency.ZeroOneExcessBound(StructuredSurrogate.SumSquaredHinge, 0.08, 0.01).Value, 0.3);
    }

    [Test]
    public void An_adversary_of_linear_scores()
    {
        double[][] weights = [[1, 0], [-1, 0]];
        var loss = AdversarialCompSum.Create(tau: 1, rho: 1, nu: AdversarialCompSum.LeastNu(2, 1));
        // margin 2 x, drift 2 gamma
        AssertClose(loss.SmoothLoss(weights, [1, 0], 0, 0.25), Math.Log(1 + Math.Exp(-2) + 0.5));
        AssertClose(AdversarialCompSum.LeastMargin(PerturbationNorm.L2, 0.25, weights, [1, 0], 0, out var attacked), 1.5);
        Assert.That(attacked, Is.EqualTo(new[] { 0.75, 0.0 }));
        var robust = loss.RobustErrorUpperBound(weights, [[1, 0], [-1, 0]], [0, 1], 0.25);
        AssertClose(robust.Value, Math.Log(1 + Math.Exp(-2) + 0.5) / Math.Log(2));
        Assert.That((loss.Tau, loss.Rho, loss.Nu), Is.EqualTo((1.0, 1.0, 1.0)));
    }

    [Test]
    public void Constants_of_losses()
    {
        AssertClose(LossConstants.SquaredExpConcavity(0, 2), 1.0 / 8);
        AssertClose(LossConstants.SquaredMixability(0, 2), 0.5);
        AssertClose(LossConstants.LogisticExpConcavity(2), Math.Exp(-2));
        AssertClose(LossConstants.CrossEntropyExpConcavity(1, 2), Math.Exp(-2));
        Assert.That(LossConstants.ExpConcavity(Losses.Squared, Domain.Unit, Domain.Unit), Is.EqualTo(0.5).Within(1e-9));
        var mixture = new FiniteMixture([0.5, 0.5], [0, 1]);
        Assert.That(LossConstants.MixabilitySlack(Losses.Squared, [0, 1], 2, mixture), Is.LessThanOrEqualTo(1e-12));
        Assert.That(LossConstants.MixabilitySlack(Losses.Squared, [0, 1], 4, mixture), Is.EqualTo(0.25 - Math.Log(2 / (1 + Math.Exp(-4))) / 4).Within(1e-9));
    }

    [Test]
    public void Divergences_of_two_means()
    {
        AssertClose(Divergence.BinaryKl(0.25, 0.5), 0.25 * Math.Log(0.5) + 0.75 * Math.Log(1.5));
        AssertClose(Divergence.Triangular(0.25, 0.5), 2 * 0.0625 / (0.75 * 1.25));
        AssertClose(Divergence.Hellinger2(0.25, 1), 0.25 + 0.75);
        AssertClose(Divergence.ChiSquared(0.25, 0.5), 0.25);
        Assert.That(Divergence.KlLowerBound(0.25, 0.5), Is.LessThanOrEqualTo(Divergence.BinaryKl(0.25, 0.5)).And.GreaterThan(0.1));
    }

    [Test]
    public void What_losses_elicit()
    {
        double[] sample = [1, 2, 3, 4, 10];
        Assert.That(Elicitation.Functional(Losses.AbsoluteError, sample), Is.EqualTo(3.0));
        Assert.That(Elicitation.Functional(Losses.Quantile(0.9), sample), Is.EqualTo(10.0));
        AssertClose(Elicitation.Functional(Losses.Expectile(0.5), sample), 4);
        AssertClose(Elicitation.Functional(Losses.PoissonNll, sample), Math.Log(4));
    }

    [Test]
    public void Focal_losses_underestimate_and_the_posterior_is_recovered()
    {
        var focal = ClassificationLoss.Focal(2);
        Assert.That(ClassificationLoss.Focal(0).RecoverPosterior([0.25, 0.75]), Is.EqualTo(new[] { 0.25, 0.75 }).Within(1e-15));
        var posterior = focal.RecoverPosterior([0.25, 0.75]);
        Assert.That(posterior[1], Is.GreaterThan(0.75));
        // v minimises the expected loss under the posterior: the gradient in the logit is 0
        double[] a = new double[2], b = new double[2], logits = [Math.Log(0.25), Math.Log(0.75)];
        focal.Gradient(0, logits, a);
        focal.Gradient(1, logits, b);
        Assert.That(posterior[0] * a[0] + posterior[1] * b[0], Is.EqualTo(0).Within(1e-15));
    }

    [Test]
    public void Fenchel_Young_losses_predict()
    {
        var sparsemax = FenchelYoung.Sparsemax();
        Assert.That(sparsemax.Prediction([0.5, 0.25, -2]), Is.EqualTo(new[] { 0.625, 0.375, 0 }).Within(1e-15));
        Assert.That(sparsemax.Margin, Is.EqualTo(1.0));
        Assert.That(FenchelYoung.Softmax().Margin, Is.Null);
        Assert.That(FenchelYoung.Entmax(1.5, 2).Margin, Is.EqualTo(4.0));
        Assert.That(FenchelYoung.Entmax(1.5, 2).Temperature, Is.EqualTo(2.0));
        Assert.That(sparsemax.Loss([0.625, 0.375, 0], [0.5, 0.25, -2]), Is.EqualTo(0).Within(1e-15));
        AssertClose(sparsemax.Loss([0, 1, 0], [0.5, 0.25, -2]), sparsemax.Evaluate(1, [0.5, 0.25, -2]));
        AssertClose(FenchelYoung.Softmax().Evaluate(1, [0.5, 0.25, -2]), CompSum.CrossEntropy.Evaluate(1, [0.5, 0.25, -2]));
    }

    [Test]
    public void Robust_losses_are_between_their_limits()
    {
        double[] scores = [0.5, -1, 2];
        var ldr = Ldr.Kl(1);
        AssertClose(ldr.Evaluate(0, scores), CompSum.CrossEntropy.Evaluate(0, scores) - Math.Log(3));
        var adaptive = AdaptiveLdr.Kl(1, 2);
        Assert.That(adaptive.Evaluate(0, scores), Is.InRange(ldr.Evaluate(0, scores), 1.5));
        Assert.That(adaptive.Temperature(0, scores), Is.InRange(0.5, 1.0));
        AssertClose(Ldr.TopK(1, 1).Evaluate(0, scores), 2.5);
        Assert.That(TopK.IsRankPreserving(scores, [0.3, 0.2, 0.5]));
        Assert.That(TopK.IsRankPreserving(scores, [0.5, 0.2, 0.3]), Is.False);
    }

    [Test]
    public void Weighted_classes_weigh()
    {
        double[] scores = [0.5, -1, 2];
        AssertClose(ClassificationLoss.Weighted(new CrossEntropy(), [1, 2, 3]).Evaluate(1, scores), 2 * CompSum.CrossEntropy.Evaluate(1, scores));
        AssertClose(CompSum.Create(1.5).Evaluate(1, scores), CompSum.Gce(0.5).Evaluate(1, scores));
        AssertClose(CompSum.Mae.Evaluate(1, scores), CompSum.Create(2).Evaluate(1, scores));
        AssertClose(Deviance.Tweedie(2).Evaluate(2, 4), 2 * (Math.Log(2) - 0.5));
    }

    [Test]
    public void Learning_from_bags()
    {
        double[] scores = [0.1, 0.3, 0.8], gradient = new double[3];
        var (bag, instance, half) = (AggregateLearning.BagLoss(Losses.Squared), AggregateLearning.InstanceLoss(Losses.Squared), AggregateLearning.Interpolated(Losses.Squared, 0.5));
        var variance = scores.Average(z => (z - 0.4) * (z - 0.4));
        AssertClose(bag.Evaluate(0.5, scores), 0.01);
        AssertClose(instance.Evaluate(0.5, scores), 0.01 + variance);
        AssertClose(half.Evaluate(0.5, scores), 0.01 + 0.5 * variance);
        AssertClose(half.Gradient(0.5, scores, gradient), half.Evaluate(0.5, scores));
        AssertClose(gradient[0], 2 * (0.4 - 0.5) / 3 * 0.5 + 2 * (0.1 - 0.5) / 3 * 0.5);
        Assert.That(half.Rho, Is.EqualTo(0.5));

        // bags of one: ordinary least squares through the origin
        Assert.That(AggregateLearning.FitLinear(new double[,] { { 1 }, { 2 } }, [0, 1], [2, 4], 0.5), Is.EqualTo(new[] { 2.0 }).Within(1e-14));
        AssertClose(AggregateLearning.AsymptoticRisk(1000, 100, 2, 0, 1, 0.5).Value, 0.5 * 100 / 400);
        Assert.That(AggregateLearning.SignalToNoise(1000, 100, 2), Is.GreaterThan(0));
        var size = AggregateLearning.OptimalBagSize(1000, 100, 1, 0.5, epsilon: 1, clip: 2);
        Assert.That(size.Interior);
        AssertClose(LabelDp.Noise(2, 1), 32);
        AssertClose(LabelDp.Scale(2, 1, 4), 1);
        var released = LabelDp.Laplace(new RandomStream(5, 0), 2, 1e9, [1, 3, -1], [0, 0, 1]);
        // the noise is of order 1e-9; the label 3 is clipped to 2
        Assert.That(released, Is.EqualTo(new[] { 1.5, -1.0 }).Within(1e-6));
    }

    [Test]
    public void Experts_are_aggregated_within_the_bound()
    {
        var algorithm = Aggregation.AggregatingAlgorithm(AggregatingGame.Square(0, 1), experts: 3);
        Assert.That(algorithm.Weights, Is.EqualTo(new[] { 1.0 / 3, 1.0 / 3, 1.0 / 3 }).Within(1e-15));
        var random = new RandomStream(3, 0);
        for (var round = 0; round < 200; round++)
        {
            double[] predictions = [0, 1, random.NextDouble()];
            var label = random.NextDouble() < 0.7 ? 1.0 : 0.0;
            Assert.That(algorithm.Predict(predictions), Is.InRange(0.0, 1.0));
            algorithm.Learn(label, predictions);
        }

        Assert.That((algorithm.Rounds, algorithm.Experts), Is.EqualTo((200L, 3)));
        Assert.That(algorithm.Regret, Is.EqualTo(algorithm.Loss - algorithm.ExpertLosses.Min()).Within(1e-12));
        AssertClose(algorithm.RegretBound.Value, Math.Log(3) / 2);
        Assert.That(algorithm.Regret, Is.LessThanOrEqualTo(algorithm.RegretBound.Value));
        Assert.That(algorithm.Weights.Sum(), Is.EqualTo(1.0).Within(1e-14));
        Assert.That(algorithm.Weights[1], Is.GreaterThan(algorithm.Weights[0]));
    }

    /// <summary>Types of the core that are C# as they stand.</summary>
    [Test]
    public void Proper_losses_Bregman_divergences_and_scores_of_distributions()
    {
        var log = ProperLoss.FromWeight((p, q) => 1 / (p * q));
        Assert.That(log.Partial1(0.25), Is.EqualTo(-Math.Log(0.25)).Within(1e-11));
        Assert.That(log.MixabilityConstant(), Is.EqualTo(1).Within(1e-9));
        Assert.That(log.WithLink(ProbabilityLink.Logit(1)).IsConvexComposite());
        Assert.That(ProperLoss.Of(new QuadraticScore()).WithLink(ProbabilityLink.Logit(1)).IsConvexComposite(), Is.False);
        AssertClose(Bregman.KullbackLeibler.Divergence([1, 2], [2, 1]), Math.Log(0.5) + 1 + 2 * Math.Log(2) - 1);
        AssertClose(Bregman.SquaredEuclidean.Information([1, 2, 3, 4], 2), 1);
        AssertClose(Bregman.Separable(new ItakuraSaito()).Dual().Divergence([-1.0], [-0.5]), Bregman.ItakuraSaito.Divergence([2.0], [1.0]));
        AssertClose(Crps.Gaussian(0, 0, 1), (Math.Sqrt(2) - 1) / Math.Sqrt(Math.PI));
        Assert.That(() => Crps.Gaussian(0, 0, -1), Throws.TypeOf<HindsightException>());
    }
}
