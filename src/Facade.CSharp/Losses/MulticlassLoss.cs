using System.Diagnostics;
using System.Runtime.InteropServices;
using Hindsight.FSharp;

namespace Hindsight;

/// <summary>A loss of a class and a vector of class scores, ready to use: value, gradient, Hessian-vector product, batches, formula and audit, all from its one definition.</summary>
/// <remarks>
/// <para>The label is a class 0 .. K-1, K the number of scores and at least 2. Made by <see cref="CompSumFactories"/> (<c>CompSum.Create</c>), <see cref="ClassificationLoss"/>, <see cref="Ldr"/>,
/// <see cref="AdaptiveLdr"/>, <see cref="FenchelYoung"/>, <see cref="MulticlassSurrogates"/>; a loss of one's own by <see cref="Of"/>. Immutable, may be shared between threads.</para>
/// <para>Every number is checked: a class that is none, a score that is not finite or outside the loss's domain, and scores at which the loss is not finite, are an
/// <see cref="ArgumentOutOfRangeException"/> with the parameter's name; spans whose lengths do not fit are an <see cref="ArgumentException"/>.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public class MulticlassLoss
{
    internal MulticlassLoss(IMulticlassLoss definition)
    {
        Definition = definition;
        Metadata = definition.Metadata;
    }

    /// <summary>The loss of a definition of one's own: a struct that implements <see cref="IMulticlassLoss"/>.</summary>
    /// <param name="definition">The definition; with <see cref="IMulticlassGradient"/> its closed forms are used.</param>
    public static MulticlassLoss Of(IMulticlassLoss definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new(definition);
    }

    /// <summary>The losses that <see cref="ByName"/> knows.</summary>
    public static IReadOnlyList<LossDescription> Known { get; } =
        [.. FSharp.Losses.all.Where(entry => entry.Definition is LossDefinition.Multiclass).Select(entry => new LossDescription(entry.Name, entry.Family, entry.Parameters))];

    /// <summary>A loss by its name, for applications that read it from their configuration.</summary>
    /// <param name="name">A name among <see cref="Known"/>, ignoring case.</param>
    /// <param name="parameters">Values by the parameters' names; the default for the rest.</param>
    /// <exception cref="ArgumentException">There is no such loss or parameter; the message names the nearest.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is not allowed; the parameter name is the loss's.</exception>
    public static MulticlassLoss ByName(string name, IReadOnlyDictionary<string, double>? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        var entry = FSharp.Losses.find(name).OrThrow(nameof(name));
        if (entry.Definition is not LossDefinition.Multiclass multiclass)
        {
            throw new ArgumentException($"{entry.Name} is a loss of one score: see Losses.ByName.", nameof(name));
        }

        var values = FSharp.Losses.parameters(entry, Losses.Pairs(parameters)).OrThrow();
        return new(Faults.Run(() => multiclass.create.Invoke(values)));
    }

    /// <summary>The definition, generic over the scalar.</summary>
    public IMulticlassLoss Definition { get; }

    /// <summary>What the loss declares.</summary>
    public LossMetadata Metadata { get; }

    /// <summary>The declared name.</summary>
    public string Name => Metadata.Name;

    private MulticlassKernel Kernel => field ??= MulticlassKernel.For(Definition);

    /// <summary>The formula for a class, in the scores z0, z1, ...</summary>
    /// <param name="label">The class.</param>
    /// <param name="classes">The number of classes, at least 2.</param>
    public Expr Formula(int label, int classes)
    {
        CheckLabel(label, Require.atLeast(nameof(classes), 2, classes).OrThrow());
        return Faults.Run(() => FSharp.Formula.ofMulticlass(Definition, classes, label));
    }

    /// <summary>The loss.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    public double Evaluate(int label, ReadOnlySpan<double> scores)
    {
        Check(label, scores);
        return Finite(Value(label, scores));
    }

    /// <summary>The loss, or false where <see cref="Evaluate"/> throws.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    /// <param name="value">The loss; NaN if there is none.</param>
    public bool TryEvaluate(int label, ReadOnlySpan<double> scores, out double value)
    {
        var good = scores.Length >= 2 && label >= 0 && label < scores.Length && BatchCheck.inside(nameof(scores), Metadata.Score, scores).IsOk;
        try
        {
            value = good ? Value(label, scores) : double.NaN;
        }
        catch (ArgumentException)
        {
            value = double.NaN;
        }

        value = double.IsFinite(value) ? value : double.NaN;
        return !double.IsNaN(value);
    }

    /// <summary>Writes the gradient in the scores and returns the loss.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    /// <param name="gradient">Receives as many derivatives; may be the scores' own span.</param>
    public double Gradient(int label, ReadOnlySpan<double> scores, Span<double> gradient)
    {
        Check(label, scores);
        Require.length(nameof(gradient), scores.Length, gradient.Length).OrThrow();
        try
        {
            if (Definition is IMulticlassGradient closed)
            {
                return Finite(closed.Gradient(label, scores, gradient));
            }

            var copy = scores.ToArray();
            Multiclass.gradient(Definition, label, copy).CopyTo(gradient);
            return Finite(Multiclass.value(Definition, label, copy));
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>Writes the gradient in the scores, in single precision, and returns the loss.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    /// <param name="gradient">Receives as many derivatives; may be the scores' own span.</param>
    public double Gradient(int label, ReadOnlySpan<float> scores, Span<float> gradient)
    {
        Check(label, scores);
        return ValueAndGradient([label], scores, scores.Length, gradient, reduction: Reduction.Sum);
    }

    /// <summary>Writes the Hessian in the scores times a direction.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    /// <param name="direction">A number for each class.</param>
    /// <param name="result">Receives the product; may be the scores' own span.</param>
    public void HessianVector(int label, ReadOnlySpan<double> scores, ReadOnlySpan<double> direction, Span<double> result)
    {
        Check(label, scores);
        HessianVector([label], scores, scores.Length, direction, result, reduction: Reduction.Sum);
    }

    /// <summary>Writes the Hessian in the scores times a direction, in single precision.</summary>
    /// <param name="label">The class.</param>
    /// <param name="scores">A score for each class.</param>
    /// <param name="direction">A number for each class.</param>
    /// <param name="result">Receives the product; may be the scores' own span.</param>
    public void HessianVector(int label, ReadOnlySpan<float> scores, ReadOnlySpan<float> direction, Span<float> result)
    {
        Check(label, scores);
        HessianVector([label], scores, scores.Length, direction, result, reduction: Reduction.Sum);
    }

    /// <summary>sum over y of q_y l(y, scores): the loss of a soft label, which is also the expected loss under class probabilities q.</summary>
    /// <param name="probabilities">q, nonnegative with sum 1 (within 1e-9).</param>
    /// <param name="scores">A score for each class.</param>
    public double Expected(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> scores)
    {
        Check(0, scores);
        Require.length(nameof(probabilities), scores.Length, probabilities.Length).OrThrow();
        var q = ClassDistribution.require(nameof(probabilities), probabilities.ToArray()).OrThrow();
        var z = scores.ToArray();
        return Finite(Faults.Run(() => Multiclass.expected(Definition, q, z)));
    }

    /// <summary>The mean (or sum) of the losses of a batch; 0 for an empty one.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double Value(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<double> scores,
        int classes,
        ReadOnlySpan<double> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.inside(nameof(scores), Metadata.Score, scores).OrThrow();
        try
        {
            return Kernel.Value(labels, scores, classes, weights, reduction);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses of a batch, in single precision; the sum is kept in double; 0 for an empty one.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double Value(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<float> scores,
        int classes,
        ReadOnlySpan<float> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.insideSingle(nameof(scores), Metadata.Score, scores).OrThrow();
        try
        {
            return Kernel.Value(labels, scores, classes, weights, reduction);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses of a batch, and its gradient in the scores.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score, row after row; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double ValueAndGradient(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<double> scores,
        int classes,
        Span<double> gradient,
        ReadOnlySpan<double> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.inside(nameof(scores), Metadata.Score, scores).OrThrow();
        try
        {
            return Kernel.Gradient(labels, scores, classes, weights, reduction, gradient);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The mean (or sum) of the losses of a batch, and its gradient in the scores, in single precision.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="gradient">Receives the derivative of the returned number in every score, row after row; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public double ValueAndGradient(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<float> scores,
        int classes,
        Span<float> gradient,
        ReadOnlySpan<float> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.insideSingle(nameof(scores), Metadata.Score, scores).OrThrow();
        try
        {
            return Kernel.Gradient(labels, scores, classes, weights, reduction, gradient);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The Hessian of the mean (or sum) of the losses of a batch in its scores, times a direction. Rows do not meet in it.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="direction">A number for each score.</param>
    /// <param name="result">Receives the product, row after row; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public void HessianVector(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<double> scores,
        int classes,
        ReadOnlySpan<double> direction,
        Span<double> result,
        ReadOnlySpan<double> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.inside(nameof(scores), Metadata.Score, scores).OrThrow();
        BatchCheck.inside(nameof(direction), Domain.Reals, direction).OrThrow();
        try
        {
            Kernel.HessianVector(labels, scores, classes, weights, reduction, direction, result);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>The Hessian of the mean (or sum) of the losses of a batch in its scores, times a direction, in single precision. Rows do not meet in it.</summary>
    /// <param name="labels">The class of each element.</param>
    /// <param name="scores">labels * classes scores, row after row.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="direction">A number for each score.</param>
    /// <param name="result">Receives the product, row after row; may be the scores' own span.</param>
    /// <param name="weights">A weight for each element, finite and at least 0; empty for 1.</param>
    /// <param name="reduction">Mean (weighted) or sum.</param>
    public void HessianVector(
        ReadOnlySpan<int> labels,
        ReadOnlySpan<float> scores,
        int classes,
        ReadOnlySpan<float> direction,
        Span<float> result,
        ReadOnlySpan<float> weights = default,
        Reduction reduction = Reduction.Mean)
    {
        BatchCheck.insideSingle(nameof(scores), Metadata.Score, scores).OrThrow();
        BatchCheck.insideSingle(nameof(direction), Domain.Reals, direction).OrThrow();
        try
        {
            Kernel.HessianVector(labels, scores, classes, weights, reduction, direction, result);
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    /// <summary>Searches for counterexamples to everything that the loss declares, closed-form gradients included. The same seed gives the same report.</summary>
    /// <param name="seed">Key of the random search.</param>
    /// <param name="cases">Cases tried for a property, at least 1.</param>
    public AuditReport Audit(ulong seed, int cases = 400)
    {
        Require.atLeast(nameof(cases), 1, cases).OrThrow();
        return LossAuditor.Check(Definition, seed, cases);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private protected void CheckScores(ReadOnlySpan<double> scores)
    {
        CheckCount(scores.Length);
        BatchCheck.inside(nameof(scores), Metadata.Score, scores).OrThrow();
    }

    private protected void Check(int label, ReadOnlySpan<double> scores)
    {
        CheckScores(scores);
        CheckLabel(label, scores.Length);
    }

    private void Check(int label, ReadOnlySpan<float> scores)
    {
        CheckCount(scores.Length);
        BatchCheck.insideSingle(nameof(scores), Metadata.Score, scores).OrThrow();
        CheckLabel(label, scores.Length);
    }

    private static void CheckCount(int scores)
    {
        if (scores < 2)
        {
            throw new ArgumentException($"There are {scores} scores; a loss of classes wants at least 2.", nameof(scores));
        }
    }

    private static void CheckLabel(int label, int classes) => Require.inside(nameof(label), Domain.Closed(0, classes - 1), label).OrThrow();

    private double Value(int label, ReadOnlySpan<double> scores)
    {
        try
        {
            return Definition.Eval(label, MemoryMarshal.Cast<double, R64>(scores)).V;
        }
        catch (HindsightException e)
        {
            throw e.ToException();
        }
    }

    private static double Finite(double value) =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException("scores", "The loss is not finite at these scores.");
}
