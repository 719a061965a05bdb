using System.Reflection;

namespace Hindsight.Facade.Tests;

/// <summary>Losses in C#: every factory, batches against points, and a loss of one's own through every entry point.</summary>
public class LossTests
{
    private static readonly double[] Candidates = [-2.5, -1.0, -0.375, 0.0, 0.125, 0.5, 0.8125, 1.0, 1.75, 3.0];

    private static double[] Inside(Domain domain) => [.. Candidates.Where(domain.Contains)];

    /// <summary>Parameters of factories, by name: inside the domain of every factory that has one of that name.</summary>
    private static double Parameter(string name) => name switch
    {
        "level" or "cost" or "q" or "mix" or "pi" => 0.25,
        "threshold" => 0.125,
        "a" or "power" or "tau" or "alpha" or "k" => 1.5,
        _ => 0.75,
    };

    private static object? Call(MethodInfo method) => method.Invoke(null, [.. method.GetParameters().Select(p => (object)Parameter(p.Name!))]);

    /// <summary>Every static member of a class that gives a loss, called.</summary>
    private static IEnumerable<TLoss> Made<TLoss>(params Type[] types)
        where TLoss : class =>
        types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method => typeof(TLoss).IsAssignableFrom(method.ReturnType) && !method.IsGenericMethod && method.GetParameters().All(p => p.ParameterType == typeof(double)))
            .Select(method => (TLoss)Call(method)!);

    private static readonly ScalarLoss[] Scalars = [.. Made<ScalarLoss>(typeof(Losses), typeof(DevianceFactories))];

    private static readonly MulticlassLoss[] Multiclass =
        [.. Made<MulticlassLoss>(typeof(CompSumFactories), typeof(ClassificationLoss), typeof(Ldr), typeof(AdaptiveLdr), typeof(FenchelYoung), typeof(MulticlassSurrogates))];

    public static IEnumerable<TestCaseData> OfScores() =>
        Scalars.Concat(Losses.Names.Select(name => Losses.ByName(name))).Select((loss, i) => new TestCaseData(loss).SetArgDisplayNames($"{i} {loss.Name}"));

    public static IEnumerable<TestCaseData> OfClasses() =>
        Multiclass.Concat(MulticlassLoss.Known.Select(loss => MulticlassLoss.ByName(loss.Name))).Select((loss, i) => new TestCaseData(loss).SetArgDisplayNames($"{i} {loss.Name}"));

    [Test]
    public void The_example_of_the_readme_runs()
    {
        double[] labels = [1, 2, 3], scores = [0.5, 2.5, 9], gradient = new double[3], classScores = [.. Enumerable.Range(0, 30).Select(i => i % 7 - 3.0)], slopes = new double[30];
        var huber = Losses.Huber(delta: 1.5);
        Assert.That((huber.Evaluate(label: 2.0, score: 0.5), huber.Gradient(2.0, 0.5)), Is.EqualTo((1.125, -1.5)));
        Assert.That(huber.ValueAndGradient(labels, scores, gradient), Is.EqualTo((0.125 + 0.125 + 1.5 * 5.25) / 3).Within(1e-15));
        Assert.That(gradient, Is.EqualTo(new[] { -0.5 / 3, 0.5 / 3, 0.5 }).Within(1e-16));
        Assert.That(CompSum.Create(tau: 1.0).ValueAndGradient([3, 1, 4], classScores, 10, slopes), Is.EqualTo(CompSum.CrossEntropy.Value([3, 1, 4], classScores, 10)).Within(1e-14));
        Assert.That(slopes.Sum(), Is.EqualTo(0).Within(1e-15));
        Assert.That(huber.Formula.Infix, Does.Contain("1.5"));
        Assert.That(huber.Certify(new Ival(0, 1), new Ival(-2, 2)).ToString(), Does.Contain("Lipschitz [1.5, 1.5]"));
        Assert.That(SurrogateTheory.ZeroOneBound(Losses.Logistic, 0.02).ToString(), Does.Contain("<="));
    }

    [Test]
    public void Every_registered_loss_of_a_score_has_a_factory()
    {
        var made = Scalars.Select(loss => loss.Definition.GetType()).ToHashSet();
        Assert.That(Losses.Names.Where(name => !made.Contains(Losses.ByName(name).Definition.GetType())), Is.Empty);
        Assert.That(Losses.Names, Is.Unique.And.Count.GreaterThan(40));
    }

    [Test]
    public void Every_registered_loss_of_classes_has_a_factory()
    {
        // its own factory knows contexts and weights: AdversarialCompSum.Create
        var made = Multiclass.Select(loss => loss.Definition.GetType()).Append(typeof(SmoothAdversarialCompSum)).ToHashSet();
        Assert.That(MulticlassLoss.Known.Where(loss => !made.Contains(MulticlassLoss.ByName(loss.Name).Definition.GetType())).Select(loss => loss.Name), Is.Empty);
    }

    [Test]
    public void Margin_losses_keep_their_type_by_name()
    {
        Assert.That(Losses.ByName("hinge"), Is.TypeOf<MarginLoss>());
        Assert.That(Losses.ByName("Huber", new Dictionary<string, double> { ["delta"] = 2 }).Evaluate(0, 5), Is.EqualTo(Losses.Huber(2).Evaluate(0, 5)).And.EqualTo(2 * (5 - 1)));
    }

    [TestCaseSource(nameof(OfScores))]
    public void A_batch_is_its_points(ScalarLoss loss)
    {
        var points = (from label in Inside(loss.Metadata.Label) from score in Inside(loss.Metadata.Score) select (label, score)).ToArray();
        double[] labels = [.. points.Select(p => p.label)], scores = [.. points.Select(p => p.score)];
        double[] values = new double[points.Length], gradient = new double[points.Length], hessian = new double[points.Length], alone = new double[points.Length];
        loss.Derivatives(labels, scores, values, gradient, hessian);
        loss.Evaluate(labels, scores, alone);
        foreach (var (label, score, value, slope, curvature, only) in points.Select((p, i) => (p.label, p.score, values[i], gradient[i], hessian[i], alone[i])))
        {
            var at = loss.Derivatives(label, score);
            var where = $"{loss.Name} of label {label} at {score}";
            AssertClose(value, at.Value, where);
            AssertClose(only, loss.Evaluate(label, score), where);
            AssertClose(slope, loss.Gradient(label, score), where);
            // where a curvature crosses 0 its terms have the size of the slope
            AssertClose(curvature, loss.Hessian(label, score), where, Math.Max(Math.Abs(slope), 1e-2));
            Assert.That(loss.TryEvaluate(label, score, out var tried), where);
            Assert.That(tried, Is.EqualTo(loss.Evaluate(label, score)), where);
        }
    }

    [TestCaseSource(nameof(OfScores))]
    public void Reductions_are_sums_of_the_points(ScalarLoss loss)
    {
        var labels = Inside(loss.Metadata.Label);
        var scores = Enumerable.Range(0, labels.Length).Select(i => Inside(loss.Metadata.Score)[i % Inside(loss.Metadata.Score).Length]).ToArray();
        var weights = Enumerable.Range(1, labels.Length).Select(i => (double)i).ToArray();
        var values = labels.Zip(scores, loss.Evaluate).ToArray();
        var sum = values.Zip(weights, (v, w) => v * w).Sum();
        double[] gradient = new double[labels.Length], second = new double[labels.Length], hessian = new double[labels.Length];
        // a sum of at most ten terms, each off by 4 units in the last place
        var tolerance = 1e-14 * values.Zip(weights, (v, w) => Math.Abs(v) * w).Sum() + 1e-16;
        Assert.That(loss.Value(labels, scores), Is.EqualTo(values.Average()).Within(tolerance));
        Assert.That(loss.Value(labels, scores, weights, Reduction.Sum), Is.EqualTo(sum).Within(tolerance));
        Assert.That(loss.ValueAndGradient(labels, scores, gradient, weights), Is.EqualTo(sum / weights.Sum()).Within(tolerance));
        Assert.That(loss.ValueGradientAndHessian(labels, scores, second, hessian, weights), Is.EqualTo(sum / weights.Sum()).Within(tolerance));
        for (var i = 0; i < labels.Length; i++)
        {
            AssertClose(gradient[i], weights[i] / weights.Sum() * loss.Gradient(labels[i], scores[i]), loss.Name);
            AssertClose(second[i], gradient[i], loss.Name);
            AssertClose(hessian[i], weights[i] / weights.Sum() * loss.Hessian(labels[i], scores[i]), loss.Name);
        }
    }

    [TestCaseSource(nameof(OfScores))]
    public void Single_precision_is_double_precision_rounded(ScalarLoss loss)
    {
        var labels = Inside(loss.Metadata.Label);
        var scores = Enumerable.Range(0, labels.Length).Select(i => Inside(loss.Metadata.Score)[i % Inside(loss.Metadata.Score).Length]).ToArray();
        float[] y = [.. labels.Select(x => (float)x)], z = [.. scores.Select(x => (float)x)], values = new float[y.Length], gradient = new float[y.Length];
        double[] exact = new double[y.Length];
        loss.Evaluate(y, z, values);
        var sum = loss.ValueAndGradient(y, z, gradient, reduction: Reduction.Sum);
        var expected = loss.ValueAndGradient(labels, scores, exact, reduction: Reduction.Sum);
        // the candidates are singles; what is computed from them is off by a few units of 6e-8 of the terms, which are at most of order 10 here but for large losses
        for (var i = 0; i < y.Length; i++)
        {
            Assert.That(values[i], Is.EqualTo(loss.Evaluate(labels[i], scores[i])).Within(1e-5 * (1 + Math.Abs(values[i]))), loss.Name);
            Assert.That(gradient[i], Is.EqualTo(exact[i]).Within(1e-5 * (1 + Math.Abs(gradient[i]))), loss.Name);
        }

        Assert.That(sum, Is.EqualTo(expected).Within(1e-5 * (1 + Total(values))), loss.Name);
        Assert.That(loss.Value(y, z, reduction: Reduction.Sum), Is.EqualTo(sum).Within(1e-6 * (1 + Total(values))), loss.Name);
    }

    [TestCaseSource(nameof(OfScores))]
    public void The_formula_is_the_loss(ScalarLoss loss)
    {
        Assert.That(loss.Formula.TeX, Is.Not.Empty);
        Assert.That(loss.ToString(), Does.Contain(loss.Name));
        if (loss.Formula.NodeCount > Expr.LongestText)
        {
            return;
        }

        var read = Losses.Parse(loss.Formula.Infix);
        var (label, score) = (Inside(loss.Metadata.Label)[^1], Inside(loss.Metadata.Score)[1]);
        AssertClose(read.Evaluate(label, score), loss.Evaluate(label, score), loss.Formula.Infix);
    }

    [Test]
    public void A_formula_with_parameters_is_a_loss()
    {
        var parsed = Losses.Parse("k*abs(y - z)", new Dictionary<string, double> { ["k"] = 3 });
        Assert.That((parsed.Evaluate(1, 3), parsed.Gradient(1, 3)), Is.EqualTo((6.0, 3.0)));
        Assert.That(() => Losses.Parse("y +* z"), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_loss_of_ones_own_is_the_librarys_in_every_entry_point()
    {
        var (own, known) = (Losses.Of(new OwnCrossEntropy()), Losses.BinaryCrossEntropy);
        var random = new RandomStream(11, 0);
        double[] labels = [.. Enumerable.Range(0, 101).Select(_ => random.NextDouble())], scores = [.. labels.Select(_ => 6 * random.NextNormal())];
        double[] a = new double[101], b = new double[101], c = new double[101], d = new double[101];
        float[] y = [.. labels.Select(x => (float)x)], z = [.. scores.Select(x => (float)x)], e = new float[101], f = new float[101];

        // bit for bit: the same operations in the same order
        Assert.That(own.Derivatives(labels[0], scores[0]), Is.EqualTo(known.Derivatives(labels[0], scores[0])));
        own.Evaluate(labels, scores, a);
        known.Evaluate(labels, scores, b);
        Assert.That(a, Is.EqualTo(b));
        Assert.That(own.ValueGradientAndHessian(labels, scores, a, c), Is.EqualTo(known.ValueGradientAndHessian(labels, scores, b, d)));
        Assert.That((a, c), Is.EqualTo((b, d)));
        Assert.That(own.ValueAndGradient(y, z, e), Is.EqualTo(known.ValueAndGradient(y, z, f)));
        Assert.That(e, Is.EqualTo(f));
        Assert.That(own.Formula, Is.EqualTo(known.Formula));

        var (box, line) = (new Ival(0, 1), new Ival(-3, 3));
        var (mine, theirs) = (own.Certify(box, line), known.Certify(box, line));
        Assert.That(mine.Smoothness!.Value.Contains(0.25) && theirs.Smoothness!.Value.Contains(0.25));
        // both enclose the same number
        Assert.That(mine.Lipschitz!.Value.Low, Is.LessThanOrEqualTo(theirs.Lipschitz!.Value.High));
        Assert.That(theirs.Lipschitz!.Value.Low, Is.LessThanOrEqualTo(mine.Lipschitz!.Value.High));
        var report = own.Audit(seed: 5);
        Assert.That(report.Holds, report.ToString());
        Assert.That(LossConstants.ExpConcavity(own, Domain.Unit, Domain.Closed(-2, 2)), Is.EqualTo(LossConstants.ExpConcavity(known, Domain.Unit, Domain.Closed(-2, 2))));
        Assert.That(Elicitation.Functional(own, labels), Is.EqualTo(Elicitation.Functional(known, labels)));
        Assert.That(AggregateLearning.InstanceLoss(own).Evaluate(0.5, scores), Is.EqualTo(AggregateLearning.InstanceLoss(known).Evaluate(0.5, scores)));
    }

    [Test]
    public void A_wrong_declaration_is_found()
    {
        var report = Losses.Of(new OwnMargin(1)).Audit(seed: 2);
        Assert.That(report.Holds, report.ToString());
        Assert.That(LossMetadata.Default.With(infimum: double.NegativeInfinity).Infimum, Is.Null);
        var wrong = Losses.Of(new Overconfident()).Audit(seed: 2);
        Assert.That(wrong.Failures.Select(failure => failure.Property), Has.Some.Contains("smooth"));
    }

    private readonly record struct Overconfident : ILoss
    {
        public T Eval<T>(T label, T score)
            where T : struct, IReal<T> => T.Sqr(label - score);

        public R Accept<R>(ILossVisitor<R> visitor) => visitor.Visit(this);

        public LossMetadata Metadata => LossMetadata.Default.With(name: "overconfident", smoothness: 1);
    }

    [Test]
    public void A_margin_loss_of_ones_own_has_its_transform()
    {
        var own = Losses.Of(new OwnMargin(1));
        Assert.That(own.Phi(-1), Is.EqualTo(Losses.SquaredHinge.Phi(-1)).And.EqualTo(new LossDerivatives(4, -4, 2)));
        Assert.That(SurrogateTheory.IsCalibrated(own));
        Assert.That(SurrogateTheory.Psi(own, 0.5), Is.EqualTo(0.25).Within(1e-9));
    }

    // no two differ by 1, where some losses have a kink
    private static readonly double[] Scores = [0.5, -1.25, 1.875, 0.125];

    private static double[] ScoresOf(MulticlassLoss loss) => Scores.All(loss.Metadata.Score.Contains) ? Scores : [0.25, 0.125, 0.5, 0.125];

    [TestCaseSource(nameof(OfClasses))]
    public void A_batch_of_classes_is_its_rows(MulticlassLoss loss)
    {
        var row = ScoresOf(loss);
        int[] labels = [0, 1, 2, 3];
        double[] scores = [.. labels.SelectMany(_ => row)], gradient = new double[16], one = new double[4], weights = [1, 2, 3, 4];
        var values = labels.Select(label => loss.Evaluate(label, row)).ToArray();
        var mean = values.Zip(weights, (v, w) => v * w).Sum() / 10;
        var tolerance = 1e-13 * (1 + values.Sum(Math.Abs));
        Assert.That(loss.Value(labels, scores, 4), Is.EqualTo(values.Average()).Within(tolerance));
        Assert.That(loss.ValueAndGradient(labels, scores, 4, gradient, weights), Is.EqualTo(mean).Within(tolerance));
        foreach (var label in labels)
        {
            Assert.That(loss.TryEvaluate(label, row, out var tried));
            Assert.That(tried, Is.EqualTo(values[label]));
            Assert.That(loss.Gradient(label, row, one), Is.EqualTo(values[label]).Within(tolerance));
            for (var k = 0; k < 4; k++)
            {
                Assert.That(gradient[4 * label + k], Is.EqualTo(weights[label] / 10 * one[k]).Within(tolerance), loss.Name);
            }
        }

        float[] single = [.. scores.Select(x => (float)x)], slopes = new float[16];
        Assert.That(loss.ValueAndGradient(labels, single, 4, slopes, reduction: Reduction.Sum), Is.EqualTo(values.Sum()).Within(1e-5 * (1 + values.Sum(Math.Abs))));
        Assert.That(loss.Value(labels, single, 4), Is.EqualTo(values.Average()).Within(1e-5 * (1 + values.Sum(Math.Abs))));
        Assert.That(loss.Expected([0.25, 0.25, 0.25, 0.25], row), Is.EqualTo(values.Average()).Within(tolerance));
        Assert.That(loss.Formula(1, 4).TeX, Is.Not.Empty);
    }

    [TestCaseSource(nameof(OfClasses))]
    public void The_Hessian_times_a_direction_is_the_gradients_difference(MulticlassLoss loss)
    {
        var row = ScoresOf(loss);
        double[] direction = [0.25, 0.5, -0.125, 0.0625], product = new double[4], up = new double[4], down = new double[4];
        const double h = 1e-5;
        loss.HessianVector(2, row, direction, product);
        loss.Gradient(2, [.. row.Zip(direction, (z, d) => z + h * d)], up);
        loss.Gradient(2, [.. row.Zip(direction, (z, d) => z - h * d)], down);
        var scale = 1 + product.Max(Math.Abs);
        for (var k = 0; k < 4; k++)
        {
            // h^2 times the third derivative, and rounding over h
            Assert.That(product[k], Is.EqualTo((up[k] - down[k]) / (2 * h)).Within(1e-7 * scale), loss.Name);
        }
    }

    [TestCaseSource(nameof(OfClasses))]
    public void Single_precision_and_batches_give_the_same_derivatives(MulticlassLoss loss)
    {
        double[] row = [.. ScoresOf(loss).Select(z => (double)(float)z)], direction = [0.25, 0.5, -0.125, 0.0625], product = new double[4], slopes = new double[4];
        float[] single = [.. row.Select(z => (float)z)], along = [.. direction.Select(v => (float)v)], singleProduct = new float[4], singleSlopes = new float[4];
        loss.HessianVector(2, row, direction, product);
        loss.HessianVector(2, single, along, singleProduct);
        var value = loss.Gradient(2, row, slopes);
        var singleValue = loss.Gradient(2, single, singleSlopes);
        // a few roundings of the lanes, at the size of the largest number
        Assert.That(singleValue, Is.EqualTo(value).Within(1e-5 * (1 + Math.Abs(value))), loss.Name);
        Assert.That(singleProduct, Is.EqualTo(product.Select(x => (float)x)), loss.Name);
        for (var k = 0; k < 4; k++)
        {
            Assert.That(singleSlopes[k], Is.EqualTo(slopes[k]).Within(1e-5 * (1 + slopes.Max(Math.Abs))), loss.Name);
        }

        double[] batch = [.. row, .. row], batchDirection = [.. direction, .. direction], result = new double[8];
        loss.HessianVector([2, 2], batch, 4, batchDirection, result, [1, 3]);
        Assert.That(result, Is.EqualTo(product.Select(x => 0.25 * x).Concat(product.Select(x => 0.75 * x))), loss.Name);
        float[] singleBatch = [.. single, .. single], singleAlong = [.. along, .. along], singleResult = new float[8];
        loss.HessianVector([2, 2], singleBatch, 4, singleAlong, singleResult, reduction: Reduction.Sum);
        Assert.That(singleResult, Is.EqualTo(singleProduct.Concat(singleProduct)), loss.Name);
    }

    [Test]
    public void A_loss_of_classes_of_ones_own_needs_no_closed_form()
    {
        var (own, known) = (MulticlassLoss.Of(new OwnMulticlass()), FenchelYoung.SquaredNorm());
        double[] a = new double[4], b = new double[4], direction = [1, 2, 3, 4];
        Assert.That(own.Evaluate(2, Scores), Is.EqualTo(known.Evaluate(2, Scores)).Within(1e-14));
        Assert.That(own.Gradient(2, Scores, a), Is.EqualTo(own.Evaluate(2, Scores)));
        known.Gradient(2, Scores, b);
        Assert.That(a, Is.EqualTo(b));
        own.HessianVector(2, Scores, direction, a);
        Assert.That(a, Is.EqualTo(direction));
        Assert.That(own.ValueAndGradient([2], Scores, 4, a), Is.EqualTo(own.Evaluate(2, Scores)));
        Assert.That(a, Is.EqualTo(b));
        var report = own.Audit(seed: 3, cases: 50);
        Assert.That(report.Holds, report.ToString());
    }

    private static double Total(float[] values) => values.Sum(value => Math.Abs((double)value));

    /// <summary>Units in the last place of at least 1e-2: kernels promise 4, except near a zero of the value or a derivative.</summary>
    private static void AssertClose(double actual, double expected, string where, double size = 1e-2) =>
        Assert.That(actual, Is.EqualTo(expected).Within(8 * 2.3e-16 * Math.Max(Math.Abs(expected), size)), where);
}
